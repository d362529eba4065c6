//! Notices of the operator to all merchants, at the top of every page of the back office. The board is in memory: whoever
//! keeps the notices hangs them here again when they change.

use std::sync::Arc;

use base::{Language, Timestamp};
use http::HeaderMap;
use parking_lot::RwLock;

use crate::{App, SetCookie, cookies};

/// The cookie with what a person has put away.
const COOKIE: &str = "notices";
/// Notices put away that are remembered, the latest of them.
const REMEMBERED: usize = 8;
const REMEMBERED_FOR_S: i64 = 90 * 24 * 3600;

/// How grave a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// Each person may put it away.
    Information,
    /// It stays.
    Warning,
}

impl NoticeKind {
    pub const ALL: [Self; 2] = [Self::Information, Self::Warning];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Warning => "warning",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == raw)
    }

    /// Its drawing in `icons.svg`.
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Information => "info",
            Self::Warning => "triangle-alert",
        }
    }

    /// The class of its box.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Information => "",
            Self::Warning => "warn",
        }
    }
}

/// A notice as it hangs on the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: String,
    pub kind: NoticeKind,
    /// In the languages the operator wrote, the first of them first; never empty.
    pub texts: Vec<(Language, String)>,
    pub from: Timestamp,
    pub until: Timestamp,
}

impl Notice {
    /// In `language`, or in the first one there is.
    pub fn text(&self, language: Language) -> Option<&(Language, String)> {
        self.texts.iter().find(|(known, _)| *known == language).or(self.texts.first())
    }

    fn hangs(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }
}

/// A notice as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownNotice {
    pub id: String,
    pub kind: NoticeKind,
    /// The language of its words.
    pub language: Language,
    /// Safe markup: what was typed is escaped, addresses are links.
    pub html: String,
    /// The token of the form that puts it away, which belongs to no business.
    pub token: String,
}

/// Where notices hang.
#[derive(Default)]
pub struct Board(RwLock<Arc<Vec<Notice>>>);

impl Board {
    /// Takes down what hangs here and hangs `notices`.
    pub fn hang(&self, notices: Vec<Notice>) {
        *self.0.write() = Arc::new(notices);
    }

    /// What somebody who put `away` some is shown now.
    pub(crate) fn shown(
        &self,
        now: Timestamp,
        language: Language,
        away: &str,
        token: &str,
    ) -> Vec<ShownNotice> {
        let notices = Arc::clone(&self.0.read());
        let put_away = |notice: &Notice| {
            notice.kind == NoticeKind::Information && away.split('.').any(|id| id == notice.id)
        };
        let hanging = notices.iter().filter(|notice| notice.hangs(now) && !put_away(notice));
        hanging
            .filter_map(|notice| {
                let (language, text) = notice.text(language)?;
                Some(ShownNotice {
                    id: notice.id.clone(),
                    kind: notice.kind,
                    language: *language,
                    html: linked(text),
                    token: token.to_owned(),
                })
            })
            .collect()
    }
}

/// What somebody has put away, as the cookie says it.
pub(crate) fn put_away(app: &App, headers: &HeaderMap) -> String {
    cookies::get(app, headers, COOKIE).unwrap_or_default().to_owned()
}

/// The cookie with `notice` among those put away.
pub fn put_away_also(app: &App, headers: &HeaderMap, notice: &str) -> SetCookie {
    let before = put_away(app, headers);
    let others = before.split('.').filter(|id| !id.is_empty() && *id != notice);
    let mut all: Vec<&str> = others.collect();
    all.push(notice);
    let kept = &all[all.len().saturating_sub(REMEMBERED)..];
    cookies::set(app, COOKIE, &kept.join("."), REMEMBERED_FOR_S)
}

/// `text` as markup that does nothing: escaped, its lines kept, and `https://…` made a link.
pub fn linked(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 32);
    for (place, line) in text.trim().lines().enumerate() {
        if place > 0 {
            html.push_str("<br>");
        }
        for (place, word) in line.split(' ').enumerate() {
            if place > 0 {
                html.push(' ');
            }
            link_word(&mut html, word);
        }
    }
    html
}

fn link_word(html: &mut String, word: &str) {
    // what ends a sentence is no part of the address
    let address = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '»', '"', '\'']);
    let starts = |scheme: &str| address.len() > scheme.len() && address.starts_with(scheme);
    if starts("https://") || starts("http://") {
        let escaped_address = escaped(address);
        html.push_str(&format!(
            "<a href=\"{escaped_address}\" rel=\"noopener noreferrer\">{escaped_address}</a>{}",
            escaped(&word[address.len()..])
        ));
    } else {
        html.push_str(&escaped(word));
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_micros(1_795_176_000_000_000);

    fn notice(id: &str, kind: NoticeKind) -> Notice {
        let texts =
            vec![(Language::Fr, "Arrêt ce soir".to_owned()), (Language::En, "Down tonight".to_owned())];
        Notice { id: id.to_owned(), kind, texts, from: NOON, until: NOON.plus_s(3600) }
    }

    fn shown(now: Timestamp, language: Language, away: &str) -> Vec<String> {
        let board = Board::default();
        board.hang(vec![notice("ntc_1", NoticeKind::Information), notice("ntc_2", NoticeKind::Warning)]);
        board
            .shown(now, language, away, "")
            .into_iter()
            .map(|shown| format!("{} {}", shown.id, shown.html))
            .collect()
    }

    #[test]
    fn a_notice_hangs_in_its_time_and_in_the_readers_language_or_the_first() {
        assert_eq!(shown(NOON.plus_s(-1), Language::En, ""), Vec::<String>::new());
        assert_eq!(shown(NOON, Language::En, ""), ["ntc_1 Down tonight", "ntc_2 Down tonight"]);
        assert_eq!(shown(NOON, Language::Sw, "")[0], "ntc_1 Arrêt ce soir");
        assert_eq!(shown(NOON.plus_s(3600), Language::En, ""), Vec::<String>::new());
    }

    #[test]
    fn an_information_can_be_put_away_and_a_warning_stays() {
        assert_eq!(shown(NOON, Language::En, "ntc_2.ntc_1"), ["ntc_2 Down tonight"]);
    }

    #[test]
    fn what_is_typed_does_nothing_and_addresses_are_links() {
        assert_eq!(linked("a <b>\n'c'"), "a &lt;b&gt;<br>&#39;c&#39;");
        let link = linked("See https://example.org/a?b=1&c=\"x.");
        assert_eq!(
            link,
            "See <a href=\"https://example.org/a?b=1&amp;c=&quot;x\" rel=\"noopener noreferrer\">\
             https://example.org/a?b=1&amp;c=&quot;x</a>."
        );
        assert_eq!(linked("javascript:alert(1) https://"), "javascript:alert(1) https://");
    }
}
