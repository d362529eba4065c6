//! The owner's texts as they are typed, in Markdown, for a page.

use catalog::Html;
use pulldown_cmark::{Options, Parser, html};

/// Clean HTML; a single line break stays one, as people expect who never heard of Markdown.
pub fn to_html(text: &str) -> String {
    let kept = text.replace("\r\n", "\n").replace('\n', "  \n");
    let mut page = String::new();
    html::push_html(&mut page, Parser::new_ext(&kept, Options::empty()));
    // what is longer than a description may be, or odd, is shown as nothing rather than raw
    page.parse::<Html>().map(|clean| clean.for_page()).unwrap_or_default()
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
}
