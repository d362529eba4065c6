//! What a cell says: text that may have been guarded against formulas, numbers as people write them, yes and no.

use std::borrow::Cow;

/// Whether a spreadsheet could take `text` for a formula, or it already wears the sign against that.
fn looks_like_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// `text` as it may stand in a file that a spreadsheet opens: what looks like a formula gets one more `'`.
pub fn guard(text: &str) -> Cow<'_, str> {
    if looks_like_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// What `guard` was given: exactly one `'` less for a text that looks like a formula.
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if looks_like_formula(text) => text,
        _ => cell,
    }
}

/// How the numbers of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// `1234.50`, as programs write them.
    Plain,
    /// `1,234.50`.
    Point,
    /// `1.234,50`.
    Comma,
}

impl Numbers {
    /// `cell` with a point for its decimals and nothing between its thousands; none if it is no number.
    pub fn plain(self, cell: &str) -> Option<String> {
        let bare: String = cell.chars().filter(|letter| !letter.is_whitespace() && *letter != '\'').collect();
        let bare = bare.trim_matches(|letter: char| !letter.is_ascii_digit() && !"-+.,".contains(letter));
        let bare = bare.trim_end_matches("F.").trim_end_matches(['.', ',', '-']);
        let (sign, digits) =
            bare.strip_prefix('-').map_or(("", bare.trim_start_matches('+')), |rest| ("-", rest));
        if digits.is_empty()
            || !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b',')
        {
            return None;
        }
        let (points, commas) = (digits.matches('.').count(), digits.matches(',').count());
        let decimal = match (points, commas) {
            (0, 0) => None,
            (_, 1..) if points > 0 => Some(if digits.rfind('.') > digits.rfind(',') { '.' } else { ',' }),
            (1, 0) => (self != Self::Comma || !in_thousands(digits, '.')).then_some('.'),
            (0, 1) => (self == Self::Comma || !in_thousands(digits, ',')).then_some(','),
            _ => None,
        };
        let (whole, rest) = match decimal {
            Some(sign) => digits.rsplit_once(sign)?,
            None => (digits, ""),
        };
        let grouped = whole.contains(['.', ',']);
        if grouped && !whole.split(['.', ',']).skip(1).all(|group| group.len() == 3) {
            return None;
        }
        let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
        if whole.is_empty() && rest.is_empty() {
            return None;
        }
        let whole = if whole.is_empty() { "0" } else { &whole };
        Some(if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") })
    }
}

/// Whether the one `sign` in `digits` can only part thousands: `12.500`, but not `0.500` or `1.5`.
fn in_thousands(digits: &str, sign: char) -> bool {
    digits.split_once(sign).is_some_and(|(whole, rest)| {
        rest.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0')
    })
}

/// Yes or no, in English, French and Italian; none for anything else.
pub fn yes(cell: &str) -> Option<bool> {
    match base::fold(cell.trim()).as_str() {
        "true" | "yes" | "y" | "1" | "oui" | "o" | "vrai" | "si" | "s" | "vero" | "x" => Some(true),
        "false" | "no" | "n" | "0" | "non" | "faux" | "falso" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_formula_is_guarded_once_and_comes_back() {
        for (text, guarded) in [
            ("=1+1", "'=1+1"),
            ("'=1", "''=1"),
            ("''@x", "'''@x"),
            ("-5", "'-5"),
            ("'quoted'", "'quoted'"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(guard(text), guarded);
            assert_eq!(unguard(guarded), text);
        }
    }

    #[test]
    fn numbers_are_read_as_their_writers_meant_them() {
        for (numbers, cell, plain) in [
            (Numbers::Plain, "50", "50"),
            (Numbers::Plain, "12.500", "12.500"),
            (Numbers::Plain, ".5", "0.5"),
            (Numbers::Point, "1,234.50", "1234.50"),
            (Numbers::Point, "12,50", "12.50"),
            (Numbers::Point, "12,500", "12500"),
            (Numbers::Comma, "1.234,50", "1234.50"),
            (Numbers::Comma, "12.500", "12500"),
            (Numbers::Comma, "0.500", "0.500"),
            (Numbers::Comma, "12,500", "12.500"),
            (Numbers::Comma, "12.5", "12.5"),
            (Numbers::Comma, "1.234.567", "1234567"),
            (Numbers::Comma, "12\u{202f}500 FG", "12500"),
            (Numbers::Comma, "€ 9,90", "9.90"),
            (Numbers::Comma, "9,90 €", "9.90"),
            (Numbers::Plain, "-3", "-3"),
        ] {
            assert_eq!(numbers.plain(cell).as_deref(), Some(plain), "{cell}");
        }
        for cell in ["", "abc", "1.2.3", "1,2,3", "12 pieces 3", "1e5", "--"] {
            assert_eq!(Numbers::Plain.plain(cell), None, "{cell}");
        }
    }

    #[test]
    fn yes_and_no_are_understood_in_three_languages() {
        assert_eq!(
            [yes("TRUE"), yes("Oui"), yes("Sì"), yes("0"), yes("maybe")],
            [Some(true), Some(true), Some(true), Some(false), None]
        );
    }
}
