//! Who is recognised, found, made one, and forgotten.

use std::sync::Arc;

use base::Timestamp;
use customers::{Contact, Error, Filter, Order, Tally};

use crate::world::{Told, World, contact};

const AWA: &str = "Awa Barry/+224620000001/awa@example.org";

on_both_engines!(recognised, the_same_phone_or_the_same_e_mail_is_the_same_customer);
async fn recognised(world: World) {
    let awa = world.orders(contact(AWA)).await;
    assert_eq!(world.orders(contact("A. Barry/+224620000001/")).await, awa);
    assert_eq!(world.orders(contact("//awa@example.org")).await, awa);
    let bob = world.orders(contact("Bob/+224620000002/bob@example.org")).await;
    assert_ne!(bob, awa);
    // a new number with a known address: from now on both numbers are hers
    assert_eq!(world.orders(contact("/+224620000009/awa@example.org")).await, awa);
    assert_eq!(world.orders(contact("/+224620000009/")).await, awa);
    let id = awa.unwrap();
    let known = world.read(move |rx| customers::find(rx, id)).await.unwrap();
    assert_eq!(known.contact, contact(AWA), "what stood there stays");
}

on_both_engines!(in_doubt, where_phone_and_e_mail_disagree_the_phone_wins);
async fn in_doubt(world: World) {
    let awa = world.orders(contact("Awa/+224620000001/")).await;
    let office = world.orders(contact("Bob/+224620000002/office@example.org")).await;
    assert_eq!(world.orders(contact("Awa/+224620000001/office@example.org")).await, awa);
    // and the address stays with whom it belonged to
    assert_eq!(world.orders(contact("//office@example.org")).await, office);
    let id = awa.unwrap();
    assert_eq!(world.read(move |rx| customers::find(rx, id)).await.unwrap().contact.email, None);
}

#[tokio::test]
async fn a_name_alone_makes_a_customer_of_its_own_and_recognises_nobody() {
    let world = World::on_sqlite().await;
    let awa = world.orders(contact(AWA)).await;
    let namesake = world.orders(contact("Awa Barry//")).await;
    assert!(namesake.is_some() && namesake != awa);
    assert_ne!(world.orders(contact("Awa Barry//")).await, namesake);
    assert_eq!(world.orders(Contact::default()).await, None, "nothing said is nobody");
}

#[tokio::test]
async fn whoever_writes_the_order_may_know_whose_it_is_but_a_number_knows_better() {
    let world = World::on_sqlite().await;
    let (awa, bob) =
        (world.orders(contact("Awa//")).await, world.orders(contact("Bob/+224620000002/")).await);
    let known = awa;
    let by_hand = move |tx: &mut db::Tx<'_>| {
        let same = customers::recognise(tx, &contact("Awa/+224620000001/"), known)?;
        let other = customers::recognise(tx, &contact("Awa/+224620000002/"), known)?;
        Ok((same, other))
    };
    assert_eq!(world.write(by_hand).await.unwrap(), (awa, bob));
    assert_eq!(world.orders(contact("/+224620000001/")).await, awa, "the number is learnt");
}

on_both_engines!(listed, customers_are_found_by_beginnings_and_paged_in_each_order);
async fn listed(world: World) {
    let people = [
        ("Élodie/+33612345671/", 3, 500),
        ("adama/+33612345672/", 1, 0),
        ("Zoé/+33612345673/z@bar.org", 2, 900),
    ];
    for (said, at, owes) in people {
        let id = world.orders(contact(said)).await.unwrap();
        let tally = Tally { orders: 1, owes, ..Tally::default() };
        let at = Some(Timestamp::from_micros(at));
        world.write(move |tx| customers::dealt(tx, id, tally, at)).await.unwrap();
    }
    world.orders(contact("/+33612345674/")).await;
    let by = |order: Order| Filter { order, ..Filter::default() };
    let nameless = "+33612345674";
    assert_eq!(world.names(by(Order::Name)).await, ["adama", "Élodie", "Zoé", nameless]);
    assert_eq!(world.names(by(Order::LastOrder)).await, ["Élodie", "Zoé", "adama", nameless]);
    assert_eq!(world.names(by(Order::Owes)).await[..2], ["Zoé", "Élodie"]);
    for order in Order::ALL {
        let owing = world.names(Filter { owes: true, ..by(order) }).await;
        assert_eq!(owing.len(), 2, "{order:?}");
        // one by one, each page begins behind the one before
        let (mut after, mut seen) = (None::<[String; 2]>, Vec::new());
        while seen.len() < 4 {
            let behind = after.clone();
            let page =
                world.read(move |rx| customers::list(rx, &by(order), behind.as_ref(), 1)).await.unwrap();
            after = Some(page[0].keys.clone());
            seen.push(page[0].customer.contact.called());
        }
        assert_eq!(seen, world.names(by(order)).await, "{order:?}");
        for (typed, found) in
            [("elo", 1), ("0612345673", 1), ("z bar", 1), ("+33 6 12", 4), ("nobody", 0), ("%", 0)]
        {
            let filter = Filter { search: typed.to_owned(), ..by(order) };
            assert_eq!(world.names(filter).await.len(), found, "{typed} {order:?}");
        }
    }
}

