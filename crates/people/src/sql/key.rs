//! Statements on `api_key`, and on the directory's index of keys.

use base::Timestamp;
use db::{Dx, Error, Row, Rx, TenantId, Tx, directory_sql, sql};

use super::odd;
use crate::model::{ApiKey, KeyId, KeyKind, NewKey, key_prefix};

pub fn insert(tx: &mut Tx, key: &NewKey) -> Result<(), Error> {
    let now = tx.now();
    tx.put(
        sql!(
            "insert into api_key (tenant_id, id, kind, name, hint, hash, scopes, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        ),
        (
            key.id,
            key.kind.name(),
            &key.name,
            key.hint(),
            key.hash(),
            key.scopes.join(" "),
            now,
            key.expires_at,
        ),
    )
}

pub fn find(rx: &mut Rx, id: KeyId) -> Result<Option<ApiKey>, Error> {
    rx.row(
        sql!(
            "select id, kind, name, hint, scopes, created_at, expires_at, last_used_at, revoked_at from api_key
             where tenant_id = $1 and id = $2"
        ),
        (id,),
        read,
    )
}

pub fn by_hash(rx: &mut Rx, hash: &[u8; 32]) -> Result<Option<ApiKey>, Error> {
    rx.row(
        sql!(
            "select id, kind, name, hint, scopes, created_at, expires_at, last_used_at, revoked_at from api_key
             where tenant_id = $1 and hash = $2"
        ),
        (hash,),
        read,
    )
}

/// All keys, the newest first, before `before`.
pub fn list(rx: &mut Rx, before: Option<KeyId>, limit: u32) -> Result<Vec<ApiKey>, Error> {
    rx.rows(
        sql!(
            "select id, kind, name, hint, scopes, created_at, expires_at, last_used_at, revoked_at from api_key
             where tenant_id = $1 and (cast($2 as text) is null or id < $2) order by id desc limit cast($3 as bigint)"
        ),
        (before, limit),
        read,
    )
}

fn read(row: &Row) -> Result<ApiKey, Error> {
    let (kind, scopes): (String, String) = (row.get(1)?, row.get(4)?);
    Ok(ApiKey {
        id: row.get(0)?,
        kind: KeyKind::parse(&kind).ok_or_else(|| odd(1, "a kind of key", kind))?,
        name: row.get(2)?,
        hint: row.get(3)?,
        scopes: scopes.split_whitespace().map(str::to_owned).collect(),
        created_at: row.get(5)?,
        expires_at: row.get(6)?,
        last_used_at: row.get(7)?,
        revoked_at: row.get(8)?,
    })
}

pub fn revoke(tx: &mut Tx, id: KeyId) -> Result<(), Error> {
    let now = tx.now();
    tx.put(sql!("update api_key set revoked_at = $3 where tenant_id = $1 and id = $2"), (id, now))
}

pub fn used(tx: &mut Tx, id: KeyId, at: Timestamp) -> Result<(), Error> {
    tx.put(sql!("update api_key set last_used_at = $3 where tenant_id = $1 and id = $2"), (id, at))
}

pub fn index(dx: &mut Dx, hash: &[u8; 32], tenant: TenantId) -> Result<(), Error> {
    dx.put(
        directory_sql!(
            "insert into key_index (prefix, tenant_id) values ($1, $2) on conflict (prefix) do nothing"
        ),
        (key_prefix(hash), tenant),
    )
}

/// Whether some tenant has a key that begins so.
pub fn is_indexed(dx: &mut Dx, hash: &[u8; 32]) -> Result<bool, Error> {
    let found = dx.row(
        directory_sql!("select tenant_id from key_index where prefix = $1"),
        (key_prefix(hash),),
        |row| row.get::<TenantId>(0),
    )?;
    Ok(found.is_some())
}
