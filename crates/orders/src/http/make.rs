//! An order made by staff for a customer at the counter, on the phone, or in a chat: a cart, then an order, then a link
//! to pay by.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Line, Money, Phone, Quantity};
use catalog::VariantId;
use customers::CustomerId;
use edge::{App, Form, May, Page, Problem, Query, redirect};
use http::StatusCode;
use serde::Deserialize;
use spine::ledger::Account;

use super::{Write, office, told_apart};
use crate::{
    CASH_ON_DELIVERY, CartId, Channel, Customer, Draft, Error, OrderId, Payment, Shipping, ShippingMethod,
    cart, cash_reference, delivery,
    model::Wanted,
    order,
    pages::{Found, NewOrderForm, NewOrderPage},
    pay, place,
    promotion::{Code, Refusal},
    stored::{self, Gift},
};

/// A link sent in a chat is answered within three days, or the goods are free again.
const LINK_HOLDS_S: i64 = 72 * 3600;

/// How many products a search shows.
const SHOWN: u32 = 8;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct NewQuery {
    cart: String,
    q: String,
    customer: String,
}

pub async fn new(
    State(app): State<App>,
    may: May<Write>,
    Query(query): Query<NewQuery>,
) -> Result<Page<NewOrderPage>, Problem> {
    let key = may.request_id().to_owned();
    let mut form = NewOrderForm { cart: query.cart, q: query.q, key, ..NewOrderForm::default() };
    if let Ok(customer) = query.customer.parse::<CustomerId>()
        && may.may("customers.read")
    {
        let find = move |rx: &mut db::Rx<'_>| customers::find(rx, customer);
        let contact = app.db.read(may.scope(), find).await?.contact;
        let text = |field: Option<String>| field.unwrap_or_default();
        form.customer = customer.to_string();
        form.name = text(contact.name.map(|name| name.to_string()));
        form.phone = text(contact.phone.map(|phone| phone.to_string()));
        form.email = text(contact.email.map(|email| email.to_string()));
    }
    Ok(Page(page(&app, &may, form, None).await?))
}

async fn page(
    app: &App,
    may: &May<Write>,
    form: NewOrderForm,
    fault: Option<String>,
) -> Result<NewOrderPage, Problem> {
    let (wanted_cart, q) = (form.cart.parse::<CartId>().ok(), form.q.clone());
    let work = move |rx: &mut db::Rx<'_>| {
        let (found, zones) = (found(rx, &q)?, delivery::zones(rx)?.to_vec());
        let Some(cart) = wanted_cart else { return Ok::<_, Error>((found, zones, None)) };
        let cart = match cart::cart(rx, cart) {
            Ok(cart) if cart.order.is_none() => cart,
            Ok(_) | Err(Error::UnknownCart) => return Ok((found, zones, None)),
            Err(error) => return Err(error),
        };
        let terms = place::terms(rx, None, None)?;
        Ok((found, zones, Some(cart::counted(rx, cart, Channel::Office, &terms)?)))
    };
    let (found, zones, counted) = app.db.read(may.scope(), work).await?;
    let cart = counted.as_ref().map(|counted| counted.cart.id);
    let (codes, offer, idle) = match counted {
        Some(cart::Counted { cart, offer, idle }) => (cart.codes, offer, idle),
        None => (Vec::new(), None, None),
    };
    let fault = fault.or_else(|| idle.map(|refusal| Problem::from(refusal).words(may.language())));
    let total = offer.as_ref().map(|offer| offer.priced.total);
    let (lines, lowered) = offer.map(|offer| (offer.lines, offer.discounts)).unwrap_or_default();
    Ok(NewOrderPage {
        frame: may.frame(office::words(may, "orders-new-title")),
        cart,
        lines,
        codes,
        lowered,
        total,
        currency: may.tenant().currency,
        may_take_cash: may.may("orders.fulfil"),
        q: form.q.clone(),
        found,
        zones,
        fault,
        form,
    })
}

/// What can be sold and is called so.
fn found(rx: &mut db::Rx, q: &str) -> Result<Vec<Found>, Error> {
    let filter = catalog::Filter {
        state: Some(catalog::State::Active),
        search: q.to_owned(),
        ..catalog::Filter::default()
    };
    let mut found = Vec::new();
    for summary in catalog::list(rx, &filter, None, SHOWN)? {
        let product = catalog::product(rx, summary.id)?;
        for variant in product.offered() {
            let label = variant.details.label();
            let title = product.details.title.as_str();
            found.push(Found {
                variant: variant.id,
                name: if label.is_empty() { title.to_owned() } else { format!("{title} ({label})") },
                sku: variant.details.sku.as_ref().map(ToString::to_string).unwrap_or_default(),
                price: variant.details.price,
            });
        }
    }
    Ok(found)
}

