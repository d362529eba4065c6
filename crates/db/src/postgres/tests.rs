use super::*;
use crate::{Row, engine::Fence, sql, testing::TestDb};

/// An engine beside the one of `test`, with a tenant of it.
async fn engine_beside(test: &TestDb, database: &::testing::Database) -> (Arc<Postgres>, Place) {
    let tenant = test.tenant("bakery").await.tenant;
    let url = database.serve_url.clone();
    let opened = tokio::task::spawn_blocking(move || Postgres::open(&url, None, &[], &[], 4));
    (Arc::new(opened.await.unwrap().unwrap()), Place::Tenant { tenant, generation: 1 })
}

/// A batch's name is as long as those that the writer makes.
fn named(name: &str) -> String {
    format!("{name:0>32}")
}

/// A batch of its own, committed or not; then the connection is gone, as after a COMMIT without an answer.
fn batch(engine: &Postgres, place: Place, name: &str, commits: bool) {
    let mut connection = engine.pool.lend(place, false).unwrap();
    connection.begin_write(Fence::Live, &named(name)).unwrap();
    let mut version = 0;
    let statement = sql!("select version from tenant_state where tenant_id = $1");
    let mut read = |row: &Row<'_>| row.get(0).map(|found| version = found);
    connection.query(statement, &[Value::Int(place.tenant().number())], &mut read).unwrap();
    if commits {
        connection.commit().unwrap();
    }
    engine.pool.unsettled(named(name), version);
}

/// Looks for the batch, as a writer does that lost its connection in the commit.
fn settle(engine: &Postgres, place: Place, name: &str) -> Result<bool, Error> {
    let failed = engine.pool.lend(place, false)?;
    engine.settle(place, Box::new(failed), &named(name))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_commit_is_settled_though_others_wrote_meanwhile() {
    let database = ::testing::database();
    let test = TestDb::postgres_at(&database, vec![]).await;
    let (engine, place) = engine_beside(&test, &database).await;
    let settled = tokio::task::spawn_blocking(move || {
        batch(&engine, place, "kept", true);
        batch(&engine, place, "lost", false);
        (0..5).for_each(|other| batch(&engine, place, &format!("other{other}"), true));
        assert!(settle(&engine, place, "kept").unwrap());
        assert!(!settle(&engine, place, "lost").unwrap());

        batch(&engine, place, "long-ago", true);
        batch(&engine, place, "never", false);
        (0..9).for_each(|other| batch(&engine, place, &format!("later{other}"), true));
        // eight later ones pushed it out: nobody can say any more
        assert!(matches!(settle(&engine, place, "long-ago"), Err(Error::Unknown)));
        assert!(matches!(settle(&engine, place, "never"), Err(Error::Unknown)));
    });
    settled.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn settling_waits_for_a_transaction_that_may_still_commit() {
    let database = ::testing::database();
    let test = TestDb::postgres_at(&database, vec![]).await;
    let (engine, place) = engine_beside(&test, &database).await;
    let settled = tokio::task::spawn_blocking(move || {
        let mut slow = engine.pool.lend(place, false).unwrap();
        slow.begin_write(Fence::Live, &named("slow")).unwrap();
        engine.pool.unsettled(named("slow"), 1);
        let committed = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            slow.commit().unwrap();
        });
        assert!(settle(&engine, place, "slow").unwrap());
        committed.join().unwrap();
    });
    settled.await.unwrap();
}

#[test]
fn a_batch_is_looked_for_by_its_name_and_its_version() {
    assert_eq!(connection::was_kept("b", 5, 6, "c b a"), Some(true));
    assert_eq!(connection::was_kept("b", 5, 4, "a"), Some(false));
    assert_eq!(connection::was_kept("b", 5, 12, "m l k j i h g f"), Some(false));
    assert_eq!(connection::was_kept("b", 5, 13, "n m l k j i h g"), None);
}
