//! Customers: who buys from the business. One person is one customer, recognised by phone number or e-mail wherever they
//! order; what they bought and owe is told by the room of orders ([`dealt`]), which lies below, and so are the coupons they
//! got ([`Holdings`]).

mod book;
pub mod consent;
mod dealings;
mod holdings;
mod http;
pub mod import;
mod mark;
pub mod model;
mod pages;
mod recognise;
mod sql;

pub use book::{
    Filter, Listed, add, change, erase, find, forget, is_held, known, list, merge, notes, remove_note,
    several, write_note,
};
pub use dealings::{Dealing, Dealings, GivenTo, SharedDealings, StoredCard, ToldOrder};
pub use holdings::{Answered, Consent, Holder, Holding, Holdings, Kept, Way};
pub use http::{Export, Forget, Import, LOCALES, Read, Write, routes};
pub use mark::{Mark, mark};
pub use model::{
    ConsentWords, Contact, Customer, CustomerId, Note, NoteId, NoteText, Order, SOUGHT, Tally, sought_words,
};
pub use recognise::{dealt, recognise, recognised};

/// The tables of this room.
pub const MIGRATIONS: &[db::Migration] = &[
    db::Migration::new("customers", 1, include_str!("../migrations/0001_customers.sql")),
    db::Migration::new("customers", 2, include_str!("../migrations/0002_people.sql")),
    db::Migration::new("customers", 3, include_str!("../migrations/0003_consent_orders.sql")),
];

/// What this room brings to the database. No page that is cached shows a customer.
pub const SCHEMA: db::Schema =
    db::Schema { migrations: MIGRATIONS, directory_migrations: &[], areas: &[], lends: &[] };

/// Why a customer was not found or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such customer")]
    UnknownCustomer,
    #[error("there is no such note")]
    UnknownNote,
    #[error("write a name, a phone number or an e-mail")]
    Nobody,
    #[error("{way} is another customer's; make one customer of both, or write another")]
    Taken { way: String, by: CustomerId },
    #[error("these are one customer already")]
    Same,
    #[error(
        "{orders} orders are open: finish or cancel them, and settle the money, before the customer is forgotten"
    )]
    Open { orders: usize },
    #[error(transparent)]
    Money(#[from] base::MoneyError),
    #[error(transparent)]
    People(#[from] people::Error),
    #[error("the customer's orders: {0}")]
    Dealings(String),
    #[error("the customer's coupons: {0}")]
    Holdings(String),
    #[error(
        "this file was brought in already, waited longer than a day, or another was chosen since; choose it again"
    )]
    UnknownFile,
    #[error(transparent)]
    Db(#[from] db::Error),
}
