//! A code that many people type: each use issues a coupon, and a use that comes to nothing burns none.

use base::{Phone, Quantity};
use catalog::VariantId;
use coupons::{
    Act, CampaignDetails, CampaignId, Coupon, CouponState, Error, Expiry, Limits, Redemption, Use, Via,
};
use customers::Contact;
use orders::{
    Cancel, CancelReason, Extent, MoneyBack, Order, OrderId, Payment, PaymentEffect, RefundWanted,
    promotion::Refusal,
};
use spine::{
    holds::{self, PoolId},
    ledger::Account,
};

use crate::world::{Bakery, eur, order_of, tenth, terms};

const HOUR_S: i64 = 3600;
const CODE: &str = "WELCOME10";

/// Ten percent off for who types the code, with these limits.
fn for_all(coupons: Option<i64>, per_customer: Option<i64>) -> CampaignDetails {
    let limits = Limits { coupons, per_customer };
    CampaignDetails { shared_code: Some(CODE.parse().unwrap()), limits, ..tenth() }
}

/// Whom this phone number reaches, as somebody in Italy writes it.
fn whom(phone: &str) -> Contact {
    let phone = Phone::parse_in(phone, Some("IT".parse().unwrap())).unwrap();
    Contact { phone: Some(phone), ..Contact::default() }
}

impl Bakery {
    async fn orders(
        &self,
        variant: VariantId,
        codes: &[&str],
        customer: Contact,
        hold_for_s: Option<i64>,
    ) -> Result<Order, orders::Error> {
        let codes = codes.iter().map(|code| code.parse().unwrap()).collect();
        let draft = orders::Draft { codes, customer, ..order_of(variant, &[]) };
        let place = move |tx: &mut db::Tx| {
            let placed = orders::place(tx, &draft, &terms(hold_for_s))?.order;
            orders::order(tx, placed)
        };
        self.db().write(self.seat.clone(), place).await
    }

    async fn is_paid_for(&self, order: &Order) -> PaymentEffect {
        let (id, amount) = (order.id, order.total);
        let (method, reference) = ("manual".to_owned(), id.to_string());
        let payment = Payment { amount, method, reference, into: Account::Bank };
        self.write(move |tx| Ok(orders::record_payment(tx, id, &payment)?)).await.unwrap()
    }

    async fn gives_up(&self, order: OrderId) {
        let cancel = Cancel { reason: CancelReason::Customer, restock: true, money: MoneyBack::ByHand };
        self.write(move |tx| Ok(orders::cancel(tx, order, &cancel).map(drop)?)).await.unwrap();
    }

    /// At a counter, by who has this phone number.
    async fn takes(&self, phone: Option<&str>) -> Result<(Redemption, Coupon), Error> {
        let contact = phone.map(whom);
        let used = Use { location: None, amount: Some(eur(20_00)) };
        self.write(move |tx| coupons::redeem_typed(tx, "welcome 10", contact.as_ref(), &used)).await
    }

    /// The coupon of the last redemption, as it is now.
    async fn last_coupon(&self) -> Coupon {
        self.read(|rx| Ok(coupons::last(rx, 1)?.remove(0).1)).await.unwrap()
    }

