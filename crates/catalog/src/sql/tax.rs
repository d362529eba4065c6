//! Tax codes and their rates.

use base::tax::Treatment;
use db::{Error, Row, Rx, Tx, sql};

use crate::model::{TaxCode, TaxCodeName, TaxRate};

/// All codes, in the order of their names, with all their rates.
pub fn tax_codes(rx: &mut Rx) -> Result<Vec<TaxCode>, Error> {
    let mut codes = rx.rows(
        sql!("select code, name, standard from tax_code where tenant_id = $1 order by code"),
        (),
        read_code,
    )?;
    for code in &mut codes {
        code.rates = rates(rx, &code.code)?;
    }
    Ok(codes)
}

pub fn tax_code(rx: &mut Rx, code: &TaxCodeName) -> Result<Option<TaxCode>, Error> {
    let found = rx.row(
        sql!("select code, name, standard from tax_code where tenant_id = $1 and code = $2"),
        (code,),
        read_code,
    )?;
    found.map(|code| with_rates(rx, code)).transpose()
}

fn read_code(row: &Row<'_>) -> Result<TaxCode, Error> {
    Ok(TaxCode { code: row.get(0)?, name: row.get(1)?, standard: row.get(2)?, rates: Vec::new() })
}

fn with_rates(rx: &mut Rx, mut code: TaxCode) -> Result<TaxCode, Error> {
    code.rates = rates(rx, &code.code)?;
    Ok(code)
}

fn rates(rx: &mut Rx, code: &TaxCodeName) -> Result<Vec<TaxRate>, Error> {
    rx.rows(
        sql!(
            "select name, rate, treatment, compound, valid_from, valid_to from tax_rate
             where tenant_id = $1 and code = $2 order by position"
        ),
        (code,),
        |row| {
            let treatment: String = row.get(2)?;
            Ok(TaxRate {
                name: row.get(0)?,
                rate: row.get(1)?,
                treatment: Treatment::parse(&treatment).ok_or(Error::Column {
                    index: 2,
                    wanted: "treatment",
                    found: treatment,
                })?,
                compound: row.get(3)?,
                valid_from: row.get(4)?,
                valid_to: row.get(5)?,
            })
        },
    )
}

/// Writes a code and its rates, new or in place of what it was.
pub fn put_tax_code(tx: &mut Tx, code: &TaxCode) -> Result<(), Error> {
    if code.standard {
        tx.put(sql!("update tax_code set standard = 0 where tenant_id = $1 and standard = 1"), ())?;
    }
    tx.put(
        sql!(
            "insert into tax_code (tenant_id, code, name, standard) values ($1, $2, $3, $4)
             on conflict (tenant_id, code) do update set name = $3, standard = $4"
        ),
        (&code.code, &code.name, code.standard),
    )?;
    tx.put(sql!("delete from tax_rate where tenant_id = $1 and code = $2"), (&code.code,))?;
    for (position, rate) in code.rates.iter().enumerate() {
        tx.put(
            sql!(
                "insert into tax_rate (tenant_id, code, position, name, rate, treatment, compound, valid_from, valid_to)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
            ),
            (
                &code.code,
                position as i64,
                &rate.name,
                rate.rate,
                rate.treatment.name(),
                rate.compound,
                rate.valid_from,
                rate.valid_to,
            ),
        )?;
    }
    Ok(())
}
