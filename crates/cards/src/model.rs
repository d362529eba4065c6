//! Types and rules: what a card is, for which amounts one is sold. No SQL, no HTTP, no clock.

use std::fmt;

use base::{Code, Currency, Money, MoneyError, Quantity, Timestamp};
use customers::CustomerId;
use orders::{OrderId, RefundId, stored::Refusal};
use serde::{Deserialize, Serialize};
use spine::holds::{HoldId, PoolId};

base::id!(
    /// Names a gift card or a store credit: `card_01h455vb4pex5vsknk084sn02q`.
    CardId: CardKindOfId, "card"
);
base::id!(
    /// Names what a card pays for an order.
    UseId: UseKind, "use"
);
base::id!(
    /// Names a movement of a card's value.
    MovementId: MovementIdKind, "cmv"
);

/// The most that one card holds, in minor units: far above any gift, far below what sums could overflow.
pub const MOST: i64 = 1_000_000_000;

/// Gives an enum its names in rows, JSON and addresses.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($variant:ident = $name:tt),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum $type { $(#[serde(rename = $name)] $variant),+ }

        impl $type {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            pub fn parse(raw: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.name() == raw)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

named! {
    /// What a card is: sold or given to somebody, or money that a customer has with the business.
    CardKind { GiftCard = "gift-card", StoreCredit = "store-credit" }
}

impl CardKind {
    /// The name of what happens to a card, of either kind.
    pub(crate) const fn event(self, what: &'static [&'static str; 2]) -> &'static str {
        match self {
            Self::GiftCard => what[0],
            Self::StoreCredit => what[1],
        }
    }
}

named! {
    /// Whether a card pays. One that is blocked or has expired keeps its value, and can be opened again.
    CardState { Active = "active", Blocked = "blocked", Expired = "expired" }
}

named! {
    /// What staff do to a card.
    Act { Block = "block", Open = "open" }
}

named! {
    /// Where a part of an order's price stands that a card pays.
    UseState { Kept = "kept", Taken = "taken", Freed = "freed" }
}

named! {
    /// What moved a card's value: it was issued, paid, a refund put money back, or its own sale was taken back.
    MovementKind { Issued = "issued", Used = "used", PutBack = "put-back", TakenBack = "taken-back" }
}

/// A gift card or a store credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub id: CardId,
    pub code: Code,
    pub kind: CardKind,
    pub state: CardState,
    /// Made while trying out: pays test orders alone.
    pub test: bool,
    /// What it was issued with.
    pub value: Money,
    /// The order whose line sold it, or whose refund it is.
    pub order: Option<OrderId>,
    pub line: Option<i64>,
    pub refund: Option<RefundId>,
    pub customer: Option<CustomerId>,
    pub reason: String,
    pub actor: String,
    pub issued_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

impl Card {
    /// Counts what is left on it.
    pub fn pool(&self) -> PoolId {
        PoolId::new(format!("card:{}", self.id))
    }

    /// What people see of the code of somebody else's card.
    pub fn masked(&self) -> String {
        format!("•••• {}", self.code.ending())
    }

    /// Refuses a card that does not pay at `now`.
    pub fn usable(&self, now: Timestamp) -> Result<(), Refusal> {
        let code = self.masked();
        match self.state {
            CardState::Blocked => Err(Refusal::Blocked { code }),
            CardState::Expired => Err(Refusal::Expired { code }),
            CardState::Active if self.expires_at.is_some_and(|end| end <= now) => {
                Err(Refusal::Expired { code })
            }
            CardState::Active => Ok(()),
        }
    }
}

/// How a card stands, as its holder may know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GiftCardBalance)]
pub struct Standing {
    /// The last characters of its code.
    pub ending: String,
    pub state: CardState,
    /// What it can pay now; what it keeps for orders that wait is not in it.
    #[schema(value_type = edge::schema::Money)]
    pub available: Money,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

/// Money as its pool counts it: a minor unit is a thousandth, so that nothing is lost.
pub fn counted(amount: Money) -> Quantity {
    Quantity::thousandths(amount.minor())
}

/// What a pool counts, as money.
pub fn money(quantity: Quantity, currency: Currency) -> Result<Money, MoneyError> {
    Money::new(quantity.in_thousandths(), currency)
}

/// What a card pays for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub id: UseId,
    pub card: CardId,
    pub order: OrderId,
    pub hold: HoldId,
    pub amount: Money,
    pub given_back: Money,
    pub state: UseState,
    pub at: Timestamp,
}

/// A change of what is on a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    pub kind: MovementKind,
    /// Below zero where value left.
    pub amount: Money,
    pub order: Option<OrderId>,
    pub actor: String,
    pub at: Timestamp,
}

