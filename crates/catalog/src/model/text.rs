//! Text of a catalogue, parsed once: handles, descriptions, addresses of images, tags and category paths.

use std::{borrow::Cow, collections::HashSet, fmt, str::FromStr, sync::LazyLock};

use base::{Line, TextError};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::images::{ContentHash, FileName, Form};

/// Titles, SKUs, option values and the like: as long as the common shop systems allow.
pub type Short = Line<255>;

/// The name of a tax code: `standard`, `reduced`.
pub type TaxCodeName = Line<32>;

macro_rules! text_type {
    ($name:ident) => {
        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                String::schema()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordError {
    #[error("a handle has small letters of ASCII, digits, dashes and underscores, at most {}", Handle::MAX)]
    Handle,
    #[error("the description is longer than {} bytes", Html::MAX)]
    LongDescription,
    #[error("an image needs an address that begins with http:// or https://")]
    ImageAddress,
    #[error("a tag holds no comma")]
    Tag,
    #[error(
        "a category path is written `Clothing > Shirts`, at most {} levels deep",
        CategoryPath::MAX_DEPTH
    )]
    CategoryPath,
    #[error(transparent)]
    Text(#[from] TextError),
}

/// A product's name in addresses: `ocean-blue-shirt`. Unique per tenant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(String);
text_type!(Handle);

impl Handle {
    pub const MAX: usize = 128;

    /// The handle that says `text` in ASCII, or none if no letter is left. Of a handle it is that handle.
    pub fn of(text: &str) -> Option<Self> {
        let mut handle = String::new();
        for letter in deunicode::deunicode(text).chars() {
            if letter.is_ascii_alphanumeric() || letter == '_' {
                handle.push(letter.to_ascii_lowercase());
            } else if !handle.is_empty() && !handle.ends_with('-') && letter != '\'' {
                handle.push('-');
            }
        }
        handle.truncate(Self::MAX);
        let handle = handle.trim_end_matches('-');
        if handle.is_empty() { None } else { Some(Self(handle.to_owned())) }
    }

    /// This handle with `-{number}` behind it, shortened so that it fits.
    pub fn numbered(&self, number: u32) -> Self {
        let suffix = format!("-{number}");
        let stem = &self.0[..self.0.len().min(Self::MAX - suffix.len())];
        Self(format!("{}{suffix}", stem.trim_end_matches('-')))
    }
}

impl FromStr for Handle {
    type Err = WordError;

    fn from_str(raw: &str) -> Result<Self, WordError> {
        let allowed =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
        let framed = raw.starts_with('-') || raw.ends_with('-');
        if raw.is_empty()
            || raw.len() > Self::MAX
            || framed
            || raw.contains("--")
            || !raw.bytes().all(allowed)
        {
            return Err(WordError::Handle);
        }
        Ok(Self(raw.to_owned()))
    }
}

/// A description as clean HTML: what is not on the list of harmless tags is gone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Html(String);
text_type!(Html);

impl Html {
    /// So that a description, escaped, still fits a cell of 64 KiB.
    pub const MAX: usize = 60_000;

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The description for a page, cleaned once more: a row is no proof of who wrote it.
    pub fn for_page(&self) -> String {
        clean(&self.0)
    }

    /// The words without tags, cut to `max` characters, for a list or a search engine's summary.
    pub fn summary(&self, max: usize) -> String {
        let mut text = ammonia::Builder::empty().clean(&self.0).to_string();
        for (entity, letter) in
            [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", " "), ("&amp;", "&")]
        {
            text = text.replace(entity, letter);
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ").chars().take(max).collect()
    }
}

impl FromStr for Html {
    type Err = WordError;

    fn from_str(raw: &str) -> Result<Self, WordError> {
        if raw.len() > 64 * 1024 {
            return Err(WordError::LongDescription);
        }
        if raw.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')) {
            return Err(TextError::ControlCharacter.into());
        }
        let cleaned = clean(&raw.replace("\r\n", "\n").replace('\r', "\n"));
        if cleaned.len() > Self::MAX { Err(WordError::LongDescription) } else { Ok(Self(cleaned)) }
    }
}

/// Cleans until nothing changes any more, so that what was cleaned on the way in stays itself on the way out.
pub(crate) fn clean(html: &str) -> String {
    static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
        let tags = "p br b i em strong ul ol li h2 h3 h4 table thead tbody tr th td a";
        let mut cleaner = ammonia::Builder::default();
        cleaner
            .tags(tags.split(' ').collect())
            .tag_attributes([("a", HashSet::from(["href"]))].into())
            .generic_attributes(HashSet::new())
            .url_schemes(HashSet::from(["http", "https", "mailto"]))
            .url_relative(ammonia::UrlRelative::Deny)
            .link_rel(Some("nofollow ugc noopener"));
        cleaner
    });
    let mut text = html.trim().to_owned();
    for _ in 0..4 {
        let cleaner: &ammonia::Builder<'_> = &CLEANER;
        let mut cleaned = cleaner.clean(&text).to_string();
        // `&#1;` has become a character
        cleaned.retain(|letter| !letter.is_control() || matches!(letter, '\n' | '\t'));
        let cleaned = cleaned.trim().to_owned();
        if cleaned == text {
            return text;
        }
        text = cleaned;
    }
    // something that never settles is nothing but text
    ammonia::clean_text(&text)
}

