//! Pages of the back office on which an owner composes the shop.

use askama::Template;
use base::{Language, Slug, Timestamp};
use catalog::{Category, Loading, Picture};
use edge::Frame;
use people::actors::Names;

use crate::look::{
    Content, Corners, Font, Layout, Look, MAX_FEATURED, MAX_ITEMS, OwnPage, Palette, Said, Section, Shot,
    Source, Tone, Version,
};

/// The sections of the front page, with what is published and what is not yet.
#[derive(Template)]
#[template(path = "office_sections.html")]
pub struct SectionsPage {
    pub frame: Frame,
    /// The draft.
    pub look: Look,
    /// Since when it differs from what visitors see.
    pub drafted: Option<Timestamp>,
    /// The newest is what visitors see.
    pub versions: Vec<Version>,
    /// Names of who published.
    pub names: Names,
    /// The address that shows the draft for ten minutes, if one was just asked for.
    pub preview: Option<String>,
    pub home: Language,
}

impl SectionsPage {
    fn kinds(&self) -> Vec<(&'static str, String)> {
        Content::KINDS.iter().map(|kind| (*kind, self.kind_words(kind))).collect()
    }

    fn kind_words(&self, kind: &str) -> String {
        self.frame.t(&format!("design-kind-{kind}"))
    }

    fn title(&self, section: &Section) -> String {
        section.title.to(self.frame.language(), self.home).map(|title| title.words).unwrap_or_default()
    }

    fn by(&self, version: &Version) -> String {
        self.names.of(&self.frame, &version.published_by)
    }

    /// What can be brought back.
    fn earlier(&self) -> &[Version] {
        self.versions.get(1..).unwrap_or_default()
    }
}

/// A field that can be filled in each language.
pub struct Field {
    pub name: String,
    /// The languages with what stands in them; the owner's own first.
    pub rows: Vec<(Language, String)>,
}

impl Field {
    fn of(name: impl Into<String>, said: &Said, languages: &[Language]) -> Self {
        let row = |language: &Language| (*language, said.0.get(language).cloned().unwrap_or_default());
        Self { name: name.into(), rows: languages.iter().map(row).collect() }
    }

    fn own(&self) -> &str {
        self.rows.first().map_or("", |(_, words)| words.as_str())
    }

    fn own_code(&self) -> &'static str {
        self.rows.first().map_or("en", |(language, _)| language.code())
    }

    fn others(&self) -> &[(Language, String)] {
        self.rows.get(1..).unwrap_or_default()
    }

    /// Whether another language holds words already.
    fn has_others(&self) -> bool {
        self.others().iter().any(|(_, words)| !words.is_empty())
    }
}

/// A row of testimonials or questions: its place, one field of a line or a name, one of prose.
pub struct Row {
    pub place: usize,
    pub name: String,
    pub line: Option<Field>,
    pub prose: Field,
}

/// One section of the draft.
#[derive(Template)]
#[template(path = "office_section.html")]
pub struct SectionPage {
    pub frame: Frame,
    pub section: Section,
    pub categories: Vec<Category>,
    pub languages: Vec<Language>,
    /// What stands against the picture that was sent.
    pub flaw: Option<String>,
}

/// A picture of a section: its markup, and what is said of it.
pub struct ShotRow {
    pub shown: String,
    pub alt: Field,
}

fn shown(shot: &Shot, frame: &Frame) -> String {
    let alone = Picture { alt: String::new(), ..shot.to(frame.language(), frame.language()) };
    alone.markup(frame, "10rem", Loading::Lazy)
}

impl SectionPage {
    fn shots(&self) -> Vec<ShotRow> {
        let row = |(place, shot): (usize, &Shot)| ShotRow {
            shown: shown(shot, &self.frame),
            alt: Field::of(format!("shot.{place}.alt"), &shot.alt, &self.languages),
        };
        self.section.content.shots().0.iter().enumerate().map(row).collect()
    }

    /// How many pictures there may be.
    fn room(&self) -> usize {
        self.section.content.shots().1
    }

    fn kind_words(&self) -> String {
        self.frame.t(&format!("design-kind-{}", self.section.content.kind()))
    }

    fn title(&self) -> Field {
        Field::of("title", &self.section.title, &self.languages)
    }

    /// The words of a section that has some.
    fn text(&self) -> Option<Field> {
        match &self.section.content {
            Content::Hero { text, .. } | Content::Text { text } | Content::Contact { text } => {
                Some(Field::of("text", text, &self.languages))
            }
            _ => None,
        }
    }

    fn button(&self) -> Option<Field> {
        match &self.section.content {
            Content::Hero { button, .. } => Some(Field::of("button", button, &self.languages)),
            _ => None,
        }
    }

    /// Where the button leads, or what is shown.
    fn is_category(&self, category: &Category) -> bool {
        match &self.section.content {
            Content::Hero { to, .. } => to.as_ref() == Some(&category.slug),
            Content::Featured { category: chosen, .. } => chosen.as_ref() == Some(&category.slug),
            _ => false,
        }
    }

    /// The sources of a section of products, with their words and whether they are chosen.
    fn sources(&self) -> Vec<(&'static str, String, bool)> {
        let Content::Featured { source, .. } = &self.section.content else { return Vec::new() };
        let words = |known: &Source| self.frame.t(&format!("design-source-{}", known.name()));
        Source::ALL.iter().map(|known| (known.name(), words(known), known == source)).collect()
    }

