//! An order ends without reaching the customer: its time runs out, or somebody cancels it.

use base::{Money, Timestamp};
use db::Tx;
use serde_json::json;
use spine::events::{self, Event};

use crate::{
    Error, books, customer, goods,
    model::{
        CancelReason, Extent, FulfilmentState, MoneyBack, Order, OrderId, PaymentState, RefundId,
        refund::Wanted,
        share::{self, Share},
    },
    order, paper, promotion, refund, sql, stored,
};

/// How an order is to be cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancel {
    pub reason: CancelReason,
    /// Whether the goods go on sale again.
    pub restock: bool,
    /// How money that came goes back.
    pub money: MoneyBack,
}

/// Cancels what has not reached the customer: the goods are free again, the sale is undone, and all money is granted back.
pub fn cancel(tx: &mut Tx, id: OrderId, cancel: &Cancel) -> Result<Option<RefundId>, Error> {
    if cancel.reason == CancelReason::Expired {
        return Err(Error::NotAReason);
    }
    let before = order::order(tx, id)?;
    let mut order = Order { fulfilment: before.fulfilment.cancelled()?, ..before.clone() };
    order.expires_at = None;
    order.cancelled_at = Some(tx.now());
    order.cancel_reason = Some(cancel.reason);
    let kept = order.kept()?;
    let shares = if before.is_firm() {
        undo_sale(tx, &mut order, kept, cancel.restock)?
    } else {
        goods::release(tx, &before)?;
        stored::free(tx, id)?;
        Vec::new()
    };
    promotion::give_back(tx, &before)?;
    let refund = if kept.is_positive() {
        let reason = cancel.reason.to_string();
        let wanted =
            Wanted { extent: Extent::Full, restock: cancel.restock, reason, money: cancel.money.clone() };
        Some(refund::grant(tx, &mut order, &wanted, kept, &shares)?)
    } else {
        None
    };
    if refund.is_none() {
        order.payment = PaymentState::of(order.total, order.paid, order.refunded, false);
    }
    customer::save(tx, &order)?;
    if let Some(refund) = refund {
        paper::issue_credit_note(tx, id, refund)?;
    }
    events::record(
        tx,
        Event {
            kind: "order.cancelled",
            subject: id.to_string(),
            payload: json!({ "before": order::states(&before), "after": order::states(&order) }),
        },
    )?;
    Ok(refund)
}

/// Takes back all that is left of a sale. What the customer never paid is no longer owed to us.
fn undo_sale(tx: &mut Tx, order: &mut Order, kept: Money, restock: bool) -> Result<Vec<Share>, Error> {
    let whole = order.credited.is_zero();
    let mut lines = sql::lines(tx, order.id, order.currency)?;
    let sold = lines.iter().map(crate::model::OrderLine::sold).collect::<Result<Vec<_>, _>>()?;
    let shares = share::shares(order.currency, &sold, &Extent::Full)?;
    stored::take_back(tx, order, &lines, &shares)?;
    let takings = books::takings_of(order.currency, &lines, &shares)?;
    let left = order.total.minus(order.credited)?;
    if kept.is_positive() {
        books::credit_note(tx, order, &takings)?;
        order.owed = order.owed.plus(left)?;
        let unpaid = left.minus(kept.lesser_of(left)?)?;
        books::applied(tx, order, unpaid)?;
        order.owed = order.owed.minus(unpaid)?;
    } else {
        books::sale_undone(tx, order, &takings)?;
    }
    order.credited = order.total;
    refund::mark_lines(tx, order.id, &mut lines, &shares)?;
    match (restock, whole) {
        (true, true) => goods::give_back(tx, order)?,
        (true, false) => goods::restock(tx, order, &lines, &shares)?,
        (false, _) => (),
    }
    Ok(shares)
}

/// Ends an order whose time has run out and says whether it did. Money that came in parts is owed back.
pub fn expire(tx: &mut Tx, id: OrderId) -> Result<bool, Error> {
    let before = order::order(tx, id)?;
    let lapsed = before.expires_at.is_some_and(|at| at <= tx.now());
    if before.is_firm() || before.is_cancelled() || !lapsed {
        return Ok(false);
    }
    // an expired hold can be had again when the money comes late; a released one cannot
    goods::expire(tx, AT_ONCE)?;
    promotion::give_back(tx, &before)?;
    stored::free(tx, id)?;
    let mut order = before.clone();
    end(&mut order, CancelReason::Expired, tx.now());
    customer::save(tx, &order)?;
    events::record(
        tx,
        Event {
            kind: "order.expired",
            subject: id.to_string(),
            payload: json!({ "before": order::states(&before), "after": order::states(&order) }),
        },
    )?;
    Ok(true)
}

/// Ends an order that never was firm.
pub(crate) fn end(order: &mut Order, reason: CancelReason, now: Timestamp) {
    order.fulfilment = FulfilmentState::Cancelled;
    order.expires_at = None;
    order.cancelled_at = Some(now);
    order.cancel_reason = Some(reason);
    if order.paid.is_zero() {
        order.payment = PaymentState::Unpaid;
    }
}

/// How many orders, carts and holds one piece of work ends.
const AT_ONCE: u32 = 50;

/// Ends every order and cart whose time has run out, up to fifty of each; the rest follows at once. So do the words
/// and the customers of orders that have none yet.
pub fn sweep(tx: &mut Tx) -> Result<(), Error> {
    goods::expire(tx, AT_ONCE)?;
    let lapsed = sql::lapsed_orders(tx, AT_ONCE)?;
    let full = lapsed.len() == AT_ONCE as usize;
    for id in lapsed {
        expire(tx, id)?;
    }
    let carts = sql::expired_carts(tx, AT_ONCE)?;
    let full = full || carts.len() == AT_ONCE as usize;
    let full = order::find_words(tx, AT_ONCE)? || full;
    let full = customer::acquaint_old(tx, AT_ONCE)? || full;
    for cart in carts {
        sql::remove_cart(tx, cart)?;
    }
    if full {
        let now = tx.now();
        tx.due(now);
    } else if let Some(at) = sql::next_lapse(tx)? {
        tx.due(at);
    }
    Ok(())
}
