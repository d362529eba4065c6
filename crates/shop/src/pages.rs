//! Pages of the storefront, one struct each beside its template.

pub mod front;
pub mod list;
pub mod office;
pub mod product;

use askama::Template;
use base::{Country, Line, Money, Quantity, address::bare_name};
use catalog::{Picture, SellableVariant, images::Loading};
use edge::Frame;
use orders::{Document, Offer, ShippingMethod, Whole, Zone, promotion::Code};
use payments::{MethodRow, Payment, State};
use stock::{Pause, Place};

use crate::{
    checkout::{CheckoutForm, Fault},
    chrome::{Chrome, quoted, shop_pages},
    contact::PlaceCard,
    http::BuyForm,
    ship::{Asks, Chosen, ELSEWHERE, Ways},
    sms,
};

/// A line of a cart, whether or not it can still be bought.
pub struct CartLine {
    pub variant: SellableVariant,
    /// Its product's first, if it is here.
    pub picture: Option<Picture>,
    pub quantity: Quantity,
    /// The quantity's price as it is written in the shop, if it can be reckoned.
    pub gross: Option<Money>,
}

/// The cart with its prices.
#[derive(Template)]
#[template(path = "cart.html")]
pub struct CartPage {
    pub frame: Frame,
    pub chrome: Chrome,
    pub lines: Vec<CartLine>,
    /// What it costs; none while it is empty or cannot be bought as it is.
    pub counted: Option<Counted>,
    /// Why the cart cannot be bought as it is.
    pub trouble: Option<String>,
    /// What was just put into it.
    pub added: Option<String>,
    /// Why a code that was typed does nothing.
    pub code_fault: Option<String>,
}

impl CartPage {
    /// The smallest step of a quantity field.
    fn step(&self, line: &CartLine) -> &'static str {
        if line.variant.unit.decimals() == 0 { "1" } else { "any" }
    }

    /// Where a message with the cart goes, for who has a signal and no line.
    fn sms(&self) -> Option<String> {
        let (phone, counted) = (self.chrome.contact.phone.as_ref()?, self.counted.as_ref()?);
        let line = |line: &CartLine| {
            let quantity = self.frame.quantity(&line.quantity, line.variant.unit.symbol());
            format!("{quantity} x {}", line.variant.name())
        };
        let lines: Vec<String> = self.lines.iter().map(line).collect();
        let total = self.frame.money(&counted.offer.priced.total);
        let text =
            sms::message(&lines, |lines| self.frame.t2("cart-sms-words", "lines", lines, "total", &total));
        Some(format!("sms:{phone}?body={}", quoted(&text)))
    }
}

/// Asks for an order by its number and the phone number or mail address that was given.
#[derive(Template)]
#[template(path = "lookup.html")]
pub struct LookupPage {
    pub frame: Frame,
    pub chrome: Chrome,
    pub number: String,
    pub contact: String,
    /// Whether what was typed leads to no order.
    pub in_vain: bool,
}

/// Sells a gift card.
#[derive(Template)]
#[template(path = "gift_card.html")]
pub struct BuyCardPage {
    pub frame: Frame,
    pub chrome: Chrome,
    pub form: BuyForm,
    pub faults: Vec<Fault>,
    pub settings: cards::Settings,
    pub methods: Vec<MethodRow>,
}

impl BuyCardPage {
    fn fault(&self, field: &str) -> Option<String> {
        self.faults.iter().find(|fault| fault.field == field).map(|fault| self.frame.t(fault.key))
    }

    fn chose(&self, amount: &Money) -> bool {
        let (chosen, typed) = (&self.form.offered, &self.form.amount);
        let first = chosen.is_empty() && typed.is_empty() && self.settings.amounts.first() == Some(amount);
        first || *chosen == amount.minor().to_string()
    }

    fn pays_by(&self, row: &MethodRow) -> bool {
        let payment = &self.form.payment;
        payment == row.method.name() || (payment.is_empty() && self.methods.first() == Some(row))
    }
}

/// Says what is left on a gift card.
#[derive(Template)]
#[template(path = "gift_card_balance.html")]
pub struct BalancePage {
    pub frame: Frame,
    pub chrome: Chrome,
    pub code: String,
    pub found: Option<cards::Standing>,
    /// The key of why nothing was found.
    pub fault: Option<&'static str>,
}

