//! Files of customers: for applications in one call, for people as preview and then import.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use edge::{App, Json, May, Page, Path, Problem, Query, Raw, Upload};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::Import;
use crate::{
    Error,
    import::{self, Ground, Known, Outcome, Report, RunError},
    model::{CustomerId, FileId},
    pages::{ImportPage, ReportPage},
    sql,
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Only says what would become of the file.
    #[serde(default)]
    preview: bool,
    /// What becomes of customers who are known already: `update` (if nothing is said) or `leave`.
    #[serde(default)]
    #[param(inline)]
    known: Known,
}

/// What became, or would become, of a file of customers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CustomerImport)]
pub struct ReportView {
    preview: bool,
    added: usize,
    changed: usize,
    unchanged: usize,
    /// Known, and left as they are though the file says otherwise.
    left: usize,
    refused: usize,
    /// Headings of columns that say nothing here.
    unread_columns: Vec<String>,
    /// Every line but those of customers who are known as the file has them.
    lines: Vec<LineView>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CustomerImportLine)]
pub struct LineView {
    /// Of the file; the heading is line 1.
    line: u64,
    who: String,
    /// `added`, `changed`, `left` or `refused`.
    outcome: &'static str,
    #[schema(value_type = Option<String>)]
    id: Option<CustomerId>,
    /// Which of `name`, `phone`, `email`, `language` and `consent` changed.
    fields: Vec<&'static str>,
    /// Why it was refused, and what to do.
    reason: Option<String>,
}

impl ReportView {
    fn of(report: Report, preview: bool) -> Self {
        let [added, changed, unchanged, left, refused] = report.counts();
        let line = |line: import::ReportLine| {
            let (outcome, id, fields, reason) = match line.outcome {
                Outcome::Added(id) => ("added", id, Vec::new(), None),
                Outcome::Changed(id, fields) => ("changed", Some(id), fields, None),
                Outcome::Unchanged(_) => return None,
                Outcome::Left(id) => ("left", Some(id), Vec::new(), None),
                Outcome::Refused(reason) => ("refused", None, Vec::new(), Some(reason.to_string())),
            };
            Some(LineView { line: line.line, who: line.who, outcome, id, fields, reason })
        };
        let lines = report.lines.into_iter().filter_map(line).collect();
        let unread_columns = report.unread;
        Self { preview, added, changed, unchanged, left, refused, unread_columns, lines }
    }
}

fn ground(app: &App, may: &May<Import>) -> Ground {
    let tenant = may.tenant();
    Ground { home: tenant.country, zone: tenant.zone.clone(), now: app.now() }
}

/// Brings in a CSV file of customers: names, phone numbers, e-mails, languages, and consents where a column states them. Who
/// has a phone number or an e-mail of somebody known is that customer. Bringing a file in again changes nothing.
#[utoipa::path(post, path = "/t/{slug}/api/v1/customers/imports", operation_id = "import_customers",
    params(("slug" = String, Path), ImportQuery), request_body(content = String, content_type = "text/csv"),
    responses((status = 200, description = "What became, or would become, of it.", body = ReportView),
        (status = 409, description = "It was changed in between.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn bring(
    State(app): State<App>,
    may: May<Import>,
    Query(query): Query<ImportQuery>,
    Raw(bytes): Raw,
) -> Result<Json<ReportView>, Problem> {
    let ground = ground(&app, &may);
    let report = import::run(&app.db, may.scope(), &ground, &bytes, query.known, query.preview).await?;
    Ok(Json(ReportView::of(report, query.preview)))
}

/// Chooses a file.
pub async fn choose(State(_): State<App>, may: May<Import>) -> Page<ImportPage> {
    let frame = may.titled("customers-import-title");
    Page(ImportPage { frame, known: Known::default(), error: None, gone: false })
}

/// Shows what would become of the file, and keeps it for the import.
pub async fn preview(State(app): State<App>, may: May<Import>, upload: Upload) -> Result<Response, Problem> {
    let known = Known::parse(upload.field("known").unwrap_or_default());
    let bytes = upload.file("file").map(|file| file.bytes.clone()).unwrap_or_default();
    let ground = ground(&app, &may);
    let report = match import::run(&app.db, may.scope(), &ground, &bytes, known, true).await {
        Ok(report) => report,
        Err(RunError::File(error)) => {
            let frame = may.titled("customers-import-title");
            let page = ImportPage { frame, known, error: Some(error), gone: false };
            return Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY));
        }
        Err(error) => return Err(error.into()),
    };
    let kept = app.db.write(may.scope(), move |tx| import::keep(tx, known, &bytes)).await?;
    Ok(Page(ReportPage::new(may.titled("customers-import-title"), report, Some(kept))).into_response())
}

#[derive(Deserialize)]
pub struct FilePath {
    id: FileId,
}

/// Brings the previewed file in; one that is gone is to be chosen again.
pub async fn confirm(
    State(app): State<App>,
    may: May<Import>,
    Path(path): Path<FilePath>,
) -> Result<Response, Problem> {
    let (known, bytes) = match app.db.read(may.scope(), move |rx| import::waiting(rx, path.id)).await {
        Ok(kept) => kept,
        Err(Error::UnknownFile) => {
            let frame = may.titled("customers-import-title");
            let page = ImportPage { frame, known: Known::default(), error: None, gone: true };
            return Ok(Page(page).with_status(StatusCode::GONE));
        }
        Err(error) => return Err(error.into()),
    };
    let ground = ground(&app, &may);
    let report = import::run(&app.db, may.scope(), &ground, &bytes, known, false).await?;
    app.db.write(may.scope(), |tx| Ok::<_, Error>(sql::forget_files(tx)?)).await?;
    Ok(Page(ReportPage::new(may.titled("customers-import-done"), report, None)).into_response())
}
