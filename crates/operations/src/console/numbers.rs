//! The numbers of `/metrics` as small charts. What Prometheus reads is read here too, every ten seconds, and kept in
//! memory for a day: this process's own numbers, since its start, and nothing to set up for them.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use axum::{Extension, extract::State};
use base::Timestamp;
use edge::{App, Operator, Page, Problem, Query, Routes, Site};
use http::Method;
use parking_lot::RwLock;
use serde::Deserialize;

use super::pages::NumbersPage;

const EVERY: Duration = Duration::from_secs(10);
/// An hour of ten seconds, and a day of five minutes.
const FINE: usize = 360;
const COARSE: usize = 288;
/// Fine steps in a coarse one.
const STEPS: usize = 30;

pub fn routes() -> Routes {
    Routes::new().page(Site::Office, "/operator/numbers", Method::GET, numbers_page).operator_nav(
        "activity",
        "console-numbers",
        "/operator/numbers",
    )
}

/// A number that has a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    Requests,
    Errors,
    Median,
    Slowest,
    Commits,
    OpenTenants,
    Memory,
    CacheHits,
    JobsWaiting,
    JobsFailed,
    SignInsRefused,
    Connections,
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    PerSecond,
    PerMinute,
    Milliseconds,
    Bytes,
    Percent,
    Count,
}

impl Number {
    pub const ALL: [Self; 12] = [
        Self::Requests,
        Self::Errors,
        Self::Median,
        Self::Slowest,
        Self::Commits,
        Self::JobsWaiting,
        Self::JobsFailed,
        Self::SignInsRefused,
        Self::CacheHits,
        Self::Memory,
        Self::OpenTenants,
        Self::Connections,
    ];

    /// The last part of its text's key.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Errors => "errors",
            Self::Median => "median",
            Self::Slowest => "slowest",
            Self::Commits => "commits",
            Self::OpenTenants => "open",
            Self::Memory => "memory",
            Self::CacheHits => "cache",
            Self::JobsWaiting => "waiting",
            Self::JobsFailed => "failed",
            Self::SignInsRefused => "refused",
            Self::Connections => "connections",
        }
    }

    pub const fn unit(self) -> Unit {
        match self {
            Self::Requests | Self::Commits => Unit::PerSecond,
            Self::Errors | Self::SignInsRefused => Unit::PerMinute,
            Self::Median | Self::Slowest => Unit::Milliseconds,
            Self::Memory => Unit::Bytes,
            Self::CacheHits => Unit::Percent,
            Self::OpenTenants | Self::JobsWaiting | Self::JobsFailed | Self::Connections => Unit::Count,
        }
    }

    /// What happened between two readings, or how it stands at the later; nothing where nothing was measured.
    fn between(self, before: &Reading, after: &Reading) -> Option<f64> {
        let seconds =
            after.at.micros().checked_sub(before.at.micros()).filter(|micros| *micros > 0)? as f64 / 1e6;
        let rate = |before: f64, after: f64| Some((after - before).max(0.0) / seconds);
        match self {
            Self::Requests => rate(before.requests, after.requests),
            Self::Errors => rate(before.errors, after.errors).map(|rate| rate * 60.0),
            Self::Median => quantile(0.5, before, after).map(|seconds| seconds * 1000.0),
            Self::Slowest => quantile(0.99, before, after).map(|seconds| seconds * 1000.0),
            Self::Commits => rate(before.commits, after.commits),
            Self::SignInsRefused => rate(before.refused, after.refused).map(|rate| rate * 60.0),
            Self::CacheHits => {
                let (hits, misses) = (after.hits - before.hits, after.misses - before.misses);
                (hits + misses > 0.0).then(|| hits / (hits + misses) * 100.0)
            }
            Self::OpenTenants => Some(after.open_tenants),
            Self::Memory => after.memory,
            Self::JobsWaiting => after.jobs_waiting,
            Self::JobsFailed => after.jobs_failed,
            Self::Connections => Some(after.connections),
        }
    }
}

/// What `/metrics` said at one moment.
#[derive(Debug, Clone, PartialEq)]
struct Reading {
    at: Timestamp,
    requests: f64,
    /// Answers of 500 and above.
    errors: f64,
    /// How many requests took up to so many seconds.
    buckets: Vec<(f64, f64)>,
    commits: f64,
    refused: f64,
    hits: f64,
    misses: f64,
    open_tenants: f64,
    connections: f64,
    memory: Option<f64>,
    jobs_waiting: Option<f64>,
    jobs_failed: Option<f64>,
}

