//! What a payment is and how it may change. No SQL, no HTTP, no clock.

use std::fmt;

use base::{Line, Money, Timestamp};
use orders::OrderId;
use serde::Serialize;

base::id!(
    /// Names one attempt to pay: `pay_01h455vb4pex5vsknk084sn02q`.
    PaymentId: PaymentKind, "pay"
);

/// Where an attempt to pay stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = PaymentAttemptState)]
pub enum State {
    /// Written down; the provider does not know of it yet.
    Created,
    /// Sent to the provider, whose answer never came: only asking again tells.
    Unknown,
    /// The payer has to act.
    AwaitingPayer,
    /// The payer acted; the money is not certain yet.
    Processing,
    Paid,
    Failed,
    Expired,
    Cancelled,
}

impl State {
    pub const ALL: [Self; 8] = [
        Self::Created,
        Self::Unknown,
        Self::AwaitingPayer,
        Self::Processing,
        Self::Paid,
        Self::Failed,
        Self::Expired,
        Self::Cancelled,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Unknown => "unknown",
            Self::AwaitingPayer => "awaiting-payer",
            Self::Processing => "processing",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == raw)
    }

    /// Whether nothing more is expected.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Paid | Self::Failed | Self::Expired | Self::Cancelled)
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Created => 0,
            Self::Unknown => 1,
            Self::AwaitingPayer => 2,
            Self::Processing => 3,
            Self::Failed | Self::Expired | Self::Cancelled => 4,
            Self::Paid => 5,
        }
    }

    /// Whether a provider's own, authenticated word may move a payment from here to `next`. States move only forward;
    /// money that comes after the end is the one thing that leaves an end.
    pub const fn may_become(self, next: Self) -> bool {
        !matches!((self, next), (_, Self::Created | Self::Unknown)) && next.rank() > self.rank()
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One attempt to pay one order.
#[derive(Debug, Clone, PartialEq)]
pub struct Payment {
    pub id: PaymentId,
    pub order: OrderId,
    pub method: String,
    pub amount: Money,
    pub state: State,
    /// What the provider calls it.
    pub provider_ref: Option<String>,
    /// What else the provider wants back with each question.
    pub provider_extra: Option<String>,
    /// What the payer says it was sent under.
    pub payer_reference: Option<Line<120>>,
    pub reason: Option<String>,
    pub test: bool,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub polled_at: Option<Timestamp>,
}

/// How often a payment's provider is asked at most (security review, item 8).
pub const POLL_EVERY_S: i64 = 10;
/// How long after its end a payment is still asked for: money can be late.
const POLL_PAST_END_S: i64 = 24 * 3600;

impl Payment {
    /// When its provider is to be asked next, if at all: soon at first, ever more rarely later.
    pub fn next_poll(&self, now: Timestamp) -> Option<Timestamp> {
        if matches!(self.state, State::Paid | State::Failed) {
            return None;
        }
        let end = self.expires_at.unwrap_or(self.created_at).plus_s(POLL_PAST_END_S);
        let age = now.seconds_since(self.created_at);
        let next = now.plus_s(POLL_EVERY_S.max(age / 4));
        (next <= end).then_some(next)
    }

    pub fn may_be_polled(&self, now: Timestamp) -> bool {
        self.polled_at.is_none_or(|before| now.seconds_since(before) >= POLL_EVERY_S)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_move_forward_and_only_money_leaves_an_end() {
        for from in State::ALL {
            for to in State::ALL {
                let moves = from.may_become(to);
                if from == State::Paid || to == State::Created || to == State::Unknown || from == to {
                    assert!(!moves, "{from} -> {to}");
                } else if from.is_final() {
                    assert_eq!(moves, to == State::Paid, "{from} -> {to}");
                }
            }
        }
        assert!(
            State::AwaitingPayer.may_become(State::Paid) && State::Unknown.may_become(State::AwaitingPayer)
        );
        assert!(!State::Processing.may_become(State::AwaitingPayer));
    }

    #[test]
    fn a_payment_is_asked_for_until_a_day_after_its_end() {
        let start = Timestamp::from_micros(0);
        let payment = Payment {
            id: PaymentId::of(Default::default()),
            order: OrderId::of(Default::default()),
            method: "sandbox".to_owned(),
            amount: Money::new(1, "EUR".parse().unwrap()).unwrap(),
            state: State::AwaitingPayer,
            provider_ref: None,
            provider_extra: None,
            payer_reference: None,
            reason: None,
            test: true,
            created_at: start,
            expires_at: Some(start.plus_s(900)),
            polled_at: None,
        };
        assert_eq!(payment.next_poll(start), Some(start.plus_s(10)));
        assert_eq!(payment.next_poll(start.plus_s(4000)), Some(start.plus_s(5000)));
        assert_eq!(payment.next_poll(start.plus_s(900 + 24 * 3600)), None);
        assert_eq!(Payment { state: State::Paid, ..payment }.next_poll(start), None);
    }
}
