use base::{Currency, Money};
use db::{Error, Row, Rx, Tx, sql};

use super::{json, money, text};
use crate::model::{Zone, ZoneDetails, ZoneId};

/// All zones, in their order.
pub fn zones(rx: &mut Rx, currency: Currency) -> Result<Vec<Zone>, Error> {
    rx.rows(
        sql!(
            "select id, name, covers, fee, free_from, minimum, tax_code, words, active from zone
             where tenant_id = $1 order by place, id"
        ),
        (),
        |row| read(row, currency),
    )
}

fn read(row: &Row<'_>, currency: Currency) -> Result<Zone, Error> {
    let limit = |index: usize| {
        let said: Option<i64> = row.get(index)?;
        said.map(|_| money(row, index, currency)).transpose()
    };
    let code: Option<String> = row.get(6)?;
    let details = ZoneDetails {
        name: row.get(1)?,
        covers: json(row, 2)?,
        fee: money(row, 3, currency)?,
        free_from: limit(4)?,
        minimum: limit(5)?,
        tax_code: code.and_then(|code| code.parse().ok()),
        words: row.get(7)?,
        active: row.get(8)?,
    };
    Ok(Zone { id: row.get(0)?, details })
}

pub fn last_zone_place(rx: &mut Rx) -> Result<i64, Error> {
    let last = rx
        .row(sql!("select max(place) from zone where tenant_id = $1"), (), |row| row.get::<Option<i64>>(0))?;
    Ok(last.flatten().unwrap_or(-1))
}

pub fn add_zone(tx: &mut Tx, zone: &Zone, place: i64) -> Result<(), Error> {
    let (now, details) = (tx.now(), &zone.details);
    tx.put(
        sql!(
            "insert into zone (tenant_id, id, name, covers, fee, free_from, minimum, tax_code, words, active, place, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        ),
        (
            zone.id,
            &details.name,
            text(&details.covers),
            details.fee.minor(),
            details.free_from.map(Money::minor),
            details.minimum.map(Money::minor),
            details.tax_code.as_ref().map(ToString::to_string),
            &details.words,
            details.active,
            place,
            now,
        ),
    )
}

pub fn edit_zone(tx: &mut Tx, zone: &Zone) -> Result<(), Error> {
    let details = &zone.details;
    tx.put(
        sql!(
            "update zone set name = $3, covers = $4, fee = $5, free_from = $6, minimum = $7, tax_code = $8, words = $9,
                active = $10
             where tenant_id = $1 and id = $2"
        ),
        (
            zone.id,
            &details.name,
            text(&details.covers),
            details.fee.minor(),
            details.free_from.map(Money::minor),
            details.minimum.map(Money::minor),
            details.tax_code.as_ref().map(ToString::to_string),
            &details.words,
            details.active,
        ),
    )
}

pub fn place_zone(tx: &mut Tx, zone: ZoneId, place: i64) -> Result<(), Error> {
    tx.put(sql!("update zone set place = $3 where tenant_id = $1 and id = $2"), (zone, place))
}

pub fn remove_zone(tx: &mut Tx, zone: ZoneId) -> Result<(), Error> {
    tx.put(sql!("delete from zone where tenant_id = $1 and id = $2"), (zone,))
}
