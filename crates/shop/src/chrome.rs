//! What stands around every page of a shop: its colours, header, footer, and what search engines and messengers read.

use askama::Template;
use axum::{
    Extension,
    response::{IntoResponse, Response},
};
use base::Language;
use catalog::{Category, Loading, Picture};
use db::Rx;
use edge::{Frame, Frames, InlineStyle, NavLink, Page, Visit, Visitor};
use people::Business;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::{
    Error,
    look::{self, Layout, Look, OwnPage, Text},
};

/// What the database says about the surroundings of a page.
pub struct Furniture {
    pub look: Look,
    pub pages: Vec<OwnPage>,
    pub business: Business,
    /// All of them, each behind the one above it.
    pub categories: Vec<Category>,
    /// Whether gift cards are sold.
    pub sells_cards: bool,
}

impl Furniture {
    /// With the look that visitors see.
    pub fn read(rx: &mut Rx, language: Language) -> Result<Self, Error> {
        let look = look::published(rx)?;
        Self::with(rx, look, language)
    }

    /// For a reader of `language`, who finds categories in the order of its letters.
    pub fn with(rx: &mut Rx, look: Look, language: Language) -> Result<Self, Error> {
        let mut categories = catalog::categories(rx)?;
        catalog::in_reading_order(&mut categories, language);
        let sells_cards = cards::settings(rx)?.sells;
        Ok(Self {
            look,
            pages: look::pages(rx)?,
            business: people::business::find(rx)?,
            categories,
            sells_cards,
        })
    }

    /// The categories directly below `above`; the first level below nothing.
    pub fn below(&self, above: Option<catalog::CategoryId>) -> impl Iterator<Item = &Category> {
        self.categories.iter().filter(move |category| category.parent == above)
    }
}

/// How to reach the business.
#[derive(Debug, Clone, Default)]
pub struct Contact {
    pub phone: Option<String>,
    pub whatsapp: Option<String>,
    pub email: Option<String>,
    pub address: Vec<String>,
}

/// What machines read of a page.
#[derive(Debug, Clone)]
pub struct Head {
    /// The page's whole address.
    pub address: String,
    /// The same page in other languages: code and address.
    pub alternates: Vec<(&'static str, String)>,
    /// `website` or `product`, as Open Graph has it.
    pub kind: &'static str,
    pub image: Option<String>,
    /// Kept out of search engines: it is personal, or one of endlessly many.
    pub hidden: bool,
    /// Structured data of schema.org.
    pub data: Vec<Value>,
}

/// The surroundings of a page, for its template.
#[derive(Debug, Clone)]
pub struct Chrome {
    pub style: String,
    pub layout: Layout,
    pub logo: Option<Picture>,
    pub announcement: Option<Text>,
    /// The first level of categories.
    pub categories: Vec<NavLink>,
    /// The owner's own pages.
    pub pages: Vec<(String, Text)>,
    pub contact: Contact,
    /// What was looked for.
    pub search: String,
    pub head: Head,
    /// A draft that few may see, and origins that may show it in a frame.
    pub preview: Option<Vec<String>>,
    /// The name of the readable cookie that says how much is in the cart.
    pub counter: String,
    /// Whether gift cards are sold.
    pub sells_cards: bool,
}

impl Chrome {
    /// Around the page at `rest` (`/cart`) of the shop.
    pub fn of(visit: &Visit, slug: &str, furniture: &Furniture, rest: &str) -> Self {
        let (look, edit) = (&furniture.look, &furniture.business.edit);
        let (reader, home) = (visit.language(), edit.language);
        let link = |category: &Category| {
            let path = format!("/categories/{}", category.slug);
            let current = rest == path;
            NavLink { label: category.path.name().to_owned(), href: visit.shop_path(&path), current }
        };
        let page = |page: &OwnPage| {
            let title = page.title.to(reader, home)?;
            Some((visit.shop_path(&format!("/pages/{}", page.slug)), title))
        };
        Self {
            style: look.style(),
            layout: look.layout,
            logo: look.logo.as_ref().map(|logo| logo.to(reader, home)),
            announcement: look.announcement.to(reader, home),
            categories: furniture.below(None).take(12).map(link).collect(),
            pages: furniture.pages.iter().filter_map(page).collect(),
            contact: Contact {
                phone: edit.phone.as_ref().map(ToString::to_string),
                whatsapp: edit.phone.as_ref().map(|phone| format!("https://wa.me/{}", phone.digits())),
                email: edit.email.as_ref().map(ToString::to_string),
                address: edit.address.as_str().lines().map(str::to_owned).collect(),
            },
            search: String::new(),
            head: Head::of(visit, look, home, rest),
            preview: None,
            counter: counter_name(slug),
            sells_cards: furniture.sells_cards,
        }
    }

    /// Kept out of search engines.
    pub fn hidden(mut self) -> Self {
        self.head.hidden = true;
        self.head.alternates.clear();
        self.head.data.clear();
        self
    }

    pub fn with_data(mut self, data: impl IntoIterator<Item = Value>) -> Self {
        self.head.data.extend(data);
        self
    }

