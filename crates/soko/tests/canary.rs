//! Marked secrets and marked people go through the whole house; logs, problems, metrics and kept replies hold none of them,
//! and a secret key leaves in one reply alone.

mod house;

use std::{
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex, OnceLock},
};

use db::sql;
use edge::testing::Answer;
use house::{House, PASSWORD, Shop, quoted};
use serde_json::{Value, json};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

const PHONE: &str = "+224620998877";
const STREET: &str = "17 impasse du Canari";
const EMAIL: &str = "canari.jaune@example.org";
const LOGIN: &str = "+33698765432";
const WRONG: &str = "canari-faux-mot-de-passe-77";

const INVITE: &str = "an invite's token";

/// Everything that was logged by this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Begins to listen, once for all tests here, to all that the house and what it is built on may ever say.
    fn listen() -> &'static Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Self::default();
            let subscriber = tracing_subscriber::fmt()
                .json()
                .flatten_event(true)
                .with_env_filter(EnvFilter::new("debug"))
                .with_writer(log.clone())
                .finish();
            tracing::subscriber::set_global_default(subscriber).expect("nobody else listens");
            log
        })
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("the log")).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

/// What must not show, by what it is.
type Marks = Vec<(&'static str, String)>;

fn found_in(text: &str, marks: &Marks) -> Vec<&'static str> {
    marks.iter().filter(|(_, mark)| text.contains(mark.as_str())).map(|(what, _)| *what).collect()
}

/// All replies, as they left.
#[derive(Default)]
struct Replies(Vec<(String, Answer)>);

impl Replies {
    fn keep(&mut self, what: impl Into<String>, answer: Answer) -> &Answer {
        self.0.push((what.into(), answer));
        &self.0[self.0.len() - 1].1
    }

    fn problems(&self) -> impl Iterator<Item = &(String, Answer)> {
        self.0.iter().filter(|(_, answer)| answer.status.as_u16() >= 400)
    }

    /// Which replies hold `secret`.
    fn with(&self, secret: &str) -> Vec<&str> {
        let holds = |answer: &Answer| {
            answer.body.contains(secret) || format!("{:?}", answer.headers).contains(secret)
        };
        self.0.iter().filter(|(_, answer)| holds(answer)).map(|(what, _)| what.as_str()).collect()
    }
}

fn customer() -> Value {
    json!({ "name": "Canari", "phone": PHONE, "email": EMAIL })
}

fn marked_order(method: &str) -> Value {
    let shipping = json!({ "method": "delivery", "street": STREET, "city": "Conakry", "country": "GN" });
    json!({
        "lines": [{ "sku": "PAGNE", "quantity": 1 }], "customer": customer(), "shipping": shipping,
        "payment": { "method": method },
    })
}

