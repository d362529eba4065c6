//! Who may call a route, as the second argument of its handler. Only a guard hands out the scope that writes need.

mod visit;

use std::{marker::PhantomData, ops::Deref, sync::Arc};

use axum::extract::FromRequestParts;
use db::{Reach, Tenant};
use http::{HeaderMap, Method, header, request::Parts};

pub use visit::Visit;
pub(crate) use visit::{accepted_language, chosen_language, header_text, kept_language, no_tenant, slug_in};

use crate::{Access, App, Key, Problem, Session, Site, Standing, cookies, csrf, gate::SentToken};

/// What a member or key may be allowed: `area.action`. Made by `permission!`.
pub trait Permission: Send + Sync + 'static {
    const NAME: &'static str;
}

/// Declares a permission: `permission!(/** Give money back. */ pub Refund = "orders.refund");`
#[macro_export]
macro_rules! permission {
    ($(#[$doc:meta])* $visibility:vis $name:ident = $text:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        $visibility enum $name {}

        impl $crate::Permission for $name {
            const NAME: &'static str = $text;
        }
    };
}

/// A first look at a request, which lets it pass or answers it.
pub trait Guard: FromRequestParts<App, Rejection = Problem> + Send {
    const ACCESS: Access;
}

/// A member (office) or key (api) that holds `P` in the tenant of the path.
pub struct May<P> {
    visit: Visit,
    tenant: Arc<Tenant>,
    standing: Arc<Standing>,
    reach: Reach,
    permission: PhantomData<fn() -> P>,
}

/// Anybody in a tenant's shop.
pub struct Visitor {
    visit: Visit,
    tenant: Arc<Tenant>,
}

/// Whoever holds any key of the tenant, also a publishable one: what the shop shows to all.
pub struct Reader {
    visit: Visit,
    tenant: Arc<Tenant>,
    actor: db::Actor,
}

/// A payment provider that calls back. The handler proves what it says.
pub struct Callback {
    visit: Visit,
    tenant: Arc<Tenant>,
}

/// A signed-in account: by cookie in the office, by bearer token on the api.
pub struct SignedIn {
    visit: Visit,
    session: Arc<Session>,
}

/// Who runs the platform.
pub struct Operator {
    visit: Visit,
    session: Arc<Session>,
}

/// Anybody, and no tenant.
pub struct Anyone {
    visit: Visit,
}

impl<P: Permission> Guard for May<P> {
    const ACCESS: Access = Access::Member(P::NAME);
}

impl<P: Permission> FromRequestParts<App> for May<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let visit = tenant_caller(parts, app).await?;
        let tenant = visit.open_tenant()?;
        let Some(standing) = visit.standing.clone() else { return Err(no_tenant()) };
        let Some(reach) = standing.reach(P::NAME).cloned() else {
            let detail =
                format!("This needs the permission {}. The owner of the business can give it.", P::NAME);
            return Err(Problem::forbidden("not-permitted", detail));
        };
        Ok(Self { visit, tenant, standing, reach, permission: PhantomData })
    }
}

impl<P> May<P> {
    /// The right to work in this tenant's database, in the name of who asked.
    pub fn scope(&self) -> db::Scope {
        let scope = self.visit.scope_as(&self.tenant, self.standing.actor.clone());
        db::Scope { reach: self.reach.clone(), ..scope }
    }

    /// The right to read under another permission that is held as well, as far as that one reaches.
    pub fn scope_for(&self, permission: &str) -> Option<db::Scope> {
        let reach = self.standing.reach(permission)?.clone();
        Some(db::Scope { reach, ..self.scope() })
    }

    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    pub fn actor(&self) -> &db::Actor {
        &self.standing.actor
    }

    /// The person's or key's name, as pages show it.
    pub fn name(&self) -> &str {
        &self.standing.name
    }

    /// Where the permission holds.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Refuses what is to be done at `location` (an id) if the permission does not hold there.
    pub fn reaches(&self, location: &str) -> Result<(), Problem> {
        if self.reach.covers(location) {
            return Ok(());
        }
        Err(Problem::forbidden(
            "not-permitted-here",
            "You may not do this at this location. The owner of the business can allow it.",
        ))
    }

