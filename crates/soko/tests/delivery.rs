//! Delivery through the front door: what is shown before anything personal is what is charged.

mod house;

use edge::testing::Answer;
use house::{House, Shop, order, quoted};
use serde_json::{Value, json};

/// A visitor with a cart.
struct Visitor<'h> {
    house: &'h House,
    shop: &'h Shop,
    cookie: String,
}

impl<'h> Visitor<'h> {
    /// Somebody who put so many of a product into the cart.
    async fn with(house: &'h House, shop: &'h Shop, product: &Value, quantity: i64) -> Self {
        let variant = product["variants"][0]["id"].as_str().expect("a variant");
        let fields = [("variant", variant), ("quantity", &quantity.to_string())];
        let added = house.form(&shop.path("/cart"), "", &fields).await;
        assert_eq!(added.status, 303, "{}", added.body);
        let line = added.header("set-cookie").split(';').next().expect("a cookie").to_owned();
        Self { house, shop, cookie: format!("{line}; lang=en") }
    }

    async fn get(&self, path: &str) -> Answer {
        self.house.get(&self.shop.path(path), &[("cookie", &self.cookie)]).await
    }

    async fn order(&self, fields: &[(&str, &str)]) -> Answer {
        self.house.form(&self.shop.path("/checkout"), &self.cookie, fields).await
    }
}

/// The value of a field of a page's form.
fn field(page: &str, name: &str) -> Option<String> {
    let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1)?;
    rest.split('"').next().map(str::to_owned)
}

/// The fields that a visitor types, outside of what is folded away.
fn typed(page: &str) -> Vec<String> {
    let form = page.split("<form method=\"post\"").nth(1).expect("a form");
    let shown = form.split("<details").next().expect("its open part");
    let inputs = shown.split("<input ").skip(1).filter_map(|rest| rest.split('>').next());
    let by_hand =
        inputs.filter(|input| ["hidden", "radio", "checkbox"].iter().all(|kind| !input.contains(kind)));
    let name = |input: &str| input.split("name=\"").nth(1)?.split('"').next().map(str::to_owned);
    by_hand.filter_map(name).collect()
}

