//! The form of a campaign, as typed.

use base::{Currency, Day, Line, Money, Prose, Quantity, Timestamp, Zone, tax::Rate};
use orders::Channel;
use serde::Deserialize;

use crate::model::{CampaignDetails, Expiry, Limits, Offer, Scope, campaign::Flaw};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct CampaignForm {
    pub name: String,
    pub description: String,
    /// One of [`Offer::KINDS`].
    pub kind: String,
    pub percent: String,
    pub amount: String,
    pub words: String,
    pub buy: String,
    pub get: String,
    pub minimum: String,
    pub stackable: String,
    pub limit: String,
    pub per_customer: String,
    pub starts: String,
    pub ends: String,
    /// `never`, `on` or `after`.
    pub expiry: String,
    pub expiry_day: String,
    pub expiry_days: String,
    pub categories: Vec<String>,
    pub locations: Vec<String>,
    pub channels: Vec<String>,
    /// Set where only the campaign's own products are lowered.
    pub own_products: String,
    /// A code that many people may type; empty for none.
    pub shared_code: String,
}

/// A field, and the key of what to do about what stands in it.
pub type Fault = (&'static str, &'static str);

/// What the form is read against.
pub struct Ground<'a> {
    pub currency: Currency,
    pub zone: &'a Zone,
    /// The products of the campaign, if it has any yet.
    pub products: Vec<catalog::ProductId>,
}

impl CampaignForm {
    /// A form to begin with.
    pub fn fresh() -> Self {
        Self {
            kind: "percent".to_owned(),
            expiry: "never".to_owned(),
            per_customer: "1".to_owned(),
            ..Self::default()
        }
    }

    pub fn of(details: &CampaignDetails, zone: &Zone) -> Self {
        let day = |at: Option<Timestamp>| at.map(|at| at.day(zone).to_string()).unwrap_or_default();
        // an end is the moment after its last day
        let last = |at: Option<Timestamp>| day(at.map(|at| at.plus_s(-1)));
        let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let list = |ids: Vec<String>| ids;
        let mut form = Self {
            name: details.name.to_string(),
            description: details.description.to_string(),
            kind: details.offer.kind().to_owned(),
            minimum: details.minimum.map(Money::decimal).unwrap_or_default(),
            stackable: if details.stackable { "1".to_owned() } else { String::new() },
            limit: number(details.limits.coupons),
            per_customer: number(details.limits.per_customer),
            starts: day(details.starts_at),
            ends: last(details.ends_at),
            categories: list(details.scope.categories.iter().map(ToString::to_string).collect()),
            locations: list(details.scope.locations.iter().map(ToString::to_string).collect()),
            channels: list(details.scope.channels.iter().map(|channel| channel.name().to_owned()).collect()),
            own_products: if details.scope.products.is_empty() { String::new() } else { "1".to_owned() },
            shared_code: details.shared_code.as_ref().map(ToString::to_string).unwrap_or_default(),
            ..Self::default()
        };
        match &details.offer {
            Offer::Percent { value } => form.percent = value.percent(),
            Offer::Fixed { value } => form.amount = value.decimal(),
            Offer::Text { value } => form.words = value.to_string(),
            Offer::FreeDelivery => (),
            Offer::BuyXGetY { buy, get } => (form.buy, form.get) = (buy.to_string(), get.to_string()),
        }
        match details.expiry {
            Expiry::Never => form.expiry = "never".to_owned(),
            Expiry::On { day } => {
                (form.expiry, form.expiry_day) = ("on".to_owned(), day.to_string());
            }
            Expiry::After { days } => {
                (form.expiry, form.expiry_days) = ("after".to_owned(), days.to_string());
            }
        }
        form
    }

