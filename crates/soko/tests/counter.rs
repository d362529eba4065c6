//! Coupons through the front door: at the counter, by CouponGen's API, in a cart of an application and in an order of staff.

mod house;

use edge::testing::Answer;
use house::{House, Shop};
use operations::command::Command;
use serde_json::{Value, json};

/// A coupon that takes a tenth off, of a campaign that runs.
async fn a_tenth_off(house: &House, shop: &Shop, name: &str) -> String {
    let campaign = json!({ "name": name, "discount": { "kind": "percent", "value": 10 } });
    let made = shop.call(house, "POST", "/campaigns", &campaign).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = text(&made.json()["id"]);
    let started = shop.call(house, "POST", &format!("/campaigns/{id}/start"), &json!({})).await;
    assert_eq!(started.status, 200, "{}", started.body);
    let contact = json!({ "contact": { "name": "Ada Rossi", "email": "ada@example.org" } });
    let issued = shop.call(house, "POST", &format!("/campaigns/{id}/coupons"), &contact).await;
    assert_eq!(issued.status, 201, "{}", issued.body);
    text(&issued.json()["code"])
}

/// A campaign that runs and takes a tenth off, once for each customer, for who types its code.
async fn a_code_for_all(house: &House, shop: &Shop) -> String {
    let campaign = json!({
        "name": "Carnevale", "discount": { "kind": "percent", "value": 10 }, "limits": { "perCustomer": 1 },
        "sharedCode": "welcome10",
    });
    let made = shop.call(house, "POST", "/campaigns", &campaign).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = text(&made.json()["id"]);
    shop.call(house, "POST", &format!("/campaigns/{id}/start"), &json!({})).await;
    id
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

async fn clicks(house: &House, shop: &Shop, path: &str, body: &str) -> Answer {
    let token = house.token(&shop.path(path), &shop.cookie).await;
    house.office("POST", &shop.path(path), &shop.cookie, &token, body).await
}

/// A coupon of CouponGen whose code has four letters.
async fn came_with_a_short_code(house: &House, shop: &Shop) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("coupons.db");
    let tables = "
        create table tenants (id integer primary key, slug text);
        create table auth_users (id integer primary key, tenant_id integer);
        create table users (id integer primary key, email text, tenant_id integer);
        create table campaigns (id integer primary key, campaign_code text, name text, is_active integer, discount_value text,
            tenant_id integer);
        create table coupons (id integer primary key, code text, user_id integer, campaign_id integer, discount_value text,
            status text, issued_at text, tenant_id integer);
        insert into tenants values (1, 'forno');
        insert into campaigns values (1, 'SPRING2025AB', 'Primavera', 1, '10', 1);
        insert into coupons values (1, 'TORT', null, 1, '10', 'active', '2025-03-02 09:00:00', 1);";
    rusqlite::Connection::open(&file).unwrap().execute_batch(tables).unwrap();
    let tenant = shop.slug.clone();
    house.command(Command::ImportCoupongen { tenant, file, from: None, uploads: None, preview: false }).await;
    "TORT".to_owned()
}

