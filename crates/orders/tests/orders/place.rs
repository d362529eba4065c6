use base::{Quantity, tax::Treatment};
use orders::{
    CancelReason, Error, Extra, Filter, FulfilmentState, PaymentState, Shipping, ShippingMethod, Step, Taken,
    Waits, Wanted,
    pricing::{Kind, LineTax},
};

use crate::world::{Shop, wish};

#[tokio::test]
async fn an_order_to_be_paid_keeps_its_goods_and_books_nothing() {
    let shop = Shop::open().await;
    let bread = shop.has("bread", 3_50, Some(5)).await;
    let placed = shop.prepaid(bread, 2).await.unwrap();
    assert_eq!((placed.number, placed.total, placed.firm), (1001, shop.money(7_00), false));
    assert_eq!(shop.stock(bread).await, (5, 3));
    assert!(shop.books(placed.order).await.is_empty());
    assert_eq!(shop.order(placed.order).await.payment, PaymentState::Unpaid);
}

#[tokio::test]
async fn cash_on_delivery_is_a_sale_when_placed() {
    let shop = Shop::open().await;
    let bread = shop.has("bread", 3_50, Some(5)).await;
    let placed = shop.cod(bread, 2).await.unwrap();
    assert!(placed.firm);
    assert_eq!(shop.stock(bread).await, (3, 3));
    let expected = [("receivable:cod".to_owned(), 7_00), ("sales".to_owned(), -7_00)];
    assert_eq!(shop.books(placed.order).await, expected);
    shop.check_books(placed.order).await;
}

#[tokio::test]
async fn what_is_not_there_cannot_be_ordered_and_nothing_is_kept() {
    let shop = Shop::open().await;
    let (bread, cake) = (shop.has("bread", 3_50, Some(5)).await, shop.has("cake", 20_00, Some(1)).await);
    let mut draft = wish(bread, 2);
    draft.lines.push(Wanted::variant(cake, Quantity::units(2)));
    let refused = shop.place(draft, Some(900)).await;
    assert!(
        matches!(refused, Err(Error::OutOfStock { sku, available }) if sku == "CAKE" && available == Quantity::ONE)
    );
    assert_eq!((shop.stock(bread).await, shop.stock(cake).await), ((5, 5), (1, 1)));
    assert_eq!(shop.prepaid(bread, 1).await.unwrap().number, 1001);
}

#[tokio::test]
async fn lines_are_named_by_sku_and_extras_are_priced_along() {
    let shop = Shop::open().await;
    shop.has("bread", 12_00, None).await;
    let vat = LineTax {
        code: "FR20".to_owned(),
        name: "TVA 20 %".to_owned(),
        rate: base::tax::Rate::parse_percent("20").unwrap(),
        treatment: Treatment::Standard,
        compound: false,
    };
    let mut draft = wish(catalog::VariantId::of(Default::default()), 1);
    draft.lines =
        vec![Wanted { variant: None, sku: Some("BREAD".parse().unwrap()), quantity: Quantity::units(2) }];
    draft.extras = vec![Extra {
        kind: Kind::Delivery,
        title: "Livraison".parse().unwrap(),
        price: shop.money(6_00),
        taxes: vec![vat],
        gift: None,
    }];
    draft.shipping = Shipping {
        method: ShippingMethod::Delivery,
        landmark: Some("derrière la mosquée".parse().unwrap()),
        ..Shipping::default()
    };
    let placed = shop.place(draft, None).await.unwrap();
    assert_eq!(placed.total, shop.money(30_00));
    let expected = [
        ("delivery".to_owned(), -5_00),
        ("receivable:cod".to_owned(), 30_00),
        ("sales".to_owned(), -24_00),
        ("sales-tax:FR20".to_owned(), -1_00),
    ];
    assert_eq!(shop.books(placed.order).await, expected);
}

