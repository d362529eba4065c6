//! An order as it stands: a priced promise with lines, taxes, money and goods.

use base::{Currency, Money, MoneyError, Quantity, Timestamp, tax::Rounding};
use catalog::{Unit, VariantId};
use serde::{Deserialize, Serialize};
use stock::LocationId;

use super::{
    contact::{Customer, Shipping},
    share::Sold,
    states::{CancelReason, Channel, FulfilmentState, PaymentState, Step},
};
use crate::pricing::{Kind, LineTax, TaxTotal};

base::id!(
    /// Names an order: `order_01h455vb4pex5vsknk084sn02q`.
    OrderId: OrderKind, "order"
);
base::id!(
    /// Names a cart.
    CartId: CartKind, "cart"
);
base::id!(
    /// Names a step of fulfilment.
    FulfilmentId: FulfilmentKind, "ful"
);
base::id!(
    /// Names a refund.
    RefundId: RefundKind, "ref"
);
base::id!(
    /// Names a document.
    DocumentId: DocumentKind, "doc"
);

/// An order without its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub id: OrderId,
    /// What people call it: 1001, 1002, …
    pub number: i64,
    pub channel: Channel,
    /// Made while trying out: marked everywhere, and kept out of the books.
    pub test: bool,
    pub currency: Currency,
    pub prices_include_tax: bool,
    pub rounding: Rounding,
    /// Before discounts, as the prices are written.
    pub list: Money,
    pub discount: Money,
    pub net: Money,
    pub tax: Money,
    pub total: Money,
    /// All money that came for it.
    pub paid: Money,
    /// What was granted back, whether or not it has left yet; never more than `paid`.
    pub refunded: Money,
    /// The part of the sale that was taken back; never more than `total`.
    pub credited: Money,
    /// What the business holds for the customer and must hand back.
    pub owed: Money,
    pub payment: PaymentState,
    pub fulfilment: FulfilmentState,
    /// How the customer means to pay.
    pub method: Option<String>,
    /// The method under which the sale was booked; absent until the order is firm.
    pub firm_method: Option<String>,
    pub location: Option<LocationId>,
    pub placed_at: Timestamp,
    /// When it lapses unless it is paid; absent once it is firm or cancelled.
    pub expires_at: Option<Timestamp>,
    /// Since when it is a sale: the goods are taken and the revenue is booked.
    pub firm_at: Option<Timestamp>,
    pub cancelled_at: Option<Timestamp>,
    pub cancel_reason: Option<CancelReason>,
}

impl Order {
    pub const fn is_firm(&self) -> bool {
        self.firm_at.is_some()
    }

    pub fn is_cancelled(&self) -> bool {
        self.fulfilment == FulfilmentState::Cancelled
    }

    /// Money of the customer that was not granted back.
    pub fn kept(&self) -> Result<Money, MoneyError> {
        self.paid.minus(self.refunded)
    }

    /// What the customer still has to pay; nothing for a cancelled order.
    pub fn due(&self) -> Result<Money, MoneyError> {
        let zero = Money::zero(self.currency);
        if self.is_cancelled() {
            return Ok(zero);
        }
        let due = self.total.minus(self.credited)?.minus(self.kept()?)?;
        Ok(if due.is_negative() { zero } else { due })
    }

    /// Money kept beyond what was sold: paid twice, too much, or too late.
    pub fn excess(&self) -> Result<Money, MoneyError> {
        let zero = Money::zero(self.currency);
        let sold = if self.is_firm() { self.total.minus(self.credited)? } else { zero };
        let excess = self.kept()?.minus(sold)?;
        Ok(if excess.is_negative() { zero } else { excess })
    }
}

/// A tax of a line, with what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenTax {
    #[serde(flatten)]
    pub tax: LineTax,
    /// Minor units.
    pub amount: i64,
}

/// What was sold, as it was when it was sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    /// Counted from 1 within the order.
    pub line: i64,
    pub kind: Kind,
    /// Absent for delivery and fees.
    pub variant: Option<VariantId>,
    pub title: String,
    /// The option values: `Red / L`; empty without options.
    pub options: String,
    pub sku: Option<String>,
    pub unit: Unit,
    pub quantity: Quantity,
    pub unit_price: Money,
    pub list: Money,
    pub discount: Money,
    pub net: Money,
    pub gross: Money,
    pub taxes: Vec<TakenTax>,
    pub returned: Quantity,
    pub refunded: Money,
    /// Minor units, one for each tax.
    pub refunded_taxes: Vec<i64>,
}

impl OrderLine {
    /// What refunds reckon with.
    pub fn sold(&self) -> Result<Sold, MoneyError> {
        let money = |minor: &i64| Money::new(*minor, self.gross.currency());
        Ok(Sold {
            line: self.line,
            quantity: self.quantity,
            gross: self.gross,
            taxes: self.taxes.iter().map(|tax| money(&tax.amount)).collect::<Result<_, _>>()?,
            returned: self.returned,
            refunded: self.refunded,
            refunded_taxes: self.refunded_taxes.iter().map(money).collect::<Result<_, _>>()?,
        })
    }
}

/// A discount on the whole order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderDiscount {
    pub label: String,
    pub amount: Money,
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fulfilment {
    pub id: FulfilmentId,
    pub step: Step,
    pub carrier: Option<String>,
    pub tracking: Option<String>,
    pub actor: String,
    pub at: Timestamp,
}

/// Money that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub method: String,
    pub reference: String,
    pub amount: Money,
    pub at: Timestamp,
}

/// Everything about one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    pub order: Order,
    pub lines: Vec<OrderLine>,
    pub taxes: Vec<TaxTotal>,
    pub discounts: Vec<OrderDiscount>,
    /// Empty once the customer was forgotten.
    pub customer: Customer,
    pub shipping: Shipping,
    pub note: String,
    pub receipts: Vec<Receipt>,
    pub fulfilments: Vec<Fulfilment>,
    pub refunds: Vec<super::refund::Refund>,
}

impl Whole {
    /// Whether it sells more than gift cards: those are neither packed nor fetched.
    pub fn has_goods(&self) -> bool {
        self.lines.iter().any(|line| line.kind != Kind::GiftCard)
    }
}
