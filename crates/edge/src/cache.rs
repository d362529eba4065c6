//! Pages and lists kept exactly as long as they are true: the key holds the versions of what they show, so nothing is
//! ever thrown away by hand and nothing is shown late.

use std::{collections::HashMap, io::Write, sync::Arc};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use db::{Area, TenantId};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, response::Parts};
use lru::LruCache;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use crate::{App, InlineStyle, Problem, Visit};

/// Bytes kept of one tenant.
const TENANT_BYTES: usize = 1 << 20;
/// What one entry costs beside its bytes.
const ENTRY_BYTES: usize = 400;

/// One body, as it is and compressed: a hit is a copy of `Bytes`.
#[derive(Debug, Clone)]
pub(crate) struct Variants {
    plain: Bytes,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
}

impl Variants {
    /// Compressed quickly, for pages.
    fn quick(plain: Bytes) -> Self {
        // a packet's worth gains nothing
        if plain.len() < 1000 {
            return Self { plain, gzip: None, brotli: None };
        }
        let gzip = {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(5));
            encoder.write_all(&plain).and_then(|()| encoder.finish()).ok().map(Bytes::from)
        };
        let brotli = {
            // the usual window of 4 MiB would cost its whole size in memory for the smallest page
            let bits = (usize::BITS - plain.len().leading_zeros()).clamp(16, 22) as i32;
            let params = brotli::enc::BrotliEncoderParams { quality: 4, lgwin: bits, ..Default::default() };
            let mut compressed = Vec::new();
            brotli::BrotliCompress(&mut &plain[..], &mut compressed, &params)
                .ok()
                .map(|_| Bytes::from(compressed))
        };
        Self { plain, gzip, brotli }
    }

    /// What was compressed when it was built: as it is, by gzip, by brotli.
    pub fn ready([plain, gzip, brotli]: [Bytes; 3]) -> Self {
        Self { plain, gzip: Some(gzip), brotli: Some(brotli) }
    }

    /// The smallest body that `accepts` (an `Accept-Encoding` line) allows, with the name of its encoding.
    pub fn choose(&self, accepts: &str) -> (Option<&'static str>, Bytes) {
        let takes = |wanted: &str| accepts.split(',').any(|part| is_taken(part, wanted));
        match (&self.brotli, &self.gzip) {
            (Some(bytes), _) if takes("br") => (Some("br"), bytes.clone()),
            (_, Some(bytes)) if takes("gzip") => (Some("gzip"), bytes.clone()),
            _ => (None, self.plain.clone()),
        }
    }

    fn size(&self) -> usize {
        let length = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        self.plain.len() + length(&self.gzip) + length(&self.brotli)
    }
}

fn is_taken(part: &str, wanted: &str) -> bool {
    let (name, quality) = part.split_once(';').map_or((part, ""), |(name, quality)| (name, quality));
    name.trim() == wanted && !matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
}

/// The fingerprint of everything that a page depends on.
type Key = [u8; 32];

struct Kept {
    /// None for the platform's own pages.
    tenant: Option<TenantId>,
    headers: HeaderMap,
    style: Option<InlineStyle>,
    body: Variants,
    tag: HeaderValue,
    bytes: usize,
}

pub(crate) struct PageCache {
    /// Bytes kept in all; none switches the cache off.
    all_bytes: usize,
    shelf: Mutex<Shelf>,
}

struct Shelf {
    pages: LruCache<Key, Arc<Kept>>,
    bytes: usize,
    by_tenant: HashMap<Option<TenantId>, usize>,
}

impl PageCache {
    pub fn of(all_bytes: usize) -> Self {
        let shelf = Shelf { pages: LruCache::unbounded(), bytes: 0, by_tenant: HashMap::new() };
        Self { all_bytes, shelf: Mutex::new(shelf) }
    }

    fn get(&self, key: &Key) -> Option<Arc<Kept>> {
        let kept = self.shelf.lock().pages.get(key).cloned();
        crate::count(if kept.is_some() { "page_cache_hits_total" } else { "page_cache_misses_total" });
        kept
    }

    fn put(&self, key: Key, kept: Arc<Kept>) {
        let mut shelf = self.shelf.lock();
        if kept.bytes > TENANT_BYTES / 4 || shelf.pages.contains(&key) {
            return;
        }
        shelf.bytes += kept.bytes;
        *shelf.by_tenant.entry(kept.tenant).or_default() += kept.bytes;
        let tenant = kept.tenant;
        shelf.pages.put(key, kept);
        while shelf.bytes > self.all_bytes {
            if !shelf.drop_oldest(None) {
                break;
            }
        }
        while shelf.by_tenant.get(&tenant).is_some_and(|bytes| *bytes > TENANT_BYTES) {
            if !shelf.drop_oldest(Some(tenant)) {
                break;
            }
        }
    }

    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.shelf.lock().bytes
    }
}

