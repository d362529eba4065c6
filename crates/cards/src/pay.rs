//! Paying with a card: at once where the order is a sale, else kept until it is.

use base::{Code, Currency, Money};
use db::{Rx, Tx};
use orders::{OrderId, stored};
use serde_json::json;
use spine::{
    events::{self, Event},
    holds,
    ledger::Account,
};

use crate::{
    Error, book,
    issue::moved,
    model::{self, Card, MovementKind, Use, UseState},
    sql,
};

/// What a card pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    pub used: Use,
    /// What is still to be paid another way.
    pub due: Money,
}

/// Pays an order with a card: all that is due, or all that is on the card. An order that waits for other money keeps its part
/// of the card until it is a sale or ends.
pub fn pay(tx: &mut Tx, order: OrderId, code: &Code) -> Result<Paid, Error> {
    let due = orders::payment_due(tx, order)?;
    if !due.amount.is_positive() {
        return Err(Error::NothingDue);
    }
    let Some(card) = sql::card_by_code(tx, code)?.filter(|card| card.test == due.test) else {
        return Err(book::unknown(tx, code)?.into());
    };
    card.usable(tx.now())?;
    let available = book::available(tx, &card)?;
    if !available.is_positive() {
        return Err(stored::Refusal::Empty { code: card.masked() }.into());
    }
    if available.currency() != due.amount.currency() {
        return Err(orders::Error::OtherCurrency.into());
    }
    let amount = available.lesser_of(due.amount)?;
    // a cause of its own: the goods of the order are held, taken and given back under the order's id
    let id = tx.new_id::<model::UseKind>();
    let (cause, pool) = (id.to_string(), card.pool());
    let (hold, state) = if due.firm {
        (holds::take_now(tx, &pool, model::counted(amount), &cause)?, UseState::Taken)
    } else {
        (holds::hold(tx, &pool, model::counted(amount), None, &cause)?, UseState::Kept)
    };
    let used = Use {
        id,
        card: card.id,
        order,
        hold,
        amount,
        given_back: Money::zero(amount.currency()),
        state,
        at: tx.now(),
    };
    sql::add_use(tx, &used)?;
    if due.firm {
        note_taken(tx, &card, &used)?;
        let payment = orders::Payment {
            amount,
            method: stored::GIFT_CARD.to_owned(),
            reference: used.id.to_string(),
            into: Account::GiftCards,
        };
        orders::record_payment(tx, order, &payment)?;
        let due = orders::payment_due(tx, order)?.amount;
        return Ok(Paid { used, due });
    }
    note(tx, &card, &used, &["gift-card.kept", "store-credit.kept"])?;
    let due = orders::settle_by_cards(tx, order)?;
    let used = sql::uses_of_order(tx, order)?.into_iter().find(|known| known.id == used.id).unwrap_or(used);
    Ok(Paid { used, due })
}

/// What cards pay for an order, with the cards.
pub fn uses_of(rx: &mut Rx, order: OrderId) -> Result<Vec<(Use, Card)>, Error> {
    let mut found = Vec::new();
    for used in sql::uses_of_order(rx, order)? {
        let card = book::find(rx, used.card)?;
        found.push((used, card));
    }
    Ok(found)
}

/// What cards pay for an order, or keep for it; nothing that was freed.
pub fn paid_by_cards(rx: &mut Rx, order: OrderId, currency: Currency) -> Result<Money, Error> {
    let uses = sql::uses_of_order(rx, order)?;
    let standing = uses.into_iter().filter(|used| used.state != UseState::Freed);
    Ok(Money::sum(currency, standing.map(|used| used.amount))?)
}

/// The card has paid.
pub(crate) fn note_taken(tx: &mut Tx, card: &Card, used: &Use) -> Result<(), Error> {
    moved(tx, card, MovementKind::Used, used.amount.negated(), Some(used.order))?;
    note(tx, card, used, &["gift-card.used", "store-credit.used"])
}

pub(crate) fn note(
    tx: &mut Tx,
    card: &Card,
    used: &Use,
    what: &'static [&'static str; 2],
) -> Result<(), Error> {
    let payload = json!({
        "ending": card.code.ending(), "order": used.order, "use": used.id, "amount": used.amount, "state": used.state,
    });
    let kind = card.kind.event(what);
    Ok(events::record(tx, Event { kind, subject: card.id.to_string(), payload })?)
}
