//! Signing up over HTTP: a form, and the API.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use base::Language;
use edge::{
    Anyone, App, Form, Json, Page, Problem, Query, Rate, Routes, SignUp, Site, address_key, redirect,
};
use http::{HeaderMap, Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Fault, Founded, NewBusiness, SignUpForm, Source, Who, found as make,
    pages::{SignUpPage, SignedUpPage},
    slug_of,
};
use crate::{Error, House, country};

/// New businesses an hour: from one address, and in all (security review, item 14).
const FROM_ONE: Rate = Rate { burst: 5, per_s: 3600 };
const IN_ALL: Rate = Rate { burst: 100, per_s: 3600 };

/// Names that one address may try in a minute: more than anybody types.
const PREVIEWS: Rate = Rate { burst: 90, per_s: 60 };

pub fn routes() -> Routes {
    Routes::new()
        .api(__path_sign_up_by_api, sign_up_by_api)
        .page(Site::Office, "/signup", Method::GET, sign_up_page)
        .page(Site::Office, "/signup", Method::POST, sign_up_by_form)
        .page(Site::Office, "/signup/address", Method::GET, preview_address)
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
        phone: String::new(),
        admin_username: request.admin_username,
        admin_password: request.admin_password,
        currency: request.currency.unwrap_or_default(),
        country: request.country.unwrap_or_default(),
        language: request.language.unwrap_or_default(),
    };
    let language = anyone.language();
    let new = NewBusiness::read(&form, Source::Api(language)).map_err(|faults| problem(&faults, language))?;
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

fn problem(faults: &[Fault], language: Language) -> Problem {
    let first = faults.first().map(|fault| fault.words(language)).unwrap_or_default();
    faults.iter().fold(Problem::unprocessable("input-malformed", first), |problem, fault| {
        // programs give the phone number as the user name
        let field = if *fault == Fault::LoginMissing { "adminUsername" } else { fault.field() };
        problem.field(field, fault.words(language))
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

async fn sign_up_page(State(app): State<App>, anyone: Anyone, headers: HeaderMap) -> Response {
    if app.config.sign_up == SignUp::Closed {
        // which says so, and where to sign in
        return redirect("/");
    }
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|line| line.to_str().ok());
    let country = accepted.and_then(country::guessed).map(|country| country.to_string()).unwrap_or_default();
    let form = SignUpForm { country, ..SignUpForm::default() };
    Page(SignUpPage::of(&app, &anyone, form, &[])).into_response()
}

async fn sign_up_by_form(
    State(app): State<App>,
    anyone: Anyone,
    Extension(house): Extension<House>,
    Form(form): Form<SignUpForm>,
) -> Result<Response, Problem> {
    let new = match NewBusiness::read(&form, Source::Page) {
        Ok(new) => new,
        Err(faults) => {
            let page = SignUpPage::of(&app, &anyone, form, &faults);
            return Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    let founded = match found(&app, &anyone, &house, new).await {
        Ok(founded) => founded,
        // later, then: what was typed stays
        Err(later)
            if matches!(later.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) =>
        {
            let notice = Some(later.words(anyone.language()));
            let page = SignUpPage { notice, ..SignUpPage::of(&app, &anyone, form, &[]) };
            return Ok(Page(page).with_status(later.status()));
        }
        Err(refused) => return Err(refused),
    };
    let opened = &founded.session;
    let signed_in = edge::cookies::sign_in(&app, opened.token.reveal(), opened.max_age_s());
    let slug = founded.tenant.slug.to_string();
    let page = SignedUpPage {
        frame: anyone.titled("signed-up-title"),
        shop: app.config.shop_link(&format!("/t/{slug}/")),
        slug,
        public_key: founded.public_key.reveal().to_owned(),
        secret_key: founded.secret_key.reveal().to_owned(),
        waiting: founded.tenant.state == db::TenantState::Waiting,
    };
    Ok((signed_in, Page(page)).into_response())
}

#[derive(Deserialize)]
struct NameQuery {
    #[serde(default)]
    name: String,
}

/// Where a business called so would be.
#[derive(Serialize)]
struct Preview {
    slug: String,
    address: String,
    /// Whether the name alone is enough, or a number had to go behind it.
    free: bool,
    words: String,
}

async fn preview_address(
    State(app): State<App>,
    anyone: Anyone,
    Query(query): Query<NameQuery>,
) -> Result<Json<Preview>, Problem> {
    app.limits.take("signup-address", &address_key(anyone.address()), PREVIEWS)?;
    let wanted = slug_of(&query.name)?;
    let slug = app.db.next_slug(wanted.clone()).await?;
    let address = app.config.shop_link(&format!("/t/{slug}/"));
    let free = slug == wanted;
    let key = if free { "sign-up-address" } else { "sign-up-address-other" };
    let args = [("address", address.clone().into()), ("taken", wanted.into())];
    let words = edge::text(anyone.language(), key, &args);
    Ok(Json(Preview { slug: slug.to_string(), address, free, words }))
}
