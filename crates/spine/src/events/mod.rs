//! What happened, written with the change itself and sealed into a chain: the audit log, webhooks, mails and live screens
//! read it. Without heads that left the machine the chain is at best *consistent*; a signed head proves it.

mod model;
pub mod platform;
mod proof;
mod sql;

use db::{Error, Rx, Tx};
pub use model::{Event, Filter, Head, Seen};
pub use proof::{Fault, Proof, Report, SignedHead, Verdict, append_heads, read_heads, sign_head, verify};

/// Records one event.
pub fn record(tx: &mut Tx, event: Event) -> Result<(), Error> {
    record_all(tx, vec![event])
}

/// Records events in their order; the head of the chain is read and written once.
pub fn record_all(tx: &mut Tx, events: Vec<Event>) -> Result<(), Error> {
    if events.is_empty() {
        return Ok(());
    }
    let mut head = head(tx)?;
    for event in events {
        head = append(tx, head, &event)?;
    }
    sql::set_head(tx, head)
}

fn append(tx: &mut Tx, head: Head, event: &Event) -> Result<Head, Error> {
    let payload = event.payload.to_string();
    let salt = tx.random::<16>();
    let (actor, origin) = (tx.actor().clone(), tx.origin().clone());
    let digest = model::Erasable {
        salt: &salt,
        address: &origin.address,
        request: &origin.request,
        payload: &payload,
    }
    .digest();
    let sealed = model::Sealed {
        n: head.n + 1,
        at: tx.now(),
        kind: event.kind,
        subject: &event.subject,
        actor: actor.as_str(),
        digest: &digest,
    };
    let link = sealed.link(&head.link);
    sql::insert(tx, &sealed, &origin, &payload, &salt, &link)?;
    Ok(Head { n: sealed.n, link })
}

/// Where the chain ends now.
pub fn head(rx: &mut Rx) -> Result<Head, Error> {
    Ok(sql::head(rx)?.unwrap_or(Head::START))
}

/// Up to `limit` events, newest first, with numbers below `before`.
pub fn list(rx: &mut Rx, filter: &Filter, before: Option<i64>, limit: u32) -> Result<Vec<Seen>, Error> {
    /// Writes wait in a queue, so a number may be older than the one before it; never by more than a request lives.
    const OUT_OF_TURN_S: i64 = 60;
    let first = match filter.from {
        Some(from) => number_at(rx, from.plus_s(-OUT_OF_TURN_S))?,
        None => 0,
    };
    let end = match filter.to {
        Some(to) => number_at(rx, to.plus_s(OUT_OF_TURN_S))?.saturating_add(1),
        None => i64::MAX,
    };
    sql::list(rx, filter, first, end.min(before.unwrap_or(i64::MAX)), limit)
}

/// The number of the last event before `at`, in a few looks along the primary key: the history has no index by time.
fn number_at(rx: &mut Rx, at: base::Timestamp) -> Result<i64, Error> {
    let (mut low, mut high) = (0, head(rx)?.n);
    while low < high {
        let middle = low + (high - low + 1) / 2;
        let before = sql::time_of(rx, middle)?.is_some_and(|time| time < at);
        (low, high) = if before { (middle, high) } else { (low, middle - 1) };
    }
    Ok(low)
}

/// Up to `limit` events with numbers above `after`, oldest first: for what follows the history.
pub fn since(rx: &mut Rx, after: i64, limit: u32) -> Result<Vec<Seen>, Error> {
    sql::since(rx, after, limit)
}

/// Forgets what event `n` held and where it came from, and says whether there was anything to forget; that it happened,
/// when and by whom stays proven. The erasure is an event itself.
pub fn erase(tx: &mut Tx, n: i64) -> Result<bool, Error> {
    let erased = sql::erase(tx, n)?;
    if erased {
        let payload = serde_json::Value::Object(serde_json::Map::new());
        record(tx, Event { kind: proof::ERASED, subject: proof::erased_subject(n), payload })?;
    }
    Ok(erased)
}
