//! Back office pages: the cards, one card with its history, giving one by hand, and how they are sold.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Currency, Line, Money};
use customers::{Customer, CustomerId};
use edge::{App, Form, List, May, Page, PageQuery, Path, Problem, Query, flash};
use http::StatusCode;
use serde::Deserialize;

use super::{
    Manage, Read,
    api::{behind, ending},
};
use crate::{
    ByHand, Error, Filter, Given, book, issue,
    model::{Act, Card, CardId, CardKind, Settings},
    pages::{CardListPage, CardPage, CardRow, GivePage, GivenPage, SettingsPage},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    q: String,
    customer: String,
}

pub async fn list(
    State(app): State<App>,
    may: May<Read>,
    Query(query): Query<ListQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Page<CardListPage>, Problem> {
    let customer: Option<CustomerId> = query.customer.parse().ok();
    let filter = Filter { ending: ending(&query.q), customer, kind: None };
    let (before, limit) = (behind(&page)?, page.limit());
    let knows = may.may("customers.read");
    let whole = before.is_none() && filter == Filter::default();
    let work = move |rx: &mut db::Rx<'_>| {
        let mut rows = Vec::new();
        for (card, balance) in book::list(rx, &filter, before, limit + 1)? {
            let customer = owner(rx, &card, knows)?;
            rows.push(CardRow { card, balance, customer });
        }
        // only where all cards are looked at
        let owed = if whole { Some(book::owed(rx)?).filter(|owed| owed.is_positive()) } else { None };
        Ok::<_, Error>((rows, owed))
    };
    let (rows, owed) = app.db.read(may.scope(), work).await?;
    let list = List::of(rows, limit, |last| [last.card.id.to_string()]);
    Ok(Page(CardListPage {
        frame: may.titled("cards-title"),
        q: query.q,
        customer: query.customer,
        cards: list.items,
        next: list.next_cursor,
        owed,
        may_manage: may.may("cards.manage"),
    }))
}

/// Whose the card is, for who may see customers.
fn owner(rx: &mut db::Rx, card: &Card, knows: bool) -> Result<Option<Customer>, Error> {
    match card.customer.filter(|_| knows) {
        Some(id) => Ok(customers::known(rx, id)?),
        None => Ok(None),
    }
}

#[derive(Debug, Deserialize)]
pub struct CardPath {
    card: CardId,
}

pub async fn show(
    State(app): State<App>,
    may: May<Read>,
    Path(path): Path<CardPath>,
) -> Result<Page<CardPage>, Problem> {
    let (knows, sees_orders) = (may.may("customers.read"), may.may("orders.read"));
    let work = move |rx: &mut db::Rx<'_>| {
        let card = book::find(rx, path.card)?;
        let (balance, kept) = book::balance(rx, &card)?;
        let movements = book::history(rx, &card)?;
        let waiting = book::kept_of(rx, card.id)?;
        let customer = owner(rx, &card, knows)?;
        let names = people::actors::names(rx, movements.iter().map(|movement| movement.actor.as_str()))?;
        Ok::<_, Error>((card, balance, kept, movements, waiting, customer, names))
    };
    let (card, balance, kept, movements, waiting, customer, names) = app.db.read(may.scope(), work).await?;
    let title = edge::text(may.language(), "cards-card-title", &[("ending", card.code.ending().into())]);
    Ok(Page(CardPage {
        frame: may.frame(title),
        balance,
        kept,
        movements,
        waiting,
        customer,
        names,
        sees_orders,
        may_manage: may.may("cards.manage"),
        card,
    }))
}

#[derive(Debug, Deserialize)]
pub struct ActForm {
    action: Act,
}

pub async fn act(
    State(app): State<App>,
    may: May<Manage>,
    Path(path): Path<CardPath>,
    Form(form): Form<ActForm>,
) -> Result<Response, Problem> {
    app.db.write(may.scope(), move |tx| book::act(tx, path.card, form.action)).await?;
    let words = match form.action {
        Act::Block => "cards-flash-blocked",
        Act::Open => "cards-flash-opened",
    };
    Ok(flash(&app, &format!("/t/{}/admin/cards/{}", may.tenant().slug, path.card), words))
}

/// A card to be given, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct GiveForm {
    pub kind: String,
    pub amount: String,
    pub given: String,
    pub customer: String,
    pub reason: String,
}

