//! The front page, as its owner composed it, and the owner's own texts.

use askama::Template;
use catalog::{Loading, Picture, Summary};
use edge::Frame;

use crate::{
    chrome::{Chrome, shop_pages},
    look::Text,
};

/// A section, ready to be shown.
pub enum Block {
    Hero {
        title: Option<Text>,
        text: Option<Text>,
        button: Option<Text>,
        href: String,
        picture: Option<Picture>,
    },
    Products {
        title: Option<Text>,
        products: Vec<Summary>,
        more: String,
    },
    Categories {
        title: Option<Text>,
        links: Vec<(String, String)>,
    },
    Text {
        title: Option<Text>,
        html: String,
        lang: String,
    },
    Gallery {
        title: Option<Text>,
        pictures: Vec<Picture>,
    },
    Testimonials {
        title: Option<Text>,
        items: Vec<(Text, String)>,
    },
    /// Question, the attribute of the answer's language, answer.
    Questions {
        title: Option<Text>,
        items: Vec<(Text, String, String)>,
    },
    Contact {
        title: Option<Text>,
        text: Option<Text>,
    },
}

#[derive(Template)]
#[template(path = "front.html")]
pub struct FrontPage {
    pub frame: Frame,
    pub chrome: Chrome,
    pub blocks: Vec<Block>,
    /// Whether the shop offers anything at all.
    pub any: bool,
}

impl FrontPage {
    /// What stands first is seen first.
    fn loading(first: &bool) -> Loading {
        if *first { Loading::Eager } else { Loading::Lazy }
    }

    /// Whether the page begins with words of its own, which are then its heading.
    fn begins_with_words(&self) -> bool {
        matches!(self.blocks.first(), Some(Block::Hero { title: Some(_), .. }))
    }
}

/// Terms, privacy, about, returns: what the owner wrote.
#[derive(Template)]
#[template(path = "own_page.html")]
pub struct OwnTextPage {
    pub frame: Frame,
    pub chrome: Chrome,
    pub title: Text,
    pub html: String,
    pub lang: String,
}

shop_pages!(FrontPage, OwnTextPage);
