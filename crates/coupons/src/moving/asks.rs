//! What CouponGen's forms asked and looked like, as a form of ours. Both are JSON that a browser sent and nobody checked: what
//! does not read is as usual.

use std::collections::BTreeSet;

use base::Line;
use serde_json::Value;

use super::plan::line;
use crate::form::{
    Answer, ContactBy, Corners, CouponForm, Field, FieldKey, FieldKind, FormLook, Letters, Need, Texts,
    WebAddress,
};

/// Questions that CouponGen had of its own, as its pages called them.
const ADDRESS: (&str, &str) = ("address", "Indirizzo");
const ALLERGIES: (&str, &str) = ("allergies", "Allergie");

/// Words that nobody chose: the usual ones, in the reader's language, say the same.
const UNCHOSEN: [&str; 5] = [
    "CouponGen",
    "Genera il Tuo Coupon",
    "Compila il form per ricevere il tuo coupon personalizzato",
    "Richiedi il tuo coupon personalizzato e ricevilo via email con QR code",
    "Genera Coupon",
];

/// The form of a campaign: what its `form_config` asks, and what the tenant's `config_data` makes it look like.
pub fn form(asked: &str, looks: &str) -> CouponForm {
    let (asked, looks) = (object(asked), object(looks));
    let mut fields: Vec<Field> = [ADDRESS, ALLERGIES]
        .into_iter()
        .filter_map(|(key, label)| own(key, label, need(&asked[key], Need::Hidden)))
        .collect();
    fields.extend(asked["customFields"].as_array().into_iter().flatten().filter_map(field));
    let mut known = BTreeSet::new();
    fields.retain(|field| known.insert(field.key.clone()));
    fields.truncate(crate::form::MAX_FIELDS);
    let form = CouponForm {
        contact: if need(&asked["phone"], Need::Hidden).is_asked() {
            ContactBy::Either
        } else {
            ContactBy::Email
        },
        first_name: need(&asked["firstName"], Need::Required),
        last_name: need(&asked["lastName"], Need::Required),
        fields,
        texts: texts(&looks),
        look: look(&looks),
        ..CouponForm::default()
    };
    if form.check().is_ok() { form } else { CouponForm::default() }
}

/// The address of the picture above the forms, as the tenant's `config_data` names it; empty where it names none.
pub fn picture(looks: &str) -> String {
    text(&object(looks), "headerImageUrl").to_owned()
}

fn object(raw: &str) -> Value {
    serde_json::from_str(raw).unwrap_or(Value::Null)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().map_or("", str::trim)
}

fn need(asked: &Value, usual: Need) -> Need {
    match (asked["visible"].as_bool(), asked["required"].as_bool()) {
        (None, None) => usual,
        (Some(false), _) => Need::Hidden,
        (_, Some(true)) => Need::Required,
        _ => Need::Optional,
    }
}

fn own(key: &str, label: &str, need: Need) -> Option<Field> {
    let (key, label) = (key.parse().ok()?, label.parse().ok()?);
    need.is_asked().then(|| Field { key, label, answer: FieldKind::Text, required: need.is_required() })
}

/// A question of the merchant's own: `{id, name, type, visible, required}`, later with options and a link.
fn field(asked: &Value) -> Option<Field> {
    let need = need(asked, Need::Optional);
    let key: FieldKey = text(asked, "id").parse().ok()?;
    let label = line(text(asked, "name")).or_else(|| line(text(asked, "label")))?;
    let answer = match text(asked, "type") {
        "number" => FieldKind::Number,
        "radio" => {
            options(&asked["options"]).map_or(FieldKind::Text, |options| FieldKind::Choice { options })
        }
        "checkbox" => {
            let link = ["link", "privacyLink", "linkUrl"]
                .into_iter()
                .find_map(|name| text(asked, name).parse().ok());
            FieldKind::Checkbox { link }
        }
        _ => FieldKind::Text,
    };
    need.is_asked().then(|| Field { key, label, answer, required: need.is_required() })
}

fn options(asked: &Value) -> Option<Vec<Line<80>>> {
    let mut options: Vec<Line<80>> = Vec::new();
    for option in asked.as_array()? {
        let words = option.as_str().or_else(|| option["label"].as_str()).and_then(line);
        options.extend(words.filter(|words| !options.contains(words)));
    }
    (!options.is_empty()).then_some(options)
}

