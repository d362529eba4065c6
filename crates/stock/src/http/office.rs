//! Stock, movements and locations for people.

use std::collections::HashMap;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Line, Prose, Quantity};
use catalog::VariantId;
use edge::{App, Form, List, May, Page, PageQuery, Problem, Query, flash};
use people::{Location, LocationId};
use serde::Deserialize;

use super::{Read, Write, WriteLocations, place};
use crate::{
    Adjustment, Change, Error, Level, MovementFilter, Place, Reason, count, opening,
    pages::{LocationLine, LocationsPage, MovementLine, MovementsPage, StockLine, StockPage, standing_words},
    reorder,
};

#[derive(Deserialize)]
pub struct ListQuery {
    /// A location's id, or nothing for all.
    #[serde(default)]
    location: String,
    #[serde(default)]
    variant: String,
}

/// A choice of nothing is sent as an empty text.
fn chosen<T: std::str::FromStr>(raw: &str) -> Option<T> {
    raw.parse().ok()
}

pub async fn list(
    State(app): State<App>,
    may: May<Read>,
    Query(query): Query<ListQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Page<StockPage>, Problem> {
    let (location, limit) = (place(&may, chosen(&query.location))?, page.limit());
    let after = match page.after::<2>()? {
        Some([variant, location]) => variant.parse().ok().zip(location.parse().ok()),
        None => None,
    };
    let look = move |rx: &mut db::Rx<'_>| {
        let rows = count::list(rx, location, after, limit + 1)?;
        Ok::<_, Error>((people::location::list(rx)?, rows, reorder::reorder_levels(rx)?))
    };
    let (mut locations, rows, reorder) = app.db.read(may.scope(), look).await?;
    locations.retain(|location| may.reach().covers(location.id));
    let names = names(&locations);
    let page = List::of(rows, limit, |(_, level)| [level.variant.to_string(), level.location.to_string()]);
    let may_write = may.may("stock.write");
    let lines = page.items.into_iter().map(|(variant, level): (_, Level)| StockLine {
        name: variant.name(),
        sku: variant.sku.as_ref().map(ToString::to_string).unwrap_or_default(),
        unit: variant.unit.symbol(),
        place: names.get(&level.location).cloned().unwrap_or_default(),
        short: level.available <= Quantity::ZERO,
        reorder_at: reorder.get(&(level.variant, level.location)).copied(),
        level,
    });
    Ok(Page(StockPage {
        frame: may.frame(edge::text(may.language(), "stock-title", &[])),
        lines: lines.collect(),
        reasons: Reason::BY_HAND,
        location,
        locations,
        may_write,
        next: page.next_cursor,
    }))
}

fn names(locations: &[Location]) -> HashMap<LocationId, String> {
    locations.iter().map(|location| (location.id, location.name.to_string())).collect()
}

#[derive(Deserialize)]
pub struct AdjustForm {
    variant: VariantId,
    location: LocationId,
    /// `by` or `to`.
    how: String,
    quantity: String,
    reason: Reason,
    #[serde(default)]
    note: Prose<500>,
}

pub async fn adjust(
    State(app): State<App>,
    may: May<Write>,
    Form(form): Form<AdjustForm>,
) -> Result<Response, Problem> {
    may.reaches(&form.location.to_string())?;
    let quantity: Quantity = form.quantity.trim_start_matches('+').parse().map_err(Error::Quantity)?;
    let change = if form.how == "to" { Change::To(quantity) } else { Change::By(quantity) };
    if matches!(change, Change::To(counted) if counted < Quantity::ZERO) || !form.reason.is_by_hand() {
        return Err(Error::BelowZero.into());
    }
    let adjustment = Adjustment { change, reason: form.reason, note: form.note };
    let (variant, location) = (form.variant, form.location);
    app.db.write(may.scope(), move |tx| count::adjust(tx, variant, location, &adjustment)).await?;
    Ok(flash(&app, &format!("/t/{}/admin/stock", may.tenant().slug), "stock-adjusted"))
}

