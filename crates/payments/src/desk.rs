//! Where providers, their words and our books meet: starts attempts, asks how they stand, hears callbacks, sends refunds.
//!
//! Nothing here decides about money: it carries what a provider says to `observe`.

use std::sync::Arc;

use axum::http::HeaderMap;
use base::Timestamp;
use db::{Db, Scope};
use orders::{OrderId, RefundId};
use spine::{
    jobs::{Context, Outcome},
    keys::{KeyRing, Place},
};

use crate::{
    Begun, Error, Method, Payment, PaymentId, Sandbox as Policy, State, hash,
    model::POLL_EVERY_S,
    provider::{
        Attempt, Charge, Next, Observation, Proof, Provider, RefundAttempt, RefundObservation, Started,
    },
    sandbox::{self, Sandbox},
    sql,
};

/// Asks a provider how a payment stands.
pub const POLL_JOB: &str = "payment.poll";
/// Delivers a callback of the sandbox.
pub const CALLBACK_JOB: &str = "sandbox.callback";
/// Sends money back; promised by orders when a refund is granted.
pub const REFUND_JOB: &str = "refund";

/// The desk of all tenants. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    db: Db,
    ring: KeyRing,
    pub policy: Policy,
    sandbox: Arc<dyn Provider>,
}

impl Desk {
    pub fn new(db: Db, ring: KeyRing, policy: Policy) -> Self {
        let sandbox = Arc::new(Sandbox::new(db.clone()));
        Self { db, ring, policy, sandbox }
    }

    fn provider(&self, method: &str) -> Option<&dyn Provider> {
        match Method::parse(method)? {
            Method::Sandbox => Some(&*self.sandbox),
            Method::Cod | Method::Manual | Method::GiftCard => None,
        }
    }

    /// Tells the provider of an attempt that was just written down, and the payer what to do next. What fails here is
    /// taken up again by the poller. `return_url` is where the payer comes back to.
    pub async fn start(
        &self,
        scope: &Scope,
        begun: Begun,
        return_url: Option<String>,
    ) -> Result<Begun, Error> {
        let (Some(provider), Some(callback_token)) =
            (self.provider(&begun.payment.method), begun.callback_token.clone())
        else {
            return Ok(begun);
        };
        let payment = begun.payment;
        self.secret(scope, &payment.method).await?;
        let attempt = Attempt {
            id: payment.id,
            scope: scope.clone(),
            amount: payment.amount,
            expires_at: payment.expires_at.unwrap_or_else(|| payment.created_at.plus_s(900)),
            return_url,
            callback_token,
        };
        let started = provider.start(&attempt).await;
        let (next, id) = (next_of(&started), payment.id);
        let payment = self.db.write(scope.clone(), move |tx| note_start(tx, id, &started)).await?;
        Ok(Begun { payment, next, callback_token: None })
    }

    /// Starts an order's newest attempt if that has not happened yet, and says what the payer does next.
    pub async fn resume(
        &self,
        scope: &Scope,
        order: OrderId,
        return_url: Option<String>,
    ) -> Result<Option<Begun>, Error> {
        let begun = self
            .db
            .write(scope.clone(), move |tx| {
                let Some(payment) = sql::payments_of(tx, order)?.into_iter().next() else { return Ok(None) };
                let unstarted = payment.state == State::Created;
                let callback_token =
                    if unstarted { Some(crate::new_callback(tx, payment.id)?) } else { None };
                Ok::<_, Error>(Some(Begun { next: sandbox::next(&payment), payment, callback_token }))
            })
            .await?;
        match begun {
            Some(begun) => self.start(scope, begun, return_url).await.map(Some),
            None => Ok(None),
        }
    }

    /// How an order's newest attempt stands, asking its provider if that may be done now: what the page shows to a payer
    /// who comes back. A return address is no proof.
    pub async fn look(&self, scope: &Scope, order: OrderId) -> Result<Option<Payment>, Error> {
        let newest =
            self.db.read(scope.clone(), move |rx| sql::payments_of(rx, order)).await?.into_iter().next();
        let Some(payment) = newest else { return Ok(None) };
        if payment.state.is_final() || self.provider(&payment.method).is_none() {
            return Ok(Some(payment));
        }
        let id = payment.id;
        self.ask(scope, &payment).await?;
        let after = self.db.read(scope.clone(), move |rx| sql::payment(rx, id)).await?;
        Ok(after)
    }

    /// Asks the provider about a payment and books the answer.
    async fn ask(&self, scope: &Scope, payment: &Payment) -> Result<(), Error> {
        let Some(provider) = self.provider(&payment.method) else { return Ok(()) };
        match provider.fetch(&charge(scope, payment)).await {
            Ok(seen) => self.book(scope, payment.id, seen).await,
            Err(error) => {
                tracing::warn!(payment = %payment.id, %error, "a payment provider gave no answer");
                Ok(())
            }
        }
    }

    async fn book(&self, scope: &Scope, id: PaymentId, seen: Observation) -> Result<(), Error> {
        self.db.write(scope.clone(), move |tx| crate::observe(tx, id, &seen)).await.map(drop)
    }

