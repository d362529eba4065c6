//! Pages of a sign-up.

use askama::Template;
use base::Country;
use edge::Frame;

use super::SignUpForm;

/// A new business is asked for.
#[derive(Template)]
#[template(path = "sign_up.html")]
pub struct SignUpPage {
    pub frame: Frame,
    pub form: SignUpForm,
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
