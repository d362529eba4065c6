//! Routes of coupons: for applications below `/t/{slug}/api/v1`, for people below `/t/{slug}/admin`.

mod api;
mod counter;
mod coupons;
mod export;
mod figures;
mod form;
mod office;
mod printed;
mod shown;
mod store;
mod tries;
mod wire;

use base::Slug;
use edge::{Problem, Routes, Section, Site};
use http::Method;

pub(crate) use counter::CounterQuery;
pub(crate) use form::{CampaignForm, Fault};

use crate::{Error, model::CouponCode};

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
    let office = |path: &str| format!("/t/{{slug}}/admin{path}");
    Routes::new()
        .api(api::__path_list, api::list)
        .api(api::__path_create, api::create)
        .api(api::__path_read, api::read)
        .api(api::__path_change, api::change)
        .api(api::__path_start, api::start)
        .api(api::__path_pause, api::pause)
        .api(api::__path_end, api::end)
        .api(api::__path_copy, api::copy)
        .api(api::__path_issue, api::issue)
        .api(api::__path_coupons, api::coupons)
        .api(api::__path_all, api::all)
        .api(api::__path_coupon, api::coupon)
        .api(api::__path_redeem, api::redeem)
        .api(api::__path_undo, api::undo)
        .api(api::__path_cancel, api::cancel)
        .page(Site::Office, &office("/campaigns"), Method::GET, office::list)
        .page(Site::Office, &office("/campaigns/new"), Method::GET, office::new)
        .page(Site::Office, &office("/campaigns/new"), Method::POST, office::create)
        .page(Site::Office, &office("/campaigns/{id}"), Method::GET, office::show)
        .page(Site::Office, &office("/campaigns/{id}/edit"), Method::GET, office::edit)
        .page(Site::Office, &office("/campaigns/{id}/edit"), Method::POST, office::change)
        .page(Site::Office, &office("/campaigns/{id}/act"), Method::POST, office::act)
        .page(Site::Office, &office("/campaigns/{id}/copy"), Method::POST, office::copy)
        .page(Site::Office, &office("/campaigns/{id}/products"), Method::POST, office::promote)
        .page(Site::Office, &office("/campaigns/{id}/coupons"), Method::POST, office::issue_one)
        .page(Site::Office, &office("/coupons"), Method::GET, coupons::list)
        .page(Site::Office, &office("/coupons/{code}"), Method::GET, office::coupon)
        .page(Site::Office, &office("/coupons/{code}/cancel"), Method::POST, office::cancel)
        .page(Site::Office, &office("/coupons/{code}/send"), Method::POST, office::send)
        .page(Site::Office, &office("/counter"), Method::GET, counter::show)
        .page(Site::Office, &office("/counter"), Method::POST, counter::redeem_one)
        .page(Site::Office, &office("/counter/minutes"), Method::POST, office::set_minutes)
        .page(Site::Office, &office("/redemptions/{id}/undo"), Method::POST, counter::undo)
        .page(Site::Shop, "/t/{slug}/coupons/{code}", Method::GET, shown::show)
        .merge(crate::form::routes())
        .merge(figures::routes())
        .merge(export::routes())
        .merge(printed::routes())
        .merge(store::routes())
        .words(LOCALES)
        .nav(Section::Coupons, "coupons-nav", "/campaigns", "coupons.read")
        .nav(Section::Coupons, "coupons-nav-counter", "/counter", "coupons.redeem")
        .nav(Section::Coupons, "coupons-list", "/coupons", "coupons.redeem")
        .nav(Section::Coupons, "coupons-figures-nav", "/campaigns/figures", "coupons.read")
}

/// Where a coupon's customer sees it.
pub(crate) fn coupon_path(slug: &Slug, code: &CouponCode) -> String {
    format!("/t/{slug}/coupons/{code}")
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownCampaign => Self::not_found("campaign-unknown", error),
            Error::UnknownCoupon => Self::not_found("coupon-unknown", error),
            Error::UnknownRedemption => Self::not_found("redemption-unknown", error),
            Error::SlugTaken => Self::conflict("slug-taken", error),
            Error::CodeTaken { .. } => Self::conflict("campaign-code-taken", error),
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
            Error::UnknownLink => Self::not_found("form-link-unknown", error),
            Error::UnknownBatch => Self::not_found("form-links-unknown", error),
            Error::LinkUsed => Self::conflict("form-link-used", error),
            Error::LinkNeeded => Self::conflict("form-link-needed", error),
            Error::LinkCount => Self::unprocessable("form-links-count", error),
            Error::AnsweredAlready => Self::conflict("form-sent-already", error),
            Error::TooOften { wait_s } => Self::too_many(u64::try_from(wait_s).unwrap_or(1)),
            Error::Form(_) => Self::unprocessable("form-malformed", error),
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
