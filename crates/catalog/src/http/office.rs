//! Pages of the back office: products, categories, tax codes.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use std::str::FromStr;

use base::{
    Quantity,
    tax::{Rate, Treatment},
};
use edge::{App, Form, List, May, Page, PageQuery, Path, Problem, Query};
use http::StatusCode;
use serde::Deserialize;

use super::{OnShelf, Read, Write, currency, form::ProductForm};
use crate::{
    Bulk, CategoryId, Cursor, Error, Filter, Flaw, Product, ProductId, Rule, SharedShelf,
    State as ProductState, Tag, TaxCode, TaxRate, VariantId, category, images,
    model::basis_points,
    pages::{CategoriesPage, ImagesSection, ProductListPage, ProductPage, TaxCodesPage},
    products, tax,
};

#[derive(Deserialize)]
pub struct ListQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
}

fn title<P>(may: &May<P>, key: &str) -> String {
    edge::text(may.language(), key, &[])
}

pub(super) fn office<P>(may: &May<P>, path: &str) -> String {
    format!("/t/{}/admin{path}", may.tenant().slug)
}

/// Whether counts may be typed into the list: they are of the whole business.
fn may_count<P>(may: &May<P>) -> bool {
    may.standing().reach("stock.write").is_some_and(|reach| *reach == db::Reach::Everywhere)
}

async fn list_page(
    app: &App,
    may: &May<Read>,
    shelf: SharedShelf,
    query: ListQuery,
    page: PageQuery,
    fault: Option<String>,
) -> Result<ProductListPage, Problem> {
    let limit = page.limit();
    let after = page.after::<2>()?.and_then(Cursor::from_parts);
    let state = ProductState::parse(&query.state);
    let filter = Filter { state, search: query.q.clone(), ..Filter::default() };
    let counts = may_count(may);
    let (rows, levels, categories, codes, fetching) = app
        .db
        .read(may.scope(), move |rx| {
            let rows = products::list(rx, &filter, after.as_ref(), limit + 1)?;
            let single: Vec<_> =
                rows.iter().filter(|row| counts && row.offered == 1).filter_map(|row| row.first).collect();
            let levels = shelf.levels(rx, &single)?;
            let fetching = images::progress(rx)?;
            Ok::<_, Error>((rows, levels, category::categories(rx)?, tax::tax_codes(rx)?, fetching))
        })
        .await?;
    let list = List::of(rows, limit, |last| last.cursor().parts());
    Ok(ProductListPage {
        frame: may.frame(title(may, "catalog-products-title")),
        may_write: may.may("catalog.write"),
        may_import: may.may("catalog.import"),
        q: query.q,
        state: query.state,
        products: list.items,
        levels,
        categories,
        codes,
        fault,
        fetching,
        next: list.next_cursor,
    })
}

pub async fn list(
    State(app): State<App>,
    may: May<Read>,
    Extension(shelf): OnShelf,
    Query(query): Query<ListQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Page<ProductListPage>, Problem> {
    Ok(Page(list_page(&app, &may, shelf, query, page, None).await?))
}

/// What is done to the products that were ticked, or the counts that were typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct BulkForm {
    product: Vec<ProductId>,
    change: String,
    percent: String,
    tag: String,
    category: String,
    tax_code: String,
    /// `counts` saves the counts, all else does the change.
    action: String,
    counted: Vec<VariantId>,
    was: Vec<String>,
    count: Vec<String>,
}

