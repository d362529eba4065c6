//! Every statement on the catalogue's tables.

mod browse;
mod category;
mod file;
mod image;
mod list;
mod product;
mod tax;

pub use browse::*;
pub use category::*;
pub use file::*;
pub use image::*;
pub use list::*;
pub use product::*;
pub use tax::*;

use std::str::FromStr;

use base::{Currency, Money};
use db::{Error, Row};

/// The column at `index` as a type that reads itself from text.
fn parsed<T: FromStr>(row: &Row<'_>, index: usize, wanted: &'static str) -> Result<T, Error> {
    let text: String = row.get(index)?;
    text.parse().map_err(|_| Error::Column { index, wanted, found: text })
}

fn parsed_option<T: FromStr>(row: &Row<'_>, index: usize, wanted: &'static str) -> Result<Option<T>, Error> {
    let text: Option<String> = row.get(index)?;
    text.map(|text| text.parse().map_err(|_| Error::Column { index, wanted, found: text })).transpose()
}

/// Minor units at `index` as money of `currency`.
fn money(row: &Row<'_>, index: usize, currency: Currency) -> Result<Option<Money>, Error> {
    let minor: Option<i64> = row.get(index)?;
    let read = |minor: i64| {
        Money::new(minor, currency).map_err(|_| Error::Column {
            index,
            wanted: "money",
            found: minor.to_string(),
        })
    };
    minor.map(read).transpose()
}

fn as_minor(amount: Option<Money>) -> Option<i64> {
    amount.map(Money::minor)
}
