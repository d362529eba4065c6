//! Routes of public forms: for visitors, also as CouponGen's pages ask; for the office; and for applications.

mod answers;
mod api;
mod design;
mod links;
mod old;
mod picture;
mod public;

use edge::{Routes, Site};
use http::Method;

pub(super) use design::{DesignFault, DesignForm};
pub(super) use links::CODES_A_FILE;
pub(super) use public::Fields;

use crate::model::CampaignId;

pub fn routes() -> Routes {
    let office = |path: &str| format!("/t/{{slug}}/admin/campaigns/{{id}}{path}");
    Routes::new()
        .page(Site::Shop, "/t/{slug}/c/{name}", Method::GET, public::show)
        .page(Site::Shop, "/t/{slug}/c/{name}", Method::POST, public::submit)
        .page(Site::Shop, "/t/{slug}/c/{name}/thanks", Method::GET, public::thanks)
        .page(Site::Shop, "/t/{slug}/submit", Method::POST, old::submit)
        .page(Site::Api, "/t/{slug}/api/campaigns/{code}", Method::GET, old::campaign)
        .page(Site::Office, &office("/form"), Method::GET, design::show)
        .page(Site::Office, &office("/form"), Method::POST, design::save)
        .page(Site::Office, &office("/form/preview"), Method::GET, design::preview_kept)
        .page(Site::Office, &office("/form/preview"), Method::POST, design::preview)
        .page(Site::Office, &office("/form/picture"), Method::POST, picture::put)
        .uploads()
        .page(Site::Office, &office("/form/picture/remove"), Method::POST, picture::remove)
        .page(Site::Office, &office("/answers"), Method::GET, answers::show)
        .page(Site::Office, &office("/answers.csv"), Method::GET, answers::csv)
        .page(Site::Office, &office("/links"), Method::GET, links::list)
        .page(Site::Office, &office("/links"), Method::POST, links::make)
        .page(Site::Office, &office("/links/{batch}/csv"), Method::GET, links::csv)
        .page(Site::Office, &office("/links/{batch}/pdf"), Method::GET, links::pdf)
        .api(api::__path_form, api::form)
        .api(api::__path_change_form, api::change_form)
        .api(picture::__path_set, picture::set)
        .api(picture::__path_unset, picture::unset)
        .api(answers::__path_list, answers::list)
        .api(api::__path_list_links, api::list_links)
        .api(api::__path_make_links, api::make_links)
}

#[derive(serde::Deserialize)]
pub struct CampaignPath {
    id: CampaignId,
}

/// The path of a campaign's form in its shop.
fn form_path(slug: &base::Slug, campaign: &crate::model::Campaign) -> String {
    format!("/t/{slug}/c/{}", campaign.slug)
}
