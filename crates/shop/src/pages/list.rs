//! A list of products with its filters.

use askama::Template;
use base::{Currency, Money};
use catalog::{
    Short, Summary, Tag,
    browse::{Browse, Facets, Sort},
    images::Loading,
};
use edge::Frame;

use crate::chrome::{Chrome, quoted, shop_pages};

/// What a visitor asked a list for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    pub search: String,
    pub in_stock: bool,
    pub from: Option<Money>,
    pub to: Option<Money>,
    pub vendor: Option<Short>,
    pub tag: Option<Tag>,
    /// Names of options and their values.
    pub choices: Vec<(Short, Short)>,
    pub sort: Sort,
}

/// Something that narrows the list, for taking it away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Narrowing {
    Stock,
    From,
    To,
    Vendor,
    Tag,
    Choice(usize),
}

impl Asked {
    pub fn wish(&self) -> Browse {
        Browse {
            search: self.search.clone(),
            category: None,
            in_stock: self.in_stock,
            from: self.from.map(Money::minor),
            to: self.to.map(Money::minor),
            vendor: self.vendor.clone(),
            tag: self.tag.clone(),
            choices: self.choices.clone(),
            sort: self.sort,
        }
    }

    /// Whether it holds what one visitor typed: words, or an amount.
    pub fn has_own_words(&self) -> bool {
        !self.search.is_empty() || self.from.is_some() || self.to.is_some()
    }

    /// Whether it is a part or another order of the plain list.
    pub fn is_narrowed(&self) -> bool {
        *self != Self::default()
    }

    pub fn is_filtered(&self) -> bool {
        self.wish().is_filtered()
    }

    /// The query of an address that asks the same, without one narrowing of it.
    pub fn query(&self, without: Option<&Narrowing>) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        let kept = |narrowing: &Narrowing| without != Some(narrowing);
        let mut add = |narrowing: Narrowing, name: &'static str, value: Option<String>| {
            pairs.extend(value.filter(|_| kept(&narrowing)).map(|value| (name, value)));
        };
        add(Narrowing::Stock, "stock", self.in_stock.then(|| "1".to_owned()));
        add(Narrowing::From, "from", self.from.map(Money::decimal));
        add(Narrowing::To, "to", self.to.map(Money::decimal));
        add(Narrowing::Vendor, "vendor", self.vendor.as_ref().map(ToString::to_string));
        add(Narrowing::Tag, "tag", self.tag.as_ref().map(ToString::to_string));
        for (place, (name, value)) in self.choices.iter().enumerate() {
            add(Narrowing::Choice(place), "option", Some(format!("{name}:{value}")));
        }
        if !self.search.is_empty() {
            pairs.push(("q", self.search.clone()));
        }
        if self.sort != Sort::default() {
            pairs.push(("sort", self.sort.name().to_owned()));
        }
        let pairs: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{name}={}", quoted(value))).collect();
        pairs.join("&")
    }
}

/// Products: all, a category, or what a search found.
#[derive(Template)]
#[template(path = "list.html")]
pub struct ListPage {
    pub frame: Frame,
    pub chrome: Chrome,
    /// The path of the list, without a query.
    pub action: String,
    pub currency: Currency,
    pub heading: String,
    /// Categories above this one: name and path in the shop.
    pub crumbs: Vec<(String, String)>,
    /// Categories below this one: name and slug.
    pub below: Vec<(String, String)>,
    pub asked: Asked,
    pub facets: Facets,
    pub products: Vec<Summary>,
    /// How many there are, where that is known.
    pub count: Option<u32>,
    /// Whether this is the first page.
    pub begins: bool,
    pub next: Option<String>,
}

impl ListPage {
    fn href(&self, query: &str) -> String {
        if query.is_empty() { self.action.clone() } else { format!("{}?{query}", self.action) }
    }

    fn first_href(&self) -> String {
        self.href(&self.asked.query(None))
    }

    fn next_href(&self, cursor: &str) -> String {
        let query = self.asked.query(None);
        let between = if query.is_empty() { "" } else { "&" };
        format!("{}?{query}{between}cursor={cursor}", self.action)
    }

    /// What narrows the list: its words, and the address without it.
    fn narrowings(&self) -> Vec<(String, String)> {
        let asked = &self.asked;
        let mut found = Vec::new();
        let mut add = |narrowing: Narrowing, words: Option<String>| {
            found.extend(words.map(|words| (words, self.href(&asked.query(Some(&narrowing))))));
        };
        let frame = &self.frame;
        add(Narrowing::Stock, asked.in_stock.then(|| frame.t("shop-in-stock-only")));
        add(Narrowing::From, asked.from.map(|from| frame.t1("shop-price-from", "price", frame.money(&from))));
        add(Narrowing::To, asked.to.map(|to| frame.t1("shop-price-to", "price", frame.money(&to))));
        add(Narrowing::Vendor, asked.vendor.as_ref().map(ToString::to_string));
        add(Narrowing::Tag, asked.tag.as_ref().map(ToString::to_string));
        for (place, (name, value)) in asked.choices.iter().enumerate() {
            add(Narrowing::Choice(place), Some(format!("{name}: {value}")));
        }
        found
    }

    fn sorts(&self) -> Vec<(&'static str, String, bool)> {
        let words = |sort: &Sort| self.frame.t(&format!("shop-sort-{}", sort.name()));
        Sort::ALL.iter().map(|sort| (sort.name(), words(sort), *sort == self.asked.sort)).collect()
    }

    /// What is seen first is loaded at once.
    fn loading(&self, place: &usize) -> Loading {
        if *place < 2 { Loading::Eager } else { Loading::Lazy }
    }

    fn is_chosen(&self, name: &str, value: &str) -> bool {
        self.asked.choices.iter().any(|(known, chosen)| known.as_str() == name && chosen.as_str() == value)
    }

    fn is_vendor(&self, name: &str) -> bool {
        self.asked.vendor.as_ref().is_some_and(|vendor| vendor.as_str() == name)
    }

    fn is_tag(&self, name: &str) -> bool {
        self.asked.tag.as_ref().is_some_and(|tag| tag.as_str() == name)
    }

    /// The amount as a field holds it.
    fn typed(&self, amount: &Option<Money>) -> String {
        amount.map(Money::decimal).unwrap_or_default()
    }

    /// The step of a price field: whole francs, or cents.
    fn has_decimals(&self) -> bool {
        self.currency.exponent() > 0
    }
}

shop_pages!(ListPage);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taking_one_filter_away_leaves_the_others() {
        let asked = Asked {
            search: "pagne & wax".to_owned(),
            in_stock: true,
            choices: vec![
                ("Taille".parse().unwrap(), "L".parse().unwrap()),
                ("Couleur".parse().unwrap(), "Bleu".parse().unwrap()),
            ],
            sort: Sort::Cheap,
            ..Asked::default()
        };
        assert_eq!(
            asked.query(None),
            "stock=1&option=Taille%3AL&option=Couleur%3ABleu&q=pagne%20%26%20wax&sort=cheap"
        );
        assert_eq!(
            asked.query(Some(&Narrowing::Choice(0))),
            "stock=1&option=Couleur%3ABleu&q=pagne%20%26%20wax&sort=cheap"
        );
        assert_eq!(Asked::default().query(None), "");
    }
}
