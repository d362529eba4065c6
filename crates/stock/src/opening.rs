//! When the business's places are open, where orders are fetched, and whether the shop is closed for now.

use std::sync::Arc;

use base::{Prose, Timestamp, Zone};
use db::{Area, Remembered, Rx, Tx};
use people::{Location, LocationId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use spine::events::{self, Event};

use crate::{
    Error,
    model::hours::{Hours, Standing},
    sql,
};

/// What is said of one location's opening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LocationOpening {
    /// Whether customers fetch orders here.
    pub pickup: bool,
    /// Null where nobody said.
    #[serde(default)]
    pub hours: Option<Hours>,
}

/// A location as customers know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub location: Location,
    pub opening: LocationOpening,
}

impl Place {
    pub fn standing(&self, now: Timestamp, zone: &Zone) -> Standing {
        self.opening.hours.as_ref().map_or(Standing::Unknown, |hours| hours.standing(now, zone))
    }
}

/// The shop is closed for now: it shows what it has, and sells or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// When it ends by itself; null where nobody knows.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// What visitors read.
    #[serde(default)]
    #[schema(value_type = String, max_length = 300)]
    pub words: Prose<300>,
    /// Whether orders are taken meanwhile.
    pub sells: bool,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The oldest first.
    pub places: Arc<[Place]>,
    pause: Option<Pause>,
}

impl Opening {
    /// The pause, as long as it lasts.
    pub fn pause(&self, now: Timestamp) -> Option<&Pause> {
        self.pause.as_ref().filter(|pause| pause.until.is_none_or(|until| now < until))
    }

    /// Where orders can be fetched.
    pub fn pickups(&self) -> impl Iterator<Item = &Place> {
        self.places.iter().filter(|place| place.opening.pickup)
    }

    /// Until when a page that shows any of this stays as it is: a part of the key of a page that is kept.
    pub fn holds_until(&self, now: Timestamp, zone: &Zone) -> Timestamp {
        let tomorrow = now.day(zone).plus(1).and_then(|day| day.start(zone));
        let turn = |place: &Place| match place.standing(now, zone) {
            Standing::Open { until: change } | Standing::Closed { opens: change } => change,
            Standing::Unknown => None,
        };
        let changes = self.places.iter().filter_map(turn);
        let pause = self.pause(now).and_then(|pause| pause.until);
        changes.chain(pause).chain(tomorrow).min().unwrap_or_else(|| now.plus_s(60))
    }
}

impl Remembered for Opening {
    const AREA: Area = Area::Look;
    type Error = Error;

    fn load(rx: &mut Rx) -> Result<Self, Error> {
        let mut said = sql::openings(rx)?;
        let mut places = Vec::new();
        for location in people::location::list(rx)? {
            // until somebody says otherwise orders are fetched where the business began
            let usual = LocationOpening { pickup: places.is_empty(), hours: None };
            let opening = said.remove(&location.id).unwrap_or(usual);
            places.push(Place { location, opening });
        }
        Ok(Self { places: places.into(), pause: sql::pause(rx)? })
    }
}

/// When the business's places are open.
pub fn opening(rx: &mut Rx) -> Result<Opening, Error> {
    rx.remembered()
}

/// What is said of one location.
pub fn opening_of(rx: &mut Rx, location: LocationId) -> Result<Place, Error> {
    let found = opening(rx)?.places.iter().find(|place| place.location.id == location).cloned();
    Ok(found.ok_or(people::Error::UnknownLocation)?)
}

/// Says when a location is open, and whether orders are fetched there.
pub fn set_opening(
    tx: &mut Tx,
    location: LocationId,
    opening: LocationOpening,
) -> Result<LocationOpening, Error> {
    let hours = opening.hours.map(Hours::checked).transpose()?;
    let after = LocationOpening { hours, ..opening };
    let before = opening_of(tx, location)?.opening;
    if after != before {
        sql::put_opening(tx, location, &after)?;
        let payload = json!({ "before": before, "after": after });
        events::record(
            tx,
            Event { kind: "location.opening-changed", subject: location.to_string(), payload },
        )?;
    }
    Ok(after)
}

/// Closes the shop for now, or (None) opens it again.
pub fn set_pause(tx: &mut Tx, pause: Option<&Pause>) -> Result<(), Error> {
    if pause.and_then(|pause| pause.until).is_some_and(|until| until <= tx.now()) {
        return Err(Error::PauseOver);
    }
    let before = sql::pause(tx)?;
    if before.as_ref() == pause {
        return Ok(());
    }
    sql::end_pause(tx)?;
    if let Some(pause) = pause {
        sql::begin_pause(tx, pause)?;
    }
    let kind = if pause.is_some() { "shop.paused" } else { "shop.resumed" };
    let payload = json!({ "before": before, "after": pause });
    Ok(events::record(tx, Event { kind, subject: "shop".to_owned(), payload })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(0);

    fn shop(pause: Option<Pause>) -> Opening {
        Opening { places: Arc::default(), pause }
    }

    #[test]
    fn a_pause_ends_by_itself() {
        let pause = Pause { until: Some(NOW.plus_s(60)), words: Prose::default(), sells: false };
        assert!(shop(Some(pause.clone())).pause(NOW.plus_s(59)).is_some());
        assert!(shop(Some(pause)).pause(NOW.plus_s(60)).is_none());
    }

    #[test]
    fn what_is_shown_holds_until_the_next_change_and_never_over_midnight() {
        let zone = Zone::utc();
        let midnight = NOW.plus_s(24 * 3600);
        assert_eq!(shop(None).holds_until(NOW.plus_s(1), &zone), midnight);
        let pause = Pause { until: Some(NOW.plus_s(60)), words: Prose::default(), sells: false };
        assert_eq!(shop(Some(pause)).holds_until(NOW, &zone), NOW.plus_s(60));
    }
}
