//! What other rooms see of the catalogue: a variant as an order needs it, a product as a list shows it.

use base::{Money, Quantity};
use serde::Serialize;

use crate::{
    images::Picture,
    model::{Handle, ImageAddress, ProductId, Short, State, TaxCodeName, Unit, VariantId},
};

/// A variant with all that an order line needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SellableVariant {
    pub variant: VariantId,
    pub product: ProductId,
    pub handle: Handle,
    /// The product's title.
    pub title: Short,
    pub options: Vec<Short>,
    pub sku: Option<Short>,
    /// Per unit.
    pub price: Money,
    pub compare_at: Option<Money>,
    pub cost: Option<Money>,
    pub unit: Unit,
    pub tracked: bool,
    pub sell_when_out: bool,
    pub ships: bool,
    pub grams: Option<u32>,
    pub taxable: bool,
    pub tax_code: Option<TaxCodeName>,
    /// Whether the product is active and the variant not archived; stock is another question.
    pub active: bool,
    pub image: Option<ImageAddress>,
}

impl SellableVariant {
    /// `Shirt (Red / L)`, as an order and its papers name it.
    pub fn name(&self) -> String {
        if self.options.is_empty() {
            self.title.to_string()
        } else {
            format!("{} ({})", self.title, self.label())
        }
    }

    /// `Red / L`; empty without options.
    pub fn label(&self) -> String {
        let values: Vec<&str> = self.options.iter().map(Short::as_str).collect();
        values.join(" / ")
    }

    /// Whether so much can be ordered at all: above zero, and no finer than its unit counts.
    pub fn accepts(&self, quantity: Quantity) -> bool {
        quantity.is_positive() && self.unit.accepts(quantity)
    }
}

/// A product as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    #[schema(value_type = String)]
    pub id: ProductId,
    pub handle: Handle,
    #[schema(value_type = String)]
    pub title: Short,
    pub state: State,
    /// The lowest price; none while nothing is offered.
    #[serde(rename = "price")]
    #[schema(value_type = Option<edge::schema::Money>)]
    pub lowest: Option<Money>,
    #[serde(rename = "highestPrice")]
    #[schema(value_type = Option<edge::schema::Money>)]
    pub highest: Option<Money>,
    /// What the cheapest variant cost before it was reduced.
    #[serde(rename = "compareAtPrice")]
    #[schema(value_type = Option<edge::schema::Money>)]
    pub compare_at: Option<Money>,
    /// Whether any variant can be bought now.
    pub available: bool,
    /// How many variants are offered.
    #[serde(rename = "variantCount")]
    pub offered: u32,
    /// The first of them; the only one, when there is one.
    #[serde(rename = "variant")]
    #[schema(value_type = Option<String>)]
    pub first: Option<VariantId>,
    /// The first picture, if it is here and can be shown.
    pub picture: Option<Picture>,
    #[serde(skip)]
    pub title_key: String,
}

impl Summary {
    /// Where a list goes on behind this product.
    pub fn cursor(&self) -> Cursor {
        Cursor { title_key: self.title_key.clone(), id: self.id }
    }
}

/// Where a list of products goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub title_key: String,
    pub id: ProductId,
}

impl Cursor {
    /// As the parts of an address.
    pub fn parts(&self) -> [String; 2] {
        [self.id.to_string(), self.title_key.clone()]
    }

    /// What `parts` gave.
    pub fn from_parts([id, title_key]: [String; 2]) -> Option<Self> {
        Some(Self { id: id.parse().ok()?, title_key })
    }
}
