//! The directory: which tenants there are, where each lives, and which were left with work to do.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant},
};

use base::{Country, Currency, Language, Line, Slug, Timestamp, Zone};
use lru::LruCache;
use parking_lot::{Mutex, RwLock};

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

    pub const ALL: [Self; 4] = [Self::Creating, Self::Waiting, Self::Live, Self::Suspended];

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == raw)
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

/// A process that was silent for so long is taken for dead.
const DEAD_AFTER_S: i64 = 15;
/// How long what is known of a tenant is used without asking, where other processes may change it.
const FRESH: Duration = Duration::from_millis(500);
/// Questions whose last time is remembered.
const QUESTIONS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(16_383);

/// All tenants by slug and by number, in memory.
#[derive(Default)]
pub(crate) struct Known {
    tenants: RwLock<Index>,
    asked: Asked,
}

/// When the directory was last asked for a tenant, known or not.
struct Asked(Mutex<LruCache<Question, Instant>>);

impl Default for Asked {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(QUESTIONS)))
    }
}

/// How a tenant is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Question {
    Slug(Slug),
    Number(TenantId),
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

    pub fn find(&self, question: &Question) -> Option<Arc<Tenant>> {
        let index = self.tenants.read();
        match question {
            Question::Slug(slug) => index.by_slug.get(slug),
            Question::Number(id) => index.by_id.get(id),
        }
        .cloned()
    }

    /// What is known and was asked for a moment ago; an outer None says that the directory must be asked again.
    pub fn find_fresh(&self, question: &Question) -> Option<Option<Arc<Tenant>>> {
        let known = self.find(question);
        let mut asked = self.asked.0.lock();
        if asked.get(question).is_some_and(|at| at.elapsed() < FRESH) {
            return Some(known);
        }
        if known.is_some() {
            // while one asks, the others go on with what is known
            asked.put(question.clone(), Instant::now());
        }
        None
    }

    /// Takes in what the directory answered.
    pub fn learn(&self, question: Question, found: Option<Tenant>) -> Option<Arc<Tenant>> {
        let found = match found {
            Some(tenant) => Some(self.put(tenant)),
            None => self.forget(&question),
        };
        self.asked.0.lock().put(question, Instant::now());
        found
    }

    fn forget(&self, question: &Question) -> Option<Arc<Tenant>> {
        let gone = self.find(question)?;
        let mut index = self.tenants.write();
        index.by_id.remove(&gone.id);
        index.by_slug.remove(&gone.slug);
        None
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

pub(crate) fn answer(dx: &mut Dx<'_>, question: &Question) -> Result<Option<Tenant>, Error> {
    match question {
        Question::Slug(slug) => find_by_slug(dx, slug),
        Question::Number(id) => find(dx, *id),
    }
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

fn find_by_slug(dx: &mut Dx<'_>, slug: &Slug) -> Result<Option<Tenant>, Error> {
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

/// The slug that a business named so would get if it were made now.
pub(crate) fn next_slug(dx: &mut Dx<'_>, wanted: &Slug) -> Result<Slug, Error> {
    let reserved = RESERVED_SLUGS.contains(&wanted.as_str());
    let mut number = 1;
    loop {
        let slug = if number == 1 { wanted.clone() } else { wanted.numbered(number) };
        let known =
            dx.row(directory_sql!("select tenant_id from slug where slug = $1"), (&slug,), |row| {
                row.get::<i64>(0)
            })?;
        if known.is_none() && !(reserved && number == 1) {
            return Ok(slug);
        }
        number += 1;
    }
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

/// Says, before the first write after opening, that the tenant may have work that only `holder` knows of.
pub(crate) fn mark_dirty(dx: &mut Dx<'_>, tenant: TenantId, holder: &str) -> Result<(), Error> {
    let now = dx.now();
    dx.put(
        directory_sql!(
            "insert into lease (tenant_id, holder, dirty_since, due_at) values ($1, $2, $3, cast(null as bigint)) \
             on conflict (tenant_id, holder) do update set dirty_since = coalesce(lease.dirty_since, excluded.dirty_since)"
        ),
        (tenant, holder, now),
    )
}

/// After a clean close: the next due time is all that must be remembered.
pub(crate) fn mark_clean(
    dx: &mut Dx<'_>,
    tenant: TenantId,
    holder: &str,
    due: Option<Timestamp>,
) -> Result<(), Error> {
    match due {
        Some(due) => dx.put(
            directory_sql!(
                "update lease set dirty_since = cast(null as bigint), due_at = $3 where tenant_id = $1 and holder = $2"
            ),
            (tenant, holder, due),
        ),
        None => forget_lease(dx, tenant, holder),
    }
}

fn forget_lease(dx: &mut Dx<'_>, tenant: TenantId, holder: &str) -> Result<(), Error> {
    dx.put(directory_sql!("delete from lease where tenant_id = $1 and holder = $2"), (tenant, holder))
}

/// Tenants to visit after a start, and when.
pub(crate) fn leases(dx: &mut Dx<'_>) -> Result<Vec<(TenantId, Timestamp)>, Error> {
    let now = dx.now();
    dx.rows(directory_sql!("select tenant_id, dirty_since, due_at from lease"), (), |row| {
        let dirty: Option<Timestamp> = row.get(1)?;
        let due: Option<Timestamp> = row.get(2)?;
        Ok((row.get(0)?, if dirty.is_some() { now } else { due.unwrap_or(now) }))
    })
}

/// What a process learns when it says that it lives.
pub(crate) struct TakenOver {
    /// Tenants that are its own now, to be visited at once.
    pub tenants: Vec<TenantId>,
    /// Whether it was silent for so long that others took over what it had.
    pub was_given_up: bool,
}

/// Says that `holder` lives, and takes over what is due of processes that closed and all that dead ones had.
pub(crate) fn take_over(dx: &mut Dx<'_>, holder: &str) -> Result<TakenOver, Error> {
    let now = dx.now();
    let dead = now.plus_s(-DEAD_AFTER_S);
    let known = dx.run(directory_sql!("update holder set seen_at = $2 where id = $1"), (holder, now))?;
    if known == 0 {
        dx.put(directory_sql!("insert into holder (id, seen_at) values ($1, $2)"), (holder, now))?;
    }
    let left: Vec<(TenantId, String)> = dx.rows(
        directory_sql!(
            "select lease.tenant_id, lease.holder from lease left join holder on holder.id = lease.holder \
             where (lease.dirty_since is null and lease.due_at <= $1) \
             or (lease.dirty_since is not null and coalesce(holder.seen_at, 0) < $2) order by lease.tenant_id"
        ),
        (now, dead),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    for (tenant, of) in &left {
        forget_lease(dx, *tenant, of)?;
        mark_dirty(dx, *tenant, holder)?;
    }
    dx.put(directory_sql!("delete from holder where seen_at < $1"), (dead,))?;
    let tenants = left.into_iter().map(|(tenant, _)| tenant).collect();
    Ok(TakenOver { tenants, was_given_up: known == 0 })
}

/// The process ends, and everything it had is closed.
pub(crate) fn leave(dx: &mut Dx<'_>, holder: &str) -> Result<(), Error> {
    dx.put(directory_sql!("delete from holder where id = $1"), (holder,))
}
