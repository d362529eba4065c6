//! How a shop looks and what its front page holds: one document.

use std::collections::BTreeMap;

use base::{Language, Line, Slug};
use catalog::{
    Handle, Picture,
    images::{ContentHash, Measures},
};
use serde::{Deserialize, Serialize};

use super::colour::{Colour, button, ink, tint};

base::id!(
    /// Names a section of the front page: `sec_01h455vb4pex5vsknk084sn02q`.
    SectionId: SectionKind, "sec"
);

/// Sections that a front page has room for.
pub const MAX_SECTIONS: usize = 20;
/// Testimonials, questions or pictures in one section.
pub const MAX_ITEMS: usize = 12;
/// Products that a section shows at most.
pub const MAX_FEATURED: u32 = 12;

/// The owner's own words, in each language they were written in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Said(pub BTreeMap<Language, String>);

/// Words for a reader, and their language where it is not the reader's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub words: String,
    pub lang: Option<&'static str>,
}

impl Text {
    /// The attribute that says which language the words are in; nothing where it is the page's.
    pub fn lang_attribute(&self) -> String {
        self.lang.map(|lang| format!(" lang=\"{lang}\"")).unwrap_or_default()
    }
}

impl Said {
    pub fn in_one(language: Language, words: &str) -> Self {
        Self(BTreeMap::from([(language, words.to_owned())]))
    }

    /// In the reader's language, else in the owner's, else in any; nothing where nothing was written.
    pub fn to(&self, reader: Language, home: Language) -> Option<Text> {
        let own = self.0.get(&reader).map(|words| (reader, words));
        let found = own.or_else(|| self.0.get(&home).map(|words| (home, words)));
        let (language, words) =
            found.or_else(|| self.0.iter().next().map(|(language, words)| (*language, words)))?;
        Some(Text { words: words.clone(), lang: (language != reader).then(|| language.code()) })
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $first:ident = $first_text:literal $(, $variant:ident = $text:literal)* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { #[default] $first $(, $variant)* }

        impl $name {
            pub const ALL: &'static [Self] = &[Self::$first $(, Self::$variant)*];

            pub const fn name(self) -> &'static str {
                match self { Self::$first => $first_text $(, Self::$variant => $text)* }
            }

            pub fn named(raw: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.name() == raw)
            }
        }
    };
}

choice!(
    /// The shade of the neutral colours.
    Tone { Light = "light", Warm = "warm", Cool = "cool" }
);
choice!(
    /// The letters of headings: the device's own, so that nothing is fetched.
    Font { Sans = "sans", Serif = "serif" }
);
choice!(
    Corners { Soft = "soft", Square = "square", Round = "round" }
);
choice!(
    /// How lists show their products.
    Layout { Grid = "grid", List = "list", Large = "large" }
);
choice!(
    /// Which products a section shows.
    Source { Newest = "newest", Category = "category", Chosen = "chosen" }
);

/// A picture of the owner's. Its files are named after its content, so that an earlier version still shows its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shot {
    pub hash: ContentHash,
    /// In pixels, of the source.
    pub width: u32,
    pub height: u32,
    /// What it shows; empty for one that only adorns.
    #[serde(default, skip_serializing_if = "Said::is_empty")]
    pub alt: Said,
}

impl Shot {
    pub fn of(measures: &Measures) -> Self {
        Self { hash: measures.hash, width: measures.width, height: measures.height, alt: Said::default() }
    }

    pub fn to(&self, reader: Language, home: Language) -> Picture {
        let alt = self.alt.to(reader, home).map(|alt| alt.words).unwrap_or_default();
        Picture { hash: self.hash, width: self.width, height: self.height, alt }
    }
}

/// How a shop looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Look {
    pub accent: Colour,
    pub tone: Tone,
    pub font: Font,
    pub corners: Corners,
    pub layout: Layout,
    /// Stands for the name in the head of each page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<Shot>,
    /// A line above everything: "Closed on Tabaski".
    #[serde(skip_serializing_if = "Said::is_empty")]
    pub announcement: Said,
    /// What search engines and messengers say of the shop.
    #[serde(skip_serializing_if = "Said::is_empty")]
    pub summary: Said,
    pub sections: Vec<Section>,
}

impl Default for Look {
    /// What a shop starts with: something to see, before anything is said.
    fn default() -> Self {
        Self {
            accent: Colour::new(0x0a, 0x5c, 0x49),
            tone: Tone::default(),
            font: Font::default(),
            corners: Corners::default(),
            layout: Layout::default(),
            logo: None,
            announcement: Said::default(),
            summary: Said::default(),
            sections: Vec::new(),
        }
    }
}

/// A part of the front page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    pub id: SectionId,
    #[serde(default, skip_serializing_if = "Said::is_empty")]
    pub title: Said,
    #[serde(flatten)]
    pub content: Content,
}

