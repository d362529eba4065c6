use base::{Day, Quantity};
use catalog::ProductId;
use db::{Error, Row, Rx, Tx, sql};
use stock::LocationId;

use crate::{
    figures::{Goods, Measure},
    model::{CampaignId, RedemptionId},
};

/// Adds what happened to the day, the place and the person it belongs to.
pub fn count(
    tx: &mut Tx,
    campaign: CampaignId,
    day: Day,
    location: &str,
    actor: &str,
    measure: &Measure,
) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into campaign_day (tenant_id, campaign_id, day, location_id, actor, seen, submitted, issued, sent, opened,
                redeemed, estimated, measured, sales, discounts, margin, waited_s)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
             on conflict (tenant_id, campaign_id, day, location_id, actor) do update set
                seen = campaign_day.seen + excluded.seen, submitted = campaign_day.submitted + excluded.submitted,
                issued = campaign_day.issued + excluded.issued, sent = campaign_day.sent + excluded.sent,
                opened = campaign_day.opened + excluded.opened, redeemed = campaign_day.redeemed + excluded.redeemed,
                estimated = campaign_day.estimated + excluded.estimated,
                measured = campaign_day.measured + excluded.measured, sales = campaign_day.sales + excluded.sales,
                discounts = campaign_day.discounts + excluded.discounts, margin = campaign_day.margin + excluded.margin,
                waited_s = campaign_day.waited_s + excluded.waited_s"
        ),
        (
            campaign,
            day.number(),
            location,
            actor,
            measure.seen,
            measure.submitted,
            measure.issued,
            measure.sent,
            measure.opened,
            measure.redeemed,
            measure.estimated,
            measure.measured,
            measure.sales,
            measure.discounts,
            measure.margin,
            measure.waited_s,
        ),
    )
}

/// The sums of a measure, in its order.
macro_rules! sums {
    () => {
        "cast(coalesce(sum(seen), 0) as bigint), cast(coalesce(sum(submitted), 0) as bigint),
         cast(coalesce(sum(issued), 0) as bigint), cast(coalesce(sum(sent), 0) as bigint),
         cast(coalesce(sum(opened), 0) as bigint), cast(coalesce(sum(redeemed), 0) as bigint),
         cast(coalesce(sum(estimated), 0) as bigint), cast(coalesce(sum(measured), 0) as bigint),
         cast(coalesce(sum(sales), 0) as bigint), cast(coalesce(sum(discounts), 0) as bigint),
         cast(coalesce(sum(margin), 0) as bigint), cast(coalesce(sum(waited_s), 0) as bigint)
         from campaign_day "
    };
}

/// Of one campaign ($2) or of all, from the day $3 to the day $4, at the places $5 of who works at some alone.
macro_rules! within {
    () => {
        "where tenant_id = $1 and (cast($2 as text) is null or campaign_id = $2) and day >= $3 and day <= $4
            and (cast($5 as text) is null or (location_id <> '' and $5 like '%' || location_id || '%' escape '!')) "
    };
}

/// What happened from `from` to `to`, both included: of one campaign or of all, where the one who asks may work.
pub fn total(rx: &mut Rx, campaign: Option<CampaignId>, from: Day, to: Day) -> Result<Measure, Error> {
    let places = rx.reach().places();
    let found = rx.row(
        sql!(concat!("select ", sums!(), within!())),
        (campaign, from.number(), to.number(), places),
        |row| read_measure(row, 0),
    )?;
    Ok(found.unwrap_or_default())
}

