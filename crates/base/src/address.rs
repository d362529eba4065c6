//! How addresses are written, country by country: what finds the door, in which order it is printed, and what a postcode
//! looks like. Much of the world has no postcode, or has one that nobody knows: there a quarter and a landmark find it.

mod table;

use crate::{Country, fold};

/// A country in the table.
struct Row {
    code: &'static str,
    /// `%A%n%Z %C`: street, line break, postcode, town; `%D` is the quarter, `%S` the region.
    lines: &'static str,
    /// A regular expression; empty where there is none.
    postcode: &'static str,
    example: &'static str,
    /// Whether the post insists on the postcode.
    required: bool,
    postcode_is: &'static str,
    town_is: &'static str,
}

/// Of a country that the table does not know.
const ELSEWHERE: Row = Row {
    code: "ZZ",
    lines: "%A%n%C",
    postcode: "",
    example: "",
    required: false,
    postcode_is: "",
    town_is: "",
};

/// Where streets have names and houses numbers, though the post does not insist on a postcode. Elsewhere without one,
/// people find a door by its quarter and a landmark.
const BY_STREET: &[&str] = &[
    "AD", "AL", "AR", "AZ", "BA", "BG", "BM", "BN", "BY", "CL", "CO", "CY", "DO", "EC", "FO", "GE", "GI",
    "HK", "HR", "IE", "IL", "IS", "KG", "KZ", "MC", "MD", "ME", "MK", "MN", "MO", "MT", "PE", "PH", "PY",
    "RS", "SA", "SI", "TH", "TJ", "TM", "UY", "UZ", "VA", "VE", "VN", "XK",
];

/// What leads to a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Street and number, in a town that may have a postcode.
    Street,
    /// The quarter, and something near that everybody knows.
    Landmark,
}

/// The parts of one address, as far as they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts<'a> {
    pub street: Option<&'a str>,
    pub quarter: Option<&'a str>,
    pub landmark: Option<&'a str>,
    pub town: Option<&'a str>,
    pub region: Option<&'a str>,
    pub postcode: Option<&'a str>,
}

/// How addresses of one country are asked for and written.
#[derive(Clone, Copy)]
pub struct AddressFormat(&'static Row);

impl AddressFormat {
    pub fn of(country: Country) -> Self {
        let found = table::ROWS.binary_search_by(|row| row.code.cmp(country.code()));
        Self(found.map_or(&ELSEWHERE, |place| &table::ROWS[place]))
    }

    pub fn way(self) -> Way {
        if self.0.required || BY_STREET.contains(&self.0.code) { Way::Street } else { Way::Landmark }
    }

    /// Whether letters carry a postcode at all.
    pub const fn has_postcode(self) -> bool {
        !self.0.postcode.is_empty()
    }

    pub const fn needs_postcode(self) -> bool {
        self.0.required
    }

    /// A postcode as it looks there; empty where there is none.
    pub const fn postcode_example(self) -> &'static str {
        self.0.example
    }

    /// Whether a keyboard of digits is enough to type one.
    pub fn postcode_is_digits(self) -> bool {
        self.has_postcode() && self.0.example.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ')
    }

    /// What people call it where not postcode: `zip`, `eircode`, `pin`.
    pub const fn postcode_is(self) -> &'static str {
        self.0.postcode_is
    }

    /// What stands for the town where not a town: `post_town`, `suburb`, `district`.
    pub const fn town_is(self) -> &'static str {
        self.0.town_is
    }

    /// Whether `typed` is a postcode of the country, in small letters too. Where there are none, none is refused.
    pub fn accepts_postcode(self, typed: &str) -> bool {
        let pattern = format!("^(?:{})$", self.0.postcode);
        let typed = typed.trim().to_uppercase();
        !self.has_postcode() || regex::Regex::new(&pattern).is_ok_and(|pattern| pattern.is_match(&typed))
    }

    /// The address line by line, in the order of the country; what is not known leaves no gap.
    pub fn lines(self, parts: &Parts) -> Vec<String> {
        let mut lines = Vec::new();
        let has_quarter = self.0.lines.contains("%D");
        // what the post has no place for stands next to the street
        let beside = [parts.quarter.filter(|_| !has_quarter), parts.landmark];
        let beside = || beside.into_iter().flatten().map(str::to_owned);
        for line in self.0.lines.split("%n") {
            let pieces = pieces(line, parts);
            let alone = line == "%A";
            if line.contains("%A") && !alone {
                lines.extend(beside());
            }
            if !pieces.is_empty() {
                lines.push(pieces);
            }
            if alone {
                lines.extend(beside());
            }
        }
        lines
    }
}

