//! The operator's own texts: Markdown files in `SITE_DIR`, read when they are asked for. What is not there, or does not read,
//! gives way to the next in line, and in the end to what is built in.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use base::Language;
use catalog::prose;
use edge::{OperatorCard, text};
use parking_lot::Mutex;

/// Bytes that a file may have.
const LARGEST: u64 = 256 << 10;

/// A text that the operator may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Text {
    Terms,
    Privacy,
    Imprint,
    Prices,
}

impl Text {
    pub const ALL: [Self; 4] = [Self::Terms, Self::Privacy, Self::Imprint, Self::Prices];

    /// The first part of its files' names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Terms => "terms",
            Self::Privacy => "privacy",
            Self::Imprint => "imprint",
            Self::Prices => "prices",
        }
    }

    /// The file in one language, or the one that says none.
    fn file(self, language: Option<Language>) -> String {
        match language {
            Some(language) => format!("{}.{language}.md", self.name()),
            None => format!("{}.md", self.name()),
        }
    }

    /// Whose file is shown to a reader of `language`, the best first.
    fn line(self, language: Language) -> Vec<(String, Option<Language>)> {
        let mut line = vec![Some(language), None];
        line.extend((language != Language::En).then_some(Some(Language::En)));
        line.into_iter().map(|written| (self.file(written), written)).collect()
    }

    /// What is built in, before the operator's name and contact stand in it.
    fn built_in(self, language: Language) -> Option<&'static str> {
        macro_rules! written {
            ($name:literal) => {
                match language {
                    Language::Fr => include_str!(concat!("../../texts/", $name, ".fr.md")),
                    Language::It => include_str!(concat!("../../texts/", $name, ".it.md")),
                    Language::Sw => include_str!(concat!("../../texts/", $name, ".sw.md")),
                    Language::En | Language::Long | Language::Mirrored => {
                        include_str!(concat!("../../texts/", $name, ".en.md"))
                    }
                }
            };
        }
        match self {
            Self::Terms => Some(written!("terms")),
            Self::Privacy => Some(written!("privacy")),
            Self::Imprint | Self::Prices => None,
        }
    }
}

/// A text as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub title: Option<String>,
    pub html: String,
    /// What it is written in; unknown where the file's name says none.
    pub language: Option<Language>,
    /// Another text has another stamp.
    pub stamp: String,
}

impl Shown {
    /// ` lang="…"` where the reader's language is another.
    pub fn lang_attribute(&self, reader: Language) -> String {
        let other = self.language.filter(|language| *language != reader);
        other.map(|language| format!(" lang=\"{language}\"")).unwrap_or_default()
    }
}

/// The texts of one folder. Cheap to clone.
#[derive(Clone)]
pub struct Texts(Arc<Shelf>);

struct Shelf {
    folder: PathBuf,
    /// What was read, by file name: as many as there are names.
    read: Mutex<HashMap<String, Read>>,
}

#[derive(Clone)]
struct Read {
    written: Written,
    /// None if it was no text.
    document: Option<Arc<prose::Document>>,
}

/// By this a file is known to be the one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Written {
    at: SystemTime,
    bytes: u64,
}

impl Texts {
    pub fn of(folder: PathBuf) -> Self {
        Self(Arc::new(Shelf { folder, read: Mutex::new(HashMap::new()) }))
    }

    /// The operator's text for a reader of `language`, if there is one that reads.
    pub async fn written(&self, asked: Text, language: Language) -> Option<Shown> {
        let shelf = Arc::clone(&self.0);
        let looked = tokio::task::spawn_blocking(move || shelf.written(asked, language)).await;
        looked.ok().flatten()
    }

    /// The operator's text, or the one that is built in: terms and privacy alone have one.
    pub async fn shown(&self, asked: Text, language: Language, operator: &OperatorCard) -> Option<Shown> {
        match self.written(asked, language).await {
            Some(written) => Some(written),
            None => built_in(asked, language, operator),
        }
    }
}

fn built_in(asked: Text, language: Language, operator: &OperatorCard) -> Option<Shown> {
    let unset = || text(language, "site-imprint-unset", &[]);
    let reached = operator.email.as_ref().map(ToString::to_string).into_iter();
    let reached: Vec<String> = reached.chain(operator.phone.as_ref().map(ToString::to_string)).collect();
    let contact = if reached.is_empty() { unset() } else { reached.join(", ") };
    let markdown = asked.built_in(language)?;
    let markdown =
        markdown.replace("{operator}", &literal(&operator.name)).replace("{contact}", &literal(&contact));
    let prose::Document { title, html } = prose::document(&markdown);
    Some(Shown { title, html, language: None, stamp: "built in".to_owned() })
}

/// `words` as Markdown that means nothing but them.
fn literal(words: &str) -> String {
    let mut kept = String::new();
    for letter in words.chars() {
        if letter.is_ascii_punctuation() {
            kept.push('\\');
        }
        kept.push(letter);
    }
    kept
}

impl Shelf {
    fn written(&self, asked: Text, language: Language) -> Option<Shown> {
        asked.line(language).into_iter().find_map(|(name, language)| {
            let Read { written, document } = self.read(&name)?;
            let document = document?;
            Some(Shown {
                title: document.title.clone(),
                html: document.html.clone(),
                language,
                stamp: format!("{name} {written:?}"),
            })
        })
    }

    /// The file as it stands now; what did not change since is not read again.
    fn read(&self, name: &str) -> Option<Read> {
        let path = self.folder.join(name);
        let Some(written) = Written::of(&path) else {
            self.read.lock().remove(name);
            return None;
        };
        if let Some(known) = self.read.lock().get(name).filter(|known| known.written == written) {
            return Some(known.clone());
        }
        let document = match read(&path) {
            Ok(markdown) => Some(Arc::new(prose::document(&markdown))),
            Err(fault) => {
                tracing::warn!(file = %path.display(), %fault, "a text of the operator is not shown");
                None
            }
        };
        let read = Read { written, document };
        self.read.lock().insert(name.to_owned(), read.clone());
        Some(read)
    }
}

