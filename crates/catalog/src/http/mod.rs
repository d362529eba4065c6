//! Routes of the catalogue: for applications below `/t/{slug}/api/v1`, for people below `/t/{slug}/admin`.

mod api;
mod files;
mod form;
mod images;
mod input;
mod office;
mod pictures;
mod sent;
mod settings;

use axum::{
    Extension,
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use edge::{App, May, Problem, Raw, Routes, Site, Upload};
use http::Method;

use crate::{
    Error,
    import::{FileError, RunError},
    shelf::SharedShelf,
};

edge::permission!(
    /// See products that the shop does not show, and what they cost.
    pub Read = "catalog.read"
);
edge::permission!(
    /// Make and change products, categories and tax codes.
    pub Write = "catalog.write"
);
edge::permission!(
    /// Bring in files of products.
    pub Import = "catalog.import"
);

/// The room's texts.
pub const LOCALES: edge::Locale = edge::locale!("catalog");

pub(crate) use form::{ProductForm, Row};
pub(crate) use office::TaxForm;
pub use sent::{Refused, Sent, by_script};

/// The shelf that the binary laid around the routes as an `Extension<SharedShelf>`.
type OnShelf = Extension<SharedShelf>;

/// Every route of this room. The binary lays `Extension(shelf)` around them.
pub fn routes() -> Routes {
    let api = Routes::new()
        .api(api::__path_list, api::list)
        .api(api::__path_create, api::create)
        .api(api::__path_read, api::read)
        .api(api::__path_change, api::change)
        .api(api::__path_archive, api::archive)
        .api(api::__path_change_many, api::change_many)
        .api(api::__path_variants, api::variants)
        .api(api::__path_variant, api::variant)
        .api(settings::__path_categories, settings::categories)
        .api(settings::__path_create_category, settings::create_category)
        .api(settings::__path_rename_category, settings::rename_category)
        .api(settings::__path_remove_category, settings::remove_category)
        .api(settings::__path_tax_codes, settings::tax_codes)
        .api(settings::__path_put_tax_code, settings::put_tax_code)
        .api(files::__path_import, files::import)
        .uploads()
        .api(files::__path_export, files::export);
    let api = api
        .api(images::__path_add, images::add)
        .uploads()
        .api(images::__path_read, images::read)
        .api(images::__path_fetches, images::fetches)
        .api(images::__path_try_again, images::try_again)
        .api(images::__path_show, images::show)
        .api(images::__path_change, images::change)
        .api(images::__path_remove, images::remove)
        .api(images::__path_begin, images::begin)
        .api(images::__path_upload, images::upload)
        .api(images::__path_append, images::append)
        .page(Site::Files, "/t/{slug}/files/{file}", Method::GET, images::file);
    let office = |path: &str| format!("/t/{{slug}}/admin{path}");
    api.page(Site::Office, &office("/products"), Method::GET, office::list)
        .page(Site::Office, &office("/products"), Method::POST, office::change_many)
        .page(Site::Office, &office("/products/new"), Method::GET, office::new)
        .page(Site::Office, &office("/products/new"), Method::POST, office::create)
        .page(Site::Office, &office("/products/{id}"), Method::GET, office::edit)
        .page(Site::Office, &office("/products/{id}"), Method::POST, office::change)
        .page(Site::Office, &office("/products/{id}/state"), Method::POST, office::set_state)
        .page(Site::Office, &office("/products/{id}/images"), Method::POST, pictures::add)
        .uploads()
        .page(Site::Office, &office("/products/{id}/images/change"), Method::POST, pictures::change)
        .page(Site::Office, &office("/products/pictures"), Method::GET, pictures::progress)
        .page(Site::Office, &office("/products/pictures"), Method::POST, pictures::try_again)
        .page(Site::Office, &office("/uploads"), Method::POST, pictures::begin)
        .page(Site::Office, &office("/uploads/{id}"), Method::GET, images::upload)
        .page(Site::Office, &office("/uploads/{id}"), Method::PATCH, images::append)
        .page(Site::Office, &office("/categories"), Method::GET, office::categories)
        .page(Site::Office, &office("/categories"), Method::POST, office::change_category)
        .page(Site::Office, &office("/tax-codes"), Method::GET, office::tax_codes)
        .page(Site::Office, &office("/tax-codes"), Method::POST, office::put_tax_code)
        .page(Site::Office, &office("/products/import"), Method::GET, files::choose)
        .page(Site::Office, &office("/products/import"), Method::POST, files::preview)
        .uploads()
        .page(Site::Office, &office("/products/import/{id}"), Method::POST, files::confirm)
        .page(Site::Office, &office("/products/export"), Method::GET, files::export_page)
        .words(LOCALES)
        .nav(edge::Section::Products, "catalog-nav-products", "/products", "catalog.read")
        .nav(edge::Section::Products, "catalog-nav-categories", "/categories", "catalog.read")
        .nav(edge::Section::Settings, "catalog-nav-tax-codes", "/tax-codes", "catalog.read")
}

/// What came in as a file: the body itself, or the file of a form; and its name.
struct File {
    name: String,
    bytes: Bytes,
}

impl FromRequest<App> for File {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let kind = request.headers().get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.unwrap_or_default().starts_with("multipart/form-data") {
            let Raw(bytes) = Raw::from_request(request, app).await?;
            return Ok(Self { name: String::new(), bytes });
        }
        let upload = Upload::from_request(request, app).await?;
        let file = upload.files.into_iter().find(|file| !file.bytes.is_empty());
        Ok(file.map_or(Self { name: String::new(), bytes: Bytes::new() }, |file| Self {
            name: file.name,
            bytes: file.bytes,
        }))
    }
}

