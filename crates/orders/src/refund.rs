//! Giving money back: never more than came, each part of the sale at most once, with a credit note for what was a sale.

use base::{Money, Quantity};
use db::{Rx, Tx};
use serde_json::json;
use spine::{
    events::{self, Event},
    jobs::{self, Job},
    ledger::Account,
};

use crate::{
    Error, books, customer, goods, mail,
    model::{
        CancelReason, DocumentId, Extent, FulfilmentState, MoneyBack, Order, OrderId, OrderLine,
        PaymentState, Refund, RefundId, RefundLine, RefundState,
        refund::Wanted,
        share::{self, Share, ShareError},
    },
    order, paper,
    pricing::Kind,
    promotion, sql, stored,
};

/// A refund that was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    pub refund: RefundId,
    pub amount: Money,
    /// The paper that takes back the sale; none when there was no sale to take back.
    pub credit_note: Option<DocumentId>,
}

/// Grants a refund. Money kept beyond the sale (paid twice, too late) goes back first and needs no credit note. Where that
/// gives up a whole order before its goods left, the order is cancelled with it.
pub fn refund(tx: &mut Tx, id: OrderId, wanted: &Wanted) -> Result<Granted, Error> {
    let before = order::order(tx, id)?;
    let left = before.kept()?;
    if !left.is_positive() {
        return Err(Error::NothingToRefund);
    }
    let mut order = before.clone();
    let mut lines = sql::lines(tx, id, order.currency)?;
    let (amount, shares) = split(&order, &lines, &wanted.extent)?;
    if left.is_below(amount)? {
        return Err(ShareError::MoreThanPaid { left }.into());
    }
    if !shares.is_empty() {
        let credited = Money::sum(order.currency, shares.iter().map(|share| share.amount))?;
        stored::take_back(tx, &order, &lines, &shares)?;
        let takings = books::takings_of(order.currency, &lines, &shares)?;
        books::credit_note(tx, &order, &takings)?;
        order.owed = order.owed.plus(credited)?;
        order.credited = order.credited.plus(credited)?;
        mark_lines(tx, id, &mut lines, &shares)?;
        if wanted.restock {
            goods::restock(tx, &order, &lines, &shares)?;
        }
        if order.credited == order.total {
            promotion::give_back(tx, &before)?;
            if nothing_left_to_send(&order, &lines) {
                order.fulfilment = FulfilmentState::Cancelled;
                order.cancelled_at = Some(tx.now());
                order.cancel_reason = Some(CancelReason::Customer);
            }
        }
    }
    let refund = grant(tx, &mut order, wanted, amount, &shares)?;
    customer::save(tx, &order)?;
    let credit_note = paper::issue_credit_note(tx, id, refund)?;
    let (from, to) = (order::states(&before), order::states(&order));
    let refunded =
        json!({ "before": from, "after": to, "refund": refund, "amount": amount, "restock": wanted.restock });
    let mut happened = vec![Event { kind: "order.refunded", subject: id.to_string(), payload: refunded }];
    if order.is_cancelled() && !before.is_cancelled() {
        let payload = json!({ "before": from, "after": to });
        happened.push(Event { kind: "order.cancelled", subject: id.to_string(), payload });
    }
    events::record_all(tx, happened)?;
    Ok(Granted { refund, amount, credit_note })
}

/// Whether all goods were given up before any of them left.
fn nothing_left_to_send(order: &Order, lines: &[OrderLine]) -> bool {
    let here = matches!(order.fulfilment, FulfilmentState::Unfulfilled | FulfilmentState::Packed);
    here && lines.iter().filter(|line| line.kind == Kind::Goods).all(|line| line.returned == line.quantity)
}

/// How much goes back in all, and which parts of the sale that takes back.
fn split(order: &Order, lines: &[OrderLine], extent: &Extent) -> Result<(Money, Vec<Share>), Error> {
    let sold = lines.iter().map(OrderLine::sold).collect::<Result<Vec<_>, _>>()?;
    let (left, excess) = (order.kept()?, order.excess()?);
    let shares = |extent: &Extent| share::shares(order.currency, &sold, extent);
    let sum = |shares: &[Share]| Money::sum(order.currency, shares.iter().map(|share| share.amount));
    let standing = order.is_firm() && !order.is_cancelled();
    match extent {
        Extent::Full => {
            let of_sale = left.minus(excess)?;
            let all = order.total.minus(order.credited)?;
            if !standing || of_sale.is_zero() {
                Ok((left, Vec::new()))
            } else if of_sale == all {
                Ok((left, shares(&Extent::Full)?))
            } else {
                Ok((left, shares(&Extent::Amount(of_sale))?))
            }
        }
        Extent::Amount(amount) => {
            if !amount.is_positive() {
                return Err(ShareError::Nothing.into());
            }
            if left.is_below(*amount)? {
                return Err(ShareError::MoreThanPaid { left }.into());
            }
            let of_sale = amount.minus(excess.lesser_of(*amount)?)?;
            if of_sale.is_zero() {
                Ok((*amount, Vec::new()))
            } else {
                Ok((*amount, shares(&Extent::Amount(of_sale))?))
            }
        }
        Extent::Lines(_) if !standing => Err(Error::NothingToRefund),
        Extent::Lines(_) => {
            let shares = shares(extent)?;
            let amount = sum(&shares)?;
            if amount.is_zero() { Err(ShareError::Nothing.into()) } else { Ok((amount, shares)) }
        }
    }
}

