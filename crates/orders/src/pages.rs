//! Pages about orders, beside their templates. A template prints and loops; what it says is decided here.

mod mails;

use askama::Template;
use base::{Day, Money, Timestamp};
use edge::Frame;

pub use mails::{MailForm, MailListPage, MailPage, MailRow, TestMail};

use crate::{
    CartId, DocumentId, Lowered, Order, OrderId,
    model::{
        CancelReason, Channel, Covers, Document, DocumentType, FulfilmentState, OrderLine, PaymentState,
        RefundState, Step, Whole, Zone, ZoneId,
    },
    print::Sheet,
    promotion::{Code, Used},
    stored::Sold,
};

#[derive(Template)]
#[template(path = "order_list.html")]
pub struct OrderListPage {
    pub frame: Frame,
    pub q: String,
    pub state: String,
    pub channel: String,
    pub orders: Vec<OrderRow>,
    /// By the tenant's clock.
    pub today: Day,
    pub next: Option<String>,
    pub to_do: i64,
    pub owed: i64,
    pub may_write: bool,
}

pub struct OrderRow {
    pub order: Order,
    pub customer: String,
}

impl OrderListPage {
    /// The states one can ask for, with their words.
    fn states(&self) -> Vec<(&'static str, String)> {
        let payments = PaymentState::ALL.iter().map(|state| state.name());
        let fulfilments = FulfilmentState::ALL.iter().map(|state| state.name());
        let names = ["to-do", "owed"].into_iter().chain(payments).chain(fulfilments);
        names.map(|name| (name, self.frame.t(&format!("orders-state-{name}")))).collect()
    }

    fn channels(&self) -> Vec<(&'static str, String)> {
        Channel::ALL.iter().map(|channel| (channel.name(), channel_words(&self.frame, *channel))).collect()
    }

    fn sheets(&self) -> [Sheet; 3] {
        Sheet::ALL
    }

    fn payment(&self, order: &Order) -> String {
        payment_words(&self.frame, order)
    }

    fn fulfilment(&self, order: &Order) -> String {
        fulfilment_words(&self.frame, order)
    }

    fn payment_tone(&self, order: &Order) -> &'static str {
        payment_tone(order)
    }

    fn fulfilment_tone(&self, order: &Order) -> &'static str {
        fulfilment_tone(order)
    }

    fn is_filtered(&self) -> bool {
        [&self.q, &self.state, &self.channel].iter().any(|wish| !wish.is_empty())
    }

    /// The address of the next page, with what was asked for.
    fn next_href(&self, next: &str) -> String {
        let channel = &self.channel;
        format!("?state={}&channel={channel}&q={}&cursor={next}", self.state, escaped(&self.q))
    }
}

fn payment_words(frame: &Frame, order: &Order) -> String {
    frame.t(&format!("orders-state-{}", order.payment))
}

/// The colour of a badge; its words say the same.
pub(crate) fn payment_tone(order: &Order) -> &'static str {
    match order.payment {
        PaymentState::Paid => "good",
        PaymentState::Unpaid | PaymentState::Pending => "warn",
        PaymentState::PartlyRefunded | PaymentState::Refunded => "",
    }
}

pub(crate) fn fulfilment_tone(order: &Order) -> &'static str {
    match order.fulfilment {
        FulfilmentState::HandedOver => "good",
        FulfilmentState::Unfulfilled | FulfilmentState::Packed => "warn",
        FulfilmentState::Shipped | FulfilmentState::Cancelled => "",
    }
}

fn fulfilment_words(frame: &Frame, order: &Order) -> String {
    let state = frame.t(&format!("orders-state-{}", order.fulfilment));
    match order.cancel_reason {
        Some(reason) => format!("{state} ({})", frame.t(&format!("orders-reason-{reason}"))),
        None => state,
    }
}

fn channel_words(frame: &Frame, channel: Channel) -> String {
    frame.t(&format!("orders-channel-{channel}"))
}

