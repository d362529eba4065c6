//! Pictures through their front doors: uploaded whole or in pieces, fetched from addresses, shown, exported, and nobody
//! else's.

mod shelf;

use std::{net::SocketAddr, sync::Arc};

use axum::{Extension, Router, routing::get};
use catalog::images::{self, ImageState, KnownImage};
use db::{Scope, testing::TestDb};
use edge::{
    App, Config, Reach,
    testing::{Answer, Door, ask},
};
use image::{ImageFormat, RgbImage};
use serde_json::{Value, json};
use shelf::{Counts, shelf};
use spine::jobs::{Context, Outcome};

const SPINE: db::Schema =
    db::Schema { migrations: spine::MIGRATIONS, directory_migrations: &[], areas: spine::AREAS, lends: &[] };
const ALL: &[&str] = &["catalog.read", "catalog.write", "catalog.import"];

/// Two businesses in a house whose blobs lie in a folder of their own.
struct House<'t> {
    test: &'t TestDb,
    app: App,
    router: Router,
    bakery: Scope,
    _folder: tempfile::TempDir,
}

impl<'t> House<'t> {
    async fn open(test: &'t TestDb, reach: Reach) -> Self {
        let (bakery, florist) = (test.tenant("bakery").await, test.tenant("florist").await);
        let door = Door::default();
        for (name, scope) in [("bakery", &bakery), ("florist", &florist)] {
            door.key(&format!("sk_{name}"), scope.tenant, ALL);
            door.sign_in(name, &format!("acct_{name}"));
            door.member(&format!("acct_{name}"), scope.tenant, ALL);
        }
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::development();
        folder.path().clone_into(&mut config.data);
        config.upload_max_bytes = 100_000;
        let app = App::reaching(reach, test.db.clone(), config, Arc::new(door));
        let router = catalog::http::routes().into_router(app.clone());
        let router = router.layer(Extension(shelf(&Counts::default())));
        Self { test, app, router, bakery, _folder: folder }
    }

    async fn api(&self, who: &str, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
        let bearer = format!("Bearer sk_{who}");
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        ask(&self.router, method, &format!("http://localhost/t/{who}/api/v1/{path}"), &headers, body).await
    }

    async fn json(&self, method: &str, path: &str, body: Value) -> Answer {
        self.api("bakery", method, path, "application/json", body.to_string().as_bytes()).await
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        ask(&self.router, "GET", &format!("http://localhost{path}"), headers, "").await
    }

    async fn has_picture(&self, shade: u8) -> Value {
        let made = self.api("bakery", "POST", "images", "image/png", &png(shade)).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.json()
    }

    async fn has_product(&self, images: Value) -> Value {
        let price = json!({ "amount": 100, "currency": "EUR" });
        let new = json!({ "title": "Hat", "images": images, "variants": [{ "sku": "H", "price": price }] });
        let made = self.json("POST", "products", new).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.json()
    }

    /// One turn of the job that fetches.
    async fn fetches(&self) -> Outcome {
        let context = Context {
            scope: Scope { actor: db::Actor::system(), ..self.bakery.clone() },
            id: spine::jobs::JobId::of(Default::default()),
            kind: images::FETCH_JOB.to_owned(),
            payload: json!({}),
            attempt: 1,
            cause: "catalog".to_owned(),
        };
        images::fetch_waiting(self.app.clone(), context).await
    }

    async fn jobs(&self) -> usize {
        let list = |rx: &mut db::Rx| spine::jobs::list(rx, spine::jobs::State::Waiting, None, 50);
        let waiting = self.test.db.read(self.bakery.clone(), list).await.unwrap();
        waiting.into_iter().filter(|job| job.kind == images::FETCH_JOB).count()
    }

    async fn known(&self, id: &str) -> KnownImage {
        let id = id.parse().unwrap();
        self.test.db.read(self.bakery.clone(), move |rx| images::image(rx, id)).await.unwrap()
    }
}

fn png(shade: u8) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let picture = RgbImage::from_fn(700, 500, |x, _| image::Rgb([shade, (x / 3) as u8, 90]));
    picture.write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

