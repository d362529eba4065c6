//! Every text that pages use stands in every language, and none is left over.

use std::{collections::BTreeSet, fs, path::Path};

use edge::Locale;

const LOCALES: [Locale; 11] = [
    edge::LOCALES,
    people::LOCALES,
    catalog::http::LOCALES,
    stock::LOCALES,
    customers::LOCALES,
    orders::LOCALES,
    cards::LOCALES,
    payments::LOCALES,
    coupons::LOCALES,
    shop::LOCALES,
    operations::LOCALES,
];

#[test]
fn every_language_has_every_text() {
    edge::locales_are_complete(&LOCALES).unwrap();
}

/// The words in quotes that a template gives to `frame.t…` whole.
fn keys_in(template: &str) -> impl Iterator<Item = &str> {
    ["frame.t(\"", "frame.t1(\"", "frame.t2(\""]
        .into_iter()
        .flat_map(|call| template.split(call).skip(1))
        .filter_map(|rest| rest.split('"').next())
}

#[test]
fn every_text_a_template_names_is_there() {
    let known: BTreeSet<&str> = LOCALES
        .iter()
        .flat_map(|locale| locale.texts[0].lines())
        .filter_map(|line| line.split_once(" = ").map(|(key, _)| key))
        .collect();
    let rooms = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut missing = Vec::new();
    for room in fs::read_dir(rooms).unwrap() {
        let templates = room.unwrap().path().join("templates");
        let Ok(templates) = fs::read_dir(templates) else { continue };
        for template in templates {
            let template = template.unwrap().path();
            let text = fs::read_to_string(&template).unwrap();
            let strange = keys_in(&text).filter(|key| !known.contains(key));
            missing.extend(strange.map(|key| format!("{}: {key}", template.display())));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Every Rust file and template of the rooms.
fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "html") {
            found.push(fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn no_text_is_left_over() {
    let rooms = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut texts = Vec::new();
    sources(rooms, &mut texts);
    let quoted: BTreeSet<&str> = texts.iter().flat_map(|text| text.split('"')).collect();
    // `format!("orders-state-{name}")` uses every key that begins and ends so
    let is_part = |part: &str| part.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
    let made: BTreeSet<(&str, &str)> = quoted
        .iter()
        .filter_map(|piece| Some((piece.split_once('{')?.0, piece.rsplit_once('}')?.1)))
        .filter(|(begin, end)| begin.ends_with('-') && is_part(begin) && is_part(end))
        .collect();
    let is_made = |key: &str| made.iter().any(|(begin, end)| key.starts_with(begin) && key.ends_with(end));
    let left_over: Vec<&str> = LOCALES
        .iter()
        .flat_map(|locale| locale.texts[0].lines())
        .filter_map(|line| line.split_once(" = ").map(|(key, _)| key))
        .filter(|key| key.starts_with(|letter: char| letter.is_ascii_lowercase()))
        .filter(|key| !quoted.contains(key) && !is_made(key))
        .collect();
    assert!(left_over.is_empty(), "{}", left_over.join("\n"));
}
