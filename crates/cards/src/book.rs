//! The cards as staff keep them: found, listed, blocked and opened again; and how gift cards are sold.

use base::{Code, Money, Quantity};
use customers::CustomerId;
use db::{Rx, Tx};
use orders::{OrderId, stored::Refusal};
use serde_json::json;
use spine::{
    events::{self, Event},
    holds, jobs,
};

use crate::{
    Error,
    model::{self, Act, Card, CardId, CardKind, CardState, Movement, Settings, Standing, Use},
    sql, vault,
};

/// Which cards a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The last four characters of the code.
    pub ending: Option<String>,
    pub customer: Option<CustomerId>,
    pub kind: Option<CardKind>,
}

pub fn find(rx: &mut Rx, id: CardId) -> Result<Card, Error> {
    sql::card(rx, id)?.ok_or(Error::UnknownCard)
}

/// The card that whoever knows `code` holds.
pub fn find_by_code(rx: &mut Rx, code: &Code) -> Result<Card, Error> {
    match sql::card_by_code(rx, code)? {
        Some(card) => Ok(card),
        None => Err(unknown(rx, code)?.into()),
    }
}

/// What is said of a code that no card has.
pub(crate) fn unknown(rx: &mut Rx, code: &Code) -> Result<Refusal, Error> {
    let is_coupon = orders::promotion::is_coupon(rx, code)?;
    Ok(if is_coupon { Refusal::Coupon } else { Refusal::Unknown { code: code.to_string() } })
}

/// What is on a card, and what of it is kept for orders that wait.
pub fn balance(rx: &mut Rx, card: &Card) -> Result<(Money, Money), Error> {
    let currency = card.value.currency();
    let pool = holds::pool(rx, &card.pool())?;
    let (on_hand, held) = pool.map_or((Quantity::ZERO, Quantity::ZERO), |pool| (pool.on_hand(), pool.held));
    Ok((model::money(on_hand, currency)?, model::money(held, currency)?))
}

/// What a card can pay now.
pub fn available(rx: &mut Rx, card: &Card) -> Result<Money, Error> {
    let (balance, kept) = balance(rx, card)?;
    Ok(balance.minus(kept)?)
}

/// What the business owes on all cards; the books say the same of the account `gift-cards`.
pub fn owed(rx: &mut Rx) -> Result<Money, Error> {
    let currency = people::business::find(rx)?.currency;
    Ok(Money::new(sql::owed(rx)?, currency)?)
}

/// How the card with this code stands, as its holder may know it.
pub fn standing(rx: &mut Rx, code: &Code) -> Result<Standing, Error> {
    let card = find_by_code(rx, code)?;
    let state = match card.usable(rx.now()) {
        Err(Refusal::Expired { .. }) => CardState::Expired,
        _ => card.state,
    };
    let available = available(rx, &card)?;
    Ok(Standing { ending: card.code.ending().to_owned(), state, available, expires_at: card.expires_at })
}

/// The newest first, from behind the one named `before`, each with what is on it.
pub fn list(
    rx: &mut Rx,
    filter: &Filter,
    before: Option<CardId>,
    limit: u32,
) -> Result<Vec<(Card, Money)>, Error> {
    let mut found = Vec::new();
    for card in sql::cards(rx, filter, before, limit)? {
        let (balance, _) = balance(rx, &card)?;
        found.push((card, balance));
    }
    Ok(found)
}

/// The cards that an order sold, or its refunds gave.
pub fn of_order(rx: &mut Rx, order: OrderId) -> Result<Vec<Card>, Error> {
    Ok(sql::cards_of(rx, order)?)
}

/// What moved a card's value, the newest first.
pub fn history(rx: &mut Rx, card: &Card) -> Result<Vec<Movement>, Error> {
    Ok(sql::movements(rx, card)?)
}

/// What a card keeps for orders that wait.
pub fn kept_of(rx: &mut Rx, card: CardId) -> Result<Vec<Use>, Error> {
    Ok(sql::kept_of_card(rx, card)?)
}

/// Whether payers are asked for a card: from the first that was issued, it is taken for good.
pub fn is_taken(rx: &mut Rx) -> Result<bool, Error> {
    Ok(sql::any(rx)?)
}

/// Blocks a card, or opens it again. A blocked card keeps its value, and nothing for orders that wait; one that is opened after
/// it had expired does not expire again.
pub fn act(tx: &mut Tx, id: CardId, act: Act) -> Result<(), Error> {
    let card = find(tx, id)?;
    let (after, expires_at) = match (act, card.state) {
        (Act::Block, CardState::Active) => (CardState::Blocked, card.expires_at),
        (Act::Open, CardState::Blocked) => (CardState::Active, card.expires_at.filter(|end| *end > tx.now())),
        (Act::Open, CardState::Expired) => (CardState::Active, None),
        _ => return Err(Error::NotFrom(card.state)),
    };
    if after == CardState::Blocked {
        for used in sql::kept_of_card(tx, id)? {
            vault::free_one(tx, used)?;
        }
    }
    let what = match act {
        Act::Block => &["gift-card.blocked", "store-credit.blocked"],
        Act::Open => &["gift-card.opened", "store-credit.opened"],
    };
    if let Some(end) = expires_at {
        jobs::promise_end(tx, END_JOB, end)?;
    }
    set_state(tx, &Card { expires_at, ..card }, what, after)
}

fn set_state(
    tx: &mut Tx,
    card: &Card,
    what: &'static [&'static str; 2],
    after: CardState,
) -> Result<(), Error> {
    sql::set_state(tx, card.id, after, card.expires_at)?;
    let payload = json!({ "before": card.state, "after": after, "ending": card.code.ending() });
    Ok(events::record(tx, Event { kind: card.kind.event(what), subject: card.id.to_string(), payload })?)
}

/// The kind of job that ends cards whose time is over; [`sweep`] does it.
pub const END_JOB: &str = "cards.end";

/// How many cards one piece of work lets expire.
const AT_ONCE: u32 = 100;

/// Ends cards whose time is over, and says whether there are more. What is on them stays in the books.
pub fn sweep(tx: &mut Tx) -> Result<bool, Error> {
    let over = sql::cards_over(tx, AT_ONCE)?;
    let full = over.len() == AT_ONCE as usize;
    for card in over {
        set_state(tx, &card, &["gift-card.expired", "store-credit.expired"], CardState::Expired)?;
    }
    Ok(full)
}

pub fn settings(rx: &mut Rx) -> Result<Settings, Error> {
    let currency = people::business::find(rx)?.currency;
    Ok(sql::settings(rx, currency)?)
}

/// Says how gift cards are sold from now on. Cards that were sold stay as they are.
pub fn set_settings(tx: &mut Tx, settings: &Settings) -> Result<(), Error> {
    settings.check()?;
    let before = self::settings(tx)?;
    sql::put_settings(tx, settings)?;
    let about = |settings: &Settings| {
        json!({
            "sells": settings.sells, "amounts": settings.amounts, "between": settings.between,
            "lastsDays": settings.lasts_days,
        })
    };
    let payload = json!({ "before": about(&before), "after": about(settings) });
    Ok(events::record(
        tx,
        Event { kind: "gift-card-settings.changed", subject: "gift-cards".to_owned(), payload },
    )?)
}
