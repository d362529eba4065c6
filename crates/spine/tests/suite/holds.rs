use std::sync::atomic::{AtomicUsize, Ordering};

use base::Quantity;
use db::{Tx, sql, testing::START};
use proptest::prelude::*;
use spine::holds::{self, Change, Error, HoldId, Pool, PoolId, Rule, State};

use super::Shop;

fn bread() -> PoolId {
    PoolId::new("stock:bread")
}

fn of(thousandths: i64) -> Quantity {
    Quantity::thousandths(thousandths)
}

async fn shop_with(rule: Rule, thousandths: i64) -> Shop {
    let shop = Shop::open().await;
    shop.write(move |tx| holds::create_pool(tx, &bread(), rule, of(thousandths))).await.unwrap();
    shop
}

async fn counted(shop: &Shop) -> (i64, i64) {
    let pool = shop.read(|rx| holds::pool(rx, &bread())).await.unwrap();
    (pool.held.in_thousandths(), pool.taken.in_thousandths())
}

#[tokio::test]
async fn the_last_loaf_is_promised_once() {
    let shop = shop_with(Rule::Limited, 1_500).await;
    let hold = |cause: &'static str| shop.write(move |tx| holds::hold(tx, &bread(), of(1_000), None, cause));
    hold("order_1").await.unwrap();
    let refused = hold("order_2").await;
    assert!(matches!(refused, Err(Error::Short { available, .. }) if available == of(500)), "{refused:?}");
    assert_eq!(counted(&shop).await, (1_000, 0));
}

#[tokio::test]
async fn what_is_not_tracked_or_sold_when_out_never_runs_short() {
    for rule in [Rule::Unlimited, Rule::Overdraw] {
        let shop = shop_with(rule, 0).await;
        shop.write(|tx| holds::take_now(tx, &bread(), of(7_000), "order_1")).await.unwrap();
        let pool = shop.read(|rx| holds::pool(rx, &bread())).await.unwrap();
        let available = if rule == Rule::Unlimited { None } else { Some(of(-7_000)) };
        assert_eq!((pool.on_hand(), pool.available()), (of(-7_000), available));
    }
}

#[tokio::test]
async fn nothing_and_less_than_nothing_cannot_be_held() {
    let shop = shop_with(Rule::Unlimited, 0).await;
    for quantity in [0, -1_000] {
        let refused = shop.write(move |tx| holds::hold(tx, &bread(), of(quantity), None, "order_1")).await;
        assert!(matches!(refused, Err(Error::NotPositive)));
    }
    let unknown = shop.write(|tx| holds::hold(tx, &PoolId::new("stock:cake"), of(1), None, "order_1")).await;
    assert!(matches!(unknown, Err(Error::UnknownPool(_))));
}

#[tokio::test]
async fn a_hold_ends_once_and_says_how() {
    let shop = shop_with(Rule::Limited, 5_000).await;
    let hold = shop.write(|tx| holds::hold(tx, &bread(), of(2_000), None, "order_1")).await.unwrap();
    let change = |op: fn(&mut Tx, HoldId) -> Result<Change, Error>| shop.write(move |tx| op(tx, hold));
    assert_eq!(change(holds::take).await.unwrap(), Change::Done);
    assert_eq!(change(holds::take).await.unwrap(), Change::Already(State::Taken));
    assert_eq!(change(holds::release).await.unwrap(), Change::Already(State::Taken));
    assert_eq!(counted(&shop).await, (0, 2_000));
    assert_eq!(change(holds::give_back).await.unwrap(), Change::Done);
    assert_eq!(change(holds::give_back).await.unwrap(), Change::Already(State::Released));
    assert_eq!(counted(&shop).await, (0, 0));
}

