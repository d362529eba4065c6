//! A forgotten password: a link that lets its holder choose another one, once and within the hour. It goes to the account's
//! own e-mail address; an owner makes one for a member who works nowhere else, the operator for anybody.

use base::{Email, Language, Timestamp};
use db::{Actor, Dx, Origin, Reach, Rx, Scope, TenantId, TenantState, Tx};
use edge::{App, Mail, MailError, Secret, text};
use serde::{Deserialize, Serialize};
use serde_json::json;
use spine::{
    events::{self, Event},
    jobs::{self, Job, Outcome},
};

use crate::{
    Error,
    accounts::{self, Account},
    members,
    model::{self, AccountId, Member, MemberId, MemberState, PasswordHash},
    rights::Rights,
    sql::{account as account_sql, reset as sql},
};

/// How long a link leads somewhere.
pub const RESET_S: i64 = 3600;

/// The kind of job that mails a link; `deliver` does it.
pub const JOB: &str = "account.reset";

/// A link that was just made; the only time its secret part is known.
#[derive(Clone)]
pub struct Made {
    pub token: Secret,
    pub expires_at: Timestamp,
}

impl Made {
    /// The link's path in the office. The secret is no part of the path, which is what logs keep.
    pub fn path(&self) -> String {
        format!("/reset?token={}", self.token.reveal())
    }
}

/// What the job holds: the secret is made when the mail leaves.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Promised {
    account: AccountId,
    language: Language,
}

/// The accounts that `login` may mean, as signing in would have it.
pub fn meant(dx: &mut Dx, login: &str, tenant: Option<TenantId>) -> Result<Vec<Account>, Error> {
    let mut found = Vec::new();
    for candidate in account_sql::candidates(dx, login, tenant)? {
        found.extend(accounts::find(dx, candidate.account)?);
    }
    Ok(found)
}

/// Promises a mail to each of the accounts that `login` may mean and that has an address. Whether there is one is not said.
pub async fn ask(
    app: &App,
    login: &str,
    tenant: Option<TenantId>,
    language: Language,
    origin: &Origin,
) -> Result<(), Error> {
    let sought = login.to_owned();
    let found = app.db.directory().read(move |dx| meant(dx, &sought, tenant)).await?;
    for account in found.into_iter().filter(|account| address_of(account).is_some()) {
        let id = account.id;
        let tenants = app.db.directory().read(move |dx| accounts::memberships(dx, id)).await?;
        let Some(home) = first_live(app, &tenants).await? else {
            tracing::warn!(
                "a password cannot be reset by mail: the account belongs to no business that is open"
            );
            continue;
        };
        let promise = move |tx: &mut Tx<'_>| {
            let payload = json!(Promised { account: id, language });
            let (at, cause) = (tx.now(), id.to_string());
            jobs::enqueue(tx, Job { kind: JOB, at, payload, key: None, cause: &cause })
        };
        app.db.write(scope(home, "visitor", origin.clone()), promise).await?;
    }
    Ok(())
}

async fn first_live(app: &App, tenants: &[TenantId]) -> Result<Option<TenantId>, Error> {
    for id in tenants {
        if app.db.tenant(*id).await?.is_some_and(|tenant| tenant.state == TenantState::Live) {
            return Ok(Some(*id));
        }
    }
    Ok(None)
}

fn scope(tenant: TenantId, actor: &str, origin: Origin) -> Scope {
    Scope { tenant, actor: Actor::new(actor), origin, reach: Reach::Everywhere }
}

/// The address that the account signs in with, if it is one.
fn address_of(account: &Account) -> Option<Email> {
    account.login.parse().ok()
}

/// Mails the link; a mail that is tried again holds another one, which voids the one before.
pub async fn deliver(app: App, job: jobs::Context) -> Outcome {
    let Ok(Promised { account, language }) = serde_json::from_value(job.payload) else {
        return Outcome::Failed("this job names no account".to_owned());
    };
    let later = |error: Error| Outcome::Retry { after_s: None, reason: error.to_string() };
    let prepare = move |dx: &mut Dx<'_>| {
        let Some(known) = accounts::find(dx, account)? else { return Ok(None) };
        let Some(to) = address_of(&known) else { return Ok(None) };
        Ok::<_, Error>(Some((known, to, make(dx, account, None)?)))
    };
    let (known, to, made) = match app.db.directory().write(prepare).await {
        Ok(Some(ready)) => ready,
        // gone meanwhile
        Ok(None) => return Outcome::Done,
        Err(error) => return later(error),
    };
    let (subject, words) = written(&app, &known, &made, language);
    let message_id = job.id.to_string();
    let mail = Mail { to, subject, text: words, html: None, reply_to: None, on_behalf_of: None, message_id };
    match app.mail.send(&mail).await {
        Ok(()) => Outcome::Done,
        Err(MailError::Refused(reason)) => Outcome::Failed(reason),
        Err(error) => Outcome::Retry { after_s: None, reason: error.to_string() },
    }
}

