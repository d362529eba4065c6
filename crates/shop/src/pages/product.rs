//! A product's page.

use askama::Template;
use catalog::{Picture, Product, Summary, VariantId, images::Loading};
use edge::Frame;

use crate::chrome::{Chrome, shop_pages};

/// Whether a variant can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stock {
    There,
    /// So few that it matters: how many.
    Few(String),
    /// None lies there, but more can be made.
    MadeToOrder,
    SoldOut,
}

/// A variant as it is offered.
pub struct Offered {
    pub id: VariantId,
    /// Its options: `Red / L`; empty without options.
    pub label: String,
    pub minor: i64,
    pub price: String,
    /// The price before a reduction.
    pub was: Option<String>,
    /// The price by the kilogram or litre.
    pub comparable: Option<String>,
    pub stock: Stock,
    /// Whether only whole ones are sold.
    pub whole: bool,
}

impl Offered {
    fn is_available(&self) -> bool {
        self.stock != Stock::SoldOut
    }

    /// The kind of badge that says its stock.
    fn tone(&self) -> &'static str {
        match self.stock {
            Stock::There => "good",
            Stock::Few(_) | Stock::MadeToOrder => "warn",
            Stock::SoldOut => "bad",
        }
    }
}

/// One product.
/// How the product reaches who buys it.
#[derive(Debug, Default)]
pub struct Promises {
    /// Zones with their fees.
    pub delivered: Vec<String>,
    /// Zones beyond those.
    pub more: usize,
    /// Places where it is fetched.
    pub fetched: Vec<String>,
}

#[derive(Template)]
#[template(path = "product.html")]
pub struct ProductPage {
    pub frame: Frame,
    pub chrome: Chrome,
    pub product: Product,
    /// Those that are here, in their order.
    pub pictures: Vec<Picture>,
    /// What can be chosen, in its order.
    pub offered: Vec<Offered>,
    /// Categories above it: name and path in the shop.
    pub crumbs: Vec<(String, String)>,
    /// Where a question about it goes: `https://wa.me/…`.
    pub ask: Option<String>,
    pub share: String,
    pub related: Vec<Summary>,
    pub promises: Promises,
}

impl ProductPage {
    /// What is chosen at first: the first that can be had.
    fn chosen(&self) -> Option<&Offered> {
        self.offered.iter().find(|offered| offered.is_available()).or(self.offered.first())
    }

    fn is_chosen(&self, offered: &Offered) -> bool {
        self.chosen().is_some_and(|chosen| chosen.id == offered.id)
    }

    fn any_available(&self) -> bool {
        self.offered.iter().any(Offered::is_available)
    }

    fn one(&self) -> bool {
        self.offered.len() == 1
    }

    /// Few enough to be seen all at once.
    fn few(&self) -> bool {
        self.offered.len() <= 24
    }

    /// Whether all cost the same.
    fn one_price(&self) -> bool {
        self.offered
            .iter()
            .all(|offered| Some(offered.minor) == self.offered.first().map(|first| first.minor))
    }

    fn lowest(&self) -> &str {
        self.offered.iter().min_by_key(|offered| offered.minor).map_or("", |offered| &offered.price)
    }

    fn stock_words(&self, offered: &Offered) -> String {
        match &offered.stock {
            Stock::There => self.frame.t("shop-there"),
            Stock::Few(left) => self.frame.t1("shop-only-left", "left", left),
            Stock::MadeToOrder => self.frame.t("shop-made-to-order"),
            Stock::SoldOut => self.frame.t("shop-sold-out"),
        }
    }

    /// The names of the options: `Size, colour`.
    fn options(&self) -> String {
        let names: Vec<&str> = self.product.details.options.iter().map(|name| name.as_str()).collect();
        names.join(", ")
    }

    fn loading(&self, place: &usize) -> Loading {
        if *place == 0 { Loading::Eager } else { Loading::Lazy }
    }

    fn step(&self) -> &'static str {
        if self.offered.iter().all(|offered| offered.whole) { "1" } else { "any" }
    }

    fn initial(&self) -> char {
        self.product.details.title.as_str().chars().next().unwrap_or('·')
    }
}

shop_pages!(ProductPage);
