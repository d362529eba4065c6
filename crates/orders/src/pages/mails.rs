//! Pages about the words of mails.

use base::{Email, Language};
use edge::Frame;

use crate::mail::{Fault, FieldFault, LONGEST_BODY, LONGEST_SUBJECT, Template};

#[derive(askama::Template)]
#[template(path = "mail_list.html")]
pub struct MailListPage {
    pub frame: Frame,
    pub rows: Vec<MailRow>,
    pub usual_language: Language,
}

pub struct MailRow {
    pub template: Template,
    /// The languages in which the business wrote its own words.
    pub own: Vec<Language>,
}

impl MailListPage {
    fn name(&self, row: &MailRow) -> String {
        self.frame.t(&format!("orders-mail-{}-name", row.template.name()))
    }

    fn when(&self, row: &MailRow) -> String {
        self.frame.t(&format!("orders-mail-{}-when", row.template.name()))
    }

    fn own(&self, row: &MailRow) -> String {
        row.own.iter().map(|language| language.endonym()).collect::<Vec<_>>().join(", ")
    }
}

/// The form of a mail, as typed.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct MailForm {
    pub mail: String,
    pub language: String,
    pub subject: String,
    pub body: String,
    /// `save`, `look`, `test` or `usual`.
    pub action: String,
}

/// What became of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestMail {
    Sent(Email),
    /// The business has no e-mail.
    NoAddress,
    /// The operator has not said where mail leaves.
    NoServer,
    Failed(String),
}

#[derive(askama::Template)]
#[template(path = "mail_edit.html")]
pub struct MailPage {
    pub frame: Frame,
    pub template: Template,
    pub language: Language,
    /// Whether the business wrote these words.
    pub own: bool,
    pub form: MailForm,
    pub faults: Vec<FieldFault>,
    /// The mail as it would leave about the sample order.
    pub subject: String,
    pub body: String,
    pub sender: String,
    pub reply_to: Option<Email>,
    /// Whether mail leaves at all.
    pub leaves: bool,
    pub test: Option<TestMail>,
}

impl MailPage {
    fn when(&self) -> String {
        self.frame.t(&format!("orders-mail-{}-when", self.template.name()))
    }

    /// The languages, with the address of this mail in each.
    fn languages(&self) -> Vec<(&'static str, String, bool)> {
        let here = |language: Language| {
            let path = &self.frame.office;
            format!("{path}/mails/edit?mail={}&language={language}", self.template.name())
        };
        Language::ALL.map(|known| (known.endonym(), here(known), known == self.language)).into()
    }

    /// What stands in braces, and what it means.
    fn placeholders(&self) -> Vec<(String, String)> {
        let means = |name: &str| self.frame.t(&format!("orders-mail-means-{name}"));
        let named = self.template.placeholders().into_iter();
        named.map(|named| (format!("{{{}}}", named.name()), means(named.name()))).collect()
    }

    fn longest_subject(&self) -> usize {
        LONGEST_SUBJECT
    }

    fn longest_body(&self) -> usize {
        LONGEST_BODY
    }

    /// All that is wrong in a field.
    fn faults(&self, field: &str) -> Vec<String> {
        let faults = self.faults.iter().filter(|(faulty, _)| *faulty == field);
        faults.map(|(_, fault)| self.words(fault)).collect()
    }

    fn words(&self, fault: &Fault) -> String {
        let frame = &self.frame;
        match fault {
            Fault::Empty => frame.t("orders-mail-fault-empty"),
            Fault::TooLong { max } => frame.t1("orders-mail-fault-long", "max", max),
            Fault::ControlCharacter => frame.t("orders-mail-fault-control"),
            Fault::Unknown(name) => frame.t1("orders-mail-fault-unknown", "name", name),
            Fault::NotInSubject(name) => frame.t1("orders-mail-fault-subject", "name", format!("{{{name}}}")),
            Fault::LinkMissing => frame.t1("orders-mail-fault-link", "name", "{link}"),
        }
    }

    /// What became of the test, and the tone it is said in.
    fn tested(&self) -> Option<(&'static str, String)> {
        let frame = &self.frame;
        Some(match self.test.as_ref()? {
            TestMail::Sent(to) => ("good", frame.t1("orders-mail-test-sent", "address", to)),
            TestMail::NoAddress => ("warn", frame.t("orders-mail-test-no-address")),
            TestMail::NoServer => ("warn", frame.t("orders-mail-test-no-server")),
            TestMail::Failed(reason) => ("error", frame.t1("orders-mail-test-failed", "reason", reason)),
        })
    }
}
