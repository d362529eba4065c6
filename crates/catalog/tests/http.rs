//! The catalogue's routes, as applications and people call them.

mod shelf;

use std::sync::Arc;

use axum::{Extension, Router};
use db::testing::TestDb;
use edge::{
    App, Config,
    testing::{Answer, Door, ask},
};
use serde_json::json;
use shelf::{Counts, shelf};

const SPINE: db::Schema =
    db::Schema { migrations: spine::MIGRATIONS, directory_migrations: &[], areas: spine::AREAS, lends: &[] };
const ALL: &[&str] = &["catalog.read", "catalog.write", "catalog.import", "stock.write"];
const SECRET: &str = "Bearer sk_bakery";
const PUBLIC: &str = "Bearer pk_bakery";

struct House {
    router: Router,
    counts: Counts,
    _test: TestDb,
}

impl House {
    async fn open() -> Self {
        let test = TestDb::sqlite(vec![SPINE, edge::SCHEMA, catalog::SCHEMA]).await;
        let scope = test.tenant("bakery").await;
        let door = Door::default();
        door.key("sk_bakery", scope.tenant, ALL);
        door.key("pk_bakery", scope.tenant, &[]);
        door.sign_in("awa-token", "acct_awa");
        door.member("acct_awa", scope.tenant, ALL);
        let app = App::new(test.db.clone(), Config::development(), Arc::new(door));
        let counts = Counts::default();
        let router = catalog::http::routes().into_router(app).layer(Extension(shelf(&counts)));
        Self { router, counts, _test: test }
    }

    async fn api(&self, bearer: &str, method: &str, path: &str, body: &str) -> Answer {
        let kind = if path.starts_with("imports") { "text/csv" } else { "application/json" };
        let headers = [("authorization", bearer), ("content-type", kind)];
        ask(&self.router, method, &format!("http://localhost/t/bakery/api/v1/{path}"), &headers, body).await
    }

    async fn page(&self, path: &str) -> Answer {
        let url = format!("http://localhost/t/bakery/admin/{path}");
        ask(&self.router, "GET", &url, &[("cookie", "soko=awa-token")], "").await
    }

    async fn post(&self, path: &str, kind: &str, body: &str) -> Answer {
        let headers = [("cookie", "soko=awa-token"), ("origin", "http://localhost"), ("content-type", kind)];
        ask(&self.router, "POST", &format!("http://localhost/t/bakery/admin/{path}"), &headers, body).await
    }
}

fn eur(minor: i64) -> serde_json::Value {
    json!({ "amount": minor, "currency": "EUR" })
}

#[tokio::test]
async fn an_application_makes_finds_changes_and_archives_a_product() {
    let house = House::open().await;
    let new = json!({ "title": "Hat", "variants": [{ "sku": "H-1", "price": eur(12_50), "cost": eur(4_00), "stock": 3 }] });
    let made = house.api(SECRET, "POST", "products", &new.to_string()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    let (id, variant) = (made["id"].as_str().unwrap(), made["variants"][0]["id"].as_str().unwrap());
    assert_eq!((&made["handle"], &made["variants"][0]["tracked"]), (&json!("hat"), &json!(true)));
    assert_eq!(house.counts.of(variant.parse().unwrap()), Some(base::Quantity::units(3)));

    let listed = house.api(PUBLIC, "GET", "products?q=ha", "").await.json();
    assert_eq!((&listed["items"][0]["price"], &listed["nextCursor"]), (&eur(12_50), &json!(null)));
    let at = format!("products/{id}");
    let seen = |bearer| house.api(bearer, "GET", &at, "");
    assert_eq!(seen(SECRET).await.json()["variants"][0]["cost"], eur(4_00));
    assert_eq!(seen(PUBLIC).await.json()["variants"][0]["cost"], json!(null));

    let change = json!({ "variants": [{ "sku": "H-1", "price": eur(9_00) }] });
    let changed = house.api(SECRET, "PATCH", &format!("products/{id}"), &change.to_string()).await.json();
    assert_eq!(
        (&changed["variants"][0]["price"], &changed["variants"][0]["id"]),
        (&eur(9_00), &json!(variant))
    );

    let again = house.api(SECRET, "POST", "products", &new.to_string()).await;
    assert_eq!((again.status.as_u16(), &again.json()["code"]), (409, &json!("already-there")));
    assert_eq!(house.api(PUBLIC, "DELETE", &format!("products/{id}"), "").await.status, 403);
    assert_eq!(house.api(SECRET, "DELETE", &format!("products/{id}"), "").await.status, 204);
    assert_eq!(seen(PUBLIC).await.status, 404);
    assert_eq!(seen(SECRET).await.json()["state"], "archived");
}

#[tokio::test]
async fn a_refused_product_names_each_field() {
    let house = House::open().await;
    let new = json!({ "title": "Hat", "variants": [{ "price": { "amount": -1, "currency": "GNF" } }] });
    let refused = house.api(SECRET, "POST", "products", &new.to_string()).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["errors"][0]["field"]),
        (422, &json!("variants[0].price"))
    );
    assert_eq!(house.api(SECRET, "POST", "products", "{\"variants\":[]}").await.status, 422);
}

