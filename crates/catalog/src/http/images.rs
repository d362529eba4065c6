//! Pictures for applications: bringing them in, whole or in pieces, and the files as everybody gets them.

use std::ops::Deref;

use axum::{
    Extension,
    body::Body,
    extract::{FromRequest, Request, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use edge::{App, Created, Json, May, Path, Problem, Raw, Visit, Visitor};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::{File, OnShelf, Read, Write, currency};
use crate::{
    Error, Image, ImageChange, Picture, Product, ProductId,
    images::{self, FileName, Form, ImageId, ImageState, KnownImage, Progress, Upload, UploadId},
    model::{ImageAddress, Line512},
    products,
};

const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");

/// Where the tenant's files lie, for who reads that elsewhere.
pub fn public_files(app: &App, visit: &impl Deref<Target = Visit>, slug: &str) -> String {
    let files = visit.files();
    if files.starts_with('/') { app.config.files_link(&format!("/t/{slug}/files")) } else { files }
}

/// One file of a picture.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SourceView {
    /// In pixels.
    width: u32,
    url: String,
}

/// The files of a picture, the narrowest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SourcesView {
    webp: Vec<SourceView>,
    /// For who does not read WebP.
    jpeg: Vec<SourceView>,
}

/// A picture.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImageView {
    #[schema(value_type = String)]
    id: ImageId,
    /// `waiting`, `ready` or `failed`.
    state: &'static str,
    /// Where it came from; of an uploaded one, its widest file.
    address: ImageAddress,
    /// In pixels, of the source; none while it waits.
    width: Option<u32>,
    height: Option<u32>,
    /// Of the file as it came.
    bytes: Option<u64>,
    urls: Option<SourcesView>,
    /// Why it could not be fetched.
    reason: Option<String>,
}

impl ImageView {
    pub fn of(image: &KnownImage, files: &str) -> Self {
        let mut view = Self {
            id: image.id,
            state: image.state.name(),
            address: image.address.public(files),
            width: None,
            height: None,
            bytes: None,
            urls: None,
            reason: None,
        };
        match &image.state {
            ImageState::Waiting => (),
            ImageState::Failed(reason) => view.reason = Some(reason.to_string()),
            ImageState::Ready(measures) => {
                let picture = Picture::of(measures, "");
                let sources = |form| {
                    let each = picture.sources(files, form).into_iter();
                    each.map(|(width, url)| SourceView { width, url }).collect()
                };
                view.width = Some(measures.width);
                view.height = Some(measures.height);
                view.bytes = Some(measures.bytes);
                view.urls = Some(SourcesView { webp: sources(Form::Webp), jpeg: sources(Form::Jpeg) });
            }
        }
        view
    }
}

/// A picture as it comes: the file itself, the file of a form, or `{"upload": "upl_…"}` for one that came in pieces.
pub enum Coming {
    File(Bytes),
    Upload(UploadId),
}

#[derive(Deserialize)]
struct UploadInput {
    upload: UploadId,
}

impl FromRequest<App> for Coming {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if kind.unwrap_or_default().starts_with("application/json") {
            let Json(UploadInput { upload }) = Json::from_request(request, app).await?;
            return Ok(Self::Upload(upload));
        }
        Ok(Self::File(File::from_request(request, app).await?.bytes))
    }
}