impl Shelf {
    /// Drops the page unseen longest, of one tenant (or the platform) if one is named; false if there is none.
    fn drop_oldest(&mut self, tenant: Option<Option<TenantId>>) -> bool {
        let oldest =
            self.pages.iter().rev().find(|(_, kept)| tenant.is_none_or(|tenant| kept.tenant == tenant));
        let Some(key) = oldest.map(|(key, _)| *key) else { return false };
        if let Some(kept) = self.pages.pop(&key) {
            self.bytes -= kept.bytes;
            if let Some(bytes) = self.by_tenant.get_mut(&kept.tenant) {
                *bytes -= kept.bytes;
                if *bytes == 0 {
                    self.by_tenant.remove(&kept.tenant);
                }
            }
        }
        true
    }
}

impl App {
    /// What `render` makes for this visit, kept until an area it shows changes. For what every caller of this route may
    /// see alike: `render` may depend on nothing but the tenant's data in `areas`, host, language and the `known`
    /// parameters (in a fixed order). Only a 200 without `Set-Cookie` is kept.
    pub async fn cached<R: IntoResponse, E: Into<Problem>>(
        &self,
        visit: &Visit,
        areas: &[Area],
        known: &[(&str, &str)],
        render: impl AsyncFnOnce() -> Result<R, E>,
    ) -> Result<Response, Problem> {
        let Some(tenant) = visit.tenant.clone().filter(|_| visit.is_cacheable() && self.pages.all_bytes > 0)
        else {
            return render().await.map(IntoResponse::into_response).map_err(Into::into);
        };
        // asked before reading: a change in between makes an entry that nobody finds, never one that is late
        let versions = self.db.versions(tenant.id).await?;
        let key = key(visit, &tenant, versions, areas, known);
        self.kept(visit, key, Some(tenant.id), render).await
    }

    /// As `cached`, for a page of the platform that shows nothing but the settings and what `stamp` stands for: another
    /// stamp is another page.
    pub async fn cached_for_all<R: IntoResponse, E: Into<Problem>>(
        &self,
        visit: &Visit,
        stamp: &str,
        render: impl AsyncFnOnce() -> Result<R, E>,
    ) -> Result<Response, Problem> {
        if !visit.is_cacheable() || self.pages.all_bytes == 0 {
            return render().await.map(IntoResponse::into_response).map_err(Into::into);
        }
        self.kept(visit, key_for_all(visit, stamp), None, render).await
    }

    async fn kept<R: IntoResponse, E: Into<Problem>>(
        &self,
        visit: &Visit,
        key: Key,
        tenant: Option<TenantId>,
        render: impl AsyncFnOnce() -> Result<R, E>,
    ) -> Result<Response, Problem> {
        if let Some(kept) = self.pages.get(&key) {
            return Ok(kept.reply(visit));
        }
        let response = render().await.map_err(Into::into)?.into_response();
        let keeps = response.status() == StatusCode::OK
            && !response.headers().contains_key(header::SET_COOKIE)
            && !response.headers().contains_key(header::CONTENT_ENCODING);
        if !keeps {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let plain = axum::body::to_bytes(body, usize::MAX).await.map_err(Problem::internal)?;
        let kept = Arc::new(Kept::of(tenant, parts, plain));
        self.pages.put(key, Arc::clone(&kept));
        Ok(kept.reply(visit))
    }
}

impl Visit {
    fn is_cacheable(&self) -> bool {
        self.rule.method == Method::GET && self.session.is_none() && self.flash.is_none()
    }
}

impl Kept {
    fn of(tenant: Option<TenantId>, parts: Parts, plain: Bytes) -> Self {
        let digest = Sha256::digest(&plain);
        let tag = format!("W/\"{}\"", crate::csrf::hex(&digest[..12]));
        let body = Variants::quick(plain);
        let tag = HeaderValue::from_str(&tag).unwrap_or_else(|_| HeaderValue::from_static("W/\"0\""));
        let style: Option<InlineStyle> = parts.extensions.get().cloned();
        let bytes = body.size() + ENTRY_BYTES + style.as_ref().map_or(0, |style| style.0.len());
        Self { tenant, headers: parts.headers, style, body, tag, bytes }
    }

