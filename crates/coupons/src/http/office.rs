//! Back office pages: campaigns, one campaign, one coupon.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Line, Money};
use edge::{App, Form, List, May, Page, PageQuery, Path, Problem, Query, flash};
use http::StatusCode;
use serde::Deserialize;

use super::{
    Manage, Read,
    api::{CampaignPath, CouponPath, behind},
    coupon_path,
    form::{CampaignForm, Fault, Ground},
};
use crate::{
    Error, campaigns, issue, mail,
    model::{Act, Campaign, CampaignId, CampaignState, CouponState, Promoted, Via},
    pages::{
        CampaignEditPage, CampaignListPage, CampaignPage, Choices, CouponPage, Found, IssueForm, Listed, Row,
    },
    redeem, sql,
};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct StateQuery {
    state: String,
    q: String,
}

pub async fn list(
    State(app): State<App>,
    may: May<Read>,
    Query(query): Query<StateQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Page<CampaignListPage>, Problem> {
    // an address typed by hand shows everything rather than an error
    let state = CampaignState::parse(&query.state);
    let (before, limit) = (behind(&page)?, page.limit());
    let work = move |rx: &mut db::Rx<'_>| {
        let mut rows = Vec::new();
        for campaign in campaigns::list(rx, state, before, limit + 1)? {
            let (issued, redeemed) = sql::issued_and_redeemed(rx, campaign.id)?;
            rows.push(Listed { campaign, issued, redeemed });
        }
        Ok::<_, Error>(rows)
    };
    let rows = List::of(app.db.read(may.scope(), work).await?, limit, |last| [last.campaign.id.to_string()]);
    Ok(Page(CampaignListPage {
        frame: may.titled("coupons-title"),
        state,
        campaigns: rows.items,
        next: rows.next_cursor,
        now: app.now(),
        may_manage: may.may("coupons.manage"),
    }))
}

/// What a campaign can be limited to.
fn choices(rx: &mut db::Rx) -> Result<Choices, Error> {
    let locations = stock::locations(rx)?;
    Ok(Choices { categories: catalog::categories(rx)?, locations })
}

pub async fn new(State(app): State<App>, may: May<Manage>) -> Result<Page<CampaignEditPage>, Problem> {
    edited(&app, &may, None, CampaignForm::fresh(), Vec::new()).await.map(Page)
}

pub async fn edit(
    State(app): State<App>,
    may: May<Manage>,
    Path(CampaignPath { id }): Path<CampaignPath>,
) -> Result<Page<CampaignEditPage>, Problem> {
    let campaign = app.db.read(may.scope(), move |rx| campaigns::find(rx, id)).await?;
    let form = CampaignForm::of(&campaign.details, &may.tenant().zone);
    edited(&app, &may, Some(campaign), form, Vec::new()).await.map(Page)
}

async fn edited(
    app: &App,
    may: &May<Manage>,
    campaign: Option<Campaign>,
    form: CampaignForm,
    faults: Vec<Fault>,
) -> Result<CampaignEditPage, Problem> {
    let choices = app.db.read(may.scope(), choices).await?;
    let frame = may.titled(if campaign.is_some() { "coupons-edit" } else { "coupons-new" });
    let currency = may.tenant().currency;
    Ok(CampaignEditPage { frame, id: campaign.map(|campaign| campaign.id), form, faults, choices, currency })
}

pub async fn create(
    State(app): State<App>,
    may: May<Manage>,
    Form(form): Form<CampaignForm>,
) -> Result<Response, Problem> {
    write(&app, &may, None, form).await
}

pub async fn change(
    State(app): State<App>,
    may: May<Manage>,
    Path(CampaignPath { id }): Path<CampaignPath>,
    Form(form): Form<CampaignForm>,
) -> Result<Response, Problem> {
    write(&app, &may, Some(id), form).await
}

