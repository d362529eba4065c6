//! Customers in a list: by what they are chosen, in which order.

use db::{Error, Row, Rx, sql};

use super::read_customer;
use crate::{
    book::{Filter, Listed},
    mark::Mark,
    model::{self, Order, Tally},
};

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
                c.created_at, c.updated_at, c.agreed, c.agreed_at, c.sort_name
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
                and (cast($10 as text) is null or exists (select 1 from customer_mark m
                    where m.tenant_id = $1 and m.customer_id = c.id and m.mark = $10))
                and (cast($11 as text) is null or exists (select 1 from customer_mark a
                    where a.tenant_id = $1 and a.customer_id = c.id and a.mark >= $11 and a.mark < $12))
                and (cast($13 as bigint) is null or c.agreed = $13)
             order by ",
            $order,
            " limit cast($9 as bigint)"
        ))
    };
    // all customers: what fits many of them is found soon
    (all, $behind:literal, $order:literal) => {
        listing!("customer c", "c.owes >= 0", $behind, $order)
    };
    // the few customers with a word between $14 and $15
    (word, $behind:literal, $order:literal) => {
        listing!(
            "(select distinct w.customer_id from customer_word w
              where w.tenant_id = $1 and w.word >= $14 and w.word < $15) found cross join customer c",
            "c.id = found.customer_id",
            $behind,
            $order
        )
    };
    // the few customers with a mark between $14 and $15, no more than $16: bounded, so that nobody reads all marks to make
    // the customers distinct
    (mark, $behind:literal, $order:literal) => {
        listing!(
            "(select distinct few.customer_id from (select k.customer_id from customer_mark k where k.tenant_id = $1
              and k.mark >= $14 and k.mark < $15 limit cast($16 as bigint)) few) found cross join customer c",
            "c.id = found.customer_id",
            $behind,
            $order
        )
    };
    // who agreed, or did not: they stand in each order in an index of their own
    (agreed, $behind:literal, $order:literal) => {
        listing!("customer c", "c.agreed = $13", $behind, $order)
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

/// From here on, going along the order of the list finds a page sooner than going through those of a word or mark.
const COMMON: i64 = 5000;

/// Sorts behind every letter of a word or mark, and behind every id.
const LAST: &str = "~";

/// Among whom is looked: the fewest that what is asked leaves.
enum Among {
    All,
    Owing,
    Word(String),
    Mark(String),
    Agreed,
}

/// The few who are asked for; all where they are not few.
fn among(rx: &mut Rx, filter: &Filter, words: &[String]) -> Result<Among, Error> {
    let mut least = COMMON;
    let mut found = match filter.agreed {
        _ if filter.owes && filter.order != Order::Owes => Among::Owing,
        Some(_) => Among::Agreed,
        None => Among::All,
    };
    let mut fewer = |count: i64, among: Among| {
        if count < least {
            (least, found) = (count, among);
        }
    };
    for word in words {
        fewer(count_word(rx, word)?, Among::Word(word.clone()));
    }
    for mark in marks(filter).into_iter().flatten() {
        fewer(count_mark(rx, &mark)?, Among::Mark(mark));
    }
    Ok(found)
}

/// The marks that are asked for: of a campaign, and of an answer by its beginning.
fn marks(filter: &Filter) -> [Option<String>; 2] {
    let answer = |(key, value): &(String, String)| Mark::Answer { key, value }.word();
    [filter.campaign.as_deref().map(|id| Mark::Campaign(id).word()), filter.answer.as_ref().map(answer)]
}

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
    let among = among(rx, filter, &words)?;
    let mut patterns = words.iter().map(|word| format!("% {word}%"));
    let [first, second, third, fourth] = std::array::from_fn::<_, { model::SOUGHT }, _>(|_| patterns.next());
    let owes = i64::from(filter.owes);
    let [campaign, answer] = marks(filter);
    let answer_end = answer.as_ref().map(|answer| format!("{answer}{LAST}"));
    let by = filter.order;
    let read = |row: &Row<'_>| {
        let customer = read_customer(row)?;
        let key = match by {
            Order::Name => row.get(14)?,
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
    let number: i64 = key.parse().unwrap_or(i64::MAX);
    macro_rules! rows {
        ($among:ident by $order:ident, $key:expr $(, $more:expr)*) => {
            rx.rows(
                listing!($among by $order),
                (
                    $key, id, first, second, third, fourth, owes, limit, campaign, answer, answer_end, filter.agreed
                    $(, $more)*
                ),
                read,
            )
        };
        ($among:ident $(, $more:expr)*) => {
            match by {
                Order::Name => rows!($among by name, key $(, $more)*),
                Order::LastOrder => rows!($among by last_order, number $(, $more)*),
                Order::Owes => rows!($among by owes, number $(, $more)*),
            }
        };
    }
    match among {
        Among::All => rows!(all),
        Among::Owing => rows!(owing),
        Among::Word(word) => rows!(word, &word, format!("{word}{LAST}")),
        Among::Mark(mark) => rows!(mark, &mark, format!("{mark}{LAST}"), COMMON),
        Among::Agreed => rows!(agreed),
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

/// The same for a mark.
fn count_mark(rx: &mut Rx, prefix: &str) -> Result<i64, Error> {
    let found = rx.row(
        sql!(
            "select count(*) from (select k.customer_id from customer_mark k where k.tenant_id = $1 and k.mark >= $2
             and k.mark < $3 limit cast($4 as bigint)) counted"
        ),
        (prefix, format!("{prefix}{LAST}"), COMMON),
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}