    fn reply(&self, visit: &Visit) -> Response {
        let fresh =
            visit.accepts.known_tag.as_deref().is_some_and(|known| known.as_bytes() == self.tag.as_bytes());
        let mut response = if fresh {
            // with its type, which says which policy goes with it: a browser takes the headers of a 304 for the page's
            let mut response = StatusCode::NOT_MODIFIED.into_response();
            let kind = self.headers.get(header::CONTENT_TYPE).cloned();
            response.headers_mut().extend(kind.map(|kind| (header::CONTENT_TYPE, kind)));
            response
        } else {
            let (encoding, bytes) = self.body.choose(&visit.accepts.encodings);
            let mut response = Response::new(Body::from(bytes));
            response.headers_mut().clone_from(&self.headers);
            if let Some(encoding) = encoding {
                response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            }
            response
        };
        if let Some(style) = &self.style {
            response.extensions_mut().insert(style.clone());
        }
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.tag.clone());
        // the caller may keep it, and asks each time whether it still holds
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(
            header::VARY,
            HeaderValue::from_static("accept-encoding, accept-language, cookie, save-data"),
        );
        response
    }
}

fn key(
    visit: &Visit,
    tenant: &db::Tenant,
    versions: db::Versions,
    areas: &[Area],
    known: &[(&str, &str)],
) -> Key {
    let mut sum = asked(visit);
    let mut add = |bytes: &[u8]| add(&mut sum, bytes);
    add(&tenant.id.number().to_le_bytes());
    add(&versions.generation.to_le_bytes());
    for area in areas {
        add(&[*area as u8]);
        add(&versions.of(*area).to_le_bytes());
    }
    // the directory's copy of the tenant stands in the frame
    add(tenant.name.as_str().as_bytes());
    add(tenant.currency.code().as_bytes());
    add(&[u8::from(tenant.test)]);
    for (name, value) in known {
        add(name.as_bytes());
        add(value.as_bytes());
    }
    sum.finalize().into()
}

fn key_for_all(visit: &Visit, stamp: &str) -> Key {
    let mut sum = asked(visit);
    add(&mut sum, stamp.as_bytes());
    sum.finalize().into()
}

/// What every page depends on: the build, and how it was asked for.
fn asked(visit: &Visit) -> Sha256 {
    let mut sum = Sha256::new();
    add(&mut sum, crate::assets::build().as_bytes());
    add(&mut sum, &[u8::from(visit.arrival.secure), u8::from(visit.accepts.save_data)]);
    add(&mut sum, visit.host().as_bytes());
    add(&mut sum, visit.language().code().as_bytes());
    add(&mut sum, visit.path().as_bytes());
    sum
}

fn add(sum: &mut Sha256, bytes: &[u8]) {
    sum.update((bytes.len() as u32).to_le_bytes());
    sum.update(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(tenant: i64, bytes: usize) -> Arc<Kept> {
        Arc::new(Kept {
            bytes,
            ..Kept::of(
                Some(TenantId::numbered(tenant)),
                Response::new(Body::empty()).into_parts().0,
                Bytes::from_static(b"x"),
            )
        })
    }

    fn numbered(number: u32) -> Key {
        let mut key = [0; 32];
        key[..4].copy_from_slice(&number.to_le_bytes());
        key
    }

    #[test]
    fn one_tenant_never_takes_more_than_its_share_and_all_never_more_than_theirs() {
        let cache = PageCache::of(32 << 20);
        for number in 0..100 {
            cache.put(numbered(number), page(1, 100_000));
        }
        assert!(cache.bytes() <= TENANT_BYTES);
        for number in 100..1000 {
            cache.put(numbered(number), page(i64::from(number), 200_000));
        }
        assert!(cache.bytes() <= cache.all_bytes);
        assert!(cache.get(&numbered(999)).is_some() && cache.get(&numbered(0)).is_none());
    }

    #[test]
    fn a_caller_gets_the_smallest_body_it_can_read() {
        let variants = Variants::quick(Bytes::from("mango ".repeat(1000)));
        assert_eq!(variants.choose("gzip, deflate, br").0, Some("br"));
        assert_eq!(variants.choose("gzip;q=1.0, br;q=0").0, Some("gzip"));
        assert_eq!(variants.choose("").0, None);
        assert!(variants.choose("br").1.len() < variants.choose("").1.len());
    }
}