#[tokio::test]
async fn a_file_goes_in_by_the_api_and_comes_out_again() {
    let house = House::open().await;
    let file = include_str!("data/woocommerce-sample.csv");
    let foreseen = house.api(SECRET, "POST", "imports?preview=true", file).await.json();
    assert_eq!((&foreseen["created"], &foreseen["refused"]), (&json!(14), &json!(4)));
    assert_eq!(house.api(SECRET, "GET", "products", "").await.json()["items"], json!([]));
    assert_eq!(house.api(SECRET, "POST", "imports", file).await.json()["created"], 14);
    let out = house.api(SECRET, "GET", "export", "").await;
    assert!(out.body.starts_with("Handle,Title"));
    let again = house.api(SECRET, "POST", "imports", &out.body).await.json();
    assert_eq!(
        (&again["created"], &again["changed"], &again["unchanged"]),
        (&json!(0), &json!(0), &json!(14))
    );
    let broken = house.api(SECRET, "POST", "imports", "Title,Price\n\"endless").await;
    assert_eq!((broken.status.as_u16(), &broken.json()["errors"][0]["field"]), (422, &json!("line 2")));
}

#[tokio::test]
async fn a_person_adds_a_product_and_a_mistake_loses_nothing() {
    const FORM: &str = "application/x-www-form-urlencoded";
    let house = House::open().await;
    let form = house.page("products/new").await;
    assert_eq!(form.status, 200, "{}", form.body);
    let csrf = form.csrf();
    let typed = |price: &str| {
        format!("csrf={csrf}&title=Pagne+bleu&taxable=yes&state=active&price={price}&price=&count=4&count=")
    };
    let refused = house.post("products/new", FORM, &typed("dix")).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Pagne bleu") && refused.body.contains("value=\"dix\""));
    let saved = house.post("products/new", FORM, &typed("10%2C50")).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let list = house.page("products?q=pagne").await;
    assert!(list.body.contains("Pagne bleu"), "{}", list.body);
    for path in ["categories", "tax-codes", "products/import", "products/export"] {
        assert_eq!(house.page(path).await.status, 200, "{path}");
    }
    let made = house.post("categories", FORM, &format!("csrf={csrf}&id=&name=Tissus+%3E+Pagnes")).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let tax = format!(
        "csrf={csrf}&code=tva&name=TVA&standard=yes&rate_name=TVA+18&rate=18&treatment=standard&compound=no&valid_from=2020-01-01&valid_to="
    );
    assert_eq!(house.post("tax-codes", FORM, &tax).await.status, 303);
}

