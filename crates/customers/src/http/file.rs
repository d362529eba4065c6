//! The list as a table for a spreadsheet.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use edge::{App, May, Problem, Query};
use http::header;

use super::{Export, office::ListQuery};
use crate::{Error, book, model::Customer};

/// Customers in a file, at most.
const MOST: usize = 200_000;
const AT_ONCE: u32 = 1000;

/// The customers that the page's filters let through, in its order.
pub async fn csv(
    State(app): State<App>,
    may: May<Export>,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let (filter, currency) = (query.filter(), may.tenant().currency);
    let mut file = csv::Writer::from_writer(Vec::new());
    let heading = [
        "id",
        "name",
        "phone",
        "email",
        "language",
        "orders",
        "spent",
        "owes",
        "owed",
        "currency",
        "lastOrderAt",
    ];
    file.write_record(heading).map_err(Problem::internal)?;
    let (mut after, mut written) = (None::<[String; 2]>, 0);
    loop {
        let (asked, behind) = (filter.clone(), after.clone());
        let work = move |rx: &mut db::Rx<'_>| book::list(rx, &asked, behind.as_ref(), AT_ONCE);
        let found = app.db.read(may.scope(), work).await?;
        after = found.last().map(|last| last.keys.clone());
        written += found.len();
        let last_page = found.len() < AT_ONCE as usize || written >= MOST;
        for listed in found {
            let row = row(&listed.customer, currency)?;
            file.write_record(row.map(|cell| edge::format::cell(&cell))).map_err(Problem::internal)?;
        }
        if last_page {
            break;
        }
    }
    let bytes = file.into_inner().map_err(Problem::internal)?;
    let kind = (header::CONTENT_TYPE, "text/csv; charset=utf-8");
    let name = (header::CONTENT_DISPOSITION, "attachment; filename=\"customers.csv\"");
    Ok(([kind, name], bytes).into_response())
}

fn row(customer: &Customer, currency: base::Currency) -> Result<[String; 11], Error> {
    let contact = &customer.contact;
    let text = |field: Option<String>| field.unwrap_or_default();
    Ok([
        customer.id.to_string(),
        text(contact.name.as_ref().map(ToString::to_string)),
        text(contact.phone.as_ref().map(ToString::to_string)),
        text(contact.email.as_ref().map(ToString::to_string)),
        text(contact.language.map(|language| language.to_string())),
        customer.tally.orders.to_string(),
        customer.spent(currency)?.decimal(),
        customer.owes(currency)?.decimal(),
        customer.owed(currency)?.decimal(),
        currency.to_string(),
        text(customer.last_order_at.map(|at| at.to_string())),
    ])
}
