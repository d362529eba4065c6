//! Delivery: which zone's fee an order carries, through offer, order, papers, books and refunds.

use base::{Money, Quantity};
use orders::{
    Channel, Covers, DocumentType, Draft, Error, Extent, Shipping, ShippingMethod, Wanted, Zone, ZoneDetails,
    pricing::Kind,
};
use stock::{LocationOpening, Pause};

use crate::world::{Shop, wish};

fn details(shop: &Shop, name: &str, covers: Covers, fee: i64) -> ZoneDetails {
    ZoneDetails {
        name: name.parse().unwrap(),
        covers,
        fee: shop.money(fee),
        free_from: None,
        minimum: None,
        tax_code: None,
        words: Default::default(),
        active: true,
    }
}

fn quarters(names: &[&str]) -> Covers {
    Covers::Quarters(names.iter().map(|name| name.parse().unwrap()).collect())
}

async fn has_zone(shop: &Shop, details: ZoneDetails) -> Zone {
    shop.write(move |tx| orders::add_zone(tx, &details)).await.unwrap()
}

/// The same wish, delivered to a quarter.
fn to(draft: Draft, quarter: &str) -> Draft {
    let shipping = Shipping {
        method: ShippingMethod::Delivery,
        quarter: Some(quarter.parse().unwrap()),
        ..Shipping::default()
    };
    Draft { shipping, ..draft }
}

async fn the_fee_is_a_line_from_the_offer_to_the_refund(shop: Shop) {
    edge::words::register(&[orders::LOCALES]);
    let bread = shop.has("bread", 3_50, None).await;
    has_zone(&shop, details(&shop, "Everywhere", Covers::Everywhere, 9_00)).await;
    let near = has_zone(&shop, details(&shop, "Centre", quarters(&["Vieux Port"]), 2_50)).await;
    let (draft, terms) = (to(wish(bread, 2), "vieux-port"), shop.terms(None));
    let (wanted, said) = (draft.clone(), terms.clone());
    let offer = shop.read(move |rx| orders::offer(rx, &wanted, &said)).await.unwrap();
    assert_eq!((offer.zone, offer.priced.total), (Some(near.id), shop.money(9_50)));

    let placed = shop.place(draft, None).await.unwrap();
    assert_eq!(placed.total, offer.priced.total, "what was offered is what is charged");
    let whole = shop.whole(placed.order).await;
    assert_eq!(whole.shipping.zone, Some(near.id));
    let fee = &whole.lines[1];
    assert_eq!((fee.kind, fee.gross), (Kind::Delivery, shop.money(2_50)));
    assert!(fee.title.contains("Centre"), "{}", fee.title);
    let lines = whole.lines.iter().map(|line| line.gross);
    assert_eq!(Money::sum(shop.currency, lines).unwrap(), whole.order.total);
    let books = shop.books(placed.order).await;
    assert!(books.iter().any(|(account, sum)| account.starts_with("delivery") && *sum == -2_50), "{books:?}");

    shop.write(move |tx| orders::issue(tx, placed.order, DocumentType::Invoice)).await.unwrap();
    let papers = shop.read(move |rx| orders::documents_of(rx, placed.order)).await.unwrap();
    assert_eq!(papers[0].snapshot.lines[1].gross, shop.money(2_50));
    shop.pay(placed.order, 9_50, "p-1").await.unwrap();
    shop.refund(placed.order, Extent::Full, false).await.unwrap();
    assert_eq!(shop.order(placed.order).await.refunded, shop.money(9_50));
    shop.check_books(placed.order).await;
}