/// What a section holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Content {
    /// The first words of the shop, with a button that leads to its products or to one category.
    Hero {
        text: Said,
        button: Said,
        #[serde(default)]
        to: Option<Slug>,
        /// The shop's header image.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        picture: Option<Shot>,
    },
    Featured {
        source: Source,
        #[serde(default)]
        category: Option<Slug>,
        #[serde(default)]
        products: Vec<Handle>,
        count: u32,
    },
    Categories {},
    Text {
        text: Said,
    },
    Gallery {
        items: Vec<Shot>,
    },
    Testimonials {
        items: Vec<Testimonial>,
    },
    Questions {
        items: Vec<Question>,
    },
    Contact {
        text: Said,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Testimonial {
    pub words: Said,
    pub name: Line<120>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub question: Said,
    pub answer: Said,
}

impl Content {
    /// The kinds an owner may add, in the order in which they are offered.
    pub const KINDS: [&'static str; 8] =
        ["hero", "featured", "categories", "text", "gallery", "testimonials", "questions", "contact"];

    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Hero { .. } => "hero",
            Self::Featured { .. } => "featured",
            Self::Categories {} => "categories",
            Self::Text { .. } => "text",
            Self::Gallery { .. } => "gallery",
            Self::Testimonials { .. } => "testimonials",
            Self::Questions { .. } => "questions",
            Self::Contact { .. } => "contact",
        }
    }

    /// A new section of this kind, with nothing said yet.
    pub fn new(kind: &str) -> Option<Self> {
        Some(match kind {
            "hero" => Self::Hero { text: Said::default(), button: Said::default(), to: None, picture: None },
            "featured" => {
                Self::Featured { source: Source::Newest, category: None, products: Vec::new(), count: 8 }
            }
            "categories" => Self::Categories {},
            "text" => Self::Text { text: Said::default() },
            "gallery" => Self::Gallery { items: Vec::new() },
            "testimonials" => Self::Testimonials { items: Vec::new() },
            "questions" => Self::Questions { items: Vec::new() },
            "contact" => Self::Contact { text: Said::default() },
            _ => return None,
        })
    }

    /// Its pictures, and how many there may be; a section without room for one has none.
    pub fn shots(&self) -> (&[Shot], usize) {
        match self {
            Self::Hero { picture, .. } => (picture.as_slice(), 1),
            Self::Gallery { items } => (items, MAX_ITEMS),
            _ => (&[], 0),
        }
    }

    /// With these pictures instead; those beyond its room are left out.
    #[must_use]
    pub fn with_shots(mut self, shots: Vec<Shot>) -> Self {
        match &mut self {
            Self::Hero { picture, .. } => *picture = shots.into_iter().next(),
            Self::Gallery { items } => *items = shots.into_iter().take(MAX_ITEMS).collect(),
            _ => (),
        }
        self
    }
}

impl Look {
    /// Moves a section one place up or down; at the end of the page it stays where it is.
    pub fn shift(&mut self, section: SectionId, up: bool) {
        let Some(place) = self.sections.iter().position(|known| known.id == section) else { return };
        let other = if up { place.checked_sub(1) } else { place.checked_add(1) };
        if let Some(other) = other.filter(|other| *other < self.sections.len()) {
            self.sections.swap(place, other);
        }
    }

    /// Languages in which the owner has written something, in the order of [`Language::ALL`].
    pub fn languages(&self, home: Language) -> Vec<Language> {
        let mut said: Vec<&Said> = vec![&self.announcement, &self.summary];
        for section in &self.sections {
            said.push(&section.title);
            match &section.content {
                Content::Hero { text, button, .. } => said.extend([text, button]),
                Content::Text { text } | Content::Contact { text } => said.push(text),
                Content::Gallery { items } => said.extend(items.iter().map(|shot| &shot.alt)),
                Content::Testimonials { items } => said.extend(items.iter().map(|item| &item.words)),
                Content::Questions { items } => {
                    said.extend(items.iter().flat_map(|item| [&item.question, &item.answer]));
                }
                Content::Featured { .. } | Content::Categories {} => (),
            }
        }
        let written =
            |language: &Language| *language == home || said.iter().any(|said| said.0.contains_key(language));
        Language::ALL.into_iter().filter(written).collect()
    }

    /// The colours by day, then by night.
    pub fn palettes(&self) -> [Palette; 2] {
        let neutral = match self.tone {
            Tone::Light => [(0xff_ffff, 0xf4_f5f3, 0xdc_dfdb), (0x15_181b, 0x1e_2226, 0x35_3c43)],
            Tone::Warm => [(0xff_fdfa, 0xf8_f3eb, 0xe4_dccf), (0x1a_1714, 0x25_211d, 0x40_3a34)],
            Tone::Cool => [(0xff_ffff, 0xf1_f5f9, 0xd6_dee6), (0x12_161c, 0x1b_212a, 0x33_3d4a)],
        };
        neutral.map(|(paper, sheet, line)| Palette::of(self.accent, of(paper), of(sheet), of(line)))
    }

