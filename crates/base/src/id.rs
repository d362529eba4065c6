//! Ids as TypeIDs (github.com/jetify-com/typeid/spec 0.3): a prefix that says what it names, and a UUIDv7 in 26
//! characters of Crockford's base32. What stands in the URL stands in the row.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// What an id names.
pub trait IdKind: Copy + Ord + std::hash::Hash + fmt::Debug + Send + Sync + 'static {
    /// The word before the underscore, in lower-case letters.
    const PREFIX: &'static str;
}

/// The id of one kind of thing. Ids made later sort later, to the millisecond.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not the id of a {0}")]
pub struct IdError(&'static str);

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const ENCODED: usize = 26;
/// Characters of the longest id: a prefix of at most 21 and an underscore before the letters.
const LONGEST: usize = 48;

/// The value of each letter of the alphabet; of any other byte, `NO_LETTER`.
const VALUES: [u8; 256] = {
    let mut values = [NO_LETTER; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        values[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    values
};
const NO_LETTER: u8 = 0xFF;

impl<K: IdKind> Id<K> {
    /// The id that holds `uuid`; time and chance are the caller's.
    pub const fn of(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    pub const fn uuid(self) -> Uuid {
        self.0
    }

    /// The id as text, without a trip to the heap.
    fn as_text<T>(self, read: impl FnOnce(&str) -> T) -> T {
        let start = K::PREFIX.len() + 1;
        const { assert!(K::PREFIX.len() + 1 + ENCODED <= LONGEST, "a prefix is a short word") };
        let mut text = [b'_'; LONGEST];
        text[..start - 1].copy_from_slice(K::PREFIX.as_bytes());
        let bits = self.0.as_u128();
        for (place, letter) in text[start..start + ENCODED].iter_mut().enumerate() {
            let shift = 5 * (ENCODED - 1 - place);
            *letter = ALPHABET[(bits >> shift) as usize & 31];
        }
        // the prefix is text, and so is the alphabet
        read(str::from_utf8(&text[..start + ENCODED]).unwrap_or(K::PREFIX))
    }
}

impl<K: IdKind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_text(|text| f.write_str(text))
    }
}

impl<K: IdKind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: IdKind> FromStr for Id<K> {
    type Err = IdError;

    fn from_str(raw: &str) -> Result<Self, IdError> {
        let refused = IdError(K::PREFIX);
        let Some(encoded) = raw.strip_prefix(K::PREFIX).and_then(|rest| rest.strip_prefix('_')) else {
            return Err(refused);
        };
        // 26 letters carry 130 bits; the first may only hold the top three of 128
        if encoded.len() != ENCODED || encoded.as_bytes()[0] > b'7' {
            return Err(refused);
        }
        let mut bits = 0u128;
        for letter in encoded.bytes() {
            let value = VALUES[letter as usize];
            if value == NO_LETTER {
                return Err(refused);
            }
            bits = bits << 5 | u128::from(value);
        }
        Ok(Self::of(Uuid::from_u128(bits)))
    }
}

impl<K: IdKind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_text(|text| serializer.serialize_str(text))
    }
}

impl<'de, K: IdKind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    crate::id!(PrefixId: PrefixKind, "prefix");

    #[test]
    fn ids_are_written_as_the_specification_of_type_ids_shows() {
        let id = PrefixId::of("0188bac7-4afa-78aa-bc3b-bd1eef28d881".parse().unwrap());
        assert_eq!(id.to_string(), "prefix_01h2xcejqtf2nbrexx3vqjhp41");
        assert_eq!("prefix_01h2xcejqtf2nbrexx3vqjhp41".parse(), Ok(id));
    }

    #[test]
    fn the_id_of_another_thing_or_a_broken_one_is_refused() {
        for raw in [
            "order_01h2xcejqtf2nbrexx3vqjhp41",
            "prefix_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "prefix_",
            "",
            "prefix_01h2xcejqtf2nbrexx3vqjhpu1",
        ] {
            assert!(raw.parse::<PrefixId>().is_err(), "{raw}");
        }
    }
}
