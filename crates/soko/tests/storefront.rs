//! The shop as its owner composes it and as visitors see it, on both engines.

mod house;

use base64::Engine;
use house::{House, Shop, picture, quoted};
use sha2::{Digest, Sha256};

/// As a policy names a style.
fn sha256(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text.as_bytes()))
}

/// The owner sends a form of the back office.
async fn owner(house: &House, shop: &Shop, rest: &str, fields: &[(&str, &str)]) -> edge::testing::Answer {
    let token = house.token(&shop.path("/admin/shop"), &shop.cookie).await;
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", quoted(value))).collect();
    house
        .office("POST", &shop.path(&format!("/admin/shop{rest}")), &shop.cookie, &token, &body.join("&"))
        .await
}

/// Adds a section and says what it holds; gives its path in the back office.
async fn has_section(house: &House, shop: &Shop, kind: &str, fields: &[(&str, &str)]) -> String {
    let added = owner(house, shop, "/sections", &[("kind", kind)]).await;
    let path = added.header("location").split("/admin/shop").nth(1).expect("the section's page").to_owned();
    let saved = owner(house, shop, &path, fields).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    path
}

/// The owner sends a file by a form of the back office.
async fn sends(house: &House, shop: &Shop, rest: &str, file: &[u8]) -> edge::testing::Answer {
    let token = house.token(&shop.path("/admin/shop"), &shop.cookie).await;
    let mut body =
        b"--cut\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n".to_vec();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--cut--\r\n");
    let headers = [
        ("cookie", shop.cookie.as_str()),
        ("x-csrf-token", token.as_str()),
        ("origin", "http://localhost"),
        ("sec-fetch-site", "same-origin"),
        ("content-type", "multipart/form-data; boundary=cut"),
    ];
    let url = format!("http://localhost{}", shop.path(&format!("/admin/shop{rest}")));
    edge::testing::ask(&house.router, "POST", &url, &headers, body).await
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    text.split(from).nth(1).and_then(|rest| rest.split(to).next()).unwrap_or_default()
}

