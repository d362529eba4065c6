//! Cards for applications. A code is told once, when its card is made; afterwards a card is asked for by it.

use axum::{extract::State, response::Response};
use base::{Code, Line, Money, Timestamp};
use customers::CustomerId;
use edge::{
    App, Json, List, May, PageQuery, Path, Problem, Query, Reply, RequestKey, fingerprint, idempotent,
};
use orders::OrderId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Manage, Read};
use crate::{
    ByHand, Error, Filter, Given, book, issue,
    model::{Act, Card, CardId, CardKind, CardState, Settings},
};

/// A gift card or a store credit.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GiftCard)]
pub struct CardView {
    #[schema(value_type = String)]
    id: CardId,
    /// Only when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    code: Option<Code>,
    /// The last characters of its code.
    ending: String,
    kind: CardKind,
    state: CardState,
    test: bool,
    /// What it was made with.
    #[schema(value_type = edge::schema::Money)]
    value: Money,
    /// What is on it, with what it keeps for orders that wait.
    #[schema(value_type = edge::schema::Money)]
    balance: Money,
    #[schema(value_type = Option<String>)]
    order: Option<OrderId>,
    #[schema(value_type = Option<String>)]
    customer: Option<CustomerId>,
    #[schema(value_type = String, format = DateTime)]
    issued_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

impl CardView {
    fn of(card: &Card, balance: Money) -> Self {
        Self {
            id: card.id,
            code: None,
            ending: card.code.ending().to_owned(),
            kind: card.kind,
            state: card.state,
            test: card.test,
            value: card.value,
            balance,
            order: card.order,
            customer: card.customer,
            issued_at: card.issued_at,
            expires_at: card.expires_at,
        }
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// The last four characters of a code.
    #[serde(default)]
    ending: String,
    #[param(value_type = Option<String>)]
    customer: Option<CustomerId>,
    kind: Option<CardKind>,
}

/// Gift cards and store credit, the newest first.
#[utoipa::path(get, path = "/t/{slug}/api/v1/gift-cards", tag = "gift cards",
    params(("slug" = String, Path), ListQuery, PageQuery),
    responses((status = 200, description = "A page of cards.", body = inline(List<CardView>))))]
pub async fn list(
    State(app): State<App>,
    may: May<Read>,
    Query(query): Query<ListQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<List<CardView>>, Problem> {
    let filter = Filter { ending: ending(&query.ending), customer: query.customer, kind: query.kind };
    let (before, limit) = (behind(&page)?, page.limit());
    let found = app.db.read(may.scope(), move |rx| book::list(rx, &filter, before, limit + 1)).await?;
    let list = List::of(found, limit, |(last, _)| [last.id.to_string()]);
    Ok(Json(list.map(|(card, balance)| CardView::of(&card, balance))))
}

/// The last four characters of what was typed: a whole code finds its card, too.
pub(super) fn ending(typed: &str) -> Option<String> {
    let letters: Vec<char> = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    let ending: String = letters[letters.len().saturating_sub(4)..].iter().collect();
    (!ending.is_empty()).then(|| ending.to_uppercase())
}

pub(super) fn behind(page: &PageQuery) -> Result<Option<CardId>, Problem> {
    let foreign =
        |_| Problem::bad_request("cursor-unknown", "This cursor is not one of ours; start again without it.");
    page.after::<1>()?.map(|[id]| id.parse()).transpose().map_err(foreign)
}

/// A card to be given by hand.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GiveCard {
    kind: CardKind,
    #[schema(value_type = edge::schema::Money)]
    amount: Money,
    /// What came for it: cash in the drawer, money in the bank, or nothing.
    given: Given,
    /// Whose it is; store credit is always somebody's.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    customer: Option<CustomerId>,
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    reason: Line<200>,
}

/// Give a gift card or store credit by hand.
///
/// The reply holds the code, once. Send an `Idempotency-Key`: a repeat under it is 409 `already-done` and names the card.
#[utoipa::path(post, path = "/t/{slug}/api/v1/gift-cards", tag = "gift cards", request_body = GiveCard,
    params(("slug" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, description = "The card, with its code.", body = CardView)))]
pub async fn give(
    State(app): State<App>,
    may: May<Manage>,
    key: RequestKey,
    Json(asked): Json<GiveCard>,
) -> Result<Response, Problem> {
    let print = fingerprint(&asked);
    let slug = may.tenant().slug.to_string();
    let work = move |tx: &mut db::Tx<'_>| {
        let GiveCard { kind, amount, given, customer, reason } = asked.clone();
        let card = issue::give(tx, &ByHand { kind, value: amount, customer, reason, given })?;
        let view = CardView { code: Some(card.code.clone()), ..CardView::of(&card, card.value) };
        Ok::<_, Error>(Reply {
            status: http::StatusCode::CREATED,
            json: serde_json::to_value(&view).unwrap_or_default(),
            location: Some(format!("/t/{slug}/api/v1/gift-cards?ending={}", card.code.ending())),
            secret: Some(card.id.to_string()),
        })
    };
    idempotent(&app, &may, may.scope(), &key, print, work).await
}

