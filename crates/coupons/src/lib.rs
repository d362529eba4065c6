//! Coupons: campaigns, the codes they issue, and their redemption, which cannot happen twice.
//!
//! A coupon has one use, a pool of one (`spine::holds`): a counter takes it at once, an order keeps it while it waits for its
//! payment. Orders ask this room what a code takes off through [`orders::promotion::Promotions`].

mod campaigns;
mod checkout;
pub mod export;
mod figures;
mod form;
mod holders;
mod http;
mod issue;
mod mail;
pub mod model;
pub mod moving;
mod pages;
mod redeem;
mod shared;
mod sql;

pub use campaigns::{
    END_JOB, act, add, change, copy, find, list, promote, promoted, set_settings, settings, sweep,
};
pub use checkout::Coupons;
pub use figures::{Measure, report, total as figures_of};
pub use form::{
    Agreed, Answer, Batch, BatchId, Closed, Consent, ContactBy, ContactLimit, Corners, CouponForm, Field,
    FieldKey, FieldKind, Filled, FormFlaw, FormLink, FormLook, Kept, Letters, LinkToken, Need, Sent, Texts,
    WebAddress, agreed, answers, batch_links, batches, campaign_coded, campaign_named, campaign_of_link,
    change as change_form, closed, find as form_of, make_links, seen as form_seen, submit,
};
pub use holders::acquaint_old;
pub use http::{LOCALES, Manage, Read, Redeem, routes};
pub use issue::{Issued, cancel, coupon, issue};
pub use mail::{JOB as MAIL_JOB, deliver as deliver_mail, write as write_mail};
pub use model::{
    Act, Campaign, CampaignDetails, CampaignId, CampaignState, Coupon, CouponCode, CouponId, CouponState,
    Expiry, Limits, Offer, Promoted, Redemption, RedemptionId, RedemptionState, Scope, SharedCode, Via,
};
pub use redeem::{Settings, Use, last, redeem, undo};
pub use shared::redeem_typed;

/// The tables of this room.
pub const MIGRATIONS: &[db::Migration] = &[
    db::Migration::new("coupons", 1, include_str!("../migrations/0001_coupons.sql")),
    db::Migration::new("coupons", 2, include_str!("../migrations/0002_forms.sql")),
    db::Migration::new("coupons", 3, include_str!("../migrations/0003_figures.sql")),
    db::Migration::new("coupons", 4, include_str!("../migrations/0004_people.sql")),
    db::Migration::new("coupons", 5, include_str!("../migrations/0005_shared_codes.sql")),
];

/// What this room brings to the database. No page that is cached shows a coupon.
pub const SCHEMA: db::Schema = db::Schema {
    migrations: MIGRATIONS,
    directory_migrations: &[],
    areas: &[],
    lends: &[&orders::promotion::Promoter(&Coupons), &customers::Holder(&holders::Held)],
};

/// Why a campaign or a coupon did not do what was asked. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such campaign")]
    UnknownCampaign,
    #[error("there is no such coupon")]
    UnknownCoupon,
    #[error("there is no such redemption")]
    UnknownRedemption,
    #[error("a campaign is called so already; choose another name for its address")]
    SlugTaken,
    #[error("{code} is the code of another campaign or of a coupon; choose another")]
    CodeTaken { code: String },
    #[error("this campaign is {0}; this cannot be done with it")]
    NotFrom(CampaignState),
    #[error("no coupons are issued now; start the campaign, or look at its dates")]
    NotIssuing,
    #[error("a coupon is for somebody; write a phone number or an e-mail")]
    Nobody,
    #[error("staff may undo a redemption for {minutes} minutes; this one is older")]
    TooLate { minutes: i64 },
    #[error("write why it is undone")]
    NoReason,
    #[error("this was undone already")]
    UndoneAlready,
    #[error("this coupon is part of an order; cancel or refund the order, and it can be used again")]
    InOrder,
    #[error("staff may undo for 0 to 10,080 minutes")]
    Minutes,
    #[error("there is no such link; look at it again, letter by letter")]
    UnknownLink,
    #[error("there are no such links")]
    UnknownBatch,
    #[error("this link gave its coupon already")]
    LinkUsed,
    #[error("this form is open by a link that works once; ask the business for one")]
    LinkNeeded,
    #[error("make 1 to 10,000 links at once")]
    LinkCount,
    #[error("this form was sent already; load the page again to send another")]
    AnsweredAlready,
    #[error("this contact got as many coupons as there are for one in a day; come back in {wait_s} seconds")]
    TooOften { wait_s: i64 },
    #[error(transparent)]
    Form(#[from] form::FormFlaw),
    #[error(transparent)]
    Flaw(#[from] model::campaign::Flaw),
    #[error(transparent)]
    Refused(#[from] orders::promotion::Refusal),
    #[error(transparent)]
    Customers(#[from] customers::Error),
    #[error(transparent)]
    Catalog(#[from] catalog::Error),
    #[error(transparent)]
    Orders(#[from] orders::Error),
    #[error(transparent)]
    People(#[from] people::Error),
    #[error(transparent)]
    Holds(#[from] spine::holds::Error),
    #[error(transparent)]
    Money(#[from] base::MoneyError),
    #[error(transparent)]
    Quantity(#[from] base::QuantityError),
    #[error(transparent)]
    Db(#[from] db::Error),
}
