//! The merchant's own questions, and what they are answered with.

use std::{fmt, str::FromStr};

use base::{Day, Line, TextError};
use serde::{Deserialize, Serialize};

use super::{WebAddress, filled::Flaw};

/// Answers to choose from.
pub const MAX_OPTIONS: usize = 20;

/// Names a question in addresses, rows and exports: letters, digits, `_` and `-`, at most 64.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldKey(String);

impl FieldKey {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FieldKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for FieldKey {
    type Err = TextError;

    fn from_str(raw: &str) -> Result<Self, TextError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if raw.is_empty() || raw.len() > 64 || !raw.bytes().all(allowed) {
            return Err(TextError::Slug { max: 64 });
        }
        Ok(Self(raw.to_owned()))
    }
}

super::written_as_text!(FieldKey);

/// What a question is answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
#[schema(as = FormFieldKind)]
pub enum FieldKind {
    Text,
    Number,
    Date,
    Choice {
        #[schema(value_type = Vec<String>)]
        options: Vec<Line<80>>,
    },
    /// A box to tick; `link` leads to what it is about.
    Checkbox {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        link: Option<WebAddress>,
    },
}

impl FieldKind {
    pub const NAMES: [&'static str; 5] = ["text", "number", "date", "choice", "checkbox"];

    pub const fn name(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Date => "date",
            Self::Choice { .. } => "choice",
            Self::Checkbox { .. } => "checkbox",
        }
    }

    /// What `raw` says, as it is kept.
    pub(super) fn read(&self, raw: &str) -> Result<String, Flaw> {
        match self {
            Self::Text => raw.parse::<Line<500>>().map(|line| line.to_string()).map_err(|_| Flaw::Long),
            Self::Number => number(raw).ok_or(Flaw::Number),
            Self::Date => raw.parse::<Day>().map(|day| day.to_string()).map_err(|_| Flaw::Date),
            Self::Choice { options } => {
                let chosen = options.iter().find(|option| option.as_str() == raw);
                chosen.map(ToString::to_string).ok_or(Flaw::Choice)
            }
            Self::Checkbox { .. } => Ok(TICKED.to_owned()),
        }
    }
}

/// How a ticked box is kept; one that is not ticked is no answer.
pub const TICKED: &str = "true";

/// A number as people type it, with a comma or a point, kept with a point.
fn number(raw: &str) -> Option<String> {
    let written = raw.replace(',', ".").replace([' ', '\u{a0}', '\u{202f}'], "");
    let digits = written.strip_prefix('-').unwrap_or(&written);
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number =
        |part: &str| (1..=15).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(whole) && is_number(rest)).then_some(written)
}

/// A question of the merchant's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = FormField)]
pub struct Field {
    #[schema(value_type = String)]
    pub key: FieldKey,
    #[schema(value_type = String)]
    pub label: Line<200>,
    pub answer: FieldKind,
    #[serde(default)]
    pub required: bool,
}
