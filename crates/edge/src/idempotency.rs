//! Money POSTs that may be sent again: the reply is kept in the same transaction as the change, 30 days, per tenant,
//! actor and route.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use db::{Tx, sql};
use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{App, Problem, Visit};

/// The caller's name for this request, from `Idempotency-Key`; none if it sent none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey(pub Option<String>);

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAY: HeaderName = HeaderName::from_static("idempotent-replay");
const LONGEST: usize = 255;
const KEPT_S: i64 = 30 * 24 * 3600;

impl FromRequestParts<App> for RequestKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let Some(sent) = parts.headers.get(KEY) else { return Ok(Self(None)) };
        let readable = sent.to_str().ok().filter(|key| !key.is_empty() && key.len() <= LONGEST);
        let key = readable.ok_or_else(|| {
            Problem::bad_request(
                "idempotency-key-malformed",
                format!("Idempotency-Key has 1 to {LONGEST} visible ASCII characters."),
            )
        })?;
        Ok(Self(Some(key.to_owned())))
    }
}

/// What a route answers, in a form that can be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub status: StatusCode,
    pub json: serde_json::Value,
    /// Where the new thing is, if one was made.
    pub location: Option<String>,
    /// The id of what was made, if `json` holds a secret: it is never kept, and a repeat is 409 with this id.
    pub secret: Option<String>,
}

impl Reply {
    pub fn ok(body: &impl Serialize) -> Result<Self, Problem> {
        let json = serde_json::to_value(body).map_err(Problem::internal)?;
        Ok(Self { status: StatusCode::OK, json, location: None, secret: None })
    }

    pub fn created(location: impl Into<String>, body: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self { status: StatusCode::CREATED, location: Some(location.into()), ..Self::ok(body)? })
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = (self.status, crate::Json(self.json)).into_response();
        if let Some(location) = self.location.and_then(|location| HeaderValue::from_str(&location).ok()) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

/// The fingerprint of a request: the path's parameters are part of the path, so body (as parsed) and query are enough.
pub fn fingerprint(parts: &impl Serialize) -> [u8; 32] {
    Sha256::digest(serde_json::to_vec(parts).unwrap_or_default()).into()
}

/// What a key stands for.
#[derive(Debug, Clone)]
struct Named {
    actor: String,
    route: String,
    key: String,
    fingerprint: [u8; 32],
}

struct Kept {
    fingerprint: Vec<u8>,
    status: i64,
    body: Option<String>,
    thing: Option<String>,
}

enum Outcome {
    Done(Reply),
    Replayed(Kept),
    Reused,
}

/// Does `work` in one write, once for a key: a repeat gets the kept reply. An `Err` of `work` changed nothing and is not
/// kept. Without a key it is an ordinary write.
pub async fn idempotent<E>(
    app: &App,
    visit: &Visit,
    scope: db::Scope,
    key: &RequestKey,
    fingerprint: [u8; 32],
    work: impl Fn(&mut Tx<'_>) -> Result<Reply, E> + Send + 'static,
) -> Result<Response, Problem>
where
    E: From<db::Error> + Into<Problem> + Send + 'static,
{
    let named = key.0.clone().map(|key| Named {
        actor: scope.actor.as_str().to_owned(),
        route: format!("{} {}", visit.rule.method, visit.path()),
        key,
        fingerprint,
    });
    let outcome = app.db.write(scope, move |tx| run(tx, named.as_ref(), &work)).await.map_err(E::into)?;
    match outcome {
        Outcome::Done(reply) => Ok(reply.into_response()),
        Outcome::Reused => Err(Problem::unprocessable(
            "idempotency-key-reused",
            "This Idempotency-Key came before with another request. Use a new key for a new request.",
        )),
        Outcome::Replayed(kept) => replay(kept),
    }
}

fn run<E: From<db::Error>>(
    tx: &mut Tx<'_>,
    named: Option<&Named>,
    work: &impl Fn(&mut Tx<'_>) -> Result<Reply, E>,
) -> Result<Outcome, E> {
    let Some(named) = named else { return work(tx).map(Outcome::Done) };
    if let Some(kept) = find(tx, named)? {
        let same = kept.fingerprint == named.fingerprint;
        return Ok(if same { Outcome::Replayed(kept) } else { Outcome::Reused });
    }
    let reply = work(tx)?;
    if !reply.status.is_server_error() {
        keep(tx, named, &reply)?;
    }
    Ok(Outcome::Done(reply))
}

fn replay(kept: Kept) -> Result<Response, Problem> {
    let Some(body) = kept.body else {
        let thing = kept.thing.unwrap_or_default();
        return Err(Problem::conflict(
            "already-done",
            format!("This was done before, and its reply held a secret that is shown once. It made {thing}."),
        ));
    };
    let json: serde_json::Value = serde_json::from_str(&body).map_err(Problem::internal)?;
    let status = u16::try_from(kept.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let reply = Reply { status: status.unwrap_or(StatusCode::OK), json, location: kept.thing, secret: None };
    let mut response = reply.into_response();
    response.headers_mut().insert(REPLAY, HeaderValue::from_static("true"));
    Ok(response)
}

fn find(tx: &mut Tx<'_>, named: &Named) -> Result<Option<Kept>, db::Error> {
    let since = tx.now().plus_s(-KEPT_S);
    tx.row(
        sql!(
            "select fingerprint, status, body, thing from idempotency \
             where tenant_id = $1 and actor = $2 and route = $3 and request_key = $4 and created_at > $5"
        ),
        (&named.actor, &named.route, &named.key, since),
        |row| {
            Ok(Kept { fingerprint: row.get(0)?, status: row.get(1)?, body: row.get(2)?, thing: row.get(3)? })
        },
    )
}

fn keep(tx: &mut Tx<'_>, named: &Named, reply: &Reply) -> Result<(), db::Error> {
    let now = tx.now();
    let body = reply.secret.is_none().then(|| reply.json.to_string());
    let thing = reply.secret.clone().or_else(|| reply.location.clone());
    // an outdated row under the same key makes room
    tx.put(
        sql!(
            "insert into idempotency (tenant_id, actor, route, request_key, fingerprint, status, body, thing, created_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             on conflict (tenant_id, actor, route, request_key) do update set \
             fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, thing = excluded.thing, \
             created_at = excluded.created_at"
        ),
        (
            &named.actor,
            &named.route,
            &named.key,
            named.fingerprint.to_vec(),
            i64::from(reply.status.as_u16()),
            body,
            thing,
            now,
        ),
    )
}

/// Forgets replies older than 30 days; a daily job of each tenant calls it.
pub fn forget_old(tx: &mut Tx<'_>) -> Result<u64, db::Error> {
    let before = tx.now().plus_s(-KEPT_S);
    tx.run(sql!("delete from idempotency where tenant_id = $1 and created_at <= $2"), (before,))
}
