//! Routes of the storefront. Reading pages come from the cache; what is personal (cart, checkout, order) never does.

use axum::{
    Extension,
    extract::{FromRequestParts, State},
    response::{IntoResponse, Response},
};
use base::{Line, Quantity};
use catalog::{Cursor, Filter, State as ProductState, VariantId};
use db::Area;
use edge::{
    App, Form, Frame, List, Page, PageQuery, Path, Problem, Query, Routes, SetCookie, Site, Visitor, cookies,
    redirect,
};
use http::{Method as Verb, StatusCode, request::Parts};
use orders::{Channel, Document, DocumentId, DocumentPage, Draft, Offer, OrderId, Shipping, Wanted};
use payments::{Desk, Method, provider::Next};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use spine::keys::KeyRing;
use stock::Pause;

use crate::{
    checkout::{CheckoutForm, Choice, Fault},
    contact::{self, PlaceCard},
    pages::{CartPage, CheckoutPage, Counted, ListPage, OrderPage, ProductPage},
    ship::Ways,
};

/// The cookie that holds a cart's token.
const CART: &str = "cart";
/// A cart is kept as long as its cookie.
const CART_AGE_S: i64 = 14 * 24 * 3600;
/// Products on a page.
const PER_PAGE: u32 = 20;

pub fn routes() -> Routes {
    Routes::new()
        .page(Site::Shop, "/t/{slug}/", Verb::GET, front)
        .page(Site::Shop, "/t/{slug}", Verb::GET, front_door)
        .page(Site::Shop, "/t/{slug}/categories/{category}", Verb::GET, category)
        .page(Site::Shop, "/t/{slug}/products/{handle}", Verb::GET, product)
        .page(Site::Shop, "/t/{slug}/cart", Verb::GET, cart)
        .page(Site::Shop, "/t/{slug}/cart", Verb::POST, add_to_cart)
        .page(Site::Shop, "/t/{slug}/cart/lines", Verb::POST, change_cart)
        .page(Site::Shop, "/t/{slug}/checkout", Verb::GET, checkout)
        .page(Site::Shop, "/t/{slug}/checkout", Verb::POST, check_out)
        .page(Site::Shop, "/t/{slug}/contact", Verb::GET, contact::page)
        .page(Site::Shop, "/t/{slug}/orders/{token}", Verb::GET, order)
        .page(Site::Shop, "/t/{slug}/orders/{token}/documents/{id}", Verb::GET, document)
        .page(Site::Shop, "/t/{slug}/orders/{token}/documents/{id}/pdf", Verb::GET, document_pdf)
        .page(Site::Shop, "/t/{slug}/orders/{token}/pay", Verb::POST, pay)
        .page(Site::Shop, "/t/{slug}/orders/{token}/reference", Verb::POST, give_reference)
        .words(crate::LOCALES)
}

#[derive(Debug, Deserialize)]
struct ListQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    cursor: Option<String>,
}

async fn front_door(State(_app): State<App>, visitor: Visitor) -> Response {
    redirect(&format!("{}/", visitor.titled("shop-title").shop))
}

async fn front(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    list(&app, &visitor, query, None).await
}

async fn category(
    State(app): State<App>,
    visitor: Visitor,
    Path((_, category)): Path<(String, String)>,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    list(&app, &visitor, query, Some(category)).await
}

async fn list(
    app: &App,
    visitor: &Visitor,
    query: ListQuery,
    category: Option<String>,
) -> Result<Response, Problem> {
    let search: String = query.q.chars().filter(|letter| !letter.is_control()).take(100).collect();
    let cursor = query.cursor.clone().unwrap_or_default();
    let slug = category.clone().unwrap_or_default();
    // a search is somebody's own words: rarely asked twice, so it takes no room in the cache
    let known = [("category", slug.as_str()), ("cursor", cursor.as_str())];
    let render = async || list_page(app, visitor, &query, search.clone(), category.clone()).await.map(Page);
    if search.is_empty() {
        app.cached(visitor, &[Area::Catalog, Area::Look], &known, render).await
    } else {
        render().await.map(IntoResponse::into_response)
    }
}

