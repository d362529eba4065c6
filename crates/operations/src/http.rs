//! Routes of operations: the operator's console, and those of its parts.

use axum::{extract::State, response::Response};
use db::{Actor, Scope};
use edge::{App, Form, Operator, Page, Path, Problem, Routes, Site};
use http::Method;
use serde::Deserialize;

use crate::{Error, pages::OperatorPage, tenants};

pub fn routes() -> Routes {
    Routes::new()
        .page(Site::Office, "/operator", Method::GET, operator_page)
        .page(Site::Office, "/operator/tenants/{slug}", Method::POST, change_tenant)
        .merge(crate::site::routes())
        .merge(crate::sign_up::routes())
        .merge(crate::home::routes())
        .merge(crate::books::routes())
        .merge(crate::audit::routes())
        .words(crate::LOCALES)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NoSuchTenant(_) => Self::not_found("tenant-unknown", error),
            Error::NoSuchAccount(_) => Self::not_found("account-unknown", error),
            Error::ManyAccounts(..) => Self::conflict("accounts-many", error),
            Error::WrongState { .. } => Self::conflict("tenant-state", error),
            Error::SignUpClosed => Self::forbidden("signup-closed", error),
            Error::Field { field, message } => {
                Self::unprocessable("input-malformed", &message).field(field, message)
            }
            Error::File(_) => Self::internal(error),
            Error::People(cause) => cause.into(),
            Error::Catalog(cause) => cause.into(),
            Error::Stock(cause) => cause.into(),
            Error::Orders(cause) => cause.into(),
            Error::Payments(cause) => cause.into(),
            Error::Hashing(people::hashing::HashError::Busy) => Self::too_many(2),
            Error::Hashing(cause) => Self::internal(cause),
            Error::Ledger(cause) => Self::internal(cause),
            Error::Db(cause) => cause.into(),
        }
    }
}

async fn operator_page(State(app): State<App>, operator: Operator) -> Result<Page<OperatorPage>, Problem> {
    let tenants = app.db.tenants().await?;
    Ok(Page(OperatorPage { tenants, frame: operator.titled("operator-title") }))
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Change {
    Suspend,
    Resume,
    Approve,
}

#[derive(Debug, Deserialize)]
struct ChangeForm {
    action: Change,
}

async fn change_tenant(
    State(app): State<App>,
    operator: Operator,
    Path(slug): Path<String>,
    Form(form): Form<ChangeForm>,
) -> Result<Response, Problem> {
    let tenant = app.db.tenant_by_slug(&slug).await?.ok_or(Error::NoSuchTenant(slug))?;
    let actor = Actor::new(format!("operator:{}", operator.session().account));
    let scope = Scope { tenant: tenant.id, actor, origin: operator.origin(), reach: db::Reach::Everywhere };
    match form.action {
        Change::Suspend => tenants::suspend(&app.db, scope).await?,
        Change::Resume => tenants::resume(&app.db, scope).await?,
        Change::Approve => tenants::approve(&app.db, scope).await?,
    }
    Ok(edge::flash(&app, "/operator", "operator-done"))
}