on_both_engines! {
    async fn visitors_see_the_front_page_only_when_it_is_published(house: House) {
        let shop = house.sign_up("Boutique Awa", "awa.diallo").await;
        shop.has_product(&house, "Pagne bleu", "PAGNE", 100_00, Some(3)).await;
        let front = async || house.get(&shop.path("/"), &[]).await.body;
        assert!(front().await.contains("Pagne bleu"), "a shop that said nothing shows its goods");

        has_section(&house, &shop, "hero", &[("title.fr", "Bienvenue <b>"), ("title.en", "Welcome")]).await;
        assert!(!front().await.contains("Bienvenue"));
        let made = owner(&house, &shop, "/preview", &[]).await;
        let token = made.header("location").split("preview=").nth(1).expect("a token").to_owned();
        let preview = shop.path(&format!("/preview/{token}"));
        let seen = house.get(&format!("{preview}?lang=fr"), &[]).await;
        assert!(seen.body.contains("Bienvenue") && seen.body.contains("noindex"), "{}", seen.body);
        assert!(seen.header("content-security-policy").contains("frame-ancestors 'self'"));
        assert_eq!(seen.header("cache-control"), "no-store");

        owner(&house, &shop, "/publish", &[("action", "publish")]).await;
        let shown = house.get(&shop.path("/?lang=fr"), &[]).await.body;
        assert!(shown.contains("Bienvenue &#60;b&#62;") && !shown.contains("Welcome"), "{shown}");
        assert!(house.get(&shop.path("/?lang=en"), &[]).await.body.contains("Welcome"));
        house.clock.advance_s(601);
        assert_eq!(house.get(&preview, &[]).await.status, 404);
    }

    async fn an_earlier_version_comes_back_and_five_are_kept(house: House) {
        let shop = house.sign_up("Boutique Awa", "awa.diallo").await;
        let section = has_section(&house, &shop, "hero", &[("title.fr", "Titre 1")]).await;
        owner(&house, &shop, "/publish", &[("action", "publish")]).await;
        for number in 2..=8 {
            owner(&house, &shop, &section, &[("title.fr", &format!("Titre {number}"))]).await;
            owner(&house, &shop, "/publish", &[("action", "publish")]).await;
        }
        let front = async || house.get(&shop.path("/"), &[]).await.body;
        assert!(front().await.contains("Titre 8"));
        assert_eq!(owner(&house, &shop, "/undo", &[("version", "2")]).await.status, 404);
        assert_eq!(owner(&house, &shop, "/undo", &[("version", "3")]).await.status, 303);
        assert!(front().await.contains("Titre 3"));
        assert_eq!(owner(&house, &shop, "/undo", &[("version", "8")]).await.status, 303);
        assert!(front().await.contains("Titre 8"), "nothing that was published is lost by an undo");
    }

    async fn the_colours_of_a_shop_reach_its_pages_under_their_hash(house: House) {
        let shop = house.sign_up("Boutique Awa", "awa.diallo").await;
        let colours = [("accent", "#ffe600"), ("tone", "warm"), ("layout", "large")];
        assert_eq!(owner(&house, &shop, "/look", &colours).await.status, 303);
        owner(&house, &shop, "/publish", &[("action", "publish")]).await;
        // the second look comes from the cache, and a third is told that nothing changed
        for _ in 0..2 {
            let page = house.get(&shop.path("/"), &[]).await;
            let style = between(&page.body, "<style>", "</style>");
            assert!(style.contains("--accent:#ffe600") && style.len() < 500, "{style}");
            let policy = page.header("content-security-policy").to_owned();
            assert!(policy.contains(&format!("'sha256-{}'", sha256(style))), "{policy}");
            let again = house.get(&shop.path("/"), &[("if-none-match", page.header("etag"))]).await;
            assert_eq!((again.status.as_u16(), again.header("content-security-policy")), (304, policy.as_str()));
        }
    }

    async fn logo_header_image_and_gallery_are_seen_once_they_are_published(house: House) {
        let shop = house.sign_up("Boutique Awa", "awa.diallo").await;
        shop.has_product(&house, "Pagne bleu", "PAGNE", 100_00, Some(3)).await;
        let front = async || house.get(&shop.path("/"), &[]).await.body;
        let hero = has_section(&house, &shop, "hero", &[("title.en", "Welcome")]).await;
        let gallery = has_section(&house, &shop, "gallery", &[]).await;

        for (path, shade) in [("/look/logo", 1), (hero.as_str(), 2), (hero.as_str(), 3)] {
            let path = if path.contains("logo") { path.to_owned() } else { format!("{path}/pictures") };
            let sent = sends(&house, &shop, &path, &picture(shade)).await;
            assert_eq!(sent.status, 303, "{}", sent.body);
        }
        for shade in 4..16 {
            assert_eq!(sends(&house, &shop, &format!("{gallery}/pictures"), &picture(shade)).await.status, 303);
        }
        let thirteenth = sends(&house, &shop, &format!("{gallery}/pictures"), &picture(16)).await;
        assert_eq!((thirteenth.status.as_u16(), thirteenth.body.contains("remove one first")), (409, true));
        let drawing = sends(&house, &shop, "/look/logo", b"<svg xmlns='http://www.w3.org/2000/svg'/>").await;
        assert_eq!((drawing.status.as_u16(), drawing.body.contains("PNG")), (422, true), "{}", drawing.body);
        assert!(!front().await.contains("<picture>"), "a draft is nobody else's");

        let said = [("action", "remove.0"), ("shot.1.alt.en", "Our market")];
        assert_eq!(owner(&house, &shop, &gallery, &said).await.status, 303);
        owner(&house, &shop, "/look", &[("accent", "#0a5c49")]).await;
        owner(&house, &shop, "/publish", &[("action", "publish")]).await;
        let shown = front().await;
        // the logo, the last of two header images, eleven in the gallery
        assert_eq!(shown.matches("<picture>").count(), 1 + 1 + 11, "{shown}");
        assert!(shown.contains("alt=\"Boutique Awa\"") && shown.contains("alt=\"Our market\""), "{shown}");
        assert!(shown.contains("property=\"og:image\""), "{shown}");
        let file = between(&shown, "<img src=\"", "\"");
        assert_eq!(house.get(file, &[]).await.header("content-type"), "image/jpeg");

        owner(&house, &shop, "/look/logo/remove", &[]).await;
        owner(&house, &shop, "/publish", &[("action", "publish")]).await;
        assert_eq!(front().await.matches("<picture>").count(), 12);
    }

    async fn lists_are_filtered_sorted_and_paged(house: House) {
        let shop = house.sign_up("Boutique Awa", "awa.diallo").await;
        for number in 1..=30 {
            let stock = i64::from(number % 10 != 0);
            let (title, sku) = (format!("Pagne n{number:02}."), format!("P{number}"));
            shop.has_product(&house, &title, &sku, number * 1_00, Some(stock)).await;
        }
        let page = async |rest: String| house.get(&shop.path(&rest), &[]).await.body;
        let titles = |body: &str| -> Vec<String> {
            let parts = body.split("<span class=\"title\">").skip(1);
            parts.filter_map(|part| part.split('<').next()).map(str::to_owned).collect()
        };
        let cheap = page("/products?sort=cheap".to_owned()).await;
        assert_eq!(titles(&cheap)[..2], ["Pagne n01.", "Pagne n02."]);
        assert!(cheap.contains("noindex"), "an order of the list is no page of its own");
        let cursor = between(&cheap, "cursor=", "\"").to_owned();
        let rest = page(format!("/products?sort=cheap&cursor={cursor}")).await;
        assert_eq!(titles(&rest).len(), 6);
        assert_eq!(titles(&rest)[0], "Pagne n25.");
        let some = page("/products?sort=dear&stock=1&from=9&to=11".to_owned()).await;
        assert_eq!(titles(&some), ["Pagne n11.", "Pagne n09."], "{some}");
        assert!(some.contains("sort=dear") && some.contains("href=\""));
        let none = page("/products?q=chemise".to_owned()).await;
        assert!(titles(&none).is_empty() && none.contains("chemise"));
    }

    async fn a_cart_counts_itself_on_pages_that_everybody_gets_alike(house: House) {
        let shop = house.sign_up("Boutique Awa", "awa.diallo").await;
        let product = shop.has_product(&house, "Pagne", "PAGNE", 100_00, Some(3)).await;
        let variant = product["variants"][0]["id"].as_str().unwrap();
        let added = house.form(&shop.path("/cart"), "", &[("variant", variant), ("quantity", "1")]).await;
        assert_eq!(added.status, 303, "{}", added.body);
        let lines: Vec<&str> =
            added.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok()).collect();
        let counter = lines.iter().find(|line| line.starts_with("items-boutique-awa=1")).expect("a counter");
        assert!(!counter.contains("HttpOnly"), "{counter}");
        let token = lines.iter().find(|line| line.starts_with("cart-boutique-awa=")).expect("a cart");
        assert!(token.contains("HttpOnly"), "{token}");
        let cookie = token.split(';').next().unwrap();
        let cart = house.get(&shop.path(&format!("/cart?added={variant}")), &[("cookie", cookie)]).await;
        assert!(cart.body.contains("role=\"status\"") && cart.body.contains("Pagne"), "{}", cart.body);
        let front = house.get(&shop.path("/"), &[("cookie", cookie)]).await;
        assert!(front.headers.contains_key("etag") && front.body.contains("data-cookie=\"items-boutique-awa\""));
    }

    async fn an_order_is_found_by_its_number_and_its_phone_and_never_guessed(house: House) {
        let shop = house.sign_up("Boutique Awa", "awa.diallo").await;
        shop.has_product(&house, "Pagne", "PAGNE", 100_00, Some(3)).await;
        let order = shop.orders(&house, "PAGNE", 1, "manual").await.json();
        let number = order["number"].to_string().trim_matches('"').to_owned();
        let ask = async |number: &str, contact: &str| {
            house.form(&shop.path("/orders"), "", &[("number", number), ("contact", contact)]).await
        };
        let found = ask(&number, "+224 620 00 00 00").await;
        assert_eq!(found.status, 303, "{}", found.body);
        let page = house.get(found.header("location"), &[]).await;
        assert_eq!(page.status, 200);
        let strip = |body: &str, number: &str| body.replace(number, "…");
        let wrong_phone = ask(&number, "+224 620 00 00 99").await;
        let no_order = ask("999999", "+224 620 00 00 99").await;
        assert_eq!(wrong_phone.status, 422);
        assert_eq!(strip(&wrong_phone.body, &number), strip(&no_order.body, "999999"));
        let mut refused = false;
        for _ in 0..10 {
            refused |= ask(&number, "+224 620 00 00 98").await.status == 429;
        }
        assert!(refused, "who guesses is slowed down");
    }

    async fn machines_read_what_a_page_is_about(house: House) {
        let shop = house.sign_up("Boutique Awa", "awa.diallo").await;
        shop.has_product(&house, "Pagne </script><b>", "PAGNE", 100_00, Some(3)).await;
        owner(&house, &shop, "/pages", &[("title.en", "Conditions de vente"), ("text.en", "Voici **tout**.")]).await;
        let front = house.get(&shop.path("/products"), &[]).await.body;
        let path = between(&front, "<ul class=\"products", "</ul>");
        let handle = between(path, "/products/", "\"").to_owned();
        let page = house.get(&shop.path(&format!("/products/{handle}")), &[]).await.body;
        let data = between(&page, "<script type=\"application/ld+json\">", "</script>");
        let read: serde_json::Value = serde_json::from_str(data).unwrap_or_else(|error| panic!("{error}: {data}"));
        assert_eq!(read["name"], "Pagne </script><b>");
        assert_eq!(read["offers"][0]["availability"], "https://schema.org/InStock");
        assert!(page.contains(&format!("<link rel=\"canonical\" href=\"http://localhost{}\"", shop.path(&format!("/products/{handle}")))));
        assert!(page.contains("og:title") && page.contains("twitter:card"));
        let terms = house.get(&shop.path("/pages/conditions-de-vente"), &[]).await;
        assert!(terms.body.contains("<strong>tout</strong>"), "{}", terms.body);
        let map = house.get(&shop.path("/sitemap/products.xml"), &[]).await;
        assert!(map.body.contains(&handle) && map.header("content-type").starts_with("application/xml"));
        let pages = house.get(&shop.path("/sitemap/pages.xml"), &[]).await.body;
        assert!(pages.contains("/pages/conditions-de-vente"), "{pages}");
        assert!(house.get(&shop.path("/robots.txt"), &[]).await.body.contains("/sitemap.xml"));
        assert!(house.get("/robots.txt", &[]).await.body.contains("Disallow: /t/*/cart"));
        let worker = house.get(&shop.path("/sw.js"), &[]).await;
        assert!(worker.body.len() < 4096 && worker.header("content-type").starts_with("text/javascript"));
        assert!(house.get(&shop.path("/"), &[]).await.header("content-security-policy").contains(&format!("worker-src http://localhost{}", shop.path("/sw.js"))));
    }

    async fn who_may_not_design_the_shop_does_not(house: House) {
        let shop = house.sign_up("Boutique Awa", "awa.diallo").await;
        let (_, cashier) = shop.employs(&house, "la.caissiere", "cashier").await;
        let (_, seller) = shop.employs(&house, "le.vendeur", "marketing").await;
        let seen = async |cookie: &str| house.get(&shop.path("/admin/shop"), &[("cookie", cookie)]).await.status.as_u16();
        assert_eq!((seen(&cashier).await, seen(&seller).await), (403, 200));
    }
}
