//! Money comes: an order becomes firm, or the money is owed back. Each arrival counts once, in whatever order callbacks,
//! returns, confirmations and expiry meet.

use base::{Money, Timestamp};
use db::{Rx, Tx};
use serde_json::json;
use spine::{
    events::{self, Event},
    ledger::Account,
};

use crate::{
    Error, books, close, customer, goods, mail,
    model::{CancelReason, DocumentType, FulfilmentState, Order, OrderId, PaymentState, Receipt},
    order, paper, place, promotion, sql, stored,
};

/// Money that has arrived, as payments saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub amount: Money,
    /// `cod`, `manual`, `sandbox`, …
    pub method: String,
    /// Names this arrival among all of its method: the same again is the same money.
    pub reference: String,
    /// Where the money is now: a drawer, a rider's pocket, the bank, a provider.
    pub into: Account,
}

/// What money did to its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentEffect {
    /// It counts; so much is still to come.
    Accepted { due: Money },
    /// The order is paid, and so much came beyond it: it is owed back.
    TooMuch { owed: Money },
    /// It came after the order had ended, and the goods were still there: the order lives again and is paid.
    LateTaken,
    /// It came after the order had ended (or its goods had gone): all that is owed back.
    LateRefundDue { owed: Money },
    /// This very arrival was known already; nothing changed.
    Duplicate,
}

/// What a payer and a payment provider need to know of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentDue {
    pub order: OrderId,
    pub number: i64,
    /// Still to pay beside what gift cards keep for it; zero once paid or cancelled.
    pub amount: Money,
    pub total: Money,
    pub test: bool,
    pub method: Option<String>,
    pub payment: PaymentState,
    pub firm: bool,
    pub cancelled: bool,
    pub expires_at: Option<Timestamp>,
}

pub fn payment_due(rx: &mut Rx, id: OrderId) -> Result<PaymentDue, Error> {
    let order = order::order(rx, id)?;
    let by_cards = if order.is_firm() { Money::zero(order.currency) } else { stored::kept(rx, &order)? };
    let due = order.due()?;
    Ok(PaymentDue {
        order: id,
        number: order.number,
        amount: due.minus(by_cards.lesser_of(due)?)?,
        total: order.total,
        test: order.test,
        firm: order.is_firm(),
        cancelled: order.is_cancelled(),
        method: order.method,
        payment: order.payment,
        expires_at: order.expires_at,
    })
}

/// Where an order stands when money comes for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// A sale already: the money pays what is due.
    Firm,
    /// This money completes the price, and the goods are ours to give.
    BecomesFirm,
    /// Not enough yet.
    Waiting,
    /// Ended by somebody, or not enough to live again.
    Over,
    /// Paid in full, but somebody else has the goods.
    GoodsGone,
}

/// Books money that came for an order. When it completes the price, the order is firm: its goods are taken, the sale is
/// recognised and a receipt written.
pub fn record_payment(tx: &mut Tx, id: OrderId, payment: &Payment) -> Result<PaymentEffect, Error> {
    let before = order::order(tx, id)?;
    if payment.amount.currency() != before.currency {
        return Err(Error::OtherCurrency);
    }
    if !payment.amount.is_positive() {
        return Err(Error::NothingPaid);
    }
    let at = tx.now();
    let (method, reference) = (payment.method.clone(), payment.reference.clone());
    let receipt = Receipt { method, reference, amount: payment.amount, at };
    if !sql::add_receipt(tx, id, &receipt, &payment.into)? {
        return Ok(PaymentEffect::Duplicate);
    }
    let mut order = Order { paid: before.paid.plus(payment.amount)?, ..before.clone() };
    let zero = Money::zero(order.currency);
    let ready = if before.is_firm() { zero } else { stored::ready(tx, &before)? };
    let effect = match standing(tx, &order, ready)? {
        Standing::Firm => {
            let due = before.due()?;
            settle(tx, &mut order, payment, due)?
        }
        Standing::BecomesFirm => {
            let due = become_sale(tx, &mut order, &payment.method, before.kept()?, payment.amount)?;
            let effect = settle(tx, &mut order, payment, due)?;
            if before.is_cancelled() { PaymentEffect::LateTaken } else { effect }
        }
        Standing::Waiting => {
            owe(tx, &mut order, payment, payment.amount)?;
            PaymentEffect::Accepted { due: order.due()? }
        }
        Standing::Over => {
            owe(tx, &mut order, payment, payment.amount)?;
            PaymentEffect::LateRefundDue { owed: order.owed }
        }
        Standing::GoodsGone => {
            owe(tx, &mut order, payment, payment.amount)?;
            if !order.is_cancelled() {
                goods::release(tx, &order)?;
                promotion::give_back(tx, &order)?;
                stored::free(tx, id)?;
                close::end(&mut order, CancelReason::OutOfStock, at);
            }
            PaymentEffect::LateRefundDue { owed: order.owed }
        }
    };
    let kind = match &effect {
        PaymentEffect::Accepted { due } if due.is_positive() => "order.part-paid",
        PaymentEffect::Accepted { .. } | PaymentEffect::LateTaken => "order.paid",
        PaymentEffect::TooMuch { .. } if before.due()?.is_positive() => "order.paid",
        PaymentEffect::TooMuch { .. } => "order.overpaid",
        PaymentEffect::LateRefundDue { .. } | PaymentEffect::Duplicate => "order.paid-late",
    };
    save(tx, &before, order, kind, payment.amount, &payment.method)?;
    Ok(effect)
}

