//! A disk that fails on demand and forgets what was not synced: a SQLite VFS around the system's own.
#![allow(unsafe_code, reason = "SQLite takes a VFS as C functions")]

use std::{
    collections::HashMap,
    ffi::{CStr, CString, c_char, c_int, c_void},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    ptr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use parking_lot::Mutex;
use rusqlite::ffi::{
    self, SQLITE_CANTOPEN, SQLITE_FULL, SQLITE_IOERR_DELETE, SQLITE_IOERR_FSTAT, SQLITE_IOERR_FSYNC,
    SQLITE_IOERR_LOCK, SQLITE_IOERR_READ, SQLITE_IOERR_SHMLOCK, SQLITE_IOERR_SHMMAP, SQLITE_IOERR_TRUNCATE,
    SQLITE_IOERR_WRITE, SQLITE_OK, sqlite3_file, sqlite3_filename, sqlite3_int64, sqlite3_io_methods,
    sqlite3_vfs,
};

/// What SQLite asks of a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    Open,
    Read,
    Write,
    Truncate,
    Sync,
    Size,
    Lock,
    ShmMap,
    ShmLock,
    Delete,
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    Full,
    Io,
}

impl Failure {
    fn code(self, call: Call) -> c_int {
        match (self, call) {
            (Self::Full, _) => SQLITE_FULL,
            (Self::Io, Call::Open) => SQLITE_CANTOPEN,
            (Self::Io, Call::Read) => SQLITE_IOERR_READ,
            (Self::Io, Call::Write) => SQLITE_IOERR_WRITE,
            (Self::Io, Call::Truncate) => SQLITE_IOERR_TRUNCATE,
            (Self::Io, Call::Sync) => SQLITE_IOERR_FSYNC,
            (Self::Io, Call::Size) => SQLITE_IOERR_FSTAT,
            (Self::Io, Call::Lock) => SQLITE_IOERR_LOCK,
            (Self::Io, Call::ShmMap) => SQLITE_IOERR_SHMMAP,
            (Self::Io, Call::ShmLock) => SQLITE_IOERR_SHMLOCK,
            (Self::Io, Call::Delete) => SQLITE_IOERR_DELETE,
        }
    }
}

/// From the `nth` call of a kind (1 is the next one) on, `times` of them fail.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    pub call: Call,
    pub failure: Failure,
    pub nth: usize,
    pub times: usize,
    /// What the file's path contains.
    pub on: &'static str,
}

/// Where writes end that are not (or not surely) on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsynced {
    Lost,
    Kept,
    /// Each one lost or kept by chance.
    Mixed(u64),
}

impl Unsynced {
    fn keeps(&mut self) -> bool {
        match self {
            Self::Lost => false,
            Self::Kept => true,
            Self::Mixed(state) => {
                *state =
                    state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *state >> 63 == 1
            }
        }
    }
}

/// The files of a folder after a cut, by path.
pub type Image = HashMap<PathBuf, Arc<Vec<u8>>>;

/// What `Disk::cuts` took at one moment: what the test had noted by then, and the disk.
pub struct Cut {
    pub noted: Vec<i64>,
    pub image: Image,
}

/// A disk of one test. Its VFS stays registered: SQLite may hold on to it until the process ends.
#[derive(Clone)]
pub struct Disk(&'static Shared);

struct Shared {
    name: CString,
    real: *mut sqlite3_vfs,
    state: Mutex<State>,
}

// the system's VFS may be called from any thread; the rest is locked
unsafe impl Send for Shared {}
unsafe impl Sync for Shared {}

struct State {
    files: HashMap<PathBuf, Tracked>,
    fault: Option<Fault>,
    /// Calls of the fault's kind so far, and how many failed.
    seen: usize,
    hits: usize,
    /// A sync that fails leaves its writes in the page cache, marked clean: no later sync brings them to the disk.
    failed_sync: Unsynced,
    noted: Vec<i64>,
    cuts: Option<(Unsynced, Vec<Cut>)>,
    /// Bytes a write-ahead log may have.
    quota: Option<u64>,
}

/// What is surely on disk of a file, and what was written since.
#[derive(Default, Clone)]
struct Tracked {
    disk: Arc<Vec<u8>>,
    pending: Vec<Change>,
    /// Whether the name itself is on disk.
    named: bool,
    /// Made since: its first sync brings the folder to the disk, too.
    made: bool,
    /// Deleted, but the folder was not synced since.
    deleted: bool,
    /// The file of that name: another one was put there, and synced, by its maker.
    inode: u64,
}

#[derive(Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write(at, new) => {
                if bytes.len() < at + new.len() {
                    bytes.resize(at + new.len(), 0);
                }
                bytes[*at..at + new.len()].copy_from_slice(new);
            }
            Self::Truncate(length) => bytes.resize(*length, 0),
        }
    }
}

