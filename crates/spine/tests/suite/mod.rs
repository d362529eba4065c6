//! The spine on a real database, driven as the rooms above drive it. Each engine runs the whole suite.

mod documents;
mod events;
mod holds;
mod jobs;
mod ledger;

use db::{Db, Rx, Schema, Scope, Tx, testing::TestDb};

const SPINE: Schema = spine::SCHEMA;

/// A shop of its own for one test.
struct Shop {
    world: TestDb,
    scope: Scope,
}

impl Shop {
    async fn open() -> Self {
        let world = crate::world(SPINE).await;
        let scope = world.tenant("bakery").await;
        Self { world, scope }
    }

    fn db(&self) -> &Db {
        &self.world.db
    }

    async fn write<T, E>(&self, body: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<db::Error> + Send + 'static,
    {
        self.db().write(self.scope.clone(), body).await
    }

    async fn read<T, E>(&self, body: impl FnOnce(&mut Rx<'_>) -> Result<T, E> + Send + 'static) -> T
    where
        T: Send + 'static,
        E: From<db::Error> + std::fmt::Debug + Send + 'static,
    {
        self.db().read(self.scope.clone(), body).await.unwrap()
    }
}
