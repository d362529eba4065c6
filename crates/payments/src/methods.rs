//! The ways to pay that are built in. Cash and manual transfers need no provider: people act and staff confirm.

use spine::ledger::Account;

use crate::provider::{Capabilities, RefundWay};

/// How long a manual transfer may take: somebody has to find the money on a statement.
const MANUAL_HOLD_S: i64 = 72 * 3600;
/// How long the sandbox keeps goods, as a prompt on a phone would.
pub(crate) const SANDBOX_HOLD_S: i64 = 15 * 60;

/// A way to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Cash on delivery or at pickup.
    Cod,
    /// Pay to a number or an account, with a reference; the merchant confirms.
    Manual,
    /// A provider that moves no money, for development and test mode.
    Sandbox,
    /// A gift card or store credit, by its code. It has no switch: what was issued is taken.
    GiftCard,
}

impl Method {
    /// Those that the owner switches on and off.
    pub const ALL: [Self; 3] = [Self::Cod, Self::Manual, Self::Sandbox];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Cod => "cod",
            Self::Manual => "manual",
            Self::Sandbox => "sandbox",
            Self::GiftCard => orders::stored::GIFT_CARD,
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().chain([Self::GiftCard]).find(|known| known.name() == raw)
    }

    pub fn capabilities(self) -> Capabilities {
        match self {
            Self::Cod => Capabilities {
                remote: false,
                hold_for_s: None,
                refund: RefundWay::ByHand,
                payer_reference: false,
                test_only: false,
                into: Account::Cash("drawer".to_owned()),
            },
            Self::Manual => Capabilities {
                remote: false,
                hold_for_s: Some(MANUAL_HOLD_S),
                refund: RefundWay::ByHand,
                payer_reference: true,
                test_only: false,
                into: Account::Bank,
            },
            Self::Sandbox => Capabilities {
                remote: true,
                hold_for_s: Some(SANDBOX_HOLD_S),
                refund: RefundWay::ByProvider,
                payer_reference: false,
                test_only: true,
                into: Account::Clearing("sandbox".to_owned()),
            },
            // cards pay when they are named: an order that they do not pay in full is not placed
            Self::GiftCard => Capabilities {
                remote: false,
                hold_for_s: Some(SANDBOX_HOLD_S),
                refund: RefundWay::ByHand,
                payer_reference: false,
                test_only: false,
                into: Account::GiftCards,
            },
        }
    }
}
