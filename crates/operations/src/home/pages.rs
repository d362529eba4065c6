//! Pages of the home, beside their templates.

use askama::Template;
use base::{Day, Money};
use edge::{
    Frame, NavLink,
    chart::{Bar, Chart},
};
use orders::{
    Listed, Order,
    report::{By, Days, Figures, Seller, Step as Part},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qrcode::{Color, QrCode};
use spine::ledger::Balance;
use stock::Low;

use super::{
    dashboard::{Evening, Report, ToCome},
    guide::{self, Facts, Progress, Step},
    model::{Range, change},
    search::Found,
};

/// What a person may see of the home page: each part under its own permission.
#[derive(Default)]
pub struct Parts {
    pub sold: Option<Sold>,
    pub in_hands: Option<Vec<Balance>>,
    pub waits: Vec<Wait>,
    pub newest: Option<Vec<NewestRow>>,
    pub low: Option<Vec<Low>>,
    pub guide: Option<(Facts, ShopLink)>,
}

/// What was sold, and what it still brings.
pub struct Sold {
    pub report: Report,
    pub best: Vec<Seller>,
    pub evening: Evening,
    pub to_come: ToCome,
    /// Whether those who owe can be seen one by one.
    pub shows_debtors: bool,
}

/// What waits for somebody, with the page where it is done.
pub struct Wait {
    pub key: &'static str,
    pub count: i64,
    pub path: &'static str,
}

pub struct NewestRow {
    pub order: Order,
    pub customer: String,
}

impl NewestRow {
    pub fn of(listed: Listed) -> Self {
        Self { customer: listed.customer.or(listed.phone).unwrap_or_default(), order: listed.order }
    }
}

/// A figure with what it was before.
pub struct Tile {
    pub name: String,
    pub figure: String,
    pub beside: String,
}

#[derive(Template)]
#[template(path = "home.html")]
pub struct HomePage {
    pub frame: Frame,
    range: Range,
    days: Days,
    today: Day,
    tiles: Vec<Tile>,
    chart: Option<Chart>,
    best: Vec<(String, String, String)>,
    parts: Parts,
}

impl HomePage {
    pub fn new(frame: Frame, range: Range, days: Days, today: Day, parts: Parts) -> Self {
        let report = parts.sold.as_ref().map(|sold| &sold.report);
        let tiles = report.map(|report| tiles(&frame, report)).unwrap_or_default();
        let chart =
            report.map(|report| chart(&frame, range, report, today)).filter(|chart| !chart.is_empty());
        let best = parts.sold.iter().flat_map(|sold| &sold.best);
        let best = best
            .map(|seller| {
                let quantity = frame.quantity(&seller.quantity, "");
                (seller.title.clone(), quantity, frame.money(&seller.gross))
            })
            .collect();
        Self { frame, range, days, today, tiles, chart, best, parts }
    }

    fn ranges(&self) -> [(Range, bool); 3] {
        Range::ALL.map(|range| (range, range == self.range))
    }

    /// Whether the days were chosen by their ends.
    fn is_own(&self) -> bool {
        self.range == Range::Own
    }

    fn waits(&self) -> impl Iterator<Item = &Wait> {
        self.parts.waits.iter().filter(|wait| wait.count > 0)
    }

    fn holder(&self, balance: &Balance) -> String {
        crate::pages::account_words(&self.frame, &balance.account)
    }

    fn method(&self, method: &str) -> String {
        let key = format!("method-{method}");
        let words = self.frame.t(&key);
        if words == key { method.to_owned() } else { words }
    }

    fn payment(&self, order: &Order) -> String {
        self.frame.t(&format!("orders-state-{}", order.payment))
    }

    /// What is left, and at how little more is to be ordered.
    fn left(&self, low: &Low) -> String {
        let symbol = low.variant.unit.symbol();
        let left = self.frame.quantity(&low.level.available, symbol);
        match &low.reorder_at {
            Some(at) => self.frame.t2("home-left-of", "left", left, "at", self.frame.quantity(at, symbol)),
            None => self.frame.t1("home-left", "left", left),
        }
    }

    fn is_out(&self, low: &Low) -> bool {
        !low.level.available.is_positive()
    }
}

fn tiles(frame: &Frame, report: &Report) -> Vec<Tile> {
    let average = |figures: &Figures| figures.sold.average().unwrap_or(figures.sold.gross);
    let money = |key: &str, now: Money, before: Money| Tile {
        name: frame.t(key),
        figure: frame.money(&now),
        beside: beside(frame, change(now, before), &frame.money(&before)),
    };
    let (now, before) = (&report.now, &report.before);
    let net = money("home-net", now.sold.net, before.sold.net);
    let orders = Tile {
        name: frame.t("home-orders"),
        figure: frame.count(now.sold.orders),
        beside: frame.t1("home-before", "before", frame.count(before.sold.orders)),
    };
    let back = Tile {
        name: frame.t("home-taken-back"),
        figure: frame.money(&now.taken_back),
        beside: frame.t1("home-refunds", "count", now.refunds),
    };
    vec![
        money("home-sales", now.sold.gross, before.sold.gross),
        orders,
        money("home-average", average(now), average(before)),
        net,
        back,
    ]
}

/// `▲ 12 %, before: 1 245 000 GNF`.
fn beside(frame: &Frame, percent: Option<i64>, before: &str) -> String {
    let was = frame.t1("home-before", "before", before);
    match percent {
        None => was,
        Some(0) => format!("＝ {was}"),
        Some(percent) => {
            let arrow = if percent > 0 { '▲' } else { '▼' };
            format!("{arrow} {}\u{a0}% · {was}", percent.abs())
        }
    }
}

fn chart(frame: &Frame, range: Range, report: &Report, today: Day) -> Chart {
    let bar = |(now, before): (&Part, Option<&Part>)| {
        let none = Money::zero(now.sold.gross.currency());
        let before = before.map_or(none, |part| part.sold.gross);
        Bar {
            label: label(frame, report.by, now),
            now: now.sold.gross.minor(),
            before: before.minor(),
            now_words: frame.money(&now.sold.gross),
            before_words: frame.money(&before),
        }
    };
    let before = report.steps_before.iter().map(Some).chain(std::iter::repeat(None));
    let bars: Vec<Bar> = report.steps.iter().zip(before).map(bar).collect();
    let highest = bars.iter().map(|bar| bar.now.max(bar.before)).max().unwrap_or(0);
    let top = Chart::top(highest);
    let currency = report.now.sold.gross.currency();
    let mark = |minor| Money::new(minor, currency).map(|money| frame.money(&money)).unwrap_or_default();
    let days = format!("{} – {}", frame.day(&report.days.first), frame.day(&report.days.last));
    let (now, was) = (frame.money(&report.now.sold.gross), frame.money(&report.before.sold.gross));
    let (this, earlier) = match range {
        Range::Today => ("home-today", "home-yesterday"),
        _ => ("home-these-days", "home-days-before"),
    };
    let head = match report.by {
        By::Hour => "home-hour-head",
        By::Day => "home-day-head",
        By::Month => "home-month-head",
    };
    Chart {
        title: frame.t("home-sales"),
        about: format!("{days}: {now}. {}", frame.t1("home-before", "before", was)),
        heads: [head, this, earlier].map(|key| frame.t(key)),
        scale: [mark(top), mark(top / 2), mark(0)],
        ticks: ticks(frame, report, today),
        bars,
    }
}

fn label(frame: &Frame, by: By, part: &Part) -> String {
    match (by, part.hour) {
        (_, Some(hour)) => frame.t1("home-hour", "hour", hour),
        (By::Month, None) => month(part.day),
        (_, None) => frame.day(&part.day),
    }
}

/// `11/2026`, in any language.
fn month(day: Day) -> String {
    let text = day.to_string();
    let mut parts = text.split('-');
    let (year, month) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    format!("{month}/{year}")
}

/// Below the chart: the hours of a day by quarters, else the ends and the middle.
fn ticks(frame: &Frame, report: &Report, today: Day) -> Vec<String> {
    if report.by == By::Hour {
        return [0, 6, 12, 18, 24].map(|hour| frame.t1("home-hour", "hour", hour)).to_vec();
    }
    let steps = &report.steps;
    let places = [0, steps.len() / 2, steps.len().saturating_sub(1)];
    let mut ticks: Vec<String> = places
        .into_iter()
        .filter_map(|place| steps.get(place))
        .map(|step| match report.by {
            By::Month => month(step.day),
            By::Hour | By::Day => frame.short_day(&step.day, &today),
        })
        .collect();
    ticks.dedup();
    ticks
}

/// The shop's address, to be shared.
pub struct ShopLink {
    pub address: String,
}

impl ShopLink {
    pub fn of(address: &str) -> Self {
        Self { address: address.to_owned() }
    }

    /// Opens WhatsApp with `words` and the address written.
    pub fn whatsapp(&self, words: &str) -> String {
        let text = format!("{words} {}", self.address);
        format!("https://wa.me/?text={}", utf8_percent_encode(&text, NON_ALPHANUMERIC))
    }

    /// A code that phones read, black on white in any scheme; nothing for an address that no code holds.
    pub fn code(&self, title: &str) -> String {
        const MARGIN: usize = 4;
        let Ok(code) = QrCode::new(&self.address) else { return String::new() };
        let width = code.width();
        let dots: String = code
            .to_colors()
            .iter()
            .enumerate()
            .filter(|(_, color)| **color == Color::Dark)
            .map(|(place, _)| format!("M{} {}h1v1h-1z", place % width + MARGIN, place / width + MARGIN))
            .collect();
        let side = width + 2 * MARGIN;
        let title = title.replace('&', "&amp;").replace('<', "&lt;");
        format!(
            "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" role=\"img\" shape-rendering=\"crispEdges\"><title>{title}</title>\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"{dots}\"/></svg>"
        )
    }
}

/// A step as both pages show it.
pub struct StepView {
    pub step: Step,
    pub progress: Progress,
    /// The first that is open: the one that stands open on the page.
    pub is_next: bool,
}

fn steps_of(facts: &Facts) -> Vec<StepView> {
    let next = Step::ALL.into_iter().find(|step| facts.progress(*step) == Progress::Open);
    let view = |step| StepView { step, progress: facts.progress(step), is_next: next == Some(step) };
    Step::ALL.into_iter().map(view).collect()
}

impl StepView {
    pub fn is_done(&self) -> bool {
        self.progress == Progress::Done
    }

    pub fn is_skipped(&self) -> bool {
        self.progress == Progress::Skipped
    }

    pub fn is_open(&self) -> bool {
        self.progress == Progress::Open
    }

    pub fn is_tax(&self) -> bool {
        self.step == Step::Tax
    }

    pub fn is_share(&self) -> bool {
        self.step == Step::Share
    }
}

/// What `guide_steps.html` shows.
#[derive(Template)]
#[template(path = "guide_steps.html")]
pub struct Steps<'a> {
    frame: &'a Frame,
    facts: &'a Facts,
    link: &'a ShopLink,
    today: Day,
    steps: Vec<StepView>,
}

