//! The ledger, as people and applications read it.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Day, Money, Timestamp};
use edge::{App, Json, List, May, Page, PageQuery, Problem, Query, Routes, Site};
use http::{Method, header};
use serde::{Deserialize, Serialize};
use spine::ledger::{self, Account, Balance, Book, EntryId, Filter, Recorded};
use utoipa::{IntoParams, ToSchema};

use crate::pages::LedgerPage;

edge::permission!(
    /// Read the ledger.
    pub ReadLedger = "ledger.read"
);
/// Entries in a CSV file, at most: a busy year of a small business.
const CSV_LIMIT: u32 = 100_000;
const CSV_PAGE: u32 = 1000;

pub fn routes() -> Routes {
    Routes::new()
        .api(__path_list_entries, list_entries)
        .api(__path_list_balances, list_balances)
        .page(Site::Office, "/t/{slug}/admin/ledger", Method::GET, ledger_page)
        .page(Site::Office, "/t/{slug}/admin/ledger.csv", Method::GET, ledger_csv)
        .nav(edge::Section::Books, "ledger-nav", "/ledger", "ledger.read")
}

/// One side of an entry. Positive amounts are debits, negative ones credits.
#[derive(Debug, Serialize, ToSchema)]
pub struct PostingView {
    /// Such as `sales`, `receivable:cod`, `sales-tax:FR20`.
    account: String,
    #[schema(value_type = edge::schema::Money)]
    amount: Money,
}

/// A balanced record in the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryView {
    #[schema(value_type = String)]
    id: EntryId,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    kind: String,
    /// The id of what caused it.
    cause: String,
    memo: String,
    actor: String,
    postings: Vec<PostingView>,
}

impl From<Recorded> for EntryView {
    fn from(entry: Recorded) -> Self {
        let posting = |posting: ledger::Posting| PostingView {
            account: posting.account.to_string(),
            amount: posting.amount,
        };
        Self {
            id: entry.id,
            at: entry.at,
            kind: entry.kind,
            cause: entry.cause,
            memo: entry.memo,
            actor: entry.actor,
            postings: entry.postings.into_iter().map(posting).collect(),
        }
    }
}

/// Which entries.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EntryQuery {
    /// `live` (default) or `test`: test orders stay out of the books.
    #[param(value_type = Option<String>)]
    book: Option<String>,
    account: Option<String>,
    cause: Option<String>,
    /// From the beginning of this day, by the business's clock.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Day>,
    /// To the end of this day.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Day>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    cursor: Option<String>,
}

impl EntryQuery {
    fn page(&self) -> PageQuery {
        PageQuery { limit: self.limit, cursor: self.cursor.clone() }
    }

    fn filter(&self, zone: &base::Zone) -> Result<Filter, Problem> {
        let account =
            self.account.as_deref().filter(|text| !text.is_empty()).map(str::parse::<Account>).transpose();
        Ok(Filter {
            book: book(self.book.as_deref())?,
            account: account
                .map_err(|_| Problem::unprocessable("account-unknown", "There is no such account."))?,
            cause: self.cause.clone().filter(|text| !text.is_empty()),
            from: self.from.and_then(|day| day.start(zone)),
            to: self.to.and_then(|day| day.start(zone)).map(|start| start.plus_s(24 * 3600)),
        })
    }
}

fn book(named: Option<&str>) -> Result<Book, Problem> {
    match named {
        None | Some("" | "live") => Ok(Book::Live),
        Some("test") => Ok(Book::Test),
        Some(_) => Err(Problem::unprocessable("book-unknown", "The books are live and test.")),
    }
}

fn after(page: &PageQuery) -> Result<Option<EntryId>, Problem> {
    page.after()?.map(|[id]| id.parse().map_err(|_| foreign_cursor())).transpose()
}

pub(crate) fn foreign_cursor() -> Problem {
    Problem::bad_request("cursor-unknown", "This cursor is not one of ours; start again without it.")
}

