//! Word of new orders: who waits is told within about a second, whichever server took the order.
//!
//! One task for each tenant that somebody waits for asks once a second whether the tenant was written to at all (a number in
//! memory on SQLite, one row on Postgres), and only then for the newest order's number. Nobody waits: no task, no cost.

use std::{collections::HashMap, sync::Arc, time::Duration};

use db::{Actor, Db, Origin, Reach, Scope, TenantId};
use parking_lot::Mutex;
use tokio::sync::watch;

/// How long a question stays open when nothing happens: below what proxies cut.
pub const PATIENCE: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_secs(1);
/// Questions that may be open for one tenant, and in all.
const PER_TENANT: usize = 20;
const IN_ALL: usize = 2000;

/// Where orders are waited for. Cheap to clone; one for each server.
#[derive(Clone)]
pub struct News(Arc<Inner>);

struct Inner {
    db: Db,
    /// The newest order's number of each tenant that somebody waits for.
    tenants: Mutex<HashMap<TenantId, watch::Sender<i64>>>,
    closing: watch::Sender<bool>,
}

/// Too many wait already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crowded;

impl News {
    pub fn new(db: Db) -> Self {
        let (closing, _) = watch::channel(false);
        Self(Arc::new(Inner { db, tenants: Mutex::default(), closing }))
    }

    /// Sends everybody away who waits: the server stops.
    pub fn close(&self) {
        self.0.closing.send_replace(true);
    }

    /// Begins to listen for orders of `tenant`.
    pub fn listen(&self, tenant: TenantId) -> Result<Listening, Crowded> {
        let mut tenants = self.0.tenants.lock();
        let waiting: usize = tenants.values().map(watch::Sender::receiver_count).sum();
        if let Some(known) = tenants.get(&tenant) {
            if known.receiver_count() >= PER_TENANT || waiting >= IN_ALL {
                return Err(Crowded);
            }
            return Ok(Listening { newest: known.subscribe(), closing: self.0.closing.subscribe() });
        }
        if waiting >= IN_ALL {
            return Err(Crowded);
        }
        let (sender, newest) = watch::channel(0);
        tenants.insert(tenant, sender);
        drop(tenants);
        tokio::spawn(self.clone().look(tenant));
        Ok(Listening { newest, closing: self.0.closing.subscribe() })
    }

    /// Looks after one tenant for as long as somebody listens.
    async fn look(self, tenant: TenantId) {
        let mut known = None;
        loop {
            let pulse = self.0.db.pulse(tenant).await.ok();
            if pulse.is_none() || pulse != known {
                let newest = self.newest(tenant).await;
                let mut tenants = self.0.tenants.lock();
                match (newest, tenants.get(&tenant)) {
                    (Ok(number), Some(sender)) => {
                        sender.send_if_modified(|newest| std::mem::replace(newest, number) != number);
                        known = pulse;
                    }
                    // a tenant that cannot be read has no news; who listens is let go
                    _ => {
                        tenants.remove(&tenant);
                        return;
                    }
                }
            }
            tokio::time::sleep(TICK).await;
            let mut tenants = self.0.tenants.lock();
            if tenants.get(&tenant).is_none_or(|sender| sender.receiver_count() == 0) {
                tenants.remove(&tenant);
                return;
            }
        }
    }

    async fn newest(&self, tenant: TenantId) -> Result<i64, orders::Error> {
        let system =
            Scope { tenant, actor: Actor::system(), origin: Origin::default(), reach: Reach::Everywhere };
        self.0.db.read(system, orders::last_number).await
    }
}

/// A place among those who wait; dropping it gives it back.
pub struct Listening {
    newest: watch::Receiver<i64>,
    closing: watch::Receiver<bool>,
}

impl Listening {
    /// Waits until an order behind the one numbered `after` is there, and says its number; none when time is up.
    pub async fn behind(&mut self, after: i64, until: tokio::time::Instant) -> Option<i64> {
        let Self { newest, closing } = self;
        tokio::select! {
            newest = newest.wait_for(|newest| *newest > after) => newest.ok().map(|newest| *newest),
            _ = closing.wait_for(|closing| *closing) => None,
            () = tokio::time::sleep_until(until) => None,
        }
    }
}
