//! The texts people read, in Fluent: each room brings `locales/en.ftl` and its siblings; keys are the room's own.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    sync::Arc,
};

use base::Language;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use parking_lot::RwLock;
use unic_langid::LanguageIdentifier;

/// A room's texts in each language, in the order of [`Language::ALL`]. Made by `locale!`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locale {
    pub room: &'static str,
    pub texts: [&'static str; Language::ALL.len()],
}

/// The texts in the `locales` folder of the room that calls this: `edge::locale!("shop")`.
#[macro_export]
macro_rules! locale {
    ($room:literal) => {
        $crate::Locale {
            room: $room,
            texts: [
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/en.ftl")),
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/fr.ftl")),
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/it.ftl")),
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/sw.ftl")),
            ],
        }
    };
}

/// The edge's own texts: errors, frame, formats.
pub const LOCALES: Locale = crate::locale!("edge");

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
    for locale in std::iter::once(&LOCALES).chain(locales) {
        if !library.rooms.contains(locale) {
            library.rooms.push(*locale);
            library.words.clear();
        }
    }
}

/// The text of `key`, or the key itself where it is missing: `locales_are_complete` makes that a test's error.
pub fn text(language: Language, key: &str, args: &[(&str, Arg)]) -> String {
    Words::of(language).text(key, args)
}

impl Words {
    /// Texts are read when a language is first asked for: one that nobody speaks here takes no memory.
    pub fn of(language: Language) -> Self {
        if let Some(words) = LIBRARY.read().words.get(&language) {
            return words.clone();
        }
        register(&[]);
        let mut library = LIBRARY.write();
        let rooms = library.rooms.clone();
        library.words.entry(language).or_insert_with(|| bind(language, &rooms)).clone()
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
        let mut known = None;
        for (language, source) in Language::ALL.into_iter().zip(locale.texts) {
            let found =
                messages(source).map_err(|fault| format!("{}/{language}.ftl: {fault}", locale.room))?;
            let english: &BTreeSet<_> = known.get_or_insert_with(|| found.clone());
            if *english != found {
                let odd: Vec<_> = english.symmetric_difference(&found).collect();
                return Err(format!("{}/{language}.ftl: not as in English: {odd:?}", locale.room));
            }
        }
        for (key, _) in known.unwrap_or_default() {
            if let Some(other) = owners.insert(key.clone(), locale.room).filter(|other| *other != locale.room)
            {
                return Err(format!("{key} is a text of {other} and of {}", locale.room));
            }
        }
    }
    Ok(())
}

/// French with its marks where they belong: a space stands before `:`, and no line begins with one. Who writes the texts need not
/// see which space is which.
fn unbroken(french: &str) -> String {
    let mut text = french.replace("« ", "«\u{a0}");
    for mark in [":", ";", "!", "?", "»"] {
        text = text.replace(&format!(" {mark}"), &format!("\u{a0}{mark}"));
    }
    text
}

fn bind(language: Language, rooms: &[Locale]) -> Words {
    let tag: Result<LanguageIdentifier, _> = language.code().parse();
    let mut bundle = FluentBundle::new_concurrent(tag.into_iter().collect());
    // the isolating marks are invisible, and break amounts and addresses when copied
    bundle.set_use_isolating(false);
    match language {
        Language::Long => bundle.set_transform(Some(|text| fluent_pseudo::transform(text, false, true))),
        Language::Mirrored => bundle.set_transform(Some(|text| fluent_pseudo::transform(text, true, false))),
        _ => (),
    }
    for room in rooms {
        let written = Language::ALL.iter().position(|known| *known == language);
        let source = room.texts[written.unwrap_or_default()];
        let source = if language == Language::Fr { unbroken(source) } else { source.to_owned() };
        let resource = match FluentResource::try_new(source) {
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

    const ENGLISH: &str = "fruit-count = { $n ->\n    [one] one mango\n   *[other] { $n } mangoes\n }\nfruit-hello = Hello { $name }\n";
    const FRENCH: &str = "fruit-count = { $n ->\n    [one] une mangue\n   *[other] { $n } mangues\n }\nfruit-hello = Bonjour { $name }\n";
    const FRUIT: Locale = Locale { room: "fruit", texts: [ENGLISH, FRENCH, ENGLISH, ENGLISH] };

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
    fn no_french_line_begins_with_a_mark() {
        const FRENCH: &str = "mark-ask = Vraiment ? Oui : « { $name } » !\nmark-plain = Voir https://soko.example:8080, à 10:30.\n";
        register(&[Locale { room: "mark", texts: [FRENCH; 4] }]);
        let said = |language, key| text(language, key, &[("name", "pain".into())]);
        assert_eq!(said(Language::Fr, "mark-ask"), "Vraiment\u{a0}? Oui\u{a0}: «\u{a0}pain\u{a0}»\u{a0}!");
        assert_eq!(said(Language::Fr, "mark-plain"), "Voir https://soko.example:8080, à 10:30.");
        assert_eq!(said(Language::En, "mark-ask"), "Vraiment ? Oui : « pain » !");
    }

    #[test]
    fn plurals_are_those_of_each_language() {
        const COUNT: &str = "plural-kind = { $n ->\n    [one] one\n   *[other] other\n }\n";
        register(&[Locale { room: "plural", texts: [COUNT; 4] }]);
        let kinds = |language| [0, 1, 2, 11, 100].map(|n| text(language, "plural-kind", &[("n", n.into())]));
        assert_eq!(kinds(Language::En), ["other", "one", "other", "other", "other"]);
        assert_eq!(kinds(Language::Fr), ["one", "one", "other", "other", "other"]);
        assert_eq!(kinds(Language::It), ["other", "one", "other", "other", "other"]);
        assert_eq!(kinds(Language::Sw), ["other", "one", "other", "other", "other"]);
    }

    #[test]
    fn a_pseudo_language_is_english_that_looks_odd() {
        register(&[FRUIT]);
        let long = text(Language::Long, "fruit-hello", &[("name", "Awa".into())]);
        assert!(long.ends_with("Awa") && !long.contains("Hello"), "{long}");
    }

    #[test]
    fn a_missing_text_shows_its_key_and_never_panics() {
        assert_eq!(text(Language::En, "nobody-wrote-this", &[]), "nobody-wrote-this");
    }

    #[test]
    fn a_room_that_forgot_a_language_is_told() {
        assert_eq!(locales_are_complete(&[LOCALES, FRUIT]), Ok(()));
        let room = |room, english, last| Locale { room, texts: [english, english, english, last] };
        assert!(locales_are_complete(&[room("forgetful", "a = A\nb = B\n", "a = A\n")]).is_err());
        assert!(locales_are_complete(&[room("names", "a = { $x }\n", "a = { $y }\n")]).is_err());
        let hello = "fruit-hello = { $name }\n";
        let twice = room("twice", hello, hello);
        assert!(locales_are_complete(&[FRUIT, twice]).is_err());
    }
}
