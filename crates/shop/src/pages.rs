//! Pages of the storefront, one struct each beside its template.

use askama::Template;
use base::Money;
use catalog::{Category, Picture, Place, Product, Summary, Unit, Variant};
use edge::Frame;
use orders::{Document, Offer, OrderLine, ShippingMethod, Whole};
use payments::{MethodRow, Payment, State};

use crate::checkout::{CheckoutForm, Fault};

/// Products: the front page, a category, or what a search found.
#[derive(Template)]
#[template(path = "list.html")]
pub struct ListPage {
    pub frame: Frame,
    pub heading: Option<String>,
    pub search: String,
    pub categories: Vec<Category>,
    pub products: Vec<Summary>,
    pub next: Option<String>,
}

impl ListPage {
    /// The first row is seen at once; what is below it comes when it is looked at.
    fn place(&self, place: &usize) -> Place {
        if *place < 2 { Place::First } else { Place::Later }
    }

    /// What stands where no picture is.
    fn initial(&self, product: &Summary) -> String {
        product.title.as_str().chars().take(1).flat_map(char::to_uppercase).collect()
    }
}

/// One product.
#[derive(Template)]
#[template(path = "product.html")]
pub struct ProductPage {
    pub frame: Frame,
    pub product: Product,
    /// Those that are here, in their order.
    pub pictures: Vec<Picture>,
    /// What can be chosen, in its order.
    pub variants: Vec<Variant>,
    /// Where a question about it goes: `https://wa.me/…`.
    pub ask: Option<String>,
}

impl ProductPage {
    fn place(&self, place: &usize) -> Place {
        if *place == 0 { Place::First } else { Place::Later }
    }

    fn any_available(&self) -> bool {
        self.variants.iter().any(Variant::available)
    }

    fn first_available(&self, variant: &Variant) -> bool {
        self.variants.iter().find(|other| other.available()).is_some_and(|first| first.id == variant.id)
    }

    /// The lowest price, as it is charged.
    fn lowest(&self) -> Option<String> {
        let cheapest = self.variants.iter().min_by_key(|variant| variant.details.price.minor())?;
        Some(self.price(&cheapest.details.price, &cheapest.details.unit))
    }

    fn one(&self) -> bool {
        self.variants.len() == 1
    }

    /// The price as it is charged: by the kilogram, where that is how it is sold.
    fn price(&self, price: &Money, unit: &Unit) -> String {
        let amount = self.frame.money(price);
        if unit.decimals() == 0 {
            amount
        } else {
            self.frame.t2("shop-per-unit", "price", amount, "unit", unit)
        }
    }

    /// The smallest step of the quantity field.
    fn step(&self) -> &'static str {
        let whole = self.variants.iter().all(|variant| variant.details.unit.decimals() == 0);
        if whole { "1" } else { "any" }
    }
}

/// The cart with its prices.
#[derive(Template)]
#[template(path = "cart.html")]
pub struct CartPage {
    pub frame: Frame,
    pub lines: Vec<OrderLine>,
    pub total: Option<Money>,
    /// Why the cart cannot be bought as it is.
    pub trouble: Option<String>,
}

/// The checkout, in one page.
#[derive(Template)]
#[template(path = "checkout.html")]
pub struct CheckoutPage {
    pub frame: Frame,
    pub form: CheckoutForm,
    pub faults: Vec<Fault>,
    pub trouble: Option<String>,
    pub offer: Offer,
    pub methods: Vec<MethodRow>,
    /// Whether addresses of the country have a postcode.
    pub postcode: bool,
}

impl CheckoutPage {
    fn fault(&self, field: &str) -> Option<String> {
        self.faults.iter().find(|fault| fault.field == field).map(|fault| self.frame.t(fault.key))
    }

    fn delivers(&self) -> bool {
        self.form.shipping == "delivery"
    }

    fn pays_by(&self, row: &MethodRow) -> bool {
        self.form.payment == row.method.name()
            || (self.form.payment.is_empty() && self.methods.first() == Some(row))
    }
}

/// An order, for who holds its link.
#[derive(Template)]
#[template(path = "order.html")]
pub struct OrderPage {
    pub frame: Frame,
    pub whole: Whole,
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
}

impl OrderPage {
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
