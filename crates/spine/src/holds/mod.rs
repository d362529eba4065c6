//! Scarce things are taken only by a hold: units of stock, uses of a coupon, slots. A pool counts what its holds claim, so
//! that a promise costs one read and one update; a tenant's writes run one after another, so nobody promises it twice.

mod model;
mod sql;

use std::collections::BTreeMap;

use base::{Quantity, Timestamp};
use db::{Rx, Tx};
pub use model::{Change, Error, Expired, Hold, HoldId, HoldKind, Pool, PoolId, Rule, State};
pub use sql::next_end;

/// Makes a pool; one that exists already stays as it is.
pub fn create_pool(tx: &mut Tx, pool: &PoolId, rule: Rule, capacity: Quantity) -> Result<(), Error> {
    sql::create_pool(tx, pool, rule, capacity)
}

/// From now on the pool follows `rule`; its counters go on.
pub fn set_rule(tx: &mut Tx, pool: &PoolId, rule: Rule) -> Result<(), Error> {
    sql::set_rule(tx, pool, rule)
}

/// Puts `delta` in (or, negative, takes it out): deliveries, counts, losses. What has physically happened is never
/// refused, so less may be there than was promised.
pub fn resize(tx: &mut Tx, pool: &PoolId, delta: Quantity) -> Result<(), Error> {
    sql::resize(tx, pool, delta)
}

pub fn pool(rx: &mut Rx, pool: &PoolId) -> Result<Option<Pool>, Error> {
    sql::pool(rx, pool)
}

/// All pools whose name begins with `prefix`, by name.
pub fn pools(rx: &mut Rx, prefix: &str) -> Result<Vec<Pool>, Error> {
    sql::pools(rx, prefix)
}

/// Pools whose names begin with `prefix` and that have no more than `level` left to give, by name.
pub fn pools_down_to(rx: &mut Rx, prefix: &str, level: Quantity) -> Result<Vec<Pool>, Error> {
    sql::pools_down_to(rx, prefix, level)
}

/// Claims `quantity` of the pool for `cause` (until a time, when the tenant is woken), or says how much there is.
pub fn hold(
    tx: &mut Tx,
    pool: &PoolId,
    quantity: Quantity,
    until: Option<Timestamp>,
    cause: &str,
) -> Result<HoldId, Error> {
    let mut pool = known(tx, pool)?;
    hold_of(tx, &mut pool, quantity, until, cause)
}

/// As `hold`, of a pool that this write has read itself; `pool` goes along.
pub fn hold_of(
    tx: &mut Tx,
    pool: &mut Pool,
    quantity: Quantity,
    until: Option<Timestamp>,
    cause: &str,
) -> Result<HoldId, Error> {
    claim(tx, pool, quantity, until, cause, State::Held)
}

/// Holds and takes in one, for what needs no waiting.
pub fn take_now(tx: &mut Tx, pool: &PoolId, quantity: Quantity, cause: &str) -> Result<HoldId, Error> {
    let mut pool = known(tx, pool)?;
    take_now_of(tx, &mut pool, quantity, cause)
}

/// As `take_now`, of a pool that this write has read itself; `pool` goes along.
pub fn take_now_of(tx: &mut Tx, pool: &mut Pool, quantity: Quantity, cause: &str) -> Result<HoldId, Error> {
    claim(tx, pool, quantity, None, cause, State::Taken)
}

fn known(rx: &mut Rx, pool: &PoolId) -> Result<Pool, Error> {
    sql::pool(rx, pool)?.ok_or_else(|| Error::UnknownPool(pool.clone()))
}

fn claim(
    tx: &mut Tx,
    pool: &mut Pool,
    quantity: Quantity,
    until: Option<Timestamp>,
    cause: &str,
    state: State,
) -> Result<HoldId, Error> {
    give(tx, pool, quantity, state)?;
    let hold =
        Hold { id: tx.new_id(), pool: pool.id.clone(), quantity, until, cause: cause.to_owned(), state };
    sql::insert(tx, &hold)?;
    if let Some(until) = until {
        tx.due(until);
    }
    Ok(hold.id)
}

/// Counts `quantity` as held or taken, if the pool can give it.
fn give(tx: &mut Tx, pool: &mut Pool, quantity: Quantity, state: State) -> Result<(), Error> {
    pool.can_give(quantity)?;
    let counter = if state == State::Taken { &mut pool.taken } else { &mut pool.held };
    *counter = counter.plus(quantity)?;
    sql::count(tx, &pool.id, quantity, state)
}

