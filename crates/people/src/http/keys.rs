//! API keys, for people and for applications.

use axum::{extract::State, response::Response};
use base::{Line, Timestamp};
use db::Reach;
use edge::{App, Created, Form, Json, List, May, Page, PageQuery, Path, Problem, flash};
use serde::{Deserialize, Serialize};

use super::{ReadKeys, WriteKeys};
use crate::{
    ApiKey, KeyId, KeyKind, NewKey, keys,
    pages::{KeysPage, NewKeyPage},
};

const SHOWN: u32 = 200;

pub async fn show(State(app): State<App>, may: May<ReadKeys>) -> Result<Page<KeysPage>, Problem> {
    let keys = app.db.read(may.scope(), |rx| keys::list(rx, None, SHOWN)).await?;
    Ok(Page(KeysPage {
        frame: may.frame(edge::text(may.language(), "people-keys", &[])),
        now: app.now(),
        keys,
        may_write: may.may("keys.write"),
        scopes: own_scopes(&may),
    }))
}

/// What the caller may hand on to a key: what holds everywhere.
fn own_scopes<P>(may: &May<P>) -> Vec<String> {
    let grants = may.standing().grants.iter().filter(|grant| grant.reach == Reach::Everywhere);
    grants.map(|grant| grant.permission.to_owned()).collect()
}

async fn make(app: &App, may: &May<WriteKeys>, request: KeyRequest) -> Result<(ApiKey, NewKey), Problem> {
    let scopes = request.scopes.unwrap_or_else(|| own_scopes(may));
    let (tenant, kind, name) = (may.tenant().id, request.kind, request.name);
    let minted = app.db.directory().write(move |dx| keys::mint(dx, tenant, kind, name.clone())).await?;
    let key = minted.limited(scopes, request.expires_at);
    let issued = key.clone();
    let made = app.db.write(may.scope(), move |tx| keys::issue(tx, &issued)).await?;
    crate::changed();
    Ok((made, key))
}

#[derive(Deserialize)]
pub struct KeyForm {
    name: Line<120>,
    kind: KeyKind,
    #[serde(default)]
    scope: Vec<String>,
}

pub async fn create(
    State(app): State<App>,
    may: May<WriteKeys>,
    Form(form): Form<KeyForm>,
) -> Result<Page<NewKeyPage>, Problem> {
    let request = KeyRequest { name: form.name, kind: form.kind, scopes: Some(form.scope), expires_at: None };
    let (made, key) = make(&app, &may, request).await?;
    Ok(Page(NewKeyPage {
        frame: may.frame(edge::text(may.language(), "people-key-made", &[])),
        name: made.name.to_string(),
        secret: key.secret.reveal().to_owned(),
    }))
}

#[derive(Deserialize)]
pub struct KeyPath {
    id: KeyId,
}

pub async fn revoke(
    State(app): State<App>,
    may: May<WriteKeys>,
    Path(KeyPath { id }): Path<KeyPath>,
) -> Result<Response, Problem> {
    app.db.write(may.scope(), move |tx| keys::revoke(tx, id)).await?;
    crate::changed();
    Ok(flash(&app, &format!("/t/{}/admin/keys", may.tenant().slug), "people-key-revoked"))
}

/// Keys, revoked ones too, the newest first.
#[utoipa::path(get, path = "/t/{slug}/api/v1/keys", params(("slug" = String, Path), PageQuery),
    responses((status = 200, description = "A page of keys.", body = List<ApiKey>)))]
pub async fn api_list(
    State(app): State<App>,
    may: May<ReadKeys>,
    edge::Query(page): edge::Query<PageQuery>,
) -> Result<Json<List<ApiKey>>, Problem> {
    let limit = page.limit();
    let before: Option<KeyId> = page.after::<1>()?.and_then(|[id]| id.parse().ok());
    let rows = app.db.read(may.scope(), move |rx| keys::list(rx, before, limit + 1)).await?;
    Ok(Json(List::of(rows, limit, |last| [last.id.to_string()])))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyRequest {
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    name: Line<120>,
    /// `secret`, if left out.
    #[serde(default = "secret")]
    kind: KeyKind,
    /// What it may do: names of permissions, all of the caller's if left out. A public key has none.
    #[serde(default)]
    scopes: Option<Vec<String>>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

const fn secret() -> KeyKind {
    KeyKind::Secret
}

/// A key with its secret, which is shown this once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct KeyReply {
    #[serde(flatten)]
    key: ApiKey,
    secret: String,
}

/// Makes a key.
#[utoipa::path(post, path = "/t/{slug}/api/v1/keys", params(("slug" = String, Path)), request_body = KeyRequest,
    responses((status = 201, description = "The key and its secret.", body = KeyReply)))]
pub async fn api_create(
    State(app): State<App>,
    may: May<WriteKeys>,
    Json(request): Json<KeyRequest>,
) -> Result<Created<KeyReply>, Problem> {
    let (made, key) = make(&app, &may, request).await?;
    let location = format!("/t/{}/api/v1/keys/{}", may.tenant().slug, made.id);
    Ok(Created { location, body: KeyReply { key: made, secret: key.secret.reveal().to_owned() } })
}

/// Revokes a key: it works no more.
#[utoipa::path(delete, path = "/t/{slug}/api/v1/keys/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The key, revoked.", body = ApiKey)))]
pub async fn api_revoke(
    State(app): State<App>,
    may: May<WriteKeys>,
    Path(KeyPath { id }): Path<KeyPath>,
) -> Result<Json<ApiKey>, Problem> {
    let revoked = app.db.write(may.scope(), move |tx| keys::revoke(tx, id)).await?;
    crate::changed();
    Ok(Json(revoked))
}
