//! The list of 20 products, as JSON and as the shop's page, cached and not, alone and among writes.

use serde_json::json;

use super::load::{self, Request, Stop};
use super::table::Bar;
use super::world::{CLIENTS, PRODUCTS, World, bearer};
use super::{Bench, Row};
use crate::Result;
use crate::server::Merchant;

/// Where the 20 products are, for an application and for a visitor.
const JSON: &str = "/products?limit=20";

/// Cached lists beside a bare "hello".
pub fn cached(bench: &Bench) -> Result<Vec<Row>> {
    let hello = bench.hello()?.per_second;
    let world = World::open(&bench.binary, &[])?;
    let merchant = world.merchant("Lists", PRODUCTS)?;
    lists(bench, &world, &merchant, "cached", Bar::ShareAtLeast(0.3), hello)
}

/// Lists with the cache switched off, beside a bare handler that reads the same 20 rows.
pub fn uncached(bench: &Bench) -> Result<Vec<Row>> {
    let rows = bench.rows()?.per_second;
    let world = World::uncached(&bench.binary)?;
    let merchant = world.merchant("Lists", PRODUCTS)?;
    lists(bench, &world, &merchant, "uncached", Bar::ShareAtLeast(0.8), rows)
}

/// Lists while one request in a hundred, and one in five, changes a stock.
pub fn mixed(bench: &Bench) -> Result<Vec<Row>> {
    let world = World::open(&bench.binary, &[])?;
    let merchant = world.merchant("Lists", PRODUCTS)?;
    [100, 5].into_iter().map(|every| among_writes(bench, &world, &merchant, every)).collect()
}

fn lists(
    bench: &Bench,
    world: &World,
    merchant: &Merchant,
    how: &str,
    bar: Bar,
    ceiling: f64,
) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (what, path, headers) in [
        ("JSON", merchant.api(JSON), bearer(merchant)),
        ("page", format!("/t/{}/", merchant.slug), "accept: text/html\r\n".to_owned()),
    ] {
        let measured = world.get(bench.time, &path, &headers)?;
        bench.say(&format!("list, {what}, {how}"), &measured);
        rows.push(Row {
            figure: format!("list of 20, {what}, {how}"),
            bar,
            measured: measured.per_second,
            unit: "/s",
            ceiling: Some(ceiling),
        });
    }
    Ok(rows)
}

fn among_writes(bench: &Bench, world: &World, merchant: &Merchant, every: u64) -> Result<Row> {
    let read = load::get(&merchant.api(JSON), &bearer(merchant));
    let write = restock(world, merchant)?;
    let request = move |number: u64| if number.is_multiple_of(every) { write(number) } else { read.clone() };
    let measured = world.load(CLIENTS, Stop::After(bench.time)).run(request)?;
    let share = 100 / every;
    bench.say(&format!("list, JSON, {share} % writes"), &measured);
    Ok(Row {
        figure: format!("list of 20, JSON, {share} % writes"),
        bar: Bar::None,
        measured: measured.per_second,
        unit: "/s",
        ceiling: None,
    })
}

/// Requests that each bring one unit of one of a page's products.
fn restock(world: &World, merchant: &Merchant) -> Result<impl Fn(u64) -> Request + 'static> {
    let client = world.server.client(merchant);
    let mut variants = Vec::new();
    for product in client.get(&merchant.api(JSON))?.expect(200)?["items"].as_array().into_iter().flatten() {
        let id = product["id"].as_str().unwrap_or_default();
        let product = client.get(&merchant.api(&format!("/products/{id}")))?.expect(200)?;
        variants.push(product["variants"][0]["id"].clone());
    }
    let (path, key) = (merchant.api("/stock/adjustments"), bearer(merchant));
    Ok(move |number: u64| {
        let variant = &variants[number as usize % variants.len()];
        let wish = json!({ "variant": variant, "delta": 1, "reason": "received" });
        load::post(&path, &format!("{key}idempotency-key: restock-{number}\r\n"), &wish.to_string())
    })
}
