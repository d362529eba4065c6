//! The API of forms and of links that work once.

use axum::{extract::State, response::Response};
use base::Timestamp;
use edge::{App, Json, May, Path, Problem, Reply, RequestKey, fingerprint, idempotent};
use serde::{Deserialize, Serialize};

use super::{CampaignPath, form_path};
use crate::{
    Error,
    form::{self, Batch, CouponForm, Kept, LinkToken},
    http::{Manage, Read},
    model::Campaign,
};

/// The form of a campaign.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CampaignForm)]
pub struct FormView {
    /// Where customers fill it in.
    pub address: String,
    /// The version of the consent's wording; 0 where nothing is asked to agree to.
    pub consent_version: i64,
    pub form: CouponForm,
}

/// Links that were made together.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FormLinks)]
pub struct LinksView {
    #[serde(flatten)]
    pub batch: Batch,
    pub available: i64,
    pub links: Vec<LinkView>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OneFormLink)]
pub struct LinkView {
    pub address: String,
    pub token: String,
    #[schema(value_type = Option<String>)]
    pub used_at: Option<Timestamp>,
}

/// What was made of links, in all.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FormLinkBatches)]
pub struct BatchesView {
    pub total: i64,
    pub used: i64,
    pub available: i64,
    /// The newest first, at most 200.
    pub batches: Vec<Batch>,
}

#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MakeFormLinks)]
pub struct LinksOrder {
    #[schema(minimum = 1, maximum = 10_000)]
    pub count: i64,
}

fn view(app: &App, slug: &base::Slug, campaign: &Campaign, kept: Kept) -> FormView {
    let address = app.config.shop_link(&form_path(slug, campaign));
    FormView { address, consent_version: kept.consent_version, form: kept.form }
}

/// The address of a link that works once.
pub fn link_address(app: &App, slug: &base::Slug, campaign: &Campaign, token: &LinkToken) -> String {
    app.config.shop_link(&format!("{}?link={token}", form_path(slug, campaign)))
}

/// The public form of a campaign.
#[utoipa::path(get, path = "/t/{slug}/api/v1/campaigns/{id}/form", operation_id = "campaign_form",
    params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The form.", body = FormView)))]
pub async fn form(
    State(app): State<App>,
    may: May<Read>,
    Path(path): Path<CampaignPath>,
) -> Result<Json<FormView>, Problem> {
    let look = move |rx: &mut db::Rx<'_>| {
        Ok::<_, Error>((crate::campaigns::find(rx, path.id)?, form::find(rx, path.id)?))
    };
    let (campaign, kept) = app.db.read(may.scope(), look).await?;
    Ok(Json(view(&app, &may.tenant().slug, &campaign, kept)))
}

/// Says what the public form of a campaign asks, says and looks like; what is left out is as usual. Another wording of the
/// consent gets another version.
#[utoipa::path(put, path = "/t/{slug}/api/v1/campaigns/{id}/form", operation_id = "change_campaign_form",
    params(("slug" = String, Path), ("id" = String, Path)), request_body = CouponForm,
    responses((status = 200, description = "The form.", body = FormView),
        (status = 409, description = "It was changed in between.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn change_form(
    State(app): State<App>,
    may: May<Manage>,
    Path(path): Path<CampaignPath>,
    Json(wanted): Json<CouponForm>,
) -> Result<Json<FormView>, Problem> {
    let work = move |tx: &mut db::Tx<'_>| {
        let campaign = crate::campaigns::find(tx, path.id)?;
        Ok::<_, Error>((campaign, form::change(tx, path.id, &wanted)?))
    };
    let (campaign, kept) = app.db.write(may.scope(), work).await?;
    Ok(Json(view(&app, &may.tenant().slug, &campaign, kept)))
}

/// Links that each give one coupon of the campaign.
#[utoipa::path(get, path = "/t/{slug}/api/v1/campaigns/{id}/links", operation_id = "campaign_links",
    params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The batches with their counters.", body = BatchesView)))]
pub async fn list_links(
    State(app): State<App>,
    may: May<Read>,
    Path(path): Path<CampaignPath>,
) -> Result<Json<BatchesView>, Problem> {
    let batches = app.db.read(may.scope(), move |rx| form::batches(rx, path.id)).await?;
    let (total, used) =
        batches.iter().fold((0, 0), |(total, used), batch| (total + batch.total, used + batch.used));
    Ok(Json(BatchesView { total, used, available: total - used, batches }))
}

/// Makes 1 to 10,000 links that each give one coupon. Takes `Idempotency-Key`.
#[utoipa::path(post, path = "/t/{slug}/api/v1/campaigns/{id}/links", operation_id = "make_campaign_links",
    params(("slug" = String, Path), ("id" = String, Path)), request_body = LinksOrder,
    responses((status = 201, description = "The links.", body = LinksView),
        (status = 409, description = "The key was used for something else.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn make_links(
    State(app): State<App>,
    may: May<Manage>,
    Path(path): Path<CampaignPath>,
    key: RequestKey,
    Json(order): Json<LinksOrder>,
) -> Result<Response, Problem> {
    let print = fingerprint(&(path.id.to_string(), &order));
    let (of, slug) = (app.clone(), may.tenant().slug.clone());
    let work = move |tx: &mut db::Tx<'_>| {
        let campaign = crate::campaigns::find(tx, path.id)?;
        let batch = form::make_links(tx, path.id, order.count)?;
        let (batch, links) = form::batch_links(tx, path.id, batch.id, 0, order.count)?;
        let view = |link: form::FormLink| LinkView {
            address: link_address(&of, &slug, &campaign, &link.token),
            token: link.token.to_string(),
            used_at: link.used_at,
        };
        let links = links.into_iter().map(view).collect();
        let place = format!("/t/{slug}/api/v1/campaigns/{}/links", path.id);
        Reply::created(place, &LinksView { available: batch.left(), batch, links })
    };
    idempotent::<Problem>(&app, &may, may.scope(), &key, print, work).await
}
