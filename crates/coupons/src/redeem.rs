//! Redemption at a counter: once, by somebody who may, at a place; and its undoing.

use base::{Line, Money, Quantity};
use db::{Reach, Rx, Tx};
use orders::{Channel, promotion::Refusal};
use serde_json::json;
use spine::holds::{self, HoldId, Rule};
use stock::LocationId;

use crate::{
    Error, campaigns,
    figures::{self, Measure, Spot},
    issue,
    model::{
        Campaign, CampaignState, Coupon, CouponCode, CouponState, Offer, Redemption, RedemptionId,
        RedemptionState, Via,
    },
    sql,
};

/// How the business redeems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// For how many minutes staff may undo; 0: never.
    pub undo_minutes: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { undo_minutes: 15 }
    }
}

/// Where a coupon is used, and for how much, if somebody says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Use {
    pub location: Option<LocationId>,
    /// What was sold with it, before the discount.
    pub amount: Option<Money>,
}

/// Uses a coupon up. Two who ask at the same time get one redemption and one refusal.
pub fn redeem(tx: &mut Tx, code: &CouponCode, used: &Use) -> Result<Redemption, Error> {
    let coupon = issue::coupon(tx, code)?;
    let campaign = campaigns::find(tx, coupon.campaign)?;
    let location = place(tx, used.location)?;
    usable(tx, &coupon, &campaign, Channel::Till, location)?;
    enough(&campaign, code.as_str(), used.amount)?;
    done(tx, &coupon, &Use { location, ..*used })
}

/// Refuses a sale that is smaller than the campaign says.
pub(crate) fn enough(campaign: &Campaign, code: &str, sold: Option<Money>) -> Result<(), Error> {
    match (campaign.details.minimum, sold) {
        (Some(minimum), Some(amount)) if amount.is_below(minimum)? => {
            Err(Refusal::BelowMinimum { code: code.to_owned(), minimum }.into())
        }
        _ => Ok(()),
    }
}

/// The coupon is used at a counter.
pub(crate) fn done(tx: &mut Tx, coupon: &Coupon, used: &Use) -> Result<Redemption, Error> {
    let Use { location, amount } = *used;
    let id = tx.new_id::<crate::model::RedemptionKind>();
    let hold = take(tx, coupon, &id.to_string())?;
    let (actor, now) = (tx.actor().as_str().to_owned(), tx.now());
    let discount = amount.map(|amount| discount(&coupon.offer, amount)).transpose()?.flatten();
    let redemption = Redemption {
        id,
        coupon: coupon.id,
        campaign: coupon.campaign,
        hold,
        state: RedemptionState::Done,
        order: None,
        location,
        actor,
        at: now,
        amount,
        discount,
        undone_at: None,
        undone_by: None,
        reason: None,
    };
    sql::add_redemption(tx, &redemption)?;
    sql::end_coupon(tx, coupon.id, CouponState::Redeemed, Some(now))?;
    count(tx, coupon, &redemption, false)?;
    let payload = json!({
        "before": coupon.state, "after": CouponState::Redeemed, "redemption": id, "location": location,
        "amount": amount, "discount": discount,
    });
    issue::record(tx, "coupon.redeemed", coupon, payload)?;
    Ok(redemption)
}

/// The use of a coupon in another system, which did not say by whom, where and for how much.
pub(crate) fn bring(tx: &mut Tx, coupon: &Coupon, at: base::Timestamp) -> Result<(), Error> {
    let id = tx.new_id::<crate::model::RedemptionKind>();
    let redemption = Redemption {
        id,
        coupon: coupon.id,
        campaign: coupon.campaign,
        hold: take(tx, coupon, &id.to_string())?,
        state: RedemptionState::Done,
        order: None,
        location: None,
        actor: "system".to_owned(),
        at,
        amount: None,
        discount: None,
        undone_at: None,
        undone_by: None,
        reason: None,
    };
    sql::add_redemption(tx, &redemption)?;
    count(tx, coupon, &redemption, false)
}

/// Where it happens: who works at one location alone need not say which.
pub(crate) fn place(rx: &Rx, wanted: Option<LocationId>) -> Result<Option<LocationId>, Error> {
    match (wanted, rx.reach()) {
        (Some(location), reach) if reach.covers(location) => Ok(Some(location)),
        (Some(_), _) => Err(orders::Error::NotHere.into()),
        (None, Reach::Everywhere) => Ok(None),
        (None, Reach::At(places)) => Ok(places.iter().find_map(|place| place.parse().ok())),
    }
}

