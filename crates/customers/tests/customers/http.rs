//! Texts, routes, pages and the API as callers meet them.

use std::sync::Arc;

use axum::{Extension, Router};
use customers::SharedDealings;
use edge::{
    Access, App, Config,
    testing::{Answer, Door, ask},
};
use serde_json::json;

use crate::world::{Told, World, contact};

#[test]
fn every_text_stands_in_every_language() {
    edge::locales_are_complete(&[edge::LOCALES, customers::LOCALES]).unwrap();
}

#[test]
fn every_route_says_who_may_call_it() {
    for rule in customers::routes().table() {
        assert!(matches!(rule.access, Access::Member(name) if name.starts_with("customers.")), "{rule:?}");
    }
}

struct Doors(Router);

impl Doors {
    fn open(world: &World) -> Self {
        const ALL: [&str; 7] = [
            "customers.read",
            "customers.write",
            "customers.export",
            "customers.import",
            "customers.forget",
            "orders.read",
            "orders.write",
        ];
        let door = Door::default();
        door.sign_in("token", "acct_manager");
        door.member("acct_manager", world.scope.tenant, &ALL);
        door.key("sk_live_all", world.scope.tenant, &ALL);
        let app = App::new(world.test.db.clone(), Config::development(), Arc::new(door));
        let dealings: SharedDealings = Arc::new(Told { open: 1, ..Told::default() });
        Self(customers::routes().into_router(app).layer(Extension(dealings)))
    }

    async fn api(&self, method: &str, path: &str, body: serde_json::Value, key: &str) -> Answer {
        let url = format!("http://localhost/t/bakery/api/v1{path}");
        let mut headers = vec![("authorization", "Bearer sk_live_all"), ("content-type", "application/json")];
        if !key.is_empty() {
            headers.push(("idempotency-key", key));
        }
        ask(&self.0, method, &url, &headers, &body.to_string()).await
    }

    async fn get(&self, path: &str) -> Answer {
        let url = format!("http://localhost/t/bakery/admin{path}");
        ask(&self.0, "GET", &url, &[("cookie", "soko=token")], "").await
    }

    /// Sends a file with the office's form.
    async fn send(&self, path: &str, csrf: &str, known: &str, file: &str) -> Answer {
        let url = format!("http://localhost/t/bakery/admin{path}");
        let headers = [
            ("cookie", "soko=token"),
            ("content-type", "multipart/form-data; boundary=x"),
            ("origin", "http://localhost"),
        ];
        let field = |name: &str, value: &str| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let body = format!(
            "{}{}--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{file}\r\n--x--\r\n",
            field("csrf", csrf),
            field("known", known)
        );
        ask(&self.0, "POST", &url, &headers, &body).await
    }

