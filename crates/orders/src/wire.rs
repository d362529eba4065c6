//! Orders, carts and papers as JSON: what applications read, here and in the rooms below.

use base::{
    Line, Money, Prose, Quantity, Timestamp,
    tax::{Rate, Treatment},
};
use catalog::TaxCodeName;
use edge::schema;
use serde::Serialize;

use crate::{
    Counted, Error, Lowered, Offer,
    model::{
        CancelReason, Channel, Covers, Customer, Document, DocumentId, DocumentType, Fulfilment,
        FulfilmentId, FulfilmentState, Order, OrderId, OrderLine, PaymentState, Refund, RefundId,
        RefundState, Shipping, Snapshot, Step, Whole, Zone, ZoneDetails, ZoneId,
    },
    pricing::{Kind, Priced, TaxTotal},
    promotion::Code,
};

/// An order with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Order)]
pub struct OrderView {
    #[serde(flatten)]
    pub head: OrderHead,
    pub lines: Vec<LineView>,
    pub taxes: Vec<TaxView>,
    pub customer: Customer,
    pub shipping: Shipping,
    pub note: String,
    pub payments: Vec<PaymentView>,
    pub fulfilments: Vec<FulfilmentView>,
    pub refunds: Vec<RefundView>,
}

/// An order as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderHead {
    #[schema(value_type = String)]
    pub id: OrderId,
    /// What people call it.
    pub number: i64,
    pub channel: Channel,
    /// Made while trying out; in no book.
    pub test: bool,
    pub payment_status: PaymentState,
    pub fulfilment_status: FulfilmentState,
    pub method: Option<String>,
    /// Whether it is a sale already.
    pub firm: bool,
    #[schema(value_type = schema::Money)]
    pub subtotal: Money,
    #[schema(value_type = schema::Money)]
    pub discount: Money,
    #[schema(value_type = schema::Money)]
    pub net: Money,
    #[schema(value_type = schema::Money)]
    pub tax: Money,
    #[schema(value_type = schema::Money)]
    pub total: Money,
    #[schema(value_type = schema::Money)]
    pub paid: Money,
    #[schema(value_type = schema::Money)]
    pub refunded: Money,
    /// Still to pay.
    #[schema(value_type = schema::Money)]
    pub due: Money,
    /// Held for the customer, to be given back.
    #[schema(value_type = schema::Money)]
    pub owed: Money,
    #[schema(value_type = String, format = DateTime)]
    pub placed_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub cancelled_at: Option<Timestamp>,
    pub cancel_reason: Option<CancelReason>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OrderLine)]
pub struct LineView {
    /// Counted from 1; refunds name it.
    pub line: i64,
    #[schema(value_type = String)]
    pub kind: Kind,
    #[schema(value_type = Option<String>)]
    pub variant: Option<catalog::VariantId>,
    pub sku: Option<String>,
    pub title: String,
    pub options: String,
    #[schema(value_type = schema::Quantity)]
    pub quantity: Quantity,
    #[schema(value_type = String)]
    pub unit: catalog::Unit,
    #[schema(value_type = schema::Money)]
    pub unit_price: Money,
    #[schema(value_type = schema::Money)]
    pub discount: Money,
    #[schema(value_type = schema::Money)]
    pub net: Money,
    #[schema(value_type = schema::Money)]
    pub gross: Money,
    #[schema(value_type = schema::Quantity)]
    pub returned: Quantity,
    #[schema(value_type = schema::Money)]
    pub refunded: Money,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OrderTax)]
pub struct TaxView {
    pub code: String,
    pub name: String,
    /// Parts per million: 20 % is 200000.
    #[schema(value_type = u32)]
    pub rate: Rate,
    #[schema(value_type = String)]
    pub treatment: Treatment,
    #[schema(value_type = schema::Money)]
    pub base: Money,
    #[schema(value_type = schema::Money)]
    pub tax: Money,
}

/// Money that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OrderPayment)]
pub struct PaymentView {
    pub method: String,
    pub reference: String,
    #[schema(value_type = schema::Money)]
    pub amount: Money,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Fulfilment)]
pub struct FulfilmentView {
    #[schema(value_type = String)]
    pub id: FulfilmentId,
    pub step: Step,
    pub carrier: Option<String>,
    pub tracking: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Refund)]
