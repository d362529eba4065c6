//! Soko: one program that hosts many small merchants. The binary is a command line; the tests use the house from here.

pub mod cli;
mod demo;
mod server;
mod socket;
pub mod wiring;
