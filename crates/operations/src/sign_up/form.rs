//! What was typed to open a business, and what is wrong with it.

use base::{Country, Language, Line, Login, Phone, TextError};
use edge::text;
use people::{Password, WeakPassword};
use serde::Deserialize;

use super::NewBusiness;
use crate::{Error, country};

/// The page's form, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SignUpForm {
    pub tenant_name: String,
    /// The owner signs in with it, unless `admin_username` says something else.
    pub phone: String,
    /// An e-mail address, a user name or a phone number.
    pub admin_username: String,
    pub admin_password: String,
    pub currency: String,
    pub country: String,
    pub language: String,
}

/// Who asks, where a form leaves something open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A person, who is asked again.
    Page,
    /// A program that speaks for a reader of this language.
    Api(Language),
}

/// What is wrong with a field, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("say what the business is called")]
    NameMissing,
    #[error("a name is one line of up to 120 characters")]
    NameOdd,
    #[error("choose the country of the business")]
    Country,
    #[error("give a phone number, an e-mail address or a user name")]
    LoginMissing,
    #[error("write the number as it is dialled in the country, or with + and the country code")]
    Phone,
    #[error("give a phone number, an e-mail address, or a user name of 3 to 64 letters and digits")]
    Login,
    #[error(transparent)]
    Password(WeakPassword),
    #[error("say the currency, such as EUR or GNF")]
    Currency,
    #[error("the language is en, fr, it or sw")]
    Language,
}

impl Fault {
    /// The field at fault, by its name in the form.
    pub const fn field(self) -> &'static str {
        match self {
            Self::NameMissing | Self::NameOdd => "tenantName",
            Self::Country => "country",
            Self::LoginMissing | Self::Phone => "phone",
            Self::Login => "adminUsername",
            Self::Password(_) => "adminPassword",
            Self::Currency => "currency",
            Self::Language => "language",
        }
    }

    /// What a reader of `language` is told.
    pub fn words(self, language: Language) -> String {
        let key = match self {
            Self::NameMissing => "sign-up-name-missing",
            Self::NameOdd => "sign-up-name-odd",
            Self::Country => "sign-up-country-missing",
            Self::LoginMissing => "sign-up-login-missing",
            Self::Phone => "sign-up-phone-odd",
            Self::Login => "people-login-malformed",
            Self::Password(weak) => weak.key(),
            Self::Currency => "sign-up-currency-missing",
            Self::Language => "sign-up-language-odd",
        };
        text(language, key, &[])
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Field { field: fault.field(), message: fault.to_string() }
    }
}

impl NewBusiness {
    /// Reads what was typed, or says of each field what is wrong with it, in the order of the page.
    pub fn read(form: &SignUpForm, source: Source) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let country = optional::<Country>(&form.country, Fault::Country, &mut faults);
        let name = form.tenant_name.parse::<Line<120>>();
        let name = name.map_err(|error| match error {
            TextError::Empty => Fault::NameMissing,
            _ => Fault::NameOdd,
        });
        let phone = Phone::parse_in(&form.phone, country);
        let phone = (!form.phone.trim().is_empty()).then_some(phone.map_err(|_| Fault::Phone)).transpose();
        let login = match (form.admin_username.trim(), &phone) {
            ("", Ok(Some(phone))) => Ok(Login::Phone(phone.clone())),
            ("", Ok(None)) => Err(Fault::LoginMissing),
            ("", Err(fault)) => Err(*fault),
            (typed, _) => Login::parse_in(typed, country).map_err(|_| Fault::Login),
        };
        let of_phone = match (&login, &phone) {
            (Ok(Login::Phone(phone)), _) | (_, Ok(Some(phone))) => country::of_phone(phone),
            _ => None,
        };
        let country = country.or(of_phone);
        if source == Source::Page && country.is_none() && faults.is_empty() {
            faults.push(Fault::Country);
        }
        faults.extend(name.as_ref().err());
        faults.extend(phone.as_ref().err());
        faults.extend(login.as_ref().err().filter(|fault| **fault != Fault::Phone));
        let near = [form.tenant_name.as_str(), &form.phone, &form.admin_username];
        faults.extend(Password::chosen_near(&form.admin_password, &near).err().map(Fault::Password));
        let currency = optional(&form.currency, Fault::Currency, &mut faults);
        let language: Option<Language> = optional(&form.language, Fault::Language, &mut faults);
        let language = language.or(match source {
            Source::Page => None,
            Source::Api(language) => Some(language),
        });
        let (Ok(name), Ok(login), Ok(phone), true) = (name, login, phone, faults.is_empty()) else {
            return Err(faults);
        };
        let mut new = Self::of(name, login, &form.admin_password, currency, country, language)
            .map_err(|fault| vec![fault])?;
        new.phone = new.phone.or(phone);
        Ok(new)
    }
}

