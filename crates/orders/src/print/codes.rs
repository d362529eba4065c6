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

    /// What a camera reads of the first page of a file, four dots a point: its black rectangles and no letters.
    fn scanned(pdf: &[u8]) -> Vec<String> {
        const DOTS: f32 = 4.0;
        let file = lopdf::Document::load_mem(pdf).unwrap();
        let page = *file.get_pages().values().next().unwrap();
        let content = file.get_and_decode_page_content(page).unwrap();
        let (wide, tall) = ((WIDTH * DOTS) as usize, (HEIGHT * DOTS) as usize);
        let mut white = vec![true; wide * tall];
        // only shifts and scales: a page without turned words has no other matrix
        let (mut now, mut kept) = ([1.0, 1.0, 0.0, 0.0], Vec::new());
        let mut path: Vec<(f32, f32)> = Vec::new();
        for step in content.operations {
            let number = |at: usize| step.operands[at].as_float().unwrap();
            match step.operator.as_str() {
                "q" => kept.push(now),
                "Q" => now = kept.pop().unwrap(),
                "cm" => {
                    let [a, d, e, f] = now;
                    now = [a * number(0), d * number(3), a * number(4) + e, d * number(5) + f];
                }
                "m" | "l" => path.push((now[0] * number(0) + now[2], now[1] * number(1) + now[3])),
                "re" => {
                    let (x, y, width, height) = (number(0), number(1), number(2), number(3));
                    let corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)];
                    path.extend(corners.map(|(x, y)| (now[0] * x + now[2], now[1] * y + now[3])));
                }
                "f" | "f*" => {
                    for corners in path.chunks(4) {
                        let dots = |of: fn(&(f32, f32)) -> f32, end: f32| {
                            let each = corners.iter().map(of);
                            let (least, most) =
                                each.fold((end, 0.0_f32), |(a, b), at| (a.min(at), b.max(at)));
                            (least * DOTS).round() as usize..(most * DOTS).round() as usize
                        };
                        for row in dots(|(_, y)| *y, HEIGHT) {
                            // the first row of a file is its lowest
                            let from = (tall - 1 - row) * wide;
                            dots(|(x, _)| *x, WIDTH).for_each(|column| white[from + column] = false);
                        }
                    }
                    path.clear();
                }
                "n" => path.clear(),
                _ => (),
            }
        }
        // a camera is held over one code: among many it takes the corner of one for that of another
        let (across, down) = (
            (wide as f32 - 2.0 * MARGIN * DOTS) / COLUMNS as f32,
            (tall as f32 - (HEAD + MARGIN) * DOTS) / ROWS as f32,
        );
        let read = |place: usize| {
            let left = (MARGIN * DOTS + (place % COLUMNS) as f32 * across) as usize;
            let top = (HEAD * DOTS + (place / COLUMNS) as f32 * down) as usize;
            let seen = |x: usize, y: usize| if white[(top + y) * wide + left + x] { 255 } else { 0 };
            let mut image = rqrr::PreparedImage::prepare_from_greyscale(across as usize, down as usize, seen);
            let found = image.detect_grids();
            found.first().and_then(|grid| grid.decode().ok()).map(|(_, text)| text)
        };
        (0..COLUMNS * ROWS).map_while(read).collect()
    }

    #[test]
    fn a_camera_reads_each_code_of_the_printed_sheet_as_its_address() {
        let printed = code_sheets(&sheet(7), &super::super::samples::french()).unwrap();
        let addresses: Vec<String> = sheet(7).codes.into_iter().map(|(address, _)| address).collect();
        assert_eq!(scanned(&printed), addresses);
    }

    #[test]
    fn an_address_that_no_code_holds_is_an_error() {
        let mut long = sheet(1);
        long.codes[0].0 = "a".repeat(3000);
        assert!(pages(&long).is_err());
    }
}
