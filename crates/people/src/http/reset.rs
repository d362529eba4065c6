//! Pages of a forgotten password: asking for a link, and what it opens.

use std::time::Duration;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::Login;
use db::Dx;
use edge::{Anyone, App, Form, Page, Problem, Query, Rate, address_key, flash, redirect};
use http::StatusCode;
use serde::Deserialize;

use super::salt;
use crate::{
    Error, Password, accounts,
    hashing::{self, Queue},
    pages::{ForgotPage, ResetPage},
    reset, sign_in,
};

/// Links that one address may ask for in an hour; a whole mobile network may share one.
const FROM_ONE_ADDRESS: Rate = Rate { burst: 30, per_s: 3600 };
/// Links for one name in an hour, whether anybody has it or not.
const FOR_ONE_NAME: Rate = Rate { burst: 3, per_s: 3600 };
/// New passwords that one address may send in a minute.
const NEW_PASSWORDS: Rate = Rate { burst: 20, per_s: 60 };
/// Every answer takes at least so long: finding an account and promising a mail is done well within it.
const ANSWER: Duration = Duration::from_millis(400);

#[derive(Deserialize)]
pub struct FormQuery {
    #[serde(default)]
    business: String,
}

pub async fn form(
    State(app): State<App>,
    anyone: Anyone,
    Query(query): Query<FormQuery>,
) -> Page<ForgotPage> {
    Page(ForgotPage { business: query.business, ..ForgotPage::of(&app, &anyone) })
}

#[derive(Deserialize)]
pub struct ForgotForm {
    login: String,
    #[serde(default)]
    business: String,
}

/// Answers alike, in words, status and time, whoever exists.
pub async fn ask(
    State(app): State<App>,
    anyone: Anyone,
    Form(form): Form<ForgotForm>,
) -> Result<Response, Problem> {
    let least = tokio::time::sleep(ANSWER);
    app.limits.take("reset-address", &address_key(anyone.address()), FROM_ONE_ADDRESS)?;
    let business = form.business.trim().to_lowercase();
    let tenant = match business.as_str() {
        "" => None,
        slug => app.db.tenant_by_slug(slug).await?,
    };
    let Ok(login) = Login::parse_in(&form.login, tenant.as_ref().map(|tenant| tenant.country)) else {
        let fault = Some(edge::text(anyone.language(), "people-login-malformed", &[]));
        let page = ForgotPage { login: form.login, business, fault, ..ForgotPage::of(&app, &anyone) };
        return Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY));
    };
    let login = login.to_string();
    app.limits.take("reset", &format!("{business}:{login}"), FOR_ONE_NAME)?;
    // a business that does not exist is nobody's, and where no mail leaves none is promised
    if (business.is_empty() || tenant.is_some()) && app.mail.is_configured() {
        let tenant = tenant.map(|tenant| tenant.id);
        let origin = anyone.origin();
        if let Err(error) = reset::ask(&app, &login, tenant, anyone.language(), &origin).await {
            // an error here would say that there is an account
            tracing::error!(%error, "a link for a forgotten password was not promised");
        }
    }
    least.await;
    Ok(Page(ForgotPage { asked: true, ..ForgotPage::of(&app, &anyone) }).into_response())
}

#[derive(Deserialize)]
pub struct LinkQuery {
    #[serde(default)]
    token: String,
}

pub async fn show(
    State(app): State<App>,
    anyone: Anyone,
    Query(query): Query<LinkQuery>,
) -> Result<Response, Problem> {
    if query.token.is_empty() {
        return Ok(redirect("/forgot"));
    }
    page(&app, &anyone, query.token, None).await.map(|page| page.into_response())
}

async fn page(
    app: &App,
    anyone: &Anyone,
    token: String,
    fault: Option<String>,
) -> Result<Page<ResetPage>, Problem> {
    let sought = token.clone();
    let account = app.db.directory().read(move |dx| reset::opened(dx, &sought)).await?;
    let frame = anyone.titled("people-reset-title");
    Ok(Page(ResetPage { frame, token, login: account.login, name: account.name.to_string(), fault }))
}

#[derive(Deserialize)]
pub struct ResetForm {
    token: String,
    password: String,
}

pub async fn take(
    State(app): State<App>,
    anyone: Anyone,
    Form(form): Form<ResetForm>,
) -> Result<Response, Problem> {
    app.limits.take("reset-taken", &address_key(anyone.address()), NEW_PASSWORDS)?;
    let sought = form.token.clone();
    let account = app.db.directory().read(move |dx| reset::opened(dx, &sought)).await?;
    let near = [account.login.as_str(), account.name.as_str()];
    let password = match Password::chosen_near(&form.password, &near) {
        Ok(password) => password,
        Err(weak) => {
            let fault = edge::text(anyone.language(), weak.key(), &[]);
            let page = page(&app, &anyone, form.token, Some(fault)).await?;
            return Ok(page.with_status(StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    let hash = hashing::hash(password, salt(&app), Queue::Known).await?;
    let token = form.token;
    let take = move |dx: &mut Dx<'_>| {
        let account = reset::take(dx, &token, &hash)?;
        Ok::<_, Error>((accounts::memberships(dx, account.id)?, account))
    };
    let (tenants, account) = app.db.directory().write(take).await?;
    crate::changed();
    sign_in::forgive(&app, &account.login, &tenants);
    reset::note_everywhere(&app.db, account.id, reset::Noted::Chosen, &anyone.origin()).await;
    Ok(flash(&app, edge::SIGN_IN, "people-reset-done"))
}
