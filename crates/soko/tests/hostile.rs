//! A merchant, staff and a customer who write markup and scripts wherever they may write: every page that can be reached by
//! links shows them as words, and no link leads nowhere.

mod house;

use std::collections::{BTreeSet, VecDeque};

use edge::testing::Answer;
use house::{House, Shop};
use operations::command::Command;
use scraper::{Html, Node};
use serde_json::{Value, json};

/// Each breaks out of another place: text, an attribute, a script, a style, an address, a template.
const CORPUS: [&str; 12] = [
    "<script>planted(1)</script>",
    "</script><script src=//evil.example/2.js></script>",
    "\"><img src=x onerror=planted(3)>",
    "' onmouseover='planted(4)' x='",
    "javascript:planted(5)",
    "<svg/onload=planted(6)>",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "<style>@import'//evil.example/8'</style>",
    "</title></textarea><iframe src=//evil.example/9>",
    "<a href=javascript:planted(10)>x</a>",
    "<base href=//evil.example/11>",
    "<meta http-equiv=refresh content=0;url=//evil.example/12>",
];

/// Everything a person can write, `word` in each of it.
async fn write_everywhere(house: &House, shop: &Shop, word: &str) -> Vec<String> {
    let call = async |method: &str, rest: &str, body: Value| -> Value {
        let answer = shop.call(house, method, rest, &body).await;
        assert!(
            answer.status.is_success() || answer.status == 422,
            "{method} {rest} {word}: {}",
            answer.body
        );
        if answer.status.is_success() { answer.json() } else { Value::Null }
    };
    call("POST", "/categories", json!({ "path": word })).await;
    let price = json!({ "amount": 500, "currency": "EUR" });
    let variants = json!([
        { "sku": word, "barcode": word, "options": [word], "price": price, "stock": 9 },
        { "options": ["other"], "price": price },
    ]);
    let product = json!({
        "title": word, "description": word, "vendor": word, "kind": word, "tags": [word], "images": [word],
        "options": [word], "variants": variants,
    });
    let mut made = call("POST", "/products", product).await;
    if made.is_null() {
        // what is more than words (an address, a code) may refuse it; the words alone may not
        let product = json!({
            "title": word, "description": word, "vendor": word, "kind": word,
            "options": [word], "variants": [{ "options": [word], "price": price, "stock": 9 }],
        });
        made = call("POST", "/products", product).await;
    }
    let variant = &made["variants"][0]["id"];
    assert!(variant.is_string(), "no product is called {word}: {made}");
    call(
        "POST",
        "/stock/adjustments",
        json!({ "variant": variant, "delta": 1, "reason": "received", "note": word }),
    )
    .await;
    let said = shop::look::Said::in_one(base::Language::Fr, word);
    let compose = move |tx: &mut db::Tx<'_>| {
        let text = shop::look::Content::Text { text: said.clone() };
        let id = shop::look::add_section(tx, &text)?;
        shop::look::put_section(tx, &shop::look::Section { id, title: said.clone(), content: text })?;
        shop::look::edit(tx, |_, look| {
            look.announcement = said.clone();
            look.summary = said.clone();
            Ok(())
        })?;
        shop::look::publish(tx)
    };
    house.soko.app.db.write(shop.scope(house).await, compose).await.expect("the front page is composed");
    call("POST", "/members", json!({ "name": word, "roles": [{ "role": "cashier" }] })).await;
    call("POST", "/keys", json!({ "name": word })).await;
    call("POST", "/locations", json!({ "name": word, "address": word })).await;
    let rates = json!([{ "from": "2020-01-01", "kind": "standard", "percent": "20", "name": word }]);
    call("POST", "/tax-codes", json!({ "code": "c", "name": word, "rates": rates })).await;
    let fee = json!({ "amount": 0, "currency": "EUR" });
    let zone = json!({ "name": word, "covers": { "quarters": [word] }, "fee": fee, "words": word });
    call("POST", "/delivery-zones", zone).await;
    call("PUT", "/pause", json!({ "words": word, "sells": true })).await;
    let order = json!({
        "lines": [{ "variant": variant, "quantity": 2 }],
        "customer": { "name": word, "phone": "+224620000000" },
        "shipping": { "method": "delivery", "quarter": word, "landmark": word, "street": word, "city": word, "country": "GN" },
        "payment": { "method": "manual" },
        "note": word,
    });
    let order = call("POST", "/orders", order).await;
    let id = order["id"].as_str().unwrap_or_else(|| panic!("no order is for {word}")).to_owned();
    let page = shop.page_of(house, &id).await;
    let typed = house.form(&format!("{page}/reference"), "", &[("reference", word)]).await;
    assert!(matches!(typed.status.as_u16(), 303 | 422), "{}", typed.body);
    let payment = order["payment"]["id"].as_str().expect("a payment");
    let confirmed = json!({ "action": "confirm", "reference": word });
    call("POST", &format!("/payments/{payment}"), confirmed).await;
    call("POST", &format!("/orders/{id}/documents"), json!({ "type": "invoice" })).await;
    let shipped = json!({ "step": "ship", "carrier": word, "tracking": word });
    call("POST", &format!("/orders/{id}/fulfilments"), shipped).await;
    let refund = json!({ "amount": { "amount": 1_00, "currency": "EUR" }, "byHand": true, "reason": word });
    call("POST", &format!("/orders/{id}/refunds"), refund).await;
    vec![
        page,
        shop.path(&format!("/products?q={}", house::quoted(word))),
        shop.path(&format!("/admin/products?q={}", house::quoted(word))),
    ]
}

