//! Promised work across all businesses: what failed, what waits, and what an operator does about it. Only businesses that
//! have such work are opened, a few for each page.

use axum::{extract::State, response::Response};
use base::Timestamp;
use db::{Db, Dx, Rx, TenantId, Tx};
use edge::{App, Form, Operator, Page, PageQuery, Problem, Query, Routes, Site, cursor, flash};
use http::Method;
use serde::Deserialize;
use serde_json::json;
use spine::{
    events::Event,
    jobs::{self, JobId, Kept, State as JobState},
};

use super::{
    history,
    model::{Look, literal, quiet},
    pages::JobsPage,
    sql,
    summary::{self, system},
};
use crate::{Error, books::foreign_cursor};

/// Kinds of jobs that pages name in words.
pub const KINDS: [&str; 6] = [
    orders::MAIL_JOB,
    payments::POLL_JOB,
    payments::REFUND_JOB,
    payments::CALLBACK_JOB,
    catalog::images::FETCH_JOB,
    catalog::images::UPLOAD_JOB,
];

/// Jobs on a page, and businesses opened for it.
const ON_A_PAGE: usize = 50;
const OPENED: usize = 20;
/// Jobs of one business, and businesses, that are retried at once.
const RETRIED: u32 = 500;
const RETRIED_IN: u32 = 200;

pub fn routes() -> Routes {
    Routes::new()
        .page(Site::Office, "/operator/jobs", Method::GET, jobs_page)
        .page(Site::Office, "/operator/jobs", Method::POST, change_job)
        .page(Site::Office, "/operator/jobs/retry", Method::POST, retry_all)
        .operator_nav("list-checks", "console-jobs", "/operator/jobs")
}

/// A job as the console lists it: nothing of what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    pub id: JobId,
    pub kind: String,
    pub state: JobState,
    /// The business's address and name.
    pub slug: String,
    pub business: String,
    /// The id of what it is for.
    pub cause: String,
    pub attempts: i64,
    /// What went wrong last, without addresses.
    pub error: Option<String>,
    /// Waiting: when it is due. Running: until when its worker has it. Else: when it ended.
    pub at: Timestamp,
}

impl JobRow {
    pub fn of(job: Kept, slug: &str, business: &str) -> Self {
        Self {
            id: job.id,
            kind: job.kind,
            state: job.state,
            slug: slug.to_owned(),
            business: business.to_owned(),
            cause: job.cause,
            attempts: job.attempts,
            error: job.last_error.as_deref().map(quiet),
            at: job.at,
        }
    }
}

/// Where the next page of jobs begins: in a business, in a state, behind a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    tenant: TenantId,
    state: Option<JobState>,
    after: Option<JobId>,
}

impl Place {
    const START: Self = Self { tenant: TenantId::numbered(0), state: None, after: None };

    /// Reads a page's cursor; the beginning if there is none.
    pub fn read(raw: Option<&str>) -> Result<Self, Problem> {
        let page = PageQuery { limit: None, cursor: raw.map(str::to_owned) };
        let Some([tenant, state, after]) = page.after()? else { return Ok(Self::START) };
        let optional = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Ok(Self {
            tenant: TenantId::numbered(tenant.parse().map_err(|_| foreign_cursor())?),
            state: optional(&state).map(|state| state.parse().map_err(|_| foreign_cursor())).transpose()?,
            after: optional(&after).map(|job| job.parse().map_err(|_| foreign_cursor())).transpose()?,
        })
    }

    fn written(&self) -> String {
        let after = self.after.map(|job| job.to_string()).unwrap_or_default();
        cursor::encode(&[self.tenant.to_string(), self.state.map_or("", JobState::name).to_owned(), after])
    }

    /// The states of `all` that are left to look at in `tenant`, each with the job behind which it goes on.
    fn rest(&self, tenant: TenantId, all: &'static [JobState]) -> Vec<(JobState, Option<JobId>)> {
        let begun = self.state.filter(|_| tenant == self.tenant);
        let place = begun.and_then(|state| all.iter().position(|known| *known == state)).unwrap_or(0);
        let after = |state: &JobState| if begun == Some(*state) { self.after } else { None };
        all[place..].iter().map(|state| (*state, after(state))).collect()
    }
}

