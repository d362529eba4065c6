//! Kills a server under load, starts it again on the same data, and compares what it promised with what it kept.
//!
//! SIGKILL alone cannot show a missing fsync, because the system's memory survives the process: the fault tests of `db` do
//! that. This shows that recovery, replay and books fit together in the binary that is shipped.

mod books;
mod chance;
mod fault;
mod load;
mod visitors;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use serde_json::json;
use testing::Cluster;

use crate::Result;
use crate::client::Client;
use crate::server::{self, Build, Merchant, Server, Setting};
use crate::steps::Outcome;
use chance::Chance;

#[derive(clap::Args)]
pub struct Options {
    /// How many times to kill the server.
    #[arg(long, default_value_t = 50)]
    rounds: u64,
    /// Where the merchants' data lives.
    #[arg(long, value_enum, default_value_t = Engine::Sqlite)]
    engine: Engine,
    /// The first round's seed; each round prints its own, so that it can be run again alone.
    #[arg(long)]
    seed: Option<u64>,
    /// Clients that place orders at the same time.
    #[arg(long, default_value_t = 8)]
    clients: u64,
    /// Instead of kills: a full disk and a read-only folder.
    #[arg(long)]
    fault: bool,
    /// This binary instead of a fresh release build.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// More than all clients can buy before they are stopped.
const STOCK: u64 = 1_000_000;

/// Torture as a developer asks for it.
pub fn run(options: &Options) -> Result {
    let binary = match &options.binary {
        Some(binary) => binary.canonicalize().map_err(|error| format!("{}: {error}", binary.display()))?,
        None => server::build(Build::Release)?,
    };
    if options.fault {
        return fault::run(&binary)
            .map(|skipped| skipped.iter().for_each(|reason| println!("skipped: {reason}")));
    }
    let seed = match options.seed {
        Some(seed) => seed,
        None => Chance::any_seed()?,
    };
    kills(&binary, options.engine, options.rounds, options.clients, seed)
}

/// Six kills on SQLite, three on Postgres, and the faults, with the binary that the tests built.
pub fn in_tests() -> Result<Outcome> {
    let binary = server::build(Build::Debug)?;
    kills(&binary, Engine::Sqlite, 6, 8, Chance::any_seed()?)?;
    kills(&binary, Engine::Postgres, 3, 8, Chance::any_seed()?)?;
    let skipped = fault::run(&binary)?;
    if skipped.is_empty() { Ok(Outcome::Passed) } else { Ok(Outcome::Partly(skipped.join("; "))) }
}

fn kills(binary: &Path, engine: Engine, rounds: u64, clients: u64, seed: u64) -> Result {
    if engine == Engine::Postgres {
        testing::installed()?;
    }
    let cluster = (engine == Engine::Postgres).then(Cluster::start);
    let start = Instant::now();
    let mut acknowledged = 0;
    for round in 0..rounds {
        let seed = seed.wrapping_add(round);
        let folder = tempfile::tempdir()?;
        let setting = setting(binary, folder.path(), cluster.as_ref())?;
        // in every third round others come by before the kill
        let visited = (seed % 3 == 0).then_some(engine);
        match kill_once(&setting, clients, seed, visited) {
            Ok(report) => {
                acknowledged += report.acknowledged;
                println!("round {:3} of {rounds}, seed {seed}: {report}", round + 1);
            }
            Err(error) => {
                let kept = folder.keep();
                let again = format!("--engine {engine:?} --rounds 1 --seed {seed}").to_lowercase();
                return Err(format!(
                    "{error}\nround {} with seed {seed}; again: `cargo xtask torture {again}`; data and log kept in {}\n{}",
                    round + 1,
                    kept.display(),
                    setting.last_words(),
                )
                .into());
            }
        }
    }
    let seconds = start.elapsed().as_secs();
    println!(
        "{rounds} kills on {engine:?} in {seconds} s: {acknowledged} acknowledged orders, none lost, none twice"
    );
    Ok(())
}

/// A fresh world in `folder`; on Postgres a fresh database, migrated by its owner and served by the one who owns nothing.
fn setting(binary: &Path, folder: &Path, cluster: Option<&Cluster>) -> Result<Setting> {
    let mut setting = Setting::new(binary, folder)?;
    if let Some(cluster) = cluster {
        setting.use_postgres(&cluster.database())?;
    }
    Ok(setting)
}

/// What a round saw.
struct Report {
    acknowledged: usize,
    unanswered: usize,
    /// Of those, how many the server had kept all the same.
    kept: usize,
    visited: bool,
    after: Duration,
    recovery: Duration,
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { acknowledged, unanswered, kept, visited, after, recovery } = self;
        let (after, recovery) = (after.as_millis(), recovery.as_millis());
        write!(f, "{acknowledged} acknowledged, {unanswered} unanswered ({kept} kept), ")?;
        if *visited {
            write!(f, "with visitors, ")?;
        }
        write!(f, "killed after {after} ms, ready again in {recovery} ms")
    }
}

