//! What a merchant says of the business.

use std::{fmt, str::FromStr};

use base::{Country, Currency, Email, Language, Line, Phone, Prose, Zone};
use serde::{Deserialize, Serialize};

/// Where fractions of a minor unit are rounded; the country's tax law decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    Line,
    RateGroup,
}

impl Rounding {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::RateGroup => "rate-group",
        }
    }
}

impl From<Rounding> for base::tax::Rounding {
    fn from(rounding: Rounding) -> Self {
        match rounding {
            Rounding::Line => Self::Line,
            Rounding::RateGroup => Self::RateGroup,
        }
    }
}

impl fmt::Display for Rounding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("rounding is by line or by rate-group")]
pub struct UnknownRounding;

impl FromStr for Rounding {
    type Err = UnknownRounding;

    fn from_str(raw: &str) -> Result<Self, UnknownRounding> {
        [Self::Line, Self::RateGroup]
            .into_iter()
            .find(|known| known.name() == raw.trim())
            .ok_or(UnknownRounding)
    }
}

/// The tenant's own settings. Currency and test mode are decided at sign-up.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Business {
    #[schema(value_type = String)]
    pub currency: Currency,
    /// Nothing sold here is real.
    pub test: bool,
    #[serde(flatten)]
    pub edit: BusinessEdit,
}

/// The part of the settings that a merchant may change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BusinessEdit {
    #[schema(value_type = String)]
    pub name: Line<120>,
    /// As it stands in the register of companies; the name, if there is no other.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub legal_name: Option<Line<200>>,
    #[serde(default)]
    #[schema(value_type = String)]
    pub address: Prose<500>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub phone: Option<Phone>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub email: Option<Email>,
    #[schema(value_type = String)]
    pub country: Country,
    #[schema(value_type = String)]
    pub language: Language,
    #[serde(with = "zone_text")]
    #[schema(value_type = String)]
    pub zone: Zone,
    pub prices_include_tax: bool,
    pub rounding: Rounding,
}

impl Business {
    /// What a new business starts with: its country's usual clock, and prices as customers see them.
    pub fn new(
        name: Line<120>,
        currency: Currency,
        country: Country,
        language: Language,
        zone: Zone,
        test: bool,
    ) -> Self {
        let edit = BusinessEdit {
            name,
            legal_name: None,
            address: Prose::default(),
            phone: None,
            email: None,
            country,
            language,
            zone,
            prices_include_tax: true,
            rounding: Rounding::Line,
        };
        Self { currency, test, edit }
    }
}

mod zone_text {
    use base::Zone;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(zone: &Zone, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(zone.name())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zone, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
