//! Input, parsed once; what does not read is a `Problem` that says why.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Multipart, Request, multipart::Field},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use serde::{Serialize, de::DeserializeOwned};

use crate::{App, Problem, RouteRule, gate::whole_body, guard::header_text};

/// A JSON body, in and out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

/// A form as browsers send it; a repeated field reads into a `Vec`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Form<T>(pub T);

/// The parts of the path in `{braces}`: a struct or tuple that names what it needs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Path<T>(pub T);

/// The query; a repeated field reads into a `Vec`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<T>(pub T);

/// The body as it came, for who checks a signature over it.
#[derive(Debug, Clone)]
pub struct Raw(pub Bytes);

/// A form with files. The token, if any, is its first field.
#[derive(Debug, Default)]
pub struct Upload {
    pub fields: Vec<(String, String)>,
    pub files: Vec<UploadedFile>,
}

#[derive(Debug)]
pub struct UploadedFile {
    /// The form field.
    pub field: String,
    /// As the caller's device names it: for show alone.
    pub name: String,
    pub bytes: Bytes,
}

impl Upload {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub fn file(&self, field: &str) -> Option<&UploadedFile> {
        self.files.iter().find(|file| file.field == field && !file.bytes.is_empty())
    }
}

async fn body_of(request: Request) -> Result<Bytes, Problem> {
    let limit = request.extensions().get::<std::sync::Arc<RouteRule>>().map_or(0, |rule| rule.body_limit);
    whole_body(request.into_body(), limit).await
}

fn kind_of(request: &Request) -> String {
    let line = header_text(request.headers(), header::CONTENT_TYPE);
    line.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let kind = kind_of(&request);
        if kind != "application/json" && !(kind.starts_with("application/") && kind.ends_with("+json")) {
            return Err(Problem::unsupported_media(
                "json-needed",
                "Send JSON, with Content-Type: application/json.",
            ));
        }
        let bytes = body_of(request).await?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            let detail = error.to_string();
            if error.is_data() { malformed(detail) } else { Problem::bad_request("json-broken", detail) }
        })
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes)
                .into_response(),
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        if kind_of(&request) != "application/x-www-form-urlencoded" {
            return Err(Problem::unsupported_media(
                "form-needed",
                "Send a form (application/x-www-form-urlencoded).",
            ));
        }
        let bytes = body_of(request).await?;
        serde_html_form::from_bytes(&bytes).map(Self).map_err(malformed)
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, app).await {
            Ok(axum::extract::Path(read)) => Ok(Self(read)),
            Err(axum::extract::rejection::PathRejection::FailedToDeserializePathParams(_)) => {
                Err(crate::guard::no_tenant())
            }
            Err(error) => Err(Problem::internal(error)),
        }
    }
}

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        serde_html_form::from_str(parts.uri.query().unwrap_or_default()).map(Self).map_err(malformed)
    }
}

impl FromRequest<App> for Raw {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        body_of(request).await.map(Self)
    }
}

impl FromRequest<App> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let limit = parts.extensions.get::<std::sync::Arc<RouteRule>>().map_or(0, |rule| rule.body_limit);
        let bytes = whole_body(body, limit).await?;
        let whole = Request::from_parts(parts, axum::body::Body::from(bytes));
        let mut form = Multipart::from_request(whole, app).await.map_err(|_| {
            Problem::unsupported_media("upload-needed", "Send a form with files (multipart/form-data).")
        })?;
        let mut upload = Self::default();
        while let Some(field) = form.next_field().await.map_err(broken)? {
            upload.take(field).await?;
        }
        Ok(upload)
    }
}

impl Upload {
    async fn take(&mut self, field: Field<'_>) -> Result<(), Problem> {
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(str::to_owned) {
            Some(file) => self.files.push(UploadedFile {
                field: name,
                name: file,
                bytes: field.bytes().await.map_err(broken)?,
            }),
            None => self.fields.push((name, field.text().await.map_err(broken)?)),
        }
        Ok(())
    }
}

fn broken(error: axum::extract::multipart::MultipartError) -> Problem {
    Problem::bad_request("upload-broken", "The form with files does not read; send it again.").because(error)
}

fn malformed(error: impl std::fmt::Display) -> Problem {
    Problem::unprocessable("input-malformed", error)
}

/// 201 with the address of what was made.
pub struct Created<T> {
    pub location: String,
    pub body: T,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::CREATED, Json(self.body)).into_response();
        if let Ok(location) = HeaderValue::from_str(&self.location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

/// 303: look there next. `to` is a path of ours or an address that we made; what a caller named goes through `local`.
pub fn redirect(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(error) => Problem::internal(error).into_response(),
    }
}

/// `to` if it is a path on this host, else `otherwise`: a caller's wish never leads to another site.
pub fn local<'a>(to: &'a str, otherwise: &'a str) -> &'a str {
    let plain = to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if to.starts_with('/') && !to.starts_with("//") && plain { to } else { otherwise }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_never_leads_to_another_site() {
        assert_eq!(local("/t/a/admin?x=1", "/"), "/t/a/admin?x=1");
        for wish in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\r\nb"] {
            assert_eq!(local(wish, "/home"), "/home", "{wish}");
        }
    }
}
