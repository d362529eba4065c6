use coupons::{Act, CampaignDetails, CouponState, Error, Scope, Use};
use db::Reach;
use orders::{Channel, promotion::Refusal};

use crate::world::{Bakery, eur, tenth};

async fn a_coupon_is_redeemed_once(bakery: Bakery) {
    let campaign = bakery.runs(tenth()).await;
    let coupon = bakery.issues(campaign, "+393331112200").await.unwrap();
    let used = Use { location: Some(bakery.locations[0]), amount: Some(eur(24_90)) };
    let redemption = bakery.redeems(&coupon.code, used).await.unwrap();
    assert_eq!(redemption.discount, Some(eur(2_49)));
    let again = bakery.redeems(&coupon.code, used).await;
    assert!(matches!(again, Err(Error::Refused(Refusal::AlreadyRedeemed { .. }))), "{again:?}");
    assert_eq!(
        (bakery.state_of(&coupon.code).await, bakery.use_of(&coupon).await),
        (CouponState::Redeemed, (0, 1))
    );
    let today = bakery.now().day(&base::Zone::utc());
    let figures = bakery.read(move |rx| coupons::figures_of(rx, Some(campaign), today, today)).await.unwrap();
    assert_eq!((figures.issued, figures.redeemed, figures.sales, figures.discounts), (1, 1, 24_90, 2_49));

    let reason = Some("wrong customer".parse().unwrap());
    bakery.write(move |tx| coupons::undo(tx, redemption.id, reason.as_ref())).await.unwrap();
    assert_eq!(
        (bakery.state_of(&coupon.code).await, bakery.use_of(&coupon).await),
        (CouponState::Issued, (0, 0))
    );
    let figures = bakery.read(move |rx| coupons::figures_of(rx, None, today, today)).await.unwrap();
    assert_eq!((figures.redeemed, figures.sales, figures.discounts), (0, 0, 0));
    bakery.redeems(&coupon.code, used).await.unwrap();
}

#[tokio::test]
async fn a_coupon_is_redeemed_once_and_again_after_it_was_undone() {
    a_coupon_is_redeemed_once(Bakery::on_sqlite().await).await;
}

#[tokio::test]
async fn a_coupon_is_redeemed_once_and_again_after_it_was_undone_on_postgres() {
    a_coupon_is_redeemed_once(Bakery::on_postgres().await).await;
}

#[tokio::test]
async fn it_is_undone_within_the_minutes_of_the_business_with_a_reason() {
    let bakery = Bakery::on_sqlite().await;
    let campaign = bakery.runs(tenth()).await;
    let coupon = bakery.issues(campaign, "+393331112200").await.unwrap();
    let id = bakery.redeems(&coupon.code, Use::default()).await.unwrap().id;
    assert!(matches!(bakery.write(move |tx| coupons::undo(tx, id, None)).await, Err(Error::NoReason)));
    bakery.clock().advance_s(15 * 60 + 1);
    let reason: base::Line<200> = "too late".parse().unwrap();
    let late = bakery.write(move |tx| coupons::undo(tx, id, Some(&reason))).await;
    assert!(matches!(late, Err(Error::TooLate { minutes: 15 })), "{late:?}");
}

#[tokio::test]
async fn it_is_taken_where_the_campaign_says_and_nowhere_else() {
    let bakery = Bakery::on_sqlite().await;
    let [centro, stazione] = bakery.locations;
    let scope = Scope { locations: vec![centro], ..Scope::default() };
    let campaign = bakery.runs(CampaignDetails { scope, ..tenth() }).await;
    let coupon = bakery.issues(campaign, "+393331112200").await.unwrap();
    for location in [None, Some(stazione)] {
        let refused = bakery.redeems(&coupon.code, Use { location, amount: None }).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::NotHere { .. }))), "{refused:?}");
    }
    bakery.redeems(&coupon.code, Use { location: Some(centro), amount: None }).await.unwrap();
    let online = Scope { channels: vec![Channel::Shop], ..Scope::default() };
    let campaign = bakery.runs(CampaignDetails { scope: online, ..tenth() }).await;
    let coupon = bakery.issues(campaign, "+393331112200").await.unwrap();
    assert!(bakery.redeems(&coupon.code, Use::default()).await.is_err());
}

#[tokio::test]
async fn who_works_at_one_location_redeems_and_undoes_there_alone() {
    let mut bakery = Bakery::on_sqlite().await;
    let [centro, stazione] = bakery.locations;
    let campaign = bakery.runs(tenth()).await;
    let coupon = bakery.issues(campaign, "+393331112200").await.unwrap();
    bakery.seat.reach = Reach::At(vec![stazione.to_string()]);
    let refused = bakery.redeems(&coupon.code, Use { location: Some(centro), amount: None }).await;
    assert!(matches!(refused, Err(Error::Orders(orders::Error::NotHere))), "{refused:?}");
    let redemption = bakery.redeems(&coupon.code, Use::default()).await.unwrap();
    assert_eq!(redemption.location, Some(stazione));
    bakery.seat.reach = Reach::At(vec![centro.to_string()]);
    assert!(bakery.read(|rx| coupons::last(rx, 10)).await.unwrap().is_empty());
    let reason: base::Line<200> = "not mine".parse().unwrap();
    let id = redemption.id;
    let foreign = bakery.write(move |tx| coupons::undo(tx, id, Some(&reason))).await;
    assert!(matches!(foreign, Err(Error::UnknownRedemption)), "{foreign:?}");
}

#[tokio::test]
async fn a_paused_campaign_redeems_nothing_and_an_ended_one_what_it_issued() {
    let bakery = Bakery::on_sqlite().await;
    let campaign = bakery.runs(tenth()).await;
    let coupon = bakery.issues(campaign, "+393331112200").await.unwrap();
    bakery.acts(campaign, Act::Pause).await;
    let refused = bakery.redeems(&coupon.code, Use::default()).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Paused { .. }))), "{refused:?}");
    bakery.acts(campaign, Act::End).await;
    bakery.redeems(&coupon.code, Use::default()).await.unwrap();
}