    /// The style element of each page: what differs from the tokens of the design system.
    pub fn style(&self) -> String {
        let round = match self.corners {
            Corners::Soft => "",
            Corners::Square => "--round:0;--round-l:0;",
            Corners::Round => "--round:1rem;--round-l:1.5rem;",
        };
        let font = match self.font {
            Font::Sans => "",
            Font::Serif => "--title:Georgia,\"Noto Serif\",serif;",
        };
        let [day, night] = self.palettes();
        let (day, night) = (day.style(), night.style());
        format!(":root{{{round}{font}{day}}}@media(prefers-color-scheme:dark){{:root{{{night}}}}}")
    }
}

const fn of(rgb: u32) -> Colour {
    let [_, red, green, blue] = rgb.to_be_bytes();
    Colour::new(red, green, blue)
}

/// The computed colours of a shop, by day or by night.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    pub paper: Colour,
    pub sheet: Colour,
    pub line: Colour,
    pub ground: Colour,
    pub on_ground: Colour,
    pub ink: Colour,
    pub tint: Colour,
}

impl Palette {
    fn of(accent: Colour, paper: Colour, sheet: Colour, line: Colour) -> Self {
        let tint = tint(accent, paper);
        let button = button(accent, paper);
        let ink = ink(accent, &[paper, sheet, tint]);
        Self { paper, sheet, line, ground: button.ground, on_ground: button.text, ink, tint }
    }

    fn style(&self) -> String {
        let Self { paper, sheet, line, ground, on_ground, ink, tint } = self;
        format!(
            "--paper:{paper};--sheet:{sheet};--line:{line};--accent:{ground};--on-accent:{on_ground};--accent-ink:{ink};--accent-sheet:{tint}"
        )
    }
}

/// A page of the owner's own: terms, privacy, about, returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPage {
    pub slug: Slug,
    pub title: Said,
    /// In Markdown.
    pub text: Said,
}

#[cfg(test)]
mod tests {
    use super::{super::colour::READABLE, *};

    fn any_look(number: u32) -> Look {
        let [.., red, green, blue] = (number * 65_537 * 17).to_be_bytes();
        let pick = number as usize;
        Look {
            accent: Colour::new(red, green, blue),
            tone: Tone::ALL[pick % 3],
            font: Font::ALL[pick % 2],
            corners: Corners::ALL[pick / 3 % 3],
            ..Look::default()
        }
    }

    #[test]
    fn in_every_look_what_is_written_can_be_read_by_day_and_by_night() {
        let inks = [(of(0x1a_1d21), of(0x56_5f6b)), (of(0xec_eff1), of(0xaa_b3bd))];
        for number in 0..2000 {
            let look = any_look(number);
            for (palette, (text, soft)) in look.palettes().into_iter().zip(inks) {
                assert!(palette.on_ground.contrast(palette.ground) >= READABLE, "{look:?}");
                for ground in [palette.paper, palette.sheet, palette.tint] {
                    assert!(palette.ink.contrast(ground) >= READABLE, "{look:?} on {ground}");
                    assert!(text.contrast(ground) >= READABLE, "{look:?} on {ground}");
                }
                // WCAG AA, for what stands beside
                assert!(soft.contrast(palette.sheet) >= 4.5, "{look:?}");
            }
        }
    }

    #[test]
    fn a_style_is_small() {
        for number in 0..20 {
            let style = any_look(number).style();
            assert!(style.len() <= 500, "{}: {style}", style.len());
        }
    }

    #[test]
    fn words_fall_back_to_the_owners_language_and_say_so() {
        let said = Said::in_one(Language::Fr, "Bonjour");
        assert_eq!(
            said.to(Language::En, Language::Fr),
            Some(Text { words: "Bonjour".to_owned(), lang: Some("fr") })
        );
        assert_eq!(said.to(Language::Fr, Language::Fr).unwrap().lang, None);
        assert_eq!(Said::default().to(Language::Fr, Language::Fr), None);
    }

    #[test]
    fn a_section_moves_by_one_and_never_off_the_page() {
        let section = |letter: char| Section {
            id: format!("sec_01h2xcejqtf2nbrexx3vqjhp4{letter}").parse().unwrap(),
            title: Said::default(),
            content: Content::Categories {},
        };
        let mut look = Look { sections: vec![section('1'), section('2')], ..Look::default() };
        let first = look.sections[0].id;
        look.shift(first, true);
        assert_eq!(look.sections[0].id, first);
        look.shift(first, false);
        assert_eq!(look.sections[1].id, first);
    }

    #[test]
    fn a_look_is_read_back_as_it_was_written() {
        let mut look = any_look(7);
        for (place, kind) in Content::KINDS.into_iter().enumerate() {
            let id = format!("sec_01h2xcejqtf2nbrexx3vqjhp4{place}").parse().unwrap();
            let title = Said::in_one(Language::Fr, "Titre");
            look.sections.push(Section { id, title, content: Content::new(kind).unwrap() });
        }
        let written = serde_json::to_string(&look).unwrap();
        assert_eq!(serde_json::from_str::<Look>(&written).unwrap(), look);
    }
}
