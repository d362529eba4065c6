//! Every route, walked by everybody who must not get in and by who may: what is answered follows from the route's own
//! declaration, and whose a thing is never shows.

mod house;

use std::collections::{BTreeMap, HashMap};

use axum::{Extension, Router, http::Method};
use db::{TenantId, sql};
use edge::{
    Access, Site,
    testing::{Answer, ask},
};
use house::{House, Shop};
use operations::command::Command;
use people::Role;
use serde_json::json;

/// Routes that the edge adds by itself.
const OF_THE_EDGE: [&str; 8] = [
    "/healthz",
    "/health",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/api/openapi.json",
    "/api/docs",
    "/design",
];

/// Who is refused at the door gets one of these.
const DOOR: [&str; 6] =
    ["key-missing", "sign-in-needed", "not-permitted", "form-outdated", "other-origin", "tenant-suspended"];

/// What is asked without a key: by printed papers and forms of the system before, what a campaign's form asks and how a coupon
/// stands; by whoever knows the code of a gift card, what is left on it.
const OPEN: [&str; 3] =
    ["/t/{slug}/api/campaigns/{code}", "/t/{slug}/api/coupons/{code}", "/t/{slug}/api/v1/gift-card-balance"];

/// These end the caller's own session, so they are walked last.
const LAST: [&str; 2] = ["/sign-out", "/account/sessions"];

struct Rule {
    method: Method,
    path: String,
    site: Site,
    access: Access,
}

impl Rule {
    fn is_read(&self) -> bool {
        self.method == Method::GET
    }

    /// Whether the path names a thing, and not only a business or a kind of payment.
    fn names_a_thing(&self) -> bool {
        let named = |part: &str| part.starts_with('{') && part != "{slug}" && part != "{method}";
        // an old address names no business: it leads to a counter of the caller's own, whatever the code
        self.path != "/redeem/{code}" && self.path.split('/').any(named)
    }
}

/// What a bearer key is in the business that is walked.
#[derive(Clone, Copy, PartialEq)]
enum Key {
    None,
    Public,
    Secret,
    Revoked,
    Neighbours,
}

/// What a cookie's account is there.
#[derive(Clone, Copy, PartialEq)]
enum Person {
    Nobody,
    /// Signed in, but no member (any more), or the neighbour's.
    Stranger,
    Works(Role),
    Operator,
}

struct Caller {
    name: &'static str,
    key: Key,
    person: Person,
    bearer: String,
    cookie: String,
    /// Of the forms of the business.
    token: String,
    /// Of the forms that belong to no business.
    own_token: String,
}

