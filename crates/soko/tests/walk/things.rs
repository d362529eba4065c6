//! One of everything that a business may have, and what each route is sent to be answered.

use std::collections::HashMap;

use edge::{Site, testing::ask};
use serde_json::json;

use crate::{
    Rule,
    house::{House, Shop},
};

/// A business with one of everything, by the parameter of a path that names it.
pub struct Things(pub HashMap<&'static str, String>);

impl Things {
    pub async fn of(house: &House, shop: &Shop, word: &str) -> Self {
        let made = shop.has_product(house, &format!("Pagne {word}"), "PAGNE", 100_00, None).await;
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let call = async |method: &str, rest: &str, body: serde_json::Value| {
            let answer = shop.call(house, method, rest, &body).await;
            assert!(answer.status.is_success(), "{method} {rest}: {}", answer.body);
            answer.json()
        };
        let category = call("POST", "/categories", json!({ "path": format!("Wax {word}") })).await;
        let order = shop.orders(house, "PAGNE", 2, "manual").await.json();
        let (id, payment) = (text(&order["id"]), text(&order["payment"]["id"]));
        call("POST", &format!("/payments/{payment}"), json!({ "action": "confirm" })).await;
        let refund = json!({ "amount": { "amount": 1_00, "currency": "EUR" }, "byHand": true });
        let refund = call("POST", &format!("/orders/{id}/refunds"), refund).await;
        let document = call("POST", &format!("/orders/{id}/documents"), json!({ "type": "invoice" })).await;
        let cart = call("POST", "/carts", json!({})).await;
        let invited =
            call("POST", "/members", json!({ "name": "Invitée", "roles": [{ "role": "cashier" }] })).await;
        let keys = call("GET", "/keys", json!({})).await;
        let locations = call("GET", "/locations", json!({})).await;
        let zone = call("POST", "/delivery-zones", zone()).await;
        let sandbox = shop.orders(house, "PAGNE", 1, "sandbox").await.json();
        let charge = text(&sandbox["payment"]["next"]["url"]).trim_start_matches("/sandbox/").to_owned();
        let token = {
            let charge = charge.parse().expect("a charge's id");
            let look = move |rx: &mut db::Rx<'_>| payments::sandbox::charge(rx, charge);
            let found = house.soko.app.db.read(shop.scope(house).await, look).await.expect("the books open");
            found.expect("the charge").callback_token
        };
        let picture = shop.has_picture(house, word.len() as u8).await;
        let shown = format!("/products/{}/images", text(&made["id"]));
        call("POST", &shown, json!({ "image": picture["id"] })).await;
        let upload = call("POST", "/uploads", json!({ "size": 10 })).await;
        let file = text(&picture["urls"]["jpeg"][0]["url"]).rsplit('/').next().unwrap_or_default().to_owned();
        let page = shop.page_of(house, &id).await;
        let link = page.rsplit('/').next().expect("a token").to_owned();
        let paper = shop.paper_link(house, document["id"].as_str().expect("an id")).await;
        let product = text(&made["id"]);
        let variant = text(&made["variants"][0]["id"]);
        let customers = call("GET", "/customers", json!({})).await;
        let customer = text(&customers["items"][0]["id"]);
        let note = {
            let (of, words) = (customer.parse().expect("a customer's id"), "Appeler le soir".parse());
            let words: customers::NoteText = words.expect("words");
            let write = move |tx: &mut db::Tx<'_>| customers::write_note(tx, of, &words);
            house.soko.app.db.write(shop.scope(house).await, write).await.expect("a note").to_string()
        };
        let gift = json!({ "kind": "gift-card", "amount": { "amount": 50_00, "currency": "EUR" }, "given": "cash", "reason": word });
        let card = call("POST", "/gift-cards", gift).await;
        let (campaign, coupon_batch) = {
            let details = coupons::CampaignDetails {
                name: format!("Foire {word}").parse().expect("a name"),
                description: "".parse().expect("nothing"),
                offer: coupons::Offer::FreeDelivery,
                scope: coupons::Scope::default(),
                minimum: None,
                stackable: false,
                limits: coupons::Limits::default(),
                starts_at: None,
                ends_at: None,
                expiry: coupons::Expiry::Never,
                shared_code: None,
            };
            let plan = move |tx: &mut db::Tx<'_>| {
                let id = coupons::add(tx, details.clone())?;
                coupons::act(tx, id, coupons::Act::Start)?;
                let batch = coupons::make_links(tx, id, 1)?.id;
                Ok::<_, coupons::Error>((coupons::find(tx, id)?, batch))
            };
            house.soko.app.db.write(shop.scope(house).await, plan).await.expect("a campaign")
        };
        let issue = format!("/campaigns/{}/coupons", campaign.id);
        let coupon = call("POST", &issue, json!({ "contact": { "phone": "+224620000077" } })).await;
        let redeem = format!("/coupons/{}/redeem", text(&coupon["code"]));
        let redemption = text(&call("POST", &redeem, json!({})).await["id"]);
        let invite = text(&invited["link"]).rsplit('/').next().unwrap_or_default().to_owned();
        let things = [
            ("t/slug", shop.slug.clone()),
            ("tenants/slug", shop.slug.clone()),
            ("products/id", product),
            ("products/handle", text(&made["handle"])),
            ("variants/id", variant.clone()),
            ("stock/variant", variant),
            ("categories/id", text(&category["id"])),
            ("categories/category", text(&category["slug"])),
            ("customers/id", customer),
            ("notes/note", note),
            ("coupons/code", text(&coupon["code"])),
            ("redemptions/id", redemption),
            ("redeem/code", text(&coupon["code"])),
            ("orders/id", id),
            ("orders/token", link),
            ("refunds/refund", text(&refund["id"])),
            ("documents/id", text(&document["id"])),
            ("d/link", paper),
            ("carts/id", text(&cart["id"])),
            ("payments/id", payment.clone()),
            ("payments/payment", payment),
            ("payment-methods/method", "manual".to_owned()),
            ("sandbox/charge", charge),
            ("callbacks/method", "sandbox".to_owned()),
            ("{method}/token", token),
            ("staff/id", text(&invited["member"]["id"])),
            ("members/id", text(&invited["member"]["id"])),
            ("keys/id", text(&keys["items"][0]["id"])),
            ("locations/id", text(&locations["items"][0]["id"])),
            ("delivery-zones/id", text(&zone["id"])),
            ("zones/id", text(&zone["id"])),
            ("invite/token", invite),
            (
                "import/id",
                preview(house, shop, "/products/import", "Handle,Title,Variant Price\nautre,Autre,1.00\n")
                    .await,
            ),
            (
                "imports/id",
                preview(house, shop, "/customers/import", "name,phone\nBinta,+224620000055\n").await,
            ),
            ("gift-cards/code", text(&card["code"])),
            ("cards/card", text(&card["id"])),
            ("campaigns/id", campaign.id.to_string()),
            ("campaigns/code", campaign.code.clone()),
            ("c/name", campaign.slug.to_string()),
            ("links/batch", coupon_batch.to_string()),
            ("images/id", text(&picture["id"])),
            ("images/image", text(&picture["id"])),
            ("uploads/id", text(&upload["id"])),
            ("files/file", file),
            ("sections/section", designs(house, shop, "/sections", "kind=hero").await),
            ("preview/token", designs(house, shop, "/preview", "").await),
            ("pages/page", page_titled(house, shop, word).await),
        ];
        for (name, value) in &things {
            assert!(!value.is_empty(), "there is no {name}");
        }
        Self(things.into_iter().collect())
    }

    /// The same things as seen in `own`: under the own business's name.
    pub fn under(&self, own: &Self) -> Self {
        let mut things = self.0.clone();
        things.insert("t/slug", own.0["t/slug"].clone());
        Self(things)
    }

    /// Names that look like these, of nothing that ever was.
    pub fn invented(&self) -> Self {
        let kept = ["t/slug", "payment-methods/method", "callbacks/method"];
        let invent = |(name, value): (&&'static str, &String)| {
            let end = value.len().saturating_sub(6);
            let new = if kept.contains(name) { value.clone() } else { format!("{}000000", &value[..end]) };
            (*name, new)
        };
        Self(self.0.iter().map(invent).collect())
    }

    /// The address of a rule, or the parameter for which the walk has no case.
    pub fn address(&self, path: &str) -> Result<String, String> {
        let mut before = "";
        let mut address = String::new();
        for part in path.split('/').skip(1) {
            address.push('/');
            match part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                None => address.push_str(part),
                Some(name) => {
                    let key = format!("{before}/{name}");
                    address.push_str(self.0.get(key.as_str()).ok_or(key)?);
                }
            }
            before = part;
        }
        if path == "/t/{slug}/admin/orders/packing-slips" {
            address.push_str(&format!("?order={}", self.0["orders/id"]));
        }
        if path == "/t/{slug}/c/{name}/thanks" {
            address.push_str("?coupon=ACDEFGHJKMNP");
        }
        if path == "/t/{slug}/admin/mails/edit" {
            address.push_str("?mail=order-paid");
        }
        if path == "/t/{slug}/api/v1/variants" {
            address.push_str("?sku=PAGNE");
        }
        Ok(address)
    }

    /// `text` without the names of these things.
    pub fn blank(&self, text: &str) -> String {
        let mut names: Vec<&String> = self
            .0
            .iter()
            .filter(|(name, _)| **name != "payment-methods/method")
            .map(|(_, value)| value)
            .collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names.iter().fold(text.to_owned(), |text, name| text.replace(name.as_str(), "…"))
    }

    /// A body that reads, so that the thing it is about is looked for.
    pub fn body(&self, rule: &Rule) -> String {
        let variant = &self.0["variants/id"];
        let end =
            rule.path.split("/api/v1").nth(1).or(rule.path.split("/admin").nth(1)).unwrap_or(&rule.path);
        let who = json!({ "name": "Awa", "phone": "+224620000000" });
        if rule.site == Site::Api {
            let body = match (rule.method.as_str(), end) {
                ("PATCH", "/products/{id}") => json!({ "title": "Autre" }),
                ("POST", "/products/{id}/images") => json!({ "image": self.0["images/id"] }),
                ("PATCH", "/products/{id}/images/{image}") => json!({ "place": 0 }),
                ("POST", "/uploads") => json!({ "size": 10 }),
                ("PATCH", "/categories/{id}") => json!({ "name": "Autre" }),
                ("PUT", "/locations/{id}") => json!({ "name": "Autre" }),
                ("PUT", "/members/{id}/roles") => json!({ "roles": [{ "role": "cashier" }] }),
                ("PUT", "/locations/{id}/opening") => json!({ "pickup": true }),
                ("PUT", "/pause") => json!({ "words": "Fermé", "sells": true }),
                ("POST", "/delivery-zones") | ("PUT", "/delivery-zones/{id}") => zone(),
                ("PUT", "/delivery-zones/{id}/position") => json!({ "position": 1 }),
                ("POST", "/campaigns") | ("PUT", "/campaigns/{id}") => {
                    json!({ "name": "Fête", "discount": { "kind": "percent", "value": 10 } })
                }
                ("POST", "/campaigns/{id}/coupons") => json!({ "contact": { "phone": "+224620000078" } }),
                ("POST", "/coupons/{code}/undo" | "/coupons/{code}/cancel") => json!({ "reason": "erreur" }),
                ("POST", "/customers") | ("PUT", "/customers/{id}") => json!({ "name": "Awa" }),
                ("PUT", "/customers/{id}/consent") => json!({ "given": false }),
                ("PUT", "/campaigns/{id}/form/picture") => json!({ "image": self.0["images/id"] }),
                ("POST", "/quotes") => json!({ "lines": [{ "variant": variant, "quantity": 1 }] }),
                ("POST", "/carts/{id}/lines") => json!({ "variant": variant, "quantity": 1 }),
                ("POST", "/carts/{id}/checkout") => {
                    json!({ "customer": who, "payment": { "method": "cod" } })
                }
                ("POST", "/orders") => {
                    let lines = json!([{ "variant": variant, "quantity": 1 }]);
                    json!({ "lines": lines, "customer": who, "payment": { "method": "cod" } })
                }
                ("POST", "/orders/{id}/fulfilments") => json!({ "step": "pack" }),
                ("POST", "/orders/{id}/payments") => json!({ "method": "cod" }),
                ("POST", "/orders/{id}/refunds/{refund}/paid") => json!({ "from": "bank" }),
                ("POST", "/orders/{id}/documents") => json!({ "type": "invoice" }),
                ("POST", "/gift-cards") => {
                    json!({ "kind": "gift-card", "amount": { "amount": 1_00, "currency": "EUR" }, "given": "cash", "reason": "A" })
                }
                ("POST", "/gift-cards/{code}/state") => json!({ "action": "block" }),
                ("POST", "/gift-card-balance") => json!({ "code": self.0["gift-cards/code"] }),
                ("PUT", "/gift-card-settings") => json!({ "sells": false }),
                ("POST", "/payments/{id}") => json!({ "action": "confirm" }),
                ("POST", "/campaigns/{id}/links") => json!({ "count": 1 }),
                ("PUT", "/carts/{id}/codes") => json!({ "codes": [] }),
                ("POST", "/stock/adjustments") => {
                    json!({ "variant": variant, "delta": 1, "reason": "received" })
                }
                ("POST", "/stock/reorder-levels") => {
                    json!({ "variant": variant, "location": self.0["locations/id"], "reorderAt": 2 })
                }
                _ => json!({}),
            };
            return body.to_string();
        }
        match end {
            "/products/{id}/images/change" => "address=https://a.example/x.jpg&do=remove".to_owned(),
            "/shop/pages" | "/shop/pages/{page}" => "title.en=Autre&title.fr=Autre".to_owned(),
            "/shop/sections" => "kind=text".to_owned(),
            "/shop/look" => "accent=%230a5c49".to_owned(),
            "/shop/undo" => "version=1".to_owned(),
            "/campaigns/{id}/form" | "/campaigns/{id}/form/preview" => "contact=email".to_owned(),
            "/campaigns/{id}/links" => "count=1".to_owned(),
            "/t/{slug}/submit" => format!("campaign_id={}", self.0["campaigns/code"]),
            "/shop/publish" => "action=publish".to_owned(),
            "/products/{id}/state" => "state=archived".to_owned(),
            "/categories" => format!("id={}&name=Autre", self.0["categories/id"]),
            "/campaigns/new" | "/campaigns/{id}/edit" => "name=Fete&kind=percent&percent=10".to_owned(),
            "/campaigns/{id}/act" => "act=pause".to_owned(),
            "/campaigns/{id}/products" => format!("product={}", self.0["products/id"]),
            "/campaigns/{id}/coupons" => "phone=%2B224620000079".to_owned(),
            "/coupons/{code}/cancel" | "/redemptions/{id}/undo" => "reason=erreur".to_owned(),
            "/counter" => "code=ACDE+FGHJ+KMNP".to_owned(),
            "/counter/minutes" => "minutes=15".to_owned(),
            "/customers/new" | "/customers/{id}" => "name=Awa".to_owned(),
            "/customers/{id}/notes" => "text=Bonjour".to_owned(),
            "/customers/{id}/consent" => "given=0".to_owned(),
            "/customers/{id}/merge" => format!("with={}", self.0["customers/id"]),
            "/mails/edit" => "mail=order-paid&subject=Merci&body=%7Blink%7D".to_owned(),
            "/orders/{id}/fulfil" => "step=pack".to_owned(),
            "/orders/{id}/refunds" => "what=full".to_owned(),
            "/orders/{id}/refunds/{refund}/paid" => "from=bank".to_owned(),
            "/orders/{id}/documents" => "type=invoice".to_owned(),
            "/orders/{id}/payments" | "/t/{slug}/gift-card/balance" => {
                format!("code={}", self.0["gift-cards/code"])
            }
            "/cards/new" => "kind=gift-card&amount=5&given=cash&reason=A".to_owned(),
            "/cards/{card}/state" => "action=block".to_owned(),
            "/t/{slug}/gift-card" => "offered=100&name=A&phone=0612345678&payment=manual".to_owned(),
            "/payments/{payment}" => "action=confirm".to_owned(),
            "/staff/{id}" => "action=suspend".to_owned(),
            "/stock" => {
                format!(
                    "variant={variant}&location={}&how=by&quantity=1&reason=received",
                    self.0["locations/id"]
                )
            }
            "/locations/{id}" => "pickup=1".to_owned(),
            "/pause" => "action=resume".to_owned(),
            "/delivery/new" | "/delivery/zones/{id}" => "name=Partout&covers=everywhere&fee=2".to_owned(),
            "/delivery/zones/{id}/position" => "position=1".to_owned(),
            "/stock/reorder" => {
                format!("variant={variant}&location={}&reorder_at=2", self.0["locations/id"])
            }
            "/operator/jobs" => {
                format!("business={}&job=job_01kag4x2v8e4r9h2m6t0c3b5ys&action=retry", self.0["tenants/slug"])
            }
            "/operator/jobs/retry" => "kind=refund".to_owned(),
            "/operator/mails/try" => "to=rosa%40example.org".to_owned(),
            "/operator/notice" => {
                "action=preview&kind=warning&from=2020-01-01T00:00&until=2099-01-01T00:00&text.en=A"
                    .to_owned()
            }
            "/operator/notice/end" | "/notices/away" => "notice=ntc_01kag4x2v8e4r9h2m6t0c3b5ys".to_owned(),
            "/guide" => "step=phone&what=skip".to_owned(),
            "/locations" => format!("id={}&name=Autre", self.0["locations/id"]),
            "/t/{slug}/sandbox/{charge}" => "decision=approve".to_owned(),
            "/t/{slug}/cart" | "/t/{slug}/cart/lines" => format!("variant={variant}&quantity=1"),
            "/t/{slug}/orders/{token}/pay" => "method=cod".to_owned(),
            "/t/{slug}/orders/{token}/reference" => "reference=abc".to_owned(),
            _ => String::new(),
        }
    }
}

