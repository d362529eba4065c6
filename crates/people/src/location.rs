//! Locations: the places where a business works, keeps stock, and where a role may hold.

use base::{Line, Prose, Timestamp};
use db::{Area, Remembered, Rx, Tx};
use serde::Serialize;
use serde_json::json;
use spine::events::{self, Event};

use crate::{Error, sql::location as sql};

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
    sql::insert(tx, &location)?;
    let payload = json!({"before": null, "after": location});
    events::record(tx, Event { kind: "location.created", subject: location.id.to_string(), payload })?;
    Ok(location)
}

/// Says anew what a location is called and where it is.
pub fn edit(tx: &mut Tx, id: LocationId, name: Line<120>, address: Prose<500>) -> Result<Location, Error> {
    let before = find(tx, id)?;
    let after = Location { name, address, ..before.clone() };
    if after != before {
        sql::update(tx, &after)?;
        let payload = json!({"before": before, "after": after});
        events::record(tx, Event { kind: "location.changed", subject: id.to_string(), payload })?;
    }
    Ok(after)
}

/// All locations, the oldest first.
pub fn list(rx: &mut Rx) -> Result<Vec<Location>, Error> {
    Ok(sql::list(rx)?)
}

pub fn find(rx: &mut Rx, id: LocationId) -> Result<Location, Error> {
    sql::find(rx, id)?.ok_or(Error::UnknownLocation)
}

/// The location that is meant where none is named: the oldest.
pub fn default(rx: &mut Rx) -> Result<LocationId, Error> {
    let Oldest(id) = rx.remembered()?;
    Ok(id)
}

#[derive(Clone)]
struct Oldest(LocationId);

impl Remembered for Oldest {
    const AREA: Area = Area::Look;
    type Error = Error;

    fn load(rx: &mut Rx) -> Result<Self, Error> {
        sql::oldest(rx)?.map(Self).ok_or(Error::UnknownLocation)
    }
}
