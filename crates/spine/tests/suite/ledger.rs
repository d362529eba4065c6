use base::Money;
use db::{Tx, sql, testing::START};
use spine::ledger::{self, Account, Balance, Book, Entry, Error, Fault, Filter, Posting};

use super::Shop;

fn euro(minor: i64) -> Money {
    Money::new(minor, "EUR".parse().unwrap()).unwrap()
}

fn sold(cause: &str, minor: i64) -> Entry {
    Entry {
        kind: "sale",
        cause: cause.to_owned(),
        book: Book::Live,
        memo: String::new(),
        postings: vec![
            Posting::debit(Account::Receivable("cod".to_owned()), euro(minor)),
            Posting::credit(Account::Sales, euro(minor)),
        ],
    }
}

fn paid(cause: &str, minor: i64) -> Entry {
    Entry {
        kind: "payment",
        postings: ledger::payment("cod", Account::Bank, euro(minor)),
        ..sold(cause, minor)
    }
}

#[tokio::test]
async fn what_does_not_balance_is_not_recorded() {
    let shop = Shop::open().await;
    let mut crooked = sold("order_1", 100);
    crooked.postings[0].amount = euro(101);
    let refused = shop.write(move |tx| ledger::record(tx, crooked.clone())).await;
    assert!(matches!(refused, Err(Error::Unbalanced { sum: 1, .. })));
    let report = shop.read(ledger::verify).await;
    assert_eq!((report.entries, report.postings, report.holds()), (0, 0, true));
}

#[tokio::test]
async fn balances_say_what_is_owed_and_where_the_money_is() {
    let shop = Shop::open().await;
    shop.write(|tx| {
        ledger::record(tx, sold("order_1", 500))?;
        ledger::record(tx, sold("order_2", 300))?;
        ledger::record(tx, paid("order_1", 500))?;
        ledger::record(tx, Entry { book: Book::Test, ..sold("order_3", 9_999) })
    })
    .await
    .unwrap();
    let balance = |account, minor| Balance { account, amount: euro(minor) };
    let expected = [
        balance(Account::Bank, 500),
        balance(Account::Receivable("cod".to_owned()), 300),
        balance(Account::Sales, -800),
    ];
    assert_eq!(shop.read(|rx| ledger::balances(rx, Book::Live)).await, expected);
    let own = Filter { cause: Some("order_1".to_owned()), ..Filter::default() };
    let expected = [balance(Account::Bank, 500), balance(Account::Sales, -500)];
    assert_eq!(shop.read(move |rx| ledger::totals(rx, &own)).await, expected);
}

#[tokio::test]
async fn entries_are_leafed_through_from_the_newest_without_loss() {
    let shop = Shop::open().await;
    for day in 0..5 {
        // two in one moment, so that the time alone does not order them
        shop.write(move |tx| {
            ledger::record(tx, sold(&format!("order_{day}"), 100))?;
            ledger::record(tx, paid(&format!("order_{day}"), 100))
        })
        .await
        .unwrap();
        shop.world.clock.advance_s(86_400);
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    for _ in 0..9 {
        let page = shop.read(move |rx| ledger::entries(rx, &Filter::default(), cursor, 3)).await;
        let Some(last) = page.last() else { break };
        assert!(page.iter().all(|entry| entry.postings.len() == 2));
        cursor = Some(last.id);
        seen.extend(page);
    }
    assert_eq!(seen.len(), 10);
    assert!(seen.is_sorted_by(|one, next| (one.at, one.id) > (next.at, next.id)));

    let filter = Filter {
        account: Some(Account::Bank),
        from: Some(START.plus_s(86_400)),
        to: Some(START.plus_s(3 * 86_400)),
        ..Filter::default()
    };
    let found = shop.read(move |rx| ledger::entries(rx, &filter, None, 100)).await;
    let causes: Vec<_> = found.iter().map(|entry| (entry.kind.as_str(), entry.cause.as_str())).collect();
    assert_eq!(causes, [("payment", "order_2"), ("payment", "order_1")]);
}

#[tokio::test]
async fn a_doctored_ledger_does_not_pass() {
    let doctored = async |doctor: fn(&mut Tx) -> Result<u64, db::Error>| {
        let shop = Shop::open().await;
        shop.write(|tx| ledger::record(tx, sold("order_1", 500))).await.unwrap();
        assert!(shop.read(ledger::verify).await.holds());
        shop.write(doctor).await.unwrap();
        shop.read(ledger::verify).await.faults
    };
    let edited = doctored(|tx| {
        tx.run(sql!("update posting set amount = amount - 1 where tenant_id = $1 and n = 0"), ())
    })
    .await;
    assert!(matches!(edited[..], [Fault::Unbalanced { sum: -1, .. }]), "{edited:?}");
    let emptied = doctored(|tx| tx.run(sql!("delete from posting where tenant_id = $1"), ())).await;
    assert!(matches!(emptied[..], [Fault::Incomplete { recorded: 2, found: 0, .. }]), "{emptied:?}");
}
