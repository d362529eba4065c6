//! Delivery zones and quotes: for applications, and for the people who set the fees.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Line, Money, Prose};
use catalog::TaxCode;
use edge::{App, Created, Form, Json, List, May, Page, Path, Problem, Query, Reader, flash};
use http::StatusCode;
use serde::Deserialize;

use super::{SetZones, count_miss, may_try, office::words, told_apart};
use crate::{
    Error, basket, delivery,
    model::{
        Channel, Covers, Draft, Shipping, Wanted, ZoneDetails, ZoneError, ZoneId,
        zone::{Codes, Told, zone_for},
    },
    pages::{DeliveryPage, ZoneForm, ZonePage},
    place,
    promotion::Code,
    wire::{QuoteView, ZoneView},
};

#[derive(Deserialize)]
pub struct ZonePath {
    id: ZoneId,
}

/// An address, as far as it is known.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Address {
    #[serde(default)]
    quarter: Option<String>,
    #[serde(default)]
    town: Option<String>,
    #[serde(default)]
    postcode: Option<String>,
}

/// The delivery zones in their order; with a part of an address, the one that takes it in, or none.
#[utoipa::path(get, path = "/t/{slug}/api/v1/delivery-zones", params(("slug" = String, Path), Address),
    responses((status = 200, description = "The zones.", body = List<ZoneView>)))]
pub async fn list(
    State(app): State<App>,
    reader: Reader,
    Query(address): Query<Address>,
) -> Result<Json<List<ZoneView>>, Problem> {
    let zones = app.db.read(reader.scope(), delivery::zones).await?;
    let told = Told {
        quarter: address.quarter.as_deref(),
        town: address.town.as_deref(),
        postcode: address.postcode.as_deref(),
    };
    let items = if told == Told::default() {
        zones.to_vec()
    } else {
        zone_for(&zones, &told).cloned().into_iter().collect()
    };
    Ok(Json(List { items: items.into_iter().map(ZoneView::from).collect(), next_cursor: None }))
}

/// A delivery zone.
#[utoipa::path(get, path = "/t/{slug}/api/v1/delivery-zones/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The zone.", body = ZoneView)))]
pub async fn read(
    State(app): State<App>,
    reader: Reader,
    Path(ZonePath { id }): Path<ZonePath>,
) -> Result<Json<ZoneView>, Problem> {
    Ok(Json(app.db.read(reader.scope(), move |rx| delivery::zone(rx, id)).await?.into()))
}

/// Adds a delivery zone at the end of the list.
#[utoipa::path(post, path = "/t/{slug}/api/v1/delivery-zones", params(("slug" = String, Path)), request_body = ZoneDetails,
    responses((status = 201, description = "The zone.", body = ZoneView)))]
pub async fn add(
    State(app): State<App>,
    may: May<SetZones>,
    Json(details): Json<ZoneDetails>,
) -> Result<Created<ZoneView>, Problem> {
    let body: ZoneView = app.db.write(may.scope(), move |tx| delivery::add_zone(tx, &details)).await?.into();
    Ok(Created { location: format!("/t/{}/api/v1/delivery-zones/{}", may.tenant().slug, body.id), body })
}

/// Says anew what a delivery zone takes in and costs.
#[utoipa::path(put, path = "/t/{slug}/api/v1/delivery-zones/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    request_body = ZoneDetails, responses((status = 200, description = "The zone.", body = ZoneView)))]
pub async fn edit(
    State(app): State<App>,
    may: May<SetZones>,
    Path(ZonePath { id }): Path<ZonePath>,
    Json(details): Json<ZoneDetails>,
) -> Result<Json<ZoneView>, Problem> {
    Ok(Json(app.db.write(may.scope(), move |tx| delivery::edit_zone(tx, id, &details)).await?.into()))
}

