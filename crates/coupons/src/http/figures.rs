//! What campaigns brought: a page for people, the same for applications.

use axum::extract::State;
use base::{Currency, Day, Money, Quantity};
use db::Rx;
use edge::{App, Json, May, Page, Path, Problem, Query, Routes, Site};
use http::Method;
use orders::report::Days;
use serde::{Deserialize, Serialize};
use stock::LocationId;
use utoipa::{IntoParams, ToSchema};

use super::Read;
use crate::{
    Error,
    figures::report::{self, By, Figures, OfCampaign, OfProduct, Report, Step},
    model::{CampaignId, CampaignState},
    pages::figures::{Chosen, FiguresPage, Measured, Told},
};

pub fn routes() -> Routes {
    Routes::new().api(__path_analytics, analytics).api(__path_analytics_of, analytics_of).page(
        Site::Office,
        "/t/{slug}/admin/campaigns/figures",
        Method::GET,
        page,
    )
}

/// The longest stretch that is added up at once: three years and a leap day.
const LONGEST: i64 = 3 * 365 + 1;
const USUAL: i64 = 30;

/// Which days, and how they are cut.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FiguresQuery {
    /// The first day, by the business's clock. By default the 29th before `to`.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Day>,
    /// The last day. By default today.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Day>,
    /// `day` or `week`; by default what suits the number of days.
    by: Option<String>,
}

impl FiguresQuery {
    fn read(&self, today: Day) -> Result<(Days, By), Problem> {
        let last = self.to.unwrap_or(today);
        let days = Days::new(self.from.unwrap_or(last.plus_days(1 - USUAL)), last);
        let days = days.ok_or_else(|| malformed("to", "`to` is not before `from`"))?;
        if days.count() > LONGEST {
            return Err(malformed("from", "ask for three years at most"));
        }
        let by = match self.by.as_deref() {
            None | Some("") => By::of(days.count()),
            Some(name) => By::parse(name).ok_or_else(|| malformed("by", "figures are by day or week"))?,
        };
        Ok((days, by))
    }
}

fn malformed(field: &str, message: &str) -> Problem {
    Problem::unprocessable("input-malformed", message).field(field, message)
}

/// What happened. Test orders count nowhere.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CampaignFigures)]
struct FiguresView {
    /// The form was opened.
    seen: i64,
    /// The form was sent and accepted.
    submitted: i64,
    issued: i64,
    sent: i64,
    /// The coupon's page was opened.
    opened: i64,
    redeemed: i64,
    /// Redeemed of a hundred issued.
    redemption_rate: Option<i64>,
    /// From issue to redemption, on average.
    seconds_to_redemption: Option<i64>,
    /// What was sold with the coupons, tax included, before their discounts; with the estimate.
    #[schema(value_type = edge::schema::Money)]
    sales: Money,
    /// What the coupons took off; with the estimate.
    #[schema(value_type = edge::schema::Money)]
    discounts: Money,
    /// What of the sales stays, without tax and after discounts; with the estimate.
    #[schema(value_type = edge::schema::Money)]
    margin: Money,
    estimate: EstimateView,
}

/// The part of the sums that nobody told: reckoned from what the products of the campaign are worth on average.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignEstimate)]
struct EstimateView {
    /// Redemptions without an order and without an amount.
    redemptions: i64,
    #[schema(value_type = edge::schema::Money)]
    sales: Money,
    #[schema(value_type = edge::schema::Money)]
    discounts: Money,
    /// Also of redemptions whose goods have no cost.
    #[schema(value_type = edge::schema::Money)]
    margin: Money,
}

impl FiguresView {
    fn of(figures: &Figures, currency: Currency) -> Result<Self, Problem> {
        let money = |minor| Money::new(minor, currency).map_err(Error::from);
        let told = &figures.told;
        Ok(Self {
            seen: told.seen,
            submitted: told.submitted,
            issued: told.issued,
            sent: told.sent,
            opened: told.opened,
            redeemed: told.redeemed,
            redemption_rate: figures.rate(),
            seconds_to_redemption: figures.waited_s(),
            sales: money(figures.sales())?,
            discounts: money(figures.discounts())?,
            margin: money(figures.margin())?,
            estimate: EstimateView {
                redemptions: told.estimated,
                sales: money(figures.guess.sales)?,
                discounts: money(figures.guess.discount)?,
                margin: money(figures.guess.margin)?,
            },
        })
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignFiguresStep)]
struct StepView {
    /// The day that it is, or begins with.
    #[schema(value_type = String, format = Date)]
    day: Day,
    #[serde(flatten)]
    figures: FiguresView,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FiguresOfCampaign)]
