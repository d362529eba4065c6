//! Papers as PDF, for the office, applications, and whoever holds a paper's link.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use base::Language;
use db::{Rx, Scope, Tenant};
use edge::{App, May, Page, Path, Problem, Query, Visitor, flash, shown_pdf};
use serde::Deserialize;
use spine::keys::KeyRing;
use tokio::sync::Semaphore;

use super::{Read, ReadDocuments};
use crate::{
    DocumentId, Error, OrderId, link,
    model::Document,
    order,
    pages::{DocumentPage, order_path},
    paper,
    print::{self, Fault, Sheet, Slip, Voice},
    sql,
};

/// Papers printed at once: each takes a core for a few milliseconds.
static PRESSES: Semaphore = Semaphore::const_new(2);

/// Orders whose slips can be printed together: what a list shows.
const MOST_SLIPS: usize = 100;

/// How a paper is wanted.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// The paper it is printed on: `a4`, or a roll of `80` or `58` millimetres.
    #[param(inline)]
    pub sheet: Sheet,
    /// The language it is written in; the customer's, or else the business's, if none is named.
    #[param(value_type = Option<String>)]
    lang: Option<Language>,
}

/// Prints away from the threads that serve, a few at a time.
pub async fn press<F>(work: F) -> Result<Vec<u8>, Problem>
where
    F: FnOnce() -> Result<Vec<u8>, Fault> + Send + 'static,
{
    // the semaphore is never closed
    let _turn = PRESSES.acquire().await.map_err(Problem::internal)?;
    let printed = tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?;
    Ok(printed.map_err(Error::from)?)
}

/// `paper` as a PDF to look at, in `language`, with the code of its own link.
pub async fn pdf_of(
    app: &App,
    ring: &KeyRing,
    (tenant, scope): (&Tenant, Scope),
    paper: Document,
    sheet: Sheet,
    language: Language,
) -> Result<Response, Problem> {
    let key = ring.tenant_key(tenant.id).map_err(Error::from)?;
    let work = move |rx: &mut Rx<'_>| Ok::<_, Error>((link::paper_link(rx, &key, &paper)?, paper.clone()));
    let (link, paper) = app.db.read(scope, work).await?;
    let address = app.config.shop_link(&format!("/t/{}/d/{link}", tenant.slug));
    let voice = Voice { language, zone: tenant.zone.clone() };
    let name = format!("{}-{}.pdf", paper.kind, paper.name());
    let bytes = press(move || print::pdf(&paper, sheet, &voice, &address)).await?;
    Ok((shown_pdf(&name), bytes).into_response())
}

/// A paper of staff or an application: in the customer's language, whoever prints it.
async fn for_member<P>(
    app: &App,
    ring: &KeyRing,
    may: &May<P>,
    id: DocumentId,
    wanted: Wanted,
) -> Result<Response, Problem> {
    let work = move |rx: &mut Rx<'_>| {
        let paper = paper::document(rx, id)?;
        let contact = sql::contact(rx, paper.order)?;
        let language = contact.and_then(|(customer, ..)| customer.language);
        Ok::<_, Error>((paper, language))
    };
    let (paper, language) = app.db.read(may.scope(), work).await?;
    let language = wanted.lang.or(language).unwrap_or(may.tenant().language);
    pdf_of(app, ring, (may.tenant(), may.scope()), paper, wanted.sheet, language).await
}

#[derive(Deserialize)]
pub struct DocumentPath {
    id: DocumentId,
}

pub async fn document(
    State(app): State<App>,
    may: May<ReadDocuments>,
    Extension(ring): Extension<KeyRing>,
    Path(path): Path<DocumentPath>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    for_member(&app, &ring, &may, path.id, wanted).await
}

/// A paper as PDF (PDF/A-2a), to print on a sheet or a roll.
#[utoipa::path(get, path = "/t/{slug}/api/v1/documents/{id}/pdf",
    params(("slug" = String, Path), ("id" = String, Path), Wanted),
    responses((status = 200, description = "The paper.", body = String, content_type = "application/pdf")))]
