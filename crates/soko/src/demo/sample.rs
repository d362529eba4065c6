//! What a sample business is made of, and its goods as the catalogue wants them.

use base::{Currency, Money, Quantity, tax::Treatment};
use catalog::{Details, Draft, TaxCode, TaxRate, Unit, VariantDetails, VariantDraft};
use orders::{Covers, ZoneDetails};
use people::Role;
use stock::{Hours, LocationOpening};

use super::{Result, front::Front, pictures::Still};

/// A sample business.
pub struct Sample {
    pub name: &'static str,
    pub legal_name: &'static str,
    pub address: &'static str,
    pub country: &'static str,
    pub currency: &'static str,
    /// What the owner signs in with.
    pub login: &'static str,
    pub owner: &'static str,
    pub phone: &'static str,
    pub email: &'static str,
    /// Begins every SKU.
    pub prefix: &'static str,
    /// Code, name, what the receipt says, per cent. The first is the standard one.
    pub taxes: &'static [(&'static str, &'static str, &'static str, &'static str)],
    pub goods: &'static [Goods],
    /// What the goods of each category look like.
    pub looks: &'static [(&'static str, Still)],
    /// What its owner says in the shop.
    pub front: &'static Front,
    /// What payers of the manual method read.
    pub instructions: &'static str,
    /// Where it delivers.
    pub zones: &'static [Zone],
    /// Monday to Sunday, as opening hours are typed.
    pub hours: [&'static str; 7],
    pub carrier: &'static str,
    /// Names and phone numbers. French numbers are of the range kept for fiction; the Guinean ones are invented.
    pub customers: &'static [(&'static str, &'static str)],
    /// Where the goods go.
    pub places: &'static [Place],
    /// Orders on a usual day.
    pub orders_a_day: u64,
    /// Of a hundred orders, how many are paid on delivery, and how many by hand; the rest by the sandbox.
    pub on_delivery: u64,
    pub by_hand: u64,
    /// Who was invited to the team and has not come yet.
    pub invited: &'static [(&'static str, Role)],
}

/// A delivery zone. One that names neither quarters nor postcodes is everywhere.
pub struct Zone {
    pub name: &'static str,
    pub quarters: &'static [&'static str],
    pub postcodes: &'static [&'static str],
    /// Minor units.
    pub fee: i64,
    /// Minor units from which on it is free.
    pub free_from: Option<i64>,
    pub words: &'static str,
}

/// A customer's address.
pub struct Place {
    pub street: &'static str,
    pub quarter: &'static str,
    pub landmark: &'static str,
    pub city: &'static str,
    pub postcode: &'static str,
}

/// A product.
pub struct Goods {
    pub title: &'static str,
    pub text: &'static str,
    pub category: &'static str,
    /// The tax code; the standard one if empty.
    pub tax: &'static str,
    pub unit: Unit,
    pub options: &'static [&'static str],
    pub choices: &'static [Choice],
}

/// A variant: its options, its price in minor units, and how many there are if they are counted.
pub struct Choice {
    pub options: &'static [&'static str],
    pub price: i64,
    /// The price before a reduction.
    pub before: Option<i64>,
    pub stock: Option<i64>,
}

/// Never runs out, or is made to order.
pub const fn uncounted(options: &'static [&'static str], price: i64) -> Choice {
    Choice { options, price, before: None, stock: None }
}

pub const fn counted(options: &'static [&'static str], price: i64, stock: i64) -> Choice {
    Choice { options, price, before: None, stock: Some(stock) }
}

pub const fn reduced(options: &'static [&'static str], price: i64, before: i64, stock: i64) -> Choice {
    Choice { options, price, before: Some(before), stock: Some(stock) }
}

impl Sample {
    /// The goods as wishes for the catalogue, in their order.
    pub fn drafts(&self) -> Result<Vec<Draft>> {
        let currency = self.currency.parse()?;
        self.goods.iter().enumerate().map(|(place, goods)| self.draft(goods, place + 1, currency)).collect()
    }

