//! The Postgres that is installed here, the user it runs as, and clusters made from it.

use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::process::is_root;

const MISSING: &str = "PostgreSQL is missing: these tests start their own server from the installed binaries. \
    Install it (Debian, Ubuntu: `apt-get install postgresql`), so that initdb and postgres are found in \
    /usr/lib/postgresql/*/bin or in PATH; `cargo xtask test` does so when it may.";

/// What each cluster starts with. In `template1`, so that each database made later has it.
const ROLES: &str = "create role soko_migrate login nosuperuser nobypassrls
create role soko_serve login nosuperuser nobypassrls
alter default privileges for role soko_migrate grant select, insert, update, delete on tables to soko_serve
alter default privileges for role soko_migrate grant usage, select on sequences to soko_serve
";

pub(crate) struct Install {
    binaries: PathBuf,
    /// Postgres refuses to run as root: then it runs as this user and group.
    user: Option<(u32, u32)>,
    /// Holds the template and the clusters; the server's user can write here.
    home: PathBuf,
}

impl Install {
    /// The newest Postgres of this machine, or what to install.
    pub(crate) fn find() -> Result<Install, String> {
        let binaries = find_binaries().ok_or(MISSING)?;
        let user = if is_root() { Some(unprivileged_user()?) } else { None };
        let home = make_home(user).map_err(|error| format!("no folder for Postgres clusters: {error}"))?;
        Ok(Install { binaries, user, home })
    }

    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.binaries.join(name)
    }

    /// A command of Postgres, run as the server's user.
    pub(crate) fn command(&self, name: &str) -> Command {
        self.as_server_user(&self.binary(name))
    }

    fn as_server_user(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.home).env_remove("PGDATA").env("LC_ALL", "C").env("TZ", "UTC");
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    /// The folder of a new cluster, ready to start. Also sweeps away those that dead processes left.
    pub(crate) fn new_cluster(&self) -> io::Result<PathBuf> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let template = self.template()?;
        self.sweep();
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = self.home.join(format!("{}{}-{count}", RUNNING, std::process::id()));
        run(self
            .as_server_user(Path::new("cp"))
            .arg("-R")
            .arg("--reflink=auto")
            .arg(&template)
            .arg(&folder))?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        Ok(folder)
    }

    /// A cluster that was never started: made once per version and kept, because `initdb` takes seconds and a copy does not.
    fn template(&self) -> io::Result<PathBuf> {
        let version = Command::new(self.binary("postgres")).arg("--version").output()?.stdout;
        let version = String::from_utf8_lossy(&version);
        let version = version.split_whitespace().nth(2).unwrap_or_default(); // postgres (PostgreSQL) 15.18 (Debian …)
        let template = self.home.join(format!("template-1-{version}"));
        // Held until the end of this function: test binaries of one run may start together.
        let turn = File::create(self.home.join("lock"))?;
        turn.lock()?;
        if template.exists() {
            return Ok(template);
        }
        let unfinished = self.home.join("template-unfinished");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished)?;
        }
        run(self
            .command("initdb")
            .args([
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--pgdata",
            ])
            .arg(&unfinished))?;
        // `-j` would end a statement at `;` and an empty line; by default each line is one.
        let roles = self.home.join("roles.sql");
        fs::write(&roles, ROLES)?;
        let single = self
            .command("postgres")
            .arg("--single")
            .args(["-c", "exit_on_error=on", "-D"])
            .arg(&unfinished)
            .arg("template1")
            .stdin(File::open(&roles)?)
            .output()?;
        if !single.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&single.stderr).into_owned()));
        }
        fs::rename(&unfinished, &template)?;
        Ok(template)
    }

    fn sweep(&self) {
        for entry in fs::read_dir(&self.home).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let pid = name.to_str().and_then(|name| name.strip_prefix(RUNNING)?.split('-').next());
            if let Some(pid) = pid
                && !Path::new("/proc").join(pid).exists()
            {
                // A neighbour may sweep the same folder at the same time.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// How the folders of running clusters begin; the process id of the test follows.
const RUNNING: &str = "run-";

/// A loopback port that is free now; another process may still take it before the caller does.
///
/// # Panics
/// When the machine has no loopback address or no port left.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).unwrap_or_else(|error| panic!("no free loopback port: {error}"))
}

fn find_binaries() -> Option<PathBuf> {
    let version = |folder: &PathBuf| -> Option<u32> { folder.parent()?.file_name()?.to_str()?.parse().ok() };
    let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    debian.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let complete =
        |folder: &PathBuf| ["initdb", "postgres", "psql"].iter().all(|name| folder.join(name).is_file());
    debian.into_iter().chain(std::env::split_paths(&path)).find(complete)
}

/// The user and group of `postgres`, else of `nobody`.
fn unprivileged_user() -> Result<(u32, u32), String> {
    let users = fs::read_to_string("/etc/passwd").map_err(|error| format!("/etc/passwd: {error}"))?;
    let find = |name: &str| {
        let fields: Vec<&str> =
            users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == name)?;
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    };
    find("postgres").or_else(|| find("nobody")).ok_or_else(|| {
        "Postgres refuses to run as root, and there is neither a user `postgres` nor `nobody`".to_owned()
    })
}

/// `pg` in the build folder; in the system's temporary folder when the server's user cannot get there.
fn make_home(user: Option<(u32, u32)>) -> io::Result<PathBuf> {
    let built = std::env::current_exe()?;
    let build_folder = built.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    let reachable = |folder: &&Path| {
        user.is_none()
            || folder.ancestors().all(|step| fs::metadata(step).is_ok_and(|step| step.mode() & 0o001 != 0))
    };
    let home = match build_folder.filter(reachable) {
        Some(folder) => folder.join("pg"),
        None => std::env::temp_dir().join(match user {
            Some(_) => "soko-tests-of-root",
            None => "soko-tests",
        }),
    };
    fs::create_dir_all(&home)?;
    if let Some((user, group)) = user {
        chown(&home, Some(user), Some(group))?;
    }
    Ok(home)
}

fn run(command: &mut Command) -> io::Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("{command:?}\n{}", String::from_utf8_lossy(&output.stderr))))
}