    /// Whether another permission is held as well, somewhere: for what a page offers.
    pub fn may(&self, permission: &str) -> bool {
        self.standing.reach(permission).is_some()
    }

    /// All that is held, for who hands out rights: nobody grants above himself.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }
}

impl Guard for Visitor {
    const ACCESS: Access = Access::Visitor;
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let visit = Visit::begin(parts, app).await?;
        let tenant = visit.open_tenant()?;
        Ok(Self { visit, tenant })
    }
}

impl Visitor {
    pub fn scope(&self) -> db::Scope {
        self.visit.scope_as(&self.tenant, db::Actor::visitor())
    }

    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }
}

impl Guard for Reader {
    const ACCESS: Access = Access::Reader;
}

impl FromRequestParts<App> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let visit = tenant_caller(parts, app).await?;
        let tenant = visit.open_tenant()?;
        let Some(standing) = &visit.standing else { return Err(no_tenant()) };
        let actor = standing.actor.clone();
        Ok(Self { visit, tenant, actor })
    }
}

impl Reader {
    /// Whether the key holds a permission, too: for what it may see beyond the shop.
    pub fn may(&self, permission: &str) -> bool {
        self.visit.standing.as_ref().is_some_and(|standing| standing.reach(permission).is_some())
    }

    pub fn scope(&self) -> db::Scope {
        self.visit.scope_as(&self.tenant, self.actor.clone())
    }

    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }
}

impl Guard for Callback {
    const ACCESS: Access = Access::Callback;
}

impl FromRequestParts<App> for Callback {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let visit = Visit::begin(parts, app).await?;
        let tenant = visit.open_tenant()?;
        Ok(Self { visit, tenant })
    }
}

impl Callback {
    pub fn scope(&self) -> db::Scope {
        self.visit.scope_as(&self.tenant, db::Actor::new("provider"))
    }

    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }
}

impl Guard for SignedIn {
    const ACCESS: Access = Access::SignedIn;
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (visit, session) = account(parts, app).await?;
        Ok(Self { visit, session })
    }
}

impl SignedIn {
    pub fn session(&self) -> &Session {
        &self.session
    }
}

impl Guard for Operator {
    const ACCESS: Access = Access::Operator;
}

impl FromRequestParts<App> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (visit, session) = account(parts, app).await?;
        // a merchant learns nothing of the operator's pages
        if session.operator { Ok(Self { visit, session }) } else { Err(no_tenant()) }
    }
}

impl Operator {
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The right to work in `tenant` in the operator's name, for an operator's command.
    pub fn scope_in(&self, tenant: &Tenant) -> db::Scope {
        self.visit.scope_as(tenant, db::Actor::new(format!("operator:{}", self.session.account)))
    }
}

impl Guard for Anyone {
    const ACCESS: Access = Access::Anyone;
}

impl FromRequestParts<App> for Anyone {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let mut visit = Visit::begin(parts, app).await?;
        if visit.site() == Site::Office {
            visit.session = open_session(app, &parts.headers).await?;
        }
        Ok(Self { visit })
    }
}

impl Anyone {
    /// Who is signed in, if somebody is; in the office only.
    pub fn session(&self) -> Option<&Session> {
        self.visit.session.as_deref()
    }
}

macro_rules! derefs_to_visit {
    ($($guard:ty),*; $generic:ty) => {
        $(impl Deref for $guard {
            type Target = Visit;

            fn deref(&self) -> &Visit {
                &self.visit
            }
        })*

        impl<P> Deref for $generic {
            type Target = Visit;

            fn deref(&self) -> &Visit {
                &self.visit
            }
        }
    };
}
derefs_to_visit!(Visitor, Reader, Callback, SignedIn, Operator, Anyone; May<P>);

