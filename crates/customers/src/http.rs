//! Routes of customers: for applications below `/t/{slug}/api/v1`, for people below `/t/{slug}/admin`.

mod api;
mod consent;
mod file;
mod form;
mod import;
mod office;
mod personal;

use edge::{Problem, Routes, Site};
use http::Method;

pub(crate) use form::{ContactForm, Fault};

use crate::{Error, import::RunError};

edge::permission!(
    /// See who buys, how they are reached and what they owe.
    pub Read = "customers.read"
);
edge::permission!(
    /// Write customers down, change them, write notes, and make one of two.
    pub Write = "customers.write"
);
edge::permission!(
    /// Take customers out of the house, with all that is kept of them.
    pub Export = "customers.export"
);
edge::permission!(
    /// Bring in files of customers.
    pub Import = "customers.import"
);
edge::permission!(
    /// Forget a customer, here and on every order.
    pub Forget = "customers.forget"
);

/// The room's texts.
pub const LOCALES: edge::Locale = edge::locale!("customers");

/// Every route of this room.
pub fn routes() -> Routes {
    let office = |path: &str| format!("/t/{{slug}}/admin{path}");
    Routes::new()
        .api(api::__path_list, api::list)
        .api(api::__path_create, api::create)
        .api(api::__path_read, api::read)
        .api(api::__path_change, api::change)
        .api(consent::__path_put, consent::put)
        .api(personal::__path_export, personal::export)
        .api(import::__path_bring, import::bring)
        .uploads()
        .page(Site::Office, &office("/customers"), Method::GET, office::list)
        .page(Site::Office, &office("/customers.csv"), Method::GET, file::csv)
        .page(Site::Office, &office("/customers/new"), Method::GET, office::new)
        .page(Site::Office, &office("/customers/new"), Method::POST, office::create)
        .page(Site::Office, &office("/customers/import"), Method::GET, import::choose)
        .page(Site::Office, &office("/customers/import"), Method::POST, import::preview)
        .uploads()
        .page(Site::Office, &office("/customers/imports/{id}"), Method::POST, import::confirm)
        .page(Site::Office, &office("/customers/{id}"), Method::GET, office::show)
        .page(Site::Office, &office("/customers/{id}/export"), Method::GET, personal::file)
        .page(Site::Office, &office("/customers/{id}/consent"), Method::POST, consent::tell)
        .page(Site::Office, &office("/customers/{id}"), Method::POST, office::change)
        .page(Site::Office, &office("/customers/{id}/notes"), Method::POST, office::write_note)
        .page(Site::Office, &office("/customers/{id}/notes/{note}/remove"), Method::POST, office::remove_note)
        .page(Site::Office, &office("/customers/{id}/merge"), Method::GET, office::merge_page)
        .page(Site::Office, &office("/customers/{id}/merge"), Method::POST, office::merge)
        .page(Site::Office, &office("/customers/{id}/forget"), Method::GET, office::forget_page)
        .page(Site::Office, &office("/customers/{id}/forget"), Method::POST, office::forget)
        .words(LOCALES)
        .nav(edge::Section::Customers, "customers-nav", "/customers", "customers.read")
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownCustomer => Self::not_found("customer-unknown", error),
            Error::UnknownNote => Self::not_found("note-unknown", error),
            Error::Nobody => Self::unprocessable("customer-nobody", error),
            Error::Taken { ref way, by } => {
                let field = if way.contains('@') { "email" } else { "phone" };
                Self::conflict("customer-known", &error).field(field, by)
            }
            Error::Same => Self::conflict("customer-same", error),
            Error::Open { .. } => Self::conflict("customer-open", error),
            Error::People(error) => error.into(),
            Error::Db(error) => error.into(),
            Error::UnknownFile => Self::gone("customers-file-gone", error),
            Error::Money(_) | Error::Dealings(_) | Error::Holdings(_) => Self::internal(error),
        }
    }
}

impl From<RunError> for Problem {
    fn from(error: RunError) -> Self {
        match error {
            RunError::File(error) => Self::unprocessable("file-refused", &error)
                .field(format!("line {}", error.line), &error.fault),
            RunError::Customers(error) => error.into(),
        }
    }
}
