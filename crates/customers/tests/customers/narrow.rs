//! Who is chosen by campaigns, answers and consents, and what becomes of these.

use base::Timestamp;
use customers::{CustomerId, Filter, Mark, Order, Way};

use crate::world::{Told, World, contact};

/// Five customers: two got a coupon, who answered, and one of them agreed.
async fn book(world: &World) -> [CustomerId; 5] {
    let mut ids = Vec::new();
    for number in 1..=5 {
        ids.push(world.orders(contact(&format!("Customer {number}/+22462000000{number}/"))).await.unwrap());
    }
    let (first, second) = (ids[0], ids[1]);
    let tell = move |tx: &mut db::Tx| {
        for id in [first, second] {
            customers::mark(tx, id, &Mark::Campaign("cmp_spring"))?;
            customers::mark(tx, id, &Mark::Answer { key: "likes", value: "Crème brûlée" })?;
        }
        customers::mark(tx, second, &Mark::Answer { key: "likes", value: "Bread" })?;
        customers::consent::answered(tx, first, true, Timestamp::from_micros(20))?;
        customers::consent::answered(tx, second, false, Timestamp::from_micros(20))
    };
    world.write(tell).await.unwrap();
    ids.try_into().unwrap()
}

fn in_campaign() -> Filter {
    Filter { campaign: Some("cmp_spring".to_owned()), ..Filter::default() }
}

fn who_likes(answer: &str) -> Filter {
    Filter { answer: Some(("likes".to_owned(), answer.to_owned())), ..Filter::default() }
}

fn who_agreed(agreed: bool) -> Filter {
    Filter { agreed: Some(agreed), ..Filter::default() }
}

on_both_engines!(narrowed, a_list_is_narrowed_by_campaign_answer_and_consent_in_every_order);
async fn narrowed(world: World) {
    book(&world).await;
    for order in Order::ALL {
        for (filter, found) in [
            (in_campaign(), 2),
            (who_likes("CREME"), 2),
            (who_likes("brea"), 1),
            (who_likes(""), 2),
            (who_likes("cream"), 0),
            (who_agreed(true), 1),
            // also who never was asked
            (who_agreed(false), 4),
            (Filter { agreed: Some(false), ..in_campaign() }, 1),
            (Filter { search: "customer".to_owned(), ..in_campaign() }, 2),
            (Filter { search: "5".to_owned(), ..in_campaign() }, 0),
            (Filter { campaign: Some("cmp_sprin".to_owned()), ..Filter::default() }, 0),
            (Filter { owes: true, ..in_campaign() }, 0),
        ] {
            let filter = Filter { order, ..filter };
            assert_eq!(world.names(filter.clone()).await.len(), found, "{filter:?}");
        }
    }
}

on_both_engines!(paged, a_narrowed_list_goes_on_behind_its_last_customer);
async fn paged(world: World) {
    book(&world).await;
    for order in Order::ALL {
        let filter = Filter { order, ..who_agreed(false) };
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let (asked, behind) = (filter.clone(), after.clone());
            let page = world.read(move |rx| customers::list(rx, &asked, behind.as_ref(), 1)).await.unwrap();
            let Some(listed) = page.into_iter().next() else { break };
            after = Some(listed.keys);
            seen.push(listed.customer.contact.called());
        }
        assert_eq!(seen, world.names(filter).await, "{order:?}");
        assert_eq!(seen.len(), 4);
    }
}

on_both_engines!(last_word, what_was_said_last_of_a_consent_stands);
async fn last_word(world: World) {
    let [first, ..] = book(&world).await;
    let earlier = move |tx: &mut db::Tx| {
        customers::consent::answered(tx, first, false, Timestamp::from_micros(10))?;
        customers::find(tx, first)
    };
    assert_eq!(world.write(earlier).await.unwrap().agreed, Some(true), "an earlier no changes nothing");
    let told = move |tx: &mut db::Tx| {
        customers::consent::tell(tx, first, false, &"".parse().unwrap())?;
        customers::consent::tell(tx, first, false, &"".parse().unwrap())?;
        Ok((customers::find(tx, first)?, customers::consent::all(tx, first)?))
    };
    let (customer, consents) = world.write(told).await.unwrap();
    assert_eq!((customer.agreed, consents.len()), (Some(false), 1), "said twice, written once");
    assert_eq!(consents[0].way, Way::Staff);
}

on_both_engines!(
    gone,
    marks_and_consents_go_over_to_whom_somebody_is_made_one_with_and_go_with_who_is_forgotten
);
async fn gone(world: World) {
    let [first, second, third, ..] = book(&world).await;
    let write = move |tx: &mut db::Tx| {
        customers::consent::tell(tx, first, true, &"Letters".parse().unwrap())?;
        customers::merge(tx, &Told::default(), first, third)?;
        customers::merge(tx, &Told::default(), second, third)?;
        Ok((customers::find(tx, third)?, customers::consent::all(tx, third)?))
    };
    let (customer, consents) = world.write(write).await.unwrap();
    assert_eq!((customer.agreed, consents.len()), (Some(true), 1), "what was said last");
    assert_eq!(world.names(in_campaign()).await, ["Customer 3"]);
    assert_eq!(world.names(who_likes("bread")).await, ["Customer 3"]);
    world.write(move |tx| customers::forget(tx, &Told::default(), third)).await.unwrap();
    assert!(world.names(in_campaign()).await.is_empty());
    assert!(world.read(move |rx| customers::consent::all(rx, third)).await.unwrap().is_empty());
}
