//! The file that was looked at, until it is brought in: at most one per tenant.

use base::Timestamp;
use db::{Error, Rx, Tx, sql};

use crate::model::FileId;

pub fn keep_file(tx: &mut Tx, id: FileId, known: &str, content: &[u8]) -> Result<(), Error> {
    forget_files(tx)?;
    let now = tx.now();
    tx.put(
        sql!(
            "insert into customer_file (tenant_id, id, known, content, created_at) values ($1, $2, $3, $4, $5)"
        ),
        (id, known, content, now),
    )
}

/// The file, if it was kept later than at `since`.
pub fn file(rx: &mut Rx, id: FileId, since: Timestamp) -> Result<Option<(String, Vec<u8>)>, Error> {
    rx.row(
        sql!("select known, content from customer_file where tenant_id = $1 and id = $2 and created_at > $3"),
        (id, since),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Forgets the file unless it was kept later than at `since`.
pub fn forget_file_of(tx: &mut Tx, since: Timestamp) -> Result<(), Error> {
    tx.put(sql!("delete from customer_file where tenant_id = $1 and created_at <= $2"), (since,))
}

pub fn forget_files(tx: &mut Tx) -> Result<(), Error> {
    tx.put(sql!("delete from customer_file where tenant_id = $1"), ())
}