/// Refuses what cannot be used now, at this place.
pub(crate) fn usable(
    rx: &Rx,
    coupon: &Coupon,
    campaign: &Campaign,
    channel: Channel,
    location: Option<LocationId>,
) -> Result<(), Refusal> {
    let code = coupon.code.to_string();
    match coupon.standing(rx.now()) {
        CouponState::Issued => (),
        CouponState::Redeemed => return Err(Refusal::AlreadyRedeemed { code, at: coupon.ended_at }),
        CouponState::Expired => return Err(Refusal::Expired { code, at: coupon.expires_at }),
        CouponState::Cancelled => return Err(Refusal::Cancelled { code }),
    }
    if matches!(campaign.state, CampaignState::Paused | CampaignState::Draft) {
        return Err(Refusal::Paused { code });
    }
    here(campaign, code, channel, location)
}

/// Refuses what is not taken at this place.
pub(crate) fn here(
    campaign: &Campaign,
    code: String,
    channel: Channel,
    location: Option<LocationId>,
) -> Result<(), Refusal> {
    let scope = &campaign.details.scope;
    if scope.takes_channel(channel) && scope.takes_location(location) {
        Ok(())
    } else {
        Err(Refusal::NotHere { code })
    }
}

/// Takes the one use of a coupon, for good.
pub(crate) fn take(tx: &mut Tx, coupon: &Coupon, cause: &str) -> Result<HoldId, Error> {
    let pool = coupon.pool();
    holds::create_pool(tx, &pool, Rule::Limited, Quantity::ONE)?;
    holds::take_now(tx, &pool, Quantity::ONE, cause).map_err(|error| short(coupon, error))
}

/// Keeps the one use of a coupon until it is taken or released.
pub(crate) fn keep(tx: &mut Tx, coupon: &Coupon, cause: &str) -> Result<HoldId, Error> {
    let pool = coupon.pool();
    holds::create_pool(tx, &pool, Rule::Limited, Quantity::ONE)?;
    holds::hold(tx, &pool, Quantity::ONE, None, cause).map_err(|error| short(coupon, error))
}

/// The one use is kept by an order: had it been taken, the coupon would be redeemed.
fn short(coupon: &Coupon, error: holds::Error) -> Error {
    match error {
        holds::Error::Short { .. } => Refusal::InUse { code: coupon.code.to_string() }.into(),
        error => error.into(),
    }
}

/// What the offer takes off a sale of `amount` at a counter; nothing, where the amount does not say it.
fn discount(offer: &Offer, amount: Money) -> Result<Option<Money>, Error> {
    const WHOLE: i128 = 1_000_000;
    match offer {
        Offer::Percent { value } => {
            let exact = i128::from(amount.minor()) * i128::from(value.in_parts_per_million());
            let minor = i64::try_from(base::rounded_division(exact, WHOLE)).unwrap_or(amount.minor());
            Ok(Some(Money::new(minor, amount.currency())?))
        }
        Offer::Fixed { value } => Ok(Some(value.lesser_of(amount)?)),
        Offer::Text { .. } | Offer::FreeDelivery | Offer::BuyXGetY { .. } => Ok(None),
    }
}

/// Counts a redemption, or takes it out of the count again.
pub(crate) fn count(
    tx: &mut Tx,
    coupon: &Coupon,
    redemption: &Redemption,
    undone: bool,
) -> Result<(), Error> {
    let minor = |amount: Option<Money>| amount.map_or(0, Money::minor);
    let told = redemption.order.is_some() || redemption.amount.is_some();
    let goods = match redemption.order {
        Some(_) if undone => figures::kept_goods(tx, redemption.id)?,
        Some(order) => figures::goods_of(tx, order)?,
        None => Vec::new(),
    };
    let margin = figures::margin_of(&goods);
    let measure = Measure {
        redeemed: 1,
        estimated: i64::from(!told),
        measured: i64::from(margin.is_some()),
        sales: minor(redemption.amount),
        discounts: minor(redemption.discount),
        margin: margin.unwrap_or_default(),
        waited_s: redemption.at.seconds_since(coupon.issued_at).max(0),
        ..Measure::default()
    };
    let measure = if undone { measure.undone() } else { measure };
    let spot = Spot { location: redemption.location, actor: Some(&redemption.actor) };
    let of = (redemption.id, redemption.campaign);
    figures::count_goods(tx, of, redemption.at, redemption.location, &goods, undone)?;
    figures::count(tx, redemption.campaign, redemption.at, spot, &measure)
}

