//! Every page renders with every sample, in each language, and knows all its words.

use base::{Language, Money, Quantity};
use catalog::{State as ProductState, Summary, Unit};

use super::{
    front::{Block, FrontPage, OwnTextPage},
    list::{Asked, ListPage},
    office::{LookPage, PagesPage, SectionPage, SectionsPage, TextPage},
    product::{Offered, ProductPage, Promises, Stock},
    *,
};
use crate::look::{self, Content, Look, OwnPage, Said, Section, Text};

fn frames() -> Vec<Frame> {
    edge::words::register(&[crate::LOCALES]);
    Language::ALL.into_iter().map(|language| Frame::sample(language, "T<script>")).collect()
}

fn shown(page: impl Template) -> String {
    let html = page.render().unwrap();
    assert!(!html.contains("T<script>") && !html.contains("{{"), "{html}");
    let raw = ["shop-", "cart-", "design-", "lookup-"];
    let words = html.split(['>', '<', '"']).map(str::trim);
    let raw_key =
        words.clone().find(|part| raw.iter().any(|start| part.starts_with(start)) && !part.contains('/'));
    assert_eq!(raw_key, None, "{html}");
    assert_eq!(html.matches("<h1").count(), 1, "{html}");
    html
}

fn text(words: &str) -> Option<Text> {
    Some(Text { words: words.to_owned(), lang: Some("fr") })
}

fn picture() -> Picture {
    let hash = catalog::images::ContentHash::of(b"market");
    Picture { hash, width: 1200, height: 800, alt: "Le marché".to_owned() }
}

fn summary() -> Summary {
    let price = |minor| Money::new(minor, "EUR".parse().unwrap()).ok();
    Summary {
        id: catalog::ProductId::of(Default::default()),
        handle: "hat".parse().unwrap(),
        title: "Hat <b>".parse().unwrap(),
        state: ProductState::Active,
        lowest: price(1250),
        highest: price(2000),
        compare_at: price(1500),
        available: false,
        offered: 2,
        first: None,
        picture: None,
        title_key: "hat".to_owned(),
    }
}

#[test]
fn texts_are_the_same_in_each_language() {
    edge::locales_are_complete(&[crate::LOCALES]).unwrap();
}

#[test]
fn a_front_page_shows_every_kind_of_section_and_has_one_heading() {
    for frame in frames() {
        let blocks = vec![
            Block::Hero {
                title: text("Bienvenue"),
                text: text("a"),
                button: None,
                href: "/x".to_owned(),
                picture: Some(picture()),
            },
            Block::Products { title: None, products: vec![summary()], more: "/x".to_owned() },
            Block::Categories { title: None, links: vec![("Pain".to_owned(), "/x".to_owned())] },
            Block::Text { title: text("b"), html: "<p>c</p>".to_owned(), lang: String::new() },
            Block::Gallery { title: None, pictures: vec![picture()] },
            Block::Testimonials { title: None, items: vec![(text("d").unwrap(), "Awa".to_owned())] },
            Block::Questions {
                title: None,
                items: vec![(text("e").unwrap(), " lang=\"fr\"".to_owned(), "<p>f</p>".to_owned())],
            },
            Block::Contact { title: None, text: text("g") },
        ];
        let html = shown(FrontPage { frame: frame.clone(), chrome: Chrome::sample(), blocks, any: true });
        assert!(
            html.contains("<h1 lang=\"fr\">Bienvenue</h1>") && html.contains("Hat &#60;b&#62;"),
            "{html}"
        );
        assert!(html.contains("\\u003c/script>"), "no text ends a script: {html}");
        shown(FrontPage { frame: frame.clone(), chrome: Chrome::sample(), blocks: Vec::new(), any: false });
        let title = text("Conditions").unwrap();
        let (html, lang) = ("<p>a</p>".to_owned(), " lang=\"fr\"".to_owned());
        shown(OwnTextPage { frame, chrome: Chrome::sample().hidden(), title, html, lang });
    }
}

