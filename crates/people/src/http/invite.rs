//! The page behind an invite's link: a new account, or the one that is signed in, becomes a member.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::Login;
use db::{Scope, Tenant};
use edge::{Anyone, App, Form, Page, Path, Problem, cookies, redirect};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::{DEVICE_COOKIE, device, salt};
use crate::{
    AccountId, Error, Password,
    accounts::{self, NewAccount},
    hashing::{self, Queue},
    members::{self, Invitation},
    pages::InvitePage,
    sign_in::{DEVICE_S, welcome},
};

#[derive(Deserialize, Clone)]
pub struct InvitePath {
    slug: String,
    token: String,
}

async fn tenant(app: &App, slug: &str) -> Result<Arc<Tenant>, Problem> {
    Ok(app.db.tenant_by_slug(slug).await?.ok_or(Error::InviteGone)?)
}

/// Whoever holds the link may look at what it offers, and accept it; nothing else.
fn scope(tenant: &Tenant, visit: &Anyone, actor: &str) -> Scope {
    Scope {
        tenant: tenant.id,
        actor: db::Actor::new(actor),
        origin: visit.origin(),
        reach: db::Reach::Everywhere,
    }
}

async fn invitation(app: &App, scope: Scope, token: String) -> Result<Invitation, Problem> {
    Ok(app.db.read(scope, move |rx| members::invitation(rx, &token)).await?)
}

pub async fn show(
    State(app): State<App>,
    visit: Anyone,
    Path(path): Path<InvitePath>,
) -> Result<Page<InvitePage>, Problem> {
    let tenant = tenant(&app, &path.slug).await?;
    let invitation = invitation(&app, scope(&tenant, &visit, "visitor"), path.token).await?;
    Ok(Page(page(&visit, invitation, String::new(), None)))
}

fn page(visit: &Anyone, invitation: Invitation, login: String, fault: Option<String>) -> InvitePage {
    InvitePage {
        frame: visit.frame(edge::text(visit.language(), "people-invite-title", &[])),
        name: invitation.member.name.to_string(),
        signed_in: visit.session().map(|session| session.name.clone()),
        back: visit.path().to_owned(),
        login,
        fault,
    }
}

#[derive(Deserialize)]
pub struct AcceptForm {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    /// With the account that is signed in.
    #[serde(default)]
    own: bool,
}

pub async fn accept(
    State(app): State<App>,
    visit: Anyone,
    headers: HeaderMap,
    Path(path): Path<InvitePath>,
    Form(form): Form<AcceptForm>,
) -> Result<Response, Problem> {
    let tenant = tenant(&app, &path.slug).await?;
    let invitation = invitation(&app, scope(&tenant, &visit, "visitor"), path.token.clone()).await?;
    let home = format!("/t/{}/admin", tenant.slug);
    if form.own {
        let session = visit.session().ok_or(Error::UnknownAccount)?;
        let account: AccountId = session.account.parse().map_err(|_| Error::UnknownAccount)?;
        join(&app, &tenant, &visit, account, path.token).await?;
        return Ok(redirect(&home));
    }
    let name = invitation.member.name.clone();
    let login = Login::parse_in(&form.login, Some(tenant.country));
    let chosen = login.map_err(|error| (error.to_string(), "people-login-malformed")).and_then(|login| {
        let password = Password::chosen(&form.password, &login, name.as_str());
        password.map(|password| (login, password)).map_err(|weak| (weak.to_string(), weak.key()))
    });
    let refuse = |key: &str| {
        let fault = edge::text(visit.language(), key, &[]);
        Page(page(&visit, invitation.clone(), form.login.clone(), Some(fault)))
            .with_status(StatusCode::UNPROCESSABLE_ENTITY)
    };
    let (login, password) = match chosen {
        Ok(chosen) => chosen,
        Err((_, key)) => return Ok(refuse(key)),
    };
    let password = hashing::hash(password, salt(&app), Queue::Known).await?;
    let new = NewAccount { login, name, password, home: Some(tenant.id), operator: false };
    let account = match app.db.directory().write(move |dx| accounts::create(dx, &new)).await {
        Err(Error::LoginTaken) => return Ok(refuse("people-login-taken")),
        other => other?,
    };
    join(&app, &tenant, &visit, account, path.token).await?;
    let from = device(&headers, visit.address());
    let (opened, known, _) = app.db.directory().write(move |dx| welcome(dx, account, &from)).await?;
    let session = cookies::sign_in(&app, opened.token.reveal(), opened.max_age_s());
    let known = cookies::set(&app, DEVICE_COOKIE, known.reveal(), DEVICE_S);
    Ok((session, known, redirect(&home)).into_response())
}

/// The directory first: a pointer to a membership that never came is harmless.
async fn join(
    app: &App,
    tenant: &Tenant,
    visit: &Anyone,
    account: AccountId,
    token: String,
) -> Result<(), Problem> {
    let id = tenant.id;
    app.db.directory().write(move |dx| accounts::point_to(dx, account, id)).await?;
    let scope = scope(tenant, visit, &format!("account:{account}"));
    app.db.write(scope, move |tx| members::accept(tx, &token, account)).await?;
    crate::changed();
    Ok(())
}
