use cards::{Act, CardState, Error};
use orders::{Cancel, CancelReason, Extent, MoneyBack, stored::Refusal};

use crate::world::{Bakery, eur};

const HOUR_S: i64 = 3600;

#[tokio::test]
async fn a_card_is_issued_when_its_order_is_paid_and_not_before() {
    let bakery = Bakery::opens().await;
    let unpaid = bakery.orders_card(50_00, None).await;
    assert!(matches!(unpaid, Err(Error::Orders(orders::Error::Card(Refusal::Unpaid)))), "{unpaid:?}");
    let order = bakery.orders_card(50_00, Some(HOUR_S)).await.unwrap();
    assert_eq!(bakery.cards().await.len(), 0);
    bakery.is_paid(order).await.unwrap();
    let sold = bakery.cards().await;
    assert_eq!(sold.iter().map(|(_, balance)| *balance).collect::<Vec<_>>(), [eur(50_00)]);
    bakery.holds_together().await;
}

#[tokio::test]
async fn a_card_that_is_sold_is_no_sale_until_it_is_spent() {
    let bakery = Bakery::opens().await;
    let sale = bakery.orders_card(50_00, Some(HOUR_S)).await.unwrap();
    bakery.is_paid(sale).await.unwrap();
    assert_eq!(bakery.sold_today().await, (0, eur(0), eur(0)));
    let (card, _) = bakery.cards().await.remove(0);
    let order = bakery.orders(20_00, HOUR_S).await;
    bakery.pays_by_card(order, &card.code).await.unwrap();
    assert_eq!(bakery.sold_today().await, (1, eur(20_00), eur(0)));
    bakery.refunds(sale, Extent::Amount(eur(30_00)), MoneyBack::ByHand).await.unwrap();
    assert_eq!(
        bakery.sold_today().await,
        (1, eur(20_00), eur(0)),
        "money back for a card takes no sale back"
    );
    bakery.refunds(order, Extent::Amount(eur(5_00)), MoneyBack::ByProvider).await.unwrap();
    assert_eq!(bakery.sold_today().await, (1, eur(20_00), eur(5_00)));
    bakery.clock().advance_s(2 * 24 * HOUR_S);
    bakery.closes_days().await;
    assert_eq!(bakery.sold_by_day().await, (1, eur(20_00)), "days that are added up say the same");
    bakery.holds_together().await;
}

#[tokio::test]
async fn somebody_is_woken_when_a_card_ends() {
    let bakery = Bakery::opens().await;
    let sale = bakery.orders_card(30_00, Some(HOUR_S)).await.unwrap();
    bakery.is_paid(sale).await.unwrap();
    let (card, _) = bakery.cards().await.remove(0);
    let end = card.expires_at.unwrap();
    bakery.clock().advance_s((end.micros() - bakery.now().micros()) / 1_000_000);
    let due = bakery.write(|tx| Ok(spine::jobs::claim(tx, 60, 100)?)).await.unwrap();
    assert!(due.iter().any(|job| job.kind == cards::END_JOB), "{due:?}");
}

#[tokio::test]
async fn what_was_spent_of_a_card_is_not_refunded_and_the_rest_is() {
    let bakery = Bakery::opens().await;
    let sale = bakery.orders_card(50_00, Some(HOUR_S)).await.unwrap();
    bakery.is_paid(sale).await.unwrap();
    let (card, _) = bakery.cards().await.remove(0);
    let order = bakery.orders(20_00, HOUR_S).await;
    bakery.pays_by_card(order, &card.code).await.unwrap();
    let all = bakery.refunds(sale, Extent::Full, MoneyBack::ByHand).await;
    let Err(Error::Orders(orders::Error::Card(Refusal::Spent { spent, left }))) = all else {
        panic!("{all:?}")
    };
    assert_eq!((spent, left), (eur(20_00), eur(30_00)));
    bakery.refunds(sale, Extent::Amount(left), MoneyBack::ByHand).await.unwrap();
    assert_eq!(bakery.cards().await.remove(0).1, eur(0));
    bakery.holds_together().await;
}

#[tokio::test]
async fn money_that_comes_late_takes_the_card_again_unless_it_was_spent() {
    for spent_meanwhile in [false, true] {
        let bakery = Bakery::opens().await;
        let card = bakery.gives(30_00).await;
        let card_id = card.id;
        let order = bakery.orders(50_00, 60).await;
        assert_eq!(bakery.pays_by_card(order, &card.code).await.unwrap().due, eur(20_00));
        bakery.clock().advance_s(61);
        bakery.write(|tx| Ok(orders::sweep(tx)?)).await.unwrap();
        let find = move |rx: &mut db::Rx| {
            let card = cards::find(rx, card_id)?;
            cards::available(rx, &card)
        };
        assert_eq!(bakery.read(find).await.unwrap(), eur(30_00));
        if spent_meanwhile {
            let other = bakery.orders(30_00, 60).await;
            bakery.pays_by_card(other, &card.code).await.unwrap();
        }
        let late = move |tx: &mut db::Tx| {
            let (method, into) = ("manual".to_owned(), spine::ledger::Account::Bank);
            let payment = orders::Payment { amount: eur(20_00), method, reference: "late".to_owned(), into };
            Ok(orders::record_payment(tx, order, &payment)?)
        };
        let effect = bakery.write(late).await.unwrap();
        let wanted = match spent_meanwhile {
            false => orders::PaymentEffect::LateTaken,
            true => orders::PaymentEffect::LateRefundDue { owed: eur(20_00) },
        };
        assert_eq!((effect, bakery.cards().await.remove(0).1), (wanted, eur(0)));
        bakery.holds_together().await;
    }
}

