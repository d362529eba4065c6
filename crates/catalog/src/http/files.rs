//! Files in and out: for applications in one call, for people as preview and then import.

use axum::{
    Extension,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use edge::{App, Json, May, Page, Path, Problem, Query};
use futures_util::stream;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{File, Import, OnShelf, Read, currency};
use crate::{
    Error, ImportId, ProductId,
    export::{self, HEADING},
    images,
    import::{self, Outcome, Report, RunError},
    model::Change,
    pages::{ImportPage, ReportPage},
    shelf::SharedShelf,
    sql,
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Only says what would become of the file.
    #[serde(default)]
    preview: bool,
}

/// What became, or would become, of a file.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportView {
    /// `shopify`, `woocommerce` or `sheet`.
    #[schema(value_type = String)]
    format: import::Format,
    preview: bool,
    created: usize,
    changed: usize,
    unchanged: usize,
    refused: usize,
    /// Every product that is not left as it was.
    lines: Vec<LineView>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LineView {
    /// Of the file; the heading is line 1.
    line: u64,
    product: String,
    /// `created`, `changed`, `unchanged` or `refused`.
    outcome: &'static str,
    #[schema(value_type = Option<String>)]
    id: Option<ProductId>,
    #[schema(value_type = Vec<serde_json::Value>)]
    changes: Vec<Change>,
    /// Why it was refused, and what to do.
    reason: Option<String>,
    /// What was taken otherwise than the file has it.
    notes: Vec<String>,
}

impl ReportView {
    fn of(report: Report, preview: bool) -> Self {
        let (created, changed) = (report.created(), report.changed());
        let (unchanged, refused) = (report.unchanged(), report.refused());
        let lines = report
            .lines
            .into_iter()
            .filter(|line| !matches!(line.outcome, Outcome::Unchanged(_)) || !line.notes.is_empty());
        let lines = lines.map(|line| {
            let (outcome, id, changes, reason) = match line.outcome {
                Outcome::Created(id) => ("created", id, Vec::new(), None),
                Outcome::Changed(id, changes) => ("changed", Some(id), changes, None),
                Outcome::Unchanged(id) => ("unchanged", Some(id), Vec::new(), None),
                Outcome::Refused(reason) => ("refused", None, Vec::new(), Some(reason.to_string())),
            };
            let notes = line.notes.iter().map(ToString::to_string).collect();
            LineView { line: line.line, product: line.product, outcome, id, changes, reason, notes }
        });
        let lines = lines.collect();
        Self { format: report.format, preview, created, changed, unchanged, refused, lines }
    }
}

/// Brings in a CSV file of Shopify, WooCommerce or a spreadsheet: as the body (`text/csv`), or as the file of a form.
#[utoipa::path(post, path = "/t/{slug}/api/v1/imports", params(("slug" = String, Path), ImportQuery),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, description = "What became, or would become, of it.", body = ReportView)))]
pub async fn import(
    State(app): State<App>,
    may: May<Import>,
    Extension(shelf): OnShelf,
    Query(query): Query<ImportQuery>,
    file: File,
) -> Result<Json<ReportView>, Problem> {
    let report = import::run(&app.db, may.scope(), shelf, currency(&may), &file.bytes, query.preview).await?;
    Ok(Json(ReportView::of(report, query.preview)))
}

/// The whole catalogue as a CSV file that Shopify reads; bringing it in again changes nothing.
#[utoipa::path(get, path = "/t/{slug}/api/v1/export", params(("slug" = String, Path)),
    responses((status = 200, description = "The file.", body = String, content_type = "text/csv")))]
pub async fn export(State(app): State<App>, may: May<Read>, Extension(shelf): OnShelf) -> Response {
    file_of(app, &may, shelf)
}

/// The same file for people.
pub async fn export_page(State(app): State<App>, may: May<Read>, Extension(shelf): OnShelf) -> Response {
    file_of(app, &may, shelf)
}

/// Sent in pieces, each read by itself, so that a slow reader holds no snapshot open.
fn file_of(app: App, may: &May<Read>, shelf: SharedShelf) -> Response {
    enum At {
        Heading,
        Behind(Option<ProductId>),
    }
    let (scope, files) = (may.scope(), super::public_files(&app, may, may.tenant().slug.as_str()));
    let pieces = stream::try_unfold(At::Heading, move |at| {
        let (db, scope, shelf, files) = (app.db.clone(), scope.clone(), shelf.clone(), files.clone());
        async move {
            let At::Behind(after) = at else {
                return Ok::<_, Error>(Some((Bytes::from_static(HEADING.as_bytes()), At::Behind(None))));
            };
            let next = db.read(scope, move |rx| export::piece(rx, &*shelf, &files, after)).await?;
            Ok(next.map(|(lines, last)| (Bytes::from(lines), At::Behind(Some(last)))))
        }
    });
    (edge::attachment("products.csv", "text/csv; charset=utf-8"), Body::from_stream(pieces)).into_response()
}

/// Chooses a file.
pub async fn choose(State(_): State<App>, may: May<Import>) -> Page<ImportPage> {
    Page(ImportPage {
        frame: may.frame(edge::text(may.language(), "catalog-import-title", &[])),
        error: None,
    })
}

/// Shows what would become of the file, and keeps it for the import.
pub async fn preview(
    State(app): State<App>,
    may: May<Import>,
    Extension(shelf): OnShelf,
    file: File,
) -> Result<Response, Problem> {
    let frame = may.frame(edge::text(may.language(), "catalog-import-title", &[]));
    let report = match import::run(&app.db, may.scope(), shelf, currency(&may), &file.bytes, true).await {
        Ok(report) => report,
        Err(RunError::File(error)) => {
            return Ok(
                Page(ImportPage { frame, error: Some(error) }).with_status(StatusCode::UNPROCESSABLE_ENTITY)
            );
        }
        Err(error) => return Err(error.into()),
    };
    let (name, bytes) =
        (file.name.chars().filter(|letter| !letter.is_control()).take(200).collect::<String>(), file.bytes);
    let keep = move |tx: &mut db::Tx| {
        let id: ImportId = tx.new_id();
        sql::keep_file(tx, id, &name, &bytes)?;
        Ok::<_, Error>(id)
    };
    let id = app.db.write(may.scope(), keep).await?;
    Ok(Page(ReportPage::new(frame, report, Some(id), 0)).into_response())
}

#[derive(Deserialize)]
pub struct ImportPath {
    id: ImportId,
}

/// Brings the previewed file in.
pub async fn confirm(
    State(app): State<App>,
    may: May<Import>,
    Extension(shelf): OnShelf,
    Path(path): Path<ImportPath>,
) -> Result<Response, Problem> {
    let kept = app.db.read(may.scope(), move |rx| sql::file(rx, path.id)).await?;
    let Some((_, bytes)) = kept else {
        let detail = "This file was brought in already, or another was chosen since. Choose it again.";
        return Err(Problem::gone("import-gone", detail));
    };
    let report = import::run(&app.db, may.scope(), shelf, currency(&may), &bytes, false).await?;
    app.db.write(may.scope(), sql::forget_files).await?;
    let fetching = app.db.read(may.scope(), images::progress).await?.waiting;
    let frame = may.frame(edge::text(may.language(), "catalog-import-done-title", &[]));
    Ok(Page(ReportPage::new(frame, report, None, fetching)).into_response())
}