    /// Hears a callback: raw bytes and headers, and the unguessable part of its address. Its word is a hint: the provider
    /// is asked itself before anything moves. An unknown address or a message without proof changes nothing.
    pub async fn callback(
        &self,
        scope: &Scope,
        method: &str,
        token: &str,
        headers: &HeaderMap,
        raw: &[u8],
    ) -> Result<bool, Error> {
        let Some(provider) = self.provider(method) else { return Ok(false) };
        let hash = hash(token);
        let found = self.db.read(scope.clone(), move |rx| sql::payment_by_callback(rx, &hash)).await?;
        let Some(payment) = found.filter(|payment| payment.method == method) else { return Ok(false) };
        let secret = self.secret(scope, method).await?;
        let hints = provider.verify(&secret, headers, raw, self.db.now());
        let ours = |reference: &str| payment.provider_ref.as_deref() == Some(reference);
        let Some(hint) =
            hints.into_iter().find(|hint| hint.proof == Proof::Signed && ours(&hint.provider_ref))
        else {
            tracing::warn!(payment = %payment.id, "a payment callback without proof was ignored");
            return Ok(false);
        };
        let Some(known) = Method::parse(method) else { return Ok(false) };
        let first = self.db.write(scope.clone(), move |tx| sql::note_hint(tx, known, &hint.event)).await?;
        // a message seen before may have been cut off before it was booked, so an open payment is asked about again
        if first || !payment.state.is_final() {
            self.ask(scope, &payment).await?;
        }
        Ok(true)
    }

    /// The secret that the tenant shares with the provider; made at first use, sealed under the tenant's key.
    async fn secret(&self, scope: &Scope, method: &str) -> Result<Vec<u8>, Error> {
        let method = Method::parse(method).ok_or_else(|| Error::UnknownMethod(method.to_owned()))?;
        let key = self.ring.tenant_key(scope.tenant).map_err(|error| Error::Keys(error.to_string()))?;
        let place = Place { table: "payment_method", column: "secret", row: method.name() };
        let sealed = {
            let key = key.clone();
            self.db
                .read(scope.clone(), move |rx| Ok::<_, Error>(sql::methods(rx)?))
                .await?
                .into_iter()
                .find(|row| row.method == method)
                .and_then(|row| row.secret)
                .map(|sealed| key.open(&place, &sealed))
        };
        if let Some(opened) = sealed {
            return opened.map_err(|error| Error::Keys(error.to_string()));
        }
        let sealed = self
            .db
            .write(scope.clone(), move |tx| {
                let (secret, nonce) = (tx.random::<32>(), tx.random::<24>());
                let sealed =
                    key.seal(&place, &secret, nonce).map_err(|error| Error::Keys(error.to_string()))?;
                sql::put_secret(tx, method, &sealed)?;
                // another request may have been first: its secret stands
                let row = sql::methods(tx)?.into_iter().find(|row| row.method == method);
                let kept = row.and_then(|row| row.secret).ok_or(Error::MethodOff(method.name()))?;
                key.open(&place, &kept).map_err(|error| Error::Keys(error.to_string()))
            })
            .await?;
        Ok(sealed)
    }

    /// Job: asks the provider, and promises the next question while an answer is still to be expected.
    pub async fn poll(self, job: Context) -> Outcome {
        let Some(id) = id_in(&job) else { return Outcome::Failed("the job names no payment".to_owned()) };
        match self.poll_once(&job.scope, id).await {
            Ok(None) => Outcome::Done,
            Ok(Some(at)) => Outcome::Retry {
                after_s: Some(at.seconds_since(self.db.now()).max(POLL_EVERY_S)),
                reason: String::new(),
            },
            Err(error) => Outcome::Retry { after_s: None, reason: error.to_string() },
        }
    }

    /// When the payment is to be asked about again.
    async fn poll_once(&self, scope: &Scope, id: PaymentId) -> Result<Option<Timestamp>, Error> {
        let payment = self.db.read(scope.clone(), move |rx| crate::payment(rx, id)).await?;
        let now = self.db.now();
        if payment.state == State::Created {
            // the process ended between the commit and the provider: begin again under the same id
            let token = self.db.write(scope.clone(), move |tx| crate::new_callback(tx, id)).await?;
            self.start(scope, Begun { payment, next: None, callback_token: Some(token) }, None).await?;
        } else if payment.may_be_polled(now) {
            self.ask(scope, &payment).await?;
        }
        let after = self.db.read(scope.clone(), move |rx| crate::payment(rx, id)).await?;
        Ok(after.next_poll(now))
    }

