//! Every statement on the steps that were put aside.

use db::{Error, Rx, Tx, sql};

use super::guide::Step;

pub fn skip(tx: &mut Tx, step: Step) -> Result<(), Error> {
    let now = tx.now();
    tx.put(
        sql!(
            "insert into guide_skip (tenant_id, step, at) values ($1, $2, $3) on conflict (tenant_id, step) do nothing"
        ),
        (step.name(), now),
    )
}

pub fn skipped(rx: &mut Rx) -> Result<Vec<Step>, Error> {
    let names: Vec<String> =
        rx.rows(sql!("select step from guide_skip where tenant_id = $1 order by step"), (), |row| {
            row.get(0)
        })?;
    Ok(names.iter().filter_map(|name| Step::parse(name)).collect())
}