fn kill_once(setting: &Setting, clients: u64, seed: u64, visited: Option<Engine>) -> Result<Report> {
    let mut chance = Chance::new(seed);
    let server = setting.serve()?;
    let merchant = server.sign_up("Torture")?;
    let neighbour = server.sign_up("Neighbour")?;
    let variant = stocked_variant(&server.client(&merchant), &merchant)?;

    let patience = Duration::from_millis(chance.below(600));
    let (killing, acknowledged) = (AtomicBool::new(false), AtomicU64::new(0));
    let start = Instant::now();
    let attempts = std::thread::scope(|scope| {
        let drivers: Vec<_> = (0..clients)
            .map(|number| {
                let client = server.client(&merchant);
                let load = load::Load { merchant: &merchant, killing: &killing, acknowledged: &acknowledged };
                let chance = Chance::new(seed ^ (number + 1) << 32);
                scope.spawn(move || load.drive(&client, number, chance))
            })
            .collect();
        // The first order opens caches and connections; the moment that matters comes after it.
        while acknowledged.load(Ordering::Relaxed) == 0 && !drivers.iter().all(|driver| driver.is_finished())
        {
            std::thread::sleep(Duration::from_millis(1));
        }
        let came = visited.map_or(Ok(()), |engine| visitors::come(setting, engine, &merchant, &neighbour));
        std::thread::sleep(patience);
        killing.store(true, Ordering::SeqCst);
        let killed = came.and(server.kill());
        let mut attempts = Vec::new();
        for driver in drivers {
            attempts.extend(driver.join().map_err(|_| "a client panicked")??);
        }
        killed.map(|()| attempts)
    })?;
    let after = start.elapsed();

    let start = Instant::now();
    let server = setting.serve()?;
    let recovery = start.elapsed();
    let unanswered = attempts.iter().filter(|attempt| attempt.order.is_none()).count();
    let acknowledged = attempts.len() - unanswered;
    let kept = books::check(setting, &server, &merchant, &variant, attempts)?;
    let visited = visited.is_some();
    Ok(Report { acknowledged, unanswered, kept, visited, after, recovery })
}

/// The product that all clients buy; returns the id of its only variant.
fn stocked_variant(client: &Client, merchant: &Merchant) -> Result<String> {
    let price = json!({ "amount": 1250, "currency": "EUR" });
    let variants = json!([{ "sku": load::SKU, "price": price, "stock": STOCK }]);
    let wish = json!({ "title": "Pain d'épices", "variants": variants });
    let product = client.post(&merchant.api("/products"), &wish, None)?.expect(201)?;
    Ok(product["variants"][0]["id"].as_str().ok_or("a product without a variant")?.to_owned())
}

/// A served world that `fault` may hurt.
struct Stand {
    server: Server,
    merchant: Merchant,
    variant: String,
}

impl Stand {
    fn open(setting: &Setting) -> Result<Stand> {
        let server = setting.serve()?;
        let merchant = server.sign_up("Torture")?;
        let variant = stocked_variant(&server.client(&merchant), &merchant)?;
        Ok(Stand { server, merchant, variant })
    }
}
