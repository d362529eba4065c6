//! What was sent by a campaign's form: on a page, as a table, for applications.

use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use base::Timestamp;
use customers::{Contact, CustomerId};
use db::Rx;
use edge::{App, Json, List, May, Page, PageQuery, Path, Problem, Query, attachment, format::cell};
use futures_util::stream;
use serde::Serialize;

use super::CampaignPath;
use crate::{
    Error,
    form::{self, CouponForm, Reply, TICKED, pages::AnswersPage},
    http::Read,
    model::{CampaignId, CouponId},
    pages::Row,
};

/// What somebody sent by a form.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FormReply)]
pub struct ReplyView {
    /// The code of the coupon it was sent for.
    code: String,
    /// Who sent it, for who may see customers; null after they were forgotten.
    #[schema(value_type = Option<String>, required = true)]
    customer: Option<CustomerId>,
    #[schema(value_type = String, format = DateTime)]
    sent_at: Timestamp,
    answers: Vec<AnswerView>,
    /// What was said to the consent; null where none was asked for.
    #[schema(required = true)]
    consent: Option<ConsentView>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = FormAnswer)]
pub struct AnswerView {
    /// The question's name.
    field: String,
    /// As it was asked.
    label: String,
    /// `true` is a box that was ticked.
    value: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = FormConsentGiven)]
pub struct ConsentView {
    given: bool,
    /// Which wording it was.
    version: i64,
    words: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl ReplyView {
    fn of(reply: Reply, may_see: bool) -> Self {
        let answer =
            |answer: form::Answer| AnswerView { field: answer.key, label: answer.label, value: answer.value };
        Self {
            code: reply.coupon.code.to_string(),
            customer: reply.coupon.customer.filter(|_| may_see),
            sent_at: reply.coupon.issued_at,
            answers: reply.answers.into_iter().map(answer).collect(),
            consent: reply.agreed.map(|agreed| ConsentView {
                given: agreed.given,
                version: agreed.version,
                words: agreed.words.to_string(),
                at: agreed.at,
            }),
        }
    }
}

fn behind(page: &PageQuery) -> Result<Option<CouponId>, Problem> {
    let foreign =
        |_| Problem::bad_request("cursor-unknown", "This cursor is not one of ours; start again without it.");
    page.after::<1>()?.map(|[id]| id.parse().map_err(foreign)).transpose()
}

/// What was sent by a campaign's form, the newest first.
#[utoipa::path(get, path = "/t/{slug}/api/v1/campaigns/{id}/answers", operation_id = "campaign_answers",
    params(("slug" = String, Path), ("id" = String, Path), PageQuery),
    responses((status = 200, description = "A page of what was sent.", body = List<ReplyView>)))]
pub async fn list(
    State(app): State<App>,
    may: May<Read>,
    Path(path): Path<CampaignPath>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<ReplyView>>, Problem> {
    let (before, limit, may_see) = (behind(&page)?, page.limit(), may.may("customers.read"));
    let look = move |rx: &mut Rx<'_>| form::replies(rx, path.id, before, limit + 1);
    let found = app.db.read(may.scope(), look).await?;
    let found = List::of(found, limit, |last| [last.coupon.id.to_string()]);
    let items = found.items.into_iter().map(|reply| ReplyView::of(reply, may_see)).collect();
    Ok(Json(List { items, next_cursor: found.next_cursor }))
}

pub async fn show(
    State(app): State<App>,
    may: May<Read>,
    Path(path): Path<CampaignPath>,
    Query(page): Query<PageQuery>,
) -> Result<Page<AnswersPage>, Problem> {
    let (before, limit, may_see) = (behind(&page)?, page.limit(), may.may("customers.read"));
    let look = move |rx: &mut Rx<'_>| {
        let campaign = crate::campaigns::find(rx, path.id)?;
        let mut rows = Vec::new();
        for reply in form::replies(rx, path.id, before, limit + 1)? {
            rows.push((Row::of(rx, reply.coupon.clone(), may_see)?, reply));
        }
        Ok::<_, Error>((campaign, rows))
    };
    let (campaign, rows) = app.db.read(may.scope(), look).await?;
    let rows = List::of(rows, limit, |(row, _)| [row.coupon.id.to_string()]);
    Ok(Page(AnswersPage {
        frame: may.titled("coupons-form-answers"),
        campaign,
        rows: rows.items,
        next: rows.next_cursor,
        today: app.now().day(&may.tenant().zone),
    }))
}

/// Forms that are read at once.
const AT_ONCE: u32 = 200;

