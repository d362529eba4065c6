//! Payments in the back office: what waits for a person's word, and how payers may pay.

use axum::{Extension, extract::State, response::Response};
use base::Line;
use edge::{App, Form, May, Page, Path, Problem};
use http::StatusCode;
use orders::OrderId;
use serde::Deserialize;

use super::api::{Decide, Word, settle};
use crate::{
    ConfirmPayments, Desk, Error, Method, MethodRow, PaymentId, ReadPayments, SetMethods, State as Standing,
    pages::{MethodsPage, OrderPaymentsPage, PaymentsPage},
};

pub async fn payments(State(app): State<App>, may: May<ReadPayments>) -> Result<Page<PaymentsPage>, Problem> {
    let work = |rx: &mut db::Rx<'_>| {
        let waiting = crate::to_confirm(rx, 100)?.into_iter();
        let numbered = waiting.map(|payment| {
            let number = orders::order(rx, payment.order)?.number;
            Ok::<_, Error>((payment, number))
        });
        numbered.collect::<Result<Vec<_>, Error>>()
    };
    let waiting = app.db.read(may.scope(), work).await?;
    Ok(Page(PaymentsPage {
        may_confirm: may.may("payments.confirm"),
        waiting,
        frame: may.titled("payments-title"),
    }))
}

pub async fn payments_of_order(
    State(app): State<App>,
    may: May<ReadPayments>,
    Path((_, order)): Path<(String, OrderId)>,
) -> Result<Page<OrderPaymentsPage>, Problem> {
    Ok(Page(order_page(&app, &may, order, Refused::default()).await?))
}

/// A gift card's code as it was typed, and what is wrong with it.
#[derive(Debug, Default)]
struct Refused {
    code: String,
    key: Option<&'static str>,
}

async fn order_page<P: edge::Permission>(
    app: &App,
    may: &May<P>,
    order: OrderId,
    refused: Refused,
) -> Result<OrderPaymentsPage, Problem> {
    let (number, payments, by_cards, due) = app
        .db
        .read(may.scope(), move |rx| {
            let due = orders::payment_due(rx, order)?.amount;
            let by_cards = cards::uses_of(rx, order)?;
            Ok::<_, Error>((orders::order(rx, order)?.number, crate::payments_of(rx, order)?, by_cards, due))
        })
        .await?;
    let frame = may.titled("payments-of-order");
    Ok(OrderPaymentsPage {
        may_take: may.may("orders.write"),
        may_see_cards: may.may("cards.read"),
        may_confirm: may.may("payments.confirm"),
        card_fault: refused.key.map(|key| frame.t(key)),
        code: refused.code,
        by_cards,
        due,
        order,
        number,
        payments,
        frame,
    })
}

#[derive(Debug, Deserialize)]
pub struct CardForm {
    #[serde(default)]
    code: String,
}

/// Staff read a customer's card, and it pays what is due.
pub async fn take_card(
    State(app): State<App>,
    may: May<orders::Write>,
    Extension(desk): Extension<Desk>,
    Path((slug, order)): Path<(String, OrderId)>,
    Form(form): Form<CardForm>,
) -> Result<Response, Problem> {
    let policy = desk.policy;
    let paid = match form.code.parse::<base::Code>() {
        Ok(code) => app.db.write(may.scope(), move |tx| crate::pay_by_card(tx, order, &code, policy)).await,
        Err(_) => Err(Error::NoCode),
    };
    match paid {
        Ok(_) => {
            let to = format!("/t/{slug}/admin/orders/{order}/payments");
            Ok(edge::flash(&app, &to, "payments-card-taken"))
        }
        Err(error) => match card_fault(&error) {
            Some(key) => {
                let refused = Refused { code: form.code, key: Some(key) };
                let page = order_page(&app, &may, order, refused).await?;
                Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY))
            }
            None => Err(error.into()),
        },
    }
}

/// The words for a card that does not pay, if that is what went wrong.
fn card_fault(error: &Error) -> Option<&'static str> {
    use orders::stored::Refusal::{Blocked, Coupon, Empty, Expired, Unknown};
    let refusal = match error {
        Error::NoCode => return Some("problem-card-code-missing"),
        Error::Card(cards::Error::Refused(refusal)) | Error::Order(orders::Error::Card(refusal)) => refusal,
        _ => return None,
    };
    match refusal {
        Unknown { .. } => Some("problem-card-unknown"),
        Coupon => Some("problem-card-is-coupon"),
        Blocked { .. } => Some("problem-card-blocked"),
        Expired { .. } => Some("problem-card-expired"),
        Empty { .. } => Some("problem-card-empty"),
        _ => None,
    }
}

#[derive(Debug, Deserialize)]
pub struct OfficeForm {
    action: Word,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    reference: String,
    #[serde(default)]
    back: String,
}

pub async fn decide(
    State(app): State<App>,
    may: May<ConfirmPayments>,
    Path((slug, id)): Path<(String, PaymentId)>,
    Form(form): Form<OfficeForm>,
) -> Result<Response, Problem> {
    let reason = Line::parse_optional(&form.reason)
        .map_err(|error| Problem::unprocessable("input-malformed", error))?;
    let reference = Line::parse_optional(&form.reference)
        .map_err(|error| Problem::unprocessable("input-malformed", error))?;
    let decide = Decide { action: form.action, reference, reason };
    let settled = app.db.write(may.scope(), move |tx| settle(tx, id, &decide)).await?;
    let key = if settled.state == Standing::Paid { "payment-confirmed" } else { "payment-noted" };
    let to = if form.back == "order" {
        format!("/t/{slug}/admin/orders/{}", settled.order)
    } else {
        format!("/t/{slug}/admin/payments")
    };
    Ok(edge::flash(&app, &to, key))
}

pub async fn methods(
    State(app): State<App>,
    may: May<SetMethods>,
    Extension(desk): Extension<Desk>,
) -> Result<Page<MethodsPage>, Problem> {
    let rows = app.db.read(may.scope(), crate::methods).await?;
    let allowed =
        |row: &MethodRow| !row.method.capabilities().test_only || may.tenant().test || desk.policy.everywhere;
    let rows = rows.into_iter().filter(allowed).collect();
    Ok(Page(MethodsPage { rows, frame: may.titled("payment-methods-title") }))
}

#[derive(Debug, Deserialize)]
pub struct MethodForm {
    #[serde(default)]
    enabled: Option<String>,
    #[serde(default)]
    instructions: String,
}

pub async fn save_method(
    State(app): State<App>,
    may: May<SetMethods>,
    Path((slug, name)): Path<(String, String)>,
    Form(form): Form<MethodForm>,
) -> Result<Response, Problem> {
    let method = Method::parse(&name).ok_or(Error::UnknownMethod(name))?;
    let instructions: base::Prose<1000> =
        form.instructions.parse().map_err(|error| Problem::unprocessable("input-malformed", error))?;
    let enabled = form.enabled.is_some();
    app.db
        .write(may.scope(), move |tx| crate::set_method(tx, method, enabled, instructions.as_str()))
        .await?;
    Ok(edge::flash(&app, &format!("/t/{slug}/admin/payment-methods"), "payment-method-saved"))
}
