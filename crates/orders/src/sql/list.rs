//! How orders are found: by state, channel, place, and the beginnings of words along an index.

use base::{Email, Phone};
use customers::{SOUGHT, sought_words};
use db::{Error, Row, Rx, Tx, sql};

use super::order::read_order;
use crate::{
    model::{Channel, FulfilmentState, OrderId, PaymentState},
    order::{Filter, Listed, Waits},
};

/// What `sale_order_to_do` and `sale_order_owed` index, word by word: sales whose goods wait to go, and orders whose money
/// must go back.
macro_rules! waits {
    (goods) => {
        "firm_at is not null and fulfilment in ('unfulfilled', 'packed')"
    };
    (money) => {
        "owed > 0"
    };
}

/// Orders for which `$which` holds, the newest first, that fit the rest of the filter; they are looked for in `$among`.
macro_rules! listing {
    ($among:literal, $which:expr) => {
        sql!(concat!(
            "select o.id, o.number, o.channel, o.test, o.currency, o.prices_include_tax, o.rounding, o.list, o.discount,
                o.net, o.tax, o.total, o.paid, o.refunded, o.credited, o.owed, o.payment, o.fulfilment, o.method,
                o.firm_method, o.location_id, o.placed_at, o.expires_at, o.firm_at, o.cancelled_at, o.cancel_reason,
                c.name, c.phone
             from ",
            $among,
            " join order_contact c on c.tenant_id = $1 and c.order_id = o.id
             where o.tenant_id = $1 and (",
            $which,
            ") and (cast($2 as bigint) is null or o.number < $2)
                and (cast($3 as text) is null or o.payment = $3)
                and (cast($4 as text) is null or o.fulfilment = $4)
                and (cast($5 as text) is null or o.channel = $5)
                and (cast($8 as text) is null or o.number = cast($6 as bigint) or (c.search like $8 escape '!'
                    and (cast($9 as text) is null or c.search like $9 escape '!')
                    and (cast($10 as text) is null or c.search like $10 escape '!')
                    and (cast($11 as text) is null or c.search like $11 escape '!')))
                and (cast($7 as text) is null or $7 like '%' || o.location_id || '%' escape '!')
             order by o.number desc limit cast($12 as bigint)"
        ))
    };
    // all orders, the newest first: what stands in many of them is found soon
    (all, $which:expr) => {
        listing!("sale_order o", $which)
    };
    // the few orders with a word between $13 and $14, or with the number $6
    (few, $which:expr) => {
        listing!(
            "(select w.number from order_word w where w.tenant_id = $1 and w.word >= $13 and w.word < $14
              union select n.number from sale_order n where n.tenant_id = $1 and n.number = cast($6 as bigint)) found
             cross join sale_order o",
            concat!("o.number = found.number and ", $which)
        )
    };
}

/// From here on, going through the orders from the newest finds a page of them sooner than going through a word's.
const COMMON: i64 = 1000;

pub fn list(rx: &mut Rx, filter: &Filter, before: Option<i64>, limit: u32) -> Result<Vec<Listed>, Error> {
    let typed = filter.search.trim();
    let words = sought_words(typed);
    if words.is_empty() && !typed.is_empty() {
        return Ok(Vec::new());
    }
    let number: Option<i64> = typed.trim_start_matches('#').parse().ok();
    let all_worded = words.is_empty() || !has_unworded(rx)?;
    let mut rare: Option<(i64, &str)> = None;
    for word in words.iter().filter(|_| all_worded) {
        let count = count_word(rx, word)?;
        if count < rare.map_or(COMMON, |(least, _)| least) {
            rare = Some((count, word));
        }
    }
    // an order of before may hold its words in another form
    let begins = if all_worded { "% " } else { "%" };
    let mut patterns = words.iter().map(|word| format!("{begins}{word}%"));
    let places = rx.reach().places();
    let (payment, fulfilment) =
        (filter.payment.map(PaymentState::name), filter.fulfilment.map(FulfilmentState::name));
    let channel = filter.channel.map(Channel::name);
    let [first, second, third, fourth] = std::array::from_fn::<_, { SOUGHT }, _>(|_| patterns.next());
    let read =
        |row: &Row<'_>| Ok(Listed { order: read_order(row)?, customer: row.get(26)?, phone: row.get(27)? });
    match rare {
        Some((_, word)) => {
            let statement = match filter.waits {
                None => listing!(few, "o.number > 0"),
                Some(Waits::Goods) => listing!(few, waits!(goods)),
                Some(Waits::Money) => listing!(few, waits!(money)),
            };
            let end = format!("{word}{LAST}");
            rx.rows(
                statement,
                (
                    before, payment, fulfilment, channel, number, places, first, second, third, fourth,
                    limit, word, end,
                ),
                read,
            )
        }
        None => {
            let statement = match filter.waits {
                None => listing!(all, "o.number > 0"),
                Some(Waits::Goods) => listing!(all, waits!(goods)),
                Some(Waits::Money) => listing!(all, waits!(money)),
            };
            rx.rows(
                statement,
                (before, payment, fulfilment, channel, number, places, first, second, third, fourth, limit),
                read,
            )
        }
    }
}