struct CampaignView {
    #[schema(value_type = String)]
    id: CampaignId,
    name: String,
    state: CampaignState,
    #[serde(flatten)]
    figures: FiguresView,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FiguresOfLocation)]
struct PlaceView {
    /// Null for no place in particular.
    #[schema(value_type = Option<String>)]
    location: Option<LocationId>,
    #[serde(flatten)]
    figures: FiguresView,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FiguresOfActor)]
struct PersonView {
    /// As events name who did something: `member:mem_…`, `visitor`.
    actor: String,
    #[serde(flatten)]
    figures: FiguresView,
}

/// What orders with coupons sold of a product.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FiguresOfProduct)]
struct ProductView {
    #[schema(value_type = String)]
    product: catalog::ProductId,
    title: String,
    redeemed: i64,
    #[schema(value_type = edge::schema::Quantity)]
    quantity: Quantity,
    /// Tax included, after discounts.
    #[schema(value_type = edge::schema::Money)]
    sales: Money,
    /// Null where some of it has no cost.
    #[schema(value_type = Option<edge::schema::Money>)]
    margin: Option<Money>,
}

/// What campaigns brought, beside as many days before.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CampaignAnalytics {
    #[schema(value_type = String, format = Date)]
    from: Day,
    #[schema(value_type = String, format = Date)]
    to: Day,
    /// `day` or `week`.
    by: &'static str,
    #[serde(flatten)]
    figures: FiguresView,
    before: FiguresView,
    steps: Vec<StepView>,
    /// The best first.
    campaigns: Vec<CampaignView>,
    locations: Vec<PlaceView>,
    staff: Vec<PersonView>,
    /// At most fifty, by money.
    products: Vec<ProductView>,
}

impl CampaignAnalytics {
    fn of(report: Report, currency: Currency) -> Result<Self, Problem> {
        let view = |figures: &Figures| FiguresView::of(figures, currency);
        let money = |minor| Money::new(minor, currency).map_err(|error| Problem::from(Error::from(error)));
        let step = |step: Step| Ok(StepView { day: step.day, figures: view(&step.figures)? });
        let campaign = |one: OfCampaign| {
            let figures = view(&one.figures)?;
            Ok(CampaignView { id: one.id, name: one.name.to_string(), state: one.state, figures })
        };
        let product = |one: OfProduct| {
            Ok(ProductView {
                product: one.product,
                title: one.title,
                redeemed: one.redeemed,
                quantity: one.quantity,
                sales: money(one.sales)?,
                margin: one.margin.map(money).transpose()?,
            })
        };
        let place = |(location, figures): (Option<LocationId>, Figures)| {
            Ok(PlaceView { location, figures: view(&figures)? })
        };
        let person = |(actor, figures): (String, Figures)| Ok(PersonView { actor, figures: view(&figures)? });
        Ok(Self {
            from: report.days.first,
            to: report.days.last,
            by: report.by.name(),
            figures: view(&report.now)?,
            before: view(&report.before)?,
            steps: report.steps.into_iter().map(step).collect::<Result<_, Problem>>()?,
            campaigns: report.campaigns.into_iter().map(campaign).collect::<Result<_, Problem>>()?,
            locations: report.places.into_iter().map(place).collect::<Result<_, Problem>>()?,
            staff: report.people.into_iter().map(person).collect::<Result<_, Problem>>()?,
            products: report.products.into_iter().map(product).collect::<Result<_, Problem>>()?,
        })
    }
}

/// What all campaigns brought. Who works at some locations is told of what was redeemed there.
#[utoipa::path(
    get, path = "/t/{slug}/api/v1/campaigns/analytics", tag = "coupons", params(("slug" = String, Path), FiguresQuery),
    responses((status = 200, description = "The sums and their parts.", body = CampaignAnalytics))
)]
async fn analytics(
    State(app): State<App>,
    may: May<Read>,
    Query(query): Query<FiguresQuery>,
) -> Result<Json<CampaignAnalytics>, Problem> {
    told(&app, &may, None, &query).await
}

