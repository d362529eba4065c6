//! Stock as orders, the catalogue and the shopkeeper meet it, on both engines.

use std::sync::Arc;

use base::{Currency, Money, Prose, Quantity};
use catalog::{Details, Draft, SellableVariant, VariantDetails, VariantDraft, VariantId};
use db::{Rx, Scope, Tx, testing::TestDb};
use edge::testing::{Door, ask};
use spine::holds;
use stock::{
    Adjustment, Change, CountedShelf, Error, Hours, Level, LocationId, LocationOpening, MovementFilter,
    Pause, Reason, Wanted,
};

const ORDER: &str = "ord_1";

fn schemas() -> Vec<db::Schema> {
    let spine = db::Schema {
        migrations: spine::MIGRATIONS,
        directory_migrations: &[],
        areas: spine::AREAS,
        lends: &[],
    };
    let catalog = db::Schema {
        migrations: catalog::MIGRATIONS,
        directory_migrations: &[],
        areas: catalog::AREAS,
        lends: &[],
    };
    vec![spine, edge::SCHEMA, people::SCHEMA, catalog, stock::SCHEMA]
}

fn eur() -> Currency {
    "EUR".parse().unwrap()
}

fn units(units: i64) -> Quantity {
    Quantity::units(units)
}

struct Shop {
    test: TestDb,
    scope: Scope,
    here: LocationId,
    variant: VariantId,
}

impl Shop {
    /// A shop with one product, of which there are three.
    async fn with_three(test: TestDb) -> Self {
        Self::with(test, Some(units(3)), true, false).await
    }

    async fn with(test: TestDb, count: Option<Quantity>, tracked: bool, sell_when_out: bool) -> Self {
        let scope = test.tenant("bakery").await;
        let begin = move |tx: &mut Tx<'_>| {
            let here = stock::create_location(tx, "Main street".parse().unwrap(), Prose::default())?.id;
            let price = Money::new(12_50, eur()).unwrap();
            let details = VariantDetails { tracked, sell_when_out, ..VariantDetails::priced(price) };
            let variant = VariantDraft { count, ..VariantDraft::new(details) };
            let details = Details::titled("Hat".parse().unwrap());
            let draft = Draft { handle: None, details, variants: vec![variant] };
            let product = catalog::create(tx, &CountedShelf, eur(), &draft)?;
            Ok::<_, Error>((here, product.variants[0].id))
        };
        let (here, variant) = test.db.write(scope.clone(), begin).await.unwrap();
        Self { test, scope, here, variant }
    }

    async fn write<T: Send + 'static>(
        &self,
        body: impl Fn(&mut Tx) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        // ids sort by their millisecond, so each write has its own
        self.test.clock.advance_s(1);
        self.test.db.write(self.scope.clone(), body).await
    }

    async fn read<T: Send + 'static>(
        &self,
        body: impl Fn(&mut Rx) -> Result<T, Error> + Send + 'static,
    ) -> T {
        self.test.db.read(self.scope.clone(), body).await.unwrap()
    }

    async fn sold(&self) -> SellableVariant {
        let variant = self.variant;
        self.read(move |rx| Ok(catalog::variant_for_sale(rx, variant)?)).await
    }

    async fn hold(&self, quantity: i64, cause: &'static str) -> Result<Option<holds::HoldId>, Error> {
        let (sold, here) = (self.sold().await, self.here);
        let body = move |tx: &mut Tx<'_>| {
            let until = Some(tx.now().plus_s(900));
            stock::hold(tx, Wanted { variant: &sold, quantity: units(quantity) }, here, until, cause)
        };
        self.write(body).await
    }

    async fn sell(&self, quantity: i64, cause: &'static str) -> Result<Option<holds::HoldId>, Error> {
        let (sold, here) = (self.sold().await, self.here);
        let body = move |tx: &mut Tx<'_>| {
            stock::sell(tx, Wanted { variant: &sold, quantity: units(quantity) }, here, cause)
        };
        self.write(body).await
    }

    async fn adjust(&self, change: Change, reason: Reason) -> Result<Level, Error> {
        let (variant, here) = (self.variant, self.here);
        let adjustment = Adjustment { change, reason, note: Prose::default() };
        self.write(move |tx| stock::adjust(tx, variant, here, &adjustment)).await
    }

    /// On hand, held and available.
    async fn level(&self) -> (Quantity, Quantity, Quantity) {
        let (variant, here) = (self.variant, self.here);
        let level = self.read(move |rx| stock::level(rx, variant, here)).await.unwrap();
        (level.on_hand, level.held, level.available)
    }

    /// Whether lists of the shop say that it can be bought.
    async fn is_offered(&self) -> bool {
        let list = |rx: &mut Rx<'_>| Ok(catalog::list(rx, &catalog::Filter::default(), None, 10)?);
        self.read(list).await[0].available
    }

    /// What moved, the oldest first.
    async fn moved(&self) -> Vec<(Reason, Quantity)> {
        let moved = self.read(|rx| stock::movements(rx, MovementFilter::default(), None, 100)).await;
        moved.into_iter().rev().map(|movement| (movement.reason, movement.delta)).collect()
    }
}

