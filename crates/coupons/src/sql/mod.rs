//! Every statement on the tables of coupons.

mod campaign;
mod coupon;
mod day;
mod imported;
mod redemption;

pub use campaign::*;
pub use coupon::*;
pub use day::*;
pub use imported::*;
pub use redemption::*;

use base::{Currency, Money};
use db::{Error, Row};

/// The column at `index` as a word of a closed set.
fn named<T>(row: &Row<'_>, index: usize, parse: fn(&str) -> Option<T>) -> Result<T, Error> {
    let text: String = row.get(index)?;
    parse(&text).ok_or_else(|| odd::<T>(index, text))
}

/// Text at `index` that its own type reads.
pub(crate) fn parsed<T: std::str::FromStr>(row: &Row<'_>, index: usize) -> Result<T, Error> {
    let text: String = row.get(index)?;
    text.parse().map_err(|_| odd::<T>(index, text))
}

/// Minor units at `index`, if there are any, as money of `currency`.
fn money(row: &Row<'_>, index: usize, currency: Currency) -> Result<Option<Money>, Error> {
    let minor: Option<i64> = row.get(index)?;
    minor
        .map(|minor| Money::new(minor, currency).map_err(|_| odd::<Money>(index, minor.to_string())))
        .transpose()
}

/// A value that is kept as JSON at `index`.
pub(crate) fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, index: usize) -> Result<T, Error> {
    let text: String = row.get(index)?;
    serde_json::from_str(&text).map_err(|_| odd::<T>(index, text))
}

fn odd<T>(index: usize, found: String) -> Error {
    Error::Column { index, wanted: std::any::type_name::<T>(), found }
}

/// JSON of what always has one.
pub(crate) fn text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
