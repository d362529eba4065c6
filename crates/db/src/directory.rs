//! The directory: which tenants there are, where each lives, and which were left with work to do.

use std::{collections::HashMap, sync::Arc};

use base::{Country, Currency, Language, Line, Slug, Timestamp, Zone};
use parking_lot::RwLock;

use crate::{Dx, Error, Row, TenantId, directory_sql};

/// Words that no tenant may have as its slug: they are, or may become, addresses of the platform.
pub const RESERVED_SLUGS: &[&str] = &[
    "about",
    "account",
    "admin",
    "api",
    "app",
    "assets",
    "auth",
    "billing",
    "blog",
    "c",
    "dashboard",
    "demo",
    "docs",
    "files",
    "help",
    "health",
    "healthz",
    "imprint",
    "legal",
    "login",
    "logout",
    "mail",
    "metrics",
    "operator",
    "platform",
    "pricing",
    "privacy",
    "r",
    "root",
    "security",
    "settings",
    "shop",
    "signin",
    "signout",
    "signup",
    "soko",
    "static",
    "status",
    "support",
    "system",
    "t",
    "terms",
    "test",
    "till",
    "www",
];

/// How a tenant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TenantState {
    /// Its database is being made.
    Creating,
    /// It waits for the operator's approval.
    Waiting,
    Live,
    Suspended,
}

impl TenantState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Waiting => "waiting",
            Self::Live => "live",
            Self::Suspended => "suspended",
        }
    }

    fn parse(raw: &str) -> Option<Self> {
        [Self::Creating, Self::Waiting, Self::Live, Self::Suspended]
            .into_iter()
            .find(|known| known.name() == raw)
    }
}

/// What must be known of a tenant before its own database is open.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    pub id: TenantId,
    pub slug: Slug,
    pub name: Line<120>,
    pub state: TenantState,
    pub generation: i64,
    pub currency: Currency,
    pub country: Country,
    pub language: Language,
    pub zone: Zone,
    /// A tenant in test mode: nothing it sells is real.
    pub test: bool,
    pub created_at: Timestamp,
}

/// What a new tenant is to be.
#[derive(Debug, Clone)]
pub struct NewTenant {
    pub slug: Slug,
    pub name: Line<120>,
    pub currency: Currency,
    pub country: Country,
    pub language: Language,
    pub zone: Zone,
    pub test: bool,
}

/// All tenants by slug and by number, in memory.
#[derive(Default)]
pub(crate) struct Known {
    tenants: RwLock<Index>,
}

#[derive(Default)]
struct Index {
    by_slug: HashMap<Slug, Arc<Tenant>>,
    by_id: HashMap<TenantId, Arc<Tenant>>,
}

impl Known {
    pub fn put(&self, tenant: Tenant) -> Arc<Tenant> {
        let tenant = Arc::new(tenant);
        let mut index = self.tenants.write();
        if let Some(before) = index.by_id.insert(tenant.id, Arc::clone(&tenant)) {
            index.by_slug.remove(&before.slug);
        }
        index.by_slug.insert(tenant.slug.clone(), Arc::clone(&tenant));
        tenant
    }

    pub fn by_slug(&self, slug: &str) -> Option<Arc<Tenant>> {
        let slug: Slug = slug.parse().ok()?;
        self.tenants.read().by_slug.get(&slug).cloned()
    }

    pub fn by_id(&self, id: TenantId) -> Option<Arc<Tenant>> {
        self.tenants.read().by_id.get(&id).cloned()
    }

    pub fn all(&self) -> Vec<Arc<Tenant>> {
        let mut all: Vec<_> = self.tenants.read().by_id.values().cloned().collect();
        all.sort_by_key(|tenant| tenant.id);
        all
    }
}

fn read_tenant(row: &Row<'_>) -> Result<Tenant, Error> {
    let state: String = row.get(3)?;
    let zone: String = row.get(8)?;
    Ok(Tenant {
        id: row.get(0)?,
        slug: row.get(1)?,
        name: row.get(2)?,
        state: TenantState::parse(&state).ok_or(Error::Column {
            index: 3,
            wanted: "a tenant's state",
            found: state,
        })?,
        generation: row.get(4)?,
        currency: row.get(5)?,
        country: row.get(6)?,
        language: row.get(7)?,
        zone: zone.parse().unwrap_or_else(|_| Zone::utc()),
        test: row.get(9)?,
        created_at: row.get(10)?,
    })
}

pub(crate) fn all(dx: &mut Dx<'_>) -> Result<Vec<Tenant>, Error> {
    dx.rows(
        directory_sql!(
            "select id, slug, name, state, generation, currency, country, language, zone, test, created_at from tenant order by id"
        ),
        (),
        read_tenant,
    )
}

