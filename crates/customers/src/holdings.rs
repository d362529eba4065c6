//! How customers speak to the room that keeps their coupons, with what they answered and agreed to for them. It lies below
//! and lends itself (`db::Schema::lends`); without it, nothing is kept.

use std::collections::BTreeMap;

use base::{Language, Timestamp};
use db::{Rx, Tx};

use crate::{Error, model::CustomerId};

/// A coupon as a customer's page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// Its id: `cpn_…`.
    pub id: String,
    /// As it is read aloud.
    pub code: String,
    /// Its page, below the back office.
    pub path: String,
    /// What it gives, in the reader's words.
    pub offer: String,
    /// The id of its campaign, and its name.
    pub campaign: (String, String),
    /// The key of the word for where it stands, its name for applications, and the tone of its badge.
    pub state: (String, String, &'static str),
    pub issued_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// When it was redeemed, expired or cancelled.
    pub ended_at: Option<Timestamp>,
    /// What was answered for it.
    pub answers: Vec<Answered>,
}

/// A question as it was asked, and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The question's name, which is the same in all campaigns that ask it.
    pub key: String,
    pub label: String,
    pub value: String,
    /// Whether it is a box that was ticked, and the value says only that.
    pub ticked: bool,
}

/// How a consent came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Form,
    /// A file that was brought in.
    File,
    /// Told to staff.
    Staff,
}

impl Way {
    pub const ALL: [Self; 3] = [Self::Form, Self::File, Self::Staff];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::File => "file",
            Self::Staff => "staff",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == raw)
    }
}

/// What a customer agreed to, or did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub given: bool,
    /// To what; empty where nobody wrote it down.
    pub words: String,
    /// Which wording of its form it was.
    pub version: Option<i64>,
    /// Where the words lead.
    pub link: Option<String>,
    /// The campaign whose form asked.
    pub campaign: Option<String>,
    pub way: Way,
    /// Who wrote it down, if it was not the customer.
    pub actor: Option<String>,
    pub at: Timestamp,
}

/// All that a room keeps of a customer, as a table says it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// Names of campaigns.
    pub campaigns: Vec<String>,
    pub coupons: i64,
    /// When the first and the last coupon were issued.
    pub first_at: Option<Timestamp>,
    pub last_at: Option<Timestamp>,
    /// The last answer to each question, by the question's name.
    pub answers: BTreeMap<String, String>,
}

/// The room of the coupons.
pub trait Holdings: Send + Sync {
    /// The customer's coupons, the newest first, from behind the one named `before`.
    fn of(
        &self,
        rx: &mut Rx,
        customer: CustomerId,
        reader: Language,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Holding>, Error>;

    /// What the customer said to the forms' consents, the newest first.
    fn consents(&self, rx: &mut Rx, customer: CustomerId) -> Result<Vec<Consent>, Error>;

    /// Whether anything is kept of the customer.
    fn any(&self, rx: &mut Rx, customer: CustomerId) -> Result<bool, Error>;

    /// Makes all that is kept of `from` `into`'s.
    fn pass_on(&self, tx: &mut Tx, from: CustomerId, into: CustomerId) -> Result<(), Error>;

    /// Forgets whose the coupons are, what was answered and agreed to; the coupons and what they did stay.
    fn forget(&self, tx: &mut Tx, customer: CustomerId) -> Result<(), Error>;

    /// Campaigns to choose customers by, the newest first: id and name.
    fn campaigns(&self, rx: &mut Rx) -> Result<Vec<(String, String)>, Error>;

    /// Questions that were ever answered: name, and words as they were last asked.
    fn questions(&self, rx: &mut Rx) -> Result<Vec<(String, String)>, Error>;

    /// What is kept of several customers; who has nothing is left out.
    fn kept(&self, rx: &mut Rx, customers: &[CustomerId]) -> Result<BTreeMap<CustomerId, Kept>, Error>;
}

/// What is lent.
pub struct Holder(pub &'static dyn Holdings);

pub(crate) fn lent(rx: &Rx) -> Option<&'static dyn Holdings> {
    rx.lent::<Holder>().map(|holder| holder.0)
}
