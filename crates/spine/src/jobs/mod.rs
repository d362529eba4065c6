//! The outbox: work promised in the transaction of the change it belongs to, and done after its commit, at least once.
//! Nothing leaves before the commit; nothing promised is lost after it.

mod model;
mod runner;
mod sql;

use base::Timestamp;
use db::{Error, Rx, Tx};
pub use model::{Claimed, Job, JobId, JobKind, Kept, MOST_FAILURES, Next, Outcome, State, pause_s};
pub use runner::{Context, Runner};
use serde_json::json;

use crate::events::{self, Event};

/// How long what was done stays to be seen, and its key taken.
const DONE_KEPT_S: i64 = 30 * 24 * 3600;

/// Promises work; the tenant is woken when it is due.
pub fn enqueue(tx: &mut Tx, job: Job) -> Result<(), Error> {
    sql::insert(tx, &job)?;
    tx.due(job.at);
    Ok(())
}

/// Calls off the work promised under `key`, unless it has begun; says whether it was called off.
pub fn cancel(tx: &mut Tx, key: &str) -> Result<bool, Error> {
    sql::delete_waiting(tx, key)
}

/// Takes up to `limit` due jobs for `lease_s` seconds. A job whose worker did not come back in time is due again.
pub fn claim(tx: &mut Tx, lease_s: i64, limit: u32) -> Result<Vec<Claimed>, Error> {
    let now = tx.now();
    let mut due = sql::due(tx, State::Running, limit)?;
    let room = limit.saturating_sub(due.len() as u32);
    due.extend(sql::due(tx, State::Waiting, room)?);
    for job in &mut due {
        job.attempt += 1;
        sql::lease(tx, job.id, job.attempt, now.plus_s(lease_s))?;
    }
    sql::forget_done(tx, now.plus_s(-DONE_KEPT_S))?;
    Ok(due)
}

/// Writes down how tries ended. A job that another worker has meanwhile is left to it.
pub fn finish(tx: &mut Tx, results: &[(Claimed, Outcome)]) -> Result<(), Error> {
    let now = tx.now();
    let mut given_up = Vec::new();
    for (job, outcome) in results {
        let next = outcome.next(job.failures, now);
        let own = sql::end(tx, job, &next)?;
        if own && matches!(next.state, State::Failed | State::Unknown) {
            let kind = if next.state == State::Failed { "job.failed" } else { "job.unknown" };
            let payload = json!({ "kind": job.kind, "cause": job.cause, "attempts": job.attempt, "reason": next.reason });
            given_up.push(Event { kind, subject: job.id.to_string(), payload });
        }
        if next.state == State::Waiting {
            tx.due(next.at);
        }
    }
    events::record_all(tx, given_up)
}

/// Tries a failed or unknown job again, its failures forgotten; says whether it was one.
pub fn retry(tx: &mut Tx, job: JobId) -> Result<bool, Error> {
    let now = tx.now();
    let done = sql::reopen(tx, job)?;
    if done {
        tx.due(now);
    }
    Ok(done)
}

/// Up to `limit` jobs in `state`, the latest first, that come after the job `after` in this order.
pub fn list(rx: &mut Rx, state: State, after: Option<JobId>, limit: u32) -> Result<Vec<Kept>, Error> {
    sql::list(rx, state, after, limit)
}

/// When the next job is due, or its worker overdue.
pub fn next_due(rx: &mut Rx) -> Result<Option<Timestamp>, Error> {
    sql::next_due(rx)
}