impl BalancePage {
    fn standing(&self, card: &cards::Standing) -> String {
        match (card.state, card.expires_at) {
            (cards::CardState::Blocked, _) => self.frame.t("checkout-card-blocked"),
            (cards::CardState::Expired, _) => self.frame.t("checkout-card-expired"),
            (cards::CardState::Active, Some(end)) => {
                self.frame.t1("gift-card-until", "day", self.frame.moment(&end))
            }
            (cards::CardState::Active, None) => self.frame.t("gift-card-no-end"),
        }
    }
}

shop_pages!(CartPage, LookupPage, CheckoutPage, OrderPage, BuyCardPage, BalancePage);

/// A cart with its price and the ways to its customer.
pub struct Counted {
    pub offer: Offer,
    pub ways: Ways,
    pub form: CheckoutForm,
    /// Whether the price is known: the way is chosen, and leads there.
    pub decided: bool,
    /// Why the way that was chosen does not lead there.
    pub refused: Option<String>,
    /// The codes in the cart, and why they do nothing for it, if they do not.
    pub codes: Vec<Code>,
    pub idle: Option<String>,
    pub pause: Option<Pause>,
}

impl Counted {
    /// Whether orders are taken now.
    fn sells(&self) -> bool {
        self.ways.any() && self.pause.as_ref().is_none_or(|pause| pause.sells)
    }

    fn is_fetched_at(&self, place: &Place) -> bool {
        self.ways.chosen(&self.form) == Some(Chosen::Pickup(place))
    }

    fn is_delivered(&self) -> bool {
        self.ways.chosen(&self.form) == Some(Chosen::Delivery)
    }

    fn is_quarter(&self, name: &Line<120>) -> bool {
        bare_name(&self.form.quarter) == bare_name(name.as_str())
    }

    fn is_elsewhere(&self) -> bool {
        self.form.quarter == ELSEWHERE
    }

    fn asks(&self) -> Asks {
        self.ways.asks(&self.form)
    }

    fn standing(&self, frame: &Frame, place: &Place) -> Option<String> {
        let Ways { now, clock, .. } = &self.ways;
        stock::standing_words(frame, place.standing(*now, clock), *now, clock)
    }

    /// The zones whose words are shown: the one that takes the address in, or all while that is not known.
    fn told(&self) -> Vec<&Zone> {
        let known = self.offer.zone;
        self.ways.zones.iter().filter(|zone| known.is_none_or(|known| zone.id == known)).collect()
    }

    /// What the country calls a postcode.
    fn postcode_key(&self) -> &'static str {
        match self.ways.format.postcode_is() {
            "zip" => "checkout-zip",
            "eircode" => "checkout-eircode",
            "pin" => "checkout-pin",
            _ => "checkout-postcode",
        }
    }

    /// What the country calls a town.
    fn city_key(&self) -> &'static str {
        match self.ways.format.town_is() {
            "suburb" => "checkout-suburb",
            "district" => "checkout-district",
            _ => "checkout-city",
        }
    }

    /// The keyboard for a postcode.
    fn postcode_mode(&self) -> &'static str {
        if self.ways.format.postcode_is_digits() { "numeric" } else { "text" }
    }

    /// Whether the visitor has said something personal already, which shall not be asked for twice.
    fn is_typed(&self) -> bool {
        !self.form.name.is_empty() || !self.form.phone.is_empty()
    }

    /// What was typed for another way and has no field now: it is there again when the visitor goes back.
    fn kept(&self) -> Vec<(&'static str, &str)> {
        let (asks, form) = (self.asks(), &self.form);
        let typed = [
            (asks.street, "street", &form.street),
            (asks.quarter, "other_quarter", &form.other_quarter),
            (asks.landmark, "landmark", &form.landmark),
            (asks.town, "city", &form.city),
            (asks.postcode || self.ways.by_postcode(), "postcode", &form.postcode),
        ];
        let kept = typed.into_iter().filter(|(shown, _, value)| !shown && !value.is_empty());
        kept.map(|(_, name, value)| (name, value.as_str())).collect()
    }

    /// Whether the part that most leave alone has something in it.
    fn says_more(&self) -> bool {
        !self.form.email.is_empty() || !self.form.note.is_empty()
    }
}

