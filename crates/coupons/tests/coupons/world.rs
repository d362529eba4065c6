//! A bakery with two locations, some goods and a campaign; and the words that tests are told in.

use base::{Currency, Language, Money, Quantity, Timestamp, Zone, tax::Rate, tax::Rounding};
use catalog::{Details, Draft as Product, VariantDetails, VariantDraft, VariantId};
use coupons::{
    Act, CampaignDetails, CampaignId, Coupon, CouponCode, CouponState, Error, Expiry, Issued, Limits, Offer,
    Redemption, Scope, Use, Via,
};
use customers::Contact;
use db::{FixedClock, Rx, Scope as Seat, Tx, testing::TestDb};
use people::Business;
use spine::holds::{self, PoolId};
use stock::{CountedShelf, LocationId};

const SPINE: db::Schema =
    db::Schema { migrations: spine::MIGRATIONS, directory_migrations: &[], areas: spine::AREAS, lends: &[] };

fn schemas() -> Vec<db::Schema> {
    vec![
        SPINE,
        edge::SCHEMA,
        people::SCHEMA,
        catalog::SCHEMA,
        stock::SCHEMA,
        customers::SCHEMA,
        orders::SCHEMA,
        coupons::SCHEMA,
    ]
}

pub struct Bakery {
    test: TestDb,
    pub seat: Seat,
    pub locations: [LocationId; 2],
}

impl Bakery {
    pub async fn on_sqlite() -> Self {
        Self::over(TestDb::sqlite(schemas()).await).await
    }

    pub async fn on_postgres() -> Self {
        Self::over(TestDb::postgres(schemas()).await).await
    }

    async fn over(test: TestDb) -> Self {
        let seat = test.tenant_in("bakery", "EUR").await;
        let open = move |tx: &mut Tx| {
            let (currency, country) = ("EUR".parse().unwrap(), "IT".parse().unwrap());
            let name = "Forno".parse().unwrap();
            let business = Business::new(name, currency, country, Language::It, Zone::utc(), false);
            people::business::begin(tx, &business)?;
            let place = |name: &str| name.parse().unwrap();
            let one = stock::create_location(tx, place("Centro"), Default::default())?.id;
            let other = stock::create_location(tx, place("Stazione"), Default::default())?.id;
            Ok::<_, people::Error>([one, other])
        };
        let locations = test.db.write(seat.clone(), open).await.unwrap();
        Self { test, seat, locations }
    }

    pub fn db(&self) -> &db::Db {
        &self.test.db
    }

    /// Another process on the same database.
    pub async fn second(&self) -> TestDb {
        self.test.second().await
    }

    pub fn clock(&self) -> &FixedClock {
        &self.test.clock
    }

    pub fn now(&self) -> Timestamp {
        self.test.clock.now()
    }

    pub async fn write<T: Send + 'static>(
        &self,
        body: impl Fn(&mut Tx) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.test.db.write(self.seat.clone(), body).await
    }

    pub async fn read<T: Send + 'static>(
        &self,
        body: impl Fn(&mut Rx) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.test.db.read(self.seat.clone(), body).await
    }

    /// A live campaign.
    pub async fn runs(&self, details: CampaignDetails) -> CampaignId {
        self.write(move |tx| {
            let id = coupons::add(tx, details.clone())?;
            coupons::act(tx, id, Act::Start)?;
            Ok(id)
        })
        .await
        .unwrap()
    }

    pub async fn acts(&self, campaign: CampaignId, act: Act) {
        self.write(move |tx| coupons::act(tx, campaign, act)).await.unwrap();
    }

    pub async fn issues(&self, campaign: CampaignId, phone: &str) -> Result<Coupon, Error> {
        let contact = Contact { phone: Some(phone.parse().unwrap()), ..Contact::default() };
        let issued = self.write(move |tx| coupons::issue(tx, campaign, &contact, Via::Office)).await;
        issued.map(|Issued { coupon, .. }| coupon)
    }

    pub async fn redeems(&self, code: &CouponCode, used: Use) -> Result<Redemption, Error> {
        let code = code.clone();
        self.write(move |tx| coupons::redeem(tx, &code, &used)).await
    }

    pub async fn state_of(&self, code: &CouponCode) -> CouponState {
        let code = code.clone();
        self.read(move |rx| coupons::coupon(rx, &code)).await.unwrap().state
    }

    /// What is held and taken of the coupon's one use.
    pub async fn use_of(&self, coupon: &Coupon) -> (i64, i64) {
        let pool = PoolId::new(format!("coupon:{}", coupon.id));
        let pool = self.read(move |rx| Ok(holds::pool(rx, &pool)?)).await.unwrap();
        pool.map_or((0, 0), |pool| (pool.held.in_thousandths() / 1000, pool.taken.in_thousandths() / 1000))
    }

    pub async fn has(&self, title: &str, price: i64) -> VariantId {
        self.costs(title, price, None).await
    }

    pub async fn costs(&self, title: &str, price: i64, cost: Option<i64>) -> VariantId {
        let details = VariantDetails {
            tracked: false,
            cost: cost.map(eur),
            sku: Some(title.parse().unwrap()),
            ..VariantDetails::priced(eur(price))
        };
        let product = Product {
            handle: None,
            details: Details::titled(title.parse().unwrap()),
            variants: vec![VariantDraft::new(details)],
        };
        let make = move |tx: &mut Tx| {
            let product = catalog::create(tx, &CountedShelf, currency(), &product)?;
            Ok::<_, catalog::Error>(product.variants[0].id)
        };
        self.test.db.write(self.seat.clone(), make).await.unwrap()
    }
}

pub fn currency() -> Currency {
    "EUR".parse().unwrap()
}

pub fn eur(minor: i64) -> Money {
    Money::new(minor, currency()).unwrap()
}

/// Ten percent off everything, for as many as want it.
pub fn tenth() -> CampaignDetails {
    CampaignDetails {
        name: "Torte della domenica".parse().unwrap(),
        description: "".parse().unwrap(),
        offer: Offer::Percent { value: Rate::parse_percent("10").unwrap() },
        scope: Scope::default(),
        minimum: None,
        stackable: false,
        limits: Limits::default(),
        starts_at: None,
        ends_at: None,
        expiry: Expiry::Never,
        shared_code: None,
    }
}

/// An order of one piece of `variant` with `codes`, kept for so many seconds or (None) firm at once.
pub fn order_of(variant: VariantId, codes: &[&CouponCode]) -> orders::Draft {
    let wanted = orders::Wanted::variant(variant, Quantity::ONE);
    let mut draft = orders::Draft::new(orders::Channel::Shop, vec![wanted]);
    draft.codes = codes.iter().map(|code| code.as_str().parse().unwrap()).collect();
    draft
}

pub fn terms(hold_for_s: Option<i64>) -> orders::Terms {
    orders::Terms {
        currency: currency(),
        prices_include_tax: true,
        rounding: Rounding::Line,
        zone: Zone::utc(),
        test: false,
        method: Some("cod".to_owned()),
        hold_for_s,
    }
}
