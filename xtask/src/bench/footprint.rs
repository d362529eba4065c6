//! What Soko takes: time to start, memory, disk, bytes on the wire.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::load::{self, Stop};
use super::table::Bar;
use super::world::{CLIENTS, PRODUCTS, World, bearer, orders};
use super::{Bench, Row};
use crate::Result;

/// The binary, and an idle server.
pub fn idle(bench: &Bench) -> Result<Vec<Row>> {
    let size = std::fs::metadata(&bench.binary)?.len() as f64 / 1024.0 / 1024.0;
    let world = World::open(&bench.binary, &[])?;
    std::thread::sleep(Duration::from_secs(2));
    let resident = world.resident_mib()?;
    Ok(vec![at_most("binary", 40.0, size, "MiB"), at_most("memory, idle", 40.0, resident, "MiB")])
}

/// A thousand tenants: each visited and given an order; then a start among them.
pub fn a_thousand_tenants(bench: &Bench) -> Result<Vec<Row>> {
    let mut world = World::open(&bench.binary, &[])?;
    let merchants = world.merchants("Shop", 1_000, 20)?;

    // Signing up leaves its own traces in memory: only what a fresh server needs is asked for.
    world = world.restart()?.0;
    let visits: Vec<_> = merchants.iter().map(|merchant| format!("/t/{}/", merchant.slug)).collect();
    world
        .load(CLIENTS, Stop::Requests(1_000))
        .run(move |number| load::get(&visits[number as usize], "accept: text/html\r\n"))?;
    world.load(CLIENTS, Stop::Requests(1_000)).run(orders(&merchants, "visited"))?;
    let resident = world.resident_mib()?;

    let mut starts = Vec::new();
    for _ in 0..5 {
        let (again, ready) = world.restart()?;
        world = again;
        starts.push(ready.as_secs_f64() * 1e3);
    }
    starts.sort_by(f64::total_cmp);
    Ok(vec![
        at_most("memory, 1,000 tenants visited, one order each", 150.0, resident, "MiB"),
        at_most("start to ready, 1,000 tenants (median of 5)", 100.0, starts[2], "ms"),
    ])
}

/// The first list of tenants that nobody has asked for since the start.
pub fn cold(bench: &Bench) -> Result<Vec<Row>> {
    let world = World::open(&bench.binary, &[])?;
    let merchants = world.merchants("Shop", 200, 50)?;
    let (world, _) = world.restart()?;
    let measured = world.load(1, Stop::Requests(200)).run(move |number| {
        let merchant = &merchants[number as usize];
        load::get(&merchant.api("/products?limit=20"), &bearer(merchant))
    })?;
    bench.say("first list of a cold tenant", &measured);
    Ok(vec![at_most("first list of a cold tenant, p99", 20.0, measured.p99.as_secs_f64() * 1e3, "ms")])
}

/// The shop's page and its styles, as a browser gets them.
pub fn wire(bench: &Bench) -> Result<Vec<Row>> {
    let world = World::open(&bench.binary, &[])?;
    let merchant = world.merchant("Wire", PRODUCTS)?;
    let path = format!("/t/{}/", merchant.slug);
    let page = fetch(&world.address(), &path, "")?;
    let html = String::from_utf8_lossy(&page);
    let mut bytes = fetch(&world.address(), &path, "accept-encoding: gzip, br\r\n")?.len();
    for style in stylesheets(&html) {
        bytes += fetch(&world.address(), &style, "accept-encoding: gzip, br\r\n")?.len();
    }
    Ok(vec![at_most("storefront page with its styles", 30.0, bytes as f64 / 1000.0, "KB")])
}

fn at_most(figure: &str, bar: f64, measured: f64, unit: &'static str) -> Row {
    Row { figure: figure.to_owned(), bar: Bar::AtMost(bar), measured, unit, ceiling: None }
}

impl World {
    /// The same world in a new process, and how long it took until it was ready.
    fn restart(self) -> Result<(World, Duration)> {
        let World { setting, server, folder } = self;
        server.stop()?;
        let start = Instant::now();
        let server = setting.serve()?;
        let ready = start.elapsed();
        Ok((World { setting, server, folder }, ready))
    }
}

/// The bytes of a reply's body as they travelled.
fn fetch(address: &str, path: &str, headers: &str) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\naccept: */*\r\n{headers}\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut reply = BufReader::new(stream);
    let mut line = String::new();
    reply.read_line(&mut line)?;
    if !line.starts_with("HTTP/1.1 200") {
        return Err(format!("{path} answered {}", line.trim_end()).into());
    }
    while line.trim_end() != "" {
        line.clear();
        reply.read_line(&mut line)?;
    }
    let mut body = Vec::new();
    reply.read_to_end(&mut body)?;
    Ok(body)
}

/// The addresses of a page's own stylesheets.
fn stylesheets(html: &str) -> Vec<String> {
    let links = html.split("<link").skip(1).filter_map(|rest| rest.split('>').next());
    let styles = links.filter(|link| link.contains("stylesheet"));
    styles.filter_map(|link| Some(link.split_once("href=\"")?.1.split_once('"')?.0.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::stylesheets;

    #[test]
    fn only_stylesheets_are_counted() {
        let html = r#"<link rel="icon" href="/i.svg"><link rel="stylesheet" href="/a.css"><link href="/b.css" rel=stylesheet>"#;
        assert_eq!(stylesheets(html), ["/a.css", "/b.css"]);
    }
}
