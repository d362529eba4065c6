use db::{Error, Tx, sql, testing::START};
use serde_json::json;
use spine::{
    events::{self, Event, Fault, Filter, Head, Proof, Report, SignedHead, Verdict},
    keys::{KeyRing, Missing},
};

use super::Shop;

fn placed(order: i64) -> Event {
    Event {
        kind: "order.placed",
        subject: format!("order_{order}"),
        payload: json!({ "name": "Ada", "n": order }),
    }
}

/// A shop whose history has `count` events.
async fn shop_with(count: i64) -> Shop {
    let shop = Shop::open().await;
    for order in 1..=count {
        shop.write(move |tx| events::record(tx, placed(order))).await.unwrap();
        shop.world.clock.advance_s(60);
    }
    shop
}

fn keys() -> KeyRing {
    let folder = tempfile::tempdir().unwrap();
    KeyRing::open(folder.path(), Missing::Create).unwrap()
}

async fn signed(shop: &Shop, keys: &KeyRing) -> SignedHead {
    events::sign_head(keys, "bakery", shop.read(events::head).await, START)
}

async fn verified(shop: &Shop) -> Report {
    shop.read(|rx| events::verify(rx, None)).await
}

async fn proven(shop: &Shop, heads: Vec<SignedHead>, keys: &KeyRing) -> Report {
    let trusted = keys.verifying_keys();
    shop.read(move |rx| {
        events::verify(rx, Some(Proof { tenant: "bakery", heads: &heads, trusted: &trusted }))
    })
    .await
}

/// What a check finds after somebody who can write the file was there.
async fn doctored(doctor: fn(&mut Tx) -> Result<(), Error>) -> Vec<Fault> {
    let shop = shop_with(5).await;
    assert_eq!(verified(&shop).await.verdict(), Verdict::Consistent);
    shop.write(doctor).await.unwrap();
    verified(&shop).await.faults
}

#[tokio::test]
async fn an_edited_event_is_named() {
    let faults = doctored(|tx| {
        tx.put(sql!("update event set actor = 'visitor' where tenant_id = $1 and n = 3"), ())?;
        tx.put(sql!("update event set payload = '{}' where tenant_id = $1 and n = 4"), ())
    });
    assert_eq!(faults.await, [Fault::Edited { n: 3 }, Fault::PayloadEdited { n: 4 }]);
}

#[tokio::test]
async fn a_deleted_event_leaves_a_gap() {
    let faults = doctored(|tx| tx.put(sql!("delete from event where tenant_id = $1 and n = 2"), ()));
    assert_eq!(faults.await, [Fault::Missing { from: 2, to: 2 }]);
}

#[tokio::test]
async fn swapped_events_are_named() {
    let faults = doctored(|tx| {
        for (from, to) in [(2, 100), (3, 2), (100, 3)] {
            tx.put(sql!("update event set n = $3 where tenant_id = $1 and n = $2"), (from, to))?;
        }
        Ok(())
    });
    let faults = faults.await;
    assert!(
        faults.contains(&Fault::Edited { n: 2 }) && faults.contains(&Fault::Edited { n: 3 }),
        "{faults:?}"
    );
}

#[tokio::test]
async fn a_cut_tail_is_seen_by_the_head_and_if_that_is_cut_too_by_a_signed_one() {
    let keys = keys();
    let shop = shop_with(5).await;
    let (third, fifth) = (shop_with(3).await, signed(&shop, &keys).await);
    assert_eq!(proven(&shop, vec![fifth.clone()], &keys).await.verdict(), Verdict::Proven);

    shop.write(|tx| tx.put(sql!("delete from event where tenant_id = $1 and n > 3"), ())).await.unwrap();
    assert_eq!(verified(&shop).await.faults, [Fault::Head { head: 5, last: 3 }]);

    // the file as it stood after three events is in itself without fault
    assert_eq!(verified(&third).await.verdict(), Verdict::Consistent);
    let report = proven(&third, vec![fifth], &keys).await;
    assert_eq!(report.faults, [Fault::Behind { signed: 5, last: 3 }]);
}

#[tokio::test]
async fn a_rebuilt_chain_is_consistent_but_not_the_one_that_was_signed() {
    let keys = keys();
    let head = signed(&shop_with(5).await, &keys).await;
    // our own code, another history
    let rebuilt = Shop::open().await;
    for order in 11..=16 {
        rebuilt.write(move |tx| events::record(tx, placed(order))).await.unwrap();
    }
    assert_eq!(verified(&rebuilt).await.verdict(), Verdict::Consistent);
    assert_eq!(proven(&rebuilt, vec![head], &keys).await.faults, [Fault::Rebuilt { n: 5 }]);
}

