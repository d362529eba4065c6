//! Back office pages: the list of customers, one customer, and what cannot be undone.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Money, TextError};
use edge::{App, Form, List, May, Page, PageQuery, Path, Problem, Query, flash};
use http::StatusCode;
use serde::Deserialize;

use super::{Forget, Read, Write, form::ContactForm};
use crate::{
    Error, Filter, book, consent,
    dealings::SharedDealings,
    holdings,
    model::{Customer, CustomerId, NoteId, NoteText, Order},
    pages::{CustomerListPage, CustomerNewPage, CustomerPage, ForgetPage, MergePage, Typed, customer_path},
};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ListQuery {
    pub q: String,
    pub owes: String,
    pub sort: String,
    pub campaign: String,
    /// `yes` or `no`.
    pub agreed: String,
    pub field: String,
    pub answer: String,
}

impl ListQuery {
    /// An address typed by hand shows everything rather than an error. Who may not see coupons chooses nobody by them.
    pub fn filter(&self, with_coupons: bool) -> Filter {
        let owes = !self.owes.is_empty();
        let usual = if owes { Order::Owes } else { Order::default() };
        let given = |text: &String| Some(text.clone()).filter(|text| with_coupons && !text.is_empty());
        Filter {
            search: self.q.clone(),
            owes,
            campaign: given(&self.campaign),
            answer: given(&self.field).map(|field| (field, self.answer.trim().to_owned())),
            agreed: match self.agreed.as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            order: Order::parse(&self.sort).unwrap_or(usual),
        }
    }
}

#[derive(Deserialize)]
pub struct CustomerPathOf {
    pub id: CustomerId,
}

pub async fn list(
    State(app): State<App>,
    may: May<Read>,
    Query(query): Query<ListQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Page<CustomerListPage>, Problem> {
    let with_coupons = may.may("coupons.read");
    let (filter, after, limit) = (query.filter(with_coupons), page.after::<2>()?, page.limit());
    let asked = filter.clone();
    let work = move |rx: &mut db::Rx<'_>| {
        let listed = book::list(rx, &asked, after.as_ref(), limit + 1)?;
        let (campaigns, questions) = match holdings::lent(rx).filter(|_| with_coupons) {
            Some(room) => (room.campaigns(rx)?, room.questions(rx)?),
            None => (Vec::new(), Vec::new()),
        };
        Ok::<_, Error>((listed, book::debts(rx)?, campaigns, questions))
    };
    let (listed, debts, campaigns, questions) = app.db.read(may.scope(), work).await?;
    let list = List::of(listed, limit, |last| last.keys.clone());
    let currency = may.tenant().currency;
    Ok(Page(CustomerListPage {
        frame: may.titled("customers-title"),
        filter,
        campaigns,
        questions,
        customers: list.items.into_iter().map(|listed| listed.customer).collect(),
        next: list.next_cursor,
        debtors: debts.orders,
        owes: Money::new(debts.owes, currency).map_err(Problem::internal)?,
        currency,
        today: app.now().day(&may.tenant().zone),
        may_write: may.may("customers.write"),
        may_export: may.may("customers.export"),
        may_import: may.may("customers.import"),
    }))
}

pub async fn new(State(_): State<App>, may: May<Write>) -> Page<CustomerNewPage> {
    Page(CustomerNewPage { frame: may.titled("customers-new"), typed: Typed::default() })
}

pub async fn create(
    State(app): State<App>,
    may: May<Write>,
    Form(form): Form<ContactForm>,
) -> Result<Response, Problem> {
    let written = match form.read(may.tenant().country) {
        Err(faults) => Err(Typed { form, faults, clash: None }),
        Ok(contact) => match app.db.write(may.scope(), move |tx| book::add(tx, &contact)).await {
            Ok(id) => Ok(id),
            Err(Error::Taken { way, by }) => Err(taken(&app, &may, form, &way, by).await?),
            Err(error) => return Err(error.into()),
        },
    };
    match written {
        Ok(id) => Ok(flash(&app, &customer_path(&may.tenant().slug, id), "customers-flash-added")),
        Err(typed) => Ok(Page(CustomerNewPage { frame: may.titled("customers-new"), typed })
            .with_status(StatusCode::UNPROCESSABLE_ENTITY)),
    }
}

/// What was typed, with whom it belongs to already.
async fn taken<P>(
    app: &App,
    may: &May<P>,
    form: ContactForm,
    way: &str,
    by: CustomerId,
) -> Result<Typed, Problem> {
    let clash = app.db.read(may.scope(), move |rx| book::find(rx, by)).await?;
    let field = if way.contains('@') { "email" } else { "phone" };
    Ok(Typed { form, faults: vec![(field, "problem-customer-known")], clash: Some(clash) })
}

