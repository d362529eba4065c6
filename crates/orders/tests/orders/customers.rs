//! Whose orders are whose, and what they owe.

use base::Quantity;
use customers::{Contact, CustomerId, Tally};
use orders::{CancelReason, Channel, Draft, Extent, OrderBook, OrderId, Step, Taken, Wanted};

use crate::world::Shop;

/// Runs a test on SQLite and on Postgres.
macro_rules! on_both_engines {
    ($test:ident, $name:ident) => {
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$test(crate::world::Shop::open().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                super::$test(crate::world::Shop::open_on_postgres().await).await;
            }
        }
    };
}

fn awa() -> Contact {
    Contact {
        name: Some("Awa Barry".parse().unwrap()),
        phone: Some("+224620000001".parse().unwrap()),
        email: Some("awa@example.org".parse().unwrap()),
        language: None,
    }
}

impl Shop {
    /// Two breads, to be paid when they arrive.
    async fn sold_to(&self, contact: Contact) -> OrderId {
        self.wanted_by(contact, None).await
    }

    async fn wanted_by(&self, contact: Contact, hold_for_s: Option<i64>) -> OrderId {
        let bread =
            Wanted { sku: Some("BREAD".parse().unwrap()), variant: None, quantity: Quantity::units(2) };
        let draft = Draft { customer: contact, ..Draft::new(Channel::Shop, vec![bread]) };
        self.place(draft, hold_for_s).await.unwrap().order
    }

    async fn only_customer(&self) -> (CustomerId, Tally) {
        let all =
            self.read(|rx| Ok(customers::list(rx, &customers::Filter::default(), None, 9)?)).await.unwrap();
        assert_eq!(all.len(), 1, "{all:?}");
        (all[0].customer.id, all[0].customer.tally)
    }

    async fn tally(&self) -> Tally {
        self.only_customer().await.1
    }
}

const BREADS: i64 = 7_00;

on_both_engines!(a_life, what_a_customer_spent_and_owes_follows_each_order_through_its_life);
async fn a_life(shop: Shop) {
    shop.has("bread", 3_50, Some(50)).await;
    let id = shop.sold_to(awa()).await;
    assert_eq!(shop.tally().await, Tally { orders: 1, owes: BREADS, ..Tally::default() });
    shop.pay(id, 3_00, "r1").await.unwrap();
    assert_eq!(shop.tally().await, Tally { orders: 1, spent: 3_00, owes: 4_00, owed: 0 });
    shop.pay(id, 4_00, "r2").await.unwrap();
    let refund = shop.refund(id, Extent::Amount(shop.money(2_00)), false).await.unwrap();
    assert_eq!(shop.tally().await, Tally { orders: 1, spent: 5_00, owes: 0, owed: 2_00 });
    let cash = spine::ledger::Account::Cash("drawer".to_owned());
    shop.write(move |tx| orders::refund_paid(tx, refund.refund, cash.clone(), orders::BY_HAND, ""))
        .await
        .unwrap();
    assert_eq!(shop.tally().await, Tally { orders: 1, spent: 5_00, owes: 0, owed: 0 });
    // what is to be paid first is no sale yet, and what lapsed never was
    shop.wanted_by(awa(), Some(900)).await;
    shop.sweep_after(1000).await;
    let undone = shop.sold_to(awa()).await;
    let cancel =
        orders::Cancel { reason: CancelReason::Customer, restock: true, money: orders::MoneyBack::ByHand };
    shop.write(move |tx| orders::cancel(tx, undone, &cancel)).await.unwrap();
    assert_eq!(shop.tally().await, Tally { orders: 1, spent: 5_00, owes: 0, owed: 0 });
}

on_both_engines!(unpaid, what_customers_owe_is_what_the_reports_say_is_unpaid);
async fn unpaid(shop: Shop) {
    shop.has("bread", 3_50, Some(50)).await;
    let first = shop.sold_to(awa()).await;
    shop.sold_to(Contact { name: Some("Bob".parse().unwrap()), ..Contact::default() }).await;
    shop.pay(first, 1_00, "r1").await.unwrap();
    let currency = shop.currency;
    let unpaid = shop.read(move |rx| orders::report::unpaid(rx, currency)).await.unwrap();
    let owing = customers::Filter { owes: true, ..customers::Filter::default() };
    let owing = shop.read(move |rx| Ok(customers::list(rx, &owing, None, 9)?)).await.unwrap();
    let owed: i64 = owing.iter().map(|listed| listed.customer.tally.owes).sum();
    assert_eq!((owing.len() as i64, owed), (unpaid.orders, unpaid.amount.minor()));
}

