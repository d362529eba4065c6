use std::sync::Arc;

use base::{Money, Quantity};
use coupons::{CampaignDetails, CampaignId, Promoted, Use, export, report};
use db::Reach;
use edge::{
    App, Config,
    testing::{Answer, Door, ask},
};
use orders::{Cancel, CancelReason, MoneyBack, report::Days};
use report::{By, Report};

use crate::world::{Bakery, currency, eur, order_of, tenth, terms};

impl Bakery {
    async fn reports(&self, campaign: Option<CampaignId>) -> Report {
        let days = Days::ending(self.now().day(&base::Zone::utc()), 7);
        self.read(move |rx| report::report(rx, campaign, days, By::Day)).await.unwrap()
    }

    /// A cake for 20.00 that costs 8.00, and the campaign promotes it.
    async fn promotes_a_cake(&self, campaign: CampaignId) -> catalog::VariantId {
        let cake = self.costs("Torta", 20_00, Some(8_00)).await;
        self.write(move |tx| {
            let product = catalog::product_of_variant(tx, cake)?.id;
            let promoted = Promoted { product, value: eur(20_00), margin: eur(12_00) };
            coupons::promote(tx, campaign, &[promoted])
        })
        .await
        .unwrap();
        cake
    }

    async fn sells(&self, variant: catalog::VariantId, code: &coupons::CouponCode) -> orders::OrderId {
        let draft = order_of(variant, &[code]);
        let place = move |tx: &mut db::Tx| orders::place(tx, &draft, &terms(None));
        self.db().write(self.seat.clone(), place).await.unwrap().order
    }
}

async fn an_order_brings_its_margin(bakery: Bakery) {
    let campaign = bakery.runs(tenth()).await;
    let cake = bakery.promotes_a_cake(campaign).await;
    let coupon = bakery.issues(campaign, "+393331112200").await.unwrap();
    let order = bakery.sells(cake, &coupon.code).await;
    let told = bakery.reports(None).await;
    assert_eq!((told.now.sales(), told.now.discounts(), told.now.margin()), (20_00, 2_00, 10_00));
    assert!(!told.now.sales_are_estimated() && !told.now.margin_is_estimated());
    assert_eq!((told.products[0].title.as_str(), told.products[0].quantity), ("Torta", Quantity::ONE));
    assert_eq!((told.products[0].sales, told.products[0].margin), (18_00, Some(10_00)));

    // at a counter without an amount: as CouponGen reckons
    let other = bakery.issues(campaign, "+393331112201").await.unwrap();
    let at = Use { location: Some(bakery.locations[1]), amount: None };
    bakery.redeems(&other.code, at).await.unwrap();
    let told = bakery.reports(Some(campaign)).await;
    assert_eq!((told.now.sales(), told.now.discounts(), told.now.margin()), (40_00, 4_00, 20_00));
    assert_eq!(
        told.now.guess,
        coupons::model::estimate::Guess { sales: 20_00, discount: 2_00, margin: 10_00 }
    );
    assert_eq!(
        (told.campaigns[0].figures.told.redeemed, told.steps.last().unwrap().figures.told.issued),
        (2, 2)
    );
    let here = told.places.iter().find(|(place, _)| *place == Some(bakery.locations[1])).unwrap();
    assert_eq!(here.1.told.redeemed, 1);

    let cancel = Cancel { reason: CancelReason::Customer, restock: true, money: MoneyBack::ByHand };
    // goods that cost more by now take back what they brought then
    bakery
        .write(move |tx| {
            let product = catalog::product_of_variant(tx, cake)?;
            let mut details = product.variants[0].details.clone();
            details.cost = Some(eur(15_00));
            let variant = catalog::VariantDraft { id: Some(cake), ..catalog::VariantDraft::new(details) };
            let draft =
                catalog::Draft { handle: None, details: product.details.clone(), variants: vec![variant] };
            catalog::update(tx, &stock::CountedShelf, currency(), product.id, &draft)?;
            Ok(orders::cancel(tx, order, &cancel).map(drop)?)
        })
        .await
        .unwrap();
    let told = bakery.reports(None).await;
    assert_eq!((told.now.told.redeemed, told.now.margin(), told.products.len()), (1, 10_00, 0));
}

#[tokio::test]
async fn an_order_tells_sales_and_margin_and_a_counter_without_an_amount_is_estimated() {
    an_order_brings_its_margin(Bakery::on_sqlite().await).await;
}

#[tokio::test]
async fn an_order_tells_sales_and_margin_and_a_counter_without_an_amount_is_estimated_on_postgres() {
    an_order_brings_its_margin(Bakery::on_postgres().await).await;
}

#[tokio::test]
async fn goods_without_a_cost_leave_the_margin_an_estimate() {
    let bakery = Bakery::on_sqlite().await;
    let campaign = bakery.runs(tenth()).await;
    let bread = bakery.has("Pane", 4_00).await;
    let coupon = bakery.issues(campaign, "+393331112200").await.unwrap();
    bakery.sells(bread, &coupon.code).await;
    let told = bakery.reports(None).await;
    assert!(told.now.margin_is_estimated() && !told.now.sales_are_estimated());
    assert_eq!((told.now.margin(), told.products[0].margin), (0, None));
}

