//! Codes that are typed where codes of the other kind are asked for: who holds a gift card is told so, and nobody guesses one.

use base::Code;
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

/// Names the problem of a code that nobody has, and of one that is a gift card's.
pub(super) const UNKNOWN: &str = "code-unknown";
pub const GIFT_CARD_CODE: &str = "code-is-gift-card";