/// Jobs that `look` looks for, of kinds like `kind`, from `place` on; and the cursor of what follows them.
pub async fn walk(
    db: &Db,
    look: Look,
    kind: &str,
    place: &Place,
) -> Result<(Vec<JobRow>, Option<String>), Error> {
    let from = place.tenant;
    let limit = OPENED as u32 + 1;
    let tenants = db.directory().read(move |dx| sql::with_jobs(dx, look, from, limit)).await?;
    let mut rows = Vec::new();
    for id in tenants.iter().take(OPENED) {
        let Some(tenant) = db.tenant(*id).await? else { continue };
        for (state, after) in place.rest(*id, look.states()) {
            let (room, kind) = (ON_A_PAGE - rows.len(), kind.to_owned());
            let read = move |rx: &mut Rx<'_>| jobs::list_like(rx, state, &kind, after, room as u32 + 1);
            let mut found = match db.read(system(*id), read).await {
                Ok(found) => found,
                // the list of businesses says that it cannot be read
                Err(db::Error::Storage(_) | db::Error::Migration(_)) => break,
                Err(error) => return Err(error.into()),
            };
            let more = found.len() > room;
            found.truncate(room);
            let last = found.last().map(|job| job.id).or(after);
            rows.extend(
                found.into_iter().map(|job| JobRow::of(job, tenant.slug.as_str(), tenant.name.as_str())),
            );
            if more {
                let next = Place { tenant: *id, state: Some(state), after: last };
                return Ok((rows, Some(next.written())));
            }
        }
    }
    let next = tenants.get(OPENED).map(|tenant| Place { tenant: *tenant, ..Place::START }.written());
    Ok((rows, next))
}

#[derive(Debug, Clone, Default, Deserialize)]
struct JobsQuery {
    /// `trouble`, `waiting` or `running`.
    #[serde(default)]
    state: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    cursor: Option<String>,
}

async fn jobs_page(
    State(app): State<App>,
    operator: Operator,
    Query(query): Query<JobsQuery>,
) -> Result<Page<JobsPage>, Problem> {
    let look = Look::JOBS.into_iter().find(|look| look.name() == query.state).unwrap_or(Look::Trouble);
    let kind = if query.kind.is_empty() { "%".to_owned() } else { literal(&query.kind) };
    let place = Place::read(query.cursor.as_deref())?;
    let (rows, next) = walk(&app.db, look, &kind, &place).await?;
    let counts = app.db.directory().read(sql::jobs_in_all).await.map_err(Error::from)?;
    Ok(Page(JobsPage {
        frame: operator.titled("console-jobs"),
        today: app.now().day(&base::Zone::utc()),
        look,
        kind: query.kind,
        rows,
        next,
        counts,
    }))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Deed {
    Retry,
    Cancel,
}

#[derive(Debug, Deserialize)]
struct JobForm {
    business: String,
    job: String,
    action: Deed,
    /// The page to go back to.
    #[serde(default)]
    to: String,
}

async fn change_job(
    State(app): State<App>,
    operator: Operator,
    Form(form): Form<JobForm>,
) -> Result<Response, Problem> {
    let tenant = app.db.tenant_by_slug(&form.business).await?.ok_or(Error::NoSuchTenant(form.business))?;
    let unknown = || Problem::not_found("job-unknown", "There is no such job.");
    let job: JobId = form.job.parse().map_err(|_| unknown())?;
    let (scope, deed) = (operator.scope_in(&tenant), form.action);
    let found = app.db.read(scope.clone(), move |rx| jobs::find(rx, job)).await?;
    let before = found.ok_or_else(unknown)?;
    let work = move |tx: &mut Tx<'_>| match deed {
        Deed::Retry => jobs::retry(tx, job),
        Deed::Cancel => jobs::give_up(tx, job),
    };
    if !app.db.write(scope, work).await? {
        let words = "The job is running or over by now. Look at the list again.";
        return Err(Problem::conflict("job-state", words));
    }
    let kind = if deed == Deed::Retry { "job.retried" } else { "job.cancelled" };
    let payload = json!({
        "slug": tenant.slug, "name": tenant.name, "job": job.to_string(), "kind": before.kind, "cause": before.cause,
    });
    let event = Event { kind, subject: history::subject_of(tenant.id), payload };
    history::note(&app.db, &history::actor(&operator), &operator.origin(), event).await;
    summary::refresh(&app.db, &[tenant.id]).await?;
    let flashed = if deed == Deed::Retry { "console-job-retried" } else { "console-job-cancelled" };
    Ok(flash(&app, back(&form.to), flashed))
}