impl<'a> Steps<'a> {
    fn new(frame: &'a Frame, facts: &'a Facts, link: &'a ShopLink, today: Day) -> Self {
        Self { frame, facts, link, today, steps: steps_of(facts) }
    }

    /// Those that need nothing more.
    fn behind(&self) -> usize {
        self.steps.iter().filter(|step| !step.is_open()).count()
    }

    /// A text of a step: its name, or the `part` of it.
    fn text(&self, view: &StepView, part: &str) -> String {
        self.frame.t(&format!("guide-{}{part}", view.step.name()))
    }

    fn usual_tax(&self) -> Option<String> {
        guide::usual_tax(&self.facts.business, self.today).map(|code| code.name.to_string())
    }

    fn explains_test(&self) -> String {
        self.frame.t(if self.facts.business.test { "guide-order-in-test" } else { "guide-order-live" })
    }

    fn whatsapp(&self) -> String {
        let name = &self.facts.business.edit.name;
        self.link.whatsapp(&self.frame.t1("guide-share-words", "name", name))
    }

    fn code(&self) -> String {
        self.link.code(&self.frame.t("guide-share-code"))
    }
}

impl HomePage {
    /// The steps, while one is left.
    fn guide(&self) -> Option<Steps<'_>> {
        let (facts, link) = self.parts.guide.as_ref()?;
        Some(Steps::new(&self.frame, facts, link, self.today))
    }
}

