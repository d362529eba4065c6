//! Campaigns, coupons and their redemption for applications.

use axum::{extract::State, response::Response};
use base::Timestamp;
use edge::{
    App, Json, List, May, PageQuery, Path, Problem, Query, Reply, RequestKey, fingerprint, idempotent,
};
use serde::{Deserialize, Serialize};

use super::{
    Manage, Read, Redeem, coupon_path,
    wire::{CampaignBody, CampaignView, CouponView, IssueBody, ReasonBody, RedeemBody, RedemptionView},
};
use crate::{
    Error, campaigns, issue as issuing,
    model::{Act, CampaignId, CampaignState, Coupon, CouponCode, CouponState, Via},
    redeem as redeeming, shared, sql,
};

#[derive(Deserialize)]
pub struct CampaignPath {
    pub id: CampaignId,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CampaignQuery {
    /// Campaigns in this state alone.
    state: Option<CampaignState>,
}

/// Campaigns, the newest first.
#[utoipa::path(get, path = "/t/{slug}/api/v1/campaigns", params(("slug" = String, Path), CampaignQuery, PageQuery),
    responses((status = 200, description = "A page of campaigns.", body = List<CampaignView>)))]
pub async fn list(
    State(app): State<App>,
    may: May<Read>,
    Query(query): Query<CampaignQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<CampaignView>>, Problem> {
    let (before, limit) = (behind(&page)?, page.limit());
    let work = move |rx: &mut db::Rx<'_>| campaigns::list(rx, query.state, before, limit + 1);
    let found = app.db.read(may.scope(), work).await?;
    let views = found.into_iter().map(|campaign| (campaign.id, CampaignView::from(campaign))).collect();
    let found = List::of(views, limit, |(id, _): &(CampaignId, CampaignView)| [id.to_string()]);
    let items = found.items.into_iter().map(|(_, view)| view).collect();
    Ok(Json(List { items, next_cursor: found.next_cursor }))
}

/// The id behind which a page begins.
pub(super) fn behind<K: base::IdKind>(page: &PageQuery) -> Result<Option<base::Id<K>>, Problem> {
    let Some([id]) = page.after::<1>()? else { return Ok(None) };
    let foreign =
        |_| Problem::bad_request("cursor-unknown", "This cursor is not one of ours; start again without it.");
    id.parse().map(Some).map_err(foreign)
}

/// A campaign.
#[utoipa::path(get, path = "/t/{slug}/api/v1/campaigns/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The campaign.", body = CampaignView)))]
pub async fn read(
    State(app): State<App>,
    may: May<Read>,
    Path(CampaignPath { id }): Path<CampaignPath>,
) -> Result<Json<CampaignView>, Problem> {
    let campaign = app.db.read(may.scope(), move |rx| campaigns::find(rx, id)).await?;
    Ok(Json(campaign.into()))
}

/// Writes a campaign down, as a draft. Takes `Idempotency-Key`.
#[utoipa::path(post, path = "/t/{slug}/api/v1/campaigns", params(("slug" = String, Path)), request_body = CampaignBody,
    responses((status = 201, description = "The campaign.", body = CampaignView),
        (status = 409, description = "The key was used for another body, or the code for everybody leads elsewhere (`campaign-code-taken`).", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn create(
    State(app): State<App>,
    may: May<Manage>,
    key: RequestKey,
    Json(body): Json<CampaignBody>,
) -> Result<Response, Problem> {
    let print = fingerprint(&body);
    let prefix = format!("/t/{}/api/v1/campaigns", may.tenant().slug);
    let details = body.details().map_err(Error::from)?;
    let work = move |tx: &mut db::Tx<'_>| {
        let id = campaigns::add(tx, details.clone())?;
        Reply::created(format!("{prefix}/{id}"), &CampaignView::from(campaigns::find(tx, id)?))
    };
    idempotent::<Problem>(&app, &may, may.scope(), &key, print, work).await
}

/// Says a campaign anew. Coupons that were issued keep what they promise.
#[utoipa::path(put, path = "/t/{slug}/api/v1/campaigns/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    request_body = CampaignBody, responses((status = 200, description = "The campaign.", body = CampaignView),
        (status = 409, description = "The campaign has ended, or the code for everybody leads elsewhere (`campaign-code-taken`).", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn change(
    State(app): State<App>,
    may: May<Manage>,
    Path(CampaignPath { id }): Path<CampaignPath>,
    Json(body): Json<CampaignBody>,
) -> Result<Json<CampaignView>, Problem> {
    let details = body.details().map_err(Error::from)?;
    let work = move |tx: &mut db::Tx<'_>| {
        campaigns::change(tx, id, &details)?;
        campaigns::find(tx, id)
    };
    Ok(Json(app.db.write(may.scope(), work).await?.into()))
}

async fn acted(
    app: &App,
    may: &May<Manage>,
    id: CampaignId,
    act: Act,
) -> Result<Json<CampaignView>, Problem> {
    let work = move |tx: &mut db::Tx<'_>| {
        campaigns::act(tx, id, act)?;
        campaigns::find(tx, id)
    };
    Ok(Json(app.db.write(may.scope(), work).await?.into()))
}

/// Starts a campaign, or goes on with one that was paused.
#[utoipa::path(post, path = "/t/{slug}/api/v1/campaigns/{id}/start", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The campaign.", body = CampaignView),
        (status = 409, description = "The campaign is not in a state for this.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn start(
    State(app): State<App>,
    may: May<Manage>,
    Path(CampaignPath { id }): Path<CampaignPath>,
) -> Result<Json<CampaignView>, Problem> {
    acted(&app, &may, id, Act::Start).await
}

/// Pauses a campaign: nothing is issued, nothing redeemed.
#[utoipa::path(post, path = "/t/{slug}/api/v1/campaigns/{id}/pause", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The campaign.", body = CampaignView),
        (status = 409, description = "The campaign is not in a state for this.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn pause(
    State(app): State<App>,
    may: May<Manage>,
    Path(CampaignPath { id }): Path<CampaignPath>,
) -> Result<Json<CampaignView>, Problem> {
    acted(&app, &may, id, Act::Pause).await
}

/// Ends a campaign for good; what it issued is redeemed until it expires.
#[utoipa::path(post, path = "/t/{slug}/api/v1/campaigns/{id}/end", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The campaign.", body = CampaignView),
        (status = 409, description = "The campaign is not in a state for this.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn end(
    State(app): State<App>,
    may: May<Manage>,
    Path(CampaignPath { id }): Path<CampaignPath>,
) -> Result<Json<CampaignView>, Problem> {
    acted(&app, &may, id, Act::End).await
}

/// A new draft that says the same as a campaign. Takes `Idempotency-Key`.
#[utoipa::path(post, path = "/t/{slug}/api/v1/campaigns/{id}/copy", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 201, description = "The copy.", body = CampaignView)))]
pub async fn copy(
    State(app): State<App>,
    may: May<Manage>,
    Path(CampaignPath { id }): Path<CampaignPath>,
    key: RequestKey,
) -> Result<Response, Problem> {
    let prefix = format!("/t/{}/api/v1/campaigns", may.tenant().slug);
    let work = move |tx: &mut db::Tx<'_>| {
        let copy = campaigns::copy(tx, id)?;
        Reply::created(format!("{prefix}/{copy}"), &CampaignView::from(campaigns::find(tx, copy)?))
    };
    idempotent::<Problem>(&app, &may, may.scope(), &key, fingerprint(&id), work).await
}

