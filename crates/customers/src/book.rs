//! The book of customers: looking them up, writing them down, making one of two, forgetting.

use db::{Rx, Tx};
use serde_json::json;
use spine::events::{self, Event};

use crate::{
    Dealings, Error, holdings,
    model::{Contact, Customer, CustomerId, Note, NoteId, NoteText, Order, Tally, search_words},
    sql,
};

/// Which customers a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Beginnings of words of a name, a phone number or an e-mail.
    pub search: String,
    /// Only those who owe something.
    pub owes: bool,
    /// Only those with a coupon of this campaign.
    pub campaign: Option<String>,
    /// Only those who answered so to a question: its name, and how the answer begins.
    pub answer: Option<(String, String)>,
    /// Only those who agreed when last asked, or who did not: also who never was asked.
    pub agreed: Option<bool>,
    pub order: Order,
}

/// A customer in a list, with the keys that the next page begins behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub customer: Customer,
    pub keys: [String; 2],
}

/// Customers from behind the one with the sort keys `after`.
pub fn list(
    rx: &mut Rx,
    filter: &Filter,
    after: Option<&[String; 2]>,
    limit: u32,
) -> Result<Vec<Listed>, Error> {
    Ok(sql::list(rx, filter, after, limit)?)
}

pub fn find(rx: &mut Rx, id: CustomerId) -> Result<Customer, Error> {
    sql::customer(rx, id)?.ok_or(Error::UnknownCustomer)
}

/// A customer whom another room names; nobody, once they are out of the book.
pub fn known(rx: &mut Rx, id: CustomerId) -> Result<Option<Customer>, Error> {
    Ok(sql::customer(rx, id)?)
}

/// Several customers at once, in no order; those who are not in the book are left out.
pub fn several(rx: &mut Rx, ids: &[CustomerId]) -> Result<Vec<Customer>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for piece in ids.chunks(8) {
        let eight: [CustomerId; 8] = std::array::from_fn(|place| piece[place.min(piece.len() - 1)]);
        found.extend(sql::eight(rx, eight)?);
    }
    Ok(found)
}

/// Writes a customer down by hand.
pub fn add(tx: &mut Tx, contact: &Contact) -> Result<CustomerId, Error> {
    if contact.is_nobody() {
        return Err(Error::Nobody);
    }
    refuse_taken(tx, contact, None)?;
    enter(tx, contact)
}

/// A customer whom nobody knew; what is somebody else's already stays theirs.
pub(crate) fn enter(tx: &mut Tx, contact: &Contact) -> Result<CustomerId, Error> {
    let id = tx.new_id::<crate::model::CustomerKind>();
    let (ways, now) = (contact.ways(), tx.now());
    let words = search_words(contact, &ways);
    sql::add(tx, id, contact, &words, now)?;
    for way in &ways {
        sql::add_way(tx, way, id)?;
    }
    sql::add_words(tx, id, &words)?;
    record(tx, "customer.added", id, json!({}))?;
    Ok(id)
}

/// Writes down what an order said beyond what was known.
pub(crate) fn learn(
    tx: &mut Tx,
    id: CustomerId,
    contact: &Contact,
    new_ways: &[String],
) -> Result<(), Error> {
    for way in new_ways {
        sql::add_way(tx, way, id)?;
    }
    write(tx, id, contact)
}

/// Changes who a customer is and how they are reached. The number or address that stood there before leads here no more.
pub fn change(tx: &mut Tx, id: CustomerId, contact: &Contact) -> Result<(), Error> {
    let before = find(tx, id)?.contact;
    if contact.is_nobody() {
        return Err(Error::Nobody);
    }
    if *contact == before {
        return Ok(());
    }
    refuse_taken(tx, contact, Some(id))?;
    let ways = contact.ways();
    for old in before.ways().iter().filter(|way| !ways.contains(way)) {
        sql::remove_way(tx, old, id)?;
    }
    for way in &ways {
        sql::add_way(tx, way, id)?;
    }
    write(tx, id, contact)?;
    // which fields, never what stands in them: history cannot be forgotten
    let changed = [
        ("name", contact.name != before.name),
        ("phone", contact.phone != before.phone),
        ("email", contact.email != before.email),
        ("language", contact.language != before.language),
    ];
    let fields: Vec<&str> = changed.iter().filter(|(_, differs)| *differs).map(|(field, _)| *field).collect();
    record(tx, "customer.changed", id, json!({ "fields": fields }))
}

fn refuse_taken(rx: &mut Rx, contact: &Contact, own: Option<CustomerId>) -> Result<(), Error> {
    let [phone, email] =
        [contact.phone.as_ref().map(ToString::to_string), contact.email.as_ref().map(ToString::to_string)];
    let owners = sql::owners(rx, phone.as_deref(), email.as_deref())?;
    match owners.into_iter().find(|(_, by)| Some(*by) != own) {
        Some((way, by)) => Err(Error::Taken { way, by }),
        None => Ok(()),
    }
}

