//! Pages of operations: the ledger and the audit log.

use std::collections::BTreeSet;

use askama::Template;
use edge::Frame;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use spine::{
    events::Seen,
    ledger::{Account, Balance, Recorded},
};

/// Balances and entries.
#[derive(Template)]
#[template(path = "ledger.html")]
pub struct LedgerPage {
    pub frame: Frame,
    pub test: bool,
    pub balances: Vec<Balance>,
    pub entries: Vec<Recorded>,
    pub account: String,
    pub next: Option<String>,
}

impl LedgerPage {
    /// The account in plain words.
    fn words(&self, account: &Account) -> String {
        account_words(&self.frame, account)
    }

    fn kind(&self, entry: &Recorded) -> String {
        self.frame.t(&format!("entry-{}", entry.kind))
    }

    fn next_href(&self) -> Option<String> {
        let book = if self.test { "test" } else { "" };
        next_href(self.next.as_deref(), &[("account", &self.account), ("book", book)])
    }
}

/// An account in plain words.
pub fn account_words(frame: &Frame, account: &Account) -> String {
    let name = account.to_string();
    let (kind, of) = name.split_once(':').unwrap_or((&name, ""));
    if of.is_empty() {
        frame.t(&format!("account-{kind}"))
    } else if of == "drawer" {
        frame.t1(&format!("account-{kind}"), "of", frame.t("holder-drawer"))
    } else {
        frame.t1(&format!("account-{kind}"), "of", of)
    }
}

/// Who did what.
#[derive(Template)]
#[template(path = "audit.html")]
pub struct AuditPage {
    pub frame: Frame,
    pub events: Vec<Seen>,
    pub names: people::actors::Names,
    pub kind: String,
    pub subject: String,
    pub actor: String,
    pub from: String,
    pub to: String,
    pub next: Option<String>,
}

/// What events begin with, each with a text of its own.
const AREAS: [&str; 21] = [
    "order",
    "payment",
    "document",
    "gift-card",
    "store-credit",
    "product",
    "category",
    "image",
    "stock",
    "location",
    "zone",
    "shop",
    "member",
    "key",
    "business",
    "payment-method",
    "tax-code",
    "campaign",
    "coupon",
    "job",
    "tenant",
];

impl AuditPage {
    /// What may be asked for: `order.` and its words.
    fn areas(&self) -> Vec<(String, String)> {
        let words = |area: &&str| self.frame.t(&format!("audit-area-{area}"));
        AREAS.iter().map(|area| (format!("{area}."), words(area))).collect()
    }

    fn asked(&self) -> [(&'static str, &str); 5] {
        [
            ("kind", &self.kind),
            ("subject", &self.subject),
            ("actor", &self.actor),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    fn is_filtered(&self) -> bool {
        self.asked().iter().any(|(_, wish)| !wish.is_empty())
    }

    fn next_href(&self) -> Option<String> {
        next_href(self.next.as_deref(), &self.asked())
    }

    fn csv_href(&self) -> String {
        let asked = self.asked();
        let kept = asked.iter().filter(|(_, wish)| !wish.is_empty());
        let pair =
            |(name, wish): &(&str, &str)| format!("{name}={}", utf8_percent_encode(wish, NON_ALPHANUMERIC));
        format!("{}/audit.csv?{}", self.frame.office, kept.map(pair).collect::<Vec<_>>().join("&"))
    }

    fn who(&self, event: &Seen) -> String {
        self.names.of(&self.frame, &event.actor)
    }

    /// Where the thing that an event happened to is seen.
    fn page_of(&self, event: &Seen) -> Option<String> {
        let office = &self.frame.office;
        match event.subject.split('_').next()? {
            "order" => Some(format!("{office}/orders/{}", event.subject)),
            "prod" => Some(format!("{office}/products/{}", event.subject)),
            "card" => Some(format!("{office}/cards/{}", event.subject)),
            "doc" => Some(format!("{office}/documents/{}", event.subject)),
            "cmp" => Some(format!("{office}/campaigns/{}", event.subject)),
            _ => None,
        }
    }

    /// What happened in plain words, or its name where nobody wrote any.
    fn what(&self, event: &Seen) -> String {
        let key = format!("happened-{}", event.kind.replace('.', "-"));
        let words = self.frame.t(&key);
        if words == key { event.kind.clone() } else { words }
    }

    /// What changed: field, before, after.
    fn changes(&self, event: &Seen) -> Vec<(String, String, String)> {
        let Some(payload) = &event.payload else { return Vec::new() };
        let side = |side: &str| payload[side].as_object().cloned().unwrap_or_default();
        let (before, after) = (side("before"), side("after"));
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let value = |side: &serde_json::Map<String, serde_json::Value>, name: &str| {
            side.get(name).filter(|value| !value.is_null()).map(plain).unwrap_or_default()
        };
        let rows = names.into_iter().map(|name| (name.clone(), value(&before, name), value(&after, name)));
        rows.filter(|(_, before, after)| before != after).collect()
    }
}

fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn next_href(cursor: Option<&str>, kept: &[(&str, &str)]) -> Option<String> {
    let mut href = format!("?cursor={}", cursor?);
    for (name, value) in kept.iter().filter(|(_, value)| !value.is_empty()) {
        href.push_str(&format!("&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    }
    Some(href)
}
