//! Cookies of ours: bound to their host in production (`__Host-`), never sent by other sites, and unreadable for scripts
//! unless one is made for them.

use axum::response::{IntoResponseParts, ResponseParts};
use http::{HeaderMap, HeaderValue, header};

use crate::App;

/// The sign-in cookie's plain name.
const SESSION: &str = "soko";
pub(crate) const LANGUAGE: &str = "lang";
pub(crate) const FLASH: &str = "flash";

/// A cookie to set, as a part of a reply: `(cookie, redirect("/…"))`.
#[derive(Debug, Clone)]
pub struct SetCookie(HeaderValue);

/// Keeps `value` for `max_age_s` seconds. Values are ours: ASCII without `;`, or nothing is set.
pub fn set(app: &App, name: &str, value: &str, max_age_s: i64) -> SetCookie {
    written(app, name, value, max_age_s, "; HttpOnly")
}

/// As `set`, for what our scripts may read: never a secret.
pub fn set_readable(app: &App, name: &str, value: &str, max_age_s: i64) -> SetCookie {
    written(app, name, value, max_age_s, "")
}

fn written(app: &App, name: &str, value: &str, max_age_s: i64, hidden: &str) -> SetCookie {
    let secure = if app.config.is_production() { "; Secure" } else { "" };
    let name = full_name(app, name);
    let line = format!("{name}={value}; Path=/; Max-Age={max_age_s}{hidden}; SameSite=Lax{secure}");
    let harmless = value.bytes().all(|byte| byte.is_ascii_graphic() && !b";,\"\\".contains(&byte));
    let line = if harmless { line } else { format!("{name}=; Path=/; Max-Age=0{secure}") };
    SetCookie(HeaderValue::from_str(&line).unwrap_or_else(|_| HeaderValue::from_static("")))
}

pub fn forget(app: &App, name: &str) -> SetCookie {
    set(app, name, "", 0)
}

/// Signs in: `token` is what `Doorkeeper::session` will be asked with.
pub fn sign_in(app: &App, token: &str, max_age_s: i64) -> SetCookie {
    set(app, SESSION, token, max_age_s)
}

pub fn sign_out(app: &App) -> SetCookie {
    forget(app, SESSION)
}

/// The value of one of our cookies.
pub fn get<'h>(app: &App, headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let name = full_name(app, name);
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .find_map(|pair| {
            pair.trim().split_once('=').filter(|(found, _)| *found == name).map(|(_, value)| value)
        })
        .filter(|value| !value.is_empty())
}

pub(crate) fn session<'h>(app: &App, headers: &'h HeaderMap) -> Option<&'h str> {
    get(app, headers, SESSION)
}

/// `__Host-` makes browsers refuse a cookie that a sibling host set; it asks for TLS, which development lacks.
fn full_name(app: &App, name: &str) -> String {
    if app.config.is_production() { format!("__Host-{name}") } else { name.to_owned() }
}

impl SetCookie {
    pub(crate) fn append_to(self, headers: &mut HeaderMap) {
        if !self.0.is_empty() {
            headers.append(header::SET_COOKIE, self.0);
        }
    }
}

impl IntoResponseParts for SetCookie {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        self.append_to(parts.headers_mut());
        Ok(parts)
    }
}
