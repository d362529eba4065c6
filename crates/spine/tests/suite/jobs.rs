use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base::Quantity;
use db::{Error, testing::START};
use serde_json::json;
use spine::{
    events,
    holds::{self, PoolId, Rule},
    jobs::{self, Job, MOST_FAILURES, Outcome, Runner, State},
};

use super::Shop;

fn mail(key: Option<&str>) -> Job<'_> {
    Job { kind: "mail", at: START, payload: json!({ "to": "acct_1" }), key, cause: "order_1" }
}

fn retry() -> Outcome {
    Outcome::Retry { after_s: None, reason: "no route".to_owned() }
}

/// How many jobs a worker gets now.
async fn claimed(shop: &Shop) -> Vec<jobs::Claimed> {
    shop.write(|tx| jobs::claim(tx, 120, 50)).await.unwrap()
}

async fn finish(shop: &Shop, job: jobs::Claimed, outcome: Outcome) {
    let results = vec![(job, outcome)];
    shop.write(move |tx| jobs::finish(tx, &results)).await.unwrap();
}

async fn in_state(shop: &Shop, state: State) -> usize {
    shop.read(move |rx| jobs::list(rx, state, None, 100)).await.len()
}

#[tokio::test]
async fn what_was_promised_under_a_key_is_promised_once() {
    let shop = Shop::open().await;
    for _ in 0..3 {
        shop.write(|tx| jobs::enqueue(tx, mail(Some("placed:order_1")))).await.unwrap();
        shop.write(|tx| jobs::enqueue(tx, mail(None))).await.unwrap();
    }
    let all = claimed(&shop).await;
    assert_eq!(all.len(), 4);
    for job in all {
        finish(&shop, job, Outcome::Done).await;
    }
    shop.write(|tx| jobs::enqueue(tx, mail(Some("placed:order_1")))).await.unwrap();
    assert!(claimed(&shop).await.is_empty());
}

#[tokio::test]
async fn what_ends_at_the_same_time_is_ended_by_one_job_until_there_is_no_more() {
    const END: &str = "things.end";
    let shop = Shop::open().await;
    let promise = |tx: &mut db::Tx| {
        let at = tx.now().plus_s(60);
        jobs::promise_end(tx, END, at)?;
        jobs::promise_end(tx, END, at)?;
        jobs::promise_end(tx, "others.end", at)
    };
    shop.write(promise).await.unwrap();
    assert!(claimed(&shop).await.is_empty(), "nothing is over yet");
    shop.world.clock.advance_s(60);
    let (sweeps, others) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (swept, other) = (Arc::clone(&sweeps), Arc::clone(&others));
    let runner = Runner::new(shop.db().clone())
        .ends(END, move |_| Ok::<_, Error>(swept.fetch_add(1, Ordering::SeqCst) < 2))
        .ends("others.end", move |_| {
            other.fetch_add(1, Ordering::SeqCst);
            Ok::<_, Error>(false)
        });
    runner.run(tokio::time::sleep(Duration::from_millis(500))).await;
    assert_eq!((sweeps.load(Ordering::SeqCst), others.load(Ordering::SeqCst)), (3, 1));
    assert_eq!((in_state(&shop, State::Done).await, in_state(&shop, State::Waiting).await), (2, 0));
}

#[tokio::test]
async fn a_promise_of_a_change_that_was_refused_was_never_made() {
    let shop = Shop::open().await;
    let refused = shop.write(|tx| jobs::enqueue(tx, mail(None)).and(Err::<(), _>(Error::Unknown))).await;
    assert!(refused.is_err() && claimed(&shop).await.is_empty());
}

#[tokio::test]
async fn a_job_is_claimed_by_one_and_again_when_that_one_did_not_come_back() {
    let shop = Shop::open().await;
    shop.write(|tx| jobs::enqueue(tx, mail(None))).await.unwrap();
    let lost = claimed(&shop).await.remove(0);
    assert!(claimed(&shop).await.is_empty());
    shop.world.clock.advance_s(120);
    let second = claimed(&shop).await.remove(0);
    assert_eq!((second.id, second.attempt), (lost.id, 2));
    // the first worker comes back late: its word no longer counts
    finish(&shop, lost, Outcome::Failed("gone".to_owned())).await;
    assert_eq!((in_state(&shop, State::Running).await, in_state(&shop, State::Failed).await), (1, 0));
    finish(&shop, second, Outcome::Done).await;
    assert_eq!(in_state(&shop, State::Done).await, 1);
}

