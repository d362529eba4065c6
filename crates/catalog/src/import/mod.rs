//! Files of products, as Shopify, WooCommerce and spreadsheets write them. Reading a file is a plain function: what it
//! holds is a list of products and a list of refusals, each with its line and reason. Bringing a product in is one
//! transaction, and doing it again changes nothing.

mod cell;
mod column;
mod merge;
mod reason;
mod rows;
mod run;
mod woocommerce;

use base::{Currency, Money, Quantity};
use edge::sheet::{self, SheetError, SheetFault};

use crate::model::{CategoryPath, Handle, Html, Image, ImageAddress, Short, State, Tag, TaxCodeName, Unit};

pub(crate) use cell::guard;
pub use reason::{Note, Reason};
pub use run::{Outcome, Report, ReportLine, RunError, apply, preview, run};

/// The largest file.
pub const MAX_FILE_BYTES: usize = 20 * 1024 * 1024;
/// Lines under the heading.
pub const MAX_ROWS: usize = 100_000;

/// Whose hand wrote a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Shopify,
    WooCommerce,
    /// A spreadsheet with headings in English, French or Italian.
    Sheet,
}

/// One product of a file. What the file does not speak of is `None` and stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedProduct {
    /// The line it begins on; the heading is line 1.
    pub line: u64,
    /// As the file calls it.
    pub name: String,
    /// The handle the file gives it.
    pub handle: Option<Handle>,
    /// What its handle would be after its title.
    pub title_handle: Option<Handle>,
    pub title: Option<Short>,
    pub description: Option<Html>,
    pub vendor: Option<Option<Short>>,
    pub kind: Option<Option<Short>>,
    pub state: Option<State>,
    pub taxable: Option<bool>,
    pub tax_code: Option<Option<TaxCodeName>>,
    pub options: Option<Vec<Short>>,
    pub categories: Option<Vec<CategoryPath>>,
    pub tags: Option<Vec<Tag>>,
    pub images: Option<Vec<Image>>,
    pub variants: Vec<ImportedVariant>,
    /// What was brought in otherwise than the file has it.
    pub notes: Vec<Note>,
}

/// One variant of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportedVariant {
    pub line: u64,
    pub options: Vec<Short>,
    pub sku: Option<Option<Short>>,
    pub barcode: Option<Option<Short>>,
    pub price: Option<Money>,
    pub compare_at: Option<Option<Money>>,
    pub cost: Option<Option<Money>>,
    pub unit: Option<Unit>,
    pub ships: Option<bool>,
    pub grams: Option<Option<u32>>,
    pub image: Option<Option<ImageAddress>>,
    pub stock: Option<crate::ImportedStock>,
}

impl ImportedVariant {
    /// The SKU, if the file gives one.
    pub fn sku(&self) -> Option<&Short> {
        self.sku.as_ref()?.as_ref()
    }

    fn count(&self) -> Option<Quantity> {
        self.stock.filter(|stock| stock.tracked)?.quantity
    }
}

/// Why a product of a file is not brought in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub line: u64,
    /// As the file calls it.
    pub product: String,
    pub reason: Reason,
}

/// Why a file cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct FileError {
    pub line: u64,
    pub reason: Reason,
}

impl From<SheetError> for FileError {
    fn from(SheetError { line, fault }: SheetError) -> Self {
        let reason = match fault {
            SheetFault::ZeroByte => Reason::ZeroByte,
            SheetFault::DamagedUtf16 => Reason::DamagedUtf16,
            SheetFault::LongCell => Reason::LongCell,
            SheetFault::EndlessQuote => Reason::EndlessQuote,
            SheetFault::ManyColumns => Reason::ManyColumns,
            SheetFault::ManyRows => Reason::ManyRows,
        };
        Self { line, reason }
    }
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    pub format: Format,
    pub products: Vec<ImportedProduct>,
    /// In the order of their lines.
    pub refused: Vec<Refusal>,
}

/// Reads a file for a shop whose money is `currency`.
pub fn parse(bytes: &[u8], currency: Currency) -> Result<Parsed, FileError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(FileError { line: 1, reason: Reason::LargeFile });
    }
    let text = sheet::decode(bytes)?;
    let mut table = sheet::Table::open(&text, MAX_ROWS);
    let heading = table.next_row()?.ok_or(FileError { line: 1, reason: Reason::EmptyFile })?;
    let mut parsed = if woocommerce::writes(&heading) {
        woocommerce::read(&heading, &mut table, currency)?
    } else {
        rows::read(&heading, &mut table, currency)?
    };
    refuse_repetitions(&mut parsed);
    parsed.refused.sort_by_key(|refusal| refusal.line);
    Ok(parsed)
}

/// Two products of one file may share neither handle nor SKU: the later one is refused.
fn refuse_repetitions(parsed: &mut Parsed) {
    use std::collections::HashMap;
    let mut handles: HashMap<Handle, u64> = HashMap::new();
    let mut skus: HashMap<Short, u64> = HashMap::new();
    let products = std::mem::take(&mut parsed.products);
    for mut product in products {
        // without a handle of its own a second product of one title is told apart by its SKU
        if product.handle.is_none()
            && let Some(handle) = &product.title_handle
            && handles.contains_key(handle)
            && let Some(sku) = product.variants.first().and_then(ImportedVariant::sku)
        {
            product.title_handle = Handle::of(&format!("{handle} {sku}"));
        }
        let handle = product.handle.clone().or_else(|| product.title_handle.clone());
        let mut reason =
            handle.as_ref().and_then(|handle| handles.get(handle)).map(|line| Reason::RepeatedHandle {
                handle: handle.as_ref().map(Handle::to_string).unwrap_or_default(),
                line: *line,
            });
        let mut line = product.line;
        let mut own: HashMap<&Short, u64> = HashMap::new();
        for variant in &product.variants {
            let Some(sku) = variant.sku() else { continue };
            if let Some(earlier) = skus.get(sku).or_else(|| own.get(sku)).filter(|_| reason.is_none()) {
                line = variant.line;
                reason = Some(Reason::RepeatedSku { sku: sku.to_string(), line: *earlier });
            }
            own.insert(sku, variant.line);
        }
        if let Some(reason) = reason {
            parsed.refused.push(Refusal { line, product: product.name, reason });
            continue;
        }
        skus.extend(own.into_iter().map(|(sku, line)| (sku.clone(), line)));
        handles.extend(handle.map(|handle| (handle, product.line)));
        parsed.products.push(product);
    }
}

#[cfg(test)]
mod tests;
