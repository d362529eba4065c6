//! A disk that is full, broken or cut off at any moment of an order.

use db::{Db, Error, Options, World, testing::START};

use crate::{
    shop::{House, SCHEMA, found, found_in_file, in_memory},
    vfs::{Call, Failure, Fault, Unsynced, restore},
};

const TENANTS: &str = "/tenants/";
const FOREVER: usize = usize::MAX;
const ALL_ENDS: [Unsynced; 3] = [Unsynced::Lost, Unsynced::Kept, Unsynced::Mixed(3)];

/// Where the story begins that a fault interrupts.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Tenant {
    /// It is open, and a batch is written.
    Open,
    /// It is opened, a batch is written, and it is closed.
    Closed,
}

/// Fails the n-th call of a kind while a batch is written, for every n the batch reaches.
async fn at_every_call(tenant: Tenant, call: Call, failure: Failure, times: usize, failed_sync: Unsynced) {
    let mut house = House::open().await;
    house.disk.on_failed_sync(failed_sync);
    house.burst().await;
    for nth in 1.. {
        let at = format!("{tenant:?}, {failure:?} at {call:?} {nth}, {times} times, {failed_sync:?}");
        if tenant == Tenant::Closed {
            house.reopen().await;
        }
        house.disk.fail(Fault { call, failure, nth, times, on: TENANTS });
        house.burst().await;
        house.check_after_cut(Unsynced::Lost, &at).await;
        if tenant == Tenant::Closed {
            house.close();
        }
        let hits = house.disk.heal();
        if hits == 0 {
            assert!(nth > 1, "{call:?} is never asked for");
            break;
        }
        for end in ALL_ENDS {
            house.check_after_cut(end, &format!("{at}, healed")).await;
        }
        if tenant == Tenant::Closed || nth % 4 == 0 {
            house.reopen().await;
        }
        house.check(&at).await;
        let resumed = house.sale().await;
        assert!(resumed.is_ok(), "{at}: service does not resume: {resumed:?}");
        house.check_after_cut(Unsynced::Lost, &format!("{at}, resumed")).await;
    }
    house.reopen().await;
    house.close();
    house.told.check(&found_in_file(&house.file()), "at last");
    eprintln!(
        "{tenant:?} {call:?} {failure:?} {times} {failed_sync:?}: {} kept, {} unknown",
        house.told.kept(),
        house.told.unknown()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_no_acknowledged_sale() {
    at_every_call(Tenant::Open, Call::Write, Failure::Full, 1, Unsynced::Lost).await;
    at_every_call(Tenant::Open, Call::Write, Failure::Full, 3, Unsynced::Mixed(5)).await;
    at_every_call(Tenant::Open, Call::Write, Failure::Full, FOREVER, Unsynced::Lost).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_fails_loses_no_acknowledged_sale() {
    at_every_call(Tenant::Open, Call::Write, Failure::Io, 1, Unsynced::Lost).await;
    at_every_call(Tenant::Open, Call::Write, Failure::Io, 2, Unsynced::Kept).await;
    at_every_call(Tenant::Open, Call::Write, Failure::Io, FOREVER, Unsynced::Mixed(9)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_fails_loses_no_acknowledged_sale() {
    for failed_sync in ALL_ENDS {
        for times in [1, 2, 3, 4, FOREVER] {
            at_every_call(Tenant::Open, Call::Sync, Failure::Io, times, failed_sync).await;
            at_every_call(Tenant::Closed, Call::Sync, Failure::Io, times, failed_sync).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_else_fails_loses_no_acknowledged_sale() {
    for call in [
        Call::Open,
        Call::Read,
        Call::Truncate,
        Call::Size,
        Call::Lock,
        Call::ShmMap,
        Call::ShmLock,
        Call::Delete,
    ] {
        at_every_call(Tenant::Closed, call, Failure::Io, 1, Unsynced::Lost).await;
        at_every_call(Tenant::Closed, call, Failure::Io, 2, Unsynced::Mixed(1)).await;
    }
}

/// Syncs and writes that fail again and again, in every spot of a longer story with closes in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fails_again_and_again_loses_no_acknowledged_sale() {
    for seed in 0..6_usize {
        let mut house = House::open_with(3).await;
        house.disk.on_failed_sync(ALL_ENDS[seed % 3]);
        for round in 0..12_usize {
            let call = [Call::Sync, Call::Write, Call::Sync, Call::Read][(seed + round) % 4];
            let nth = 1 + (seed * 7 + round * 5) % 13;
            house.disk.fail(Fault { call, failure: Failure::Io, nth, times: 1 + round % 4, on: TENANTS });
            house.burst().await;
            house.burst().await;
            let closes = round % 3 == 2;
            if closes {
                house.close();
            }
            house.disk.heal();
            for end in ALL_ENDS {
                house.check_after_cut(end, &format!("seed {seed}, round {round}")).await;
            }
            if closes {
                house.reopen().await;
            }
            house.check(&format!("seed {seed}, round {round}")).await;
            assert!(house.sale().await.is_ok());
        }
        house.close();
    }
}

/// A reader that is always there must not turn each failed sync into "unknown".
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_commit_is_settled_while_others_go_on_reading() {
    let mut house = House::open().await;
    assert!(house.sale().await.is_ok());
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (db, shop, stop) = (house.db().clone(), house.shop.clone(), stop.clone());
            tokio::spawn(async move {
                while !stop.load(std::sync::atomic::Ordering::SeqCst) {
                    db.read(shop.clone(), found).await.unwrap();
                }
            })
        })
        .collect();
    for _ in 0..25 {
        house.disk.fail(Fault { call: Call::Sync, failure: Failure::Io, nth: 1, times: 1, on: TENANTS });
        house.burst().await;
        assert_eq!(house.disk.heal(), 1);
        house.check_after_cut(Unsynced::Lost, "with readers").await;
    }
    stop.store(true, std::sync::atomic::Ordering::SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
    assert_eq!(house.told.unknown(), 0);
    house.check("with readers").await;
    house.close();
}

/// Power goes at any change to the disk. What was acknowledged by then is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_at_any_moment_loses_no_acknowledged_sale() {
    for end in ALL_ENDS {
        // few connections, so that the tenant is closed and its log copied into the file now and then
        let mut house = House::open_with(2).await;
        let other = crate::shop::tenant(house.db(), "florist").await;
        house.disk.take_cuts(end);
        for round in 0..4 {
            for _ in 0..2 {
                let id = house.told.kept() as i64 + 5_000;
                let outcome = house.db().write(house.shop.clone(), move |tx| crate::shop::sell(tx, id)).await;
                house.told.note(id, &outcome);
                assert!(outcome.is_ok());
                house.disk.note(id);
            }
            house.db().write(other.clone(), move |tx| crate::shop::jot(tx, round, "flowers")).await.unwrap();
        }
        house.reopen().await;
        let cuts = house.disk.cuts();
        assert!(cuts.len() > 100, "{} cuts", cuts.len());
        for (number, cut) in cuts.iter().enumerate().filter(|(number, _)| number % 3 == 0) {
            let left = house.found_in(&cut.image);
            let lost: Vec<_> = cut.noted.iter().filter(|id| !left.contains(id)).collect();
            assert!(lost.is_empty(), "cut {number} ({end:?}): acknowledged and lost: {lost:?}");
            assert!(left.len() <= house.told.kept());
        }
        // one of them through the whole house: the directory knows the tenant, and it goes on
        let cut = &cuts[cuts.len() / 2];
        let folder = in_memory();
        restore(&cut.image, house.folder.path(), folder.path());
        let (world, _clock) = World::fixed(START, 8);
        let db = Db::open(Options::sqlite(folder.path(), vec![SCHEMA], world)).await.unwrap();
        db.write(house.shop.clone(), |tx| crate::shop::sell(tx, 77)).await.unwrap();
        db.close();
        house.close();
    }
}

/// The directory's own disk fails: what it promised is kept, and the tenants go on afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_whose_disk_fails_gives_no_slug_twice_and_goes_on() {
    for call in [Call::Write, Call::Sync] {
        let mut house = House::open().await;
        for nth in 1..12 {
            house.disk.fail(Fault { call, failure: Failure::Io, nth, times: 2, on: "directory.db" });
            let made = house.db().create_tenant(florist()).await;
            let sold = house.sale().await;
            house.disk.heal();
            if let Ok(made) = &made {
                house.db().admit(made.id, db::TenantState::Live).await.unwrap();
            }
            assert!(sold.is_ok() || matches!(sold, Err(Error::Storage(_) | Error::Unknown)), "{sold:?}");
            house.reopen().await;
            let known = house.db().tenants().await.unwrap();
            let mut slugs: Vec<_> = known.iter().map(|tenant| tenant.slug.clone()).collect();
            slugs.sort();
            slugs.dedup();
            assert_eq!(slugs.len(), known.len());
            if let Ok(made) = made {
                let again = house.db().tenant(made.id).await.unwrap().expect("a tenant that was promised");
                assert_eq!(again.slug, made.slug);
            }
            assert!(house.sale().await.is_ok());
            house.check("after the directory's failure").await;
        }
        house.close();
    }
}

fn florist() -> db::NewTenant {
    db::NewTenant {
        slug: "florist".parse().unwrap(),
        name: "Florist".parse().unwrap(),
        currency: "EUR".parse().unwrap(),
        country: "FR".parse().unwrap(),
        language: base::Language::En,
        zone: base::Zone::utc(),
        test: false,
    }
}
