//! Tax codes, and what is levied on a day.

use base::Day;
use db::{Rx, Tx};
use serde_json::json;
use spine::events::{self, Event};

use crate::{
    Error,
    model::{DueTax, Flaw, Rule, TaxCode, TaxCodeName},
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

/// The taxes of `code` on `day`, in the order they are levied; of the tenant's standard code if none is named.
/// A tenant without that code levies nothing.
pub fn levies(rx: &mut Rx, code: Option<&TaxCodeName>, day: Day) -> Result<Vec<DueTax>, Error> {
    let code = match code {
        Some(code) => Some(tax_code(rx, code)?),
        None => sql::standard_tax_code(rx)?,
    };
    let rates = code.map(|code| code.rates).unwrap_or_default();
    Ok(rates.iter().filter(|rate| rate.holds_on(day)).map(|rate| rate.due()).collect())
}