async fn an_address_outside_all_zones_is_refused_but_staff_may_promise_anything(shop: Shop) {
    let bread = shop.has("bread", 3_50, None).await;
    let draft = to(wish(bread, 1), "Kipé");
    let refused = shop.place(draft.clone(), None).await;
    assert!(
        matches!(refused, Err(Error::NotDeliveredThere)),
        "without zones nothing is delivered: {refused:?}"
    );
    let mut zone = has_zone(&shop, details(&shop, "Matam", quarters(&["Matam"]), 2_50)).await;
    assert!(matches!(shop.place(draft.clone(), None).await, Err(Error::NotDeliveredThere)));
    let by_staff = Draft { channel: Channel::Office, ..draft.clone() };
    assert_eq!(shop.place(by_staff.clone(), None).await.unwrap().total, shop.money(3_50));
    let named = Shipping { zone: Some(zone.id), ..by_staff.shipping.clone() };
    let named = Draft { shipping: named, ..by_staff };
    assert_eq!(shop.place(named.clone(), None).await.unwrap().total, shop.money(6_00));
    zone.details.active = false;
    let off = zone.clone();
    shop.write(move |tx| orders::edit_zone(tx, off.id, &off.details)).await.unwrap();
    let named = Draft { channel: Channel::Api, ..named };
    assert!(matches!(shop.place(named, None).await, Err(Error::NoSuchZone)));
}

async fn limits_look_at_the_goods_and_not_at_the_fee(shop: Shop) {
    let bread = shop.has("bread", 3_50, None).await;
    let zone = ZoneDetails {
        minimum: Some(shop.money(7_00)),
        free_from: Some(shop.money(10_50)),
        ..details(&shop, "Centre", Covers::Everywhere, 5_00)
    };
    has_zone(&shop, zone).await;
    let total =
        async |units| shop.place(to(wish(bread, units), "Centre"), None).await.map(|placed| placed.total);
    assert!(matches!(total(1).await, Err(Error::BelowMinimum { .. })));
    assert_eq!(total(2).await.unwrap(), shop.money(12_00));
    assert_eq!(total(3).await.unwrap(), shop.money(10_50));
}

async fn a_total_that_the_customer_was_not_shown_is_refused(shop: Shop) {
    let bread = shop.has("bread", 3_50, None).await;
    let shown = Draft { agreed: Some(shop.money(3_50)), ..wish(bread, 1) };
    assert!(shop.place(shown, None).await.is_ok());
    let other = Draft { agreed: Some(shop.money(3_49)), ..wish(bread, 1) };
    assert!(matches!(shop.place(other, None).await, Err(Error::OtherTotal { .. })));
}

async fn customers_wait_while_the_shop_is_closed_for_now_and_staff_do_not(shop: Shop) {
    let bread = shop.has("bread", 3_50, None).await;
    let pause = Pause { until: None, words: "Back on Monday".parse().unwrap(), sells: false };
    let closed = pause.clone();
    shop.write(move |tx| Ok(stock::set_pause(tx, Some(&closed))?)).await.unwrap();
    for channel in [Channel::Shop, Channel::Api] {
        let refused = shop.place(Draft { channel, ..wish(bread, 1) }, None).await;
        assert!(
            matches!(&refused, Err(Error::ClosedForNow { words }) if words == "Back on Monday"),
            "{refused:?}"
        );
    }
    assert!(shop.place(Draft { channel: Channel::Office, ..wish(bread, 1) }, None).await.is_ok());
    let selling = Pause { sells: true, ..pause };
    shop.write(move |tx| Ok(stock::set_pause(tx, Some(&selling))?)).await.unwrap();
    assert!(shop.place(wish(bread, 1), None).await.is_ok());
}

async fn an_order_is_fetched_where_the_business_hands_out_and_taken_from_there(shop: Shop) {
    let bread = shop.has("bread", 3_50, Some(5)).await;
    shop.clock().advance_s(1);
    let name = "Market";
    let market = shop
        .write(move |tx| Ok(stock::create_location(tx, name.parse().unwrap(), Default::default())?.id))
        .await
        .unwrap();
    let fetched = Shipping { location: Some(market), ..Shipping::default() };
    let draft = Draft { shipping: fetched, ..wish(bread, 1) };
    assert!(matches!(shop.place(draft.clone(), None).await, Err(Error::NotFetchedThere)));
    let opening = LocationOpening { pickup: true, hours: None };
    shop.write(move |tx| Ok(stock::set_opening(tx, market, opening.clone()).map(drop)?)).await.unwrap();
    let none_there = shop.place(draft.clone(), None).await;
    assert!(matches!(none_there, Err(Error::OutOfStock { .. })), "the goods lie elsewhere: {none_there:?}");
    let here = Shipping { location: Some(shop.location), ..Shipping::default() };
    let placed = shop.place(Draft { shipping: here, ..draft }, None).await.unwrap();
    assert_eq!(shop.order(placed.order).await.location, Some(shop.location));
}

