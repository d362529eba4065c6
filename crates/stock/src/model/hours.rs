//! Opening hours: what a week looks like, which days are unlike it, and from that whether a place is open now. All on the
//! clock on the tenant's wall.

use std::{fmt, str::FromStr};

use base::{Day, Timestamp, Zone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const DAY_MINUTES: u16 = 24 * 60;
/// More spans of one day than this nobody keeps.
const MAX_SPANS: usize = 6;
/// Days unlike the week that are kept.
pub const MAX_DAYS: usize = 100;
/// How far ahead an opening is looked for.
const AHEAD_DAYS: i32 = 370;
/// Who does not close within this time is always open.
const ALWAYS_S: i64 = 8 * 24 * 3600;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    #[error("write hours as 08:00-12:30, 14:00-18:00; leave empty for closed")]
    Malformed,
    #[error("these hours overlap; write them in their order")]
    Overlap,
    #[error("at most {MAX_SPANS} spans of hours a day")]
    TooMany,
    #[error("at most {MAX_DAYS} special days, each once")]
    TooManyDays,
}

/// From one time of the day to another; one that does not end later than it began ends on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    /// Minutes after midnight, below 24 hours.
    from: u16,
    /// Minutes after midnight, above 0 and at most 24 hours.
    to: u16,
}

impl Span {
    /// Minutes after the midnight before `from`.
    const fn end(self) -> u16 {
        if self.to > self.from { self.to } else { self.to + DAY_MINUTES }
    }
}

/// The open hours of one day: `08:00-12:30, 14:00-18:00`; empty for closed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spans(Vec<Span>);

impl Spans {
    pub fn is_closed(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for Spans {
    type Err = HoursError;

    /// Takes what people write: `8h-12h30 14h-18h`, `8:00 – 18:00`, `18:00-02:00`.
    fn from_str(raw: &str) -> Result<Self, HoursError> {
        let mut minutes = Vec::new();
        let digits_or_mark =
            |letter: char| letter.is_ascii_digit() || matches!(letter, ':' | 'h' | 'H' | '.');
        for time in raw.split(|letter| !digits_or_mark(letter)).filter(|time| !time.is_empty()) {
            minutes.push(time_of_day(time).ok_or(HoursError::Malformed)?);
        }
        if raw.chars().any(|letter| letter.is_alphabetic() && !matches!(letter, 'h' | 'H')) {
            return Err(HoursError::Malformed);
        }
        let spans = minutes.chunks(2).map(|pair| match *pair {
            [from, to] if from < DAY_MINUTES => Ok(Span { from, to: if to == 0 { DAY_MINUTES } else { to } }),
            _ => Err(HoursError::Malformed),
        });
        let spans = spans.collect::<Result<Vec<_>, _>>()?;
        if spans.len() > MAX_SPANS {
            return Err(HoursError::TooMany);
        }
        let mut ends = 0;
        for span in &spans {
            if span.from < ends {
                return Err(HoursError::Overlap);
            }
            ends = span.end();
        }
        Ok(Self(spans))
    }
}

/// Minutes after midnight of `8`, `8h`, `8h30`, `8.30` or `08:30`; at most 24 hours.
fn time_of_day(raw: &str) -> Option<u16> {
    let (hour, minute) = raw.split_once([':', 'h', 'H', '.']).unwrap_or((raw, ""));
    let number = |raw: &str| if raw.len() > 2 { None } else { raw.parse::<u16>().ok() };
    let minute = if minute.is_empty() { 0 } else { number(minute)? };
    let minutes = number(hour)? * 60 + minute;
    (minute < 60 && minutes <= DAY_MINUTES).then_some(minutes)
}

impl fmt::Display for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, span) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            let [from, to] = [span.from, span.to].map(|minutes| (minutes / 60, minutes % 60));
            write!(f, "{comma}{:02}:{:02}-{:02}:{:02}", from.0, from.1, to.0, to.1)?;
        }
        Ok(())
    }
}

