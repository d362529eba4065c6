//! `/design`: every component of the pages in every state, for who builds pages. Not served in production.

use askama::Template;
use axum::extract::State;
use http::Method;
use serde::Deserialize;

use crate::{Anyone, App, Frame, Page, Problem, Query, Routes, Site, guard::no_tenant};

#[derive(Template)]
#[template(path = "design.html")]
struct DesignPage {
    frame: Frame,
}

#[derive(Deserialize)]
struct Wish {
    /// `shop` shows the parts with a shop's sheet.
    #[serde(default, rename = "as")]
    look: String,
}

pub(crate) fn routes() -> Routes {
    Routes::new().page(Site::Office, "/design", Method::GET, design)
}

async fn design(
    State(app): State<App>,
    anyone: Anyone,
    Query(wish): Query<Wish>,
) -> Result<Page<DesignPage>, Problem> {
    if app.config.is_production() {
        return Err(no_tenant());
    }
    Ok(Page(DesignPage { frame: anyone.frame("Design").like(wish.look == "shop") }))
}