/// Writes down what money did to its order, and tells whom it concerns.
fn save(
    tx: &mut Tx,
    before: &Order,
    mut order: Order,
    kind: &'static str,
    amount: Money,
    method: &str,
) -> Result<(), Error> {
    let waiting = order.payment == PaymentState::Pending;
    order.payment = PaymentState::of(order.total, order.paid, order.refunded, waiting);
    customer::save(tx, &order)?;
    events::record(
        tx,
        Event {
            kind,
            subject: order.id.to_string(),
            payload: json!({
                "before": order::states(before), "after": order::states(&order), "amount": amount, "method": method,
            }),
        },
    )?;
    if kind == "order.paid" {
        paper::issue(tx, order.id, DocumentType::Receipt)?;
        mail::promise_customer(tx, order.id, mail::Template::OrderPaid)?;
    }
    Ok(())
}

/// Gift cards keep money for an order that waits. Where that completes the price, the order is firm and the cards pay it.
/// Says what is to come another way.
pub fn settle_by_cards(tx: &mut Tx, id: OrderId) -> Result<Money, Error> {
    let before = order::order(tx, id)?;
    let ready = stored::ready(tx, &before)?;
    match standing(tx, &before, ready)? {
        Standing::BecomesFirm => {
            let mut order = before.clone();
            let zero = Money::zero(order.currency);
            become_sale(tx, &mut order, stored::GIFT_CARD, before.kept()?, zero)?;
            let amount = order.paid.minus(before.paid)?;
            save(tx, &before, order, "order.paid", amount, stored::GIFT_CARD)?;
        }
        Standing::Firm | Standing::Waiting => (),
        Standing::Over => return Err(Error::Ended { reason: before.cancel_reason }),
        Standing::GoodsGone => return Err(Error::Ended { reason: Some(CancelReason::OutOfStock) }),
    }
    Ok(payment_due(tx, id)?.amount)
}

/// The customer says that money is on its way, or a provider was asked: the order waits for it.
pub fn payment_announced(tx: &mut Tx, id: OrderId) -> Result<(), Error> {
    let mut order = order::order(tx, id)?;
    if order.payment == PaymentState::Unpaid && !order.is_cancelled() {
        order.payment = PaymentState::Pending;
        customer::save(tx, &order)?;
    }
    Ok(())
}

/// The customer chose how to pay: for so many seconds the goods are kept, or (None) the order is firm at once.
/// An order that is firm or paid stays as it is; the time never gets shorter.
pub fn choose_method(
    tx: &mut Tx,
    id: OrderId,
    method: &str,
    hold_for_s: Option<i64>,
) -> Result<PaymentDue, Error> {
    let before = order::order(tx, id)?;
    if before.is_cancelled() {
        return Err(Error::Ended { reason: before.cancel_reason });
    }
    if before.is_firm() {
        return payment_due(tx, id);
    }
    let mut order = Order { method: Some(method.to_owned()), ..before.clone() };
    match hold_for_s {
        Some(seconds) => {
            let until = tx.now().plus_s(seconds);
            if order.expires_at.is_none_or(|earlier| earlier < until) {
                order.expires_at = Some(until);
                goods::keep_until(tx, &order, until)?;
                tx.due(until);
            }
        }
        None => {
            if !claim(tx, &order)? {
                return Err(Error::Ended { reason: Some(CancelReason::OutOfStock) });
            }
            let (kept, zero) = (order.kept()?, Money::zero(order.currency));
            become_sale(tx, &mut order, method, kept, zero)?;
            order.payment = PaymentState::of(order.total, order.paid, order.refunded, false);
        }
    }
    customer::save(tx, &order)?;
    events::record(
        tx,
        Event {
            kind: "order.method-chosen",
            subject: id.to_string(),
            payload: json!({ "before": order::states(&before), "after": order::states(&order) }),
        },
    )?;
    payment_due(tx, id)
}

