//! Stored value: gift cards and store credit. A room below knows the cards; orders tell it when a card is sold or taken back,
//! and ask it what cards keep for an order that waits, what they pay when it is firm, and to put money back onto them.
//!
//! Stored value is a tender and never a discount: no price here depends on it.

use base::{Code, Currency, Email, Line, Money, Phone, Prose, Timestamp};
use customers::{CustomerId, StoredCard};
use db::{Rx, Tx};
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    model::{Channel, Extra, Order, OrderId, OrderLine, RefundId, share::Share},
    pricing::Kind,
};

/// The name of the method by which cards pay.
pub const GIFT_CARD: &str = "gift-card";

/// For whom a gift card is, and what is said with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Gift {
    #[schema(value_type = Option<String>, max_length = 120)]
    pub name: Option<Line<120>>,
    /// Where the code is sent; whoever buys the card reads it on the order's page, too.
    #[schema(value_type = Option<String>)]
    pub email: Option<Email>,
    #[schema(value_type = Option<String>)]
    pub phone: Option<Phone>,
    #[schema(value_type = String, max_length = 500)]
    pub message: Prose<500>,
}

/// A gift card that an order sells: for whom it is, and the card once the order is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sold {
    pub gift: Gift,
    pub card: Option<SoldCard>,
}

/// A card that a line has sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldCard {
    /// Its id: `card_…`.
    pub id: String,
    pub code: Code,
    pub value: Money,
    /// `active`, `blocked` or `expired`.
    pub state: &'static str,
    pub issued_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

/// What a card pays for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FromCard {
    /// Names this payment among all of cards.
    pub reference: String,
    pub amount: Money,
}

/// Why a card does not do what was asked. Each says what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no card {code}; look at the code again, letter by letter")]
    Unknown { code: String },
    #[error(
        "this is the code of a coupon: it pays nothing, it lowers the price of an order before it is placed"
    )]
    Coupon,
    #[error("card {code} is blocked; ask the shop")]
    Blocked { code: String },
    #[error("card {code} has expired; ask the shop")]
    Expired { code: String },
    #[error("nothing is left on card {code}; pay another way")]
    Empty { code: String },
    #[error("{available} is left on card {code}; choose another way to pay the rest")]
    TooSmall { code: String, available: Money },
    #[error(
        "{spent} of the gift card that was sold here is spent or kept for an order; give back at most {left} for its line"
    )]
    Spent { spent: Money, left: Money },
    #[error("a gift card is handed out when it is paid; choose a way to pay before delivery")]
    Unpaid,
    #[error("gift cards are not sold for this amount; choose another")]
    Amount,
    #[error("no gift cards are kept here")]
    NotHere,
}

/// The room of the cards; it lends this to orders (`db::Schema::lends`).
pub trait StoredValue: Send + Sync {
    /// Whether a card has this code.
    fn is_card(&self, rx: &mut Rx, code: &Code) -> Result<bool, Error>;

    /// The line that sells a gift card. Customers and applications choose what the business offers; staff sell any value.
    fn line(&self, rx: &mut Rx, channel: Channel, value: Money, gift: &Gift) -> Result<Extra, Error>;

    /// The gift card that a line of the order sells.
    fn sold(&self, rx: &mut Rx, order: OrderId, line: i64) -> Result<Sold, Error>;

    /// The customer's own cards, the newest first, from behind the one named `before`.
    fn owned(
        &self,
        rx: &mut Rx,
        customer: CustomerId,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredCard>, Error>;

    /// A gift card was ordered: remembers for whom, until it is sold.
    fn ordered(&self, tx: &mut Tx, order: OrderId, line: i64, gift: &Gift) -> Result<(), Error>;

    /// The order is a sale: the cards of its lines are issued.
    fn issue(&self, tx: &mut Tx, order: &Order, lines: &[&OrderLine]) -> Result<(), Error>;

    /// `amount` of a gift card's line is taken back: so much less is on its card. Refused where that much is not there.
    fn take_back(&self, tx: &mut Tx, order: &Order, line: i64, amount: Money) -> Result<(), Error>;

    /// What cards keep for the order now, as long as it waits.
    fn kept(&self, rx: &mut Rx, order: &Order) -> Result<Money, Error>;

    /// What cards would pay for the order now: what they keep, and what they kept until its time ran out and can still give.
    fn ready(&self, rx: &mut Rx, order: &Order) -> Result<Money, Error>;

    /// Takes at most `due` from the cards that are ready, and frees what is not needed.
    fn take(&self, tx: &mut Tx, order: &Order, due: Money) -> Result<Vec<FromCard>, Error>;

    /// The order has ended, or needs no card: what is kept can be used elsewhere.
    fn free(&self, tx: &mut Tx, order: OrderId) -> Result<(), Error>;

    /// Puts back what cards paid for the order, at most `most`; says how much that was.
    fn put_back(&self, tx: &mut Tx, order: &Order, refund: RefundId, most: Money) -> Result<Money, Error>;

    /// Gives `amount` of a refund as store credit.
    fn credit(&self, tx: &mut Tx, order: &Order, refund: RefundId, amount: Money) -> Result<(), Error>;

    /// The customer is forgotten: so are those for whom the order's gift cards were.
    fn forget(&self, tx: &mut Tx, order: OrderId) -> Result<(), Error>;

    /// What cards `from` has belongs to `into`, or to nobody in particular.
    fn pass_on(&self, tx: &mut Tx, from: CustomerId, into: Option<CustomerId>) -> Result<(), Error>;
}

/// What is lent.
pub struct Vault(pub &'static dyn StoredValue);

fn vault(rx: &Rx) -> Option<&'static dyn StoredValue> {
    rx.lent::<Vault>().map(|vault| vault.0)
}

pub(crate) fn is_card(rx: &mut Rx, code: &Code) -> Result<bool, Error> {
    vault(rx).map_or(Ok(false), |room| room.is_card(rx, code))
}

pub(crate) fn line(rx: &mut Rx, channel: Channel, value: Money, gift: &Gift) -> Result<Extra, Error> {
    vault(rx).ok_or(Refusal::NotHere)?.line(rx, channel, value, gift)
}

/// The gift cards that the lines of an order sell, each with its line.
pub(crate) fn sold<'l>(
    rx: &mut Rx,
    order: OrderId,
    lines: &'l [OrderLine],
) -> Result<Vec<(&'l OrderLine, Sold)>, Error> {
    let cards = lines.iter().filter(|line| line.kind == Kind::GiftCard);
    let sold = |line: &'l OrderLine| {
        let room = vault(rx).ok_or(Refusal::NotHere)?;
        Ok((line, room.sold(rx, order, line.line)?))
    };
    cards.map(sold).collect()
}

