//! What strangers see of a coupon whose code they name.

use db::Rx;
use edge::{App, Problem, Visitor};

use crate::{
    Error, issue,
    model::{Coupon, CouponCode},
};

/// What `see` sees of the coupon that has this code. Who names many of nobody's is told to wait.
pub async fn look<T: Send + 'static>(
    app: &App,
    visitor: &Visitor,
    code: CouponCode,
    see: impl FnOnce(&mut Rx<'_>, Coupon) -> Result<T, Error> + Send + 'static,
) -> Result<T, Problem> {
    let tenant = visitor.tenant().id;
    orders::may_try(app, visitor, tenant, &[&code])?;
    let typed = code.clone();
    let look = move |rx: &mut Rx<'_>| {
        let coupon = issue::coupon(rx, &code)?;
        see(rx, coupon)
    };
    let seen = app.db.read(visitor.scope(), look).await;
    seen.map_err(|error| orders::count_miss(app, visitor, tenant, &[&typed], error.into()))
}
