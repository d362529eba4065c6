//! A cluster is a real Postgres, alone, and gone with its process.

use testing::{Cluster, Database, database};

/// The name of a database, and what `sql` prints there for one of its roles.
fn query(cluster: &Cluster, database: &Database, role: &str, sql: &str) -> String {
    let name = database.serve_url.rsplit('/').next().unwrap_or_default();
    cluster.query(name, &format!("set role {role}; {sql}"))
}

#[test]
fn each_test_gets_an_empty_database_of_its_own() {
    let (one, other) = (database(), database());
    query(Cluster::shared(), &one, "soko_migrate", "create table thing (id bigint)");
    let there = |database| {
        query(Cluster::shared(), database, "soko_migrate", "select to_regclass('thing') is not null")
    };
    assert_eq!((there(&one), there(&other)), ("t".to_owned(), "f".to_owned()));
}

#[test]
fn the_serving_role_writes_rows_but_owns_nothing_and_obeys_row_level_security() {
    let database = database();
    let migrate = |sql| query(Cluster::shared(), &database, "soko_migrate", sql);
    let serve = |sql| query(Cluster::shared(), &database, "soko_serve", sql);
    migrate("create table thing (id bigint); alter table thing enable row level security");
    migrate("create policy p on thing using (id = 1); insert into thing values (1), (2)");
    assert_eq!(serve("insert into thing values (1); select count(*) from thing"), "2");
    assert_eq!(serve("select has_schema_privilege('public', 'create')"), "f");
    let powers = "select rolsuper or rolbypassrls or rolcreatedb or rolcreaterole from pg_roles where rolname = current_user";
    assert_eq!(serve(powers), "f");
}

#[test]
fn what_was_committed_survives_a_crash() {
    let mut cluster = Cluster::start();
    let database = cluster.database();
    query(
        &cluster,
        &database,
        "soko_migrate",
        "create table thing (id bigint); insert into thing values (7)",
    );
    cluster.crash();
    cluster.restart();
    assert_eq!(query(&cluster, &database, "soko_serve", "select id from thing"), "7");
    assert_eq!(cluster.query("postgres", "show fsync"), "on");
}
