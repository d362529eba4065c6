//! Carts: a wish without prices, reached by a secret that only the visitor holds. Becomes an order once.

use base::{Quantity, Timestamp};
use catalog::VariantId;
use db::{Rx, Tx};

use crate::{
    Error, basket,
    basket::Offer,
    link,
    model::{CartId, Channel, Draft, OrderId, Shipping, Terms, Wanted},
    place,
    pricing::MAX_LINES,
    promotion::{Code, Refusal},
    sql,
};

/// Two weeks after it was last touched a cart is gone.
const CART_LASTS_S: i64 = 14 * 24 * 3600;

/// A cart as its holder sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cart {
    pub id: CartId,
    pub lines: Vec<(VariantId, Quantity)>,
    pub expires_at: Timestamp,
    /// What it became.
    pub order: Option<OrderId>,
    /// Codes that the visitor typed.
    pub codes: Vec<Code>,
}

impl Cart {
    /// The lines as a wish.
    pub fn wanted(&self) -> Vec<Wanted> {
        self.lines.iter().map(|(variant, quantity)| Wanted::variant(*variant, *quantity)).collect()
    }
}

/// A new, empty cart, and the token that opens it: known here and never again.
pub fn open_cart(tx: &mut Tx) -> Result<(CartId, String), Error> {
    let id = tx.new_id();
    let (token, hash) = link::secret(tx);
    let until = tx.now().plus_s(CART_LASTS_S);
    sql::add_cart(tx, id, &hash, until)?;
    tx.due(until);
    Ok((id, token))
}

pub fn cart(rx: &mut Rx, id: CartId) -> Result<Cart, Error> {
    let found = sql::cart(rx, id)?;
    filled(rx, found)
}

/// The cart that `token` opens.
pub fn cart_by_token(rx: &mut Rx, token: &str) -> Result<Cart, Error> {
    let found = sql::cart_by_token(rx, &link::hash(token))?;
    filled(rx, found)
}

fn filled(rx: &mut Rx, found: Option<sql::CartRow>) -> Result<Cart, Error> {
    let now = rx.now();
    let row = found.filter(|row| row.expires_at > now).ok_or(Error::UnknownCart)?;
    let lines = sql::cart_lines(rx, row.id)?;
    Ok(Cart { id: row.id, lines, expires_at: row.expires_at, order: row.order, codes: row.codes })
}

/// Puts a variant into the cart, on top of what is there.
pub fn add_to_cart(tx: &mut Tx, id: CartId, wanted: &Wanted) -> Result<(), Error> {
    let cart = open(tx, id)?;
    let variant = basket::find(tx, wanted)?;
    let there = cart
        .lines
        .iter()
        .find(|(known, _)| *known == variant.variant)
        .map_or(Quantity::ZERO, |(_, there)| *there);
    let quantity = there
        .plus(wanted.quantity)
        .map_err(|_| Error::WrongQuantity { name: variant.name(), unit: variant.unit })?;
    set(tx, &cart, &variant, quantity)
}

/// Makes the quantity of a variant this; zero takes it out.
pub fn set_in_cart(tx: &mut Tx, id: CartId, wanted: &Wanted) -> Result<(), Error> {
    let cart = open(tx, id)?;
    if !wanted.quantity.is_positive() {
        let variant = wanted.variant.ok_or_else(|| Error::UnknownItem { name: wanted.name() })?;
        return Ok(sql::remove_cart_line(tx, id, variant)?);
    }
    let variant = basket::find(tx, wanted)?;
    set(tx, &cart, &variant, wanted.quantity)
}

fn set(
    tx: &mut Tx,
    cart: &Cart,
    variant: &catalog::SellableVariant,
    quantity: Quantity,
) -> Result<(), Error> {
    if !variant.active {
        return Err(Error::NotForSale { name: variant.name() });
    }
    if !variant.accepts(quantity) {
        return Err(Error::WrongQuantity { name: variant.name(), unit: variant.unit });
    }
    let known = cart.lines.iter().any(|(known, _)| *known == variant.variant);
    if !known && cart.lines.len() >= MAX_LINES {
        return Err(crate::pricing::PricingError::TooManyLines.into());
    }
    sql::set_cart_line(tx, cart.id, variant.variant, quantity)?;
    let until = tx.now().plus_s(CART_LASTS_S);
    Ok(sql::keep_cart(tx, cart.id, until)?)
}

