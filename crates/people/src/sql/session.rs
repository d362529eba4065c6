//! Statements on the directory's `session`.

use base::Timestamp;
use db::{Dx, Error, Row, directory_sql};

use crate::model::{AccountId, IDLE_S, SessionId, SessionRow};

pub fn insert(dx: &mut Dx, session: &SessionRow, hash: &[u8; 32]) -> Result<(), Error> {
    dx.put(
        directory_sql!(
            "insert into session (id, token_hash, account_id, device, address, created_at, seen_at, ends_at)
             values ($1, $2, $3, $4, $5, $6, $6, $7)"
        ),
        (
            session.id,
            hash,
            session.account,
            &session.device,
            &session.address,
            session.created_at,
            session.ends_at,
        ),
    )
}

pub fn by_hash(dx: &mut Dx, hash: &[u8; 32]) -> Result<Option<SessionRow>, Error> {
    dx.row(
        directory_sql!(
            "select s.id, s.account_id, a.name, a.operator, s.device, s.address, s.created_at, s.seen_at, s.ends_at
             from session as s join account as a on a.id = s.account_id where s.token_hash = $1"
        ),
        (hash,),
        read,
    )
}

/// The account's sessions, the one used last first.
pub fn of_account(dx: &mut Dx, account: AccountId) -> Result<Vec<SessionRow>, Error> {
    dx.rows(
        directory_sql!(
            "select s.id, s.account_id, a.name, a.operator, s.device, s.address, s.created_at, s.seen_at, s.ends_at
             from session as s join account as a on a.id = s.account_id where s.account_id = $1
             order by s.seen_at desc, s.id"
        ),
        (account,),
        read,
    )
}

fn read(row: &Row) -> Result<SessionRow, Error> {
    Ok(SessionRow {
        id: row.get(0)?,
        account: row.get(1)?,
        name: row.get(2)?,
        operator: row.get(3)?,
        device: row.get(4)?,
        address: row.get(5)?,
        created_at: row.get(6)?,
        seen_at: row.get(7)?,
        ends_at: row.get(8)?,
    })
}

pub fn touch(dx: &mut Dx, id: SessionId, at: Timestamp) -> Result<(), Error> {
    dx.put(directory_sql!("update session set seen_at = $2 where id = $1"), (id, at))
}

pub fn end(dx: &mut Dx, account: AccountId, id: SessionId) -> Result<u64, Error> {
    dx.run(directory_sql!("delete from session where account_id = $1 and id = $2"), (account, id))
}

/// Ends all sessions of the account but `except`.
pub fn end_all(dx: &mut Dx, account: AccountId, except: Option<SessionId>) -> Result<u64, Error> {
    dx.run(
        directory_sql!(
            "delete from session where account_id = $1 and (cast($2 as text) is null or id <> $2)"
        ),
        (account, except),
    )
}

/// Forgets what has ended by itself.
pub fn forget_over(dx: &mut Dx, account: AccountId) -> Result<(), Error> {
    let now = dx.now();
    dx.put(
        directory_sql!("delete from session where account_id = $1 and (ends_at <= $2 or seen_at <= $3)"),
        (account, now, now.plus_s(-IDLE_S)),
    )
}
