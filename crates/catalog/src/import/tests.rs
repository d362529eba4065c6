//! The two files that real shops wrote, sheets of three languages, and files that mean harm.

use std::collections::HashMap;

use base::{Money, Quantity};
use proptest::prelude::*;

use super::*;
use crate::{
    export,
    model::{Details, Draft, Product, VariantDetails, VariantDraft, VariantId, settle},
};

const SHOPIFY: &[u8] = include_bytes!("../../tests/data/shopify-apparel.csv");
const WOOCOMMERCE: &[u8] = include_bytes!("../../tests/data/woocommerce-sample.csv");

fn read(text: &str, currency: &str) -> Parsed {
    parse(text.as_bytes(), currency.parse().unwrap()).unwrap()
}

fn eur(minor: i64) -> Option<Money> {
    Some(Money::new(minor, "EUR".parse().unwrap()).unwrap())
}

fn product<'p>(parsed: &'p Parsed, name: &str) -> &'p ImportedProduct {
    parsed.products.iter().find(|product| product.name == name).unwrap()
}

fn reasons(parsed: &Parsed) -> Vec<(u64, &Reason)> {
    parsed.refused.iter().map(|refusal| (refusal.line, &refusal.reason)).collect()
}

#[test]
fn shopifys_sample_can_all_be_sold() {
    let parsed = parse(SHOPIFY, "EUR".parse().unwrap()).unwrap();
    assert_eq!((parsed.format, parsed.refused.len()), (Format::Shopify, 0));
    let variants: Vec<&ImportedVariant> =
        parsed.products.iter().flat_map(|product| &product.variants).collect();
    assert_eq!(variants.len(), 22);
    for variant in variants {
        assert_eq!(
            variant.stock,
            Some(crate::ImportedStock { tracked: false, quantity: None, sell_when_out: false })
        );
        assert!(variant.sku().is_none() && variant.price.is_some());
    }
    let shirt = product(&parsed, "Ocean Blue Shirt");
    assert_eq!(shirt.options.as_deref(), Some(&[][..]));
    assert_eq!(shirt.variants[0].price, eur(50_00));
    assert_eq!(shirt.handle.as_ref().unwrap().as_str(), "ocean-blue-shirt");
    let top = product(&parsed, "Classic Varsity Top");
    let sizes: Vec<&str> = top.variants.iter().map(|variant| variant.options[0].as_str()).collect();
    assert_eq!(sizes, ["Small", "Medium", "Large"]);
}

#[test]
fn woocommerces_sample_is_sold_as_far_as_it_can_be() {
    let parsed = parse(WOOCOMMERCE, "EUR".parse().unwrap()).unwrap();
    assert_eq!(parsed.format, Format::WooCommerce);
    let refused: Vec<(&str, &Reason)> =
        parsed.refused.iter().map(|refusal| (refusal.product.as_str(), &refusal.reason)).collect();
    assert_eq!(
        refused,
        [
            ("Album", &Reason::Downloadable),
            ("Single", &Reason::Downloadable),
            ("Logo Collection", &Reason::Grouped),
            ("WordPress Pennant", &Reason::External),
        ]
    );
    assert_eq!(parsed.products.len(), 14);
    let hoodie = product(&parsed, "Hoodie");
    let labels: Vec<String> = hoodie
        .variants
        .iter()
        .map(|variant| variant.options.iter().map(Short::as_str).collect::<Vec<_>>().join("/"))
        .collect();
    assert_eq!(labels, ["Red/No", "Green/No", "Blue/No", "Blue/Yes"]);
    assert_eq!((hoodie.variants[0].price, hoodie.variants[0].compare_at), (eur(42_00), Some(eur(45_00))));
    // each colour of the tee comes in any size
    let tee = product(&parsed, "V-Neck T-Shirt");
    assert_eq!(tee.variants.len(), 9);
    assert_eq!(tee.variants[0].sku().unwrap().as_str(), "woo-vneck-tee-red-large");
    assert_eq!(tee.notes, [Note::AnyChoice("Size".to_owned())]);
    let pocket = product(&parsed, "Hoodie with Pocket");
    assert_eq!(pocket.state, Some(State::Draft));
    assert!(pocket.notes.contains(&Note::HiddenAsDraft));
    let beanie = product(&parsed, "Beanie");
    assert_eq!(beanie.variants[0].grams, Some(Some(91)));
    assert!(!beanie.variants[0].stock.unwrap().tracked);
    assert_eq!(beanie.categories.as_ref().unwrap()[0].as_str(), "Clothing > Accessories");
}

