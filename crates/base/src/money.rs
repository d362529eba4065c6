use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Quantity;

/// A currency of ISO 4217 that has minor units (or none, as the franc of Guinea); its exponent says how many decimals.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

/// An amount in minor units (cents, or whole francs) of its currency; never a float, never a sum across currencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("unknown currency: use a code of ISO 4217, such as EUR or GNF")]
    UnknownCurrency,
    #[error("{0} and {1} cannot be added up")]
    MixedCurrencies(Currency, Currency),
    #[error("this amount is too large")]
    TooLarge,
    #[error("write the amount as a number, such as 12.50")]
    Malformed,
    #[error("{currency} has {decimals} decimals")]
    TooManyDecimals { currency: Currency, decimals: u32 },
}

impl Currency {
    /// Decimals of the minor unit: XOF 0, KES 2, TND 3.
    pub fn exponent(self) -> u32 {
        self.0.exponent().unwrap_or(0).into()
    }

    pub fn code(self) -> &'static str {
        self.0.code()
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(raw: &str) -> Result<Self, MoneyError> {
        let code = raw.trim().to_ascii_uppercase();
        iso_currency::Currency::from_code(&code)
            .filter(|known| known.exponent().is_some())
            .map(Self)
            .ok_or(MoneyError::UnknownCurrency)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Money {
    /// A hundred thousand billion minor units: above any merchant's year, and a product with a quantity still fits.
    const LIMIT: i64 = 100_000_000_000_000;

    /// `minor` units of `currency`; what no shop can owe is refused.
    pub fn new(minor: i64, currency: Currency) -> Result<Self, MoneyError> {
        if minor.unsigned_abs() > Self::LIMIT.unsigned_abs() {
            return Err(MoneyError::TooLarge);
        }
        Ok(Self { minor, currency })
    }

    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    pub const fn minor(self) -> i64 {
        self.minor
    }

    pub const fn currency(self) -> Currency {
        self.currency
    }

    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Self::new(self.minor.checked_add(other.minor).ok_or(MoneyError::TooLarge)?, self.currency)
    }

    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.plus(other.negated())
    }

    pub const fn negated(self) -> Self {
        Self { minor: -self.minor, currency: self.currency }
    }

    /// What `quantity` costs at this price per unit, half up.
    pub fn times(self, quantity: Quantity) -> Result<Self, MoneyError> {
        let exact = i128::from(self.minor) * i128::from(quantity.in_thousandths());
        let minor = rounded_division(exact, 1000).try_into().map_err(|_| MoneyError::TooLarge)?;
        Self::new(minor, self.currency)
    }

    pub fn lesser_of(self, other: Self) -> Result<Self, MoneyError> {
        Ok(if self.is_below(other)? { self } else { other })
    }

    pub fn is_below(self, other: Self) -> Result<bool, MoneyError> {
        self.same_currency(other)?;
        Ok(self.minor < other.minor)
    }

    /// The sum of amounts that are all in `currency`.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::plus)
    }

    /// Reads `12.50`, `12,50` and `1250` as typed in a form; spaces between digits are overlooked.
    pub fn parse_decimal(raw: &str, currency: Currency) -> Result<Self, MoneyError> {
        let compact: String =
            raw.chars().filter(|letter| !letter.is_whitespace() && *letter != '\'').collect();
        let (negative, digits) =
            compact.strip_prefix('-').map_or((false, compact.as_str()), |rest| (true, rest));
        let (whole, decimals) = digits.rsplit_once(['.', ',']).unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && decimals.is_empty()) || !all_digits(whole) || !all_digits(decimals) {
            return Err(MoneyError::Malformed);
        }
        let places = currency.exponent();
        let decimals = decimals.trim_end_matches('0');
        if decimals.len() > places as usize {
            return Err(MoneyError::TooManyDecimals { currency, decimals: places });
        }
        let padded = format!("{whole}{decimals:0<width$}", width = places as usize);
        let minor: i64 = padded.parse().map_err(|_| MoneyError::TooLarge)?;
        Self::new(if negative { -minor } else { minor }, currency)
    }

    /// The amount in major units without the currency: `12.50`.
    pub fn decimal(self) -> String {
        let places = self.currency.exponent() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = places + 1);
        let (whole, decimals) = digits.split_at(digits.len() - places);
        if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{decimals}") }
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::MixedCurrencies(self.currency, other.currency))
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

