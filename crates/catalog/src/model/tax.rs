//! Tax codes: several taxes at once, each with its rates and the days they hold.

use base::{
    Day,
    tax::{Levy, Rate, Treatment},
};
use serde::{Deserialize, Serialize};

use super::text::{Short, TaxCodeName};

/// One tax of a code, for some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TaxRate {
    /// As the receipt names it: `TVA 18 %`.
    #[schema(value_type = String)]
    pub name: Short,
    /// In parts per million: 18 % is 180 000.
    #[schema(value_type = u32)]
    pub rate: Rate,
    #[schema(value_type = String)]
    pub treatment: Treatment,
    /// Whether it is also levied on the taxes before it.
    #[serde(default)]
    pub compound: bool,
    #[schema(value_type = String)]
    pub valid_from: Day,
    /// The last day; open if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub valid_to: Option<Day>,
}

/// What is levied on a kind of goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TaxCode {
    #[schema(value_type = String)]
    pub code: TaxCodeName,
    #[schema(value_type = String)]
    pub name: Short,
    /// Holds for all taxable products that name no code. One code of a tenant is standard.
    #[serde(default)]
    pub standard: bool,
    /// In the order they are levied and compounded.
    pub rates: Vec<TaxRate>,
}

/// A tax that holds on the day that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DueTax {
    pub name: Short,
    pub rate: Rate,
    pub treatment: Treatment,
    pub compound: bool,
}

impl TaxCode {
    /// What is levied on `day`, in the order it is levied.
    pub fn due_on(&self, day: Day) -> impl Iterator<Item = DueTax> {
        self.rates.iter().filter(move |rate| rate.holds_on(day)).map(TaxRate::due)
    }
}

impl DueTax {
    pub const fn levy(&self) -> Levy {
        Levy { rate: self.rate, compound: self.compound }
    }
}

impl TaxRate {
    pub fn holds_on(&self, day: Day) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }

    /// As what is due. Only standard treatment has a rate: the four zeros are zero, whatever was typed.
    pub fn due(&self) -> DueTax {
        let rate = if self.treatment == Treatment::Standard { self.rate } else { Rate::default() };
        DueTax { name: self.name.clone(), rate, treatment: self.treatment, compound: self.compound }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_holds_from_its_first_day_through_its_last() {
        let rate = TaxRate {
            name: "IVA".parse().unwrap(),
            rate: Rate::parse_percent("10").unwrap(),
            treatment: Treatment::Standard,
            compound: false,
            valid_from: "2026-01-01".parse().unwrap(),
            valid_to: Some("2026-12-31".parse().unwrap()),
        };
        for (day, holds) in
            [("2025-12-31", false), ("2026-01-01", true), ("2026-12-31", true), ("2027-01-01", false)]
        {
            assert_eq!(rate.holds_on(day.parse().unwrap()), holds, "{day}");
        }
        let exempt = TaxRate { treatment: Treatment::Exempt, ..rate };
        assert_eq!(exempt.due().rate.in_parts_per_million(), 0);
    }
}
