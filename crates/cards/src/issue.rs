//! Issuing: a card by hand, for the line of an order that is a sale, or for a refund that stays as store credit.

use base::{Line, Money};
use customers::CustomerId;
use db::{Rx, Tx};
use orders::{Channel, Extra, Order, OrderLine, RefundId, stored::Gift};
use serde_json::json;
use spine::{
    events::{self, Event},
    holds::{self, Rule},
    jobs,
    ledger::{self, Account, Book, Entry},
};

use crate::{
    Error, book, mail,
    model::{self, Card, CardKind, CardState, MOST, Movement, MovementKind},
    sql,
};

/// Attempts to draw a code that is free: with 24^11 of them the first is.
const DRAWS: u32 = 8;

/// A card to be given by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    pub kind: CardKind,
    pub value: Money,
    /// Whose it is; store credit is always somebody's.
    pub customer: Option<CustomerId>,
    pub reason: Line<200>,
    /// What came for it: into a drawer, into the bank, or nothing.
    pub given: Given,
}

/// What came for a card that was given by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Given {
    Cash,
    Bank,
    /// Nothing: it makes something good.
    Goodwill,
}

impl Given {
    pub const ALL: [Self; 3] = [Self::Cash, Self::Bank, Self::Goodwill];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Bank => "bank",
            Self::Goodwill => "goodwill",
        }
    }

    fn account(self) -> Account {
        match self {
            Self::Cash => Account::Cash("drawer".to_owned()),
            Self::Bank => Account::Bank,
            Self::Goodwill => Account::Goodwill,
        }
    }
}

/// A line that sells a gift card. Customers and applications choose what the business offers; staff may sell any value.
pub fn sold(rx: &mut Rx, channel: Channel, value: Money, gift: &Gift) -> Result<Extra, Error> {
    let business = people::business::find(rx)?;
    let settings = book::settings(rx)?;
    let by_staff = channel == Channel::Office;
    if !by_staff && !settings.sells {
        return Err(Error::NotSold);
    }
    check(value)?;
    let offered = value.currency() == business.currency && (by_staff || settings.offers(value));
    if !offered {
        return Err(Error::Amount);
    }
    let language = business.edit.language;
    let title = match &gift.name {
        Some(name) => edge::text(language, "cards-line-for", &[("name", name.as_str().into())]),
        None => edge::text(language, "cards-line", &[]),
    };
    Ok(Extra::gift_card(title.parse()?, value, gift.clone()))
}

fn check(value: Money) -> Result<(), Error> {
    let fits = value.is_positive() && value.minor() <= MOST;
    fits.then_some(()).ok_or(Error::Value { most: MOST })
}

/// Gives a card by hand: what came for it, or nothing, stands against it in the books.
pub fn give(tx: &mut Tx, wanted: &ByHand) -> Result<Card, Error> {
    check(wanted.value)?;
    let business = people::business::find(tx)?;
    if wanted.value.currency() != business.currency {
        return Err(Error::Amount);
    }
    match wanted.customer {
        Some(customer) => drop(customers::find(tx, customer)?),
        None if wanted.kind == CardKind::StoreCredit => return Err(Error::Nobody),
        None => (),
    }
    let card = Card {
        customer: wanted.customer,
        reason: wanted.reason.to_string(),
        expires_at: end(tx, wanted.kind)?,
        ..blank(tx, wanted.kind, wanted.value, business.test)?
    };
    let card = write(tx, card)?;
    let book = if card.test { Book::Test } else { Book::Live };
    let postings = ledger::value_given(wanted.given.account(), card.value);
    let memo = format!("card {}", card.code.ending());
    ledger::record(tx, Entry { kind: "card-given", cause: card.id.to_string(), book, memo, postings })?;
    if card.customer.is_some() {
        mail::promise(tx, &card)?;
    }
    Ok(card)
}

/// The card of a line that was sold.
pub(crate) fn of_line(tx: &mut Tx, order: &Order, line: &OrderLine) -> Result<(), Error> {
    let card = Card {
        order: Some(order.id),
        line: Some(line.line),
        expires_at: end(tx, CardKind::GiftCard)?,
        ..blank(tx, CardKind::GiftCard, line.gross, order.test)?
    };
    let card = write(tx, card)?;
    if sql::gift(tx, order.id, line.line)?.email.is_some() {
        mail::promise(tx, &card)?;
    }
    Ok(())
}

/// A refund that stays here.
pub(crate) fn of_refund(tx: &mut Tx, order: &Order, refund: RefundId, amount: Money) -> Result<Card, Error> {
    let card = Card {
        order: Some(order.id),
        refund: Some(refund),
        customer: orders::customer_of(tx, order.id)?,
        ..blank(tx, CardKind::StoreCredit, amount, order.test)?
    };
    let card = write(tx, card)?;
    mail::promise(tx, &card)?;
    Ok(card)
}

/// When a card of this kind that is issued now ends: what a customer has with the business does not.
fn end(tx: &mut Tx, kind: CardKind) -> Result<Option<base::Timestamp>, Error> {
    const DAY_S: i64 = 24 * 3600;
    let lasts = book::settings(tx)?.lasts_days.filter(|_| kind == CardKind::GiftCard);
    let end = lasts.map(|days| tx.now().plus_s(days * DAY_S));
    if let Some(end) = end {
        jobs::promise_end(tx, book::END_JOB, end)?;
    }
    Ok(end)
}

fn blank(tx: &mut Tx, kind: CardKind, value: Money, test: bool) -> Result<Card, Error> {
    Ok(Card {
        id: tx.new_id(),
        code: draw(tx),
        kind,
        state: CardState::Active,
        test,
        value,
        order: None,
        line: None,
        refund: None,
        customer: None,
        reason: String::new(),
        actor: tx.actor().as_str().to_owned(),
        issued_at: tx.now(),
        expires_at: None,
    })
}

/// A code; chance that is unfair is thrown away and drawn anew.
fn draw(tx: &mut Tx) -> base::Code {
    loop {
        if let Some(code) = base::Code::of(&tx.random()) {
            return code;
        }
    }
}

fn write(tx: &mut Tx, mut card: Card) -> Result<Card, Error> {
    let mut left = DRAWS;
    while !sql::add_card(tx, &card)? {
        left = left.checked_sub(1).ok_or(Error::Value { most: MOST })?;
        card.code = draw(tx);
    }
    holds::create_pool(tx, &card.pool(), Rule::Limited, model::counted(card.value))?;
    moved(tx, &card, MovementKind::Issued, card.value, card.order)?;
    let kind = card.kind.event(&["gift-card.issued", "store-credit.issued"]);
    let payload = json!({
        "ending": card.code.ending(), "value": card.value, "order": card.order, "refund": card.refund,
        "customer": card.customer, "reason": card.reason, "expiresAt": card.expires_at,
    });
    events::record(tx, Event { kind, subject: card.id.to_string(), payload })?;
    Ok(card)
}

/// Writes into the card's history what moved its value.
pub(crate) fn moved(
    tx: &mut Tx,
    card: &Card,
    kind: MovementKind,
    amount: Money,
    order: Option<orders::OrderId>,
) -> Result<(), Error> {
    let (actor, at) = (tx.actor().as_str().to_owned(), tx.now());
    Ok(sql::add_movement(tx, card.id, &Movement { kind, amount, order, actor, at })?)
}
