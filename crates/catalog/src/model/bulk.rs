//! One change to many products.

use base::{Money, rounded_division};
use serde::Deserialize;

use super::{
    flaw::{Flaw, Rule},
    product::{Draft, State},
    text::{CategoryPath, Tag, TaxCodeName},
};

/// How many products one change may name: more than a page shows.
pub const MAX_BULK: usize = 200;

/// What is done to each product.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", tag = "kind")]
#[schema(as = ProductBulkChange)]
pub enum Bulk {
    State {
        state: State,
    },
    /// Every variant's price goes up or down.
    Price {
        /// Hundredths of a percent from -9000 to 90000: `-1000` is ten percent less. Rounded half up to the currency's
        /// smallest unit.
        basis_points: i32,
    },
    AddTag {
        #[schema(value_type = String)]
        tag: Tag,
    },
    RemoveTag {
        #[schema(value_type = String)]
        tag: Tag,
    },
    AddCategory {
        category: CategoryPath,
    },
    TaxCode {
        /// The standard code if absent.
        #[schema(value_type = Option<String>)]
        tax_code: Option<TaxCodeName>,
    },
}

impl Bulk {
    /// The product's wish with this change in it.
    pub fn apply(&self, mut draft: Draft) -> Result<Draft, Flaw> {
        let details = &mut draft.details;
        match self {
            Self::State { state } => details.state = *state,
            Self::AddTag { tag } if !details.tags.contains(tag) => details.tags.push(tag.clone()),
            Self::RemoveTag { tag } => details.tags.retain(|other| other != tag),
            Self::AddCategory { category } if !details.categories.contains(category) => {
                details.categories.push(category.clone());
            }
            Self::AddTag { .. } | Self::AddCategory { .. } => (),
            Self::TaxCode { tax_code } => details.tax_code.clone_from(tax_code),
            Self::Price { basis_points } => {
                for (place, variant) in draft.variants.iter_mut().enumerate() {
                    let price = &mut variant.details.price;
                    *price = moved(*price, *basis_points).ok_or_else(|| Flaw {
                        field: format!("variants[{place}].price"),
                        rule: Rule::NoNumber,
                    })?;
                }
            }
        }
        Ok(draft)
    }
}

/// `price` moved by basis points within -90 % and +900 %.
fn moved(price: Money, points: i32) -> Option<Money> {
    let factor = i128::from((-9000..=90_000).contains(&points).then_some(10_000 + points)?);
    let minor = rounded_division(i128::from(price.minor()) * factor, 10_000);
    Money::new(i64::try_from(minor).ok()?, price.currency()).ok()
}

/// Basis points of a percentage as typed: `10`, `-5`, `+2,5`.
pub fn basis_points(typed: &str) -> Option<i32> {
    let plain = typed.trim().trim_end_matches('%').trim_end().replace(',', ".").replace('−', "-");
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let rate = base::tax::Rate::parse_percent(digits)?.in_parts_per_million();
    (rate % 100 == 0).then_some(())?;
    Some(sign * i32::try_from(rate / 100).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Details, VariantDetails, VariantDraft};

    fn a_product(minor: i64, currency: &str) -> Draft {
        let price = Money::new(minor, currency.parse().unwrap()).unwrap();
        let variant = VariantDraft::new(VariantDetails::priced(price));
        Draft { handle: None, details: Details::titled("Pagne".parse().unwrap()), variants: vec![variant] }
    }

    fn price_after(points: i32, minor: i64, currency: &str) -> Option<i64> {
        let draft = Bulk::Price { basis_points: points }.apply(a_product(minor, currency)).ok()?;
        Some(draft.variants[0].details.price.minor())
    }

    #[test]
    fn prices_move_by_percent_and_round_half_up() {
        assert_eq!(price_after(1000, 12_500, "GNF"), Some(13_750));
        assert_eq!(price_after(-1000, 995, "EUR"), Some(896));
        assert_eq!(price_after(250, 999, "EUR"), Some(1024));
        assert_eq!(price_after(-9500, 999, "EUR"), None);
    }

    #[test]
    fn a_percentage_is_read_as_people_type_it() {
        for (typed, points) in
            [("10", 1000), ("-5", -500), ("+2,5", 250), ("7.25 %", 725), ("−3", -300), (" 0 ", 0)]
        {
            assert_eq!(basis_points(typed), Some(points), "{typed}");
        }
        for typed in ["", "ten", "1.001", "--3"] {
            assert_eq!(basis_points(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_tag_or_category_that_is_there_is_not_there_twice() {
        let tag = Bulk::AddTag { tag: "wax".parse().unwrap() };
        let once = tag.apply(a_product(1, "EUR")).unwrap();
        assert_eq!(tag.apply(once.clone()).unwrap(), once);
        assert!(Bulk::RemoveTag { tag: "wax".parse().unwrap() }.apply(once).unwrap().details.tags.is_empty());
    }
}
