//! Who comes in where: sites, hosts, forged requests, keys.

mod common;

use common::House;

const AWA: (&str, &str) = ("cookie", "soko=awa-token");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const OURS: (&str, &str) = ("origin", "http://localhost");

#[tokio::test]
async fn each_host_serves_its_own_site_and_nothing_else() {
    let house = House::in_production().await;
    let key = ("authorization", "Bearer sk_bakery");
    for (url, status) in [
        ("https://office.example.org/account", 303),
        ("https://shop.example.net/account", 404),
        ("https://bakery.example.com/account", 404),
        ("https://evil.example/account", 404),
        ("https://shop.example.net/t/bakery/", 200),
        ("https://SHOP.example.net:443/t/bakery/", 200),
        ("https://office.example.org/t/bakery/", 404),
        ("https://files.example.net/t/bakery/", 404),
        ("https://evil.example/t/bakery/", 404),
        ("https://localhost/t/bakery/", 404),
        ("https://bakery.example.com/", 200),
        ("https://bakery.example.com/t/bakery/", 200),
        ("https://bakery.example.com/t/florist/", 404),
        ("https://bakery.example.com/t/bakery/admin/fruit", 404),
        ("https://bakery.example.com/admin/fruit", 404),
        ("https://bakery.example.com/t/bakery/api/v1/fruits", 200),
        ("https://shop.example.net/t/bakery/api/v1/fruits", 200),
        ("https://evil.example/t/bakery/api/v1/fruits", 404),
        ("https://10.0.0.7/healthz", 200),
        ("https://evil.example/api/docs", 404),
    ] {
        assert_eq!(house.ask("GET", url, &[key], "").await.status, status, "{url}");
    }
}

#[tokio::test]
async fn a_page_asks_for_sign_in_and_the_api_for_a_key_and_cookies_do_not_count_there() {
    let house = House::developing().await;
    let page = house.ask("GET", "http://localhost/t/bakery/admin/fruit", &[], "").await;
    assert_eq!(
        (page.status.as_u16(), page.header("location")),
        (303, "/sign-in?to=%2Ft%2Fbakery%2Fadmin%2Ffruit")
    );
    assert_eq!(house.ask("GET", "http://localhost/t/bakery/admin/fruit", &[AWA], "").await.status, 200);
    let api = house.ask("GET", "http://localhost/t/bakery/api/v1/fruits", &[AWA], "").await;
    assert_eq!((api.status.as_u16(), api.header("www-authenticate")), (401, "Bearer"));
    assert_eq!(api.json()["code"], "key-missing");
    let anyone = house.ask("GET", "http://localhost/api/whoami", &[AWA], "").await;
    assert_eq!(anyone.json()["signedIn"], false);
}

#[tokio::test]
async fn a_foreign_tenant_and_an_invented_one_answer_alike() {
    let house = House::developing().await;
    let florist = ("authorization", "Bearer sk_florist");
    let mut answers = Vec::new();
    for slug in ["bakery", "invented"] {
        let answer =
            house.ask("GET", &format!("http://localhost/t/{slug}/api/v1/fruits"), &[florist], "").await;
        let mut body = answer.json();
        body["requestId"].take();
        answers.push((answer.status, body));
    }
    assert_eq!((answers[0].0.as_u16(), &answers[0].1), (404, &answers[1].1));
    let ben = ("cookie", "soko=ben-token");
    for slug in ["florist", "invented"] {
        let answer = house.ask("GET", &format!("http://localhost/t/{slug}/admin/fruit"), &[ben], "").await;
        assert_eq!(answer.status, 404, "{slug}");
    }
}

#[tokio::test]
async fn a_key_does_what_it_holds_and_no_more() {
    let house = House::developing().await;
    let url = "http://localhost/t/bakery/api/v1/fruits";
    for (bearer, read, write) in
        [("sk_bakery", 200, 201), ("pk_bakery", 200, 403), ("sk_florist", 404, 404), ("sk_gone", 401, 401)]
    {
        let line = format!("Bearer {bearer}");
        let headers = [("authorization", line.as_str()), ("content-type", "application/json")];
        assert_eq!(house.ask("GET", url, &headers, "").await.status, read, "{bearer}");
        assert_eq!(house.ask("POST", url, &headers, r#"{"id":"mango"}"#).await.status, write, "{bearer}");
    }
    assert_eq!(
        house
            .ask("GET", "http://localhost/t/bakery/admin/fruit", &[("cookie", "soko=ben-token")], "")
            .await
            .status,
        403
    );
    assert_eq!(house.ask("GET", "http://localhost/operator", &[AWA], "").await.status, 404);
    assert_eq!(
        house.ask("GET", "http://localhost/operator", &[("cookie", "soko=op-token")], "").await.status,
        200
    );
}

#[tokio::test]
async fn a_write_by_cookie_comes_from_our_own_page_of_this_session_and_tenant() {
    let house = House::developing().await;
    let url = "http://localhost/t/bakery/admin/fruit";
    let token = house.ask("GET", url, &[AWA], "").await.csrf();
    let foreign = house.ask("GET", "http://localhost/t/florist/admin/fruit", &[AWA], "").await.csrf();
    let good = format!("name=a&name=b&csrf={token}");
    let answer = house.ask("POST", url, &[AWA, FORM, OURS], &good).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["names"]), (200, &serde_json::json!(["a", "b"])));
    let same = house.ask("POST", url, &[AWA, FORM, ("sec-fetch-site", "same-origin")], &good).await;
    assert_eq!(same.status, 200);
    let by_header = house.ask("POST", url, &[AWA, FORM, OURS, ("x-csrf-token", &token)], "name=a").await;
    assert_eq!(by_header.status, 200);

    for body in ["name=a".to_owned(), format!("csrf={foreign}"), "csrf=00".to_owned()] {
        assert_eq!(house.ask("POST", url, &[AWA, FORM, OURS], &body).await.status, 403, "{body}");
    }
    for origin in [
        vec![],
        vec![("sec-fetch-site", "same-site")],
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "none")],
        vec![("origin", "null")],
        vec![("origin", "http://evil.example")],
        vec![("origin", "http://localhost:81")],
        vec![OURS, ("sec-fetch-site", "same-site")],
        vec![("origin", "http://evil.example"), ("sec-fetch-site", "same-origin")],
    ] {
        let headers: Vec<_> = [AWA, FORM].into_iter().chain(origin.clone()).collect();
        assert_eq!(house.ask("POST", url, &headers, &good).await.status, 403, "{origin:?}");
    }
}

