//! The whole house in a test: real rooms, a clock that stands, requests without a socket.
#![allow(dead_code, reason = "each test file uses its own part of the house")]

use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use db::{FixedClock, Scope, World};
use edge::{
    Config, Secret,
    testing::{Answer, ask},
};
use operations::command::{self, Command, Outcome};
use serde_json::{Value, json};
use soko::wiring::{self, Soko};

/// Good enough for zxcvbn, and known to the canary test.
pub const PASSWORD: &str = "mangue-vélo-lampe-canary-42";

pub struct House {
    pub soko: Soko,
    pub router: Router,
    pub clock: FixedClock,
    _folder: tempfile::TempDir,
}

/// A merchant that signed up.
pub struct Shop {
    pub slug: String,
    pub secret: String,
    pub public: String,
    pub cookie: String,
}

impl House {
    pub async fn on_sqlite() -> Self {
        Self::open(None).await
    }

    pub async fn on_postgres() -> Self {
        Self::open(Some(testing::database())).await
    }

    /// A server on this Postgres, which may have others; each has chances of its own.
    pub async fn on(database: &testing::Database) -> Self {
        static SEED: AtomicU64 = AtomicU64::new(8);
        Self::seeded(Some(database.clone()), SEED.fetch_add(1, Ordering::Relaxed)).await
    }

    /// On SQLite, with some settings changed.
    pub async fn configured(change: impl FnOnce(&mut Config)) -> Self {
        Self::made(None, 7, change).await
    }

    /// The same on Postgres.
    pub async fn configured_on_postgres(change: impl FnOnce(&mut Config)) -> Self {
        Self::made(Some(testing::database()), 7, change).await
    }

    async fn open(database: Option<testing::Database>) -> Self {
        Self::seeded(database, 7).await
    }

    async fn seeded(database: Option<testing::Database>, seed: u64) -> Self {
        Self::made(database, seed, |_| ()).await
    }

    async fn made(database: Option<testing::Database>, seed: u64, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (world, clock) = World::fixed(db::testing::START, seed);
        let mut config = Config::development();
        folder.path().clone_into(&mut config.data);
        if let Some(database) = database {
            config.database_url = Some(Secret::new(database.serve_url));
            config.migrate_url = Some(Secret::new(database.migrate_url));
        }
        change(&mut config);
        let soko = wiring::open(config, world).await.expect("the house opens");
        let router = soko.router();
        Self { soko, router, clock, _folder: folder }
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        ask(&self.router, "GET", &format!("http://localhost{path}"), headers, "").await
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend(headers);
        ask(&self.router, method, &format!("http://localhost{path}"), &all, &body.to_string()).await
    }