#[tokio::test]
async fn a_person_sees_what_a_file_would_do_before_it_does() {
    let house = House::open().await;
    let csrf = house.page("products/import").await.csrf();
    let body = format!(
        "--x\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--x\r\n\
         content-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\ncontent-type: text/csv\r\n\r\n\
         Titre;Prix\r\nTasse;4,50\r\nSans prix;\r\n\r\n--x--\r\n"
    );
    let preview = house.post("products/import", "multipart/form-data; boundary=x", &body).await;
    assert_eq!(preview.status, 200, "{}", preview.body);
    assert!(preview.body.contains("It has no price."), "{}", preview.body);
    assert!(!house.page("products").await.body.contains("Tasse"));
    let at = preview.body.split("/products/import/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let form = "application/x-www-form-urlencoded";
    let done = house.post(&format!("products/import/{at}"), form, &format!("csrf={csrf}")).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(house.page("products").await.body.contains("Tasse"));
    let twice = house.post(&format!("products/import/{at}"), form, &format!("csrf={csrf}")).await;
    assert_eq!(twice.status, 410);
}

#[tokio::test]
async fn many_products_change_at_once_all_or_none() {
    let house = House::open().await;
    let mut ids = Vec::new();
    for (title, minor) in [("Hat", 10_00), ("Cap", 0)] {
        let new = json!({ "title": title, "variants": [{ "price": eur(minor) }] });
        let made = house.api(SECRET, "POST", "products", &new.to_string()).await.json();
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let cheaper = json!({ "products": ids, "change": { "kind": "price", "basisPoints": -1000 } });
    let changed = house.api(SECRET, "POST", "products/bulk", &cheaper.to_string()).await;
    assert_eq!((changed.status.as_u16(), changed.json()), (200, json!({ "changed": 1 })));
    let price = |listed: serde_json::Value| {
        let hat = listed["items"].as_array().unwrap().iter().find(|item| item["title"] == "Hat").cloned();
        hat.unwrap()["price"].clone()
    };
    assert_eq!(price(house.api(SECRET, "GET", "products", "").await.json()), eur(9_00));

    let unknown = "prod_01h455vb4pex5vsknk084sn02q";
    let half = json!({ "products": [ids[0], unknown], "change": { "kind": "price", "basisPoints": 1000 } });
    assert_eq!(house.api(SECRET, "POST", "products/bulk", &half.to_string()).await.status, 404);
    assert_eq!(price(house.api(SECRET, "GET", "products", "").await.json()), eur(9_00));
    let wild = json!({ "products": ids, "change": { "kind": "price", "basisPoints": 1_000_000 } });
    let refused = house.api(SECRET, "POST", "products/bulk", &wild.to_string()).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Hat"), "{}", refused.body);
}

#[tokio::test]
async fn a_person_changes_ticked_products_and_counts_in_the_list() {
    const FORM: &str = "application/x-www-form-urlencoded";
    let house = House::open().await;
    let new = json!({ "title": "Hat", "variants": [{ "price": eur(12_50), "stock": 3 }] });
    let made = house.api(SECRET, "POST", "products", &new.to_string()).await.json();
    let (id, variant) = (made["id"].as_str().unwrap(), made["variants"][0]["id"].as_str().unwrap());
    let list = house.page("products").await;
    let (csrf, field) = (list.csrf(), format!("name=\"counted\" value=\"{variant}\""));
    assert!(list.body.contains(&field), "{}", list.body);

    let counted = format!("csrf={csrf}&action=counts&counted={variant}&was=3&count=7");
    assert_eq!(house.post("products", FORM, &counted).await.status, 303);
    assert_eq!(house.counts.of(variant.parse().unwrap()), Some(base::Quantity::units(7)));
    let unchanged = format!("csrf={csrf}&action=counts&counted={variant}&was=3&count=3");
    assert_eq!(house.post("products", FORM, &unchanged).await.status, 303);
    assert_eq!(
        house.counts.of(variant.parse().unwrap()),
        Some(base::Quantity::units(7)),
        "a sale meanwhile stays"
    );

    let hidden = format!("csrf={csrf}&action=change&product={id}&change=draft");
    assert_eq!(house.post("products", FORM, &hidden).await.status, 303);
    assert_eq!(house.api(SECRET, "GET", "products", "").await.json()["items"][0]["state"], "draft");
    let vague = format!("csrf={csrf}&action=change&product={id}&change=price&percent=lots");
    let refused = house.post("products", FORM, &vague).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("role=\"alert\""), "{}", refused.body);
}
