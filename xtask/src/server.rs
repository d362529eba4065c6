//! A Soko process of our own: built, started on a free loopback port, killed.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testing::Database;

use crate::client::Client;
use crate::{Result, shell};

/// How long a start may take: a debug build recovers after a kill, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(30);

/// Of every owner; nobody else reaches the port.
const PASSWORD: &str = "violet kettle 93 harbour moss";

/// How the binary is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// As the tests build it; quick to have.
    Debug,
    Release,
}

/// Builds `soko` and says where it is.
pub fn build(build: Build) -> Result<PathBuf> {
    // The whole workspace's features, so that what `cargo test --workspace` built is used and not built again.
    let mut cargo = shell::cargo("build --quiet --workspace --bin soko");
    let folder = match build {
        Build::Debug => "debug",
        Build::Release => {
            cargo.arg("--release");
            "release"
        }
    };
    shell::run(&mut cargo)?;
    Ok(shell::target()?.join(folder).join("soko"))
}

/// `cargo xtask demo`: a release build, two sample merchants, served until it is stopped.
pub fn demo(port: u16, data: &Path) -> Result {
    let soko = build(Build::Release)?;
    let mut demo = Command::new(soko);
    demo.arg("demo").args(["--port", &port.to_string(), "--data"]).arg(data);
    shell::run(demo.env("SOKO_ENV", "development"))
}

/// What a server is started with.
#[derive(Clone)]
pub struct Setting {
    pub binary: PathBuf,
    pub data: PathBuf,
    /// Where the server's log goes, and what it says when it does not start.
    pub log: PathBuf,
    pub environment: Vec<(String, String)>,
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    pub base: String,
}

/// A merchant who just signed up.
pub struct Merchant {
    pub slug: String,
    /// `sk_live_…`, which may do everything.
    pub secret_key: String,
}

impl Setting {
    /// A fresh world in `folder`, on SQLite.
    pub fn new(binary: &Path, folder: &Path) -> Result<Setting> {
        let data = folder.join("data");
        std::fs::create_dir_all(&data)?;
        Ok(Setting { binary: binary.to_owned(), data, log: folder.join("log"), environment: Vec::new() })
    }

    /// Moves this still empty world to Postgres: migrated by the role that owns the tables, served by the one that does not.
    pub fn use_postgres(&mut self, database: &Database) -> Result {
        let setting = |name: &str, url: &str| (name.to_owned(), url.to_owned());
        self.environment.push(setting("DATABASE_URL", &database.serve_url));
        self.environment.push(setting("MASTER_DATABASE_URL", &database.migrate_url));
        shell::read(&mut self.command(&["migrate"]))?;
        Ok(())
    }

    /// `soko`, with these settings and no others: what the developer has set for himself does not count.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(words).arg("--data").arg(&self.data);
        for (name, _) in std::env::vars_os().filter(|(name, _)| !is_of_the_system(name)) {
            command.env_remove(name);
        }
        command.env("SOKO_ENV", "development").envs(self.environment.iter().cloned());
        command
    }

    /// Starts a server and waits until it is ready.
    pub fn serve(&self) -> Result<Server> {
        let port = testing::free_port();
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mut command = self.command(&["serve", "--port", &port.to_string()]);
        let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        let mut server = Server { child, base: format!("http://127.0.0.1:{port}") };
        let start = Instant::now();
        let client = Client::new(&server.base);
        while start.elapsed() < PATIENCE {
            if client.get("/health/ready").is_ok_and(|reply| reply.status == 200) {
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("soko ended instead of serving ({status})\n{}", self.last_words()).into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Err(format!("soko is not ready after {PATIENCE:?}\n{}", self.last_words()).into())
    }

    /// A new merchant, made by the operator: as many as wanted, where sign-up limits an address to a few.
    #[cfg(feature = "bench")]
    pub fn create_tenant(&self, name: &str) -> Result<Merchant> {
        // each in a file of its own: merchants are made at the same time
        let password = self.log.with_file_name(format!("password-of-{}", user_name(name)));
        std::fs::write(&password, PASSWORD)?;
        let words = ["tenant", "create", "--json", "--country", "FR", "--currency", "EUR", "--name", name];
        let mut command = self.command(&words);
        command.args(["--username", &user_name(name), "--password-file"]).arg(password);
        Merchant::of(&serde_json::from_str(&shell::read(&mut command)?)?)
    }

    /// The end of the log.
    pub fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

impl Server {
    /// Ends the server as a power cut would, and waits until it is gone.
    pub fn kill(mut self) -> Result {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks the server to finish, and waits until it has.
    #[cfg(feature = "bench")]
    pub fn stop(mut self) -> Result {
        shell::read(Command::new("kill").args(["-TERM", &self.child.id().to_string()]))?;
        self.child.wait()?;
        Ok(())
    }

    #[cfg(feature = "bench")]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Signs a new merchant up.
    pub fn sign_up(&self, name: &str) -> Result<Merchant> {
        let wish = json!({
            "tenantName": name,
            "adminUsername": user_name(name),
            "adminPassword": PASSWORD,
            "currency": "EUR",
            "country": "FR",
        });
        Merchant::of(&Client::new(&self.base).post("/api/signup", &wish, None)?.expect(201)?)
    }

    /// A client with the merchant's secret key, on a connection of its own.
    pub fn client(&self, merchant: &Merchant) -> Client {
        Client::with_key(&self.base, &merchant.secret_key)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Merchant {
    /// From what sign-up says, by HTTP or by command.
    fn of(reply: &Value) -> Result<Merchant> {
        let slug = reply["slug"].as_str().ok_or("a sign-up without a slug")?.to_owned();
        let secret_key = reply["keys"]["secret"].as_str().ok_or("a sign-up without a secret key")?.to_owned();
        Ok(Merchant { slug, secret_key })
    }

    /// The address of an API route of this merchant.
    pub fn api(&self, route: &str) -> String {
        format!("/t/{}/api/v1{route}", self.slug)
    }
}

/// Without these a program may not start; all others could change how Soko behaves.
fn is_of_the_system(name: &OsStr) -> bool {
    let kept = ["PATH", "HOME", "USER", "TMPDIR", "LANG", "LD_LIBRARY_PATH", "RUST_BACKTRACE"];
    kept.iter().any(|kept| name == *kept)
}

/// The owner's, made of the business's.
fn user_name(name: &str) -> String {
    format!("owner-of-{}", name.to_lowercase().replace(' ', "-"))
}