    /// Job: delivers a callback of the sandbox, as bytes and headers, the way a provider's would come.
    pub async fn deliver(self, job: Context) -> Outcome {
        match self.deliver_once(&job).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Retry { after_s: None, reason: error.to_string() },
        }
    }

    async fn deliver_once(&self, job: &Context) -> Result<(), Error> {
        let Some(id) = job.payload["charge"].as_str().and_then(|id| id.parse().ok()) else { return Ok(()) };
        let Some(charge) = self.db.read(job.scope.clone(), move |rx| sandbox::charge(rx, id)).await? else {
            return Ok(());
        };
        let (reference, event) = (charge.id.to_string(), job.payload["event"].as_str().unwrap_or_default());
        let message = sandbox::Message { event, charge: &reference, state: &charge.state };
        let raw = serde_json::to_vec(&message).unwrap_or_default();
        let secret = self.secret(&job.scope, Method::Sandbox.name()).await?;
        let headers = sandbox::signed_headers(&secret, &raw, self.db.now());
        self.callback(&job.scope, Method::Sandbox.name(), &charge.callback_token, &headers, &raw)
            .await
            .map(drop)
    }

    /// Job: sends a granted refund back the way its money came.
    pub async fn refund(self, job: Context) -> Outcome {
        match self.refund_once(&job).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::Retry { after_s: None, reason: error.to_string() },
        }
    }

    async fn refund_once(&self, job: &Context) -> Result<Outcome, Error> {
        let (Some(refund_id), Some(order)) = (refund_in(job), order_in(job)) else {
            return Ok(Outcome::Failed("the job names no refund".to_owned()));
        };
        let (amount, payments) = self
            .db
            .read(job.scope.clone(), move |rx| {
                let (_, refund) = orders::refund_of(rx, refund_id)?;
                Ok::<_, Error>((refund.rest().map_err(orders::Error::from)?, sql::payments_of(rx, order)?))
            })
            .await?;
        let paid = payments
            .into_iter()
            .find(|payment| payment.state == State::Paid && payment.amount.minor() >= amount.minor());
        let Some((payment, provider)) = paid.and_then(|payment| {
            let provider = self.provider(&payment.method)?;
            Some((payment, provider))
        }) else {
            let why = "no provider took this money; give it back by hand";
            self.refund_failed(job, refund_id, "-", why).await?;
            // it waits for a person now, on the order's page: the job has done what it could
            return Ok(Outcome::Done);
        };
        let attempt =
            RefundAttempt { id: refund_id.to_string(), amount, charge: charge(&job.scope, &payment) };
        match provider.refund(&attempt).await {
            RefundObservation::Done { transaction } => {
                let into = Method::parse(&payment.method).map(|method| method.capabilities().into);
                let Some(from) = into else { return Ok(Outcome::Failed("the method is gone".to_owned())) };
                let method = payment.method.clone();
                self.db
                    .write(job.scope.clone(), move |tx| {
                        orders::refund_paid(tx, refund_id, from.clone(), &method, &transaction)
                    })
                    .await?;
                Ok(Outcome::Done)
            }
            RefundObservation::Pending => Ok(Outcome::Retry { after_s: Some(60), reason: String::new() }),
            RefundObservation::Unknown => Ok(Outcome::Unknown("the provider gave no answer".to_owned())),
            RefundObservation::Failed { reason } => {
                self.refund_failed(job, refund_id, &payment.method, &reason).await?;
                Ok(Outcome::Failed(reason))
            }
        }
    }

    async fn refund_failed(&self, job: &Context, id: RefundId, method: &str, why: &str) -> Result<(), Error> {
        let (method, reason) = (method.to_owned(), why.to_owned());
        self.db.write(job.scope.clone(), move |tx| orders::refund_failed(tx, id, &method, &reason)).await?;
        Ok(())
    }
}

fn charge(scope: &Scope, payment: &Payment) -> Charge {
    Charge {
        id: payment.id,
        scope: scope.clone(),
        amount: payment.amount,
        provider_ref: payment.provider_ref.clone(),
        extra: payment.provider_extra.clone(),
    }
}

fn id_in(job: &Context) -> Option<PaymentId> {
    job.payload["payment"].as_str()?.parse().ok()
}

fn refund_in(job: &Context) -> Option<RefundId> {
    job.payload["refund"].as_str()?.parse().ok()
}

fn order_in(job: &Context) -> Option<OrderId> {
    job.payload["order"].as_str()?.parse().ok()
}

fn next_of(started: &Started) -> Option<Next> {
    match started {
        Started::Accepted { next, .. } => Some(next.clone()),
        Started::Rejected { .. } | Started::Unknown => None,
    }
}

fn note_start(tx: &mut db::Tx<'_>, id: PaymentId, started: &Started) -> Result<Payment, Error> {
    let mut payment = crate::payment(tx, id)?;
    match started {
        Started::Accepted { provider_ref, extra, .. } => {
            payment.provider_ref = Some(provider_ref.clone());
            payment.provider_extra.clone_from(extra);
            if payment.state.may_become(State::AwaitingPayer) {
                payment.state = State::AwaitingPayer;
            }
        }
        Started::Rejected { reason } => {
            payment.state = State::Failed;
            payment.reason = Some(reason.clone());
        }
        Started::Unknown => payment.state = State::Unknown,
    }
    sql::save(tx, &payment, None)?;
    Ok(payment)
}
