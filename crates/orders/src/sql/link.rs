use base::Timestamp;
use db::{Error, Rx, Tx, sql};

use crate::model::OrderId;

pub fn add_link(
    tx: &mut Tx,
    hash: &[u8; 32],
    order: OrderId,
    purpose: &str,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let now = tx.now();
    tx.put(
        sql!(
            "insert into order_link (tenant_id, hash, order_id, purpose, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6)"
        ),
        (hash, order, purpose, now, expires_at),
    )
}

/// The order behind a link that still holds.
pub fn linked_order(rx: &mut Rx, hash: &[u8; 32]) -> Result<Option<OrderId>, Error> {
    let now = rx.now();
    rx.row(
        sql!(
            "select order_id from order_link
             where tenant_id = $1 and hash = $2 and expires_at > $3 and revoked_at is null"
        ),
        (hash, now),
        |row| row.get(0),
    )
}

/// When links of an order were last revoked.
pub fn links_revoked_at(rx: &mut Rx, order: OrderId) -> Result<Option<Timestamp>, Error> {
    let found = rx.row(
        sql!("select links_revoked_at from sale_order where tenant_id = $1 and id = $2"),
        (order,),
        |row| row.get::<Option<Timestamp>>(0),
    )?;
    Ok(found.flatten())
}

/// Ends all links of an order; says how many kept ones still held.
pub fn revoke_links(tx: &mut Tx, order: OrderId) -> Result<u64, Error> {
    let now = tx.now();
    tx.run(
        sql!("update sale_order set links_revoked_at = $3 where tenant_id = $1 and id = $2"),
        (order, now),
    )?;
    tx.run(
        sql!("update order_link set revoked_at = $3 where tenant_id = $1 and order_id = $2 and revoked_at is null"),
        (order, now),
    )
}
