//! The office's page of links that work once, and the links as a table and as codes to print.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use edge::{App, Form, May, Page, Path, Problem, Query, attachment, flash, shown_pdf};
use http::StatusCode;
use orders::print::{CodeSheet, Voice};
use serde::Deserialize;

use super::{CampaignPath, api::link_address};
use crate::{
    Error,
    form::{self, BatchId, links::MOST_LINKS, pages::LinksPage},
    http::{Manage, Read},
    model::CampaignId,
};

/// Codes in one file: twenty sheets.
pub const CODES_A_FILE: i64 = 480;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct MakeForm {
    count: String,
}

#[derive(Deserialize)]
pub struct BatchPath {
    id: CampaignId,
    batch: BatchId,
}

pub async fn list(
    State(app): State<App>,
    may: May<Read>,
    Path(path): Path<CampaignPath>,
) -> Result<Page<LinksPage>, Problem> {
    Ok(Page(page(&app, &may, path.id, String::new(), false).await?))
}

async fn page<P>(
    app: &App,
    may: &May<P>,
    id: CampaignId,
    count: String,
    refused: bool,
) -> Result<LinksPage, Problem> {
    let look = move |rx: &mut db::Rx<'_>| {
        let (campaign, batches) = (crate::campaigns::find(rx, id)?, form::batches(rx, id)?);
        let names = people::actors::names(rx, batches.iter().map(|batch| batch.made_by.as_str()))?;
        Ok::<_, Error>((campaign, batches, names))
    };
    let (campaign, batches, names) = app.db.read(may.scope(), look).await?;
    Ok(LinksPage {
        frame: may.titled("coupons-form-links"),
        campaign,
        batches,
        names,
        count,
        refused,
        today: app.now().day(&may.tenant().zone),
        may_manage: may.may("coupons.manage"),
    })
}

pub async fn make(
    State(app): State<App>,
    may: May<Manage>,
    Path(path): Path<CampaignPath>,
    Form(form): Form<MakeForm>,
) -> Result<Response, Problem> {
    let count: Option<i64> = form.count.trim().parse().ok().filter(|count| (1..=MOST_LINKS).contains(count));
    let Some(count) = count else {
        let page = page(&app, &may, path.id, form.count, true).await?;
        return Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY));
    };
    app.db.write(may.scope(), move |tx| form::make_links(tx, path.id, count)).await?;
    let back = format!("/t/{}/admin/campaigns/{}/links", may.tenant().slug, path.id);
    Ok(flash(&app, &back, "coupons-form-links-made"))
}

/// The links of a batch, for a spreadsheet.
pub async fn csv(
    State(app): State<App>,
    may: May<Read>,
    Path(path): Path<BatchPath>,
) -> Result<Response, Problem> {
    let look = move |rx: &mut db::Rx<'_>| {
        let campaign = crate::campaigns::find(rx, path.id)?;
        let (_, links) = form::batch_links(rx, path.id, path.batch, 0, MOST_LINKS)?;
        Ok::<_, Error>((campaign, links))
    };
    let (campaign, links) = app.db.read(may.scope(), look).await?;
    let mut file = "number,link,token,used\n".to_owned();
    for (number, link) in (1..).zip(links) {
        let address = link_address(&app, &may.tenant().slug, &campaign, &link.token);
        let used = link.used_at.map(|at| at.to_string()).unwrap_or_default();
        // none of these holds a comma, a quote or the beginning of a formula
        file.push_str(&format!("{number},{address},{},{used}\n", link.token));
    }
    let name = format!("{}-links.csv", campaign.slug);
    Ok((attachment(&name, "text/csv; charset=utf-8"), file).into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Part {
    /// From 1 on.
    part: i64,
}

/// The links of a batch as codes to cut out.
pub async fn pdf(
    State(app): State<App>,
    may: May<Read>,
    Path(path): Path<BatchPath>,
    Query(query): Query<Part>,
) -> Result<Response, Problem> {
    let from = (query.part.clamp(1, MOST_LINKS) - 1) * CODES_A_FILE;
    let look = move |rx: &mut db::Rx<'_>| {
        let campaign = crate::campaigns::find(rx, path.id)?;
        let (batch, links) = form::batch_links(rx, path.id, path.batch, from, CODES_A_FILE)?;
        Ok::<_, Error>((campaign, batch, links))
    };
    let (campaign, batch, links) = app.db.read(may.scope(), look).await?;
    if links.is_empty() {
        return Err(Error::UnknownBatch.into());
    }
    let address = |link: &form::FormLink| link_address(&app, &may.tenant().slug, &campaign, &link.token);
    let code = |(number, link): (i64, &form::FormLink)| (address(link), format!("{number} · {}", link.token));
    let sheet = CodeSheet {
        title: campaign.details.name.to_string(),
        author: may.tenant().name.to_string(),
        at: batch.made_at,
        codes: (from + 1..).zip(&links).map(code).collect(),
    };
    let voice = Voice { language: may.language(), zone: may.tenant().zone.clone() };
    let bytes = orders::press(move || orders::print::code_sheets(&sheet, &voice)).await?;
    Ok((shown_pdf(&format!("{}-codes-{}.pdf", campaign.slug, from + 1)), bytes).into_response())
}
