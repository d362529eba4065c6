//! The back office's home: what each person sees of it, steps that turn by themselves, search, and word of new orders.

mod house;

use std::time::{Duration, Instant};

use edge::testing::ask;
use house::{House, Shop, quoted};
use serde_json::{Value, json};

impl Shop {
    async fn office_page(&self, house: &House, rest: &str, cookie: &str) -> String {
        let answer = house.get(&self.path(&format!("/admin{rest}")), &[("cookie", cookie)]).await;
        assert_eq!(answer.status, 200, "{rest}: {}", answer.body);
        // what stands in the page itself, and not in its header and menu
        let (_, main) = answer.body.split_once("<main").expect("a page");
        main.to_owned()
    }

    async fn news(&self, house: &House, query: &str) -> Value {
        let answer = house.get(&self.path(&format!("/admin/news{query}")), &[("cookie", &self.cookie)]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }
}

/// The state of a step of the guide: `done`, `skipped` or `open`.
async fn step(shop: &Shop, house: &House, name: &str) -> String {
    let page = shop.office_page(house, "/guide", &shop.cookie).await;
    let place = ["tax", "phone", "logo", "product", "payment", "order", "share"]
        .iter()
        .position(|known| *known == name);
    let item = page.split("<li class=\"").nth(place.expect("a step") + 1).expect("an item of the guide");
    item.split('"').next().unwrap_or_default().to_owned()
}

on_both_engines! {
    async fn each_person_sees_what_the_role_allows(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        shop.has_product(&house, "Pagne", "PAGNE", 100_00, Some(3)).await;
        house.clock.advance_s(1);
        let market = shop.call(&house, "POST", "/locations", &json!({ "name": "Marché" })).await.json();
        let market = market["id"].as_str().unwrap().to_owned();
        assert_eq!(shop.orders(&house, "PAGNE", 3, "cod").await.status, 201);
        let (_, cashier) = shop.employs(&house, "la.caissiere", "cashier").await;
        let (_, viewer) = shop.employs(&house, "le.frere", "viewer").await;
        let (_, there) = shop.employs_at(&house, "la.marchande", "manager", &[&market]).await;

        let owner = shop.office_page(&house, "", &shop.cookie).await;
        assert!(owner.contains("€300.00") && owner.contains("class=\"now\"") && owner.contains(">1001 "), "{owner}");
        assert!(owner.contains("Pagne") && owner.contains("badge bad"), "what is sold out is to be ordered: {owner}");
        let seen = shop.office_page(&house, "", &viewer).await;
        assert!(seen.contains("€300.00") && seen.contains(">1001 ") && !seen.contains("method=\"post\""), "{seen}");
        let less = shop.office_page(&house, "", &cashier).await;
        assert!(less.contains(">1001 ") && !less.contains("class=\"tile\""), "{less}");
        let elsewhere = shop.office_page(&house, "", &there).await;
        assert!(elsewhere.contains("class=\"tile\"") && !elsewhere.contains("€300.00") && !elsewhere.contains(">1001 "), "{elsewhere}");

        // the brother sees, and changes nothing
        let token = house.token(&shop.path("/admin/orders"), &viewer).await;
        for (path, body) in [("/admin/orders/new", "action=add"), ("/admin/stock", ""), ("/admin/settings", ""), ("/admin/guide", "step=phone&what=skip")] {
            assert_eq!(house.office("POST", &shop.path(path), &viewer, &token, body).await.status, 403, "{path}");
        }
    }

    async fn the_report_of_the_api_is_the_ledgers(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        shop.has_product(&house, "Pagne", "PAGNE", 100_00, None).await;
        for units in [1, 2] {
            assert_eq!(shop.orders(&house, "PAGNE", units, "cod").await.status, 201);
        }
        let report = shop.read(&house, "/reports/sales?by=day").await.json();
        assert_eq!((&report["orders"], &report["gross"]["amount"], &report["average"]["amount"]), (&json!(2), &json!(300_00), &json!(150_00)), "{report}");
        assert_eq!(report["steps"].as_array().map(Vec::len), Some(7));
        let balances = shop.read(&house, "/ledger/balances").await.json();
        let owed = balances["items"].as_array().unwrap().iter().find(|item| item["account"] == "receivable:cod").unwrap();
        assert_eq!(owed["amount"], report["gross"]);
        house.clock.advance_s(3 * 86_400);
        for _ in 0..2 {
            let best = shop.read(&house, "/reports/best-sellers").await.json();
            assert_eq!(best["items"][0]["quantity"], json!(3), "live, then of closed days: {best}");
        }
        let before = shop.read(&house, "/reports/sales").await.json();
        assert_eq!(before["orders"], json!(2));
        for wrong in ["?from=2026-02-01&to=2026-01-01", "?by=minute", "?from=1990-01-01"] {
            assert_eq!(shop.read(&house, &format!("/reports/sales{wrong}")).await.status, 422, "{wrong}");
        }
    }

    async fn stock_runs_low_at_the_level_that_was_set(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        let made = shop.has_product(&house, "Pagne", "PAGNE", 100_00, Some(3)).await;
        shop.has_product(&house, "Sac", "SAC", 50_00, None).await;
        let low = async || shop.read(&house, "/stock/low").await.json()["items"].clone();
        assert_eq!(low().await, json!([]));
        let levels = shop.read(&house, "/stock").await.json();
        let place = json!({ "variant": made["variants"][0]["id"], "location": levels["items"][0]["location"] });
        let set = async |at: Value| {
            let mut body = place.clone();
            body["reorderAt"] = at;
            shop.call(&house, "POST", "/stock/reorder-levels", &body).await.status.as_u16()
        };
        assert_eq!(set(json!(3)).await, 204);
        let found = low().await;
        assert_eq!((&found[0]["sku"], &found[0]["reorderAt"], &found[0]["available"]), (&json!("PAGNE"), &json!(3), &json!(3)), "{found}");
        assert_eq!(set(json!(2)).await, 204);
        assert_eq!(low().await, json!([]));
        assert_eq!(set(json!(-1)).await, 409);
        assert_eq!(set(Value::Null).await, 204);
        assert_eq!(shop.orders(&house, "PAGNE", 3, "cod").await.status, 201);
        assert_eq!(low().await[0]["reorderAt"], Value::Null, "what is sold out is low without a level");
    }

    async fn the_guides_steps_turn_by_themselves(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        let token = house.token(&shop.path("/admin/guide"), &shop.cookie).await;
        let act = async |body: &str| house.office("POST", &shop.path("/admin/guide"), &shop.cookie, &token, body).await.status.as_u16();
        let home = async || shop.office_page(&house, "", &shop.cookie).await;
        assert!(home().await.contains("class=\"steps\""));

        assert_eq!(step(&shop, &house, "tax").await, "open");
        assert_eq!(act("step=tax&what=take-tax").await, 303);
        assert_eq!(step(&shop, &house, "tax").await, "done");
        let codes = shop.read(&house, "/tax-codes").await.json();
        assert_eq!((&codes["items"][0]["name"], &codes["items"][0]["standard"]), (&json!("TVA 20 %"), &json!(true)), "{codes}");

        assert_eq!(step(&shop, &house, "product").await, "open");
        shop.has_product(&house, "Pagne", "PAGNE", 120_00, None).await;
        assert_eq!(step(&shop, &house, "product").await, "done");

        assert_eq!(step(&shop, &house, "order").await, "open");
        let placed = shop.orders(&house, "PAGNE", 1, "cod").await.json();
        let order = shop.read(&house, &format!("/orders/{}", placed["id"].as_str().unwrap())).await.json();
        assert_eq!(order["tax"]["amount"], json!(20_00), "the tax that was taken is in the price: {order}");
        assert_eq!(step(&shop, &house, "order").await, "done");

        let business = shop.read(&house, "/business").await.json();
        let mut edit = business.clone();
        edit["phone"] = json!("+33612345678");
        for field in ["currency", "test"] {
            edit.as_object_mut().unwrap().remove(field);
        }
        assert_eq!(shop.call(&house, "PUT", "/business", &edit).await.status, 200);
        assert_eq!(step(&shop, &house, "phone").await, "done");

        let methods = shop.path("/admin/payment-methods/manual");
        let paid_to = house.office("POST", &methods, &shop.cookie, &token, "enabled=true&instructions=Orange+620").await;
        assert_eq!(paid_to.status, 303, "{}", paid_to.body);
        assert_eq!(step(&shop, &house, "payment").await, "done");

        assert_eq!(act("step=nothing&what=skip").await, 422);
        assert_eq!(act("step=share&what=skip").await, 303);
        assert_eq!(step(&shop, &house, "share").await, "skipped");
        assert!(!home().await.contains("class=\"steps\""), "the guide leaves the home page when nothing is open");
    }

    async fn search_finds_what_the_person_may_see(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        shop.has_product(&house, "Pagne wax", "PGN-7", 100_00, None).await;
        house.clock.advance_s(1);
        let market = shop.call(&house, "POST", "/locations", &json!({ "name": "Marché" })).await.json();
        let market = market["id"].as_str().unwrap().to_owned();
        let placed = shop.orders(&house, "PGN-7", 1, "manual").await.json();
        let id = placed["id"].as_str().unwrap().to_owned();
        house.form(&format!("{}/reference", shop.page_of(&house, &id).await), "", &[("reference", "MP240101.77")]).await;
        let payment = placed["payment"]["id"].as_str().unwrap();
        shop.call(&house, "POST", &format!("/payments/{payment}"), &json!({ "action": "confirm" })).await;
        let (_, stock) = shop.employs(&house, "le.magasinier", "stock").await;
        let (_, there) = shop.employs_at(&house, "la.marchande", "manager", &[&market]).await;
        let finds = async |cookie: &str, q: &str, href: &str| {
            let page = shop.office_page(&house, &format!("/search?q={}", quoted(q)), cookie).await;
            page.contains(&format!("/admin{href}"))
        };
        let order = format!("/orders/{id}");
        for q in ["1001", "#1001", "aissa", "Barry Aïss", "+224 620 00", "620000000"] {
            assert!(finds(&shop.cookie, q, &order).await, "{q}");
            assert!(finds(&stock, q, &order).await, "{q}");
            assert!(!finds(&there, q, &order).await, "{q} lies at another place");
        }
        assert!(finds(&shop.cookie, "barry", "/customers/cust_").await);
        assert!(!finds(&there, "barry", "/customers/").await, "the book of customers is the whole business's");
        assert!(finds(&shop.cookie, "mp240101", &order).await && !finds(&stock, "mp240101", &order).await);
        assert!(finds(&shop.cookie, "R-000001", "/documents/doc_").await && !finds(&stock, "R-000001", "/documents/").await);
        assert!(!finds(&there, "R-000001", "/documents/").await);
        assert!(finds(&there, "pgn", "/products/prod_").await && finds(&stock, "wax pag", "/products/prod_").await);
        assert!(finds(&shop.cookie, "ibrahima", "/staff").await && !finds(&stock, "ibrahima", "/staff").await);
        assert!(finds(&shop.cookie, "tax", "/tax-codes").await && finds(&shop.cookie, "api k", "/keys").await && !finds(&stock, "api k", "/keys").await);
        assert!(!finds(&shop.cookie, "zzz", "/orders/").await && !finds(&shop.cookie, "%", "/orders/").await);
        let exact = shop.office_page(&house, "/search?q=1001", &shop.cookie).await;
        let (top, _) = exact.split_once("</section>").expect("a group");
        assert!(top.contains(&order), "the very number stands on top: {exact}");

        // who is forgotten is no longer found
        let forget = id.parse().unwrap();
        house.soko.app.db.write(shop.scope(&house).await, move |tx| orders::forget(tx, forget)).await.unwrap();
        assert!(!finds(&shop.cookie, "aissa", &order).await && finds(&shop.cookie, "1001", &order).await);
        assert!(!finds(&shop.cookie, "aissa", "/customers/").await);
    }

    async fn orders_of_before_words_were_kept_are_found_at_once_and_get_theirs_in_time(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        shop.has_product(&house, "Pagne", "PAGNE", 100_00, None).await;
        shop.orders(&house, "PAGNE", 1, "cod").await;
        let age = |tx: &mut db::Tx<'_>| {
            tx.put(db::sql!("delete from order_word where tenant_id = $1"), ())?;
            tx.put(db::sql!("update order_contact set worded = null, search = ' aissatou barry +224620000000' where tenant_id = $1"), ())
        };
        let db = &house.soko.app.db;
        let write: Result<(), db::Error> = db.write(shop.scope(&house).await, age).await;
        write.unwrap();
        let found = async |q: &str| {
            let listed = shop.read(&house, &format!("/orders?q={}", quoted(q))).await.json();
            listed["items"].as_array().map(Vec::len)
        };
        let words = async || {
            let count = |rx: &mut db::Rx<'_>| {
                rx.row(db::sql!("select count(*) from order_word where tenant_id = $1"), (), |row| row.get::<i64>(0))
            };
            let counted: Result<Option<i64>, db::Error> = db.read(shop.scope(&house).await, count).await;
            counted.unwrap()
        };
        for (q, hits) in [("barry", 1), ("620 00", 1), ("1001", 1), ("diallo", 0)] {
            assert_eq!(found(q).await, Some(hits), "{q}");
        }
        db.write(shop.scope(&house).await, orders::sweep).await.unwrap();
        assert_eq!(words().await, Some(4));
        for (q, hits) in [("barry", 1), ("620 00", 1), ("1001", 1), ("diallo", 0), ("arry", 0)] {
            assert_eq!(found(q).await, Some(hits), "{q}");
        }
    }

    async fn a_new_order_is_told_within_three_seconds(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        shop.has_product(&house, "Pagne", "PAGNE", 100_00, None).await;
        let begun = shop.news(&house, "").await;
        assert_eq!((&begun["cursor"], &begun["orders"]), (&json!(0), &json!([])), "without a cursor the answer comes at once");
        rings(&house, &house, &shop).await;
        // behind its cursor nothing is new, and what is new is told at once
        let again = shop.news(&house, "?after=0").await;
        assert_eq!(again["orders"][0]["number"], json!(1001));
        assert_eq!(again["waiting"], json!(1));
        let other = house.sign_up("Autre", "binta.sow").await;
        let strange = house.get(&shop.path("/admin/news?after=0"), &[("cookie", &other.cookie)]).await;
        assert_eq!(strange.status, 404);
    }
}

