//! The audit log, as people and applications read it.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Day, Timestamp, Zone};
use edge::{App, Json, List, May, Page, PageQuery, Problem, Query, Routes, Site};
use http::{Method, header};
use serde::{Deserialize, Serialize};
use spine::events::{self, Filter, Seen};
use utoipa::{IntoParams, ToSchema};

use crate::{books::foreign_cursor, pages::AuditPage};

edge::permission!(
    /// Read who did what.
    pub ReadAudit = "audit.read"
);

/// Events in a CSV file, at most.
const CSV_LIMIT: usize = 100_000;
const CSV_PAGE: u32 = 1000;

pub fn routes() -> Routes {
    Routes::new()
        .api(__path_list_events, list_events)
        .page(Site::Office, "/t/{slug}/admin/audit", Method::GET, audit_page)
        .page(Site::Office, "/t/{slug}/admin/audit.csv", Method::GET, audit_csv)
        .nav(edge::Section::Books, "audit-nav", "/audit", "audit.read")
}

/// What happened, sealed into the tenant's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    /// Its number in the history, from 1 without a gap.
    n: i64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    kind: String,
    /// The id of what it happened to.
    subject: String,
    actor: String,
    /// Before and after; null once it was erased.
    #[schema(value_type = Option<Object>)]
    payload: Option<serde_json::Value>,
}

impl From<Seen> for EventView {
    fn from(seen: Seen) -> Self {
        Self {
            n: seen.n,
            at: seen.at,
            kind: seen.kind,
            subject: seen.subject,
            actor: seen.actor,
            payload: seen.payload,
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// Such as `order.placed`, or `order.` for all that happened to orders.
    kind: Option<String>,
    subject: Option<String>,
    actor: Option<String>,
    /// From the beginning of this day, by the business's clock: `2026-11-20`.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<String>,
    /// To the end of this day.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<String>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    cursor: Option<String>,
}

impl EventQuery {
    fn filter(&self, zone: &Zone) -> Result<Filter, Problem> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let day = |field: &str, text: &Option<String>| {
            let day = given(text).map(|text| text.parse::<Day>()).transpose();
            day.map_err(|error| Problem::unprocessable("input-malformed", error).field(field, "a day"))
        };
        Ok(Filter {
            kind: given(&self.kind),
            subject: given(&self.subject),
            actor: given(&self.actor),
            from: day("from", &self.from)?.and_then(|day| day.start(zone)),
            to: day("to", &self.to)?.and_then(|day| day.start(zone)).map(|start| start.plus_s(24 * 3600)),
        })
    }

    fn page(&self) -> Result<(Option<i64>, u32), Problem> {
        let page = PageQuery { limit: self.limit, cursor: self.cursor.clone() };
        let before = page.after()?.map(|[n]| n.parse().map_err(|_| foreign_cursor())).transpose()?;
        Ok((before, page.limit()))
    }
}

/// The tenant's history, the newest first.
#[utoipa::path(
    get, path = "/t/{slug}/api/v1/events", tag = "events", params(("slug" = String, Path), EventQuery),
    responses((status = 200, body = inline(List<EventView>)))
)]
async fn list_events(
    State(app): State<App>,
    may: May<ReadAudit>,
    Query(query): Query<EventQuery>,
) -> Result<Json<List<EventView>>, Problem> {
    let (filter, (before, limit)) = (query.filter(&may.tenant().zone)?, query.page()?);
    let found = app.db.read(may.scope(), move |rx| events::list(rx, &filter, before, limit + 1)).await;
    let list = List::of(found.map_err(Problem::internal)?, limit, |last| [last.n.to_string()]);
    Ok(Json(list.map(EventView::from)))
}

async fn audit_page(
    State(app): State<App>,
    may: May<ReadAudit>,
    Query(query): Query<EventQuery>,
) -> Result<Page<AuditPage>, Problem> {
    let (filter, (before, limit)) = (query.filter(&may.tenant().zone)?, query.page()?);
    let work = move |rx: &mut db::Rx<'_>| {
        let events = events::list(rx, &filter, before, limit + 1)?;
        let names = people::actors::names(rx, events.iter().map(|event| event.actor.as_str()))?;
        Ok::<_, people::Error>((events, names))
    };
    let (found, names) = app.db.read(may.scope(), work).await?;
    let list = List::of(found, limit, |last| [last.n.to_string()]);
    Ok(Page(AuditPage {
        frame: may.titled("audit-title"),
        events: list.items,
        names,
        kind: query.kind.unwrap_or_default(),
        subject: query.subject.unwrap_or_default(),
        actor: query.actor.unwrap_or_default(),
        from: query.from.unwrap_or_default(),
        to: query.to.unwrap_or_default(),
        next: list.next_cursor,
    }))
}

/// The events that the page's filters let through, as a table for a spreadsheet, the newest first.
async fn audit_csv(
    State(app): State<App>,
    may: May<ReadAudit>,
    Query(query): Query<EventQuery>,
) -> Result<Response, Problem> {
    let filter = query.filter(&may.tenant().zone)?;
    let mut file = csv::Writer::from_writer(Vec::new());
    let heading = ["n", "at", "kind", "subject", "actor", "address", "request", "payload"];
    file.write_record(heading).map_err(Problem::internal)?;
    let (mut before, mut written) = (None, 0);
    loop {
        let asked = filter.clone();
        let found = app.db.read(may.scope(), move |rx| events::list(rx, &asked, before, CSV_PAGE)).await;
        let found = found.map_err(Problem::internal)?;
        before = found.last().map(|last| last.n);
        written += found.len();
        let last_page = found.len() < CSV_PAGE as usize || written >= CSV_LIMIT;
        for event in found {
            let row = [
                event.n.to_string(),
                event.at.to_string(),
                event.kind,
                event.subject,
                event.actor,
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
    let name = (header::CONTENT_DISPOSITION, "attachment; filename=\"history.csv\"");
    Ok(([kind, name], bytes).into_response())
}