/// Keeps a picture: send the file itself (`image/jpeg`, …), a form with it, or the id of an upload that is finished.
#[utoipa::path(post, path = "/t/{slug}/api/v1/images", params(("slug" = String, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "The picture; the same file again is the same picture.", body = ImageView),
        (status = 422, description = "It is no picture that is taken; the detail says why.", body = edge::ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Too many pictures come at once; `Retry-After` says when.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn add(
    State(app): State<App>,
    may: May<Write>,
    coming: Coming,
) -> Result<Created<ImageView>, Problem> {
    let image = match coming {
        Coming::File(file) => images::keep(&app, may.scope(), file).await?,
        Coming::Upload(upload) => images::finish_upload(&app, may.scope(), upload).await?,
    };
    let slug = &may.tenant().slug;
    Ok(Created {
        location: format!("/t/{slug}/api/v1/images/{}", image.id),
        body: ImageView::of(&image, &public_files(&app, &may, slug.as_str())),
    })
}

#[derive(Deserialize)]
pub struct ImagePath {
    id: ImageId,
}

/// A picture, and whether it is there.
#[utoipa::path(get, path = "/t/{slug}/api/v1/images/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The picture.", body = ImageView)))]
pub async fn read(
    State(app): State<App>,
    may: May<Read>,
    Path(path): Path<ImagePath>,
) -> Result<Json<ImageView>, Problem> {
    let image = app.db.read(may.scope(), move |rx| images::image(rx, path.id)).await?;
    Ok(Json(ImageView::of(&image, &public_files(&app, &may, may.tenant().slug.as_str()))))
}

/// One address that gave no picture.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FailureView {
    address: ImageAddress,
    reason: String,
    /// A product that would show it.
    #[schema(value_type = Option<String>)]
    product: Option<ProductId>,
}

/// How far the fetching of addresses is, since they last came.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProgressView {
    waiting: u32,
    ready: u32,
    failed: u32,
    /// The first hundred of those that failed.
    failures: Vec<FailureView>,
}

impl From<Progress> for ProgressView {
    fn from(progress: Progress) -> Self {
        let Progress { waiting, ready, failed, failures } = progress;
        let view = |failure: images::FailedFetch| FailureView {
            address: failure.address,
            reason: failure.reason.to_string(),
            product: failure.product.map(|(id, _)| id),
        };
        Self { waiting, ready, failed, failures: failures.into_iter().map(view).collect() }
    }
}

/// How far the pictures of the last import are: they are fetched from their addresses one after another.
#[utoipa::path(get, path = "/t/{slug}/api/v1/image-fetches", params(("slug" = String, Path)),
    responses((status = 200, description = "How many wait, are here, and failed.", body = ProgressView)))]
pub async fn fetches(State(app): State<App>, may: May<Read>) -> Result<Json<ProgressView>, Problem> {
    Ok(Json(app.db.read(may.scope(), images::progress).await?.into()))
}

/// Tries again what could not be fetched.
#[utoipa::path(post, path = "/t/{slug}/api/v1/image-fetches", params(("slug" = String, Path)),
    responses((status = 202, description = "How far it is now.", body = ProgressView)))]
pub async fn try_again(State(app): State<App>, may: May<Write>) -> Result<Response, Problem> {
    let again = |tx: &mut db::Tx| {
        images::try_again(tx)?;
        images::progress(tx)
    };
    let progress: ProgressView = app.db.write(may.scope(), again).await?.into();
    Ok((StatusCode::ACCEPTED, Json(progress)).into_response())
}

/// A picture for a product: one that was kept, or one that is fetched from its address.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewImage {
    #[schema(value_type = Option<String>)]
    image: Option<ImageId>,
    address: Option<ImageAddress>,
    /// What it shows, for those who cannot see it.
    #[schema(value_type = Option<String>)]
    alt: Option<Line512>,
}

#[derive(Deserialize)]
pub struct ProductPath {
    id: ProductId,
}

/// Shows a picture on a product, behind those that it has: `{"image": "img_…"}` or `{"address": "https://…"}`.
#[utoipa::path(post, path = "/t/{slug}/api/v1/products/{id}/images", params(("slug" = String, Path), ("id" = String, Path)),
    request_body = NewImage, responses((status = 200, description = "The product.", body = Product)))]
