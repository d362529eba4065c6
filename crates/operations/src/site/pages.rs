//! The site's pages, beside their templates.

use askama::Template;
use base::Language;
use edge::{Anyone, Frame, OperatorCard, SignUp};
use people::Workplace;

use super::{http::door_words, texts::Shown};

/// What search engines and messengers are told of a page.
pub struct Head {
    /// The page's whole address, in whatever language its reader prefers.
    pub address: String,
    /// The same page in each language: code and address.
    pub alternates: Vec<(&'static str, String)>,
}

impl Head {
    pub fn of(anyone: &Anyone) -> Self {
        let address = format!("{}{}", anyone.origin_asked(), anyone.path());
        let alternates =
            Language::ALL.map(|language| (language.code(), format!("{address}?lang={language}")));
        Self { address, alternates: alternates.to_vec() }
    }
}

/// The first page.
#[derive(Template)]
#[template(path = "landing.html")]
pub struct LandingPage {
    pub frame: Frame,
    pub head: Head,
    pub sign_up: SignUp,
    pub signed_in: bool,
    /// Whether who is signed in runs the platform.
    pub operates: bool,
    pub workplaces: Vec<Workplace>,
    pub operator: OperatorCard,
    /// None where the operator wrote none.
    pub prices: Option<Shown>,
}

impl LandingPage {
    const FOR: [(&str, &str); 3] = [("store", "street"), ("shopping-bag", "bakery"), ("star", "salon")];
    const GIVES: [(&str, &str); 8] = [
        ("globe", "shop"),
        ("bell", "orders"),
        ("check", "payments"),
        ("package", "stock"),
        ("printer", "papers"),
        ("activity", "figures"),
        ("users", "team"),
        ("image", "line"),
    ];
    const QUESTIONS: [&str; 6] = ["computer", "customers", "money", "line", "data", "later"];

    fn door_words(&self) -> String {
        self.frame.t(door_words(self.sign_up))
    }

    fn is_open(&self) -> bool {
        self.sign_up != SignUp::Closed
    }

    fn is_reached(&self) -> bool {
        self.operator.email.is_some() || self.operator.phone.is_some()
    }
}

/// A text of the operator's, or one that is built in.
#[derive(Template)]
#[template(path = "site_text.html")]
pub struct TextPage {
    pub frame: Frame,
    pub head: Head,
    pub operator: OperatorCard,
    pub text: Shown,
    pub signed_in: bool,
}

/// Who runs the platform, where the operator wrote no imprint.
#[derive(Template)]
#[template(path = "imprint.html")]
pub struct ImprintPage {
    pub frame: Frame,
    pub head: Head,
    pub operator: OperatorCard,
    pub signed_in: bool,
}