/// The paths of our own that a page points to by link, picture or form that only asks.
fn paths_of(page: &Html) -> Vec<String> {
    let elements = page.tree.values().filter_map(Node::as_element);
    let target = |element: &scraper::node::Element| -> Option<String> {
        let name = match element.name() {
            "a" | "link" => "href",
            "img" | "script" => "src",
            "form" if element.attr("method").is_none_or(|method| method == "get") => "action",
            _ => return None,
        };
        element.attr(name).map(str::to_owned)
    };
    let inside = |path: String| {
        let path = path.strip_prefix("http://localhost").unwrap_or(&path).to_owned();
        path.starts_with('/').then(|| path.split('#').next().unwrap_or_default().to_owned())
    };
    elements.filter_map(target).filter_map(inside).collect()
}

/// What on the page could do more than show words.
fn dangers(page: &Html) -> Vec<String> {
    let mut found = Vec::new();
    for node in page.tree.nodes() {
        let Some(element) = node.value().as_element() else { continue };
        let name = element.name();
        let ours = |address: &str| address.starts_with("/assets/");
        let text: String = node
            .children()
            .filter_map(|child| child.value().as_text().map(|text| text.to_string()))
            .collect();
        let harmless = match name {
            // data is no script, as long as it is nothing but data
            "script" if element.attr("type") == Some("application/ld+json") => {
                serde_json::from_str::<Value>(&text).is_ok() && !text.contains('<')
            }
            "script" => element.attr("src").is_some_and(ours),
            // a shop's colours; the policy names their bytes
            "style" => is_palette(&text),
            "svg" => element.attr("class") == Some("icon") || element.attr("viewBox").is_some(),
            // what could act inside of a drawing is in none of ours
            "foreignobject" | "foreignObject" | "animate" | "animateTransform" | "set" => false,
            "iframe" | "object" | "embed" | "base" | "frame" | "applet" | "math" => false,
            "meta" => element.attr("http-equiv").is_none(),
            _ => true,
        };
        if !harmless {
            found.push(format!("<{name}>"));
        }
        for (attribute, value) in element.attrs() {
            let acts = attribute.starts_with("on")
                || matches!(attribute, "style" | "srcdoc" | "formaction" | "ping");
            let leads =
                matches!(attribute, "href" | "src" | "action" | "poster" | "data" | "srcset" | "background");
            if acts || (leads && !leads_well(value)) {
                found.push(format!("<{name} {attribute}={value:?}>"));
            }
        }
    }
    found
}

/// Whether a style says colours, corners and letters, and nothing else.
fn is_palette(style: &str) -> bool {
    style.starts_with(":root{--")
        && style.matches('@').count() == 1
        && style.contains("@media(prefers-color-scheme:dark)")
        && !style.contains("url(")
        && !style.contains('<')
}

/// Whether an address stays here, or goes where our own pages send people.
fn leads_well(address: &str) -> bool {
    // the shop's own address, as it is passed on
    let known =
        ["http://localhost/", "http://localhost:8080/t/", "https://wa.me/", "tel:+", "mailto:", "#", "?"];
    (address.starts_with('/') && !address.starts_with("//") && !address.starts_with("/\\"))
        || known.iter().any(|known| address.starts_with(known))
}

