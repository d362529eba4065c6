//! Routes of the home: its pages, its reports for applications, and the question for new orders.

use axum::{Extension, extract::State, response::Response};
use base::{Day, Money, Quantity};
use db::Rx;
use edge::{App, Form, Json, List, May, Page, Problem, Query, Routes, Site, flash};
use http::Method;
use orders::report::{By, Days, Figures, Seller, Step};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    News, ReadReports,
    dashboard::{self, Report},
    guide::{self, Facts},
    model::{Asked, LONGEST, Range, by_name},
    news,
    pages::{GuidePage, HomePage, NewestRow, Parts, SearchPage, ShopLink, Sold, Wait},
    search,
};
use crate::Error;

pub fn routes() -> Routes {
    let office = |path: &str| format!("/t/{{slug}}/admin{path}");
    Routes::new()
        .api(__path_sales, sales)
        .api(__path_best_sellers, best_sellers)
        .page(Site::Office, &office(""), Method::GET, home)
        .page(Site::Office, &office("/guide"), Method::GET, guide_page)
        .page(Site::Office, &office("/guide"), Method::POST, take_step)
        .page(Site::Office, &office("/search"), Method::GET, search_page)
        .page(Site::Office, &office("/news"), Method::GET, news_of_orders)
        .nav(edge::Section::Home, "home-nav", "", "business.read")
        .nav(edge::Section::Home, "guide-nav", "/guide", "business.write")
}

/// Rows of the newest orders, of what sold best, and of what runs low.
const NEWEST: u32 = 5;
const BEST: usize = 10;
const LOW: usize = 8;
/// Payments that wait are counted no further.
const COUNTED: i64 = 100;

async fn home(
    State(app): State<App>,
    may: May<people::ReadBusiness>,
    Query(asked): Query<Asked>,
) -> Result<Page<HomePage>, Problem> {
    let (zone, currency) = (may.tenant().zone.clone(), may.tenant().currency);
    let today = app.now().day(&zone);
    let (range, days) = asked.days(today);
    let frame = may.titled("home-title");
    let mut parts = Parts::default();
    if let Some(scope) = may.scope_for("reports.read") {
        dashboard::bring_up(&app, &scope, days, &zone).await;
        let by = By::of(days.count());
        let shows_debtors = may.may("customers.read");
        let read = move |rx: &mut Rx<'_>| {
            Ok::<_, Error>(Sold {
                report: dashboard::report(rx, days, by, &zone, currency)?,
                best: orders::report::best_sellers(rx, days, &zone, currency, BEST)?,
                evening: dashboard::evening(rx, &zone, currency)?,
                to_come: dashboard::to_come(rx, currency)?,
                shows_debtors,
            })
        };
        parts.sold = Some(app.db.read(scope, read).await?);
    }
    if let Some(scope) = may.scope_for("ledger.read") {
        parts.in_hands = Some(app.db.read(scope, dashboard::in_hands).await?);
    }
    if let Some(scope) = may.scope_for("orders.read") {
        let read = |rx: &mut Rx<'_>| {
            let goods = orders::waiting(rx, orders::Waits::Goods)?;
            let money = orders::waiting(rx, orders::Waits::Money)?;
            Ok::<_, orders::Error>((
                goods,
                money,
                orders::list(rx, &orders::Filter::default(), None, NEWEST)?,
            ))
        };
        let (goods, money, newest) = app.db.read(scope, read).await?;
        parts.waits.push(Wait { key: "home-to-pack", count: goods, path: "/orders?state=to-do" });
        parts.waits.push(Wait { key: "home-to-refund", count: money, path: "/orders?state=owed" });
        parts.newest = Some(newest.into_iter().map(NewestRow::of).collect());
    }
    if let Some(scope) = may.scope_for("payments.read") {
        let waiting = app.db.read(scope, |rx| payments::to_confirm(rx, COUNTED)).await?.len() as i64;
        parts.waits.push(Wait { key: "home-to-confirm", count: waiting, path: "/payments" });
    }
    if let Some(scope) = may.scope_for("stock.read") {
        parts.low = Some(app.db.read(scope, |rx| stock::low(rx, LOW)).await?);
    }
    if let Some(scope) = may.scope_for("business.write") {
        let facts = app.db.read(scope, guide::facts).await?;
        if !facts.is_over() {
            let link = ShopLink::of(&app.config.shop_link(&format!("/t/{}/", may.tenant().slug)));
            parts.guide = Some((facts, link));
        }
    }
    Ok(Page(HomePage::new(frame, range, days, today, parts)))
}

