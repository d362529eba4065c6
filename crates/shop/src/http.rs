//! Routes of the storefront. Reading pages come from the cache; what is personal (cart, checkout, order) never does.

mod cards;
mod codes;
mod front;
mod list;
mod lookup;
mod machines;
mod office;
mod product;

pub use cards::BuyForm;

use axum::{
    Extension,
    extract::{FromRequestParts, State},
    response::{IntoResponse, Response},
};
use base::{Line, Quantity};
use catalog::VariantId;
use edge::{
    App, Form, Frame, Json, Page, Path, Problem, Query, Routes, SetCookie, Site, Visitor, cookies, redirect,
};
use http::{HeaderMap, Method as Verb, StatusCode, header, request::Parts};
use orders::{
    Cart, Channel, Document, DocumentId, DocumentPage, Draft, Offer, OrderId, Wanted,
    promotion::{Code, Refusal},
};
use payments::{Desk, Method, provider::Next};
use serde::{Deserialize, Serialize};
use spine::keys::KeyRing;
use stock::Pause;

use crate::{
    Error,
    checkout::{CheckoutForm, Choice, Fault},
    chrome::{Chrome, Furniture, Shown, counter_name, quoted},
    contact::{self, PlaceCard},
    pages::{CartLine, CartPage, CheckoutPage, Counted, OrderPage},
    ship::Ways,
};

/// A cart is kept as long as its cookie.
const CART_AGE_S: i64 = 14 * 24 * 3600;

pub fn routes() -> Routes {
    Routes::new()
        .page(Site::Shop, "/t/{slug}/", Verb::GET, front::front)
        .page(Site::Shop, "/t/{slug}", Verb::GET, front::door)
        .page(Site::Shop, "/t/{slug}/preview/{token}", Verb::GET, front::preview)
        .page(Site::Shop, "/t/{slug}/pages/{page}", Verb::GET, front::page)
        .page(Site::Shop, "/t/{slug}/products", Verb::GET, list::all)
        .page(Site::Shop, "/t/{slug}/categories/{category}", Verb::GET, list::category)
        .page(Site::Shop, "/t/{slug}/products/{handle}", Verb::GET, product::product)
        .page(Site::Shop, "/t/{slug}/cart", Verb::GET, cart)
        .page(Site::Shop, "/t/{slug}/cart", Verb::POST, add_to_cart)
        .page(Site::Shop, "/t/{slug}/cart/lines", Verb::POST, change_cart)
        .page(Site::Shop, "/t/{slug}/cart/codes", Verb::POST, codes::change)
        .page(Site::Shop, "/t/{slug}/checkout", Verb::GET, checkout)
        .page(Site::Shop, "/t/{slug}/checkout", Verb::POST, check_out)
        .page(Site::Shop, "/t/{slug}/gift-card", Verb::GET, cards::ask)
        .page(Site::Shop, "/t/{slug}/gift-card", Verb::POST, cards::buy)
        .page(Site::Shop, "/t/{slug}/gift-card/balance", Verb::GET, cards::ask_balance)
        .page(Site::Shop, "/t/{slug}/gift-card/balance", Verb::POST, cards::balance)
        .page(Site::Shop, "/t/{slug}/contact", Verb::GET, contact::page)
        .page(Site::Shop, "/t/{slug}/orders", Verb::GET, lookup::ask)
        .page(Site::Shop, "/t/{slug}/orders", Verb::POST, lookup::look_up)
        .page(Site::Shop, "/t/{slug}/orders/{token}", Verb::GET, order)
        .page(Site::Shop, "/t/{slug}/orders/{token}/documents/{id}", Verb::GET, document)
        .page(Site::Shop, "/t/{slug}/orders/{token}/documents/{id}/pdf", Verb::GET, document_pdf)
        .page(Site::Shop, "/t/{slug}/orders/{token}/pay", Verb::POST, pay)
        .page(Site::Shop, "/t/{slug}/orders/{token}/reference", Verb::POST, give_reference)
        .merge(machines::routes())
        .merge(office::routes())
        .words(crate::LOCALES)
}

/// The visitor's cart in this shop, by its cookie.
struct CartToken(Option<String>);

