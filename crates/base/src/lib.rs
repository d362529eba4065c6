//! What every room speaks: ids, money, tax, quantities, time and parsed text. No I/O, no clock, no chance.

pub mod address;
mod code;
pub mod colour;
mod id;
mod money;
mod quantity;
pub mod tax;
mod text;
mod time;

pub use code::Code;
pub use id::{Id, IdError, IdKind};
pub use money::{Currency, Money, MoneyError, largest_remainder, rounded_division};
pub use quantity::{Quantity, QuantityError};
pub use text::{Country, Email, Language, Line, Login, Phone, Prose, Slug, TextError, fold, words};
pub use time::{Day, Span, Timestamp, Zone};

/// Declares an id type of its own: `id!(OrderId: OrderKind, "order")` is written `order_01h455vb4pex5vsknk084sn02q`.
#[macro_export]
macro_rules! id {
    ($(#[$doc:meta])* $name:ident : $kind:ident, $prefix:literal) => {
        $(#[$doc])*
        pub type $name = $crate::Id<$kind>;

        #[doc(hidden)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kind {}

        impl $crate::IdKind for $kind {
            const PREFIX: &'static str = $prefix;
        }
    };
}
