//! The default engine: one SQLite file per tenant and one for the directory, in WAL mode with `synchronous=FULL`.

use std::{
    collections::HashMap,
    io::Write,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex, MutexGuard};
use rusqlite::{ErrorCode, OpenFlags, config::DbConfig, limits::Limit, types::ValueRef};

use crate::{
    Areas, Error, Migration, Row, Statement, TenantId,
    engine::{CommitFailed, Connection, Engine, Fence, Place},
    migrate,
    value::{Cell, Value},
};

/// A page of cache is 4 KiB; a connection keeps at most this many KiB of them.
const CACHE_KIB: i64 = 1024;
/// Prepared statements a connection keeps.
const STATEMENTS: usize = 96;
/// How long a read may take before it is ended, so that no reader pins the write-ahead log.
const READ_DEADLINE: Duration = Duration::from_secs(2);
/// Pieces in one commit: more would keep the first of them waiting.
const BATCH_LIMIT: usize = 256;
/// Readers of one tenant that are kept open when they rest.
const RESTING_READERS: usize = 2;

pub(crate) struct Sqlite {
    folder: PathBuf,
    /// A VFS registered by a test; none is SQLite's own.
    vfs: Option<String>,
    tenant_steps: Vec<Migration>,
    directory_steps: Vec<Migration>,
    slots: Mutex<HashMap<Place, Arc<Slot>>>,
    /// Connections open now, lent or resting.
    open: Arc<AtomicUsize>,
    limit: usize,
    uses: AtomicU64,
    /// Told, while the place is still locked, that a tenant's writer was closed cleanly.
    closed: OnceLock<Box<dyn Fn(TenantId) + Send + Sync>>,
    template: Mutex<Option<rusqlite::Connection>>,
}

/// The connections of one place.
#[derive(Default)]
struct Slot {
    state: Mutex<SlotState>,
    /// Held while the file is brought up to date, so that it is done once.
    migrated: Mutex<bool>,
    returned: Condvar,
    last_use: AtomicU64,
}

#[derive(Default)]
struct SlotState {
    writer: Option<Box<SqliteConnection>>,
    #[expect(clippy::vec_box, reason = "a connection is lent as a box of the trait, and comes back as one")]
    readers: Vec<Box<SqliteConnection>>,
    lent: usize,
    /// Counts how often all connections had to go; one lent before is not taken back.
    epoch: u64,
    /// Whether all that the log shows is surely on disk. After a sync that failed it shows what the disk may not hold.
    sound: bool,
    /// All connections are being closed; nobody opens another one meanwhile.
    healing: bool,
    /// The file first seen here; another one at the same path is not ours.
    inode: Option<(u64, u64)>,
}

pub(crate) struct SqliteConnection {
    raw: rusqlite::Connection,
    path: PathBuf,
    inode: (u64, u64),
    /// The write-ahead log beside it: somebody else may remove that one, too.
    log: Option<(u64, u64)>,
    place: Place,
    epoch: u64,
    open: Arc<AtomicUsize>,
}

impl Drop for SqliteConnection {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Sqlite {
    /// `limit` is the number of connections kept open at most while they rest.
    pub fn new(
        folder: &Path,
        vfs: Option<String>,
        tenant_steps: Vec<Migration>,
        directory_steps: Vec<Migration>,
        limit: usize,
    ) -> Self {
        Self {
            folder: folder.to_owned(),
            vfs,
            tenant_steps,
            directory_steps,
            slots: Mutex::default(),
            open: Arc::default(),
            limit,
            uses: AtomicU64::new(0),
            closed: OnceLock::new(),
            template: Mutex::new(None),
        }
    }

    pub fn path(&self, place: Place) -> PathBuf {
        match place {
            Place::Directory => self.folder.join("directory.db"),
            Place::Tenant { tenant, generation } => self
                .folder
                .join("tenants")
                .join(tenant.to_string())
                .join(generation.to_string())
                .join("tenant.db"),
        }
    }

