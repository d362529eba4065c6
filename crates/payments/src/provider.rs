//! The one interface behind which every way to pay stands: prompt, redirect, QR, instructions.
//!
//! A provider is an API that moves money. It sees one attempt at a time, never the database. `fetch` is the only source
//! of truth; a callback is a hint that wakes it.

use axum::http::HeaderMap;
use base::{Money, Timestamp};
use futures_util::future::BoxFuture;
use serde::Serialize;
use spine::ledger::Account;

use crate::model::{PaymentId, State};

/// What the payer does next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Next {
    /// Go to this address and pay there.
    Redirect { url: String },
    /// Confirm on the phone that just rang.
    Prompt { phone: String },
    /// Scan this.
    Qr { payload: String },
    /// Read this and act: a number to pay to, or that the rider takes cash.
    Instructions { text: String, reference: String },
}

/// What a method can do, and what it means for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether an attempt needs the provider's word before the payer can act.
    pub remote: bool,
    /// For how long goods are kept while money is on its way, in seconds. None: the sale is firm at once.
    pub hold_for_s: Option<i64>,
    pub refund: RefundWay,
    /// Whether the payer tells under which reference the money was sent.
    pub payer_reference: bool,
    /// Only for trying out: never with real money.
    pub test_only: bool,
    /// Where the money is once it came.
    pub into: Account,
}

/// How money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundWay {
    /// The provider sends it, in parts if asked.
    ByProvider,
    /// Somebody hands it over.
    ByHand,
}

/// One attempt, as a provider sees it. The same id twice is the same attempt.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub id: PaymentId,
    pub scope: db::Scope,
    pub amount: Money,
    pub expires_at: Timestamp,
    /// Where the payer goes afterwards.
    pub return_url: Option<String>,
    /// The unguessable part of this attempt's callback address.
    pub callback_token: String,
}

/// What became of starting an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    Accepted {
        provider_ref: String,
        extra: Option<String>,
        next: Next,
    },
    Rejected {
        reason: String,
    },
    /// No answer: only `fetch` by our own id tells.
    Unknown,
}

/// What a provider knows of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    pub state: State,
    /// What was really paid; must be what was asked.
    pub amount: Option<Money>,
    /// The provider's own number of the transaction.
    pub transaction: Option<String>,
    pub reason: Option<String>,
}

/// An attempt to be asked about.
#[derive(Debug, Clone)]
pub struct Charge {
    pub id: PaymentId,
    pub scope: db::Scope,
    pub amount: Money,
    pub provider_ref: Option<String>,
    pub extra: Option<String>,
}

/// How far a callback proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A signature over the raw bytes.
    Signed,
    /// Nothing, or what anybody could say.
    None,
}

/// What a callback says: which payment to ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The provider's name of this message: the same again is the same message.
    pub event: String,
    pub provider_ref: String,
    pub proof: Proof,
}

/// Money to send back.
#[derive(Debug, Clone)]
pub struct RefundAttempt {
    /// Our refund's id: the same twice is the same refund.
    pub id: String,
    pub amount: Money,
    pub charge: Charge,
}

/// What became of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundObservation {
    Done { transaction: String },
    Pending,
    Failed { reason: String },
    Unknown,
}

/// A provider did not answer, or with nonsense.
#[derive(Debug, thiserror::Error)]
#[error("the payment provider gave no answer: {0}")]
pub struct NoAnswer(pub String);

/// An API that moves money (reference: payment providers, part A).
pub trait Provider: Send + Sync + 'static {
    fn start<'a>(&'a self, attempt: &'a Attempt) -> BoxFuture<'a, Started>;
    /// What is true now. Err: no answer, ask again later.
    fn fetch<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<Observation, NoAnswer>>;
    /// Takes the next step where paying has two (a capture, a code); others only look.
    fn advance<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<Observation, NoAnswer>> {
        self.fetch(charge)
    }
    /// Ends an attempt that nobody wants any more; what is true afterwards.
    fn cancel<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<Observation, NoAnswer>>;
    /// Reads a callback: raw bytes, before anything else looked at them. Touches no network.
    fn verify(&self, secret: &[u8], headers: &HeaderMap, raw: &[u8], now: Timestamp) -> Vec<Hint>;
    fn refund<'a>(&'a self, refund: &'a RefundAttempt) -> BoxFuture<'a, RefundObservation>;
    fn fetch_refund<'a>(&'a self, refund: &'a RefundAttempt) -> BoxFuture<'a, RefundObservation> {
        self.refund(refund)
    }
}