pub async fn show(
    State(app): State<App>,
    may: May<Write>,
    Extension(shelf): OnShelf,
    Path(path): Path<ProductPath>,
    Json(new): Json<NewImage>,
) -> Result<Json<Product>, Problem> {
    let currency = currency(&may);
    let shown = app.db.write(may.scope(), move |tx| {
        // another business's product is not there, whatever picture is meant
        products::product(tx, path.id)?;
        let address = match (&new.image, &new.address) {
            (Some(image), None) => images::image(tx, *image)?.address,
            (None, Some(address)) => address.clone(),
            _ => return Err(Error::UnknownImage),
        };
        products::add_image(tx, &*shelf, currency, path.id, &Image { address, alt: new.alt.clone() })?;
        products::product(tx, path.id)
    });
    Ok(Json(shown.await?.public(&public_files(&app, &may, may.tenant().slug.as_str()))))
}

/// What changes of a picture in its product; what is left out stays.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImageInput {
    /// What it shows; `null` for a picture that only adorns.
    #[serde(default, deserialize_with = "super::input::given")]
    #[schema(value_type = Option<String>)]
    alt: Option<Option<Line512>>,
    /// Its place among the product's pictures, the first being 0.
    place: Option<u32>,
}

#[derive(Deserialize)]
pub struct ProductImagePath {
    id: ProductId,
    image: ImageId,
}

async fn changed(
    app: &App,
    may: &May<Write>,
    shelf: crate::SharedShelf,
    path: ProductImagePath,
    changes: Vec<ImageChange>,
) -> Result<Product, Error> {
    let currency = currency(may);
    let change = move |tx: &mut db::Tx| {
        let address = products::image_address(tx, path.id, path.image)?;
        products::change_image(tx, &*shelf, currency, path.id, &address, &changes)?;
        products::product(tx, path.id)
    };
    app.db.write(may.scope(), change).await
}

/// Says what a picture of a product shows, or gives it another place.
#[utoipa::path(patch, path = "/t/{slug}/api/v1/products/{id}/images/{image}",
    params(("slug" = String, Path), ("id" = String, Path), ("image" = String, Path)), request_body = ImageInput,
    responses((status = 200, description = "The product.", body = Product)))]
pub async fn change(
    State(app): State<App>,
    may: May<Write>,
    Extension(shelf): OnShelf,
    Path(path): Path<ProductImagePath>,
    Json(input): Json<ImageInput>,
) -> Result<Json<Product>, Problem> {
    let alt = input.alt.map(ImageChange::Alt);
    let place = input.place.map(|place| ImageChange::Place(place as usize));
    let changes = alt.into_iter().chain(place).collect();
    let product = changed(&app, &may, shelf, path, changes).await?;
    Ok(Json(product.public(&public_files(&app, &may, may.tenant().slug.as_str()))))
}

/// Takes a picture off a product; the picture itself stays.
#[utoipa::path(delete, path = "/t/{slug}/api/v1/products/{id}/images/{image}",
    params(("slug" = String, Path), ("id" = String, Path), ("image" = String, Path)),
    responses((status = 204, description = "It is off.")))]
pub async fn remove(
    State(app): State<App>,
    may: May<Write>,
    Extension(shelf): OnShelf,
    Path(path): Path<ProductImagePath>,
) -> Result<StatusCode, Problem> {
    changed(&app, &may, shelf, path, vec![ImageChange::Remove]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A file that will come in pieces.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct NewUpload {
    /// Bytes in all.
    size: u64,
}

/// How much of a file is here.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct UploadView {
    #[schema(value_type = String)]
    id: UploadId,
    size: u64,
    /// The next piece begins there; also in the header `Upload-Offset`.
    offset: u64,
}

impl UploadView {
    fn of(upload: &Upload) -> Self {
        Self { id: upload.id, size: upload.size, offset: upload.received }
    }
}

fn headers_of(upload: &Upload) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(OFFSET, upload.received.into());
    headers.insert(LENGTH, upload.size.into());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers
}

/// Opens an upload in pieces, for a line that breaks. An unfinished one is forgotten after a day.
#[utoipa::path(post, path = "/t/{slug}/api/v1/uploads", params(("slug" = String, Path)), request_body = NewUpload,
    responses((status = 201, description = "Where to send the pieces: PATCH its address.", body = UploadView)))]
