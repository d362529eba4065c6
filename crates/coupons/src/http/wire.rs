//! Campaigns and coupons as applications read and write them.

use base::{Day, Line, Money, Prose, Quantity, Timestamp, tax::Rate};
use edge::schema;
use orders::OrderId;
use serde::{Deserialize, Serialize};
use stock::LocationId;

use crate::{
    model::{
        Campaign, CampaignDetails, CampaignId, CampaignState, Coupon, CouponId, CouponState, Expiry, Limits,
        Offer, Redemption, RedemptionId, RedemptionState, Scope, SharedCode, Via, campaign::Flaw,
    },
    redeem::Use,
};

/// What a coupon gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
#[schema(as = CouponDiscount)]
pub enum DiscountBody {
    Percent {
        /// Above 0, at most 100: `10`, `"12.5"`.
        #[schema(value_type = schema::Quantity)]
        value: Quantity,
    },
    Fixed {
        #[schema(value_type = schema::Money)]
        value: Money,
    },
    /// What is given by hand: `A free coffee`.
    Text {
        #[schema(value_type = String, min_length = 1, max_length = 120)]
        value: Line<120>,
    },
    FreeDelivery {},
    /// Who takes `buy` pieces gets `get` more for nothing, the cheapest.
    BuyXGetY {
        #[schema(minimum = 1, maximum = 99)]
        buy: i64,
        #[schema(minimum = 1, maximum = 99)]
        get: i64,
    },
}

/// Thousandths of a percent in parts per million.
const PER_THOUSANDTH: i64 = 10;

impl DiscountBody {
    fn offer(self) -> Result<Offer, Flaw> {
        Ok(match self {
            Self::Percent { value } => {
                let parts = value.in_thousandths().checked_mul(PER_THOUSANDTH);
                let rate =
                    parts.and_then(|parts| u32::try_from(parts).ok()).and_then(Rate::parts_per_million);
                Offer::Percent { value: rate.ok_or(Flaw::Percent)? }
            }
            Self::Fixed { value } => Offer::Fixed { value },
            Self::Text { value } => Offer::Text { value },
            Self::FreeDelivery {} => Offer::FreeDelivery,
            Self::BuyXGetY { buy, get } => Offer::BuyXGetY { buy, get },
        })
    }
}

impl From<Offer> for DiscountBody {
    fn from(offer: Offer) -> Self {
        match offer {
            Offer::Percent { value } => {
                let thousandths = i64::from(value.in_parts_per_million()) / PER_THOUSANDTH;
                Self::Percent { value: Quantity::thousandths(thousandths) }
            }
            Offer::Fixed { value } => Self::Fixed { value },
            Offer::Text { value } => Self::Text { value },
            Offer::FreeDelivery => Self::FreeDelivery {},
            Offer::BuyXGetY { buy, get } => Self::BuyXGetY { buy, get },
        }
    }
}

/// Until when a coupon holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
#[schema(as = CouponExpiry)]
pub enum ExpiryBody {
    Never {},
    /// To the end of this day, by the clock of the business.
    On {
        #[schema(value_type = String, format = Date)]
        day: Day,
    },
    /// To the end of the day so many days after it was issued.
    After {
        #[schema(minimum = 1, maximum = 3650)]
        days: i64,
    },
}

impl From<ExpiryBody> for Expiry {
    fn from(body: ExpiryBody) -> Self {
        match body {
            ExpiryBody::Never {} => Self::Never,
            ExpiryBody::On { day } => Self::On { day },
            ExpiryBody::After { days } => Self::After { days },
        }
    }
}

impl From<Expiry> for ExpiryBody {
    fn from(expiry: Expiry) -> Self {
        match expiry {
            Expiry::Never => Self::Never {},
            Expiry::On { day } => Self::On { day },
            Expiry::After { days } => Self::After { days },
        }
    }
}

/// What is said of a campaign.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CampaignInput)]
pub struct CampaignBody {
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    pub name: Line<120>,
    #[serde(default)]
    #[schema(value_type = String, max_length = 1000)]
    pub description: Prose<1000>,
    pub discount: DiscountBody,
    /// What it holds for; everything and everywhere, if nothing is said.
    #[serde(default)]
    pub scope: Scope,
    /// The least that is bought, before discounts.
    #[serde(default)]
    #[schema(value_type = Option<schema::Money>)]
    pub minimum: Option<Money>,
    /// Whether its coupons go together with other codes.
    #[serde(default)]
    pub stackable: bool,
    #[serde(default)]
    pub limits: Limits,
    /// From when coupons are issued.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Timestamp>,
    /// Until when coupons are issued.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
    #[serde(default)]
    pub coupon_expiry: Option<ExpiryBody>,
    /// A code that many people may type, such as `WELCOME10`: letters from A to Z, digits and dashes. Whoever does gets a coupon
    /// on the spot. No two campaigns that have not ended have the same, apart from dashes.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 3, max_length = 20)]
    pub shared_code: Option<SharedCode>,
}

