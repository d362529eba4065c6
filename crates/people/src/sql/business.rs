//! Statements on `business`.

use base::Zone;
use db::{Error, Row, Rx, Tx, sql};

use super::odd;
use crate::model::{Business, BusinessEdit};

pub fn insert(tx: &mut Tx, business: &Business) -> Result<(), Error> {
    let (now, edit) = (tx.now(), &business.edit);
    tx.put(
        sql!(
            "insert into business (tenant_id, name, legal_name, address, phone, email, currency, country, language, zone,
                prices_include_tax, rounding, test, changed_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
        ),
        (
            &edit.name,
            &edit.legal_name,
            &edit.address,
            &edit.phone,
            &edit.email,
            business.currency,
            edit.country,
            edit.language,
            edit.zone.name(),
            edit.prices_include_tax,
            edit.rounding.name(),
            business.test,
            now,
        ),
    )
}

pub fn update(tx: &mut Tx, edit: &BusinessEdit) -> Result<(), Error> {
    let now = tx.now();
    tx.put(
        sql!(
            "update business set name = $2, legal_name = $3, address = $4, phone = $5, email = $6, country = $7,
                language = $8, zone = $9, prices_include_tax = $10, rounding = $11, changed_at = $12
             where tenant_id = $1"
        ),
        (
            &edit.name,
            &edit.legal_name,
            &edit.address,
            &edit.phone,
            &edit.email,
            edit.country,
            edit.language,
            edit.zone.name(),
            edit.prices_include_tax,
            edit.rounding.name(),
            now,
        ),
    )
}

pub fn find(rx: &mut Rx) -> Result<Option<Business>, Error> {
    rx.row(
        sql!(
            "select name, legal_name, address, phone, email, currency, country, language, zone, prices_include_tax,
                rounding, test from business where tenant_id = $1"
        ),
        (),
        read,
    )
}

fn read(row: &Row) -> Result<Business, Error> {
    let (zone, rounding): (String, String) = (row.get(8)?, row.get(10)?);
    let edit = BusinessEdit {
        name: row.get(0)?,
        legal_name: row.get(1)?,
        address: row.get(2)?,
        phone: row.get(3)?,
        email: row.get(4)?,
        country: row.get(6)?,
        language: row.get(7)?,
        zone: zone.parse::<Zone>().map_err(|_| odd(8, "a time zone", zone))?,
        prices_include_tax: row.get(9)?,
        rounding: rounding.parse().map_err(|_| odd(10, "a rounding", rounding))?,
    };
    Ok(Business { currency: row.get(5)?, test: row.get(11)?, edit })
}
