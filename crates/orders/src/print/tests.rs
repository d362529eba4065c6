//! Papers as they come from the press, read back.

use proptest::prelude::*;

use super::{
    flow::{Mark, Page, Part},
    samples, *,
};
use crate::model::{DocumentType, Snapshot, paper::PaperLine};

fn printed(paper: &Document, sheet: Sheet) -> Vec<u8> {
    pdf(paper, sheet, &samples::french(), samples::LINK).unwrap()
}

/// The words of a file and the number of its pages.
fn read(bytes: &[u8]) -> (String, usize) {
    let file = lopdf::Document::load_mem(bytes).unwrap();
    let pages: Vec<u32> = file.get_pages().into_keys().collect();
    (file.extract_text(&pages).unwrap(), pages.len())
}

/// Text with each gap as one plain space, however wide, breaking or not.
fn plain(text: &str) -> String {
    text.split(|letter: char| letter.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn all_samples() -> [Document; 3] {
    [samples::invoice(), samples::receipt(), samples::credit_note()]
}

fn marks(pages: &[Page]) -> impl Iterator<Item = &(Part, Mark)> {
    pages.iter().flat_map(|page| &page.marks)
}

#[test]
fn an_invoice_says_who_sells_what_to_whom_and_what_is_left_to_pay() {
    for sheet in Sheet::ALL {
        let (text, _) = read(&printed(&samples::invoice(), sheet));
        let text = plain(&text);
        let said = [
            "Boulangerie de la Forêt",
            "SIRET 123 456 789 00012",
            "Facture INV-000123",
            "20 novembre 2026 à 14:05",
            "Commande 1001",
            "Aïssatou Barry",
            "3 allée des Œillets",
            "Cerises de Céret",
            "0,75 kg",
            "remise de 1,00 €",
            "46,88 €",
            "TVA (5,5 %) sur 4,98 €",
            "0,27 €",
            "TVA (20 %) sur 19,17 €",
            "TVA (10 %) sur 22,73 €",
            "53,25 €",
            "30,00 €",
            "OM-4471",
            "Reste à payer",
            "23,25 €",
        ];
        for words in said {
            assert!(text.contains(words), "{sheet:?} says no {words}: {text}");
        }
    }
}

#[test]
fn what_is_printed_adds_up() {
    let cents = |text: &str| -> i64 {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.parse::<i64>().unwrap() * if text.starts_with('–') { -1 } else { 1 }
    };
    let pages = paper::pages(&samples::invoice(), Sheet::A4, &samples::french(), samples::LINK);
    let cell = |wanted: usize, column: usize| -> Vec<i64> {
        let amount = |(part, mark): &(Part, Mark)| match (part, mark) {
            (Part::Cell { table, column: at, head: false, .. }, Mark::Words { text, .. })
                if (*table, *at) == (wanted, column) =>
            {
                Some(cents(text))
            }
            _ => None,
        };
        marks(&pages).filter_map(amount).collect()
    };
    let (nets, totals, sums) = (cell(1, 4), cell(1, 5), cell(2, 1));
    // discount, net, three taxes, total, paid, due
    let [_, net, one, two, three, total, paid, due] = sums[..] else { panic!("{sums:?}") };
    assert_eq!(nets.iter().sum::<i64>(), net);
    assert_eq!(totals.iter().sum::<i64>(), total);
    assert_eq!(net + one + two + three, total);
    assert_eq!(paid + due, total);
}

#[test]
fn a_credit_note_says_what_it_corrects_and_why_and_a_test_says_so_on_every_page() {
    let (text, _) = read(&printed(&samples::credit_note(), Sheet::A4));
    let text = plain(&text);
    for words in [
        "Avoir CN-000123",
        "Corrige R-000122, INV-000123",
        "La formule n’a pas été servie.",
        "Total de l’avoir",
    ] {
        assert!(text.contains(words), "no {words}: {text}");
    }
    let note = samples::credit_note();
    let lines = vec![note.snapshot.lines[0].clone(); 90];
    let long = Document { snapshot: Snapshot { lines, ..note.snapshot }, ..note };
    let pages = paper::pages(&long, Sheet::A4, &samples::french(), samples::LINK);
    assert!(pages.len() > 1);
    for page in &pages {
        assert!(page.marks.iter().any(|(_, mark)| *mark == Mark::Across("ESSAI".to_owned())));
    }
    assert!(
        !marks(&paper::pages(&samples::invoice(), Sheet::A4, &samples::french(), samples::LINK))
            .any(|(_, mark)| matches!(mark, Mark::Across(_)))
    );
}

#[test]
fn one_paper_gives_the_same_bytes_each_time() {
    for sheet in Sheet::ALL {
        for paper in all_samples() {
            assert_eq!(printed(&paper, sheet), printed(&paper, sheet));
        }
    }
}

#[test]
fn the_file_says_its_title_its_language_and_when_it_was_issued() {
    let file = lopdf::Document::load_mem(&printed(&samples::invoice(), Sheet::A4)).unwrap();
    let catalog = file.catalog().unwrap();
    assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), b"fr");
    assert!(catalog.has(b"StructTreeRoot"));
    let about = file.trailer.get(b"Info").unwrap().as_reference().unwrap();
    let about = file.get_dictionary(about).unwrap();
    assert_eq!(about.get(b"Title").unwrap().as_str().unwrap(), b"Facture INV-000123");
    assert!(about.get(b"CreationDate").unwrap().as_str().unwrap().starts_with(b"D:20261120130500"));
}

