//! The settings of the business, for people and for applications.

use axum::{extract::State, response::Response};
use base::{Country, Email, Language, Line, Phone, Prose, Zone};
use db::Tenant;
use edge::{App, Form, Json, May, Page, Problem, flash};
use serde::Deserialize;

use super::{ReadBusiness, WriteBusiness};
use crate::{Business, BusinessEdit, Rounding, business, pages::SettingsPage};

pub async fn show(State(app): State<App>, may: May<WriteBusiness>) -> Result<Page<SettingsPage>, Problem> {
    let business = app.db.read(may.scope(), business::find).await?;
    let frame = may.frame(edge::text(may.language(), "people-settings", &[]));
    Ok(Page(SettingsPage { frame, business, languages: Language::ALL }))
}

#[derive(Deserialize)]
pub struct SettingsForm {
    name: Line<120>,
    #[serde(default)]
    legal_name: String,
    #[serde(default)]
    address: Prose<500>,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    email: String,
    country: Country,
    language: Language,
    zone: String,
    #[serde(default)]
    prices_include_tax: bool,
    rounding: Rounding,
}

impl SettingsForm {
    fn edit(self) -> Result<BusinessEdit, Problem> {
        let phone = optional(&self.phone, "phone", |raw| Phone::parse_in(raw, Some(self.country)))?;
        let email = optional(&self.email, "email", str::parse::<Email>)?;
        let legal_name = optional(&self.legal_name, "legalName", str::parse::<Line<200>>)?;
        let zone = self.zone.trim().parse::<Zone>().map_err(|error| malformed("zone", error))?;
        Ok(BusinessEdit {
            name: self.name,
            legal_name,
            address: self.address,
            phone,
            email,
            country: self.country,
            language: self.language,
            zone,
            prices_include_tax: self.prices_include_tax,
            rounding: self.rounding,
        })
    }
}

/// Nothing typed is nothing said.
fn optional<T, E: std::fmt::Display>(
    raw: &str,
    field: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, Problem> {
    let raw = raw.trim();
    if raw.is_empty() { Ok(None) } else { parse(raw).map(Some).map_err(|error| malformed(field, error)) }
}

fn malformed(field: &str, error: impl std::fmt::Display) -> Problem {
    Problem::unprocessable("input-malformed", &error).field(field, error)
}

pub async fn save(
    State(app): State<App>,
    may: May<WriteBusiness>,
    Form(form): Form<SettingsForm>,
) -> Result<Response, Problem> {
    write(&app, &may, form.edit()?).await?;
    Ok(flash(&app, &format!("/t/{}/admin/settings", may.tenant().slug), "people-settings-saved"))
}

/// The tenant's own settings, then the directory's copy of what must be known before they can be read.
async fn write(app: &App, may: &May<WriteBusiness>, edit: BusinessEdit) -> Result<Business, Problem> {
    let business = app.db.write(may.scope(), move |tx| business::edit(tx, &edit)).await?;
    let BusinessEdit { name, country, language, zone, .. } = business.edit.clone();
    app.db.describe_tenant(Tenant { name, country, language, zone, ..may.tenant().clone() }).await?;
    Ok(business)
}

/// The settings of the business.
#[utoipa::path(get, path = "/t/{slug}/api/v1/business", params(("slug" = String, Path)),
    responses((status = 200, description = "The settings.", body = Business)))]
pub async fn api_find(State(app): State<App>, may: May<ReadBusiness>) -> Result<Json<Business>, Problem> {
    Ok(Json(app.db.read(may.scope(), business::find).await?))
}

/// Changes the settings of the business.
#[utoipa::path(put, path = "/t/{slug}/api/v1/business", params(("slug" = String, Path)), request_body = BusinessEdit,
    responses((status = 200, description = "The settings.", body = Business)))]
pub async fn api_edit(
    State(app): State<App>,
    may: May<WriteBusiness>,
    Json(edit): Json<BusinessEdit>,
) -> Result<Json<Business>, Problem> {
    write(&app, &may, edit).await.map(Json)
}
