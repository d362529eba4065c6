//! The pages of the back office, one struct each, beside their templates.

use askama::Template;
use std::collections::HashMap;

use base::{Currency, Quantity, tax::Treatment};
use edge::Frame;

use crate::{
    Category, Flaw, ImportId, Rule, State, Summary, TaxCode, Unit, VariantId,
    http::{ProductForm, Row, TaxForm},
    images::{FailedFetch, ImageState, Loading, Picture, ProductImage, Progress},
    import::{FileError, Outcome, Report, ReportLine},
};

#[derive(Template)]
#[template(path = "product_list.html")]
pub struct ProductListPage {
    pub frame: Frame,
    pub may_write: bool,
    pub may_import: bool,
    pub q: String,
    pub state: String,
    pub products: Vec<Summary>,
    /// On hand, of what is counted and offered in one variant.
    pub levels: HashMap<VariantId, Quantity>,
    pub categories: Vec<Category>,
    pub codes: Vec<TaxCode>,
    /// Why what was sent was not done.
    pub fault: Option<String>,
    /// How far pictures are that are fetched from addresses.
    pub fetching: Progress,
    pub next: Option<String>,
}

impl ProductListPage {
    /// The address of the next page, after its cursor.
    fn next_page(&self, cursor: &str) -> String {
        let words: String = self.q.bytes().map(|byte| format!("%{byte:02x}")).collect();
        format!("?q={words}&state={}&cursor={cursor}", self.state)
    }

    fn is_filtered(&self) -> bool {
        !self.q.is_empty() || !self.state.is_empty()
    }

    /// The variant whose count stands in the list, with it.
    fn level(&self, product: &Summary) -> Option<(VariantId, Quantity)> {
        let variant = product.first.filter(|_| product.offered == 1)?;
        self.levels.get(&variant).map(|level| (variant, *level))
    }

    /// The colour of a badge; its words say the same.
    fn tone(&self, product: &Summary) -> &'static str {
        match product.state {
            State::Active if product.available => "good",
            State::Active => "bad",
            State::Draft => "warn",
            State::Archived => "",
        }
    }

    fn state_word(&self, state: &State) -> String {
        self.frame.t(&format!("catalog-state-{}", state.name()))
    }
}

#[derive(Template)]
#[template(path = "product.html")]
pub struct ProductPage {
    pub frame: Frame,
    pub action: String,
    /// Where an existing product is shown, hidden or archived.
    pub state_action: Option<String>,
    /// The pictures of an existing product.
    pub images: Option<ImagesSection>,
    pub currency: Currency,
    pub codes: Vec<TaxCode>,
    pub form: ProductForm,
    pub flaws: Vec<Flaw>,
}

impl ProductPage {
    fn rows(&self) -> Vec<Row> {
        self.form.rows()
    }

    /// The fields of the options' names.
    fn options(&self) -> [(&'static str, &str, usize); 3] {
        let form = &self.form;
        [("option1", &form.option1, 0), ("option2", &form.option2, 1), ("option3", &form.option3, 2)]
    }

    /// The fields of a variant's option values.
    fn values<'r>(&self, row: &'r Row) -> [(&'static str, &'r str); 3] {
        [("value1", &row.values[0]), ("value2", &row.values[1]), ("value3", &row.values[2])]
    }

    fn units(&self) -> [&'static str; 10] {
        Unit::ALL.map(Unit::name)
    }

    fn states(&self) -> [&'static str; 3] {
        State::ALL.map(State::name)
    }

    /// What stands against `field`, in the reader's words; empty if nothing does.
    fn flaw(&self, field: &str) -> String {
        said(&self.frame, &self.flaws, field)
    }

    /// Whether the product has more than one variant, or something there needs another look.
    fn has_variants(&self) -> bool {
        let second = |field: &str| field.starts_with("variants[") && !field.starts_with("variants[0]");
        let at_fault = |flaw: &Flaw| second(&flaw.field) || flaw.field.starts_with("options");
        !self.form.option1.is_empty() || self.flaws.iter().any(at_fault)
    }

