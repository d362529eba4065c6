//! Search over everything, each part under its own permission and where that one reaches.

use catalog::Summary;
use customers::Customer;
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

/// Looks for `typed` in all that may be seen.
pub async fn look<P>(app: &App, may: &May<P>, typed: &str) -> Result<Found, Problem> {
    let mut found = Found::default();
    if typed.trim().is_empty() {
        return Ok(found);
    }
    if let Some(scope) = may.scope_for("orders.read") {
        (found.order, found.orders) = within(app, scope, typed, of_orders).await?;
    }
    if let Some(scope) = may.scope_for("customers.read") {
        found.customers = within(app, scope, typed, of_customers).await?;
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

/// The order that is called so, and others that fit.
fn of_orders(rx: &mut Rx, typed: &str) -> Result<(Option<Listed>, Vec<Listed>), Error> {
    let filter = Filter { search: typed.to_owned(), ..Filter::default() };
    let mut orders = orders::list(rx, &filter, None, SHOWN as u32 + 1)?;
    let number: Option<i64> = typed.trim().trim_start_matches('#').parse().ok();
    let exact = number.and_then(|number| orders.iter().position(|listed| listed.order.number == number));
    let exact = exact.map(|place| orders.remove(place));
    orders.truncate(SHOWN);
    Ok((exact, orders))
}

fn of_customers(rx: &mut Rx, typed: &str) -> Result<Vec<Customer>, Error> {
    let filter = customers::Filter { search: typed.to_owned(), ..customers::Filter::default() };
    let found = customers::list(rx, &filter, None, SHOWN as u32)?;
    Ok(found.into_iter().map(|listed| listed.customer).collect())
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