pub async fn show(
    State(app): State<App>,
    may: May<Read>,
    Extension(dealings): Extension<SharedDealings>,
    Path(path): Path<CustomerPathOf>,
    Query(page): Query<PageQuery>,
    Query(more): Query<MoreQuery>,
) -> Result<Page<CustomerPage>, Problem> {
    Ok(Page(shown(&app, &may, dealings, path.id, (page, more), None).await?))
}

/// Which of the customer's coupons are shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct MoreQuery {
    /// Those behind this one.
    coupons: String,
}

/// Coupons shown at once.
const COUPONS: u32 = 10;

/// The page of a customer; with what was typed, if it was refused.
async fn shown<P>(
    app: &App,
    may: &May<P>,
    dealings: SharedDealings,
    id: CustomerId,
    (page, more): (PageQuery, MoreQuery),
    typed: Option<Typed>,
) -> Result<CustomerPage, Problem> {
    let foreign =
        |_| Problem::bad_request("cursor-unknown", "This cursor is not one of ours; start again without it.");
    let before = page.after::<1>()?.map(|[number]| number.parse::<i64>()).transpose().map_err(foreign)?;
    let limit = page.limit();
    let (with_orders, with_coupons, language) =
        (may.may("orders.read"), may.may("coupons.read"), may.language());
    let work = move |rx: &mut db::Rx<'_>| {
        let customer = book::find(rx, id)?;
        let ways = book::other_ways(rx, &customer)?;
        let notes = book::notes(rx, id)?;
        let consents = consent::all(rx, id)?;
        let actors = notes.iter().map(|note| note.actor.as_str());
        let actors = actors.chain(consents.iter().filter_map(|known| known.actor.as_deref()));
        let names = people::actors::names(rx, actors)?;
        let before_coupon = Some(more.coupons.as_str()).filter(|last| !last.is_empty());
        let held = match holdings::lent(rx).filter(|_| with_coupons) {
            Some(room) => Some(room.of(rx, id, language, before_coupon, COUPONS + 1)?),
            None => None,
        };
        let (orders, open) = if with_orders {
            (dealings.of(rx, id, before, limit + 1)?, dealings.open(rx, id)?)
        } else {
            (Vec::new(), Vec::new())
        };
        Ok::<_, Error>((customer, ways, (notes, consents, names), orders, open, held))
    };
    let (customer, ways, (notes, consents, names), orders, mut open, mut held) =
        app.db.read(may.scope(), work).await?;
    let next_coupon = held.as_mut().and_then(|held| {
        let more = held.len() > COUPONS as usize;
        held.truncate(COUPONS as usize);
        held.last().filter(|_| more).map(|last| last.id.clone())
    });
    let orders = List::of(orders, limit, |last| [last.number.to_string()]);
    open.retain(|dealing| dealing.due.is_positive() || dealing.owed.is_positive());
    let typed =
        typed.unwrap_or_else(|| Typed { form: ContactForm::of(&customer.contact), ..Typed::default() });
    Ok(CustomerPage {
        frame: may.frame(customer.contact.called()),
        currency: may.tenant().currency,
        today: app.now().day(&may.tenant().zone),
        customer,
        ways,
        notes,
        names,
        orders: orders.items,
        next: orders.next_cursor,
        open,
        held,
        next_coupon,
        consents,
        typed,
        may_write: may.may("customers.write"),
        may_forget: may.may("customers.forget"),
        may_order: may.may("orders.write"),
        may_see_cards: may.may("cards.read"),
        may_give: may.may("cards.manage"),
        may_see_orders: with_orders,
        may_export: may.may("customers.export"),
    })
}

