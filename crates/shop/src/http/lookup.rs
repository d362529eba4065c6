//! Finds an order again, for who knows its number and how the shop reaches its customer. What is wrong is never said:
//! numbers follow one another, and nobody shall learn which ones are orders.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Email, Phone};
use edge::{App, Form, Problem, Rate, Visitor, address_key, redirect};
use http::StatusCode;
use serde::Deserialize;

use crate::{
    chrome::{Chrome, Furniture, Shown},
    pages::LookupPage,
};

/// Tries of one caller.
const TRIES: Rate = Rate { burst: 8, per_s: 3600 };
/// Tries at one order, from wherever they come.
const TRIES_AT_ORDER: Rate = Rate { burst: 20, per_s: 24 * 3600 };

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LookupForm {
    number: String,
    contact: String,
}

pub async fn ask(State(app): State<App>, visitor: Visitor) -> Result<Response, Problem> {
    Ok(Shown(page(&app, &visitor, LookupForm::default(), false).await?).into_response())
}

pub async fn look_up(
    State(app): State<App>,
    visitor: Visitor,
    Form(form): Form<LookupForm>,
) -> Result<Response, Problem> {
    app.limits.take("order-lookup", &address_key(visitor.address()), TRIES)?;
    let number: Option<i64> = form.number.trim().trim_start_matches('#').parse().ok();
    let phone = Phone::parse_in(&form.contact, Some(visitor.tenant().country)).ok();
    let email: Option<Email> = form.contact.trim().parse().ok();
    if let Some(number) = number {
        let key = format!("{}/{number}", visitor.tenant().slug);
        app.limits.take("order-lookup-at", &key, TRIES_AT_ORDER)?;
    }
    let token = match number {
        Some(number) => {
            let find = move |tx: &mut db::Tx<'_>| {
                let Some(order) = orders::order_of(tx, number, phone.as_ref(), email.as_ref())? else {
                    return Ok(None);
                };
                orders::link(tx, order, orders::Purpose::Order, orders::LINK_LASTS_S).map(Some)
            };
            app.db.write(visitor.scope(), find).await?
        }
        None => None,
    };
    match token {
        Some(token) => Ok(redirect(&visitor.shop_path(&format!("/orders/{token}")))),
        None => {
            let page = Shown(page(&app, &visitor, form, true).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

async fn page(app: &App, visitor: &Visitor, form: LookupForm, in_vain: bool) -> Result<LookupPage, Problem> {
    let language = visitor.language();
    let furniture = app.db.read(visitor.scope(), move |rx| Furniture::read(rx, language)).await?;
    let chrome = Chrome::of(visitor, visitor.tenant().slug.as_str(), &furniture, "/orders").hidden();
    let LookupForm { number, contact } = form;
    Ok(LookupPage { frame: visitor.titled("shop-find-order"), chrome, number, contact, in_vain })
}