impl Serialize for Spans {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Spans {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A day unlike the others of its name: a feast, a stocktaking, a market.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpecialDay {
    #[schema(value_type = String, format = Date)]
    pub day: Day,
    /// As in `week`; empty for closed.
    #[schema(value_type = String)]
    pub open: Spans,
}

/// The hours of one place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// Monday to Sunday: `08:00-12:30, 14:00-18:00`, or empty for closed. `18:00-02:00` ends on the next day.
    #[schema(value_type = Vec<String>, min_items = 7, max_items = 7)]
    pub week: [Spans; 7],
    /// In their order, each once.
    #[serde(default)]
    pub days: Vec<SpecialDay>,
}

/// Whether a place is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was said about hours.
    Unknown,
    /// Open; without an end where it does not close within a week.
    Open { until: Option<Timestamp> },
    /// Closed; without an opening where none comes within a year.
    Closed { opens: Option<Timestamp> },
}

impl Hours {
    /// The hours with their special days in order; a day said twice is refused.
    pub fn checked(mut self) -> Result<Self, HoursError> {
        self.days.sort_by_key(|special| special.day);
        let twice = self.days.windows(2).any(|pair| pair[0].day == pair[1].day);
        if twice || self.days.len() > MAX_DAYS { Err(HoursError::TooManyDays) } else { Ok(self) }
    }

    /// The hours of one day.
    pub fn on(&self, day: Day) -> &Spans {
        let special = self.days.iter().find(|special| special.day == day);
        special.map_or(&self.week[day.weekday()], |special| &special.open)
    }

    /// Whether the place is open at `now`, and when that ends.
    pub fn standing(&self, now: Timestamp, zone: &Zone) -> Standing {
        let mut open: Option<(Timestamp, Timestamp)> = None;
        for (from, to) in self.spans_around(now, zone) {
            match &mut open {
                _ if to <= now => (),
                None if from > now => return Standing::Closed { opens: Some(from) },
                None => open = Some((from, to)),
                // one span that goes on where another ends is one to who stands before the door
                Some((_, end)) if from <= *end => *end = to.max(*end),
                Some(_) => break,
            }
            if open.is_some_and(|(_, end)| end.seconds_since(now) > ALWAYS_S) {
                return Standing::Open { until: None };
            }
        }
        match open {
            Some((_, end)) => Standing::Open { until: Some(end) },
            None => Standing::Closed { opens: None },
        }
    }

    /// The open times from the day before `now` on, in their order.
    fn spans_around(&self, now: Timestamp, zone: &Zone) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let today = now.day(zone);
        let days = (-1..AHEAD_DAYS).filter_map(move |ahead| today.plus(ahead));
        days.flat_map(move |day| {
            let moment = move |minutes: u16| day.at(minutes.into(), zone);
            self.on(day).0.iter().filter_map(move |span| Some((moment(span.from)?, moment(span.end())?)))
        })
    }
}

/// Whether `hours` are open at `now`.
pub fn is_open(hours: &Hours, now: Timestamp, zone: &Zone) -> bool {
    matches!(hours.standing(now, zone), Standing::Open { .. })
}