on_both_engines! {
    async fn what_is_secret_shows_nowhere(house: House) {
        let log = Log::listen();
        let mut replies = Replies::default();
        let body = json!({
            "tenantName": "Canari", "adminUsername": LOGIN, "adminPassword": PASSWORD, "currency": "EUR", "country": "FR",
        });
        let signed_up = house.send("POST", "/api/signup", &[], &body).await;
        assert_eq!(signed_up.status, 201, "{}", signed_up.body);
        let made = signed_up.json();
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let shop = Shop {
            slug: text(&made["slug"]),
            secret: text(&made["keys"]["secret"]),
            public: text(&made["keys"]["public"]),
            cookie: house::cookie_of(&signed_up),
        };
        shop.delivers(&house, "Everywhere", json!("everywhere"), 0).await;
        let mut marks: Marks = vec![
            ("the password", PASSWORD.to_owned()),
            ("the password in a form", quoted(PASSWORD)),
            ("a wrong password", WRONG.to_owned()),
            ("the secret key", shop.secret.clone()),
            ("the session", shop.cookie["soko=".len()..].to_owned()),
        ];
        replies.keep("sign-up", signed_up);
        people(&house, &shop, &mut replies, &mut marks).await;
        keys(&house, &shop, &mut replies, &mut marks).await;
        orders(&house, &shop, &mut replies).await;
        refused(&house, &shop, &mut replies).await;
        pages(&house, &shop, &mut replies).await;
        house.work().await;

        assert_eq!(replies.with(&shop.secret), ["sign-up"]);
        // the page behind an invite's link has that link in its own address
        let elsewhere: Marks = marks.iter().filter(|(what, _)| *what != INVITE).cloned().collect();
        for (what, answer) in replies.problems() {
            assert_eq!(found_in(&answer.body, &elsewhere), [""; 0], "{what}: {}", answer.body);
        }
        assert!(replies.problems().count() > 15, "things went wrong, too");
        let kept = kept_replies(&house, &shop).await;
        assert!(kept.contains("\"number\""), "replies are kept: {kept}");
        assert_eq!(found_in(&kept, &marks), [""; 0], "{kept}");
        let metrics = house.get("/metrics", &[]).await.body;
        let on_disk = marks.clone();
        marks.extend([
            ("a phone number", PHONE.to_owned()),
            ("a phone number", PHONE["+224".len()..].to_owned()),
            ("a street", STREET.to_owned()),
            ("an e-mail address", EMAIL.to_owned()),
            ("the login", LOGIN.to_owned()),
        ]);
        assert_eq!(found_in(&metrics, &marks), [""; 0], "{metrics}");
        let said = log.text();
        assert!(said.contains("/t/{slug}/api/v1/orders") && said.contains(&shop.slug), "the log speaks of requests");
        for line in said.lines() {
            assert_eq!(found_in(line, &marks), [""; 0], "{line}");
        }
        // a database's file is never opened beside the database
        soko::wiring::close(house.soko.house.db.clone()).await.expect("the house closes");
        let mut read = 0;
        for_each_file(&house.soko.app.config.data, &mut |path, bytes| {
            read += 1;
            let text = String::from_utf8_lossy(bytes);
            assert_eq!(found_in(&text, &on_disk), [""; 0], "{}", path.display());
        });
        assert!(read > 0, "something is on disk");
    }
}

/// Signing in, rightly and wrongly; staff.
async fn people(house: &House, shop: &Shop, replies: &mut Replies, marks: &mut Marks) {
    for password in [WRONG, PASSWORD] {
        let fields = [("login", LOGIN), ("password", password)];
        replies.keep("sign-in", house.form("/sign-in", "", &fields).await);
        let body = json!({ "username": LOGIN, "password": password });
        replies.keep("sign-in by API", house.send("POST", "/api/login", &[], &body).await);
    }
    let fields = [("login", EMAIL), ("password", PASSWORD)];
    replies.keep("nobody's sign-in", house.form("/sign-in", "", &fields).await);
    let session =
        replies.0.iter().rev().find(|(what, _)| what == "sign-in by API").expect("a session").1.json();
    let token = session["token"].as_str().expect("a token").to_owned();
    let ended =
        house.send("POST", "/api/logout", &[("authorization", &format!("Bearer {token}"))], &json!({})).await;
    assert_eq!(ended.status, 204, "{}", ended.body);
    marks.push(("a session's token", token));
    let body = json!({ "name": "Invité", "roles": [{ "role": "cashier" }] });
    let invited = replies.keep("invite", shop.call(house, "POST", "/members", &body).await).json();
    let link = house::local(invited["link"].as_str().expect("a link"));
    marks.push((INVITE, link.rsplit('/').next().expect("a token").to_owned()));
    let weak = [("login", "la.caissiere"), ("password", "canari")];
    replies.keep("invite with a weak password", house.form(&link, "", &weak).await);
    let fields = [("login", "la.caissiere"), ("password", PASSWORD)];
    replies.keep("invite taken", house.form(&link, "", &fields).await);
    replies.keep("invite taken twice", house.form(&link, "", &fields).await);
    let mut again =
        json!({ "tenantName": "Autre", "adminUsername": LOGIN, "adminPassword": PASSWORD, "country": "FR" });
    replies.keep("sign-up twice", house.send("POST", "/api/signup", &[], &again).await);
    again["currency"] = json!(PASSWORD.len());
    replies.keep("a broken sign-up", house.send("POST", "/api/signup", &[], &again).await);
    let form = [("tenantName", ""), ("adminUsername", "x"), ("adminPassword", WRONG), ("country", "FR")];
    replies.keep("a broken sign-up form", house.form("/signup", "", &form).await);
}

