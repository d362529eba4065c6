//! The own account: where it works, its sign-ins, its password.

use axum::{extract::State, response::Response};
use edge::{App, Form, Page, Problem, SignedIn, flash};
use http::StatusCode;
use serde::Deserialize;

use super::salt;
use crate::{
    AccountId, Error, Password, SessionId,
    accounts::{self, Account},
    hashing::{self, Queue},
    pages::{AccountPage, SessionLine, Workplace},
    sessions,
};

fn own(who: &SignedIn) -> Result<AccountId, Problem> {
    who.session().account.parse().map_err(|_| Error::UnknownAccount.into())
}

pub async fn show(State(app): State<App>, who: SignedIn) -> Result<Page<AccountPage>, Problem> {
    page(&app, &who, None).await.map(Page)
}

async fn page(app: &App, who: &SignedIn, fault: Option<String>) -> Result<AccountPage, Problem> {
    let account = own(who)?;
    let look = move |dx: &mut db::Dx<'_>| {
        let known = accounts::find(dx, account)?.ok_or(Error::UnknownAccount)?;
        Ok::<_, Error>((known, accounts::memberships(dx, account)?, sessions::list(dx, account)?))
    };
    let (known, tenants, open) = app.db.directory().read(look).await?;
    let businesses = workplaces_among(app, who.session(), tenants).await?;
    let sessions = open
        .into_iter()
        .map(|session| SessionLine { current: session.id.to_string() == who.session().id, session });
    Ok(AccountPage {
        frame: who.frame(edge::text(who.language(), "people-account", &[])),
        login: known.login,
        businesses,
        sessions: sessions.collect(),
        fault,
    })
}

/// Where the account of this session works today, and where each begins.
pub async fn workplaces(app: &App, session: &edge::Session) -> Result<Vec<Workplace>, Problem> {
    let account: AccountId = session.account.parse().map_err(|_| Error::UnknownAccount)?;
    let tenants = app.db.directory().read(move |dx| accounts::memberships(dx, account)).await?;
    workplaces_among(app, session, tenants).await
}

async fn workplaces_among(
    app: &App,
    session: &edge::Session,
    tenants: Vec<db::TenantId>,
) -> Result<Vec<Workplace>, Problem> {
    let mut workplaces = Vec::new();
    for id in tenants {
        let Some(tenant) = app.db.tenant(id).await? else { continue };
        // the directory may still point to a business that has let the person go
        if app.doorkeeper.member(session, &tenant).await?.is_some() {
            workplaces
                .push(Workplace { name: tenant.name.to_string(), href: format!("/t/{}/admin", tenant.slug) });
        }
    }
    Ok(workplaces)
}

#[derive(Deserialize)]
pub struct PasswordForm {
    current: String,
    new: String,
}

pub async fn change_password(
    State(app): State<App>,
    who: SignedIn,
    Form(form): Form<PasswordForm>,
) -> Result<Response, Problem> {
    let account = own(&who)?;
    let rate = edge::Rate { burst: app.config.login_max_attempts, per_s: app.config.login_window_s };
    app.limits.take("password", &account.to_string(), rate)?;
    let known: Account =
        app.db.directory().read(move |dx| accounts::find(dx, account)?.ok_or(Error::UnknownAccount)).await?;
    if !hashing::matches(&Password::typed(&form.current), Some(&known.password), Queue::Known).await? {
        let fault = edge::text(who.language(), "people-password-wrong", &[]);
        return Ok(Page(page(&app, &who, Some(fault)).await?).with_status(StatusCode::UNPROCESSABLE_ENTITY));
    }
    app.limits.forgive("password", &account.to_string());
    let chosen = match known.login.parse() {
        Ok(login) => Password::chosen(&form.new, &login, known.name.as_str()),
        Err(_) => return Err(Error::UnknownAccount.into()),
    };
    let password = match chosen {
        Ok(password) => password,
        Err(weak) => {
            let fault = edge::text(who.language(), weak.key(), &[]);
            return Ok(
                Page(page(&app, &who, Some(fault)).await?).with_status(StatusCode::UNPROCESSABLE_ENTITY)
            );
        }
    };
    let hash = hashing::hash(password, salt(&app), Queue::Known).await?;
    let kept: Option<SessionId> = who.session().id.parse().ok();
    app.db.directory().write(move |dx| accounts::set_password(dx, account, &hash, kept)).await?;
    crate::changed();
    Ok(flash(&app, "/account", "people-password-changed"))
}

#[derive(Deserialize)]
pub struct EndForm {
    /// A session's id, or `others`.
    session: String,
}

pub async fn end_sessions(
    State(app): State<App>,
    who: SignedIn,
    Form(form): Form<EndForm>,
) -> Result<Response, Problem> {
    let account = own(&who)?;
    let directory = app.db.directory();
    if form.session == "others" {
        let kept: Option<SessionId> = who.session().id.parse().ok();
        directory.write(move |dx| sessions::end_all(dx, account, kept)).await?;
    } else {
        let id: SessionId = form.session.parse().map_err(|_| Error::UnknownSession)?;
        directory.write(move |dx| sessions::end(dx, account, id)).await?;
    }
    crate::changed();
    Ok(flash(&app, "/account", "people-session-ended"))
}