pub(crate) fn find(dx: &mut Dx<'_>, tenant: TenantId) -> Result<Option<Tenant>, Error> {
    dx.row(
        directory_sql!(
            "select id, slug, name, state, generation, currency, country, language, zone, test, created_at from tenant where id = $1"
        ),
        (tenant,),
        read_tenant,
    )
}

pub(crate) fn find_by_slug(dx: &mut Dx<'_>, slug: &Slug) -> Result<Option<Tenant>, Error> {
    dx.row(
        directory_sql!(
            "select id, slug, name, state, generation, currency, country, language, zone, test, created_at from tenant where slug = $1"
        ),
        (slug,),
        read_tenant,
    )
}

/// Gives the new tenant its number and a slug nobody ever had.
pub(crate) fn reserve(dx: &mut Dx<'_>, new: &NewTenant) -> Result<Tenant, Error> {
    dx.run(directory_sql!("update directory_state set last_tenant = last_tenant + 1"), ())?;
    let number = dx
        .row(directory_sql!("select last_tenant from directory_state"), (), |row| row.get::<i64>(0))?
        .ok_or_else(|| Error::Storage("the directory has no state".to_owned()))?;
    let id = TenantId::numbered(number);
    let slug = free_slug(dx, &new.slug, id)?;
    let tenant = Tenant {
        id,
        slug,
        name: new.name.clone(),
        state: TenantState::Creating,
        generation: 1,
        currency: new.currency,
        country: new.country,
        language: new.language,
        zone: new.zone.clone(),
        test: new.test,
        created_at: dx.now(),
    };
    dx.put(
        directory_sql!(
            "insert into tenant (id, slug, name, state, generation, currency, country, language, zone, test, created_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ),
        (
            id, &tenant.slug, &tenant.name, tenant.state.name(), tenant.generation, tenant.currency, tenant.country,
            tenant.language, tenant.zone.name(), tenant.test, tenant.created_at,
        ),
    )?;
    Ok(tenant)
}

fn free_slug(dx: &mut Dx<'_>, wanted: &Slug, tenant: TenantId) -> Result<Slug, Error> {
    let reserved = RESERVED_SLUGS.contains(&wanted.as_str());
    let mut number = 1;
    loop {
        let slug = if number == 1 { wanted.clone() } else { wanted.numbered(number) };
        let taken = (reserved && number == 1)
            || dx.run(
                directory_sql!("insert into slug (slug, tenant_id) values ($1, $2) on conflict do nothing"),
                (&slug, tenant),
            )? == 0;
        if !taken {
            return Ok(slug);
        }
        number += 1;
    }
}

pub(crate) fn set_state(dx: &mut Dx<'_>, tenant: TenantId, state: TenantState) -> Result<u64, Error> {
    dx.run(directory_sql!("update tenant set state = $2 where id = $1"), (tenant, state.name()))
}

pub(crate) fn describe(dx: &mut Dx<'_>, tenant: &Tenant) -> Result<u64, Error> {
    dx.run(
        directory_sql!(
            "update tenant set name = $2, currency = $3, country = $4, language = $5, zone = $6, test = $7 where id = $1"
        ),
        (tenant.id, &tenant.name, tenant.currency, tenant.country, tenant.language, tenant.zone.name(), tenant.test),
    )
}

/// Says, before the first write after opening, that the tenant may have work that only it knows of.
pub(crate) fn mark_dirty(dx: &mut Dx<'_>, tenant: TenantId) -> Result<(), Error> {
    let now = dx.now();
    dx.put(
        directory_sql!(
            "insert into lease (tenant_id, dirty_since, due_at) values ($1, $2, cast(null as bigint)) \
             on conflict (tenant_id) do update set dirty_since = coalesce(lease.dirty_since, excluded.dirty_since)"
        ),
        (tenant, now),
    )
}

/// After a clean close: the next due time is all that must be remembered.
pub(crate) fn mark_clean(dx: &mut Dx<'_>, tenant: TenantId, due: Option<Timestamp>) -> Result<(), Error> {
    dx.put(
        directory_sql!(
            "update lease set dirty_since = cast(null as bigint), due_at = $2 where tenant_id = $1"
        ),
        (tenant, due),
    )
}

/// Tenants to visit after a start, and when.
pub(crate) fn leases(dx: &mut Dx<'_>) -> Result<Vec<(TenantId, Timestamp)>, Error> {
    let now = dx.now();
    dx.rows(
        directory_sql!("select tenant_id, dirty_since, due_at from lease where dirty_since is not null or due_at is not null"),
        (),
        |row| {
            let dirty: Option<Timestamp> = row.get(1)?;
            let due: Option<Timestamp> = row.get(2)?;
            Ok((row.get(0)?, if dirty.is_some() { now } else { due.unwrap_or(now) }))
        },
    )
}
