//! A database file: whether it is still ours, its log, its migrations.

use std::{
    io::Write,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use rusqlite::{config::DbConfig, limits::Limit};

use super::connection::{explain, explain_io};
use crate::{Error, Migration, migrate};

/// What a hostile or damaged file could ask for is switched off (sqlite.org/security.html).
pub(super) fn harden(raw: &rusqlite::Connection) -> rusqlite::Result<()> {
    raw.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    raw.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // else statements on tables with partial indexes are compiled again whenever a parameter changes
    raw.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    raw.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    raw.execute_batch("pragma cell_size_check = on;")
}

pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().filter(|found| found.nlink() > 0).map(|found| (found.dev(), found.ino()))
}

/// Whether the file at `path` is the one known before; any, when none is known.
pub(super) fn same_file(path: &Path, known: Option<(u64, u64)>) -> Result<(), Error> {
    match (known, identity(path)) {
        (None, _) => Ok(()),
        (Some(known), Some(found)) if known == found => Ok(()),
        (Some(_), None) => Err(Error::Storage(format!("{} was removed while in use", path.display()))),
        (Some(_), Some(_)) => Err(Error::Storage(format!("{} was replaced while in use", path.display()))),
    }
}

pub(super) fn log_of(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

/// Writes the log anew and syncs it. After a sync that failed, the system shows pages as written that never reached the
/// disk, and no later sync brings them there: a commit that follows them would be lost with them. Nobody has it open.
pub(super) fn rewrite_log(path: &Path) -> std::io::Result<()> {
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

pub(super) fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
}

/// Brings one file up to `steps`; an existing file is copied first.
pub(super) fn migrate_file(
    raw: &rusqlite::Connection,
    steps: &[Migration],
    path: &Path,
) -> Result<(), Error> {
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
