//! Why something of a file is refused, and what was brought in otherwise: texts say what to do.

use edge::sheet::{MAX_CELL_BYTES, MAX_COLUMNS};

use crate::model::{Flaw, Rule};

use super::{MAX_FILE_BYTES, MAX_ROWS};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    // of the file
    #[error("the file is larger than {} MiB; split it", MAX_FILE_BYTES / 1024 / 1024)]
    LargeFile,
    #[error("the file is empty")]
    EmptyFile,
    #[error("the file holds zero bytes, so it is no CSV; save it as CSV UTF-8")]
    ZeroByte,
    #[error("this UTF-16 file is damaged; save it as CSV UTF-8")]
    DamagedUtf16,
    #[error("a cell is larger than {} KiB; is a closing quote missing?", MAX_CELL_BYTES / 1024)]
    LongCell,
    #[error("a quote that opens here is never closed")]
    EndlessQuote,
    #[error("more than {MAX_COLUMNS} columns; is this a product file?")]
    ManyColumns,
    #[error("more than {MAX_ROWS} lines; split the file")]
    ManyRows,
    #[error("no heading such as Title, Titre or Titolo was found in the first line")]
    NoTitleColumn,
    #[error("the heading {0} stands there twice; remove one of the columns")]
    RepeatedHeading(String),
    // of a product
    #[error("this line has more cells than the heading; is a quote missing?")]
    ManyCells,
    #[error("it has no title")]
    NoTitle,
    #[error("it has no price")]
    NoPrice,
    #[error("{field}: {text} is no amount that this shop's currency allows")]
    Amount { field: &'static str, text: String },
    #[error("{field}: {text} is no number")]
    Number { field: &'static str, text: String },
    #[error("{field}: {why}")]
    Text { field: &'static str, why: String },
    #[error("{0} is no known unit; use piece, pair, pack, kg, g, l, ml, m, m2 or hour")]
    Unit(String),
    #[error("more than {0} variants; split the product")]
    ManyVariants(usize),
    #[error("more than {0} pictures")]
    ManyImages(usize),
    #[error("line {line} has the handle {handle} already")]
    RepeatedHandle { handle: String, line: u64 },
    #[error("line {line} has the SKU {sku} already")]
    RepeatedSku { sku: String, line: u64 },
    #[error("some of its variants are taxed otherwise than others; make them two products")]
    MixedTax,
    #[error("gift cards cannot be sold yet")]
    GiftCard,
    #[error("it is sold on another site, so there is nothing to sell here")]
    External,
    #[error("it is a list of other products without a price of its own; put those into one category instead")]
    Grouped,
    #[error("it is delivered as a file, which is not possible yet")]
    Downloadable,
    #[error("products of the kind {0} cannot be sold yet")]
    UnknownKind(String),
    #[error("its parent {0} is not in the file")]
    NoParent(String),
    #[error("it has no variations in the file")]
    NoVariations,
    #[error("its variants share one stock; give each its own number first")]
    SharedStock,
    #[error("more than three options")]
    ManyOptions,
    /// What the catalogue itself refuses.
    #[error("{}: {}", .0.field, .0.rule)]
    Flaw(Flaw),
}

impl Reason {
    /// The key of the page text.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::LargeFile => "catalog-file-large",
            Self::EmptyFile => "catalog-file-empty",
            Self::ZeroByte => "catalog-file-zero-byte",
            Self::DamagedUtf16 => "catalog-file-damaged-utf16",
            Self::LongCell => "catalog-file-long-cell",
            Self::EndlessQuote => "catalog-file-endless-quote",
            Self::ManyColumns => "catalog-file-many-columns",
            Self::ManyRows => "catalog-file-many-rows",
            Self::NoTitleColumn => "catalog-file-no-title-column",
            Self::RepeatedHeading(_) => "catalog-file-repeated-heading",
            Self::ManyCells => "catalog-file-many-cells",
            Self::NoTitle => "catalog-file-no-title",
            Self::NoPrice => "catalog-file-no-price",
            Self::Amount { .. } => "catalog-file-amount",
            Self::Number { .. } => "catalog-file-number",
            Self::Text { .. } => "catalog-file-text",
            Self::Unit(_) => "catalog-file-unit",
            Self::ManyVariants(_) => "catalog-file-many-variants",
            Self::ManyImages(_) => "catalog-file-many-images",
            Self::RepeatedHandle { .. } => "catalog-file-repeated-handle",
            Self::RepeatedSku { .. } => "catalog-file-repeated-sku",
            Self::MixedTax => "catalog-file-mixed-tax",
            Self::GiftCard => "catalog-file-gift-card",
            Self::External => "catalog-file-external",
            Self::Grouped => "catalog-file-grouped",
            Self::Downloadable => "catalog-file-downloadable",
            Self::UnknownKind(_) => "catalog-file-unknown-kind",
            Self::NoParent(_) => "catalog-file-no-parent",
            Self::NoVariations => "catalog-file-no-variations",
            Self::SharedStock => "catalog-file-shared-stock",
            Self::ManyOptions => "catalog-file-many-options",
            Self::Flaw(flaw) => flaw.rule.key(),
        }
    }

    /// The value the page text mentions, if any.
    pub fn value(&self) -> String {
        match self {
            Self::Amount { text, .. } | Self::Number { text, .. } => text.clone(),
            Self::Text { field, why } => format!("{field}: {why}"),
            Self::Unit(text)
            | Self::UnknownKind(text)
            | Self::NoParent(text)
            | Self::RepeatedHeading(text) => text.clone(),
            Self::ManyVariants(max) | Self::ManyImages(max) => max.to_string(),
            Self::RepeatedHandle { handle, line } => format!("{handle} ({line})"),
            Self::RepeatedSku { sku, line } => format!("{sku} ({line})"),
            Self::Flaw(flaw) => flaw.rule.value(),
            _ => String::new(),
        }
    }
}

