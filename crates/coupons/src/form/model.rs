//! What a campaign's public form asks, in which words, and what of the answers can be meant.

use std::{fmt, str::FromStr};

use base::{Country, Day, Email, Language, Line, Phone, Prose, TextError};
use customers::Contact;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::look::FormLook;

/// Questions of the merchant's own.
pub const MAX_FIELDS: usize = 10;
/// Answers to choose from.
pub const MAX_OPTIONS: usize = 20;

/// How whoever fills in the form is reached, and so recognised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContactBy {
    #[default]
    Email,
    Phone,
    /// By one or the other, as they like.
    Either,
}

impl ContactBy {
    pub const ALL: [Self; 3] = [Self::Email, Self::Phone, Self::Either];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Either => "either",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == raw)
    }

    pub fn asks_email(self) -> bool {
        self != Self::Phone
    }

    pub fn asks_phone(self) -> bool {
        self != Self::Email
    }
}

/// Whether something is asked, and has to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    Hidden,
    Optional,
    Required,
}

impl Need {
    pub const ALL: [Self; 3] = [Self::Hidden, Self::Optional, Self::Required];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == raw)
    }

    pub fn is_asked(self) -> bool {
        self != Self::Hidden
    }

    pub fn is_required(self) -> bool {
        self == Self::Required
    }
}

/// Names a question in addresses, rows and exports: letters, digits, `_` and `-`, at most 64.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldKey(String);

impl FieldKey {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FieldKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for FieldKey {
    type Err = TextError;

    fn from_str(raw: &str) -> Result<Self, TextError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if raw.is_empty() || raw.len() > 64 || !raw.bytes().all(allowed) {
            return Err(TextError::Slug { max: 64 });
        }
        Ok(Self(raw.to_owned()))
    }
}

/// A whole address of the web, such as a privacy page's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAddress(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a whole address that begins with https://")]
pub struct NoAddress;

impl WebAddress {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for WebAddress {
    type Err = NoAddress;

    fn from_str(raw: &str) -> Result<Self, NoAddress> {
        let raw = raw.trim();
        let read: http::Uri = raw.parse().map_err(|_| NoAddress)?;
        let host = read.authority().map_or("", |authority| authority.as_str());
        let safe =
            matches!(read.scheme_str(), Some("https" | "http")) && !host.is_empty() && !host.contains('@');
        if safe && raw.len() <= 500 { Ok(Self(raw.to_owned())) } else { Err(NoAddress) }
    }
}

macro_rules! written_as_text {
    ($($type:ty),*) => {
        $(impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        })*
    };
}
written_as_text!(FieldKey, WebAddress);

/// What a question is answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
#[schema(as = FormFieldKind)]
pub enum FieldKind {
    Text,
    Number,
    Date,
    Choice {
        #[schema(value_type = Vec<String>)]
        options: Vec<Line<80>>,
    },
    /// A box to tick; `link` leads to what it is about.
    Checkbox {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        link: Option<WebAddress>,
    },
}

impl FieldKind {
    pub const NAMES: [&'static str; 5] = ["text", "number", "date", "choice", "checkbox"];

    pub const fn name(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Date => "date",
            Self::Choice { .. } => "choice",
            Self::Checkbox { .. } => "checkbox",
        }
    }

    /// What `raw` says, as it is kept.
    fn read(&self, raw: &str) -> Result<String, Flaw> {
        match self {
            Self::Text => raw.parse::<Line<500>>().map(|line| line.to_string()).map_err(|_| Flaw::Long),
            Self::Number => number(raw).ok_or(Flaw::Number),
            Self::Date => raw.parse::<Day>().map(|day| day.to_string()).map_err(|_| Flaw::Date),
            Self::Choice { options } => {
                let chosen = options.iter().find(|option| option.as_str() == raw);
                chosen.map(ToString::to_string).ok_or(Flaw::Choice)
            }
            Self::Checkbox { .. } => Ok(TICKED.to_owned()),
        }
    }
}

/// How a ticked box is kept; one that is not ticked is no answer.
pub const TICKED: &str = "true";

/// A number as people type it, with a comma or a point, kept with a point.
fn number(raw: &str) -> Option<String> {
    let written = raw.replace(',', ".").replace([' ', '\u{a0}', '\u{202f}'], "");
    let digits = written.strip_prefix('-').unwrap_or(&written);
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number =
        |part: &str| (1..=15).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(whole) && is_number(rest)).then_some(written)
}

/// A question of the merchant's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = FormField)]
pub struct Field {
    #[schema(value_type = String)]
    pub key: FieldKey,
    #[schema(value_type = String)]
    pub label: Line<200>,
    pub answer: FieldKind,
    #[serde(default)]
    pub required: bool,
}

