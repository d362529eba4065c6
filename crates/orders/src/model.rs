//! Types and rules: what an order is and how it may change. No SQL, no HTTP, no clock.

pub mod share;
pub mod states;
