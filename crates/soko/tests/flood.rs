//! A flood of forms: robots send a campaign's public form without end, and a counter redeems all the while.

mod house;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use axum::Router;
use edge::{
    Config,
    testing::{Answer, ask},
};
use house::{House, Shop};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// Robots that each wait for an answer, and send again.
const ROBOTS: usize = 64;
/// Questions that robots have answered beforehand, so that forms get as far as the books.
const QUESTIONS: usize = 200;
/// What the counter redeems meanwhile.
const COUPONS: usize = 50;
/// Forms of one address that are looked at in ten minutes, as operators get it.
const PER_ADDRESS: usize = 20;

/// Floods come through a proxy here, so that each may say its address.
fn behind_a_proxy(config: &mut Config) {
    config.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
}

/// A bakery with a live campaign, and coupons in customers' hands.
struct Stage {
    shop: Shop,
    form: String,
    codes: Vec<String>,
}

impl Stage {
    async fn new(house: &House) -> Self {
        let shop = house.sign_up("Forno", "rosa.bianchi").await;
        let wish = json!({ "name": "Torte", "discount": { "kind": "percent", "value": 10 } });
        let campaign = shop.call(house, "POST", "/campaigns", &wish).await.json();
        let id = campaign["id"].as_str().expect("an id").to_owned();
        shop.call(house, "POST", &format!("/campaigns/{id}/start"), &json!({})).await;
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let mut codes = Vec::new();
        for customer in 0..COUPONS {
            let whom = json!({ "contact": { "phone": format!("+3933{customer:08}") } });
            let issued = shop.call(house, "POST", &format!("/campaigns/{id}/coupons"), &whom).await;
            codes.push(text(&issued.json()["code"]));
        }
        let form = shop.read(house, &format!("/campaigns/{id}/form")).await.json();
        let form = house::local(&text(&form["address"]));
        Self { shop, form, codes }
    }

    /// Questions of the page with their sums, old enough to be a person's.
    async fn answered(&self, house: &House) -> Vec<(String, u32)> {
        let mut answered = Vec::new();
        for _ in 0..QUESTIONS {
            let page = house.get(&self.form, &[]).await.body;
            let (_, rest) = page.split_once("name=\"question\" value=\"").expect("a question");
            let question = rest.split('"').next().unwrap_or_default().to_owned();
            let (_, sum) = page.split_once("<div data-sum><label>").expect("a sum");
            let words = sum.split('<').next().unwrap_or_default();
            let numbers = words.split(|letter: char| !letter.is_ascii_digit());
            answered.push((question, numbers.filter_map(|number| number.parse::<u32>().ok()).sum()));
        }
        house.clock.advance_s(3);
        answered
    }
}

/// How far the flood is, as robots and counter both see it.
#[derive(Default)]
struct Flood {
    sent: AtomicUsize,
    answered: AtomicUsize,
    /// Of those, the ones that went through the books. To be told to wait is cheap, and keeps nobody waiting.
    worked_off: AtomicUsize,
    over: AtomicBool,
}

/// Sends form number `number` from `address`.
async fn send(router: &Router, form: &str, address: &str, number: usize, answer: &(String, u32)) -> Answer {
    let (question, sum) = answer;
    let body = format!(
        "email=robot{number}%40example.org&firstName=R&lastName=Robot&question={question}&work=&sum={sum}"
    );
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", "http://localhost"),
        ("x-forwarded-for", address),
    ];
    ask(router, "POST", &format!("http://localhost{form}"), &headers, body).await
}

