//! What an order writes into the ledger.
//!
//! The rule: an order is a **sale when it is firm**. Cash on delivery is firm when placed (the goods are set aside for good),
//! so what the customer will pay stands as receivable until the rider brings it; the receipt follows the money. Every
//! other order is firm when it is paid in full. Money that comes for an order which is not firm is owed back until it is.

use base::{Currency, Money};
use db::Tx;
use spine::ledger::{self, Account, Book, Entry, Posting, Takings};

use crate::{
    Error,
    model::{Order, OrderLine, share::Share},
    pricing::Kind,
};

/// Income and taxes of `lines`.
pub fn takings(currency: Currency, lines: &[OrderLine]) -> Result<Takings, Error> {
    let mut takings = Takings::none(currency);
    for line in lines {
        add(&mut takings, line, line.net, line.taxes.iter().map(|tax| tax.amount))?;
    }
    Ok(takings)
}

/// Income and taxes of the parts of `lines` that go back.
pub fn takings_of(currency: Currency, lines: &[OrderLine], shares: &[Share]) -> Result<Takings, Error> {
    let mut takings = Takings::none(currency);
    for share in shares {
        let Some(line) = lines.iter().find(|line| line.line == share.line) else { continue };
        let net = share.taxes.iter().try_fold(share.amount, |net, tax| net.minus(*tax))?;
        add(&mut takings, line, net, share.taxes.iter().map(|tax| tax.minor()))?;
    }
    Ok(takings)
}

fn add(
    takings: &mut Takings,
    line: &OrderLine,
    net: Money,
    taxes: impl Iterator<Item = i64>,
) -> Result<(), Error> {
    let side = match line.kind {
        Kind::Delivery => &mut takings.delivery,
        Kind::GiftCard => &mut takings.gift_cards,
        Kind::Goods | Kind::Service | Kind::Fee | Kind::PlanPeriod => &mut takings.goods,
    };
    *side = side.plus(net)?;
    for (tax, minor) in line.taxes.iter().zip(taxes) {
        let amount = Money::new(minor, net.currency())?;
        match takings.taxes.iter_mut().find(|(code, _)| *code == tax.tax.code) {
            Some((_, sum)) => *sum = sum.plus(amount)?,
            None => takings.taxes.push((tax.tax.code.clone(), amount)),
        }
    }
    Ok(())
}

/// The customer owes the price of the goods.
pub fn sale(tx: &mut Tx, order: &Order, lines: &[OrderLine]) -> Result<(), Error> {
    let takings = takings(order.currency, lines)?;
    let postings = ledger::sale(method(order), &takings)?;
    record(tx, order, "sale", postings)
}

/// A sale for which no money came is undone.
pub fn sale_undone(tx: &mut Tx, order: &Order, takings: &Takings) -> Result<(), Error> {
    let postings = ledger::sale_undone(method(order), takings)?;
    record(tx, order, "sale-undone", postings)
}

/// Money for a firm order.
pub fn payment(tx: &mut Tx, order: &Order, into: &Account, amount: Money) -> Result<(), Error> {
    let postings = ledger::payment(method(order), into.clone(), amount);
    record(tx, order, "payment", postings)
}

/// Money with no sale behind it: too early, too late, or too much.
pub fn payment_without_sale(tx: &mut Tx, order: &Order, into: &Account, amount: Money) -> Result<(), Error> {
    let postings = ledger::payment_without_sale(into.clone(), amount);
    record(tx, order, "payment-without-sale", postings)
}

/// What was owed back pays what is owed to us.
pub fn applied(tx: &mut Tx, order: &Order, amount: Money) -> Result<(), Error> {
    let receivable = Account::Receivable(method(order).to_owned());
    let postings = vec![Posting::debit(Account::RefundsDue, amount), Posting::credit(receivable, amount)];
    record(tx, order, "payment-applied", postings)
}

/// A part of the sale is taken back: the customer is owed its gross amount.
pub fn credit_note(tx: &mut Tx, order: &Order, takings: &Takings) -> Result<(), Error> {
    let postings = ledger::credit_note(takings)?;
    record(tx, order, "credit-note", postings)
}

/// Money that was owed back has left `from`.
pub fn refund_paid(tx: &mut Tx, order: &Order, from: Account, amount: Money) -> Result<(), Error> {
    let postings = ledger::refund_paid(from, amount);
    record(tx, order, "refund", postings)
}

fn method(order: &Order) -> &str {
    order.firm_method.as_deref().unwrap_or("order")
}

fn record(tx: &mut Tx, order: &Order, kind: &'static str, postings: Vec<Posting>) -> Result<(), Error> {
    // a movement of nothing is no movement: a free order, a refund of goodwill
    if postings.iter().all(|posting| posting.amount.is_zero()) {
        return Ok(());
    }
    let book = if order.test { Book::Test } else { Book::Live };
    let memo = format!("order {}", order.number);
    ledger::record(tx, Entry { kind, cause: order.id.to_string(), book, memo, postings })?;
    Ok(())
}
