//! What carries every capability: money in a balanced ledger, scarce things behind holds, what happened in a sealed chain
//! of events, promised work in an outbox, documents numbered without gaps, and the keys that guard secrets and proofs.
//! All of it is written in the transaction of the change it belongs to.

pub mod documents;
pub mod events;
mod hex;
pub mod holds;
pub mod jobs;
pub mod keys;
pub mod ledger;

/// The tables of this room.
pub const MIGRATIONS: &[db::Migration] = &[
    db::Migration::new("spine", 1, include_str!("../migrations/0001_spine.sql")),
    db::Migration::new("spine", 2, include_str!("../migrations/0002_holdings.sql")),
    db::Migration::new("spine", 3, include_str!("../migrations/0003_job_cancelled.sql")),
];

/// What is across tenants: the platform's own history.
pub const DIRECTORY_MIGRATIONS: &[db::Migration] =
    &[db::Migration::new("spine", 1, include_str!("../migrations/0001_platform_event.sql"))];

/// A pool decides what a shop's page says about availability.
pub const AREAS: &[(&str, db::Area)] = &[("pool", db::Area::Stock)];

/// What this room brings to the database.
pub const SCHEMA: db::Schema = db::Schema {
    migrations: MIGRATIONS,
    directory_migrations: DIRECTORY_MIGRATIONS,
    areas: AREAS,
    lends: &[],
};

/// A text that names nothing in the table it was looked up in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown name")]
pub struct UnknownName;

/// The column at `index` as a value of a type that reads itself from text.
fn parsed<T: std::str::FromStr>(row: &db::Row, index: usize, wanted: &'static str) -> Result<T, db::Error> {
    let text: String = row.get(index)?;
    text.parse().map_err(|_| db::Error::Column { index, wanted, found: text })
}
