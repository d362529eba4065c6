//! Tax on one amount: several taxes at once, one upon another, included in the price or added to it.

use serde::{Deserialize, Serialize};

use crate::{largest_remainder, rounded_division};

/// A rate in parts per million: 5.5 % is 55 000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Rate(u32);

impl Rate {
    /// A thousand percent: no tax is higher.
    const LIMIT: u32 = 10_000_000;

    pub const fn parts_per_million(parts: u32) -> Option<Self> {
        if parts <= Self::LIMIT { Some(Self(parts)) } else { None }
    }

    pub const fn in_parts_per_million(self) -> u32 {
        self.0
    }

    /// `5.5`, without the sign.
    pub fn percent(self) -> String {
        let text = format!("{}.{:04}", self.0 / 10_000, self.0 % 10_000);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// Reads `5.5`, `5,5` and `5.5 %`.
    pub fn parse_percent(raw: &str) -> Option<Self> {
        let raw = raw.trim().trim_end_matches('%').trim_end().replace(',', ".");
        let (whole, decimals) = raw.split_once('.').unwrap_or((&raw, ""));
        if whole.is_empty() || whole.len() > 4 || decimals.len() > 4 {
            return None;
        }
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(decimals) {
            return None;
        }
        format!("{whole}{decimals:0<4}").parse().ok().and_then(Self::parts_per_million)
    }
}

/// Why a tax is what it is. The four zeros differ on the invoice and in the tax return (EN 16931, UNCL 5305).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Treatment {
    Standard,
    Zero,
    Exempt,
    Outside,
    ReverseCharge,
}

impl Treatment {
    pub const ALL: [Self; 5] = [Self::Standard, Self::Zero, Self::Exempt, Self::Outside, Self::ReverseCharge];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Zero => "zero",
            Self::Exempt => "exempt",
            Self::Outside => "outside",
            Self::ReverseCharge => "reverse-charge",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == raw)
    }
}

/// Where rounding happens: on each line, or once for all lines of one rate (EN 16931, BR-CO-17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    Line,
    RateGroup,
}

/// One tax of a line. A compound tax is also levied on the taxes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Levy {
    pub rate: Rate,
    pub compound: bool,
}

/// An amount taken apart, all in minor units: `net` plus all of `taxes` is the gross, exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxed {
    pub net: i64,
    /// One for each levy, in its order.
    pub taxes: Vec<i64>,
}

impl Taxed {
    pub fn gross(&self) -> i64 {
        self.net + self.taxes.iter().sum::<i64>()
    }
}

/// Takes `amount` (minor units) apart under `levies`; `included` says whether it holds the taxes already.
pub fn apply(amount: i64, levies: &[Levy], included: bool) -> Taxed {
    const ONE: i128 = 1_000_000_000_000;
    let mut effective: Vec<i128> = Vec::with_capacity(levies.len());
    for levy in levies {
        let base = if levy.compound { ONE + effective.iter().sum::<i128>() } else { ONE };
        effective.push(rounded_division(base * i128::from(levy.rate.0), 1_000_000));
    }
    if included {
        let all: i128 = effective.iter().sum();
        let net = rounded_division(i128::from(amount) * ONE, ONE + all) as i64;
        let weights: Vec<i64> = effective.iter().map(|rate| *rate as i64).collect();
        Taxed {
            net,
            taxes: if levies.is_empty() { Vec::new() } else { largest_remainder(amount - net, &weights) },
        }
    } else {
        let taxes =
            effective.iter().map(|rate| rounded_division(i128::from(amount) * rate, ONE) as i64).collect();
        Taxed { net: amount, taxes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levy(percent: &str) -> Levy {
        Levy { rate: Rate::parse_percent(percent).unwrap(), compound: false }
    }

    #[test]
    fn a_tax_inside_the_price_is_taken_out_of_it() {
        assert_eq!(apply(12_00, &[levy("20")], true), Taxed { net: 10_00, taxes: vec![2_00] });
        assert_eq!(apply(10_00, &[levy("10")], true), Taxed { net: 9_09, taxes: vec![91] });
    }

    #[test]
    fn a_tax_upon_the_price_is_added_half_up() {
        assert_eq!(apply(10_10, &[levy("5.5")], false), Taxed { net: 10_10, taxes: vec![56] });
    }

    #[test]
    fn a_compound_tax_is_levied_on_the_tax_before_it() {
        let quebec = [levy("5"), Levy { compound: true, ..levy("9.5") }];
        assert_eq!(apply(100_00, &quebec, false), Taxed { net: 100_00, taxes: vec![5_00, 9_98] });
        assert_eq!(apply(114_98, &quebec, true).gross(), 114_98);
    }

    #[test]
    fn percents_read_back_as_written() {
        for raw in ["0", "5.5", "20", "9.975", "8.3750"] {
            let rate = Rate::parse_percent(raw).unwrap();
            assert_eq!(Rate::parse_percent(&rate.percent()), Some(rate));
        }
        for raw in ["", "x", "-1", "10001", "1.23456"] {
            assert_eq!(Rate::parse_percent(raw), None, "{raw}");
        }
    }
}
