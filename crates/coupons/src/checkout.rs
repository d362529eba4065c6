//! Coupons inside an order: priced in the one pipeline, kept while the order waits, used when it is firm, free again when it
//! ends.

use base::{Line, Money, Quantity};
use db::{Rx, Tx};
use orders::{
    Order, OrderId,
    promotion::{Asked, Promotions, Reduction, Refusal, Used},
};
use serde_json::json;
use spine::holds;

use crate::{
    Error, campaigns, issue,
    model::{
        Campaign, CampaignId, CouponCode, CouponState, Offer, Redemption, RedemptionState, Scope, Via, rules,
    },
    redeem, shared, sql,
};

/// What this room lends to orders.
pub struct Coupons;

impl Promotions for Coupons {
    fn is_coupon(&self, rx: &mut Rx, code: &CouponCode) -> Result<bool, orders::Error> {
        Ok(sql::coupon_by_code(rx, code)?.is_some())
    }

    fn reduce(&self, rx: &mut Rx, asked: &Asked) -> Result<Reduction, orders::Error> {
        Ok(reduce(rx, asked)?)
    }

    fn keep(
        &self,
        tx: &mut Tx,
        order: &Order,
        reduction: &Reduction,
        amount: Money,
    ) -> Result<(), orders::Error> {
        Ok(keep(tx, order, reduction, amount)?)
    }

    fn take(&self, tx: &mut Tx, order: &Order) -> Result<bool, orders::Error> {
        Ok(take(tx, order)?)
    }

    fn give_back(&self, tx: &mut Tx, order: &Order) -> Result<(), orders::Error> {
        Ok(give_back(tx, order)?)
    }

    fn used(&self, rx: &mut Rx, order: OrderId) -> Result<Vec<Used>, orders::Error> {
        Ok(used_by(rx, order)?)
    }
}

fn reduce(rx: &mut Rx, asked: &Asked) -> Result<Reduction, Error> {
    let typed = asked.code.as_str();
    let coupon = match typed.parse::<CouponCode>() {
        Ok(code) => sql::coupon_by_code(rx, &code)?,
        Err(_) => None,
    };
    let Some(coupon) = coupon else {
        let (code, campaign) = shared::find(rx, typed)?;
        let customer = customers::recognised(rx, asked.customer, asked.known)?;
        shared::admit(rx, &code, &campaign, customer, (asked.channel, asked.location))?;
        let offer = campaign.details.offer.clone();
        return reduction(rx, asked, &campaign, &offer, code.to_string(), campaign.id.to_string());
    };
    let campaign = campaigns::find(rx, coupon.campaign)?;
    redeem::usable(rx, &coupon, &campaign, asked.channel, asked.location)?;
    let code = coupon.code.to_string();
    if holds::pool(rx, &coupon.pool())?.is_some_and(|pool| pool.can_give(Quantity::ONE).is_err()) {
        return Err(Refusal::InUse { code }.into());
    }
    reduction(rx, asked, &campaign, &coupon.offer, code, coupon.id.to_string())
}

/// What `offer` does for the wish, as it was promised by `code`; `source` names the coupon, or the campaign of a code that many
/// know.
fn reduction(
    rx: &mut Rx,
    asked: &Asked,
    campaign: &Campaign,
    offer: &Offer,
    code: String,
    source: String,
) -> Result<Reduction, Error> {
    let covered = covered(rx, &campaign.details.scope, asked)?;
    let (discount, lowers) =
        rules::taken_off(offer, &code, campaign.details.minimum, asked.currency, asked.lines, &covered)?;
    // a name of 120 letters and a code fit into the label
    let label = match offer {
        Offer::Text { value } => format!("{}: {value}", campaign.details.name),
        _ => campaign.details.name.to_string(),
    };
    let short: String = label.chars().take(150).collect();
    let label: Line<200> = format!("{short} ({code})").parse().map_err(orders::Error::from)?;
    let (programme, stackable) = (campaign.id.to_string(), campaign.details.stackable);
    Ok(Reduction { code, source, programme, label, discount, lowers, stackable })
}

/// The lines that the coupon may lower, by their place.
fn covered(rx: &mut Rx, scope: &Scope, asked: &Asked) -> Result<Vec<usize>, Error> {
    if !scope.names_goods() {
        return Ok((0..asked.lines.len()).collect());
    }
    let mut places = Vec::new();
    for (place, line) in asked.lines.iter().enumerate() {
        let Some(product) = line.product else { continue };
        let named = scope.products.contains(&product);
        if named || in_categories(rx, scope, product)? {
            places.push(place);
        }
    }
    Ok(places)
}

fn in_categories(rx: &mut Rx, scope: &Scope, product: catalog::ProductId) -> Result<bool, Error> {
    if scope.categories.is_empty() {
        return Ok(false);
    }
    let of_product = catalog::categories_of(rx, product)?;
    Ok(scope.categories.iter().any(|category| of_product.contains(category)))
}

