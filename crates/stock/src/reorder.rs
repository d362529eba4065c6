//! What runs low: at or below the level at which its keeper wants to order more, or sold out.

use std::collections::HashMap;

use base::Quantity;
use catalog::{SellableVariant, VariantId};
use db::{Rx, Tx};
use people::LocationId;
use serde_json::json;
use spine::{
    events::{self, Event},
    holds,
};

use crate::{
    Error,
    model::{self, Level},
    sql::{self, Kept},
};

/// A level at which somebody should order.
#[derive(Debug, Clone)]
pub struct Low {
    pub variant: SellableVariant,
    pub level: Level,
    /// None where nobody said: then it is low when nothing is left.
    pub reorder_at: Option<Quantity>,
}

/// Says at how little left more is to be ordered; without a level, when nothing is left.
pub fn set_reorder(
    tx: &mut Tx,
    variant: VariantId,
    location: LocationId,
    at: Option<Quantity>,
) -> Result<(), Error> {
    let unit = catalog::variant_for_sale(tx, variant)?.unit;
    if at.is_some_and(|at| at < Quantity::ZERO) {
        return Err(Error::BelowZero);
    }
    if at.is_some_and(|at| !unit.accepts(at)) {
        return Err(Error::TooFine);
    }
    if !sql::set_reorder(tx, variant, location, at)? {
        return Err(Error::NotTracked);
    }
    let payload = json!({ "location": location, "after": { "reorderAt": at } });
    Ok(events::record(tx, Event { kind: "stock.reorder-set", subject: variant.to_string(), payload })?)
}

/// The levels that were set.
pub fn reorder_levels(rx: &mut Rx) -> Result<HashMap<Kept, Quantity>, Error> {
    Ok(sql::reorder_levels(rx)?.into_iter().collect())
}

/// What is to be ordered where the reader may look, the scarcest first.
pub fn low(rx: &mut Rx, limit: usize) -> Result<Vec<Low>, Error> {
    let wanted = reorder_levels(rx)?;
    let highest = wanted.values().copied().max().unwrap_or(Quantity::ZERO);
    let reach = rx.reach().clone();
    let mut short: Vec<(Level, Option<Quantity>)> = Vec::new();
    for level in holds::pools_down_to(rx, model::EVERY_SHELF, highest)?.iter().filter_map(Level::of) {
        let at = wanted.get(&(level.variant, level.location)).copied();
        if level.available <= at.unwrap_or(Quantity::ZERO) && reach.covers(level.location) {
            short.push((level, at));
        }
    }
    short.sort_by_key(|(level, _)| (level.available, level.variant, level.location));
    let mut found = Vec::new();
    for some in short.chunks(limit.max(1)) {
        let mut ids: Vec<VariantId> = some.iter().map(|(level, _)| level.variant).collect();
        ids.sort();
        ids.dedup();
        let variants: HashMap<VariantId, SellableVariant> = catalog::variants_for_sale(rx, &ids)?
            .into_iter()
            .filter(|variant| variant.tracked && variant.active)
            .map(|variant| (variant.variant, variant))
            .collect();
        for (level, reorder_at) in some {
            if let Some(variant) = variants.get(&level.variant).filter(|_| found.len() < limit) {
                found.push(Low { variant: variant.clone(), level: level.clone(), reorder_at: *reorder_at });
            }
        }
        if found.len() == limit {
            break;
        }
    }
    Ok(found)
}
