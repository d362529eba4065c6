//! The checkout: one form from the cart to an order, and from there to where it is paid.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use edge::{App, Form, Problem, Query, Visitor, cookies, redirect};
use http::{HeaderMap, StatusCode};
use orders::{Channel, Draft};
use payments::{Desk, provider::Next};

use super::{
    cart::{CartToken, cart_name, count_cookie, counter, refusal_words},
    codes, own_chrome,
};
use crate::{
    checkout::{CheckoutForm, Choice, Fault},
    chrome::Shown,
    pages::{CheckoutPage, Counted},
    ship::Ways,
};

pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Extension(desk): Extension<Desk>,
    CartToken(token): CartToken,
    headers: HeaderMap,
    Query(choice): Query<Choice>,
) -> Result<Response, Problem> {
    let card = codes::waiting_card(&app, &visitor, &headers);
    let form = CheckoutForm { card, ..choice.into() };
    Till { app, visitor, desk, token }.page(form, Vec::new(), None).await
}

/// Who checks out, with what.
struct Till {
    app: App,
    visitor: Visitor,
    desk: Desk,
    token: Option<String>,
}

impl Till {
    /// The form; as it was typed, when something about it needs another look.
    async fn page(
        self,
        form: CheckoutForm,
        faults: Vec<Fault>,
        trouble: Option<String>,
    ) -> Result<Response, Problem> {
        let frame = self.visitor.titled("checkout-title");
        let counter = match counter(&self.app, &self.visitor, self.token, &form).await {
            Ok(Some(counter)) => counter,
            // an empty cart, or one whose goods are gone, is explained on its own page
            Ok(None) => return Ok(redirect(&format!("{}/cart", frame.shop))),
            Err(error) => {
                Problem::from(error).refused()?;
                return Ok(redirect(&format!("{}/cart", frame.shop)));
            }
        };
        let policy = self.desk.policy;
        let ask = move |rx: &mut db::Rx<'_>| {
            Ok::<_, payments::Error>((payments::offered(rx, policy)?, ::cards::is_taken(rx)?))
        };
        let (methods, takes_cards) = self.app.db.read(self.visitor.scope(), ask).await?;
        let well = faults.is_empty() && trouble.is_none();
        let counted = Counted::of(&frame, counter, form);
        let mut chrome = own_chrome(&self.app, &self.visitor, "/checkout").await?;
        // without a cart there is no checkout, so a search engine, which has none, is only led away from it
        chrome.head.hidden = false;
        let summary = frame.t1("checkout-summary", "shop", &frame.brand);
        let frame = frame.with_description(summary);
        let page = Shown(CheckoutPage { frame, chrome, counted, faults, trouble, methods, takes_cards });
        let status = if well { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        Ok((status, page).into_response())
    }
}