async fn a_product_is_made_with_its_stock(test: TestDb) {
    let shop = Shop::with_three(test).await;
    assert_eq!(shop.level().await, (units(3), units(0), units(3)));
    assert_eq!(shop.moved().await, [(Reason::Import, units(3))]);
    assert!(shop.is_offered().await);
}

async fn what_is_held_is_promised_to_nobody_else(test: TestDb) {
    let shop = Shop::with_three(test).await;
    shop.hold(2, ORDER).await.unwrap();
    assert_eq!(shop.level().await, (units(3), units(2), units(1)));
    let refused = shop.hold(2, "ord_2").await;
    assert!(matches!(refused, Err(Error::OutOfStock { available, .. }) if available == units(1)));
    assert_eq!(shop.level().await, (units(3), units(2), units(1)));
}

async fn the_shop_knows_at_once_when_the_last_one_is_gone_or_back(test: TestDb) {
    let shop = Shop::with_three(test).await;
    shop.hold(3, ORDER).await.unwrap();
    assert!(!shop.is_offered().await);
    shop.write(|tx| stock::release_all(tx, ORDER)).await.unwrap();
    assert!(shop.is_offered().await);
    shop.hold(3, "ord_2").await.unwrap();
    shop.test.clock.advance_s(901);
    let expire = |tx: &mut Tx<'_>| {
        let gone = holds::expire_due(tx, 100)?;
        stock::expired(tx, &gone)
    };
    shop.write(expire).await.unwrap();
    assert!(shop.is_offered().await);
    shop.adjust(Change::To(units(0)), Reason::Counted).await.unwrap();
    assert!(!shop.is_offered().await);
    shop.adjust(Change::By(units(5)), Reason::Received).await.unwrap();
    assert!(shop.is_offered().await);
}

async fn on_hand_is_the_sum_of_all_movements(test: TestDb) {
    let shop = Shop::with_three(test).await;
    shop.sell(1, ORDER).await.unwrap();
    shop.hold(1, "ord_2").await.unwrap();
    shop.write(|tx| stock::take_all(tx, "ord_2")).await.unwrap();
    shop.adjust(Change::By(units(10)), Reason::Received).await.unwrap();
    shop.adjust(Change::By(units(-1)), Reason::Damaged).await.unwrap();
    let (variant, here) = (shop.variant, shop.here);
    let back = move |tx: &mut Tx<'_>| stock::put_back(tx, variant, here, units(1), Reason::Returned, ORDER);
    assert!(shop.write(back).await.unwrap());
    shop.write(|tx| stock::give_back_all(tx, "ord_2")).await.unwrap();
    shop.adjust(Change::To(units(7)), Reason::Counted).await.unwrap();
    assert_eq!(
        shop.moved().await,
        [
            (Reason::Import, units(3)),
            (Reason::Sold, units(-1)),
            (Reason::Sold, units(-1)),
            (Reason::Received, units(10)),
            (Reason::Damaged, units(-1)),
            (Reason::Returned, units(1)),
            (Reason::Cancelled, units(1)),
            (Reason::Counted, units(-5)),
        ]
    );
    assert_eq!(shop.level().await, (units(7), units(0), units(7)));
}

async fn a_late_payment_takes_what_is_still_there_or_nothing(test: TestDb) {
    let shop = Shop::with_three(test).await;
    shop.hold(2, ORDER).await.unwrap();
    shop.hold(1, "ord_2").await.unwrap();
    shop.test.clock.advance_s(901);
    shop.write(|tx| Ok(holds::expire_due(tx, 100)?)).await.unwrap();
    shop.sell(2, "ord_3").await.unwrap();
    let late = shop.write(|tx| stock::take_all(tx, ORDER)).await;
    assert!(matches!(late, Err(Error::OutOfStock { available, .. }) if available == units(1)));
    assert_eq!(shop.write(|tx| stock::take_all(tx, "ord_2")).await.unwrap().len(), 1);
    assert_eq!(shop.level().await, (units(0), units(0), units(0)));
    assert!(!shop.is_offered().await);
}

