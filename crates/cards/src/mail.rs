//! The mail that brings a code: promised when the card is issued, written when it is delivered, so that the code stands in no
//! job and no event.

use base::Email;
use db::{Rx, Tenant, Tx};
use edge::{App, Mail, MailError, format, text};
use orders::stored::Gift;
use serde_json::json;
use spine::jobs::{self, Job, Outcome};

use crate::{
    Error, book,
    model::{Card, CardId, CardKind},
    sql,
};

/// The kind of job that mails a card; `deliver` does it.
pub const JOB: &str = "card.mail";

/// Promises a mail; it leaves after this transaction has committed, if there is an address by then.
pub(crate) fn promise(tx: &mut Tx, card: &Card) -> Result<(), Error> {
    let (at, cause) = (tx.now(), card.id.to_string());
    let payload = json!({ "card": card.id });
    jobs::enqueue(tx, Job { kind: JOB, at, payload, key: None, cause: &cause })?;
    Ok(())
}

/// Delivers a promised mail through the edge's mailer.
pub async fn deliver(app: App, job: jobs::Context) -> Outcome {
    let Some(id) = job.payload["card"].as_str().and_then(|id| id.parse::<CardId>().ok()) else {
        return Outcome::Failed("this job names no card".to_owned());
    };
    let tenant = match app.db.tenant(job.scope.tenant).await {
        Ok(Some(tenant)) => tenant,
        Ok(None) => return Outcome::Failed("there is no such tenant any more".to_owned()),
        Err(error) => return Outcome::Retry { after_s: None, reason: error.to_string() },
    };
    let balance = app.config.shop_link(&format!("/t/{}/gift-card/balance", tenant.slug));
    let message_id = job.id.to_string();
    let work = move |rx: &mut Rx<'_>| written(rx, id, &tenant, &balance, &message_id);
    let mail = match app.db.read(job.scope, work).await {
        Ok(Some(mail)) => mail,
        // nobody to write to: forgotten, or never named
        Ok(None) => return Outcome::Done,
        Err(error) => return Outcome::Retry { after_s: None, reason: error.to_string() },
    };
    match app.mail.send(&mail).await {
        Ok(()) => Outcome::Done,
        Err(MailError::Refused(reason)) => Outcome::Failed(reason),
        Err(error) => Outcome::Retry { after_s: None, reason: error.to_string() },
    }
}

/// The mail as it reads now, or nothing when there is nobody to write to.
fn written(
    rx: &mut Rx<'_>,
    id: CardId,
    tenant: &Tenant,
    balance: &str,
    message_id: &str,
) -> Result<Option<Mail>, Error> {
    let card = book::find(rx, id)?;
    let business = people::business::find(rx)?.edit;
    let gift = match (card.order, card.line) {
        (Some(order), Some(line)) => sql::gift(rx, order, line)?,
        _ => Gift::default(),
    };
    let Some((to, language)) = reader(rx, &card, &gift, business.language)? else { return Ok(None) };
    let giver = match (card.kind, card.order) {
        (CardKind::GiftCard, Some(order)) => orders::whole(rx, order)?.customer.name,
        _ => None,
    };
    let name = tenant.name.to_string();
    let amount = format::money(language, card.value);
    let t = |key: &str| text(language, key, &[]);
    let subject = match card.kind {
        CardKind::GiftCard => "cards-mail-gift-subject",
        CardKind::StoreCredit => "cards-mail-credit-subject",
    };
    let subject =
        text(language, subject, &[("amount", amount.as_str().into()), ("business", name.as_str().into())]);
    let mut parts = Vec::new();
    parts.extend(gift.name.map(|name| text(language, "cards-mail-hello", &[("name", name.as_str().into())])));
    parts.push(match (&giver, card.kind) {
        (Some(giver), _) => {
            let about = [
                ("giver", giver.as_str().into()),
                ("amount", amount.as_str().into()),
                ("business", name.as_str().into()),
            ];
            text(language, "cards-mail-from", &about)
        }
        (None, CardKind::GiftCard) => text(
            language,
            "cards-mail-gift",
            &[("amount", amount.as_str().into()), ("business", name.as_str().into())],
        ),
        (None, CardKind::StoreCredit) => text(
            language,
            "cards-mail-credit",
            &[("amount", amount.as_str().into()), ("business", name.as_str().into())],
        ),
    });
    if !gift.message.as_str().is_empty() {
        parts.push(gift.message.to_string());
    }
    parts.push(format!("{}\n{}", t("cards-mail-code"), card.code.grouped()));
    if let Some(end) = card.expires_at {
        let day = format::day(language, end.day(&business.zone));
        parts.push(text(language, "cards-mail-until", &[("day", day.as_str().into())]));
    }
    parts.push(format!("{}\n{balance}", t("cards-mail-balance")));
    Ok(Some(Mail {
        to,
        subject,
        text: parts.join("\n\n"),
        html: None,
        on_behalf_of: Some(name),
        reply_to: business.email,
        message_id: message_id.to_owned(),
    }))
}

/// Who reads it, in which language: for whom the card is, or whose it is.
fn reader(
    rx: &mut Rx<'_>,
    card: &Card,
    gift: &Gift,
    usual: base::Language,
) -> Result<Option<(Email, base::Language)>, Error> {
    if let Some(to) = &gift.email {
        return Ok(Some((to.clone(), usual)));
    }
    let contact = match (card.kind, card.customer, card.order) {
        (_, Some(customer), _) => match customers::known(rx, customer)? {
            Some(customer) => customer.contact,
            None => return Ok(None),
        },
        (CardKind::StoreCredit, None, Some(order)) => orders::whole(rx, order)?.customer,
        _ => return Ok(None),
    };
    Ok(contact.email.map(|to| (to, contact.language.unwrap_or(usual))))
}
