use base::Quantity;
use coupons::{CampaignDetails, CouponState, Offer, Use};
use orders::{
    Cancel, CancelReason, Error, Extent, MoneyBack, OrderId, Payment, PaymentEffect, Placed, RefundWanted,
    promotion::Refusal,
};
use spine::ledger::Account;

use crate::world::{Bakery, currency, eur, order_of, tenth, terms};

const HOUR_S: i64 = 3600;

impl Bakery {
    async fn places(&self, draft: orders::Draft, hold_for_s: Option<i64>) -> Result<Placed, Error> {
        let place = move |tx: &mut db::Tx| orders::place(tx, &draft, &terms(hold_for_s));
        self.db().write(self.seat.clone(), place).await
    }

    async fn is_paid(&self, order: OrderId, minor: i64) -> PaymentEffect {
        let payment = Payment {
            amount: eur(minor),
            method: "manual".to_owned(),
            reference: order.to_string(),
            into: Account::Bank,
        };
        let pay = move |tx: &mut db::Tx| orders::record_payment(tx, order, &payment);
        self.db().write(self.seat.clone(), pay).await.unwrap()
    }
}

async fn an_order_uses_a_coupon(bakery: Bakery) {
    let cake = bakery.has("Torta", 20_00).await;
    let campaign = bakery.runs(tenth()).await;
    let coupon = bakery.issues(campaign, "+393331112200").await.unwrap();
    let placed = bakery.places(order_of(cake, &[&coupon.code]), Some(HOUR_S)).await.unwrap();
    assert_eq!(placed.total, eur(18_00));
    assert_eq!(
        (bakery.state_of(&coupon.code).await, bakery.use_of(&coupon).await),
        (CouponState::Issued, (1, 0))
    );
    let counter = bakery.redeems(&coupon.code, Use::default()).await;
    assert!(matches!(counter, Err(coupons::Error::Refused(Refusal::InUse { .. }))), "{counter:?}");
    let other = bakery.places(order_of(cake, &[&coupon.code]), Some(HOUR_S)).await;
    assert!(matches!(other, Err(Error::Refused(Refusal::InUse { .. }))), "{other:?}");
    bakery.is_paid(placed.order, 18_00).await;
    assert_eq!(
        (bakery.state_of(&coupon.code).await, bakery.use_of(&coupon).await),
        (CouponState::Redeemed, (0, 1))
    );
    let refund = RefundWanted {
        extent: Extent::Full,
        restock: false,
        reason: "stale".to_owned(),
        money: MoneyBack::ByHand,
    };
    let give = move |tx: &mut db::Tx| orders::refund(tx, placed.order, &refund).map(drop);
    bakery.db().write(bakery.seat.clone(), give).await.unwrap();
    assert_eq!(
        (bakery.state_of(&coupon.code).await, bakery.use_of(&coupon).await),
        (CouponState::Issued, (0, 0))
    );
}

#[tokio::test]
async fn a_coupon_is_kept_with_its_order_used_with_its_payment_and_freed_with_its_refund() {
    an_order_uses_a_coupon(Bakery::on_sqlite().await).await;
}

#[tokio::test]
async fn a_coupon_is_kept_with_its_order_used_with_its_payment_and_freed_with_its_refund_on_postgres() {
    an_order_uses_a_coupon(Bakery::on_postgres().await).await;
}

#[tokio::test]
async fn an_order_that_is_cancelled_frees_its_coupon() {
    let bakery = Bakery::on_sqlite().await;
    let cake = bakery.has("Torta", 20_00).await;
    let campaign = bakery.runs(tenth()).await;
    for hold_for_s in [Some(HOUR_S), None] {
        let coupon = bakery.issues(campaign, "+393331112200").await.unwrap();
        let order = bakery.places(order_of(cake, &[&coupon.code]), hold_for_s).await.unwrap().order;
        let cancel = Cancel { reason: CancelReason::Customer, restock: true, money: MoneyBack::ByHand };
        let end = move |tx: &mut db::Tx| orders::cancel(tx, order, &cancel).map(drop);
        bakery.db().write(bakery.seat.clone(), end).await.unwrap();
        assert_eq!(bakery.use_of(&coupon).await, (0, 0));
        bakery.redeems(&coupon.code, Use::default()).await.unwrap();
    }
}

