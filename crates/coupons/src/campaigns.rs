//! Campaigns: planned, started, paused, ended by hand or by their dates, copied.

use base::{Currency, Money, Slug, Timestamp};
use db::{Rx, Tx};
use serde_json::json;
use spine::{
    events::{self, Event},
    holds::{self, PoolId, Rule},
    jobs,
};

use crate::{
    Error, form,
    model::{
        Act, Campaign, CampaignDetails, CampaignId, CampaignState, CouponCode, CouponState, Offer, Promoted,
        SharedCode, campaign::Flaw,
    },
    redeem::Settings,
    sql,
};

/// Attempts to find a code or an address that is free.
const DRAWS: u32 = 20;

/// Writes a campaign down, as a draft.
pub fn add(tx: &mut Tx, details: CampaignDetails) -> Result<CampaignId, Error> {
    let business = people::business::find(tx)?;
    check(&details, business.currency, &business.edit.zone)?;
    refuse_taken(tx, &details, None)?;
    let now = tx.now();
    let id = tx.new_id::<crate::model::CampaignKind>();
    let named = Slug::of(details.name.as_str()).unwrap_or(Slug::of("campaign").ok_or(Error::SlugTaken)?);
    let mut campaign = Campaign {
        id,
        slug: named.clone(),
        code: String::new(),
        state: CampaignState::Draft,
        details,
        created_at: now,
        updated_at: now,
    };
    for draw in 1..=DRAWS {
        let Some(code) = CouponCode::of(&tx.random()) else { continue };
        campaign.code = code.to_string();
        campaign.slug = if draw == 1 { named.clone() } else { named.numbered(draw) };
        if sql::add_campaign(tx, &campaign)? {
            let about = json!({ "name": campaign.details.name, "offer": campaign.details.offer });
            record(tx, "campaign.added", id, about)?;
            fit_pool(tx, id, None, campaign.details.limits.coupons)?;
            return Ok(id);
        }
    }
    Err(Error::SlugTaken)
}

/// Writes a campaign of another system down, under the code that is printed there; none if that code is another's here.
pub(crate) fn bring(
    tx: &mut Tx,
    details: &CampaignDetails,
    code: &str,
    state: CampaignState,
    created_at: base::Timestamp,
) -> Result<Option<CampaignId>, Error> {
    let business = people::business::find(tx)?;
    check(details, business.currency, &business.edit.zone)?;
    if sql::campaign_by_code(tx, code, business.currency)?.is_some() {
        return Ok(None);
    }
    let id = tx.new_id::<crate::model::CampaignKind>();
    let named = Slug::of(details.name.as_str()).unwrap_or(Slug::of("campaign").ok_or(Error::SlugTaken)?);
    let mut campaign = Campaign {
        id,
        slug: named.clone(),
        code: code.to_owned(),
        state,
        details: details.clone(),
        created_at,
        updated_at: created_at,
    };
    for draw in 1..=DRAWS {
        campaign.slug = if draw == 1 { named.clone() } else { named.numbered(draw) };
        if sql::add_campaign(tx, &campaign)? {
            let about = json!({ "name": details.name, "offer": details.offer, "state": state });
            record(tx, "campaign.imported", id, about)?;
            fit_pool(tx, id, None, details.limits.coupons)?;
            if let Some(end) = details.ends_at {
                jobs::promise_end(tx, END_JOB, end)?;
            }
            return Ok(Some(id));
        }
    }
    Err(Error::SlugTaken)
}

fn check(details: &CampaignDetails, currency: Currency, zone: &base::Zone) -> Result<(), Error> {
    details.check(zone)?;
    let foreign = |amount: &Money| amount.currency() != currency;
    let fixed = if let Offer::Fixed { value } = &details.offer { Some(value) } else { None };
    if fixed.is_some_and(foreign) || details.minimum.as_ref().is_some_and(foreign) {
        return Err(Flaw::Amount.into());
    }
    Ok(())
}