impl BulkForm {
    /// The change that was chosen, or the field that needs another look and why.
    fn change(&self) -> Result<Bulk, (&'static str, Rule)> {
        let text = |error: crate::WordError| Rule::from(error);
        let tag = || Tag::from_str(self.tag.trim()).map_err(|error| ("catalog-bulk-tag", text(error)));
        Ok(match self.change.as_str() {
            "price" => {
                let points = basis_points(&self.percent);
                Bulk::Price { basis_points: points.ok_or(("catalog-bulk-percent", Rule::NoNumber))? }
            }
            "tag" => Bulk::AddTag { tag: tag()? },
            "untag" => Bulk::RemoveTag { tag: tag()? },
            "category" => {
                let path = self.category.parse().map_err(|error| ("catalog-bulk-category", text(error)))?;
                Bulk::AddCategory { category: path }
            }
            "tax-code" if self.tax_code.is_empty() => Bulk::TaxCode { tax_code: None },
            "tax-code" => {
                let code = self.tax_code.parse().map_err(|_| ("catalog-tax-code", Rule::Missing))?;
                Bulk::TaxCode { tax_code: Some(code) }
            }
            state => {
                let state = ProductState::parse(state).ok_or(("catalog-bulk-what", Rule::Missing))?;
                Bulk::State { state }
            }
        })
    }

    /// The counts that differ from what the page showed: what somebody else sold meanwhile is not undone.
    fn counts(&self) -> Result<Vec<(VariantId, Quantity)>, (&'static str, Rule)> {
        let typed = self.counted.iter().zip(&self.was).zip(&self.count);
        typed
            .filter(|((_, was), count)| was.trim() != count.trim())
            .map(|((variant, _), count)| {
                let read = count.trim().replace(',', ".").parse::<Quantity>();
                let count = read.ok().filter(|count| *count >= Quantity::ZERO);
                Ok((*variant, count.ok_or(("catalog-count", Rule::NoNumber))?))
            })
            .collect()
    }
}

