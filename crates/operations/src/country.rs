//! What a business in a country starts with. A row is a suggestion: the owner changes it in the settings.

use base::{Country, Currency, Language, Phone, Zone};
use edge::format;

/// Countries that sign-up offers by name: code, currency, language, time zone (ISO 3166, ISO 4217, IANA).
const COUNTRIES: &[(&str, &str, Language, &str)] = &[
    ("BE", "EUR", Language::Fr, "Europe/Brussels"),
    ("BF", "XOF", Language::Fr, "Africa/Ouagadougou"),
    ("BJ", "XOF", Language::Fr, "Africa/Porto-Novo"),
    ("CD", "CDF", Language::Fr, "Africa/Kinshasa"),
    ("CH", "CHF", Language::Fr, "Europe/Zurich"),
    ("CI", "XOF", Language::Fr, "Africa/Abidjan"),
    ("CM", "XAF", Language::Fr, "Africa/Douala"),
    ("DE", "EUR", Language::En, "Europe/Berlin"),
    ("ES", "EUR", Language::En, "Europe/Madrid"),
    ("FR", "EUR", Language::Fr, "Europe/Paris"),
    ("GA", "XAF", Language::Fr, "Africa/Libreville"),
    ("GB", "GBP", Language::En, "Europe/London"),
    ("GH", "GHS", Language::En, "Africa/Accra"),
    ("GN", "GNF", Language::Fr, "Africa/Conakry"),
    ("IE", "EUR", Language::En, "Europe/Dublin"),
    ("IT", "EUR", Language::It, "Europe/Rome"),
    ("KE", "KES", Language::En, "Africa/Nairobi"),
    ("MA", "MAD", Language::Fr, "Africa/Casablanca"),
    ("MG", "MGA", Language::Fr, "Indian/Antananarivo"),
    ("ML", "XOF", Language::Fr, "Africa/Bamako"),
    ("NE", "XOF", Language::Fr, "Africa/Niamey"),
    ("NG", "NGN", Language::En, "Africa/Lagos"),
    ("RW", "RWF", Language::En, "Africa/Kigali"),
    ("SN", "XOF", Language::Fr, "Africa/Dakar"),
    ("TG", "XOF", Language::Fr, "Africa/Lome"),
    ("TN", "TND", Language::Fr, "Africa/Tunis"),
    ("TZ", "TZS", Language::Sw, "Africa/Dar_es_Salaam"),
    ("UG", "UGX", Language::En, "Africa/Kampala"),
    ("US", "USD", Language::En, "America/New_York"),
    ("ZA", "ZAR", Language::En, "Africa/Johannesburg"),
];

/// The standard rate of value added tax in percent, and what it is called there. From PwC's Worldwide Tax Summaries
/// (taxsummaries.pwc.com, "Value-added tax (VAT) rates"); for BF, BJ, GN, ML, NE and TG, which it leaves out, from their
/// tax codes, within the band that the West African union's directive 02/98 sets its members. Rates change by law: the
/// owner confirms. Where several levies add up (GH) or each state has its own (US), nothing is suggested.
const TAXES: &[(&str, &str, &str)] = &[
    ("BE", "TVA", "21"),
    ("BF", "TVA", "18"),
    ("BJ", "TVA", "18"),
    ("CD", "TVA", "16"),
    ("CH", "TVA", "8.1"),
    ("CI", "TVA", "18"),
    ("CM", "TVA", "19.25"),
    ("DE", "MwSt", "19"),
    ("ES", "IVA", "21"),
    ("FR", "TVA", "20"),
    ("GA", "TVA", "18"),
    ("GB", "VAT", "20"),
    ("GN", "TVA", "18"),
    ("IE", "VAT", "23"),
    ("IT", "IVA", "22"),
    ("KE", "VAT", "16"),
    ("MA", "TVA", "20"),
    ("MG", "TVA", "20"),
    ("ML", "TVA", "18"),
    ("NE", "TVA", "19"),
    ("NG", "VAT", "7.5"),
    ("RW", "VAT", "18"),
    ("SN", "TVA", "18"),
    ("TG", "TVA", "18"),
    ("TN", "TVA", "19"),
    ("TZ", "VAT", "18"),
    ("UG", "VAT", "18"),
    ("ZA", "VAT", "15"),
];

