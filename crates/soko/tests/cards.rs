//! Gift cards from the first click to the last: bought, paid with, refunded; and a balance that is spent once.

mod house;

use std::collections::BTreeMap;

use edge::testing::ask;
use house::{House, Shop};
use serde_json::{Value, json};
use tokio::task::JoinSet;

fn eur(minor: i64) -> Value {
    json!({ "amount": minor, "currency": "EUR" })
}

/// What the books owe on cards, in minor units.
async fn liability(house: &House, shop: &Shop) -> i64 {
    let scope = shop.scope(house).await;
    let balances = |rx: &mut db::Rx<'_>| spine::ledger::balances(rx, spine::ledger::Book::Live);
    let balances = house.soko.app.db.read(scope, balances).await.expect("the books open");
    let cards = balances.iter().find(|balance| balance.account == spine::ledger::Account::GiftCards);
    cards.map_or(0, |balance| -balance.amount.minor())
}

/// The code of a card that was given by hand for cash.
async fn given(house: &House, shop: &Shop, minor: i64) -> String {
    let card = json!({ "kind": "gift-card", "amount": eur(minor), "given": "cash", "reason": "Sold at the counter" });
    let answer = shop.call(house, "POST", "/gift-cards", &card).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()["code"].as_str().expect("a code").to_owned()
}

async fn balance(house: &House, shop: &Shop, code: &str) -> i64 {
    let card = shop.read(house, &format!("/gift-cards/{code}")).await;
    assert_eq!(card.status, 200, "{}", card.body);
    card.json()["balance"]["amount"].as_i64().expect("an amount")
}

/// An order of goods, paid with a card first and then as said.
fn paid_with(code: &str, method: &str) -> Value {
    let mut order = house::order("PAGNE", 1, method);
    order["payment"]["cards"] = json!([code]);
    order
}

/// The code that the page of an order shows.
fn code_on(page: &str) -> String {
    let shown = page.split("<input readonly value=\"").nth(1).and_then(|rest| rest.split('"').next());
    shown.unwrap_or_else(|| panic!("no code: {page}")).replace(' ', "")
}

