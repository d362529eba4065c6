//! People, through their front door and on both engines.

/// Runs each test on SQLite and on Postgres.
macro_rules! on_both_engines {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::TestDb::sqlite(super::schemas()).await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::TestDb::postgres(super::schemas()).await).await;
            })*
        }
    };
}
use on_both_engines;

mod common;
mod front_door;
mod team;
