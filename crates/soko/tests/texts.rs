//! Every text that pages use stands in every language, and none is left over.

use std::{collections::BTreeSet, fs, path::Path};

use edge::Locale;

const LOCALES: [Locale; 8] = [
    edge::LOCALES,
    people::LOCALES,
    catalog::http::LOCALES,
    stock::LOCALES,
    orders::LOCALES,
    payments::LOCALES,
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