impl FromRequestParts<App> for CartToken {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let slug = parts.uri.path().split('/').nth(2).unwrap_or_default();
        Ok(Self(cookies::get(app, &parts.headers, &cart_name(slug)).map(str::to_owned)))
    }
}

/// The cookie that holds a cart's token: shops that share a host have one each.
fn cart_name(slug: &str) -> String {
    format!("cart-{slug}")
}

#[derive(Debug, Deserialize)]
struct LineForm {
    variant: VariantId,
    #[serde(default)]
    quantity: String,
    #[serde(default)]
    remove: Option<String>,
}

impl LineForm {
    fn wanted(&self) -> Result<Wanted, Problem> {
        let typed = if self.remove.is_some() { "0" } else { self.quantity.as_str() };
        let quantity: Quantity =
            typed.parse().map_err(|error| Problem::unprocessable("quantity-malformed", error))?;
        if quantity < Quantity::ZERO {
            return Err(Problem::unprocessable("quantity-malformed", "a quantity is not below zero"));
        }
        Ok(Wanted::variant(self.variant, quantity))
    }
}

/// What a script is told when something was put into the cart.
#[derive(Serialize)]
struct Counting {
    count: usize,
    words: String,
}

async fn add_to_cart(
    State(app): State<App>,
    visitor: Visitor,
    CartToken(token): CartToken,
    headers: HeaderMap,
    Form(form): Form<LineForm>,
) -> Result<Response, Problem> {
    let wanted = form.wanted()?;
    let variant = form.variant;
    let (made, lines, name) = app
        .db
        .write(visitor.scope(), move |tx| {
            let (id, made) = match open_cart(tx, token.as_deref())? {
                Some(cart) => (cart.id, None),
                None => {
                    let (id, token) = orders::open_cart(tx)?;
                    (id, Some(token))
                }
            };
            orders::add_to_cart(tx, id, &wanted)?;
            let name = catalog::variant_for_sale(tx, variant).map_err(orders::Error::from)?.name();
            Ok::<_, orders::Error>((made, orders::cart(tx, id)?.lines.len(), name))
        })
        .await?;
    let slug = visitor.tenant().slug.as_str();
    let cookies = (made.map(|token| cart_cookie(&app, slug, &token)), count_cookie(&app, slug, lines));
    let asks_json = headers.get(header::ACCEPT).is_some_and(|kinds| kinds.as_bytes() == b"application/json");
    if asks_json {
        let words = edge::text(visitor.language(), "cart-added", &[("name", name.into())]);
        return Ok((cookies, Json(Counting { count: lines, words })).into_response());
    }
    let to = visitor.shop_path(&format!("/cart?added={variant}"));
    Ok((cookies, redirect(&to)).into_response())
}

/// The cart behind a visitor's token, unless it is gone or has become an order.
fn open_cart(rx: &mut db::Rx<'_>, token: Option<&str>) -> Result<Option<Cart>, orders::Error> {
    let Some(token) = token else { return Ok(None) };
    match orders::cart_by_token(rx, token) {
        Ok(cart) => Ok(Some(cart).filter(|cart| cart.order.is_none())),
        Err(orders::Error::UnknownCart) => Ok(None),
        Err(error) => Err(error),
    }
}

fn cart_cookie(app: &App, slug: &str, token: &str) -> SetCookie {
    cookies::set(app, &cart_name(slug), token, CART_AGE_S)
}

/// Says on cached pages how much is in the cart; a script reads it, and it holds nothing but the number.
fn count_cookie(app: &App, slug: &str, lines: usize) -> SetCookie {
    cookies::set_readable(app, &counter_name(slug), &lines.to_string(), CART_AGE_S)
}

async fn change_cart(
    State(app): State<App>,
    visitor: Visitor,
    CartToken(token): CartToken,
    Form(form): Form<LineForm>,
) -> Result<Response, Problem> {
    let wanted = form.wanted()?;
    let to = redirect(&visitor.shop_path("/cart"));
    let Some(token) = token else { return Ok(to) };
    let lines = app
        .db
        .write(visitor.scope(), move |tx| {
            let cart = orders::cart_by_token(tx, &token)?;
            orders::set_in_cart(tx, cart.id, &wanted)?;
            Ok::<_, orders::Error>(orders::cart(tx, cart.id)?.lines.len())
        })
        .await?;
    Ok((count_cookie(&app, visitor.tenant().slug.as_str(), lines), to).into_response())
}

