//! Search over everything, each part under its own permission and where that one reaches.

use std::collections::HashSet;

use catalog::Summary;
use db::{Rx, Scope};
use edge::{App, May, Problem};
use orders::{Document, Filter, Listed};
use payments::Payment;
use people::{Member, MemberState};

use crate::Error;

/// Hits shown of each kind.
pub const SHOWN: usize = 5;

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// What is called exactly so: it stands above all else.
    pub order: Option<Listed>,
    pub orders: Vec<Listed>,
    pub customers: Vec<Customer>,
    pub products: Vec<Summary>,
    pub documents: Vec<Document>,
    pub payments: Vec<Payment>,
    pub staff: Vec<Member>,
}

/// Who ordered under a name and number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    pub name: Option<String>,
    pub phone: Option<String>,
}

impl Customer {
    /// By what the orders of this customer are found again.
    pub fn sought(&self) -> &str {
        self.phone.as_deref().or(self.name.as_deref()).unwrap_or_default()
    }
}

/// Looks for `typed` in all that may be seen.
pub async fn look<P>(app: &App, may: &May<P>, typed: &str) -> Result<Found, Problem> {
    let mut found = Found::default();
    if typed.trim().is_empty() {
        return Ok(found);
    }
    if let Some(scope) = may.scope_for("orders.read") {
        (found.order, found.orders, found.customers) = within(app, scope, typed, of_orders).await?;
    }
    if let Some(scope) = may.scope_for("catalog.read") {
        found.products = within(app, scope, typed, products).await?;
    }
    if let Some(scope) = may.scope_for("documents.read") {
        found.documents = within(app, scope, typed, documents).await?;
    }
    if let Some(scope) = may.scope_for("payments.read") {
        found.payments = within(app, scope, typed, paid).await?;
    }
    if let Some(scope) = may.scope_for("members.read") {
        found.staff = within(app, scope, typed, staff).await?;
    }
    Ok(found)
}

async fn within<T: Send + 'static>(
    app: &App,
    scope: Scope,
    typed: &str,
    look: fn(&mut Rx, &str) -> Result<T, Error>,
) -> Result<T, Problem> {
    let typed = typed.to_owned();
    Ok(app.db.read(scope, move |rx| look(rx, &typed)).await?)
}

type OfOrders = (Option<Listed>, Vec<Listed>, Vec<Customer>);

/// Orders, and the people in them: those of the newest orders that fit.
fn of_orders(rx: &mut Rx, typed: &str) -> Result<OfOrders, Error> {
    /// Among so many orders a customer with few of them still shows.
    const LOOKED_AT: u32 = 60;
    let filter = Filter { search: typed.to_owned(), ..Filter::default() };
    let mut orders = orders::list(rx, &filter, None, LOOKED_AT)?;
    let number: Option<i64> = typed.trim().trim_start_matches('#').parse().ok();
    let exact = number.and_then(|number| orders.iter().position(|listed| listed.order.number == number));
    let exact = exact.map(|place| orders.remove(place));
    let words = orders::model::contact::sought_words(typed);
    let mut known = HashSet::new();
    let mut customers = Vec::new();
    for listed in &orders {
        let customer = Customer { name: listed.customer.clone(), phone: listed.phone.clone() };
        let key = customer.phone.clone().or(customer.name.clone());
        // an order that was found by its address says nothing of who is sought
        if is_called(&customer, &words) && key.is_some_and(|key| known.insert(key)) {
            customers.push(customer);
        }
    }
    orders.truncate(SHOWN);
    customers.truncate(SHOWN);
    Ok((exact, orders, customers))
}

/// Whether each word begins one of the customer's name, or stands in the phone number.
fn is_called(customer: &Customer, words: &[String]) -> bool {
    let name = base::words(customer.name.as_deref().unwrap_or_default());
    let phone = customer.phone.as_deref().unwrap_or_default();
    !words.is_empty()
        && words.iter().all(|word| {
            name.iter().any(|own| own.starts_with(word.as_str())) || phone.contains(word.as_str())
        })
}

fn products(rx: &mut Rx, typed: &str) -> Result<Vec<Summary>, Error> {
    let filter = catalog::Filter { search: typed.to_owned(), ..catalog::Filter::default() };
    if base::words(typed).is_empty() {
        return Ok(Vec::new());
    }
    Ok(catalog::list(rx, &filter, None, SHOWN as u32)?)
}

fn documents(rx: &mut Rx, typed: &str) -> Result<Vec<Document>, Error> {
    let mut found = orders::documents_named(rx, typed)?;
    found.truncate(SHOWN);
    Ok(found)
}

fn paid(rx: &mut Rx, typed: &str) -> Result<Vec<Payment>, Error> {
    Ok(payments::with_reference(rx, typed, SHOWN as i64)?)
}

fn staff(rx: &mut Rx, typed: &str) -> Result<Vec<Member>, Error> {
    /// More people than these nobody employs who searches here.
    const TEAM: u32 = 500;
    let words = base::words(typed);
    let mut found = people::members::list(rx, None, TEAM)?;
    found.retain(|member| {
        let name = base::words(member.name.as_str());
        let fits = words.iter().all(|word| name.iter().any(|own| own.starts_with(word.as_str())));
        fits && !words.is_empty() && member.state != MemberState::Removed
    });
    found.truncate(SHOWN);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_is_called_by_beginnings_of_the_name_or_by_the_number() {
        let awa =
            Customer { name: Some("Aïssatou Barry".to_owned()), phone: Some("+224620000000".to_owned()) };
        let called = |words: &[&str]| {
            is_called(&awa, &words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
        };
        assert!(called(&["bar", "aissa"]) && called(&["620000"]));
        assert!(!called(&["ratoma"]) && !called(&["aissa", "diallo"]) && !called(&[]));
    }
}
