//! A full disk and a read-only folder: a clear error, nothing acknowledged is lost, and service resumes.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::load::{Attempt, id_of};
use super::{Stand, books};
use crate::client::Reply;
use crate::server::Setting;
use crate::{Result, shell};

/// Room for the server's own files and some orders; small enough to fill in a moment.
const DISK_MIB: u64 = 48;

const NO_DISK: &str = "only root may mount the small disk it needs";

/// Runs both faults; returns those that cannot be made here, and why.
pub fn run(binary: &Path) -> Result<Vec<String>> {
    let mut skipped = Vec::new();
    for (name, fault) in
        [("full disk", full_disk as fn(&Path) -> Result<Option<String>>), ("read-only folder", read_only)]
    {
        let start = Instant::now();
        match fault(binary).map_err(|error| format!("{name}: {error}"))? {
            None => println!(
                "{name}: a clear error, and service resumed, in {:.1} s",
                start.elapsed().as_secs_f32()
            ),
            Some(reason) => skipped.push(format!("{name}: {reason}")),
        }
    }
    Ok(skipped)
}

/// Fills the disk under a serving Soko, then makes room again.
fn full_disk(binary: &Path) -> Result<Option<String>> {
    let folder = tempfile::tempdir()?;
    let Some(disk) = Disk::mount(folder.path().join("disk"))? else { return Ok(Some(NO_DISK.to_owned())) };
    let mut setting = Setting::new(binary, &disk.0)?;
    setting.log = folder.path().join("log");
    let stand = Stand::open(&setting)?;
    let client = stand.server.client(&stand.merchant);
    let mut attempts = Vec::new();
    let mut place = |count: u64| -> Result<Vec<Reply>> {
        let mut refusals = Vec::new();
        for _ in 0..count {
            let key = format!("order-{}", attempts.len());
            let mut attempt = Attempt { key, quantity: 1, order: None };
            let reply = attempt.place(&client, &stand.merchant)?;
            match reply.status {
                201 => attempt.order = Some(id_of(&reply.body)?),
                _ => refusals.push(reply),
            }
            attempts.push(attempt);
        }
        Ok(refusals)
    };

    if !place(5)?.is_empty() {
        return Err("orders were refused before the disk was full".into());
    }
    disk.fill()?;
    let mut refusals = Vec::new();
    // What the server has set aside (a log's free pages) may carry some orders more.
    for _ in 0..2_000 {
        refusals = place(1)?;
        if !refusals.is_empty() {
            break;
        }
    }
    refusals.extend(place(3)?);
    if refusals.len() < 2 {
        return Err("orders are acknowledged although the disk is full".into());
    }
    refusals.iter().try_for_each(is_clear_error)?;
    client
        .get(&stand.merchant.api("/products"))?
        .expect(200)
        .map_err(|error| format!("reading stopped too: {error}"))?;

    disk.make_room()?;
    let patience = Instant::now() + Duration::from_secs(10);
    while !place(1)?.is_empty() {
        if Instant::now() > patience {
            return Err(format!(
                "service did not resume when there was room again\n{}",
                setting.last_words()
            )
            .into());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    books::check(&setting, &stand.server, &stand.merchant, &stand.variant, attempts)?;
    Ok(None)
}

/// Starts on a folder that cannot be written, then on the same folder when it can.
fn read_only(binary: &Path) -> Result<Option<String>> {
    let folder = tempfile::tempdir()?;
    let Some(disk) = Disk::mount(folder.path().join("disk"))? else { return Ok(Some(NO_DISK.to_owned())) };
    let mut setting = Setting::new(binary, &disk.0)?;
    setting.log = folder.path().join("log");
    drop(Stand::open(&setting)?);
    File::create(&setting.log)?;

    disk.remount("ro")?;
    let refused = setting.serve();
    disk.remount("rw")?;
    if refused.is_ok() {
        return Err("soko serves on a folder that it cannot write".into());
    }
    names_the_folder(&setting)?;
    Stand::open(&setting).map_err(|error| format!("service did not resume: {error}"))?;
    Ok(None)
}

/// A server's error says that it is its own, and carries a code for machines and a sentence for people, but no causes.
fn is_clear_error(reply: &Reply) -> Result {
    let sentence = reply.body["detail"].as_str().or_else(|| reply.body["title"].as_str()).unwrap_or_default();
    let code = [&reply.body["code"], &reply.body["type"]].into_iter().any(Value::is_string);
    if matches!(reply.status, 500 | 503 | 507) && code && !sentence.is_empty() {
        return Ok(());
    }
    Err(format!("not a clear error: {} {}", reply.status, reply.body).into())
}

fn names_the_folder(setting: &Setting) -> Result {
    let words = setting.last_words();
    let folder = setting.data.display().to_string();
    if words.contains(&folder) && words.to_lowercase().contains("read-only") {
        return Ok(());
    }
    Err(format!("the refusal names neither {folder} nor that it is read-only:\n{words}").into())
}

/// A small disk of our own, unmounted when dropped.
struct Disk(PathBuf);

impl Disk {
    /// Mounts it at `path`, if this process may.
    fn mount(path: PathBuf) -> Result<Option<Disk>> {
        fs::create_dir_all(&path)?;
        let size = format!("size={DISK_MIB}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "soko-torture"]).arg(&path);
        Ok(shell::succeeds(&mut mount).then_some(Disk(path)))
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }

    /// Takes the last byte.
    fn fill(&self) -> Result {
        let mut file = File::create(self.ballast())?;
        for size in [1 << 20, 4096, 1] {
            let block = vec![7; size];
            while file.write_all(&block).is_ok() {}
        }
        Ok(())
    }

    fn make_room(&self) -> Result {
        Ok(fs::remove_file(self.ballast())?)
    }

    fn remount(&self, how: &str) -> Result {
        let option = format!("remount,{how}");
        shell::read(Command::new("mount").args(["-o", &option]).arg(&self.0)).map(|_| ())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        shell::succeeds(Command::new("umount").arg("--lazy").arg(&self.0));
    }
}
