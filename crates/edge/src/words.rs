//! The texts people read, in Fluent: each room brings `locales/en.ftl` and `fr.ftl`; keys are the room's own.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    sync::Arc,
};

use base::Language;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use parking_lot::RwLock;
use unic_langid::LanguageIdentifier;

/// A room's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locale {
    pub room: &'static str,
    pub en: &'static str,
    pub fr: &'static str,
}

/// The edge's own texts: errors, frame, formats.
pub const LOCALES: Locale =
    Locale { room: "edge", en: include_str!("../locales/en.ftl"), fr: include_str!("../locales/fr.ftl") };

type Bundle = FluentBundle<Arc<FluentResource>>;

/// The words of one language. Cheap to clone.
#[derive(Clone)]
pub struct Words {
    language: Language,
    bundle: Arc<Bundle>,
}

/// A value in a text: numbers choose plurals, all else is printed as it is.
pub struct Arg(FluentValue<'static>);

struct Library {
    rooms: Vec<Locale>,
    words: BTreeMap<Language, Words>,
}

static LIBRARY: RwLock<Library> = RwLock::new(Library { rooms: Vec::new(), words: BTreeMap::new() });

/// Makes the texts of `locales` known; a room known already is not read again.
pub fn register(locales: &[Locale]) {
    let mut library = LIBRARY.write();
    let mut fresh = library.words.is_empty();
    for locale in std::iter::once(&LOCALES).chain(locales) {
        if !library.rooms.contains(locale) {
            library.rooms.push(*locale);
            fresh = true;
        }
    }
    if fresh {
        library.words =
            Language::ALL.into_iter().map(|language| (language, bind(language, &library.rooms))).collect();
    }
}

/// The text of `key`, or the key itself where it is missing: `locales_are_complete` makes that a test's error.
pub fn text(language: Language, key: &str, args: &[(&str, Arg)]) -> String {
    Words::of(language).text(key, args)
}

impl Words {
    pub fn of(language: Language) -> Self {
        if let Some(words) = LIBRARY.read().words.get(&language) {
            return words.clone();
        }
        register(&[]);
        let library = LIBRARY.read();
        library.words.get(&language).cloned().unwrap_or_else(|| bind(language, &[LOCALES]))
    }

    pub fn language(&self) -> Language {
        self.language
    }

    pub fn text(&self, key: &str, args: &[(&str, Arg)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let given: FluentArgs<'_> = args.iter().map(|(name, arg)| (*name, arg.0.clone())).collect();
        self.bundle.format_pattern(pattern, Some(&given), &mut Vec::new()).into_owned()
    }

    /// Whether `key` has a text.
    pub fn knows(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }
}

impl<T: Display> From<T> for Arg {
    fn from(value: T) -> Self {
        let text = value.to_string();
        // a number in its plain form prints as it stands, so a count may choose its plural
        let number =
            text.parse::<i64>().ok().filter(|number| number.to_string() == text && number.abs() < 1 << 50);
        Self(number.map_or_else(|| FluentValue::from(text), FluentValue::from))
    }
}

/// Whether each text of these rooms reads, stands in every language with the same names in it, and no two rooms use
/// one key. For a test in each room.
pub fn locales_are_complete(locales: &[Locale]) -> Result<(), String> {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for locale in locales {
        let english = messages(locale.en).map_err(|fault| format!("{}/en.ftl: {fault}", locale.room))?;
        let french = messages(locale.fr).map_err(|fault| format!("{}/fr.ftl: {fault}", locale.room))?;
        if english != french {
            let odd: Vec<_> = english.symmetric_difference(&french).collect();
            return Err(format!("{}: not the same in both languages: {odd:?}", locale.room));
        }
        for (key, _) in english {
            if let Some(other) = owners.insert(key.clone(), locale.room).filter(|other| *other != locale.room)
            {
                return Err(format!("{key} is a text of {other} and of {}", locale.room));
            }
        }
    }
    Ok(())
}

fn bind(language: Language, rooms: &[Locale]) -> Words {
    let tag: Result<LanguageIdentifier, _> = language.code().parse();
    let mut bundle = FluentBundle::new_concurrent(tag.into_iter().collect());
    // the isolating marks are invisible, and break amounts and addresses when copied
    bundle.set_use_isolating(false);
    for room in rooms {
        let source = match language {
            Language::En => room.en,
            Language::Fr => room.fr,
        };
        let resource = match FluentResource::try_new(source.to_owned()) {
            Ok(resource) => resource,
            Err((partial, faults)) => {
                tracing::error!(room = room.room, ?faults, "texts do not parse");
                partial
            }
        };
        bundle.add_resource_overriding(Arc::new(resource));
    }
    Words { language, bundle: Arc::new(bundle) }
}

/// The keys of an `.ftl` file, each with the names of its variables.
fn messages(source: &str) -> Result<BTreeSet<(String, Vec<String>)>, String> {
    let resource = FluentResource::try_new(source.to_owned()).map_err(|(_, faults)| format!("{faults:?}"))?;
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut current = None;
    for line in source.lines() {
        if let Some((key, _)) =
            line.split_once('=').filter(|_| line.starts_with(|letter: char| letter.is_ascii_lowercase()))
        {
            let key = key.trim().to_owned();
            if found.insert(key.clone(), Vec::new()).is_some() {
                return Err(format!("{key} stands twice"));
            }
            current = Some(key);
        }
        let names = line.split('$').skip(1).map(|rest| {
            let end =
                rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '_');
            rest[..end.unwrap_or(rest.len())].to_owned()
        });
        if let Some(known) = current.as_ref().and_then(|key| found.get_mut(key)) {
            known.extend(names);
            known.sort();
            known.dedup();
        }
    }
    if resource.entries().count() < found.len() {
        Err("some entries do not parse".to_owned())
    } else {
        Ok(found.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRUIT: Locale = Locale {
        room: "fruit",
        en: "fruit-count = { $n ->\n    [one] one mango\n   *[other] { $n } mangoes\n }\nfruit-hello = Hello { $name }\n",
        fr: "fruit-count = { $n ->\n    [one] une mangue\n   *[other] { $n } mangues\n }\nfruit-hello = Bonjour { $name }\n",
    };

    #[test]
    fn a_text_is_said_in_the_readers_language_with_its_plural() {
        register(&[FRUIT]);
        assert_eq!(text(Language::Fr, "fruit-count", &[("n", 3.into())]), "3 mangues");
        assert_eq!(text(Language::En, "fruit-count", &[("n", 1.into())]), "one mango");
        assert_eq!(
            text(Language::En, "fruit-hello", &[("name", "+224620000000".into())]),
            "Hello +224620000000"
        );
    }

    #[test]
    fn a_missing_text_shows_its_key_and_never_panics() {
        assert_eq!(text(Language::En, "nobody-wrote-this", &[]), "nobody-wrote-this");
    }

    #[test]
    fn a_room_that_forgot_a_language_is_told() {
        assert_eq!(locales_are_complete(&[LOCALES, FRUIT]), Ok(()));
        let forgetful = Locale { room: "forgetful", en: "a = A\nb = B\n", fr: "a = A\n" };
        assert!(locales_are_complete(&[forgetful]).is_err());
        let other_name = Locale { room: "names", en: "a = { $x }\n", fr: "a = { $y }\n" };
        assert!(locales_are_complete(&[other_name]).is_err());
        let twice =
            Locale { room: "twice", en: "fruit-hello = { $name }\n", fr: "fruit-hello = { $name }\n" };
        assert!(locales_are_complete(&[FRUIT, twice]).is_err());
    }
}