/// Refuses a code for everybody that leads elsewhere already: to another campaign that has not ended, or to one coupon.
fn refuse_taken(rx: &mut Rx, details: &CampaignDetails, own: Option<CampaignId>) -> Result<(), Error> {
    let Some(code) = &details.shared_code else { return Ok(()) };
    let other = of_shared_code(rx, code)?.filter(|other| Some(other.id) != own);
    let coupon = match code.as_str().parse::<CouponCode>() {
        Ok(code) => sql::coupon_by_code(rx, &code)?,
        Err(_) => None,
    };
    if other.is_some_and(|other| other.state != CampaignState::Ended) || coupon.is_some() {
        return Err(Error::CodeTaken { code: code.to_string() });
    }
    Ok(())
}

/// Changes what is issued from now on. Coupons in customers' hands keep what they promise.
pub fn change(tx: &mut Tx, id: CampaignId, details: &CampaignDetails) -> Result<(), Error> {
    let business = people::business::find(tx)?;
    check(details, business.currency, &business.edit.zone)?;
    let before = find(tx, id)?;
    if before.state == CampaignState::Ended {
        return Err(Error::NotFrom(before.state));
    }
    if before.details == *details {
        return Ok(());
    }
    refuse_taken(tx, details, Some(id))?;
    sql::write_campaign(tx, id, details)?;
    fit_pool(tx, id, before.details.limits.coupons, details.limits.coupons)?;
    if let Some(end) = details.ends_at {
        jobs::promise_end(tx, END_JOB, end)?;
    }
    let about = |details: &CampaignDetails| {
        json!({
            "name": details.name, "offer": details.offer, "scope": details.scope, "minimum": details.minimum,
            "stackable": details.stackable, "limits": details.limits, "startsAt": details.starts_at,
            "endsAt": details.ends_at, "expiry": details.expiry, "sharedCode": details.shared_code,
        })
    };
    record(tx, "campaign.changed", id, json!({ "before": about(&before.details), "after": about(details) }))
}

/// What is left to issue is counted by a pool; a campaign without a limit has none.
fn fit_pool(tx: &mut Tx, id: CampaignId, before: Option<i64>, after: Option<i64>) -> Result<(), Error> {
    let pool = pool(id);
    match after {
        Some(limit) if before.is_none() => {
            holds::create_pool(tx, &pool, Rule::Limited, base::Quantity::ZERO)?;
            holds::set_rule(tx, &pool, Rule::Limited)?;
            let there = holds::pool(tx, &pool)?.map_or(base::Quantity::ZERO, |pool| pool.capacity);
            holds::resize(tx, &pool, base::Quantity::units(limit).minus(there)?)?;
        }
        Some(limit) => {
            holds::resize(tx, &pool, base::Quantity::units(limit - before.unwrap_or_default()))?;
        }
        None if before.is_some() => holds::set_rule(tx, &pool, Rule::Unlimited)?,
        None => holds::create_pool(tx, &pool, Rule::Unlimited, base::Quantity::ZERO)?,
    }
    Ok(())
}

/// The coupons that a campaign may still issue.
pub(crate) fn pool(id: CampaignId) -> PoolId {
    PoolId::new(format!("campaign:{id}"))
}

/// Starts, pauses or ends a campaign.
pub fn act(tx: &mut Tx, id: CampaignId, act: Act) -> Result<(), Error> {
    let campaign = find(tx, id)?;
    let state = campaign.state.after(act).ok_or(Error::NotFrom(campaign.state))?;
    if act == Act::Start
        && let Some(end) = campaign.details.ends_at
    {
        jobs::promise_end(tx, END_JOB, end)?;
    }
    sql::set_campaign_state(tx, id, state)?;
    record(tx, act.event(), id, json!({ "before": campaign.state, "after": state }))
}

/// A new draft that says the same, and whose form does. Dates that are over are left out, and so is a code for everybody: it leads
/// to one campaign.
pub fn copy(tx: &mut Tx, id: CampaignId) -> Result<CampaignId, Error> {
    let details = find(tx, id)?.details;
    let now = tx.now();
    let over = details.ends_at.is_some_and(|end| end <= now);
    let dated = |at: Option<Timestamp>| at.filter(|_| !over);
    let (starts_at, ends_at) = (dated(details.starts_at), dated(details.ends_at));
    let details = CampaignDetails { starts_at, ends_at, shared_code: None, ..details };
    let made = add(tx, details)?;
    let promoted = promoted(tx, id)?;
    promote(tx, made, &promoted)?;
    form::copy(tx, id, made)?;
    Ok(made)
}

