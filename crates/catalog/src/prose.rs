//! Texts that people typed in Markdown, for a page: an owner's few lines, or a whole document of the operator's.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use crate::{Html, model::clean};

/// Clean HTML of an owner's text; a single line break stays one, as people expect who never heard of Markdown.
pub fn to_html(text: &str) -> String {
    let kept = text.replace("\r\n", "\n").replace('\n', "  \n");
    let mut page = String::new();
    html::push_html(&mut page, Parser::new_ext(&kept, Options::empty()));
    // what is longer than a description may be, or odd, is shown as nothing rather than raw
    page.parse::<Html>().map(|clean| clean.for_page()).unwrap_or_default()
}

/// A whole text: what its first line calls it, and the rest as clean HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Plain words, not escaped.
    pub title: Option<String>,
    pub html: String,
}

/// Reads Markdown with tables. A `#` at its very beginning is the title; below it the headings keep their order.
pub fn document(markdown: &str) -> Document {
    let mut events = Parser::new_ext(markdown, Options::ENABLE_TABLES).peekable();
    let mut title = None;
    if matches!(events.peek(), Some(Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }))) {
        let heading = events.by_ref().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
        let words = heading.fold(String::new(), |words, event| match event {
            Event::Text(more) | Event::Code(more) => words + &more,
            Event::SoftBreak | Event::HardBreak => words + " ",
            _ => words,
        });
        title = Some(words).filter(|words| !words.trim().is_empty());
    }
    let mut page = String::new();
    html::push_html(&mut page, events.map(below_the_title));
    Document { title, html: clean(&page) }
}

/// The page's own heading is the first; the list of clean tags ends with the fourth.
fn below_the_title(event: Event<'_>) -> Event<'_> {
    let level = |level: HeadingLevel| match level {
        HeadingLevel::H1 | HeadingLevel::H2 => HeadingLevel::H2,
        HeadingLevel::H3 => HeadingLevel::H3,
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H4,
    };
    match event {
        Event::Start(Tag::Heading { level: deep, id, classes, attrs }) => {
            Event::Start(Tag::Heading { level: level(deep), id, classes, attrs })
        }
        Event::End(TagEnd::Heading(deep)) => Event::End(TagEnd::Heading(level(deep))),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lists_and_lines_stay_and_what_could_run_goes() {
        assert_eq!(to_html("Un\nDeux\n\nTrois"), "<p>Un<br>\nDeux</p>\n<p>Trois</p>");
        assert_eq!(to_html("- a\n- b"), "<ul>\n<li>a</li>\n<li>b</li>\n</ul>");
        assert_eq!(to_html("<script>alert(1)</script><b onclick=x>c</b>"), "<b>c</b>");
        assert!(!to_html("[a](javascript:alert(1))").contains("javascript"));
    }

    #[test]
    fn a_document_begins_with_its_title_and_its_lines_flow() {
        let read = document("# Prices & more\n\nOne\nline.\n\n# Plans\n\n##### Small\n");
        assert_eq!(read.title.as_deref(), Some("Prices & more"));
        assert_eq!(read.html, "<p>One\nline.</p>\n<h2>Plans</h2>\n<h4>Small</h4>");
        assert_eq!(document("Words\n\n# Later").title, None);
    }

    #[test]
    fn a_document_has_tables_and_nothing_that_runs() {
        let read = document("| a | b |\n|---|---|\n| 1 | <img src=x onerror=alert(1)> |\n");
        assert!(read.html.contains("<td>1</td>") && !read.html.contains("img"), "{}", read.html);
        assert_eq!(document("# <b onclick=x>A</b>").title.as_deref(), Some("A"));
    }
}
