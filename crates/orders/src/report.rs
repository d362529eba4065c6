//! What was sold, taken back and is owed, over a stretch of days. Test orders are in none of it; who works at some places
//! sees the figures of these.
//!
//! An order counts on the day it became a sale, what was taken back on the day that happened: the sums of each day are
//! those of the ledger's entries, and stay what they were.

use std::collections::HashMap;

use base::{Currency, Day, Money, MoneyError, Quantity, Timestamp, Zone};
use catalog::VariantId;
use db::{Rx, Tx};

use crate::{Error, sql};

/// A stretch of time; `to` is the first moment behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// Days in a row by the business's clock, both ends among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    pub first: Day,
    pub last: Day,
}

/// Orders that became sales.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    pub orders: i64,
    /// What customers pay, tax and delivery included.
    pub gross: Money,
    /// Without tax.
    pub net: Money,
}

/// What happened in a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    pub sold: Sums,
    /// What of sales (these or earlier ones) was taken back: refunds of goods and cancelled sales.
    pub taken_back: Money,
    /// Refunds that were granted, and their money; also money that had come twice or too late.
    pub refunds: i64,
    pub refunded: Money,
}

/// A part of a stretch of days: an hour, a day or a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The day that it is, or begins with.
    pub day: Day,
    /// Of an hour: 0 to 23.
    pub hour: Option<i64>,
    pub sold: Sums,
}

/// Into what a stretch of days is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Hour,
    Day,
    Month,
}

/// Sales that were booked under one method of payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByMethod {
    pub method: String,
    pub orders: i64,
    pub gross: Money,
}

/// Money that orders still have to bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed {
    pub orders: i64,
    pub amount: Money,
}

/// How much of a variant was sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seller {
    pub variant: VariantId,
    /// As it was called when it was sold.
    pub title: String,
    pub quantity: Quantity,
    /// Tax included, after discounts.
    pub gross: Money,
}

impl Sums {
    pub const fn none(currency: Currency) -> Self {
        Self { orders: 0, gross: Money::zero(currency), net: Money::zero(currency) }
    }

    fn plus(self, other: Self) -> Result<Self, MoneyError> {
        Ok(Self {
            orders: self.orders + other.orders,
            gross: self.gross.plus(other.gross)?,
            net: self.net.plus(other.net)?,
        })
    }

    /// What an order came to; nothing without orders.
    pub fn average(self) -> Result<Money, MoneyError> {
        let minor = base::rounded_division(i128::from(self.gross.minor()), i128::from(self.orders.max(1)));
        Money::new(i64::try_from(minor).unwrap_or(i64::MAX), self.gross.currency())
    }
}

impl Owed {
    pub const fn nothing(currency: Currency) -> Self {
        Self { orders: 0, amount: Money::zero(currency) }
    }
}

impl Days {
    /// One day, if they are in order.
    pub fn new(first: Day, last: Day) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The `count` days that end with `last`.
    pub fn ending(last: Day, count: i64) -> Self {
        Self { first: last.plus_days(1 - count), last }
    }

    pub fn count(self) -> i64 {
        i64::from(self.last.days_since(self.first)) + 1
    }

    /// As many days right before these.
    pub fn before(self) -> Self {
        Self::ending(self.first.plus_days(-1), self.count())
    }

    /// None only at the ends of the calendar.
    pub fn period(self, zone: &Zone) -> Option<Period> {
        Some(Period { from: self.first.start(zone)?, to: self.last.end(zone)? })
    }

    fn iter(self) -> impl Iterator<Item = Day> {
        (0..self.count()).map(move |n| self.first.plus_days(n))
    }
}

impl By {
    /// What suits a chart of so many days.
    pub const fn of(days: i64) -> Self {
        match days {
            ..=1 => Self::Hour,
            2..=62 => Self::Day,
            _ => Self::Month,
        }
    }
}

