//! What leaves: problems, headers, kept pages, kept replies, the document, health.

mod common;

use common::House;
use db::sql;
use serde_json::json;

const KEY: (&str, &str) = ("authorization", "Bearer sk_bakery");
const JSON: (&str, &str) = ("content-type", "application/json");
const FRUITS: &str = "http://localhost/t/bakery/api/v1/fruits";
const SHOP: &str = "http://localhost/t/bakery/";

#[tokio::test]
async fn input_that_does_not_read_is_a_problem_that_says_why() {
    let house = House::developing().await;
    let large = format!("{{\"id\":\"{}\"}}", "x".repeat(1 << 20));
    for (kind, body, status, code) in [
        ("application/json", "{", 400, "json-broken"),
        ("application/json", r#"{"name":"mango"}"#, 422, "input-malformed"),
        ("application/json", large.as_str(), 413, "body-too-large"),
        ("text/plain", r#"{"id":"mango"}"#, 415, "json-needed"),
    ] {
        let answer = house.ask("POST", FRUITS, &[KEY, ("content-type", kind)], body).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (status, &code.into()));
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.json()["requestId"], answer.header("x-request-id"));
    }
    let long = "k".repeat(256);
    let key = house.ask("POST", FRUITS, &[KEY, JSON, ("idempotency-key", &long)], r#"{"id":"mango"}"#).await;
    assert_eq!(key.json()["code"], "idempotency-key-malformed");
    assert_eq!(house.fruits().await, 0);
}

#[tokio::test]
async fn what_is_nowhere_or_takes_no_such_method_is_told_to_machines_and_people_each_in_their_way() {
    let house = House::developing().await;
    for (method, url, status) in [
        ("GET", "http://localhost/t/bakery/api/v1/nothing", 404),
        ("DELETE", FRUITS, 405),
        ("GET", "http://localhost/api/nothing", 404),
    ] {
        let answer = house.ask(method, url, &[KEY], "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (status, "application/problem+json"),
            "{url}"
        );
    }
    assert_eq!(house.ask("DELETE", FRUITS, &[KEY], "").await.header("allow"), "GET,HEAD,POST");
    let page = house
        .ask("GET", "http://localhost/nothing", &[("accept-language", "fr-FR,fr;q=0.9,en;q=0.8")], "")
        .await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (404, "text/html; charset=utf-8"));
    assert!(
        page.body.contains("Il n’y a rien à cette adresse")
            && page.body.contains(page.header("x-request-id"))
    );
}

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing_and_the_house_stands() {
    let house = House::developing().await;
    let answer = house.ask("GET", "http://localhost/t/bakery/panic", &[], "").await;
    assert_eq!(answer.status, 500);
    assert!(!answer.body.contains("sk_live") && answer.body.contains(answer.header("x-request-id")));
    assert_eq!(house.ask("GET", SHOP, &[], "").await.status, 200);
}

#[tokio::test]
async fn pages_run_no_script_but_ours_and_are_framed_by_nobody() {
    let house = House::in_production().await;
    let page =
        house.ask("GET", "https://shop.example.net/t/bakery/", &[("x-request-id", "forged")], "").await;
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; script-src https://shop.example.net/assets/"),
        "{policy}"
    );
    for part in [
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' https://files.example.net data:",
    ] {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    let scripts = |begin: &str| page.body.matches(begin).count();
    assert_eq!(scripts("<script"), scripts("<script type=\"module\" src=\"/assets/"));
    assert!(!policy.contains("unsafe") && !page.body.contains(" style="));
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert!(page.header("strict-transport-security").starts_with("max-age="));
    assert!(page.header("x-request-id").starts_with("req_"));
}

