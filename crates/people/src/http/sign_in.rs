//! Signing in and out.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::Timestamp;
use db::TenantId;
use edge::{Anyone, App, Form, Json, Page, Problem, Query, SignedIn, cookies, local, redirect};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::{DEVICE_COOKIE, device};
use crate::{
    AccountId, Error, Password,
    pages::SignInPage,
    sessions,
    sign_in::{self, Attempt, DEVICE_S, SignInError},
};

#[derive(Deserialize)]
pub struct FormQuery {
    /// The page that asked for a sign-in.
    #[serde(default)]
    to: String,
    #[serde(default)]
    business: String,
}

pub async fn form(State(app): State<App>, visit: Anyone, Query(query): Query<FormQuery>) -> Page<SignInPage> {
    let to = local(&query.to, "").to_owned();
    let asked = to.strip_prefix("/t/").and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let business = if query.business.is_empty() { asked.to_owned() } else { query.business };
    let sign_up = opens(&app);
    Page(SignInPage { frame: frame(&visit), to, business, login: String::new(), wrong: false, sign_up })
}

/// Whether new businesses may be opened here.
fn opens(app: &App) -> bool {
    app.config.sign_up != edge::SignUp::Closed
}

fn frame(visit: &Anyone) -> edge::Frame {
    visit.frame(edge::text(visit.language(), "people-sign-in", &[]))
}

#[derive(Deserialize)]
pub struct SignInForm {
    login: String,
    password: String,
    #[serde(default)]
    business: String,
    #[serde(default)]
    to: String,
}

pub async fn sign_in(
    State(app): State<App>,
    visit: Anyone,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Result<Response, Problem> {
    let attempt = Attempt {
        login: form.login.clone(),
        password: Password::typed(&form.password),
        business: Some(form.business.trim().to_lowercase()).filter(|business| !business.is_empty()),
        known_device: cookies::get(&app, &headers, DEVICE_COOKIE).map(str::to_owned),
        device: device(&headers, visit.address()),
        address: visit.address(),
    };
    let signed_in = match sign_in::sign_in(&app, attempt).await {
        Ok(signed_in) => signed_in,
        Err(SignInError::Wrong) => {
            let SignInForm { login, business, to, .. } = form;
            let page =
                SignInPage { frame: frame(&visit), to, business, login, wrong: true, sign_up: opens(&app) };
            return Ok(Page(page).with_status(StatusCode::UNAUTHORIZED));
        }
        Err(error) => return Err(error.into()),
    };
    // the sign-in before this one is not left open behind it
    end_session(&app, visit.session()).await?;
    let home = home(&app, signed_in.opened.session.operator, &signed_in.tenants).await?;
    let session = cookies::sign_in(&app, signed_in.opened.token.reveal(), signed_in.opened.max_age_s());
    let known = cookies::set(&app, DEVICE_COOKIE, signed_in.device.reveal(), DEVICE_S);
    Ok((session, known, redirect(local(&form.to, &home))).into_response())
}

/// Where somebody lands who asked for no page: the only business, or the choice between them.
async fn home(app: &App, operator: bool, tenants: &[TenantId]) -> Result<String, Problem> {
    if operator {
        return Ok("/operator".to_owned());
    }
    if let [only] = tenants
        && let Some(tenant) = app.db.tenant(*only).await?
    {
        return Ok(format!("/t/{}/admin", tenant.slug));
    }
    Ok("/account".to_owned())
}

pub async fn sign_out(State(app): State<App>, visit: Anyone) -> Result<Response, Problem> {
    end_session(&app, visit.session()).await?;
    Ok((cookies::sign_out(&app), redirect(edge::SIGN_IN)).into_response())
}

async fn end_session(app: &App, session: Option<&edge::Session>) -> Result<(), Problem> {
    let Some(session) = session else { return Ok(()) };
    let (Ok(account), Ok(id)) = (session.account.parse::<AccountId>(), session.id.parse()) else {
        return Ok(());
    };
    let ended = app.db.directory().write(move |dx| sessions::end(dx, account, id)).await;
    crate::changed();
    match ended {
        // it may have ended a moment before
        Ok(()) | Err(Error::UnknownSession) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Who wants to sign in.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// A phone number, an e-mail address or a user name.
    username: String,
    password: String,
    /// The slug of the business; needed where several have this user name.
    #[serde(default)]
    tenant: Option<String>,
}

/// An open session.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignInReply {
    /// Send it as `Authorization: Bearer …`; shown once.
    token: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    #[schema(value_type = String)]
    account: AccountId,
    tenants: Vec<TenantOfAccount>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct TenantOfAccount {
    slug: String,
    name: String,
}

/// Opens a session for a program that knows a password. Keys are better: they can do less.
#[utoipa::path(post, path = "/api/login", request_body = SignInRequest,
    responses((status = 200, description = "The session.", body = SignInReply),
        (status = 401, description = "Name or password is wrong.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn api_sign_in(
    State(app): State<App>,
    visit: Anyone,
    headers: HeaderMap,
    Json(request): Json<SignInRequest>,
) -> Result<Json<SignInReply>, Problem> {
    let attempt = Attempt {
        login: request.username,
        password: Password::typed(&request.password),
        business: request.tenant,
        known_device: None,
        device: device(&headers, visit.address()),
        address: visit.address(),
    };
    let signed_in = sign_in::sign_in(&app, attempt).await?;
    let mut tenants = Vec::new();
    for id in signed_in.tenants {
        if let Some(tenant) = app.db.tenant(id).await? {
            tenants.push(TenantOfAccount { slug: tenant.slug.to_string(), name: tenant.name.to_string() });
        }
    }
    let session = &signed_in.opened.session;
    let token = signed_in.opened.token.reveal().to_owned();
    Ok(Json(SignInReply { token, expires_at: session.ends_at, account: session.account, tenants }))
}

/// Ends the session whose token is sent.
#[utoipa::path(post, path = "/api/logout", responses((status = 204, description = "It is ended.")))]
pub async fn api_sign_out(State(app): State<App>, who: SignedIn) -> Result<StatusCode, Problem> {
    end_session(&app, Some(who.session())).await?;
    Ok(StatusCode::NO_CONTENT)
}