impl Tracked {
    fn settle(&mut self, mut which: Unsynced) {
        let bytes = Arc::make_mut(&mut self.disk);
        self.pending.drain(..).filter(|_| which.keeps()).for_each(|change| change.apply(bytes));
    }
}

impl State {
    /// What a power cut now would leave.
    fn image(&self, unsynced: Unsynced) -> Image {
        let mut left = Image::new();
        for (path, file) in &self.files {
            let mut file = file.clone();
            let there = if file.deleted { unsynced == Unsynced::Lost } else { true };
            file.settle(unsynced);
            if there && (file.named || unsynced != Unsynced::Lost) {
                left.insert(path.clone(), file.disk);
            }
        }
        left
    }

    fn hit(&mut self, call: Call, path: &Path) -> Option<c_int> {
        let cutting = matches!(call, Call::Write | Call::Truncate | Call::Sync | Call::Delete);
        if cutting && let Some((unsynced, _)) = self.cuts {
            let cut = Cut { noted: self.noted.clone(), image: self.image(unsynced) };
            self.cuts.as_mut().unwrap().1.push(cut);
        }
        let fault = self.fault?;
        if fault.call != call || !path.to_string_lossy().contains(fault.on) {
            return None;
        }
        self.seen += 1;
        let fails = self.seen >= fault.nth && self.seen - fault.nth < fault.times;
        self.hits += usize::from(fails);
        fails.then(|| fault.failure.code(call))
    }
}

impl Disk {
    pub fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("faults-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let state = State {
            files: HashMap::new(),
            fault: None,
            seen: 0,
            hits: 0,
            failed_sync: Unsynced::Lost,
            noted: Vec::new(),
            cuts: None,
            quota: None,
        };
        // SAFETY: the default VFS lives as long as the process; the copy and its name are leaked, so they do, too
        unsafe {
            let real = ffi::sqlite3_vfs_find(ptr::null());
            let shared: &'static Shared = Box::leak(Box::new(Shared {
                name: CString::new(name).unwrap(),
                real,
                state: Mutex::new(state),
            }));
            let mut vfs = Box::new(*real);
            vfs.zName = shared.name.as_ptr();
            vfs.pNext = ptr::null_mut();
            vfs.pAppData = ptr::from_ref(shared).cast_mut().cast();
            vfs.szOsFile = (HEAD + (*real).szOsFile as usize) as c_int;
            vfs.xOpen = Some(open);
            vfs.xDelete = Some(delete);
            assert_eq!(ffi::sqlite3_vfs_register(Box::leak(vfs), 0), SQLITE_OK);
            Self(shared)
        }
    }

    pub fn vfs(&self) -> String {
        self.0.name.to_string_lossy().into_owned()
    }

    pub fn fail(&self, fault: Fault) {
        let mut state = self.0.state.lock();
        (state.fault, state.seen, state.hits) = (Some(fault), 0, 0);
    }

    /// The disk works again; says how many calls had failed.
    pub fn heal(&self) -> usize {
        let mut state = self.0.state.lock();
        state.fault = None;
        state.hits
    }

    /// What becomes of writes whose sync fails.
    pub fn on_failed_sync(&self, unsynced: Unsynced) {
        self.0.state.lock().failed_sync = unsynced;
    }

    /// A write-ahead log may grow to this many bytes; then the disk is full.
    pub fn quota(&self, bytes: Option<u64>) {
        self.0.state.lock().quota = bytes;
    }

    pub fn note(&self, what: i64) {
        self.0.state.lock().noted.push(what);
    }

    /// Takes an image before every change from now on.
    pub fn take_cuts(&self, unsynced: Unsynced) {
        self.0.state.lock().cuts = Some((unsynced, Vec::new()));
    }

    pub fn cuts(&self) -> Vec<Cut> {
        self.0.state.lock().cuts.take().map_or_else(Vec::new, |(_, cuts)| cuts)
    }

    pub fn image(&self, unsynced: Unsynced) -> Image {
        self.0.state.lock().image(unsynced)
    }
}

