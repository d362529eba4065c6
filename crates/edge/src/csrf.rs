//! Writes that carry a cookie come from our own pages: by what the browser says of their origin, and by a token that is
//! bound to session and tenant.

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, header};
use sha2::Sha256;

use crate::arrival::Arrival;

/// The form field and, with a dash-less prefix, the header that carry the token.
pub const FIELD: &str = "csrf";
pub const HEADER: &str = "x-csrf-token";

const HALF: usize = 16;

pub(crate) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes a key of any length, so this cannot fail
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Whether the browser says that one of this origin's own pages sent the request. `same-site` is a sibling's page and
/// refused; so is a request that says nothing.
pub(crate) fn is_same_origin(headers: &HeaderMap, arrival: &Arrival) -> bool {
    let said = |name| headers.get(name).map(|value| value.to_str().unwrap_or("null"));
    let fetch_site = said(header::HeaderName::from_static("sec-fetch-site"));
    let origin = said(header::ORIGIN);
    if fetch_site.is_none() && origin.is_none() {
        return false;
    }
    fetch_site.is_none_or(|site| site == "same-origin")
        && origin.is_none_or(|origin| arrival.is_own_origin(origin))
}

/// The token of a session in a tenant. Each page gets another text for it: a compressed page would leak a steady one
/// letter by letter (BREACH).
pub(crate) fn token(key: &[u8; 32], session: &str, tenant: Option<db::TenantId>) -> String {
    let mut pad = [0u8; HALF];
    if getrandom::fill(&mut pad).is_err() {
        // a token that fits nothing: the form is refused, nothing is opened
        return String::new();
    }
    let mac = half_mac(key, session, tenant);
    let masked: Vec<u8> = pad.iter().zip(mac).map(|(pad, mac)| pad ^ mac).collect();
    hex(&pad) + &hex(&masked)
}

pub(crate) fn is_token(key: &[u8; 32], session: &str, tenant: Option<db::TenantId>, sent: &str) -> bool {
    let Some(bytes) = unhex(sent).filter(|bytes| bytes.len() == 2 * HALF) else { return false };
    let (pad, masked) = bytes.split_at(HALF);
    let found: Vec<u8> = pad.iter().zip(masked).map(|(pad, masked)| pad ^ masked).collect();
    subtle::ConstantTimeEq::ct_eq(found.as_slice(), half_mac(key, session, tenant).as_slice()).into()
}

fn half_mac(key: &[u8; 32], session: &str, tenant: Option<db::TenantId>) -> [u8; HALF] {
    let tenant = tenant.map_or(-1, db::TenantId::number);
    let mac = hmac_sha256(key, &[session.as_bytes(), &tenant.to_le_bytes()]);
    let mut half = [0; HALF];
    half.copy_from_slice(&mac[..HALF]);
    half
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut written, byte| {
        let _ = write!(written, "{byte:02x}");
        written
    })
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|place| u8::from_str_radix(&text[place..place + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_its_session_and_tenant_alone() {
        let (key, bakery, florist) =
            ([7; 32], Some(db::TenantId::numbered(1)), Some(db::TenantId::numbered(2)));
        let token = token(&key, "ses_1", bakery);
        assert!(is_token(&key, "ses_1", bakery, &token));
        assert!(!is_token(&key, "ses_2", bakery, &token));
        assert!(!is_token(&key, "ses_1", florist, &token));
        assert!(!is_token(&key, "ses_1", None, &token));
        assert!(!is_token(&[8; 32], "ses_1", bakery, &token));
        for wrong in ["", "é", "00", &token[2..]] {
            assert!(!is_token(&key, "ses_1", bakery, wrong), "{wrong}");
        }
    }

    #[test]
    fn each_page_gets_another_text_for_its_token() {
        assert_ne!(token(&[7; 32], "ses_1", None), token(&[7; 32], "ses_1", None));
    }
}
