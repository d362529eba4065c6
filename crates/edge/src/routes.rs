//! The table of routes. Who may call one is read from its handler's own type: `async fn(State<App>, guard, …)`; a handler
//! without a guard does not compile.

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    handler::Handler,
    middleware,
    routing::{MethodFilter, MethodRouter},
};
use futures_util::future::BoxFuture;
use http::Method;
use serde::Serialize;

use crate::{
    App, Locale,
    frame::{NavItem, Section},
    gate,
    guard::Guard,
    health::Probe,
    openapi::Document,
    way::wrap,
};

/// Which origin a route belongs to; in production each is another one, and the wrong one answers 404.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Site {
    /// Sign-in, back office, operator, till.
    Office,
    /// Storefronts, also on tenants' own hosts.
    Shop,
    /// Uploads.
    Files,
    /// Bearer keys on any of our hosts; cookies are ignored.
    Api,
}

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// A member or key that holds this permission.
    Member(&'static str),
    /// Whoever visits a tenant's shop.
    Visitor,
    /// Whoever holds any key of the tenant: what is public in the shop.
    Reader,
    /// A signed-in account, in no tenant.
    SignedIn,
    Operator,
    Anyone,
    /// A payment provider; what it says is proven by the handler.
    Callback,
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RouteRule {
    #[serde(serialize_with = "method_text")]
    pub method: Method,
    pub path: String,
    pub site: Site,
    pub access: Access,
    /// Bytes that a body may have.
    pub body_limit: usize,
    /// Answers on any host, as monitors ask by address.
    pub(crate) anywhere: bool,
}

fn method_text<S: serde::Serializer>(method: &Method, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(method.as_str())
}

/// What a room brings to the edge.
#[derive(Default)]
pub struct Routes {
    /// Each with its rule at the same place. A handler's own type ends here: what is laid around it later is one for all.
    routes: Vec<MethodRouter<App>>,
    rules: Vec<RouteRule>,
    words: Vec<Locale>,
    nav: Vec<NavItem>,
    probes: Vec<Probe>,
    document: Document,
    uploads: Vec<usize>,
}

/// A handler whose second argument is a guard; `T` is axum's own tuple of arguments.
#[diagnostic::on_unimplemented(
    message = "a handler is `async fn(State<App>, guard, …)`: its second argument says who may call it"
)]
pub trait Declared<T> {
    fn access() -> Access;
}

macro_rules! declared {
    ($($extractor:ident),*) => {
        impl<F, Fut, M, G, $($extractor,)*> Declared<(M, State<App>, G, $($extractor,)*)> for F
        where
            F: Fn(State<App>, G, $($extractor),*) -> Fut,
            G: Guard,
        {
            fn access() -> Access {
                G::ACCESS
            }
        }
    };
}
declared!();
declared!(T3);
declared!(T3, T4);
declared!(T3, T4, T5);
declared!(T3, T4, T5, T6);
declared!(T3, T4, T5, T6, T7);
declared!(T3, T4, T5, T6, T7, T8);

const BODY_LIMIT: usize = 1 << 20;

impl Routes {
    pub fn new() -> Self {
        Self::default()
    }

    /// A page or form, or a route of the API that the document leaves out.
    pub fn page<H, T>(mut self, site: Site, path: &str, method: Method, handler: H) -> Self
    where
        H: Handler<T, App> + Declared<T>,
        T: 'static,
    {
        let rule = RouteRule {
            method,
            path: path.to_owned(),
            site,
            access: H::access(),
            body_limit: BODY_LIMIT,
            anywhere: false,
        };
        // every method of the table stands in the filter
        if let Ok(filter) = MethodFilter::try_from(rule.method.clone()) {
            self.routes.push(MethodRouter::new().on(filter, handler));
            self.rules.push(rule);
        }
        self
    }

