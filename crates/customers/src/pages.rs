//! Pages about customers, beside their templates. A template prints and loops; what it says is decided here.

use askama::Template;
use base::{Currency, Day, Language, Money};
use edge::Frame;

use crate::{
    Filter,
    dealings::Dealing,
    http::{ContactForm, Fault},
    model::{Customer, CustomerId, Note, Order},
};

#[derive(Template)]
#[template(path = "customer_list.html")]
pub struct CustomerListPage {
    pub frame: Frame,
    pub filter: Filter,
    pub customers: Vec<Customer>,
    pub next: Option<String>,
    /// How many owe, and what they owe together.
    pub debtors: i64,
    pub owes: Money,
    pub currency: Currency,
    /// By the tenant's clock.
    pub today: Day,
    pub may_write: bool,
    pub may_export: bool,
}

impl CustomerListPage {
    fn sorts(&self) -> [(&'static str, String, bool); 3] {
        Order::ALL.map(|order| {
            let words = self.frame.t(&format!("customers-sort-{}", order.name()));
            (order.name(), words, order == self.filter.order)
        })
    }

    fn is_filtered(&self) -> bool {
        self.filter.owes || !self.filter.search.is_empty()
    }

    /// What was asked for, as an address asks it.
    fn asked(&self) -> String {
        let owes = if self.filter.owes { "1" } else { "" };
        format!("q={}&owes={owes}&sort={}", escaped(&self.filter.search), self.filter.order.name())
    }

    fn phone(&self, customer: &Customer) -> String {
        phone(customer)
    }

    fn orders(&self, customer: &Customer) -> String {
        self.frame.count(customer.tally.orders)
    }

    fn spent(&self, customer: &Customer) -> String {
        money(&self.frame, customer.spent(self.currency))
    }

    fn debt(&self, customer: &Customer) -> String {
        money(&self.frame, customer.owes(self.currency))
    }
}

fn phone(customer: &Customer) -> String {
    customer.contact.phone.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn money(frame: &Frame, amount: Result<Money, base::MoneyError>) -> String {
    amount.map(|amount| frame.money(&amount)).unwrap_or_default()
}

fn escaped(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The form of a contact as it was typed, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Typed {
    pub form: ContactForm,
    pub faults: Vec<Fault>,
    /// Whose number or address was typed.
    pub clash: Option<Customer>,
}

impl Typed {
    /// What is wrong in a field; empty if nothing is.
    fn fault(&self, frame: &Frame, field: &str) -> String {
        let fault = self.faults.iter().find(|(faulty, _)| *faulty == field);
        fault.map(|(_, key)| frame.t(key)).unwrap_or_default()
    }

    fn languages(&self) -> Vec<(&'static str, &'static str, bool)> {
        let chosen = |language: &Language| self.form.language == language.code();
        Language::ALL.iter().map(|known| (known.code(), known.endonym(), chosen(known))).collect()
    }

    fn clashing(&self) -> String {
        self.clash.as_ref().map(|customer| customer.contact.called()).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "customer_new.html")]
pub struct CustomerNewPage {
    pub frame: Frame,
    pub typed: Typed,
}

impl CustomerNewPage {
    /// A clash is shown, not made one: here there is nobody yet.
    fn merges(&self, _: &Customer) -> Option<CustomerId> {
        None
    }
}

#[derive(Template)]
#[template(path = "customer.html")]
pub struct CustomerPage {
    pub frame: Frame,
    pub currency: Currency,
    pub today: Day,
    pub customer: Customer,
    /// Other numbers and addresses that lead here.
    pub ways: Vec<String>,
    pub notes: Vec<Note>,
    pub names: people::actors::Names,
    pub orders: Vec<Dealing>,
    pub next: Option<String>,
    /// Orders with money to come or to go back.
    pub open: Vec<Dealing>,
    pub typed: Typed,
    pub may_write: bool,
    pub may_forget: bool,
    pub may_order: bool,
    pub may_see_cards: bool,
    /// Whether who looks gives store credit.
    pub may_give: bool,
    pub may_see_orders: bool,
}

impl CustomerPage {
    fn phone(&self) -> String {
        phone(&self.customer)
    }

    /// The number as a chat's address wants it.
    fn dialled(&self) -> String {
        self.customer.contact.phone.as_ref().map(|phone| phone.digits().to_owned()).unwrap_or_default()
    }

    fn email(&self) -> String {
        self.customer.contact.email.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    fn language(&self) -> String {
        self.customer.contact.language.map(|language| language.endonym().to_owned()).unwrap_or_default()
    }

    fn spent(&self) -> String {
        money(&self.frame, self.customer.spent(self.currency))
    }

    fn owes(&self) -> String {
        money(&self.frame, self.customer.owes(self.currency))
    }

    fn owed(&self) -> String {
        money(&self.frame, self.customer.owed(self.currency))
    }

    fn orders(&self, customer: &Customer) -> String {
        self.frame.count(customer.tally.orders)
    }

    fn who(&self, note: &Note) -> String {
        self.names.of(&self.frame, &note.actor)
    }

    fn merges(&self, _: &Customer) -> Option<CustomerId> {
        Some(self.customer.id)
    }
}

/// Two customers who may be one person.
#[derive(Template)]
#[template(path = "customer_merge.html")]
pub struct MergePage {
    pub frame: Frame,
    pub currency: Currency,
    pub kept: Customer,
    pub other: Option<Customer>,
    pub q: String,
    pub found: Vec<Customer>,
}

impl MergePage {
    fn both<'c>(&'c self, other: &'c Customer) -> [&'c Customer; 2] {
        [&self.kept, other]
    }

    fn orders(&self, customer: &Customer) -> String {
        self.frame.count(customer.tally.orders)
    }

    fn phone(&self, customer: &Customer) -> String {
        phone(customer)
    }

    fn email(&self, customer: &Customer) -> String {
        customer.contact.email.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    fn owes(&self, customer: &Customer) -> String {
        money(&self.frame, customer.owes(self.currency))
    }
}

/// Asks once more before a customer is forgotten.
#[derive(Template)]
#[template(path = "customer_forget.html")]
pub struct ForgetPage {
    pub frame: Frame,
    pub customer: Customer,
    /// Orders that must end first.
    pub open: Vec<Dealing>,
}

/// Where a customer's page is in the back office.
pub(crate) fn customer_path(slug: &base::Slug, id: CustomerId) -> String {
    format!("/t/{slug}/admin/customers/{id}")
}
