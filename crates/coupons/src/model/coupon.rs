//! A coupon and its use.

use std::fmt;

use base::{Money, Timestamp};
use customers::CustomerId;
use orders::OrderId;
use serde::{Deserialize, Serialize};
use spine::holds::{HoldId, PoolId};
use stock::LocationId;

use super::{CampaignId, CouponCode, Offer};

base::id!(
    /// Names a coupon: `cpn_01h455vb4pex5vsknk084sn02q`.
    CouponId: CouponKind, "cpn"
);
base::id!(
    /// Names one use of a coupon: `rdm_01h455vb4pex5vsknk084sn02q`.
    RedemptionId: RedemptionKind, "rdm"
);

/// A closed set of words, as rows and JSON write them.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            pub fn parse(raw: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.name() == raw)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

named! {
    /// Where a coupon stands.
    CouponState {
        Issued = "issued",
        Redeemed = "redeemed",
        Expired = "expired",
        Cancelled = "cancelled",
    }
}

named! {
    /// How a coupon came to its customer.
    Via {
        /// By the campaign's public form.
        Form = "form",
        /// By a link that works once.
        Link = "link",
        /// By staff.
        Office = "office",
        Api = "api",
        /// From another system.
        Import = "import",
        /// By a code that many know, in the act of using it.
        Code = "code",
    }
}

named! {
    /// Where a redemption stands.
    RedemptionState {
        /// Kept for an order that waits for its payment.
        Kept = "kept",
        Done = "done",
        /// Undone by staff, or freed with its order.
        Undone = "undone",
    }
}

/// One code of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coupon {
    pub id: CouponId,
    pub code: CouponCode,
    pub campaign: CampaignId,
    pub customer: Option<CustomerId>,
    pub state: CouponState,
    pub via: Via,
    /// As it was promised when the coupon was issued.
    pub offer: Offer,
    pub issued_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub sent_at: Option<Timestamp>,
    /// When its page was first opened.
    pub opened_at: Option<Timestamp>,
    /// When it was redeemed, expired or cancelled.
    pub ended_at: Option<Timestamp>,
}

impl Coupon {
    /// Its one use.
    pub fn pool(&self) -> PoolId {
        PoolId::new(format!("coupon:{}", self.id))
    }

    /// What it is at `now`: time ends a coupon whether or not somebody has looked.
    pub fn standing(&self, now: Timestamp) -> CouponState {
        match self.state {
            CouponState::Issued if self.expires_at.is_some_and(|end| end <= now) => CouponState::Expired,
            state => state,
        }
    }
}

/// The use of a coupon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redemption {
    pub id: RedemptionId,
    pub coupon: CouponId,
    pub campaign: CampaignId,
    pub hold: HoldId,
    pub state: RedemptionState,
    pub order: Option<OrderId>,
    pub location: Option<LocationId>,
    /// Who redeemed it: `member:mem_…`, `visitor`, …
    pub actor: String,
    pub at: Timestamp,
    /// What was sold with it.
    pub amount: Option<Money>,
    /// What it took off.
    pub discount: Option<Money>,
    pub undone_at: Option<Timestamp>,
    pub undone_by: Option<String>,
    pub reason: Option<String>,
}