pub fn find(rx: &mut Rx, id: CampaignId) -> Result<Campaign, Error> {
    let currency = people::business::find(rx)?.currency;
    sql::campaign(rx, id, currency)?.ok_or(Error::UnknownCampaign)
}

/// The campaign with this code for everybody: one that has not ended, else the newest that has.
pub(crate) fn of_shared_code(rx: &mut Rx, code: &SharedCode) -> Result<Option<Campaign>, Error> {
    let currency = people::business::find(rx)?.currency;
    Ok(sql::campaign_by_shared_code(rx, code, currency)?)
}

/// The newest first, from behind the one named `before`.
pub fn list(
    rx: &mut Rx,
    state: Option<CampaignState>,
    before: Option<CampaignId>,
    limit: u32,
) -> Result<Vec<Campaign>, Error> {
    let currency = people::business::find(rx)?.currency;
    Ok(sql::campaigns(rx, state, before, limit, currency)?)
}

/// How many coupons may still be issued; none stands for no limit.
pub fn left(rx: &mut Rx, id: CampaignId) -> Result<Option<i64>, Error> {
    let pool = holds::pool(rx, &pool(id))?;
    Ok(pool.and_then(|pool| pool.available()).map(|left| left.in_thousandths() / 1000))
}

/// The products that a campaign promotes.
pub fn promoted(rx: &mut Rx, id: CampaignId) -> Result<Vec<Promoted>, Error> {
    let currency = people::business::find(rx)?.currency;
    Ok(sql::promoted(rx, id, currency)?)
}

/// From now on the campaign promotes these.
pub fn promote(tx: &mut Tx, id: CampaignId, promoted: &[Promoted]) -> Result<(), Error> {
    find(tx, id)?;
    for one in promoted {
        catalog::product(tx, one.product)?;
    }
    Ok(sql::replace_promoted(tx, id, promoted)?)
}

pub fn settings(rx: &mut Rx) -> Result<Settings, Error> {
    let minutes = sql::undo_minutes(rx)?;
    Ok(minutes.map_or_else(Settings::default, |undo_minutes| Settings { undo_minutes }))
}

pub fn set_settings(tx: &mut Tx, settings: Settings) -> Result<(), Error> {
    const WEEK: i64 = 7 * 24 * 60;
    if !(0..=WEEK).contains(&settings.undo_minutes) {
        return Err(Error::Minutes);
    }
    let before = self::settings(tx)?;
    sql::set_undo_minutes(tx, settings.undo_minutes)?;
    let payload = json!({ "before": before.undo_minutes, "after": settings.undo_minutes });
    Ok(events::record(
        tx,
        Event { kind: "coupon-settings.changed", subject: "undo-minutes".to_owned(), payload },
    )?)
}

/// The kind of job that ends what is over; [`sweep`] does it.
pub const END_JOB: &str = "coupons.end";

/// How many coupons one piece of work lets expire.
const AT_ONCE: u32 = 200;

/// Ends campaigns and coupons whose time is over, and says whether there are more.
pub fn sweep(tx: &mut Tx) -> Result<bool, Error> {
    for id in sql::campaigns_over(tx)? {
        act(tx, id, Act::End)?;
    }
    let over = sql::coupons_over(tx, AT_ONCE)?;
    let full = over.len() == AT_ONCE as usize;
    let mut happened = Vec::with_capacity(over.len());
    for coupon in over {
        sql::end_coupon(tx, coupon.id, CouponState::Expired, coupon.expires_at)?;
        happened.push(Event {
            kind: "coupon.expired",
            subject: coupon.id.to_string(),
            payload: json!({ "before": coupon.state, "after": CouponState::Expired, "campaign": coupon.campaign }),
        });
    }
    events::record_all(tx, happened)?;
    Ok(full)
}

fn record(tx: &mut Tx, kind: &'static str, id: CampaignId, payload: serde_json::Value) -> Result<(), Error> {
    Ok(events::record(tx, Event { kind, subject: id.to_string(), payload })?)
}
