//! Payments for applications: checkout, attempts to pay and what people say of them, ways to pay, and providers' calls.

use axum::{
    Extension,
    body::to_bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Code, Line, Money, Timestamp};
use edge::{
    App, Callback, Created, Json, List, May, Path, Problem, Raw, Reply, RequestKey, fingerprint, idempotent,
};
use http::HeaderMap;
use orders::{CartId, Channel, Customer, Draft, Note, OrderId, Shipping, Wanted, promotion};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use spine::ledger::Account;
use utoipa::ToSchema;

use crate::{
    ConfirmPayments, Desk, Error, Method, MethodRow, Payment, PaymentId, ReadPayments, SetMethods,
    State as Standing, provider::Next, sandbox,
};

/// A reply is not larger than this many bytes.
const REPLY_LIMIT: usize = 1 << 20;
/// How many gift cards one order sells.
const MAX_SOLD: usize = 20;

/// An attempt to pay, as applications see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentView {
    id: String,
    #[schema(value_type = String)]
    order: OrderId,
    method: String,
    #[schema(value_type = edge::schema::Money)]
    amount: Money,
    state: Standing,
    #[schema(value_type = Option<String>)]
    payer_reference: Option<Line<120>>,
    reason: Option<String>,
    test: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// What the payer does now; null when nothing is to be done.
    next: Option<Next>,
}

impl PaymentView {
    pub fn of(payment: &Payment, next: Option<Next>) -> Self {
        Self {
            id: payment.id.to_string(),
            order: payment.order,
            method: payment.method.clone(),
            amount: payment.amount,
            state: payment.state,
            payer_reference: payment.payer_reference.clone(),
            reason: payment.reason.clone(),
            test: payment.test,
            created_at: payment.created_at,
            expires_at: payment.expires_at,
            next: next.filter(|_| !payment.state.is_final()),
        }
    }

    /// What a gift card pays: it is here at once, or kept until the order is a sale.
    fn by_card(used: &cards::Use, test: bool) -> Self {
        Self {
            id: used.id.to_string(),
            order: used.order,
            method: Method::GiftCard.name().to_owned(),
            amount: used.amount,
            state: match used.state {
                cards::UseState::Kept => Standing::Processing,
                cards::UseState::Taken => Standing::Paid,
                cards::UseState::Freed => Standing::Cancelled,
            },
            payer_reference: None,
            reason: None,
            test,
            created_at: used.at,
            expires_at: None,
            next: None,
        }
    }
}

/// How the caller wants to pay.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayBy {
    /// `cod`, `manual`, `sandbox` or `gift-card`.
    #[schema(min_length = 1, max_length = 40)]
    method: String,
    /// Codes of gift cards that pay first, as far as they go; with the method `gift-card` they pay all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, max_items = 5)]
    cards: Vec<Code>,
}

/// A gift card to be bought.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuyCard {
    #[schema(value_type = edge::schema::Money)]
    amount: Money,
    /// For whom it is; the code is mailed there.
    #[serde(default)]
    to: orders::stored::Gift,
}

fn sold(rx: &mut db::Rx<'_>, channel: Channel, wanted: &[BuyCard]) -> Result<Vec<orders::Extra>, Error> {
    if wanted.len() > MAX_SOLD {
        return Err(orders::Error::from(orders::pricing::PricingError::TooManyLines).into());
    }
    wanted.iter().map(|card| Ok(cards::sold(rx, channel, card.amount, &card.to)?)).collect()
}

/// An order in one call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceOrder {
    /// May be empty where gift cards are bought.
    #[serde(default)]
    #[schema(max_items = 200)]
    lines: Vec<Wanted>,
    /// Gift cards to be sold with it; they are issued when the order is paid.
    #[serde(default, rename = "giftCards", skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    gift_cards: Vec<BuyCard>,
    #[serde(default)]
    customer: Customer,
    #[serde(default)]
    shipping: Shipping,
    #[serde(default)]
    #[schema(value_type = String, max_length = 1000)]
    note: Note,
    /// Codes that lower what it costs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, max_items = 5)]
    codes: Vec<promotion::Code>,
    payment: PayBy,
    /// What the customer was shown; an order that comes to anything else is refused (`other-total`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<edge::schema::Money>)]
    total: Option<Money>,
}