/// How coupons look at a moment, with the addresses of their pages.
#[derive(Clone)]
struct Shown {
    app: App,
    slug: base::Slug,
}

impl Shown {
    fn of<P>(app: &App, may: &May<P>) -> Self {
        Self { app: app.clone(), slug: may.tenant().slug.clone() }
    }

    fn view(&self, coupon: Coupon, now: Timestamp) -> CouponView {
        let link = self.app.config.shop_link(&coupon_path(&self.slug, &coupon.code));
        CouponView::of(coupon, link, now)
    }
}

/// Issues a coupon of a live campaign: its code is known to whoever reads this reply, and a contact with an e-mail gets it by
/// mail. Takes `Idempotency-Key`.
#[utoipa::path(post, path = "/t/{slug}/api/v1/campaigns/{id}/coupons", params(("slug" = String, Path), ("id" = String, Path)),
    request_body = IssueBody, responses((status = 201, description = "The coupon.", body = CouponView),
        (status = 409, description = "The campaign issues none now (`campaign-not-issuing`), or no more (`limit-reached`).", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn issue(
    State(app): State<App>,
    may: May<Manage>,
    Path(CampaignPath { id }): Path<CampaignPath>,
    key: RequestKey,
    Json(body): Json<IssueBody>,
) -> Result<Response, Problem> {
    #[derive(Serialize)]
    struct Asked<'b>(CampaignId, &'b IssueBody);
    let print = fingerprint(&Asked(id, &body));
    let (shown, prefix) = (Shown::of(&app, &may), format!("/t/{}/api/v1/coupons", may.tenant().slug));
    let work = move |tx: &mut db::Tx<'_>| {
        let coupon = issuing::issue(tx, id, &body.contact, Via::Api)?.coupon;
        Reply::created(format!("{prefix}/{}", coupon.code), &shown.view(coupon, tx.now()))
    };
    idempotent::<Problem>(&app, &may, may.scope(), &key, print, work).await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CouponQuery {
    /// Coupons in this state alone.
    state: Option<CouponState>,
}

/// The coupons of a campaign, the newest first.
#[utoipa::path(get, path = "/t/{slug}/api/v1/campaigns/{id}/coupons",
    params(("slug" = String, Path), ("id" = String, Path), CouponQuery, PageQuery),
    responses((status = 200, description = "A page of coupons.", body = List<CouponView>)))]
