//! Back office pages: the list of orders, an order with its actions, and papers to print.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Line, Money, Quantity, TextError, Timestamp};
use edge::{App, Form, List, May, Page, PageQuery, Path, Problem, Query, flash, redirect};
use serde::Deserialize;
use spine::{events, ledger::Account};

use super::{CancelOrder, Fulfil, Read, ReadDocuments, RefundOrder, Write, api, input::way};
use crate::{
    Cancel, DocumentId, DocumentType, Error, Extent, Filter, LINK_LASTS_S, OrderId, Purpose, RefundId,
    RefundWanted, Step, Taken, Waits, Wish, close, fulfil as fulfilment, link as links, mail,
    model::{CancelReason, Channel, Whole},
    order,
    pages::{
        Allowed, DocumentListPage, DocumentPage, Happened, OrderListPage, OrderPage, OrderRow, SharedLink,
        SoldLine, document_path, escaped, order_path,
    },
    paper, promotion, refund as refunds, sql, stored,
};

#[derive(Deserialize)]
pub struct ListQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    q: String,
}

#[derive(Deserialize)]
pub struct OrderPath {
    pub id: OrderId,
}

pub(super) fn words<P>(may: &May<P>, key: &str) -> String {
    edge::text(may.language(), key, &[])
}

pub async fn list(
    State(app): State<App>,
    may: May<Read>,
    Query(query): Query<ListQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Page<OrderListPage>, Problem> {
    // an address typed by hand shows everything rather than an error
    let filter = Filter::of_state(&query.state).unwrap_or_default();
    let filter = Filter { channel: Channel::parse(&query.channel), search: query.q.clone(), ..filter };
    let (before, limit) = (api::behind(&page)?, page.limit());
    let work = move |rx: &mut db::Rx<'_>| {
        let (to_do, owed) = (order::waiting(rx, Waits::Goods)?, order::waiting(rx, Waits::Money)?);
        Ok::<_, Error>((order::list(rx, &filter, before, limit + 1)?, to_do, owed))
    };
    let (listed, to_do, owed) = app.db.read(may.scope(), work).await?;
    let list = List::of(listed, limit, |last| [last.order.number.to_string()]);
    let row = |listed: crate::Listed| OrderRow {
        customer: listed.customer.or(listed.phone).unwrap_or_default(),
        order: listed.order,
    };
    Ok(Page(OrderListPage {
        frame: may.frame(words(&may, "orders-title")),
        q: query.q,
        state: query.state,
        channel: query.channel,
        next: list.next_cursor,
        orders: list.items.into_iter().map(row).collect(),
        today: app.now().day(&may.tenant().zone),
        to_do,
        owed,
        may_write: may.may("orders.write"),
    }))
}

/// The page of an order; `link` is shown on it once.
pub(super) async fn page<P>(
    app: &App,
    may: &May<P>,
    id: OrderId,
    link: Option<SharedLink>,
) -> Result<OrderPage, Problem> {
    let (knows, sees_coupons) = (may.may("customers.read"), may.may("coupons.read"));
    let work = move |rx: &mut db::Rx<'_>| {
        let whole = order::whole(rx, id)?;
        let papers = paper::documents_of(rx, id)?;
        let customer = if knows { sql::customer_of(rx, id)? } else { None };
        let coupons = if sees_coupons { promotion::used(rx, id)? } else { Vec::new() };
        let sold = stored::sold(rx, id, &whole.lines)?.into_iter();
        let sold: Vec<_> = sold.map(|(line, sold)| SoldLine { title: line.title.clone(), sold }).collect();
        let filter = events::Filter { subject: Some(id.to_string()), ..events::Filter::default() };
        let events = events::list(rx, &filter, None, 100)?;
        let names = people::actors::names(rx, events.iter().map(|event| event.actor.as_str()))?;
        Ok::<_, Error>((whole, customer, coupons, sold, papers, events, names))
    };
    let (whole, customer, coupons, sold, papers, events, names) = app.db.read(may.scope(), work).await?;
    let amount = |event: &events::Seen| {
        let amount = event.payload.as_ref()?.get("amount")?.clone();
        serde_json::from_value(amount).ok()
    };
    let history = events.into_iter().map(|event| Happened {
        amount: amount(&event),
        at: event.at,
        kind: event.kind,
        actor: event.actor,
    });
    let title = edge::text(may.language(), "orders-order-title", &[("number", whole.order.number.into())]);
    Ok(OrderPage {
        frame: may.frame(title),
        home: may.tenant().country,
        due: whole.order.due().map_err(Error::from)?,
        kept: whole.order.kept().map_err(Error::from)?,
        history: history.collect(),
        names,
        papers,
        may: Allowed {
            fulfil: may.may("orders.fulfil"),
            cancel: may.may("orders.cancel"),
            refund: may.may("orders.refund"),
            write: may.may("orders.write"),
            documents: may.may("documents.read"),
            payments: may.may("payments.read"),
            cards: may.may("cards.read"),
        },
        link,
        customer,
        coupons,
        sold,
        whole,
    })
}

