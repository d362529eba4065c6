//! Every statement on `job`.

use base::Timestamp;
use db::{Error, Row, Rx, Tx, sql};

use super::model::{Claimed, Job, JobId, Kept, Next, State, Tally};
use crate::parsed;

pub fn insert(tx: &mut Tx, job: &Job) -> Result<(), Error> {
    let (id, now): (JobId, _) = (tx.new_id(), tx.now());
    tx.put(
        sql!(
            "insert into job (tenant_id, id, kind, payload, at, key, state, attempts, failures, cause, made_at)
             values ($1, $2, $3, $4, $5, $6, 'waiting', 0, 0, $7, $8)
             on conflict (tenant_id, key) do nothing"
        ),
        (id, job.kind, job.payload.to_string(), job.at, job.key, job.cause, now),
    )
}

pub fn delete_waiting(tx: &mut Tx, key: &str) -> Result<bool, Error> {
    let done =
        tx.run(sql!("delete from job where tenant_id = $1 and key = $2 and state = 'waiting'"), (key,))?;
    Ok(done == 1)
}

/// Jobs in `state` (waiting or running) whose time has come or is over. One state each, so that the index gives them in
/// their order, however many wait.
pub fn due(rx: &mut Rx, state: State, limit: u32) -> Result<Vec<Claimed>, Error> {
    let now = rx.now();
    rx.rows(
        sql!(
            "select id, kind, payload, attempts, failures, cause from job
             where tenant_id = $1 and state = $2 and at <= $3
             order by at, id limit cast($4 as bigint)"
        ),
        (state.name(), now, limit),
        |row| {
            Ok(Claimed {
                id: row.get(0)?,
                kind: row.get(1)?,
                payload: parsed(row, 2, "JSON")?,
                attempt: row.get(3)?,
                failures: row.get(4)?,
                cause: row.get(5)?,
            })
        },
    )
}

pub fn lease(tx: &mut Tx, job: JobId, attempt: i64, until: Timestamp) -> Result<(), Error> {
    tx.put(
        sql!("update job set state = 'running', attempts = $3, at = $4 where tenant_id = $1 and id = $2"),
        (job, attempt, until),
    )
}

/// Ends the try of `job`; says whether its worker still had it.
pub fn end(tx: &mut Tx, job: &Claimed, next: &Next) -> Result<bool, Error> {
    let statement = sql!(
        "update job set state = $4, at = $5, failures = $6, last_error = coalesce(cast($7 as text), last_error)
         where tenant_id = $1 and id = $2 and attempts = $3 and state = 'running'"
    );
    let values = (job.id, job.attempt, next.state.name(), next.at, next.failures, next.reason);
    if matches!(next.state, State::Failed | State::Unknown) {
        return Ok(tx.run(statement, values)? == 1);
    }
    // nobody asks after the others, so they need not wait for the count
    tx.put(statement, values)?;
    Ok(true)
}

pub fn forget_done(tx: &mut Tx, before: Timestamp) -> Result<(), Error> {
    tx.put(sql!("delete from job where tenant_id = $1 and state = 'done' and at < $2"), (before,))
}

pub fn reopen(tx: &mut Tx, job: JobId) -> Result<bool, Error> {
    let now = tx.now();
    let done = tx.run(
        sql!(
            "update job set state = 'waiting', failures = 0, at = $3
             where tenant_id = $1 and id = $2 and state in ('failed', 'unknown')"
        ),
        (job, now),
    )?;
    Ok(done == 1)
}

/// Jobs whose kind is like `kind`, a pattern of `like`.
pub fn list(
    rx: &mut Rx,
    state: State,
    kind: &str,
    after: Option<JobId>,
    limit: u32,
) -> Result<Vec<Kept>, Error> {
    let (word, cancelled) = state.stored();
    let after = after.map(|id| id.to_string());
    rx.rows(
        sql!(
            "select id, kind, payload, at, key, case when cancelled_at is null then state else 'cancelled' end,
               attempts, last_error, cause from job
             where tenant_id = $1 and state = $2 and case when cancelled_at is null then 0 else 1 end = cast($3 as bigint)
               and kind like $4 escape '!' and (cast($5 as text) is null or id < cast($5 as text))
             order by id desc limit cast($6 as bigint)"
        ),
        (word, cancelled, kind, after, limit),
        kept,
    )
}

pub fn find(rx: &mut Rx, job: JobId) -> Result<Option<Kept>, Error> {
    rx.row(
        sql!(
            "select id, kind, payload, at, key, case when cancelled_at is null then state else 'cancelled' end,
               attempts, last_error, cause from job where tenant_id = $1 and id = $2"
        ),
        (job,),
        kept,
    )
}

fn kept(row: &Row) -> Result<Kept, Error> {
    Ok(Kept {
        id: row.get(0)?,
        kind: row.get(1)?,
        payload: parsed(row, 2, "JSON")?,
        at: row.get(3)?,
        key: row.get(4)?,
        state: parsed(row, 5, "a job's state")?,
        attempts: row.get(6)?,
        last_error: row.get(7)?,
        cause: row.get(8)?,
    })
}

/// All that is not done, counted by state and kind.
pub fn tally(rx: &mut Rx) -> Result<Vec<Tally>, Error> {
    rx.rows(
        sql!(
            "select state, kind, count(*) from job
             where tenant_id = $1 and state in ('waiting', 'running', 'failed', 'unknown')
             group by state, kind order by state, kind"
        ),
        (),
        |row| Ok(Tally { state: parsed(row, 0, "a job's state")?, kind: row.get(1)?, count: row.get(2)? }),
    )
}

/// When the last job of a kind like `kind` was done, if it is among the last `depth` of all.
pub fn last_done(rx: &mut Rx, kind: &str, depth: u32) -> Result<Option<Timestamp>, Error> {
    let found = rx.row(
        sql!(
            "select max(recent.at) from
               (select at, kind from job where tenant_id = $1 and state = 'done' and cancelled_at is null
                order by at desc limit cast($2 as bigint)) as recent
             where recent.kind like $3 escape '!'"
        ),
        (depth, kind),
        |row| row.get::<Option<Timestamp>>(0),
    )?;
    Ok(found.flatten())
}

pub fn give_up(tx: &mut Tx, job: JobId) -> Result<bool, Error> {
    let now = tx.now();
    let done = tx.run(
        sql!(
            "update job set state = 'done', cancelled_at = $3, at = $3
             where tenant_id = $1 and id = $2 and state in ('waiting', 'failed', 'unknown')"
        ),
        (job, now),
    )?;
    Ok(done == 1)
}

/// The least `at` of all jobs that are waiting or running.
pub fn next_due(rx: &mut Rx) -> Result<Option<Timestamp>, Error> {
    // one state each, so that the index answers with its first row
    let time = |row: &Row| row.get::<Option<Timestamp>>(0);
    let waiting = rx
        .row(sql!("select min(at) from job where tenant_id = $1 and state = 'waiting'"), (), time)?
        .flatten();
    let running = rx
        .row(sql!("select min(at) from job where tenant_id = $1 and state = 'running'"), (), time)?
        .flatten();
    Ok(waiting.into_iter().chain(running).min())
}
