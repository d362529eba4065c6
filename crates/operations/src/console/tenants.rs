//! The businesses hosted here: the list, and one of them with what an operator may do to it. An operator is no member:
//! neither its orders nor its customers are seen here.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::Line;
use db::{Dx, Rx, TenantId, TenantState};
use edge::{App, Form, List, Operator, Page, PageQuery, Path, Problem, Query, Routes, Site, flash};
use http::{Method, StatusCode};
use people::{Member, MemberState};
use serde::Deserialize;
use spine::{
    events::Filter,
    jobs::{self, State as JobState},
};

use super::{
    history,
    jobs::JobRow,
    model::Wish,
    pages::{Owner, SuspendPage, TenantPage, TenantsPage},
    sql,
    summary::{self, system},
};
use crate::{Error, books::foreign_cursor, tenants};

/// Members counted no further.
const COUNTED: u32 = 200;
/// Jobs of each state, and operator's actions, on a business's page.
const SHOWN: u32 = 10;

pub fn routes() -> Routes {
    Routes::new()
        .page(Site::Office, "/operator", Method::GET, tenants_page)
        .page(Site::Office, "/operator/tenants/{slug}", Method::GET, tenant_page)
        .page(Site::Office, "/operator/tenants/{slug}", Method::POST, change_tenant)
        .page(Site::Office, "/operator/tenants/{slug}/suspend", Method::GET, suspend_page)
        .operator_nav("store", "console-tenants", "/operator")
}

#[derive(Debug, Clone, Default, Deserialize)]
struct TenantsQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    /// `look` or `fine`.
    #[serde(default)]
    health: String,
    #[serde(default)]
    cursor: Option<String>,
}

async fn tenants_page(
    State(app): State<App>,
    operator: Operator,
    Query(query): Query<TenantsQuery>,
) -> Result<Page<TenantsPage>, Problem> {
    let wish = Wish {
        search: query.q.chars().take(100).collect(),
        state: TenantState::parse(&query.state),
        concerns: match query.health.as_str() {
            "look" => Some(true),
            "fine" => Some(false),
            _ => None,
        },
    };
    let page = PageQuery { limit: Some(50), cursor: query.cursor.clone() };
    let before = page.after()?.map(|[id]| id.parse().map(TenantId::numbered).map_err(|_| foreign_cursor()));
    let (before, limit) = (before.transpose()?, page.limit());
    let asked = wish.clone();
    let read = move |dx: &mut Dx<'_>| {
        let concerned = Wish { concerns: Some(true), ..Wish::default() };
        Ok::<_, Error>((
            sql::hosted(dx, &asked, before, limit + 1)?,
            sql::states(dx)?,
            sql::hosted(dx, &concerned, None, 1)?.len() as i64,
            sql::jobs_in_all(dx)?,
        ))
    };
    let (found, states, concerned, jobs) = app.db.directory().read(read).await?;
    let found = List::of(found, limit, |last| [last.id.to_string()]);
    Ok(Page(TenantsPage {
        frame: operator.titled("console-tenants"),
        today: app.now().day(&base::Zone::utc()),
        wish,
        tenants: found.items,
        next: found.next_cursor,
        states,
        any_concern: concerned > 0,
        jobs,
    }))
}

async fn tenant_page(
    State(app): State<App>,
    operator: Operator,
    Path(slug): Path<String>,
) -> Result<Page<TenantPage>, Problem> {
    let tenant = app.db.tenant_by_slug(&slug).await?.ok_or(Error::NoSuchTenant(slug))?;
    let subject = history::subject_of(tenant.id);
    let about = move |dx: &mut Dx<'_>| {
        let filter = Filter { subject: Some(subject), ..Filter::default() };
        history::list(dx, &filter, None, SHOWN)
    };
    let (events, names) = app.db.directory().read(about).await?;
    let inside = inside(&app, &tenant).await;
    let (inside, fault) = match inside {
        Ok(inside) => (Some(inside), None),
        // its page is where one looks when a database cannot be read
        Err(error) => (None, Some(error.to_string())),
    };
    Ok(Page(TenantPage {
        frame: operator.frame(tenant.name.to_string()),
        today: app.now().day(&base::Zone::utc()),
        tenant,
        inside,
        fault,
        events,
        names,
    }))
}

