//! The list of coupons, for who stands at a counter and was asked for "the one I got last week".

use axum::extract::State;
use edge::{App, List, May, Page, PageQuery, Problem, Query};
use serde::Deserialize;

use super::{
    Redeem,
    api::{FOUND, behind},
};
use crate::{
    Error, campaigns,
    model::CouponState,
    pages::{CouponListPage, Row},
    redeem, sql,
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CouponListQuery {
    /// Those that can be used, if nothing is said; `all` for every one.
    state: Option<String>,
    q: String,
}

pub async fn list(
    State(app): State<App>,
    may: May<Redeem>,
    Query(query): Query<CouponListQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Page<CouponListPage>, Problem> {
    let state = query.state.as_deref().map_or(Some(CouponState::Issued), CouponState::parse);
    let (before, limit, may_see) = (behind(&page)?, page.limit(), may.may("customers.read"));
    let q = query.q.trim().to_owned();
    let typed = q.clone();
    let work = move |rx: &mut db::Rx<'_>| {
        let now = rx.now();
        let found = if typed.is_empty() {
            sql::coupons(rx, None, state, before, limit + 1)?
        } else {
            let mut found = redeem::sought(rx, &typed, FOUND)?;
            found.retain(|coupon| state.is_none_or(|state| coupon.standing(now) == state));
            found
        };
        let mut rows = Vec::with_capacity(found.len());
        for coupon in found {
            let campaign = campaigns::find(rx, coupon.campaign)?.details.name.to_string();
            rows.push((Row::of(rx, coupon, may_see)?, campaign));
        }
        Ok::<_, Error>(rows)
    };
    let found = app.db.read(may.scope(), work).await?;
    let shown = if q.is_empty() { limit } else { FOUND };
    let rows = List::of(found, shown, |(last, _)| [last.coupon.id.to_string()]);
    Ok(Page(CouponListPage {
        frame: may.titled("coupons-list"),
        now: app.now(),
        today: app.now().day(&may.tenant().zone),
        state,
        q,
        coupons: rows.items,
        next: rows.next_cursor,
    }))
}