async fn zones_keep_their_order_and_tell_what_happened_to_them(shop: Shop) {
    let names = async || {
        let zones = shop.read(orders::zones).await.unwrap();
        zones.iter().map(|zone| zone.details.name.to_string()).collect::<Vec<_>>()
    };
    let mut ids = Vec::new();
    for name in ["A", "B", "C"] {
        shop.clock().advance_s(1);
        ids.push(has_zone(&shop, details(&shop, name, Covers::Everywhere, 1_00)).await.id);
    }
    let last = ids[2];
    shop.write(move |tx| orders::move_zone(tx, last, 1)).await.unwrap();
    assert_eq!(names().await, ["C", "A", "B"]);
    shop.write(move |tx| orders::move_zone(tx, last, 99)).await.unwrap();
    assert_eq!(names().await, ["A", "B", "C"]);
    let first = ids[0];
    shop.write(move |tx| orders::remove_zone(tx, first)).await.unwrap();
    assert_eq!(names().await, ["B", "C"]);
    assert!(matches!(shop.write(move |tx| orders::remove_zone(tx, first)).await, Err(Error::UnknownZone)));
    let kinds = shop
        .read(move |rx| {
            let of = spine::events::Filter { subject: Some(first.to_string()), ..Default::default() };
            let events = spine::events::list(rx, &of, None, 10)?;
            Ok(events.into_iter().map(|event| event.kind).collect::<Vec<_>>())
        })
        .await
        .unwrap();
    assert_eq!(kinds, ["zone.removed", "zone.added"]);
}

async fn random_baskets_come_to_the_goods_and_the_fee_exactly(shop: Shop) {
    let variants = [shop.has("bread", 3_33, None).await, shop.has("cake", 17_05, None).await];
    for rounding in [base::tax::Rounding::Line, base::tax::Rounding::RateGroup] {
        for (fee, places) in [(3_90, quarters(&["Nord"])), (7_77, Covers::Everywhere)] {
            let zone = has_zone(&shop, details(&shop, "Z", places, fee)).await;
            for units in 1..6 {
                let lines = variants.map(|variant| Wanted::variant(variant, Quantity::units(units)));
                let draft = to(Draft::new(Channel::Shop, lines.to_vec()), "Nord");
                let terms =
                    orders::Terms { rounding, prices_include_tax: units % 2 == 0, ..shop.terms(None) };
                let (goods, said) = (Draft { shipping: Shipping::default(), ..draft.clone() }, terms.clone());
                let plain = shop.read(move |rx| orders::offer(rx, &goods, &said)).await.unwrap().priced.total;
                let said = terms.clone();
                let wanted = draft.clone();
                let offer = shop.read(move |rx| orders::offer(rx, &wanted, &said)).await.unwrap();
                let charged = offer.lines.last().unwrap();
                assert_eq!(charged.kind, Kind::Delivery);
                assert_eq!(plain.plus(charged.gross).unwrap(), offer.priced.total);
                let placed = shop.write(move |tx| orders::place(tx, &draft, &terms)).await.unwrap();
                assert_eq!(placed.total, offer.priced.total);
                shop.check_books(placed.order).await;
            }
            shop.write(move |tx| orders::remove_zone(tx, zone.id)).await.unwrap();
        }
    }
}

macro_rules! on_both_engines {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Shop::open().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Shop::open_on_postgres().await).await;
            })*
        }
    };
}
on_both_engines!(
    the_fee_is_a_line_from_the_offer_to_the_refund,
    an_address_outside_all_zones_is_refused_but_staff_may_promise_anything,
    limits_look_at_the_goods_and_not_at_the_fee,
    a_total_that_the_customer_was_not_shown_is_refused,
    customers_wait_while_the_shop_is_closed_for_now_and_staff_do_not,
    an_order_is_fetched_where_the_business_hands_out_and_taken_from_there,
    zones_keep_their_order_and_tell_what_happened_to_them,
    random_baskets_come_to_the_goods_and_the_fee_exactly,
);
