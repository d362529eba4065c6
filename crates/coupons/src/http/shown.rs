//! The coupon as its customer shows it: big and bright, and true when it is looked at.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use base::Timestamp;
use edge::{App, InlineStyle, Page, Path, Problem, Visitor};
use orders::print::QrCode;
use serde_json::json;

use super::{api::CouponPath, coupon_path, tries};
use crate::{
    Error, campaigns,
    figures::{self, Measure, Spot},
    form, issue,
    model::Coupon,
    pages::ShownPage,
    sql,
};

pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(path): Path<CouponPath>,
) -> Result<Response, Problem> {
    let code = path.read()?;
    let look = move |rx: &mut db::Rx<'_>, coupon: Coupon| {
        let campaign = campaigns::find(rx, coupon.campaign)?;
        let look = form::find(rx, campaign.id)?.form.look;
        Ok((coupon, campaign, look, rx.now()))
    };
    let (coupon, campaign, look, now) = tries::look(&app, &visitor, code, look).await?;
    if coupon.opened_at.is_none() {
        let id = coupon.id;
        app.db.write(visitor.scope(), move |tx| opened(tx, id)).await?;
    }
    let tenant = visitor.tenant();
    let link = app.config.shop_link(&coupon_path(&tenant.slug, &coupon.code));
    let last = |end: Timestamp| end.plus_s(-1).day(&tenant.zone);
    let page = ShownPage {
        frame: visitor.titled("coupons-shown-title"),
        shop: tenant.name.to_string(),
        state: coupon.standing(now),
        until: coupon.expires_at.map(last),
        campaign: campaign.details.name.to_string(),
        description: campaign.details.description.to_string(),
        minimum: campaign.details.minimum,
        code: QrCode::of(&link),
        style: look.style(),
        coupon,
    };
    Ok((Extension(InlineStyle(look.style())), Page(page)).into_response())
}

/// The customer has seen it; counted once.
fn opened(tx: &mut db::Tx, id: crate::CouponId) -> Result<(), Error> {
    if !sql::open_coupon(tx, id)? {
        return Ok(());
    }
    let coupon = sql::coupon(tx, id)?.ok_or(Error::UnknownCoupon)?;
    let at = tx.now();
    figures::count(tx, coupon.campaign, at, Spot::default(), &Measure { opened: 1, ..Measure::default() })?;
    issue::record(tx, "coupon.opened", &coupon, json!({}))
}
