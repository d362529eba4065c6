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

impl<K: IdKind> Id<K> {
    /// The id that holds `uuid`; time and chance are the caller's.
    pub const fn of(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<K: IdKind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0.as_u128();
        let mut text = [0u8; ENCODED];
        for (place, letter) in text.iter_mut().enumerate() {
            let shift = 5 * (ENCODED - 1 - place);
            *letter = ALPHABET[(bits >> shift) as usize & 31];
        }
        f.write_str(K::PREFIX)?;
        f.write_str("_")?;
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
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
            let Some(value) = ALPHABET.iter().position(|known| *known == letter) else {
                return Err(refused);
            };
            bits = bits << 5 | value as u128;
        }
        Ok(Self::of(Uuid::from_u128(bits)))
    }
}

impl<K: IdKind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
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
