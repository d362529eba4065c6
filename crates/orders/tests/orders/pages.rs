//! Texts, routes, pages and the API as callers meet them.

use std::sync::Arc;

use axum::Router;
use db::TenantId;
use edge::{
    Access, App, Config, Site,
    testing::{Answer, Door, ask},
};
use serde_json::json;

use crate::world::{Shop, wish};

#[test]
fn every_text_stands_in_both_languages() {
    edge::locales_are_complete(&[edge::LOCALES, orders::LOCALES]).unwrap();
}

#[test]
fn every_route_says_who_may_call_it() {
    let routes = orders::routes();
    assert!(routes.table().len() > 20);
    for rule in routes.table() {
        let member = matches!(rule.access, Access::Member(name) if name.starts_with("orders.") || name == "documents.read");
        let open = ["/carts", "/delivery-zones", "/quotes"].iter().any(|part| rule.path.contains(part));
        let open = rule.access == Access::Reader && open && rule.site == Site::Api;
        let paper = rule.access == Access::Visitor && rule.path.starts_with("/t/{slug}/d/{link}");
        assert!(member || open || paper, "{rule:?}");
    }
}

/// A shop with a manager who is signed in, and keys that may do everything and nothing.
pub struct Doors {
    router: Router,
}

const ALL: [&str; 9] = [
    "orders.read",
    "orders.write",
    "orders.fulfil",
    "orders.cancel",
    "orders.refund",
    "orders.zones",
    "orders.mails",
    "customers.read",
    "documents.read",
];

/// Where the mails of one test are written.
pub fn mails_folder(tenant: TenantId) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("soko-orders-{}-{tenant}", std::process::id()))
}

impl Doors {
    pub fn open(shop: &Shop) -> Self {
        let door = Door::default();
        let tenant: TenantId = shop.scope.tenant;
        door.sign_in("token", "acct_manager");
        door.member("acct_manager", tenant, &ALL);
        door.key("sk_live_all", tenant, &ALL);
        door.key("pk_live_none", tenant, &[]);
        let mut config = Config::development();
        config.data = mails_folder(shop.scope.tenant);
        let app = App::new(shop.db().clone(), config, Arc::new(door));
        Self { router: orders::routes().into_router(app) }
    }

