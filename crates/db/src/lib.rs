//! A tenant's database: one writer, many readers, on SQLite or Postgres; and the directory of all tenants.
//!
//! `Db::write` runs a body in the tenant's next batch and answers when the batch is on disk. `Db::read` runs a body on a
//! snapshot. Bodies are plain functions over `Tx` and `Rx`; time, ids and chance come from there.

mod area;
#[cfg(any(test, feature = "testing"))]
pub mod check;
mod directory;
mod engine;
mod error;
mod folder;
mod memory;
mod migrate;
mod postgres;
mod reader;
mod sqlite;
mod state;
mod statement;
mod tenants;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod tx;
mod value;
mod world;
mod writer;

use std::{
    any::Any,
    collections::HashMap,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use base::Timestamp;
#[doc(hidden)]
pub use linkme;
use tokio::sync::oneshot;

pub use area::{Area, Areas, Versions};
pub use directory::{NewTenant, RESERVED_SLUGS, Tenant, TenantState};
pub use error::Error;
pub use folder::{FolderError, FolderLock};
pub use memory::Remembered;
pub use migrate::{BINARY, Migration};
pub use statement::{
    DIRECTORY_STATEMENTS, DirectoryStatement, STATEMENTS, Statement, text_of, with_question_marks,
};
pub use tx::{Actor, Dx, Origin, Reach, Rx, Scope, TenantId, Tx};
pub use value::{Bind, Cell, Column, Params, Row, Value};
pub use world::{FixedClock, World};

use engine::{Engine, Fence, Place};
use postgres::Postgres;
use reader::Readers;
use sqlite::Sqlite;
use state::State;
use tx::Context;
use writer::{Hooks, Work, Writer};

/// The tables of this room.
const MIGRATIONS: &[Migration] = &[Migration::new("db", 1, include_str!("../migrations/0001_tenant.sql"))];
const DIRECTORY_MIGRATIONS: &[Migration] =
    &[Migration::new("db", 1, include_str!("../migrations/0001_directory.sql"))];

/// What a room brings to the database.
#[derive(Debug, Clone, Copy, Default)]
pub struct Schema {
    pub migrations: &'static [Migration],
    pub directory_migrations: &'static [Migration],
    /// Tables whose change outdates cached pages.
    pub areas: &'static [(&'static str, Area)],
    /// What rooms above may ask of this one in the middle of a transaction: `Rx::lent` finds it by its type.
    pub lends: &'static [Lent],
}

/// Something that a room lends to those above it, under a type of theirs.
pub type Lent = &'static (dyn Any + Send + Sync);

/// Where the data lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// A file per tenant in the data folder.
    Sqlite,
    /// Rows in one Postgres database. The serving role owns nothing; migrations run as another.
    Postgres { serve_url: String, migrate_url: Option<String> },
}

/// How to open a database.
#[derive(Clone)]
pub struct Options {
    pub folder: PathBuf,
    pub storage: Storage,
    /// The rooms' schemas, in the order of the rooms.
    pub schemas: Vec<Schema>,
    pub world: World,
    /// SQLite: connections kept open while they rest; 128 is a good number. Postgres: connections in all; 16 is.
    pub connections: usize,
    /// A VFS that a test registered with SQLite.
    pub vfs: Option<String>,
}

impl Options {
    pub fn sqlite(folder: impl Into<PathBuf>, schemas: Vec<Schema>, world: World) -> Self {
        Self { folder: folder.into(), storage: Storage::Sqlite, schemas, world, connections: 128, vfs: None }
    }

    pub fn postgres(
        folder: impl Into<PathBuf>,
        serve_url: impl Into<String>,
        migrate_url: Option<String>,
        schemas: Vec<Schema>,
        world: World,
    ) -> Self {
        let storage = Storage::Postgres { serve_url: serve_url.into(), migrate_url };
        Self { folder: folder.into(), storage, schemas, world, connections: 16, vfs: None }
    }
}

/// All tenants' databases and the directory. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    engine: Arc<dyn Engine>,
    tenants: Arc<Writer>,
    directory: Arc<Writer>,
    readers: Arc<Readers>,
    state: Arc<State>,
    world: World,
    lent: Arc<[Lent]>,
    /// Held for life.
    _lock: FolderLock,
}

/// What a process does with its databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Commits to tenants' databases since the start.
    pub commits: u64,
    /// Tenants that were written to and whose databases are not closed since.
    pub open_tenants: usize,
    /// Connections that are open now, lent or resting.
    pub connections: usize,
}

/// How often a process that shares its database says that it lives.
const BEAT: Duration = Duration::from_secs(2);

