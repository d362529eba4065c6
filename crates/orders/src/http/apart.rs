//! Codes that are typed where codes of the other kind are asked for: who holds a gift card is told so, and nobody guesses a code.

use base::Code;
use db::TenantId;
use edge::{App, Problem, Rate, Visit, address_key};

use crate::{promotion::Refusal, stored};

/// Codes of gift cards that one caller may try.
const TRIES: Rate = Rate { burst: 12, per_s: 3600 };

/// Counts a try of a gift card's code, wherever it is made: a code is money, and is guessed by nobody.
pub fn count_try(app: &App, visit: &Visit) -> Result<(), Problem> {
    app.limits.take("card-code", &address_key(visit.address()), TRIES)
}

/// Whether `typed` is a gift card's code; each look is a try. Who has none left hears what is said of a code that nobody has. What
/// does not hold together is no card's, and costs no try.
pub async fn is_card(app: &App, visit: &Visit, scope: db::Scope, typed: &str) -> Result<bool, Problem> {
    let Some(code) = typed.parse::<Code>().ok().filter(Code::holds_together) else { return Ok(false) };
    if count_try(app, visit).is_err() {
        return Ok(false);
    }
    Ok(app.db.read(scope, move |rx| stored::is_card(rx, &code)).await?)
}

/// Says of a refusal that no coupon has one of the `typed` codes, that it is a gift card's, where it is.
pub async fn told_apart(
    app: &App,
    visit: &Visit,
    scope: db::Scope,
    refusal: Problem,
    typed: &[impl ToString],
) -> Problem {
    if refusal.code() != UNKNOWN {
        return refusal;
    }
    for code in typed {
        match is_card(app, visit, scope.clone(), &code.to_string()).await {
            Ok(false) => (),
            Ok(true) => return Refusal::GiftCard.into(),
            Err(fault) => return fault,
        }
    }
    refusal
}

/// Short codes of nobody's that one address may name in one shop.
const MISSES: Rate = Rate { burst: 12, per_s: 3600 };
const MISS: &str = "coupon-code";

/// Whether one of the codes came from another system, and might be found by trying. Nobody finds one as long as ours, so these
/// are answered without end: a customer is not kept from her coupon by whoever shares her address.
fn may_be_guessed(typed: &[impl ToString]) -> bool {
    typed.iter().any(|typed| typed.to_string().parse().is_ok_and(|code: Code| code.is_short()))
}

/// Refuses short codes to a stranger who named too many of nobody's.
pub fn may_try(app: &App, visit: &Visit, tenant: TenantId, typed: &[impl ToString]) -> Result<(), Problem> {
    if may_be_guessed(typed) { app.limits.check(MISS, &stranger(visit, tenant), MISSES) } else { Ok(()) }
}

/// Counts that nobody has the codes, if that is the `refusal`. Only that counts: a coupon may be looked at as often as its
/// customer likes.
pub fn count_miss(
    app: &App,
    visit: &Visit,
    tenant: TenantId,
    typed: &[impl ToString],
    refusal: Problem,
) -> Problem {
    if refusal.code() != UNKNOWN || !may_be_guessed(typed) {
        return refusal;
    }
    app.limits.take(MISS, &stranger(visit, tenant), MISSES).err().unwrap_or(refusal)
}

/// Many people share the address of a mobile network; few of them are in the same shop.
fn stranger(visit: &Visit, tenant: TenantId) -> String {
    format!("{tenant} {}", address_key(visit.address()))
}

/// Names the problem of a code that nobody has, and of one that is a gift card's.
pub(super) const UNKNOWN: &str = "code-unknown";
pub const GIFT_CARD_CODE: &str = "code-is-gift-card";
