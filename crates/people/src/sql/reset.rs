//! Statements on the directory's `reset`.

use base::Timestamp;
use db::{Dx, Error, TenantId, directory_sql};

use crate::model::AccountId;

/// A link that was made.
pub struct Row {
    pub account: AccountId,
    pub made_in: Option<TenantId>,
    pub expires_at: Timestamp,
}

/// Puts a link in the place of the account's last one.
pub fn put(
    dx: &mut Dx,
    account: AccountId,
    hash: &[u8; 32],
    made_in: Option<TenantId>,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let now = dx.now();
    dx.put(
        directory_sql!(
            "insert into reset (account_id, token_hash, tenant_id, created_at, expires_at) values ($1, $2, $3, $4, $5)
             on conflict (account_id) do update set token_hash = excluded.token_hash,
               tenant_id = excluded.tenant_id, created_at = excluded.created_at, expires_at = excluded.expires_at"
        ),
        (account, hash, made_in, now, expires_at),
    )
}

pub fn by_hash(dx: &mut Dx, hash: &[u8; 32]) -> Result<Option<Row>, Error> {
    dx.row(
        directory_sql!("select account_id, tenant_id, expires_at from reset where token_hash = $1"),
        (hash,),
        |row| Ok(Row { account: row.get(0)?, made_in: row.get(1)?, expires_at: row.get(2)? }),
    )
}

pub fn forget(dx: &mut Dx, account: AccountId) -> Result<(), Error> {
    dx.put(directory_sql!("delete from reset where account_id = $1"), (account,))
}
