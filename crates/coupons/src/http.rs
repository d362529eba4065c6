//! Routes of coupons: for applications below `/t/{slug}/api/v1`, for people below `/t/{slug}/admin`.

mod export;
mod figures;
mod printed;

use edge::{Problem, Routes};

use crate::Error;

edge::permission!(
    /// See campaigns, coupons and what they did.
    pub Read = "coupons.read"
);
edge::permission!(
    /// Plan campaigns, start and end them, issue and cancel coupons.
    pub Manage = "coupons.manage"
);
edge::permission!(
    /// Redeem coupons at a counter, and undo it.
    pub Redeem = "coupons.redeem"
);

/// The room's texts.
pub const LOCALES: edge::Locale = edge::locale!("coupons");

/// Every route of this room.
pub fn routes() -> Routes {
    Routes::new().merge(figures::routes()).merge(export::routes()).merge(printed::routes()).words(LOCALES)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownCampaign => Self::not_found("campaign-unknown", error),
            Error::UnknownCoupon => Self::not_found("coupon-unknown", error),
            Error::UnknownRedemption => Self::not_found("redemption-unknown", error),
            Error::SlugTaken => Self::conflict("slug-taken", error),
            Error::NotFrom(_) => Self::conflict("campaign-state", error),
            Error::NotIssuing => Self::conflict("campaign-not-issuing", error),
            Error::Nobody => Self::unprocessable("customer-nobody", error),
            Error::TooLate { .. } => Self::conflict("too-late", error),
            Error::NoReason => {
                Self::unprocessable("reason-missing", error).field("reason", "write why it is undone")
            }
            Error::UndoneAlready => Self::conflict("undone-already", error),
            Error::InOrder => Self::conflict("in-order", error),
            Error::Minutes => Self::unprocessable("minutes-refused", error),
            Error::Flaw(_) => Self::unprocessable("campaign-malformed", error),
            Error::Refused(refusal) => refusal.into(),
            Error::Customers(error) => error.into(),
            Error::Catalog(error) => error.into(),
            Error::Orders(error) => error.into(),
            Error::People(error) => error.into(),
            Error::Db(error) => error.into(),
            Error::Holds(_) | Error::Money(_) | Error::Quantity(_) => Self::internal(error),
        }
    }
}