pub struct RefundView {
    #[schema(value_type = String)]
    pub id: RefundId,
    pub status: RefundState,
    #[schema(value_type = schema::Money)]
    pub amount: Money,
    /// The part that went back onto gift cards, or became store credit.
    #[schema(value_type = schema::Money)]
    pub on_cards: Money,
    pub reason: String,
    pub restock: bool,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub paid_at: Option<Timestamp>,
}

/// A cart, priced as it would be now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Cart)]
pub struct CartView {
    #[schema(value_type = String)]
    pub id: crate::CartId,
    pub lines: Vec<LineView>,
    #[schema(value_type = Vec<String>)]
    pub codes: Vec<Code>,
    /// What the codes take off, in the order they do.
    pub discounts: Vec<DiscountView>,
    /// Why the codes do nothing for the cart by now, as the `code` of a problem; it is priced without them then.
    #[schema(value_type = Option<String>, required = true)]
    pub codes_refused: Option<&'static str>,
    pub taxes: Vec<TaxView>,
    #[schema(value_type = schema::Money)]
    pub subtotal: Money,
    #[schema(value_type = schema::Money)]
    pub tax: Money,
    #[schema(value_type = schema::Money)]
    pub total: Money,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// The order it became.
    #[schema(value_type = Option<String>)]
    pub order: Option<OrderId>,
}

/// What a code takes off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = CodeDiscount)]
pub struct DiscountView {
    #[schema(value_type = String)]
    pub label: Line<200>,
    #[schema(value_type = schema::Money)]
    pub amount: Money,
}

impl From<Lowered> for DiscountView {
    fn from(Lowered { label, amount, .. }: Lowered) -> Self {
        Self { label, amount }
    }
}

/// A delivery zone as applications read it: what was said of it, and its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Zone)]
pub struct ZoneView {
    #[schema(value_type = String)]
    pub id: ZoneId,
    #[schema(value_type = String)]
    pub name: Line<120>,
    pub covers: Covers,
    #[schema(value_type = schema::Money)]
    pub fee: Money,
    #[schema(value_type = Option<schema::Money>)]
    pub free_from: Option<Money>,
    #[schema(value_type = Option<schema::Money>)]
    pub minimum: Option<Money>,
    #[schema(value_type = Option<String>)]
    pub tax_code: Option<TaxCodeName>,
    #[schema(value_type = String)]
    pub words: Prose<200>,
    pub active: bool,
}

impl From<Zone> for ZoneView {
    fn from(Zone { id, details }: Zone) -> Self {
        let ZoneDetails { name, covers, fee, free_from, minimum, tax_code, words, active } = details;
        Self { id, name, covers, fee, free_from, minimum, tax_code, words, active }
    }
}

/// What an order would cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Quote)]
pub struct QuoteView {
    /// With the fee of delivery as a line of kind `delivery`.
    pub lines: Vec<LineView>,
    /// What codes take off, in the order they do.
    pub discounts: Vec<DiscountView>,
    pub taxes: Vec<TaxView>,
    #[schema(value_type = schema::Money)]
    pub subtotal: Money,
    #[schema(value_type = schema::Money)]
    pub tax: Money,
    #[schema(value_type = schema::Money)]
    pub total: Money,
    /// The delivery zone that takes the address in; null for pickup.
    pub zone: Option<ZoneView>,
}

/// A paper, with everything it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Document)]
pub struct DocumentView {
    #[schema(value_type = String)]
    pub id: DocumentId,
    #[schema(value_type = String)]
    pub order: OrderId,
    pub r#type: DocumentType,
    /// Series and number: `R-000042`.
    pub name: String,
    pub number: i64,
    #[schema(value_type = String, format = DateTime)]
    pub issued_at: Timestamp,
    /// What the tax office says; `none` where it is not asked.
    pub fiscal: String,
    #[schema(value_type = Object)]
    pub snapshot: Snapshot,
}

impl OrderHead {
    pub fn of(order: &Order) -> Result<Self, Error> {
        Ok(Self {
            id: order.id,
            number: order.number,
            channel: order.channel,
            test: order.test,
            payment_status: order.payment,
            fulfilment_status: order.fulfilment,
            method: order.method.clone(),
            firm: order.is_firm(),
            subtotal: order.list,
            discount: order.discount,
            net: order.net,
            tax: order.tax,
            total: order.total,
            paid: order.paid,
            refunded: order.refunded,
            due: order.due()?,
            owed: order.owed,
            placed_at: order.placed_at,
            expires_at: order.expires_at,
            cancelled_at: order.cancelled_at,
            cancel_reason: order.cancel_reason,
        })
    }
}