#[derive(Template)]
#[template(path = "guide.html")]
pub struct GuidePage {
    pub frame: Frame,
    pub facts: Facts,
    pub link: ShopLink,
    pub today: Day,
}

impl GuidePage {
    fn steps(&self) -> Steps<'_> {
        Steps::new(&self.frame, &self.facts, &self.link, self.today)
    }
}

/// A line of what was found.
pub struct Hit {
    pub title: String,
    pub beside: String,
    pub href: String,
}

pub struct Group {
    pub title: String,
    pub hits: Vec<Hit>,
    /// Where all of them are listed.
    pub all: Option<String>,
}

#[derive(Template)]
#[template(path = "search.html")]
pub struct SearchPage {
    pub frame: Frame,
    pub q: String,
    /// What is called exactly so.
    pub exact: Option<Hit>,
    pub groups: Vec<Group>,
}

impl SearchPage {
    pub fn new(frame: Frame, q: String, found: Found, pages: Vec<NavLink>) -> Self {
        let escaped = utf8_percent_encode(&q, NON_ALPHANUMERIC).to_string();
        let office = frame.office.clone();
        let order = |listed: &Listed| Hit {
            title: frame.t1("search-order", "number", listed.order.number),
            beside: [
                listed.customer.clone().or(listed.phone.clone()).unwrap_or_default(),
                frame.money(&listed.order.total),
                frame.t(&format!("orders-state-{}", listed.order.payment)),
            ]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
            href: format!("{office}/orders/{}", listed.order.id),
        };
        let customer = |customer: &customers::Customer| Hit {
            title: customer.contact.called(),
            beside: customer.contact.ways().join(" · "),
            href: format!("{office}/customers/{}", customer.id),
        };
        let words = base::words(&q);
        let is_named = |label: &str| {
            let own = base::words(label);
            let begins = |word: &String| own.iter().any(|own| own.starts_with(word.as_str()));
            !words.is_empty() && words.iter().all(begins)
        };
        let group = |key: &str, hits: Vec<Hit>, all: Option<String>| Group { title: frame.t(key), hits, all };
        let groups = vec![
            group(
                "search-orders",
                found.orders.iter().map(order).collect(),
                Some(format!("{office}/orders?q={escaped}")),
            ),
            group(
                "search-customers",
                found.customers.iter().map(customer).collect(),
                Some(format!("{office}/customers?q={escaped}")),
            ),
            group(
                "search-products",
                found
                    .products
                    .iter()
                    .map(|product| Hit {
                        title: product.title.to_string(),
                        beside: product.lowest.map(|price| frame.money(&price)).unwrap_or_default(),
                        href: format!("{office}/products/{}", product.id),
                    })
                    .collect(),
                Some(format!("{office}/products?q={escaped}")),
            ),
            group(
                "search-documents",
                found
                    .documents
                    .iter()
                    .map(|document| Hit {
                        title: document.name(),
                        beside: frame.moment(&document.issued_at),
                        href: format!("{office}/documents/{}", document.id),
                    })
                    .collect(),
                None,
            ),
            group(
                "search-payments",
                found
                    .payments
                    .iter()
                    .map(|payment| Hit {
                        title: payment
                            .payer_reference
                            .as_ref()
                            .map(ToString::to_string)
                            .or(payment.provider_ref.clone())
                            .unwrap_or_default(),
                        beside: frame.money(&payment.amount),
                        href: format!("{office}/orders/{}", payment.order),
                    })
                    .collect(),
                None,
            ),
            group(
                "search-staff",
                found
                    .staff
                    .iter()
                    .map(|member| Hit {
                        title: member.name.to_string(),
                        beside: String::new(),
                        href: format!("{office}/staff"),
                    })
                    .collect(),
                None,
            ),
            group(
                "search-pages",
                pages
                    .into_iter()
                    .filter(|page| is_named(&page.label))
                    .map(|page| Hit { title: page.label, beside: String::new(), href: page.href })
                    .collect(),
                None,
            ),
        ];
        let exact = found.order.as_ref().map(order);
        let groups = groups.into_iter().filter(|group| !group.hits.is_empty()).collect();
        Self { frame, q, exact, groups }
    }

    fn is_empty(&self) -> bool {
        self.exact.is_none() && self.groups.is_empty()
    }
}
