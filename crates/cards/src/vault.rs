//! What this room does for orders: see [`orders::stored::StoredValue`].

use std::collections::BTreeMap;

use base::{Code, Money, Quantity};
use customers::{CustomerId, StoredCard};
use db::{Rx, Tx};
use orders::{
    Channel, Extra, Order, OrderId, OrderLine, RefundId,
    stored::{FromCard, Gift, Refusal, Sold, SoldCard, StoredValue},
};
use serde_json::json;
use spine::{
    events::{self, Event},
    holds,
};

use crate::{
    Error, Filter, book, issue,
    model::{self, Card, CardId, CardState, MovementKind, Use, UseState},
    pay, sql,
};

/// What this room lends to orders.
pub struct Cards;

impl StoredValue for Cards {
    fn is_card(&self, rx: &mut Rx, code: &Code) -> Result<bool, orders::Error> {
        Ok(sql::card_by_code(rx, code)?.is_some())
    }

    fn line(&self, rx: &mut Rx, channel: Channel, value: Money, gift: &Gift) -> Result<Extra, orders::Error> {
        Ok(issue::sold(rx, channel, value, gift)?)
    }

    fn sold(&self, rx: &mut Rx, order: OrderId, line: i64) -> Result<Sold, orders::Error> {
        let card = sql::card_of_line(rx, order, line)?.map(|card| SoldCard {
            id: card.id.to_string(),
            code: card.code,
            value: card.value,
            state: card.state.name(),
            issued_at: card.issued_at,
            expires_at: card.expires_at,
        });
        Ok(Sold { gift: sql::gift(rx, order, line)?, card })
    }

