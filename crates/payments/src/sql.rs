//! Every statement on this room's tables, but the sandbox's own books.

use base::{Currency, Money, Timestamp};
use db::{Error, Row, Rx, Tx, sql};
use orders::OrderId;

use crate::{
    methods::Method,
    model::{Payment, PaymentId, State},
};

macro_rules! payments_where {
    ($condition:literal) => {
        sql!(concat!(
            "select id, order_id, method, amount, currency, state, provider_ref, provider_extra, payer_reference, reason, ",
            "test, created_at, expires_at, polled_at from payment where tenant_id = $1 and ",
            $condition
        ))
    };
}

fn read_payment(row: &Row<'_>) -> Result<Payment, Error> {
    let (minor, currency): (i64, Currency) = (row.get(3)?, row.get(4)?);
    let wrong = |index, wanted, found: String| Error::Column { index, wanted, found };
    let state: String = row.get(5)?;
    Ok(Payment {
        id: row.get(0)?,
        order: row.get(1)?,
        method: row.get(2)?,
        amount: Money::new(minor, currency).map_err(|error| wrong(3, "an amount", error.to_string()))?,
        state: State::parse(&state).ok_or_else(|| wrong(5, "a payment's state", state))?,
        provider_ref: row.get(6)?,
        provider_extra: row.get(7)?,
        payer_reference: row.get(8)?,
        reason: row.get(9)?,
        test: row.get(10)?,
        created_at: row.get(11)?,
        expires_at: row.get(12)?,
        polled_at: row.get(13)?,
    })
}

pub fn payment(rx: &mut Rx<'_>, id: PaymentId) -> Result<Option<Payment>, Error> {
    rx.row(payments_where!("id = $2"), (id,), read_payment)
}

/// The attempts to pay an order, the newest first.
pub fn payments_of(rx: &mut Rx<'_>, order: OrderId) -> Result<Vec<Payment>, Error> {
    rx.rows(payments_where!("order_id = $2 order by created_at desc, id desc"), (order,), read_payment)
}

pub fn payment_by_callback(rx: &mut Rx<'_>, hash: &[u8; 32]) -> Result<Option<Payment>, Error> {
    rx.row(payments_where!("callback_hash = $2"), (hash,), read_payment)
}

/// Attempts in `state` under `method`, the oldest first.
pub fn payments_in(rx: &mut Rx<'_>, method: Method, state: State, limit: i64) -> Result<Vec<Payment>, Error> {
    rx.rows(
        payments_where!("method = $2 and state = $3 order by created_at, id limit cast($4 as bigint)"),
        (method.name(), state.name(), limit),
        read_payment,
    )
}

/// Attempts with a reference that begins with `prefix`.
pub fn with_reference(rx: &mut Rx<'_>, prefix: &str, limit: i64) -> Result<Vec<Payment>, Error> {
    let end = format!("{prefix}\u{10ffff}");
    let mut found = rx.rows(
        payments_where!("payer_reference >= $2 and payer_reference <= $3 order by payer_reference, id limit cast($4 as bigint)"),
        (prefix, &end, limit),
        read_payment,
    )?;
    found.extend(rx.rows(
        payments_where!(
            "provider_ref >= $2 and provider_ref <= $3 order by provider_ref, id limit cast($4 as bigint)"
        ),
        (prefix, &end, limit),
        read_payment,
    )?);
    Ok(found)
}

pub fn add(tx: &mut Tx<'_>, payment: &Payment) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into payment (tenant_id, id, order_id, method, amount, currency, state, reason, test, created_at, expires_at) \
             values ($1, $2, $3, $4, $5, $6, $7, cast($8 as text), $9, $10, cast($11 as bigint))"
        ),
        (
            payment.id,
            payment.order,
            &payment.method,
            payment.amount.minor(),
            payment.amount.currency(),
            payment.state.name(),
            &payment.reason,
            payment.test,
            payment.created_at,
            payment.expires_at,
        ),
    )
}

/// Writes down how a payment stands now.
pub fn save(tx: &mut Tx<'_>, payment: &Payment, decided_by: Option<&str>) -> Result<(), Error> {
    let settled = payment.state.is_final().then(|| tx.now());
    tx.put(
        sql!(
            "update payment set state = $3, provider_ref = cast($4 as text), provider_extra = cast($5 as text), \
             payer_reference = cast($6 as text), reason = cast($7 as text), \
             decided_by = coalesce(cast($8 as text), decided_by), settled_at = coalesce(settled_at, cast($9 as bigint)), \
             polled_at = cast($10 as bigint) where tenant_id = $1 and id = $2"
        ),
        (
            payment.id,
            payment.state.name(),
            &payment.provider_ref,
            &payment.provider_extra,
            &payment.payer_reference,
            &payment.reason,
            decided_by,
            settled,
            payment.polled_at,
        ),
    )
}

pub fn set_callback(tx: &mut Tx<'_>, id: PaymentId, hash: &[u8; 32]) -> Result<(), Error> {
    tx.put(sql!("update payment set callback_hash = $3 where tenant_id = $1 and id = $2"), (id, hash))
}

/// Whether this message of the provider was seen for the first time.
pub fn note_hint(tx: &mut Tx<'_>, method: Method, event: &str) -> Result<bool, Error> {
    let now = tx.now();
    let added = tx.run(
        sql!("insert into payment_hint (tenant_id, method, event, at) values ($1, $2, $3, $4) on conflict do nothing"),
        (method.name(), event, now),
    )?;
    Ok(added == 1)
}

/// What the owner set for a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodRow {
    pub method: Method,
    pub enabled: bool,
    /// What the payer reads: where to pay to. May be empty.
    pub instructions: String,
    pub secret: Option<Vec<u8>>,
}

pub fn methods(rx: &mut Rx<'_>) -> Result<Vec<MethodRow>, Error> {
    rx.rows(
        sql!("select method, enabled, instructions, secret from payment_method where tenant_id = $1 order by method"),
        (),
        |row| {
            let name: String = row.get(0)?;
            Ok(MethodRow {
                method: Method::parse(&name).ok_or(Error::Column { index: 0, wanted: "a method", found: name })?,
                enabled: row.get(1)?,
                instructions: row.get(2)?,
                secret: row.get(3)?,
            })
        },
    )
}

pub fn put_method(tx: &mut Tx<'_>, method: Method, enabled: bool, instructions: &str) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into payment_method (tenant_id, method, enabled, instructions) values ($1, $2, $3, $4) \
             on conflict (tenant_id, method) do update set enabled = excluded.enabled, instructions = excluded.instructions"
        ),
        (method.name(), enabled, instructions),
    )
}

pub fn put_secret(tx: &mut Tx<'_>, method: Method, sealed: &[u8]) -> Result<(), Error> {
    tx.put(
        sql!("update payment_method set secret = coalesce(secret, $3) where tenant_id = $1 and method = $2"),
        (method.name(), sealed),
    )
}

/// Attempts whose time is over, the oldest first.
pub fn overdue(rx: &mut Rx<'_>, now: Timestamp, limit: i64) -> Result<Vec<Payment>, Error> {
    rx.rows(
        payments_where!(
            "state in ('created', 'unknown', 'awaiting-payer', 'processing') and expires_at is not null \
             and expires_at <= $2 order by expires_at, id limit cast($3 as bigint)"
        ),
        (now, limit),
        read_payment,
    )
}
