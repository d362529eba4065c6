//! The back office's home: what happened and what waits, the first steps, search over everything, and word of new orders.

mod dashboard;
mod guide;
mod http;
mod model;
mod news;
pub mod pages;
mod search;
mod sql;

pub use http::routes;
pub use news::News;

edge::permission!(
    /// See what was sold, over time.
    pub ReadReports = "reports.read"
);