/// The guide by itself: all steps, also after they are done.
async fn guide_page(
    State(app): State<App>,
    may: May<people::WriteBusiness>,
) -> Result<Page<GuidePage>, Problem> {
    let facts: Facts = app.db.read(may.scope(), guide::facts).await?;
    let today = app.now().day(&may.tenant().zone);
    let link = ShopLink::of(&app.config.shop_link(&format!("/t/{}/", may.tenant().slug)));
    Ok(Page(GuidePage { facts, link, today, frame: may.titled("guide-title") }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum What {
    /// The country's usual tax is right.
    TakeTax,
    Skip,
}

#[derive(Debug, Deserialize)]
struct StepForm {
    step: String,
    what: What,
}

async fn take_step(
    State(app): State<App>,
    may: May<people::WriteBusiness>,
    Form(form): Form<StepForm>,
) -> Result<Response, Problem> {
    let unknown = || Problem::unprocessable("step-unknown", "The guide has no such step.");
    let step = guide::Step::parse(&form.step).ok_or_else(unknown)?;
    match form.what {
        What::TakeTax => app.db.write(may.scope(), guide::take_usual_tax).await?,
        What::Skip => app.db.write(may.scope(), move |tx| guide::skip(tx, step)).await?,
    }
    Ok(flash(&app, &format!("/t/{}/admin", may.tenant().slug), "guide-noted"))
}

#[derive(Debug, Deserialize)]
struct SearchQuery {
    #[serde(default)]
    q: String,
}

async fn search_page(
    State(app): State<App>,
    may: May<people::ReadBusiness>,
    Query(query): Query<SearchQuery>,
) -> Result<Page<SearchPage>, Problem> {
    let q: String = query.q.trim().chars().take(100).collect();
    let found = search::look(&app, &may, &q).await?;
    let pages = may.office_pages();
    Ok(Page(SearchPage::new(may.titled("search-title"), q, found, pages)))
}

#[derive(Debug, Deserialize)]
struct NewsQuery {
    /// The cursor of the answer before.
    after: Option<i64>,
}

/// What an open back office is told.
#[derive(Debug, Serialize)]
struct NewsView {
    cursor: i64,
    /// Orders that somebody has to see to.
    waiting: i64,
    orders: Vec<NewOrder>,
}

#[derive(Debug, Serialize)]
struct NewOrder {
    number: i64,
    total: Money,
    name: String,
    href: String,
    /// All of it in the reader's words.
    text: String,
}

/// Orders rung for at once; who was away for longer looks at the list.
const RUNG: u32 = 5;

/// Answers at once without a cursor or when there are new orders behind it; else waits for them for a while.
async fn news_of_orders(
    State(app): State<App>,
    may: May<orders::Read>,
    Query(query): Query<NewsQuery>,
    Extension(news): Extension<News>,
) -> Result<Json<NewsView>, Problem> {
    let until = tokio::time::Instant::now() + news::PATIENCE;
    let mut listening = news.listen(may.tenant().id).map_err(|news::Crowded| Problem::too_many(30))?;
    let mut seen = query.after.unwrap_or(0);
    loop {
        let after = query.after;
        let read = move |rx: &mut Rx<'_>| {
            let waiting =
                orders::waiting(rx, orders::Waits::Goods)? + orders::waiting(rx, orders::Waits::Money)?;
            let come = match after {
                Some(after) => orders::come_since(rx, after, RUNG)?,
                None => Vec::new(),
            };
            Ok::<_, orders::Error>((orders::last_number(rx)?, waiting, come))
        };
        let (cursor, waiting, come) = app.db.read(may.scope(), read).await?;
        seen = seen.max(cursor);
        if after.is_none() || !come.is_empty() || listening.behind(seen, until).await.is_none() {
            let orders = come.into_iter().map(|listed| new_order(&may, listed)).collect();
            return Ok(Json(NewsView { cursor, waiting, orders }));
        }
    }
}

fn new_order(may: &May<orders::Read>, listed: orders::Listed) -> NewOrder {
    let (order, language) = (listed.order, may.language());
    let name = listed.customer.or(listed.phone).unwrap_or_default();
    let total = edge::format::money(language, order.total);
    let args = [("number", order.number.into()), ("total", total.into()), ("name", name.as_str().into())];
    NewOrder {
        text: edge::text(language, "news-order", &args),
        number: order.number,
        total: order.total,
        href: format!("/t/{}/admin/orders/{}", may.tenant().slug, order.id),
        name,
    }
}

/// Which days.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SalesQuery {
    /// The first day, by the business's clock. By default the sixth before `to`.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Day>,
    /// The last day. By default today.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Day>,
    /// `hour`, `day` or `month`; by default what suits the number of days. Hours are for up to 31 days.
    by: Option<String>,
}

impl SalesQuery {
    fn days(&self, today: Day) -> Result<Days, Problem> {
        let last = self.to.unwrap_or(today);
        let days = Days::new(self.from.unwrap_or(last.plus_days(-6)), last);
        let days = days.ok_or_else(|| malformed("to", "`to` is not before `from`"))?;
        if days.count() > LONGEST {
            return Err(malformed("from", "ask for three years at most"));
        }
        Ok(days)
    }

    fn by(&self, days: Days) -> Result<By, Problem> {
        match self.by.as_deref() {
            None | Some("") => Ok(By::of(days.count())),
            Some("hour") if days.count() <= 31 => Ok(By::Hour),
            Some("day") => Ok(By::Day),
            Some("month") => Ok(By::Month),
            Some("hour") => Err(malformed("by", "ask for hours of 31 days at most")),
            Some(_) => Err(malformed("by", "a report is by hour, day or month")),
        }
    }
}

fn malformed(field: &str, message: &str) -> Problem {
    Problem::unprocessable("input-malformed", message).field(field, message)
}

/// What was sold, and what was taken back of this and earlier sales. Test orders count nowhere.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FiguresView {
    orders: i64,
    /// What customers pay, tax and delivery included.
    #[schema(value_type = edge::schema::Money)]
    gross: Money,
    /// Without tax.
    #[schema(value_type = edge::schema::Money)]
    net: Money,
    /// What an order came to.
    #[schema(value_type = edge::schema::Money)]
    average: Money,
    /// Refunded and cancelled parts of sales, tax included.
    #[schema(value_type = edge::schema::Money)]
    taken_back: Money,
    refunds: i64,
    /// Money that was granted back; also what had come twice or too late.
    #[schema(value_type = edge::schema::Money)]
    refunded: Money,
}

