//! The product form: what was typed, and the wish it makes. Nothing typed is lost: a refused form is shown as it came.

use std::str::FromStr;

use base::{Currency, Money, Quantity, TextError};
use serde::Deserialize;

use crate::model::{
    CategoryPath, Details, Draft, Flaw, Handle, Html, Product, Rule, Short, State, Tag, Unit, VariantDetails,
    VariantDraft, WordError,
};

/// As the browser sends it. The fields of variants are lists of one length.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ProductForm {
    pub title: String,
    pub handle: String,
    pub description: String,
    pub vendor: String,
    pub kind: String,
    pub state: String,
    pub taxable: String,
    pub tax_code: String,
    /// One path a line.
    pub categories: String,
    pub tags: String,
    pub option1: String,
    pub option2: String,
    pub option3: String,
    pub variant_id: Vec<String>,
    pub value1: Vec<String>,
    pub value2: Vec<String>,
    pub value3: Vec<String>,
    pub sku: Vec<String>,
    pub barcode: Vec<String>,
    pub price: Vec<String>,
    pub compare_at: Vec<String>,
    pub cost: Vec<String>,
    pub unit: Vec<String>,
    pub stock_rule: Vec<String>,
    pub count: Vec<String>,
    pub ships: Vec<String>,
    pub grams: Vec<String>,
    pub archived: Vec<String>,
}

/// One variant of the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub id: String,
    pub values: [String; 3],
    pub sku: String,
    pub barcode: String,
    pub price: String,
    pub compare_at: String,
    pub cost: String,
    pub unit: String,
    /// `free`, `counted` or `sell-when-out`.
    pub stock_rule: String,
    pub count: String,
    pub ships: String,
    pub grams: String,
    pub archived: String,
}

impl Row {
    fn empty() -> Self {
        let text = str::to_owned;
        Self {
            unit: text("piece"),
            stock_rule: text("free"),
            ships: text("yes"),
            archived: text("no"),
            ..Self::default()
        }
    }

    /// A line that nobody filled in.
    fn is_blank(&self) -> bool {
        let typed =
            [&self.id, &self.sku, &self.barcode, &self.price, &self.compare_at, &self.cost, &self.count];
        typed.into_iter().chain(&self.values).all(|text| text.trim().is_empty())
    }
}

impl ProductForm {
    /// The form of a new product: one variant, and room for two more.
    pub fn new() -> Self {
        let (state, taxable) = ("active".to_owned(), "yes".to_owned());
        Self { state, taxable, ..Self::default() }.with_rows(vec![Row::empty(); 3])
    }

    pub fn of(product: &Product) -> Self {
        let details = &product.details;
        let text = |text: &Option<Short>| text.as_ref().map(Short::to_string).unwrap_or_default();
        let option = |place: usize| details.options.get(place).map(Short::to_string).unwrap_or_default();
        let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
        let amount = |amount: Option<Money>| amount.map(Money::decimal).unwrap_or_default();
        let mut rows: Vec<Row> = Vec::with_capacity(product.variants.len() + 2);
        for variant in &product.variants {
            let details = &variant.details;
            let value = |place: usize| details.options.get(place).map(Short::to_string).unwrap_or_default();
            rows.push(Row {
                id: variant.id.to_string(),
                values: [value(0), value(1), value(2)],
                sku: text(&details.sku),
                barcode: text(&details.barcode),
                price: details.price.decimal(),
                compare_at: amount(details.compare_at),
                cost: amount(details.cost),
                unit: details.unit.to_string(),
                stock_rule: match (details.tracked, details.sell_when_out) {
                    (false, _) => "free",
                    (true, false) => "counted",
                    (true, true) => "sell-when-out",
                }
                .to_owned(),
                count: String::new(),
                ships: yes(details.ships),
                grams: details.grams.map(|grams| grams.to_string()).unwrap_or_default(),
                archived: yes(variant.archived),
            });
        }
        rows.extend([Row::empty(), Row::empty()]);
        let lines = |lines: Vec<String>| lines.join("\n");
        Self {
            title: details.title.to_string(),
            handle: product.handle.to_string(),
            description: details.description.to_string(),
            vendor: text(&details.vendor),
            kind: text(&details.kind),
            state: details.state.name().to_owned(),
            taxable: yes(details.taxable),
            tax_code: details.tax_code.as_ref().map(|code| code.to_string()).unwrap_or_default(),
            categories: lines(details.categories.iter().map(CategoryPath::to_string).collect()),
            tags: details.tags.iter().map(Tag::as_str).collect::<Vec<_>>().join(", "),
            option1: option(0),
            option2: option(1),
            option3: option(2),
            ..Self::default()
        }
        .with_rows(rows)
    }