    /// A form, sent from our own page.
    pub async fn form(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", quoted(value))).collect();
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", "http://localhost"),
            ("cookie", cookie),
        ];
        ask(&self.router, "POST", &format!("http://localhost{path}"), &headers, &body.join("&")).await
    }

    pub async fn sign_up(&self, name: &str, username: &str) -> Shop {
        let body = json!({
            "tenantName": name, "adminUsername": username, "adminPassword": PASSWORD, "currency": "EUR", "country": "FR",
        });
        let answer = self.send("POST", "/api/signup", &[], &body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let made = answer.json();
        let cookie = cookie_of(&answer);
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        Shop {
            slug: text(&made["slug"]),
            secret: text(&made["keys"]["secret"]),
            public: text(&made["keys"]["public"]),
            cookie,
        }
    }

    /// A request of an office page: with a session's cookie, from our own origin, with a form's token.
    pub async fn office(&self, method: &str, path: &str, cookie: &str, token: &str, body: &str) -> Answer {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", "http://localhost"),
            ("sec-fetch-site", "same-origin"),
            ("accept", "application/json, text/html;q=0"),
            ("cookie", cookie),
            ("x-csrf-token", token),
        ];
        ask(&self.router, method, &format!("http://localhost{path}"), &headers, body).await
    }

    /// The token of the forms of `page` for the session behind `cookie`.
    pub async fn token(&self, page: &str, cookie: &str) -> String {
        let answer = self.get(page, &[("cookie", cookie)]).await;
        assert_eq!(answer.status, 200, "{page}: {}", answer.body);
        let token = answer.csrf();
        assert!(!token.is_empty(), "{page} has no form");
        token
    }

    /// The cookie of a new session of `login`.
    pub async fn sign_in(&self, login: &str) -> String {
        let answer = self.form("/sign-in", "", &[("login", login), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        cookie_of(&answer)
    }

    /// Runs a command of the operator, which must succeed.
    pub async fn command(&self, command: Command) -> Outcome {
        let outcome = command::run(&self.soko.house, command).await;
        assert!(outcome.well, "{}", outcome.text);
        outcome
    }

    /// Ledger and chain of every tenant hold.
    pub async fn verifies(&self) {
        self.command(Command::AuditVerify { tenant: None, heads: None }).await;
    }

    /// Runs what the tenants' outboxes promise, for a while.
    pub async fn work(&self) {
        let runner = self.soko.runner();
        let stop = tokio::time::sleep(std::time::Duration::from_millis(600));
        runner.run(stop).await;
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.soko.house.db.close();
    }
}

impl Shop {
    pub fn path(&self, rest: &str) -> String {
        format!("/t/{}{rest}", self.slug)
    }

    pub fn api(&self, rest: &str) -> String {
        format!("/t/{}/api/v1{rest}", self.slug)
    }

    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.secret)
    }

    pub async fn call(&self, house: &House, method: &str, rest: &str, body: &Value) -> Answer {
        house.send(method, &self.api(rest), &[("authorization", &self.bearer())], body).await
    }

    pub async fn read(&self, house: &House, rest: &str) -> Answer {
        house.get(&self.api(rest), &[("authorization", &self.bearer())]).await
    }

    /// A picture in one shade, kept.
    pub async fn has_picture(&self, house: &House, shade: u8) -> Value {
        let headers = [("authorization", &*self.bearer()), ("content-type", "image/png")];
        let url = format!("http://localhost{}", self.api("/images"));
        let answer = ask(&house.router, "POST", &url, &headers, picture(shade)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()
    }

    /// A product with one variant and, if said, a counted stock.
    pub async fn has_product(
        &self,
        house: &House,
        title: &str,
        sku: &str,
        minor: i64,
        stock: Option<i64>,
    ) -> Value {
        let mut variant = json!({ "sku": sku, "price": { "amount": minor, "currency": "EUR" } });
        if let Some(stock) = stock {
            variant["stock"] = json!(stock);
        }
        let answer =
            self.call(house, "POST", "/products", &json!({ "title": title, "variants": [variant] })).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()
    }

    /// A delivery zone that `covers` some addresses, for a fee in cents: its id.
    pub async fn delivers(&self, house: &House, name: &str, covers: Value, minor: i64) -> String {
        let fee = json!({ "amount": minor, "currency": "EUR" });
        let zone = json!({ "name": name, "covers": covers, "fee": fee, "words": "before 18:00" });
        let made = self.call(house, "POST", "/delivery-zones", &zone).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.json()["id"].as_str().expect("a zone's id").to_owned()
    }

    /// Somebody who works here as `role`: the member's id, and the cookie of a session.
    pub async fn employs(&self, house: &House, login: &str, role: &str) -> (String, String) {
        self.employs_at(house, login, role, &[]).await
    }

    /// As `employs`, at some locations only.
    pub async fn employs_at(
        &self,
        house: &House,
        login: &str,
        role: &str,
        locations: &[&str],
    ) -> (String, String) {
        let body = json!({ "name": "Ibrahima Sow", "roles": [{ "role": role, "locations": locations }] });
        let invited = self.call(house, "POST", "/members", &body).await;
        assert_eq!(invited.status, 201, "{}", invited.body);
        let invited = invited.json();
        let path = local(invited["link"].as_str().expect("a link"));
        let fields = [("login", login), ("password", PASSWORD)];
        let accepted = house.form(&path, "", &fields).await;
        assert_eq!(accepted.status, 303, "{}", accepted.body);
        (invited["member"]["id"].as_str().expect("an id").to_owned(), cookie_of(&accepted))
    }

    /// The right to look into this business's tables.
    pub async fn scope(&self, house: &House) -> Scope {
        let tenant = house.soko.app.db.tenant_by_slug(&self.slug).await.expect("the directory answers");
        let tenant = tenant.expect("the business is there").id;
        Scope {
            tenant,
            actor: db::Actor::system(),
            origin: db::Origin::default(),
            reach: db::Reach::Everywhere,
        }
    }

    /// How many entries both books have; each must balance.
    pub async fn entries(&self, house: &House) -> usize {
        let mut count = 0;
        for book in ["live", "test"] {
            let balances = self.read(house, &format!("/ledger/balances?book={book}")).await.json();
            let items = balances["items"].as_array().expect("balances").clone();
            let sum: i64 =
                items.iter().map(|item| item["amount"]["amount"].as_i64().expect("an amount")).sum();
            assert_eq!(sum, 0, "the {book} book balances: {balances}");
            let entries = self.read(house, &format!("/ledger/entries?limit=100&book={book}")).await.json();
            count += entries["items"].as_array().expect("entries").len();
        }
        count
    }

    /// The path of the page that an order's customer sees.
    pub async fn page_of(&self, house: &House, order: &str) -> String {
        let id = order.parse().expect("an order's id");
        let link = move |tx: &mut db::Tx<'_>| orders::link(tx, id, orders::Purpose::Order, 86_400);
        let link = house.soko.app.db.write(self.scope(house).await, link).await.expect("a link");
        self.path(&format!("/orders/{link}"))
    }

    /// What the code on a printed paper leads to, behind `/t/{slug}/d/`.
    pub async fn paper_link(&self, house: &House, document: &str) -> String {
        let (id, scope) = (document.parse().expect("a paper's id"), self.scope(house).await);
        let key = house.soko.house.ring.tenant_key(scope.tenant).expect("the tenant's key");
        let link = move |rx: &mut db::Rx<'_>| {
            let paper = orders::document(rx, id)?;
            orders::paper_link(rx, &key, &paper)
        };
        house.soko.app.db.read(scope, link).await.expect("a link")
    }

    pub async fn orders(&self, house: &House, sku: &str, quantity: i64, method: &str) -> Answer {
        self.call(house, "POST", "/orders", &order(sku, quantity, method)).await
    }
}

