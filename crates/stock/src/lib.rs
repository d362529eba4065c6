//! What lies where: each tracked variant has a counted pool per location. Orders hold and take from it, deliveries,
//! counts and returns move it, and every change that was not merely promised is a movement with a reason.

mod count;
mod http;
mod model;
mod opening;
mod pages;
mod reorder;
mod shelf;
mod sql;

pub use count::{
    adjust, expired, give_back_all, hold, hold_many, level, levels, list, movements, put_back, release_all,
    sell, sell_many, take_all,
};
pub use http::{LOCALES, PauseShop, Read, ReadLocations, Write, WriteLocations, routes};
pub use model::hours::{self, Hours, HoursError, Spans, SpecialDay, Standing};
pub use model::{Adjustment, Change, Level, Movement, MovementId, MovementKind, Reason, Wanted};
pub use opening::{LocationOpening, Opening, Pause, Place, opening, opening_of, set_opening, set_pause};
pub use pages::{day_words, standing_words, week_words};
pub use people::location::{self, create as create_location, default as default_location, list as locations};
pub use people::{Location, LocationId, LocationKind};
pub use reorder::{Low, low, reorder_levels, set_reorder};
pub use shelf::CountedShelf;
pub use sql::{Kept, MovementFilter};

/// The tables of this room.
pub const MIGRATIONS: &[db::Migration] = &[
    db::Migration::new("stock", 1, include_str!("../migrations/0001_stock.sql")),
    db::Migration::new("stock", 2, include_str!("../migrations/0002_opening.sql")),
    db::Migration::new("stock", 3, include_str!("../migrations/0003_reorder.sql")),
];

/// Tables whose change outdates cached pages.
pub const AREAS: &[(&str, db::Area)] =
    &[("location_opening", db::Area::Look), ("shop_pause", db::Area::Look)];

/// What this room brings to the database. Availability on pages follows the pools, whose area is the spine's.
pub const SCHEMA: db::Schema =
    db::Schema { migrations: MIGRATIONS, directory_migrations: &[], areas: AREAS, lends: &[] };

/// Why stock was not promised or moved.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("only {available} left")]
    OutOfStock { variant: catalog::VariantId, available: base::Quantity },
    #[error("the stock of this variant is not tracked; switch that on first")]
    NotTracked,
    #[error("there is not that much to take away")]
    BelowZero,
    #[error("this unit is not counted that finely")]
    TooFine,
    #[error("this time is over; choose a later one, or none")]
    PauseOver,
    #[error(transparent)]
    Hours(#[from] HoursError),
    #[error(transparent)]
    Quantity(#[from] base::QuantityError),
    #[error(transparent)]
    People(#[from] people::Error),
    #[error(transparent)]
    Catalog(#[from] catalog::Error),
    #[error(transparent)]
    Holds(#[from] spine::holds::Error),
    #[error(transparent)]
    Db(#[from] db::Error),
}
