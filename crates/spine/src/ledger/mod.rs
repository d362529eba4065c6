//! Money moves only here: in entries whose postings add up to zero in each currency, checked when they are recorded.
//! Entries are never changed; a mistake is corrected by another entry.

mod chart;
mod model;
mod sql;

pub use chart::{
    Takings, credit_note, fee, payment, payment_without_sale, payout, refund_paid, sale, sale_undone,
    value_given,
};
use db::{Rx, Tx};
pub use model::{
    Account, Balance, Book, Class, Entry, EntryId, EntryKind, Error, Filter, Posting, Recorded, balanced,
};
pub use sql::{Fault, Report};

/// Records an entry, or refuses one that does not balance. Nothing is read: an entry costs its rows.
pub fn record(tx: &mut Tx, entry: Entry) -> Result<EntryId, Error> {
    balanced(&entry.postings)?;
    let id = tx.new_id();
    sql::insert(tx, id, &entry)?;
    Ok(id)
}

/// Up to `limit` entries, newest first, that come after the entry `after` in this order.
pub fn entries(
    rx: &mut Rx,
    filter: &Filter,
    after: Option<EntryId>,
    limit: u32,
) -> Result<Vec<Recorded>, Error> {
    sql::entries(rx, filter, after, limit)
}

/// What each account of a book holds, by account and currency; accounts that hold nothing are left out.
pub fn balances(rx: &mut Rx, book: Book) -> Result<Vec<Balance>, Error> {
    totals(rx, &Filter { book, ..Filter::default() })
}

/// What the entries of `filter` add up to, by account and currency; sums of zero are left out.
pub fn totals(rx: &mut Rx, filter: &Filter) -> Result<Vec<Balance>, Error> {
    sql::totals(rx, filter)
}

/// The cash in each holder's hands by the live book, by account and currency; empty hands are left out.
pub fn cash(rx: &mut Rx) -> Result<Vec<Balance>, Error> {
    sql::cash(rx)
}

/// Adds everything up again, and names what does not hold.
pub fn verify(rx: &mut Rx) -> Result<Report, Error> {
    sql::verify(rx)
}
