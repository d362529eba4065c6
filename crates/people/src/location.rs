//! Locations: the places where a business works, keeps stock, and where a role may hold.

use base::{Line, Prose, Timestamp};
use db::{Row, Rx, Tx, sql};
use serde::Serialize;
use serde_json::json;
use spine::events::{self, Event};

use crate::Error;

base::id!(
    /// A place with stock and opening hours.
    LocationId: LocationKind, "loc"
);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    #[schema(value_type = String)]
    pub id: LocationId,
    #[schema(value_type = String)]
    pub name: Line<120>,
    #[schema(value_type = String)]
    pub address: Prose<500>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// Opens a location. The first one of a business is where stock lies and orders are filled unless something else is said.
pub fn create(tx: &mut Tx, name: Line<120>, address: Prose<500>) -> Result<Location, Error> {
    let location = Location { id: tx.new_id(), name, address, created_at: tx.now() };
    tx.put(
        sql!("insert into location (tenant_id, id, name, address, created_at) values ($1, $2, $3, $4, $5)"),
        (location.id, &location.name, &location.address, location.created_at),
    )?;
    let payload = json!({"before": null, "after": location});
    events::record(tx, Event { kind: "location.created", subject: location.id.to_string(), payload })?;
    Ok(location)
}

/// Says anew what a location is called and where it is.
pub fn edit(tx: &mut Tx, id: LocationId, name: Line<120>, address: Prose<500>) -> Result<Location, Error> {
    let before = find(tx, id)?;
    let after = Location { name, address, ..before.clone() };
    if after != before {
        tx.put(
            sql!("update location set name = $3, address = $4 where tenant_id = $1 and id = $2"),
            (id, &after.name, &after.address),
        )?;
        let payload = json!({"before": before, "after": after});
        events::record(tx, Event { kind: "location.changed", subject: id.to_string(), payload })?;
    }
    Ok(after)
}

/// All locations, the oldest first.
pub fn list(rx: &mut Rx) -> Result<Vec<Location>, Error> {
    Ok(rx.rows(
        sql!("select id, name, address, created_at from location where tenant_id = $1 order by id"),
        (),
        read,
    )?)
}

pub fn find(rx: &mut Rx, id: LocationId) -> Result<Location, Error> {
    rx.row(
        sql!("select id, name, address, created_at from location where tenant_id = $1 and id = $2"),
        (id,),
        read,
    )?
    .ok_or(Error::UnknownLocation)
}

/// The location that is meant where none is named: the oldest.
pub fn default(rx: &mut Rx) -> Result<LocationId, Error> {
    rx.row(
        sql!("select id from location where tenant_id = $1 order by id limit cast($2 as bigint)"),
        (1i64,),
        |row| row.get(0),
    )?
    .ok_or(Error::UnknownLocation)
}

fn read(row: &Row) -> Result<Location, db::Error> {
    Ok(Location { id: row.get(0)?, name: row.get(1)?, address: row.get(2)?, created_at: row.get(3)? })
}
