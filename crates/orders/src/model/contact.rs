//! Who ordered and where it goes, as typed for this order. Personal data: it can be forgotten without touching the order.

use base::{
    Country, Line, Prose,
    address::{AddressFormat, Parts},
};
pub use customers::Contact as Customer;
use serde::{Deserialize, Serialize};
use stock::LocationId;

use super::{
    states::named,
    zone::{Told, ZoneId},
};

named! {
    /// How the goods reach the customer.
    ShippingMethod { Pickup = "pickup", Delivery = "delivery" }
}

/// Where the goods go. Much of the world has no postcode: a quarter and a landmark find the door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Shipping {
    pub method: ShippingMethod,
    /// The delivery zone; found by the address if absent.
    #[schema(value_type = Option<String>)]
    pub zone: Option<ZoneId>,
    /// Where the customer fetches the goods; the first location if absent.
    #[schema(value_type = Option<String>)]
    pub location: Option<LocationId>,
    #[schema(value_type = Option<String>)]
    pub street: Option<Line<200>>,
    #[schema(value_type = Option<String>)]
    pub quarter: Option<Line<120>>,
    #[schema(value_type = Option<String>)]
    pub landmark: Option<Line<200>>,
    #[schema(value_type = Option<String>)]
    pub city: Option<Line<120>>,
    /// State, province or emirate, where addresses have one.
    #[schema(value_type = Option<String>)]
    pub region: Option<Line<60>>,
    #[schema(value_type = Option<String>)]
    pub postcode: Option<Line<20>>,
    #[schema(value_type = Option<String>)]
    pub country: Option<Country>,
}

impl Default for Shipping {
    fn default() -> Self {
        Self {
            method: ShippingMethod::Pickup,
            zone: None,
            location: None,
            street: None,
            quarter: None,
            landmark: None,
            city: None,
            region: None,
            postcode: None,
            country: None,
        }
    }
}

impl Shipping {
    /// The address line by line, in the order of its country; the country's code behind it if it is not `home`. Empty
    /// for pickup.
    pub fn lines(&self, home: Country) -> Vec<String> {
        let mut lines = AddressFormat::of(self.country.unwrap_or(home)).lines(&self.parts());
        lines.extend(self.country.filter(|country| *country != home).map(|country| country.to_string()));
        lines
    }

    fn parts(&self) -> Parts<'_> {
        Parts {
            street: self.street.as_ref().map(Line::as_str),
            quarter: self.quarter.as_ref().map(Line::as_str),
            landmark: self.landmark.as_ref().map(Line::as_str),
            town: self.city.as_ref().map(Line::as_str),
            region: self.region.as_ref().map(Line::as_str),
            postcode: self.postcode.as_ref().map(Line::as_str),
        }
    }

    /// What zones look at.
    pub fn told(&self) -> Told<'_> {
        let Parts { quarter, town, postcode, .. } = self.parts();
        Told { quarter, town, postcode }
    }

    /// Whether a rider could find it: a delivery says at least one of street, quarter and landmark.
    pub const fn is_reachable(&self) -> bool {
        match self.method {
            ShippingMethod::Pickup => true,
            ShippingMethod::Delivery => {
                self.street.is_some() || self.quarter.is_some() || self.landmark.is_some()
            }
        }
    }
}

/// What the customer adds.
pub type Note = Prose<1000>;

/// The folded words an order is found by: of the name, the e-mail and the address, and the phone number as it is dialled
/// within the country and from abroad. Each once.
pub fn search_words(customer: &Customer, shipping: &Shipping) -> Vec<String> {
    let name = customer.name.as_ref().map(ToString::to_string);
    let email = customer.email.as_ref().map(ToString::to_string);
    let Parts { street, quarter, landmark, town, region, postcode } = shipping.parts();
    let place = [street, quarter, landmark, town, region, postcode];
    let text: Vec<&str> = [name.as_deref(), email.as_deref()].into_iter().chain(place).flatten().collect();
    let mut words = base::words(&text.join(" "));
    if let Some(phone) = &customer.phone {
        for number in [phone.national(), phone.digits().to_owned()] {
            if !words.contains(&number) {
                words.push(number);
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use customers::sought_words;

    use super::*;

    #[test]
    fn an_order_is_found_by_name_without_accents_and_by_phone() {
        let customer = Customer {
            name: Some("Aïssatou Barry".parse().unwrap()),
            phone: Some("+224620000000".parse().unwrap()),
            ..Customer::default()
        };
        let words = search_words(&customer, &Shipping::default());
        assert_eq!(words, ["aissatou", "barry", "620000000", "224620000000"]);
    }

    #[test]
    fn a_phone_number_is_looked_for_however_it_is_spaced() {
        for typed in ["+224 620-00", "00224 620 00", "(224) 620.00"] {
            assert_eq!(sought_words(typed), ["22462000"], "{typed}");
        }
        assert_eq!(sought_words("#1001"), ["1001"]);
        assert_eq!(sought_words(" Crème, BRÛLÉE "), ["creme", "brulee"]);
        assert!(sought_words("%_!").is_empty());
    }

    #[test]
    fn an_address_is_written_as_its_country_does_and_names_one_that_is_not_home() {
        let shipping = Shipping {
            method: ShippingMethod::Delivery,
            street: Some("8 rue Haute".parse().unwrap()),
            city: Some("Valbourg".parse().unwrap()),
            postcode: Some("99123".parse().unwrap()),
            country: Some("FR".parse().unwrap()),
            ..Shipping::default()
        };
        assert_eq!(shipping.lines("FR".parse().unwrap()), ["8 rue Haute", "99123 Valbourg"]);
        assert_eq!(shipping.lines("GN".parse().unwrap()), ["8 rue Haute", "99123 Valbourg", "FR"]);
    }

    #[test]
    fn a_landmark_is_address_enough() {
        let behind = Shipping {
            landmark: Some("derrière la mosquée".parse().unwrap()),
            method: ShippingMethod::Delivery,
            ..Shipping::default()
        };
        assert!(behind.is_reachable());
        assert!(!Shipping { landmark: None, ..behind }.is_reachable());
    }
}
