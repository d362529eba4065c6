//! Pages of payments: the sandbox's, what staff confirm, and the methods' settings.

use askama::Template;
use edge::Frame;

use orders::OrderId;

use crate::{Method, MethodRow, Payment, sandbox::SandboxCharge};

/// The sandbox asks its payer for a word.
#[derive(Template)]
#[template(path = "sandbox.html")]
pub struct SandboxPage {
    pub frame: Frame,
    pub charge: SandboxCharge,
    pub action: String,
    pub open: bool,
}

impl SandboxPage {
    fn outcome(&self) -> &'static str {
        match self.charge.state.as_str() {
            "approved" => "sandbox-approved",
            "declined" => "sandbox-declined",
            _ => "sandbox-lapsed",
        }
    }
}

/// Manual payments that wait for somebody to find the money.
#[derive(Template)]
#[template(path = "payments.html")]
pub struct PaymentsPage {
    pub frame: Frame,
    /// With the number of each one's order.
    pub waiting: Vec<(Payment, i64)>,
    pub may_confirm: bool,
}

/// The attempts to pay one order, with what staff can say of them.
#[derive(Template)]
#[template(path = "order_payments.html")]
pub struct OrderPaymentsPage {
    pub frame: Frame,
    pub order: OrderId,
    pub number: i64,
    pub payments: Vec<Payment>,
    /// What cards pay.
    pub by_cards: Vec<(cards::Use, cards::Card)>,
    /// Still to pay beside what cards keep.
    pub due: base::Money,
    pub may_confirm: bool,
    pub may_take: bool,
    pub may_see_cards: bool,
    /// The code of a card as it was typed, where it is refused.
    pub code: String,
    pub card_fault: Option<String>,
}

impl OrderPaymentsPage {
    fn card_state(&self, used: &cards::Use) -> String {
        self.frame.t(match used.state {
            cards::UseState::Kept => "payments-card-kept",
            cards::UseState::Taken => "payment-paid",
            cards::UseState::Freed => "payments-card-freed",
        })
    }

    /// Whether people, not a provider, say what became of it, and it is still open.
    fn by_hand(&self, payment: &Payment) -> bool {
        let remote = Method::parse(&payment.method).is_none_or(|method| method.capabilities().remote);
        self.may_confirm && !remote && !payment.state.is_final()
    }
}

/// How payers may pay.
#[derive(Template)]
#[template(path = "methods.html")]
pub struct MethodsPage {
    pub frame: Frame,
    pub rows: Vec<MethodRow>,
}