fn optional<T: std::str::FromStr>(raw: &str, fault: Fault, faults: &mut Vec<Fault>) -> Option<T> {
    if raw.trim().is_empty() {
        return None;
    }
    let read = raw.parse().ok();
    faults.extend(read.is_none().then_some(fault));
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> SignUpForm {
        SignUpForm {
            tenant_name: "Chez Awa".to_owned(),
            phone: "77 123 45 67".to_owned(),
            admin_password: "mangue-vélo-lampe-42".to_owned(),
            country: "SN".to_owned(),
            ..SignUpForm::default()
        }
    }

    fn faults(form: &SignUpForm) -> Vec<Fault> {
        NewBusiness::read(form, Source::Page).err().unwrap_or_default()
    }

    #[test]
    fn a_number_is_read_as_the_country_dials_it() {
        for phone in ["77 123 45 67", "+221 77 123 45 67", "00221771234567"] {
            let typed = SignUpForm { phone: phone.to_owned(), ..form() };
            let new = NewBusiness::read(&typed, Source::Page).ok().unwrap();
            assert_eq!(new.login.to_string(), "+221771234567", "{phone}");
        }
    }

    #[test]
    fn the_country_says_currency_and_language_unless_they_are_chosen() {
        let new = NewBusiness::read(&form(), Source::Page).ok().unwrap();
        assert_eq!((new.currency.code(), new.language), ("XOF", Language::Fr));
        let chosen = SignUpForm { currency: "EUR".to_owned(), language: "en".to_owned(), ..form() };
        let new = NewBusiness::read(&chosen, Source::Page).ok().unwrap();
        assert_eq!((new.currency.code(), new.language), ("EUR", Language::En));
        let new = NewBusiness::read(&form(), Source::Api(Language::Sw)).ok().unwrap();
        assert_eq!(new.language, Language::Sw);
    }

    #[test]
    fn whoever_prefers_signs_in_with_an_address_or_a_name_and_is_still_reached_by_phone() {
        let typed = SignUpForm { admin_username: "Awa@Example.org".to_owned(), ..form() };
        let new = NewBusiness::read(&typed, Source::Page).ok().unwrap();
        assert_eq!(new.login.to_string(), "awa@example.org");
        assert_eq!(new.phone.unwrap().as_str(), "+221771234567");
    }

    #[test]
    fn every_fault_is_told_at_once_in_the_order_of_the_page() {
        assert_eq!(
            faults(&SignUpForm::default()),
            [
                Fault::Country,
                Fault::NameMissing,
                Fault::LoginMissing,
                Fault::Password(WeakPassword::TooShort)
            ]
        );
        assert_eq!(faults(&SignUpForm { phone: "12".to_owned(), ..form() }), [Fault::Phone]);
        assert_eq!(faults(&SignUpForm { admin_username: "a b".to_owned(), ..form() }), [Fault::Login]);
        let own = SignUpForm { admin_password: "+221771234567".to_owned(), ..form() };
        assert_eq!(faults(&own).len(), 1);
    }

    #[test]
    fn a_number_with_its_country_code_says_the_country() {
        let typed = SignUpForm { country: String::new(), phone: "+221 77 123 45 67".to_owned(), ..form() };
        assert_eq!(NewBusiness::read(&typed, Source::Page).ok().unwrap().country.code(), "SN");
    }
}
