//! A coupon on its way to its customer: promised with the issue, written when it is delivered, in the business's words.

use base::{Language, Timestamp};
use customers::Contact;
use db::{Tenant, Tx};
use edge::{App, MailError, format, text};
use orders::{MailValues, Placeholder, Template, Written};
use serde::{Deserialize, Serialize};
use serde_json::json;
use spine::jobs::{self, Job, Outcome};

use crate::{
    Error, campaigns,
    figures::{self, Measure, Spot},
    http::coupon_path,
    issue,
    model::{Coupon, CouponId, CouponState, Offer},
    sql,
};

/// The kind of job that delivers a coupon; [`deliver`] does it.
pub const JOB: &str = "coupon.mail";

/// What the job holds: no address and no code, which are looked up at delivery.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Promised {
    coupon: CouponId,
}

/// Promises the mail that brings a coupon, if there is an address.
pub fn promise(tx: &mut Tx, coupon: &Coupon, contact: &Contact) -> Result<(), Error> {
    if contact.email.is_none() {
        return Ok(());
    }
    let (at, cause) = (tx.now(), coupon.id.to_string());
    let payload = json!(Promised { coupon: coupon.id });
    jobs::enqueue(tx, Job { kind: JOB, at, payload, key: None, cause: &cause })?;
    Ok(())
}

/// Promises the mail once more; false where the customer has no address.
pub fn promise_again(tx: &mut Tx, coupon: &Coupon) -> Result<bool, Error> {
    let Some(customer) = coupon.customer else { return Ok(false) };
    let contact = customers::find(tx, customer)?.contact;
    promise(tx, coupon, &contact)?;
    Ok(contact.email.is_some())
}

/// Delivers a promised coupon through the edge's mailer.
pub async fn deliver(app: App, job: jobs::Context) -> Outcome {
    let Ok(promised) = serde_json::from_value::<Promised>(job.payload) else {
        return Outcome::Failed("this job names no coupon".to_owned());
    };
    let tenant = match app.db.tenant(job.scope.tenant).await {
        Ok(Some(tenant)) => tenant,
        Ok(None) => return Outcome::Failed("there is no such tenant any more".to_owned()),
        Err(error) => return Outcome::Retry { after_s: None, reason: error.to_string() },
    };
    let (writer, business) = (app.clone(), tenant.name.to_string());
    let work =
        move |tx: &mut Tx<'_>| write(tx, promised.coupon, &tenant, |path| writer.config.shop_link(&path));
    let scope = job.scope.clone();
    let written = match app.db.write(job.scope, work).await {
        Ok(Some(written)) => written,
        // nobody to write to, or nothing worth sending any more
        Ok(None) => return Outcome::Done,
        Err(error) => return Outcome::Retry { after_s: None, reason: error.to_string() },
    };
    match app.mail.send(&written.into_mail(&business, job.id.to_string())).await {
        Ok(()) => match app.db.write(scope, move |tx| sent(tx, promised.coupon)).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Retry { after_s: None, reason: error.to_string() },
        },
        Err(MailError::Refused(reason)) => Outcome::Failed(reason),
        Err(error) => Outcome::Retry { after_s: None, reason: error.to_string() },
    }
}

/// The mail as it reads now; nothing where nobody can be written to, or the coupon is over.
pub fn write(
    tx: &mut Tx,
    id: CouponId,
    tenant: &Tenant,
    absolute: impl Fn(String) -> String,
) -> Result<Option<Written>, Error> {
    let coupon = sql::coupon(tx, id)?.ok_or(Error::UnknownCoupon)?;
    let Some(customer) = coupon.customer.filter(|_| coupon.standing(tx.now()) == CouponState::Issued) else {
        return Ok(None);
    };
    let contact = match customers::find(tx, customer) {
        Ok(customer) => customer.contact,
        Err(customers::Error::UnknownCustomer) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Some(to) = contact.email.clone() else { return Ok(None) };
    let campaign = campaigns::find(tx, coupon.campaign)?;
    let language = contact.language.unwrap_or(tenant.language);
    let link = absolute(coupon_path(&tenant.slug, &coupon.code));
    let values = MailValues::new(vec![
        (Placeholder::Name, contact.name.map(|name| name.to_string()).unwrap_or_default()),
        (Placeholder::Shop, tenant.name.to_string()),
        (Placeholder::Campaign, campaign.details.name.to_string()),
        (Placeholder::Offer, offer_words(language, &coupon.offer)),
        (Placeholder::Code, coupon.code.grouped()),
        (Placeholder::Until, until_words(language, coupon.expires_at, &tenant.zone)),
        (Placeholder::Link, link.clone()),
    ]);
    Ok(Some(orders::compose_mail(tx, Template::CouponIssued, language, &values, &link, to)?))
}

fn sent(tx: &mut Tx, id: CouponId) -> Result<(), Error> {
    if !sql::send_coupon(tx, id)? {
        return Ok(());
    }
    let coupon = sql::coupon(tx, id)?.ok_or(Error::UnknownCoupon)?;
    let at = tx.now();
    figures::count(tx, coupon.campaign, at, Spot::default(), &Measure { sent: 1, ..Measure::default() })?;
    issue::record(tx, "coupon.sent", &coupon, json!({ "way": "mail" }))
}

/// What a coupon gives, in words: `10 %`, `5,00 €`, `Buy 2, get 1 free`.
pub fn offer_words(language: Language, offer: &Offer) -> String {
    match offer {
        Offer::Percent { value } => format::percent(language, *value),
        Offer::Fixed { value } => format::money(language, *value),
        Offer::Text { value } => value.to_string(),
        Offer::FreeDelivery => text(language, "coupons-offer-free-delivery", &[]),
        Offer::BuyXGetY { buy, get } => {
            text(language, "coupons-offer-buy-get", &[("buy", (*buy).into()), ("get", (*get).into())])
        }
    }
}

/// The last day of a coupon; nothing where it has none. An end is the moment after its last day.
pub fn until_words(language: Language, end: Option<Timestamp>, zone: &base::Zone) -> String {
    end.map(|end| format::day(language, end.plus_s(-1).day(zone))).unwrap_or_default()
}
