//! The catalogue as a file that Shopify reads: its own headings, and two of ours at the end that it overlooks.
//! Bringing such a file in again changes nothing.

use std::{borrow::Cow, collections::HashMap, io};

use base::Quantity;
use db::{Db, Rx, Scope};

use crate::{
    Error,
    import::guard,
    model::{
        CategoryPath, Image, ImageAddress, Product, ProductId, Short, State, Tag, TaxCodeName, Variant,
        VariantId,
    },
    products,
    shelf::{SharedShelf, Shelf},
};

/// The first line.
pub const HEADING: &str = "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,\
    Option2 Name,Option2 Value,Option3 Name,Option3 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,\
    Variant Inventory Qty,Variant Inventory Policy,Variant Fulfillment Service,Variant Price,\
    Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,Image Position,\
    Image Alt Text,Gift Card,Variant Image,Variant Weight Unit,Variant Tax Code,Cost per item,Status,Categories,Unit\r\n";

/// The lines of the next few products behind `after`, and the last of these; none when all are told. Pictures of ours
/// are told by their address below `files`.
pub fn piece(
    rx: &mut Rx,
    shelf: &dyn Shelf,
    files: &str,
    after: Option<ProductId>,
) -> Result<Option<(String, ProductId)>, Error> {
    /// Few enough that no read keeps the database's log from being cut.
    const PRODUCTS: u32 = 50;
    let ids = products::ids_after(rx, after, PRODUCTS)?;
    let Some(last) = ids.last().copied() else { return Ok(None) };
    let mut lines = String::new();
    for id in ids {
        let product = products::product(rx, id)?.public(files);
        let tracked: Vec<VariantId> =
            product.offered().filter(|variant| variant.details.tracked).map(|variant| variant.id).collect();
        let levels = if tracked.is_empty() { HashMap::new() } else { shelf.levels(rx, &tracked)? };
        write_product(&mut lines, &product, &levels);
    }
    Ok(Some((lines, last)))
}

/// Why an export stopped.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Catalog(#[from] Error),
    #[error("the file cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Writes the whole catalogue to `out`, in pieces; says how many bytes.
pub async fn run(
    db: &Db,
    scope: Scope,
    shelf: SharedShelf,
    files: &str,
    out: &mut (dyn io::Write + Send),
) -> Result<u64, RunError> {
    out.write_all(HEADING.as_bytes())?;
    let mut written = HEADING.len() as u64;
    let mut after = None;
    loop {
        let (shelf, files) = (shelf.clone(), files.to_owned());
        let next = db.read(scope.clone(), move |rx: &mut Rx| piece(rx, &*shelf, &files, after)).await?;
        let Some((lines, last)) = next else { return Ok(written) };
        out.write_all(lines.as_bytes())?;
        written += lines.len() as u64;
        after = Some(last);
    }
}

/// One line: what it says of the product stands in the first line only.
struct Line<'a> {
    product: &'a Product,
    first: bool,
    variant: Option<&'a Variant>,
    level: Option<Quantity>,
    image: Option<(usize, &'a Image)>,
}

pub(crate) fn write_product(lines: &mut String, product: &Product, levels: &HashMap<VariantId, Quantity>) {
    let variants: Vec<&Variant> = product.offered().collect();
    let images = &product.details.images;
    for place in 0..variants.len().max(images.len()).max(1) {
        let variant = variants.get(place).copied();
        let line = Line {
            product,
            first: place == 0,
            variant,
            level: variant.and_then(|variant| levels.get(&variant.id).copied()),
            image: images.get(place).map(|image| (place + 1, image)),
        };
        line.write(lines);
    }
}

impl Line<'_> {
    fn write(&self, lines: &mut String) {
        let details = &self.product.details;
        let first = |text: &str| if self.first { guard(text).into_owned() } else { String::new() };
        let text = |text: Option<&str>| guard(text.unwrap_or_default()).into_owned();
        let short = |text: &Option<Short>| text.as_ref().map(Short::as_str).unwrap_or_default().to_owned();
        let tags: Vec<&str> = details.tags.iter().map(Tag::as_str).collect();
        let yes = |yes: bool| if yes { "true" } else { "false" }.to_owned();
        let variant = self.variant.map(|variant| &variant.details);
        let number = |value: Option<String>| value.unwrap_or_default();
        let option_name = |place: usize| match (details.options.get(place), place) {
            (Some(name), _) => first(name.as_str()),
            (None, 0) if details.options.is_empty() => first("Title"),
            _ => String::new(),
        };
        let option_value = |place: usize| match variant {
            Some(variant) if variant.options.is_empty() && place == 0 => "Default Title".to_owned(),
            Some(variant) => text(variant.options.get(place).map(Short::as_str)),
            None => String::new(),
        };
        let cells = [
            self.product.handle.to_string(),
            first(details.title.as_str()),
            first(details.description.as_str()),
            first(&short(&details.vendor)),
            first(&short(&details.kind)),
            first(&tags.join(", ")),
            if self.first { yes(details.state == State::Active) } else { String::new() },
            option_name(0),
            option_value(0),
            option_name(1),
            option_value(1),
            option_name(2),
            option_value(2),
            text(variant.and_then(|variant| variant.sku.as_ref()).map(Short::as_str)),
            number(variant.and_then(|variant| variant.grams).map(|grams| grams.to_string())),
            number(variant.filter(|variant| variant.tracked).map(|_| "shopify".to_owned())),
            number(
                self.level
                    .filter(|_| variant.is_some_and(|variant| variant.tracked))
                    .map(|level| level.to_string()),
            ),
            number(variant.map(|variant| if variant.sell_when_out { "continue" } else { "deny" }.to_owned())),
            number(variant.map(|_| "manual".to_owned())),
            number(variant.map(|variant| variant.price.decimal())),
            number(variant.and_then(|variant| variant.compare_at).map(|amount| amount.decimal())),
            number(variant.map(|variant| yes(variant.ships))),
            number(variant.map(|_| yes(details.taxable))),
            text(variant.and_then(|variant| variant.barcode.as_ref()).map(Short::as_str)),
            text(self.image.map(|(_, image)| image.address.as_str())),
            number(self.image.map(|(position, _)| position.to_string())),
            text(self.image.and_then(|(_, image)| image.alt.as_ref()).map(|alt| alt.as_str())),
            if self.first { yes(false) } else { String::new() },
            text(variant.and_then(|variant| variant.image.as_ref()).map(ImageAddress::as_str)),
            number(variant.and_then(|variant| variant.grams).map(|_| "g".to_owned())),
            text(variant.and(details.tax_code.as_ref()).map(TaxCodeName::as_str)),
            number(variant.and_then(|variant| variant.cost).map(|amount| amount.decimal())),
            if self.first { details.state.name().to_owned() } else { String::new() },
            first(&CategoryPath::join(&details.categories)),
            number(variant.map(|variant| variant.unit.to_string())),
        ];
        for (place, cell) in cells.iter().enumerate() {
            if place > 0 {
                lines.push(',');
            }
            lines.push_str(&quoted(cell));
        }
        lines.push_str("\r\n");
    }
}

fn quoted(cell: &str) -> Cow<'_, str> {
    let plain = !cell.contains([',', '"', '\n', '\r', ';', '\t']) && cell.trim().len() == cell.len();
    if plain { Cow::Borrowed(cell) } else { Cow::Owned(format!("\"{}\"", cell.replace('"', "\"\""))) }
}
