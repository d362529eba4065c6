//! The operator's console: who is hosted here and how it goes.

mod http;
mod pages;

pub use http::routes;
