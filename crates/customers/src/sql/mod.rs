//! Every statement on the tables of customers.

mod consent;
mod file;
mod list;
mod mark;

pub use consent::*;
pub use file::*;
pub use list::*;
pub use mark::*;

use base::Timestamp;
use db::{Error, Row, Rx, Tx, sql};

use crate::model::{Contact, Customer, CustomerId, Note, NoteId, Tally};

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
    )?;
    tx.put(
        sql!("update customer_consent set customer_id = $3 where tenant_id = $1 and customer_id = $2"),
        (from, into),
    )?;
    for mark in marks(tx, from)? {
        add_mark(tx, &mark, into)?;
    }
    remove_marks(tx, from)
}

fn read_customer(row: &Row<'_>) -> Result<Customer, Error> {
    let (last_order_at, agreed_at): (Timestamp, Timestamp) = (row.get(9)?, row.get(13)?);
    let agreed: bool = row.get(12)?;
    let agreed_at = Some(agreed_at).filter(|at| at.micros() > 0);
    Ok(Customer {
        id: row.get(0)?,
        contact: Contact { name: row.get(1)?, phone: row.get(2)?, email: row.get(3)?, language: row.get(4)? },
        tally: Tally { orders: row.get(5)?, spent: row.get(6)?, owes: row.get(7)?, owed: row.get(8)? },
        last_order_at: Some(last_order_at).filter(|at| at.micros() > 0),
        created_at: row.get(10)?,
        updated_at: row.get(11)?,
        agreed: agreed_at.map(|_| agreed),
        agreed_at,
    })
}

pub fn customer(rx: &mut Rx, id: CustomerId) -> Result<Option<Customer>, Error> {
    rx.row(
        sql!(
            "select id, name, phone, email, language, orders, spent, owes, owed, last_order_at, created_at, updated_at,
                agreed, agreed_at
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
            "select id, name, phone, email, language, orders, spent, owes, owed, last_order_at, created_at, updated_at,
                agreed, agreed_at
             from customer where tenant_id = $1 and id in ($2, $3, $4, $5, $6, $7, $8, $9)"
        ),
        (a, b, c, d, e, f, g, h),
        read_customer,
    )
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
