use base::Quantity;
use orders::{
    Cancel, CancelReason, DocumentType, Error, Extent, FulfilmentState, MoneyBack, PaymentState, RefundState,
    Step, Taken, Waits, Wish,
};
use spine::ledger::Account;

use crate::world::Shop;

async fn paid(shop: &Shop, units: i64) -> (orders::OrderId, catalog::VariantId) {
    let bread = shop.has("bread", 3_50, Some(10)).await;
    let id = shop.prepaid(bread, units).await.unwrap().order;
    shop.pay(id, 3_50 * units, "r1").await.unwrap();
    (id, bread)
}

#[tokio::test]
async fn a_refund_by_line_gives_the_price_and_the_goods_back() {
    let shop = Shop::open().await;
    let (id, bread) = paid(&shop, 3).await;
    let one = Extent::Lines(vec![(1, Wish::Quantity(Quantity::ONE))]);
    let granted = shop.refund(id, one, true).await.unwrap();
    assert_eq!(granted.amount, shop.money(3_50));
    assert_eq!(shop.stock(bread).await, (8, 8));
    let order = shop.order(id).await;
    assert_eq!((order.payment, order.owed), (PaymentState::PartlyRefunded, shop.money(3_50)));
    shop.check_books(id).await;
    let papers = shop.read(move |rx| orders::documents_of(rx, id)).await.unwrap();
    let names: Vec<_> = papers.iter().map(|paper| (paper.kind, paper.name())).collect();
    assert_eq!(
        names,
        [(DocumentType::Receipt, "R-000001".to_owned()), (DocumentType::CreditNote, "CN-000001".to_owned())]
    );
    assert_eq!(papers[1].snapshot.corrects, ["R-000001"]);
}

#[tokio::test]
async fn an_order_given_up_before_it_left_waits_for_nobody() {
    let shop = Shop::open().await;
    let (id, bread) = paid(&shop, 3).await;
    let waiting = async || shop.read(|rx| orders::waiting(rx, Waits::Goods)).await.unwrap();
    let two = Extent::Lines(vec![(1, Wish::Quantity(Quantity::thousandths(2_000)))]);
    shop.refund(id, two, true).await.unwrap();
    assert_eq!((shop.order(id).await.fulfilment, waiting().await), (FulfilmentState::Unfulfilled, 1));
    shop.refund(id, Extent::Full, true).await.unwrap();
    assert_eq!((shop.order(id).await.fulfilment, waiting().await), (FulfilmentState::Cancelled, 0));
    assert_eq!(shop.stock(bread).await, (10, 10));
    shop.check_books(id).await;
}

#[tokio::test]
async fn money_given_back_out_of_kindness_leaves_goods_to_send() {
    let shop = Shop::open().await;
    let (id, _) = paid(&shop, 1).await;
    shop.refund(id, Extent::Amount(shop.money(3_50)), false).await.unwrap();
    assert_eq!(shop.order(id).await.fulfilment, FulfilmentState::Unfulfilled);
    let shipped = Taken { step: Step::Ship, carrier: None, tracking: None, collected_by: None };
    shop.write(move |tx| orders::fulfil(tx, id, &shipped)).await.unwrap();
    shop.check_books(id).await;
}

#[tokio::test]
async fn no_more_goes_back_than_came() {
    let shop = Shop::open().await;
    let (id, _) = paid(&shop, 2).await;
    let much = Extent::Amount(shop.money(7_01));
    assert!(matches!(shop.refund(id, much, false).await, Err(Error::Share(_))));
    shop.refund(id, Extent::Amount(shop.money(6_00)), false).await.unwrap();
    shop.refund(id, Extent::Full, false).await.unwrap();
    let order = shop.order(id).await;
    assert_eq!((order.refunded, order.payment), (order.paid, PaymentState::Refunded));
    assert!(matches!(shop.refund(id, Extent::Full, false).await, Err(Error::NothingToRefund)));
    shop.check_books(id).await;
}