/// Writes a new campaign, or an old one anew; what cannot be meant is shown again as it was typed.
async fn write(
    app: &App,
    may: &May<Manage>,
    id: Option<CampaignId>,
    form: CampaignForm,
) -> Result<Response, Problem> {
    let look = move |rx: &mut db::Rx<'_>| {
        let Some(id) = id else { return Ok((None, Vec::new())) };
        let products = campaigns::promoted(rx, id)?.into_iter().map(|one| one.product).collect();
        Ok::<_, Error>((Some(campaigns::find(rx, id)?), products))
    };
    let (campaign, products) = app.db.read(may.scope(), look).await?;
    let zone = may.tenant().zone.clone();
    let read = form.read(&Ground { currency: may.tenant().currency, zone: &zone, products });
    let details = match read {
        Ok(details) => details,
        Err(faults) => {
            let page = edited(app, may, campaign, form, faults).await?;
            return Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    let work = move |tx: &mut db::Tx<'_>| match id {
        None => campaigns::add(tx, details.clone()),
        Some(id) => campaigns::change(tx, id, &details).map(|()| id),
    };
    let written = match app.db.write(may.scope(), work).await {
        Err(Error::CodeTaken { .. }) => {
            let faults = vec![("shared_code", "coupons-fault-code-taken")];
            let page = edited(app, may, campaign, form, faults).await?;
            return Ok(Page(page).with_status(StatusCode::CONFLICT));
        }
        written => written?,
    };
    let said = if id.is_some() { "coupons-flash-saved" } else { "coupons-flash-added" };
    Ok(flash(app, &campaign_path(may, written), said).into_response())
}

fn campaign_path<P>(may: &May<P>, id: CampaignId) -> String {
    format!("/t/{}/admin/campaigns/{id}", may.tenant().slug)
}

/// Coupons shown at once, and products that a search shows.
const SHOWN: u32 = 8;

pub async fn show(
    State(app): State<App>,
    may: May<Read>,
    Path(CampaignPath { id }): Path<CampaignPath>,
    Query(query): Query<StateQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Page<CampaignPage>, Problem> {
    Ok(Page(shown(&app, &may, id, query, &page, IssueForm::default(), None).await?))
}

async fn shown<P>(
    app: &App,
    may: &May<P>,
    id: CampaignId,
    query: StateQuery,
    page: &PageQuery,
    issue: IssueForm,
    fault: Option<String>,
) -> Result<CampaignPage, Problem> {
    let state = CouponState::parse(&query.state);
    let (before, limit) = (behind(page)?, page.limit());
    let (may_see, q) = (may.may("customers.read"), query.q.clone());
    let look = move |rx: &mut db::Rx<'_>| {
        let campaign = campaigns::find(rx, id)?;
        let left = campaigns::left(rx, id)?;
        let counts = sql::issued_and_redeemed(rx, id)?;
        let coupons = sql::coupons(rx, Some(id), state, before, limit + 1)?;
        let mut rows = Vec::with_capacity(coupons.len());
        for coupon in coupons {
            rows.push(Row::of(rx, coupon, may_see)?);
        }
        let mut products = Vec::new();
        for one in campaigns::promoted(rx, id)? {
            products.push((one, catalog::product(rx, one.product)?.details.title.to_string()));
        }
        let found = if q.trim().is_empty() { Vec::new() } else { found(rx, &q)? };
        let scope = &campaign.details.scope;
        let mut holds_for = Vec::new();
        for category in &scope.categories {
            match catalog::category(rx, *category) {
                Ok(category) => holds_for.push(category.path.to_string()),
                Err(catalog::Error::UnknownCategory) => (),
                Err(error) => return Err(error.into()),
            }
        }
        let places = stock::locations(rx)?;
        let named = places.into_iter().filter(|place| scope.locations.contains(&place.id));
        holds_for.extend(named.map(|place| place.name.to_string()));
        Ok::<_, Error>((campaign, left, counts, rows, products, found, holds_for))
    };
    let (campaign, left, (issued, redeemed), rows, products, found, holds_for) =
        app.db.read(may.scope(), look).await?;
    let rows = List::of(rows, limit, |last| [last.coupon.id.to_string()]);
    let link = app.config.shop_link(&format!("/t/{}/c/{}", may.tenant().slug, campaign.slug));
    Ok(CampaignPage {
        frame: may.frame(campaign.details.name.to_string()),
        currency: may.tenant().currency,
        today: app.now().day(&may.tenant().zone),
        now: app.now(),
        campaign,
        left,
        issued,
        redeemed,
        coupons: rows.items,
        next: rows.next_cursor,
        state,
        products,
        q: query.q,
        found,
        holds_for,
        link,
        issue,
        fault,
        may_manage: may.may("coupons.manage"),
    })
}