db::on_both_engines! { vec![crate::SPINE, edge::SCHEMA, catalog::SCHEMA];
async fn a_picture_is_served_for_ever_under_its_content_and_to_its_own_shop_alone(test: TestDb) {
    let house = House::open(&test, Reach::Public).await;
    let made = house.has_picture(10).await;
    assert_eq!((&made["width"], &made["height"], &made["state"]), (&json!(700), &json!(500), &json!("ready")));
    let widths = |form: &str| -> Vec<u64> {
        made["urls"][form].as_array().unwrap().iter().map(|one| one["width"].as_u64().unwrap()).collect()
    };
    assert_eq!((widths("webp"), widths("jpeg")), (vec![320, 640, 700], vec![320, 640, 700]));
    assert_eq!(house.has_picture(10).await["id"], made["id"]);

    let url = text(&made["urls"]["webp"][1], "url").to_owned();
    let path = url.split_once("/t/").map(|(_, path)| format!("/t/{path}")).unwrap();
    let file = house.get(&path, &[]).await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "image/webp"));
    assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert_eq!(file.header("content-security-policy"), "default-src 'none'");
    assert!(file.header("set-cookie").is_empty() && file.header("access-control-allow-origin").is_empty());
    assert_eq!(image::load_from_memory(&file.bytes).unwrap().width(), 640);
    let again = house.get(&path, &[("if-none-match", file.header("etag"))]).await;
    assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0));

    let widest = text(&made, "address").split_once("/t/").map(|(_, path)| format!("/t/{path}")).unwrap();
    let widest = house.get(&widest, &[]).await;
    assert_eq!(image::load_from_memory(&widest.bytes).unwrap().width(), 700);
    for wrong in [
        path.replace("/t/bakery/", "/t/florist/"),
        path.replace("-640.", "-641."),
        path.replace(".webp", ".svg"),
        path.replace("/files/", "/files/..%2f1%2f"),
    ] {
        assert_eq!(house.get(&wrong, &[]).await.status, 404, "{wrong}");
    }
}

async fn what_is_no_picture_is_refused_with_a_reason(test: TestDb) {
    let house = House::open(&test, Reach::Public).await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>";
    let refused = house.api("bakery", "POST", "images", "image/png", svg).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (422, &json!("image-refused")));
    assert!(refused.body.contains("PNG"), "{}", refused.body);
    let large = house.api("bakery", "POST", "images", "image/png", &[7; 100_001]).await;
    assert_eq!(large.status, 413);
}

async fn a_product_shows_pictures_in_the_merchants_order(test: TestDb) {
    let house = House::open(&test, Reach::Public).await;
    let (first, second) = (house.has_picture(1).await, house.has_picture(2).await);
    let product = house.has_product(json!([])).await;
    let at = format!("products/{}/images", text(&product, "id"));
    for image in [&first, &second] {
        let shown = house.json("POST", &at, json!({ "image": image["id"], "alt": "a hat" })).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
    }
    let second_at = format!("{at}/{}", text(&second, "id"));
    let changed = house.json("PATCH", &second_at, json!({ "place": 0, "alt": null })).await.json();
    assert_eq!(changed["images"][0], json!({ "address": second["address"], "alt": null }));
    assert_eq!(changed["images"][1], json!({ "address": first["address"], "alt": "a hat" }));
    let listed = house.api("bakery", "GET", "products", "", b"").await.json();
    assert_eq!((&listed["items"][0]["picture"]["width"]), &json!(700));

    assert_eq!(house.json("DELETE", &second_at, json!({})).await.status, 204);
    assert_eq!(house.json("DELETE", &second_at, json!({})).await.status, 404);
    // what nobody shows is kept all the same
    assert!(matches!(house.known(text(&second, "id")).await.state, ImageState::Ready(_)));

    let foreign = json!({ "title": "Hat", "images": [{ "address": format!("image:{}", "0".repeat(64)) }],
        "variants": [{ "price": { "amount": 1, "currency": "EUR" } }] });
    let refused = house.json("POST", "products", foreign).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["errors"][0]["field"]), (422, &json!("images[0]")));
}

async fn an_export_names_our_pictures_for_everybody_and_comes_back_unchanged(test: TestDb) {
    let house = House::open(&test, Reach::Public).await;
    let picture = house.has_picture(3).await;
    house.has_product(json!([{ "address": picture["address"], "alt": "a hat" }])).await;
    let out = house.api("bakery", "GET", "export", "", b"").await.body;
    assert!(out.contains(text(&picture, "address")) && !out.contains("image:"), "{out}");
    let back = house.api("bakery", "POST", "imports", "text/csv", out.as_bytes()).await.json();
    assert_eq!((&back["unchanged"], &back["changed"]), (&json!(1), &json!(0)), "{back}");
    assert_eq!(house.jobs().await, 0);
}