/// A cart that becomes an order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckOut {
    #[serde(default)]
    customer: Customer,
    #[serde(default)]
    shipping: Shipping,
    #[serde(default)]
    #[schema(value_type = String, max_length = 1000)]
    note: Note,
    payment: PayBy,
    /// What the customer was shown; an order that comes to anything else is refused (`other-total`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<edge::schema::Money>)]
    total: Option<Money>,
}

/// An order that was placed, with the way to pay it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlacedView {
    #[schema(value_type = String)]
    id: OrderId,
    /// What people call it: 1001, 1002, …
    number: i64,
    #[schema(value_type = edge::schema::Money)]
    total: Money,
    /// Null when there is nothing to pay.
    payment: Option<PaymentView>,
    /// Until when the goods are kept; null once they are the customer's.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

fn placed_reply(slug: &str, out: &crate::CheckedOut) -> Result<Reply, Error> {
    let payment = out.payment.as_ref().map(|begun| PaymentView::of(&begun.payment, begun.next.clone()));
    let view = PlacedView {
        id: out.placed.order,
        number: out.placed.number,
        total: out.placed.total,
        payment,
        expires_at: out.placed.expires_at,
    };
    let json = serde_json::to_value(&view).unwrap_or(Value::Null);
    let location = format!("/t/{slug}/api/v1/orders/{}", view.id);
    Ok(Reply { status: http::StatusCode::CREATED, json, location: Some(location), secret: None })
}

/// Place an order in one call.
///
/// Send an `Idempotency-Key`: the same request again under the same key gives the same order.
#[utoipa::path(
    post, path = "/t/{slug}/api/v1/orders", tag = "orders", request_body = PlaceOrder,
    params(("slug" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = PlacedView))
)]
pub async fn place_order(
    State(app): State<App>,
    may: May<orders::Write>,
    Extension(desk): Extension<Desk>,
    key: RequestKey,
    Json(asked): Json<PlaceOrder>,
) -> Result<Response, Problem> {
    let (print, slug, policy) = (fingerprint(&asked), may.tenant().slug.to_string(), desk.policy);
    let draft = Draft {
        customer: asked.customer,
        shipping: asked.shipping,
        note: asked.note,
        agreed: asked.total,
        codes: asked.codes.clone(),
        ..Draft::new(Channel::Api, asked.lines)
    };
    let (PayBy { method, cards: by_cards }, gift_cards) = (asked.payment, asked.gift_cards);
    let work = move |tx: &mut db::Tx<'_>| {
        let extras = sold(tx, Channel::Api, &gift_cards)?;
        let draft = Draft { extras, ..draft.clone() };
        placed_reply(&slug, &crate::checkout(tx, &draft, &method, &by_cards, policy)?)
    };
    match idempotent(&app, &may, may.scope(), &key, print, work).await {
        Ok(reply) => with_next(&desk, &may.scope(), reply).await,
        Err(refusal) => Err(orders::told_apart(&app, &may, may.scope(), refusal, &asked.codes).await),
    }
}

/// Turn a cart into an order.
#[utoipa::path(
    post, path = "/t/{slug}/api/v1/carts/{id}/checkout", tag = "carts", request_body = CheckOut,
    params(("slug" = String, Path), ("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = PlacedView))
)]
pub async fn check_out_cart(
    State(app): State<App>,
    may: May<orders::Write>,
    Extension(desk): Extension<Desk>,
    Path(path): Path<(String, CartId)>,
    key: RequestKey,
    Json(asked): Json<CheckOut>,
) -> Result<Response, Problem> {
    let (print, slug, policy) = (fingerprint(&asked), may.tenant().slug.to_string(), desk.policy);
    let cart = path.1;
    let work = move |tx: &mut db::Tx<'_>| {
        let draft = Draft {
            customer: asked.customer.clone(),
            shipping: asked.shipping.clone(),
            note: asked.note.clone(),
            agreed: asked.total,
            ..orders::draft_of_cart(tx, cart, Channel::Api)?
        };
        let out = crate::checkout(tx, &draft, &asked.payment.method, &asked.payment.cards, policy)?;
        orders::close_cart(tx, cart, out.placed.order)?;
        placed_reply(&slug, &out)
    };
    let reply = idempotent(&app, &may, may.scope(), &key, print, work).await?;
    with_next(&desk, &may.scope(), reply).await
}