    /// A route of the API, with method and path from its `#[utoipa::path]`: `.api(__path_place, place)`.
    pub fn api<P, H, T>(mut self, _: P, handler: H) -> Self
    where
        P: utoipa::Path + utoipa::__dev::SchemaReferences,
        H: Handler<T, App> + Declared<T>,
        T: 'static,
    {
        let path = P::path();
        let method = self.document.add::<P>(H::access());
        self.page(Site::Api, &path, method, handler)
    }

    /// The route added last takes bodies of up to `UPLOAD_MAX_BYTES` instead of 1 MiB.
    pub fn uploads(mut self) -> Self {
        if let Some(last) = self.rules.len().checked_sub(1) {
            self.uploads.push(last);
        }
        self
    }

    /// The route added last answers on any host: monitors ask by address.
    pub(crate) fn anywhere(mut self) -> Self {
        if let Some(rule) = self.rules.last_mut() {
            rule.anywhere = true;
        }
        self
    }

    /// The room's texts.
    pub fn words(mut self, locale: Locale) -> Self {
        self.words.push(locale);
        self
    }

    /// A page in the back office's navigation: the text `key`, the path below `/t/{slug}/admin`, and the permission
    /// without which it is not shown. The first page of a section is where its entry in the menu leads.
    pub fn nav(
        mut self,
        section: Section,
        key: &'static str,
        path: &'static str,
        permission: &'static str,
    ) -> Self {
        self.nav.push(NavItem { section, key, path, permission: Some(permission), icon: "" });
        self
    }

    /// A page in the menu of the operator's console, with its drawing in `icons.svg`.
    pub fn operator_nav(mut self, icon: &'static str, key: &'static str, path: &'static str) -> Self {
        self.nav.push(NavItem { section: Section::Operator, key, path, permission: None, icon });
        self
    }

    /// A service that `/health/ready` asks; an error is a sentence for the operator.
    pub fn probe(
        mut self,
        name: &'static str,
        ask: impl Fn(App) -> BoxFuture<'static, Result<(), String>> + Send + Sync + 'static,
    ) -> Self {
        self.probes.push(Probe { name, ask: Arc::new(ask) });
        self
    }

    pub fn merge(mut self, other: Self) -> Self {
        let offset = self.rules.len();
        self.routes.extend(other.routes);
        self.rules.extend(other.rules);
        self.words.extend(other.words);
        self.nav.extend(other.nav);
        self.probes.extend(other.probes);
        self.document.merge(other.document);
        self.uploads.extend(other.uploads.into_iter().map(|place| place + offset));
        self
    }

    /// Every route with who may call it.
    pub fn table(&self) -> &[RouteRule] {
        &self.rules
    }

    /// The OpenAPI 3.1 document of what `api` added.
    pub fn openapi(&self) -> utoipa::openapi::OpenApi {
        self.document.draw()
    }

    /// The whole edge around these routes, with health, metrics and the API's document added.
    pub fn into_router(self, app: App) -> Router {
        let mut all = crate::health::routes()
            .merge(crate::openapi::routes())
            .merge(crate::design::routes())
            .merge(self);
        crate::words::register(&all.words);
        for place in &all.uploads {
            all.rules[*place].body_limit = app.config.upload_max_bytes;
        }
        app.furnish(all.document, all.nav, all.probes);
        let mut router = Router::new();
        for (route, rule) in all.routes.into_iter().zip(all.rules) {
            router = router.route(&rule.path.clone(), gated(route, rule));
        }
        let inner = router
            .fallback(gate::nowhere)
            .method_not_allowed_fallback(gate::other_method)
            .with_state(app.clone());
        wrap(app, inner)
    }
}

/// The route behind its gate.
fn gated(route: MethodRouter<App>, rule: RouteRule) -> MethodRouter<App> {
    let limit = DefaultBodyLimit::max(rule.body_limit);
    let rule = Arc::new(rule);
    route
        .route_layer(limit)
        .route_layer(middleware::from_fn(move |request, next| gate::pass(rule.clone(), request, next)))
}