pub async fn coupons(
    State(app): State<App>,
    may: May<Manage>,
    Path(CampaignPath { id }): Path<CampaignPath>,
    Query(query): Query<CouponQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<CouponView>>, Problem> {
    let (before, limit, shown) = (behind(&page)?, page.limit(), Shown::of(&app, &may));
    let work = move |rx: &mut db::Rx<'_>| {
        campaigns::find(rx, id)?;
        Ok::<_, Error>(sql::coupons(rx, Some(id), query.state, before, limit + 1)?)
    };
    let found = List::of(app.db.read(may.scope(), work).await?, limit, |last| [last.id.to_string()]);
    let now = app.now();
    let items = found.items.into_iter().map(|coupon| shown.view(coupon, now)).collect();
    Ok(Json(List { items, next_cursor: found.next_cursor }))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CouponSearch {
    /// Coupons in this state alone.
    state: Option<CouponState>,
    /// The beginning of a code, or of a customer's name, phone number or e-mail: at most 50 are found, on one page.
    #[serde(default)]
    q: String,
}

/// Coupons that a search shows.
pub(super) const FOUND: u32 = 50;

/// The coupons of all campaigns, the newest first.
#[utoipa::path(get, path = "/t/{slug}/api/v1/coupons", operation_id = "all_coupons",
    params(("slug" = String, Path), CouponSearch, PageQuery),
    responses((status = 200, description = "A page of coupons.", body = List<CouponView>)))]
pub async fn all(
    State(app): State<App>,
    may: May<Redeem>,
    Query(query): Query<CouponSearch>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<CouponView>>, Problem> {
    let (before, shown, now) = (behind(&page)?, Shown::of(&app, &may), app.now());
    let searches = !query.q.trim().is_empty();
    let limit = if searches { FOUND } else { page.limit() };
    let work = move |rx: &mut db::Rx<'_>| {
        if !searches {
            return Ok::<_, Error>(sql::coupons(rx, None, query.state, before, limit + 1)?);
        }
        let mut found = redeeming::sought(rx, query.q.trim(), limit)?;
        found.retain(|coupon| query.state.is_none_or(|state| coupon.standing(now) == state));
        Ok(found)
    };
    let found = List::of(app.db.read(may.scope(), work).await?, limit, |last| [last.id.to_string()]);
    let items = found.items.into_iter().map(|coupon| shown.view(coupon, now)).collect();
    Ok(Json(List { items, next_cursor: found.next_cursor }))
}

#[derive(Deserialize)]
pub struct CouponPath {
    pub code: String,
}

impl CouponPath {
    /// What is no code is nobody's coupon.
    pub fn read(&self) -> Result<CouponCode, Problem> {
        let unknown = |_| orders::promotion::Refusal::Unknown { code: self.code.clone() };
        Ok(self.code.parse().map_err(unknown)?)
    }
}

/// A coupon by its code.
#[utoipa::path(get, path = "/t/{slug}/api/v1/coupons/{code}", params(("slug" = String, Path), ("code" = String, Path)),
    responses((status = 200, description = "The coupon.", body = CouponView)))]
