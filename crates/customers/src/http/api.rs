//! Customers for applications.

use axum::{extract::State, response::Response};
use base::{Currency, Email, Language, Line, Money, MoneyError, Phone, Timestamp};
use edge::{
    App, Json, List, May, PageQuery, Path, Problem, Query, Reply, RequestKey, fingerprint, idempotent, schema,
};
use serde::{Deserialize, Serialize};

use super::{Read, Write, office::CustomerPathOf};
use crate::{
    Error, Filter, book,
    model::{Contact, Customer, CustomerId, Order},
};

/// Who buys, with what was dealt with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KnownCustomer)]
pub struct CustomerView {
    #[schema(value_type = String)]
    id: CustomerId,
    // said again rather than flattened: a shape that takes no other fields cannot be part of another
    #[schema(value_type = Option<String>, required = true)]
    name: Option<Line<120>>,
    /// In E.164, such as +224620000000.
    #[schema(value_type = Option<String>, required = true)]
    phone: Option<Phone>,
    #[schema(value_type = Option<String>, required = true)]
    email: Option<Email>,
    /// In which the customer is written to.
    #[schema(value_type = Option<String>, required = true)]
    language: Option<Language>,
    /// Sales that were not undone.
    orders: i64,
    /// Paid for what was sold, less what was given back.
    #[schema(value_type = schema::Money)]
    spent: Money,
    /// Still to be paid for what was sold.
    #[schema(value_type = schema::Money)]
    owes: Money,
    /// What the business must give back.
    #[schema(value_type = schema::Money)]
    owed: Money,
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    last_order_at: Option<Timestamp>,
    /// Whether the customer agreed when last asked; null who never was.
    #[schema(required = true)]
    agreed: Option<bool>,
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    agreed_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl CustomerView {
    pub fn of(customer: Customer, currency: Currency) -> Result<Self, MoneyError> {
        Ok(Self {
            id: customer.id,
            orders: customer.tally.orders,
            spent: customer.spent(currency)?,
            owes: customer.owes(currency)?,
            owed: customer.owed(currency)?,
            last_order_at: customer.last_order_at,
            agreed: customer.agreed,
            agreed_at: customer.agreed_at,
            created_at: customer.created_at,
            updated_at: customer.updated_at,
            name: customer.contact.name,
            phone: customer.contact.phone,
            email: customer.contact.email,
            language: customer.contact.language,
        })
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Beginnings of words of a name, a phone number or an e-mail.
    #[serde(default)]
    q: String,
    /// Only customers who owe something.
    #[serde(default)]
    owes: bool,
    /// Only customers with a coupon of this campaign, by its id.
    #[serde(default)]
    campaign: Option<String>,
    /// Only customers who agreed when last asked, or who did not: also who never was asked.
    #[serde(default)]
    agreed: Option<bool>,
    /// Only customers who answered the question with this name of a campaign's form.
    #[serde(default)]
    field: Option<String>,
    /// How the answer to `field` begins, whatever its accents and case.
    #[serde(default)]
    answer: Option<String>,
    /// By who ordered last, if nothing is said.
    #[serde(default)]
    sort: Order,
}

impl ListQuery {
    /// A filter that is not understood or not permitted is refused: more customers than were asked for would be taken for those.
    fn filter(self, with_coupons: bool) -> Result<Filter, Problem> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (campaign, field, answer) = (given(self.campaign), given(self.field), given(self.answer));
        if (campaign.is_some() || field.is_some()) && !with_coupons {
            let detail = "This key may not see coupons: leave out campaign and field.";
            return Err(Problem::forbidden("not-permitted", detail));
        }
        if answer.is_some() && field.is_none() {
            let detail = "Say in field which question is answered so.";
            return Err(Problem::unprocessable("input-malformed", detail).field("field", "name the question"));
        }
        let answer = field.map(|field| (field, answer.unwrap_or_default()));
        Ok(Filter {
            search: self.q,
            owes: self.owes,
            campaign,
            answer,
            agreed: self.agreed,
            order: self.sort,
        })
    }
}

/// Customers.
#[utoipa::path(get, path = "/t/{slug}/api/v1/customers", params(("slug" = String, Path), ListQuery, PageQuery),
    responses((status = 200, description = "A page of customers.", body = List<CustomerView>)))]
