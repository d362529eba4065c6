//! Types and rules of the catalogue: plain functions, no SQL, no HTTP, no clock.

mod bulk;
mod change;
mod flaw;
mod product;
mod tax;
mod text;
mod unit;

pub use bulk::{Bulk, MAX_BULK, basis_points};
pub use change::{Change, changes};
pub use flaw::{Flaw, Rule};
pub use product::*;
pub use tax::{DueTax, TaxCode, TaxRate};
pub(crate) use text::clean;
pub use text::{CategoryPath, Handle, Html, ImageAddress, Short, Tag, TaxCodeName, WordError};
pub use unit::{Unit, UnknownUnit};