async fn list_page(
    app: &App,
    visitor: &Visitor,
    query: &ListQuery,
    search: String,
    category: Option<String>,
) -> Result<ListPage, Problem> {
    let after: Option<[String; 2]> = PageQuery { limit: None, cursor: query.cursor.clone() }.after()?;
    let after = after.and_then(Cursor::from_parts);
    let words = search.clone();
    let language = visitor.language();
    let (categories, heading, found) = app
        .db
        .read(visitor.scope(), move |rx| {
            let mut categories = catalog::categories(rx)?;
            catalog::in_reading_order(&mut categories, language);
            let chosen = match &category {
                None => None,
                Some(slug) => Some(catalog::category_by_slug(rx, slug)?),
            };
            let filter = Filter {
                state: Some(ProductState::Active),
                search: words,
                category: chosen.as_ref().map(|category| category.id),
                by_title: false,
            };
            let found = catalog::list(rx, &filter, after.as_ref(), PER_PAGE + 1)?;
            Ok::<_, catalog::Error>((categories, chosen.map(|category| category.path.to_string()), found))
        })
        .await?;
    let page = List::of(found, PER_PAGE, |last| last.cursor().parts());
    let next = page.next_cursor.map(|cursor| {
        let kept = if search.is_empty() { String::new() } else { format!("q={}&", quoted(&search)) };
        format!("?{kept}cursor={cursor}")
    });
    let frame = visitor.titled("shop-title");
    Ok(ListPage { frame, heading, search, categories, products: page.items, next })
}