#[tokio::test]
async fn a_number_that_was_corrected_leads_nowhere_and_one_of_another_is_refused() {
    let world = World::on_sqlite().await;
    let awa = world.orders(contact(AWA)).await.unwrap();
    let bob = world.orders(contact("Bob/+224620000002/")).await.unwrap();
    let corrected = contact("Awa Barry/+224620000003/awa@example.org");
    world.write(move |tx| customers::change(tx, awa, &corrected)).await.unwrap();
    assert_ne!(world.orders(contact("/+224620000001/")).await, Some(awa));
    assert_eq!(world.orders(contact("/+224620000003/")).await, Some(awa));
    let taken = contact("Awa Barry/+224620000002/");
    let refused = world.write(move |tx| customers::change(tx, awa, &taken)).await;
    assert!(matches!(refused, Err(Error::Taken { by, .. }) if by == bob), "{refused:?}");
    let again = world.write(|tx| customers::add(tx, &contact("//awa@example.org"))).await;
    assert!(matches!(again, Err(Error::Taken { by, .. }) if by == awa));
    let nobody = world.write(|tx| customers::add(tx, &Contact::default())).await;
    assert!(matches!(nobody, Err(Error::Nobody)));
}

on_both_engines!(made_one, two_customers_become_one_with_all_that_was_known_of_both);
async fn made_one(world: World) {
    let kept = world.orders(contact("Awa Barry/+224620000001/")).await.unwrap();
    let other = world.orders(contact("Mme Barry/+224620000002/awa@example.org")).await.unwrap();
    let told = Arc::new(Told::default());
    let dealings = Arc::clone(&told);
    world
        .write(move |tx| {
            customers::dealt(tx, kept, Tally { orders: 1, spent: 100, ..Tally::default() }, None)?;
            customers::dealt(tx, other, Tally { orders: 2, owes: 50, ..Tally::default() }, Some(tx.now()))?;
            customers::write_note(tx, other, &"Prefers mornings".parse().unwrap())?;
            customers::merge(tx, dealings.as_ref(), other, kept)
        })
        .await
        .unwrap();
    assert_eq!(told.passed_on.lock().unwrap().last(), Some(&(other, kept)));
    let (one, notes) =
        world.read(move |rx| Ok((customers::find(rx, kept)?, customers::notes(rx, kept)?))).await.unwrap();
    assert_eq!(one.contact, contact("Awa Barry/+224620000001/awa@example.org"));
    assert_eq!(one.tally, Tally { orders: 3, spent: 100, owes: 50, owed: 0 });
    assert!(one.last_order_at.is_some() && notes.len() == 1);
    assert_eq!(world.orders(contact("/+224620000002/")).await, Some(kept));
    assert!(matches!(world.read(move |rx| customers::find(rx, other)).await, Err(Error::UnknownCustomer)));
    assert_eq!(
        world.names(Filter { search: "+224 620000002".to_owned(), ..Filter::default() }).await.len(),
        1
    );
    let alone = Told::default();
    let same = world.write(move |tx| customers::merge(tx, &alone, kept, kept)).await;
    assert!(matches!(same, Err(Error::Same)));
}

on_both_engines!(forgotten, who_is_forgotten_leaves_no_word_behind_and_nobody_is_while_money_is_open);
async fn forgotten(world: World) {
    let awa = world.orders(contact(AWA)).await.unwrap();
    world
        .write(move |tx| customers::write_note(tx, awa, &"Pays late".parse().unwrap()).map(drop))
        .await
        .unwrap();
    let busy = Told { open: 2, ..Told::default() };
    let refused = world.write(move |tx| customers::forget(tx, &busy, awa)).await;
    assert!(matches!(refused, Err(Error::Open { orders: 2 })));
    let told = Arc::new(Told::default());
    let dealings = Arc::clone(&told);
    world.write(move |tx| customers::forget(tx, dealings.as_ref(), awa)).await.unwrap();
    assert_eq!(told.forgotten.lock().unwrap().last(), Some(&awa));
    assert!(world.names(Filter::default()).await.is_empty());
    let notes = world.read(move |rx| customers::notes(rx, awa)).await.unwrap();
    assert!(notes.is_empty());
    assert_ne!(world.orders(contact(AWA)).await, Some(awa), "the number leads to nobody");
    let events = world
        .read(|rx| {
            let filter = spine::events::Filter { kind: Some("customer.".to_owned()), ..Default::default() };
            Ok(spine::events::list(rx, &filter, None, 50).unwrap())
        })
        .await
        .unwrap();
    let said = format!("{:?}", events.iter().map(|event| &event.payload).collect::<Vec<_>>());
    assert!(!events.is_empty() && !said.contains("Awa") && !said.contains("224620000001"), "{said}");
}
