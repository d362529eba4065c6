use std::fmt::{self, Display, Write};

use base::{Day, Language, Timestamp, Zone};
use icu_calendar::{Date, Gregorian};
use icu_datetime::{
    DateTimeFormatterLoadError, FixedCalendarDateTimeFormatter as Formatter,
    fieldsets::{E, MD, MDT, YMD, YMDT},
    input::{DateTime, Time},
};
use icu_locale_core::Locale;

use super::{NO_BREAK, of};

/// What writes days and times of one language.
pub(super) struct Times {
    day: Formatter<Gregorian, YMD>,
    moment: Formatter<Gregorian, YMDT>,
    short_day: Formatter<Gregorian, MD>,
    short_day_of_year: Formatter<Gregorian, YMD>,
    short_moment: Formatter<Gregorian, MDT>,
    short_moment_of_year: Formatter<Gregorian, YMDT>,
    weekday: Formatter<Gregorian, E>,
}

impl Times {
    pub(super) fn load(locale: &Locale) -> Result<Self, DateTimeFormatterLoadError> {
        let preferences = || locale.into();
        Ok(Self {
            day: Formatter::try_new(preferences(), YMD::long())?,
            moment: Formatter::try_new(preferences(), YMD::long().with_time_hm())?,
            short_day: Formatter::try_new(preferences(), MD::medium())?,
            short_day_of_year: Formatter::try_new(preferences(), YMD::medium())?,
            short_moment: Formatter::try_new(preferences(), MD::medium().with_time_hm())?,
            short_moment_of_year: Formatter::try_new(preferences(), YMD::medium().with_time_hm())?,
            weekday: Formatter::try_new(preferences(), E::long())?,
        })
    }
}

/// `20 November 2026`, `1er novembre 2026`, `1º novembre 2026`, `20 Novemba 2026`.
pub fn day(language: Language, day: Day) -> String {
    let Some(date) = date(day) else { return day.to_string() };
    unbroken(language, day, of(language).times.day.format(&date), None)
}

/// A day with the time on the tenant's wall: `20 November 2026 at 14:05`, `20 novembre 2026 à 14:05`.
pub fn moment(language: Language, at: Timestamp, zone: &Zone) -> String {
    let (day, hour, minute) = at.on_the_wall(zone);
    let Some(moment) = clock(day, hour, minute) else { return at.to_string() };
    unbroken(language, day, of(language).times.moment.format(&moment), Some(3))
}

/// A day for tables and axes: `20 Nov`, and `20 Nov 2025` if it is of another year than `today`.
pub fn short_day(language: Language, day: Day, today: Day) -> String {
    let Some(date) = date(day) else { return day.to_string() };
    let times = &of(language).times;
    if same_year(day, today) {
        unbroken(language, day, times.short_day.format(&date), None)
    } else {
        unbroken(language, day, times.short_day_of_year.format(&date), None)
    }
}

/// A moment for tables: `20 Nov, 14:05`, with the year if it is another than that of `today`.
pub fn short_moment(language: Language, at: Timestamp, zone: &Zone, today: Day) -> String {
    let (day, hour, minute) = at.on_the_wall(zone);
    let Some(moment) = clock(day, hour, minute) else { return at.to_string() };
    let times = &of(language).times;
    if same_year(day, today) {
        unbroken(language, day, times.short_moment.format(&moment), Some(2))
    } else {
        unbroken(language, day, times.short_moment_of_year.format(&moment), Some(3))
    }
}

/// `Monday` for 0, `Sunday` for 6.
pub fn weekday(language: Language, weekday: usize) -> String {
    // the first of June 2026 is a Monday
    let day = u8::try_from(weekday % 7).unwrap_or_default() + 1;
    let date = Date::try_new_gregorian(2026, 6, day);
    date.map(|date| of(language).times.weekday.format(&date).to_string()).unwrap_or_default()
}

/// `today`, `yesterday`, `in 3 days` within a week; the day itself further away.
pub fn relative_day(language: Language, day: Day, today: Day) -> String {
    let say = |key, days: i32| crate::text(language, key, &[("days", days.into())]);
    match day.days_since(today) {
        0 => say("day-today", 0),
        -1 => say("day-yesterday", 1),
        1 => say("day-tomorrow", 1),
        days @ -6..0 => say("day-ago", -days),
        days @ 2..=6 => say("day-ahead", days),
        _ => self::day(language, day),
    }
}

fn same_year(day: Day, other: Day) -> bool {
    day.parts().0 == other.parts().0
}

fn date(day: Day) -> Option<Date<Gregorian>> {
    let (year, month, day) = day.parts();
    Date::try_new_gregorian(year.into(), month, day).ok()
}

fn clock(day: Day, hour: u8, minute: u8) -> Option<DateTime<Gregorian>> {
    Some(DateTime { date: date(day)?, time: Time::try_new(hour, minute, 0, 0).ok()? })
}

