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
    App, Form, List, Page, PageQuery, Path, Problem, Query, Routes, SetCookie, Site, Visitor, cookies,
    redirect,
};
use http::{Method as Verb, StatusCode, request::Parts};
use orders::{Channel, Document, DocumentId, DocumentPage, Draft, OrderId, Wanted};
use payments::{Desk, Method, provider::Next};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use spine::keys::KeyRing;

use crate::{
    checkout::{CheckoutForm, Fault},
    pages::{CartPage, CheckoutPage, ListPage, OrderPage, ProductPage},
};

/// The cookie that holds a cart's token.
const CART: &str = "cart";
/// A cart is kept as long as its cookie.
const CART_AGE_S: i64 = 14 * 24 * 3600;
/// Products on a page.
const PER_PAGE: u32 = 20;
/// Countries whose addresses have a postcode; elsewhere a quarter and a landmark find the door.
const POSTCODE: &[&str] = &["BE", "CH", "DE", "ES", "FR", "GB", "IE", "IT", "MA", "TN", "US", "ZA"];

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

/// The visitor's cart with its prices, or why it has none.
async fn priced(
    app: &App,
    visitor: &Visitor,
    token: Option<String>,
) -> Result<Option<orders::Offer>, Problem> {
    let Some(token) = token else { return Ok(None) };
    let offer = app
        .db
        .read(visitor.scope(), move |rx| {
            let cart = match orders::cart_by_token(rx, &token) {
                Ok(cart) if cart.order.is_none() => cart,
                Ok(_) | Err(orders::Error::UnknownCart) => return Ok(None),
                Err(error) => return Err(error),
            };
            let terms = orders::terms(rx, None, None)?;
            orders::priced_cart(rx, &cart, &terms)
        })
        .await?;
    Ok(offer)
}

async fn cart(
    State(app): State<App>,
    visitor: Visitor,
    CartToken(token): CartToken,
) -> Result<Page<CartPage>, Problem> {
    let frame = visitor.titled("shop-cart");
    let (lines, total, trouble) = match priced(&app, &visitor, token).await {
        Ok(Some(offer)) => (offer.lines, Some(offer.priced.total), None),
        Ok(None) => (Vec::new(), None, None),
        Err(problem) if problem.status().is_client_error() => {
            (Vec::new(), None, Some(problem.detail().to_owned()))
        }
        Err(problem) => return Err(problem),
    };
    Ok(Page(CartPage { frame, lines, total, trouble }))
}

async fn checkout(
    State(app): State<App>,
    visitor: Visitor,
    Extension(desk): Extension<Desk>,
    CartToken(token): CartToken,
) -> Result<Response, Problem> {
    Till { app, visitor, desk, token }.page(CheckoutForm::default(), Vec::new(), None).await
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
        let Ok(Some(offer)) = priced(&self.app, &self.visitor, self.token).await else {
            return Ok(redirect(&format!("{}/cart", frame.shop)));
        };
        let policy = self.desk.policy;
        let methods = self.app.db.read(self.visitor.scope(), move |rx| payments::offered(rx, policy)).await?;
        let postcode = POSTCODE.contains(&self.visitor.tenant().country.code());
        let well = faults.is_empty() && trouble.is_none();
        let page = Page(CheckoutPage { frame, form, faults, trouble, offer, methods, postcode });
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
    let wishes = match form.read(till.visitor.tenant().country, till.visitor.language()) {
        Ok(wishes) => wishes,
        Err(faults) => return till.page(form, faults, None).await,
    };
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
            refusal @ (orders::Error::OutOfStock { .. } | orders::Error::NotForSale { .. }),
        )) => {
            return till.page(form, Vec::new(), Some(refusal.to_string())).await;
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
    let (whole, due, methods, papers) = app
        .db
        .read(visitor.scope(), move |rx| {
            let (whole, due) = (orders::whole(rx, id)?, orders::payment_due(rx, id)?);
            let (methods, papers) = (payments::offered(rx, policy)?, orders::documents_of(rx, id)?);
            Ok::<_, payments::Error>((whole, due.amount, methods, papers))
        })
        .await?;
    let manual = methods.iter().find(|row| row.method == Method::Manual);
    let instructions = manual.map(|row| row.instructions.clone()).unwrap_or_default();
    let cash_is_firm = whole.order.is_firm();
    // who pays on delivery may still choose to pay at once; who has paid by reference waits for the merchant
    let methods = methods.into_iter().filter(|row| !(cash_is_firm && row.method == Method::Cod)).collect();
    let frame = visitor.titled("order-page-title");
    let address = app.config.shop_link(&format!("/t/{slug}/orders/{token}"));
    let words = frame.t2("order-share-text", "number", whole.order.number, "address", &address);
    let share = format!("https://wa.me/?text={}", quoted(&words));
    Ok(Page(OrderPage { frame, whole, token, due, payment, instructions, methods, papers, share }))
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
