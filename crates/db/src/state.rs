//! What a process remembers beside the databases: tenants, versions, and when there is work to do.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use base::Timestamp;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::{TenantId, Versions, directory::Known, engine::Place, tx::Effects};

/// What the process remembers beside the databases.
#[derive(Default)]
pub(crate) struct State {
    /// The name under which this process holds leases. Empty where only one process can have the data.
    pub holder: String,
    /// When this process last said that it lives.
    pub beat: Mutex<Option<Instant>>,
    pub known: Known,
    pub versions: Mutex<HashMap<TenantId, Versions>>,
    /// How many commits each tenant has had from this process.
    pub commits: Mutex<HashMap<TenantId, u64>>,
    /// How many commits there were in all.
    pub commits_in_all: AtomicU64,
    /// Tenants that were written to since somebody last asked for them.
    pub written: Mutex<HashSet<TenantId>>,
    /// Tenants whose lease says "dirty".
    pub dirty: Mutex<HashSet<TenantId>>,
    pub dues: Mutex<Dues>,
    pub due: Notify,
}

/// When tenants have work to do. What was taken counts until its visit has ended: a tenant that is closed meanwhile leaves
/// word of it in its lease.
#[derive(Default)]
pub(crate) struct Dues {
    pub next: HashMap<TenantId, Timestamp>,
    pub taken: HashMap<TenantId, Timestamp>,
}

impl Dues {
    pub fn add(&mut self, tenant: TenantId, at: Timestamp) {
        let earliest = self.next.entry(tenant).or_insert(at);
        *earliest = at.min(*earliest);
    }

    pub fn take(&mut self, now: Timestamp) -> Vec<TenantId> {
        let due: Vec<(TenantId, Timestamp)> = self.next.extract_if(|_, at| *at <= now).collect();
        self.taken.extend(due.iter().copied());
        due.into_iter().map(|(tenant, _)| tenant).collect()
    }

    pub fn earliest(&self, tenant: TenantId) -> Option<Timestamp> {
        self.next.get(&tenant).into_iter().chain(self.taken.get(&tenant)).min().copied()
    }
}

impl State {
    pub fn publish(&self, place: Place, effects: Effects) {
        let Place::Tenant { tenant, .. } = place else { return };
        *self.commits.lock().entry(tenant).or_default() += 1;
        self.commits_in_all.fetch_add(1, Ordering::Relaxed);
        self.written.lock().insert(tenant);
        if !effects.areas.is_empty() {
            self.versions.lock().entry(tenant).or_default().bump(effects.areas);
        }
        if let Some(due) = effects.due {
            self.is_due(tenant, due);
        }
    }

    /// How often each area changed, where only this process writes.
    pub fn versions_of(&self, place: Place) -> Option<Versions> {
        let Place::Tenant { tenant, generation } = place else { return None };
        let versions = self.versions.lock().get(&tenant).copied().unwrap_or_default();
        (!self.is_shared()).then_some(Versions { generation, ..versions })
    }

    /// Whether other processes write to the same data.
    pub fn is_shared(&self) -> bool {
        !self.holder.is_empty()
    }

    pub fn is_due(&self, tenant: TenantId, at: Timestamp) {
        self.dues.lock().add(tenant, at);
        self.due.notify_one();
    }
}