/// What is asked to agree to. Each wording has its own version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = FormConsent)]
pub struct Consent {
    #[schema(value_type = String)]
    pub words: Line<1000>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub link: Option<WebAddress>,
    /// Whether nobody gets a coupon without it.
    #[serde(default)]
    pub required: bool,
}

/// What the form says. What is not said has the usual words, in the reader's language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[schema(as = FormTexts)]
pub struct Texts {
    /// The campaign's name, if nothing stands here.
    #[schema(value_type = Option<String>)]
    pub title: Option<Line<120>>,
    #[schema(value_type = Option<String>)]
    pub subtitle: Option<Line<300>>,
    #[schema(value_type = Option<String>)]
    pub button: Option<Line<60>>,
    /// What is said when it was sent; the coupon itself is shown, if nothing stands here.
    #[schema(value_type = String)]
    pub thanks: Prose<1000>,
    /// Where who sent it is led instead.
    #[schema(value_type = Option<String>)]
    pub thanks_address: Option<WebAddress>,
}

/// The public form of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct CouponForm {
    pub contact: ContactBy,
    pub first_name: Need,
    pub last_name: Need,
    /// Up to ten.
    #[schema(max_items = 10)]
    pub fields: Vec<Field>,
    pub consent: Option<Consent>,
    /// Whether it is open to those alone who bring a link that works once.
    pub only_by_link: bool,
    pub texts: Texts,
    pub look: FormLook,
}

impl Default for CouponForm {
    /// An e-mail and both names, as people know it.
    fn default() -> Self {
        Self {
            contact: ContactBy::Email,
            first_name: Need::Required,
            last_name: Need::Required,
            fields: Vec::new(),
            consent: None,
            only_by_link: false,
            texts: Texts::default(),
            look: FormLook::default(),
        }
    }
}

/// What cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormFlaw {
    #[error("a form has room for {MAX_FIELDS} questions; remove one")]
    TooMany,
    #[error("two questions have the same name")]
    SameKey,
    #[error("write from 1 to {MAX_OPTIONS} different answers to choose from")]
    Options,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    Missing,
    Email,
    Phone,
    Name,
    Long,
    Number,
    Date,
    Choice,
    Consent,
    /// The wording was changed while it was read.
    ConsentChanged,
}

impl Flaw {
    /// Its text.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Missing => "coupons-form-fault-missing",
            Self::Email => "coupons-form-fault-email",
            Self::Phone => "coupons-form-fault-phone",
            Self::Name => "coupons-form-fault-name",
            Self::Long => "coupons-form-fault-long",
            Self::Number => "coupons-form-fault-number",
            Self::Date => "coupons-form-fault-date",
            Self::Choice => "coupons-form-fault-choice",
            Self::Consent => "coupons-form-fault-consent",
            Self::ConsentChanged => "coupons-form-fault-consent-changed",
        }
    }
}

/// The field of the form that a fault is about.
pub type Fault = (String, Flaw);

/// An answer as it is kept, beside what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub key: String,
    pub label: String,
    pub value: String,
}

/// A form that was filled in and can be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    pub contact: Contact,
    pub answers: Vec<Answer>,
    /// Whether they agree to what is asked; none where nothing is.
    pub agrees: Option<bool>,
}

pub const EMAIL: &str = "email";
pub const PHONE: &str = "phone";
pub const FIRST_NAME: &str = "firstName";
pub const LAST_NAME: &str = "lastName";
pub const CONSENT: &str = "consent";
/// Which wording was read.
pub const CONSENT_VERSION: &str = "consentVersion";

/// The name of a question's field on the page.
pub fn field_name(key: &FieldKey) -> String {
    format!("field-{key}")
}

impl CouponForm {
    /// Whether it can be asked.
    pub fn check(&self) -> Result<(), FormFlaw> {
        if self.fields.len() > MAX_FIELDS {
            return Err(FormFlaw::TooMany);
        }
        for (place, field) in self.fields.iter().enumerate() {
            if self.fields[..place].iter().any(|other| other.key == field.key) {
                return Err(FormFlaw::SameKey);
            }
            if let FieldKind::Choice { options } = &field.answer {
                let twice = |place: usize| options[..place].contains(&options[place]);
                if !(1..=MAX_OPTIONS).contains(&options.len()) || (0..options.len()).any(twice) {
                    return Err(FormFlaw::Options);
                }
            }
        }
        Ok(())
    }

