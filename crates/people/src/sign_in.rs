//! Signing in: a name and a password against the accounts they may mean. What a stranger sees and how long it takes is
//! the same for accounts that exist and for those that don't; strangers' tries never lock out a device that is known.

use std::{net::IpAddr, time::Duration};

use base::Login;
use db::{Dx, TenantId};
use edge::{App, Rate, Secret, address_key};

use crate::{
    Error, accounts, hashing,
    hashing::{HashError, Queue},
    model::{AccountId, Device, Password, PasswordHash, digest, hex},
    sessions::{self, Opened},
    sql::account as sql,
};

/// What somebody tries to sign in with.
pub struct Attempt {
    /// As typed: a phone number, an e-mail address or a user name.
    pub login: String,
    pub password: Password,
    /// The slug of the business, where one is named.
    pub business: Option<String>,
    /// The token of a device that signed in before.
    pub known_device: Option<String>,
    pub device: Device,
    pub address: IpAddr,
}

/// A sign-in that succeeded.
pub struct SignedIn {
    pub account: AccountId,
    pub opened: Opened,
    /// What the device keeps, so that it is known next time.
    pub device: Secret,
    /// Where the account is a member.
    pub tenants: Vec<TenantId>,
}

#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error("name or password is wrong")]
    Wrong,
    #[error("too many tries")]
    TooMany(edge::Problem),
    #[error("too many sign-ins are waiting")]
    Busy,
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<HashError> for SignInError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::Busy,
            HashError::Failed(cause) => Self::Failed(Error::Db(db::Error::Storage(cause))),
        }
    }
}

/// How long a device stays known without signing in again.
pub const DEVICE_S: i64 = 365 * 24 * 3600;
/// Tries of one address in a minute before it is slowed down. A whole mobile network may share one address.
const FROM_ONE_ADDRESS: Rate = Rate { burst: 30, per_s: 60 };
const SLOWED: Duration = Duration::from_secs(1);

/// Signs in, or says no more than that it did not work.
pub async fn sign_in(app: &App, attempt: Attempt) -> Result<SignedIn, SignInError> {
    if app.limits.take("sign-in-address", &address_key(attempt.address), FROM_ONE_ADDRESS).is_err() {
        tokio::time::sleep(SLOWED).await;
    }
    let tenant = match attempt.business.as_deref() {
        Some(slug) => app.db.tenant_by_slug(slug).await.map_err(Error::from)?,
        None => None,
    };
    // a business that does not exist is nobody's, and is told from another in nothing
    let nowhere = attempt.business.is_some() && tenant.is_none();
    let country = tenant.as_ref().map(|tenant| tenant.country);
    let login = Login::parse_in(&attempt.login, country).map(|login| login.to_string()).ok();
    let id = tenant.as_ref().map(|tenant| tenant.id);
    let device = attempt.known_device.as_deref().map(digest);
    let sought = login.clone().filter(|_| !nowhere);
    let meant: Result<Vec<Meant>, db::Error> =
        app.db.directory().read(move |dx| meant(dx, sought.as_deref(), id, device)).await;
    let meant = meant.map_err(Error::from)?;

    let tries = tries_key(&meant, device.as_ref(), login.as_deref().unwrap_or("?"), id);
    let rate = Rate { burst: app.config.login_max_attempts, per_s: app.config.login_window_s };
    app.limits.take("sign-in", &tries, rate).map_err(|problem| {
        edge::count("sign_ins_refused_total");
        SignInError::TooMany(problem)
    })?;

    let Some((account, foreign)) = right_one(&attempt.password, meant).await? else {
        edge::count("sign_ins_refused_total");
        return Err(SignInError::Wrong);
    };
    app.limits.forgive("sign-in", &tries);
    let renewed = if foreign { Some(own_hash(app, &attempt.password).await?) } else { None };
    let from = attempt.device;
    let enter = move |dx: &mut Dx<'_>| {
        if let Some(hash) = &renewed {
            sql::set_password(dx, account, hash)?;
        }
        welcome(dx, account, &from)
    };
    let (opened, device, tenants) = app.db.directory().write(enter).await?;
    Ok(SignedIn { account, opened, device, tenants })
}

/// An account that the name may mean, and whether this device signed in to it before.
struct Meant {
    candidate: sql::Candidate,
    device_known: bool,
}

fn meant(
    dx: &mut Dx,
    login: Option<&str>,
    tenant: Option<TenantId>,
    device: Option<[u8; 32]>,
) -> Result<Vec<Meant>, db::Error> {
    let Some(login) = login else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for candidate in sql::candidates(dx, login, tenant)? {
        let device_known = match &device {
            Some(device) => sql::is_known_device(dx, candidate.account, device)?,
            None => false,
        };
        found.push(Meant { candidate, device_known });
    }
    found.sort_by_key(|meant| !meant.device_known);
    Ok(found)
}

/// Where tries are counted: a device that signed in before has its own count, all others share the account's.
fn tries_key(meant: &[Meant], device: Option<&[u8; 32]>, login: &str, tenant: Option<TenantId>) -> String {
    match device.filter(|_| meant.iter().any(|meant| meant.device_known)) {
        Some(device) => format!("device:{}:{login}", hex(device)),
        None => format!("account:{}:{login}", tenant.map_or(0, TenantId::number)),
    }
}

/// Forgets the tries that failed before the password was another one.
pub(crate) fn forgive(app: &App, login: &str, tenants: &[TenantId]) {
    for tenant in tenants.iter().copied().map(Some).chain([None]) {
        app.limits.forgive("sign-in", &tries_key(&[], None, login, tenant));
    }
}

/// The account whose password this is. Nobody's password is tried when there is none, so that both take as long.
/// With it, whether its hash came from another system.
async fn right_one(password: &Password, meant: Vec<Meant>) -> Result<Option<(AccountId, bool)>, HashError> {
    let known = meant.iter().any(|meant| meant.device_known);
    let queue = if known { Queue::Known } else { Queue::Strangers };
    if meant.is_empty() {
        hashing::matches(password, None, queue).await?;
    }
    for Meant { candidate, .. } in meant {
        if hashing::matches(password, Some(&candidate.password), queue).await? {
            return Ok(Some((candidate.account, candidate.password.is_foreign())));
        }
    }
    Ok(None)
}

/// The password as we hash it, in place of another system's hash.
async fn own_hash(app: &App, password: &Password) -> Result<PasswordHash, HashError> {
    let mut salt = [0; 16];
    salt.copy_from_slice(&app.db.world().seed()[..16]);
    hashing::hash(Password::typed(password.reveal()), salt, Queue::Known).await
}

/// Opens the session and makes the device a known one.
pub(crate) fn welcome(
    dx: &mut Dx,
    account: AccountId,
    from: &Device,
) -> Result<(Opened, Secret, Vec<TenantId>), Error> {
    let opened = sessions::open(dx, account, from)?;
    let device = Secret::new(hex(&dx.random::<32>()));
    sql::know_device(dx, account, &digest(device.reveal()))?;
    Ok((opened, device, accounts::memberships(dx, account)?))
}
