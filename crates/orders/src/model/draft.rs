//! What is asked for before an order exists: lines, a customer, a place, and the terms it is sold under.

use base::{Currency, Line, Money, Quantity, Zone, tax::Rounding};
use catalog::VariantId;
use serde::{Deserialize, Serialize};
use stock::LocationId;

use super::{
    contact::{Customer, Note, Shipping},
    states::Channel,
};
use crate::{
    pricing::{Discount, Kind, LineTax},
    promotion::Code,
    stored::Gift,
};

/// One line of a wish: a variant by its id or its SKU, and how much of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub variant: Option<VariantId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub sku: Option<Line<255>>,
    /// A number, or a decimal in text.
    #[schema(value_type = f64)]
    pub quantity: Quantity,
}

impl Wanted {
    pub const fn variant(variant: VariantId, quantity: Quantity) -> Self {
        Self { variant: Some(variant), sku: None, quantity }
    }

    /// What was asked for, in words.
    pub fn name(&self) -> String {
        match (&self.sku, self.variant) {
            (Some(sku), _) => sku.to_string(),
            (None, Some(variant)) => variant.to_string(),
            (None, None) => String::new(),
        }
    }
}

/// A line that is no thing of the catalogue: delivery, a fee, or a gift card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extra {
    pub kind: Kind,
    pub title: Line<200>,
    pub price: Money,
    pub taxes: Vec<LineTax>,
    /// With a gift card.
    pub gift: Option<Gift>,
}

impl Extra {
    /// A gift card of this value. It is money, not a thing: no tax is due when it is sold.
    pub const fn gift_card(title: Line<200>, value: Money, gift: Gift) -> Self {
        Self { kind: Kind::GiftCard, title, price: value, taxes: Vec::new(), gift: Some(gift) }
    }
}

/// A discount on the whole order, under the name that the customer reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedDiscount {
    pub label: Line<200>,
    pub discount: Discount,
}

/// What shall be ordered, by whom, where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub channel: Channel,
    pub lines: Vec<Wanted>,
    pub extras: Vec<Extra>,
    pub customer: Customer,
    /// Who it is for, where whoever writes the order knows; a phone number or an e-mail knows better.
    pub known: Option<customers::CustomerId>,
    pub shipping: Shipping,
    pub note: Note,
    pub discount: Option<NamedDiscount>,
    /// Codes that lower the price, as typed.
    pub codes: Vec<Code>,
    /// Where the goods come from; the tenant's first location if absent.
    pub location: Option<LocationId>,
    /// What the customer was shown; an order that comes to anything else is refused.
    pub agreed: Option<Money>,
    /// Placing again under the same key gives the same order: a cart's id, or the caller's own.
    pub origin_key: Option<String>,
}

impl Draft {
    pub fn new(channel: Channel, lines: Vec<Wanted>) -> Self {
        Self {
            channel,
            lines,
            extras: Vec::new(),
            customer: Customer::default(),
            known: None,
            shipping: Shipping::default(),
            note: Note::default(),
            discount: None,
            codes: Vec::new(),
            location: None,
            agreed: None,
            origin_key: None,
        }
    }
}

/// What the business and the payment method say about an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub currency: Currency,
    pub prices_include_tax: bool,
    pub rounding: Rounding,
    /// Whose day decides which tax rates hold.
    pub zone: Zone,
    /// A try-out: marked, and kept out of the books.
    pub test: bool,
    /// How the customer means to pay, if that is known: `cod`, `manual`, `sandbox`, …
    pub method: Option<String>,
    /// For how many seconds the goods are kept until money comes. None: the order is firm at once (cash on delivery).
    pub hold_for_s: Option<i64>,
}