#[derive(Debug, PartialEq)]
enum Expected {
    /// The door lets pass; what the handler says of the input is its own.
    Passes,
    Refused(u16, &'static str),
    Unknown,
}

/// What the route's own declaration promises to a caller.
fn expected(rule: &Rule, caller: &Caller) -> Expected {
    use Expected::{Passes, Refused, Unknown};
    let role_may = |role: Role, permission: &str| people::permissions(role).any(|held| held == permission);
    match (rule.site, rule.access) {
        (_, Access::Visitor | Access::Anyone | Access::Callback) => Passes,
        (Site::Api, access) => match (caller.key, access) {
            (Key::None | Key::Revoked, _) | (_, Access::SignedIn) => Refused(401, "key-missing"),
            (Key::Neighbours, _) => Refused(404, "not-found"),
            (Key::Public, Access::Member(_)) => Refused(403, "not-permitted"),
            (Key::Secret, Access::Member(_)) | (Key::Public | Key::Secret, Access::Reader) => Passes,
            _ => Unknown,
        },
        (Site::Office, access) => match (caller.person, access) {
            (Person::Nobody, _) => Refused(401, "sign-in-needed"),
            (_, Access::SignedIn) | (Person::Operator, Access::Operator) => Passes,
            (Person::Stranger | Person::Operator, Access::Member(_)) | (_, Access::Operator) => {
                Refused(404, "not-found")
            }
            (Person::Works(role), Access::Member(name)) if role_may(role, name) => Passes,
            (Person::Works(_), Access::Member(_)) => Refused(403, "not-permitted"),
            _ => Unknown,
        },
        _ => Unknown,
    }
}

/// A business with one of everything, by the parameter of a path that names it.
struct Things(HashMap<&'static str, String>);

impl Things {
    async fn of(house: &House, shop: &Shop, word: &str) -> Self {
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
    fn under(&self, own: &Self) -> Self {
        let mut things = self.0.clone();
        things.insert("t/slug", own.0["t/slug"].clone());
        Self(things)
    }

    /// Names that look like these, of nothing that ever was.
    fn invented(&self) -> Self {
        let kept = ["t/slug", "payment-methods/method", "callbacks/method"];
        let invent = |(name, value): (&&'static str, &String)| {
            let end = value.len().saturating_sub(6);
            let new = if kept.contains(name) { value.clone() } else { format!("{}000000", &value[..end]) };
            (*name, new)
        };
        Self(self.0.iter().map(invent).collect())
    }

    /// The address of a rule, or the parameter for which the walk has no case.
    fn address(&self, path: &str) -> Result<String, String> {
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
    fn blank(&self, text: &str) -> String {
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
    fn body(&self, rule: &Rule) -> String {
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
async fn all_keys_are_in_use(house: &House, shop: &Shop) {
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

/// Two businesses, and everybody who may come.
struct World {
    house: House,
    own: Things,
    neighbours: Things,
    tenants: [TenantId; 2],
    callers: Vec<Caller>,
}

impl World {
    async fn new(house: House) -> Self {
        let shop = house.sign_up("Une", "awa.diallo").await;
        let other = house.sign_up("Autre", "binta.sow").await;
        let (own, neighbours) =
            (Things::of(&house, &shop, "rouge").await, Things::of(&house, &other, "bleu").await);
        let revoked = shop.call(&house, "POST", "/keys", &json!({ "name": "old" })).await.json();
        let path = format!("/keys/{}", revoked["id"].as_str().expect("a key's id"));
        assert_eq!(shop.call(&house, "DELETE", &path, &json!({})).await.status, 200);
        let (_, cashier) = shop.employs(&house, "la.caissiere", "cashier").await;
        let (_, stock) = shop.employs(&house, "le.magasinier", "stock").await;
        let (suspended, ended) = shop.employs(&house, "ancien.gerant", "manager").await;
        let done = shop.call(&house, "POST", &format!("/members/{suspended}/suspend"), &json!({})).await;
        assert_eq!(done.status, 200, "{}", done.body);
        let again = house.sign_in("ancien.gerant").await;
        let (login, password) = ("root.root".parse().expect("a login"), house::PASSWORD.to_owned());
        house.command(Command::AdminCreate { login, password }).await;
        let operator = house.sign_in("root.root").await;
        let key = |name, key, bearer: &str| Caller {
            name,
            key,
            person: Person::Nobody,
            bearer: format!("Bearer {bearer}"),
            cookie: String::new(),
            token: String::new(),
            own_token: String::new(),
        };
        let mut callers = vec![
            Caller { bearer: String::new(), ..key("nobody", Key::None, "") },
            key("a publishable key", Key::Public, &shop.public),
            key("a secret key", Key::Secret, &shop.secret),
            key("a revoked key", Key::Revoked, revoked["secret"].as_str().expect("a secret")),
            key("an invented key", Key::Revoked, &format!("{}0", shop.secret)),
            key("the neighbour's secret key", Key::Neighbours, &other.secret),
        ];
        let page = |shop: &Shop, rest: &str| shop.path(rest);
        let people = [
            ("a session that ended", Person::Nobody, ended, None),
            ("suspended staff", Person::Stranger, again, None),
            ("a cashier", Person::Works(Role::Cashier), cashier, Some(page(&shop, "/admin/orders"))),
            ("a stock keeper", Person::Works(Role::Stock), stock, Some(page(&shop, "/admin/stock"))),
            (
                "the neighbour's owner",
                Person::Stranger,
                other.cookie.clone(),
                Some(page(&other, "/admin/orders")),
            ),
            ("the operator", Person::Operator, operator, Some("/operator".to_owned())),
            (
                "the owner",
                Person::Works(Role::Owner),
                shop.cookie.clone(),
                Some(page(&shop, "/admin/orders")),
            ),
        ];
        for (name, person, cookie, page) in people {
            let token = match page {
                Some(page) => house.token(&page, &cookie).await,
                None => String::new(),
            };
            let own_token = match person {
                Person::Nobody => String::new(),
                _ => house.token("/account", &cookie).await,
            };
            callers.push(Caller {
                name,
                key: Key::None,
                person,
                bearer: String::new(),
                cookie,
                token,
                own_token,
            });
        }
        all_keys_are_in_use(&house, &shop).await;
        let tenants = [shop.scope(&house).await.tenant, other.scope(&house).await.tenant];
        Self { house, own, neighbours, tenants, callers }
    }

    async fn ask(&self, router: &Router, rule: &Rule, caller: &Caller, things: &Things) -> Option<Answer> {
        let address = things.address(&rule.path).ok()?;
        let kind =
            if rule.site == Site::Api { "application/json" } else { "application/x-www-form-urlencoded" };
        let token = if rule.path.starts_with("/t/") { &caller.token } else { &caller.own_token };
        let mut headers = vec![
            ("accept", "application/json"),
            ("content-type", kind),
            ("origin", "http://localhost"),
            ("sec-fetch-site", "same-origin"),
            ("x-csrf-token", token.as_str()),
        ];
        if !caller.bearer.is_empty() {
            headers.push(("authorization", caller.bearer.as_str()));
        }
        if !caller.cookie.is_empty() {
            headers.push(("cookie", caller.cookie.as_str()));
        }
        let body = if rule.is_read() { String::new() } else { things.body(rule) };
        // all callers share an address, and a code that is nobody's counts against it
        if rule.path.ends_with("/coupons/{code}") {
            let forgive = |tenant| {
                self.house.soko.app.limits.forgive("coupon-code", &format!("{tenant} 127.0.0.1"));
            };
            self.tenants.iter().for_each(forgive);
        }
        Some(ask(router, rule.method.as_str(), &format!("http://localhost{address}"), &headers, &body).await)
    }

    /// How often each business was written to.
    async fn versions(&self) -> [i64; 2] {
        let mut versions = [0; 2];
        for (version, tenant) in versions.iter_mut().zip(self.tenants) {
            let scope = db::Scope {
                tenant,
                actor: db::Actor::system(),
                origin: db::Origin::default(),
                reach: db::Reach::Everywhere,
            };
            let look = |rx: &mut db::Rx<'_>| {
                rx.row(sql!("select version from tenant_state where tenant_id = $1"), (), |row| row.get(0))
            };
            let found: Result<Option<i64>, db::Error> = self.house.soko.app.db.read(scope, look).await;
            *version = found.expect("the state is read").expect("the state is there");
        }
        versions
    }

    /// Everything that is wrong with these routes.
    async fn walk(&self, router: &Router, rules: Vec<Rule>) -> Vec<String> {
        let mut faults = Vec::new();
        let (mut last, first): (Vec<Rule>, Vec<Rule>) =
            rules.into_iter().partition(|rule| LAST.contains(&rule.path.as_str()));
        last.sort_by_key(|rule| rule.path == "/sign-out");
        for rule in first.iter().chain(&last) {
            let before = faults.len();
            self.visit(router, rule, &mut faults).await;
            for fault in &mut faults[before..] {
                *fault = format!("{} {}: {fault}", rule.method, rule.path);
            }
        }
        faults
    }

    async fn visit(&self, router: &Router, rule: &Rule, faults: &mut Vec<String>) {
        if let Err(missing) = self.own.address(&rule.path) {
            faults.push(format!("the walk has no case for {missing}"));
            return;
        }
        if let Access::Member(name) = rule.access
            && !people::is_permission(name)
        {
            faults.push(format!("{name} stands in no role"));
        }
        let inside = (rule.path.contains("/admin") || rule.path.starts_with("/t/{slug}/api/"))
            && !OPEN.contains(&rule.path.as_str());
        if inside && matches!(rule.access, Access::Visitor | Access::Anyone | Access::SignedIn) {
            faults.push("whoever comes is let in".to_owned());
        }
        let foreign = self.neighbours.under(&self.own);
        let invented = self.own.invented();
        let mut passing = Vec::new();
        let before = self.versions().await;
        for caller in &self.callers {
            match expected(rule, caller) {
                Expected::Unknown => faults.push("no rule says who may".to_owned()),
                Expected::Passes => passing.push(caller),
                refused => {
                    for (whose, things) in
                        [("own", &self.own), ("the neighbour's", &foreign), ("invented", &invented)]
                    {
                        let Some(answer) = self.ask(router, rule, caller, things).await else { continue };
                        let said = Said::of(&answer);
                        if Expected::Refused(said.status, said.code_of()) != refused {
                            faults.push(format!("{} of {whose}: {said:?}, not {refused:?}", caller.name));
                        }
                    }
                }
            }
        }
        if self.versions().await != before {
            faults.push("a refused request was written".to_owned());
        }
        for caller in passing {
            self.pass(router, rule, caller, [&foreign, &invented], faults).await;
        }
        for caller in &self.callers {
            self.same(router, rule, caller, [&foreign, &invented], faults).await;
        }
        if self.versions().await[1] != before[1] {
            faults.push("the neighbour's business was written to".to_owned());
        }
    }

    /// What is the neighbour's and what never was are answered alike.
    async fn same(
        &self,
        router: &Router,
        rule: &Rule,
        caller: &Caller,
        [foreign, invented]: [&Things; 2],
        faults: &mut Vec<String>,
    ) {
        let request = |things: &Things| (things.address(&rule.path), things.body(rule));
        if rule.access == Access::Operator || request(foreign) == request(invented) {
            return;
        }
        let first = self.ask(router, rule, caller, foreign).await;
        let second = self.ask(router, rule, caller, invented).await;
        let (Some(first), Some(second)) = (first, second) else { return };
        // an old address leads to the caller's own counter, whose name is a thing of the neighbour's when it is theirs
        let (one, other) = match rule.path.as_str() {
            "/redeem/{code}" => (plain(&first, foreign), foreign.blank(&plain(&second, invented))),
            _ => (plain(&first, foreign), plain(&second, invented)),
        };
        if one != other {
            faults.push(format!(
                "{}: the neighbour's is told from what never was:\n  {one:.600}\n  {other:.600}",
                caller.name
            ));
        }
    }

    async fn pass(
        &self,
        router: &Router,
        rule: &Rule,
        caller: &Caller,
        [foreign, invented]: [&Things; 2],
        faults: &mut Vec<String>,
    ) {
        if rule.is_read()
            && let Some(answer) = self.ask(router, rule, caller, &self.own).await
            && !(answer.status.is_success() || answer.status.is_redirection())
        {
            faults.push(format!("{} does not get the own: {} {}", caller.name, answer.status, answer.body));
        }
        for (whose, things) in [("the neighbour's", foreign), ("invented", invented)] {
            let Some(answer) = self.ask(router, rule, caller, things).await else { continue };
            let said = Said::of(&answer);
            if DOOR.contains(&said.code.as_str()) || said.status >= 500 {
                faults.push(format!("{} of {whose}: {said:?}, though the door is open", caller.name));
            }
            let operator = rule.access == Access::Operator || rule.access == Access::Callback;
            if rule.names_a_thing() && !operator && ![404, 410].contains(&said.status) {
                faults.push(format!("{} of {whose}: {said:?}, not 404: {:.300}", caller.name, answer.body));
            }
        }
    }
}

#[derive(Debug)]
struct Said {
    status: u16,
    code: String,
}

impl Said {
    fn of(answer: &Answer) -> Self {
        let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
        Self { status: answer.status.as_u16(), code }
    }

    fn code_of(&self) -> &'static str {
        DOOR.into_iter().chain(["not-found"]).find(|known| *known == self.code).unwrap_or("another")
    }
}

/// An answer without what differs by chance or by what was asked for.
fn plain(answer: &Answer, asked: &Things) -> String {
    let headers: BTreeMap<&str, &str> = answer
        .headers
        .iter()
        .filter(|(name, _)| {
            !["x-request-id", "set-cookie", "content-length", "etag"].contains(&name.as_str())
        })
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()))
        .collect();
    let body = answer.body.replace(answer.header("x-request-id"), "request");
    let body = match answer.csrf() {
        token if token.is_empty() => body,
        token => body.replace(&token, "token"),
    };
    asked.blank(&format!("{} {headers:?} {body}", answer.status))
}

fn rules() -> Vec<Rule> {
    let edge = OF_THE_EDGE.into_iter().map(|path| Rule {
        method: Method::GET,
        path: path.to_owned(),
        site: Site::Api,
        access: Access::Anyone,
    });
    of(&soko::wiring::routes()).into_iter().chain(edge).collect()
}

fn of(routes: &edge::Routes) -> Vec<Rule> {
    let rules = routes.table().iter();
    rules
        .map(|rule| Rule {
            method: rule.method.clone(),
            path: rule.path.clone(),
            site: rule.site,
            access: rule.access,
        })
        .collect()
}

on_both_engines! {
    async fn every_route_lets_in_whom_it_names_and_tells_nobody_else_anything(house: House) {
        let world = World::new(house).await;
        let faults = world.walk(&world.house.router, rules()).await;
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    }
}

/// Routes as nobody should write them.
mod leaky {
    use axum::{extract::State, http::Method};
    use db::{Actor, Origin, Scope};
    use edge::{App, Json, May, Path, Problem, Routes, Site, Visitor};
    use serde_json::{Value, json};

    edge::permission!(Forgotten = "forgotten.read");

    pub fn routes() -> Routes {
        Routes::new()
            .page(Site::Api, "/t/{slug}/api/v1/orders/{id}/whose", Method::GET, whose)
            .page(Site::Office, "/t/{slug}/admin/open", Method::GET, open)
            .page(Site::Office, "/t/{slug}/admin/forgotten", Method::GET, forgotten)
            .page(Site::Office, "/t/{slug}/admin/hats/{hat}", Method::GET, forgotten)
    }

    /// Looks for an order in every business.
    async fn whose(
        State(app): State<App>,
        _: May<orders::Read>,
        Path((_, id)): Path<(String, orders::OrderId)>,
    ) -> Result<Json<Value>, Problem> {
        for tenant in app.db.tenants().await? {
            let scope = Scope {
                tenant: tenant.id,
                actor: Actor::system(),
                origin: Origin::default(),
                reach: db::Reach::Everywhere,
            };
            if let Ok(order) = app.db.read(scope, move |rx| orders::order(rx, id)).await {
                return Ok(Json(json!({ "number": order.number })));
            }
        }
        Err(Problem::not_found("order-unknown", "no"))
    }

    async fn open(State(_): State<App>, _: Visitor) -> Json<Value> {
        Json(json!({ "turnover": 1 }))
    }

    async fn forgotten(State(_): State<App>, _: May<Forgotten>) -> Json<Value> {
        Json(json!({}))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leaky_route_is_caught() {
    let world = World::new(House::on_sqlite().await).await;
    let soko = &world.house.soko;
    let router = soko::wiring::routes()
        .merge(leaky::routes())
        .into_router(soko.app.clone())
        .layer(Extension(soko.desk.clone()))
        .layer(Extension(soko.house.clone()));
    let faults = world.walk(&router, of(&leaky::routes())).await;
    let caught =
        |path: &str, what: &str| faults.iter().any(|fault| fault.contains(path) && fault.contains(what));
    assert!(caught("/whose", "a secret key of the neighbour's: Said { status: 200"), "{faults:#?}");
    assert!(caught("/whose", "is told from what never was"), "{faults:#?}");
    assert!(caught("/admin/open", "whoever comes is let in"), "{faults:#?}");
    assert!(caught("/admin/forgotten", "stands in no role"), "{faults:#?}");
    assert!(caught("/hats/{hat}", "no case for hats/hat"), "{faults:#?}");
}
