//! The checkout form: what was typed, and what is at fault with it. Nothing typed is lost.

use base::{Country, Line, Phone, TextError};
use orders::{Customer, Note, Shipping, ShippingMethod};
use serde::Deserialize;

/// The form as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct CheckoutForm {
    pub name: String,
    pub phone: String,
    pub email: String,
    pub shipping: String,
    pub street: String,
    pub quarter: String,
    pub landmark: String,
    pub city: String,
    pub postcode: String,
    pub note: String,
    pub payment: String,
}

/// The form, read.
#[derive(Debug, Clone)]
pub struct Wishes {
    pub customer: Customer,
    pub shipping: Shipping,
    pub note: Note,
    pub method: String,
}

/// A field at fault: its name and the key of the words, or the words of the parser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub field: &'static str,
    pub key: &'static str,
}

impl CheckoutForm {
    /// The wishes, or every field that needs another look. A phone number without a country code is of `home`.
    pub fn read(&self, home: Country, language: base::Language) -> Result<Wishes, Vec<Fault>> {
        let mut faults = Vec::new();
        let name = line::<120>(&self.name, "name", &mut faults);
        if self.name.trim().is_empty() {
            faults.push(Fault { field: "name", key: "checkout-name-needed" });
        }
        let phone = match self.phone.trim() {
            "" => None,
            typed => Phone::parse_in(typed, Some(home))
                .map_err(|_| faults.push(Fault { field: "phone", key: "checkout-phone-wrong" }))
                .ok(),
        };
        let email = match self.email.trim() {
            "" => None,
            typed => typed
                .parse()
                .map_err(|_| faults.push(Fault { field: "email", key: "checkout-email-wrong" }))
                .ok(),
        };
        if self.phone.trim().is_empty() && self.email.trim().is_empty() {
            faults.push(Fault { field: "phone", key: "checkout-contact-needed" });
        }
        let method =
            if self.shipping == "delivery" { ShippingMethod::Delivery } else { ShippingMethod::Pickup };
        let shipping = Shipping {
            method,
            street: line(&self.street, "street", &mut faults),
            quarter: line(&self.quarter, "quarter", &mut faults),
            landmark: line(&self.landmark, "landmark", &mut faults),
            city: line(&self.city, "city", &mut faults),
            postcode: line(&self.postcode, "postcode", &mut faults),
            country: (method == ShippingMethod::Delivery).then_some(home),
        };
        if !shipping.is_reachable() {
            faults.push(Fault { field: "street", key: "checkout-address-needed" });
        }
        let note =
            self.note.parse().map_err(|_| faults.push(Fault { field: "note", key: "checkout-too-long" }));
        if self.payment.is_empty() {
            faults.push(Fault { field: "payment", key: "checkout-payment-needed" });
        }
        match note {
            Ok(note) if faults.is_empty() => Ok(Wishes {
                customer: Customer { name, phone, email, language: Some(language) },
                shipping,
                note,
                method: self.payment.clone(),
            }),
            _ => Err(faults),
        }
    }
}

fn line<const MAX: usize>(typed: &str, field: &'static str, faults: &mut Vec<Fault>) -> Option<Line<MAX>> {
    Line::parse_optional(typed).unwrap_or_else(|error| {
        let key = if matches!(error, TextError::TooLong { .. }) {
            "checkout-too-long"
        } else {
            "checkout-odd-letters"
        };
        faults.push(Fault { field, key });
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> Country {
        "GN".parse().unwrap()
    }

    fn a_form() -> CheckoutForm {
        CheckoutForm {
            name: "Aïssatou".to_owned(),
            phone: "620 00 00 00".to_owned(),
            shipping: "pickup".to_owned(),
            payment: "cod".to_owned(),
            ..CheckoutForm::default()
        }
    }

    #[test]
    fn a_name_and_a_phone_are_enough_to_pick_up() {
        let wishes = a_form().read(home(), base::Language::Fr).unwrap();
        assert_eq!(wishes.customer.phone.unwrap().as_str(), "+224620000000");
    }

    #[test]
    fn each_fault_stands_at_its_field() {
        let form = CheckoutForm {
            phone: "12".to_owned(),
            shipping: "delivery".to_owned(),
            payment: String::new(),
            ..a_form()
        };
        let faults = form.read(home(), base::Language::En).unwrap_err();
        let fields: Vec<_> = faults.iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["phone", "street", "payment"]);
    }

    #[test]
    fn a_landmark_finds_the_door() {
        let form = CheckoutForm {
            shipping: "delivery".to_owned(),
            landmark: "derrière la mosquée".to_owned(),
            ..a_form()
        };
        assert!(form.read(home(), base::Language::Fr).is_ok());
    }
}
