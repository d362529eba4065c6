//! Levels, movements and their reasons.

pub mod hours;

use std::{fmt, str::FromStr};

use base::{Prose, Quantity, QuantityError, Timestamp};
use catalog::{SellableVariant, VariantId};
use people::LocationId;
use serde::{Deserialize, Serialize};
use spine::holds::{Pool, PoolId};

base::id!(
    /// One signed change of stock.
    MovementId: MovementKind, "mov"
);

/// Why stock moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    Received,
    Returned,
    Counted,
    Damaged,
    Correction,
    /// Sold by an order.
    Sold,
    /// Back from an order that was cancelled before it was fulfilled.
    Cancelled,
    /// Set with its product: a form, the API or a file.
    Import,
}

impl Reason {
    /// The reasons a person may give; the others follow from what was done elsewhere.
    pub const BY_HAND: [Self; 5] =
        [Self::Received, Self::Counted, Self::Damaged, Self::Returned, Self::Correction];
    const ALL: [Self; 8] = [
        Self::Received,
        Self::Returned,
        Self::Counted,
        Self::Damaged,
        Self::Correction,
        Self::Sold,
        Self::Cancelled,
        Self::Import,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Returned => "returned",
            Self::Counted => "counted",
            Self::Damaged => "damaged",
            Self::Correction => "correction",
            Self::Sold => "sold",
            Self::Cancelled => "cancelled",
            Self::Import => "import",
        }
    }

    /// The text that names it on pages.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Received => "stock-reason-received",
            Self::Returned => "stock-reason-returned",
            Self::Counted => "stock-reason-counted",
            Self::Damaged => "stock-reason-damaged",
            Self::Correction => "stock-reason-correction",
            Self::Sold => "stock-reason-sold",
            Self::Cancelled => "stock-reason-cancelled",
            Self::Import => "stock-reason-import",
        }
    }

    pub fn is_by_hand(self) -> bool {
        Self::BY_HAND.contains(&self)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown reason: received, counted, damaged, returned or correction")]
pub struct UnknownReason;

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(raw: &str) -> Result<Self, UnknownReason> {
        Self::ALL.into_iter().find(|known| known.name() == raw.trim()).ok_or(UnknownReason)
    }
}

/// What lies at one location: `available` is `on_hand` less `held`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Level {
    #[schema(value_type = String)]
    pub variant: VariantId,
    #[schema(value_type = String)]
    pub location: LocationId,
    #[schema(value_type = edge::schema::Quantity)]
    pub on_hand: Quantity,
    #[schema(value_type = edge::schema::Quantity)]
    pub held: Quantity,
    #[schema(value_type = edge::schema::Quantity)]
    pub available: Quantity,
}

impl Level {
    /// The level of a tracked variant's pool; none for a pool of something else.
    pub fn of(pool: &Pool) -> Option<Self> {
        let (variant, location) = parts(&pool.id)?;
        let available = pool.available()?;
        Some(Self { variant, location, on_hand: pool.on_hand(), held: pool.held, available })
    }

    pub const fn empty(variant: VariantId, location: LocationId) -> Self {
        Self { variant, location, on_hand: Quantity::ZERO, held: Quantity::ZERO, available: Quantity::ZERO }
    }
}

/// One line of an order, as stock sees it.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'v> {
    pub variant: &'v SellableVariant,
    pub quantity: Quantity,
}

/// How a person changes a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    By(Quantity),
    /// So much was counted.
    To(Quantity),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    pub change: Change,
    pub reason: Reason,
    pub note: Prose<500>,
}

impl Change {
    /// By how much `on_hand` changes.
    pub fn delta(self, on_hand: Quantity) -> Result<Quantity, QuantityError> {
        match self {
            Self::By(delta) => Ok(delta),
            Self::To(counted) => counted.minus(on_hand),
        }
    }
}

/// Whether `delta` would leave less than nothing where there was something to take: more goods cannot go than are there.
/// What was oversold before may still be filled up bit by bit.
pub fn takes_too_much(on_hand: Quantity, delta: Quantity) -> Result<bool, QuantityError> {
    Ok(delta < Quantity::ZERO && on_hand.plus(delta)? < Quantity::ZERO)
}

/// A change of stock that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Movement {
    #[schema(value_type = String)]
    pub id: MovementId,
    #[schema(value_type = String)]
    pub variant: VariantId,
    #[schema(value_type = String)]
    pub location: LocationId,
    #[schema(value_type = edge::schema::Quantity)]
    pub delta: Quantity,
    pub reason: Reason,
    #[schema(value_type = String)]
    pub note: Prose<500>,
    /// What made it happen: an order's id, say.
    #[schema(required = true)]
    pub cause: Option<String>,
    /// Who did it: `member:mem_…`, `key:key_…`, `visitor`, `system`.
    pub actor: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// The name of the pool that counts `variant` at `location`.
pub fn pool_id(variant: VariantId, location: LocationId) -> PoolId {
    PoolId::new(format!("stock:{variant}:{location}"))
}

/// What the names of all pools of `variant` begin with.
pub fn prefix(variant: VariantId) -> String {
    format!("stock:{variant}:")
}

/// What the names of all this room's pools begin with.
pub const EVERY_SHELF: &str = "stock:";

/// Which variant a pool counts, and where; none for a pool of another room.
pub fn parts(pool: &PoolId) -> Option<(VariantId, LocationId)> {
    let (variant, location) = pool.as_str().strip_prefix("stock:")?.split_once(':')?;
    Some((variant.parse().ok()?, location.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_cannot_leave_a_shelf_than_lies_there() {
        let units = Quantity::units;
        assert_eq!(takes_too_much(units(3), units(-4)), Ok(true));
        assert_eq!(takes_too_much(units(3), units(-3)), Ok(false));
    }

    #[test]
    fn what_was_oversold_can_be_filled_up_bit_by_bit() {
        assert_eq!(takes_too_much(Quantity::units(-5), Quantity::units(2)), Ok(false));
    }

    #[test]
    fn a_count_changes_the_level_to_what_was_counted() {
        assert_eq!(Change::To(Quantity::units(7)).delta(Quantity::units(10)), Ok(Quantity::units(-3)));
    }

    #[test]
    fn a_pools_name_says_what_lies_where_and_foreign_pools_say_nothing() {
        let variant: VariantId = "var_01h2xcejqtf2nbrexx3vqjhp41".parse().unwrap();
        let location: LocationId = "loc_01h2xcejqtf2nbrexx3vqjhp42".parse().unwrap();
        assert_eq!(parts(&pool_id(variant, location)), Some((variant, location)));
        assert!(pool_id(variant, location).as_str().starts_with(&prefix(variant)));
        assert_eq!(parts(&PoolId::new("coupon:cpn_1")), None);
    }
}
