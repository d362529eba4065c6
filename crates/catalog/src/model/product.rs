//! Products and their variants: what they hold, and the rules a merchant's wish must keep.

use base::{Currency, Money, Quantity, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    flaw::{Flaw, Rule},
    text::{CategoryPath, Handle, Html, ImageAddress, Short, Tag, TaxCodeName},
    unit::Unit,
};

base::id!(
    /// Names a product: `prod_01h455vb4pex5vsknk084sn02q`.
    ProductId: ProductKind, "prod"
);
base::id!(
    /// Names a variant: `var_01h455vb4pex5vsknk084sn02q`.
    VariantId: VariantKind, "var"
);

/// What Shopify allows one product, so that any of its files fits.
pub const MAX_VARIANTS: usize = 2048;
pub const MAX_IMAGES: usize = 250;
pub const MAX_TAGS: usize = 250;
pub const MAX_CATEGORIES: usize = 50;
pub const MAX_OPTIONS: usize = 3;

/// Whether a product can be seen and bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ProductState)]
pub enum State {
    #[default]
    Active,
    /// Being prepared: seen in the back office only.
    Draft,
    /// No longer sold; kept for the orders that name it.
    Archived,
}

impl State {
    pub const ALL: [Self; 3] = [Self::Active, Self::Draft, Self::Archived];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Draft => "draft",
            Self::Archived => "archived",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == raw)
    }
}

/// A picture, by its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    pub address: ImageAddress,
    /// What it shows, for those who cannot see it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub alt: Option<Line512>,
}

pub type Line512 = base::Line<512>;

/// What a product says about itself, whatever its variants are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    #[schema(value_type = String)]
    pub title: Short,
    pub description: Html,
    #[schema(value_type = Option<String>)]
    pub vendor: Option<Short>,
    /// What kind of thing it is, in the merchant's words.
    #[schema(value_type = Option<String>)]
    pub kind: Option<Short>,
    pub state: State,
    /// Whether tax is due at all; if so, after `tax_code`, or the tenant's standard code.
    pub taxable: bool,
    #[schema(value_type = Option<String>)]
    pub tax_code: Option<TaxCodeName>,
    /// Names of up to three options, such as size and colour.
    #[schema(value_type = Vec<String>)]
    pub options: Vec<Short>,
    pub categories: Vec<CategoryPath>,
    pub tags: Vec<Tag>,
    pub images: Vec<Image>,
}

impl Details {
    pub fn titled(title: Short) -> Self {
        Self {
            title,
            description: Html::default(),
            vendor: None,
            kind: None,
            state: State::Active,
            taxable: true,
            tax_code: None,
            options: Vec::new(),
            categories: Vec::new(),
            tags: Vec::new(),
            images: Vec::new(),
        }
    }
}

/// What one variant is and costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VariantDetails {
    /// One value for each of the product's options.
    #[schema(value_type = Vec<String>)]
    pub options: Vec<Short>,
    #[schema(value_type = Option<String>)]
    pub sku: Option<Short>,
    #[schema(value_type = Option<String>)]
    pub barcode: Option<Short>,
    /// Per unit, in the tenant's currency.
    #[schema(value_type = edge::schema::Money)]
    pub price: Money,
    /// The price before a reduction.
    #[schema(value_type = Option<edge::schema::Money>)]
    pub compare_at: Option<Money>,
    /// What one unit costs the merchant.
    #[schema(value_type = Option<edge::schema::Money>)]
    pub cost: Option<Money>,
    pub unit: Unit,
    /// Whether stock is counted. What is not counted can always be sold.
    pub tracked: bool,
    /// Whether it may be sold below zero.
    pub sell_when_out: bool,
    /// Whether it must be sent or fetched; a service need not.
    pub ships: bool,
    pub grams: Option<u32>,
    pub image: Option<ImageAddress>,
}

impl VariantDetails {
    /// A variant without options that is not tracked.
    pub fn priced(price: Money) -> Self {
        Self {
            options: Vec::new(),
            sku: None,
            barcode: None,
            price,
            compare_at: None,
            cost: None,
            unit: Unit::Piece,
            tracked: false,
            sell_when_out: false,
            ships: true,
            grams: None,
            image: None,
        }
    }