#[tokio::test]
async fn a_late_payment_takes_what_expired_if_it_is_still_there() {
    let shop = shop_with(Rule::Limited, 2_000).await;
    for cause in ["order_1", "order_2"] {
        shop.write(move |tx| holds::hold(tx, &bread(), of(1_000), Some(START.plus_s(900)), cause))
            .await
            .unwrap();
    }
    assert!(shop.write(|tx| holds::expire_due(tx, 10)).await.unwrap().is_empty());
    shop.world.clock.advance_s(900);
    let expired = shop.write(|tx| holds::expire_due(tx, 10)).await.unwrap();
    let mut causes: Vec<_> = expired.iter().map(|hold| hold.cause.as_str()).collect();
    causes.sort_unstable();
    assert_eq!(causes, ["order_1", "order_2"]);
    assert!(shop.write(|tx| holds::expire_due(tx, 10)).await.unwrap().is_empty());
    assert_eq!(counted(&shop).await, (0, 0));

    shop.write(|tx| holds::take_now(tx, &bread(), of(1_000), "order_3")).await.unwrap();
    assert_eq!(shop.write(|tx| holds::take_all(tx, "order_1")).await.unwrap().len(), 1);
    assert_eq!(counted(&shop).await, (0, 2_000));
    // the refusal is told within the transaction, which goes on
    let refused = shop.write(|tx| Ok::<_, Error>(holds::take_all(tx, "order_2").is_err())).await.unwrap();
    assert!(refused);
    assert_eq!(counted(&shop).await, (0, 2_000));
}

#[tokio::test]
async fn all_of_an_order_is_taken_or_nothing() {
    let shop = shop_with(Rule::Limited, 1_000).await;
    let cake = || PoolId::new("stock:cake");
    shop.write(move |tx| {
        holds::create_pool(tx, &cake(), Rule::Limited, of(1_000))?;
        holds::hold(tx, &bread(), of(1_000), Some(tx.now().plus_s(60)), "order_1")?;
        holds::hold(tx, &cake(), of(1_000), Some(tx.now().plus_s(60)), "order_1")
    })
    .await
    .unwrap();
    shop.world.clock.advance_s(60);
    shop.write(move |tx| {
        holds::expire_due(tx, 10)?;
        holds::take_now(tx, &cake(), of(1_000), "order_2")
    })
    .await
    .unwrap();
    assert!(shop.write(|tx| Ok::<_, Error>(holds::take_all(tx, "order_1").is_err())).await.unwrap());
    assert_eq!(counted(&shop).await, (0, 0));
}

#[tokio::test]
async fn pools_are_found_by_the_beginning_of_their_names() {
    let shop = shop_with(Rule::Limited, 0).await;
    shop.write(|tx| {
        for name in ["stock:bread:a", "stock:bread:é", "stock:breae", "stock:a"] {
            holds::create_pool(tx, &PoolId::new(name), Rule::Limited, Quantity::ONE)?;
        }
        Ok::<_, Error>(())
    })
    .await
    .unwrap();
    let found = shop.read(|rx| holds::pools(rx, "stock:bread")).await;
    let names: Vec<_> = found.iter().map(|pool| pool.id.as_str()).collect();
    assert_eq!(names, ["stock:bread", "stock:bread:a", "stock:bread:é"]);
}