impl GiveForm {
    /// What is wanted, or the key of what is wrong with it.
    fn read(&self, currency: Currency) -> Result<ByHand, &'static str> {
        let given = Given::ALL.into_iter().find(|given| given.name() == self.given);
        let customer = self.customer.trim();
        Ok(ByHand {
            kind: CardKind::parse(&self.kind).ok_or("cards-fault-kind")?,
            value: Money::parse_decimal(&self.amount, currency).map_err(|_| "cards-fault-amount")?,
            given: given.ok_or("cards-fault-given")?,
            customer: match customer {
                "" => None,
                typed => Some(typed.parse().map_err(|_| "cards-fault-customer")?),
            },
            reason: self.reason.parse::<Line<200>>().map_err(|_| "cards-fault-reason")?,
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct GiveQuery {
    customer: String,
}

pub async fn new(
    State(app): State<App>,
    may: May<Manage>,
    Query(query): Query<GiveQuery>,
) -> Result<Page<GivePage>, Problem> {
    let kind = if query.customer.is_empty() { CardKind::GiftCard } else { CardKind::StoreCredit };
    let form = GiveForm { kind: kind.name().to_owned(), customer: query.customer, ..GiveForm::default() };
    Ok(Page(give_page(&app, &may, form, None).await?))
}

async fn give_page(
    app: &App,
    may: &May<Manage>,
    form: GiveForm,
    fault: Option<&'static str>,
) -> Result<GivePage, Problem> {
    let id: Option<CustomerId> = form.customer.parse().ok().filter(|_| may.may("customers.read"));
    let customer = match id {
        Some(id) => app.db.read(may.scope(), move |rx| customers::known(rx, id)).await?,
        None => None,
    };
    let frame = may.titled("cards-give-title");
    let fault = fault.map(|key| frame.t(key));
    Ok(GivePage { frame, form, customer, fault, currency: may.tenant().currency })
}

/// The code is shown on the page that answers, once.
pub async fn give(
    State(app): State<App>,
    may: May<Manage>,
    Form(form): Form<GiveForm>,
) -> Result<Response, Problem> {
    let again = |status: StatusCode, page: GivePage| Page(page).with_status(status);
    let wanted = match form.read(may.tenant().currency) {
        Ok(wanted) => wanted,
        Err(key) => {
            let page = give_page(&app, &may, form, Some(key)).await?;
            return Ok(again(StatusCode::UNPROCESSABLE_ENTITY, page));
        }
    };
    let key = match app.db.write(may.scope(), move |tx| issue::give(tx, &wanted)).await {
        Ok(card) => {
            let page = GivenPage { frame: may.titled("cards-given-title"), card };
            return Ok(Page(page).into_response());
        }
        Err(Error::Nobody) => "cards-fault-nobody",
        Err(Error::Customers(customers::Error::UnknownCustomer)) => "cards-fault-customer",
        Err(Error::Value { .. } | Error::Amount) => "cards-fault-amount",
        Err(error) => return Err(error.into()),
    };
    let page = give_page(&app, &may, form, Some(key)).await?;
    Ok(again(StatusCode::UNPROCESSABLE_ENTITY, page))
}

/// How gift cards are sold, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct SettingsForm {
    pub sells: String,
    /// Separated by spaces or semicolons: a comma may stand before cents.
    pub amounts: String,
    pub least: String,
    pub most: String,
    pub lasts_days: String,
}

impl SettingsForm {
    fn of(settings: &Settings) -> Self {
        let text = |amount: &Money| amount.decimal();
        let (least, most) = settings.between.unzip();
        Self {
            sells: if settings.sells { "1".to_owned() } else { String::new() },
            amounts: settings.amounts.iter().map(text).collect::<Vec<_>>().join(" "),
            least: least.as_ref().map(text).unwrap_or_default(),
            most: most.as_ref().map(text).unwrap_or_default(),
            lasts_days: settings.lasts_days.map(|days| days.to_string()).unwrap_or_default(),
        }
    }

    fn read(&self, currency: Currency) -> Result<Settings, &'static str> {
        let amount = |raw: &str| Money::parse_decimal(raw, currency).map_err(|_| "cards-fault-amount");
        let amounts = self.amounts.split([' ', ';', '\n', '\r', '\t']).filter(|raw| !raw.is_empty());
        let between = match (self.least.trim(), self.most.trim()) {
            ("", "") => None,
            (least, most) => Some((amount(least)?, amount(most)?)),
        };
        let lasts_days = match self.lasts_days.trim() {
            "" => None,
            typed => Some(typed.parse().map_err(|_| "cards-fault-lasts")?),
        };
        let amounts = amounts.map(amount).collect::<Result<_, _>>()?;
        Ok(Settings { sells: !self.sells.is_empty(), amounts, between, lasts_days })
    }
}

pub async fn settings(State(app): State<App>, may: May<Manage>) -> Result<Page<SettingsPage>, Problem> {
    let form = SettingsForm::of(&app.db.read(may.scope(), book::settings).await?);
    Ok(Page(settings_page(&may, form, None)))
}

fn settings_page(may: &May<Manage>, form: SettingsForm, fault: Option<&'static str>) -> SettingsPage {
    let frame = may.titled("cards-settings-title");
    let fault = fault.map(|key| frame.t(key));
    SettingsPage { frame, form, fault, currency: may.tenant().currency }
}

pub async fn save_settings(
    State(app): State<App>,
    may: May<Manage>,
    Form(form): Form<SettingsForm>,
) -> Result<Response, Problem> {
    use crate::model::Flaw;
    let saved = match form.read(may.tenant().currency) {
        Ok(settings) => app.db.write(may.scope(), move |tx| book::set_settings(tx, &settings)).await,
        Err(key) => {
            let page = settings_page(&may, form, Some(key));
            return Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    let key = match saved {
        Ok(()) => {
            let to = format!("/t/{}/admin/cards/settings", may.tenant().slug);
            return Ok(flash(&app, &to, "cards-flash-saved"));
        }
        Err(Error::Flaw(Flaw::NoAmount)) => "cards-fault-none",
        Err(Error::Flaw(Flaw::Between)) => "cards-fault-between",
        Err(Error::Flaw(Flaw::Lasts)) => "cards-fault-lasts",
        Err(error) => return Err(error.into()),
    };
    let page = settings_page(&may, form, Some(key));
    Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY))
}
