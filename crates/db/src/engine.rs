//! What the writer and the readers ask of an engine. Where SQLite and Postgres must differ, the difference stands behind
//! these two traits.

use crate::{Areas, Error, Row, Statement, TenantId, Versions, value::Value};

/// A database that can be written to: the directory, or one generation of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Place {
    Directory,
    Tenant { tenant: TenantId, generation: i64 },
}

impl Place {
    pub fn tenant(self) -> TenantId {
        match self {
            Place::Directory => TenantId(0),
            Place::Tenant { tenant, .. } => tenant,
        }
    }
}

/// Which states of a tenant let a batch begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fence {
    /// Only a live tenant is written to.
    Live,
    /// The operator's own changes of state.
    AnyState,
}

/// What a COMMIT that did not return Ok means.
#[derive(Debug)]
pub(crate) enum CommitFailed {
    /// The engine is sure that nothing was kept: a write found no room, and no sync was asked for.
    Undone(Error),
    /// The batch may be on disk or not.
    Unknown(Error),
}

/// One connection, with at most one transaction.
pub(crate) trait Connection: Send {
    /// Begins a batch with its first statement, which locks, fences, counts the version and leaves the proof of commit.
    /// Says how often the areas had changed before, where the row keeps count of that.
    fn begin_write(&mut self, fence: Fence, batch: &str) -> Result<Option<Versions>, Error>;
    /// Begins a snapshot.
    fn begin_read(&mut self) -> Result<(), Error>;
    fn savepoint(&mut self) -> Result<(), Error>;
    fn release(&mut self) -> Result<(), Error>;
    fn rollback_to(&mut self) -> Result<(), Error>;
    /// Whether the transaction is still there: a full disk or an I/O error ends it, savepoints and all.
    fn stands(&mut self) -> bool;
    /// Notes that the areas changed, for other processes.
    fn touch(&mut self, areas: Areas) -> Result<(), Error>;
    fn commit(&mut self) -> Result<(), CommitFailed>;
    fn rollback(&mut self);

    fn run(&mut self, statement: &Statement, values: &[Value<'_>]) -> Result<u64, Error>;
    fn put(&mut self, statement: &Statement, values: &[Value<'_>]) -> Result<(), Error>;
    /// Sees to it that every `put` was carried out.
    fn flush(&mut self) -> Result<(), Error>;
    fn query(
        &mut self,
        statement: &Statement,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error>;

    /// Parameters that fit, for the statement test; none where the engine asks for no types.
    #[cfg(any(test, feature = "testing"))]
    fn parameters(&mut self, _: &Statement) -> Result<Option<Vec<Value<'static>>>, Error> {
        Ok(None)
    }

    /// Back to the engine that made it.
    fn into_sqlite(self: Box<Self>) -> Option<Box<crate::sqlite::SqliteConnection>> {
        None
    }

    /// Back to the engine that made it.
    fn into_postgres(self: Box<Self>) -> Option<Box<crate::postgres::PostgresConnection>> {
        None
    }
}

/// Opens, lends and closes connections.
pub(crate) trait Engine: Send + Sync {
    fn writer(&self, place: Place) -> Result<Box<dyn Connection>, Error>;
    fn reader(&self, place: Place) -> Result<Box<dyn Connection>, Error>;
    fn rest_writer(&self, place: Place, connection: Box<dyn Connection>);
    fn rest_reader(&self, place: Place, connection: Box<dyn Connection>);
    /// After a COMMIT of `failed` that failed: closes all of the place's connections, opens it anew and says whether `batch`
    /// is there.
    fn settle(&self, place: Place, failed: Box<dyn Connection>, batch: &str) -> Result<bool, Error>;
    /// Makes the empty database of a new tenant.
    fn create(&self, tenant: TenantId, generation: i64) -> Result<(), Error>;
    /// Whether other processes write to the same databases.
    fn is_shared(&self) -> bool {
        false
    }
    /// Connections that are open now, lent or resting.
    fn connections(&self) -> usize;
    /// Bytes of the place's own files; none where places share them.
    fn bytes(&self, _: Place) -> Result<Option<u64>, Error> {
        Ok(None)
    }
    /// Pieces in one commit, at most.
    fn batch_limit(&self) -> usize;
    /// Whom to tell that a tenant's writer was closed cleanly, so that its lease can go. Told before it can be opened anew.
    fn on_closed(&self, tell: Box<dyn Fn(TenantId) + Send + Sync>);
    fn close_tenants(&self);
    /// Closes everything, cleanly.
    fn close(&self);
}
