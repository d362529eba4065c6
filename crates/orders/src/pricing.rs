//! The one pipeline that prices everything: lines, discounts, taxes, totals. Plain integers in, exact sums out:
//! the lines add up to the tax groups, the groups to the totals, for every currency and rounding rule.

use base::tax::{self, Levy, Rate, Rounding, Treatment};
use base::{Currency, Money, MoneyError, Quantity, largest_remainder, rounded_division};
use serde::{Deserialize, Serialize};

/// What a line is. Decides what may be discounted and which account its revenue belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Goods,
    Service,
    GiftCard,
    Delivery,
    Fee,
    PlanPeriod,
}

impl Kind {
    pub const ALL: [Self; 6] =
        [Self::Goods, Self::Service, Self::GiftCard, Self::Delivery, Self::Fee, Self::PlanPeriod];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Goods => "goods",
            Self::Service => "service",
            Self::GiftCard => "gift-card",
            Self::Delivery => "delivery",
            Self::Fee => "fee",
            Self::PlanPeriod => "plan-period",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == raw)
    }

    /// A discount on the order lowers what is sold, never what is passed on or is money itself.
    const fn takes_order_discount(self) -> bool {
        matches!(self, Self::Goods | Self::Service | Self::PlanPeriod)
    }
}

/// One tax of a line, as the catalogue had it when the line was priced.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LineTax {
    /// The tax code of the product; several taxes may share it.
    pub code: String,
    /// As the receipt names it: `TVA 18 %`.
    pub name: String,
    /// Parts per million.
    pub rate: Rate,
    pub treatment: Treatment,
    /// Whether it is also levied on the taxes before it.
    pub compound: bool,
}

/// What lowers a price: a share of it, or an amount (which never takes off more than there is).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Discount {
    Percent(Rate),
    Amount(Money),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub kind: Kind,
    /// For one unit; holds the taxes if the basket says so.
    pub unit_price: Money,
    pub quantity: Quantity,
    pub taxes: Vec<LineTax>,
    pub discount: Option<Discount>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basket {
    pub currency: Currency,
    pub prices_include_tax: bool,
    pub rounding: Rounding,
    pub lines: Vec<Line>,
    /// One after the other, each on what the ones before left.
    pub discounts: Vec<Spread>,
}

/// A discount on the order, and what it is spread over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spread {
    pub discount: Discount,
    pub over: Over,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Over {
    /// The goods, services and plan periods.
    Sold,
    /// The lines at these places.
    Lines(Vec<usize>),
}

impl Over {
    fn covers(&self, place: usize, line: &Line) -> bool {
        match self {
            Self::Sold => line.kind.takes_order_discount(),
            Self::Lines(places) => places.contains(&place),
        }
    }
}

/// A line taken apart: `list - discount` is its amount, `net` plus all `taxes` its `gross`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedLine {
    /// Unit price times quantity, before any discount.
    pub list: Money,
    /// The line's own discount and its share of the order's.
    pub discount: Money,
    pub net: Money,
    /// One for each tax of the line, in its order.
    pub taxes: Vec<Money>,
    pub gross: Money,
}

/// All lines under one (code, name, rate, treatment).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxTotal {
    pub code: String,
    pub name: String,
    pub rate: Rate,
    pub treatment: Treatment,
    /// The net amounts it was levied on, without other taxes.
    pub base: Money,
    pub tax: Money,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    pub lines: Vec<PricedLine>,
    pub taxes: Vec<TaxTotal>,
    /// What each discount on the order took off.
    pub discounts: Vec<Money>,
    /// Before discounts, as the prices are written (with or without tax).
    pub list: Money,
    pub discount: Money,
    pub net: Money,
    pub tax: Money,
    /// What the customer owes: `net + tax`.
    pub total: Money,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    #[error("a basket needs at least one line")]
    Empty,
    #[error("at most {} lines fit into one order", MAX_LINES)]
    TooManyLines,
    #[error("at most {} taxes apply to one line", MAX_TAXES)]
    TooManyTaxes,
    #[error("a quantity is above zero")]
    NoQuantity,
    #[error("a price or a discount is never below zero, and a discount at most 100 %")]
    Negative,
    #[error(transparent)]
    Money(#[from] MoneyError),
}

