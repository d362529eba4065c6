//! A small house: two tenants, a few routes of each kind, and people who may and may not.
#![allow(dead_code)]

use std::{collections::BTreeMap, sync::Arc};

use axum::{Router, extract::State, response::Response};
use db::{sql, testing::TestDb};
use edge::{
    Anyone, App, Callback, Config, Form, Json, May, Operator, Page, Path, Problem, Raw, Reader, Reply,
    RequestKey, Routes, SignedIn, Site, Upload, Visitor, testing::Door,
};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

const MIGRATIONS: &[db::Migration] = &[db::Migration::new(
    "fruit",
    1,
    "create table fruit (tenant_id bigint not null, id text not null, primary key (tenant_id, id));",
)];
const FRUIT: db::Schema = db::Schema {
    migrations: MIGRATIONS,
    directory_migrations: &[],
    areas: &[("fruit", db::Area::Catalog)],
    lends: &[],
};

edge::permission!(pub Pick = "fruit.pick");

pub struct House {
    pub app: App,
    pub router: Router,
    pub table: Vec<edge::RouteRule>,
    pub db: TestDb,
    pub bakery: db::Scope,
    pub florist: db::Scope,
}

pub const PRODUCTION: &[(&str, &str)] = &[
    ("OFFICE_URL", "https://office.example.org"),
    ("SHOP_URL", "https://shop.example.net"),
    ("FILES_URL", "https://files.example.net"),
    ("SESSION_SECRET", "q0Zl2yR8w1nVhT5uKc7bXe3mPa9sDf4g"),
    ("METRICS_TOKEN", "n7Qw2eRt5yUi8oPa1sDf4gHj6kLz3xCv"),
    ("SIGNUP", "closed"),
    ("TRUSTED_PROXIES", "127.0.0.1"),
];

impl House {
    pub async fn developing() -> Self {
        Self::with(Config::development()).await
    }

    pub async fn in_production() -> Self {
        let vars: BTreeMap<String, String> =
            PRODUCTION.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::with(Config::read(&vars).unwrap_or_else(|faults| panic!("{faults}"))).await
    }

    async fn with(config: Config) -> Self {
        let db = TestDb::sqlite(vec![edge::SCHEMA, FRUIT]).await;
        let (bakery, florist) = (db.tenant("bakery").await, db.tenant("florist").await);
        let door = Door::default();
        door.sign_in("awa-token", "acct_awa");
        door.sign_in("ben-token", "acct_ben");
        door.sign_in("op-token", "acct_operator");
        door.member("acct_awa", bakery.tenant, &["fruit.pick"]);
        door.member("acct_ben", bakery.tenant, &[]);
        door.member("acct_awa", florist.tenant, &["fruit.pick"]);
        door.key("sk_bakery", bakery.tenant, &["fruit.pick"]);
        door.key("pk_bakery", bakery.tenant, &[]);
        door.key("sk_florist", florist.tenant, &["fruit.pick"]);
        door.host("bakery.example.com", bakery.tenant);
        let app = App::new(db.db.clone(), config, Arc::new(door));
        let table = routes().table().to_vec();
        let router = routes().into_router(app.clone());
        Self { app, router, table, db, bakery, florist }
    }

    pub async fn ask(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> edge::testing::Answer {
        edge::testing::ask(&self.router, method, url, headers, body).await
    }

    pub async fn fruits(&self) -> i64 {
        let counted = self.app.db.read(self.bakery.clone(), |rx| {
            rx.row(sql!("select count(*) from fruit where tenant_id = $1"), (), |row| row.get(0))
        });
        counted.await.expect("a count").unwrap_or(0)
    }
}

fn routes() -> Routes {
    Routes::new()
        .page(Site::Office, "/t/{slug}/admin/fruit", Method::GET, office_page)
        .page(Site::Office, "/t/{slug}/admin/fruit", Method::POST, office_pick)
        .page(Site::Office, "/t/{slug}/admin/upload", Method::POST, upload)
        .uploads()
        .page(Site::Office, "/account", Method::GET, account)
        .page(Site::Office, "/operator", Method::GET, operator)
        .page(Site::Office, "/sign-in", Method::POST, sign_in)
        .page(Site::Shop, "/t/{slug}/", Method::GET, shop_page)
        .page(Site::Shop, "/t/{slug}/cart", Method::POST, cart)
        .page(Site::Shop, "/t/{slug}/callback", Method::POST, callback)
        .page(Site::Shop, "/t/{slug}/panic", Method::GET, panics)
        .page(Site::Api, "/api/whoami", Method::GET, whoami)
        .api(__path_list, list)
        .api(__path_pick, pick)
        .nav(edge::Section::Home, "section-home", "/fruit", "fruit.pick")
}

#[derive(askama::Template)]
#[template(
    source = "{% extends \"frame.html\" %}{% block main %}<h1>{{ frame.title }}</h1><form method=\"post\">{{ frame.csrf_field()|safe }}</form>{% endblock %}",
    ext = "html"
)]
struct Bare {
    frame: edge::Frame,
}

