//! Gift cards and store credit: stored value, a tender and never a discount. A card's code is money in its holder's hand.
//!
//! What is left on a card is a pool (`spine::holds`), so it is spent once however many ask: an order that waits keeps its part,
//! a sale takes it, an order that ends frees it. In the books it is a liability until it is used. Orders ask this room through
//! [`orders::stored::StoredValue`]; payments pay with [`pay`].

mod book;
mod http;
mod issue;
mod mail;
pub mod model;
mod pages;
mod pay;
mod sql;
mod vault;

pub use book::{
    END_JOB, Filter, act, available, find, find_by_code, history, is_taken, kept_of, list, of_order, owed,
    set_settings, settings, standing, sweep,
};
pub use http::{CardView, LOCALES, Manage, Read, routes};
pub use issue::{ByHand, Given, give, sold};
pub use mail::{JOB as MAIL_JOB, deliver as deliver_mail};
pub use model::{
    Act, Card, CardId, CardKind, CardState, Movement, MovementKind, Settings, Standing, Use, UseId, UseState,
};
pub use pay::{Paid, paid_by_cards, pay, uses_of};
pub use vault::Cards;

/// The tables of this room.
pub const MIGRATIONS: &[db::Migration] =
    &[db::Migration::new("cards", 1, include_str!("../migrations/0001_cards.sql"))];

/// Tables whose change outdates cached pages: whether gift cards are sold shows in the shop's footer.
pub const AREAS: &[(&str, db::Area)] = &[("card_setting", db::Area::Look)];

/// What this room brings to the database. No page that is cached shows a card.
pub const SCHEMA: db::Schema = db::Schema {
    migrations: MIGRATIONS,
    directory_migrations: &[],
    areas: AREAS,
    lends: &[&orders::stored::Vault(&Cards)],
};

/// Why a card did not do what was asked. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such card")]
    UnknownCard,
    #[error("this business sells no gift cards now")]
    NotSold,
    #[error("gift cards are not sold for this amount; choose another")]
    Amount,
    #[error("a card holds more than nothing, and at most {most} in the smallest unit of the currency")]
    Value { most: i64 },
    #[error("write why it is given")]
    NoReason,
    #[error("store credit is for a customer; say which")]
    Nobody,
    #[error("there is nothing left to pay")]
    NothingDue,
    #[error("this card is {0}; this cannot be done with it")]
    NotFrom(CardState),
    #[error(transparent)]
    Flaw(#[from] model::Flaw),
    #[error(transparent)]
    Refused(#[from] orders::stored::Refusal),
    #[error(transparent)]
    Customers(#[from] customers::Error),
    #[error(transparent)]
    Orders(#[from] orders::Error),
    #[error(transparent)]
    People(#[from] people::Error),
    #[error(transparent)]
    Holds(#[from] spine::holds::Error),
    #[error(transparent)]
    Ledger(#[from] spine::ledger::Error),
    #[error(transparent)]
    Money(#[from] base::MoneyError),
    #[error(transparent)]
    Text(#[from] base::TextError),
    #[error(transparent)]
    Db(#[from] db::Error),
}
