//! WooCommerce's export: simple products on one row, variable ones with their variations on rows of their own, anywhere
//! in the file. What cannot be sold here yet is refused with its reason.

use std::collections::{BTreeMap, HashMap};

use base::Currency;
use edge::sheet::{Row, Table};

use super::{
    FileError, Format, ImportedProduct, ImportedVariant, Note, Parsed, Reason, Refusal,
    cell::{Numbers, unguard, yes},
    column::key,
    rows::{amount, count, grams, parsed},
};
use crate::{
    ImportedStock,
    model::{
        CategoryPath, Handle, Html, Image, MAX_IMAGES, MAX_OPTIONS, MAX_VARIANTS, Short, State, Tag, Unit,
    },
};

/// WooCommerce translates its headings; these are English, French and Italian.
const WORDS: &[(&str, &[&str])] = &[
    ("id", &["id"]),
    ("type", &["type", "tipo"]),
    ("sku", &["sku", "ugs", "cod"]),
    ("gtin", &["gtinupceanorisbn", "gtinupceanouisbn", "gtinupceanoisbn"]),
    ("name", &["name", "nom", "nome"]),
    ("published", &["published", "publie", "pubblicato"]),
    ("visibility", &["visibilityincatalog", "visibilitedanslecatalogue", "visibilitanelcatalogo"]),
    ("short", &["shortdescription", "descriptioncourte", "brevedescrizione"]),
    ("description", &["description", "descrizione"]),
    ("sale-from", &["datesalepricestarts", "datededebutdepromo", "datainiziodelprezzoscontato"]),
    ("sale-to", &["datesalepriceends", "datedefindepromo", "datafinedelprezzoscontato"]),
    ("tax-status", &["taxstatus", "etatdelatva", "statodelletasse"]),
    ("tax-class", &["taxclass", "classedetva", "aliquotadiimposta"]),
    ("in-stock", &["instock", "enstock", "instock", "inmagazzino"]),
    ("stock", &["stock", "magazzino"]),
    (
        "backorders",
        &["backordersallowed", "autoriserlescommandesdeproduitsenrupture", "abilitagliordiniarretrati"],
    ),
    ("sale", &["saleprice", "tarifpromo", "prezzoinofferta"]),
    ("regular", &["regularprice", "tarifregulier", "prezzodilistino"]),
    ("categories", &["categories", "categorie"]),
    ("tags", &["tags", "etiquettes", "tag"]),
    ("images", &["images", "immagine", "immagini"]),
    ("parent", &["parent", "genitore"]),
    ("brands", &["brands", "marques", "marchi"]),
];

/// Whether `heading` is of WooCommerce's hand: each product has a kind and a regular price.
pub fn writes(heading: &Row<'_>) -> bool {
    let columns = Columns::of(heading);
    ["type", "name", "regular", "sale", "parent"].iter().all(|word| columns.places.contains_key(word))
}

struct Columns {
    places: HashMap<&'static str, usize>,
    /// Columns of each attribute's name and values.
    attributes: Vec<(usize, usize)>,
    /// The weight's column, and how many grams one of its unit has.
    weight: Option<(usize, f64)>,
}

impl Columns {
    fn of(heading: &Row<'_>) -> Self {
        let mut places = HashMap::new();
        let (mut names, mut values) = (BTreeMap::new(), BTreeMap::new());
        let mut weight = None;
        for (place, cell) in heading.cells.iter().enumerate() {
            let key = key(cell);
            if let Some((word, _)) = WORDS.iter().find(|(_, words)| words.contains(&key.as_str())) {
                places.entry(*word).or_insert(place);
            }
            let attribute = ["attribute", "attribut", "attributo"].iter().any(|word| key.contains(word));
            let number: String = key.chars().filter(char::is_ascii_digit).collect();
            if attribute && let Ok(number) = number.parse::<u32>() {
                if key.contains("val") {
                    values.insert(number, place);
                } else if key.contains("nam") || key.contains("nom") {
                    names.insert(number, place);
                }
            }
            let weighs = ["weight", "poids", "peso"].iter().find_map(|word| key.strip_prefix(word));
            let unit = match weighs {
                Some("kg") => Some(1000.0),
                Some("g") => Some(1.0),
                Some("lbs" | "lb") => Some(453.592_37),
                Some("oz") => Some(28.349_523_125),
                _ => None,
            };
            weight = weight.or(unit.map(|unit| (place, unit)));
        }
        let attributes =
            names.iter().filter_map(|(number, name)| Some((*name, *values.get(number)?))).collect();
        Self { places, attributes, weight }
    }
}

