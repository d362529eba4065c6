//! The checkout form: what was typed, and what is at fault with it. Nothing typed is lost.

use base::{Line, Money, Phone, TextError, address::Way};
use orders::{Customer, Note, Shipping};
use serde::Deserialize;

use crate::ship::Ways;

/// The form as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct CheckoutForm {
    /// `delivery`, or the location where the order is fetched.
    pub ship: String,
    /// One that a zone names, or [`ELSEWHERE`](crate::ship::ELSEWHERE).
    pub quarter: String,
    pub postcode: String,
    pub name: String,
    pub phone: String,
    pub email: String,
    pub street: String,
    /// A quarter that no zone names.
    pub other_quarter: String,
    pub landmark: String,
    pub city: String,
    pub note: String,
    pub payment: String,
    /// The code of a gift card.
    pub card: String,
    /// The total that was shown, in minor units.
    pub total: String,
    /// Set where only the total shall be shown.
    pub quote: String,
}

/// What a visitor chooses before the personal part: all that the price depends on.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Choice {
    pub ship: String,
    pub quarter: String,
    pub postcode: String,
}

impl From<Choice> for CheckoutForm {
    fn from(Choice { ship, quarter, postcode }: Choice) -> Self {
        Self { ship, quarter, postcode, ..Self::default() }
    }
}

/// The form, read.
#[derive(Debug, Clone)]
pub struct Wishes {
    pub customer: Customer,
    pub shipping: Shipping,
    pub note: Note,
    pub method: String,
    /// Gift cards that pay first.
    pub cards: Vec<base::Code>,
}

/// A field at fault: its name and the key of the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub field: &'static str,
    pub key: &'static str,
}

impl CheckoutForm {
    /// The total that was shown.
    pub fn shown(&self, currency: base::Currency) -> Option<Money> {
        Money::new(self.total.parse().ok()?, currency).ok()
    }

