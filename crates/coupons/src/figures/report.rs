//! What campaigns brought in a stretch of days, beside as many days before: from the days' rows, whatever the number of coupons.
//! An order with two codes counts with the campaigns of both.

use std::collections::BTreeMap;

use base::{Day, Line, Quantity};
use catalog::ProductId;
use db::Rx;
use orders::report::Days;
use stock::LocationId;

use super::Measure;
use crate::{
    Error, campaigns,
    model::{
        CampaignId, CampaignState,
        estimate::{Average, Guess},
    },
    sql,
};

/// Into what a stretch of days is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Day,
    /// From Monday to Sunday.
    Week,
}

impl By {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        [Self::Day, Self::Week].into_iter().find(|known| known.name() == raw)
    }

    /// What suits so many days.
    pub const fn of(days: i64) -> Self {
        if days > 62 { Self::Week } else { Self::Day }
    }

    /// The day that the part with `day` begins with.
    pub fn first(self, day: Day) -> Day {
        match self {
            Self::Day => day,
            Self::Week => day.plus_days(-i64::try_from(day.weekday()).unwrap_or_default()),
        }
    }
}

/// What was counted, and what is estimated where nobody said it. Amounts are minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    pub told: Measure,
    pub guess: Guess,
}

impl Figures {
    fn of(told: Measure, each: Guess) -> Self {
        let silent = told.estimated;
        let unmeasured = told.redeemed - told.measured;
        let guess = Guess {
            sales: each.sales.saturating_mul(silent),
            discount: each.discount.saturating_mul(silent),
            margin: each.margin.saturating_mul(unmeasured),
        };
        Self { told, guess }
    }

    fn plus(self, other: Self) -> Self {
        let guess = Guess {
            sales: self.guess.sales.saturating_add(other.guess.sales),
            discount: self.guess.discount.saturating_add(other.guess.discount),
            margin: self.guess.margin.saturating_add(other.guess.margin),
        };
        Self { told: self.told.plus(other.told), guess }
    }

    pub const fn sales(&self) -> i64 {
        self.told.sales.saturating_add(self.guess.sales)
    }

    pub const fn discounts(&self) -> i64 {
        self.told.discounts.saturating_add(self.guess.discount)
    }

    pub const fn margin(&self) -> i64 {
        self.told.margin.saturating_add(self.guess.margin)
    }

    /// Whether part of sales and discounts is an estimate.
    pub const fn sales_are_estimated(&self) -> bool {
        self.told.estimated > 0
    }

    /// Whether part of the margin is an estimate.
    pub const fn margin_is_estimated(&self) -> bool {
        self.told.redeemed > self.told.measured
    }

    /// How many of a hundred coupons were redeemed, rounded; nothing can be said of none.
    pub fn rate(&self) -> Option<i64> {
        share(self.told.redeemed, self.told.issued)
    }

    /// From issue to redemption, on average.
    pub fn waited_s(&self) -> Option<i64> {
        (self.told.redeemed > 0).then(|| self.told.waited_s / self.told.redeemed)
    }
}

/// How many of a hundred `of` are `part`, rounded.
pub fn share(part: i64, of: i64) -> Option<i64> {
    let percent = || base::rounded_division(i128::from(part) * 100, i128::from(of));
    if of > 0 { i64::try_from(percent()).ok() } else { None }
}

/// What a campaign brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfCampaign {
    pub id: CampaignId,
    pub name: Line<120>,
    pub state: CampaignState,
    pub figures: Figures,
    /// Of what it promotes, for estimates; without products it has none.
    pub average: Option<Average>,
}

/// A day or a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The day that it is, or begins with.
    pub day: Day,
    pub figures: Figures,
}

/// What was sold of a product in orders with coupons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfProduct {
    pub product: ProductId,
    pub title: String,
    pub redeemed: i64,
    pub quantity: Quantity,
    pub sales: i64,
    /// Nothing where some of them have no cost.
    pub margin: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub days: Days,
    pub by: By,
    pub now: Figures,
    pub before: Figures,
    /// Every part of the days, the first first.
    pub steps: Vec<Step>,
    pub steps_before: Vec<Step>,
    /// In which something happened, the best first: by redemptions, then by sales.
    pub campaigns: Vec<OfCampaign>,
    /// Where coupons were redeemed; nothing stands for no place in particular.
    pub places: Vec<(Option<LocationId>, Figures)>,
    /// By whom, as events name them.
    pub people: Vec<(String, Figures)>,
    pub products: Vec<OfProduct>,
}

/// Products that are told.
const PRODUCTS: u32 = 50;