pub const MAX_LINES: usize = 500;
/// Six taxes of the highest rate, each upon the others, still fit the arithmetic of `base::tax`.
pub const MAX_TAXES: usize = 6;

/// Prices `basket`: discounts first, then taxes, then totals.
pub fn price(basket: &Basket) -> Result<Priced, PricingError> {
    check(basket)?;
    let list = basket
        .lines
        .iter()
        .map(|line| line.unit_price.times(line.quantity))
        .collect::<Result<Vec<_>, _>>()?;
    let list_total = Money::sum(basket.currency, list.iter().copied())?;
    let (amounts, discounts) = discounted(basket, &list)?;
    let parts = match basket.rounding {
        Rounding::Line => each_line(basket, &amounts)?,
        Rounding::RateGroup => each_group(basket, &amounts)?,
    };
    let money = |minor| Money::new(minor, basket.currency);
    let mut lines = Vec::with_capacity(parts.len());
    for ((part, list), amount) in parts.iter().zip(&list).zip(&amounts) {
        let taxes = part.taxes.iter().map(|tax| money(*tax)).collect::<Result<Vec<_>, _>>()?;
        let gross = taxes.iter().try_fold(money(part.net)?, |sum, tax| sum.plus(*tax))?;
        lines.push(PricedLine {
            list: *list,
            discount: list.minus(money(*amount)?)?,
            net: money(part.net)?,
            taxes,
            gross,
        });
    }
    let taxes = tax_totals(basket, &lines)?;
    let net = Money::sum(basket.currency, lines.iter().map(|line| line.net))?;
    let tax = Money::sum(basket.currency, taxes.iter().map(|total| total.tax))?;
    let discount = Money::sum(basket.currency, lines.iter().map(|line| line.discount))?;
    Ok(Priced { lines, taxes, discounts, list: list_total, discount, net, tax, total: net.plus(tax)? })
}

fn check(basket: &Basket) -> Result<(), PricingError> {
    if basket.lines.is_empty() {
        return Err(PricingError::Empty);
    }
    if basket.lines.len() > MAX_LINES {
        return Err(PricingError::TooManyLines);
    }
    for line in &basket.lines {
        if line.taxes.len() > MAX_TAXES {
            return Err(PricingError::TooManyTaxes);
        }
        if !line.quantity.is_positive() {
            return Err(PricingError::NoQuantity);
        }
        if line.unit_price.is_negative() {
            return Err(PricingError::Negative);
        }
    }
    Ok(())
}

/// What is left of each line after its own discount and its share of the order's, and what each of the order's took off.
fn discounted(basket: &Basket, list: &[Money]) -> Result<(Vec<i64>, Vec<Money>), PricingError> {
    let mut amounts = Vec::with_capacity(list.len());
    for (line, list) in basket.lines.iter().zip(list) {
        amounts.push(list.minus(taken_off(line.discount, *list)?)?.minor());
    }
    let mut discounts = Vec::with_capacity(basket.discounts.len());
    for spread in &basket.discounts {
        let lines = basket.lines.iter().zip(&amounts).enumerate();
        let weights: Vec<i64> = lines
            .map(|(place, (line, amount))| if spread.over.covers(place, line) { *amount } else { 0 })
            .collect();
        let subject = Money::sum(
            basket.currency,
            weights.iter().map(|w| Money::new(*w, basket.currency)).collect::<Result<Vec<_>, _>>()?,
        )?;
        let off = taken_off(Some(spread.discount), subject)?;
        for (amount, share) in amounts.iter_mut().zip(largest_remainder(off.minor(), &weights)) {
            *amount -= share;
        }
        discounts.push(off);
    }
    Ok((amounts, discounts))
}

