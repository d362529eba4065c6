use db::{Error, Rx, Tx, sql};

/// What became of `source_id`, if it came already.
pub fn imported(rx: &mut Rx, source: &str, kind: &str, source_id: &str) -> Result<Option<String>, Error> {
    rx.row(
        sql!("select id from imported where tenant_id = $1 and source = $2 and kind = $3 and source_id = $4"),
        (source, kind, source_id),
        |row| row.get(0),
    )
}

pub fn note_imported(tx: &mut Tx, source: &str, kind: &str, source_id: &str, id: &str) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into imported (tenant_id, source, kind, source_id, id) values ($1, $2, $3, $4, $5)
             on conflict (tenant_id, source, kind, source_id) do nothing"
        ),
        (source, kind, source_id, id),
    )
}
