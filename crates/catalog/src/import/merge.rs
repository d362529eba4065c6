//! A product of a file laid upon the product it means: what the file does not say stays.

use db::Rx;

use super::{ImportedProduct, ImportedVariant, Note, Reason, Refusal};
use crate::{
    Error,
    model::{Details, Draft, Product, TaxCodeName, Variant, VariantDetails, VariantDraft},
    products, sql,
};

/// The product that `imported` means: by its handle, then by its SKUs.
pub fn meant(rx: &mut Rx, imported: &ImportedProduct) -> Result<Option<Product>, Error> {
    if let Some(handle) = &imported.handle
        && let Some(product) = sql::product_by_handle(rx, handle.as_str())?
    {
        return Ok(Some(product));
    }
    for sku in imported.variants.iter().filter_map(ImportedVariant::sku) {
        if let Some((_, product)) = products::variant_with_sku(rx, sku)? {
            return Ok(sql::product(rx, product)?);
        }
    }
    // a handle that only follows from the title comes last: a title may repeat, an SKU may not
    match imported.handle.as_ref().or(imported.title_handle.as_ref()) {
        Some(handle) => Ok(sql::product_by_handle(rx, handle.as_str())?),
        None => Ok(None),
    }
}

/// The wish that `imported` is, for the product it means or for a new one; and what was taken otherwise.
pub fn wish(
    rx: &mut Rx,
    imported: &ImportedProduct,
    before: Option<&Product>,
) -> Result<Result<(Draft, Vec<Note>), Refusal>, Error> {
    let mut notes = imported.notes.clone();
    let mut tax_code = imported.tax_code.clone();
    if let Some(Some(code)) = &tax_code
        && sql::tax_code(rx, code)?.is_none()
    {
        notes.push(Note::TaxCode(code.to_string()));
        tax_code = None;
    }
    Ok(laid_upon(imported, before, tax_code).map(|draft| (draft, notes)))
}

/// The wish itself, once it is known which tax code holds.
pub fn laid_upon(
    imported: &ImportedProduct,
    before: Option<&Product>,
    tax_code: Option<Option<TaxCodeName>>,
) -> Result<Draft, Refusal> {
    let refused = |line: u64, reason: Reason| Refusal { line, product: imported.name.clone(), reason };
    let details = match (before, &imported.title) {
        (Some(product), _) => product.details.clone(),
        (None, Some(title)) => Details::titled(title.clone()),
        (None, None) => return Err(refused(imported.line, Reason::NoTitle)),
    };
    let details = described(imported, details, tax_code);
    let mut draft = match before {
        Some(product) => Draft { details, ..product.draft() },
        None => {
            let handle = imported.handle.clone().or_else(|| imported.title_handle.clone());
            Draft { handle, details, variants: Vec::new() }
        }
    };
    let mut taken = vec![false; draft.variants.len()];
    for variant in &imported.variants {
        let place = place_of(variant, before, &taken);
        let known = place.and_then(|place| draft.variants.get(place)).map(|wish| wish.details.clone());
        let details = priced(variant, known).ok_or_else(|| refused(variant.line, Reason::NoPrice))?;
        let count = variant.count();
        match place.and_then(|place| draft.variants.get_mut(place).zip(taken.get_mut(place))) {
            Some((wish, taken)) => {
                *taken = true;
                *wish = VariantDraft { id: wish.id, archived: false, details, count };
            }
            None => draft.variants.push(VariantDraft { id: None, archived: false, details, count }),
        }
    }
    Ok(draft)
}

fn described(imported: &ImportedProduct, before: Details, tax_code: Option<Option<TaxCodeName>>) -> Details {
    let given = imported.clone();
    Details {
        title: given.title.unwrap_or(before.title),
        description: given.description.unwrap_or(before.description),
        vendor: given.vendor.unwrap_or(before.vendor),
        kind: given.kind.unwrap_or(before.kind),
        state: given.state.unwrap_or(before.state),
        taxable: given.taxable.unwrap_or(before.taxable),
        tax_code: tax_code.unwrap_or(before.tax_code),
        options: given.options.unwrap_or(before.options),
        categories: given.categories.unwrap_or(before.categories),
        tags: given.tags.unwrap_or(before.tags),
        images: given.images.unwrap_or(before.images),
    }
}

/// Where the variant that is meant stands in its product: by its options, then by its SKU.
fn place_of(imported: &ImportedVariant, before: Option<&Product>, taken: &[bool]) -> Option<usize> {
    let variants = before?.variants.as_slice();
    let free = |place: &usize| !taken.get(*place).copied().unwrap_or(true);
    let find = |fits: &dyn Fn(&Variant) -> bool| {
        (0..variants.len()).filter(free).find(|place| fits(&variants[*place]))
    };
    let same_options = |variant: &Variant| variant.details.options == imported.options;
    find(&|variant| !variant.archived && same_options(variant))
        .or_else(|| {
            find(&|variant| imported.sku().is_some() && variant.details.sku.as_ref() == imported.sku())
        })
        .or_else(|| find(&same_options))
}

/// `known` with what the file says; none if neither has a price.
fn priced(imported: &ImportedVariant, known: Option<VariantDetails>) -> Option<VariantDetails> {
    let price = imported.price.or(known.as_ref().map(|known| known.price))?;
    let before = known.unwrap_or_else(|| VariantDetails::priced(price));
    let given = imported.clone();
    Some(VariantDetails {
        options: given.options,
        sku: given.sku.unwrap_or(before.sku),
        barcode: given.barcode.unwrap_or(before.barcode),
        price,
        compare_at: given.compare_at.unwrap_or(before.compare_at),
        cost: given.cost.unwrap_or(before.cost),
        unit: given.unit.unwrap_or(before.unit),
        tracked: given.stock.map_or(before.tracked, |stock| stock.tracked),
        sell_when_out: given.stock.map_or(before.sell_when_out, |stock| stock.sell_when_out),
        ships: given.ships.unwrap_or(before.ships),
        grams: given.grams.unwrap_or(before.grams),
        image: given.image.unwrap_or(before.image),
    })
}
