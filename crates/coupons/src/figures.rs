//! What campaigns did, counted as it happens: a day's row for each campaign, place and person, so that a million coupons are
//! summed from a few rows.

use base::{Day, Timestamp};
use db::{Rx, Tx};
use stock::LocationId;

use crate::{Error, model::CampaignId, sql};

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
    /// What was sold with the others, what they took off, and what of it stays.
    pub sales: i64,
    pub discounts: i64,
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
            sales: -self.sales,
            discounts: -self.discounts,
            margin: -self.margin,
            waited_s: -self.waited_s,
        }
    }
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

/// What happened in the days from `from` to `to`, both included: of one campaign, or of all.
pub fn total(rx: &mut Rx, campaign: Option<CampaignId>, from: Day, to: Day) -> Result<Measure, Error> {
    Ok(sql::total(rx, campaign, from, to)?)
}
