//! What campaigns brought, as a page.

use askama::Template;
use base::{Currency, Day, Money};
use edge::{
    Frame,
    chart::{Bar, Chart},
};
use orders::report::Days;
use people::{Location, LocationId, actors::Names};

use crate::{
    figures::report::{By, Figures, OfCampaign, OfProduct, Report, Step, share},
    model::{Campaign, CampaignId},
};

/// What the bars show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    Redeemed,
    Issued,
    Sales,
    Discounts,
}

impl Measured {
    const ALL: [Self; 4] = [Self::Redeemed, Self::Issued, Self::Sales, Self::Discounts];

    const fn name(self) -> &'static str {
        match self {
            Self::Redeemed => "redeemed",
            Self::Issued => "issued",
            Self::Sales => "sales",
            Self::Discounts => "discounts",
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Redeemed => "coupons-figures-redeemed",
            Self::Issued => "coupons-figures-issued",
            Self::Sales => "coupons-figures-sales",
            Self::Discounts => "coupons-figures-discounts",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == raw)
    }

    const fn of(self, figures: &Figures) -> i64 {
        match self {
            Self::Redeemed => figures.told.redeemed,
            Self::Issued => figures.told.issued,
            Self::Sales => figures.sales(),
            Self::Discounts => figures.discounts(),
        }
    }

    const fn is_money(self) -> bool {
        matches!(self, Self::Sales | Self::Discounts)
    }
}

/// What the reader asked for.
#[derive(Debug, Clone, Copy)]
pub struct Chosen {
    /// So many days to today; none where both ends were chosen.
    pub range: Option<i64>,
    pub days: Days,
    pub by: By,
    pub shown: Measured,
    pub campaign: Option<CampaignId>,
}

impl Chosen {
    /// The address of the page with these choices.
    fn href(&self) -> String {
        let days = match self.range {
            Some(days) => format!("days={days}"),
            None => format!("from={}&to={}", self.days.first, self.days.last),
        };
        let campaign = self.campaign.map(|id| format!("&campaign={id}")).unwrap_or_default();
        format!("?{days}&by={}&show={}{campaign}", self.by.name(), self.shown.name())
    }
}

/// What was read for the page.
pub struct Told {
    pub report: Report,
    pub names: Names,
    pub locations: Vec<Location>,
    /// The one that was asked for alone.
    pub campaign: Option<Campaign>,
}

pub struct Tile {
    name: String,
    figure: String,
    beside: String,
}

/// A choice, its address and whether it is made.
pub struct Choice {
    words: String,
    href: String,
    made: bool,
}

#[derive(Template)]
#[template(path = "campaign_figures.html")]
pub struct FiguresPage {
    pub frame: Frame,
    pub currency: Currency,
    pub today: Day,
    pub chosen: Chosen,
    pub told: Told,
    pub may_export: bool,
}

impl FiguresPage {
    fn ranges(&self) -> Vec<Choice> {
        let choice = |days: i64| Choice {
            words: self.frame.t1("coupons-figures-last-days", "count", days),
            href: Chosen { range: Some(days), by: By::of(days), ..self.chosen }.href(),
            made: self.chosen.range == Some(days),
        };
        [7, 30, 90].map(choice).into()
    }

    fn shown(&self) -> Vec<Choice> {
        let choice = |shown: Measured| Choice {
            words: self.frame.t(shown.key()),
            href: Chosen { shown, ..self.chosen }.href(),
            made: self.chosen.shown == shown,
        };
        Measured::ALL.map(choice).into()
    }

    fn cuts(&self) -> Vec<Choice> {
        let choice = |(by, key): (By, &str)| Choice {
            words: self.frame.t(key),
            href: Chosen { by, ..self.chosen }.href(),
            made: self.chosen.by == by,
        };
        [(By::Day, "coupons-figures-by-day"), (By::Week, "coupons-figures-by-week")].map(choice).into()
    }

    fn is_own(&self) -> bool {
        self.chosen.range.is_none()
    }

    fn of_all(&self) -> String {
        Chosen { campaign: None, ..self.chosen }.href()
    }

    fn of_one(&self, campaign: &OfCampaign) -> String {
        Chosen { campaign: Some(campaign.id), ..self.chosen }.href()
    }

    /// The same days and campaign, of the files.
    fn file(&self) -> String {
        let campaign = self.chosen.campaign.map(|id| format!("&campaign={id}")).unwrap_or_default();
        format!("from={}&to={}{campaign}", self.chosen.days.first, self.chosen.days.last)
    }

    fn money(&self, minor: &i64) -> String {
        Money::new(*minor, self.currency).map(|money| self.frame.money(&money)).unwrap_or_default()
    }

    fn count(&self, count: &i64) -> String {
        self.frame.count(*count)
    }

    /// An amount, marked where part of it is an estimate.
    fn amount(&self, minor: i64, estimated: bool) -> String {
        let money = self.money(&minor);
        if estimated { format!("≈\u{a0}{money}") } else { money }
    }

    fn sales(&self, figures: &Figures) -> String {
        self.amount(figures.sales(), figures.sales_are_estimated())
    }

    fn discounts(&self, figures: &Figures) -> String {
        self.amount(figures.discounts(), figures.sales_are_estimated())
    }