impl Reading {
    /// Reads the lines of `/metrics`: `name{label="value",…} number`.
    fn of(text: &str, at: Timestamp) -> Self {
        let mut reading = Self {
            at,
            requests: 0.0,
            errors: 0.0,
            buckets: Vec::new(),
            commits: 0.0,
            refused: 0.0,
            hits: 0.0,
            misses: 0.0,
            open_tenants: 0.0,
            connections: 0.0,
            memory: None,
            jobs_waiting: None,
            jobs_failed: None,
        };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((series, value)) = line.rsplit_once(' ') else { continue };
            let Ok(value) = value.parse::<f64>() else { continue };
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            match name {
                "http_request_duration_seconds_count" => {
                    reading.requests += value;
                    if label(labels, "status").is_some_and(|status| status.starts_with('5')) {
                        reading.errors += value;
                    }
                }
                "http_request_duration_seconds_bucket" => {
                    let limit = match label(labels, "le") {
                        Some("+Inf") => f64::INFINITY,
                        Some(limit) => limit.parse().unwrap_or(f64::INFINITY),
                        None => continue,
                    };
                    match reading.buckets.iter_mut().find(|(known, _)| *known == limit) {
                        Some((_, count)) => *count += value,
                        None => reading.buckets.push((limit, value)),
                    }
                }
                "commits_total" => reading.commits = value,
                "sign_ins_refused_total" => reading.refused = value,
                "page_cache_hits_total" => reading.hits = value,
                "page_cache_misses_total" => reading.misses = value,
                "tenants_open" => reading.open_tenants = value,
                "database_connections" => reading.connections = value,
                "process_resident_memory_bytes" => reading.memory = Some(value),
                "jobs_waiting" => reading.jobs_waiting = Some(value),
                "jobs_failed" => reading.jobs_failed = Some(value),
                _ => (),
            }
        }
        reading.buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
        reading
    }
}

fn label<'l>(labels: &'l str, name: &str) -> Option<&'l str> {
    let begin = format!("{name}=\"");
    let at = labels.match_indices(&begin).find(|(at, _)| *at == 0 || labels.as_bytes()[at - 1] == b',')?.0;
    labels[at + begin.len()..].split('"').next()
}

/// The seconds within which this part of the requests between two readings was answered, as near as the buckets tell.
fn quantile(part: f64, before: &Reading, after: &Reading) -> Option<f64> {
    let earlier =
        |limit: f64| before.buckets.iter().find(|(known, _)| *known == limit).map_or(0.0, |found| found.1);
    let counts: Vec<(f64, f64)> =
        after.buckets.iter().map(|(limit, count)| (*limit, (count - earlier(*limit)).max(0.0))).collect();
    let all = counts.last().map(|(_, count)| *count).filter(|all| *all > 0.0)?;
    let wanted = all * part;
    let (mut from, mut below) = (0.0, 0.0);
    for (limit, count) in counts {
        if count >= wanted {
            // beyond the last limit nothing is known but that it was slower
            if limit.is_infinite() || count <= below {
                return Some(from);
            }
            return Some(from + (limit - from) * (wanted - below) / (count - below));
        }
        (from, below) = (limit, count);
    }
    Some(from)
}

/// All numbers at one moment, in the order of `Number::ALL`.
pub type Point = [Option<f32>; 12];

/// The last hour and the last day of this process.
#[derive(Debug, Clone, Default)]
pub struct Numbers(Arc<RwLock<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    since: Option<Timestamp>,
    fine: Ring,
    coarse: Ring,
    steps: usize,
}

/// Points, the oldest first, and the reading that the next is compared with.
#[derive(Debug, Default)]
struct Ring {
    last: Option<Reading>,
    points: VecDeque<(Timestamp, Point)>,
}

impl Ring {
    fn add(&mut self, reading: &Reading, most: usize) {
        if let Some(before) = &self.last {
            let point = Number::ALL.map(|number| number.between(before, reading).map(|value| value as f32));
            self.points.push_back((reading.at, point));
            while self.points.len() > most {
                self.points.pop_front();
            }
        }
        self.last = Some(reading.clone());
    }
}

/// Which history a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    Hour,
    Day,
}

