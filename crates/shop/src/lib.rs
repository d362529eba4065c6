//! The storefront: what a visitor sees of a business, from the front page that its owner composed to the page of an order.
//! It works without scripts.

mod checkout;
mod chrome;
mod contact;
mod error;
mod http;
pub mod look;
mod pages;
mod ship;
mod sms;

pub use contact::{Card, PlaceCard};
pub use error::Error;
pub use http::routes;

pub const LOCALES: edge::Locale = edge::locale!("shop");

/// The tables of this room.
pub const MIGRATIONS: &[db::Migration] =
    &[db::Migration::new("shop", 1, include_str!("../migrations/0001_look.sql"))];

/// Tables whose change outdates cached pages; what is being worked on is none of them.
pub const AREAS: &[(&str, db::Area)] = &[("look", db::Area::Look), ("shop_page", db::Area::Look)];

/// What this room brings to the database.
pub const SCHEMA: db::Schema =
    db::Schema { migrations: MIGRATIONS, directory_migrations: &[], areas: AREAS, lends: &[] };

/// The path of a preview in a shop.
fn preview_path(slug: &str, token: &str) -> String {
    format!("/t/{slug}/preview/{token}")
}
