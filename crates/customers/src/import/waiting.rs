//! The file that was looked at, until it is brought in. It names people, so it waits no longer than a day.

use base::Timestamp;
use db::{Rx, Tx};
use spine::jobs;

use super::Known;
use crate::{Error, model::FileId, sql};

/// The kind of job that puts a file away which nobody brought in; [`sweep`] does it.
pub const END_JOB: &str = "customers.file-end";

/// For how long a file waits.
const WAITS_S: i64 = 24 * 3600;

/// Keeps a file, in place of any other, and says until when.
pub(crate) fn keep(tx: &mut Tx, known: Known, content: &[u8]) -> Result<(FileId, Timestamp), Error> {
    let (id, end) = (tx.new_id(), tx.now().plus_s(WAITS_S));
    sql::keep_file(tx, id, known.name(), content)?;
    jobs::promise_end(tx, END_JOB, end)?;
    Ok((id, end))
}

/// The file that waits, and what becomes of who is known.
pub(crate) fn waiting(rx: &mut Rx, id: FileId) -> Result<(Known, Vec<u8>), Error> {
    let since = rx.now().plus_s(-WAITS_S);
    let (known, content) = sql::file(rx, id, since)?.ok_or(Error::UnknownFile)?;
    Ok((Known::parse(&known), content))
}

/// Puts away what has waited for its time. There is one file at most, so there never is more.
pub fn sweep(tx: &mut Tx) -> Result<bool, Error> {
    let since = tx.now().plus_s(-WAITS_S);
    sql::forget_file_of(tx, since)?;
    Ok(false)
}
