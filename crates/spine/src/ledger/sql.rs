//! Every statement on `entry` and `posting`.

use base::{Currency, Money, Timestamp};
use db::{Row, Rx, Tx, sql};

use super::model::{Account, Balance, Entry, EntryId, Error, Filter, Posting, Recorded};
use crate::parsed;

/// What a check of the whole ledger found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    pub entries: i64,
    pub postings: i64,
    /// At most a hundred of each kind.
    pub faults: Vec<Fault>,
}

impl Report {
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum Fault {
    /// The postings of an entry do not add up to zero.
    Unbalanced { entry: String, currency: String, sum: i64 },
    /// An entry has lost postings, or got more than were recorded.
    Incomplete { entry: String, recorded: i64, found: i64 },
    /// Postings without their entry.
    Dangling { entry: String },
}

pub fn insert(tx: &mut Tx, id: EntryId, entry: &Entry) -> Result<(), Error> {
    let (now, actor) = (tx.now(), tx.actor().clone());
    tx.put(
        sql!(
            "insert into entry (tenant_id, id, at, kind, cause, book, memo, actor, size)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        ),
        (
            id,
            now,
            entry.kind,
            &entry.cause,
            entry.book.name(),
            &entry.memo,
            actor.as_str(),
            entry.postings.len() as i64,
        ),
    )?;
    for (n, posting) in (0i64..).zip(&entry.postings) {
        tx.put(
            sql!(
                "insert into posting (tenant_id, entry_id, n, account, amount, currency)
                 values ($1, $2, $3, $4, $5, $6)"
            ),
            (id, n, posting.account.to_string(), posting.amount.minor(), posting.amount.currency()),
        )?;
    }
    Ok(())
}

/// The bounds of a filter; open ends are the ends of time.
fn period(filter: &Filter) -> (Timestamp, Timestamp) {
    (filter.from.unwrap_or(Timestamp::from_micros(i64::MIN)), filter.to.unwrap_or(END_OF_TIME))
}

const END_OF_TIME: Timestamp = Timestamp::from_micros(i64::MAX);

pub fn entries(
    rx: &mut Rx,
    filter: &Filter,
    after: Option<EntryId>,
    limit: u32,
) -> Result<Vec<Recorded>, Error> {
    let (below_at, below_id) = match after {
        None => (END_OF_TIME, String::new()),
        Some(id) => {
            match rx
                .row(sql!("select at from entry where tenant_id = $1 and id = $2"), (id,), |row| row.get(0))?
            {
                Some(at) => (at, id.to_string()),
                None => return Ok(Vec::new()),
            }
        }
    };
    let (from, to) = period(filter);
    let account = filter.account.as_ref().map(ToString::to_string);
    let rows = rx.rows(
        sql!(
            "select e.id, e.at, e.kind, e.cause, e.book, e.memo, e.actor, p.account, p.amount, p.currency
             from (
               select f.tenant_id, f.id, f.at, f.kind, f.cause, f.book, f.memo, f.actor
               from entry f
               where f.tenant_id = $1 and f.book = $2 and f.at >= $3 and f.at < $4
                 and f.at <= $5 and (f.at < $5 or f.id < $6)
                 and (cast($7 as text) is null or f.cause = cast($7 as text))
                 and (cast($8 as text) is null or exists (
                   select 1 from posting q
                   where q.tenant_id = $1 and q.entry_id = f.id and q.account = cast($8 as text)))
               order by f.at desc, f.id desc
               limit cast($9 as bigint)
             ) e
             join posting p on p.entry_id = e.id
             where p.tenant_id = $1
             order by e.at desc, e.id desc, p.n"
        ),
        (filter.book.name(), from, to, below_at, below_id, &filter.cause, account, limit),
        |row| {
            let entry = Recorded {
                id: row.get(0)?,
                at: row.get(1)?,
                kind: row.get(2)?,
                cause: row.get(3)?,
                book: parsed(row, 4, "a book")?,
                memo: row.get(5)?,
                actor: row.get(6)?,
                postings: Vec::new(),
            };
            Ok((entry, amount_at(row, 7)?))
        },
    )?;
    let mut found: Vec<Recorded> = Vec::new();
    for (entry, (account, minor, currency)) in rows {
        if found.last().is_none_or(|last| last.id != entry.id) {
            found.push(entry);
        }
        if let Some(last) = found.last_mut() {
            last.postings.push(Posting { account, amount: Money::new(minor, currency)? });
        }
    }
    Ok(found)
}

pub fn totals(rx: &mut Rx, filter: &Filter) -> Result<Vec<Balance>, Error> {
    let (from, to) = period(filter);
    let account = filter.account.as_ref().map(ToString::to_string);
    let rows = rx.rows(
        sql!(
            "select p.account, cast(sum(p.amount) as bigint), p.currency
             from posting p join entry e on e.id = p.entry_id
             where p.tenant_id = $1 and e.tenant_id = $1 and e.book = $2 and e.at >= $3 and e.at < $4
               and (cast($5 as text) is null or e.cause = cast($5 as text))
               and (cast($6 as text) is null or p.account = cast($6 as text))
             group by p.account, p.currency
             having sum(p.amount) <> 0
             order by p.account, p.currency"
        ),
        (filter.book.name(), from, to, &filter.cause, account),
        |row| amount_at(row, 0),
    )?;
    rows.into_iter()
        .map(|(account, minor, currency)| Ok(Balance { account, amount: Money::new(minor, currency)? }))
        .collect()
}

/// All cash less that of the test book: a sum along an index alone, and a few entries. Its bounds are those of
/// `posting_in_cash`, word by word.
pub fn cash(rx: &mut Rx) -> Result<Vec<Balance>, Error> {
    let all = rx.rows(
        sql!(
            "select account, cast(sum(amount) as bigint), currency from posting
             where tenant_id = $1 and account >= 'cash:' and account < 'cash;'
             group by account, currency order by account, currency"
        ),
        (),
        |row| amount_at(row, 0),
    )?;
    let tried = rx.rows(
        sql!(
            // SQLite keeps the order of a cross join: the few entries of the test book first, then their own postings and not
            // all cash, which a text put together does not lead to
            "select p.account, cast(sum(p.amount) as bigint), p.currency
             from entry e cross join posting p
             where e.tenant_id = $1 and p.tenant_id = $1 and p.entry_id = e.id and e.book = 'test' and p.account || '' >= 'cash:' and p.account || '' < 'cash;'
             group by p.account, p.currency order by p.account, p.currency"
        ),
        (),
        |row| amount_at(row, 0),
    )?;
    let of_test = |account: &Account, currency: Currency| {
        let same =
            tried.iter().filter(|(known, _, in_currency)| known == account && *in_currency == currency);
        same.map(|(_, minor, _)| minor).sum::<i64>()
    };
    let mut hands = Vec::new();
    for (account, minor, currency) in all {
        let minor = minor - of_test(&account, currency);
        if minor != 0 {
            hands.push(Balance { account, amount: Money::new(minor, currency)? });
        }
    }
    Ok(hands)
}

/// The account, amount and currency that stand in a row from `index` on.
fn amount_at(row: &Row, index: usize) -> Result<(super::Account, i64, Currency), db::Error> {
    Ok((parsed(row, index, "an account")?, row.get(index + 1)?, row.get(index + 2)?))
}

pub fn verify(rx: &mut Rx) -> Result<Report, Error> {
    let count = |row: &Row| row.get::<i64>(0);
    let entries = rx.row(sql!("select count(*) from entry where tenant_id = $1"), (), count)?;
    let postings = rx.row(sql!("select count(*) from posting where tenant_id = $1"), (), count)?;
    let mut faults = rx.rows(
        sql!(
            "select entry_id, currency, cast(sum(amount) as bigint) from posting
             where tenant_id = $1 group by entry_id, currency having sum(amount) <> 0
             order by entry_id, currency limit 100"
        ),
        (),
        |row| Ok(Fault::Unbalanced { entry: row.get(0)?, currency: row.get(1)?, sum: row.get(2)? }),
    )?;
    faults.extend(rx.rows(
        sql!(
            "select e.id, e.size, count(p.n)
             from entry e left join posting p on p.tenant_id = $1 and p.entry_id = e.id
             where e.tenant_id = $1
             group by e.id, e.size having count(p.n) <> e.size
             order by e.id limit 100"
        ),
        (),
        |row| Ok(Fault::Incomplete { entry: row.get(0)?, recorded: row.get(1)?, found: row.get(2)? }),
    )?);
    faults.extend(rx.rows(
        sql!(
            "select p.entry_id from posting p
             where p.tenant_id = $1
               and not exists (select 1 from entry e where e.tenant_id = $1 and e.id = p.entry_id)
             group by p.entry_id order by p.entry_id limit 100"
        ),
        (),
        |row| Ok(Fault::Dangling { entry: row.get(0)? }),
    )?);
    Ok(Report { entries: entries.unwrap_or(0), postings: postings.unwrap_or(0), faults })
}
