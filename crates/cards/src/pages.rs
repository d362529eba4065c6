//! Pages about cards, beside their templates. Nobody reads a whole code here but who has just made it.

use askama::Template;
use base::{Currency, Money};
use customers::Customer;
use edge::Frame;

use crate::{
    Given,
    http::{GiveForm, SettingsForm},
    model::{Card, CardKind, CardState, Movement, Use},
};

/// A card as the list shows it.
pub struct CardRow {
    pub card: Card,
    pub balance: Money,
    /// Whose it is, for who may see customers.
    pub customer: Option<Customer>,
}

#[derive(Template)]
#[template(path = "card_list.html")]
pub struct CardListPage {
    pub frame: Frame,
    pub q: String,
    pub customer: String,
    pub cards: Vec<CardRow>,
    pub next: Option<String>,
    /// What is left on all cards, where all are looked at.
    pub owed: Option<Money>,
    pub may_manage: bool,
}

impl CardListPage {
    fn is_filtered(&self) -> bool {
        !self.q.is_empty() || !self.customer.is_empty()
    }

    /// What was asked for, as an address asks it: letters and digits alone.
    fn asked(&self) -> String {
        let plain =
            |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
        format!("q={}&customer={}", plain(&self.q), plain(&self.customer))
    }

    fn kind(&self, card: &Card) -> String {
        kind(&self.frame, card)
    }

    fn state(&self, card: &Card) -> String {
        state(&self.frame, card)
    }
}

fn kind(frame: &Frame, card: &Card) -> String {
    frame.t(match card.kind {
        CardKind::GiftCard => "cards-kind-gift-card",
        CardKind::StoreCredit => "cards-kind-store-credit",
    })
}

fn state(frame: &Frame, card: &Card) -> String {
    frame.t(match card.state {
        CardState::Active => "cards-state-active",
        CardState::Blocked => "cards-state-blocked",
        CardState::Expired => "cards-state-expired",
    })
}

#[derive(Template)]
#[template(path = "card.html")]
pub struct CardPage {
    pub frame: Frame,
    pub card: Card,
    pub balance: Money,
    /// What of it is kept for orders that wait.
    pub kept: Money,
    pub movements: Vec<Movement>,
    pub waiting: Vec<Use>,
    pub customer: Option<Customer>,
    pub names: people::actors::Names,
    pub sees_orders: bool,
    pub may_manage: bool,
}

impl CardPage {
    fn kind(&self) -> String {
        kind(&self.frame, &self.card)
    }

    fn state(&self) -> String {
        state(&self.frame, &self.card)
    }

    fn is_open(&self) -> bool {
        self.card.state == CardState::Active
    }

    fn moved(&self, movement: &Movement) -> String {
        self.frame.t(&format!("cards-moved-{}", movement.kind))
    }

    fn who(&self, movement: &Movement) -> String {
        self.names.of(&self.frame, &movement.actor)
    }
}

#[derive(Template)]
#[template(path = "card_give.html")]
pub struct GivePage {
    pub frame: Frame,
    pub form: GiveForm,
    pub customer: Option<Customer>,
    pub fault: Option<String>,
    pub currency: Currency,
}

impl GivePage {
    fn kinds(&self) -> Vec<(&'static str, String, bool)> {
        let kinds = [
            (CardKind::GiftCard, "cards-kind-gift-card"),
            (CardKind::StoreCredit, "cards-kind-store-credit"),
        ];
        kinds.map(|(kind, key)| (kind.name(), self.frame.t(key), self.form.kind == kind.name())).to_vec()
    }

    fn ways(&self) -> Vec<(&'static str, String, bool)> {
        let way = |given: Given| {
            let words = self.frame.t(&format!("cards-given-{}", given.name()));
            (given.name(), words, self.form.given == given.name())
        };
        Given::ALL.map(way).to_vec()
    }
}

/// A card that was just made, with its code.
#[derive(Template)]
#[template(path = "card_given.html")]
pub struct GivenPage {
    pub frame: Frame,
    pub card: Card,
}

#[derive(Template)]
#[template(path = "card_settings.html")]
pub struct SettingsPage {
    pub frame: Frame,
    pub form: SettingsForm,
    pub fault: Option<String>,
    pub currency: Currency,
}