pub async fn create(
    State(app): State<App>,
    may: May<Write>,
    Form(form): Form<NewOrderForm>,
) -> Result<Response, Problem> {
    match form.action.as_str() {
        "place" => return place_order(&app, &may, form).await,
        "use-code" | "remove-code" => return change_code(&app, &may, form).await,
        _ => (),
    }
    let malformed = |error: String| Problem::unprocessable("input-malformed", error);
    let variant: VariantId =
        form.variant.parse().map_err(|error: base::IdError| malformed(error.to_string()))?;
    let raw = if form.quantity.trim().is_empty() { "1" } else { &form.quantity };
    let quantity: Quantity =
        raw.parse().map_err(|error: base::QuantityError| malformed(error.to_string()))?;
    let (known, adding) = (form.cart.parse::<CartId>().ok(), form.action == "add");
    let work = move |tx: &mut db::Tx<'_>| {
        let cart = match known {
            Some(cart) => cart,
            None => cart::open_cart(tx)?.0,
        };
        let wanted = Wanted::variant(variant, quantity);
        if adding {
            cart::add_to_cart(tx, cart, &wanted)?
        } else {
            cart::set_in_cart(tx, cart, &wanted)?
        }
        Ok::<_, Error>(cart)
    };
    let cart = app.db.write(may.scope(), work).await?;
    Ok(back(&may, cart, &form))
}

/// The form with its cart as it is now.
fn back(may: &May<Write>, cart: CartId, form: &NewOrderForm) -> Response {
    let q = crate::pages::escaped(&form.q);
    let customer = crate::pages::escaped(&form.customer);
    let query = format!("cart={cart}&q={q}&customer={customer}");
    redirect(&format!("/t/{}/admin/orders/new?{query}", may.tenant().slug))
}