fn zone() -> serde_json::Value {
    json!({ "name": "Partout", "covers": "everywhere", "fee": { "amount": 2_50, "currency": "EUR" } })
}

/// The id of a file that waits to be brought in.
async fn preview(house: &House, shop: &Shop, page: &str, csv: &str) -> String {
    let admin = shop.path(&format!("/admin{page}"));
    let token = house.token(&admin, &shop.cookie).await;
    let body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--x\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{csv}\r\n--x--\r\n"
    );
    let headers = [
        ("content-type", "multipart/form-data; boundary=x"),
        ("origin", "http://localhost"),
        ("cookie", shop.cookie.as_str()),
    ];
    let answer = ask(&house.router, "POST", &format!("http://localhost{admin}"), &headers, &body).await;
    let room = page.trim_end_matches("/import");
    let confirms = |page: &str| answer.body.split(&format!("{page}/")).nth(1).map(str::to_owned);
    let found = confirms(&format!("{room}/imports")).or_else(|| confirms(page));
    let found = found.as_deref().and_then(|rest| rest.split('"').next());
    found.unwrap_or_else(|| panic!("no file waits: {}", answer.body)).to_owned()
}

/// What a form about the shop's pages made: the last word of the address it leads to.
async fn designs(house: &House, shop: &Shop, rest: &str, body: &str) -> String {
    let token = house.token(&shop.path("/admin/shop"), &shop.cookie).await;
    let path = shop.path(&format!("/admin/shop{rest}"));
    let answer = house.office("POST", &path, &shop.cookie, &token, body).await;
    answer.header("location").rsplit(['/', '=']).next().unwrap_or_default().to_owned()
}

/// The address of a page of the owner's own.
async fn page_titled(house: &House, shop: &Shop, word: &str) -> String {
    designs(house, shop, "/pages", &format!("title.en=Terms+{word}&title.fr=Terms+{word}")).await;
    format!("terms-{}", word.to_lowercase())
}

/// The first use of a key is noted behind its request's back; no such note is left to come when the walk begins.
pub async fn all_keys_are_in_use(house: &House, shop: &Shop) {
    for bearer in [&shop.public, &shop.secret] {
        house.get(&shop.api("/products"), &[("authorization", &format!("Bearer {bearer}"))]).await;
    }
    for _ in 0..100 {
        let keys = shop.read(house, "/keys").await.json();
        let noted = |key: &serde_json::Value| !key["revokedAt"].is_null() || !key["lastUsedAt"].is_null();
        if keys["items"].as_array().expect("keys").iter().all(noted) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the use of the keys is not noted");
}