    /// The wishes, or every field that needs another look. A phone number without a country code is of the shop's
    /// country.
    pub fn read(&self, ways: &Ways, language: base::Language) -> Result<Wishes, Vec<Fault>> {
        let mut faults = Vec::new();
        let shipping = self.shipping(ways, &mut faults);
        let name = line::<120>(&self.name, "name", &mut faults);
        if self.name.trim().is_empty() {
            faults.push(Fault { field: "name", key: "checkout-name-needed" });
        }
        let phone = match self.phone.trim() {
            "" => None,
            typed => Phone::parse_in(typed, Some(ways.country))
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
        let note =
            self.note.parse().map_err(|_| faults.push(Fault { field: "note", key: "checkout-too-long" }));
        let card = match self.card.trim() {
            "" => None,
            typed => typed
                .parse()
                .map_err(|_| faults.push(Fault { field: "card", key: "checkout-card-unknown" }))
                .ok(),
        };
        if self.payment.is_empty() {
            faults.push(Fault { field: "payment", key: "checkout-payment-needed" });
        }
        match (shipping, note) {
            (Some(shipping), Ok(note)) if faults.is_empty() => Ok(Wishes {
                customer: Customer { name, phone, email, language: Some(language) },
                shipping,
                note,
                method: self.payment.clone(),
                cards: card.into_iter().collect(),
            }),
            _ => Err(faults),
        }
    }

    /// Where the order goes, with every part of the address that its country wants.
    fn shipping(&self, ways: &Ways, faults: &mut Vec<Fault>) -> Option<Shipping> {
        let Some(known) = ways.destination(self) else {
            faults.push(Fault { field: "ship", key: "checkout-ship-needed" });
            return None;
        };
        let asks = ways.asks(self);
        let mut needs = |asked: bool, typed: &str, field, key| {
            if asked && typed.trim().is_empty() {
                faults.push(Fault { field, key });
            }
        };
        needs(asks.street, &self.street, "street", "checkout-street-needed");
        needs(asks.quarter, &self.other_quarter, "other_quarter", "checkout-quarter-needed");
        needs(asks.landmark, &self.landmark, "landmark", "checkout-landmark-needed");
        let town_needed = asks.town && ways.format.way() == Way::Street;
        needs(town_needed, &self.city, "city", "checkout-city-needed");
        let code = self.postcode.trim();
        let delivers = known.method == orders::ShippingMethod::Delivery;
        let missing = asks.postcode && ways.format.needs_postcode() && code.is_empty();
        if delivers && (missing || !(code.is_empty() || ways.format.accepts_postcode(code))) {
            faults.push(Fault { field: "postcode", key: "checkout-postcode-wrong" });
        }
        if !delivers {
            return Some(known);
        }
        let quarter =
            if asks.quarter { line(&self.other_quarter, "other_quarter", faults) } else { known.quarter };
        Some(Shipping {
            quarter,
            street: line(&self.street, "street", faults).filter(|_| asks.street),
            landmark: line(&self.landmark, "landmark", faults).filter(|_| asks.landmark),
            city: line(&self.city, "city", faults).filter(|_| asks.town),
            postcode: line(&self.postcode, "postcode", faults),
            ..known
        })
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
    use crate::ship::tests::{a_shop_in, everywhere, postcodes, quarters};

    fn a_form() -> CheckoutForm {
        CheckoutForm {
            name: "Aïssatou".to_owned(),
            phone: "620 00 00 00".to_owned(),
            payment: "cod".to_owned(),
            ..CheckoutForm::default()
        }
    }

    fn faults(form: &CheckoutForm, ways: &Ways) -> Vec<&'static str> {
        let faults = form.read(ways, base::Language::Fr).unwrap_err();
        faults.iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn a_name_and_a_phone_are_enough_to_pick_up() {
        let ways = a_shop_in("GN", 1, vec![]);
        let wishes = a_form().read(&ways, base::Language::Fr).unwrap();
        assert_eq!(wishes.customer.phone.unwrap().as_str(), "+224620000000");
        assert_eq!(wishes.shipping.location, Some(ways.pickups[0].location.id));
    }

    #[test]
    fn national_and_international_numbers_become_one() {
        let ways = a_shop_in("SN", 1, vec![]);
        for typed in ["77 123 45 67", "+221 77 123 45 67", "00221771234567"] {
            let form = CheckoutForm { phone: typed.to_owned(), ..a_form() };
            let wishes = form.read(&ways, base::Language::Fr).unwrap();
            assert_eq!(wishes.customer.phone.unwrap().as_str(), "+221771234567", "{typed}");
        }
    }

    #[test]
    fn each_fault_stands_at_its_field() {
        let ways = a_shop_in("FR", 1, vec![everywhere()]);
        let form = CheckoutForm {
            phone: "12".to_owned(),
            ship: "delivery".to_owned(),
            postcode: "7501".to_owned(),
            payment: String::new(),
            ..a_form()
        };
        assert_eq!(faults(&form, &ways), ["street", "city", "postcode", "phone", "payment"]);
        assert_eq!(
            faults(&CheckoutForm { ship: String::new(), ..form }, &ways),
            ["ship", "phone", "payment"]
        );
    }

    #[test]
    fn a_quarter_that_was_chosen_wants_a_landmark_and_no_more() {
        let ways = a_shop_in("GN", 1, vec![quarters(&["Kipé"]), everywhere()]);
        let form = CheckoutForm { ship: "delivery".to_owned(), quarter: "Kipé".to_owned(), ..a_form() };
        assert_eq!(faults(&form, &ways), ["landmark"]);
        let form = CheckoutForm { landmark: "derrière la mosquée".to_owned(), ..form };
        let shipping = form.read(&ways, base::Language::Fr).unwrap().shipping;
        assert_eq!(shipping.quarter.unwrap().as_str(), "Kipé");
        let elsewhere = CheckoutForm { quarter: "*".to_owned(), ..form };
        assert_eq!(faults(&elsewhere, &ways), ["other_quarter"]);
    }

    #[test]
    fn what_is_typed_for_another_way_is_not_taken_along() {
        let ways = a_shop_in("FR", 1, vec![postcodes(&["75*"])]);
        let pickup = ways.pickups[0].location.id.to_string();
        let form = CheckoutForm {
            ship: pickup,
            street: "8 rue Haute".to_owned(),
            postcode: "nonsense".to_owned(),
            ..a_form()
        };
        let shipping = form.read(&ways, base::Language::Fr).unwrap().shipping;
        assert_eq!((shipping.street, shipping.postcode), (None, None));
    }
}