    /// The variants as lines, whatever number of fields came.
    pub fn rows(&self) -> Vec<Row> {
        let at = |list: &[String], place: usize| list.get(place).cloned().unwrap_or_default();
        (0..self.price.len().min(crate::MAX_VARIANTS + 1))
            .map(|place| Row {
                id: at(&self.variant_id, place),
                values: [at(&self.value1, place), at(&self.value2, place), at(&self.value3, place)],
                sku: at(&self.sku, place),
                barcode: at(&self.barcode, place),
                price: at(&self.price, place),
                compare_at: at(&self.compare_at, place),
                cost: at(&self.cost, place),
                unit: at(&self.unit, place),
                stock_rule: at(&self.stock_rule, place),
                count: at(&self.count, place),
                ships: at(&self.ships, place),
                grams: at(&self.grams, place),
                archived: at(&self.archived, place),
            })
            .collect()
    }

    fn with_rows(mut self, rows: Vec<Row>) -> Self {
        let list =
            |pick: fn(&Row) -> &String| rows.iter().map(|row| pick(row).clone()).collect::<Vec<String>>();
        self.variant_id = list(|row| &row.id);
        self.value1 = list(|row| &row.values[0]);
        self.value2 = list(|row| &row.values[1]);
        self.value3 = list(|row| &row.values[2]);
        self.sku = list(|row| &row.sku);
        self.barcode = list(|row| &row.barcode);
        self.price = list(|row| &row.price);
        self.compare_at = list(|row| &row.compare_at);
        self.cost = list(|row| &row.cost);
        self.unit = list(|row| &row.unit);
        self.stock_rule = list(|row| &row.stock_rule);
        self.count = list(|row| &row.count);
        self.ships = list(|row| &row.ships);
        self.grams = list(|row| &row.grams);
        self.archived = list(|row| &row.archived);
        self
    }

    /// The form without lines that nobody filled in, so that its lines are the wish's variants; at least one stays.
    pub fn without_blanks(self) -> Self {
        let mut rows = self.rows();
        let first = rows.first().cloned().unwrap_or_else(Row::empty);
        rows.retain(|row| !row.is_blank());
        if rows.is_empty() {
            rows.push(first);
        }
        self.with_rows(rows)
    }

    /// The wish that was typed, upon the product it changes; or each flaw beside its field.
    pub fn draft(&self, before: Option<&Product>, currency: Currency) -> Result<Draft, Vec<Flaw>> {
        let mut reading = Reading { flaws: Vec::new(), currency };
        let title: Option<Short> = reading.needed("title", &self.title);
        let handle: Option<Handle> = reading.optional("handle", &self.handle);
        let description: Option<Html> = reading.text("description", &self.description);
        let names =
            [("options[0]", &self.option1), ("options[1]", &self.option2), ("options[2]", &self.option3)];
        let options: Vec<Short> =
            names.into_iter().filter_map(|(field, name)| reading.optional(field, name)).collect();
        let lines = |text: &str| {
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
        };
        let paths: Vec<String> = lines(&self.categories);
        let categories = paths.iter().filter_map(|path| reading.text("categories", path)).collect();
        let tags = self.tags.split(',').filter_map(|tag| reading.optional("tags", tag)).collect();
        // pictures have forms of their own
        let images = before.map(|product| product.details.images.clone()).unwrap_or_default();
        let wanted = options.len();
        let rows = self.rows();
        let variants: Vec<VariantDraft> = rows
            .iter()
            .enumerate()
            .filter_map(|(place, row)| reading.variant(place, row, wanted, before))
            .collect();
        let details = Details {
            description: description.unwrap_or_default(),
            vendor: reading.optional("vendor", &self.vendor),
            kind: reading.optional("kind", &self.kind),
            state: State::parse(&self.state).unwrap_or_default(),
            taxable: self.taxable == "yes",
            tax_code: reading.optional("taxCode", &self.tax_code),
            options,
            categories,
            tags,
            images,
            ..Details::titled(match title {
                Some(title) => title,
                None => return Err(reading.flaws),
            })
        };
        if reading.flaws.is_empty() { Ok(Draft { handle, details, variants }) } else { Err(reading.flaws) }
    }
}

/// Reads fields and remembers what did not read.
struct Reading {
    flaws: Vec<Flaw>,
    currency: Currency,
}

impl Reading {
    fn flaw(&mut self, field: impl Into<String>, rule: Rule) {
        self.flaws.push(Flaw { field: field.into(), rule });
    }

    fn text<T: FromStr>(&mut self, field: impl Into<String>, text: &str) -> Option<T>
    where
        T::Err: ToString,
    {
        match text.parse() {
            Ok(read) => Some(read),
            Err(error) => {
                self.flaw(field, Rule::Text(error.to_string()));
                None
            }
        }
    }

