//! Good work beside bad work, and one tenant beside another.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use db::{Error, Tx, sql};
use futures_util::future::join_all;

use crate::shop::{House, NOTES, SCHEMA, Told, found, jot, sell, tenant};

/// A body that fills the cache until SQLite must write to the log within the transaction.
fn flood(tx: &mut Tx<'_>, id: i64) -> Result<(), Error> {
    let words = "a very long story ".repeat(20_000);
    (0..12).try_for_each(|part| jot(tx, NOTES + id * 1000 + part, &words))
}

fn overflow(by: i64) -> i64 {
    let quantities = [i64::MAX, by];
    quantities.iter().sum()
}

/// What number `id` does. Every eighth is bad in its own way.
fn deed(tx: &mut Tx<'_>, id: i64) -> Result<i64, Error> {
    if id % 8 != 3 {
        return if id % 4 == 0 { sell(tx, id) } else { jot(tx, NOTES + id, "fine").map(|()| id) };
    }
    jot(tx, NOTES + id, "half of it")?;
    match id / 8 % 6 {
        0 => panic!("a planted panic"),
        1 => Ok(overflow(id)),
        2 => {
            // a failure swallowed, and work done after it
            let _ = jot(tx, NOTES + id, "twice");
            let _ = sell(tx, id);
            Ok(id)
        }
        3 => flood(tx, id).map(|()| id),
        4 => {
            // the full disk swallowed: the whole transaction is gone, and the body goes on
            let _ = flood(tx, id);
            let _ = sell(tx, id);
            Ok(id)
        }
        _ => {
            std::thread::sleep(Duration::from_millis(60));
            Ok(id)
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poisoned_batch_loses_none_of_the_good_and_keeps_no_half_of_the_bad() {
    let mut house = House::open().await;
    house.disk.quota(Some(6 << 20));
    let ids: Vec<i64> = (0..230).collect();
    let writes = ids.iter().map(|&id| house.db().write(house.shop.clone(), move |tx| deed(tx, id)));
    let outcomes = join_all(writes).await;
    house.disk.quota(None);

    let mut told = Told::default();
    for (&id, outcome) in ids.iter().zip(&outcomes) {
        let (bad, kind) = (id % 8 == 3, id / 8 % 6);
        let slow = bad && kind == 5;
        assert_eq!(outcome.is_ok(), !bad || slow, "{id}: {outcome:?}");
        match outcome {
            Err(Error::Panicked(_)) => assert!(kind < 2),
            Err(Error::Statement(_)) => assert_eq!(kind, 2),
            Err(Error::Full(_)) => assert!(kind == 3 || kind == 4),
            Err(other) => panic!("{id}: {other:?}"),
            Ok(_) => (),
        }
        let sale = !bad && id % 4 == 0;
        told.note(if sale { id } else { NOTES + id }, outcome);
    }
    let there = house.db().read(house.shop.clone(), found).await.unwrap();
    told.check(&there, "a poisoned batch");
    assert_eq!(there.len(), told.kept());
    house.close();
    told.check(&crate::shop::found_in_file(&house.file()), "a poisoned batch, closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_with_a_full_queue_is_told_so_and_its_neighbour_goes_on() {
    let house = House::open().await;
    let neighbour = tenant(house.db(), "florist").await;
    let gate = Arc::new(AtomicBool::new(false));
    let (db, shop, held) = (house.db().clone(), house.shop.clone(), Arc::clone(&gate));
    let crowd = tokio::spawn(async move {
        let writes = (0..400).map(|id| {
            let held = Arc::clone(&held);
            db.write(shop.clone(), move |tx| {
                while !held.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(1));
                }
                jot(tx, NOTES + id, "a crowd")
            })
        });
        join_all(writes).await
    });
    // the crowd's first piece holds its thread; the neighbour has the other one
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    for id in 0..20 {
        house.db().write(neighbour.clone(), move |tx| sell(tx, id)).await.unwrap();
    }
    assert!(began.elapsed() < Duration::from_secs(2));
    gate.store(true, Ordering::SeqCst);
    let outcomes = crowd.await.unwrap();
    let busy = outcomes.iter().filter(|outcome| matches!(outcome, Err(Error::Busy(_)))).count();
    let kept = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    // one was perhaps at work when 256 waited
    assert!(kept == 256 || kept == 257, "{kept} kept");
    assert_eq!(kept + busy, 400);
    assert_eq!(house.db().read(house.shop.clone(), found).await.unwrap().len(), kept);
    house.db().close();
}

/// Whoever asks while the database closes is answered: with a commit, or with a refusal.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_meets_the_close_is_answered() {
    for round in 0..20_u64 {
        let house = House::open().await;
        let writers: Vec<_> = (0..4_i64)
            .map(|writer| {
                let (db, shop) = (house.db().clone(), house.shop.clone());
                tokio::spawn(async move {
                    let mut kept = 0;
                    for id in 0.. {
                        let id = NOTES + writer * 100_000 + id;
                        match db.write(shop.clone(), move |tx| jot(tx, id, "late")).await {
                            Ok(()) => kept += 1,
                            Err(Error::Closing) => break,
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                    kept
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_micros(round * 400)).await;
        let db = house.db().clone();
        tokio::task::spawn_blocking(move || db.close()).await.unwrap();
        let mut kept = 0;
        for writer in writers {
            let answered = tokio::time::timeout(Duration::from_secs(10), writer).await;
            kept += answered.expect("an answer").unwrap();
        }
        assert_eq!(crate::shop::found_in_file(&house.file()).len(), kept);
    }
}

/// What makes a tenant live again is not refused together with the writes before it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resumption_that_waits_behind_refused_writes_is_carried_out() {
    let house = House::open().await;
    let (db, shop) = (house.db(), house.shop.clone());
    db.suspend(shop.clone(), |_| Ok::<_, Error>(())).await.unwrap();
    // another place of the program still believes that it is live: its write waits in the same queue
    db.admit(shop.tenant, db::TenantState::Live).await.unwrap();
    let late = (0..50).map(|id| db.write(shop.clone(), move |tx| jot(tx, NOTES + id, "late")));
    let resumed = db.resume(shop.clone(), |_| Ok::<_, Error>(()));
    let (late, resumed) = futures_util::future::join(join_all(late), resumed).await;
    resumed.unwrap();
    assert!(late.iter().all(|outcome| !matches!(outcome, Err(other) if !matches!(other, Error::NotLive(_)))));
    db.write(shop.clone(), |tx| jot(tx, NOTES + 90, "again")).await.unwrap();
    house.db().close();
}

/// A new step of the schema meets a reader and a writer at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_tenant_is_migrated_once_however_many_ask_for_it() {
    const NEXT: db::Schema = db::Schema {
        migrations: &[db::Migration::new(
            "faults",
            2,
            "create table more (tenant_id bigint not null, id bigint not null, primary key (tenant_id, id));",
        )],
        directory_migrations: &[],
        areas: &[],
        lends: &[],
    };
    let mut house = House::open().await;
    for round in 0..6 {
        let other = tenant(house.db(), &format!("shop-{round}")).await;
        house.db().write(other, |tx| sell(tx, 1)).await.unwrap();
    }
    house.close();
    let (world, _clock) = db::World::fixed(db::testing::START, 9);
    let db = db::Db::open(db::Options::sqlite(house.folder.path(), vec![SCHEMA, NEXT], world)).await.unwrap();
    for tenant in db.tenants().await.unwrap() {
        let shop = db::testing::scope(tenant.id);
        let reads = (0..3).map(|_| {
            db.read(shop.clone(), |rx| {
                rx.rows(sql!("select id from more where tenant_id = $1"), (), |row| row.get::<i64>(0))
            })
        });
        let write =
            db.write(shop.clone(), |tx| tx.run(sql!("insert into more (tenant_id, id) values ($1, 1)"), ()));
        let (reads, write) = futures_util::future::join(join_all(reads), write).await;
        write.unwrap();
        assert!(reads.iter().all(Result::is_ok), "{reads:?}");
    }
    db.close();
}

/// A disk that is full while the copy is made: the step waits, and the copy kept later is a whole one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_half_copy_passes_for_the_one_kept_before_a_migration() {
    const NEXT: db::Schema = db::Schema {
        migrations: &[db::Migration::new(
            "faults",
            2,
            "create table more (tenant_id bigint not null, id bigint not null, primary key (tenant_id, id));",
        )],
        directory_migrations: &[],
        areas: &[],
        lends: &[],
    };
    let mut house = House::open().await;
    assert!(house.sale().await.is_ok());
    house.close();
    let (world, _clock) = db::World::fixed(db::testing::START, 9);
    let options = db::Options {
        vfs: Some(house.disk.vfs()),
        ..db::Options::sqlite(house.folder.path(), vec![SCHEMA, NEXT], world)
    };
    let db = db::Db::open(options).await.unwrap();
    let (call, failure) = (crate::vfs::Call::Write, crate::vfs::Failure::Full);
    house.disk.fail(crate::vfs::Fault { call, failure, nth: 4, times: usize::MAX, on: "before-" });
    assert!(db.read(house.shop.clone(), found).await.is_err());
    assert!(house.disk.heal() > 0);
    assert_eq!(db.read(house.shop.clone(), found).await.unwrap().len(), 1);
    db.close();
    let copies: Vec<_> = std::fs::read_dir(house.file().parent().unwrap())
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| {
            path.to_string_lossy().contains("before-") && path.extension().is_some_and(|end| end == "db")
        })
        .collect();
    assert_eq!(copies.len(), 1);
    assert_eq!(crate::shop::found_in_file(&copies[0]).len(), 1);
}
