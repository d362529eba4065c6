//! Text from outside, parsed once: what holds one of these types needs no second look.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("write something here")]
    Empty,
    #[error("at most {max} characters")]
    TooLong { max: usize },
    #[error("this holds a control character; type it again")]
    ControlCharacter,
    #[error("write the number with its country code, such as +224 620 00 00 00")]
    Phone,
    #[error("write an address such as name@example.org")]
    Email,
    #[error("a user name has 3 to 64 letters, digits, dots, dashes or underscores")]
    Login,
    #[error("only small letters, digits and dashes, at most {max}")]
    Slug { max: usize },
    #[error("use a country code of ISO 3166, such as GN")]
    Country,
    #[error("known languages: en, fr")]
    Language,
}

/// Makes a text type read and write itself through `FromStr` and `Display`.
macro_rules! written_as_text {
    ($type:ty $(, const $max:ident)?) => {
        impl$(<const $max: usize>)? Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de, $(const $max: usize)?> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

macro_rules! holds_text {
    ($type:ty $(, const $max:ident)?) => {
        impl$(<const $max: usize>)? $type {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl$(<const $max: usize>)? fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        written_as_text!($type $(, const $max)?);
    };
}

/// One line of 1 to `MAX` characters, trimmed, without control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line<const MAX: usize>(String);
holds_text!(Line<MAX>, const MAX);

impl<const MAX: usize> FromStr for Line<MAX> {
    type Err = TextError;

    fn from_str(raw: &str) -> Result<Self, TextError> {
        let line = raw.trim();
        bounded(line, MAX, char::is_control)?;
        if line.is_empty() { Err(TextError::Empty) } else { Ok(Self(line.to_owned())) }
    }
}

impl<const MAX: usize> Line<MAX> {
    /// As `parse`, with nothing typed read as absent.
    pub fn parse_optional(raw: &str) -> Result<Option<Self>, TextError> {
        if raw.trim().is_empty() { Ok(None) } else { raw.parse().map(Some) }
    }
}

/// Up to `MAX` characters in any number of lines; may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Prose<const MAX: usize>(String);
holds_text!(Prose<MAX>, const MAX);

impl<const MAX: usize> FromStr for Prose<MAX> {
    type Err = TextError;

    fn from_str(raw: &str) -> Result<Self, TextError> {
        let text = raw.trim().replace("\r\n", "\n");
        bounded(&text, MAX, |letter| letter.is_control() && letter != '\n' && letter != '\t')?;
        Ok(Self(text))
    }
}

fn bounded(text: &str, max: usize, refused: impl Fn(char) -> bool) -> Result<(), TextError> {
    if text.chars().any(refused) {
        return Err(TextError::ControlCharacter);
    }
    if text.chars().count() > max { Err(TextError::TooLong { max }) } else { Ok(()) }
}

/// A name in an address: small ASCII letters, digits and inner dashes, at most 48.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);
holds_text!(Slug);

impl Slug {
    pub const MAX: usize = 48;

    /// The slug that says `title` in ASCII (`Boulangerie Été` is `boulangerie-ete`), or none if no letter is left.
    pub fn of(title: &str) -> Option<Self> {
        let mut slug = String::new();
        for letter in deunicode::deunicode(title).chars() {
            if letter.is_ascii_alphanumeric() {
                slug.push(letter.to_ascii_lowercase());
            } else if !slug.is_empty() && !slug.ends_with('-') && letter != '\'' {
                slug.push('-');
            }
        }
        slug.truncate(Self::MAX);
        let slug = slug.trim_end_matches('-');
        if slug.is_empty() { None } else { Some(Self(slug.to_owned())) }
    }

    /// This slug with `-{number}` behind it, shortened so that it fits.
    pub fn numbered(&self, number: u32) -> Self {
        let suffix = format!("-{number}");
        let room = Self::MAX - suffix.len();
        let stem = &self.0[..self.0.len().min(room)];
        Self(format!("{}{suffix}", stem.trim_end_matches('-')))
    }
}

impl FromStr for Slug {
    type Err = TextError;

    fn from_str(raw: &str) -> Result<Self, TextError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let framed = raw.starts_with('-') || raw.ends_with('-');
        if raw.is_empty() || raw.len() > Self::MAX || framed || !raw.bytes().all(allowed) {
            return Err(TextError::Slug { max: Self::MAX });
        }
        Ok(Self(raw.to_owned()))
    }
}

/// A phone number in E.164: `+224620000000`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(String);
holds_text!(Phone);

impl Phone {
    /// Reads a number as people type it; one without a country code is taken as of `home`.
    pub fn parse_in(raw: &str, home: Option<Country>) -> Result<Self, TextError> {
        let region = home.and_then(|country| country.code().parse().ok());
        let raw = raw.trim();
        let international = raw.strip_prefix("00").map(|rest| format!("+{rest}"));
        let number = phonenumber::parse(region, international.as_deref().unwrap_or(raw))
            .map_err(|_| TextError::Phone)?;
        let written = number.format().mode(phonenumber::Mode::E164).to_string();
        // E.164 allows 15 digits; shorter than 7 is no subscriber's number
        let digits = written.len() - 1;
        if (7..=15).contains(&digits) { Ok(Self(written)) } else { Err(TextError::Phone) }
    }

    /// The country whose numbers begin like this one.
    pub fn country(&self) -> Option<Country> {
        let number = phonenumber::parse(None, &self.0).ok()?;
        number.country().id().and_then(|id| id.as_ref().parse().ok())
    }

    /// The digits that are dialled within the country, without a leading zero.
    pub fn national(&self) -> String {
        phonenumber::parse(None, &self.0)
            .map_or_else(|_| self.digits().to_owned(), |number| number.national().value().to_string())
    }

    /// The digits alone, as `https://wa.me/` wants them.
    pub fn digits(&self) -> &str {
        &self.0[1..]
    }
}

impl FromStr for Phone {
    type Err = TextError;

    fn from_str(raw: &str) -> Result<Self, TextError> {
        Self::parse_in(raw, None)
    }
}

/// An e-mail address, in small letters. Only delivery proves it; here it is kept from breaking a header.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);
holds_text!(Email);

impl FromStr for Email {
    type Err = TextError;

    fn from_str(raw: &str) -> Result<Self, TextError> {
        let address = raw.trim().to_lowercase();
        let (name, host) = address.rsplit_once('@').ok_or(TextError::Email)?;
        let odd =
            |letter: char| letter.is_whitespace() || letter.is_control() || "<>()[],;:\\\"@".contains(letter);
        let host_stands =
            host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !host.contains("..");
        if name.is_empty()
            || address.len() > 254
            || address.chars().filter(|letter| *letter != '@').any(odd)
            || !host_stands
        {
            return Err(TextError::Email);
        }
        if name.contains('@') { Err(TextError::Email) } else { Ok(Self(address)) }
    }
}

/// What a person signs in with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Login {
    Phone(Phone),
    Email(Email),
    /// A plain user name, in small letters.
    Name(String),
}

impl Login {
    /// Reads what was typed; a phone number without a country code is taken as of `home`.
    pub fn parse_in(raw: &str, home: Option<Country>) -> Result<Self, TextError> {
        let raw = raw.trim();
        let digits = raw.bytes().filter(u8::is_ascii_digit).count();
        let dialled = raw.chars().all(|letter| letter.is_ascii_digit() || "+ ()-./".contains(letter));
        if raw.contains('@') {
            raw.parse().map(Self::Email)
        } else if dialled && digits >= 6 {
            Phone::parse_in(raw, home).map(Self::Phone)
        } else {
            let name = raw.to_lowercase();
            let allowed = |letter: char| letter.is_alphanumeric() || "._-".contains(letter);
            let length = name.chars().count();
            if (3..=64).contains(&length) && name.chars().all(allowed) {
                Ok(Self::Name(name))
            } else {
                Err(TextError::Login)
            }
        }
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone(phone) => phone.fmt(f),
            Self::Email(email) => email.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl FromStr for Login {
    type Err = TextError;

    fn from_str(raw: &str) -> Result<Self, TextError> {
        Self::parse_in(raw, None)
    }
}
written_as_text!(Login);

/// A country by its two letters of ISO 3166-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    pub fn code(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or("ZZ")
    }

    /// What phone numbers of the country begin with, behind the `+`: 221 for Senegal.
    pub fn calling_code(&self) -> Option<u16> {
        phonenumber::metadata::DATABASE.by_id(self.code()).map(phonenumber::Metadata::country_code)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Country {
    type Err = TextError;

    fn from_str(raw: &str) -> Result<Self, TextError> {
        let code = raw.trim().to_ascii_uppercase();
        let letters: [u8; 2] = code.as_bytes().try_into().map_err(|_| TextError::Country)?;
        code.parse::<phonenumber::country::Id>().map(|_| Self(letters)).map_err(|_| TextError::Country)
    }
}
written_as_text!(Country);

/// A language that pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Language {
    #[default]
    En,
    Fr,
    It,
    Sw,
    /// English made longer and accented: what is cut off or not translated shows.
    Long,
    /// English in Arabic's direction: what does not mirror shows.
    Mirrored,
}

impl Language {
    /// The languages people may choose.
    pub const ALL: [Self; 4] = [Self::En, Self::Fr, Self::It, Self::Sw];
    /// Made of English to test layouts, for development only; named as Unicode's CLDR names its pseudo-locales.
    pub const PSEUDO: [Self; 2] = [Self::Long, Self::Mirrored];

    /// As in BCP 47.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
            Self::It => "it",
            Self::Sw => "sw",
            Self::Long => "en-XA",
            Self::Mirrored => "ar-XB",
        }
    }

    /// The language's own name for itself.
    pub const fn endonym(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Fr => "Français",
            Self::It => "Italiano",
            Self::Sw => "Kiswahili",
            Self::Long => "[Ēñĝļîšĥ]",
            Self::Mirrored => "[hsilgnE]",
        }
    }

    /// The language called `code`; one of [`Self::PSEUDO`] only if `pseudo` allows it.
    pub fn named(code: &str, pseudo: bool) -> Option<Self> {
        let pseudos = if pseudo { &Self::PSEUDO[..] } else { &[] };
        Self::ALL.iter().chain(pseudos).copied().find(|known| known.code() == code.trim())
    }

    pub const fn is_right_to_left(self) -> bool {
        matches!(self, Self::Mirrored)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Language {
    type Err = TextError;

    fn from_str(raw: &str) -> Result<Self, TextError> {
        Self::named(raw, false).ok_or(TextError::Language)
    }
}
written_as_text!(Language);

/// `text` without accents and case, for comparing: `Crème Brûlée` is `creme brulee`.
pub fn fold(text: &str) -> String {
    deunicode::deunicode(text).to_lowercase()
}

/// The folded words of `text`, each at most 32 characters, in order, each once.
pub fn words(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in
        fold(text).split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
    {
        let word: String = word.chars().take(32).collect();
        if !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_one_however_it_is_typed() {
        let home = Some("SN".parse().unwrap());
        for raw in ["77 123 45 67", "+221 77 123 45 67", "00221771234567"] {
            assert_eq!(Phone::parse_in(raw, home).unwrap().as_str(), "+221771234567", "{raw}");
        }
    }

    #[test]
    fn a_country_has_a_calling_code() {
        let code = |country: &str| country.parse::<Country>().unwrap().calling_code();
        assert_eq!((code("SN"), code("GN"), code("US")), (Some(221), Some(224), Some(1)));
    }

    #[test]
    fn a_login_is_a_phone_an_address_or_a_name() {
        assert!(matches!("+224 620 00 00 00".parse(), Ok(Login::Phone(_))));
        assert!(
            matches!("Awa@Example.org".parse(), Ok(Login::Email(email)) if email.as_str() == "awa@example.org")
        );
        assert!(matches!("Awa.Diallo".parse(), Ok(Login::Name(name)) if name == "awa.diallo"));
        for raw in ["ab", "a b c", "x\0y", "a@b", "<a@b.c>", "a@b.c\r\nBcc: x@y.z"] {
            assert!(raw.parse::<Login>().is_err(), "{raw}");
        }
    }

    #[test]
    fn slugs_are_transliterated_and_bounded() {
        assert_eq!(Slug::of("Boulangerie de l'Été").unwrap().as_str(), "boulangerie-de-lete");
        assert_eq!(Slug::of("Магазин").unwrap().as_str(), "magazin");
        assert_eq!(Slug::of("!!!"), None);
        let long = Slug::of(&"abc ".repeat(40)).unwrap();
        assert!(long.as_str().len() <= Slug::MAX && long.numbered(1234).as_str().parse::<Slug>().is_ok());
    }

    #[test]
    fn lines_hold_no_control_characters_and_no_zero_byte() {
        assert!("a\0b".parse::<Line<10>>().is_err());
        assert!("a\nb".parse::<Line<10>>().is_err());
        assert_eq!("  a  ".parse::<Line<10>>().unwrap().as_str(), "a");
        assert_eq!("a\r\nb".parse::<Prose<10>>().unwrap().as_str(), "a\nb");
    }

    #[test]
    fn words_forgive_accents_and_case() {
        assert_eq!(words("Crème brûlée, CRÈME"), ["creme", "brulee"]);
    }
}
