//! Whose orders are whose.

use customers::CustomerId;
use db::{Error, Rx, Tx, sql};

use super::order::read_order;
use crate::model::{Order, OrderId};

/// Whose order it is.
pub fn customer_of(rx: &mut Rx, order: OrderId) -> Result<Option<CustomerId>, Error> {
    let found = rx.row(
        sql!("select customer_id from sale_order where tenant_id = $1 and id = $2"),
        (order,),
        |row| row.get(0),
    )?;
    Ok(found.flatten())
}

/// Says whose order it is; after this the order is asked no more.
pub fn acquaint(tx: &mut Tx, order: OrderId, customer: Option<CustomerId>) -> Result<(), Error> {
    tx.put(
        sql!("update sale_order set customer_id = $3, acquainted = 1 where tenant_id = $1 and id = $2"),
        (order, customer),
    )
}

/// Orders of which nobody has asked yet whose they are, the oldest first.
pub fn unacquainted(rx: &mut Rx, limit: u32) -> Result<Vec<OrderId>, Error> {
    rx.rows(
        sql!(
            "select id from sale_order where tenant_id = $1 and acquainted is null order by number
             limit cast($2 as bigint)"
        ),
        (limit,),
        |row| row.get(0),
    )
}

/// Makes all orders of one customer another's.
pub fn pass_on(tx: &mut Tx, from: CustomerId, into: CustomerId) -> Result<(), Error> {
    tx.put(
        sql!("update sale_order set customer_id = $3 where tenant_id = $1 and customer_id = $2"),
        (from, into),
    )
}

pub fn has_orders(rx: &mut Rx, customer: CustomerId) -> Result<bool, Error> {
    let found = rx.row(
        sql!("select 1 from sale_order where tenant_id = $1 and customer_id = $2 limit 1"),
        (customer,),
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// All orders of a customer.
pub fn ids_of(rx: &mut Rx, customer: CustomerId) -> Result<Vec<OrderId>, Error> {
    rx.rows(
        sql!("select id from sale_order where tenant_id = $1 and customer_id = $2 order by number"),
        (customer,),
        |row| row.get(0),
    )
}

macro_rules! orders_of {
    ($which:literal) => {
        sql!(concat!(
            "select id, number, channel, test, currency, prices_include_tax, rounding, list, discount, net, tax, total,
                paid, refunded, credited, owed, payment, fulfilment, method, firm_method, location_id, placed_at,
                expires_at, firm_at, cancelled_at, cancel_reason
             from sale_order
             where tenant_id = $1 and customer_id = $2 and ",
            $which,
            " and (cast($3 as bigint) is null or number < $3)
                and (cast($4 as text) is null or $4 like '%' || location_id || '%' escape '!')
             order by number desc limit cast($5 as bigint)"
        ))
    };
}

/// A customer's orders, the newest first, from behind the one numbered `before`, as far as the one who asks may see.
pub fn orders_of(
    rx: &mut Rx,
    customer: CustomerId,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Order>, Error> {
    let places = rx.reach().places();
    rx.rows(orders_of!("number > 0"), (customer, before, places, limit), read_order)
}

/// Those for which goods have to go, or money to come or to go back; `limit` of them at most.
pub fn open_orders_of(rx: &mut Rx, customer: CustomerId, limit: u32) -> Result<Vec<Order>, Error> {
    let (places, none) = (rx.reach().places(), None::<i64>);
    let open = orders_of!(
        "(owed > 0 or expires_at is not null or (firm_at is not null and cancelled_at is null
            and (fulfilment in ('unfulfilled', 'packed') or total - credited > paid - refunded)))"
    );
    rx.rows(open, (customer, none, places, limit), read_order)
}