#[tokio::test]
async fn a_shoppers_form_needs_no_token_but_our_origin_and_a_provider_needs_neither() {
    let house = House::developing().await;
    let cart = "http://localhost/t/bakery/cart";
    assert_eq!(house.ask("POST", cart, &[OURS], "").await.status, 200);
    assert_eq!(house.ask("POST", cart, &[], "").await.status, 403);
    assert_eq!(house.ask("POST", cart, &[("origin", "https://evil.example")], "").await.status, 403);
    let called = house.ask("POST", "http://localhost/t/bakery/callback", &[], "{}").await;
    assert_eq!((called.status.as_u16(), &called.json()["actor"]), (200, &"provider".into()));
}

#[tokio::test]
async fn a_form_with_files_brings_its_token_first() {
    let house = House::developing().await;
    let url = "http://localhost/t/bakery/admin/upload";
    let token = house.ask("GET", "http://localhost/t/bakery/admin/fruit", &[AWA], "").await.csrf();
    let kind = ("content-type", "multipart/form-data; boundary=x");
    let file = "a".repeat(2 << 20);
    let body = |token: &str| {
        format!(
            "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n\
             --x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n\
             --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{file}\r\n--x--\r\n"
        )
    };
    let answer = house.ask("POST", url, &[AWA, OURS, kind], &body(&token)).await;
    assert_eq!(answer.json(), serde_json::json!({"sizes": [2 << 20], "note": "hello"}), "{}", answer.body);
    assert_eq!(house.ask("POST", url, &[AWA, OURS, kind], &body("00")).await.status, 403);
}

#[tokio::test]
async fn a_suspended_business_says_so_politely() {
    let house = House::developing().await;
    house.app.db.suspend(house.bakery.clone(), |_| Ok::<_, db::Error>(())).await.unwrap();
    let shop = house.ask("GET", "http://localhost/t/bakery/?lang=fr", &[], "").await;
    assert_eq!(shop.status, 503);
    assert!(shop.body.contains("fermé pour le moment"), "{}", shop.body);
    let api = house
        .ask("GET", "http://localhost/t/bakery/api/v1/fruits", &[("authorization", "Bearer sk_bakery")], "")
        .await;
    assert_eq!((api.status.as_u16(), &api.json()["code"]), (403, &"tenant-suspended".into()));
    assert_eq!(house.ask("GET", "http://localhost/t/florist/", &[], "").await.status, 200);
}

#[tokio::test]
async fn only_a_trusted_proxy_says_whose_request_it_is() {
    let trusting = House::in_production().await;
    let forwarded = ("x-forwarded-for", "203.0.113.9");
    let answer = trusting.ask("GET", "https://office.example.org/api/whoami", &[forwarded], "").await;
    assert_eq!(answer.json()["address"], "203.0.113.9");
    let developing = House::developing().await;
    let answer = developing.ask("GET", "http://localhost/api/whoami", &[forwarded], "").await;
    assert_eq!(answer.json()["address"], "127.0.0.1");
}

#[tokio::test]
async fn sign_in_cookies_are_bound_to_their_host_in_production() {
    let house = House::in_production().await;
    let answer = house
        .ask("POST", "https://office.example.org/sign-in", &[("origin", "https://office.example.org")], "")
        .await;
    assert_eq!(
        answer.header("set-cookie"),
        "__Host-soko=awa-token; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
    );
    let plain = house.ask("GET", "https://office.example.org/account", &[AWA], "").await;
    assert_eq!(plain.status, 303);
    let bound = house
        .ask("GET", "https://office.example.org/account", &[("cookie", "__Host-soko=awa-token")], "")
        .await;
    assert_eq!(bound.status, 200);
    let shop_origin = [("cookie", "__Host-soko=awa-token"), ("origin", "https://shop.example.net")];
    assert_eq!(house.ask("POST", "https://office.example.org/sign-in", &shop_origin, "").await.status, 403);
}

#[tokio::test]
async fn the_table_says_who_may_call_each_route_as_its_handler_declares() {
    use edge::{Access, Site};
    let house = House::developing().await;
    let of = |method: &str, path: &str| {
        let found = house.table.iter().find(|rule| rule.method == *method && rule.path == path);
        found.map(|rule| (rule.site, rule.access)).unwrap()
    };
    assert_eq!(of("POST", "/t/{slug}/api/v1/fruits"), (Site::Api, Access::Member("fruit.pick")));
    assert_eq!(of("GET", "/t/{slug}/api/v1/fruits"), (Site::Api, Access::Reader));
    assert_eq!(of("GET", "/t/{slug}/"), (Site::Shop, Access::Visitor));
    assert_eq!(of("POST", "/t/{slug}/callback"), (Site::Shop, Access::Callback));
    assert_eq!(of("GET", "/operator"), (Site::Office, Access::Operator));
}
