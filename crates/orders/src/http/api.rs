//! Orders and their papers for applications. Placing is payments' route: an order in one call says how it is paid.

use axum::{extract::State, response::Response};
use customers::CustomerId;
use edge::{
    App, Created, Json, List, May, PageQuery, Path, Problem, Query, Reply, RequestKey, fingerprint,
    idempotent,
};
use serde::Deserialize;
use spine::ledger::Account;

use super::{
    CancelOrder, Fulfil, Read, ReadDocuments, RefundOrder, Write,
    input::{CancelInput, FulfilInput, RefundInput},
};
use crate::{
    Cancel, DocumentId, DocumentType, Error, Filter, OrderId, RefundId, Taken, close, fulfil as fulfilment,
    model::Channel,
    order, paper, refund as refunds, sql,
    wire::{DocumentView, FulfilmentView, OrderHead, OrderView, RefundView},
};

#[derive(Deserialize)]
pub struct OrderPath {
    id: OrderId,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// A payment status, a fulfilment status, `to-do` or `owed`.
    #[serde(default)]
    state: String,
    channel: Option<Channel>,
    /// A number, or words of a name, phone number, e-mail or address.
    #[serde(default)]
    q: String,
}

/// Orders, newest first.
#[utoipa::path(get, path = "/t/{slug}/api/v1/orders", params(("slug" = String, Path), ListQuery, PageQuery),
    responses((status = 200, description = "A page of orders.", body = List<OrderHead>)))]
pub async fn list(
    State(app): State<App>,
    may: May<Read>,
    Query(query): Query<ListQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<OrderHead>>, Problem> {
    let unknown =
        || Problem::bad_request("state-unknown", "This is no state of an order; leave it out to see all.");
    let filter = Filter::of_state(&query.state).ok_or_else(unknown)?;
    let filter = Filter { channel: query.channel, search: query.q, ..filter };
    let before = behind(&page)?;
    let limit = page.limit();
    let work = move |rx: &mut db::Rx<'_>| {
        let listed = order::list(rx, &filter, before, limit + 1)?;
        listed.iter().map(|listed| OrderHead::of(&listed.order)).collect::<Result<Vec<_>, Error>>()
    };
    let rows = app.db.read(may.scope(), work).await?;
    Ok(Json(List::of(rows, limit, |last| [last.number.to_string()])))
}

#[derive(Deserialize)]
pub struct CustomerPath {
    id: CustomerId,
}

/// The orders of a customer, newest first.
#[utoipa::path(get, path = "/t/{slug}/api/v1/customers/{id}/orders",
    params(("slug" = String, Path), ("id" = String, Path), PageQuery),
    responses((status = 200, description = "A page of orders.", body = List<OrderHead>)))]
pub async fn of_customer(
    State(app): State<App>,
    may: May<Read>,
    Path(CustomerPath { id }): Path<CustomerPath>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<OrderHead>>, Problem> {
    let (before, limit) = (behind(&page)?, page.limit());
    let work = move |rx: &mut db::Rx<'_>| {
        customers::find(rx, id)?;
        let orders = sql::orders_of(rx, id, before, limit + 1)?;
        orders.iter().map(OrderHead::of).collect::<Result<Vec<_>, Error>>()
    };
    let rows = app.db.read(may.scope(), work).await?;
    Ok(Json(List::of(rows, limit, |last| [last.number.to_string()])))
}

/// The number of the last order that was seen.
pub(super) fn behind(page: &PageQuery) -> Result<Option<i64>, Problem> {
    let Some([number]) = page.after::<1>()? else { return Ok(None) };
    let foreign =
        |_| Problem::bad_request("cursor-unknown", "This cursor is not one of ours; start again without it.");
    number.parse().map(Some).map_err(foreign)
}

/// An order with everything that belongs to it.
#[utoipa::path(get, path = "/t/{slug}/api/v1/orders/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The order.", body = OrderView)))]
pub async fn read(
    State(app): State<App>,
    may: May<Read>,
    Path(path): Path<OrderPath>,
) -> Result<Json<OrderView>, Problem> {
    let work = move |rx: &mut db::Rx<'_>| OrderView::of(order::whole(rx, path.id)?);
    Ok(Json(app.db.read(may.scope(), work).await?))
}

/// Takes a step: packs, ships, or hands over.
#[utoipa::path(post, path = "/t/{slug}/api/v1/orders/{id}/fulfilments",
    params(("slug" = String, Path), ("id" = String, Path)), request_body = FulfilInput,
    responses((status = 201, description = "The step.", body = FulfilmentView),
        (status = 409, description = "The order is not in a state for this.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn fulfil(
    State(app): State<App>,
    may: May<Fulfil>,
    Path(path): Path<OrderPath>,
    Json(input): Json<FulfilInput>,
) -> Result<Created<FulfilmentView>, Problem> {
    let taken = Taken::from(input);
    let work = move |tx: &mut db::Tx<'_>| {
        let id = fulfilment::fulfil(tx, path.id, &taken)?;
        let whole = order::whole(tx, path.id)?;
        whole.fulfilments.into_iter().find(|step| step.id == id).ok_or(Error::UnknownOrder)
    };
    let step = app.db.write(may.scope(), work).await?;
    Ok(Created { location: format!("/t/{}/api/v1/orders/{}", may.tenant().slug, path.id), body: step.into() })
}

