//! The chart of accounts, and what an entry must be. Debit is positive, credit negative.

use std::{fmt, str::FromStr};

use base::{Currency, Money, MoneyError, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::UnknownName;

base::id!(
    /// A balanced record in the ledger.
    EntryId: EntryKind, "entry"
);

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the postings in {currency} add up to {sum} minor units, not to zero")]
    Unbalanced { currency: Currency, sum: i128 },
    #[error("an entry needs at least two postings")]
    Empty,
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Which books an entry belongs to: test orders never mix with the merchant's own figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Book {
    #[default]
    Live,
    Test,
}

impl Book {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

impl FromStr for Book {
    type Err = UnknownName;

    fn from_str(raw: &str) -> Result<Self, UnknownName> {
        [Self::Live, Self::Test].into_iter().find(|book| book.name() == raw).ok_or(UnknownName)
    }
}

/// Where a bookkeeper files an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    Asset,
    Liability,
    Income,
    Expense,
}

/// The one table of account names. Its text form is the key in rows, JSON and CSV: `receivable:cod`, `sales-tax:TVA20`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// What customers owe, by the payment method it is awaited through.
    Receivable(String),
    /// What a provider has collected and not yet paid out, by provider.
    Clearing(String),
    /// Money in hand, by its holder: a drawer, a rider, the shop.
    Cash(String),
    Bank,
    /// What customers were promised back and have not received.
    RefundsDue,
    /// Paid ahead of the sale.
    Deposits,
    /// Gift cards and store credit still to be used.
    GiftCards,
    /// Owed to staff.
    Tips,
    /// Owed to the tax office, by tax code.
    SalesTax(String),
    /// Goods and services sold, without tax.
    Sales,
    /// Delivery sold, without tax.
    Delivery,
    /// What rounding to coins gained or lost.
    Rounding,
    /// What providers keep, by provider.
    Fees(String),
    /// Short drawers and debts given up.
    Losses,
    /// Store credit that was given for no money, to make something good.
    Goodwill,
}

impl Account {
    pub const fn class(&self) -> Class {
        match self {
            Self::Receivable(_) | Self::Clearing(_) | Self::Cash(_) | Self::Bank => Class::Asset,
            Self::RefundsDue | Self::Deposits | Self::GiftCards | Self::Tips | Self::SalesTax(_) => {
                Class::Liability
            }
            Self::Sales | Self::Delivery | Self::Rounding => Class::Income,
            Self::Fees(_) | Self::Losses | Self::Goodwill => Class::Expense,
        }
    }

    /// The name before the colon, and what follows it.
    pub fn parts(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Receivable(method) => ("receivable", Some(method)),
            Self::Clearing(provider) => ("clearing", Some(provider)),
            Self::Cash(holder) => ("cash", Some(holder)),
            Self::Bank => ("bank", None),
            Self::RefundsDue => ("refunds-due", None),
            Self::Deposits => ("deposits", None),
            Self::GiftCards => ("gift-cards", None),
            Self::Tips => ("tips", None),
            Self::SalesTax(code) => ("sales-tax", Some(code)),
            Self::Sales => ("sales", None),
            Self::Delivery => ("delivery", None),
            Self::Rounding => ("rounding", None),
            Self::Fees(provider) => ("fees", Some(provider)),
            Self::Losses => ("losses", None),
            Self::Goodwill => ("goodwill", None),
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            (name, Some(detail)) => write!(f, "{name}:{detail}"),
            (name, None) => f.write_str(name),
        }
    }
}

impl FromStr for Account {
    type Err = UnknownName;

    fn from_str(raw: &str) -> Result<Self, UnknownName> {
        let (name, detail) =
            raw.split_once(':').map_or((raw, None), |(name, detail)| (name, Some(detail.to_owned())));
        Ok(match (name, detail) {
            ("receivable", Some(method)) => Self::Receivable(method),
            ("clearing", Some(provider)) => Self::Clearing(provider),
            ("cash", Some(holder)) => Self::Cash(holder),
            ("bank", None) => Self::Bank,
            ("refunds-due", None) => Self::RefundsDue,
            ("deposits", None) => Self::Deposits,
            ("gift-cards", None) => Self::GiftCards,
            ("tips", None) => Self::Tips,
            ("sales-tax", Some(code)) => Self::SalesTax(code),
            ("sales", None) => Self::Sales,
            ("delivery", None) => Self::Delivery,
            ("rounding", None) => Self::Rounding,
            ("fees", Some(provider)) => Self::Fees(provider),
            ("losses", None) => Self::Losses,
            ("goodwill", None) => Self::Goodwill,
            _ => return Err(UnknownName),
        })
    }
}

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// One side of an entry: positive is debit, negative credit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Posting {
    pub account: Account,
    pub amount: Money,
}

