//! Postgres dies at any moment: what was acknowledged is there once, what was not is whole or absent, and service resumes.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use db::{Db, Error, Migration, Schema, Scope, sql, testing::TestDb};
use parking_lot::Mutex;
use testing::Cluster;

const TABLES: &[Migration] = &[Migration::new(
    "crashes",
    1,
    "create table part (tenant_id bigint not null, sale bigint not null, part bigint not null, primary key (tenant_id, sale, part));",
)];
const SCHEMA: Schema =
    Schema { migrations: TABLES, directory_migrations: &[], areas: &[("part", db::Area::Stock)], lends: &[] };
const PARTS: i64 = 5;
/// Ends connections at work, at random moments; some of them in the middle of their commit.
const KILLS: &str = "do $$ begin for round in 1..25 loop \
    perform pg_stat_clear_snapshot(); \
    perform pg_terminate_backend(pid) from \
        (select pid from pg_stat_activity where usename = 'soko_serve' and state = 'active' order by random() limit 1) one; \
    perform pg_sleep(random() * 0.03); end loop; end $$";

async fn sell(db: &Db, shop: &Scope, sale: i64) -> Result<(), Error> {
    db.write(shop.clone(), move |tx| {
        (0..PARTS).try_for_each(|part| {
            tx.put(sql!("insert into part (tenant_id, sale, part) values ($1, $2, $3)"), (sale, part))
        })
    })
    .await
}

/// Sells until told to stop; each sale is tried once.
async fn seller(
    db: Db,
    shop: Scope,
    next: Arc<AtomicI64>,
    acknowledged: Arc<Mutex<HashSet<i64>>>,
    stop: Arc<AtomicBool>,
) {
    while !stop.load(Ordering::Relaxed) {
        let sale = next.fetch_add(1, Ordering::Relaxed);
        match sell(&db, &shop, sale).await {
            Ok(()) => drop(acknowledged.lock().insert(sale)),
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_is_half_there_when_postgres_dies() {
    let mut cluster = Cluster::start();
    let database = cluster.database();
    let test = TestDb::postgres_at(&database, vec![SCHEMA]).await;
    let second = test.second().await;
    let shop = test.tenant("bakery").await;
    let (next, stop) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicBool::new(false)));
    let acknowledged = Arc::new(Mutex::new(HashSet::new()));
    let sellers: Vec<_> = (0..16)
        .map(|number| {
            let db = [&test, &second][number % 2].db.clone();
            let shared = (Arc::clone(&next), Arc::clone(&acknowledged), Arc::clone(&stop));
            tokio::spawn(seller(db, shop.clone(), shared.0, shared.1, shared.2))
        })
        .collect();

    for round in 0..12_u64 {
        // a moment that differs from round to round and from run to run
        tokio::time::sleep(Duration::from_millis(150 + (round * 37 + u64::from(std::process::id())) % 113))
            .await;
        let before = acknowledged.lock().len();
        if round % 4 == 3 {
            tokio::task::block_in_place(|| cluster.restart());
        } else {
            tokio::task::block_in_place(|| cluster.query("postgres", KILLS));
        }
        let resumed = async {
            while acknowledged.lock().len() <= before {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), resumed).await.expect("service resumes");
    }
    stop.store(true, Ordering::Relaxed);
    for seller in sellers {
        seller.await.unwrap();
    }

    let rows = test.db.read(shop, |rx| {
        rx.rows(sql!("select sale, count(*) from part where tenant_id = $1 group by sale"), (), |row| {
            Ok((row.get::<i64>(0)?, row.get::<i64>(1)?))
        })
    });
    let kept: Vec<(i64, i64)> = rows.await.unwrap();
    assert!(kept.iter().all(|(_, parts)| *parts == PARTS), "a sale is half there");
    let kept: HashSet<i64> = kept.into_iter().map(|(sale, _)| sale).collect();
    let lost: Vec<_> = acknowledged.lock().difference(&kept).copied().collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert!(acknowledged.lock().len() > 100, "the load was too small to prove anything");
}
