//! Pages of a sign-up.

use askama::Template;
use base::{Country, Language};
use edge::{Anyone, App, Frame, SignUp};

use super::{Fault, SignUpForm};
use crate::country;

/// A new business is asked for.
#[derive(Template)]
#[template(path = "sign_up.html")]
pub struct SignUpPage {
    pub frame: Frame,
    pub form: SignUpForm,
    /// The field at fault and what to do about it.
    pub faults: Vec<(&'static str, String)>,
    /// What stands in the way beside the fields.
    pub notice: Option<String>,
    /// To choose from.
    pub countries: Vec<(Country, &'static str)>,
    /// Whether the operator looks at it first.
    pub waits: bool,
}

impl SignUpPage {
    pub fn of(app: &App, anyone: &Anyone, form: SignUpForm, faults: &[Fault]) -> Self {
        let language = anyone.language();
        Self {
            form,
            faults: faults.iter().map(|fault| (fault.field(), fault.words(language))).collect(),
            notice: None,
            countries: country::offered(language),
            waits: app.config.sign_up == SignUp::Approve,
            frame: anyone.titled("sign-up-title").with_description(edge::text(
                language,
                "site-description",
                &[],
            )),
        }
    }

    fn fault(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|(name, _)| *name == field).map(|(_, words)| words.as_str())
    }

    /// What a field at fault says of itself; the first one has the focus.
    fn mark(&self, field: &str) -> String {
        let Some(place) = self.faults.iter().position(|(name, _)| *name == field) else {
            return String::new();
        };
        let focus = if place == 0 { " autofocus" } else { "" };
        format!(" aria-invalid=\"true\" aria-describedby=\"{field}-fault\"{focus}")
    }

    fn currencies(&self) -> Vec<&'static str> {
        country::currencies()
    }

    fn prefix(&self, country: &Country) -> String {
        country.calling_code().map(|code| format!("+{code}")).unwrap_or_default()
    }

    /// Whether a part that most people leave alone is to be seen.
    fn is_open(&self, fields: &[&str]) -> bool {
        let typed = |field: &str| match field {
            "adminUsername" => !self.form.admin_username.is_empty(),
            "currency" => !self.form.currency.is_empty(),
            "language" => !self.form.language.is_empty(),
            _ => false,
        };
        fields.iter().any(|field| typed(field) || self.fault(field).is_some())
    }
}

/// A business was made; its secret key is shown this once.
#[derive(Template)]
#[template(path = "signed_up.html")]
pub struct SignedUpPage {
    pub frame: Frame,
    pub slug: String,
    /// The shop's whole address.
    pub shop: String,
    pub public_key: String,
    pub secret_key: String,
    pub waiting: bool,
}