pub async fn change(
    State(app): State<App>,
    may: May<Write>,
    Extension(dealings): Extension<SharedDealings>,
    Path(CustomerPathOf { id }): Path<CustomerPathOf>,
    Form(form): Form<ContactForm>,
) -> Result<Response, Problem> {
    let typed = match form.read(may.tenant().country) {
        Err(faults) => Typed { form, faults, clash: None },
        Ok(contact) => match app.db.write(may.scope(), move |tx| book::change(tx, id, &contact)).await {
            Ok(()) => {
                return Ok(flash(&app, &customer_path(&may.tenant().slug, id), "customers-flash-saved"));
            }
            Err(Error::Taken { way, by }) => taken(&app, &may, form, &way, by).await?,
            Err(error) => return Err(error.into()),
        },
    };
    let page = shown(&app, &may, dealings, id, Default::default(), Some(typed)).await?;
    Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct NoteForm {
    text: String,
}

pub async fn write_note(
    State(app): State<App>,
    may: May<Write>,
    Path(CustomerPathOf { id }): Path<CustomerPathOf>,
    Form(form): Form<NoteForm>,
) -> Result<Response, Problem> {
    let malformed =
        |error: TextError| Problem::unprocessable("input-malformed", &error).field("text", &error);
    let text: NoteText = form.text.parse().map_err(malformed)?;
    if text.as_str().is_empty() {
        return Err(malformed(TextError::Empty));
    }
    app.db.write(may.scope(), move |tx| book::write_note(tx, id, &text)).await?;
    Ok(flash(&app, &notes_path(&may, id), "customers-flash-noted"))
}

#[derive(Deserialize)]
pub struct NotePath {
    id: CustomerId,
    note: NoteId,
}

pub async fn remove_note(
    State(app): State<App>,
    may: May<Write>,
    Path(NotePath { id, note }): Path<NotePath>,
) -> Result<Response, Problem> {
    app.db.write(may.scope(), move |tx| book::remove_note(tx, id, note)).await?;
    Ok(flash(&app, &notes_path(&may, id), "customers-flash-note-removed"))
}

fn notes_path<P>(may: &May<P>, id: CustomerId) -> String {
    format!("{}#notes", customer_path(&may.tenant().slug, id))
}

#[derive(Deserialize)]
pub struct MergeQuery {
    /// The customer who is the same person.
    with: Option<CustomerId>,
    #[serde(default)]
    q: String,
}

/// Candidates shown.
const SHOWN: u32 = 8;

/// Both sides by side, before they become one; without the other, a search for it.
pub async fn merge_page(
    State(app): State<App>,
    may: May<Write>,
    Path(CustomerPathOf { id }): Path<CustomerPathOf>,
    Query(query): Query<MergeQuery>,
) -> Result<Page<MergePage>, Problem> {
    let (with, q) = (query.with, query.q.clone());
    let work = move |rx: &mut db::Rx<'_>| {
        let kept = book::find(rx, id)?;
        let other = with.filter(|with| *with != id).map(|with| book::find(rx, with)).transpose()?;
        let filter = Filter { search: q.clone(), ..Filter::default() };
        let found = if q.trim().is_empty() { Vec::new() } else { book::list(rx, &filter, None, SHOWN + 1)? };
        let mut found: Vec<Customer> = found.into_iter().map(|listed| listed.customer).collect();
        found.retain(|customer| customer.id != id);
        Ok::<_, Error>((kept, other, found))
    };
    let (kept, other, found) = app.db.read(may.scope(), work).await?;
    let (frame, currency) = (may.titled("customers-merge"), may.tenant().currency);
    Ok(Page(MergePage { frame, currency, kept, other, q: query.q, found }))
}

#[derive(Deserialize)]
pub struct MergeForm {
    with: CustomerId,
}

pub async fn merge(
    State(app): State<App>,
    may: May<Write>,
    Extension(dealings): Extension<SharedDealings>,
    Path(CustomerPathOf { id }): Path<CustomerPathOf>,
    Form(form): Form<MergeForm>,
) -> Result<Response, Problem> {
    let work = move |tx: &mut db::Tx<'_>| book::merge(tx, dealings.as_ref(), form.with, id);
    app.db.write(may.scope(), work).await?;
    Ok(flash(&app, &customer_path(&may.tenant().slug, id), "customers-flash-merged"))
}

/// Asks once more, and says what is kept.
pub async fn forget_page(
    State(app): State<App>,
    may: May<Forget>,
    Extension(dealings): Extension<SharedDealings>,
    Path(CustomerPathOf { id }): Path<CustomerPathOf>,
) -> Result<Page<ForgetPage>, Problem> {
    let work = move |rx: &mut db::Rx<'_>| Ok::<_, Error>((book::find(rx, id)?, dealings.open(rx, id)?));
    let (customer, open) = app.db.read(may.scope(), work).await?;
    Ok(Page(ForgetPage { frame: may.titled("customers-forget"), customer, open }))
}

pub async fn forget(
    State(app): State<App>,
    may: May<Forget>,
    Extension(dealings): Extension<SharedDealings>,
    Path(CustomerPathOf { id }): Path<CustomerPathOf>,
) -> Result<Response, Problem> {
    app.db.write(may.scope(), move |tx| book::forget(tx, dealings.as_ref(), id)).await?;
    let list = format!("/t/{}/admin/customers", may.tenant().slug);
    Ok(flash(&app, &list, "customers-flash-forgotten").into_response())
}