on_both_engines! {
    async fn a_card_is_bought_pays_a_part_and_gets_its_part_of_the_refund(house: House) {
        let shop = house.sign_up("Boulangerie", "awa").await;
        shop.has_product(&house, "Pagne", "PAGNE", 45_00, None).await;
        let settings = json!({ "sells": true, "amounts": [eur(30_00)] });
        assert_eq!(shop.call(&house, "PUT", "/gift-card-settings", &settings).await.status, 200);
        let form = [("offered", "3000"), ("to_name", "Fatou"), ("name", "Awa"), ("phone", "+33612345678"), ("payment", "manual")];
        let bought = house.form(&shop.path("/gift-card"), "", &form).await;
        assert_eq!(bought.status, 303, "{}", bought.body);
        let order_page = bought.header("location").to_owned();
        assert!(!house.get(&order_page, &[]).await.body.contains("input readonly"), "no code before it is paid");
        assert_eq!(liability(&house, &shop).await, 0);
        let orders = shop.read(&house, "/orders").await.json();
        let sale = orders["items"][0]["id"].as_str().expect("an id").to_owned();
        let payments = shop.read(&house, &format!("/orders/{sale}/payments")).await.json();
        let payment = payments["items"][0]["id"].as_str().expect("an id");
        shop.call(&house, "POST", &format!("/payments/{payment}"), &json!({ "action": "confirm" })).await;
        let code = code_on(&house.get(&order_page, &[]).await.body);
        assert_eq!((balance(&house, &shop, &code).await, liability(&house, &shop).await), (30_00, 30_00));

        let order = shop.call(&house, "POST", "/orders", &paid_with(&code, "manual")).await;
        assert_eq!(order.status, 201, "{}", order.body);
        let order = order.json();
        assert_eq!(order["payment"]["amount"], eur(15_00), "{order}");
        let (id, payment) = (order["id"].as_str().expect("an id"), order["payment"]["id"].as_str().expect("an id"));
        assert_eq!(liability(&house, &shop).await, 30_00, "kept is not paid");
        let page = house.get(&shop.page_of(&house, id).await, &[]).await.body;
        assert!(page.contains("By gift card") && page.contains("€30.00") && page.contains("€15.00"), "{page}");
        let again = shop.call(&house, "POST", "/orders", &paid_with(&code, "manual")).await;
        assert_eq!((again.status.as_u16(), again.json()["code"].clone()), (409, json!("card-empty")));
        shop.call(&house, "POST", &format!("/payments/{payment}"), &json!({ "action": "confirm" })).await;
        assert_eq!((balance(&house, &shop, &code).await, liability(&house, &shop).await), (0, 0));
        let paid = shop.read(&house, &format!("/orders/{id}")).await.json();
        assert_eq!((paid["paymentStatus"].clone(), paid["paid"].clone()), (json!("paid"), eur(45_00)));

        let spent = shop.call(&house, "POST", &format!("/orders/{sale}/refunds"), &json!({ "byHand": true })).await;
        assert_eq!((spent.status.as_u16(), spent.json()["code"].clone()), (409, json!("card-spent")));
        let refund = shop.call(&house, "POST", &format!("/orders/{id}/refunds"), &json!({ "byHand": true })).await;
        assert_eq!((refund.status.as_u16(), refund.json()["onCards"].clone()), (201, eur(30_00)), "{}", refund.body);
        assert_eq!((balance(&house, &shop, &code).await, liability(&house, &shop).await), (30_00, 30_00));
        let sale_back = shop.call(&house, "POST", &format!("/orders/{sale}/refunds"), &json!({ "byHand": true })).await;
        // what was put back is there again, so the sale itself can be taken back now
        assert_eq!(sale_back.status, 201, "{}", sale_back.body);
        assert_eq!((balance(&house, &shop, &code).await, liability(&house, &shop).await), (0, 0));
        house.verifies().await;
    }

    async fn a_card_that_pays_all_makes_the_order_a_sale_and_a_cancelled_one_frees_it(house: House) {
        let shop = house.sign_up("Boulangerie", "awa").await;
        shop.has_product(&house, "Pagne", "PAGNE", 45_00, None).await;
        let code = given(&house, &shop, 60_00).await;
        let order = shop.call(&house, "POST", "/orders", &paid_with(&code, "gift-card")).await.json();
        assert_eq!((order["payment"].clone(), order["expiresAt"].clone()), (Value::Null, Value::Null), "{order}");
        assert_eq!((balance(&house, &shop, &code).await, liability(&house, &shop).await), (15_00, 15_00));
        let small = shop.call(&house, "POST", "/orders", &paid_with(&code, "gift-card")).await;
        assert_eq!((small.status.as_u16(), small.json()["code"].clone()), (409, json!("card-too-small")));
        assert_eq!(balance(&house, &shop, &code).await, 15_00, "a refusal keeps nothing");

        let waiting = shop.call(&house, "POST", "/orders", &paid_with(&code, "manual")).await.json();
        let path = format!("/orders/{}/cancel", waiting["id"].as_str().expect("an id"));
        assert_eq!(shop.call(&house, "POST", &path, &json!({})).await.status, 200);
        let delivered = shop.call(&house, "POST", "/orders", &paid_with(&code, "cod")).await.json();
        assert_eq!(delivered["payment"]["amount"], eur(30_00), "{delivered}");
        assert_eq!((balance(&house, &shop, &code).await, liability(&house, &shop).await), (0, 0));

        let path = format!("/orders/{}/refunds", order["id"].as_str().expect("an id"));
        let refund = shop.call(&house, "POST", &path, &json!({ "amount": eur(20_00), "storeCredit": true })).await;
        assert_eq!(refund.status, 201, "{}", refund.body);
        let credit = shop.read(&house, "/gift-cards?kind=store-credit").await.json();
        assert_eq!(credit["items"][0]["balance"], eur(20_00), "{credit}");
        assert_eq!(liability(&house, &shop).await, 20_00);
        house.verifies().await;
    }

    async fn a_balance_is_asked_for_by_code_and_guessed_by_nobody(house: House) {
        let shop = house.sign_up("Boulangerie", "awa").await;
        let code = given(&house, &shop, 60_00).await;
        let page = shop.path("/gift-card/balance");
        let shown = house.form(&page, "", &[("code", &code.to_lowercase())]).await;
        assert!(shown.status == 200 && shown.body.contains("60"), "{}", shown.body);
        let asked = json!({ "code": code });
        let standing = house.send("POST", &shop.api("/gift-card-balance"), &[], &asked).await;
        assert_eq!((standing.status.as_u16(), standing.json()["available"].clone()), (200, eur(60_00)), "{}", standing.body);
        assert!(standing.json().get("customer").is_none(), "{}", standing.body);
        let mut last = 0;
        for _ in 0..20 {
            last = house.form(&page, "", &[("code", "ACDEFGHJKMNP")]).await.status.as_u16();
        }
        assert_eq!(last, 429);
        let standing = house.send("POST", &shop.api("/gift-card-balance"), &[], &asked).await;
        assert_eq!(standing.status, 429, "page and API count as one");
        let blocked = shop.call(&house, "POST", &format!("/gift-cards/{code}/state"), &json!({ "action": "block" })).await;
        assert_eq!(blocked.json()["state"], json!("blocked"), "{}", blocked.body);
        shop.has_product(&house, "Pagne", "PAGNE", 45_00, None).await;
        let refused = shop.call(&house, "POST", "/orders", &paid_with(&code, "gift-card")).await;
        assert_eq!((refused.status.as_u16(), refused.json()["code"].clone()), (409, json!("card-blocked")));
    }

    async fn two_hundred_who_pay_with_one_card_never_spend_more_than_is_on_it(house: House) {
        let shop = house.sign_up("Boulangerie", "awa").await;
        shop.has_product(&house, "Pagne", "PAGNE", 10_00, None).await;
        let code = given(&house, &shop, 55_00).await;
        let mut payers = JoinSet::new();
        for _ in 0..200 {
            let (router, url) = (house.router.clone(), format!("http://localhost{}", shop.api("/orders")));
            let (bearer, body) = (shop.bearer(), paid_with(&code, "gift-card").to_string());
            payers.spawn(async move {
                let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
                loop {
                    let answer = ask(&router, "POST", &url, &headers, &body).await;
                    match answer.status.as_u16() {
                        503 => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
                        status => return status,
                    }
                }
            });
        }
        let mut outcomes: BTreeMap<u16, usize> = BTreeMap::new();
        for outcome in payers.join_all().await {
            *outcomes.entry(outcome).or_default() += 1;
        }
        assert_eq!(outcomes, BTreeMap::from([(201, 5), (409, 195)]));
        assert_eq!((balance(&house, &shop, &code).await, liability(&house, &shop).await), (5_00, 5_00));
        house.verifies().await;
    }
}
