//! What the customer sees of an order, by its link: how it stands, its papers, and ways to pay what is due.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use base::Line;
use edge::{App, Form, Page, Path, Problem, Query, Visitor, redirect};
use http::StatusCode;
use orders::{Document, DocumentId, DocumentPage, OrderId};
use payments::{Desk, Method};
use serde::Deserialize;
use spine::keys::KeyRing;

use super::{
    checkout::{card_fault, go_and_pay},
    own_chrome,
};
use crate::{
    chrome::{Shown, quoted},
    contact::PlaceCard,
    pages::OrderPage,
};

/// How an order goes to its customer, as the business says today.
struct Going {
    /// Where it is fetched.
    place: Option<stock::Place>,
    /// When it comes.
    comes: String,
    now: base::Timestamp,
}

impl Going {
    fn of(rx: &mut db::Rx<'_>, whole: &orders::Whole) -> Result<Self, orders::Error> {
        let opening = stock::opening(rx)?;
        let named = whole.shipping.location;
        let place = opening.places.iter().find(|place| Some(place.location.id) == named).cloned();
        let zones = orders::zones(rx)?;
        let zone = zones.iter().find(|zone| Some(zone.id) == whole.shipping.zone);
        let comes = zone.map(|zone| zone.details.words.to_string()).unwrap_or_default();
        Ok(Self { place, comes, now: rx.now() })
    }
}

/// The order that a link shows.
async fn linked(app: &App, visitor: &Visitor, token: String) -> Result<OrderId, Problem> {
    let found = app.db.read(visitor.scope(), move |rx| orders::linked_order(rx, &token)).await?;
    found.ok_or_else(|| orders::Error::UnknownOrder.into())
}

pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Extension(desk): Extension<Desk>,
    Path(path): Path<(String, String)>,
) -> Result<Shown<OrderPage>, Problem> {
    page(&app, &visitor, &desk, path, None).await
}

/// The page of the order that a link shows, with the words for a gift card that was refused.
async fn page(
    app: &App,
    visitor: &Visitor,
    desk: &Desk,
    (slug, token): (String, String),
    refused: Option<&'static str>,
) -> Result<Shown<OrderPage>, Problem> {
    let id = linked(app, visitor, token.clone()).await?;
    let payment = desk.look(&visitor.scope(), id).await?;
    let policy = desk.policy;
    let (whole, due, methods, papers, going, sold, by_cards, takes_cards) = app
        .db
        .read(visitor.scope(), move |rx| {
            let (whole, due) = (orders::whole(rx, id)?, orders::payment_due(rx, id)?);
            let (methods, papers) = (payments::offered(rx, policy)?, orders::documents_of(rx, id)?);
            let going = Going::of(rx, &whole)?;
            let (sold, takes_cards) = (::cards::of_order(rx, id)?, ::cards::is_taken(rx)?);
            let by_cards = ::cards::paid_by_cards(rx, id, whole.order.currency)?;
            Ok::<_, payments::Error>((whole, due.amount, methods, papers, going, sold, by_cards, takes_cards))
        })
        .await?;
    let manual = methods.iter().find(|row| row.method == Method::Manual);
    let instructions = manual.map(|row| row.instructions.clone()).unwrap_or_default();
    let cash_is_firm = whole.order.is_firm();
    // who pays on delivery may still choose to pay at once; who has paid by reference waits for the merchant
    let methods = methods.into_iter().filter(|row| !(cash_is_firm && row.method == Method::Cod)).collect();
    let frame = visitor.titled("order-page-title");
    let tenant = visitor.tenant();
    let fetched = going.place.map(|place| PlaceCard::of(&frame, &place, going.now, &tenant.zone));
    let (home, comes) = (tenant.country, going.comes);
    let address = app.config.shop_link(&format!("/t/{slug}/orders/{token}"));
    let words = frame.t2("order-share-text", "number", whole.order.number, "address", &address);
    let share = format!("https://wa.me/?text={}", quoted(&words));
    let chrome = own_chrome(app, visitor, "/orders").await?;
    Ok(Shown(OrderPage {
        frame,
        chrome,
        whole,
        home,
        fetched,
        comes,
        token,
        due,
        payment,
        instructions,
        methods,
        papers,
        share,
        sold,
        by_cards,
        takes_cards,
        card_fault: refused,
    }))
}