pub(crate) fn escaped(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Something that happened to an order.
pub struct Happened {
    pub at: Timestamp,
    pub kind: String,
    pub actor: String,
    pub amount: Option<Money>,
}

/// What the one who looks may do.
pub struct Allowed {
    pub fulfil: bool,
    pub cancel: bool,
    pub refund: bool,
    pub write: bool,
    pub documents: bool,
    pub payments: bool,
    pub cards: bool,
}

/// A link for the customer, shown once.
pub struct SharedLink {
    pub address: String,
    /// What the customer is told with it.
    pub message: String,
    pub whatsapp: String,
}

#[derive(Template)]
#[template(path = "order.html")]
pub struct OrderPage {
    pub frame: Frame,
    pub whole: Whole,
    /// The business's country.
    pub home: base::Country,
    pub due: Money,
    pub kept: Money,
    pub papers: Vec<Document>,
    pub history: Vec<Happened>,
    pub names: people::actors::Names,
    pub may: Allowed,
    pub link: Option<SharedLink>,
    /// Whose order it is, for who may see customers.
    pub customer: Option<customers::CustomerId>,
    /// What lowered its price, for who may see coupons.
    pub coupons: Vec<Used>,
    /// The gift cards that it sells.
    pub sold: Vec<SoldLine>,
}

/// A line that sells a gift card.
pub struct SoldLine {
    pub title: String,
    pub sold: Sold,
}

impl SoldLine {
    /// For whom the card is, as far as somebody said.
    fn to(&self) -> String {
        let gift = &self.sold.gift;
        let said = [
            gift.name.as_ref().map(ToString::to_string),
            gift.email.as_ref().map(ToString::to_string),
            gift.phone.as_ref().map(ToString::to_string),
        ];
        said.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}

impl OrderPage {
    fn payment(&self) -> String {
        payment_words(&self.frame, &self.whole.order)
    }

    fn fulfilment(&self) -> String {
        fulfilment_words(&self.frame, &self.whole.order)
    }

    fn payment_tone(&self) -> &'static str {
        payment_tone(&self.whole.order)
    }

    fn fulfilment_tone(&self) -> &'static str {
        fulfilment_tone(&self.whole.order)
    }

    fn channel(&self) -> String {
        channel_words(&self.frame, self.whole.order.channel)
    }

    /// The steps that can be taken now.
    fn steps(&self) -> Vec<(Step, String)> {
        let order = &self.whole.order;
        if !order.is_firm() || !self.may.fulfil {
            return Vec::new();
        }
        let steps = order.fulfilment.steps().into_iter();
        steps.map(|step| (step, self.frame.t(&format!("orders-do-{step}")))).collect()
    }

    fn may_cancel(&self) -> bool {
        self.may.cancel && self.whole.order.fulfilment.cancelled().is_ok()
    }

    fn may_refund(&self) -> bool {
        self.may.refund && self.kept.is_positive()
    }

    fn sheets(&self) -> [Sheet; 3] {
        Sheet::ALL
    }

    fn reasons(&self) -> Vec<(&'static str, String)> {
        let by_people = [
            CancelReason::Customer,
            CancelReason::Refused,
            CancelReason::OutOfStock,
            CancelReason::Mistake,
            CancelReason::Other,
        ];
        by_people
            .into_iter()
            .map(|reason| (reason.name(), self.frame.t(&format!("orders-reason-{reason}"))))
            .collect()
    }

    fn step(&self, step: &Step) -> String {
        self.frame.t(&format!("orders-done-{step}"))
    }

    fn refund_state(&self, state: &RefundState) -> String {
        self.frame.t(&format!("orders-refund-{state}"))
    }

    fn unpaid_refund(&self, state: &RefundState) -> bool {
        self.may.refund && *state != RefundState::Paid
    }

    fn who(&self, happened: &Happened) -> String {
        self.names.of(&self.frame, &happened.actor)
    }

    fn happened(&self, kind: &str) -> String {
        self.frame.t(&format!("orders-event-{}", kind.replace('.', "-")))
    }

    fn paper(&self, kind: &DocumentType) -> String {
        self.frame.t(&format!("orders-paper-{kind}"))
    }

    /// The papers that could be issued and were not.
    fn issuable(&self) -> Vec<(DocumentType, String)> {
        let order = &self.whole.order;
        let wanted = match (order.is_firm(), order.is_cancelled()) {
            (true, false) => DocumentType::Invoice,
            (false, false) => DocumentType::Quote,
            (_, true) => return Vec::new(),
        };
        if !self.may.write || self.papers.iter().any(|paper| paper.kind == wanted) {
            return Vec::new();
        }
        vec![(wanted, self.frame.t(&format!("orders-issue-{wanted}")))]
    }

    /// What of a line can still come back.
    fn left(&self, line: &OrderLine) -> String {
        let left = line.quantity.in_thousandths() - line.returned.in_thousandths();
        self.frame.quantity(&base::Quantity::thousandths(left), line.unit.symbol())
    }

    fn name(&self) -> String {
        self.whole.customer.name.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    fn phone(&self) -> String {
        self.whole.customer.phone.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    fn email(&self) -> String {
        self.whole.customer.email.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    fn address(&self) -> String {
        let lines = self.whole.shipping.lines(self.home);
        if lines.is_empty() { self.frame.t("orders-pickup") } else { lines.join(", ") }
    }
}

/// Where the business delivers.
#[derive(Template)]
#[template(path = "delivery.html")]
pub struct DeliveryPage {
    pub frame: Frame,
    pub zones: Vec<Zone>,
    /// Where customers fetch orders.
    pub pickups: Vec<String>,
}

impl DeliveryPage {
    /// What a zone takes in, in short.
    fn covers(&self, covers: &Covers) -> String {
        const SHOWN: usize = 6;
        let entries: Vec<String> = match covers {
            Covers::Everywhere => return self.frame.t("orders-zone-everywhere"),
            Covers::Quarters(names) => names.iter().map(ToString::to_string).collect(),
            Covers::Postcodes(codes) => codes.iter().map(ToString::to_string).collect(),
        };
        let more = if entries.len() > SHOWN { ", …" } else { "" };
        format!("{}{more}", entries[..entries.len().min(SHOWN)].join(", "))
    }
}

/// A zone, to be changed or added.
#[derive(Template)]
#[template(path = "zone.html")]
pub struct ZonePage {
    pub frame: Frame,
    /// Absent for a new one.
    pub id: Option<ZoneId>,
    pub form: ZoneForm,
    /// What was wrong with what was sent.
    pub fault: Option<String>,
    pub codes: Vec<catalog::TaxCode>,
    pub currency: base::Currency,
}

impl ZonePage {
    fn is_code(&self, code: &catalog::TaxCodeName) -> bool {
        self.form.tax_code == code.as_str()
    }
}

/// The form of a zone, as typed.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct ZoneForm {
    pub action: String,
    pub name: String,
    /// `quarters`, `postcodes` or `everywhere`.
    pub covers: String,
    /// One a line.
    pub places: String,
    pub fee: String,
    pub free_from: String,
    pub minimum: String,
    pub tax_code: String,
    pub words: String,
    pub active: String,
}

impl ZoneForm {
    pub fn of(zone: &Zone) -> Self {
        let details = &zone.details;
        let (covers, places): (_, Vec<String>) = match &details.covers {
            Covers::Everywhere => ("everywhere", Vec::new()),
            Covers::Quarters(names) => ("quarters", names.iter().map(ToString::to_string).collect()),
            Covers::Postcodes(codes) => ("postcodes", codes.iter().map(ToString::to_string).collect()),
        };
        let amount = |amount: Option<Money>| amount.map(Money::decimal).unwrap_or_default();
        Self {
            action: String::new(),
            name: details.name.to_string(),
            covers: covers.to_owned(),
            places: places.join("\n"),
            fee: details.fee.decimal(),
            free_from: amount(details.free_from),
            minimum: amount(details.minimum),
            tax_code: details.tax_code.as_ref().map(ToString::to_string).unwrap_or_default(),
            words: details.words.to_string(),
            active: if details.active { "1".to_owned() } else { String::new() },
        }
    }
}

#[derive(Template)]
#[template(path = "document_list.html")]
pub struct DocumentListPage {
    pub frame: Frame,
    pub kind: String,
    pub papers: Vec<Document>,
    pub next: Option<String>,
}

impl DocumentListPage {
    fn kinds(&self) -> Vec<(&'static str, String)> {
        DocumentType::ALL.iter().map(|kind| (kind.name(), self.paper(kind))).collect()
    }

    fn paper(&self, kind: &DocumentType) -> String {
        self.frame.t(&format!("orders-paper-{kind}"))
    }
}

/// A paper as it is printed, in the office and behind a customer's link.
#[derive(Template)]
#[template(path = "document.html")]
pub struct DocumentPage {
    pub frame: Frame,
    pub paper: Document,
    /// Where its order is seen; none for who holds only the paper.
    pub order: Option<String>,
    /// Where it is printed.
    pub pdf: String,
}

/// How money came, in words; a method without words of its own by its name.
pub(crate) fn method_words(language: base::Language, method: &str) -> String {
    let (words, key) = (edge::Words::of(language), format!("orders-method-{method}"));
    if words.knows(&key) { words.text(&key, &[]) } else { method.to_owned() }
}

/// What a paper is called: `Receipt R-000007`.
pub fn paper_title(frame: &Frame, paper: &Document) -> String {
    format!("{} {}", frame.t(&format!("orders-paper-{}", paper.kind)), paper.name())
}

impl DocumentPage {
    fn title(&self) -> String {
        paper_title(&self.frame, &self.paper)
    }

    fn treatment(&self, tax: &crate::pricing::TaxTotal) -> String {
        let name = tax.treatment.name();
        if name == "standard" { String::new() } else { self.frame.t(&format!("orders-tax-{name}")) }
    }

    fn corrects(&self) -> String {
        self.paper.snapshot.corrects.join(", ")
    }

    fn sheets(&self) -> [Sheet; 3] {
        Sheet::ALL
    }

    fn paid_by(&self, method: &str) -> String {
        method_words(self.frame.language(), method)
    }
}

/// An order made by staff: things on the left, the cart and the customer on the right.
#[derive(Template)]
#[template(path = "order_new.html")]
pub struct NewOrderPage {
    pub frame: Frame,
    pub cart: Option<CartId>,
    pub lines: Vec<OrderLine>,
    /// The codes in the cart, and what they take off.
    pub codes: Vec<Code>,
    pub lowered: Vec<Lowered>,
    pub total: Option<Money>,
    pub currency: base::Currency,
    /// Whether whoever makes the order may put its money into the drawer.
    pub may_take_cash: bool,
    pub q: String,
    pub found: Vec<Found>,
    /// Where the business delivers.
    pub zones: Vec<Zone>,
    /// What was wrong with what was sent.
    pub fault: Option<String>,
    pub form: NewOrderForm,
}

/// A variant that a search found.
pub struct Found {
    pub variant: catalog::VariantId,
    pub name: String,
    pub sku: String,
    pub price: Money,
}

/// What the form of a new order says about customer, place and payment.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct NewOrderForm {
    pub cart: String,
    /// For whom it is, if that was chosen among the customers.
    pub customer: String,
    pub action: String,
    pub q: String,
    pub variant: String,
    pub quantity: String,
    pub code: String,
    pub name: String,
    pub phone: String,
    pub email: String,
    pub delivery: String,
    /// A zone's id; empty to have it found by the address.
    pub zone: String,
    pub street: String,
    pub quarter: String,
    pub landmark: String,
    pub city: String,
    pub postcode: String,
    pub note: String,
    /// `later` (a pay link), `cash` (taken now) or `cod`.
    pub pay: String,
    /// Names the form that was shown: sent twice without a cart, it is one order.
    pub key: String,
    /// What a gift card that is sold with it is worth; empty for none.
    pub gift_amount: String,
    pub gift_name: String,
    pub gift_email: String,
    pub gift_phone: String,
}

impl NewOrderPage {
    /// How it may be paid, with the words for it, and whether that was chosen. A gift card alone never arrives anywhere.
    fn ways(&self) -> Vec<(&'static str, String, bool)> {
        let ways = [("later", true), ("cash", self.may_take_cash), ("cod", self.total.is_some())];
        let chosen = |way: &str| self.form.pay == way || (way == "later" && self.form.pay.is_empty());
        let offered = ways.into_iter().filter(|(_, offered)| *offered);
        offered.map(|(way, _)| (way, self.frame.t(&format!("orders-pay-{way}")), chosen(way))).collect()
    }

    /// What the customer who was chosen is called.
    fn called(&self) -> &str {
        let ways = [&self.form.name, &self.form.phone, &self.form.email];
        ways.into_iter().find(|way| !way.is_empty()).map_or("", String::as_str)
    }

    fn line_variant(&self, line: &OrderLine) -> String {
        line.variant.map(|variant| variant.to_string()).unwrap_or_default()
    }

    fn is_zone(&self, zone: &Zone) -> bool {
        self.form.zone == zone.id.to_string()
    }

    fn cart_text(&self) -> String {
        self.cart.map(|cart| cart.to_string()).unwrap_or_default()
    }
}

/// Where an order's page is in the back office.
pub(crate) fn order_path(slug: &base::Slug, id: OrderId) -> String {
    format!("/t/{slug}/admin/orders/{id}")
}

/// Where a paper's page is in the back office.
pub(crate) fn document_path(slug: &base::Slug, id: DocumentId) -> String {
    format!("/t/{slug}/admin/documents/{id}")
}