/// The visitor's cart with what it costs on the way that was chosen.
struct Counter {
    offer: Offer,
    ways: Ways,
    /// Whether the price is known: the way is chosen, and leads there.
    decided: bool,
    /// Why the way that was chosen does not lead there.
    refused: Option<orders::Error>,
    /// The codes in the cart, and why they do nothing for it, if they do not.
    codes: Vec<Code>,
    idle: Option<Refusal>,
    pause: Option<Pause>,
}

/// The cart behind the token; none if there is none, or if it is empty. What can no longer be sold is an error.
async fn counter(
    app: &App,
    visitor: &Visitor,
    token: Option<String>,
    form: &CheckoutForm,
) -> Result<Option<Counter>, orders::Error> {
    let (form, tenant) = (form.clone(), visitor.tenant().clone());
    let look = move |rx: &mut db::Rx<'_>| {
        let Some(cart) = open_cart(rx, token.as_deref())? else { return Ok(None) };
        let (terms, opening, now) = (orders::terms(rx, None, None)?, stock::opening(rx)?, rx.now());
        let ways = Ways::of(&opening, &orders::zones(rx)?, tenant.country, now, tenant.zone.clone());
        let chosen = ways.destination(&form);
        let known = chosen.clone().unwrap_or_default();
        let codes = cart.codes.clone();
        let orders::Counted { mut cart, offer, idle } =
            orders::counted_cart(rx, cart, orders::Channel::Shop, &terms)?;
        if idle.is_some() {
            cart.codes.clear();
        }
        let (offer, refused) = match orders::priced_cart(rx, &cart, orders::Channel::Shop, &known, &terms) {
            Err(refusal @ (orders::Error::NotDeliveredThere | orders::Error::BelowMinimum { .. })) => {
                (offer, Some(refusal))
            }
            priced => (priced?, None),
        };
        let decided = chosen.is_some() && refused.is_none();
        let pause = opening.pause(now).cloned();
        Ok(offer.map(|offer| Counter { offer, ways, decided, refused, codes, idle, pause }))
    };
    app.db.read(visitor.scope(), look).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Added {
    /// What was just put into the cart.
    added: String,
    /// Why a code that was typed does nothing, as the code of its problem.
    refused: String,
}

async fn cart(
    State(app): State<App>,
    visitor: Visitor,
    CartToken(token): CartToken,
    Query(choice): Query<Choice>,
    Query(query): Query<Added>,
) -> Result<Response, Problem> {
    let frame = visitor.titled("shop-cart");
    let form = CheckoutForm::from(choice);
    let (held, language) = (token.clone(), visitor.language());
    let look = move |rx: &mut db::Rx<'_>| {
        Ok::<_, Error>((Furniture::read(rx, language)?, cart_lines(rx, held.as_deref())?))
    };
    let (furniture, lines) = app.db.read(visitor.scope(), look).await?;
    let (counter, trouble) = match counter(&app, &visitor, token, &form).await {
        Ok(counter) => (counter, None),
        Err(
            refusal @ (orders::Error::NotForSale { .. }
            | orders::Error::WrongQuantity { .. }
            | orders::Error::UnknownItem { .. }),
        ) => (None, Some(refusal_words(&frame, &refusal))),
        Err(error) => return Err(error.into()),
    };
    let counted = counter.map(|counter| Counted::of(&frame, counter, form));
    let slug = visitor.tenant().slug.as_str();
    let added = lines.iter().find(|line| line.variant.variant.to_string() == query.added);
    let added = added.map(|line| line.variant.name());
    let count = count_cookie(&app, slug, lines.len());
    let chrome = Chrome::of(&visitor, slug, &furniture, "/cart").hidden();
    let code_fault = codes::fault(&frame, &query.refused);
    Ok((count, Shown(CartPage { frame, chrome, lines, counted, trouble, added, code_fault })).into_response())
}

