//! How an order reaches the customer: what the shop offers, what the visitor chose, and what that asks of the address.
//! The price depends on nothing personal: a quarter or a postcode is enough.

use base::{
    Country, Line, Money, Timestamp, Zone as Clock,
    address::{AddressFormat, Way, bare_name},
};
use orders::{Covers, Shipping, ShippingMethod, Zone};
use stock::{Opening, Place};

use crate::checkout::CheckoutForm;

/// The choice of a quarter that no zone names.
pub const ELSEWHERE: &str = "*";

/// What the shop offers.
pub struct Ways {
    /// Where orders can be fetched.
    pub pickups: Vec<Place>,
    /// Where the shop delivers, without zones that are switched off.
    pub zones: Vec<Zone>,
    pub format: AddressFormat,
    pub country: Country,
    pub now: Timestamp,
    pub clock: Clock,
}

/// Which parts of an address are typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asks {
    pub street: bool,
    pub quarter: bool,
    pub landmark: bool,
    pub town: bool,
    pub postcode: bool,
}

/// What the visitor chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen<'w> {
    Pickup(&'w Place),
    Delivery,
}

impl Ways {
    pub fn of(opening: &Opening, zones: &[Zone], country: Country, now: Timestamp, clock: Clock) -> Self {
        let pickups = opening.pickups().cloned().collect();
        let zones = zones.iter().filter(|zone| zone.details.active).cloned().collect();
        Self { pickups, zones, format: AddressFormat::of(country), country, now, clock }
    }

    pub fn delivers(&self) -> bool {
        !self.zones.is_empty()
    }

    /// Whether there is any way at all.
    pub fn any(&self) -> bool {
        self.delivers() || !self.pickups.is_empty()
    }

    /// The zones that name quarters, each with their names.
    pub fn quarters<'w>(&'w self) -> Vec<(&'w Zone, &'w [Line<120>])> {
        let names = |zone: &'w Zone| match &zone.details.covers {
            Covers::Quarters(names) => Some((zone, names.as_slice())),
            Covers::Postcodes(_) | Covers::Everywhere => None,
        };
        self.zones.iter().filter_map(names).collect()
    }

    pub fn by_quarter(&self) -> bool {
        self.zones.iter().any(|zone| matches!(zone.details.covers, Covers::Quarters(_)))
    }

    pub fn by_postcode(&self) -> bool {
        self.zones.iter().any(|zone| matches!(zone.details.covers, Covers::Postcodes(_)))
    }

    /// The zone for all that no other takes in.
    pub fn elsewhere(&self) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.details.covers == Covers::Everywhere)
    }

    /// The fee, where there is but one for everybody.
    pub fn only_fee(&self) -> Option<Money> {
        let one = !self.by_quarter() && !self.by_postcode();
        self.elsewhere().filter(|_| one).map(|zone| zone.details.fee)
    }

    /// The way that was chosen, or the only one there is.
    pub fn chosen(&self, form: &CheckoutForm) -> Option<Chosen<'_>> {
        match (form.ship.as_str(), self.pickups.as_slice()) {
            ("", [only]) if !self.delivers() => Some(Chosen::Pickup(only)),
            ("delivery", _) | ("", []) if self.delivers() => Some(Chosen::Delivery),
            (named, pickups) => {
                pickups.iter().find(|place| place.location.id.to_string() == named).map(Chosen::Pickup)
            }
        }
    }

    /// Whether a zone names the quarter that was chosen.
    fn is_listed(&self, quarter: &str) -> bool {
        let bare = bare_name(quarter);
        let named = |names: &[Line<120>]| names.iter().any(|name| bare_name(name.as_str()) == bare);
        !bare.is_empty() && self.quarters().iter().any(|(_, names)| named(names))
    }

    /// Where the order goes, as far as its price depends on it; none while the visitor has not said enough.
    pub fn destination(&self, form: &CheckoutForm) -> Option<Shipping> {
        match self.chosen(form)? {
            Chosen::Pickup(place) => {
                Some(Shipping { location: Some(place.location.id), ..Shipping::default() })
            }
            Chosen::Delivery => {
                let listed = self.is_listed(&form.quarter);
                let by_code = self.by_postcode() && !form.postcode.trim().is_empty();
                let anywhere = form.quarter == ELSEWHERE || (!self.by_quarter() && !self.by_postcode());
                let enough = listed || by_code || (anywhere && self.elsewhere().is_some());
                let quarter = if listed { &form.quarter } else { &form.other_quarter };
                enough.then(|| Shipping {
                    method: ShippingMethod::Delivery,
                    quarter: quarter.parse().ok(),
                    city: form.city.parse().ok(),
                    postcode: form.postcode.parse().ok(),
                    country: Some(self.country),
                    ..Shipping::default()
                })
            }
        }
    }

    /// What is typed of the address: never more than three parts, so that with name and phone number there are five.
    pub fn asks(&self, form: &CheckoutForm) -> Asks {
        if self.chosen(form) != Some(Chosen::Delivery) {
            return Asks::default();
        }
        // where zones go by postcodes, the postcode stands beside the choice
        let postcode = self.by_postcode();
        let listed = self.is_listed(&form.quarter);
        match self.format.way() {
            Way::Street => Asks {
                street: true,
                town: true,
                postcode: self.format.has_postcode() && !postcode,
                ..Asks::default()
            },
            Way::Landmark => {
                Asks { quarter: !listed, landmark: true, town: !listed && !postcode, ..Asks::default() }
            }
        }
    }
}

