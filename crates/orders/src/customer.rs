//! Whose orders are whose: each order tells the room of customers who made it, and what its money came to.

use base::{Money, MoneyError};
use customers::{CustomerId, Dealing, Dealings, GivenTo, StoredCard, Tally, ToldOrder};
use db::{Rx, Tx};

use crate::{
    Error,
    model::{Customer, Order, OrderId, OrderLine, Whole},
    order, pages, sql,
    stored::{self, Sold},
    wire::OrderView,
};

/// What an order adds to what was dealt with its customer. A test order adds nothing.
fn tally(order: &Order) -> Result<Tally, MoneyError> {
    if order.test || !order.is_firm() {
        let owed = if order.test { 0 } else { order.owed.minor() };
        return Ok(Tally { owed, ..Tally::default() });
    }
    let (sold, due) = (order.total.minus(order.credited)?, order.due()?);
    Ok(Tally {
        orders: i64::from(!order.is_cancelled()),
        spent: sold.minus(due)?.minor(),
        owes: due.minor(),
        owed: order.owed.minor(),
    })
}

/// Says whose order it is: a customer known already, or a new one.
pub(crate) fn acquaint(
    tx: &mut Tx,
    order: &Order,
    contact: &Customer,
    known: Option<CustomerId>,
) -> Result<(), Error> {
    let customer = customers::recognise(tx, contact, known)?;
    sql::acquaint(tx, order.id, customer)?;
    if let Some(customer) = customer {
        customers::dealt(tx, customer, tally(order)?, Some(order.placed_at))?;
    }
    Ok(())
}

/// Says of up to `limit` orders of before whose they are; whether there were so many.
pub(crate) fn acquaint_old(tx: &mut Tx, limit: u32) -> Result<bool, Error> {
    let old = sql::unacquainted(tx, limit)?;
    let full = old.len() == limit as usize;
    for id in old {
        let Some(order) = sql::order(tx, id)? else { continue };
        let (contact, ..) = sql::contact(tx, id)?.unwrap_or_default();
        acquaint(tx, &order, &contact, None)?;
    }
    Ok(full)
}

/// Writes an order's new state, and tells its customer's tally the difference.
pub(crate) fn save(tx: &mut Tx, order: &Order) -> Result<(), Error> {
    let Some(customer) = sql::customer_of(tx, order.id)? else {
        return Ok(sql::save_order(tx, order)?);
    };
    let before = sql::order(tx, order.id)?.ok_or(Error::UnknownOrder)?;
    sql::save_order(tx, order)?;
    Ok(customers::dealt(tx, customer, tally(order)?.since(tally(&before)?), None)?)
}

/// Parts an order from its customer, who is forgotten if no other order tells of them and no coupon is theirs.
pub(crate) fn part(tx: &mut Tx, order: &Order) -> Result<(), Error> {
    let Some(customer) = sql::customer_of(tx, order.id)? else { return Ok(()) };
    sql::acquaint(tx, order.id, None)?;
    if sql::has_orders(tx, customer)? || customers::is_held(tx, customer)? {
        return Ok(customers::dealt(tx, customer, Tally::default().since(tally(order)?), None)?);
    }
    stored::pass_on(tx, customer, None)?;
    Ok(customers::erase(tx, customer)?)
}

/// The orders, as the room of customers asks for them.
#[derive(Debug, Clone, Copy, Default)]
pub struct OrderBook;

/// Open orders that a customer's page names.
const OPEN: u32 = 50;