on_both_engines!(before, orders_of_before_get_their_customers_in_pieces_and_only_once);
async fn before(shop: Shop) {
    shop.has("bread", 3_50, Some(500)).await;
    for _ in 0..3 {
        shop.sold_to(awa()).await;
    }
    let told = shop.tally().await;
    let age = |tx: &mut db::Tx<'_>| {
        tx.put(
            db::sql!("update sale_order set customer_id = null, acquainted = null where tenant_id = $1"),
            (),
        )?;
        tx.put(db::sql!("delete from customer_way where tenant_id = $1"), ())?;
        tx.put(db::sql!("delete from customer where tenant_id = $1"), ())?;
        Ok(tx.put(db::sql!("delete from customer_word where tenant_id = $1"), ())?)
    };
    shop.write(age).await.unwrap();
    shop.sweep_after(1).await;
    assert_eq!(shop.tally().await, told);
    shop.sweep_after(1).await;
    assert_eq!(shop.tally().await, told, "nothing is told twice");
    let (customer, _) = shop.only_customer().await;
    let orders = shop.read(move |rx| Ok(orders_of(rx, customer)?)).await.unwrap();
    assert_eq!(orders, [1003, 1002, 1001]);
}

fn orders_of(rx: &mut db::Rx<'_>, customer: CustomerId) -> Result<Vec<i64>, customers::Error> {
    let dealings = customers::Dealings::of(&OrderBook, rx, customer, None, 9)?;
    Ok(dealings.into_iter().map(|dealing| dealing.number).collect())
}

on_both_engines!(
    forgotten,
    a_customer_is_forgotten_on_every_order_once_nothing_is_open_and_amounts_and_papers_stay
);
async fn forgotten(shop: Shop) {
    shop.has("bread", 3_50, Some(50)).await;
    let id = shop.sold_to(awa()).await;
    let (customer, _) = shop.only_customer().await;
    let early = shop.write(move |tx| Ok(customers::forget(tx, &OrderBook, customer)?)).await;
    assert!(
        matches!(early, Err(orders::Error::Customers(customers::Error::Open { orders: 1 }))),
        "{early:?}"
    );
    shop.pay(id, BREADS, "r1").await.unwrap();
    shop.write(move |tx| orders::fulfil(tx, id, &Taken::step(Step::HandOver))).await.unwrap();
    shop.write(move |tx| Ok(customers::forget(tx, &OrderBook, customer)?)).await.unwrap();
    let whole = shop.whole(id).await;
    assert_eq!(whole.customer, Contact::default());
    assert_eq!(whole.order.paid, shop.money(BREADS));
    let papers = shop.read(move |rx| orders::documents_of(rx, id)).await.unwrap();
    assert_eq!(
        papers[0].snapshot.customer.as_deref(),
        Some("Awa Barry"),
        "the law asks for papers as issued"
    );
    let all = shop.read(|rx| Ok(customers::list(rx, &customers::Filter::default(), None, 9)?)).await.unwrap();
    assert!(all.is_empty());
}

#[tokio::test]
async fn a_customer_goes_with_the_last_order_that_told_of_them() {
    let shop = Shop::open().await;
    shop.has("bread", 3_50, Some(50)).await;
    let (first, second) = (shop.sold_to(awa()).await, shop.sold_to(awa()).await);
    shop.write(move |tx| orders::forget(tx, first)).await.unwrap();
    assert_eq!(shop.tally().await, Tally { orders: 1, owes: BREADS, ..Tally::default() });
    shop.write(move |tx| orders::forget(tx, second)).await.unwrap();
    let all = shop.read(|rx| Ok(customers::list(rx, &customers::Filter::default(), None, 9)?)).await.unwrap();
    assert!(all.is_empty());
}

#[tokio::test]
async fn two_who_become_one_have_all_orders_of_both() {
    let shop = Shop::open().await;
    shop.has("bread", 3_50, Some(50)).await;
    shop.sold_to(awa()).await;
    let (kept, _) = shop.only_customer().await;
    let other = Contact { name: Some("Mme Barry".parse().unwrap()), ..Contact::default() };
    let order = shop.sold_to(other).await;
    let merge = move |tx: &mut db::Tx<'_>| {
        let all = customers::list(tx, &customers::Filter::default(), None, 9)?;
        let other = all.iter().map(|listed| listed.customer.id).find(|id| *id != kept);
        Ok(customers::merge(tx, &OrderBook, other.unwrap(), kept)?)
    };
    shop.write(merge).await.unwrap();
    assert_eq!(shop.read(move |rx| Ok(orders_of(rx, kept)?)).await.unwrap(), [1002, 1001]);
    shop.pay(order, BREADS, "r1").await.unwrap();
    assert_eq!(shop.tally().await, Tally { orders: 2, spent: BREADS, owes: BREADS, owed: 0 });
}