impl CampaignBody {
    pub fn details(self) -> Result<CampaignDetails, Flaw> {
        Ok(CampaignDetails {
            name: self.name,
            description: self.description,
            offer: self.discount.offer()?,
            scope: self.scope,
            minimum: self.minimum,
            stackable: self.stackable,
            limits: self.limits,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            expiry: self.coupon_expiry.map(Expiry::from).unwrap_or_default(),
            shared_code: self.shared_code,
        })
    }
}

/// A campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Campaign)]
pub struct CampaignView {
    #[schema(value_type = String)]
    id: CampaignId,
    /// In the address of its form.
    slug: String,
    /// As printed codes and old links name it.
    code: String,
    state: CampaignState,
    name: String,
    description: String,
    discount: DiscountBody,
    scope: Scope,
    #[schema(value_type = Option<schema::Money>, required = true)]
    minimum: Option<Money>,
    stackable: bool,
    limits: Limits,
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    starts_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    ends_at: Option<Timestamp>,
    coupon_expiry: ExpiryBody,
    /// The code that many people may type, in capitals.
    #[schema(value_type = Option<String>, required = true)]
    shared_code: Option<SharedCode>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<Campaign> for CampaignView {
    fn from(campaign: Campaign) -> Self {
        let details = campaign.details;
        Self {
            id: campaign.id,
            slug: campaign.slug.to_string(),
            code: campaign.code,
            state: campaign.state,
            name: details.name.to_string(),
            description: details.description.to_string(),
            discount: details.offer.into(),
            scope: details.scope,
            minimum: details.minimum,
            stackable: details.stackable,
            limits: details.limits,
            starts_at: details.starts_at,
            ends_at: details.ends_at,
            coupon_expiry: details.expiry.into(),
            shared_code: details.shared_code,
            created_at: campaign.created_at,
            updated_at: campaign.updated_at,
        }
    }
}

/// A coupon. Who it is for stands here by id alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Coupon)]
pub struct CouponView {
    #[schema(value_type = String)]
    id: CouponId,
    code: String,
    state: CouponState,
    #[schema(value_type = String)]
    campaign: CampaignId,
    #[schema(value_type = Option<String>, required = true)]
    customer: Option<customers::CustomerId>,
    /// How it came to its customer.
    via: Via,
    discount: DiscountBody,
    /// The address that its customer shows at a counter.
    link: String,
    #[schema(value_type = String, format = DateTime)]
    issued_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    expires_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    sent_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    opened_at: Option<Timestamp>,
    /// When it was redeemed, expired or cancelled.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    ended_at: Option<Timestamp>,
}

impl CouponView {
    /// The coupon as it is at `now`; `link` leads to its page.
    pub fn of(coupon: Coupon, link: String, now: Timestamp) -> Self {
        Self {
            id: coupon.id,
            state: coupon.standing(now),
            code: coupon.code.to_string(),
            campaign: coupon.campaign,
            customer: coupon.customer,
            via: coupon.via,
            discount: coupon.offer.into(),
            link,
            issued_at: coupon.issued_at,
            expires_at: coupon.expires_at,
            sent_at: coupon.sent_at,
            opened_at: coupon.opened_at,
            ended_at: coupon.ended_at,
        }
    }
}

/// For whom a coupon is issued.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CouponInput)]
pub struct IssueBody {
    pub contact: customers::Contact,
}

/// Where a coupon is redeemed, and what was sold with it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[schema(as = RedeemInput)]
pub struct RedeemBody {
    #[schema(value_type = Option<String>)]
    pub location: Option<LocationId>,
    /// Before the discount.
    #[schema(value_type = Option<schema::Money>)]
    pub amount: Option<Money>,
    /// Who uses a code that many know; needed where its campaign has a limit for each customer.
    pub contact: Option<customers::Contact>,
}

impl From<&RedeemBody> for Use {
    fn from(body: &RedeemBody) -> Self {
        Self { location: body.location, amount: body.amount }
    }
}

/// Why something is taken back.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ReasonInput)]
pub struct ReasonBody {
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    pub reason: Line<200>,
}

/// The use of a coupon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Redemption)]
pub struct RedemptionView {
    #[schema(value_type = String)]
    id: RedemptionId,
    code: String,
    #[schema(value_type = String)]
    campaign: CampaignId,
    state: RedemptionState,
    #[schema(value_type = Option<String>, required = true)]
    order: Option<OrderId>,
    #[schema(value_type = Option<String>, required = true)]
    location: Option<LocationId>,
    /// Who redeemed it.
    actor: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[schema(value_type = Option<schema::Money>, required = true)]
    amount: Option<Money>,
    #[schema(value_type = Option<schema::Money>, required = true)]
    discount: Option<Money>,
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    undone_at: Option<Timestamp>,
    #[schema(required = true)]
    reason: Option<String>,
}

impl RedemptionView {
    pub fn of(redemption: Redemption, coupon: &Coupon) -> Self {
        Self {
            id: redemption.id,
            code: coupon.code.to_string(),
            campaign: redemption.campaign,
            state: redemption.state,
            order: redemption.order,
            location: redemption.location,
            actor: redemption.actor,
            at: redemption.at,
            amount: redemption.amount,
            discount: redemption.discount,
            undone_at: redemption.undone_at,
            reason: redemption.reason,
        }
    }
}
