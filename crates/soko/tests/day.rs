//! A merchant's day through the front door, on both engines.

mod house;

use house::{House, order};
use serde_json::json;

on_both_engines! {
    async fn a_merchant_signs_up_sells_is_paid_and_refunds(house: House) {
        let shop = house.sign_up("Boulangerie de l'Été", "+33612345678").await;
        assert_eq!(shop.slug, "boulangerie-de-lete");
        shop.has_product(&house, "Pain de campagne", "PAIN", 4_50, Some(10)).await;

        let front = house.get(&shop.path("/"), &[]).await;
        assert_eq!(front.status, 200);
        assert!(front.body.contains("Pain de campagne"), "the shop lists what is for sale");

        let placed = shop.orders(&house, "PAIN", 2, "manual").await;
        assert_eq!(placed.status, 201, "{}", placed.body);
        let placed = placed.json();
        assert_eq!(placed["total"], json!({ "amount": 9_00, "currency": "EUR" }));
        let (id, payment) = (placed["id"].as_str().unwrap(), placed["payment"]["id"].as_str().unwrap());

        let confirmed = shop.call(&house, "POST", &format!("/payments/{payment}"), &json!({ "action": "confirm" })).await;
        assert_eq!(confirmed.json()["state"], "paid", "{}", confirmed.body);

        let refunded = shop.call(&house, "POST", &format!("/orders/{id}/refunds"), &json!({ "reason": "stale" })).await;
        assert_eq!(refunded.status, 201, "{}", refunded.body);

        let balances = shop.read(&house, "/ledger/balances").await.json();
        let sum: i64 = balances["items"].as_array().unwrap().iter().map(|item| item["amount"]["amount"].as_i64().unwrap()).sum();
        assert_eq!(sum, 0, "the ledger balances: {balances}");

        house.work().await;
        let order = shop.read(&house, &format!("/orders/{id}")).await;
        assert_eq!(order.json()["refunds"][0]["status"], "failed", "{}", order.body);
        let failed = |rx: &mut db::Rx<'_>| spine::jobs::list(rx, spine::jobs::State::Failed, None, 10);
        let failed = house.soko.app.db.read(shop.scope(&house).await, failed).await.unwrap();
        assert_eq!(failed, [], "what waits for a person's hand is no failed job");
    }

    async fn a_customer_reads_the_papers_of_the_own_order_and_of_no_other(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        shop.has_product(&house, "Pagne", "PAGNE", 100_00, Some(3)).await;
        let mut papers = Vec::new();
        for _ in 0..2 {
            let placed = shop.orders(&house, "PAGNE", 1, "manual").await.json();
            let (id, payment) = (placed["id"].as_str().unwrap(), placed["payment"]["id"].as_str().unwrap());
            shop.call(&house, "POST", &format!("/payments/{payment}"), &json!({ "action": "confirm" })).await;
            let receipts = shop.read(&house, &format!("/orders/{id}/documents")).await.json();
            let receipt = receipts["items"][0]["id"].as_str().expect("a receipt").to_owned();
            papers.push((shop.page_of(&house, id).await, receipt));
        }
        let ((page, own), (_, others)) = (&papers[0], &papers[1]);
        let shown = house.get(page, &[]).await.body;
        assert!(shown.contains(&format!("{page}/documents/{own}")) && !shown.contains(others), "{shown}");
        let receipt = house.get(&format!("{page}/documents/{own}"), &[]).await;
        assert_eq!(receipt.status, 200, "{}", receipt.body);
        assert!(receipt.body.contains("R-000001") && receipt.body.contains("Pagne"), "{}", receipt.body);
        assert_eq!(house.get(&format!("{page}/documents/{others}"), &[]).await.status, 404);
    }

    async fn who_works_at_one_location_sees_and_sells_there_alone(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        shop.has_product(&house, "Pagne", "PAGNE", 100_00, Some(3)).await;
        house.clock.advance_s(1);
        let market = shop.call(&house, "POST", "/locations", &json!({ "name": "Marché" })).await.json();
        let market = market["id"].as_str().unwrap().to_owned();
        let variant = shop.read(&house, "/variants?sku=PAGNE").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
        let counted = json!({ "variant": variant, "location": market, "delta": 5, "reason": "received" });
        assert_eq!(shop.call(&house, "POST", "/stock/adjustments", &counted).await.status, 200);
        let (_, there) = shop.employs_at(&house, "la.marchande", "manager", &[&market]).await;
        let (_, everywhere) = shop.employs(&house, "la.gerante", "manager").await;

        let ours = shop.orders(&house, "PAGNE", 1, "manual").await.json();
        let (id, payment) = (ours["id"].as_str().unwrap(), ours["payment"]["id"].as_str().unwrap());
        house.form(&format!("{}/reference", shop.page_of(&house, id).await), "", &[("reference", "VIR 1")]).await;
        let seen = async |cookie: &str, rest: &str| {
            let answer = house.get(&shop.path(rest), &[("cookie", cookie)]).await;
            (answer.status.as_u16(), answer.body)
        };
        for (page, shows) in [("/admin/orders", id), ("/admin/payments", payment)] {
            assert!(seen(&everywhere, page).await.1.contains(shows), "{page}");
            let (status, body) = seen(&there, page).await;
            assert!(status == 200 && !body.contains(shows), "{page}: {body}");
        }
        assert_eq!(seen(&everywhere, &format!("/admin/orders/{id}")).await.0, 200);
        let token = house.token(&shop.path("/admin/orders"), &there).await;
        let act = async |path: String, body: &str| house.office("POST", &shop.path(&path), &there, &token, body).await.status;
        assert_eq!(seen(&there, &format!("/admin/orders/{id}")).await.0, 404);
        assert_eq!(act(format!("/admin/payments/{payment}"), "action=confirm").await, 404);
        assert_eq!(act(format!("/admin/orders/{id}/cancel"), "reason=mistake").await, 404);
        assert_eq!(act(format!("/admin/orders/{id}/documents"), "type=invoice").await, 404);

        // what she makes is sold from her own shelf, and she sees it
        let new = "/admin/orders/new".to_owned();
        let line = format!("action=add&variant={variant}&quantity=1");
        let added = house.office("POST", &shop.path(&new), &there, &token, &line).await;
        let to = added.header("location").trim_start_matches("http://localhost").to_owned();
        let cart = to.split("cart=").nth(1).unwrap_or_else(|| panic!("{} {to} {}", added.status, added.body));
        let wish = format!("action=place&cart={cart}&name=Awa&phone=%2B224620000000&payment=cod");
        let status = act(new, &wish).await;
        assert!(status.is_redirection() || status.is_success(), "{status}");
        let levels = shop.read(&house, &format!("/stock/{variant}")).await.json();
        let at_market = levels["items"].as_array().unwrap().iter().find(|level| level["location"] == json!(market)).unwrap().clone();
        assert_eq!(at_market["available"], json!(4), "{levels}");
    }

    async fn the_last_unit_is_sold_once(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        shop.has_product(&house, "Pagne", "PAGNE", 100_00, Some(1)).await;
        let first = shop.orders(&house, "PAGNE", 1, "cod").await;
        let second = shop.orders(&house, "PAGNE", 1, "cod").await;
        assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 409), "{} {}", first.body, second.body);
        assert_eq!(second.json()["code"], "out-of-stock");
    }

    async fn a_sandbox_payment_is_settled_by_its_callback(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        shop.has_product(&house, "Pagne", "PAGNE", 100_00, Some(3)).await;
        let placed = shop.orders(&house, "PAGNE", 1, "sandbox").await.json();
        let url = placed["payment"]["next"]["url"].as_str().expect("an address to pay at").to_owned();
        let page = house.get(&shop.path(&url), &[]).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let decided = house.form(&shop.path(&url), "", &[("decision", "approve"), ("delivery", "twice")]).await;
        assert_eq!(decided.status, 303, "{}", decided.body);
        house.work().await;
        let order = shop.read(&house, &format!("/orders/{}", placed["id"].as_str().unwrap())).await.json();
        assert_eq!(order["paymentStatus"], "paid", "{order}");
    }

    async fn an_order_under_one_key_is_one_order(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        shop.has_product(&house, "Pagne", "PAGNE", 100_00, Some(3)).await;
        let bearer = shop.bearer();
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", "k-1")];
        let body = order("PAGNE", 1, "cod");
        let first = house.send("POST", &shop.api("/orders"), &headers, &body).await;
        let again = house.send("POST", &shop.api("/orders"), &headers, &body).await;
        assert_eq!(first.json()["id"], again.json()["id"]);
        let other = house.send("POST", &shop.api("/orders"), &headers, &order("PAGNE", 2, "cod")).await;
        assert_eq!(other.status, 422);
    }

    async fn a_neighbours_thing_is_nobodys_thing(house: House) {
        let (one, other) = (house.sign_up("Une", "awa.diallo").await, house.sign_up("Autre", "binta.sow").await);
        one.has_product(&house, "Pagne", "PAGNE", 100_00, None).await;
        let placed = one.orders(&house, "PAGNE", 1, "cod").await.json();
        let id = placed["id"].as_str().unwrap();
        let theirs = other.read(&house, &format!("/orders/{id}")).await;
        assert_eq!(theirs.status, 404);
        let with_foreign_key = house.get(&one.api(&format!("/orders/{id}")), &[("authorization", &other.bearer())]).await;
        assert_eq!(with_foreign_key.status, 404);
    }
}
