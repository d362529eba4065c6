//! Routes of the operator's console.

use axum::{extract::State, response::Response};
use db::{Actor, Scope};
use edge::{App, Form, Operator, Page, Path, Problem, Routes, Site};
use http::Method;
use serde::Deserialize;

use super::pages::TenantsPage;
use crate::{Error, tenants};

pub fn routes() -> Routes {
    Routes::new().page(Site::Office, "/operator", Method::GET, tenants_page).page(
        Site::Office,
        "/operator/tenants/{slug}",
        Method::POST,
        change_tenant,
    )
}

async fn tenants_page(State(app): State<App>, operator: Operator) -> Result<Page<TenantsPage>, Problem> {
    let tenants = app.db.tenants().await?;
    Ok(Page(TenantsPage { tenants, frame: operator.titled("operator-title") }))
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
