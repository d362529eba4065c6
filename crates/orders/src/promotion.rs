//! Codes that lower what an order costs. A room below knows them: it says what a code takes off a wish, keeps the code for the
//! order, and is told how the order goes on.

use base::{Currency, Line, Money, Quantity, Timestamp};
use catalog::ProductId;
use customers::CustomerId;
use db::{Rx, Tx};
use stock::LocationId;

use crate::{
    Error,
    basket::Offer,
    model::{Channel, Customer, Draft, Order, OrderId},
    pricing::{Discount, Kind},
    sql,
};

/// A code as it was typed.
pub type Code = Line<40>;

/// How many codes one order takes.
pub const MAX_CODES: usize = 5;

/// Why a code does not do what was asked. Each says what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no code {code}; look at it again, letter by letter")]
    Unknown { code: String },
    #[error("this is the code of a gift card: it lowers no price, it pays; name it as a way to pay")]
    GiftCard,
    #[error("{code} was used already")]
    AlreadyRedeemed { code: String, at: Option<Timestamp> },
    #[error("{code} is kept for an order that waits for its payment; cancel that order to use it here")]
    InUse { code: String },
    #[error("{code} has expired")]
    Expired { code: String, at: Option<Timestamp> },
    #[error("{code} was cancelled")]
    Cancelled { code: String },
    #[error("{code} cannot be used now; its campaign is paused")]
    Paused { code: String },
    #[error("no more of these can be had")]
    LimitReached,
    #[error("{code} holds from {at}; take it out to order before")]
    NotYet { code: String, at: Timestamp },
    #[error("{code} is used up; take it out to order without it")]
    UsedUp { code: String },
    #[error(
        "this customer used {code} as often as one may, counting orders that wait for their payment; take it out to order without it"
    )]
    HadAlready { code: String },
    #[error("{code} has a limit for each customer; write a phone number or an e-mail to use it")]
    ContactNeeded { code: String },
    #[error("{code} is not taken here")]
    NotHere { code: String },
    #[error("{code} holds from {minimum}; add something to the order")]
    BelowMinimum { code: String, minimum: Money },
    #[error("nothing in this order is lowered by {code}")]
    NothingToLower { code: String },
    #[error("{code} cannot be used together with another code; take one of them away")]
    NotTogether { code: String },
    #[error("an order takes at most {MAX_CODES} codes; take one away")]
    TooMany,
}

/// What a code is asked about.
#[derive(Debug)]
pub struct Asked<'w> {
    pub code: &'w Code,
    pub channel: Channel,
    /// Where the order is handed out or sold; nowhere in particular if it is delivered from the shop.
    pub location: Option<LocationId>,
    pub customer: &'w Customer,
    /// Whom staff chose for it.
    pub known: Option<CustomerId>,
    pub currency: Currency,
    pub lines: &'w [AskedLine],
}

/// A line of the wish, before any discount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedLine {
    pub product: Option<ProductId>,
    pub kind: Kind,
    pub quantity: Quantity,
    /// For one unit.
    pub unit_price: Money,
    pub list: Money,
}

/// What a code lowers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lowers {
    /// Lines of the wish, by their place.
    Lines(Vec<usize>),
    /// The fee of the delivery.
    Delivery,
    /// No price: what it promises is given by hand, such as a free coffee.
    Nothing,
}

/// What a code does for a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reduction {
    /// As its room writes it.
    pub code: String,
    /// Names it in that room; a code that many know is named as its programme is.
    pub source: String,
    /// Names what it belongs to: a campaign of many codes.
    pub programme: String,
    /// What the customer reads: `Carnival, 10 %`.
    pub label: Line<200>,
    pub discount: Discount,
    pub lowers: Lowers,
    /// Whether it goes together with other codes.
    pub stackable: bool,
}

impl Reduction {
    /// Whether only one of the two counts: it is the same code, or one that many know beside another of its programme.
    fn is_same(&self, other: &Self) -> bool {
        self.source == other.source || self.source == other.programme || self.programme == other.source
    }
}