pub async fn show(
    State(app): State<App>,
    may: May<Read>,
    Path(path): Path<OrderPath>,
) -> Result<Page<OrderPage>, Problem> {
    Ok(Page(page(&app, &may, path.id, None).await?))
}

/// A form field of one line; nothing typed is nothing.
fn typed<const N: usize>(field: &'static str, raw: &str) -> Result<Option<Line<N>>, Problem> {
    Line::parse_optional(raw)
        .map_err(|error: TextError| Problem::unprocessable("input-malformed", &error).field(field, &error))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct FulfilForm {
    step: String,
    carrier: String,
    tracking: String,
    collected_by: String,
}

pub async fn fulfil(
    State(app): State<App>,
    may: May<Fulfil>,
    Path(path): Path<OrderPath>,
    Form(form): Form<FulfilForm>,
) -> Result<Response, Problem> {
    let unknown = || Problem::unprocessable("input-malformed", "Choose a step: pack, ship or hand over.");
    let taken = Taken {
        step: Step::parse(&form.step).ok_or_else(unknown)?,
        carrier: typed("carrier", &form.carrier)?,
        tracking: typed("tracking", &form.tracking)?,
        collected_by: typed("collected_by", &form.collected_by)?,
    };
    let work = move |tx: &mut db::Tx<'_>| fulfilment::fulfil(tx, path.id, &taken);
    app.db.write(may.scope(), work).await?;
    Ok(flash(&app, &order_path(&may.tenant().slug, path.id), "orders-flash-done"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CancelForm {
    reason: String,
    restock: String,
    /// `hand` or `credit`; else the way it came.
    money: String,
}

pub async fn cancel(
    State(app): State<App>,
    may: May<CancelOrder>,
    Path(path): Path<OrderPath>,
    Form(form): Form<CancelForm>,
) -> Result<Response, Problem> {
    let cancel = Cancel {
        reason: CancelReason::parse(&form.reason).unwrap_or(CancelReason::Other),
        restock: !form.restock.is_empty(),
        money: way(form.money == "hand", form.money == "credit"),
    };
    let work = move |tx: &mut db::Tx<'_>| close::cancel(tx, path.id, &cancel);
    app.db.write(may.scope(), work).await?;
    Ok(flash(&app, &order_path(&may.tenant().slug, path.id), "orders-flash-cancelled"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct RefundForm {
    /// `full`, `lines` or `amount`.
    what: String,
    amount: String,
    line: Vec<i64>,
    quantity: Vec<String>,
    restock: String,
    /// `hand` or `credit`; else the way it came.
    money: String,
    reason: String,
}

impl RefundForm {
    fn wanted(self, currency: base::Currency) -> Result<RefundWanted, Problem> {
        let refused = |field: &'static str, error: String| {
            Problem::unprocessable("input-malformed", &error).field(field, &error)
        };
        let extent = match self.what.as_str() {
            "amount" => {
                let amount = Money::parse_decimal(&self.amount, currency);
                Extent::Amount(amount.map_err(|error| refused("amount", error.to_string()))?)
            }
            "lines" => {
                let mut lines = Vec::new();
                for (line, raw) in self.line.iter().zip(&self.quantity) {
                    if raw.trim().is_empty() {
                        continue;
                    }
                    let quantity: Quantity = raw
                        .parse()
                        .map_err(|error: base::QuantityError| refused("quantity", error.to_string()))?;
                    if quantity.is_positive() {
                        lines.push((*line, Wish::Quantity(quantity)));
                    }
                }
                Extent::Lines(lines)
            }
            _ => Extent::Full,
        };
        let reason =
            typed::<200>("reason", &self.reason)?.map(|reason| reason.to_string()).unwrap_or_default();
        Ok(RefundWanted {
            extent,
            restock: !self.restock.is_empty(),
            reason,
            money: way(self.money == "hand", self.money == "credit"),
        })
    }
}

pub async fn refund(
    State(app): State<App>,
    may: May<RefundOrder>,
    Path(path): Path<OrderPath>,
    Form(form): Form<RefundForm>,
) -> Result<Response, Problem> {
    let wanted = form.wanted(may.tenant().currency)?;
    let work = move |tx: &mut db::Tx<'_>| refunds::refund(tx, path.id, &wanted);
    app.db.write(may.scope(), work).await?;
    Ok(flash(&app, &order_path(&may.tenant().slug, path.id), "orders-flash-refunded"))
}

#[derive(Deserialize)]
pub struct RefundPath {
    id: OrderId,
    refund: RefundId,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct RefundPaidForm {
    from: String,
    reference: String,
}

pub async fn refund_paid(
    State(app): State<App>,
    may: May<RefundOrder>,
    Path(path): Path<RefundPath>,
    Form(form): Form<RefundPaidForm>,
) -> Result<Response, Problem> {
    let from = if form.from == "bank" { Account::Bank } else { Account::Cash("drawer".to_owned()) };
    let reference =
        typed::<120>("reference", &form.reference)?.map(|line| line.to_string()).unwrap_or_default();
    let work = move |tx: &mut db::Tx<'_>| {
        let (order, _) = refunds::find(tx, path.refund)?;
        if order != path.id {
            return Err(Error::UnknownRefund);
        }
        refunds::refund_paid(tx, path.refund, from.clone(), refunds::BY_HAND, &reference)
    };
    app.db.write(may.scope(), work).await?;
    Ok(flash(&app, &order_path(&may.tenant().slug, path.id), "orders-flash-refund-paid"))
}

/// A new link for the customer, on the order's page, ready to copy or to send.
pub async fn link(
    State(app): State<App>,
    may: May<Write>,
    Path(path): Path<OrderPath>,
) -> Result<Response, Problem> {
    let (writer, tenant) = (app.clone(), may.tenant().clone());
    let work = move |tx: &mut db::Tx<'_>| {
        let whole = order::whole(tx, path.id)?;
        let token = links::link(tx, path.id, Purpose::Order, LINK_LASTS_S)?;
        shared(tx, &writer, &tenant, &whole, &token)
    };
    let shared = app.db.write(may.scope(), work).await?;
    Ok(Page(page(&app, &may, path.id, Some(shared)).await?).into_response())
}

/// The address behind a token, and the words to send it with, as the order stands now.
pub(super) fn shared(
    rx: &mut db::Rx<'_>,
    app: &App,
    tenant: &db::Tenant,
    whole: &Whole,
    token: &str,
) -> Result<SharedLink, Error> {
    let address = app.config.shop_link(&format!("/t/{}/orders/{token}", tenant.slug));
    let message = mail::message(rx, whole, tenant, &address)?;
    let digits = whole.customer.phone.as_ref().map(|phone| phone.digits().to_owned()).unwrap_or_default();
    let whatsapp = format!("https://wa.me/{digits}?text={}", escaped(&message));
    Ok(SharedLink { address, message, whatsapp })
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct IssueForm {
    r#type: String,
}

pub async fn issue(
    State(app): State<App>,
    may: May<Write>,
    Path(path): Path<OrderPath>,
    Form(form): Form<IssueForm>,
) -> Result<Response, Problem> {
    let unknown = || Problem::unprocessable("input-malformed", "Choose a quote, a receipt or an invoice.");
    let kind = DocumentType::parse(&form.r#type).ok_or_else(unknown)?;
    let id = app.db.write(may.scope(), move |tx| paper::issue(tx, path.id, kind)).await?;
    Ok(redirect(&document_path(&may.tenant().slug, id)))
}

#[derive(Deserialize)]
pub struct DocumentQuery {
    #[serde(default)]
    r#type: String,
}

pub async fn documents(
    State(app): State<App>,
    may: May<ReadDocuments>,
    Query(query): Query<DocumentQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Page<DocumentListPage>, Problem> {
    let foreign =
        || Problem::bad_request("cursor-unknown", "This cursor is not one of ours; start again without it.");
    let before: Option<(Timestamp, DocumentId)> = match page.after::<2>()? {
        None => None,
        Some([at, id]) => {
            let at = at.parse().map(Timestamp::from_micros).map_err(|_| foreign())?;
            Some((at, id.parse().map_err(|_| foreign())?))
        }
    };
    let (kind, limit) = (DocumentType::parse(&query.r#type), page.limit());
    let work = move |rx: &mut db::Rx<'_>| sql::documents(rx, kind, before, limit + 1);
    let papers = app.db.read(may.scope(), work).await?;
    let list = List::of(papers, limit, |last| [last.issued_at.micros().to_string(), last.id.to_string()]);
    Ok(Page(DocumentListPage {
        frame: may.frame(words(&may, "orders-documents-title")),
        kind: query.r#type,
        papers: list.items,
        next: list.next_cursor,
    }))
}

#[derive(Deserialize)]
pub struct DocumentPath {
    id: DocumentId,
}

pub async fn document(
    State(app): State<App>,
    may: May<ReadDocuments>,
    Path(path): Path<DocumentPath>,
) -> Result<Page<DocumentPage>, Problem> {
    let paper = app.db.read(may.scope(), move |rx| paper::document(rx, path.id)).await?;
    let order = order_path(&may.tenant().slug, paper.order);
    let pdf = format!("{}/pdf", document_path(&may.tenant().slug, paper.id));
    Ok(Page(DocumentPage { frame: may.frame(paper.name()), paper, order: Some(order), pdf }))
}
