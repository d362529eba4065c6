//! The one who does promised work: wakes for tenants that are due, claims their jobs, runs their handlers, and writes down
//! how it went.

use std::{
    collections::{HashMap, HashSet},
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use base::Timestamp;
use db::{Actor, Db, Error, Origin, Rx, Scope, TenantId, Tx};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::{sync::Semaphore, task::JoinSet};

use super::{Claimed, JobId, Outcome};
use crate::holds;

/// Jobs claimed, and finished, in one write.
const CLAIMED_AT_ONCE: u32 = 50;
/// Handlers that run at the same time for one tenant, and tenants that are served at the same time.
const HANDLERS_AT_ONCE: usize = 25;
const TENANTS_AT_ONCE: usize = 16;
/// How long a handler may take. What was claimed together is done, at the latest, before its lease ends.
const HANDLER_DEADLINE: Duration = Duration::from_secs(30);
const LEASE_S: i64 = 120;
/// After something failed that was not a job.
const PAUSE_S: i64 = 10;
/// Tries to write down what was done, with pauses of 1, 2, 3 … seconds between them.
const WRITE_TRIES: u64 = 6;

/// What a handler works with.
#[derive(Debug, Clone)]
pub struct Context {
    /// The right to work in the tenant, as `system`; its request is the job's id.
    pub scope: Scope,
    /// Stays the same however often the job is tried: the idempotency key for providers.
    pub id: JobId,
    pub kind: String,
    pub payload: Value,
    /// 1 at the first try.
    pub attempt: i64,
    pub cause: String,
}

type Handler = dyn Fn(Context) -> Pin<Box<dyn Future<Output = Outcome> + Send>> + Send + Sync;
type Sweep = dyn Fn(Db, Scope) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync;

/// Serves all tenants' outboxes.
pub struct Runner {
    db: Db,
    handlers: HashMap<&'static str, Arc<Handler>>,
    sweeps: Vec<Arc<Sweep>>,
}

impl Runner {
    pub fn new(db: Db) -> Self {
        Self { db, handlers: HashMap::new(), sweeps: Vec::new() }
    }

    /// Jobs of `kind` are done by `handler`. It may run again for a job whose end was not written down.
    pub fn on<F, Fut>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(Context) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        self.handlers.insert(kind, Arc::new(move |context| Box::pin(handler(context))));
        self
    }

    /// On jobs of `kind` all that is over is ended: `sweep` ends some of it, in a write of its own, and says whether there is
    /// more. See [`promise_end`](super::promise_end).
    pub fn ends<F, E>(self, kind: &'static str, sweep: F) -> Self
    where
        F: Fn(&mut Tx<'_>) -> Result<bool, E> + Send + Sync + 'static,
        E: From<Error> + std::fmt::Display + Send + 'static,
    {
        let (db, sweep) = (self.db.clone(), Arc::new(sweep));
        self.on(kind, move |job| {
            let (db, sweep) = (db.clone(), Arc::clone(&sweep));
            async move {
                loop {
                    let sweep = Arc::clone(&sweep);
                    match db.write(job.scope.clone(), move |tx| sweep(tx)).await {
                        Ok(true) => (),
                        Ok(false) => return Outcome::Done,
                        Err(error) => return Outcome::Retry { after_s: None, reason: error.to_string() },
                    }
                }
            }
        })
    }

    /// When holds of a tenant have run out, `sweep` runs in a write of its own: it calls `holds::expire_due` and does what
    /// follows from it.
    pub fn sweep<F, E>(mut self, sweep: F) -> Self
    where
        F: Fn(&mut Tx<'_>) -> Result<(), E> + Send + Sync + 'static,
        E: From<Error> + std::fmt::Display + Send + 'static,
    {
        let sweep = Arc::new(sweep);
        self.sweeps.push(Arc::new(move |db: Db, scope| {
            let sweep = Arc::clone(&sweep);
            Box::pin(
                async move { db.write(scope, move |tx| sweep(tx)).await.map_err(|error| error.to_string()) },
            )
        }));
        self
    }

    /// Works until `stop` is ready; then claims nothing more, and ends when what it has begun is written down.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) {
        let worker = Arc::new(Worker {
            runner: self,
            serving: Mutex::default(),
            seats: Semaphore::new(TENANTS_AT_ONCE),
            stopping: AtomicBool::new(false),
        });
        let mut visits = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            let due = tokio::select! {
                () = &mut stop => break,
                due = worker.runner.db.take_due() => due,
                Some(_) = visits.join_next() => continue,
            };
            for tenant in due {
                // who is being served looks once more when that ends
                if worker.serving.lock().insert(tenant) {
                    visits.spawn(Arc::clone(&worker).visit(tenant));
                }
            }
        }
        worker.stopping.store(true, Ordering::SeqCst);
        while visits.join_next().await.is_some() {}
    }
}

struct Worker {
    runner: Runner,
    serving: Mutex<HashSet<TenantId>>,
    seats: Semaphore,
    stopping: AtomicBool,
}

/// What a tenant has to do, and when.
#[derive(Debug, Clone, Copy)]
struct Agenda {
    job: Option<Timestamp>,
    hold: Option<Timestamp>,
}

impl Worker {
    async fn visit(self: Arc<Self>, tenant: TenantId) {
        let served = match self.seats.acquire().await {
            Ok(_seat) => self.serve(tenant).await,
            Err(_) => Ok(()),
        };
        self.serving.lock().remove(&tenant);
        // what became due while we were busy was not announced to anyone else
        let agenda = match served {
            Ok(()) => self.agenda(tenant).await,
            Err(error) => Err(error),
        };
        let now = self.runner.db.now();
        let next = match agenda {
            Ok(Agenda { job, hold }) => {
                // a hold that is over and still there: its sweep has failed
                let hold = hold.map(|at| if at <= now { now.plus_s(PAUSE_S) } else { at });
                job.into_iter().chain(hold).min()
            }
            // whoever resumes the tenant wakes us
            Err(Error::NotLive(_)) => None,
            // its lease brings the tenant back at the next start
            Err(Error::Closing) => return,
            Err(error) => {
                tracing::warn!(%tenant, %error, "a tenant's promised work has to wait");
                Some(now.plus_s(PAUSE_S))
            }
        };
        self.runner.db.visited(tenant, next);
    }

    async fn agenda(&self, tenant: TenantId) -> Result<Agenda, Error> {
        let sweeps = !self.runner.sweeps.is_empty();
        let look = move |rx: &mut Rx<'_>| {
            let hold = if sweeps { holds::next_end(rx)? } else { None };
            Ok(Agenda { job: super::next_due(rx)?, hold })
        };
        self.runner.db.read(scope(tenant, "jobs".to_owned()), look).await
    }

    /// Does what is due until nothing is.
    async fn serve(&self, tenant: TenantId) -> Result<(), Error> {
        loop {
            let (agenda, now) = (self.agenda(tenant).await?, self.runner.db.now());
            let is_due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
            if is_due(agenda.hold) {
                for sweep in &self.runner.sweeps {
                    let swept = sweep(self.runner.db.clone(), scope(tenant, "sweep".to_owned())).await;
                    if let Err(error) = swept {
                        tracing::error!(%tenant, error, "what follows from holds that ran out was not done");
                    }
                }
            }
            if !is_due(agenda.job) || self.stopping.load(Ordering::SeqCst) {
                return Ok(());
            }
            let claim = |tx: &mut Tx<'_>| super::claim(tx, LEASE_S, CLAIMED_AT_ONCE);
            let claimed = self.runner.db.write(scope(tenant, "jobs".to_owned()), claim).await?;
            let all = claimed.len() < CLAIMED_AT_ONCE as usize;
            let results = self.work(tenant, claimed).await;
            self.write_down(tenant, results).await?;
            if all {
                return Ok(());
            }
        }
    }

    /// What was done is asked to be written a few times: else it would be done again when its lease ends.
    async fn write_down(&self, tenant: TenantId, results: Vec<(Claimed, Outcome)>) -> Result<(), Error> {
        if results.is_empty() {
            return Ok(());
        }
        let results = Arc::new(results);
        let mut tries = 1;
        loop {
            let own = Arc::clone(&results);
            let finish = move |tx: &mut Tx<'_>| super::finish(tx, &own);
            match self.runner.db.write(scope(tenant, "jobs".to_owned()), finish).await {
                Err(Error::Busy(_) | Error::Storage(_) | Error::Full(_)) if tries < WRITE_TRIES => {
                    tokio::time::sleep(Duration::from_secs(tries)).await;
                    tries += 1;
                }
                written => return written,
            }
        }
    }

    /// Runs the handlers of `claimed`, some at a time.
    async fn work(&self, tenant: TenantId, claimed: Vec<Claimed>) -> Vec<(Claimed, Outcome)> {
        let mut results = Vec::with_capacity(claimed.len());
        let mut waiting = claimed.into_iter();
        let mut running = JoinSet::new();
        let mut jobs = HashMap::new();
        loop {
            while running.len() < HANDLERS_AT_ONCE {
                let Some(job) = waiting.next() else { break };
                let task = running.spawn(self.tried(tenant, &job));
                jobs.insert(task.id(), job);
            }
            let Some(ended) = running.join_next_with_id().await else { break };
            let (task, outcome) = match ended {
                Ok((task, outcome)) => (task, outcome),
                Err(error) => {
                    tracing::error!(%tenant, %error, "a job's handler panicked");
                    (error.id(), Outcome::Retry { after_s: None, reason: "the handler panicked".to_owned() })
                }
            };
            if let Some(job) = jobs.remove(&task) {
                results.push((job, outcome));
            }
        }
        results
    }

    /// One try of `job`.
    fn tried(&self, tenant: TenantId, job: &Claimed) -> impl Future<Output = Outcome> + Send + 'static {
        let handler = self.runner.handlers.get(job.kind.as_str()).cloned();
        let context = Context {
            scope: scope(tenant, job.id.to_string()),
            id: job.id,
            kind: job.kind.clone(),
            payload: job.payload.clone(),
            attempt: job.attempt,
            cause: job.cause.clone(),
        };
        let retry = |reason: String| Outcome::Retry { after_s: None, reason };
        async move {
            // a newer version may know this kind, so it is not refused for good
            let Some(handler) = handler else {
                return retry(format!("nothing here does jobs of kind {}", context.kind));
            };
            match tokio::time::timeout(HANDLER_DEADLINE, handler(context)).await {
                Ok(outcome) => outcome,
                Err(_) => retry(format!("no end after {} s", HANDLER_DEADLINE.as_secs())),
            }
        }
    }
}

fn scope(tenant: TenantId, request: String) -> Scope {
    Scope {
        tenant,
        actor: Actor::system(),
        origin: Origin { address: String::new(), request },
        reach: db::Reach::Everywhere,
    }
}