/// The report of `days`: of one campaign, or of all.
pub fn report(rx: &mut Rx, campaign: Option<CampaignId>, days: Days, by: By) -> Result<Report, Error> {
    let before = days.before();
    let rows = sql::by_day(rx, campaign, before.first, days.last)?;
    let mut known: BTreeMap<CampaignId, OfCampaign> = BTreeMap::new();
    let mut each: BTreeMap<CampaignId, Guess> = BTreeMap::new();
    let spots = sql::by_spot(rx, campaign, days.first, days.last)?;
    for id in rows.iter().map(|(id, ..)| *id).chain(campaign) {
        if known.contains_key(&id) {
            continue;
        }
        let found = campaigns::find(rx, id)?;
        let average = Average::of(&campaigns::promoted(rx, id)?);
        each.insert(id, Guess::of(&found.details.offer, average));
        let (name, state) = (found.details.name, found.state);
        known.insert(id, OfCampaign { id, name, state, figures: Figures::default(), average });
    }
    let figures =
        |id: &CampaignId, told: Measure| Figures::of(told, each.get(id).copied().unwrap_or_default());
    let (mut now, mut was) = (Figures::default(), Figures::default());
    let (mut steps, mut steps_before) = (blank(days, by), blank(before, by));
    for (id, day, told) in &rows {
        let of_day = figures(id, *told);
        let current = *day >= days.first;
        let (sum, parts) = if current { (&mut now, &mut steps) } else { (&mut was, &mut steps_before) };
        *sum = sum.plus(of_day);
        let part = parts.entry(by.first(*day)).or_default();
        *part = part.plus(of_day);
        if let Some(campaign) = known.get_mut(id).filter(|_| current) {
            campaign.figures = campaign.figures.plus(of_day);
        }
    }
    let (mut places, mut people) = (BTreeMap::<_, Figures>::new(), BTreeMap::<_, Figures>::new());
    for (id, place, actor, told) in spots {
        let at_spot = figures(&id, told);
        let sum = places.entry(place).or_default();
        *sum = sum.plus(at_spot);
        let sum = people.entry(actor).or_default();
        *sum = sum.plus(at_spot);
    }
    let told =
        |step: BTreeMap<Day, Figures>| step.into_iter().map(|(day, figures)| Step { day, figures }).collect();
    let mut campaigns: Vec<OfCampaign> = known.into_values().collect();
    campaigns.retain(|one| one.figures.told != Measure::default());
    campaigns.sort_by_key(|one| (-one.figures.told.redeemed, -one.figures.sales(), one.id));
    Ok(Report {
        days,
        by,
        now,
        before: was,
        steps: told(steps),
        steps_before: told(steps_before),
        campaigns,
        places: best(places),
        people: best(people),
        products: products(rx, campaign, days)?,
    })
}

/// Every part of `days`, with nothing in it.
fn blank(days: Days, by: By) -> BTreeMap<Day, Figures> {
    (0..days.count()).map(|n| (by.first(days.first.plus_days(n)), Figures::default())).collect()
}

/// Where something was redeemed, the most first.
fn best<K: Ord + Clone>(of: BTreeMap<K, Figures>) -> Vec<(K, Figures)> {
    let mut found: Vec<_> = of.into_iter().filter(|(_, figures)| figures.told.redeemed > 0).collect();
    found.sort_by_key(|(key, figures)| (-figures.told.redeemed, key.clone()));
    found
}

fn products(rx: &mut Rx, campaign: Option<CampaignId>, days: Days) -> Result<Vec<OfProduct>, Error> {
    let mut found = Vec::new();
    for sold in sql::best_products(rx, campaign, days.first, days.last, PRODUCTS)? {
        let product = catalog::product(rx, sold.product)?;
        found.push(OfProduct {
            product: sold.product,
            title: product.details.title.to_string(),
            redeemed: sold.redeemed,
            quantity: sold.quantity,
            sales: sold.sales,
            margin: Some(sold.margin).filter(|_| sold.measured == sold.redeemed),
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_week_begins_on_monday() {
        assert_eq!(By::Week.first(day("2026-11-22")), day("2026-11-16"));
        assert_eq!(By::Week.first(day("2026-11-23")), day("2026-11-23"));
        let days = Days { first: day("2026-11-01"), last: day("2026-11-30") };
        assert_eq!((blank(days, By::Day).len(), blank(days, By::Week).len()), (30, 6));
    }

    #[test]
    fn only_what_nobody_told_is_estimated() {
        let told = Measure {
            redeemed: 3,
            estimated: 1,
            measured: 1,
            sales: 50_00,
            margin: 20_00,
            ..Measure::default()
        };
        let figures = Figures::of(told, Guess { sales: 10_00, discount: 1_00, margin: 4_00 });
        assert_eq!((figures.sales(), figures.discounts(), figures.margin()), (60_00, 1_00, 28_00));
        assert!(figures.sales_are_estimated() && figures.margin_is_estimated());
    }

    #[test]
    fn a_rate_of_nothing_is_not_said() {
        assert_eq!((share(1, 0), share(0, 3), share(2, 3)), (None, Some(0), Some(67)));
    }
}