/// Writes the contact, and makes the customer findable by it and by every way that leads here.
fn write(tx: &mut Tx, id: CustomerId, contact: &Contact) -> Result<(), Error> {
    let (ways, now) = (sql::ways(tx, id)?, tx.now());
    let words = search_words(contact, &ways);
    sql::remove_words(tx, id)?;
    sql::write(tx, id, contact, &words, now)?;
    Ok(sql::add_words(tx, id, &words)?)
}

/// Makes one customer of two: orders, coupons, notes, consents, numbers, addresses and sums of `from` become those of `into`,
/// whose own name and contact stand where both have one.
pub fn merge(tx: &mut Tx, dealings: &dyn Dealings, from: CustomerId, into: CustomerId) -> Result<(), Error> {
    let (old, kept) = (find(tx, from)?, find(tx, into)?);
    if from == into {
        return Err(Error::Same);
    }
    dealings.pass_on(tx, from, into)?;
    if let Some(room) = holdings::lent(tx) {
        room.pass_on(tx, from, into)?;
    }
    sql::pass_on(tx, from, into)?;
    sql::remove_words(tx, from)?;
    sql::remove(tx, from)?;
    sql::add_tally(tx, into, old.tally, old.last_order_at.map_or(0, base::Timestamp::micros))?;
    if let (Some(agreed), Some(at)) = (old.agreed, old.agreed_at) {
        sql::set_consent(tx, into, agreed, at)?;
    }
    write(tx, into, &kept.contact.filled_from(&old.contact))?;
    record(tx, "customer.merged", into, json!({ "from": from }))
}

/// Forgets a customer, here, on every order and on every coupon. Amounts and papers stay, as the law asks; so this waits until
/// nothing is open between both.
pub fn forget(tx: &mut Tx, dealings: &dyn Dealings, id: CustomerId) -> Result<(), Error> {
    find(tx, id)?;
    let open = dealings.open(tx, id)?.len();
    if open > 0 {
        return Err(Error::Open { orders: open });
    }
    // first the coupons: a customer without any goes with the last order
    if let Some(room) = holdings::lent(tx) {
        room.forget(tx, id)?;
    }
    dealings.forget(tx, id)?;
    erase(tx, id)
}

/// Takes a customer out of the book with all that was written about them; one who is out already stays so.
pub fn erase(tx: &mut Tx, id: CustomerId) -> Result<(), Error> {
    sql::remove_words(tx, id)?;
    sql::remove_ways(tx, id)?;
    sql::remove_notes(tx, id)?;
    sql::remove_consents(tx, id)?;
    sql::remove_marks(tx, id)?;
    // a file that waits may name them
    sql::forget_files(tx)?;
    if sql::remove(tx, id)? == 1 { record(tx, "customer.forgotten", id, json!({})) } else { Ok(()) }
}

/// Whether the customer stays in the book though no order tells of them any more.
pub fn is_held(rx: &mut Rx, id: CustomerId) -> Result<bool, Error> {
    holdings::lent(rx).map_or(Ok(false), |room| room.any(rx, id))
}

/// Other numbers and addresses by which the customer is recognised.
pub(crate) fn other_ways(rx: &mut Rx, customer: &Customer) -> Result<Vec<String>, Error> {
    let shown = customer.contact.ways();
    Ok(sql::ways(rx, customer.id)?.into_iter().filter(|way| !shown.contains(way)).collect())
}

/// What was written about a customer, the newest first.
pub fn notes(rx: &mut Rx, id: CustomerId) -> Result<Vec<Note>, Error> {
    Ok(sql::notes(rx, id)?)
}

pub fn write_note(tx: &mut Tx, id: CustomerId, text: &NoteText) -> Result<NoteId, Error> {
    find(tx, id)?;
    let note = tx.new_id::<crate::model::NoteKind>();
    let (actor, now) = (tx.actor().as_str().to_owned(), tx.now());
    sql::add_note(tx, id, &Note { id: note, text: text.to_string(), actor, at: now })?;
    record(tx, "customer.noted", id, json!({ "note": note }))?;
    Ok(note)
}

pub fn remove_note(tx: &mut Tx, id: CustomerId, note: NoteId) -> Result<(), Error> {
    if sql::remove_note(tx, id, note)? == 0 {
        return Err(Error::UnknownNote);
    }
    record(tx, "customer.note-removed", id, json!({ "note": note }))
}

/// How many owe something, and how much they owe together.
pub(crate) fn debts(rx: &mut Rx) -> Result<Tally, Error> {
    Ok(sql::debts(rx)?)
}

pub(crate) fn record(
    tx: &mut Tx,
    kind: &'static str,
    id: CustomerId,
    payload: serde_json::Value,
) -> Result<(), Error> {
    Ok(events::record(tx, Event { kind, subject: id.to_string(), payload })?)
}
