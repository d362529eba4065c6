//! What the operator does: signs businesses up, suspends and resumes them, reads their books, verifies them, and sees in
//! the console how all of it goes.

mod audit;
mod books;
pub mod command;
pub mod console;
mod country;
pub mod home;
mod http;
pub mod pages;
pub mod sign_up;
pub mod site;
pub mod tenants;

use std::path::PathBuf;

use catalog::SharedShelf;
use db::Db;
use spine::keys::KeyRing;

pub use audit::ReadAudit;
pub use books::ReadLedger;
pub use home::News;
pub use http::routes;

pub const LOCALES: edge::Locale = edge::locale!("operations");

const MIGRATIONS: &[db::Migration] =
    &[db::Migration::new("operations", 1, include_str!("../migrations/0001_guide.sql"))];

const DIRECTORY_MIGRATIONS: &[db::Migration] =
    &[db::Migration::new("operations", 1, include_str!("../migrations/0001_console.sql"))];

/// What this room brings to the database. No page that is cached shows the guide.
pub const SCHEMA: db::Schema =
    db::Schema { migrations: MIGRATIONS, directory_migrations: DIRECTORY_MIGRATIONS, areas: &[], lends: &[] };

/// What commands and provisioning work with.
#[derive(Clone)]
pub struct House {
    pub db: Db,
    pub ring: KeyRing,
    pub shelf: SharedShelf,
    pub blobs: edge::Blobs,
    /// The file of signed heads.
    pub heads: PathBuf,
    /// The origin where tenants' files are served.
    pub files: String,
    /// The origin where people sign in.
    pub office: String,
}

/// Why an operation was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no tenant {0}; `soko tenant list` names them all")]
    NoSuchTenant(String),
    #[error("{tenant} is {state}, not {wanted}")]
    WrongState { tenant: String, state: &'static str, wanted: &'static str },
    #[error("nobody signs in with {0}; with --tenant a number is read as its country dials it")]
    NoSuchAccount(String),
    #[error("several accounts sign in with {0}; say --tenant: {1}")]
    ManyAccounts(String, String),
    #[error("sign-up is closed here; ask the operator for an account")]
    SignUpClosed,
    #[error("{field}: {message}")]
    Field { field: &'static str, message: String },
    #[error("{0}")]
    File(String),
    #[error(transparent)]
    People(#[from] people::Error),
    #[error(transparent)]
    Catalog(#[from] catalog::Error),
    #[error(transparent)]
    Stock(#[from] stock::Error),
    #[error(transparent)]
    Customers(#[from] customers::Error),
    #[error(transparent)]
    Orders(#[from] orders::Error),
    #[error(transparent)]
    Payments(#[from] payments::Error),
    #[error(transparent)]
    Look(#[from] shop::look::Error),
    #[error(transparent)]
    Hashing(#[from] people::hashing::HashError),
    #[error(transparent)]
    Ledger(#[from] spine::ledger::Error),
    #[error(transparent)]
    Db(#[from] db::Error),
}