on_both_engines! {
    async fn a_code_is_not_found_by_trying_and_no_neighbour_keeps_a_customer_from_hers(house: House) {
        let shop = house.sign_up("Forno", "rosa.bianchi").await;
        let (ours, short) = (a_tenth_off(&house, &shop, "Torte").await, came_with_a_short_code(&house, &shop).await);
        let page = |code: &str| shop.path(&format!("/coupons/{code}"));
        let old = |code: &str| shop.path(&format!("/api/coupons/{code}"));
        for look in 0..30 {
            assert_eq!(house.get(&old(&short), &[]).await.status, 200, "look {look} at a coupon that is there");
        }
        for guess in 0..6 {
            assert_eq!(house.get(&old(&format!("TRY{guess}")), &[]).await.status, 404);
            assert_eq!(house.get(&page(&format!("GUESS{guess}")), &[]).await.status, 404);
        }
        for path in [old("TRY9"), page("TRY9"), page(&short), old(&short)] {
            let late = house.get(&path, &[]).await;
            assert_eq!((late.status.as_u16(), late.header("retry-after")), (429, "301"), "{path}");
        }
        for path in [page(&ours), old(&ours)] {
            assert_eq!(house.get(&path, &[]).await.status, 200, "a code as long as ours is no guess: {path}");
        }
        assert_eq!(house.get(&old("ACDEFGHJKMNP"), &[]).await.status, 404, "nor is one that is mistyped");
        let counter = house.get(&shop.path(&format!("/redeem/{short}")), &[("cookie", &shop.cookie)]).await;
        assert_eq!(counter.status, 303, "a cashier sees it all the same");
        let other = house.sign_up("Fiori", "lia.verdi").await;
        assert_eq!(house.get(&other.path("/coupons/TRY9"), &[]).await.status, 404, "another shop counts for itself");

        house.clock.advance_s(301);
        assert_eq!(house.get(&page(&short), &[]).await.status, 200);
    }

    async fn codes_tried_in_a_cart_count_as_well(house: House) {
        let shop = house.sign_up("Forno", "rosa.bianchi").await;
        let product = shop.has_product(&house, "Torta", "TORTA", 20_00, None).await;
        let (ours, short) = (a_tenth_off(&house, &shop, "Torte").await, came_with_a_short_code(&house, &shop).await);
        let variant = text(&product["variants"][0]["id"]);
        let added = house.form(&shop.path("/cart"), "", &[("variant", &variant), ("quantity", "1")]).await;
        let cookie = added.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        let tries = async |code: &str| {
            let answer = house.form(&shop.path("/cart/codes"), &cookie, &[("code", code)]).await;
            answer.header("location").replace(&shop.path("/cart"), "")
        };
        for guess in 0..12 {
            assert_eq!(tries(&format!("TRY{guess}")).await, "?refused=code-unknown#codes");
        }
        for code in ["TRY12", &short] {
            assert_eq!(tries(code).await, "?refused=too-many-requests#codes", "{code}");
        }
        assert_eq!(house.get(&shop.path(&format!("/coupons/{short}")), &[]).await.status, 429);
        assert_eq!(tries(&ours).await, "#codes");
    }

    async fn who_tries_codes_with_a_key_that_is_anybodys_is_told_to_wait_and_the_businesss_own_is_not(house: House) {
        let shop = house.sign_up("Forno", "rosa.bianchi").await;
        shop.has_product(&house, "Torta", "TORTA", 20_00, None).await;
        let wish = |code: &str| json!({ "lines": [{ "sku": "TORTA", "quantity": 1 }], "codes": [code] });
        let cart = shop.call(&house, "POST", "/carts", &json!({ "lines": [{ "sku": "TORTA", "quantity": 1 }] })).await.json();
        let codes = shop.api(&format!("/carts/{}/codes", text(&cart["id"])));
        let anybody = format!("Bearer {}", shop.public);
        let anybody = [("authorization", anybody.as_str())];
        for guess in 0..6 {
            let code = format!("TRY{guess}");
            assert_eq!(house.send("PUT", &codes, &anybody, &json!({ "codes": [code] })).await.status, 404);
            assert_eq!(house.send("POST", &shop.api("/quotes"), &anybody, &wish(&code)).await.status, 404);
        }
        assert_eq!(house.send("PUT", &codes, &anybody, &json!({ "codes": ["TRY9"] })).await.status, 429);
        assert_eq!(house.send("POST", &shop.api("/quotes"), &anybody, &wish("TRY9")).await.status, 429);
        assert_eq!(shop.call(&house, "POST", "/quotes", &wish("TRY9")).await.status, 404);
    }

    async fn old_addresses_tell_a_state_and_no_name_and_redeem_for_who_signed_in(house: House) {
        let shop = house.sign_up("Forno", "rosa.bianchi").await;
        let code = a_tenth_off(&house, &shop, "Torte").await;
        let at = |rest: &str| shop.path(&format!("/api{rest}"));
        let state = at(&format!("/coupons/{code}"));
        let seen = house.get(&state, &[]).await;
        let told = json!({
            "code": code, "status": "active", "discountType": "percent", "discountValue": "10", "campaignName": "Torte",
        });
        assert_eq!(seen.json(), told);

        let redeem = format!("{state}/redeem");
        assert_eq!(house.send("POST", &redeem, &[], &json!({})).await.status, 401);
        assert_eq!(house.get(&at("/store/coupons/active"), &[]).await.status, 401);
        let key = shop.bearer();
        let signed = [("authorization", key.as_str())];
        let active = house.get(&at("/store/coupons/active"), &signed).await.json();
        assert_eq!((text(&active[0]["firstName"]), text(&active[0]["lastName"])), ("Ada".to_owned(), "Rossi".to_owned()));
        assert_eq!(house.get(&at("/store/coupons/search?q=A"), &signed).await.json(), json!([]), "one letter finds nobody");
        let found = house.get(&at("/store/coupons/search?q=ada"), &signed).await.json();
        assert_eq!(text(&found[0]["code"]), code);

        let done = house.send("POST", &redeem, &signed, &json!({})).await;
        assert_eq!(done.json(), json!({ "ok": true, "code": code, "status": "redeemed" }));
        let again = house.send("POST", &redeem, &signed, &json!({})).await;
        assert_eq!((again.status.as_u16(), text(&again.json()["code"])), (409, "already-redeemed".to_owned()));
        assert_eq!(text(&house.get(&state, &[]).await.json()["status"]), "redeemed");
        assert_eq!(house.get(&at("/store/coupons/active"), &signed).await.json(), json!([]));
        assert_eq!(text(&house.get(&at("/store/coupons/redeemed"), &signed).await.json()[0]["code"]), code);
        assert_eq!(house.get(&at("/coupons/ACDEFGHJKMNP"), &[]).await.status, 404);

        let other = house.sign_up("Fiori", "lia.verdi").await;
        assert_eq!(house.get(&other.path(&format!("/api/coupons/{code}")), &[]).await.status, 404, "another's coupon");
    }

    async fn an_application_puts_codes_into_a_cart_and_orders_with_them(house: House) {
        let shop = house.sign_up("Forno", "rosa.bianchi").await;
        shop.has_product(&house, "Torta", "TORTA", 20_00, None).await;
        let (first, second) = (a_tenth_off(&house, &shop, "Uno").await, a_tenth_off(&house, &shop, "Due").await);
        let cart = shop.call(&house, "POST", "/carts", &json!({ "lines": [{ "sku": "TORTA", "quantity": 1 }] })).await.json();
        let codes = format!("/carts/{}/codes", text(&cart["id"]));
        let two = shop.call(&house, "PUT", &codes, &json!({ "codes": [first, second] })).await;
        assert_eq!((two.status.as_u16(), text(&two.json()["code"])), (409, "codes-not-together".to_owned()));
        let one = shop.call(&house, "PUT", &codes, &json!({ "codes": [first] })).await.json();
        assert_eq!((&one["total"]["amount"], &one["discounts"][0]["amount"]["amount"]), (&json!(18_00), &json!(2_00)), "{one}");

        let redeemed = shop.call(&house, "POST", &format!("/coupons/{first}/redeem"), &json!({})).await;
        assert_eq!(redeemed.status, 200, "{}", redeemed.body);
        let idle = shop.read(&house, &format!("/carts/{}", text(&cart["id"]))).await.json();
        assert_eq!((&idle["total"]["amount"], &idle["codesRefused"]), (&json!(20_00), &json!("already-redeemed")), "{idle}");

        let mut order = house::order("TORTA", 1, "cod");
        order["codes"] = json!([second]);
        let placed = shop.call(&house, "POST", "/orders", &order).await;
        assert_eq!((placed.status.as_u16(), &placed.json()["total"]["amount"]), (201, &json!(18_00)), "{}", placed.body);
        let again = shop.call(&house, "POST", "/orders", &order).await;
        assert_eq!(again.status, 409, "{}", again.body);
    }

    async fn staff_type_a_customers_code_into_an_order(house: House) {
        let shop = house.sign_up("Forno", "rosa.bianchi").await;
        let product = shop.has_product(&house, "Torta", "TORTA", 20_00, None).await;
        let code = a_tenth_off(&house, &shop, "Torte").await;
        let added = format!("action=add&variant={}&quantity=1", text(&product["variants"][0]["id"]));
        let answer = clicks(&house, &shop, "/admin/orders/new?q=Torta", &added).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        let cart = answer.header("location").split("cart=").nth(1).and_then(|rest| rest.split('&').next()).unwrap().to_owned();
        let page = format!("/admin/orders/new?cart={cart}");

        let wrong = clicks(&house, &shop, &page, &format!("action=use-code&cart={cart}&code=NOBODYS")).await;
        assert_eq!(wrong.status, 422, "{}", wrong.body);
        assert!(wrong.body.contains("value=\"NOBODYS\""), "what was typed is lost: {}", wrong.body);
        let used = clicks(&house, &shop, &page, &format!("action=use-code&cart={cart}&code={code}")).await;
        assert_eq!(used.status, 303, "{}", used.body);
        let shown = house.get(&shop.path(&page), &[("cookie", &shop.cookie)]).await.body;
        assert!(shown.contains("−€2.00") || shown.contains("−2,00"), "{shown}");

        let removed = clicks(&house, &shop, &page, &format!("action=remove-code&cart={cart}&code={code}")).await;
        assert_eq!(removed.status, 303, "{}", removed.body);
        clicks(&house, &shop, &page, &format!("action=use-code&cart={cart}&code={code}")).await;
        let placed = clicks(&house, &shop, &page, &format!("action=place&cart={cart}&name=Ada&phone=%2B33612345678&pay=cod")).await;
        assert_eq!(placed.status, 200, "{}", placed.body);
        let coupon = shop.read(&house, &format!("/coupons/{code}")).await.json();
        assert_eq!(text(&coupon["state"]), "redeemed", "{coupon}");
    }

    async fn the_list_finds_the_coupon_that_was_forgotten_at_home(house: House) {
        let shop = house.sign_up("Forno", "rosa.bianchi").await;
        let code = a_tenth_off(&house, &shop, "Torte").await;
        let (_, cashier) = shop.employs(&house, "ibrahima", "cashier").await;
        let list = |query: &str| shop.path(&format!("/admin/coupons{query}"));
        let shown = |query: &'static str| {
            let (path, house, cashier) = (list(query), &house, &cashier);
            async move { house.get(&path, &[("cookie", cashier)]).await.body }
        };
        let grouped = format!("{} {} {}", &code[..4], &code[4..8], &code[8..]);
        assert!(shown("").await.contains(&grouped) && shown("?q=rossi").await.contains(&grouped));
        assert!(!shown("?q=verdi").await.contains(&grouped));
        assert!(!shown("?state=redeemed").await.contains(&grouped));
        let found = shop.read(&house, "/coupons?q=ada&state=issued").await.json();
        assert_eq!(text(&found["items"][0]["code"]), code);
        assert_eq!(shop.read(&house, "/coupons?state=expired").await.json()["items"], json!([]));
    }

    async fn a_code_that_many_know_is_typed_in_the_shop_and_nothing_else_typed_is_lost(house: House) {
        let shop = house.sign_up("Forno", "rosa.bianchi").await;
        let cake = shop.has_product(&house, "Torta", "TORTA", 20_00, None).await;
        shop.delivers(&house, "Centro", json!({ "quarters": ["Brera"] }), 2_50).await;
        let campaign = a_code_for_all(&house, &shop).await;
        let basket = async || {
            let variant = text(&cake["variants"][0]["id"]);
            let added = house.form(&shop.path("/cart"), "", &[("variant", &variant), ("quantity", "1")]).await;
            let cookie = added.header("set-cookie").split(';').next().expect("a cookie").to_owned();
            let cookie = format!("{cookie}; lang=en");
            house.form(&shop.path("/cart/codes"), &cookie, &[("code", "welcome-10")]).await;
            cookie
        };
        let buys = async |phone: &'static str, total: &'static str| {
            let fields = [("name", "Ada Rossi"), ("phone", phone), ("payment", "cod"), ("street", "Via Alta 8"), ("city", "Milano"),
                ("postcode", "20121"), ("ship", "delivery"), ("quarter", "Brera"), ("total", total)];
            house.form(&shop.path("/checkout"), &basket().await, &fields).await
        };
        let cart = house.get(&shop.path("/cart"), &[("cookie", &basket().await)]).await.body;
        assert!(cart.contains("Carnevale (WELCOME10)") && cart.contains("−€2.00"), "{cart}");
        let placed = buys("+39 333 111 22 00", "2050").await;
        assert_eq!(placed.status, 303, "{}", placed.body);
        let again = buys("0039 3331112200", "2050").await;
        assert_eq!(again.status, 422, "{}", again.body);
        for kept in ["as often as one customer may", "Ada Rossi", "0039 3331112200", "Via Alta 8"] {
            assert!(again.body.contains(kept), "{kept} is missing: {}", again.body);
        }
        let coupons = shop.read(&house, &format!("/campaigns/{campaign}/coupons")).await.json();
        let told = (text(&coupons["items"][0]["state"]), text(&coupons["items"][0]["via"]), coupons["items"].as_array().map(Vec::len));
        assert_eq!(told, ("redeemed".to_owned(), "code".to_owned(), Some(1)));
        let order = text(&shop.read(&house, "/orders").await.json()["items"][0]["id"]);
        let page = house.get(&shop.path(&format!("/admin/orders/{order}")), &[("cookie", &shop.cookie)]).await.body;
        let code = text(&coupons["items"][0]["code"]);
        assert!(page.contains("(WELCOME10)") && page.contains(&format!("/admin/coupons/{code}")), "{page}");
    }

    async fn a_code_that_many_know_asks_a_counter_for_whom_and_an_old_address_does_not_know_it(house: House) {
        let shop = house.sign_up("Forno", "rosa.bianchi").await;
        let campaign = a_code_for_all(&house, &shop).await;
        let shown = clicks(&house, &shop, "/admin/counter?code=welcome%2010", "code=welcome10&amount=30").await;
        assert_eq!(shown.status, 409, "{}", shown.body);
        for kept in ["Carnevale", "WELCOME10", "name=\"phone\"", "value=\"30\"", "limit for each customer"] {
            assert!(shown.body.contains(kept), "{kept} is missing: {}", shown.body);
        }
        let done = clicks(&house, &shop, "/admin/counter?code=WELCOME10", "code=WELCOME10&amount=30&phone=%2B33612345678").await;
        assert_eq!(done.status, 303, "{}", done.body);
        let redeem = async |phone: &str| {
            let body = json!({ "contact": { "phone": phone }, "amount": { "amount": 10_00, "currency": "EUR" } });
            shop.call(&house, "POST", "/coupons/welcome10/redeem", &body).await
        };
        let again = redeem("+33612345678").await;
        assert_eq!((again.status.as_u16(), text(&again.json()["code"])), (409, "code-had-already".to_owned()));
        let other = redeem("+33612345679").await;
        assert_eq!((other.status.as_u16(), &other.json()["discount"]["amount"]), (200, &json!(1_00)), "{}", other.body);
        assert_eq!(house.get(&shop.path("/api/coupons/WELCOME10"), &[]).await.status, 404);
        assert_eq!(house.get(&shop.path("/coupons/WELCOME10"), &[]).await.status, 404);

        let edit = format!("/admin/campaigns/{campaign}/edit");
        let fields = "name=Carnevale&kind=percent&percent=10&shared_code=10%25&description=nothing+lost";
        let wrong = clicks(&house, &shop, &edit, fields).await;
        let kept = wrong.body.contains("value=\"10%\"") && wrong.body.contains("nothing lost");
        assert!(wrong.status == 422 && kept, "{}", wrong.body);
        let taken = clicks(&house, &shop, "/admin/campaigns/new", "name=Altra&kind=percent&percent=10&shared_code=welcome-10").await;
        assert!(taken.status == 409 && taken.body.contains("value=\"welcome-10\""), "{}", taken.body);
        let wish = json!({ "name": "Altra", "discount": { "kind": "percent", "value": 10 }, "sharedCode": "WELCOME10" });
        let refused = shop.call(&house, "POST", "/campaigns", &wish).await;
        assert_eq!((refused.status.as_u16(), text(&refused.json()["code"])), (409, "campaign-code-taken".to_owned()));
    }
}
