//! Locations, levels, adjustments and movements for applications.

use axum::extract::State;
use base::{Line, Prose, Quantity};
use catalog::VariantId;
use edge::{App, Created, Json, List, May, PageQuery, Path, Problem, Query};
use people::{Location, LocationId};
use serde::{Deserialize, Serialize};

use super::{Read, ReadLocations, Write, WriteLocations, place};
use crate::{Adjustment, Change, Level, Movement, MovementFilter, Reason, count, reorder};

/// What a location is called and where it is.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LocationInput {
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    name: Line<120>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    address: Prose<500>,
}

/// The locations of the business, the oldest first.
#[utoipa::path(get, path = "/t/{slug}/api/v1/locations", params(("slug" = String, Path)),
    responses((status = 200, description = "All locations.", body = List<Location>)))]
pub async fn locations(
    State(app): State<App>,
    may: May<ReadLocations>,
) -> Result<Json<List<Location>>, Problem> {
    let items = app.db.read(may.scope(), people::location::list).await?;
    Ok(Json(List { items, next_cursor: None }))
}

/// Opens a location.
#[utoipa::path(post, path = "/t/{slug}/api/v1/locations", params(("slug" = String, Path)), request_body = LocationInput,
    responses((status = 201, description = "The location.", body = Location)))]
pub async fn create_location(
    State(app): State<App>,
    may: May<WriteLocations>,
    Json(input): Json<LocationInput>,
) -> Result<Created<Location>, Problem> {
    let open =
        move |tx: &mut db::Tx<'_>| people::location::create(tx, input.name.clone(), input.address.clone());
    let body = app.db.write(may.scope(), open).await?;
    Ok(Created { location: format!("/t/{}/api/v1/locations/{}", may.tenant().slug, body.id), body })
}

#[derive(Deserialize)]
pub struct LocationPath {
    id: LocationId,
}

/// Says anew what a location is called and where it is.
#[utoipa::path(put, path = "/t/{slug}/api/v1/locations/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    request_body = LocationInput, responses((status = 200, description = "The location.", body = Location)))]
pub async fn edit_location(
    State(app): State<App>,
    may: May<WriteLocations>,
    Path(LocationPath { id }): Path<LocationPath>,
    Json(input): Json<LocationInput>,
) -> Result<Json<Location>, Problem> {
    let edit =
        move |tx: &mut db::Tx<'_>| people::location::edit(tx, id, input.name.clone(), input.address.clone());
    Ok(Json(app.db.write(may.scope(), edit).await?))
}

/// A level with what it is of.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StockLine {
    #[serde(flatten)]
    level: Level,
    #[schema(value_type = String)]
    product: catalog::ProductId,
    /// The product's title, with its options.
    name: String,
    #[schema(value_type = Option<String>, required = true)]
    sku: Option<catalog::Short>,
    /// May be sold when there is none.
    sell_when_out: bool,
}

impl StockLine {
    fn of(variant: catalog::SellableVariant, level: Level) -> Self {
        Self {
            name: variant.name(),
            product: variant.product,
            sku: variant.sku,
            sell_when_out: variant.sell_when_out,
            level,
        }
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StockQuery {
    /// One location's levels alone.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    location: Option<LocationId>,
}

/// What is counted, by variant and location. What is not tracked has no level.
#[utoipa::path(get, path = "/t/{slug}/api/v1/stock", params(("slug" = String, Path), StockQuery, PageQuery),
    responses((status = 200, description = "A page of levels.", body = List<StockLine>)))]
pub async fn list(
    State(app): State<App>,
    may: May<Read>,
    Query(query): Query<StockQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<StockLine>>, Problem> {
    let (location, limit) = (place(&may, query.location)?, page.limit());
    let after = match page.after::<2>()? {
        Some([variant, location]) => variant.parse().ok().zip(location.parse().ok()),
        None => None,
    };
    let rows = app.db.read(may.scope(), move |rx| count::list(rx, location, after, limit + 1)).await?;
    let page = List::of(rows, limit, |(_, level)| [level.variant.to_string(), level.location.to_string()]);
    Ok(Json(page.map(|(variant, level)| StockLine::of(variant, level))))
}

/// A level at which somebody should order.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LowLine {
    #[serde(flatten)]
    line: StockLine,
    /// Null where nobody set one: then it is here because nothing is left.
    #[schema(value_type = Option<edge::schema::Quantity>, required = true)]
    reorder_at: Option<Quantity>,
}

/// What runs low, the scarcest first: at or below the level at which more is to be ordered, or sold out.
#[utoipa::path(get, path = "/t/{slug}/api/v1/stock/low", params(("slug" = String, Path), PageQuery),
    responses((status = 200, description = "As many as were asked for, in one page.", body = List<LowLine>)))]
pub async fn low(
    State(app): State<App>,
    may: May<Read>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<LowLine>>, Problem> {
    let limit = page.limit() as usize;
    let found = app.db.read(may.scope(), move |rx| reorder::low(rx, limit)).await?;
    let items = found
        .into_iter()
        .map(|low| LowLine { line: StockLine::of(low.variant, low.level), reorder_at: low.reorder_at });
    Ok(Json(List { items: items.collect(), next_cursor: None }))
}

/// At how little left more is to be ordered.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReorderInput {
    #[schema(value_type = String)]
    variant: VariantId,
    #[schema(value_type = String)]
    location: LocationId,
    /// Null takes the level away.
    #[schema(value_type = Option<edge::schema::Quantity>)]
    reorder_at: Option<Quantity>,
}