async fn office_page(State(_): State<App>, may: May<Pick>) -> Page<Bare> {
    Page(Bare { frame: may.frame("Fruit") })
}

#[derive(Deserialize)]
struct Picked {
    #[serde(default)]
    name: Vec<String>,
}

async fn office_pick(State(_): State<App>, may: May<Pick>, Form(form): Form<Picked>) -> Json<Value> {
    Json(json!({"actor": may.actor().as_str(), "names": form.name}))
}

async fn upload(State(_): State<App>, _: May<Pick>, upload: Upload) -> Json<Value> {
    let sizes: Vec<usize> = upload.files.iter().map(|file| file.bytes.len()).collect();
    Json(json!({"sizes": sizes, "note": upload.field("note")}))
}

async fn account(State(_): State<App>, signed_in: SignedIn) -> Json<Value> {
    Json(json!({"account": signed_in.session().account}))
}

async fn operator(State(_): State<App>, operator: Operator) -> Json<Value> {
    Json(json!({"account": operator.session().account}))
}

async fn sign_in(State(app): State<App>, _: Anyone) -> (edge::SetCookie, Response) {
    (edge::cookies::sign_in(&app, "awa-token", 60), edge::redirect("/account"))
}

async fn shop_page(State(app): State<App>, visitor: Visitor) -> Result<Response, Problem> {
    let scope = visitor.scope();
    app.cached(&visitor, &[db::Area::Catalog], &[], async || {
        let count = app.db.read(scope, |rx| {
            rx.row(sql!("select count(*) from fruit where tenant_id = $1"), (), |row| row.get::<i64>(0))
        });
        let count: Option<i64> = count.await?;
        let mut frame = visitor.frame(format!("{} fruits", count.unwrap_or(0)));
        if frame.save_data {
            frame.title.push_str(", without pictures");
        }
        Ok::<_, Problem>(Page(Bare { frame }))
    })
    .await
}

async fn cart(State(_): State<App>, visitor: Visitor) -> Json<Value> {
    Json(json!({"actor": visitor.scope().actor.as_str()}))
}

async fn callback(State(_): State<App>, callback: Callback, Raw(body): Raw) -> Json<Value> {
    Json(json!({"actor": callback.scope().actor.as_str(), "bytes": body.len()}))
}

async fn panics(State(_): State<App>, _: Visitor) -> Json<Value> {
    panic!("with sk_live_secret")
}

async fn whoami(State(_): State<App>, anyone: Anyone) -> Json<Value> {
    Json(json!({"address": anyone.address().to_string(), "signedIn": anyone.session().is_some()}))
}

/// The fruits that the shop shows.
#[utoipa::path(get, path = "/t/{slug}/api/v1/fruits", params(("slug" = String, Path)), responses((status = 200, description = "All fruits.")))]
async fn list(State(_app): State<App>, reader: Reader) -> Json<Value> {
    Json(json!({"actor": reader.scope().actor.as_str()}))
}

#[derive(Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFruit {
    id: String,
    #[serde(default)]
    secret: bool,
}

#[derive(Debug, thiserror::Error)]
enum PickError {
    #[error("there is one already")]
    Taken,
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl From<PickError> for Problem {
    fn from(error: PickError) -> Self {
        match error {
            PickError::Taken => Self::conflict("fruit-taken", error),
            PickError::Db(error) => error.into(),
        }
    }
}

/// Picks a fruit.
#[utoipa::path(post, path = "/t/{slug}/api/v1/fruits", params(("slug" = String, Path)), request_body = NewFruit, responses((status = 201, description = "Picked.")))]
async fn pick(
    State(app): State<App>,
    may: May<Pick>,
    Path(_slug): Path<String>,
    key: RequestKey,
    Json(new): Json<NewFruit>,
) -> Result<Response, Problem> {
    let print = edge::fingerprint(&new);
    edge::idempotent(&app, &may, may.scope(), &key, print, move |tx| {
        let count = tx.run(
            sql!("insert into fruit (tenant_id, id) values ($1, $2) on conflict do nothing"),
            (&new.id,),
        )?;
        if count == 0 {
            return Err(PickError::Taken);
        }
        Ok(Reply {
            status: http::StatusCode::CREATED,
            json: json!({"id": new.id}),
            location: Some(format!("/fruits/{}", new.id)),
            secret: new.secret.then(|| new.id.clone()),
        })
    })
    .await
}
