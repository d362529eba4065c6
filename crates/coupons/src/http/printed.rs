//! The addresses on codes that another system printed: both lead a signed-in cashier to the counter, and everybody else to the
//! sign-in, which tells nothing of the coupon.

use axum::{extract::State, response::Redirect};
use db::Scope;
use edge::{App, May, Path, Problem, Routes, SignedIn, Site};
use http::Method;
use serde::Deserialize;

use super::Redeem;
use crate::{Error, model::CouponCode, sql};

pub fn routes() -> Routes {
    Routes::new().page(Site::Office, "/t/{slug}/redeem/{code}", Method::GET, of_tenant).page(
        Site::Office,
        "/redeem/{code}",
        Method::GET,
        of_nobody,
    )
}

#[derive(Deserialize)]
struct Printed {
    code: String,
}

impl Printed {
    fn code(&self) -> Result<CouponCode, Problem> {
        self.code.parse().map_err(|_| unknown())
    }
}

fn unknown() -> Problem {
    Error::UnknownCoupon.into()
}

fn counter(slug: &base::Slug, code: &CouponCode) -> Redirect {
    Redirect::to(&format!("/t/{slug}/admin/counter?code={code}"))
}

async fn of_tenant(
    State(app): State<App>,
    may: May<Redeem>,
    Path(printed): Path<Printed>,
) -> Result<Redirect, Problem> {
    let code = printed.code()?;
    let sought = code.clone();
    let look = move |rx: &mut db::Rx<'_>| Ok::<_, Error>(sql::coupon_by_code(rx, &sought)?.is_some());
    if app.db.read(may.scope(), look).await? {
        Ok(counter(&may.tenant().slug, &code))
    } else {
        Err(unknown())
    }
}

/// Businesses of one person that are looked through.
const MOST: usize = 20;

/// The address names no business: it is the one of those where the cashier works that knows the code, so that no table across
/// tenants has to hold codes, and nobody learns of a code elsewhere. Where none knows it, the first one's counter says so.
async fn of_nobody(
    State(app): State<App>,
    who: SignedIn,
    Path(printed): Path<Printed>,
) -> Result<Redirect, Problem> {
    let code = printed.code()?;
    let account = who.session().account.parse().map_err(Problem::internal)?;
    let tenants = app.db.directory().read(move |dx| people::accounts::memberships(dx, account)).await?;
    let mut first = None;
    for id in tenants.into_iter().take(MOST) {
        let Some(tenant) = app.db.tenant(id).await?.filter(|tenant| tenant.state == db::TenantState::Live)
        else {
            continue;
        };
        let actor = db::Actor::system();
        let scope = Scope { tenant: id, actor, origin: who.origin(), reach: db::Reach::Everywhere };
        let sought = code.clone();
        let look = move |rx: &mut db::Rx<'_>| {
            let works = people::members::of_account(rx, account)?;
            let known = sql::coupon_by_code(rx, &sought)?.is_some();
            let works = works.is_some_and(|member| member.state == people::MemberState::Active);
            Ok::<_, Error>((works, known))
        };
        match app.db.read(scope, look).await? {
            (true, true) => return Ok(counter(&tenant.slug, &code)),
            (true, false) => first = first.or(Some(counter(&tenant.slug, &code))),
            (false, _) => (),
        }
    }
    // who works nowhere finds the way from the front page
    Ok(first.unwrap_or_else(|| Redirect::to("/")))
}
