//! The storefront: what a visitor sees of a business, from the list of products to the page of an order. It works without
//! scripts.

mod checkout;
mod contact;
mod http;
mod pages;
mod ship;

pub use contact::{Card, PlaceCard};
pub use http::routes;

pub const LOCALES: edge::Locale = edge::locale!("shop");
