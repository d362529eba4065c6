//! Every statement on this room's tables: the tenants' own, and the directory's.

pub mod account;
pub mod business;
pub mod key;
pub mod location;
pub mod member;
pub mod reset;
pub mod session;

/// The error of a text in `column` that is none of the words it may be.
fn odd(index: usize, wanted: &'static str, found: String) -> db::Error {
    db::Error::Column { index, wanted, found }
}
