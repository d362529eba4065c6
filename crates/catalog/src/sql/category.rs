//! Categories and which products lie in them.

use base::Slug;
use db::{Error, Row, Rx, Tx, sql};

use super::parsed;
use crate::{
    CategoryId,
    category::Category,
    model::{CategoryPath, ProductId},
};

fn read(row: &Row<'_>) -> Result<Category, Error> {
    Ok(Category {
        id: row.get(0)?,
        parent: row.get(1)?,
        path: parsed(row, 2, "category path")?,
        slug: row.get(3)?,
    })
}

pub fn categories(rx: &mut Rx) -> Result<Vec<Category>, Error> {
    rx.rows(
        sql!("select id, parent_id, path, slug from category where tenant_id = $1 order by path limit 5000"),
        (),
        read,
    )
}

pub fn category(rx: &mut Rx, id: CategoryId) -> Result<Option<Category>, Error> {
    rx.row(
        sql!("select id, parent_id, path, slug from category where tenant_id = $1 and id = $2"),
        (id,),
        read,
    )
}

pub fn category_by_slug(rx: &mut Rx, slug: &str) -> Result<Option<Category>, Error> {
    rx.row(
        sql!("select id, parent_id, path, slug from category where tenant_id = $1 and slug = $2"),
        (slug,),
        read,
    )
}

pub fn category_by_path(rx: &mut Rx, path: &CategoryPath) -> Result<Option<Category>, Error> {
    rx.row(
        sql!("select id, parent_id, path, slug from category where tenant_id = $1 and path = $2"),
        (path.as_str(),),
        read,
    )
}

pub fn insert_category(tx: &mut Tx, category: &Category) -> Result<(), Error> {
    tx.put(
        sql!("insert into category (tenant_id, id, parent_id, path, slug) values ($1, $2, $3, $4, $5)"),
        (category.id, category.parent, category.path.as_str(), &category.slug),
    )
}

pub fn move_category(tx: &mut Tx, id: CategoryId, path: &CategoryPath, slug: &Slug) -> Result<(), Error> {
    tx.put(
        sql!("update category set path = $3, slug = $4 where tenant_id = $1 and id = $2"),
        (id, path.as_str(), slug),
    )
}

/// Removes a category and takes its products out of it; the products stay.
pub fn delete_category(tx: &mut Tx, id: CategoryId) -> Result<(), Error> {
    tx.put(sql!("delete from product_category where tenant_id = $1 and category_id = $2"), (id,))?;
    tx.put(sql!("delete from category where tenant_id = $1 and id = $2"), (id,))
}

/// Puts a product into `own` categories, in this order, and into those `above` them.
pub fn replace_categories(
    tx: &mut Tx,
    product: ProductId,
    own: &[CategoryId],
    above: &[CategoryId],
) -> Result<(), Error> {
    tx.put(sql!("delete from product_category where tenant_id = $1 and product_id = $2"), (product,))?;
    let placed = own.iter().enumerate().map(|(place, id)| (*id, Some(place as i64)));
    for (category, position) in placed.chain(above.iter().map(|id| (*id, None))) {
        tx.put(
            sql!(
                "insert into product_category (tenant_id, category_id, product_id, position) values ($1, $2, $3, $4)
                 on conflict (tenant_id, category_id, product_id) do nothing"
            ),
            (category, product, position),
        )?;
    }
    Ok(())
}

/// The categories that a product is in, and those above them.
pub fn categories_of(rx: &mut Rx, product: ProductId) -> Result<Vec<CategoryId>, Error> {
    rx.rows(
        sql!("select category_id from product_category where tenant_id = $1 and product_id = $2 order by category_id"),
        (product,),
        |row| row.get(0),
    )
}
