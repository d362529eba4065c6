//! Issuing: a code for a customer, within the limits of its campaign.

use base::{Line, Quantity};
use customers::{Contact, CustomerId};
use db::{Rx, Tx};
use orders::promotion::Refusal;
use serde_json::json;
use spine::{
    events::{self, Event},
    holds, jobs,
};

use crate::{
    Error, campaigns,
    figures::{self, Measure, Spot},
    holders, mail,
    model::{Campaign, CampaignId, CampaignState, Coupon, CouponCode, CouponId, CouponState, Via},
    redeem, sql,
};

/// Attempts to draw a code that is free: with 24^11 of them the first is.
const DRAWS: u32 = 8;

/// A coupon that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    pub coupon: Coupon,
    pub campaign: Line<120>,
}

/// Issues a coupon of a live campaign to whom `contact` names, and promises the mail that brings it where there is an address.
pub fn issue(tx: &mut Tx, id: CampaignId, contact: &Contact, via: Via) -> Result<Issued, Error> {
    let campaign = campaigns::find(tx, id)?;
    let now = tx.now();
    if !campaign.issues(now) {
        return Err(Error::NotIssuing);
    }
    let customer = customers::recognise(tx, contact, None)?.ok_or(Error::Nobody)?;
    if has_all(tx, &campaign, customer)? {
        return Err(Refusal::LimitReached.into());
    }
    let coupon = write(tx, &campaign, Some(customer), via)?;
    counted(tx, &coupon)?;
    mail::promise(tx, &coupon, contact)?;
    Ok(Issued { coupon, campaign: campaign.details.name })
}

/// Whether the customer has as many coupons of the campaign as there are for one.
pub(crate) fn has_all(rx: &mut Rx, campaign: &Campaign, customer: CustomerId) -> Result<bool, Error> {
    let Some(limit) = campaign.details.limits.per_customer else { return Ok(false) };
    Ok(sql::count_of_customer(rx, campaign.id, customer)? >= limit)
}

/// Writes a coupon down, if the campaign has one left.
pub(crate) fn write(
    tx: &mut Tx,
    campaign: &Campaign,
    customer: Option<CustomerId>,
    via: Via,
) -> Result<Coupon, Error> {
    let (id, now, details) = (campaign.id, tx.now(), &campaign.details);
    let coupon_id = tx.new_id::<crate::model::CouponKind>();
    if details.limits.coupons.is_some() {
        holds::take_now(tx, &campaigns::pool(id), Quantity::ONE, &coupon_id.to_string()).map_err(spent)?;
    }
    let zone = people::business::find(tx)?.edit.zone;
    let mut coupon = Coupon {
        id: coupon_id,
        code: draw(tx)?,
        campaign: id,
        customer,
        state: CouponState::Issued,
        via,
        offer: details.offer.clone(),
        issued_at: now,
        expires_at: details.expiry.end(now, &zone),
        sent_at: None,
        opened_at: None,
        ended_at: None,
    };
    let mut left = DRAWS;
    while !sql::add_coupon(tx, &coupon)? {
        left = left.checked_sub(1).ok_or(Refusal::LimitReached)?;
        coupon.code = draw(tx)?;
    }
    if let Some(end) = coupon.expires_at {
        jobs::promise_end(tx, campaigns::END_JOB, end)?;
    }
    holders::mark_campaign(tx, &coupon)?;
    record(tx, "coupon.issued", &coupon, json!({ "after": coupon.state, "via": via, "customer": customer }))?;
    Ok(coupon)
}

/// One more is issued.
pub(crate) fn counted(tx: &mut Tx, coupon: &Coupon) -> Result<(), Error> {
    let once = Measure { issued: 1, ..Measure::default() };
    figures::count(tx, coupon.campaign, coupon.issued_at, Spot::default(), &once)
}

