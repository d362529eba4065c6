//! What operators and the platform did: the directory's own sealed history. What happened to a tenant also stands in the
//! tenant's chain, which is the proof towards its owner; this one is the operators' list.

use std::collections::HashMap;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Day, Zone};
use db::{Actor, Db, Dx, Origin};
use edge::{App, List, Operator, Page, PageQuery, Problem, Query, Routes, Site};
use http::{Method, header};
use serde::Deserialize;
use spine::events::{Event, Filter, Seen, platform};

use super::pages::HistoryPage;
use crate::{Error, books::foreign_cursor};

/// Events in a CSV file, at most.
const CSV_LIMIT: usize = 100_000;
const CSV_PAGE: u32 = 1000;

pub fn routes() -> Routes {
    Routes::new()
        .page(Site::Office, "/operator/events", Method::GET, events_page)
        .page(Site::Office, "/operator/events.csv", Method::GET, events_csv)
        .operator_nav("clock", "console-events", "/operator/events")
}

/// Writes down what was done. It is done already, so a history that cannot be written is a line in the log and no error.
pub async fn note(db: &Db, actor: &Actor, origin: &Origin, event: Event) {
    let (actor, origin, kind) = (actor.clone(), origin.clone(), event.kind);
    let written: Result<(), db::Error> =
        db.directory().write(move |dx| platform::record(dx, &actor, &origin, &event)).await;
    if let Err(error) = written {
        tracing::error!(kind, %error, "what an operator did is missing in the platform's history");
    }
}

/// Who acts in the console.
pub(super) fn actor(operator: &Operator) -> Actor {
    Actor::new(format!("operator:{}", operator.session().account))
}

/// The subject of events about a tenant.
pub fn subject_of(tenant: db::TenantId) -> String {
    format!("tenant:{tenant}")
}

/// Up to `limit` events and what their actors are called.
pub(super) fn list(
    dx: &mut Dx,
    filter: &Filter,
    before: Option<i64>,
    limit: u32,
) -> Result<(Vec<Seen>, Names), Error> {
    let events = platform::list(dx, filter, before, limit)?;
    let mut names = Names::default();
    for event in &events {
        names.learn(dx, &event.actor)?;
    }
    Ok((events, names))
}

/// What operators are called.
#[derive(Debug, Default)]
pub struct Names(HashMap<String, String>);

impl Names {
    fn learn(&mut self, dx: &mut Dx, actor: &str) -> Result<(), Error> {
        let account = actor.strip_prefix("operator:").and_then(|id| id.parse().ok());
        if let Some(account) = account.filter(|_| !self.0.contains_key(actor))
            && let Some(found) = people::accounts::find(dx, account)?
        {
            self.0.insert(actor.to_owned(), found.name.to_string());
        }
        Ok(())
    }

    pub fn of(&self, actor: &str) -> Option<&str> {
        self.0.get(actor).map(String::as_str)
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
struct EventsQuery {
    /// `tenant.` for all that happened to tenants.
    #[serde(default)]
    kind: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    cursor: Option<String>,
}

impl EventsQuery {
    /// Days are those of UTC, as all times in the console.
    fn filter(&self) -> Result<Filter, Problem> {
        let day = |field: &str, text: &str| {
            let day = Some(text).filter(|text| !text.is_empty()).map(str::parse::<Day>).transpose();
            day.map_err(|error| Problem::unprocessable("input-malformed", error).field(field, "a day"))
        };
        let start = |day: Day| day.start(&Zone::utc());
        Ok(Filter {
            kind: Some(self.kind.clone()).filter(|kind| !kind.is_empty()),
            subject: None,
            actor: None,
            from: day("from", &self.from)?.and_then(start),
            to: day("to", &self.to)?.and_then(|day: Day| day.end(&Zone::utc())),
        })
    }
}

async fn events_page(
    State(app): State<App>,
    operator: Operator,
    Query(query): Query<EventsQuery>,
) -> Result<Page<HistoryPage>, Problem> {
    let filter = query.filter()?;
    let page = PageQuery { limit: Some(50), cursor: query.cursor.clone() };
    let before = page.after()?.map(|[n]| n.parse().map_err(|_| foreign_cursor())).transpose()?;
    let limit = page.limit();
    let (events, names) = app.db.directory().read(move |dx| list(dx, &filter, before, limit + 1)).await?;
    let events = List::of(events, limit, |last| [last.n.to_string()]);
    Ok(Page(HistoryPage {
        frame: operator.titled("console-events"),
        events: events.items,
        names,
        kind: query.kind,
        from: query.from,
        to: query.to,
        next: events.next_cursor,
    }))
}

/// The events that the page's filters let through, as a table for a spreadsheet, the newest first.
async fn events_csv(
    State(app): State<App>,
    _: Operator,
    Query(query): Query<EventsQuery>,
) -> Result<Response, Problem> {
    let filter = query.filter()?;
    let mut file = csv::Writer::from_writer(Vec::new());
    let heading = ["n", "at", "kind", "subject", "actor", "name", "address", "request", "payload"];
    file.write_record(heading).map_err(Problem::internal)?;
    let (mut before, mut written) = (None, 0);
    loop {
        let asked = filter.clone();
        let (found, names) = app.db.directory().read(move |dx| list(dx, &asked, before, CSV_PAGE)).await?;
        before = found.last().map(|last| last.n);
        written += found.len();
        let last_page = found.len() < CSV_PAGE as usize || written >= CSV_LIMIT;
        for event in found {
            let name = names.of(&event.actor).unwrap_or_default().to_owned();
            let row = [
                event.n.to_string(),
                event.at.to_string(),
                event.kind,
                event.subject,
                event.actor,
                name,
                event.address.unwrap_or_default(),
                event.request.unwrap_or_default(),
                event.payload.map(|payload| payload.to_string()).unwrap_or_default(),
            ];
            file.write_record(row.map(|cell| edge::format::cell(&cell))).map_err(Problem::internal)?;
        }
        if last_page {
            break;
        }
    }
    let bytes = file.into_inner().map_err(Problem::internal)?;
    let kind = (header::CONTENT_TYPE, "text/csv; charset=utf-8");
    let name = (header::CONTENT_DISPOSITION, "attachment; filename=\"platform-history.csv\"");
    Ok(([kind, name], bytes).into_response())
}
