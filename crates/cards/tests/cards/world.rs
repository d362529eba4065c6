//! A bakery that sells bread and gift cards; and the words that tests are told in.

use base::{Code, Currency, Language, Money, Quantity, Timestamp, Zone, tax::Rounding};
use cards::{ByHand, Card, CardKind, Error, Given, Settings};
use catalog::{Details, Draft as Product, VariantDetails, VariantDraft, VariantId};
use customers::{Contact, CustomerId};
use db::{FixedClock, Rx, Scope as Seat, Tx, testing::TestDb};
use orders::{
    Channel, Draft, Extent, MoneyBack, OrderId, Payment, RefundWanted,
    report::{self, Period},
    stored::Gift,
};
use people::Business;
use spine::{
    holds,
    ledger::{self, Account, Book, Class},
};
use stock::CountedShelf;

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
        cards::SCHEMA,
    ]
}

pub struct Bakery {
    test: TestDb,
    pub seat: Seat,
    pub bread: VariantId,
}

impl Bakery {
    pub async fn opens() -> Self {
        let test = TestDb::sqlite(schemas()).await;
        let seat = test.tenant_in("bakery", "EUR").await;
        let open = move |tx: &mut Tx| {
            let country = "IT".parse().unwrap();
            let business = Business::new(
                "Forno".parse().unwrap(),
                currency(),
                country,
                Language::It,
                Zone::utc(),
                false,
            );
            people::business::begin(tx, &business)?;
            stock::create_location(tx, "Centro".parse().unwrap(), Default::default())?;
            Ok::<_, people::Error>(())
        };
        test.db.write(seat.clone(), open).await.unwrap();
        let details = VariantDetails { tracked: false, ..VariantDetails::priced(eur(1)) };
        let product = Product {
            handle: None,
            details: Details::titled("Pane".parse().unwrap()),
            variants: vec![VariantDraft::new(details)],
        };
        let make = move |tx: &mut Tx| {
            let product = catalog::create(tx, &CountedShelf, currency(), &product)?;
            Ok::<_, catalog::Error>(product.variants[0].id)
        };
        let bread = test.db.write(seat.clone(), make).await.unwrap();
        let bakery = Self { test, seat, bread };
        let between = Some((eur(1), eur(1000_00)));
        let settings = Settings { sells: true, amounts: vec![], between, lasts_days: Some(365) };
        bakery.write(move |tx| cards::set_settings(tx, &settings)).await.unwrap();
        bakery
    }

