//! Orders through their front door, on a database of their own.

mod customers;
mod delivery;
mod interleavings;
mod mails;
mod pages;
mod papers;
mod place;
mod refunds;
mod reports;
mod world;