/// Sorts behind every letter of a word.
const LAST: char = '~';

/// How many orders hold a word that begins with `prefix`, counted no further than `COMMON`.
fn count_word(rx: &mut Rx, prefix: &str) -> Result<i64, Error> {
    let found = rx.row(
        sql!(
            "select count(*) from (select w.number from order_word w where w.tenant_id = $1 and w.word >= $2
             and w.word < $3 limit cast($4 as bigint)) counted"
        ),
        (prefix, format!("{prefix}{LAST}"), COMMON),
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}

fn has_unworded(rx: &mut Rx) -> Result<bool, Error> {
    let found = rx.row(
        sql!("select 1 from order_contact where tenant_id = $1 and worded is null limit 1"),
        (),
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Orders that cannot be found by their words yet.
pub fn unworded(rx: &mut Rx, limit: u32) -> Result<Vec<(OrderId, i64)>, Error> {
    rx.rows(
        sql!(
            "select c.order_id, o.number from order_contact c join sale_order o on o.tenant_id = $1 and o.id = c.order_id
             where c.tenant_id = $1 and c.worded is null order by c.order_id desc limit cast($2 as bigint)"
        ),
        (limit,),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Makes an order findable by `words`.
pub fn add_words(tx: &mut Tx, order: OrderId, number: i64, words: &[String]) -> Result<(), Error> {
    for word in words {
        tx.put(
            sql!(
                "insert into order_word (tenant_id, word, number) values ($1, $2, $3)
                 on conflict (tenant_id, word, number) do nothing"
            ),
            (word, number),
        )?;
    }
    tx.put(
        sql!("update order_contact set search = $3, worded = 1 where tenant_id = $1 and order_id = $2"),
        (order, words_in_a_row(words)),
    )
}

/// Each word behind a space: how `search` looks for one that begins with what was typed.
pub(super) fn words_in_a_row(words: &[String]) -> String {
    words.iter().flat_map(|word| [" ", word]).collect()
}

/// Orders placed after the one numbered `after`, by others than staff in the back office, the newest first.
pub fn come_since(rx: &mut Rx, after: i64, limit: u32) -> Result<Vec<Listed>, Error> {
    let places = rx.reach().places();
    rx.rows(
        sql!(
            "select o.id, o.number, o.channel, o.test, o.currency, o.prices_include_tax, o.rounding, o.list, o.discount,
                o.net, o.tax, o.total, o.paid, o.refunded, o.credited, o.owed, o.payment, o.fulfilment, o.method,
                o.firm_method, o.location_id, o.placed_at, o.expires_at, o.firm_at, o.cancelled_at, o.cancel_reason,
                c.name, c.phone
             from sale_order o join order_contact c on c.tenant_id = $1 and c.order_id = o.id
             where o.tenant_id = $1 and o.number > $2 and o.channel <> 'office'
                and (cast($3 as text) is null or $3 like '%' || o.location_id || '%' escape '!')
             order by o.number desc limit cast($4 as bigint)"
        ),
        (after, places, limit),
        |row| Ok(Listed { order: read_order(row)?, customer: row.get(26)?, phone: row.get(27)? }),
    )
}

/// The order with this number, if its customer has this phone number or this mail address.
pub fn order_of(
    rx: &mut Rx,
    number: i64,
    phone: Option<&Phone>,
    email: Option<&Email>,
) -> Result<Option<OrderId>, Error> {
    rx.row(
        sql!(
            "select o.id from sale_order o join order_contact c on c.tenant_id = $1 and c.order_id = o.id
             where o.tenant_id = $1 and o.number = $2 and (c.phone = cast($3 as text) or c.email = cast($4 as text))"
        ),
        (number, phone, email),
        |row| row.get(0),
    )
}

/// The number of the newest order; zero before the first.
pub fn last_number(rx: &mut Rx) -> Result<i64, Error> {
    let last =
        rx.row(sql!("select max(number) from sale_order where tenant_id = $1"), (), |row| row.get(0))?;
    Ok(last.flatten().unwrap_or_default())
}

macro_rules! count_of {
    ($which:expr) => {
        sql!(concat!(
            "select count(*) from sale_order where tenant_id = $1 and ",
            $which,
            " and (cast($2 as text) is null or $2 like '%' || location_id || '%' escape '!')"
        ))
    };
}

/// How many orders wait for their goods, or for their money.
pub fn waiting(rx: &mut Rx, what: Waits) -> Result<i64, Error> {
    let statement = match what {
        Waits::Goods => count_of!(waits!(goods)),
        Waits::Money => count_of!(waits!(money)),
    };
    let places = rx.reach().places();
    Ok(rx.row(statement, (places,), |row| row.get(0))?.unwrap_or_default())
}
