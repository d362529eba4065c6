//! Pages about stock, beside their templates.

use askama::Template;
use catalog::VariantId;
use edge::Frame;
use people::{Location, LocationId};

use crate::{Level, Movement, Reason};

#[derive(Template)]
#[template(path = "stock.html")]
pub struct StockPage {
    pub frame: Frame,
    pub lines: Vec<StockLine>,
    pub reasons: [Reason; 5],
    pub location: Option<LocationId>,
    pub locations: Vec<Location>,
    pub may_write: bool,
    pub next: Option<String>,
}

pub struct StockLine {
    pub name: String,
    pub sku: String,
    /// The symbol of the variant's unit.
    pub unit: &'static str,
    pub place: String,
    pub short: bool,
    pub level: Level,
}

#[derive(Template)]
#[template(path = "movements.html")]
pub struct MovementsPage {
    pub frame: Frame,
    pub lines: Vec<MovementLine>,
    pub variant: Option<VariantId>,
    pub next: Option<String>,
}

pub struct MovementLine {
    pub name: String,
    pub place: String,
    pub movement: Movement,
}

#[derive(Template)]
#[template(path = "locations.html")]
pub struct LocationsPage {
    pub frame: Frame,
    pub locations: Vec<Location>,
}