impl Db {
    /// Locks the folder, brings the directory up to date and starts the threads. Tenants open when they are asked for.
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        let lock = FolderLock::take(&options.folder)?;
        let own = Schema {
            migrations: MIGRATIONS,
            directory_migrations: DIRECTORY_MIGRATIONS,
            areas: &[],
            lends: &[],
        };
        let schemas: Vec<Schema> = std::iter::once(own).chain(options.schemas).collect();
        let steps: Vec<Migration> = schemas.iter().flat_map(|schema| schema.migrations).copied().collect();
        let directory_steps: Vec<Migration> =
            schemas.iter().flat_map(|schema| schema.directory_migrations).copied().collect();
        let areas: HashMap<&'static str, Area> =
            schemas.iter().flat_map(|schema| schema.areas).copied().collect();
        let lent: Arc<[Lent]> = schemas.iter().flat_map(|schema| schema.lends).copied().collect();
        let threads = std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
        let (engine, write_threads, read_threads): (Arc<dyn Engine>, usize, usize) = match options.storage {
            Storage::Sqlite => {
                let sqlite =
                    Sqlite::new(&options.folder, options.vfs, steps, directory_steps, options.connections);
                (Arc::new(sqlite), threads, threads)
            }
            Storage::Postgres { serve_url, migrate_url } => {
                let connections = options.connections;
                let opening = tokio::task::spawn_blocking(move || {
                    Postgres::open(&serve_url, migrate_url.as_deref(), &steps, &directory_steps, connections)
                });
                let postgres = opening.await.map_err(|_| Error::Closing)??;
                let threads = postgres::threads(connections);
                (Arc::new(postgres), threads.writers, threads.readers)
            }
        };
        let holder = match engine.is_shared() {
            true => tx::uuid_at(options.world.now(), &options.world.seed()).simple().to_string(),
            false => String::new(),
        };
        let state = Arc::new(State { holder, ..State::default() });
        let areas: Arc<writer::AreaOf> = Arc::new(move |table: &str| areas.get(table).copied());
        let batch_ids = |world: World| -> Box<dyn Fn() -> String + Send + Sync> {
            Box::new(move || tx::uuid_at(world.now(), &world.seed()).simple().to_string())
        };
        let directory = Writer::start(
            "directory",
            1,
            Arc::clone(&engine),
            Hooks {
                areas: Arc::clone(&areas),
                versions: Box::new(|_| None),
                published: Box::new(|_, _| ()),
                before: Box::new(|_| Ok(())),
                batch_id: batch_ids(options.world.clone()),
            },
        )?;
        let before: Box<writer::BeforeBatch> = {
            let (state, directory, world) =
                (Arc::clone(&state), Arc::clone(&directory), options.world.clone());
            Box::new(move |place| mark_dirty(&state, &directory, &world, place))
        };
        let published: Box<writer::Published> = {
            let state = Arc::clone(&state);
            Box::new(move |place, effects| state.publish(place, effects))
        };
        let versions: Box<writer::VersionsOf> = {
            let state = Arc::clone(&state);
            Box::new(move |place| state.versions_of(place))
        };
        let hooks = Hooks { areas, versions, published, before, batch_id: batch_ids(options.world.clone()) };
        let tenants = Writer::start("write", write_threads, Arc::clone(&engine), hooks)?;
        {
            let (state, directory, world) =
                (Arc::clone(&state), Arc::clone(&directory), options.world.clone());
            engine.on_closed(Box::new(move |tenant| mark_clean(&state, &directory, &world, tenant)));
        }
        let readers = Readers::start(read_threads)?;
        let db = Self(Arc::new(Inner {
            engine,
            tenants,
            directory,
            readers,
            state,
            world: options.world,
            lent,
            _lock: lock,
        }));
        db.recall().await?;
        Ok(db)
    }

    /// Reads what the directory knows: the tenants, and which were left with work to do.
    async fn recall(&self) -> Result<(), OpenError> {
        let read = |dx: &mut Dx<'_>| Ok::<_, Error>((directory::all(dx)?, directory::leases(dx)?));
        let (tenants, leases) = self.directory().read(read).await?;
        for tenant in tenants {
            self.0.state.known.put(tenant);
        }
        if self.0.state.is_shared() {
            self.beat().await?;
        } else {
            let now = self.now();
            // what a process that was killed wrote, nobody has asked for
            let left = leases.iter().filter(|(_, due)| *due <= now).map(|(tenant, _)| *tenant);
            self.0.state.written.lock().extend(left);
            leases.into_iter().for_each(|(tenant, due)| self.0.state.is_due(tenant, due));
        }
        Ok(())
    }

    /// Says that this process lives, and takes over what others left.
    async fn beat(&self) -> Result<(), Error> {
        let state = &self.0.state;
        *state.beat.lock() = Some(Instant::now());
        let holder = state.holder.clone();
        let taken = self.directory().write(move |dx| directory::take_over(dx, &holder)).await?;
        let mut dirty = state.dirty.lock();
        if taken.was_given_up {
            // others have our leases: each tenant gets a new one before its next write
            dirty.clear();
        }
        dirty.extend(&taken.tenants);
        drop(dirty);
        state.written.lock().extend(&taken.tenants);
        let now = self.now();
        taken.tenants.into_iter().for_each(|tenant| state.is_due(tenant, now));
        Ok(())
    }

    async fn beat_in_time(&self) {
        let last = *self.0.state.beat.lock();
        if self.0.state.is_shared()
            && last.is_none_or(|last| last.elapsed() >= BEAT)
            && let Err(error) = self.beat().await
        {
            tracing::warn!(%error, "this process could not say that it lives");
        }
    }

    pub fn world(&self) -> &World {
        &self.0.world
    }

    pub fn now(&self) -> Timestamp {
        self.0.world.now()
    }

    /// Runs `body` in the tenant's next commit and answers once that is on disk. The body may run more than once; it has
    /// no effect but on the database. An `Err` means that nothing happened.
    pub async fn write<T, E>(
        &self,
        scope: Scope,
        body: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let tenant = self.writable(scope.tenant).await?;
        let place = Place::Tenant { tenant: tenant.id, generation: tenant.generation };
        self.push(place, Fence::Live, scope, body).await
    }

    async fn push<T, E>(
        &self,
        place: Place,
        fence: Fence,
        scope: Scope,
        body: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let context = self.context(scope);
        self.0.tenants.push(place, Box::new(Work { body, context, fence, result: None, reply }));
        answer.await.unwrap_or_else(|_| Err(E::from(Error::Closing)))
    }

    /// Runs `body` on a snapshot of the tenant's database.
    pub async fn read<T, E>(
        &self,
        scope: Scope,
        body: impl FnOnce(&mut Rx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let tenant = self.tenant(scope.tenant).await?.ok_or(Error::NotLive(scope.tenant))?;
        let place = Place::Tenant { tenant: tenant.id, generation: tenant.generation };
        let context = self.context(scope);
        self.read_at(place, context, move |tx| body(tx)).await
    }

    async fn read_at<T, E>(
        &self,
        place: Place,
        context: Context,
        body: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let engine = Arc::clone(&self.0.engine);
        let job = move || {
            // a caller who went away needs no answer
            let _ = reply.send(snapshot(&*engine, place, &context, body));
        };
        if !self.0.readers.push(place, Box::new(job)) {
            return Err(E::from(Error::Busy(place.tenant())));
        }
        answer.await.unwrap_or_else(|_| Err(E::from(Error::Closing)))
    }

    fn context(&self, scope: Scope) -> Context {
        Context {
            tenant: Some(scope.tenant),
            actor: scope.actor,
            origin: scope.origin,
            reach: scope.reach,
            now: self.0.world.now(),
            seed: self.0.world.seed(),
            lent: Arc::clone(&self.0.lent),
        }
    }

    pub fn directory(&self) -> Directory<'_> {
        Directory(self)
    }

    /// Tenants that this process wrote to, or took over from one that died, since this was last asked. For one who asks.
    pub fn take_written(&self) -> Vec<TenantId> {
        self.0.state.written.lock().drain().collect()
    }

    /// What this process does at the moment, for monitors.
    pub fn load(&self) -> Load {
        let state = &self.0.state;
        Load {
            commits: state.commits_in_all.load(std::sync::atomic::Ordering::Relaxed),
            open_tenants: state.dirty.lock().len(),
            connections: self.0.engine.connections(),
        }
    }

    /// Bytes of the tenant's database on disk, its log included; none where tenants share one database, which does not
    /// know what each of them takes.
    pub async fn bytes_of(&self, tenant: TenantId) -> Result<Option<u64>, Error> {
        let generation = self.tenant(tenant).await?.ok_or(Error::NotLive(tenant))?.generation;
        let (engine, place) = (Arc::clone(&self.0.engine), Place::Tenant { tenant, generation });
        tokio::task::spawn_blocking(move || engine.bytes(place)).await.map_err(|_| Error::Closing)?
    }

    /// Waits until tenants have work to do, and says which. Each is named once for each time it is due; who took it says
    /// `visited` when its work is done, or left for later.
    pub async fn take_due(&self) -> Vec<TenantId> {
        loop {
            self.beat_in_time().await;
            let due = self.0.state.dues.lock().take(self.now());
            if !due.is_empty() {
                return due;
            }
            // a new due time wakes us; the clock is looked at twice a second
            let _ = tokio::time::timeout(Duration::from_millis(500), self.0.state.due.notified()).await;
        }
    }

    /// The tenant has work to do at `at`: what `Tx::due` says from within a write.
    pub fn due(&self, tenant: TenantId, at: Timestamp) {
        self.0.state.is_due(tenant, at);
    }

    /// The work that `take_due` named is done; the tenant's next is at `next`.
    pub fn visited(&self, tenant: TenantId, next: Option<Timestamp>) {
        let mut dues = self.0.state.dues.lock();
        dues.taken.remove(&tenant);
        next.into_iter().for_each(|at| dues.add(tenant, at));
        drop(dues);
        self.0.state.due.notify_one();
    }

    /// Serves what waits, closes every tenant cleanly, then the directory.
    pub fn close(&self) {
        self.0.tenants.close();
        self.0.readers.close();
        self.0.engine.close_tenants();
        if self.0.state.is_shared() {
            let holder = self.0.state.holder.clone();
            // what is not said only costs a visit of each tenant later
            drop(push_directory(&self.0.directory, &self.0.world, move |dx| directory::leave(dx, &holder)));
        }
        self.0.directory.close();
        self.0.engine.close();
    }
}

