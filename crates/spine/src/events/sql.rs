//! Every statement on `event` and `chain_head`, and on their like in the directory.

pub mod platform;

use base::Timestamp;
use db::{Error, Origin, Row, Rx, Tx, sql};

use super::model::{Filter, Head, Sealed, Seen};
use crate::parsed;

pub fn head(rx: &mut Rx) -> Result<Option<Head>, Error> {
    rx.row(sql!("select n, link from chain_head where tenant_id = $1"), (), |row| {
        Ok(Head { n: row.get(0)?, link: row.get(1)? })
    })
}

pub fn set_head(tx: &mut Tx, head: Head) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into chain_head (tenant_id, n, link) values ($1, $2, $3)
             on conflict (tenant_id) do update set n = excluded.n, link = excluded.link"
        ),
        (head.n, head.link),
    )
}

pub fn insert(
    tx: &mut Tx,
    sealed: &Sealed,
    origin: &Origin,
    payload: &str,
    salt: &[u8; 16],
    link: &[u8; 32],
) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into event (tenant_id, n, at, kind, subject, actor, address, request, payload, salt, digest, link)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        ),
        (
            sealed.n,
            sealed.at,
            sealed.kind,
            sealed.subject,
            sealed.actor,
            &origin.address,
            &origin.request,
            payload,
            salt,
            sealed.digest,
            link,
        ),
    )
}

/// Events with numbers above `first` and below `before`.
pub fn list(rx: &mut Rx, filter: &Filter, first: i64, before: i64, limit: u32) -> Result<Vec<Seen>, Error> {
    let (low, high) = filter.kinds();
    let from = filter.from.map_or(i64::MIN, Timestamp::micros);
    let to = filter.to.map_or(i64::MAX, Timestamp::micros);
    // by subject along its own index; the engine would else walk the whole history for a subject with few events
    match &filter.subject {
        Some(subject) => rx.rows(
            sql!(
                "select n, at, kind, subject, actor, address, request, payload from event
                 where tenant_id = $1 and subject = $2 and n > $3 and n < $4
                   and kind >= $5 and kind <= $6
                   and at >= $7 and at < $8 and (cast($9 as text) is null or actor = cast($9 as text))
                 order by n desc limit cast($10 as bigint)"
            ),
            (subject, first, before, low, high, from, to, &filter.actor, limit),
            read,
        ),
        None => rx.rows(
            sql!(
                "select n, at, kind, subject, actor, address, request, payload from event
                 where tenant_id = $1 and n > $2 and n < $3
                   and kind >= $4 and kind <= $5
                   and at >= $6 and at < $7 and (cast($8 as text) is null or actor = cast($8 as text))
                 order by n desc limit cast($9 as bigint)"
            ),
            (first, before, low, high, from, to, &filter.actor, limit),
            read,
        ),
    }
}

/// When the last event up to number `n` happened.
pub fn time_of(rx: &mut Rx, n: i64) -> Result<Option<Timestamp>, Error> {
    rx.row(
        sql!("select at from event where tenant_id = $1 and n <= $2 order by n desc limit 1"),
        (n,),
        |row| row.get(0),
    )
}

pub fn since(rx: &mut Rx, after: i64, limit: u32) -> Result<Vec<Seen>, Error> {
    rx.rows(
        sql!(
            "select n, at, kind, subject, actor, address, request, payload from event
             where tenant_id = $1 and n > $2 order by n limit cast($3 as bigint)"
        ),
        (after, limit),
        read,
    )
}

fn read(row: &Row) -> Result<Seen, Error> {
    let payload: Option<String> = row.get(7)?;
    Ok(Seen {
        n: row.get(0)?,
        at: row.get(1)?,
        kind: row.get(2)?,
        subject: row.get(3)?,
        actor: row.get(4)?,
        address: row.get(5)?,
        request: row.get(6)?,
        payload: payload.is_some().then(|| parsed(row, 7, "JSON")).transpose()?,
    })
}

/// Forgets what can be forgotten of event `n`; says whether there was anything.
pub fn erase(tx: &mut Tx, n: i64) -> Result<bool, Error> {
    let done = tx.run(
        sql!(
            "update event set payload = null, salt = null, address = null, request = null
             where tenant_id = $1 and n = $2 and salt is not null"
        ),
        (n,),
    )?;
    Ok(done == 1)
}

/// An event with all that its seal covers.
pub struct Kept {
    pub n: i64,
    pub at: Timestamp,
    pub kind: String,
    pub subject: String,
    pub actor: String,
    pub address: Option<String>,
    pub request: Option<String>,
    pub payload: Option<String>,
    pub salt: Option<Vec<u8>>,
    pub digest: [u8; 32],
    pub link: [u8; 32],
}

pub fn kept(rx: &mut Rx, after: i64, limit: u32) -> Result<Vec<Kept>, Error> {
    rx.rows(
        sql!(
            "select n, at, kind, subject, actor, address, request, payload, salt, digest, link from event
             where tenant_id = $1 and n > $2 order by n limit cast($3 as bigint)"
        ),
        (after, limit),
        read_kept,
    )
}

fn read_kept(row: &Row) -> Result<Kept, Error> {
    Ok(Kept {
        n: row.get(0)?,
        at: row.get(1)?,
        kind: row.get(2)?,
        subject: row.get(3)?,
        actor: row.get(4)?,
        address: row.get(5)?,
        request: row.get(6)?,
        payload: row.get(7)?,
        salt: row.get(8)?,
        digest: row.get(9)?,
        link: row.get(10)?,
    })
}
