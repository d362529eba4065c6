//! The team: members come by a one-time link, get roles, are suspended, resumed and removed. Whoever acts is looked at
//! again in the same transaction.

use base::{Line, Timestamp};
use db::{Rx, Tx};
use edge::Secret;
use serde_json::json;
use spine::events::{self, Event};

use crate::{
    Error,
    model::{self, AccountId, Member, MemberId, MemberState, Role, RoleAt},
    rights::Rights,
    sql::{location, member as sql},
};

/// How long the link of an invite leads somewhere.
pub const INVITE_S: i64 = 48 * 3600;

/// A member-to-be and the secret part of the link; the only time it is known.
#[derive(Clone)]
pub struct Invited {
    pub member: Member,
    pub token: Secret,
    pub expires_at: Timestamp,
}

/// A link that still leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub member: Member,
    pub expires_at: Timestamp,
}

/// Makes the first owner, at sign-up.
pub fn add_owner(tx: &mut Tx, account: AccountId, name: Line<120>) -> Result<Member, Error> {
    let member = Member {
        id: tx.new_id(),
        account: Some(account),
        name,
        state: MemberState::Active,
        roles: vec![RoleAt::everywhere(Role::Owner)],
        created_at: tx.now(),
    };
    sql::insert(tx, &member)?;
    record(tx, "member.joined", &member, json!({"before": null, "after": member}))?;
    Ok(member)
}

/// Makes an account that came from another system a member, by the operator's command: nobody needs to accept it.
pub fn bring(tx: &mut Tx, account: AccountId, name: Line<120>, role: Role) -> Result<Member, Error> {
    if sql::of_account(tx, account)?.is_some() {
        return Err(Error::AlreadyMember);
    }
    let (id, created_at) = (tx.new_id(), tx.now());
    let roles = vec![RoleAt::everywhere(role)];
    let member = Member { id, account: Some(account), name, state: MemberState::Active, roles, created_at };
    sql::insert(tx, &member)?;
    record(tx, "member.joined", &member, json!({"before": null, "after": member}))?;
    Ok(member)
}

/// Makes somebody a member-to-be, and a link to pass on.
pub fn invite(tx: &mut Tx, name: Line<120>, roles: Vec<RoleAt>) -> Result<Invited, Error> {
    let now = tx.now();
    let roles = checked(tx, roles)?;
    Rights::of_actor(tx)?.may_hand_out(&roles, now)?;
    let (id, state) = (tx.new_id(), MemberState::Invited);
    let member = Member { id, account: None, name, state, roles, created_at: now };
    sql::insert(tx, &member)?;
    record(tx, "member.invited", &member, json!({"before": null, "after": member}))?;
    link(tx, member)
}

/// A new link in place of the one that ran out or was lost.
pub fn renew_invite(tx: &mut Tx, id: MemberId) -> Result<Invited, Error> {
    let member = changeable(tx, id, &[MemberState::Invited])?;
    sql::withdraw_invites(tx, id)?;
    record(tx, "member.invite-renewed", &member, json!({"before": null, "after": null}))?;
    link(tx, member)
}

fn link(tx: &mut Tx, member: Member) -> Result<Invited, Error> {
    let token = Secret::new(model::hex(&tx.random::<32>()));
    let expires_at = tx.now().plus_s(INVITE_S);
    sql::insert_invite(tx, member.id, &model::digest(token.reveal()), expires_at)?;
    Ok(Invited { member, token, expires_at })
}

/// What the link with this secret offers.
pub fn invitation(rx: &mut Rx, token: &str) -> Result<Invitation, Error> {
    let found = sql::open_invite(rx, &model::digest(token))?;
    let (_, member, expires_at) = found.ok_or(Error::InviteGone)?;
    Ok(Invitation { member: find(rx, member)?, expires_at })
}

/// Makes the account the member that the link was made for. The link works once.
pub fn accept(tx: &mut Tx, token: &str, account: AccountId) -> Result<Member, Error> {
    let found = sql::open_invite(tx, &model::digest(token))?;
    let (invite, id, _) = found.ok_or(Error::InviteGone)?;
    let before = find(tx, id)?;
    if before.state != MemberState::Invited {
        return Err(Error::InviteGone);
    }
    if sql::of_account(tx, account)?.is_some() {
        return Err(Error::AlreadyMember);
    }
    sql::use_invite(tx, invite)?;
    sql::set_state(tx, id, MemberState::Active, Some(account))?;
    let after = Member { state: MemberState::Active, account: Some(account), ..before.clone() };
    record(tx, "member.joined", &after, json!({"before": before, "after": after}))?;
    Ok(after)
}

/// Gives a member other roles. The account's sessions are to be ended by the caller, once this is written.
pub fn change_roles(tx: &mut Tx, id: MemberId, roles: Vec<RoleAt>) -> Result<Member, Error> {
    let before = changeable(tx, id, &[MemberState::Invited, MemberState::Active, MemberState::Suspended])?;
    let roles = checked(tx, roles)?;
    let now = tx.now();
    Rights::of_actor(tx)?.may_hand_out(&roles, now)?;
    let after = Member { roles, ..before.clone() };
    keep_an_owner(tx, &before, &after)?;
    sql::replace_roles(tx, id, &after.roles)?;
    record(tx, "member.roles-changed", &after, json!({"before": before.roles, "after": after.roles}))?;
    Ok(after)
}

