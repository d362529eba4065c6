//! Signing up over HTTP: a form, and the API.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use edge::{Anyone, App, Form, Json, Page, Problem, Rate, Routes, SignUp, Site, address_key};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Founded, NewBusiness, SignUpForm, Who, found as make,
    pages::{SignUpPage, SignedUpPage},
};
use crate::{Error, House, country};

/// New businesses an hour: from one address, and in all (security review, item 14).
const FROM_ONE: Rate = Rate { burst: 5, per_s: 3600 };
const IN_ALL: Rate = Rate { burst: 100, per_s: 3600 };

pub fn routes() -> Routes {
    Routes::new()
        .api(__path_sign_up_by_api, sign_up_by_api)
        .page(Site::Office, "/signup", Method::GET, sign_up_page)
        .page(Site::Office, "/signup", Method::POST, sign_up_by_form)
}

/// A new business with its owner.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SignUpRequest {
    #[schema(min_length = 1, max_length = 120)]
    tenant_name: String,
    /// A phone number, an e-mail address or a plain name.
    #[schema(min_length = 3, max_length = 254)]
    admin_username: String,
    #[schema(min_length = 10, max_length = 200)]
    admin_password: String,
    /// By default the country's.
    #[serde(default)]
    currency: Option<String>,
    /// By default the phone number's.
    #[serde(default)]
    country: Option<String>,
    #[serde(default)]
    language: Option<String>,
}

/// The addresses of a new business.
#[derive(Debug, Serialize, ToSchema)]
struct Addresses {
    shop: String,
    admin: String,
    api: String,
}

/// Its keys; the secret one is shown this once.
#[derive(Debug, Serialize, ToSchema)]
struct Keys {
    public: String,
    secret: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct SignedUp {
    slug: String,
    /// `live`, or `waiting` for the operator's approval.
    state: &'static str,
    addresses: Addresses,
    keys: Keys,
}

/// Sign a business up.
///
/// The reply also signs its owner in (by cookie, in the office).
#[utoipa::path(
    post, path = "/api/signup", tag = "sign-up", request_body = SignUpRequest,
    responses((status = 201, body = SignedUp))
)]
async fn sign_up_by_api(
    State(app): State<App>,
    anyone: Anyone,
    Extension(house): Extension<House>,
    Json(request): Json<SignUpRequest>,
) -> Result<Response, Problem> {
    let form = SignUpForm {
        tenant_name: request.tenant_name,
        admin_username: request.admin_username,
        admin_password: request.admin_password,
        currency: request.currency.unwrap_or_default(),
        country: request.country.unwrap_or_default(),
        language: request.language.unwrap_or_default(),
    };
    let language = anyone.language();
    let new = NewBusiness::read(&form, language).map_err(|faults| problem(&faults))?;
    let founded = found(&app, &anyone, &house, new).await?;
    let tenant = &founded.tenant;
    let path = format!("/t/{}", tenant.slug);
    let body = SignedUp {
        slug: tenant.slug.to_string(),
        state: tenant.state.name(),
        addresses: Addresses {
            shop: app.config.shop_link(&format!("{path}/")),
            admin: app.config.office_link(&format!("{path}/admin")),
            api: app.config.office_link(&format!("{path}/api/v1")),
        },
        keys: Keys {
            public: founded.public_key.reveal().to_owned(),
            secret: founded.secret_key.reveal().to_owned(),
        },
    };
    let opened = &founded.session;
    let signed_in = edge::cookies::sign_in(&app, opened.token.reveal(), opened.max_age_s());
    Ok((StatusCode::CREATED, signed_in, Json(body)).into_response())
}

fn problem(faults: &[Error]) -> Problem {
    let field = |error: &Error| match error {
        Error::Field { field, message } => (*field, message.clone()),
        other => ("", other.to_string()),
    };
    let (_, first) = faults.first().map(field).unwrap_or_default();
    faults
        .iter()
        .map(field)
        .fold(Problem::unprocessable("input-malformed", first), |problem, (name, message)| {
            problem.field(name, message)
        })
}

async fn found(app: &App, anyone: &Anyone, house: &House, new: NewBusiness) -> Result<Founded, Problem> {
    let waits = match app.config.sign_up {
        SignUp::Open => false,
        SignUp::Approve => true,
        SignUp::Closed => return Err(Error::SignUpClosed.into()),
    };
    app.limits.take("signup", &address_key(anyone.address()), FROM_ONE)?;
    app.limits.take("signup-all", "", IN_ALL)?;
    let who = Who::Stranger { origin: anyone.origin(), waits };
    Ok(make(house, new, who, "").await?)
}

async fn sign_up_page(State(app): State<App>, anyone: Anyone) -> Result<Page<SignUpPage>, Problem> {
    if app.config.sign_up == SignUp::Closed {
        return Err(Error::SignUpClosed.into());
    }
    let form = SignUpForm { country: "FR".to_owned(), ..SignUpForm::default() };
    Ok(Page(SignUpPage {
        form,
        faults: Vec::new(),
        countries: country::offered(anyone.language()),
        frame: anyone.titled("sign-up-title"),
    }))
}

async fn sign_up_by_form(
    State(app): State<App>,
    anyone: Anyone,
    Extension(house): Extension<House>,
    Form(form): Form<SignUpForm>,
) -> Result<Response, Problem> {
    let again = |form: SignUpForm, faults: &[Error]| {
        let fault = |error: &Error| match error {
            Error::Field { field, message } => ((*field).to_owned(), message.clone()),
            other => ("adminUsername".to_owned(), other.to_string()),
        };
        let faults = faults.iter().map(fault).collect();
        let frame = anyone.titled("sign-up-title");
        Page(SignUpPage { form, faults, countries: country::offered(anyone.language()), frame })
            .with_status(StatusCode::UNPROCESSABLE_ENTITY)
    };
    let new = match NewBusiness::read(&form, anyone.language()) {
        Ok(new) => new,
        Err(faults) => return Ok(again(form, &faults)),
    };
    let founded = found(&app, &anyone, &house, new).await?;
    let opened = &founded.session;
    let signed_in = edge::cookies::sign_in(&app, opened.token.reveal(), opened.max_age_s());
    let page = SignedUpPage {
        frame: anyone.titled("signed-up-title"),
        slug: founded.tenant.slug.to_string(),
        public_key: founded.public_key.reveal().to_owned(),
        secret_key: founded.secret_key.reveal().to_owned(),
        waiting: founded.tenant.state == db::TenantState::Waiting,
    };
    Ok((signed_in, Page(page)).into_response())
}
