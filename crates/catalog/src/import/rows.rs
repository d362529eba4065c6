//! Shopify's files and plain sheets: one row for each variant, further rows for pictures, joined by their handle.

use std::{collections::HashMap, str::FromStr};

use base::{Currency, Money, Quantity};
use edge::sheet::{Row, Table};

use super::{
    FileError, Format, ImportedProduct, ImportedVariant, Note, Parsed, Reason, Refusal,
    cell::{Numbers, unguard, yes},
    column::{Column, Columns},
};
use crate::{
    ImportedStock,
    model::{
        CategoryPath, Handle, Html, Image, Line512, MAX_IMAGES, MAX_VARIANTS, Short, State, Tag, TaxCodeName,
        Unit,
    },
};

/// A product while its rows come in.
struct Growing {
    product: ImportedProduct,
    images: Vec<(u32, Image)>,
    refused: Option<Refusal>,
}

struct Reader {
    columns: Columns,
    currency: Currency,
    numbers: Numbers,
}

pub fn read(heading: &Row<'_>, table: &mut Table<'_>, currency: Currency) -> Result<Parsed, FileError> {
    let columns = Columns::of(heading)?;
    let format = if columns.are_shopifys() { Format::Shopify } else { Format::Sheet };
    let numbers = match (table.delimiter(), format) {
        (b',', Format::Shopify) => Numbers::Plain,
        (b',', _) => Numbers::Point,
        _ => Numbers::Comma,
    };
    let reader = Reader { columns, currency, numbers };
    let mut growing: Vec<Growing> = Vec::new();
    let mut by_handle: HashMap<String, usize> = HashMap::new();
    while let Some(row) = table.next_row()? {
        let handle = reader.text(&row, Column::Handle);
        let known = handle.and_then(|handle| by_handle.get(handle).copied());
        let place = match known {
            Some(place) => place,
            None => {
                by_handle.extend(handle.map(|handle| (handle.to_owned(), growing.len())));
                growing.push(reader.begin(&row, handle));
                growing.len() - 1
            }
        };
        let Some(one) = growing.get_mut(place) else { continue };
        if one.refused.is_none()
            && let Err(reason) = reader.add(&mut one.product, &mut one.images, &row, known.is_none())
        {
            let (product, line) = (one.product.name.clone(), row.line);
            one.refused = Some(Refusal { line, product, reason });
            one.product.variants = Vec::new();
            one.images = Vec::new();
        }
    }
    let mut parsed = Parsed { format, products: Vec::new(), refused: Vec::new() };
    for one in growing {
        match one.refused {
            Some(refusal) => parsed.refused.push(refusal),
            None => parsed.products.push(reader.finish(one)),
        }
    }
    Ok(parsed)
}

impl Reader {
    /// The text of a cell; none if it is empty or its column is missing.
    fn text<'r>(&self, row: &'r Row<'_>, column: Column) -> Option<&'r str> {
        self.columns.cell(row, column).map(unguard).map(str::trim).filter(|text| !text.is_empty())
    }

    /// A text that may be cleared: `None` without its column, `Some(None)` for an empty cell.
    fn clearable<T: FromStr<Err: ToString>>(
        &self,
        row: &Row<'_>,
        column: Column,
        field: &'static str,
    ) -> Result<Option<Option<T>>, Reason> {
        if !self.columns.has(column) {
            return Ok(None);
        }
        self.text(row, column).map(|text| parsed(text, field)).transpose().map(Some)
    }

    fn flag(&self, row: &Row<'_>, column: Column, field: &'static str) -> Result<Option<bool>, Reason> {
        match self.columns.cell(row, column) {
            None | Some("") => Ok(None),
            Some(cell) => yes(cell).map(Some).ok_or_else(|| Reason::Number { field, text: cell.to_owned() }),
        }
    }

    fn number(&self, row: &Row<'_>, column: Column, field: &'static str) -> Result<Option<String>, Reason> {
        match self.columns.cell(row, column) {
            None | Some("") => Ok(None),
            Some(cell) => {
                let plain = self.numbers.plain(cell);
                plain.map(Some).ok_or_else(|| Reason::Number { field, text: cell.to_owned() })
            }
        }
    }

