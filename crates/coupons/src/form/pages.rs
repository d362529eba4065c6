//! Pages of forms, beside their templates. A template prints and loops; what it says is decided here.

use askama::Template;
use base::{Day, Language, Prose};
use edge::{Frame, captcha};

use super::{
    Batch, ContactBy, Corners, CouponForm, FieldKind, Letters, Need, WebAddress,
    http::{CODES_A_FILE, DesignFault, DesignForm, Fields},
    links::MOST_LINKS,
    model::{CONSENT, EMAIL, FIRST_NAME, Fault, LAST_NAME, MAX_FIELDS, PHONE, field_name},
};
use crate::model::Campaign;

/// The public form.
#[derive(Template)]
#[template(path = "coupon_form.html")]
pub struct FormPage {
    pub frame: Frame,
    /// Where it is sent; nowhere in a preview.
    pub action: String,
    pub form: CouponForm,
    pub consent_version: i64,
    /// What the merchant says of the campaign, where the form has no subtitle.
    pub description: String,
    /// The language of the merchant's words.
    pub home: Language,
    pub typed: Fields,
    pub faults: Vec<Fault>,
    /// Why it cannot be filled in now.
    pub closed: Option<String>,
    /// What stood in its way, or stands.
    pub trouble: Option<String>,
    /// Whether there is nothing to fill in.
    pub stops: bool,
    /// What keeps machines out; nothing in a preview.
    pub asked: Option<captcha::Asked>,
}

/// A field of the public form.
struct Input {
    name: String,
    label: String,
    kind: &'static str,
    autocomplete: &'static str,
    value: String,
    required: bool,
    fault: Option<String>,
    options: Vec<String>,
    link: Option<WebAddress>,
    /// Whether the words are the merchant's.
    own: bool,
}

impl FormPage {
    /// The attribute that says which language the merchant's words are in; nothing where it is the page's.
    fn lang(&self) -> String {
        if self.home == self.frame.language() { String::new() } else { format!(" lang=\"{}\"", self.home) }
    }

    fn style(&self) -> String {
        self.form.look.style()
    }

    fn subtitle(&self) -> &str {
        self.form.texts.subtitle.as_ref().map_or(self.description.as_str(), |words| words.as_str())
    }

    fn button(&self) -> String {
        self.form.texts.button.as_ref().map_or_else(|| self.frame.t("coupons-form-send"), ToString::to_string)
    }

    fn link(&self) -> &str {
        self.typed.get("link").unwrap_or_default()
    }

    fn fault(&self, name: &str) -> Option<String> {
        let fault = self.faults.iter().find(|(faulty, _)| faulty == name);
        fault.map(|(_, flaw)| self.frame.t(flaw.key()))
    }

    fn usual(
        &self,
        name: &str,
        key: &str,
        kind: &'static str,
        autocomplete: &'static str,
        required: bool,
    ) -> Input {
        Input {
            name: name.to_owned(),
            label: self.frame.t(key),
            kind,
            autocomplete,
            value: self.typed.get(name).unwrap_or_default().to_owned(),
            required,
            fault: self.fault(name),
            options: Vec::new(),
            link: None,
            own: false,
        }
    }