/// The way to the directory's tables.
pub struct Directory<'d>(&'d Db);

impl Directory<'_> {
    /// As `Db::write`, on the directory.
    pub async fn write<T, E>(
        &self,
        body: impl Fn(&mut Dx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let answer = push_directory(&self.0.0.directory, &self.0.0.world, body);
        answer.await.unwrap_or_else(|_| Err(E::from(Error::Closing)))
    }

    /// As `Db::read`, on the directory.
    pub async fn read<T, E>(
        &self,
        body: impl FnOnce(&mut Dx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let context = directory_context(&self.0.0.world);
        self.0.read_at(Place::Directory, context, move |tx| tx.in_directory(body)).await
    }
}

fn directory_context(world: &World) -> Context {
    Context {
        tenant: None,
        actor: Actor::system(),
        origin: Origin::default(),
        reach: Reach::Everywhere,
        now: world.now(),
        seed: world.seed(),
        lent: Arc::default(),
    }
}

fn push_directory<T, E>(
    writer: &Writer,
    world: &World,
    body: impl Fn(&mut Dx<'_>) -> Result<T, E> + Send + 'static,
) -> oneshot::Receiver<Result<T, E>>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    let body = move |tx: &mut Tx<'_>| tx.in_directory(&body);
    let work = Work { body, context: directory_context(world), fence: Fence::Live, result: None, reply };
    writer.push(Place::Directory, Box::new(work));
    answer
}

fn mark_dirty(state: &State, writer: &Writer, world: &World, place: Place) -> Result<(), Error> {
    let Place::Tenant { tenant, .. } = place else { return Ok(()) };
    let marked = {
        let mut dirty = state.dirty.lock();
        if !dirty.insert(tenant) {
            return Ok(());
        }
        let holder = state.holder.clone();
        push_directory(writer, world, move |dx| directory::mark_dirty(dx, tenant, &holder))
    };
    let outcome = marked.blocking_recv().unwrap_or(Err(Error::Closing));
    outcome.inspect_err(|_| {
        state.dirty.lock().remove(&tenant);
    })
}

fn mark_clean(state: &State, writer: &Writer, world: &World, tenant: TenantId) {
    let mut dirty = state.dirty.lock();
    if dirty.remove(&tenant) {
        let due = state.dues.lock().earliest(tenant);
        let holder = state.holder.clone();
        // a lease that stays dirty only costs a visit at the next start
        drop(push_directory(writer, world, move |dx| directory::mark_clean(dx, tenant, &holder, due)));
    }
}

fn snapshot<T, E: From<Error>>(
    engine: &dyn Engine,
    place: Place,
    context: &Context,
    body: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let mut connection = engine.reader(place)?;
    let result = match connection.begin_read() {
        Err(error) => Err(E::from(error)),
        Ok(()) => {
            let mut tx = Tx::new(Rx::new(&mut *connection, context, &|_| None, None));
            let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| body(&mut tx)));
            ran.unwrap_or_else(|panic| Err(E::from(Error::Panicked(writer::words_of(&*panic)))))
        }
    };
    connection.rollback();
    engine.rest_reader(place, connection);
    result
}

/// Why a database did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Database(#[from] Error),
    #[error("threads could not be started: {0}")]
    Threads(#[from] std::io::Error),
}