    fn products(&self) -> String {
        let Content::Featured { products, .. } = &self.section.content else { return String::new() };
        let handles: Vec<&str> = products.iter().map(|handle| handle.as_str()).collect();
        handles.join("\n")
    }

    fn count(&self) -> u32 {
        if let Content::Featured { count, .. } = &self.section.content { *count } else { MAX_FEATURED }
    }

    fn is_testimonials(&self) -> bool {
        matches!(self.section.content, Content::Testimonials { .. })
    }

    /// The rows there are, and one to fill.
    fn rows(&self) -> Vec<Row> {
        let field = |place: usize, name: &str, said: &Said| {
            Field::of(format!("item.{place}.{name}"), said, &self.languages)
        };
        let empty = Said::default();
        let mut rows: Vec<Row> = match &self.section.content {
            Content::Testimonials { items } => items
                .iter()
                .enumerate()
                .map(|(place, item)| Row {
                    place,
                    name: item.name.to_string(),
                    line: None,
                    prose: field(place, "words", &item.words),
                })
                .collect(),
            Content::Questions { items } => items
                .iter()
                .enumerate()
                .map(|(place, item)| Row {
                    place,
                    name: String::new(),
                    line: Some(field(place, "question", &item.question)),
                    prose: field(place, "answer", &item.answer),
                })
                .collect(),
            _ => return Vec::new(),
        };
        let place = rows.len();
        if place < MAX_ITEMS {
            let questions = !self.is_testimonials();
            let prose = field(place, if questions { "answer" } else { "words" }, &empty);
            let line = questions.then(|| field(place, "question", &empty));
            rows.push(Row { place, name: String::new(), line, prose });
        }
        rows
    }
}

/// Colours, letters, corners, layout, and the words that stand on each page.
#[derive(Template)]
#[template(path = "office_look.html")]
pub struct LookPage {
    pub frame: Frame,
    pub look: Look,
    pub drafted: bool,
    pub languages: Vec<Language>,
    /// What stands against the logo that was sent.
    pub flaw: Option<String>,
}

/// A choice of the form: its name, and its values with their words.
pub struct Choice {
    pub name: &'static str,
    pub values: Vec<(&'static str, String, bool)>,
}

impl LookPage {
    fn choices(&self) -> Vec<Choice> {
        let words = |group: &str, name: &str| self.frame.t(&format!("design-{group}-{name}"));
        let look = &self.look;
        vec![
            Choice {
                name: "tone",
                values: Tone::ALL
                    .iter()
                    .map(|tone| (tone.name(), words("tone", tone.name()), *tone == look.tone))
                    .collect(),
            },
            Choice {
                name: "font",
                values: Font::ALL
                    .iter()
                    .map(|font| (font.name(), words("font", font.name()), *font == look.font))
                    .collect(),
            },
            Choice {
                name: "corners",
                values: Corners::ALL
                    .iter()
                    .map(|corners| {
                        (corners.name(), words("corners", corners.name()), *corners == look.corners)
                    })
                    .collect(),
            },
            Choice {
                name: "layout",
                values: Layout::ALL
                    .iter()
                    .map(|layout| (layout.name(), words("layout", layout.name()), *layout == look.layout))
                    .collect(),
            },
        ]
    }

    fn logo(&self) -> Option<String> {
        self.look.logo.as_ref().map(|logo| shown(logo, &self.frame))
    }

    fn announcement(&self) -> Field {
        Field::of("announcement", &self.look.announcement, &self.languages)
    }

    fn summary(&self) -> Field {
        Field::of("summary", &self.look.summary, &self.languages)
    }

    /// The computed colours with their words: by day, by night.
    fn palettes(&self) -> Vec<(String, Palette)> {
        let names = ["design-by-day", "design-by-night"];
        names.iter().map(|key| self.frame.t(key)).zip(self.look.palettes()).collect()
    }

    /// A contrast as people write it: `7,4`.
    fn ratio(&self, one: &crate::look::colour::Colour, other: &crate::look::colour::Colour) -> String {
        // rounded down: what is promised is reached
        let tenths = (one.contrast(*other) * 10.0).floor() / 10.0;
        let written = format!("{tenths:.1}");
        match self.frame.language() {
            Language::Fr | Language::It => written.replace('.', ","),
            _ => written,
        }
    }
}

/// The owner's own pages.
#[derive(Template)]
#[template(path = "office_pages.html")]
pub struct PagesPage {
    pub frame: Frame,
    pub pages: Vec<OwnPage>,
    pub home: Language,
}

impl PagesPage {
    /// Pages that most shops have.
    pub const USUAL: [&'static str; 4] = ["terms", "privacy", "about", "returns"];

    fn usual(&self) -> Vec<(&'static str, String)> {
        Self::USUAL.iter().map(|name| (*name, self.frame.t(&format!("design-page-{name}")))).collect()
    }

    fn title(&self, page: &OwnPage) -> String {
        page.title.to(self.frame.language(), self.home).map(|title| title.words).unwrap_or_default()
    }
}

/// One page of the owner's own.
#[derive(Template)]
#[template(path = "office_text.html")]
pub struct TextPage {
    pub frame: Frame,
    /// Its address; none while it is new.
    pub slug: Option<Slug>,
    pub title: Said,
    pub text: Said,
    pub languages: Vec<Language>,
}

impl TextPage {
    fn title_field(&self) -> Field {
        Field::of("title", &self.title, &self.languages)
    }

    fn text_field(&self) -> Field {
        Field::of("text", &self.text, &self.languages)
    }
}
