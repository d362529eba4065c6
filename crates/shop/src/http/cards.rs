//! Gift cards in the shop: buying one, and asking what is left on one. A code is guessed by nobody: tries are few, and whose a
//! card is never shows.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Code, Currency, Line, Money, Phone, Prose};
use edge::{App, Form, Problem, Visitor};
use http::StatusCode;
use orders::{Channel, Customer, Draft, stored::Gift};
use payments::{Desk, Method};
use serde::Deserialize;

use super::checkout::{card_words, go_and_pay};
use crate::{
    checkout::Fault,
    chrome::{Chrome, Furniture, Shown},
    pages::{BalancePage, BuyCardPage},
};

/// A gift card to be bought, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct BuyForm {
    /// One of the amounts, in minor units; empty where another is typed.
    pub offered: String,
    pub amount: String,
    pub to_name: String,
    pub to_email: String,
    pub message: String,
    pub name: String,
    pub phone: String,
    pub email: String,
    pub payment: String,
}

/// What the form asks for.
struct Wish {
    value: Money,
    gift: Gift,
    customer: Customer,
}

impl BuyForm {
    fn read(&self, visitor: &Visitor) -> Result<Wish, Vec<Fault>> {
        let mut faults = Vec::new();
        let currency: Currency = visitor.tenant().currency;
        let typed = match self.offered.parse::<i64>() {
            Ok(minor) if self.amount.trim().is_empty() => Money::new(minor, currency).ok(),
            _ => Money::parse_decimal(&self.amount, currency).ok(),
        };
        if typed.is_none() {
            faults.push(Fault { field: "amount", key: "gift-card-amount-wrong" });
        }
        let mut line = |raw: &str, field| {
            Line::<120>::parse_optional(raw).unwrap_or_else(|_| {
                faults.push(Fault { field, key: "checkout-too-long" });
                None
            })
        };
        let (name, to_name) = (line(&self.name, "name"), line(&self.to_name, "to_name"));
        if name.is_none() && self.name.trim().is_empty() {
            faults.push(Fault { field: "name", key: "checkout-name-needed" });
        }
        let mut mail = |raw: &str, field| match raw.trim() {
            "" => None,
            typed => {
                let read = typed.parse().ok();
                if read.is_none() {
                    faults.push(Fault { field, key: "checkout-email-wrong" });
                }
                read
            }
        };
        let (email, to_email) = (mail(&self.email, "email"), mail(&self.to_email, "to_email"));
        let phone = match self.phone.trim() {
            "" => None,
            typed => Phone::parse_in(typed, Some(visitor.tenant().country))
                .map_err(|_| faults.push(Fault { field: "phone", key: "checkout-phone-wrong" }))
                .ok(),
        };
        if self.phone.trim().is_empty() && self.email.trim().is_empty() {
            faults.push(Fault { field: "phone", key: "checkout-contact-needed" });
        }
        let message: Prose<500> = self.message.parse().unwrap_or_else(|_| {
            faults.push(Fault { field: "message", key: "checkout-too-long" });
            Prose::default()
        });
        if self.payment.is_empty() {
            faults.push(Fault { field: "payment", key: "checkout-payment-needed" });
        }
        match typed {
            Some(value) if faults.is_empty() => Ok(Wish {
                value,
                gift: Gift { name: to_name, email: to_email, phone: None, message },
                customer: Customer { name, phone, email, language: Some(visitor.language()) },
            }),
            _ => Err(faults),
        }
    }
}

pub async fn ask(
    State(app): State<App>,
    visitor: Visitor,
    Extension(desk): Extension<Desk>,
) -> Result<Response, Problem> {
    page(&app, &visitor, &desk, BuyForm::default(), Vec::new()).await
}