impl Posting {
    pub const fn debit(account: Account, amount: Money) -> Self {
        Self { account, amount }
    }

    pub const fn credit(account: Account, amount: Money) -> Self {
        Self { account, amount: amount.negated() }
    }
}

/// What is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The rule it follows: `sale`, `payment`, `refund`.
    pub kind: &'static str,
    /// The id of what caused it: an order, a payment, a refund.
    pub cause: String,
    pub book: Book,
    /// A few words for the bookkeeper; no personal data, for entries are never erased.
    pub memo: String,
    pub postings: Vec<Posting>,
}

/// An entry as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recorded {
    pub id: EntryId,
    pub at: Timestamp,
    pub kind: String,
    pub cause: String,
    pub book: Book,
    pub memo: String,
    pub actor: String,
    pub postings: Vec<Posting>,
}

/// What an account holds in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Balance {
    pub account: Account,
    pub amount: Money,
}

/// Which entries are asked for: of one book, and in `from <= at < to`.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub book: Book,
    pub account: Option<Account>,
    pub cause: Option<String>,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

/// Refuses postings that do not add up to zero in each of their currencies.
pub fn balanced(postings: &[Posting]) -> Result<(), Error> {
    if postings.len() < 2 {
        return Err(Error::Empty);
    }
    for posting in postings {
        let currency = posting.amount.currency();
        let same = postings.iter().map(|other| other.amount).filter(|amount| amount.currency() == currency);
        let sum: i128 = same.map(|amount| i128::from(amount.minor())).sum();
        if sum != 0 {
            return Err(Error::Unbalanced { currency, sum });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, code.parse().unwrap()).unwrap()
    }

    #[test]
    fn every_account_reads_back_from_its_key() {
        let named = |detail: &str| detail.to_owned();
        let accounts = [
            Account::Receivable(named("cod")),
            Account::Clearing(named("sandbox")),
            Account::Cash(named("rider:ann")),
            Account::Bank,
            Account::RefundsDue,
            Account::Deposits,
            Account::GiftCards,
            Account::Tips,
            Account::SalesTax(named("IT22")),
            Account::Sales,
            Account::Delivery,
            Account::Rounding,
            Account::Fees(named("stripe")),
            Account::Losses,
            Account::Goodwill,
        ];
        for account in accounts {
            assert_eq!(account.to_string().parse(), Ok(account));
        }
        for unknown in ["", "sale", "sales:x", "receivable", "bank:"] {
            assert_eq!(unknown.parse::<Account>(), Err(UnknownName), "{unknown}");
        }
    }

    #[test]
    fn one_currency_cannot_balance_another() {
        let mixed = [
            Posting::debit(Account::Bank, money(5, "EUR")),
            Posting::credit(Account::Sales, money(5, "GNF")),
        ];
        assert!(matches!(balanced(&mixed), Err(Error::Unbalanced { sum: 5, .. })));
    }

    #[test]
    fn an_entry_of_one_posting_is_none() {
        assert!(matches!(balanced(&[Posting::debit(Account::Bank, money(0, "EUR"))]), Err(Error::Empty)));
    }

    proptest! {
        #[test]
        fn postings_balance_exactly_when_their_sum_is_zero(
            amounts in prop::collection::vec(-1_000_000i64..1_000_000, 2..8),
            closing in any::<bool>(),
        ) {
            let mut postings: Vec<_> =
                amounts.iter().map(|minor| Posting::debit(Account::Sales, money(*minor, "EUR"))).collect();
            let sum: i64 = amounts.iter().sum();
            if closing {
                postings.push(Posting::credit(Account::Bank, money(sum, "EUR")));
            }
            prop_assert_eq!(balanced(&postings).is_ok(), closing || sum == 0);
        }
    }
}
