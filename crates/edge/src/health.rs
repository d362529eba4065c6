//! What monitors ask: alive, ready, and numbers. Names and latencies are for who holds the token, or asks from loopback.

use std::{
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use futures_util::future::BoxFuture;
use http::{Method, StatusCode, header};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde_json::{Value, json};

use crate::{Anyone, App, Json, Problem, Routes, Site, guard::header_text};

/// A service that readiness depends on.
#[derive(Clone)]
pub(crate) struct Probe {
    pub name: &'static str,
    pub ask: Arc<Ask>,
}

pub(crate) type Ask = dyn Fn(App) -> BoxFuture<'static, Result<(), String>> + Send + Sync;

/// A service that says nothing for so long is not ready.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) fn routes() -> Routes {
    Routes::new()
        .page(Site::Api, "/healthz", Method::GET, healthz)
        .anywhere()
        .page(Site::Api, "/health", Method::GET, health)
        .anywhere()
        .page(Site::Api, "/health/live", Method::GET, health)
        .anywhere()
        .page(Site::Api, "/health/ready", Method::GET, ready)
        .anywhere()
        .page(Site::Api, "/metrics", Method::GET, metrics)
        .anywhere()
}

async fn healthz(State(_): State<App>, _: Anyone) -> Json<Value> {
    Json(json!({"ok": true}))
}

async fn health(State(app): State<App>, _: Anyone) -> Json<Value> {
    Json(
        json!({"status": "healthy", "version": env!("CARGO_PKG_VERSION"), "timestamp": app.now().to_string()}),
    )
}

async fn ready(State(app): State<App>, anyone: Anyone, headers: http::HeaderMap) -> Response {
    let mut services = serde_json::Map::new();
    let mut all_stand = true;
    let database = Probe { name: "database", ask: Arc::new(|app| Box::pin(ask_database(app))) };
    for probe in std::iter::once(&database).chain(app.probes()) {
        let began = Instant::now();
        let answer = tokio::time::timeout(PATIENCE, (probe.ask)(app.clone())).await;
        let latency = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let stands = matches!(answer, Ok(Ok(())));
        if let Ok(Err(cause)) = answer {
            tracing::warn!(
                service = probe.name,
                cause = crate::way::scrubbed(&cause),
                "a service is not ready"
            );
        }
        all_stand &= stands;
        let status = if stands { "healthy" } else { "unhealthy" };
        services.insert(probe.name.to_owned(), json!({"status": status, "latency": latency}));
    }
    let mut body = json!({"status": if all_stand { "healthy" } else { "unhealthy" }, "timestamp": app.now().to_string()});
    if anyone.address().is_loopback() || holds_token(&app, &headers) {
        body["services"] = Value::Object(services);
    }
    let status = if all_stand { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(body)).into_response()
}

async fn ask_database(app: App) -> Result<(), String> {
    let asked = app.db.directory().read(|_| Ok::<_, db::Error>(())).await;
    asked.map_err(|error| error.to_string())
}

async fn metrics(State(app): State<App>, _: Anyone, headers: http::HeaderMap) -> Result<Response, Problem> {
    let open = !app.config.is_production() && app.config.metrics_token.is_none();
    if !open && !holds_token(&app, &headers) {
        return Err(Problem::unauthorised("token-needed", "Send METRICS_TOKEN as a bearer token."));
    }
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    let text = numbers(&app);
    Ok((kind, text).into_response())
}

fn holds_token(app: &App, headers: &http::HeaderMap) -> bool {
    let sent = header_text(headers, header::AUTHORIZATION).strip_prefix("Bearer ").unwrap_or_default();
    app.config.metrics_token.as_ref().is_some_and(|token| token.is(sent))
}

/// All numbers of this process as Prometheus reads them, those that are looked up at the moment of asking included.
pub fn numbers(app: &App) -> String {
    let load = app.db.load();
    metrics::counter!("commits_total").absolute(load.commits);
    metrics::gauge!("tenants_open").set(load.open_tenants as f64);
    metrics::gauge!("database_connections").set(load.connections as f64);
    if let Some(bytes) = resident_bytes() {
        metrics::gauge!("process_resident_memory_bytes").set(bytes as f64);
    }
    PROMETHEUS.as_ref().map(PrometheusHandle::render).unwrap_or_default()
}

/// One more of what `name` counts since the start: `sign_ins_refused_total`.
pub fn count(name: &'static str) {
    metrics::counter!(name).increment(1);
}

/// Says how much `name` is at the moment: `jobs_failed`.
pub fn measure(name: &'static str, value: f64) {
    metrics::gauge!(name).set(value);
}

/// What the process takes of the machine's memory; none where the system does not say.
fn resident_bytes() -> Option<u64> {
    const PAGE_BYTES: u64 = 4096;
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(pages.split_whitespace().nth(1)?.parse::<u64>().ok()? * PAGE_BYTES)
}

/// One recorder for the process; none if another part of it took the place first.
static PROMETHEUS: LazyLock<Option<PrometheusHandle>> = LazyLock::new(|| {
    let buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
    let builder = PrometheusBuilder::new();
    let builder = builder.set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &buckets).ok()?;
    builder.install_recorder().ok()
});

/// Starts to count. Called once before the first request.
pub(crate) fn begin_counting() {
    LazyLock::force(&PROMETHEUS);
}
