use base::Timestamp;
use customers::CustomerId;
use db::{Error, Row, Rx, Tx, sql};

use super::{json, named, parsed, text};
use crate::{
    export::Sought,
    model::{CampaignId, Coupon, CouponCode, CouponId, CouponState, Via},
};

/// Writes a coupon down, unless its code is another's.
pub fn add_coupon(tx: &mut Tx, coupon: &Coupon) -> Result<bool, Error> {
    let added = tx.run(
        sql!(
            "insert into coupon (tenant_id, id, code, campaign_id, customer_id, state, via, discount, issued_at, expires_at,
                sent_at, opened_at, ended_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             on conflict (tenant_id, code) do nothing"
        ),
        (
            coupon.id,
            coupon.code.as_str(),
            coupon.campaign,
            coupon.customer,
            coupon.state.name(),
            coupon.via.name(),
            text(&coupon.offer),
            coupon.issued_at,
            coupon.expires_at,
            coupon.sent_at,
            coupon.opened_at,
            coupon.ended_at,
        ),
    )?;
    Ok(added == 1)
}

macro_rules! coupon_columns {
    () => {
        "select id, code, campaign_id, customer_id, state, via, discount, issued_at, expires_at, sent_at, opened_at, ended_at
         from coupon "
    };
}

pub fn coupon(rx: &mut Rx, id: CouponId) -> Result<Option<Coupon>, Error> {
    rx.row(sql!(concat!(coupon_columns!(), "where tenant_id = $1 and id = $2")), (id,), read_coupon)
}

pub fn coupon_by_code(rx: &mut Rx, code: &CouponCode) -> Result<Option<Coupon>, Error> {
    let code = code.as_str();
    rx.row(sql!(concat!(coupon_columns!(), "where tenant_id = $1 and code = $2")), (code,), read_coupon)
}

/// How many coupons of the campaign the customer has, cancelled ones aside.
pub fn count_of_customer(rx: &mut Rx, campaign: CampaignId, customer: CustomerId) -> Result<i64, Error> {
    let count = rx.row(
        sql!(
            "select count(*) from coupon where tenant_id = $1 and customer_id = $2 and campaign_id = $3
                and state <> 'cancelled'"
        ),
        (customer, campaign),
        |row| row.get(0),
    )?;
    Ok(count.unwrap_or(0))
}

pub fn end_coupon(
    tx: &mut Tx,
    id: CouponId,
    state: CouponState,
    ended_at: Option<Timestamp>,
) -> Result<(), Error> {
    tx.put(
        sql!("update coupon set state = $3, ended_at = $4 where tenant_id = $1 and id = $2"),
        (id, state.name(), ended_at),
    )
}

/// Coupons whose time has run out, the longest over first.
pub fn coupons_over(rx: &mut Rx, limit: u32) -> Result<Vec<Coupon>, Error> {
    let now = rx.now();
    rx.rows(
        sql!(concat!(
            coupon_columns!(),
            "where tenant_id = $1 and state = 'issued' and expires_at <= $2 order by expires_at, id
             limit cast($3 as bigint)"
        )),
        (now, limit),
        read_coupon,
    )
}

/// Coupons that a file tells, behind the one named `after`, in the order they were issued.
pub fn coupons_of_file(
    rx: &mut Rx,
    asked: &Sought,
    after: Option<CouponId>,
    limit: u32,
) -> Result<Vec<Coupon>, Error> {
    rx.rows(
        sql!(concat!(
            coupon_columns!(),
            "where tenant_id = $1 and id > $2 and (cast($3 as text) is null or campaign_id = $3)
                and (cast($4 as text) is null or state = $4) and (cast($5 as bigint) is null or issued_at >= $5)
                and (cast($6 as bigint) is null or issued_at < $6) order by id limit cast($7 as bigint)"
        )),
        (
            after.map(|id| id.to_string()).unwrap_or_default(),
            asked.campaign,
            asked.state.map(CouponState::name),
            asked.from,
            asked.to,
            limit,
        ),
        read_coupon,
    )
}

fn read_coupon(row: &Row<'_>) -> Result<Coupon, Error> {
    Ok(Coupon {
        id: row.get(0)?,
        code: parsed(row, 1)?,
        campaign: row.get(2)?,
        customer: row.get(3)?,
        state: named(row, 4, CouponState::parse)?,
        via: named(row, 5, Via::parse)?,
        offer: json(row, 6)?,
        issued_at: row.get(7)?,
        expires_at: row.get(8)?,
        sent_at: row.get(9)?,
        opened_at: row.get(10)?,
        ended_at: row.get(11)?,
    })
}

/// Coupons of a campaign or of all, in a state or in any, the newest first, from behind the one named `before`.
pub fn coupons(
    rx: &mut Rx,
    campaign: Option<CampaignId>,
    state: Option<CouponState>,
    before: Option<CouponId>,
    limit: u32,
) -> Result<Vec<Coupon>, Error> {
    let params = (campaign, state.map(CouponState::name), before, limit);
    // two statements, for each walks along an index of its own
    match campaign {
        Some(_) => rx.rows(
            sql!(concat!(
                coupon_columns!(),
                "where tenant_id = $1 and campaign_id = $2 and (cast($3 as text) is null or state = $3)
                    and (cast($4 as text) is null or id < $4)
                 order by id desc limit cast($5 as bigint)"
            )),
            params,
            read_coupon,
        ),
        None => rx.rows(
            sql!(concat!(
                coupon_columns!(),
                "where tenant_id = $1 and (cast($2 as text) is null or campaign_id = $2)
                    and (cast($3 as text) is null or state = $3) and (cast($4 as text) is null or id < $4)
                 order by id desc limit cast($5 as bigint)"
            )),
            params,
            read_coupon,
        ),
    }
}

/// The coupons of a customer, the newest first.
pub fn coupons_of(rx: &mut Rx, customer: CustomerId, limit: u32) -> Result<Vec<Coupon>, Error> {
    rx.rows(
        sql!(concat!(
            coupon_columns!(),
            "where tenant_id = $1 and customer_id = $2 order by id desc limit cast($3 as bigint)"
        )),
        (customer, limit),
        read_coupon,
    )
}

/// Coupons whose codes begin with `prefix`, by code.
pub fn coupons_beginning(rx: &mut Rx, prefix: &str, limit: u32) -> Result<Vec<Coupon>, Error> {
    let end = format!("{prefix}~");
    rx.rows(
        sql!(concat!(
            coupon_columns!(),
            "where tenant_id = $1 and code >= $2 and code < $3 order by code limit cast($4 as bigint)"
        )),
        (prefix, end, limit),
        read_coupon,
    )
}

/// When the coupon's page was first opened; false if it was open before.
pub fn open_coupon(tx: &mut Tx, id: CouponId) -> Result<bool, Error> {
    let now = tx.now();
    let opened = tx.run(
        sql!("update coupon set opened_at = $3 where tenant_id = $1 and id = $2 and opened_at is null"),
        (id, now),
    )?;
    Ok(opened == 1)
}

/// When the coupon was first sent; false if it was sent before.
pub fn send_coupon(tx: &mut Tx, id: CouponId) -> Result<bool, Error> {
    let now = tx.now();
    let sent = tx.run(
        sql!("update coupon set sent_at = $3 where tenant_id = $1 and id = $2 and sent_at is null"),
        (id, now),
    )?;
    Ok(sent == 1)
}
