//! Money given back: what was asked, and what became of it.

use base::{Money, MoneyError, Quantity, Timestamp};

use super::{order::RefundId, share::Extent, states::named};

named! {
    /// Where the money of a refund is.
    RefundState {
        /// Granted; the money has not left yet.
        Requested = "requested",
        /// The money has left.
        Paid = "paid",
        /// The provider refused; somebody must give it back by hand.
        Failed = "failed",
    }
}

/// How the money goes back. What gift cards paid goes back onto them first, unless all of it becomes store credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoneyBack {
    /// The way it came: a job `refund` asks payments to send it.
    ByProvider,
    /// Somebody hands it over; the office marks it as paid afterwards.
    ByHand,
    /// It stays here, for the customer to spend.
    StoreCredit,
}

/// A refund to be granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub extent: Extent,
    /// Whether the goods that come back go on sale again.
    pub restock: bool,
    /// Why, in the merchant's words.
    pub reason: String,
    pub money: MoneyBack,
}

/// A refund as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub id: RefundId,
    pub amount: Money,
    /// The part that takes back a sale; the rest was never earned (paid twice, too much, too late).
    pub credited: Money,
    /// The part that went onto cards, or became store credit, when it was granted.
    pub on_cards: Money,
    pub reason: String,
    pub restock: bool,
    pub state: RefundState,
    pub method: Option<String>,
    pub reference: Option<String>,
    pub actor: String,
    pub at: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub lines: Vec<RefundLine>,
}

impl Refund {
    /// What goes back another way than onto cards.
    pub fn rest(&self) -> Result<Money, MoneyError> {
        self.amount.minus(self.on_cards)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundLine {
    pub line: i64,
    pub quantity: Quantity,
    pub amount: Money,
    /// Minor units, one for each tax of the line.
    pub taxes: Vec<i64>,
}
