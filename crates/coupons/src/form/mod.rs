//! The public form of a campaign: what it asks and how it looks, what was answered, and the links that work once.

mod http;
mod links;
mod look;
mod model;
mod pages;
pub(crate) mod sql;

use base::{Line, Timestamp};
use catalog::{
    Picture,
    images::{self, ImageId, ImageState},
};
use db::{Rx, Tx};
use serde_json::json;
use spine::events::{self, Event};

pub use http::routes;
pub(crate) use links::bring as bring_link;
pub use links::{
    Batch, BatchId, FormLink, LinkToken, batch_links, batches, campaign_of_link, make_links, standing,
};
pub use look::{Corners, FormLook, Letters};
pub use model::{
    Answer, Consent, ContactBy, CouponForm, Field, FieldKey, FieldKind, Filled, FormFlaw, MAX_FIELDS, Need,
    TICKED, Texts, WebAddress,
};
pub use sql::{answers_of, consents_of, forget, questions};

use crate::{
    Error, campaigns,
    figures::{self, Measure, Spot},
    holders,
    issue::{self, Issued},
    model::{Campaign, CampaignId, CampaignState, Coupon, CouponId, Via},
    sql as tables,
};

/// A form, and the version of the wording that it asks to agree to; 0 where it asks for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub form: CouponForm,
    pub consent_version: i64,
    /// What stands above it.
    pub picture: Option<Picture>,
}

/// The form of a campaign; the usual one, where nobody changed it.
pub fn find(rx: &mut Rx, campaign: CampaignId) -> Result<Kept, Error> {
    campaigns::find(rx, campaign)?;
    let Some((form, consent_version, picture)) = sql::form(rx, campaign)? else {
        return Ok(Kept { form: CouponForm::default(), consent_version: 0, picture: None });
    };
    let picture = picture.map(|picture| shown(rx, &picture)).transpose()?.flatten();
    Ok(Kept { form, consent_version, picture })
}

/// From now on the campaign asks this. A consent in other words is another version of it.
pub fn change(tx: &mut Tx, campaign: CampaignId, form: &CouponForm) -> Result<Kept, Error> {
    form.check()?;
    let before = find(tx, campaign)?;
    let wording =
        |form: &CouponForm| form.consent.as_ref().map(|known| (known.words.clone(), known.link.clone()));
    let consent_version = match &form.consent {
        None => 0,
        Some(_) if before.consent_version > 0 && wording(form) == wording(&before.form) => {
            before.consent_version
        }
        Some(consent) => {
            let version = sql::last_consent_version(tx, campaign)? + 1;
            sql::add_consent_wording(tx, campaign, version, consent)?;
            version
        }
    };
    if before.form != *form || before.consent_version != consent_version {
        sql::set_form(tx, campaign, form, consent_version)?;
        let payload = json!({ "before": before.form, "after": form, "consentVersion": consent_version });
        events::record(tx, Event { kind: "campaign.form-changed", subject: campaign.to_string(), payload })?;
    }
    Ok(Kept { form: form.clone(), consent_version, picture: before.picture })
}

/// From now on the form of `to` asks, says and shows what that of `from` does. Links and answers stay where they are.
pub(crate) fn copy(tx: &mut Tx, from: CampaignId, to: CampaignId) -> Result<(), Error> {
    let Some((form, _, picture)) = sql::form(tx, from)? else { return Ok(()) };
    change(tx, to, &form)?;
    if picture.is_some() {
        set_picture(tx, to, picture.as_ref())?;
    }
    Ok(())
}

/// A campaign by the name in its form's address.
pub fn campaign_named(rx: &mut Rx, slug: &str) -> Result<Campaign, Error> {
    let currency = people::business::find(rx)?.currency;
    tables::campaign_by_slug(rx, slug, currency)?.ok_or(Error::UnknownCampaign)
}

/// A campaign by its code, as printed papers and CouponGen's addresses name it.
pub fn campaign_coded(rx: &mut Rx, code: &str) -> Result<Campaign, Error> {
    let currency = people::business::find(rx)?.currency;
    tables::campaign_by_code(rx, code.trim(), currency)?.ok_or(Error::UnknownCampaign)
}

/// Why a form gives no coupon now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    NotBegun {
        at: Option<Timestamp>,
    },
    Paused,
    Ended,
    /// As many coupons were issued as there are.
    NothingLeft,
}

/// Whether the campaign's form gives coupons, and why not.
pub fn closed(rx: &mut Rx, campaign: &Campaign) -> Result<Option<Closed>, Error> {
    let (now, details) = (rx.now(), &campaign.details);
    if details.ends_at.is_some_and(|end| end <= now) {
        return Ok(Some(Closed::Ended));
    }
    let closed = match campaign.state {
        CampaignState::Draft => Some(Closed::NotBegun { at: details.starts_at.filter(|start| *start > now) }),
        CampaignState::Paused => Some(Closed::Paused),
        CampaignState::Ended => Some(Closed::Ended),
        CampaignState::Live if details.starts_at.is_some_and(|start| start > now) => {
            Some(Closed::NotBegun { at: details.starts_at })
        }
        CampaignState::Live => {
            campaigns::left(rx, campaign.id)?.filter(|left| *left <= 0).map(|_| Closed::NothingLeft)
        }
    };
    Ok(closed)
}

/// The form was looked at.
pub fn seen(tx: &mut Tx, campaign: CampaignId) -> Result<(), Error> {
    let now = tx.now();
    figures::count(tx, campaign, now, Spot::default(), &Measure { seen: 1, ..Measure::default() })
}