/// Keys are made, used, replayed, revoked, and misspelt.
async fn keys(house: &House, shop: &Shop, replies: &mut Replies, marks: &mut Marks) {
    let bearer = shop.bearer();
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "key-1")];
    let mut secrets = Vec::new();
    for what in ["a key", "a key again"] {
        let answer = house.send("POST", &shop.api("/keys"), &headers, &json!({ "name": "caisse" })).await;
        let made = replies.keep(what, answer).json();
        if let Some(secret) = made["secret"].as_str() {
            secrets.push((secret.to_owned(), made["id"].as_str().expect("an id").to_owned()));
        }
    }
    replies.keep("keys", shop.read(house, "/keys").await);
    for (secret, id) in secrets {
        replies.keep(
            "key used",
            house.get(&shop.api("/products"), &[("authorization", &format!("Bearer {secret}"))]).await,
        );
        replies.keep("key revoked", shop.call(house, "DELETE", &format!("/keys/{id}"), &json!({})).await);
        let revoked =
            house.get(&shop.api("/products"), &[("authorization", &format!("Bearer {secret}"))]).await;
        assert_eq!(replies.keep("revoked key used", revoked).status, 401);
        assert_eq!(replies.with(&secret).len(), 1, "a key is shown once: {:?}", replies.with(&secret));
        marks.push(("a made key", secret));
    }
    let misspelt = format!("{}x", shop.secret);
    marks.push(("a misspelt key", misspelt.clone()));
    replies.keep(
        "misspelt key",
        house.get(&shop.api("/products"), &[("authorization", &format!("Bearer {misspelt}"))]).await,
    );
    // whoever puts a key into an address is given his own address back, but the log does not keep it
    for path in [
        shop.api(&format!("/products?key={}", shop.secret)),
        shop.path(&format!("/products/{}", shop.secret)),
    ] {
        house.get(&path, &[]).await;
    }
}

/// Orders of a marked person: placed, repeated, paid, refunded, by API and in the shop.
async fn orders(house: &House, shop: &Shop, replies: &mut Replies) {
    let product = shop.has_product(house, "Pagne", "PAGNE", 100_00, Some(10)).await;
    let bearer = shop.bearer();
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "order-1")];
    for method in ["manual", "manual", "sandbox", "cod"] {
        let answer = house.send("POST", &shop.api("/orders"), &headers, &marked_order(method)).await;
        let answer = replies.keep("order", answer);
        let expected = if method == "manual" { 201 } else { 422 };
        assert_eq!(answer.status, expected, "{}", answer.body);
    }
    let placed = replies.0.iter().find(|(what, _)| what == "order").expect("an order").1.json();
    let (id, payment) =
        (placed["id"].as_str().expect("an id"), placed["payment"]["id"].as_str().expect("a payment"));
    let confirm =
        shop.call(house, "POST", &format!("/payments/{payment}"), &json!({ "action": "confirm" })).await;
    replies.keep("confirmed", confirm);
    replies.keep("refunded", shop.call(house, "POST", &format!("/orders/{id}/refunds"), &json!({})).await);
    replies
        .keep("refunded again", shop.call(house, "POST", &format!("/orders/{id}/refunds"), &json!({})).await);
    let variant = product["variants"][0]["id"].as_str().expect("a variant");
    let added = house.form(&shop.path("/cart"), "", &[("variant", variant), ("quantity", "1")]).await;
    let cart = added.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    replies.keep("cart", added);
    let form =
        [("name", "Canari"), ("phone", PHONE), ("email", EMAIL), ("street", STREET), ("method", "cod")];
    replies.keep("checkout", house.form(&shop.path("/checkout"), &cart, &form).await);
    replies.keep("sandbox order", shop.call(house, "POST", "/orders", &marked_order("sandbox")).await);
}

