//! Where the business delivers and for which fee, and where customers fetch orders themselves.
//!
//! A business that names no zone does not deliver: its customers come. Customers and applications are held to the zones;
//! staff may promise a delivery to anywhere, and what no zone takes in is then delivered without a fee.

use std::sync::Arc;

use base::{Line, Money};
use db::{Area, Remembered, Rx, Tx};
use serde_json::json;
use spine::events::{self, Event};

use crate::{
    Error, basket,
    model::{
        Channel, Draft, Extra, ShippingMethod, Terms, Zone, ZoneDetails, ZoneError, ZoneId,
        zone::{MAX_ZONES, TooSmall, zone_for},
    },
    pricing::Kind,
    sql,
};

#[derive(Clone)]
struct Zones(Arc<[Zone]>);

impl Remembered for Zones {
    const AREA: Area = Area::Look;
    type Error = Error;

    fn load(rx: &mut Rx) -> Result<Self, Error> {
        let currency = people::business::find(rx)?.currency;
        Ok(Self(sql::zones(rx, currency)?.into()))
    }
}

/// All zones in their order, those that are switched off too.
pub fn zones(rx: &mut Rx) -> Result<Arc<[Zone]>, Error> {
    let Zones(zones) = rx.remembered()?;
    Ok(zones)
}

pub fn zone(rx: &mut Rx, id: ZoneId) -> Result<Zone, Error> {
    zones(rx)?.iter().find(|zone| zone.id == id).cloned().ok_or(Error::UnknownZone)
}

/// A new zone, at the end of the list.
pub fn add_zone(tx: &mut Tx, details: &ZoneDetails) -> Result<Zone, Error> {
    check(tx, details)?;
    let place = zones(tx)?.len();
    if place >= MAX_ZONES {
        return Err(ZoneError::TooManyZones.into());
    }
    let zone = Zone { id: tx.new_id(), details: details.clone() };
    let last = sql::last_zone_place(tx)?;
    sql::add_zone(tx, &zone, last + 1)?;
    record(tx, "zone.added", zone.id, json!({ "before": null, "after": zone }))?;
    Ok(zone)
}

/// Says anew what a zone takes in and costs. Orders keep the fee they were placed with.
pub fn edit_zone(tx: &mut Tx, id: ZoneId, details: &ZoneDetails) -> Result<Zone, Error> {
    check(tx, details)?;
    let before = zone(tx, id)?;
    let after = Zone { id, details: details.clone() };
    if after != before {
        sql::edit_zone(tx, &after)?;
        record(tx, "zone.changed", id, json!({ "before": before, "after": after }))?;
    }
    Ok(after)
}

pub fn remove_zone(tx: &mut Tx, id: ZoneId) -> Result<(), Error> {
    let before = zone(tx, id)?;
    sql::remove_zone(tx, id)?;
    record(tx, "zone.removed", id, json!({ "before": before, "after": null }))
}

/// Moves a zone to a position in the list, counted from 1; customers read the list in this order.
pub fn move_zone(tx: &mut Tx, id: ZoneId, position: usize) -> Result<(), Error> {
    let before: Vec<ZoneId> = zones(tx)?.iter().map(|zone| zone.id).collect();
    let mut after = before.clone();
    let from = before.iter().position(|known| *known == id).ok_or(Error::UnknownZone)?;
    let moved = after.remove(from);
    after.insert(position.saturating_sub(1).min(after.len()), moved);
    if after == before {
        return Ok(());
    }
    for (place, zone) in after.iter().enumerate() {
        sql::place_zone(tx, *zone, place as i64)?;
    }
    record(tx, "zone.moved", id, json!({ "before": before, "after": after }))
}

fn check(rx: &mut Rx, details: &ZoneDetails) -> Result<(), Error> {
    details.check(people::business::find(rx)?.currency)?;
    if details.tax_code.is_some() {
        catalog::tax_code_for(rx, details.tax_code.as_ref())?;
    }
    Ok(())
}

fn record(tx: &mut Tx, kind: &'static str, zone: ZoneId, payload: serde_json::Value) -> Result<(), Error> {
    Ok(events::record(tx, Event { kind, subject: zone.to_string(), payload })?)
}

/// The delivery of a wish: the zone that takes its address in, and the line that its fee is.
pub(crate) struct Delivery {
    pub zone: ZoneId,
    pub fee: Extra,
}

/// What delivery adds to goods of this total. Nothing is added where nothing is delivered, or where a fee was agreed on
/// already.
pub(crate) fn delivery(
    rx: &mut Rx,
    draft: &Draft,
    terms: &Terms,
    goods: Money,
) -> Result<Option<Delivery>, Error> {
    let agreed = draft.extras.iter().any(|extra| extra.kind == Kind::Delivery);
    if draft.shipping.method != ShippingMethod::Delivery || agreed {
        return Ok(None);
    }
    let zones = zones(rx)?;
    let by_staff = draft.channel == Channel::Office;
    let found = match draft.shipping.zone {
        Some(named) => {
            let known = zones.iter().find(|zone| zone.id == named && (zone.details.active || by_staff));
            Some(known.ok_or(Error::NoSuchZone)?)
        }
        None => zone_for(&zones, &draft.shipping.told()),
    };
    let Some(Zone { id, details }) = found else {
        return if by_staff { Ok(None) } else { Err(Error::NotDeliveredThere) };
    };
    let price = match details.fee_for(goods)? {
        Ok(fee) => fee,
        Err(TooSmall { .. }) if by_staff => details.fee,
        Err(TooSmall { minimum }) => {
            return Err(Error::BelowMinimum { zone: details.name.to_string(), minimum });
        }
    };
    let code = catalog::tax_code_for(rx, details.tax_code.as_ref())?;
    let today = rx.now().day(&terms.zone);
    let taxes = code.map(|code| basket::line_taxes(&code, today)).unwrap_or_default();
    let title = title(rx, details)?;
    Ok(Some(Delivery { zone: *id, fee: Extra { kind: Kind::Delivery, title, price, taxes, gift: None } }))
}

/// What papers call the fee, in the business's language.
fn title(rx: &mut Rx, details: &ZoneDetails) -> Result<Line<200>, Error> {
    let language = people::business::find(rx)?.edit.language;
    let title = edge::text(language, "orders-line-delivery", &[("zone", details.name.as_str().into())]);
    // a name of 120 letters leaves room for the word before it
    Ok(title.parse().or_else(|_| details.name.as_str().parse())?)
}

/// Refuses what customers cannot have now: nothing is sold while the shop is closed for now, and orders are fetched only
/// where the business hands them out. Staff know what they do.
pub(crate) fn admit(rx: &mut Rx, draft: &Draft) -> Result<(), Error> {
    if !matches!(draft.channel, Channel::Shop | Channel::Api) {
        return Ok(());
    }
    let now = rx.now();
    let opening = stock::opening(rx)?;
    if let Some(pause) = opening.pause(now).filter(|pause| !pause.sells) {
        return Err(Error::ClosedForNow { words: pause.words.to_string() });
    }
    let fetched = draft.shipping.location.filter(|_| draft.shipping.method == ShippingMethod::Pickup);
    match fetched {
        Some(location) if opening.pickups().all(|place| place.location.id != location) => {
            Err(Error::NotFetchedThere)
        }
        _ => Ok(()),
    }
}
