//! What an application says of a product, and the wish it makes.

use base::{Currency, Money, Quantity};
use serde::{Deserialize, Deserializer};

use crate::{
    Error,
    model::{
        CategoryPath, Details, Draft, Flaw, Handle, Html, Image, ImageAddress, Rule, Short, State, Tag,
        TaxCodeName, Unit, VariantDetails, VariantDraft, VariantId,
    },
};

/// A field that may be left out, or given as `null` to clear it.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What is left out stays as it is; of a new product it is empty.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProductInput {
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255)]
    pub title: Option<Short>,
    /// Made of the title if left out.
    pub handle: Option<Handle>,
    /// HTML; what is not harmless is taken out.
    pub description: Option<Html>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub vendor: Option<Option<Short>>,
    /// What kind of thing it is, in the merchant's words.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub kind: Option<Option<Short>>,
    pub state: Option<State>,
    pub taxable: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub tax_code: Option<Option<TaxCodeName>>,
    /// Names of up to three options.
    #[schema(value_type = Option<Vec<String>>)]
    pub options: Option<Vec<Short>>,
    /// Paths such as `Clothing > Shirts`.
    pub categories: Option<Vec<CategoryPath>>,
    pub tags: Option<Vec<Tag>>,
    pub images: Option<Vec<Image>>,
    pub variants: Option<Vec<VariantInput>>,
}

/// A variant, new or named by its id or SKU. Variants that are not named stay as they are.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VariantInput {
    #[schema(value_type = Option<String>)]
    pub id: Option<VariantId>,
    /// One value for each option of the product.
    #[schema(value_type = Option<Vec<String>>)]
    pub options: Option<Vec<Short>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub sku: Option<Option<Short>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub barcode: Option<Option<Short>>,
    /// Per unit, in the currency of the business.
    #[schema(value_type = Option<edge::schema::Money>)]
    pub price: Option<Money>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<edge::schema::Money>)]
    pub compare_at: Option<Option<Money>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<edge::schema::Money>)]
    pub cost: Option<Option<Money>>,
    pub unit: Option<Unit>,
    /// Whether stock is counted; yes, when `stock` is given.
    pub tracked: Option<bool>,
    pub sell_when_out: Option<bool>,
    pub ships: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>)]
    pub grams: Option<Option<u32>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub image: Option<Option<ImageAddress>>,
    pub archived: Option<bool>,
    /// On hand, counted now.
    #[schema(value_type = Option<edge::schema::Quantity>)]
    pub stock: Option<Quantity>,
}

fn refused(field: impl Into<String>, rule: Rule) -> Error {
    Error::Refused(vec![Flaw { field: field.into(), rule }])
}

impl ProductInput {
    /// The wish for a new product.
    pub fn draft(self, currency: Currency) -> Result<Draft, Error> {
        let title =
            self.title.clone().ok_or_else(|| refused("title", Rule::Text("write a title".to_owned())))?;
        let empty = Draft { handle: None, details: Details::titled(title), variants: Vec::new() };
        self.onto(empty, currency)
    }

    /// `draft` with what is given here.
    pub fn onto(self, mut draft: Draft, currency: Currency) -> Result<Draft, Error> {
        draft.handle = self.handle.or(draft.handle);
        let before = draft.details;
        draft.details = Details {
            title: self.title.unwrap_or(before.title),
            description: self.description.unwrap_or(before.description),
            vendor: self.vendor.unwrap_or(before.vendor),
            kind: self.kind.unwrap_or(before.kind),
            state: self.state.unwrap_or(before.state),
            taxable: self.taxable.unwrap_or(before.taxable),
            tax_code: self.tax_code.unwrap_or(before.tax_code),
            options: self.options.unwrap_or(before.options),
            categories: self.categories.unwrap_or(before.categories),
            tags: self.tags.unwrap_or(before.tags),
            images: self.images.unwrap_or(before.images),
        };
        for (place, input) in self.variants.into_iter().flatten().enumerate() {
            let sku = input.sku.clone().flatten();
            let named = draft.variants.iter().position(|wish| match input.id {
                Some(id) => wish.id == Some(id),
                None => wish.id.is_some() && sku.is_some() && wish.details.sku == sku,
            });
            match named {
                Some(known) => {
                    let wish = &mut draft.variants[known];
                    let price = input.price.unwrap_or(wish.details.price);
                    *wish = input.onto(wish.clone(), price);
                }
                None if input.id.is_some() => {
                    return Err(refused(format!("variants[{place}].id"), Rule::ForeignVariant));
                }
                None => {
                    let missing = || {
                        let example = format!(
                            "write a price, such as {{\"amount\": 1250, \"currency\": \"{currency}\"}}"
                        );
                        refused(format!("variants[{place}].price"), Rule::Text(example))
                    };
                    let price = input.price.ok_or_else(missing)?;
                    draft.variants.push(input.onto(VariantDraft::new(VariantDetails::priced(price)), price));
                }
            }
        }
        Ok(draft)
    }
}

impl VariantInput {
    fn onto(self, wish: VariantDraft, price: Money) -> VariantDraft {
        let before = wish.details;
        let details = VariantDetails {
            options: self.options.unwrap_or(before.options),
            sku: self.sku.unwrap_or(before.sku),
            barcode: self.barcode.unwrap_or(before.barcode),
            price,
            compare_at: self.compare_at.unwrap_or(before.compare_at),
            cost: self.cost.unwrap_or(before.cost),
            unit: self.unit.unwrap_or(before.unit),
            tracked: self.tracked.unwrap_or(before.tracked || self.stock.is_some()),
            sell_when_out: self.sell_when_out.unwrap_or(before.sell_when_out),
            ships: self.ships.unwrap_or(before.ships),
            grams: self.grams.unwrap_or(before.grams),
            image: self.image.unwrap_or(before.image),
        };
        VariantDraft {
            id: wish.id,
            archived: self.archived.unwrap_or(wish.archived),
            details,
            count: self.stock,
        }
    }
}