/// `written` with spaces that do not break a line, but for the `breaks`th: the one before the time. French and Italian count
/// the first of a month by its order, which CLDR's patterns do not.
fn unbroken(language: Language, day: Day, written: impl Display, breaks: Option<usize>) -> String {
    let mut text = Spaced { text: String::with_capacity(40), spaces: 0, breaks };
    let done = write!(text, "{written}");
    debug_assert!(done.is_ok(), "a string takes what is written");
    let mut text = text.text;
    let first = match language {
        Language::Fr => "er",
        Language::It => "º",
        _ => "",
    };
    if day.parts().2 == 1 && text.starts_with('1') {
        text.insert_str(1, first);
    }
    text
}

struct Spaced {
    text: String,
    spaces: usize,
    breaks: Option<usize>,
}

impl Write for Spaced {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        for letter in part.chars() {
            let letter = if letter == ' ' {
                self.spaces += 1;
                if self.breaks == Some(self.spaces) { ' ' } else { NO_BREAK }
            } else {
                letter
            };
            self.text.push(letter);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(day: &str) -> Day {
        day.parse().unwrap()
    }

    fn in_all(write: impl Fn(Language) -> String) -> [String; Language::ALL.len()] {
        Language::ALL.map(|language| write(language).replace(NO_BREAK, "_"))
    }

    #[test]
    fn a_day_is_written_in_full() {
        let wanted = ["20_November_2026", "20_novembre_2026", "20_novembre_2026", "20_Novemba_2026"];
        assert_eq!(in_all(|language| day(language, on("2026-11-20"))), wanted);
    }

    #[test]
    fn the_first_of_a_month_is_counted_as_the_language_does() {
        let wanted = ["1_August_2026", "1er_août_2026", "1º_agosto_2026", "1_Agosti_2026"];
        assert_eq!(in_all(|language| day(language, on("2026-08-01"))), wanted);
    }

    #[test]
    fn a_moment_is_told_by_the_tenants_clock() {
        let conakry: Zone = "Africa/Conakry".parse().unwrap();
        let at: Timestamp = "2026-12-31T23:30:00Z".parse().unwrap();
        let wanted = [
            "31_December_2026 at_23:30",
            "31_décembre_2026 à_23:30",
            "31_dicembre_2026 alle_ore_23:30",
            "31_Desemba_2026, 23:30",
        ];
        assert_eq!(in_all(|language| moment(language, at, &conakry)), wanted);
        let rome: Zone = "Europe/Rome".parse().unwrap();
        assert_eq!(moment(Language::Fr, at, &rome), "1er\u{a0}janvier\u{a0}2027 à\u{a0}00:30");
    }

    #[test]
    fn a_table_has_the_year_only_where_it_is_another() {
        let utc = Zone::utc();
        let at: Timestamp = "2026-11-20T14:05:00Z".parse().unwrap();
        let now = |language| short_moment(language, at, &utc, on("2026-12-01"));
        assert_eq!(in_all(now), ["20_Nov, 14:05", "20_nov., 14:05", "20_nov, 14:05", "20_Nov, 14:05"]);
        let later = |language| short_moment(language, at, &utc, on("2027-01-01"));
        let wanted =
            ["20_Nov_2026, 14:05", "20_nov._2026, 14:05", "20_nov_2026, 14:05", "20_Nov_2026, 14:05"];
        assert_eq!(in_all(later), wanted);
        let days = |today| in_all(|language| short_day(language, on("2026-11-20"), on(today)));
        assert_eq!(days("2026-01-01"), ["20_Nov", "20_nov.", "20_nov", "20_Nov"]);
        assert_eq!(days("2025-12-31"), ["20_Nov_2026", "20_nov._2026", "20_nov_2026", "20_Nov_2026"]);
    }

    #[test]
    fn the_week_begins_on_monday() {
        assert_eq!(in_all(|language| weekday(language, 0)), ["Monday", "lundi", "lunedì", "Jumatatu"]);
        assert_eq!(in_all(|language| weekday(language, 6)), ["Sunday", "dimanche", "domenica", "Jumapili"]);
    }

    #[test]
    fn a_day_near_by_is_said_by_its_distance() {
        let near = |day: &str| in_all(|language| relative_day(language, on(day), on("2026-11-20")));
        assert_eq!(near("2026-11-20"), ["today", "aujourd’hui", "oggi", "leo"]);
        assert_eq!(near("2026-11-19"), ["yesterday", "hier", "ieri", "jana"]);
        assert_eq!(near("2026-11-21"), ["tomorrow", "demain", "domani", "kesho"]);
        assert_eq!(near("2026-11-23"), ["in 3 days", "dans 3 jours", "tra 3 giorni", "baada ya siku 3"]);
        assert_eq!(near("2026-11-14"), ["6 days ago", "il y a 6 jours", "6 giorni fa", "siku 6 zilizopita"]);
        assert_eq!(near("2026-11-13")[0], "13_November_2026");
    }
}