/// Removes a delivery zone; orders keep their fees.
#[utoipa::path(delete, path = "/t/{slug}/api/v1/delivery-zones/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 204, description = "It is gone.")))]
pub async fn remove(
    State(app): State<App>,
    may: May<SetZones>,
    Path(ZonePath { id }): Path<ZonePath>,
) -> Result<StatusCode, Problem> {
    app.db.write(may.scope(), move |tx| delivery::remove_zone(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where a zone shall stand in the list.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Counted from 1.
    #[schema(minimum = 1)]
    position: u32,
}

/// Moves a delivery zone in the list.
#[utoipa::path(put, path = "/t/{slug}/api/v1/delivery-zones/{id}/position",
    params(("slug" = String, Path), ("id" = String, Path)), request_body = Position,
    responses((status = 204, description = "It stands there.")))]
pub async fn put_position(
    State(app): State<App>,
    may: May<SetZones>,
    Path(ZonePath { id }): Path<ZonePath>,
    Json(Position { position }): Json<Position>,
) -> Result<StatusCode, Problem> {
    let position = usize::try_from(position).unwrap_or(usize::MAX);
    app.db.write(may.scope(), move |tx| delivery::move_zone(tx, id, position)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What shall be priced: no name, no phone number.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteInput {
    #[schema(min_items = 1, max_items = 200)]
    lines: Vec<Wanted>,
    #[serde(default)]
    shipping: Shipping,
    /// Codes that lower what it costs.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 5)]
    codes: Vec<Code>,
}

/// What these lines cost now, delivered as said. Reserves nothing.
#[utoipa::path(post, path = "/t/{slug}/api/v1/quotes", params(("slug" = String, Path)), request_body = QuoteInput,
    responses((status = 200, description = "The price that an order would have.", body = QuoteView),
        (status = 409, description = "A code does nothing for it.", body = edge::ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Not delivered there, or the basket is too small for it.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn quote(
    State(app): State<App>,
    reader: Reader,
    Json(input): Json<QuoteInput>,
) -> Result<Json<QuoteView>, Problem> {
    let (codes, tenant) = (input.codes.clone(), reader.tenant().id);
    let stranger = !reader.may("orders.write");
    if stranger {
        may_try(&app, &reader, tenant, &codes)?;
    }
    let draft =
        Draft { shipping: input.shipping, codes: input.codes, ..Draft::new(Channel::Api, input.lines) };
    let look = move |rx: &mut db::Rx<'_>| {
        let terms = place::terms(rx, None, None)?;
        let offer = basket::offer(rx, &draft, &terms)?;
        let zone = offer.zone.map(|id| delivery::zone(rx, id)).transpose()?;
        Ok::<_, Error>(QuoteView::of(offer, zone))
    };
    match app.db.read(reader.scope(), look).await {
        Ok(view) => Ok(Json(view)),
        Err(error) => {
            let told = told_apart(&app, &reader, reader.scope(), error.into(), &codes).await;
            Err(if stranger { count_miss(&app, &reader, tenant, &codes, told) } else { told })
        }
    }
}

pub async fn page(State(app): State<App>, may: May<SetZones>) -> Result<Page<DeliveryPage>, Problem> {
    let look = |rx: &mut db::Rx<'_>| {
        let opening = stock::opening(rx)?;
        let pickups = opening.pickups().map(|place| place.location.name.to_string()).collect();
        Ok::<_, Error>((delivery::zones(rx)?.to_vec(), pickups))
    };
    let (zones, pickups) = app.db.read(may.scope(), look).await?;
    Ok(Page(DeliveryPage { frame: may.frame(words(&may, "orders-delivery-title")), zones, pickups }))
}

#[derive(Deserialize)]
pub struct MoveForm {
    /// Counted from 1.
    position: usize,
}

pub async fn move_zone(
    State(app): State<App>,
    may: May<SetZones>,
    Path(ZonePath { id }): Path<ZonePath>,
    Form(MoveForm { position }): Form<MoveForm>,
) -> Result<Response, Problem> {
    app.db.write(may.scope(), move |tx| delivery::move_zone(tx, id, position)).await?;
    Ok(saved(&app, &may, "orders-zone-moved"))
}

fn saved(app: &App, may: &May<SetZones>, key: &'static str) -> Response {
    flash(app, &format!("/t/{}/admin/delivery", may.tenant().slug), key)
}

pub async fn new_zone(State(app): State<App>, may: May<SetZones>) -> Result<Page<ZonePage>, Problem> {
    let form = ZoneForm { active: "1".to_owned(), ..ZoneForm::default() };
    zone_page(&app, &may, None, form, None).await.map(Page)
}

pub async fn zone(
    State(app): State<App>,
    may: May<SetZones>,
    Path(ZonePath { id }): Path<ZonePath>,
) -> Result<Page<ZonePage>, Problem> {
    let zone = app.db.read(may.scope(), move |rx| delivery::zone(rx, id)).await?;
    zone_page(&app, &may, Some(id), ZoneForm::of(&zone), None).await.map(Page)
}

async fn zone_page(
    app: &App,
    may: &May<SetZones>,
    id: Option<ZoneId>,
    form: ZoneForm,
    fault: Option<String>,
) -> Result<ZonePage, Problem> {
    let codes: Vec<TaxCode> = app.db.read(may.scope(), catalog::tax_codes).await?;
    let title = if id.is_some() { "orders-zone-title" } else { "orders-zone-new" };
    let currency = may.tenant().currency;
    Ok(ZonePage { frame: may.frame(words(may, title)), id, form, fault, codes, currency })
}

pub async fn create_zone(
    State(app): State<App>,
    may: May<SetZones>,
    Form(form): Form<ZoneForm>,
) -> Result<Response, Problem> {
    save(&app, &may, None, form).await
}

pub async fn save_zone(
    State(app): State<App>,
    may: May<SetZones>,
    Path(ZonePath { id }): Path<ZonePath>,
    Form(form): Form<ZoneForm>,
) -> Result<Response, Problem> {
    if form.action == "remove" {
        app.db.write(may.scope(), move |tx| delivery::remove_zone(tx, id)).await?;
        return Ok(saved(&app, &may, "orders-zone-removed"));
    }
    save(&app, &may, Some(id), form).await
}

async fn save(
    app: &App,
    may: &May<SetZones>,
    id: Option<ZoneId>,
    form: ZoneForm,
) -> Result<Response, Problem> {
    let done = match details(&form, may.tenant().currency) {
        Err(error) => Err(error),
        Ok(details) => {
            let work = move |tx: &mut db::Tx<'_>| match id {
                Some(id) => delivery::edit_zone(tx, id, &details).map(drop),
                None => delivery::add_zone(tx, &details).map(drop),
            };
            app.db.write(may.scope(), work).await
        }
    };
    match done {
        Ok(()) => Ok(saved(app, may, "orders-zone-saved")),
        Err(error @ (Error::Zone(_) | Error::Text(_) | Error::Money(_))) => {
            let page = zone_page(app, may, id, form, Some(error.to_string())).await?;
            Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// What the form says of a zone, or the first thing that cannot be meant.
fn details(form: &ZoneForm, currency: base::Currency) -> Result<ZoneDetails, Error> {
    let entries = || form.places.split(['\n', ',', ';']).map(str::trim).filter(|entry| !entry.is_empty());
    let covers = match form.covers.as_str() {
        "postcodes" => {
            Covers::Postcodes(entries().map(str::parse::<Codes>).collect::<Result<_, ZoneError>>()?)
        }
        "everywhere" => Covers::Everywhere,
        _ => Covers::Quarters(entries().map(str::parse::<Line<120>>).collect::<Result<_, _>>()?),
    };
    let amount = |typed: &str| match typed.trim() {
        "" => Ok(None),
        typed => Money::parse_decimal(typed, currency).map(Some),
    };
    let words: Prose<200> = form.words.parse()?;
    Ok(ZoneDetails {
        name: form.name.parse()?,
        covers,
        fee: amount(&form.fee)?.unwrap_or(Money::zero(currency)),
        free_from: amount(&form.free_from)?,
        minimum: amount(&form.minimum)?,
        tax_code: form.tax_code.parse().ok(),
        words,
        active: !form.active.is_empty(),
    })
}
