//! The designer of a campaign's form: what is typed, what of it can be meant, and how it will look.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Line, Slug};
use edge::{App, Form, Frames, InlineStyle, May, Page, Path, Problem, flash};
use http::StatusCode;
use serde::Deserialize;

use super::{CampaignPath, form_path, public::Fields};
use crate::{
    Error,
    form::{
        self, Consent, ContactBy, Corners, CouponForm, Field, FieldKey, FieldKind, FormLook, Kept, Letters,
        Need, Texts,
        model::MAX_FIELDS,
        pages::{DesignPage, FormPage},
    },
    http::{Manage, Read},
    model::Campaign,
};

/// The designer as it was typed. The questions stand beside each other in five lists of the same length.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct DesignForm {
    pub contact: String,
    pub first_name: String,
    pub last_name: String,
    pub key: Vec<String>,
    pub label: Vec<String>,
    pub kind: Vec<String>,
    pub need: Vec<String>,
    /// Answers to choose from, one on each line.
    pub options: Vec<String>,
    /// Where a box to tick leads.
    pub address: Vec<String>,
    pub consent: String,
    pub consent_link: String,
    pub consent_required: String,
    pub only_by_link: String,
    pub title: String,
    pub subtitle: String,
    pub button: String,
    pub thanks: String,
    pub thanks_address: String,
    pub accent: String,
    pub background: String,
    pub text: String,
    pub letters: String,
    pub corners: String,
}

