//! Whose coupons are whose.

use base::Timestamp;
use customers::CustomerId;
use db::{Error, Rx, Tx, sql};

use super::coupon::{coupon_columns, read_coupon};
use crate::model::{CampaignId, Coupon, CouponId};

/// Makes all coupons of one customer another's.
pub fn pass_on(tx: &mut Tx, from: CustomerId, into: CustomerId) -> Result<(), Error> {
    tx.put(sql!("update coupon set customer_id = $3 where tenant_id = $1 and customer_id = $2"), (from, into))
}

/// Makes the customer's coupons nobody's, and says which these were.
pub fn part(tx: &mut Tx, customer: CustomerId) -> Result<Vec<CouponId>, Error> {
    let coupons = tx.rows(
        sql!("select id from coupon where tenant_id = $1 and customer_id = $2 order by id"),
        (customer,),
        |row| row.get(0),
    )?;
    tx.put(
        sql!("update coupon set customer_id = null where tenant_id = $1 and customer_id = $2"),
        (customer,),
    )?;
    Ok(coupons)
}

/// What a customer has of one campaign.
pub struct Sums {
    pub customer: CustomerId,
    pub campaign: CampaignId,
    pub coupons: i64,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
}

/// What eight customers have of each campaign, by when they had the first of it.
pub fn sums_of(rx: &mut Rx, customers: [CustomerId; 8]) -> Result<Vec<Sums>, Error> {
    let [a, b, c, d, e, f, g, h] = customers;
    rx.rows(
        sql!(
            "select customer_id, campaign_id, count(*), min(issued_at), max(issued_at) from coupon
             where tenant_id = $1 and customer_id in ($2, $3, $4, $5, $6, $7, $8, $9)
             group by customer_id, campaign_id order by min(issued_at), campaign_id"
        ),
        (a, b, c, d, e, f, g, h),
        |row| {
            Ok(Sums {
                customer: row.get(0)?,
                campaign: row.get(1)?,
                coupons: row.get(2)?,
                first_at: row.get(3)?,
                last_at: row.get(4)?,
            })
        },
    )
}

/// Coupons that the book of customers does not know of yet.
pub fn unmarked(rx: &mut Rx, limit: u32) -> Result<Vec<Coupon>, Error> {
    rx.rows(
        sql!(concat!(
            coupon_columns!(),
            "where tenant_id = $1 and marked is null and customer_id is not null order by id limit cast($2 as bigint)"
        )),
        (limit,),
        read_coupon,
    )
}

pub fn set_marked(tx: &mut Tx, coupon: CouponId) -> Result<(), Error> {
    tx.put(sql!("update coupon set marked = 1 where tenant_id = $1 and id = $2"), (coupon,))
}
