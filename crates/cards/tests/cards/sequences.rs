//! Whatever happens to cards and their orders in whatever order: no balance falls below zero, and pools, histories and books
//! say the same.

use cards::Act;
use orders::{Cancel, CancelReason, Extent, MoneyBack, OrderId};
use proptest::prelude::*;

use crate::world::{Bakery, eur};

#[derive(Debug, Clone)]
enum Step {
    Give(i64),
    SellCard(i64),
    /// A card and loaves in one order, at once and not yet paid.
    SellAtCounter(i64, i64),
    Order(i64),
    /// An order and a card, by their place among all.
    PayByCard(usize, usize),
    Pay(usize),
    Cancel(usize),
    Refund(usize, i64, bool),
    RefundAll(usize),
    Block(usize),
    Open(usize),
    Wait(i64),
    /// Until every gift card that was sold has expired.
    WaitYear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1i64..100_00).prop_map(Step::Give),
        (1i64..100_00).prop_map(Step::SellCard),
        (1i64..100_00, 1i64..50_00).prop_map(|(minor, loaves)| Step::SellAtCounter(minor, loaves)),
        (1i64..100_00).prop_map(Step::Order),
        (0usize..8, 0usize..8).prop_map(|(order, card)| Step::PayByCard(order, card)),
        (0usize..8, 0usize..8).prop_map(|(order, card)| Step::PayByCard(order, card)),
        (0usize..8).prop_map(Step::Pay),
        (0usize..8).prop_map(Step::Pay),
        (0usize..8).prop_map(Step::Cancel),
        (0usize..8, 1i64..50_00, any::<bool>())
            .prop_map(|(order, amount, credit)| Step::Refund(order, amount, credit)),
        (0usize..8).prop_map(Step::RefundAll),
        (0usize..8).prop_map(Step::Block),
        (0usize..8).prop_map(Step::Open),
        (1i64..4000).prop_map(Step::Wait),
        Just(Step::WaitYear),
    ]
}

/// Takes a step; what is refused changes nothing.
async fn take(bakery: &Bakery, orders: &mut Vec<OrderId>, step: &Step) {
    const HOUR_S: i64 = 3600;
    let order = |place: usize| orders.get(place % orders.len().max(1)).copied();
    let cards = bakery.cards().await;
    let card = |place: usize| cards.get(place % cards.len().max(1)).map(|(card, _)| card.clone());
    match step {
        Step::Give(minor) => drop(bakery.gives(*minor).await),
        Step::SellCard(minor) => orders.extend(bakery.orders_card(*minor, Some(HOUR_S)).await),
        Step::SellAtCounter(minor, loaves) => {
            orders.push(bakery.sells_at_counter(*minor, *loaves).await);
        }
        Step::Order(loaves) => orders.push(bakery.orders(*loaves, HOUR_S).await),
        Step::PayByCard(at, place) => {
            if let (Some(order), Some(card)) = (order(*at), card(*place)) {
                drop(bakery.pays_by_card(order, &card.code).await);
            }
        }
        Step::Pay(at) => {
            if let Some(order) = order(*at) {
                drop(bakery.is_paid(order).await);
            }
        }
        Step::Cancel(at) => {
            if let Some(order) = order(*at) {
                let cancel =
                    Cancel { reason: CancelReason::Customer, restock: true, money: MoneyBack::ByHand };
                drop(bakery.write(move |tx| Ok(orders::cancel(tx, order, &cancel).map(drop)?)).await);
            }
        }
        Step::Refund(at, minor, credit) => {
            if let Some(order) = order(*at) {
                let money = if *credit { MoneyBack::StoreCredit } else { MoneyBack::ByProvider };
                drop(bakery.refunds(order, Extent::Amount(eur(*minor)), money).await);
            }
        }
        Step::RefundAll(at) => {
            if let Some(order) = order(*at) {
                drop(bakery.refunds(order, Extent::Full, MoneyBack::ByHand).await);
            }
        }
        Step::Block(place) | Step::Open(place) => {
            if let Some(card) = card(*place) {
                let act = if matches!(step, Step::Block(_)) { Act::Block } else { Act::Open };
                drop(bakery.write(move |tx| cards::act(tx, card.id, act)).await);
            }
        }
        Step::Wait(_) | Step::WaitYear => {
            let seconds = if let Step::Wait(seconds) = step { *seconds } else { 366 * 24 * HOUR_S };
            bakery.clock().advance_s(seconds);
            bakery
                .write(|tx| {
                    orders::sweep(tx)?;
                    cards::sweep(tx).map(drop)
                })
                .await
                .unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn balances_pools_histories_and_books_say_the_same_whatever_happens(
        steps in prop::collection::vec(step(), 1..24),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let bakery = Bakery::opens().await;
            let mut orders = Vec::new();
            for step in &steps {
                take(&bakery, &mut orders, step).await;
                bakery.holds_together().await;
            }
        });
    }
}