#[cfg(test)]
pub mod tests {
    use base::Prose;
    use orders::ZoneDetails;
    use stock::{Location, LocationOpening};

    use super::*;

    pub fn everywhere() -> Covers {
        Covers::Everywhere
    }

    pub fn quarters(names: &[&str]) -> Covers {
        Covers::Quarters(names.iter().map(|name| name.parse().unwrap()).collect())
    }

    pub fn postcodes(codes: &[&str]) -> Covers {
        Covers::Postcodes(codes.iter().map(|code| code.parse().unwrap()).collect())
    }

    /// A shop with so many places to fetch orders at, and a zone for each of `covers`; the fees are 1000, 2000, …
    pub fn a_shop_in(country: &str, pickups: usize, covers: Vec<Covers>) -> Ways {
        let place = |number: usize| Place {
            location: Location {
                id: format!("loc_01h2xcejqtf2nbrexx3vqjhp4{number}").parse().unwrap(),
                name: "Boutique".parse().unwrap(),
                address: Prose::default(),
                created_at: Timestamp::from_micros(0),
            },
            opening: LocationOpening { pickup: true, hours: None },
        };
        let zone = |(number, covers): (usize, Covers)| Zone {
            id: format!("zone_01h2xcejqtf2nbrexx3vqjhp4{number}").parse().unwrap(),
            details: ZoneDetails {
                name: "Zone".parse().unwrap(),
                covers,
                fee: Money::new(1000 * (number as i64 + 1), "EUR".parse().unwrap()).unwrap(),
                free_from: None,
                minimum: None,
                tax_code: None,
                words: Prose::default(),
                active: true,
            },
        };
        let country = country.parse().unwrap();
        Ways {
            pickups: (0..pickups).map(place).collect(),
            zones: covers.into_iter().enumerate().map(zone).collect(),
            format: AddressFormat::of(country),
            country,
            now: Timestamp::from_micros(0),
            clock: Clock::utc(),
        }
    }

    fn choice(ship: &str, quarter: &str, postcode: &str) -> CheckoutForm {
        let [ship, quarter, postcode] = [ship, quarter, postcode].map(str::to_owned);
        CheckoutForm { ship, quarter, postcode, ..CheckoutForm::default() }
    }

    #[test]
    fn the_only_way_there_is_needs_no_choice() {
        let nothing = choice("", "", "");
        assert!(matches!(a_shop_in("GN", 1, vec![]).chosen(&nothing), Some(Chosen::Pickup(_))));
        assert_eq!(a_shop_in("GN", 0, vec![everywhere()]).chosen(&nothing), Some(Chosen::Delivery));
        assert_eq!(a_shop_in("GN", 1, vec![everywhere()]).chosen(&nothing), None);
        assert_eq!(a_shop_in("GN", 2, vec![]).chosen(&nothing), None);
        assert_eq!(a_shop_in("GN", 1, vec![]).chosen(&choice("delivery", "", "")), None);
    }

    #[test]
    fn the_price_is_known_as_soon_as_the_zone_is() {
        let known = |covers: Vec<Covers>, quarter: &str, postcode: &str| {
            a_shop_in("GN", 1, covers).destination(&choice("delivery", quarter, postcode)).is_some()
        };
        assert!(known(vec![everywhere()], "", ""));
        assert!(!known(vec![quarters(&["Kipé"])], "", "") && known(vec![quarters(&["Kipé"])], "kipe", ""));
        assert!(!known(vec![quarters(&["Kipé"])], "*", ""), "there is no zone for elsewhere");
        assert!(known(vec![quarters(&["Kipé"]), everywhere()], "*", ""));
        assert!(!known(vec![quarters(&["Kipé"]), everywhere()], "", ""));
        assert!(!known(vec![postcodes(&["75*"])], "", "") && known(vec![postcodes(&["75*"])], "", "75011"));
        assert!(!known(vec![postcodes(&["75*"]), everywhere()], "", ""));
    }

    #[test]
    fn with_name_and_phone_number_never_more_than_five_fields_are_typed() {
        let shops = [
            vec![everywhere()],
            vec![quarters(&["Kipé"])],
            vec![quarters(&["Kipé"]), everywhere()],
            vec![postcodes(&["75*"])],
            vec![postcodes(&["75*"]), everywhere()],
            vec![quarters(&["Kipé"]), postcodes(&["75*"]), everywhere()],
        ];
        for country in
            ["SN", "CI", "GN", "KE", "ML", "NG", "GH", "FR", "IT", "DE", "GB", "US", "IE", "MA", "HK"]
        {
            for covers in &shops {
                for quarter in ["Kipé", "*"] {
                    let ways = a_shop_in(country, 1, covers.clone());
                    let asks = ways.asks(&choice("delivery", quarter, "75011"));
                    let parts = [asks.street, asks.quarter, asks.landmark, asks.town, asks.postcode];
                    let typed =
                        parts.into_iter().filter(|asked| *asked).count() + usize::from(ways.by_postcode());
                    assert!(2 + typed <= 5, "{country} {covers:?} {quarter}: {asks:?}");
                }
            }
        }
    }
}