impl FiguresView {
    fn of(figures: &Figures) -> Result<Self, Problem> {
        Ok(Self {
            orders: figures.sold.orders,
            gross: figures.sold.gross,
            net: figures.sold.net,
            average: figures.sold.average().map_err(orders::Error::from)?,
            taken_back: figures.taken_back,
            refunds: figures.refunds,
            refunded: figures.refunded,
        })
    }
}

/// What was sold in an hour, on a day or in a month.
#[derive(Debug, Serialize, ToSchema)]
struct StepView {
    /// The day that it is, or begins with.
    #[schema(value_type = String, format = Date)]
    day: Day,
    /// 0 to 23, by hours alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    hour: Option<i64>,
    orders: i64,
    #[schema(value_type = edge::schema::Money)]
    gross: Money,
    #[schema(value_type = edge::schema::Money)]
    net: Money,
}

impl From<&Step> for StepView {
    fn from(step: &Step) -> Self {
        let Step { day, hour, sold } = *step;
        Self { day, hour, orders: sold.orders, gross: sold.gross, net: sold.net }
    }
}

/// Sales of a stretch of days, beside as many days before.
#[derive(Debug, Serialize, ToSchema)]
struct SalesReport {
    #[schema(value_type = String, format = Date)]
    from: Day,
    #[schema(value_type = String, format = Date)]
    to: Day,
    /// `hour`, `day` or `month`.
    by: &'static str,
    #[serde(flatten)]
    figures: FiguresView,
    /// Of as many days before; where the last day is not over, up to the same hour.
    before: FiguresView,
    steps: Vec<StepView>,
}

