use std::{fmt, str::FromStr};

use jiff::{civil, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment in UTC, in microseconds since 1970. RFC 3339 in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    pub const fn micros(self) -> i64 {
        self.0
    }

    pub const fn plus_s(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Seconds from `earlier` to here, rounded down.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).div_euclid(1_000_000)
    }

    pub fn day(self, zone: &Zone) -> Day {
        Day(self.jiff().to_zoned(zone.0.clone()).date())
    }

    fn jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// The day, the hour and the minute that a clock on the wall in `zone` shows.
    pub fn on_the_wall(self, zone: &Zone) -> (Day, u8, u8) {
        let here = self.jiff().to_zoned(zone.0.clone());
        (Day(here.date()), here.hour().unsigned_abs(), here.minute().unsigned_abs())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.jiff())
    }
}

impl FromStr for Timestamp {
    type Err = jiff::Error;

    fn from_str(raw: &str) -> Result<Self, jiff::Error> {
        raw.parse::<jiff::Timestamp>().map(|read| Self(read.as_microsecond()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A calendar day, as the tenant's clock on the wall has it. `2026-11-20` in rows and JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(civil::Date);

impl Day {
    /// Year, month from 1, day from 1.
    pub fn parts(self) -> (i16, u8, u8) {
        (self.0.year(), self.0.month().unsigned_abs(), self.0.day().unsigned_abs())
    }

    /// Whole days from `earlier` to here; negative if it is later.
    pub fn days_since(self, earlier: Self) -> i32 {
        self.0.duration_since(earlier.0).as_hours().saturating_div(24).try_into().unwrap_or(i32::MAX)
    }

    /// The moment the day begins in `zone`.
    pub fn start(self, zone: &Zone) -> Option<Timestamp> {
        self.at(0, zone)
    }

    /// The moment at which the clock on the wall shows so many minutes after midnight of this day; 24 hours and more lie
    /// in the days after. An hour that the clock leaves out is taken as the one after it.
    pub fn at(self, minutes: u32, zone: &Zone) -> Option<Timestamp> {
        let day = self.plus(i32::try_from(minutes / (24 * 60)).ok()?)?.0;
        let minutes = minutes % (24 * 60);
        let (hour, minute) = (i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?);
        let moment = day.at(hour, minute, 0, 0).to_zoned(zone.0.clone()).ok()?;
        Some(Timestamp(moment.timestamp().as_microsecond()))
    }

    /// So many days later, or earlier.
    pub fn plus(self, days: i32) -> Option<Self> {
        self.0.checked_add(jiff::Span::new().try_days(days).ok()?).ok().map(Self)
    }

    /// 0 is Monday, 6 is Sunday.
    pub fn weekday(self) -> usize {
        self.0.weekday().to_monday_zero_offset().unsigned_abs().into()
    }

    /// The moment the next day begins in `zone`.
    pub fn end(self, zone: &Zone) -> Option<Timestamp> {
        self.plus_days(1).start(zone)
    }

    /// The day so many days later; at the ends of the calendar, its last or first.
    pub fn plus_days(self, days: i64) -> Self {
        let end = if days < 0 { civil::Date::MIN } else { civil::Date::MAX };
        Self(self.0.checked_add(jiff::Span::new().try_days(days).unwrap_or_default()).unwrap_or(end))
    }

    /// Days since 1 January 1970.
    pub fn number(self) -> i64 {
        let midnight = self.0.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp().as_second());
        midnight.unwrap_or_default().div_euclid(DAY_S)
    }

    /// The day of that number, if the calendar has it.
    pub fn numbered(number: i64) -> Option<Self> {
        let midnight = jiff::Timestamp::from_second(number.checked_mul(DAY_S)?).ok()?;
        Some(Self(midnight.to_zoned(TimeZone::UTC).date()))
    }

    /// The first day of its month.
    pub fn first_of_month(self) -> Self {
        Self(self.0.first_of_month())
    }
}

const DAY_S: i64 = 24 * 3600;

/// A part of time in which a clock keeps one distance from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
    /// What the clock on the wall is ahead of UTC, in microseconds.
    pub ahead: i64,
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Day {
    type Err = jiff::Error;

    fn from_str(raw: &str) -> Result<Self, jiff::Error> {
        raw.parse().map(Self)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A time zone of the IANA database, such as `Africa/Conakry`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// `from..to`, cut where the clock is put forward or back: a database that knows no time zones can then tell days.
    pub fn spans(&self, from: Timestamp, to: Timestamp) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut begin = from;
        while begin < to {
            let change = self.0.following(begin.jiff()).next();
            let end = change.map_or(to, |change| Timestamp(change.timestamp().as_microsecond()).min(to));
            let ahead = i64::from(self.0.to_offset(begin.jiff()).seconds()) * 1_000_000;
            spans.push(Span { from: begin, to: end, ahead });
            begin = end;
        }
        spans
    }
}

impl FromStr for Zone {
    type Err = jiff::Error;

    fn from_str(raw: &str) -> Result<Self, jiff::Error> {
        TimeZone::get(raw).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_when_the_tenants_wall_clock_says_so() {
        let bologna: Zone = "Europe/Rome".parse().unwrap();
        let late: Timestamp = "2026-11-20T23:30:00Z".parse().unwrap();
        assert_eq!(late.day(&bologna).to_string(), "2026-11-21");
        assert_eq!(late.day(&bologna).start(&bologna), Some("2026-11-20T23:00:00Z".parse().unwrap()));
    }

    #[test]
    fn days_are_counted_in_both_directions() {
        let day = |written: &str| written.parse::<Day>().unwrap();
        assert_eq!(day("2026-03-01").days_since(day("2026-02-27")), 2);
        assert_eq!(day("2026-12-31").days_since(day("2027-01-01")), -1);
    }

    #[test]
    fn the_clock_on_the_wall_may_jump() {
        let bologna: Zone = "Europe/Rome".parse().unwrap();
        let spring: Day = "2026-03-29".parse().unwrap();
        assert_eq!(spring.weekday(), 6);
        assert_eq!(spring.at(3 * 60, &bologna), Some("2026-03-29T01:00:00Z".parse().unwrap()));
        assert_eq!(spring.at(2 * 60 + 30, &bologna), Some("2026-03-29T01:30:00Z".parse().unwrap()));
        assert_eq!(spring.at(25 * 60, &bologna), spring.plus(1).unwrap().at(60, &bologna));
    }

    #[test]
    fn days_are_counted_as_the_calendar_has_them() {
        let day: Day = "2028-02-28".parse().unwrap();
        assert_eq!(day.plus_days(2).to_string(), "2028-03-01");
        assert_eq!(day.plus_days(2).days_since(day), 2);
        assert_eq!(Day::numbered(day.number()), Some(day));
        assert_eq!(day.first_of_month().to_string(), "2028-02-01");
        assert_eq!("1969-12-31".parse::<Day>().unwrap().number(), -1);
    }

    #[test]
    fn a_time_is_cut_where_the_clocks_change() {
        let bologna: Zone = "Europe/Rome".parse().unwrap();
        let (from, to) = ("2026-10-24T22:00:00Z".parse().unwrap(), "2026-10-25T23:00:00Z".parse().unwrap());
        let spans = bologna.spans(from, to);
        let change = "2026-10-25T01:00:00Z".parse().unwrap();
        let hours = |ahead: i64| ahead * 3_600_000_000;
        assert_eq!(
            spans,
            [Span { from, to: change, ahead: hours(2) }, Span { from: change, to, ahead: hours(1) },]
        );
        assert_eq!(Zone::utc().spans(from, to), [Span { from, to, ahead: 0 }]);
    }
}
