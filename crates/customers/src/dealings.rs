//! How customers speak to the room that holds their orders, which lies below it.

use std::sync::Arc;

use base::{Money, Timestamp};
use db::{Rx, Tx};
use serde::Serialize;

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

/// A gift card or a store credit, as its customer's file tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CustomerFileCard)]
pub struct StoredCard {
    /// None before the order that sells it is paid.
    pub id: Option<String>,
    /// `gift-card` or `store-credit`.
    pub kind: &'static str,
    /// The last characters of its code: whoever reads a file does not hold the card.
    pub ending: Option<String>,
    /// `active`, `blocked` or `expired`.
    pub state: Option<&'static str>,
    /// What it was made with.
    #[schema(value_type = edge::schema::Money)]
    pub value: Money,
    /// What is on the customer's own; what is left on a gift is for who got it.
    #[schema(value_type = Option<edge::schema::Money>)]
    pub balance: Option<Money>,
    /// The order that sold it, or whose refund it is.
    pub order: Option<String>,
    /// Why it was given by hand.
    pub reason: String,
    /// For whom the customer bought it, as they wrote it.
    pub given: Option<GivenTo>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub issued_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

/// For whom a gift card is, and what is said with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = CustomerFileGift)]
pub struct GivenTo {
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub message: String,
}

/// An order whole.
#[derive(Debug, Clone, PartialEq)]
pub struct ToldOrder {
    pub number: i64,
    /// As the API tells it.
    pub order: serde_json::Value,
    /// The gift cards that it sells.
    pub cards: Vec<StoredCard>,
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

    /// The customer's orders whole, the newest first, from behind the one numbered `before`.
    fn told(
        &self,
        rx: &mut Rx,
        customer: CustomerId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<ToldOrder>, Error>;

    /// The customer's own gift cards and store credit, the newest first, from behind the one named `before`.
    fn cards(
        &self,
        rx: &mut Rx,
        customer: CustomerId,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredCard>, Error>;

    /// Makes all orders of `from` orders of `into`.
    fn pass_on(&self, tx: &mut Tx, from: CustomerId, into: CustomerId) -> Result<(), Error>;

    /// Forgets who made the customer's orders and where they went; the orders, their money and their papers stay.
    fn forget(&self, tx: &mut Tx, customer: CustomerId) -> Result<(), Error>;
}

/// The dealings, as a layer of the routes.
pub type SharedDealings = Arc<dyn Dealings>;
