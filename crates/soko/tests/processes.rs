//! Real processes: several servers of one Postgres redeem a coupon once, and a folder on SQLite has one server.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

const CALLERS: usize = 1000;
/// Of them so many wait for an answer at the same time.
const AT_ONCE: usize = 32;
/// How long a start may take: debug builds, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(60);

/// `soko`, in a folder of its own, with these settings and no others.
struct Seat {
    folder: PathBuf,
    settings: Vec<(&'static str, String)>,
}

impl Seat {
    fn in_folder(folder: &Path, name: &str) -> Self {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        Self { folder, settings: vec![("SOKO_ENV", "development".to_owned())] }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((name, value.into()));
        self
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_soko"));
        command.args(words).arg("--data").arg(self.folder.join("data"));
        let kept = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"];
        let kept = kept.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
        command.env_clear().envs(kept).envs(self.settings.iter().cloned()).stdin(Stdio::null());
        command
    }

    /// What it wrote down, for a failure's sake.
    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// A server that is ready.
    fn serves(&self) -> Server {
        let port = testing::free_port();
        let log = File::create(self.folder.join("log")).expect("a log");
        let mut command = self.command(&["serve", "--port", &port.to_string()]);
        command.stdout(log.try_clone().expect("a log")).stderr(log);
        let mut server = Server { child: command.spawn().expect("soko starts"), port };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err()
            || server.asks("GET", "/health/ready", "", "").0 != 200
        {
            let ended = server.child.try_wait().expect("a child");
            assert!(ended.is_none() && start.elapsed() < PATIENCE, "it does not serve: {}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }
}

/// A running server; killed when dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Status and body of the answer, on a connection of its own.
    fn asks(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}");
        write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).expect("a request");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8_lossy(&answer);
        let status = answer.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
        (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }

    fn calls(&self, method: &str, path: &str, key: &str, body: &Value) -> (u16, Value) {
        let headers = format!(
            "content-type: application/json\r\naccept: application/json\r\nauthorization: Bearer {key}\r\n"
        );
        let (status, body) = self.asks(method, path, &headers, &body.to_string());
        (status, serde_json::from_str(&body).unwrap_or(Value::Null))
    }

    /// A bakery that signs up: the beginning of its API's addresses, and its secret key.
    fn bakery(&self) -> (String, String) {
        let wish = json!({
            "tenantName": "Forno", "adminUsername": "forno.owner", "adminPassword": "violet kettle 93 harbour moss",
            "currency": "EUR", "country": "IT",
        });
        let (status, made) = self.calls("POST", "/api/signup", "", &wish);
        assert_eq!(status, 201, "{made}");
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        (format!("/t/{}/api/v1", text(&made["slug"])), text(&made["keys"]["secret"]))
    }
}

/// A thousand posts, dealt over `servers`, by what was answered; a busy answer is asked again.
fn thousand(
    servers: &[Server],
    path: &str,
    key: &str,
    body: impl Fn(usize) -> Value + Sync,
) -> BTreeMap<String, usize> {
    let next = AtomicUsize::new(0);
    let ask = || {
        let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
        loop {
            let caller = next.fetch_add(1, Ordering::Relaxed);
            if caller >= CALLERS {
                return outcomes;
            }
            let server = &servers[caller % servers.len()];
            let (mut status, mut answer) = server.calls("POST", path, key, &body(caller));
            while status == 503 {
                std::thread::sleep(Duration::from_millis(20));
                (status, answer) = server.calls("POST", path, key, &body(caller));
            }
            let outcome = match answer["code"].as_str() {
                Some(code) if status >= 400 => format!("{status} {code}"),
                _ => status.to_string(),
            };
            *outcomes.entry(outcome).or_default() += 1;
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(ask)).collect();
        let mut all: BTreeMap<String, usize> = BTreeMap::new();
        for thread in threads {
            for (outcome, count) in thread.join().expect("a caller") {
                *all.entry(outcome).or_default() += count;
            }
        }
        all
    })
}

/// A thousand ask for one of ten coupons, and a thousand counters redeem the first of them.
fn ten_coupons_and_one_redemption(servers: &[Server]) {
    let (api, key) = servers[0].bakery();
    let wish = json!({
        "name": "Torte", "discount": { "kind": "percent", "value": 10 }, "limits": { "coupons": 10 },
    });
    let (status, campaign) = servers[0].calls("POST", &format!("{api}/campaigns"), &key, &wish);
    assert_eq!(status, 201, "{campaign}");
    let campaign = format!("{api}/campaigns/{}", campaign["id"].as_str().expect("an id"));
    let started = servers[0].calls("POST", &format!("{campaign}/start"), &key, &json!({}));
    assert_eq!(started.0, 200, "{}", started.1);

    let coupons = format!("{campaign}/coupons");
    let whom = |caller: usize| json!({ "contact": { "phone": format!("+3933{caller:08}") } });
    let issued = thousand(servers, &coupons, &key, whom);
    let wanted = [("201".to_owned(), 10), ("409 limit-reached".to_owned(), CALLERS - 10)];
    assert_eq!(issued, BTreeMap::from(wanted));
    for server in servers {
        let (_, listed) = server.calls("GET", &coupons, &key, &json!({}));
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(10), "{listed}");
    }

    let (_, listed) = servers[0].calls("GET", &coupons, &key, &json!({}));
    let code = listed["items"][0]["code"].as_str().expect("a code");
    let redeemed = thousand(servers, &format!("{api}/coupons/{code}/redeem"), &key, |_| json!({}));
    let wanted = [("200".to_owned(), 1), ("409 already-redeemed".to_owned(), CALLERS - 1)];
    assert_eq!(redeemed, BTreeMap::from(wanted));
    for server in servers {
        let (_, coupon) = server.calls("GET", &format!("{api}/coupons/{code}"), &key, &json!({}));
        assert_eq!(coupon["state"], "redeemed", "{coupon}");
    }
}

#[test]
fn through_two_servers_of_one_postgres_ten_coupons_are_issued_and_one_redemption_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = testing::database();
    let keys = folder.path().join("keys");
    std::fs::create_dir(&keys).expect("a folder");
    let seat = |name: &str| {
        Seat::in_folder(folder.path(), name)
            .with("SOKO_KEYS", keys.display().to_string())
            .with("DATABASE_URL", database.serve_url.clone())
            .with("MASTER_DATABASE_URL", database.migrate_url.clone())
    };
    let (one, other) = (seat("one"), seat("other"));
    let migrated = one.command(&["migrate"]).output().expect("soko runs");
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    ten_coupons_and_one_redemption(&[one.serves(), other.serves()]);
    let verified = one.command(&["audit", "verify"]).output().expect("soko runs");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

#[test]
fn a_folder_on_sqlite_has_one_server_and_a_second_refuses_while_the_first_redeems() {
    let folder = tempfile::tempdir().expect("a folder");
    let seat = Seat::in_folder(folder.path(), "bakery");
    let first = [seat.serves()];
    let refuses = || {
        let port = testing::free_port().to_string();
        let second = seat.command(&["serve", "--port", &port]).output().expect("soko runs");
        let said = String::from_utf8_lossy(&second.stderr).into_owned();
        assert!(!second.status.success() && said.contains("in use by another soko"), "{said}");
    };
    std::thread::scope(|scope| {
        let redeeming = scope.spawn(|| ten_coupons_and_one_redemption(&first));
        refuses();
        while !redeeming.is_finished() {
            refuses();
        }
    });
    // commands go through the server that holds the folder
    let verified = seat.command(&["audit", "verify"]).output().expect("soko runs");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}