/// What was sent, for a spreadsheet: one column for each question of the form, and one for those it asked before. Who may take
/// customers out of the house gets who they are beside it.
pub async fn csv(
    State(app): State<App>,
    may: May<Read>,
    Path(path): Path<CampaignPath>,
) -> Result<Response, Problem> {
    enum At {
        Heading,
        Behind(Option<CouponId>),
        End,
    }
    let (scope, id) = (may.scope(), path.id);
    let with_people = may.may("customers.export");
    let look = move |rx: &mut Rx<'_>| {
        Ok::<_, Error>((crate::campaigns::find(rx, id)?.slug, form::find(rx, id)?.form))
    };
    let (slug, form) = app.db.read(may.scope(), look).await?;
    let pieces = stream::try_unfold(At::Heading, move |at| {
        let (db, scope, form) = (app.db.clone(), scope.clone(), form.clone());
        async move {
            let before = match at {
                At::Heading => {
                    let heading = lines([heading(&form, with_people)])?;
                    return Ok::<_, std::io::Error>(Some((heading, At::Behind(None))));
                }
                At::Behind(before) => before,
                At::End => return Ok(None),
            };
            let look = move |rx: &mut Rx<'_>| piece(rx, id, &form, before, with_people);
            let (rows, last) = db.read(scope, look).await.map_err(std::io::Error::other)?;
            let next = if rows.len() < AT_ONCE as usize { At::End } else { At::Behind(last) };
            Ok(Some((lines(rows)?, next)))
        }
    });
    let headers = attachment(&format!("{slug}-answers.csv"), "text/csv; charset=utf-8");
    Ok((headers, Body::from_stream(pieces)).into_response())
}

fn heading(form: &CouponForm, with_people: bool) -> Vec<String> {
    let people: &[&str] = if with_people { &["name", "phone", "email"] } else { &[] };
    let own = ["code", "sentAt"].iter().chain(people).chain(&["consent", "consentVersion", "consentAt"]);
    let questions = form.fields.iter().map(|field| cell(field.label.as_str()));
    own.map(ToString::to_string).chain(questions).chain(["askedBefore".to_owned()]).collect()
}

type Rows = (Vec<Vec<String>>, Option<CouponId>);

fn piece(
    rx: &mut Rx,
    id: CampaignId,
    form: &CouponForm,
    before: Option<CouponId>,
    with_people: bool,
) -> Result<Rows, Error> {
    let replies = form::replies(rx, id, before, AT_ONCE)?;
    let last = replies.last().map(|last| last.coupon.id);
    let mut rows = Vec::with_capacity(replies.len());
    for reply in replies {
        let mut cells = vec![reply.coupon.code.to_string(), reply.coupon.issued_at.to_string()];
        if with_people {
            let row = Row::of(rx, reply.coupon, true)?;
            let Contact { name, phone, email, .. } =
                row.customer.map(|customer| customer.contact).unwrap_or_default();
            cells.push(name.map(|name| name.to_string()).unwrap_or_default());
            cells.push(phone.map(|phone| phone.to_string()).unwrap_or_default());
            cells.push(email.map(|email| email.to_string()).unwrap_or_default());
        }
        match reply.agreed {
            Some(agreed) => {
                let word = if agreed.given { "yes" } else { "no" };
                cells.extend([word.to_owned(), agreed.version.to_string(), agreed.at.to_string()]);
            }
            None => cells.extend([const { String::new() }; 3]),
        }
        let said = |value: &str| if value == TICKED { "yes".to_owned() } else { value.to_owned() };
        for field in &form.fields {
            let answer = reply.answers.iter().find(|answer| answer.key == field.key.as_str());
            cells.push(answer.map(|answer| said(&answer.value)).unwrap_or_default());
        }
        let asked = |key: &str| form.fields.iter().any(|field| field.key.as_str() == key);
        let before = reply.answers.iter().filter(|answer| !asked(&answer.key));
        let before: Vec<String> =
            before.map(|answer| format!("{}: {}", answer.label, said(&answer.value))).collect();
        cells.push(before.join("; "));
        rows.push(cells.iter().map(|text| cell(text)).collect());
    }
    Ok((rows, last))
}

fn lines(rows: impl IntoIterator<Item = Vec<String>>) -> std::io::Result<Bytes> {
    let mut file = csv::Writer::from_writer(Vec::new());
    for row in rows {
        file.write_record(row)?;
    }
    Ok(file.into_inner().map_err(|error| error.into_error())?.into())
}
