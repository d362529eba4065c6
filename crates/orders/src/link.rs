//! Links that show something to whoever holds them. An order's: 160 random bits, of which the row keeps only the hash. A
//! paper's: the paper's id with a proof under the tenant's key, so that it can be printed any time and is kept nowhere.

use base::Timestamp;
use db::{Rx, Tx};
use sha2::{Digest, Sha256};
use spine::keys::TenantKey;
use subtle::ConstantTimeEq;

use crate::{
    Error,
    model::{Document, DocumentId, OrderId},
    paper, sql,
};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The customer's page of the order: see it, pay it.
    Order,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
        }
    }
}

/// A year: a customer looks an old receipt up.
pub const LINK_LASTS_S: i64 = 365 * 24 * 3600;

/// A new secret of 160 bits for an address, and the hash that the row keeps.
pub(crate) fn secret(tx: &mut Tx) -> (String, [u8; 32]) {
    let token = letters(tx.random::<20>());
    let hash = hash(&token);
    (token, hash)
}

pub(crate) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// 32 letters and digits that survive being read aloud.
fn letters(bytes: [u8; 20]) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut text = String::with_capacity(32);
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in bytes {
        bits = bits << 8 | u32::from(byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(char::from(ALPHABET[(bits >> count) as usize & 31]));
        }
        bits &= (1 << count) - 1;
    }
    text
}

/// A new link to `order`: the token is shown once, here.
pub fn link(tx: &mut Tx, order: OrderId, purpose: Purpose, lasts_s: i64) -> Result<String, Error> {
    let (token, hash) = secret(tx);
    let until = tx.now().plus_s(lasts_s);
    sql::add_link(tx, &hash, order, purpose.name(), until)?;
    Ok(token)
}

/// The order that `token` shows, if it still does.
pub fn linked_order(rx: &mut Rx, token: &str) -> Result<Option<OrderId>, Error> {
    Ok(sql::linked_order(rx, &hash(token))?)
}

/// What proves that a paper may be seen; 100 bits of it stand in the link.
const PAPER: &str = "orders.paper-link";
/// Letters of five bits.
const PROOF_LETTERS: usize = 20;

/// What leads to `document` for whoever holds it: `doc_…-…`, the same each time until the order's links are revoked.
pub fn paper_link(rx: &mut Rx, key: &TenantKey, document: &Document) -> Result<String, Error> {
    let revoked = sql::links_revoked_at(rx, document.order)?;
    Ok(format!("{}-{}", document.id, paper_proof(key, document.id, revoked)))
}

/// The paper that `link` leads to. One answer for what is malformed, forged, revoked, another tenant's or not there.
pub fn linked_paper(rx: &mut Rx, key: &TenantKey, link: &str) -> Result<Document, Error> {
    let (id, proof) = link.rsplit_once('-').ok_or(Error::UnknownDocument)?;
    let id: DocumentId = id.parse().map_err(|_| Error::UnknownDocument)?;
    let document = paper::document(rx, id)?;
    let revoked = sql::links_revoked_at(rx, document.order)?;
    let right = paper_proof(key, id, revoked);
    let proven = bool::from(right.as_bytes().ct_eq(proof.as_bytes()));
    proven.then_some(document).ok_or(Error::UnknownDocument)
}

fn paper_proof(key: &TenantKey, document: DocumentId, revoked: Option<Timestamp>) -> String {
    let revoked = revoked.map_or(0, Timestamp::micros).to_string();
    let proof = key.proof(PAPER, &[&document.to_string(), &revoked]);
    let mut bytes = [0; 20];
    bytes.copy_from_slice(&proof[..20]);
    let mut letters = letters(bytes);
    letters.truncate(PROOF_LETTERS);
    letters
}

/// Ends all links to an order and to its papers; says how many of the order's still held.
pub fn revoke_links(tx: &mut Tx, order: OrderId) -> Result<u64, Error> {
    Ok(sql::revoke_links(tx, order)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_32_letters_that_say_all_160_bits() {
        assert_eq!(letters([0; 20]), "0".repeat(32));
        assert_eq!(letters([255; 20]), "z".repeat(32));
        let mut one = [0; 20];
        one[19] = 1;
        assert_eq!(letters(one), format!("{}1", "0".repeat(31)));
    }
}
