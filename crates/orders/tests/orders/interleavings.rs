//! Callback, return, confirmation, refund, expiry and another buyer, in every order in which they can meet.

use orders::{CancelReason, Error, Extent, PaymentEffect};

use crate::world::Shop;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// The same money once more: the provider's callback, our own status read when the customer returns, a person's
    /// confirmation.
    Money,
    Expire,
    Refund,
    OtherBuyer,
}

const ACTS: [Act; 6] = [Act::Money, Act::Money, Act::Money, Act::Expire, Act::Refund, Act::OtherBuyer];

/// Every order of `acts`, those that look alike once.
fn orders_of(acts: &[Act]) -> Vec<Vec<Act>> {
    if acts.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (place, act) in acts.iter().enumerate() {
        if acts[..place].contains(act) {
            continue;
        }
        let mut rest = acts.to_vec();
        rest.remove(place);
        for mut tail in orders_of(&rest) {
            tail.insert(0, *act);
            all.push(tail);
        }
    }
    all
}

#[tokio::test]
async fn one_order_ends_one_way_whatever_comes_first() {
    let shop = Shop::open().await;
    for (run, acts) in orders_of(&ACTS).into_iter().enumerate() {
        let cake = shop.has(&format!("cake {run}"), 20_00, Some(1)).await;
        let id = shop.prepaid(cake, 1).await.unwrap().order;
        let reference = format!("r{run}");
        let mut other = false;
        let (mut counted, mut granted) = (0, 0);
        for act in &acts {
            match act {
                Act::Money => {
                    let effect = shop.pay(id, 20_00, &reference).await.unwrap();
                    counted += i32::from(effect != PaymentEffect::Duplicate);
                }
                Act::Expire => shop.sweep_after(900).await,
                Act::Refund => match shop.refund(id, Extent::Full, true).await {
                    Ok(_) => granted += 1,
                    Err(Error::NothingToRefund) => (),
                    Err(error) => panic!("{acts:?}: {error}"),
                },
                Act::OtherBuyer => other |= shop.cod(cake, 1).await.is_ok(),
            }
            shop.check_books(id).await;
        }
        let order = shop.order(id).await;
        let said = format!("{acts:?} other={other} granted={granted} {order:?}");
        assert_eq!((counted, order.paid), (1, shop.money(20_00)), "{said}");
        assert!(granted <= 1, "{said}");
        let sold = i64::from(other) + i64::from(order.is_firm() && granted == 0);
        assert!(sold <= 1, "the last one was sold twice: {said}");
        assert_eq!(shop.stock(cake).await.1, 1 - sold, "{said}");
        if order.is_firm() {
            assert_eq!(order.owed, order.refunded, "{said}");
            let given_up = granted == 1 && order.credited == order.total;
            assert_eq!(order.is_cancelled(), given_up, "{said}");
        } else {
            assert_eq!(
                (order.owed, order.cancel_reason),
                (order.paid, Some(CancelReason::Expired)),
                "{said}"
            );
            assert!(other, "money came late and nobody had the goods, yet they were not given: {said}");
        }
    }
}

#[tokio::test]
async fn money_in_parts_makes_a_sale_when_the_last_part_comes() {
    let shop = Shop::open().await;
    let cake = shop.has("cake", 20_00, Some(1)).await;
    let id = shop.prepaid(cake, 1).await.unwrap().order;
    assert_eq!(shop.pay(id, 5_00, "a").await.unwrap(), PaymentEffect::Accepted { due: shop.money(15_00) });
    assert_eq!(shop.order(id).await.owed, shop.money(5_00));
    shop.check_books(id).await;
    assert_eq!(shop.pay(id, 18_00, "b").await.unwrap(), PaymentEffect::TooMuch { owed: shop.money(3_00) });
    shop.check_books(id).await;
    let expected = [
        ("clearing:sandbox".to_owned(), 23_00),
        ("refunds-due".to_owned(), -3_00),
        ("sales".to_owned(), -20_00),
    ];
    assert_eq!(shop.books(id).await, expected);
    shop.refund(id, Extent::Amount(shop.money(3_00)), false).await.unwrap();
    let order = shop.order(id).await;
    assert_eq!((order.credited, order.due().unwrap()), (shop.money(0), shop.money(0)));
}

#[tokio::test]
async fn a_second_payment_is_owed_back_and_never_sold() {
    let shop = Shop::open().await;
    let cake = shop.has("cake", 20_00, Some(3)).await;
    let id = shop.prepaid(cake, 1).await.unwrap().order;
    shop.pay(id, 20_00, "first").await.unwrap();
    assert_eq!(
        shop.pay(id, 20_00, "second").await.unwrap(),
        PaymentEffect::TooMuch { owed: shop.money(20_00) }
    );
    assert_eq!(shop.stock(cake).await, (2, 2));
    shop.check_books(id).await;
}

#[tokio::test]
async fn money_for_what_the_merchant_cancelled_is_owed_back() {
    let shop = Shop::open().await;
    let cake = shop.has("cake", 20_00, Some(1)).await;
    let id = shop.prepaid(cake, 1).await.unwrap().order;
    let cancel = orders::Cancel {
        reason: CancelReason::Customer,
        restock: true,
        money: orders::MoneyBack::ByProvider,
    };
    shop.write(move |tx| orders::cancel(tx, id, &cancel)).await.unwrap();
    assert_eq!(
        shop.pay(id, 20_00, "late").await.unwrap(),
        PaymentEffect::LateRefundDue { owed: shop.money(20_00) }
    );
    assert_eq!(shop.stock(cake).await, (1, 1));
    shop.check_books(id).await;
}

#[tokio::test]
async fn money_of_another_currency_or_none_is_refused() {
    let shop = Shop::open().await;
    let cake = shop.has("cake", 20_00, None).await;
    let id = shop.prepaid(cake, 1).await.unwrap().order;
    assert!(matches!(shop.pay(id, 0, "zero").await, Err(Error::NothingPaid)));
    let franc = orders::Payment {
        amount: base::Money::new(20_00, "GNF".parse().unwrap()).unwrap(),
        method: "manual".to_owned(),
        reference: "x".to_owned(),
        into: spine::ledger::Account::Bank,
    };
    assert!(matches!(
        shop.write(move |tx| orders::record_payment(tx, id, &franc)).await,
        Err(Error::OtherCurrency)
    ));
}

#[tokio::test]
async fn an_order_goes_its_whole_way_on_postgres_too() {
    let shop = Shop::open_on_postgres().await;
    let cake = shop.has("cake", 20_00, Some(1)).await;
    let id = shop.prepaid(cake, 1).await.unwrap().order;
    shop.sweep_after(900).await;
    assert_eq!(shop.pay(id, 20_00, "late").await.unwrap(), PaymentEffect::LateTaken);
    assert_eq!(shop.pay(id, 20_00, "late").await.unwrap(), PaymentEffect::Duplicate);
    shop.refund(id, Extent::Full, true).await.unwrap();
    shop.check_books(id).await;
    assert_eq!(shop.stock(cake).await, (1, 1));
    let filter = orders::Filter {
        search: "1001".to_owned(),
        waits: Some(orders::Waits::Money),
        ..orders::Filter::default()
    };
    let listed = shop.read(move |rx| orders::list(rx, &filter, None, 10)).await.unwrap();
    assert_eq!((listed.len(), shop.whole(id).await.refunds.len()), (1, 1));
}
