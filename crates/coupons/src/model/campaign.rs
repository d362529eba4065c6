//! What a campaign is: what its coupons take off, on what and for how long, and its way from a draft to its end.

use std::fmt;

use base::{Day, Line, Money, Prose, Slug, Timestamp, Zone, tax::Rate};
use catalog::{CategoryId, ProductId};
use orders::Channel;
use serde::{Deserialize, Serialize};
use stock::LocationId;

use super::SharedCode;

base::id!(
    /// Names a campaign: `cmp_01h455vb4pex5vsknk084sn02q`.
    CampaignId: CampaignKind, "cmp"
);

/// What a coupon gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub enum Offer {
    /// A share of the price, above 0 and at most 100 %.
    Percent { value: Rate },
    /// An amount, never more than the price.
    Fixed { value: Money },
    /// What is given by hand, in words: a free coffee.
    Text { value: Line<120> },
    /// The delivery costs nothing.
    FreeDelivery,
    /// Who takes `buy` pieces gets `get` more of them, the cheapest, for nothing.
    BuyXGetY { buy: i64, get: i64 },
}

impl Offer {
    pub const KINDS: [&'static str; 5] = ["percent", "fixed", "text", "free-delivery", "buy-x-get-y"];

    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Percent { .. } => "percent",
            Self::Fixed { .. } => "fixed",
            Self::Text { .. } => "text",
            Self::FreeDelivery => "free-delivery",
            Self::BuyXGetY { .. } => "buy-x-get-y",
        }
    }

    /// Whether it can be meant.
    pub fn check(&self) -> Result<(), Flaw> {
        const WHOLE: u32 = 1_000_000;
        match self {
            Self::Percent { value } if !(1..=WHOLE).contains(&value.in_parts_per_million()) => {
                Err(Flaw::Percent)
            }
            Self::Fixed { value } if !value.is_positive() => Err(Flaw::Amount),
            Self::BuyXGetY { buy, get } if !(1..=99).contains(buy) || !(1..=99).contains(get) => {
                Err(Flaw::Pieces)
            }
            _ => Ok(()),
        }
    }
}

/// What a coupon holds for. An empty list is no limit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[schema(as = CampaignScope)]
pub struct Scope {
    #[schema(value_type = Vec<String>)]
    pub products: Vec<ProductId>,
    /// With all that lie below them.
    #[schema(value_type = Vec<String>)]
    pub categories: Vec<CategoryId>,
    /// Where it is redeemed.
    #[schema(value_type = Vec<String>)]
    pub locations: Vec<LocationId>,
    pub channels: Vec<Channel>,
}

impl Scope {
    pub fn names_goods(&self) -> bool {
        !self.products.is_empty() || !self.categories.is_empty()
    }

    pub fn takes_channel(&self, channel: Channel) -> bool {
        self.channels.is_empty() || self.channels.contains(&channel)
    }

    /// Whether it is redeemed at `location`; what happens nowhere in particular is taken only where no place is named.
    pub fn takes_location(&self, location: Option<LocationId>) -> bool {
        self.locations.is_empty() || location.is_some_and(|location| self.locations.contains(&location))
    }
}

/// How many coupons there may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[schema(as = CampaignLimits)]
pub struct Limits {
    /// In all.
    #[schema(minimum = 1, maximum = 10_000_000)]
    pub coupons: Option<i64>,
    /// For one customer.
    #[schema(minimum = 1, maximum = 10_000_000)]
    pub per_customer: Option<i64>,
}

/// Until when a coupon holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub enum Expiry {
    #[default]
    Never,
    /// To the end of this day, by the clock of the business.
    On { day: Day },
    /// To the end of the day so many days after it was issued.
    After { days: i64 },
}

impl Expiry {
    /// When a coupon issued at `issued` ends.
    pub fn end(self, issued: Timestamp, zone: &Zone) -> Option<Timestamp> {
        match self {
            Self::Never => None,
            Self::On { day } => day.end(zone),
            Self::After { days } => issued.day(zone).plus(i32::try_from(days).ok()?)?.end(zone),
        }
    }
}

/// What an owner says of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignDetails {
    pub name: Line<120>,
    pub description: Prose<1000>,
    pub offer: Offer,
    pub scope: Scope,
    /// The least that is bought, before discounts.
    pub minimum: Option<Money>,
    /// Whether its coupons go together with other codes.
    pub stackable: bool,
    pub limits: Limits,
    /// From when coupons are issued; at once, if nothing stands here.
    pub starts_at: Option<Timestamp>,
    /// Until when coupons are issued.
    pub ends_at: Option<Timestamp>,
    pub expiry: Expiry,
    /// Whoever types it gets a coupon on the spot.
    pub shared_code: Option<SharedCode>,
}

/// What cannot be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("a share is above 0 and at most 100 %")]
    Percent,
    #[error("the amount is above zero, in the currency of the business")]
    Amount,
    #[error("write how many are bought and how many are given, each from 1 to 99")]
    Pieces,
    #[error("a limit is from 1 to 10,000,000")]
    Limit,
    #[error("the end comes after the start")]
    Order,
    #[error("coupons hold from 1 to 3,650 days")]
    Days,
    #[error("the last day of the coupons comes before they are issued")]
    ExpiresFirst,
    #[error("a code for everybody has 3 to 20 letters from A to Z, digits and dashes")]
    SharedCode,
    #[error("this reads like the code of one coupon; change a letter or a digit of it")]
    LikeACoupon,
}

