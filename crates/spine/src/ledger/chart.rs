//! The entries a merchant's day is made of, so that every room books the same thing in the same way.
//!
//! An order is booked once, when it is firm: cash on delivery when it is placed, a method that waits for money when the
//! payment is confirmed. Until then nothing is owed, and an order given up leaves no trace in the books.
//!
//! | what happens | debit | credit |
//! |---|---|---|
//! | sale | `receivable:{method}` gross | `sales`, `delivery`, `gift-cards`, `sales-tax:{code}`, `rounding` |
//! | payment | `cash:{holder}`, `clearing:{provider}` or `bank` | `receivable:{method}` |
//! | the provider's fee | `fees:{provider}` | `clearing:{provider}` |
//! | payout of a provider | `bank` | `clearing:{provider}` |
//! | a sale cancelled before it was paid | the sale's entry, sides exchanged | |
//! | credit note | `sales`, `delivery`, `gift-cards`, `sales-tax:{code}` | `refunds-due` |
//! | refund paid | `refunds-due` | `cash:{holder}`, `clearing:{provider}` or `bank` |
//! | paid with a gift card | `gift-cards` | `receivable:{method}` |
//! | refund onto a gift card or as store credit | `refunds-due` | `gift-cards` |
//! | a gift card or store credit given by hand | `cash:{holder}`, `bank` or `goodwill` | `gift-cards` |
//! | money that came too late, or twice | `cash`, `clearing` or `bank` | `refunds-due` |

use base::{Currency, Money, MoneyError};

use super::model::{Account, Posting};

/// What a sale (or the part of it that a credit note takes back) is made of; all parts without tax, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Takings {
    pub goods: Money,
    pub delivery: Money,
    /// Gift cards: not earned, but owed until they are used.
    pub gift_cards: Money,
    /// Tax by code.
    pub taxes: Vec<(String, Money)>,
    /// What rounding to coins added (or, negative, took off).
    pub rounding: Money,
}

impl Takings {
    pub const fn none(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self { goods: zero, delivery: zero, gift_cards: zero, taxes: Vec::new(), rounding: zero }
    }

    /// What the customer pays.
    pub fn gross(&self) -> Result<Money, MoneyError> {
        let net = self.goods.plus(self.delivery)?.plus(self.gift_cards)?.plus(self.rounding)?;
        self.taxes.iter().try_fold(net, |sum, (_, tax)| sum.plus(*tax))
    }

    /// Income, what gift cards are worth, and tax, as credits; parts of zero are left out.
    fn credits(&self) -> Vec<Posting> {
        let income = [
            (Account::Sales, self.goods),
            (Account::Delivery, self.delivery),
            (Account::GiftCards, self.gift_cards),
            (Account::Rounding, self.rounding),
        ];
        let taxes = self.taxes.iter().map(|(code, tax)| (Account::SalesTax(code.clone()), *tax));
        let mut credits: Vec<_> = income
            .into_iter()
            .chain(taxes)
            .filter(|(_, amount)| !amount.is_zero())
            .map(|(account, amount)| Posting::credit(account, amount))
            .collect();
        if credits.is_empty() {
            // a gift is a sale of nothing, and still one
            credits.push(Posting::credit(Account::Sales, self.goods));
        }
        credits
    }
}

/// The customer owes the gross amount, to be paid by `method`.
pub fn sale(method: &str, takings: &Takings) -> Result<Vec<Posting>, MoneyError> {
    let mut postings = vec![Posting::debit(Account::Receivable(method.to_owned()), takings.gross()?)];
    postings.extend(takings.credits());
    Ok(postings)
}

/// The sale was cancelled before any money came.
pub fn sale_undone(method: &str, takings: &Takings) -> Result<Vec<Posting>, MoneyError> {
    Ok(exchanged(sale(method, takings)?))
}

/// What was owed by `method` has arrived in `into`.
pub fn payment(method: &str, into: Account, amount: Money) -> Vec<Posting> {
    vec![Posting::debit(into, amount), Posting::credit(Account::Receivable(method.to_owned()), amount)]
}

/// Stored value was given by hand: for money that came into `from`, or for nothing (`goodwill`).
pub fn value_given(from: Account, amount: Money) -> Vec<Posting> {
    vec![Posting::debit(from, amount), Posting::credit(Account::GiftCards, amount)]
}