async fn what_is_sold_when_out_goes_below_zero_and_is_flagged(test: TestDb) {
    let shop = Shop::with(test, Some(units(1)), true, true).await;
    shop.sell(3, ORDER).await.unwrap();
    assert_eq!(shop.level().await, (units(-2), units(0), units(-2)));
    assert!(shop.is_offered().await);
    let flagged = shop.read(|rx| Ok(spine::events::list(rx, &Default::default(), None, 1)?)).await;
    assert_eq!(flagged[0].kind, "stock.oversold");
    let more = shop.adjust(Change::By(units(1)), Reason::Received).await.unwrap();
    assert_eq!(more.on_hand, units(-1));
}

async fn what_is_not_tracked_is_never_short_and_has_no_level(test: TestDb) {
    let shop = Shop::with(test, None, false, false).await;
    assert_eq!(shop.hold(1000, ORDER).await.unwrap(), None);
    let (variant, here) = (shop.variant, shop.here);
    assert_eq!(shop.read(move |rx| stock::level(rx, variant, here)).await, None);
    assert!(matches!(shop.adjust(Change::By(units(1)), Reason::Received).await, Err(Error::NotTracked)));
    let back = move |tx: &mut Tx<'_>| stock::put_back(tx, variant, here, units(1), Reason::Returned, ORDER);
    assert!(!shop.write(back).await.unwrap());

    // counting may begin later, and end
    let track = |tracked| {
        move |tx: &mut Tx<'_>| Ok(catalog::set_tracking(tx, &CountedShelf, eur(), variant, tracked, false)?)
    };
    shop.write(track(true)).await.unwrap();
    assert!(!shop.is_offered().await);
    shop.adjust(Change::To(units(2)), Reason::Counted).await.unwrap();
    assert!(shop.is_offered().await);
    shop.write(track(false)).await.unwrap();
    assert!(shop.is_offered().await);
    assert!(shop.read(|rx| stock::list(rx, None, None, 10)).await.is_empty());
    shop.write(track(true)).await.unwrap();
    assert_eq!(shop.level().await, (units(2), units(0), units(2)));
    assert_eq!(shop.read(|rx| stock::list(rx, None, None, 10)).await.len(), 1);
}

async fn more_cannot_be_taken_off_a_shelf_than_lies_there(test: TestDb) {
    let shop = Shop::with_three(test).await;
    let too_much = shop.adjust(Change::By(units(-4)), Reason::Damaged).await;
    assert!(matches!(too_much, Err(Error::BelowZero)));
    let half = shop.adjust(Change::By(Quantity::thousandths(500)), Reason::Received).await;
    assert!(matches!(half, Err(Error::TooFine)));
    let (variant, nowhere) = (shop.variant, "loc_01h2xcejqtf2nbrexx3vqjhp41".parse().unwrap());
    let adjustment =
        Adjustment { change: Change::By(units(1)), reason: Reason::Received, note: Prose::default() };
    let lost = shop.write(move |tx| stock::adjust(tx, variant, nowhere, &adjustment)).await;
    assert!(matches!(lost, Err(Error::People(people::Error::UnknownLocation))));
    assert_eq!(shop.level().await.0, units(3));
}

async fn each_location_has_its_own_stock(test: TestDb) {
    let shop = Shop::with_three(test).await;
    let there = shop
        .write(|tx| Ok(stock::create_location(tx, "Market".parse().unwrap(), Prose::default())?.id))
        .await
        .unwrap();
    let (variant, sold) = (shop.variant, shop.sold().await);
    let far = move |tx: &mut Tx<'_>| {
        stock::hold(tx, Wanted { variant: &sold, quantity: units(1) }, there, None, ORDER)
    };
    assert!(matches!(shop.write(far).await, Err(Error::OutOfStock { .. })));
    let adjustment =
        Adjustment { change: Change::By(units(4)), reason: Reason::Received, note: Prose::default() };
    shop.write(move |tx| stock::adjust(tx, variant, there, &adjustment)).await.unwrap();
    let levels = shop.read(move |rx| stock::levels(rx, &[variant])).await;
    let on_hand: Vec<Quantity> = levels.iter().map(|level| level.on_hand).collect();
    assert_eq!(on_hand, [units(3), units(4)]);
    // gone here, but not there: still in the shop
    shop.sell(3, "ord_2").await.unwrap();
    assert!(shop.is_offered().await);
    let here = shop.here;
    assert_eq!(shop.read(move |rx| stock::list(rx, Some(here), None, 10)).await.len(), 1);
    let all = shop.read(|rx| stock::list(rx, None, None, 10)).await;
    let cursor = (all[0].1.variant, all[0].1.location);
    assert_eq!(shop.read(move |rx| stock::list(rx, None, Some(cursor), 10)).await, all[1..]);
}