#[test]
fn the_code_on_paper_reads_as_the_papers_address() {
    for sheet in Sheet::ALL {
        let pages = paper::pages(&samples::receipt(), sheet, &samples::french(), samples::LINK);
        let (_, code) = marks(&pages).find(|(_, mark)| matches!(mark, Mark::Code { .. })).unwrap();
        let Mark::Code { code, side, .. } = code else { unreachable!() };
        // a printer of 203 dots an inch must give each square three dots
        assert!(side / code.side as f32 > 3.0 * 72.0 / 203.0, "{} squares on {side} points", code.side);
        assert_eq!(scanned(code), samples::LINK);
    }
}

/// What a camera reads of a code, four dots a square, with its white border.
fn scanned(code: &qr::Code) -> String {
    let dots = 4;
    let whole = (code.side + 2 * qr::QUIET) * dots;
    let mut white = vec![true; whole * whole];
    for (row, column, long) in code.bars() {
        for y in 0..dots {
            let from = ((row + qr::QUIET) * dots + y) * whole + (column + qr::QUIET) * dots;
            white[from..from + long * dots].fill(false);
        }
    }
    let seen = |x: usize, y: usize| if white[y * whole + x] { 255 } else { 0 };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(whole, whole, seen);
    image.detect_grids()[0].decode().unwrap().1
}

#[test]
fn a_packing_slip_says_what_to_pack_for_whom_and_never_what_it_costs() {
    for sheet in Sheet::ALL {
        let bytes = packing_slips(&[samples::slip()], sheet, &samples::conakry()).unwrap();
        let text = plain(&read(&bytes).0);
        let said = [
            "1042",
            "20 novembre 2026 à 09:05",
            "Aïssatou Barry",
            "+224620000000",
            "Kaporo Rails",
            "derrière la mosquée",
            "2 ×",
            "Pagne wax 6 yards",
            "1 × paire",
            "2,5 kg",
            "PAG-003",
            "Appelez avant",
            "Madina, allée 4",
        ];
        for words in said {
            assert!(text.contains(words), "{sheet:?} says no {words}: {text}");
        }
        for secret in ["329", "987", "GNF", "Livraison Ratoma"] {
            assert!(!text.contains(secret), "{sheet:?} says {secret}: {text}");
        }
    }
}

#[test]
fn what_came_back_is_not_packed_again() {
    let mut slip = samples::slip();
    slip.whole.lines[0].returned = base::Quantity::units(1);
    slip.whole.lines[1].returned = slip.whole.lines[1].quantity;
    let text = plain(&read(&packing_slips(&[slip], Sheet::A4, &samples::conakry()).unwrap()).0);
    assert!(text.contains("1 × Pagne wax") && !text.contains("Sandales"), "{text}");
}

#[test]
fn each_of_several_slips_begins_a_page() {
    for sheet in Sheet::ALL {
        let slips = vec![samples::slip(); 3];
        assert_eq!(read(&packing_slips(&slips, sheet, &samples::conakry()).unwrap()).1, 3);
    }
}

#[test]
fn a_long_invoice_counts_its_pages_and_says_every_line() {
    let lines: Vec<PaperLine> =
        (1..=500).map(|n| samples::line(&format!("Article-{n}."), 1, 1_00, "20", 17)).collect();
    let paper = samples::paper(DocumentType::Invoice, lines);
    let (text, pages) = read(&printed(&paper, Sheet::A4));
    assert!(pages > 10 && text.contains(&format!("Page {pages} sur {pages}")), "{pages} pages");
    for sheet in Sheet::ALL {
        let (text, _) = read(&printed(&paper, sheet));
        assert!((1..=500).all(|n| text.contains(&format!("Article-{n}."))));
        assert!(plain(&text).contains("500,00 €"));
    }
}

#[test]
fn words_of_any_kind_are_printed_or_marked() {
    let words = [
        "x".repeat(255),
        "محمد عبد الرحمن".to_owned(),
        "🎉👩‍👩‍👧‍👦🇬🇳".to_owned(),
        "a\u{0}b\u{7}\u{202e}c".to_owned(),
        "日本語".repeat(80),
        "\n\n\n".to_owned(),
        String::new(),
    ];
    for sheet in Sheet::ALL {
        for word in &words {
            let mut paper = samples::credit_note();
            let said = &mut paper.snapshot;
            said.seller.name.clone_from(word);
            said.seller.details = vec![word.clone(); 3];
            said.customer = Some(word.clone());
            said.address = vec![word.clone(); 4];
            said.reason = Some(word.clone());
            said.lines[0].title.clone_from(word);
            said.lines[0].options.clone_from(word);
            said.taxes[0].name.clone_from(word);
            let bytes = printed(&paper, sheet);
            assert!(!read(&bytes).0.contains('\0'));
            let mut slip = samples::slip();
            slip.whole.lines[0].title.clone_from(word);
            slip.whole.note.clone_from(word);
            packing_slips(&[slip], sheet, &samples::conakry()).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_text_keeps_a_paper_from_being_printed(text in "\\PC{0,60}", minor in 17i64..=100_000_000_000_000, sheet in 0usize..3) {
        let line = PaperLine { title: text.clone(), ..samples::line(&text, 1, minor, "20", 0) };
        let paper = samples::paper(DocumentType::Invoice, vec![line]);
        prop_assert!(pdf(&paper, Sheet::ALL[sheet], &samples::french(), &text).is_ok());
    }
}
