//! Every statement on the tables of customers.

use base::Timestamp;
use db::{Error, Row, Rx, Tx, sql};

use crate::{
    book::{Filter, Listed},
    model::{self, Contact, Customer, CustomerId, Note, NoteId, Order, Tally},
};

/// Whose these are: the way, and the customer it leads to.
pub fn owners(
    rx: &mut Rx,
    phone: Option<&str>,
    email: Option<&str>,
) -> Result<Vec<(String, CustomerId)>, Error> {
    if phone.is_none() && email.is_none() {
        return Ok(Vec::new());
    }
    rx.rows(
        sql!(
            "select way, customer_id from customer_way
             where tenant_id = $1 and way in (cast($2 as text), cast($3 as text))"
        ),
        (phone, email),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// All ways that lead to the customer.
pub fn ways(rx: &mut Rx, id: CustomerId) -> Result<Vec<String>, Error> {
    rx.rows(
        sql!("select way from customer_way where tenant_id = $1 and customer_id = $2 order by way"),
        (id,),
        |row| row.get(0),
    )
}

/// Lets a way lead to the customer, unless it leads to somebody already.
pub fn add_way(tx: &mut Tx, way: &str, id: CustomerId) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into customer_way (tenant_id, way, customer_id) values ($1, $2, $3)
             on conflict (tenant_id, way) do nothing"
        ),
        (way, id),
    )
}

pub fn remove_way(tx: &mut Tx, way: &str, id: CustomerId) -> Result<(), Error> {
    tx.put(sql!("delete from customer_way where tenant_id = $1 and way = $2 and customer_id = $3"), (way, id))
}

pub fn remove_ways(tx: &mut Tx, id: CustomerId) -> Result<(), Error> {
    tx.put(sql!("delete from customer_way where tenant_id = $1 and customer_id = $2"), (id,))
}

pub fn add(
    tx: &mut Tx,
    id: CustomerId,
    contact: &Contact,
    words: &[String],
    now: Timestamp,
) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into customer (tenant_id, id, name, phone, email, language, sort_name, search, orders, spent, owes,
                owed, last_order_at, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, 0, 0, $9, $9)"
        ),
        (
            id,
            &contact.name,
            &contact.phone,
            &contact.email,
            contact.language,
            contact.sort_name(),
            words_in_a_row(words),
            now,
        ),
    )
}

pub fn write(
    tx: &mut Tx,
    id: CustomerId,
    contact: &Contact,
    words: &[String],
    now: Timestamp,
) -> Result<(), Error> {
    tx.put(
        sql!(
            "update customer set name = $3, phone = $4, email = $5, language = $6, sort_name = $7, search = $8,
                updated_at = $9
             where tenant_id = $1 and id = $2"
        ),
        (
            id,
            &contact.name,
            &contact.phone,
            &contact.email,
            contact.language,
            contact.sort_name(),
            words_in_a_row(words),
            now,
        ),
    )
}

pub fn remove(tx: &mut Tx, id: CustomerId) -> Result<u64, Error> {
    tx.run(sql!("delete from customer where tenant_id = $1 and id = $2"), (id,))
}

pub fn add_words(tx: &mut Tx, id: CustomerId, words: &[String]) -> Result<(), Error> {
    for word in words {
        tx.put(
            sql!("insert into customer_word (tenant_id, word, customer_id) values ($1, $2, $3)"),
            (word, id),
        )?;
    }
    Ok(())
}

/// Removes the words of a customer, which stand in its row.
pub fn remove_words(tx: &mut Tx, id: CustomerId) -> Result<(), Error> {
    let search: Option<String> =
        tx.row(sql!("select search from customer where tenant_id = $1 and id = $2"), (id,), |row| {
            row.get(0)
        })?;
    for word in search.unwrap_or_default().split_ascii_whitespace() {
        tx.put(
            sql!("delete from customer_word where tenant_id = $1 and word = $2 and customer_id = $3"),
            (word, id),
        )?;
    }
    Ok(())
}

/// Each word behind a space: how `search` looks for one that begins with what was typed.
fn words_in_a_row(words: &[String]) -> String {
    words.iter().flat_map(|word| [" ", word]).collect()
}

/// Adds to what was dealt with the customer; the last order's time only moves on.
pub fn add_tally(tx: &mut Tx, id: CustomerId, change: Tally, placed_at: i64) -> Result<(), Error> {
    tx.put(
        sql!(
            "update customer set orders = orders + $3, spent = spent + $4, owes = owes + $5, owed = owed + $6,
                last_order_at = case when last_order_at < $7 then $7 else last_order_at end
             where tenant_id = $1 and id = $2"
        ),
        (id, change.orders, change.spent, change.owes, change.owed, placed_at),
    )
}

