//! What the home page and the reports' API are made of.

use base::{Currency, Money, Timestamp, Zone};
use db::{Rx, Scope};
use edge::App;
use orders::report::{self, By, ByMethod, Days, Figures, Owed, Period, Step};
use spine::ledger::{self, Balance};

use crate::Error;

/// What a stretch of days was, beside as many days before.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub days: Days,
    pub by: By,
    pub now: Figures,
    /// Of the days before; as far into them as today has gone.
    pub before: Figures,
    pub steps: Vec<Step>,
    pub steps_before: Vec<Step>,
}

/// What the merchant knows when the shop closes.
#[derive(Debug, Clone, PartialEq)]
pub struct Evening {
    pub by_method: Vec<ByMethod>,
    pub sold: Money,
    pub taken_back: Money,
}

/// Money that is still to come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ToCome {
    /// For what was sold.
    pub unpaid: Owed,
    /// For what is a sale when it is paid.
    pub awaited: Owed,
}

/// The report of `days`.
pub fn report(rx: &mut Rx, days: Days, by: By, zone: &Zone, currency: Currency) -> Result<Report, Error> {
    let (now, before) = periods(days, zone, rx.now());
    Ok(Report {
        days,
        by,
        now: report::figures(rx, now, currency)?,
        before: report::figures(rx, before, currency)?,
        steps: report::steps(rx, days, by, zone, currency)?,
        steps_before: report::steps(rx, days.before(), by, zone, currency)?,
    })
}

/// The time of `days` and of those before. A day that is not over is compared with the one before at the same hour.
fn periods(days: Days, zone: &Zone, now: Timestamp) -> (Period, Period) {
    let nothing = Period { from: now, to: now };
    let mut period = days.period(zone).unwrap_or(nothing);
    let mut before = days.before().period(zone).unwrap_or(nothing);
    if now < period.to {
        let left = period.to.micros() - now.micros();
        before.to = Timestamp::from_micros(before.to.micros() - left).max(before.from);
        period.to = Timestamp::from_micros(now.micros() + 1).max(period.from);
    }
    (period, before)
}

pub fn evening(rx: &mut Rx, zone: &Zone, currency: Currency) -> Result<Evening, Error> {
    let today = Days::ending(rx.now().day(zone), 1);
    let (period, _) = periods(today, zone, rx.now());
    let figures = report::figures(rx, period, currency)?;
    let by_method = report::sold_by_method(rx, period, currency)?;
    Ok(Evening { by_method, sold: figures.sold.gross, taken_back: figures.taken_back })
}

pub fn to_come(rx: &mut Rx, currency: Currency) -> Result<ToCome, Error> {
    Ok(ToCome { unpaid: report::unpaid(rx, currency)?, awaited: report::awaited(rx, currency)? })
}

/// Cash by who holds it.
pub fn in_hands(rx: &mut Rx) -> Result<Vec<Balance>, Error> {
    Ok(ledger::cash(rx)?)
}

/// Days that are added up in one piece of work.
const AT_ONCE: i64 = 31;

/// Adds up those of `days` and of the days before that are over and were not asked for yet, so that reading them is quick. Where that cannot be
/// written, the report reads the orders themselves.
pub async fn bring_up(app: &App, scope: &Scope, days: Days, zone: &Zone) {
    let days = Days { first: days.before().first, last: days.last };
    let asked = zone.clone();
    let open = app.db.read(scope.clone(), move |rx| report::has_open_days(rx, days, &asked)).await;
    let mut more = open.unwrap_or(false);
    while more {
        let zone = zone.clone();
        let closed =
            app.db.write(scope.clone(), move |tx| report::close_days(tx, days, &zone, AT_ONCE)).await;
        more = match closed {
            Ok(more) => more,
            Err(error) => {
                tracing::debug!(%error, "days were not added up");
                false
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn today_is_compared_with_yesterday_at_the_same_hour() {
        let now: Timestamp = "2026-11-20T15:00:00Z".parse().unwrap();
        let (period, before) = periods(Days::ending(now.day(&Zone::utc()), 1), &Zone::utc(), now);
        assert_eq!(period.from.to_string(), "2026-11-20T00:00:00Z");
        assert!(period.from < now && now < period.to);
        assert_eq!(before.from.to_string(), "2026-11-19T00:00:00Z");
        assert_eq!(before.to.to_string(), "2026-11-19T15:00:00Z");
    }

    #[test]
    fn days_that_are_over_are_compared_whole() {
        let now: Timestamp = "2026-11-20T15:00:00Z".parse().unwrap();
        let week = Days::ending(now.day(&Zone::utc()).plus_days(-1), 7);
        let (period, before) = periods(week, &Zone::utc(), now);
        assert_eq!(period.to.to_string(), "2026-11-20T00:00:00Z");
        assert_eq!((before.to, before.from.to_string()), (period.from, "2026-11-06T00:00:00Z".to_owned()));
    }
}
