//! Papers as PDF: receipts, invoices, credit notes and quotes of documents, and packing slips of orders, on A4 and on the
//! rolls of receipt printers. Layout is pure (`flow`, `letters`, `paper`, `slip`); `press` draws it.
//!
//! One paper always gives the same bytes: no clock, no chance; its date is the date it was issued.

mod codes;
mod flow;
mod letters;
mod paper;
mod press;
mod qr;
#[cfg(test)]
mod samples;
mod slip;
#[cfg(test)]
mod tests;

use base::{Language, Money, Quantity, Timestamp, Zone, tax::Rate};
use catalog::Unit;
use edge::{Arg, format, text};
use serde::Deserialize;

pub use codes::{CodeSheet, code_sheets};
pub use press::Fault;
pub use qr::{Code as QrCode, QUIET};
pub use slip::Slip;

use crate::model::Document;

/// What a paper is printed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, utoipa::ToSchema)]
pub enum Sheet {
    #[default]
    #[serde(rename = "a4")]
    A4,
    /// A roll 80 mm wide, 72 of them printable.
    #[serde(rename = "80")]
    Roll80,
    /// A roll 58 mm wide, 48 of them printable.
    #[serde(rename = "58")]
    Roll58,
}

impl Sheet {
    pub const ALL: [Self; 3] = [Self::A4, Self::Roll80, Self::Roll58];

    /// As addresses say it: `?sheet=80`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A4 => "a4",
            Self::Roll80 => "80",
            Self::Roll58 => "58",
        }
    }

    /// As people say it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::A4 => "A4",
            Self::Roll80 => "80\u{a0}mm",
            Self::Roll58 => "58\u{a0}mm",
        }
    }

    const fn is_roll(self) -> bool {
        !matches!(self, Self::A4)
    }
}

/// In which words, and by whose clock, a paper speaks.
#[derive(Debug, Clone, PartialEq)]
pub struct Voice {
    pub language: Language,
    pub zone: Zone,
}

impl Voice {
    fn say(&self, key: &str) -> String {
        text(self.language, key, &[])
    }

    fn say1(&self, key: &str, name: &str, value: impl Into<Arg>) -> String {
        text(self.language, key, &[(name, value.into())])
    }

    fn money(&self, amount: Money) -> String {
        format::money(self.language, amount)
    }

    fn quantity(&self, quantity: Quantity, unit: Unit) -> String {
        format::quantity(self.language, quantity, unit.symbol())
    }

    fn tax(&self, name: &str, rate: Rate) -> String {
        format::tax(self.language, name, rate)
    }

    fn moment(&self, at: Timestamp) -> String {
        format::moment(self.language, at, &self.zone)
    }
}

/// `paper` on `sheet`, with a code that leads to `link`, where it can be seen.
pub fn pdf(paper: &Document, sheet: Sheet, voice: &Voice, link: &str) -> Result<Vec<u8>, Fault> {
    let title = paper::title(paper, voice);
    let pages = paper::pages(paper, sheet, voice, link);
    let about = press::About { title, author: &paper.snapshot.seller.name, at: paper.issued_at };
    press::print(&about, voice.language, vec![pages])
}

/// The packing slips of several orders, one behind the other, each on a page of its own.
pub fn packing_slips(slips: &[Slip], sheet: Sheet, voice: &Voice) -> Result<Vec<u8>, Fault> {
    let numbers: Vec<String> = slips.iter().map(|slip| slip.whole.order.number.to_string()).collect();
    let title = format!("{} {}", voice.say("orders-print-slip"), numbers.join(", "));
    let at = slips.iter().map(|slip| slip.whole.order.placed_at).max();
    let about = press::About {
        title,
        author: slips.first().map_or("", |slip| &slip.seller),
        at: at.unwrap_or(Timestamp::from_micros(0)),
    };
    let chapters = slips.iter().map(|slip| slip::pages(slip, sheet, voice)).collect();
    press::print(&about, voice.language, chapters)
}
