//! What state an order is in, on its payment side and on its fulfilment side, and which steps lead from one to the
//! next. Plain functions: they take a state and give the next one, or the reason why not.

use base::Money;

/// Gives an enum its names: in rows, JSON, addresses and the API's document alike. A name is taken as a bare token, because
/// derives do not look into a captured literal.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:tt),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum $type { $($(#[$variant_doc])* #[serde(rename = $name)] $variant),+ }

        impl $type {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            pub fn parse(raw: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.name() == raw)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}
pub(crate) use named;

named! {
    /// Where an order was made.
    Channel { Shop = "shop", Till = "till", Office = "office", Api = "api", Platform = "platform" }
}

named! {
    /// The money side of an order.
    PaymentState {
        /// Nothing has come.
        Unpaid = "unpaid",
        /// The customer says it is on its way, or part of it has come.
        Pending = "pending",
        Paid = "paid",
        PartlyRefunded = "partly-refunded",
        Refunded = "refunded",
    }
}

named! {
    /// The goods side of an order.
    FulfilmentState {
        Unfulfilled = "unfulfilled",
        Packed = "packed",
        Shipped = "shipped",
        HandedOver = "handed-over",
        Cancelled = "cancelled",
    }
}

named! {
    /// Why an order was cancelled; money that comes later still buys an expired order if the goods are free.
    CancelReason { Expired = "expired", OutOfStock = "out-of-stock", Customer = "customer", Refused = "refused", Mistake = "mistake", Other = "other" }
}

named! {
    /// A step of fulfilment.
    Step { Pack = "pack", Ship = "ship", HandOver = "hand-over" }
}

/// An order in this state does not take that step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an order that is {from} cannot be {step}")]
pub struct NoSuchStep {
    pub from: FulfilmentState,
    pub step: &'static str,
}

impl FulfilmentState {
    /// The state after `step`.
    pub fn after(self, step: Step) -> Result<Self, NoSuchStep> {
        use FulfilmentState::{HandedOver, Packed, Shipped, Unfulfilled};
        match (self, step) {
            (Unfulfilled, Step::Pack) => Ok(Packed),
            (Unfulfilled | Packed, Step::Ship) => Ok(Shipped),
            (Unfulfilled | Packed | Shipped, Step::HandOver) => Ok(HandedOver),
            (from, Step::Pack) => Err(NoSuchStep { from, step: "packed" }),
            (from, Step::Ship) => Err(NoSuchStep { from, step: "shipped" }),
            (from, Step::HandOver) => Err(NoSuchStep { from, step: "handed over" }),
        }
    }

    /// What has not reached the customer can be cancelled; a parcel refused at the door comes back. Afterwards only a
    /// refund undoes the sale.
    pub fn cancelled(self) -> Result<Self, NoSuchStep> {
        match self {
            Self::Unfulfilled | Self::Packed | Self::Shipped => Ok(Self::Cancelled),
            from => Err(NoSuchStep { from, step: "cancelled" }),
        }
    }

    /// The steps that are open now.
    pub fn steps(self) -> Vec<Step> {
        Step::ALL.iter().copied().filter(|step| self.after(*step).is_ok()).collect()
    }
}

impl PaymentState {
    /// The state when `paid` of `total` has come and `refunded` was given back. `waiting` says that the customer
    /// announced money which nobody has seen yet.
    pub fn of(total: Money, paid: Money, refunded: Money, waiting: bool) -> Self {
        if refunded.is_positive() {
            let all = refunded.minor() >= paid.minor();
            if all { Self::Refunded } else { Self::PartlyRefunded }
        } else if paid.minor() >= total.minor() && (paid.is_positive() || total.is_zero()) {
            Self::Paid
        } else if paid.is_positive() || waiting {
            Self::Pending
        } else {
            Self::Unpaid
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(minor: i64) -> Money {
        Money::new(minor, "EUR".parse().unwrap()).unwrap()
    }

    #[test]
    fn goods_move_forward_only() {
        use FulfilmentState::*;
        for (index, from) in [Unfulfilled, Packed, Shipped, HandedOver].into_iter().enumerate() {
            let reached = [Step::Pack, Step::Ship, Step::HandOver].map(|step| from.after(step).is_ok());
            assert_eq!(reached, [index < 1, index < 2, index < 3], "{from}");
        }
        assert!(Step::ALL.iter().all(|step| Cancelled.after(*step).is_err()));
    }

    #[test]
    fn what_the_customer_holds_is_not_cancelled() {
        assert!(FulfilmentState::Shipped.cancelled().is_ok());
        assert!(FulfilmentState::HandedOver.cancelled().is_err());
        assert!(FulfilmentState::Cancelled.cancelled().is_err());
    }

    #[test]
    fn the_payment_state_follows_the_money() {
        let state = |paid, refunded, waiting| PaymentState::of(eur(10), eur(paid), eur(refunded), waiting);
        assert_eq!(state(0, 0, false), PaymentState::Unpaid);
        assert_eq!(state(0, 0, true), PaymentState::Pending);
        assert_eq!(state(4, 0, false), PaymentState::Pending);
        assert_eq!(state(10, 0, false), PaymentState::Paid);
        assert_eq!(state(12, 2, false), PaymentState::PartlyRefunded);
        assert_eq!(state(10, 10, false), PaymentState::Refunded);
        assert_eq!(PaymentState::of(eur(0), eur(0), eur(0), false), PaymentState::Paid);
    }

    #[test]
    fn names_read_back() {
        for state in FulfilmentState::ALL {
            assert_eq!(FulfilmentState::parse(state.name()), Some(*state));
        }
        assert_eq!(PaymentState::parse("handed-over"), None);
    }
}