pub async fn change_many(
    State(app): State<App>,
    may: May<Write>,
    read: May<Read>,
    Extension(shelf): OnShelf,
    Query(query): Query<ListQuery>,
    Query(page): Query<PageQuery>,
    Form(form): Form<BulkForm>,
) -> Result<Response, Problem> {
    let (on_shelf, currency) = (SharedShelf::clone(&shelf), currency(&may));
    let done = if form.action == "counts" {
        if !may_count(&may) {
            return Err(Problem::forbidden(
                "not-permitted",
                "Counting stock needs the permission stock.write at every location.",
            ));
        }
        match form.counts() {
            Ok(counts) => {
                let count = move |tx: &mut db::Tx| products::recount(tx, &*on_shelf, currency, &counts);
                app.db.write(may.scope(), count).await
            }
            Err((field, rule)) => Err(Error::Refused(vec![Flaw { field: title(&may, field), rule }])),
        }
    } else {
        match form.change() {
            Ok(change) => {
                let ids = form.product;
                let work =
                    move |tx: &mut db::Tx| products::change_many(tx, &*on_shelf, currency, &ids, &change);
                app.db.write(may.scope(), work).await
            }
            Err((field, rule)) => Err(Error::Refused(vec![Flaw { field: title(&may, field), rule }])),
        }
    };
    match done {
        Ok(_) => Ok(edge::flash(&app, &office(&may, "/products"), "catalog-saved")),
        Err(Error::Refused(flaws)) => {
            let frame = may.frame(String::new());
            let fault = flaws.first().map(|flaw| {
                format!("{}: {}", flaw.field, frame.t1(flaw.rule.key(), "value", flaw.rule.value()))
            });
            let page = list_page(&app, &read, shelf, query, page, fault).await?;
            Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(error) => Err(error.into()),
    }
}

/// What the form offers to choose from.
async fn product_page(
    app: &App,
    may: &May<Write>,
    key: &str,
    action: String,
    form: ProductForm,
    flaws: Vec<Flaw>,
) -> Result<ProductPage, Problem> {
    let codes = app.db.read(may.scope(), tax::tax_codes).await?;
    let frame = may.frame(title(may, key));
    Ok(ProductPage {
        frame,
        action,
        state_action: None,
        images: None,
        currency: currency(may),
        codes,
        form,
        flaws,
    })
}

pub async fn new(State(app): State<App>, may: May<Write>) -> Result<Page<ProductPage>, Problem> {
    let action = office(&may, "/products/new");
    Ok(Page(product_page(&app, &may, "catalog-product-new", action, ProductForm::new(), Vec::new()).await?))
}

pub async fn create(
    State(app): State<App>,
    may: May<Write>,
    Extension(shelf): OnShelf,
    Form(form): Form<ProductForm>,
) -> Result<Response, Problem> {
    let (form, currency) = (form.without_blanks(), currency(&may));
    let made = match form.draft(None, currency) {
        Ok(draft) => {
            app.db.write(may.scope(), move |tx| products::create(tx, &*shelf, currency, &draft)).await
        }
        Err(flaws) => Err(Error::Refused(flaws)),
    };
    match made {
        Ok(product) => {
            Ok(edge::flash(&app, &office(&may, &format!("/products/{}", product.id)), "catalog-saved"))
        }
        Err(Error::Refused(flaws)) => {
            let action = office(&may, "/products/new");
            let page = product_page(&app, &may, "catalog-product-new", action, form, flaws).await?;
            Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Clone, Copy, Deserialize)]
pub struct ProductPath {
    pub id: ProductId,
}

pub(super) async fn edit_page(
    app: &App,
    may: &May<Write>,
    product: &Product,
    form: ProductForm,
    flaws: Vec<Flaw>,
) -> Result<ProductPage, Problem> {
    let action = office(may, &format!("/products/{}", product.id));
    let state_action = Some(format!("{action}/state"));
    let page = product_page(app, may, "catalog-product-edit", action.clone(), form, flaws).await?;
    let id = product.id;
    let images = app.db.read(may.scope(), move |rx| images::images_of(rx, id)).await?;
    let images = Some(ImagesSection::of(page.frame.clone(), &format!("{action}/images"), images));
    Ok(ProductPage { state_action, images, ..page })
}

pub async fn edit(
    State(app): State<App>,
    may: May<Write>,
    Path(path): Path<ProductPath>,
) -> Result<Page<ProductPage>, Problem> {
    let product = app.db.read(may.scope(), move |rx| products::product(rx, path.id)).await?;
    Ok(Page(edit_page(&app, &may, &product, ProductForm::of(&product), Vec::new()).await?))
}

pub async fn change(
    State(app): State<App>,
    may: May<Write>,
    Extension(shelf): OnShelf,
    Path(path): Path<ProductPath>,
    Form(form): Form<ProductForm>,
) -> Result<Response, Problem> {
    let (form, currency) = (form.without_blanks(), currency(&may));
    let typed = form.clone();
    let changed = app.db.write(may.scope(), move |tx| {
        let before = products::product(tx, path.id)?;
        let draft = typed.draft(Some(&before), currency).map_err(Error::Refused)?;
        products::update(tx, &*shelf, currency, path.id, &draft)
    });
    match changed.await {
        Ok(_) => Ok(edge::flash(&app, &office(&may, &format!("/products/{}", path.id)), "catalog-saved")),
        Err(Error::Refused(flaws)) => {
            let product = app.db.read(may.scope(), move |rx| products::product(rx, path.id)).await?;
            let page = edit_page(&app, &may, &product, form, flaws).await?;
            Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize)]
pub struct StateForm {
    state: ProductState,
}

pub async fn set_state(
    State(app): State<App>,
    may: May<Write>,
    Extension(shelf): OnShelf,
    Path(path): Path<ProductPath>,
    Form(form): Form<StateForm>,
) -> Result<Response, Problem> {
    let currency = currency(&may);
    let set = move |tx: &mut db::Tx| products::set_state(tx, &*shelf, currency, path.id, form.state);
    app.db.write(may.scope(), set).await?;
    Ok(edge::flash(&app, &office(&may, &format!("/products/{}", path.id)), "catalog-saved"))
}

async fn categories_page(
    app: &App,
    may: &May<Read>,
    typed: CategoryForm,
    flaw: Option<Rule>,
) -> Result<CategoriesPage, Problem> {
    let mut categories = app.db.read(may.scope(), category::categories).await?;
    category::in_reading_order(&mut categories, may.language());
    let frame = may.frame(title(may, "catalog-categories-title"));
    Ok(CategoriesPage {
        frame,
        may_write: may.may("catalog.write"),
        categories,
        typed: typed.name,
        at: typed.id,
        flaw,
    })
}

pub async fn categories(State(app): State<App>, may: May<Read>) -> Result<Page<CategoriesPage>, Problem> {
    Ok(Page(categories_page(&app, &may, CategoryForm::default(), None).await?))
}

/// One form for making, renaming and removing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct CategoryForm {
    /// The category that is meant; a new one if empty.
    id: String,
    name: String,
    remove: Option<String>,
}

pub async fn change_category(
    State(app): State<App>,
    may: May<Write>,
    read: May<Read>,
    Form(form): Form<CategoryForm>,
) -> Result<Response, Problem> {
    let typed = form.clone();
    let done = app.db.write(may.scope(), move |tx| {
        if typed.id.is_empty() {
            let rule = |error: crate::WordError| Flaw { field: "name".to_owned(), rule: error.into() };
            let path = typed.name.parse().map_err(|error| Error::Refused(vec![rule(error)]))?;
            return category::create(tx, &path).map(drop);
        }
        let id: CategoryId = typed.id.parse().map_err(|_| Error::UnknownCategory)?;
        match typed.remove {
            Some(_) => category::remove(tx, id),
            None => category::rename(tx, id, &typed.name).map(drop),
        }
    });
    let flaw = match done.await {
        Ok(()) => return Ok(edge::flash(&app, &office(&may, "/categories"), "catalog-saved")),
        Err(Error::Refused(flaws)) => flaws.into_iter().next().map(|flaw| flaw.rule),
        Err(Error::CategoryHasOthers) => Some(Rule::CategoryHasOthers),
        Err(error) => return Err(error.into()),
    };
    let page = categories_page(&app, &read, form, flaw).await?;
    Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY))
}

