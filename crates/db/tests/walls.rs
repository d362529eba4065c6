//! The walls between tenants on Postgres stand by themselves, whatever a statement says.

use db::{
    Db, Error, FixedClock, Migration, OpenError, Options, Schema, World, sql,
    testing::{START, TestDb},
};
use testing::{Cluster, Database};

const TABLES: &[Migration] = &[Migration::new(
    "walls",
    1,
    "create table secret (tenant_id bigint not null, id bigint not null, primary key (tenant_id, id));",
)];
const SCHEMA: Schema = Schema { migrations: TABLES, directory_migrations: &[], areas: &[], lends: &[] };

fn name(database: &Database) -> &str {
    database.serve_url.rsplit('/').next().unwrap()
}

/// How many rows the serving role sees in `table` after `before`.
fn seen(database: &Database, before: &str, table: &str) -> String {
    let asked = format!("set role soko_serve; {before}; select count(*) from {table}");
    Cluster::shared().query(name(database), &asked)
}

#[tokio::test]
async fn without_a_tenant_every_table_is_empty() {
    let database = testing::database();
    let test = TestDb::postgres_at(&database, vec![SCHEMA]).await;
    for slug in ["bakery", "florist"] {
        let shop = test.tenant(slug).await;
        let written =
            test.db.write(shop, |tx| tx.put(sql!("insert into secret (tenant_id, id) values ($1, 1)"), ()));
        written.await.unwrap();
    }
    for table in ["tenant_state", "secret"] {
        assert_eq!(seen(&database, "select", table), "\n0".trim_start(), "{table}");
        assert_eq!(seen(&database, "set app.tenant = ''", table), "0", "{table}");
        assert_eq!(seen(&database, "set app.tenant = '1'", table), "1", "{table}");
        assert_eq!(Cluster::shared().query(name(&database), &format!("select count(*) from {table}")), "2");
    }
}

#[tokio::test]
async fn a_connection_that_was_used_for_a_tenant_forgets_it() {
    let database = testing::database();
    let test = TestDb::postgres_at(&database, vec![SCHEMA]).await;
    let (one, other) = (test.tenant("bakery").await, test.tenant("florist").await);
    test.db
        .write(one, |tx| tx.put(sql!("insert into secret (tenant_id, id) values ($1, 1)"), ()))
        .await
        .unwrap();
    // a statement that the checker would refuse, on purpose
    let all = |rx: &mut db::Rx<'_>| {
        rx.rows(sql!("select id from secret where cast($1 as bigint) > 0"), (), |row| row.get::<i64>(0))
    };
    assert_eq!(test.db.read(other, all).await.unwrap(), Vec::<i64>::new());
}

async fn opened(options: Options) -> Result<Db, String> {
    Db::open(options).await.map_err(|error| match error {
        OpenError::Database(Error::Migration(reason)) => reason,
        other => panic!("{other}"),
    })
}

fn options(folder: &tempfile::TempDir, serve: &str, migrate: Option<&str>) -> Options {
    let (world, _): (_, FixedClock) = World::fixed(START, 1);
    Options::postgres(folder.path(), serve, migrate.map(str::to_owned), vec![SCHEMA], world)
}

#[tokio::test]
async fn a_role_that_could_see_more_does_not_serve() {
    let database = testing::database();
    let folder = tempfile::tempdir().unwrap();
    let owner = opened(options(&folder, &database.migrate_url, Some(&database.migrate_url))).await;
    assert!(owner.err().unwrap().contains("owns the table"));
    let superuser = database.serve_url.replace("soko_serve", "postgres");
    let superuser = opened(options(&folder, &superuser, Some(&database.migrate_url))).await;
    assert!(superuser.err().unwrap().contains("superuser"));
}

#[tokio::test]
async fn a_table_whose_wall_was_taken_down_stops_the_start() {
    let database = testing::database();
    let folder = tempfile::tempdir().unwrap();
    let missing = opened(options(&folder, &database.serve_url, None)).await;
    assert!(missing.err().unwrap().contains("soko migrate"));
    opened(options(&folder, &database.serve_url, Some(&database.migrate_url))).await.unwrap().close();
    let again = tempfile::tempdir().unwrap();
    opened(options(&again, &database.serve_url, None)).await.unwrap().close();

    Cluster::shared().query(name(&database), "alter table secret no force row level security");
    let third = tempfile::tempdir().unwrap();
    let refused = opened(options(&third, &database.serve_url, None)).await;
    assert!(refused.err().unwrap().contains("the table secret"));
}