/// Puts a code into the cart that does something for it where it is sold, or says why it does nothing.
pub fn add_code(tx: &mut Tx, id: CartId, code: &Code, channel: Channel) -> Result<(), Error> {
    let mut codes = open(tx, id)?.codes;
    codes.retain(|known| !known.as_str().eq_ignore_ascii_case(code.as_str()));
    codes.push(code.clone());
    set_codes(tx, id, codes, channel)
}

/// Makes these the codes of the cart, or says which of them does nothing for it.
pub fn set_codes(tx: &mut Tx, id: CartId, codes: Vec<Code>, channel: Channel) -> Result<(), Error> {
    let cart = Cart { codes, ..open(tx, id)? };
    let terms = place::terms(tx, None, None)?;
    priced(tx, &cart, channel, &Shipping::default(), &terms)?;
    Ok(sql::set_cart_codes(tx, id, &cart.codes)?)
}

/// Takes a code out of the cart; one that is not in it is out already.
pub fn remove_code(tx: &mut Tx, id: CartId, code: &str) -> Result<(), Error> {
    let mut cart = open(tx, id)?;
    cart.codes.retain(|known| !known.as_str().eq_ignore_ascii_case(code));
    Ok(sql::set_cart_codes(tx, id, &cart.codes)?)
}

fn open(tx: &mut Tx, id: CartId) -> Result<Cart, Error> {
    let cart = cart(tx, id)?;
    match cart.order {
        Some(order) => Err(Error::CartOrdered { order }),
        None => Ok(cart),
    }
}

/// What the cart costs now where it is sold, delivered as said. What can no longer be sold is an error that names it.
pub fn priced(
    rx: &mut Rx,
    cart: &Cart,
    channel: Channel,
    shipping: &Shipping,
    terms: &Terms,
) -> Result<Option<Offer>, Error> {
    if cart.lines.is_empty() {
        return Ok(None);
    }
    let (shipping, codes) = (shipping.clone(), cart.codes.clone());
    let draft = Draft { shipping, codes, ..Draft::new(channel, cart.wanted()) };
    basket::offer(rx, &draft, terms).map(Some)
}

/// A cart and what it costs, delivered nowhere yet.
#[derive(Debug, Clone)]
pub struct Counted {
    pub cart: Cart,
    /// None while it is empty.
    pub offer: Option<Offer>,
    /// Why its codes do nothing for it by now; it is counted without them then.
    pub idle: Option<Refusal>,
}

/// What a cart costs now. A code that has come to nothing since it was typed hides no price.
pub fn counted(rx: &mut Rx, cart: Cart, channel: Channel, terms: &Terms) -> Result<Counted, Error> {
    let nowhere = Shipping::default();
    match priced(rx, &cart, channel, &nowhere, terms) {
        Err(Error::Refused(refusal)) => {
            let bare = Cart { codes: Vec::new(), ..cart.clone() };
            let offer = priced(rx, &bare, channel, &nowhere, terms)?;
            Ok(Counted { cart, offer, idle: Some(refusal) })
        }
        offer => Ok(Counted { cart, offer: offer?, idle: None }),
    }
}

/// The wish of a cart, to be placed once: placing it again gives the order it became.
pub fn draft_of_cart(rx: &mut Rx, id: CartId, channel: Channel) -> Result<Draft, Error> {
    let cart = cart(rx, id)?;
    let mut draft = Draft::new(channel, cart.wanted());
    draft.origin_key = Some(id.to_string());
    draft.codes = cart.codes;
    Ok(draft)
}

/// The cart became this order and changes no more.
pub fn close_cart(tx: &mut Tx, id: CartId, order: OrderId) -> Result<(), Error> {
    Ok(sql::cart_became(tx, id, order)?)
}
