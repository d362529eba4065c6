//! Codes that lower the price of a cart. A gift card's code that is typed among them waits for the checkout, where it pays.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use edge::{App, Form, Frame, Problem, SetCookie, Visitor, cookies, redirect};
use http::HeaderMap;
use orders::promotion::{Code, Refusal};
use serde::Deserialize;

use super::cart::CartToken;

/// For how long a gift card's code waits for the checkout.
const CARD_WAITS_S: i64 = 3600;

#[derive(Debug, Deserialize)]
pub struct CodeForm {
    code: String,
    #[serde(default)]
    remove: String,
}

/// Puts a code into the cart or takes it out. What is refused is said on the cart's page.
pub async fn change(
    State(app): State<App>,
    visitor: Visitor,
    CartToken(token): CartToken,
    Form(form): Form<CodeForm>,
) -> Result<Response, Problem> {
    let back = visitor.shop_path("/cart");
    let Some(token) = token else { return Ok(redirect(&back)) };
    let typed = form.code.clone();
    let refused = |why: &str| redirect(&format!("{back}?refused={why}#codes"));
    let tenant = visitor.tenant().id;
    if form.remove.is_empty()
        && let Err(wait) = orders::may_try(&app, &visitor, tenant, &[&typed])
    {
        return Ok(refused(wait.code()));
    }
    let work = move |tx: &mut db::Tx<'_>| {
        let cart = orders::cart_by_token(tx, &token)?;
        if !form.remove.is_empty() {
            return orders::remove_code(tx, cart.id, &form.code);
        }
        let typed = form.code.clone();
        let code: Code = typed.parse().map_err(|_| Refusal::Unknown { code: typed })?;
        orders::add_code(tx, cart.id, &code, orders::Channel::Shop)
    };
    match app.db.write(visitor.scope(), work).await {
        Ok(()) => Ok(redirect(&format!("{back}#codes"))),
        Err(orders::Error::Refused(refusal)) => {
            let refusal =
                orders::told_apart(&app, &visitor, visitor.scope(), refusal.into(), &[&typed]).await;
            let why = orders::count_miss(&app, &visitor, tenant, &[&typed], refusal.refused()?).code();
            let card = (why == orders::GIFT_CARD_CODE).then(|| keep_card(&app, &visitor, &typed)).flatten();
            Ok((card, refused(why)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// The cookie that holds a gift card's code until the checkout.
fn card_name(slug: &str) -> String {
    format!("card-{slug}")
}

/// Keeps the code for the checkout, in the visitor's own browser: an address would tell it to the log.
fn keep_card(app: &App, visitor: &Visitor, typed: &str) -> Option<SetCookie> {
    let code: base::Code = typed.parse().ok()?;
    let name = card_name(visitor.tenant().slug.as_str());
    Some(cookies::set(app, &name, code.as_str(), CARD_WAITS_S))
}

/// The gift card's code that waits for the checkout; nothing, if none does.
pub fn waiting_card(app: &App, visitor: &Visitor, headers: &HeaderMap) -> String {
    let name = card_name(visitor.tenant().slug.as_str());
    let code = cookies::get(app, headers, &name).and_then(|kept| kept.parse::<base::Code>().ok());
    code.map(|code| code.to_string()).unwrap_or_default()
}

/// No code waits any more.
pub fn forget_card(app: &App, slug: &str) -> SetCookie {
    cookies::forget(app, &card_name(slug))
}

/// The words of a refusal by its code; nothing for what is none of ours.
pub fn fault(frame: &Frame, refused: &str) -> Option<String> {
    if refused == orders::GIFT_CARD_CODE {
        return Some(frame.t("cart-code-is-gift-card"));
    }
    let known = !refused.is_empty() && refused.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let key = format!("problem-{refused}");
    let words = known.then(|| frame.t(&key))?;
    (words != key).then_some(words)
}
