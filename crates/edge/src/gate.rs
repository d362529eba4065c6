//! The gate before each handler: the right host, the right origin, the token of a form, and the time a body may take.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{Method, header};

use crate::{
    Access, Problem, RouteRule, Site,
    arrival::Arrival,
    csrf,
    guard::{header_text, no_tenant},
};

/// The token that came with a request; a guard compares it.
#[derive(Debug, Clone)]
pub(crate) struct SentToken(pub String);

/// A body that is not there after this time is not waited for.
const BODY_S: u64 = 30;
/// An upload's: 20 MiB over a slow phone's network.
const UPLOAD_S: u64 = 600;
const ORDINARY: usize = 1 << 20;

pub(crate) async fn pass(rule: Arc<RouteRule>, mut request: Request, next: Next) -> Response {
    let answer = match check(&rule, &mut request).await {
        Ok(()) => {
            request.extensions_mut().insert(Arc::clone(&rule));
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    };
    let mut answer = answer;
    answer.extensions_mut().insert(rule);
    answer
}

async fn check(rule: &RouteRule, request: &mut Request) -> Result<(), Problem> {
    let arrival = request.extensions().get::<Arc<Arrival>>().cloned();
    let Some(arrival) = arrival else {
        return Err(Problem::internal("a request that did not arrive through the edge"));
    };
    if !arrival.admits(rule.site) && !rule.anywhere {
        return Err(no_tenant());
    }
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let by_cookie =
        matches!(rule.site, Site::Office | Site::Shop | Site::Files) && rule.access != Access::Callback;
    if safe || !by_cookie {
        return Ok(());
    }
    if !csrf::is_same_origin(request.headers(), &arrival) {
        return Err(Problem::forbidden(
            "other-origin",
            "This was sent from another site. Open the page here and send it again.",
        ));
    }
    if rule.site == Site::Office
        && let Some(token) = sent_token(rule, request).await?
    {
        request.extensions_mut().insert(SentToken(token));
    }
    Ok(())
}

/// The token from the header, or from the form; a form's body is read for it, and put back.
async fn sent_token(rule: &RouteRule, request: &mut Request) -> Result<Option<String>, Problem> {
    if let Some(token) = request.headers().get(csrf::HEADER) {
        return Ok(token.to_str().ok().map(str::to_owned));
    }
    let kind = header_text(request.headers(), header::CONTENT_TYPE).to_ascii_lowercase();
    let form = kind.starts_with("application/x-www-form-urlencoded");
    if !form && !kind.starts_with("multipart/form-data") {
        return Ok(None);
    }
    let body = std::mem::replace(request.body_mut(), Body::empty());
    let bytes = whole_body(body, rule.body_limit).await?;
    let token = if form { token_in_form(&bytes) } else { token_in_parts(&bytes) };
    *request.body_mut() = Body::from(bytes);
    Ok(token)
}

/// The whole body, within its limits of size and time.
pub(crate) async fn whole_body(body: Body, limit: usize) -> Result<Bytes, Problem> {
    let time = Duration::from_secs(if limit > ORDINARY { UPLOAD_S } else { BODY_S });
    match tokio::time::timeout(time, axum::body::to_bytes(body, limit)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_length_limit(&error) => {
            Err(Problem::too_large("body-too-large", format!("Send at most {} KiB.", limit >> 10)))
        }
        Ok(Err(error)) => {
            Err(Problem::bad_request("body-broken", "The request broke off; send it again.").because(error))
        }
        Err(_) => Err(Problem::new(
            http::StatusCode::REQUEST_TIMEOUT,
            "body-too-slow",
            "The request took too long; send it again.",
        )),
    }
}

fn is_length_limit(error: &axum::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        source = cause.source();
    }
    false
}

fn token_in_form(bytes: &[u8]) -> Option<String> {
    let pairs = bytes.split(|byte| *byte == b'&');
    let prefix = format!("{}=", csrf::FIELD);
    let found = pairs.into_iter().find_map(|pair| pair.strip_prefix(prefix.as_bytes()))?;
    String::from_utf8(found.to_vec()).ok()
}

/// A form with files sends the token as its first field.
fn token_in_parts(bytes: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).into_owned();
    let (head, rest) = start.split_once("\r\n\r\n")?;
    let named = head.contains(&format!("name=\"{}\"", csrf::FIELD)) && !head.contains("filename");
    if named { rest.split_once("\r\n").map(|(token, _)| token.to_owned()) } else { None }
}

pub(crate) async fn nowhere() -> Problem {
    no_tenant()
}

pub(crate) async fn other_method() -> Problem {
    Problem::new(
        http::StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "This address does not take that method.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_in_both_kinds_of_forms() {
        assert_eq!(token_in_form(b"title=a%20b&csrf=abc").as_deref(), Some("abc"));
        assert_eq!(token_in_form(b"xcsrf=abc"), None);
        let parts = b"--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n..";
        assert_eq!(token_in_parts(parts).as_deref(), Some("abc"));
        let file = b"--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"csrf\"\r\n\r\nabc\r\n--x";
        assert_eq!(token_in_parts(file), None);
    }
}
