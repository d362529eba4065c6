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
