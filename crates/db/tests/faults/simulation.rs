//! Random stories: what is read back equals a model, through closes, crashes and few connections.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use db::{Db, Error, Options, Scope, TenantId, World, testing::START};
use proptest::prelude::*;

use crate::shop::{Found, NOTES, SCHEMA, found, in_memory, jot, sell, tenant};

#[derive(Debug, Clone)]
enum Step {
    Sell {
        shop: usize,
    },
    /// Refused by the body itself, after it had written.
    Refuse {
        shop: usize,
    },
    /// Two at once in one shop, of which the second fails.
    Pair {
        shop: usize,
    },
    /// Work to do in so many seconds.
    Promise {
        shop: usize,
        in_s: i64,
    },
    Read {
        shop: usize,
    },
    Close {
        connections: usize,
    },
    Crash {
        connections: usize,
    },
}

const SHOPS: usize = 4;

fn step() -> impl Strategy<Value = Step> {
    let shop = 0..SHOPS;
    prop_oneof![
        6 => shop.clone().prop_map(|shop| Step::Sell { shop }),
        2 => shop.clone().prop_map(|shop| Step::Refuse { shop }),
        2 => shop.clone().prop_map(|shop| Step::Pair { shop }),
        2 => (shop.clone(), 1..100_i64).prop_map(|(shop, in_s)| Step::Promise { shop, in_s }),
        3 => shop.prop_map(|shop| Step::Read { shop }),
        1 => (1..=8_usize).prop_map(|connections| Step::Close { connections }),
        1 => (1..=8_usize).prop_map(|connections| Step::Crash { connections }),
    ]
}

/// What the shops should hold.
#[derive(Default)]
struct Model {
    there: BTreeMap<usize, Found>,
    promised: BTreeSet<usize>,
    /// Written to since they were last closed for sure.
    written: BTreeSet<usize>,
}

struct Play {
    db: Db,
    folder: tempfile::TempDir,
    shops: Vec<Scope>,
    connections: usize,
    world: World,
    clock: db::FixedClock,
}

async fn open(folder: &Path, connections: usize, world: &World) -> Db {
    let options = Options { connections, ..Options::sqlite(folder, vec![SCHEMA], world.clone()) };
    Db::open(options).await.unwrap()
}

/// All tenants that are due now.
async fn due(db: &Db) -> BTreeSet<TenantId> {
    let taken = tokio::time::timeout(Duration::from_millis(20), db.take_due()).await;
    taken.unwrap_or_default().into_iter().collect()
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, name) = (file.path(), file.file_name());
        if path.is_dir() {
            copy_all(&path, &to.join(name));
        } else if !path.to_string_lossy().ends_with("-shm") && name != "soko.lock" {
            // a file may be closed and its log removed while we copy
            let _ = std::fs::copy(&path, to.join(name));
        }
    }
}

impl Play {
    async fn begin() -> Self {
        let folder = in_memory();
        let (world, clock) = World::fixed(START, 21);
        let db = open(folder.path(), 3, &world).await;
        let mut shops = Vec::new();
        for shop in 0..SHOPS {
            shops.push(tenant(&db, &format!("shop-{shop}")).await);
        }
        Self { db, folder, shops, connections: 3, world, clock }
    }

    fn tenants(&self, shops: &BTreeSet<usize>) -> BTreeSet<TenantId> {
        shops.iter().map(|shop| self.shops[*shop].tenant).collect()
    }