/// Makes what leads to `from` and was written about them `into`'s.
pub fn pass_on(tx: &mut Tx, from: CustomerId, into: CustomerId) -> Result<(), Error> {
    tx.put(
        sql!("update customer_way set customer_id = $3 where tenant_id = $1 and customer_id = $2"),
        (from, into),
    )?;
    tx.put(
        sql!("update customer_note set customer_id = $3 where tenant_id = $1 and customer_id = $2"),
        (from, into),
    )
}

fn read_customer(row: &Row<'_>) -> Result<Customer, Error> {
    let last_order_at: Timestamp = row.get(9)?;
    Ok(Customer {
        id: row.get(0)?,
        contact: Contact { name: row.get(1)?, phone: row.get(2)?, email: row.get(3)?, language: row.get(4)? },
        tally: Tally { orders: row.get(5)?, spent: row.get(6)?, owes: row.get(7)?, owed: row.get(8)? },
        last_order_at: Some(last_order_at).filter(|at| at.micros() > 0),
        created_at: row.get(10)?,
        updated_at: row.get(11)?,
    })
}

pub fn customer(rx: &mut Rx, id: CustomerId) -> Result<Option<Customer>, Error> {
    rx.row(
        sql!(
            "select id, name, phone, email, language, orders, spent, owes, owed, last_order_at, created_at, updated_at
             from customer where tenant_id = $1 and id = $2"
        ),
        (id,),
        read_customer,
    )
}

pub fn eight(rx: &mut Rx, ids: [CustomerId; 8]) -> Result<Vec<Customer>, Error> {
    let [a, b, c, d, e, f, g, h] = ids;
    rx.rows(
        sql!(
            "select id, name, phone, email, language, orders, spent, owes, owed, last_order_at, created_at, updated_at
             from customer where tenant_id = $1 and id in ($2, $3, $4, $5, $6, $7, $8, $9)"
        ),
        (a, b, c, d, e, f, g, h),
        read_customer,
    )
}

/// How many owe (as `orders`), and what they owe together.
pub fn debts(rx: &mut Rx) -> Result<Tally, Error> {
    let found = rx.row(
        sql!(
            "select count(*), cast(coalesce(sum(c.owes), 0) as bigint) from customer c
             where c.tenant_id = $1 and c.owes > 0"
        ),
        (),
        |row| Ok(Tally { orders: row.get(0)?, owes: row.get(1)?, ..Tally::default() }),
    )?;
    Ok(found.unwrap_or_default())
}

/// Customers looked for in `$among`, of whom `$which` holds, ordered by `$order` from behind `$behind`.
macro_rules! listing {
    ($among:literal, $which:literal, $behind:literal, $order:literal) => {
        sql!(concat!(
            "select c.id, c.name, c.phone, c.email, c.language, c.orders, c.spent, c.owes, c.owed, c.last_order_at,
                c.created_at, c.updated_at, c.sort_name
             from ",
            $among,
            " where c.tenant_id = $1 and ",
            $which,
            " and ",
            $behind,
            " and (cast($4 as text) is null or c.search like $4 escape '!')
                and (cast($5 as text) is null or c.search like $5 escape '!')
                and (cast($6 as text) is null or c.search like $6 escape '!')
                and (cast($7 as text) is null or c.search like $7 escape '!')
                and (cast($8 as bigint) = 0 or c.owes > 0)
             order by ",
            $order,
            " limit cast($9 as bigint)"
        ))
    };
    // all customers: what fits many of them is found soon
    (all, $behind:literal, $order:literal) => {
        listing!("customer c", "c.owes >= 0", $behind, $order)
    };
    // the few customers with a word between $10 and $11
    (few, $behind:literal, $order:literal) => {
        listing!(
            "(select distinct w.customer_id from customer_word w
              where w.tenant_id = $1 and w.word >= $10 and w.word < $11) found cross join customer c",
            "c.id = found.customer_id",
            $behind,
            $order
        )
    };
    // the few customers who owe
    (owing, $behind:literal, $order:literal) => {
        listing!(
            "(select d.id from customer d where d.tenant_id = $1 and d.owes > 0) found cross join customer c",
            "c.id = found.id",
            $behind,
            $order
        )
    };
    ($among:ident by name) => {
        listing!(
            $among,
            "(c.sort_name, c.id) > (cast($2 as text), cast($3 as text))",
            "c.sort_name, c.id"
        )
    };
    ($among:ident by last_order) => {
        listing!(
            $among,
            "(c.last_order_at, c.id) < (cast($2 as bigint), cast($3 as text))",
            "c.last_order_at desc, c.id desc"
        )
    };
    ($among:ident by owes) => {
        listing!(
            $among,
            "(c.owes, c.id) < (cast($2 as bigint), cast($3 as text))",
            "c.owes desc, c.id desc"
        )
    };
}

/// From here on, going along the order of the list finds a page sooner than going through a word's customers.
const COMMON: i64 = 1000;

/// Sorts behind every letter of a word, and behind every id.
const LAST: &str = "~";

