//! Statements on `member`, `member_role` and `invite`.

use base::{Line, Timestamp};
use db::{Error, Row, Rx, Tx, sql};

use super::odd;
use crate::{
    LocationId,
    model::{AccountId, InviteId, Member, MemberId, MemberState, RoleAt},
};

pub fn insert(tx: &mut Tx, member: &Member) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into member (tenant_id, id, account_id, name, state, created_at) values ($1, $2, $3, $4, $5, $6)"
        ),
        (member.id, member.account, &member.name, member.state.name(), member.created_at),
    )?;
    insert_roles(tx, member.id, &member.roles)
}

fn insert_roles(tx: &mut Tx, member: MemberId, roles: &[RoleAt]) -> Result<(), Error> {
    let mut position = 0i64;
    for role in roles {
        let places: Vec<Option<LocationId>> = if role.locations.is_empty() {
            vec![None]
        } else {
            role.locations.iter().copied().map(Some).collect()
        };
        for location in places {
            tx.put(
                sql!(
                    "insert into member_role (tenant_id, member_id, position, role, location_id, until)
                     values ($1, $2, $3, $4, $5, $6)"
                ),
                (member, position, role.role.name(), location, role.until),
            )?;
            position += 1;
        }
    }
    Ok(())
}

pub fn replace_roles(tx: &mut Tx, member: MemberId, roles: &[RoleAt]) -> Result<(), Error> {
    tx.put(sql!("delete from member_role where tenant_id = $1 and member_id = $2"), (member,))?;
    insert_roles(tx, member, roles)
}

pub fn set_state(
    tx: &mut Tx,
    member: MemberId,
    state: MemberState,
    account: Option<AccountId>,
) -> Result<(), Error> {
    tx.put(
        sql!("update member set state = $3, account_id = $4 where tenant_id = $1 and id = $2"),
        (member, state.name(), account),
    )
}

pub fn set_name(tx: &mut Tx, member: MemberId, name: &Line<120>) -> Result<(), Error> {
    tx.put(sql!("update member set name = $3 where tenant_id = $1 and id = $2"), (member, name))
}

pub fn find(rx: &mut Rx, id: MemberId) -> Result<Option<Member>, Error> {
    let found = rx.row(
        sql!("select id, account_id, name, state, created_at from member where tenant_id = $1 and id = $2"),
        (id,),
        read,
    )?;
    with_roles(rx, found)
}

pub fn of_account(rx: &mut Rx, account: AccountId) -> Result<Option<Member>, Error> {
    let found = rx.row(
        sql!("select id, account_id, name, state, created_at from member where tenant_id = $1 and account_id = $2"),
        (account,),
        read,
    )?;
    with_roles(rx, found)
}

fn with_roles(rx: &mut Rx, found: Option<Member>) -> Result<Option<Member>, Error> {
    let Some(member) = found else { return Ok(None) };
    let mut members = vec![member];
    add_roles(rx, &mut members)?;
    Ok(members.pop())
}

/// Members that were not removed, by age, behind `after`.
pub fn list(rx: &mut Rx, after: Option<MemberId>, limit: u32) -> Result<Vec<Member>, Error> {
    let mut members = rx.rows(
        sql!(
            "select id, account_id, name, state, created_at from member
             where tenant_id = $1 and state <> 'removed' and (cast($2 as text) is null or id > $2)
             order by id limit cast($3 as bigint)"
        ),
        (after, limit),
        read,
    )?;
    add_roles(rx, &mut members)?;
    Ok(members)
}

/// Fills in the roles of members that are sorted by id.
fn add_roles(rx: &mut Rx, members: &mut [Member]) -> Result<(), Error> {
    let (Some(first), Some(last)) = (members.first(), members.last()) else { return Ok(()) };
    let rows = rx.rows(
        sql!(
            "select member_id, role, location_id, until from member_role
             where tenant_id = $1 and member_id >= $2 and member_id <= $3 order by member_id, position"
        ),
        (first.id, last.id),
        |row| {
            let role: String = row.get(1)?;
            let role = role.parse().map_err(|_| odd(1, "a role", role))?;
            let location: Option<LocationId> = row.get(2)?;
            let until: Option<Timestamp> = row.get(3)?;
            Ok((row.get::<MemberId>(0)?, RoleAt { role, locations: location.into_iter().collect(), until }))
        },
    )?;
    for (id, held) in rows {
        let Some(member) = members.iter_mut().find(|member| member.id == id) else { continue };
        match member.roles.last_mut().filter(|last| last.role == held.role && !last.locations.is_empty()) {
            Some(same) => same.locations.extend(held.locations),
            None => member.roles.push(held),
        }
    }
    Ok(())
}

fn read(row: &Row) -> Result<Member, Error> {
    let state: String = row.get(3)?;
    Ok(Member {
        id: row.get(0)?,
        account: row.get(1)?,
        name: row.get(2)?,
        state: MemberState::parse(&state).ok_or_else(|| odd(3, "a member's state", state))?,
        roles: Vec::new(),
        created_at: row.get(4)?,
    })
}

/// Owners who can act, other than `member`.
pub fn other_owners(rx: &mut Rx, member: MemberId) -> Result<i64, Error> {
    let counted = rx.row(
        sql!(
            "select count(*) from member as m join member_role as r on r.member_id = m.id
             where m.tenant_id = $1 and r.tenant_id = $1 and m.state = 'active' and r.role = 'owner'
               and r.location_id is null and m.id <> $2"
        ),
        (member,),
        |row| row.get(0),
    )?;
    Ok(counted.unwrap_or(0))
}

pub fn insert_invite(
    tx: &mut Tx,
    member: MemberId,
    hash: &[u8; 32],
    expires_at: Timestamp,
) -> Result<(), Error> {
    let (id, now): (InviteId, _) = (tx.new_id(), tx.now());
    tx.put(
        sql!(
            "insert into invite (tenant_id, id, member_id, token_hash, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6)"
        ),
        (id, member, hash, now, expires_at),
    )
}

/// Ends every link that still leads to `member`.
pub fn withdraw_invites(tx: &mut Tx, member: MemberId) -> Result<(), Error> {
    let now = tx.now();
    tx.put(
        sql!(
            "update invite set withdrawn_at = $3
             where tenant_id = $1 and member_id = $2 and used_at is null and withdrawn_at is null"
        ),
        (member, now),
    )
}

/// The member that a link leads to, if it still leads anywhere, and until when.
pub fn open_invite(rx: &mut Rx, hash: &[u8; 32]) -> Result<Option<(InviteId, MemberId, Timestamp)>, Error> {
    let now = rx.now();
    rx.row(
        sql!(
            "select id, member_id, expires_at from invite
             where tenant_id = $1 and token_hash = $2 and used_at is null and withdrawn_at is null and expires_at > $3"
        ),
        (hash, now),
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

pub fn use_invite(tx: &mut Tx, invite: InviteId) -> Result<(), Error> {
    let now = tx.now();
    tx.put(sql!("update invite set used_at = $3 where tenant_id = $1 and id = $2"), (invite, now))
}