    async fn post(&self, path: &str, csrf: &str, form: &str) -> Answer {
        let url = format!("http://localhost/t/bakery/admin{path}");
        let headers = [
            ("cookie", "soko=token"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", "http://localhost"),
        ];
        ask(&self.0, "POST", &url, &headers, &format!("csrf={csrf}&{form}")).await
    }
}

#[tokio::test]
async fn an_application_writes_finds_and_changes_customers() {
    let world = World::on_sqlite().await;
    let doors = Doors::open(&world);
    let awa = json!({ "name": "Awa Barry", "phone": "+224620000001" });
    let made = doors.api("POST", "/customers", awa.clone(), "k1").await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let again = doors.api("POST", "/customers", awa, "k1").await;
    assert_eq!(again.json()["id"], id.as_str(), "sent twice, made once");
    let taken = doors.api("POST", "/customers", json!({ "phone": "+224620000001" }), "k2").await;
    assert_eq!((taken.status.as_u16(), taken.json()["code"].as_str()), (409, Some("customer-known")));
    assert!(taken.body.contains(&id), "{}", taken.body);
    let changed =
        doors.api("PUT", &format!("/customers/{id}"), json!({ "name": "Awa", "language": "fr" }), "").await;
    assert_eq!((changed.json()["name"].as_str(), changed.json()["phone"].as_str()), (Some("Awa"), None));
    let list = doors.api("GET", "/customers?q=awa&sort=owes", json!(null), "").await.json();
    assert_eq!(list["items"][0]["owes"], json!({ "amount": 0, "currency": "EUR" }));
    let nobody = doors.api("PUT", &format!("/customers/{id}"), json!({}), "").await;
    assert_eq!(nobody.json()["code"], "customer-nobody");
}

#[tokio::test]
async fn a_number_of_somebody_else_offers_to_make_one_customer_of_both_and_loses_nothing_typed() {
    let world = World::on_sqlite().await;
    let doors = Doors::open(&world);
    let awa = world.orders(contact("Awa Barry/+33612345671/")).await.unwrap();
    let bob = world.orders(contact("Bob/+33612345672/")).await.unwrap();
    let page = doors.get(&format!("/customers/{awa}")).await;
    assert!(page.body.contains("https://wa.me/33612345671") && page.body.contains("tel:+33612345671"));
    let csrf = page.csrf();
    let form = "name=Awa+B.&phone=06+12+34+56+72&email=&language=";
    let clash = doors.post(&format!("/customers/{awa}"), &csrf, form).await;
    assert_eq!(clash.status.as_u16(), 422, "{}", clash.body);
    assert!(clash.body.contains("value=\"Awa B.\"") && clash.body.contains(&format!("merge?with={bob}")));
    let merge = doors.get(&format!("/customers/{awa}/merge?with={bob}")).await;
    assert!(merge.body.contains("Awa Barry") && merge.body.contains("Bob"), "{}", merge.body);
    let merged = doors.post(&format!("/customers/{awa}/merge"), &csrf, &format!("with={bob}")).await;
    assert_eq!(merged.status.as_u16(), 303, "{}", merged.body);
    assert_eq!(doors.get(&format!("/customers/{bob}")).await.status.as_u16(), 404);
    let note = doors.post(&format!("/customers/{awa}/notes"), &csrf, "text=%3Cb%3ECalls+first").await;
    assert_eq!(note.status.as_u16(), 303);
    let page = doors.get(&format!("/customers/{awa}")).await;
    assert!(page.body.contains("&#60;b&#62;Calls first"), "{}", page.body);
    let forget = doors.get(&format!("/customers/{awa}/forget")).await;
    assert!(
        forget.body.contains("/orders/order_01h455vb4pex5vsknk084sn02q"),
        "an open order stands before it"
    );
    let open = doors.post(&format!("/customers/{awa}/forget"), &csrf, "").await;
    assert_eq!(open.status.as_u16(), 409);
}

#[tokio::test]
async fn the_table_for_a_spreadsheet_runs_no_formula() {
    let world = World::on_sqlite().await;
    let doors = Doors::open(&world);
    world.orders(contact("=HYPERLINK(1)/+33612345671/")).await;
    let file = doors.get("/customers.csv?q=hyper").await;
    assert!(file.body.contains(",'=HYPERLINK(1),'+33612345671,"), "{}", file.body);
    assert_eq!(doors.get("/customers.csv?owes=1").await.body.lines().count(), 1, "only who owes");
}

#[tokio::test]
async fn a_file_is_looked_at_first_and_brought_in_once() {
    let world = World::on_sqlite().await;
    let doors = Doors::open(&world);
    let csrf = doors.get("/customers/import").await.csrf();
    let broken = doors.send("/customers/import", &csrf, "leave", "name,city\nAwa,Conakry").await;
    assert_eq!(broken.status.as_u16(), 422, "{}", broken.body);
    assert!(
        broken.body.contains("Phone or Email") && broken.body.contains("value=\"leave\" checked"),
        "{}",
        broken.body
    );
    let file = "name,phone,shoes\n<b>Awa,0612345671,38\nBob,12,40\n";
    let preview = doors.send("/customers/import", &csrf, "update", file).await;
    assert!(preview.body.contains("1 new customer") && preview.body.contains("shoes"), "{}", preview.body);
    assert!(
        preview.body.contains("&#60;b&#62;Awa") && preview.body.contains("“12” is no phone number"),
        "{}",
        preview.body
    );
    assert!(world.names(customers::Filter::default()).await.is_empty());
    let confirm =
        preview.body.split("/customers/imports/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let path = format!("/customers/imports/{confirm}");
    let done = doors.post(&path, &csrf, "").await;
    assert_eq!(done.status.as_u16(), 200, "{}", done.body);
    assert_eq!(world.names(customers::Filter::default()).await, ["<b>Awa"]);
    assert_eq!(doors.post(&path, &csrf, "").await.status.as_u16(), 410);
}

#[tokio::test]
async fn a_file_that_nobody_brings_in_goes_by_itself_after_a_day() {
    const HOUR_S: i64 = 3600;
    let world = World::on_sqlite().await;
    let doors = Doors::open(&world);
    let csrf = doors.get("/customers/import").await.csrf();
    let choose = async || {
        let page = doors.send("/customers/import", &csrf, "update", "name,phone\nAwa,0612345671\n").await;
        assert!(page.body.contains("The file waits here until"), "{}", page.body);
        let id = page.body.split("/customers/imports/").nth(1).and_then(|rest| rest.split('"').next());
        format!("/customers/imports/{}", id.unwrap())
    };
    let works = async || {
        let runner = spine::jobs::Runner::new(world.test.db.clone())
            .ends(customers::import::END_JOB, customers::import::sweep);
        runner.run(tokio::time::sleep(std::time::Duration::from_millis(400))).await;
        world
            .read(|rx| {
                Ok(rx.row(
                    db::sql!("select count(*) from customer_file where tenant_id = $1"),
                    (),
                    |row| row.get::<i64>(0),
                )?)
            })
            .await
            .unwrap()
    };
    let first = choose().await;
    world.test.clock.advance_s(10 * HOUR_S);
    choose().await;
    world.test.clock.advance_s(14 * HOUR_S);
    assert_eq!(works().await, Some(1), "the first one's day is over, not the second one's");
    assert_eq!(doors.post(&first, &csrf, "").await.status.as_u16(), 410);
    let second = choose().await;
    world.test.clock.advance_s(24 * HOUR_S);
    let late = doors.post(&second, &csrf, "").await;
    assert_eq!(late.status.as_u16(), 410);
    assert!(
        late.body.contains("waited longer than a day") && late.body.contains("type=\"file\""),
        "{}",
        late.body
    );
    assert_eq!(works().await, Some(0));
    assert!(world.names(customers::Filter::default()).await.is_empty());
}

#[tokio::test]
async fn an_application_brings_in_narrows_and_takes_out() {
    let world = World::on_sqlite().await;
    let doors = Doors::open(&world);
    let headers = [("authorization", "Bearer sk_live_all"), ("content-type", "text/csv")];
    let url = "http://localhost/t/bakery/api/v1/customers/imports";
    let file = "name,phone,consent\nAwa,0612345671,yes\nBob,0612345672,\n";
    let foreseen = ask(&doors.0, "POST", &format!("{url}?preview=true"), &headers, file).await.json();
    assert_eq!((foreseen["added"].as_i64(), foreseen["lines"][0]["id"].is_null()), (Some(2), true));
    let done = ask(&doors.0, "POST", url, &headers, file).await.json();
    let id = done["lines"][0]["id"].as_str().unwrap().to_owned();
    let agreed = doors.api("GET", "/customers?agreed=true", json!(null), "").await.json();
    assert_eq!((agreed["items"].as_array().unwrap().len(), &agreed["items"][0]["name"]), (1, &json!("Awa")));
    let taken = doors.api("PUT", &format!("/customers/{id}/consent"), json!({ "given": false }), "").await;
    assert_eq!(taken.json()["agreed"], false, "{}", taken.body);
    let wordless = doors.api("PUT", &format!("/customers/{id}/consent"), json!({ "given": true }), "").await;
    assert_eq!(wordless.status.as_u16(), 422);
    let file = doors.api("GET", &format!("/customers/{id}/export"), json!(null), "").await.json();
    assert_eq!((file["consents"].as_array().unwrap().len(), &file["orders"][0]["number"]), (2, &json!(1001)));
    // without the permission, more than was asked for would be told
    let hidden = doors.api("GET", "/customers?campaign=cmp_x", json!(null), "").await;
    assert_eq!(hidden.status.as_u16(), 403);
    let no_file = ask(&doors.0, "POST", url, &headers, "city\nConakry").await;
    assert_eq!((no_file.status.as_u16(), no_file.json()["code"].as_str()), (422, Some("file-refused")));
}
