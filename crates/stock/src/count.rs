//! Promising, selling and moving what is counted.

use std::collections::BTreeMap;

use base::{Prose, Quantity, Timestamp};
use catalog::{SellableVariant, VariantId};
use db::{Rx, Tx};
use people::LocationId;
use serde_json::json;
use spine::{
    events::{self, Event},
    holds::{self, Expired, Hold, HoldId, Pool, Rule, State},
};

use crate::{
    Error, MovementFilter,
    model::{self, Adjustment, Level, Movement, MovementId, Reason, Wanted},
    sql::{self, Kept, Moving},
};

/// Promises so much of a variant to `cause` (an order's id) until a time, or for good. `None` when its stock is not
/// tracked: there is nothing to promise.
pub fn hold(
    tx: &mut Tx,
    wanted: Wanted,
    location: LocationId,
    until: Option<Timestamp>,
    cause: &str,
) -> Result<Option<HoldId>, Error> {
    claim(tx, wanted, location, cause, |tx, pool| holds::hold_of(tx, pool, wanted.quantity, until, cause))
}

/// Promises all lines or none: an `Err` ends the write it stands in.
pub fn hold_many(
    tx: &mut Tx,
    lines: &[Wanted],
    location: LocationId,
    until: Option<Timestamp>,
    cause: &str,
) -> Result<Vec<Option<HoldId>>, Error> {
    lines.iter().map(|line| hold(tx, *line, location, until, cause)).collect()
}

/// Holds and takes in one: an order that is firm when it is placed.
pub fn sell(tx: &mut Tx, wanted: Wanted, location: LocationId, cause: &str) -> Result<Option<HoldId>, Error> {
    let hold =
        claim(tx, wanted, location, cause, |tx, pool| holds::take_now_of(tx, pool, wanted.quantity, cause))?;
    if hold.is_some() {
        let delta = Quantity::ZERO.minus(wanted.quantity)?;
        moved(tx, wanted.variant.variant, location, delta, Reason::Sold, cause)?;
    }
    Ok(hold)
}

/// Sells all lines or none: an `Err` ends the write it stands in.
pub fn sell_many(
    tx: &mut Tx,
    lines: &[Wanted],
    location: LocationId,
    cause: &str,
) -> Result<Vec<Option<HoldId>>, Error> {
    lines.iter().map(|line| sell(tx, *line, location, cause)).collect()
}

fn claim(
    tx: &mut Tx,
    Wanted { variant, quantity }: Wanted,
    location: LocationId,
    cause: &str,
    take: impl FnOnce(&mut Tx, &mut Pool) -> Result<HoldId, holds::Error>,
) -> Result<Option<HoldId>, Error> {
    if !variant.tracked {
        return Ok(None);
    }
    let id = variant.variant;
    let shelf = model::pool_id(id, location);
    let shelves = holds::pools(tx, &model::prefix(id))?;
    let before = available_in(&shelves);
    let mut pool = match shelves.into_iter().find(|pool| pool.id == shelf) {
        Some(pool) => pool,
        None if variant.sell_when_out => open_shelf(tx, id, location, Rule::Overdraw)?,
        None => return Err(Error::OutOfStock { variant: id, available: Quantity::ZERO }),
    };
    let here = pool.available().unwrap_or_default();
    let hold = take(tx, &mut pool).map_err(|error| match error {
        holds::Error::Short { available, .. } => Error::OutOfStock { variant: id, available },
        other => Error::Holds(other),
    })?;
    mark(tx, id, before, before - quantity.in_thousandths())?;
    let left = here.minus(quantity)?;
    if left < Quantity::ZERO {
        let payload = json!({"location": location, "cause": cause, "before": {"available": here}, "after": {"available": left}});
        events::record(tx, Event { kind: "stock.oversold", subject: id.to_string(), payload })?;
    }
    Ok(Some(hold))
}