    async fn take(&mut self, step: &Step, id: i64, model: &mut Model) {
        match *step {
            Step::Sell { shop } => {
                self.db.write(self.shops[shop].clone(), move |tx| sell(tx, id)).await.unwrap();
                model.there.entry(shop).or_default().insert(id);
                model.written.insert(shop);
            }
            Step::Refuse { shop } => {
                let refused = self.db.write(self.shops[shop].clone(), move |tx| {
                    sell(tx, id)?;
                    tx.due(tx.now());
                    Err::<(), _>(Error::Deadline)
                });
                assert!(matches!(refused.await, Err(Error::Deadline)));
                model.written.insert(shop);
            }
            Step::Pair { shop } => {
                let good = self.db.write(self.shops[shop].clone(), move |tx| jot(tx, NOTES + id, "one"));
                let bad = self.db.write(self.shops[shop].clone(), move |tx| {
                    sell(tx, id)?;
                    let _ = sell(tx, id);
                    Ok::<_, Error>(())
                });
                let (good, bad) = futures_util::future::join(good, bad).await;
                assert!(good.is_ok() && bad.is_err());
                model.there.entry(shop).or_default().insert(NOTES + id);
                model.written.insert(shop);
            }
            Step::Promise { shop, in_s } => {
                let at = self.world.now().plus_s(in_s);
                self.db
                    .write(self.shops[shop].clone(), move |tx| {
                        tx.due(at);
                        Ok::<_, Error>(())
                    })
                    .await
                    .unwrap();
                model.promised.insert(shop);
                model.written.insert(shop);
            }
            Step::Read { shop } => self.compare(shop, model).await,
            Step::Close { connections } => {
                self.db.close();
                // the folder is free only when nobody holds it any more
                self.db = open(in_memory().path(), 1, &self.world).await;
                self.connections = connections;
                self.db = open(self.folder.path(), connections, &self.world).await;
                self.clock.advance_s(1000);
                // after a clean close the directory knows who has work to do, and nobody else is woken
                let woken = due(&self.db).await;
                assert_eq!(woken, self.tenants(&model.promised));
                self.visit(&woken, model).await;
            }
            Step::Crash { connections } => {
                let fresh = in_memory();
                copy_all(self.folder.path(), fresh.path());
                // few connections: a tenant may have been closed, and then only its due time is known
                let all_open = self.connections > 2 * SHOPS;
                self.db.close();
                self.db = open(fresh.path(), connections, &self.world).await;
                self.folder = fresh;
                self.connections = connections;
                self.clock.advance_s(1000);
                let woken = due(&self.db).await;
                let written: BTreeSet<usize> = model.written.union(&model.promised).copied().collect();
                assert!(woken.is_superset(&self.tenants(&model.promised)), "promised work is found");
                assert!(woken.is_subset(&self.tenants(&written)), "nobody is woken without a reason");
                assert!(!all_open || woken == self.tenants(&written), "a tenant left dirty is visited");
                for shop in 0..SHOPS {
                    self.compare(shop, model).await;
                }
                self.visit(&woken, model).await;
            }
        }
    }

    /// Does the work of those who were woken: until then their leases name them again.
    async fn visit(&self, woken: &BTreeSet<TenantId>, model: &mut Model) {
        model.promised.clear();
        model.written = (0..SHOPS).filter(|shop| woken.contains(&self.shops[*shop].tenant)).collect();
        for shop in &model.written {
            let shop = self.shops[*shop].clone();
            self.db.write(shop.clone(), |_| Ok::<_, Error>(())).await.unwrap();
            self.db.visited(shop.tenant, None);
        }
    }

    async fn compare(&self, shop: usize, model: &Model) {
        let there = self.db.read(self.shops[shop].clone(), found).await.unwrap();
        assert_eq!(&there, model.there.get(&shop).unwrap_or(&Found::new()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_story_reads_back_as_it_was_told(steps in prop::collection::vec(step(), 10..50)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let mut play = Play::begin().await;
            let mut model = Model::default();
            for (id, step) in steps.iter().enumerate() {
                play.take(step, id as i64 + 1, &mut model).await;
            }
            for shop in 0..SHOPS {
                play.compare(shop, &model).await;
            }
            play.db.close();
        });
    }
}

#[tokio::test]
async fn work_that_was_taken_and_not_done_is_due_again_after_a_clean_close() {
    let (mut play, mut model) = (Play::begin().await, Model::default());
    play.take(&Step::Promise { shop: 0, in_s: 0 }, 1, &mut model).await;
    assert_eq!(due(&play.db).await, play.tenants(&model.promised));
    // the close asserts that the directory names who has work to do
    play.take(&Step::Close { connections: 3 }, 2, &mut model).await;
}
