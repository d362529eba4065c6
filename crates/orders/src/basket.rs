//! From a wish to priced lines: looks the variants and their taxes up, once each, and sends them through the pipeline.

use std::collections::HashMap;

use base::{Day, Money};
use catalog::{DueTax, SellableVariant, TaxCode, TaxCodeName, Unit, VariantId};
use db::Rx;

use crate::{
    Error,
    delivery::{self, Delivery},
    model::{Draft, Extra, OrderLine, TakenTax, Terms, Wanted, ZoneId},
    pricing::{self, Basket, Kind, Line, LineTax, Over, Priced, Spread},
    promotion::{self, AskedLine, Lowers, Reduction},
};

/// A priced wish: what it costs now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub lines: Vec<OrderLine>,
    pub priced: Priced,
    /// What lowers the price of the whole, in the order it is taken off.
    pub discounts: Vec<Lowered>,
    /// The zone it is delivered in.
    pub zone: Option<ZoneId>,
    /// The variants behind the first lines, for their stock; extras have none.
    pub(crate) variants: Vec<SellableVariant>,
}

/// What a discount on the order took off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lowered {
    pub label: base::Line<200>,
    pub amount: Money,
    /// What a code did; none where staff lowered the price.
    pub reduction: Option<Reduction>,
}

/// What `draft` costs under `terms`, or which line cannot be sold. Reserves nothing.
pub fn offer(rx: &mut Rx, draft: &Draft, terms: &Terms) -> Result<Offer, Error> {
    let variants = variants(rx, &draft.lines)?;
    for (variant, wanted) in variants.iter().zip(&draft.lines) {
        if !variant.active {
            return Err(Error::NotForSale { name: variant.name() });
        }
        if !variant.accepts(wanted.quantity) {
            return Err(Error::WrongQuantity { name: variant.name(), unit: variant.unit });
        }
    }
    let taxes = taxes(rx, &variants, terms)?;
    let mut lines = Vec::with_capacity(variants.len() + draft.extras.len());
    for (variant, wanted) in variants.iter().zip(&draft.lines) {
        let code = variant.taxable.then(|| taxes.get(&variant.tax_code).cloned()).flatten();
        lines.push(Line {
            kind: if variant.ships { Kind::Goods } else { Kind::Service },
            unit_price: variant.price,
            quantity: wanted.quantity,
            taxes: code.unwrap_or_default(),
            discount: None,
        });
    }
    lines.extend(draft.extras.iter().map(line_of));
    let reductions = promotion::reductions(rx, draft, terms.currency, &asked(&variants, &lines)?)?;
    let given = draft.discount.as_ref().map(|named| Spread { discount: named.discount, over: Over::Sold });
    let mut basket = Basket {
        currency: terms.currency,
        prices_include_tax: terms.prices_include_tax,
        rounding: terms.rounding,
        discounts: given
            .into_iter()
            .chain(reductions.iter().map(|reduction| spread(reduction, None)))
            .collect(),
        lines,
    };
    let mut priced = pricing::price(&basket)?;
    let mut extras = draft.extras.clone();
    let delivery = delivery::delivery(rx, draft, terms, priced.total)?;
    let zone = delivery.as_ref().map(|delivery| delivery.zone);
    if let Some(Delivery { fee, .. }) = delivery {
        basket.lines.push(line_of(&fee));
        extras.push(fee);
        let fee = Some(basket.lines.len() - 1);
        let given = basket.discounts.len() - reductions.len();
        basket.discounts.truncate(given);
        basket.discounts.extend(reductions.iter().map(|reduction| spread(reduction, fee)));
        priced = pricing::price(&basket)?;
    }
    let lines = snapshot(&basket, &priced, &variants, &extras);
    let labels = draft.discount.iter().map(|named| (named.label.clone(), None));
    let labels =
        labels.chain(reductions.into_iter().map(|reduction| (reduction.label.clone(), Some(reduction))));
    let discounts = labels
        .zip(&priced.discounts)
        .map(|((label, reduction), amount)| Lowered { label, amount: *amount, reduction })
        .collect();
    Ok(Offer { lines, priced, discounts, zone, variants })
}

/// The lines as a code is asked about them.
fn asked(variants: &[SellableVariant], lines: &[Line]) -> Result<Vec<AskedLine>, Error> {
    let line = |(place, line): (usize, &Line)| {
        Ok(AskedLine {
            product: variants.get(place).map(|variant| variant.product),
            kind: line.kind,
            quantity: line.quantity,
            unit_price: line.unit_price,
            list: line.unit_price.times(line.quantity)?,
        })
    };
    lines.iter().enumerate().map(line).collect()
}