/// What an order used or kept of that room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// As people read it.
    pub code: String,
    /// Its page, below the back office.
    pub page: String,
}

/// The room of the codes; it lends this to orders (`db::Schema::lends`).
pub trait Promotions: Send + Sync {
    /// Whether a coupon has this code.
    fn is_coupon(&self, rx: &mut Rx, code: &base::Code) -> Result<bool, Error>;

    /// What the code does for the wish, or why it does nothing.
    fn reduce(&self, rx: &mut Rx, asked: &Asked) -> Result<Reduction, Error>;

    /// Keeps the code for an order that was placed with it, and took `amount` off. An order that is firm has used it.
    fn keep(&self, tx: &mut Tx, order: &Order, reduction: &Reduction, amount: Money) -> Result<(), Error>;

    /// The order became firm: what it keeps, or kept until its time ran out, is used. False when another has used it by now,
    /// or staff have cancelled it.
    fn take(&self, tx: &mut Tx, order: &Order) -> Result<bool, Error>;

    /// The order has ended, or all of it was given back: its codes can be used again.
    fn give_back(&self, tx: &mut Tx, order: &Order) -> Result<(), Error>;

    /// What the order was placed with, whatever became of it.
    fn used(&self, rx: &mut Rx, order: OrderId) -> Result<Vec<Used>, Error>;
}

/// What is lent.
pub struct Promoter(pub &'static dyn Promotions);

fn promotions(rx: &Rx) -> Option<&'static dyn Promotions> {
    rx.lent::<Promoter>().map(|promoter| promoter.0)
}

/// Whether a code that shall pay is a coupon's, which does not.
pub fn is_coupon(rx: &mut Rx, code: &base::Code) -> Result<bool, Error> {
    promotions(rx).map_or(Ok(false), |room| room.is_coupon(rx, code))
}

/// What the codes of `draft` do for `lines`.
pub(crate) fn reductions(
    rx: &mut Rx,
    draft: &Draft,
    currency: Currency,
    lines: &[AskedLine],
) -> Result<Vec<Reduction>, Error> {
    if draft.codes.len() > MAX_CODES {
        return Err(Refusal::TooMany.into());
    }
    let mut found: Vec<Reduction> = Vec::with_capacity(draft.codes.len());
    for code in &draft.codes {
        let Some(room) = promotions(rx) else {
            return Err(Refusal::Unknown { code: code.to_string() }.into());
        };
        let location = draft.location.or(draft.shipping.location);
        let (channel, customer, known) = (draft.channel, &draft.customer, draft.known);
        let asked = Asked { code, channel, location, customer, known, currency, lines };
        let reduction = room.reduce(rx, &asked)?;
        if !found.iter().any(|known| known.is_same(&reduction)) {
            found.push(reduction);
        }
    }
    match found.iter().find(|reduction| !reduction.stackable) {
        Some(lonely) if found.len() > 1 => Err(Refusal::NotTogether { code: lonely.code.clone() }.into()),
        _ => Ok(found),
    }
}

/// Keeps the codes that the offer was made with.
pub(crate) fn keep(tx: &mut Tx, order: &Order, offer: &Offer) -> Result<(), Error> {
    for (place, lowered) in offer.discounts.iter().enumerate() {
        sql::add_discount(tx, order.id, place as i64, lowered.label.as_str(), lowered.amount)?;
        if let (Some(reduction), Some(room)) = (&lowered.reduction, promotions(tx)) {
            room.keep(tx, order, reduction, lowered.amount)?;
        }
    }
    Ok(())
}

pub(crate) fn take(tx: &mut Tx, order: &Order) -> Result<bool, Error> {
    promotions(tx).map_or(Ok(true), |room| room.take(tx, order))
}

pub(crate) fn give_back(tx: &mut Tx, order: &Order) -> Result<(), Error> {
    promotions(tx).map_or(Ok(()), |room| room.give_back(tx, order))
}

pub(crate) fn used(rx: &mut Rx, order: OrderId) -> Result<Vec<Used>, Error> {
    promotions(rx).map_or(Ok(Vec::new()), |room| room.used(rx, order))
}