#[tokio::test]
async fn a_refund_leaves_the_business_once() {
    let shop = Shop::open().await;
    let (id, _) = paid(&shop, 2).await;
    let refund = shop.refund(id, Extent::Full, false).await.unwrap().refund;
    let pay = move |tx: &mut db::Tx| {
        orders::refund_paid(tx, refund, Account::Clearing("sandbox".to_owned()), "sandbox", "x1")
    };
    assert!(shop.write(pay).await.unwrap());
    assert!(!shop.write(pay).await.unwrap());
    assert!(shop.books(id).await.is_empty());
    assert!(shop.order(id).await.owed.is_zero());
    shop.check_books(id).await;
    assert_eq!(shop.whole(id).await.refunds[0].state, RefundState::Paid);
}

#[tokio::test]
async fn a_refund_that_failed_can_still_be_given_by_hand() {
    let shop = Shop::open().await;
    let (id, _) = paid(&shop, 1).await;
    let refund = shop.refund(id, Extent::Full, false).await.unwrap().refund;
    shop.write(move |tx| orders::refund_failed(tx, refund, "sandbox", "no funds")).await.unwrap();
    assert_eq!(shop.whole(id).await.refunds[0].state, RefundState::Failed);
    let pay = move |tx: &mut db::Tx| {
        orders::refund_paid(tx, refund, Account::Cash("drawer".to_owned()), "cash", "")
    };
    assert!(shop.write(pay).await.unwrap());
    shop.check_books(id).await;
}

#[tokio::test]
async fn an_unpaid_delivery_that_comes_back_undoes_the_sale_without_a_paper() {
    let shop = Shop::open().await;
    let bread = shop.has("bread", 3_50, Some(5)).await;
    let id = shop.cod(bread, 2).await.unwrap().order;
    let cancel = Cancel { reason: CancelReason::Refused, restock: true, money: MoneyBack::ByHand };
    assert_eq!(shop.write(move |tx| orders::cancel(tx, id, &cancel)).await.unwrap(), None);
    assert!(shop.books(id).await.is_empty());
    assert_eq!(shop.stock(bread).await, (5, 5));
    assert!(shop.read(move |rx| orders::documents_of(rx, id)).await.unwrap().is_empty());
    shop.check_books(id).await;
}

#[tokio::test]
async fn cancelling_what_was_paid_grants_everything_back() {
    let shop = Shop::open().await;
    let (id, bread) = paid(&shop, 3).await;
    let one = Extent::Lines(vec![(1, Wish::Quantity(Quantity::ONE))]);
    shop.refund(id, one, true).await.unwrap();
    let cancel = Cancel { reason: CancelReason::Customer, restock: true, money: MoneyBack::ByHand };
    let refund = shop.write(move |tx| orders::cancel(tx, id, &cancel)).await.unwrap();
    assert!(refund.is_some());
    assert_eq!(shop.stock(bread).await, (10, 10));
    let order = shop.order(id).await;
    assert_eq!((order.owed, order.refunded, order.credited), (order.paid, order.paid, order.total));
    shop.check_books(id).await;
}

#[tokio::test]
async fn a_partly_paid_delivery_that_is_cancelled_owes_back_what_came() {
    let shop = Shop::open().await;
    let bread = shop.has("bread", 3_50, Some(5)).await;
    let id = shop.cod(bread, 2).await.unwrap().order;
    shop.pay(id, 3_00, "part").await.unwrap();
    shop.check_books(id).await;
    let cancel = Cancel { reason: CancelReason::Refused, restock: true, money: MoneyBack::ByHand };
    shop.write(move |tx| orders::cancel(tx, id, &cancel)).await.unwrap();
    assert_eq!(shop.order(id).await.owed, shop.money(3_00));
    shop.check_books(id).await;
}

#[tokio::test]
async fn what_the_customer_holds_is_refunded_and_not_cancelled() {
    let shop = Shop::open().await;
    let (id, _) = paid(&shop, 1).await;
    shop.write(move |tx| orders::fulfil(tx, id, &orders::Taken::step(orders::Step::HandOver))).await.unwrap();
    let cancel = Cancel { reason: CancelReason::Mistake, restock: false, money: MoneyBack::ByHand };
    assert!(matches!(shop.write(move |tx| orders::cancel(tx, id, &cancel)).await, Err(Error::NoSuchStep(_))));
}
