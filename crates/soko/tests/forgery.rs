//! Requests and messages that pretend: from other sites, with other people's tokens, as a payment provider, with sums that
//! cannot be.

mod house;

use std::sync::Arc;

use axum::{Extension, Router, http::Method};
use edge::{
    Access, RouteRule, Site,
    testing::{Answer, ask},
};
use house::{House, Shop, order};
use payments::{
    Desk, Sandbox,
    sandbox::{SandboxCharge, charge, signed_headers},
};
use serde_json::{Value, json};
use spine::keys::Place;
use tokio::task::JoinSet;

const ORIGIN: &str = "http://localhost";

/// A path of `rule` in `shop`; the door looks at no more of it than the business.
fn path_of(rule: &RouteRule, shop: &Shop) -> String {
    let part = |part: &str| match part {
        "{slug}" => shop.slug.clone(),
        named if named.starts_with('{') => "x".to_owned(),
        plain => plain.to_owned(),
    };
    rule.path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn writes(site: Site) -> Vec<RouteRule> {
    let rules = soko::wiring::routes().table().to_vec();
    let chosen = |rule: &RouteRule| rule.site == site && rule.method != Method::GET;
    rules.into_iter().filter(chosen).collect()
}

async fn send(
    router: &Router,
    method: &Method,
    path: &str,
    cookie: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut all = vec![
        ("accept", "application/json"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("cookie", cookie),
    ];
    all.extend(headers);
    ask(router, method.as_str(), &format!("{ORIGIN}{path}"), &all, body).await
}

/// What applications see of a business; a forged write would show in it.
async fn picture(house: &House, shop: &Shop) -> String {
    let mut seen = String::new();
    for rest in
        ["/products", "/categories", "/orders", "/members", "/keys", "/locations", "/business", "/events"]
    {
        seen += &shop.read(house, rest).await.body;
    }
    seen
}

on_both_engines! {
    async fn a_form_of_another_site_is_refused(house: House) {
        let shop = house.sign_up("Une", "awa.diallo").await;
        let token = house.token(&shop.path("/admin/orders"), &shop.cookie).await;
        picture(&house, &shop).await;
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let before = picture(&house, &shop).await;
        let foreign: [&[(&str, &str)]; 8] = [
            &[],
            &[("origin", "null")],
            &[("origin", "https://evil.example")],
            &[("origin", "http://localhost.evil.example")],
            &[("origin", ORIGIN), ("sec-fetch-site", "cross-site")],
            &[("origin", ORIGIN), ("sec-fetch-site", "same-site")],
            &[("origin", ORIGIN), ("sec-fetch-site", "none")],
            &[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
        ];
        let rules: Vec<RouteRule> = writes(Site::Office).into_iter().chain(writes(Site::Shop)).collect();
        assert!(rules.len() > 30, "the table is whole");
        for rule in rules {
            for headers in foreign {
                let mut all = vec![("x-csrf-token", token.as_str())];
                all.extend(headers);
                let answer = send(&house.router, &rule.method, &path_of(&rule, &shop), &shop.cookie, &all, "name=Forgée").await;
                let code = answer.json()["code"].clone();
                assert_eq!((answer.status.as_u16(), code), (403, json!("other-origin")), "{} {headers:?}", rule.path);
                assert_eq!(answer.header("access-control-allow-origin"), "", "{}", rule.path);
            }
        }
        assert_eq!(picture(&house, &shop).await, before);
    }

    async fn a_form_with_anothers_token_is_refused(house: House) {
        let (shop, other) = (house.sign_up("Une", "awa.diallo").await, house.sign_up("Autre", "binta.sow").await);
        let (_, cashier) = shop.employs(&house, "la.caissiere", "cashier").await;
        // the same session works for the neighbour, too
        let guest = json!({ "name": "Awa", "roles": [{ "role": "admin" }] });
        let link = other.call(&house, "POST", "/members", &guest).await.json()["link"].as_str().unwrap().to_owned();
        let accepted = house.form(&house::local(&link), &shop.cookie, &[("own", "true")]).await;
        assert_eq!(accepted.status, 303, "{}", accepted.body);
        let orders = |shop: &Shop| shop.path("/admin/orders");
        let own = house.token(&orders(&shop), &shop.cookie).await;
        let tokens = [
            ("no", String::new()),
            ("an invented", "0".repeat(own.len())),
            ("a cut", own[2..].to_owned()),
            ("another session's", house.token(&orders(&shop), &cashier).await),
            ("another person's", house.token(&orders(&other), &other.cookie).await),
            ("another business's", house.token(&orders(&other), &shop.cookie).await),
            ("no business's", house.token("/account", &shop.cookie).await),
        ];
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let before = picture(&house, &shop).await;
        for rule in writes(Site::Office).into_iter().filter(|rule| matches!(rule.access, Access::Member(_))) {
            for (whose, token) in &tokens {
                let by_header = [("origin", ORIGIN), ("x-csrf-token", token.as_str())];
                let by_form = [("origin", ORIGIN)];
                let path = path_of(&rule, &shop);
                for (headers, body) in
                    [(&by_header[..], "name=Forgée".to_owned()), (&by_form[..], format!("csrf={token}&name=Forgée"))]
                {
                    let answer = send(&house.router, &rule.method, &path, &shop.cookie, headers, &body).await;
                    let code = answer.json()["code"].clone();
                    assert_eq!((answer.status.as_u16(), code), (403, json!("form-outdated")), "{path} {whose}");
                }
            }
        }
        assert_eq!(picture(&house, &shop).await, before);
        let honest = [("origin", ORIGIN), ("x-csrf-token", own.as_str())];
        let made = send(&house.router, &Method::POST, &shop.path("/admin/categories"), &shop.cookie, &honest, "name=Robes").await;
        assert_eq!(made.status, 303, "{}", made.body);
        assert_ne!(picture(&house, &shop).await, before);
    }

    async fn a_cookie_opens_nothing_of_the_api(house: House) {
        let shop = house.sign_up("Une", "awa.diallo").await;
        let token = house.token(&shop.path("/admin/orders"), &shop.cookie).await;
        let rules = soko::wiring::routes().table().to_vec();
        // what whoever visits the shop may ask needs no cookie either
        let closed = |rule: &&RouteRule| {
            rule.site == Site::Api && !matches!(rule.access, Access::Anyone | Access::Callback | Access::Visitor)
        };
        for rule in rules.iter().filter(closed) {
            let headers = [
                ("cookie", shop.cookie.as_str()),
                ("origin", ORIGIN),
                ("sec-fetch-site", "same-origin"),
                ("x-csrf-token", token.as_str()),
                ("content-type", "application/json"),
            ];
            let url = format!("{ORIGIN}{}", path_of(rule, &shop));
            let answer = ask(&house.router, rule.method.as_str(), &url, &headers, "{}").await;
            assert_eq!(answer.status, 401, "{} {}", rule.method, rule.path);
            let asked = [("origin", "https://evil.example"), ("access-control-request-method", "POST")];
            let preflight = ask(&house.router, "OPTIONS", &url, &asked, "").await;
            assert_eq!(preflight.header("access-control-allow-origin"), "", "{}", rule.path);
        }
    }

    async fn a_message_without_proof_moves_no_money(house: House) {
        let (shop, other) = (house.sign_up("Une", "awa.diallo").await, house.sign_up("Autre", "binta.sow").await);
        let (one, second) = (Charged::new(&house, &shop).await, Charged::new(&house, &shop).await);
        let theirs = Charged::new(&house, &other).await;
        let (key, other_key) = (secret(&house, &shop).await, secret(&house, &other).await);
        let now = house.soko.app.now();
        let raw = |charge: &Charged| message("e1", &charge.charge.id.to_string());
        let signed = |key: &[u8], raw: &str, late_s: i64| {
            let headers = signed_headers(key, raw.as_bytes(), now.plus_s(late_s));
            headers["sandbox-signature"].to_str().unwrap().to_owned()
        };
        let own = raw(&one);
        let address = |shop: &Shop, method: &str, token: &str| shop.api(&format!("/callbacks/{method}/{token}"));
        let token = one.charge.callback_token.as_str();
        let invented = "0".repeat(token.len());
        let right = address(&shop, "sandbox", token);
        let forged = [
            ("unsigned", right.clone(), own.clone(), String::new()),
            ("a wrong key", right.clone(), own.clone(), signed(b"guessed", &own, 0)),
            ("an empty key", right.clone(), own.clone(), signed(b"", &own, 0)),
            ("the neighbour's key", right.clone(), own.clone(), signed(&other_key, &own, 0)),
            ("stale", right.clone(), own.clone(), signed(&key, &own, -301)),
            ("from the future", right.clone(), own.clone(), signed(&key, &own, 301)),
            ("another body", right.clone(), own.clone(), signed(&key, "{}", 0)),
            ("another payment", right.clone(), raw(&second), signed(&key, &raw(&second), 0)),
            ("the neighbour's payment", right.clone(), raw(&theirs), signed(&key, &raw(&theirs), 0)),
            ("the neighbour's address", address(&other, "sandbox", token), own.clone(), signed(&other_key, &own, 0)),
            ("an invented address", address(&shop, "sandbox", &invented), own.clone(), signed(&key, &own, 0)),
            ("another method", address(&shop, "manual", token), own.clone(), signed(&key, &own, 0)),
            ("no method", address(&shop, "barter", token), own.clone(), signed(&key, &own, 0)),
            ("no JSON", right.clone(), "approved".to_owned(), signed(&key, "approved", 0)),
            ("signed, but still open in the provider's books", right.clone(), own.clone(), signed(&key, &own, 0)),
        ];
        let mut sent = JoinSet::new();
        for round in 0..200 {
            let (what, path, body, signature) = forged[round % forged.len()].clone();
            let router = house.router.clone();
            sent.spawn(async move {
                let answer = call_back(&router, &path, &body, &signature).await;
                (what, answer)
            });
        }
        while let Some(done) = sent.join_next().await {
            let (what, answer) = done.unwrap();
            assert!(!answer.status.is_server_error(), "{what}: {}", answer.body);
        }
        for (shop, charged) in [(&shop, &one), (&shop, &second), (&other, &theirs)] {
            let order = shop.read(&house, &format!("/orders/{}", charged.order)).await.json();
            assert_eq!(order["paymentStatus"], "unpaid", "{order}");
        }
        house.verifies().await;
    }

    async fn the_same_good_message_pays_once(house: House) {
        let shop = house.sign_up("Une", "awa.diallo").await;
        let charged = Charged::new(&house, &shop).await;
        let before = shop.entries(&house).await;
        charged.decide(&house, &shop, "approve").await;
        let (path, body, signature) = charged.good_message(&house, &shop, "e1").await;
        let stale = house.soko.app.now().plus_s(-301);
        let stale = signed_headers(&secret(&house, &shop).await, body.as_bytes(), stale);
        for wrong in ["", "t=1,v1=00", signature.trim_end_matches(char::is_alphanumeric), stale["sandbox-signature"].to_str().unwrap()] {
            assert_eq!(call_back(&house.router, &path, &body, wrong).await.status, 200);
            assert_eq!(charged.status(&house, &shop).await, "unpaid", "{wrong}");
        }
        let mut sent = JoinSet::new();
        for _ in 0..200 {
            let (router, path, body, signature) =
                (house.router.clone(), path.clone(), body.clone(), signature.clone());
            sent.spawn(async move { call_back(&router, &path, &body, &signature).await.status });
        }
        while let Some(status) = sent.join_next().await {
            assert!(matches!(status.unwrap().as_u16(), 200 | 503));
        }
        assert_eq!(charged.status(&house, &shop).await, "paid");
        assert!(shop.entries(&house).await > before);
        let order = shop.read(&house, &format!("/orders/{}", charged.order)).await.json();
        assert_eq!(order["payments"].as_array().map(Vec::len), Some(1), "{order}");
        let refunded = shop.call(&house, "POST", &format!("/orders/{}/refunds", charged.order), &json!({})).await;
        assert_eq!(refunded.status, 201, "{}", refunded.body);
        house.work().await;
        assert_eq!(charged.status(&house, &shop).await, "refunded");
        let settled = shop.entries(&house).await;
        for event in ["e1", "e2"] {
            let (path, body, signature) = charged.good_message(&house, &shop, event).await;
            assert_eq!(call_back(&house.router, &path, &body, &signature).await.status, 200);
        }
        assert_eq!(shop.entries(&house).await, settled, "a message after the refund books nothing");
        assert_eq!(charged.status(&house, &shop).await, "refunded");
        assert_eq!(charged.again(&house, &shop).await.refunded.minor(), 100_00);
        house.verifies().await;
    }

    async fn there_is_no_sandbox_where_money_is_real(house: House) {
        let shop = house.sign_up("Une", "awa.diallo").await;
        let charged = Charged::new(&house, &shop).await;
        let soko = &house.soko;
        let desk = Desk::new(soko.app.db.clone(), soko.house.ring.clone(), Sandbox { everywhere: false });
        let router = soko::wiring::routes()
            .into_router(soko.app.clone())
            .layer(Extension(desk))
            .layer(Extension(soko.house.clone()))
            .layer(Extension(Arc::clone(&soko.house.shelf)));
        let bearer = shop.bearer();
        let call = async |rest: &str, body: Value| {
            let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
            ask(&router, "POST", &format!("{ORIGIN}{}", shop.api(rest)), &headers, &body.to_string()).await
        };
        let placed = call("/orders", order("PAGNE", 1, "sandbox")).await;
        assert_eq!((placed.status.as_u16(), placed.json()["code"].clone()), (422, json!("payment-method-off")));
        let begun = call(&format!("/orders/{}/payments", charged.order), json!({ "method": "sandbox" })).await;
        assert_eq!(begun.status, 422, "{}", begun.body);
        let page = shop.path(&format!("/sandbox/{}", charged.charge.id));
        assert_eq!(ask(&router, "GET", &format!("{ORIGIN}{page}"), &[], "").await.status, 404);
        let decided = send(&router, &Method::POST, &page, "", &[("origin", ORIGIN)], "decision=approve").await;
        assert_eq!(decided.status, 404, "{}", decided.body);
        assert_eq!(charged.again(&house, &shop).await.state, "open");
    }

    async fn refunds_side_by_side_never_exceed_what_came(house: House) {
        let shop = house.sign_up("Une", "awa.diallo").await;
        let charged = Charged::new(&house, &shop).await;
        charged.decide(&house, &shop, "approve").await;
        let (path, body, signature) = charged.good_message(&house, &shop, "e1").await;
        assert_eq!(call_back(&house.router, &path, &body, &signature).await.status, 200);
        let asked = json!({ "amount": { "amount": 30_00, "currency": "EUR" } });
        let statuses = at_once(&house, &shop, &format!("/orders/{}/refunds", charged.order), &asked, 20).await;
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 3, "{statuses:?}");
        assert!(statuses.iter().all(|status| [201, 409, 422].contains(status)), "{statuses:?}");
        let rest = at_once(&house, &shop, &format!("/orders/{}/refunds", charged.order), &json!({}), 20).await;
        assert_eq!(rest.iter().filter(|status| **status == 201).count(), 1, "{rest:?}");
        for _ in 0..3 {
            house.work().await;
        }
        assert_eq!(charged.again(&house, &shop).await.refunded.minor(), 100_00);
        assert!(shop.entries(&house).await > 0);
        house.verifies().await;
    }

    async fn sums_that_cannot_be_are_refused(house: House) {
        let shop = house.sign_up("Une", "awa.diallo").await;
        let made = shop.has_product(&house, "Pagne", "PAGNE", 100_00, Some(5)).await;
        let variant = made["variants"][0]["id"].clone();
        let huge = i64::MAX;
        let paid = {
            let placed = shop.orders(&house, "PAGNE", 1, "manual").await.json();
            let path = format!("/payments/{}", placed["payment"]["id"].as_str().unwrap());
            shop.call(&house, "POST", &path, &json!({ "action": "confirm" })).await;
            placed["id"].as_str().unwrap().to_owned()
        };
        let before = shop.entries(&house).await;
        let mut refused = Vec::new();
        for quantity in ["0", "-1", "-0.001", "0.0001", "9223372036854775807", "9223372036854775.807", "1e400", "-1e30"] {
            let line = |name: &str| format!("{{\"sku\":\"PAGNE\",\"{name}\":{quantity}}}");
            let lines = line("quantity");
            refused.push(("/orders".to_owned(), format!(
                "{{\"lines\":[{lines}],\"customer\":{{\"name\":\"Awa\",\"phone\":\"+224620000000\"}},\"payment\":{{\"method\":\"cod\"}}}}"
            )));
            refused.push(("/carts".to_owned(), format!("{{\"lines\":[{lines}]}}")));
            let back = format!("{{\"lines\":[{{\"line\":1,\"quantity\":{quantity}}}]}}");
            refused.push((format!("/orders/{paid}/refunds"), back));
        }
        for amount in [0, -1, huge, i64::MIN, 100_01] {
            let amount = json!({ "amount": amount, "currency": "EUR" });
            refused.push((format!("/orders/{paid}/refunds"), json!({ "amount": amount }).to_string()));
            let line = json!({ "lines": [{ "line": 1, "amount": amount }] });
            refused.push((format!("/orders/{paid}/refunds"), line.to_string()));
        }
        let dollars = json!({ "amount": { "amount": 1, "currency": "USD" } });
        refused.push((format!("/orders/{paid}/refunds"), dollars.to_string()));
        refused.push((format!("/orders/{paid}/refunds"), json!({ "lines": [{ "line": 7, "quantity": 1 }] }).to_string()));
        for amount in [-1, i64::MIN] {
            let price = json!({ "amount": amount, "currency": "EUR" });
            let product = json!({ "title": "Faux", "variants": [{ "sku": "F", "price": price }] });
            refused.push(("/products".to_owned(), product.to_string()));
        }
        for delta in ["-6", "9223372036854775807", "-9223372036854775808", "9223372036854775.807"] {
            let adjust = format!("{{\"variant\":{variant},\"delta\":{delta},\"reason\":\"correction\"}}");
            refused.push(("/stock/adjustments".to_owned(), adjust));
        }
        for (path, body) in refused {
            let headers = [("authorization", shop.bearer()), ("content-type", "application/json".to_owned())];
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = ask(&house.router, "POST", &format!("{ORIGIN}{}", shop.api(&path)), &headers, &body).await;
            assert!(answer.status.is_client_error(), "{path} {body}: {} {}", answer.status, answer.body);
        }
        assert_eq!(shop.entries(&house).await, before);
        // a price may be anything that money can be; what it adds up to may not
        let price = json!({ "amount": huge, "currency": "EUR" });
        let dear = json!({ "title": "Cher", "variants": [{ "sku": "CHER", "price": price }] });
        let dear = shop.call(&house, "POST", "/products", &dear).await;
        assert!(!dear.status.is_server_error(), "{}", dear.body);
        if dear.status == 201 {
            for quantity in [2, 1_000_000] {
                let placed = shop.orders(&house, "CHER", quantity, "cod").await;
                assert!(placed.status.is_client_error(), "{} {}", placed.status, placed.body);
            }
        }
        house.verifies().await;
    }
}

/// An order that waits for its payer at the sandbox.
struct Charged {
    order: String,
    charge: SandboxCharge,
}

impl Charged {
    async fn new(house: &House, shop: &Shop) -> Self {
        if shop.read(house, "/variants?sku=PAGNE").await.json()["items"] == json!([]) {
            shop.has_product(house, "Pagne", "PAGNE", 100_00, None).await;
        }
        let placed = shop.orders(house, "PAGNE", 1, "sandbox").await;
        assert_eq!(placed.status, 201, "{}", placed.body);
        let placed = placed.json();
        let url = placed["payment"]["next"]["url"].as_str().expect("an address to pay at").to_owned();
        let id = url.trim_start_matches("/sandbox/").to_owned();
        Self { order: placed["id"].as_str().unwrap().to_owned(), charge: look(house, shop, &id).await }
    }

    async fn again(&self, house: &House, shop: &Shop) -> SandboxCharge {
        look(house, shop, &self.charge.id.to_string()).await
    }

    /// The payer's word, of which no message tells.
    async fn decide(&self, house: &House, shop: &Shop, decision: &str) {
        let fields = [("decision", decision), ("delivery", "never")];
        let path = shop.path(&format!("/sandbox/{}", self.charge.id));
        assert_eq!(house.form(&path, "", &fields).await.status, 303);
    }

    async fn status(&self, house: &House, shop: &Shop) -> String {
        let order = shop.read(house, &format!("/orders/{}", self.order)).await.json();
        order["paymentStatus"].as_str().unwrap_or_default().to_owned()
    }

    /// Address, body and signature of a message as the sandbox sends it.
    async fn good_message(&self, house: &House, shop: &Shop, event: &str) -> (String, String, String) {
        let body = message(event, &self.charge.id.to_string());
        let headers = signed_headers(&secret(house, shop).await, body.as_bytes(), house.soko.app.now());
        let path = shop.api(&format!("/callbacks/sandbox/{}", self.charge.callback_token));
        (path, body, headers["sandbox-signature"].to_str().unwrap().to_owned())
    }
}

async fn look(house: &House, shop: &Shop, id: &str) -> SandboxCharge {
    let id = id.parse().expect("a charge's id");
    let found = house.soko.app.db.read(shop.scope(house).await, move |rx| charge(rx, id)).await;
    found.expect("the sandbox's books open").expect("the charge is there")
}

fn message(event: &str, charge: &str) -> String {
    json!({ "event": event, "charge": charge, "state": "approved" }).to_string()
}

/// What the business shares with its sandbox.
async fn secret(house: &House, shop: &Shop) -> Vec<u8> {
    let scope = shop.scope(house).await;
    let tenant = scope.tenant;
    let rows = house.soko.app.db.read(scope, payments::methods).await.expect("the methods are read");
    let sealed = rows.into_iter().find(|row| row.method.name() == "sandbox").and_then(|row| row.secret);
    let key = house.soko.house.ring.tenant_key(tenant).expect("the tenant's key");
    let place = Place { table: "payment_method", column: "secret", row: "sandbox" };
    key.open(&place, &sealed.expect("a secret")).expect("it opens")
}

async fn call_back(router: &Router, path: &str, body: &str, signature: &str) -> Answer {
    let mut headers = vec![("content-type", "application/json")];
    if !signature.is_empty() {
        headers.push(("sandbox-signature", signature));
    }
    ask(router, "POST", &format!("{ORIGIN}{path}"), &headers, body).await
}

async fn at_once(house: &House, shop: &Shop, rest: &str, body: &Value, times: usize) -> Vec<u16> {
    let mut sent = JoinSet::new();
    for _ in 0..times {
        let (router, url) = (house.router.clone(), format!("{ORIGIN}{}", shop.api(rest)));
        let (bearer, body) = (shop.bearer(), body.to_string());
        sent.spawn(async move {
            let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
            ask(&router, "POST", &url, &headers, &body).await.status.as_u16()
        });
    }
    sent.join_all().await
}