/// Undoes a redemption at a counter, within the minutes that the business allows.
pub fn undo(tx: &mut Tx, id: RedemptionId, reason: Option<&Line<200>>) -> Result<(), Error> {
    let reason = reason.ok_or(Error::NoReason)?;
    let currency = people::business::find(tx)?.currency;
    let before = sql::redemption(tx, id, currency)?.ok_or(Error::UnknownRedemption)?;
    let reach = tx.reach();
    if *reach != Reach::Everywhere && !before.location.is_some_and(|place| reach.covers(place)) {
        return Err(Error::UnknownRedemption);
    }
    if before.order.is_some() {
        return Err(Error::InOrder);
    }
    if before.state == RedemptionState::Undone {
        return Err(Error::UndoneAlready);
    }
    let minutes = campaigns::settings(tx)?.undo_minutes;
    let now = tx.now();
    if now.seconds_since(before.at) > minutes * 60 {
        return Err(Error::TooLate { minutes });
    }
    let coupon = sql::coupon(tx, before.coupon)?.ok_or(Error::UnknownCoupon)?;
    let undone = Redemption {
        undone_at: Some(now),
        undone_by: Some(tx.actor().as_str().to_owned()),
        reason: Some(reason.to_string()),
        ..before
    };
    count(tx, &coupon, &undone, true)?;
    free(tx, &coupon, undone, "coupon.undone")
}

/// Makes the use of a coupon free again, whatever stands of it. One that was issued with this use, by a code that many know,
/// ends with it: nobody else knows its own code, and the campaign has it to issue again.
pub(crate) fn free(
    tx: &mut Tx,
    coupon: &Coupon,
    redemption: Redemption,
    event: &'static str,
) -> Result<(), Error> {
    if redemption.state == RedemptionState::Done {
        holds::give_back(tx, redemption.hold)?;
    } else {
        holds::release(tx, redemption.hold)?;
    }
    let redemption = Redemption { state: RedemptionState::Undone, ..redemption };
    sql::save_redemption(tx, &redemption)?;
    let now = tx.now();
    let free = Coupon { state: CouponState::Issued, ended_at: None, ..coupon.clone() };
    let standing = match coupon.state {
        CouponState::Cancelled => CouponState::Cancelled,
        _ => free.standing(now),
    };
    let ended_at = if standing == CouponState::Issued { None } else { coupon.expires_at.or(coupon.ended_at) };
    sql::end_coupon(tx, coupon.id, standing, ended_at)?;
    let payload = json!({
        "before": coupon.state, "after": standing, "redemption": redemption.id, "reason": redemption.reason,
        "order": redemption.order,
    });
    issue::record(tx, event, coupon, payload)?;
    match coupon.via {
        Via::Code => issue::withdraw(tx, &Coupon { state: standing, ..coupon.clone() }, None),
        _ => Ok(()),
    }
}

/// The last redemptions where the one who asks may work, the newest first, each with its coupon.
pub fn last(rx: &mut Rx, limit: u32) -> Result<Vec<(Redemption, Coupon)>, Error> {
    let currency = people::business::find(rx)?.currency;
    let places = rx.reach().places();
    let mut found = Vec::new();
    for redemption in sql::last_redemptions(rx, places, limit, currency)? {
        let coupon = sql::coupon(rx, redemption.coupon)?.ok_or(Error::UnknownCoupon)?;
        found.push((redemption, coupon));
    }
    Ok(found)
}

/// The last use of a coupon.
pub fn last_of(rx: &mut Rx, coupon: &Coupon) -> Result<Option<Redemption>, Error> {
    let currency = people::business::find(rx)?.currency;
    Ok(sql::redemptions_of(rx, coupon.id, currency)?.into_iter().next())
}

/// How many customers of one name are looked at.
const NAMESAKES: u32 = 20;

/// Coupons that `typed` may mean: the beginning of a code, or of a customer's name, phone number or e-mail; those that can be
/// used come first.
pub fn sought(rx: &mut Rx, typed: &str, limit: u32) -> Result<Vec<Coupon>, Error> {
    let mut found = Vec::new();
    if let Ok(code) = typed.parse::<CouponCode>() {
        found.extend(sql::coupons_beginning(rx, code.as_str(), limit)?);
    }
    let filter = customers::Filter { search: typed.to_owned(), ..customers::Filter::default() };
    let named = if typed.trim().chars().count() < 2 {
        Vec::new()
    } else {
        customers::list(rx, &filter, None, NAMESAKES)?
    };
    for listed in named {
        for coupon in sql::coupons_of(rx, listed.customer.id, None, limit)? {
            if found.iter().all(|known: &Coupon| known.id != coupon.id) {
                found.push(coupon);
            }
        }
    }
    let now = rx.now();
    found.sort_by_key(|coupon| (coupon.standing(now) != CouponState::Issued, std::cmp::Reverse(coupon.id)));
    found.truncate(limit as usize);
    Ok(found)
}
