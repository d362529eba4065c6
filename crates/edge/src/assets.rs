//! Styles and scripts, from this origin alone, under a name that changes with their content: kept for a year.

use std::sync::LazyLock;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::cache::Variants;

struct Asset {
    name: &'static str,
    kind: &'static str,
    variants: Variants,
}

struct Assets {
    hash: String,
    files: Vec<Asset>,
}

/// A file that `build.rs` made of `web/`, as it is and compressed.
macro_rules! built {
    ($name:literal) => {
        [
            include_bytes!(concat!(env!("OUT_DIR"), "/", $name)) as &[u8],
            include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz")),
            include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".br")),
        ]
    };
}

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const DRAWING: &str = "image/svg+xml";
const FILES: [(&str, &str, [&[u8]; 3]); 11] = [
    ("shop.css", CSS, built!("shop.css")),
    ("shop.js", SCRIPT, built!("shop.js")),
    ("worker.js", SCRIPT, built!("worker.js")),
    ("office.css", CSS, built!("office.css")),
    ("office.js", SCRIPT, built!("office.js")),
    ("site.css", CSS, built!("site.css")),
    ("sign-up.js", SCRIPT, built!("sign-up.js")),
    ("scan.js", SCRIPT, built!("scan.js")),
    ("proof.js", SCRIPT, built!("proof.js")),
    ("icon.svg", DRAWING, built!("icon.svg")),
    ("icons.svg", DRAWING, built!("icons.svg")),
];

static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let digest = FILES
        .iter()
        .fold(Sha256::new(), |sum, (name, _, [plain, ..])| sum.chain_update(name).chain_update(plain))
        .finalize();
    let files = FILES.iter().map(|(name, kind, forms)| Asset {
        name,
        kind,
        variants: Variants::ready(forms.map(Bytes::from_static)),
    });
    Assets { hash: crate::csrf::hex(&digest[..8]), files: files.collect() }
});

/// `/assets/{hash}/`: what the page's policy allows scripts and styles to come from.
pub(crate) fn folder() -> String {
    format!("/assets/{}/", ASSETS.hash)
}

/// The path of an asset: `path("shop.css")`.
pub fn path(name: &str) -> String {
    format!("/assets/{}/{name}", ASSETS.hash)
}

/// The bytes of an asset, for who must serve it under a path of its own; empty if there is no such asset.
pub fn bytes(name: &str) -> &'static [u8] {
    FILES.iter().find(|(known, ..)| *known == name).map_or(&[], |(_, _, [plain, ..])| plain)
}

/// Names this build in cache keys: pages show paths of assets.
pub(crate) fn build() -> &'static str {
    &ASSETS.hash
}

/// The reply for a path below `/assets/`; an older page's hash gets the file of today.
pub(crate) fn serve(path: &str, accepts: &str) -> Response {
    let name = path.rsplit('/').next().unwrap_or_default();
    let Some(asset) = ASSETS.files.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (encoding, bytes) = asset.variants.choose(accepts);
    let current = path.starts_with(&folder());
    let keep = if current { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}