#[tokio::test]
async fn money_in_full_lets_the_card_go() {
    let bakery = Bakery::opens().await;
    let card = bakery.gives(30_00).await;
    let order = bakery.orders(50_00, HOUR_S).await;
    bakery.pays_by_card(order, &card.code).await.unwrap();
    let all = move |tx: &mut db::Tx| {
        let (method, into) = ("manual".to_owned(), spine::ledger::Account::Bank);
        let payment = orders::Payment { amount: eur(50_00), method, reference: "all".to_owned(), into };
        Ok(orders::record_payment(tx, order, &payment)?)
    };
    bakery.write(all).await.unwrap();
    let left = bakery
        .read(move |rx| {
            let card = cards::find(rx, card.id)?;
            cards::available(rx, &card)
        })
        .await;
    assert_eq!(left.unwrap(), eur(30_00));
    bakery.holds_together().await;
}

#[tokio::test]
async fn a_blocked_card_frees_what_it_kept_and_keeps_its_value() {
    let bakery = Bakery::opens().await;
    let card = bakery.gives(30_00).await;
    let order = bakery.orders(50_00, HOUR_S).await;
    bakery.pays_by_card(order, &card.code).await.unwrap();
    bakery.write(move |tx| cards::act(tx, card.id, Act::Block)).await.unwrap();
    assert_eq!(bakery.read(move |rx| Ok(orders::payment_due(rx, order)?.amount)).await.unwrap(), eur(50_00));
    let refused = bakery.pays_by_card(order, &card.code).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Blocked { .. }))), "{refused:?}");
    assert_eq!(bakery.cards().await.remove(0).1, eur(30_00));
    bakery.holds_together().await;
}

#[tokio::test]
async fn a_card_expires_by_itself_and_a_refund_of_what_it_paid_becomes_store_credit() {
    let bakery = Bakery::opens().await;
    let sale = bakery.orders_card(30_00, Some(HOUR_S)).await.unwrap();
    bakery.is_paid(sale).await.unwrap();
    let (card, _) = bakery.cards().await.remove(0);
    let order = bakery.orders(20_00, HOUR_S).await;
    bakery.pays_by_card(order, &card.code).await.unwrap();
    bakery.clock().advance_s(366 * 24 * 3600);
    bakery.write(cards::sweep).await.unwrap();
    bakery.refunds(order, Extent::Full, MoneyBack::ByProvider).await.unwrap();
    let states: Vec<_> = bakery.cards().await.into_iter().map(|(card, left)| (card.state, left)).collect();
    assert_eq!(states, [(CardState::Active, eur(20_00)), (CardState::Expired, eur(10_00))]);
    bakery.holds_together().await;
}

#[tokio::test]
async fn an_order_that_is_cancelled_puts_what_cards_paid_back() {
    let bakery = Bakery::opens().await;
    let card = bakery.gives(30_00).await;
    let order = bakery.orders(30_00, HOUR_S).await;
    assert_eq!(bakery.pays_by_card(order, &card.code).await.unwrap().due, eur(0));
    let cancel = Cancel { reason: CancelReason::Customer, restock: true, money: MoneyBack::ByProvider };
    bakery.write(move |tx| Ok(orders::cancel(tx, order, &cancel).map(drop)?)).await.unwrap();
    assert_eq!(bakery.cards().await.remove(0).1, eur(30_00));
    let whole = bakery.read(move |rx| Ok(orders::whole(rx, order)?)).await.unwrap();
    assert_eq!((whole.order.owed, whole.refunds[0].state), (eur(0), orders::RefundState::Paid));
    bakery.holds_together().await;
}

#[tokio::test]
async fn credit_goes_along_when_customers_become_one_and_is_nobodys_when_they_are_forgotten() {
    let bakery = Bakery::opens().await;
    let (from, into) = (bakery.knows("+393331112200").await, bakery.knows("+393331112201").await);
    let card = bakery.credits(20_00, from).await.id;
    let merge = move |tx: &mut db::Tx| Ok(customers::merge(tx, &orders::OrderBook, from, into)?);
    bakery.write(merge).await.unwrap();
    assert_eq!(bakery.read(move |rx| cards::find(rx, card)).await.unwrap().customer, Some(into));
    bakery.write(move |tx| Ok(customers::forget(tx, &orders::OrderBook, into)?)).await.unwrap();
    let kept = bakery.read(move |rx| cards::find(rx, card)).await.unwrap();
    assert_eq!((kept.customer, kept.reason.as_str(), kept.value), (None, "", eur(20_00)));
    bakery.holds_together().await;
}
