//! Every statement on the tables of cards.

use base::{Code, Currency, Money, Timestamp};
use customers::CustomerId;
use db::{Error, Row, Rx, Tx, sql};
use orders::{OrderId, stored::Gift};

use crate::{
    book::Filter,
    model::{Card, CardId, CardKind, CardState, Movement, MovementKind, Settings, Use, UseState},
};

fn odd(index: usize, wanted: &'static str, found: impl ToString) -> Error {
    Error::Column { index, wanted, found: found.to_string() }
}

fn named<T>(row: &Row<'_>, index: usize, parse: fn(&str) -> Option<T>) -> Result<T, Error> {
    let text: String = row.get(index)?;
    parse(&text).ok_or_else(|| odd(index, "a word of a closed set", text))
}

fn money(row: &Row<'_>, index: usize, currency: Currency) -> Result<Money, Error> {
    let minor: i64 = row.get(index)?;
    Money::new(minor, currency).map_err(|_| odd(index, "an amount", minor))
}

/// Writes a card down, unless its code is another's.
pub fn add_card(tx: &mut Tx, card: &Card) -> Result<bool, Error> {
    let added = tx.run(
        sql!(
            "insert into card (tenant_id, id, code, ending, kind, state, test, currency, value, order_id, line, refund_id,
                customer_id, reason, actor, issued_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
             on conflict (tenant_id, code) do nothing"
        ),
        (
            card.id,
            card.code.as_str(),
            card.code.ending(),
            card.kind.name(),
            card.state.name(),
            card.test,
            card.value.currency(),
            card.value.minor(),
            card.order,
            card.line,
            card.refund,
            card.customer,
            &card.reason,
            &card.actor,
            card.issued_at,
            card.expires_at,
        ),
    )?;
    Ok(added == 1)
}

macro_rules! cards_where {
    ($condition:literal) => {
        sql!(concat!(
            "select id, code, kind, state, test, currency, value, order_id, line, refund_id, customer_id, reason, actor,
                issued_at, expires_at from card where tenant_id = $1 and ",
            $condition
        ))
    };
}

fn read_card(row: &Row<'_>) -> Result<Card, Error> {
    let code: String = row.get(1)?;
    let currency: Currency = row.get(5)?;
    Ok(Card {
        id: row.get(0)?,
        code: code.parse().map_err(|_| odd(1, "a code", code))?,
        kind: named(row, 2, CardKind::parse)?,
        state: named(row, 3, CardState::parse)?,
        test: row.get(4)?,
        value: money(row, 6, currency)?,
        order: row.get(7)?,
        line: row.get(8)?,
        refund: row.get(9)?,
        customer: row.get(10)?,
        reason: row.get(11)?,
        actor: row.get(12)?,
        issued_at: row.get(13)?,
        expires_at: row.get(14)?,
    })
}

pub fn card(rx: &mut Rx, id: CardId) -> Result<Option<Card>, Error> {
    rx.row(cards_where!("id = $2"), (id,), read_card)
}

pub fn card_by_code(rx: &mut Rx, code: &Code) -> Result<Option<Card>, Error> {
    rx.row(cards_where!("code = $2"), (code.as_str(),), read_card)
}

/// The card that the line of an order sold.
pub fn card_of_line(rx: &mut Rx, order: OrderId, line: i64) -> Result<Option<Card>, Error> {
    rx.row(cards_where!("order_id = $2 and line = $3"), (order, line), read_card)
}

/// The cards that an order sold, or its refunds gave.
pub fn cards_of(rx: &mut Rx, order: OrderId) -> Result<Vec<Card>, Error> {
    rx.rows(cards_where!("order_id = $2 order by id"), (order,), read_card)
}

/// The newest first, from behind the one named `before`.
pub fn cards(rx: &mut Rx, filter: &Filter, before: Option<CardId>, limit: u32) -> Result<Vec<Card>, Error> {
    let kind = filter.kind.map(CardKind::name);
    rx.rows(
        cards_where!(
            "(cast($2 as text) is null or ending = $2) and (cast($3 as text) is null or customer_id = $3)
             and (cast($4 as text) is null or kind = $4) and (cast($5 as text) is null or id < $5)
             order by id desc limit cast($6 as bigint)"
        ),
        (&filter.ending, filter.customer, kind, before, limit),
        read_card,
    )
}

