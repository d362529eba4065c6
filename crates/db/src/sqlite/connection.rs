//! One connection to a database file, and what its failures mean.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::{ErrorCode, types::ValueRef};

use super::file::{log_of, same_file};
use crate::{
    Areas, Error, Row, Statement, Versions,
    engine::{CommitFailed, Connection, Fence, Place},
    value::{Cell, Value},
};

/// How long a read may take before it is ended, so that no reader pins the write-ahead log.
pub(super) const READ_DEADLINE: Duration = Duration::from_secs(2);

pub(crate) struct SqliteConnection {
    pub(super) raw: rusqlite::Connection,
    pub(super) path: PathBuf,
    pub(super) inode: (u64, u64),
    /// The write-ahead log beside it: somebody else may remove that one, too.
    pub(super) log: Option<(u64, u64)>,
    pub(super) place: Place,
    /// How often all connections of its place had to go before this one was opened.
    pub(super) epoch: u64,
    /// Connections open now, this one among them.
    pub(super) open: Arc<AtomicUsize>,
}

impl Drop for SqliteConnection {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl SqliteConnection {
    /// Whether the file and its log are still the ones at their paths.
    fn is_in_place(&self) -> Result<(), Error> {
        same_file(&self.path, Some(self.inode))?;
        same_file(&log_of(&self.path), self.log)
    }

    fn bound<'c>(
        &'c self,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> rusqlite::Result<rusqlite::CachedStatement<'c>> {
        let mut prepared = self.raw.prepare_cached(statement.sqlite)?;
        for (place, value) in values.iter().enumerate() {
            match value {
                Value::Null => prepared.raw_bind_parameter(place + 1, rusqlite::types::Null),
                Value::Int(int) => prepared.raw_bind_parameter(place + 1, int),
                Value::Text(text) => prepared.raw_bind_parameter(place + 1, &**text),
                Value::Bytes(bytes) => prepared.raw_bind_parameter(place + 1, &**bytes),
            }?;
        }
        Ok(prepared)
    }

    fn explain(&self, statement: &Statement, error: rusqlite::Error) -> Error {
        match explain(error) {
            Error::Statement(reason) => {
                Error::Statement(format!("{reason} ({}:{})", statement.file, statement.line))
            }
            other => other,
        }
    }
}

impl Connection for SqliteConnection {
    fn begin_write(&mut self, fence: Fence, batch: &str) -> Result<Option<Versions>, Error> {
        self.raw
            .prepare_cached("begin immediate")
            .and_then(|mut begin| begin.execute([]))
            .map_err(explain)?;
        let changed = match (self.place, fence) {
            (Place::Directory, _) => self
                .raw
                .prepare_cached("update directory_state set version = version + 1, batch_id = ?1")
                .and_then(|mut first| first.execute([batch])),
            (Place::Tenant { tenant, generation }, Fence::Live) => self
                .raw
                .prepare_cached(
                    "update tenant_state set version = version + 1, batch_id = ?2 \
                     where tenant_id = ?1 and state = 'live' and generation = ?3",
                )
                .and_then(|mut first| first.execute((tenant.number(), batch, generation))),
            (Place::Tenant { tenant, generation }, Fence::AnyState) => self
                .raw
                .prepare_cached(
                    "update tenant_state set version = version + 1, batch_id = ?2 where tenant_id = ?1 and generation = ?3",
                )
                .and_then(|mut first| first.execute((tenant.number(), batch, generation))),
        }
        .map_err(explain)?;
        // one process has the folder; its versions are in memory
        if changed == 1 { Ok(None) } else { Err(Error::NotLive(self.place.tenant())) }
    }

    fn begin_read(&mut self) -> Result<(), Error> {
        let deadline = Instant::now() + READ_DEADLINE;
        self.raw.progress_handler(100_000, Some(move || Instant::now() > deadline)).map_err(explain)?;
        self.raw.prepare_cached("begin").and_then(|mut begin| begin.execute([])).map(drop).map_err(explain)
    }

    fn savepoint(&mut self) -> Result<(), Error> {
        self.raw
            .prepare_cached("savepoint piece")
            .and_then(|mut point| point.execute([]))
            .map(drop)
            .map_err(explain)
    }

