//! What can be wrong with a merchant's wish, beside the field it stands in.

use base::Currency;

use super::unit::Unit;

/// One thing wrong, and where: `variants[2].price`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    pub field: String,
    pub rule: Rule,
}

/// The rule that is broken; its text says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    #[error("at most {max}")]
    TooMany { max: usize },
    #[error("this option is named twice; give each its own name")]
    RepeatedOption,
    #[error("a product needs at least one variant that is not archived")]
    NoVariant,
    #[error("amounts of this shop are in {currency}")]
    ForeignCurrency { currency: Currency },
    #[error("an amount cannot be below zero")]
    NegativeAmount,
    #[error("this is finer than a {unit} is counted; round it")]
    TooFine { unit: Unit },
    #[error("another variant of this product has this SKU; give each its own")]
    RepeatedSku,
    #[error("this product has {wanted} options; give each of them one value")]
    OptionCount { wanted: usize },
    #[error("another variant has the same options; change one of the values")]
    RepeatedChoice,
    #[error("several variants need an option that tells them apart, such as a size")]
    OptionsNeeded,
    #[error("this SKU belongs to {owner}; choose another")]
    SkuTaken { owner: String },
    #[error("another product has this handle; choose another")]
    HandleTaken,
    #[error("write a title that holds letters, or choose a handle")]
    NoHandle,
    #[error("there is no tax code {code}; create it first, or choose another")]
    UnknownTaxCode { code: String },
    #[error("this variant is not of this product")]
    ForeignVariant,
    #[error("there is a category with this name already")]
    CategoryTaken,
    #[error("the last day lies before the first")]
    DaysReversed,
    #[error("write something here")]
    Missing,
    #[error("write an amount in {currency}, such as {example}")]
    NoAmount { currency: Currency, example: String },
    #[error("write a number, such as 2 or 0.25")]
    NoNumber,
    #[error("write a day, such as 2026-11-20")]
    NoDay,
    #[error("this category holds others; move or remove them first")]
    CategoryHasOthers,
    #[error("there is no such picture here; upload it first")]
    UnknownImage,
    #[error("{0}")]
    Text(String),
}

impl Rule {
    /// The key of the page text.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::TooMany { .. } => "catalog-flaw-too-many",
            Self::RepeatedOption => "catalog-flaw-repeated-option",
            Self::NoVariant => "catalog-flaw-no-variant",
            Self::ForeignCurrency { .. } => "catalog-flaw-foreign-currency",
            Self::NegativeAmount => "catalog-flaw-negative-amount",
            Self::TooFine { .. } => "catalog-flaw-too-fine",
            Self::RepeatedSku => "catalog-flaw-repeated-sku",
            Self::OptionCount { .. } => "catalog-flaw-option-count",
            Self::RepeatedChoice => "catalog-flaw-repeated-choice",
            Self::OptionsNeeded => "catalog-flaw-options-needed",
            Self::SkuTaken { .. } => "catalog-flaw-sku-taken",
            Self::HandleTaken => "catalog-flaw-handle-taken",
            Self::NoHandle => "catalog-flaw-no-handle",
            Self::UnknownTaxCode { .. } => "catalog-flaw-unknown-tax-code",
            Self::ForeignVariant => "catalog-flaw-foreign-variant",
            Self::CategoryTaken => "catalog-flaw-category-taken",
            Self::DaysReversed => "catalog-flaw-days-reversed",
            Self::Missing => "catalog-flaw-missing",
            Self::NoAmount { .. } => "catalog-flaw-no-amount",
            Self::NoDay => "catalog-flaw-no-day",
            Self::CategoryHasOthers => "catalog-flaw-category-has-others",
            Self::NoNumber => "catalog-flaw-no-number",
            Self::UnknownImage => "catalog-flaw-unknown-image",
            Self::Text(_) => "catalog-flaw-text",
        }
    }

    /// The value that the page text mentions, if any.
    pub fn value(&self) -> String {
        match self {
            Self::TooMany { max } => max.to_string(),
            Self::ForeignCurrency { currency } => currency.to_string(),
            Self::TooFine { unit } => unit.to_string(),
            Self::OptionCount { wanted } => wanted.to_string(),
            Self::SkuTaken { owner } => owner.clone(),
            Self::UnknownTaxCode { code } => code.clone(),
            Self::NoAmount { currency, example } => format!("{example} {currency}"),
            Self::Text(text) => text.clone(),
            _ => String::new(),
        }
    }
}
