//! Tables that people send as files, from bytes to rows of text: encoding, delimiter, quotes, and the bounds that keep a
//! hostile file small.

use std::borrow::Cow;

/// The largest cell, so that a missing quote is found soon.
pub const MAX_CELL_BYTES: usize = 64 * 1024;
pub const MAX_COLUMNS: usize = 512;

/// What keeps a file from being read as a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetFault {
    ZeroByte,
    DamagedUtf16,
    LongCell,
    EndlessQuote,
    ManyColumns,
    ManyRows,
}

/// Where a file cannot be read, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetError {
    pub line: u64,
    pub fault: SheetFault,
}

/// The file's text: UTF-8, UTF-16 with its mark, or else windows-1252, as Excel writes it.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, SheetError> {
    let first = |fault: SheetFault| SheetError { line: 1, fault };
    let utf16 = match bytes {
        [0xFF, 0xFE, ..] => Some(encoding_rs::UTF_16LE),
        [0xFE, 0xFF, ..] => Some(encoding_rs::UTF_16BE),
        _ => None,
    };
    let text = if let Some(encoding) = utf16 {
        let (text, damaged) = encoding.decode_with_bom_removal(bytes);
        if damaged {
            return Err(first(SheetFault::DamagedUtf16));
        }
        text
    } else {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        match str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
        }
    };
    if let Some(at) = text.bytes().position(|byte| byte == 0) {
        let line = 1 + text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() as u64;
        return Err(SheetError { line, fault: SheetFault::ZeroByte });
    }
    Ok(text)
}

/// One row, and the line it begins on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'t> {
    pub line: u64,
    pub cells: Vec<Cow<'t, str>>,
}

/// The rows of a text, one after the other.
pub struct Table<'t> {
    rest: &'t str,
    delimiter: u8,
    line: u64,
    rows: usize,
    max_rows: usize,
}

impl<'t> Table<'t> {
    /// Of which at most `max_rows` stand under the heading.
    pub fn open(text: &'t str, max_rows: usize) -> Self {
        let mut rest = text;
        let mut line = 1;
        // Excel's own hint about the delimiter
        let first = text.lines().next().unwrap_or_default();
        let told =
            first.strip_prefix("sep=").and_then(|sign| sign.bytes().next().filter(|_| sign.len() == 1));
        if told.is_some() {
            rest = text[first.len()..].trim_start_matches('\r');
            rest = rest.strip_prefix('\n').unwrap_or(rest);
            line = 2;
        }
        Self { rest, delimiter: told.unwrap_or_else(|| delimiter_of(rest)), line, rows: 0, max_rows }
    }

    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The next row that holds anything.
    pub fn next_row(&mut self) -> Result<Option<Row<'t>>, SheetError> {
        while !self.rest.is_empty() {
            let row = self.read_row()?;
            if row.cells.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            self.rows += 1;
            if self.rows > self.max_rows + 1 {
                return Err(SheetError { line: row.line, fault: SheetFault::ManyRows });
            }
            return Ok(Some(row));
        }
        Ok(None)
    }

    fn read_row(&mut self) -> Result<Row<'t>, SheetError> {
        let line = self.line;
        let mut cells = Vec::new();
        loop {
            let (cell, more) = self.read_cell(line)?;
            if cells.len() == MAX_COLUMNS {
                return Err(SheetError { line, fault: SheetFault::ManyColumns });
            }
            cells.push(cell);
            if !more {
                return Ok(Row { line, cells });
            }
        }
    }

    /// The next cell, and whether another follows in this row.
    fn read_cell(&mut self, row_line: u64) -> Result<(Cow<'t, str>, bool), SheetError> {
        let long = SheetError { line: row_line, fault: SheetFault::LongCell };
        let mut cell = Cow::Borrowed("");
        if let Some(quoted) = self.rest.strip_prefix('"') {
            let opened = self.line;
            let mut rest = quoted;
            loop {
                let Some(end) = rest.find('"') else {
                    let fault = if rest.len() > MAX_CELL_BYTES {
                        SheetFault::LongCell
                    } else {
                        SheetFault::EndlessQuote
                    };
                    return Err(SheetError { line: opened, fault });
                };
                if cell.len() + end > MAX_CELL_BYTES {
                    return Err(long);
                }
                self.line += rest[..end].bytes().filter(|byte| *byte == b'\n').count() as u64;
                append(&mut cell, &rest[..end]);
                rest = &rest[end + 1..];
                match rest.strip_prefix('"') {
                    Some(after) => {
                        append(&mut cell, "\"");
                        rest = after;
                    }
                    None => break,
                }
            }
            self.rest = rest;
        }
        // what stands outside quotes, up to the end of the cell
        let bytes = self.rest.as_bytes();
        let ends = |byte: &u8| *byte == self.delimiter || *byte == b'\n' || *byte == b'\r';
        let end = bytes.iter().position(ends).unwrap_or(bytes.len());
        if cell.len() + end > MAX_CELL_BYTES {
            return Err(long);
        }
        append(&mut cell, &self.rest[..end]);
        let more = bytes.get(end) == Some(&self.delimiter);
        let mut next = end;
        if more {
            next += 1;
        } else {
            if bytes.get(next) == Some(&b'\r') {
                next += 1;
            }
            if bytes.get(next) == Some(&b'\n') {
                next += 1;
            }
            self.line += u64::from(next > end);
        }
        self.rest = &self.rest[next..];
        Ok((cell, more))
    }
}

