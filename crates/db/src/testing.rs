//! Databases for tests: in a folder of their own, with a clock that stands and chance from a seed.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use base::{Line, Slug, Timestamp, Zone};

use crate::{
    Actor, Db, FixedClock, NewTenant, Options, Origin, Reach, Schema, Scope, TenantId, TenantState, World,
    engine::Engine,
};

/// 2026-11-20 10:00 UTC.
pub const START: Timestamp = Timestamp::from_micros(1_795_168_800_000_000);

/// A database of a test, gone when dropped.
pub struct TestDb {
    pub db: Db,
    pub clock: FixedClock,
    options: Options,
    _ending: Ending,
}

/// Closes the database, so that no thread and no connection outlives its test, and then removes the folder.
struct Ending {
    db: Db,
    _folder: tempfile::TempDir,
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.db.close();
    }
}

impl TestDb {
    /// On SQLite, with the tables of `schemas`.
    pub async fn sqlite(schemas: Vec<Schema>) -> Self {
        let (world, clock) = World::fixed(START, 7);
        Self::open(Options::sqlite("", schemas, world), clock).await
    }

    /// On a fresh database in the Postgres that the tests of this process share.
    pub async fn postgres(schemas: Vec<Schema>) -> Self {
        Self::postgres_at(&::testing::database(), schemas).await
    }

    /// On a database that the test chose, such as one in a Postgres it will crash.
    pub async fn postgres_at(database: &::testing::Database, schemas: Vec<Schema>) -> Self {
        let (world, clock) = World::fixed(START, 7);
        let migrate_url = Some(database.migrate_url.clone());
        Self::open(Options::postgres("", &database.serve_url, migrate_url, schemas, world), clock).await
    }

    /// Another process on the same Postgres, with a folder of its own and the same clock.
    pub async fn second(&self) -> Self {
        static SEED: AtomicU64 = AtomicU64::new(8);
        let world = World::beside(&self.clock, SEED.fetch_add(1, Ordering::Relaxed));
        Self::open(Options { world, ..self.options.clone() }, self.clock.clone()).await
    }

    async fn open(mut options: Options, clock: FixedClock) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        folder.path().clone_into(&mut options.folder);
        let db = Db::open(options.clone()).await.expect("a fresh database opens");
        Self { db: db.clone(), clock, options, _ending: Ending { db, _folder: folder } }
    }

    pub(crate) fn engine(&self) -> Arc<dyn Engine> {
        Arc::clone(&self.db.0.engine)
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
        // its first visit: nothing was promised yet
        self.db.take_due().await.into_iter().for_each(|due| self.db.visited(due, None));
        scope(tenant.id)
    }
}

/// Runs each test on both engines: `on_both_engines! { vec![SCHEMA]; async fn a_sentence(test: TestDb) { … } }`.
#[macro_export]
macro_rules! on_both_engines {
    ($schemas:expr; $(async fn $name:ident($test:ident: TestDb) $body:block)*) => {
        $(async fn $name($test: $crate::testing::TestDb) $body)*

        mod on_sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::testing::TestDb::sqlite($schemas).await).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name($crate::testing::TestDb::postgres($schemas).await).await;
            })*
        }
    };
}

/// The system's own scope in `tenant`.
pub fn scope(tenant: TenantId) -> Scope {
    Scope { tenant, actor: Actor::system(), origin: Origin::default(), reach: Reach::Everywhere }
}
