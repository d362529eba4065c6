//! What a merchant says of the business: name, address, language, and how prices are meant.

use db::{Area, Remembered, Rx, Tx};
use serde_json::json;
use spine::events::{self, Event};

use crate::{
    Error,
    model::{Business, BusinessEdit},
    sql::business as sql,
};

/// Writes down what a new business starts with.
pub fn begin(tx: &mut Tx, business: &Business) -> Result<(), Error> {
    sql::insert(tx, business)?;
    record(tx, json!({"before": null, "after": business}))
}

/// The settings; every tenant that was founded has them.
pub fn find(rx: &mut Rx) -> Result<Business, Error> {
    rx.remembered()
}

impl Remembered for Business {
    const AREA: Area = Area::Look;
    type Error = Error;

    fn load(rx: &mut Rx) -> Result<Self, Error> {
        sql::find(rx)?.ok_or(Error::NotFounded)
    }
}

/// Changes the settings. The directory's copy of name, country, language and clock is the caller's to renew.
pub fn edit(tx: &mut Tx, edit: &BusinessEdit) -> Result<Business, Error> {
    let before = find(tx)?;
    let after = Business { edit: edit.clone(), ..before.clone() };
    if after != before {
        sql::update(tx, edit)?;
        record(tx, json!({"before": before, "after": after}))?;
    }
    Ok(after)
}

fn record(tx: &mut Tx, payload: serde_json::Value) -> Result<(), Error> {
    Ok(events::record(tx, Event { kind: "business.changed", subject: "business".to_owned(), payload })?)
}
