use base::{Currency, Money};
use db::{Error, Row, Rx, Tx, sql};
use orders::OrderId;

use super::{money, named};
use crate::model::{CouponId, Redemption, RedemptionId, RedemptionState};

pub fn add_redemption(tx: &mut Tx, redemption: &Redemption) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into redemption (tenant_id, id, coupon_id, campaign_id, hold_id, state, order_id, location_id, actor, at,
                amount, discount, undone_at, undone_by, reason)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
        ),
        (
            redemption.id,
            redemption.coupon,
            redemption.campaign,
            redemption.hold,
            redemption.state.name(),
            redemption.order,
            redemption.location,
            &redemption.actor,
            redemption.at,
            redemption.amount.map(Money::minor),
            redemption.discount.map(Money::minor),
            redemption.undone_at,
            redemption.undone_by.as_deref(),
            redemption.reason.as_deref(),
        ),
    )
}

/// Writes where a redemption stands now.
pub fn save_redemption(tx: &mut Tx, redemption: &Redemption) -> Result<(), Error> {
    tx.put(
        sql!(
            "update redemption set state = $3, at = $4, undone_at = $5, undone_by = $6, reason = $7
             where tenant_id = $1 and id = $2"
        ),
        (
            redemption.id,
            redemption.state.name(),
            redemption.at,
            redemption.undone_at,
            redemption.undone_by.as_deref(),
            redemption.reason.as_deref(),
        ),
    )
}

macro_rules! redemption_columns {
    () => {
        "select id, coupon_id, campaign_id, hold_id, state, order_id, location_id, actor, at, amount, discount, undone_at,
            undone_by, reason from redemption "
    };
}

pub fn redemption(rx: &mut Rx, id: RedemptionId, currency: Currency) -> Result<Option<Redemption>, Error> {
    rx.row(sql!(concat!(redemption_columns!(), "where tenant_id = $1 and id = $2")), (id,), |row| {
        read_redemption(row, currency)
    })
}

/// The uses of a coupon, the newest first.
pub fn redemptions_of(rx: &mut Rx, coupon: CouponId, currency: Currency) -> Result<Vec<Redemption>, Error> {
    rx.rows(
        sql!(concat!(redemption_columns!(), "where tenant_id = $1 and coupon_id = $2 order by id desc")),
        (coupon,),
        |row| read_redemption(row, currency),
    )
}

/// What an order was placed with.
pub fn redemptions_in(rx: &mut Rx, order: OrderId, currency: Currency) -> Result<Vec<Redemption>, Error> {
    rx.rows(
        sql!(concat!(redemption_columns!(), "where tenant_id = $1 and order_id = $2 order by id")),
        (order,),
        |row| read_redemption(row, currency),
    )
}

/// The newest first; those at `places`, where somebody works at some alone.
pub fn last_redemptions(
    rx: &mut Rx,
    places: Option<String>,
    limit: u32,
    currency: Currency,
) -> Result<Vec<Redemption>, Error> {
    rx.rows(
        sql!(concat!(
            redemption_columns!(),
            "where tenant_id = $1 and (cast($2 as text) is null or $2 like '%' || location_id || '%' escape '!')
             order by at desc, id desc limit cast($3 as bigint)"
        )),
        (places, limit),
        |row| read_redemption(row, currency),
    )
}

fn read_redemption(row: &Row<'_>, currency: Currency) -> Result<Redemption, Error> {
    Ok(Redemption {
        id: row.get(0)?,
        coupon: row.get(1)?,
        campaign: row.get(2)?,
        hold: row.get(3)?,
        state: named(row, 4, RedemptionState::parse)?,
        order: row.get(5)?,
        location: row.get(6)?,
        actor: row.get(7)?,
        at: row.get(8)?,
        amount: money(row, 9, currency)?,
        discount: money(row, 10, currency)?,
        undone_at: row.get(11)?,
        undone_by: row.get(12)?,
        reason: row.get(13)?,
    })
}