#[tokio::test]
async fn money_that_comes_late_uses_the_coupon_unless_a_counter_was_faster() {
    let bakery = Bakery::on_sqlite().await;
    let cake = bakery.has("Torta", 20_00).await;
    let campaign = bakery.runs(tenth()).await;
    for counter_was_faster in [false, true] {
        let coupon = bakery.issues(campaign, "+393331112200").await.unwrap();
        let order = bakery.places(order_of(cake, &[&coupon.code]), Some(60)).await.unwrap().order;
        bakery.clock().advance_s(61);
        bakery.db().write(bakery.seat.clone(), orders::sweep).await.unwrap();
        assert_eq!(bakery.use_of(&coupon).await, (0, 0));
        if counter_was_faster {
            bakery.redeems(&coupon.code, Use::default()).await.unwrap();
        }
        let effect = bakery.is_paid(order, 18_00).await;
        let wanted = match counter_was_faster {
            false => PaymentEffect::LateTaken,
            true => PaymentEffect::LateRefundDue { owed: eur(18_00) },
        };
        assert_eq!((effect, bakery.use_of(&coupon).await), (wanted, (0, 1)));
    }
}

#[tokio::test]
async fn two_codes_go_together_only_if_both_campaigns_say_so() {
    let bakery = Bakery::on_sqlite().await;
    let cake = bakery.has("Torta", 20_00).await;
    let stackable = || CampaignDetails { stackable: true, ..tenth() };
    let (one, other) = (bakery.runs(stackable()).await, bakery.runs(stackable()).await);
    let lonely = bakery.runs(tenth()).await;
    let first = bakery.issues(one, "+393331112200").await.unwrap().code;
    let second = bakery.issues(other, "+393331112200").await.unwrap().code;
    let third = bakery.issues(lonely, "+393331112200").await.unwrap().code;
    let refused = bakery.places(order_of(cake, &[&first, &third]), None).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::NotTogether { .. }))), "{refused:?}");
    let placed = bakery.places(order_of(cake, &[&first, &second, &first]), None).await.unwrap();
    assert_eq!(placed.total, eur(16_20));
}

#[tokio::test]
async fn a_discount_covers_its_products_alone_and_what_is_not_in_the_order_is_not_lowered() {
    let bakery = Bakery::on_sqlite().await;
    let (cake, bread) = (bakery.has("Torta", 20_00).await, bakery.has("Pane", 4_00).await);
    let find = move |rx: &mut db::Rx| catalog::product_of_variant(rx, cake);
    let product = bakery.db().read(bakery.seat.clone(), find).await.unwrap().id;
    let scope = coupons::Scope { products: vec![product], ..coupons::Scope::default() };
    let campaign = bakery.runs(CampaignDetails { scope, ..tenth() }).await;
    let code = bakery.issues(campaign, "+393331112200").await.unwrap().code;
    let refused = bakery.places(order_of(bread, &[&code]), None).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::NothingToLower { .. }))), "{refused:?}");
    let mut both = order_of(cake, &[&code]);
    both.lines.push(orders::Wanted::variant(bread, Quantity::ONE));
    assert_eq!(bakery.places(both, None).await.unwrap().total, eur(22_00));
}

#[tokio::test]
async fn an_order_that_costs_nothing_is_a_sale_at_once() {
    let bakery = Bakery::on_sqlite().await;
    let cake = bakery.has("Torta", 20_00).await;
    let value = base::Money::new(50_00, currency()).unwrap();
    let campaign = bakery.runs(CampaignDetails { offer: Offer::Fixed { value }, ..tenth() }).await;
    let coupon = bakery.issues(campaign, "+393331112200").await.unwrap();
    let placed = bakery.places(order_of(cake, &[&coupon.code]), Some(HOUR_S)).await.unwrap();
    assert_eq!((placed.total, placed.firm), (eur(0), true));
    assert_eq!(bakery.state_of(&coupon.code).await, CouponState::Redeemed);
}
