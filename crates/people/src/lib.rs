//! Who may do what: accounts that sign in, members of a business with their roles at its locations, invites, API keys;
//! and what a merchant says of the business itself.

pub mod location;

pub use location::{Location, LocationId, LocationKind};

/// The tables of this room.
pub const MIGRATIONS: &[db::Migration] =
    &[db::Migration::new("people", 1, include_str!("../migrations/0001_people.sql"))];

/// Tables whose change outdates cached pages.
pub const AREAS: &[(&str, db::Area)] = &[("business", db::Area::Look)];

/// What this room brings to the database.
pub const SCHEMA: db::Schema = db::Schema { migrations: MIGRATIONS, directory_migrations: &[], areas: AREAS };

/// Why a thing about people was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such location")]
    UnknownLocation,
    #[error(transparent)]
    Db(#[from] db::Error),
}