/// The console's own page that asked.
fn back(to: &str) -> &str {
    let to = edge::local(to, "/operator/jobs");
    if to.starts_with("/operator") { to } else { "/operator/jobs" }
}

#[derive(Debug, Deserialize)]
struct RetryForm {
    kind: String,
}

/// Tries all failed jobs of one kind again. Those whose outcome is unknown are looked at one by one.
async fn retry_all(
    State(app): State<App>,
    operator: Operator,
    Form(form): Form<RetryForm>,
) -> Result<Response, Problem> {
    let kind: String = form.kind.trim().chars().take(60).collect();
    if kind.is_empty() {
        return Err(
            Problem::unprocessable("input-malformed", "Choose a kind of jobs.").field("kind", "empty")
        );
    }
    let start = TenantId::numbered(0);
    let failing = move |dx: &mut Dx<'_>| sql::with_jobs(dx, Look::Trouble, start, RETRIED_IN);
    let tenants = app.db.directory().read(failing).await?;
    let mut retried = 0;
    for id in &tenants {
        let Some(tenant) = app.db.tenant(*id).await? else { continue };
        let pattern = literal(&kind);
        let work = move |tx: &mut Tx<'_>| {
            let failed = jobs::list_like(tx, JobState::Failed, &pattern, None, RETRIED)?;
            for job in &failed {
                jobs::retry(tx, job.id)?;
            }
            Ok::<_, db::Error>(failed.len())
        };
        match app.db.write(operator.scope_in(&tenant), work).await {
            Ok(count) => retried += count,
            // who is suspended has its work when it goes on
            Err(db::Error::NotLive(_)) => (),
            Err(error) => return Err(error.into()),
        }
    }
    let payload = json!({ "kind": kind, "count": retried });
    let event = Event { kind: "job.all-retried", subject: "jobs".to_owned(), payload };
    history::note(&app.db, &history::actor(&operator), &operator.origin(), event).await;
    summary::refresh(&app.db, &tenants).await?;
    Ok(flash(&app, "/operator/jobs", "console-jobs-retried"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_goes_on_where_the_one_before_ended() {
        let job: JobId = "job_01kag4x2v8e4r9h2m6t0c3b5ys".parse().unwrap();
        let place = Place { tenant: TenantId::numbered(7), state: Some(JobState::Unknown), after: Some(job) };
        assert_eq!(Place::read(Some(&place.written())).unwrap(), place);
        assert_eq!(Place::read(None).unwrap(), Place::START);
        assert!(Place::read(Some("zz")).is_err());
        let states = Look::Trouble.states();
        assert_eq!(place.rest(TenantId::numbered(7), states), [(JobState::Unknown, Some(job))]);
        assert_eq!(
            place.rest(TenantId::numbered(8), states),
            [(JobState::Failed, None), (JobState::Unknown, None)]
        );
    }

    #[test]
    fn a_form_leads_back_into_the_console_alone() {
        assert_eq!(back("/operator/mails?state=sent"), "/operator/mails?state=sent");
        assert_eq!(back("/t/baker/admin"), "/operator/jobs");
        assert_eq!(back("//evil.example"), "/operator/jobs");
    }
}