    fn inputs(&self) -> Vec<Input> {
        let alone = self.form.contact != ContactBy::Either;
        let mut inputs = Vec::new();
        if self.form.contact.asks_email() {
            inputs.push(self.usual(EMAIL, "coupons-form-email", "email", "email", alone));
        }
        if self.form.contact.asks_phone() {
            inputs.push(self.usual(PHONE, "coupons-form-phone", "tel", "tel", alone));
        }
        let names = [
            (FIRST_NAME, "coupons-form-first-name", "given-name", self.form.first_name),
            (LAST_NAME, "coupons-form-last-name", "family-name", self.form.last_name),
        ];
        for (name, key, autocomplete, need) in names {
            if need.is_asked() {
                inputs.push(self.usual(name, key, "text", autocomplete, need.is_required()));
            }
        }
        for field in &self.form.fields {
            let name = field_name(&field.key);
            let typed = self.typed.get(&name).or_else(|| self.typed.get(field.key.as_str()));
            let (options, link) = match &field.answer {
                FieldKind::Choice { options } => (options.iter().map(ToString::to_string).collect(), None),
                FieldKind::Checkbox { link } => (Vec::new(), link.clone()),
                _ => (Vec::new(), None),
            };
            inputs.push(Input {
                value: typed.unwrap_or_default().to_owned(),
                label: field.label.to_string(),
                kind: field.answer.name(),
                autocomplete: "off",
                required: field.required,
                fault: self.fault(&name),
                options,
                link,
                own: true,
                name,
            });
        }
        inputs
    }

    fn consent_ticked(&self) -> bool {
        // a wording that changed is agreed to anew
        self.typed.get(CONSENT).is_some_and(|typed| !typed.is_empty()) && self.consent_fault().is_none()
    }

    fn consent_fault(&self) -> Option<String> {
        self.fault(CONSENT)
    }

    fn own_question(&self) -> Option<(&str, u32, String)> {
        match &self.asked {
            Some(captcha::Asked::Own { question, bits, sum: (one, two) }) => {
                Some((question, *bits, self.frame.t2("coupons-form-sum", "one", one, "two", two)))
            }
            _ => None,
        }
    }

    fn widget(&self) -> Option<(&'static str, &'static str, &str)> {
        match &self.asked {
            Some(captcha::Asked::Widget { script, class, site_key, .. }) => Some((script, class, site_key)),
            _ => None,
        }
    }
}

/// What is said to who sent a form.
#[derive(Template)]
#[template(path = "coupon_form_thanks.html")]
pub struct ThanksPage {
    pub frame: Frame,
    pub words: Prose<1000>,
    /// Where the coupon is shown, and its code.
    pub coupon: String,
    pub code: String,
    pub home: Language,
    pub style: String,
}

impl ThanksPage {
    fn lang(&self) -> String {
        if self.home == self.frame.language() { String::new() } else { format!(" lang=\"{}\"", self.home) }
    }

    fn paragraphs(&self) -> Vec<&str> {
        self.words.as_str().split('\n').filter(|line| !line.trim().is_empty()).collect()
    }
}

/// The designer.
#[derive(Template)]
#[template(path = "coupon_form_design.html")]
pub struct DesignPage {
    pub frame: Frame,
    pub campaign: Campaign,
    /// Where customers fill it in.
    pub address: String,
    pub consent_version: i64,
    pub typed: DesignForm,
    pub faults: Vec<DesignFault>,
    pub may_manage: bool,
}

/// A choice that is offered: its name, its words, and whether it is the one.
type Offered = (String, String, bool);

/// A question in the designer.
struct Row {
    place: usize,
    key: String,
    label: String,
    kinds: Vec<(&'static str, String, bool)>,
    required: bool,
    options: String,
    address: String,
    fault: Option<String>,
    open: bool,
}

/// Room for new questions that is offered at once.
const NEW_ROWS: usize = 2;

impl DesignPage {
    fn base(&self) -> String {
        format!("{}/campaigns/{}", self.frame.office, self.campaign.id)
    }

    fn fault(&self, name: &str) -> Option<String> {
        let fault = self.faults.iter().find(|(faulty, _)| faulty == name);
        fault.map(|(_, key)| self.frame.t(key))
    }

    fn said(&self, group: &str, name: &str, chosen: &str) -> Offered {
        (name.to_owned(), self.frame.t(&format!("coupons-form-{group}-{name}")), name == chosen)
    }

    fn contacts(&self) -> Vec<Offered> {
        ContactBy::ALL.iter().map(|known| self.said("by", known.name(), &self.typed.contact)).collect()
    }

