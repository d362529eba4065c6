//! A workbook that is written as it is sent: no row of it is kept.
//!
//! Written here over `zip`, and not with `rust_xlsxwriter`: for rows of text and numbers it would add 0.8 MiB to the binary. What
//! is text stands as text, so that nothing in it is ever a formula.

use std::{
    io::{self, Write},
    sync::Arc,
};

use parking_lot::Mutex;
use zip::{ZipWriter, result::ZipError, write::SimpleFileOptions};

use super::Cell;

/// Rows that a sheet may have (ECMA-376, as spreadsheets read it); what is more stands on the next one.
const ROWS: u32 = 1_048_576;

/// What was written and not yet taken.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A workbook of rows under one heading.
pub struct Book {
    zip: ZipWriter<zip::write::StreamWriter<Pipe>>,
    pipe: Pipe,
    heading: &'static [&'static str],
    sheets: u32,
    rows: u32,
}

impl Book {
    pub fn new(heading: &'static [&'static str]) -> Result<Self, ZipError> {
        let pipe = Pipe::default();
        let zip = ZipWriter::new_stream(pipe.clone());
        let mut book = Self { zip, pipe, heading, sheets: 0, rows: 0 };
        book.begin_sheet()?;
        Ok(book)
    }

    fn begin_sheet(&mut self) -> Result<(), ZipError> {
        self.sheets += 1;
        self.rows = 0;
        self.begin(&format!("xl/worksheets/sheet{}.xml", self.sheets))?;
        write!(self.zip, "{DECLARATION}<worksheet xmlns=\"{MAIN}\"><sheetData>")?;
        let heading: Vec<Cell> = self.heading.iter().map(|name| Cell::Text((*name).to_owned())).collect();
        self.put(&heading)
    }

    fn begin(&mut self, name: &str) -> Result<(), ZipError> {
        self.zip.start_file(name, SimpleFileOptions::default())
    }

    fn put(&mut self, row: &[Cell]) -> Result<(), ZipError> {
        let mut xml = String::from("<row>");
        for cell in row {
            match cell {
                Cell::Number(number) if number.is_empty() => xml.push_str("<c/>"),
                Cell::Number(number) => xml.push_str(&format!("<c><v>{number}</v></c>")),
                Cell::Text(text) => {
                    let text = escaped(text);
                    xml.push_str(&format!(
                        "<c t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>"
                    ));
                }
            }
        }
        xml.push_str("</row>");
        self.rows += 1;
        Ok(self.zip.write_all(xml.as_bytes())?)
    }

    pub fn row(&mut self, row: &[Cell]) -> Result<(), ZipError> {
        if self.rows == ROWS {
            self.end_sheet()?;
            self.begin_sheet()?;
        }
        self.put(row)
    }

    fn end_sheet(&mut self) -> Result<(), ZipError> {
        Ok(self.zip.write_all(b"</sheetData></worksheet>")?)
    }

    /// What can be sent by now.
    pub fn written(&self) -> Vec<u8> {
        std::mem::take(&mut *self.pipe.0.lock())
    }

    /// The last of it: what a workbook says of its sheets.
    pub fn finish(mut self) -> Result<Vec<u8>, ZipError> {
        self.end_sheet()?;
        let numbers = 1..=self.sheets;
        let each = |part: fn(u32) -> String| numbers.clone().map(part).collect::<String>();
        let sheets = each(|n| format!("<sheet name=\"Coupons {n}\" sheetId=\"{n}\" r:id=\"rId{n}\"/>"));
        let relations = each(|n| {
            format!(
                "<Relationship Id=\"rId{n}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>"
            )
        });
        let types = each(|n| {
            format!(
                "<Override PartName=\"/xl/worksheets/sheet{n}.xml\" ContentType=\"{SHEET}.worksheet+xml\"/>"
            )
        });
        let parts = [
            (
                "xl/workbook.xml",
                format!(
                    "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{sheets}</sheets></workbook>"
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!("<Relationships xmlns=\"{RELATIONS}\">{relations}</Relationships>"),
            ),
            (
                "_rels/.rels",
                format!(
                    "<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" \
                     Target=\"xl/workbook.xml\"/></Relationships>"
                ),
            ),
            (
                "[Content_Types].xml",
                format!(
                    "<Types xmlns=\"{TYPES}\"><Default Extension=\"rels\" \
                     ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override \
                     PartName=\"/xl/workbook.xml\" ContentType=\"{SHEET}.sheet.main+xml\"/>{types}</Types>"
                ),
            ),
        ];
        for (name, xml) in parts {
            self.begin(name)?;
            write!(self.zip, "{DECLARATION}{xml}")?;
        }
        let pipe = self.pipe.clone();
        self.zip.finish()?;
        Ok(std::mem::take(&mut *pipe.0.lock()))
    }
}

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const TYPES: &str = "http://schemas.openxmlformats.org/package/2006/content-types";
const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// As XML holds it; what XML cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\t' | '\n' | '\r' => safe.push(letter),
            '\u{fffe}' | '\u{ffff}' => (),
            letter if letter < ' ' => (),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_workbook_holds_its_rows_as_text_and_numbers() {
        let mut book = Book::new(&["Code", "Value"]).unwrap();
        book.row(&[Cell::Text("=HYPERLINK(\"x\")<&\u{1}".to_owned()), Cell::Number("-2.50".to_owned())])
            .unwrap();
        let mut bytes = book.written();
        bytes.extend(book.finish().unwrap());
        let mut zip = zip::ZipArchive::new(io::Cursor::new(bytes)).unwrap();
        let mut names: Vec<String> =
            zip.file_names().map(|name| name.expect("a name").into_owned()).collect();
        names.sort();
        assert_eq!(names.len(), 5, "{names:?}");
        let mut xml = String::new();
        zip.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut xml).unwrap();
        assert!(xml.contains("<t xml:space=\"preserve\">=HYPERLINK(\"x\")&lt;&amp;</t>"), "{xml}");
        assert!(xml.contains("<v>-2.50</v>") && !xml.contains("<f>") && xml.ends_with("</worksheet>"));
    }
}