/// How the business sells gift cards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    pub sells: bool,
    /// To choose from.
    pub amounts: Vec<Money>,
    /// Between these another amount may be typed; both or neither.
    pub between: Option<(Money, Money)>,
    /// How long a card that is sold pays; without an end, if nothing stands here.
    pub lasts_days: Option<i64>,
}

/// What is wrong with how gift cards shall be sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("write one to twelve amounts above zero, or the least and the most that may be typed")]
    NoAmount,
    #[error("the least is above zero and not above the most")]
    Between,
    #[error("a card lasts at least 1 and at most 36,500 days")]
    Lasts,
}

impl Settings {
    const MOST_AMOUNTS: usize = 12;
    const LONGEST_DAYS: i64 = 36_500;

    pub fn check(&self) -> Result<(), Flaw> {
        let fits = |amount: &Money| amount.is_positive() && amount.minor() <= MOST;
        let offered = self.amounts.len() <= Self::MOST_AMOUNTS && self.amounts.iter().all(fits);
        if !offered || (self.sells && self.amounts.is_empty() && self.between.is_none()) {
            return Err(Flaw::NoAmount);
        }
        if let Some((least, most)) = &self.between
            && !(fits(least) && fits(most) && least.minor() <= most.minor())
        {
            return Err(Flaw::Between);
        }
        match self.lasts_days {
            Some(days) if !(1..=Self::LONGEST_DAYS).contains(&days) => Err(Flaw::Lasts),
            _ => Ok(()),
        }
    }

    /// Whether customers may buy a card of this value.
    pub fn offers(&self, amount: Money) -> bool {
        let between = self
            .between
            .is_some_and(|(least, most)| (least.minor()..=most.minor()).contains(&amount.minor()));
        self.sells && amount.is_positive() && (between || self.amounts.contains(&amount))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(minor: i64) -> Money {
        Money::new(minor, "EUR".parse().unwrap()).unwrap()
    }

    fn selling() -> Settings {
        let between = Some((eur(10_00), eur(200_00)));
        Settings { sells: true, amounts: vec![eur(5_00)], between, lasts_days: None }
    }

    fn a_card() -> Card {
        Card {
            id: CardId::of(Default::default()),
            code: "ACDEFGHJKMNP".parse().unwrap(),
            kind: CardKind::GiftCard,
            state: CardState::Active,
            test: false,
            value: eur(50_00),
            order: None,
            line: None,
            refund: None,
            customer: None,
            reason: String::new(),
            actor: "system".to_owned(),
            issued_at: Timestamp::from_micros(0),
            expires_at: Some(Timestamp::from_micros(10)),
        }
    }

    #[test]
    fn a_card_is_sold_for_an_amount_that_is_offered_or_between_the_ends() {
        for (minor, offered) in
            [(5_00, true), (7_00, false), (10_00, true), (200_00, true), (200_01, false), (0, false)]
        {
            assert_eq!(selling().offers(eur(minor)), offered, "{minor}");
        }
        assert!(!Settings { sells: false, ..selling() }.offers(eur(5_00)));
    }

    #[test]
    fn settings_that_sell_nothing_that_can_be_bought_are_refused() {
        assert_eq!(selling().check(), Ok(()));
        let nothing = Settings { amounts: vec![], between: None, ..selling() };
        assert_eq!(nothing.check(), Err(Flaw::NoAmount));
        let upside_down = Settings { between: Some((eur(2), eur(1))), ..selling() };
        assert_eq!(upside_down.check(), Err(Flaw::Between));
        assert_eq!(Settings { lasts_days: Some(0), ..selling() }.check(), Err(Flaw::Lasts));
    }

    #[test]
    fn a_card_pays_until_it_expires_or_is_blocked() {
        let card = a_card();
        assert!(card.usable(Timestamp::from_micros(9)).is_ok());
        assert!(matches!(card.usable(Timestamp::from_micros(10)), Err(Refusal::Expired { .. })));
        let blocked = Card { state: CardState::Blocked, ..card };
        assert!(matches!(blocked.usable(Timestamp::from_micros(0)), Err(Refusal::Blocked { .. })));
    }

    #[test]
    fn money_is_counted_without_loss() {
        for minor in [1, 99, 12_345, MOST] {
            assert_eq!(money(counted(eur(minor)), eur(1).currency()), Ok(eur(minor)));
        }
    }

    #[test]
    fn an_error_names_a_card_by_its_ending_alone() {
        assert_eq!(a_card().masked(), "•••• KMNP");
    }
}