/// What was sold and taken back in `period`.
pub fn figures(rx: &mut Rx, period: Period, currency: Currency) -> Result<Figures, Error> {
    let sold = sql::sold(rx, period, currency)?;
    let (refunds, amount, credited) = sql::granted_back(rx, period)?;
    let undone = sql::undone(rx, period)?;
    let money = |minor| Money::new(minor, currency);
    Ok(Figures { sold, taken_back: money(credited + undone)?, refunds, refunded: money(amount)? })
}

/// What was sold in each part of `days`, in order; also those in which nothing was.
pub fn steps(rx: &mut Rx, days: Days, by: By, zone: &Zone, currency: Currency) -> Result<Vec<Step>, Error> {
    const HOUR: i64 = 3_600_000_000;
    const DAY: i64 = 24 * HOUR;
    let none = Sums::none(currency);
    let mut steps: Vec<Step> = match by {
        By::Hour => days
            .iter()
            .flat_map(|day| (0..24).map(move |hour| Step { day, hour: Some(hour), sold: none }))
            .collect(),
        By::Day | By::Month => days.iter().map(|day| Step { day, hour: None, sold: none }).collect(),
    };
    let (wide, first) = match by {
        By::Hour => (HOUR, days.first.number() * 24),
        By::Day | By::Month => (DAY, days.first.number()),
    };
    let mut add = |number: i64, sold: Sums| -> Result<(), Error> {
        let place = usize::try_from(number - first).ok();
        if let Some(step) = place.and_then(|place| steps.get_mut(place)) {
            step.sold = step.sold.plus(sold)?;
        }
        Ok(())
    };
    let mut open = days;
    if by != By::Hour
        && let Some(begun) = since_first_sale(rx, days, zone)?
    {
        let closed = closed(rx, begun, zone)?;
        open.first = begun.first.plus_days(closed);
        if closed > 0 {
            for (day, sold) in sql::sold_on_days(rx, begun.first, open.first.plus_days(-1), currency)? {
                add(day.number(), sold)?;
            }
        }
    }
    if let Some(period) = Days::new(open.first, open.last).and_then(|open| open.period(zone)) {
        for span in zone.spans(period.from, period.to) {
            for (number, sold) in sql::sold_in_steps(rx, span, wide, currency)? {
                add(number, sold)?;
            }
        }
    }
    if by == By::Month {
        let mut months: Vec<Step> = Vec::new();
        for step in steps {
            match months.last_mut() {
                Some(month) if month.day.first_of_month() == step.day.first_of_month() => {
                    month.sold = month.sold.plus(step.sold)?;
                }
                _ => months.push(step),
            }
        }
        steps = months;
    }
    Ok(steps)
}

/// Sales of `period` by their method of payment, the largest first.
pub fn sold_by_method(rx: &mut Rx, period: Period, currency: Currency) -> Result<Vec<ByMethod>, Error> {
    Ok(sql::sold_by_method(rx, period, currency)?)
}

/// What customers owe for what was sold to them.
pub fn unpaid(rx: &mut Rx, currency: Currency) -> Result<Owed, Error> {
    Ok(sql::unpaid(rx, currency)?)
}

/// What orders are to bring that wait for their payment, and are no sales until then.
pub fn awaited(rx: &mut Rx, currency: Currency) -> Result<Owed, Error> {
    Ok(sql::awaited(rx, currency)?)
}

