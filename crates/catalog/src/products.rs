//! Making, changing, archiving, finding and listing products.

use base::{Currency, Quantity};
use db::{Rx, Tx};
use serde_json::{Value, json};
use spine::events::{self, Event};

use crate::{
    CategoryId, Cursor, Error, category,
    images::{self, ImageId},
    model::{
        Bulk, Change, Draft, Flaw, Handle, Image, ImageAddress, Line512, MAX_BULK, Product, ProductId, Rule,
        Short, State, Variant, VariantId, changes, completed, search_words, settle, shown,
    },
    sale::{SellableVariant, Summary},
    shelf::{ImportedStock, Shelf},
    sql,
};

/// Which products a list holds.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// All states if absent; a shop asks for `State::Active`.
    pub state: Option<State>,
    /// Words as typed; each must begin a word of the product, accents and case aside. The first eight count.
    pub search: String,
    /// Products in this category or below it.
    pub category: Option<CategoryId>,
    /// Ordered by title instead of newest first; only for one state, without search and category.
    pub by_title: bool,
}

/// Makes a product in a tenant whose money is `currency`; each variant gets its place on the shelf.
pub fn create(tx: &mut Tx, shelf: &dyn Shelf, currency: Currency, draft: &Draft) -> Result<Product, Error> {
    let draft = images::recognised(tx, draft.clone())?.tidied();
    let handle = checked(tx, currency, None, &draft)?;
    let (id, now) = (tx.new_id(), tx.now());
    let product = settle(None, &draft, handle, id, now, || tx.new_id());
    sql::insert_product(tx, &product)?;
    for (place, variant) in product.variants.iter().enumerate() {
        sql::insert_variant(tx, id, place as u32, variant)?;
    }
    sql::replace_images(tx, id, &product.details.images)?;
    sql::replace_tags(tx, id, &product.details.tags)?;
    category::place(tx, id, &product.details.categories)?;
    sql::replace_words(tx, id, &[], &search_words(&product))?;
    let payload = json!({ "before": null, "after": product });
    events::record(tx, Event { kind: "product.created", subject: id.to_string(), payload })?;
    put_on_shelf(tx, shelf, None, &product, &draft)?;
    images::want(tx, &draft)?;
    Ok(product)
}

/// Gives a product the shape of `draft` and says what changed; nothing is written when nothing did.
pub fn update(
    tx: &mut Tx,
    shelf: &dyn Shelf,
    currency: Currency,
    id: ProductId,
    draft: &Draft,
) -> Result<Vec<Change>, Error> {
    let before = product(tx, id)?;
    let draft = images::recognised(tx, completed(&before, draft.clone()))?.tidied();
    let handle = checked(tx, currency, Some(&before), &draft)?;
    let now = tx.now();
    let after = settle(Some(&before), &draft, handle, id, now, || tx.new_id());
    let mut changed = changes(&before, &after);
    if !changed.is_empty() {
        write(tx, &before, &after)?;
        let gone = after.details.state == State::Archived && before.details.state != State::Archived;
        let kind = if gone { "product.archived" } else { "product.changed" };
        let side = |pick: fn(&Change) -> &Value| -> serde_json::Map<String, Value> {
            changed.iter().map(|change| (change.field.clone(), pick(change).clone())).collect()
        };
        let payload =
            json!({ "before": side(|change| &change.before), "after": side(|change| &change.after) });
        events::record(tx, Event { kind, subject: id.to_string(), payload })?;
    }
    changed.extend(put_on_shelf(tx, shelf, Some(&before), &after, &draft)?);
    images::want(tx, &draft)?;
    Ok(changed)
}

/// Tells the shelf of new variants, of other rules, and of counts that differ from its own; says which counts changed.
fn put_on_shelf(
    tx: &mut Tx,
    shelf: &dyn Shelf,
    before: Option<&Product>,
    after: &Product,
    draft: &Draft,
) -> Result<Vec<Change>, Error> {
    let counted = recounted(tx, shelf, after, draft)?;
    for (variant, wish) in after.variants.iter().zip(&draft.variants) {
        let known = before.and_then(|product| product.variants.iter().find(|other| other.id == variant.id));
        let rule = |variant: &Variant| (variant.details.tracked, variant.details.sell_when_out);
        let same_rule = known.is_some_and(|known| rule(known) == rule(variant));
        let recounted = counted.iter().any(|(id, _)| *id == variant.id);
        if same_rule && !recounted {
            continue;
        }
        let (tracked, sell_when_out) = rule(variant);
        let quantity = wish.count.filter(|_| recounted);
        shelf.put(tx, variant.id, &ImportedStock { tracked, quantity, sell_when_out })?;
    }
    Ok(counted.into_iter().map(|(_, change)| change).collect())
}

