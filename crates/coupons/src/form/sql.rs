//! Every statement on the tables of forms.

use base::Timestamp;
use customers::CustomerId;
use db::{Error, Row, Rx, Tx, sql};

use super::{
    Agreed, Batch, BatchId, FormLink, Kept, LinkToken,
    model::{Answer, Consent, CouponForm},
};
use crate::{
    model::{CampaignId, CouponId},
    sql::{json, parsed, text},
};

pub fn form(rx: &mut Rx, campaign: CampaignId) -> Result<Option<Kept>, Error> {
    rx.row(
        sql!("select form, consent_version from coupon_form where tenant_id = $1 and campaign_id = $2"),
        (campaign,),
        |row| Ok(Kept { form: json(row, 0)?, consent_version: row.get(1)? }),
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
        |row| {
            let link: Option<String> = row.get(3)?;
            Ok(Agreed {
                given: row.get(0)?,
                version: row.get(1)?,
                words: parsed(row, 2)?,
                link: link.and_then(|link| link.parse().ok()),
                at: row.get(4)?,
            })
        },
    )
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