impl From<(&str, Rule)> for Reason {
    fn from((field, rule): (&str, Rule)) -> Self {
        Self::Flaw(Flaw { field: field.to_owned(), rule })
    }
}

/// Something brought in otherwise than the file has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Note {
    #[error("it was hidden, so it is brought in as a draft")]
    HiddenAsDraft,
    #[error("its sale price holds for some days only, so the regular price was taken")]
    SaleDates,
    #[error("the attribute {0} is not an option, so it was left out")]
    Attribute(String),
    #[error("a variation for any {0} became one variant for each")]
    AnyChoice(String),
    #[error("line {0}: a variation that is switched off was left out")]
    DisabledVariation(u64),
    #[error("the tax code {0} is not known here, so the standard one holds")]
    TaxCode(String),
    #[error("line {0}: the stock was below zero and is brought in as 0")]
    NegativeStock(u64),
    #[error("line {0}: the picture's address is none of the web and was left out")]
    Picture(u64),
}

impl Note {
    pub const fn key(&self) -> &'static str {
        match self {
            Self::HiddenAsDraft => "catalog-note-hidden",
            Self::SaleDates => "catalog-note-sale-dates",
            Self::Attribute(_) => "catalog-note-attribute",
            Self::AnyChoice(_) => "catalog-note-any-choice",
            Self::DisabledVariation(_) => "catalog-note-disabled-variation",
            Self::TaxCode(_) => "catalog-note-tax-code",
            Self::NegativeStock(_) => "catalog-note-negative-stock",
            Self::Picture(_) => "catalog-note-picture",
        }
    }

    pub fn value(&self) -> String {
        match self {
            Self::HiddenAsDraft | Self::SaleDates => String::new(),
            Self::Attribute(text) | Self::AnyChoice(text) | Self::TaxCode(text) => text.clone(),
            Self::DisabledVariation(line) | Self::NegativeStock(line) | Self::Picture(line) => {
                line.to_string()
            }
        }
    }
}
