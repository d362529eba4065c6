//! Looking an order up: alone, whole, in lists.

use base::{Email, Phone, Timestamp};
use db::{Reach, Rx, Tx};
use serde_json::{Value, json};
use spine::events::{self, Event};

use crate::{
    Error, customer,
    model::{Channel, FulfilmentState, Order, OrderId, OrderLine, PaymentState, Whole, contact},
    sql, stored,
};

/// The order without its lines. One whose goods come from where the one who asks may not work is none.
pub fn order(rx: &mut Rx, id: OrderId) -> Result<Order, Error> {
    let found = sql::order(rx, id)?.filter(|order| match (rx.reach(), order.location) {
        (Reach::Everywhere, _) => true,
        (reach, location) => location.is_some_and(|location| reach.covers(location)),
    });
    found.ok_or(Error::UnknownOrder)
}

/// The order with everything that belongs to it.
pub fn whole(rx: &mut Rx, id: OrderId) -> Result<Whole, Error> {
    let order = order(rx, id)?;
    let currency = order.currency;
    let (customer, shipping, note) = sql::contact(rx, id)?.unwrap_or_default();
    Ok(Whole {
        lines: sql::lines(rx, id, currency)?,
        taxes: sql::taxes(rx, id, currency)?,
        discounts: sql::discounts(rx, id, currency)?,
        customer,
        shipping,
        note,
        receipts: sql::receipts(rx, id, currency)?,
        fulfilments: sql::fulfilments(rx, id)?,
        refunds: sql::refunds(rx, id, currency)?,
        order,
    })
}

/// What an order is made of, without its papers.
pub fn lines(rx: &mut Rx, id: OrderId) -> Result<Vec<OrderLine>, Error> {
    let currency = order(rx, id)?.currency;
    Ok(sql::lines(rx, id, currency)?)
}

/// The order called `number`, for who knows how its customer is reached; none where the two do not belong together.
pub fn order_of(
    rx: &mut Rx,
    number: i64,
    phone: Option<&Phone>,
    email: Option<&Email>,
) -> Result<Option<OrderId>, Error> {
    Ok(sql::order_of(rx, number, phone, email)?)
}

/// Which orders a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub payment: Option<PaymentState>,
    pub fulfilment: Option<FulfilmentState>,
    pub channel: Option<Channel>,
    /// Only orders that wait for this.
    pub waits: Option<Waits>,
    /// A number, or beginnings of words of a name, a phone number, an e-mail or an address.
    pub search: String,
}

/// What an order waits for somebody to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// It is firm, and its goods have not left.
    Goods,
    /// Its customer must get money back.
    Money,
}

impl Filter {
    /// The filter behind one word of an address: a payment state, a fulfilment state, `to-do` or `owed`.
    pub fn of_state(word: &str) -> Option<Self> {
        let none = Self::default();
        match word {
            "" => Some(none),
            "to-do" => Some(Self { waits: Some(Waits::Goods), ..none }),
            "owed" => Some(Self { waits: Some(Waits::Money), ..none }),
            _ => match (PaymentState::parse(word), FulfilmentState::parse(word)) {
                (None, None) => None,
                (payment, fulfilment) => Some(Self { payment, fulfilment, ..none }),
            },
        }
    }
}

/// An order as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub order: Order,
    pub customer: Option<String>,
    pub phone: Option<String>,
}

/// Orders newest first, from behind the one numbered `before`.
pub fn list(rx: &mut Rx, filter: &Filter, before: Option<i64>, limit: u32) -> Result<Vec<Listed>, Error> {
    Ok(sql::list(rx, filter, before, limit)?)
}

/// Orders placed after the one numbered `after`, the newest first; those that staff made in the back office are no news.
pub fn come_since(rx: &mut Rx, after: i64, limit: u32) -> Result<Vec<Listed>, Error> {
    Ok(sql::come_since(rx, after, limit)?)
}

/// The number of the newest order; zero before the first.
pub fn last_number(rx: &mut Rx) -> Result<i64, Error> {
    Ok(sql::last_number(rx)?)
}

/// Makes up to `limit` orders findable that were placed before words were kept; says whether there were so many.
pub(crate) fn find_words(tx: &mut Tx, limit: u32) -> Result<bool, Error> {
    let unworded = sql::unworded(tx, limit)?;
    let full = unworded.len() == limit as usize;
    for (id, number) in unworded {
        let (customer, shipping, _) = sql::contact(tx, id)?.unwrap_or_default();
        sql::add_words(tx, id, number, &contact::search_words(&customer, &shipping))?;
    }
    Ok(full)
}

/// How many orders wait for that.
pub fn waiting(rx: &mut Rx, what: Waits) -> Result<i64, Error> {
    Ok(sql::waiting(rx, what)?)
}

/// Forgets who ordered and where it went; the order, its money and its papers stay. A customer of whom no other order tells
/// is forgotten with it.
pub fn forget(tx: &mut Tx, id: OrderId) -> Result<(), Error> {
    let order = order(tx, id)?;
    let (contact, shipping, _) = sql::contact(tx, id)?.unwrap_or_default();
    sql::forget_contact(tx, id, order.number, &contact::search_words(&contact, &shipping))?;
    sql::revoke_links(tx, id)?;
    stored::forget(tx, id)?;
    customer::part(tx, &order)?;
    Ok(events::record(
        tx,
        Event { kind: "order.customer-forgotten", subject: id.to_string(), payload: json!({}) },
    )?)
}

/// Whose order it is, where a customer is known.
pub fn customer_of(rx: &mut Rx, id: OrderId) -> Result<Option<customers::CustomerId>, Error> {
    Ok(sql::customer_of(rx, id)?)
}

/// When the next order lapses.
pub fn next_lapse(rx: &mut Rx) -> Result<Option<Timestamp>, Error> {
    Ok(sql::next_lapse(rx)?)
}

/// What an event says about an order before and after: states and sums, never who.
pub(crate) fn states(order: &Order) -> Value {
    json!({
        "payment": order.payment, "fulfilment": order.fulfilment, "firm": order.is_firm(), "method": order.method,
        "paid": order.paid, "refunded": order.refunded, "owed": order.owed, "expiresAt": order.expires_at,
        "cancelReason": order.cancel_reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_names_each_state_and_nothing_else() {
        assert_eq!(Filter::of_state("paid").and_then(|filter| filter.payment), Some(PaymentState::Paid));
        assert_eq!(
            Filter::of_state("shipped").and_then(|filter| filter.fulfilment),
            Some(FulfilmentState::Shipped)
        );
        assert!(Filter::of_state("to-do").is_some_and(|filter| filter.waits == Some(Waits::Goods)));
        assert_eq!(Filter::of_state("lost"), None);
    }
}