fn keep(tx: &mut Tx, order: &Order, reduction: &Reduction, amount: Money) -> Result<(), Error> {
    let coupon = match reduction.source.parse::<CampaignId>() {
        Ok(campaign) => shared::issue_for(tx, order, campaign, &reduction.code)?,
        Err(_) => {
            let unknown = |_| Refusal::Unknown { code: reduction.code.clone() };
            issue::coupon(tx, &reduction.code.parse().map_err(unknown)?)?
        }
    };
    let (id, now) = (tx.new_id::<crate::model::RedemptionKind>(), tx.now());
    let cause = id.to_string();
    let (hold, state) = if order.is_firm() {
        (redeem::take(tx, &coupon, &cause)?, RedemptionState::Done)
    } else {
        (redeem::keep(tx, &coupon, &cause)?, RedemptionState::Kept)
    };
    let redemption = Redemption {
        id,
        coupon: coupon.id,
        campaign: coupon.campaign,
        hold,
        state,
        order: Some(order.id),
        location: order.location,
        actor: tx.actor().as_str().to_owned(),
        at: now,
        amount: Some(order.total.plus(amount)?),
        discount: Some(amount),
        undone_at: None,
        undone_by: None,
        reason: None,
    };
    sql::add_redemption(tx, &redemption)?;
    if state == RedemptionState::Done { used(tx, &redemption, order.test) } else { Ok(()) }
}

/// The coupon of a redemption that is done is redeemed.
fn used(tx: &mut Tx, redemption: &Redemption, test: bool) -> Result<(), Error> {
    let coupon = sql::coupon(tx, redemption.coupon)?.ok_or(Error::UnknownCoupon)?;
    sql::end_coupon(tx, coupon.id, CouponState::Redeemed, Some(redemption.at))?;
    if !test {
        redeem::count(tx, &coupon, redemption, false)?;
    }
    let payload = json!({
        "before": coupon.state, "after": CouponState::Redeemed, "redemption": redemption.id,
        "order": redemption.order, "discount": redemption.discount,
    });
    issue::record(tx, "coupon.redeemed", &coupon, payload)
}

fn of_order(rx: &mut Rx, order: OrderId) -> Result<Vec<Redemption>, Error> {
    let currency = people::business::find(rx)?.currency;
    Ok(sql::redemptions_in(rx, order, currency)?)
}

fn take(tx: &mut Tx, order: &Order) -> Result<bool, Error> {
    let redemptions = of_order(tx, order.id)?;
    // all or none: a code that was let go, and that somebody else has used or staff have cancelled by now, lets the order go
    for redemption in redemptions.iter().filter(|one| one.state == RedemptionState::Undone) {
        let coupon = sql::coupon(tx, redemption.coupon)?.ok_or(Error::UnknownCoupon)?;
        let free = holds::pool(tx, &coupon.pool())?.is_some_and(|pool| pool.can_give(Quantity::ONE).is_ok());
        let stands = match coupon.via {
            Via::Code => shared::is_left(tx, &coupon)?,
            _ => coupon.state != CouponState::Cancelled,
        };
        if !free || !stands {
            return Ok(false);
        }
    }
    for redemption in redemptions.into_iter().filter(|one| one.state != RedemptionState::Done) {
        // what was given back with a code that many know is had again
        if redemption.state == RedemptionState::Undone {
            issue::take_again(tx, redemption.coupon)?;
        }
        holds::take_again(tx, redemption.hold)?;
        let at = tx.now();
        let done = Redemption {
            state: RedemptionState::Done,
            at,
            undone_at: None,
            undone_by: None,
            reason: None,
            ..redemption
        };
        sql::save_redemption(tx, &done)?;
        used(tx, &done, order.test)?;
    }
    Ok(true)
}

fn give_back(tx: &mut Tx, order: &Order) -> Result<(), Error> {
    let (actor, now) = (tx.actor().as_str().to_owned(), tx.now());
    for redemption in of_order(tx, order.id)? {
        if redemption.state == RedemptionState::Undone {
            continue;
        }
        let coupon = sql::coupon(tx, redemption.coupon)?.ok_or(Error::UnknownCoupon)?;
        let redemption = Redemption { undone_at: Some(now), undone_by: Some(actor.clone()), ..redemption };
        if redemption.state == RedemptionState::Done && !order.test {
            redeem::count(tx, &coupon, &redemption, true)?;
        }
        redeem::free(tx, &coupon, redemption, "coupon.freed")?;
    }
    Ok(())
}

fn used_by(rx: &mut Rx, order: OrderId) -> Result<Vec<Used>, Error> {
    let mut used = Vec::new();
    for redemption in of_order(rx, order)? {
        let coupon = sql::coupon(rx, redemption.coupon)?.ok_or(Error::UnknownCoupon)?;
        used.push(Used { code: coupon.code.grouped(), page: format!("/coupons/{}", coupon.code) });
    }
    Ok(used)
}

impl From<Error> for orders::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Orders(error) => error,
            Error::Db(error) => error.into(),
            Error::Holds(error) => error.into(),
            Error::People(error) => error.into(),
            Error::Catalog(error) => error.into(),
            Error::Customers(error) => error.into(),
            Error::Money(error) => error.into(),
            other => Self::Promotions(other.to_string()),
        }
    }
}
