//! Types and rules: what a campaign is, what its coupons take off, and how they may change. No SQL, no HTTP, no clock.

pub mod campaign;
pub mod coupon;
pub mod estimate;
pub mod rules;
pub mod shared_code;

/// A coupon's code.
pub use base::Code as CouponCode;
pub use campaign::{
    Act, Campaign, CampaignDetails, CampaignId, CampaignKind, CampaignState, Expiry, Limits, Offer, Promoted,
    Scope,
};
pub use coupon::{
    Coupon, CouponId, CouponKind, CouponState, Redemption, RedemptionId, RedemptionKind, RedemptionState, Via,
};
pub use shared_code::SharedCode;