/// The caller of a tenant's route with standing found: a member by cookie and token, or a key.
async fn tenant_caller(parts: &Parts, app: &App) -> Result<Visit, Problem> {
    if Site::Api == site_of(parts)? {
        let Some(bearer) = bearer(&parts.headers) else { return Err(no_key()) };
        let mut visit = Visit::begin(parts, app).await?;
        let tenant = visit.tenant.clone().ok_or_else(no_tenant)?;
        visit.standing = match app.doorkeeper.key(bearer, &tenant).await? {
            Key::Holds(standing) => Some(standing),
            Key::Elsewhere => return Err(no_tenant()),
            Key::Unknown => return Err(no_key()),
        };
        return Ok(visit);
    }
    // nobody learns which tenants exist before saying who asks
    let session = needed_session(parts, app).await?;
    let mut visit = Visit::begin(parts, app).await?;
    let tenant = visit.tenant.clone().ok_or_else(no_tenant)?;
    let standing = app.doorkeeper.member(&session, &tenant).await?.ok_or_else(no_tenant)?;
    check_token(parts, app, &session, Some(tenant.id))?;
    visit.session = Some(session);
    visit.standing = Some(standing);
    Ok(visit)
}

/// The signed-in caller of a route without a tenant.
async fn account(parts: &Parts, app: &App) -> Result<(Visit, Arc<Session>), Problem> {
    let session = needed_session(parts, app).await?;
    let mut visit = Visit::begin(parts, app).await?;
    check_token(parts, app, &session, visit.tenant_id())?;
    visit.session = Some(Arc::clone(&session));
    Ok((visit, session))
}

async fn needed_session(parts: &Parts, app: &App) -> Result<Arc<Session>, Problem> {
    let api = site_of(parts)? == Site::Api;
    let found = match bearer(&parts.headers).filter(|_| api) {
        Some(bearer) => app.doorkeeper.session(bearer).await?,
        None if api => None,
        None => open_session(app, &parts.headers).await?,
    };
    found.ok_or_else(|| if api { no_key() } else { sign_in_first(parts) })
}

async fn open_session(app: &App, headers: &HeaderMap) -> Result<Option<Arc<Session>>, Problem> {
    match cookies::session(app, headers) {
        Some(token) => Ok(app.doorkeeper.session(token).await?),
        None => Ok(None),
    }
}

/// Cookies ride along on whatever sends a form: the token says that the form was ours, for this session and tenant.
fn check_token(
    parts: &Parts,
    app: &App,
    session: &Session,
    tenant: Option<db::TenantId>,
) -> Result<(), Problem> {
    if site_of(parts)? == Site::Api || matches!(parts.method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    let sent = parts.extensions.get::<SentToken>();
    if sent.is_some_and(|sent| csrf::is_token(app.csrf_key(), &session.id, tenant, &sent.0)) {
        return Ok(());
    }
    Err(Problem::forbidden(
        "form-outdated",
        "This form is out of date. Go back, reload the page and send it again.",
    ))
}

fn site_of(parts: &Parts) -> Result<Site, Problem> {
    let rule = parts.extensions.get::<Arc<crate::RouteRule>>();
    rule.map(|rule| rule.site).ok_or_else(|| Problem::internal("a route outside of the edge's table"))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let line = header_text(headers, header::AUTHORIZATION);
    let (scheme, token) = line.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Some(token.trim()).filter(|token| !token.is_empty())
    } else {
        None
    }
}

fn no_key() -> Problem {
    Problem::unauthorised(
        "key-missing",
        "Send a key of this business that is still valid: Authorization: Bearer sk_live_…",
    )
}

/// Where people sign in; `people` serves it.
pub const SIGN_IN: &str = "/sign-in";

fn sign_in_first(parts: &Parts) -> Problem {
    let problem = Problem::unauthorised("sign-in-needed", "Sign in first.");
    if parts.method != Method::GET {
        return problem;
    }
    let path = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let to = percent_encoding::utf8_percent_encode(path, percent_encoding::NON_ALPHANUMERIC);
    problem.or_sign_in(format!("{SIGN_IN}?to={to}"))
}