    /// What was filled in, or every answer that needs another look. `sent` reads a field; a phone number without its country
    /// is of `home`; `version` is that of the consent's wording.
    pub fn read<'a>(
        &self,
        sent: impl Fn(&str) -> Option<&'a str>,
        home: Country,
        language: Language,
        version: i64,
    ) -> Result<Filled, Vec<Fault>> {
        let mut faults: Vec<Fault> = Vec::new();
        let typed = |name: &str| sent(name).map(str::trim).filter(|raw| !raw.is_empty());
        let reached = self.contact(&typed, home, &mut faults);
        let contact = Contact { name: self.name(&typed, &mut faults), language: Some(language), ..reached };
        let mut answers = Vec::new();
        for field in &self.fields {
            // an older page, and CouponGen's form, send the bare key
            let name = field_name(&field.key);
            let raw = typed(&name).or_else(|| typed(field.key.as_str()));
            match raw.map(|raw| field.answer.read(raw)) {
                None if field.required => faults.push((name, Flaw::Missing)),
                None => (),
                Some(Err(flaw)) => faults.push((name, flaw)),
                Some(Ok(value)) => {
                    let (key, label) = (field.key.to_string(), field.label.to_string());
                    answers.push(Answer { key, label, value });
                }
            }
        }
        let agrees = self.consent.as_ref().map(|consent| {
            let given = typed(CONSENT).is_some();
            let read = typed(CONSENT_VERSION).is_none_or(|read| read == version.to_string());
            match (given, read) {
                (true, false) => faults.push((CONSENT.to_owned(), Flaw::ConsentChanged)),
                (false, _) if consent.required => faults.push((CONSENT.to_owned(), Flaw::Consent)),
                _ => (),
            }
            given
        });
        if faults.is_empty() { Ok(Filled { contact, answers, agrees }) } else { Err(faults) }
    }

    fn contact<'a>(
        &self,
        typed: &impl Fn(&str) -> Option<&'a str>,
        home: Country,
        faults: &mut Vec<Fault>,
    ) -> Contact {
        let raw_email = typed(EMAIL).filter(|_| self.contact.asks_email());
        let raw_phone = typed(PHONE).filter(|_| self.contact.asks_phone());
        let email: Option<Result<Email, _>> = raw_email.map(str::parse);
        let phone = raw_phone.map(|raw| Phone::parse_in(raw, Some(home)));
        if raw_email.is_none() && raw_phone.is_none() {
            let first = if self.contact.asks_email() { EMAIL } else { PHONE };
            faults.push((first.to_owned(), Flaw::Missing));
        }
        if matches!(email, Some(Err(_))) {
            faults.push((EMAIL.to_owned(), Flaw::Email));
        }
        if matches!(phone, Some(Err(_))) {
            faults.push((PHONE.to_owned(), Flaw::Phone));
        }
        let (email, phone) = (email.and_then(Result::ok), phone.and_then(Result::ok));
        Contact { email, phone, ..Contact::default() }
    }

    /// Both names, as one.
    fn name<'a>(
        &self,
        typed: &impl Fn(&str) -> Option<&'a str>,
        faults: &mut Vec<Fault>,
    ) -> Option<Line<120>> {
        let mut parts = Vec::new();
        for (name, need) in [(FIRST_NAME, self.first_name), (LAST_NAME, self.last_name)] {
            match typed(name).filter(|_| need.is_asked()).map(str::parse::<Line<59>>) {
                None if need.is_required() => faults.push((name.to_owned(), Flaw::Missing)),
                None => (),
                Some(Ok(part)) => parts.push(part.to_string()),
                Some(Err(_)) => faults.push((name.to_owned(), Flaw::Name)),
            }
        }
        Line::parse_optional(&parts.join(" ")).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(key: &str, answer: FieldKind, required: bool) -> Field {
        Field { key: key.parse().unwrap(), label: format!("{key}?").parse().unwrap(), answer, required }
    }

    fn whole() -> CouponForm {
        let options = vec!["Pane".parse().unwrap(), "Torta".parse().unwrap()];
        CouponForm {
            contact: ContactBy::Either,
            fields: vec![
                field("allergies", FieldKind::Text, true),
                field("people", FieldKind::Number, false),
                field("born", FieldKind::Date, false),
                field("likes", FieldKind::Choice { options }, false),
                field("letter", FieldKind::Checkbox { link: None }, false),
            ],
            consent: Some(Consent { words: "We write to you.".parse().unwrap(), link: None, required: true }),
            ..CouponForm::default()
        }
    }

    const GOOD: [(&str, &str); 10] = [
        ("phone", "333 111 2200"),
        ("firstName", "Ada"),
        ("lastName", "Rossi"),
        ("field-allergies", "nuts"),
        ("field-people", "1 250,5"),
        ("field-born", "1990-02-28"),
        ("field-likes", "Torta"),
        ("field-letter", "on"),
        ("consent", "yes"),
        ("consentVersion", "3"),
    ];

    fn read(form: &CouponForm, changed: &[(&str, &str)]) -> Result<Filled, Vec<Fault>> {
        let sent = |name: &str| {
            let changed = changed.iter().find(|(known, _)| *known == name);
            changed.or(GOOD.iter().find(|(known, _)| *known == name)).map(|(_, value)| *value)
        };
        form.read(sent, "IT".parse().unwrap(), Language::It, 3)
    }

    fn flaws(form: &CouponForm, changed: &[(&str, &str)]) -> Vec<(String, Flaw)> {
        read(form, changed).err().unwrap_or_default()
    }

    #[test]
    fn every_answer_is_kept_beside_its_question() {
        let filled = read(&whole(), &[]).unwrap();
        let kept: Vec<(&str, &str)> =
            filled.answers.iter().map(|answer| (answer.label.as_str(), answer.value.as_str())).collect();
        assert_eq!(
            kept,
            [
                ("allergies?", "nuts"),
                ("people?", "1250.5"),
                ("born?", "1990-02-28"),
                ("likes?", "Torta"),
                ("letter?", "true")
            ]
        );
        assert_eq!(filled.contact.name.unwrap().as_str(), "Ada Rossi");
        assert_eq!(filled.contact.phone.unwrap().as_str(), "+393331112200");
        assert_eq!(filled.agrees, Some(true));
    }

    #[test]
    fn required_means_required() {
        let nothing = GOOD.map(|(name, _)| (name, "  "));
        let missing = flaws(&whole(), &nothing);
        let named: Vec<(&str, Flaw)> = missing.iter().map(|(name, flaw)| (name.as_str(), *flaw)).collect();
        assert_eq!(
            named,
            [
                ("email", Flaw::Missing),
                ("firstName", Flaw::Missing),
                ("lastName", Flaw::Missing),
                ("field-allergies", Flaw::Missing),
                ("consent", Flaw::Consent)
            ]
        );
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        let one = |name: &'static str, value: &'static str| flaws(&whole(), &[(name, value)]);
        let flaw = |name: &str, flaw| vec![(name.to_owned(), flaw)];
        assert_eq!(one("phone", "12"), flaw("phone", Flaw::Phone));
        assert_eq!(one("email", "ada"), flaw("email", Flaw::Email));
        assert_eq!(one("field-people", "a few"), flaw("field-people", Flaw::Number));
        assert_eq!(one("field-born", "1990-02-31"), flaw("field-born", Flaw::Date));
        assert_eq!(one("field-likes", "Gelato"), flaw("field-likes", Flaw::Choice));
        assert_eq!(one("consentVersion", "2"), flaw("consent", Flaw::ConsentChanged));
    }

    #[test]
    fn what_is_not_asked_is_not_kept() {
        let form = CouponForm { first_name: Need::Hidden, contact: ContactBy::Phone, ..whole() };
        let filled = read(&form, &[("email", "ada@example.org")]).unwrap();
        assert_eq!(filled.contact.email, None);
        assert_eq!(filled.contact.name.unwrap().as_str(), "Rossi");
    }

    #[test]
    fn a_bare_key_answers_as_the_system_before_sent_it() {
        let filled = read(&whole(), &[("field-allergies", ""), ("allergies", "milk")]).unwrap();
        assert_eq!(filled.answers[0].value, "milk");
    }

    #[test]
    fn eleven_questions_and_two_of_one_name_and_a_choice_of_nothing_are_refused() {
        let of = |fields| CouponForm { fields, ..CouponForm::default() }.check();
        let many =
            |count: usize| (0..count).map(|n| field(&format!("f{n}"), FieldKind::Text, false)).collect();
        assert_eq!(of(many(10)), Ok(()));
        assert_eq!(of(many(11)), Err(FormFlaw::TooMany));
        assert_eq!(of(vec![field("a", FieldKind::Text, false); 2]), Err(FormFlaw::SameKey));
        assert_eq!(
            of(vec![field("a", FieldKind::Choice { options: vec![] }, false)]),
            Err(FormFlaw::Options)
        );
    }

    #[test]
    fn an_address_is_whole_and_of_the_web() {
        for good in ["https://forno.example/privacy?x=1", "http://a.example"] {
            assert!(good.parse::<WebAddress>().is_ok(), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "/privacy",
            "//a.example",
            "https://",
            "https://a b",
            "https://u@a.example",
        ] {
            assert!(bad.parse::<WebAddress>().is_err(), "{bad}");
        }
    }
}
