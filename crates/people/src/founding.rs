//! The people's part of a sign-up: the directory first, then the tenant, whose commit makes all of it true.

use base::{Line, Login};
use db::{Dx, TenantId, Tx};
use edge::Secret;

use crate::{
    Error, Location,
    accounts::{self, NewAccount},
    business, keys, location, members,
    model::{AccountId, Business, Device, KeyKind, Member, NewKey, PasswordHash},
    sessions::{self, Opened},
};

/// The first owner.
#[derive(Clone)]
pub struct Founder {
    pub login: Login,
    pub name: Line<120>,
    pub password: PasswordHash,
    pub device: Device,
}

/// What the directory knows of a business-to-be.
#[derive(Clone)]
pub struct Prepared {
    pub account: AccountId,
    owner: Line<120>,
    /// The owner is signed in with this.
    pub session: Opened,
    public: NewKey,
    secret: NewKey,
}

/// What a new business has, with the keys to be shown once.
#[derive(Clone)]
pub struct Founded {
    pub owner: Member,
    pub location: Location,
    pub public_key: Secret,
    pub secret_key: Secret,
}

/// First: account, session and keys, in the directory.
pub fn prepare(dx: &mut Dx, tenant: TenantId, founder: &Founder) -> Result<Prepared, Error> {
    let new = NewAccount {
        login: founder.login.clone(),
        name: founder.name.clone(),
        password: founder.password.clone(),
        home: Some(tenant),
        operator: false,
    };
    let account = accounts::create(dx, &new)?;
    let session = sessions::open(dx, account, &founder.device)?;
    let (shop, all) = (key_name("Shop")?, key_name("First key")?);
    let public = keys::mint(dx, tenant, KeyKind::Public, shop)?;
    let secret = keys::mint(dx, tenant, KeyKind::Secret, all)?;
    Ok(Prepared { account, owner: founder.name.clone(), session, public, secret })
}

fn key_name(name: &str) -> Result<Line<120>, Error> {
    name.parse().map_err(|_| Error::NotFounded)
}

/// Second: settings, location, owner and keys, in the tenant. The actor is the system.
pub fn found(
    tx: &mut Tx,
    prepared: &Prepared,
    settings: &Business,
    place: Line<120>,
) -> Result<Founded, Error> {
    business::begin(tx, settings)?;
    let location = location::create(tx, place, settings.edit.address.clone())?;
    let owner = members::add_owner(tx, prepared.account, prepared.owner.clone())?;
    keys::issue(tx, &prepared.public)?;
    keys::issue(tx, &prepared.secret)?;
    Ok(Founded {
        owner,
        location,
        public_key: prepared.public.secret.clone(),
        secret_key: prepared.secret.secret.clone(),
    })
}