/// What a code takes off, with the delivery's fee at the place `fee`.
fn spread(reduction: &Reduction, fee: Option<usize>) -> Spread {
    let places = match &reduction.lowers {
        Lowers::Lines(places) => places.clone(),
        Lowers::Delivery => fee.into_iter().collect(),
        Lowers::Nothing => Vec::new(),
    };
    Spread { discount: reduction.discount, over: Over::Lines(places) }
}

fn line_of(extra: &Extra) -> Line {
    Line {
        kind: extra.kind,
        unit_price: extra.price,
        quantity: base::Quantity::ONE,
        taxes: extra.taxes.clone(),
        discount: None,
    }
}

/// The variants of the wish, in its order; those named by id in one read.
fn variants(rx: &mut Rx, wanted: &[Wanted]) -> Result<Vec<SellableVariant>, Error> {
    let ids: Vec<VariantId> = wanted.iter().filter_map(|line| line.variant).collect();
    let found = catalog::variants_for_sale(rx, &ids)?;
    let mut variants = Vec::with_capacity(wanted.len());
    for line in wanted {
        let known = match (line.variant, &line.sku) {
            (Some(id), _) => found.iter().find(|variant| variant.variant == id).cloned(),
            (None, Some(sku)) => match catalog::variant_for_sale_by_sku(rx, sku.as_str()) {
                Ok(variant) => Some(variant),
                Err(catalog::Error::UnknownVariant) => None,
                Err(error) => return Err(error.into()),
            },
            (None, None) => None,
        };
        variants.push(known.ok_or_else(|| Error::UnknownItem { name: line.name() })?);
    }
    Ok(variants)
}

/// The variant that one line of a wish names.
pub(crate) fn find(rx: &mut Rx, wanted: &Wanted) -> Result<SellableVariant, Error> {
    variants(rx, std::slice::from_ref(wanted))?
        .pop()
        .ok_or_else(|| Error::UnknownItem { name: wanted.name() })
}

/// What the merchant calls a variant.
pub(crate) fn sku_or_name(variant: &SellableVariant) -> String {
    variant.sku.as_ref().map_or_else(|| variant.name(), ToString::to_string)
}

/// The taxes that hold today, by tax code; each code is read once.
fn taxes(
    rx: &mut Rx,
    variants: &[SellableVariant],
    terms: &Terms,
) -> Result<HashMap<Option<TaxCodeName>, Vec<LineTax>>, Error> {
    let today = rx.now().day(&terms.zone);
    let mut taxes = HashMap::new();
    for variant in variants.iter().filter(|variant| variant.taxable) {
        if !taxes.contains_key(&variant.tax_code) {
            let code = catalog::tax_code_for(rx, variant.tax_code.as_ref())?;
            let due = code.map(|code| line_taxes(&code, today)).unwrap_or_default();
            taxes.insert(variant.tax_code.clone(), due);
        }
    }
    Ok(taxes)
}

/// The taxes of `code` on `day`, as a line carries them.
pub(crate) fn line_taxes(code: &TaxCode, day: Day) -> Vec<LineTax> {
    let line_tax = |tax: DueTax| LineTax {
        code: code.code.to_string(),
        name: tax.name.to_string(),
        rate: tax.rate,
        treatment: tax.treatment,
        compound: tax.compound,
    };
    code.due_on(day).map(line_tax).collect()
}

fn snapshot(
    basket: &Basket,
    priced: &Priced,
    variants: &[SellableVariant],
    extras: &[Extra],
) -> Vec<OrderLine> {
    let mut lines = Vec::with_capacity(basket.lines.len());
    for (place, (line, priced)) in basket.lines.iter().zip(&priced.lines).enumerate() {
        let variant = variants.get(place);
        let extra = place.checked_sub(variants.len()).and_then(|place| extras.get(place));
        let title = variant.map(|variant| variant.title.to_string());
        lines.push(OrderLine {
            line: place as i64 + 1,
            kind: line.kind,
            variant: variant.map(|variant| variant.variant),
            title: title.or_else(|| extra.map(|extra| extra.title.to_string())).unwrap_or_default(),
            options: variant.map(SellableVariant::label).unwrap_or_default(),
            sku: variant.and_then(|variant| variant.sku.as_ref()).map(ToString::to_string),
            unit: variant.map_or(Unit::Piece, |variant| variant.unit),
            quantity: line.quantity,
            unit_price: line.unit_price,
            list: priced.list,
            discount: priced.discount,
            net: priced.net,
            gross: priced.gross,
            taxes: line
                .taxes
                .iter()
                .zip(&priced.taxes)
                .map(|(tax, amount)| TakenTax { tax: tax.clone(), amount: amount.minor() })
                .collect(),
            returned: base::Quantity::ZERO,
            refunded: Money::zero(basket.currency),
            refunded_taxes: vec![0; line.taxes.len()],
        });
    }
    lines
}