fn quoted(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

async fn product(
    State(app): State<App>,
    visitor: Visitor,
    Path((_, handle)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let known = [("handle", handle.as_str())];
    let areas = [Area::Catalog, Area::Stock, Area::Look];
    app.cached(&visitor, &areas, &known, async || product_page(&app, &visitor, &handle).await.map(Page)).await
}

async fn product_page(app: &App, visitor: &Visitor, handle: &str) -> Result<ProductPage, Problem> {
    let wanted = handle.to_owned();
    let (product, pictures, phone) = app
        .db
        .read(visitor.scope(), move |rx| {
            let phone = people::business::find(rx).map_err(orders::Error::from)?.edit.phone;
            let product = catalog::product_by_handle(rx, &wanted)?;
            let pictures = catalog::images::pictures_of(rx, product.id)?;
            Ok::<_, orders::Error>((product, pictures, phone))
        })
        .await?;
    if product.details.state != ProductState::Active {
        return Err(catalog::Error::UnknownProduct.into());
    }
    let variants = product.offered().cloned().collect();
    let frame = visitor.frame(product.details.title.as_str());
    let address = app.config.shop_link(&format!("/t/{}/products/{handle}", visitor.tenant().slug));
    let question = frame.t2("shop-ask-text", "title", &product.details.title, "address", &address);
    let ask = phone.map(|phone| format!("https://wa.me/{}?text={}", phone.digits(), quoted(&question)));
    let frame = frame.with_description(product.details.description.summary(160));
    Ok(ProductPage { frame, product, pictures, variants, ask })
}

/// The visitor's cart, by its cookie.
struct CartToken(Option<String>);

impl FromRequestParts<App> for CartToken {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Ok(Self(cookies::get(app, &parts.headers, CART).map(str::to_owned)))
    }
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

async fn add_to_cart(
    State(app): State<App>,
    visitor: Visitor,
    CartToken(token): CartToken,
    Form(form): Form<LineForm>,
) -> Result<Response, Problem> {
    let wanted = form.wanted()?;
    let made = app
        .db
        .write(visitor.scope(), move |tx| {
            let known = match &token {
                Some(token) => orders::cart_by_token(tx, token).ok().filter(|cart| cart.order.is_none()),
                None => None,
            };
            match known {
                Some(cart) => {
                    orders::add_to_cart(tx, cart.id, &wanted)?;
                    Ok::<_, orders::Error>(None)
                }
                None => {
                    let (id, token) = orders::open_cart(tx)?;
                    orders::add_to_cart(tx, id, &wanted)?;
                    Ok(Some(token))
                }
            }
        })
        .await?;
    let to = redirect(&format!("{}/cart", visitor.titled("shop-cart").shop));
    Ok(match made {
        Some(token) => (cart_cookie(&app, &token), to).into_response(),
        None => to,
    })
}

fn cart_cookie(app: &App, token: &str) -> SetCookie {
    cookies::set(app, CART, token, CART_AGE_S)
}

async fn change_cart(
    State(app): State<App>,
    visitor: Visitor,
    CartToken(token): CartToken,
    Form(form): Form<LineForm>,
) -> Result<Response, Problem> {
    let wanted = form.wanted()?;
    if let Some(token) = token {
        app.db
            .write(visitor.scope(), move |tx| {
                let cart = orders::cart_by_token(tx, &token)?;
                orders::set_in_cart(tx, cart.id, &wanted)
            })
            .await?;
    }
    Ok(redirect(&format!("{}/cart", visitor.titled("shop-cart").shop)))
}

/// The visitor's cart with what it costs on the way that was chosen.
struct Counter {
    offer: Offer,
    ways: Ways,
    /// Whether the price is known: the way is chosen, and leads there.
    decided: bool,
    /// Why the way that was chosen does not lead there.
    refused: Option<orders::Error>,
    pause: Option<Pause>,
}

/// The cart behind the token; none if there is none, or if it is empty. What can no longer be sold is an error.
async fn counter(
    app: &App,
    visitor: &Visitor,
    token: Option<String>,
    form: &CheckoutForm,
) -> Result<Option<Counter>, Problem> {
    let Some(token) = token else { return Ok(None) };
    let (form, tenant) = (form.clone(), visitor.tenant().clone());
    let look = move |rx: &mut db::Rx<'_>| {
        let cart = match orders::cart_by_token(rx, &token) {
            Ok(cart) if cart.order.is_none() => cart,
            Ok(_) | Err(orders::Error::UnknownCart) => return Ok(None),
            Err(error) => return Err(error),
        };
        let (terms, opening, now) = (orders::terms(rx, None, None)?, stock::opening(rx)?, rx.now());
        let ways = Ways::of(&opening, &orders::zones(rx)?, tenant.country, now, tenant.zone.clone());
        let chosen = ways.destination(&form);
        let known = chosen.clone().unwrap_or_default();
        let (offer, refused) = match orders::priced_cart(rx, &cart, &known, &terms) {
            Err(refusal @ (orders::Error::NotDeliveredThere | orders::Error::BelowMinimum { .. })) => {
                (orders::priced_cart(rx, &cart, &Shipping::default(), &terms)?, Some(refusal))
            }
            priced => (priced?, None),
        };
        let decided = chosen.is_some() && refused.is_none();
        let pause = opening.pause(now).cloned();
        Ok(offer.map(|offer| Counter { offer, ways, decided, refused, pause }))
    };
    Ok(app.db.read(visitor.scope(), look).await?)
}

async fn cart(
    State(app): State<App>,
    visitor: Visitor,
    CartToken(token): CartToken,
    Query(choice): Query<Choice>,
) -> Result<Page<CartPage>, Problem> {
    let frame = visitor.titled("shop-cart");
    let form = CheckoutForm::from(choice);
    let (counter, trouble) = match counter(&app, &visitor, token, &form).await {
        Ok(counter) => (counter, None),
        Err(problem) if problem.status().is_client_error() => (None, Some(problem.detail().to_owned())),
        Err(problem) => return Err(problem),
    };
    let counted = counter.map(|counter| Counted::of(&frame, counter, form));
    Ok(Page(CartPage { frame, counted, trouble }))
}

impl Counted {
    fn of(frame: &Frame, counter: Counter, form: CheckoutForm) -> Self {
        let Counter { offer, ways, decided, refused, pause } = counter;
        let refused = refused.map(|refusal| refusal_words(frame, &refusal));
        Self { offer, ways, form, decided, refused, pause }
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
        orders::Error::OtherTotal { total } => frame.t1("checkout-other-total", "total", frame.money(total)),
        other => other.to_string(),
    }
}

async fn checkout(
    State(app): State<App>,
    visitor: Visitor,
    Extension(desk): Extension<Desk>,
    CartToken(token): CartToken,
    Query(choice): Query<Choice>,
) -> Result<Response, Problem> {
    Till { app, visitor, desk, token }.page(choice.into(), Vec::new(), None).await
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
        // an empty cart, or one whose goods are gone, is explained on its own page
        let Ok(Some(counter)) = counter(&self.app, &self.visitor, self.token, &form).await else {
            return Ok(redirect(&format!("{}/cart", frame.shop)));
        };
        let policy = self.desk.policy;
        let methods = self.app.db.read(self.visitor.scope(), move |rx| payments::offered(rx, policy)).await?;
        let well = faults.is_empty() && trouble.is_none();
        let counted = Counted::of(&frame, counter, form);
        let page = Page(CheckoutPage { frame, counted, faults, trouble, methods });
        Ok(if well { page.into_response() } else { page.with_status(StatusCode::UNPROCESSABLE_ENTITY) })
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
            let out = payments::checkout(tx, &draft, &wishes.method, policy)?;
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
        Err(error) => return Err(error.into()),
    };
    let page = format!("{shop}/orders/{}", out.placed.token);
    go_and_pay(&app, &till.visitor, &desk, out.payment, page).await
}