/// Robots send until the counter has redeemed all; each from the address that `address` gives the number of its form.
async fn flooded(house: &House, stage: &Stage, address: fn(usize) -> String) -> BTreeMap<u16, usize> {
    let answered = Arc::new(stage.answered(house).await);
    let flood = Arc::new(Flood::default());
    let mut robots = JoinSet::new();
    for _ in 0..ROBOTS {
        let (router, form) = (house.router.clone(), stage.form.clone());
        let (flood, answered) = (Arc::clone(&flood), Arc::clone(&answered));
        robots.spawn(async move {
            let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
            while !flood.over.load(Ordering::Relaxed) {
                let number = flood.sent.fetch_add(1, Ordering::Relaxed);
                let from = address(number);
                let answer = send(&router, &form, &from, number, &answered[number % QUESTIONS]).await;
                flood.answered.fetch_add(1, Ordering::Relaxed);
                let status = answer.status.as_u16();
                if status == 429 {
                    let wait_s: Option<u32> = answer.header("retry-after").parse().ok();
                    assert!(wait_s.is_some_and(|wait_s| (1..=600).contains(&wait_s)), "{:?}", answer.headers);
                } else {
                    flood.worked_off.fetch_add(1, Ordering::Relaxed);
                }
                *statuses.entry(status).or_default() += 1;
            }
            statuses
        });
    }

    let page = stage.shop.path("/admin/counter");
    let token = house.token(&page, &stage.shop.cookie).await;
    // the flood is under way before the counter begins
    while flood.answered.load(Ordering::Relaxed) < ROBOTS {
        tokio::task::yield_now().await;
    }
    let mut longest = 0;
    for code in &stage.codes {
        let before = flood.worked_off.load(Ordering::Relaxed);
        let answer = house.office("POST", &page, &stage.shop.cookie, &token, &format!("code={code}")).await;
        assert_eq!(answer.status, 303, "the counter is kept out: {}", answer.body);
        longest = longest.max(flood.worked_off.load(Ordering::Relaxed) - before);
    }
    flood.over.store(true, Ordering::Relaxed);
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for of_robot in robots.join_all().await {
        for (status, count) in of_robot {
            *statuses.entry(status).or_default() += count;
        }
    }
    // a request waits for those in front of it and not for those that come after: a few turns of all robots
    assert!(
        longest <= 5 * ROBOTS,
        "{longest} forms were worked off while the counter waited for one redemption"
    );
    let read = stage.shop.read(house, &format!("/coupons/{}", stage.codes[0])).await.json();
    assert_eq!(read["state"], "redeemed", "{read}");
    house.verifies().await;
    statuses
}

/// From one address: twenty forms are looked at, and all others are told when to come back.
async fn one_address(house: House) {
    let stage = Stage::new(&house).await;
    let statuses = flooded(&house, &stage, |_| "203.0.113.9".to_owned()).await;
    let count = |status| statuses.get(&status).copied().unwrap_or_default();
    assert_eq!(count(303), PER_ADDRESS, "{statuses:?}");
    assert!(count(429) >= ROBOTS - PER_ADDRESS && statuses.len() == 2, "{statuses:?}");
}

/// From addresses without end: each form is worked off, the repeated ones are refused, and nothing fails.
async fn many_addresses(house: House) {
    let stage = Stage::new(&house).await;
    let address = |number: usize| format!("198.51.{}.{}", number / 250 % 250, number % 250);
    let statuses = flooded(&house, &stage, address).await;
    let count = |status| statuses.get(&status).copied().unwrap_or_default();
    assert!((1..=QUESTIONS).contains(&count(303)), "a question lets one form in: {statuses:?}");
    // 503: on a slow machine the database may have no connection free, which robots may hear of
    assert!(statuses.keys().all(|status| [303, 409, 429, 503].contains(status)), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_from_one_address_is_told_to_wait_and_the_counter_redeems_on() {
    one_address(House::configured(behind_a_proxy).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_from_one_address_is_told_to_wait_and_the_counter_redeems_on_on_postgres() {
    one_address(House::configured_on_postgres(behind_a_proxy).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_from_many_addresses_is_worked_off_and_the_counter_redeems_on() {
    many_addresses(House::configured(behind_a_proxy).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_from_many_addresses_is_worked_off_and_the_counter_redeems_on_on_postgres() {
    many_addresses(House::configured_on_postgres(behind_a_proxy).await).await;
}