    fn margin(&self, figures: &Figures) -> String {
        self.amount(figures.margin(), figures.margin_is_estimated())
    }

    fn is_estimated(&self) -> bool {
        self.told.report.now.margin_is_estimated()
    }

    fn rate(&self, figures: &Figures) -> String {
        percent(figures.rate())
    }

    fn waited(&self, figures: &Figures) -> String {
        const HOUR_S: i64 = 3600;
        let Some(seconds) = figures.waited_s() else { return "–".to_owned() };
        let (key, count) = match seconds {
            s if s >= 48 * HOUR_S => ("coupons-figures-days", s / (24 * HOUR_S)),
            s if s >= HOUR_S => ("coupons-figures-hours", s / HOUR_S),
            s => ("coupons-figures-minutes", s / 60),
        };
        self.frame.t1(key, "count", count)
    }

    fn place(&self, id: &Option<LocationId>) -> String {
        let name = id.and_then(|id| self.told.locations.iter().find(|place| place.id == id));
        name.map_or_else(|| self.frame.t("coupons-figures-nowhere"), |place| place.name.to_string())
    }

    fn who(&self, actor: &str) -> String {
        self.told.names.of(&self.frame, actor)
    }

    fn quantity(&self, product: &OfProduct) -> String {
        self.frame.quantity(&product.quantity, "")
    }

    fn product_margin(&self, product: &OfProduct) -> String {
        product.margin.map_or_else(|| "–".to_owned(), |margin| self.money(&margin))
    }

    fn tiles(&self) -> Vec<Tile> {
        let (now, before) = (&self.told.report.now, &self.told.report.before);
        let was = |words: String| self.frame.t1("coupons-figures-before", "before", words);
        let tile = |key: &str, figure: fn(&Self, &Figures) -> String| Tile {
            name: self.frame.t(key),
            figure: figure(self, now),
            beside: was(figure(self, before)),
        };
        vec![
            tile("coupons-figures-issued", |page, of| page.frame.count(of.told.issued)),
            tile("coupons-figures-redeemed", |page, of| page.frame.count(of.told.redeemed)),
            tile("coupons-figures-rate", Self::rate),
            tile("coupons-figures-waited", Self::waited),
            tile("coupons-figures-sales", Self::sales),
            tile("coupons-figures-discounts", Self::discounts),
            tile("coupons-figures-margin", Self::margin),
        ]
    }

    /// From the form to the counter: each step, how many, and how many of a hundred came from the one before.
    fn way(&self) -> Vec<(String, String, String)> {
        let told = &self.told.report.now.told;
        let steps = [
            ("coupons-figures-seen", told.seen, 0),
            ("coupons-figures-submitted", told.submitted, told.seen),
            ("coupons-figures-issued", told.issued, 0),
            ("coupons-figures-sent", told.sent, told.issued),
            ("coupons-figures-opened", told.opened, told.issued),
            ("coupons-figures-redeemed", told.redeemed, told.issued),
        ];
        let step = |(key, count, of): (&str, i64, i64)| {
            let part = if of > 0 { percent(share(count, of)) } else { String::new() };
            (self.frame.t(key), self.frame.count(count), part)
        };
        steps.map(step).into()
    }

    fn chart(&self) -> Option<Chart> {
        let (frame, report, shown) = (&self.frame, &self.told.report, self.chosen.shown);
        let words = |value: i64| if shown.is_money() { self.money(&value) } else { frame.count(value) };
        let bar = |(now, before): (&Step, Option<&Step>)| {
            let (now_is, was) = (shown.of(&now.figures), before.map_or(0, |step| shown.of(&step.figures)));
            Bar {
                label: frame.day(&now.day),
                now: now_is,
                before: was,
                now_words: words(now_is),
                before_words: words(was),
            }
        };
        let before = report.steps_before.iter().map(Some).chain(std::iter::repeat(None));
        let bars: Vec<Bar> = report.steps.iter().zip(before).map(bar).collect();
        let top = Chart::top(bars.iter().map(|bar| bar.now.max(bar.before)).max().unwrap_or(0));
        let days = format!("{} – {}", frame.day(&report.days.first), frame.day(&report.days.last));
        let (now, was) = (words(shown.of(&report.now)), words(shown.of(&report.before)));
        let head = match self.chosen.by {
            By::Day => "coupons-figures-by-day",
            By::Week => "coupons-figures-by-week",
        };
        let places = [0, report.steps.len() / 2, report.steps.len().saturating_sub(1)];
        let ticks = places.into_iter().filter_map(|place| report.steps.get(place));
        let mut ticks: Vec<String> = ticks.map(|step| frame.short_day(&step.day, &self.today)).collect();
        ticks.dedup();
        let chart = Chart {
            title: frame.t(shown.key()),
            about: format!("{days}: {now}. {}", frame.t1("coupons-figures-before", "before", was)),
            heads: [head, "coupons-figures-these", "coupons-figures-earlier"].map(|key| frame.t(key)),
            scale: [words(top), words(top / 2), words(0)],
            ticks,
            bars,
        };
        Some(chart).filter(|chart| !chart.is_empty())
    }
}

fn percent(share: Option<i64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{share}\u{a0}%"))
}