    fn needed<T: FromStr<Err: ToString>>(&mut self, field: impl Into<String>, text: &str) -> Option<T> {
        if text.trim().is_empty() {
            self.flaw(field, Rule::Missing);
            return None;
        }
        self.text(field, text.trim())
    }

    fn optional<T: FromStr<Err: ToString>>(&mut self, field: impl Into<String>, text: &str) -> Option<T> {
        if text.trim().is_empty() { None } else { self.text(field, text.trim()) }
    }

    fn amount(&mut self, field: String, text: &str) -> Option<Money> {
        if text.trim().is_empty() {
            return None;
        }
        let read = Money::parse_decimal(text, self.currency).ok();
        if read.is_none() {
            let example = Money::new(1250, self.currency).map(Money::decimal).unwrap_or_default();
            self.flaw(field, Rule::NoAmount { currency: self.currency, example });
        }
        read
    }

    fn variant(
        &mut self,
        place: usize,
        row: &Row,
        wanted: usize,
        before: Option<&Product>,
    ) -> Option<VariantDraft> {
        let field = |name: &str| format!("variants[{place}].{name}");
        let id = self.optional(field("id"), &row.id);
        let known = before.and_then(|product| product.variants.iter().find(|variant| Some(variant.id) == id));
        let archived = row.archived == "yes";
        let values = row.values.iter().take(if archived { 3 } else { wanted });
        let mut options: Vec<Short> = Vec::new();
        for value in values.filter(|value| !archived || !value.trim().is_empty()) {
            options.extend(self.needed::<Short>(field("options"), value));
        }
        if row.price.trim().is_empty() {
            self.flaw(field("price"), Rule::Missing);
        }
        let price = self.amount(field("price"), &row.price);
        let compare_at = self.amount(field("compareAt"), &row.compare_at);
        let cost = self.amount(field("cost"), &row.cost);
        let count = match row.count.trim() {
            "" => None,
            text => match text.parse::<Quantity>() {
                Ok(count) => Some(count),
                Err(_) => {
                    self.flaw(field("stock"), Rule::NoNumber);
                    None
                }
            },
        };
        let grams = match row.grams.trim() {
            "" => None,
            text => match text.parse::<u32>() {
                Ok(grams) => Some(grams),
                Err(_) => {
                    self.flaw(field("grams"), Rule::NoNumber);
                    None
                }
            },
        };
        let (sku, barcode) =
            (self.optional(field("sku"), &row.sku), self.optional(field("barcode"), &row.barcode));
        let unit = if row.unit.is_empty() { Some(Unit::Piece) } else { self.text(field("unit"), &row.unit) };
        let details = VariantDetails {
            options,
            sku,
            barcode,
            price: price?,
            compare_at,
            cost,
            unit: unit?,
            // who writes a number wants it counted
            tracked: row.stock_rule != "free" || count.is_some(),
            sell_when_out: row.stock_rule == "sell-when-out",
            ships: row.ships != "no",
            grams,
            image: known.and_then(|variant| variant.details.image.clone()),
        };
        Some(VariantDraft { id, archived, details, count })
    }
}

impl From<WordError> for Rule {
    fn from(error: WordError) -> Self {
        match error {
            WordError::Text(TextError::Empty) => Self::Missing,
            other => Self::Text(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur() -> Currency {
        "EUR".parse().unwrap()
    }

    fn typed(title: &str, price: &str) -> ProductForm {
        let mut form = ProductForm::new();
        form.title = title.to_owned();
        form.price[0] = price.to_owned();
        form.without_blanks()
    }

    #[test]
    fn three_fields_make_a_product() {
        let mut form = typed("Pagne", "12,50");
        form.count[0] = "3".to_owned();
        let draft = form.draft(None, eur()).unwrap();
        assert_eq!(draft.variants.len(), 1);
        let variant = &draft.variants[0];
        assert_eq!(
            (variant.details.price.minor(), variant.count, variant.details.tracked),
            (12_50, Some(Quantity::units(3)), true)
        );
        assert!(draft.flaws(eur()).is_empty());
    }

    #[test]
    fn each_flaw_stands_beside_its_field() {
        let mut form = typed("", "ten");
        form.sku[0] = "\u{1}x".to_owned();
        let fields: Vec<String> =
            form.draft(None, eur()).unwrap_err().into_iter().map(|flaw| flaw.field).collect();
        assert_eq!(fields, ["title", "variants[0].price", "variants[0].sku"]);
    }

    #[test]
    fn lines_that_nobody_filled_in_are_no_variants_but_one_always_stands_there() {
        assert_eq!(ProductForm::new().without_blanks().rows().len(), 1);
        assert_eq!(typed("A", "1").rows().len(), 1);
    }
}
