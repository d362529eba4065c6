//! Amounts and times as people of a language write them. Spaces inside never break a line.

use base::{Day, Language, Money, Quantity, Timestamp, Zone, tax::Rate};

const NO_BREAK: char = '\u{a0}';
const NARROW: char = '\u{202f}';

/// `12 500 GNF`, `1 250,00 €` in French, `€1,250.00` in English.
pub fn money(language: Language, amount: Money) -> String {
    let decimal = amount.decimal();
    let (sign, digits) = decimal.strip_prefix('-').map_or(("", decimal.as_str()), |rest| ("-", rest));
    let (whole, decimals) =
        digits.split_once('.').map_or((digits, None), |(whole, decimals)| (whole, Some(decimals)));
    let code = amount.currency().code();
    let symbol = symbol(code);
    let (group, point) = match (language, symbol) {
        (Language::Fr, _) => (NARROW, ','),
        (Language::It, _) => ('.', ','),
        (_, Some(_)) => (',', '.'),
        // a currency known by its letters is written the French way where it lives
        (_, None) => (NO_BREAK, '.'),
    };
    let mut number = grouped(whole, group);
    if let Some(decimals) = decimals {
        number.push(point);
        number.push_str(decimals);
    }
    match (language, symbol) {
        (Language::Fr | Language::It, Some(symbol)) => format!("{sign}{number}{NO_BREAK}{symbol}"),
        (_, Some(symbol)) => format!("{sign}{symbol}{number}"),
        (_, None) => format!("{sign}{number}{NO_BREAK}{code}"),
    }
}

/// `3`, `0,75 kg` in French, `0.75 kg` in English; `symbol` is the unit's, and empty for what is counted.
pub fn quantity(language: Language, quantity: Quantity, symbol: &str) -> String {
    let number = match language {
        Language::Fr | Language::It => quantity.to_string().replace('.', ","),
        _ => quantity.to_string(),
    };
    if symbol.is_empty() { number } else { format!("{number}{NO_BREAK}{symbol}") }
}

/// A tax as people read it, its rate once: `TVA 5,5 %` as the business named it, `VAT (20%)` where its name is without a rate.
pub fn tax(language: Language, name: &str, rate: Rate) -> String {
    if name.contains('%') {
        return name.to_owned();
    }
    match language {
        Language::Fr => format!("{name} ({}{NO_BREAK}%)", rate.percent().replace('.', ",")),
        Language::It => format!("{name} ({}%)", rate.percent().replace('.', ",")),
        _ => format!("{name} ({}%)", rate.percent()),
    }
}

/// `20 November 2026`, `20 novembre 2026`.
pub fn day(language: Language, day: Day) -> String {
    let written = day.to_string();
    let mut parts = written.rsplitn(3, '-');
    let (Some(number), Some(month), Some(year)) = (parts.next(), parts.next(), parts.next()) else {
        return written;
    };
    let names = match language {
        Language::Fr => MONTHS_FR,
        _ => MONTHS_EN,
    };
    let name = month.parse::<usize>().ok().and_then(|month| names.get(month.wrapping_sub(1)));
    let number = match (number.trim_start_matches('0'), language) {
        ("1", Language::Fr) => "1er",
        (number, _) => number,
    };
    name.map_or_else(|| written.clone(), |name| format!("{number}{NO_BREAK}{name}{NO_BREAK}{year}"))
}

/// A day with the time on the tenant's wall: `20 November 2026, 14:05`, `20 novembre 2026 à 14:05`.
pub fn moment(language: Language, at: Timestamp, zone: &Zone) -> String {
    let written = at.in_zone(zone);
    let time = written.rsplit(' ').next().unwrap_or_default();
    let day = day(language, at.day(zone));
    match language {
        Language::Fr => format!("{day} à{NO_BREAK}{time}"),
        _ => format!("{day}, {time}"),
    }
}

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

fn symbol(code: &str) -> Option<&'static str> {
    match code {
        "EUR" => Some("€"),
        "USD" => Some("$"),
        "GBP" => Some("£"),
        "KES" => Some("KSh\u{a0}"),
        "NGN" => Some("₦"),
        "GHS" => Some("GH₵"),
        _ => None,
    }
}

fn grouped(digits: &str, separator: char) -> String {
    let mut written = String::with_capacity(digits.len() * 2);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            written.push(separator);
        }
        written.push(digit);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(language: Language, minor: i64, code: &str) -> String {
        money(language, Money::new(minor, code.parse().unwrap()).unwrap())
    }

    #[test]
    fn a_quantity_has_its_unit_behind_it() {
        let some = Quantity::thousandths(750);
        assert_eq!(quantity(Language::Fr, some, "kg"), "0,75\u{a0}kg");
        assert_eq!(quantity(Language::En, some, "kg"), "0.75\u{a0}kg");
        assert_eq!(quantity(Language::Fr, Quantity::units(3), ""), "3");
    }

    #[test]
    fn the_rate_of_a_tax_is_said_once() {
        let rate = Rate::parse_percent("5.5").unwrap();
        assert_eq!(tax(Language::Fr, "TVA 5,5 %", rate), "TVA 5,5 %");
        assert_eq!(tax(Language::Fr, "TVA", rate), "TVA (5,5\u{a0}%)");
        assert_eq!(tax(Language::En, "VAT", rate), "VAT (5.5%)");
    }

    #[test]
    fn amounts_are_written_as_the_language_writes_them() {
        assert_eq!(written(Language::En, 125_000, "EUR"), "€1,250.00");
        assert_eq!(written(Language::Fr, 125_000, "EUR"), "1\u{202f}250,00\u{a0}€");
        assert_eq!(written(Language::En, 12_500, "GNF"), "12\u{a0}500\u{a0}GNF");
        assert_eq!(written(Language::Fr, 12_500, "GNF"), "12\u{202f}500\u{a0}GNF");
        assert_eq!(written(Language::En, -99, "EUR"), "-€0.99");
        assert_eq!(written(Language::En, 125_000, "KES"), "KSh\u{a0}1,250.00");
        assert_eq!(written(Language::Fr, 1_234_567, "TND"), "1\u{202f}234,567\u{a0}TND");
    }

    #[test]
    fn a_moment_is_told_by_the_tenants_clock() {
        let conakry: Zone = "Africa/Conakry".parse().unwrap();
        let rome: Zone = "Europe/Rome".parse().unwrap();
        let at: Timestamp = "2026-12-31T23:30:00Z".parse().unwrap();
        assert_eq!(moment(Language::En, at, &conakry), "31\u{a0}December\u{a0}2026, 23:30");
        assert_eq!(moment(Language::Fr, at, &rome), "1er\u{a0}janvier\u{a0}2027 à\u{a0}00:30");
    }
}
