//! Files that come in: hostile ones are refused with a reason and change nothing, real ones can be sold from and go out and
//! in again unchanged.

mod house;

use std::fmt::Write;

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use house::{House, Shop, order};
use serde_json::{Value, json};
use tower::ServiceExt;

const SHOPIFY: &[u8] = include_bytes!("data/shopify-apparel.csv");
const WOOCOMMERCE: &[u8] = include_bytes!("data/woocommerce-sample.csv");
const MIB: usize = 1 << 20;

/// Sends bytes to the import; `headers` beside the key and the type.
async fn bring_in(
    house: &House,
    shop: &Shop,
    file: impl Into<Vec<u8>>,
    headers: &[(&str, &str)],
) -> (StatusCode, Value) {
    let mut request = Request::post(shop.api("/imports"))
        .header("host", "localhost")
        .header("authorization", shop.bearer())
        .header("content-type", "text/csv");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(file.into())).expect("a request");
    let response = house.router.clone().oneshot(request).await.expect("an answer");
    let status = response.status();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    (status, serde_json::from_slice(&bytes).expect("JSON"))
}

async fn products(house: &House, shop: &Shop) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = shop.read(house, &format!("/products?limit=10{cursor}")).await.json();
        for item in page["items"].as_array().expect("products") {
            let id = item["id"].as_str().expect("an id");
            found.push(shop.read(house, &format!("/products/{id}")).await.json());
        }
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

fn hostile() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let heading = "Handle,Title,Variant Price\n";
    let utf16: Vec<u8> = "Handle,Titl".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut one_handle = "Handle,Title,Option1 Name,Option1 Value,Variant Price\nx,X,N,0,1\n".to_owned();
    for row in 1..100_000 {
        let _ = writeln!(one_handle, "x,,,{row},1");
    }
    let gzip = [&[0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], &[0xED; 4096][..]].concat();
    vec![
        ("nothing", Vec::new(), "empty"),
        ("a cell of 100 MiB", [heading.as_bytes(), &vec![b'a'; 100 * MIB]].concat(), ""),
        ("a cell of 10 MiB", [heading.as_bytes(), &vec![b'a'; 10 * MIB]].concat(), "cell is larger"),
        (
            "a quoted cell of 10 MiB",
            [heading.as_bytes(), b"\"", &vec![b'a'; 10 * MIB], b"\""].concat(),
            "cell is larger",
        ),
        ("a million columns", "c,".repeat(1_000_000).into_bytes(), "columns"),
        (
            "a million cells under few headings",
            [heading, &"c,".repeat(1_000_000)].concat().into_bytes(),
            "columns",
        ),
        ("zero bytes", b"Handle,Title,Variant Price\nx,\0X,1\n".to_vec(), "zero bytes"),
        ("UTF-16 without its mark", utf16.clone(), "zero bytes"),
        ("half a letter of UTF-16", [&[0xFF, 0xFE][..], &utf16, &[0x00, 0xD8, 0x41]].concat(), "UTF-16"),
        (
            "a quote that never closes",
            b"Handle,Title,Variant Price\nx,\"X,1\ny,Y,2\n".to_vec(),
            "never closed",
        ),
        ("a file that is none", b"{\"a\":[[[[[".to_vec(), "heading"),
        ("deep JSON", "[".repeat(MIB).into_bytes(), "cell is larger"),
        ("a heading twice", b"Title,Title,Variant Price\nx,X,1\n".to_vec(), "twice"),
        ("something packed", gzip, ""),
        ("one product of 100,000 lines", one_handle.into_bytes(), ""),
    ]
}

