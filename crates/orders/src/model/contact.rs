//! Who ordered and where it goes, as typed for this order. Personal data: it can be forgotten without touching the order.

use base::{Country, Email, Language, Line, Phone, Prose};
use serde::{Deserialize, Serialize};

use super::states::named;

/// A phone or an e-mail is enough; neither is required of an order made at the counter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Customer {
    #[schema(value_type = Option<String>)]
    pub name: Option<Line<120>>,
    /// In E.164, such as +224620000000.
    #[schema(value_type = Option<String>)]
    pub phone: Option<Phone>,
    #[schema(value_type = Option<String>)]
    pub email: Option<Email>,
    /// In which the customer is written to.
    #[schema(value_type = Option<String>)]
    pub language: Option<Language>,
}

named! {
    /// How the goods reach the customer.
    ShippingMethod { Pickup = "pickup", Delivery = "delivery" }
}

/// Where the goods go. Much of the world has no postcode: a quarter and a landmark find the door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Shipping {
    pub method: ShippingMethod,
    #[schema(value_type = Option<String>)]
    pub street: Option<Line<200>>,
    #[schema(value_type = Option<String>)]
    pub quarter: Option<Line<120>>,
    #[schema(value_type = Option<String>)]
    pub landmark: Option<Line<200>>,
    #[schema(value_type = Option<String>)]
    pub city: Option<Line<120>>,
    #[schema(value_type = Option<String>)]
    pub postcode: Option<Line<20>>,
    #[schema(value_type = Option<String>)]
    pub country: Option<Country>,
}

impl Default for Shipping {
    fn default() -> Self {
        Self {
            method: ShippingMethod::Pickup,
            street: None,
            quarter: None,
            landmark: None,
            city: None,
            postcode: None,
            country: None,
        }
    }
}

impl Shipping {
    /// The address as one reads it aloud, one part a line; empty for pickup.
    pub fn lines(&self) -> Vec<String> {
        let town: Vec<&str> =
            [self.postcode.as_ref().map(Line::as_str), self.city.as_ref().map(Line::as_str)]
                .into_iter()
                .flatten()
                .collect();
        let parts = [
            self.street.as_ref().map(ToString::to_string),
            self.quarter.as_ref().map(ToString::to_string),
            self.landmark.as_ref().map(ToString::to_string),
            (!town.is_empty()).then(|| town.join(" ")),
            self.country.map(|country| country.to_string()),
        ];
        parts.into_iter().flatten().collect()
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

/// The folded words an order is found by.
pub fn search_text(customer: &Customer, shipping: &Shipping) -> String {
    let mut text = String::new();
    let name = customer.name.as_ref().map(ToString::to_string);
    let phone = customer.phone.as_ref().map(ToString::to_string);
    let email = customer.email.as_ref().map(ToString::to_string);
    for part in [name, phone, email].into_iter().flatten().chain(shipping.lines()) {
        text.push(' ');
        text.push_str(&base::fold(&part));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_found_by_name_without_accents_and_by_phone() {
        let customer = Customer {
            name: Some("Aïssatou Barry".parse().unwrap()),
            phone: Some("+224620000000".parse().unwrap()),
            ..Customer::default()
        };
        let text = search_text(&customer, &Shipping::default());
        assert!(text.contains("aissatou barry") && text.contains("620000000"));
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