/// Writes a refund of `amount` down and sees to it that the money goes: first back onto the cards that paid, the rest as it is
/// wanted, or all of it into store credit.
pub(crate) fn grant(
    tx: &mut Tx,
    order: &mut Order,
    wanted: &Wanted,
    amount: Money,
    shares: &[Share],
) -> Result<RefundId, Error> {
    let (id, at) = (tx.new_id::<crate::model::order::RefundKind>(), tx.now());
    let credited = Money::sum(order.currency, shares.iter().map(|share| share.amount))?.lesser_of(amount)?;
    let lines = sql::lines(tx, order.id, order.currency)?;
    let gift_cards = stored::part_of(order.currency, &lines, shares)?.lesser_of(credited)?;
    let line = |share: &Share| RefundLine {
        line: share.line,
        quantity: share.quantity,
        amount: share.amount,
        taxes: share.taxes.iter().map(|tax| tax.minor()).collect(),
    };
    let on_cards = match wanted.money {
        MoneyBack::StoreCredit => {
            stored::credit(tx, order, id, amount)?;
            amount
        }
        MoneyBack::ByProvider | MoneyBack::ByHand => stored::put_back(tx, order, id, amount)?,
    };
    let settled = on_cards == amount && amount.is_positive();
    let refund = Refund {
        id,
        amount,
        credited,
        on_cards,
        reason: wanted.reason.clone(),
        restock: wanted.restock,
        state: if settled { RefundState::Paid } else { RefundState::Requested },
        method: settled.then(|| stored::GIFT_CARD.to_owned()),
        reference: None,
        actor: tx.actor().as_str().to_owned(),
        at,
        paid_at: settled.then_some(at),
        lines: shares.iter().map(line).collect(),
    };
    sql::add_refund(tx, order.id, &refund, gift_cards)?;
    order.refunded = order.refunded.plus(amount)?;
    order.payment = PaymentState::of(order.total, order.paid, order.refunded, false);
    books::refund_paid(tx, order, Account::GiftCards, on_cards)?;
    order.owed = order.owed.minus(on_cards)?;
    if settled {
        mail::promise_customer(tx, order.id, mail::Template::OrderRefunded)?;
    } else if wanted.money == MoneyBack::ByProvider {
        let (key, cause) = (id.to_string(), order.id.to_string());
        jobs::enqueue(
            tx,
            Job {
                kind: "refund",
                at,
                payload: json!({ "refund": id, "order": order.id, "amount": refund.rest()? }),
                key: Some(&key),
                cause: &cause,
            },
        )?;
    }
    Ok(id)
}

/// Notes in the lines what of them went back.
pub(crate) fn mark_lines(
    tx: &mut Tx,
    order: OrderId,
    lines: &mut [OrderLine],
    shares: &[Share],
) -> Result<(), Error> {
    for share in shares {
        let Some(line) = lines.iter_mut().find(|line| line.line == share.line) else { continue };
        line.returned =
            Quantity::thousandths(line.returned.in_thousandths() + share.quantity.in_thousandths());
        line.refunded = line.refunded.plus(share.amount)?;
        for (gone, tax) in line.refunded_taxes.iter_mut().zip(&share.taxes) {
            *gone += tax.minor();
        }
        sql::save_line(tx, order, line)?;
    }
    Ok(())
}

/// The method of a refund that a person gave by hand.
pub const BY_HAND: &str = "by-hand";

/// One refund, with the order it belongs to.
pub fn find(rx: &mut Rx, id: RefundId) -> Result<(OrderId, Refund), Error> {
    let order = sql::order_of_refund(rx, id)?.ok_or(Error::UnknownRefund)?;
    let currency = order::order(rx, order)?.currency;
    let refund = sql::refunds(rx, order, currency)?.into_iter().find(|refund| refund.id == id);
    refund.map(|refund| (order, refund)).ok_or(Error::UnknownRefund)
}

/// The money of a refund has left `from`; said twice it counts once (and the second time is false).
pub fn refund_paid(
    tx: &mut Tx,
    id: RefundId,
    from: Account,
    method: &str,
    reference: &str,
) -> Result<bool, Error> {
    let (order_id, refund) = find(tx, id)?;
    let now = tx.now();
    if !sql::settle_refund(tx, id, RefundState::Paid, method, reference, Some(now))? {
        return Ok(false);
    }
    let before = order::order(tx, order_id)?;
    let order = Order { owed: before.owed.minus(refund.rest()?)?, ..before.clone() };
    books::refund_paid(tx, &order, from, refund.rest()?)?;
    customer::save(tx, &order)?;
    events::record(
        tx,
        Event {
            kind: "order.refund-paid",
            subject: order_id.to_string(),
            payload: json!({
                "before": order::states(&before), "after": order::states(&order),
                "refund": id, "amount": refund.rest()?, "method": method,
            }),
        },
    )?;
    mail::promise_customer(tx, order_id, mail::Template::OrderRefunded)?;
    Ok(true)
}

/// The provider will not send the money: somebody has to give it back by hand, and then say `refund_paid`.
pub fn refund_failed(tx: &mut Tx, id: RefundId, method: &str, why: &str) -> Result<(), Error> {
    let (order, refund) = find(tx, id)?;
    if sql::settle_refund(tx, id, RefundState::Failed, method, why, None)? {
        events::record(
            tx,
            Event {
                kind: "order.refund-failed",
                subject: order.to_string(),
                payload: json!({ "before": refund.state, "after": RefundState::Failed, "refund": id, "method": method }),
            },
        )?;
    }
    Ok(())
}
