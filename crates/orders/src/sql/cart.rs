use base::{Quantity, Timestamp};
use catalog::VariantId;
use db::{Error, Row, Rx, Tx, sql};

use crate::{
    model::{CartId, OrderId},
    promotion::Code,
};

/// A cart's row.
pub struct CartRow {
    pub id: CartId,
    pub expires_at: Timestamp,
    pub order: Option<OrderId>,
    pub codes: Vec<Code>,
}

fn read_cart(row: &Row<'_>) -> Result<CartRow, Error> {
    let written: Option<String> = row.get(3)?;
    let codes = written.and_then(|written| serde_json::from_str(&written).ok()).unwrap_or_default();
    Ok(CartRow { id: row.get(0)?, expires_at: row.get(1)?, order: row.get(2)?, codes })
}

pub fn add_cart(tx: &mut Tx, id: CartId, token_hash: &[u8; 32], expires_at: Timestamp) -> Result<(), Error> {
    let now = tx.now();
    tx.put(
        sql!(
            "insert into cart (tenant_id, id, token_hash, created_at, expires_at) values ($1, $2, $3, $4, $5)"
        ),
        (id, token_hash, now, expires_at),
    )
}

pub fn cart(rx: &mut Rx, id: CartId) -> Result<Option<CartRow>, Error> {
    rx.row(
        sql!("select id, expires_at, order_id, codes from cart where tenant_id = $1 and id = $2"),
        (id,),
        read_cart,
    )
}

pub fn cart_by_token(rx: &mut Rx, token_hash: &[u8; 32]) -> Result<Option<CartRow>, Error> {
    rx.row(
        sql!("select id, expires_at, order_id, codes from cart where tenant_id = $1 and token_hash = $2"),
        (token_hash,),
        read_cart,
    )
}

pub fn keep_cart(tx: &mut Tx, id: CartId, expires_at: Timestamp) -> Result<(), Error> {
    tx.put(sql!("update cart set expires_at = $3 where tenant_id = $1 and id = $2"), (id, expires_at))
}

pub fn set_cart_codes(tx: &mut Tx, id: CartId, codes: &[Code]) -> Result<(), Error> {
    let written = super::text(&codes);
    tx.put(sql!("update cart set codes = $3 where tenant_id = $1 and id = $2"), (id, written))
}

pub fn cart_became(tx: &mut Tx, id: CartId, order: OrderId) -> Result<(), Error> {
    tx.put(sql!("update cart set order_id = $3 where tenant_id = $1 and id = $2"), (id, order))
}

/// In the order they were first put in.
pub fn cart_lines(rx: &mut Rx, cart: CartId) -> Result<Vec<(VariantId, Quantity)>, Error> {
    rx.rows(
        sql!(
            "select variant_id, quantity from cart_line where tenant_id = $1 and cart_id = $2
             order by added_at, variant_id"
        ),
        (cart,),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

pub fn set_cart_line(tx: &mut Tx, cart: CartId, variant: VariantId, quantity: Quantity) -> Result<(), Error> {
    let now = tx.now();
    tx.put(
        sql!(
            "insert into cart_line (tenant_id, cart_id, variant_id, quantity, added_at) values ($1, $2, $3, $4, $5)
             on conflict (tenant_id, cart_id, variant_id) do update set quantity = excluded.quantity"
        ),
        (cart, variant, quantity, now),
    )
}

pub fn remove_cart_line(tx: &mut Tx, cart: CartId, variant: VariantId) -> Result<(), Error> {
    tx.put(
        sql!("delete from cart_line where tenant_id = $1 and cart_id = $2 and variant_id = $3"),
        (cart, variant),
    )
}

pub fn expired_carts(rx: &mut Rx, limit: u32) -> Result<Vec<CartId>, Error> {
    let now = rx.now();
    rx.rows(
        sql!(
            "select id from cart where tenant_id = $1 and expires_at <= $2 order by expires_at
             limit cast($3 as bigint)"
        ),
        (now, limit),
        |row| row.get(0),
    )
}

pub fn remove_cart(tx: &mut Tx, cart: CartId) -> Result<(), Error> {
    tx.put(sql!("delete from cart_line where tenant_id = $1 and cart_id = $2"), (cart,))?;
    tx.put(sql!("delete from cart where tenant_id = $1 and id = $2"), (cart,))
}