#[derive(Deserialize)]
struct CampaignPath {
    id: CampaignId,
}

/// What one campaign brought. Who works at some locations is told of what was redeemed there.
#[utoipa::path(
    get, path = "/t/{slug}/api/v1/campaigns/{id}/analytics", tag = "coupons",
    params(("slug" = String, Path), ("id" = String, Path), FiguresQuery),
    responses((status = 200, description = "The sums and their parts.", body = CampaignAnalytics))
)]
async fn analytics_of(
    State(app): State<App>,
    may: May<Read>,
    Path(path): Path<CampaignPath>,
    Query(query): Query<FiguresQuery>,
) -> Result<Json<CampaignAnalytics>, Problem> {
    told(&app, &may, Some(path.id), &query).await
}

async fn told(
    app: &App,
    may: &May<Read>,
    campaign: Option<CampaignId>,
    query: &FiguresQuery,
) -> Result<Json<CampaignAnalytics>, Problem> {
    let (days, by) = query.read(app.now().day(&may.tenant().zone))?;
    let read = move |rx: &mut Rx<'_>| report::report(rx, campaign, days, by);
    let report = app.db.read(may.scope(), read).await?;
    Ok(Json(CampaignAnalytics::of(report, may.tenant().currency)?))
}

/// The page's address. One typed by hand shows the usual rather than an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    days: String,
    from: String,
    to: String,
    by: String,
    show: String,
    campaign: String,
}

impl Asked {
    fn chosen(&self, today: Day) -> Chosen {
        let own = self.from.parse::<Day>().ok().zip(self.to.parse::<Day>().ok());
        let (range, days) = match (own, self.days.as_str()) {
            (Some((one, other)), _) => {
                let (first, last) = (one.min(other), one.max(other).min(today));
                let first = first.min(last).max(last.plus_days(1 - LONGEST));
                (None, Days { first, last })
            }
            (None, "7") => (Some(7), Days::ending(today, 7)),
            (None, "90") => (Some(90), Days::ending(today, 90)),
            (None, _) => (Some(USUAL), Days::ending(today, USUAL)),
        };
        Chosen {
            range,
            days,
            by: By::parse(&self.by).unwrap_or(By::of(days.count())),
            shown: Measured::parse(&self.show).unwrap_or(Measured::Redeemed),
            campaign: self.campaign.parse().ok(),
        }
    }
}

async fn page(
    State(app): State<App>,
    may: May<Read>,
    Query(asked): Query<Asked>,
) -> Result<Page<FiguresPage>, Problem> {
    let today = app.now().day(&may.tenant().zone);
    let chosen = asked.chosen(today);
    let read = move |rx: &mut Rx<'_>| {
        let report = report::report(rx, chosen.campaign, chosen.days, chosen.by)?;
        let names = people::actors::names(rx, report.people.iter().map(|(actor, _)| actor.as_str()))?;
        let locations = people::location::list(rx)?;
        let campaign = chosen.campaign.map(|id| crate::campaigns::find(rx, id)).transpose()?;
        Ok::<_, Error>(Told { report, names, locations, campaign })
    };
    let told = app.db.read(may.scope(), read).await?;
    let may_export = may.may("coupons.manage");
    let (frame, currency) = (may.titled("coupons-figures-title"), may.tenant().currency);
    Ok(Page(FiguresPage { frame, currency, today, chosen, told, may_export }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_does_not_read_shows_the_last_thirty_days() {
        let today: Day = "2026-11-22".parse().unwrap();
        let asked =
            |from: &str, to: &str| Asked { from: from.to_owned(), to: to.to_owned(), ..Asked::default() };
        let usual = asked("x", "y").chosen(today);
        assert_eq!((usual.range, usual.days.count(), usual.by), (Some(30), 30, By::Day));
        let own = asked("2026-11-30", "2025-11-01").chosen(today);
        assert_eq!((own.range, own.days.last, own.by), (None, today, By::Week));
        assert_eq!(asked("1999-01-01", "2026-11-22").chosen(today).days.count(), LONGEST);
    }
}
