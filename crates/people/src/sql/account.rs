//! Statements on the directory's `account`, `login`, `membership` and `known_device`.

use base::Timestamp;
use db::{Dx, Error, TenantId, directory_sql};

use crate::{
    accounts::{Account, NewAccount},
    model::{AccountId, PasswordHash},
};

/// The platform's own scope of logins.
const PLATFORM: i64 = 0;

/// An account that a login may mean.
pub struct Candidate {
    pub account: AccountId,
    pub password: PasswordHash,
}

pub fn insert(dx: &mut Dx, id: AccountId, new: &NewAccount) -> Result<(), Error> {
    let now = dx.now();
    dx.put(
        directory_sql!(
            "insert into account (id, name, password, operator, tenant_id, created_at) values ($1, $2, $3, $4, $5, $6)"
        ),
        (id, &new.name, &new.password.0, new.operator, new.home, now),
    )
}

/// Gives `new`'s login to the account; 0 when somebody in the same scope has it.
pub fn insert_login(dx: &mut Dx, id: AccountId, new: &NewAccount) -> Result<u64, Error> {
    let scope = new.home.map_or(PLATFORM, TenantId::number);
    dx.run(
        directory_sql!(
            "insert into login (scope, value, account_id) values ($1, $2, $3) on conflict (scope, value) do nothing"
        ),
        (scope, new.login.to_string(), id),
    )
}

/// Up to three accounts that `login` may mean, the oldest first: those of `tenant` when one is named.
pub fn candidates(dx: &mut Dx, login: &str, tenant: Option<TenantId>) -> Result<Vec<Candidate>, Error> {
    dx.rows(
        directory_sql!(
            "select a.id, a.password from login as l join account as a on a.id = l.account_id
             where l.value = $1 and (cast($2 as bigint) is null or l.scope = $2 or l.scope = 0
               or exists (select 1 from membership as m where m.account_id = l.account_id and m.tenant_id = $2))
             order by a.id limit 3"
        ),
        (login, tenant),
        |row| {
            Ok(Candidate {
                account: row.get(0)?,
                password: PasswordHash(row.get(1)?),
            })
        },
    )
}

pub fn find(dx: &mut Dx, id: AccountId) -> Result<Option<Account>, Error> {
    let login =
        dx.row(directory_sql!("select min(value) from login where account_id = $1"), (id,), |row| {
            row.get::<Option<String>>(0)
        })?;
    dx.row(
        directory_sql!("select name, password, operator, tenant_id, created_at from account where id = $1"),
        (id,),
        |row| {
            Ok(Account {
                id,
                name: row.get(0)?,
                login: login.clone().flatten().unwrap_or_default(),
                password: PasswordHash(row.get(1)?),
                operator: row.get(2)?,
                home: row.get(3)?,
                created_at: row.get(4)?,
            })
        },
    )
}

pub fn set_password(dx: &mut Dx, id: AccountId, password: &PasswordHash) -> Result<(), Error> {
    dx.put(directory_sql!("update account set password = $2 where id = $1"), (id, &password.0))
}

pub fn add_membership(dx: &mut Dx, account: AccountId, tenant: TenantId) -> Result<(), Error> {
    dx.put(
        directory_sql!(
            "insert into membership (account_id, tenant_id) values ($1, $2) on conflict (account_id, tenant_id) do nothing"
        ),
        (account, tenant),
    )
}

pub fn remove_membership(dx: &mut Dx, account: AccountId, tenant: TenantId) -> Result<(), Error> {
    dx.put(
        directory_sql!("delete from membership where account_id = $1 and tenant_id = $2"),
        (account, tenant),
    )
}

pub fn memberships(dx: &mut Dx, account: AccountId) -> Result<Vec<TenantId>, Error> {
    dx.rows(
        directory_sql!("select tenant_id from membership where account_id = $1 order by tenant_id"),
        (account,),
        |row| row.get(0),
    )
}

pub fn is_known_device(dx: &mut Dx, account: AccountId, hash: &[u8; 32]) -> Result<bool, Error> {
    let found = dx.row(
        directory_sql!("select created_at from known_device where account_id = $1 and token_hash = $2"),
        (account, hash),
        |row| row.get::<Timestamp>(0),
    )?;
    Ok(found.is_some())
}

/// No device is known to the account any more.
pub fn forget_devices(dx: &mut Dx, account: AccountId) -> Result<(), Error> {
    dx.put(directory_sql!("delete from known_device where account_id = $1"), (account,))
}

pub fn know_device(dx: &mut Dx, account: AccountId, hash: &[u8; 32]) -> Result<(), Error> {
    let now = dx.now();
    dx.put(
        directory_sql!(
            "insert into known_device (account_id, token_hash, created_at, seen_at) values ($1, $2, $3, $3)
             on conflict (account_id, token_hash) do update set seen_at = excluded.seen_at"
        ),
        (account, hash, now),
    )
}
