//! What is left on a card, for whoever knows its code. Whose it is never shows.

use axum::extract::State;
use base::Code;
use edge::{App, Json, Problem, Visitor};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{book, model::Standing};

/// Asks about a card.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskBalance {
    #[schema(value_type = String)]
    code: Code,
}

/// What is left on a gift card, for whoever knows its code.
///
/// No key is asked for. One address may try 12 codes an hour.
#[utoipa::path(post, path = "/t/{slug}/api/v1/gift-card-balance", tag = "gift cards", request_body = AskBalance,
    params(("slug" = String, Path)), responses((status = 200, description = "How it stands.", body = Standing)))]
pub async fn balance(
    State(app): State<App>,
    visitor: Visitor,
    Json(asked): Json<AskBalance>,
) -> Result<Json<Standing>, Problem> {
    orders::count_try(&app, &visitor)?;
    let work = move |rx: &mut db::Rx<'_>| book::standing(rx, &asked.code);
    Ok(Json(app.db.read(visitor.scope(), work).await?))
}
