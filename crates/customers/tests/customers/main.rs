//! Customers through their front door, on a database of their own.

/// Runs a test on SQLite and on Postgres.
macro_rules! on_both_engines {
    ($test:ident, $name:ident) => {
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$test(crate::world::World::on_sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                super::$test(crate::world::World::on_postgres().await).await;
            }
        }
    };
}

mod book;
mod http;
mod import;
mod large;
mod narrow;
mod world;