    fn owned(
        &self,
        rx: &mut Rx,
        customer: CustomerId,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredCard>, orders::Error> {
        let filter = Filter { customer: Some(customer), ..Filter::default() };
        let before = before.and_then(|id| id.parse().ok());
        let owned = |(card, balance): (Card, Money)| StoredCard {
            id: Some(card.id.to_string()),
            kind: card.kind.name(),
            ending: Some(card.code.ending().to_owned()),
            state: Some(card.state.name()),
            value: card.value,
            balance: Some(balance),
            order: card.order.map(|order| order.to_string()),
            reason: card.reason,
            given: None,
            issued_at: Some(card.issued_at),
            expires_at: card.expires_at,
        };
        Ok(book::list(rx, &filter, before, limit)?.into_iter().map(owned).collect())
    }

    fn ordered(&self, tx: &mut Tx, order: OrderId, line: i64, gift: &Gift) -> Result<(), orders::Error> {
        Ok(sql::add_gift(tx, order, line, gift)?)
    }

    fn issue(&self, tx: &mut Tx, order: &Order, lines: &[&OrderLine]) -> Result<(), orders::Error> {
        Ok(lines.iter().try_for_each(|line| issue::of_line(tx, order, line))?)
    }

    fn take_back(&self, tx: &mut Tx, order: &Order, line: i64, amount: Money) -> Result<(), orders::Error> {
        Ok(take_back(tx, order, line, amount)?)
    }

    fn kept(&self, rx: &mut Rx, order: &Order) -> Result<Money, orders::Error> {
        let uses = sql::uses_of_order(rx, order.id)?;
        let kept = uses.into_iter().filter(|used| used.state == UseState::Kept).map(|used| used.amount);
        Ok(Money::sum(order.currency, kept)?)
    }

    fn ready(&self, rx: &mut Rx, order: &Order) -> Result<Money, orders::Error> {
        let ready = ready(rx, order)?;
        Ok(Money::sum(order.currency, ready.into_iter().map(|used| used.amount))?)
    }

    fn take(&self, tx: &mut Tx, order: &Order, due: Money) -> Result<Vec<FromCard>, orders::Error> {
        Ok(take(tx, order, due)?)
    }

    fn free(&self, tx: &mut Tx, order: OrderId) -> Result<(), orders::Error> {
        Ok(free(tx, order)?)
    }

    fn put_back(
        &self,
        tx: &mut Tx,
        order: &Order,
        refund: RefundId,
        most: Money,
    ) -> Result<Money, orders::Error> {
        Ok(put_back(tx, order, refund, most)?)
    }

    fn credit(
        &self,
        tx: &mut Tx,
        order: &Order,
        refund: RefundId,
        amount: Money,
    ) -> Result<(), orders::Error> {
        Ok(issue::of_refund(tx, order, refund, amount).map(drop)?)
    }

    fn forget(&self, tx: &mut Tx, order: OrderId) -> Result<(), orders::Error> {
        Ok(sql::forget_gifts(tx, order)?)
    }

    fn pass_on(&self, tx: &mut Tx, from: CustomerId, into: Option<CustomerId>) -> Result<(), orders::Error> {
        Ok(sql::pass_on(tx, from, into)?)
    }
}

/// What is taken back of a card's sale leaves the card. What was spent of it, or is kept for an order, stays sold.
fn take_back(tx: &mut Tx, order: &Order, line: i64, amount: Money) -> Result<(), Error> {
    let Some(card) = sql::card_of_line(tx, order.id, line)? else { return Ok(()) };
    let left = book::available(tx, &card)?;
    if left.is_below(amount)? {
        return Err(Refusal::Spent { spent: card.value.minus(left)?, left }.into());
    }
    let gone = Quantity::thousandths(-amount.minor());
    holds::resize(tx, &card.pool(), gone)?;
    issue::moved(tx, &card, MovementKind::TakenBack, amount.negated(), Some(order.id))?;
    let payload = json!({ "ending": card.code.ending(), "order": order.id, "amount": amount });
    let kind = card.kind.event(&["gift-card.taken-back", "store-credit.taken-back"]);
    Ok(events::record(tx, Event { kind, subject: card.id.to_string(), payload })?)
}

/// What cards would pay: what is kept, and what was kept before the order ran out of time, as far as its cards still give it.
fn ready(rx: &mut Rx, order: &Order) -> Result<Vec<Use>, Error> {
    let mut ready = Vec::new();
    let mut left: BTreeMap<CardId, Money> = BTreeMap::new();
    for used in sql::uses_of_order(rx, order.id)? {
        match used.state {
            UseState::Taken => (),
            UseState::Kept => ready.push(used),
            UseState::Freed => {
                let card = book::find(rx, used.card)?;
                let available = match left.get(&card.id) {
                    Some(left) => *left,
                    None => book::available(rx, &card)?,
                };
                if card.state == CardState::Active && !available.is_below(used.amount)? {
                    left.insert(card.id, available.minus(used.amount)?);
                    ready.push(used);
                }
            }
        }
    }
    Ok(ready)
}

fn take(tx: &mut Tx, order: &Order, mut due: Money) -> Result<Vec<FromCard>, Error> {
    let mut taken = Vec::new();
    for mut used in ready(tx, order)? {
        if !due.is_positive() {
            break;
        }
        let card = book::find(tx, used.card)?;
        let amount = used.amount.lesser_of(due)?;
        if amount == used.amount {
            holds::take_again(tx, used.hold)?;
        } else {
            holds::release(tx, used.hold)?;
            let cause = used.id.to_string();
            used.hold = holds::take_now(tx, &card.pool(), model::counted(amount), &cause)?;
        }
        let used = Use { amount, state: UseState::Taken, ..used };
        sql::save_use(tx, &used)?;
        pay::note_taken(tx, &card, &used)?;
        due = due.minus(amount)?;
        taken.push(FromCard { reference: used.id.to_string(), amount });
    }
    free(tx, order.id)?;
    Ok(taken)
}

/// What the cards keep for the order can be spent elsewhere.
pub(crate) fn free(tx: &mut Tx, order: OrderId) -> Result<(), Error> {
    let uses = sql::uses_of_order(tx, order)?;
    uses.into_iter().filter(|used| used.state == UseState::Kept).try_for_each(|used| free_one(tx, used))
}

pub(crate) fn free_one(tx: &mut Tx, used: Use) -> Result<(), Error> {
    holds::release(tx, used.hold)?;
    let freed = Use { state: UseState::Freed, ..used };
    sql::save_use(tx, &freed)?;
    let card = book::find(tx, freed.card)?;
    pay::note(tx, &card, &freed, &["gift-card.freed", "store-credit.freed"])
}

/// Puts money back onto the cards that paid, the last first. What a card paid that has expired since becomes store credit.
fn put_back(tx: &mut Tx, order: &Order, refund: RefundId, most: Money) -> Result<Money, Error> {
    let mut left = most;
    for used in sql::uses_of_order(tx, order.id)?.into_iter().rev() {
        let back = used.amount.minus(used.given_back)?.lesser_of(left)?;
        if used.state != UseState::Taken || !back.is_positive() {
            continue;
        }
        let card = book::find(tx, used.card)?;
        let given_back = used.given_back.plus(back)?;
        sql::save_use(tx, &Use { given_back, ..used })?;
        if card.state == CardState::Expired {
            issue::of_refund(tx, order, refund, back)?;
        } else {
            holds::resize(tx, &card.pool(), model::counted(back))?;
            issue::moved(tx, &card, MovementKind::PutBack, back, Some(order.id))?;
            let payload =
                json!({ "ending": card.code.ending(), "order": order.id, "refund": refund, "amount": back });
            let kind = card.kind.event(&["gift-card.put-back", "store-credit.put-back"]);
            events::record(tx, Event { kind, subject: card.id.to_string(), payload })?;
        }
        left = left.minus(back)?;
    }
    Ok(most.minus(left)?)
}

impl From<Error> for orders::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Amount | Error::Value { .. } => Refusal::Amount.into(),
            Error::Orders(error) => error,
            Error::Customers(error) => error.into(),
            Error::People(error) => error.into(),
            Error::Holds(error) => error.into(),
            Error::Ledger(error) => error.into(),
            Error::Money(error) => error.into(),
            Error::Db(error) => error.into(),
            other => Self::Cards(other.to_string()),
        }
    }
}
