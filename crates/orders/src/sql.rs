//! Every statement on the tables of orders.

mod cart;
mod customer;
mod link;
mod list;
mod mail;
mod order;
mod paper;
mod refund;
mod report;
mod zone;

pub use cart::*;
pub use customer::*;
pub use link::*;
pub use list::*;
pub use mail::*;
pub use order::*;
pub use paper::*;
pub use refund::*;
pub use report::*;
pub use zone::*;

use base::{Currency, Money};
use db::{Error, Row};

/// The column at `index` as a word of a closed set.
fn named<T>(row: &Row<'_>, index: usize, parse: fn(&str) -> Option<T>) -> Result<T, Error> {
    let text: String = row.get(index)?;
    parse(&text).ok_or_else(|| odd::<T>(index, text))
}

/// Minor units at `index` as money of `currency`.
fn money(row: &Row<'_>, index: usize, currency: Currency) -> Result<Money, Error> {
    let minor: i64 = row.get(index)?;
    Money::new(minor, currency).map_err(|_| odd::<Money>(index, minor.to_string()))
}

/// A value that is kept as JSON at `index`.
fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, index: usize) -> Result<T, Error> {
    let text: String = row.get(index)?;
    serde_json::from_str(&text).map_err(|_| odd::<T>(index, text))
}

fn odd<T>(index: usize, found: String) -> Error {
    Error::Column { index, wanted: std::any::type_name::<T>(), found }
}

/// JSON of what always has one.
fn text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