/// What `discount` takes off `amount`: half up, never below zero, never more than all of it.
fn taken_off(discount: Option<Discount>, amount: Money) -> Result<Money, PricingError> {
    const WHOLE: i128 = 1_000_000;
    match discount {
        None => Ok(Money::zero(amount.currency())),
        Some(Discount::Amount(off)) if off.is_negative() => Err(PricingError::Negative),
        Some(Discount::Amount(off)) => Ok(off.lesser_of(amount)?),
        Some(Discount::Percent(rate)) if i128::from(rate.in_parts_per_million()) > WHOLE => {
            Err(PricingError::Negative)
        }
        Some(Discount::Percent(rate)) => {
            let exact = i128::from(amount.minor()) * i128::from(rate.in_parts_per_million());
            let off = i64::try_from(rounded_division(exact, WHOLE)).map_err(|_| MoneyError::TooLarge)?;
            Ok(Money::new(off, amount.currency())?)
        }
    }
}

fn each_line(basket: &Basket, amounts: &[i64]) -> Result<Vec<tax::Taxed>, PricingError> {
    let taxed = |(line, amount): (&Line, &i64)| apply(*amount, &line.taxes, basket.prices_include_tax);
    basket.lines.iter().zip(amounts).map(taxed).collect()
}

/// One rounding for all lines under the same taxes; its result is dealt out to the lines by largest remainder.
fn each_group(basket: &Basket, amounts: &[i64]) -> Result<Vec<tax::Taxed>, PricingError> {
    let mut groups: Vec<(&[LineTax], Vec<usize>)> = Vec::new();
    for (place, line) in basket.lines.iter().enumerate() {
        match groups.iter_mut().find(|(taxes, _)| *taxes == line.taxes) {
            Some((_, members)) => members.push(place),
            None => groups.push((&line.taxes, vec![place])),
        }
    }
    let mut parts: Vec<Option<tax::Taxed>> = vec![None; amounts.len()];
    for (taxes, members) in groups {
        let weights: Vec<i64> = members.iter().map(|place| amounts[*place]).collect();
        let amount = weights.iter().sum();
        let whole = apply(amount, taxes, basket.prices_include_tax)?;
        for (place, taxes) in members.iter().zip(deal(&whole.taxes, &weights)) {
            let taken = if basket.prices_include_tax { taxes.iter().sum() } else { 0 };
            parts[*place] = Some(tax::Taxed { net: amounts[*place] - taken, taxes });
        }
    }
    Ok(parts.into_iter().flatten().collect())
}

/// Deals the `columns` (one per tax) out to rows weighing `weights`, so that every column and the sum of all rows
/// stay exact, and no row gets more than its share of the whole rounded up (so no net amount falls below zero).
pub(crate) fn deal(columns: &[i64], weights: &[i64]) -> Vec<Vec<i64>> {
    let mut left = columns.to_vec();
    let rows = largest_remainder(columns.iter().sum(), weights);
    let mut dealt = Vec::with_capacity(rows.len());
    for row in rows {
        let cells = if row == 0 { vec![0; left.len()] } else { largest_remainder(row, &left) };
        left.iter_mut().zip(&cells).for_each(|(left, cell)| *left -= cell);
        dealt.push(cells);
    }
    dealt
}

/// `base::tax::apply`, refusing what could leave the range of an amount.
fn apply(amount: i64, taxes: &[LineTax], included: bool) -> Result<tax::Taxed, PricingError> {
    let levies: Vec<Levy> = taxes.iter().map(|tax| Levy { rate: tax.rate, compound: tax.compound }).collect();
    if !included {
        let mut bound = i128::from(amount);
        for levy in &levies {
            bound += bound * i128::from(levy.rate.in_parts_per_million()) / 1_000_000 + 1;
            if bound > i128::from(i64::MAX) {
                return Err(MoneyError::TooLarge.into());
            }
        }
    }
    Ok(tax::apply(amount, &levies, included))
}