/// A tax code as the form has it: its rates are lists of one length.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TaxForm {
    pub code: String,
    pub name: String,
    pub standard: String,
    pub rate_name: Vec<String>,
    pub rate: Vec<String>,
    pub treatment: Vec<String>,
    pub compound: Vec<String>,
    pub valid_from: Vec<String>,
    pub valid_to: Vec<String>,
}

impl TaxForm {
    pub fn of(code: &TaxCode) -> Self {
        let list =
            |pick: fn(&TaxRate) -> String| code.rates.iter().map(pick).chain([String::new()]).collect();
        Self {
            code: code.code.to_string(),
            name: code.name.to_string(),
            standard: if code.standard { "yes" } else { "no" }.to_owned(),
            rate_name: list(|rate| rate.name.to_string()),
            rate: list(|rate| rate.rate.percent()),
            treatment: list(|rate| rate.treatment.name().to_owned()),
            compound: list(|rate| if rate.compound { "yes" } else { "no" }.to_owned()),
            valid_from: list(|rate| rate.valid_from.to_string()),
            valid_to: list(|rate| rate.valid_to.map(|day| day.to_string()).unwrap_or_default()),
        }
    }

    pub fn empty() -> Self {
        Self { rate_name: vec![String::new(); 2], ..Self::default() }
    }

    /// Places of the rates in the form.
    pub fn places(&self) -> std::ops::Range<usize> {
        0..self.rate_name.len().min(51)
    }