impl Dealings for OrderBook {
    fn of(
        &self,
        rx: &mut Rx,
        customer: CustomerId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Dealing>, customers::Error> {
        sql::orders_of(rx, customer, before, limit)?.iter().map(dealing).collect()
    }

    fn open(&self, rx: &mut Rx, customer: CustomerId) -> Result<Vec<Dealing>, customers::Error> {
        sql::open_orders_of(rx, customer, OPEN)?.iter().map(dealing).collect()
    }

    fn told(
        &self,
        rx: &mut Rx,
        customer: CustomerId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<ToldOrder>, customers::Error> {
        let mut told = Vec::new();
        for order in sql::orders_of(rx, customer, before, limit)? {
            let whole = order::whole(rx, order.id).map_err(self::told)?;
            let cards = given(rx, &whole).map_err(self::told)?;
            let view = serde_json::to_value(OrderView::of(whole).map_err(self::told)?);
            let value = view.map_err(|error| customers::Error::Dealings(error.to_string()))?;
            told.push(ToldOrder { number: order.number, order: value, cards });
        }
        Ok(told)
    }

    fn cards(
        &self,
        rx: &mut Rx,
        customer: CustomerId,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredCard>, customers::Error> {
        stored::owned(rx, customer, before, limit).map_err(told)
    }

    fn pass_on(&self, tx: &mut Tx, from: CustomerId, into: CustomerId) -> Result<(), customers::Error> {
        sql::pass_on(tx, from, into)?;
        stored::pass_on(tx, from, Some(into)).map_err(told)
    }

    fn forget(&self, tx: &mut Tx, customer: CustomerId) -> Result<(), customers::Error> {
        let orders: Vec<OrderId> = sql::ids_of(tx, customer)?;
        orders.into_iter().try_for_each(|id| order::forget(tx, id)).map_err(told)?;
        stored::pass_on(tx, customer, None).map_err(told)
    }
}

/// The gift cards that an order sells, as the file of whoever bought them tells each.
fn given(rx: &mut Rx, whole: &Whole) -> Result<Vec<StoredCard>, Error> {
    let told = |(line, sold): (&OrderLine, Sold)| {
        let (gift, card) = (sold.gift, sold.card);
        StoredCard {
            id: card.as_ref().map(|card| card.id.clone()),
            kind: line.kind.name(),
            ending: card.as_ref().map(|card| card.code.ending().to_owned()),
            state: card.as_ref().map(|card| card.state),
            value: line.gross,
            balance: None,
            order: Some(whole.order.id.to_string()),
            reason: String::new(),
            given: Some(GivenTo {
                name: gift.name.map(|name| name.to_string()),
                email: gift.email.map(|email| email.to_string()),
                phone: gift.phone.map(|phone| phone.to_string()),
                message: gift.message.to_string(),
            }),
            issued_at: card.as_ref().map(|card| card.issued_at),
            expires_at: card.and_then(|card| card.expires_at),
        }
    };
    Ok(stored::sold(rx, whole.order.id, &whole.lines)?.into_iter().map(told).collect())
}

fn dealing(order: &Order) -> Result<Dealing, customers::Error> {
    let due = if order.is_firm() { order.due()? } else { Money::zero(order.currency) };
    Ok(Dealing {
        id: order.id.to_string(),
        number: order.number,
        placed_at: order.placed_at,
        test: order.test,
        total: order.total,
        due,
        owed: order.owed,
        states: [
            (format!("orders-state-{}", order.payment), pages::payment_tone(order)),
            (format!("orders-state-{}", order.fulfilment), pages::fulfilment_tone(order)),
        ],
    })
}

fn told(error: Error) -> customers::Error {
    match error {
        Error::Customers(error) => error,
        Error::Db(error) => error.into(),
        other => customers::Error::Dealings(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use base::{Timestamp, tax::Rounding};

    use super::*;
    use crate::model::{CancelReason, Channel, FulfilmentState, PaymentState};

    /// A sale of 100, of which nothing is paid yet.
    fn a_sale() -> Order {
        let eur = |minor| Money::new(minor, "EUR".parse().unwrap()).unwrap();
        Order {
            id: "order_01h455vb4pex5vsknk084sn02q".parse().unwrap(),
            number: 1001,
            channel: Channel::Shop,
            test: false,
            currency: "EUR".parse().unwrap(),
            prices_include_tax: true,
            rounding: Rounding::Line,
            list: eur(100),
            discount: eur(0),
            net: eur(100),
            tax: eur(0),
            total: eur(100),
            paid: eur(0),
            refunded: eur(0),
            credited: eur(0),
            owed: eur(0),
            payment: PaymentState::Unpaid,
            fulfilment: FulfilmentState::Unfulfilled,
            method: None,
            firm_method: None,
            location: None,
            placed_at: Timestamp::from_micros(1),
            expires_at: None,
            firm_at: Some(Timestamp::from_micros(1)),
            cancelled_at: None,
            cancel_reason: None,
        }
    }

    fn eur(minor: i64) -> Money {
        Money::new(minor, "EUR".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_sale_is_owed_until_it_is_paid_and_spent_from_then_on() {
        let unpaid = a_sale();
        assert_eq!(tally(&unpaid).unwrap(), Tally { orders: 1, spent: 0, owes: 100, owed: 0 });
        let part = Order { paid: eur(60), ..unpaid.clone() };
        assert_eq!(tally(&part).unwrap(), Tally { orders: 1, spent: 60, owes: 40, owed: 0 });
    }

    #[test]
    fn money_given_back_is_not_spent() {
        let returned =
            Order { paid: eur(100), refunded: eur(30), credited: eur(30), owed: eur(30), ..a_sale() };
        assert_eq!(tally(&returned).unwrap(), Tally { orders: 1, spent: 70, owes: 0, owed: 30 });
    }

    #[test]
    fn what_is_undone_a_test_or_not_a_sale_yet_is_no_dealing() {
        let undone = Order {
            credited: eur(100),
            fulfilment: FulfilmentState::Cancelled,
            cancel_reason: Some(CancelReason::Customer),
            ..a_sale()
        };
        assert!(tally(&undone).unwrap().is_nothing());
        assert!(tally(&Order { test: true, ..a_sale() }).unwrap().is_nothing());
        assert!(tally(&Order { firm_at: None, ..a_sale() }).unwrap().is_nothing());
    }
}
