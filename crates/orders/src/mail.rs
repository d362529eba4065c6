//! Mail about an order: promised in the order's own transaction, written when it is delivered, so that it says what is
//! true then, and the secret in its link is never kept.

use base::{Email, Language};
use db::{Rx, Tx};
use serde_json::{Value, json};
use spine::jobs::{self, Job};

use crate::{
    Error,
    link::{self, LINK_LASTS_S, Purpose},
    model::{Letterhead, OrderId, Whole, states::named},
    order, paper, sql,
};

named! {
    /// What a mail is about.
    Template {
        Placed = "order-placed",
        Paid = "order-paid",
        Shipped = "order-shipped",
        Refunded = "order-refunded",
        OwnerNotice = "owner-notice",
    }
}

/// The kind of job that delivers a mail.
pub const JOB: &str = "mail";

/// A mail that is ready to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub to: Email,
    pub subject: String,
    pub text: String,
}

/// Promises a mail; it leaves after this transaction has committed.
pub(crate) fn promise(tx: &mut Tx, order: OrderId, template: Template) -> Result<(), Error> {
    let (at, cause) = (tx.now(), order.to_string());
    let to = if template == Template::OwnerNotice { "owner" } else { "customer" };
    let payload = json!({ "template": template, "order": order, "to": to });
    jobs::enqueue(tx, Job { kind: JOB, at, payload, key: None, cause: &cause })?;
    Ok(())
}

/// Promises a mail to the customer, if there is an address.
pub(crate) fn promise_customer(tx: &mut Tx, order: OrderId, template: Template) -> Result<(), Error> {
    if sql::has_email(tx, order)? { promise(tx, order, template) } else { Ok(()) }
}
