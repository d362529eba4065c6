//! Goods on their way: packed, shipped, handed over.

use base::Line;
use db::Tx;
use serde_json::json;
use spine::{
    events::{self, Event},
    ledger::Account,
};

use crate::{
    Error, customer, mail,
    model::{Fulfilment, FulfilmentId, Order, OrderId, Step},
    order,
    pay::{self, Payment},
    sql,
};

/// A step to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub step: Step,
    pub carrier: Option<Line<80>>,
    pub tracking: Option<Line<120>>,
    /// Whether whoever hands the goods over has taken the money that was still due, and who holds it now.
    pub collected_by: Option<Line<60>>,
}

impl Taken {
    pub const fn step(step: Step) -> Self {
        Self { step, carrier: None, tracking: None, collected_by: None }
    }
}

/// Takes a step of fulfilment. Only a sale moves: what is neither paid nor to be paid on delivery stays where it is.
pub fn fulfil(tx: &mut Tx, id: OrderId, taken: &Taken) -> Result<FulfilmentId, Error> {
    let before = order::order(tx, id)?;
    let after = before.fulfilment.after(taken.step)?;
    if !before.is_firm() {
        return Err(Error::NotFirm);
    }
    let order = Order { fulfilment: after, ..before.clone() };
    customer::save(tx, &order)?;
    let step = Fulfilment {
        id: tx.new_id(),
        step: taken.step,
        carrier: taken.carrier.as_ref().map(ToString::to_string),
        tracking: taken.tracking.as_ref().map(ToString::to_string),
        actor: tx.actor().as_str().to_owned(),
        at: tx.now(),
    };
    sql::add_fulfilment(tx, id, &step)?;
    let kind = match taken.step {
        Step::Pack => "order.packed",
        Step::Ship => "order.shipped",
        Step::HandOver => "order.handed-over",
    };
    events::record(
        tx,
        Event {
            kind,
            subject: id.to_string(),
            payload: json!({
                "before": order::states(&before), "after": order::states(&order),
                "carrier": step.carrier, "tracking": step.tracking,
            }),
        },
    )?;
    if taken.step == Step::Ship {
        mail::promise_customer(tx, id, mail::Template::OrderShipped)?;
    }
    let due = order.due()?;
    if let Some(holder) = &taken.collected_by
        && taken.step == Step::HandOver
        && due.is_positive()
    {
        pay::record_payment(
            tx,
            id,
            &Payment {
                amount: due,
                method: CASH_ON_DELIVERY.to_owned(),
                reference: cash_reference(id),
                into: Account::Cash(holder.to_string()),
            },
        )?;
    }
    Ok(step.id)
}

/// The name of the method by which money comes when the goods are handed over.
pub const CASH_ON_DELIVERY: &str = "cod";

/// The reference under which money taken at the hand-over arrives: whoever reports it, it is the same money.
pub fn cash_reference(order: OrderId) -> String {
    order.to_string()
}
