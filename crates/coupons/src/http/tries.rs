//! Codes that strangers try. Ours are too long to be found so, but a code that came from another system may have four letters.

use db::Rx;
use edge::{App, Problem, Rate, Visitor, address_key};
use orders::promotion::Refusal;

use crate::{
    Error, issue,
    model::{Coupon, CouponCode},
};

/// Codes of nobody's that one address may name in one shop.
const MISSES: Rate = Rate { burst: 12, per_s: 3600 };
const WHAT: &str = "coupon-code";

/// Refuses a short code to an address that named too many of nobody's. A code as long as ours is answered all the same: none
/// is found by trying, and a customer at the counter is not kept from her coupon by whoever shares her address.
pub fn may_try(app: &App, visitor: &Visitor, code: &CouponCode) -> Result<(), Problem> {
    if code.is_short() { app.limits.check(WHAT, &caller(visitor), MISSES) } else { Ok(()) }
}

/// Counts a code that is nobody's. Only these count: a coupon may be looked at as often as its customer likes.
pub fn count_miss(app: &App, visitor: &Visitor) -> Result<(), Problem> {
    app.limits.take(WHAT, &caller(visitor), MISSES)
}

/// Many people share the address of a mobile network; few of them are in the same shop.
fn caller(visitor: &Visitor) -> String {
    format!("{} {}", visitor.tenant().id, address_key(visitor.address()))
}

/// What a visitor sees of the coupon that has this code.
pub async fn look<T: Send + 'static>(
    app: &App,
    visitor: &Visitor,
    code: CouponCode,
    see: impl FnOnce(&mut Rx<'_>, Coupon) -> Result<T, Error> + Send + 'static,
) -> Result<T, Problem> {
    may_try(app, visitor, &code)?;
    let look = move |rx: &mut Rx<'_>| {
        let coupon = issue::coupon(rx, &code)?;
        see(rx, coupon)
    };
    let seen = app.db.read(visitor.scope(), look).await;
    if let Err(Error::Refused(Refusal::Unknown { .. })) = &seen {
        count_miss(app, visitor)?;
    }
    Ok(seen?)
}
