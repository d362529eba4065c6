use base::{
    Currency, Money, Timestamp,
    tax::{Rounding, Treatment},
};
use db::{Error, Row, Rx, Tx, sql};
use spine::ledger::Account;

use super::{json, list::words_in_a_row, money, named, odd, text};
use crate::{
    model::{
        CancelReason, Channel, Customer, Fulfilment, FulfilmentState, Order, OrderDiscount, OrderId,
        OrderLine, PaymentState, Receipt, Shipping, Step, contact,
    },
    pricing::{Kind, TaxTotal},
};

const fn rounding_name(rounding: Rounding) -> &'static str {
    match rounding {
        Rounding::Line => "line",
        Rounding::RateGroup => "rate-group",
    }
}

fn parse_rounding(raw: &str) -> Option<Rounding> {
    [Rounding::Line, Rounding::RateGroup].into_iter().find(|known| rounding_name(*known) == raw)
}

/// Writes an order down; `gift_cards` of its total is what gift cards are worth that it sells.
pub fn add_order(
    tx: &mut Tx,
    order: &Order,
    gift_cards: Money,
    origin_key: Option<&str>,
) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into sale_order (tenant_id, id, number, channel, test, origin_key, currency, prices_include_tax,
                rounding, list, discount, net, tax, total, paid, refunded, credited, owed, payment, fulfilment, method,
                firm_method, location_id, placed_at, expires_at, firm_at, gift_cards)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, 0, 0, 0, $15, $16, $17, $18, $19,
                $20, $21, $22, $23)"
        ),
        (
            order.id,
            order.number,
            order.channel.name(),
            order.test,
            origin_key,
            order.currency,
            order.prices_include_tax,
            rounding_name(order.rounding),
            order.list.minor(),
            order.discount.minor(),
            order.net.minor(),
            order.tax.minor(),
            order.total.minor(),
            order.payment.name(),
            order.fulfilment.name(),
            &order.method,
            &order.firm_method,
            order.location,
            order.placed_at,
            order.expires_at,
            order.firm_at,
            gift_cards.minor(),
        ),
    )
}

pub fn add_line(tx: &mut Tx, order: OrderId, line: &OrderLine) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into order_line (tenant_id, order_id, line, kind, variant_id, title, options, sku, unit, quantity,
                unit_price, list, discount, net, gross, taxes, returned, refunded, refunded_taxes)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, 0, $17)"
        ),
        (
            order,
            line.line,
            line.kind.name(),
            line.variant,
            &line.title,
            &line.options,
            &line.sku,
            line.unit.name(),
            line.quantity,
            line.unit_price.minor(),
            line.list.minor(),
            line.discount.minor(),
            line.net.minor(),
            line.gross.minor(),
            text(&line.taxes),
            text(&line.refunded_taxes),
        ),
    )
}

pub fn add_tax(tx: &mut Tx, order: OrderId, place: i64, total: &TaxTotal) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into order_tax (tenant_id, order_id, place, code, name, rate, treatment, base, tax)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        ),
        (
            order,
            place,
            &total.code,
            &total.name,
            total.rate,
            total.treatment.name(),
            total.base.minor(),
            total.tax.minor(),
        ),
    )
}

pub fn add_discount(
    tx: &mut Tx,
    order: OrderId,
    place: i64,
    label: &str,
    amount: Money,
) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into order_discount (tenant_id, order_id, place, label, amount) values ($1, $2, $3, $4, $5)"
        ),
        (order, place, label, amount.minor()),
    )
}

/// Writes down who ordered the order of that number, and makes it findable.
pub fn add_contact(
    tx: &mut Tx,
    (order, number): (OrderId, i64),
    customer: &Customer,
    shipping: &Shipping,
    note: &str,
) -> Result<(), Error> {
    let words = contact::search_words(customer, shipping);
    tx.put(
        sql!(
            "insert into order_contact (tenant_id, order_id, name, phone, email, language, shipping, note, search, worded)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)"
        ),
        (
            order,
            &customer.name,
            &customer.phone,
            &customer.email,
            customer.language,
            text(shipping),
            note,
            words_in_a_row(&words),
        ),
    )?;
    for word in &words {
        tx.put(sql!("insert into order_word (tenant_id, word, number) values ($1, $2, $3)"), (word, number))?;
    }
    Ok(())
}