/// Whether any card was ever issued.
pub fn any(rx: &mut Rx) -> Result<bool, Error> {
    let found =
        rx.row(sql!("select cast(1 as bigint) from card where tenant_id = $1 limit 1"), (), |row| {
            row.get::<i64>(0)
        })?;
    Ok(found.is_some())
}

pub fn set_state(
    tx: &mut Tx,
    id: CardId,
    state: CardState,
    expires_at: Option<Timestamp>,
) -> Result<(), Error> {
    tx.put(
        sql!("update card set state = $3, expires_at = $4 where tenant_id = $1 and id = $2"),
        (id, state.name(), expires_at),
    )
}

/// Cards whose time has run out, the longest over first.
pub fn cards_over(rx: &mut Rx, limit: u32) -> Result<Vec<Card>, Error> {
    let now = rx.now();
    rx.rows(
        cards_where!(
            "state = 'active' and expires_at <= $2 order by expires_at, id limit cast($3 as bigint)"
        ),
        (now, limit),
        read_card,
    )
}

pub fn add_gift(tx: &mut Tx, order: OrderId, line: i64, gift: &Gift) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into card_gift (tenant_id, order_id, line, name, email, phone, message)
             values ($1, $2, $3, $4, $5, $6, $7)"
        ),
        (order, line, &gift.name, &gift.email, &gift.phone, gift.message.as_str()),
    )
}

/// For whom the card of an order's line is; nobody in particular once it was forgotten.
pub fn gift(rx: &mut Rx, order: OrderId, line: i64) -> Result<Gift, Error> {
    let found = rx.row(
        sql!("select name, email, phone, message from card_gift where tenant_id = $1 and order_id = $2 and line = $3"),
        (order, line),
        |row| {
            let message: String = row.get(3)?;
            let message = message.parse().map_err(|_| odd(3, "a message", message))?;
            Ok(Gift { name: row.get(0)?, email: row.get(1)?, phone: row.get(2)?, message })
        },
    )?;
    Ok(found.unwrap_or_default())
}

pub fn forget_gifts(tx: &mut Tx, order: OrderId) -> Result<(), Error> {
    tx.put(sql!("delete from card_gift where tenant_id = $1 and order_id = $2"), (order,))
}

/// Cards of `from` are those of `into`; of nobody, and without why they were given, where there is none.
pub fn pass_on(tx: &mut Tx, from: CustomerId, into: Option<CustomerId>) -> Result<(), Error> {
    tx.put(
        sql!(
            "update card set customer_id = $3, reason = case when cast($3 as text) is null then '' else reason end
             where tenant_id = $1 and customer_id = $2"
        ),
        (from, into),
    )
}

pub fn add_use(tx: &mut Tx, used: &Use) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into card_use (tenant_id, id, card_id, order_id, hold_id, amount, given_back, state, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        ),
        (
            used.id,
            used.card,
            used.order,
            used.hold,
            used.amount.minor(),
            used.given_back.minor(),
            used.state.name(),
            used.at,
        ),
    )
}

/// Writes where a use stands now.
pub fn save_use(tx: &mut Tx, used: &Use) -> Result<(), Error> {
    tx.put(
        sql!(
            "update card_use set hold_id = $3, amount = $4, given_back = $5, state = $6 where tenant_id = $1 and id = $2"
        ),
        (used.id, used.hold, used.amount.minor(), used.given_back.minor(), used.state.name()),
    )
}

fn read_use(row: &Row<'_>) -> Result<Use, Error> {
    let currency: Currency = row.get(8)?;
    Ok(Use {
        id: row.get(0)?,
        card: row.get(1)?,
        order: row.get(2)?,
        hold: row.get(3)?,
        amount: money(row, 4, currency)?,
        given_back: money(row, 5, currency)?,
        state: named(row, 6, UseState::parse)?,
        at: row.get(7)?,
    })
}

/// What cards pay for an order, in the order in which they were named.
pub fn uses_of_order(rx: &mut Rx, order: OrderId) -> Result<Vec<Use>, Error> {
    rx.rows(
        sql!(
            "select u.id, u.card_id, u.order_id, u.hold_id, u.amount, u.given_back, u.state, u.at, c.currency
             from card_use u join card c on c.tenant_id = $1 and c.id = u.card_id
             where u.tenant_id = $1 and u.order_id = $2 order by u.id"
        ),
        (order,),
        read_use,
    )
}