/// Adds what the payer does next, which a provider names only after the order is on disk. What is kept for a repeat is
/// the reply without it; a repeat asks how the payment stands now.
async fn with_next(desk: &Desk, scope: &db::Scope, reply: Response) -> Result<Response, Problem> {
    let (parts, body) = reply.into_parts();
    let bytes = to_bytes(body, REPLY_LIMIT).await.map_err(Problem::internal)?;
    let mut json: Value = serde_json::from_slice(&bytes).map_err(Problem::internal)?;
    let waits = json["payment"]["state"] == json!(Standing::Created);
    let order = json["id"].as_str().and_then(|id| id.parse::<OrderId>().ok());
    if let (true, Some(order)) = (waits, order)
        && let Some(begun) = desk.resume(scope, order, None).await?
    {
        let view = PaymentView::of(&begun.payment, begun.next);
        json["payment"] = serde_json::to_value(&view).map_err(Problem::internal)?;
    }
    let mut response = (parts.status, Json(json)).into_response();
    for (name, value) in &parts.headers {
        if name != http::header::CONTENT_LENGTH && name != http::header::CONTENT_TYPE {
            response.headers_mut().insert(name, value.clone());
        }
    }
    Ok(response)
}

/// The attempts to pay an order, the newest first.
#[utoipa::path(
    get, path = "/t/{slug}/api/v1/orders/{id}/payments", tag = "payments",
    params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = inline(List<PaymentView>)))
)]
pub async fn list_payments(
    State(app): State<App>,
    may: May<ReadPayments>,
    Path(path): Path<(String, OrderId)>,
) -> Result<Json<List<PaymentView>>, Problem> {
    let order = path.1;
    let payments = app
        .db
        .read(may.scope(), move |rx| {
            let test = orders::order(rx, order)?.test;
            Ok::<_, Error>((crate::payments_of(rx, order)?, cards::uses_of(rx, order)?, test))
        })
        .await?;
    let (payments, uses, test) = payments;
    let by_cards = uses.iter().rev().map(|(used, _)| PaymentView::by_card(used, test));
    let others = payments.iter().map(|payment| PaymentView::of(payment, sandbox::next(payment)));
    let items = others.chain(by_cards).collect();
    Ok(Json(List { items, next_cursor: None }))
}

/// Begin to pay what is still due of an order, or pay it with a gift card.
#[utoipa::path(
    post, path = "/t/{slug}/api/v1/orders/{id}/payments", tag = "payments", request_body = PayBy,
    params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 201, body = PaymentView))
)]
pub async fn begin_payment(
    State(app): State<App>,
    may: May<orders::Write>,
    Extension(desk): Extension<Desk>,
    Path(path): Path<(String, OrderId)>,
    Json(by): Json<PayBy>,
) -> Result<Created<PaymentView>, Problem> {
    let (slug, order) = path;
    let policy = desk.policy;
    let location = format!("/t/{slug}/api/v1/orders/{order}/payments");
    if by.method == Method::GiftCard.name() {
        let work = move |tx: &mut db::Tx<'_>| {
            let mut last = None;
            for code in &by.cards {
                last = Some(crate::pay_by_card(tx, order, code, policy)?);
            }
            let paid = last.ok_or(Error::NoCode)?;
            Ok::<_, Error>(PaymentView::by_card(&paid.used, orders::order(tx, order)?.test))
        };
        let body = app.db.write(may.scope(), work).await?;
        return Ok(Created { location, body });
    }
    let begun = app.db.write(may.scope(), move |tx| crate::begin(tx, order, &by.method, policy)).await?;
    let begun = desk.start(&may.scope(), begun, None).await?;
    Ok(Created { location, body: PaymentView::of(&begun.payment, begun.next) })
}

/// What became of a payment that people handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// The payer says that the money was sent; `reference` says under which name.
    Claim,
    /// The money of a manual payment, or the cash of a delivery, is here.
    Confirm,
    /// The money did not come.
    Decline,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    pub action: Word,
    /// With `claim`.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 120)]
    pub reference: Option<Line<120>>,
    /// With `decline`.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub reason: Option<Line<200>>,
}

