//! Gift cards from the first click to the last: bought, sold by staff, paid with, refunded; a balance that is spent once; and
//! codes that are typed in the wrong place.

mod house;

use std::collections::BTreeMap;

use base::Code;
use db::sql;
use edge::testing::{Answer, ask};
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

/// What the books earned, in minor units.
async fn income(house: &House, shop: &Shop) -> i64 {
    let scope = shop.scope(house).await;
    let balances = |rx: &mut db::Rx<'_>| spine::ledger::balances(rx, spine::ledger::Book::Live);
    let balances = house.soko.app.db.read(scope, balances).await.expect("the books open");
    let earned = balances.iter().filter(|balance| balance.account.class() == spine::ledger::Class::Income);
    -earned.map(|balance| balance.amount.minor()).sum::<i64>()
}

/// How many cards there are.
async fn cards_of(house: &House, shop: &Shop) -> usize {
    shop.read(house, "/gift-cards").await.json()["items"].as_array().map_or(0, Vec::len)
}

async fn balance(house: &House, shop: &Shop, code: &str) -> i64 {
    let card = shop.read(house, &format!("/gift-cards/{code}")).await;
    assert_eq!(card.status, 200, "{}", card.body);
    card.json()["balance"]["amount"].as_i64().expect("an amount")
}

/// The code of a coupon that takes a tenth off.
async fn coupon(house: &House, shop: &Shop) -> String {
    let campaign = json!({ "name": "Spring", "discount": { "kind": "percent", "value": 10 } });
    let made = shop.call(house, "POST", "/campaigns", &campaign).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let path = format!("/campaigns/{}", text(&made.json()["id"]));
    assert_eq!(shop.call(house, "POST", &format!("{path}/start"), &json!({})).await.status, 200);
    let contact = json!({ "contact": { "name": "Ada Rossi", "email": "ada@example.org" } });
    let issued = shop.call(house, "POST", &format!("{path}/coupons"), &contact).await;
    assert_eq!(issued.status, 201, "{}", issued.body);
    text(&issued.json()["code"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A status, and the code of what was wrong.
fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), text(&answer.json()["code"]))
}

async fn clicks(house: &House, shop: &Shop, path: &str, body: &str) -> Answer {
    let token = house.token(&shop.path(path), &shop.cookie).await;
    house.office("POST", &shop.path(path), &shop.cookie, &token, body).await
}

async fn sees(house: &House, shop: &Shop, path: &str) -> Answer {
    let headers = [("cookie", shop.cookie.as_str()), ("accept", "text/html")];
    house.get(&shop.path(path), &headers).await
}

/// The cookie of a visitor with something in the cart.
async fn visitor_with_a_cart(house: &House, shop: &Shop, variant: &str) -> String {
    let put = house.form(&shop.path("/cart"), "", &[("variant", variant), ("quantity", "1")]).await;
    assert_eq!(put.status, 303, "{}", put.body);
    cookies(&put).join("; ")
}

/// The cookies that an answer sets.
fn cookies(answer: &Answer) -> Vec<String> {
    let set = answer.headers.get_all("set-cookie").iter();
    set.filter_map(|line| line.to_str().ok()?.split(';').next().map(str::to_owned)).collect()
}

