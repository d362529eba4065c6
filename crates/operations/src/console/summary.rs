//! What the console knows of each tenant, kept in the directory. Tenants that were written to are looked at again every
//! few seconds, all in one write to the directory, however many orders came.

use std::{collections::BTreeSet, sync::Arc};

use db::{Actor, Db, Dx, Origin, Reach, Rx, Scope, Tenant, TenantId};
use spine::jobs;
use tokio::sync::Mutex;

use super::{
    model::{Counts, MAILS, Summary},
    sql,
};
use crate::Error;

/// Tenants looked at, and written down, at once.
const AT_ONCE: usize = 100;
/// Newest orders among which the last real one is looked for.
const DEPTH: u32 = 20;

/// Keeps the summaries up to date.
#[derive(Clone, Default)]
pub struct Keeper(Arc<Mutex<Todo>>);

/// Which tenants are to be looked at again.
#[derive(Default)]
struct Todo {
    pending: BTreeSet<TenantId>,
    /// Whether every tenant has a summary: an older version kept none.
    all_known: bool,
}

impl Keeper {
    /// Looks at what was written to since the last time. Who could not be looked at stays for the next.
    pub async fn catch_up(&self, db: &Db) -> Result<(), Error> {
        let todo = &mut *self.0.lock().await;
        todo.pending.extend(db.take_written());
        if !todo.all_known {
            let limit = AT_ONCE as u32;
            let unknown = db.directory().read(move |dx| sql::without_summary(dx, limit)).await?;
            todo.all_known = unknown.is_empty();
            todo.pending.extend(unknown);
        }
        let mut later = Vec::new();
        while !todo.pending.is_empty() {
            let some: Vec<TenantId> = todo.pending.iter().copied().take(AT_ONCE).collect();
            later.extend(refresh(db, &some).await?);
            todo.pending.retain(|tenant| !some.contains(tenant));
        }
        todo.pending.extend(later);
        let jobs = db.directory().read(sql::jobs_in_all).await?;
        for (name, count) in [
            ("jobs_waiting", jobs.waiting),
            ("jobs_running", jobs.running),
            ("jobs_failed", jobs.failed),
            ("jobs_unknown", jobs.unknown),
        ] {
            edge::measure(name, count as f64);
        }
        Ok(())
    }
}

/// Looks at `tenants` and writes down what was seen, in one write. Who had too much to do to be looked at comes back.
pub async fn refresh(db: &Db, tenants: &[TenantId]) -> Result<Vec<TenantId>, Error> {
    let (mut seen, mut busy) = (Vec::new(), Vec::new());
    for tenant in tenants {
        let Some(tenant) = db.tenant(*tenant).await? else { continue };
        match look(db, &tenant).await {
            Ok(summary) => seen.push((tenant.id, Ok(summary))),
            Err(Error::Db(db::Error::Busy(_) | db::Error::Closing)) => busy.push(tenant.id),
            // it has moved meanwhile
            Err(Error::Db(db::Error::NotLive(_))) => (),
            Err(error) => seen.push((tenant.id, Err(error.to_string()))),
        }
    }
    if seen.is_empty() {
        return Ok(busy);
    }
    let write_down = move |dx: &mut Dx<'_>| {
        for (tenant, summary) in &seen {
            match summary {
                Ok(summary) => sql::put_summary(dx, *tenant, summary)?,
                Err(fault) => sql::put_fault(dx, *tenant, fault)?,
            }
        }
        Ok::<_, Error>(())
    };
    db.directory().write(write_down).await?;
    Ok(busy)
}

/// What is true of `tenant` now.
pub async fn look(db: &Db, tenant: &Tenant) -> Result<Summary, Error> {
    let size = db.bytes_of(tenant.id).await?;
    let (test, now) = (tenant.test, db.now());
    db.read(system(tenant.id), move |rx: &mut Rx<'_>| {
        let newest = orders::list(rx, &orders::Filter::default(), None, DEPTH)?;
        // trying the shop out is no sale, but in a business that only tries
        let real = newest.iter().find(|listed| test || !listed.order.test);
        Ok(Summary {
            size_bytes: size.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
            files_bytes: catalog::images::bytes_in_all(rx)?,
            orders: (orders::last_number(rx)? - orders::FIRST_NUMBER).max(0),
            last_sale_at: real.map(|listed| listed.order.placed_at),
            jobs: Counts::of(&jobs::tally(rx)?),
            mail_sent_at: jobs::last_done(rx, MAILS)?,
            fault: None,
            checked_at: now,
        })
    })
    .await
}

/// The right to look at what the console shows of a tenant.
pub(super) fn system(tenant: TenantId) -> Scope {
    Scope { tenant, actor: Actor::system(), origin: Origin::default(), reach: Reach::Everywhere }
}
