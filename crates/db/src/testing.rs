//! Databases for tests: in a folder of their own, with a clock that stands and chance from a seed.

use base::{Line, Slug, Timestamp, Zone};

use crate::{Actor, Db, FixedClock, NewTenant, Options, Origin, Schema, Scope, TenantId, TenantState, World};

/// 2026-11-20 10:00 UTC.
pub const START: Timestamp = Timestamp::from_micros(1_795_168_800_000_000);

/// A database of a test, gone when dropped.
pub struct TestDb {
    pub db: Db,
    pub clock: FixedClock,
    _folder: Option<tempfile::TempDir>,
}

impl TestDb {
    /// On SQLite, with the tables of `schemas`.
    pub async fn sqlite(schemas: Vec<Schema>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (world, clock) = World::fixed(START, 7);
        let db =
            Db::open(Options::sqlite(folder.path(), schemas, world)).await.expect("a fresh database opens");
        Self { db, clock, _folder: Some(folder) }
    }

    /// A live tenant in EUR.
    pub async fn tenant(&self, slug: &str) -> Scope {
        self.tenant_in(slug, "EUR").await
    }

    pub async fn tenant_in(&self, slug: &str, currency: &str) -> Scope {
        let new = NewTenant {
            slug: slug.parse::<Slug>().expect("a slug"),
            name: slug.parse::<Line<120>>().expect("a name"),
            currency: currency.parse().expect("a currency"),
            country: "FR".parse().expect("a country"),
            language: base::Language::En,
            zone: Zone::utc(),
            test: false,
        };
        let tenant = self.db.create_tenant(new).await.expect("a tenant");
        self.db.admit(tenant.id, TenantState::Live).await.expect("a live tenant");
        scope(tenant.id)
    }
}

/// The system's own scope in `tenant`.
pub fn scope(tenant: TenantId) -> Scope {
    Scope { tenant, actor: Actor::system(), origin: Origin::default() }
}