    fn names(&self) -> Vec<(&'static str, String, Vec<Offered>)> {
        let needs =
            |chosen: &str| Need::ALL.iter().map(|known| self.said("need", known.name(), chosen)).collect();
        vec![
            ("first_name", self.frame.t("coupons-form-first-name"), needs(&self.typed.first_name)),
            ("last_name", self.frame.t("coupons-form-last-name"), needs(&self.typed.last_name)),
        ]
    }

    fn letters(&self) -> Vec<Offered> {
        Letters::ALL.iter().map(|known| self.said("letters", known.name(), &self.typed.letters)).collect()
    }

    fn corners(&self) -> Vec<Offered> {
        Corners::ALL.iter().map(|known| self.said("corners", known.name(), &self.typed.corners)).collect()
    }

    /// The three colours: name, words, what is chosen.
    fn colours(&self) -> [(&'static str, String, &str); 3] {
        let words = |name: &str| self.frame.t(&format!("coupons-form-colour-{name}"));
        [
            ("accent", words("accent"), &self.typed.accent),
            ("background", words("background"), &self.typed.background),
            ("text", words("text"), &self.typed.text),
        ]
    }

    /// The questions, and room for new ones.
    fn rows(&self) -> Vec<Row> {
        let typed = &self.typed;
        let asked = typed.label.len();
        let shown = if self.may_manage { (asked + NEW_ROWS).min(MAX_FIELDS.max(asked)) } else { asked };
        let at = |list: &[String], place: usize| list.get(place).cloned().unwrap_or_default();
        let row = |place: usize| {
            let kind = at(&typed.kind, place);
            let kinds = FieldKind::NAMES
                .iter()
                .map(|name| (*name, self.frame.t(&format!("coupons-form-kind-{name}")), **name == *kind))
                .collect();
            let fault = ["label", "options", "address"]
                .iter()
                .find_map(|what| self.fault(&format!("{what}-{place}")));
            Row {
                place: place + 1,
                key: at(&typed.key, place),
                label: at(&typed.label, place),
                kinds,
                required: at(&typed.need, place) == "required",
                options: at(&typed.options, place),
                address: at(&typed.address, place),
                open: fault.is_some(),
                fault,
            }
        };
        (0..shown).map(row).collect()
    }
}

/// Links that work once.
#[derive(Template)]
#[template(path = "coupon_form_links.html")]
pub struct LinksPage {
    pub frame: Frame,
    pub campaign: Campaign,
    pub batches: Vec<Batch>,
    pub names: people::actors::Names,
    /// How many were asked for, if that was refused.
    pub count: String,
    pub refused: bool,
    pub today: Day,
    pub may_manage: bool,
}

impl LinksPage {
    fn base(&self) -> String {
        format!("{}/campaigns/{}", self.frame.office, self.campaign.id)
    }

    fn most(&self) -> i64 {
        MOST_LINKS
    }

    /// In all: made, used, left.
    fn sums(&self) -> [String; 3] {
        let total: i64 = self.batches.iter().map(|batch| batch.total).sum();
        let used: i64 = self.batches.iter().map(|batch| batch.used).sum();
        [total, used, total - used].map(|number| self.frame.count(number))
    }

    /// The files with codes of a batch: which part, and which links it holds.
    fn parts(&self, batch: &Batch) -> Vec<(i64, String)> {
        let parts = (batch.total + CODES_A_FILE - 1) / CODES_A_FILE;
        let part = |part: i64| {
            let (from, to) = ((part - 1) * CODES_A_FILE + 1, (part * CODES_A_FILE).min(batch.total));
            (part, self.frame.t2("coupons-form-links-codes", "from", from, "to", to))
        };
        (1..=parts).map(part).collect()
    }

    fn by(&self, batch: &Batch) -> String {
        self.names.of(&self.frame, &batch.made_by)
    }
}