/// A suggestion for what is levied on most goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsualTax {
    pub name: &'static str,
    /// As it is written with a point: `19.25`.
    pub percent: &'static str,
}

pub fn usual_tax(country: Country) -> Option<UsualTax> {
    let row = TAXES.iter().find(|(code, ..)| *code == country.code());
    row.map(|(_, name, percent)| UsualTax { name, percent })
}

/// What a new business is given where nobody chose.
#[derive(Debug, Clone, PartialEq)]
pub struct Usual {
    pub currency: Option<Currency>,
    pub language: Language,
    pub zone: Zone,
}

pub fn usual(country: Country) -> Usual {
    let row = COUNTRIES.iter().find(|(code, ..)| *code == country.code());
    Usual {
        currency: row.and_then(|(_, currency, ..)| currency.parse().ok()),
        language: row.map_or(Language::En, |(_, _, language, _)| *language),
        zone: row.and_then(|(.., zone)| zone.parse().ok()).unwrap_or_else(Zone::utc),
    }
}

/// With their names, in the order of the language.
pub fn offered(language: Language) -> Vec<(Country, &'static str)> {
    let offered = |country: &Country| COUNTRIES.iter().any(|(code, ..)| *code == country.code());
    format::countries(language).iter().filter(|(country, _)| offered(country)).copied().collect()
}

/// The currencies of these countries, each once.
pub fn currencies() -> Vec<&'static str> {
    let mut codes: Vec<&str> = COUNTRIES.iter().map(|(_, currency, ..)| *currency).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Where a reader probably is, by the regions of an `Accept-Language` header, or by a language that is at home in one
/// of these countries alone. No service outside is asked.
pub fn guessed(accepted: &str) -> Option<Country> {
    let ranges = || accepted.split(',').filter_map(|range| range.trim().split(';').next());
    let offered = |code: &str| COUNTRIES.iter().find(|(known, ..)| known.eq_ignore_ascii_case(code));
    let by_region = ranges().find_map(|range| range.split('-').skip(1).find_map(offered));
    let by_language = || {
        let language: Language = ranges().next()?.parse().ok()?;
        let mut homes = COUNTRIES.iter().filter(|(_, _, spoken, _)| *spoken == language);
        homes.next().filter(|_| homes.next().is_none())
    };
    by_region.or_else(by_language).and_then(|(code, ..)| code.parse().ok())
}

/// The country whose numbers begin as this one does, among those offered.
pub fn of_phone(phone: &Phone) -> Option<Country> {
    phone.country().filter(|country| COUNTRIES.iter().any(|(code, ..)| *code == country.code()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_reads() {
        for (code, currency, _, zone) in COUNTRIES {
            let usual = usual(code.parse().unwrap());
            assert_eq!(usual.currency.map(Currency::code), Some(*currency), "{code}");
            assert_eq!(usual.zone.name(), *zone, "{code}");
        }
    }

    #[test]
    fn sign_up_offers_every_country_in_the_readers_order() {
        let french = offered(Language::Fr);
        assert_eq!(french.len(), COUNTRIES.len());
        let names: Vec<&str> = french.iter().map(|(_, name)| *name).take(3).collect();
        assert_eq!(names, ["Afrique du Sud", "Allemagne", "Belgique"]);
    }

    #[test]
    fn a_readers_region_is_a_guess_and_a_language_of_many_countries_is_none() {
        let guess = |accepted: &str| guessed(accepted).map(|country| country.to_string());
        assert_eq!(guess("fr-SN,fr;q=0.9,en;q=0.8").as_deref(), Some("SN"));
        assert_eq!(guess("fr,en-GB;q=0.8").as_deref(), Some("GB"));
        assert_eq!(guess("zh-Hant-TW, en-KE;q=0.5").as_deref(), Some("KE"));
        assert_eq!(guess("it").as_deref(), Some("IT"));
        assert_eq!((guess("fr"), guess("fr-CA"), guess("")), (None, None, None));
    }

    #[test]
    fn a_phone_number_says_where_it_is_from() {
        let conakry = "+224 620 00 00 00".parse().unwrap();
        assert_eq!(of_phone(&conakry), Some("GN".parse().unwrap()));
    }
}