/// Requests that are refused while they carry what must not show.
async fn refused(house: &House, shop: &Shop, replies: &mut Replies) {
    let broken = [
        json!({ "lines": [], "customer": customer(), "payment": { "method": "cod" } }),
        json!({ "lines": [{ "sku": "NONE", "quantity": 1 }], "customer": customer(), "payment": { "method": "cod" } }),
        json!({ "lines": [{ "sku": "PAGNE", "quantity": 99 }], "customer": customer(), "payment": { "method": "cod" } }),
        json!({ "lines": [{ "sku": "PAGNE", "quantity": 1 }], "customer": { "phone": format!("{PHONE}x") }, "payment": { "method": "cod" } }),
        json!({ "lines": [{ "sku": "PAGNE", "quantity": 1 }], "customer": { "email": format!("{EMAIL} {EMAIL}") }, "payment": { "method": "cod" } }),
        json!({ "lines": [{ "sku": "PAGNE", "quantity": 1 }], "customer": { "phone": [PHONE] }, "payment": { "method": "cod" } }),
        json!({ "lines": [{ "sku": "PAGNE", "quantity": 1 }], "shipping": { "method": STREET }, "payment": { "method": "cod" } }),
        json!({ "lines": [{ "sku": "PAGNE", "quantity": 1 }], "customer": customer(), "payment": { "method": EMAIL } }),
    ];
    for body in broken {
        replies.keep(format!("refused order {body}"), shop.call(house, "POST", "/orders", &body).await);
    }
    for form in [vec![("phone", "canari"), ("street", STREET)], vec![("email", EMAIL)]] {
        replies.keep("refused checkout", house.form(&shop.path("/checkout"), "", &form).await);
    }
    let business = json!({ "name": "Canari", "phone": PHONE, "email": [EMAIL] });
    replies.keep("refused settings", shop.call(house, "PUT", "/business", &business).await);
    for query in [PHONE, EMAIL, STREET] {
        replies.keep("search", shop.read(house, &format!("/orders?q={}", quoted(query))).await);
        replies.keep("nowhere", house.get(&format!("/t/{}/{}", shop.slug, quoted(query)), &[]).await);
    }
}

/// Everything else that an owner may look at.
async fn pages(house: &House, shop: &Shop, replies: &mut Replies) {
    for rule in soko::wiring::routes().table() {
        if rule.method != axum::http::Method::GET || rule.path.replace("{slug}", "").contains('{') {
            continue;
        }
        let path = rule.path.replace("{slug}", &shop.slug);
        let bearer = shop.bearer();
        let headers = [("cookie", shop.cookie.as_str()), ("authorization", bearer.as_str())];
        let answer = house.get(&path, &headers).await;
        assert!(!answer.status.is_server_error(), "{path}: {}", answer.body);
        replies.keep(path, answer);
    }
}

/// The replies that are kept for a repeat.
async fn kept_replies(house: &House, shop: &Shop) -> String {
    let look = |rx: &mut db::Rx<'_>| {
        rx.rows(sql!("select route, body, thing from idempotency where tenant_id = $1"), (), |row| {
            let (route, body, thing): (String, Option<String>, Option<String>) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(format!("{route} {} {}\n", body.unwrap_or_default(), thing.unwrap_or_default()))
        })
    };
    let rows: Result<Vec<String>, db::Error> = house.soko.app.db.read(shop.scope(house).await, look).await;
    rows.expect("the kept replies").concat()
}

fn for_each_file(folder: &Path, look: &mut impl FnMut(&Path, &[u8])) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            for_each_file(&path, look);
        } else if let Ok(bytes) = std::fs::read(&path) {
            look(&path, &bytes);
        }
    }
}
