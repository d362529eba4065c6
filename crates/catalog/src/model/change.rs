//! What changed between two states of a thing, for the audit log and an import's preview.

use serde::Serialize;
use serde_json::Value;

use super::Product;

/// One field before and after: `title`, `variants.var_….price`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub field: String,
    pub before: Value,
    pub after: Value,
}

/// Every field in which `after` differs from `before`; the moment of the change is none of them.
pub fn changes(before: &Product, after: &Product) -> Vec<Change> {
    let mut found = Vec::new();
    compare("", &described(before), &described(after), &mut found);
    found
}

/// The product as JSON, its variants by id.
fn described(product: &Product) -> Value {
    let mut value = serde_json::to_value(product).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        fields.remove("changedAt");
        let ids: Vec<Value> =
            product.variants.iter().map(|variant| Value::from(variant.id.to_string())).collect();
        let variants = product
            .variants
            .iter()
            .map(|variant| (variant.id.to_string(), serde_json::to_value(variant).unwrap_or_default()))
            .collect();
        fields.insert("variantOrder".to_owned(), Value::Array(ids));
        fields.insert("variants".to_owned(), Value::Object(variants));
    }
    value
}

fn compare(path: &str, before: &Value, after: &Value, found: &mut Vec<Change>) {
    if before == after {
        return;
    }
    // a variant is compared field by field; money and other small objects as a whole
    let deep = path.is_empty()
        || path == "variants"
        || path.starts_with("variants.") && path.split('.').count() == 2;
    if let (true, Value::Object(old), Value::Object(new)) = (deep, before, after) {
        let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
        for name in names {
            let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            compare(
                &below,
                old.get(name).unwrap_or(&Value::Null),
                new.get(name).unwrap_or(&Value::Null),
                found,
            );
        }
    } else {
        found.push(Change { field: path.to_owned(), before: before.clone(), after: after.clone() });
    }
}
