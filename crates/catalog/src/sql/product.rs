//! Products, variants, and what belongs to one product.

use base::{Currency, Timestamp};
use db::{Error, Row, Rx, Tx, sql};

use super::{as_minor, money, parsed, parsed_option};
use crate::{
    model::{
        Details, Handle, Image, ImageAddress, Line512, Product, ProductId, Short, State, Tag, TaxCodeName,
        Unit, Variant, VariantDetails, VariantId, shown,
    },
    sale::SellableVariant,
};

macro_rules! product_columns {
    () => {
        "id, handle, title, description, vendor, kind, state, taxable, tax_code, option1, option2, option3, \
         created_at, changed_at"
    };
}

macro_rules! variant_columns {
    () => {
        "id, sku, barcode, option1, option2, option3, price, compare_at, cost, currency, unit, tracked, sell_when_out, \
         in_stock, ships, grams, image, archived_at"
    };
}

pub fn product(rx: &mut Rx, id: ProductId) -> Result<Option<Product>, Error> {
    let found = rx.row(
        sql!(concat!("select ", product_columns!(), " from product where tenant_id = $1 and id = $2")),
        (id,),
        read_product,
    )?;
    found.map(|product| with_parts(rx, product)).transpose()
}

pub fn product_by_handle(rx: &mut Rx, handle: &str) -> Result<Option<Product>, Error> {
    let found = rx.row(
        sql!(concat!("select ", product_columns!(), " from product where tenant_id = $1 and handle = $2")),
        (handle,),
        read_product,
    )?;
    found.map(|product| with_parts(rx, product)).transpose()
}

fn read_product(row: &Row<'_>) -> Result<Product, Error> {
    let state: String = row.get(6)?;
    let options = [9, 10, 11].into_iter().map(|index| row.get::<Option<Short>>(index));
    Ok(Product {
        id: row.get(0)?,
        handle: parsed(row, 1, "handle")?,
        created_at: row.get(12)?,
        changed_at: row.get(13)?,
        details: Details {
            title: row.get(2)?,
            description: parsed(row, 3, "html")?,
            vendor: row.get(4)?,
            kind: row.get(5)?,
            state: State::parse(&state).ok_or(Error::Column { index: 6, wanted: "state", found: state })?,
            taxable: row.get(7)?,
            tax_code: row.get(8)?,
            options: options.filter_map(Result::transpose).collect::<Result<_, _>>()?,
            categories: Vec::new(),
            tags: Vec::new(),
            images: Vec::new(),
        },
        variants: Vec::new(),
    })
}

fn with_parts(rx: &mut Rx, mut product: Product) -> Result<Product, Error> {
    product.variants = rx.rows(
        sql!(concat!(
            "select ",
            variant_columns!(),
            " from variant where tenant_id = $1 and product_id = $2 order by position, id"
        )),
        (product.id,),
        read_variant,
    )?;
    let details = &mut product.details;
    details.images = rx.rows(
        sql!("select address, alt from product_image where tenant_id = $1 and product_id = $2 order by position"),
        (product.id,),
        |row| Ok(Image { address: parsed(row, 0, "address")?, alt: row.get::<Option<Line512>>(1)? }),
    )?;
    details.tags = rx.rows(
        sql!("select tag from product_tag where tenant_id = $1 and product_id = $2 order by position"),
        (product.id,),
        |row| parsed::<Tag>(row, 0, "tag"),
    )?;
    details.categories = rx.rows(
        sql!(
            "select c.path from product_category pc join category c on c.tenant_id = $1 and c.id = pc.category_id
             where pc.tenant_id = $1 and pc.product_id = $2 and pc.position is not null order by pc.position"
        ),
        (product.id,),
        |row| parsed(row, 0, "category path"),
    )?;
    Ok(product)
}