/// The form; as it was typed, when something about it needs another look.
async fn page(
    app: &App,
    visitor: &Visitor,
    desk: &Desk,
    form: BuyForm,
    faults: Vec<Fault>,
) -> Result<Response, Problem> {
    let (policy, language) = (desk.policy, visitor.language());
    let work = move |rx: &mut db::Rx<'_>| {
        let furniture = Furniture::read(rx, language)?;
        Ok::<_, crate::Error>((furniture, cards::settings(rx)?, payments::offered(rx, policy)?))
    };
    let (furniture, settings, mut methods) = app.db.read(visitor.scope(), work).await?;
    // value is handed out when it is paid, so nobody pays it on delivery
    methods.retain(|row| row.method != Method::Cod);
    let chrome = Chrome::of(visitor, visitor.tenant().slug.as_str(), &furniture, "/gift-card");
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let frame = visitor.titled("gift-card-title");
    let page = BuyCardPage { frame, chrome, form, faults, settings, methods };
    Ok((status, Shown(page)).into_response())
}

pub async fn buy(
    State(app): State<App>,
    visitor: Visitor,
    Extension(desk): Extension<Desk>,
    Form(form): Form<BuyForm>,
) -> Result<Response, Problem> {
    let wish = match form.read(&visitor) {
        Ok(wish) => wish,
        Err(faults) => return page(&app, &visitor, &desk, form, faults).await,
    };
    let (policy, method) = (desk.policy, form.payment.clone());
    let work = move |tx: &mut db::Tx<'_>| {
        let extras = vec![cards::sold(tx, Channel::Shop, wish.value, &wish.gift)?];
        let customer = wish.customer.clone();
        let draft = Draft { extras, customer, ..Draft::new(Channel::Shop, Vec::new()) };
        payments::checkout(tx, &draft, &method, &[], policy)
    };
    match app.db.write(visitor.scope(), work).await {
        Ok(out) => {
            let order = visitor.shop_path(&format!("/orders/{}", out.placed.token));
            go_and_pay(&app, &visitor, &desk, out.payment, order, false).await
        }
        Err(payments::Error::Card(cards::Error::Amount | cards::Error::Value { .. })) => {
            let faults = vec![Fault { field: "amount", key: "gift-card-amount-wrong" }];
            page(&app, &visitor, &desk, form, faults).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct BalanceForm {
    code: String,
}

pub async fn ask_balance(State(app): State<App>, visitor: Visitor) -> Result<Response, Problem> {
    Ok(Shown(balance_page(&app, &visitor, String::new(), None, None).await?).into_response())
}

pub async fn balance(
    State(app): State<App>,
    visitor: Visitor,
    Form(form): Form<BalanceForm>,
) -> Result<Response, Problem> {
    orders::count_try(&app, &visitor)?;
    let found = match form.code.parse::<Code>() {
        Ok(code) => match app.db.read(visitor.scope(), move |rx| cards::standing(rx, &code)).await {
            Ok(standing) => Ok(standing),
            Err(cards::Error::Refused(refusal)) => Err(card_words(&refusal)),
            Err(error) => return Err(error.into()),
        },
        Err(_) => Err("checkout-card-unknown"),
    };
    let (status, found, fault) = match found {
        Ok(standing) => (StatusCode::OK, Some(standing), None),
        Err(key) => (StatusCode::UNPROCESSABLE_ENTITY, None, Some(key)),
    };
    let page = balance_page(&app, &visitor, form.code, found, fault).await?;
    Ok((status, Shown(page)).into_response())
}

async fn balance_page(
    app: &App,
    visitor: &Visitor,
    code: String,
    found: Option<cards::Standing>,
    fault: Option<&'static str>,
) -> Result<BalancePage, Problem> {
    let language = visitor.language();
    let furniture = app.db.read(visitor.scope(), move |rx| Furniture::read(rx, language)).await?;
    let slug = visitor.tenant().slug.as_str();
    let chrome = Chrome::of(visitor, slug, &furniture, "/gift-card/balance").hidden();
    Ok(BalancePage { frame: visitor.titled("gift-card-balance-title"), chrome, code, found, fault })
}