    fn money(&self, row: &Row<'_>, column: Column, field: &'static str) -> Result<Option<Money>, Reason> {
        let Some(plain) = self.number(row, column, field)? else { return Ok(None) };
        amount(&plain, field, self.currency).map(Some)
    }

    fn begin(&self, row: &Row<'_>, handle: Option<&str>) -> Growing {
        let title = self.text(row, Column::Title);
        let product = ImportedProduct {
            line: row.line,
            name: title.or(handle).unwrap_or_default().chars().take(200).collect(),
            handle: handle.and_then(Handle::of),
            title_handle: title.and_then(Handle::of),
            title: None,
            description: None,
            vendor: None,
            kind: None,
            state: None,
            taxable: None,
            tax_code: None,
            options: None,
            categories: None,
            tags: None,
            images: None,
            variants: Vec::new(),
            notes: Vec::new(),
        };
        Growing { product, images: Vec::new(), refused: None }
    }

    fn add(
        &self,
        product: &mut ImportedProduct,
        images: &mut Vec<(u32, Image)>,
        row: &Row<'_>,
        first: bool,
    ) -> Result<(), Reason> {
        if self.columns.overflow(row) {
            return Err(Reason::ManyCells);
        }
        if first {
            self.describe(product, row)?;
        }
        self.picture(product, images, row)?;
        let says_variant = [Column::OptionValue(0), Column::Sku, Column::Price];
        // the first row is a variant, too, unless nothing of the product is offered any more
        let bare = !first || product.state == Some(State::Archived);
        if bare && says_variant.into_iter().all(|column| self.text(row, column).is_none()) {
            return Ok(());
        }
        if product.variants.len() == MAX_VARIANTS {
            return Err(Reason::ManyVariants(MAX_VARIANTS));
        }
        let variant = self.variant(product, row, first)?;
        product.variants.push(variant);
        Ok(())
    }

