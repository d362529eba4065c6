//! Pages of the operator's console. Times are of UTC: the operator's businesses have clocks of their own.

use std::sync::Arc;

use askama::Template;
use base::{Day, Language, Timestamp, Zone};
use db::{Tenant, TenantState};
use edge::{Frame, NoticeKind, Trace, linked};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use spine::{events::Seen, jobs::State as JobState};

use super::{
    history::Names,
    jobs::{JobRow, KINDS},
    model::{Concern, Counts, Hosted, Look, Summary, Wish, concerns},
    notice::{Fault, NewNotice, NoticeForm, Published},
    numbers::{Number, Point, Span, Unit},
    tenants::Inside,
};

/// An address's query of what was asked for, with a cursor if there is one.
fn query(kept: &[(&str, &str)], cursor: Option<&str>) -> String {
    let all = kept.iter().copied().chain(cursor.map(|cursor| ("cursor", cursor)));
    let said = all.filter(|(_, value)| !value.is_empty());
    let pair =
        |(name, value): (&str, &str)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
    format!("?{}", said.map(pair).collect::<Vec<_>>().join("&"))
}

/// `340 KB`, `12 MB`: without decimals, in the largest unit that leaves two digits.
fn size(frame: &Frame, bytes: i64) -> String {
    let (unit, divisor) = match bytes {
        ..10_240 => ("bytes", 1),
        10_240..10_485_760 => ("kilobytes", 1 << 10),
        10_485_760..10_737_418_240 => ("megabytes", 1 << 20),
        _ => ("gigabytes", 1 << 30),
    };
    frame.t1(&format!("console-size-{unit}"), "number", frame.count(bytes / divisor))
}

/// How a business is: the class, the drawing and the words of its badge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    pub tone: &'static str,
    pub icon: &'static str,
    pub words: String,
    /// What there is to look at.
    pub reasons: Vec<String>,
}

fn health(frame: &Frame, state: TenantState, summary: Option<&Summary>) -> Health {
    let reason = |concern: &Concern| match concern {
        Concern::Unreadable => frame.t("console-concern-unreadable"),
        Concern::Failed(count) => frame.t1("console-concern-failed", "count", *count),
        Concern::Unknown(count) => frame.t1("console-concern-unknown", "count", *count),
        Concern::Approval => frame.t("console-concern-approval"),
        Concern::Large => frame.t("console-concern-large"),
    };
    let found = concerns(state, summary);
    let reasons: Vec<String> = found.iter().map(reason).collect();
    match found.first() {
        None if summary.is_none() => {
            Health { tone: "", icon: "clock", words: frame.t("console-health-unseen"), reasons }
        }
        None => Health { tone: "good", icon: "check", words: frame.t("console-health-fine"), reasons },
        Some(Concern::Unreadable) => {
            Health { tone: "bad", icon: "triangle-alert", words: frame.t("console-health-look"), reasons }
        }
        Some(_) => {
            Health { tone: "warn", icon: "triangle-alert", words: frame.t("console-health-look"), reasons }
        }
    }
}

fn state_words(frame: &Frame, state: TenantState) -> String {
    frame.t(&format!("tenant-{}", state.name()))
}

fn state_tone(state: TenantState) -> &'static str {
    match state {
        TenantState::Live => "good",
        TenantState::Suspended => "bad",
        TenantState::Waiting | TenantState::Creating => "warn",
    }
}

/// A job's kind in words, or its name where nobody wrote any.
fn kind_words(frame: &Frame, kind: &str) -> String {
    let key = format!("console-kind-{}", kind.replace('.', "-"));
    let words = frame.t(&key);
    if words == key { kind.to_owned() } else { words }
}

fn job_tone(state: JobState) -> &'static str {
    match state {
        JobState::Failed => "bad",
        JobState::Unknown => "warn",
        JobState::Done => "good",
        JobState::Waiting | JobState::Running | JobState::Cancelled => "",
    }
}

/// The businesses hosted here.
#[derive(Template)]
#[template(path = "console_tenants.html")]
pub struct TenantsPage {
    pub frame: Frame,
    pub today: Day,
    pub wish: Wish,
    pub tenants: Vec<Hosted>,
    pub next: Option<String>,
    /// How many are in each state.
    pub states: Vec<(String, i64)>,
    /// Whether any business, listed or not, is to be looked at.
    pub any_concern: bool,
    pub jobs: Counts,
}

