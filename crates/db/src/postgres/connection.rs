//! A connection as the writer and the readers see it. What nobody waits for (savepoints, `put`) is kept back and leaves
//! together with the next question, be it the next piece's, so that a piece costs round trips only where it reads.

use std::{borrow::Cow, num::NonZeroUsize};

use futures_util::{
    TryStreamExt,
    future::{join, join_all},
};
use lru::LruCache;
use tokio_postgres::{
    Client,
    error::{Severity, SqlState},
};

use super::{
    pool::Permit,
    rows::{self, Insert},
    wire::{Wire, words_of},
};
use crate::{
    Area, Areas, Error, Row, Statement, Versions,
    engine::{CommitFailed, Connection, Fence, Place},
    value::Value,
};

/// Prepared statements a connection keeps.
const STATEMENTS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(255);
/// Writes kept back at most.
const WAITING: usize = 128;
/// A snapshot, and how long one of its statements may take, so that no reader keeps old rows alive.
const READ_MODE: &str = "repeatable read read only; set local statement_timeout = '2s'";

/// A statement and where the code has it.
#[derive(Clone, Copy)]
struct Source {
    text: &'static str,
    file: &'static str,
    line: u32,
}

impl From<&Statement> for Source {
    fn from(statement: &Statement) -> Self {
        Self { text: statement.postgres, file: statement.file, line: statement.line }
    }
}

const fn own(text: &'static str) -> Source {
    Source { text, file: file!(), line: line!() }
}

// The row keeps the last eight batches, because another process may have written since when one asks for an unknown outcome.
const DIRECTORY_FENCE: Source = own(
    "update directory_state set version = version + 1, batch_id = substr($1 || ' ' || batch_id, 1, 264) returning version",
);
const LIVE_FENCE: Source =
    own("update tenant_state set version = version + 1, batch_id = substr($2 || ' ' || batch_id, 1, 264) \
     where tenant_id = $1 and generation = $3 and state = 'live' returning version, catalog, stock, look");
const ANY_FENCE: Source =
    own("update tenant_state set version = version + 1, batch_id = substr($2 || ' ' || batch_id, 1, 264) \
     where tenant_id = $1 and generation = $3 returning version, catalog, stock, look");
const DIRECTORY_BATCHES: Source = own("select version, batch_id from directory_state for update");
const TENANT_BATCHES: Source =
    own("select version, batch_id from tenant_state where tenant_id = $1 for update");
/// Batches that the row names.
const REMEMBERED: i64 = 8;