/// Where an image lies: an address of the web, kept as it was given, or `image:{hash}` for one that was uploaded here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImageAddress(String);
text_type!(ImageAddress);

impl ImageAddress {
    const OURS: &'static str = "image:";

    /// The address of a picture of our own.
    pub fn of(hash: ContentHash) -> Self {
        Self(format!("{}{hash}", Self::OURS))
    }

    /// The picture of our own that is meant.
    pub fn hash(&self) -> Option<ContentHash> {
        self.0.strip_prefix(Self::OURS)?.parse().ok()
    }

    /// The picture whose file a web address names, wherever that lies: an export of ours that comes back.
    pub fn names_file(&self) -> Option<ContentHash> {
        let (before, name) = self.0.rsplit_once('/')?;
        let name: FileName = name.parse().ok()?;
        before.ends_with("/files").then_some(name.hash)
    }

    /// The address that others can read; `files` is where the tenant's files lie.
    pub fn public(&self, files: &str) -> Self {
        match self.hash() {
            Some(hash) => Self(format!("{files}/{}", FileName { hash, width: None, form: Form::Jpeg })),
            None => self.clone(),
        }
    }
}

impl FromStr for ImageAddress {
    type Err = WordError;

    fn from_str(raw: &str) -> Result<Self, WordError> {
        let raw = raw.trim();
        if let Some(hash) = raw.strip_prefix(Self::OURS) {
            return hash.parse().map(Self::of).map_err(|_| WordError::ImageAddress);
        }
        let rest = raw.strip_prefix("https://").or_else(|| raw.strip_prefix("http://")).unwrap_or_default();
        let odd = |letter: char| letter.is_whitespace() || letter.is_control() || "<>\"\\`".contains(letter);
        if rest.is_empty() || raw.len() > 2048 || raw.chars().any(odd) {
            return Err(WordError::ImageAddress);
        }
        Ok(Self(raw.to_owned()))
    }
}

/// A word that a merchant sorts products by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);
text_type!(Tag);

impl FromStr for Tag {
    type Err = WordError;

    fn from_str(raw: &str) -> Result<Self, WordError> {
        let line: Line<100> = raw.parse()?;
        if line.as_str().contains(',') { Err(WordError::Tag) } else { Ok(Self(line.as_str().to_owned())) }
    }
}

/// A category and those above it: `Clothing > Shirts`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CategoryPath(String);
text_type!(CategoryPath);

impl CategoryPath {
    pub const MAX_DEPTH: usize = 6;
    const BETWEEN: &'static str = " > ";

    /// The category's own name, the last of its path.
    pub fn name(&self) -> &str {
        self.0.rsplit(Self::BETWEEN).next().unwrap_or(&self.0)
    }