/// The counts that `draft` gives and that differ from the shelf's.
fn recounted(
    rx: &mut Rx,
    shelf: &dyn Shelf,
    after: &Product,
    draft: &Draft,
) -> Result<Vec<(VariantId, Change)>, Error> {
    let wanted: Vec<(VariantId, Quantity)> = after
        .variants
        .iter()
        .zip(&draft.variants)
        .filter(|(variant, _)| variant.details.tracked)
        .filter_map(|(variant, wish)| Some((variant.id, wish.count?)))
        .collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<VariantId> = wanted.iter().map(|(id, _)| *id).collect();
    let levels = shelf.levels(rx, &ids)?;
    let differs = |(id, count): (VariantId, Quantity)| {
        let level = levels.get(&id).copied();
        (level != Some(count)).then(|| {
            let before = level.map_or(Value::Null, |level| json!(level));
            (id, Change { field: format!("variants.{id}.stock"), before, after: json!(count) })
        })
    };
    Ok(wanted.into_iter().filter_map(differs).collect())
}

/// Takes a product out of the shop for good; what was sold of it keeps its name.
pub fn archive(tx: &mut Tx, shelf: &dyn Shelf, currency: Currency, id: ProductId) -> Result<(), Error> {
    set_state(tx, shelf, currency, id, State::Archived)
}

/// Shows, hides or archives a product.
pub fn set_state(
    tx: &mut Tx,
    shelf: &dyn Shelf,
    currency: Currency,
    id: ProductId,
    state: State,
) -> Result<(), Error> {
    let mut draft = product(tx, id)?.draft();
    draft.details.state = state;
    update(tx, shelf, currency, id, &draft).map(drop)
}

/// Does one change to each of these products, all or none; says how many it changed.
pub fn change_many(
    tx: &mut Tx,
    shelf: &dyn Shelf,
    currency: Currency,
    ids: &[ProductId],
    change: &Bulk,
) -> Result<usize, Error> {
    if ids.len() > MAX_BULK {
        let flaw = Flaw { field: "products".to_owned(), rule: Rule::TooMany { max: MAX_BULK } };
        return Err(Error::Refused(vec![flaw]));
    }
    let mut changed = 0;
    for id in ids {
        let before = product(tx, *id)?;
        let named = |flaw: Flaw| Flaw { field: format!("{}: {}", before.details.title, flaw.field), ..flaw };
        let draft = change.apply(before.draft()).map_err(|flaw| Error::Refused(vec![named(flaw)]))?;
        match update(tx, shelf, currency, *id, &draft) {
            Ok(done) => changed += usize::from(!done.is_empty()),
            Err(Error::Refused(flaws)) => return Err(Error::Refused(flaws.into_iter().map(named).collect())),
            Err(error) => return Err(error),
        }
    }
    Ok(changed)
}

/// Puts how much of each variant lies on the shelf; what is not counted stays as it is. Says how many counts differed.
pub fn recount(
    tx: &mut Tx,
    shelf: &dyn Shelf,
    currency: Currency,
    counts: &[(VariantId, Quantity)],
) -> Result<usize, Error> {
    let mut changed = 0;
    for (variant, count) in counts {
        let product = product_of_variant(tx, *variant)?;
        let mut draft = product.draft();
        for wish in draft.variants.iter_mut().filter(|wish| wish.id == Some(*variant)) {
            wish.count = Some(*count).filter(|_| wish.details.tracked);
        }
        changed += update(tx, shelf, currency, product.id, &draft)?.len();
    }
    Ok(changed)
}

