use std::fmt::Write;

use base::{Language, Money};
use fixed_decimal::Decimal;

use super::{NO_BREAK, of};

/// `12 500 F CFA`, `1 250,00 €` in French, `€1,250.00` in English; `KSh 1,250`, and `KSh 1,250.50` with its cents.
pub fn money(language: Language, amount: Money) -> String {
    let code = amount.currency().code();
    let sign = sign(language, code);
    let number = number(amount);
    let number = of(language).decimal.format(&number);
    let minus = if amount.is_negative() { "-" } else { "" };
    let mut written = String::with_capacity(32);
    let done = if stands_behind(language, code) {
        write!(written, "{minus}{number}{NO_BREAK}{sign}")
    } else if language == Language::Sw || sign.ends_with(char::is_alphabetic) {
        write!(written, "{minus}{sign}{NO_BREAK}{number}")
    } else {
        write!(written, "{minus}{sign}{number}")
    };
    debug_assert!(done.is_ok(), "a string takes what is written");
    written
}

/// The amount without sign, in major units.
fn number(amount: Money) -> Decimal {
    let currency = amount.currency();
    let minor = amount.minor().unsigned_abs();
    let one = 10_u64.pow(currency.exponent());
    if drops_cents(currency.code()) && minor.is_multiple_of(one) {
        Decimal::from(minor / one)
    } else {
        let exponent = i16::try_from(currency.exponent()).unwrap_or_default();
        let mut number = Decimal::from(minor);
        number.multiply_pow10(-exponent);
        number
    }
}

/// Currencies whose cents nobody has in hand: shops there write round prices without them. CLDR would have `KSh 1,250.00`.
fn drops_cents(code: &str) -> bool {
    matches!(code, "CDF" | "KES" | "MGA" | "NGN" | "TZS")
}

/// CLDR's patterns; but francs are said and written behind the amount wherever they are, in any language.
fn stands_behind(language: Language, code: &str) -> bool {
    matches!(language, Language::Fr | Language::It) || matches!(code, "CDF" | "GNF" | "XAF" | "XOF")
}

/// How a currency is written, after CLDR 48 (npm cldr-numbers-full, currencies.json), where the locale of the currency's own
/// country has a sign; its code otherwise. Kenya's is written as its central bank does, and both CFA francs alike.
fn sign(language: Language, code: &'static str) -> &'static str {
    match (code, language) {
        ("CDF", _) => "FC",
        ("EUR", _) => "€",
        ("GBP", _) => "£",
        ("GHS", _) => "GH₵",
        ("KES", _) => "KSh",
        ("MGA", _) => "Ar",
        ("NGN", _) => "₦",
        ("TZS", _) => "TSh",
        ("UGX", _) => "USh",
        ("USD", Language::Fr) => "$US",
        ("USD", Language::It) => "USD",
        ("USD", Language::Sw) => "US$",
        ("USD", _) => "$",
        ("XAF" | "XOF", _) => "F\u{202f}CFA",
        ("ZAR", _) => "R",
        _ => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(language: Language, minor: i64, code: &str) -> String {
        money(language, Money::new(minor, code.parse().unwrap()).unwrap())
    }

    /// `_` stands for a space that does not break a line, `~` for a narrow one.
    #[test]
    fn amounts_are_written_as_the_language_and_the_currency_want() {
        for (minor, code, english, french, italian, swahili) in [
            (125_000, "EUR", "€1,250.00", "1~250,00_€", "1.250,00_€", "€_1,250.00"),
            (12_500, "XOF", "12,500_F~CFA", "12~500_F~CFA", "12.500_F~CFA", "12,500_F~CFA"),
            (12_500, "XAF", "12,500_F~CFA", "12~500_F~CFA", "12.500_F~CFA", "12,500_F~CFA"),
            (12_500, "GNF", "12,500_GNF", "12~500_GNF", "12.500_GNF", "12,500_GNF"),
            (125_000, "KES", "KSh_1,250", "1~250_KSh", "1.250_KSh", "KSh_1,250"),
            (125_050, "KES", "KSh_1,250.50", "1~250,50_KSh", "1.250,50_KSh", "KSh_1,250.50"),
            (125_000, "USD", "$1,250.00", "1~250,00_$US", "1.250,00_USD", "US$_1,250.00"),
            (1_234_567, "TND", "TND_1,234.567", "1~234,567_TND", "1.234,567_TND", "TND_1,234.567"),
            (1_250_000, "NGN", "₦12,500", "12~500_₦", "12.500_₦", "₦_12,500"),
            (125_000, "TZS", "TSh_1,250", "1~250_TSh", "1.250_TSh", "TSh_1,250"),
            (-99, "EUR", "-€0.99", "-0,99_€", "-0,99_€", "-€_0.99"),
            (-125_000, "KES", "-KSh_1,250", "-1~250_KSh", "-1.250_KSh", "-KSh_1,250"),
            (0, "KES", "KSh_0", "0_KSh", "0_KSh", "KSh_0"),
            (0, "EUR", "€0.00", "0,00_€", "0,00_€", "€_0.00"),
        ] {
            let all = Language::ALL.map(|language| written(language, minor, code));
            let wanted = [english, french, italian, swahili]
                .map(|wanted| wanted.replace('_', "\u{a0}").replace('~', "\u{202f}"));
            assert_eq!(all, wanted, "{code}");
        }
    }

    #[test]
    fn an_amount_never_breaks_a_line() {
        for currency in ["EUR", "XOF", "KES", "GNF", "USD", "TND", "MAD", "CHF", "RWF", "UGX", "ZAR"] {
            for language in Language::ALL {
                let amount = written(language, -123_456_789, currency);
                assert!(!amount.contains(' '), "{amount}");
            }
        }
    }
}