#[tokio::test]
async fn placing_again_under_the_same_key_gives_the_same_order() {
    let shop = Shop::open().await;
    let bread = shop.has("bread", 3_50, Some(5)).await;
    let mut draft = wish(bread, 2);
    draft.origin_key = Some("cart_1".to_owned());
    let first = shop.place(draft.clone(), None).await.unwrap();
    let again = shop.place(draft, None).await.unwrap();
    assert_eq!((again.order, again.again), (first.order, true));
    assert_ne!(first.token, again.token);
    assert_eq!(shop.stock(bread).await, (3, 3));
}

#[tokio::test]
async fn a_link_opens_its_order_until_it_is_revoked() {
    let shop = Shop::open().await;
    let bread = shop.has("bread", 3_50, None).await;
    let placed = shop.cod(bread, 1).await.unwrap();
    let token = placed.token.clone();
    let found = shop.read(move |rx| orders::linked_order(rx, &token)).await.unwrap();
    assert_eq!(found, Some(placed.order));
    let id = placed.order;
    assert_eq!(shop.write(move |tx| orders::revoke_links(tx, id)).await.unwrap(), 1);
    let token = placed.token;
    assert_eq!(shop.read(move |rx| orders::linked_order(rx, &token)).await.unwrap(), None);
}

#[tokio::test]
async fn an_unpaid_order_lapses_and_its_goods_are_free_again() {
    let shop = Shop::open().await;
    let bread = shop.has("bread", 3_50, Some(1)).await;
    let placed = shop.prepaid(bread, 1).await.unwrap();
    shop.sweep_after(899).await;
    assert_eq!(shop.order(placed.order).await.fulfilment, FulfilmentState::Unfulfilled);
    shop.sweep_after(1).await;
    let order = shop.order(placed.order).await;
    assert_eq!(
        (order.fulfilment, order.cancel_reason),
        (FulfilmentState::Cancelled, Some(CancelReason::Expired))
    );
    assert_eq!(shop.stock(bread).await, (1, 1));
}

#[tokio::test]
async fn a_method_with_more_time_keeps_the_goods_longer() {
    let shop = Shop::open().await;
    let bread = shop.has("bread", 3_50, Some(1)).await;
    let placed = shop.prepaid(bread, 1).await.unwrap();
    let id = placed.order;
    shop.write(move |tx| orders::choose_method(tx, id, "manual", Some(72 * 3600))).await.unwrap();
    shop.sweep_after(71 * 3600).await;
    assert!(!shop.order(id).await.is_cancelled());
    assert_eq!(shop.stock(bread).await, (1, 0));
    let firm = shop.write(move |tx| orders::choose_method(tx, id, "cod", None)).await.unwrap();
    assert!(firm.firm && firm.expires_at.is_none());
    shop.check_books(id).await;
}

#[tokio::test]
async fn goods_move_only_once_the_order_is_a_sale() {
    let shop = Shop::open().await;
    let bread = shop.has("bread", 3_50, None).await;
    let id = shop.prepaid(bread, 1).await.unwrap().order;
    let pack = move |tx: &mut db::Tx| orders::fulfil(tx, id, &Taken::step(Step::Pack));
    assert!(matches!(shop.write(pack).await, Err(Error::NotFirm)));
    shop.pay(id, 3_50, "r1").await.unwrap();
    shop.write(pack).await.unwrap();
    shop.write(move |tx| orders::fulfil(tx, id, &Taken::step(Step::Ship))).await.unwrap();
    assert!(matches!(shop.write(pack).await, Err(Error::NoSuchStep(_))));
    assert_eq!(shop.whole(id).await.fulfilments.len(), 2);
}

