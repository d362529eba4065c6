//! What is too large for a database: pictures and files, in a folder or a bucket, each under its tenant. A blob is put
//! before the commit that names it, never changed, and never shared between tenants.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use db::TenantId;
use http_body_util::BodyExt;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use object_store::{
    ClientOptions, Error as StoreError, ObjectStore, ObjectStoreExt,
    aws::{AmazonS3, AmazonS3Builder},
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse,
        HttpResponseBody, HttpService,
    },
    local::LocalFileSystem,
    path::Path,
    prefix::PrefixStore,
};

use crate::{
    Config,
    config::{BlobsAt, Bucket},
    outbound::{Reach, Wires},
};

/// Why a blob was not put or read; the cause is for the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the blobs cannot be reached: {0}")]
pub struct BlobError(Arc<str>);

impl BlobError {
    fn of(error: impl std::fmt::Display) -> Self {
        Self(error.to_string().into())
    }
}

/// All tenants' blobs. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    /// Or why it cannot be opened: said when a blob is asked for, so that all else goes on.
    store: Result<Arc<dyn ObjectStore>, BlobError>,
}

impl Blobs {
    /// Where `config` says they are.
    pub fn of(config: &Config) -> Self {
        let store: Result<Arc<dyn ObjectStore>, BlobError> = match &config.blobs {
            BlobsAt::Folder => folder(config.data.join("blobs")).map(|store| Arc::new(store) as _),
            BlobsAt::Bucket(bucket) => self::bucket(bucket)
                .map(|store| Arc::new(PrefixStore::new(store, bucket.prefix.as_str())) as _),
        };
        if let Err(error) = &store {
            tracing::error!(%error, "no picture can be kept or shown");
        }
        Self { store }
    }

    /// Keeps `bytes` under `name`; the same name always means the same bytes. When this returns, they last.
    pub async fn put(&self, tenant: TenantId, name: &str, bytes: Bytes) -> Result<(), BlobError> {
        let store = self.store.as_ref().map_err(Clone::clone)?;
        store.put(&place(tenant, name), bytes.into()).await.map(drop).map_err(BlobError::of)
    }

    /// The bytes under `name`, if this tenant has put some there.
    pub async fn get(&self, tenant: TenantId, name: &str) -> Result<Option<Bytes>, BlobError> {
        let store = self.store.as_ref().map_err(Clone::clone)?;
        let found = match store.get(&place(tenant, name)).await {
            Ok(found) => found,
            Err(StoreError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(BlobError::of(error)),
        };
        found.bytes().await.map(Some).map_err(BlobError::of)
    }
}

/// `Path::from` takes slashes and dots in `name` for letters of it.
fn place(tenant: TenantId, name: &str) -> Path {
    Path::from_iter(["tenants", &tenant.number().to_string(), name])
}

fn folder(at: PathBuf) -> Result<LocalFileSystem, BlobError> {
    std::fs::create_dir_all(&at).map_err(BlobError::of)?;
    LocalFileSystem::new_with_prefix(at).map(|store| store.with_fsync(true)).map_err(BlobError::of)
}

fn bucket(bucket: &Bucket) -> Result<AmazonS3, BlobError> {
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket.name)
        .with_region(&bucket.region)
        .with_access_key_id(&bucket.key_id)
        .with_secret_access_key(bucket.secret.reveal())
        .with_http_connector(OurConnector);
    if let Some(endpoint) = &bucket.endpoint {
        builder = builder.with_endpoint(endpoint.to_string()).with_allow_http(endpoint.scheme == "http");
    }
    builder.build().map_err(BlobError::of)
}

/// Lets the store speak through our own client instead of bringing another one.
#[derive(Debug)]
struct OurConnector;

impl HttpConnector for OurConnector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = Client::builder(TokioExecutor::new()).build(Wires::new(Reach::Configured));
        Ok(HttpClient::new(OurClient(client)))
    }
}

#[derive(Debug)]
struct OurClient(Client<Wires, HttpRequestBody>);

#[async_trait]
impl HttpService for OurClient {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let sent = self.0.request(request).await;
        let failed = |error: hyper_util::client::legacy::Error| {
            let kind = if error.is_connect() { HttpErrorKind::Connect } else { HttpErrorKind::Request };
            HttpError::new(kind, error)
        };
        let broken = |error| HttpError::new(HttpErrorKind::Interrupted, error);
        Ok(sent.map_err(failed)?.map(|body| HttpResponseBody::new(body.map_err(broken))))
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, sync::Mutex};

    use axum::{Router, body::to_bytes, extract::Request, response::IntoResponse};
    use http::{Method, StatusCode, header};

    use super::*;

    const ONE: TenantId = TenantId::numbered(1);
    const TWO: TenantId = TenantId::numbered(2);

    async fn keeps_apart(blobs: &Blobs) {
        blobs.put(ONE, "a1-320.jpg", Bytes::from_static(b"mango")).await.unwrap();
        assert_eq!(blobs.get(ONE, "a1-320.jpg").await.unwrap().as_deref(), Some(&b"mango"[..]));
        assert_eq!(blobs.get(TWO, "a1-320.jpg").await.unwrap(), None);
        assert_eq!(blobs.get(ONE, "b2-320.jpg").await.unwrap(), None);
        for name in ["../1/a1-320.jpg", "/tenants/1/a1-320.jpg", "..", "", "a1-320.jpg/"] {
            assert_eq!(blobs.get(TWO, name).await.ok().flatten(), None, "{name}");
        }
    }

    #[tokio::test]
    async fn a_tenants_blobs_are_its_own_in_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::development();
        folder.path().clone_into(&mut config.data);
        keeps_apart(&Blobs::of(&config)).await;
        assert!(folder.path().join("blobs/tenants/1/a1-320.jpg").exists());
    }

    /// As much of S3 as is asked for.
    async fn bucket_server() -> String {
        let kept: Arc<Mutex<HashMap<String, Bytes>>> = Arc::default();
        let serve = move |request: Request| {
            let kept = Arc::clone(&kept);
            async move {
                let (parts, body) = request.into_parts();
                let signed = parts.headers.get(header::AUTHORIZATION).is_some_and(|line| {
                    line.to_str().unwrap().starts_with("AWS4-HMAC-SHA256 Credential=id/")
                });
                let path = parts.uri.path().to_owned();
                let body = to_bytes(body, usize::MAX).await.unwrap();
                let mut kept = kept.lock().unwrap();
                match parts.method {
                    _ if !signed => StatusCode::FORBIDDEN.into_response(),
                    Method::PUT => {
                        kept.insert(path, body);
                        [(header::ETAG, "\"x\"")].into_response()
                    }
                    _ => match kept.get(&path) {
                        Some(bytes) => {
                            let headers = [
                                (header::ETAG, "\"x\""),
                                (header::LAST_MODIFIED, "Sat, 21 Nov 2026 12:00:00 GMT"),
                            ];
                            (headers, bytes.clone()).into_response()
                        }
                        None => StatusCode::NOT_FOUND.into_response(),
                    },
                }
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(serve)).await });
        format!("http://{address}")
    }

    #[tokio::test]
    async fn a_tenants_blobs_are_its_own_in_a_bucket() {
        let bucket = Bucket {
            name: "shops".to_owned(),
            prefix: "soko".to_owned(),
            region: "eu-west-3".to_owned(),
            endpoint: bucket_server().await.parse().ok(),
            key_id: "id".to_owned(),
            secret: crate::Secret::new("secret"),
        };
        let mut config = Config::development();
        config.blobs = BlobsAt::Bucket(bucket);
        keeps_apart(&Blobs::of(&config)).await;
    }
}