    fn draft(&self, goods: &Goods, number: usize, currency: Currency) -> Result<Draft> {
        let mut details = Details::titled(goods.title.parse()?);
        details.description = goods.text.parse()?;
        details.categories = vec![goods.category.parse()?];
        if !goods.tax.is_empty() {
            details.tax_code = Some(goods.tax.parse()?);
        }
        details.options = goods.options.iter().map(|name| name.parse()).collect::<Result<_, _>>()?;
        let mut variants = Vec::with_capacity(goods.choices.len());
        for (place, choice) in goods.choices.iter().enumerate() {
            let price = Money::new(choice.price, currency)?;
            let mut variant = VariantDetails::priced(price);
            variant.options = choice.options.iter().map(|value| value.parse()).collect::<Result<_, _>>()?;
            variant.sku = Some(format!("{}-{number:03}-{}", self.prefix, place + 1).parse()?);
            variant.compare_at = choice.before.map(|minor| Money::new(minor, currency)).transpose()?;
            // a usual margin of a small shop
            variant.cost = Some(Money::new(choice.price * 6 / 10, currency)?);
            variant.unit = goods.unit;
            variant.tracked = choice.stock.is_some();
            let count = choice.stock.map(Quantity::units);
            variants.push(VariantDraft { count, ..VariantDraft::new(variant) });
        }
        Ok(Draft { handle: None, details, variants })
    }

    pub fn zones(&self) -> Result<Vec<ZoneDetails>> {
        let currency: Currency = self.currency.parse()?;
        let zone = |zone: &Zone| {
            let covers = if !zone.quarters.is_empty() {
                Covers::Quarters(zone.quarters.iter().map(|name| name.parse()).collect::<Result<_, _>>()?)
            } else if !zone.postcodes.is_empty() {
                Covers::Postcodes(zone.postcodes.iter().map(|code| code.parse()).collect::<Result<_, _>>()?)
            } else {
                Covers::Everywhere
            };
            Ok(ZoneDetails {
                name: zone.name.parse()?,
                covers,
                fee: Money::new(zone.fee, currency)?,
                free_from: zone.free_from.map(|minor| Money::new(minor, currency)).transpose()?,
                minimum: None,
                tax_code: None,
                words: zone.words.parse()?,
                active: true,
            })
        };
        self.zones.iter().map(zone).collect()
    }

    pub fn opening(&self) -> Result<LocationOpening> {
        let mut hours = Hours::default();
        for (day, typed) in hours.week.iter_mut().zip(self.hours) {
            *day = typed.parse()?;
        }
        Ok(LocationOpening { pickup: true, hours: Some(hours) })
    }

    /// The pictures of the goods, in their order, each as the title and what it looks like.
    pub fn stills(&self) -> impl Iterator<Item = (Still, &'static str)> {
        self.goods.iter().map(|goods| {
            let look = self.looks.iter().find(|(category, _)| *category == goods.category);
            (look.map_or(Still::Bag, |(_, still)| *still), goods.title)
        })
    }

    pub fn tax_codes(&self) -> Result<Vec<TaxCode>> {
        let code = |(place, row): (usize, &(&str, &str, &str, &str))| {
            let (code, name, on_receipt, percent) = *row;
            let rate =
                base::tax::Rate::parse_percent(percent).ok_or_else(|| format!("{percent} is no rate"))?;
            let rate = TaxRate {
                name: on_receipt.parse()?,
                rate,
                treatment: Treatment::Standard,
                compound: false,
                valid_from: "2014-01-01".parse()?,
                valid_to: None,
            };
            Ok(TaxCode { code: code.parse()?, name: name.parse()?, standard: place == 0, rates: vec![rate] })
        };
        self.taxes.iter().enumerate().map(code).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{canal::CANAL, madina::MADINA};

    #[test]
    fn every_sample_reads_and_the_catalogue_finds_no_flaw_in_it() {
        for (sample, least) in [(&CANAL, 40), (&MADINA, 30)] {
            let drafts = sample.drafts().unwrap();
            assert!(drafts.len() >= least, "{}", sample.name);
            for draft in drafts {
                let flaws = draft.flaws(sample.currency.parse().unwrap());
                assert_eq!(flaws, [], "{}", draft.details.title);
            }
            assert!(sample.tax_codes().unwrap()[0].standard);
            for zone in sample.zones().unwrap() {
                assert_eq!(zone.check(sample.currency.parse().unwrap()), Ok(()), "{}", zone.name);
            }
            assert!(sample.opening().is_ok());
            let looks = |category: &str| sample.looks.iter().any(|(known, _)| *known == category);
            assert!(sample.goods.iter().all(|goods| looks(goods.category)));
            for (name, phone) in sample.customers {
                assert!(phone.parse::<base::Phone>().is_ok(), "{name}");
            }
        }
    }

    #[test]
    fn each_sample_has_something_that_is_sold_out_and_something_that_never_is() {
        for sample in [&CANAL, &MADINA] {
            let choices = || sample.goods.iter().flat_map(|goods| goods.choices);
            assert!(choices().any(|choice| choice.stock == Some(0)));
            assert!(choices().any(|choice| choice.stock.is_none()));
        }
    }
}