/// Say what became of a payment that people handle.
#[utoipa::path(
    post, path = "/t/{slug}/api/v1/payments/{id}", tag = "payments", request_body = Decide,
    params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = PaymentView))
)]
pub async fn decide_payment(
    State(app): State<App>,
    may: May<ConfirmPayments>,
    Path(path): Path<(String, PaymentId)>,
    Json(decide): Json<Decide>,
) -> Result<Json<PaymentView>, Problem> {
    let id = path.1;
    let payment = app.db.write(may.scope(), move |tx| settle(tx, id, &decide)).await?;
    Ok(Json(PaymentView::of(&payment, None)))
}

pub fn settle(tx: &mut db::Tx<'_>, id: PaymentId, decide: &Decide) -> Result<Payment, Error> {
    match decide.action {
        Word::Claim => {
            let unnamed = || "-".parse().ok();
            if let Some(reference) = decide.reference.clone().or_else(unnamed) {
                crate::claim(tx, id, &reference)?;
            }
        }
        Word::Confirm if crate::payment(tx, id)?.method == Method::Cod.name() => {
            crate::collect(tx, id, Account::Cash("drawer".to_owned()))?;
        }
        Word::Confirm => {
            crate::confirm(tx, id)?;
        }
        Word::Decline => {
            let unsaid = || "not received".parse().ok();
            if let Some(reason) = decide.reason.clone().or_else(unsaid) {
                crate::decline(tx, id, &reason)?;
            }
        }
    }
    crate::payment(tx, id)
}

/// A way to pay, with what the owner set.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MethodView {
    method: &'static str,
    enabled: bool,
    /// What payers read: where to pay to.
    instructions: String,
    /// Moves no money: for development and test mode.
    test_only: bool,
}

impl MethodView {
    fn of(row: MethodRow) -> Self {
        let test_only = row.method.capabilities().test_only;
        Self { method: row.method.name(), enabled: row.enabled, instructions: row.instructions, test_only }
    }
}

/// How payers may pay.
#[utoipa::path(
    get, path = "/t/{slug}/api/v1/payment-methods", tag = "payments", params(("slug" = String, Path)),
    responses((status = 200, body = inline(List<MethodView>)))
)]
pub async fn list_methods(
    State(app): State<App>,
    may: May<ReadPayments>,
) -> Result<Json<List<MethodView>>, Problem> {
    let rows = app.db.read(may.scope(), crate::methods).await?;
    Ok(Json(List { items: rows.into_iter().map(MethodView::of).collect(), next_cursor: None }))
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetMethod {
    enabled: bool,
    #[serde(default)]
    #[schema(value_type = String, max_length = 1000)]
    instructions: base::Prose<1000>,
}

/// Switch a way to pay on or off, and say what its payers read.
#[utoipa::path(
    put, path = "/t/{slug}/api/v1/payment-methods/{method}", tag = "payments", request_body = SetMethod,
    params(("slug" = String, Path), ("method" = String, Path)),
    responses((status = 200, body = MethodView))
)]
pub async fn put_method(
    State(app): State<App>,
    may: May<SetMethods>,
    Path(path): Path<(String, String)>,
    Json(wanted): Json<SetMethod>,
) -> Result<Json<MethodView>, Problem> {
    let name = path.1;
    let method = Method::parse(&name).ok_or(Error::UnknownMethod(name))?;
    let (enabled, instructions) = (wanted.enabled, wanted.instructions.to_string());
    let kept = instructions.clone();
    app.db.write(may.scope(), move |tx| crate::set_method(tx, method, enabled, &instructions)).await?;
    Ok(Json(MethodView::of(MethodRow { method, enabled, instructions: kept, secret: None })))
}

/// A provider calls. The answer says nothing about what is known here.
pub async fn hear_callback(
    State(_app): State<App>,
    callback: Callback,
    Extension(desk): Extension<Desk>,
    Path((_, method, token)): Path<(String, String, String)>,
    headers: HeaderMap,
    Raw(raw): Raw,
) -> Result<Json<Value>, Problem> {
    desk.callback(&callback.scope(), &method, &token, &headers, &raw).await?;
    Ok(Json(json!({ "received": true })))
}