    /// Structured data as a script may hold it: `<` is escaped, so that no text ends it.
    pub fn data(&self) -> Vec<String> {
        self.head.data.iter().map(|value| value.to_string().replace('<', "\\u003c")).collect()
    }

    /// The logo, which stands in the place of the business's name and says it.
    pub fn logo(&self, frame: &Frame) -> Option<String> {
        let logo = Picture { alt: frame.brand.clone(), ..self.logo.clone()? };
        Some(logo.markup(frame, "10rem", Loading::Lazy))
    }

    /// The class of a list of products.
    pub fn list_class(&self) -> &'static str {
        match self.layout {
            Layout::Grid => "products",
            Layout::List => "products in-lines",
            Layout::Large => "products large",
        }
    }

    /// How wide the pictures of a list are shown, as HTML says it.
    pub fn sizes(&self) -> &'static str {
        match self.layout {
            Layout::Grid => "(min-width: 48rem) 15rem, 45vw",
            Layout::List => "5rem",
            Layout::Large => "(min-width: 48rem) 23rem, 95vw",
        }
    }

    #[cfg(test)]
    pub fn sample() -> Self {
        let head = Head {
            address: "https://shop.example/t/ete/".to_owned(),
            alternates: vec![("fr", "https://shop.example/t/ete/".to_owned())],
            kind: "website",
            image: None,
            hidden: false,
            data: vec![json!({ "name": "</script>" })],
        };
        let link = |label: &str| NavLink { label: label.to_owned(), href: "/x".to_owned(), current: false };
        Self {
            style: Look::default().style(),
            layout: Layout::Large,
            logo: Some(Picture {
                hash: catalog::images::ContentHash::of(b"logo"),
                width: 400,
                height: 200,
                alt: String::new(),
            }),
            announcement: Some(Text { words: "Fermé lundi".to_owned(), lang: Some("fr") }),
            categories: vec![link("Pain"), NavLink { current: true, ..link("Gâteaux") }],
            pages: vec![("/pages/terms".to_owned(), Text { words: "Conditions".to_owned(), lang: None })],
            contact: Contact {
                phone: Some("+224620000012".to_owned()),
                whatsapp: Some("https://wa.me/224620000012".to_owned()),
                email: Some("a@b.example".to_owned()),
                address: vec!["Marché".to_owned(), "Conakry".to_owned()],
            },
            search: "pain".to_owned(),
            head,
            preview: None,
            sells_cards: true,
            counter: counter_name("ete"),
        }
    }
}

impl Head {
    fn of(visit: &Visit, look: &Look, home: Language, rest: &str) -> Self {
        let languages = look.languages(home);
        let reader = visit.language();
        let address = |language: Language| match visit.shop_address(rest) {
            address if language == home => address,
            address => format!("{address}?lang={}", language.code()),
        };
        // a page in a language that the owner never wrote in is the page in the owner's
        let shown = if languages.contains(&reader) { reader } else { home };
        let alternates = languages.iter().map(|language| (language.code(), address(*language))).collect();
        Self {
            address: address(shown),
            alternates: if languages.len() > 1 { alternates } else { Vec::new() },
            kind: "website",
            image: None,
            hidden: false,
            data: Vec::new(),
        }
    }
}

/// The widest file of a picture, for machines.
pub fn whole_address(visitor: &Visitor, frame: &Frame, picture: &Picture) -> Option<String> {
    let (_, address) = picture.sources(&frame.files, catalog::images::Form::Jpeg).pop()?;
    Some(if address.starts_with('/') { format!("{}{address}", visitor.origin_asked()) } else { address })
}

/// The name of the cookie that says how much is in a shop's cart.
pub fn counter_name(slug: &str) -> String {
    format!("items-{slug}")
}

/// The steps from the first page to this one, as schema.org has them.
pub fn breadcrumbs(steps: &[(String, String)]) -> Value {
    let item = |(place, (name, address)): (usize, &(String, String))| json!({ "@type": "ListItem", "position": place + 1, "name": name, "item": address });
    let items: Vec<Value> = steps.iter().enumerate().map(item).collect();
    json!({ "@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items })
}

/// `text` for an address's query.
pub fn quoted(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// A page that stands in a shop's surroundings.
pub trait ShopPage: Template {
    fn chrome(&self) -> &Chrome;
}

macro_rules! shop_pages {
    ($($page:ty),* $(,)?) => {
        $(impl $crate::chrome::ShopPage for $page {
            fn chrome(&self) -> &$crate::chrome::Chrome {
                &self.chrome
            }
        })*
    };
}
pub(crate) use shop_pages;

/// A page of the shop as a reply, with what its policy must allow.
pub struct Shown<T>(pub T);

impl<T: ShopPage> IntoResponse for Shown<T> {
    fn into_response(self) -> Response {
        let chrome = self.0.chrome();
        let style = InlineStyle(chrome.style.clone());
        let frames = Frames { shown_by: chrome.preview.clone().unwrap_or_default(), shows: Vec::new() };
        (Extension(style), Extension(frames), Page(self.0)).into_response()
    }
}
