//! Every statement on the tables of forms.

use base::{Line, Timestamp};
use catalog::images::ImageId;
use customers::CustomerId;
use db::{Error, Row, Rx, Tx, sql};

use super::{
    Agreed, Batch, BatchId, FormLink, FormPicture, Kept, LinkToken,
    model::{Answer, Consent, CouponForm},
};
use crate::{
    model::{CampaignId, CouponId},
    sql::{json, parsed, text},
};

/// A form with the version of its consent's wording, and the picture above it.
pub fn form(
    rx: &mut Rx,
    campaign: CampaignId,
) -> Result<Option<(CouponForm, i64, Option<FormPicture>)>, Error> {
    rx.row(
        sql!(
            "select form, consent_version, picture, picture_alt from coupon_form
             where tenant_id = $1 and campaign_id = $2"
        ),
        (campaign,),
        |row| {
            let image: Option<ImageId> = row.get(2)?;
            let alt: Option<Line<200>> = row.get(3)?;
            let picture = image.map(|image| FormPicture { image, alt });
            Ok((json(row, 0)?, row.get(1)?, picture))
        },
    )
}

/// Sets the picture alone; a campaign with the usual form gets it written down.
pub fn set_picture(
    tx: &mut Tx,
    campaign: CampaignId,
    kept: &Kept,
    picture: Option<&FormPicture>,
) -> Result<(), Error> {
    let now = tx.now();
    let (image, alt) =
        (picture.map(|picture| picture.image), picture.and_then(|picture| picture.alt.as_ref()));
    tx.put(
        sql!(
            "insert into coupon_form (tenant_id, campaign_id, form, consent_version, updated_at, picture, picture_alt)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (tenant_id, campaign_id) do update set picture = excluded.picture,
                picture_alt = excluded.picture_alt, updated_at = excluded.updated_at"
        ),
        (campaign, text(&kept.form), kept.consent_version, now, image, alt),
    )
}

pub fn set_form(tx: &mut Tx, campaign: CampaignId, form: &CouponForm, version: i64) -> Result<(), Error> {
    let now = tx.now();
    tx.put(
        sql!(
            "insert into coupon_form (tenant_id, campaign_id, form, consent_version, updated_at) values ($1, $2, $3, $4, $5)
             on conflict (tenant_id, campaign_id) do update set form = excluded.form,
                consent_version = excluded.consent_version, updated_at = excluded.updated_at"
        ),
        (campaign, text(form), version, now),
    )
}

pub fn last_consent_version(rx: &mut Rx, campaign: CampaignId) -> Result<i64, Error> {
    let last = rx.row(
        sql!(
            "select coalesce(max(version), 0) from consent_wording where tenant_id = $1 and campaign_id = $2"
        ),
        (campaign,),
        |row| row.get(0),
    )?;
    Ok(last.unwrap_or(0))
}

pub fn add_consent_wording(
    tx: &mut Tx,
    campaign: CampaignId,
    version: i64,
    consent: &Consent,
) -> Result<(), Error> {
    let (now, link) = (tx.now(), consent.link.as_ref().map(ToString::to_string));
    tx.put(
        sql!(
            "insert into consent_wording (tenant_id, campaign_id, version, words, link, at) values ($1, $2, $3, $4, $5, $6)"
        ),
        (campaign, version, consent.words.as_str(), link, now),
    )
}

pub fn add_answers(tx: &mut Tx, coupon: CouponId, answers: &[Answer]) -> Result<(), Error> {
    for (place, answer) in (0i64..).zip(answers) {
        tx.put(
            sql!(
                "insert into form_answer (tenant_id, coupon_id, field, place, label, value) values ($1, $2, $3, $4, $5, $6)"
            ),
            (coupon, answer.key.as_str(), place, answer.label.as_str(), answer.value.as_str()),
        )?;
    }
    Ok(())
}

pub fn answers(rx: &mut Rx, coupon: CouponId) -> Result<Vec<Answer>, Error> {
    rx.rows(
        sql!("select field, label, value from form_answer where tenant_id = $1 and coupon_id = $2 order by place"),
        (coupon,),
        |row| Ok(Answer { key: row.get(0)?, label: row.get(1)?, value: row.get(2)? }),
    )
}

