//! Mail about an order: promised in the order's own transaction, written when it is delivered, so that it says what is
//! true then, and the secret in its link is never kept. Its words are the business's where it wrote some, else Soko's.

mod words;

use askama::Template as _;
use base::{Email, Language};
use db::{Rx, Tenant, Tx};
use edge::{App, Mail, MailError, text};
use serde::{Deserialize, Serialize};
use serde_json::json;
use spine::{
    events::{self, Event},
    jobs::{self, Job, Outcome},
};

pub use words::{Fault, FieldFault, LONGEST_BODY, LONGEST_SUBJECT, MailWords, Placeholder, Template, Values};

use crate::{
    Error,
    link::{self, LINK_LASTS_S, Purpose},
    model::{OrderId, Whole},
    order, sql,
};

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
    pub html: String,
    /// Where an answer goes.
    pub reply_to: Option<Email>,
}

impl Written {
    /// The same for the mailer, on behalf of the business.
    pub fn into_mail(self, business: &str, message_id: String) -> Mail {
        Mail {
            to: self.to,
            subject: self.subject,
            text: self.text,
            html: Some(self.html),
            on_behalf_of: Some(business.to_owned()),
            reply_to: self.reply_to,
            message_id,
        }
    }
}

/// The same words for readers that show HTML: paragraphs, and a link to press.
#[derive(askama::Template)]
#[template(path = "mail.html")]
struct Html<'m> {
    language: Language,
    subject: &'m str,
    text: &'m str,
    link: &'m str,
}

impl Html<'_> {
    fn paragraphs(&self) -> impl Iterator<Item = std::str::Lines<'_>> {
        self.text.split("\n\n").map(str::lines)
    }

    /// What stands before and behind the link in a line that holds it.
    fn around<'l>(&self, line: &'l str) -> Option<(&'l str, &'l str)> {
        line.split_once(self.link).filter(|_| !self.link.is_empty())
    }
}

/// `text` as a page of its own; the text alone has to do where that fails.
pub fn html(language: Language, subject: &str, text: &str, link: &str) -> Result<String, Error> {
    Ok(Html { language, subject, text, link }.render()?)
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
    let (writer, business) = (app.clone(), tenant.name.to_string());
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
    match app.mail.send(&written.into_mail(&business, job.id.to_string())).await {
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
    let business = people::business::find(tx)?.edit;
    let slug = &tenant.slug;
    let (to, reply_to, language, path) = if template == Template::OwnerNotice {
        let answer = whole.customer.email.clone();
        (business.email, answer, tenant.language, format!("/t/{slug}/admin/orders/{id}"))
    } else {
        let language = whole.customer.language.unwrap_or(tenant.language);
        match &whole.customer.email {
            None => (None, None, language, String::new()),
            Some(email) => {
                let token = link::link(tx, id, Purpose::Order, LINK_LASTS_S)?;
                (Some(email.clone()), business.email, language, format!("/t/{slug}/orders/{token}"))
            }
        }
    };
    let Some(to) = to else { return Ok(None) };
    let (link, words) = (absolute(path), words(tx, template, language)?);
    let values = Values::of_order(&whole, language, tenant.name.as_str(), &link)?;
    let subject = words.subject(&values);
    let text = marked(&whole, language, words.body(&values));
    let html = html(language, &subject, &text, &link)?;
    Ok(Some(Written { to, subject, text, html, reply_to }))
}

/// A mail of another room in the business's words: `values` fill them, and `link` is pressed.
pub fn compose(
    rx: &mut Rx,
    template: Template,
    language: Language,
    values: &Values,
    link: &str,
    to: Email,
) -> Result<Written, Error> {
    let words = words(rx, template, language)?;
    let (subject, text) = (words.subject(values), words.body(values));
    let html = html(language, &subject, &text, link)?;
    let reply_to = people::business::find(rx)?.edit.email;
    Ok(Written { to, subject, text, html, reply_to })
}

/// What the customer is told of an order in a chat: what a mail about its state would say, in their language.
pub(crate) fn message(rx: &mut Rx, whole: &Whole, tenant: &Tenant, link: &str) -> Result<String, Error> {
    let language = whole.customer.language.unwrap_or(tenant.language);
    let Some(template) = Template::of(&whole.order) else {
        let args =
            [("number", whole.order.number.into()), ("shop", (&tenant.name).into()), ("link", link.into())];
        return Ok(text(language, "orders-whatsapp", &args));
    };
    let values = Values::of_order(whole, language, tenant.name.as_str(), link)?;
    Ok(marked(whole, language, words(rx, template, language)?.body(&values)))
}

/// A test says so before all else, whatever its words are.
fn marked(whole: &Whole, language: Language, body: String) -> String {
    if whole.order.test { format!("{}\n\n{body}", text(language, "orders-mail-test", &[])) } else { body }
}

/// The business's words for a mail, else Soko's. Words that were broken behind our back stop no mail.
pub fn words(rx: &mut Rx, template: Template, language: Language) -> Result<MailWords, Error> {
    let Some((subject, body)) = sql::mail_words(rx, template, language)? else {
        return Ok(MailWords::usual(template, language));
    };
    Ok(MailWords::parse(template, &subject, &body).unwrap_or_else(|faults| {
        let mail = template.name();
        tracing::warn!(mail, %language, ?faults, "the words of a mail are broken; the usual ones leave");
        MailWords::usual(template, language)
    }))
}

/// Writes the business's words for a mail; none for Soko's.
pub fn set_words(
    tx: &mut Tx,
    template: Template,
    language: Language,
    words: Option<&MailWords>,
) -> Result<(), Error> {
    let before = sql::mail_words(tx, template, language)?;
    let after = words.map(|words| (words.subject.clone(), words.body.clone()));
    if before == after {
        return Ok(());
    }
    match words {
        Some(words) => sql::set_mail_words(tx, template, language, words)?,
        None => sql::remove_mail_words(tx, template, language)?,
    }
    let said = |words: Option<(String, String)>| {
        words.map(|(subject, body)| json!({ "subject": subject, "body": body }))
    };
    let payload = json!({ "language": language, "before": said(before), "after": said(after) });
    Ok(events::record(tx, Event { kind: "mail.changed", subject: template.name().to_owned(), payload })?)
}
