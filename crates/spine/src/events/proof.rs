//! What the chain proves. Anybody who can write the file can build a chain that fits together; a head that was signed with
//! the installation's key and left the machine shows whether it is the chain that stood there then.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write},
    path::Path,
};

use base::Timestamp;
use db::{Error, Rx};
use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::{
    model::{Erasable, Framed, Head, Sealed},
    sql::{self, Kept},
};
use crate::keys::KeyRing;

/// The kind of the event that says that another was erased.
pub const ERASED: &str = "event.erased";

/// The subject of the event that says that event `n` was erased.
pub fn erased_subject(n: i64) -> String {
    format!("event:{n}")
}

/// A head of a tenant's chain, signed by the installation: one line of JSON in a file of heads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHead {
    /// The name under which the operator knows the tenant.
    pub tenant: String,
    pub n: i64,
    #[serde(with = "crate::hex")]
    pub link: [u8; 32],
    pub at: Timestamp,
    #[serde(with = "crate::hex")]
    pub key: [u8; 32],
    #[serde(with = "crate::hex")]
    pub signature: [u8; 64],
}

impl SignedHead {
    /// Whether one of `trusted` has signed this head as it stands.
    pub fn is_signed_by(&self, trusted: &[VerifyingKey]) -> bool {
        let message = message(&self.tenant, self.n, &self.link, self.at);
        let signature = Signature::from_bytes(&self.signature);
        let own = trusted.iter().filter(|key| key.as_bytes() == &self.key);
        own.into_iter().any(|key| key.verify_strict(&message, &signature).is_ok())
    }
}

/// Signs that the chain of `tenant` ended at `head` at the time `at`.
pub fn sign_head(keys: &KeyRing, tenant: &str, head: Head, at: Timestamp) -> SignedHead {
    let (key, signature) = keys.sign(&message(tenant, head.n, &head.link, at));
    SignedHead { tenant: tenant.to_owned(), n: head.n, link: head.link, at, key, signature }
}

fn message(tenant: &str, n: i64, link: &[u8; 32], at: Timestamp) -> [u8; 32] {
    let mut hash = Framed::new("soko.head.1");
    for part in [tenant.as_bytes(), &n.to_be_bytes(), link, &at.micros().to_be_bytes()] {
        hash.add(part);
    }
    hash.finish()
}

/// Adds lines to a file of heads, and returns when they are on disk.
pub fn append_heads(file: &Path, heads: &[SignedHead]) -> io::Result<()> {
    let mut lines = Vec::new();
    for head in heads {
        serde_json::to_writer(&mut lines, head)?;
        lines.push(b'\n');
    }
    let mut file = fs::OpenOptions::new().create(true).append(true).open(file)?;
    file.write_all(&lines)?;
    file.sync_all()
}

/// Reads a file of heads; a line that is none is an error, for it may be a head that somebody broke.
pub fn read_heads(file: &Path) -> io::Result<Vec<SignedHead>> {
    let text = fs::read_to_string(file)?;
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// Heads to hold a chain against.
#[derive(Debug, Clone, Copy)]
pub struct Proof<'p> {
    /// Heads of other tenants are overlooked.
    pub tenant: &'p str,
    pub heads: &'p [SignedHead],
    pub trusted: &'p [VerifyingKey],
}

/// What a walk over the whole chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub head: Head,
    pub events: i64,
    pub erased: i64,
    /// The highest number a trusted head vouches for; 0 without heads.
    pub proven_to: i64,
    /// At most a hundred.
    pub faults: Vec<Fault>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Broken,
    /// The chain fits together. Whether somebody rebuilt it, only signed heads tell.
    Consistent,
    /// Up to `proven_to` it is the chain that was signed.
    Proven,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum Fault {
    #[error("events {from} to {to} are missing")]
    Missing { from: i64, to: i64 },
    #[error("event {n} is not the one that was sealed")]
    Edited { n: i64 },
    #[error("the payload of event {n} is not the one that was sealed")]
    PayloadEdited { n: i64 },
    #[error("the payload of event {n} is gone, and no event says that it was erased")]
    PayloadLost { n: i64 },
    #[error("the chain's head says {head}, but the last event is {last}: the end was cut or changed")]
    Head { head: i64, last: i64 },
    #[error(
        "a head was signed at event {signed}, but the chain ends at {last}: its tail was cut, or an older file was put back"
    )]
    Behind { signed: i64, last: i64 },
    #[error("event {n} is not the one whose head was signed: the chain up to it was rebuilt")]
    Rebuilt { n: i64 },
    #[error("the head at {n} bears no signature of this installation")]
    Forged { n: i64 },
}

impl Report {
    pub fn verdict(&self) -> Verdict {
        match (self.faults.is_empty(), self.proven_to) {
            (false, _) => Verdict::Broken,
            (true, 0) => Verdict::Consistent,
            (true, _) => Verdict::Proven,
        }
    }
}