async fn applications_and_people_see_and_change_levels(test: TestDb) {
    let shop = Shop::with_three(test).await;
    let door = Arc::new(Door::default());
    let all = ["stock.read", "stock.write", "locations.read", "locations.write"];
    door.key("sk_1", shop.scope.tenant, &all);
    door.key("sk_2", shop.scope.tenant, &["stock.read"]);
    door.sign_in("token", "acct_1");
    door.member("acct_1", shop.scope.tenant, &all);
    let app = edge::App::new(shop.test.db.clone(), edge::Config::development(), door);
    let router = stock::routes().into_router(app);
    let api = async |key: &str, method: &str, path: &str, body: &str| {
        shop.test.clock.advance_s(1);
        let bearer = format!("Bearer {key}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        ask(&router, method, &format!("http://localhost/t/bakery/api/v1{path}"), &headers, body).await
    };
    let listed = api("sk_2", "GET", "/stock", "").await;
    assert_eq!(
        (&listed.json()["items"][0]["name"], &listed.json()["items"][0]["available"]),
        (&"Hat".into(), &3.into())
    );
    let wish = format!(r#"{{"variant":"{}","delta":2,"reason":"received"}}"#, shop.variant);
    assert_eq!(api("sk_2", "POST", "/stock/adjustments", &wish).await.status, 403);
    let adjusted = api("sk_1", "POST", "/stock/adjustments", &wish).await;
    assert_eq!(adjusted.json()["onHand"], 5, "{}", adjusted.body);
    let odd = wish.replace("received", "sold");
    assert_eq!(api("sk_1", "POST", "/stock/adjustments", &odd).await.status, 422);
    let below = wish.replace(":2", ":-9");
    assert_eq!(api("sk_1", "POST", "/stock/adjustments", &below).await.json()["code"], "stock-below-zero");
    let levels = api("sk_2", "GET", &format!("/stock/{}", shop.variant), "").await;
    assert_eq!(levels.json()["items"][0]["onHand"], 5);
    let moved = api("sk_2", "GET", "/stock/movements?limit=1", "").await;
    assert!(moved.json()["nextCursor"].is_string() && moved.json()["items"][0]["reason"] == "received");
    let opened = api("sk_1", "POST", "/locations", r#"{"name":"Market"}"#).await;
    assert_eq!(opened.status, 201, "{}", opened.body);
    assert_eq!(api("sk_1", "GET", "/locations", "").await.json()["items"][1]["name"], "Market");

    for language in ["en", "fr"] {
        let cookie = format!("soko=token; lang={language}");
        let headers = [
            ("cookie", cookie.as_str()),
            ("origin", "http://localhost"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let page = async |method: &str, path: &str, body: &str| {
            ask(&router, method, &format!("http://localhost/t/bakery/admin{path}"), &headers, body).await
        };
        for path in ["/stock", "/stock/movements", "/locations"] {
            let shown = page("GET", path, "").await;
            assert_eq!(shown.status, 200, "{path}: {}", shown.body);
            let bare = shown.body.split(['>', '"']).find(|text| text.trim_start().starts_with("stock-"));
            assert_eq!(bare, None, "a text without words");
        }
        let csrf = page("GET", "/stock", "").await.csrf();
        let form = format!(
            "csrf={csrf}&variant={}&location={}&how=to&quantity=4&reason=counted&note=",
            shop.variant, shop.here
        );
        assert_eq!(page("POST", "/stock", &form).await.status, 303);
        assert_eq!(shop.level().await.0, units(4));
    }
}

async fn hours_and_pauses_are_kept_and_told(test: TestDb) {
    let shop = Shop::with_three(test).await;
    let there = shop
        .write(|tx| Ok(stock::create_location(tx, "Market".parse().unwrap(), Prose::default())?.id))
        .await
        .unwrap();
    let opening = shop.read(stock::opening).await;
    let pickups: Vec<LocationId> = opening.pickups().map(|place| place.location.id).collect();
    assert_eq!(pickups, [shop.here], "orders are fetched where the business began");
    assert_eq!(opening.places[0].opening.hours, None);

    let mut hours = Hours::default();
    hours.week[5] = "8h-12h 14h-18h".parse().unwrap();
    let said = LocationOpening { pickup: true, hours: Some(hours.clone()) };
    shop.write(move |tx| stock::set_opening(tx, there, said.clone())).await.unwrap();
    let opening = shop.read(stock::opening).await;
    assert_eq!(opening.pickups().count(), 2);
    assert_eq!(opening.places[1].opening.hours, Some(hours));

    let end = shop.read(|rx| Ok(rx.now())).await.plus_s(3600);
    let pause = Pause { until: Some(end), words: "Back soon".parse().unwrap(), sells: false };
    let said = pause.clone();
    shop.write(move |tx| stock::set_pause(tx, Some(&said))).await.unwrap();
    assert_eq!(shop.read(stock::opening).await.pause(end.plus_s(-1)), Some(&pause));
    assert_eq!(shop.read(stock::opening).await.pause(end), None);
    shop.write(|tx| stock::set_pause(tx, None)).await.unwrap();
    assert_eq!(shop.read(stock::opening).await.pause(end.plus_s(-1)), None);
    let over = Pause { until: Some(end.plus_s(-7200)), ..pause };
    assert!(matches!(shop.write(move |tx| stock::set_pause(tx, Some(&over))).await, Err(Error::PauseOver)));
}

async fn the_forms_of_hours_and_pause_keep_what_was_typed(test: TestDb) {
    let shop = Shop::with_three(test).await;
    let door = Arc::new(Door::default());
    door.sign_in("token", "acct_1");
    door.member("acct_1", shop.scope.tenant, &["locations.read", "locations.write", "shop.pause"]);
    let app = edge::App::new(shop.test.db.clone(), edge::Config::development(), door);
    let router = stock::routes().into_router(app);
    let headers = [
        ("cookie", "soko=token; lang=en"),
        ("origin", "http://localhost"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let page = async |method: &str, path: &str, body: &str| {
        shop.test.clock.advance_s(1);
        ask(&router, method, &format!("http://localhost/t/bakery/admin{path}"), &headers, body).await
    };
    let path = format!("/locations/{}", shop.here);
    let csrf = page("GET", &path, "").await.csrf();
    let week = "&week=8h-18h&week=&week=&week=&week=&week=&week=";
    let wrong =
        page("POST", &path, &format!("csrf={csrf}&pickup=1{}", week.replacen("8h-18h", "8h-morning", 1)))
            .await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.body.contains("8h-morning") && wrong.body.contains("leave empty for closed"),
        "{}",
        wrong.body
    );
    let saved = page("POST", &path, &format!("csrf={csrf}&pickup=1{week}&day=2026-12-25&open=")).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let again = page("GET", &path, "").await.body;
    assert!(again.contains("08:00-18:00") && again.contains("2026-12-25"), "{again}");
    let list = page("GET", "/locations", "").await.body;
    assert!(list.contains("Closed, opens") || list.contains("Open until"), "{list}");

    let begun =
        page("POST", "/pause", &format!("csrf={csrf}&action=pause&words=Back+soon&until=&sells=no")).await;
    assert_eq!(begun.status, 303, "{}", begun.body);
    assert!(page("GET", "/pause", "").await.body.contains("Back soon"));
    let over =
        page("POST", "/pause", &format!("csrf={csrf}&action=pause&words=Never&until=2001-01-01T08:00")).await;
    assert!(over.status == 422 && over.body.contains("Never") && over.body.contains("2001-01-01T08:00"));
    assert_eq!(page("POST", "/pause", &format!("csrf={csrf}&action=resume")).await.status, 303);
    assert!(!page("GET", "/pause", "").await.body.contains("Back soon"));
}

#[test]
fn every_text_stands_in_both_languages() {
    edge::locales_are_complete(&[edge::LOCALES, people::LOCALES, stock::LOCALES]).unwrap();
}

#[test]
fn every_permission_of_this_rooms_routes_is_in_the_table() {
    for rule in stock::routes().table() {
        if let edge::Access::Member(permission) = rule.access {
            assert!(people::is_permission(permission), "{permission}");
        }
    }
}

macro_rules! on_both_engines {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::TestDb::sqlite(super::schemas()).await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::TestDb::postgres(super::schemas()).await).await;
            })*
        }
    };
}
on_both_engines!(
    a_product_is_made_with_its_stock,
    what_is_held_is_promised_to_nobody_else,
    the_shop_knows_at_once_when_the_last_one_is_gone_or_back,
    on_hand_is_the_sum_of_all_movements,
    a_late_payment_takes_what_is_still_there_or_nothing,
    what_is_sold_when_out_goes_below_zero_and_is_flagged,
    what_is_not_tracked_is_never_short_and_has_no_level,
    more_cannot_be_taken_off_a_shelf_than_lies_there,
    each_location_has_its_own_stock,
    applications_and_people_see_and_change_levels,
    hours_and_pauses_are_kept_and_told,
    the_forms_of_hours_and_pause_keep_what_was_typed,
);
