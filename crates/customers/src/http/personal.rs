//! All that the business keeps of one customer, in one file: what a person may ask for.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use base::Timestamp;
use edge::{App, Json, May, Path, Problem, attachment};
use serde::Serialize;

use super::{Export, api::CustomerView, office::CustomerPathOf};
use crate::{
    Error, book, consent,
    dealings::{SharedDealings, StoredCard},
    holdings::{self, Holding},
    model::CustomerId,
};

/// All that is kept of a customer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CustomerFile)]
pub struct PersonalView {
    #[schema(value_type = String, format = DateTime)]
    told_at: Timestamp,
    customer: CustomerView,
    /// Other numbers and addresses that lead to the customer.
    also: Vec<String>,
    notes: Vec<NoteView>,
    /// The newest first.
    consents: Vec<ConsentView>,
    coupons: Vec<CouponView>,
    /// Gift cards and store credit that are the customer's own, then gift cards that they bought; the newest of each first.
    cards: Vec<StoredCard>,
    /// Each order as its own address tells it.
    #[schema(value_type = Vec<serde_json::Value>)]
    orders: Vec<serde_json::Value>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CustomerFileNote)]
pub struct NoteView {
    text: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CustomerFileConsent)]
pub struct ConsentView {
    given: bool,
    words: String,
    /// Which wording of its form it was.
    version: Option<i64>,
    link: Option<String>,
    campaign: Option<String>,
    /// `form`, `file` or `staff`.
    way: &'static str,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CustomerFileCoupon)]
pub struct CouponView {
    code: String,
    campaign: String,
    offer: String,
    /// `issued`, `redeemed`, `expired` or `cancelled`.
    state: String,
    #[schema(value_type = String, format = DateTime)]
    issued_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    answers: Vec<AnswerView>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CustomerFileAnswer)]
pub struct AnswerView {
    question: String,
    answer: String,
}

impl CouponView {
    fn of(held: Holding) -> Self {
        let answers = held.answers.into_iter();
        Self {
            code: held.code,
            campaign: held.campaign.1,
            offer: held.offer,
            state: held.state.1,
            issued_at: held.issued_at,
            expires_at: held.expires_at,
            ended_at: held.ended_at,
            answers: answers.map(|said| AnswerView { question: said.label, answer: said.value }).collect(),
        }
    }
}

/// Orders, coupons and cards that are read at once.
const AT_ONCE: u32 = 50;

async fn told(
    app: &App,
    may: &May<Export>,
    dealings: SharedDealings,
    id: CustomerId,
) -> Result<PersonalView, Problem> {
    let currency = may.tenant().currency;
    let look = move |rx: &mut db::Rx<'_>| {
        let customer = book::find(rx, id)?;
        let also = book::other_ways(rx, &customer)?;
        let notes = book::notes(rx, id)?.into_iter().map(|note| NoteView { text: note.text, at: note.at });
        let consents = consent::all(rx, id)?.into_iter().map(|known| ConsentView {
            given: known.given,
            words: known.words,
            version: known.version,
            link: known.link,
            campaign: known.campaign,
            way: known.way.name(),
            at: known.at,
        });
        Ok::<_, Error>(PersonalView {
            told_at: rx.now(),
            customer: CustomerView::of(customer, currency)?,
            also,
            notes: notes.collect(),
            consents: consents.collect(),
            coupons: Vec::new(),
            cards: Vec::new(),
            orders: Vec::new(),
        })
    };
    let mut file = app.db.read(may.scope(), look).await?;
    let language = may.language();
    let mut last: Option<String> = None;
    loop {
        let before = last.clone();
        let look = move |rx: &mut db::Rx<'_>| match holdings::lent(rx) {
            Some(room) => room.of(rx, id, language, before.as_deref(), AT_ONCE),
            None => Ok(Vec::new()),
        };
        let found = app.db.read(may.scope(), look).await?;
        let full = found.len() == AT_ONCE as usize;
        last = found.last().map(|held| held.id.clone());
        file.coupons.extend(found.into_iter().map(CouponView::of));
        if !full {
            break;
        }
    }
    let mut last: Option<String> = None;
    loop {
        let (dealings, before) = (dealings.clone(), last.clone());
        let look = move |rx: &mut db::Rx<'_>| dealings.cards(rx, id, before.as_deref(), AT_ONCE);
        let found = app.db.read(may.scope(), look).await?;
        let full = found.len() == AT_ONCE as usize;
        last = found.last().and_then(|card| card.id.clone());
        file.cards.extend(found);
        if !full {
            break;
        }
    }
    let mut last: Option<i64> = None;
    loop {
        let dealings = dealings.clone();
        let look = move |rx: &mut db::Rx<'_>| dealings.told(rx, id, last, AT_ONCE);
        let found = app.db.read(may.scope(), look).await?;
        let full = found.len() == AT_ONCE as usize;
        last = found.last().map(|told| told.number);
        for told in found {
            file.orders.push(told.order);
            file.cards.extend(told.cards);
        }
        if !full {
            break;
        }
    }
    Ok(file)
}

/// The file for people.
pub async fn file(
    State(app): State<App>,
    may: May<Export>,
    Extension(dealings): Extension<SharedDealings>,
    Path(CustomerPathOf { id }): Path<CustomerPathOf>,
) -> Result<Response, Problem> {
    let view = told(&app, &may, dealings, id).await?;
    let text = serde_json::to_string_pretty(&view).map_err(Problem::internal)?;
    Ok((attachment("customer.json", "application/json"), text).into_response())
}

/// All that is kept of a customer: contact, notes, consents, coupons with what was answered for them, gift cards and store credit
/// owned or given, orders.
#[utoipa::path(get, path = "/t/{slug}/api/v1/customers/{id}/export", operation_id = "customer_file",
    params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The file.", body = PersonalView)))]
pub async fn export(
    State(app): State<App>,
    may: May<Export>,
    Extension(dealings): Extension<SharedDealings>,
    Path(CustomerPathOf { id }): Path<CustomerPathOf>,
) -> Result<Json<PersonalView>, Problem> {
    told(&app, &may, dealings, id).await.map(Json)
}
