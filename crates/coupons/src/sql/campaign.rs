use base::{Currency, Money, Slug};
use db::{Error, Row, Rx, Tx, sql};

use super::{json, money, named, odd, parsed, text};
use crate::model::{Campaign, CampaignDetails, CampaignId, CampaignState, Limits, Promoted, SharedCode};

pub fn add_campaign(tx: &mut Tx, campaign: &Campaign) -> Result<bool, Error> {
    let details = &campaign.details;
    let added = tx.run(
        sql!(
            "insert into campaign (tenant_id, id, name, slug, code, description, state, discount, scope, minimum, stackable,
                coupon_limit, customer_limit, starts_at, ends_at, expiry, shared_code, shared_key, created_at,
                updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $19)
             on conflict do nothing"
        ),
        (
            campaign.id,
            details.name.as_str(),
            campaign.slug.as_str(),
            &campaign.code,
            details.description.as_str(),
            campaign.state.name(),
            text(&details.offer),
            text(&details.scope),
            details.minimum.map(Money::minor),
            details.stackable,
            details.limits.coupons,
            details.limits.per_customer,
            details.starts_at,
            details.ends_at,
            text(&details.expiry),
            details.shared_code.as_ref().map(SharedCode::as_str),
            details.shared_code.as_ref().map(SharedCode::key),
            campaign.created_at,
        ),
    )?;
    Ok(added == 1)
}

pub fn write_campaign(tx: &mut Tx, id: CampaignId, details: &CampaignDetails) -> Result<(), Error> {
    let now = tx.now();
    tx.put(
        sql!(
            "update campaign set name = $3, description = $4, discount = $5, scope = $6, minimum = $7, stackable = $8,
                coupon_limit = $9, customer_limit = $10, starts_at = $11, ends_at = $12, expiry = $13, shared_code = $14,
                shared_key = $15, updated_at = $16
             where tenant_id = $1 and id = $2"
        ),
        (
            id,
            details.name.as_str(),
            details.description.as_str(),
            text(&details.offer),
            text(&details.scope),
            details.minimum.map(Money::minor),
            details.stackable,
            details.limits.coupons,
            details.limits.per_customer,
            details.starts_at,
            details.ends_at,
            text(&details.expiry),
            details.shared_code.as_ref().map(SharedCode::as_str),
            details.shared_code.as_ref().map(SharedCode::key),
            now,
        ),
    )
}

pub fn set_campaign_state(tx: &mut Tx, id: CampaignId, state: CampaignState) -> Result<(), Error> {
    let now = tx.now();
    tx.put(
        sql!("update campaign set state = $3, updated_at = $4 where tenant_id = $1 and id = $2"),
        (id, state.name(), now),
    )
}

macro_rules! campaign_columns {
    () => {
        "select id, slug, code, state, name, description, discount, scope, minimum, stackable, coupon_limit,
            customer_limit, starts_at, ends_at, expiry, created_at, updated_at, shared_code from campaign "
    };
}

pub fn campaign(rx: &mut Rx, id: CampaignId, currency: Currency) -> Result<Option<Campaign>, Error> {
    rx.row(sql!(concat!(campaign_columns!(), "where tenant_id = $1 and id = $2")), (id,), |row| {
        read_campaign(row, currency)
    })
}

pub fn campaign_by_slug(rx: &mut Rx, slug: &str, currency: Currency) -> Result<Option<Campaign>, Error> {
    rx.row(sql!(concat!(campaign_columns!(), "where tenant_id = $1 and slug = $2")), (slug,), |row| {
        read_campaign(row, currency)
    })
}

pub fn campaign_by_code(rx: &mut Rx, code: &str, currency: Currency) -> Result<Option<Campaign>, Error> {
    rx.row(sql!(concat!(campaign_columns!(), "where tenant_id = $1 and code = $2")), (code,), |row| {
        read_campaign(row, currency)
    })
}

/// The campaign with this code for everybody: one that has not ended, else the newest that has.
pub fn campaign_by_shared_code(
    rx: &mut Rx,
    code: &SharedCode,
    currency: Currency,
) -> Result<Option<Campaign>, Error> {
    rx.row(
        sql!(concat!(
            campaign_columns!(),
            "where tenant_id = $1 and shared_key = $2
             order by case when state = 'ended' then 1 else 0 end, id desc limit 1"
        )),
        (code.key(),),
        |row| read_campaign(row, currency),
    )
}

