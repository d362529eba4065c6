use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How much of a variant, in thousandths of its unit: 1.5 kg is 1500. Written as a decimal in JSON and on pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quantity(i64);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    #[error("write a quantity as a number with at most three decimals, such as 2 or 0.25")]
    Malformed,
    #[error("this quantity is too large")]
    TooLarge,
}

impl Quantity {
    pub const ZERO: Self = Self(0);
    pub const ONE: Self = Self(1000);
    /// A billion units: far above any stock, far below what multiplication could overflow.
    const LIMIT: i64 = 1_000_000_000_000;

    pub const fn thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    pub const fn units(units: i64) -> Self {
        Self(units * 1000)
    }

    pub const fn in_thousandths(self) -> i64 {
        self.0
    }

    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Whether it counts whole pieces.
    pub const fn is_whole(self) -> bool {
        self.0 % 1000 == 0
    }

    pub fn plus(self, other: Self) -> Result<Self, QuantityError> {
        self.0
            .checked_add(other.0)
            .filter(|sum| sum.abs() <= Self::LIMIT)
            .map(Self)
            .ok_or(QuantityError::TooLarge)
    }

    pub fn minus(self, other: Self) -> Result<Self, QuantityError> {
        self.plus(Self(-other.0))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / 1000, self.0.unsigned_abs() % 1000);
        if rest == 0 {
            write!(f, "{sign}{whole}")
        } else {
            let decimals = format!("{rest:03}");
            write!(f, "{sign}{whole}.{}", decimals.trim_end_matches('0'))
        }
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    /// Reads `2`, `0.25` and, as typed in much of the world, `0,25`.
    fn from_str(raw: &str) -> Result<Self, QuantityError> {
        let raw = raw.trim();
        let (negative, digits) = raw.strip_prefix('-').map_or((false, raw), |rest| (true, rest));
        let (whole, decimals) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && decimals.is_empty()) || !all_digits(whole) || !all_digits(decimals) {
            return Err(QuantityError::Malformed);
        }
        let decimals = decimals.trim_end_matches('0');
        if decimals.len() > 3 {
            return Err(QuantityError::Malformed);
        }
        if whole.len() > 12 {
            return Err(QuantityError::TooLarge);
        }
        let whole: i64 =
            if whole.is_empty() { 0 } else { whole.parse().map_err(|_| QuantityError::TooLarge)? };
        let rest: i64 = format!("{decimals:0<3}").parse().map_err(|_| QuantityError::Malformed)?;
        let thousandths = whole * 1000 + rest;
        if thousandths > Self::LIMIT {
            return Err(QuantityError::TooLarge);
        }
        Ok(Self(if negative { -thousandths } else { thousandths }))
    }
}

impl Serialize for Quantity {
    /// Whole quantities are JSON integers, others decimals in text: no reader may round them.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_whole() { serializer.serialize_i64(self.0 / 1000) } else { serializer.collect_str(self) }
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(serde_json::Number),
            Text(String),
        }
        let raw = match Written::deserialize(deserializer)? {
            Written::Number(number) => number.to_string(),
            Written::Text(text) => text,
        };
        raw.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_reads_back_as_it_was_written() {
        for (written, thousandths) in
            [("2", 2000), ("0.25", 250), ("0,25", 250), ("-1.5", -1500), (".5", 500), ("1.500", 1500)]
        {
            let quantity: Quantity = written.parse().unwrap();
            assert_eq!(quantity, Quantity::thousandths(thousandths));
            assert_eq!(quantity.to_string().parse(), Ok(quantity));
        }
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        for raw in ["", ".", "1.2345", "1e3", "one", "--1", "99999999999999999999"] {
            assert!(raw.parse::<Quantity>().is_err(), "{raw}");
        }
    }
}
