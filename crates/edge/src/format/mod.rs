//! Amounts, times and names as people of a language write and sort them, by ICU4X and Unicode's CLDR. Spaces inside what
//! is written never break a line, but for the one before a time.
//!
//! What formats is made once for each language, when it is first asked for. English is the world's: the day before
//! the month, and 24 hours.

mod money;
mod names;
mod times;

use std::sync::OnceLock;

use base::{Language, Quantity, tax::Rate};
use fixed_decimal::Decimal;
use icu_decimal::{CompactDecimalFormatter, DecimalFormatter};
use icu_locale_core::{Locale, locale};

pub use money::money;
pub use names::{Collation, countries, country};
pub use times::{day, moment, relative_day, short_day, short_moment, weekday};

const NO_BREAK: char = '\u{a0}';

/// `3`, `0,75 kg` in French, `0.75 kg` in English; `symbol` is the unit's, and empty for what is counted.
pub fn quantity(language: Language, quantity: Quantity, symbol: &str) -> String {
    let number = of(language).written(quantity.in_thousandths(), 3);
    if symbol.is_empty() { number } else { format!("{number}{NO_BREAK}{symbol}") }
}

/// A cell of a table for a spreadsheet: what people typed is never taken for a formula.
pub fn cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// `1,250`, `1 250` in French.
pub fn count(language: Language, count: i64) -> String {
    of(language).written(count, 0)
}

/// A number as short as an axis wants it: `12 k` in French, `12K` in English, `elfu 12` in Swahili.
pub fn compact(language: Language, number: i64) -> String {
    of(language).compact.format(&Decimal::from(number)).to_string()
}

/// `5.5%`, `5,5 %` in French.
pub fn percent(language: Language, rate: Rate) -> String {
    let mut written = of(language).written(rate.in_parts_per_million().into(), 4);
    if language == Language::Fr {
        written.push(NO_BREAK);
    }
    written.push('%');
    written
}

/// A tax as people read it, its rate once: `TVA 5,5 %` as the business named it, `VAT (20%)` where its name is without a rate.
pub fn tax(language: Language, name: &str, rate: Rate) -> String {
    if name.contains('%') { name.to_owned() } else { format!("{name} ({})", percent(language, rate)) }
}

/// What writes numbers and times of one language.
struct Formats {
    decimal: DecimalFormatter,
    compact: CompactDecimalFormatter,
    times: times::Times,
}

impl Formats {
    /// `numbers` is the locale of amounts and quantities.
    fn load(locale: &Locale, numbers: &Locale) -> Result<Self, Box<dyn std::error::Error>> {
        Ok(Self {
            decimal: DecimalFormatter::try_new(numbers.into(), Default::default())?,
            compact: CompactDecimalFormatter::try_new_short(locale.into(), Default::default())?,
            times: times::Times::load(locale)?,
        })
    }

    /// `number` with so many of its digits as decimals, as far as they are not zero at the end.
    fn written(&self, number: i64, decimals: i16) -> String {
        let mut number = Decimal::from(number);
        number.multiply_pow10(-decimals);
        number.trim_end();
        self.decimal.format(&number).to_string()
    }
}

fn of(language: Language) -> &'static Formats {
    static ALL: [OnceLock<Formats>; Language::ALL.len()] = [const { OnceLock::new() }; Language::ALL.len()];
    ALL[place(language)].get_or_init(|| {
        let locale = match language {
            Language::En | Language::Long | Language::Mirrored => locale!("en-001-u-hc-h23"),
            Language::Fr => locale!("fr"),
            Language::It => locale!("it"),
            Language::Sw => locale!("sw"),
        };
        // CLDR groups Italian from ten thousand on (`1250,00`, `12.500,00`); shops in Italy write `1.250,00`, as German does
        let numbers = if language == Language::It { &locale!("de") } else { &locale };
        Formats::load(&locale, numbers).expect("the data of Soko's languages is compiled in")
    })
}

/// Where a language stands in [`Language::ALL`]; the pseudo-languages are English.
fn place(language: Language) -> usize {
    Language::ALL.iter().position(|known| *known == language).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_of_a_table_is_a_formula() {
        for formula in ["=1+1", "+33612345678", "-2", "@SUM(A1)"] {
            assert_eq!(cell(formula), format!("'{formula}"));
        }
        assert_eq!(cell("order 1001"), "order 1001");
    }

    #[test]
    fn a_quantity_has_its_unit_behind_it() {
        let some = Quantity::thousandths(750);
        assert_eq!(quantity(Language::Fr, some, "kg"), "0,75\u{a0}kg");
        assert_eq!(quantity(Language::En, some, "kg"), "0.75\u{a0}kg");
        assert_eq!(quantity(Language::It, Quantity::thousandths(-12_500_250), "l"), "-12.500,25\u{a0}l");
        assert_eq!(quantity(Language::Fr, Quantity::units(3), ""), "3");
        assert_eq!(quantity(Language::Fr, Quantity::units(30), ""), "30");
    }

    #[test]
    fn a_count_is_in_groups_of_three() {
        let all = Language::ALL.map(|language| count(language, 12_500));
        assert_eq!(all, ["12,500", "12\u{202f}500", "12.500", "12,500"]);
    }

    #[test]
    fn an_axis_has_short_numbers() {
        let all = Language::ALL.map(|language| compact(language, 12_345));
        assert_eq!(all, ["12K", "12\u{a0}k", "12K", "elfu\u{a0}12"]);
        assert_eq!(compact(Language::Fr, 1_250_000), "1,2\u{a0}M");
        assert_eq!(compact(Language::Fr, 950), "950");
    }

    #[test]
    fn the_rate_of_a_tax_is_said_once() {
        let rate = Rate::parse_percent("5.5").unwrap();
        assert_eq!(tax(Language::Fr, "TVA 5,5 %", rate), "TVA 5,5 %");
        assert_eq!(tax(Language::Fr, "TVA", rate), "TVA (5,5\u{a0}%)");
        assert_eq!(tax(Language::En, "VAT", rate), "VAT (5.5%)");
        assert_eq!(tax(Language::It, "IVA", Rate::parse_percent("10").unwrap()), "IVA (10%)");
    }

    #[test]
    fn a_pseudo_language_writes_as_english() {
        for language in Language::PSEUDO {
            assert_eq!(count(language, 12_500), count(Language::En, 12_500));
        }
    }
}
