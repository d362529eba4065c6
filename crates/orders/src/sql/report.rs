//! Sums over orders. Test orders are in none of them; gift cards are, where it is about what customers pay, and are not, where
//! it is about what was sold.

use base::{Currency, Day, Quantity, Span, Timestamp};
use catalog::VariantId;
use db::{Error, Rx, Tx, sql};

use super::{money, odd};
use crate::report::{ByMethod, Owed, Period, Seller, Sums};

/// Rows of the places that the reader may see: parameter `$n` is `Reach::places`.
macro_rules! here {
    ($n:literal) => {
        concat!(
            " and (cast(",
            $n,
            " as text) is null or ",
            $n,
            " like '%' || o.location_id || '%' escape '!')"
        )
    };
}

/// Orders that sell more than gift cards: those are owed until they are used.
macro_rules! sales {
    () => {
        " and (o.gift_cards = 0 or o.total > o.gift_cards)"
    };
}

/// Orders that became sales in `period`.
pub fn sold(rx: &mut Rx, period: Period, currency: Currency) -> Result<Sums, Error> {
    let places = rx.reach().places();
    let found = rx.row(
        sql!(concat!(
            "select count(*), coalesce(cast(sum(o.total - o.gift_cards) as bigint), 0),
                coalesce(cast(sum(o.net - o.gift_cards) as bigint), 0)
             from sale_order o where o.tenant_id = $1 and o.test = 0 and o.firm_at >= $2 and o.firm_at < $3",
            sales!(),
            here!("$4")
        )),
        (period.from, period.to, places),
        |row| {
            Ok(Sums { orders: row.get(0)?, gross: money(row, 1, currency)?, net: money(row, 2, currency)? })
        },
    )?;
    Ok(found.unwrap_or(Sums::none(currency)))
}

/// As `sold`, by the hour or day (so many microseconds `wide`) of the wall's clock, counted from 1970.
pub fn sold_in_steps(
    rx: &mut Rx,
    span: Span,
    wide: i64,
    currency: Currency,
) -> Result<Vec<(i64, Sums)>, Error> {
    let places = rx.reach().places();
    rx.rows(
        sql!(concat!(
            "select (o.firm_at + cast($4 as bigint)) / cast($5 as bigint), count(*),
                cast(sum(o.total - o.gift_cards) as bigint), cast(sum(o.net - o.gift_cards) as bigint)
             from sale_order o where o.tenant_id = $1 and o.test = 0 and o.firm_at >= $2 and o.firm_at < $3",
            sales!(),
            here!("$6"),
            " group by 1 order by 1"
        )),
        (span.from, span.to, span.ahead, wide, places),
        |row| {
            let (gross, net) = (money(row, 2, currency)?, money(row, 3, currency)?);
            Ok((row.get(0)?, Sums { orders: row.get(1)?, gross, net }))
        },
    )
}

/// Sales of `period` by the method they were booked under, the largest first.
pub fn sold_by_method(rx: &mut Rx, period: Period, currency: Currency) -> Result<Vec<ByMethod>, Error> {
    let places = rx.reach().places();
    rx.rows(
        sql!(concat!(
            "select o.firm_method, count(*), cast(sum(o.total - o.gift_cards) as bigint)
             from sale_order o where o.tenant_id = $1 and o.test = 0 and o.firm_at >= $2 and o.firm_at < $3
                and o.firm_method is not null",
            sales!(),
            here!("$4"),
            " group by o.firm_method order by sum(o.total - o.gift_cards) desc, o.firm_method"
        )),
        (period.from, period.to, places),
        |row| Ok(ByMethod { method: row.get(0)?, orders: row.get(1)?, gross: money(row, 2, currency)? }),
    )
}

