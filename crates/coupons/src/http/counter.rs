//! The counter: scan, see, redeem, next; with one hand on a phone.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Line, Money};
use edge::{App, Form, May, Page, Path, Problem, Query, flash};
use http::StatusCode;
use orders::Channel;
use serde::Deserialize;

use super::Redeem;
use crate::{
    Error, campaigns,
    model::{CouponCode, RedemptionId, RedemptionState},
    pages::{Asked, AtCounter, CounterPage, IssueForm, Row, SharedAtCounter},
    redeem::{self, Use},
    shared, sql,
};

#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default)]
pub struct CounterQuery {
    /// A code, or the beginning of a code or of a customer's name, phone number or e-mail.
    pub code: String,
    pub location: String,
    pub amount: String,
    /// Who uses a code that many know.
    #[serde(flatten)]
    pub whom: IssueForm,
}

/// Redemptions and coupons shown at once.
const SHOWN: u32 = 10;

pub async fn show(
    State(app): State<App>,
    may: May<Redeem>,
    Query(query): Query<CounterQuery>,
) -> Result<Page<CounterPage>, Problem> {
    shown(&app, &may, query, None).await.map(Page)
}

/// What a scanned address names: a code is the last part of its path, or its parameter `code`.
pub fn scanned(typed: &str) -> &str {
    let typed = typed.trim();
    if !typed.contains("://") {
        return typed;
    }
    let (path, query) = typed.split_once('?').unwrap_or((typed, ""));
    let named = query.split('&').find_map(|part| part.strip_prefix("code="));
    named.unwrap_or_else(|| path.trim_end_matches('/').rsplit('/').next().unwrap_or_default())
}

async fn shown(
    app: &App,
    may: &May<Redeem>,
    query: CounterQuery,
    fault: Option<String>,
) -> Result<CounterPage, Problem> {
    let typed = scanned(&query.code).to_owned();
    let location = query.location.parse().ok();
    let sought = typed.clone();
    let (may_see, reach) = (may.may("customers.read"), may.scope().reach);
    let look = move |rx: &mut db::Rx<'_>| {
        let code = typed.parse::<CouponCode>().ok();
        let one = match &code {
            Some(code) => sql::coupon_by_code(rx, code)?,
            None => None,
        };
        let asked = match one {
            Some(coupon) => {
                let campaign = campaigns::find(rx, coupon.campaign)?;
                let used = redeem::last_of(rx, &coupon)?;
                let used = used.filter(|redemption| redemption.state == RedemptionState::Done);
                let row = Row::of(rx, coupon, may_see)?;
                Asked::One(Box::new(AtCounter { row, campaign, used }))
            }
            None if typed.is_empty() => Asked::Nothing,
            None if let Some((code, campaign)) = shared::found(rx, &typed)? => {
                // who names a place by hand where they may not work is told when they redeem
                let spot = (Channel::Till, redeem::place(rx, location).unwrap_or_default());
                let refused = match shared::admit(rx, &code, &campaign, None, spot) {
                    Ok(()) => None,
                    Err(Error::Refused(refusal)) => Some(refusal),
                    Err(error) => return Err(error),
                };
                Asked::Shared(Box::new(SharedAtCounter { code, campaign, refused }))
            }
            None => {
                let mut rows = Vec::new();
                for coupon in redeem::sought(rx, &typed, SHOWN)? {
                    rows.push(Row::of(rx, coupon, may_see)?);
                }
                let mistyped = code.is_some_and(|code| !code.holds_together());
                if rows.is_empty() { Asked::Unknown { mistyped } } else { Asked::Several(rows) }
            }
        };
        let last = redeem::last(rx, SHOWN)?;
        let mut actors: Vec<_> = last.iter().map(|(redemption, _)| redemption.actor.as_str()).collect();
        if let Asked::One(found) = &asked {
            actors.extend(found.used.iter().map(|redemption| redemption.actor.as_str()));
        }
        let names = people::actors::names(rx, actors)?;
        Ok::<_, Error>((asked, last, names, stock::locations(rx)?, campaigns::settings(rx)?))
    };
    let (mut asked, last, names, all_places, settings) = app.db.read(may.scope(), look).await?;
    if matches!(asked, Asked::Unknown { .. }) && orders::is_card(app, may, may.scope(), &sought).await? {
        asked = Asked::GiftCard;
    }
    let places = all_places.iter().filter(|place| reach.covers(place.id)).cloned().collect();
    Ok(CounterPage {
        frame: may.titled("coupons-counter"),
        now: app.now(),
        today: app.now().day(&may.tenant().zone),
        currency: may.tenant().currency,
        query,
        asked,
        last,
        names,
        all_places,
        places,
        settings,
        fault,
        may_manage: may.may("coupons.manage"),
    })
}

