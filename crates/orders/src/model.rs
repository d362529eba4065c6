//! Types and rules: what an order is and how it may change. No SQL, no HTTP, no clock.

pub mod contact;
pub mod draft;
pub mod order;
pub mod paper;
pub mod refund;
pub mod share;
pub mod states;
pub mod zone;

pub use contact::{Customer, Note, Shipping, ShippingMethod};
pub use draft::{Draft, Extra, NamedDiscount, Terms, Wanted};
pub use order::{
    CartId, DocumentId, Fulfilment, FulfilmentId, Order, OrderDiscount, OrderId, OrderLine, Receipt,
    RefundId, TakenTax, Whole,
};
pub use paper::{Document, DocumentType, Snapshot};
pub use refund::{MoneyBack, Refund, RefundLine, RefundState};
pub use share::{Extent, Wish};
pub use states::{CancelReason, Channel, FulfilmentState, PaymentState, Step};
pub use zone::{Covers, Zone, ZoneDetails, ZoneError, ZoneId};
