//! Numbers for papers: each series counts from 1 without a gap, because its number is taken in the transaction that
//! writes the paper. The papers themselves belong to orders.

use db::{Error, Tx, sql};

/// The next number of `series` (such as `invoice:2026`); it is used up only if this transaction commits.
pub fn next_number(tx: &mut Tx, series: &str) -> Result<i64, Error> {
    let next = tx.row(
        sql!(
            "insert into series (tenant_id, name, last) values ($1, $2, 1)
             on conflict (tenant_id, name) do update set last = series.last + 1 returning last"
        ),
        (series,),
        |row| row.get(0),
    )?;
    next.ok_or_else(|| Error::Storage("a series gave no number".to_owned()))
}