/// One row, taken apart.
struct Entry {
    line: u64,
    id: String,
    kinds: Vec<String>,
    sku: Option<Short>,
    barcode: Option<Short>,
    name: String,
    state: State,
    hidden: bool,
    description: String,
    taxable: bool,
    tax_class: String,
    in_stock: Option<bool>,
    stock: String,
    backorders: bool,
    price: Option<base::Money>,
    compare_at: Option<base::Money>,
    sale_dates: bool,
    categories: Vec<CategoryPath>,
    tags: Vec<Tag>,
    vendor: Option<Short>,
    images: Vec<Image>,
    bad_image: bool,
    parent: String,
    attributes: Vec<(String, Vec<String>)>,
    grams: Option<u32>,
}

pub fn read(heading: &Row<'_>, table: &mut Table<'_>, currency: Currency) -> Result<Parsed, FileError> {
    let columns = Columns::of(heading);
    let numbers = if table.delimiter() == b',' { Numbers::Plain } else { Numbers::Comma };
    let mut parsed = Parsed { format: Format::WooCommerce, products: Vec::new(), refused: Vec::new() };
    let mut parents: Vec<Entry> = Vec::new();
    let mut variations: Vec<Entry> = Vec::new();
    // a variation that cannot be read takes its product with it
    let mut broken: Vec<(String, Refusal)> = Vec::new();
    while let Some(row) = table.next_row()? {
        let cells = Cells { columns: &columns, row: &row };
        match cells.entry(numbers, currency) {
            Ok(entry) if entry.is("variation") => variations.push(entry),
            Ok(entry) => parents.push(entry),
            Err(reason) => {
                let refusal = Refusal { line: row.line, product: cells.text("name").to_owned(), reason };
                let of_variation = base::fold(cells.text("type")).contains("variation");
                let parent = if of_variation { cells.text("parent") } else { "" };
                broken.push((parent.to_owned(), refusal));
            }
        }
    }
    let mut of_parent: HashMap<usize, Vec<Entry>> = HashMap::new();
    let mut by_name: HashMap<String, usize> = HashMap::new();
    for (place, parent) in parents.iter().enumerate() {
        by_name.insert(format!("id:{}", parent.id), place);
        by_name.extend(parent.sku.as_ref().map(|sku| (sku.to_string(), place)));
    }
    for variation in variations {
        match by_name.get(&variation.parent) {
            Some(place) => of_parent.entry(*place).or_default().push(variation),
            None => {
                let reason = Reason::NoParent(variation.parent);
                parsed.refused.push(Refusal { line: variation.line, product: variation.name, reason });
            }
        }
    }
    let mut broken_parents: HashMap<usize, Refusal> = HashMap::new();
    for (parent, refusal) in broken {
        match by_name.get(&parent) {
            Some(place) => drop(broken_parents.entry(*place).or_insert(refusal)),
            None => parsed.refused.push(refusal),
        }
    }
    for (place, parent) in parents.into_iter().enumerate() {
        if let Some(refusal) = broken_parents.remove(&place) {
            parsed.refused.push(Refusal { product: parent.name, ..refusal });
            continue;
        }
        let (line, name) = (parent.line, parent.name.clone());
        match product(parent, of_parent.remove(&place).unwrap_or_default()) {
            Ok(product) => parsed.products.push(product),
            Err(reason) => parsed.refused.push(Refusal { line, product: name, reason }),
        }
    }
    Ok(parsed)
}

/// The cells of one row, by the words of WooCommerce.
struct Cells<'c, 'r> {
    columns: &'c Columns,
    row: &'r Row<'r>,
}

impl Cells<'_, '_> {
    fn at(&self, place: usize) -> &str {
        self.row.cells.get(place).map(|cell| unguard(cell.trim()).trim()).unwrap_or_default()
    }

    fn text(&self, word: &str) -> &str {
        self.columns.places.get(word).map(|place| self.at(*place)).unwrap_or_default()
    }

    /// A text with the line breaks that WooCommerce writes as `\n`.
    fn prose(&self, word: &str) -> String {
        self.text(word).replace("\\n", "\n")
    }