/// Puts a code into the cart or takes it out; one that does nothing is said beside what was typed.
async fn change_code(app: &App, may: &May<Write>, form: NewOrderForm) -> Result<Response, Problem> {
    let Ok(cart) = form.cart.parse::<CartId>() else { return Err(Error::UnknownCart.into()) };
    let (typed, removing) = (form.code.clone(), form.action == "remove-code");
    let work = move |tx: &mut db::Tx<'_>| {
        if removing {
            return cart::remove_code(tx, cart, &typed);
        }
        let code: Code = typed.parse().map_err(|_| Refusal::Unknown { code: typed.clone() })?;
        cart::add_code(tx, cart, &code, Channel::Office)
    };
    match app.db.write(may.scope(), work).await {
        Ok(()) => Ok(back(may, cart, &form)),
        Err(Error::Refused(refusal)) => {
            let said = told_apart(app, may, may.scope(), refusal.into(), &[&form.code]).await;
            again(app, may, form, said.refused()?.words(may.language())).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn place_order(app: &App, may: &May<Write>, form: NewOrderForm) -> Result<Response, Problem> {
    let (customer, shipping) = match contact(may, &form) {
        Ok(contact) => contact,
        Err(fault) => return again(app, may, form, fault).await,
    };
    let gift = match gift(may, &form) {
        Ok(gift) => gift,
        Err(fault) => return again(app, may, form, fault).await,
    };
    let cart = form.cart.parse::<CartId>().ok();
    if cart.is_none() && gift.is_none() {
        let fault = office::words(may, "orders-new-empty");
        return again(app, may, form, fault).await;
    }
    // a form without a cart, sent twice, is one order all the same
    let sent = Some(&form.key).filter(|key| (1..=64).contains(&key.len())).map(|key| format!("form:{key}"));
    let known = form.customer.parse::<CustomerId>().ok().filter(|_| may.may("customers.read"));
    let note = match form.note.parse() {
        Ok(note) => note,
        Err(error) => return again(app, may, form, base::TextError::to_string(&error)).await,
    };
    let (method, hold_for_s) = match form.pay.as_str() {
        CASH_ON_DELIVERY => (Some(CASH_ON_DELIVERY.to_owned()), None),
        "cash" => (Some(CASH_ON_DELIVERY.to_owned()), Some(LINK_HOLDS_S)),
        _ => (None, Some(LINK_HOLDS_S)),
    };
    let cash = form.pay == "cash" && may.may("orders.fulfil");
    let (writer, tenant) = (app.clone(), may.tenant().clone());
    let work = move |tx: &mut db::Tx<'_>| {
        let terms = place::terms(tx, method.clone(), hold_for_s)?;
        let mut draft = match cart {
            Some(cart) => cart::draft_of_cart(tx, cart, Channel::Office)?,
            None => Draft { origin_key: sent.clone(), ..Draft::new(Channel::Office, Vec::new()) },
        };
        if let Some((value, gift)) = &gift {
            draft.extras.push(stored::line(tx, Channel::Office, *value, gift)?);
        }
        draft.customer = customer.clone();
        draft.known = known;
        draft.shipping = shipping.clone();
        draft.note = Clone::clone(&note);
        let placed = place::place(tx, &draft, &terms)?;
        if let Some(cart) = cart {
            cart::close_cart(tx, cart, placed.order)?;
        }
        if cash {
            take_cash(tx, placed.order)?;
        }
        let whole = order::whole(tx, placed.order)?;
        let link = office::shared(tx, &writer, &tenant, &whole, &placed.token)?;
        Ok::<_, Error>((placed.order, link))
    };
    match app.db.write(may.scope(), work).await {
        Ok((id, link)) => Ok(Page(office::page(app, may, id, Some(link)).await?).into_response()),
        Err(error) => {
            let fault = Problem::from(error).refused()?.words(may.language());
            again(app, may, form, fault).await
        }
    }
}

/// What is due lies in the drawer.
fn take_cash(tx: &mut db::Tx, order: OrderId) -> Result<(), Error> {
    let due = pay::payment_due(tx, order)?.amount;
    if due.is_positive() {
        let (method, into) = (CASH_ON_DELIVERY.to_owned(), Account::Cash("drawer".to_owned()));
        let payment = Payment { amount: due, method, reference: cash_reference(order), into };
        pay::record_payment(tx, order, &payment)?;
    }
    Ok(())
}

/// What a gift card is worth that is sold with the order, and for whom it is; nothing, if none is.
fn gift(may: &May<Write>, form: &NewOrderForm) -> Result<Option<(Money, Gift)>, String> {
    if form.gift_amount.trim().is_empty() {
        return Ok(None);
    }
    let value = Money::parse_decimal(&form.gift_amount, may.tenant().currency);
    let value = value
        .ok()
        .filter(|value| value.is_positive())
        .ok_or_else(|| office::words(may, "problem-card-amount-refused"))?;
    let email = Some(form.gift_email.trim()).filter(|typed| !typed.is_empty());
    let phone = Some(form.gift_phone.trim()).filter(|typed| !typed.is_empty());
    let gift = Gift {
        name: Line::parse_optional(&form.gift_name).map_err(|error| error.to_string())?,
        email: email.map(str::parse).transpose().map_err(|error: base::TextError| error.to_string())?,
        phone: phone
            .map(|typed| Phone::parse_in(typed, Some(may.tenant().country)))
            .transpose()
            .map_err(|error| error.to_string())?,
        ..Gift::default()
    };
    Ok(Some((value, gift)))
}

/// The form once more, with what was typed and what is wrong with it.
async fn again(app: &App, may: &May<Write>, form: NewOrderForm, fault: String) -> Result<Response, Problem> {
    Ok(Page(page(app, may, form, Some(fault)).await?).with_status(StatusCode::UNPROCESSABLE_ENTITY))
}

/// Who orders and where it goes, as typed; a phone number without a country code is of the business's country.
fn contact(may: &May<Write>, form: &NewOrderForm) -> Result<(Customer, Shipping), String> {
    fn line<const N: usize>(raw: &str) -> Result<Option<Line<N>>, String> {
        Line::parse_optional(raw).map_err(|error| error.to_string())
    }
    let phone = form.phone.trim();
    let phone = (!phone.is_empty()).then(|| Phone::parse_in(phone, Some(may.tenant().country))).transpose();
    let email = form.email.trim();
    let email = (!email.is_empty()).then(|| email.parse()).transpose();
    let customer = Customer {
        name: line(&form.name)?,
        phone: phone.map_err(|error| error.to_string())?,
        email: email.map_err(|error: base::TextError| error.to_string())?,
        language: None,
    };
    let method = if form.delivery.is_empty() { ShippingMethod::Pickup } else { ShippingMethod::Delivery };
    let shipping = Shipping {
        method,
        zone: form.zone.parse().ok(),
        location: None,
        region: None,
        street: line(&form.street)?,
        quarter: line(&form.quarter)?,
        landmark: line(&form.landmark)?,
        city: line(&form.city)?,
        postcode: line(&form.postcode)?,
        country: None,
    };
    Ok((customer, shipping))
}