#[test]
fn a_list_renders_empty_full_and_narrowed() {
    for frame in frames() {
        for (products, asked) in [
            (Vec::new(), Asked::default()),
            (Vec::new(), Asked { search: "é\"><script>".to_owned(), ..Asked::default() }),
            (
                vec![summary()],
                Asked {
                    in_stock: true,
                    from: summary().lowest,
                    to: summary().highest,
                    vendor: Some("Maison".parse().unwrap()),
                    tag: Some("été".parse().unwrap()),
                    choices: vec![("Taille".parse().unwrap(), "L".parse().unwrap())],
                    ..Asked::default()
                },
            ),
        ] {
            let facets = catalog::browse::Facets {
                vendors: vec!["Maison".to_owned(), "Awa".to_owned()],
                tags: vec!["été".to_owned()],
                options: vec![("Taille".to_owned(), vec!["L".to_owned(), "M".to_owned()])],
            };
            let html = shown(ListPage {
                frame: frame.clone(),
                chrome: Chrome::sample(),
                action: "/t/a/products".to_owned(),
                currency: "EUR".parse().unwrap(),
                heading: "Tout".to_owned(),
                crumbs: vec![("Pain".to_owned(), "/categories/pain".to_owned())],
                below: vec![("Seigle".to_owned(), "seigle".to_owned())],
                count: Some(products.len() as u32),
                products,
                asked: asked.clone(),
                facets,
                begins: true,
                next: Some("00".to_owned()),
            });
            assert!(!html.contains("><script>"), "{html}");
            assert_eq!(html.contains("checked"), asked.in_stock);
        }
    }
}

#[test]
fn a_product_can_be_chosen_without_a_script_and_asked_about_when_it_is_gone() {
    let offered = |place: usize, stock: Stock| Offered {
        id: format!("var_01h455vb4pex5vsknk084sn02{place}").parse().unwrap(),
        label: format!("Size {place} \"<b>"),
        minor: 12_00 + place as i64,
        price: "€12".to_owned(),
        was: Some("€15".to_owned()),
        comparable: Some("€2 / kg".to_owned()),
        stock,
        whole: true,
    };
    let product = catalog::Product {
        id: catalog::ProductId::of(Default::default()),
        handle: "hat".parse().unwrap(),
        created_at: base::Timestamp::from_micros(0),
        changed_at: base::Timestamp::from_micros(0),
        details: catalog::Details::titled("Hat <b>".parse().unwrap()),
        variants: Vec::new(),
    };
    for frame in frames() {
        let page = |offered: Vec<Offered>| {
            shown(ProductPage {
                frame: frame.clone(),
                chrome: Chrome::sample(),
                product: product.clone(),
                pictures: Vec::new(),
                offered,
                crumbs: vec![("Wear".to_owned(), "/categories/wear".to_owned())],
                ask: Some("https://wa.me/1".to_owned()),
                share: "https://wa.me/?text=x".to_owned(),
                related: vec![summary()],
                promises: Promises {
                    delivered: vec!["Ratoma 20 000 GNF".to_owned()],
                    more: 2,
                    fetched: vec!["Boutique".to_owned()],
                },
            })
        };
        let three = || {
            vec![
                offered(1, Stock::SoldOut),
                offered(2, Stock::Few("2".to_owned())),
                offered(3, Stock::MadeToOrder),
            ]
        };
        let html = page(three());
        assert_eq!(
            (html.matches("type=\"radio\"").count(), html.matches(" disabled").count()),
            (3, 1),
            "{html}"
        );
        assert_eq!(html.matches(" checked").count(), 1);
        let gone = page(vec![offered(1, Stock::SoldOut)]);
        assert!(!gone.contains("data-add") && gone.contains("https://wa.me/1"), "{gone}");
        assert!(
            page((0..30).map(|place| offered(place % 10, Stock::There)).collect())
                .contains("<select name=\"variant\"")
        );
    }
}

