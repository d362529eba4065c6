//! Every page renders with every sample, in each language, and knows all its words.

use base::Language;

use super::*;
use crate::{
    images,
    import::{self, Note, Reason},
};

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
        let (state_action, images) = (None, None);
        let html = shown(ProductPage { frame, action, state_action, images, currency, codes, form, flaws });
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
        picture: None,
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
                fetching: Progress { waiting: 1, ready: 2, ..Progress::default() },
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
        shown(ReportPage::new(frame, report, Some(ImportId::of(Default::default())), 3));
    }
    let known = edge::Words::of(Language::En);
    for text in [include_str!("../model/flaw.rs"), include_str!("../import/reason.rs")] {
        for key in text.split('"').filter(|part| part.starts_with("catalog-")) {
            assert!(known.knows(key), "{key}");
        }
    }
}

#[test]
fn the_pictures_of_a_product_are_shown_whatever_became_of_them() {
    let measures =
        images::Measures { hash: images::ContentHash::of(b"x"), width: 900, height: 600, bytes: 5 };
    let id = images::ImageId::of(Default::default());
    let failed = images::Reason::Outbound(edge::OutboundError::Status(404));
    let image = |known| ProductImage {
        address: "https://a.example/x.jpg".parse().unwrap(),
        alt: "a <hat>".parse().ok(),
        known,
    };
    for frame in frames() {
        let images = vec![
            image(Some((id, ImageState::Ready(measures)))),
            image(Some((id, ImageState::Waiting))),
            image(Some((id, ImageState::Failed(failed.clone())))),
            image(None),
        ];
        let mut section = ImagesSection::of(frame.clone(), "/t/a/admin/products/x/images", images);
        section.refuse("hat.svg", images::Unfit::Drawing.key(), "https://typed.example/");
        let html = shown(section);
        assert!(html.contains("900w") && html.contains("width=\"900\" height=\"600\""), "{html}");
        assert!(html.contains("a &#60;hat&#62;") && html.contains("404") && html.contains("hat.svg"));
        assert!(html.contains("value=\"https://typed.example/\""));
        assert!(shown(ImagesSection::of(frame.clone(), "/x", Vec::new())).contains("<input type=\"file\""));
        let failure = FailedFetch {
            address: "https://a.example/y.jpg".parse().unwrap(),
            reason: failed.clone(),
            product: Some((crate::ProductId::of(Default::default()), "Hat".parse().unwrap())),
        };
        let progress = Progress { waiting: 1, ready: 2, failed: 1, failures: vec![failure] };
        let html = shown(PicturesPage { frame: frame.clone(), may_write: true, progress });
        assert!(html.contains("max=\"4\"") && html.contains("404"), "{html}");
        shown(PicturesPage { frame, may_write: false, progress: Progress::default() });
    }
}

#[test]
fn who_saves_data_gets_the_narrowest_picture_alone() {
    let hash = images::ContentHash::of(b"x");
    let picture = Picture { hash, width: 2000, height: 1000, alt: String::new() };
    for mut frame in frames() {
        let all = picture.markup(&frame, "100vw", Loading::Eager);
        assert!(
            all.contains("320w") && all.contains("1280w") && all.contains("width=\"1280\" height=\"640\"")
        );
        assert!(all.contains("fetchpriority=\"high\"") && !all.contains("lazy"));
        frame.save_data = true;
        let small = picture.markup(&frame, "100vw", Loading::Lazy);
        assert!(small.contains("320w") && !small.contains("640w") && !small.contains("-640."), "{small}");
        assert!(small.contains("loading=\"lazy\""));
    }
}