    fn slot_of(&self, place: Place) -> Arc<Slot> {
        Arc::clone(self.slots.lock().entry(place).or_default())
    }

    fn slot(&self, place: Place) -> Arc<Slot> {
        let slot = self.slot_of(place);
        slot.last_use.store(self.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        slot
    }

    /// `known` is the file that this place had before.
    fn connect(
        &self,
        place: Place,
        epoch: u64,
        known: Option<(u64, u64)>,
        reads_only: bool,
    ) -> Result<Box<SqliteConnection>, Error> {
        let path = self.path(place);
        // asked before SQLite opens it: a stranger's file must not get our log
        same_file(&path, known)?;
        let create =
            if place == Place::Directory { OpenFlags::SQLITE_OPEN_CREATE } else { OpenFlags::empty() };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | create;
        let opened = match &self.vfs {
            Some(vfs) => rusqlite::Connection::open_with_flags_and_vfs(&path, flags, vfs.as_str()),
            None => rusqlite::Connection::open_with_flags(&path, flags),
        };
        let raw = opened.map_err(|error| match (&error, place) {
            (rusqlite::Error::SqliteFailure(failure, _), Place::Tenant { tenant, .. })
                if failure.code == ErrorCode::CannotOpen && !path.exists() =>
            {
                Error::NotLive(tenant)
            }
            _ => explain(error),
        })?;
        harden(&raw).map_err(explain)?;
        raw.execute_batch(&format!(
            "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma temp_store = memory; \
             pragma cache_size = -{CACHE_KIB}; pragma busy_timeout = 5000; pragma query_only = {};",
            u8::from(reads_only)
        ))
        .map_err(explain)?;
        raw.set_prepared_statement_cache_capacity(STATEMENTS);
        let inode = identity(&path).ok_or_else(|| Error::Storage("a database file went away".to_owned()))?;
        let log = identity(&log_of(&path));
        self.open.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(SqliteConnection { raw, path, inode, log, place, epoch, open: Arc::clone(&self.open) }))
    }

    fn steps(&self, place: Place) -> &[Migration] {
        match place {
            Place::Directory => &self.directory_steps,
            Place::Tenant { .. } => &self.tenant_steps,
        }
    }

    /// Closes what rests and was used least recently, until the limit holds again.
    fn make_room(&self) {
        while self.open.load(Ordering::Relaxed) >= self.limit {
            let oldest = {
                let slots = self.slots.lock();
                let resting =
                    slots.iter().filter(|(place, slot)| **place != Place::Directory && slot.rests());
                resting.min_by_key(|(_, slot)| slot.last_use.load(Ordering::Relaxed)).map(|(place, _)| *place)
            };
            match oldest {
                Some(place) => self.close_place(place),
                None => return,
            }
        }
    }

    fn close_place(&self, place: Place) {
        let slot = self.slot_of(place);
        let mut state = slot.state.lock();
        if state.lent > 0 {
            return;
        }
        state.readers.clear();
        // the writer goes last: it checkpoints and removes the write-ahead log
        let wrote = state.writer.take().is_some();
        if let (true, Place::Tenant { tenant, .. }, Some(closed)) = (wrote, place, self.closed.get()) {
            closed(tenant);
        }
    }

    fn lend(&self, place: Place, reads_only: bool) -> Result<Box<SqliteConnection>, Error> {
        let slot = self.slot(place);
        let mut state = slot.state.lock();
        while state.healing {
            slot.returned.wait(&mut state);
        }
        let resting = if reads_only { state.readers.pop() } else { state.writer.take() };
        if let Some(connection) = resting {
            state.lent += 1;
            return Ok(connection);
        }
        if !state.sound {
            self.heal(place, &slot, &mut state)?;
        }
        state.lent += 1;
        let (epoch, known) = (state.epoch, state.inode);
        drop(state);
        self.make_room();
        let opened = self.open(place, &slot, epoch, known, reads_only);
        opened.inspect_err(|_| slot.gave_back())
    }