#[derive(Debug, Clone)]
enum Step {
    Hold(i64, bool),
    TakeNow(i64),
    Take(usize),
    Release(usize),
    GiveBack(usize),
    TakeAgain(usize),
    Resize(i64),
    TakeAll(usize),
    Expire,
    Rule(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let hold = 0usize..12;
    let step = prop_oneof![
        3 => (1i64..4_000, any::<bool>()).prop_map(|(quantity, ends)| Step::Hold(quantity, ends)),
        1 => (1i64..4_000).prop_map(Step::TakeNow),
        1 => hold.clone().prop_map(Step::Take),
        1 => hold.clone().prop_map(Step::Release),
        1 => hold.clone().prop_map(Step::GiveBack),
        1 => hold.clone().prop_map(Step::TakeAgain),
        1 => (-3_000i64..5_000).prop_map(Step::Resize),
        1 => (0usize..3).prop_map(Step::TakeAll),
        1 => Just(Step::Expire),
        1 => (0usize..3).prop_map(Step::Rule),
    ];
    prop::collection::vec(step, 1..40)
}

/// Does `step`; a refusal for want of goods is as good as a success.
fn step(tx: &mut Tx, pool: &PoolId, made: &mut Vec<HoldId>, step: &Step) -> Result<(), Error> {
    let cause = |number: usize| format!("{pool}:order_{}", number % 3);
    let pick = |made: &[HoldId], number: usize| (!made.is_empty()).then(|| made[number % made.len()]);
    let done = match step {
        Step::Hold(quantity, ends) => {
            let until = ends.then_some(tx.now());
            holds::hold(tx, pool, of(*quantity), until, &cause(made.len())).map(|hold| made.push(hold))
        }
        Step::TakeNow(quantity) => {
            holds::take_now(tx, pool, of(*quantity), &cause(made.len())).map(|hold| made.push(hold))
        }
        Step::Take(number) => pick(made, *number).map_or(Ok(()), |hold| holds::take(tx, hold).map(drop)),
        Step::Release(number) => {
            pick(made, *number).map_or(Ok(()), |hold| holds::release(tx, hold).map(drop))
        }
        Step::GiveBack(number) => {
            pick(made, *number).map_or(Ok(()), |hold| holds::give_back(tx, hold).map(drop))
        }
        Step::TakeAgain(number) => {
            pick(made, *number).map_or(Ok(()), |hold| holds::take_again(tx, hold).map(drop))
        }
        Step::Resize(delta) => holds::resize(tx, pool, of(*delta)),
        Step::TakeAll(number) => holds::take_all(tx, &cause(*number)).map(drop),
        Step::Expire => holds::expire_due(tx, 3).map(drop),
        Step::Rule(number) => {
            holds::set_rule(tx, pool, [Rule::Limited, Rule::Overdraw, Rule::Unlimited][number % 3])
        }
    };
    match done {
        Err(Error::Short { .. }) => Ok(()),
        other => other,
    }
}

/// What the rows say a pool has held and taken.
fn sums(tx: &mut Tx, pool: &PoolId) -> Result<(i64, i64), Error> {
    let sums = tx.row(
        sql!(
            "select cast(coalesce(sum(case when state = 'held' then quantity else 0 end), 0) as bigint),
                    cast(coalesce(sum(case when state = 'taken' then quantity else 0 end), 0) as bigint)
             from hold where tenant_id = $1 and pool_id = $2"
        ),
        (pool.as_str(),),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(sums.unwrap_or_default())
}

#[test]
fn whatever_is_done_a_pool_counts_what_its_holds_claim_and_a_limited_one_gives_no_more_than_it_has() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let shop = runtime.block_on(Shop::open());
    let cases = AtomicUsize::new(0);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) };
    proptest!(config, |(steps in steps(), capacity in 0i64..10_000)| {
        let id = PoolId::new(format!("pool:{}", cases.fetch_add(1, Ordering::Relaxed)));
        let body = move |tx: &mut Tx<'_>| {
            let mut made = Vec::new();
            let mut seen: Vec<(Step, Pool, Pool, (i64, i64))> = Vec::new();
            holds::create_pool(tx, &id, Rule::Limited, of(capacity))?;
            for next in &steps {
                let before = holds::pool(tx, &id)?.ok_or(Error::UnknownPool(id.clone()))?;
                step(tx, &id, &mut made, next)?;
                let after = holds::pool(tx, &id)?.ok_or(Error::UnknownPool(id.clone()))?;
                seen.push((next.clone(), before, after, sums(tx, &id)?));
            }
            Ok::<_, Error>(seen)
        };
        let seen = runtime.block_on(shop.write(body)).unwrap();
        for (step, before, after, sums) in seen {
            prop_assert_eq!((after.held.in_thousandths(), after.taken.in_thousandths()), sums);
            prop_assert!(sums.0 >= 0 && sums.1 >= 0);
            // only a resize or a change of the rule may leave less than was promised
            let promised = after.held.in_thousandths() + after.taken.in_thousandths();
            let more = promised > before.held.in_thousandths() + before.taken.in_thousandths();
            if after.rule == Rule::Limited && more {
                prop_assert!(after.available() >= Some(Quantity::ZERO), "{:?}", step);
            }
        }
    });
}
