//! A form that was filled in: what was answered, and which answers need another look.

use base::{Country, Email, Language, Line, Phone};
use customers::Contact;

use super::{CouponForm, FieldKey};

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
    use super::{
        super::{Consent, ContactBy, Field, FieldKind, Need},
        *,
    };

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
}