    fn open(
        &self,
        place: Place,
        slot: &Slot,
        epoch: u64,
        known: Option<(u64, u64)>,
        reads_only: bool,
    ) -> Result<Box<SqliteConnection>, Error> {
        let mut migrated = slot.migrated.lock();
        if !*migrated {
            let first = self.connect(place, epoch, known, false)?;
            migrate_file(&first.raw, self.steps(place), &first.path)?;
            *migrated = true;
            if !reads_only {
                return slot.own(first);
            }
        }
        drop(migrated);
        slot.own(self.connect(place, epoch, known, reads_only)?)
    }

    /// Closes all connections of a place and sees to it that what its log shows is on disk.
    fn heal(&self, place: Place, slot: &Slot, state: &mut MutexGuard<'_, SlotState>) -> Result<(), Error> {
        let path = self.path(place);
        same_file(&path, state.inode)?;
        (state.healing, state.sound) = (true, false);
        state.epoch += 1;
        state.writer = None;
        state.readers.clear();
        // while any connection of the file is open, its shared index hides what the failed commit left in the log
        let patience = Instant::now() + READ_DEADLINE * 2;
        while state.lent > 0 && !slot.returned.wait_until(state, patience).timed_out() {}
        let healed = if state.lent == 0 {
            rewrite_log(&path).map_err(|error| explain_io(&error))
        } else {
            Err(Error::Storage(format!("{} is still being read", path.display())))
        };
        (state.healing, state.sound) = (false, healed.is_ok());
        slot.returned.notify_all();
        healed
    }

    fn rest(&self, place: Place, connection: Box<SqliteConnection>, reads_only: bool) {
        let slot = self.slot_of(place);
        let mut state = slot.state.lock();
        let usable = connection.epoch == state.epoch && connection.raw.is_autocommit();
        if usable && !reads_only {
            state.writer = Some(connection);
        } else if usable && state.readers.len() < RESTING_READERS {
            state.readers.push(connection);
        } else {
            // closed before it counts as returned: who waits for that wants none to be open
            drop(connection);
        }
        drop(state);
        slot.gave_back();
    }
}

impl Slot {
    /// Takes a new connection as one of this place, unless its file is another one than before.
    fn own(&self, connection: Box<SqliteConnection>) -> Result<Box<SqliteConnection>, Error> {
        let known = *self.state.lock().inode.get_or_insert(connection.inode);
        if known == connection.inode {
            Ok(connection)
        } else {
            Err(Error::Storage(format!("{} was replaced while it was open", connection.path.display())))
        }
    }

    fn gave_back(&self) {
        let mut state = self.state.lock();
        state.lent = state.lent.saturating_sub(1);
        self.returned.notify_all();
    }

    /// Something of it is open, and nothing lent.
    fn rests(&self) -> bool {
        self.state
            .try_lock()
            .is_some_and(|state| state.lent == 0 && (state.writer.is_some() || !state.readers.is_empty()))
    }
}

/// What a hostile or damaged file could ask for is switched off (sqlite.org/security.html).
fn harden(raw: &rusqlite::Connection) -> rusqlite::Result<()> {
    raw.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    raw.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    raw.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    raw.execute_batch("pragma cell_size_check = on;")
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().filter(|found| found.nlink() > 0).map(|found| (found.dev(), found.ino()))
}

/// Whether the file at `path` is the one known before; any, when none is known.
fn same_file(path: &Path, known: Option<(u64, u64)>) -> Result<(), Error> {
    match (known, identity(path)) {
        (None, _) => Ok(()),
        (Some(known), Some(found)) if known == found => Ok(()),
        (Some(_), None) => Err(Error::Storage(format!("{} was removed while in use", path.display()))),
        (Some(_), Some(_)) => Err(Error::Storage(format!("{} was replaced while in use", path.display()))),
    }
}

fn log_of(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

/// Writes the log anew and syncs it. After a sync that failed, the system shows pages as written that never reached the
/// disk, and no later sync brings them there: a commit that follows them would be lost with them. Nobody has it open.
fn rewrite_log(path: &Path) -> std::io::Result<()> {
    let (log, copy) = (log_of(path), path.with_extension("db-wal-new"));
    if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        // byte by byte: a file system's own copy may only share the blocks that were never written
        let mut written = std::fs::File::create(&copy)?;
        written.write_all(&std::fs::read(&log)?)?;
        written.sync_all()?;
        std::fs::rename(&copy, &log)?;
        sync_folder_of(path)?;
    }
    Ok(())
}

fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
}