/// A field of the designer, and the key of what to do about what stands in it.
pub type DesignFault = (String, &'static str);

impl DesignForm {
    pub fn of(form: &CouponForm) -> Self {
        let text = |said: Option<String>| said.unwrap_or_default();
        let each = |of: fn(&Field) -> String| form.fields.iter().map(of).collect();
        let ticked = |yes: bool| if yes { "1".to_owned() } else { String::new() };
        let consent = form.consent.as_ref();
        Self {
            contact: form.contact.name().to_owned(),
            first_name: form.first_name.name().to_owned(),
            last_name: form.last_name.name().to_owned(),
            key: each(|field| field.key.to_string()),
            label: each(|field| field.label.to_string()),
            kind: each(|field| field.answer.name().to_owned()),
            need: each(|field| if field.required { "required" } else { "optional" }.to_owned()),
            options: each(|field| match &field.answer {
                FieldKind::Choice { options } => {
                    options.iter().map(Line::as_str).collect::<Vec<_>>().join("\n")
                }
                _ => String::new(),
            }),
            address: each(|field| match &field.answer {
                FieldKind::Checkbox { link: Some(link) } => link.to_string(),
                _ => String::new(),
            }),
            consent: text(consent.map(|consent| consent.words.to_string())),
            consent_link: text(consent.and_then(|consent| consent.link.as_ref()).map(ToString::to_string)),
            consent_required: ticked(consent.is_some_and(|consent| consent.required)),
            only_by_link: ticked(form.only_by_link),
            title: text(form.texts.title.as_ref().map(ToString::to_string)),
            subtitle: text(form.texts.subtitle.as_ref().map(ToString::to_string)),
            button: text(form.texts.button.as_ref().map(ToString::to_string)),
            thanks: form.texts.thanks.to_string(),
            thanks_address: text(form.texts.thanks_address.as_ref().map(ToString::to_string)),
            accent: form.look.accent.to_string(),
            background: form.look.background.to_string(),
            text: form.look.text.to_string(),
            letters: form.look.letters.name().to_owned(),
            corners: form.look.corners.name().to_owned(),
        }
    }

    /// The form that is meant, or what needs another look.
    pub fn read(&self) -> Result<CouponForm, Vec<DesignFault>> {
        let mut faults: Vec<DesignFault> = Vec::new();
        let mut wrong = |name: &str, key: &'static str| faults.push((name.to_owned(), key));
        let usual = FormLook::default();
        let mut colour = |name: &str, raw: &str, usual| match raw.trim() {
            "" => usual,
            raw => raw.parse().unwrap_or_else(|_| {
                wrong(name, "coupons-form-fault-colour");
                usual
            }),
        };
        let look = FormLook {
            accent: colour("accent", &self.accent, usual.accent),
            background: colour("background", &self.background, usual.background),
            text: colour("text", &self.text, usual.text),
            letters: Letters::parse(&self.letters).unwrap_or_default(),
            corners: Corners::parse(&self.corners).unwrap_or_default(),
        };
        let texts = Texts {
            title: optional("title", &self.title, &mut wrong),
            subtitle: optional("subtitle", &self.subtitle, &mut wrong),
            button: optional("button", &self.button, &mut wrong),
            thanks: self.thanks.parse().unwrap_or_else(|_| {
                wrong("thanks", "coupons-form-fault-long");
                Default::default()
            }),
            thanks_address: address("thanks_address", &self.thanks_address, &mut wrong),
        };
        let words: Option<Line<1000>> = optional("consent", &self.consent, &mut wrong);
        let link = address("consent_link", &self.consent_link, &mut wrong);
        let consent = words.map(|words| Consent { words, link, required: !self.consent_required.is_empty() });
        let fields = self.fields(&mut wrong);
        let form = CouponForm {
            contact: ContactBy::parse(&self.contact).unwrap_or_default(),
            first_name: Need::parse(&self.first_name).unwrap_or(Need::Required),
            last_name: Need::parse(&self.last_name).unwrap_or(Need::Required),
            fields,
            consent,
            only_by_link: !self.only_by_link.is_empty(),
            texts,
            look,
        };
        if faults.is_empty() { Ok(form) } else { Err(faults) }
    }

    /// The questions; one whose words were taken away is gone.
    fn fields(&self, wrong: &mut impl FnMut(&str, &'static str)) -> Vec<Field> {
        let at = |list: &[String], place: usize| list.get(place).cloned().unwrap_or_default();
        let mut fields: Vec<Field> = Vec::new();
        for (place, label) in self.label.iter().enumerate() {
            if label.trim().is_empty() || fields.len() == MAX_FIELDS {
                continue;
            }
            let named = |what: &str| format!("{what}-{place}");
            let Ok(label) = label.parse::<Line<200>>() else {
                wrong(&named("label"), "coupons-form-fault-long");
                continue;
            };
            let answer = match at(&self.kind, place).as_str() {
                "number" => FieldKind::Number,
                "date" => FieldKind::Date,
                "choice" => match options(&at(&self.options, place)) {
                    Some(options) => FieldKind::Choice { options },
                    None => {
                        wrong(&named("options"), "coupons-form-fault-options");
                        continue;
                    }
                },
                "checkbox" => {
                    FieldKind::Checkbox { link: address(&named("address"), &at(&self.address, place), wrong) }
                }
                _ => FieldKind::Text,
            };
            let key = at(&self.key, place).parse().unwrap_or_else(|_| key(&label, &fields, &self.key));
            fields.push(Field { key, label, answer, required: at(&self.need, place) == "required" });
        }
        fields
    }
}

/// One answer on each line, none of them twice.
fn options(raw: &str) -> Option<Vec<Line<80>>> {
    let mut options: Vec<Line<80>> = Vec::new();
    for line in raw.lines().filter(|line| !line.trim().is_empty()) {
        let option = line.parse().ok()?;
        if !options.contains(&option) {
            options.push(option);
        }
    }
    (1..=form::model::MAX_OPTIONS).contains(&options.len()).then_some(options)
}

/// A name for a new question, made of its words and of no other's.
fn key(label: &Line<200>, fields: &[Field], others: &[String]) -> FieldKey {
    let slug = Slug::of(label.as_str()).map_or_else(|| "question".to_owned(), |slug| slug.to_string());
    let taken = |key: &FieldKey| {
        fields.iter().any(|field| field.key == *key) || others.iter().any(|other| other == key.as_str())
    };
    let numbered = (2..).map(|number| format!("{slug}-{number}"));
    let free = std::iter::once(slug.clone())
        .chain(numbered)
        .filter_map(|key| key.parse().ok())
        .find(|key| !taken(key));
    free.unwrap_or_else(|| unreachable!("numbers do not end"))
}

fn optional<const MAX: usize>(
    name: &str,
    raw: &str,
    wrong: &mut impl FnMut(&str, &'static str),
) -> Option<Line<MAX>> {
    Line::parse_optional(raw).unwrap_or_else(|_| {
        wrong(name, "coupons-form-fault-long");
        None
    })
}

fn address(name: &str, raw: &str, wrong: &mut impl FnMut(&str, &'static str)) -> Option<form::WebAddress> {
    if raw.trim().is_empty() {
        return None;
    }
    let read = raw.parse().ok();
    if read.is_none() {
        wrong(name, "coupons-form-fault-address");
    }
    read
}

async fn found<P>(app: &App, may: &May<P>, path: &CampaignPath) -> Result<(Campaign, Kept), Problem> {
    let id = path.id;
    let look =
        move |rx: &mut db::Rx<'_>| Ok::<_, Error>((crate::campaigns::find(rx, id)?, form::find(rx, id)?));
    Ok(app.db.read(may.scope(), look).await?)
}

pub async fn show(
    State(app): State<App>,
    may: May<Read>,
    Path(path): Path<CampaignPath>,
) -> Result<Response, Problem> {
    let (campaign, kept) = found(&app, &may, &path).await?;
    let typed = DesignForm::of(&kept.form);
    Ok(shown(&app, &may, campaign, kept, typed, Vec::new(), None))
}

/// The designer as it is kept, with why a picture was not taken.
pub(super) async fn refused_picture(
    app: &App,
    may: &May<Manage>,
    path: &CampaignPath,
    key: &'static str,
) -> Result<Response, Problem> {
    let (campaign, kept) = found(app, may, path).await?;
    let typed = DesignForm::of(&kept.form);
    Ok(shown(app, may, campaign, kept, typed, Vec::new(), Some(key)))
}

fn shown<P>(
    app: &App,
    may: &May<P>,
    campaign: Campaign,
    kept: Kept,
    typed: DesignForm,
    faults: Vec<DesignFault>,
    picture_fault: Option<&'static str>,
) -> Response {
    let fine = faults.is_empty() && picture_fault.is_none();
    let status = if fine { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = DesignPage {
        frame: may.titled("coupons-form-design"),
        address: app.config.shop_link(&form_path(&may.tenant().slug, &campaign)),
        campaign,
        consent_version: kept.consent_version,
        picture: kept.picture,
        typed,
        faults,
        picture_fault,
        may_manage: may.may("coupons.manage"),
    };
    let frames = Frames { shown_by: Vec::new(), shows: vec!["'self'".to_owned()] };
    (Extension(frames), Page(page).with_status(status)).into_response()
}

pub async fn save(
    State(app): State<App>,
    may: May<Manage>,
    Path(path): Path<CampaignPath>,
    Form(typed): Form<DesignForm>,
) -> Result<Response, Problem> {
    let form = match typed.read() {
        Ok(form) => form,
        Err(faults) => {
            let (campaign, kept) = found(&app, &may, &path).await?;
            return Ok(shown(&app, &may, campaign, kept, typed, faults, None));
        }
    };
    let id = path.id;
    app.db.write(may.scope(), move |tx| form::change(tx, id, &form)).await?;
    let back = format!("/t/{}/admin/campaigns/{id}/form", may.tenant().slug);
    Ok(flash(&app, &back, "coupons-form-saved"))
}

/// The form as it is kept: what the designer's frame shows first.
pub async fn preview_kept(
    State(app): State<App>,
    may: May<Manage>,
    Path(path): Path<CampaignPath>,
) -> Result<Response, Problem> {
    let (campaign, kept) = found(&app, &may, &path).await?;
    let form = kept.form.clone();
    Ok(previewed(&may, &campaign, kept, form, None))
}

/// The form as it would look, without being kept: shown in the designer's frame.
pub async fn preview(
    State(app): State<App>,
    may: May<Manage>,
    Path(path): Path<CampaignPath>,
    Form(typed): Form<DesignForm>,
) -> Result<Response, Problem> {
    let (campaign, kept) = found(&app, &may, &path).await?;
    let (form, trouble) = match typed.read() {
        Ok(form) => (form, None),
        Err(faults) => (kept.form.clone(), faults.first().map(|(_, key)| may.titled("").t(key))),
    };
    Ok(previewed(&may, &campaign, kept, form, trouble))
}

fn previewed(
    may: &May<Manage>,
    campaign: &Campaign,
    kept: Kept,
    form: CouponForm,
    trouble: Option<String>,
) -> Response {
    let title =
        form.texts.title.as_ref().map_or_else(|| campaign.details.name.to_string(), ToString::to_string);
    let style = InlineStyle(form.look.style());
    let page = FormPage {
        frame: may.frame(title).previewed(),
        action: String::new(),
        asked: None,
        stops: false,
        closed: None,
        trouble,
        typed: Fields::default(),
        faults: Vec::new(),
        consent_version: kept.consent_version,
        picture: kept.picture,
        description: campaign.details.description.to_string(),
        home: may.language(),
        form,
    };
    let frames = Frames { shown_by: vec!["'self'".to_owned()], shows: Vec::new() };
    (Extension(style), Extension(frames), Page(page)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(labels: &[&str], kinds: &[&str]) -> DesignForm {
        let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        DesignForm { label: owned(labels), kind: owned(kinds), ..DesignForm::of(&CouponForm::default()) }
    }

    #[test]
    fn what_is_kept_is_shown_and_read_as_the_same() {
        let typed = DesignForm {
            options: vec![String::new(), "Pane\nTorta\nPane".to_owned()],
            consent: "We write to you.".to_owned(),
            consent_link: "https://forno.example/privacy".to_owned(),
            ..lists(&["Allergies", "You like", " "], &["text", "choice", "text"])
        };
        let form = typed.read().unwrap();
        assert_eq!(form.fields.len(), 2);
        assert_eq!(form.fields[1].key.as_str(), "you-like");
        assert_eq!(DesignForm::of(&form).read().unwrap(), form);
    }

    #[test]
    fn two_questions_in_the_same_words_have_names_of_their_own() {
        let form = lists(&["Size", "Size"], &["text", "number"]).read().unwrap();
        assert_eq!([form.fields[0].key.as_str(), form.fields[1].key.as_str()], ["size", "size-2"]);
    }

    #[test]
    fn what_cannot_be_meant_is_named_by_its_place() {
        let typed = DesignForm {
            thanks_address: "javascript:x".to_owned(),
            accent: "red".to_owned(),
            ..lists(&["You like"], &["choice"])
        };
        let faults = typed.read().unwrap_err();
        let names: Vec<&str> = faults.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["accent", "thanks_address", "options-0"]);
    }
}
