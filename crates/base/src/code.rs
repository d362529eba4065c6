//! The code of a coupon or a gift card: short enough to be read aloud, and hard to mistype or to guess.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::TextError;

/// A code that stands for something of worth, in capitals. Ours have twelve characters, of which the last checks the others;
/// those that came from another system keep theirs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Code(String);

/// Letters and digits that nobody takes for one another, in print or by ear: no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
const ALPHABET: &[u8; 24] = b"34679ACDEFGHJKMNPQRTVWXY";
const LENGTH: usize = 12;
const SHORTEST: usize = 4;
const LONGEST: usize = 32;

impl Code {
    /// The code that `chance` decides; every code is as likely as any other. Nothing, if the chance runs out: draw anew.
    pub fn of(chance: &[u8; 32]) -> Option<Self> {
        let base = ALPHABET.len();
        // bytes beyond the last whole multiple would make some letters likelier than others
        let fair = 256 / base * base;
        let letters = chance.iter().filter(|byte| usize::from(**byte) < fair);
        let drawn: Vec<usize> = letters.map(|byte| usize::from(*byte) % base).take(LENGTH - 1).collect();
        if drawn.len() < LENGTH - 1 {
            return None;
        }
        let places = drawn.iter().copied().chain([check(&drawn)]);
        Some(Self(places.map(|place| char::from(ALPHABET[place])).collect()))
    }

    /// Whether it is of ours and holds together: a code that does not was mistyped, or comes from elsewhere.
    pub fn holds_together(&self) -> bool {
        let places: Option<Vec<usize>> = self.0.bytes().map(place).collect();
        places.is_some_and(|places| {
            places.len() == LENGTH && places.split_last().is_some_and(|(last, rest)| check(rest) == *last)
        })
    }

    /// Whether it is shorter than ours, so that somebody who tries many may find it.
    pub fn is_short(&self) -> bool {
        self.0.len() < LENGTH
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its last four characters: enough to tell codes apart, too little to use one.
    pub fn ending(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default()
    }

    /// In groups of four, as people read it: `ACDE FGHJ KMNP`.
    pub fn grouped(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }
}

fn place(letter: u8) -> Option<usize> {
    ALPHABET.iter().position(|known| *known == letter)
}

/// The check character of the Luhn mod N algorithm (ISO/IEC 7812-1, for an alphabet of N): it shows every single mistake and
/// almost every pair that was exchanged.
fn check(places: &[usize]) -> usize {
    let base = ALPHABET.len();
    let sum: usize = places
        .iter()
        .rev()
        .enumerate()
        .map(|(turn, place)| {
            let weighed = if turn % 2 == 0 { place * 2 } else { *place };
            weighed / base + weighed % base
        })
        .sum();
    (base - sum % base) % base
}

impl FromStr for Code {
    type Err = TextError;

    /// Codes are read aloud at a counter, so case, spaces and dashes never matter.
    fn from_str(raw: &str) -> Result<Self, TextError> {
        let code: String = raw
            .chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '-')
            .map(|letter| letter.to_ascii_uppercase())
            .collect();
        if code.is_empty() {
            return Err(TextError::Empty);
        }
        if code.len() > LONGEST {
            return Err(TextError::TooLong { max: LONGEST });
        }
        let usable = code.len() >= SHORTEST && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if usable { Ok(Self(code)) } else { Err(TextError::Empty) }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let code: Code = "acde-fghj kmnp".parse().unwrap();
        assert_eq!((code.as_str(), code.grouped().as_str()), ("ACDEFGHJKMNP", "ACDE FGHJ KMNP"));
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for raw in ["", "  ", "abc", "a/b/c/d", "ABCD\u{e9}FGH", "../../etc", &"A".repeat(33)] {
            assert!(raw.parse::<Code>().is_err(), "{raw}");
        }
    }

    #[test]
    fn every_letter_is_as_likely_as_any_other() {
        let mut counts = [0u32; 24];
        for byte in 0u8..=255 {
            let mut chance = [byte; 32];
            chance[31] = 0;
            if let Some(code) = Code::of(&chance) {
                counts[place(code.0.as_bytes()[0]).unwrap()] += 1;
            }
        }
        assert_eq!(counts, [10; 24]);
    }

    proptest! {
        #[test]
        fn a_single_mistake_never_makes_another_valid_code(chance: [u8; 32], at in 0usize..12, other in 0usize..24) {
            let Some(code) = Code::of(&chance) else { return Ok(()) };
            prop_assert!(code.holds_together() && code.as_str().len() == 12);
            let mut letters = code.as_str().as_bytes().to_vec();
            prop_assume!(letters[at] != ALPHABET[other]);
            letters[at] = ALPHABET[other];
            let wrong: Code = String::from_utf8(letters).unwrap().parse().unwrap();
            prop_assert!(!wrong.holds_together());
        }
    }
}