/// Ends an order that has not reached the customer; money that came is given back.
#[utoipa::path(post, path = "/t/{slug}/api/v1/orders/{id}/cancel",
    params(("slug" = String, Path), ("id" = String, Path)), request_body = CancelInput,
    responses((status = 200, description = "The order.", body = OrderView),
        (status = 409, description = "The order is not in a state for this.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn cancel(
    State(app): State<App>,
    may: May<CancelOrder>,
    Path(path): Path<OrderPath>,
    Json(input): Json<CancelInput>,
) -> Result<Json<OrderView>, Problem> {
    let cancel = Cancel::from(input);
    let work = move |tx: &mut db::Tx<'_>| {
        close::cancel(tx, path.id, &cancel)?;
        OrderView::of(order::whole(tx, path.id)?)
    };
    Ok(Json(app.db.write(may.scope(), work).await?))
}

/// Gives money back: of lines, an amount, or everything. Takes `Idempotency-Key`.
#[utoipa::path(post, path = "/t/{slug}/api/v1/orders/{id}/refunds",
    params(("slug" = String, Path), ("id" = String, Path)), request_body = RefundInput,
    responses((status = 201, description = "The refund.", body = RefundView),
        (status = 409, description = "No money of this order can go back.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn refund(
    State(app): State<App>,
    may: May<RefundOrder>,
    key: RequestKey,
    Path(path): Path<OrderPath>,
    Json(input): Json<RefundInput>,
) -> Result<Response, Problem> {
    let print = fingerprint(&input);
    let wanted = input.wanted(may.tenant().currency)?;
    let location = format!("/t/{}/api/v1/orders/{}", may.tenant().slug, path.id);
    let work = move |tx: &mut db::Tx<'_>| {
        let granted = refunds::refund(tx, path.id, &wanted)?;
        let (_, refund) = refunds::find(tx, granted.refund)?;
        Reply::created(location.clone(), &RefundView::from(refund))
    };
    idempotent::<Problem>(&app, &may, may.scope(), &key, print, work).await
}

#[derive(Deserialize)]
pub struct RefundPath {
    id: OrderId,
    refund: RefundId,
}

/// Where the money of a refund was taken from.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefundPaidInput {
    /// The account it left: `cash:drawer`, `bank`.
    #[schema(value_type = String)]
    from: Account,
    #[serde(default)]
    reference: String,
}

/// Says that the money of a refund was given back by hand.
#[utoipa::path(post, path = "/t/{slug}/api/v1/orders/{id}/refunds/{refund}/paid",
    params(("slug" = String, Path), ("id" = String, Path), ("refund" = String, Path)), request_body = RefundPaidInput,
    responses((status = 200, description = "The refund.", body = RefundView)))]
pub async fn refund_paid(
    State(app): State<App>,
    may: May<RefundOrder>,
    Path(path): Path<RefundPath>,
    Json(input): Json<RefundPaidInput>,
) -> Result<Json<RefundView>, Problem> {
    if !matches!(input.from, Account::Cash(_) | Account::Bank) {
        return Err(Problem::unprocessable(
            "account-refused",
            "By hand, money leaves a drawer (cash:…) or the bank.",
        ));
    }
    let work = move |tx: &mut db::Tx<'_>| {
        let (order, _) = refunds::find(tx, path.refund)?;
        if order != path.id {
            return Err(Error::UnknownRefund);
        }
        refunds::refund_paid(tx, path.refund, input.from.clone(), refunds::BY_HAND, &input.reference)?;
        Ok(RefundView::from(refunds::find(tx, path.refund)?.1))
    };
    Ok(Json(app.db.write(may.scope(), work).await?))
}

/// The papers of an order, oldest first.
#[utoipa::path(get, path = "/t/{slug}/api/v1/orders/{id}/documents", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "All papers of the order.", body = List<DocumentView>)))]
pub async fn documents(
    State(app): State<App>,
    may: May<ReadDocuments>,
    Path(path): Path<OrderPath>,
) -> Result<Json<List<DocumentView>>, Problem> {
    let work = move |rx: &mut db::Rx<'_>| {
        order::order(rx, path.id)?;
        paper::documents_of(rx, path.id)
    };
    let items = app.db.read(may.scope(), work).await?.into_iter().map(DocumentView::from).collect();
    Ok(Json(List { items, next_cursor: None }))
}

/// Which paper is wanted.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueInput {
    r#type: DocumentType,
}

/// Issues a quote, receipt or invoice; one that was issued already is given again.
#[utoipa::path(post, path = "/t/{slug}/api/v1/orders/{id}/documents", params(("slug" = String, Path), ("id" = String, Path)),
    request_body = IssueInput, responses((status = 201, description = "The paper.", body = DocumentView),
        (status = 409, description = "The order is not in a state for this.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn issue(
    State(app): State<App>,
    may: May<Write>,
    Path(path): Path<OrderPath>,
    Json(input): Json<IssueInput>,
) -> Result<Created<DocumentView>, Problem> {
    let work = move |tx: &mut db::Tx<'_>| {
        let id = paper::issue(tx, path.id, input.r#type)?;
        paper::document(tx, id)
    };
    let document = app.db.write(may.scope(), work).await?;
    let location = format!("/t/{}/api/v1/documents/{}", may.tenant().slug, document.id);
    Ok(Created { location, body: document.into() })
}

#[derive(Deserialize)]
pub struct DocumentPath {
    id: DocumentId,
}

/// A paper.
#[utoipa::path(get, path = "/t/{slug}/api/v1/documents/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The paper.", body = DocumentView)))]
pub async fn document(
    State(app): State<App>,
    may: May<ReadDocuments>,
    Path(path): Path<DocumentPath>,
) -> Result<Json<DocumentView>, Problem> {
    let work = move |rx: &mut db::Rx<'_>| paper::document(rx, path.id);
    Ok(Json(app.db.read(may.scope(), work).await?.into()))
}
