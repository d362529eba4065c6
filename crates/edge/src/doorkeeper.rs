//! Who stands at the door. The edge knows no people: it asks, and `people` answers.

use std::sync::Arc;

use db::{Reach, Tenant};
use futures_util::future::BoxFuture;

/// Answers who a request is from. Asked on every request, so answers come from memory where they can; what is ended,
/// revoked or suspended must show within a second.
pub trait Doorkeeper: Send + Sync + 'static {
    /// The tenant whose own host this is (in small letters, without a port).
    fn own_host<'a>(&'a self, _host: &'a str) -> Asked<'a, Option<db::TenantId>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// The session that a cookie (or, on the api, a bearer token) names, if it is still open.
    fn session<'a>(&'a self, token: &'a str) -> Asked<'a, Option<Arc<Session>>>;

    /// What the session's account may do in `tenant`; none for who is no member, or suspended.
    fn member<'a>(&'a self, session: &'a Session, tenant: &'a Tenant) -> Asked<'a, Option<Arc<Standing>>>;

    /// What a bearer key may do in `tenant`.
    fn key<'a>(&'a self, bearer: &'a str, tenant: &'a Tenant) -> Asked<'a, Key>;
}

/// An answer to be awaited.
pub type Asked<'a, T> = BoxFuture<'a, Result<T, db::Error>>;

/// An open sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The public id (`ses_…`), never the token.
    pub id: String,
    /// `acct_…`
    pub account: String,
    /// How pages address the person.
    pub name: String,
    /// May use `/operator`.
    pub operator: bool,
}

/// What a member or key may do in one tenant.
#[derive(Debug, Clone)]
pub struct Standing {
    pub actor: db::Actor,
    pub name: String,
    /// Each permission at most once. A publishable key (`pk_…`) has none.
    pub grants: Vec<Grant>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// `area.action`
    pub permission: &'static str,
    pub reach: Reach,
}

/// What a bearer key is here.
#[derive(Debug, Clone)]
pub enum Key {
    Holds(Arc<Standing>),
    /// Good, but for another tenant: answered as if this one did not exist.
    Elsewhere,
    /// Unknown, expired or revoked.
    Unknown,
}

impl Standing {
    /// Where `permission` holds, if anywhere.
    pub fn reach(&self, permission: &str) -> Option<&Reach> {
        self.grants.iter().find(|grant| grant.permission == permission).map(|grant| &grant.reach)
    }
}
