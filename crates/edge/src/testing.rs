//! For the tests of rooms: a door with known sessions and keys, and requests without a socket.

use std::{collections::HashMap, sync::Arc};

use axum::{Router, body::Body};
use db::{Reach, Tenant, TenantId};
use http::{HeaderMap, Request, StatusCode};
use parking_lot::RwLock;
use tower::ServiceExt;

use crate::{Asked, Doorkeeper, Grant, Key, Session, Standing};

/// A doorkeeper that knows what a test told it.
#[derive(Default)]
pub struct Door(RwLock<Known>);

#[derive(Default)]
struct Known {
    sessions: HashMap<String, Arc<Session>>,
    members: HashMap<(String, TenantId), Arc<Standing>>,
    keys: HashMap<String, (TenantId, Arc<Standing>)>,
    hosts: HashMap<String, TenantId>,
}

impl Door {
    /// `token` signs in `account`.
    pub fn sign_in(&self, token: &str, account: &str) {
        let session = Session {
            id: format!("ses_{token}"),
            account: account.to_owned(),
            name: account.to_owned(),
            operator: account == "acct_operator",
        };
        self.0.write().sessions.insert(token.to_owned(), Arc::new(session));
    }

    pub fn member(&self, account: &str, tenant: TenantId, permissions: &[&'static str]) {
        let standing = standing(&format!("member:{account}"), permissions);
        self.0.write().members.insert((account.to_owned(), tenant), standing);
    }

    pub fn key(&self, bearer: &str, tenant: TenantId, permissions: &[&'static str]) {
        self.0
            .write()
            .keys
            .insert(bearer.to_owned(), (tenant, standing(&format!("key:{bearer}"), permissions)));
    }

    pub fn host(&self, host: &str, tenant: TenantId) {
        self.0.write().hosts.insert(host.to_owned(), tenant);
    }
}

fn standing(actor: &str, permissions: &[&'static str]) -> Arc<Standing> {
    let grants = permissions.iter().map(|permission| Grant { permission, reach: Reach::Everywhere });
    Arc::new(Standing { actor: db::Actor::new(actor), name: actor.to_owned(), grants: grants.collect() })
}

fn now<'a, T: Send + 'a>(answer: T) -> Asked<'a, T> {
    Box::pin(std::future::ready(Ok(answer)))
}

impl Doorkeeper for Door {
    fn own_host<'a>(&'a self, host: &'a str) -> Asked<'a, Option<TenantId>> {
        now(self.0.read().hosts.get(host).copied())
    }

    fn session<'a>(&'a self, token: &'a str) -> Asked<'a, Option<Arc<Session>>> {
        now(self.0.read().sessions.get(token).cloned())
    }

    fn member<'a>(&'a self, session: &'a Session, tenant: &'a Tenant) -> Asked<'a, Option<Arc<Standing>>> {
        now(self.0.read().members.get(&(session.account.clone(), tenant.id)).cloned())
    }

    fn key<'a>(&'a self, bearer: &'a str, tenant: &'a Tenant) -> Asked<'a, Key> {
        now(match self.0.read().keys.get(bearer) {
            Some((home, standing)) if *home == tenant.id => Key::Holds(Arc::clone(standing)),
            Some(_) => Key::Elsewhere,
            None => Key::Unknown,
        })
    }
}

/// A reply, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    /// The body, where it is no text.
    pub bytes: bytes::Bytes,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The token in the page's form.
    pub fn csrf(&self) -> String {
        let field = self.body.split("name=\"csrf\" value=\"").nth(1);
        field.and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
    }
}

/// Sends one request through `router`: `ask(&router, "POST", "http://localhost/t/a/", &[("origin", "…")], "body")`.
pub async fn ask(
    router: &Router,
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: impl AsRef<[u8]>,
) -> Answer {
    let (host, path) =
        url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).unwrap_or(("localhost", ""));
    let mut request = Request::builder().method(method).uri(format!("/{path}")).header("host", host);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.as_ref().to_vec())).unwrap_or_default();
    let response = match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8_lossy(&bytes).into_owned(),
        bytes,
    }
}
