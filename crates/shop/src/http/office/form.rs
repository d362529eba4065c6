//! What the owner typed, field by field: `title.fr`, `item.0.words.en`.

use std::collections::BTreeMap;

use base::{Language, Line, Prose};
use edge::Problem;

use crate::look::{
    Content, Corners, Font, Layout, Look, MAX_FEATURED, MAX_ITEMS, Question, Said, Section, SectionId, Shot,
    Source, Testimonial, Tone,
};

/// A form's fields as they came.
pub struct Fields(pub Vec<(String, String)>);

fn refused(field: &str, error: impl std::fmt::Display) -> Problem {
    Problem::unprocessable("input-malformed", &error).field(field, error)
}

impl Fields {
    /// The first value of a field; empty where it was not sent.
    pub fn first(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// One line in each language.
    fn line(&self, name: &str) -> Result<Said, Problem> {
        self.said(name, |raw| Line::<160>::parse_optional(raw).map(|line| line.map(|line| line.to_string())))
    }

    /// A text in each language.
    fn prose(&self, name: &str) -> Result<Said, Problem> {
        self.said(name, |raw| {
            let text: Prose<20_000> = raw.parse()?;
            Ok::<_, base::TextError>(Some(text.to_string()).filter(|text| !text.is_empty()))
        })
    }

    fn said<E: std::fmt::Display>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Result<Option<String>, E>,
    ) -> Result<Said, Problem> {
        let mut said = BTreeMap::new();
        for language in Language::ALL {
            let field = format!("{name}.{}", language.code());
            if let Some(words) = read(self.first(&field)).map_err(|error| refused(&field, error))? {
                said.insert(language, words);
            }
        }
        Ok(Said(said))
    }

    /// A section of the kind that `known` is.
    pub fn section(&self, id: SectionId, known: &Content) -> Result<Section, Problem> {
        let content = match known {
            Content::Hero { .. } => Content::Hero {
                text: self.prose("text")?,
                button: self.line("button")?,
                to: self.first("to").parse().ok(),
                picture: self.shots(known)?.into_iter().next(),
            },
            Content::Featured { .. } => {
                let handles = self.first("products").split([',', '\n', ' ']);
                let handles = handles.map(str::trim).filter(|handle| !handle.is_empty());
                let read = |raw: &str| {
                    // an address of the product's page is as good as its handle
                    let last = raw.trim_end_matches('/').rsplit('/').next().unwrap_or(raw);
                    last.parse().map_err(|error| refused("products", error))
                };
                let count: u32 = self.first("count").trim().parse().unwrap_or(MAX_FEATURED);
                Content::Featured {
                    source: Source::named(self.first("source")).unwrap_or_default(),
                    category: self.first("category").parse().ok(),
                    products: handles.take(MAX_FEATURED as usize).map(read).collect::<Result<_, _>>()?,
                    count: count.clamp(1, MAX_FEATURED),
                }
            }
            Content::Categories {} => Content::Categories {},
            Content::Text { .. } => Content::Text { text: self.prose("text")? },
            Content::Contact { .. } => Content::Contact { text: self.prose("text")? },
            Content::Gallery { .. } => Content::Gallery { items: self.shots(known)? },
            Content::Testimonials { .. } => {
                let mut items = Vec::new();
                for place in 0..MAX_ITEMS {
                    let words = self.prose(&format!("item.{place}.words"))?;
                    let field = format!("item.{place}.name");
                    let name =
                        Line::parse_optional(self.first(&field)).map_err(|error| refused(&field, error))?;
                    match (name, words.is_empty()) {
                        (Some(name), false) => items.push(Testimonial { words, name }),
                        (None, false) => return Err(refused(&field, base::TextError::Empty)),
                        (_, true) => (),
                    }
                }
                Content::Testimonials { items }
            }
            Content::Questions { .. } => {
                let mut items = Vec::new();
                for place in 0..MAX_ITEMS {
                    let question = self.line(&format!("item.{place}.question"))?;
                    let answer = self.prose(&format!("item.{place}.answer"))?;
                    match (question.is_empty(), answer.is_empty()) {
                        (false, false) => items.push(Question { question, answer }),
                        (false, true) => {
                            return Err(refused(&format!("item.{place}.answer"), base::TextError::Empty));
                        }
                        (true, _) => (),
                    }
                }
                Content::Questions { items }
            }
        };
        Ok(Section { id, title: self.line("title")?, content })
    }