#[tokio::test]
async fn a_job_that_keeps_failing_is_given_up_and_the_history_says_so() {
    let shop = Shop::open().await;
    shop.write(|tx| jobs::enqueue(tx, mail(None))).await.unwrap();
    for _ in 0..MOST_FAILURES {
        let job = claimed(&shop).await.remove(0);
        finish(&shop, job, retry()).await;
        assert!(claimed(&shop).await.is_empty());
        shop.world.clock.advance_s(6 * 3600);
    }
    assert!(claimed(&shop).await.is_empty());
    let failed = shop.read(|rx| jobs::list(rx, State::Failed, None, 10)).await;
    assert_eq!(failed[0].last_error.as_deref(), Some("no route"));
    let seen = shop.read(|rx| events::since(rx, 0, 10)).await;
    assert_eq!(
        (seen.len(), seen[0].kind.as_str(), &seen[0].subject),
        (1, "job.failed", &failed[0].id.to_string())
    );

    let id = failed[0].id;
    assert!(shop.write(move |tx| jobs::retry(tx, id)).await.unwrap());
    assert!(!shop.write(move |tx| jobs::retry(tx, id)).await.unwrap());
    assert_eq!(claimed(&shop).await.len(), 1);
}

#[tokio::test]
async fn what_may_have_happened_waits_for_somebody_to_look() {
    let shop = Shop::open().await;
    shop.write(|tx| jobs::enqueue(tx, mail(None))).await.unwrap();
    let job = claimed(&shop).await.remove(0);
    finish(&shop, job, Outcome::Unknown("cut off".to_owned())).await;
    shop.world.clock.advance_s(7 * 86_400);
    assert!(claimed(&shop).await.is_empty());
    assert_eq!(in_state(&shop, State::Unknown).await, 1);
}

#[tokio::test]
async fn a_job_that_was_given_up_is_not_done_and_its_key_stays_taken() {
    let shop = Shop::open().await;
    shop.write(|tx| jobs::enqueue(tx, mail(Some("placed:order_1")))).await.unwrap();
    let running = claimed(&shop).await.remove(0);
    let id = running.id;
    assert!(!shop.write(move |tx| jobs::give_up(tx, id)).await.unwrap(), "its worker has it");
    finish(&shop, running, Outcome::Failed("gone".to_owned())).await;
    assert!(shop.write(move |tx| jobs::give_up(tx, id)).await.unwrap());
    assert!(!shop.write(move |tx| jobs::give_up(tx, id)).await.unwrap());
    assert!(!shop.write(move |tx| jobs::retry(tx, id)).await.unwrap(), "it is over");
    assert_eq!((in_state(&shop, State::Cancelled).await, in_state(&shop, State::Done).await), (1, 0));
    assert!(shop.read(jobs::tally).await.is_empty());
    assert_eq!(shop.read(|rx| jobs::last_done(rx, "%mail")).await, None);
    shop.write(|tx| jobs::enqueue(tx, mail(Some("placed:order_1")))).await.unwrap();
    assert!(claimed(&shop).await.is_empty());
    let seen = shop.read(|rx| events::since(rx, 0, 10)).await;
    let kinds: Vec<&str> = seen.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["job.failed", "job.cancelled"]);
}

#[tokio::test]
async fn jobs_are_listed_and_counted_by_kind() {
    let shop = Shop::open().await;
    let refund = || Job { kind: "refund", ..mail(None) };
    for _ in 0..2 {
        shop.write(|tx| jobs::enqueue(tx, mail(None))).await.unwrap();
    }
    shop.write(move |tx| jobs::enqueue(tx, refund())).await.unwrap();
    let mails = shop.read(|rx| jobs::list_like(rx, State::Waiting, "%mail", None, 10)).await;
    assert_eq!(mails.len(), 2);
    let tally = shop.read(jobs::tally).await;
    let counts: Vec<(&str, i64)> = tally.iter().map(|tally| (tally.kind.as_str(), tally.count)).collect();
    assert_eq!(counts, [("mail", 2), ("refund", 1)]);
    for job in claimed(&shop).await {
        finish(&shop, job, Outcome::Done).await;
    }
    assert_eq!(shop.read(|rx| jobs::last_done(rx, "%mail")).await, Some(START));
}

