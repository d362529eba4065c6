//! Lists of products: all, a category, what a search found; filtered and sorted by an address that works without scripts.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Currency, Money};
use catalog::browse::{self, Browse, Facets, Place, Sort};
use db::Area;
use edge::{App, PageQuery, Path, Problem, Query, Visitor};
use serde::Deserialize;

use crate::{
    Error,
    chrome::{Chrome, Furniture, Shown, breadcrumbs},
    pages::list::{Asked, ListPage},
};

/// Products on a page.
const PER_PAGE: u32 = 24;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    q: String,
    cursor: Option<String>,
    stock: String,
    from: String,
    to: String,
    vendor: String,
    tag: String,
    option: Vec<String>,
    sort: String,
}

pub async fn all(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    list(&app, &visitor, query, None).await
}

pub async fn category(
    State(app): State<App>,
    visitor: Visitor,
    Path((_, category)): Path<(String, String)>,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    list(&app, &visitor, query, Some(category)).await
}

async fn list(
    app: &App,
    visitor: &Visitor,
    query: ListQuery,
    category: Option<String>,
) -> Result<Response, Problem> {
    let asked = query.asked(visitor.tenant().currency);
    let (cursor, slug) = (query.cursor.clone().unwrap_or_default(), category.clone().unwrap_or_default());
    let (wishes, own_words) = (asked.query(None), asked.has_own_words());
    let known = [("category", slug.as_str()), ("cursor", cursor.as_str()), ("wishes", wishes.as_str())];
    let render = async || list_page(app, visitor, asked, &query, category).await.map(Shown);
    if own_words {
        // a search is somebody's own words: rarely asked twice, so it takes no room in the cache
        render().await.map(IntoResponse::into_response)
    } else {
        app.cached(visitor, &[Area::Catalog, Area::Look], &known, render).await
    }
}

impl ListQuery {
    /// What was asked for. What does not read is left out: an address typed by hand shows more rather than an error.
    fn asked(&self, currency: Currency) -> Asked {
        let words = |raw: &str, max: usize| -> String {
            raw.chars().filter(|letter| !letter.is_control()).take(max).collect::<String>().trim().to_owned()
        };
        let amount = |raw: &str| {
            let plain: String = raw.chars().filter(|letter| !letter.is_whitespace()).collect();
            let read = Money::parse_decimal(&plain.replace(',', "."), currency).ok()?;
            (!read.is_negative()).then_some(read)
        };
        let choice = |raw: &String| {
            let (name, value) = raw.split_once(':')?;
            Some((name.trim().parse().ok()?, value.trim().parse().ok()?))
        };
        Asked {
            search: words(&self.q, 100),
            in_stock: self.stock == "1",
            from: amount(&self.from),
            to: amount(&self.to),
            vendor: self.vendor.trim().parse().ok(),
            tag: self.tag.trim().parse().ok(),
            choices: self.option.iter().filter_map(choice).take(browse::MAX_CHOICES).collect(),
            sort: Sort::named(&self.sort).unwrap_or_default(),
        }
    }
}

async fn list_page(
    app: &App,
    visitor: &Visitor,
    asked: Asked,
    query: &ListQuery,
    slug: Option<String>,
) -> Result<ListPage, Problem> {
    let after: Option<[String; 3]> = PageQuery { limit: None, cursor: query.cursor.clone() }.after()?;
    let after = after.and_then(Place::from_parts);
    let begins = after.is_none();
    let (wish, wanted) = (asked.wish(), slug.clone());
    let language = visitor.language();
    let (furniture, chosen, facets, found) = app
        .db
        .read(visitor.scope(), move |rx| {
            let furniture = Furniture::read(rx, language)?;
            let chosen = match &wanted {
                None => None,
                Some(slug) => Some(catalog::category_by_slug(rx, slug)?),
            };
            let category = chosen.as_ref().map(|category| category.id);
            let wish = Browse { category, ..wish };
            let facets =
                if wish.search.is_empty() { browse::facets(rx, category)? } else { Facets::default() };
            let found = browse::browse(rx, &wish, after.as_ref(), PER_PAGE)?;
            Ok::<_, Error>((furniture, chosen, facets, found))
        })
        .await?;
    let rest = slug.map_or_else(|| "/products".to_owned(), |slug| format!("/categories/{slug}"));
    let mut chrome = Chrome::of(visitor, visitor.tenant().slug.as_str(), &furniture, &rest);
    chrome.search.clone_from(&asked.search);
    let heading = match (&chosen, asked.search.is_empty()) {
        (Some(category), _) => category.path.name().to_owned(),
        (None, true) => edge::text(visitor.language(), "shop-all-products", &[]),
        (None, false) => edge::text(visitor.language(), "shop-found", &[("search", (&asked.search).into())]),
    };
    let frame = visitor.frame(heading.clone()).with_query(asked.query(None));
    let mut crumbs: Vec<(String, String)> = Vec::new();
    if let Some(category) = &chosen {
        let mut above = category.parent;
        while let Some(known) = furniture.categories.iter().find(|known| Some(known.id) == above) {
            crumbs.push((known.path.name().to_owned(), format!("/categories/{}", known.slug)));
            above = known.parent;
        }
        crumbs.reverse();
    }
    let steps: Vec<(String, String)> = [(frame.brand.clone(), "/".to_owned())]
        .into_iter()
        .chain(crumbs.iter().cloned())
        .chain([(heading.clone(), rest.clone())])
        .map(|(name, path)| (name, visitor.shop_address(&path)))
        .collect();
    let chrome = if asked.is_narrowed() || !begins {
        chrome.hidden()
    } else {
        chrome.with_data(chosen.is_some().then(|| breadcrumbs(&steps)))
    };
    let below = match &chosen {
        Some(category) => furniture
            .below(Some(category.id))
            .map(|category| (category.path.name().to_owned(), category.slug.to_string()))
            .collect(),
        None => Vec::new(),
    };
    let next = found.next.map(|place| edge::cursor::encode(&place.parts()));
    let frame = match (&chosen, found.products.first()) {
        (Some(category), Some(_)) => {
            let words = edge::text(
                visitor.language(),
                "shop-category-summary",
                &[("category", category.path.name().into()), ("shop", (&frame.brand).into())],
            );
            frame.with_description(words)
        }
        _ => frame,
    };
    Ok(ListPage {
        action: visitor.shop_path(&rest),
        currency: visitor.tenant().currency,
        frame,
        chrome,
        heading,
        crumbs,
        below,
        asked,
        facets,
        products: found.products,
        count: found.count.filter(|_| begins),
        begins,
        next,
    })
}