async fn an_upload_goes_on_where_it_was_cut(test: TestDb) {
    let house = House::open(&test, Reach::Public).await;
    let file = png(4);
    let opened = house.json("POST", "uploads", json!({ "size": file.len() })).await;
    assert_eq!((opened.status.as_u16(), opened.header("upload-offset")), (201, "0"));
    let id = text(&opened.json(), "id").to_owned();
    let at = format!("http://localhost/t/bakery/api/v1/uploads/{id}");
    let piece = async |offset: usize, bytes: &[u8]| {
        let headers = [
            ("authorization", "Bearer sk_bakery"),
            ("content-type", "application/offset+octet-stream"),
            ("upload-offset", &offset.to_string()),
        ];
        ask(&house.router, "PATCH", &at, &headers, bytes).await
    };
    let half = file.len() / 2;
    assert_eq!(piece(0, &file[..half]).await.status, 204);
    // the same piece again, one too far on, and one that is too long: nothing is kept
    let again = piece(0, &file[..half]).await;
    assert_eq!((again.status.as_u16(), &again.json()["code"]), (409, &json!("offset-wrong")));
    assert_eq!(piece(half + 1, &file[half + 1..]).await.status, 409);
    assert_eq!(piece(half, &[&file[half..], b"x"].concat()).await.status, 413);
    let head = ask(&house.router, "HEAD", &at, &[("authorization", "Bearer sk_bakery")], "").await;
    assert_eq!((head.header("upload-offset"), head.bytes.len()), (half.to_string().as_str(), 0));
    let early = house.json("POST", "images", json!({ "upload": id })).await;
    assert_eq!((early.status.as_u16(), &early.json()["code"]), (409, &json!("upload-unfinished")));

    assert_eq!(piece(half, &file[half..]).await.header("upload-offset"), file.len().to_string());
    let made = house.json("POST", "images", json!({ "upload": id })).await;
    assert_eq!((made.status.as_u16(), &made.json()["width"]), (201, &json!(700)), "{}", made.body);
    assert_eq!(house.json("POST", "images", json!({ "upload": id })).await.json()["id"], made.json()["id"]);
    let other = house.api("florist", "GET", &format!("uploads/{id}"), "", b"").await;
    assert_eq!(other.status, 404);
    assert_eq!(house.json("POST", "uploads", json!({ "size": 100_001 })).await.status, 413);
}

async fn only_so_many_uploads_wait_and_one_is_forgotten_after_its_day(test: TestDb) {
    let house = House::open(&test, Reach::Public).await;
    let mut ids = Vec::new();
    for _ in 0..21 {
        let opened = house.json("POST", "uploads", json!({ "size": 10 })).await.json();
        ids.push(text(&opened, "id").to_owned());
    }
    let status = async |id: &str| house.api("bakery", "GET", &format!("uploads/{id}"), "", b"").await.status;
    let mut open = Vec::new();
    for id in ids {
        if status(&id).await == 200 {
            open.push(id);
        }
    }
    assert_eq!(open.len(), 20);
    let context = Context {
        scope: house.bakery.clone(),
        id: spine::jobs::JobId::of(Default::default()),
        kind: images::UPLOAD_JOB.to_owned(),
        payload: json!({}),
        attempt: 1,
        cause: open[0].clone(),
    };
    assert_eq!(images::expire_upload(house.app.clone(), context).await, Outcome::Done);
    assert_eq!(status(&open[0]).await, 404);
}

async fn addresses_are_fetched_by_a_job_that_says_what_became_of_each(test: TestDb) {
    let (at, reach) = web().await;
    let house = House::open(&test, reach).await;
    let address = |path: &str| json!({ "address": format!("http://{at}/{path}") });
    let images = json!([address("hat.png"), address("gone.png"), address("drawing.png"), address("hat.png?2")]);
    let product = house.has_product(images).await;
    assert_eq!(house.jobs().await, 1);
    let told = house.api("bakery", "GET", "image-fetches", "", b"").await.json();
    assert_eq!((&told["waiting"], &told["ready"]), (&json!(4), &json!(0)));
    assert_eq!(house.fetches().await, Outcome::Done);
    let told = house.api("bakery", "GET", "image-fetches", "", b"").await.json();
    assert_eq!((&told["waiting"], &told["ready"], &told["failed"]), (&json!(0), &json!(2), &json!(2)));
    let reasons: Vec<&str> =
        told["failures"].as_array().unwrap().iter().map(|one| text(one, "reason")).collect();
    assert!(reasons.contains(&"the server said 404") && reasons.iter().any(|why| why.contains("SVG")), "{told}");
    assert_eq!(told["failures"][0]["product"], product["id"]);
    let listed = house.api("bakery", "GET", "products", "", b"").await.json();
    assert_eq!(listed["items"][0]["picture"]["width"], json!(700));

    let again = house.json("POST", "image-fetches", json!({})).await;
    assert_eq!((again.status.as_u16(), &again.json()["waiting"]), (202, &json!(2)));
    assert_eq!(house.jobs().await, 2);
    let page = house.get("/t/bakery/admin/products/pictures", &[("cookie", "soko=bakery")]).await;
    assert_eq!((page.status.as_u16(), page.header("refresh")), (200, "5"));
}