/// The answers of eight customers, the oldest first: whose, the question's name, and the answer.
pub fn answers_of(
    rx: &mut Rx,
    customers: [CustomerId; 8],
) -> Result<Vec<(CustomerId, String, String)>, Error> {
    let [a, b, c, d, e, f, g, h] = customers;
    rx.rows(
        sql!(
            "select c.customer_id, a.field, a.value from coupon c
             join form_answer a on a.tenant_id = $1 and a.coupon_id = c.id
             where c.tenant_id = $1 and c.customer_id in ($2, $3, $4, $5, $6, $7, $8, $9) order by c.id, a.place"
        ),
        (a, b, c, d, e, f, g, h),
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// Questions that were ever answered, by name, with the words they were last asked in; `most` of them.
pub fn questions(rx: &mut Rx, most: usize) -> Result<Vec<(String, String)>, Error> {
    let mut found: Vec<(String, String)> = Vec::new();
    while found.len() < most {
        let last = found.last().map(|(key, _)| key.clone()).unwrap_or_default();
        // from one name to the next along the index: as many steps as there are names, not answers
        let next: Option<String> = rx.row(
            sql!("select field from form_answer where tenant_id = $1 and field > $2 order by field limit 1"),
            (last,),
            |row| row.get(0),
        )?;
        let Some(key) = next else { break };
        let label = rx.row(
            sql!(
                "select label from form_answer where tenant_id = $1 and field = $2 order by coupon_id desc limit 1"
            ),
            (&key,),
            |row| row.get(0),
        )?;
        found.push((key.clone(), label.unwrap_or(key)));
    }
    Ok(found)
}

/// What a customer said to forms' consents, the newest first, with the campaign that asked.
pub fn consents_of(rx: &mut Rx, customer: CustomerId) -> Result<Vec<(CampaignId, Agreed)>, Error> {
    rx.rows(
        sql!(
            "select f.given, f.version, w.words, w.link, f.at, f.campaign_id from coupon c
             join form_consent f on f.tenant_id = $1 and f.coupon_id = c.id
             join consent_wording w on w.tenant_id = $1 and w.campaign_id = f.campaign_id and w.version = f.version
             where c.tenant_id = $1 and c.customer_id = $2 order by f.at desc, c.id desc limit 200"
        ),
        (customer,),
        |row| Ok((row.get(5)?, read_agreed(row)?)),
    )
}

/// Forgets what a customer answered and agreed to.
pub fn forget(tx: &mut Tx, customer: CustomerId) -> Result<(), Error> {
    tx.put(
        sql!(
            "delete from form_answer where tenant_id = $1
                and coupon_id in (select c.id from coupon c where c.tenant_id = $1 and c.customer_id = $2)"
        ),
        (customer,),
    )?;
    tx.put(
        sql!(
            "delete from form_consent where tenant_id = $1
                and coupon_id in (select c.id from coupon c where c.tenant_id = $1 and c.customer_id = $2)"
        ),
        (customer,),
    )
}

pub fn add_consent(
    tx: &mut Tx,
    coupon: CouponId,
    campaign: CampaignId,
    version: i64,
    given: bool,
) -> Result<(), Error> {
    let now = tx.now();
    tx.put(
        sql!(
            "insert into form_consent (tenant_id, coupon_id, campaign_id, version, given, at) values ($1, $2, $3, $4, $5, $6)"
        ),
        (coupon, campaign, version, given, now),
    )
}

pub fn agreed(rx: &mut Rx, coupon: CouponId) -> Result<Option<Agreed>, Error> {
    rx.row(
        sql!(
            "select c.given, c.version, w.words, w.link, c.at from form_consent c
             join consent_wording w on w.tenant_id = $1 and w.campaign_id = c.campaign_id and w.version = c.version
             where c.tenant_id = $1 and c.coupon_id = $2"
        ),
        (coupon,),
        read_agreed,
    )
}

fn read_agreed(row: &Row<'_>) -> Result<Agreed, Error> {
    let link: Option<String> = row.get(3)?;
    Ok(Agreed {
        given: row.get(0)?,
        version: row.get(1)?,
        words: parsed(row, 2)?,
        link: link.and_then(|link| link.parse().ok()),
        at: row.get(4)?,
    })
}

/// When the customer's last coupons by forms and links were issued, the newest first; none from before `since`.
pub fn issued_by_forms(
    rx: &mut Rx,
    customer: CustomerId,
    since: Timestamp,
    limit: u32,
) -> Result<Vec<Timestamp>, Error> {
    rx.rows(
        sql!(
            "select issued_at from coupon where tenant_id = $1 and customer_id = $2 and via in ('form', 'link')
                and issued_at > $3 order by issued_at desc limit cast($4 as bigint)"
        ),
        (customer, since, limit),
        |row| row.get(0),
    )
}

/// Notes that a question was answered; false if it was already.
pub fn take_question(tx: &mut Tx, question: &str, until: Timestamp) -> Result<bool, Error> {
    let taken = tx.run(
        sql!(
            "insert into form_question (tenant_id, question, until) values ($1, $2, $3)
             on conflict (tenant_id, question) do nothing"
        ),
        (question, until),
    )?;
    Ok(taken == 1)
}

pub fn forget_old_questions(tx: &mut Tx) -> Result<(), Error> {
    let now = tx.now();
    tx.put(sql!("delete from form_question where tenant_id = $1 and until <= $2"), (now,))
}

pub fn add_batch(tx: &mut Tx, batch: &Batch) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into form_link_batch (tenant_id, id, campaign_id, links, used, made_at, made_by)
             values ($1, $2, $3, $4, $5, $6, $7)"
        ),
        (batch.id, batch.campaign, batch.total, batch.used, batch.made_at, batch.made_by.as_str()),
    )
}