/// When what [`is_open`] says changes next.
pub fn next_change(hours: &Hours, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
    match hours.standing(now, zone) {
        Standing::Open { until } => until,
        Standing::Closed { opens } => opens,
        Standing::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Saturday in Conakry, where the wall shows UTC.
    const SATURDAY: &str = "2026-11-21";

    fn zone() -> Zone {
        "Africa/Conakry".parse().unwrap()
    }

    fn at(time: &str) -> Timestamp {
        format!("{time}:00Z").parse().unwrap()
    }

    fn shop() -> Hours {
        let day: Spans = "08:00-12:30, 14:00-18:00".parse().unwrap();
        let mut week: [Spans; 7] = std::array::from_fn(|_| day.clone());
        week[6] = Spans::default();
        Hours { week, days: Vec::new() }
    }

    #[test]
    fn hours_read_as_people_write_them() {
        for raw in ["8h-12h30 14h-18h", "8:00 – 12:30, 14:00 – 18:00", "08.00-12.30/14-18"] {
            assert_eq!(raw.parse::<Spans>().unwrap().to_string(), "08:00-12:30, 14:00-18:00", "{raw}");
        }
        assert!("".parse::<Spans>().unwrap().is_closed());
        for raw in ["25:00-26:00", "8", "8-", "closed", "08:61-09:00", "24:00-25:00", "8am-6pm"] {
            assert_eq!(raw.parse::<Spans>(), Err(HoursError::Malformed), "{raw}");
        }
        assert_eq!("08:00-13:00, 12:00-18:00".parse::<Spans>(), Err(HoursError::Overlap));
        assert_eq!("22:00-02:00, 23:00-23:30".parse::<Spans>(), Err(HoursError::Overlap));
        assert_eq!("0-24".parse::<Spans>().unwrap().to_string(), "00:00-24:00");
    }

    #[test]
    fn a_shop_is_open_in_its_hours_and_says_until_when() {
        let (shop, zone) = (shop(), zone());
        let standing = |time: &str| shop.standing(at(&format!("{SATURDAY}T{time}")), &zone);
        let then = |time: &str| Some(at(&format!("{SATURDAY}T{time}")));
        assert_eq!(standing("07:59"), Standing::Closed { opens: then("08:00") });
        assert_eq!(standing("08:00"), Standing::Open { until: then("12:30") });
        assert_eq!(standing("12:30"), Standing::Closed { opens: then("14:00") });
        assert_eq!(standing("18:00"), Standing::Closed { opens: Some(at("2026-11-23T08:00")) });
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_began() {
        let mut bar = Hours::default();
        bar.week[5] = "18:00-02:00".parse().unwrap();
        let zone = zone();
        assert!(
            is_open(&bar, at("2026-11-22T01:59"), &zone) && !is_open(&bar, at("2026-11-22T02:00"), &zone)
        );
        assert_eq!(next_change(&bar, at("2026-11-21T20:00"), &zone), Some(at("2026-11-22T02:00")));
        // a feast on Sunday does not end Saturday's night
        bar.days.push(SpecialDay { day: "2026-11-22".parse().unwrap(), open: Spans::default() });
        assert!(is_open(&bar, at("2026-11-22T01:00"), &zone));
    }

    #[test]
    fn special_days_win_over_the_week() {
        let mut shop = shop();
        shop.days = vec![
            SpecialDay { day: "2026-11-22".parse().unwrap(), open: "10:00-12:00".parse().unwrap() },
            SpecialDay { day: SATURDAY.parse().unwrap(), open: Spans::default() },
        ];
        let shop = shop.checked().unwrap();
        let zone = zone();
        assert!(!is_open(&shop, at("2026-11-21T09:00"), &zone));
        assert_eq!(next_change(&shop, at("2026-11-21T09:00"), &zone), Some(at("2026-11-22T10:00")));
        let mut twice = shop;
        twice.days[1].day = twice.days[0].day;
        assert_eq!(twice.checked(), Err(HoursError::TooManyDays));
    }

    #[test]
    fn who_never_closes_and_who_never_opens_say_no_time() {
        let always = Hours { week: std::array::from_fn(|_| "0-24".parse().unwrap()), days: Vec::new() };
        assert_eq!(always.standing(at("2026-11-21T12:00"), &zone()), Standing::Open { until: None });
        let never = Hours::default();
        assert_eq!(never.standing(at("2026-11-21T12:00"), &zone()), Standing::Closed { opens: None });
    }

    #[test]
    fn the_hour_that_the_clock_leaves_out_opens_late_and_the_one_it_repeats_stays_open() {
        let rome: Zone = "Europe/Rome".parse().unwrap();
        let mut bar = Hours::default();
        bar.week[6] = "02:30-04:00".parse().unwrap();
        assert_eq!(next_change(&bar, at("2026-03-28T23:00"), &rome), Some(at("2026-03-29T01:30")));
        assert_eq!(
            bar.standing(at("2026-10-25T01:00"), &rome),
            Standing::Open { until: Some(at("2026-10-25T03:00")) }
        );
    }
}
