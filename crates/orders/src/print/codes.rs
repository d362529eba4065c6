//! Codes to cut out: the same size on every sheet, each with its caption.

use base::Timestamp;

use super::{
    Fault, Voice,
    flow::{MM, Mark, Page, Part, Style, say},
    press,
    qr::{Code, QUIET},
};

/// Addresses as codes on A4 sheets.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeSheet {
    pub title: String,
    pub author: String,
    pub at: Timestamp,
    /// Each address with what stands below its code.
    pub codes: Vec<(String, String)>,
}

const COLUMNS: usize = 4;
const ROWS: usize = 6;
const WIDTH: f32 = 210.0 * MM;
const HEIGHT: f32 = 297.0 * MM;
const MARGIN: f32 = 10.0 * MM;
/// Above the codes stands the title.
const HEAD: f32 = 18.0 * MM;
/// A code's side with its white border.
const SIDE: f32 = 38.0 * MM;

/// The sheets, twenty-four codes on each. An address that no code can hold is an error.
pub fn code_sheets(sheet: &CodeSheet, voice: &Voice) -> Result<Vec<u8>, Fault> {
    let about = press::About { title: sheet.title.clone(), author: &sheet.author, at: sheet.at };
    press::print(&about, voice.language, vec![pages(sheet)?])
}

fn pages(sheet: &CodeSheet) -> Result<Vec<Page>, Fault> {
    let each = sheet.codes.chunks(COLUMNS * ROWS).enumerate();
    each.map(|(number, codes)| page(&sheet.title, number, codes)).collect()
}

fn page(title: &str, number: usize, codes: &[(String, String)]) -> Result<Page, Fault> {
    let head = Style::bold(12.0);
    let text = say(head, title).text;
    let part = if number == 0 { Part::Title } else { Part::Ornament };
    let mut marks = vec![(part, Mark::Words { x: MARGIN, y: MARGIN + head.size, style: head, text })];
    let (wide, tall) = ((WIDTH - 2.0 * MARGIN) / COLUMNS as f32, (HEIGHT - HEAD - MARGIN) / ROWS as f32);
    for (place, (address, caption)) in codes.iter().enumerate() {
        let code = Code::of(address).ok_or_else(|| Fault::of("an address is too long for a code"))?;
        let (row, column) = (place / COLUMNS, place % COLUMNS);
        let (left, top) = (MARGIN + column as f32 * wide, HEAD + row as f32 * tall);
        let border = SIDE / (code.side + 2 * QUIET) as f32 * QUIET as f32;
        let (x, y) = (left + (wide - SIDE) / 2.0 + border, top + border);
        let what = say(Style::plain(1.0), caption).text;
        marks.push((Part::Code(what), Mark::Code { x, y, side: SIDE - 2.0 * border, code }));
        let style = Style::plain(7.5);
        let text = say(style, caption).text;
        let x = left + (wide - style.face.width(&text, style.size)) / 2.0;
        let words = Mark::Words { x, y: top + SIDE + style.size * 0.5, style, text };
        marks.push((Part::Text(number * COLUMNS * ROWS + place), words));
    }
    Ok(Page { width: WIDTH, height: HEIGHT, marks })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(count: usize) -> CodeSheet {
        let code =
            |number| (format!("https://shop.example/t/forno/c/torte?link={number:016}"), format!("{number}"));
        CodeSheet {
            title: "Torte".to_owned(),
            author: "Forno".to_owned(),
            at: Timestamp::from_micros(0),
            codes: (0..count).map(code).collect(),
        }
    }

    #[test]
    fn twenty_five_codes_take_two_sheets_and_all_stand_on_them() {
        let pages = pages(&sheet(25)).unwrap();
        let codes =
            |page: &Page| page.marks.iter().filter(|(_, mark)| matches!(mark, Mark::Code { .. })).count();
        assert_eq!(pages.iter().map(codes).collect::<Vec<_>>(), [24, 1]);
        for (_, mark) in &pages[0].marks {
            if let Mark::Code { x, y, side, .. } = mark {
                assert!(*x > 0.0 && x + side < WIDTH && *y > 0.0 && y + side < HEIGHT - MARGIN);
            }
        }
        let voice = super::super::samples::french();
        assert!(code_sheets(&sheet(25), &voice).unwrap().starts_with(b"%PDF"));
    }

    #[test]
    fn an_address_that_no_code_holds_is_an_error() {
        let mut long = sheet(1);
        long.codes[0].0 = "a".repeat(3000);
        assert!(pages(&long).is_err());
    }
}