    /// The names from the root down to the category's own.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.split(Self::BETWEEN)
    }

    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once(Self::BETWEEN).map(|(above, _)| Self(above.to_owned()))
    }

    /// This path with another last name.
    pub fn renamed(&self, name: &str) -> Result<Self, WordError> {
        match self.parent() {
            Some(above) => format!("{above} > {name}").parse(),
            None => name.parse(),
        }
    }

    /// All paths from the root down to this one.
    pub fn line(&self) -> Vec<Self> {
        let mut line = vec![self.clone()];
        while let Some(above) = line.last().and_then(Self::parent) {
            line.push(above);
        }
        line.reverse();
        line
    }

    /// Several paths in one cell, as WooCommerce writes them: a comma between, `\,` for a comma of a name.
    pub fn join(paths: &[Self]) -> String {
        let escaped: Vec<String> =
            paths.iter().map(|path| path.0.replace('\\', "\\\\").replace(',', "\\,")).collect();
        escaped.join(", ")
    }

    /// Reads what `join` wrote.
    pub fn split(cell: &str) -> Result<Vec<Self>, WordError> {
        let mut parts: Vec<Cow<'_, str>> = vec![Cow::default()];
        let mut letters = cell.chars();
        while let Some(letter) = letters.next() {
            match letter {
                ',' => parts.push(Cow::default()),
                '\\' => {
                    parts.iter_mut().last().into_iter().for_each(|part| part.to_mut().extend(letters.next()))
                }
                _ => parts.iter_mut().last().into_iter().for_each(|part| part.to_mut().push(letter)),
            }
        }
        let mut paths: Vec<Self> = Vec::new();
        for part in parts.iter().filter(|part| !part.trim().is_empty()) {
            let path: Self = part.parse()?;
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        Ok(paths)
    }
}

impl FromStr for CategoryPath {
    type Err = WordError;

    fn from_str(raw: &str) -> Result<Self, WordError> {
        let mut names = Vec::new();
        for name in raw.split('>') {
            let name: Line<80> = name.parse().map_err(|_| WordError::CategoryPath)?;
            names.push(name.as_str().to_owned());
        }
        if names.len() > Self::MAX_DEPTH {
            Err(WordError::CategoryPath)
        } else {
            Ok(Self(names.join(Self::BETWEEN)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_keeps_its_words_and_loses_what_could_run() {
        let html: Html =
            "<p onclick=x>Soft <b>wool</b><script>alert(1)</script> <a href=\"javascript:x\">a</a> <img src=x onerror=y> \
             <a href=\"https://a.example\" style=\"x\">b</a></p>"
                .parse()
                .unwrap();
        assert_eq!(
            html.as_str(),
            "<p>Soft <b>wool</b> <a rel=\"nofollow ugc noopener\">a</a>  \
             <a href=\"https://a.example\" rel=\"nofollow ugc noopener\">b</a></p>"
        );
        assert_eq!(html.as_str().parse::<Html>().unwrap(), html);
        assert_eq!(html.summary(9), "Soft wool");
    }

    #[test]
    fn a_handle_is_made_of_any_title_and_of_a_handle_is_itself() {
        assert_eq!(Handle::of("Crème brûlée & Co.").unwrap().as_str(), "creme-brulee-co");
        assert_eq!(Handle::of("ocean_blue-shirt-2").unwrap().as_str(), "ocean_blue-shirt-2");
        assert_eq!(Handle::of("***"), None);
        let long = Handle::of(&"ab ".repeat(99)).unwrap();
        assert!(long.numbered(12).as_str().parse::<Handle>().is_ok());
    }

    #[test]
    fn an_image_lies_in_the_web_and_nowhere_else() {
        assert!("https://cdn.example/a_925x@2x.jpg?v=1".parse::<ImageAddress>().is_ok());
        for raw in [
            "",
            "https://",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://a b",
            "https://a\"onerror=x",
        ] {
            assert!(raw.parse::<ImageAddress>().is_err(), "{raw}");
        }
    }

    #[test]
    fn category_paths_survive_commas_and_backslashes() {
        let paths: Vec<CategoryPath> =
            ["Bijoux, montres > Or", "A\\B"].iter().map(|raw| raw.parse().unwrap()).collect();
        assert_eq!(CategoryPath::split(&CategoryPath::join(&paths)).unwrap(), paths);
        assert_eq!(paths[0].line().len(), 2);
        assert_eq!(paths[0].name(), "Or");
        assert!("A > > B".parse::<CategoryPath>().is_err());
    }
}