/// Sends the payer to the provider, or to the order's page where nothing has to be done elsewhere.
async fn go_and_pay(
    app: &App,
    visitor: &Visitor,
    desk: &Desk,
    begun: Option<payments::Begun>,
    page: String,
) -> Result<Response, Problem> {
    let Some(begun) = begun else { return Ok((cookies::forget(app, CART), redirect(&page)).into_response()) };
    let begun = desk.start(&visitor.scope(), begun, Some(page.clone())).await?;
    let to = match begun.next {
        Some(Next::Redirect { url }) if url.starts_with('/') => {
            format!("{}{url}", visitor.titled("shop-title").shop)
        }
        Some(Next::Redirect { url }) => url,
        _ => page,
    };
    Ok((cookies::forget(app, CART), redirect(&to)).into_response())
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
    Path((slug, token)): Path<(String, String)>,
) -> Result<Page<OrderPage>, Problem> {
    let id = linked(&app, &visitor, token.clone()).await?;
    let payment = desk.look(&visitor.scope(), id).await?;
    let policy = desk.policy;
    let (whole, due, methods, papers, going) = app
        .db
        .read(visitor.scope(), move |rx| {
            let (whole, due) = (orders::whole(rx, id)?, orders::payment_due(rx, id)?);
            let (methods, papers) = (payments::offered(rx, policy)?, orders::documents_of(rx, id)?);
            let going = Going::of(rx, &whole)?;
            Ok::<_, payments::Error>((whole, due.amount, methods, papers, going))
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
    Ok(Page(OrderPage {
        frame,
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
}

async fn pay(
    State(app): State<App>,
    visitor: Visitor,
    Extension(desk): Extension<Desk>,
    Path((_, token)): Path<(String, String)>,
    Form(form): Form<PayForm>,
) -> Result<Response, Problem> {
    let id = linked(&app, &visitor, token.clone()).await?;
    let policy = desk.policy;
    let begun =
        app.db.write(visitor.scope(), move |tx| payments::begin(tx, id, &form.method, policy)).await?;
    let page = format!("{}/orders/{token}", visitor.titled("shop-title").shop);
    go_and_pay(&app, &visitor, &desk, Some(begun), page).await
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