/// Adds a picture behind those that a product has; one that it has already gets the new words.
pub fn add_image(
    tx: &mut Tx,
    shelf: &dyn Shelf,
    currency: Currency,
    id: ProductId,
    image: &Image,
) -> Result<(), Error> {
    let mut draft = product(tx, id)?.draft();
    let listed = draft.details.images.iter_mut().find(|other| other.address == image.address);
    match listed {
        Some(listed) => listed.alt = image.alt.clone().or(listed.alt.take()),
        None => draft.details.images.push(image.clone()),
    }
    update(tx, shelf, currency, id, &draft).map(drop)
}

/// What is to become of a picture in its product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageChange {
    /// Says what it shows; nothing, if it only adorns.
    Alt(Option<Line512>),
    /// To this place, the first being 0; one that is too high means the last.
    Place(usize),
    /// Takes it off the product. The picture itself stays.
    Remove,
}

/// Changes one picture of a product, which its address names.
pub fn change_image(
    tx: &mut Tx,
    shelf: &dyn Shelf,
    currency: Currency,
    id: ProductId,
    address: &ImageAddress,
    changes: &[ImageChange],
) -> Result<(), Error> {
    let mut draft = product(tx, id)?.draft();
    let images = &mut draft.details.images;
    let mut place = images.iter().position(|image| image.address == *address).ok_or(Error::UnknownImage)?;
    for change in changes {
        match change {
            ImageChange::Alt(alt) => images[place].alt.clone_from(alt),
            ImageChange::Place(to) => {
                let image = images.remove(place);
                place = (*to).min(images.len());
                images.insert(place, image);
            }
            ImageChange::Remove => {
                images.remove(place);
                break;
            }
        }
    }
    update(tx, shelf, currency, id, &draft).map(drop)
}

/// The address under which a product shows the picture `image`.
pub fn image_address(rx: &mut Rx, id: ProductId, image: ImageId) -> Result<ImageAddress, Error> {
    let known = images::image(rx, image)?;
    let product = product(rx, id)?;
    let shown = product.details.images.iter().any(|image| image.address == known.address);
    if shown { Ok(known.address) } else { Err(Error::UnknownImage) }
}

/// What `update` would change, without changing it.
pub fn foresee_update(
    rx: &mut Rx,
    shelf: &dyn Shelf,
    currency: Currency,
    before: &Product,
    draft: &Draft,
) -> Result<Vec<Change>, Error> {
    let draft = images::recognised(rx, completed(before, draft.clone()))?.tidied();
    let handle = checked(rx, currency, Some(before), &draft)?;
    // a variant that is not written yet has no id: any will do that no other has
    let mut number = 0u128;
    let mut next = || {
        number += 1;
        VariantId::of(uuid::Uuid::from_u128(number))
    };
    let after = settle(Some(before), &draft, handle, before.id, rx.now(), &mut next);
    let mut changed = changes(before, &after);
    changed.extend(recounted(rx, shelf, &after, &draft)?.into_iter().map(|(_, change)| change));
    Ok(changed)
}

/// Whether `create` would do it, or what stands against it.
pub fn foresee_create(rx: &mut Rx, currency: Currency, draft: &Draft) -> Result<(), Error> {
    let draft = images::recognised(rx, draft.clone())?.tidied();
    checked(rx, currency, None, &draft).map(drop)
}

/// The handle that `draft` gets, if it can be written.
fn checked(
    rx: &mut Rx,
    currency: Currency,
    before: Option<&Product>,
    draft: &Draft,
) -> Result<Handle, Error> {
    let mut flaws = draft.flaws(currency);
    flaws.extend(images::flaws(rx, draft)?);
    let mut found = |field: String, rule: Rule| flaws.push(Flaw { field, rule });
    if let Some(code) = &draft.details.tax_code
        && sql::tax_code(rx, code)?.is_none()
    {
        found("taxCode".to_owned(), Rule::UnknownTaxCode { code: code.to_string() });
    }
    for (place, wish) in draft.variants.iter().enumerate() {
        let known =
            |id: VariantId| before.is_some_and(|product| product.variants.iter().any(|own| own.id == id));
        if wish.id.is_some_and(|id| !known(id)) {
            found(format!("variants[{place}].id"), Rule::ForeignVariant);
        }
        let Some(sku) = &wish.details.sku else { continue };
        if let Some((_, owner, title)) = sql::owner_of_sku(rx, sku)?
            && before.is_none_or(|product| product.id != owner)
        {
            found(format!("variants[{place}].sku"), Rule::SkuTaken { owner: title.to_string() });
        }
    }
    let handle = handle_for(rx, before, draft)?;
    if handle.is_none() {
        let rule = if draft.handle.is_some() { Rule::HandleTaken } else { Rule::NoHandle };
        flaws.push(Flaw { field: "handle".to_owned(), rule });
    }
    match handle {
        Some(handle) if flaws.is_empty() => Ok(handle),
        _ => Err(Error::Refused(flaws)),
    }
}

