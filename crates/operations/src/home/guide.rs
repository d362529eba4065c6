//! The first steps of a business: each knows by itself whether it is done.

use base::{
    Day,
    tax::{Rate, Treatment},
};
use catalog::{TaxCode, TaxRate};
use db::{Rx, Tx};
use orders::{Channel, Filter};
use people::Business;

use super::sql;
use crate::{Error, country};

/// A step, in the order they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Which tax the prices hold.
    Tax,
    /// A number that customers reach the business by.
    Phone,
    /// The shop's sign.
    Logo,
    Product,
    /// Where customers pay to.
    Payment,
    /// An order to try how it goes.
    Order,
    /// The shop's address among people.
    Share,
}

impl Step {
    pub const ALL: [Self; 7] =
        [Self::Tax, Self::Phone, Self::Logo, Self::Product, Self::Payment, Self::Order, Self::Share];

    /// Its name in rows and forms, and the end of its texts' keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tax => "tax",
            Self::Phone => "phone",
            Self::Logo => "logo",
            Self::Product => "product",
            Self::Payment => "payment",
            Self::Order => "order",
            Self::Share => "share",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == raw)
    }

    /// The page below the back office where it is done; none where the guide itself does it.
    pub const fn page(self) -> Option<&'static str> {
        match self {
            Self::Tax | Self::Share => None,
            Self::Phone => Some("/settings"),
            Self::Logo => Some("/shop/look#logo"),
            Self::Product => Some("/products/new"),
            Self::Payment => Some("/payment-methods"),
            Self::Order => Some("/orders/new"),
        }
    }
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Done,
    Skipped,
    Open,
}

/// What is known of the business when its steps are told.
#[derive(Debug, Clone)]
pub struct Facts {
    pub business: Business,
    pub has_taxes: bool,
    /// In the look that visitors see, or in its draft.
    pub has_logo: bool,
    pub has_products: bool,
    /// The payer of some method is told where to pay to.
    pub explains_payment: bool,
    pub has_orders: bool,
    pub has_shop_orders: bool,
    pub skipped: Vec<Step>,
}

impl Facts {
    pub fn progress(&self, step: Step) -> Progress {
        let done = match step {
            Step::Tax => self.has_taxes,
            Step::Phone => self.business.edit.phone.is_some(),
            Step::Logo => self.has_logo,
            Step::Product => self.has_products,
            Step::Payment => self.explains_payment,
            Step::Order => self.has_orders,
            Step::Share => self.has_shop_orders,
        };
        match (done, self.skipped.contains(&step)) {
            (true, _) => Progress::Done,
            (false, true) => Progress::Skipped,
            (false, false) => Progress::Open,
        }
    }

    /// Nothing is left that a sale waits for: the guide leaves the home page. A logo can wait.
    pub fn is_over(&self) -> bool {
        let behind = |step| step == Step::Logo || self.progress(step) != Progress::Open;
        Step::ALL.into_iter().all(behind)
    }
}

pub fn facts(rx: &mut Rx) -> Result<Facts, Error> {
    /// Who has come to this number (the first is 1001) needs no first steps, and looking through all those orders for one
    /// of the shop takes long.
    const ESTABLISHED: i64 = 1500;
    let newest = orders::last_number(rx)?;
    let from_shop = Filter { channel: Some(Channel::Shop), ..Filter::default() };
    Ok(Facts {
        business: people::business::find(rx)?,
        has_taxes: !catalog::tax_codes(rx)?.is_empty(),
        has_logo: shop::look::draft(rx)?.0.logo.is_some(),
        has_products: !catalog::list(rx, &catalog::Filter::default(), None, 1)?.is_empty(),
        explains_payment: payments::methods(rx)?
            .iter()
            .any(|row| row.enabled && !row.instructions.is_empty()),
        has_orders: newest > 0,
        has_shop_orders: newest > ESTABLISHED || !orders::list(rx, &from_shop, None, 1)?.is_empty(),
        skipped: sql::skipped(rx)?,
    })
}

pub fn skip(tx: &mut Tx, step: Step) -> Result<(), Error> {
    Ok(sql::skip(tx, step)?)
}

/// Takes the country's usual tax for all that is sold from today on.
pub fn take_usual_tax(tx: &mut Tx) -> Result<(), Error> {
    let business = people::business::find(tx)?;
    let today = tx.now().day(&business.edit.zone);
    match usual_tax(&business, today) {
        Some(code) if catalog::tax_codes(tx)?.is_empty() => Ok(catalog::put_tax_code(tx, &code)?),
        _ => Ok(()),
    }
}

/// What is levied in the business's country on what has no rate of its own.
pub fn usual_tax(business: &Business, from: Day) -> Option<TaxCode> {
    let usual = country::usual_tax(business.edit.country)?;
    let rate = TaxRate {
        name: format!("{} {} %", usual.name, usual.percent).parse().ok()?,
        rate: Rate::parse_percent(usual.percent)?,
        treatment: Treatment::Standard,
        compound: false,
        valid_from: from,
        valid_to: None,
    };
    let code = format!("{}{}", usual.name, usual.percent.replace('.', ""));
    Some(TaxCode { code: code.parse().ok()?, name: rate.name.clone(), standard: true, rates: vec![rate] })
}

#[cfg(test)]
mod tests {
    use base::{Language, Zone};

    use super::*;

    fn business(country: &str) -> Business {
        let currency = "GNF".parse().unwrap();
        let name = "Chez Awa".parse().unwrap();
        Business::new(name, currency, country.parse().unwrap(), Language::Fr, Zone::utc(), false)
    }

    fn nothing_done() -> Facts {
        Facts {
            business: business("GN"),
            has_taxes: false,
            has_logo: false,
            has_products: false,
            explains_payment: false,
            has_orders: false,
            has_shop_orders: false,
            skipped: Vec::new(),
        }
    }

    #[test]
    fn a_step_is_done_by_what_is_there_and_not_by_being_skipped() {
        let facts = Facts { has_products: true, skipped: vec![Step::Product, Step::Share], ..nothing_done() };
        assert_eq!(facts.progress(Step::Product), Progress::Done);
        assert_eq!(facts.progress(Step::Share), Progress::Skipped);
        assert_eq!(facts.progress(Step::Tax), Progress::Open);
    }

    #[test]
    fn the_guide_is_over_when_each_step_is_done_or_put_aside() {
        assert!(!nothing_done().is_over());
        assert!(Facts { skipped: Step::ALL.to_vec(), ..nothing_done() }.is_over());
        let all_but_logo = Step::ALL.into_iter().filter(|step| *step != Step::Logo).collect();
        assert!(Facts { skipped: all_but_logo, ..nothing_done() }.is_over());
    }

    #[test]
    fn a_countrys_usual_tax_makes_a_code() {
        let today = "2026-11-20".parse().unwrap();
        let code = usual_tax(&business("GN"), today).unwrap();
        assert_eq!(
            (code.code.to_string(), code.name.to_string()),
            ("TVA18".to_owned(), "TVA 18 %".to_owned())
        );
        assert!(code.standard && code.rates[0].rate.in_parts_per_million() == 180_000);
        assert_eq!(usual_tax(&business("US"), today), None);
        for (country, _) in country::offered(Language::Fr) {
            let has_tax = country::usual_tax(country).is_some();
            assert_eq!(usual_tax(&business(country.code()), today).is_some(), has_tax, "{country}");
        }
    }
}
