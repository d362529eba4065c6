//! The page of the sandbox, where whoever tries a shop out plays the provider.

use axum::{Extension, extract::State, response::Response};
use edge::{App, Form, Page, Path, Problem, Visitor, redirect};
use serde::Deserialize;

use crate::{
    Desk, Error,
    pages::SandboxPage,
    sandbox::{self, ChargeId, Decision, Delivery},
};

pub async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Extension(desk): Extension<Desk>,
    Path((_, id)): Path<(String, ChargeId)>,
) -> Result<Page<SandboxPage>, Problem> {
    refuse_real_money(&app, &visitor, &desk)?;
    let charge = app.db.read(visitor.scope(), move |rx| sandbox::charge(rx, id)).await?;
    let charge = charge.ok_or(Error::UnknownPayment)?;
    let lapsed = charge.state == "open" && charge.expires_at <= app.now();
    let frame = visitor.titled("sandbox-title");
    Ok(Page(SandboxPage {
        action: format!("{}/sandbox/{id}", frame.shop),
        open: charge.state == "open" && !lapsed,
        charge,
        frame,
    }))
}

/// Outside development and test mode there is no sandbox, whatever is in its tables.
fn refuse_real_money(_app: &App, visitor: &Visitor, desk: &Desk) -> Result<(), Problem> {
    if visitor.tenant().test || desk.policy.everywhere { Ok(()) } else { Err(Error::UnknownPayment.into()) }
}

#[derive(Debug, Deserialize)]
pub struct DecisionForm {
    decision: Decision,
    #[serde(default)]
    delivery: Delivery,
}

pub async fn decide(
    State(app): State<App>,
    visitor: Visitor,
    Extension(desk): Extension<Desk>,
    Path((slug, id)): Path<(String, ChargeId)>,
    Form(form): Form<DecisionForm>,
) -> Result<Response, Problem> {
    refuse_real_money(&app, &visitor, &desk)?;
    let decided = app
        .db
        .write(visitor.scope(), move |tx| sandbox::decide(tx, id, form.decision, form.delivery))
        .await?;
    let to = decided.return_url.unwrap_or_else(|| format!("/t/{slug}/sandbox/{id}"));
    Ok(redirect(&to))
}
