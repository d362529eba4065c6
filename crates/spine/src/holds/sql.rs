//! Every statement on `pool` and `hold`.

use base::{Quantity, Timestamp};
use db::{Row, Rx, Tx, sql};

use super::model::{Error, Hold, HoldId, Pool, PoolId, Rule, State};
use crate::parsed;

pub fn create_pool(tx: &mut Tx, pool: &PoolId, rule: Rule, capacity: Quantity) -> Result<(), Error> {
    Ok(tx.put(
        sql!(
            "insert into pool (tenant_id, id, rule, capacity, held, taken) values ($1, $2, $3, $4, 0, 0)
             on conflict (tenant_id, id) do nothing"
        ),
        (pool.as_str(), rule.name(), capacity),
    )?)
}

pub fn set_rule(tx: &mut Tx, pool: &PoolId, rule: Rule) -> Result<(), Error> {
    let done = tx.run(
        sql!("update pool set rule = $3 where tenant_id = $1 and id = $2"),
        (pool.as_str(), rule.name()),
    )?;
    if done == 1 { Ok(()) } else { Err(Error::UnknownPool(pool.clone())) }
}

pub fn resize(tx: &mut Tx, pool: &PoolId, delta: Quantity) -> Result<(), Error> {
    let done = tx.run(
        sql!("update pool set capacity = capacity + $3 where tenant_id = $1 and id = $2"),
        (pool.as_str(), delta),
    )?;
    if done == 1 { Ok(()) } else { Err(Error::UnknownPool(pool.clone())) }
}

pub fn pool(rx: &mut Rx, pool: &PoolId) -> Result<Option<Pool>, Error> {
    Ok(rx.row(
        sql!("select id, rule, capacity, held, taken from pool where tenant_id = $1 and id = $2"),
        (pool.as_str(),),
        read_pool,
    )?)
}

pub fn pools(rx: &mut Rx, prefix: &str) -> Result<Vec<Pool>, Error> {
    // no text that begins with the prefix sorts after it followed by the last character there is
    let end = format!("{prefix}\u{10ffff}");
    Ok(rx.rows(
        sql!(
            "select id, rule, capacity, held, taken from pool
             where tenant_id = $1 and id >= $2 and id <= $3 order by id"
        ),
        (prefix, end),
        read_pool,
    )?)
}

pub fn pools_down_to(rx: &mut Rx, prefix: &str, level: Quantity) -> Result<Vec<Pool>, Error> {
    let end = format!("{prefix}\u{10ffff}");
    Ok(rx.rows(
        sql!(
            "select id, rule, capacity, held, taken from pool
             where tenant_id = $1 and id >= $2 and id <= $3 and rule <> 'unlimited'
                and capacity - taken - held <= cast($4 as bigint)
             order by id"
        ),
        (prefix, end, level),
        read_pool,
    )?)
}

fn read_pool(row: &Row) -> Result<Pool, db::Error> {
    Ok(Pool {
        id: PoolId::new(row.get::<String>(0)?),
        rule: parsed(row, 1, "a pool's rule")?,
        capacity: row.get(2)?,
        held: row.get(3)?,
        taken: row.get(4)?,
    })
}

/// Counts `quantity` as `state` (held or taken).
pub fn count(tx: &mut Tx, pool: &PoolId, quantity: Quantity, state: State) -> Result<(), Error> {
    move_counters(tx, pool, counted(state, quantity.in_thousandths()))
}

fn move_counters(tx: &mut Tx, pool: &PoolId, (held, taken): (i64, i64)) -> Result<(), Error> {
    Ok(tx.put(
        sql!("update pool set held = held + $3, taken = taken + $4 where tenant_id = $1 and id = $2"),
        (pool.as_str(), held, taken),
    )?)
}

/// What a hold in `state` adds to its pool's counters `held` and `taken`.
const fn counted(state: State, quantity: i64) -> (i64, i64) {
    match state {
        State::Held => (quantity, 0),
        State::Taken => (0, quantity),
        State::Released | State::Expired => (0, 0),
    }
}

pub fn insert(tx: &mut Tx, hold: &Hold) -> Result<(), Error> {
    let now = tx.now();
    Ok(tx.put(
        sql!(
            "insert into hold (tenant_id, id, pool_id, quantity, until, cause, state, made_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)"
        ),
        (hold.id, hold.pool.as_str(), hold.quantity, hold.until, &hold.cause, hold.state.name(), now),
    )?)
}

pub fn find(rx: &mut Rx, id: HoldId) -> Result<Option<Hold>, Error> {
    Ok(rx.row(
        sql!("select id, pool_id, quantity, until, cause, state from hold where tenant_id = $1 and id = $2"),
        (id,),
        read_hold,
    )?)
}

pub fn of_cause(rx: &mut Rx, cause: &str) -> Result<Vec<Hold>, Error> {
    Ok(rx.rows(
        sql!(
            "select id, pool_id, quantity, until, cause, state from hold
             where tenant_id = $1 and cause = $2 order by id"
        ),
        (cause,),
        read_hold,
    )?)
}

/// Holds whose time has run out.
pub fn over(rx: &mut Rx, limit: u32) -> Result<Vec<Hold>, Error> {
    let now = rx.now();
    Ok(rx.rows(
        sql!(
            "select id, pool_id, quantity, until, cause, state from hold
             where tenant_id = $1 and state = 'held' and until <= $2
             order by until, id limit cast($3 as bigint)"
        ),
        (now, limit),
        read_hold,
    )?)
}

/// When the next hold runs out.
pub fn next_end(rx: &mut Rx) -> Result<Option<Timestamp>, db::Error> {
    let next =
        rx.row(sql!("select min(until) from hold where tenant_id = $1 and state = 'held'"), (), |row| {
            row.get(0)
        })?;
    Ok(next.flatten())
}

fn read_hold(row: &Row) -> Result<Hold, db::Error> {
    Ok(Hold {
        id: row.get(0)?,
        pool: PoolId::new(row.get::<String>(1)?),
        quantity: row.get(2)?,
        until: row.get(3)?,
        cause: row.get(4)?,
        state: parsed(row, 5, "a hold's state")?,
    })
}

/// Moves `hold` from the state it has to `to`, and its pool's counters with it.
pub fn change(tx: &mut Tx, hold: &Hold, to: State) -> Result<(), Error> {
    let quantity = hold.quantity.in_thousandths();
    let (before, after) = (counted(hold.state, quantity), counted(to, quantity));
    move_counters(tx, &hold.pool, (after.0 - before.0, after.1 - before.1))?;
    set_state(tx, hold.id, to)
}

pub fn set_state(tx: &mut Tx, hold: HoldId, state: State) -> Result<(), Error> {
    let now = tx.now();
    Ok(tx.put(
        sql!("update hold set state = $3, ended_at = $4 where tenant_id = $1 and id = $2"),
        (hold, state.name(), now),
    )?)
}