/// Says at how little left of a variant more is to be ordered.
#[utoipa::path(post, path = "/t/{slug}/api/v1/stock/reorder-levels", params(("slug" = String, Path)), request_body = ReorderInput,
    responses((status = 204, description = "It is noted."),
        (status = 409, description = "Not tracked there.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn set_reorder(
    State(app): State<App>,
    may: May<Write>,
    Json(input): Json<ReorderInput>,
) -> Result<http::StatusCode, Problem> {
    may.reaches(&input.location.to_string())?;
    let ReorderInput { variant, location, reorder_at } = input;
    app.db.write(may.scope(), move |tx| reorder::set_reorder(tx, variant, location, reorder_at)).await?;
    Ok(http::StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub struct VariantPath {
    variant: VariantId,
}

/// What lies where of one variant.
#[utoipa::path(get, path = "/t/{slug}/api/v1/stock/{variant}", params(("slug" = String, Path), ("variant" = String, Path)),
    responses((status = 200, description = "Its level at each location; none when it is not tracked.", body = List<Level>)))]
pub async fn levels(
    State(app): State<App>,
    may: May<Read>,
    Path(VariantPath { variant }): Path<VariantPath>,
) -> Result<Json<List<Level>>, Problem> {
    let look = move |rx: &mut db::Rx<'_>| {
        catalog::variant_for_sale(rx, variant)?;
        count::levels(rx, &[variant])
    };
    let mut items = app.db.read(may.scope(), look).await?;
    items.retain(|level| may.reach().covers(level.location));
    Ok(Json(List { items, next_cursor: None }))
}

/// A change of one level. Either `delta` or `setTo`.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AdjustmentInput {
    #[schema(value_type = String)]
    variant: VariantId,
    /// The oldest location, if left out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    location: Option<LocationId>,
    #[serde(default)]
    #[schema(value_type = Option<edge::schema::Quantity>)]
    delta: Option<Quantity>,
    /// What was counted.
    #[serde(default)]
    #[schema(value_type = Option<edge::schema::Quantity>)]
    set_to: Option<Quantity>,
    /// `received`, `counted`, `damaged`, `returned` or `correction`.
    reason: Reason,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    note: Prose<500>,
}

impl AdjustmentInput {
    fn adjustment(&self) -> Result<Adjustment, Problem> {
        let change = match (self.delta, self.set_to) {
            (Some(delta), None) => Change::By(delta),
            (None, Some(counted)) if counted >= Quantity::ZERO => Change::To(counted),
            _ => return Err(malformed("delta", "give either delta or a setTo that is not negative")),
        };
        if !self.reason.is_by_hand() {
            return Err(malformed("reason", crate::model::UnknownReason));
        }
        Ok(Adjustment { change, reason: self.reason, note: self.note.clone() })
    }
}

fn malformed(field: &str, message: impl std::fmt::Display) -> Problem {
    Problem::unprocessable("input-malformed", &message).field(field, message)
}

/// Changes a level by hand.
#[utoipa::path(post, path = "/t/{slug}/api/v1/stock/adjustments", params(("slug" = String, Path)), request_body = AdjustmentInput,
    responses((status = 200, description = "The level as it is now.", body = Level),
        (status = 409, description = "Not tracked, or less would be left than nothing.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn adjust(
    State(app): State<App>,
    may: May<Write>,
    Json(input): Json<AdjustmentInput>,
) -> Result<Json<Level>, Problem> {
    let adjustment = input.adjustment()?;
    let location = match input.location {
        Some(location) => location,
        None => app.db.read(may.scope(), people::location::default).await?,
    };
    may.reaches(&location.to_string())?;
    let adjust = move |tx: &mut db::Tx<'_>| count::adjust(tx, input.variant, location, &adjustment);
    Ok(Json(app.db.write(may.scope(), adjust).await?))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MovementQuery {
    #[serde(default)]
    #[param(value_type = Option<String>)]
    variant: Option<VariantId>,
    #[serde(default)]
    #[param(value_type = Option<String>)]
    location: Option<LocationId>,
}

/// How stock moved, the newest first.
#[utoipa::path(get, path = "/t/{slug}/api/v1/stock/movements", params(("slug" = String, Path), MovementQuery, PageQuery),
    responses((status = 200, description = "A page of movements.", body = List<Movement>)))]
pub async fn movements(
    State(app): State<App>,
    may: May<Read>,
    Query(query): Query<MovementQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<Movement>>, Problem> {
    let filter = MovementFilter { variant: query.variant, location: place(&may, query.location)? };
    let limit = page.limit();
    let before = page.after::<1>()?.and_then(|[id]| id.parse().ok());
    let rows = app.db.read(may.scope(), move |rx| count::movements(rx, filter, before, limit + 1)).await?;
    Ok(Json(List::of(rows, limit, |last| [last.id.to_string()])))
}
