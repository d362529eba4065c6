//! What domain code sees of a database: a snapshot to read (`Rx`), and a piece of a transaction to write (`Tx`).

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use base::{Id, IdKind, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    Area, Areas, Column, DirectoryStatement, Error, Lent, Params, Row, Statement,
    engine::Connection,
    memory::{Recall, Remembered},
    value::{Bind, Cell, Value},
};

/// A tenant's short number, given by the directory and never given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(pub(crate) i64);

impl TenantId {
    /// For the directory's own rows and for tests: a number alone opens nothing.
    pub const fn numbered(number: i64) -> Self {
        Self(number)
    }

    pub const fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Bind for TenantId {
    fn bind(&self) -> Value<'_> {
        Value::Int(self.0)
    }
}

impl Column for TenantId {
    fn read(cell: Cell<'_>) -> Option<Self> {
        i64::read(cell).map(Self)
    }
}

/// Who acts: `member:mem_…`, `key:key_…`, `visitor`, `system`, `operator:acct_…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor(Arc<str>);

impl Actor {
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    pub fn system() -> Self {
        Self::new("system")
    }

    pub fn visitor() -> Self {
        Self::new("visitor")
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// From where: the peer's address and the request's id, for the audit log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    pub address: String,
    pub request: String,
}

/// Where in a tenant somebody may work: its places are rows of a room above, known here by id alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Reach {
    #[default]
    Everywhere,
    /// At these places, by id.
    At(Vec<String>),
}

impl Reach {
    pub fn covers(&self, place: impl fmt::Display) -> bool {
        match self {
            Self::Everywhere => true,
            Self::At(places) => {
                let place = place.to_string();
                places.contains(&place)
            }
        }
    }

    /// The places as a statement takes them: it looks for the id of a row's place inside. None stands for everywhere.
    pub fn places(&self) -> Option<String> {
        match self {
            Self::Everywhere => None,
            Self::At(places) => Some(places.join(" ")),
        }
    }
}

/// The right to work in one tenant's database. Only sign-in, a public route, a verified callback, a job and an
/// operator's command make one.
#[derive(Debug, Clone)]
pub struct Scope {
    pub tenant: TenantId,
    pub actor: Actor,
    pub origin: Origin,
    pub reach: Reach,
}

/// What is fixed for one request, so that running its body again gives the same rows.
#[derive(Clone)]
pub(crate) struct Context {
    /// None in the directory.
    pub tenant: Option<TenantId>,
    pub actor: Actor,
    pub origin: Origin,
    pub reach: Reach,
    pub now: Timestamp,
    pub seed: [u8; 32],
    pub lent: Arc<[Lent]>,
}

/// What a piece of work leaves to do after its commit.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Effects {
    pub areas: Areas,
    pub due: Option<Timestamp>,
}

/// A snapshot of one tenant's database.
pub struct Rx<'t> {
    connection: &'t mut dyn Connection,
    context: &'t Context,
    areas: &'t dyn Fn(&str) -> Option<Area>,
    /// None where nothing is remembered: in a snapshot, and in the directory.
    recall: Option<Recall<'t>>,
    progress: Progress,
}

/// How far a piece has come.
#[derive(Debug, Default)]
struct Progress {
    poison: Option<Error>,
    effects: Effects,
    /// The area of what is being read in order to be remembered.
    remembering: Option<Area>,
    /// Draws of chance so far.
    drawn: u64,
}

impl<'t> Rx<'t> {
    pub(crate) fn new(
        connection: &'t mut dyn Connection,
        context: &'t Context,
        areas: &'t dyn Fn(&str) -> Option<Area>,
        recall: Option<Recall<'t>>,
    ) -> Self {
        Self { connection, context, areas, recall, progress: Progress::default() }
    }

    pub fn tenant(&self) -> TenantId {
        // a directory's Rx is only reachable through `Dx`, which has no such method
        self.context.tenant.unwrap_or(TenantId(0))
    }

    /// The time of the request; it stands still while the body runs.
    pub fn now(&self) -> Timestamp {
        self.context.now
    }

    pub fn actor(&self) -> &Actor {
        &self.context.actor
    }

    pub fn origin(&self) -> &Origin {
        &self.context.origin
    }

    /// Where the one who asked may work.
    pub fn reach(&self) -> &Reach {
        &self.context.reach
    }

    /// What a room below lends under the type `T`; none where that room is not built in.
    pub fn lent<T: 'static>(&self) -> Option<&'static T> {
        self.context.lent.iter().find_map(|lent| lent.downcast_ref())
    }

    /// A setting, read only if it changed since a write last asked for it.
    pub fn remembered<T: Remembered>(&mut self) -> Result<T, T::Error> {
        match self.recall {
            Some(recall) => recall.get(self.progress.effects.areas, || {
                self.progress.remembering = Some(T::AREA);
                let loaded = T::load(self);
                self.progress.remembering = None;
                loaded
            }),
            None => T::load(self),
        }
    }