pub async fn list(
    State(app): State<App>,
    may: May<Read>,
    Query(query): Query<ListQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<CustomerView>>, Problem> {
    let filter = query.filter(may.may("coupons.read"))?;
    let (after, limit, currency) = (page.after::<2>()?, page.limit(), may.tenant().currency);
    let work = move |rx: &mut db::Rx<'_>| book::list(rx, &filter, after.as_ref(), limit + 1);
    let found = List::of(app.db.read(may.scope(), work).await?, limit, |last| last.keys.clone());
    let views = found.items.into_iter().map(|listed| CustomerView::of(listed.customer, currency));
    let items = views.collect::<Result<_, _>>().map_err(Error::from)?;
    Ok(Json(List { items, next_cursor: found.next_cursor }))
}

/// A customer.
#[utoipa::path(get, path = "/t/{slug}/api/v1/customers/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    responses((status = 200, description = "The customer.", body = CustomerView)))]
pub async fn read(
    State(app): State<App>,
    may: May<Read>,
    Path(CustomerPathOf { id }): Path<CustomerPathOf>,
) -> Result<Json<CustomerView>, Problem> {
    one(&app, &may, id).await.map(Json)
}

pub async fn one<P>(app: &App, may: &May<P>, id: CustomerId) -> Result<CustomerView, Problem> {
    let currency = may.tenant().currency;
    let work = move |rx: &mut db::Rx<'_>| Ok::<_, Error>(CustomerView::of(book::find(rx, id)?, currency)?);
    Ok(app.db.read(may.scope(), work).await?)
}

/// Writes a customer down. One phone number or e-mail is one customer: another's is refused, and `errors` names whose it is.
/// Takes `Idempotency-Key`.
#[utoipa::path(post, path = "/t/{slug}/api/v1/customers", params(("slug" = String, Path)), request_body = Contact,
    responses((status = 201, description = "The customer.", body = CustomerView),
        (status = 409, description = "The phone number or e-mail is another customer's.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn create(
    State(app): State<App>,
    may: May<Write>,
    key: RequestKey,
    Json(contact): Json<Contact>,
) -> Result<Response, Problem> {
    let print = fingerprint(&contact);
    let (currency, prefix) = (may.tenant().currency, format!("/t/{}/api/v1/customers", may.tenant().slug));
    let work = move |tx: &mut db::Tx<'_>| {
        let id = book::add(tx, &contact)?;
        let view = CustomerView::of(book::find(tx, id)?, currency).map_err(Error::from)?;
        Reply::created(format!("{prefix}/{id}"), &view)
    };
    idempotent::<Problem>(&app, &may, may.scope(), &key, print, work).await
}

/// Says who a customer is and how they are reached; what is left out is not known.
#[utoipa::path(put, path = "/t/{slug}/api/v1/customers/{id}", params(("slug" = String, Path), ("id" = String, Path)),
    request_body = Contact, responses((status = 200, description = "The customer.", body = CustomerView),
        (status = 409, description = "The phone number or e-mail is another customer's.", body = edge::ProblemBody, content_type = "application/problem+json")))]
pub async fn change(
    State(app): State<App>,
    may: May<Write>,
    Path(CustomerPathOf { id }): Path<CustomerPathOf>,
    Json(contact): Json<Contact>,
) -> Result<Json<CustomerView>, Problem> {
    let currency = may.tenant().currency;
    let work = move |tx: &mut db::Tx<'_>| {
        book::change(tx, id, &contact)?;
        Ok::<_, Error>(CustomerView::of(book::find(tx, id)?, currency)?)
    };
    Ok(Json(app.db.write(may.scope(), work).await?))
}