/// Takes all that `cause` holds, and what it held until it ran out: the order is paid. `OutOfStock` changes nothing, so
/// the caller may go on and owe the money back.
pub fn take_all(tx: &mut Tx, cause: &str) -> Result<Vec<Hold>, Error> {
    let before = holds::of_cause(tx, cause)?;
    let taken = holds::take_all(tx, cause).map_err(|error| match error {
        holds::Error::Short { ref pool, available, .. } => match model::parts(pool) {
            Some((variant, _)) => Error::OutOfStock { variant, available },
            None => Error::Holds(error),
        },
        other => Error::Holds(other),
    })?;
    for hold in &taken {
        if let Some((variant, location)) = model::parts(&hold.pool) {
            moved(tx, variant, location, Quantity::ZERO.minus(hold.quantity)?, Reason::Sold, cause)?;
        }
    }
    // what had run out was free again, so taking it may have emptied the shelf
    let anew = before.into_iter().filter(|hold| hold.state == State::Expired);
    changed(tx, anew.map(|hold| (hold.pool, -hold.quantity.in_thousandths())))?;
    Ok(taken)
}

/// Lets go what `cause` still holds: nobody paid.
pub fn release_all(tx: &mut Tx, cause: &str) -> Result<Vec<Hold>, Error> {
    let released = holds::release_all(tx, cause)?;
    changed(tx, released.iter().map(|hold| (hold.pool.clone(), hold.quantity.in_thousandths())))?;
    Ok(released)
}

/// Gives back all that `cause` holds or took: an order cancelled before it was fulfilled.
pub fn give_back_all(tx: &mut Tx, cause: &str) -> Result<Vec<Hold>, Error> {
    let before = holds::of_cause(tx, cause)?;
    let given = holds::give_back_all(tx, cause)?;
    for hold in before.iter().filter(|hold| hold.state == State::Taken) {
        if let Some((variant, location)) = model::parts(&hold.pool) {
            moved(tx, variant, location, hold.quantity, Reason::Cancelled, cause)?;
        }
    }
    changed(tx, given.iter().map(|hold| (hold.pool.clone(), hold.quantity.in_thousandths())))?;
    Ok(given)
}

/// Tells the shop about goods that are free again because their holds ran out: whoever calls `holds::expire_due` passes
/// on what it returned. Holds on other things are passed over.
pub fn expired(tx: &mut Tx, expired: &[Expired]) -> Result<(), Error> {
    changed(tx, expired.iter().map(|hold| (hold.pool.clone(), hold.quantity.in_thousandths())))
}

/// Puts goods back on the shelf, as a return does. Says whether they are counted at all.
pub fn put_back(
    tx: &mut Tx,
    variant: VariantId,
    location: LocationId,
    quantity: Quantity,
    reason: Reason,
    cause: &str,
) -> Result<bool, Error> {
    let pool = model::pool_id(variant, location);
    if holds::pool(tx, &pool)?.is_none_or(|pool| pool.rule == Rule::Unlimited) {
        return Ok(false);
    }
    holds::resize(tx, &pool, quantity)?;
    moved(tx, variant, location, quantity, reason, cause)?;
    changed(tx, [(pool, quantity.in_thousandths())])?;
    Ok(true)
}

/// Changes a level by hand, and returns what it is then. Counting what was there already moves nothing.
pub fn adjust(
    tx: &mut Tx,
    variant: VariantId,
    location: LocationId,
    adjustment: &Adjustment,
) -> Result<Level, Error> {
    let sold = catalog::variant_for_sale(tx, variant)?;
    people::location::find(tx, location)?;
    if !sold.tracked {
        return Err(Error::NotTracked);
    }
    let pool = model::pool_id(variant, location);
    let shelves = holds::pools(tx, &model::prefix(variant))?;
    let here = shelves.iter().find(|shelf| shelf.id == pool);
    let level = here.and_then(Level::of).unwrap_or(Level::empty(variant, location));
    let delta = adjustment.change.delta(level.on_hand)?;
    if !sold.unit.accepts(delta) {
        return Err(Error::TooFine);
    }
    if model::takes_too_much(level.on_hand, delta)? {
        return Err(Error::BelowZero);
    }
    if here.is_none() {
        open_shelf(tx, variant, location, rule(sold.sell_when_out))?;
    }
    if delta == Quantity::ZERO {
        return Ok(level);
    }
    let after =
        Level { on_hand: level.on_hand.plus(delta)?, available: level.available.plus(delta)?, ..level };
    holds::resize(tx, &pool, delta)?;
    let Adjustment { reason, note, .. } = adjustment;
    sql::record(tx, &Moving { variant, location, delta, reason: *reason, note, cause: None })?;
    let before = available_in(&shelves);
    mark(tx, variant, before, before + delta.in_thousandths())?;
    let payload = json!({
        "location": location, "reason": reason, "note": note,
        "before": {"onHand": level.on_hand}, "after": {"onHand": after.on_hand},
    });
    events::record(tx, Event { kind: "stock.adjusted", subject: variant.to_string(), payload })?;
    Ok(after)
}