    /// All rows, each made by `read`.
    pub fn rows<T>(
        &mut self,
        statement: &'static Statement,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut found = Vec::new();
        self.query(statement, &params, &mut |row| {
            found.push(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// The first row, if there is any.
    pub fn row<T>(
        &mut self,
        statement: &'static Statement,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let mut found = None;
        self.query(statement, &params, &mut |row| {
            if found.is_none() {
                found = Some(read(row)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    fn query(
        &mut self,
        statement: &'static Statement,
        params: &impl Params,
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        debug_assert!(
            self.progress
                .remembering
                .is_none_or(|area| { statement.sources().all(|table| (self.areas)(table) == Some(area)) }),
            "what is remembered of one area reads another: {}",
            statement.text()
        );
        self.touch(statement);
        let values = self.values(params);
        self.guarded(|connection| connection.query(statement, &values, each))
    }

    fn touch(&mut self, statement: &'static Statement) {
        if let Some(area) = statement.target().and_then(|table| (self.areas)(table)) {
            self.progress.effects.areas.insert(area);
        }
    }

    fn values<'a>(&self, params: &'a impl Params) -> Vec<Value<'a>> {
        let mut values = Vec::with_capacity(16);
        if let Some(tenant) = self.context.tenant {
            values.push(Value::Int(tenant.0));
        }
        params.push_to(&mut values);
        values
    }

    /// The first failure ends this piece: whatever the body asks next fails as well, on both engines.
    fn guarded<T>(&mut self, ask: impl FnOnce(&mut dyn Connection) -> Result<T, Error>) -> Result<T, Error> {
        if let Some(poison) = &self.progress.poison {
            return Err(poison.clone());
        }
        ask(self.connection).inspect_err(|error| self.progress.poison = Some(error.clone()))
    }
}

/// A piece of a transaction on one tenant's database.
pub struct Tx<'t>(Rx<'t>);

impl<'t> Deref for Tx<'t> {
    type Target = Rx<'t>;

    fn deref(&self) -> &Rx<'t> {
        &self.0
    }
}

impl<'t> DerefMut for Tx<'t> {
    fn deref_mut(&mut self) -> &mut Rx<'t> {
        &mut self.0
    }
}

impl<'t> Tx<'t> {
    pub(crate) fn new(rx: Rx<'t>) -> Self {
        Self(rx)
    }

    /// Runs a write and says how many rows it changed.
    pub fn run(&mut self, statement: &'static Statement, params: impl Params) -> Result<u64, Error> {
        self.0.touch(statement);
        let values = self.0.values(&params);
        self.0.guarded(|connection| connection.run(statement, &values))
    }

    /// A write that nobody reads back: Postgres gets it together with its neighbours, so a failure may show only at the
    /// next query or at the end of the piece.
    pub fn put(&mut self, statement: &'static Statement, params: impl Params) -> Result<(), Error> {
        self.0.touch(statement);
        let values = self.0.values(&params);
        self.0.guarded(|connection| connection.put(statement, &values))
    }

    /// A new id; the same again when the body runs again.
    pub fn new_id<K: IdKind>(&mut self) -> Id<K> {
        let chance = self.draw();
        let mut bytes = [0u8; 10];
        bytes.copy_from_slice(&chance[..10]);
        let millis = (self.now().micros() / 1000).max(0) as u64;
        Id::of(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
    }

    /// `N` (at most 32) bytes nobody can guess; the same again when the body runs again.
    pub fn random<const N: usize>(&mut self) -> [u8; N] {
        const { assert!(N <= 32, "a draw holds 32 bytes") };
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.draw()[..N]);
        bytes
    }

    /// This tenant has work to do at `at`.
    pub fn due(&mut self, at: Timestamp) {
        let due = &mut self.0.progress.effects.due;
        *due = Some(due.map_or(at, |earlier| earlier.min(at)));
    }

    fn draw(&mut self) -> [u8; 32] {
        self.0.progress.drawn += 1;
        Sha256::new()
            .chain_update(self.0.context.seed)
            .chain_update(self.0.progress.drawn.to_le_bytes())
            .finalize()
            .into()
    }

    /// What is to be done after the commit, or why this piece must not commit.
    pub(crate) fn end(self) -> Result<Effects, Error> {
        let Progress { poison, effects, .. } = self.0.progress;
        poison.map_or(Ok(effects), Err)
    }

    /// Lends this piece to `body` as one of the directory.
    pub(crate) fn in_directory<T>(&mut self, body: impl FnOnce(&mut Dx<'_>) -> T) -> T {
        let rx = &mut self.0;
        let progress = std::mem::take(&mut rx.progress);
        let lent = Rx {
            connection: &mut *rx.connection,
            context: rx.context,
            areas: rx.areas,
            recall: None,
            progress,
        };
        let mut dx = Dx(Tx(lent));
        let returned = body(&mut dx);
        let progress = dx.0.0.progress;
        rx.progress = progress;
        returned
    }
}

/// A piece of a transaction on the directory, or a snapshot of it.
pub struct Dx<'t>(Tx<'t>);

impl Dx<'_> {
    pub fn now(&self) -> Timestamp {
        self.0.now()
    }

    pub fn new_id<K: IdKind>(&mut self) -> Id<K> {
        self.0.new_id()
    }

    pub fn random<const N: usize>(&mut self) -> [u8; N] {
        self.0.random()
    }

    pub fn run(&mut self, statement: &'static DirectoryStatement, params: impl Params) -> Result<u64, Error> {
        self.0.run(&statement.0, params)
    }

    pub fn put(&mut self, statement: &'static DirectoryStatement, params: impl Params) -> Result<(), Error> {
        self.0.put(&statement.0, params)
    }

    pub fn rows<T>(
        &mut self,
        statement: &'static DirectoryStatement,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.0.rows(&statement.0, params, read)
    }

    pub fn row<T>(
        &mut self,
        statement: &'static DirectoryStatement,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.0.row(&statement.0, params, read)
    }
}

/// The UUID of a moment and ten bytes of chance, for what is made outside a transaction.
pub(crate) fn uuid_at(now: Timestamp, chance: &[u8; 32]) -> Uuid {
    let mut bytes = [0u8; 10];
    bytes.copy_from_slice(&chance[..10]);
    uuid::Builder::from_unix_timestamp_millis((now.micros() / 1000).max(0) as u64, &bytes).into_uuid()
}