pub(super) fn read_order(row: &Row<'_>) -> Result<Order, Error> {
    let currency: Currency = row.get(4)?;
    let reason: Option<String> = row.get(25)?;
    let parse_reason = |raw: String| CancelReason::parse(&raw).ok_or_else(|| odd::<CancelReason>(25, raw));
    Ok(Order {
        id: row.get(0)?,
        number: row.get(1)?,
        channel: named(row, 2, Channel::parse)?,
        test: row.get(3)?,
        currency,
        prices_include_tax: row.get(5)?,
        rounding: named(row, 6, parse_rounding)?,
        list: money(row, 7, currency)?,
        discount: money(row, 8, currency)?,
        net: money(row, 9, currency)?,
        tax: money(row, 10, currency)?,
        total: money(row, 11, currency)?,
        paid: money(row, 12, currency)?,
        refunded: money(row, 13, currency)?,
        credited: money(row, 14, currency)?,
        owed: money(row, 15, currency)?,
        payment: named(row, 16, PaymentState::parse)?,
        fulfilment: named(row, 17, FulfilmentState::parse)?,
        method: row.get(18)?,
        firm_method: row.get(19)?,
        location: row.get(20)?,
        placed_at: row.get(21)?,
        expires_at: row.get(22)?,
        firm_at: row.get(23)?,
        cancelled_at: row.get(24)?,
        cancel_reason: reason.map(parse_reason).transpose()?,
    })
}

pub fn order(rx: &mut Rx, id: OrderId) -> Result<Option<Order>, Error> {
    rx.row(
        sql!(
            "select id, number, channel, test, currency, prices_include_tax, rounding, list, discount, net, tax, total,
                paid, refunded, credited, owed, payment, fulfilment, method, firm_method, location_id, placed_at,
                expires_at, firm_at, cancelled_at, cancel_reason
             from sale_order where tenant_id = $1 and id = $2"
        ),
        (id,),
        read_order,
    )
}

pub fn order_by_origin(rx: &mut Rx, origin_key: &str) -> Result<Option<Order>, Error> {
    rx.row(
        sql!(
            "select id, number, channel, test, currency, prices_include_tax, rounding, list, discount, net, tax, total,
                paid, refunded, credited, owed, payment, fulfilment, method, firm_method, location_id, placed_at,
                expires_at, firm_at, cancelled_at, cancel_reason
             from sale_order where tenant_id = $1 and origin_key = $2"
        ),
        (origin_key,),
        read_order,
    )
}

/// Writes what an order's life changes: its money, its states and its times.
pub fn save_order(tx: &mut Tx, order: &Order) -> Result<(), Error> {
    tx.put(
        sql!(
            "update sale_order set paid = $3, refunded = $4, credited = $5, owed = $6, payment = $7, fulfilment = $8,
                method = $9, firm_method = $10, expires_at = $11, firm_at = $12, cancelled_at = $13, cancel_reason = $14
             where tenant_id = $1 and id = $2"
        ),
        (
            order.id,
            order.paid.minor(),
            order.refunded.minor(),
            order.credited.minor(),
            order.owed.minor(),
            order.payment.name(),
            order.fulfilment.name(),
            &order.method,
            &order.firm_method,
            order.expires_at,
            order.firm_at,
            order.cancelled_at,
            order.cancel_reason.map(CancelReason::name),
        ),
    )
}

pub fn lines(rx: &mut Rx, order: OrderId, currency: Currency) -> Result<Vec<OrderLine>, Error> {
    rx.rows(
        sql!(
            "select line, kind, variant_id, title, options, sku, unit, quantity, unit_price, list, discount, net, gross,
                taxes, returned, refunded, refunded_taxes
             from order_line where tenant_id = $1 and order_id = $2 order by line"
        ),
        (order,),
        |row| {
            let unit: String = row.get(6)?;
            Ok(OrderLine {
                line: row.get(0)?,
                kind: named(row, 1, Kind::parse)?,
                variant: row.get(2)?,
                title: row.get(3)?,
                options: row.get(4)?,
                sku: row.get(5)?,
                unit: unit.parse().map_err(|_| odd::<catalog::Unit>(6, unit))?,
                quantity: row.get(7)?,
                unit_price: money(row, 8, currency)?,
                list: money(row, 9, currency)?,
                discount: money(row, 10, currency)?,
                net: money(row, 11, currency)?,
                gross: money(row, 12, currency)?,
                taxes: json(row, 13)?,
                returned: row.get(14)?,
                refunded: money(row, 15, currency)?,
                refunded_taxes: json(row, 16)?,
            })
        },
    )
}

pub fn save_line(tx: &mut Tx, order: OrderId, line: &OrderLine) -> Result<(), Error> {
    tx.put(
        sql!(
            "update order_line set returned = $4, refunded = $5, refunded_taxes = $6
             where tenant_id = $1 and order_id = $2 and line = $3"
        ),
        (order, line.line, line.returned, line.refunded.minor(), text(&line.refunded_taxes)),
    )
}

pub fn taxes(rx: &mut Rx, order: OrderId, currency: Currency) -> Result<Vec<TaxTotal>, Error> {
    rx.rows(
        sql!(
            "select code, name, rate, treatment, base, tax from order_tax where tenant_id = $1 and order_id = $2
             order by place"
        ),
        (order,),
        |row| {
            Ok(TaxTotal {
                code: row.get(0)?,
                name: row.get(1)?,
                rate: row.get(2)?,
                treatment: named(row, 3, Treatment::parse)?,
                base: money(row, 4, currency)?,
                tax: money(row, 5, currency)?,
            })
        },
    )
}