impl TenantsPage {
    fn health(&self, tenant: &Hosted) -> Health {
        health(&self.frame, tenant.state, tenant.summary.as_ref())
    }

    fn state(&self, state: &TenantState) -> String {
        state_words(&self.frame, *state)
    }

    fn tone(&self, state: &TenantState) -> &'static str {
        state_tone(*state)
    }

    fn is_state(&self, state: &TenantState) -> bool {
        self.wish.state == Some(*state)
    }

    fn all(&self) -> i64 {
        self.states.iter().map(|(_, count)| count).sum()
    }

    fn waiting(&self) -> i64 {
        self.states
            .iter()
            .find(|(state, _)| state == TenantState::Waiting.name())
            .map_or(0, |(_, count)| *count)
    }

    fn size(&self, summary: &Summary) -> String {
        size(&self.frame, summary.bytes())
    }

    /// The day on which it came.
    fn since(&self, tenant: &Hosted) -> String {
        self.frame.short_day(&tenant.created_at.day(&Zone::utc()), &self.today)
    }

    fn orders(&self, summary: &Summary) -> String {
        self.frame.count(summary.orders)
    }

    fn health_wish(&self) -> &'static str {
        match self.wish.concerns {
            Some(true) => "look",
            Some(false) => "fine",
            None => "",
        }
    }

    fn is_filtered(&self) -> bool {
        self.wish != Wish::default()
    }

    fn next_href(&self) -> Option<String> {
        let state = self.wish.state.map_or("", TenantState::name);
        let kept = [("q", self.wish.search.as_str()), ("state", state), ("health", self.health_wish())];
        self.next.as_deref().map(|cursor| query(&kept, Some(cursor)))
    }
}

/// Somebody to call about a business.
pub struct Owner {
    pub name: String,
    /// What they sign in with: often a phone number or an address.
    pub login: String,
}

/// One business.
#[derive(Template)]
#[template(path = "console_tenant.html")]
pub struct TenantPage {
    pub frame: Frame,
    pub today: Day,
    pub tenant: Arc<Tenant>,
    /// None if its database cannot be read.
    pub inside: Option<Inside>,
    pub fault: Option<String>,
    pub events: Vec<Seen>,
    pub names: Names,
}

impl TenantPage {
    fn health(&self) -> Health {
        let unreadable = || Health {
            tone: "bad",
            icon: "triangle-alert",
            words: self.frame.t("console-health-look"),
            reasons: vec![self.frame.t("console-concern-unreadable")],
        };
        self.inside
            .as_ref()
            .map_or_else(unreadable, |inside| health(&self.frame, self.tenant.state, Some(&inside.summary)))
    }

    fn state(&self) -> String {
        state_words(&self.frame, self.tenant.state)
    }

    fn tone(&self) -> &'static str {
        state_tone(self.tenant.state)
    }

    fn bytes(&self, bytes: &i64) -> String {
        size(&self.frame, *bytes)
    }

    fn orders(&self, inside: &Inside) -> String {
        self.frame.count(inside.summary.orders)
    }

    fn jobs(&self, inside: &Inside) -> JobList {
        let to = format!("/operator/tenants/{}", self.tenant.slug);
        JobList::new(&self.frame, self.today, &inside.jobs, to, false)
    }

    fn what(&self, event: &Seen) -> String {
        event_words(&self.frame, event)
    }

    fn who(&self, event: &Seen) -> String {
        actor_words(&self.frame, &self.names, event)
    }

    fn reason(&self, event: &Seen) -> Option<String> {
        event_detail(&self.frame, event)
    }
}

/// Asks before a business is suspended.
#[derive(Template)]
#[template(path = "console_suspend.html")]
pub struct SuspendPage {
    pub frame: Frame,
    pub tenant: Arc<Tenant>,
    pub reason: String,
    pub fault: bool,
}

/// A list of jobs with what may be done to each.
#[derive(Template)]
#[template(path = "console_job_list.html")]
pub struct JobList {
    frame: Frame,
    today: Day,
    rows: Vec<JobRow>,
    /// The page to come back to.
    to: String,
    /// Whether the rows are of several businesses.
    names_business: bool,
}

impl JobList {
    fn new(frame: &Frame, today: Day, rows: &[JobRow], to: String, names_business: bool) -> Self {
        Self { frame: frame.clone(), today, rows: rows.to_vec(), to, names_business }
    }