/// Brings one file up to `steps`; an existing file is copied first.
fn migrate_file(raw: &rusqlite::Connection, steps: &[Migration], path: &Path) -> Result<(), Error> {
    raw.execute_batch(
        "create table if not exists migration (room text not null, number integer not null, \
         oldest_reader integer not null, primary key (room, number)) strict, without rowid",
    )
    .map_err(explain)?;
    let applied: Vec<(String, i64, i64)> = raw
        .prepare("select room, number, oldest_reader from migration")
        .and_then(|mut query| {
            query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
        })
        .map_err(explain)?;
    let missing = migrate::missing(steps, &applied)?;
    if missing.is_empty() {
        return Ok(());
    }
    if !applied.is_empty() {
        let copy = path.with_extension(format!("before-{}.db", applied.len() + 1));
        if !copy.exists() {
            keep_copy(raw, &copy).map_err(|error| {
                Error::Migration(format!("no copy was kept before migrating {}: {error}", path.display()))
            })?;
        }
    }
    raw.execute_batch("begin immediate").map_err(explain)?;
    let done = apply(raw, &missing).and_then(|()| raw.execute_batch("commit"));
    if done.is_err() && !raw.is_autocommit() {
        // the failure that matters is the one above
        let _ = raw.execute_batch("rollback");
    }
    done.map_err(|error| Error::Migration(format!("{}: {error}", path.display())))
}

/// A copy has its name only once it is whole and on disk.
fn keep_copy(raw: &rusqlite::Connection, copy: &Path) -> Result<(), Error> {
    let part = copy.with_extension("part");
    match std::fs::remove_file(&part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(explain_io(&error)),
        _ => (),
    }
    raw.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 1).map_err(explain)?;
    let copied = raw.execute("vacuum into ?1", [part.to_string_lossy()]);
    raw.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0).map_err(explain)?;
    copied.map_err(explain)?;
    let kept = std::fs::File::open(&part)
        .and_then(|file| file.sync_all())
        .and_then(|()| std::fs::rename(&part, copy))
        .and_then(|()| sync_folder_of(copy));
    kept.map_err(|error| explain_io(&error))
}

fn apply(raw: &rusqlite::Connection, steps: &[Migration]) -> rusqlite::Result<()> {
    for step in steps {
        for statement in step.sqlite() {
            raw.execute_batch(&statement)?;
        }
        raw.execute(
            "insert into migration (room, number, oldest_reader) values (?1, ?2, ?3)",
            (step.room, step.number, step.oldest_reader),
        )?;
    }
    Ok(())
}

impl Engine for Sqlite {
    fn writer(&self, place: Place) -> Result<Box<dyn Connection>, Error> {
        self.lend(place, false).map(|connection| connection as Box<dyn Connection>)
    }

    fn reader(&self, place: Place) -> Result<Box<dyn Connection>, Error> {
        self.lend(place, true).map(|connection| connection as Box<dyn Connection>)
    }

    fn rest_writer(&self, place: Place, connection: Box<dyn Connection>) {
        if let Some(connection) = connection.into_sqlite() {
            self.rest(place, connection, false);
        }
    }

    fn rest_reader(&self, place: Place, connection: Box<dyn Connection>) {
        if let Some(connection) = connection.into_sqlite() {
            self.rest(place, connection, true);
        }
    }