    /// Whether a folded field of the variant needs another look.
    fn has_flaw_in(&self, place: &usize) -> bool {
        let row = format!("variants[{place}].");
        let folded = |field: &str| !matches!(field, "price" | "stock");
        self.flaws.iter().filter_map(|flaw| flaw.field.strip_prefix(&row)).any(folded)
    }

    fn row_flaw(&self, place: &usize, field: &str) -> String {
        self.flaw(&format!("variants[{place}].{field}"))
    }
}

fn said(frame: &Frame, flaws: &[Flaw], field: &str) -> String {
    flaws.iter().find(|flaw| flaw.field == field).map(|flaw| words(frame, &flaw.rule)).unwrap_or_default()
}

fn words(frame: &Frame, rule: &Rule) -> String {
    frame.t1(rule.key(), "value", rule.value())
}

/// The pictures of a product, with forms of their own.
#[derive(Template)]
#[template(path = "product_images.html")]
pub struct ImagesSection {
    frame: Frame,
    action: String,
    rows: Vec<ImageRow>,
    /// What stands against the picture that was sent, and the address that was typed.
    flaw: Option<String>,
    address: String,
}

/// One picture as the section shows it.
struct ImageRow {
    /// Names it in forms.
    address: String,
    alt: String,
    /// The `<picture>`, if it is here.
    shown: Option<String>,
    /// Why it is not.
    state: String,
    failed: bool,
}

impl ImagesSection {
    pub fn of(frame: Frame, action: &str, images: Vec<ProductImage>) -> Self {
        let rows = images.into_iter().map(|image| ImageRow::of(&frame, image)).collect();
        Self { frame, action: action.to_owned(), rows, flaw: None, address: String::new() }
    }

    /// Says why the picture called `name` was not taken, and keeps the address that was typed.
    pub fn refuse(&mut self, name: &str, key: &str, address: &str) {
        let why = self.frame.t(key);
        self.flaw = Some(if name.is_empty() { why } else { format!("{name}: {why}") });
        address.clone_into(&mut self.address);
    }

    fn is_first(&self, place: &usize) -> bool {
        *place == 0
    }

    fn is_last(&self, place: &usize) -> bool {
        place + 1 == self.rows.len()
    }
}

impl ImageRow {
    fn of(frame: &Frame, image: ProductImage) -> Self {
        let alt = image.alt.map(|alt| alt.to_string()).unwrap_or_default();
        let (shown, state, failed) = match &image.known {
            None => (None, frame.t("catalog-picture-untried"), true),
            Some((_, ImageState::Waiting)) => (None, frame.t("catalog-picture-waiting"), false),
            Some((_, ImageState::Failed(reason))) => {
                let why = frame.t1(reason.key(), "value", reason.value());
                (None, frame.t1("catalog-picture-failed", "why", why), true)
            }
            Some((_, ImageState::Ready(measures))) => {
                let picture = Picture::of(measures, alt.as_str());
                (Some(picture.markup(frame, "10rem", Loading::Lazy)), String::new(), false)
            }
        };
        Self { address: image.address.to_string(), alt, shown, state, failed }
    }
}

/// How far the pictures are that are fetched from addresses.
#[derive(Template)]
#[template(path = "pictures.html")]
pub struct PicturesPage {
    pub frame: Frame,
    pub may_write: bool,
    pub progress: Progress,
}

impl PicturesPage {
    fn why(&self, failure: &FailedFetch) -> String {
        self.frame.t1(failure.reason.key(), "value", failure.reason.value())
    }
}

#[derive(Template)]
#[template(path = "categories.html")]
pub struct CategoriesPage {
    pub frame: Frame,
    pub may_write: bool,
    pub categories: Vec<Category>,
    /// What was typed, for which category (none for a new one), and what stands against it.
    pub typed: String,
    pub at: String,
    pub flaw: Option<Rule>,
}

impl CategoriesPage {
    fn flaw(&self, at: &str) -> String {
        self.flaw.as_ref().filter(|_| self.at == at).map(|rule| words(&self.frame, rule)).unwrap_or_default()
    }

