//! Numbers for papers: each series counts from 1 without a gap, because its number is taken in the transaction that
//! writes the paper. The papers themselves belong to orders.

use db::{Error, Tx, sql};

/// The next number of `series` (such as `invoice:2026`); it is used up only if this transaction commits.
pub fn next_number(tx: &mut Tx, series: &str) -> Result<i64, Error> {
    let last: Option<i64> =
        tx.row(sql!("select last from series where tenant_id = $1 and name = $2"), (series,), |row| {
            row.get(0)
        })?;
    let next = last.unwrap_or(0) + 1;
    tx.put(
        sql!(
            "insert into series (tenant_id, name, last) values ($1, $2, $3)
             on conflict (tenant_id, name) do update set last = excluded.last"
        ),
        (series, next),
    )?;
    Ok(next)
}