fn read_variant(row: &Row<'_>) -> Result<Variant, Error> {
    let currency: Currency = row.get(9)?;
    let options = [3, 4, 5].into_iter().map(|index| row.get::<Option<Short>>(index));
    let archived_at: Option<Timestamp> = row.get(17)?;
    let price = money(row, 6, currency)?;
    Ok(Variant {
        id: row.get(0)?,
        archived: archived_at.is_some(),
        in_stock: row.get(13)?,
        details: VariantDetails {
            options: options.filter_map(Result::transpose).collect::<Result<_, _>>()?,
            sku: row.get(1)?,
            barcode: row.get(2)?,
            price: price.ok_or(Error::Column { index: 6, wanted: "money", found: "null".to_owned() })?,
            compare_at: money(row, 7, currency)?,
            cost: money(row, 8, currency)?,
            unit: parsed(row, 10, "unit")?,
            tracked: row.get(11)?,
            sell_when_out: row.get(12)?,
            ships: row.get(14)?,
            grams: row.get(15)?,
            image: parsed_option::<ImageAddress>(row, 16, "address")?,
        },
    })
}

/// The product that has `handle`, if any.
pub fn owner_of_handle(rx: &mut Rx, handle: &Handle) -> Result<Option<ProductId>, Error> {
    rx.row(sql!("select id from product where tenant_id = $1 and handle = $2"), (handle.as_str(),), |row| {
        row.get(0)
    })
}