/// Products that are called so, with the price and what of it stays.
fn found(rx: &mut db::Rx, q: &str) -> Result<Vec<Found>, Error> {
    let filter = catalog::Filter { search: q.to_owned(), ..catalog::Filter::default() };
    let mut found = Vec::new();
    for summary in catalog::list(rx, &filter, None, SHOWN)? {
        found.push(Found { id: summary.id, title: summary.title.to_string(), price: summary.lowest });
    }
    Ok(found)
}

#[derive(Deserialize)]
pub struct ActForm {
    act: Act,
}

pub async fn act(
    State(app): State<App>,
    may: May<Manage>,
    Path(CampaignPath { id }): Path<CampaignPath>,
    Form(form): Form<ActForm>,
) -> Result<Response, Problem> {
    app.db.write(may.scope(), move |tx| campaigns::act(tx, id, form.act)).await?;
    let said = match form.act {
        Act::Start => "coupons-flash-started",
        Act::Pause => "coupons-flash-paused",
        Act::End => "coupons-flash-ended",
    };
    Ok(flash(&app, &campaign_path(&may, id), said).into_response())
}

pub async fn copy(
    State(app): State<App>,
    may: May<Manage>,
    Path(CampaignPath { id }): Path<CampaignPath>,
) -> Result<Response, Problem> {
    let made = app.db.write(may.scope(), move |tx| campaigns::copy(tx, id)).await?;
    Ok(flash(&app, &format!("{}/edit", campaign_path(&may, made)), "coupons-flash-copied").into_response())
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ProductForm {
    product: String,
    value: String,
    margin: String,
    remove: String,
}

/// Adds a product to those that the campaign promotes, changes its figures, or takes it out.
pub async fn promote(
    State(app): State<App>,
    may: May<Manage>,
    Path(CampaignPath { id }): Path<CampaignPath>,
    Form(form): Form<ProductForm>,
) -> Result<Response, Problem> {
    let malformed = |error: String| Problem::unprocessable("input-malformed", error);
    let product: catalog::ProductId =
        form.product.parse().map_err(|error: base::IdError| malformed(error.to_string()))?;
    let currency = may.tenant().currency;
    let amount = |typed: &str| match typed.trim() {
        "" => Ok(None),
        typed => {
            Money::parse_decimal(typed, currency).map(Some).map_err(|error| malformed(error.to_string()))
        }
    };
    let (value, margin, remove) = (amount(&form.value)?, amount(&form.margin)?, !form.remove.is_empty());
    let work = move |tx: &mut db::Tx<'_>| {
        let mut promoted = campaigns::promoted(tx, id)?;
        promoted.retain(|one| one.product != product);
        if !remove {
            let usual = usual(tx, product, currency)?;
            promoted.push(Promoted {
                product,
                value: value.unwrap_or(usual.value),
                margin: margin.unwrap_or(usual.margin),
            });
        }
        campaigns::promote(tx, id, &promoted)
    };
    app.db.write(may.scope(), work).await?;
    Ok(flash(&app, &format!("{}#products", campaign_path(&may, id)), "coupons-flash-saved").into_response())
}

/// What the catalogue says a piece is sold for, and what of it stays: its first variant's price, less its cost.
fn usual(rx: &mut db::Rx, product: catalog::ProductId, currency: base::Currency) -> Result<Promoted, Error> {
    let found = catalog::product(rx, product)?;
    let first = found.variants.first().map(|variant| &variant.details);
    let value = first.map_or(Money::zero(currency), |details| details.price);
    let cost = first.and_then(|details| details.cost).unwrap_or(Money::zero(currency));
    Ok(Promoted { product, value, margin: value.minus(cost)? })
}