    fn settle(&self, place: Place, batch: &str) -> Result<bool, Error> {
        let slot = self.slot(place);
        // the writer that failed was dropped by its thread; it counts as returned
        slot.gave_back();
        let mut state = slot.state.lock();
        if same_file(&self.path(place), state.inode).is_err() {
            // nothing is committed to a file that went away: running the pieces again says why
            state.sound = false;
            state.epoch += 1;
            state.readers.clear();
            return Ok(false);
        }
        self.heal(place, &slot, &mut state)?;
        // a log that was removed when its last connection closed must not come back with what failed
        sync_folder_of(&self.path(place)).map_err(|error| explain_io(&error))?;
        let connection = self.connect(place, state.epoch, state.inode, false)?;
        let found: String = match place {
            Place::Directory => {
                connection.raw.query_row("select batch_id from directory_state", [], |row| row.get(0))
            }
            Place::Tenant { .. } => {
                connection.raw.query_row("select batch_id from tenant_state", [], |row| row.get(0))
            }
        }
        .map_err(explain)?;
        // not kept at rest: closed by another thread, it would end the tenant's lease before this batch's due time is known
        drop(connection);
        Ok(found == batch)
    }

    fn create(&self, tenant: TenantId, generation: i64) -> Result<(), Error> {
        let place = Place::Tenant { tenant, generation };
        let path = self.path(place);
        let folder = path.parent().ok_or_else(|| Error::Storage("a tenant needs a folder".to_owned()))?;
        std::fs::create_dir_all(folder).map_err(|error| explain_io(&error))?;
        let mut template = self.template.lock();
        let template = match &mut *template {
            Some(template) => template,
            empty => {
                let raw = rusqlite::Connection::open_in_memory().map_err(explain)?;
                migrate_file(&raw, &self.tenant_steps, Path::new("template"))?;
                empty.insert(raw)
            }
        };
        template.execute("vacuum into ?1", [path.to_string_lossy()]).map_err(explain)?;
        // VACUUM INTO does not sync what it wrote; nobody has the file open yet
        let synced = std::fs::File::open(&path).and_then(|file| file.sync_all());
        let mut folders = folder.ancestors().take_while(|above| above.starts_with(&self.folder));
        synced
            .and_then(|()| folders.try_for_each(|folder| std::fs::File::open(folder)?.sync_all()))
            .map_err(|error| explain_io(&error))?;
        let connection = self.connect(place, 0, None, false)?;
        connection
            .raw
            .execute(
                "insert into tenant_state (tenant_id, state, generation, version, batch_id, catalog, stock, look) \
                 values (?1, 'live', ?2, 0, '', 0, 0, 0)",
                (tenant.number(), generation),
            )
            .map_err(explain)?;
        Ok(())
    }

    fn batch_limit(&self) -> usize {
        BATCH_LIMIT
    }

    fn on_closed(&self, tell: Box<dyn Fn(TenantId) + Send + Sync>) {
        // set once, when the database is opened
        let _ = self.closed.set(tell);
    }

    fn close_tenants(&self) {
        let places: Vec<Place> = self.slots.lock().keys().copied().collect();
        places
            .into_iter()
            .filter(|place| *place != Place::Directory)
            .for_each(|place| self.close_place(place));
    }

    fn close(&self) {
        self.close_tenants();
        self.close_place(Place::Directory);
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
    fn begin_write(&mut self, fence: Fence, batch: &str) -> Result<(), Error> {
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
        if changed == 1 { Ok(()) } else { Err(Error::NotLive(self.place.tenant())) }
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
fn explain(error: rusqlite::Error) -> Error {
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

fn explain_io(error: &std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::StorageFull
        | std::io::ErrorKind::ReadOnlyFilesystem
        | std::io::ErrorKind::PermissionDenied => Error::Full(error.to_string()),
        _ => Error::Storage(error.to_string()),
    }
}