/// The ledger's entries, the newest first.
#[utoipa::path(
    get, path = "/t/{slug}/api/v1/ledger/entries", tag = "ledger", params(("slug" = String, Path), EntryQuery),
    responses((status = 200, body = inline(List<EntryView>)))
)]
async fn list_entries(
    State(app): State<App>,
    may: May<ReadLedger>,
    Query(query): Query<EntryQuery>,
) -> Result<Json<List<EntryView>>, Problem> {
    let (page, filter) = (query.page(), query.filter(&may.tenant().zone)?);
    let (from, limit) = (after(&page)?, page.limit());
    let found = app.db.read(may.scope(), move |rx| ledger::entries(rx, &filter, from, limit + 1)).await;
    let found = found.map_err(Problem::internal)?;
    let list = List::of(found, limit, |last| [last.id.to_string()]);
    Ok(Json(list.map(EntryView::from)))
}

/// What an account holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct BalanceView {
    account: String,
    #[schema(value_type = edge::schema::Money)]
    amount: Money,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BookQuery {
    /// `live` (default) or `test`.
    book: Option<String>,
}

/// What each account holds now; all of them add up to zero.
#[utoipa::path(
    get, path = "/t/{slug}/api/v1/ledger/balances", tag = "ledger", params(("slug" = String, Path), BookQuery),
    responses((status = 200, body = inline(List<BalanceView>)))
)]
async fn list_balances(
    State(app): State<App>,
    may: May<ReadLedger>,
    Query(query): Query<BookQuery>,
) -> Result<Json<List<BalanceView>>, Problem> {
    let book = book(query.book.as_deref())?;
    let found =
        app.db.read(may.scope(), move |rx| ledger::balances(rx, book)).await.map_err(Problem::internal)?;
    let view =
        |balance: Balance| BalanceView { account: balance.account.to_string(), amount: balance.amount };
    Ok(Json(List { items: found.into_iter().map(view).collect(), next_cursor: None }))
}

async fn ledger_page(
    State(app): State<App>,
    may: May<ReadLedger>,
    Query(query): Query<EntryQuery>,
) -> Result<Page<LedgerPage>, Problem> {
    let (page, filter) = (query.page(), query.filter(&may.tenant().zone)?);
    let (from, limit, book) = (after(&page)?, page.limit(), filter.book);
    let (balances, found) = app
        .db
        .read(may.scope(), move |rx| {
            Ok::<_, ledger::Error>((
                ledger::balances(rx, book)?,
                ledger::entries(rx, &filter, from, limit + 1)?,
            ))
        })
        .await
        .map_err(Problem::internal)?;
    let list = List::of(found, limit, |last| [last.id.to_string()]);
    Ok(Page(LedgerPage {
        frame: may.titled("ledger-title"),
        test: book == Book::Test,
        balances,
        entries: list.items,
        account: query.account.unwrap_or_default(),
        next: list.next_cursor,
    }))
}

/// The entries as a table for a spreadsheet, one posting a line.
async fn ledger_csv(
    State(app): State<App>,
    may: May<ReadLedger>,
    Query(query): Query<EntryQuery>,
) -> Result<Response, Problem> {
    let filter = query.filter(&may.tenant().zone)?;
    let mut file = csv::Writer::from_writer(Vec::new());
    let heading = ["entry", "at", "kind", "cause", "memo", "actor", "account", "amount", "currency"];
    file.write_record(heading).map_err(Problem::internal)?;
    let (mut from, mut written) = (None, 0);
    loop {
        let asked = filter.clone();
        let found = app.db.read(may.scope(), move |rx| ledger::entries(rx, &asked, from, CSV_PAGE)).await;
        let found = found.map_err(Problem::internal)?;
        from = found.last().map(|last| last.id);
        written += CSV_PAGE;
        let last_page = found.len() < CSV_PAGE as usize || written >= CSV_LIMIT;
        for entry in found {
            for posting in entry.postings {
                let (account, amount) = (posting.account.to_string(), posting.amount);
                let row = [
                    entry.id.to_string(),
                    entry.at.to_string(),
                    entry.kind.clone(),
                    entry.cause.clone(),
                    edge::format::cell(&entry.memo),
                    entry.actor.clone(),
                    account,
                    amount.decimal(),
                    amount.currency().to_string(),
                ];
                file.write_record(&row).map_err(Problem::internal)?;
            }
        }
        if last_page {
            break;
        }
    }
    let bytes = file.into_inner().map_err(Problem::internal)?;
    let kind = (header::CONTENT_TYPE, "text/csv; charset=utf-8");
    let name = (header::CONTENT_DISPOSITION, "attachment; filename=\"ledger.csv\"");
    Ok(([kind, name], bytes).into_response())
}