/// What lies at one location; none when the variant is not counted there.
pub fn level(rx: &mut Rx, variant: VariantId, location: LocationId) -> Result<Option<Level>, Error> {
    Ok(holds::pool(rx, &model::pool_id(variant, location))?.as_ref().and_then(Level::of))
}

/// What lies where, of these variants; those that are not tracked have no level.
pub fn levels(rx: &mut Rx, variants: &[VariantId]) -> Result<Vec<Level>, Error> {
    let mut found = Vec::new();
    for variant in variants {
        found.extend(holds::pools(rx, &model::prefix(*variant))?.iter().filter_map(Level::of));
    }
    Ok(found)
}

/// All that is counted (at one location, or everywhere), by variant and location, behind `after`.
pub fn list(
    rx: &mut Rx,
    location: Option<LocationId>,
    after: Option<Kept>,
    limit: u32,
) -> Result<Vec<(SellableVariant, Level)>, Error> {
    let kept = sql::kept(rx, location, after, limit)?;
    let mut ids: Vec<VariantId> = kept.iter().map(|(variant, _)| *variant).collect();
    ids.dedup();
    let variants: BTreeMap<VariantId, SellableVariant> =
        catalog::variants_for_sale(rx, &ids)?.into_iter().map(|variant| (variant.variant, variant)).collect();
    let mut lines = Vec::with_capacity(kept.len());
    for (variant, location) in kept {
        let level = level(rx, variant, location)?.unwrap_or(Level::empty(variant, location));
        if let Some(sold) = variants.get(&variant) {
            lines.push((sold.clone(), level));
        }
    }
    Ok(lines)
}

/// Movements, the newest first; the cursor is the last one's id.
pub fn movements(
    rx: &mut Rx,
    filter: MovementFilter,
    before: Option<MovementId>,
    limit: u32,
) -> Result<Vec<Movement>, Error> {
    Ok(sql::movements(rx, filter, before, limit)?)
}

pub(crate) const fn rule(sell_when_out: bool) -> Rule {
    if sell_when_out { Rule::Overdraw } else { Rule::Limited }
}

/// Begins to count a variant at a location, with nothing there yet.
pub(crate) fn open_shelf(
    tx: &mut Tx,
    variant: VariantId,
    location: LocationId,
    rule: Rule,
) -> Result<Pool, Error> {
    let pool = Pool::empty(model::pool_id(variant, location), rule);
    holds::create_pool(tx, &pool.id, rule, pool.capacity)?;
    sql::keep(tx, variant, location)?;
    Ok(pool)
}

fn moved(
    tx: &mut Tx,
    variant: VariantId,
    location: LocationId,
    delta: Quantity,
    reason: Reason,
    cause: &str,
) -> Result<(), Error> {
    let note = Prose::default();
    sql::record(tx, &Moving { variant, location, delta, reason, note: &note, cause: Some(cause) })?;
    Ok(())
}

/// Thousandths that may still be promised, over all shelves of a variant.
pub(crate) fn available_in(shelves: &[Pool]) -> i64 {
    shelves.iter().filter_map(Pool::available).map(Quantity::in_thousandths).sum()
}

/// Tells the catalogue when a variant ran out or is there again; lists show it without asking here.
pub(crate) fn mark(tx: &mut Tx, variant: VariantId, before: i64, after: i64) -> Result<(), Error> {
    if (before > 0) != (after > 0) {
        catalog::mark_in_stock(tx, variant, after > 0)?;
    }
    Ok(())
}

/// As `mark`, for pools whose availability has just changed by so many thousandths.
fn changed(tx: &mut Tx, pools: impl IntoIterator<Item = (holds::PoolId, i64)>) -> Result<(), Error> {
    let mut deltas: BTreeMap<VariantId, i64> = BTreeMap::new();
    for (pool, delta) in pools {
        if let Some((variant, _)) = model::parts(&pool) {
            *deltas.entry(variant).or_default() += delta;
        }
    }
    for (variant, delta) in deltas {
        let after = available_in(&holds::pools(tx, &model::prefix(variant))?);
        mark(tx, variant, after - delta, after)?;
    }
    Ok(())
}