/// What was held is sold.
pub fn take(tx: &mut Tx, hold: HoldId) -> Result<Change, Error> {
    change(tx, hold, State::Held, State::Taken)
}

/// What was held may be had by others.
pub fn release(tx: &mut Tx, hold: HoldId) -> Result<Change, Error> {
    change(tx, hold, State::Held, State::Released)
}

/// What was taken goes back into the pool: an order cancelled before it was fulfilled.
pub fn give_back(tx: &mut Tx, hold: HoldId) -> Result<Change, Error> {
    change(tx, hold, State::Taken, State::Released)
}

fn change(tx: &mut Tx, hold: HoldId, from: State, to: State) -> Result<Change, Error> {
    let hold = sql::find(tx, hold)?.ok_or(Error::UnknownHold)?;
    if hold.state != from {
        return Ok(Change::Already(hold.state));
    }
    sql::change(tx, &hold, to)?;
    Ok(Change::Done)
}

/// Takes a hold whose time may have run out, as for a late payment: if it is gone, and there is enough, it is taken anew.
pub fn take_again(tx: &mut Tx, hold: HoldId) -> Result<Change, Error> {
    let hold = sql::find(tx, hold)?.ok_or(Error::UnknownHold)?;
    match hold.state {
        State::Taken => return Ok(Change::Already(State::Taken)),
        State::Held => sql::change(tx, &hold, State::Taken)?,
        State::Released | State::Expired => {
            let mut pool = known(tx, &hold.pool)?;
            give(tx, &mut pool, hold.quantity, State::Taken)?;
            sql::set_state(tx, hold.id, State::Taken)?;
        }
    }
    Ok(Change::Done)
}

/// Every hold of `cause`, whatever its state.
pub fn of_cause(rx: &mut Rx, cause: &str) -> Result<Vec<Hold>, Error> {
    sql::of_cause(rx, cause)
}

/// Takes every hold of `cause` that is held or has expired, and returns them. Where an expired one cannot be had any
/// more this is `Short`, and nothing has changed: the caller may go on (and owe the money back).
pub fn take_all(tx: &mut Tx, cause: &str) -> Result<Vec<Hold>, Error> {
    let mut holds = sql::of_cause(tx, cause)?;
    holds.retain(|hold| matches!(hold.state, State::Held | State::Expired));
    let mut wanted: BTreeMap<&PoolId, Quantity> = BTreeMap::new();
    for hold in holds.iter().filter(|hold| hold.state == State::Expired) {
        let sum = wanted.entry(&hold.pool).or_default();
        *sum = sum.plus(hold.quantity)?;
    }
    for (id, quantity) in wanted {
        known(tx, id)?.can_give(quantity)?;
    }
    for hold in &mut holds {
        sql::change(tx, hold, State::Taken)?;
        hold.state = State::Taken;
    }
    Ok(holds)
}

/// Releases every hold of `cause` that is still held, and returns them.
pub fn release_all(tx: &mut Tx, cause: &str) -> Result<Vec<Hold>, Error> {
    end_all(tx, cause, &[State::Held])
}

/// Gives everything that `cause` holds or has taken back into its pools, and returns it.
pub fn give_back_all(tx: &mut Tx, cause: &str) -> Result<Vec<Hold>, Error> {
    end_all(tx, cause, &[State::Held, State::Taken])
}

fn end_all(tx: &mut Tx, cause: &str, from: &[State]) -> Result<Vec<Hold>, Error> {
    let mut holds = sql::of_cause(tx, cause)?;
    holds.retain(|hold| from.contains(&hold.state));
    for hold in &mut holds {
        sql::change(tx, hold, State::Released)?;
        hold.state = State::Released;
    }
    Ok(holds)
}

/// Expires up to `limit` holds whose time has run out, the longest over first. When there are more, the tenant is due
/// again at once.
pub fn expire_due(tx: &mut Tx, limit: u32) -> Result<Vec<Expired>, Error> {
    let over = sql::over(tx, limit)?;
    for hold in &over {
        sql::change(tx, hold, State::Expired)?;
    }
    if over.len() as u64 == u64::from(limit) {
        let now = tx.now();
        tx.due(now);
    }
    let expired =
        |hold: Hold| Expired { hold: hold.id, pool: hold.pool, quantity: hold.quantity, cause: hold.cause };
    Ok(over.into_iter().map(expired).collect())
}