    fn kind(&self, row: &JobRow) -> String {
        kind_words(&self.frame, &row.kind)
    }

    fn state(&self, row: &JobRow) -> String {
        self.frame.t(&format!("console-job-{}", row.state.name()))
    }

    fn tone(&self, row: &JobRow) -> &'static str {
        job_tone(row.state)
    }

    fn may_retry(&self, row: &JobRow) -> bool {
        matches!(row.state, JobState::Failed | JobState::Unknown)
    }

    fn may_cancel(&self, row: &JobRow) -> bool {
        matches!(row.state, JobState::Failed | JobState::Unknown | JobState::Waiting)
    }
}

/// Promised work of all businesses.
#[derive(Template)]
#[template(path = "console_jobs.html")]
pub struct JobsPage {
    pub frame: Frame,
    pub today: Day,
    pub look: Look,
    pub kind: String,
    pub rows: Vec<JobRow>,
    pub next: Option<String>,
    pub counts: Counts,
}

impl JobsPage {
    /// The lists, each with its address, its name, how many there are, and whether it is this one.
    fn looks(&self) -> Vec<(String, String, String, bool)> {
        let look = |look: Look| {
            let count = match look {
                Look::Waiting => self.counts.waiting,
                Look::Running => self.counts.running,
                _ => self.counts.failed + self.counts.unknown,
            };
            let count = self.frame.count(count);
            let name = self.frame.t(&format!("console-look-{}", look.name()));
            (query(&[("state", look.name()), ("kind", &self.kind)], None), name, count, look == self.look)
        };
        Look::JOBS.map(look).into()
    }

    /// Kinds to choose from: those with words, and those that are seen here.
    fn kinds(&self) -> Vec<(String, String)> {
        let mut kinds: Vec<&str> = KINDS.to_vec();
        for seen in self.rows.iter().map(|row| row.kind.as_str()).chain([self.kind.as_str()]) {
            if !seen.is_empty() && !kinds.contains(&seen) {
                kinds.push(seen);
            }
        }
        kinds.into_iter().map(|kind| (kind.to_owned(), kind_words(&self.frame, kind))).collect()
    }

    /// The kind whose failed jobs may all be retried from here.
    fn bulk(&self) -> Option<String> {
        let any = self.rows.iter().any(|row| row.state == JobState::Failed);
        (self.look == Look::Trouble && !self.kind.is_empty() && any)
            .then(|| kind_words(&self.frame, &self.kind))
    }

    fn list(&self) -> JobList {
        let kept = [("state", self.look.name()), ("kind", self.kind.as_str())];
        JobList::new(
            &self.frame,
            self.today,
            &self.rows,
            format!("/operator/jobs{}", query(&kept, None)),
            true,
        )
    }

    fn next_href(&self) -> Option<String> {
        let kept = [("state", self.look.name()), ("kind", self.kind.as_str())];
        self.next.as_deref().map(|cursor| query(&kept, Some(cursor)))
    }
}

/// How a mail that was tried went.
pub enum Tried {
    /// What the server answered, or the file that was written.
    Sent(String),
    Failed(String),
    /// None leaves.
    NoWay,
    /// What was typed is no address.
    NoAddress,
}

/// Mails and their way out.
#[derive(Template)]
#[template(path = "console_mails.html")]
pub struct MailsPage {
    pub frame: Frame,
    pub today: Day,
    pub leaves: bool,
    /// Host and port of the mail server.
    pub server: Option<String>,
    pub tls_first: bool,
    /// Whether Soko signs in there.
    pub signs_in: bool,
    /// Where mails are written instead of leaving.
    pub folder: Option<String>,
    pub sender: String,
    pub look: Look,
    pub rows: Vec<JobRow>,
    pub next: Option<String>,
    pub counts: Counts,
    /// The address to try.
    pub to: String,
    pub tried: Option<Tried>,
}

impl MailsPage {
    /// The lists, each with its address, its name, how many there are where that is known, and whether it is this one.
    fn looks(&self) -> Vec<(String, String, Option<String>, bool)> {
        let look = |look: Look| {
            let count = match look {
                Look::MailTrouble => Some(self.counts.mails_failed),
                Look::MailWaiting => Some(self.counts.mails_waiting),
                _ => None,
            };
            let count = count.map(|count| self.frame.count(count));
            let name = self.frame.t(&format!("console-mails-{}", look.name()));
            (query(&[("state", look.name())], None), name, count, look == self.look)
        };
        Look::MAILS.map(look).into()
    }