pub fn add_link(tx: &mut Tx, batch: &Batch, place: i64, token: &LinkToken) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into form_link (tenant_id, token, batch_id, place, campaign_id, used_at, coupon_id)
             values ($1, $2, $3, $4, $5, null, null)"
        ),
        (token.as_str(), batch.id, place, batch.campaign),
    )
}

/// A link that came in used.
pub fn set_link_used(tx: &mut Tx, token: &LinkToken, at: Timestamp) -> Result<(), Error> {
    tx.put(
        sql!("update form_link set used_at = $3 where tenant_id = $1 and token = $2"),
        (token.as_str(), at),
    )
}

/// One link more, and `used` more of those that were used.
pub fn grow_batch(tx: &mut Tx, id: BatchId, used: i64) -> Result<(), Error> {
    tx.put(
        sql!(
            "update form_link_batch set links = links + 1, used = used + cast($3 as bigint)
             where tenant_id = $1 and id = $2"
        ),
        (id, used),
    )
}

macro_rules! batch_columns {
    () => {
        "select id, campaign_id, links, used, made_at, made_by from form_link_batch "
    };
}

pub fn batch(rx: &mut Rx, id: BatchId) -> Result<Option<Batch>, Error> {
    rx.row(sql!(concat!(batch_columns!(), "where tenant_id = $1 and id = $2")), (id,), read_batch)
}

/// The newest first.
pub fn batches(rx: &mut Rx, campaign: CampaignId) -> Result<Vec<Batch>, Error> {
    rx.rows(
        sql!(concat!(
            batch_columns!(),
            "where tenant_id = $1 and campaign_id = $2 order by id desc limit 200"
        )),
        (campaign,),
        read_batch,
    )
}

fn read_batch(row: &Row<'_>) -> Result<Batch, Error> {
    Ok(Batch {
        id: row.get(0)?,
        campaign: row.get(1)?,
        total: row.get(2)?,
        used: row.get(3)?,
        made_at: row.get(4)?,
        made_by: row.get(5)?,
    })
}

pub fn batch_links(rx: &mut Rx, batch: BatchId, from: i64, limit: i64) -> Result<Vec<FormLink>, Error> {
    rx.rows(
        sql!(
            "select token, used_at, coupon_id from form_link where tenant_id = $1 and batch_id = $2 and place >= $3
             order by place limit cast($4 as bigint)"
        ),
        (batch, from, limit),
        |row| Ok(FormLink { token: parsed(row, 0)?, used_at: row.get(1)?, coupon: row.get(2)? }),
    )
}

/// A link, and the campaign it belongs to.
pub fn link(rx: &mut Rx, token: &LinkToken) -> Result<Option<(CampaignId, FormLink)>, Error> {
    rx.row(
        sql!(
            "select campaign_id, token, used_at, coupon_id from form_link where tenant_id = $1 and token = $2"
        ),
        (token.as_str(),),
        |row| {
            let link = FormLink { token: parsed(row, 1)?, used_at: row.get(2)?, coupon: row.get(3)? };
            Ok((row.get(0)?, link))
        },
    )
}

/// Uses a link up, unless it is used or not the campaign's.
pub fn claim_link(
    tx: &mut Tx,
    campaign: CampaignId,
    token: &LinkToken,
    coupon: CouponId,
) -> Result<bool, Error> {
    let now = tx.now();
    let claimed = tx.run(
        sql!(
            "update form_link set used_at = $4, coupon_id = $5
             where tenant_id = $1 and token = $2 and campaign_id = $3 and used_at is null"
        ),
        (token.as_str(), campaign, now, coupon),
    )?;
    if claimed == 1 {
        tx.put(
            sql!(
                "update form_link_batch set used = used + 1 where tenant_id = $1
                    and id = (select l.batch_id from form_link l where l.tenant_id = $1 and l.token = $2)"
            ),
            (token.as_str(),),
        )?;
    }
    Ok(claimed == 1)
}
