//! What a pool and a hold are, and which ends a hold may have.

use std::{fmt, str::FromStr};

use base::{Quantity, QuantityError, Timestamp};
use serde::Serialize;

use crate::UnknownName;

base::id!(
    /// A claim on a part of a pool.
    HoldId: HoldKind, "hold"
);

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("only {available} of {wanted} are available in {pool}")]
    Short { pool: PoolId, available: Quantity, wanted: Quantity },
    #[error("there is no pool {0}")]
    UnknownPool(PoolId),
    #[error("there is no such hold")]
    UnknownHold,
    #[error("a hold takes more than nothing")]
    NotPositive,
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// What is counted, named by the room that owns it: `stock:var_…:loc_…`, `coupon:cpn_…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct PoolId(String);

impl PoolId {
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PoolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a pool can run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// Nothing is counted against it: a variant that is not tracked.
    Unlimited,
    Limited,
    /// Counted, and sold when out: may go below zero.
    Overdraw,
}

impl Rule {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unlimited => "unlimited",
            Self::Limited => "limited",
            Self::Overdraw => "overdraw",
        }
    }
}

impl FromStr for Rule {
    type Err = UnknownName;

    fn from_str(raw: &str) -> Result<Self, UnknownName> {
        let known = [Self::Unlimited, Self::Limited, Self::Overdraw];
        known.into_iter().find(|rule| rule.name() == raw).ok_or(UnknownName)
    }
}

/// A counted scarce thing. `capacity` is all that was ever put in, less what was taken out other than by a hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pool {
    pub id: PoolId,
    pub rule: Rule,
    pub capacity: Quantity,
    pub held: Quantity,
    pub taken: Quantity,
}

impl Pool {
    /// One with nothing in it.
    pub const fn empty(id: PoolId, rule: Rule) -> Self {
        Self { id, rule, capacity: Quantity::ZERO, held: Quantity::ZERO, taken: Quantity::ZERO }
    }

    /// What is physically there: capacity less what was taken. Negative when more was sold than there was.
    pub fn on_hand(&self) -> Quantity {
        Quantity::thousandths(self.capacity.in_thousandths() - self.taken.in_thousandths())
    }

    /// What may still be promised, `on_hand` less what is held; `None` when nothing limits it. Negative when overdrawn,
    /// or when stock was lost that had been promised.
    pub fn available(&self) -> Option<Quantity> {
        let left = self.on_hand().in_thousandths() - self.held.in_thousandths();
        (self.rule != Rule::Unlimited).then_some(Quantity::thousandths(left))
    }

    /// Refuses what this pool cannot give.
    pub fn can_give(&self, wanted: Quantity) -> Result<(), Error> {
        if !wanted.is_positive() {
            return Err(Error::NotPositive);
        }
        match self.available() {
            Some(available) if self.rule == Rule::Limited && available < wanted => Err(self.short_of(wanted)),
            _ => Ok(()),
        }
    }

    /// The refusal that says how much there is.
    pub fn short_of(&self, wanted: Quantity) -> Error {
        let available = self.available().unwrap_or_default().max(Quantity::ZERO);
        Error::Short { pool: self.id.clone(), available, wanted }
    }
}

/// Where a hold stands. It leaves `Held` once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Held,
    Taken,
    Released,
    Expired,
}

impl State {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Taken => "taken",
            Self::Released => "released",
            Self::Expired => "expired",
        }
    }
}

impl FromStr for State {
    type Err = UnknownName;

    fn from_str(raw: &str) -> Result<Self, UnknownName> {
        let known = [Self::Held, Self::Taken, Self::Released, Self::Expired];
        known.into_iter().find(|state| state.name() == raw).ok_or(UnknownName)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hold {
    pub id: HoldId,
    pub pool: PoolId,
    pub quantity: Quantity,
    /// When it expires; never, if nothing stands here.
    pub until: Option<Timestamp>,
    pub cause: String,
    pub state: State,
}

/// What asking for a change of a hold did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Done,
    /// It had left the wanted state before, and stays as it is.
    Already(State),
}

/// A hold whose time ran out just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expired {
    pub hold: HoldId,
    pub pool: PoolId,
    pub quantity: Quantity,
    pub cause: String,
}