    /// The option values as people read them: `Red / L`; empty without options.
    pub fn label(&self) -> String {
        let values: Vec<&str> = self.options.iter().map(Short::as_str).collect();
        values.join(" / ")
    }
}

/// A variant as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Variant {
    #[schema(value_type = String)]
    pub id: VariantId,
    pub archived: bool,
    /// What stock last said; it means nothing for a variant that is not tracked.
    #[serde(skip)]
    pub in_stock: bool,
    #[serde(flatten)]
    pub details: VariantDetails,
}

impl Variant {
    /// Whether the shop can sell one now.
    pub fn available(&self) -> bool {
        !self.archived && (!self.details.tracked || self.details.sell_when_out || self.in_stock)
    }
}

/// A product as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    #[schema(value_type = String)]
    pub id: ProductId,
    pub handle: Handle,
    #[schema(value_type = String)]
    pub created_at: Timestamp,
    #[schema(value_type = String)]
    pub changed_at: Timestamp,
    #[serde(flatten)]
    pub details: Details,
    /// In the merchant's order, archived ones too.
    pub variants: Vec<Variant>,
}

impl Product {
    /// The variants that can be offered.
    pub fn offered(&self) -> impl Iterator<Item = &Variant> {
        self.variants.iter().filter(|variant| !variant.archived)
    }

    /// The product with its pictures under addresses that others can read; `files` is where the tenant's files lie.
    pub fn public(mut self, files: &str) -> Self {
        for image in &mut self.details.images {
            image.address = image.address.public(files);
        }
        for address in self.variants.iter_mut().filter_map(|variant| variant.details.image.as_mut()) {
            *address = address.public(files);
        }
        self
    }

    /// The wish that leaves everything as it is: the start of each change.
    pub fn draft(&self) -> Draft {
        let variants = self
            .variants
            .iter()
            .map(|variant| VariantDraft {
                id: Some(variant.id),
                archived: variant.archived,
                details: variant.details.clone(),
                count: None,
            })
            .collect();
        Draft { handle: Some(self.handle.clone()), details: self.details.clone(), variants }
    }
}

/// A merchant's wish for a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Made of the title if absent.
    pub handle: Option<Handle>,
    pub details: Details,
    /// In their order. Variants of the product that are not named here stay as they are.
    pub variants: Vec<VariantDraft>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariantDraft {
    /// The variant that is meant; a new one if absent.
    pub id: Option<VariantId>,
    pub archived: bool,
    pub details: VariantDetails,
    /// How much of it lies on the shelf, if that shall be said; only for tracked variants.
    pub count: Option<Quantity>,
}

impl VariantDraft {
    pub fn new(details: VariantDetails) -> Self {
        Self { id: None, archived: false, details, count: None }
    }
}

impl Draft {
    /// The wish, brought into order: nothing stands in a list twice, no weight is no weight, and an option that offers
    /// no choice (as Shopify's "Title: Default Title") is none.
    pub fn tidied(mut self) -> Self {
        each_once(&mut self.details.categories);
        each_once(&mut self.details.tags);
        each_once(&mut self.details.images);
        for variant in &mut self.variants {
            variant.details.grams = variant.details.grams.filter(|grams| *grams > 0);
        }
        let only_default = |draft: &Self| {
            draft.details.options.len() == 1
                && draft.details.options[0].as_str() == "Title"
                && draft.variants.iter().all(|variant| {
                    matches!(variant.details.options.as_slice(), [value] if value.as_str() == "Default Title")
                })
        };
        if only_default(&self) {
            self.details.options.clear();
            self.variants.iter_mut().for_each(|variant| variant.details.options.clear());
        }
        self
    }