/// The file of a picture in one shade.
pub fn picture(shade: u8) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(40, 30, image::Rgb([shade, 90, 90]));
    picture.write_to(&mut file, image::ImageFormat::Png).expect("a picture is written");
    file.into_inner()
}

pub fn order(sku: &str, quantity: i64, method: &str) -> Value {
    json!({
        "lines": [{ "sku": sku, "quantity": quantity }],
        "customer": { "name": "Aïssatou Barry", "phone": "+224620000000" },
        "payment": { "method": method },
    })
}

/// A link without its origin.
pub fn local(link: &str) -> String {
    let (_, path) = link.trim_start_matches("http://").split_once('/').expect("a path");
    format!("/{path}")
}

/// The session's cookie that an answer sets, as it is sent back.
pub fn cookie_of(answer: &Answer) -> String {
    let lines = answer.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.filter_map(|line| line.split(';').next()).filter(|pair| pair.starts_with("soko="));
    pairs.map(str::to_owned).next().expect("a session's cookie")
}

pub fn quoted(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

/// Runs each test on both engines.
#[macro_export]
macro_rules! on_both_engines {
    ($(async fn $name:ident($house:ident: House) $body:block)*) => {
        $(async fn $name($house: House) $body)*

        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::House::on_sqlite().await).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::House::on_postgres().await).await;
            })*
        }
    };
}