/// Codes that could be somebody's, and are nobody's.
fn guesses() -> impl Iterator<Item = String> {
    (0..20u8).filter_map(|chance| Code::of(&[chance; 32])).map(|code| code.to_string())
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

/// The code on a page that ends so.
fn code_beside(page: &str, ending: &str) -> String {
    let fields = page.split("<input readonly value=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let code =
        fields.map(|field| field.replace(' ', "")).find(|code| code.len() == 12 && code.ends_with(ending));
    code.unwrap_or_else(|| panic!("no code: {page}"))
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

    async fn a_customer_who_cannot_be_read_is_a_fault_and_never_nobody(house: House) {
        let shop = house.sign_up("Boulangerie", "awa").await;
        let product = shop.has_product(&house, "Pagne", "PAGNE", 45_00, None).await;
        let customer = json!({ "name": "Fatou Sow", "phone": "+33612345678" });
        let customer = text(&shop.call(&house, "POST", "/customers", &customer).await.json()["id"]);
        let credit = json!({
            "kind": "store-credit", "amount": eur(20_00), "given": "goodwill", "reason": "Stale bread", "customer": customer,
        });
        let card = text(&shop.call(&house, "POST", "/gift-cards", &credit).await.json()["id"]);
        let visitor = visitor_with_a_cart(&house, &shop, &text(&product["variants"][0]["id"])).await;
        let pages = ["/admin/cards".to_owned(), format!("/admin/cards/{card}"), format!("/admin/cards/new?customer={customer}")];
        for page in &pages {
            let shown = sees(&house, &shop, page).await;
            assert!(shown.status == 200 && shown.body.contains("Fatou Sow"), "{page}: {}", shown.body);
        }
        let spoil = |tx: &mut db::Tx<'_>| {
            tx.put(sql!("update customer set language = '?' where tenant_id = $1"), ())?;
            tx.put(sql!("update cart set order_id = '?' where tenant_id = $1"), ())
        };
        house.soko.app.db.write(shop.scope(&house).await, spoil).await.expect("a row is spoilt");
        for page in &pages {
            assert_eq!(sees(&house, &shop, page).await.status, 500, "{page}");
        }
        let again = [("variant", &*text(&product["variants"][0]["id"])), ("quantity", "1")];
        assert_eq!(house.form(&shop.path("/cart"), &visitor, &again).await.status, 500, "no second cart");
        assert_eq!(house.get(&shop.path("/checkout"), &[("cookie", &visitor)]).await.status, 500);
    }

    async fn the_code_of_a_card_is_told_from_a_coupons_wherever_one_is_asked_for(house: House) {
        let shop = house.sign_up("Boulangerie", "awa").await;
        let product = shop.has_product(&house, "Pagne", "PAGNE", 45_00, None).await;
        let variant = text(&product["variants"][0]["id"]);
        let (card, coupon) = (given(&house, &shop, 60_00).await, coupon(&house, &shop).await);
        let is_card = (409, "code-is-gift-card".to_owned());

        let mut visitor = visitor_with_a_cart(&house, &shop, &variant).await;
        let typed = house.form(&shop.path("/cart/codes"), &visitor, &[("code", &card.to_lowercase())]).await;
        assert_eq!(typed.status, 303, "{}", typed.body);
        let back = typed.header("location").to_owned();
        assert!(!back.contains(&card), "a code that is money stands in no address: {back}");
        visitor = [&[visitor], &*cookies(&typed)].concat().join("; ");
        let cart = house.get(back.split('#').next().expect("a path"), &[("cookie", &visitor)]).await.body;
        assert!(cart.contains("This is a gift card"), "{cart}");
        let ask = [("cookie", visitor.as_str())];
        let places = house.get(&shop.path("/checkout"), &ask).await.body;
        let ship = places.split("name=\"ship\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let till = shop.path(&format!("/checkout?ship={ship}"));
        let page = house.get(&till, &ask).await.body;
        assert!(page.contains(&format!("name=\"card\" value=\"{card}\"")), "nothing is typed again: {page}");
        let order = [
            ("ship", ship), ("name", "Awa"), ("phone", "+33612345678"), ("payment", "cod"), ("total", "4500"), ("card", &*coupon),
        ];
        let refused = house.form(&shop.path("/checkout"), &visitor, &order).await;
        assert!(refused.status == 422 && refused.body.contains("This is a coupon"), "{} {}", refused.status, refused.body);
        let order = order.map(|(name, value)| (name, if name == "card" { &*card } else { value }));
        let placed = house.form(&shop.path("/checkout"), &visitor, &order).await;
        assert_eq!(placed.status, 303, "{}", placed.body);
        assert!(cookies(&placed).iter().any(|set| set.starts_with("card-") && set.ends_with('=')), "the code is put away");
        assert_eq!(balance(&house, &shop, &card).await, 15_00);

        let cart = shop.call(&house, "POST", "/carts", &json!({ "lines": [{ "sku": "PAGNE", "quantity": 1 }] })).await.json();
        let codes = format!("/carts/{}/codes", text(&cart["id"]));
        assert_eq!(refusal(&shop.call(&house, "PUT", &codes, &json!({ "codes": [card] })).await), is_card);
        let mut wish = house::order("PAGNE", 1, "cod");
        wish["codes"] = json!([card]);
        assert_eq!(refusal(&shop.call(&house, "POST", "/orders", &wish).await), is_card);
        assert_eq!(refusal(&shop.call(&house, "POST", &format!("/coupons/{card}/redeem"), &json!({})).await), is_card);
        let counter = sees(&house, &shop, &format!("/admin/counter?code={card}")).await.body;
        assert!(counter.contains("This is a gift card"), "{counter}");
        let added = clicks(&house, &shop, "/admin/orders/new?q=Pagne", &format!("action=add&variant={variant}&quantity=1")).await;
        let cart = added.header("location").split("cart=").nth(1).and_then(|rest| rest.split('&').next()).expect("a cart");
        let body = format!("action=use-code&cart={cart}&code={card}");
        let used = clicks(&house, &shop, &format!("/admin/orders/new?cart={cart}"), &body).await;
        assert!(used.status == 422 && used.body.contains("This is a gift card"), "{}", used.body);

        let paid = shop.call(&house, "POST", "/orders", &paid_with(&coupon, "manual")).await;
        assert_eq!(refusal(&paid), (409, "card-is-coupon".to_owned()));
        let asked = house.form(&shop.path("/gift-card/balance"), "", &[("code", &coupon)]).await;
        assert!(asked.status == 422 && asked.body.contains("This is a coupon"), "{}", asked.body);
        let waiting = text(&shop.orders(&house, "PAGNE", 1, "manual").await.json()["id"]);
        let payments = format!("/admin/orders/{waiting}/payments");
        let taken = clicks(&house, &shop, &payments, &format!("code={coupon}")).await;
        assert!(taken.status == 422 && taken.body.contains("This is a coupon"), "{}", taken.body);
        let page = shop.page_of(&house, &waiting).await;
        let taken = house.form(&format!("{page}/pay"), "", &[("method", "gift-card"), ("code", &coupon)]).await;
        assert!(taken.status == 422 && taken.body.contains("This is a coupon"), "{}", taken.body);
    }

    async fn a_cart_tells_no_more_cards_than_may_be_asked_for_in_an_hour(house: House) {
        let shop = house.sign_up("Boulangerie", "awa").await;
        let product = shop.has_product(&house, "Pagne", "PAGNE", 45_00, None).await;
        let card = given(&house, &shop, 60_00).await;
        let visitor = visitor_with_a_cart(&house, &shop, &text(&product["variants"][0]["id"])).await;
        let try_code = |code: String| {
            let (house, shop, visitor) = (&house, &shop, &visitor);
            async move {
                let answer = house.form(&shop.path("/cart/codes"), visitor, &[("code", &code)]).await;
                let told = answer.header("location").split("refused=").nth(1).unwrap_or_default();
                told.split('#').next().unwrap_or_default().to_owned()
            }
        };
        // what does not hold together is nobody's code, and costs no try
        for _ in 0..20 {
            assert_eq!(try_code("ACDEFGHJKMNA".to_owned()).await, "code-unknown");
        }
        assert_eq!(try_code(card.clone()).await, "code-is-gift-card");
        for guess in guesses() {
            assert_eq!(try_code(guess).await, "code-unknown");
        }
        assert_eq!(try_code(card.clone()).await, "code-unknown", "the tries of this hour are used up");
        let asked = house.form(&shop.path("/gift-card/balance"), "", &[("code", &card)]).await;
        assert_eq!(asked.status, 429, "a try is a try wherever it is made");
        let cart = shop.call(&house, "POST", "/carts", &json!({ "lines": [{ "sku": "PAGNE", "quantity": 1 }] })).await.json();
        let codes = format!("/carts/{}/codes", text(&cart["id"]));
        let told = shop.call(&house, "PUT", &codes, &json!({ "codes": [card] })).await;
        assert_eq!(refusal(&told), (404, "code-unknown".to_owned()), "by a key, too");
        let counter = sees(&house, &shop, &format!("/admin/counter?code={card}")).await.body;
        assert!(!counter.contains("This is a gift card"), "at the counter, too");
        house.clock.advance_s(3600);
        assert_eq!(try_code(card).await, "code-is-gift-card");
    }

    async fn staff_sell_a_card_alone_and_it_is_issued_when_it_is_paid(house: House) {
        let shop = house.sign_up("Boulangerie", "awa").await;
        let place = |more: &'static str| {
            let (house, shop) = (&house, &shop);
            let body = format!("action=place&name=Awa&phone=%2B33612345678&gift_amount=50&gift_name=Fatou&{more}");
            async move { clicks(house, shop, "/admin/orders/new", &body).await }
        };
        let unpaid = place("gift_phone=0612345679&pay=cod").await;
        assert!(unpaid.status == 422 && unpaid.body.contains("handed out when it is paid"), "{}", unpaid.body);
        assert!(unpaid.body.contains("value=\"50\"") && unpaid.body.contains("value=\"0612345679\""), "what was typed is lost");
        let wrong = place("gift_phone=12&pay=later").await;
        assert_eq!(wrong.status, 422, "{}", wrong.body);

        let placed = place("gift_phone=0612345679&pay=later").await;
        assert_eq!(placed.status, 200, "{}", placed.body);
        assert!(placed.body.contains("Fatou") && placed.body.contains("+33612345679"), "{}", placed.body);
        assert_eq!((liability(&house, &shop).await, cards_of(&house, &shop).await), (0, 0));
        let order = text(&shop.read(&house, "/orders").await.json()["items"][0]["id"]);
        let whole = shop.read(&house, &format!("/orders/{order}")).await.json();
        assert_eq!((&whole["total"], text(&whole["lines"][0]["kind"])), (&eur(50_00), "gift-card".to_owned()), "{whole}");
        let begun = shop.call(&house, "POST", &format!("/orders/{order}/payments"), &json!({ "method": "manual" })).await.json();
        shop.call(&house, "POST", &format!("/payments/{}", text(&begun["id"])), &json!({ "action": "confirm" })).await;
        assert_eq!((liability(&house, &shop).await, cards_of(&house, &shop).await), (50_00, 1));
        let card = shop.read(&house, "/gift-cards").await.json()["items"][0].clone();
        let page = sees(&house, &shop, &format!("/admin/orders/{order}")).await.body;
        let ending = text(&card["ending"]);
        assert!(page.contains(&format!("•••• {ending}")) && page.contains(&format!("/admin/cards/{}", text(&card["id"]))), "{page}");
        assert_eq!(income(&house, &shop).await, 0, "a card that is sold is no sale");
        house.verifies().await;
    }

    async fn staff_sell_a_card_with_goods_and_take_the_cash_at_once(house: House) {
        let shop = house.sign_up("Boulangerie", "awa").await;
        let product = shop.has_product(&house, "Pagne", "PAGNE", 45_00, None).await;
        let added = format!("action=add&variant={}&quantity=1", text(&product["variants"][0]["id"]));
        let added = clicks(&house, &shop, "/admin/orders/new?q=Pagne", &added).await;
        let cart = added.header("location").split("cart=").nth(1).and_then(|rest| rest.split('&').next()).expect("a cart");
        let page = format!("/admin/orders/new?cart={cart}");
        let body = format!("action=place&cart={cart}&name=Awa&phone=%2B33612345678&gift_amount=30&pay=cash");
        let placed = clicks(&house, &shop, &page, &body).await;
        assert_eq!(placed.status, 200, "{}", placed.body);
        assert_eq!((liability(&house, &shop).await, income(&house, &shop).await), (30_00, 45_00));
        let order = shop.read(&house, "/orders").await.json()["items"][0].clone();
        assert_eq!((text(&order["paymentStatus"]), &order["total"]), ("paid".to_owned(), &eur(75_00)), "{order}");
        let card = shop.read(&house, "/gift-cards").await.json()["items"][0].clone();
        let code = code_beside(&placed.body, &text(&card["ending"]));
        assert_eq!(balance(&house, &shop, &code).await, 30_00, "who hands it out reads the code, once");
        let again = sees(&house, &shop, &format!("/admin/orders/{}", text(&order["id"]))).await.body;
        assert!(!again.contains(&code[..8]) && !again.contains(&code[4..8]), "{again}");
        let back = shop.call(&house, "POST", &format!("/orders/{}/refunds", text(&order["id"])), &json!({ "byHand": true })).await;
        assert_eq!(back.status, 201, "{}", back.body);
        assert_eq!((liability(&house, &shop).await, income(&house, &shop).await), (0, 0));
        house.verifies().await;
    }

    async fn a_personal_file_names_cards_owned_and_given_and_being_forgotten_keeps_the_books(house: House) {
        let shop = house.sign_up("Boulangerie", "awa").await;
        let settings = json!({ "sells": true, "amounts": [eur(30_00)] });
        assert_eq!(shop.call(&house, "PUT", "/gift-card-settings", &settings).await.status, 200);
        let gift = json!({
            "giftCards": [{ "amount": eur(30_00), "to": { "name": "Fatou", "email": "fatou@example.org", "message": "Joyeux anniversaire" } }],
            "customer": { "name": "Awa Barry", "phone": "+33612345678" }, "payment": { "method": "manual" },
        });
        let order = shop.call(&house, "POST", "/orders", &gift).await;
        assert_eq!(order.status, 201, "{}", order.body);
        let payment = text(&order.json()["payment"]["id"]);
        shop.call(&house, "POST", &format!("/payments/{payment}"), &json!({ "action": "confirm" })).await;
        let customer = text(&shop.read(&house, "/customers").await.json()["items"][0]["id"]);
        let credit = json!({
            "kind": "store-credit", "amount": eur(20_00), "given": "goodwill", "reason": "Stale bread", "customer": customer,
        });
        let code = text(&shop.call(&house, "POST", "/gift-cards", &credit).await.json()["code"]);
        let file = shop.read(&house, &format!("/customers/{customer}/export")).await;
        let cards = file.json()["cards"].clone();
        assert_eq!(cards.as_array().map(Vec::len), Some(2), "{}", file.body);
        let (owned, gave) = (&cards[0], &cards[1]);
        assert_eq!(
            (text(&owned["kind"]), &owned["balance"], &owned["value"], text(&owned["reason"]), &owned["given"]),
            ("store-credit".to_owned(), &eur(20_00), &eur(20_00), "Stale bread".to_owned(), &Value::Null)
        );
        assert_eq!((text(&owned["ending"]), file.body.contains(&code)), (code[8..].to_owned(), false), "a file is no purse");
        assert_eq!((text(&gave["kind"]), &gave["value"], &gave["order"]), ("gift-card".to_owned(), &eur(30_00), &order.json()["id"]));
        assert_eq!(
            (text(&gave["given"]["name"]), text(&gave["given"]["message"])),
            ("Fatou".to_owned(), "Joyeux anniversaire".to_owned())
        );
        assert_eq!(gave["balance"], Value::Null, "what is left on a gift is its holder's to know");

        let page = format!("/admin/customers/{customer}/forget");
        let forgotten = clicks(&house, &shop, &page, "").await;
        assert_eq!(forgotten.status, 303, "{}", forgotten.body);
        assert_eq!(shop.read(&house, &format!("/customers/{customer}/export")).await.status, 404);
        let left = shop.read(&house, "/gift-cards").await;
        assert!(!left.body.contains(&customer), "{}", left.body);
        assert_eq!((cards_of(&house, &shop).await, liability(&house, &shop).await, balance(&house, &shop, &code).await), (2, 50_00, 20_00));
        house.verifies().await;
    }
}