    /// The pictures of a section with what is said of each, after the button that moves or removes one:
    /// `remove.2`, `earlier.1`.
    fn shots(&self, known: &Content) -> Result<Vec<Shot>, Problem> {
        let (known, _) = known.shots();
        let said = |(place, shot): (usize, &Shot)| {
            Ok(Shot { alt: self.line(&format!("shot.{place}.alt"))?, ..shot.clone() })
        };
        let mut shots = known.iter().enumerate().map(said).collect::<Result<Vec<_>, Problem>>()?;
        let (deed, place) = self.first("action").split_once('.').unwrap_or_default();
        match (deed, place.parse::<usize>()) {
            ("remove", Ok(place)) if place < shots.len() => drop(shots.remove(place)),
            ("earlier", Ok(place)) if (1..shots.len()).contains(&place) => shots.swap(place - 1, place),
            _ => (),
        }
        Ok(shots)
    }

    /// The look, without its sections.
    pub fn look(&self) -> Result<Look, Problem> {
        Ok(Look {
            accent: self.first("accent").parse().map_err(|error| refused("accent", error))?,
            tone: Tone::named(self.first("tone")).unwrap_or_default(),
            font: Font::named(self.first("font")).unwrap_or_default(),
            corners: Corners::named(self.first("corners")).unwrap_or_default(),
            layout: Layout::named(self.first("layout")).unwrap_or_default(),
            announcement: self.line("announcement")?,
            summary: self.line("summary")?,
            logo: None,
            sections: Vec::new(),
        })
    }

    /// Title and text of a page; the title stands in the owner's language at least.
    pub fn page(&self, home: Language) -> Result<(Said, Said), Problem> {
        let (title, text) = (self.line("title")?, self.prose("text")?);
        if title.0.contains_key(&home) {
            Ok((title, text))
        } else {
            Err(refused(&format!("title.{}", home.code()), base::TextError::Empty))
        }
    }
}

#[cfg(test)]
mod tests {
    use catalog::images::ContentHash;

    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn id() -> SectionId {
        "sec_01h2xcejqtf2nbrexx3vqjhp41".parse().unwrap()
    }

    #[test]
    fn an_empty_row_of_questions_is_no_question() {
        let typed = fields(&[
            ("title.fr", "Questions"),
            ("item.0.question.fr", "Livrez-vous ?"),
            ("item.0.answer.fr", "Oui."),
            ("item.1.question.fr", "  "),
        ]);
        let section = typed.section(id(), &Content::new("questions").unwrap()).unwrap();
        assert_eq!(section.title, Said::in_one(Language::Fr, "Questions"));
        let Content::Questions { items } = section.content else { panic!("{:?}", section.content) };
        assert_eq!(items.len(), 1);
    }

    #[test]
    fn a_question_without_an_answer_is_told_where() {
        let typed = fields(&[("item.0.question.en", "Do you deliver?")]);
        let problem = typed.section(id(), &Content::new("questions").unwrap()).unwrap_err();
        assert_eq!(problem.fields()[0].field, "item.0.answer");
    }

    #[test]
    fn a_gallery_keeps_its_pictures_and_what_is_typed_beside_them_while_one_is_removed() {
        let shot =
            |name: &[u8]| Shot { hash: ContentHash::of(name), width: 4, height: 3, alt: Said::default() };
        let gallery = Content::Gallery { items: vec![shot(b"a"), shot(b"b"), shot(b"c")] };
        let kept = |action: &str| {
            let typed = fields(&[("action", action), ("shot.2.alt.fr", "Le marché")]);
            let section = typed.section(id(), &gallery).unwrap();
            let (shots, _) = section.content.shots();
            shots.iter().map(|shot| (shot.hash, shot.alt.is_empty())).collect::<Vec<_>>()
        };
        let [a, b, c] = [b"a", b"b", b"c"].map(|name| ContentHash::of(name));
        assert_eq!(kept("save"), [(a, true), (b, true), (c, false)]);
        assert_eq!(kept("remove.1"), [(a, true), (c, false)]);
        assert_eq!(kept("earlier.2"), [(a, true), (c, false), (b, true)]);
        for nonsense in ["remove.3", "earlier.0", "remove.", "earlier.-1"] {
            assert_eq!(kept(nonsense), kept("save"), "{nonsense}");
        }
    }

    #[test]
    fn products_are_named_by_handle_or_by_address() {
        let typed = fields(&[
            ("source", "chosen"),
            ("products", "bazin-riche, https://shop.example/t/a/products/pagne-wax/"),
            ("count", "99"),
        ]);
        let section = typed.section(id(), &Content::new("featured").unwrap()).unwrap();
        let Content::Featured { products, count, .. } = section.content else { panic!() };
        assert_eq!(
            products.iter().map(|handle| handle.as_str()).collect::<Vec<_>>(),
            ["bazin-riche", "pagne-wax"]
        );
        assert_eq!(count, MAX_FEATURED);
    }
}
