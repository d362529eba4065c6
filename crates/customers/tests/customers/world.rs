//! A business with a book of customers, and orders that are only told of.

use std::sync::Mutex;

use base::{Language, Money, Zone};
use customers::{Contact, CustomerId, Dealing, Dealings, Error, StoredCard, ToldOrder};
use db::{Rx, Scope, Tx, testing::TestDb};
use people::Business;

const SPINE: db::Schema =
    db::Schema { migrations: spine::MIGRATIONS, directory_migrations: &[], areas: spine::AREAS, lends: &[] };

pub struct World {
    pub test: TestDb,
    pub scope: Scope,
}

impl World {
    pub async fn on_sqlite() -> Self {
        Self::over(TestDb::sqlite(schemas()).await).await
    }

    pub async fn on_postgres() -> Self {
        Self::over(TestDb::postgres(schemas()).await).await
    }

    async fn over(test: TestDb) -> Self {
        let scope = test.tenant_in("bakery", "EUR").await;
        let (currency, country) = ("EUR".parse().unwrap(), "FR".parse().unwrap());
        let open = move |tx: &mut Tx| {
            let name = "Bakery".parse().unwrap();
            let business = Business::new(name, currency, country, Language::Fr, Zone::utc(), false);
            people::business::begin(tx, &business)
        };
        test.db.write(scope.clone(), open).await.unwrap();
        Self { test, scope }
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

    /// Whom an order with this contact is from.
    pub async fn orders(&self, contact: Contact) -> Option<CustomerId> {
        self.write(move |tx| customers::recognise(tx, &contact, None)).await.unwrap()
    }

    pub async fn names(&self, filter: customers::Filter) -> Vec<String> {
        let found = self.read(move |rx| customers::list(rx, &filter, None, 50)).await.unwrap();
        found.into_iter().map(|listed| listed.customer.contact.called()).collect()
    }
}

fn schemas() -> Vec<db::Schema> {
    vec![SPINE, edge::SCHEMA, people::SCHEMA, customers::SCHEMA]
}

/// `name/phone/email`; an empty part is not said.
pub fn contact(said: &str) -> Contact {
    let mut parts = said.split('/').map(|part| Some(part).filter(|part| !part.is_empty()));
    let mut next = || parts.next().flatten();
    Contact {
        name: next().map(|name| name.parse().unwrap()),
        phone: next().map(|phone| phone.parse().unwrap()),
        email: next().map(|email| email.parse().unwrap()),
        language: None,
    }
}

/// Orders that remember what they were asked for.
#[derive(Default)]
pub struct Told {
    pub open: usize,
    pub passed_on: Mutex<Vec<(CustomerId, CustomerId)>>,
    pub forgotten: Mutex<Vec<CustomerId>>,
}

impl Dealings for Told {
    fn of(&self, _: &mut Rx, _: CustomerId, _: Option<i64>, _: u32) -> Result<Vec<Dealing>, Error> {
        Ok(Vec::new())
    }

    fn open(&self, rx: &mut Rx, _: CustomerId) -> Result<Vec<Dealing>, Error> {
        let due = Money::new(500, "EUR".parse().unwrap())?;
        let dealing = Dealing {
            id: "order_01h455vb4pex5vsknk084sn02q".to_owned(),
            number: 1001,
            placed_at: rx.now(),
            test: false,
            total: due,
            due,
            owed: Money::zero(due.currency()),
            states: [("unpaid".to_owned(), "warn"), ("unfulfilled".to_owned(), "warn")],
        };
        Ok(vec![dealing; self.open])
    }

    fn told(&self, _: &mut Rx, _: CustomerId, _: Option<i64>, _: u32) -> Result<Vec<ToldOrder>, Error> {
        let order = serde_json::json!({ "number": 1001 });
        Ok(vec![ToldOrder { number: 1001, order, cards: Vec::new() }])
    }

    fn cards(&self, _: &mut Rx, _: CustomerId, _: Option<&str>, _: u32) -> Result<Vec<StoredCard>, Error> {
        Ok(Vec::new())
    }

    fn pass_on(&self, _: &mut Tx, from: CustomerId, into: CustomerId) -> Result<(), Error> {
        self.passed_on.lock().unwrap().push((from, into));
        Ok(())
    }

    fn forget(&self, _: &mut Tx, customer: CustomerId) -> Result<(), Error> {
        self.forgotten.lock().unwrap().push(customer);
        Ok(())
    }
}