    fn list(&self) -> JobList {
        let to = format!("/operator/mails{}", query(&[("state", self.look.name())], None));
        JobList::new(&self.frame, self.today, &self.rows, to, true)
    }

    fn next_href(&self) -> Option<String> {
        self.next.as_deref().map(|cursor| query(&[("state", self.look.name())], Some(cursor)))
    }
}

/// What the platform's events begin with, each with words.
const EVENT_AREAS: [&str; 5] = ["tenant", "job", "notice", "mail", "operator"];

fn event_words(frame: &Frame, event: &Seen) -> String {
    let key = format!("console-event-{}", event.kind.replace('.', "-"));
    let words = frame.t(&key);
    if words == key { event.kind.clone() } else { words }
}

fn actor_words(frame: &Frame, names: &Names, event: &Seen) -> String {
    match (names.of(&event.actor), event.actor.as_str()) {
        (Some(name), _) => name.to_owned(),
        (None, "operator") => frame.t("console-command-line"),
        (None, "visitor") => frame.t("console-actor-visitor"),
        (None, other) => other.to_owned(),
    }
}

/// What an event says besides its kind: a reason, a job's kind, how many.
fn event_detail(frame: &Frame, event: &Seen) -> Option<String> {
    let payload = event.payload.as_ref()?;
    if let Some(reason) = payload["after"]["reason"].as_str().or(payload["reason"].as_str()) {
        return Some(reason.to_owned());
    }
    let kind = payload["kind"].as_str().filter(|_| event.kind.starts_with("job."));
    match (kind, payload["count"].as_i64()) {
        (Some(kind), Some(count)) => Some(format!("{} · {}", kind_words(frame, kind), frame.count(count))),
        (Some(kind), None) => Some(kind_words(frame, kind)),
        (None, _) => {
            let first = payload["texts"][0][1].as_str()?;
            Some(first.chars().take(120).collect())
        }
    }
}

/// What operators did.
#[derive(Template)]
#[template(path = "console_events.html")]
pub struct HistoryPage {
    pub frame: Frame,
    pub events: Vec<Seen>,
    pub names: Names,
    pub kind: String,
    pub from: String,
    pub to: String,
    pub next: Option<String>,
}

impl HistoryPage {
    fn areas(&self) -> Vec<(String, String)> {
        let words = |area: &&str| self.frame.t(&format!("console-events-about-{area}"));
        EVENT_AREAS.iter().map(|area| (format!("{area}."), words(area))).collect()
    }

    fn kept(&self) -> [(&'static str, &str); 3] {
        [("kind", &self.kind), ("from", &self.from), ("to", &self.to)]
    }

    fn is_filtered(&self) -> bool {
        self.kept().iter().any(|(_, value)| !value.is_empty())
    }

    fn csv_href(&self) -> String {
        format!("/operator/events.csv{}", query(&self.kept(), None))
    }

    fn next_href(&self) -> Option<String> {
        self.next.as_deref().map(|cursor| query(&self.kept(), Some(cursor)))
    }

    fn what(&self, event: &Seen) -> String {
        event_words(&self.frame, event)
    }

    fn who(&self, event: &Seen) -> String {
        actor_words(&self.frame, &self.names, event)
    }

    fn detail(&self, event: &Seen) -> Option<String> {
        event_detail(&self.frame, event)
    }

    /// The address it was done from; a command comes from none.
    fn address<'e>(&self, event: &'e Seen) -> &'e str {
        event.address.as_deref().filter(|_| event.actor != "operator").unwrap_or_default()
    }

    /// The business that it happened to: its slug and name.
    fn business(&self, event: &Seen) -> Option<(String, String)> {
        let payload = event.payload.as_ref()?;
        let text = |field: &str| payload[field].as_str().map(str::to_owned);
        Some((text("slug")?, text("name")?))
    }
}

/// A number with its chart and its table.
pub struct Drawn {
    pub trace: Trace,
    pub now: String,
    pub highest: String,
    /// Moments and values for the table, the newest first.
    pub rows: Vec<(String, String)>,
}

/// Rows of a chart's table: of an hour one each minute, of a day one every five.
const FINE_ROWS: usize = 6;

