//! A provider that moves no money: a page where the payer approves, declines or lets it time out, and callbacks that are
//! signed, and perhaps doubled, late, or lost. Only for development and for tenants in test mode.
//!
//! Its tables are the provider's own books. The other side sees them through `Provider` alone.

use axum::http::{HeaderMap, HeaderValue};
use base::{Currency, Money, Timestamp};
use db::{Db, Row, Rx, Tx, sql};
use futures_util::future::BoxFuture;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;
use spine::jobs::{self, Job};

use crate::{
    CALLBACK_JOB, Error,
    model::{Payment, State},
    provider::{
        Attempt, Charge, Hint, Next, NoAnswer, Observation, Proof, Provider, RefundAttempt,
        RefundObservation, Started,
    },
};

base::id!(
    /// The sandbox's own name of a charge.
    ChargeId: ChargeKind, "sbx"
);

/// How far apart the clocks of a callback's two ends may be, in seconds; Stripe's default.
const TOLERANCE_S: i64 = 300;
/// A late callback comes this much later.
const LATE_S: i64 = 30;
const SIGNATURE: &str = "sandbox-signature";

/// The payer's word on the sandbox's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    Approve,
    Decline,
    Lapse,
}

/// What becomes of the callback about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    #[default]
    Once,
    Twice,
    Late,
    Never,
}

/// A charge in the sandbox's books.
#[derive(Debug, Clone)]
pub struct SandboxCharge {
    pub id: ChargeId,
    pub amount: Money,
    pub state: String,
    pub return_url: Option<String>,
    pub callback_token: String,
    pub refunded: Money,
    pub expires_at: Timestamp,
}

/// The sandbox as a provider. What would be a network is the tenant's own database.
pub struct Sandbox {
    db: Db,
}

impl Sandbox {
    pub const fn new(db: Db) -> Self {
        Self { db }
    }
}

/// Where a payer goes on with a waiting charge.
pub(crate) fn next(payment: &Payment) -> Option<Next> {
    payment.provider_extra.clone().map(|url| Next::Redirect { url })
}

impl Provider for Sandbox {
    fn start<'a>(&'a self, attempt: &'a Attempt) -> BoxFuture<'a, Started> {
        Box::pin(async move {
            let known = attempt.clone();
            match self.db.write(attempt.scope.clone(), move |tx| open(tx, &known)).await {
                Ok(id) => {
                    let url = page(id);
                    Started::Accepted {
                        provider_ref: id.to_string(),
                        extra: Some(url.clone()),
                        next: Next::Redirect { url },
                    }
                }
                Err(_) => Started::Unknown,
            }
        })
    }

    fn fetch<'a>(&'a self, asked: &'a Charge) -> BoxFuture<'a, Result<Observation, NoAnswer>> {
        Box::pin(async move {
            let attempt = asked.id.to_string();
            let found = self.db.read(asked.scope.clone(), move |rx| by_attempt(rx, &attempt)).await;
            match found.map_err(|error| NoAnswer(error.to_string()))? {
                Some(charge) => Ok(observation(&charge, self.db.now())),
                // it never reached us: nothing was asked, nothing is owed
                None => Ok(Observation {
                    state: State::Failed,
                    amount: None,
                    transaction: None,
                    reason: Some("never-started".to_owned()),
                }),
            }
        })
    }

    fn cancel<'a>(&'a self, asked: &'a Charge) -> BoxFuture<'a, Result<Observation, NoAnswer>> {
        Box::pin(async move {
            let attempt = asked.id.to_string();
            let lapse = move |tx: &mut Tx<'_>| {
                if let Some(charge) = by_attempt(tx, &attempt)? {
                    settle(tx, charge.id, Decision::Lapse)?;
                }
                Ok::<_, db::Error>(())
            };
            self.db.write(asked.scope.clone(), lapse).await.map_err(|error| NoAnswer(error.to_string()))?;
            self.fetch(asked).await
        })
    }

    fn verify(&self, secret: &[u8], headers: &HeaderMap, raw: &[u8], now: Timestamp) -> Vec<Hint> {
        #[derive(Deserialize)]
        struct Message {
            event: String,
            charge: String,
        }
        let Ok(message) = serde_json::from_slice::<Message>(raw) else { return Vec::new() };
        let proof = if is_signed(secret, headers, raw, now) { Proof::Signed } else { Proof::None };
        vec![Hint { event: message.event, provider_ref: message.charge, proof }]
    }

    fn refund<'a>(&'a self, refund: &'a RefundAttempt) -> BoxFuture<'a, RefundObservation> {
        Box::pin(async move {
            let asked = refund.clone();
            match self.db.write(refund.charge.scope.clone(), move |tx| give_back(tx, &asked)).await {
                Ok(outcome) => outcome,
                Err(_) => RefundObservation::Unknown,
            }
        })
    }
}

