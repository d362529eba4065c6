//! Pages of operations: sign-up, the operator's console, the ledger and the audit log.

use std::sync::Arc;

use askama::Template;
use base::Country;
use db::Tenant;
use edge::Frame;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use spine::{
    events::Seen,
    ledger::{Account, Balance, Recorded},
};

/// A new business is asked for.
#[derive(Template)]
#[template(path = "sign_up.html")]
pub struct SignUpPage {
    pub frame: Frame,
    pub form: crate::sign_up::SignUpForm,
    /// The field at fault and what to do about it.
    pub faults: Vec<(String, String)>,
    /// Codes and names of the countries to choose from.
    pub countries: Vec<(Country, &'static str)>,
}

impl SignUpPage {
    fn fault(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|(name, _)| name == field).map(|(_, words)| words.as_str())
    }
}

/// A business was made; its secret key is shown this once.
#[derive(Template)]
#[template(path = "signed_up.html")]
pub struct SignedUpPage {
    pub frame: Frame,
    pub slug: String,
    pub public_key: String,
    pub secret_key: String,
    pub waiting: bool,
}

/// All tenants, for the operator.
#[derive(Template)]
#[template(path = "operator.html")]
pub struct OperatorPage {
    pub frame: Frame,
    pub tenants: Vec<Arc<Tenant>>,
}

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
        let name = account.to_string();
        let (kind, of) = name.split_once(':').unwrap_or((&name, ""));
        if of.is_empty() {
            self.frame.t(&format!("account-{kind}"))
        } else if of == "drawer" {
            self.frame.t1(&format!("account-{kind}"), "of", self.frame.t("holder-drawer"))
        } else {
            self.frame.t1(&format!("account-{kind}"), "of", of)
        }
    }

    fn kind(&self, entry: &Recorded) -> String {
        self.frame.t(&format!("entry-{}", entry.kind))
    }

    fn next_href(&self) -> Option<String> {
        let book = if self.test { "test" } else { "" };
        next_href(self.next.as_deref(), &[("account", &self.account), ("book", book)])
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
    pub next: Option<String>,
}

impl AuditPage {
    fn next_href(&self) -> Option<String> {
        next_href(self.next.as_deref(), &[("kind", &self.kind), ("subject", &self.subject)])
    }

    fn who(&self, event: &Seen) -> String {
        self.names.of(&self.frame, &event.actor)
    }

    /// One side of a change, as lines of `field: value`.
    fn side(&self, event: &Seen, side: &str) -> Vec<(String, String)> {
        let Some(payload) = &event.payload else { return Vec::new() };
        match &payload[side] {
            serde_json::Value::Object(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect()
            }
            serde_json::Value::Null => Vec::new(),
            other => vec![(String::new(), plain(other))],
        }
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