    /// What it says, or everything that needs another look.
    pub fn read(&self, ground: &Ground) -> Result<CampaignDetails, Vec<Fault>> {
        let mut faults: Vec<Fault> = Vec::new();
        let name: Option<Line<120>> = kept(self.name.parse(), &mut faults, ("name", "coupons-fault-name"));
        let description: Option<Prose<1000>> =
            kept(self.description.parse(), &mut faults, ("description", "coupons-fault-long"));
        let offer = self.offer(ground.currency, &mut faults);
        let minimum = self.minimum.trim();
        let minimum =
            (!minimum.is_empty()).then(|| Money::parse_decimal(minimum, ground.currency)).transpose();
        let minimum = kept(minimum, &mut faults, ("minimum", "coupons-fault-amount"));
        let coupons = kept(number(&self.limit), &mut faults, ("limit", "coupons-fault-limit"));
        let per_customer =
            kept(number(&self.per_customer), &mut faults, ("per_customer", "coupons-fault-limit"));
        let starts_at = kept(day(&self.starts), &mut faults, ("starts", "coupons-fault-day"));
        let ends_at = kept(day(&self.ends), &mut faults, ("ends", "coupons-fault-day"));
        let expiry = self.expiry(&mut faults);
        let code = self.shared_code.trim();
        let shared_code = (!code.is_empty()).then(|| code.parse()).transpose();
        let shared_code = shared_code.map_err(|flaw| faults.push(fault(flaw, self))).ok();
        let scope = Scope {
            products: if self.own_products.is_empty() { Vec::new() } else { ground.products.clone() },
            categories: self.categories.iter().filter_map(|id| id.parse().ok()).collect(),
            locations: self.locations.iter().filter_map(|id| id.parse().ok()).collect(),
            channels: self.channels.iter().filter_map(|name| Channel::parse(name)).collect(),
        };
        let limits = coupons.zip(per_customer);
        let dates = starts_at.zip(ends_at);
        let all = (name, description, offer, minimum, limits, dates, expiry, shared_code);
        let (
            Some(name),
            Some(description),
            Some(offer),
            Some(minimum),
            Some((coupons, per_customer)),
            Some((starts_at, ends_at)),
            Some(expiry),
            Some(shared_code),
        ) = all
        else {
            return Err(faults);
        };
        let details = CampaignDetails {
            name,
            description,
            offer,
            scope,
            minimum,
            stackable: !self.stackable.is_empty(),
            limits: Limits { coupons, per_customer },
            starts_at: starts_at.and_then(|day| day.start(ground.zone)),
            ends_at: ends_at.and_then(|day| day.end(ground.zone)),
            expiry,
            shared_code,
        };
        details.check(ground.zone).map_err(|flaw| vec![fault(flaw, self)])?;
        Ok(details)
    }

    fn offer(&self, currency: Currency, faults: &mut Vec<Fault>) -> Option<Offer> {
        match self.kind.as_str() {
            "percent" => {
                let rate = Rate::parse_percent(&self.percent).ok_or(());
                kept(rate, faults, ("percent", "coupons-fault-percent")).map(|value| Offer::Percent { value })
            }
            "fixed" => {
                let amount = Money::parse_decimal(self.amount.trim(), currency);
                kept(amount, faults, ("amount", "coupons-fault-amount")).map(|value| Offer::Fixed { value })
            }
            "text" => kept(self.words.parse(), faults, ("words", "coupons-fault-words"))
                .map(|value| Offer::Text { value }),
            "free-delivery" => Some(Offer::FreeDelivery),
            "buy-x-get-y" => {
                let both = number(&self.buy).ok().flatten().zip(number(&self.get).ok().flatten()).ok_or(());
                kept(both, faults, ("buy", "coupons-fault-pieces"))
                    .map(|(buy, get)| Offer::BuyXGetY { buy, get })
            }
            _ => {
                faults.push(("kind", "coupons-fault-kind"));
                None
            }
        }
    }