    fn optional(&self, word: &str, field: &'static str) -> Result<Option<Short>, Reason> {
        Some(self.text(word)).filter(|text| !text.is_empty()).map(|text| parsed(text, field)).transpose()
    }

    fn money(
        &self,
        word: &str,
        field: &'static str,
        numbers: Numbers,
        currency: Currency,
    ) -> Result<Option<base::Money>, Reason> {
        let text = self.text(word);
        if text.is_empty() {
            return Ok(None);
        }
        let plain = numbers.plain(text).ok_or_else(|| Reason::Number { field, text: text.to_owned() })?;
        amount(&plain, field, currency).map(Some)
    }

    fn entry(&self, numbers: Numbers, currency: Currency) -> Result<Entry, Reason> {
        let (sale, regular) = (
            self.money("sale", "sale price", numbers, currency)?,
            self.money("regular", "regular price", numbers, currency)?,
        );
        let sale_dates = !self.text("sale-from").is_empty() || !self.text("sale-to").is_empty();
        let (price, compare_at) = match (sale, regular) {
            (Some(sale), regular) if !sale_dates || regular.is_none() => (Some(sale), regular),
            (_, regular) => (regular, None),
        };
        let mut images = Vec::new();
        let mut bad_image = false;
        for address in addresses(self.text("images")).into_iter().take(MAX_IMAGES) {
            match address.parse() {
                Ok(address) => images.push(Image { address, alt: None }),
                Err(_) => bad_image = true,
            }
        }
        let attributes = self.columns.attributes.iter().map(|(name, values)| {
            let values = split_values(self.at(*values));
            (self.at(*name).to_owned(), values)
        });
        let weight = self
            .columns
            .weight
            .map(|(place, unit)| (self.at(place), unit))
            .filter(|(cell, _)| !cell.is_empty());
        let grams = match weight {
            None => None,
            Some((cell, unit)) => {
                let plain = numbers.plain(cell);
                let plain = plain.ok_or_else(|| Reason::Number { field: "weight", text: cell.to_owned() })?;
                Some(grams(&plain, unit)?).filter(|grams| *grams > 0)
            }
        };
        let mut tags: Vec<Tag> = Vec::new();
        for tag in split_values(self.text("tags")) {
            let tag = parsed(&tag, "tags")?;
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        let (short, long) = (self.prose("short"), self.prose("description"));
        let description = match (short.is_empty(), long.is_empty()) {
            (false, false) => format!("<p>{short}</p>\n{long}"),
            _ => short + &long,
        };
        let hidden = base::fold(self.text("visibility")) == "hidden";
        let published = self.text("published");
        let state = if hidden || !matches!(published, "1" | "") { State::Draft } else { State::Active };
        let in_stock = match base::fold(self.text("in-stock")).as_str() {
            "" => None,
            "backorder" | "onbackorder" | "instock" => Some(true),
            "outofstock" => Some(false),
            other => yes(other),
        };
        Ok(Entry {
            line: self.row.line,
            id: self.text("id").to_owned(),
            kinds: self.text("type").split(',').map(|kind| base::fold(kind.trim())).collect(),
            sku: self.optional("sku", "SKU")?,
            barcode: self.optional("gtin", "barcode")?,
            name: self.text("name").to_owned(),
            state,
            hidden,
            description,
            taxable: !matches!(base::fold(self.text("tax-status")).as_str(), "none" | "shipping"),
            tax_class: self.text("tax-class").to_owned(),
            in_stock,
            stock: self.text("stock").to_owned(),
            backorders: !matches!(base::fold(self.text("backorders")).as_str(), "" | "0" | "no"),
            price,
            compare_at,
            sale_dates: sale_dates && sale.is_some(),
            categories: CategoryPath::split(&self.text("categories").replace("&amp;", "&"))
                .map_err(|error| Reason::Text { field: "category", why: error.to_string() })?,
            tags,
            vendor: split_values(self.text("brands"))
                .first()
                .map(|brand| parsed(brand, "brand"))
                .transpose()?,
            images,
            bad_image,
            parent: self.text("parent").to_owned(),
            attributes: attributes.filter(|(name, _)| !name.is_empty()).collect(),
            grams,
        })
    }
}

impl Entry {
    fn is(&self, kind: &str) -> bool {
        self.kinds.iter().any(|own| own == kind)
    }