    pub fn clock(&self) -> &FixedClock {
        &self.test.clock
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

    pub async fn gives(&self, minor: i64) -> Card {
        self.issues(CardKind::GiftCard, minor, None).await
    }

    pub async fn credits(&self, minor: i64, customer: CustomerId) -> Card {
        self.issues(CardKind::StoreCredit, minor, Some(customer)).await
    }

    pub async fn knows(&self, phone: &str) -> CustomerId {
        let contact = Contact { phone: Some(phone.parse().unwrap()), ..Contact::default() };
        let known = self.write(move |tx| Ok(customers::recognise(tx, &contact, None)?)).await;
        known.unwrap().unwrap()
    }

    async fn issues(&self, kind: CardKind, minor: i64, customer: Option<CustomerId>) -> Card {
        let wanted = ByHand {
            kind,
            value: eur(minor),
            customer,
            reason: "sorry".parse().unwrap(),
            given: Given::Goodwill,
        };
        self.write(move |tx| cards::give(tx, &wanted)).await.unwrap()
    }

    /// An order of so many loaves of one cent that waits for so many seconds.
    pub async fn orders(&self, loaves: i64, hold_for_s: i64) -> OrderId {
        let wanted = orders::Wanted::variant(self.bread, Quantity::units(loaves));
        self.places(Draft::new(Channel::Shop, vec![wanted]), Some(hold_for_s)).await.unwrap()
    }

    /// An order of one gift card.
    pub async fn orders_card(&self, minor: i64, hold_for_s: Option<i64>) -> Result<OrderId, Error> {
        let sold = move |rx: &mut Rx| cards::sold(rx, Channel::Shop, eur(minor), &Gift::default());
        let extras = vec![self.read(sold).await?];
        self.places(Draft { extras, ..Draft::new(Channel::Shop, vec![]) }, hold_for_s).await
    }

    /// Staff sell a card and loaves in one order, and take the money.
    pub async fn sells_at_counter(&self, minor: i64, loaves: i64) -> OrderId {
        let sold = move |rx: &mut Rx| cards::sold(rx, Channel::Office, eur(minor), &Gift::default());
        let extras = vec![self.read(sold).await.unwrap()];
        let wanted = orders::Wanted::variant(self.bread, Quantity::units(loaves));
        let draft = Draft { extras, ..Draft::new(Channel::Office, vec![wanted]) };
        let order = self.places(draft, Some(3600)).await.unwrap();
        self.is_paid(order).await.unwrap();
        order
    }

    async fn places(&self, draft: Draft, hold_for_s: Option<i64>) -> Result<OrderId, Error> {
        self.write(move |tx| Ok(orders::place(tx, &draft, &terms(hold_for_s))?.order)).await
    }

    /// Money by bank for what is due beside what cards keep.
    pub async fn is_paid(&self, order: OrderId) -> Result<(), Error> {
        self.write(move |tx| {
            let due = orders::payment_due(tx, order)?.amount;
            if due.is_positive() {
                let reference = tx.new_id::<orders::model::order::OrderKind>().to_string();
                let (method, into) = ("manual".to_owned(), Account::Bank);
                orders::record_payment(tx, order, &Payment { amount: due, method, reference, into })?;
            }
            Ok(())
        })
        .await
    }

    pub async fn pays_by_card(&self, order: OrderId, code: &Code) -> Result<cards::Paid, Error> {
        let code = code.clone();
        self.write(move |tx| cards::pay(tx, order, &code)).await
    }

    pub async fn refunds(&self, order: OrderId, extent: Extent, money: MoneyBack) -> Result<(), Error> {
        let wanted = RefundWanted { extent, restock: false, reason: "stale".to_owned(), money };
        self.write(move |tx| Ok(orders::refund(tx, order, &wanted).map(drop)?)).await
    }

    pub async fn cards(&self) -> Vec<(Card, Money)> {
        self.read(|rx| cards::list(rx, &cards::Filter::default(), None, 100)).await.unwrap()
    }

    pub fn now(&self) -> Timestamp {
        self.test.clock.now()
    }

    /// Of all sales so far: how many, how much, and what of it was taken back.
    pub async fn sold_today(&self) -> (i64, Money, Money) {
        let figures = self.read(|rx| Ok(report::figures(rx, ever(rx), currency())?)).await.unwrap();
        (figures.sold.orders, figures.sold.gross, figures.taken_back)
    }

    /// Adds up the days that are over.
    pub async fn closes_days(&self) {
        let days = self.days();
        self.write(move |tx| Ok(report::close_days(tx, days, &Zone::utc(), 100).map(drop)?)).await.unwrap();
    }

    /// As `sold_today`, from the days as a chart shows them.
    pub async fn sold_by_day(&self) -> (i64, Money) {
        let days = self.days();
        let steps =
            move |rx: &mut Rx| Ok(report::steps(rx, days, report::By::Day, &Zone::utc(), currency())?);
        let sold = self.read(steps).await.unwrap().into_iter().map(|step| step.sold);
        sold.fold((0, eur(0)), |(orders, gross), sold| {
            (orders + sold.orders, gross.plus(sold.gross).unwrap())
        })
    }

    fn days(&self) -> report::Days {
        report::Days::ending(self.now().day(&Zone::utc()), 30)
    }

    /// Everything that must be true of cards at any time.
    pub async fn holds_together(&self) {
        self.read(|rx| {
            let mut sum = 0;
            for (card, balance) in cards::list(rx, &cards::Filter::default(), None, 1000)? {
                let pool = holds::pool(rx, &card.pool())?.unwrap();
                let moved: i64 =
                    cards::history(rx, &card)?.iter().map(|movement| movement.amount.minor()).sum();
                let kept: i64 = cards::kept_of(rx, card.id)?.iter().map(|used| used.amount.minor()).sum();
                assert!(balance.minor() >= kept && kept >= 0, "{card:?} {balance}");
                assert_eq!((balance.minor(), kept), (moved, pool.held.in_thousandths()), "{card:?}");
                sum += balance.minor();
            }
            let books = ledger::balances(rx, Book::Live)?;
            let owed = books.iter().find(|balance| balance.account == Account::GiftCards);
            assert_eq!(owed.map_or(0, |owed| -owed.amount.minor()), sum, "{books:?}");
            assert_eq!(cards::owed(rx)?, eur(sum));
            assert_eq!(books.iter().map(|balance| balance.amount.minor()).sum::<i64>(), 0);
            // what reports call sold is the income of the books: a card that was sold is none
            let figures = report::figures(rx, ever(rx), currency())?;
            let income = books.iter().filter(|balance| balance.account.class() == Class::Income);
            let earned = -income.map(|balance| balance.amount.minor()).sum::<i64>();
            assert_eq!(
                figures.sold.gross.minus(figures.taken_back)?.minor(),
                earned,
                "{figures:?} {books:?}"
            );
            Ok(())
        })
        .await
        .unwrap();
    }
}

fn ever(rx: &Rx) -> Period {
    Period { from: Timestamp::from_micros(0), to: rx.now().plus_s(1) }
}

pub fn currency() -> Currency {
    "EUR".parse().unwrap()
}

pub fn eur(minor: i64) -> Money {
    Money::new(minor, currency()).unwrap()
}

fn terms(hold_for_s: Option<i64>) -> orders::Terms {
    orders::Terms {
        currency: currency(),
        prices_include_tax: true,
        rounding: Rounding::Line,
        zone: Zone::utc(),
        test: false,
        method: Some("manual".to_owned()),
        hold_for_s,
    }
}