    fn value(&self, category: &Category) -> String {
        let refused = self.flaw.is_some() && self.at == category.id.to_string();
        if refused { self.typed.clone() } else { category.path.name().to_owned() }
    }
}

#[derive(Template)]
#[template(path = "tax_codes.html")]
pub struct TaxCodesPage {
    pub frame: Frame,
    pub may_write: bool,
    /// One for each code, and an empty one for a new code.
    pub forms: Vec<TaxForm>,
    /// The code whose form was refused.
    pub refused: Option<String>,
    pub flaws: Vec<Flaw>,
}

impl TaxCodesPage {
    fn treatments(&self) -> [&'static str; 5] {
        Treatment::ALL.map(Treatment::name)
    }

    fn same(&self, one: &str, other: &str) -> bool {
        one == other
    }

    fn flaw(&self, form: &TaxForm, field: &str) -> String {
        if self.is_faulty(form) { said(&self.frame, &self.flaws, field) } else { String::new() }
    }

    /// Whether this code was refused: it is shown unfolded.
    fn is_faulty(&self, form: &TaxForm) -> bool {
        self.refused.as_ref() == Some(&form.code)
    }

    fn rate_flaw(&self, form: &TaxForm, place: &usize, field: &str) -> String {
        self.flaw(form, &format!("rates[{place}].{field}"))
    }
}

#[derive(Template)]
#[template(path = "import.html")]
pub struct ImportPage {
    pub frame: Frame,
    pub error: Option<FileError>,
}

impl ImportPage {
    fn error(&self) -> Option<String> {
        let error = self.error.as_ref()?;
        let reason = self.frame.t1(error.reason.key(), "value", error.reason.value());
        Some(self.frame.t2("catalog-import-line", "line", error.line, "text", reason))
    }
}

#[derive(Template)]
#[template(path = "import_report.html")]
pub struct ReportPage {
    pub frame: Frame,
    pub created: usize,
    pub changed: usize,
    pub unchanged: usize,
    pub refused: usize,
    lines: Vec<ReportLine>,
    /// Lines that are too many to show.
    pub more: usize,
    /// The kept file, if it is not brought in yet.
    pub confirm: Option<ImportId>,
    /// Pictures that are fetched now.
    pub fetching: u32,
}

impl ReportPage {
    /// Lines that a page shows; a file may have a hundred thousand.
    const LINES: usize = 500;

    pub fn new(frame: Frame, report: Report, confirm: Option<ImportId>, fetching: u32) -> Self {
        let (created, changed) = (report.created(), report.changed());
        let (unchanged, refused) = (report.unchanged(), report.refused());
        let told =
            |line: &ReportLine| !matches!(line.outcome, Outcome::Unchanged(_)) || !line.notes.is_empty();
        let mut lines: Vec<ReportLine> = report.lines.into_iter().filter(told).collect();
        // what needs a hand stands first
        lines.sort_by_key(|line| {
            (!matches!(line.outcome, Outcome::Refused(_)), line.notes.is_empty(), line.line)
        });
        let more = lines.len().saturating_sub(Self::LINES);
        lines.truncate(Self::LINES);
        Self { frame, created, changed, unchanged, refused, lines, more, confirm, fetching }
    }

    fn is_cut(&self) -> bool {
        self.more > 0
    }

    fn outcome(&self, line: &ReportLine) -> String {
        match &line.outcome {
            Outcome::Created(_) => self.frame.t("catalog-import-created"),
            Outcome::Unchanged(_) => self.frame.t("catalog-import-unchanged"),
            Outcome::Changed(_, changes) => {
                let fields: Vec<&str> = changes.iter().map(|change| change.field.as_str()).collect();
                self.frame.t1("catalog-import-changed", "fields", fields.join(", "))
            }
            Outcome::Refused(reason) => {
                let why = self.frame.t1(reason.key(), "value", reason.value());
                self.frame.t1("catalog-import-refused", "why", why)
            }
        }
    }

    fn notes(&self, line: &ReportLine) -> Vec<String> {
        line.notes.iter().map(|note| self.frame.t1(note.key(), "value", note.value())).collect()
    }
}

#[cfg(test)]
mod tests;