    async fn api(&self, key: &str, method: &str, path: &str, body: serde_json::Value) -> Answer {
        let url = format!("http://localhost/t/bakery/api/v1{path}");
        let bearer = format!("Bearer {key}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        ask(&self.router, method, &url, &headers, &body.to_string()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        let url = format!("http://localhost/t/bakery/admin{path}");
        ask(&self.router, "GET", &url, &[("cookie", "soko=token")], "").await
    }

    pub async fn post(&self, path: &str, csrf: &str, form: &str) -> Answer {
        let url = format!("http://localhost/t/bakery/admin{path}");
        let headers = [
            ("cookie", "soko=token"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", "http://localhost"),
        ];
        ask(&self.router, "POST", &url, &headers, &format!("csrf={csrf}&{form}")).await
    }
}

#[tokio::test]
async fn an_application_lists_fulfils_refunds_and_reads_papers() {
    let shop = Shop::open().await;
    let doors = Doors::open(&shop);
    let bread = shop.has("bread", 3_50, Some(5)).await;
    let id = shop.prepaid(bread, 2).await.unwrap().order;
    let early =
        doors.api("sk_live_all", "POST", &format!("/orders/{id}/fulfilments"), json!({"step": "pack"})).await;
    assert_eq!((early.status.as_u16(), early.json()["code"].as_str()), (409, Some("order-not-paid")));
    shop.pay(id, 7_00, "r1").await.unwrap();

    let list = doors.api("sk_live_all", "GET", "/orders?state=paid&limit=1", json!(null)).await.json();
    assert_eq!(list["items"][0]["number"], 1001);
    assert_eq!(list["items"][0]["total"], json!({"amount": 700, "currency": "EUR"}));
    assert!(list["nextCursor"].is_null());

    let shipped = json!({"step": "ship", "carrier": "DHL", "tracking": "X1"});
    let shipped = doors.api("sk_live_all", "POST", &format!("/orders/{id}/fulfilments"), shipped).await;
    assert_eq!((shipped.status.as_u16(), shipped.json()["tracking"].as_str()), (201, Some("X1")));

    let part = json!({"lines": [{"line": 1, "quantity": 1}], "restock": true, "reason": "stale"});
    let refund = doors.api("sk_live_all", "POST", &format!("/orders/{id}/refunds"), part).await;
    assert_eq!(
        (refund.status.as_u16(), refund.json()["amount"]["amount"].as_i64()),
        (201, Some(350)),
        "{}",
        refund.body
    );
    let much = json!({"amount": {"amount": 351, "currency": "EUR"}});
    let much = doors.api("sk_live_all", "POST", &format!("/orders/{id}/refunds"), much).await;
    assert_eq!(much.json()["code"], "refund-refused");

    let order = doors.api("sk_live_all", "GET", &format!("/orders/{id}"), json!(null)).await.json();
    assert_eq!(
        (order["paymentStatus"].as_str(), order["fulfilmentStatus"].as_str()),
        (Some("partly-refunded"), Some("shipped"))
    );
    let papers =
        doors.api("sk_live_all", "GET", &format!("/orders/{id}/documents"), json!(null)).await.json();
    assert_eq!(
        (papers["items"][0]["name"].as_str(), papers["items"][1]["name"].as_str()),
        (Some("R-000001"), Some("CN-000001"))
    );

    let nobody = doors.api("pk_live_none", "GET", &format!("/orders/{id}"), json!(null)).await;
    assert_eq!(nobody.status.as_u16(), 403);
    let invented =
        doors.api("sk_live_all", "GET", "/orders/order_01h455vb4pex5vsknk084sn02q", json!(null)).await;
    assert_eq!((invented.status.as_u16(), invented.json()["code"].as_str()), (404, Some("order-unknown")));
}

#[tokio::test]
async fn a_cart_is_priced_for_whoever_made_it() {
    let shop = Shop::open().await;
    let doors = Doors::open(&shop);
    shop.has("bread", 3_50, Some(5)).await;
    let cart = doors
        .api("pk_live_none", "POST", "/carts", json!({"lines": [{"sku": "BREAD", "quantity": 2}]}))
        .await;
    assert_eq!(
        (cart.status.as_u16(), cart.json()["total"]["amount"].as_i64()),
        (201, Some(700)),
        "{}",
        cart.body
    );
    let id = cart.json()["id"].as_str().unwrap().to_owned();
    let more = doors
        .api("pk_live_none", "POST", &format!("/carts/{id}/lines"), json!({"sku": "BREAD", "quantity": 3}))
        .await;
    assert_eq!(more.json()["total"]["amount"], 1050);
    let half = doors
        .api(
            "pk_live_none",
            "POST",
            &format!("/carts/{id}/lines"),
            json!({"sku": "BREAD", "quantity": "0.5"}),
        )
        .await;
    assert_eq!(half.json()["code"], "quantity-refused");
}

#[tokio::test]
async fn staff_make_an_order_send_its_link_and_see_it_through() {
    let shop = Shop::open().await;
    let doors = Doors::open(&shop);
    let bread = shop.has("bread", 3_50, Some(5)).await;
    let page = doors.get("/orders/new?q=bread").await;
    assert!(page.status.is_success() && page.body.contains("BREAD"), "{}", page.body);
    let csrf = page.csrf();
    let added =
        doors.post("/orders/new", &csrf, &format!("action=add&variant={bread}&quantity=2&cart=&q=")).await;
    assert_eq!(added.status.as_u16(), 303, "{}", added.body);
    let cart = added.header("location").split("cart=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let wrong =
        doors.post("/orders/new", &csrf, &format!("action=place&cart={cart}&phone=abc&name=Awa")).await;
    assert!(wrong.status.as_u16() == 422 && wrong.body.contains("value=\"Awa\""), "{}", wrong.body);
    let form = format!("action=place&cart={cart}&phone=%2B33612345678&name=Awa&pay=later");
    let placed = doors.post("/orders/new", &csrf, &form).await;
    assert!(placed.body.contains("https://wa.me/33612345678?text="), "{}", placed.body);
    let twice = doors.post("/orders/new", &csrf, &form).await;
    assert!(twice.body.contains("1001"), "{}", twice.body);

    let listed = shop.read(|rx| orders::list(rx, &orders::Filter::default(), None, 10)).await.unwrap();
    assert_eq!(listed.len(), 1);
    let id = listed[0].order.id;
    shop.pay(id, 7_00, "r1").await.unwrap();
    for path in ["/orders", "/orders?q=awa&state=paid", "/documents"] {
        let page = doors.get(path).await;
        assert!(page.status.is_success() && page.body.contains("1001"), "{path}: {}", page.body);
    }
    let step = doors
        .post(&format!("/orders/{id}/fulfil"), &csrf, "step=hand-over&carrier=&tracking=&collected_by=")
        .await;
    assert_eq!(step.status.as_u16(), 303, "{}", step.body);
    let refund = "what=lines&line=1&quantity=1&amount=&by_hand=1&reason=stale";
    let refund = doors.post(&format!("/orders/{id}/refunds"), &csrf, refund).await;
    assert_eq!(refund.status.as_u16(), 303, "{}", refund.body);
    let refund = shop.whole(id).await.refunds[0].id;
    let given =
        doors.post(&format!("/orders/{id}/refunds/{refund}/paid"), &csrf, "from=cash&reference=").await;
    assert_eq!(given.status.as_u16(), 303, "{}", given.body);
    let page = doors.get(&format!("/orders/{id}")).await;
    assert!(page.body.contains("Handed over") && page.body.contains("CN-000001"), "{}", page.body);
    let papers = shop.read(move |rx| orders::documents_of(rx, id)).await.unwrap();
    for paper in papers {
        let page = doors.get(&format!("/documents/{}", paper.id)).await;
        assert!(page.body.contains(&paper.name()) && page.body.contains("Bakery"), "{}", page.body);
    }
    shop.check_books(id).await;
}

#[tokio::test]
async fn mails_are_written_in_the_customers_language_with_a_fresh_link() {
    let shop = Shop::open().await;
    edge::words::register(&[orders::LOCALES]);
    let bread = shop.has("bread", 3_50, None).await;
    let mut draft = wish(bread, 2);
    draft.customer.email = Some("awa@example.org".parse().unwrap());
    draft.customer.language = Some(base::Language::En);
    let id = shop.place(draft, None).await.unwrap().order;
    let tenant = shop.db().tenant(shop.scope.tenant).await.unwrap().unwrap();
    let mail = shop
        .write(move |tx| {
            orders::write_mail(tx, id, orders::Template::OrderPlaced, &tenant, |path| {
                format!("https://shop.example{path}")
            })
        })
        .await
        .unwrap()
        .unwrap();
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("awa@example.org", "Your order 1001 at bakery"));
    assert!(
        mail.text.contains("2 × bread: €7.00") && mail.text.contains("Still to pay: €7.00"),
        "{}",
        mail.text
    );
    let token = mail.text.split("/t/bakery/orders/").nth(1).unwrap().lines().next().unwrap().to_owned();
    assert_eq!(shop.read(move |rx| orders::linked_order(rx, &token)).await.unwrap(), Some(id));
    shop.write(move |tx| orders::forget(tx, id)).await.unwrap();
    assert_eq!(shop.whole(id).await.customer, orders::Customer::default());
}