const FAULTS_KEPT: usize = 100;
const PAGE: u32 = 500;

/// Walks the whole chain and, where there are heads, holds it against them.
pub fn verify(rx: &mut Rx, proof: Option<Proof>) -> Result<Report, Error> {
    let mut walk = Walk::new(proof);
    loop {
        let events = sql::kept(rx, walk.last.n, PAGE)?;
        for event in &events {
            walk.step(event);
        }
        if events.len() < PAGE as usize {
            break;
        }
    }
    let head = super::head(rx)?;
    Ok(walk.end(head))
}

/// As `verify`, on the platform's own history.
pub(super) fn verify_platform(dx: &mut db::Dx, proof: Option<Proof>) -> Result<Report, Error> {
    let mut walk = Walk::new(proof);
    loop {
        let events = sql::platform::kept(dx, walk.last.n, PAGE)?;
        for event in &events {
            walk.step(event);
        }
        if events.len() < PAGE as usize {
            break;
        }
    }
    let head = super::platform::head(dx)?;
    Ok(walk.end(head))
}

struct Walk<'p> {
    heads: Vec<&'p SignedHead>,
    last: Head,
    events: i64,
    proven_to: i64,
    erased: BTreeSet<i64>,
    /// Subjects of the events that say that something was erased.
    vouched: BTreeSet<String>,
    faults: Vec<Fault>,
}

impl<'p> Walk<'p> {
    fn new(proof: Option<Proof<'p>>) -> Self {
        let mut walk = Self {
            heads: Vec::new(),
            last: Head::START,
            events: 0,
            proven_to: 0,
            erased: BTreeSet::new(),
            vouched: BTreeSet::new(),
            faults: Vec::new(),
        };
        if let Some(Proof { tenant, heads, trusted }) = proof {
            for head in heads.iter().filter(|head| head.tenant == tenant) {
                if head.is_signed_by(trusted) {
                    walk.heads.push(head);
                } else {
                    walk.note(Fault::Forged { n: head.n });
                }
            }
            walk.heads.sort_by_key(|head| head.n);
        }
        walk
    }

    fn note(&mut self, fault: Fault) {
        if self.faults.len() < FAULTS_KEPT {
            self.faults.push(fault);
        }
    }

    fn step(&mut self, event: &Kept) {
        let expected = self.last.n + 1;
        if event.n > expected {
            self.note(Fault::Missing { from: expected, to: event.n - 1 });
        } else if sealed(event).link(&self.last.link) != event.link {
            self.note(Fault::Edited { n: event.n });
        }
        match erasable(event) {
            None => {
                self.erased.insert(event.n);
            }
            Some(kept) if kept.digest() != event.digest => self.note(Fault::PayloadEdited { n: event.n }),
            Some(_) => (),
        }
        if event.kind == ERASED {
            self.vouched.insert(event.subject.clone());
        }
        let signed: Vec<bool> =
            self.heads.iter().filter(|head| head.n == event.n).map(|head| head.link == event.link).collect();
        if signed.contains(&false) {
            self.note(Fault::Rebuilt { n: event.n });
        } else if !signed.is_empty() {
            self.proven_to = event.n;
        }
        self.events += 1;
        self.last = Head { n: event.n, link: event.link };
    }

    fn end(mut self, head: Head) -> Report {
        let lost: Vec<i64> =
            self.erased.iter().copied().filter(|n| !self.vouched.contains(&erased_subject(*n))).collect();
        for n in lost {
            self.note(Fault::PayloadLost { n });
        }
        if head != self.last {
            self.note(Fault::Head { head: head.n, last: self.last.n });
        }
        if let Some(signed) = self.heads.last().map(|head| head.n).filter(|n| *n > self.last.n) {
            self.note(Fault::Behind { signed, last: self.last.n });
        }
        let erased = self.erased.len() as i64;
        Report { head, events: self.events, erased, proven_to: self.proven_to, faults: self.faults }
    }
}

fn sealed(event: &Kept) -> Sealed<'_> {
    Sealed {
        n: event.n,
        at: event.at,
        kind: &event.kind,
        subject: &event.subject,
        actor: &event.actor,
        digest: &event.digest,
    }
}

/// What the digest covers, unless it was erased.
fn erasable(event: &Kept) -> Option<Erasable<'_>> {
    let text = |text: &'_ Option<String>| text.as_deref().map(str::len);
    let present = [text(&event.address), text(&event.request), text(&event.payload)];
    if event.salt.is_none() && present.iter().all(Option::is_none) {
        return None;
    }
    // a part that went missing alone is an edit: the empty text will not hash to the digest
    Some(Erasable {
        salt: event.salt.as_deref().unwrap_or_default(),
        address: event.address.as_deref().unwrap_or_default(),
        request: event.request.as_deref().unwrap_or_default(),
        payload: event.payload.as_deref().unwrap_or_default(),
    })
}
