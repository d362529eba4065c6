//! Pictures that people send by a form.

use axum::extract::{FromRequest, Request};
use edge::{App, Form, Problem, UploadedFile};
use http::header;
use serde::Deserialize;

use crate::{
    Error,
    images::{self, KnownImage, Unfit, UploadId},
};

/// What comes with a form: files, an upload that came in pieces, or an address.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    #[serde(skip)]
    files: Vec<UploadedFile>,
    upload: String,
    /// As typed; the pictures of an address come later, by a job.
    pub address: String,
}

/// A file that is no picture that is taken.
#[derive(Debug)]
pub struct Refused {
    /// Of the file; empty where it came in pieces.
    pub name: String,
    /// Why, as a text's key.
    pub key: &'static str,
}

impl Refused {
    fn of(name: &str, unfit: Unfit) -> Self {
        Self { name: name.to_owned(), key: unfit.key() }
    }
}

impl Sent {
    pub async fn read(app: &App, request: Request) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.unwrap_or_default().starts_with("multipart/form-data") {
            return Form::from_request(request, app).await.map(|Form(sent)| sent);
        }
        let form = edge::Upload::from_request(request, app).await?;
        let address = form.field("address").unwrap_or_default().to_owned();
        let files = form.files.into_iter().filter(|file| !file.bytes.is_empty()).collect();
        Ok(Self { files, address, upload: String::new() })
    }

    /// Keeps the files and the upload as pictures of the tenant, or says which is none.
    pub async fn keep(&self, app: &App, scope: db::Scope) -> Result<Result<Vec<KnownImage>, Refused>, Error> {
        let mut kept = Vec::new();
        for file in &self.files {
            match images::keep(app, scope.clone(), file.bytes.clone()).await {
                Ok(image) => kept.push(image),
                Err(Error::Unfit(unfit)) => return Ok(Err(Refused::of(&file.name, unfit))),
                Err(error) => return Err(error),
            }
        }
        if !self.upload.is_empty() {
            let upload: UploadId = self.upload.parse().map_err(|_| Error::UnknownUpload)?;
            match images::finish_upload(app, scope, upload).await {
                Ok(image) => kept.push(image),
                Err(Error::Unfit(unfit)) => return Ok(Err(Refused::of("", unfit))),
                Err(error) => return Err(error),
            }
        }
        Ok(Ok(kept))
    }
}

/// Whether a script asks, which wants no page in return.
pub fn by_script(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.unwrap_or_default().starts_with("application/json")
}
