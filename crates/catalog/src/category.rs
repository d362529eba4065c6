//! The tree of categories, by paths such as `Clothing > Shirts`.

use base::{Language, Slug};
use db::{Rx, Tx};
use edge::format::Collation;
use serde::Serialize;
use serde_json::json;
use spine::events::{self, Event};

use crate::{
    Error,
    model::{CategoryPath, Flaw, ProductId, Rule},
    sql,
};

base::id!(
    /// Names a category: `cat_01h455vb4pex5vsknk084sn02q`.
    CategoryId: CategoryKind, "cat"
);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Category {
    #[schema(value_type = String)]
    pub id: CategoryId,
    #[schema(value_type = Option<String>)]
    pub parent: Option<CategoryId>,
    pub path: CategoryPath,
    /// Its name in addresses; unique per tenant.
    #[schema(value_type = String)]
    pub slug: Slug,
}

impl Category {
    /// Levels above it.
    pub fn depth(&self) -> usize {
        self.path.line().len() - 1
    }
}

/// All categories in the order of their paths, so that each follows the one above it.
pub fn categories(rx: &mut Rx) -> Result<Vec<Category>, Error> {
    Ok(sql::categories(rx)?)
}

/// Puts `categories` in the order in which people of the language look names up; each still follows the one above it.
pub fn in_reading_order(categories: &mut [Category], language: Language) {
    let names = Collation::of(language);
    categories.sort_by(|one, other| {
        let pairs = one.path.names().zip(other.path.names());
        let mut levels = pairs.map(|(one, other)| names.compare(one, other).then_with(|| one.cmp(other)));
        levels.find(|level| level.is_ne()).unwrap_or_else(|| one.depth().cmp(&other.depth()))
    });
}

/// The categories that a product is in, and those above them.
pub fn categories_of(rx: &mut Rx, product: ProductId) -> Result<Vec<CategoryId>, Error> {
    Ok(sql::categories_of(rx, product)?)
}

pub fn category(rx: &mut Rx, id: CategoryId) -> Result<Category, Error> {
    sql::category(rx, id)?.ok_or(Error::UnknownCategory)
}

/// The category that a shop's address names.
pub fn category_by_slug(rx: &mut Rx, slug: &str) -> Result<Category, Error> {
    sql::category_by_slug(rx, slug)?.ok_or(Error::UnknownCategory)
}

/// Finds the category at `path`, or makes it and those above it.
pub fn ensure(tx: &mut Tx, path: &CategoryPath) -> Result<Category, Error> {
    if let Some(found) = sql::category_by_path(tx, path)? {
        return Ok(found);
    }
    let parent = path.parent().map(|above| ensure(tx, &above)).transpose()?;
    let slug = free_slug(tx, path, None)?;
    let category =
        Category { id: tx.new_id(), parent: parent.map(|above| above.id), path: path.clone(), slug };
    sql::insert_category(tx, &category)?;
    let payload = json!({ "before": null, "after": category });
    events::record(tx, Event { kind: "category.created", subject: category.id.to_string(), payload })?;
    Ok(category)
}

/// Makes a category; one that exists is a flaw, not the answer.
pub fn create(tx: &mut Tx, path: &CategoryPath) -> Result<Category, Error> {
    if sql::category_by_path(tx, path)?.is_some() {
        return Err(taken());
    }
    ensure(tx, path)
}

/// Gives a category another name; those below it follow, the products stay in it.
pub fn rename(tx: &mut Tx, id: CategoryId, name: &str) -> Result<Category, Error> {
    let before = category(tx, id)?;
    let text = |error: crate::model::WordError| {
        Error::Refused(vec![Flaw { field: "name".to_owned(), rule: Rule::Text(error.to_string()) }])
    };
    // a name that holds the sign between levels would move the category
    let name: CategoryPath = name.parse().map_err(text)?;
    if name.parent().is_some() {
        return Err(text(crate::model::WordError::CategoryPath));
    }
    let path = before.path.renamed(name.as_str()).map_err(text)?;
    if path == before.path {
        return Ok(before);
    }
    if sql::category_by_path(tx, &path)?.is_some() {
        return Err(taken());
    }
    let below = format!("{} > ", before.path);
    for other in sql::categories(tx)? {
        if let Some(rest) = other.path.as_str().strip_prefix(&below) {
            let moved: CategoryPath = format!("{path} > {rest}").parse().map_err(text)?;
            sql::move_category(tx, other.id, &moved, &other.slug)?;
        }
    }
    let slug = free_slug(tx, &path, Some(id))?;
    sql::move_category(tx, id, &path, &slug)?;
    let after = Category { path, slug, ..before.clone() };
    let payload = json!({ "before": before, "after": after });
    events::record(tx, Event { kind: "category.changed", subject: id.to_string(), payload })?;
    Ok(after)
}

/// Removes a category that holds no others; its products stay in the catalogue.
pub fn remove(tx: &mut Tx, id: CategoryId) -> Result<(), Error> {
    let before = category(tx, id)?;
    if sql::categories(tx)?.iter().any(|other| other.parent == Some(id)) {
        return Err(Error::CategoryHasOthers);
    }
    sql::delete_category(tx, id)?;
    let payload = json!({ "before": before, "after": null });
    Ok(events::record(tx, Event { kind: "category.removed", subject: id.to_string(), payload })?)
}

/// Puts a product into the categories at `paths`, made where they do not exist.
pub(crate) fn place(tx: &mut Tx, product: ProductId, paths: &[CategoryPath]) -> Result<(), Error> {
    let mut own = Vec::with_capacity(paths.len());
    let mut above = Vec::new();
    for path in paths {
        own.push(ensure(tx, path)?.id);
        let mut parent = path.parent();
        while let Some(path) = parent {
            above.push(ensure(tx, &path)?.id);
            parent = path.parent();
        }
    }
    Ok(sql::replace_categories(tx, product, &own, &above)?)
}

fn taken() -> Error {
    Error::Refused(vec![Flaw { field: "name".to_owned(), rule: Rule::CategoryTaken }])
}

fn free_slug(rx: &mut Rx, path: &CategoryPath, own: Option<CategoryId>) -> Result<Slug, Error> {
    let plain = Slug::of(path.name()).or_else(|| Slug::of("category")).ok_or(Error::UnknownCategory)?;
    let mut number = 1;
    loop {
        let slug = if number == 1 { plain.clone() } else { plain.numbered(number) };
        match sql::category_by_slug(rx, slug.as_str())? {
            Some(other) if Some(other.id) != own => number += 1,
            _ => return Ok(slug),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_are_read_in_the_order_of_their_names_each_below_its_own() {
        let category = |(number, path): (u128, &str)| {
            let path: CategoryPath = path.parse().unwrap();
            let slug = Slug::of(path.name()).unwrap();
            Category { id: CategoryId::of(uuid::Uuid::from_u128(number)), parent: None, path, slug }
        };
        let written =
            ["Zakat", "boissons", "Épices > Thym", "Epice douce", "Épices > Ail", "Épices", "Farine"];
        let mut all: Vec<_> = (0..).zip(written).map(category).collect();
        in_reading_order(&mut all, Language::Fr);
        let read: Vec<&str> = all.iter().map(|category| category.path.as_str()).collect();
        assert_eq!(
            read,
            ["boissons", "Epice douce", "Épices", "Épices > Ail", "Épices > Thym", "Farine", "Zakat"]
        );
    }
}
