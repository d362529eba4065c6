//! When locations are open, where orders are fetched, and the pause of the shop: for applications and for people.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Day, Timestamp, Zone};
use edge::{App, Form, Json, May, Page, Path, Problem, Reader, flash};
use http::StatusCode;
use people::LocationId;
use serde::Deserialize;

use super::{PauseShop, ReadLocations, WriteLocations};
use crate::{
    Error, Hours, HoursError, LocationOpening, Pause, SpecialDay, opening,
    pages::{OpeningForm, OpeningPage, PauseForm, PausePage},
};

#[derive(Deserialize)]
pub struct LocationPath {
    id: LocationId,
}

/// When a location is open.
#[utoipa::path(get, path = "/t/{slug}/api/v1/locations/{id}/opening", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "Its hours, and whether orders are fetched there.", body = LocationOpening)))]
pub async fn read(
    State(app): State<App>,
    may: May<ReadLocations>,
    Path(LocationPath { id }): Path<LocationPath>,
) -> Result<Json<LocationOpening>, Problem> {
    let place = app.db.read(may.scope(), move |rx| opening::opening_of(rx, id)).await?;
    Ok(Json(place.opening))
}

/// Says when a location is open, and whether orders are fetched there.
#[utoipa::path(put, path = "/t/{slug}/api/v1/locations/{id}/opening", params(("slug" = String, Path), ("id" = String, Path)),
    request_body = LocationOpening, responses((status = 200, description = "As it is now.", body = LocationOpening)))]
pub async fn put(
    State(app): State<App>,
    may: May<WriteLocations>,
    Path(LocationPath { id }): Path<LocationPath>,
    Json(input): Json<LocationOpening>,
) -> Result<Json<LocationOpening>, Problem> {
    Ok(Json(app.db.write(may.scope(), move |tx| opening::set_opening(tx, id, input.clone())).await?))
}

/// Whether the shop is closed for now.
#[utoipa::path(get, path = "/t/{slug}/api/v1/pause", params(("slug" = String, Path)),
    responses((status = 200, description = "The pause; null while there is none.", body = Option<Pause>)))]
pub async fn read_pause(State(app): State<App>, reader: Reader) -> Result<Json<Option<Pause>>, Problem> {
    let look = |rx: &mut db::Rx<'_>| {
        let now = rx.now();
        Ok::<_, Error>(opening::opening(rx)?.pause(now).cloned())
    };
    Ok(Json(app.db.read(reader.scope(), look).await?))
}

/// Closes the shop for now.
#[utoipa::path(put, path = "/t/{slug}/api/v1/pause", params(("slug" = String, Path)), request_body = Pause,
    responses((status = 200, description = "The pause.", body = Pause)))]
pub async fn put_pause(
    State(app): State<App>,
    may: May<PauseShop>,
    Json(pause): Json<Pause>,
) -> Result<Json<Pause>, Problem> {
    let said = pause.clone();
    app.db.write(may.scope(), move |tx| opening::set_pause(tx, Some(&pause))).await?;
    Ok(Json(said))
}

/// Opens the shop again.
#[utoipa::path(delete, path = "/t/{slug}/api/v1/pause", params(("slug" = String, Path)),
    responses((status = 204, description = "It is open.")))]
