//! Puts the rooms together: schemas in their order, routes, the doorkeeper, and who does promised work.

use std::sync::Arc;

use axum::{Extension, Router};
use catalog::SharedShelf;
use customers::SharedDealings;
use db::{Db, Options, Schema, Storage, World};
use edge::{App, Config, Routes};
use operations::{
    House, News,
    command::{self, Command, Outcome},
    console::Watch,
    site::Texts,
};
use payments::Desk;
use spine::{
    jobs::Runner,
    keys::{self, KeyRing},
};

/// SQLite connections that stay open while they rest.
const CONNECTIONS: usize = 96;

/// The rooms' tables, in the order of the rooms.
pub fn schemas() -> Vec<Schema> {
    vec![
        spine::SCHEMA,
        edge::SCHEMA,
        people::SCHEMA,
        catalog::SCHEMA,
        stock::SCHEMA,
        customers::SCHEMA,
        orders::SCHEMA,
        cards::SCHEMA,
        payments::SCHEMA,
        coupons::SCHEMA,
        shop::SCHEMA,
        operations::SCHEMA,
    ]
}

/// All routes of all rooms; their order is that of the back office's navigation.
pub fn routes() -> Routes {
    Routes::new()
        .merge(people::routes())
        .merge(orders::routes())
        .merge(payments::http::routes())
        .merge(catalog::http::routes())
        .merge(stock::routes())
        .merge(customers::routes())
        .merge(cards::routes())
        .merge(coupons::routes())
        .merge(operations::routes())
        .merge(shop::routes())
}

/// Everything a server works with.
pub struct Soko {
    pub app: App,
    pub house: House,
    pub desk: Desk,
    pub news: News,
    /// What the operator's console shows.
    pub watch: Watch,
    /// What the operator says on the site.
    pub texts: Texts,
}

/// Opens the data. Only the holder of the folder's lock gets here.
pub async fn open(config: Config, world: World) -> Result<Soko, String> {
    let storage = match &config.database_url {
        None => Storage::Sqlite,
        Some(url) => Storage::Postgres {
            serve_url: url.reveal().to_owned(),
            migrate_url: config.migrate_url.as_ref().map(|url| url.reveal().to_owned()),
        },
    };
    let options = Options {
        folder: config.data.clone(),
        storage,
        schemas: schemas(),
        world,
        connections: CONNECTIONS,
        vfs: None,
    };
    let db = Db::open(options).await.map_err(|error| error.to_string())?;
    let (folder, missing) = keys::home(&config.data, config.keys.as_deref(), !config.is_production());
    let ring = KeyRing::open(&folder, missing).map_err(|error| error.to_string())?;
    let shelf: SharedShelf = Arc::new(stock::CountedShelf);
    let policy = payments::Sandbox { everywhere: !config.is_production() };
    let desk = Desk::new(db.clone(), ring.clone(), policy);
    let house = House {
        db: db.clone(),
        ring,
        shelf,
        blobs: edge::Blobs::of(&config),
        heads: config.data.join("heads.jsonl"),
        files: config.files_link(""),
        office: config.office_link(""),
    };
    let doorkeeper = Arc::new(people::Doors::new(db.clone()));
    let news = News::new(db.clone());
    let texts = Texts::of(config.site_folder());
    let app = App::new(db, config, doorkeeper);
    Ok(Soko { app, house, desk, news, watch: Watch::default(), texts })
}

impl Soko {
    pub fn router(&self) -> Router {
        let dealings: SharedDealings = Arc::new(orders::OrderBook);
        routes()
            .into_router(self.app.clone())
            .layer(Extension(dealings))
            .layer(Extension(self.desk.clone()))
            .layer(Extension(self.house.ring.clone()))
            .layer(Extension(self.house.clone()))
            .layer(Extension(self.news.clone()))
            .layer(Extension(self.watch.numbers.clone()))
            .layer(Extension(self.texts.clone()))
            .layer(Extension(Arc::clone(&self.house.shelf)))
    }

    /// Who does what the tenants' outboxes promise.
    pub fn runner(&self) -> Runner {
        let (app, desk) = (self.app.clone(), self.desk.clone());
        let (fetching, uploads, resets) = (app.clone(), app.clone(), app.clone());
        let (coupon_mails, card_mails) = (app.clone(), app.clone());
        let (ending, card_ends) = (self.house.db.clone(), self.house.db.clone());
        let (poll, deliver, refund) = (desk.clone(), desk.clone(), desk);
        Runner::new(self.house.db.clone())
            .on(orders::MAIL_JOB, move |job| orders::deliver_mail(app.clone(), job))
            .on(coupons::END_JOB, move |job| coupons::end_due(ending.clone(), job))
            .on(coupons::MAIL_JOB, move |job| coupons::deliver_mail(coupon_mails.clone(), job))
            .on(cards::END_JOB, move |job| cards::end_due(card_ends.clone(), job))
            .on(cards::MAIL_JOB, move |job| cards::deliver_mail(card_mails.clone(), job))
            .on(people::reset::JOB, move |job| people::reset::deliver(resets.clone(), job))
            .on(catalog::images::FETCH_JOB, move |job| catalog::images::fetch_waiting(fetching.clone(), job))
            .on(catalog::images::UPLOAD_JOB, move |job| catalog::images::expire_upload(uploads.clone(), job))
            .on(payments::POLL_JOB, move |job| poll.clone().poll(job))
            .on(payments::CALLBACK_JOB, move |job| deliver.clone().deliver(job))
            .on(payments::REFUND_JOB, move |job| refund.clone().refund(job))
            .sweep(orders::sweep)
            .sweep(payments::expire_due)
            .sweep(coupons::acquaint_old)
            .sweep(|tx| edge::idempotency::forget_old(tx).map(drop))
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| error.to_string())
}

/// Does a command without a server.
pub fn alone(config: &Config, command: Command) -> Result<Outcome, String> {
    runtime()?.block_on(async {
        let soko = open(config.clone(), World::real()).await?;
        let outcome = command::run(&soko.house, command).await;
        close(soko.house.db).await?;
        Ok(outcome)
    })
}

/// Opens every tenant once, which brings its database up to date.
pub fn migrate(config: &Config) -> Result<Outcome, String> {
    runtime()?.block_on(async {
        let soko = open(config.clone(), World::real()).await?;
        let outcome = command::run(&soko.house, Command::AuditVerify { tenant: None, heads: None }).await;
        let tenants = soko.house.db.tenants().await.map_err(|error| error.to_string())?.len();
        close(soko.house.db).await?;
        let text = format!("{tenants} tenants are at schema {}\n{}", db::BINARY, outcome.text);
        Ok(Outcome { text, ..outcome })
    })
}

pub async fn close(db: Db) -> Result<(), String> {
    tokio::task::spawn_blocking(move || db.close()).await.map_err(|error| error.to_string())
}
