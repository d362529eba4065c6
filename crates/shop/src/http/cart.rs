//! The cart: what is put into it, what it costs, and why something in it can no longer be had.

use axum::{
    extract::{FromRequestParts, State},
    response::{IntoResponse, Response},
};
use base::Quantity;
use catalog::VariantId;
use edge::{App, Form, Frame, Json, Problem, Query, SetCookie, Visitor, cookies, redirect};
use http::{HeaderMap, header, request::Parts};
use orders::{
    Cart, Offer, Wanted,
    promotion::{Code, Refusal},
};
use serde::{Deserialize, Serialize};
use stock::Pause;

use super::codes;
use crate::{
    Error,
    checkout::{CheckoutForm, Choice},
    chrome::{Chrome, Furniture, Shown, counter_name},
    pages::{CartLine, CartPage, Counted},
    ship::Ways,
};

/// A cart is kept as long as its cookie.
const CART_AGE_S: i64 = 14 * 24 * 3600;

/// The visitor's cart in this shop, by its cookie.
pub struct CartToken(pub Option<String>);

impl FromRequestParts<App> for CartToken {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let slug = parts.uri.path().split('/').nth(2).unwrap_or_default();
        Ok(Self(cookies::get(app, &parts.headers, &cart_name(slug)).map(str::to_owned)))
    }
}

/// The cookie that holds a cart's token: shops that share a host have one each.
pub fn cart_name(slug: &str) -> String {
    format!("cart-{slug}")
}

#[derive(Debug, Deserialize)]
pub struct LineForm {
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

pub async fn add(
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
pub fn count_cookie(app: &App, slug: &str, lines: usize) -> SetCookie {
    cookies::set_readable(app, &counter_name(slug), &lines.to_string(), CART_AGE_S)
}

pub async fn change(
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
pub struct Counter {
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
pub async fn counter(
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
pub struct Added {
    /// What was just put into the cart.
    added: String,
    /// Why a code that was typed does nothing, as the code of its problem.
    refused: String,
}

pub async fn show(
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
    pub fn of(frame: &Frame, counter: Counter, form: CheckoutForm) -> Self {
        let Counter { offer, ways, decided, refused, codes, idle, pause } = counter;
        let refused = refused.map(|refusal| refusal_words(frame, &refusal));
        let idle = idle.map(|refusal| Problem::from(refusal).words(frame.language()));
        Self { offer, ways, form, decided, refused, codes, idle, pause }
    }
}

/// Why an order could not be placed as it was shown, in the visitor's words.
pub fn refusal_words(frame: &Frame, refusal: &orders::Error) -> String {
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