#[tokio::test]
async fn who_works_at_one_place_is_told_of_this_place() {
    let bakery = Bakery::on_sqlite().await;
    let campaign = bakery.runs(tenth()).await;
    for (place, phone) in bakery.locations.into_iter().zip(["+393331112200", "+393331112201"]) {
        let coupon = bakery.issues(campaign, phone).await.unwrap();
        bakery.redeems(&coupon.code, Use { location: Some(place), amount: Some(eur(10_00)) }).await.unwrap();
    }
    let reach = Reach::At(vec![bakery.locations[1].to_string()]);
    let seat = db::Scope { reach, ..bakery.seat.clone() };
    let days = Days::ending(bakery.now().day(&base::Zone::utc()), 7);
    let read = move |rx: &mut db::Rx| report::report(rx, None, days, By::Week);
    let told = bakery.db().read(seat, read).await.unwrap();
    assert_eq!((told.now.told.redeemed, told.now.told.issued, told.places.len()), (1, 0, 1));
}

async fn a_file_tells_every_coupon(bakery: Bakery) {
    let name = "=cmd|' /C calc'!A0".parse().unwrap();
    let campaign = bakery.runs(CampaignDetails { name, ..tenth() }).await;
    bakery.promotes_a_cake(campaign).await;
    for n in 0..3 {
        bakery.issues(campaign, &format!("+39333111220{n}")).await.unwrap();
    }
    let sought = export::Sought { campaign: Some(campaign), ..Default::default() };
    let (lines, last) = bakery.read(move |rx| export::piece(rx, &sought, None)).await.unwrap().unwrap();
    assert_eq!(lines.len(), 3);
    let cells: Vec<String> = lines[0].iter().map(export::Cell::guarded).collect();
    assert_eq!(cells[1], "active");
    assert!(cells[4].starts_with("'=cmd"), "{cells:?}");
    assert_eq!(cells[8..], ["percent", "10", "20.00", "12.00"]);
    let more = bakery.read(move |rx| export::piece(rx, &sought, Some(last))).await.unwrap();
    assert!(more.is_none());
}

#[tokio::test]
async fn a_file_tells_every_coupon_once_and_no_formula() {
    a_file_tells_every_coupon(Bakery::on_sqlite().await).await;
}

#[tokio::test]
async fn a_file_tells_every_coupon_once_and_no_formula_on_postgres() {
    a_file_tells_every_coupon(Bakery::on_postgres().await).await;
}

async fn asks(bakery: &Bakery, path: &str) -> Answer {
    let door = Door::default();
    door.sign_in("token", "acct_owner");
    door.member("acct_owner", bakery.seat.tenant, &["coupons.read", "coupons.manage"]);
    door.key("sk_live_all", bakery.seat.tenant, &["coupons.read"]);
    let app = App::new(bakery.db().clone(), Config::development(), Arc::new(door));
    let headers = [("authorization", "Bearer sk_live_all"), ("cookie", "soko=token")];
    let url = format!("http://localhost/t/bakery{path}");
    let headers = if path.contains("/api/") { &headers[..1] } else { &headers[1..] };
    ask(&coupons::routes().into_router(app), "GET", &url, headers, "").await
}

#[tokio::test]
async fn the_page_the_files_and_the_api_tell_the_same() {
    let bakery = Bakery::on_sqlite().await;
    let campaign = bakery.runs(tenth()).await;
    let coupon = bakery.issues(campaign, "+393331112200").await.unwrap();
    let sold = Money::new(24_90, currency()).unwrap();
    bakery.redeems(&coupon.code, Use { location: None, amount: Some(sold) }).await.unwrap();
    for days in ["", "?days=7&show=sales", "?days=90&by=week", "?from=2020-01-01&to=2099-01-01&by=x&show=y"] {
        let page = asks(&bakery, &format!("/admin/campaigns/figures{days}")).await;
        assert_eq!(page.status, 200, "{days}");
        assert!(page.body.contains("24.90"), "{days}: {}", page.body);
        assert!(!page.body.contains("coupons-figures-"), "a text is missing");
    }
    let one = asks(&bakery, &format!("/api/v1/campaigns/{campaign}/analytics")).await;
    let all = asks(&bakery, "/api/v1/campaigns/analytics?by=week").await;
    for told in [&one, &all] {
        assert_eq!((told.status.as_u16(), told.json()["redeemed"].as_i64()), (200, Some(1)), "{}", told.body);
        assert_eq!(told.json()["discounts"]["amount"], 249);
    }
    let refused = asks(&bakery, "/api/v1/campaigns/analytics?from=2026-02-01&to=2026-01-01").await;
    assert_eq!(refused.status, 422);
    let csv = asks(&bakery, "/admin/campaigns/coupons.csv?status=redeemed").await;
    assert_eq!(csv.body.lines().count(), 2, "{}", csv.body);
    assert!(csv.body.starts_with("Code,Status,Issued At,Redeemed At,Campaign,First Name,"));
    let book = asks(&bakery, "/admin/campaigns/coupons.xlsx").await;
    assert_eq!(book.status, 200);
    assert_eq!(asks(&bakery, "/admin/campaigns/coupons.csv?status=lost").await.status, 422);
}

#[test]
fn every_text_stands_in_every_language() {
    edge::locales_are_complete(&[edge::LOCALES, coupons::LOCALES]).unwrap();
}
