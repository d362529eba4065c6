//! Every statement on this room's tables.

use std::collections::HashMap;

use base::{Prose, Quantity};
use catalog::VariantId;
use db::{Error, Row, Rx, Tx, sql};
use people::LocationId;

use crate::{
    model::{Movement, MovementId, Reason},
    opening::{LocationOpening, Pause},
};

/// A movement to be written.
pub struct Moving<'m> {
    pub variant: VariantId,
    pub location: LocationId,
    pub delta: Quantity,
    pub reason: Reason,
    pub note: &'m Prose<500>,
    pub cause: Option<&'m str>,
}

/// A place in the list of what is counted where.
pub type Kept = (VariantId, LocationId);

/// Which movements are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MovementFilter {
    pub variant: Option<VariantId>,
    pub location: Option<LocationId>,
}

pub fn keep(tx: &mut Tx, variant: VariantId, location: LocationId) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into stock_item (tenant_id, variant_id, location_id) values ($1, $2, $3)
             on conflict (tenant_id, variant_id, location_id) do nothing"
        ),
        (variant, location),
    )
}

pub fn forget(tx: &mut Tx, variant: VariantId) -> Result<(), Error> {
    tx.put(sql!("delete from stock_item where tenant_id = $1 and variant_id = $2"), (variant,))
}

/// What is counted where, by variant and location, behind `after`.
pub fn kept(
    rx: &mut Rx,
    location: Option<LocationId>,
    after: Option<Kept>,
    limit: u32,
) -> Result<Vec<Kept>, Error> {
    let (variant, behind) = after.map_or((String::new(), String::new()), |(variant, location)| {
        (variant.to_string(), location.to_string())
    });
    rx.rows(
        sql!(
            "select variant_id, location_id from stock_item
             where tenant_id = $1 and (cast($2 as text) is null or location_id = $2)
               and (variant_id > $3 or (variant_id = $3 and location_id > $4))
             order by variant_id, location_id limit cast($5 as bigint)"
        ),
        (location, variant, behind, limit),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Whether the variant is counted there, so that a level could be set.
pub fn set_reorder(
    tx: &mut Tx,
    variant: VariantId,
    location: LocationId,
    at: Option<Quantity>,
) -> Result<bool, Error> {
    let done = tx.run(
        sql!(
            "update stock_item set reorder_at = cast($4 as bigint)
             where tenant_id = $1 and variant_id = $2 and location_id = $3"
        ),
        (variant, location, at),
    )?;
    Ok(done == 1)
}

pub fn reorder_levels(rx: &mut Rx) -> Result<Vec<(Kept, Quantity)>, Error> {
    rx.rows(
        sql!(
            "select variant_id, location_id, reorder_at from stock_item
             where tenant_id = $1 and reorder_at is not null order by variant_id, location_id"
        ),
        (),
        |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)),
    )
}

pub fn record(tx: &mut Tx, moving: &Moving) -> Result<MovementId, Error> {
    let (id, at, actor) = (tx.new_id(), tx.now(), tx.actor().as_str().to_owned());
    tx.put(
        sql!(
            "insert into movement (tenant_id, id, variant_id, location_id, delta, reason, note, cause, actor, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ),
        (
            id,
            moving.variant,
            moving.location,
            moving.delta,
            moving.reason.name(),
            moving.note,
            moving.cause,
            actor,
            at,
        ),
    )?;
    Ok(id)
}

/// Movements, the newest first, before `before`.
pub fn movements(
    rx: &mut Rx,
    filter: MovementFilter,
    before: Option<MovementId>,
    limit: u32,
) -> Result<Vec<Movement>, Error> {
    rx.rows(
        sql!(
            "select id, variant_id, location_id, delta, reason, note, cause, actor, at from movement
             where tenant_id = $1 and (cast($2 as text) is null or variant_id = $2)
               and (cast($3 as text) is null or location_id = $3)
               and (cast($4 as text) is null or id < $4)
             order by id desc limit cast($5 as bigint)"
        ),
        (filter.variant, filter.location, before, limit),
        read_movement,
    )
}

fn read_movement(row: &Row) -> Result<Movement, Error> {
    let reason: String = row.get(4)?;
    Ok(Movement {
        id: row.get(0)?,
        variant: row.get(1)?,
        location: row.get(2)?,
        delta: row.get(3)?,
        reason: reason.parse().map_err(|_| Error::Column { index: 4, wanted: "a reason", found: reason })?,
        note: row.get(5)?,
        cause: row.get(6)?,
        actor: row.get(7)?,
        at: row.get(8)?,
    })
}

/// What is said of each location's opening.
pub fn openings(rx: &mut Rx) -> Result<HashMap<LocationId, LocationOpening>, Error> {
    let read = |row: &Row| {
        let hours: Option<String> = row.get(2)?;
        let odd = |text: &String| Error::Column { index: 2, wanted: "opening hours", found: text.clone() };
        let hours = hours.map(|text| serde_json::from_str(&text).map_err(|_| odd(&text))).transpose()?;
        Ok((row.get(0)?, LocationOpening { pickup: row.get(1)?, hours }))
    };
    let all = sql!("select location_id, pickup, hours from location_opening where tenant_id = $1");
    Ok(rx.rows(all, (), read)?.into_iter().collect())
}

pub fn put_opening(tx: &mut Tx, location: LocationId, opening: &LocationOpening) -> Result<(), Error> {
    let hours = opening.hours.as_ref().map(|hours| serde_json::to_string(hours).unwrap_or_default());
    tx.put(
        sql!(
            "insert into location_opening (tenant_id, location_id, pickup, hours) values ($1, $2, $3, $4)
             on conflict (tenant_id, location_id) do update set pickup = excluded.pickup, hours = excluded.hours"
        ),
        (location, opening.pickup, hours),
    )
}

pub fn pause(rx: &mut Rx) -> Result<Option<Pause>, Error> {
    let read = |row: &Row| Ok(Pause { until: row.get(0)?, words: row.get(1)?, sells: row.get(2)? });
    rx.row(sql!("select until, words, sells from shop_pause where tenant_id = $1"), (), read)
}

pub fn begin_pause(tx: &mut Tx, pause: &Pause) -> Result<(), Error> {
    let now = tx.now();
    tx.put(
        sql!("insert into shop_pause (tenant_id, since, until, words, sells) values ($1, $2, $3, $4, $5)"),
        (now, pause.until, &pause.words, pause.sells),
    )
}

pub fn end_pause(tx: &mut Tx) -> Result<(), Error> {
    tx.put(sql!("delete from shop_pause where tenant_id = $1"), ())
}