/// What is kept back.
enum Waiting {
    Command(Cow<'static, str>),
    Put { source: Source, prepared: tokio_postgres::Statement, values: Vec<Value<'static>> },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Transaction {
    None,
    /// Its beginning is kept back.
    Waiting,
    Open,
}

pub(crate) struct PostgresConnection {
    wire: Wire,
    /// By text and number of rows.
    prepared: LruCache<(&'static str, usize), tokio_postgres::Statement>,
    place: Place,
    waiting: Vec<Waiting>,
    transaction: Transaction,
    reads: bool,
    /// The transaction cannot go on, savepoints or not.
    dead: bool,
    /// The version that the batch made, and its name.
    batch: Option<(String, i64)>,
    permit: Permit,
}

const SAVEPOINT: &str = "savepoint piece";

impl PostgresConnection {
    pub(super) fn new(wire: Wire, place: Place, permit: Permit) -> Self {
        Self {
            wire,
            prepared: LruCache::new(STATEMENTS),
            place,
            waiting: Vec::new(),
            transaction: Transaction::None,
            reads: false,
            dead: false,
            batch: None,
            permit,
        }
    }

    /// Lent for `place`.
    pub(super) fn lent(&mut self, place: Place) {
        self.place = place;
        self.dead = false;
        self.batch = None;
    }

    /// Whether nothing is open in it, so that it can be kept.
    pub(super) fn is_idle(&self) -> bool {
        self.transaction == Transaction::None && !self.wire.is_broken()
    }

    /// Whether the other side is still there after a rest.
    pub(super) fn is_open(&mut self) -> bool {
        self.wire.is_open()
    }

    /// Sends all that was kept back, and `last` behind it, in one go; then waits for all the answers.
    fn exchange<T>(
        &mut self,
        source: Option<Source>,
        last: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Error> {
        if self.dead {
            return Err(Error::Storage("the transaction had ended before".to_owned()));
        }
        let waiting = std::mem::take(&mut self.waiting);
        let waiting = self.widened(merged(waiting))?;
        if self.transaction == Transaction::Waiting {
            self.transaction = Transaction::Open;
        }
        let outcome = self.wire.ask(async |client| {
            // the first poll sends, and the first polls come in this order
            let sent = join_all(waiting.iter().map(|waiting| waiting.send(client)));
            join(sent, last(client)).await
        });
        let (sent, last) = outcome.map_err(|lost| {
            self.dead = true;
            Error::from(lost)
        })?;
        for (place, (kept, sent)) in waiting.iter().zip(sent).enumerate() {
            match (kept, sent) {
                (_, Ok(())) => (),
                (Waiting::Put { source, .. }, Err(error)) => {
                    // of a piece before the one that asks now: no savepoint brings that back
                    self.dead |= waiting[place..].iter().any(Waiting::begins_a_piece);
                    return Err(self.failed(&error, Some(*source)));
                }
                (Waiting::Command(_), Err(error)) => {
                    self.dead = true;
                    return Err(self.failed(&error, None));
                }
            }
        }
        last.map_err(|error| self.failed(&error, source))
    }

    /// What a failure means, for the transaction and for the caller. Texts name statements, never values.
    fn failed(&mut self, error: &tokio_postgres::Error, source: Option<Source>) -> Error {
        let Some(refused) = error.as_db_error() else {
            // what was not sent because a parameter did not fit harms nobody else
            let ended = error.is_closed()
                || std::error::Error::source(error).is_some_and(|cause| cause.is::<std::io::Error>());
            if ended {
                self.dead = true;
                self.wire.give_up();
                return Error::Storage(words_of(error));
            }
            return Error::Statement(at(words_of(error), source));
        };
        if matches!(refused.parsed_severity(), Some(Severity::Fatal | Severity::Panic)) {
            self.dead = true;
            self.wire.give_up();
            return Error::Storage(words_of(error));
        }
        let code = refused.code();
        match &code.code()[..2] {
            "57" => Error::Deadline,
            // these messages quote the data
            "22" => Error::Statement(at(format!("a value did not fit ({})", code.code()), source)),
            "55" if *code == SqlState::LOCK_NOT_AVAILABLE => {
                self.dead = true;
                Error::Busy(self.place.tenant())
            }
            // deadlocks, conflicts, failures of the machine: the piece runs again alone
            "40" | "55" | "58" | "XX" => {
                self.dead = true;
                Error::Storage(words_of(error))
            }
            "53" => {
                self.dead = true;
                Error::Full(words_of(error))
            }
            "25" if *code == SqlState::READ_ONLY_SQL_TRANSACTION => {
                self.dead = true;
                Error::Full(words_of(error))
            }
            _ => Error::Statement(at(words_of(error), source)),
        }
    }

    fn prepare(&mut self, source: Source) -> Result<tokio_postgres::Statement, Error> {
        if let Some(prepared) = self.prepared.get(&(source.text, 1)) {
            return Ok(prepared.clone());
        }
        let prepared = self.exchange(Some(source), async |client| client.prepare(source.text).await)?;
        self.prepared.put((source.text, 1), prepared.clone());
        Ok(prepared)
    }

    /// Rows that go into the same table one after another leave together.
    fn widened(&mut self, waiting: Vec<Waiting>) -> Result<Vec<Waiting>, Error> {
        let mut widened = Vec::with_capacity(waiting.len());
        let mut waiting = waiting.into_iter().peekable();
        while let Some(first) = waiting.next() {
            let Waiting::Put { source, prepared, values } = first else {
                widened.push(first);
                continue;
            };
            let mut rows = vec![values];
            let insert = Insert::of(source.text);
            while let (Some(_), Some(Waiting::Put { source: next, .. })) = (insert, waiting.peek())
                && std::ptr::eq(next.text, source.text)
                && let Some(Waiting::Put { values, .. }) = waiting.next()
            {
                rows.push(values);
            }
            let mut rows = rows.into_iter();
            for size in rows::sizes(rows.len()) {
                let prepared = match insert {
                    Some(insert) if size > 1 => self.prepare_rows(source, insert, size, &prepared)?,
                    _ => prepared.clone(),
                };
                let values = rows.by_ref().take(size).flatten().collect();
                widened.push(Waiting::Put { source, prepared, values });
            }
        }
        Ok(widened)
    }

    fn prepare_rows(
        &mut self,
        source: Source,
        insert: Insert,
        size: usize,
        one: &tokio_postgres::Statement,
    ) -> Result<tokio_postgres::Statement, Error> {
        if let Some(prepared) = self.prepared.get(&(source.text, size)) {
            return Ok(prepared.clone());
        }
        let text = insert.of_rows(size, one.params().len());
        // asked past what is kept back: to prepare touches no row
        let asked = self.wire.ask(async |client| client.prepare(&text).await);
        self.dead = !matches!(asked, Ok(Ok(_)));
        let prepared = asked?.map_err(|error| self.failed(&error, Some(source)))?;
        self.prepared.put((source.text, size), prepared.clone());
        Ok(prepared)
    }

    /// The rows that `source` gives, and how many it changed.
    fn ask(
        &mut self,
        source: Source,
        values: &[Value<'_>],
    ) -> Result<(Vec<tokio_postgres::Row>, u64), Error> {
        let prepared = self.prepare(source)?;
        self.exchange(Some(source), async |client| {
            let mut stream = std::pin::pin!(client.query_raw(&prepared, values.iter()).await?);
            let mut rows = Vec::new();
            while let Some(row) = stream.try_next().await? {
                rows.push(row);
            }
            Ok((rows, stream.rows_affected().unwrap_or(0)))
        })
    }

    fn keep_back(&mut self, command: impl Into<Cow<'static, str>>) {
        self.waiting.push(Waiting::Command(command.into()));
    }

    fn begin(&mut self, mode: &str) {
        let Place::Tenant { tenant, .. } = self.place else {
            return self.keep_back(format!("begin isolation level {mode}"));
        };
        self.keep_back(format!("begin isolation level {mode}; set local app.tenant = '{}'", tenant.number()));
    }

    /// Runs the setting up of a new connection, or a step of a migration.
    pub(super) fn command(&mut self, command: &str) -> Result<(), Error> {
        self.exchange(None, async |client| client.batch_execute(command).await)
    }

    /// The version and the last batches of the place, once no other transaction can still change them.
    pub(super) fn batches(&mut self) -> Result<(i64, String), Error> {
        self.begin("read committed");
        self.transaction = Transaction::Waiting;
        let rows = match self.place {
            Place::Directory => self.ask(DIRECTORY_BATCHES, &[]),
            Place::Tenant { tenant, .. } => self.ask(TENANT_BATCHES, &[Value::Int(tenant.number())]),
        };
        self.rollback();
        let rows = rows?.0;
        let row = rows.first().map(Row::Postgres).ok_or(Error::NotLive(self.place.tenant()))?;
        Ok((row.get(0)?, row.get(1)?))
    }
}

/// Whether `batch`, which made `version`, is among the `named` ones of a row that is at `now`. None: it was too long ago.
pub(super) fn was_kept(batch: &str, version: i64, now: i64, named: &str) -> Option<bool> {
    if named.split(' ').any(|name| name == batch) {
        Some(true)
    } else if now < version + REMEMBERED {
        Some(false)
    } else {
        None
    }
}

fn at(words: String, source: Option<Source>) -> String {
    match source {
        Some(source) => format!("{words} ({}:{})", source.file, source.line),
        None => words,
    }
}

/// Commands that stand side by side leave as one message.
fn merged(waiting: Vec<Waiting>) -> Vec<Waiting> {
    let mut merged: Vec<Waiting> = Vec::with_capacity(waiting.len());
    for next in waiting {
        match (merged.last_mut(), next) {
            (Some(Waiting::Command(before)), Waiting::Command(next)) => {
                let both = before.to_mut();
                both.push_str("; ");
                both.push_str(&next);
            }
            (_, next) => merged.push(next),
        }
    }
    merged
}

impl Waiting {
    fn begins_a_piece(&self) -> bool {
        matches!(self, Self::Command(command) if command.contains(SAVEPOINT))
    }

    async fn send(&self, client: &Client) -> Result<(), tokio_postgres::Error> {
        match self {
            Self::Command(command) => client.batch_execute(command).await,
            Self::Put { prepared, values, .. } => client.execute_raw(prepared, values.iter()).await.map(drop),
        }
    }
}

impl Connection for PostgresConnection {
    fn begin_write(&mut self, fence: Fence, batch: &str) -> Result<Option<Versions>, Error> {
        let tenant = self.place.tenant();
        let source = match (self.place, fence) {
            (Place::Directory, _) => DIRECTORY_FENCE,
            (_, Fence::Live) => LIVE_FENCE,
            (_, Fence::AnyState) => ANY_FENCE,
        };
        self.prepare(source)?;
        self.reads = false;
        self.transaction = Transaction::Waiting;
        self.begin("read committed");
        let batch_value = Value::Text(Cow::Borrowed(batch));
        let begun = match self.place {
            Place::Directory => self.ask(source, &[batch_value]),
            Place::Tenant { generation, .. } => {
                self.ask(source, &[Value::Int(tenant.number()), batch_value, Value::Int(generation)])
            }
        };
        let rows = begun?.0;
        let row = rows.first().map(Row::Postgres).ok_or(Error::NotLive(tenant))?;
        self.batch = Some((batch.to_owned(), row.get(0)?));
        let Place::Tenant { generation, .. } = self.place else { return Ok(None) };
        let count = |column| row.get(column).map(i64::cast_unsigned);
        Ok(Some(Versions { generation, catalog: count(1)?, stock: count(2)?, look: count(3)? }))
    }

    fn begin_read(&mut self) -> Result<(), Error> {
        self.reads = true;
        self.transaction = Transaction::Waiting;
        self.begin(READ_MODE);
        Ok(())
    }

    fn savepoint(&mut self) -> Result<(), Error> {
        self.keep_back(SAVEPOINT);
        Ok(())
    }

    fn release(&mut self) -> Result<(), Error> {
        self.keep_back("release piece");
        Ok(())
    }

    fn rollback_to(&mut self) -> Result<(), Error> {
        let unsent = self
            .waiting
            .iter()
            .rposition(|waiting| matches!(waiting, Waiting::Command(command) if command == SAVEPOINT));
        match unsent {
            Some(savepoint) => self.waiting.truncate(savepoint + 1),
            None => {
                self.waiting.clear();
                self.keep_back("rollback to piece");
            }
        }
        Ok(())
    }

    fn stands(&mut self) -> bool {
        !self.dead
    }

    fn touch(&mut self, areas: Areas) -> Result<(), Error> {
        let names = [(Area::Catalog, "catalog"), (Area::Stock, "stock"), (Area::Look, "look")];
        let changes: Vec<String> = names
            .into_iter()
            .filter(|(area, _)| areas.contains(*area))
            .map(|(_, name)| format!("{name} = {name} + 1"))
            .collect();
        if let (Place::Tenant { tenant, .. }, false) = (self.place, changes.is_empty()) {
            let (changes, tenant) = (changes.join(", "), tenant.number());
            self.keep_back(format!("update tenant_state set {changes} where tenant_id = {tenant}"));
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), CommitFailed> {
        self.keep_back("commit");
        match self.exchange(None, async |_| Ok(())) {
            Ok(()) => {
                self.transaction = Transaction::None;
                Ok(())
            }
            Err(error) => {
                if let Some((batch, version)) = self.batch.take() {
                    self.permit.pool().unsettled(batch, version);
                }
                Err(CommitFailed::Unknown(error))
            }
        }
    }

    fn rollback(&mut self) {
        self.waiting.clear();
        match std::mem::replace(&mut self.transaction, Transaction::None) {
            Transaction::Open if self.reads => self.wire.tell("rollback"),
            Transaction::Open => {
                self.dead = false;
                if self.command("rollback").is_err() {
                    self.wire.give_up();
                }
                self.dead = true;
            }
            Transaction::None | Transaction::Waiting => (),
        }
    }

    fn run(&mut self, statement: &Statement, values: &[Value<'_>]) -> Result<u64, Error> {
        self.ask(statement.into(), values).map(|(_, changed)| changed)
    }

    fn put(&mut self, statement: &Statement, values: &[Value<'_>]) -> Result<(), Error> {
        let source = Source::from(statement);
        let prepared = self.prepare(source)?;
        let values = values.iter().cloned().map(Value::into_owned).collect();
        self.waiting.push(Waiting::Put { source, prepared, values });
        if self.waiting.len() >= WAITING { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.waiting.iter().any(|waiting| matches!(waiting, Waiting::Put { .. })) {
            self.exchange(None, async |_| Ok(()))
        } else {
            Ok(())
        }
    }

    fn query(
        &mut self,
        statement: &Statement,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (rows, _) = self.ask(statement.into(), values)?;
        rows.iter().try_for_each(|row| each(&Row::Postgres(row)))
    }

    #[cfg(any(test, feature = "testing"))]
    fn parameters(&mut self, statement: &Statement) -> Result<Option<Vec<Value<'static>>>, Error> {
        use tokio_postgres::types::Type;

        let prepared = self.prepare(statement.into())?;
        let known = [Type::INT8, Type::INT4, Type::TEXT, Type::BYTEA];
        if let Some(column) = prepared.columns().iter().find(|column| !known.contains(column.type_())) {
            return Err(Error::Statement(format!("the column {} is {}", column.name(), column.type_())));
        }
        if let Some(insert) = Insert::of(statement.postgres) {
            self.prepare_rows(statement.into(), insert, 2, &prepared)?;
        }
        let value = |wanted: &Type| match *wanted {
            Type::INT8 => Ok(Value::Int(1)),
            Type::TEXT => Ok(Value::Text("x".into())),
            Type::BYTEA => Ok(Value::Bytes(b"x".into())),
            ref other => Err(Error::Statement(format!("a parameter is taken for {other}; cast it"))),
        };
        prepared.params().iter().map(value).collect::<Result<_, _>>().map(Some)
    }

    fn into_postgres(self: Box<Self>) -> Option<Box<PostgresConnection>> {
        Some(self)
    }
}
