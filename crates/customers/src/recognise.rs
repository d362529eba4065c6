//! Who is it? One phone number or e-mail is one customer.

use base::Timestamp;
use db::{Rx, Tx};

use crate::{
    Error, book,
    model::{Contact, CustomerId, Tally},
    sql,
};

/// The customer behind `contact`, who is new if nobody has this phone number or e-mail yet; none if it says nothing of who it
/// is.
///
/// The phone number decides before the e-mail: a number is one person's, an address is often a family's or an office's. Where
/// neither is known, it is `known`, whom the one who wrote the order chose. A name alone recognises nobody: it makes a
/// customer of its own, so that a debt has its debtor, and people decide who it is.
pub fn recognise(
    tx: &mut Tx,
    contact: &Contact,
    known: Option<CustomerId>,
) -> Result<Option<CustomerId>, Error> {
    if contact.is_nobody() && known.is_none() {
        return Ok(None);
    }
    let Owners { of_phone, of_email, owners } = Owners::of(tx, contact)?;
    let Some(customer) = (match of_phone.or(of_email).or(known) {
        Some(id) => sql::customer(tx, id)?,
        None => None,
    }) else {
        return if contact.is_nobody() { Ok(None) } else { book::enter(tx, contact).map(Some) };
    };
    // the e-mail of somebody else stays theirs
    let email_is_free = of_email.is_none_or(|holder| holder == customer.id);
    let told = Contact { email: contact.email.clone().filter(|_| email_is_free), ..contact.clone() };
    let filled = customer.contact.filled_from(&told);
    let is_new = |way: &String| owners.iter().all(|(held, _)| held != way);
    let new_ways: Vec<String> = told.ways().into_iter().filter(is_new).collect();
    if filled != customer.contact || !new_ways.is_empty() {
        book::learn(tx, customer.id, &filled, &new_ways)?;
    }
    Ok(Some(customer.id))
}

/// The customer whom [`recognise`] would find behind `contact`; none who is new.
pub fn recognised(
    rx: &mut Rx,
    contact: &Contact,
    known: Option<CustomerId>,
) -> Result<Option<CustomerId>, Error> {
    let Owners { of_phone, of_email, .. } = Owners::of(rx, contact)?;
    Ok(of_phone.or(of_email).or(known))
}

/// Whose the phone number and the e-mail of somebody are.
struct Owners {
    of_phone: Option<CustomerId>,
    of_email: Option<CustomerId>,
    /// The ways that lead to somebody already.
    owners: Vec<(String, CustomerId)>,
}

impl Owners {
    fn of(rx: &mut Rx, contact: &Contact) -> Result<Self, Error> {
        let phone = contact.phone.as_ref().map(ToString::to_string);
        let email = contact.email.as_ref().map(ToString::to_string);
        let owners = sql::owners(rx, phone.as_deref(), email.as_deref())?;
        let owner = |way: &Option<String>| {
            owners.iter().find(|(held, _)| Some(held) == way.as_ref()).map(|(_, customer)| *customer)
        };
        Ok(Self { of_phone: owner(&phone), of_email: owner(&email), owners })
    }
}

/// Adds what an order changed to what was dealt with the customer; `placed_at` if it is new.
pub fn dealt(
    tx: &mut Tx,
    customer: CustomerId,
    change: Tally,
    placed_at: Option<Timestamp>,
) -> Result<(), Error> {
    if change.is_nothing() && placed_at.is_none() {
        return Ok(());
    }
    Ok(sql::add_tally(tx, customer, change, placed_at.map_or(0, Timestamp::micros))?)
}