    /// Why it cannot be sold here, if so.
    fn unsellable(&self) -> Option<Reason> {
        let known = ["simple", "variable", "variation", "virtual", "downloadable", "external", "grouped"];
        if self.is("external") {
            Some(Reason::External)
        } else if self.is("grouped") {
            Some(Reason::Grouped)
        } else if self.is("downloadable") {
            Some(Reason::Downloadable)
        } else {
            let other = self.kinds.iter().find(|kind| !known.contains(&kind.as_str()));
            other.map(|kind| Reason::UnknownKind(kind.clone()))
        }
    }

    /// An empty count of something in stock means that it is not counted.
    fn stock(&self, notes: &mut Vec<Note>) -> Result<ImportedStock, Reason> {
        let sell_when_out = self.backorders;
        if self.stock.is_empty() {
            let out = self.in_stock == Some(false);
            let quantity = out.then_some(base::Quantity::ZERO);
            return Ok(ImportedStock { tracked: out, quantity, sell_when_out });
        }
        let quantity = count(&self.stock, Unit::Piece, self.line, notes)?;
        Ok(ImportedStock { tracked: true, quantity: Some(quantity), sell_when_out })
    }

    fn variant(&self, options: Vec<Short>, notes: &mut Vec<Note>) -> Result<ImportedVariant, Reason> {
        if self.sale_dates && !notes.contains(&Note::SaleDates) {
            notes.push(Note::SaleDates);
        }
        Ok(ImportedVariant {
            line: self.line,
            options,
            sku: Some(self.sku.clone()),
            barcode: Some(self.barcode.clone()),
            price: Some(self.price.ok_or(Reason::NoPrice)?),
            compare_at: Some(self.compare_at),
            cost: None,
            unit: None,
            ships: Some(!self.is("virtual")),
            grams: Some(self.grams),
            image: None,
            stock: Some(self.stock(notes)?),
        })
    }
}

fn product(parent: Entry, variations: Vec<Entry>) -> Result<ImportedProduct, Reason> {
    if let Some(reason) = parent.unsellable() {
        return Err(reason);
    }
    if parent.name.is_empty() {
        return Err(Reason::NoTitle);
    }
    let mut notes = Vec::new();
    if parent.hidden {
        notes.push(Note::HiddenAsDraft);
    }
    if parent.bad_image {
        notes.push(Note::Picture(parent.line));
    }
    let names = if parent.is("variable") { option_names(&parent, &variations)? } else { Vec::new() };
    let variants = if parent.is("variable") {
        variants(&parent, &variations, &names, &mut notes)?
    } else {
        vec![parent.variant(Vec::new(), &mut notes)?]
    };
    for (name, values) in parent.attributes.iter().filter(|(name, _)| !names.contains(name)) {
        notes.push(Note::Attribute(format!("{name}: {}", values.join(", "))));
    }
    let options = names.iter().map(|name| parsed(name, "attribute")).collect::<Result<Vec<Short>, _>>()?;
    let mut images = parent.images;
    for image in variations.iter().flat_map(|variation| &variation.images) {
        if !images.contains(image) && images.len() < MAX_IMAGES {
            images.push(image.clone());
        }
    }
    Ok(ImportedProduct {
        line: parent.line,
        handle: None,
        title_handle: Handle::of(&parent.name),
        title: Some(parsed(&parent.name, "name")?),
        description: Some(parsed::<Html>(&parent.description, "description")?),
        vendor: parent.vendor.map(Some),
        kind: None,
        state: Some(parent.state),
        taxable: Some(parent.taxable),
        tax_code: Some(match parent.tax_class.as_str() {
            "" | "parent" => None,
            class => Some(parsed(class, "tax class")?),
        }),
        options: Some(options),
        categories: Some(parent.categories),
        tags: Some(parent.tags),
        images: Some(images),
        variants,
        notes,
        name: parent.name,
    })
}

/// The attributes that variations are told apart by.
fn option_names(parent: &Entry, variations: &[Entry]) -> Result<Vec<String>, Reason> {
    if variations.is_empty() {
        return Err(Reason::NoVariations);
    }
    let named = |name: &String| {
        variations.iter().any(|variation| variation.attributes.iter().any(|(own, _)| own == name))
    };
    let names: Vec<String> =
        parent.attributes.iter().map(|(name, _)| name).filter(|name| named(name)).cloned().collect();
    if names.len() > MAX_OPTIONS { Err(Reason::ManyOptions) } else { Ok(names) }
}

fn variants(
    parent: &Entry,
    variations: &[Entry],
    names: &[String],
    notes: &mut Vec<Note>,
) -> Result<Vec<ImportedVariant>, Reason> {
    let mut variants: Vec<ImportedVariant> = Vec::new();
    for variation in variations {
        if variation.state != State::Active {
            notes.push(Note::DisabledVariation(variation.line));
            continue;
        }
        if let Some(reason) = variation.unsellable() {
            return Err(reason);
        }
        if variation.stock == "parent" || (variation.stock.is_empty() && !parent.stock.is_empty()) {
            return Err(Reason::SharedStock);
        }
        let taxed_apart =
            !matches!(variation.tax_class.as_str(), "parent") && variation.tax_class != parent.tax_class;
        if taxed_apart || variation.taxable != parent.taxable {
            return Err(Reason::MixedTax);
        }
        let choices = choices(parent, variation, names);
        if choices.len() > 1 {
            // one count cannot be shared by several variants
            if variation.stock(&mut Vec::new())?.tracked && !variation.stock.is_empty() {
                return Err(Reason::SharedStock);
            }
            let open: Vec<&str> =
                names.iter().filter(|name| value(variation, name).is_none()).map(String::as_str).collect();
            let note = Note::AnyChoice(open.join(", "));
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        let several = choices.len() > 1;
        for choice in choices {
            // a variation that answers a more open one's choice stands for it
            let options =
                choice.iter().map(|value| parsed(value, "attribute")).collect::<Result<Vec<Short>, _>>()?;
            if variants.iter().any(|variant| variant.options == options) {
                continue;
            }
            if variants.len() == MAX_VARIANTS {
                return Err(Reason::ManyVariants(MAX_VARIANTS));
            }
            let mut variant = variation.variant(options, notes)?;
            variant.grams = Some(variation.grams.or(parent.grams));
            variant.image = Some(variation.images.first().map(|image| image.address.clone()));
            if several && let Some(sku) = &variation.sku {
                let open = names.iter().zip(&choice).filter(|(name, _)| value(variation, name).is_none());
                let suffix: Vec<String> =
                    open.filter_map(|(_, value)| Handle::of(value)).map(|part| part.to_string()).collect();
                variant.sku = Some(Some(parsed(&format!("{sku}-{}", suffix.join("-")), "SKU")?));
            }
            variants.push(variant);
        }
    }
    if variants.is_empty() { Err(Reason::NoVariations) } else { Ok(variants) }
}

/// The value a variation has for an attribute; none if any value will do.
fn value<'e>(entry: &'e Entry, name: &str) -> Option<&'e str> {
    let (_, values) = entry.attributes.iter().find(|(own, _)| own == name)?;
    values.first().map(String::as_str)
}