fn texts(looks: &Value) -> Texts {
    fn chosen<const MAX: usize>(looks: &Value, names: &[&str]) -> Option<Line<MAX>> {
        let words = names.iter().map(|name| text(looks, name));
        words.filter(|words| !UNCHOSEN.contains(words)).find_map(line)
    }
    let thanks = ["customThanksUrl", "thanksUrl"].into_iter();
    Texts {
        title: chosen(looks, &["formTitle", "pageTitle"]),
        subtitle: chosen(looks, &["formSubtitle", "pageSubtitle"]),
        button: chosen(looks, &["buttonText"]),
        thanks_address: thanks.map(|name| text(looks, name)).find_map(|raw| raw.parse::<WebAddress>().ok()),
        ..Texts::default()
    }
}

fn look(looks: &Value) -> FormLook {
    let usual = FormLook::default();
    let colour = |name: &str, usual| text(looks, name).parse().unwrap_or(usual);
    let letters = match text(looks, "fontFamily") {
        mono if mono.contains("monospace") => Letters::Mono,
        serif if serif.ends_with(" serif") => Letters::Serif,
        _ => Letters::Sans,
    };
    let radius = looks["borderRadius"].as_f64().or_else(|| text(looks, "borderRadius").parse().ok());
    FormLook {
        accent: colour("primaryColor", usual.accent),
        background: colour("backgroundColor", usual.background),
        text: colour("textColor", usual.text),
        letters,
        corners: match radius {
            Some(pixels) if pixels < 4.0 => Corners::Square,
            Some(pixels) if pixels >= 16.0 => Corners::Round,
            _ => Corners::Soft,
        },
    }
}

/// Of what a customer once said, what this form asks: answered with the value that was written last.
pub fn answers(form: &CouponForm, said: &[(String, String)]) -> Vec<Answer> {
    let answer = |field: &Field| {
        let last = said.iter().rev().find(|(key, _)| key == field.key.as_str());
        let value: Line<500> = line(&last?.1)?;
        Some(Answer { key: field.key.to_string(), label: field.label.to_string(), value: value.to_string() })
    };
    form.fields.iter().filter_map(answer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_asks_what_it_asked() {
        let form = form(
            r#"{"email":{"visible":true,"required":true},"phone":{"visible":true,"required":false},
                "lastName":{"visible":true,"required":false},"allergies":{"visible":true,"required":true},
                "customFields":[
                    {"id":"custom_17","name":"Taglia","type":"text","visible":true,"required":true},
                    {"id":"custom_18","name":"Età","type":"number","visible":false},
                    {"id":"custom_19","name":"Gusto","type":"radio","options":["Dolce","Salato","Dolce"],"visible":true},
                    {"id":"custom_20","name":"Privacy","type":"checkbox","link":"https://forno.example/privacy"},
                    {"id":"../x","name":"Fuori","type":"text"}, 7]}"#,
            "",
        );
        let asked: Vec<(&str, &str, bool)> = form
            .fields
            .iter()
            .map(|field| (field.key.as_str(), field.answer.name(), field.required))
            .collect();
        assert_eq!(
            asked,
            [
                ("allergies", "text", true),
                ("custom_17", "text", true),
                ("custom_19", "choice", false),
                ("custom_20", "checkbox", false)
            ]
        );
        assert_eq!(
            (form.contact, form.first_name, form.last_name),
            (ContactBy::Either, Need::Required, Need::Optional)
        );
        let said = [("custom_17", "S"), ("colore", "blu"), ("custom_17", "M")];
        let said = said.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let answered = answers(&form, &said);
        assert_eq!(
            (answered.len(), answered[0].label.as_str(), answered[0].value.as_str()),
            (1, "Taglia", "M")
        );
    }

    #[test]
    fn a_form_looks_as_it_did_and_says_what_was_chosen() {
        let form = form(
            "null",
            r##"{"primaryColor":"#2d5a3d","backgroundColor":"red","borderRadius":"20","fontFamily":"'Georgia', serif",
                "formTitle":"Genera il Tuo Coupon","pageTitle":"Forno Bianchi","buttonText":"Lo voglio"}"##,
        );
        assert_eq!(
            (form.look.accent.to_string().as_str(), form.look.background),
            ("#2d5a3d", FormLook::default().background)
        );
        assert_eq!((form.look.letters, form.look.corners), (Letters::Serif, Corners::Round));
        let words = |line: Option<String>| line.unwrap_or_default();
        assert_eq!(words(form.texts.title.map(|line| line.to_string())), "Forno Bianchi");
        assert_eq!(words(form.texts.button.map(|line| line.to_string())), "Lo voglio");
        assert_eq!(form.texts.subtitle, None);
    }

    #[test]
    fn what_does_not_read_is_as_usual() {
        for raw in ["", "{not json", "[]", "7", r#"{"customFields":{"a":1}}"#] {
            assert_eq!(super::form(raw, raw), CouponForm::default(), "{raw}");
        }
    }
}