#[tokio::test]
async fn waiting_work_can_be_called_off() {
    let shop = Shop::open().await;
    shop.write(|tx| jobs::enqueue(tx, mail(Some("reminder")))).await.unwrap();
    assert!(shop.write(|tx| jobs::cancel(tx, "reminder")).await.unwrap());
    assert!(!shop.write(|tx| jobs::cancel(tx, "reminder")).await.unwrap());
    assert!(claimed(&shop).await.is_empty());
}

/// Waits until `so` holds, for at most ten seconds.
async fn until<F: Future<Output = bool>>(so: impl Fn() -> F) {
    for _ in 0..400 {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it did not happen");
}

/// A runner at work on `shop`, and the way to stop it.
fn at_work(runner: Runner) -> (tokio::task::JoinHandle<()>, tokio::sync::oneshot::Sender<()>) {
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let work = tokio::spawn(runner.run(async move {
        let _ = stopped.await;
    }));
    (work, stop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_runner_does_what_is_due_and_tries_again_what_failed_or_panicked() {
    let shop = Shop::open().await;
    let (tries, ids) = (Arc::new(AtomicUsize::new(0)), Arc::new(std::sync::Mutex::new(HashSet::new())));
    let (counted, seen) = (Arc::clone(&tries), Arc::clone(&ids));
    let runner = Runner::new(shop.db().clone()).on("mail", move |job| {
        let (counted, seen) = (Arc::clone(&counted), Arc::clone(&seen));
        async move {
            assert_eq!(
                (job.payload["to"].as_str(), job.scope.origin.request),
                (Some("acct_1"), job.id.to_string())
            );
            seen.lock().unwrap().insert(job.id);
            match counted.fetch_add(1, Ordering::SeqCst) {
                0 => retry(),
                1 => panic!("a handler that panics"),
                _ => Outcome::Done,
            }
        }
    });
    let (work, stop) = at_work(runner);
    shop.write(|tx| jobs::enqueue(tx, mail(None))).await.unwrap();
    for (count, pause_s) in [(1, 10), (2, 30), (3, 0)] {
        until(async || tries.load(Ordering::SeqCst) == count).await;
        // the outcome is written after the handler has ended
        until(async || in_state(&shop, State::Running).await == 0).await;
        shop.world.clock.advance_s(pause_s);
    }
    until(async || in_state(&shop, State::Done).await == 1).await;
    assert_eq!(ids.lock().unwrap().len(), 1);
    stop.send(()).unwrap();
    work.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_runner_that_stops_ends_what_it_has_begun_and_begins_nothing() {
    let shop = Shop::open().await;
    let began = Arc::new(tokio::sync::Notify::new());
    let (begins, release) = (Arc::clone(&began), Arc::new(tokio::sync::Semaphore::new(0)));
    let gate = Arc::clone(&release);
    let runner = Runner::new(shop.db().clone()).on("mail", move |_| {
        let (begins, gate) = (Arc::clone(&begins), Arc::clone(&gate));
        async move {
            begins.notify_one();
            gate.acquire().await.unwrap().forget();
            Outcome::Done
        }
    });
    let (work, stop) = at_work(runner);
    // one more than is claimed at once
    shop.write(|tx| (0..51).try_for_each(|_| jobs::enqueue(tx, mail(None)))).await.unwrap();
    began.notified().await;
    stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    release.add_permits(51);
    work.await.unwrap();
    assert_eq!((in_state(&shop, State::Done).await, in_state(&shop, State::Waiting).await), (50, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holds_that_run_out_are_swept_in_time() {
    let shop = Shop::open().await;
    let swept = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&swept);
    let runner = Runner::new(shop.db().clone()).sweep(move |tx| {
        let expired = holds::expire_due(tx, 100)?;
        counted.fetch_add(expired.len(), Ordering::SeqCst);
        Ok::<_, holds::Error>(())
    });
    let (work, stop) = at_work(runner);
    shop.write(|tx| {
        let bread = PoolId::new("stock:bread");
        holds::create_pool(tx, &bread, Rule::Limited, Quantity::ONE)?;
        holds::hold(tx, &bread, Quantity::ONE, Some(START.plus_s(900)), "order_1")
    })
    .await
    .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(swept.load(Ordering::SeqCst), 0);
    shop.world.clock.advance_s(900);
    until(async || swept.load(Ordering::SeqCst) == 1).await;
    stop.send(()).unwrap();
    work.await.unwrap();
}