    /// What is wrong with this wish in a tenant whose money is `currency`; each flaw beside its field.
    pub fn flaws(&self, currency: Currency) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let mut found = |field: String, rule: Rule| flaws.push(Flaw { field, rule });
        let details = &self.details;
        let too_many = [
            ("variants", self.variants.len(), MAX_VARIANTS),
            ("images", details.images.len(), MAX_IMAGES),
            ("tags", details.tags.len(), MAX_TAGS),
            ("categories", details.categories.len(), MAX_CATEGORIES),
            ("options", details.options.len(), MAX_OPTIONS),
        ];
        for (field, count, max) in too_many {
            if count > max {
                found(field.to_owned(), Rule::TooMany { max });
            }
        }
        if self.variants.len() > MAX_VARIANTS {
            return flaws;
        }
        let mut found = |field: String, rule: Rule| flaws.push(Flaw { field, rule });
        for (place, name) in details.options.iter().enumerate() {
            if details.options[..place]
                .iter()
                .any(|other| base::fold(other.as_str()) == base::fold(name.as_str()))
            {
                found(format!("options[{place}]"), Rule::RepeatedOption);
            }
        }
        if !self.variants.iter().any(|variant| !variant.archived) && details.state != State::Archived {
            found("variants".to_owned(), Rule::NoVariant);
        }
        let mut skus = std::collections::HashSet::new();
        let mut choices = std::collections::HashSet::new();
        for (place, variant) in self.variants.iter().enumerate() {
            let field = |name: &str| format!("variants[{place}].{name}");
            let details = &variant.details;
            let amounts =
                [("price", Some(details.price)), ("compareAt", details.compare_at), ("cost", details.cost)];
            for (name, amount) in amounts {
                match amount {
                    Some(amount) if amount.currency() != currency => {
                        found(field(name), Rule::ForeignCurrency { currency });
                    }
                    Some(amount) if amount.is_negative() => found(field(name), Rule::NegativeAmount),
                    _ => (),
                }
            }
            if let Some(sku) = &details.sku
                && !skus.insert(sku.as_str())
            {
                found(field("sku"), Rule::RepeatedSku);
            }
            match variant.count {
                Some(count) if !details.unit.accepts(count) => {
                    found(field("stock"), Rule::TooFine { unit: details.unit });
                }
                Some(count) if count < Quantity::ZERO => found(field("stock"), Rule::NegativeAmount),
                _ => (),
            }
            if variant.archived {
                continue;
            }
            if details.options.len() != self.details.options.len() {
                found(field("options"), Rule::OptionCount { wanted: self.details.options.len() });
            } else if !choices.insert(&details.options) {
                let rule =
                    if details.options.is_empty() { Rule::OptionsNeeded } else { Rule::RepeatedChoice };
                found(field("options"), rule);
            }
        }
        flaws
    }
}

fn each_once<T: PartialEq>(list: &mut Vec<T>) {
    let mut kept: Vec<T> = Vec::with_capacity(list.len());
    for item in list.drain(..) {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    *list = kept;
}

/// What `draft` makes of `before`. Ids of new variants come from `new_variant`.
pub fn settle(
    before: Option<&Product>,
    draft: &Draft,
    handle: Handle,
    id: ProductId,
    now: Timestamp,
    mut new_variant: impl FnMut() -> VariantId,
) -> Product {
    let standing = before.map(|product| product.variants.as_slice()).unwrap_or_default();
    let mut variants: Vec<Variant> = Vec::with_capacity(draft.variants.len());
    for wish in &draft.variants {
        let known = wish.id.and_then(|id| standing.iter().find(|variant| variant.id == id));
        variants.push(Variant {
            id: known.map_or_else(&mut new_variant, |variant| variant.id),
            archived: wish.archived,
            in_stock: known.is_some_and(|variant| variant.in_stock),
            details: wish.details.clone(),
        });
    }
    Product {
        id,
        handle,
        created_at: before.map_or(now, |product| product.created_at),
        changed_at: now,
        details: draft.details.clone(),
        variants,
    }
}

/// `draft` with the variants of `before` that it does not name, as they are, at its end.
pub fn completed(before: &Product, mut draft: Draft) -> Draft {
    for variant in before.draft().variants {
        if !draft.variants.iter().any(|wish| wish.id == variant.id) {
            draft.variants.push(variant);
        }
    }
    draft
}

/// The prices, picture and stock of a product as its list shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub lowest: Option<Money>,
    pub highest: Option<Money>,
    /// The price before reduction of the cheapest variant, if that is reduced.
    pub compare_at: Option<Money>,
    pub available: bool,
    pub offered: u32,
    pub first: Option<VariantId>,
}

pub fn shown(product: &Product) -> Shown {
    let cheapest = product.offered().min_by_key(|variant| variant.details.price.minor());
    let dearest = product.offered().max_by_key(|variant| variant.details.price.minor());
    let reduced = |variant: &Variant| {
        variant.details.compare_at.filter(|before| before.minor() > variant.details.price.minor())
    };
    Shown {
        lowest: cheapest.map(|variant| variant.details.price),
        highest: dearest.map(|variant| variant.details.price),
        compare_at: cheapest.and_then(reduced),
        available: product.offered().any(Variant::available),
        offered: product.offered().count() as u32,
        first: product.offered().next().map(|variant| variant.id),
    }
}