/// A provider keeps `amount` of what it has collected.
pub fn fee(provider: &str, amount: Money) -> Vec<Posting> {
    let (fees, clearing) = (Account::Fees(provider.to_owned()), Account::Clearing(provider.to_owned()));
    vec![Posting::debit(fees, amount), Posting::credit(clearing, amount)]
}

/// A provider has paid `amount` out to the merchant's bank.
pub fn payout(provider: &str, amount: Money) -> Vec<Posting> {
    vec![
        Posting::debit(Account::Bank, amount),
        Posting::credit(Account::Clearing(provider.to_owned()), amount),
    ]
}

/// `takings` of a paid sale are taken back: the customer is owed their gross amount.
pub fn credit_note(takings: &Takings) -> Result<Vec<Posting>, MoneyError> {
    let mut postings = exchanged(takings.credits());
    postings.push(Posting::credit(Account::RefundsDue, takings.gross()?));
    Ok(postings)
}

/// What was owed back has left `from`.
pub fn refund_paid(from: Account, amount: Money) -> Vec<Posting> {
    vec![Posting::debit(Account::RefundsDue, amount), Posting::credit(from, amount)]
}

/// Money came for which there is no sale (any more): it is owed back.
pub fn payment_without_sale(into: Account, amount: Money) -> Vec<Posting> {
    vec![Posting::debit(into, amount), Posting::credit(Account::RefundsDue, amount)]
}

fn exchanged(postings: Vec<Posting>) -> Vec<Posting> {
    postings.into_iter().map(|posting| Posting::credit(posting.account, posting.amount)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::ledger::balanced;

    fn euro(minor: i64) -> Money {
        Money::new(minor, "EUR".parse().unwrap()).unwrap()
    }

    fn takings(goods: i64, delivery: i64, tax: i64, rounding: i64) -> Takings {
        Takings {
            goods: euro(goods),
            delivery: euro(delivery),
            gift_cards: euro(0),
            taxes: vec![("IT22".to_owned(), euro(tax)), ("IT4".to_owned(), euro(0))],
            rounding: euro(rounding),
        }
    }

    fn sums(entries: Vec<Vec<Posting>>) -> BTreeMap<String, i64> {
        let mut sums = BTreeMap::new();
        for posting in entries.into_iter().flatten() {
            *sums.entry(posting.account.to_string()).or_insert(0) += posting.amount.minor();
        }
        sums.retain(|_, sum| *sum != 0);
        sums
    }

    #[test]
    fn a_sale_paid_in_cash_leaves_the_cash_against_income_and_tax() {
        let sold = takings(1000, 500, 330, 0);
        let day = vec![
            sale("cod", &sold).unwrap(),
            payment("cod", Account::Cash("rider".to_owned()), sold.gross().unwrap()),
        ];
        let expected = [("cash:rider", 1830), ("delivery", -500), ("sales", -1000), ("sales-tax:IT22", -330)];
        assert_eq!(sums(day), expected.map(|(name, sum)| (name.to_owned(), sum)).into());
    }

    #[test]
    fn a_gift_is_booked_as_a_sale_of_nothing() {
        let gift = sale("cod", &Takings::none("GNF".parse().unwrap())).unwrap();
        assert!(balanced(&gift).is_ok());
    }

    proptest! {
        #[test]
        fn what_is_sold_paid_and_refunded_in_full_leaves_nothing(
            goods in 0i64..10_000_000, delivery in 0i64..10_000, tax in 0i64..1_000_000, rounding in -50i64..50,
        ) {
            let sold = takings(goods, delivery, tax, rounding);
            let (gross, till) = (sold.gross().unwrap(), Account::Cash("till".to_owned()));
            let undone = vec![sale("cod", &sold).unwrap(), sale_undone("cod", &sold).unwrap()];
            let refunded = vec![
                sale("cod", &sold).unwrap(),
                payment("cod", till.clone(), gross),
                credit_note(&sold).unwrap(),
                refund_paid(till, gross),
            ];
            for entry in undone.iter().chain(&refunded) {
                prop_assert!(balanced(entry).is_ok());
            }
            prop_assert!(sums(undone).is_empty());
            prop_assert!(sums(refunded).is_empty());
        }
    }
}
