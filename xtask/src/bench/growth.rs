//! What does not get slower when a house fills up.

use super::load::{self, Measured, Stop};
use super::table::Bar;
use super::world::{CLIENTS, World, bearer, orders};
use super::{Bench, Row};
use crate::Result;
use crate::server::Merchant;

/// Merchants that are asked, however many there are.
const HOT: u64 = 50;

/// The same 50 hot tenants while 50, 1,000 and 10,000 exist.
pub fn tenants(bench: &Bench) -> Result<Vec<Row>> {
    let world = World::open(&bench.binary, &[])?;
    let hot = world.merchants("Hot", HOT, 20)?;
    let mut rows = Vec::new();
    let (mut alone, mut exist) = (None, HOT);
    for all in [HOT, 1_000, 10_000] {
        world.merchants(&format!("Neighbour among {all}"), all - exist, 0)?;
        exist = all;
        let lists = lists(bench, &world, &hot)?.per_second;
        let sales =
            world.load(CLIENTS, Stop::After(bench.time)).run(orders(&hot, &format!("among-{all}")))?;
        let (lists_alone, sales_alone) = *alone.get_or_insert((lists, sales.per_second));
        rows.push(within(&format!("lists of 50 tenants while {all} exist"), lists, lists_alone));
        rows.push(within(&format!("orders of 50 tenants while {all} exist"), sales.per_second, sales_alone));
    }
    Ok(rows)
}

/// A tenant with 1,000 and with 100,000 products.
pub fn products(bench: &Bench) -> Result<Vec<Row>> {
    let world = World::uncached(&bench.binary)?;
    let small = [world.merchant("Small", 1_000)?];
    let large = [world.merchant("Large", 100_000)?];
    let (one, other) = (lists(bench, &world, &small)?, lists(bench, &world, &large)?);
    let row = within("uncached list with 100,000 products, not 1,000", other.per_second, one.per_second);
    let sales = |merchant: &[Merchant], salt| {
        world
            .load(CLIENTS, Stop::After(bench.time))
            .run(orders(merchant, salt))
            .map(|measured| measured.per_second)
    };
    let (one, other) = (sales(&small, "small")?, sales(&large, "large")?);
    Ok(vec![row, within("orders with 100,000 products, not 1,000", other, one)])
}

fn lists(bench: &Bench, world: &World, merchants: &[Merchant]) -> Result<Measured> {
    let requests: Vec<_> = merchants
        .iter()
        .map(|merchant| load::get(&merchant.api("/products?limit=20"), &bearer(merchant)))
        .collect();
    let load = world.load(CLIENTS, Stop::After(bench.time));
    load.run(move |number| requests[number as usize % requests.len()].clone())
}

/// At most 1.5 times slower than when small.
pub fn within(figure: &str, measured: f64, small: f64) -> Row {
    let bar = Bar::ShareAtLeast(1.0 / 1.5);
    Row { figure: figure.to_owned(), bar, measured, unit: "/s", ceiling: Some(small) }
}
