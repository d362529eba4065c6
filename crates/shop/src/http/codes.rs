//! Codes that lower the price of a cart.

use axum::{extract::State, response::Response};
use coupons::CouponCode;
use edge::{App, Form, Frame, Problem, Visitor, redirect};
use orders::promotion::{Code, Refusal};
use serde::Deserialize;

use super::CartToken;

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
    let refused = |why: &Problem| Ok(redirect(&format!("{back}?refused={}#codes", why.code())));
    let tried: Option<CouponCode> = form.code.parse().ok().filter(|_| form.remove.is_empty());
    if let Some(code) = &tried
        && let Err(wait) = coupons::may_try(&app, &visitor, code)
    {
        return refused(&wait);
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
            let missed = tried.is_some() && matches!(refusal, Refusal::Unknown { .. });
            let counted = if missed { coupons::count_miss(&app, &visitor) } else { Ok(()) };
            refused(&counted.err().unwrap_or_else(|| refusal.into()))
        }
        Err(error) => Err(error.into()),
    }
}

/// The words of a refusal by its code; nothing for what is none of ours.
pub fn fault(frame: &Frame, refused: &str) -> Option<String> {
    let known = !refused.is_empty() && refused.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let key = format!("problem-{refused}");
    let words = known.then(|| frame.t(&key))?;
    (words != key).then_some(words)
}