/// The chosen handle unless another product has it, or a free one made of the title.
fn handle_for(rx: &mut Rx, before: Option<&Product>, draft: &Draft) -> Result<Option<Handle>, Error> {
    let mut free = |handle: &Handle| -> Result<bool, Error> {
        let owner = sql::owner_of_handle(rx, handle)?;
        Ok(owner.is_none_or(|owner| before.is_some_and(|product| product.id == owner)))
    };
    if let Some(chosen) = &draft.handle {
        return Ok(if free(chosen)? { Some(chosen.clone()) } else { None });
    }
    if let Some(product) = before {
        return Ok(Some(product.handle.clone()));
    }
    let Some(plain) = Handle::of(draft.details.title.as_str()) else { return Ok(None) };
    let numbered = (2..1000).map(|number| plain.numbered(number));
    for handle in std::iter::once(plain.clone()).chain(numbered) {
        if free(&handle)? {
            return Ok(Some(handle));
        }
    }
    Ok(None)
}

fn write(tx: &mut Tx, before: &Product, after: &Product) -> Result<(), Error> {
    let id = after.id;
    for variant in &before.variants {
        let now = after.variants.iter().find(|other| other.id == variant.id);
        if variant.details.sku.is_some() && now.is_some_and(|now| now.details.sku != variant.details.sku) {
            sql::clear_sku(tx, variant.id)?;
        }
    }
    for (place, variant) in after.variants.iter().enumerate() {
        match before.variants.iter().position(|other| other.id == variant.id) {
            None => sql::insert_variant(tx, id, place as u32, variant)?,
            Some(was) if was == place && before.variants[was] == *variant => (),
            Some(_) => sql::update_variant(tx, place as u32, variant)?,
        }
    }
    sql::update_product(tx, after)?;
    if before.details.images != after.details.images {
        sql::replace_images(tx, id, &after.details.images)?;
    }
    if before.details.tags != after.details.tags {
        sql::replace_tags(tx, id, &after.details.tags)?;
    }
    if before.details.categories != after.details.categories {
        category::place(tx, id, &after.details.categories)?;
    }
    sql::replace_words(tx, id, &search_words(before), &search_words(after))?;
    Ok(())
}

/// A product with all its variants.
pub fn product(rx: &mut Rx, id: ProductId) -> Result<Product, Error> {
    sql::product(rx, id)?.ok_or(Error::UnknownProduct)
}

/// The product that a shop's address names, whatever its state.
pub fn product_by_handle(rx: &mut Rx, handle: &str) -> Result<Product, Error> {
    sql::product_by_handle(rx, handle)?.ok_or(Error::UnknownProduct)
}

/// The product a variant belongs to.
pub fn product_of_variant(rx: &mut Rx, variant: VariantId) -> Result<Product, Error> {
    let id = sql::product_of_variant(rx, variant)?.ok_or(Error::UnknownVariant)?;
    product(rx, id)
}

/// Up to `limit` products behind `after`: one statement along one index, but for a search, which first counts its words.
pub fn list(rx: &mut Rx, filter: &Filter, after: Option<&Cursor>, limit: u32) -> Result<Vec<Summary>, Error> {
    /// From here on, going through the products in order finds twenty sooner than going through the word's index.
    const COMMON: u32 = 2000;
    let words = base::words(&filter.search);
    if words.is_empty() {
        return Ok(match (filter.category, filter.state) {
            (Some(category), state) => sql::in_category(rx, category, state, after, limit)?,
            (None, Some(state)) if filter.by_title => sql::by_title(rx, state, after, limit)?,
            (None, state) => sql::newest(rx, state, after, limit)?,
        });
    }
    let mut counted = Vec::new();
    for word in words.into_iter().take(8) {
        counted.push((sql::count_word(rx, &word, COMMON)?, word));
    }
    counted.sort();
    let rare = counted[0].0 < i64::from(COMMON);
    let words: Vec<String> = counted.into_iter().map(|(_, word)| word).collect();
    let sought = sql::Sought::new(&words);
    Ok(sql::with_words(rx, &sought, rare, filter.state, filter.category, after, limit)?)
}