#[tokio::test]
async fn styles_are_kept_for_a_year_under_a_name_that_changes_with_them() {
    let house = House::developing().await;
    let page = house.ask("GET", SHOP, &[], "").await;
    let href = page
        .body
        .split("href=\"")
        .find(|part| part.starts_with("/assets/"))
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let url = format!("http://localhost{href}");
    let style = house.ask("GET", &url, &[], "").await;
    assert_eq!((style.status.as_u16(), style.header("content-type")), (200, "text/css; charset=utf-8"));
    assert_eq!(style.header("cache-control"), "public, max-age=31536000, immutable");
    let packed = house.ask("GET", &url, &[("accept-encoding", "gzip, br")], "").await;
    assert_eq!(packed.header("content-encoding"), "br");
    assert_eq!(
        house.ask("GET", "http://localhost/assets/old/shop.css", &[], "").await.header("cache-control"),
        "no-cache"
    );
    assert_eq!(house.ask("GET", "http://localhost/assets/x/../../etc/passwd", &[], "").await.status, 404);
}

#[tokio::test]
async fn a_page_is_kept_exactly_as_long_as_it_is_true() {
    let house = House::developing().await;
    let first = house.ask("GET", SHOP, &[], "").await;
    assert!(first.body.contains("0 fruits") && !first.header("etag").is_empty());
    let again = house.ask("GET", SHOP, &[("if-none-match", first.header("etag"))], "").await;
    assert_eq!((again.status.as_u16(), again.body.as_str()), (304, ""));
    // a browser puts the headers of a 304 in the place of those it kept: they must not forbid what the page loads
    assert_eq!(again.header("content-security-policy"), first.header("content-security-policy"));
    let pick =
        |tx: &mut db::Tx<'_>| tx.run(sql!("insert into fruit (tenant_id, id) values ($1, $2)"), ("mango",));
    house.app.db.write(house.bakery.clone(), pick).await.unwrap();
    let changed = house.ask("GET", SHOP, &[("if-none-match", first.header("etag"))], "").await;
    assert!(changed.status == 200 && changed.body.contains("1 fruits"));
    assert!(house.ask("GET", "http://localhost/t/florist/", &[], "").await.body.contains("0 fruits"));
    let french = house.ask("GET", "http://localhost/t/bakery/?lang=fr", &[], "").await;
    assert!(french.body.contains("lang=\"fr\"") && french.header("set-cookie").starts_with("lang=fr;"));
    let kept = house.ask("GET", SHOP, &[("cookie", "lang=fr")], "").await;
    assert!(kept.body.contains("lang=\"fr\"") && kept.header("set-cookie").is_empty());
}

#[tokio::test]
async fn who_saves_data_gets_a_kept_page_of_its_own() {
    let house = House::developing().await;
    for _ in 0..2 {
        let usual = house.ask("GET", SHOP, &[], "").await;
        assert!(!usual.body.contains("without pictures") && usual.header("vary").contains("save-data"));
        let spare = house.ask("GET", SHOP, &[("save-data", "on")], "").await;
        assert!(spare.body.contains("without pictures"), "{}", spare.body);
    }
}

