//! The list as a table for a spreadsheet.

use std::collections::BTreeMap;

use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Currency, Timestamp};
use db::Rx;
use edge::{App, May, Problem, Query, attachment, format::cell};
use futures_util::stream;

use super::{Export, office::ListQuery};
use crate::{
    Error, Filter, book,
    holdings::{self, Kept},
    model::Customer,
};

/// Customers that are read at once.
const AT_ONCE: u32 = 200;

/// What stands about everybody, in the words of the API.
const OWN: [&str; 13] = [
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
    "consent",
    "consentAt",
];
/// What the room of the coupons tells, before one column for each question.
const OF_COUPONS: [&str; 4] = ["campaigns", "totalCoupons", "firstCouponAt", "lastCouponAt"];

/// A question: its name, and the heading of its column.
type Question = (String, String);

/// The customers that the page's filters let through, in its order. Sent in pieces, each read by itself.
pub async fn csv(
    State(app): State<App>,
    may: May<Export>,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    enum At {
        Heading,
        Behind(Option<[String; 2]>),
        End,
    }
    let with_coupons = may.may("coupons.read");
    let (filter, currency) = (query.filter(with_coupons), may.tenant().currency);
    let scope = may.scope();
    let questions = app.db.read(may.scope(), move |rx| questions(rx, with_coupons)).await?;
    let pieces = stream::try_unfold(At::Heading, move |at| {
        let (app, scope) = (app.clone(), scope.clone());
        let (filter, questions) = (filter.clone(), questions.clone());
        async move {
            let after = match at {
                At::Heading => {
                    let heading = lines([heading(questions.as_deref())])?;
                    return Ok::<_, std::io::Error>(Some((heading, At::Behind(None))));
                }
                At::Behind(after) => after,
                At::End => return Ok(None),
            };
            let look =
                move |rx: &mut Rx<'_>| piece(rx, &filter, after.as_ref(), questions.as_deref(), currency);
            let (rows, last) = app.db.read(scope, look).await.map_err(std::io::Error::other)?;
            let next = if rows.len() < AT_ONCE as usize { At::End } else { At::Behind(last) };
            Ok(Some((lines(rows)?, next)))
        }
    });
    let headers = attachment("customers.csv", "text/csv; charset=utf-8");
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// The questions with the headings of their columns; none where coupons are not shown.
fn questions(rx: &mut Rx, with_coupons: bool) -> Result<Option<Vec<Question>>, Error> {
    let Some(room) = holdings::lent(rx).filter(|_| with_coupons) else { return Ok(None) };
    let questions = room.questions(rx)?;
    let known = |label: &String| OWN.contains(&label.as_str()) || OF_COUPONS.contains(&label.as_str());
    let told = questions.iter().map(|(key, label)| {
        let alone = questions.iter().filter(|(_, other)| other == label).count() == 1 && !known(label);
        (key.clone(), if alone { label.clone() } else { format!("{label} ({key})") })
    });
    Ok(Some(told.collect()))
}

fn heading(questions: Option<&[Question]>) -> Vec<String> {
    let own = OWN.iter().map(ToString::to_string);
    let Some(questions) = questions else { return own.collect() };
    let coupons = OF_COUPONS.iter().map(ToString::to_string);
    own.chain(coupons).chain(questions.iter().map(|(_, heading)| cell(heading))).collect()
}

type Rows = (Vec<Vec<String>>, Option<[String; 2]>);

fn piece(
    rx: &mut Rx,
    filter: &Filter,
    after: Option<&[String; 2]>,
    questions: Option<&[Question]>,
    currency: Currency,
) -> Result<Rows, Error> {
    let listed = book::list(rx, filter, after, AT_ONCE)?;
    let last = listed.last().map(|last| last.keys.clone());
    let ids: Vec<_> = listed.iter().map(|listed| listed.customer.id).collect();
    let kept = match holdings::lent(rx).filter(|_| questions.is_some()) {
        Some(room) => room.kept(rx, &ids)?,
        None => BTreeMap::new(),
    };
    let row = |customer: &Customer| {
        let mut cells = about(customer, currency)?.to_vec();
        if let Some(questions) = questions {
            let nothing = Kept::default();
            let kept = kept.get(&customer.id).unwrap_or(&nothing);
            cells.extend(of_coupons(kept));
            let answer = |(key, _): &Question| kept.answers.get(key).cloned().unwrap_or_default();
            cells.extend(questions.iter().map(answer));
        }
        Ok(cells.iter().map(|text| cell(text)).collect())
    };
    let rows = listed.iter().map(|listed| row(&listed.customer)).collect::<Result<_, Error>>()?;
    Ok((rows, last))
}

fn lines(rows: impl IntoIterator<Item = Vec<String>>) -> std::io::Result<Bytes> {
    let mut file = csv::Writer::from_writer(Vec::new());
    for row in rows {
        file.write_record(row)?;
    }
    Ok(file.into_inner().map_err(|error| error.into_error())?.into())
}

fn moment(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

fn about(customer: &Customer, currency: Currency) -> Result<[String; OWN.len()], Error> {
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
        moment(customer.last_order_at),
        text(customer.agreed.map(|agreed| if agreed { "yes" } else { "no" }.to_owned())),
        moment(customer.agreed_at),
    ])
}

fn of_coupons(kept: &Kept) -> [String; OF_COUPONS.len()] {
    [kept.campaigns.join("; "), kept.coupons.to_string(), moment(kept.first_at), moment(kept.last_at)]
}
