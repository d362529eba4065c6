//! Routes of stock: for applications below `/t/{slug}/api/v1`, for people below `/t/{slug}/admin`.

mod api;
mod office;
mod opening;

use db::Reach;
use edge::{May, Problem, Routes, Site};
use http::Method;
use people::LocationId;

use crate::Error;

edge::permission!(
    /// See what lies where, and how it moved.
    pub Read = "stock.read"
);
edge::permission!(
    /// Change levels by hand.
    pub Write = "stock.write"
);
edge::permission!(
    /// See the locations of the business.
    pub ReadLocations = "locations.read"
);
edge::permission!(
    /// Open and rename locations.
    pub WriteLocations = "locations.write"
);

edge::permission!(
    /// Close the shop for now, and open it again.
    pub PauseShop = "shop.pause"
);

/// The room's texts.
pub const LOCALES: edge::Locale = edge::locale!("stock");

/// Every route of this room.
pub fn routes() -> Routes {
    let office = |path: &str| format!("/t/{{slug}}/admin{path}");
    Routes::new()
        .api(api::__path_locations, api::locations)
        .api(api::__path_create_location, api::create_location)
        .api(api::__path_edit_location, api::edit_location)
        .api(opening::__path_read, opening::read)
        .api(opening::__path_put, opening::put)
        .api(opening::__path_read_pause, opening::read_pause)
        .api(opening::__path_put_pause, opening::put_pause)
        .api(opening::__path_end_pause, opening::end_pause)
        .api(api::__path_list, api::list)
        .api(api::__path_low, api::low)
        .api(api::__path_set_reorder, api::set_reorder)
        .api(api::__path_levels, api::levels)
        .api(api::__path_adjust, api::adjust)
        .api(api::__path_movements, api::movements)
        .page(Site::Office, &office("/stock"), Method::GET, office::list)
        .page(Site::Office, &office("/stock"), Method::POST, office::adjust)
        .page(Site::Office, &office("/stock/reorder"), Method::POST, office::set_reorder)
        .page(Site::Office, &office("/stock/movements"), Method::GET, office::movements)
        .page(Site::Office, &office("/locations"), Method::GET, office::locations)
        .page(Site::Office, &office("/locations"), Method::POST, office::save_location)
        .page(Site::Office, &office("/locations/{id}"), Method::GET, opening::page)
        .page(Site::Office, &office("/locations/{id}"), Method::POST, opening::save)
        .page(Site::Office, &office("/pause"), Method::GET, opening::pause_page)
        .page(Site::Office, &office("/pause"), Method::POST, opening::save_pause)
        .words(LOCALES)
        .nav(edge::Section::Products, "stock-nav", "/stock", "stock.read")
        .nav(edge::Section::Settings, "stock-nav-locations", "/locations", "locations.write")
}

/// The location to look at: the one asked for, if the permission holds there; without a wish all that it reaches, or
/// the first of them.
fn place<P>(may: &May<P>, asked: Option<LocationId>) -> Result<Option<LocationId>, Problem> {
    match (asked, may.reach()) {
        (Some(asked), _) => {
            may.reaches(&asked.to_string())?;
            Ok(Some(asked))
        }
        (None, Reach::Everywhere) => Ok(None),
        (None, Reach::At(places)) => Ok(places.iter().find_map(|place| place.parse().ok())),
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::OutOfStock { variant, .. } => {
                Self::conflict("out-of-stock", &error).field("variant", variant)
            }
            Error::NotTracked => Self::conflict("stock-not-tracked", error),
            Error::BelowZero => Self::conflict("stock-below-zero", error),
            Error::TooFine => Self::unprocessable("quantity-too-fine", error),
            Error::PauseOver => Self::unprocessable("pause-over", error),
            Error::Hours(error) => Self::unprocessable("hours-malformed", error),
            Error::Quantity(error) => Self::unprocessable("quantity-malformed", error),
            Error::People(error) => error.into(),
            Error::Catalog(error) => error.into(),
            Error::Holds(spine::holds::Error::Db(error)) | Error::Db(error) => error.into(),
            Error::Holds(error) => Self::internal(error),
        }
    }
}