/// Each combination of values that a variation stands for: one, unless it leaves an attribute open.
fn choices(parent: &Entry, variation: &Entry, names: &[String]) -> Vec<Vec<String>> {
    let mut choices: Vec<Vec<String>> = vec![Vec::new()];
    for name in names {
        let own = value(variation, name).map(str::to_owned);
        let of_parent =
            parent.attributes.iter().find(|(own, _)| own == name).map(|(_, values)| values.clone());
        let values = own.map(|value| vec![value]).or(of_parent).unwrap_or_default();
        choices = choices
            .iter()
            .flat_map(|begun| {
                values.iter().map(|value| begun.iter().cloned().chain([value.clone()]).collect())
            })
            .take(MAX_VARIANTS + 1)
            .collect();
    }
    choices
}

/// The parts of a cell between commas; `\,` is a comma of a part.
fn split_values(cell: &str) -> Vec<String> {
    let parts = cell.replace("\\,", "\u{1}");
    parts.split(',').map(|part| part.trim().replace('\u{1}', ",")).filter(|part| !part.is_empty()).collect()
}

/// Addresses of pictures, which may hold commas themselves.
fn addresses(cell: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in cell.split(',') {
        let begins = part.trim_start().starts_with("http") || found.is_empty();
        match found.last_mut() {
            Some(last) if !begins => {
                last.push(',');
                last.push_str(part);
            }
            _ => found.push(part.trim().to_owned()),
        }
    }
    found.into_iter().filter(|address| !address.trim().is_empty()).collect()
}
