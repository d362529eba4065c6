//! Soko: one program that hosts many small merchants.

mod cli;
mod demo;
mod server;
mod socket;
mod wiring;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
