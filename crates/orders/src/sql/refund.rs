use base::{Currency, Money, Timestamp};
use db::{Error, Rx, Tx, sql};

use super::{json, money, named, text};
use crate::model::{OrderId, Refund, RefundId, RefundLine, RefundState};

/// Writes a refund down; `gift_cards` is what of gift cards that were sold it takes back.
pub fn add_refund(tx: &mut Tx, order: OrderId, refund: &Refund, gift_cards: Money) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into refund (tenant_id, id, order_id, amount, credited, reason, restock, state, actor, at,
                on_cards, method, paid_at, gift_cards)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
        ),
        (
            refund.id,
            order,
            refund.amount.minor(),
            refund.credited.minor(),
            &refund.reason,
            refund.restock,
            refund.state.name(),
            &refund.actor,
            refund.at,
            refund.on_cards.minor(),
            &refund.method,
            refund.paid_at,
            gift_cards.minor(),
        ),
    )?;
    for line in &refund.lines {
        tx.put(
            sql!(
                "insert into refund_line (tenant_id, refund_id, line, quantity, amount, taxes)
                 values ($1, $2, $3, $4, $5, $6)"
            ),
            (refund.id, line.line, line.quantity, line.amount.minor(), text(&line.taxes)),
        )?;
    }
    Ok(())
}

/// All refunds of an order, oldest first, with their lines.
pub fn refunds(rx: &mut Rx, order: OrderId, currency: Currency) -> Result<Vec<Refund>, Error> {
    let mut refunds = rx.rows(
        sql!(
            "select id, amount, credited, reason, restock, state, method, reference, actor, at, paid_at,
                coalesce(on_cards, 0) from refund
             where tenant_id = $1 and order_id = $2 order by at, id"
        ),
        (order,),
        |row| {
            Ok(Refund {
                id: row.get(0)?,
                amount: money(row, 1, currency)?,
                credited: money(row, 2, currency)?,
                reason: row.get(3)?,
                restock: row.get(4)?,
                state: named(row, 5, RefundState::parse)?,
                method: row.get(6)?,
                reference: row.get(7)?,
                actor: row.get(8)?,
                at: row.get(9)?,
                paid_at: row.get(10)?,
                on_cards: money(row, 11, currency)?,
                lines: Vec::new(),
            })
        },
    )?;
    if refunds.is_empty() {
        return Ok(refunds);
    }
    let lines: Vec<(RefundId, RefundLine)> = rx.rows(
        sql!(
            "select l.refund_id, l.line, l.quantity, l.amount, l.taxes from refund_line l
             join refund r on r.tenant_id = $1 and r.id = l.refund_id
             where l.tenant_id = $1 and r.order_id = $2 order by l.refund_id, l.line"
        ),
        (order,),
        |row| {
            let line = RefundLine {
                line: row.get(1)?,
                quantity: row.get(2)?,
                amount: money(row, 3, currency)?,
                taxes: json(row, 4)?,
            };
            Ok((row.get(0)?, line))
        },
    )?;
    for (id, line) in lines {
        if let Some(refund) = refunds.iter_mut().find(|refund| refund.id == id) {
            refund.lines.push(line);
        }
    }
    Ok(refunds)
}

/// The order that a refund belongs to.
pub fn order_of_refund(rx: &mut Rx, refund: RefundId) -> Result<Option<OrderId>, Error> {
    rx.row(sql!("select order_id from refund where tenant_id = $1 and id = $2"), (refund,), |row| row.get(0))
}

/// Marks a refund that is not paid yet; says whether it was one.
pub fn settle_refund(
    tx: &mut Tx,
    refund: RefundId,
    state: RefundState,
    method: &str,
    reference: &str,
    paid_at: Option<Timestamp>,
) -> Result<bool, Error> {
    let changed = tx.run(
        sql!(
            "update refund set state = $3, method = $4, reference = $5, paid_at = $6
             where tenant_id = $1 and id = $2 and state <> 'paid'"
        ),
        (refund, state.name(), method, reference, paid_at),
    )?;
    Ok(changed == 1)
}