on_both_engines! {
    async fn a_hostile_file_is_refused_with_line_and_reason(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        for (what, file, word) in hostile() {
            let (status, answer) = bring_in(&house, &shop, file, &[]).await;
            let (line, reason) = if status == 200 {
                // the file reads, but not one product of it is taken
                assert_eq!((&answer["created"], &answer["changed"]), (&json!(0), &json!(0)), "{what}: {answer}");
                let refused = &answer["lines"][0];
                (refused["line"].to_string(), refused["reason"].as_str().unwrap_or_default().to_owned())
            } else {
                assert!(status.is_client_error(), "{what}: {status} {answer}");
                let line = answer["errors"][0]["field"].as_str().unwrap_or_default().to_owned();
                (line, answer["detail"].as_str().unwrap_or_default().to_owned())
            };
            let placed = line.chars().any(char::is_numeric) || status == StatusCode::PAYLOAD_TOO_LARGE;
            assert!(placed && !reason.is_empty() && reason.contains(word), "{what}: {status} {answer}");
        }
        assert!(products(&house, &shop).await.is_empty());
        let (status, answer) = bring_in(&house, &shop, SHOPIFY, &[("content-encoding", "gzip")]).await;
        assert!(status.is_success() || status.is_client_error(), "{answer}");
    }

    async fn a_deep_or_endless_body_is_refused(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        let deep = "[".repeat(500_000);
        let bodies = [deep.clone(), format!("{{\"title\":{deep}"), format!("{{\"title\":\"{}\"}}", "a".repeat(2 * MIB))];
        for rest in ["/products", "/orders", "/carts", "/members", "/keys", "/stock/adjustments"] {
            for body in &bodies {
                let bearer = shop.bearer();
                let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
                let url = format!("http://localhost{}", shop.api(rest));
                let answer = edge::testing::ask(&house.router, "POST", &url, &headers, body).await;
                assert!([400, 413, 422].contains(&answer.status.as_u16()), "{rest}: {} {}", answer.status, answer.body);
                assert!(answer.body.len() < 2000, "{rest} gives back what it was sent");
            }
        }
    }

    async fn what_looks_like_a_formula_goes_out_and_comes_in_as_it_was(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        let titles = ["=1+1", "'=1", "@x", "+33", "-5", "''=x", "'plain", "tab\u{a0}=", "a,\"b\"", "ligne ; deux"];
        for (number, title) in titles.iter().enumerate() {
            shop.has_product(&house, title, &format!("={number}"), 1_00, Some(3)).await;
        }
        let before = products(&house, &shop).await;
        let first = shop.read(&house, "/export").await.body;
        assert!(!first.contains("\n=") && !first.contains(",=") && !first.contains(",@x"), "{first}");
        let (status, report) = bring_in(&house, &shop, first.clone(), &[]).await;
        assert_eq!(status, 200, "{report}");
        let wanted = json!([0, 0, 0, titles.len()]);
        assert_eq!(json!([report["created"], report["changed"], report["refused"], report["unchanged"]]), wanted, "{report}");
        assert_eq!(products(&house, &shop).await, before);
        assert_eq!(shop.read(&house, "/export").await.body, first);
        // another business reads the same out of it
        let other = house.sign_up("Autre", "binta.sow").await;
        let (status, report) = bring_in(&house, &other, first.clone(), &[]).await;
        assert_eq!((status, &report["created"]), (StatusCode::OK, &json!(titles.len())), "{report}");
        let mut copied: Vec<String> =
            products(&house, &other).await.iter().map(|product| product["title"].as_str().unwrap().to_owned()).collect();
        copied.sort();
        let mut wanted: Vec<&str> = titles.to_vec();
        wanted.sort_unstable();
        assert_eq!(copied, wanted);
    }

    async fn a_shopify_file_is_sold_from_and_survives_export(house: House) {
        let shop = house.sign_up("Vêtements", "awa.diallo").await;
        let report = sells_from(&house, &shop, SHOPIFY).await;
        assert_eq!(report["format"], "shopify");
        assert_eq!(report["refused"], 0, "{report}");
    }

    async fn a_woocommerce_file_is_sold_from_and_survives_export(house: House) {
        let shop = house.sign_up("Vêtements", "awa.diallo").await;
        let report = sells_from(&house, &shop, WOOCOMMERCE).await;
        assert_eq!(report["format"], "woocommerce");
        let refused: Vec<&str> = lines(&report, "refused").filter_map(|line| line["reason"].as_str()).collect();
        assert_eq!(refused.len(), report["refused"].as_u64().unwrap() as usize);
        for word in ["another site", "a list of other products", "delivered as a file"] {
            assert!(refused.iter().any(|reason| reason.contains(word)), "{word}: {refused:?}");
        }
    }
}

