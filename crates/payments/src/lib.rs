//! Payments: how a payer may pay, what became of each attempt, and that money reaches its order once.
//!
//! `checkout` places an order and begins to pay it, in one piece of work. What a provider says comes in through
//! `observe`, whoever heard it first: the callback, the returning payer or the poller. People's words come in through
//! `confirm`, `decline` and `collect`.

mod desk;
pub mod http;
mod methods;
pub mod model;
pub mod pages;
pub mod provider;
pub mod sandbox;
mod sql;

use std::sync::Arc;

use base::{Code, Line, Money};
use db::{Area, Migration, Reach, Remembered, Rx, Schema, Tx};
use orders::{Draft, OrderId, PaymentEffect, Placed, Terms};
use serde_json::json;
use sha2::{Digest, Sha256};
use spine::{
    events::{self, Event},
    jobs::{self, Job},
    ledger::Account,
};

pub use desk::{CALLBACK_JOB, Desk, POLL_JOB, REFUND_JOB};
pub use methods::Method;
pub use model::{Payment, PaymentId, State};
pub use sql::MethodRow;

use provider::{Next, Observation};

pub const MIGRATIONS: &[Migration] = &[
    Migration::new("payments", 1, include_str!("../migrations/0001_payments.sql")),
    Migration::new("payments", 2, include_str!("../migrations/0002_references.sql")),
];
pub const AREAS: &[(&str, Area)] = &[("payment_method", Area::Look)];
pub const SCHEMA: Schema =
    Schema { migrations: MIGRATIONS, directory_migrations: &[], areas: AREAS, lends: &[] };
pub const LOCALES: edge::Locale = edge::locale!("payments");

edge::permission!(
    /// See attempts to pay.
    pub ReadPayments = "payments.read"
);
edge::permission!(
    /// Say that money came, or did not.
    pub ConfirmPayments = "payments.confirm"
);
edge::permission!(
    /// Choose how payers may pay.
    pub SetMethods = "payments.settings"
);