    fn release(&mut self) -> Result<(), Error> {
        self.raw
            .prepare_cached("release piece")
            .and_then(|mut point| point.execute([]))
            .map(drop)
            .map_err(explain)
    }

    fn rollback_to(&mut self) -> Result<(), Error> {
        self.raw
            .prepare_cached("rollback to piece")
            .and_then(|mut point| point.execute([]))
            .map(drop)
            .map_err(explain)
    }

    fn stands(&mut self) -> bool {
        !self.raw.is_autocommit()
    }

    fn touch(&mut self, _: Areas) -> Result<(), Error> {
        // one process has the folder; its versions are in memory
        Ok(())
    }

    fn commit(&mut self) -> Result<(), CommitFailed> {
        if let Err(error) = self.is_in_place() {
            self.rollback();
            return Err(CommitFailed::Unknown(error));
        }
        let committed =
            self.raw.prepare_cached("commit").and_then(|mut commit| commit.execute([])).map_err(explain);
        match committed {
            // without its last frame the log holds no commit, and SQLite has rolled back; readers go on
            Err(error @ Error::Full(_)) if self.raw.is_autocommit() => Err(CommitFailed::Undone(error)),
            Err(error) => Err(CommitFailed::Unknown(error)),
            // asked again: a file that went away in between took this commit along
            Ok(_) => self.is_in_place().map_err(CommitFailed::Unknown),
        }
    }

    fn rollback(&mut self) {
        if !self.raw.is_autocommit() {
            // a transaction that cannot even be rolled back ends with its connection
            let _ = self.raw.prepare_cached("rollback").and_then(|mut rollback| rollback.execute([]));
        }
    }

    fn run(&mut self, statement: &Statement, values: &[Value<'_>]) -> Result<u64, Error> {
        self.bound(statement, values)
            .and_then(|mut prepared| prepared.raw_execute())
            .map(|changed| changed as u64)
            .map_err(|error| self.explain(statement, error))
    }

    fn put(&mut self, statement: &Statement, values: &[Value<'_>]) -> Result<(), Error> {
        self.run(statement, values).map(drop)
    }

    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn query(
        &mut self,
        statement: &Statement,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut prepared = self.bound(statement, values).map_err(|error| self.explain(statement, error))?;
        let mut rows = prepared.raw_query();
        while let Some(row) = rows.next().map_err(|error| self.explain(statement, error))? {
            each(&Row::Sqlite(row))?;
        }
        Ok(())
    }

    fn into_sqlite(self: Box<Self>) -> Option<Box<SqliteConnection>> {
        Some(self)
    }
}

pub(crate) fn cell<'r>(row: &'r rusqlite::Row<'_>, index: usize) -> Result<Cell<'r>, Error> {
    let wrong =
        |found: &str| Error::Column { index, wanted: "integer, text or bytes", found: found.to_owned() };
    match row.get_ref(index).map_err(|_| wrong("no such column"))? {
        ValueRef::Null => Ok(Cell::Null),
        ValueRef::Integer(int) => Ok(Cell::Int(int)),
        ValueRef::Text(text) => {
            str::from_utf8(text).map(Cell::Text).map_err(|_| wrong("text that is not UTF-8"))
        }
        ValueRef::Blob(bytes) => Ok(Cell::Bytes(bytes)),
        ValueRef::Real(_) => Err(wrong("a float")),
    }
}

/// What the failure means for the one who asked. Texts name statements, never values.
pub(super) fn explain(error: rusqlite::Error) -> Error {
    let text = error.to_string();
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DiskFull | ErrorCode::ReadOnly => Error::Full(text),
            // another program has the file: no fault of the statement
            ErrorCode::DatabaseBusy
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OutOfMemory
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase => Error::Storage(text),
            ErrorCode::OperationInterrupted => Error::Deadline,
            _ => Error::Statement(text),
        },
        _ => Error::Statement(text),
    }
}

pub(super) fn explain_io(error: &std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::StorageFull
        | std::io::ErrorKind::ReadOnlyFilesystem
        | std::io::ErrorKind::PermissionDenied => Error::Full(error.to_string()),
        _ => Error::Storage(error.to_string()),
    }
}
