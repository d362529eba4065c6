//! The form of a customer's contact, as typed.

use base::{Country, Email, Line, Phone, TextError};
use serde::Deserialize;

use crate::model::Contact;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ContactForm {
    pub name: String,
    pub phone: String,
    pub email: String,
    pub language: String,
}

/// A field, and the key of what to do about what stands in it.
pub type Fault = (&'static str, &'static str);

impl ContactForm {
    pub fn of(contact: &Contact) -> Self {
        let text = |field: Option<String>| field.unwrap_or_default();
        Self {
            name: text(contact.name.as_ref().map(ToString::to_string)),
            phone: text(contact.phone.as_ref().map(ToString::to_string)),
            email: text(contact.email.as_ref().map(ToString::to_string)),
            language: text(contact.language.map(|language| language.to_string())),
        }
    }

    /// What it says; a phone number without a country code is of `home`.
    pub fn read(&self, home: Country) -> Result<Contact, Vec<Fault>> {
        let mut faults: Vec<Fault> = Vec::new();
        let name = Line::parse_optional(&self.name);
        let phone = given(&self.phone).map(|raw| Phone::parse_in(raw, Some(home))).transpose();
        let email: Result<Option<Email>, TextError> = given(&self.email).map(str::parse).transpose();
        if name.is_err() {
            faults.push(("name", "customers-fault-name"));
        }
        if phone.is_err() {
            faults.push(("phone", "customers-fault-phone"));
        }
        if email.is_err() {
            faults.push(("email", "customers-fault-email"));
        }
        match (name, phone, email) {
            (Ok(name), Ok(phone), Ok(email)) => {
                let contact = Contact { name, phone, email, language: self.language.parse().ok() };
                if contact.is_nobody() { Err(vec![("name", "problem-customer-nobody")]) } else { Ok(contact) }
            }
            _ => Err(faults),
        }
    }
}

fn given(raw: &str) -> Option<&str> {
    Some(raw.trim()).filter(|raw| !raw.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_typed_as_at_home_is_of_the_businesss_country() {
        let form = ContactForm { phone: "620 00 00 00".to_owned(), ..ContactForm::default() };
        let contact = form.read("GN".parse().unwrap()).unwrap();
        assert_eq!(contact.phone.unwrap().as_str(), "+224620000000");
    }

    #[test]
    fn each_field_that_cannot_be_meant_is_named() {
        let form = ContactForm {
            name: "x".repeat(121),
            phone: "abc".to_owned(),
            email: "awa".to_owned(),
            language: String::new(),
        };
        let faults = form.read("GN".parse().unwrap()).unwrap_err();
        assert_eq!(faults.iter().map(|(field, _)| *field).collect::<Vec<_>>(), ["name", "phone", "email"]);
        assert_eq!(ContactForm::default().read("GN".parse().unwrap()).unwrap_err()[0].0, "name");
    }
}
