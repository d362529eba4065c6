//! How customers speak to the room that holds their orders, which lies below it.

use std::sync::Arc;

use base::{Money, Timestamp};
use db::{Rx, Tx};

use crate::{Error, model::CustomerId};

/// An order as a customer's page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dealing {
    /// Its id: `order_…`.
    pub id: String,
    pub number: i64,
    pub placed_at: Timestamp,
    pub test: bool,
    pub total: Money,
    /// What the customer still has to pay for it; zero before it is a sale.
    pub due: Money,
    /// What the business must give back for it.
    pub owed: Money,
    /// The keys of the words for its money and for its goods, each with the tone of its badge.
    pub states: [(String, &'static str); 2],
}

/// The room of orders; the binary plugs it in.
pub trait Dealings: Send + Sync + 'static {
    /// The customer's orders, the newest first, from behind the one numbered `before`.
    fn of(
        &self,
        rx: &mut Rx,
        customer: CustomerId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Dealing>, Error>;

    /// Those of the customer's orders for which goods have to go, or money to come or to go back.
    fn open(&self, rx: &mut Rx, customer: CustomerId) -> Result<Vec<Dealing>, Error>;

    /// The customer's orders whole, as the API tells each, with their numbers; the newest first, from behind the one numbered
    /// `before`.
    fn told(
        &self,
        rx: &mut Rx,
        customer: CustomerId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<(i64, serde_json::Value)>, Error>;

    /// Makes all orders of `from` orders of `into`.
    fn pass_on(&self, tx: &mut Tx, from: CustomerId, into: CustomerId) -> Result<(), Error>;

    /// Forgets who made the customer's orders and where they went; the orders, their money and their papers stay.
    fn forget(&self, tx: &mut Tx, customer: CustomerId) -> Result<(), Error>;
}

/// The dealings, as a layer of the routes.
pub type SharedDealings = Arc<dyn Dealings>;