/// What sold best in `days`, by money: up to `limit` variants.
pub fn best_sellers(
    rx: &mut Rx,
    days: Days,
    zone: &Zone,
    currency: Currency,
    limit: usize,
) -> Result<Vec<Seller>, Error> {
    let Some(days) = since_first_sale(rx, days, zone)? else { return Ok(Vec::new()) };
    let closed = closed(rx, days, zone)?;
    let mut found = Vec::new();
    if closed > 0 {
        found = sql::goods_of_days(rx, days.first, days.first.plus_days(closed - 1), currency)?;
    }
    if let Some(open) = Days::new(days.first.plus_days(closed), days.last).and_then(|days| days.period(zone))
    {
        found.extend(sql::goods_sold(rx, open, currency)?);
    }
    let mut sellers: HashMap<VariantId, Seller> = HashMap::new();
    for part in found {
        match sellers.get_mut(&part.variant) {
            Some(seller) => {
                seller.quantity = seller.quantity.plus(part.quantity).unwrap_or(seller.quantity);
                seller.gross = seller.gross.plus(part.gross)?;
                seller.title = part.title;
            }
            None => drop(sellers.insert(part.variant, part)),
        }
    }
    let mut sellers: Vec<Seller> = sellers.into_values().collect();
    sellers.sort_by_key(|seller| (std::cmp::Reverse(seller.gross.minor()), seller.variant));
    sellers.truncate(limit);
    Ok(sellers)
}

/// The days among `days` on which something may have been sold.
fn since_first_sale(rx: &mut Rx, days: Days, zone: &Zone) -> Result<Option<Days>, Error> {
    let Some(first) = sql::first_sale(rx)? else { return Ok(None) };
    Ok(Days::new(days.first.max(first.day(zone)), days.last))
}

/// How many of the first `days` are added up already.
fn closed(rx: &mut Rx, days: Days, zone: &Zone) -> Result<i64, Error> {
    let known = sql::closed_days(rx, days.first, days.last)?;
    let holds = |(day, (name, period)): (Day, &(String, Period))| {
        day.to_string() == *name && Days { first: day, last: day }.period(zone) == Some(*period)
    };
    Ok(days.iter().zip(&known).take_while(|(day, known)| holds((*day, known))).count() as i64)
}

/// A day is closed when it has been over for so long: another server's clock may be behind.
const OVER_FOR_S: i64 = 3600;

/// Whether days among `days` are over and not added up yet: `close_days` makes the next report quick.
pub fn has_open_days(rx: &mut Rx, days: Days, zone: &Zone) -> Result<bool, Error> {
    let Some(days) = over(rx, days, zone)? else { return Ok(false) };
    Ok(closed(rx, days, zone)? < days.count())
}

/// Adds up to `limit` of `days` up that are over; says whether there are more.
pub fn close_days(tx: &mut Tx, days: Days, zone: &Zone, limit: i64) -> Result<bool, Error> {
    let Some(days) = over(tx, days, zone)? else { return Ok(false) };
    let closed = closed(tx, days, zone)?;
    for day in
        days.iter().skip(usize::try_from(closed).unwrap_or(0)).take(usize::try_from(limit).unwrap_or(0))
    {
        if let Some(period) = (Days { first: day, last: day }).period(zone) {
            sql::close_day(tx, day, period)?;
        }
    }
    Ok(closed + limit < days.count())
}

/// Those of `days` that are over, from the first sale on.
fn over(rx: &mut Rx, days: Days, zone: &Zone) -> Result<Option<Days>, Error> {
    let last = rx.now().plus_s(-OVER_FOR_S).day(zone).plus_days(-1);
    Ok(since_first_sale(rx, days, zone)?.and_then(|days| Days::new(days.first, days.last.min(last))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn the_days_before_are_as_many() {
        let week = Days::ending(day("2026-11-20"), 7);
        assert_eq!((week.first, week.count()), (day("2026-11-14"), 7));
        assert_eq!(week.before(), Days { first: day("2026-11-07"), last: day("2026-11-13") });
        assert_eq!(Days::new(day("2026-11-20"), day("2026-11-19")), None);
    }

    #[test]
    fn an_average_basket_is_rounded_and_of_no_orders_it_is_nothing() {
        let eur = "EUR".parse().unwrap();
        let gross = Money::new(10_00, eur).unwrap();
        assert_eq!(Sums { orders: 3, gross, net: gross }.average().unwrap().minor(), 3_33);
        assert!(Sums::none(eur).average().unwrap().is_zero());
    }
}
