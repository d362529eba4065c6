use base::Day;
use db::{Error, Rx, Tx, sql};

use crate::{figures::Measure, model::CampaignId};

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
                redeemed, estimated, sales, discounts, margin, waited_s)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
             on conflict (tenant_id, campaign_id, day, location_id, actor) do update set
                seen = campaign_day.seen + excluded.seen, submitted = campaign_day.submitted + excluded.submitted,
                issued = campaign_day.issued + excluded.issued, sent = campaign_day.sent + excluded.sent,
                opened = campaign_day.opened + excluded.opened, redeemed = campaign_day.redeemed + excluded.redeemed,
                estimated = campaign_day.estimated + excluded.estimated, sales = campaign_day.sales + excluded.sales,
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
            measure.sales,
            measure.discounts,
            measure.margin,
            measure.waited_s,
        ),
    )
}

/// What happened from `from` to `to`, both included: of one campaign or of all.
pub fn total(rx: &mut Rx, campaign: Option<CampaignId>, from: Day, to: Day) -> Result<Measure, Error> {
    let found = rx.row(
        sql!(
            "select cast(coalesce(sum(seen), 0) as bigint), cast(coalesce(sum(submitted), 0) as bigint),
                cast(coalesce(sum(issued), 0) as bigint), cast(coalesce(sum(sent), 0) as bigint),
                cast(coalesce(sum(opened), 0) as bigint), cast(coalesce(sum(redeemed), 0) as bigint),
                cast(coalesce(sum(estimated), 0) as bigint), cast(coalesce(sum(sales), 0) as bigint),
                cast(coalesce(sum(discounts), 0) as bigint), cast(coalesce(sum(margin), 0) as bigint),
                cast(coalesce(sum(waited_s), 0) as bigint)
             from campaign_day where tenant_id = $1 and (cast($2 as text) is null or campaign_id = $2)
                and day >= $3 and day <= $4"
        ),
        (campaign, from.number(), to.number()),
        |row| {
            Ok(Measure {
                seen: row.get(0)?,
                submitted: row.get(1)?,
                issued: row.get(2)?,
                sent: row.get(3)?,
                opened: row.get(4)?,
                redeemed: row.get(5)?,
                estimated: row.get(6)?,
                sales: row.get(7)?,
                discounts: row.get(8)?,
                margin: row.get(9)?,
                waited_s: row.get(10)?,
            })
        },
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