/// One line of a format with what is known in it: marks between two parts stand only where both do.
fn pieces(line: &str, parts: &Parts) -> String {
    let mut written = String::new();
    let mut between = String::new();
    let mut skipped = false;
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        let token = rest.strip_prefix('%').and_then(|after| after.chars().next());
        let Some(token) = token else {
            // of the marks around what is missing the first are enough
            if !skipped || between.is_empty() {
                between.push(letter);
            }
            rest = &rest[letter.len_utf8()..];
            continue;
        };
        rest = &rest[1 + token.len_utf8()..];
        let part = match token {
            'A' => parts.street,
            'D' => parts.quarter,
            'C' => parts.town,
            'S' => parts.region,
            'Z' => parts.postcode,
            _ => None,
        };
        skipped = part.is_none();
        let Some(part) = part else { continue };
        if !written.is_empty() || between.contains(char::is_alphanumeric) {
            written.push_str(if between.is_empty() { " " } else { &between });
        }
        written.push_str(part);
        between.clear();
    }
    if between.contains(char::is_alphanumeric) {
        written.push_str(&between);
    }
    written.trim().to_owned()
}

/// A postcode for comparing: its letters and digits alone, so `sw1a 1aa` is `SW1A1AA`.
pub fn bare_postcode(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect()
}

/// A name of a place for comparing: accents, case, spaces and marks aside, so `Saint-Louis` is `saint louis`.
pub fn bare_name(typed: &str) -> String {
    fold(typed).chars().filter(char::is_ascii_alphanumeric).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str) -> AddressFormat {
        AddressFormat::of(code.parse().unwrap())
    }

    #[test]
    fn the_table_can_be_searched_and_each_country_accepts_its_own_example() {
        assert!(table::ROWS.is_sorted_by_key(|row| row.code) && table::ROWS.len() > 240);
        for row in table::ROWS.iter().filter(|row| !row.postcode.is_empty()) {
            let format = AddressFormat(row);
            assert!(format.accepts_postcode(row.example), "{} {}", row.code, row.example);
            assert!(!format.accepts_postcode("?"), "{}", row.code);
        }
        assert!(BY_STREET.is_sorted() && BY_STREET.iter().all(|code| !of(code).needs_postcode()));
    }

    #[test]
    fn twenty_countries_ask_for_what_finds_a_door_there() {
        for code in ["SN", "CI", "GN", "KE", "ML", "BF", "BJ", "TG", "CM", "GH", "NG", "TZ", "UG", "RW"] {
            assert_eq!(of(code).way(), Way::Landmark, "{code}");
        }
        for code in ["FR", "IT", "DE", "BE", "CH", "ES", "GB", "US", "ZA"] {
            assert!(of(code).way() == Way::Street && of(code).needs_postcode(), "{code}");
        }
        assert!(of("IE").way() == Way::Street && of("IE").has_postcode() && !of("IE").needs_postcode());
    }

    #[test]
    fn postcodes_are_checked_as_the_country_writes_them() {
        assert!(of("FR").accepts_postcode("75011") && !of("FR").accepts_postcode("7501"));
        assert!(of("GB").accepts_postcode("sw1a 1aa") && !of("GB").accepts_postcode("75011"));
        assert!(of("CI").accepts_postcode("anything"), "where there is no postcode none is refused");
        assert!(
            of("DE").postcode_is_digits() && !of("GB").postcode_is_digits() && !of("CI").postcode_is_digits()
        );
    }

    #[test]
    fn an_address_is_written_in_the_order_of_its_country() {
        let street = Parts {
            street: Some("8 rue Haute"),
            town: Some("Valbourg"),
            postcode: Some("99123"),
            landmark: Some("code 24B"),
            ..Parts::default()
        };
        assert_eq!(of("FR").lines(&street), ["8 rue Haute", "code 24B", "99123 Valbourg"]);
        assert_eq!(of("GB").lines(&street), ["8 rue Haute", "code 24B", "Valbourg", "99123"]);
        assert_eq!(of("US").lines(&street), ["8 rue Haute", "code 24B", "Valbourg, 99123"]);
        let quarter = Parts {
            quarter: Some("Kipé"),
            landmark: Some("en face de la mosquée"),
            town: Some("Conakry"),
            ..Parts::default()
        };
        assert_eq!(of("GN").lines(&quarter), ["Kipé", "en face de la mosquée", "Conakry"]);
        assert_eq!(of("KE").lines(&quarter), ["Kipé", "en face de la mosquée", "Conakry"]);
        assert_eq!(of("NG").lines(&quarter), ["en face de la mosquée", "Kipé", "Conakry"]);
        assert_eq!(of("FR").lines(&Parts::default()), [""; 0]);
    }

    #[test]
    fn what_marks_a_letter_from_abroad_is_not_written() {
        let town = Parts { town: Some("Zürich"), postcode: Some("8001"), ..Parts::default() };
        assert_eq!(of("CH").lines(&town), ["8001 Zürich"]);
        assert_eq!(
            of("SG").lines(&Parts { postcode: Some("018956"), ..Parts::default() }),
            ["SINGAPORE 018956"]
        );
    }
}
