//! A shop with a few goods, and the words that tests are told in.

use base::{Currency, Language, Money, Quantity, Zone, tax::Rounding};
use catalog::{Details, Draft as Product, VariantDetails, VariantDraft, VariantId};
use db::{FixedClock, Rx, Scope, Tx, testing::TestDb};
use orders::{
    Channel, Draft, Error, Extent, MoneyBack, Order, OrderId, Payment, PaymentEffect, Placed, RefundWanted,
    Terms, Wanted, Whole,
};
use people::{Business, BusinessEdit};
use spine::ledger::{self, Account, Book};
use stock::{Adjustment, Change, CountedShelf, LocationId, Reason};

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
    ]
}

pub struct Shop {
    test: TestDb,
    pub scope: Scope,
    pub currency: Currency,
    pub location: LocationId,
}

impl Shop {
    pub async fn open() -> Self {
        Self::open_in("EUR").await
    }

    pub async fn open_in(currency: &str) -> Self {
        Self::over(TestDb::sqlite(schemas()).await, currency).await
    }

    pub async fn open_on_postgres() -> Self {
        Self::over(TestDb::postgres(schemas()).await, "EUR").await
    }

    async fn over(test: TestDb, currency: &str) -> Self {
        let scope = test.tenant_in("bakery", currency).await;
        let currency: Currency = currency.parse().unwrap();
        let open = move |tx: &mut Tx| {
            let name = "Bakery".parse().unwrap();
            let country = "FR".parse().unwrap();
            let business = Business::new(name, currency, country, Language::Fr, Zone::utc(), false);
            people::business::begin(tx, &business)?;
            stock::create_location(tx, "Shop".parse().unwrap(), Default::default())
        };
        let location = test.db.write(scope.clone(), open).await.unwrap().id;
        Self { test, scope, currency, location }
    }

    /// Renames the business.
    pub async fn is_called(&self, name: &str) {
        let name = name.parse::<base::Line<120>>().unwrap();
        self.write(move |tx| {
            let edit = BusinessEdit { name: name.clone(), ..people::business::find(tx)?.edit };
            Ok(people::business::edit(tx, &edit).map(drop)?)
        })
        .await
        .unwrap();
    }

    pub fn db(&self) -> &db::Db {
        &self.test.db
    }

    pub fn clock(&self) -> &FixedClock {
        &self.test.clock
    }

