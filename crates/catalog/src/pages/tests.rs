//! Every page renders with every sample, in each language, and knows all its words.

use base::Language;

use super::*;
use crate::import::{self, Note, Reason};

fn frames() -> Vec<Frame> {
    edge::words::register(&[crate::http::LOCALES]);
    Language::ALL.into_iter().map(|language| Frame::sample(language, "T<script>")).collect()
}

fn shown(page: impl Template) -> String {
    let html = page.render().unwrap();
    assert!(!html.contains("T<script>") && !html.contains("{{"), "{html}");
    let raw_key = html.split(['>', '<', '"']).find(|part| part.starts_with("catalog-"));
    assert_eq!(raw_key, None);
    html
}

#[test]
fn texts_are_the_same_in_each_language() {
    edge::locales_are_complete(&[crate::http::LOCALES]).unwrap();
}

#[test]
fn a_refused_form_keeps_what_was_typed_and_says_what_to_do_beside_the_field() {
    for frame in frames() {
        let mut form = ProductForm::new();
        form.title = "<b>Chemise</b>".to_owned();
        form.price[0] = "dix".to_owned();
        let flaws = form.clone().without_blanks().draft(None, "GNF".parse().unwrap()).unwrap_err();
        let currency = "GNF".parse().unwrap();
        let (action, codes) = ("/t/a/admin/products/new".to_owned(), Vec::new());
        let html = shown(ProductPage { frame, action, state_action: None, currency, codes, form, flaws });
        assert!(html.contains("value=\"dix\"") && html.contains("1250 GNF"), "{html}");
        assert!(html.contains("&#60;b&#62;Chemise") || html.contains("&lt;b&gt;Chemise"));
    }
}

#[test]
fn lists_render_empty_and_full() {
    let summary = Summary {
        id: crate::ProductId::of(Default::default()),
        handle: "hat".parse().unwrap(),
        title: "Hat".parse().unwrap(),
        state: State::Draft,
        lowest: base::Money::new(1250, "EUR".parse().unwrap()).ok(),
        highest: None,
        compare_at: None,
        available: false,
        offered: 1,
        first: None,
        image: None,
        title_key: "hat".to_owned(),
    };
    for frame in frames() {
        for products in [Vec::new(), vec![summary.clone()]] {
            let (q, state, next) = ("é\"><script>".to_owned(), "draft".to_owned(), Some("00".to_owned()));
            let page = ProductListPage {
                frame: frame.clone(),
                may_write: true,
                may_import: true,
                q,
                state,
                products,
                levels: Default::default(),
                categories: Vec::new(),
                codes: Vec::new(),
                fault: Some("<script>".to_owned()),
                next,
            };
            assert!(!shown(page).contains("<script>"));
        }
        let category = Category {
            id: crate::CategoryId::of(Default::default()),
            parent: None,
            path: "Clothing > Shirts".parse().unwrap(),
            slug: "shirts".parse().unwrap(),
        };
        let at = category.id.to_string();
        let page = CategoriesPage {
            frame: frame.clone(),
            may_write: true,
            categories: vec![category],
            typed: "Hats".to_owned(),
            at,
            flaw: Some(Rule::CategoryTaken),
        };
        assert!(shown(page).contains("value=\"Hats\""));
        let (forms, flaws) = (vec![TaxForm::empty()], Vec::new());
        shown(TaxCodesPage { frame, may_write: true, forms, refused: None, flaws });
    }
}

#[test]
fn every_reason_has_its_words() {
    for frame in frames() {
        shown(ImportPage {
            frame: frame.clone(),
            error: Some(FileError { line: 3, reason: Reason::EndlessQuote }),
        });
        let line = |outcome, notes| ReportLine { line: 2, product: "=cmd".to_owned(), outcome, notes };
        let lines = vec![
            line(Outcome::Created(None), vec![Note::HiddenAsDraft, Note::TaxCode("X".to_owned())]),
            line(Outcome::Refused(Reason::Grouped), Vec::new()),
            line(
                Outcome::Refused(Reason::Flaw(Flaw { field: "handle".to_owned(), rule: Rule::HandleTaken })),
                Vec::new(),
            ),
        ];
        let report = Report { format: import::Format::Sheet, lines };
        shown(ReportPage::new(frame, report, Some(ImportId::of(Default::default()))));
    }
    let known = edge::Words::of(Language::En);
    for text in [include_str!("../model/flaw.rs"), include_str!("../import/reason.rs")] {
        for key in text.split('"').filter(|part| part.starts_with("catalog-")) {
            assert!(known.knows(key), "{key}");
        }
    }
}
