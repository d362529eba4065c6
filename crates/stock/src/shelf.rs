//! The catalogue's shelf: products are made with their stock, and files bring it in.

use std::collections::HashMap;

use base::{Prose, Quantity};
use catalog::{ImportedStock, Shelf, VariantId};
use db::{Rx, Tx};
use serde_json::json;
use spine::{
    events::{self, Event},
    holds::{self, Rule},
};

use crate::{
    Error, count,
    model::{self, Level, Reason},
    sql::{self, Moving},
};

/// Counts in pools, at the location that is meant where none is named.
#[derive(Debug, Clone, Copy, Default)]
pub struct CountedShelf;

impl Shelf for CountedShelf {
    fn put(&self, tx: &mut Tx, variant: VariantId, stock: &ImportedStock) -> Result<(), catalog::Error> {
        if stock.tracked { begin(tx, variant, stock) } else { stop(tx, variant) }.map_err(told)
    }

    fn levels(
        &self,
        rx: &mut Rx,
        variants: &[VariantId],
    ) -> Result<HashMap<VariantId, Quantity>, catalog::Error> {
        let mut totals: HashMap<VariantId, Quantity> = HashMap::new();
        for level in count::levels(rx, variants).map_err(told)? {
            let total = totals.entry(level.variant).or_default();
            *total = total.plus(level.on_hand).map_err(|error| told(error.into()))?;
        }
        Ok(totals)
    }
}

fn told(error: Error) -> catalog::Error {
    match error {
        Error::Db(error) => catalog::Error::Db(error),
        Error::Catalog(error) => error,
        other => catalog::Error::Stock(other.to_string()),
    }
}

/// Counts the variant from now on. A file says how much there is in all: the difference goes to the default location.
fn begin(tx: &mut Tx, variant: VariantId, stock: &ImportedStock) -> Result<(), Error> {
    let location = people::location::default(tx)?;
    let rule = count::rule(stock.sell_when_out);
    let shelves = holds::pools(tx, &model::prefix(variant))?;
    let pool = model::pool_id(variant, location);
    for shelf in shelves.iter().filter(|shelf| shelf.rule != rule) {
        holds::set_rule(tx, &shelf.id, rule)?;
        if let (Rule::Unlimited, Some((variant, location))) = (shelf.rule, model::parts(&shelf.id)) {
            sql::keep(tx, variant, location)?;
        }
    }
    if !shelves.iter().any(|shelf| shelf.id == pool) {
        count::open_shelf(tx, variant, location, rule)?;
    }
    let on_hand: i64 = shelves.iter().map(|shelf| shelf.on_hand().in_thousandths()).sum();
    let promised: i64 = shelves.iter().map(|shelf| shelf.held.in_thousandths()).sum();
    let wanted = stock.quantity.map_or(on_hand, Quantity::in_thousandths);
    let delta = Quantity::thousandths(wanted - on_hand);
    if delta != Quantity::ZERO {
        holds::resize(tx, &pool, delta)?;
        let note = Prose::default();
        sql::record(
            tx,
            &Moving { variant, location, delta, reason: Reason::Import, note: &note, cause: None },
        )?;
        let payload = json!({
            "location": location, "reason": Reason::Import,
            "before": {"onHand": Quantity::thousandths(on_hand)}, "after": {"onHand": Quantity::thousandths(wanted)},
        });
        events::record(tx, Event { kind: "stock.adjusted", subject: variant.to_string(), payload })?;
    }
    // what was not tracked had no mark that could be trusted
    Ok(catalog::mark_in_stock(tx, variant, wanted > promised)?)
}

/// Counts the variant no more. What its pools held goes on, so that counting may begin again.
fn stop(tx: &mut Tx, variant: VariantId) -> Result<(), Error> {
    let shelves = holds::pools(tx, &model::prefix(variant))?;
    for shelf in shelves.iter().filter(|shelf| Level::of(shelf).is_some()) {
        holds::set_rule(tx, &shelf.id, Rule::Unlimited)?;
    }
    if shelves.is_empty() { Ok(()) } else { Ok(sql::forget(tx, variant)?) }
}
