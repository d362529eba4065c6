//! Secrets in rows, sealed with XChaCha20-Poly1305 under the tenant's key and bound to their place: a sealed value copied
//! to another tenant, table, column or row does not open.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use db::TenantId;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::Error;

const FORMAT: u8 = 1;
const NONCE: usize = 24;

/// Where a secret stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'p> {
    pub table: &'p str,
    pub column: &'p str,
    pub row: &'p str,
}

/// The key of one tenant. It has no text form, so that no log can hold it.
#[derive(Clone)]
pub struct TenantKey {
    tenant: TenantId,
    secret: [u8; 32],
}

impl TenantKey {
    pub(super) const fn new(tenant: TenantId, secret: [u8; 32]) -> Self {
        Self { tenant, secret }
    }

    /// Seals `secret` for `place`. The nonce must never come twice: give `tx.random()`.
    pub fn seal(&self, place: &Place, secret: &[u8], nonce: [u8; NONCE]) -> Result<Vec<u8>, Error> {
        seal(&self.secret, &self.bound(place), secret, nonce)
    }

    pub fn open(&self, place: &Place, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        open(&self.secret, &self.bound(place), sealed)
    }

    /// Proof that this tenant said `parts` for this `purpose`: nobody without the key can make it, and it stands for no
    /// other tenant, purpose or parts. Compare it in constant time.
    pub fn proof(&self, purpose: &str, parts: &[&str]) -> [u8; 32] {
        let tenant = self.tenant.to_string();
        let named: Vec<&str> =
            ["soko.proof.1", &tenant, purpose].into_iter().chain(parts.iter().copied()).collect();
        // HMAC fills a short key up with zeros (RFC 2104)
        let mut key = [0; 64];
        key[..32].copy_from_slice(&self.secret);
        let mut mac = Hmac::<Sha256>::new(&key.into());
        mac.update(&framed(&named));
        mac.finalize().into_bytes().into()
    }

    fn bound(&self, place: &Place) -> Vec<u8> {
        let tenant = self.tenant.to_string();
        framed(&["soko.secret.1", &tenant, place.table, place.column, place.row])
    }
}

/// Parts that each come after their length: no two lists of parts give the same bytes.
pub(super) fn framed(parts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    bytes
}

/// `format, nonce, ciphertext with its tag`.
pub(super) fn seal(
    key: &[u8; 32],
    bound: &[u8],
    secret: &[u8],
    nonce: [u8; NONCE],
) -> Result<Vec<u8>, Error> {
    let cipher = XChaCha20Poly1305::new(key.into());
    let payload = Payload { msg: secret, aad: bound };
    let ciphertext = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| Error::Sealed)?;
    let mut sealed = vec![FORMAT];
    sealed.extend(nonce);
    sealed.extend(ciphertext);
    Ok(sealed)
}

pub(super) fn open(key: &[u8; 32], bound: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let rest = sealed.strip_prefix(&[FORMAT]).ok_or(Error::Sealed)?;
    let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>().ok_or(Error::Sealed)?;
    let cipher = XChaCha20Poly1305::new(key.into());
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad: bound }).map_err(|_| Error::Sealed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place { table: "method", column: "secret", row: "sandbox" };

    fn key(tenant: i64) -> TenantKey {
        TenantKey::new(TenantId::numbered(tenant), [7; 32])
    }

    #[test]
    fn a_secret_opens_only_in_its_place() {
        let sealed = key(1).seal(&PLACE, b"whsec", [9; 24]).unwrap();
        assert_eq!(key(1).open(&PLACE, &sealed).unwrap(), b"whsec");
        for elsewhere in [
            Place { row: "manual", ..PLACE },
            Place { column: "token", ..PLACE },
            Place { table: "methods", column: "ecret", ..PLACE },
        ] {
            assert!(matches!(key(1).open(&elsewhere, &sealed), Err(Error::Sealed)));
        }
        assert!(matches!(key(2).open(&PLACE, &sealed), Err(Error::Sealed)));
        assert!(matches!(
            TenantKey::new(TenantId::numbered(1), [8; 32]).open(&PLACE, &sealed),
            Err(Error::Sealed)
        ));
    }

    #[test]
    fn a_proof_stands_for_one_tenant_purpose_and_message() {
        let proof = key(1).proof("paper", &["doc_1", "0"]);
        assert_eq!(key(1).proof("paper", &["doc_1", "0"]), proof);
        for other in [&["doc_1", "1"][..], &["doc_2", "0"], &["doc_10", ""], &["doc_1"], &["doc_1", "0", ""]]
        {
            assert_ne!(key(1).proof("paper", other), proof, "{other:?}");
        }
        assert_ne!(key(1).proof("papers", &["doc_1", "0"]), proof);
        assert_ne!(key(2).proof("paper", &["doc_1", "0"]), proof);
        assert_ne!(TenantKey::new(TenantId::numbered(1), [8; 32]).proof("paper", &["doc_1", "0"]), proof);
    }

    #[test]
    fn a_changed_or_cut_secret_does_not_open() {
        let sealed = key(1).seal(&PLACE, b"whsec", [9; 24]).unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key(1).open(&PLACE, &changed).is_err(), "byte {at}");
            assert!(key(1).open(&PLACE, &sealed[..at]).is_err(), "cut at {at}");
        }
    }
}
