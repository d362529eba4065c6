//! What a caller of `write` and `read` may rely on.

use std::sync::atomic::{AtomicU64, Ordering};

use db::{Area, Error, Migration, Remembered, Schema, on_both_engines, sql};
use futures_util::future::join_all;

const TABLES: &[Migration] = &[Migration::new(
    "writes",
    1,
    "create table thing (tenant_id bigint not null, id bigint not null, name text, primary key (tenant_id, id));",
)];
const SCHEMA: Schema = Schema {
    migrations: TABLES,
    directory_migrations: &[],
    areas: &[("thing", db::Area::Stock)],
    lends: &[],
};

fn names(rx: &mut db::Rx<'_>) -> Result<Vec<String>, Error> {
    rx.rows(sql!("select name from thing where tenant_id = $1 order by id"), (), |row| row.get(0))
}

fn add(tx: &mut db::Tx<'_>, id: i64, name: &str) -> Result<u64, Error> {
    tx.run(sql!("insert into thing (tenant_id, id, name) values ($1, $2, $3)"), (id, name))
}

/// The names, as a write remembers them, and which reading of them this is.
#[derive(Clone)]
struct Names(Vec<String>, u64);

impl Remembered for Names {
    const AREA: Area = Area::Stock;
    type Error = Error;

    fn load(rx: &mut db::Rx<'_>) -> Result<Self, Error> {
        static READINGS: AtomicU64 = AtomicU64::new(0);
        Ok(Self(names(rx)?, READINGS.fetch_add(1, Ordering::Relaxed)))
    }
}

