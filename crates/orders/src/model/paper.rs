//! Papers: numbered, immutable snapshots of what was sold, paid, or taken back.

use base::{Country, Currency, Money, Quantity, Timestamp};
use catalog::Unit;
use people::Business;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    order::{DocumentId, OrderId, Whole},
    refund::Refund,
    states::named,
};
use crate::pricing::{Kind, LineTax, TaxTotal};

named! {
    /// What a paper is for.
    DocumentType {
        /// A priced offer.
        Quote = "quote",
        /// Proof of payment.
        Receipt = "receipt",
        /// A claim with tax.
        Invoice = "invoice",
        /// Corrects a receipt or an invoice.
        CreditNote = "credit-note",
    }
}

impl DocumentType {
    /// The series that papers of this type are numbered in. Try-outs never touch the real numbers.
    pub const fn series(self, test: bool) -> &'static str {
        match (self, test) {
            (Self::Quote, false) => "Q",
            (Self::Receipt, false) => "R",
            (Self::Invoice, false) => "INV",
            (Self::CreditNote, false) => "CN",
            (Self::Quote, true) => "TEST-Q",
            (Self::Receipt, true) => "TEST-R",
            (Self::Invoice, true) => "TEST-INV",
            (Self::CreditNote, true) => "TEST-CN",
        }
    }
}

/// A paper as it stands in the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub id: DocumentId,
    pub order: OrderId,
    pub kind: DocumentType,
    pub series: String,
    pub number: i64,
    pub issued_at: Timestamp,
    pub snapshot: Snapshot,
    /// SHA-256 of the snapshot's JSON.
    pub hash: [u8; 32],
    /// What the tax office says: `none` until a country's fiscal provider exists.
    pub fiscal: String,
}

impl Document {
    /// `R-000042`.
    pub fn name(&self) -> String {
        name(&self.series, self.number)
    }
}

/// What people call the paper with this number.
pub fn name(series: &str, number: i64) -> String {
    format!("{series}-{number:06}")
}

