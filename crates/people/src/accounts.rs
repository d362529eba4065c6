//! Accounts: login identities in the directory. A phone number, an e-mail address or a plain name names one within the
//! business it was made in; what is not proven grants nothing anywhere else.

use base::{Line, Login, Timestamp};
use db::{Dx, TenantId};

use crate::{
    Error,
    model::{AccountId, PasswordHash},
    sql::{account as sql, session},
};

/// An account to be made. One without a home is the platform's own.
#[derive(Clone)]
pub struct NewAccount {
    pub login: Login,
    pub name: Line<120>,
    pub password: PasswordHash,
    pub home: Option<TenantId>,
    /// May use `/operator`.
    pub operator: bool,
}

/// A login identity.
#[derive(Clone)]
pub struct Account {
    pub id: AccountId,
    pub name: Line<120>,
    /// What its holder signs in with.
    pub login: String,
    pub(crate) password: PasswordHash,
    pub operator: bool,
    pub home: Option<TenantId>,
    pub created_at: Timestamp,
}

/// Makes an account, a member-to-be of its home.
pub fn create(dx: &mut Dx, new: &NewAccount) -> Result<AccountId, Error> {
    let id = dx.new_id();
    sql::insert(dx, id, new)?;
    if sql::insert_login(dx, id, new)? == 0 {
        return Err(Error::LoginTaken);
    }
    if let Some(home) = new.home {
        sql::add_membership(dx, id, home)?;
    }
    Ok(id)
}

pub fn find(dx: &mut Dx, account: AccountId) -> Result<Option<Account>, Error> {
    Ok(sql::find(dx, account)?)
}

/// Says in the directory, before the tenant does, that an account will be a member there.
pub fn point_to(dx: &mut Dx, account: AccountId, tenant: TenantId) -> Result<(), Error> {
    Ok(sql::add_membership(dx, account, tenant)?)
}

/// After a member was removed: the directory no longer leads there, and the account's sessions end.
pub fn forget(dx: &mut Dx, account: AccountId, tenant: TenantId) -> Result<(), Error> {
    sql::remove_membership(dx, account, tenant)?;
    session::end_all(dx, account, None)?;
    Ok(())
}

/// The tenants where the account is, or was about to be, a member.
pub fn memberships(dx: &mut Dx, account: AccountId) -> Result<Vec<TenantId>, Error> {
    Ok(sql::memberships(dx, account)?)
}

/// Takes a new password; sessions other than `kept` end.
pub fn set_password(
    dx: &mut Dx,
    account: AccountId,
    password: &PasswordHash,
    kept: Option<crate::SessionId>,
) -> Result<(), Error> {
    sql::set_password(dx, account, password)?;
    session::end_all(dx, account, kept)?;
    Ok(())
}
