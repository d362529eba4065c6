//! CouponGen's public addresses, safely: the same form, the same limits, the same captcha.

use axum::{extract::State, response::Response};
use edge::{App, Form, Json, Path, Problem, Visitor, captcha};
use serde::Serialize;

use super::public::{Fields, Named, accept, open};
use crate::form::model::{CouponForm, FieldKind};

/// `email`, `firstName`, `lastName`, `campaign_id` (the campaign's code), the merchant's fields by their keys, and
/// `form_token` (a link that works once).
pub async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    Form(mut fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let code = fields.iter().find(|(name, _)| name == "campaign_id").map(|(_, value)| value.clone());
    for (name, _) in &mut fields {
        if name == "form_token" {
            "link".clone_into(name);
        }
    }
    accept(&app, &visitor, Named::Code(code.unwrap_or_default()), Fields(fields)).await
}

/// A campaign that issues coupons, with what its form asks: in CouponGen's words.
#[derive(Serialize)]
pub struct OldCampaign {
    campaign_code: String,
    name: String,
    description: String,
    discount_type: &'static str,
    is_active: bool,
    form_config: OldForm,
    /// What a form has to answer beside it.
    captcha: captcha::Asked,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OldForm {
    email: Asked,
    first_name: Asked,
    last_name: Asked,
    phone: Asked,
    custom_fields: Vec<OldField>,
}

#[derive(Serialize)]
struct Asked {
    visible: bool,
    required: bool,
}

#[derive(Serialize)]
struct OldField {
    id: String,
    label: String,
    r#type: &'static str,
    required: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<String>,
}

pub async fn campaign(
    State(app): State<App>,
    visitor: Visitor,
    Path((_, code)): Path<(String, String)>,
) -> Result<Json<OldCampaign>, Problem> {
    let open = open(&app, &visitor, Named::Code(code), "").await?;
    if open.closed.is_some() {
        return Err(crate::Error::UnknownCampaign.into());
    }
    let details = &open.campaign.details;
    Ok(Json(OldCampaign {
        campaign_code: open.campaign.code.clone(),
        name: details.name.to_string(),
        description: details.description.to_string(),
        discount_type: details.offer.kind(),
        is_active: true,
        form_config: old_form(&open.kept.form),
        captcha: captcha::ask(&app, visitor.tenant().id, &open.campaign.id.to_string()),
    }))
}

fn old_form(form: &CouponForm) -> OldForm {
    let alone = |asked: bool, both: bool| Asked { visible: asked, required: asked && !both };
    let both = form.contact.asks_email() && form.contact.asks_phone();
    let of = |need: crate::form::Need| Asked { visible: need.is_asked(), required: need.is_required() };
    let field = |field: &crate::form::Field| OldField {
        id: field.key.to_string(),
        label: field.label.to_string(),
        r#type: match field.answer {
            FieldKind::Choice { .. } => "radio",
            ref other => other.name(),
        },
        required: field.required,
        options: match &field.answer {
            FieldKind::Choice { options } => options.iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        },
    };
    OldForm {
        email: alone(form.contact.asks_email(), both),
        phone: alone(form.contact.asks_phone(), both),
        first_name: of(form.first_name),
        last_name: of(form.last_name),
        custom_fields: form.fields.iter().map(field).collect(),
    }
}