impl CampaignDetails {
    pub fn check(&self, zone: &Zone) -> Result<(), Flaw> {
        self.offer.check()?;
        if self.minimum.is_some_and(|minimum| !minimum.is_positive()) {
            return Err(Flaw::Amount);
        }
        let limits = [self.limits.coupons, self.limits.per_customer];
        if limits.into_iter().flatten().any(|limit| !(1..=10_000_000).contains(&limit)) {
            return Err(Flaw::Limit);
        }
        if let (Some(start), Some(end)) = (self.starts_at, self.ends_at)
            && end <= start
        {
            return Err(Flaw::Order);
        }
        match (self.expiry, self.starts_at) {
            (Expiry::After { days }, _) if !(1..=3650).contains(&days) => Err(Flaw::Days),
            (Expiry::On { day }, Some(start)) if day < start.day(zone) => Err(Flaw::ExpiresFirst),
            _ => Ok(()),
        }
    }
}

/// Where a campaign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CampaignState {
    /// Nobody sees it yet.
    Draft,
    /// Coupons are issued and redeemed.
    Live,
    /// Nothing is issued, nothing redeemed.
    Paused,
    /// Nothing is issued any more; what was issued is redeemed until it expires.
    Ended,
}

impl CampaignState {
    pub const ALL: [Self; 4] = [Self::Draft, Self::Live, Self::Paused, Self::Ended];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Live => "live",
            Self::Paused => "paused",
            Self::Ended => "ended",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == raw)
    }

    /// Where `act` leads from here, if it leads anywhere.
    pub const fn after(self, act: Act) -> Option<Self> {
        match (self, act) {
            (Self::Draft | Self::Paused, Act::Start) => Some(Self::Live),
            (Self::Live, Act::Pause) => Some(Self::Paused),
            (Self::Live | Self::Paused, Act::End) => Some(Self::Ended),
            _ => None,
        }
    }
}

impl fmt::Display for CampaignState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is done with a campaign, by hand or by its schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = CampaignAct)]
pub enum Act {
    Start,
    Pause,
    End,
}

impl Act {
    pub const ALL: [Self; 3] = [Self::Start, Self::Pause, Self::End];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Pause => "pause",
            Self::End => "end",
        }
    }

    /// What happened, as history calls it.
    pub const fn event(self) -> &'static str {
        match self {
            Self::Start => "campaign.started",
            Self::Pause => "campaign.paused",
            Self::End => "campaign.ended",
        }
    }
}

/// A product that a campaign promotes: what one piece is sold for and what of it stays, for estimates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promoted {
    pub product: ProductId,
    pub value: Money,
    pub margin: Money,
}

/// A programme of coupons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    pub id: CampaignId,
    /// In the address of its form.
    pub slug: Slug,
    /// As printed codes and old links name it.
    pub code: String,
    pub state: CampaignState,
    pub details: CampaignDetails,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Campaign {
    /// Whether coupons are issued at `now`.
    pub fn issues(&self, now: Timestamp) -> bool {
        self.state == CampaignState::Live
            && self.details.starts_at.is_none_or(|start| start <= now)
            && self.details.ends_at.is_none_or(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_goes_from_draft_to_its_end_and_never_back() {
        use CampaignState::{Draft, Ended, Live, Paused};
        let allowed = [
            (Draft, Act::Start, Live),
            (Live, Act::Pause, Paused),
            (Paused, Act::Start, Live),
            (Live, Act::End, Ended),
            (Paused, Act::End, Ended),
        ];
        for from in CampaignState::ALL {
            for act in Act::ALL {
                let known = allowed.iter().find(|(of, by, _)| (*of, *by) == (from, act)).map(|(.., to)| *to);
                assert_eq!(from.after(act), known, "{from} {}", act.name());
            }
        }
    }

    #[test]
    fn a_coupon_of_seven_days_holds_to_the_end_of_the_seventh() {
        let zone: Zone = "Europe/Rome".parse().unwrap();
        let noon: Timestamp = "2026-11-20T11:00:00Z".parse().unwrap();
        let end = Expiry::After { days: 7 }.end(noon, &zone).unwrap();
        assert_eq!(end, "2026-11-27T23:00:00Z".parse().unwrap());
    }

    #[test]
    fn a_share_above_all_and_an_amount_below_nothing_are_refused() {
        let percent = |parts| Offer::Percent { value: Rate::parts_per_million(parts).unwrap() };
        assert_eq!(percent(0).check(), Err(Flaw::Percent));
        assert_eq!(percent(1_000_001).check(), Err(Flaw::Percent));
        assert_eq!(percent(1_000_000).check(), Ok(()));
        let euros = |minor| Offer::Fixed { value: Money::new(minor, "EUR".parse().unwrap()).unwrap() };
        assert_eq!(euros(-1).check(), Err(Flaw::Amount));
    }
}