/// `{"amount": minor units, "currency": "EUR"}`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    amount: i64,
    currency: Currency,
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written { amount: self.minor, currency: self.currency }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        Self::new(written.amount, written.currency).map_err(serde::de::Error::custom)
    }
}

/// `numerator / denominator`, a half away from zero ("kaufmännisch", EN 16931); `denominator` is positive.
pub fn rounded_division(numerator: i128, denominator: i128) -> i128 {
    let (quotient, rest) = (numerator / denominator, numerator % denominator);
    if rest.abs() * 2 >= denominator { quotient + numerator.signum() } else { quotient }
}

/// Splits `total` in proportion to `weights` so that the parts add up exactly: each gets its floor, the largest
/// remainders one more. With no weight at all, the first part takes everything.
pub fn largest_remainder(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum <= 0 {
        return weights.iter().enumerate().map(|(place, _)| if place == 0 { total } else { 0 }).collect();
    }
    let exact = |weight: i64| i128::from(total.unsigned_abs()) * i128::from(weight);
    let mut parts: Vec<i64> = weights.iter().map(|weight| (exact(*weight) / sum) as i64).collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|place| std::cmp::Reverse(exact(weights[*place]) % sum));
    let missing = total.unsigned_abs() as i64 - parts.iter().sum::<i64>();
    for place in by_remainder.into_iter().take(missing as usize) {
        parts[place] += 1;
    }
    parts.into_iter().map(|part| part * total.signum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn exponents_are_those_of_iso_4217() {
        for (code, exponent) in [("XOF", 0), ("GNF", 0), ("KES", 2), ("EUR", 2), ("TND", 3)] {
            assert_eq!(currency(code).exponent(), exponent, "{code}");
        }
    }

    #[test]
    fn typed_amounts_become_minor_units() {
        for (raw, code, minor) in [
            ("12.50", "EUR", 1250),
            ("12,5", "EUR", 1250),
            ("12 500", "GNF", 12_500),
            ("1.234", "TND", 1234),
            ("-3", "EUR", -300),
        ] {
            let money = Money::parse_decimal(raw, currency(code)).unwrap();
            assert_eq!(money.minor(), minor, "{raw}");
            assert_eq!(Money::parse_decimal(&money.decimal(), currency(code)), Ok(money));
        }
    }

    #[test]
    fn an_amount_finer_than_its_currency_is_refused() {
        assert!(matches!(
            Money::parse_decimal("12.5", currency("GNF")),
            Err(MoneyError::TooManyDecimals { .. })
        ));
        assert_eq!(Money::parse_decimal("12.500", currency("EUR")).unwrap().minor(), 1250);
    }

    #[test]
    fn currencies_never_mix() {
        let (euro, franc) = (Money::zero(currency("EUR")), Money::zero(currency("GNF")));
        assert!(matches!(euro.plus(franc), Err(MoneyError::MixedCurrencies(..))));
    }

    #[test]
    fn a_split_adds_up_and_gives_the_rest_to_the_largest_remainders() {
        assert_eq!(largest_remainder(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(largest_remainder(-10, &[3, 7, 5]), [-2, -5, -3]);
        assert_eq!(largest_remainder(7, &[0, 0]), [7, 0]);
    }

    #[test]
    fn a_half_is_rounded_away_from_zero() {
        assert_eq!([rounded_division(5, 2), rounded_division(-5, 2), rounded_division(7, 3)], [3, -3, 2]);
    }
}
