//! The file that was uploaded and previewed, until it is imported: at most one per tenant.

use db::{Error, Rx, Tx, sql};

use crate::ImportId;

pub fn keep_file(tx: &mut Tx, id: ImportId, name: &str, content: &[u8]) -> Result<(), Error> {
    forget_files(tx)?;
    let now = tx.now();
    tx.put(
        sql!(
            "insert into import_file (tenant_id, id, name, content, created_at) values ($1, $2, $3, $4, $5)"
        ),
        (id, name, content, now),
    )
}

pub fn file(rx: &mut Rx, id: ImportId) -> Result<Option<(String, Vec<u8>)>, Error> {
    rx.row(sql!("select name, content from import_file where tenant_id = $1 and id = $2"), (id,), |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

pub fn forget_files(tx: &mut Tx) -> Result<(), Error> {
    tx.put(sql!("delete from import_file where tenant_id = $1"), ())
}
