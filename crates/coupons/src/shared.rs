//! A code that many people type is a door: who types it gets a coupon on the spot, for this one use. Where the use comes to
//! nothing the coupon ends ([`redeem::free`]), and what it took of the campaign's limits is free again.

use base::Quantity;
use customers::{Contact, CustomerId};
use db::{Rx, Tx};
use orders::{Channel, Order, promotion::Refusal};
use spine::holds;
use stock::LocationId;

use crate::{
    Error, campaigns, issue,
    model::{Campaign, CampaignId, CampaignState, Coupon, CouponCode, Expiry, Redemption, SharedCode, Via},
    redeem::{self, Use},
    sql,
};

/// The campaign whose code for everybody was typed. Nobody knows that of a draft.
pub(crate) fn found(rx: &mut Rx, typed: &str) -> Result<Option<(SharedCode, Campaign)>, Error> {
    let Ok(code) = typed.parse::<SharedCode>() else { return Ok(None) };
    let campaign = campaigns::of_shared_code(rx, &code)?;
    let campaign = campaign.filter(|campaign| campaign.state != CampaignState::Draft);
    Ok(campaign.and_then(|campaign| Some((campaign.details.shared_code.clone()?, campaign))))
}

/// The same, or a refusal.
pub(crate) fn find(rx: &mut Rx, typed: &str) -> Result<(SharedCode, Campaign), Error> {
    found(rx, typed)?.ok_or_else(|| Refusal::Unknown { code: typed.to_owned() }.into())
}

/// Refuses what cannot be used now, at this place, by this customer, if it is known who it is.
pub(crate) fn admit(
    rx: &mut Rx,
    code: &SharedCode,
    campaign: &Campaign,
    customer: Option<CustomerId>,
    (channel, location): (Channel, Option<LocationId>),
) -> Result<(), Error> {
    let (now, code, details) = (rx.now(), code.to_string(), &campaign.details);
    if campaign.state == CampaignState::Ended || details.ends_at.is_some_and(|end| end <= now) {
        return Err(Refusal::Expired { code, at: details.ends_at }.into());
    }
    if campaign.state == CampaignState::Paused {
        return Err(Refusal::Paused { code }.into());
    }
    if let Some(at) = details.starts_at.filter(|start| now < *start) {
        return Err(Refusal::NotYet { code, at }.into());
    }
    if let Expiry::On { day } = details.expiry {
        let at = day.end(&people::business::find(rx)?.edit.zone);
        if at.is_some_and(|end| end <= now) {
            return Err(Refusal::Expired { code, at }.into());
        }
    }
    redeem::here(campaign, code.clone(), channel, location)?;
    if !has_one(rx, campaign.id)? {
        return Err(Refusal::UsedUp { code }.into());
    }
    match customer {
        Some(customer) if issue::has_all(rx, campaign, customer)? => Err(Refusal::HadAlready { code }.into()),
        _ => Ok(()),
    }
}

/// Whether the campaign has a coupon left to issue.
fn has_one(rx: &mut Rx, campaign: CampaignId) -> Result<bool, Error> {
    let pool = holds::pool(rx, &campaigns::pool(campaign))?;
    Ok(pool.is_none_or(|pool| pool.can_give(Quantity::ONE).is_ok()))
}

/// Whether a coupon that was given back may be had again: one is left, and its customer has not had theirs meanwhile.
pub(crate) fn is_left(rx: &mut Rx, coupon: &Coupon) -> Result<bool, Error> {
    let campaign = campaigns::find(rx, coupon.campaign)?;
    let had = match coupon.customer {
        Some(customer) => issue::has_all(rx, &campaign, customer)?,
        None => false,
    };
    Ok(!had && has_one(rx, campaign.id)?)
}

/// Issues a coupon to the customer of an order that was placed with `code`. A try-out is no figure.
pub(crate) fn issue_for(
    tx: &mut Tx,
    order: &Order,
    campaign: CampaignId,
    code: &str,
) -> Result<Coupon, Error> {
    let campaign = campaigns::find(tx, campaign)?;
    let customer = orders::customer_of(tx, order.id)?;
    let coupon = write(tx, &campaign, customer, code)?;
    if !order.test {
        issue::counted(tx, &coupon)?;
    }
    Ok(coupon)
}

fn write(
    tx: &mut Tx,
    campaign: &Campaign,
    customer: Option<CustomerId>,
    code: &str,
) -> Result<Coupon, Error> {
    if campaign.details.limits.per_customer.is_some() {
        // a name alone makes somebody new each time
        let reached = match customer {
            Some(customer) => !customers::find(tx, customer)?.contact.ways().is_empty(),
            None => false,
        };
        let customer = customer.filter(|_| reached);
        let customer = customer.ok_or_else(|| Refusal::ContactNeeded { code: code.to_owned() })?;
        if issue::has_all(tx, campaign, customer)? {
            return Err(Refusal::HadAlready { code: code.to_owned() }.into());
        }
    }
    issue::write(tx, campaign, customer, Via::Code).map_err(|error| match error {
        Error::Refused(Refusal::LimitReached) => Refusal::UsedUp { code: code.to_owned() }.into(),
        error => error,
    })
}

/// Redeems at a counter what was typed: a coupon by its code, or one that is issued to `contact` on the spot by a code that many
/// know.
pub fn redeem_typed(
    tx: &mut Tx,
    typed: &str,
    contact: Option<&Contact>,
    used: &Use,
) -> Result<(Redemption, Coupon), Error> {
    if let Ok(code) = typed.parse::<CouponCode>()
        && sql::coupon_by_code(tx, &code)?.is_some()
    {
        return Ok((redeem::redeem(tx, &code, used)?, issue::coupon(tx, &code)?));
    }
    let (code, campaign) = find(tx, typed)?;
    let location = redeem::place(tx, used.location)?;
    let customer = match contact {
        Some(contact) => customers::recognise(tx, contact, None)?,
        None => None,
    };
    admit(tx, &code, &campaign, customer, (Channel::Till, location))?;
    redeem::enough(&campaign, code.as_str(), used.amount)?;
    let coupon = write(tx, &campaign, customer, code.as_str())?;
    issue::counted(tx, &coupon)?;
    let redemption = redeem::done(tx, &coupon, &Use { location, ..*used })?;
    Ok((redemption, sql::coupon(tx, coupon.id)?.ok_or(Error::UnknownCoupon)?))
}