/// The folded words a product is found by, each once, bounded.
pub fn search_words(product: &Product) -> Vec<String> {
    const MAX: usize = 300;
    let details = &product.details;
    let mut text = details.title.as_str().to_owned();
    let more = details.vendor.iter().chain(&details.kind).map(Short::as_str);
    let more = more
        .chain(details.tags.iter().map(Tag::as_str))
        .chain(details.categories.iter().map(CategoryPath::as_str));
    let of_variants = product.offered().flat_map(|variant| {
        let details = &variant.details;
        details.sku.iter().chain(&details.barcode).chain(&details.options).map(Short::as_str)
    });
    for part in more.chain(of_variants).take(2 * MAX) {
        text.push(' ');
        text.push_str(part);
    }
    let mut words = base::words(&text);
    words.truncate(MAX);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(minor: i64) -> Money {
        Money::new(minor, "EUR".parse().unwrap()).unwrap()
    }

    fn shirt(sizes: &[&str]) -> Draft {
        let mut details = Details::titled("Shirt".parse().unwrap());
        details.options = vec!["Size".parse().unwrap()];
        let variants = sizes
            .iter()
            .map(|size| {
                VariantDraft::new(VariantDetails {
                    options: vec![size.parse().unwrap()],
                    ..VariantDetails::priced(eur(20_00))
                })
            })
            .collect();
        Draft { handle: None, details, variants }
    }

    fn rules(draft: &Draft) -> Vec<(String, Rule)> {
        draft.flaws("EUR".parse().unwrap()).into_iter().map(|flaw| (flaw.field, flaw.rule)).collect()
    }

    #[test]
    fn a_product_in_order_has_no_flaws() {
        assert_eq!(rules(&shirt(&["S", "M"])), []);
    }

    #[test]
    fn a_price_is_never_negative_and_always_in_the_tenants_currency() {
        let mut draft = shirt(&["S", "M"]);
        draft.variants[0].details.price = eur(-1);
        draft.variants[1].details.cost = Some(Money::zero("GNF".parse().unwrap()));
        let currency = "EUR".parse().unwrap();
        assert_eq!(
            rules(&draft),
            [
                ("variants[0].price".to_owned(), Rule::NegativeAmount),
                ("variants[1].cost".to_owned(), Rule::ForeignCurrency { currency }),
            ]
        );
    }

    #[test]
    fn two_variants_never_offer_the_same_choice_nor_share_an_sku() {
        let mut draft = shirt(&["S", "S", "M"]);
        assert_eq!(rules(&draft), [("variants[1].options".to_owned(), Rule::RepeatedChoice)]);
        draft.variants[1].archived = true;
        assert_eq!(rules(&draft), []);
        for variant in &mut draft.variants {
            variant.details.sku = Some("A1".parse().unwrap());
        }
        assert_eq!(rules(&draft).len(), 2);
    }

    #[test]
    fn each_variant_answers_each_option() {
        let mut draft = shirt(&["S"]);
        draft.details.options.push("Colour".parse().unwrap());
        assert_eq!(rules(&draft), [("variants[0].options".to_owned(), Rule::OptionCount { wanted: 2 })]);
    }

    #[test]
    fn the_default_title_of_shopify_is_no_option() {
        let mut draft = shirt(&["Default Title"]);
        draft.details.options = vec!["Title".parse().unwrap()];
        let tidy = draft.tidied();
        assert!(tidy.details.options.is_empty() && tidy.variants[0].details.options.is_empty());
    }

    #[test]
    fn what_is_not_tracked_or_may_be_sold_when_out_is_available() {
        let id = VariantId::of(Default::default());
        let mut variant =
            Variant { id, archived: false, in_stock: false, details: VariantDetails::priced(eur(1)) };
        assert!(variant.available());
        variant.details.tracked = true;
        assert!(!variant.available());
        variant.details.sell_when_out = true;
        assert!(variant.available());
        variant.archived = true;
        assert!(!variant.available());
    }
}