/// The numbers of this process.
#[derive(Template)]
#[template(path = "console_numbers.html")]
pub struct NumbersPage {
    pub frame: Frame,
    pub span: Span,
    pub since: Option<Timestamp>,
    pub charts: Vec<Drawn>,
}

impl NumbersPage {
    pub fn new(
        frame: Frame,
        today: Day,
        span: Span,
        since: Option<Timestamp>,
        points: Vec<(Timestamp, Point)>,
    ) -> Self {
        let drawn = |(place, number): (usize, Number)| {
            let values: Vec<Option<f64>> =
                points.iter().map(|(_, point)| point.get(place).copied().flatten().map(f64::from)).collect();
            let title = frame.t(&format!("console-number-{}", number.name()));
            let written = |value: Option<f64>| {
                value.map_or_else(|| "–".to_owned(), |value| amount(&frame, number.unit(), value))
            };
            let mut trace =
                Trace { id: number.name().to_owned(), title, about: String::new(), points: values };
            let (now, highest) = (written(trace.last()), written(trace.highest()));
            trace.about = frame.t2("console-number-about", "now", &now, "highest", &highest);
            let step = if span == Span::Hour { FINE_ROWS } else { 1 };
            let rows = points.iter().zip(&trace.points).rev().step_by(step);
            let rows =
                rows.map(|((at, _), value)| (frame.short_moment(at, &today), written(*value))).collect();
            Drawn { trace, now, highest, rows }
        };
        let charts = Number::ALL.into_iter().enumerate().map(drawn).collect();
        Self { frame, span, since, charts }
    }

    fn is_day(&self) -> bool {
        self.span == Span::Day
    }

    fn is_empty(&self) -> bool {
        self.charts.iter().all(|chart| chart.rows.is_empty())
    }
}

/// A value as people read it.
fn amount(frame: &Frame, unit: Unit, value: f64) -> String {
    let key = match unit {
        Unit::Bytes => return size(frame, value as i64),
        Unit::Count => return frame.count(value.round() as i64),
        Unit::PerSecond => "console-per-second",
        Unit::PerMinute => "console-per-minute",
        Unit::Milliseconds => "console-milliseconds",
        Unit::Percent => "console-percent",
    };
    // one digit behind the point where the number is small
    let tenths = (value * 10.0).round() as i64;
    let number = if tenths < 100 && tenths % 10 != 0 {
        let point = if matches!(frame.language(), Language::Fr | Language::It) { ',' } else { '.' };
        format!("{}{point}{}", tenths / 10, tenths % 10)
    } else {
        frame.count(value.round() as i64)
    };
    frame.t1(key, "number", number)
}

/// A word to all merchants.
#[derive(Template)]
#[template(path = "console_notice.html")]
pub struct NoticePage {
    pub frame: Frame,
    pub now: Timestamp,
    pub form: NoticeForm,
    pub faults: Vec<Fault>,
    pub preview: Option<NewNotice>,
    pub notices: Vec<Published>,
}

impl NoticePage {
    fn fault(&self, field: &str) -> Option<String> {
        self.faults.iter().find(|(name, _)| *name == field).map(|(_, key)| self.frame.t(key))
    }

    fn kinds(&self) -> [NoticeKind; 2] {
        NoticeKind::ALL
    }

    fn kind_words(&self, kind: &NoticeKind) -> String {
        self.frame.t(&format!("console-notice-kind-{}", kind.name()))
    }

    fn languages(&self) -> Vec<Language> {
        let own = self.frame.language();
        let mut all = Language::ALL.to_vec();
        all.sort_by_key(|language| *language != own);
        all
    }

    fn linked(&self, text: &str) -> String {
        linked(text)
    }

    /// Where a notice stands in its life: the class of its badge, and its words.
    fn life(&self, notice: &Published) -> (&'static str, String) {
        let (tone, key) = if self.now >= notice.until {
            ("", "console-notice-over")
        } else if self.now < notice.from {
            ("warn", "console-notice-ahead")
        } else {
            ("good", "console-notice-shown")
        };
        (tone, self.frame.t(key))
    }

    fn may_end(&self, notice: &Published) -> bool {
        self.now < notice.until
    }

    /// By the clock that the form's fields are read by.
    fn clock(&self) -> String {
        let (day, hour, minute) = self.now.on_the_wall(&Zone::utc());
        format!("{day} {hour:02}:{minute:02} UTC")
    }
}