pub fn discounts(rx: &mut Rx, order: OrderId, currency: Currency) -> Result<Vec<OrderDiscount>, Error> {
    rx.rows(
        sql!(
            "select label, amount from order_discount where tenant_id = $1 and order_id = $2 order by place"
        ),
        (order,),
        |row| Ok(OrderDiscount { label: row.get(0)?, amount: money(row, 1, currency)? }),
    )
}

/// Who ordered, where to, and what they added; none once forgotten.
pub fn contact(rx: &mut Rx, order: OrderId) -> Result<Option<(Customer, Shipping, String)>, Error> {
    rx.row(
        sql!(
            "select name, phone, email, language, shipping, note from order_contact
             where tenant_id = $1 and order_id = $2"
        ),
        (order,),
        |row| {
            let customer =
                Customer { name: row.get(0)?, phone: row.get(1)?, email: row.get(2)?, language: row.get(3)? };
            let note: Option<String> = row.get(5)?;
            Ok((customer, json(row, 4)?, note.unwrap_or_default()))
        },
    )
}

/// Forgets who ordered the order of that number, which was found by `words`; the order and its money stay.
pub fn forget_contact(tx: &mut Tx, order: OrderId, number: i64, words: &[String]) -> Result<(), Error> {
    for word in words {
        tx.put(
            sql!("delete from order_word where tenant_id = $1 and word = $2 and number = $3"),
            (word, number),
        )?;
    }
    tx.put(
        sql!(
            "update order_contact set name = null, phone = null, email = null, language = null, shipping = $3, note = null,
                search = '', worded = 1
             where tenant_id = $1 and order_id = $2"
        ),
        (order, text(&Shipping::default())),
    )
}

/// Notes money that came; false if this very arrival is known already.
pub fn add_receipt(tx: &mut Tx, order: OrderId, receipt: &Receipt, account: &Account) -> Result<bool, Error> {
    let added = tx.run(
        sql!(
            "insert into order_receipt (tenant_id, method, reference, order_id, amount, account, at)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict (tenant_id, method, reference) do nothing"
        ),
        (&receipt.method, &receipt.reference, order, receipt.amount.minor(), account.to_string(), receipt.at),
    )?;
    Ok(added == 1)
}

pub fn receipts(rx: &mut Rx, order: OrderId, currency: Currency) -> Result<Vec<Receipt>, Error> {
    rx.rows(
        sql!(
            "select method, reference, amount, at from order_receipt where tenant_id = $1 and order_id = $2
             order by at, method, reference"
        ),
        (order,),
        |row| {
            Ok(Receipt {
                method: row.get(0)?,
                reference: row.get(1)?,
                amount: money(row, 2, currency)?,
                at: row.get(3)?,
            })
        },
    )
}

pub fn add_fulfilment(tx: &mut Tx, order: OrderId, step: &Fulfilment) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into fulfilment (tenant_id, id, order_id, step, carrier, tracking, actor, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)"
        ),
        (step.id, order, step.step.name(), &step.carrier, &step.tracking, &step.actor, step.at),
    )
}

pub fn fulfilments(rx: &mut Rx, order: OrderId) -> Result<Vec<Fulfilment>, Error> {
    rx.rows(
        sql!(
            "select id, step, carrier, tracking, actor, at from fulfilment where tenant_id = $1 and order_id = $2
             order by at, id"
        ),
        (order,),
        |row| {
            Ok(Fulfilment {
                id: row.get(0)?,
                step: named(row, 1, Step::parse)?,
                carrier: row.get(2)?,
                tracking: row.get(3)?,
                actor: row.get(4)?,
                at: row.get(5)?,
            })
        },
    )
}

/// Orders whose time has run out.
pub fn lapsed_orders(rx: &mut Rx, limit: u32) -> Result<Vec<OrderId>, Error> {
    let now = rx.now();
    rx.rows(
        sql!(
            "select id from sale_order where tenant_id = $1 and expires_at <= $2 order by expires_at
             limit cast($3 as bigint)"
        ),
        (now, limit),
        |row| row.get(0),
    )
}

/// When the next order or cart lapses.
pub fn next_lapse(rx: &mut Rx) -> Result<Option<Timestamp>, Error> {
    let next = rx.row(
        sql!("select min(expires_at) from sale_order where tenant_id = $1 and expires_at is not null"),
        (),
        |row| row.get(0),
    )?;
    Ok(next.flatten())
}

/// Whether the customer left an e-mail.
pub fn has_email(rx: &mut Rx, order: OrderId) -> Result<bool, Error> {
    let found = rx.row(
        sql!("select 1 from order_contact where tenant_id = $1 and order_id = $2 and email is not null"),
        (order,),
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}