/// What lies in the cart, whether or not it can still be bought.
fn cart_lines(rx: &mut db::Rx<'_>, token: Option<&str>) -> Result<Vec<CartLine>, Error> {
    let Some(cart) = open_cart(rx, token)? else { return Ok(Vec::new()) };
    let ids: Vec<VariantId> = cart.lines.iter().map(|(variant, _)| *variant).collect();
    let variants = catalog::variants_for_sale(rx, &ids)?;
    let mut lines = Vec::with_capacity(variants.len());
    for variant in variants {
        let Some((_, quantity)) = cart.lines.iter().find(|(id, _)| *id == variant.variant) else { continue };
        let shown = catalog::summaries(rx, std::slice::from_ref(&variant.handle), 1)?;
        let picture = shown.into_iter().next().and_then(|summary| summary.picture);
        let gross = variant.price.times(*quantity).ok();
        lines.push(CartLine { quantity: *quantity, gross, picture, variant });
    }
    Ok(lines)
}

impl Counted {
    fn of(frame: &Frame, counter: Counter, form: CheckoutForm) -> Self {
        let Counter { offer, ways, decided, refused, codes, idle, pause } = counter;
        let refused = refused.map(|refusal| refusal_words(frame, &refusal));
        let idle = idle.map(|refusal| Problem::from(refusal).words(frame.language()));
        Self { offer, ways, form, decided, refused, codes, idle, pause }
    }
}

/// Why an order could not be placed as it was shown, in the visitor's words.
fn refusal_words(frame: &Frame, refusal: &orders::Error) -> String {
    match refusal {
        orders::Error::NotDeliveredThere | orders::Error::NoSuchZone => frame.t("checkout-not-there"),
        orders::Error::NotFetchedThere => frame.t("checkout-ship-needed"),
        orders::Error::BelowMinimum { zone, minimum } => {
            frame.t2("checkout-too-small", "zone", zone, "amount", frame.money(minimum))
        }
        orders::Error::NotForSale { name } | orders::Error::UnknownItem { name } => {
            frame.t1("checkout-not-for-sale", "name", name)
        }
        orders::Error::WrongQuantity { name, .. } => frame.t1("checkout-wrong-quantity", "name", name),
        orders::Error::OutOfStock { sku, available } => {
            let left = frame.quantity(available, "");
            frame.t2("checkout-only-left", "name", sku, "count", left)
        }
        orders::Error::ClosedForNow { words } => format!("{}. {words}", frame.t("contact-closed-for-now")),
        orders::Error::OtherTotal { total } => frame.t1("checkout-other-total", "total", frame.money(total)),
        orders::Error::Refused(refusal) => Problem::from(refusal.clone()).words(frame.language()),
        other => other.to_string(),
    }
}

/// The surroundings of a page that is one visitor's own.
async fn own_chrome(app: &App, visitor: &Visitor, rest: &str) -> Result<Chrome, Problem> {
    let language = visitor.language();
    let furniture = app.db.read(visitor.scope(), move |rx| Furniture::read(rx, language)).await?;
    Ok(Chrome::of(visitor, visitor.tenant().slug.as_str(), &furniture, rest).hidden())
}

async fn checkout(
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

async fn check_out(
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
const fn card_fault(error: &payments::Error) -> Option<&'static str> {
    match error {
        payments::Error::Card(::cards::Error::Refused(refusal))
        | payments::Error::Order(orders::Error::Card(refusal)) => Some(card_words(refusal)),
        payments::Error::NoCode => Some("checkout-card-unknown"),
        _ => None,
    }
}

/// The words for why a gift card does not pay.
const fn card_words(refusal: &orders::stored::Refusal) -> &'static str {
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
async fn go_and_pay(
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

async fn order(
    State(app): State<App>,
    visitor: Visitor,
    Extension(desk): Extension<Desk>,
    Path(path): Path<(String, String)>,
) -> Result<Shown<OrderPage>, Problem> {
    order_page(&app, &visitor, &desk, path, None).await
}

/// The page of the order that a link shows, with the words for a gift card that was refused.
async fn order_page(
    app: &App,
    visitor: &Visitor,
    desk: &Desk,
    (slug, token): (String, String),
    card_fault: Option<&'static str>,
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
        card_fault,
    }))
}

/// A paper of the order, for whoever has the order's link.
async fn document(
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

async fn document_pdf(
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
struct PayForm {
    method: String,
    /// With a gift card.
    #[serde(default)]
    code: String,
}

async fn pay(
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
                    let page = order_page(&app, &visitor, &desk, (slug, token), Some(key)).await?;
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
struct ReferenceForm {
    reference: String,
}

async fn give_reference(
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