/// Calls a member something else.
pub fn rename(tx: &mut Tx, id: MemberId, name: Line<120>) -> Result<Member, Error> {
    let before = changeable(tx, id, &[MemberState::Invited, MemberState::Active, MemberState::Suspended])?;
    sql::set_name(tx, id, &name)?;
    let after = Member { name, ..before.clone() };
    record(tx, "member.renamed", &after, json!({"before": before.name, "after": after.name}))?;
    Ok(after)
}

/// From now on the member may do nothing, until resumed.
pub fn suspend(tx: &mut Tx, id: MemberId) -> Result<Member, Error> {
    enter(tx, id, &[MemberState::Active], MemberState::Suspended, "member.suspended")
}

pub fn resume(tx: &mut Tx, id: MemberId) -> Result<Member, Error> {
    enter(tx, id, &[MemberState::Suspended], MemberState::Active, "member.resumed")
}

/// Ends a membership for good; what the member did stays in the history. Returns the member as it was.
pub fn remove(tx: &mut Tx, id: MemberId) -> Result<Member, Error> {
    let from = [MemberState::Invited, MemberState::Active, MemberState::Suspended];
    let before = changeable(tx, id, &from)?;
    let after = Member { state: MemberState::Removed, account: None, ..before.clone() };
    keep_an_owner(tx, &before, &after)?;
    sql::withdraw_invites(tx, id)?;
    // without its account, so that the person may be invited anew
    sql::set_state(tx, id, MemberState::Removed, None)?;
    record(tx, "member.removed", &after, json!({"before": before, "after": after}))?;
    Ok(before)
}

fn enter(
    tx: &mut Tx,
    id: MemberId,
    from: &[MemberState],
    to: MemberState,
    kind: &'static str,
) -> Result<Member, Error> {
    let before = changeable(tx, id, from)?;
    let after = Member { state: to, ..before.clone() };
    keep_an_owner(tx, &before, &after)?;
    sql::set_state(tx, id, to, before.account)?;
    record(tx, kind, &after, json!({"before": before.state, "after": to}))?;
    Ok(after)
}

/// The member, if it stands as it must and the actor may touch it.
fn changeable(tx: &mut Tx, id: MemberId, from: &[MemberState]) -> Result<Member, Error> {
    let member = find(tx, id)?;
    let now = tx.now();
    Rights::of_actor(tx)?.may_change(&member, now)?;
    if from.contains(&member.state) { Ok(member) } else { Err(Error::WrongState(member.state)) }
}

/// A business without an owner could never be governed again.
fn keep_an_owner(rx: &mut Rx, before: &Member, after: &Member) -> Result<(), Error> {
    let loses_one = before.is_acting_owner() && !after.is_acting_owner();
    if loses_one && sql::other_owners(rx, before.id)? == 0 { Err(Error::LastOwner) } else { Ok(()) }
}

/// Roles that can be given: at least one, an owner's everywhere, at locations there are, each once, with its end.
fn checked(rx: &mut Rx, roles: Vec<RoleAt>) -> Result<Vec<RoleAt>, Error> {
    if roles.is_empty() {
        return Err(Error::NoRole);
    }
    let now = rx.now();
    let known: Vec<_> = location::list(rx)?.into_iter().map(|location| location.id).collect();
    let mut checked: Vec<RoleAt> = Vec::new();
    for mut given in roles {
        if given.role == Role::Owner && !given.locations.is_empty() {
            return Err(Error::OwnerEverywhere);
        }
        if given.locations.iter().any(|place| !known.contains(place)) {
            return Err(Error::UnknownLocation);
        }
        given.until = given.role.lasts_s().map(|seconds| now.plus_s(seconds));
        match checked.iter_mut().find(|other| other.role == given.role) {
            None => checked.push(given),
            Some(same) if same.locations.is_empty() || given.locations.is_empty() => same.locations.clear(),
            Some(same) => same.locations.extend(given.locations),
        }
    }
    for given in &mut checked {
        given.locations.sort();
        given.locations.dedup();
    }
    Ok(checked)
}

pub fn find(rx: &mut Rx, id: MemberId) -> Result<Member, Error> {
    sql::find(rx, id)?.ok_or(Error::UnknownMember)
}

pub fn of_account(rx: &mut Rx, account: AccountId) -> Result<Option<Member>, Error> {
    Ok(sql::of_account(rx, account)?)
}

/// Members that were not removed, the eldest first; the cursor is the last one's id.
pub fn list(rx: &mut Rx, after: Option<MemberId>, limit: u32) -> Result<Vec<Member>, Error> {
    Ok(sql::list(rx, after, limit)?)
}

fn record(tx: &mut Tx, kind: &'static str, member: &Member, payload: serde_json::Value) -> Result<(), Error> {
    Ok(events::record(tx, Event { kind, subject: member.id.to_string(), payload })?)
}
