//! The picture above a form: one of the catalogue's, so made anew in its widths and stripped of all but its pixels.

use axum::{
    extract::{FromRequest, Request, State},
    response::Response,
};
use base::Line;
use catalog::images::{self, ImageId};
use edge::{App, Json, May, Path, Problem, Upload, flash};
use serde::Deserialize;

use super::{
    CampaignPath,
    api::{FormView, view},
    design,
};
use crate::{
    Error,
    form::{self, FormPicture},
    http::Manage,
};

/// Takes the picture that was sent, or what was said of the one that is there.
pub async fn put(
    State(app): State<App>,
    may: May<Manage>,
    Path(path): Path<CampaignPath>,
    request: Request,
) -> Result<Response, Problem> {
    let id = path.id;
    // whether the campaign is there comes first: nothing is kept for one that is not
    app.db.read(may.scope(), move |rx| crate::campaigns::find(rx, id)).await?;
    let upload = Upload::from_request(request, &app).await?;
    let refused = |key: &'static str| design::refused_picture(&app, &may, &path, key);
    let Ok(alt) = Line::parse_optional(upload.field("alt").unwrap_or_default()) else {
        return refused("coupons-form-fault-long").await;
    };
    let Some(file) = upload.file("picture") else {
        return refused("coupons-form-picture-none").await;
    };
    let image = match images::keep(&app, may.scope(), file.bytes.clone()).await {
        Ok(image) => image.id,
        Err(catalog::Error::Unfit(unfit)) => return refused(unfit.key()).await,
        Err(error) => return Err(error.into()),
    };
    let picture = FormPicture { image, alt };
    app.db.write(may.scope(), move |tx| form::set_picture(tx, id, Some(&picture))).await?;
    Ok(done(&app, &may, &path))
}

pub async fn remove(
    State(app): State<App>,
    may: May<Manage>,
    Path(path): Path<CampaignPath>,
) -> Result<Response, Problem> {
    let id = path.id;
    app.db.write(may.scope(), move |tx| form::set_picture(tx, id, None)).await?;
    Ok(done(&app, &may, &path))
}

fn done(app: &App, may: &May<Manage>, path: &CampaignPath) -> Response {
    let back = format!("/t/{}/admin/campaigns/{}/form#picture", may.tenant().slug, path.id);
    flash(app, &back, "coupons-form-saved")
}

/// A picture for the head of a form.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormPictureOrder)]
pub struct PictureOrder {
    /// Of a picture that is there: `POST /images` brings one.
    #[schema(value_type = String)]
    image: ImageId,
    /// What it shows; left out for one that only adorns.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    alt: Option<Line<200>>,
}

/// Sets the picture above the public form of a campaign.
#[utoipa::path(put, path = "/t/{slug}/api/v1/campaigns/{id}/form/picture", operation_id = "set_form_picture",
    params(("slug" = String, Path), ("id" = String, Path)), request_body = PictureOrder,
    responses((status = 200, description = "The form.", body = FormView),
        (status = 409, description = "It was changed in between.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn set(
    State(app): State<App>,
    may: May<Manage>,
    Path(path): Path<CampaignPath>,
    Json(PictureOrder { image, alt }): Json<PictureOrder>,
) -> Result<Json<FormView>, Problem> {
    let picture = FormPicture { image, alt };
    changed(&app, &may, &path, Some(picture)).await
}

/// Takes the picture above the public form of a campaign away.
#[utoipa::path(delete, path = "/t/{slug}/api/v1/campaigns/{id}/form/picture", operation_id = "remove_form_picture",
    params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The form.", body = FormView),
        (status = 409, description = "It was changed in between.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn unset(
    State(app): State<App>,
    may: May<Manage>,
    Path(path): Path<CampaignPath>,
) -> Result<Json<FormView>, Problem> {
    changed(&app, &may, &path, None).await
}

async fn changed(
    app: &App,
    may: &May<Manage>,
    path: &CampaignPath,
    picture: Option<FormPicture>,
) -> Result<Json<FormView>, Problem> {
    let id = path.id;
    let work = move |tx: &mut db::Tx<'_>| {
        let campaign = crate::campaigns::find(tx, id)?;
        Ok::<_, Error>((campaign, form::set_picture(tx, id, picture.as_ref())?))
    };
    let (campaign, kept) = app.db.write(may.scope(), work).await?;
    Ok(Json(view(app, &may.tenant().slug, &campaign, kept)))
}