#[tokio::test]
async fn a_money_post_sent_again_gets_its_reply_and_changes_nothing() {
    let house = House::developing().await;
    let send = async |key: &str, body: &str| {
        house.ask("POST", FRUITS, &[KEY, JSON, ("idempotency-key", key)], body).await
    };
    let first = send("k1", r#"{"id":"mango"}"#).await;
    assert_eq!(
        (first.status.as_u16(), first.header("location"), first.header("idempotent-replay")),
        (201, "/fruits/mango", "")
    );
    let again = send("k1", r#"{"id":"mango"}"#).await;
    assert_eq!(
        (again.status.as_u16(), again.header("location"), again.header("idempotent-replay")),
        (201, "/fruits/mango", "true")
    );
    assert_eq!((first.json(), house.fruits().await), (again.json(), 1));
    let other = send("k1", r#"{"id":"papaya"}"#).await;
    assert_eq!((other.status.as_u16(), &other.json()["code"]), (422, &"idempotency-key-reused".into()));

    // a refusal changed nothing and is not kept: the same key may succeed later
    assert_eq!(send("k2", r#"{"id":"mango"}"#).await.json()["code"], "fruit-taken");
    let gone =
        |tx: &mut db::Tx<'_>| tx.run(sql!("delete from fruit where tenant_id = $1 and id = $2"), ("mango",));
    house.app.db.write(house.bakery.clone(), gone).await.unwrap();
    assert_eq!(send("k2", r#"{"id":"mango"}"#).await.status, 201);

    house.db.clock.advance_s(31 * 24 * 3600);
    assert_eq!(send("k1", r#"{"id":"papaya"}"#).await.status, 201);
}

#[tokio::test]
async fn a_key_means_something_to_its_own_actor_alone() {
    let house = House::developing().await;
    let florist = "http://localhost/t/florist/api/v1/fruits";
    let key = ("idempotency-key", "k1");
    assert_eq!(house.ask("POST", FRUITS, &[KEY, JSON, key], r#"{"id":"mango"}"#).await.status, 201);
    let answer = house
        .ask("POST", florist, &[("authorization", "Bearer sk_florist"), JSON, key], r#"{"id":"mango"}"#)
        .await;
    assert_eq!((answer.status.as_u16(), answer.header("idempotent-replay")), (201, ""));
    let revoked = house
        .ask("POST", FRUITS, &[("authorization", "Bearer pk_bakery"), JSON, key], r#"{"id":"mango"}"#)
        .await;
    assert_eq!(revoked.status, 403);
}

#[tokio::test]
async fn a_reply_with_a_secret_is_shown_once_and_never_kept() {
    let house = House::developing().await;
    let body = r#"{"id":"mango","secret":true}"#;
    let headers = [KEY, JSON, ("idempotency-key", "k1")];
    assert_eq!(house.ask("POST", FRUITS, &headers, body).await.status, 201);
    let again = house.ask("POST", FRUITS, &headers, body).await;
    assert_eq!((again.status.as_u16(), &again.json()["code"]), (409, &"already-done".into()));
    assert!(again.body.contains("mango"));
    let kept = house.app.db.read(house.bakery.clone(), |rx| {
        rx.row(sql!("select body from idempotency where tenant_id = $1"), (), |row| {
            row.get::<Option<String>>(0)
        })
    });
    let kept: Option<Option<String>> = kept.await.map_err(|error: db::Error| error).unwrap();
    assert_eq!(kept, Some(None));
}

#[tokio::test]
async fn the_document_is_made_of_the_routes_and_can_be_read() {
    let house = House::developing().await;
    let document = house.ask("GET", "http://localhost/api/openapi.json", &[], "").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let post = &document["paths"]["/t/{slug}/api/v1/fruits"]["post"];
    assert_eq!(post["x-access"], json!({"member": "fruit.pick"}));
    assert_eq!(post["security"], json!([{"bearer": []}]));
    let problem = "/responses/422/content/application~1problem+json/schema/$ref";
    assert_eq!(post.pointer(problem), Some(&"#/components/schemas/Problem".into()));
    for schema in ["Problem", "FieldError", "NewFruit"] {
        assert!(document["components"]["schemas"][schema].is_object(), "{schema}");
    }
    let page = house.ask("GET", "http://localhost/api/docs", &[], "").await;
    assert!(page.body.contains("/t/{slug}/api/v1/fruits") && page.body.contains("Needs fruit.pick."));
}

#[tokio::test]
async fn monitors_learn_whether_we_stand_and_only_insiders_what_of() {
    let house = House::in_production().await;
    assert_eq!(house.ask("GET", "https://10.0.0.7/healthz", &[], "").await.json(), json!({"ok": true}));
    assert_eq!(house.ask("GET", "https://10.0.0.7/health", &[], "").await.json()["status"], "healthy");
    let outside = ("x-forwarded-for", "203.0.113.9");
    let public = house.ask("GET", "https://10.0.0.7/health/ready", &[outside], "").await;
    assert_eq!((public.status.as_u16(), &public.json()["status"]), (200, &"healthy".into()));
    assert!(public.json().get("services").is_none() && public.json()["timestamp"].is_string());
    let token = ("authorization", "Bearer n7Qw2eRt5yUi8oPa1sDf4gHj6kLz3xCv");
    for headers in [vec![outside, token], vec![]] {
        let inside = house.ask("GET", "https://10.0.0.7/health/ready", &headers, "").await;
        assert_eq!(inside.json()["services"]["database"]["status"], "healthy");
    }
    assert_eq!(house.ask("GET", "https://10.0.0.7/metrics", &[], "").await.status, 401);
    assert_eq!(house.ask("GET", "https://10.0.0.7/metrics", &[token], "").await.status, 200);
}
