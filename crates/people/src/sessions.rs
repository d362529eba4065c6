//! Sign-ins: opened with a token nobody can guess, ended by their holder, by time, or by what happens to the member.

use db::Dx;
use edge::Secret;

use crate::{
    Error,
    model::{self, AccountId, Device, LONGEST_S, OPERATOR_S, SessionId, SessionRow},
    sql::session as sql,
};

/// A sign-in that has just begun; the only time its token is known.
#[derive(Clone)]
pub struct Opened {
    pub session: SessionRow,
    /// What the cookie holds, or a bearer sends.
    pub token: Secret,
}

impl Opened {
    /// How long the cookie is worth keeping.
    pub const fn max_age_s(&self) -> i64 {
        self.session.ends_at.seconds_since(self.session.created_at)
    }
}

/// Opens a session for an account whose password was right.
pub fn open(dx: &mut Dx, account: AccountId, device: &Device) -> Result<Opened, Error> {
    let known = crate::accounts::find(dx, account)?.ok_or(Error::UnknownAccount)?;
    let token = Secret::new(model::hex(&dx.random::<32>()));
    let now = dx.now();
    let lasts_s = if known.operator { OPERATOR_S } else { LONGEST_S };
    let session = SessionRow {
        id: dx.new_id(),
        account,
        name: known.name.to_string(),
        operator: known.operator,
        device: device.agent.chars().filter(|letter| !letter.is_control()).take(200).collect(),
        address: device.address.clone(),
        created_at: now,
        seen_at: now,
        ends_at: now.plus_s(lasts_s),
    };
    sql::forget_over(dx, account)?;
    sql::insert(dx, &session, &model::digest(token.reveal()))?;
    Ok(Opened { session, token })
}

/// The open sessions of an account, the one used last first.
pub fn list(dx: &mut Dx, account: AccountId) -> Result<Vec<SessionRow>, Error> {
    let now = dx.now();
    let mut sessions = sql::of_account(dx, account)?;
    sessions.retain(|session| !model::is_over(session.seen_at, session.ends_at, now));
    Ok(sessions)
}

/// Ends one session of the account.
pub fn end(dx: &mut Dx, account: AccountId, session: SessionId) -> Result<(), Error> {
    if sql::end(dx, account, session)? == 1 { Ok(()) } else { Err(Error::UnknownSession) }
}

/// Ends all sessions of the account but `kept`.
pub fn end_all(dx: &mut Dx, account: AccountId, kept: Option<SessionId>) -> Result<u64, Error> {
    Ok(sql::end_all(dx, account, kept)?)
}
