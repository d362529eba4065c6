//! The suite on Postgres.

mod suite;

async fn world(schema: db::Schema) -> db::testing::TestDb {
    db::testing::TestDb::postgres(vec![schema]).await
}