/// What a card keeps for orders that wait.
pub fn kept_of_card(rx: &mut Rx, card: CardId) -> Result<Vec<Use>, Error> {
    rx.rows(
        sql!(
            "select u.id, u.card_id, u.order_id, u.hold_id, u.amount, u.given_back, u.state, u.at, c.currency
             from card_use u join card c on c.tenant_id = $1 and c.id = u.card_id
             where u.tenant_id = $1 and u.card_id = $2 and u.state = 'kept' order by u.id"
        ),
        (card,),
        read_use,
    )
}

pub fn add_movement(tx: &mut Tx, card: CardId, movement: &Movement) -> Result<(), Error> {
    let id = tx.new_id::<crate::model::MovementIdKind>();
    tx.put(
        sql!(
            "insert into card_movement (tenant_id, id, card_id, kind, amount, order_id, actor, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)"
        ),
        (
            id,
            card,
            movement.kind.name(),
            movement.amount.minor(),
            movement.order,
            &movement.actor,
            movement.at,
        ),
    )
}

/// What moved a card's value, the newest first.
pub fn movements(rx: &mut Rx, card: &Card) -> Result<Vec<Movement>, Error> {
    let currency = card.value.currency();
    rx.rows(
        sql!(
            "select kind, amount, order_id, actor, at from card_movement
             where tenant_id = $1 and card_id = $2 order by at desc, id desc limit 500"
        ),
        (card.id,),
        |row| {
            Ok(Movement {
                kind: named(row, 0, MovementKind::parse)?,
                amount: money(row, 1, currency)?,
                order: row.get(2)?,
                actor: row.get(3)?,
                at: row.get(4)?,
            })
        },
    )
}

/// What is on all cards that were not made while trying out, in minor units.
pub fn owed(rx: &mut Rx) -> Result<i64, Error> {
    let sum = rx.row(
        sql!(
            "select cast(coalesce(sum(m.amount), 0) as bigint) from card_movement m
             join card c on c.tenant_id = $1 and c.id = m.card_id
             where m.tenant_id = $1 and c.test = 0"
        ),
        (),
        |row| row.get(0),
    )?;
    Ok(sum.unwrap_or_default())
}

pub fn settings(rx: &mut Rx, currency: Currency) -> Result<Settings, Error> {
    let found = rx.row(
        sql!("select sells, amounts, least, most, lasts_days from card_setting where tenant_id = $1"),
        (),
        |row| {
            let amounts: String = row.get(1)?;
            let minors: Vec<i64> =
                serde_json::from_str(&amounts).map_err(|_| odd(1, "a list of amounts", &amounts))?;
            let amount = |minor: i64| Money::new(minor, currency).map_err(|_| odd(1, "an amount", minor));
            let (least, most): (Option<i64>, Option<i64>) = (row.get(2)?, row.get(3)?);
            let between = match (least, most) {
                (Some(least), Some(most)) => Some((amount(least)?, amount(most)?)),
                _ => None,
            };
            let amounts = minors.into_iter().map(amount).collect::<Result<_, _>>()?;
            Ok(Settings { sells: row.get(0)?, amounts, between, lasts_days: row.get(4)? })
        },
    )?;
    Ok(found.unwrap_or_default())
}

pub fn put_settings(tx: &mut Tx, settings: &Settings) -> Result<(), Error> {
    let minors: Vec<i64> = settings.amounts.iter().map(|amount| amount.minor()).collect();
    let amounts = serde_json::to_string(&minors).unwrap_or_default();
    let (least, most) = settings.between.map(|(least, most)| (least.minor(), most.minor())).unzip();
    tx.put(
        sql!(
            "insert into card_setting (tenant_id, sells, amounts, least, most, lasts_days) values ($1, $2, $3, $4, $5, $6)
             on conflict (tenant_id) do update set sells = excluded.sells, amounts = excluded.amounts,
                least = excluded.least, most = excluded.most, lasts_days = excluded.lasts_days"
        ),
        (settings.sells, amounts, least, most, settings.lasts_days),
    )
}
