//! Texts, routes and mails.

use edge::{Access, Site};

#[test]
fn every_text_stands_in_both_languages() {
    edge::locales_are_complete(&[edge::LOCALES, orders::LOCALES]).unwrap();
}

#[test]
fn every_route_says_who_may_call_it() {
    let routes = orders::routes();
    assert!(routes.table().len() > 20);
    for rule in routes.table() {
        let member = matches!(rule.access, Access::Member(name) if name.starts_with("orders.") || name == "documents.read");
        let cart = rule.access == Access::Reader && rule.path.contains("/carts") && rule.site == Site::Api;
        assert!(member || cart, "{rule:?}");
    }
}
