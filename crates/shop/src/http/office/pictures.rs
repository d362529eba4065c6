//! Pictures of the look: the logo, the header image, galleries.

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use catalog::{
    http::{Refused, Sent, by_script},
    images::{ImageState, KnownImage},
};
use edge::{App, May, Page, Path, Problem, flash};
use http::StatusCode;

use super::{Design, look_page, office, section_page};
use crate::look::{self, SectionId, Shot};

/// The pictures that were sent, or why one is none, in the reader's words.
async fn sent(app: &App, may: &May<Design>, request: Request) -> Result<Result<Vec<Shot>, String>, Problem> {
    let kept = Sent::read(app, request).await?.keep(app, may.scope()).await?;
    let said = |refused: Refused| {
        let why = edge::text(may.language(), refused.key, &[]);
        if refused.name.is_empty() { why } else { format!("{}: {why}", refused.name) }
    };
    let shot = |image: KnownImage| match image.state {
        ImageState::Ready(measures) => Some(Shot::of(&measures)),
        ImageState::Waiting | ImageState::Failed(_) => None,
    };
    let none = || edge::text(may.language(), "design-picture-none", &[]);
    Ok(kept.map_err(said).and_then(|images| {
        let shots: Vec<Shot> = images.into_iter().filter_map(shot).collect();
        if shots.is_empty() { Err(none()) } else { Ok(shots) }
    }))
}

/// Adds pictures to a section. A script gets no page in return.
pub async fn add(
    State(app): State<App>,
    may: May<Design>,
    Path((_, id)): Path<(String, SectionId)>,
    request: Request,
) -> Result<Response, Problem> {
    let by_script = by_script(&request);
    let known = app.db.read(may.scope(), move |rx| look::section(rx, id)).await?;
    let shots = match sent(&app, &may, request).await? {
        Ok(shots) => shots,
        Err(why) if by_script => return Err(Problem::unprocessable("image-refused", why)),
        Err(why) => {
            let categories = app.db.read(may.scope(), catalog::categories).await?;
            let page = section_page(&may, known, categories, Some(why));
            return Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    app.db.write(may.scope(), move |tx| look::add_shots(tx, id, &shots)).await?;
    Ok(done(&app, by_script, &office(&may, &format!("/sections/{id}#pictures"))))
}

pub async fn put_logo(
    State(app): State<App>,
    may: May<Design>,
    request: Request,
) -> Result<Response, Problem> {
    let by_script = by_script(&request);
    let logo = match sent(&app, &may, request).await? {
        Ok(shots) => shots.into_iter().next_back(),
        Err(why) if by_script => return Err(Problem::unprocessable("image-refused", why)),
        Err(why) => {
            let (look, drafted) = app.db.read(may.scope(), look::draft).await?;
            let page = look_page(&may, look, drafted.is_some(), Some(why));
            return Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    app.db.write(may.scope(), move |tx| look::put_logo(tx, logo.as_ref())).await?;
    Ok(done(&app, by_script, &office(&may, "/look#logo")))
}

pub async fn remove_logo(State(app): State<App>, may: May<Design>) -> Result<Response, Problem> {
    app.db.write(may.scope(), |tx| look::put_logo(tx, None)).await?;
    Ok(flash(&app, &office(&may, "/look#logo"), "design-saved"))
}

fn done(app: &App, by_script: bool, page: &str) -> Response {
    if by_script { StatusCode::NO_CONTENT.into_response() } else { flash(app, page, "design-saved") }
}