impl Written {
    fn of(path: &Path) -> Option<Self> {
        let about = fs::metadata(path).ok()?;
        Some(Self { at: about.modified().ok()?, bytes: about.len() })
    }
}

/// Why a file is not shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    #[error("larger than 256 KB")]
    TooLarge,
    #[error("not text in UTF-8")]
    NotText,
    #[error("empty")]
    Empty,
    #[error("cannot be read ({0})")]
    Unreadable(std::io::ErrorKind),
    #[error("no page is called so: terms, privacy, imprint or prices, with .en, .fr, .it or .sw, and .md")]
    NoPage,
}

fn read(path: &Path) -> Result<String, TextFault> {
    let unreadable = |error: std::io::Error| TextFault::Unreadable(error.kind());
    let about = fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() {
        return Err(TextFault::Unreadable(std::io::ErrorKind::InvalidInput));
    }
    if about.len() > LARGEST {
        return Err(TextFault::TooLarge);
    }
    let markdown = String::from_utf8(fs::read(path).map_err(unreadable)?).map_err(|_| TextFault::NotText)?;
    if markdown.trim().is_empty() { Err(TextFault::Empty) } else { Ok(markdown) }
}

/// Every Markdown file of the folder, and whether its page shows it: for `soko config`.
pub fn survey(folder: &Path) -> Vec<(String, Result<(), TextFault>)> {
    let names = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut found: Vec<_> = names
        .filter(|name| name.ends_with(".md"))
        .map(|name| {
            let fits = Text::ALL.into_iter().any(|text| {
                name == text.file(None)
                    || Language::ALL.into_iter().any(|language| name == text.file(Some(language)))
            });
            let state = if fits { read(&folder.join(&name)).map(drop) } else { Err(TextFault::NoPage) };
            (name, state)
        })
        .collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operator() -> OperatorCard {
        let email = Some("help@example.org".parse().unwrap());
        OperatorCard { name: "Marché *Ouest*".to_owned(), email, phone: None, address: None }
    }

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, words) in files {
            fs::write(folder.path().join(name), words).unwrap();
        }
        folder
    }

    async fn words(folder: &tempfile::TempDir, text: Text, language: Language) -> String {
        let texts = Texts::of(folder.path().to_owned());
        texts.shown(text, language, &operator()).await.map(|shown| shown.html).unwrap_or_default()
    }

    #[tokio::test]
    async fn the_readers_language_comes_first_then_the_file_without_one_then_english() {
        let all = [("terms.fr.md", "français"), ("terms.md", "both"), ("terms.en.md", "english")];
        for (files, wanted) in
            [(&all[..], "<p>français</p>"), (&all[1..], "<p>both</p>"), (&all[2..], "<p>english</p>")]
        {
            assert_eq!(words(&folder(files), Text::Terms, Language::Fr).await, wanted);
        }
        let built_in = words(&folder(&[]), Text::Terms, Language::Fr).await;
        assert!(built_in.contains("Marché *Ouest*") && built_in.contains("help@example.org"), "{built_in}");
        assert_eq!(words(&folder(&[]), Text::Prices, Language::Fr).await, "");
    }

    #[tokio::test]
    async fn what_does_not_read_gives_way_to_the_next() {
        let large = "x".repeat(LARGEST as usize + 1);
        let folder = folder(&[("prices.fr.md", &large), ("prices.md", "9 €"), ("prices.en.md", " ")]);
        assert_eq!(words(&folder, Text::Prices, Language::Fr).await, "<p>9 €</p>");
        fs::write(folder.path().join("prices.md"), b"\xff").unwrap();
        assert_eq!(words(&folder, Text::Prices, Language::Fr).await, "");
        fs::write(folder.path().join("price.md"), "9 €").unwrap();
        let found = survey(folder.path());
        let fault = |name: &str| found.iter().find(|(known, _)| known == name).unwrap().1.clone();
        assert_eq!(fault("prices.fr.md"), Err(TextFault::TooLarge));
        assert_eq!(fault("prices.md"), Err(TextFault::NotText));
        assert_eq!(fault("prices.en.md"), Err(TextFault::Empty));
        assert_eq!(fault("price.md"), Err(TextFault::NoPage));
    }

    #[tokio::test]
    async fn a_file_that_changed_is_shown_as_it_is_now() {
        let folder = folder(&[("imprint.md", "# Us\n\nbefore")]);
        let texts = Texts::of(folder.path().to_owned());
        let shown = async || texts.written(Text::Imprint, Language::It).await;
        let before = shown().await.unwrap();
        assert_eq!((before.title.as_deref(), before.html.as_str()), (Some("Us"), "<p>before</p>"));
        fs::write(folder.path().join("imprint.md"), "and after").unwrap();
        let after = shown().await.unwrap();
        assert!(after.html == "<p>and after</p>" && after.stamp != before.stamp);
        fs::remove_file(folder.path().join("imprint.md")).unwrap();
        assert_eq!(shown().await, None);
    }

    #[test]
    fn every_built_in_text_has_a_title_and_its_reader_is_told_who_runs_this() {
        for text in [Text::Terms, Text::Privacy] {
            for language in Language::ALL {
                let shown = built_in(text, language, &operator()).unwrap();
                assert!(shown.title.is_some(), "{text:?} {language}");
                assert!(!shown.html.contains('{') && shown.html.contains("Marché *Ouest*"), "{}", shown.html);
            }
        }
    }
}
