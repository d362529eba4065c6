//! Bodies that both applications and forms fill: what they ask for, parsed into the room's own types.

use base::{Currency, Line, Money, Quantity};
use edge::{Problem, schema};
use serde::Deserialize;

use crate::{
    Cancel, Taken,
    model::{CancelReason, Extent, MoneyBack, Step, Wish, refund::Wanted},
};

/// A step of fulfilment.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FulfilInput {
    pub step: Step,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub carrier: Option<Line<80>>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub tracking: Option<Line<120>>,
    /// Who took the money that was still due, when the goods were handed over: `rider`, `drawer`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub collected_by: Option<Line<60>>,
}

impl From<FulfilInput> for Taken {
    fn from(input: FulfilInput) -> Self {
        let FulfilInput { step, carrier, tracking, collected_by } = input;
        Self { step, carrier, tracking, collected_by }
    }
}

fn yes() -> bool {
    true
}

/// How an order ends.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CancelInput {
    #[serde(default = "other")]
    pub reason: CancelReason,
    /// Whether the goods go on sale again.
    #[serde(default = "yes")]
    pub restock: bool,
    /// Whether money that came is given back by hand instead of the way it came.
    #[serde(default)]
    pub by_hand: bool,
    /// Whether money that came stays here as store credit.
    #[serde(default)]
    pub store_credit: bool,
}

fn other() -> CancelReason {
    CancelReason::Other
}

pub const fn way(by_hand: bool, store_credit: bool) -> MoneyBack {
    match (store_credit, by_hand) {
        (true, _) => MoneyBack::StoreCredit,
        (false, true) => MoneyBack::ByHand,
        (false, false) => MoneyBack::ByProvider,
    }
}

impl From<CancelInput> for Cancel {
    fn from(input: CancelInput) -> Self {
        Self { reason: input.reason, restock: input.restock, money: way(input.by_hand, input.store_credit) }
    }
}

/// A refund: of lines, of an amount, or (with neither) of everything.
#[derive(Debug, Clone, Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefundInput {
    #[serde(default)]
    pub lines: Vec<RefundLineInput>,
    #[serde(default)]
    #[schema(value_type = Option<schema::Money>)]
    pub amount: Option<Money>,
    /// Whether the goods that come back go on sale again.
    #[serde(default)]
    pub restock: bool,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub reason: Option<Line<200>>,
    /// Whether the money is given back by hand instead of the way it came.
    #[serde(default)]
    pub by_hand: bool,
    /// Whether the money stays here as store credit.
    #[serde(default)]
    pub store_credit: bool,
}

/// Of one line: so much of it comes back, or so much money is given back for it.
#[derive(Debug, Clone, Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefundLineInput {
    /// The line's number in the order.
    pub line: i64,
    #[serde(default)]
    #[schema(value_type = Option<schema::Quantity>)]
    pub quantity: Option<Quantity>,
    #[serde(default)]
    #[schema(value_type = Option<schema::Money>)]
    pub amount: Option<Money>,
}

impl RefundInput {
    pub fn wanted(self, currency: Currency) -> Result<Wanted, Problem> {
        let own = |amount: Money| {
            if amount.currency() == currency {
                Ok(amount)
            } else {
                Err(Problem::from(crate::Error::OtherCurrency))
            }
        };
        let mut lines = Vec::with_capacity(self.lines.len());
        for line in self.lines {
            let wish = match (line.quantity, line.amount) {
                (Some(quantity), None) => Wish::Quantity(quantity),
                (None, Some(amount)) => Wish::Amount(own(amount)?),
                _ => {
                    return Err(Problem::unprocessable(
                        "refund-refused",
                        "A line of a refund names a quantity or an amount.",
                    ));
                }
            };
            lines.push((line.line, wish));
        }
        let extent = match (lines.is_empty(), self.amount) {
            (true, None) => Extent::Full,
            (true, Some(amount)) => Extent::Amount(own(amount)?),
            (false, None) => Extent::Lines(lines),
            (false, Some(_)) => {
                return Err(Problem::unprocessable("refund-refused", "Name lines or an amount, not both."));
            }
        };
        let reason = self.reason.map(|reason| reason.to_string()).unwrap_or_default();
        Ok(Wanted { extent, restock: self.restock, reason, money: way(self.by_hand, self.store_credit) })
    }
}
