//! What a customer told staff of being written to.

use axum::{extract::State, response::Response};
use base::TextError;
use edge::{App, Form, Json, May, Path, Problem, flash};
use serde::Deserialize;

use super::{
    Write,
    api::{CustomerView, one},
    office::CustomerPathOf,
};
use crate::{consent, model::ConsentWords, pages::customer_path};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ConsentForm {
    given: String,
    words: String,
}

fn malformed(error: &TextError) -> Problem {
    Problem::unprocessable("input-malformed", error).field("words", error)
}

pub async fn tell(
    State(app): State<App>,
    may: May<Write>,
    Path(CustomerPathOf { id }): Path<CustomerPathOf>,
    Form(form): Form<ConsentForm>,
) -> Result<Response, Problem> {
    let words: ConsentWords = form.words.parse().map_err(|error| malformed(&error))?;
    let given = form.given == "1";
    if given && words.as_str().is_empty() {
        return Err(malformed(&TextError::Empty));
    }
    app.db.write(may.scope(), move |tx| consent::tell(tx, id, given, &words)).await?;
    let back = format!("{}#consent", customer_path(&may.tenant().slug, id));
    Ok(flash(&app, &back, "customers-flash-consent"))
}

/// What a customer agrees to, or takes back.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CustomerConsent)]
pub struct ConsentOrder {
    given: bool,
    /// To what; needed where it is given.
    #[serde(default)]
    #[schema(value_type = String)]
    words: ConsentWords,
}

/// Says that a customer agrees to be written to, or does not any more. Said twice in the same words, it is written down once.
#[utoipa::path(put, path = "/t/{slug}/api/v1/customers/{id}/consent", operation_id = "tell_consent",
    params(("slug" = String, Path), ("id" = String, Path)), request_body = ConsentOrder,
    responses((status = 200, description = "The customer.", body = CustomerView),
        (status = 409, description = "It was changed in between.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn put(
    State(app): State<App>,
    may: May<Write>,
    Path(CustomerPathOf { id }): Path<CustomerPathOf>,
    Json(order): Json<ConsentOrder>,
) -> Result<Json<CustomerView>, Problem> {
    // whether the customer is there comes first: a stranger learns nothing from what is wrong with a request
    one(&app, &may, id).await?;
    if order.given && order.words.as_str().is_empty() {
        return Err(malformed(&TextError::Empty));
    }
    app.db.write(may.scope(), move |tx| consent::tell(tx, id, order.given, &order.words)).await?;
    one(&app, &may, id).await.map(Json)
}
