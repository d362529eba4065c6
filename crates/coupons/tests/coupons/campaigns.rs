use coupons::{
    Act, CampaignDetails, CampaignState, Consent, Corners, CouponForm, Error, Expiry, Field, FieldKind,
    FormLook, Limits, Offer, Texts,
};
use orders::promotion::Refusal;

use crate::world::{Bakery, eur, tenth};

async fn a_limit_in_all_and_one_for_each_hold(bakery: Bakery) {
    let limits = Limits { coupons: Some(2), per_customer: Some(1) };
    let campaign = bakery.runs(CampaignDetails { limits, ..tenth() }).await;
    bakery.issues(campaign, "+393331112201").await.unwrap();
    let again = bakery.issues(campaign, "+393331112201").await;
    assert!(matches!(again, Err(Error::Refused(Refusal::LimitReached))), "{again:?}");
    let second = bakery.issues(campaign, "+393331112202").await.unwrap();
    assert!(bakery.issues(campaign, "+393331112203").await.is_err());
    bakery.write(move |tx| coupons::cancel(tx, second.id, "typed wrongly")).await.unwrap();
    bakery.issues(campaign, "+393331112203").await.unwrap();
}

#[tokio::test]
async fn limits_hold_and_a_cancelled_coupon_makes_room() {
    a_limit_in_all_and_one_for_each_hold(Bakery::on_sqlite().await).await;
}

#[tokio::test]
async fn limits_hold_and_a_cancelled_coupon_makes_room_on_postgres() {
    a_limit_in_all_and_one_for_each_hold(Bakery::on_postgres().await).await;
}

#[tokio::test]
async fn a_limit_may_grow_shrink_and_fall_away() {
    let bakery = Bakery::on_sqlite().await;
    let limited = |coupons| CampaignDetails { limits: Limits { coupons, per_customer: None }, ..tenth() };
    let campaign = bakery.runs(limited(None)).await;
    bakery.issues(campaign, "+393331112200").await.unwrap();
    for (limit, more) in [(Some(1), 1), (Some(3), 2), (Some(1), 0), (None, 2)] {
        bakery.write(move |tx| coupons::change(tx, campaign, &limited(limit))).await.unwrap();
        let mut issued = 0;
        for _ in 0..2 {
            issued += usize::from(bakery.issues(campaign, "+393331112201").await.is_ok());
        }
        assert_eq!(issued, more, "with a limit of {limit:?}");
    }
}

#[tokio::test]
async fn nothing_is_issued_before_the_start_nor_after_the_end_and_the_sweep_ends_it() {
    let bakery = Bakery::on_sqlite().await;
    let (starts_at, ends_at) = (Some(bakery.now().plus_s(100)), Some(bakery.now().plus_s(200)));
    let campaign = bakery.runs(CampaignDetails { starts_at, ends_at, ..tenth() }).await;
    assert!(matches!(bakery.issues(campaign, "+393331112200").await, Err(Error::NotIssuing)));
    bakery.clock().advance_s(100);
    bakery.issues(campaign, "+393331112200").await.unwrap();
    bakery.clock().advance_s(100);
    assert!(matches!(bakery.issues(campaign, "+393331112201").await, Err(Error::NotIssuing)));
    bakery.write(coupons::sweep).await.unwrap();
    let state = bakery.read(move |rx| coupons::find(rx, campaign)).await.unwrap().state;
    assert_eq!(state, CampaignState::Ended);
}

#[tokio::test]
async fn a_coupon_expires_by_itself_and_is_refused_even_before_the_sweep_comes() {
    let bakery = Bakery::on_sqlite().await;
    let campaign = bakery.runs(CampaignDetails { expiry: Expiry::After { days: 1 }, ..tenth() }).await;
    let coupon = bakery.issues(campaign, "+393331112200").await.unwrap();
    let due = bakery.read(|rx| Ok(spine::jobs::next_due(rx)?)).await.unwrap();
    assert_eq!((due, coupon.expires_at.is_some()), (coupon.expires_at, true), "nobody is woken at its end");
    bakery.clock().advance_s(3 * 24 * 3600);
    let refused = bakery.redeems(&coupon.code, Default::default()).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Expired { .. }))), "{refused:?}");
    bakery.write(coupons::sweep).await.unwrap();
    assert_eq!(bakery.state_of(&coupon.code).await, coupons::CouponState::Expired);
}

#[tokio::test]
async fn a_copy_is_a_draft_with_another_address_and_code() {
    let bakery = Bakery::on_sqlite().await;
    let first = bakery.runs(tenth()).await;
    let copy = bakery.write(move |tx| coupons::copy(tx, first)).await.unwrap();
    let both =
        bakery.read(move |rx| Ok([coupons::find(rx, first)?, coupons::find(rx, copy)?])).await.unwrap();
    assert_eq!(both[1].state, CampaignState::Draft);
    assert_eq!(both[0].details, both[1].details);
    assert!(both[0].slug != both[1].slug && both[0].code != both[1].code);
}

#[tokio::test]
async fn a_copys_form_asks_says_and_looks_the_same_and_has_no_links_and_no_answers() {
    let bakery = Bakery::on_sqlite().await;
    let first = bakery.runs(tenth()).await;
    let field = Field {
        key: "size".parse().unwrap(),
        label: "Which size?".parse().unwrap(),
        answer: FieldKind::Text,
        required: true,
    };
    let consent = Consent { words: "We write to you.".parse().unwrap(), link: None, required: true };
    let form = CouponForm {
        fields: vec![field],
        consent: Some(consent),
        texts: Texts { title: Some("Cakes".parse().unwrap()), ..Texts::default() },
        look: FormLook { corners: Corners::Round, ..FormLook::default() },
        ..CouponForm::default()
    };
    let wanted = form.clone();
    bakery.write(move |tx| coupons::change_form(tx, first, &wanted)).await.unwrap();
    bakery.write(move |tx| coupons::make_links(tx, first, 3)).await.unwrap();
    let copy = bakery.write(move |tx| coupons::copy(tx, first)).await.unwrap();
    let kept = bakery.read(move |rx| coupons::form_of(rx, copy)).await.unwrap();
    assert_eq!((kept.form, kept.consent_version), (form, 1));
    assert!(bakery.read(move |rx| coupons::batches(rx, copy)).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_campaign_in_another_currency_or_against_its_order_is_refused() {
    let bakery = Bakery::on_sqlite().await;
    let francs = base::Money::new(100, "GNF".parse().unwrap()).unwrap();
    let foreign = CampaignDetails { offer: Offer::Fixed { value: francs }, ..tenth() };
    assert!(matches!(bakery.write(move |tx| coupons::add(tx, foreign.clone())).await, Err(Error::Flaw(_))));
    let minimum = CampaignDetails { minimum: Some(eur(0)), ..tenth() };
    assert!(matches!(bakery.write(move |tx| coupons::add(tx, minimum.clone())).await, Err(Error::Flaw(_))));
    let campaign = bakery.runs(tenth()).await;
    bakery.acts(campaign, Act::End).await;
    let refused = bakery.write(move |tx| coupons::act(tx, campaign, Act::Start)).await;
    assert!(matches!(refused, Err(Error::NotFrom(CampaignState::Ended))), "{refused:?}");
}
