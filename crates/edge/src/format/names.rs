use std::{
    cmp::Ordering,
    sync::{LazyLock, OnceLock},
};

use base::{Country, Language};
use icu_collator::{CollatorBorrowed, options::CollatorOptions};

use super::place;

/// The order in which people look names up: `épice` stands between `eau` and `farine`, whatever the case. For lists in
/// memory; what a database pages through stands in the order of its key.
///
/// English, French, Italian and Swahili all keep CLDR's root order, so one collator serves them; a language with an order of its
/// own (Swedish, Yoruba) gets its own here.
#[derive(Debug, Clone, Copy, Default)]
pub struct Collation(());

static ROOT: CollatorBorrowed<'static> = CollatorBorrowed::new_root(CollatorOptions::default());

impl Collation {
    pub const fn of(_: Language) -> Self {
        Self(())
    }

    pub fn compare(self, one: &str, other: &str) -> Ordering {
        ROOT.compare(one, other)
    }

    /// Sorts `items` by their names.
    pub fn sort<T>(self, items: &mut [T], name: impl Fn(&T) -> &str) {
        items.sort_by(|one, other| self.compare(name(one), name(other)));
    }
}

/// The country's name in the language, or its code where CLDR has none.
pub fn country(language: Language, country: Country) -> String {
    let row = NAMES.binary_search_by(|(code, _)| code.cmp(&country));
    row.map_or_else(|_| country.to_string(), |row| NAMES[row].1[place(language)].to_owned())
}

/// All countries with their names, in the order of the language.
pub fn countries(language: Language) -> &'static [(Country, &'static str)] {
    static SORTED: [OnceLock<Vec<(Country, &'static str)>>; Language::ALL.len()] =
        [const { OnceLock::new() }; Language::ALL.len()];
    let place = place(language);
    SORTED[place].get_or_init(|| {
        let mut all: Vec<_> = NAMES.iter().map(|(code, names)| (*code, names[place])).collect();
        Collation::of(language).sort(&mut all, |(_, name)| name);
        all
    })
}

type Names = [&'static str; Language::ALL.len()];

/// By code; names in the order of [`Language::ALL`].
static NAMES: LazyLock<Vec<(Country, Names)>> =
    LazyLock::new(|| include_str!("countries.tsv").lines().filter_map(row).collect());

fn row(line: &'static str) -> Option<(Country, Names)> {
    let mut cells = line.split('\t');
    let code = cells.next()?.parse().ok()?;
    let names: Vec<_> = cells.collect();
    Some((code, names.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use icu_locale_core::locale;

    use super::*;

    #[test]
    fn names_stand_where_people_look_for_them() {
        let mut names = ["Zoé", "Étienne", "eau", "Ève", "Awa", "épice", "farine"];
        Collation::of(Language::Fr).sort(&mut names, |name| name);
        assert_eq!(names, ["Awa", "eau", "épice", "Étienne", "Ève", "farine", "Zoé"]);
    }

    #[test]
    fn the_languages_have_no_order_of_their_own() {
        for locale in [locale!("en"), locale!("fr"), locale!("it"), locale!("sw")] {
            let own = CollatorBorrowed::try_new(locale.into(), CollatorOptions::default()).unwrap();
            let names =
                ["cote", "coté", "côte", "côté", "Cote", "ng’ombe", "n’goma", "école", "œuf", "oz", "ñ"];
            for one in names {
                for other in names {
                    assert_eq!(own.compare(one, other), ROOT.compare(one, other), "{one} {other}");
                }
            }
        }
    }

    #[test]
    fn every_country_is_named_in_every_language() {
        let rows = include_str!("countries.tsv").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(rows.count(), NAMES.len());
        assert!(NAMES.is_sorted_by(|(one, _), (other, _)| one < other));
        assert!(NAMES.iter().all(|(_, names)| names.iter().all(|name| !name.is_empty())));
        // a select without the country a business is in would choose another
        let letters = || 'A'..='Z';
        let codes = letters().flat_map(|one| letters().map(move |other| format!("{one}{other}")));
        let nameless: Vec<Country> = codes
            .filter_map(|code| code.parse().ok())
            .filter(|country| NAMES.binary_search_by(|(code, _)| code.cmp(country)).is_err())
            .collect();
        assert_eq!(nameless, []);
    }

    #[test]
    fn a_country_is_found_by_its_name() {
        let guinea: Country = "GN".parse().unwrap();
        let all = Language::ALL.map(|language| country(language, guinea));
        assert_eq!(all, ["Guinea", "Guinée", "Guinea", "Gine"]);
        let french: Vec<_> = countries(Language::Fr).iter().map(|(_, name)| *name).collect();
        let at = |wanted: &str| french.iter().position(|name| *name == wanted).unwrap();
        assert!(at("Espagne") < at("États-Unis") && at("États-Unis") < at("Éthiopie"));
        assert!(at("Équateur") < at("France"));
    }
}