on_both_engines! { vec![super::SCHEMA];

async fn what_is_remembered_is_read_again_only_after_a_change(test: TestDb) {
    let shop = test.tenant("bakery").await;
    let ask = |tx: &mut db::Tx<'_>| tx.remembered::<Names>();
    let first = test.db.write(shop.clone(), ask).await.unwrap();
    assert_eq!(test.db.write(shop.clone(), ask).await.unwrap().1, first.1);
    test.db.write(shop.clone(), |tx| add(tx, 1, "bread")).await.unwrap();
    assert_eq!(test.db.write(shop, ask).await.unwrap().0, ["bread"]);
}

async fn what_is_remembered_is_what_a_read_would_find(test: TestDb) {
    let shop = test.tenant("bakery").await;
    let writes = (0..200).map(|id| {
        test.db.write(shop.clone(), move |tx| {
            let looks_first = id % 3 == 0;
            if looks_first {
                assert_eq!(tx.remembered::<Names>()?.0, names(tx)?);
            }
            if id % 5 < 2 {
                add(tx, id, "bread")?;
            }
            assert_eq!(tx.remembered::<Names>()?.0, names(tx)?);
            // what a refused piece saw of its own is nobody else's
            if id % 5 == 1 { Err(Error::Deadline) } else { Ok(()) }
        })
    });
    let refused = join_all(writes).await.into_iter().filter(Result::is_err);
    assert!(refused.map(Result::unwrap_err).all(|error| matches!(error, Error::Deadline)));
    assert_eq!(test.db.read(shop, names).await.unwrap().len(), 40);
}

async fn who_was_written_to_is_named_once(test: TestDb) {
    let (shop, quiet) = (test.tenant("bakery").await, test.tenant("florist").await);
    test.db.take_written();
    let before = test.db.load().commits;
    for id in 0..3 {
        test.db.write(shop.clone(), move |tx| add(tx, id, "bread")).await.unwrap();
    }
    test.db.read(quiet, names).await.unwrap();
    assert_eq!(test.db.load().commits, before + 3);
    assert_eq!(test.db.take_written(), [shop.tenant]);
    assert!(test.db.take_written().is_empty());
}

async fn what_was_written_is_read(test: TestDb) {
    let shop = test.tenant("bakery").await;
    test.db.write(shop.clone(), |tx| add(tx, 1, "bread")).await.unwrap();
    assert_eq!(test.db.read(shop, names).await.unwrap(), ["bread"]);
}

async fn an_error_means_that_nothing_happened(test: TestDb) {
    let shop = test.tenant("bakery").await;
    let refused = test
        .db
        .write(shop.clone(), |tx| {
            add(tx, 1, "bread")?;
            Err::<(), _>(Error::Deadline)
        })
        .await;
    assert!(refused.is_err());
    assert_eq!(test.db.read(shop, names).await.unwrap(), Vec::<String>::new());
}

async fn a_swallowed_failure_still_ends_its_piece(test: TestDb) {
    let shop = test.tenant("bakery").await;
    let done = test
        .db
        .write(shop.clone(), |tx| {
            add(tx, 1, "bread")?;
            let _ = add(tx, 1, "twice");
            Ok::<_, Error>(())
        })
        .await;
    assert!(matches!(done, Err(Error::Statement(_))));
    assert_eq!(test.db.read(shop, names).await.unwrap(), Vec::<String>::new());
}

async fn a_panic_harms_nobody_else(test: TestDb) {
    let shop = test.tenant("bakery").await;
    let writes = (0..50).map(|id| {
        test.db.write(shop.clone(), move |tx| {
            assert!(id % 7 != 3, "a planted panic");
            add(tx, id, "bread")
        })
    });
    let outcomes = futures_util::future::join_all(writes).await;
    let kept = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(kept, 43);
    assert_eq!(test.db.read(shop, names).await.unwrap().len(), kept);
}

async fn a_suspended_tenant_is_not_written_to_until_it_resumes(test: TestDb) {
    let shop = test.tenant("bakery").await;
    test.db.suspend(shop.clone(), |_| Ok::<_, Error>(())).await.unwrap();
    let refused = test.db.write(shop.clone(), |tx| add(tx, 1, "bread")).await;
    assert!(matches!(refused, Err(Error::NotLive(_))));
    test.db.resume(shop.clone(), |_| Ok::<_, Error>(())).await.unwrap();
    test.db.write(shop.clone(), |tx| add(tx, 1, "bread")).await.unwrap();
}

async fn a_change_outdates_the_pages_of_its_area_and_no_other(test: TestDb) {
    let shop = test.tenant("bakery").await;
    let before = test.db.versions(shop.tenant).await.unwrap();
    test.db.write(shop.clone(), |tx| add(tx, 1, "bread")).await.unwrap();
    let after = test.db.versions(shop.tenant).await.unwrap();
    assert_eq!((after.stock, after.catalog), (before.stock + 1, before.catalog));
}

async fn a_tenant_sees_only_its_own_rows_and_slugs_are_never_given_twice(test: TestDb) {
    let (one, other) = (test.tenant("bakery").await, test.tenant("bakery").await);
    test.db.write(one, |tx| add(tx, 1, "bread")).await.unwrap();
    assert!(test.db.read(other.clone(), names).await.unwrap().is_empty());
    let slug = test.db.tenant(other.tenant).await.unwrap().unwrap().slug.clone();
    assert_eq!(slug.as_str(), "bakery-2");
}

async fn writes_that_nobody_reads_back_keep_their_order(test: TestDb) {
    let shop = test.tenant("bakery").await;
    let written = test.db.write(shop.clone(), |tx| {
        for id in 0..300 {
            tx.put(sql!("insert into thing (tenant_id, id, name) values ($1, $2, $3)"), (id, "first"))?;
            tx.put(sql!("update thing set name = $3 where tenant_id = $1 and id = $2"), (id, "second"))?;
        }
        names(tx)
    });
    assert_eq!(written.await.unwrap(), vec!["second"; 300]);
}

async fn a_write_that_nobody_reads_back_still_fails_its_piece_and_no_other(test: TestDb) {
    let shop = test.tenant("bakery").await;
    let put = |tx: &mut db::Tx<'_>, id: i64| {
        tx.put(sql!("insert into thing (tenant_id, id, name) values ($1, $2, $3)"), (id, "bread"))
    };
    let writes = (0..40).map(|id| {
        test.db.write(shop.clone(), move |tx| {
            // every second asks first, and what fails may be its forerunner's
            if id % 2 == 0 {
                names(tx)?;
            }
            put(tx, id)?;
            // every fifth collides with itself, and every third changes its mind
            if id % 5 == 0 {
                put(tx, id)?;
            }
            if id % 3 == 0 { Err(Error::Deadline) } else { Ok(()) }
        })
    });
    let outcomes = futures_util::future::join_all(writes).await;
    for (id, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome.is_ok(), id % 5 != 0 && id % 3 != 0, "{id}: {outcome:?}");
    }
    let kept = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(test.db.read(shop, names).await.unwrap().len(), kept);
}

async fn a_body_sees_its_own_writes_and_no_read_sees_half_of_a_commit(test: TestDb) {
    let shop = test.tenant("bakery").await;
    let written = test.db.write(shop.clone(), |tx| {
        add(tx, 1, "bread")?;
        let seen = names(tx)?;
        add(tx, 2, "cake")?;
        Ok::<_, Error>(seen)
    });
    assert_eq!(written.await.unwrap(), ["bread"]);
    let reads = test.db.read(shop, |rx| Ok::<_, Error>((names(rx)?, names(rx)?)));
    let (first, second) = reads.await.unwrap();
    assert_eq!(first, second);
}

async fn many_rows_of_one_table_arrive_as_they_were_given(test: TestDb) {
    let shop = test.tenant("bakery").await;
    let given: Vec<String> = (0..37).map(|id| format!("thing {id}")).collect();
    let rows = given.clone();
    let written = test.db.write(shop.clone(), move |tx| {
        (0..).zip(&rows).try_for_each(|(id, name): (i64, _)| {
            tx.put(sql!("insert into thing (tenant_id, id, name) values ($1, $2, $3) on conflict do nothing"), (id, name))
        })
    });
    written.await.unwrap();
    assert_eq!(test.db.read(shop, names).await.unwrap(), given);
}

}
