//! The suite on SQLite.

mod suite;

async fn world(schema: db::Schema) -> db::testing::TestDb {
    db::testing::TestDb::sqlite(vec![schema]).await
}
