use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use base::Timestamp;
use bytes::Bytes;

use crate::{
    Blobs, Board, Config, Doorkeeper, Limits, Mailer, Outbound, Reach, cache::PageCache, frame::NavItem,
    health::Probe, openapi::Document,
};

/// What every handler works with. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

pub struct Inner {
    pub db: db::Db,
    pub config: Arc<Config>,
    pub doorkeeper: Arc<dyn Doorkeeper>,
    pub limits: Limits,
    pub mail: Mailer,
    pub blobs: Blobs,
    pub outbound: Outbound,
    /// The operator's notices to all merchants.
    pub board: Board,
    pub(crate) pages: PageCache,
    csrf_key: [u8; 32],
    captcha_key: [u8; 32],
    furniture: OnceLock<Furniture>,
}

/// What the routes brought, once they are put together.
struct Furniture {
    nav: Vec<NavItem>,
    probes: Vec<Probe>,
    document: Document,
    written: OnceLock<Written>,
}

/// The document of the API, for machines and for people.
struct Written {
    json: Bytes,
    page: Bytes,
}

impl App {
    pub fn new(db: db::Db, config: Config, doorkeeper: Arc<dyn Doorkeeper>) -> Self {
        Self::reaching(Reach::Public, db, config, doorkeeper)
    }

    /// An app whose fetches may go elsewhere than to the public internet alone: to a test's own server.
    pub fn reaching(reach: Reach, db: db::Db, config: Config, doorkeeper: Arc<dyn Doorkeeper>) -> Self {
        let world = db.world().clone();
        Self(Arc::new(Inner {
            limits: Limits::new(world),
            mail: Mailer::new(&config),
            blobs: Blobs::of(&config),
            outbound: Outbound::new(reach),
            board: Board::default(),
            pages: PageCache::of(config.cache_bytes),
            csrf_key: config.session_secret.key_for("csrf"),
            captcha_key: config.session_secret.key_for("captcha"),
            furniture: OnceLock::new(),
            db,
            config: Arc::new(config),
            doorkeeper,
        }))
    }

    pub fn now(&self) -> Timestamp {
        self.0.db.now()
    }

    /// 32 bytes that nobody can guess (or a test's).
    pub fn chance(&self) -> [u8; 32] {
        self.0.db.world().seed()
    }

    pub(crate) fn csrf_key(&self) -> &[u8; 32] {
        &self.0.csrf_key
    }

    pub(crate) fn captcha_key(&self) -> &[u8; 32] {
        &self.0.captcha_key
    }

    pub(crate) fn furnish(&self, document: Document, nav: Vec<NavItem>, probes: Vec<Probe>) {
        // a second router of the same app shows what the first brought
        let _ = self.0.furniture.set(Furniture { nav, probes, document, written: OnceLock::new() });
    }

    pub(crate) fn nav(&self) -> &[NavItem] {
        self.0.furniture.get().map_or(&[], |furniture| &furniture.nav)
    }

    pub(crate) fn probes(&self) -> &[Probe] {
        self.0.furniture.get().map_or(&[], |furniture| &furniture.probes)
    }

    /// The OpenAPI document as JSON.
    pub fn document(&self) -> Bytes {
        self.written().map(|written| written.json.clone()).unwrap_or_default()
    }

    pub(crate) fn readable_document(&self) -> Bytes {
        self.written().map(|written| written.page.clone()).unwrap_or_default()
    }

    fn written(&self) -> Option<&Written> {
        let furniture = self.0.furniture.get()?;
        Some(furniture.written.get_or_init(|| {
            let document = furniture.document.draw();
            let page = crate::openapi::readable(&document, &self.0.config.operator.name).into();
            Written { json: serde_json::to_vec(&document).unwrap_or_default().into(), page }
        }))
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
