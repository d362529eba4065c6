//! Placing an order: one piece of work from a wish to a numbered, priced promise with its goods kept.

use base::{Money, Timestamp, tax::Rounding};
use db::{Rx, Tx};
use serde_json::json;
use spine::events;

use crate::{
    Error, basket, books, customer, delivery, goods,
    link::{self, LINK_LASTS_S, Purpose},
    mail,
    model::{
        Draft, FulfilmentState, Order, OrderId, OrderLine, PaymentState, Shipping, ShippingMethod, Terms,
    },
    pricing::Kind,
    promotion, sql, stored,
};

/// What people call the first order is 1001: it need not look like the first.
pub const FIRST_NUMBER: i64 = 1000;

/// An order that was placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub order: OrderId,
    pub number: i64,
    pub total: Money,
    /// Opens the order's page; kept only as a hash, so it is known here and never again.
    pub token: String,
    /// Whether it is a sale already (cash on delivery, or nothing to pay).
    pub firm: bool,
    pub expires_at: Option<Timestamp>,
    /// Whether this very order had been placed before under the same key.
    pub again: bool,
}

/// The terms of this business, for a method that keeps goods for so many seconds (or takes them at once).
pub fn terms(rx: &mut Rx, method: Option<String>, hold_for_s: Option<i64>) -> Result<Terms, Error> {
    let business = people::business::find(rx)?;
    let said = business.edit;
    let rounding = match said.rounding {
        people::Rounding::Line => Rounding::Line,
        people::Rounding::RateGroup => Rounding::RateGroup,
    };
    Ok(Terms {
        currency: business.currency,
        prices_include_tax: said.prices_include_tax,
        rounding,
        zone: said.zone,
        test: business.test,
        method,
        hold_for_s,
    })
}

/// Places an order: prices it, keeps its goods (or takes them, if the terms make it firm at once) and writes it down.
pub fn place(tx: &mut Tx, draft: &Draft, terms: &Terms) -> Result<Placed, Error> {
    if let Some(key) = &draft.origin_key
        && let Some(order) = sql::order_by_origin(tx, key)?
    {
        let token = link::link(tx, order.id, Purpose::Order, LINK_LASTS_S)?;
        return Ok(Placed {
            order: order.id,
            number: order.number,
            total: order.total,
            token,
            firm: order.is_firm(),
            expires_at: order.expires_at,
            again: true,
        });
    }
    if !draft.shipping.is_reachable() {
        return Err(Error::Unreachable);
    }
    delivery::admit(tx, draft)?;
    let offer = basket::offer(tx, draft, terms)?;
    if draft.agreed.is_some_and(|agreed| agreed != offer.priced.total) {
        return Err(Error::OtherTotal { total: offer.priced.total });
    }
    let fetched = draft.shipping.location.filter(|_| draft.shipping.method == ShippingMethod::Pickup);
    let location = goods::location(tx, draft.location.or(fetched))?;
    let shipping = Shipping { zone: offer.zone, ..draft.shipping.clone() };
    let (id, now) = (tx.new_id::<crate::model::order::OrderKind>(), tx.now());
    let total = offer.priced.total;
    let free = total.is_zero();
    let hold_for_s = terms.hold_for_s.filter(|_| !free);
    let expires_at = hold_for_s.map(|seconds| now.plus_s(seconds));
    let firm = expires_at.is_none();
    let cards = || offer.lines.iter().filter(|line| line.kind == Kind::GiftCard);
    let gift_cards = Money::sum(terms.currency, cards().map(|line| line.gross))?;
    // nobody is handed value that is not paid
    if gift_cards.is_positive() && firm {
        return Err(stored::Refusal::Unpaid.into());
    }
    goods::claim(tx, id, location, &offer, expires_at)?;
    let zero = Money::zero(terms.currency);
    let order = Order {
        id,
        number: spine::documents::next_number(tx, "order")? + FIRST_NUMBER,
        channel: draft.channel,
        test: terms.test,
        currency: terms.currency,
        prices_include_tax: terms.prices_include_tax,
        rounding: terms.rounding,
        list: offer.priced.list,
        discount: offer.priced.discount,
        net: offer.priced.net,
        tax: offer.priced.tax,
        total,
        paid: zero,
        refunded: zero,
        credited: zero,
        owed: zero,
        payment: PaymentState::of(total, zero, zero, false),
        fulfilment: if firm { at_first(&offer.lines) } else { FulfilmentState::Unfulfilled },
        method: terms.method.clone(),
        firm_method: firm.then(|| terms.method.clone().unwrap_or_else(|| "order".to_owned())),
        location: Some(location),
        placed_at: now,
        expires_at,
        firm_at: firm.then_some(now),
        cancelled_at: None,
        cancel_reason: None,
    };
    sql::add_order(tx, &order, gift_cards, draft.origin_key.as_deref())?;
    for line in &offer.lines {
        sql::add_line(tx, id, line)?;
    }
    for (place, tax) in offer.priced.taxes.iter().enumerate() {
        sql::add_tax(tx, id, place as i64, tax)?;
    }
    sql::add_contact(tx, (id, order.number), &draft.customer, &shipping, draft.note.as_str())?;
    customer::acquaint(tx, &order, &draft.customer, draft.known)?;
    promotion::keep(tx, &order, &offer)?;
    let token = link::link(tx, id, Purpose::Order, LINK_LASTS_S)?;
    let gifts = draft.extras.iter().filter_map(|extra| extra.gift.as_ref());
    for (line, gift) in cards().zip(gifts) {
        stored::ordered(tx, id, line.line, gift)?;
    }
    if firm {
        books::sale(tx, &order, &offer.lines)?;
        stored::issue(tx, &order, &offer.lines)?;
    }
    if let Some(at) = expires_at {
        tx.due(at);
    }
    events::record(
        tx,
        events::Event {
            kind: "order.placed",
            subject: id.to_string(),
            payload: json!({ "before": null, "after": {
                "number": order.number, "channel": order.channel, "test": order.test, "total": total,
                "payment": order.payment, "fulfilment": order.fulfilment, "method": order.method, "firm": firm,
                "expiresAt": expires_at,
            } }),
        },
    )?;
    if draft.customer.email.is_some() {
        mail::promise(tx, id, mail::Template::OrderPlaced)?;
    }
    mail::promise_owner(tx, id)?;
    Ok(Placed { order: id, number: order.number, total, token, firm, expires_at, again: false })
}

/// How far an order is when it becomes a sale: gift cards alone are with their customer at once.
pub(crate) fn at_first(lines: &[OrderLine]) -> FulfilmentState {
    let all_sent = lines.iter().all(|line| line.kind == Kind::GiftCard);
    if all_sent { FulfilmentState::HandedOver } else { FulfilmentState::Unfulfilled }
}