/// What a business's own database says to its operator.
pub struct Inside {
    pub summary: super::Summary,
    pub members: usize,
    pub owners: Vec<Owner>,
    pub phone: Option<String>,
    pub email: Option<String>,
    /// Failed and unknown, then running and waiting.
    pub jobs: Vec<JobRow>,
}

async fn inside(app: &App, tenant: &db::Tenant) -> Result<Inside, Error> {
    let summary = summary::look(&app.db, tenant).await?;
    let (slug, name) = (tenant.slug.to_string(), tenant.name.to_string());
    let read = move |rx: &mut Rx<'_>| {
        let mut rows = Vec::new();
        for state in [JobState::Failed, JobState::Unknown, JobState::Running, JobState::Waiting] {
            let found = jobs::list(rx, state, None, SHOWN)?;
            rows.extend(found.into_iter().map(|job| JobRow::of(job, &slug, &name)));
        }
        let members = people::members::list(rx, None, COUNTED)?;
        let business = people::business::find(rx)?.edit;
        Ok::<_, Error>((rows, members, business.phone, business.email))
    };
    let (jobs, members, phone, email) = app.db.read(system(tenant.id), read).await?;
    let at_work: Vec<Member> =
        members.into_iter().filter(|member| member.state == MemberState::Active).collect();
    let owners: Vec<Member> = at_work.iter().filter(|member| member.is_owner()).cloned().collect();
    let logins = move |dx: &mut Dx<'_>| {
        let mut known = Vec::new();
        for owner in owners {
            let account = match owner.account {
                Some(account) => people::accounts::find(dx, account)?,
                None => None,
            };
            let login = account.map(|account| account.login).unwrap_or_default();
            known.push(Owner { name: owner.name.to_string(), login });
        }
        Ok::<_, Error>(known)
    };
    Ok(Inside {
        summary,
        members: at_work.len(),
        owners: app.db.directory().read(logins).await?,
        phone: phone.map(|phone| phone.to_string()),
        email: email.map(|email| email.to_string()),
        jobs,
    })
}

/// Asks once more, with what it means, and why.
async fn suspend_page(
    State(app): State<App>,
    operator: Operator,
    Path(slug): Path<String>,
) -> Result<Page<SuspendPage>, Problem> {
    let tenant = app.db.tenant_by_slug(&slug).await?.ok_or(Error::NoSuchTenant(slug))?;
    let title =
        edge::text(operator.language(), "console-suspend-title", &[("name", tenant.name.to_string().into())]);
    Ok(Page(SuspendPage { frame: operator.frame(title), tenant, reason: String::new(), fault: false }))
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Change {
    Suspend,
    Resume,
    Approve,
}

#[derive(Debug, Deserialize)]
struct ChangeForm {
    action: Change,
    /// Why a business is suspended.
    #[serde(default)]
    reason: String,
}

async fn change_tenant(
    State(app): State<App>,
    operator: Operator,
    Path(slug): Path<String>,
    Form(form): Form<ChangeForm>,
) -> Result<Response, Problem> {
    let tenant = app.db.tenant_by_slug(&slug).await?.ok_or(Error::NoSuchTenant(slug))?;
    let scope = operator.scope_in(&tenant);
    match form.action {
        Change::Suspend => {
            let Ok(reason) = form.reason.parse::<Line<200>>() else {
                let words = [("name", tenant.name.to_string().into())];
                let title = edge::text(operator.language(), "console-suspend-title", &words);
                let frame = operator.frame(title);
                let page = SuspendPage { frame, tenant, reason: form.reason, fault: true };
                return Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY).into_response());
            };
            tenants::suspend(&app.db, scope, reason.as_str()).await?;
        }
        Change::Resume => tenants::resume(&app.db, scope).await?,
        Change::Approve => tenants::approve(&app.db, scope).await?,
    }
    Ok(flash(&app, &format!("/operator/tenants/{}", tenant.slug), "console-done"))
}
