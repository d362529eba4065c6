//! Every statement on the directory's `platform_event` and `platform_head`.

use db::{Dx, Error, Origin, directory_sql};

use super::{Filter, Head, Kept, Sealed, Seen, Timestamp, read, read_kept};

pub fn head(dx: &mut Dx) -> Result<Option<Head>, Error> {
    dx.row(directory_sql!("select n, link from platform_head"), (), |row| {
        Ok(Head { n: row.get(0)?, link: row.get(1)? })
    })
}

pub fn set_head(dx: &mut Dx, head: Head) -> Result<(), Error> {
    dx.put(
        directory_sql!(
            "insert into platform_head (one, n, link) values (1, $1, $2)
             on conflict (one) do update set n = excluded.n, link = excluded.link"
        ),
        (head.n, head.link),
    )
}

pub fn insert(
    dx: &mut Dx,
    sealed: &Sealed,
    origin: &Origin,
    payload: &str,
    salt: &[u8; 16],
    link: &[u8; 32],
) -> Result<(), Error> {
    dx.put(
        directory_sql!(
            "insert into platform_event (n, at, kind, subject, actor, address, request, payload, salt, digest, link)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
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

/// Events with numbers below `before`, the newest first.
pub fn list(dx: &mut Dx, filter: &Filter, before: i64, limit: u32) -> Result<Vec<Seen>, Error> {
    let (low, high) = filter.kinds();
    let from = filter.from.map_or(i64::MIN, Timestamp::micros);
    let to = filter.to.map_or(i64::MAX, Timestamp::micros);
    dx.rows(
        directory_sql!(
            "select n, at, kind, subject, actor, address, request, payload from platform_event
             where n < $1 and kind >= $2 and kind <= $3 and at >= $4 and at < $5
               and (cast($6 as text) is null or actor = cast($6 as text))
               and (cast($7 as text) is null or subject = cast($7 as text))
             order by n desc limit cast($8 as bigint)"
        ),
        (before, low, high, from, to, &filter.actor, &filter.subject, limit),
        read,
    )
}

pub fn kept(dx: &mut Dx, after: i64, limit: u32) -> Result<Vec<Kept>, Error> {
    dx.rows(
        directory_sql!(
            "select n, at, kind, subject, actor, address, request, payload, salt, digest, link from platform_event
             where n > $1 order by n limit cast($2 as bigint)"
        ),
        (after, limit),
        read_kept,
    )
}