fn tax_totals(basket: &Basket, lines: &[PricedLine]) -> Result<Vec<TaxTotal>, MoneyError> {
    let mut totals: Vec<TaxTotal> = Vec::new();
    for (line, priced) in basket.lines.iter().zip(lines) {
        for (levy, tax) in line.taxes.iter().zip(&priced.taxes) {
            let same = |total: &&mut TaxTotal| {
                (&total.code, &total.name, total.rate, total.treatment)
                    == (&levy.code, &levy.name, levy.rate, levy.treatment)
            };
            if let Some(total) = totals.iter_mut().find(same) {
                total.base = total.base.plus(priced.net)?;
                total.tax = total.tax.plus(*tax)?;
            } else {
                let (code, name) = (levy.code.clone(), levy.name.clone());
                let LineTax { rate, treatment, .. } = *levy;
                totals.push(TaxTotal { code, name, rate, treatment, base: priced.net, tax: *tax });
            }
        }
    }
    Ok(totals)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    fn eur(minor: i64) -> Money {
        Money::new(minor, currency("EUR")).unwrap()
    }

    fn vat(percent: &str) -> LineTax {
        let rate = Rate::parse_percent(percent).unwrap();
        LineTax {
            code: format!("VAT{percent}"),
            name: "VAT".to_owned(),
            rate,
            treatment: Treatment::Standard,
            compound: false,
        }
    }

    fn line(minor: i64, units: i64, taxes: Vec<LineTax>) -> Line {
        Line {
            kind: Kind::Goods,
            unit_price: eur(minor),
            quantity: Quantity::units(units),
            taxes,
            discount: None,
        }
    }

    fn basket(lines: Vec<Line>) -> Basket {
        Basket {
            currency: currency("EUR"),
            prices_include_tax: true,
            rounding: Rounding::Line,
            lines,
            discounts: Vec::new(),
        }
    }

    fn on_all(discount: Discount) -> Vec<Spread> {
        vec![Spread { discount, over: Over::Sold }]
    }

    #[test]
    fn a_tax_inside_the_price_changes_no_total() {
        let priced =
            price(&basket(vec![line(10_00, 2, vec![vat("22")]), line(3_50, 1, vec![vat("10")])])).unwrap();
        assert_eq!((priced.total, priced.tax), (eur(23_50), eur(3_61 + 32)));
    }

    #[test]
    fn a_tax_upon_the_price_is_added_after_the_discounts() {
        let half = on_all(Discount::Percent(Rate::parse_percent("50").unwrap()));
        let priced = price(&Basket {
            prices_include_tax: false,
            discounts: half,
            ..basket(vec![line(10_00, 1, vec![vat("20")])])
        })
        .unwrap();
        assert_eq!((priced.net, priced.tax, priced.total), (eur(5_00), eur(1_00), eur(6_00)));
    }

    #[test]
    fn weighed_goods_are_priced_to_the_gram_half_up() {
        let bread = Line { quantity: "0.355".parse().unwrap(), ..line(5_90, 1, vec![]) };
        assert_eq!(price(&basket(vec![bread])).unwrap().total, eur(2_09));
    }

    #[test]
    fn an_order_discount_is_spread_so_that_no_cent_is_lost() {
        let lines = vec![line(1_00, 1, vec![]), line(1_00, 1, vec![]), line(1_00, 1, vec![])];
        let priced =
            price(&Basket { discounts: on_all(Discount::Amount(eur(1_00))), ..basket(lines) }).unwrap();
        let off: Vec<i64> = priced.lines.iter().map(|line| line.discount.minor()).collect();
        assert_eq!((off, priced.total), (vec![34, 33, 33], eur(2_00)));
    }

    #[test]
    fn an_order_discount_leaves_delivery_and_gift_cards_alone() {
        let delivery = Line { kind: Kind::Delivery, ..line(5_00, 1, vec![]) };
        let card = Line { kind: Kind::GiftCard, ..line(20_00, 1, vec![]) };
        let off = on_all(Discount::Amount(eur(50_00)));
        let priced =
            price(&Basket { discounts: off, ..basket(vec![line(9_00, 1, vec![]), delivery, card]) }).unwrap();
        assert_eq!((priced.discount, priced.total), (eur(9_00), eur(25_00)));
    }

    #[test]
    fn a_discount_on_some_lines_leaves_the_others_alone_and_the_next_begins_behind_it() {
        let half = Discount::Percent(Rate::parse_percent("50").unwrap());
        let discounts = vec![
            Spread { discount: half, over: Over::Lines(vec![1]) },
            Spread { discount: half, over: Over::Sold },
        ];
        let lines = vec![line(10_00, 1, vec![]), line(20_00, 1, vec![])];
        let priced = price(&Basket { discounts, ..basket(lines) }).unwrap();
        assert_eq!(priced.discounts, [eur(10_00), eur(10_00)]);
        assert_eq!(priced.total, eur(10_00));
    }

    #[test]
    fn rounding_per_line_and_per_rate_group_differ_as_the_standard_says() {
        let lines: Vec<Line> = (0..3).map(|_| line(1_02, 1, vec![vat("5")])).collect();
        let per_line = Basket { prices_include_tax: false, ..basket(lines) };
        let per_group = Basket { rounding: Rounding::RateGroup, ..per_line.clone() };
        assert_eq!(price(&per_line).unwrap().tax, eur(15));
        assert_eq!(price(&per_group).unwrap().tax, eur(15));
        let lines: Vec<Line> = (0..3).map(|_| line(1_10, 1, vec![vat("5")])).collect();
        let per_line = Basket { prices_include_tax: false, ..basket(lines) };
        let per_group = Basket { rounding: Rounding::RateGroup, ..per_line.clone() };
        assert_eq!((price(&per_line).unwrap().tax, price(&per_group).unwrap().tax), (eur(18), eur(17)));
    }

    #[test]
    fn the_four_zeros_stay_apart() {
        let zero = |treatment| LineTax { treatment, ..vat("0") };
        let lines = vec![
            line(1_00, 1, vec![zero(Treatment::Exempt)]),
            line(2_00, 1, vec![zero(Treatment::ReverseCharge)]),
        ];
        let bases: Vec<Money> = price(&basket(lines)).unwrap().taxes.iter().map(|total| total.base).collect();
        assert_eq!(bases, [eur(1_00), eur(2_00)]);
    }

    #[test]
    fn what_is_no_basket_is_refused() {
        assert_eq!(price(&basket(vec![])), Err(PricingError::Empty));
        assert_eq!(price(&basket(vec![line(1_00, 0, vec![])])), Err(PricingError::NoQuantity));
        assert_eq!(price(&basket(vec![line(-1, 1, vec![])])), Err(PricingError::Negative));
        let franc = Money::new(100, currency("GNF")).unwrap();
        let mixed = basket(vec![line(1_00, 1, vec![]), Line { unit_price: franc, ..line(1_00, 1, vec![]) }]);
        assert!(matches!(price(&mixed), Err(PricingError::Money(MoneyError::MixedCurrencies(..)))));
    }

    fn any_tax() -> impl Strategy<Value = LineTax> {
        (0u32..=10_000_000, any::<bool>(), 0usize..5).prop_map(|(parts, compound, treatment)| LineTax {
            code: format!("T{}", parts % 3),
            name: "Tax".to_owned(),
            rate: Rate::parts_per_million(parts).unwrap(),
            treatment: Treatment::ALL[treatment],
            compound,
        })
    }

    fn any_discount(currency: Currency) -> impl Strategy<Value = Option<Discount>> {
        prop_oneof![
            Just(None),
            (0u32..=1_000_000).prop_map(|parts| Rate::parts_per_million(parts).map(Discount::Percent)),
            (0i64..10_000_000).prop_map(move |minor| Money::new(minor, currency).ok().map(Discount::Amount)),
        ]
    }

    /// Small amounts meet rounding, huge ones the ends of the range.
    fn any_basket() -> impl Strategy<Value = Basket> {
        let codes = prop_oneof![Just("EUR"), Just("GNF"), Just("TND"), Just("KES")];
        (
            codes,
            any::<bool>(),
            any::<bool>(),
            prop::collection::vec(prop::collection::vec(any_tax(), 0..4), 1..4),
        )
            .prop_flat_map(|(code, included, grouped, rates)| {
                let currency = currency(code);
                let price = prop_oneof![20 => 0i64..20, 20 => 0i64..100_000, 1 => Just(100_000_000_000_000)];
                let quantity =
                    prop_oneof![20 => Just(1000i64), 20 => 1i64..10_000, 1 => Just(1_000_000_000_000)];
                let line = (0usize..6, price, quantity, 0..rates.len(), any_discount(currency)).prop_map(
                    move |(kind, price, quantity, rate, discount)| Line {
                        kind: Kind::ALL[kind],
                        unit_price: Money::new(price, currency).unwrap(),
                        quantity: Quantity::thousandths(quantity),
                        taxes: rates[rate].clone(),
                        discount,
                    },
                );
                let over = prop_oneof![
                    Just(Over::Sold),
                    prop::collection::vec(0usize..12, 0..4).prop_map(Over::Lines)
                ];
                let spread = (any_discount(currency), over)
                    .prop_filter_map("no discount", |(discount, over)| {
                        Some(Spread { discount: discount?, over })
                    });
                (prop::collection::vec(line, 1..12), prop::collection::vec(spread, 0..4)).prop_map(
                    move |(lines, discounts)| Basket {
                        currency,
                        prices_include_tax: included,
                        rounding: if grouped { Rounding::RateGroup } else { Rounding::Line },
                        lines,
                        discounts,
                    },
                )
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn sums_are_exact_for_any_basket(basket in any_basket()) {
            let Ok(priced) = price(&basket) else { return Ok(()) };
            let sum = |amounts: &mut dyn Iterator<Item = Money>| amounts.map(Money::minor).sum::<i64>();
            prop_assert_eq!(sum(&mut priced.lines.iter().map(|line| line.gross)), priced.total.minor());
            prop_assert_eq!(sum(&mut priced.lines.iter().map(|line| line.net)), priced.net.minor());
            prop_assert_eq!(sum(&mut priced.lines.iter().flat_map(|line| line.taxes.clone())), priced.tax.minor());
            prop_assert_eq!(sum(&mut priced.taxes.iter().map(|total| total.tax)), priced.tax.minor());
            prop_assert_eq!(priced.net.minor() + priced.tax.minor(), priced.total.minor());
            prop_assert!(sum(&mut priced.discounts.iter().copied()) <= priced.discount.minor());
            for line in &priced.lines {
                prop_assert_eq!(line.net.minor() + sum(&mut line.taxes.iter().copied()), line.gross.minor());
                prop_assert!(!line.net.is_negative() && !line.discount.is_negative());
                prop_assert!(line.taxes.iter().all(|tax| !tax.is_negative()));
            }
            let written = if basket.prices_include_tax { priced.total } else { priced.net };
            prop_assert_eq!(priced.list.minor() - priced.discount.minor(), written.minor());
        }

        #[test]
        fn both_roundings_agree_within_half_a_unit_for_each_line(basket in any_basket()) {
            let per = |rounding| price(&Basket { rounding, ..basket.clone() });
            let (Ok(line), Ok(group)) = (per(Rounding::Line), per(Rounding::RateGroup)) else { return Ok(()) };
            let taxes: i64 = basket.lines.iter().map(|line| line.taxes.len().max(1) as i64).sum();
            prop_assert!((line.tax.minor() - group.tax.minor()).abs() <= taxes);
        }
    }
}
