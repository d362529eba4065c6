//! `cargo xtask bench`: how fast a release build is, each figure beside the ceiling of the same run. Never a test: a noisy
//! machine would decide it.

mod bodies;
mod campaigns;
pub mod ceiling;
mod footprint;
mod growth;
mod lists;
mod load;
mod sales;
mod table;
mod world;

use std::cell::OnceCell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::Result;
use ceiling::Ceiling;
use load::{Load, Measured, Stop};
use table::Row;

/// What the figures of one run share.
pub struct Bench {
    binary: PathBuf,
    /// How long each load lasts.
    time: Duration,
    hello: OnceCell<Measured>,
    rows: OnceCell<Measured>,
}

type Figure = fn(&Bench) -> Result<Vec<Row>>;

/// What is measured, from the quick to the long.
const FIGURES: [(&str, Figure); 12] = [
    ("ceilings", ceilings),
    ("idle", footprint::idle),
    ("wire", footprint::wire),
    ("cached", lists::cached),
    ("uncached", lists::uncached),
    ("mixed", lists::mixed),
    ("sales", sales::many_clients),
    ("one-sale", sales::one_client),
    ("postgres", sales::postgres),
    ("cold", footprint::cold),
    ("campaigns", campaigns::analytics),
    ("tenants", footprint::a_thousand_tenants),
];

/// These take long to prepare: ten thousand tenants, a hundred thousand products.
const GROWTH: [(&str, Figure); 2] =
    [("growth-products", growth::products), ("growth-tenants", growth::tenants)];

/// Measures all, or those whose name contains `only`, and prints the table.
pub fn run(only: Option<&str>, seconds: u64) -> Result {
    let bench = Bench {
        binary: world::binary()?,
        time: Duration::from_secs(seconds.max(1)),
        hello: OnceCell::new(),
        rows: OnceCell::new(),
    };
    let mut rows = Vec::new();
    let mut broken = Vec::new();
    for (name, figure) in FIGURES.iter().chain(&GROWTH) {
        if only.is_some_and(|only| !name.contains(only)) {
            continue;
        }
        println!("=== {name}");
        let start = Instant::now();
        match figure(&bench) {
            Ok(measured) => rows.extend(measured),
            Err(error) => {
                println!("NOT MEASURED: {error}");
                broken.push(*name);
            }
        }
        println!("{name} took {:.0} s", start.elapsed().as_secs_f32());
    }
    println!("\n{}", table::render(&rows));
    if broken.is_empty() { Ok(()) } else { Err(format!("not measured: {}", broken.join(", ")).into()) }
}

impl Bench {
    /// What a bare axum server says hello with.
    fn hello(&self) -> Result<&Measured> {
        self.ceiling(Ceiling::Hello, &self.hello)
    }

    /// What a bare handler that reads 20 rows gives.
    fn rows(&self) -> Result<&Measured> {
        self.ceiling(Ceiling::Rows, &self.rows)
    }

    fn ceiling<'a>(&self, ceiling: Ceiling, known: &'a OnceCell<Measured>) -> Result<&'a Measured> {
        if known.get().is_none() {
            let folder = tempfile::tempdir()?;
            let running = ceiling.start(folder.path())?;
            let request = load::get("/", "");
            let load = Load {
                address: running.address.clone(),
                connections: world::CLIENTS,
                stop: Stop::After(self.time),
            };
            let measured = load.run(move |_| request.clone())?;
            self.say(&format!("bare {ceiling:?}"), &measured);
            // Nobody else can have set it in between.
            let _ = known.set(measured);
        }
        known.get().ok_or_else(|| "no ceiling".into())
    }

    /// Prints a measurement as it comes.
    fn say(&self, what: &str, measured: &Measured) {
        let Measured { per_second, p50, p99, requests } = measured;
        println!("{what}: {per_second:.0}/s, p50 {p50:?}, p99 {p99:?}, {requests} requests");
    }
}

/// The ceilings alone.
fn ceilings(bench: &Bench) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let disk = ceiling::fdatasync_p99(folder.path())?;
    let row = |figure: &str, measured, unit| Row {
        figure: figure.to_owned(),
        bar: table::Bar::None,
        measured,
        unit,
        ceiling: None,
    };
    Ok(vec![
        row("ceiling: bare hello", bench.hello()?.per_second, "/s"),
        row("ceiling: bare handler reading 20 rows", bench.rows()?.per_second, "/s"),
        row("ceiling: fdatasync of 4 KiB, p99", disk.as_secs_f64() * 1e3, "ms"),
    ])
}