/// `ready` is what cards would pay beside the money that came.
fn standing(tx: &mut Tx, order: &Order, ready: Money) -> Result<Standing, Error> {
    if order.is_firm() && !order.is_cancelled() {
        return Ok(Standing::Firm);
    }
    let lapsed = !order.is_firm() && order.cancel_reason == Some(CancelReason::Expired);
    if order.is_cancelled() && !lapsed {
        return Ok(Standing::Over);
    }
    if order.kept()?.plus(ready)?.is_below(order.total)? {
        return Ok(if order.is_cancelled() { Standing::Over } else { Standing::Waiting });
    }
    Ok(if claim(tx, order)? { Standing::BecomesFirm } else { Standing::GoodsGone })
}

/// Takes the goods and the codes that the order keeps; false (and neither is taken) when somebody else has them by now.
fn claim(tx: &mut Tx, order: &Order) -> Result<bool, Error> {
    if !promotion::take(tx, order)? {
        return Ok(false);
    }
    let taken = goods::take(tx, order)?;
    if !taken {
        promotion::give_back(tx, order)?;
    }
    Ok(taken)
}

/// The order is a sale from now on: it is booked, the money `kept` from before pays it, then cards pay what `coming` does
/// not, and the gift cards it sells are issued. Says what is due then.
fn become_sale(
    tx: &mut Tx,
    order: &mut Order,
    method: &str,
    kept: Money,
    coming: Money,
) -> Result<Money, Error> {
    let lines = sql::lines(tx, order.id, order.currency)?;
    make_firm(order, method, tx.now(), place::at_first(&lines));
    books::sale(tx, order, &lines)?;
    let earlier = kept.lesser_of(order.total)?;
    books::applied(tx, order, earlier)?;
    order.owed = order.owed.minus(earlier)?;
    let mut due = order.total.minus(earlier)?;
    let by_cards = due.minus(coming.lesser_of(due)?)?;
    for card in stored::take(tx, order, by_cards)? {
        let (method, reference) = (stored::GIFT_CARD.to_owned(), card.reference);
        let at = tx.now();
        let receipt = Receipt { method, reference, amount: card.amount, at };
        sql::add_receipt(tx, order.id, &receipt, &Account::GiftCards)?;
        books::payment(tx, order, &Account::GiftCards, card.amount)?;
        order.paid = order.paid.plus(card.amount)?;
        due = due.minus(card.amount)?;
    }
    stored::issue(tx, order, &lines)?;
    Ok(due)
}

fn make_firm(order: &mut Order, method: &str, now: Timestamp, fulfilment: FulfilmentState) {
    order.firm_at = Some(now);
    order.firm_method = Some(method.to_owned());
    order.expires_at = None;
    order.cancelled_at = None;
    order.cancel_reason = None;
    order.fulfilment = fulfilment;
}

/// Money for a firm order of which `due` was open: what goes beyond is owed back.
fn settle(tx: &mut Tx, order: &mut Order, payment: &Payment, due: Money) -> Result<PaymentEffect, Error> {
    let useful = payment.amount.lesser_of(due)?;
    let beyond = payment.amount.minus(useful)?;
    books::payment(tx, order, &payment.into, useful)?;
    owe(tx, order, payment, beyond)?;
    if beyond.is_positive() {
        return Ok(PaymentEffect::TooMuch { owed: beyond });
    }
    Ok(PaymentEffect::Accepted { due: due.minus(useful)? })
}

fn owe(tx: &mut Tx, order: &mut Order, payment: &Payment, amount: Money) -> Result<(), Error> {
    books::payment_without_sale(tx, order, &payment.into, amount)?;
    order.owed = order.owed.plus(amount)?;
    Ok(())
}