/// How many coupons a contact may get by forms in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContactLimit {
    pub most: u32,
    pub window_s: u32,
}

/// A form that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub filled: Filled,
    /// Of the wording that was agreed to, or not.
    pub consent_version: i64,
    pub link: Option<LinkToken>,
    /// The captcha's question that was answered, and until when it could be answered again.
    pub question: Option<(String, Timestamp)>,
}

/// Issues the coupon that a form asks for, and keeps what was answered. All of it happens, or nothing: an error burns no link
/// and no question.
pub fn submit(tx: &mut Tx, campaign: CampaignId, sent: &Sent, limit: ContactLimit) -> Result<Issued, Error> {
    let form = find(tx, campaign)?.form;
    if form.only_by_link && sent.link.is_none() {
        return Err(Error::LinkNeeded);
    }
    if let Some((question, until)) = &sent.question {
        sql::forget_old_questions(tx)?;
        if !sql::take_question(tx, question, *until)? {
            return Err(Error::AnsweredAlready);
        }
    }
    let via = if sent.link.is_some() { Via::Link } else { Via::Form };
    let issued = issue::issue(tx, campaign, &sent.filled.contact, via)?;
    let (coupon, now) = (&issued.coupon, tx.now());
    if let Some(customer) = coupon.customer {
        let since = now.plus_s(-i64::from(limit.window_s));
        let before = sql::issued_by_forms(tx, customer, since, limit.most + 1)?;
        // the newest is this one; the last of those that count makes room when it is old enough
        if let Some(oldest) = before.get(limit.most as usize) {
            let again_at = oldest.plus_s(i64::from(limit.window_s));
            return Err(Error::TooOften { wait_s: again_at.seconds_since(now) });
        }
    }
    if let Some(token) = &sent.link {
        links::claim(tx, campaign, token, coupon.id)?;
    }
    sql::add_answers(tx, coupon.id, &sent.filled.answers)?;
    if let Some(agrees) = sent.filled.agrees {
        sql::add_consent(tx, coupon.id, campaign, sent.consent_version, agrees)?;
    }
    if let Some(customer) = coupon.customer {
        holders::mark_answers(tx, customer, &sent.filled.answers)?;
        if let Some(agrees) = sent.filled.agrees {
            customers::consent::answered(tx, customer, agrees, now)?;
        }
    }
    figures::count(tx, campaign, now, Spot::default(), &Measure { submitted: 1, ..Measure::default() })?;
    Ok(issued)
}

/// What was answered for a coupon in another system.
pub(crate) fn bring_answers(tx: &mut Tx, coupon: &Coupon, answers: &[Answer]) -> Result<(), Error> {
    sql::add_answers(tx, coupon.id, answers)?;
    match coupon.customer {
        Some(customer) => holders::mark_answers(tx, customer, answers),
        None => Ok(()),
    }
}

/// What was agreed to, or not, for a coupon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    pub given: bool,
    pub version: i64,
    pub words: Line<1000>,
    pub link: Option<WebAddress>,
    pub at: Timestamp,
}

/// What was answered for a coupon, in the order of the questions.
pub fn answers(rx: &mut Rx, coupon: CouponId) -> Result<Vec<Answer>, Error> {
    Ok(sql::answers(rx, coupon)?)
}

/// What was said to the consent that a coupon's form asked for.
pub fn agreed(rx: &mut Rx, coupon: CouponId) -> Result<Option<Agreed>, Error> {
    Ok(sql::agreed(rx, coupon)?)
}

/// What somebody sent by a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub coupon: Coupon,
    pub answers: Vec<Answer>,
    pub agreed: Option<Agreed>,
}

/// What was sent by a campaign's form, the newest first, from behind the coupon named `before`.
pub fn replies(
    rx: &mut Rx,
    campaign: CampaignId,
    before: Option<CouponId>,
    limit: u32,
) -> Result<Vec<Reply>, Error> {
    campaigns::find(rx, campaign)?;
    let coupons = tables::coupons_by_form(rx, campaign, before, limit)?;
    let reply = |coupon: Coupon| {
        let (answers, agreed) = (answers(rx, coupon.id)?, agreed(rx, coupon.id)?);
        Ok(Reply { coupon, answers, agreed })
    };
    coupons.into_iter().map(reply).collect()
}

/// The picture above a form: one of the catalogue's, and what it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormPicture {
    pub image: ImageId,
    /// Nothing where it only adorns.
    pub alt: Option<Line<200>>,
}

/// From now on this picture stands above the campaign's form, or none.
pub fn set_picture(tx: &mut Tx, campaign: CampaignId, picture: Option<&FormPicture>) -> Result<Kept, Error> {
    let before = find(tx, campaign)?;
    if let Some(picture) = picture
        && shown(tx, picture)?.is_none()
    {
        return Err(catalog::Error::UnknownImage.into());
    }
    sql::set_picture(tx, campaign, &before, picture)?;
    let payload = json!({ "image": picture.map(|picture| picture.image) });
    events::record(tx, Event { kind: "campaign.form-picture", subject: campaign.to_string(), payload })?;
    find(tx, campaign)
}

/// The picture as pages show it; none while it is not there.
fn shown(rx: &mut Rx, picture: &FormPicture) -> Result<Option<Picture>, Error> {
    Ok(match images::image(rx, picture.image)?.state {
        ImageState::Ready(measures) => {
            Some(Picture::of(&measures, picture.alt.as_ref().map_or("", Line::as_str)))
        }
        ImageState::Waiting | ImageState::Failed(_) => None,
    })
}