/// Writes a coupon of another system down as it stands there; false if its code is another's here.
pub(crate) fn bring(
    tx: &mut Tx,
    coupon: &Coupon,
    redeemed_at: Option<base::Timestamp>,
) -> Result<bool, Error> {
    let shared = match coupon.code.as_str().parse() {
        Ok(code) => campaigns::of_shared_code(tx, &code)?,
        Err(_) => None,
    };
    let taken = shared.is_some_and(|campaign| campaign.state != CampaignState::Ended);
    if taken || !sql::add_coupon(tx, coupon)? {
        return Ok(false);
    }
    holders::mark_campaign(tx, coupon)?;
    counted(tx, coupon)?;
    if let Some(at) = redeemed_at {
        redeem::bring(tx, coupon, at)?;
    }
    if let (CouponState::Issued, Some(end)) = (coupon.state, coupon.expires_at) {
        jobs::promise_end(tx, campaigns::END_JOB, end)?;
    }
    record(tx, "coupon.imported", coupon, json!({ "after": coupon.state, "customer": coupon.customer }))?;
    Ok(true)
}

/// A code; chance that is unfair is thrown away and drawn anew.
fn draw(tx: &mut Tx) -> Result<CouponCode, Error> {
    loop {
        if let Some(code) = CouponCode::of(&tx.random()) {
            return Ok(code);
        }
    }
}

/// Nothing is left in the campaign's pool.
fn spent(error: holds::Error) -> Error {
    match error {
        holds::Error::Short { .. } => Refusal::LimitReached.into(),
        error => error.into(),
    }
}

/// The coupon with this code.
pub fn coupon(rx: &mut Rx, code: &CouponCode) -> Result<Coupon, Error> {
    let unknown = || Refusal::Unknown { code: code.to_string() };
    Ok(sql::coupon_by_code(rx, code)?.ok_or_else(unknown)?)
}

/// Takes a coupon back that was not used; another may be issued in its place.
pub fn cancel(tx: &mut Tx, id: CouponId, reason: &str) -> Result<(), Error> {
    let coupon = sql::coupon(tx, id)?.ok_or(Error::UnknownCoupon)?;
    let code = coupon.code.to_string();
    match coupon.standing(tx.now()) {
        CouponState::Issued => (),
        CouponState::Redeemed => return Err(Refusal::AlreadyRedeemed { code, at: coupon.ended_at }.into()),
        CouponState::Expired => return Err(Refusal::Expired { code, at: coupon.expires_at }.into()),
        CouponState::Cancelled => return Ok(()),
    }
    let pool = holds::pool(tx, &coupon.pool())?;
    if pool.is_some_and(|pool| pool.held.is_positive()) {
        return Err(Refusal::InUse { code }.into());
    }
    withdraw(tx, &coupon, Some(reason))
}

/// Ends a coupon that nobody uses; another may be issued in its place.
pub(crate) fn withdraw(tx: &mut Tx, coupon: &Coupon, reason: Option<&str>) -> Result<(), Error> {
    holds::give_back_all(tx, &coupon.id.to_string())?;
    let now = tx.now();
    sql::end_coupon(tx, coupon.id, CouponState::Cancelled, Some(now))?;
    let payload = json!({ "before": coupon.state, "after": CouponState::Cancelled, "reason": reason });
    record(tx, "coupon.cancelled", coupon, payload)
}

/// Takes what the campaign had to give for the coupon once more, where it was given back.
pub(crate) fn take_again(tx: &mut Tx, coupon: CouponId) -> Result<(), Error> {
    for hold in holds::of_cause(tx, &coupon.to_string())? {
        holds::take_again(tx, hold.id).map_err(spent)?;
    }
    Ok(())
}

/// History names a coupon by its id: who reads it need not hold the code.
pub(crate) fn record(
    tx: &mut Tx,
    kind: &'static str,
    coupon: &Coupon,
    mut payload: serde_json::Value,
) -> Result<(), Error> {
    if let Some(fields) = payload.as_object_mut() {
        fields.insert("campaign".to_owned(), json!(coupon.campaign));
    }
    Ok(events::record(tx, Event { kind, subject: coupon.id.to_string(), payload })?)
}