#[derive(Deserialize)]
pub struct ReorderForm {
    variant: VariantId,
    location: LocationId,
    /// Empty takes the level away.
    #[serde(default)]
    reorder_at: String,
}

pub async fn set_reorder(
    State(app): State<App>,
    may: May<Write>,
    Form(form): Form<ReorderForm>,
) -> Result<Response, Problem> {
    may.reaches(&form.location.to_string())?;
    let typed = form.reorder_at.trim();
    let at = if typed.is_empty() { None } else { Some(typed.parse().map_err(Error::Quantity)?) };
    let (variant, location) = (form.variant, form.location);
    app.db.write(may.scope(), move |tx| reorder::set_reorder(tx, variant, location, at)).await?;
    Ok(flash(&app, &format!("/t/{}/admin/stock", may.tenant().slug), "stock-reorder-set"))
}

pub async fn movements(
    State(app): State<App>,
    may: May<Read>,
    Query(query): Query<ListQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Page<MovementsPage>, Problem> {
    let variant: Option<VariantId> = chosen(&query.variant);
    let filter = MovementFilter { variant, location: place(&may, chosen(&query.location))? };
    let limit = page.limit();
    let before = page.after::<1>()?.and_then(|[id]| id.parse().ok());
    let look = move |rx: &mut db::Rx<'_>| {
        let moved = count::movements(rx, filter, before, limit + 1)?;
        let mut ids: Vec<VariantId> = moved.iter().map(|movement| movement.variant).collect();
        ids.sort();
        ids.dedup();
        Ok::<_, Error>((people::location::list(rx)?, catalog::variants_for_sale(rx, &ids)?, moved))
    };
    let (locations, variants, moved) = app.db.read(may.scope(), look).await?;
    let (places, page) = (names(&locations), List::of(moved, limit, |last| [last.id.to_string()]));
    let titles: HashMap<VariantId, String> =
        variants.into_iter().map(|variant| (variant.variant, variant.name())).collect();
    let lines = page.items.into_iter().map(|movement| MovementLine {
        name: titles.get(&movement.variant).cloned().unwrap_or_default(),
        place: places.get(&movement.location).cloned().unwrap_or_default(),
        movement,
    });
    Ok(Page(MovementsPage {
        frame: may.frame(edge::text(may.language(), "stock-movements-title", &[])),
        lines: lines.collect(),
        variant,
        next: page.next_cursor,
    }))
}

pub async fn locations(
    State(app): State<App>,
    may: May<WriteLocations>,
) -> Result<Page<LocationsPage>, Problem> {
    let look = |rx: &mut db::Rx<'_>| Ok::<_, Error>((opening::opening(rx)?, rx.now()));
    let (opening, now) = app.db.read(may.scope(), look).await?;
    let frame = may.frame(edge::text(may.language(), "stock-locations-title", &[]));
    let zone = &may.tenant().zone;
    let paused = opening.pause(now).is_some();
    let line = |place: &Place| LocationLine {
        standing: standing_words(&frame, place.standing(now, zone), now, zone),
        pickup: place.opening.pickup,
        location: place.location.clone(),
    };
    let locations = opening.places.iter().map(line).collect();
    Ok(Page(LocationsPage { locations, paused, may_pause: may.may("shop.pause"), frame }))
}

#[derive(Deserialize)]
pub struct LocationForm {
    /// Empty for a new one.
    #[serde(default)]
    id: String,
    name: Line<120>,
    #[serde(default)]
    address: Prose<500>,
}

pub async fn save_location(
    State(app): State<App>,
    may: May<WriteLocations>,
    Form(form): Form<LocationForm>,
) -> Result<Response, Problem> {
    let known = chosen::<LocationId>(&form.id);
    let save = move |tx: &mut db::Tx<'_>| match known {
        Some(id) => people::location::edit(tx, id, form.name.clone(), form.address.clone()),
        None => people::location::create(tx, form.name.clone(), form.address.clone()),
    };
    app.db.write(may.scope(), save).await?;
    Ok(flash(&app, &format!("/t/{}/admin/locations", may.tenant().slug), "stock-location-saved")
        .into_response())
}