#[test]
fn a_cart_shows_what_can_no_longer_be_bought_so_that_it_can_be_removed() {
    let variant = catalog::SellableVariant {
        variant: "var_01h455vb4pex5vsknk084sn02q".parse().unwrap(),
        product: catalog::ProductId::of(Default::default()),
        handle: "hat".parse().unwrap(),
        title: "Hat".parse().unwrap(),
        options: vec!["Red".parse().unwrap()],
        sku: None,
        price: summary().lowest.unwrap(),
        compare_at: None,
        cost: None,
        unit: Unit::Kilogram,
        tracked: false,
        sell_when_out: false,
        ships: true,
        grams: None,
        taxable: true,
        tax_code: None,
        active: false,
        image: None,
    };
    for frame in frames() {
        let quantity = Quantity::thousandths(750);
        let line = CartLine { gross: summary().lowest, picture: None, quantity, variant: variant.clone() };
        let html = shown(CartPage {
            frame: frame.clone(),
            chrome: Chrome::sample().hidden(),
            lines: vec![line],
            counted: None,
            trouble: Some("Hat is not for sale now".to_owned()),
            added: Some("Hat".to_owned()),
            code_fault: None,
        });
        assert!(html.contains("name=\"remove\"") && html.contains("noindex"), "{html}");
        let chrome = Chrome::sample();
        shown(CartPage {
            frame: frame.clone(),
            chrome,
            lines: Vec::new(),
            counted: None,
            trouble: None,
            added: None,
            code_fault: None,
        });
        let (number, contact) = ("10\"01".to_owned(), String::new());
        shown(LookupPage { frame, chrome: Chrome::sample(), number, contact, in_vain: true });
    }
}

#[test]
fn the_pages_of_the_back_office_render_with_every_kind_of_section() {
    let languages = Language::ALL.to_vec();
    let said = Said::in_one(Language::Fr, "Bonjour \"<b>");
    for frame in frames() {
        let mut sections = Vec::new();
        for (place, kind) in Content::KINDS.into_iter().enumerate() {
            let id: look::SectionId = format!("sec_01h2xcejqtf2nbrexx3vqjhp4{place}").parse().unwrap();
            let content = match Content::new(kind).unwrap() {
                Content::Questions { .. } => {
                    let question = look::Question { question: said.clone(), answer: said.clone() };
                    Content::Questions { items: vec![question] }
                }
                Content::Testimonials { .. } => {
                    let voice = look::Testimonial { words: said.clone(), name: "Awa".parse().unwrap() };
                    Content::Testimonials { items: vec![voice] }
                }
                other => other,
            };
            let section = Section { id, title: said.clone(), content };
            let (frame, languages) = (frame.clone(), languages.clone());
            shown(SectionPage {
                frame,
                section: section.clone(),
                categories: Vec::new(),
                languages,
                flaw: Some("SVG".to_owned()),
            });
            sections.push(section);
        }
        let version = |number| look::Version {
            number,
            published_at: base::Timestamp::from_micros(0),
            published_by: "member:x".to_owned(),
        };
        let look = Look { sections, ..Look::default() };
        shown(SectionsPage {
            frame: frame.clone(),
            look: look.clone(),
            drafted: Some(base::Timestamp::from_micros(0)),
            versions: vec![version(2), version(1)],
            names: people::actors::Names::default(),
            preview: Some("/t/a/preview/b".to_owned()),
            home: Language::Fr,
        });
        let empty = SectionsPage {
            frame: frame.clone(),
            look: Look::default(),
            drafted: None,
            versions: Vec::new(),
            names: people::actors::Names::default(),
            preview: None,
            home: Language::Fr,
        };
        shown(empty);
        shown(LookPage {
            frame: frame.clone(),
            look,
            drafted: true,
            languages: languages.clone(),
            flaw: None,
        });
        let page = OwnPage { slug: "terms".parse().unwrap(), title: said.clone(), text: said.clone() };
        let home = Language::Fr;
        shown(PagesPage { frame: frame.clone(), pages: vec![page], home });
        shown(PagesPage { frame: frame.clone(), pages: Vec::new(), home });
        let (slug, title, text) = (Some("terms".parse().unwrap()), said.clone(), said.clone());
        shown(TextPage { frame, slug, title, text, languages: languages.clone() });
    }
}
