//! Tax codes, and which one holds.

use std::sync::Arc;

use db::{Area, Remembered, Rx, Tx};
use serde_json::json;
use spine::events::{self, Event};

use crate::{
    Error,
    model::{Flaw, Rule, TaxCode, TaxCodeName},
    sql,
};

pub fn tax_codes(rx: &mut Rx) -> Result<Vec<TaxCode>, Error> {
    Ok(sql::tax_codes(rx)?)
}

pub fn tax_code(rx: &mut Rx, code: &TaxCodeName) -> Result<TaxCode, Error> {
    sql::tax_code(rx, code)?.ok_or(Error::UnknownTaxCode)
}

/// Makes a tax code, or gives one other rates. Orders keep what they were taxed with.
pub fn put_tax_code(tx: &mut Tx, code: &TaxCode) -> Result<(), Error> {
    const MAX_RATES: usize = 50;
    let mut flaws = Vec::new();
    if code.rates.len() > MAX_RATES {
        flaws.push(Flaw { field: "rates".to_owned(), rule: Rule::TooMany { max: MAX_RATES } });
    }
    for (place, rate) in code.rates.iter().enumerate() {
        if rate.valid_to.is_some_and(|last| last < rate.valid_from) {
            flaws.push(Flaw { field: format!("rates[{place}].validTo"), rule: Rule::DaysReversed });
        }
    }
    if !flaws.is_empty() {
        return Err(Error::Refused(flaws));
    }
    let before = sql::tax_code(tx, &code.code)?;
    if before.as_ref() == Some(code) {
        return Ok(());
    }
    sql::put_tax_code(tx, code)?;
    let payload = json!({ "before": before, "after": code });
    Ok(events::record(tx, Event { kind: "tax-code.changed", subject: code.code.to_string(), payload })?)
}

/// The code that holds where `named` is said: that one, or the tenant's standard code if none is. A tenant without it
/// levies nothing.
pub fn tax_code_for(rx: &mut Rx, named: Option<&TaxCodeName>) -> Result<Option<TaxCode>, Error> {
    let TaxCodes(codes) = rx.remembered()?;
    let found = codes.iter().find(|code| named.map_or(code.standard, |name| code.code == *name)).cloned();
    if found.is_none() && named.is_some() { Err(Error::UnknownTaxCode) } else { Ok(found) }
}

#[derive(Clone)]
struct TaxCodes(Arc<[TaxCode]>);

impl Remembered for TaxCodes {
    const AREA: Area = Area::Catalog;
    type Error = db::Error;

    fn load(rx: &mut Rx) -> Result<Self, db::Error> {
        Ok(Self(sql::tax_codes(rx)?.into()))
    }
}
