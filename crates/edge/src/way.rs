//! The way in and out around all routes: arrival, own hosts, assets; then problems written for their reader, headers,
//! the log's line, metrics. A panic in a handler is a problem like another.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use axum::{
    Router,
    extract::Request,
    response::{IntoResponse, Response},
};
use base::Language;
use base64::Engine;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use crate::{
    App, Problem, RouteRule, Site,
    arrival::{Arrival, Host, Peer},
    assets, cookies, frame,
    guard::{accepted_language, chosen_language, header_text, kept_language, slug_in},
    problem::Said,
};

/// Hosts beside our own that a page's forms may lead to, such as a payment provider's: an extension of the response.
#[derive(Debug, Clone, Default)]
pub struct FormTargets(pub Vec<String>);

/// The one style element of a page: the policy allows exactly these bytes. An extension of the response.
#[derive(Debug, Clone)]
pub struct InlineStyle(pub String);

/// Origins that may show a page in a frame of theirs, and origins that the page itself shows in frames: an extension of the
/// response.
#[derive(Debug, Clone, Default)]
pub struct Frames {
    pub shown_by: Vec<String>,
    pub shows: Vec<String>,
}

/// Origins of others whose scripts, styles and answers a page needs, such as a captcha's: an extension of the response.
#[derive(Debug, Clone, Default)]
pub struct Guests {
    pub scripts: Vec<String>,
    pub styles: Vec<String>,
    pub answers: Vec<String>,
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub(crate) fn wrap(app: App, inner: Router) -> Router {
    let compressing =
        tower_http::compression::CompressionLayer::new().quality(tower_http::CompressionLevel::Fastest);
    Router::new()
        .fallback(move |request: Request| {
            let (app, inner) = (app.clone(), inner.clone());
            async move { travel(app, inner, request).await }
        })
        .layer(compressing)
}

async fn travel(app: App, inner: Router, mut request: Request) -> Response {
    let began = Instant::now();
    let asked = Asked::of(&app, &request);
    let peer = request.extensions().get::<Peer>().copied();
    let arrival = match Arrival::of(&app, request.uri(), request.headers(), peer).await {
        Ok(arrival) => Arc::new(arrival),
        Err(problem) => return problem.into_response(),
    };
    let mut response = if arrival.path.starts_with("/assets/") && !matches!(arrival.serves, Host::Unknown) {
        assets::serve(&arrival.path, header_text(request.headers(), header::ACCEPT_ENCODING))
    } else {
        if let Some(path) = arrival.route_path() {
            *request.uri_mut() = with_path(request.uri(), &path);
        }
        request.extensions_mut().insert(Arc::clone(&arrival));
        answer(inner, request).await
    };
    let said = response.extensions_mut().remove::<Said>();
    let rule = response.extensions().get::<Arc<RouteRule>>().cloned();
    if let Some(Said(problem)) = &said {
        let allowed = response.headers_mut().remove(header::ALLOW);
        response = write(problem, &asked, &arrival, rule.as_deref(), &app.config.operator.name);
        response.headers_mut().extend(allowed.map(|methods| (header::ALLOW, methods)));
    }
    dress(&app, &asked, &arrival, rule.as_deref(), &mut response);
    note(&asked, &arrival, rule.as_deref(), said.as_ref().map(|said| &*said.0), &response, began);
    response
}

async fn answer(inner: Router, request: Request) -> Response {
    match AssertUnwindSafe(inner.oneshot(request)).catch_unwind().await {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(panic) => {
            let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
            let words = words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            Problem::internal(format!("panicked: {words}")).into_response()
        }
    }
}

/// What of the request is still needed when its handler has eaten it.
struct Asked {
    method: Method,
    language: Language,
    chosen: Option<Language>,
    has_flash: bool,
    accept: String,
}

impl Asked {
    fn of(app: &App, request: &Request) -> Self {
        let headers = request.headers();
        let chosen = chosen_language(app, request.uri().query());
        let kept = || kept_language(app, headers);
        let accepted = || accepted_language(header_text(headers, header::ACCEPT_LANGUAGE));
        Self {
            method: request.method().clone(),
            language: chosen.or_else(kept).or_else(accepted).unwrap_or_default(),
            chosen,
            has_flash: cookies::get(app, headers, cookies::FLASH).is_some(),
            accept: header_text(headers, header::ACCEPT).to_owned(),
        }
    }
}

/// A problem for its reader: JSON for machines, a page for people, and the sign-in for who only forgot that.
fn write(
    problem: &Problem,
    asked: &Asked,
    arrival: &Arrival,
    rule: Option<&RouteRule>,
    platform: &str,
) -> Response {
    let machine = match rule {
        Some(rule) => rule.site == Site::Api,
        None => is_api_path(&arrival.path),
    };
    if machine || (asked.accept.contains("json") && !asked.accept.contains("text/html")) {
        return problem.to_json(Some(&arrival.request_id));
    }
    if let Some(to) = problem.sign_in() {
        return crate::redirect(to);
    }
    // in a shop, a closed business is not the visitor's doing
    let problem = match problem.code() {
        "tenant-suspended" => &Problem::suspended(false),
        _ => problem,
    };
    frame::problem_page(problem, asked.language, &arrival.path, &arrival.request_id, platform)
}

fn is_api_path(path: &str) -> bool {
    let rest = slug_in(path).map_or(path, |slug| &path[3 + slug.len()..]);
    rest == "/api" || rest.starts_with("/api/")
}

fn with_path(uri: &Uri, path: &str) -> Uri {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    // made of a path that parsed and a slug, so it parses; if it did not, the router would find nothing at the old one
    format!("{path}{query}").parse().unwrap_or_else(|_| uri.clone())
}

/// What a page needs of its policy beyond the usual.
struct Wishes {
    targets: FormTargets,
    style: Option<InlineStyle>,
    frames: Frames,
    guests: Guests,
    /// Whether the page may start the shop's service worker.
    worker: bool,
}

impl Wishes {
    fn taken_from(response: &mut Response, worker: bool) -> Self {
        let extensions = response.extensions_mut();
        Self {
            targets: extensions.remove().unwrap_or_default(),
            style: extensions.remove(),
            frames: extensions.remove().unwrap_or_default(),
            guests: extensions.remove().unwrap_or_default(),
            worker,
        }
    }
}

/// Headers of every reply.
fn dress(app: &App, asked: &Asked, arrival: &Arrival, rule: Option<&RouteRule>, response: &mut Response) {
    let wishes = Wishes::taken_from(response, rule.is_some_and(|rule| rule.site == Site::Shop));
    let is_page = header_text(response.headers(), header::CONTENT_TYPE).starts_with("text/html");
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&arrival.request_id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // `no-referrer` would make browsers say `Origin: null` with our own forms
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    if app.config.is_production() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000"));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let policy = if is_page {
            page_policy(app, arrival, &wishes)
        } else {
            "default-src 'none'; frame-ancestors 'none'".to_owned()
        };
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
    if !is_page {
        return;
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Some(language) = asked.chosen {
        cookies::set(app, cookies::LANGUAGE, language.code(), 31_536_000).append_to(headers);
    }
    if asked.has_flash && response.status().is_success() {
        cookies::forget(app, cookies::FLASH).append_to(response.headers_mut());
    }
}

/// No inline script, one style whose hash we say, nothing from elsewhere, no framing; images also from where uploads are
/// served. Scripts only from the assets' folder: `'self'` would let an export or upload be one.
fn page_policy(app: &App, arrival: &Arrival, wishes: &Wishes) -> String {
    let origin = arrival.origin();
    let assets = format!("{origin}{}", assets::folder());
    let files = app.config.files_url.as_ref().map(|files| format!(" {files}")).unwrap_or_default();
    let listed = |sources: &[String]| sources.iter().map(|source| format!(" {source}")).collect::<String>();
    let targets = listed(&wishes.targets.0);
    let Guests { scripts, styles, answers } = &wishes.guests;
    let (scripts, styles, answers) = (listed(scripts), listed(styles), listed(answers));
    let style = wishes.style.as_ref().map(|style| format!(" {}", hash_of(&style.0))).unwrap_or_default();
    let shown_by = match wishes.frames.shown_by.as_slice() {
        [] => " 'none'".to_owned(),
        origins => listed(origins),
    };
    let shows = match wishes.frames.shows.as_slice() {
        [] => String::new(),
        origins => format!(" frame-src{};", listed(origins)),
    };
    let worker = if wishes.worker {
        format!(" worker-src {origin}{}/sw.js;", arrival.shop_prefix())
    } else {
        String::new()
    };
    format!(
        "default-src 'none'; script-src {assets}{scripts}; style-src {assets}{style}{styles}; img-src 'self'{files} data:; \
         connect-src 'self'{answers}; \
         manifest-src 'self';{worker}{shows} base-uri 'none'; form-action 'self'{targets}; frame-ancestors{shown_by}"
    )
}

/// `'sha256-…'`, as a policy names bytes.
fn hash_of(style: &str) -> String {
    let digest = Sha256::digest(style.as_bytes());
    format!("'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(digest))
}

/// One line for each request: the path's template and never its query.
fn note(
    asked: &Asked,
    arrival: &Arrival,
    rule: Option<&RouteRule>,
    problem: Option<&Problem>,
    response: &Response,
    began: Instant,
) {
    let status = response.status();
    let path = rule
        .map_or(if arrival.path.starts_with("/assets/") { "/assets" } else { "(none)" }, |rule| &rule.path);
    let elapsed = began.elapsed();
    let labels = [
        ("path", path.to_owned()),
        ("method", known_method(&asked.method).to_owned()),
        ("status", status.as_u16().to_string()),
    ];
    metrics::histogram!("http_request_duration_seconds", &labels).record(elapsed.as_secs_f64());
    let tenant = arrival.tenant.get().map_or("", String::as_str);
    let (code, cause) =
        problem.map_or(("", ""), |problem| (problem.code(), problem.cause().unwrap_or_default()));
    let cause = scrubbed(cause);
    let (id, method, code_of_status) = (&arrival.request_id, asked.method.as_str(), status.as_u16());
    let ms = elapsed.as_secs_f64() * 1000.0;
    match status {
        status if status.is_server_error() && code != "tenant-suspended" && code != "tenant-waiting" => {
            tracing::error!(request.id = %id, tenant.slug = tenant, method, path, status = code_of_status, ms, code, cause, "request failed");
        }
        _ => {
            tracing::info!(request.id = %id, tenant.slug = tenant, method, path, status = code_of_status, ms, code, cause, "request")
        }
    }
}

/// Methods are the caller's words; unknown ones would make labels without end.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// A cause without what looks like a key or token, and not without end.
pub(crate) fn scrubbed(cause: &str) -> String {
    let secret = |word: &str| {
        let bare = word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
        ["sk_", "pk_", "whsec_", "Bearer"].iter().any(|start| bare.starts_with(start))
            || (bare.len() >= 32 && bare.chars().any(|letter| letter.is_ascii_digit()))
    };
    let words: Vec<&str> =
        cause.split_whitespace().map(|word| if secret(word) { "[removed]" } else { word }).collect();
    words.join(" ").chars().take(500).collect()
}

/// The headers that a room's file download sends: never shown in the page's place, never sniffed, never run.
pub fn attachment(name: &str, kind: &'static str) -> HeaderMap {
    let mut headers = file("attachment", name, kind);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    headers
}

/// The headers of a PDF that the browser shows: kept by nobody, found by no search. Browsers do not show a PDF in a sandbox,
/// and some show it as an object of itself.
pub fn shown_pdf(name: &str) -> HeaderMap {
    let mut headers = file("inline", name, "application/pdf");
    let policy = "default-src 'none'; object-src 'self'; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    headers
}

fn file(disposition: &str, name: &str, kind: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let plain: String =
        name.chars().filter(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(*letter)).collect();
    if let Ok(line) = HeaderValue::from_str(&format!("{disposition}; filename=\"{plain}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, line);
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_tokens_never_reach_the_log() {
        let scrubbed =
            scrubbed("key 'sk_live_abc' failed with token 0123456789abcdef0123456789abcdef at line 7");
        assert_eq!(scrubbed, "key [removed] failed with token [removed] at line 7");
    }

    #[test]
    fn problems_below_api_are_for_machines() {
        for path in ["/api/login", "/t/boulangerie/api/v1/orders", "/t/boulangerie/api"] {
            assert!(is_api_path(path), "{path}");
        }
        for path in ["/", "/t/boulangerie/", "/t/boulangerie/products/api", "/apish"] {
            assert!(!is_api_path(path), "{path}");
        }
    }
}
