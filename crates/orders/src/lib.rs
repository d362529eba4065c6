//! Orders
pub mod pricing;
