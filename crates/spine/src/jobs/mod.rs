//! The outbox: work promised in the transaction of the change it belongs to, and done after its commit, at least once.
//! Nothing leaves before the commit; nothing promised is lost after it.

mod model;
mod runner;
mod sql;

use base::Timestamp;
use db::{Error, Rx, Tx};
pub use model::{Claimed, Job, JobId, JobKind, Kept, MOST_FAILURES, Next, Outcome, State, Tally, pause_s};
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

/// Promises to end what is over at `at`, by a job of `kind`; what ends at the same time is promised once. [`Runner::ends`]
/// keeps the promise.
pub fn promise_end(tx: &mut Tx, kind: &'static str, at: Timestamp) -> Result<(), Error> {
    let key = format!("{kind}:{}", at.micros());
    enqueue(tx, Job { kind, at, payload: json!({}), key: Some(&key), cause: kind })
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

/// Tries a failed or unknown job again, its failures forgotten; says whether it was one. The history names who asked.
pub fn retry(tx: &mut Tx, job: JobId) -> Result<bool, Error> {
    let Some(before) = sql::find(tx, job)? else { return Ok(false) };
    let done = sql::reopen(tx, job)?;
    if done {
        let now = tx.now();
        tx.due(now);
        note(tx, "job.retried", &before)?;
    }
    Ok(done)
}

/// Gives a job up for good, unless it is running or over; says whether it was given up. Its key stays taken, and the
/// history names who did it.
pub fn give_up(tx: &mut Tx, job: JobId) -> Result<bool, Error> {
    let Some(before) = sql::find(tx, job)? else { return Ok(false) };
    let done = sql::give_up(tx, job)?;
    if done {
        note(tx, "job.cancelled", &before)?;
    }
    Ok(done)
}

fn note(tx: &mut Tx, kind: &'static str, job: &Kept) -> Result<(), Error> {
    let payload = json!({
        "kind": job.kind, "cause": job.cause, "attempts": job.attempts, "reason": job.last_error,
        "before": { "state": job.state.name() },
    });
    events::record(tx, Event { kind, subject: job.id.to_string(), payload })
}

/// Up to `limit` jobs in `state`, the latest first, that come after the job `after` in this order.
pub fn list(rx: &mut Rx, state: State, after: Option<JobId>, limit: u32) -> Result<Vec<Kept>, Error> {
    sql::list(rx, state, "%", after, limit)
}

/// As `list`, of kinds like `kind` alone: a pattern of `like`, as `%mail`.
pub fn list_like(
    rx: &mut Rx,
    state: State,
    kind: &str,
    after: Option<JobId>,
    limit: u32,
) -> Result<Vec<Kept>, Error> {
    sql::list(rx, state, kind, after, limit)
}

pub fn find(rx: &mut Rx, job: JobId) -> Result<Option<Kept>, Error> {
    sql::find(rx, job)
}

/// All that is not over, counted by state and kind.
pub fn tally(rx: &mut Rx) -> Result<Vec<Tally>, Error> {
    sql::tally(rx)
}

/// When the last job of a kind like `kind` was done, as far as it is among the last hundred of all.
pub fn last_done(rx: &mut Rx, kind: &str) -> Result<Option<Timestamp>, Error> {
    sql::last_done(rx, kind, 100)
}

/// When the next job is due, or its worker overdue.
pub fn next_due(rx: &mut Rx) -> Result<Option<Timestamp>, Error> {
    sql::next_due(rx)
}