fn observation(charge: &SandboxCharge, now: Timestamp) -> Observation {
    let state = match charge.state.as_str() {
        "approved" => State::Paid,
        "declined" => State::Failed,
        "lapsed" => State::Expired,
        _ if charge.expires_at <= now => State::Expired,
        _ => State::AwaitingPayer,
    };
    Observation {
        state,
        amount: (state == State::Paid).then_some(charge.amount),
        transaction: (state == State::Paid).then(|| charge.id.to_string()),
        reason: (state == State::Failed).then(|| "declined-by-payer".to_owned()),
    }
}

/// The page of a charge, below the tenant's shop.
fn page(id: ChargeId) -> String {
    format!("/sandbox/{id}")
}

macro_rules! charge_where {
    ($condition:literal) => {
        sql!(concat!(
            "select id, amount, currency, state, return_url, callback_token, refunded, expires_at ",
            "from sandbox_charge where tenant_id = $1 and ",
            $condition
        ))
    };
}

fn read_charge(row: &Row<'_>) -> Result<SandboxCharge, db::Error> {
    let currency: Currency = row.get(2)?;
    let money = |minor: i64| {
        Money::new(minor, currency).map_err(|error| db::Error::Column {
            index: 1,
            wanted: "an amount",
            found: error.to_string(),
        })
    };
    Ok(SandboxCharge {
        id: row.get(0)?,
        amount: money(row.get(1)?)?,
        state: row.get(3)?,
        return_url: row.get(4)?,
        callback_token: row.get(5)?,
        refunded: money(row.get(6)?)?,
        expires_at: row.get(7)?,
    })
}

pub fn charge(rx: &mut Rx<'_>, id: ChargeId) -> Result<Option<SandboxCharge>, db::Error> {
    rx.row(charge_where!("id = $2"), (id,), read_charge)
}

fn by_attempt(rx: &mut Rx<'_>, attempt: &str) -> Result<Option<SandboxCharge>, db::Error> {
    rx.row(charge_where!("attempt = $2"), (attempt,), read_charge)
}

fn open(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<ChargeId, db::Error> {
    let (id, now) = (tx.new_id::<ChargeKind>(), tx.now());
    tx.run(
        sql!(
            "insert into sandbox_charge \
             (tenant_id, id, attempt, amount, currency, state, return_url, callback_token, refunded, created_at, expires_at) \
             values ($1, $2, $3, $4, $5, 'open', cast($6 as text), $7, 0, $8, $9) \
             on conflict (tenant_id, attempt) do update set callback_token = excluded.callback_token"
        ),
        (
            id,
            attempt.id,
            attempt.amount.minor(),
            attempt.amount.currency(),
            &attempt.return_url,
            &attempt.callback_token,
            now,
            attempt.expires_at,
        ),
    )?;
    let known = by_attempt(tx, &attempt.id.to_string())?;
    Ok(known.map_or(id, |charge| charge.id))
}

/// Takes the payer's word, once; then tells the merchant's side as `delivery` says.
pub fn decide(
    tx: &mut Tx<'_>,
    id: ChargeId,
    decision: Decision,
    delivery: Delivery,
) -> Result<SandboxCharge, Error> {
    settle(tx, id, decision)?;
    let charge = charge(tx, id)?.ok_or(Error::UnknownPayment)?;
    let now = tx.now();
    let times: &[_] = match delivery {
        Delivery::Once => &[0],
        Delivery::Twice => &[0, 1],
        Delivery::Late => &[LATE_S],
        Delivery::Never => &[],
    };
    for delay_s in times {
        let payload = json!({ "charge": id, "event": format!("{id}:{}", charge.state) });
        let at = now.plus_s(*delay_s);
        jobs::enqueue(tx, Job { kind: CALLBACK_JOB, at, payload, key: None, cause: &id.to_string() })?;
    }
    Ok(charge)
}

fn settle(tx: &mut Tx<'_>, id: ChargeId, decision: Decision) -> Result<(), db::Error> {
    let now = tx.now();
    let state = match decision {
        Decision::Approve => "approved",
        Decision::Decline => "declined",
        Decision::Lapse => "lapsed",
    };
    tx.run(
        sql!("update sandbox_charge set state = $3, decided_at = $4 where tenant_id = $1 and id = $2 and state = 'open'"),
        (id, state, now),
    )
    .map(drop)
}

fn give_back(tx: &mut Tx<'_>, refund: &RefundAttempt) -> Result<RefundObservation, db::Error> {
    let Some(charge) = by_attempt(tx, &refund.charge.id.to_string())? else {
        return Ok(RefundObservation::Failed { reason: "unknown-charge".to_owned() });
    };
    let done = RefundObservation::Done { transaction: refund.id.clone() };
    let known = tx.row(
        sql!("select id from sandbox_refund where tenant_id = $1 and id = $2"),
        (&refund.id,),
        |row| row.get::<String>(0),
    )?;
    if known.is_some() {
        return Ok(done);
    }
    let left = charge.amount.minor() - charge.refunded.minor();
    if charge.state != "approved"
        || refund.amount.minor() > left
        || refund.amount.currency() != charge.amount.currency()
    {
        return Ok(RefundObservation::Failed { reason: "more-than-captured".to_owned() });
    }
    let now = tx.now();
    tx.put(
        sql!("insert into sandbox_refund (tenant_id, id, charge_id, amount, at) values ($1, $2, $3, $4, $5)"),
        (&refund.id, charge.id, refund.amount.minor(), now),
    )?;
    tx.put(
        sql!("update sandbox_charge set refunded = refunded + $3 where tenant_id = $1 and id = $2"),
        (charge.id, refund.amount.minor()),
    )?;
    Ok(done)
}

/// A callback as the sandbox sends it.
#[derive(Debug, Serialize)]
pub struct Message<'m> {
    pub event: &'m str,
    pub charge: &'m str,
    pub state: &'m str,
}

