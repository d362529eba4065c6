//! Coupons as a table for an accountant, in the columns of the system that this room replaced.

mod xlsx;

use std::collections::BTreeMap;

use base::{Money, Timestamp};
use db::Rx;

pub use xlsx::Book;

use crate::{
    Error, campaigns,
    model::{CampaignId, Coupon, CouponId, CouponState, Offer, estimate::Average},
    sql,
};

/// The first line. Readers of these files know the columns by their English names.
pub const HEADING: [&str; 12] = [
    "Code",
    "Status",
    "Issued At",
    "Redeemed At",
    "Campaign",
    "First Name",
    "Last Name",
    "Email",
    "Discount Type",
    "Discount Value",
    "Avg Product Value",
    "Avg Margin",
];

/// Which coupons a file tells; nothing stands for all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sought {
    pub campaign: Option<CampaignId>,
    pub state: Option<CouponState>,
    /// Issued at or after.
    pub from: Option<Timestamp>,
    /// Issued before.
    pub to: Option<Timestamp>,
}

/// A cell: text that people wrote, or a number that a sheet adds up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    Number(String),
}

impl Cell {
    /// As it stands in a CSV file: no spreadsheet takes what people wrote for a formula.
    pub fn guarded(&self) -> String {
        match self {
            Self::Text(text) => edge::format::cell(text),
            Self::Number(number) => number.clone(),
        }
    }
}

/// Coupons that are read at once.
const AT_ONCE: u32 = 500;

pub type Line = [Cell; HEADING.len()];

/// The lines of the next coupons behind `after`, and the last of these; none when all are told.
pub fn piece(
    rx: &mut Rx,
    asked: &Sought,
    after: Option<CouponId>,
) -> Result<Option<(Vec<Line>, CouponId)>, Error> {
    let coupons = sql::coupons_of_file(rx, asked, after, AT_ONCE)?;
    let Some(last) = coupons.last().map(|coupon| coupon.id) else { return Ok(None) };
    let mut ids: Vec<_> = coupons.iter().filter_map(|coupon| coupon.customer).collect();
    ids.sort();
    ids.dedup();
    let customers: BTreeMap<_, _> =
        customers::several(rx, &ids)?.into_iter().map(|customer| (customer.id, customer.contact)).collect();
    let mut known: BTreeMap<CampaignId, (String, Option<Average>)> = BTreeMap::new();
    let (now, currency) = (rx.now(), people::business::find(rx)?.currency);
    let mut lines = Vec::with_capacity(coupons.len());
    for coupon in coupons {
        if !known.contains_key(&coupon.campaign) {
            let name = campaigns::find(rx, coupon.campaign)?.details.name.to_string();
            let average = Average::of(&campaigns::promoted(rx, coupon.campaign)?);
            known.insert(coupon.campaign, (name, average));
        }
        let (campaign, average) = &known[&coupon.campaign];
        let contact = coupon.customer.and_then(|id| customers.get(&id)).cloned().unwrap_or_default();
        let amount = |minor: Option<i64>| {
            let money = minor.and_then(|minor| Money::new(minor, currency).ok());
            Cell::Number(money.map(Money::decimal).unwrap_or_default())
        };
        let (first, surname) = names(contact.name.as_ref().map_or("", base::Line::as_str));
        let email = contact.email.map(|email| email.to_string()).unwrap_or_default();
        let (kind, value) = discount(&coupon.offer);
        lines.push([
            Cell::Text(coupon.code.to_string()),
            Cell::Text(status(&coupon, now).to_owned()),
            Cell::Text(coupon.issued_at.to_string()),
            Cell::Text(redeemed_at(&coupon)),
            Cell::Text(campaign.clone()),
            Cell::Text(first),
            Cell::Text(surname),
            Cell::Text(email),
            Cell::Text(kind.to_owned()),
            value,
            amount(average.map(|average| average.value)),
            amount(average.map(|average| average.margin)),
        ]);
    }
    Ok(Some((lines, last)))
}

/// What was issued is `active` in these files.
pub fn status(coupon: &Coupon, now: Timestamp) -> &'static str {
    match coupon.standing(now) {
        CouponState::Issued => "active",
        state => state.name(),
    }
}

fn redeemed_at(coupon: &Coupon) -> String {
    let at = coupon.ended_at.filter(|_| coupon.state == CouponState::Redeemed);
    at.map(|at| at.to_string()).unwrap_or_default()
}

/// The book has one name for each customer: its last word is taken for the surname.
pub fn names(name: &str) -> (String, String) {
    match name.rsplit_once(' ') {
        Some((first, last)) => (first.to_owned(), last.to_owned()),
        None => (name.to_owned(), String::new()),
    }
}

/// The kind and what it is worth: `percent` and `12.5`.
pub fn discount(offer: &Offer) -> (&'static str, Cell) {
    let value = match offer {
        Offer::Percent { value } => {
            let parts = value.in_parts_per_million();
            Cell::Number(trimmed(format!("{}.{:04}", parts / 10_000, parts % 10_000)))
        }
        Offer::Fixed { value } => Cell::Number(value.decimal()),
        Offer::Text { value } => Cell::Text(value.to_string()),
        Offer::FreeDelivery => Cell::Text(String::new()),
        Offer::BuyXGetY { buy, get } => Cell::Text(format!("{buy} + {get}")),
    };
    (offer.kind(), value)
}

fn trimmed(number: String) -> String {
    number.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use base::tax::Rate;

    use super::*;

    #[test]
    fn a_name_is_split_before_its_last_word() {
        assert_eq!(names("Anna Maria Rossi"), ("Anna Maria".to_owned(), "Rossi".to_owned()));
        assert_eq!(names("Awa"), ("Awa".to_owned(), String::new()));
    }

    #[test]
    fn what_people_wrote_is_no_formula_and_a_number_stays_one() {
        assert_eq!(Cell::Text("=1+1".to_owned()).guarded(), "'=1+1");
        assert_eq!(Cell::Number("-2.50".to_owned()).guarded(), "-2.50");
    }

    #[test]
    fn a_share_is_written_in_percent() {
        let offer = Offer::Percent { value: Rate::parse_percent("12.5").unwrap() };
        assert_eq!(discount(&offer), ("percent", Cell::Number("12.5".to_owned())));
    }
}