pub async fn coupon(
    State(app): State<App>,
    may: May<Redeem>,
    Path(path): Path<CouponPath>,
) -> Result<Json<CouponView>, Problem> {
    let (code, shown) = (path.read()?, Shown::of(&app, &may));
    let work = move |rx: &mut db::Rx<'_>| Ok::<_, Error>((issuing::coupon(rx, &code)?, rx.now()));
    let (coupon, now) = app.db.read(may.scope(), work).await?;
    Ok(Json(shown.view(coupon, now)))
}

/// Redeems a coupon: of two who ask at the same time, one does. With a code that many know (a campaign's `sharedCode`), a coupon is
/// issued and redeemed in one act; the reply names it. Takes `Idempotency-Key`.
#[utoipa::path(post, path = "/t/{slug}/api/v1/coupons/{code}/redeem", params(("slug" = String, Path), ("code" = String, Path)),
    request_body = RedeemBody, responses((status = 200, description = "The redemption.", body = RedemptionView),
        (status = 409, description = "`already-redeemed`, `in-use`, `expired`, `not-here`, `code-used-up`, `code-had-already`, …: `code` says why.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn redeem(
    State(app): State<App>,
    may: May<Redeem>,
    Path(path): Path<CouponPath>,
    key: RequestKey,
    Json(body): Json<RedeemBody>,
) -> Result<Response, Problem> {
    #[derive(Serialize)]
    struct Asked<'b>(&'b str, &'b RedeemBody);
    let print = fingerprint(&Asked(&path.code, &body));
    let currency = may.tenant().currency;
    if body.amount.is_some_and(|amount| amount.currency() != currency || amount.is_negative()) {
        return Err(orders::Error::OtherCurrency.into());
    }
    let used = (&body).into();
    let typed = path.code.clone();
    let work = move |tx: &mut db::Tx<'_>| {
        let (redemption, coupon) = shared::redeem_typed(tx, &typed, body.contact.as_ref(), &used)?;
        Reply::ok(&RedemptionView::of(redemption, &coupon))
    };
    match idempotent::<Problem>(&app, &may, may.scope(), &key, print, work).await {
        Err(refusal) => Err(orders::told_apart(&app, &may, may.scope(), refusal, &[&path.code]).await),
        done => done,
    }
}

/// Undoes the last redemption of a coupon, within the minutes that the business allows.
#[utoipa::path(post, path = "/t/{slug}/api/v1/coupons/{code}/undo", params(("slug" = String, Path), ("code" = String, Path)),
    request_body = ReasonBody, responses((status = 200, description = "The coupon, which can be redeemed again.", body = CouponView),
        (status = 409, description = "Too late, undone already, or part of an order.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn undo(
    State(app): State<App>,
    may: May<Redeem>,
    Path(path): Path<CouponPath>,
    Json(body): Json<ReasonBody>,
) -> Result<Json<CouponView>, Problem> {
    let (code, shown) = (path.read()?, Shown::of(&app, &may));
    let work = move |tx: &mut db::Tx<'_>| {
        let coupon = issuing::coupon(tx, &code)?;
        let last = redeeming::last_of(tx, &coupon)?.ok_or(Error::UnknownRedemption)?;
        redeeming::undo(tx, last.id, Some(&body.reason))?;
        Ok::<_, Error>((issuing::coupon(tx, &code)?, tx.now()))
    };
    let (coupon, now) = app.db.write(may.scope(), work).await?;
    Ok(Json(shown.view(coupon, now)))
}

/// Takes a coupon back that was not used.
#[utoipa::path(post, path = "/t/{slug}/api/v1/coupons/{code}/cancel", params(("slug" = String, Path), ("code" = String, Path)),
    request_body = ReasonBody, responses((status = 200, description = "The coupon.", body = CouponView),
        (status = 409, description = "It was used or has expired.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn cancel(
    State(app): State<App>,
    may: May<Manage>,
    Path(path): Path<CouponPath>,
    Json(body): Json<ReasonBody>,
) -> Result<Json<CouponView>, Problem> {
    let (code, shown) = (path.read()?, Shown::of(&app, &may));
    let work = move |tx: &mut db::Tx<'_>| {
        let coupon = issuing::coupon(tx, &code)?;
        issuing::cancel(tx, coupon.id, body.reason.as_str())?;
        Ok::<_, Error>((issuing::coupon(tx, &code)?, tx.now()))
    };
    let (coupon, now) = app.db.write(may.scope(), work).await?;
    Ok(Json(shown.view(coupon, now)))
}
