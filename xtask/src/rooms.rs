//! An arrow points only upwards: a room may depend only on rooms above it in the list of ARCHITECTURE.md.

use serde_json::Value;

use crate::{Result, shell};

/// The rooms, from the ground.
const ROOMS: [&str; 19] = [
    "base",
    "db",
    "spine",
    "edge",
    "people",
    "catalog",
    "stock",
    "customers",
    "orders",
    "cards",
    "payments",
    "coupons",
    "bookings",
    "messages",
    "billing",
    "shop",
    "till",
    "operations",
    "soko",
];

/// Crates of ours that are no room: what only tests and developers use.
const WORKSHOP: [&str; 2] = ["testing", "xtask"];

/// Fails with one sentence for each crate that breaks the order.
pub fn check() -> Result {
    let metadata = shell::metadata()?;
    let crates: Vec<(String, Vec<String>)> = list(&metadata["packages"]).map(name_and_ours).collect();
    let faults = faults(&crates);
    if !faults.is_empty() {
        return Err(faults.join("\n").into());
    }
    println!("{} crates, every arrow points upwards", crates.len());
    Ok(())
}

/// The name of a package of `cargo metadata`, and the crates of ours it depends on.
fn name_and_ours(package: &Value) -> (String, Vec<String>) {
    let name = package["name"].as_str().unwrap_or_default();
    let ours = list(&package["dependencies"]).filter(|dependency| dependency["path"].is_string()).filter_map(
        |dependency| {
            let other = dependency["name"].as_str()?;
            // For tests, its own and those of other rooms, a room may use the workshop, and itself with other features.
            let for_tests = dependency["kind"] == "dev" || dependency["optional"] == true;
            let free = for_tests && (other == "testing" || other == name);
            (!free).then(|| other.to_owned())
        },
    );
    (name.to_owned(), ours.collect())
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn faults(crates: &[(String, Vec<String>)]) -> Vec<String> {
    let floor = |name: &str| ROOMS.iter().position(|room| *room == name);
    let mut faults = Vec::new();
    for (name, dependencies) in crates.iter().filter(|(name, _)| !WORKSHOP.contains(&name.as_str())) {
        let Some(own) = floor(name) else {
            faults.push(format!(
                "crate `{name}` is not in the list of rooms: give it its place in xtask/src/rooms.rs"
            ));
            continue;
        };
        for dependency in dependencies {
            match floor(dependency) {
                Some(other) if other < own => {}
                Some(_) => {
                    faults.push(format!("room `{name}` depends on `{dependency}`, which is not above it"))
                }
                None => faults.push(format!("room `{name}` depends on `{dependency}`, which is no room")),
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{faults, name_and_ours};

    fn house(crates: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        crates.iter().map(|(name, dependencies)| ((*name).to_owned(), owned(dependencies))).collect()
    }

    #[test]
    fn a_room_may_use_every_room_above_it() {
        assert!(
            faults(&house(&[("base", &[]), ("db", &["base"]), ("orders", &["db", "stock", "base"])]))
                .is_empty()
        );
    }

    #[test]
    fn a_room_that_uses_one_below_itself_is_named() {
        let faults = faults(&house(&[("orders", &["base", "payments"])]));
        assert_eq!(faults, ["room `orders` depends on `payments`, which is not above it"]);
    }

    #[test]
    fn a_room_may_not_use_itself_nor_the_workshop() {
        assert_eq!(faults(&house(&[("db", &["db", "testing"])])).len(), 2);
    }

    #[test]
    fn tests_may_use_the_workshop_and_their_own_room() {
        let ours = |kind, name| json!({ "name": name, "kind": kind, "path": "/somewhere" });
        let of_a_feature = json!({ "name": "testing", "kind": null, "optional": true, "path": "/somewhere" });
        let stranger = json!({ "name": "libc", "kind": null, "path": null });
        let dependencies = json!([ours("dev", "testing"), ours("dev", "db"), of_a_feature, stranger]);
        let package = json!({ "name": "db", "dependencies": dependencies });
        assert_eq!(name_and_ours(&package), ("db".to_owned(), Vec::new()));
        let package = json!({ "name": "db", "dependencies": [ours("dev", "spine")] });
        assert_eq!(name_and_ours(&package).1, ["spine"]);
    }

    #[test]
    fn a_crate_without_a_place_is_named() {
        assert!(faults(&house(&[("attic", &[])]))[0].contains("`attic` is not in the list"));
    }

    #[test]
    fn the_workshop_may_use_any_room() {
        assert!(faults(&house(&[("xtask", &["soko", "testing"])])).is_empty());
    }
}
