//! What a campaign's public form asks, in which words, and what of the answers can be meant.

mod address;
mod field;
mod filled;

use base::{Line, Prose};
use serde::{Deserialize, Serialize};

pub use address::WebAddress;
pub use field::{Field, FieldKey, FieldKind, MAX_OPTIONS, TICKED};
pub use filled::{Answer, CONSENT, EMAIL, FIRST_NAME, Fault, Filled, LAST_NAME, PHONE, field_name};

use super::look::FormLook;

/// Questions of the merchant's own.
pub const MAX_FIELDS: usize = 10;

/// How whoever fills in the form is reached, and so recognised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContactBy {
    #[default]
    Email,
    Phone,
    /// By one or the other, as they like.
    Either,
}

impl ContactBy {
    pub const ALL: [Self; 3] = [Self::Email, Self::Phone, Self::Either];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Either => "either",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == raw)
    }

    pub fn asks_email(self) -> bool {
        self != Self::Phone
    }

    pub fn asks_phone(self) -> bool {
        self != Self::Email
    }
}

/// Whether something is asked, and has to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    Hidden,
    Optional,
    Required,
}

impl Need {
    pub const ALL: [Self; 3] = [Self::Hidden, Self::Optional, Self::Required];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == raw)
    }

    pub fn is_asked(self) -> bool {
        self != Self::Hidden
    }

    pub fn is_required(self) -> bool {
        self == Self::Required
    }
}

/// Lets JSON hold a type as the text it is.
macro_rules! written_as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }
    };
}
use written_as_text;

/// What is asked to agree to. Each wording has its own version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = FormConsent)]
pub struct Consent {
    #[schema(value_type = String)]
    pub words: Line<1000>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub link: Option<WebAddress>,
    /// Whether nobody gets a coupon without it.
    #[serde(default)]
    pub required: bool,
}

/// What the form says. What is not said has the usual words, in the reader's language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[schema(as = FormTexts)]
pub struct Texts {
    /// The campaign's name, if nothing stands here.
    #[schema(value_type = Option<String>)]
    pub title: Option<Line<120>>,
    #[schema(value_type = Option<String>)]
    pub subtitle: Option<Line<300>>,
    #[schema(value_type = Option<String>)]
    pub button: Option<Line<60>>,
    /// What is said when it was sent; the coupon itself is shown, if nothing stands here.
    #[schema(value_type = String)]
    pub thanks: Prose<1000>,
    /// Where who sent it is led instead.
    #[schema(value_type = Option<String>)]
    pub thanks_address: Option<WebAddress>,
}

/// The public form of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct CouponForm {
    pub contact: ContactBy,
    pub first_name: Need,
    pub last_name: Need,
    /// Up to ten.
    #[schema(max_items = 10)]
    pub fields: Vec<Field>,
    pub consent: Option<Consent>,
    /// Whether it is open to those alone who bring a link that works once.
    pub only_by_link: bool,
    pub texts: Texts,
    pub look: FormLook,
}

impl Default for CouponForm {
    /// An e-mail and both names, as people know it.
    fn default() -> Self {
        Self {
            contact: ContactBy::Email,
            first_name: Need::Required,
            last_name: Need::Required,
            fields: Vec::new(),
            consent: None,
            only_by_link: false,
            texts: Texts::default(),
            look: FormLook::default(),
        }
    }
}

/// What cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormFlaw {
    #[error("a form has room for {MAX_FIELDS} questions; remove one")]
    TooMany,
    #[error("two questions have the same name")]
    SameKey,
    #[error("write from 1 to {MAX_OPTIONS} different answers to choose from")]
    Options,
}

impl CouponForm {
    /// Whether it can be asked.
    pub fn check(&self) -> Result<(), FormFlaw> {
        if self.fields.len() > MAX_FIELDS {
            return Err(FormFlaw::TooMany);
        }
        for (place, field) in self.fields.iter().enumerate() {
            if self.fields[..place].iter().any(|other| other.key == field.key) {
                return Err(FormFlaw::SameKey);
            }
            if let FieldKind::Choice { options } = &field.answer {
                let twice = |place: usize| options[..place].contains(&options[place]);
                if !(1..=MAX_OPTIONS).contains(&options.len()) || (0..options.len()).any(twice) {
                    return Err(FormFlaw::Options);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(key: &str, answer: FieldKind) -> Field {
        Field { key: key.parse().unwrap(), label: "What?".parse().unwrap(), answer, required: false }
    }

    #[test]
    fn eleven_questions_and_two_of_one_name_and_a_choice_of_nothing_are_refused() {
        let of = |fields| CouponForm { fields, ..CouponForm::default() }.check();
        let many = |count: usize| (0..count).map(|n| field(&format!("f{n}"), FieldKind::Text)).collect();
        assert_eq!(of(many(10)), Ok(()));
        assert_eq!(of(many(11)), Err(FormFlaw::TooMany));
        assert_eq!(of(vec![field("a", FieldKind::Text); 2]), Err(FormFlaw::SameKey));
        assert_eq!(of(vec![field("a", FieldKind::Choice { options: vec![] })]), Err(FormFlaw::Options));
    }
}
