//! Whether a customer agrees to be written to: what the forms and files said, and what staff were told.

use base::Timestamp;
use db::{Rx, Tx};
use serde_json::json;

use crate::{
    Error, book,
    holdings::{self, Consent, Way},
    model::{ConsentWords, CustomerId},
    sql,
};

/// Says what a customer answered to a form's consent, of which the form's room keeps the words. What was said later stands.
pub fn answered(tx: &mut Tx, customer: CustomerId, given: bool, at: Timestamp) -> Result<(), Error> {
    Ok(sql::set_consent(tx, customer, given, at)?)
}

/// Writes down what a customer agreed to, or took back, other than by a form.
pub fn write(
    tx: &mut Tx,
    customer: CustomerId,
    given: bool,
    words: &ConsentWords,
    way: Way,
    at: Timestamp,
) -> Result<(), Error> {
    book::find(tx, customer)?;
    let id = tx.new_id::<crate::model::ConsentKind>();
    let actor = tx.actor().as_str().to_owned();
    sql::add_consent(
        tx,
        id,
        customer,
        &sql::ConsentRow { given, words: words.as_str(), way, actor: &actor, at },
    )?;
    sql::set_consent(tx, customer, given, at)?;
    book::record(tx, "customer.consent", customer, json!({ "given": given, "way": way.name() }))
}

/// All that is known of it, the newest first.
pub fn all(rx: &mut Rx, customer: CustomerId) -> Result<Vec<Consent>, Error> {
    let mut found = sql::consents(rx, customer)?;
    if let Some(room) = holdings::lent(rx) {
        found.extend(room.consents(rx, customer)?);
    }
    found.sort_by_key(|consent| std::cmp::Reverse(consent.at));
    Ok(found)
}

/// Writes down what staff were told now; said twice in the same words, it was said once.
pub fn tell(tx: &mut Tx, customer: CustomerId, given: bool, words: &ConsentWords) -> Result<(), Error> {
    book::find(tx, customer)?;
    let known = all(tx, customer)?.into_iter().next();
    if known.is_some_and(|known| known.given == given && (known.words == words.as_str() || !given)) {
        return Ok(());
    }
    let now = tx.now();
    write(tx, customer, given, words, Way::Staff, now)
}
