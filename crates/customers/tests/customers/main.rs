//! Customers through their front door, on a database of their own.

mod book;
mod http;
mod world;
