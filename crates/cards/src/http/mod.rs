//! Routes of cards: for applications below `/t/{slug}/api/v1`, for people below `/t/{slug}/admin`. Buying one and asking what
//! is left on it stand in the shop.

mod api;
mod balance;
mod office;

use edge::{Problem, Routes, Section, Site};
use http::Method;

pub use api::CardView;
pub use office::{GiveForm, SettingsForm};

use crate::Error;

edge::permission!(
    /// See gift cards and store credit, and what is left on them.
    pub Read = "cards.read"
);
edge::permission!(
    /// Give cards by hand, block them, and say how they are sold.
    pub Manage = "cards.manage"
);

/// The room's texts.
pub const LOCALES: edge::Locale = edge::locale!("cards");

/// Every route of this room.
pub fn routes() -> Routes {
    let office = |path: &str| format!("/t/{{slug}}/admin{path}");
    Routes::new()
        .api(api::__path_list, api::list)
        .api(api::__path_give, api::give)
        .api(api::__path_read, api::read)
        .api(api::__path_put_state, api::put_state)
        .api(api::__path_read_settings, api::read_settings)
        .api(api::__path_put_settings, api::put_settings)
        .api(balance::__path_balance, balance::balance)
        .page(Site::Office, &office("/cards"), Method::GET, office::list)
        .page(Site::Office, &office("/cards/new"), Method::GET, office::new)
        .page(Site::Office, &office("/cards/new"), Method::POST, office::give)
        .page(Site::Office, &office("/cards/settings"), Method::GET, office::settings)
        .page(Site::Office, &office("/cards/settings"), Method::POST, office::save_settings)
        .page(Site::Office, &office("/cards/{card}"), Method::GET, office::show)
        .page(Site::Office, &office("/cards/{card}/state"), Method::POST, office::act)
        .nav(Section::Customers, "cards-nav", "/cards", "cards.read")
        .words(LOCALES)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownCard => Self::not_found("card-unknown", error),
            Error::NotSold => Self::conflict("gift-cards-not-sold", error),
            Error::Amount | Error::Value { .. } => {
                Self::unprocessable("card-amount-refused", &error).field("amount", &error)
            }
            Error::NoReason => Self::unprocessable("reason-missing", &error).field("reason", &error),
            Error::Nobody => Self::unprocessable("customer-nobody", &error).field("customer", &error),
            Error::NothingDue => Self::conflict("nothing-due", error),
            Error::NotFrom(_) => Self::conflict("card-state", error),
            Error::Flaw(_) => Self::unprocessable("card-settings-malformed", error),
            Error::Text(_) => Self::unprocessable("input-malformed", error),
            Error::Refused(refusal) => refusal.into(),
            Error::Customers(error) => error.into(),
            Error::Orders(error) => error.into(),
            Error::People(error) => error.into(),
            Error::Db(error) => error.into(),
            Error::Holds(_) | Error::Ledger(_) | Error::Money(_) => Self::internal(error),
        }
    }
}
