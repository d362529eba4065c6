//! The operator's own site: what the platform gives, for whom and for what price, and the texts that the operator
//! replaces.

mod http;
mod pages;
mod texts;

pub use http::routes;
pub use texts::{Text, TextFault, Texts, survey};