/// Somebody waits at one server; an order comes in at another.
async fn rings(waits: &House, sells: &House, shop: &Shop) {
    let order = async {
        // the one who waits has long begun to
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(shop.orders(sells, "PAGNE", 1, "cod").await.status, 201);
        Instant::now()
    };
    let waiting = async { (shop.news(waits, "?after=0").await, Instant::now()) };
    let ((told, heard), placed) = tokio::join!(waiting, order);
    assert!(heard > placed && heard - placed < Duration::from_secs(3), "{:?}", heard - placed);
    let rung = &told["orders"][0];
    assert_eq!(
        (&rung["number"], &rung["name"], &rung["total"]["amount"]),
        (&json!(1001), &json!("Aïssatou Barry"), &json!(100_00)),
        "{told}"
    );
    assert!(rung["href"].as_str().unwrap().starts_with(&shop.path("/admin/orders/order_")), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_at_one_server_rings_at_another_on_one_postgres() {
    let database = testing::database();
    let (one, other) = (House::on(&database).await, House::on(&database).await);
    let shop = one.sign_up("Boutique", "awa.diallo").await;
    shop.has_product(&one, "Pagne", "PAGNE", 100_00, None).await;
    rings(&one, &other, &shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_so_many_wait_for_one_business_and_a_stop_sends_them_away() {
    let house = House::on_sqlite().await;
    let shop = house.sign_up("Boutique", "awa.diallo").await;
    let began = Instant::now();
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (router, cookie) = (house.router.clone(), shop.cookie.clone());
        let url = format!("http://localhost{}", shop.path("/admin/news?after=0"));
        waiting.spawn(async move { ask(&router, "GET", &url, &[("cookie", &cookie)], "").await.status });
    }
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let one_more = house.get(&shop.path("/admin/news?after=0"), &[("cookie", &shop.cookie)]).await;
    assert_eq!(one_more.status, 429, "{}", one_more.body);
    house.soko.news.close();
    assert!(waiting.join_all().await.iter().all(|status| *status == 200));
    assert!(began.elapsed() < Duration::from_secs(15));
}
