//! Mail about an order: promised in the order's own transaction, written when it is delivered, so that it says what is
//! true then, and the secret in its link is never kept.

use base::{Email, Language};
use db::{Tenant, Tx};
use edge::{App, Mail, MailError, format, text};
use serde::{Deserialize, Serialize};
use serde_json::json;
use spine::jobs::{self, Job, Outcome};

use crate::{
    Error,
    link::{self, LINK_LASTS_S, Purpose},
    model::{OrderId, Whole},
    order, sql,
};

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Template {
    OrderPlaced,
    OrderPaid,
    OrderShipped,
    OrderRefunded,
    OwnerNotice,
}

impl Template {
    const fn name(self) -> &'static str {
        match self {
            Self::OrderPlaced => "order-placed",
            Self::OrderPaid => "order-paid",
            Self::OrderShipped => "order-shipped",
            Self::OrderRefunded => "order-refunded",
            Self::OwnerNotice => "owner-notice",
        }
    }
}

/// The kind of job that delivers a mail about an order; `deliver_mail` does it.
pub const JOB: &str = "order.mail";

/// What the job holds: no address and no secret, which are looked up and made at delivery.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Promised {
    template: Template,
    order: OrderId,
}

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
    let payload = json!(Promised { template, order });
    jobs::enqueue(tx, Job { kind: JOB, at, payload, key: None, cause: &cause })?;
    Ok(())
}

/// Promises a mail to the customer, if there is an address.
pub(crate) fn promise_customer(tx: &mut Tx, order: OrderId, template: Template) -> Result<(), Error> {
    if sql::has_email(tx, order)? { promise(tx, order, template) } else { Ok(()) }
}

/// Promises the owner's notice, if there is an address.
pub(crate) fn promise_owner(tx: &mut Tx, order: OrderId) -> Result<(), Error> {
    let reads_mail = people::business::find(tx)?.edit.email.is_some();
    if reads_mail { promise(tx, order, Template::OwnerNotice) } else { Ok(()) }
}

/// Delivers a promised mail through the edge's mailer.
pub async fn deliver_mail(app: App, job: jobs::Context) -> Outcome {
    let Ok(promised) = serde_json::from_value::<Promised>(job.payload) else {
        return Outcome::Failed("this job names no order and no template".to_owned());
    };
    let tenant = match app.db.tenant(job.scope.tenant).await {
        Ok(Some(tenant)) => tenant,
        Ok(None) => return Outcome::Failed("there is no such tenant any more".to_owned()),
        Err(error) => return Outcome::Retry { after_s: None, reason: error.to_string() },
    };
    let writer = app.clone();
    let work = move |tx: &mut Tx<'_>| {
        let link = |path: String| match promised.template {
            Template::OwnerNotice => writer.config.office_link(&path),
            _ => writer.config.shop_link(&path),
        };
        write(tx, promised.order, promised.template, &tenant, link)
    };
    let written = match app.db.write(job.scope, work).await {
        Ok(Some(written)) => written,
        // nobody to write to: forgotten, or never named
        Ok(None) => return Outcome::Done,
        Err(error) => return Outcome::Retry { after_s: None, reason: error.to_string() },
    };
    let mail = Mail {
        to: written.to,
        subject: written.subject,
        text: written.text,
        html: None,
        reply_to: None,
        message_id: job.id.to_string(),
    };
    match app.mail.send(&mail).await {
        Ok(()) => Outcome::Done,
        Err(MailError::Refused(reason)) => Outcome::Failed(reason),
        Err(error) => Outcome::Retry { after_s: None, reason: error.to_string() },
    }
}

/// The mail as it reads now, or nothing when there is nobody to write to. `absolute` makes an address of a path.
pub fn write(
    tx: &mut Tx,
    id: OrderId,
    template: Template,
    tenant: &Tenant,
    absolute: impl Fn(String) -> String,
) -> Result<Option<Written>, Error> {
    let whole = order::whole(tx, id)?;
    let slug = &tenant.slug;
    let (to, language, path) = if template == Template::OwnerNotice {
        let notify = people::business::find(tx)?.edit.email;
        (notify, tenant.language, format!("/t/{slug}/admin/orders/{id}"))
    } else {
        let language = whole.customer.language.unwrap_or(tenant.language);
        match &whole.customer.email {
            None => (None, language, String::new()),
            Some(email) => {
                let token = link::link(tx, id, Purpose::Order, LINK_LASTS_S)?;
                (Some(email.clone()), language, format!("/t/{slug}/orders/{token}"))
            }
        }
    };
    let Some(to) = to else { return Ok(None) };
    let number = whole.order.number;
    let key = template.name();
    let subject = text(
        language,
        &format!("orders-mail-{key}-subject"),
        &[("number", number.into()), ("shop", (&tenant.name).into())],
    );
    let said = body(&whole, template, language, tenant, &absolute(path))?;
    Ok(Some(Written { to, subject, text: said }))
}

fn body(
    whole: &Whole,
    template: Template,
    language: Language,
    tenant: &Tenant,
    link: &str,
) -> Result<String, Error> {
    let say = |key: &str| text(language, key, &[]);
    let money = |amount| format::money(language, amount);
    let order = &whole.order;
    let mut lines = Vec::new();
    if order.test {
        lines.extend([say("orders-mail-test"), String::new()]);
    }
    let name = whole.customer.name.as_ref().map(ToString::to_string).unwrap_or_default();
    if template == Template::OwnerNotice {
        let phone = whole.customer.phone.as_ref().map(ToString::to_string).unwrap_or_default();
        let who = [name, phone].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        if !who.is_empty() {
            lines.extend([who, String::new()]);
        }
    } else {
        lines.extend([text(language, "orders-mail-hello", &[("name", name.into())]), String::new()]);
    }
    let refunded = order.refunded;
    let intro = format!("orders-mail-{}-intro", template.name());
    lines.push(text(
        language,
        &intro,
        &[("amount", money(refunded).into()), ("shop", (&tenant.name).into())],
    ));
    if let Some(sent) = whole.fulfilments.iter().rev().find(|step| step.tracking.is_some())
        && template == Template::OrderShipped
    {
        let tracking = sent.tracking.clone().unwrap_or_default();
        let carrier = sent.carrier.clone().unwrap_or_default();
        let tracked = text(
            language,
            "orders-mail-tracking",
            &[("carrier", carrier.into()), ("tracking", tracking.into())],
        );
        lines.push(tracked);
    }
    lines.push(String::new());
    for line in &whole.lines {
        let options = if line.options.is_empty() { String::new() } else { format!(" ({})", line.options) };
        let quantity = format::quantity(language, line.quantity, line.unit.symbol());
        lines.push(format!("{quantity} × {}{options}: {}", line.title, money(line.gross)));
    }
    lines.push(text(language, "orders-mail-total", &[("amount", money(order.total).into())]));
    let due = order.due()?;
    if due.is_positive() && template == Template::OrderPlaced {
        lines.push(text(language, "orders-mail-due", &[("amount", money(due).into())]));
    }
    lines.extend([String::new(), text(language, "orders-mail-link", &[("link", link.into())])]);
    lines.extend([String::new(), tenant.name.to_string()]);
    Ok(lines.join("\n"))
}
