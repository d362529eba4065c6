//! What went wrong, said once: RFC 9457 problem+json for machines, a page for people, causes only in the log.

use std::{
    fmt::{self, Display},
    sync::Arc,
};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use base::Language;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::words::text;

/// A refusal or failure on its way to the caller. `code` is stable: machines match on it, and `problem-{code}` may be
/// its text for people.
#[derive(Clone)]
pub struct Problem(Box<Parts>);

#[derive(Clone)]
struct Parts {
    status: StatusCode,
    code: &'static str,
    detail: String,
    fields: Vec<FieldError>,
    retry_after_s: Option<u64>,
    /// For the log alone.
    cause: Option<String>,
    /// Where a person without a sign-in goes instead of reading a problem.
    sign_in: Option<String>,
}

/// What is wrong with one field of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The field's name as it was sent.
    pub field: String,
    pub message: String,
}

/// The body of a problem, by RFC 9457.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// `about:blank`: the code says more.
    pub r#type: &'a str,
    pub title: &'a str,
    pub status: u16,
    pub detail: &'a str,
    /// Stable; match on this.
    pub code: &'a str,
    /// Quote it to the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false)]
    pub errors: &'a [FieldError],
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $status:ident;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(code: &'static str, detail: impl Display) -> Self {
                Self::new(StatusCode::$status, code, detail)
            }
        )*
    };
}

impl Problem {
    /// A refusal with any status below 500; `detail` is read by people and says what to do.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Display) -> Self {
        Self(Box::new(Parts {
            status,
            code,
            detail: detail.to_string(),
            fields: Vec::new(),
            retry_after_s: None,
            cause: None,
            sign_in: None,
        }))
    }

    refusals! {
        /// 400: the request does not read.
        bad_request = BAD_REQUEST;
        /// 401: say who you are.
        unauthorised = UNAUTHORIZED;
        /// 403: known, but not allowed.
        forbidden = FORBIDDEN;
        /// 404: not there, or somebody else's.
        not_found = NOT_FOUND;
        /// 409: the thing is not in a state for this.
        conflict = CONFLICT;
        /// 410: it was there, and never comes back.
        gone = GONE;
        /// 413: more than this route takes.
        too_large = PAYLOAD_TOO_LARGE;
        /// 415: another kind of body is needed.
        unsupported_media = UNSUPPORTED_MEDIA_TYPE;
        /// 422: it reads, but cannot be meant.
        unprocessable = UNPROCESSABLE_ENTITY;
    }

    /// 429: come back in so many seconds.
    pub fn too_many(retry_after_s: u64) -> Self {
        let mut problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-requests",
            "Too many requests; wait a little, then try again.",
        );
        problem.0.retry_after_s = Some(retry_after_s.max(1));
        problem
    }

    /// In how many seconds the caller may come back, where that is said.
    pub fn retry_after_s(&self) -> Option<u64> {
        self.0.retry_after_s
    }

    /// 503: not now; `cause` goes to the log.
    pub fn unavailable(cause: impl Display) -> Self {
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "This cannot be answered at the moment; try again in a few seconds.",
        );
        problem.0.retry_after_s = Some(2);
        problem.0.cause = Some(cause.to_string());
        problem
    }

    /// 500: our fault; `cause` goes to the log, and the caller gets the request's id to quote.
    pub fn internal(cause: impl Display) -> Self {
        let mut problem = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side; it was noted. Try again later.",
        );
        problem.0.cause = Some(cause.to_string());
        problem
    }

    /// 503 for a tenant that the operator closed for now; 403 to machines.
    pub(crate) fn suspended(machine: bool) -> Self {
        let status = if machine { StatusCode::FORBIDDEN } else { StatusCode::SERVICE_UNAVAILABLE };
        Self::new(
            status,
            "tenant-suspended",
            "This business is closed at the moment. Nothing is lost; please come back later.",
        )
    }

    /// For a tenant that the operator has not let in yet.
    pub(crate) fn waiting(machine: bool) -> Self {
        let status = if machine { StatusCode::FORBIDDEN } else { StatusCode::SERVICE_UNAVAILABLE };
        Self::new(status, "tenant-waiting", "This business is new and opens soon; please come back later.")
    }

    /// The same with one field's fault named.
    pub fn field(mut self, field: impl Into<String>, message: impl Display) -> Self {
        self.0.fields.push(FieldError { field: field.into(), message: message.to_string() });
        self
    }

    /// The same with what only the log may know.
    pub fn because(mut self, cause: impl Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    pub(crate) fn or_sign_in(mut self, to: String) -> Self {
        self.0.sign_in = Some(to);
        self
    }

    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    pub fn code(&self) -> &'static str {
        self.0.code
    }

    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    pub(crate) fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    pub(crate) fn sign_in(&self) -> Option<&str> {
        self.0.sign_in.as_deref()
    }

    /// What a person reads: the text `problem-{code}` where a room wrote one, else the detail.
    pub fn words(&self, language: Language) -> String {
        let key = format!("problem-{}", self.0.code);
        let said = text(language, &key, &[]);
        if said == key { self.0.detail.clone() } else { said }
    }

    /// A refusal, to be said beside what was typed; what is a fault of ours stays an error.
    pub fn refused(self) -> Result<Self, Self> {
        if self.0.status.is_server_error() { Err(self) } else { Ok(self) }
    }

    /// The reply to a machine.
    pub(crate) fn to_json(&self, request_id: Option<&str>) -> Response {
        let body = ProblemBody {
            r#type: "about:blank",
            title: self.0.status.canonical_reason().unwrap_or("Problem"),
            status: self.0.status.as_u16(),
            detail: &self.0.detail,
            code: self.0.code,
            request_id,
            errors: &self.0.fields,
        };
        let mut response = Response::new(Body::from(serde_json::to_vec(&body).unwrap_or_default()));
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        self.dress(&mut response);
        response
    }

    /// Status and headers that do not depend on who reads.
    pub(crate) fn dress(&self, response: &mut Response) {
        *response.status_mut() = self.0.status;
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.0.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.0.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
    }
}