/// A paper of the order, for whoever has the order's link.
pub async fn document(
    State(app): State<App>,
    visitor: Visitor,
    Path((_, token, paper)): Path<(String, String, DocumentId)>,
) -> Result<Page<DocumentPage>, Problem> {
    let paper = linked_document(&app, &visitor, token.clone(), paper).await?;
    let frame = visitor.frame(paper.name());
    let order = format!("{}/orders/{token}", frame.shop);
    let pdf = format!("{order}/documents/{}/pdf", paper.id);
    Ok(Page(DocumentPage { frame, paper, order: Some(order), pdf }))
}

pub async fn document_pdf(
    State(app): State<App>,
    visitor: Visitor,
    Extension(ring): Extension<KeyRing>,
    Path((_, token, paper)): Path<(String, String, DocumentId)>,
    Query(wanted): Query<orders::PrintWanted>,
) -> Result<Response, Problem> {
    let paper = linked_document(&app, &visitor, token, paper).await?;
    let whose = (visitor.tenant(), visitor.scope());
    orders::pdf_of(&app, &ring, whose, paper, wanted.sheet, visitor.language()).await
}

/// A paper of the order that a link shows.
async fn linked_document(
    app: &App,
    visitor: &Visitor,
    token: String,
    paper: DocumentId,
) -> Result<Document, Problem> {
    let id = linked(app, visitor, token).await?;
    let paper = app.db.read(visitor.scope(), move |rx| orders::document(rx, paper)).await?;
    if paper.order == id { Ok(paper) } else { Err(orders::Error::UnknownDocument.into()) }
}

#[derive(Debug, Deserialize)]
pub struct PayForm {
    method: String,
    /// With a gift card.
    #[serde(default)]
    code: String,
}

pub async fn pay(
    State(app): State<App>,
    visitor: Visitor,
    Extension(desk): Extension<Desk>,
    Path((slug, token)): Path<(String, String)>,
    Form(form): Form<PayForm>,
) -> Result<Response, Problem> {
    let id = linked(&app, &visitor, token.clone()).await?;
    let policy = desk.policy;
    if form.method == Method::GiftCard.name() {
        orders::count_try(&app, &visitor)?;
        let paid = match form.code.parse::<base::Code>() {
            Ok(code) => {
                app.db.write(visitor.scope(), move |tx| payments::pay_by_card(tx, id, &code, policy)).await
            }
            Err(_) => Err(payments::Error::NoCode),
        };
        return match paid {
            Ok(_) => Ok(redirect(&visitor.shop_path(&format!("/orders/{token}")))),
            Err(error) => match card_fault(&error) {
                Some(key) => {
                    let page = page(&app, &visitor, &desk, (slug, token), Some(key)).await?;
                    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
                }
                None => Err(error.into()),
            },
        };
    }
    let begun =
        app.db.write(visitor.scope(), move |tx| payments::begin(tx, id, &form.method, policy)).await?;
    let page = format!("{}/orders/{token}", visitor.titled("shop-title").shop);
    go_and_pay(&app, &visitor, &desk, Some(begun), page, true).await
}

#[derive(Debug, Deserialize)]
pub struct ReferenceForm {
    reference: String,
}

pub async fn give_reference(
    State(app): State<App>,
    visitor: Visitor,
    Path((_, token)): Path<(String, String)>,
    Form(form): Form<ReferenceForm>,
) -> Result<Response, Problem> {
    let reference: Line<120> =
        form.reference.parse().map_err(|error| Problem::unprocessable("reference-malformed", error))?;
    let id = linked(&app, &visitor, token.clone()).await?;
    app.db
        .write(visitor.scope(), move |tx| {
            let open = payments::payments_of(tx, id)?
                .into_iter()
                .find(|payment| payment.method == Method::Manual.name());
            payments::claim(tx, open.ok_or(payments::Error::UnknownPayment)?.id, &reference)
        })
        .await?;
    Ok(redirect(&format!("{}/orders/{token}", visitor.titled("shop-title").shop)))
}