pub async fn begin(
    State(app): State<App>,
    may: May<Write>,
    Json(new): Json<NewUpload>,
) -> Result<Response, Problem> {
    let at = format!("/t/{}/api/v1/uploads", may.tenant().slug);
    begun(&app, &may, &at, new).await
}

pub async fn begun(app: &App, may: &May<Write>, at: &str, new: NewUpload) -> Result<Response, Problem> {
    let most = app.config.upload_max_bytes;
    let upload = app.db.write(may.scope(), move |tx| images::begin_upload(tx, new.size, most)).await?;
    let made = Created { location: format!("{at}/{}", upload.id), body: UploadView::of(&upload) };
    Ok((headers_of(&upload), made).into_response())
}

#[derive(Deserialize)]
pub struct UploadPath {
    id: UploadId,
}

/// How much of an upload is here: after a cut, go on from there. HEAD tells the same by `Upload-Offset`.
#[utoipa::path(get, path = "/t/{slug}/api/v1/uploads/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The upload.", body = UploadView)))]
pub async fn upload(
    State(app): State<App>,
    may: May<Write>,
    Path(path): Path<UploadPath>,
) -> Result<Response, Problem> {
    let upload = app.db.read(may.scope(), move |rx| images::upload(rx, path.id)).await?;
    Ok((headers_of(&upload), Json(UploadView::of(&upload))).into_response())
}

/// Adds a piece of at most 1 MiB, which begins at `Upload-Offset`.
#[utoipa::path(patch, path = "/t/{slug}/api/v1/uploads/{id}",
    params(("slug" = String, Path), ("id" = String, Path), ("upload-offset" = u64, Header)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 204, description = "It is kept; `Upload-Offset` says where the next one begins."),
        (status = 409, description = "The next piece begins elsewhere; ask where.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn append(
    State(app): State<App>,
    may: May<Write>,
    Path(path): Path<UploadPath>,
    headers: HeaderMap,
    Raw(piece): Raw,
) -> Result<Response, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let offset = headers.get(OFFSET).and_then(|offset| offset.to_str().ok()?.parse::<u64>().ok());
    // whether the upload is there comes first: a stranger learns nothing from what is wrong with a request
    app.db.read(may.scope(), move |rx| images::upload(rx, path.id)).await?;
    // tus 1.0 has a type of its own for pieces; plain bytes are as clear
    if !matches!(kind, "application/offset+octet-stream" | "application/octet-stream") {
        let detail = "Send the bytes of the piece with Content-Type: application/octet-stream.";
        return Err(Problem::unsupported_media("piece-needed", detail));
    }
    let Some(offset) = offset else {
        return Err(Problem::bad_request("offset-needed", "Say in Upload-Offset where the piece begins."));
    };
    let upload = app.db.write(may.scope(), move |tx| images::append(tx, path.id, offset, &piece)).await?;
    Ok((StatusCode::NO_CONTENT, headers_of(&upload)).into_response())
}

#[derive(Deserialize)]
pub struct FilePath {
    file: String,
}

/// A file of a picture, for everybody. Its address names its content, so it never changes.
pub async fn file(
    State(app): State<App>,
    visitor: Visitor,
    Path(path): Path<FilePath>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let missing = || Problem::from(Error::UnknownImage);
    let name: FileName = path.file.parse().map_err(|_| missing())?;
    let tag = format!("\"{name}\"");
    let name = match name.width {
        Some(_) => name,
        None => {
            let known =
                app.db.read(visitor.scope(), move |rx| images::image_with_hash(rx, name.hash)).await?;
            let ImageState::Ready(measures) = known.state else { return Err(missing()) };
            FileName { width: images::widths(measures.width).last(), ..name }
        }
    };
    let known = asked.get(header::IF_NONE_MATCH).is_some_and(|sent| sent.as_bytes() == tag.as_bytes());
    let bytes = app.blobs.get(visitor.tenant().id, &name.to_string()).await.map_err(Error::Blobs)?;
    let bytes = bytes.ok_or_else(missing)?;
    let mut response =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { Body::from(bytes).into_response() };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(name.form.media_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}