pub async fn end_pause(State(app): State<App>, may: May<PauseShop>) -> Result<StatusCode, Problem> {
    app.db.write(may.scope(), |tx| opening::set_pause(tx, None)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn page(
    State(app): State<App>,
    may: May<WriteLocations>,
    Path(LocationPath { id }): Path<LocationPath>,
) -> Result<Page<OpeningPage>, Problem> {
    shown(&app, &may, id, None).await.map(Page)
}

/// The page; with the form as it was typed and what is wrong with it, if it was refused.
async fn shown(
    app: &App,
    may: &May<WriteLocations>,
    id: LocationId,
    refused: Option<(OpeningForm, String)>,
) -> Result<OpeningPage, Problem> {
    let place = app.db.read(may.scope(), move |rx| opening::opening_of(rx, id)).await?;
    let (form, fault) = match refused {
        Some((form, fault)) => (form, Some(fault)),
        None => (OpeningForm::of(&place), None),
    };
    Ok(OpeningPage { frame: may.frame(place.location.name.as_str()), location: place.location, form, fault })
}

pub async fn save(
    State(app): State<App>,
    may: May<WriteLocations>,
    Path(LocationPath { id }): Path<LocationPath>,
    Form(form): Form<OpeningForm>,
) -> Result<Response, Problem> {
    let said = match said(&form) {
        Ok(said) => said,
        Err(typed) => {
            let fault = format!("{typed}: {}", edge::text(may.language(), "problem-hours-malformed", &[]));
            let page = shown(&app, &may, id, Some((form, fault))).await?;
            return Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    app.db.write(may.scope(), move |tx| opening::set_opening(tx, id, said.clone())).await?;
    Ok(flash(&app, &format!("/t/{}/admin/locations", may.tenant().slug), "stock-opening-saved")
        .into_response())
}

/// What the form says, or the first thing typed that cannot be meant. A form without any hours says nothing of them.
fn said(form: &OpeningForm) -> Result<LocationOpening, String> {
    let mut hours = Hours::default();
    for (spans, typed) in hours.week.iter_mut().zip(&form.week) {
        *spans = typed.parse().map_err(|_: HoursError| typed.clone())?;
    }
    let typed_days = form.day.iter().enumerate().filter(|(_, day)| !day.trim().is_empty());
    for (place, day) in typed_days {
        let open = form.open.get(place).map_or("", String::as_str);
        let open = open.parse().map_err(|_: HoursError| format!("{day} {open}"))?;
        let day: Day = day.trim().parse().map_err(|_| day.clone())?;
        hours.days.push(SpecialDay { day, open });
    }
    let hours = if hours == Hours::default() { None } else { Some(hours) };
    let hours = hours.map(Hours::checked).transpose().map_err(|_| form.day.join(", "))?;
    Ok(LocationOpening { pickup: !form.pickup.is_empty(), hours })
}

pub async fn pause_page(State(app): State<App>, may: May<PauseShop>) -> Result<Page<PausePage>, Problem> {
    paused(&app, &may, None).await.map(Page)
}

async fn paused(
    app: &App,
    may: &May<PauseShop>,
    refused: Option<(PauseForm, String)>,
) -> Result<PausePage, Problem> {
    let look = |rx: &mut db::Rx<'_>| {
        let now = rx.now();
        Ok::<_, Error>(opening::opening(rx)?.pause(now).cloned())
    };
    let pause = app.db.read(may.scope(), look).await?;
    let (form, fault) = match refused {
        Some((form, fault)) => (form, Some(fault)),
        None => (PauseForm::default(), None),
    };
    Ok(PausePage {
        frame: may.frame(edge::text(may.language(), "stock-pause-title", &[])),
        pause,
        form,
        fault,
    })
}

pub async fn save_pause(
    State(app): State<App>,
    may: May<PauseShop>,
    Form(form): Form<PauseForm>,
) -> Result<Response, Problem> {
    let done = match wished(&form, &may.tenant().zone) {
        Ok(pause) => app.db.write(may.scope(), move |tx| opening::set_pause(tx, pause.as_ref())).await,
        Err(error) => Err(error),
    };
    match done {
        Err(Error::PauseOver) => {
            let fault = edge::text(may.language(), "problem-pause-over", &[]);
            let page = paused(&app, &may, Some((form, fault))).await?;
            Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(error) => Err(error.into()),
        Ok(()) => {
            let key = if form.action == "resume" { "stock-pause-ended" } else { "stock-pause-begun" };
            Ok(flash(&app, &format!("/t/{}/admin/pause", may.tenant().slug), key).into_response())
        }
    }
}

/// The pause that the form asks for; none to open again.
fn wished(form: &PauseForm, zone: &Zone) -> Result<Option<Pause>, Error> {
    if form.action == "resume" {
        return Ok(None);
    }
    let until = match form.until.trim() {
        "" => None,
        typed => Some(moment(typed, zone).ok_or(Error::PauseOver)?),
    };
    Ok(Some(Pause { until, words: form.words.clone(), sells: form.sells == "yes" }))
}

/// `2026-11-22T08:00` on the wall.
fn moment(typed: &str, zone: &Zone) -> Option<Timestamp> {
    let (day, time) = typed.split_once('T')?;
    let (hour, minute) = time.split_once(':')?;
    let minute = minute.get(..2)?.parse::<u32>().ok()?;
    let minutes = hour.parse::<u32>().ok()? * 60 + minute;
    if minutes >= 24 * 60 { None } else { day.parse::<Day>().ok()?.at(minutes, zone) }
}