on_both_engines! {
    async fn the_total_before_anything_personal_is_the_total_of_the_order(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        let bread = shop.has_product(&house, "Pain", "PAIN", 3_33, None).await;
        shop.delivers(&house, "Centre", json!({ "quarters": ["Vieux Port", "Brera"] }), 2_50).await;
        shop.delivers(&house, "Paris", json!({ "postcodes": ["75*", "92100-92130"] }), 4_90).await;
        shop.delivers(&house, "Elsewhere", json!("everywhere"), 9_00).await;
        let locations = shop.read(&house, "/locations").await.json();
        let here = locations["items"][0]["id"].as_str().expect("a location").to_owned();
        let ways = [
            (vec![("ship", here.as_str())], 0),
            (vec![("ship", "delivery"), ("quarter", "Brera")], 2_50),
            (vec![("ship", "delivery"), ("postcode", "75011")], 4_90),
            (vec![("ship", "delivery"), ("postcode", "92125")], 4_90),
            (vec![("ship", "delivery"), ("quarter", "*"), ("postcode", "13001")], 9_00),
        ];
        for (way, fee) in &ways {
            for quantity in [1, 2, 7] {
                let visitor = Visitor::with(&house, &shop, &bread, quantity).await;
                let undecided = visitor.get("/checkout").await.body;
                assert!(!undecided.contains("name=\"phone\""), "nothing personal before the way is chosen");
                let query: Vec<String> = way.iter().map(|(name, value)| format!("{name}={}", quoted(value))).collect();
                let query = query.join("&");
                let page = visitor.get(&format!("/checkout?{query}")).await.body;
                let total = field(&page, "total").unwrap_or_else(|| panic!("no total: {page}"));
                assert_eq!(total, (3_33 * quantity + fee).to_string());
                assert!(typed(&page).len() <= 5, "{:?}", typed(&page));
                let written = format!("€{}.{:02}", (3_33 * quantity + fee) / 100, (3_33 * quantity + fee) % 100);
                assert!(visitor.get(&format!("/cart?{query}")).await.body.contains(&written), "the cart says {written}");
                let mut fields = way.clone();
                fields.extend([
                    ("total", total.as_str()), ("name", "Awa"), ("phone", "06 39 98 01 01"), ("payment", "cod"),
                    ("street", "8 rue Haute"), ("city", "Valbourg"),
                ]);
                let fields: Vec<_> = fields.into_iter().chain((!query.contains("postcode")).then_some(("postcode", "13001"))).collect();
                let placed = visitor.order(&fields).await;
                assert_eq!(placed.status, 303, "{}", placed.body);
                let confirmation = visitor.get(placed.header("location").split("/t/boutique").nth(1).expect("a page")).await;
                assert!(confirmation.body.contains(&written), "the confirmation says {written}: {}", confirmation.body);
                let orders = shop.read(&house, "/orders?limit=1").await.json();
                assert_eq!(orders["items"][0]["total"]["amount"].as_i64(), total.parse().ok());
            }
        }
        house.verifies().await;
    }

    async fn another_way_is_another_total_and_nothing_typed_is_lost(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        let bread = shop.has_product(&house, "Pain", "PAIN", 3_00, None).await;
        shop.delivers(&house, "Centre", json!({ "quarters": ["Brera"] }), 2_50).await;
        let visitor = Visitor::with(&house, &shop, &bread, 1).await;
        let address = [("name", "Awa Diallo"), ("phone", "06 39 98 01 01"), ("payment", "cod"), ("street", "8 rue Haute"),
            ("city", "Valbourg"), ("postcode", "13001")];
        let with = |more: &[(&'static str, &'static str)]| [more, &address[..]].concat();

        // shown the price of pickup, and then the way was changed without looking at the total
        let moved = visitor.order(&with(&[("total", "300"), ("ship", "delivery"), ("quarter", "Brera")])).await;
        assert_eq!(moved.status, 422);
        assert!(moved.body.contains("The total is €5.50 now"), "{}", moved.body);
        assert_eq!(field(&moved.body, "total").as_deref(), Some("550"));
        for typed in ["Awa Diallo", "06 39 98 01 01", "8 rue Haute", "Valbourg", "13001"] {
            assert!(moved.body.contains(typed), "{typed} is lost");
        }
        // a way that is not said to its end
        let unsaid = visitor.order(&with(&[("ship", "delivery")])).await;
        assert!(unsaid.status == 422 && unsaid.body.contains("Awa Diallo") && unsaid.body.contains("8 rue Haute"), "{}", unsaid.body);
        // only asking for the total orders nothing
        let asked = visitor.order(&with(&[("quote", "1"), ("ship", "delivery"), ("quarter", "Brera")])).await;
        assert!(asked.status == 200 && asked.body.contains("Awa Diallo") && asked.body.contains("€5.50"), "{}", asked.body);
        assert_eq!(shop.read(&house, "/orders").await.json()["items"], json!([]));
        let placed = visitor.order(&with(&[("total", "550"), ("ship", "delivery"), ("quarter", "Brera")])).await;
        assert_eq!(placed.status, 303, "{}", placed.body);
    }

    async fn applications_ask_for_the_price_and_are_told_where_nothing_is_delivered(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        shop.has_product(&house, "Pain", "PAIN", 3_00, None).await;
        let zone = shop.delivers(&house, "Centre", json!({ "quarters": ["Kipé"] }), 2_50).await;
        let public = format!("Bearer {}", shop.public);
        let quote = async |shipping: Value| {
            let body = json!({ "lines": [{ "sku": "PAIN", "quantity": 2 }], "shipping": shipping });
            house.send("POST", &shop.api("/quotes"), &[("authorization", &public)], &body).await
        };
        let there = json!({ "method": "delivery", "quarter": "kipe" });
        let quoted = quote(there.clone()).await;
        assert_eq!(quoted.status, 200, "{}", quoted.body);
        let quoted = quoted.json();
        assert_eq!((&quoted["total"]["amount"], &quoted["zone"]["id"]), (&json!(8_50), &json!(zone)));
        assert_eq!(quoted["lines"][1]["kind"], "delivery");
        let nowhere = quote(json!({ "method": "delivery", "quarter": "Kindia" })).await;
        assert_eq!((nowhere.status.as_u16(), nowhere.json()["code"].clone()), (422, json!("not-delivered-there")));
        let found = shop.read(&house, "/delivery-zones?quarter=KIPE").await.json();
        assert_eq!(found["items"][0]["id"], json!(zone));
        assert_eq!(shop.read(&house, "/delivery-zones?quarter=Kindia").await.json()["items"], json!([]));

        let mut wish = order("PAIN", 2, "cod");
        wish["shipping"] = there;
        wish["total"] = json!({ "amount": 6_00, "currency": "EUR" });
        let other = shop.call(&house, "POST", "/orders", &wish).await;
        assert_eq!((other.status.as_u16(), other.json()["code"].clone()), (409, json!("other-total")), "{}", other.body);
        wish["total"] = quoted["total"].clone();
        let placed = shop.call(&house, "POST", "/orders", &wish).await;
        assert_eq!(placed.json()["total"], quoted["total"], "{}", placed.body);
        wish["shipping"] = json!({ "method": "delivery", "zone": zone, "landmark": "near the mosque" });
        let named = shop.call(&house, "POST", "/orders", &wish).await;
        assert_eq!(named.json()["total"], quoted["total"], "{}", named.body);
    }

    async fn the_contact_page_tells_the_hours_of_this_very_moment(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        let locations = shop.read(&house, "/locations").await.json();
        let here = locations["items"][0]["id"].as_str().expect("a location").to_owned();
        let week: Vec<&str> = vec!["08:00-18:00"; 7];
        let said = shop.call(&house, "PUT", &format!("/locations/{here}/opening"), &json!({ "pickup": true, "hours": { "week": week } })).await;
        assert_eq!(said.status, 200, "{}", said.body);
        let mut seen = Vec::new();
        for _ in 0..48 {
            let page = house.get(&shop.path("/contact"), &[("cookie", "lang=en")]).await;
            assert_eq!(page.status, 200);
            let open = page.body.contains("Open until 18:00");
            assert!(open || page.body.contains("opens at 08:00") || page.body.contains("opens on"), "{}", page.body);
            if seen.last() != Some(&open) {
                seen.push(open);
            }
            house.clock.advance_s(1800);
        }
        assert!(seen.len() == 3 || seen.len() == 2, "a day opens once and closes once: {seen:?}");
        let pause = shop.call(&house, "PUT", "/pause", &json!({ "words": "Back on Monday", "sells": false })).await;
        assert_eq!(pause.status, 200, "{}", pause.body);
        let page = house.get(&shop.path("/contact"), &[("cookie", "lang=en")]).await.body;
        assert!(page.contains("Closed for now") && page.contains("Back on Monday"), "{page}");
    }

    async fn a_shop_that_is_closed_for_now_shows_and_sells_not(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        let bread = shop.has_product(&house, "Pain", "PAIN", 3_00, None).await;
        let visitor = Visitor::with(&house, &shop, &bread, 1).await;
        let fields = [("total", "300"), ("name", "Awa"), ("phone", "06 39 98 01 01"), ("payment", "cod")];
        shop.call(&house, "PUT", "/pause", &json!({ "words": "Back on Monday", "sells": false })).await;
        let page = visitor.get("/checkout").await.body;
        assert!(page.contains("Back on Monday") && !page.contains("name=\"phone\""), "{page}");
        let refused = visitor.order(&fields).await;
        assert!(refused.status == 422 && refused.body.contains("Back on Monday"), "{}", refused.body);
        let refused = shop.orders(&house, "PAIN", 1, "cod").await;
        assert_eq!((refused.status.as_u16(), refused.json()["code"].clone()), (409, json!("closed-for-now")));
        assert_eq!(house.get(&shop.path("/"), &[]).await.status, 200, "it still shows");
        shop.call(&house, "DELETE", "/pause", &json!({})).await;
        assert_eq!(visitor.order(&fields).await.status, 303);
    }

    async fn a_zones_form_comes_back_as_it_was_typed(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        let token = house.token(&shop.path("/admin/delivery/new"), &shop.cookie).await;
        let post = async |path: &str, body: &str| house.office("POST", &shop.path(path), &shop.cookie, &token, body).await;
        let wrong = post("/admin/delivery/new", "name=Milano&covers=postcodes&places=20100%0Aabc%C3%A9&fee=5").await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.body.contains("abcé") && wrong.body.contains("Milano"), "{}", wrong.body);
        for name in ["Milano", "Napoli"] {
            house.clock.advance_s(1);
            let saved = post("/admin/delivery/new", &format!("name={name}&covers=postcodes&places=20*%2C+20121&fee=5&free_from=40&active=1")).await;
            assert_eq!(saved.status, 303, "{}", saved.body);
        }
        let zones = shop.read(&house, "/delivery-zones").await.json();
        assert_eq!(zones["items"][0]["covers"], json!({ "postcodes": ["20*", "20121"] }));
        assert_eq!(zones["items"][0]["freeFrom"]["amount"], 40_00);
        let second = zones["items"][1]["id"].as_str().expect("an id");
        assert_eq!(post(&format!("/admin/delivery/zones/{second}/position"), "position=1").await.status, 303);
        let zones = shop.read(&house, "/delivery-zones").await.json();
        assert_eq!(zones["items"][0]["name"], "Napoli");
        assert_eq!(post(&format!("/admin/delivery/zones/{second}"), "action=remove").await.status, 303);
        assert_eq!(shop.read(&house, "/delivery-zones").await.json()["items"].as_array().map(Vec::len), Some(1));
        let page = house.get(&shop.path("/admin/delivery"), &[("cookie", &shop.cookie)]).await.body;
        assert!(page.contains("Milano") && !page.contains("Napoli"), "{page}");
    }
}