    pub fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency).unwrap()
    }

    pub async fn write<T: Send + 'static>(
        &self,
        body: impl Fn(&mut Tx) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.test.db.write(self.scope.clone(), body).await
    }

    pub async fn read<T: Send + 'static>(
        &self,
        body: impl Fn(&mut Rx) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.test.db.read(self.scope.clone(), body).await
    }

    /// A product of one variant at `price`; counted if there is a number of `units`.
    pub async fn has(&self, title: &str, price: i64, units: Option<i64>) -> VariantId {
        let details = VariantDetails {
            tracked: units.is_some(),
            sku: Some(title.to_uppercase().parse().unwrap()),
            ..VariantDetails::priced(self.money(price))
        };
        let product = Product {
            handle: None,
            details: Details::titled(title.parse().unwrap()),
            variants: vec![VariantDraft::new(details)],
        };
        let (currency, location) = (self.currency, self.location);
        self.write(move |tx| {
            let variant = catalog::create(tx, &CountedShelf, currency, &product)?.variants[0].id;
            if let Some(units) = units {
                let change = Change::To(Quantity::units(units));
                let adjustment = Adjustment { change, reason: Reason::Received, note: Default::default() };
                stock::adjust(tx, variant, location, &adjustment)?;
            }
            Ok(variant)
        })
        .await
        .unwrap()
    }

    pub fn terms(&self, hold_for_s: Option<i64>) -> Terms {
        Terms {
            currency: self.currency,
            prices_include_tax: true,
            rounding: Rounding::Line,
            zone: Zone::utc(),
            test: false,
            method: Some(if hold_for_s.is_some() { "sandbox" } else { "cod" }.to_owned()),
            hold_for_s,
        }
    }

    pub async fn place(&self, draft: Draft, hold_for_s: Option<i64>) -> Result<Placed, Error> {
        let terms = self.terms(hold_for_s);
        self.write(move |tx| orders::place(tx, &draft, &terms)).await
    }

    /// `units` of a variant, to be paid within 15 minutes.
    pub async fn prepaid(&self, variant: VariantId, units: i64) -> Result<Placed, Error> {
        self.place(wish(variant, units), Some(900)).await
    }

    /// `units` of a variant, to be paid when they arrive.
    pub async fn cod(&self, variant: VariantId, units: i64) -> Result<Placed, Error> {
        self.place(wish(variant, units), None).await
    }

    pub async fn pay(&self, order: OrderId, minor: i64, reference: &str) -> Result<PaymentEffect, Error> {
        let payment = Payment {
            amount: self.money(minor),
            method: "sandbox".to_owned(),
            reference: reference.to_owned(),
            into: Account::Clearing("sandbox".to_owned()),
        };
        self.write(move |tx| orders::record_payment(tx, order, &payment)).await
    }

    pub async fn refund(
        &self,
        order: OrderId,
        extent: Extent,
        restock: bool,
    ) -> Result<orders::Granted, Error> {
        let wanted = RefundWanted { extent, restock, reason: "broken".to_owned(), money: MoneyBack::ByHand };
        self.write(move |tx| orders::refund(tx, order, &wanted)).await
    }

    pub async fn order(&self, order: OrderId) -> Order {
        self.read(move |rx| orders::order(rx, order)).await.unwrap()
    }

    pub async fn whole(&self, order: OrderId) -> Whole {
        self.read(move |rx| orders::whole(rx, order)).await.unwrap()
    }

    pub async fn sweep_after(&self, seconds: i64) {
        self.clock().advance_s(seconds);
        self.write(orders::sweep).await.unwrap();
    }

    /// On hand and available.
    pub async fn stock(&self, variant: VariantId) -> (i64, i64) {
        let location = self.location;
        let level = self.read(move |rx| Ok(stock::level(rx, variant, location)?)).await.unwrap().unwrap();
        (level.on_hand.in_thousandths() / 1000, level.available.in_thousandths() / 1000)
    }

    /// What the ledger says about one order: minor units by account, zeros left out.
    pub async fn books(&self, order: OrderId) -> Vec<(String, i64)> {
        let filter =
            ledger::Filter { book: Book::Live, cause: Some(order.to_string()), ..ledger::Filter::default() };
        let totals = self.read(move |rx| ledger::totals(rx, &filter).map_err(Error::from)).await.unwrap();
        let mut sums: Vec<(String, i64)> =
            totals.into_iter().map(|balance| (balance.account.to_string(), balance.amount.minor())).collect();
        sums.retain(|(_, sum)| *sum != 0);
        sums.sort();
        sums
    }

    /// The order's columns and the ledger tell the same story, and the ledger balances.
    pub async fn check_books(&self, id: OrderId) {
        let order = self.order(id).await;
        let books = self.books(id).await;
        let of = |name: &str| {
            books.iter().filter(|(account, _)| account.starts_with(name)).map(|(_, sum)| sum).sum::<i64>()
        };
        assert_eq!(books.iter().map(|(_, sum)| sum).sum::<i64>(), 0, "{books:?}");
        assert_eq!(-of("refunds-due"), order.owed.minor(), "{order:?} {books:?}");
        let due = if order.is_firm() { order.due().unwrap().minor() } else { 0 };
        assert_eq!(of("receivable"), due, "{order:?} {books:?}");
        let income = -of("sales") - of("delivery");
        let sold = if order.is_firm() { order.total.minor() - order.credited.minor() } else { 0 };
        assert_eq!(income, sold, "{order:?} {books:?}");
        let report = self.read(|rx| ledger::verify(rx).map_err(Error::from)).await.unwrap();
        assert!(report.holds());
    }
}

pub fn wish(variant: VariantId, units: i64) -> Draft {
    Draft::new(Channel::Shop, vec![Wanted::variant(variant, Quantity::units(units))])
}
