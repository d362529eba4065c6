//! What campaigns did, counted as it happens: a day's row for each campaign, place and person, so that a million coupons are
//! summed from a few rows.

pub mod report;

use base::{Day, Quantity, Timestamp};
use catalog::ProductId;
use db::{Rx, Tx};
use orders::{OrderId, pricing::Kind};
use stock::LocationId;

use crate::{
    Error,
    model::{CampaignId, RedemptionId},
    sql,
};

/// What happened. Amounts are minor units of the currency of the business.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measure {
    /// The form was opened.
    pub seen: i64,
    /// The form was sent and accepted.
    pub submitted: i64,
    pub issued: i64,
    pub sent: i64,
    pub opened: i64,
    pub redeemed: i64,
    /// Redemptions of which nobody said what was sold: their sums are estimates.
    pub estimated: i64,
    /// Redemptions of orders whose goods all have a cost: the margin is theirs alone.
    pub measured: i64,
    /// What was sold with those that are not estimated, and what they took off.
    pub sales: i64,
    pub discounts: i64,
    /// What of the sales stays, without tax and after the discount.
    pub margin: i64,
    /// Between issue and redemption, added up.
    pub waited_s: i64,
}

impl Measure {
    /// The same, taken back.
    pub const fn undone(self) -> Self {
        Self {
            seen: -self.seen,
            submitted: -self.submitted,
            issued: -self.issued,
            sent: -self.sent,
            opened: -self.opened,
            redeemed: -self.redeemed,
            estimated: -self.estimated,
            measured: -self.measured,
            sales: -self.sales,
            discounts: -self.discounts,
            margin: -self.margin,
            waited_s: -self.waited_s,
        }
    }

    pub const fn plus(self, other: Self) -> Self {
        Self {
            seen: self.seen + other.seen,
            submitted: self.submitted + other.submitted,
            issued: self.issued + other.issued,
            sent: self.sent + other.sent,
            opened: self.opened + other.opened,
            redeemed: self.redeemed + other.redeemed,
            estimated: self.estimated + other.estimated,
            measured: self.measured + other.measured,
            sales: self.sales + other.sales,
            discounts: self.discounts + other.discounts,
            margin: self.margin + other.margin,
            waited_s: self.waited_s + other.waited_s,
        }
    }
}

/// What an order sold of a product, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Goods {
    pub product: ProductId,
    pub quantity: Quantity,
    /// Tax included, after discounts.
    pub sales: i64,
    /// Without tax, after discounts and less what the goods cost; nothing where they have no cost.
    pub margin: Option<i64>,
}

/// Where and by whom something was done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spot<'a> {
    pub location: Option<LocationId>,
    /// Who stood at the counter; nobody for what customers do themselves.
    pub actor: Option<&'a str>,
}

/// Adds `measure` to the day of `at`.
pub fn count(
    tx: &mut Tx,
    campaign: CampaignId,
    at: Timestamp,
    spot: Spot<'_>,
    measure: &Measure,
) -> Result<(), Error> {
    let day = at.day(&people::business::find(tx)?.edit.zone);
    let location = spot.location.map(|location| location.to_string()).unwrap_or_default();
    Ok(sql::count(tx, campaign, day, &location, spot.actor.unwrap_or_default(), measure)?)
}

/// What `order` sells, product by product: for a margin that is none of an estimate.
pub(crate) fn goods_of(rx: &mut Rx, order: OrderId) -> Result<Vec<Goods>, Error> {
    let lines = orders::lines(rx, order)?;
    let sold = || lines.iter().filter(|line| matches!(line.kind, Kind::Goods | Kind::Service));
    let wanted: Vec<_> = sold().filter_map(|line| line.variant).collect();
    let variants = catalog::variants_for_sale(rx, &wanted)?;
    let mut goods: Vec<Goods> = Vec::new();
    for line in sold() {
        let Some(variant) = variants.iter().find(|known| Some(known.variant) == line.variant) else {
            continue;
        };
        let cost = variant.cost.map(|cost| cost.times(line.quantity)).transpose()?;
        let margin = cost.map(|cost| line.net.minus(cost)).transpose()?.map(base::Money::minor);
        match goods.iter_mut().find(|known| known.product == variant.product) {
            Some(known) => {
                known.quantity = known.quantity.plus(line.quantity)?;
                known.sales += line.gross.minor();
                known.margin = known.margin.zip(margin).map(|(one, other)| one + other);
            }
            None => goods.push(Goods {
                product: variant.product,
                quantity: line.quantity,
                sales: line.gross.minor(),
                margin,
            }),
        }
    }
    Ok(goods)
}

/// The margin of all `goods`; nothing where one has no cost, or there are none.
pub(crate) fn margin_of(goods: &[Goods]) -> Option<i64> {
    let sum = goods.iter().try_fold(0_i64, |sum, one| Some(sum + one.margin?));
    sum.filter(|_| !goods.is_empty())
}

/// Adds what a redemption sold to the days of its products, or takes it out again.
pub(crate) fn count_goods(
    tx: &mut Tx,
    redemption: (RedemptionId, CampaignId),
    at: Timestamp,
    location: Option<LocationId>,
    goods: &[Goods],
    undone: bool,
) -> Result<(), Error> {
    let (redemption, campaign) = redemption;
    let day = at.day(&people::business::find(tx)?.edit.zone);
    let location = location.map(|location| location.to_string()).unwrap_or_default();
    for one in goods {
        sql::count_goods(tx, campaign, day, &location, one, if undone { -1 } else { 1 })?;
    }
    if undone {
        return Ok(sql::forget_goods(tx, redemption)?);
    }
    Ok(sql::keep_goods(tx, redemption, goods)?)
}

/// What was counted for a redemption.
pub(crate) fn kept_goods(rx: &mut Rx, redemption: RedemptionId) -> Result<Vec<Goods>, Error> {
    Ok(sql::kept_goods(rx, redemption)?)
}

/// What happened in the days from `from` to `to`, both included: of one campaign, or of all.
pub fn total(rx: &mut Rx, campaign: Option<CampaignId>, from: Day, to: Day) -> Result<Measure, Error> {
    Ok(sql::total(rx, campaign, from, to)?)
}