/// Granted back in `period`: how often, how much money, and how much of that took a part of a sale back (minor units).
pub fn granted_back(rx: &mut Rx, period: Period) -> Result<(i64, i64, i64), Error> {
    let places = rx.reach().places();
    let found = rx.row(
        sql!(concat!(
            "select count(*), coalesce(cast(sum(r.amount) as bigint), 0), coalesce(cast(sum(r.credited - r.gift_cards) as bigint), 0)
             from refund r join sale_order o on o.tenant_id = $1 and o.id = r.order_id
             where r.tenant_id = $1 and r.at >= $2 and r.at < $3 and o.test = 0",
            here!("$4")
        )),
        (period.from, period.to, places),
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    Ok(found.unwrap_or_default())
}

/// What sales that were cancelled in `period` took back beyond their refunds (minor units): they had not been paid.
pub fn undone(rx: &mut Rx, period: Period) -> Result<i64, Error> {
    let places = rx.reach().places();
    let found = rx.row(
        sql!(concat!(
            "select coalesce(cast(sum(o.credited - o.gift_cards - coalesce((select cast(sum(r.credited - r.gift_cards) as bigint) from refund r
                where r.tenant_id = $1 and r.order_id = o.id), 0)) as bigint), 0)
             from sale_order o where o.tenant_id = $1 and o.test = 0 and o.firm_at is not null
                and o.cancelled_at >= $2 and o.cancelled_at < $3",
            here!("$4")
        )),
        (period.from, period.to, places),
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or_default())
}

/// Sales that customers still have to pay. The condition is `sale_order_unpaid`'s, word by word.
pub fn unpaid(rx: &mut Rx, currency: Currency) -> Result<Owed, Error> {
    let places = rx.reach().places();
    let found = rx.row(
        sql!(concat!(
            "select count(*), cast(coalesce(sum(o.total - o.credited - o.paid + o.refunded), 0) as bigint)
             from sale_order o where o.tenant_id = $1 and o.firm_at is not null and o.cancelled_at is null
                and o.total - o.credited > o.paid - o.refunded and o.test <> 1",
            here!("$2")
        )),
        (places,),
        |row| Ok(Owed { orders: row.get(0)?, amount: money(row, 1, currency)? }),
    )?;
    Ok(found.unwrap_or(Owed::nothing(currency)))
}

/// Orders that become sales when they are paid, and still have time.
pub fn awaited(rx: &mut Rx, currency: Currency) -> Result<Owed, Error> {
    let (now, places) = (rx.now(), rx.reach().places());
    let found = rx.row(
        sql!(concat!(
            "select count(*), cast(coalesce(sum(o.total - o.paid + o.refunded), 0) as bigint)
             from sale_order o where o.tenant_id = $1 and o.expires_at > $2 and o.test = 0",
            here!("$3")
        )),
        (now, places),
        |row| Ok(Owed { orders: row.get(0)?, amount: money(row, 1, currency)? }),
    )?;
    Ok(found.unwrap_or(Owed::nothing(currency)))
}

/// When the first order became a sale.
pub fn first_sale(rx: &mut Rx) -> Result<Option<Timestamp>, Error> {
    let first = rx.row(
        sql!("select min(firm_at) from sale_order where tenant_id = $1 and test = 0 and firm_at is not null"),
        (),
        |row| row.get(0),
    )?;
    Ok(first.flatten())
}

/// The sums of closed days, in order; days on which nothing was sold have none.
pub fn sold_on_days(
    rx: &mut Rx,
    first: Day,
    last: Day,
    currency: Currency,
) -> Result<Vec<(Day, Sums)>, Error> {
    let places = rx.reach().places();
    rx.rows(
        sql!(concat!(
            "select o.day, cast(sum(o.orders) as bigint), cast(sum(o.gross) as bigint), cast(sum(o.net) as bigint)
             from sale_day o where o.tenant_id = $1 and o.day >= $2 and o.day <= $3",
            here!("$4"),
            " group by o.day order by o.day"
        )),
        (first.to_string(), last.to_string(), places),
        |row| {
            let day: String = row.get(0)?;
            let day = day.parse().map_err(|_| odd::<Day>(0, day))?;
            let (gross, net) = (money(row, 2, currency)?, money(row, 3, currency)?);
            Ok((day, Sums { orders: row.get(1)?, gross, net }))
        },
    )
}