/// The mail's subject and its text.
fn written(app: &App, account: &Account, made: &Made, language: Language) -> (String, String) {
    let args = [
        ("platform", app.config.operator.name.clone().into()),
        ("name", account.name.clone().into()),
        ("link", app.config.office_link(&made.path()).into()),
    ];
    let say = |key: &str| text(language, key, &args);
    let parts = ["hello", "intro", "link", "until", "unasked"];
    let parts = parts.map(|part| say(&format!("people-reset-mail-{part}")));
    (say("people-reset-mail-subject"), parts.join("\n\n"))
}

/// Makes the account's one link. One that a business's owner makes is tied to that business.
pub fn make(dx: &mut Dx, account: AccountId, made_in: Option<TenantId>) -> Result<Made, Error> {
    let token = Secret::new(model::hex(&dx.random::<32>()));
    let expires_at = dx.now().plus_s(RESET_S);
    sql::put(dx, account, &model::digest(token.reveal()), made_in, expires_at)?;
    Ok(Made { token, expires_at })
}

/// Whether an owner may make a link for this member now: the account, noted in the history.
pub fn allow(tx: &mut Tx, id: MemberId) -> Result<(Member, AccountId), Error> {
    let member = members::find(tx, id)?;
    let (rights, now) = (Rights::of_actor(tx)?, tx.now());
    rights.may_change(&member, now)?;
    if !rights.is_owner() {
        return Err(Error::OwnersOnly);
    }
    let account = member.account.filter(|_| member.state == MemberState::Active);
    let account = account.ok_or(Error::WrongState(member.state))?;
    note(tx, &member, "member.reset-link-made")?;
    Ok((member, account))
}

/// Makes a link for an account of `tenant` alone: whoever holds it could open every other business of the account.
pub fn make_in(dx: &mut Dx, account: AccountId, tenant: TenantId) -> Result<Made, Error> {
    if belongs_to_alone(dx, account, tenant)? {
        make(dx, account, Some(tenant))
    } else {
        Err(Error::WorksElsewhere)
    }
}

fn belongs_to_alone(dx: &mut Dx, account: AccountId, tenant: TenantId) -> Result<bool, Error> {
    let operates = accounts::find(dx, account)?.is_none_or(|account| account.operator);
    Ok(!operates && accounts::memberships(dx, account)? == [tenant])
}

/// The account that the link still leads to.
pub fn opened(dx: &mut Dx, token: &str) -> Result<Account, Error> {
    let row = sql::by_hash(dx, &model::digest(token))?.ok_or(Error::ResetGone)?;
    if row.expires_at <= dx.now() {
        return Err(Error::ResetGone);
    }
    if let Some(tenant) = row.made_in
        && !belongs_to_alone(dx, row.account, tenant)?
    {
        return Err(Error::ResetGone);
    }
    accounts::find(dx, row.account)?.ok_or(Error::ResetGone)
}

/// Uses the link up: the new password holds, every sign-in ends, and no device is known any more.
pub fn take(dx: &mut Dx, token: &str, password: &PasswordHash) -> Result<Account, Error> {
    let account = opened(dx, token)?;
    sql::forget(dx, account.id)?;
    accounts::set_password(dx, account.id, password, None)?;
    account_sql::forget_devices(dx, account.id)?;
    Ok(account)
}

/// What the histories say of an account's password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// The operator made a link.
    LinkMade,
    /// Its holder chose another password.
    Chosen,
}

/// Writes `what` into the history of each business where the account works. What is closed at the moment misses the line, not
/// the new password.
pub async fn note_everywhere(db: &db::Db, account: AccountId, what: Noted, origin: &Origin) {
    let tenants = match db.directory().read(move |dx| accounts::memberships(dx, account)).await {
        Ok(tenants) => tenants,
        Err(error) => {
            tracing::warn!(%error, "a new password is not noted in any history");
            return;
        }
    };
    for tenant in tenants {
        if let Err(error) = note_in(db, tenant, account, what, origin).await {
            tracing::warn!(tenant.id = tenant.number(), %error, "a new password is not noted in the history");
        }
    }
}

async fn note_in(
    db: &db::Db,
    tenant: TenantId,
    account: AccountId,
    what: Noted,
    origin: &Origin,
) -> Result<(), Error> {
    let look = move |rx: &mut Rx<'_>| members::of_account(rx, account);
    let Some(member) = db.read(scope(tenant, "system", origin.clone()), look).await? else { return Ok(()) };
    let (kind, actor) = match what {
        Noted::LinkMade => ("member.reset-link-made", "operator".to_owned()),
        Noted::Chosen => ("member.password-reset", format!("member:{}", member.id)),
    };
    db.write(scope(tenant, &actor, origin.clone()), move |tx| note(tx, &member, kind)).await
}

fn note(tx: &mut Tx, member: &Member, kind: &'static str) -> Result<(), Error> {
    let payload = json!({ "before": null, "after": null });
    Ok(events::record(tx, Event { kind, subject: member.id.to_string(), payload })?)
}