/// Everything a paper says, so that it can be printed again for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    pub seller: Seller,
    pub customer: Option<String>,
    pub address: Vec<String>,
    pub order_number: i64,
    pub ordered_at: Timestamp,
    pub test: bool,
    pub currency: Currency,
    pub prices_include_tax: bool,
    pub lines: Vec<PaperLine>,
    pub taxes: Vec<TaxTotal>,
    pub discounts: Vec<(String, Money)>,
    pub net: Money,
    pub tax: Money,
    pub total: Money,
    /// Method, reference and amount of each payment.
    pub payments: Vec<(String, String, Money)>,
    /// The paper that this one corrects, and why.
    pub corrects: Vec<String>,
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Seller {
    pub name: String,
    /// The legal name, if it is another, address, phone and e-mail.
    pub details: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaperLine {
    pub kind: Kind,
    pub title: String,
    pub options: String,
    pub sku: Option<String>,
    pub unit: Unit,
    pub quantity: Quantity,
    pub unit_price: Money,
    pub discount: Money,
    pub net: Money,
    pub gross: Money,
    /// The taxes it was sold with; empty on papers of before papers said so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<LineTax>,
}

impl Seller {
    /// The business as its settings describe it today.
    pub fn of(business: &Business) -> Self {
        let said = &business.edit;
        let legal =
            said.legal_name.iter().map(ToString::to_string).filter(|legal| *legal != said.name.as_str());
        let address = said.address.as_str().lines().map(str::to_owned);
        let phone = said.phone.iter().map(ToString::to_string);
        let email = said.email.iter().map(ToString::to_string);
        Self {
            name: said.name.to_string(),
            details: legal.chain(address).chain(phone).chain(email).collect(),
        }
    }
}

/// The paper of a whole order: its lines, taxes and payments as they are now.
pub fn of_order(seller: Seller, home: Country, whole: &Whole) -> Snapshot {
    let order = &whole.order;
    let line = |line: &super::OrderLine| PaperLine {
        kind: line.kind,
        title: line.title.clone(),
        options: line.options.clone(),
        sku: line.sku.clone(),
        unit: line.unit,
        quantity: line.quantity,
        unit_price: line.unit_price,
        discount: line.discount,
        net: line.net,
        gross: line.gross,
        taxes: taxes_of(line),
    };
    Snapshot {
        seller,
        customer: whole.customer.name.as_ref().map(ToString::to_string),
        address: whole.shipping.lines(home),
        order_number: order.number,
        ordered_at: order.placed_at,
        test: order.test,
        currency: order.currency,
        prices_include_tax: order.prices_include_tax,
        lines: whole.lines.iter().map(line).collect(),
        taxes: whole.taxes.clone(),
        discounts: whole.discounts.iter().map(|discount| (discount.label.clone(), discount.amount)).collect(),
        net: order.net,
        tax: order.tax,
        total: order.total,
        payments: whole
            .receipts
            .iter()
            .map(|paid| (paid.method.clone(), paid.reference.clone(), paid.amount))
            .collect(),
        corrects: Vec::new(),
        reason: None,
    }
}

/// The paper that takes back what `refund` gives back: its lines with the amounts that return, all positive.
pub fn of_refund(
    seller: Seller,
    home: Country,
    whole: &Whole,
    refund: &Refund,
    corrects: Vec<String>,
) -> Result<Snapshot, base::MoneyError> {
    let currency = whole.order.currency;
    let zero = Money::zero(currency);
    let mut lines = Vec::with_capacity(refund.lines.len());
    let mut taxes: Vec<TaxTotal> = Vec::new();
    let (mut net, mut tax) = (zero, zero);
    for back in &refund.lines {
        let Some(sold) = whole.lines.iter().find(|line| line.line == back.line) else { continue };
        let line_tax = Money::new(back.taxes.iter().sum(), currency)?;
        let line_net = back.amount.minus(line_tax)?;
        for (taken, minor) in sold.taxes.iter().zip(&back.taxes) {
            let amount = Money::new(*minor, currency)?;
            let same = |total: &&mut TaxTotal| {
                (&total.code, &total.name, total.rate, total.treatment)
                    == (&taken.tax.code, &taken.tax.name, taken.tax.rate, taken.tax.treatment)
            };
            if let Some(total) = taxes.iter_mut().find(same) {
                total.base = total.base.plus(line_net)?;
                total.tax = total.tax.plus(amount)?;
            } else {
                taxes.push(TaxTotal {
                    code: taken.tax.code.clone(),
                    name: taken.tax.name.clone(),
                    rate: taken.tax.rate,
                    treatment: taken.tax.treatment,
                    base: line_net,
                    tax: amount,
                });
            }
        }
        net = net.plus(line_net)?;
        tax = tax.plus(line_tax)?;
        lines.push(PaperLine {
            kind: sold.kind,
            title: sold.title.clone(),
            options: sold.options.clone(),
            sku: sold.sku.clone(),
            unit: sold.unit,
            quantity: back.quantity,
            unit_price: sold.unit_price,
            discount: zero,
            net: line_net,
            gross: back.amount,
            taxes: taxes_of(sold),
        });
    }
    Ok(Snapshot {
        lines,
        taxes,
        net,
        tax,
        total: net.plus(tax)?,
        discounts: Vec::new(),
        payments: Vec::new(),
        corrects,
        reason: Some(refund.reason.clone()),
        ..of_order(seller, home, whole)
    })
}

fn taxes_of(line: &super::OrderLine) -> Vec<LineTax> {
    line.taxes.iter().map(|taken| taken.tax.clone()).collect()
}

/// The snapshot's JSON and its SHA-256.
pub fn sealed(snapshot: &Snapshot) -> (String, [u8; 32]) {
    let json = serde_json::to_string(snapshot).unwrap_or_default();
    let hash = Sha256::digest(json.as_bytes()).into();
    (json, hash)
}