/// Why a payment could not be begun or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such payment")]
    UnknownPayment,
    #[error("there is no payment method named {0:?}; use cod, manual, sandbox or gift-card")]
    UnknownMethod(String),
    #[error("this business does not take {0}; choose another way to pay")]
    MethodOff(&'static str),
    #[error("the sandbox moves no money: it is for development and for businesses in test mode")]
    SandboxOff,
    #[error("there is nothing left to pay")]
    NothingDue,
    #[error("this payment is {0}; it cannot be changed any more")]
    Settled(State),
    #[error("only a payment by {0} is confirmed by hand")]
    NotByHand(&'static str),
    #[error("write the code of the gift card")]
    NoCode,
    #[error("gift cards are always taken; they have no switch")]
    NoSwitch,
    #[error("an order takes at most {MAX_CARDS} gift cards; take one away")]
    TooManyCards,
    #[error(transparent)]
    Card(#[from] cards::Error),
    #[error(transparent)]
    Order(#[from] orders::Error),
    #[error(transparent)]
    Business(#[from] people::Error),
    #[error("{0}")]
    Keys(String),
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// An order with the way to pay it.
#[derive(Debug, Clone)]
pub struct CheckedOut {
    pub placed: Placed,
    /// None if there is nothing to pay.
    pub payment: Option<Begun>,
}

/// An attempt to pay that was written down.
#[derive(Debug, Clone)]
pub struct Begun {
    pub payment: Payment,
    /// What the payer does next; absent until a provider answers.
    pub next: Option<Next>,
    /// The unguessable part of the callback address, for the provider.
    pub(crate) callback_token: Option<String>,
}

/// How many cards one order is paid with when it is placed.
pub const MAX_CARDS: usize = 5;

/// Whether the installation allows the sandbox for every tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sandbox {
    pub everywhere: bool,
}

/// Places an order and begins to pay it: with these cards first, the rest with `method`. With `gift-card` as the method the
/// cards have to pay all of it.
pub fn checkout(
    tx: &mut Tx<'_>,
    draft: &Draft,
    method: &str,
    codes: &[Code],
    sandbox: Sandbox,
) -> Result<CheckedOut, Error> {
    if codes.len() > MAX_CARDS {
        return Err(Error::TooManyCards);
    }
    let known = named(method)?;
    let capabilities = known.capabilities();
    let terms = orders::terms(tx, Some(method.to_owned()), capabilities.hold_for_s)?;
    let setting = usable(tx, known, terms.test, sandbox)?;
    let terms = Terms { test: terms.test || capabilities.test_only, ..terms };
    let placed = orders::place(tx, draft, &terms)?;
    if placed.again {
        let payment = sql::payments_of(tx, placed.order)?.into_iter().next();
        let payment = payment.map(|payment| resumed(payment, placed.number, &setting));
        return Ok(CheckedOut { placed, payment });
    }
    let mut due = placed.total;
    for code in codes {
        due = cards::pay(tx, placed.order, code)?.due;
    }
    let placed = paid_by_cards(tx, placed, codes)?;
    if !due.is_positive() {
        return Ok(CheckedOut { placed, payment: None });
    }
    if known == Method::GiftCard {
        return Err(not_enough(codes, placed.total.minus(due).map_err(orders::Error::from)?));
    }
    let payment = write_down(tx, placed.order, placed.number, due, terms.test, &setting)?;
    Ok(CheckedOut { placed, payment: Some(payment) })
}

/// The order as it stands after cards have paid: one that they pay in full waits for nothing.
fn paid_by_cards(rx: &mut Rx<'_>, placed: Placed, codes: &[Code]) -> Result<Placed, Error> {
    if codes.is_empty() {
        return Ok(placed);
    }
    let due = orders::payment_due(rx, placed.order)?;
    Ok(Placed { firm: due.firm, expires_at: due.expires_at, ..placed })
}

/// Cards alone were to pay, and do not.
fn not_enough(codes: &[Code], available: Money) -> Error {
    let code = codes.last().map(|code| format!("•••• {}", code.ending())).unwrap_or_default();
    orders::Error::from(orders::stored::Refusal::TooSmall { code, available }).into()
}

/// Pays what is due of an order with a card, as far as it goes. Attempts of other methods that ask for more than is due now are
/// called off; one that staff confirm by hand is begun anew for the rest.
pub fn pay_by_card(
    tx: &mut Tx<'_>,
    order: OrderId,
    code: &Code,
    sandbox: Sandbox,
) -> Result<cards::Paid, Error> {
    let paid = cards::pay(tx, order, code)?;
    let open = sql::payments_of(tx, order)?.into_iter().filter(|payment| !payment.state.is_final());
    let mut by_hand = None;
    for payment in open {
        let method = Method::parse(&payment.method).filter(|method| !method.capabilities().remote);
        by_hand = by_hand.or(method);
        sql::save(tx, &Payment { state: State::Cancelled, ..payment }, None)?;
    }
    if let Some(method) = by_hand
        && paid.due.is_positive()
    {
        begin(tx, order, method.name(), sandbox)?;
    }
    Ok(paid)
}

/// Begins to pay what is still due of an order. An attempt that waits under the same method is gone on with; one under
/// another method is called off.
pub fn begin(tx: &mut Tx<'_>, order: OrderId, method: &str, sandbox: Sandbox) -> Result<Begun, Error> {
    let test = people::business::find(tx)?.test;
    let method = named(method)?;
    if method == Method::GiftCard {
        return Err(Error::NoCode);
    }
    let setting = usable(tx, method, test, sandbox)?;
    let due = orders::payment_due(tx, order)?;
    if !due.amount.is_positive() {
        return Err(Error::NothingDue);
    }
    for open in sql::payments_of(tx, order)?.into_iter().filter(|payment| !payment.state.is_final()) {
        let waits = matches!(open.state, State::AwaitingPayer | State::Processing);
        if open.method == setting.method.name() && waits && open.amount == due.amount {
            return Ok(resumed(open, due.number, &setting));
        }
        // a provider's attempt that was called off may still bring money: it goes on being asked for
        sql::save(tx, &Payment { state: State::Cancelled, ..open }, None)?;
    }
    let test = due.test || setting.method.capabilities().test_only;
    write_down(tx, order, due.number, due.amount, test, &setting)
}

fn resumed(payment: Payment, number: i64, setting: &MethodRow) -> Begun {
    let remote = setting.method.capabilities().remote;
    let next = if remote { sandbox::next(&payment) } else { Some(instructions(number, setting)) };
    Begun { payment, next, callback_token: None }
}

fn instructions(number: i64, setting: &MethodRow) -> Next {
    Next::Instructions { text: setting.instructions.clone(), reference: number.to_string() }
}

fn write_down(
    tx: &mut Tx<'_>,
    order: OrderId,
    number: i64,
    amount: Money,
    test: bool,
    setting: &MethodRow,
) -> Result<Begun, Error> {
    let capabilities = setting.method.capabilities();
    let now = tx.now();
    let payment = Payment {
        id: tx.new_id(),
        order,
        method: setting.method.name().to_owned(),
        amount,
        state: if capabilities.remote { State::Created } else { State::AwaitingPayer },
        provider_ref: None,
        provider_extra: None,
        payer_reference: None,
        reason: None,
        test,
        created_at: now,
        expires_at: capabilities.hold_for_s.map(|seconds| now.plus_s(seconds)),
        polled_at: None,
    };
    sql::add(tx, &payment)?;
    if let Some(at) = payment.expires_at {
        tx.due(at);
    }
    if !capabilities.remote {
        return Ok(Begun { payment, next: Some(instructions(number, setting)), callback_token: None });
    }
    let token = new_callback(tx, payment.id)?;
    promise_poll(tx, &payment)?;
    Ok(Begun { payment, next: None, callback_token: Some(token) })
}

/// A new unguessable callback address for an attempt; earlier ones end.
pub(crate) fn new_callback(tx: &mut Tx<'_>, payment: PaymentId) -> Result<String, Error> {
    let token = hex::encode(tx.random::<20>());
    sql::set_callback(tx, payment, &hash(&token))?;
    Ok(token)
}

pub(crate) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn promise_poll(tx: &mut Tx<'_>, payment: &Payment) -> Result<(), Error> {
    if let Some(at) = payment.next_poll(tx.now()) {
        let payload = json!({ "payment": payment.id });
        let cause = payment.id.to_string();
        jobs::enqueue(tx, Job { kind: POLL_JOB, at, payload, key: None, cause: &cause })?;
    }
    Ok(())
}

fn named(name: &str) -> Result<Method, Error> {
    Method::parse(name).ok_or_else(|| Error::UnknownMethod(name.to_owned()))
}

/// The owner's settings of `method`, if payers may use it.
fn usable(rx: &mut Rx<'_>, method: Method, test: bool, sandbox: Sandbox) -> Result<MethodRow, Error> {
    if method.capabilities().test_only && !test && !sandbox.everywhere {
        return Err(Error::SandboxOff);
    }
    if method == Method::GiftCard {
        let (instructions, secret) = (String::new(), None);
        return Ok(MethodRow { method, enabled: true, instructions, secret });
    }
    let Methods(rows) = rx.remembered()?;
    let setting = rows.iter().find(|row| row.method == method).cloned();
    setting.filter(|row| row.enabled).ok_or(Error::MethodOff(method.name()))
}

#[derive(Clone)]
struct Methods(Arc<[MethodRow]>);

impl Remembered for Methods {
    const AREA: Area = Area::Look;
    type Error = db::Error;

    fn load(rx: &mut Rx<'_>) -> Result<Self, db::Error> {
        Ok(Self(sql::methods(rx)?.into()))
    }
}

/// All methods with what the owner set.
pub fn methods(rx: &mut Rx<'_>) -> Result<Vec<MethodRow>, Error> {
    Ok(sql::methods(rx)?)
}

/// The methods that the shop offers: switched on, allowed here, and saying what the payer needs to know.
pub fn offered(rx: &mut Rx<'_>, sandbox: Sandbox) -> Result<Vec<MethodRow>, Error> {
    let test = people::business::find(rx)?.test;
    let mut rows = sql::methods(rx)?;
    rows.retain(|row| {
        let allowed = !row.method.capabilities().test_only || test || sandbox.everywhere;
        let explained = row.method != Method::Manual || !row.instructions.is_empty();
        row.enabled && allowed && explained
    });
    Ok(rows)
}

/// Gives a new tenant its methods: all on, so that the first order can come.
pub fn found(tx: &mut Tx<'_>) -> Result<(), Error> {
    Method::ALL.into_iter().try_for_each(|method| sql::put_method(tx, method, true, ""))?;
    Ok(())
}

/// Switches a method on or off and says what its payers read.
pub fn set_method(tx: &mut Tx<'_>, method: Method, enabled: bool, instructions: &str) -> Result<(), Error> {
    if method == Method::GiftCard {
        return Err(Error::NoSwitch);
    }
    let before = sql::methods(tx)?.into_iter().find(|row| row.method == method);
    sql::put_method(tx, method, enabled, instructions)?;
    events::record(
        tx,
        Event {
            kind: "payment-method.changed",
            subject: method.name().to_owned(),
            payload: json!({
                "before": before.map(|row| json!({ "enabled": row.enabled, "instructions": row.instructions })),
                "after": { "enabled": enabled, "instructions": instructions },
            }),
        },
    )?;
    Ok(())
}

pub fn payment(rx: &mut Rx<'_>, id: PaymentId) -> Result<Payment, Error> {
    let payment = sql::payment(rx, id)?.ok_or(Error::UnknownPayment)?;
    if is_seen(rx, &payment)? { Ok(payment) } else { Err(Error::UnknownPayment) }
}

/// An attempt is seen where its order is.
fn is_seen(rx: &mut Rx<'_>, payment: &Payment) -> Result<bool, Error> {
    if *rx.reach() == Reach::Everywhere {
        return Ok(true);
    }
    match orders::order(rx, payment.order) {
        Ok(_) => Ok(true),
        Err(orders::Error::UnknownOrder) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The attempts to pay an order, the newest first.
pub fn payments_of(rx: &mut Rx<'_>, order: OrderId) -> Result<Vec<Payment>, Error> {
    Ok(sql::payments_of(rx, order)?)
}

/// Manual payments whose payer says that the money was sent.
pub fn to_confirm(rx: &mut Rx<'_>, limit: i64) -> Result<Vec<Payment>, Error> {
    let mut waiting = Vec::new();
    for payment in sql::payments_in(rx, Method::Manual, State::Processing, limit)? {
        if is_seen(rx, &payment)? {
            waiting.push(payment);
        }
    }
    Ok(waiting)
}

/// Attempts whose reference, as the payer typed it or the provider gave it, begins with `typed`; the newest first.
pub fn with_reference(rx: &mut Rx<'_>, typed: &str, limit: i64) -> Result<Vec<Payment>, Error> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<Payment> = Vec::new();
    // references are codes: what is typed in small letters is meant all the same
    for prefix in [typed.to_owned(), typed.to_uppercase()] {
        for payment in sql::with_reference(rx, &prefix, limit)? {
            if found.iter().all(|known| known.id != payment.id) && is_seen(rx, &payment)? {
                found.push(payment);
            }
        }
    }
    found.sort_by_key(|payment| std::cmp::Reverse(payment.created_at));
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

/// What a provider's own, authenticated word did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed {
    Unchanged,
    Moved(State),
    Paid(PaymentEffect),
    /// The provider names another amount than was asked: somebody has to look.
    Mismatch,
}

/// Takes in what a provider says of an attempt, in whatever order and however often it comes.
pub fn observe(tx: &mut Tx<'_>, id: PaymentId, seen: &Observation) -> Result<Observed, Error> {
    let mut payment = payment(tx, id)?;
    payment.polled_at = Some(tx.now());
    if !payment.state.may_become(seen.state) {
        sql::save(tx, &payment, None)?;
        return Ok(Observed::Unchanged);
    }
    if seen.state == State::Paid && seen.amount != Some(payment.amount) {
        let first = payment.reason.as_deref() != Some("amount-mismatch");
        payment.reason = Some("amount-mismatch".to_owned());
        sql::save(tx, &payment, None)?;
        if first {
            record(tx, "payment.mismatch", &payment, None)?;
        }
        return Ok(Observed::Mismatch);
    }
    let before = payment.state;
    payment.state = seen.state;
    payment.reason.clone_from(&seen.reason);
    sql::save(tx, &payment, None)?;
    if seen.state == State::Paid {
        let reference = seen.transaction.clone().unwrap_or_else(|| payment.id.to_string());
        return arrived(tx, &payment, reference, None).map(Observed::Paid);
    }
    if seen.state.is_final() {
        record(tx, "payment.ended", &payment, Some(before))?;
    }
    Ok(Observed::Moved(seen.state))
}

/// Money came: its order hears of it.
fn arrived(
    tx: &mut Tx<'_>,
    payment: &Payment,
    reference: String,
    into: Option<Account>,
) -> Result<PaymentEffect, Error> {
    let method = named(&payment.method)?;
    let into = into.unwrap_or_else(|| method.capabilities().into);
    let money = orders::Payment { amount: payment.amount, method: payment.method.clone(), reference, into };
    Ok(orders::record_payment(tx, payment.order, &money)?)
}

/// The payer says under which reference the money was sent.
pub fn claim(tx: &mut Tx<'_>, id: PaymentId, reference: &Line<120>) -> Result<(), Error> {
    let payment = payment(tx, id)?;
    if payment.method != Method::Manual.name() {
        return Err(Error::NotByHand("manual"));
    }
    if payment.state.is_final() && payment.state != State::Expired {
        return Err(Error::Settled(payment.state));
    }
    let claimed = Payment { state: State::Processing, payer_reference: Some(reference.clone()), ..payment };
    sql::save(tx, &claimed, None)?;
    orders::payment_announced(tx, claimed.order)?;
    record(tx, "payment.claimed", &claimed, None)
}

/// Staff saw the money of a manual payment. After its end, too: money that came is money that came.
pub fn confirm(tx: &mut Tx<'_>, id: PaymentId) -> Result<PaymentEffect, Error> {
    let payment = payment(tx, id)?;
    if payment.method != Method::Manual.name() {
        return Err(Error::NotByHand("manual"));
    }
    let reference = payment.id.to_string();
    by_hand(tx, payment, reference, None)
}

/// The cash of an order came, into `into`: a drawer, or a rider's pocket.
pub fn collect(tx: &mut Tx<'_>, id: PaymentId, into: Account) -> Result<PaymentEffect, Error> {
    let payment = payment(tx, id)?;
    if payment.method != Method::Cod.name() {
        return Err(Error::NotByHand("cod"));
    }
    // the same money as what a rider hands in when the order is handed over
    let reference = orders::cash_reference(payment.order);
    by_hand(tx, payment, reference, Some(into))
}

fn by_hand(
    tx: &mut Tx<'_>,
    payment: Payment,
    reference: String,
    into: Option<Account>,
) -> Result<PaymentEffect, Error> {
    if payment.state == State::Paid {
        return Ok(PaymentEffect::Duplicate);
    }
    if payment.state == State::Failed {
        return Err(Error::Settled(payment.state));
    }
    let actor = tx.actor().as_str().to_owned();
    let paid = Payment { state: State::Paid, ..payment };
    sql::save(tx, &paid, Some(&actor))?;
    arrived(tx, &paid, reference, into)
}

/// Staff looked and the money did not come.
pub fn decline(tx: &mut Tx<'_>, id: PaymentId, reason: &Line<200>) -> Result<(), Error> {
    let payment = payment(tx, id)?;
    if Method::parse(&payment.method).is_none_or(|method| method.capabilities().remote) {
        return Err(Error::NotByHand("cod or manual"));
    }
    if payment.state.is_final() {
        return Err(Error::Settled(payment.state));
    }
    let (before, actor) = (payment.state, tx.actor().as_str().to_owned());
    let failed = Payment { state: State::Failed, reason: Some(reason.to_string()), ..payment };
    sql::save(tx, &failed, Some(&actor))?;
    record(tx, "payment.declined", &failed, Some(before))
}

/// Ends manual attempts whose time is over. What a provider has is ended by the provider's word alone.
pub fn expire_due(tx: &mut Tx<'_>) -> Result<(), Error> {
    let now = tx.now();
    for payment in sql::overdue(tx, now, 100)? {
        let by_hand = Method::parse(&payment.method).is_some_and(|method| !method.capabilities().remote);
        // a payer who says that the money is on its way is not cut off: staff decide
        if by_hand && payment.state == State::AwaitingPayer {
            let before = payment.state;
            let expired = Payment { state: State::Expired, ..payment };
            sql::save(tx, &expired, None)?;
            record(tx, "payment.ended", &expired, Some(before))?;
        }
    }
    Ok(())
}

fn record(
    tx: &mut Tx<'_>,
    kind: &'static str,
    payment: &Payment,
    before: Option<State>,
) -> Result<(), Error> {
    events::record(
        tx,
        Event {
            kind,
            subject: payment.id.to_string(),
            payload: json!({
                "before": before.map(|state| json!({ "state": state })),
                "after": {
                    "order": payment.order, "method": payment.method, "amount": payment.amount, "state": payment.state,
                    "reason": payment.reason, "payerReference": payment.payer_reference,
                },
            }),
        },
    )?;
    Ok(())
}