/// Goods of the sales of `period`, in no order.
pub fn goods_sold(rx: &mut Rx, period: Period, currency: Currency) -> Result<Vec<Seller>, Error> {
    let places = rx.reach().places();
    rx.rows(
        sql!(concat!(
            "select l.variant_id, max(case when l.options = '' then l.title else l.title || ', ' || l.options end),
                cast(sum(l.quantity) as bigint), cast(sum(l.gross) as bigint)
             from sale_order o join order_line l on l.tenant_id = $1 and l.order_id = o.id
             where o.tenant_id = $1 and o.test = 0 and o.firm_at >= $2 and o.firm_at < $3 and l.variant_id is not null",
            here!("$4"),
            " group by l.variant_id"
        )),
        (period.from, period.to, places),
        |row| read_seller(row, currency),
    )
}

/// As `goods_sold`, of closed days.
pub fn goods_of_days(rx: &mut Rx, first: Day, last: Day, currency: Currency) -> Result<Vec<Seller>, Error> {
    let places = rx.reach().places();
    rx.rows(
        sql!(concat!(
            "select o.variant_id, max(o.title), cast(sum(o.quantity) as bigint), cast(sum(o.gross) as bigint)
             from sold_day o where o.tenant_id = $1 and o.day >= $2 and o.day <= $3",
            here!("$4"),
            " group by o.variant_id"
        )),
        (first.to_string(), last.to_string(), places),
        |row| read_seller(row, currency),
    )
}

fn read_seller(row: &db::Row, currency: Currency) -> Result<Seller, Error> {
    Ok(Seller {
        variant: row.get::<VariantId>(0)?,
        title: row.get(1)?,
        quantity: row.get::<Quantity>(2)?,
        gross: money(row, 3, currency)?,
    })
}

/// The days from `first` to `last` that are closed, with the bounds they had, in order.
pub fn closed_days(rx: &mut Rx, first: Day, last: Day) -> Result<Vec<(String, Period)>, Error> {
    rx.rows(
        sql!(
            "select day, starts_at, ends_at from closed_day where tenant_id = $1 and day >= $2 and day <= $3 order by day"
        ),
        (first.to_string(), last.to_string()),
        |row| Ok((row.get(0)?, Period { from: row.get(1)?, to: row.get(2)? })),
    )
}

/// Adds a day up that is over.
pub fn close_day(tx: &mut Tx, day: Day, period: Period) -> Result<(), Error> {
    let day = day.to_string();
    tx.put(sql!("delete from sold_day where tenant_id = $1 and day = $2"), (&day,))?;
    tx.put(sql!("delete from sale_day where tenant_id = $1 and day = $2"), (&day,))?;
    tx.put(
        sql!(concat!(
            "insert into sale_day (tenant_id, day, location_id, orders, gross, net)
             select $1, cast($2 as text), coalesce(o.location_id, ''), count(*),
                cast(sum(o.total - o.gift_cards) as bigint), cast(sum(o.net - o.gift_cards) as bigint)
             from sale_order o
             where o.tenant_id = $1 and o.test = 0 and o.firm_at >= $3 and o.firm_at < $4",
            sales!(),
            " group by coalesce(o.location_id, '')"
        )),
        (&day, period.from, period.to),
    )?;
    tx.put(
        sql!(
            "insert into sold_day (tenant_id, day, location_id, variant_id, title, quantity, gross)
             select $1, cast($2 as text), coalesce(o.location_id, ''), l.variant_id,
                max(case when l.options = '' then l.title else l.title || ', ' || l.options end),
                cast(sum(l.quantity) as bigint), cast(sum(l.gross) as bigint)
             from sale_order o join order_line l on l.tenant_id = $1 and l.order_id = o.id
             where o.tenant_id = $1 and o.test = 0 and o.firm_at >= $3 and o.firm_at < $4 and l.variant_id is not null
             group by coalesce(o.location_id, ''), l.variant_id"
        ),
        (&day, period.from, period.to),
    )?;
    tx.put(
        sql!(
            "insert into closed_day (tenant_id, day, starts_at, ends_at) values ($1, $2, $3, $4)
             on conflict (tenant_id, day) do update set starts_at = excluded.starts_at, ends_at = excluded.ends_at"
        ),
        (&day, period.from, period.to),
    )
}
