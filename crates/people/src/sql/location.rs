//! Statements on `location`.

use db::{Error, Row, Rx, Tx, sql};

use crate::location::{Location, LocationId};

pub fn insert(tx: &mut Tx, location: &Location) -> Result<(), Error> {
    tx.put(
        sql!("insert into location (tenant_id, id, name, address, created_at) values ($1, $2, $3, $4, $5)"),
        (location.id, &location.name, &location.address, location.created_at),
    )
}

pub fn update(tx: &mut Tx, location: &Location) -> Result<(), Error> {
    tx.put(
        sql!("update location set name = $3, address = $4 where tenant_id = $1 and id = $2"),
        (location.id, &location.name, &location.address),
    )
}

pub fn list(rx: &mut Rx) -> Result<Vec<Location>, Error> {
    rx.rows(
        sql!("select id, name, address, created_at from location where tenant_id = $1 order by id"),
        (),
        read,
    )
}

pub fn find(rx: &mut Rx, id: LocationId) -> Result<Option<Location>, Error> {
    rx.row(
        sql!("select id, name, address, created_at from location where tenant_id = $1 and id = $2"),
        (id,),
        read,
    )
}

pub fn oldest(rx: &mut Rx) -> Result<Option<LocationId>, Error> {
    let oldest =
        rx.row(sql!("select min(id) from location where tenant_id = $1"), (), |row| row.get::<Option<_>>(0))?;
    Ok(oldest.flatten())
}

fn read(row: &Row) -> Result<Location, Error> {
    Ok(Location { id: row.get(0)?, name: row.get(1)?, address: row.get(2)?, created_at: row.get(3)? })
}