#[test]
fn excel_in_french_and_in_italian_is_understood() {
    let french = b"Titre;Prix;Quantit\xe9;Co\xfbt;Unit\xe9;R\xe9f\xe9rence\r\n\
                   Caf\xe9 moulu;1.250,50;12,5;9,00;kg;CAF-1\r\nTasse;4;;;;\r\n";
    let parsed = parse(french, "EUR".parse().unwrap()).unwrap();
    assert_eq!((parsed.format, parsed.refused.len()), (Format::Sheet, 0));
    let coffee = product(&parsed, "Café moulu");
    let variant = &coffee.variants[0];
    assert_eq!(
        (variant.price, variant.cost, variant.unit),
        (eur(1_250_50), Some(eur(9_00)), Some(Unit::Kilogram))
    );
    assert_eq!(variant.stock.unwrap().quantity, Some(Quantity::thousandths(12_500)));
    assert_eq!(coffee.title_handle.as_ref().unwrap().as_str(), "cafe-moulu");
    let cup = &product(&parsed, "Tasse").variants[0];
    assert!(!cup.stock.unwrap().tracked);

    let italian = read("Titolo;Prezzo;Giacenza;Categoria\nPane;3,20;10;Forno > Pane\n", "EUR");
    let bread = product(&italian, "Pane");
    assert_eq!(bread.variants[0].price, eur(3_20));
    assert_eq!(bread.categories.as_ref().unwrap()[0].as_str(), "Forno > Pane");

    let guinean = read("Nom;Prix\nPagne;12.500\nBazin;150 000\n", "GNF");
    let prices: Vec<i64> =
        guinean.products.iter().map(|product| product.variants[0].price.unwrap().minor()).collect();
    assert_eq!(prices, [12_500, 150_000]);
}

#[test]
fn one_bad_line_refuses_its_product_and_no_other() {
    let parsed = read(
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n\
         a,A,Size,S,A-S,10\na,,,M,A-M,ten\nb,B,Title,Default Title,B,5.005\nc,C,Title,Default Title,C,\n\
         d,D,Title,Default Title,D,1,2,3\ne,,Title,Default Title,E,1\nf,F,Title,Default Title,F,7\n\
         g,G,Title,Default Title,F,8\nh,H,Title,Default Title,H,-1\n",
        "EUR",
    );
    let names: Vec<&str> = parsed.products.iter().map(|product| product.name.as_str()).collect();
    assert_eq!(names, ["F"]);
    let text = |text: &str| text.to_owned();
    assert_eq!(
        reasons(&parsed),
        [
            (3, &Reason::Number { field: "price", text: text("ten") }),
            (4, &Reason::Amount { field: "price", text: text("5.005") }),
            (5, &Reason::NoPrice),
            (6, &Reason::ManyCells),
            (7, &Reason::NoTitle),
            (9, &Reason::RepeatedSku { sku: text("F"), line: 8 }),
            (10, &Reason::Amount { field: "price", text: text("-1") }),
        ]
    );
}

#[test]
fn the_new_template_of_shopify_is_read_like_the_old() {
    let parsed = read(
        "Title,URL handle,Description,Vendor,Published on online store,Status,SKU,Option1 name,Option1 value,Price,\
         Compare-at price,Cost per item,Charge tax,Inventory tracker,Inventory quantity,\
         Continue selling when out of stock,Weight value (grams),Requires shipping,Product image URL,Gift card\n\
         Hat,hat,<p>Warm</p>,Acme,TRUE,Active,H-1,Color,Red,10.00,12.00,4,TRUE,shopify,7,DENY,150,TRUE,https://a.example/h.jpg,FALSE\n\
         ,hat,,,,,H-2,,Blue,10.00,,,TRUE,shopify,0,CONTINUE,150,TRUE,,\n\
         Card,card,,,TRUE,Active,,Title,Default Title,10,,,TRUE,,,DENY,0,FALSE,,TRUE\n",
        "EUR",
    );
    assert_eq!(reasons(&parsed), [(4, &Reason::GiftCard)]);
    let [red, blue] = product(&parsed, "Hat").variants.as_slice() else { panic!("two variants") };
    assert_eq!(red.stock.unwrap().quantity, Some(Quantity::units(7)));
    assert!(blue.stock.unwrap().sell_when_out && !red.stock.unwrap().sell_when_out);
    assert_eq!((red.grams, red.compare_at), (Some(Some(150)), Some(eur(12_00))));
}

#[test]
fn a_hundred_thousand_rows_of_one_handle_are_refused() {
    let mut text = String::from("Handle,Title,Option1 Name,Option1 Value,Variant Price\na,A,N,0,1\n");
    for number in 1..99_999 {
        text.push_str(&format!("a,,,{number},1\n"));
    }
    let parsed = read(&text, "EUR");
    assert!(parsed.products.is_empty());
    assert_eq!(
        reasons(&parsed),
        [(crate::MAX_VARIANTS as u64 + 2, &Reason::ManyVariants(crate::MAX_VARIANTS))]
    );
}