/// The variant that has `sku`, its product, and that product's title; archived ones keep theirs.
pub fn owner_of_sku(rx: &mut Rx, sku: &Short) -> Result<Option<(VariantId, ProductId, Short)>, Error> {
    rx.row(
        sql!(
            "select v.id, p.id, p.title from variant v join product p on p.tenant_id = $1 and p.id = v.product_id
             where v.tenant_id = $1 and v.sku = $2"
        ),
        (sku,),
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

pub fn product_of_variant(rx: &mut Rx, variant: VariantId) -> Result<Option<ProductId>, Error> {
    rx.row(sql!("select product_id from variant where tenant_id = $1 and id = $2"), (variant,), |row| {
        row.get(0)
    })
}

pub fn insert_product(tx: &mut Tx, product: &Product) -> Result<(), Error> {
    let details = &product.details;
    let shown = shown(product);
    let option = |place: usize| details.options.get(place);
    tx.put(
        sql!(
            "insert into product (tenant_id, id, handle, title, title_key, description, vendor, kind, state, taxable, \
             tax_code, option1, option2, option3, created_at, changed_at, currency, lowest, highest, compare_at, \
             available, offered, first_variant_id, image) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
             $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)"
        ),
        (
            product.id,
            product.handle.as_str(),
            &details.title,
            title_key(&details.title),
            details.description.as_str(),
            &details.vendor,
            &details.kind,
            details.state.name(),
            details.taxable,
            &details.tax_code,
            option(0),
            option(1),
            option(2),
            product.created_at,
            product.changed_at,
            shown.lowest.map(|amount| amount.currency()),
            as_minor(shown.lowest),
            as_minor(shown.highest),
            as_minor(shown.compare_at),
            shown.available,
            shown.offered,
            shown.first,
            details.images.first().map(|image| image.address.as_str()),
        ),
    )
}

pub fn update_product(tx: &mut Tx, product: &Product) -> Result<(), Error> {
    let details = &product.details;
    let shown = shown(product);
    let option = |place: usize| details.options.get(place);
    tx.put(
        sql!(
            "update product set handle = $3, title = $4, title_key = $5, description = $6, vendor = $7, kind = $8, \
             state = $9, taxable = $10, tax_code = $11, option1 = $12, option2 = $13, option3 = $14, changed_at = $15, \
             currency = $16, lowest = $17, highest = $18, compare_at = $19, available = $20, offered = $21, \
             first_variant_id = $22, image = $23 where tenant_id = $1 and id = $2"
        ),
        (
            product.id,
            product.handle.as_str(),
            &details.title,
            title_key(&details.title),
            details.description.as_str(),
            &details.vendor,
            &details.kind,
            details.state.name(),
            details.taxable,
            &details.tax_code,
            option(0),
            option(1),
            option(2),
            product.changed_at,
            shown.lowest.map(|amount| amount.currency()),
            as_minor(shown.lowest),
            as_minor(shown.highest),
            as_minor(shown.compare_at),
            shown.available,
            shown.offered,
            shown.first,
            details.images.first().map(|image| image.address.as_str()),
        ),
    )
}

/// What titles are sorted by: without accents and case, short enough for an index.
pub fn title_key(title: &Short) -> String {
    base::fold(title.as_str()).chars().filter(|letter| !letter.is_control()).take(80).collect()
}

/// Says on the product's row whether it can be bought.
pub fn set_available(tx: &mut Tx, product: ProductId, available: bool) -> Result<(), Error> {
    tx.put(sql!("update product set available = $3 where tenant_id = $1 and id = $2"), (product, available))
}

pub fn set_in_stock(tx: &mut Tx, variant: VariantId, in_stock: bool) -> Result<u64, Error> {
    tx.run(
        sql!("update variant set in_stock = $3 where tenant_id = $1 and id = $2 and in_stock <> $3"),
        (variant, in_stock),
    )
}

pub fn insert_variant(
    tx: &mut Tx,
    product: ProductId,
    position: u32,
    variant: &Variant,
) -> Result<(), Error> {
    let details = &variant.details;
    let option = |place: usize| details.options.get(place);
    let archived_at = variant.archived.then(|| tx.now());
    tx.put(
        sql!(
            "insert into variant (tenant_id, id, product_id, position, sku, barcode, option1, option2, option3, price, \
             compare_at, cost, currency, unit, tracked, sell_when_out, in_stock, ships, grams, image, archived_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)"
        ),
        (
            variant.id,
            product,
            position,
            &details.sku,
            &details.barcode,
            option(0),
            option(1),
            option(2),
            details.price.minor(),
            as_minor(details.compare_at),
            as_minor(details.cost),
            details.price.currency(),
            details.unit.name(),
            details.tracked,
            details.sell_when_out,
            variant.in_stock,
            details.ships,
            details.grams,
            details.image.as_ref().map(ImageAddress::as_str),
            archived_at,
        ),
    )
}

/// Writes all of a variant but its stock, which only stock says.
pub fn update_variant(tx: &mut Tx, position: u32, variant: &Variant) -> Result<(), Error> {
    let details = &variant.details;
    let option = |place: usize| details.options.get(place);
    let archived_at = variant.archived.then(|| tx.now());
    tx.put(
        sql!(
            "update variant set position = $3, sku = $4, barcode = $5, option1 = $6, option2 = $7, option3 = $8, \
             price = $9, compare_at = $10, cost = $11, currency = $12, unit = $13, tracked = $14, sell_when_out = $15, \
             ships = $16, grams = $17, image = $18, \
             archived_at = case when cast($19 as bigint) is null then null else coalesce(archived_at, $19) end \
             where tenant_id = $1 and id = $2"
        ),
        (
            variant.id,
            position,
            &details.sku,
            &details.barcode,
            option(0),
            option(1),
            option(2),
            details.price.minor(),
            as_minor(details.compare_at),
            as_minor(details.cost),
            details.price.currency(),
            details.unit.name(),
            details.tracked,
            details.sell_when_out,
            details.ships,
            details.grams,
            details.image.as_ref().map(ImageAddress::as_str),
            archived_at,
        ),
    )
}

/// Frees an SKU, so that two variants can exchange theirs.
pub fn clear_sku(tx: &mut Tx, variant: VariantId) -> Result<(), Error> {
    tx.put(sql!("update variant set sku = null where tenant_id = $1 and id = $2"), (variant,))
}

pub fn replace_images(tx: &mut Tx, product: ProductId, images: &[Image]) -> Result<(), Error> {
    tx.put(sql!("delete from product_image where tenant_id = $1 and product_id = $2"), (product,))?;
    for (position, image) in images.iter().enumerate() {
        tx.put(
            sql!(
                "insert into product_image (tenant_id, product_id, position, address, alt) values ($1, $2, $3, $4, $5)"
            ),
            (product, position as i64, image.address.as_str(), &image.alt),
        )?;
    }
    Ok(())
}

pub fn replace_tags(tx: &mut Tx, product: ProductId, tags: &[Tag]) -> Result<(), Error> {
    tx.put(sql!("delete from product_tag where tenant_id = $1 and product_id = $2"), (product,))?;
    for (position, tag) in tags.iter().enumerate() {
        tx.put(
            sql!("insert into product_tag (tenant_id, product_id, position, tag) values ($1, $2, $3, $4)"),
            (product, position as i64, tag.as_str()),
        )?;
    }
    Ok(())
}

/// Makes the product findable by `words` and no longer by those of `before` that are not among them.
pub fn replace_words(
    tx: &mut Tx,
    product: ProductId,
    before: &[String],
    words: &[String],
) -> Result<(), Error> {
    for word in before.iter().filter(|word| !words.contains(word)) {
        tx.put(
            sql!("delete from product_word where tenant_id = $1 and word = $2 and product_id = $3"),
            (word, product),
        )?;
    }
    for word in words.iter().filter(|word| !before.contains(word)) {
        tx.put(
            sql!(
                "insert into product_word (tenant_id, word, product_id) values ($1, $2, $3)
                 on conflict (tenant_id, word, product_id) do nothing"
            ),
            (word, product),
        )?;
    }
    Ok(())
}

macro_rules! sale_columns {
    () => {
        "select v.id, p.id, p.handle, p.title, v.option1, v.option2, v.option3, v.sku, v.price, v.cost, v.currency, \
         v.unit, v.tracked, v.sell_when_out, v.ships, v.grams, p.taxable, p.tax_code, p.state, v.archived_at, \
         coalesce(v.image, p.image), v.compare_at \
         from variant v join product p on p.tenant_id = $1 and p.id = v.product_id where v.tenant_id = $1 and "
    };
}

pub fn for_sale(rx: &mut Rx, variant: VariantId) -> Result<Option<SellableVariant>, Error> {
    rx.row(sql!(concat!(sale_columns!(), "v.id = $2")), (variant,), read_sellable)
}

pub fn for_sale_by_sku(rx: &mut Rx, sku: &str) -> Result<Option<SellableVariant>, Error> {
    rx.row(sql!(concat!(sale_columns!(), "v.sku = $2")), (sku,), read_sellable)
}

/// At most eight at once; fewer are asked by repeating one.
pub fn eight_for_sale(rx: &mut Rx, ids: [VariantId; 8]) -> Result<Vec<SellableVariant>, Error> {
    let [a, b, c, d, e, f, g, h] = ids;
    rx.rows(
        sql!(concat!(sale_columns!(), "v.id in ($2, $3, $4, $5, $6, $7, $8, $9)")),
        (a, b, c, d, e, f, g, h),
        read_sellable,
    )
}

fn read_sellable(row: &Row<'_>) -> Result<SellableVariant, Error> {
    let currency: Currency = row.get(10)?;
    let options = [4, 5, 6].into_iter().map(|index| row.get::<Option<Short>>(index));
    let state: String = row.get(18)?;
    let archived_at: Option<Timestamp> = row.get(19)?;
    let price = money(row, 8, currency)?;
    Ok(SellableVariant {
        variant: row.get(0)?,
        product: row.get(1)?,
        handle: parsed(row, 2, "handle")?,
        title: row.get(3)?,
        options: options.filter_map(Result::transpose).collect::<Result<_, _>>()?,
        sku: row.get(7)?,
        price: price.ok_or(Error::Column { index: 8, wanted: "money", found: "null".to_owned() })?,
        cost: money(row, 9, currency)?,
        compare_at: money(row, 21, currency)?,
        unit: parsed::<Unit>(row, 11, "unit")?,
        tracked: row.get(12)?,
        sell_when_out: row.get(13)?,
        ships: row.get(14)?,
        grams: row.get(15)?,
        taxable: row.get(16)?,
        tax_code: row.get::<Option<TaxCodeName>>(17)?,
        active: state == State::Active.name() && archived_at.is_none(),
        image: parsed_option(row, 20, "address")?,
    })
}
