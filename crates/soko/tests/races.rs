//! Many at once: the last unit is sold once, and whatever happens to an order in whatever order has one outcome.

mod house;

use std::{collections::BTreeMap, sync::Arc};

use axum::Router;
use edge::testing::ask;
use house::{House, Shop, order};
use payments::sandbox::{ChargeId, charge, signed_headers};
use serde_json::{Value, json};
use spine::keys::Place;
use tokio::{sync::Semaphore, task::JoinSet};

const BUYERS: usize = 1000;
const ORIGIN: &str = "http://localhost";
/// More than any payment may take: manual ones have 72 hours.
const LONG_S: i64 = 73 * 3600;

/// All buyers want the last unit, through these servers in turns; a busy answer is asked again.
async fn buy_the_last_unit(houses: &[&House], shop: &Shop) {
    let first = houses[0];
    shop.has_product(first, "Pagne", "PAGNE", 100_00, Some(1)).await;
    let mut buyers = JoinSet::new();
    for buyer in 0..BUYERS {
        let (router, url) =
            (houses[buyer % houses.len()].router.clone(), format!("{ORIGIN}{}", shop.api("/orders")));
        let (bearer, body) = (shop.bearer(), order("PAGNE", 1, "cod").to_string());
        buyers.spawn(async move {
            let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
            loop {
                let answer = ask(&router, "POST", &url, &headers, &body).await;
                match answer.status.as_u16() {
                    503 => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
                    201 => return "sold".to_owned(),
                    status => return format!("{status} {}", answer.json()["code"]),
                }
            }
        });
    }
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    for outcome in buyers.join_all().await {
        *outcomes.entry(outcome).or_default() += 1;
    }
    let wanted = BTreeMap::from([("sold".to_owned(), 1), ("409 \"out-of-stock\"".to_owned(), BUYERS - 1)]);
    assert_eq!(outcomes, wanted);
    let orders = shop.read(first, "/orders").await.json();
    assert_eq!(orders["items"].as_array().map(Vec::len), Some(1), "{orders}");
    let stock = shop.read(first, "/stock").await.json();
    assert_eq!(stock["items"][0]["available"], json!(0), "{stock}");
    shop.entries(first).await;
    first.verifies().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_buyers_of_the_last_unit() {
    let house = House::on_sqlite().await;
    let shop = house.sign_up("Boutique", "awa.diallo").await;
    buy_the_last_unit(&[&house], &shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_buyers_of_the_last_unit_at_two_servers_of_one_postgres() {
    let database = testing::database();
    let (one, other) = (House::on(&database).await, House::on(&database).await);
    let shop = one.sign_up("Boutique", "awa.diallo").await;
    buy_the_last_unit(&[&one, &other], &shop).await;
}

/// A thousand posts of the shop's own application, through these servers in turns, by what was answered; a busy answer is
/// asked again.
async fn post_at_once(
    houses: &[&House],
    shop: &Shop,
    path: &str,
    body: impl Fn(usize) -> Value,
) -> BTreeMap<String, usize> {
    let mut callers = JoinSet::new();
    for caller in 0..BUYERS {
        let (router, url) =
            (houses[caller % houses.len()].router.clone(), format!("{ORIGIN}{}", shop.api(path)));
        let (bearer, body) = (shop.bearer(), body(caller).to_string());
        callers.spawn(async move {
            let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
            loop {
                let answer = ask(&router, "POST", &url, &headers, &body).await;
                match answer.status.as_u16() {
                    503 => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
                    status @ 200..300 => return status.to_string(),
                    status => return format!("{status} {}", answer.json()["code"]),
                }
            }
        });
    }
    let mut outcomes = BTreeMap::new();
    for outcome in callers.join_all().await {
        *outcomes.entry(outcome).or_default() += 1;
    }
    outcomes
}

/// A campaign of ten coupons: a thousand ask for one, and a thousand counters redeem the first.
async fn ten_coupons_and_one_redemption(houses: &[&House], shop: &Shop) {
    let first = houses[0];
    let wish = json!({
        "name": "Torte", "discount": { "kind": "percent", "value": 10 }, "limits": { "coupons": 10 },
    });
    let campaign = shop.call(first, "POST", "/campaigns", &wish).await.json();
    let id = campaign["id"].as_str().expect("an id").to_owned();
    shop.call(first, "POST", &format!("/campaigns/{id}/start"), &json!({})).await;
    let coupons = format!("/campaigns/{id}/coupons");
    let whom = |caller| json!({ "contact": { "phone": format!("+22462{caller:07}") } });
    let issued = post_at_once(houses, shop, &coupons, whom).await;
    let wanted = [("201".to_owned(), 10), ("409 \"limit-reached\"".to_owned(), BUYERS - 10)];
    assert_eq!(issued, BTreeMap::from(wanted));
    let listed = shop.read(first, &coupons).await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(10), "{listed}");

    let code = listed["items"][0]["code"].as_str().expect("a code").to_owned();
    let redeemed = post_at_once(houses, shop, &format!("/coupons/{code}/redeem"), |_| json!({})).await;
    let wanted = [("200".to_owned(), 1), ("409 \"already-redeemed\"".to_owned(), BUYERS - 1)];
    assert_eq!(redeemed, BTreeMap::from(wanted));
    first.verifies().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_ask_for_ten_coupons_and_redeem_one() {
    let house = House::on_sqlite().await;
    let shop = house.sign_up("Boutique", "awa.diallo").await;
    ten_coupons_and_one_redemption(&[&house], &shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_ask_for_ten_coupons_and_redeem_one_at_two_servers_of_one_postgres() {
    let database = testing::database();
    let (one, other) = (House::on(&database).await, House::on(&database).await);
    let shop = one.sign_up("Boutique", "awa.diallo").await;
    ten_coupons_and_one_redemption(&[&one, &other], &shop).await;
}

/// A code on a poster, good for ten: a thousand order with it.
async fn ten_orders_with_one_code(houses: &[&House], shop: &Shop) {
    let first = houses[0];
    shop.has_product(first, "Pagne", "PAGNE", 100_00, None).await;
    let wish = json!({
        "name": "Torte", "discount": { "kind": "percent", "value": 10 }, "limits": { "coupons": 10 },
        "sharedCode": "welcome10",
    });
    let campaign = shop.call(first, "POST", "/campaigns", &wish).await.json();
    assert_eq!(campaign["sharedCode"], json!("WELCOME10"), "{campaign}");
    let id = campaign["id"].as_str().expect("an id").to_owned();
    shop.call(first, "POST", &format!("/campaigns/{id}/start"), &json!({})).await;
    let wish = |caller| {
        let mut wish = order("PAGNE", 1, "cod");
        wish["customer"]["phone"] = json!(format!("+22462{caller:07}"));
        wish["codes"] = json!(["Welcome 10"]);
        wish
    };
    let ordered = post_at_once(houses, shop, "/orders", wish).await;
    let wanted = [("201".to_owned(), 10), ("409 \"code-used-up\"".to_owned(), BUYERS - 10)];
    assert_eq!(ordered, BTreeMap::from(wanted));
    let coupons = shop.read(first, &format!("/campaigns/{id}/coupons")).await.json();
    let states: Vec<_> =
        coupons["items"].as_array().expect("coupons").iter().map(|one| &one["state"]).collect();
    assert_eq!(states, vec!["redeemed"; 10]);
    first.verifies().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_order_with_a_code_that_is_good_for_ten() {
    let house = House::on_sqlite().await;
    let shop = house.sign_up("Boutique", "awa.diallo").await;
    ten_orders_with_one_code(&[&house], &shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_order_with_a_code_that_is_good_for_ten_at_two_servers_of_one_postgres() {
    let database = testing::database();
    let (one, other) = (House::on(&database).await, House::on(&database).await);
    let shop = one.sign_up("Boutique", "awa.diallo").await;
    ten_orders_with_one_code(&[&one, &other], &shop).await;
}

/// What may happen to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Happens {
    /// The provider says that the payer approved.
    Callback,
    /// The payer comes back to the order's page.
    Return,
    /// Staff saw the money of an earlier, manual attempt.
    Confirmation,
    Refund,
    /// The time of the order runs out.
    Expiry,
}

use Happens::{Callback, Confirmation, Expiry, Refund, Return};

const ALL: [Happens; 5] = [Callback, Return, Confirmation, Refund, Expiry];

/// Every sequence of one to four different things.
fn interleavings() -> Vec<Vec<Happens>> {
    let mut all: Vec<Vec<Happens>> = vec![Vec::new()];
    let mut longest = all.clone();
    for _ in 0..4 {
        let longer = longest.iter().flat_map(|begun| {
            let next = ALL.into_iter().filter(|next| !begun.contains(next));
            next.map(|next| begun.iter().copied().chain([next]).collect()).collect::<Vec<_>>()
        });
        longest = longer.collect();
        all.extend(longest.iter().cloned());
    }
    all.retain(|sequence| !sequence.is_empty());
    all
}

/// An order with a manual attempt and, after it, one at the sandbox, which the payer has approved without anybody knowing.
#[derive(Clone)]
struct Story {
    router: Router,
    db: db::Db,
    scope: db::Scope,
    bearer: String,
    api: String,
    id: String,
    manual: String,
    page: String,
    callback: String,
    body: String,
    secret: Arc<Vec<u8>>,
}

impl Story {
    async fn begin(house: &House, shop: &Shop) -> Self {
        let placed = shop.orders(house, "PAGNE", 1, "manual").await.json();
        let id = placed["id"].as_str().expect("an order").to_owned();
        let manual = placed["payment"]["id"].as_str().expect("a payment").to_owned();
        house.clock.advance_s(1);
        let begun = shop
            .call(house, "POST", &format!("/orders/{id}/payments"), &json!({ "method": "sandbox" }))
            .await;
        let url = begun.json()["next"]["url"].as_str().unwrap_or_else(|| panic!("{}", begun.body)).to_owned();
        let fields = [("decision", "approve"), ("delivery", "never")];
        assert_eq!(house.form(&shop.path(&url), "", &fields).await.status, 303);
        let charge_id: ChargeId = url.trim_start_matches("/sandbox/").parse().expect("a charge's id");
        let (db, scope) = (house.soko.app.db.clone(), shop.scope(house).await);
        let known = db
            .read(scope.clone(), move |rx| charge(rx, charge_id))
            .await
            .expect("the books")
            .expect("a charge");
        let order = id.parse().expect("an order's id");
        let link = move |tx: &mut db::Tx<'_>| orders::link(tx, order, orders::Purpose::Order, 30 * 86_400);
        let link = db.write(scope.clone(), link).await.expect("a link");
        let rows = db.read(scope.clone(), payments::methods).await.expect("the methods");
        let sealed = rows.into_iter().find(|row| row.method.name() == "sandbox").and_then(|row| row.secret);
        let place = Place { table: "payment_method", column: "secret", row: "sandbox" };
        let key = house.soko.house.ring.tenant_key(scope.tenant).expect("the tenant's key");
        let secret = key.open(&place, &sealed.expect("a secret")).expect("it opens");
        Self {
            router: house.router.clone(),
            db,
            scope,
            bearer: shop.bearer(),
            api: shop.api(""),
            id,
            manual,
            page: shop.path(&format!("/orders/{link}")),
            callback: shop.api(&format!("/callbacks/sandbox/{}", known.callback_token)),
            body: json!({ "event": "e", "charge": charge_id.to_string(), "state": "approved" }).to_string(),
            secret: Arc::new(secret),
        }
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
        let mut all = vec![("authorization", self.bearer.as_str()), ("content-type", "application/json")];
        all.extend(headers);
        loop {
            let answer = ask(&self.router, method, &format!("{ORIGIN}{path}"), &all, body).await;
            if answer.status != 503 {
                assert!(!answer.status.is_server_error(), "{method} {path}: {}", answer.body);
                return (answer.status.as_u16(), answer.json());
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// What the one who did it was answered.
    async fn tell(&self, what: Happens) -> u16 {
        match what {
            Callback => {
                let signed = signed_headers(&self.secret, self.body.as_bytes(), self.db.now());
                let signature = signed["sandbox-signature"].to_str().expect("ASCII").to_owned();
                self.ask("POST", &self.callback, &[("sandbox-signature", &signature)], &self.body).await.0
            }
            Return => self.ask("GET", &self.page, &[], "").await.0,
            Confirmation => {
                let path = format!("{}/payments/{}", self.api, self.manual);
                self.ask("POST", &path, &[], "{\"action\":\"confirm\"}").await.0
            }
            Refund => {
                let path = format!("{}/orders/{}/refunds", self.api, self.id);
                self.ask("POST", &path, &[], "{\"byHand\":true}").await.0
            }
            Expiry => {
                self.sweep().await;
                200
            }
        }
    }

    async fn sweep(&self) {
        let sweep = |tx: &mut db::Tx<'_>| {
            orders::sweep(tx)?;
            payments::expire_due(tx)
        };
        self.db.write(self.scope.clone(), sweep).await.expect("the sweep goes through");
    }

    async fn order(&self) -> Value {
        self.ask("GET", &format!("{}/orders/{}", self.api, self.id), &[], "").await.1
    }
}

fn minor(order: &Value, field: &str) -> i64 {
    order[field]["amount"].as_i64().unwrap_or_else(|| panic!("no {field}: {order}"))
}

/// What an order has come to: nothing of it contradicts the rest, whoever was first.
fn outcome(told: &[(Happens, u16)], order: &Value) -> String {
    let happened = |what: Happens| told.iter().any(|(told, _)| *told == what);
    let total = minor(order, "total");
    let by_sandbox = happened(Callback) || happened(Return);
    let arrivals = i64::from(by_sandbox) + i64::from(happened(Confirmation));
    let story = format!("{told:?}: {order}");
    assert_eq!(minor(order, "paid"), arrivals * total, "each money counts once: {story}");
    assert_eq!(order["payments"].as_array().map(Vec::len), usize::try_from(arrivals).ok(), "{story}");
    let granted = told.iter().filter(|(what, status)| *what == Refund && *status == 201).count();
    assert_eq!(order["refunds"].as_array().map(Vec::len), Some(granted), "{story}");
    assert!(minor(order, "refunded") <= minor(order, "paid"), "{story}");
    assert!(minor(order, "owed") >= 0 && minor(order, "due") >= 0, "{story}");
    let (firm, ended) = (order["firm"] == json!(true), !order["cancelledAt"].is_null());
    if firm {
        assert_eq!(ended, granted > 0, "a sale ends when all of it is given back: {story}");
    } else {
        assert_eq!(arrivals, 0, "money that came made a sale, for the goods are there: {story}");
        assert_eq!(ended, happened(Expiry), "{story}");
    }
    format!("firm {firm}, ended {ended}, {}, owed {}", order["paymentStatus"], minor(order, "owed"))
}

async fn stocked(house: &House) -> Shop {
    let shop = house.sign_up("Boutique", "awa.diallo").await;
    shop.has_product(house, "Pagne", "PAGNE", 100_00, Some(10_000)).await;
    shop
}

on_both_engines! {
    async fn one_order_has_one_outcome_in_every_interleaving(house: House) {
        let shop = stocked(&house).await;
        let mut outcomes: BTreeMap<Vec<Happens>, (String, Vec<Happens>)> = BTreeMap::new();
        let all = interleavings();
        assert_eq!(all.len(), 205);
        for sequence in all {
            let story = Story::begin(&house, &shop).await;
            let mut told = Vec::new();
            for what in &sequence {
                if *what == Expiry {
                    house.clock.advance_s(LONG_S);
                }
                told.push((*what, story.tell(*what).await));
            }
            let came = outcome(&told, &story.order().await);
            // a refund before the money is refused: there, what was first is part of the outcome
            if sequence.contains(&Refund) {
                continue;
            }
            let mut same = sequence.clone();
            same.sort_unstable();
            let (known, earlier) = outcomes.entry(same).or_insert_with(|| (came.clone(), sequence.clone()));
            assert_eq!(*known, came, "{earlier:?} and {sequence:?}");
        }
        shop.entries(&house).await;
        house.verifies().await;
    }

    async fn one_order_has_one_outcome_when_all_happens_at_once(house: House) {
        let shop = stocked(&house).await;
        let turn = Arc::new(Semaphore::new(64));
        for _ in 0..20 {
            let story = Story::begin(&house, &shop).await;
            // the time is over, and nobody has looked yet
            house.clock.advance_s(LONG_S);
            let mut happening = JoinSet::new();
            for what in ALL.into_iter().chain(ALL) {
                let (story, turn) = (story.clone(), Arc::clone(&turn));
                happening.spawn(async move {
                    let _turn = turn.acquire().await;
                    (what, story.tell(what).await)
                });
            }
            let told = happening.join_all().await;
            outcome(&told, &story.order().await);
        }
        shop.entries(&house).await;
        house.verifies().await;
    }
}
