//! Pages about stock, beside their templates.

use askama::Template;
use base::{Day, Quantity, Timestamp, Zone};
use catalog::VariantId;
use edge::Frame;
use people::{Location, LocationId};

use crate::{Hours, Level, Movement, Pause, Place, Reason, Spans, Standing};

#[derive(Template)]
#[template(path = "stock.html")]
pub struct StockPage {
    pub frame: Frame,
    pub lines: Vec<StockLine>,
    pub reasons: [Reason; 5],
    pub location: Option<LocationId>,
    pub locations: Vec<Location>,
    pub may_write: bool,
    pub next: Option<String>,
}

pub struct StockLine {
    pub name: String,
    pub sku: String,
    /// The symbol of the variant's unit.
    pub unit: &'static str,
    pub place: String,
    pub short: bool,
    /// At how little left more is to be ordered.
    pub reorder_at: Option<Quantity>,
    pub level: Level,
}

impl StockLine {
    /// Whether somebody should order.
    fn is_low(&self) -> bool {
        self.reorder_at.is_some_and(|at| self.level.available <= at)
    }

    /// As it was typed.
    fn reorder_typed(&self) -> String {
        self.reorder_at.map(|at| at.to_string()).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "movements.html")]
pub struct MovementsPage {
    pub frame: Frame,
    pub lines: Vec<MovementLine>,
    pub variant: Option<VariantId>,
    pub next: Option<String>,
}

pub struct MovementLine {
    pub name: String,
    pub place: String,
    pub movement: Movement,
}

#[derive(Template)]
#[template(path = "locations.html")]
pub struct LocationsPage {
    pub frame: Frame,
    pub locations: Vec<LocationLine>,
    /// Whether the shop is closed for now.
    pub paused: bool,
    pub may_pause: bool,
}

/// A location in the list.
pub struct LocationLine {
    pub location: Location,
    pub pickup: bool,
    /// Open until, closed until; nothing where nobody said.
    pub standing: Option<String>,
}

/// When one location is open.
#[derive(Template)]
#[template(path = "opening.html")]
pub struct OpeningPage {
    pub frame: Frame,
    pub location: Location,
    pub form: OpeningForm,
    /// What was wrong with what was sent.
    pub fault: Option<String>,
}

/// The form as typed: seven days, and days unlike the others.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct OpeningForm {
    pub pickup: String,
    /// Monday to Sunday.
    pub week: Vec<String>,
    pub day: Vec<String>,
    pub open: Vec<String>,
}

/// Empty rows for more special days.
const SPARE_DAYS: usize = 2;

impl OpeningForm {
    pub fn of(place: &Place) -> Self {
        let hours = place.opening.hours.clone().unwrap_or_default();
        Self {
            pickup: if place.opening.pickup { "1".to_owned() } else { String::new() },
            week: hours.week.iter().map(Spans::to_string).collect(),
            day: hours.days.iter().map(|special| special.day.to_string()).collect(),
            open: hours.days.iter().map(|special| special.open.to_string()).collect(),
        }
    }

    /// The special days with room for more.
    fn days(&self) -> Vec<(&str, &str)> {
        let open = self.open.iter().map(String::as_str).chain(std::iter::repeat(""));
        let typed = self.day.iter().map(String::as_str).zip(open);
        typed.filter(|(day, _)| !day.is_empty()).chain(std::iter::repeat_n(("", ""), SPARE_DAYS)).collect()
    }
}

impl OpeningPage {
    /// The days of the week with what is typed at each.
    fn week(&self) -> Vec<(String, &str)> {
        let typed = self.form.week.iter().map(String::as_str).chain(std::iter::repeat(""));
        (0..7).map(|day| self.frame.weekday(day)).zip(typed).collect()
    }
}

/// Closed for now.
#[derive(Template)]
#[template(path = "pause.html")]
pub struct PausePage {
    pub frame: Frame,
    /// What holds now.
    pub pause: Option<Pause>,
    pub form: PauseForm,
    pub fault: Option<String>,
}

/// The form as typed.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct PauseForm {
    /// `pause` or `resume`.
    pub action: String,
    pub words: base::Prose<300>,
    /// `2026-11-22T08:00`, by the clock on the wall; empty where nobody knows.
    pub until: String,
    pub sells: String,
}

/// What the clock on the wall shows: `18:00`.
fn clock(at: Timestamp, zone: &Zone) -> String {
    let (_, hour, minute) = at.on_the_wall(zone);
    format!("{hour:02}:{minute:02}")
}

/// `Open until 18:00`, `Closed, opens on Monday at 08:00`; nothing where nobody said.
pub fn standing_words(frame: &Frame, standing: Standing, now: Timestamp, zone: &Zone) -> Option<String> {
    Some(match standing {
        Standing::Unknown => return None,
        Standing::Open { until: None } => frame.t("stock-open-now"),
        Standing::Open { until: Some(until) } => frame.t1("stock-open-until", "time", clock(until, zone)),
        Standing::Closed { opens: None } => frame.t("stock-closed-now"),
        Standing::Closed { opens: Some(opens) } => {
            let (today, day) = (now.day(zone), opens.day(zone));
            let time = clock(opens, zone);
            if day == today {
                frame.t1("stock-closed-until", "time", time)
            } else {
                frame.t2("stock-closed-until-day", "day", near_day(frame, today, day), "time", time)
            }
        }
    })
}

/// A day of the coming week by its name, a later one by its date.
fn near_day(frame: &Frame, today: Day, day: Day) -> String {
    let near = (1..7).any(|ahead| today.plus(ahead) == Some(day));
    if near { frame.weekday(day.weekday()) } else { frame.day(&day) }
}

/// What a page says of a week: each day with its hours, or that it is closed.
pub fn week_words(frame: &Frame, hours: &Hours) -> Vec<(String, String)> {
    let words = |(weekday, spans): (usize, &Spans)| (frame.weekday(weekday), day_words(frame, spans));
    hours.week.iter().enumerate().map(words).collect()
}

/// `08:00-12:30, 14:00-18:00`, or that it is closed.
pub fn day_words(frame: &Frame, spans: &Spans) -> String {
    if spans.is_closed() { frame.t("stock-closed-now") } else { spans.to_string().replace('-', "\u{2013}") }
}

#[cfg(test)]
mod tests {
    use base::Language;

    use super::*;

    #[test]
    fn a_standing_is_told_by_the_wall_and_the_week() {
        edge::words::register(&[crate::LOCALES]);
        let (frame, zone) = (Frame::sample(Language::En, "Shop"), Zone::utc());
        let at = |time: &str| format!("{time}:00Z").parse::<Timestamp>().unwrap();
        // a Saturday
        let now = at("2026-11-21T12:00");
        let words = |standing| standing_words(&frame, standing, now, &zone).unwrap();
        assert_eq!(words(Standing::Open { until: Some(at("2026-11-21T18:00")) }), "Open until 18:00");
        let closed = |opens: &str| words(Standing::Closed { opens: Some(at(opens)) });
        assert_eq!(closed("2026-11-21T14:00"), "Closed, opens at 14:00");
        assert_eq!(closed("2026-11-23T08:00"), "Closed, opens on Monday at 08:00");
        assert!(closed("2026-11-28T08:00").contains("28\u{a0}November"), "a week later is not today");
        assert_eq!(standing_words(&frame, Standing::Unknown, now, &zone), None);
    }
}
