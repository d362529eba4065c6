//! Categories and tax codes for applications.

use axum::extract::State;
use edge::{App, Created, Json, List, May, Path, Problem, Reader};
use http::StatusCode;
use serde::Deserialize;

use super::{Read, Write};
use crate::{Category, CategoryId, CategoryPath, TaxCode, category, tax};

/// All categories; each follows the one above it.
#[utoipa::path(get, path = "/t/{slug}/api/v1/categories", params(("slug" = String, Path)),
    responses((status = 200, description = "All of them.", body = List<Category>)))]
pub async fn categories(State(app): State<App>, reader: Reader) -> Result<Json<List<Category>>, Problem> {
    let items = app.db.read(reader.scope(), category::categories).await?;
    Ok(Json(List { items, next_cursor: None }))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCategory {
    /// `Clothing > Shirts`: what lies above is made, too.
    path: CategoryPath,
}

/// Makes a category.
#[utoipa::path(post, path = "/t/{slug}/api/v1/categories", params(("slug" = String, Path)), request_body = NewCategory,
    responses((status = 201, description = "The category.", body = Category),
        (status = 409, description = "It is there already.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn create_category(
    State(app): State<App>,
    may: May<Write>,
    Json(new): Json<NewCategory>,
) -> Result<Created<Category>, Problem> {
    let made = app.db.write(may.scope(), move |tx| category::create(tx, &new.path)).await?;
    Ok(Created { location: format!("/t/{}/api/v1/categories/{}", may.tenant().slug, made.id), body: made })
}

#[derive(Deserialize)]
pub struct CategoryAt {
    id: CategoryId,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryName {
    name: String,
}

/// Gives a category another name; those below it follow.
#[utoipa::path(patch, path = "/t/{slug}/api/v1/categories/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    request_body = CategoryName, responses((status = 200, description = "The category.", body = Category),
        (status = 409, description = "Another has this name.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn rename_category(
    State(app): State<App>,
    may: May<Write>,
    Path(at): Path<CategoryAt>,
    Json(wish): Json<CategoryName>,
) -> Result<Json<Category>, Problem> {
    let renamed = app.db.write(may.scope(), move |tx| category::rename(tx, at.id, &wish.name)).await?;
    Ok(Json(renamed))
}

/// Removes a category that holds no others; its products stay.
#[utoipa::path(delete, path = "/t/{slug}/api/v1/categories/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 204, description = "It is gone."),
        (status = 409, description = "It holds others.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn remove_category(
    State(app): State<App>,
    may: May<Write>,
    Path(at): Path<CategoryAt>,
) -> Result<StatusCode, Problem> {
    app.db.write(may.scope(), move |tx| category::remove(tx, at.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// All tax codes with all their rates.
#[utoipa::path(get, path = "/t/{slug}/api/v1/tax-codes", params(("slug" = String, Path)),
    responses((status = 200, description = "All of them.", body = List<TaxCode>)))]
pub async fn tax_codes(State(app): State<App>, may: May<Read>) -> Result<Json<List<TaxCode>>, Problem> {
    let items = app.db.read(may.scope(), tax::tax_codes).await?;
    Ok(Json(List { items, next_cursor: None }))
}

/// Makes a tax code, or gives the one of this name other rates.
#[utoipa::path(post, path = "/t/{slug}/api/v1/tax-codes", params(("slug" = String, Path)), request_body = TaxCode,
    responses((status = 201, description = "The tax code.", body = TaxCode)))]
pub async fn put_tax_code(
    State(app): State<App>,
    may: May<Write>,
    Json(code): Json<TaxCode>,
) -> Result<Created<TaxCode>, Problem> {
    let written = code.clone();
    app.db.write(may.scope(), move |tx| tax::put_tax_code(tx, &code)).await?;
    Ok(Created { location: format!("/t/{}/api/v1/tax-codes", may.tenant().slug), body: written })
}