/// Redeems; what is refused is said beside the coupon.
pub async fn redeem_one(
    State(app): State<App>,
    may: May<Redeem>,
    Form(form): Form<CounterQuery>,
) -> Result<Response, Problem> {
    let whom = form.whom.contact(may.tenant().country, may.tenant().language);
    let done = match used(&form, may.tenant().currency).and_then(|used| Ok((used, whom?))) {
        Err(key) => Err(may.frame(String::new()).t(key)),
        Ok((used, whom)) => {
            let typed = scanned(&form.code).to_owned();
            let code = typed.clone();
            let work = move |tx: &mut db::Tx<'_>| shared::redeem_typed(tx, &code, whom.as_ref(), &used);
            match app.db.write(may.scope(), work).await {
                Ok(_) => Ok(()),
                Err(error) => {
                    let refusal = orders::told_apart(&app, &may, may.scope(), error.into(), &[&typed]).await;
                    Err(refusal.refused()?.words(may.language()))
                }
            }
        }
    };
    match done {
        Ok(()) => {
            let to = format!("/t/{}/admin/counter?location={}", may.tenant().slug, form.location);
            Ok(flash(&app, &to, "coupons-flash-redeemed").into_response())
        }
        Err(fault) => {
            let page = shown(&app, &may, form, Some(fault)).await?;
            Ok(Page(page).with_status(StatusCode::CONFLICT))
        }
    }
}

fn used(form: &CounterQuery, currency: base::Currency) -> Result<Use, &'static str> {
    let amount = match form.amount.trim() {
        "" => None,
        typed => Some(Money::parse_decimal(typed, currency).map_err(|_| "coupons-fault-amount")?),
    };
    if amount.is_some_and(Money::is_negative) {
        return Err("coupons-fault-amount");
    }
    Ok(Use { location: form.location.parse().ok(), amount })
}

#[derive(Deserialize)]
pub struct RedemptionPath {
    id: RedemptionId,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct UndoForm {
    reason: String,
}

pub async fn undo(
    State(app): State<App>,
    may: May<Redeem>,
    Path(RedemptionPath { id }): Path<RedemptionPath>,
    Form(form): Form<UndoForm>,
) -> Result<Response, Problem> {
    let reason: Option<Line<200>> = form.reason.parse().ok();
    app.db.write(may.scope(), move |tx| redeem::undo(tx, id, reason.as_ref())).await?;
    let to = format!("/t/{}/admin/counter", may.tenant().slug);
    Ok(flash(&app, &to, "coupons-flash-undone").into_response())
}

#[cfg(test)]
mod tests {
    use super::scanned;

    #[test]
    fn a_scanned_address_of_ours_or_of_before_names_its_code() {
        for address in [
            "https://shop.example/t/forno/coupons/ACDEFGHJKMNP",
            "https://old.example/redeem/ACDEFGHJKMNP",
            "https://old.example/t/forno/redeem/ACDEFGHJKMNP/",
            "https://shop.example/t/forno/admin/counter?location=&code=ACDEFGHJKMNP",
            " ACDEFGHJKMNP ",
        ] {
            assert_eq!(scanned(address), "ACDEFGHJKMNP", "{address}");
        }
    }
}
