//! Who may do what: accounts that sign in, members of a business with their roles at its locations, invites, API keys;
//! and what a merchant says of the business itself.
//!
//! The directory holds login identities and sessions, and is told first; roles, members and keys are the tenant's, whose
//! commit makes them true. Nobody grants above himself, nobody touches an owner but an owner, and one always remains.

pub mod accounts;
pub mod actors;
mod answers;
pub mod business;
mod doors;
mod founding;
pub mod hashing;
mod http;
pub mod keys;
pub mod location;
pub mod members;
mod model;
mod pages;
pub mod reset;
mod rights;
pub mod sessions;
pub mod sign_in;
mod sql;

pub use answers::changed;
pub use doors::Doors;
pub use founding::{Founded, Founder, Prepared, found, prepare};
pub use http::{
    LOCALES, ReadBusiness, ReadKeys, ReadMembers, WriteBusiness, WriteKeys, WriteMembers, routes, workplaces,
};
pub use location::{Location, LocationId, LocationKind};
pub use model::{
    AccountId, AccountKind, ApiKey, Business, BusinessEdit, Device, InviteId, InviteKind, KeyId, KeyKind,
    KeyKindId, Member, MemberId, MemberKind, MemberState, NewKey, PERMISSIONS, Password, PasswordHash, Role,
    RoleAt, Rounding, SessionId, SessionKind, SessionRow, WeakPassword, is_permission, permissions,
};
pub use pages::Workplace;

/// The tables of this room.
pub const MIGRATIONS: &[db::Migration] =
    &[db::Migration::new("people", 1, include_str!("../migrations/0001_people.sql"))];
pub const DIRECTORY_MIGRATIONS: &[db::Migration] = &[
    db::Migration::new("people", 1, include_str!("../migrations/0001_directory.sql")),
    db::Migration::new("people", 2, include_str!("../migrations/0002_directory.sql")),
];

/// Tables whose change outdates cached pages.
pub const AREAS: &[(&str, db::Area)] = &[("business", db::Area::Look), ("location", db::Area::Look)];

/// What this room brings to the database.
pub const SCHEMA: db::Schema = db::Schema {
    migrations: MIGRATIONS,
    directory_migrations: DIRECTORY_MIGRATIONS,
    areas: AREAS,
    lends: &[],
};

/// Why a thing about people was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such account")]
    UnknownAccount,
    #[error("there is no such session")]
    UnknownSession,
    #[error("there is no such member")]
    UnknownMember,
    #[error("there is no such location")]
    UnknownLocation,
    #[error("there is no such key")]
    UnknownKey,
    #[error("there is no permission named {0}")]
    UnknownPermission(String),
    #[error("the business has no settings yet")]
    NotFounded,
    #[error("this name is taken; choose another one")]
    LoginTaken,
    #[error("this link has been used or has run out; ask for a new one")]
    InviteGone,
    #[error("this link has been used or has run out; ask for a new one")]
    ResetGone,
    #[error("this account works in another business, too; only the operator can make it a link")]
    WorksElsewhere,
    #[error("you are a member of this business already")]
    AlreadyMember,
    #[error("give at least one role")]
    NoRole,
    #[error("an owner owns the whole business, not one location")]
    OwnerEverywhere,
    #[error("nobody can give or take more than they may do themselves")]
    AboveYourself,
    #[error("only an owner can do this to an owner")]
    OwnersOnly,
    #[error("a business needs an owner; make somebody else an owner first")]
    LastOwner,
    #[error("this does not fit a member who is {}", .0.name())]
    WrongState(MemberState),
    #[error("the end lies in the past")]
    EndsInThePast,
    #[error(transparent)]
    Db(#[from] db::Error),
}