impl OrderView {
    pub fn of(whole: Whole) -> Result<Self, Error> {
        let payment = |receipt: crate::Receipt| PaymentView {
            method: receipt.method,
            reference: receipt.reference,
            amount: receipt.amount,
            at: receipt.at,
        };
        Ok(Self {
            head: OrderHead::of(&whole.order)?,
            lines: whole.lines.into_iter().map(Into::into).collect(),
            taxes: whole.taxes.into_iter().map(Into::into).collect(),
            customer: whole.customer,
            shipping: whole.shipping,
            note: whole.note,
            payments: whole.receipts.into_iter().map(payment).collect(),
            fulfilments: whole.fulfilments.into_iter().map(Into::into).collect(),
            refunds: whole.refunds.into_iter().map(Into::into).collect(),
        })
    }
}

impl QuoteView {
    pub fn of(offer: Offer, zone: Option<Zone>) -> Self {
        let Offer { lines, priced, discounts, .. } = offer;
        Self {
            lines: lines.into_iter().map(Into::into).collect(),
            discounts: discounts.into_iter().map(Into::into).collect(),
            taxes: priced.taxes.into_iter().map(Into::into).collect(),
            subtotal: priced.list,
            tax: priced.tax,
            total: priced.total,
            zone: zone.map(ZoneView::from),
        }
    }
}

impl CartView {
    /// An empty one costs nothing in `currency`.
    pub fn of(Counted { cart, offer, idle }: Counted, currency: base::Currency) -> Self {
        let zero = Money::zero(currency);
        let (lines, discounts, priced) = match offer {
            Some(offer) => (offer.lines, offer.discounts, Some(offer.priced)),
            None => (Vec::new(), Vec::new(), None),
        };
        let of = |amount: fn(&Priced) -> Money| priced.as_ref().map_or(zero, amount);
        Self {
            id: cart.id,
            lines: lines.into_iter().map(Into::into).collect(),
            codes: cart.codes,
            discounts: discounts.into_iter().map(Into::into).collect(),
            codes_refused: idle.map(|refusal| edge::Problem::from(refusal).code()),
            subtotal: of(|priced| priced.list),
            tax: of(|priced| priced.tax),
            total: of(|priced| priced.total),
            taxes: priced
                .map(|priced| priced.taxes)
                .unwrap_or_default()
                .into_iter()
                .map(Into::into)
                .collect(),
            expires_at: cart.expires_at,
            order: cart.order,
        }
    }
}

impl From<OrderLine> for LineView {
    fn from(line: OrderLine) -> Self {
        Self {
            line: line.line,
            kind: line.kind,
            variant: line.variant,
            sku: line.sku,
            title: line.title,
            options: line.options,
            quantity: line.quantity,
            unit: line.unit,
            unit_price: line.unit_price,
            discount: line.discount,
            net: line.net,
            gross: line.gross,
            returned: line.returned,
            refunded: line.refunded,
        }
    }
}

impl From<TaxTotal> for TaxView {
    fn from(total: TaxTotal) -> Self {
        let TaxTotal { code, name, rate, treatment, base, tax } = total;
        Self { code, name, rate, treatment, base, tax }
    }
}

impl From<Fulfilment> for FulfilmentView {
    fn from(taken: Fulfilment) -> Self {
        let Fulfilment { id, step, carrier, tracking, at, .. } = taken;
        Self { id, step, carrier, tracking, at }
    }
}

impl From<Refund> for RefundView {
    fn from(refund: Refund) -> Self {
        let Refund { id, state, amount, on_cards, reason, restock, at, paid_at, .. } = refund;
        Self { id, status: state, amount, on_cards, reason, restock, at, paid_at }
    }
}

impl From<Document> for DocumentView {
    fn from(document: Document) -> Self {
        let name = document.name();
        let Document { id, order, kind, number, issued_at, fiscal, snapshot, .. } = document;
        Self { id, order, r#type: kind, name, number, issued_at, fiscal, snapshot }
    }
}
