//! The default engine: one SQLite file per tenant and one for the directory, in WAL mode with `synchronous=FULL`.

mod connection;
mod file;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Instant,
};

use parking_lot::{Condvar, Mutex, MutexGuard};
use rusqlite::{ErrorCode, OpenFlags};

pub(crate) use connection::{SqliteConnection, cell};

use crate::{
    Error, Migration, TenantId,
    engine::{Connection, Engine, Place},
};
use connection::{READ_DEADLINE, explain, explain_io};
use file::{harden, identity, log_of, migrate_file, rewrite_log, same_file, sync_folder_of};

/// A page of cache is 4 KiB; a connection keeps at most this many KiB of them.
const CACHE_KIB: i64 = 1024;
/// Prepared statements a connection keeps.
const STATEMENTS: usize = 96;
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
    /// The writer whose commit failed, until all others are closed.
    failed: Option<Box<SqliteConnection>>,
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
        state.failed = None;
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
        // The log shows what the failed commit left in it to whoever reads the log anew. One connection stays open until all
        // others are closed: its shared index hides that from them, else the last of them would copy into the file what the
        // disk's log does not hold.
        let patience = Instant::now() + READ_DEADLINE * 2;
        while state.lent > 0 && !slot.returned.wait_until(state, patience).timed_out() {}
        let healed = if state.lent == 0 {
            state.failed = None;
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

    fn settle(&self, place: Place, failed: Box<dyn Connection>, batch: &str) -> Result<bool, Error> {
        let slot = self.slot(place);
        // it counts as returned, and nobody gets it again
        slot.gave_back();
        let mut state = slot.state.lock();
        state.failed = failed.into_sqlite();
        if same_file(&self.path(place), state.inode).is_err() {
            // nothing is committed to a file that went away: running the pieces again says why
            state.sound = false;
            state.epoch += 1;
            state.readers.clear();
            state.failed = None;
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

    fn connections(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    fn bytes(&self, place: Place) -> Result<Option<u64>, Error> {
        let path = self.path(place);
        let unreadable = |error: std::io::Error| Error::Storage(format!("{}: {error}", path.display()));
        let file = std::fs::metadata(&path).map_err(unreadable)?.len();
        // the log is there only while the tenant is open
        let log = std::fs::metadata(path.with_extension("db-wal")).map_or(0, |log| log.len());
        Ok(Some(file + log))
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