pub async fn place(
    State(app): State<App>,
    visitor: Visitor,
    Extension(desk): Extension<Desk>,
    CartToken(token): CartToken,
    Form(form): Form<CheckoutForm>,
) -> Result<Response, Problem> {
    let till = Till { app: app.clone(), visitor, desk: desk.clone(), token: token.clone() };
    if !form.quote.is_empty() {
        return till.page(form, Vec::new(), None).await;
    }
    let tenant = till.visitor.tenant().clone();
    let look = move |rx: &mut db::Rx<'_>| {
        let (opening, zones, now) = (stock::opening(rx)?, orders::zones(rx)?, rx.now());
        Ok::<_, orders::Error>(Ways::of(&opening, &zones, tenant.country, now, tenant.zone.clone()))
    };
    let ways = app.db.read(till.visitor.scope(), look).await?;
    let wishes = match form.read(&ways, till.visitor.language()) {
        Ok(wishes) => wishes,
        Err(faults) => return till.page(form, faults, None).await,
    };
    let agreed = form.shown(till.visitor.tenant().currency);
    let shop = till.visitor.titled("shop-title").shop;
    let Some(token) = token else { return Ok(redirect(&format!("{shop}/cart"))) };
    if !wishes.cards.is_empty() {
        orders::count_try(&app, &till.visitor)?;
    }
    let policy = desk.policy;
    let placed = app
        .db
        .write(till.visitor.scope(), move |tx| {
            let cart = orders::cart_by_token(tx, &token)?;
            let draft = Draft {
                customer: wishes.customer.clone(),
                shipping: wishes.shipping.clone(),
                note: wishes.note.clone(),
                agreed,
                ..orders::draft_of_cart(tx, cart.id, Channel::Shop)?
            };
            let out = payments::checkout(tx, &draft, &wishes.method, &wishes.cards, policy)?;
            orders::close_cart(tx, cart.id, out.placed.order)?;
            Ok::<_, payments::Error>(out)
        })
        .await;
    let out = match placed {
        Ok(out) => out,
        Err(payments::Error::Order(
            refusal @ (orders::Error::OutOfStock { .. }
            | orders::Error::NotForSale { .. }
            | orders::Error::NotDeliveredThere
            | orders::Error::BelowMinimum { .. }
            | orders::Error::NotFetchedThere
            | orders::Error::ClosedForNow { .. }
            | orders::Error::OtherTotal { .. }),
        )) => {
            let words = refusal_words(&till.visitor.titled("checkout-title"), &refusal);
            return till.page(form, Vec::new(), Some(words)).await;
        }
        Err(payments::Error::Order(orders::Error::Refused(refusal))) => {
            let words = Problem::from(refusal).words(till.visitor.language());
            return till.page(form, Vec::new(), Some(words)).await;
        }
        Err(error) => match card_fault(&error) {
            Some(key) => return till.page(form, vec![Fault { field: "card", key }], None).await,
            None => return Err(error.into()),
        },
    };
    let page = format!("{shop}/orders/{}", out.placed.token);
    go_and_pay(&app, &till.visitor, &desk, out.payment, page, true).await
}

/// The words for a gift card that does not pay, if that is what went wrong.
pub const fn card_fault(error: &payments::Error) -> Option<&'static str> {
    match error {
        payments::Error::Card(::cards::Error::Refused(refusal))
        | payments::Error::Order(orders::Error::Card(refusal)) => Some(card_words(refusal)),
        payments::Error::NoCode => Some("checkout-card-unknown"),
        _ => None,
    }
}

/// The words for why a gift card does not pay.
pub const fn card_words(refusal: &orders::stored::Refusal) -> &'static str {
    use orders::stored::Refusal;
    match refusal {
        Refusal::Coupon => "checkout-card-is-coupon",
        Refusal::Blocked { .. } => "checkout-card-blocked",
        Refusal::Expired { .. } => "checkout-card-expired",
        Refusal::Empty { .. } | Refusal::TooSmall { .. } => "checkout-card-empty",
        Refusal::Unknown { .. }
        | Refusal::Spent { .. }
        | Refusal::Unpaid
        | Refusal::Amount
        | Refusal::NotHere => "checkout-card-unknown",
    }
}

/// Sends the payer to the provider, or to the order's page where nothing has to be done elsewhere.
pub async fn go_and_pay(
    app: &App,
    visitor: &Visitor,
    desk: &Desk,
    begun: Option<payments::Begun>,
    page: String,
    from_cart: bool,
) -> Result<Response, Problem> {
    let slug = visitor.tenant().slug.as_str();
    let emptied = from_cart.then(|| {
        let cart = (cookies::forget(app, &cart_name(slug)), count_cookie(app, slug, 0));
        (cart, codes::forget_card(app, slug))
    });
    let Some(begun) = begun else { return Ok((emptied, redirect(&page)).into_response()) };
    let begun = desk.start(&visitor.scope(), begun, Some(page.clone())).await?;
    let to = match begun.next {
        Some(Next::Redirect { url }) if url.starts_with('/') => {
            format!("{}{url}", visitor.titled("shop-title").shop)
        }
        Some(Next::Redirect { url }) => url,
        _ => page,
    };
    Ok((emptied, redirect(&to)).into_response())
}
