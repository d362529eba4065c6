//! Which days a report is about, and how it compares.

use base::{Day, Money};
use orders::report::{By, Days};

/// Days as an address names them: a word, or both ends.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    /// `today`, `7` or `30`.
    pub days: String,
    pub from: String,
    pub to: String,
}

/// What the range is called on pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    Today,
    Week,
    Month,
    /// From one day to another, as the reader chose.
    Own,
}

/// The longest stretch that is added up at once: three years and a leap day.
pub const LONGEST: i64 = 3 * 365 + 1;

impl Range {
    pub const ALL: [Self; 3] = [Self::Today, Self::Week, Self::Month];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Week => "7",
            Self::Month => "30",
            Self::Own => "",
        }
    }

    /// The text that names it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Today => "home-today",
            Self::Week => "home-week",
            Self::Month => "home-month",
            Self::Own => "home-own-days",
        }
    }
}

impl Asked {
    /// The days that are meant on `today`; what does not read is today. Ends in the wrong order are turned round, the
    /// future is left out.
    pub fn days(&self, today: Day) -> (Range, Days) {
        let own = self.from.parse::<Day>().ok().zip(self.to.parse::<Day>().ok());
        if let Some((one, other)) = own {
            let (first, last) = (one.min(other), one.max(other).min(today));
            let first = first.min(last).max(last.plus_days(1 - LONGEST));
            return (Range::Own, Days { first, last });
        }
        match self.days.as_str() {
            "7" => (Range::Week, Days::ending(today, 7)),
            "30" => (Range::Month, Days::ending(today, 30)),
            _ => (Range::Today, Days::ending(today, 1)),
        }
    }
}

/// By how many percent `now` is above (or, negative, below) `before`; nothing can be said of what was nothing.
pub fn change(now: Money, before: Money) -> Option<i64> {
    let difference = i128::from(now.minor()) - i128::from(before.minor());
    let percent =
        (before.is_positive()).then(|| base::rounded_division(difference * 100, before.minor().into()))?;
    i64::try_from(percent).ok()
}

/// The name of a part of a stretch of days in addresses and JSON.
pub const fn by_name(by: By) -> &'static str {
    match by {
        By::Hour => "hour",
        By::Day => "day",
        By::Month => "month",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn asked(days: &str, from: &str, to: &str) -> Asked {
        Asked { days: days.to_owned(), from: from.to_owned(), to: to.to_owned() }
    }

    #[test]
    fn days_are_named_by_a_word_or_by_both_ends() {
        let today = day("2026-11-20");
        assert_eq!(asked("", "", "").days(today), (Range::Today, Days { first: today, last: today }));
        assert_eq!(asked("7", "", "").days(today).1.first, day("2026-11-14"));
        assert_eq!(asked("30", "x", "y").days(today).1.count(), 30);
        let (range, days) = asked("7", "2026-11-05", "2026-11-01").days(today);
        assert_eq!((range, days.first, days.last), (Range::Own, day("2026-11-01"), day("2026-11-05")));
    }

    #[test]
    fn the_future_and_more_than_three_years_are_left_out() {
        let today = day("2026-11-20");
        assert_eq!(asked("", "2026-11-01", "2027-01-01").days(today).1.last, today);
        assert_eq!(asked("", "2028-01-01", "2029-01-01").days(today).1, Days { first: today, last: today });
        assert_eq!(asked("", "1999-01-01", "2026-11-20").days(today).1.count(), LONGEST);
    }

    #[test]
    fn a_change_is_said_in_percent_of_what_was() {
        let eur = |minor| Money::new(minor, "EUR".parse().unwrap()).unwrap();
        assert_eq!(change(eur(12_00), eur(10_00)), Some(20));
        assert_eq!(change(eur(0), eur(10_00)), Some(-100));
        assert_eq!(change(eur(10_00), eur(0)), None);
    }
}