impl Numbers {
    /// Takes in what `/metrics` says at `at`.
    pub fn take(&self, text: &str, at: Timestamp) {
        let reading = Reading::of(text, at);
        let mut kept = self.0.write();
        kept.since.get_or_insert(at);
        kept.fine.add(&reading, FINE);
        if kept.steps == 0 {
            kept.coarse.add(&reading, COARSE);
        }
        kept.steps = (kept.steps + 1) % STEPS;
    }

    /// When the first reading was taken, and the points since, the oldest first.
    pub fn history(&self, span: Span) -> (Option<Timestamp>, Vec<(Timestamp, Point)>) {
        let kept = self.0.read();
        let ring = if span == Span::Hour { &kept.fine } else { &kept.coarse };
        (kept.since, ring.points.iter().copied().collect())
    }
}

/// Reads the numbers for as long as the server runs.
pub async fn keep(app: &App, numbers: &Numbers) {
    loop {
        numbers.take(&edge::numbers(app), app.now());
        tokio::time::sleep(EVERY).await;
    }
}

#[derive(Debug, Default, Deserialize)]
struct NumbersQuery {
    /// `day`; else the last hour.
    #[serde(default)]
    span: String,
}

async fn numbers_page(
    State(app): State<App>,
    operator: Operator,
    Query(query): Query<NumbersQuery>,
    Extension(numbers): Extension<Numbers>,
) -> Result<Page<NumbersPage>, Problem> {
    let span = if query.span == "day" { Span::Day } else { Span::Hour };
    let (since, points) = numbers.history(span);
    let today = app.now().day(&base::Zone::utc());
    Ok(Page(NumbersPage::new(operator.titled("console-numbers"), today, span, since, points)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn text(requests: u64, errors: u64, fast: u64) -> String {
        let all = requests + errors;
        format!(
            "# TYPE commits_total counter\ncommits_total {requests}\n\
             http_request_duration_seconds_bucket{{path=\"/a,status=\",status=\"200\",le=\"0.01\"}} {fast}\n\
             http_request_duration_seconds_bucket{{path=\"/a\",status=\"200\",le=\"0.1\"}} {all}\n\
             http_request_duration_seconds_bucket{{path=\"/a\",status=\"200\",le=\"+Inf\"}} {all}\n\
             http_request_duration_seconds_count{{path=\"/a\",status=\"200\"}} {requests}\n\
             http_request_duration_seconds_count{{path=\"/a\",status=\"503\"}} {errors}\n\
             process_resident_memory_bytes 1000\n"
        )
    }

    fn value(point: &Point, number: Number) -> Option<f32> {
        point[Number::ALL.iter().position(|known| *known == number).unwrap()]
    }

    #[test]
    fn a_rate_is_what_came_between_two_readings() {
        let numbers = Numbers::default();
        numbers.take(&text(100, 0, 100), at(0));
        numbers.take(&text(150, 5, 100), at(10));
        let (since, points) = numbers.history(Span::Hour);
        assert_eq!((since, points.len()), (Some(at(0)), 1));
        let (when, point) = &points[0];
        assert_eq!(*when, at(10));
        assert_eq!(value(point, Number::Requests), Some(5.5), "failed ones are requests, too");
        assert_eq!(value(point, Number::Errors), Some(30.0));
        assert_eq!(value(point, Number::Commits), Some(5.0));
        assert_eq!(value(point, Number::Memory), Some(1000.0));
        // none was as fast as 10 ms: the middle lies halfway to 100 ms
        assert_eq!(value(point, Number::Median).map(f32::round), Some(55.0));
        assert_eq!(value(point, Number::CacheHits), None);
    }

    #[test]
    fn nothing_asked_is_no_time_taken() {
        let numbers = Numbers::default();
        numbers.take(&text(100, 0, 100), at(0));
        numbers.take(&text(100, 0, 100), at(10));
        let (_, points) = numbers.history(Span::Hour);
        assert_eq!(value(&points[0].1, Number::Slowest), None);
        assert_eq!(value(&points[0].1, Number::Requests), Some(0.0));
    }

    #[test]
    fn an_hour_is_kept_in_fine_steps_and_a_day_in_coarse_ones() {
        let numbers = Numbers::default();
        for step in 0..=400 {
            numbers.take(&text(step, 0, step), at(step as i64 * 10));
        }
        let (_, hour) = numbers.history(Span::Hour);
        assert_eq!((hour.len(), hour[0].0), (FINE, at(410)));
        let (_, day) = numbers.history(Span::Day);
        assert_eq!((day.len(), day[0].0, value(&day[0].1, Number::Requests)), (13, at(300), Some(0.1)));
    }
}