#[tokio::test]
async fn the_rider_brings_the_money_once_whoever_reports_it() {
    let shop = Shop::open().await;
    let bread = shop.has("bread", 3_50, None).await;
    let id = shop.cod(bread, 2).await.unwrap().order;
    let taken = Taken { collected_by: Some("rider".parse().unwrap()), ..Taken::step(Step::HandOver) };
    shop.write(move |tx| orders::fulfil(tx, id, &taken)).await.unwrap();
    let expected = [("cash:rider".to_owned(), 7_00), ("sales".to_owned(), -7_00)];
    assert_eq!(shop.books(id).await, expected);
    let again = orders::Payment {
        amount: shop.money(7_00),
        method: orders::CASH_ON_DELIVERY.to_owned(),
        reference: orders::cash_reference(id),
        into: spine::ledger::Account::Cash("drawer".to_owned()),
    };
    let effect = shop.write(move |tx| orders::record_payment(tx, id, &again)).await.unwrap();
    assert_eq!(effect, orders::PaymentEffect::Duplicate);
    assert_eq!(shop.order(id).await.payment, PaymentState::Paid);
}

#[tokio::test]
async fn orders_are_found_by_state_number_name_and_phone() {
    let shop = Shop::open().await;
    let bread = shop.has("bread", 3_50, None).await;
    let mut draft = wish(bread, 1);
    draft.customer.name = Some("Aïssatou Barry".parse().unwrap());
    draft.customer.phone = Some("+224620000001".parse().unwrap());
    shop.place(draft, None).await.unwrap();
    shop.prepaid(bread, 1).await.unwrap();
    let found = async |filter: Filter| -> Vec<i64> {
        let listed = shop.read(move |rx| orders::list(rx, &filter, None, 10)).await.unwrap();
        listed.into_iter().map(|listed| listed.order.number).collect()
    };
    let search = |text: &str| Filter { search: text.to_owned(), ..Filter::default() };
    assert_eq!(found(Filter::default()).await, [1002, 1001]);
    assert_eq!(found(search("aissatou")).await, [1001]);
    assert_eq!(found(search("620 00 00 01")).await, [1001]);
    assert_eq!(found(search("1002")).await, [1002]);
    assert_eq!(found(search("%")).await, Vec::<i64>::new());
    assert_eq!(found(Filter { waits: Some(Waits::Goods), ..Filter::default() }).await, [1001]);
    assert_eq!(found(Filter::of_state("unpaid").unwrap()).await, [1002, 1001]);
    assert_eq!(shop.read(|rx| orders::waiting(rx, Waits::Goods)).await.unwrap(), 1);
    assert_eq!(shop.read(|rx| orders::waiting(rx, Waits::Money)).await.unwrap(), 0);
}

#[tokio::test]
async fn a_cart_becomes_one_order() {
    let shop = Shop::open().await;
    let bread = shop.has("bread", 3_50, Some(9)).await;
    let (cart, token) = shop.write(orders::open_cart).await.unwrap();
    let add = move |tx: &mut db::Tx| orders::add_to_cart(tx, cart, &Wanted::variant(bread, Quantity::ONE));
    shop.write(add).await.unwrap();
    shop.write(add).await.unwrap();
    let found = shop.read(move |rx| orders::cart_by_token(rx, &token)).await.unwrap();
    assert_eq!(found.lines, [(bread, Quantity::units(2))]);
    let terms = shop.terms(None);
    let placed = shop
        .write(move |tx| {
            let draft = orders::draft_of_cart(tx, cart, orders::Channel::Shop)?;
            let placed = orders::place(tx, &draft, &terms)?;
            orders::close_cart(tx, cart, placed.order)?;
            Ok(placed)
        })
        .await
        .unwrap();
    assert_eq!(placed.total, shop.money(7_00));
    assert!(matches!(shop.write(add).await, Err(Error::CartOrdered { order }) if order == placed.order));
    assert!(shop.read(|rx| orders::cart_by_token(rx, "nothing")).await.is_err());
    shop.sweep_after(15 * 24 * 3600).await;
    assert!(matches!(shop.read(move |rx| orders::cart(rx, cart)).await, Err(Error::UnknownCart)));
}
