//! CouponGen's API for counters, safely: a coupon's state needs its code and names nobody, redeeming and lists need a sign-in.
//! What it had no bounds for has some; `/t/{slug}/api/v1` goes through everything page by page.

use axum::extract::State;
use base::Timestamp;
use edge::{App, Json, May, Path, Problem, Query, Routes, Site, Visitor};
use http::Method;
use serde::{Deserialize, Serialize};

use super::{Redeem, api::CouponPath, tries};
use crate::{
    Error, campaigns,
    export::{self, Cell},
    model::{Coupon, CouponState, RedemptionState},
    redeem::{self, Use},
    sql,
};

pub fn routes() -> Routes {
    Routes::new()
        .page(Site::Api, "/t/{slug}/api/coupons/{code}", Method::GET, state)
        .page(Site::Api, "/t/{slug}/api/coupons/{code}/redeem", Method::POST, redeem)
        .page(Site::Api, "/t/{slug}/api/store/coupons/active", Method::GET, active)
        .page(Site::Api, "/t/{slug}/api/store/coupons/redeemed", Method::GET, redeemed)
        .page(Site::Api, "/t/{slug}/api/store/coupons/search", Method::GET, search)
}

/// Rows of a list, the newest.
const ROWS: u32 = 500;
/// Rows of a search, as it was.
const FOUND: u32 = 50;
/// Letters that a search begins with.
const LEAST: usize = 2;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OldState {
    code: String,
    /// `active`, `redeemed`, `expired` or `cancelled`.
    status: &'static str,
    discount_type: &'static str,
    discount_value: String,
    campaign_name: String,
}

impl OldState {
    fn of(coupon: &Coupon, campaign_name: String, now: Timestamp) -> Self {
        let (discount_type, value) = export::discount(&coupon.offer);
        let (Cell::Text(discount_value) | Cell::Number(discount_value)) = value;
        let (code, status) = (coupon.code.to_string(), export::status(coupon, now));
        Self { code, status, discount_type, discount_value, campaign_name }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OldRow {
    #[serde(flatten)]
    state: OldState,
    issued_at: Timestamp,
    redeemed_at: Option<Timestamp>,
    // empty for who may not see customers
    first_name: String,
    last_name: String,
    email: String,
}

impl OldRow {
    fn of(rx: &mut db::Rx, coupon: &Coupon, may_see: bool) -> Result<Self, Error> {
        let campaign = campaigns::find(rx, coupon.campaign)?.details.name.to_string();
        let contact = match coupon.customer.filter(|_| may_see) {
            Some(id) => customers::several(rx, &[id])?.pop().map(|customer| customer.contact),
            None => None,
        };
        let contact = contact.unwrap_or_default();
        let (first_name, last_name) = export::names(contact.name.as_ref().map_or("", base::Line::as_str));
        Ok(Self {
            state: OldState::of(coupon, campaign, rx.now()),
            issued_at: coupon.issued_at,
            redeemed_at: coupon.ended_at.filter(|_| coupon.state == CouponState::Redeemed),
            first_name,
            last_name,
            email: contact.email.map(|email| email.to_string()).unwrap_or_default(),
        })
    }
}

async fn state(
    State(app): State<App>,
    visitor: Visitor,
    Path(path): Path<CouponPath>,
) -> Result<Json<OldState>, Problem> {
    let code = path.read()?;
    let look = |rx: &mut db::Rx<'_>, coupon: Coupon| {
        let campaign = campaigns::find(rx, coupon.campaign)?.details.name.to_string();
        Ok(OldState::of(&coupon, campaign, rx.now()))
    };
    Ok(Json(tries::look(&app, &visitor, code, look).await?))
}

#[derive(Serialize)]
struct OldRedemption {
    ok: bool,
    code: String,
    status: &'static str,
}

async fn redeem(
    State(app): State<App>,
    may: May<Redeem>,
    Path(path): Path<CouponPath>,
) -> Result<Json<OldRedemption>, Problem> {
    let code = path.read()?;
    let used = code.clone();
    app.db.write(may.scope(), move |tx| redeem::redeem(tx, &used, &Use::default())).await?;
    Ok(Json(OldRedemption { ok: true, code: code.to_string(), status: CouponState::Redeemed.name() }))
}

async fn rows(
    app: &App,
    may: &May<Redeem>,
    find: impl Fn(&mut db::Rx<'_>) -> Result<Vec<Coupon>, Error> + Send + Sync + 'static,
) -> Result<Json<Vec<OldRow>>, Problem> {
    let may_see = may.may("customers.read");
    let look = move |rx: &mut db::Rx<'_>| {
        let found = find(rx)?;
        found.iter().map(|coupon| OldRow::of(rx, coupon, may_see)).collect::<Result<Vec<_>, _>>()
    };
    Ok(Json(app.db.read(may.scope(), look).await?))
}

async fn active(State(app): State<App>, may: May<Redeem>) -> Result<Json<Vec<OldRow>>, Problem> {
    let find = |rx: &mut db::Rx<'_>| {
        let (mut found, now) = (sql::coupons(rx, None, Some(CouponState::Issued), None, ROWS)?, rx.now());
        found.retain(|coupon| coupon.standing(now) == CouponState::Issued);
        Ok(found)
    };
    rows(&app, &may, find).await
}

/// The last that were redeemed where the caller works.
async fn redeemed(State(app): State<App>, may: May<Redeem>) -> Result<Json<Vec<OldRow>>, Problem> {
    let find = |rx: &mut db::Rx<'_>| {
        let last = redeem::last(rx, ROWS)?.into_iter();
        let done = last.filter(|(redemption, _)| redemption.state == RedemptionState::Done);
        Ok(done.map(|(_, coupon)| coupon).collect())
    };
    rows(&app, &may, find).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OldSearch {
    q: String,
}

/// By the beginning of a code, or of a customer's name, phone number or e-mail.
async fn search(
    State(app): State<App>,
    may: May<Redeem>,
    Query(query): Query<OldSearch>,
) -> Result<Json<Vec<OldRow>>, Problem> {
    if query.q.trim().chars().count() < LEAST {
        return Ok(Json(Vec::new()));
    }
    rows(&app, &may, move |rx| redeem::sought(rx, query.q.trim(), FOUND)).await
}
