//! The goods of an order in the stock: kept while it waits, taken when it is firm, free again when it ends.

use base::Timestamp;
use catalog::SellableVariant;
use db::{Reach, Rx, Tx};
use spine::holds;
use stock::{LocationId, Reason};

use crate::{
    Error,
    basket::{self, Offer},
    model::{Order, OrderId, OrderLine, share::Share},
    sql,
};

/// Where the goods come from: the wish, or the tenant's first location.
pub fn location(rx: &mut Rx, wanted: Option<LocationId>) -> Result<LocationId, Error> {
    let location = match wanted {
        Some(location) => location,
        None => stock::default_location(rx).map_err(stock::Error::from)?,
    };
    match (wanted, rx.reach()) {
        (_, reach) if reach.covers(location) => Ok(location),
        // who sells at some locations sells from the first of them
        (None, Reach::At(places)) => places.iter().find_map(|place| place.parse().ok()).ok_or(Error::NotHere),
        _ => Err(Error::NotHere),
    }
}

/// Keeps the goods of a new order `until` a time, or (None) takes them at once.
pub fn claim(
    tx: &mut Tx,
    order: OrderId,
    location: LocationId,
    offer: &Offer,
    until: Option<Timestamp>,
) -> Result<(), Error> {
    let wanted: Vec<stock::Wanted> = offer
        .variants
        .iter()
        .zip(&offer.lines)
        .map(|(variant, line)| stock::Wanted { variant, quantity: line.quantity })
        .collect();
    claimed(tx, order, location, &wanted, until).map_err(|error| named(error, &offer.variants))
}

fn claimed(
    tx: &mut Tx,
    order: OrderId,
    location: LocationId,
    wanted: &[stock::Wanted],
    until: Option<Timestamp>,
) -> Result<(), stock::Error> {
    let cause = order.to_string();
    match until {
        Some(_) => stock::hold_many(tx, wanted, location, until, &cause).map(drop),
        None => stock::sell_many(tx, wanted, location, &cause).map(drop),
    }
}

/// Keeps the goods of a waiting order for longer.
pub fn keep_until(tx: &mut Tx, order: &Order, until: Timestamp) -> Result<(), Error> {
    let Some(location) = order.location else { return Ok(()) };
    stock::release_all(tx, &order.id.to_string())?;
    let lines = sql::lines(tx, order.id, order.currency)?;
    let ids: Vec<_> = lines.iter().filter_map(|line| line.variant).collect();
    let variants = catalog::variants_for_sale(tx, &ids)?;
    let quantities = lines.iter().filter(|line| line.variant.is_some()).map(|line| line.quantity);
    let wanted: Vec<stock::Wanted> = variants
        .iter()
        .zip(quantities)
        .map(|(variant, quantity)| stock::Wanted { variant, quantity })
        .collect();
    claimed(tx, order.id, location, &wanted, Some(until)).map_err(|error| named(error, &variants))
}

/// Takes what the order keeps, or kept until its time ran out; false when somebody else has it by now.
pub fn take(tx: &mut Tx, order: &Order) -> Result<bool, Error> {
    match stock::take_all(tx, &order.id.to_string()) {
        Ok(_) => Ok(true),
        Err(stock::Error::OutOfStock { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// What was kept may be had by others.
pub fn release(tx: &mut Tx, order: &Order) -> Result<(), Error> {
    stock::release_all(tx, &order.id.to_string())?;
    Ok(())
}

/// Lets go what was kept too long, of any order.
pub fn expire(tx: &mut Tx, limit: u32) -> Result<(), Error> {
    let gone = holds::expire_due(tx, limit)?;
    if gone.is_empty() { Ok(()) } else { Ok(stock::expired(tx, &gone)?) }
}

/// Everything that was taken for the order is back, and nothing came back before.
pub fn give_back(tx: &mut Tx, order: &Order) -> Result<(), Error> {
    stock::give_back_all(tx, &order.id.to_string())?;
    Ok(())
}

/// The goods of `shares` came back and go on sale again.
pub fn restock(tx: &mut Tx, order: &Order, lines: &[OrderLine], shares: &[Share]) -> Result<(), Error> {
    let Some(location) = order.location else { return Ok(()) };
    let cause = order.id.to_string();
    for share in shares.iter().filter(|share| share.quantity.is_positive()) {
        let line = lines.iter().find(|line| line.line == share.line);
        if let Some(variant) = line.and_then(|line| line.variant) {
            stock::put_back(tx, variant, location, share.quantity, Reason::Returned, &cause)?;
        }
    }
    Ok(())
}

/// The error with the name of what ran out.
fn named(error: stock::Error, variants: &[SellableVariant]) -> Error {
    match error {
        stock::Error::OutOfStock { variant, available } => {
            let found = variants.iter().find(|known| known.variant == variant);
            let sku = found.map_or_else(|| variant.to_string(), basket::sku_or_name);
            Error::OutOfStock { sku, available }
        }
        error => error.into(),
    }
}
