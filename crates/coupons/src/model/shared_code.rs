//! A code that many people type.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{CouponCode, campaign::Flaw};

/// A code that many people know, from a poster or a letter: `WELCOME10`, in capitals. It is never one of our coupons' codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedCode(String);

const SHORTEST: usize = 3;
const LONGEST: usize = 20;

impl SharedCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is compared: dashes are read aloud by nobody.
    pub fn key(&self) -> String {
        self.0.replace('-', "")
    }
}

impl FromStr for SharedCode {
    type Err = Flaw;

    /// Case and blanks never matter.
    fn from_str(raw: &str) -> Result<Self, Flaw> {
        let letters = raw.chars().filter(|letter| !letter.is_whitespace());
        let code = Self(letters.map(|letter| letter.to_ascii_uppercase()).collect());
        let usable = code.0.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !usable || code.0.len() > LONGEST || code.key().len() < SHORTEST {
            return Err(Flaw::SharedCode);
        }
        match code.0.parse::<CouponCode>() {
            Ok(coupon) if coupon.holds_together() => Err(Flaw::LikeACoupon),
            _ => Ok(code),
        }
    }
}

impl fmt::Display for SharedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for SharedCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for SharedCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_code_is_kept_in_capitals_and_compared_without_its_dashes() {
        let code: SharedCode = " welcome-10 ".parse().unwrap();
        assert_eq!((code.as_str(), code.key().as_str()), ("WELCOME-10", "WELCOME10"));
        assert_eq!("Wel come 10".parse::<SharedCode>().unwrap().key(), code.key());
    }

    #[test]
    fn what_nobody_could_type_is_no_shared_code() {
        for raw in ["", "AB", "A--", "----", "NOËL", "10%", "A_B_C", &"A".repeat(21)] {
            assert_eq!(raw.parse::<SharedCode>(), Err(Flaw::SharedCode), "{raw}");
        }
    }

    #[test]
    fn what_reads_like_a_coupon_of_ours_is_refused_however_it_is_dashed() {
        let ours = CouponCode::of(&[7; 32]).unwrap();
        assert_eq!(ours.as_str().parse::<SharedCode>(), Err(Flaw::LikeACoupon));
        let (begin, end) = ours.as_str().split_at(5);
        assert_eq!(format!("{begin}-{end}").parse::<SharedCode>(), Err(Flaw::LikeACoupon));
    }
}
