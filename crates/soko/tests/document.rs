//! The API's document hangs together.

use serde_json::Value;

fn references<'d>(part: &'d Value, found: &mut Vec<&'d str>) {
    match part {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => (),
    }
}

#[test]
fn every_shape_the_document_names_is_in_it() {
    let document = serde_json::to_value(soko::wiring::routes().openapi()).unwrap();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100, "the document is whole");
    for reference in found {
        let place = reference.strip_prefix('#').unwrap_or(reference);
        assert!(document.pointer(place).is_some(), "{reference} leads nowhere");
    }
}
