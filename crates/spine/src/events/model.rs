//! How an event is sealed: `link = SHA-256(previous link, n, time, kind, subject, actor, digest)` and
//! `digest = SHA-256(salt, address, request, payload)`. What may hold personal data stands only under the salted digest, so
//! it can be erased and the chain still holds. The tenant's number is outside: a restored tenant keeps its proof.

use base::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What has happened and is to be recorded. Who did it, from where and when, the transaction knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What happened, `thing.verb`: `order.placed`.
    pub kind: &'static str,
    /// The id of what it happened to; never personal data, for it is sealed for ever.
    pub subject: String,
    /// Before and after, as far as they matter. This part can be erased.
    pub payload: Value,
}

/// Which events are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// `order.placed`, or `order.` for all that happened to orders.
    pub kind: Option<String>,
    pub subject: Option<String>,
    pub actor: Option<String>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
}

impl Filter {
    /// The first and the last kind that pass, in the order of their letters.
    pub(super) fn kinds(&self) -> (String, String) {
        match self.kind.as_deref() {
            // every kind begins with a small letter
            None => (String::new(), "~".to_owned()),
            Some(area) if area.ends_with('.') => (area.to_owned(), format!("{area}~")),
            Some(kind) => (kind.to_owned(), kind.to_owned()),
        }
    }
}

/// An event as readers see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Seen {
    /// Its number in the tenant's history, from 1 without a gap.
    pub n: i64,
    pub at: Timestamp,
    pub kind: String,
    pub subject: String,
    pub actor: String,
    /// Empty when it was erased.
    pub address: Option<String>,
    pub request: Option<String>,
    pub payload: Option<Value>,
}

/// The last event's number and link; `n` is 0 before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Head {
    pub n: i64,
    #[serde(with = "crate::hex")]
    pub link: [u8; 32],
}

impl Head {
    /// What the first event is linked to.
    pub const START: Self = Self { n: 0, link: [0; 32] };
}

/// What only the salted digest seals.
pub struct Erasable<'e> {
    pub salt: &'e [u8],
    pub address: &'e str,
    pub request: &'e str,
    pub payload: &'e str,
}

impl Erasable<'_> {
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Framed::new("soko.event-payload.1");
        for part in [self.salt, self.address.as_bytes(), self.request.as_bytes(), self.payload.as_bytes()] {
            hash.add(part);
        }
        hash.finish()
    }
}

/// What a link seals besides the link before it.
pub struct Sealed<'e> {
    pub n: i64,
    pub at: Timestamp,
    pub kind: &'e str,
    pub subject: &'e str,
    pub actor: &'e str,
    pub digest: &'e [u8; 32],
}

impl Sealed<'_> {
    pub fn link(&self, previous: &[u8; 32]) -> [u8; 32] {
        let mut hash = Framed::new("soko.event.1");
        hash.add(previous);
        hash.add(&self.n.to_be_bytes());
        hash.add(&self.at.micros().to_be_bytes());
        hash.add(self.kind.as_bytes());
        hash.add(self.subject.as_bytes());
        hash.add(self.actor.as_bytes());
        hash.add(self.digest);
        hash.finish()
    }
}

/// SHA-256 over parts that each come after their length, so that no two lists of parts hash alike.
pub struct Framed(Sha256);

impl Framed {
    pub fn new(purpose: &str) -> Self {
        let mut framed = Self(Sha256::new());
        framed.add(purpose.as_bytes());
        framed
    }

    pub fn add(&mut self, part: &[u8]) {
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
    }

    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_micros(1_795_176_000_000_000);

    fn an_event<'e>(kind: &'e str, subject: &'e str) -> Sealed<'e> {
        Sealed { n: 7, at: NOON, kind, subject, actor: "system", digest: &[3; 32] }
    }

    #[test]
    fn letters_that_move_from_one_field_to_the_next_change_the_link() {
        assert_ne!(
            an_event("order.placed", "x").link(&[0; 32]),
            an_event("order.place", "dx").link(&[0; 32])
        );
    }

    #[test]
    fn a_link_holds_everything_it_seals() {
        let link = an_event("order.placed", "x").link(&[0; 32]);
        let others = [
            Sealed { n: 8, ..an_event("order.placed", "x") },
            Sealed { at: NOON.plus_s(1), ..an_event("order.placed", "x") },
            Sealed { actor: "visitor", ..an_event("order.placed", "x") },
            Sealed { digest: &[4; 32], ..an_event("order.placed", "x") },
        ];
        assert!(others.iter().all(|other| other.link(&[0; 32]) != link));
        assert_ne!(an_event("order.placed", "x").link(&[1; 32]), link);
    }

    #[test]
    fn the_format_of_the_chain_is_for_ever() {
        let digest = Erasable { salt: &[1; 16], address: "::1", request: "req_1", payload: "{}" }.digest();
        let link = Sealed { digest: &digest, ..an_event("order.placed", "order_1") }.link(&Head::START.link);
        // computed apart from this code
        assert_eq!(
            crate::hex::encode(&digest),
            "b436e7c5b649bac38ac9080c81d35651c427d37d8bc31edcb88f0ac6dd2eaad8"
        );
        assert_eq!(
            crate::hex::encode(&link),
            "1df0788a4e3c133bffa174a69e1ebea5bafb5bc6bf285595c54a0a39b1fe8a6b"
        );
    }
}