fn append<'t>(cell: &mut Cow<'t, str>, part: &'t str) {
    if cell.is_empty() {
        *cell = Cow::Borrowed(part);
    } else if !part.is_empty() {
        cell.to_mut().push_str(part);
    }
}

/// Whichever of comma, semicolon and tab stands most often in the heading, outside quotes.
fn delimiter_of(text: &str) -> u8 {
    let mut counts = [0usize; 3];
    let mut quoted = false;
    for byte in text.bytes().take(MAX_CELL_BYTES) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            b',' if !quoted => counts[0] += 1,
            b';' if !quoted => counts[1] += 1,
            b'\t' if !quoted => counts[2] += 1,
            _ => (),
        }
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    let place = counts.iter().position(|count| *count == most).unwrap_or(0);
    b",;\t"[place]
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX_ROWS: usize = 1000;

    fn rows(text: &str) -> Vec<(u64, Vec<String>)> {
        let mut table = Table::open(text, MAX_ROWS);
        let mut rows = Vec::new();
        while let Some(row) = table.next_row().unwrap() {
            rows.push((row.line, row.cells.iter().map(|cell| cell.to_string()).collect()));
        }
        rows
    }

    fn refused(text: &str) -> SheetError {
        let mut table = Table::open(text, MAX_ROWS);
        loop {
            match table.next_row() {
                Err(error) => return error,
                Ok(row) => assert!(row.is_some(), "nothing was refused"),
            }
        }
    }

    #[test]
    fn rows_know_their_lines_even_behind_cells_of_many_lines() {
        let cells = |list: &[&str]| list.iter().map(|cell| cell.to_string()).collect::<Vec<_>>();
        assert_eq!(
            rows("a,b\r\n\"x\ny\",\"say \"\"hi\"\"\"\r\n\r\n,last"),
            [(1, cells(&["a", "b"])), (2, cells(&["x\ny", "say \"hi\""])), (5, cells(&["", "last"]))]
        );
    }

    #[test]
    fn the_delimiter_is_found_or_told() {
        assert_eq!(rows("titre;prix\n\"a;b\";1,5")[1].1, ["a;b", "1,5"]);
        assert_eq!(rows("title\tprice\na,b\t1")[1].1, ["a,b", "1"]);
        assert_eq!(rows("sep=;\r\na;b\r\nc;d")[1], (3, vec!["c".to_owned(), "d".to_owned()]));
    }

    #[test]
    fn excel_of_a_french_desk_is_read() {
        assert_eq!(decode(b"Libell\xe9;Co\xfbt \x80").unwrap(), "Libellé;Coût €");
        assert_eq!(decode(b"\xEF\xBB\xBFtitre").unwrap(), "titre");
        assert_eq!(decode(b"\xFF\xFEa\0;\0").unwrap(), "a;");
    }

    #[test]
    fn hostile_files_are_refused_with_line_and_reason() {
        let error = |line, fault| SheetError { line, fault };
        assert_eq!(refused("a,b\n1,\"x\ny"), error(2, SheetFault::EndlessQuote));
        assert_eq!(
            refused(&format!("a\nb\n\"{}\"", "x".repeat(MAX_CELL_BYTES + 1))),
            error(3, SheetFault::LongCell)
        );
        assert_eq!(
            refused(&format!("a\n{}", "x".repeat(MAX_CELL_BYTES + 1))),
            error(2, SheetFault::LongCell)
        );
        assert_eq!(
            refused(&format!("a\n\"{}", "x\n".repeat(MAX_CELL_BYTES))),
            error(2, SheetFault::LongCell)
        );
        assert_eq!(refused(&",".repeat(1_000_000)), error(1, SheetFault::ManyColumns));
        assert_eq!(refused(&"a\n".repeat(MAX_ROWS + 2)), error(MAX_ROWS as u64 + 2, SheetFault::ManyRows));
        assert_eq!(decode(b"a\nb\0").unwrap_err(), error(2, SheetFault::ZeroByte));
        assert_eq!(decode(b"\xFF\xFEa\0\0\0").unwrap_err(), error(1, SheetFault::ZeroByte));
    }
}