pub fn list(
    rx: &mut Rx,
    filter: &Filter,
    after: Option<&[String; 2]>,
    limit: u32,
) -> Result<Vec<Listed>, Error> {
    let typed = filter.search.trim();
    let words = model::sought_words(typed);
    if words.is_empty() && !typed.is_empty() {
        return Ok(Vec::new());
    }
    let mut rare: Option<(i64, &str)> = None;
    for word in &words {
        let count = count_word(rx, word)?;
        if count < rare.map_or(COMMON, |(least, _)| least) {
            rare = Some((count, word));
        }
    }
    let mut patterns = words.iter().map(|word| format!("% {word}%"));
    let [first, second, third, fourth] = std::array::from_fn::<_, { model::SOUGHT }, _>(|_| patterns.next());
    let owes = i64::from(filter.owes);
    let by = filter.order;
    let read = |row: &Row<'_>| {
        let customer = read_customer(row)?;
        let key = match by {
            Order::Name => row.get(12)?,
            Order::LastOrder => row.get::<i64>(9)?.to_string(),
            Order::Owes => customer.tally.owes.to_string(),
        };
        Ok(Listed { keys: [key, customer.id.to_string()], customer })
    };
    let (key, id) = match (after, by) {
        (Some([key, id]), _) => (key.clone(), id.clone()),
        (None, Order::Name) => (String::new(), String::new()),
        (None, Order::LastOrder | Order::Owes) => (i64::MAX.to_string(), LAST.to_owned()),
    };
    let text = Some(key.clone()).filter(|_| by == Order::Name);
    let number: i64 = key.parse().unwrap_or(i64::MAX);
    match (by, rare, filter.owes) {
        (Order::Name, Some((_, word)), _) => {
            let end = format!("{word}{LAST}");
            rx.rows(
                listing!(few by name),
                (text, id, first, second, third, fourth, owes, limit, word, end),
                read,
            )
        }
        (Order::LastOrder, Some((_, word)), _) => {
            let end = format!("{word}{LAST}");
            let params = (number, id, first, second, third, fourth, owes, limit, word, end);
            rx.rows(listing!(few by last_order), params, read)
        }
        (Order::Owes, Some((_, word)), _) => {
            let end = format!("{word}{LAST}");
            let params = (number, id, first, second, third, fourth, owes, limit, word, end);
            rx.rows(listing!(few by owes), params, read)
        }
        (Order::Name, None, true) => {
            rx.rows(listing!(owing by name), (text, id, first, second, third, fourth, owes, limit), read)
        }
        (Order::LastOrder, None, true) => rx.rows(
            listing!(owing by last_order),
            (number, id, first, second, third, fourth, owes, limit),
            read,
        ),
        (Order::Name, None, false) => {
            rx.rows(listing!(all by name), (text, id, first, second, third, fourth, owes, limit), read)
        }
        (Order::LastOrder, None, false) => rx.rows(
            listing!(all by last_order),
            (number, id, first, second, third, fourth, owes, limit),
            read,
        ),
        (Order::Owes, None, _) => {
            rx.rows(listing!(all by owes), (number, id, first, second, third, fourth, owes, limit), read)
        }
    }
}

/// How many customers hold a word that begins with `prefix`, counted no further than `COMMON`.
fn count_word(rx: &mut Rx, prefix: &str) -> Result<i64, Error> {
    let found = rx.row(
        sql!(
            "select count(*) from (select w.customer_id from customer_word w where w.tenant_id = $1 and w.word >= $2
             and w.word < $3 limit cast($4 as bigint)) counted"
        ),
        (prefix, format!("{prefix}{LAST}"), COMMON),
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// Notes shown at most.
const NOTES: i64 = 200;

pub fn notes(rx: &mut Rx, id: CustomerId) -> Result<Vec<Note>, Error> {
    rx.rows(
        sql!(
            "select id, words, actor, at from customer_note where tenant_id = $1 and customer_id = $2
             order by at desc, id desc limit cast($3 as bigint)"
        ),
        (id, NOTES),
        |row| Ok(Note { id: row.get(0)?, text: row.get(1)?, actor: row.get(2)?, at: row.get(3)? }),
    )
}

pub fn add_note(tx: &mut Tx, id: CustomerId, note: &Note) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into customer_note (tenant_id, id, customer_id, words, actor, at) values ($1, $2, $3, $4, $5, $6)"
        ),
        (note.id, id, &note.text, &note.actor, note.at),
    )
}

pub fn remove_note(tx: &mut Tx, id: CustomerId, note: NoteId) -> Result<u64, Error> {
    tx.run(
        sql!("delete from customer_note where tenant_id = $1 and customer_id = $2 and id = $3"),
        (id, note),
    )
}

pub fn remove_notes(tx: &mut Tx, id: CustomerId) -> Result<(), Error> {
    tx.put(sql!("delete from customer_note where tenant_id = $1 and customer_id = $2"), (id,))
}