    /// What the first row says of the product itself.
    fn describe(&self, product: &mut ImportedProduct, row: &Row<'_>) -> Result<(), Reason> {
        let title = self.text(row, Column::Title).ok_or(Reason::NoTitle)?;
        product.title = Some(parsed::<Short>(title, "title")?);
        if self.columns.has(Column::Description) {
            let html = self.text(row, Column::Description).unwrap_or_default();
            product.description = Some(parsed::<Html>(html, "description")?);
        }
        product.vendor = self.clearable(row, Column::Vendor, "vendor")?;
        product.kind = self.clearable(row, Column::Kind, "type")?;
        product.state = self.state(row)?;
        product.categories = self.categories(row)?;
        if let Some(cell) = self.columns.cell(row, Column::Tags) {
            let mut tags: Vec<Tag> = Vec::new();
            for tag in unguard(cell).split(',').filter(|tag| !tag.trim().is_empty()) {
                let tag = parsed(tag, "tags")?;
                if !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
            product.tags = Some(tags);
        }
        let names = (0..3).map_while(|place| self.text(row, Column::OptionName(place)));
        let names = names.map(|name| parsed::<Short>(name, "option")).collect::<Result<Vec<_>, _>>()?;
        let named = (0..3).any(|place| self.columns.has(Column::OptionName(place)));
        product.options = named.then_some(names);
        if self.flag(row, Column::GiftCard, "gift card")? == Some(true) {
            return Err(Reason::GiftCard);
        }
        Ok(())
    }

    fn state(&self, row: &Row<'_>) -> Result<Option<State>, Reason> {
        let published = self.flag(row, Column::Published, "published")?;
        let status = self.text(row, Column::Status).map(base::fold);
        Ok(match status.as_deref() {
            Some("archived" | "archive" | "archiviato") => Some(State::Archived),
            Some("draft" | "brouillon" | "bozza" | "unlisted") => Some(State::Draft),
            Some("active" | "actif" | "attivo") | None => match published {
                Some(false) => Some(State::Draft),
                Some(true) => Some(State::Active),
                None => status.map(|_| State::Active),
            },
            Some(other) => return Err(Reason::Number { field: "status", text: other.to_owned() }),
        })
    }

    fn categories(&self, row: &Row<'_>) -> Result<Option<Vec<CategoryPath>>, Reason> {
        let refused =
            |error: crate::model::WordError| Reason::Text { field: "category", why: error.to_string() };
        if self.columns.has(Column::Categories) {
            let cell = self.text(row, Column::Categories).unwrap_or_default();
            return CategoryPath::split(cell).map(Some).map_err(refused);
        }
        let path: Option<Option<CategoryPath>> = self.clearable(row, Column::Category, "category")?;
        Ok(path.map(|path| path.into_iter().collect()))
    }

    fn picture(
        &self,
        product: &mut ImportedProduct,
        images: &mut Vec<(u32, Image)>,
        row: &Row<'_>,
    ) -> Result<(), Reason> {
        if self.columns.has(Column::ImageAddress) {
            product.images = Some(Vec::new());
        }
        let Some(address) = self.text(row, Column::ImageAddress) else { return Ok(()) };
        let Ok(address) = address.parse() else {
            product.notes.push(Note::Picture(row.line));
            return Ok(());
        };
        if images.len() == MAX_IMAGES {
            return Err(Reason::ManyImages(MAX_IMAGES));
        }
        let alt: Option<Line512> =
            self.text(row, Column::ImageAlt).map(|alt| parsed(alt, "image alt text")).transpose()?;
        let position = self.columns.cell(row, Column::ImagePosition).and_then(|cell| cell.parse().ok());
        let image = Image { address, alt };
        images.push((position.unwrap_or(u32::MAX), image));
        Ok(())
    }

    fn variant(
        &self,
        product: &mut ImportedProduct,
        row: &Row<'_>,
        first: bool,
    ) -> Result<ImportedVariant, Reason> {
        let wanted = product.options.as_ref().map_or(0, Vec::len);
        let values =
            (0..wanted as u8).map(|place| self.text(row, Column::OptionValue(place)).unwrap_or_default());
        let options = values.map(|value| parsed(value, "option")).collect::<Result<Vec<Short>, _>>()?;
        self.tax(product, row, first)?;
        let unit = match self.columns.cell(row, Column::Unit) {
            None | Some("") => None,
            Some(cell) => Some(Unit::recognise(cell).ok_or_else(|| Reason::Unit(cell.to_owned()))?),
        };
        let has_amount = |column: Column| self.columns.has(column);
        let price = self.money(row, Column::Price, "price")?;
        if has_amount(Column::Price) && price.is_none() {
            return Err(Reason::NoPrice);
        }
        let compare_at = self.money(row, Column::CompareAt, "compare-at price")?;
        let cost = self.money(row, Column::Cost, "cost")?;
        Ok(ImportedVariant {
            line: row.line,
            options,
            sku: self.clearable(row, Column::Sku, "SKU")?,
            barcode: self.clearable(row, Column::Barcode, "barcode")?,
            price,
            compare_at: has_amount(Column::CompareAt).then_some(compare_at),
            cost: has_amount(Column::Cost).then_some(cost),
            unit,
            ships: self.flag(row, Column::Ships, "requires shipping")?,
            grams: self.grams(row)?,
            image: self.variant_picture(product, row),
            stock: self.stock(product, row, unit.unwrap_or_default())?,
        })
    }

    fn variant_picture(
        &self,
        product: &mut ImportedProduct,
        row: &Row<'_>,
    ) -> Option<Option<crate::model::ImageAddress>> {
        if !self.columns.has(Column::VariantImage) {
            return None;
        }
        let text = self.text(row, Column::VariantImage);
        let address = text.and_then(|text| text.parse().ok());
        if text.is_some() && address.is_none() {
            product.notes.push(Note::Picture(row.line));
        }
        Some(address)
    }

    /// All variants of a product are taxed alike here; a file that says otherwise would be taxed wrongly.
    fn tax(&self, product: &mut ImportedProduct, row: &Row<'_>, first: bool) -> Result<(), Reason> {
        let taxable = self.flag(row, Column::Taxable, "charge tax")?;
        let code: Option<Option<TaxCodeName>> = self.clearable(row, Column::TaxCode, "tax code")?;
        if first {
            (product.taxable, product.tax_code) = (taxable, code);
        } else if product.taxable != taxable || product.tax_code != code {
            return Err(Reason::MixedTax);
        }
        Ok(())
    }

    fn grams(&self, row: &Row<'_>) -> Result<Option<Option<u32>>, Reason> {
        let (column, factor) =
            if self.columns.has(Column::Grams) { (Column::Grams, 1.0) } else { (Column::Kilograms, 1000.0) };
        if !self.columns.has(column) {
            return Ok(None);
        }
        let Some(plain) = self.number(row, column, "weight")? else { return Ok(Some(None)) };
        grams(&plain, factor).map(|grams| Some(Some(grams).filter(|grams| *grams > 0)))
    }

    /// Whether stock is counted: as the tracker says, or else by whether a number is given.
    fn stock(
        &self,
        product: &mut ImportedProduct,
        row: &Row<'_>,
        unit: Unit,
    ) -> Result<Option<ImportedStock>, Reason> {
        let tracker = self.columns.cell(row, Column::Tracker);
        if tracker.is_none() && !self.columns.has(Column::Quantity) {
            return Ok(None);
        }
        let quantity = match self.number(row, Column::Quantity, "quantity")? {
            Some(plain) => Some(count(&plain, unit, row.line, &mut product.notes)?),
            None => None,
        };
        let tracked = match tracker.map(|tracker| (tracker, yes(tracker))) {
            Some((_, Some(said))) => said,
            Some((tracker, None)) => !tracker.is_empty(),
            None => quantity.is_some(),
        };
        let policy = self.columns.cell(row, Column::Policy).map(base::fold).unwrap_or_default();
        let sell_when_out = policy == "continue" || yes(&policy) == Some(true);
        Ok(Some(ImportedStock { tracked, quantity: quantity.filter(|_| tracked), sell_when_out }))
    }

    fn finish(&self, one: Growing) -> ImportedProduct {
        let Growing { mut product, mut images, .. } = one;
        images.sort_by_key(|(position, _)| *position);
        // Shopify's way to say that there is nothing to choose
        let chosen =
            |variant: &ImportedVariant| variant.options.iter().map(Short::as_str).eq(["Default Title"]);
        if product.options.iter().flatten().map(Short::as_str).eq(["Title"])
            && product.variants.iter().all(chosen)
        {
            product.options = Some(Vec::new());
            product.variants.iter_mut().for_each(|variant| variant.options.clear());
        }
        if product.images.is_some() {
            product.images = Some(images.into_iter().map(|(_, image)| image).collect());
        }
        product
    }
}

pub fn parsed<T: FromStr<Err: ToString>>(text: &str, field: &'static str) -> Result<T, Reason> {
    text.parse().map_err(|error: T::Err| Reason::Text { field, why: error.to_string() })
}

/// An amount above or at zero.
pub fn amount(plain: &str, field: &'static str, currency: Currency) -> Result<Money, Reason> {
    let refused = || Reason::Amount { field, text: plain.to_owned() };
    let money = Money::parse_decimal(plain, currency).map_err(|_| refused())?;
    if money.is_negative() { Err(refused()) } else { Ok(money) }
}

/// A count of `unit`; what is below zero is brought in as nothing.
pub fn count(plain: &str, unit: Unit, line: u64, notes: &mut Vec<Note>) -> Result<Quantity, Reason> {
    let refused = || Reason::Number { field: "quantity", text: plain.to_owned() };
    let quantity: Quantity = plain.parse().map_err(|_| refused())?;
    if quantity < Quantity::ZERO {
        notes.push(Note::NegativeStock(line));
        return Ok(Quantity::ZERO);
    }
    if unit.accepts(quantity) { Ok(quantity) } else { Err(refused()) }
}

/// A weight in grams, rounded; `factor` is 1000 for kilograms.
pub fn grams(plain: &str, factor: f64) -> Result<u32, Reason> {
    let refused = || Reason::Number { field: "weight", text: plain.to_owned() };
    let weight: f64 = plain.parse().map_err(|_| refused())?;
    let grams = (weight * factor).round();
    if (0.0..=f64::from(u32::MAX)).contains(&grams) { Ok(grams as u32) } else { Err(refused()) }
}