/// `t=…,v1=…`: HMAC-SHA-256 over time, a dot and the raw body, as Stripe signs.
pub fn signature(secret: &[u8], raw: &[u8], at: Timestamp) -> Option<HeaderValue> {
    let seconds = at.micros() / 1_000_000;
    let code = hex::encode(code(secret, raw, seconds)?.finalize().into_bytes());
    HeaderValue::from_str(&format!("t={seconds},v1={code}")).ok()
}

/// The headers of a callback with this body.
pub fn signed_headers(secret: &[u8], raw: &[u8], at: Timestamp) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(signature) = signature(secret, raw, at) {
        headers.insert(SIGNATURE, signature);
    }
    headers
}

fn code(secret: &[u8], raw: &[u8], seconds: i64) -> Option<Hmac<Sha256>> {
    let mut code = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    code.update(format!("{seconds}.").as_bytes());
    code.update(raw);
    Some(code)
}

fn is_signed(secret: &[u8], headers: &HeaderMap, raw: &[u8], now: Timestamp) -> bool {
    let parts =
        headers.get(SIGNATURE).and_then(|value| value.to_str().ok()).and_then(|text| text.split_once(",v1="));
    let Some((time, code_sent)) = parts else { return false };
    let Some(seconds) = time.strip_prefix("t=").and_then(|text| text.parse::<i64>().ok()) else {
        return false;
    };
    let fresh = (now.micros() / 1_000_000 - seconds).abs() <= TOLERANCE_S;
    let Ok(sent) = hex::decode(code_sent) else { return false };
    fresh && code(secret, raw, seconds).is_some_and(|code| code.verify_slice(&sent).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_795_168_800_000_000);

    #[test]
    fn only_the_right_key_and_fresh_untouched_bytes_are_proof() {
        let raw = br#"{"event":"e","charge":"c","state":"approved"}"#;
        let headers = signed_headers(b"secret", raw, NOW);
        assert!(is_signed(b"secret", &headers, raw, NOW.plus_s(299)));
        assert!(!is_signed(b"secret", &headers, raw, NOW.plus_s(301)), "stale");
        assert!(!is_signed(b"secret", &headers, raw, NOW.plus_s(-301)), "from the future");
        assert!(!is_signed(b"other", &headers, raw, NOW), "another tenant's key");
        assert!(!is_signed(b"secret", &headers, b"{}", NOW), "another body");
        assert!(!is_signed(b"secret", &HeaderMap::new(), raw, NOW), "no signature");
    }
}