/// A card, by its code.
#[utoipa::path(get, path = "/t/{slug}/api/v1/gift-cards/{code}", tag = "gift cards",
    params(("slug" = String, Path), ("code" = String, Path)),
    responses((status = 200, description = "The card, with what is on it.", body = CardView)))]
pub async fn read(
    State(app): State<App>,
    may: May<Read>,
    Path(path): Path<(String, Code)>,
) -> Result<Json<CardView>, Problem> {
    let work = move |rx: &mut db::Rx<'_>| {
        let card = book::find_by_code(rx, &path.1)?;
        let (balance, _) = book::balance(rx, &card)?;
        Ok::<_, Error>(CardView::of(&card, balance))
    };
    Ok(Json(app.db.read(may.scope(), work).await?))
}

/// What shall be done to a card.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActOnCard {
    action: Act,
}

/// Block a card, or open it again. What it keeps for orders that wait is free.
#[utoipa::path(post, path = "/t/{slug}/api/v1/gift-cards/{code}/state", tag = "gift cards", request_body = ActOnCard,
    params(("slug" = String, Path), ("code" = String, Path)),
    responses((status = 200, description = "The card as it stands now.", body = CardView)))]
pub async fn put_state(
    State(app): State<App>,
    may: May<Manage>,
    Path(path): Path<(String, Code)>,
    Json(asked): Json<ActOnCard>,
) -> Result<Json<CardView>, Problem> {
    let work = move |tx: &mut db::Tx<'_>| {
        let card = book::find_by_code(tx, &path.1)?;
        book::act(tx, card.id, asked.action)?;
        let card = book::find(tx, card.id)?;
        let (balance, _) = book::balance(tx, &card)?;
        Ok::<_, Error>(CardView::of(&card, balance))
    };
    Ok(Json(app.db.write(may.scope(), work).await?))
}

/// How gift cards are sold.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = GiftCardSettings)]
pub struct SettingsView {
    /// Whether the shop sells them.
    sells: bool,
    /// To choose from.
    #[serde(default)]
    #[schema(value_type = Vec<edge::schema::Money>, max_items = 12)]
    amounts: Vec<Money>,
    /// Another amount may be typed from this …
    #[serde(default)]
    #[schema(value_type = Option<edge::schema::Money>)]
    least: Option<Money>,
    /// … to this.
    #[serde(default)]
    #[schema(value_type = Option<edge::schema::Money>)]
    most: Option<Money>,
    /// For how many days a card pays; without an end, if nothing stands here.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 36500)]
    lasts_days: Option<i64>,
}

impl SettingsView {
    fn of(settings: Settings) -> Self {
        let (least, most) = settings.between.unzip();
        let Settings { sells, amounts, lasts_days, .. } = settings;
        Self { sells, amounts, least, most, lasts_days }
    }

    fn settings(self, currency: base::Currency) -> Result<Settings, Error> {
        let own = |amount: &Money| amount.currency() == currency;
        if !self.amounts.iter().chain(&self.least).chain(&self.most).all(own) {
            return Err(orders::Error::OtherCurrency.into());
        }
        let between = match (self.least, self.most) {
            (Some(least), Some(most)) => Some((least, most)),
            (None, None) => None,
            _ => return Err(crate::model::Flaw::Between.into()),
        };
        Ok(Settings { sells: self.sells, amounts: self.amounts, between, lasts_days: self.lasts_days })
    }
}

/// How gift cards are sold.
#[utoipa::path(get, path = "/t/{slug}/api/v1/gift-card-settings", tag = "gift cards", params(("slug" = String, Path)),
    responses((status = 200, description = "The settings.", body = SettingsView)))]
pub async fn read_settings(State(app): State<App>, may: May<Read>) -> Result<Json<SettingsView>, Problem> {
    Ok(Json(SettingsView::of(app.db.read(may.scope(), book::settings).await?)))
}

/// Say how gift cards are sold.
#[utoipa::path(put, path = "/t/{slug}/api/v1/gift-card-settings", tag = "gift cards", request_body = SettingsView,
    params(("slug" = String, Path)), responses((status = 200, description = "The settings.", body = SettingsView)))]
pub async fn put_settings(
    State(app): State<App>,
    may: May<Manage>,
    Json(asked): Json<SettingsView>,
) -> Result<Json<SettingsView>, Problem> {
    let settings = asked.settings(may.tenant().currency)?;
    let work = move |tx: &mut db::Tx<'_>| {
        book::set_settings(tx, &settings)?;
        book::settings(tx)
    };
    Ok(Json(SettingsView::of(app.db.write(may.scope(), work).await?)))
}

#[cfg(test)]
mod tests {
    use super::ending;

    #[test]
    fn a_code_is_found_by_its_last_four_characters_however_it_is_typed() {
        for typed in ["kmnp", "•••• KMNP", "ACDE-FGHJ-KMNP", " k m n p "] {
            assert_eq!(ending(typed).as_deref(), Some("KMNP"), "{typed}");
        }
        assert_eq!(ending("  "), None);
    }
}