    async fn left(&self, campaign: CampaignId) -> i64 {
        let pool = PoolId::new(format!("campaign:{campaign}"));
        let pool = self.read(move |rx| Ok(holds::pool(rx, &pool)?)).await.unwrap().unwrap();
        pool.available().unwrap().in_thousandths() / Quantity::ONE.in_thousandths()
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, orders::Error>) -> Refusal {
    match result {
        Err(orders::Error::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

async fn an_order_uses_a_shared_code(bakery: Bakery) {
    let cake = bakery.has("Torta", 20_00).await;
    let campaign = bakery.runs(for_all(Some(1), None)).await;
    let waits = bakery.orders(cake, &["welcome10"], whom("3331112200"), Some(HOUR_S)).await.unwrap();
    assert_eq!((waits.total, bakery.left(campaign).await), (eur(18_00), 0));
    let kept = bakery.last_coupon().await;
    assert_eq!((kept.state, kept.via, bakery.use_of(&kept).await), (CouponState::Issued, Via::Code, (1, 0)));
    let label =
        bakery.read(move |rx| Ok(orders::whole(rx, waits.id)?.discounts.remove(0).label)).await.unwrap();
    assert_eq!(label, "Torte della domenica (WELCOME10)");
    let second = bakery.orders(cake, &[CODE], whom("3331112201"), Some(HOUR_S)).await;
    assert_eq!(refused(second), Refusal::UsedUp { code: CODE.to_owned() });

    bakery.gives_up(waits.id).await;
    bakery.clock().advance_s(1);
    assert_eq!((bakery.left(campaign).await, bakery.state_of(&kept.code).await), (1, CouponState::Cancelled));

    let order = bakery.orders(cake, &[CODE], whom("3331112200"), Some(HOUR_S)).await.unwrap();
    assert_eq!(bakery.is_paid_for(&order).await, PaymentEffect::Accepted { due: eur(0) });
    let coupon = bakery.last_coupon().await;
    assert_eq!((coupon.state, bakery.left(campaign).await), (CouponState::Redeemed, 0));
    let today = bakery.now().day(&base::Zone::utc());
    let figures = bakery.read(move |rx| coupons::figures_of(rx, Some(campaign), today, today)).await.unwrap();
    let counted = (figures.issued, figures.redeemed, figures.discounts, figures.sent);
    assert_eq!(counted, (2, 1, 2_00, 0));

    let refund = RefundWanted {
        extent: Extent::Full,
        restock: false,
        reason: "stale".to_owned(),
        money: MoneyBack::ByHand,
    };
    bakery.write(move |tx| Ok(orders::refund(tx, order.id, &refund).map(drop)?)).await.unwrap();
    let coupon = bakery.last_coupon().await;
    assert_eq!((coupon.state, bakery.left(campaign).await), (CouponState::Cancelled, 1));
}

#[tokio::test]
async fn a_shared_code_issues_a_coupon_that_lives_as_long_as_its_order() {
    an_order_uses_a_shared_code(Bakery::on_sqlite().await).await;
}

#[tokio::test]
async fn a_shared_code_issues_a_coupon_that_lives_as_long_as_its_order_on_postgres() {
    an_order_uses_a_shared_code(Bakery::on_postgres().await).await;
}

async fn one_for_each_customer(bakery: Bakery) {
    let cake = bakery.has("Torta", 20_00).await;
    bakery.runs(for_all(None, Some(1))).await;
    let email = Some("ada@example.org".parse().unwrap());
    let first = Contact { email: email.clone(), ..whom("+39 333 111 22 00") };
    let waits = bakery.orders(cake, &[CODE], first, Some(HOUR_S)).await.unwrap();
    let had = || Refusal::HadAlready { code: CODE.to_owned() };
    for again in [whom("333-1112200"), Contact { email, ..Contact::default() }] {
        assert_eq!(refused(bakery.orders(cake, &[CODE], again, Some(HOUR_S)).await), had());
    }
    let counter = bakery.takes(Some("0039 3331112200")).await;
    assert!(matches!(&counter, Err(Error::Refused(refusal)) if *refusal == had()), "{counter:?}");
    bakery.orders(cake, &[CODE], whom("3331112201"), Some(HOUR_S)).await.unwrap();

    bakery.gives_up(waits.id).await;
    bakery.takes(Some("333 1112200")).await.unwrap();
}

#[tokio::test]
async fn one_customer_gets_one_however_the_phone_number_is_written() {
    one_for_each_customer(Bakery::on_sqlite().await).await;
}

#[tokio::test]
async fn one_customer_gets_one_however_the_phone_number_is_written_on_postgres() {
    one_for_each_customer(Bakery::on_postgres().await).await;
}

#[tokio::test]
async fn a_limit_for_each_customer_needs_to_know_who_it_is_and_a_name_is_not_enough() {
    let bakery = Bakery::on_sqlite().await;
    let cake = bakery.has("Torta", 20_00).await;
    let campaign = bakery.runs(for_all(None, Some(1))).await;
    let needed = Refusal::ContactNeeded { code: CODE.to_owned() };
    let named = Contact { name: Some("Ada Rossi".parse().unwrap()), ..Contact::default() };
    for unknown in [Contact::default(), named] {
        assert_eq!(refused(bakery.orders(cake, &[CODE], unknown, None).await), needed);
    }
    let counter = bakery.takes(None).await;
    assert!(matches!(&counter, Err(Error::Refused(refusal)) if *refusal == needed), "{counter:?}");
    bakery.write(move |tx| coupons::change(tx, campaign, &for_all(None, None))).await.unwrap();
    bakery.orders(cake, &[CODE], Contact::default(), None).await.unwrap();
    let (redemption, coupon) = bakery.takes(None).await.unwrap();
    assert_eq!((redemption.discount, coupon.customer), (Some(eur(2_00)), None));
}

#[tokio::test]
async fn a_counter_issues_and_redeems_in_one_act_and_undoing_it_makes_room_again() {
    let bakery = Bakery::on_sqlite().await;
    let campaign = bakery.runs(for_all(Some(1), Some(1))).await;
    let (redemption, coupon) = bakery.takes(Some("3331112200")).await.unwrap();
    assert_eq!((coupon.state, coupon.sent_at, bakery.left(campaign).await), (CouponState::Redeemed, None, 0));
    let reason: base::Line<200> = "wrong customer".parse().unwrap();
    bakery.write(move |tx| coupons::undo(tx, redemption.id, Some(&reason))).await.unwrap();
    assert_eq!(
        (bakery.state_of(&coupon.code).await, bakery.left(campaign).await),
        (CouponState::Cancelled, 1)
    );
    bakery.takes(Some("3331112200")).await.unwrap();
}

#[tokio::test]
async fn each_refusal_says_what_stands_in_the_way() {
    let bakery = Bakery::on_sqlite().await;
    let cake = bakery.has("Torta", 20_00).await;
    let tries = async || refused(bakery.orders(cake, &[CODE], Contact::default(), None).await);
    let code = || CODE.to_owned();
    assert_eq!(tries().await, Refusal::Unknown { code: code() });
    let details = for_all(None, None);
    let (starts, ends) = (bakery.now().plus_s(100), bakery.now().plus_s(200));
    let dated = CampaignDetails { starts_at: Some(starts), ends_at: Some(ends), ..details.clone() };
    let campaign = bakery.write(move |tx| coupons::add(tx, dated.clone())).await.unwrap();
    assert_eq!(tries().await, Refusal::Unknown { code: code() }, "nobody sees a draft");
    bakery.acts(campaign, Act::Start).await;
    assert_eq!(tries().await, Refusal::NotYet { code: code(), at: starts });
    bakery.clock().advance_s(100);
    bakery.acts(campaign, Act::Pause).await;
    assert_eq!(tries().await, Refusal::Paused { code: code() });
    bakery.acts(campaign, Act::Start).await;
    bakery.orders(cake, &[CODE], Contact::default(), None).await.unwrap();
    bakery.clock().advance_s(100);
    assert_eq!(tries().await, Refusal::Expired { code: code(), at: Some(ends) });
    bakery.write(coupons::sweep).await.unwrap();
    assert_eq!(tries().await, Refusal::Expired { code: code(), at: Some(ends) });

    // the code is free again, for coupons whose last day is over
    let day = bakery.now().day(&base::Zone::utc()).plus(-1).unwrap();
    let over = CampaignDetails { expiry: Expiry::On { day }, minimum: Some(eur(30_00)), ..details.clone() };
    let next = bakery.runs(over.clone()).await;
    assert!(matches!(tries().await, Refusal::Expired { at: Some(_), .. }));
    let expiry = Expiry::Never;
    bakery
        .write(move |tx| coupons::change(tx, next, &CampaignDetails { expiry, ..over.clone() }))
        .await
        .unwrap();
    assert_eq!(tries().await, Refusal::BelowMinimum { code: code(), minimum: eur(30_00) });
    let counter = bakery.takes(None).await;
    assert!(matches!(counter, Err(Error::Refused(Refusal::BelowMinimum { .. }))), "{counter:?}");
}

#[tokio::test]
async fn a_code_leads_to_one_campaign_that_has_not_ended_or_to_one_coupon() {
    let bakery = Bakery::on_sqlite().await;
    let first = bakery.runs(for_all(None, None)).await;
    let plans = async |code: &str| {
        let shared_code = Some(code.parse().unwrap());
        let details = CampaignDetails { shared_code, ..tenth() };
        bakery.write(move |tx| coupons::add(tx, details.clone())).await
    };
    for code in ["welcome10", "WEL-COME-10"] {
        assert!(matches!(plans(code).await, Err(Error::CodeTaken { .. })), "{code}");
    }
    let copy = bakery.write(move |tx| coupons::copy(tx, first)).await.unwrap();
    let copied = bakery.read(move |rx| coupons::find(rx, copy)).await.unwrap().details;
    assert_eq!(copied.shared_code, None);
    let details = for_all(None, None);
    let change = bakery.write(move |tx| coupons::change(tx, copy, &details)).await;
    assert!(matches!(change, Err(Error::CodeTaken { .. })), "{change:?}");
    bakery.acts(first, Act::End).await;
    plans("welcome10").await.unwrap();
}

#[tokio::test]
async fn beside_a_coupon_of_its_campaign_a_shared_code_lowers_nothing_more() {
    let bakery = Bakery::on_sqlite().await;
    let cake = bakery.has("Torta", 20_00).await;
    let campaign = bakery.runs(CampaignDetails { stackable: true, ..for_all(None, None) }).await;
    let own = bakery.issues(campaign, "+393331112200").await.unwrap();
    let personal = own.code.to_string();
    for codes in [[personal.as_str(), CODE], [CODE, personal.as_str()], [CODE, "welcome-10"]] {
        let order = bakery.orders(cake, &codes, whom("3331112200"), Some(HOUR_S)).await.unwrap();
        assert_eq!(order.total, eur(18_00), "{codes:?}");
        bakery.gives_up(order.id).await;
    }
    let other = bakery.runs(CampaignDetails { stackable: true, ..tenth() }).await;
    let foreign = bakery.issues(other, "+393331112200").await.unwrap().code.to_string();
    let order = bakery.orders(cake, &[CODE, &foreign], whom("3331112200"), None).await.unwrap();
    assert_eq!(order.total, eur(16_20));
}

#[tokio::test]
async fn late_money_has_the_shared_code_again_while_one_is_left() {
    let bakery = Bakery::on_sqlite().await;
    let cake = bakery.has("Torta", 20_00).await;
    let campaign = bakery.runs(for_all(Some(1), None)).await;
    let lapsed = bakery.orders(cake, &[CODE], whom("3331112200"), Some(60)).await.unwrap();
    bakery.clock().advance_s(61);
    bakery.write(|tx| Ok(orders::sweep(tx)?)).await.unwrap();
    assert_eq!(bakery.left(campaign).await, 1);
    let faster = bakery.orders(cake, &[CODE], whom("3331112201"), Some(60)).await.unwrap();
    assert_eq!(bakery.is_paid_for(&lapsed).await, PaymentEffect::LateRefundDue { owed: eur(18_00) });
    bakery.clock().advance_s(61);
    bakery.write(|tx| Ok(orders::sweep(tx)?)).await.unwrap();
    assert_eq!(bakery.is_paid_for(&faster).await, PaymentEffect::LateTaken);
    let coupon = bakery.last_coupon().await;
    assert_eq!((coupon.state, bakery.left(campaign).await), (CouponState::Redeemed, 0));
}