impl SalesReport {
    fn of(report: &Report) -> Result<Self, Problem> {
        Ok(Self {
            from: report.days.first,
            to: report.days.last,
            by: by_name(report.by),
            figures: FiguresView::of(&report.now)?,
            before: FiguresView::of(&report.before)?,
            steps: report.steps.iter().map(StepView::from).collect(),
        })
    }
}

/// What was sold, day by day. Who works at some locations is told of these.
#[utoipa::path(
    get, path = "/t/{slug}/api/v1/reports/sales", tag = "reports", params(("slug" = String, Path), SalesQuery),
    responses((status = 200, description = "The sums and their parts.", body = SalesReport))
)]
async fn sales(
    State(app): State<App>,
    may: May<ReadReports>,
    Query(query): Query<SalesQuery>,
) -> Result<Json<SalesReport>, Problem> {
    let (zone, currency) = (may.tenant().zone.clone(), may.tenant().currency);
    let days = query.days(app.now().day(&zone))?;
    let by = query.by(days)?;
    dashboard::bring_up(&app, &may.scope(), days, &zone).await;
    let read = move |rx: &mut Rx<'_>| dashboard::report(rx, days, by, &zone, currency);
    Ok(Json(SalesReport::of(&app.db.read(may.scope(), read).await?)?))
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BestQuery {
    /// The first day, by the business's clock. By default the sixth before `to`.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Day>,
    /// The last day. By default today.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Day>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// How much of a variant was sold.
#[derive(Debug, Serialize, ToSchema)]
struct SellerView {
    #[schema(value_type = String)]
    variant: catalog::VariantId,
    /// As it was called when it was sold.
    title: String,
    #[schema(value_type = edge::schema::Quantity)]
    quantity: Quantity,
    /// Tax included, after discounts.
    #[schema(value_type = edge::schema::Money)]
    gross: Money,
}

impl From<Seller> for SellerView {
    fn from(seller: Seller) -> Self {
        let Seller { variant, title, quantity, gross } = seller;
        Self { variant, title, quantity, gross }
    }
}

/// What sold best, by money.
#[utoipa::path(
    get, path = "/t/{slug}/api/v1/reports/best-sellers", tag = "reports", params(("slug" = String, Path), BestQuery),
    responses((status = 200, description = "As many as were asked for, in one page.", body = List<SellerView>))
)]
async fn best_sellers(
    State(app): State<App>,
    may: May<ReadReports>,
    Query(query): Query<BestQuery>,
) -> Result<Json<List<SellerView>>, Problem> {
    let (zone, currency) = (may.tenant().zone.clone(), may.tenant().currency);
    let asked = SalesQuery { from: query.from, to: query.to, by: None };
    let days = asked.days(app.now().day(&zone))?;
    let limit = query.limit.unwrap_or(20).clamp(1, 100) as usize;
    dashboard::bring_up(&app, &may.scope(), days, &zone).await;
    let read = move |rx: &mut Rx<'_>| orders::report::best_sellers(rx, days, &zone, currency, limit);
    let items = app.db.read(may.scope(), read).await?.into_iter().map(SellerView::from).collect();
    Ok(Json(List { items, next_cursor: None }))
}

impl Range {
    /// The address of the home page with these days.
    pub(super) fn href(self) -> String {
        format!("?days={}", self.word())
    }
}