/// How many coupons the campaign issued, and how many of them were redeemed.
pub fn issued_and_redeemed(rx: &mut Rx, campaign: CampaignId) -> Result<(i64, i64), Error> {
    let found = rx.row(
        sql!(
            "select cast(coalesce(sum(issued), 0) as bigint), cast(coalesce(sum(redeemed), 0) as bigint)
             from campaign_day where tenant_id = $1 and campaign_id = $2"
        ),
        (campaign,),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(found.unwrap_or_default())
}

/// The same, day by day of each campaign.
pub fn by_day(
    rx: &mut Rx,
    campaign: Option<CampaignId>,
    from: Day,
    to: Day,
) -> Result<Vec<(CampaignId, Day, Measure)>, Error> {
    let places = rx.reach().places();
    rx.rows(
        sql!(concat!(
            "select campaign_id, day, ",
            sums!(),
            within!(),
            "group by campaign_id, day order by campaign_id, day"
        )),
        (campaign, from.number(), to.number(), places),
        |row| Ok((row.get(0)?, read_day(row, 1)?, read_measure(row, 2)?)),
    )
}

/// The same, by the place and the person of each campaign; both may be empty.
pub fn by_spot(
    rx: &mut Rx,
    campaign: Option<CampaignId>,
    from: Day,
    to: Day,
) -> Result<Vec<(CampaignId, Option<LocationId>, String, Measure)>, Error> {
    let places = rx.reach().places();
    rx.rows(
        sql!(concat!(
            "select campaign_id, location_id, actor, ",
            sums!(),
            within!(),
            "group by campaign_id, location_id, actor order by campaign_id, location_id, actor"
        )),
        (campaign, from.number(), to.number(), places),
        |row| {
            let place: String = row.get(1)?;
            Ok((row.get(0)?, place.parse().ok(), row.get(2)?, read_measure(row, 3)?))
        },
    )
}

fn read_day(row: &Row<'_>, index: usize) -> Result<Day, Error> {
    let number: i64 = row.get(index)?;
    Day::numbered(number).ok_or_else(|| super::odd::<Day>(index, number.to_string()))
}

fn read_measure(row: &Row<'_>, first: usize) -> Result<Measure, Error> {
    Ok(Measure {
        seen: row.get(first)?,
        submitted: row.get(first + 1)?,
        issued: row.get(first + 2)?,
        sent: row.get(first + 3)?,
        opened: row.get(first + 4)?,
        redeemed: row.get(first + 5)?,
        estimated: row.get(first + 6)?,
        measured: row.get(first + 7)?,
        sales: row.get(first + 8)?,
        discounts: row.get(first + 9)?,
        margin: row.get(first + 10)?,
        waited_s: row.get(first + 11)?,
    })
}

/// Keeps what was counted for a redemption.
pub fn keep_goods(tx: &mut Tx, redemption: RedemptionId, goods: &[Goods]) -> Result<(), Error> {
    for one in goods {
        tx.put(
            sql!(
                "insert into redemption_product (tenant_id, redemption_id, product_id, quantity, sales, margin)
                 values ($1, $2, $3, $4, $5, $6)"
            ),
            (redemption, one.product, one.quantity.in_thousandths(), one.sales, one.margin),
        )?;
    }
    Ok(())
}

pub fn kept_goods(rx: &mut Rx, redemption: RedemptionId) -> Result<Vec<Goods>, Error> {
    rx.rows(
        sql!(
            "select product_id, quantity, sales, margin from redemption_product where tenant_id = $1 and redemption_id = $2
             order by product_id"
        ),
        (redemption,),
        |row| {
            let product = row.get(0)?;
            let quantity = Quantity::thousandths(row.get(1)?);
            Ok(Goods { product, quantity, sales: row.get(2)?, margin: row.get(3)? })
        },
    )
}

pub fn forget_goods(tx: &mut Tx, redemption: RedemptionId) -> Result<(), Error> {
    tx.put(sql!("delete from redemption_product where tenant_id = $1 and redemption_id = $2"), (redemption,))
}

/// Adds what was sold of a product to its day; `sign` is -1 to take it back.
pub fn count_goods(
    tx: &mut Tx,
    campaign: CampaignId,
    day: Day,
    location: &str,
    goods: &Goods,
    sign: i64,
) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into campaign_product_day (tenant_id, campaign_id, product_id, day, location_id, redeemed, measured,
                quantity, sales, margin)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict (tenant_id, campaign_id, product_id, day, location_id) do update set
                redeemed = campaign_product_day.redeemed + excluded.redeemed,
                measured = campaign_product_day.measured + excluded.measured,
                quantity = campaign_product_day.quantity + excluded.quantity,
                sales = campaign_product_day.sales + excluded.sales, margin = campaign_product_day.margin + excluded.margin"
        ),
        (
            campaign,
            goods.product,
            day.number(),
            location,
            sign,
            if goods.margin.is_some() { sign } else { 0 },
            goods.quantity.in_thousandths() * sign,
            goods.sales * sign,
            goods.margin.unwrap_or_default() * sign,
        ),
    )
}

/// What a product brought with coupons.
pub struct Sold {
    pub product: ProductId,
    pub redeemed: i64,
    pub measured: i64,
    pub quantity: Quantity,
    pub sales: i64,
    pub margin: i64,
}

/// The products that sold most with coupons, by money.
pub fn best_products(
    rx: &mut Rx,
    campaign: Option<CampaignId>,
    from: Day,
    to: Day,
    limit: u32,
) -> Result<Vec<Sold>, Error> {
    let places = rx.reach().places();
    rx.rows(
        sql!(concat!(
            "select product_id, cast(sum(redeemed) as bigint), cast(sum(measured) as bigint), cast(sum(quantity) as bigint),
                cast(sum(sales) as bigint), cast(sum(margin) as bigint) from campaign_product_day ",
            within!(),
            "group by product_id having sum(redeemed) > 0 order by sum(sales) desc, product_id limit cast($6 as bigint)"
        )),
        (campaign, from.number(), to.number(), places, limit),
        |row| {
            Ok(Sold {
                product: row.get(0)?,
                redeemed: row.get(1)?,
                measured: row.get(2)?,
                quantity: Quantity::thousandths(row.get(3)?),
                sales: row.get(4)?,
                margin: row.get(5)?,
            })
        },
    )
}