/// Follows every link from `start` on, and says what all pages together show.
async fn visit_all(house: &House, who: &str, cookie: &str, start: Vec<String>) -> String {
    let mut waiting: VecDeque<(String, String)> =
        start.into_iter().map(|path| (path, "the start".to_owned())).collect();
    let mut seen: BTreeSet<String> = waiting.iter().map(|(path, _)| path.clone()).collect();
    let mut shown = String::new();
    let mut pages = 0;
    while let Some((path, from)) = waiting.pop_front() {
        let answer = house.get(&path, &[("cookie", cookie), ("accept", "text/html")]).await;
        let at = format!("{path}, as {who}, linked from {from}");
        if answer.status.is_redirection() {
            let to = answer.header("location").trim_start_matches("http://localhost").to_owned();
            assert!(leads_well(&to), "{at}: leads to {to}");
            if seen.insert(to.clone()) {
                waiting.push_back((to, path));
            }
            continue;
        }
        assert_eq!(answer.status, 200, "{at}: {}", answer.body);
        if !answer.header("content-type").starts_with("text/html") {
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{at}");
            continue;
        }
        let page = look_at(&answer, &at);
        shown.extend(page.root_element().text());
        pages += 1;
        for path in paths_of(&page) {
            if seen.insert(path.clone()) {
                waiting.push_back((path, at.clone()));
            }
        }
        assert!(pages < 1_500, "{who} finds no end: {path}");
    }
    shown
}

/// The page, which must hold nothing that acts.
fn look_at(answer: &Answer, at: &str) -> Html {
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src http://localhost/assets/"), "{at}: {policy}");
    assert!(!policy.contains("unsafe"), "{at}: {policy}");
    let page = Html::parse_document(&answer.body);
    assert_eq!(dangers(&page), Vec::<String>::new(), "{at}");
    page
}

on_both_engines! {
    async fn what_people_write_is_shown_and_does_nothing(house: House) {
        let shop = house.sign_up("Une </title><script>planted(0)</script>", "awa.diallo").await;
        // the business's first location is older than those that follow
        house.clock.advance_s(1);
        let instructions = json!({ "enabled": true, "instructions": CORPUS.join("\n") });
        let set = shop.call(&house, "PUT", "/payment-methods/manual", &instructions).await;
        assert_eq!(set.status, 200, "{}", set.body);
        shop.delivers(&house, "Everywhere", json!("everywhere"), 0).await;
        let mut customer = vec![shop.path("/"), shop.path("/contact")];
        let mut owner = vec![shop.path("/admin"), "/account".to_owned(), "/signup".to_owned(), "/".to_owned()];
        for word in CORPUS {
            for path in write_everywhere(&house, &shop, word).await {
                if path.contains("/admin") { owner.push(path) } else { customer.push(path) }
            }
        }
        let (login, password) = ("root.root".parse().expect("a login"), house::PASSWORD.to_owned());
        house.command(Command::AdminCreate { login, password }).await;
        let operator = house.sign_in("root.root").await;

        let in_shop = visit_all(&house, "a customer", "", customer).await;
        let in_office = visit_all(&house, "the owner", &shop.cookie, owner).await;
        let at_operators = visit_all(&house, "the operator", &operator, vec!["/operator".to_owned()]).await;
        for word in CORPUS {
            assert!(in_shop.contains(word), "{word} is not shown in the shop");
            assert!(in_office.contains(word), "{word} is not shown in the office");
        }
        assert!(at_operators.contains("<script>planted(0)</script>"));
    }
}

#[test]
fn a_page_that_acts_is_caught() {
    let acting = [
        "<p onclick=planted()>",
        "<script>planted()</script>",
        "<script src=//evil.example/a.js></script>",
        "<a href=' javascript:planted()'>",
        "<a href=//evil.example/>",
        "<form action=https://evil.example/>",
        "<p style='background:url(//evil.example)'>",
        "<svg></svg>",
        "<style>p{color:red}</style>",
        "<script type='application/ld+json'>planted()</script>",
        "<base href=/>",
        "<button formaction=/x>",
    ];
    for markup in acting {
        assert!(!dangers(&Html::parse_document(markup)).is_empty(), "{markup}");
    }
    let quiet =
        "<script src=/assets/a.js></script><a href='/t/a/'>a</a><a href='?page=2'>b</a><img src='/x.png'>";
    assert_eq!(dangers(&Html::parse_document(quiet)), Vec::<String>::new());
}