    fn expiry(&self, faults: &mut Vec<Fault>) -> Option<Expiry> {
        match self.expiry.as_str() {
            "on" => {
                let day = day(&self.expiry_day).ok().flatten().ok_or(());
                kept(day, faults, ("expiry_day", "coupons-fault-day")).map(|day| Expiry::On { day })
            }
            "after" => {
                let days = number(&self.expiry_days).ok().flatten().ok_or(());
                kept(days, faults, ("expiry_days", "coupons-fault-days")).map(|days| Expiry::After { days })
            }
            _ => Some(Expiry::Never),
        }
    }
}

/// The value, or a fault in its place.
fn kept<T, E>(read: Result<T, E>, faults: &mut Vec<Fault>, fault: Fault) -> Option<T> {
    read.map_err(|_| faults.push(fault)).ok()
}

fn number(typed: &str) -> Result<Option<i64>, base::QuantityError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let read: Quantity = typed.parse()?;
    Ok(Some(read.in_thousandths() / 1000))
}

fn day(typed: &str) -> Result<Option<Day>, ()> {
    let typed = typed.trim();
    if typed.is_empty() { Ok(None) } else { typed.parse().map(Some).map_err(|_| ()) }
}

/// The field that a flaw of the whole stands at.
pub fn fault(flaw: Flaw, form: &CampaignForm) -> Fault {
    match flaw {
        Flaw::Percent => ("percent", "coupons-fault-percent"),
        Flaw::Amount if form.kind == "fixed" => ("amount", "coupons-fault-amount"),
        Flaw::Amount => ("minimum", "coupons-fault-amount"),
        Flaw::Pieces => ("buy", "coupons-fault-pieces"),
        Flaw::Limit => ("limit", "coupons-fault-limit"),
        Flaw::Order => ("ends", "coupons-fault-order"),
        Flaw::Days => ("expiry_days", "coupons-fault-days"),
        Flaw::ExpiresFirst => ("expiry_day", "coupons-fault-expires-first"),
        Flaw::SharedCode => ("shared_code", "coupons-fault-shared-code"),
        Flaw::LikeACoupon => ("shared_code", "coupons-fault-shared-like"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ground(zone: &Zone) -> Ground<'_> {
        Ground { currency: "EUR".parse().unwrap(), zone, products: Vec::new() }
    }

    #[test]
    fn what_was_typed_reads_back_as_it_was() {
        let zone: Zone = "Europe/Rome".parse().unwrap();
        let form = CampaignForm {
            name: "Torte".to_owned(),
            percent: "12.5".to_owned(),
            starts: "2026-11-20".to_owned(),
            ends: "2026-11-22".to_owned(),
            expiry: "after".to_owned(),
            expiry_days: "7".to_owned(),
            minimum: "10.00".to_owned(),
            ..CampaignForm::fresh()
        };
        let details = form.read(&ground(&zone)).unwrap();
        assert_eq!(details.ends_at, Some("2026-11-22T23:00:00Z".parse().unwrap()));
        let again = CampaignForm::of(&details, &zone);
        assert_eq!(
            (again.starts, again.ends, again.percent, again.minimum, again.per_customer),
            (form.starts, form.ends, form.percent, form.minimum, form.per_customer)
        );
    }

    #[test]
    fn every_field_at_fault_is_named_and_an_end_before_the_start_too() {
        let zone = Zone::utc();
        let form = CampaignForm {
            percent: "ten".to_owned(),
            limit: "many".to_owned(),
            minimum: "x".to_owned(),
            starts: "tomorrow".to_owned(),
            ..CampaignForm::fresh()
        };
        let faults = form.read(&ground(&zone)).unwrap_err();
        let fields: Vec<&str> = faults.iter().map(|(field, _)| *field).collect();
        assert_eq!(fields, ["name", "percent", "minimum", "limit", "starts"]);
        let form = CampaignForm {
            name: "Torte".to_owned(),
            percent: "10".to_owned(),
            starts: "2026-11-20".to_owned(),
            ends: "2026-11-19".to_owned(),
            ..CampaignForm::fresh()
        };
        assert_eq!(form.read(&ground(&zone)).unwrap_err(), [("ends", "coupons-fault-order")]);
    }
}