/// The newest first, from behind the one named `before`.
pub fn campaigns(
    rx: &mut Rx,
    state: Option<CampaignState>,
    before: Option<CampaignId>,
    limit: u32,
    currency: Currency,
) -> Result<Vec<Campaign>, Error> {
    rx.rows(
        sql!(concat!(
            campaign_columns!(),
            "where tenant_id = $1 and (cast($2 as text) is null or state = $2)
                and (cast($3 as text) is null or id < $3)
             order by id desc limit cast($4 as bigint)"
        )),
        (state.map(CampaignState::name), before, limit),
        |row| read_campaign(row, currency),
    )
}

/// Campaigns that issue coupons and whose time is over.
pub fn campaigns_over(rx: &mut Rx) -> Result<Vec<CampaignId>, Error> {
    let now = rx.now();
    rx.rows(
        sql!(
            "select id from campaign where tenant_id = $1 and state in ('live', 'paused') and ends_at <= $2 order by id"
        ),
        (now,),
        |row| row.get(0),
    )
}

fn read_campaign(row: &Row<'_>, currency: Currency) -> Result<Campaign, Error> {
    let name: String = row.get(4)?;
    let description: String = row.get(5)?;
    let shared_code: Option<String> = row.get(17)?;
    let read = |code: String| code.parse().map_err(|_| odd::<SharedCode>(17, code));
    let shared_code = shared_code.map(read).transpose()?;
    Ok(Campaign {
        id: row.get(0)?,
        slug: parsed::<Slug>(row, 1)?,
        code: row.get(2)?,
        state: named(row, 3, CampaignState::parse)?,
        details: CampaignDetails {
            name: name.parse().map_err(|_| odd::<String>(4, name))?,
            description: description.parse().map_err(|_| odd::<String>(5, description))?,
            offer: json(row, 6)?,
            scope: json(row, 7)?,
            minimum: money(row, 8, currency)?,
            stackable: row.get(9)?,
            limits: Limits { coupons: row.get(10)?, per_customer: row.get(11)? },
            starts_at: row.get(12)?,
            ends_at: row.get(13)?,
            expiry: json(row, 14)?,
            shared_code,
        },
        created_at: row.get(15)?,
        updated_at: row.get(16)?,
    })
}

pub fn promoted(rx: &mut Rx, id: CampaignId, currency: Currency) -> Result<Vec<Promoted>, Error> {
    let read = |row: &Row<'_>| {
        let amount = |index| money(row, index, currency).map(|money| money.unwrap_or(Money::zero(currency)));
        Ok(Promoted { product: row.get(0)?, value: amount(1)?, margin: amount(2)? })
    };
    rx.rows(
        sql!(
            "select product_id, value, margin from campaign_product where tenant_id = $1 and campaign_id = $2
             order by product_id"
        ),
        (id,),
        read,
    )
}

pub fn replace_promoted(tx: &mut Tx, id: CampaignId, promoted: &[Promoted]) -> Result<(), Error> {
    tx.put(sql!("delete from campaign_product where tenant_id = $1 and campaign_id = $2"), (id,))?;
    for one in promoted {
        tx.put(
            sql!(
                "insert into campaign_product (tenant_id, campaign_id, product_id, value, margin) values ($1, $2, $3, $4, $5)
                 on conflict (tenant_id, campaign_id, product_id) do nothing"
            ),
            (id, one.product, one.value.minor(), one.margin.minor()),
        )?;
    }
    Ok(())
}

pub fn undo_minutes(rx: &mut Rx) -> Result<Option<i64>, Error> {
    rx.row(sql!("select undo_minutes from coupon_setting where tenant_id = $1"), (), |row| row.get(0))
}

pub fn set_undo_minutes(tx: &mut Tx, minutes: i64) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into coupon_setting (tenant_id, undo_minutes) values ($1, $2)
             on conflict (tenant_id) do update set undo_minutes = excluded.undo_minutes"
        ),
        (minutes,),
    )
}