pub async fn api(
    State(app): State<App>,
    may: May<ReadDocuments>,
    Extension(ring): Extension<KeyRing>,
    Path(path): Path<DocumentPath>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    for_member(&app, &ring, &may, path.id, wanted).await
}

/// The paper that a link on paper leads to.
async fn by_link(app: &App, ring: &KeyRing, visitor: &Visitor, link: String) -> Result<Document, Problem> {
    let key = ring.tenant_key(visitor.tenant().id).map_err(Error::from)?;
    Ok(app.db.read(visitor.scope(), move |rx| link::linked_paper(rx, &key, &link)).await?)
}

#[derive(Deserialize)]
pub struct LinkPath {
    link: String,
}

/// A paper, for whoever holds it: it shows what is printed, and leads to nothing else.
pub async fn linked(
    State(app): State<App>,
    visitor: Visitor,
    Extension(ring): Extension<KeyRing>,
    Path(path): Path<LinkPath>,
) -> Result<Page<DocumentPage>, Problem> {
    let paper = by_link(&app, &ring, &visitor, path.link.clone()).await?;
    let pdf = visitor.shop_path(&format!("/d/{}/pdf", path.link));
    Ok(Page(DocumentPage { frame: visitor.frame(paper.name()), paper, order: None, pdf }))
}

pub async fn linked_pdf(
    State(app): State<App>,
    visitor: Visitor,
    Extension(ring): Extension<KeyRing>,
    Path(path): Path<LinkPath>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let paper = by_link(&app, &ring, &visitor, path.link).await?;
    let whose = (visitor.tenant(), visitor.scope());
    pdf_of(&app, &ring, whose, paper, wanted.sheet, visitor.language()).await
}

#[derive(Deserialize)]
pub struct OrderPath {
    id: OrderId,
}

pub async fn packing_slip(
    State(app): State<App>,
    may: May<Read>,
    Path(path): Path<OrderPath>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    slips(&app, &may, vec![path.id], wanted.sheet).await
}

/// Which orders are to be packed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    order: Vec<OrderId>,
    sheet: Sheet,
}

/// The slips of several orders, as chosen on the list.
pub async fn packing_slips(
    State(app): State<App>,
    may: May<Read>,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Problem> {
    if chosen.order.is_empty() || chosen.order.len() > MOST_SLIPS {
        return Ok(flash(&app, &format!("/t/{}/admin/orders", may.tenant().slug), "orders-flash-choose"));
    }
    slips(&app, &may, chosen.order, chosen.sheet).await
}

/// Packing slips are for staff: in the language that the one who asks reads.
async fn slips(app: &App, may: &May<Read>, ids: Vec<OrderId>, sheet: Sheet) -> Result<Response, Problem> {
    let (office, slug) = (app.clone(), may.tenant().slug.clone());
    let work = move |rx: &mut Rx<'_>| {
        let business = people::business::find(rx)?.edit;
        let locations = people::location::list(rx)?;
        let slip = |id: &OrderId| {
            let whole = order::whole(rx, *id)?;
            let named = locations.iter().filter(|_| locations.len() > 1);
            let mut here = named.filter(|known| whole.order.location == Some(known.id));
            Ok::<_, Error>(Slip {
                location: here.next().map(|location| location.name.to_string()),
                link: office.config.office_link(&order_path(&slug, *id)),
                seller: business.name.to_string(),
                home: business.country,
                whole,
            })
        };
        ids.iter().map(slip).collect::<Result<Vec<_>, Error>>()
    };
    let slips = app.db.read(may.scope(), work).await?;
    let name = match slips.as_slice() {
        [only] => format!("packing-slip-{}.pdf", only.whole.order.number),
        _ => "packing-slips.pdf".to_owned(),
    };
    let voice = Voice { language: may.language(), zone: may.tenant().zone.clone() };
    let bytes = press(move || print::packing_slips(&slips, sheet, &voice)).await?;
    Ok((shown_pdf(&name), bytes).into_response())
}