use images::public_files;

/// Whose money a member's tenant has.
fn currency<P>(may: &May<P>) -> base::Currency {
    may.tenant().currency
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match &error {
            Error::UnknownProduct => Self::not_found("product-unknown", error),
            Error::UnknownVariant => Self::not_found("variant-unknown", error),
            Error::UnknownCategory => Self::not_found("category-unknown", error),
            Error::UnknownTaxCode => Self::not_found("tax-code-unknown", error),
            Error::CategoryHasOthers => Self::conflict("category-has-others", error),
            Error::Stock(_) => Self::unprocessable("stock-refused", error),
            Error::Refused(flaws) => {
                let taken = flaws.iter().any(|flaw| {
                    matches!(
                        flaw.rule,
                        crate::Rule::SkuTaken { .. } | crate::Rule::HandleTaken | crate::Rule::CategoryTaken
                    )
                });
                let problem = if taken {
                    Self::conflict("already-there", &error)
                } else {
                    Self::unprocessable("input-refused", &error)
                };
                flaws.iter().fold(problem, |problem, flaw| problem.field(flaw.field.clone(), &flaw.rule))
            }
            Error::UnknownImage => Self::not_found("image-unknown", error),
            Error::Unfit(unfit) => Self::unprocessable("image-refused", &error).field("file", unfit),
            Error::UnknownUpload => Self::not_found("upload-unknown", error),
            Error::UploadSize { .. } => Self::too_large("upload-size", error),
            Error::UploadTooLong { .. } => Self::too_large("upload-too-long", error),
            Error::WrongOffset { .. } => Self::conflict("offset-wrong", error),
            Error::UploadUnfinished { .. } => Self::conflict("upload-unfinished", error),
            Error::Busy | Error::Blobs(_) => Self::unavailable(error),
            Error::Db(_) => match error {
                Error::Db(error) => error.into(),
                other => Self::internal(other),
            },
        }
    }
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        Self::unprocessable("file-refused", &error).field(format!("line {}", error.line), &error.reason)
    }
}

impl From<RunError> for Problem {
    fn from(error: RunError) -> Self {
        match error {
            RunError::File(error) => error.into(),
            RunError::Catalog(error) => error.into(),
            RunError::Db(error) => error.into(),
        }
    }
}
