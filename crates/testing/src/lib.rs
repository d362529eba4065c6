//! A Postgres of a test's own: started from the installed binaries, thrown away afterwards, never the one of the machine.
//!
//! A test that needs Postgres calls [`database`] and gets a fresh, empty database in a cluster that all tests of the
//! process share. A test that must see Postgres die starts a [`Cluster`] for itself. Nothing outlives the process, even
//! when it is killed. Without an installed Postgres a test fails and says what to install: it is never skipped.

mod install;
mod process;

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

pub use install::free_port;

use install::Install;
use process::Server;

/// How long a start may take: a crashed cluster replays its log first, on a machine that builds at the same time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A fresh, empty database and the two ways into it. It ends with its cluster.
#[derive(Clone, Debug)]
pub struct Database {
    /// As `soko_migrate`, which owns the database and what it creates there.
    pub migrate_url: String,
    /// As `soko_serve`, which owns nothing and obeys row-level security, but may read and write rows of the other's tables.
    pub serve_url: String,
}

/// A running Postgres with the roles `soko_migrate` and `soko_serve`, 200 connections, real syncs, on a free loopback port.
pub struct Cluster {
    install: Install,
    folder: PathBuf,
    port: u16,
    server: Option<Server>,
    databases: AtomicU32,
}

/// A fresh database in the cluster that the tests of this process share; the first call starts it.
///
/// # Panics
/// When Postgres is not installed or does not start, with what to do.
pub fn database() -> Database {
    Cluster::shared().database()
}

/// Whether Postgres is installed here; if not, what to install.
///
/// # Errors
/// A sentence for the developer.
pub fn installed() -> Result<(), String> {
    Install::find().map(|_| ())
}

impl Cluster {
    /// The cluster that the tests of this process share.
    ///
    /// # Panics
    /// When Postgres is not installed or does not start, with what to do.
    pub fn shared() -> &'static Cluster {
        static SHARED: LazyLock<Cluster> = LazyLock::new(Cluster::start);
        &SHARED
    }

    /// A cluster for one test alone, which may [`crash`](Self::crash) it; stopped and removed when dropped.
    ///
    /// # Panics
    /// When Postgres is not installed or does not start, with what to do.
    pub fn start() -> Cluster {
        let install = Install::find().unwrap_or_else(|missing| panic!("{missing}"));
        let folder = install.new_cluster().unwrap_or_else(|error| panic!("no Postgres cluster: {error}"));
        let mut cluster = Cluster { install, folder, port: 0, server: None, databases: AtomicU32::new(0) };
        // Another process may take the free port before Postgres does.
        let started = (0..5).any(|_| {
            cluster.port = install::free_port();
            cluster.launch()
        });
        assert!(started, "Postgres did not start:\n{}", cluster.log());
        cluster
    }

    /// A fresh, empty database here.
    ///
    /// # Panics
    /// When Postgres refuses, with its words.
    pub fn database(&self) -> Database {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.query("postgres", &format!("create database {name} owner soko_migrate"));
        let url = |role| format!("postgres://{role}@127.0.0.1:{}/{name}", self.port);
        Database { migrate_url: url("soko_migrate"), serve_url: url("soko_serve") }
    }

    /// What `sql` prints, run by the superuser in `database`: rows in lines, columns parted by `|`.
    ///
    /// # Panics
    /// When Postgres refuses, with its words.
    pub fn query(&self, database: &str, sql: &str) -> String {
        let port = self.port.to_string();
        let output = Command::new(self.install.binary("psql"))
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"])
            .args([
                "--host=127.0.0.1",
                "--username=postgres",
                "--port",
                &port,
                "--dbname",
                database,
                "--command",
                sql,
            ])
            .output()
            .unwrap_or_else(|error| panic!("psql does not start: {error}"));
        assert!(output.status.success(), "{sql}\n{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Ends all of Postgres at once, as a crash would: no checkpoint, no goodbye to clients.
    pub fn crash(&mut self) {
        if let Some(server) = self.server.take() {
            server.end();
        }
    }

    /// Starts again after a [`crash`](Self::crash), on the same port, with what had been committed.
    ///
    /// # Panics
    /// When Postgres does not come back, with its log.
    pub fn restart(&mut self) {
        self.crash();
        assert!(self.launch(), "Postgres did not come back:\n{}", self.log());
    }

    /// Whether Postgres came up on `self.port`.
    fn launch(&mut self) -> bool {
        let mut postgres = self.install.command("postgres");
        postgres
            .args(["-p", &self.port.to_string(), "-D"])
            .arg(&self.folder)
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="])
            .args(["-c", "max_connections=200", "-c", "fsync=on", "-c", "logging_collector=off"]);
        let Ok(server) = Server::start(postgres, self.folder.join("log")) else { return false };
        let patience = Instant::now() + PATIENCE;
        while !server.has_ended() && Instant::now() < patience {
            if self.is_ready(server.pid()) {
                self.server = Some(server);
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        server.end();
        false
    }

    /// Postgres writes its process id in the first line of this file and its state in the eighth.
    fn is_ready(&self, pid: u32) -> bool {
        let Ok(file) = std::fs::read_to_string(self.folder.join("postmaster.pid")) else { return false };
        let lines: Vec<&str> = file.lines().map(str::trim).collect();
        lines.first() == Some(&pid.to_string().as_str()) && lines.get(7) == Some(&"ready")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.crash();
        // What cannot be removed now is swept by the next start.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
