//! What a developer runs: `cargo xtask test`, `demo`, `torture`, `bench`. Each command says what it does, and fails aloud.

mod addresses;
#[cfg(feature = "bench")]
mod bench;
mod client;
mod conform;
mod pages;
mod rooms;
mod server;
mod shell;
mod steps;
mod tools;
mod torture;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The ceilings get the allocator that Soko has: what is measured beside them is Soko, not an allocator.
#[cfg(feature = "bench")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a step or command gives back: a sentence for the developer when it fails.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "What a developer of Soko runs")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every check: format, lints, tests on SQLite and Postgres, room order, licences, torture, the API against its document.
    Test {
        /// Only this step; may be given more than once.
        #[arg(long, value_name = "STEP")]
        only: Vec<steps::Step>,
    },
    /// What CI runs: all of `test`.
    Ci,
    /// Fail when a room depends on one that is not above it.
    Rooms,
    /// Write the table of address formats anew from the data of libaddressinput.
    Addresses {
        /// The folder with a JSON file for each country.
        data: PathBuf,
        #[arg(long, default_value = "crates/base/src/address/table.rs")]
        table: PathBuf,
    },
    /// Check licences, sources and advisories of all dependencies, with cargo-deny.
    Deny,
    /// Build a release, fill it with two sample merchants, print their addresses and sign-ins, and serve.
    Demo {
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// The folder that keeps the demo's data.
        #[arg(long, value_name = "DIR", default_value = "demo-data")]
        data: PathBuf,
    },
    /// Kill a server under load again and again; no acknowledged order may be lost or doubled.
    Torture(torture::Options),
    /// Look at every page of the demo in Chromium: access, weight, Lighthouse, each figure beside its bar.
    AuditPages(pages::Options),
    /// Take the README's pictures of the demo.
    Pictures,
    /// Measure a release build beside the ceilings of the same run.
    Bench {
        /// Only figures whose name contains this.
        #[arg(long)]
        only: Option<String>,
        /// Seconds of load for each measurement.
        #[arg(long, default_value_t = 5)]
        seconds: u64,
    },
    /// What `bench` compares with, in a process of its own.
    #[cfg(feature = "bench")]
    #[command(hide = true)]
    Ceiling {
        ceiling: bench::ceiling::Ceiling,
        #[arg(long)]
        port: u16,
        #[arg(long)]
        data: PathBuf,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Task::Test { only } => return steps::run(&only),
        Task::Ci => return steps::run(&[]),
        Task::Rooms => return steps::run(&[steps::Step::Rooms]),
        Task::Deny => return steps::run(&[steps::Step::Deny]),
        Task::Addresses { data, table } => addresses::run(&data, &table),
        Task::Demo { port, data } => server::demo(port, &data),
        Task::Torture(options) => torture::run(&options),
        Task::AuditPages(options) => pages::audit(&options),
        Task::Pictures => pages::picture(),
        #[cfg(feature = "bench")]
        Task::Bench { only, seconds } => bench::run(only.as_deref(), seconds),
        #[cfg(feature = "bench")]
        Task::Ceiling { ceiling, port, data } => ceiling.serve(port, &data),
        #[cfg(not(feature = "bench"))]
        Task::Bench { .. } => shell::again_for_speed(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