fn lines<'r>(report: &'r Value, outcome: &'static str) -> impl Iterator<Item = &'r Value> {
    let all = report["lines"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().filter(move |line| line["outcome"] == outcome)
}

/// Brings a file in, takes it out and in again, sells one of everything, and gives back the first report.
async fn sells_from(house: &House, shop: &Shop, file: &[u8]) -> Value {
    let (status, preview) = bring_in_as(house, shop, file, "?preview=true").await;
    assert_eq!(status, 200, "{preview}");
    assert!(products(house, shop).await.is_empty(), "a preview changes nothing");
    let (status, report) = bring_in(house, shop, file, &[]).await;
    assert_eq!(status, 200, "{report}");
    assert_eq!(report["created"], preview["created"]);
    let created = report["created"].as_u64().expect("a number");
    assert!(created > 0, "{report}");
    let (_, again) = bring_in(house, shop, file, &[]).await;
    assert_eq!(json!([again["created"], again["changed"]]), json!([0, 0]), "the same file again: {again}");
    let made = products(house, shop).await;
    assert_eq!(made.len() as u64, created);
    let out = shop.read(house, "/export").await.body;
    let (_, back) = bring_in(house, shop, out.clone(), &[]).await;
    assert_eq!(
        json!([back["created"], back["changed"], back["refused"]]),
        json!([0, 0, 0]),
        "the export: {back}"
    );
    assert_eq!(back["unchanged"], json!(created));
    assert_eq!(products(house, shop).await, made);
    assert_eq!(shop.read(house, "/export").await.body, out);
    let mut sold = 0;
    for product in made.iter().filter(|product| product["state"] == "active") {
        for variant in product["variants"].as_array().expect("variants") {
            sells(house, shop, product, variant).await;
            sold += 1;
        }
        let front =
            house.get(&shop.path(&format!("/products/{}", product["handle"].as_str().unwrap())), &[]).await;
        assert_eq!(front.status, 200, "{product}");
    }
    assert!(sold as u64 >= created / 2, "{sold} variants of {created} products");
    report
}

async fn bring_in_as(house: &House, shop: &Shop, file: &[u8], query: &str) -> (StatusCode, Value) {
    let csv = String::from_utf8(file.to_vec()).expect("UTF-8");
    let bearer = shop.bearer();
    let headers = [("authorization", bearer.as_str()), ("content-type", "text/csv")];
    let url = format!("http://localhost{}{query}", shop.api("/imports"));
    let answer = edge::testing::ask(&house.router, "POST", &url, &headers, &csv).await;
    (answer.status, answer.json())
}

/// One of it is ordered: it is sold, or it is counted and there is none.
async fn sells(house: &House, shop: &Shop, product: &Value, variant: &Value) {
    let id = variant["id"].as_str().expect("an id");
    let mut wanted = order("", 1, "cod");
    wanted["lines"] = json!([{ "variant": id, "quantity": 1 }]);
    let placed = shop.call(house, "POST", "/orders", &wanted).await;
    let levels = shop.read(house, &format!("/stock/{id}")).await.json();
    let none_left = || {
        levels["items"]
            .as_array()
            .is_none_or(|levels| levels.iter().all(|level| level["available"] == json!(0)))
    };
    let counted = variant["tracked"] == json!(true) && variant["sellWhenOut"] != json!(true);
    match placed.status.as_u16() {
        201 => assert_eq!(placed.json()["total"]["currency"], "EUR"),
        409 => assert!(
            counted && none_left(),
            "{} is not sold: {} {levels} {variant}",
            product["title"],
            placed.body
        ),
        status => panic!("{} {variant}: {status} {}", product["title"], placed.body),
    }
}