/// The active products with these handles, in their order, `limit` at most; those that are not there are left out.
pub fn summaries(rx: &mut Rx, handles: &[Handle], limit: u32) -> Result<Vec<Summary>, Error> {
    let mut found = Vec::new();
    for handle in handles.iter().take(limit as usize) {
        found.extend(sql::summary(rx, handle)?);
    }
    Ok(found)
}

/// A variant as an order needs it.
pub fn variant_for_sale(rx: &mut Rx, variant: VariantId) -> Result<SellableVariant, Error> {
    sql::for_sale(rx, variant)?.ok_or(Error::UnknownVariant)
}

/// The variant with this SKU, as an order needs it.
pub fn variant_for_sale_by_sku(rx: &mut Rx, sku: &str) -> Result<SellableVariant, Error> {
    sql::for_sale_by_sku(rx, sku)?.ok_or(Error::UnknownVariant)
}

/// Several variants at once, in the order asked; those that do not exist are left out.
pub fn variants_for_sale(rx: &mut Rx, variants: &[VariantId]) -> Result<Vec<SellableVariant>, Error> {
    let mut found: Vec<SellableVariant> = Vec::with_capacity(variants.len());
    for piece in variants.chunks(8) {
        let ids: [VariantId; 8] = std::array::from_fn(|place| piece[place.min(piece.len() - 1)]);
        let rows = sql::eight_for_sale(rx, ids)?;
        found.extend(piece.iter().filter_map(|id| rows.iter().find(|row| row.variant == *id).cloned()));
    }
    Ok(found)
}

/// The variant that has this SKU, and the product it belongs to; archived ones keep theirs.
pub fn variant_with_sku(rx: &mut Rx, sku: &Short) -> Result<Option<(VariantId, ProductId)>, Error> {
    Ok(sql::owner_of_sku(rx, sku)?.map(|(variant, product, _)| (variant, product)))
}

/// Stock says here whether any of a tracked variant can be sold now. Cheap when nothing changes.
pub fn mark_in_stock(tx: &mut Tx, variant: VariantId, in_stock: bool) -> Result<(), Error> {
    if sql::set_in_stock(tx, variant, in_stock)? == 0 {
        return Ok(());
    }
    let product = product_of_variant(tx, variant)?;
    Ok(sql::set_available(tx, product.id, shown(&product).available)?)
}

/// Changes whether a variant is tracked and whether it may be sold when out.
pub fn set_tracking(
    tx: &mut Tx,
    shelf: &dyn Shelf,
    currency: Currency,
    variant: VariantId,
    tracked: bool,
    sell_when_out: bool,
) -> Result<(), Error> {
    let product = product_of_variant(tx, variant)?;
    let mut draft = product.draft();
    for wish in draft.variants.iter_mut().filter(|wish| wish.id == Some(variant)) {
        wish.details.tracked = tracked;
        wish.details.sell_when_out = sell_when_out;
    }
    update(tx, shelf, currency, product.id, &draft).map(drop)
}

/// Ids of all products behind `after`, oldest first, for reading everything in pieces.
pub fn ids_after(rx: &mut Rx, after: Option<ProductId>, limit: u32) -> Result<Vec<ProductId>, Error> {
    Ok(sql::ids_after(rx, after, limit)?)
}

/// Handles of active products behind `after`, oldest first, for a map of the shop in files.
pub fn handles_after(rx: &mut Rx, after: Option<ProductId>, limit: u32) -> Result<Vec<Handle>, Error> {
    Ok(sql::handles_after(rx, after, limit)?)
}

/// The last active product of each full `piece` of them, oldest first: where `handles_after` goes on.
pub fn marks(rx: &mut Rx, piece: u32) -> Result<Vec<ProductId>, Error> {
    let mut marks: Vec<ProductId> = Vec::new();
    while let Some(mark) = sql::mark_after(rx, marks.last().copied(), piece)? {
        marks.push(mark);
    }
    Ok(marks)
}