/// The checkout, in one page.
#[derive(Template)]
#[template(path = "checkout.html")]
pub struct CheckoutPage {
    pub frame: Frame,
    pub chrome: Chrome,
    pub counted: Counted,
    pub faults: Vec<Fault>,
    pub trouble: Option<String>,
    pub methods: Vec<MethodRow>,
    /// Whether there are gift cards to pay with.
    pub takes_cards: bool,
}

impl CheckoutPage {
    fn fault(&self, field: &str) -> Option<String> {
        let example = self.counted.ways.format.postcode_example();
        let fault = self.faults.iter().find(|fault| fault.field == field)?;
        Some(self.frame.t1(fault.key, "example", example))
    }

    fn pays_by(&self, row: &MethodRow) -> bool {
        let payment = &self.counted.form.payment;
        payment == row.method.name() || (payment.is_empty() && self.methods.first() == Some(row))
    }
}

/// An order, for who holds its link.
#[derive(Template)]
#[template(path = "order.html")]
pub struct OrderPage {
    pub frame: Frame,
    pub chrome: Chrome,
    pub whole: Whole,
    /// The business's country.
    pub home: Country,
    /// Where it is fetched, if a place was named.
    pub fetched: Option<PlaceCard>,
    /// When it comes; empty if nobody said.
    pub comes: String,
    pub token: String,
    pub due: Money,
    pub payment: Option<Payment>,
    /// What the payer of a manual transfer reads.
    pub instructions: String,
    pub methods: Vec<MethodRow>,
    /// The order's papers: receipt, invoices, credit notes.
    pub papers: Vec<Document>,
    /// Sends the order's link by WhatsApp.
    pub share: String,
    /// Gift cards that it sold, and store credit that its refunds gave.
    pub sold: Vec<cards::Card>,
    /// What cards pay, or keep until the rest is there.
    pub by_cards: Money,
    pub takes_cards: bool,
    /// The words for a gift card that was refused.
    pub card_fault: Option<&'static str>,
}

impl OrderPage {
    fn card_title(&self, card: &cards::Card) -> &'static str {
        match card.kind {
            cards::CardKind::GiftCard => "order-card-sold",
            cards::CardKind::StoreCredit => "order-card-credit",
        }
    }

    fn owes(&self) -> bool {
        self.due.is_positive() && !self.whole.order.is_cancelled()
    }

    fn waits_for_manual(&self) -> bool {
        self.open("manual", State::AwaitingPayer)
    }

    /// Whether a way to pay was chosen, and goes on.
    fn has_chosen(&self) -> bool {
        self.waits_for_manual() || self.by_cash() || self.checking()
    }

    /// The ways to pay, but the one that was chosen.
    fn choices(&self) -> Vec<&MethodRow> {
        let chosen =
            self.payment.as_ref().filter(|_| self.has_chosen()).map(|payment| payment.method.as_str());
        self.methods.iter().filter(|row| Some(row.method.name()) != chosen).collect()
    }

    fn claimed(&self) -> bool {
        self.open("manual", State::Processing)
    }

    fn by_cash(&self) -> bool {
        self.open("cod", State::AwaitingPayer)
    }

    fn checking(&self) -> bool {
        self.payment.as_ref().is_some_and(|payment| {
            payment.method == "sandbox"
                && matches!(
                    payment.state,
                    State::Created | State::Unknown | State::AwaitingPayer | State::Processing
                )
        })
    }

    fn failed(&self) -> bool {
        self.payment.as_ref().is_some_and(|payment| matches!(payment.state, State::Failed | State::Expired))
    }

    fn open(&self, method: &str, state: State) -> bool {
        self.owes()
            && self.payment.as_ref().is_some_and(|payment| payment.method == method && payment.state == state)
    }

    fn paper(&self, paper: &Document) -> String {
        orders::paper_title(&self.frame, paper)
    }

    fn is_pickup(&self) -> bool {
        self.whole.shipping.method == ShippingMethod::Pickup
    }

    fn state_key(&self) -> String {
        let order = &self.whole.order;
        if order.is_cancelled() {
            "order-cancelled".to_owned()
        } else {
            format!("order-{}", order.fulfilment.name())
        }
    }

    fn payment_key(&self) -> String {
        format!("order-payment-{}", self.whole.order.payment.name())
    }
}

#[cfg(test)]
mod tests;