#[tokio::test]
async fn a_head_counts_only_with_a_signature_of_this_installation_over_what_it_says() {
    let (keys, strangers) = (keys(), keys());
    let shop = shop_with(4).await;
    let good = signed(&shop, &keys).await;
    let foreign = signed(&shop, &strangers).await;
    let moved = SignedHead { n: 3, ..good.clone() };
    for forged in [foreign, moved] {
        let n = forged.n;
        assert_eq!(proven(&shop, vec![forged], &keys).await.faults, [Fault::Forged { n }]);
    }
    let neighbours = SignedHead { tenant: "florist".to_owned(), ..good };
    assert_eq!(proven(&shop, vec![neighbours], &keys).await.verdict(), Verdict::Consistent);
}

#[tokio::test]
async fn heads_are_read_back_from_their_file() {
    let folder = tempfile::tempdir().unwrap();
    let (keys, file) = (keys(), folder.path().join("heads"));
    let first = events::sign_head(&keys, "bakery", Head::START, START);
    let second = events::sign_head(&keys, "florist", Head::START, START.plus_s(1));
    events::append_heads(&file, std::slice::from_ref(&first)).unwrap();
    events::append_heads(&file, std::slice::from_ref(&second)).unwrap();
    assert_eq!(events::read_heads(&file).unwrap(), [first, second]);
    std::fs::write(&file, "not a head\n").unwrap();
    assert!(events::read_heads(&file).is_err());
}

#[tokio::test]
async fn a_person_is_forgotten_and_the_proof_stays() {
    let keys = keys();
    let shop = shop_with(3).await;
    let head = signed(&shop, &keys).await;
    assert!(shop.write(|tx| events::erase(tx, 2)).await.unwrap());
    assert!(!shop.write(|tx| events::erase(tx, 2)).await.unwrap());
    assert!(!shop.write(|tx| events::erase(tx, 99)).await.unwrap());
    let report = proven(&shop, vec![head], &keys).await;
    assert_eq!(
        (report.verdict(), report.events, report.erased, report.proven_to),
        (Verdict::Proven, 4, 1, 3)
    );
    let seen = shop.read(|rx| events::since(rx, 0, 10)).await;
    let forgotten: Vec<_> = seen.iter().map(|event| event.payload.is_none()).collect();
    assert_eq!(forgotten, [false, true, false, false]);
    assert_eq!((seen[3].kind.as_str(), seen[3].subject.as_str()), ("event.erased", "event:2"));
}

#[tokio::test]
async fn a_payload_that_nobody_erased_is_missed() {
    let faults = doctored(|tx| {
        tx.put(
            sql!(
                "update event set payload = null, salt = null, address = null, request = null
                 where tenant_id = $1 and n = 4"
            ),
            (),
        )
    });
    assert_eq!(faults.await, [Fault::PayloadLost { n: 4 }]);
}

#[tokio::test]
async fn a_refused_change_leaves_no_event_and_no_gap() {
    let shop = Shop::open().await;
    for order in 1..=6 {
        let body = move |tx: &mut Tx<'_>| {
            events::record(tx, placed(order))?;
            if order % 2 == 0 { Err(Error::Unknown) } else { Ok(()) }
        };
        assert_eq!(shop.write(body).await.is_err(), order % 2 == 0);
    }
    let report = verified(&shop).await;
    assert_eq!((report.verdict(), report.events), (Verdict::Consistent, 3));
}

#[tokio::test]
async fn history_is_found_by_what_who_and_kind() {
    let shop = shop_with(5).await;
    shop.write(|tx| {
        let paid = Event { kind: "order.paid", ..placed(3) };
        events::record_all(tx, vec![paid.clone(), Event { kind: "order.shipped", ..paid }])
    })
    .await
    .unwrap();
    let numbers = async |filter: Filter, before: Option<i64>| {
        let seen = shop.read(move |rx| events::list(rx, &filter, before, 2)).await;
        seen.iter().map(|event| event.n).collect::<Vec<_>>()
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(numbers(Filter::default(), None).await, [7, 6]);
    assert_eq!(numbers(Filter::default(), Some(6)).await, [5, 4]);
    let of_order = Filter { subject: text("order_3"), ..Filter::default() };
    assert_eq!(numbers(of_order.clone(), Some(7)).await, [6, 3]);
    assert_eq!(numbers(Filter { kind: text("order.paid"), ..of_order }, None).await, [6]);
    assert_eq!(numbers(Filter { kind: text("order.placed"), ..Filter::default() }, Some(3)).await, [2, 1]);
    assert!(numbers(Filter { actor: text("visitor"), ..Filter::default() }, None).await.is_empty());
    assert_eq!(numbers(Filter { kind: text("order."), ..Filter::default() }, Some(3)).await, [2, 1]);
    assert!(numbers(Filter { kind: text("stock."), ..Filter::default() }, None).await.is_empty());
    let day = |from: i64, to: i64| Filter {
        from: Some(db::testing::START.plus_s(from)),
        to: Some(db::testing::START.plus_s(to)),
        ..Filter::default()
    };
    assert_eq!(numbers(day(-86_400, 86_400), None).await, [7, 6]);
    assert!(numbers(day(-86_400, -3600), None).await.is_empty());
    assert!(numbers(day(86_400, 172_800), None).await.is_empty());
}