pub(crate) fn owned(
    rx: &mut Rx,
    customer: CustomerId,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<StoredCard>, Error> {
    vault(rx).map_or(Ok(Vec::new()), |room| room.owned(rx, customer, before, limit))
}

pub(crate) fn ordered(tx: &mut Tx, order: OrderId, line: i64, gift: &Gift) -> Result<(), Error> {
    vault(tx).ok_or(Refusal::NotHere)?.ordered(tx, order, line, gift)
}

/// Issues the gift cards among the lines of a sale.
pub(crate) fn issue(tx: &mut Tx, order: &Order, lines: &[OrderLine]) -> Result<(), Error> {
    let sold: Vec<&OrderLine> = lines.iter().filter(|line| line.kind == Kind::GiftCard).collect();
    if sold.is_empty() {
        return Ok(());
    }
    vault(tx).ok_or(Refusal::NotHere)?.issue(tx, order, &sold)
}

/// Takes what goes back of gift cards' lines off their cards.
pub(crate) fn take_back(
    tx: &mut Tx,
    order: &Order,
    lines: &[OrderLine],
    shares: &[Share],
) -> Result<(), Error> {
    for share in shares.iter().filter(|share| share.amount.is_positive()) {
        if lines.iter().any(|line| line.line == share.line && line.kind == Kind::GiftCard) {
            vault(tx).ok_or(Refusal::NotHere)?.take_back(tx, order, share.line, share.amount)?;
        }
    }
    Ok(())
}

/// What of `shares` is value of gift cards: owed again to who bought them, and never was a sale.
pub(crate) fn part_of(currency: Currency, lines: &[OrderLine], shares: &[Share]) -> Result<Money, Error> {
    let cards =
        |share: &&Share| lines.iter().any(|line| line.line == share.line && line.kind == Kind::GiftCard);
    Ok(Money::sum(currency, shares.iter().filter(cards).map(|share| share.amount))?)
}

pub(crate) fn kept(rx: &mut Rx, order: &Order) -> Result<Money, Error> {
    vault(rx).map_or(Ok(Money::zero(order.currency)), |room| room.kept(rx, order))
}

pub(crate) fn ready(rx: &mut Rx, order: &Order) -> Result<Money, Error> {
    vault(rx).map_or(Ok(Money::zero(order.currency)), |room| room.ready(rx, order))
}

pub(crate) fn take(tx: &mut Tx, order: &Order, due: Money) -> Result<Vec<FromCard>, Error> {
    vault(tx).map_or(Ok(Vec::new()), |room| room.take(tx, order, due))
}

pub(crate) fn free(tx: &mut Tx, order: OrderId) -> Result<(), Error> {
    vault(tx).map_or(Ok(()), |room| room.free(tx, order))
}

pub(crate) fn put_back(tx: &mut Tx, order: &Order, refund: RefundId, most: Money) -> Result<Money, Error> {
    vault(tx).map_or(Ok(Money::zero(order.currency)), |room| room.put_back(tx, order, refund, most))
}

pub(crate) fn credit(tx: &mut Tx, order: &Order, refund: RefundId, amount: Money) -> Result<(), Error> {
    vault(tx).ok_or(Refusal::NotHere)?.credit(tx, order, refund, amount)
}

pub(crate) fn forget(tx: &mut Tx, order: OrderId) -> Result<(), Error> {
    vault(tx).map_or(Ok(()), |room| room.forget(tx, order))
}

pub(crate) fn pass_on(tx: &mut Tx, from: CustomerId, into: Option<CustomerId>) -> Result<(), Error> {
    vault(tx).map_or(Ok(()), |room| room.pass_on(tx, from, into))
}
