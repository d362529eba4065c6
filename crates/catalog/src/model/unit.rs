//! Units that things are sold in, and how finely each can be counted.

use std::{fmt, str::FromStr};

use base::Quantity;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What one of a variant is. A price is per unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Unit {
    #[default]
    Piece,
    Pair,
    Pack,
    Kilogram,
    Gram,
    Litre,
    Millilitre,
    Metre,
    SquareMetre,
    Hour,
}

impl Unit {
    pub const ALL: [Self; 10] = [
        Self::Piece,
        Self::Pair,
        Self::Pack,
        Self::Kilogram,
        Self::Gram,
        Self::Litre,
        Self::Millilitre,
        Self::Metre,
        Self::SquareMetre,
        Self::Hour,
    ];

    /// The name in rows, JSON and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Piece => "piece",
            Self::Pair => "pair",
            Self::Pack => "pack",
            Self::Kilogram => "kg",
            Self::Gram => "g",
            Self::Litre => "l",
            Self::Millilitre => "ml",
            Self::Metre => "m",
            Self::SquareMetre => "m2",
            Self::Hour => "hour",
        }
    }

    /// What people write behind a quantity (SI brochure, 9th edition); nothing behind what is counted.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Piece | Self::Pair | Self::Pack => "",
            Self::SquareMetre => "m²",
            Self::Hour => "h",
            Self::Kilogram | Self::Gram | Self::Litre | Self::Millilitre | Self::Metre => self.name(),
        }
    }

    /// Decimals of a quantity: 0 for what is counted, 3 for kilograms.
    pub const fn decimals(self) -> u32 {
        match self {
            Self::Piece | Self::Pair | Self::Pack | Self::Gram | Self::Millilitre => 0,
            Self::Metre | Self::SquareMetre | Self::Hour => 2,
            Self::Kilogram | Self::Litre => 3,
        }
    }

    /// Whether so much of it can be sold: half a piece cannot.
    pub const fn accepts(self, quantity: Quantity) -> bool {
        let step = match self.decimals() {
            0 => 1000,
            2 => 10,
            _ => 1,
        };
        quantity.in_thousandths() % step == 0
    }

    /// As people write it in files, in English, French and Italian.
    pub fn recognise(raw: &str) -> Option<Self> {
        let word = base::fold(raw.trim().trim_end_matches('.'));
        Some(match word.as_str() {
            "" | "piece" | "pieces" | "pcs" | "pc" | "pz" | "pezzo" | "pezzi" | "unit" | "unite"
            | "unites" | "unita" | "each" => Self::Piece,
            "pair" | "pairs" | "paire" | "paires" | "paio" | "paia" => Self::Pair,
            "pack" | "packs" | "paquet" | "paquets" | "pacco" | "confezione" | "lot" => Self::Pack,
            "kg" | "kilo" | "kilos" | "kilogram" | "kilogramme" | "kilogrammes" | "chilo" | "chili" => {
                Self::Kilogram
            }
            "g" | "gr" | "gram" | "grams" | "gramme" | "grammes" | "grammo" | "grammi" => Self::Gram,
            "l" | "lt" | "litre" | "litres" | "liter" | "liters" | "litro" | "litri" => Self::Litre,
            "ml" | "millilitre" | "millilitres" | "milliliter" | "millilitro" => Self::Millilitre,
            "m" | "metre" | "metres" | "meter" | "meters" | "metro" | "metri" => Self::Metre,
            "m2" | "sqm" | "mq" => Self::SquareMetre,
            "hour" | "hours" | "h" | "heure" | "heures" | "ora" | "ore" => Self::Hour,
            _ => return None,
        })
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Unit {
    type Err = UnknownUnit;

    fn from_str(raw: &str) -> Result<Self, UnknownUnit> {
        Self::ALL.into_iter().find(|unit| unit.name() == raw).ok_or(UnknownUnit)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("known units: piece, pair, pack, kg, g, l, ml, m, m2, hour")]
pub struct UnknownUnit;

impl utoipa::PartialSchema for Unit {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let names = Self::ALL.map(Self::name);
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .enum_values(Some(names))
            .into()
    }
}

impl utoipa::ToSchema for Unit {}

impl Serialize for Unit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Unit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bread_is_sold_by_the_gram_of_a_kilo_and_shirts_are_not() {
        let quantity = |raw: &str| raw.parse::<Quantity>().unwrap();
        assert!(Unit::Kilogram.accepts(quantity("0.375")));
        assert!(!Unit::Piece.accepts(quantity("0.5")));
        assert!(Unit::Hour.accepts(quantity("1.25")) && !Unit::Hour.accepts(quantity("1.255")));
    }

    #[test]
    fn each_unit_is_recognised_by_its_own_name() {
        for unit in Unit::ALL {
            assert_eq!(Unit::recognise(unit.name()), Some(unit));
            assert_eq!(unit.name().parse(), Ok(unit));
        }
        assert_eq!(Unit::recognise("Kilogrammes"), Some(Unit::Kilogram));
        assert_eq!(Unit::recognise("barrel"), None);
    }
}
