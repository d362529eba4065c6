//! What a shop's visitor leafs through: products of a category or a search, filtered and sorted, page by page.
//!
//! A page costs the same in a catalogue of any size. Where a word, a tag, a vendor, an option or the category stands in few
//! products, these are read and sorted. Else the products are read along the index of the order asked for, and where
//! filters stand in between, no more than a window of them for each page.

use db::Rx;

use crate::{
    CategoryId, Error,
    model::{Short, Tag},
    sale::Summary,
    sql,
};

/// From here on, reading along the index finds a page sooner than reading all that have the word or the category.
pub(crate) const COMMON: u32 = 2000;
/// Products looked at for one page along an index, at most.
pub(crate) const WINDOW: u32 = 5000;
/// Options of a variant that a list can ask for at once.
pub const MAX_CHOICES: usize = 3;

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    #[default]
    Newest,
    Title,
    /// The cheapest first.
    Cheap,
    /// The dearest first.
    Dear,
}

impl Sort {
    pub const ALL: [Self; 4] = [Self::Newest, Self::Title, Self::Cheap, Self::Dear];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Title => "title",
            Self::Cheap => "cheap",
            Self::Dear => "dear",
        }
    }

    pub fn named(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == raw)
    }
}

/// What is looked for among the active products.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Browse {
    /// Words as typed; each must begin a word of the product.
    pub search: String,
    /// In this category or below it.
    pub category: Option<CategoryId>,
    /// Only what can be bought now.
    pub in_stock: bool,
    /// Lowest prices, in minor units, both ends included.
    pub from: Option<i64>,
    pub to: Option<i64>,
    pub vendor: Option<Short>,
    pub tag: Option<Tag>,
    /// Names of options and their values: `Size`, `L`. The first [`MAX_CHOICES`] count.
    pub choices: Vec<(Short, Short)>,
    pub sort: Sort,
}

impl Browse {
    /// Whether anything but the category narrows the list.
    pub fn is_filtered(&self) -> bool {
        self.in_stock
            || self.from.is_some()
            || self.to.is_some()
            || self.vendor.is_some()
            || self.tag.is_some()
            || !self.choices.is_empty()
    }

    /// The words that every product of the list has, those of its filters too: the index of words holds them all.
    fn words(&self) -> Vec<String> {
        let mut text = self.search.clone();
        let more = self.vendor.iter().chain(self.choices.iter().map(|(_, value)| value)).map(Short::as_str);
        for part in more.chain(self.tag.iter().map(Tag::as_str)) {
            text.push(' ');
            text.push_str(part);
        }
        let mut words = base::words(&text);
        words.truncate(sql::SOUGHT);
        words
    }
}

/// Where a list goes on: the last product that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub id: String,
    pub title_key: String,
    pub price: i64,
}

impl Place {
    pub(crate) fn of(product: &Summary) -> Self {
        Self {
            id: product.id.to_string(),
            title_key: product.title_key.clone(),
            price: product.lowest.map_or(-1, base::Money::minor),
        }
    }

    /// As the parts of an address.
    pub fn parts(&self) -> [String; 3] {
        [self.id.clone(), self.title_key.clone(), self.price.to_string()]
    }

    /// What `parts` gave.
    pub fn from_parts([id, title_key, price]: [String; 3]) -> Option<Self> {
        let _: crate::ProductId = id.parse().ok()?;
        Some(Self { id, title_key, price: price.parse().ok()? })
    }
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Found {
    pub products: Vec<Summary>,
    /// Where to go on, if there may be more.
    pub next: Option<Place>,
    /// How many there are in all, where that is known without reading them all.
    pub count: Option<u32>,
}

/// Up to `limit` products behind `after`.
pub fn browse(rx: &mut Rx, wish: &Browse, after: Option<&Place>, limit: u32) -> Result<Found, Error> {
    let mut counted = Vec::new();
    for word in wish.words() {
        counted.push((sql::count_word(rx, &word, COMMON)?, word));
    }
    counted.sort();
    let rare_word = counted.first().map_or(i64::MAX, |(count, _)| *count);
    let in_category = match wish.category {
        Some(category) => sql::count_category(rx, category, COMMON)?,
        None => i64::MAX,
    };
    let words: Vec<String> = counted.into_iter().map(|(_, word)| word).collect();
    let common = i64::from(COMMON);
    let lead = if rare_word < common && rare_word <= in_category {
        sql::Lead::Word
    } else if in_category < common {
        sql::Lead::Category
    } else {
        sql::Lead::Index
    };
    let narrowed = wish.is_filtered() || !words.is_empty() || wish.category.is_some();
    let seeking = sql::Seeking { wish, words: &words, lead };
    let end = if lead == sql::Lead::Index && narrowed {
        sql::window_end(rx, wish.sort, after, WINDOW)?
    } else {
        None
    };
    let mut products = sql::browse(rx, &seeking, after, end.as_ref(), limit + 1)?;
    let next = if products.len() > limit as usize {
        products.truncate(limit as usize);
        products.last().map(Place::of)
    } else {
        end
    };
    let all_seen = after.is_none() && next.is_none();
    let count = if all_seen {
        u32::try_from(products.len()).ok()
    } else if lead == sql::Lead::Index {
        None
    } else {
        Some(sql::count_found(rx, &seeking)?)
    };
    Ok(Found { products, next, count })
}

/// What a list's products can be told apart by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    pub vendors: Vec<String>,
    pub tags: Vec<String>,
    /// Names of options with their values, as the merchant ordered them.
    pub options: Vec<(String, Vec<String>)>,
}

/// Of the newest products (500 of them) in a category, or of all.
pub fn facets(rx: &mut Rx, category: Option<CategoryId>) -> Result<Facets, Error> {
    const VALUES: usize = 16;
    let mut facets =
        Facets { vendors: sql::vendors(rx, category)?, tags: sql::tags(rx, category)?, options: Vec::new() };
    for (names, values) in sql::options(rx, category)? {
        for (name, value) in names.into_iter().zip(values) {
            let (Some(name), Some(value)) = (name, value) else { continue };
            let place = facets.options.iter().position(|(known, _)| *known == name);
            let place = place.unwrap_or_else(|| {
                facets.options.push((name, Vec::new()));
                facets.options.len() - 1
            });
            let known = &mut facets.options[place].1;
            if known.len() < VALUES && !known.contains(&value) {
                known.push(value);
            }
        }
    }
    facets.options.truncate(4);
    Ok(facets)
}