#[test]
fn variations_find_their_parent_by_id_too_and_one_stock_is_not_shared_out() {
    let head = "ID,Type,SKU,Name,Published,In stock?,Stock,Sale price,Regular price,Parent,Attribute 1 name,Attribute 1 value(s)\n";
    let parsed = read(
        &format!(
            "{head}2,variation,,Tee - S,1,1,3,,10,id:1,Size,S\n1,variable,,Tee,1,1,,,,,Size,\"S, M\"\n\
             3,variation,,Cap - S,1,1,parent,,10,id:4,Size,S\n4,variable,,Cap,1,1,9,,,,Size,\"S, M\"\n\
             5,variation,,Lost,1,1,,,10,id:99,Size,S\n6,simple,,Out,1,0,,,10,,,\n"
        ),
        "EUR",
    );
    assert_eq!(product(&parsed, "Tee").variants[0].stock.unwrap().quantity, Some(Quantity::units(3)));
    assert_eq!(reasons(&parsed), [(5, &Reason::SharedStock), (6, &Reason::NoParent("id:99".to_owned()))]);
    let out = product(&parsed, "Out").variants[0].stock.unwrap();
    assert!(out.tracked && out.quantity == Some(Quantity::ZERO));
}

/// Any text at all, some of it dressed as a formula.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,40}", "'{0,3}[=+@\t-].{0,10}", "[ ,;\"'\n<>&=a-z]{0,30}"]
}

fn any_line() -> impl Strategy<Value = Option<Short>> {
    any_text().prop_map(|text| text.parse().ok())
}

prop_compose! {
    fn any_variant()(
        sku in any_line(), barcode in any_line(), price in 0i64..10_000_000, compare_at in prop::option::of(0i64..100_000),
        cost in prop::option::of(0i64..100_000), unit in 0usize..Unit::ALL.len(), tracked: bool, sell_when_out: bool,
        ships: bool, grams in prop::option::of(0u32..100_000), level in 0i64..1000,
    ) -> (VariantDetails, i64) {
        let details = VariantDetails {
            options: Vec::new(), sku, barcode, price: eur(price).unwrap(), compare_at: compare_at.and_then(eur),
            cost: cost.and_then(eur), unit: Unit::ALL[unit], tracked, sell_when_out, ships, grams,
            image: Some("https://a.example/v.jpg".parse().unwrap()),
        };
        (details, level)
    }
}

prop_compose! {
    fn any_product()(
        title in any_line(), description in any_text(), vendor in any_line(), kind in any_line(), state in 0usize..3,
        taxable: bool, names in prop::collection::vec(any_line(), 0..3), tags in prop::collection::vec(any_text(), 0..4),
        categories in prop::collection::vec(any_text(), 0..3), alts in prop::collection::vec(any_text(), 0..4),
        variants in prop::collection::vec(any_variant(), 1..4),
    ) -> (Product, HashMap<VariantId, Quantity>) {
        let mut details = Details::titled(title.unwrap_or_else(|| "T".parse().unwrap()));
        details.description = description.parse().unwrap_or_default();
        (details.vendor, details.kind, details.state, details.taxable) = (vendor, kind, State::ALL[state], taxable);
        details.options = names.into_iter().flatten().collect();
        details.tags = tags.iter().filter_map(|tag| tag.parse().ok()).collect();
        details.categories = categories.iter().filter_map(|path| path.parse().ok()).collect();
        let image = |(place, alt): (usize, &String)| Image {
            address: format!("https://a.example/{place}.jpg").parse().unwrap(),
            alt: alt.parse().ok(),
        };
        details.images = alts.iter().enumerate().map(image).collect();
        let mut levels = Vec::new();
        let variants = variants.into_iter().enumerate().map(|(place, (mut variant, level))| {
            variant.options = vec![format!("={place}").parse().unwrap(); details.options.len()];
            variant.sku = variant.sku.and_then(|sku| format!("{place}{sku}").parse().ok());
            levels.push(Quantity::units(level));
            VariantDraft::new(variant)
        });
        let mut draft = Draft { handle: None, variants: variants.collect(), details };
        if draft.details.options.is_empty() {
            draft.variants.truncate(1);
        }
        let draft = draft.tidied();
        let mut number = 0;
        let id = VariantId::of(Default::default()).uuid();
        let handle = "a-handle".parse().unwrap();
        let product = settle(None, &draft, handle, ProductId::of(id), base::Timestamp::from_micros(0), || {
            number += 1;
            VariantId::of(uuid::Uuid::from_u128(number))
        });
        let tracked = product.variants.iter().zip(levels).filter(|(variant, _)| variant.details.tracked);
        let levels = tracked.map(|(variant, level)| (variant.id, level)).collect();
        (product, levels)
    }
}

use crate::model::ProductId;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn importing_an_export_changes_nothing((product, levels) in any_product()) {
        let mut text = export::HEADING.to_owned();
        export::write_product(&mut text, &product, &levels);
        let parsed = read(&text, "EUR");
        prop_assert_eq!(&parsed.refused, &[]);
        let [imported] = parsed.products.as_slice() else { panic!("one product") };
        let draft = merge::laid_upon(imported, Some(&product), imported.tax_code.clone()).unwrap();
        let mut expected = product.draft();
        for wish in &mut expected.variants {
            wish.count = wish.id.and_then(|id| levels.get(&id).copied());
        }
        prop_assert_eq!(draft.tidied(), expected);
    }

    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(&bytes, "EUR".parse().unwrap());
        let mut sheet = b"Title;Price\n".to_vec();
        sheet.extend(bytes);
        let _ = parse(&sheet, "EUR".parse().unwrap());
    }
}