/// Issues a coupon by hand, and sends it where there is an address.
pub async fn issue_one(
    State(app): State<App>,
    may: May<Manage>,
    Path(CampaignPath { id }): Path<CampaignPath>,
    Form(form): Form<IssueForm>,
) -> Result<Response, Problem> {
    let contact = form.contact(may.tenant().country, may.tenant().language);
    let written = match contact {
        Err(key) => Err(may.frame(String::new()).t(key)),
        Ok(None) => Err(may.frame(String::new()).t("coupons-fault-nobody")),
        Ok(Some(contact)) => {
            let work = move |tx: &mut db::Tx<'_>| {
                Ok::<_, Error>(issue::issue(tx, id, &contact, Via::Office)?.coupon.code)
            };
            match app.db.write(may.scope(), work).await {
                Ok(code) => Ok(code),
                Err(error) => Err(Problem::from(error).refused()?.words(may.language())),
            }
        }
    };
    match written {
        Ok(code) => {
            let path = format!("/t/{}/admin/coupons/{code}", may.tenant().slug);
            Ok(flash(&app, &path, "coupons-flash-issued").into_response())
        }
        Err(fault) => {
            let query = StateQuery::default();
            let page = shown(&app, &may, id, query, &PageQuery::default(), form, Some(fault)).await?;
            Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY))
        }
    }
}

pub async fn coupon(
    State(app): State<App>,
    may: May<Read>,
    Path(path): Path<CouponPath>,
) -> Result<Page<CouponPage>, Problem> {
    let (code, may_see) = (path.read()?, may.may("customers.read"));
    let look = move |rx: &mut db::Rx<'_>| {
        let coupon = issue::coupon(rx, &code)?;
        let campaign = campaigns::find(rx, coupon.campaign)?;
        let currency = people::business::find(rx)?.currency;
        let redemptions = sql::redemptions_of(rx, coupon.id, currency)?;
        let actors = redemptions.iter().map(|one| one.actor.as_str());
        let names = people::actors::names(rx, actors)?;
        let places = stock::locations(rx)?;
        Ok::<_, Error>((Row::of(rx, coupon, may_see)?, campaign, redemptions, names, places))
    };
    let (row, campaign, redemptions, names, places) = app.db.read(may.scope(), look).await?;
    let link = app.config.shop_link(&coupon_path(&may.tenant().slug, &row.coupon.code));
    Ok(Page(CouponPage {
        frame: may.frame(row.coupon.code.grouped()),
        today: app.now().day(&may.tenant().zone),
        now: app.now(),
        row,
        campaign,
        redemptions,
        names,
        places,
        link,
        may_manage: may.may("coupons.manage"),
        may_redeem: may.may("coupons.redeem"),
    }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct CancelForm {
    reason: String,
}

pub async fn cancel(
    State(app): State<App>,
    may: May<Manage>,
    Path(path): Path<CouponPath>,
    Form(form): Form<CancelForm>,
) -> Result<Response, Problem> {
    let code = path.read()?;
    let to = format!("/t/{}/admin/coupons/{code}", may.tenant().slug);
    let reason: Line<200> = form.reason.parse().map_err(|error| {
        Problem::unprocessable("reason-missing", "Write why it is cancelled.").field("reason", error)
    })?;
    let work = move |tx: &mut db::Tx<'_>| {
        let coupon = issue::coupon(tx, &code)?;
        issue::cancel(tx, coupon.id, reason.as_str())
    };
    app.db.write(may.scope(), work).await?;
    Ok(flash(&app, &to, "coupons-flash-cancelled").into_response())
}

/// Sends the coupon again to whom it was issued.
pub async fn send(
    State(app): State<App>,
    may: May<Manage>,
    Path(path): Path<CouponPath>,
) -> Result<Response, Problem> {
    let code = path.read()?;
    let to = format!("/t/{}/admin/coupons/{code}", may.tenant().slug);
    let work = move |tx: &mut db::Tx<'_>| {
        let coupon = issue::coupon(tx, &code)?;
        mail::promise_again(tx, &coupon)
    };
    let sent = app.db.write(may.scope(), work).await?;
    let said = if sent { "coupons-flash-sent" } else { "coupons-flash-no-address" };
    Ok(flash(&app, &to, said).into_response())
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct MinutesForm {
    minutes: String,
}

/// For how many minutes staff may undo a redemption.
pub async fn set_minutes(
    State(app): State<App>,
    may: May<Manage>,
    Form(form): Form<MinutesForm>,
) -> Result<Response, Problem> {
    let undo_minutes = form.minutes.trim().parse().map_err(|_| Problem::from(Error::Minutes))?;
    let work = move |tx: &mut db::Tx<'_>| campaigns::set_settings(tx, redeem::Settings { undo_minutes });
    app.db.write(may.scope(), work).await?;
    let to = format!("/t/{}/admin/counter", may.tenant().slug);
    Ok(flash(&app, &to, "coupons-flash-saved").into_response())
}