/// Writes an image of `from` into the empty folder `to`.
pub fn restore(image: &Image, from: &Path, to: &Path) {
    for (path, bytes) in image {
        let path = to.join(path.strip_prefix(from).expect("a file of this folder"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes.as_slice()).unwrap();
    }
}

/// A file as SQLite sees it; the system's own follows in memory.
#[repr(C)]
struct File {
    base: sqlite3_file,
    shared: &'static Shared,
    /// None for a temporary file.
    path: Option<Box<PathBuf>>,
}

const HEAD: usize = size_of::<File>().next_multiple_of(16);

unsafe fn mine<'f>(file: *mut sqlite3_file) -> &'f File {
    unsafe { &*file.cast::<File>() }
}

unsafe fn real(file: *mut sqlite3_file) -> *mut sqlite3_file {
    unsafe { file.cast::<u8>().add(HEAD).cast() }
}

/// Calls the system's method of that name.
macro_rules! pass {
    ($file:ident, $method:ident $(, $argument:expr)*) => {{
        let real = real($file);
        ((*(*real).pMethods).$method.unwrap())(real $(, $argument)*)
    }};
}

fn failing(file: &File, call: Call) -> Option<c_int> {
    let path = file.path.as_ref()?;
    file.shared.state.lock().hit(call, path)
}

fn change(file: &File, change: Change) {
    if let Some(path) = &file.path
        && let Some(tracked) = file.shared.state.lock().files.get_mut(&**path)
    {
        tracked.pending.push(change);
    }
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: sqlite3_filename,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    unsafe {
        let shared: &'static Shared = &*(*vfs).pAppData.cast::<Shared>();
        (*file).pMethods = ptr::null();
        let path = (!name.is_null()).then(|| path_of(name));
        if let Some(path) = &path
            && let Some(code) = shared.state.lock().hit(Call::Open, path)
        {
            return code;
        }
        let existed = path.as_ref().is_some_and(|path| path.exists());
        let opened = ((*shared.real).xOpen.unwrap())(shared.real, name, real(file), flags, out);
        if opened != SQLITE_OK {
            return opened;
        }
        if let Some(path) = &path {
            let mut state = shared.state.lock();
            let inode = std::fs::metadata(path).map_or(0, |found| found.ino());
            let fresh = state
                .files
                .get(path)
                .is_none_or(|known| if existed { known.inode != inode } else { known.deleted });
            if fresh {
                // what was there before this disk saw it counts as synced
                let old = state.files.remove(path).filter(|old| old.deleted && !existed);
                let disk = if existed { whole(file) } else { Vec::new() };
                let mut tracked = Tracked {
                    disk: Arc::new(disk),
                    named: existed,
                    made: !existed,
                    inode,
                    ..Tracked::default()
                };
                if let Some(old) = old {
                    // the old file until the folder is synced, then the new one
                    tracked = Tracked { named: old.named, disk: old.disk, ..tracked };
                    tracked.pending.push(Change::Truncate(0));
                }
                state.files.insert(path.clone(), tracked);
            }
        }
        file.cast::<File>().write(File {
            base: sqlite3_file { pMethods: &raw const METHODS },
            shared,
            path: path.map(Box::new),
        });
        SQLITE_OK
    }
}

unsafe fn path_of(name: *const c_char) -> PathBuf {
    PathBuf::from(unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned())
}

unsafe fn whole(file: *mut sqlite3_file) -> Vec<u8> {
    unsafe {
        let mut size: sqlite3_int64 = 0;
        assert_eq!(pass!(file, xFileSize, &raw mut size), SQLITE_OK);
        let mut bytes = vec![0; size as usize];
        assert_eq!(pass!(file, xRead, bytes.as_mut_ptr().cast(), size as c_int, 0), SQLITE_OK);
        bytes
    }
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    unsafe {
        let shared: &'static Shared = &*(*vfs).pAppData.cast::<Shared>();
        let path = path_of(name);
        let mut state = shared.state.lock();
        if let Some(code) = state.hit(Call::Delete, &path) {
            return code;
        }
        let deleted = ((*shared.real).xDelete.unwrap())(shared.real, name, 0);
        if deleted == SQLITE_OK {
            if sync != 0 {
                state.files.remove(&path);
            } else if let Some(tracked) = state.files.get_mut(&path) {
                tracked.deleted = true;
                tracked.pending.clear();
            }
        }
        deleted
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    unsafe {
        let closed = pass!(file, xClose);
        ptr::drop_in_place(file.cast::<File>());
        (*file).pMethods = ptr::null();
        closed
    }
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    to: *mut c_void,
    amount: c_int,
    at: sqlite3_int64,
) -> c_int {
    unsafe {
        match failing(mine(file), Call::Read) {
            Some(code) => code,
            None => pass!(file, xRead, to, amount, at),
        }
    }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    amount: c_int,
    at: sqlite3_int64,
) -> c_int {
    unsafe {
        let bytes = std::slice::from_raw_parts(from.cast::<u8>(), amount as usize);
        let over = mine(file).path.as_ref().is_some_and(|path| {
            let log = path.extension().is_some_and(|end| end == "db-wal");
            let quota = mine(file).shared.state.lock().quota;
            log && quota.is_some_and(|quota| at as u64 + amount as u64 > quota)
        });
        let code = if over { Some(SQLITE_FULL) } else { failing(mine(file), Call::Write) };
        // a write that fails may have done a part of its work
        let kept = if code.is_some() { bytes.len() / 2 } else { bytes.len() };
        let done = if kept == 0 { SQLITE_OK } else { pass!(file, xWrite, from, kept as c_int, at) };
        if done == SQLITE_OK {
            change(mine(file), Change::Write(at as usize, bytes[..kept].to_vec()));
        }
        code.unwrap_or(done)
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    unsafe {
        if let Some(code) = failing(mine(file), Call::Truncate) {
            return code;
        }
        let done = pass!(file, xTruncate, size);
        if done == SQLITE_OK {
            change(mine(file), Change::Truncate(size as usize));
        }
        done
    }
}

/// The disk is in memory here, so the real one need not be waited for.
unsafe extern "C" fn sync(file: *mut sqlite3_file, _: c_int) -> c_int {
    let file = unsafe { mine(file) };
    let Some(path) = &file.path else { return SQLITE_OK };
    let mut state = file.shared.state.lock();
    let code = state.hit(Call::Sync, path);
    let which = if code.is_some() { state.failed_sync } else { Unsynced::Kept };
    if let Some(tracked) = state.files.get_mut(&**path) {
        tracked.settle(which);
        if code.is_none() && std::mem::take(&mut tracked.made) {
            tracked.named = true;
            state.files.retain(|other, file| !(file.deleted && other.parent() == path.parent()));
        }
    }
    code.unwrap_or(SQLITE_OK)
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut sqlite3_int64) -> c_int {
    unsafe {
        match failing(mine(file), Call::Size) {
            Some(code) => code,
            None => pass!(file, xFileSize, size),
        }
    }
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    unsafe {
        match failing(mine(file), Call::Lock) {
            Some(code) => code,
            None => pass!(file, xLock, level),
        }
    }
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    unsafe { pass!(file, xUnlock, level) }
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    unsafe { pass!(file, xCheckReservedLock, out) }
}

unsafe extern "C" fn file_control(file: *mut sqlite3_file, what: c_int, argument: *mut c_void) -> c_int {
    unsafe { pass!(file, xFileControl, what, argument) }
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    unsafe { pass!(file, xSectorSize) }
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    unsafe { pass!(file, xDeviceCharacteristics) }
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    to: *mut *mut c_void,
) -> c_int {
    unsafe {
        match failing(mine(file), Call::ShmMap) {
            Some(code) => code,
            None => pass!(file, xShmMap, page, size, extend, to),
        }
    }
}

unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, offset: c_int, count: c_int, flags: c_int) -> c_int {
    unsafe {
        // giving a lock back does not fail
        let takes = flags & ffi::SQLITE_SHM_LOCK != 0;
        match failing(mine(file), Call::ShmLock).filter(|_| takes) {
            Some(code) => code,
            None => pass!(file, xShmLock, offset, count, flags),
        }
    }
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    unsafe { pass!(file, xShmBarrier) }
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, remove: c_int) -> c_int {
    unsafe { pass!(file, xShmUnmap, remove) }
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};