/// Rides in the response's extensions, so that the way out writes it for its reader and into the log.
#[derive(Clone)]
pub(crate) struct Said(pub Arc<Problem>);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.to_json(None);
        response.extensions_mut().insert(Said(Arc::new(self)));
        response
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.0.status.as_u16(), self.0.code, self.0.detail)
    }
}

impl From<db::Error> for Problem {
    fn from(error: db::Error) -> Self {
        use db::Error::*;
        match error {
            Busy(_) | Unknown | Deadline | Closing | Storage(_) | Full(_) => Self::unavailable(error),
            NotLive(_) => Self::suspended(true).because(error),
            Statement(_) | Column { .. } | Panicked(_) | Migration(_) => Self::internal(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_problem_says_its_code_and_fields_but_never_its_cause() {
        let problem = Problem::unprocessable("order-malformed", "An order needs a line.")
            .field("lines", "add one")
            .because("secret");
        let response = problem.to_json(Some("req_1"));
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        let body = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
        let read: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            read,
            serde_json::json!({"type": "about:blank", "title": "Unprocessable Entity", "status": 422, "detail": "An order needs a line.",
                "code": "order-malformed", "requestId": "req_1", "errors": [{"field": "lines", "message": "add one"}]})
        );
    }

    #[test]
    fn a_busy_or_unknown_database_asks_to_come_back() {
        for error in [
            db::Error::Busy(db::TenantId::numbered(1)),
            db::Error::Unknown,
            db::Error::Full("disk".to_owned()),
        ] {
            let response = Problem::from(error).into_response();
            assert_eq!(response.status(), 503);
            assert!(response.headers().contains_key(header::RETRY_AFTER));
        }
    }
}