async fn an_address_inside_the_house_is_never_asked(test: TestDb) {
    let (at, _) = web().await;
    let house = House::open(&test, Reach::Public).await;
    house.has_product(json!([{ "address": format!("http://{at}/hat.png") }, { "address": "http://169.254.169.254/" }])).await;
    assert_eq!(house.fetches().await, Outcome::Done);
    let told = house.api("bakery", "GET", "image-fetches", "", b"").await.json();
    for failure in told["failures"].as_array().unwrap() {
        assert_eq!(text(failure, "reason"), "this address is not on the public internet");
    }
    assert_eq!(told["failed"], 2);
}

async fn a_server_that_is_down_is_asked_again_later(test: TestDb) {
    let (at, reach) = web().await;
    let house = House::open(&test, reach).await;
    house.has_product(json!([{ "address": format!("http://{at}/down.png") }])).await;
    let Outcome::Retry { after_s: Some(pause), .. } = house.fetches().await else { panic!("it is not tried again") };
    assert!((30..=120).contains(&pause), "{pause}");
    let told = house.api("bakery", "GET", "image-fetches", "", b"").await.json();
    assert_eq!((&told["waiting"], &told["failed"]), (&json!(1), &json!(0)));
}

async fn people_add_order_and_remove_pictures_on_the_page_of_the_product(test: TestDb) {
    let house = House::open(&test, Reach::Public).await;
    let product = house.has_product(json!([])).await;
    let page = format!("/t/bakery/admin/products/{}", text(&product, "id"));
    let cookie = ("cookie", "soko=bakery");
    let seen = house.get(&page, &[cookie]).await;
    assert!(seen.body.contains("capture=\"environment\""), "{}", seen.body);
    let token = seen.csrf();
    let post = async |rest: &str, kind: &str, body: Vec<u8>| {
        let headers = [cookie, ("origin", "http://localhost"), ("content-type", kind)];
        ask(&house.router, "POST", &format!("http://localhost{page}{rest}"), &headers, body).await
    };
    let form = |files: &[(&str, Vec<u8>)], address: &str| {
        let field = |name: &str, value: &str| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes()
        };
        let mut body = field("csrf", &token);
        for (name, bytes) in files {
            body.extend(format!("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n").bytes());
            body.extend(bytes);
            body.extend(b"\r\n");
        }
        body.extend(field("address", address));
        body.extend(b"--x--\r\n");
        body
    };
    let kind = "multipart/form-data; boundary=x";
    let added = post("/images", kind, form(&[("a.png", png(5)), ("b.png", png(6))], "")).await;
    assert_eq!(added.status, 303, "{}", added.body);
    let refused = post("/images", kind, form(&[("bad.png", b"<svg/>".to_vec())], "https://typed.example/x")).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("bad.png") && refused.body.contains("https://typed.example/x"));

    let shown = house.get(&page, &[cookie]).await.body;
    assert_eq!(shown.matches("<picture>").count(), 2);
    let addresses: Vec<&str> = shown.split("name=\"address\" value=\"").skip(1).take(2).map(|rest| &rest[..70]).collect();
    let deed = |what: &str| format!("csrf={token}&address={}&alt=Un+chapeau&do={what}", addresses[1]).into_bytes();
    for what in ["alt", "first"] {
        let done = post("/images/change", "application/x-www-form-urlencoded", deed(what)).await;
        assert_eq!(done.status, 303, "{}", done.body);
    }
    let read = house.api("bakery", "GET", &format!("products/{}", text(&product, "id")), "", b"").await.json();
    assert_eq!(read["images"][0]["alt"], json!("Un chapeau"));
    post("/images/change", "application/x-www-form-urlencoded", deed("remove")).await;
    let gone = post("/images/change", "application/x-www-form-urlencoded", deed("remove")).await;
    assert_eq!(gone.status, 404);
}
}

/// A site on the web, as far as a test goes.
async fn web() -> (SocketAddr, Reach) {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg'/>";
    let router = Router::new()
        .route("/hat.png", get(|| async { png(9) }))
        .route("/drawing.png", get(move || async move { svg }))
        .route("/down.png", get(|| async { http::StatusCode::SERVICE_UNAVAILABLE }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (at, Reach::PublicAnd(at))
}