    pub fn at<'f>(&self, list: &'f [String], place: &usize) -> &'f str {
        list.get(*place).map(String::as_str).unwrap_or_default()
    }

    fn read(&self) -> Result<TaxCode, Vec<Flaw>> {
        let mut flaws = Vec::new();
        let mut found = |field: String, rule: Rule| flaws.push(Flaw { field, rule });
        let mut rates = Vec::new();
        for place in self.places() {
            let at = |list: &[String]| self.at(list, &place).trim().to_owned();
            if at(&self.rate_name).is_empty() && at(&self.rate).is_empty() {
                continue;
            }
            let field = |name: &str| format!("rates[{place}].{name}");
            let name = at(&self.rate_name).parse();
            let treatment = Treatment::parse(&at(&self.treatment)).unwrap_or(Treatment::Standard);
            let percent = at(&self.rate);
            let percent = if treatment == Treatment::Standard { &percent } else { "0" };
            let rate = Rate::parse_percent(percent);
            let valid_from = at(&self.valid_from).parse();
            let valid_to =
                Some(at(&self.valid_to)).filter(|day| !day.is_empty()).map(|day| day.parse()).transpose();
            match (name, rate, valid_from, valid_to) {
                (Ok(name), Some(rate), Ok(valid_from), Ok(valid_to)) => {
                    let compound = at(&self.compound) == "yes";
                    rates.push(TaxRate { name, rate, treatment, compound, valid_from, valid_to });
                }
                (name, rate, valid_from, valid_to) => {
                    if name.is_err() {
                        found(field("name"), Rule::Missing);
                    }
                    if rate.is_none() {
                        found(field("rate"), Rule::NoNumber);
                    }
                    if valid_from.is_err() {
                        found(field("validFrom"), Rule::NoDay);
                    }
                    if valid_to.is_err() {
                        found(field("validTo"), Rule::NoDay);
                    }
                }
            }
        }
        let (code, name) = (self.code.parse(), self.name.parse());
        if code.is_err() {
            found("code".to_owned(), Rule::Missing);
        }
        if name.is_err() {
            found("name".to_owned(), Rule::Missing);
        }
        match (code, name) {
            (Ok(code), Ok(name)) if flaws.is_empty() => {
                Ok(TaxCode { code, name, standard: self.standard == "yes", rates })
            }
            _ => Err(flaws),
        }
    }
}

async fn tax_codes_page(
    app: &App,
    may: &May<Read>,
    typed: Option<TaxForm>,
    flaws: Vec<Flaw>,
) -> Result<TaxCodesPage, Problem> {
    let codes = app.db.read(may.scope(), tax::tax_codes).await?;
    let mut forms: Vec<TaxForm> = codes.iter().map(TaxForm::of).collect();
    let mut last = TaxForm::empty();
    let refused = typed.as_ref().map(|form| form.code.clone());
    if let Some(typed) = typed {
        match forms.iter_mut().find(|form| form.code == typed.code) {
            Some(form) => *form = typed,
            None => last = typed,
        }
    }
    forms.push(last);
    let frame = may.frame(title(may, "catalog-tax-codes-title"));
    Ok(TaxCodesPage { frame, may_write: may.may("catalog.write"), forms, refused, flaws })
}

pub async fn tax_codes(State(app): State<App>, may: May<Read>) -> Result<Page<TaxCodesPage>, Problem> {
    Ok(Page(tax_codes_page(&app, &may, None, Vec::new()).await?))
}

pub async fn put_tax_code(
    State(app): State<App>,
    may: May<Write>,
    read: May<Read>,
    Form(form): Form<TaxForm>,
) -> Result<Response, Problem> {
    let put = match form.read() {
        Ok(code) => app.db.write(may.scope(), move |tx| tax::put_tax_code(tx, &code)).await,
        Err(flaws) => Err(Error::Refused(flaws)),
    };
    match put {
        Ok(()) => Ok(edge::flash(&app, &office(&may, "/tax-codes"), "catalog-saved")),
        Err(Error::Refused(flaws)) => {
            let page = tax_codes_page(&app, &read, Some(form), flaws).await?;
            Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
