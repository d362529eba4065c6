//! Several processes on one Postgres: they see each other's changes, one of them wins, and what one leaves another takes up.

use std::time::Duration;

use db::{Area, Error, Migration, Remembered, Rx, Schema, Scope, Tx, sql, testing::TestDb};
use futures_util::future::join_all;

const TABLES: &[Migration] = &[Migration::new(
    "processes",
    1,
    "create table ware (tenant_id bigint not null, id bigint not null, units bigint not null check (units >= 0), primary key (tenant_id, id));\n\
     create table sale (tenant_id bigint not null, buyer bigint not null, primary key (tenant_id, buyer));",
)];
const SCHEMA: Schema =
    Schema { migrations: TABLES, directory_migrations: &[], areas: &[("ware", db::Area::Stock)], lends: &[] };

#[derive(Debug)]
enum Refusal {
    SoldOut,
    Db(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Db(error)
    }
}

fn buy(tx: &mut Tx<'_>, buyer: i64) -> Result<(), Refusal> {
    let units =
        tx.row(sql!("select units from ware where tenant_id = $1 and id = 1"), (), |row| row.get(0))?;
    let units: i64 = units.unwrap_or(0);
    if units == 0 {
        return Err(Refusal::SoldOut);
    }
    tx.put(sql!("update ware set units = $2 where tenant_id = $1 and id = 1"), (units - 1,))?;
    tx.put(sql!("insert into sale (tenant_id, buyer) values ($1, $2)"), (buyer,))?;
    Ok(())
}

/// A buyer who comes back when too many are in front.
async fn bought(test: &TestDb, shop: Scope, buyer: i64) -> bool {
    loop {
        match test.db.write(shop.clone(), move |tx| buy(tx, buyer)).await {
            Ok(()) => return true,
            Err(Refusal::SoldOut) => return false,
            Err(Refusal::Db(Error::Busy(_))) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(Refusal::Db(error)) => panic!("{error}"),
        }
    }
}

/// A thousand buyers in two processes, all at once; how many got one of the `units`, by their own word and by the books.
async fn winners(units: i64) -> (usize, Option<i64>) {
    let one = TestDb::postgres(vec![SCHEMA]).await;
    let other = one.second().await;
    let shop = one.tenant("bakery").await;
    let stock = one.db.write(shop.clone(), move |tx| {
        tx.put(sql!("insert into ware (tenant_id, id, units) values ($1, 1, $2)"), (units,))
    });
    stock.await.unwrap();
    let buyers = (0..1000).map(|buyer| bought([&one, &other][buyer as usize % 2], shop.clone(), buyer));
    let won = join_all(buyers).await.into_iter().filter(|won| *won).count();
    let sales = |rx: &mut db::Rx<'_>| {
        rx.row(sql!("select count(*) from sale where tenant_id = $1"), (), |row| row.get::<i64>(0))
    };
    (won, one.db.read(shop, sales).await.unwrap())
}

#[tokio::test]
async fn of_a_thousand_buyers_of_the_last_unit_in_two_processes_one_gets_it() {
    assert_eq!(winners(1).await, (1, Some(1)));
}

#[tokio::test]
async fn two_processes_that_sell_in_turns_sell_each_unit_once() {
    assert_eq!(winners(300).await, (300, Some(300)));
}

#[tokio::test]
async fn a_process_sees_what_another_changed() {
    let one = TestDb::postgres(vec![SCHEMA]).await;
    let other = one.second().await;
    let shop = one.tenant("bakery").await;
    let seen = other.db.tenant_by_slug("bakery").await.unwrap().expect("the other's tenant");
    assert_eq!(seen.id, shop.tenant);

    let before = other.db.versions(shop.tenant).await.unwrap();
    one.db
        .write(shop.clone(), |tx| {
            tx.put(sql!("insert into ware (tenant_id, id, units) values ($1, 1, 1)"), ())
        })
        .await
        .unwrap();
    let after = other.db.versions(shop.tenant).await.unwrap();
    assert_eq!((after.stock, after.look), (before.stock + 1, before.look));

    one.db.suspend(shop.clone(), |_| Ok::<_, Error>(())).await.unwrap();
    let refused = other.db.write(shop.clone(), |tx| buy(tx, 1)).await;
    assert!(matches!(refused, Err(Refusal::Db(Error::NotLive(_)))), "the fence holds at once");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let seen = other.db.tenant(shop.tenant).await.unwrap().unwrap();
    assert_eq!(seen.state, db::TenantState::Suspended);
    one.db.resume(shop.clone(), |_| Ok::<_, Error>(())).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(other.db.write(shop, |tx| buy(tx, 1)).await.is_ok());
}

#[derive(Clone)]
struct Units(i64);

impl Remembered for Units {
    const AREA: Area = Area::Stock;
    type Error = Error;

    fn load(rx: &mut Rx<'_>) -> Result<Self, Error> {
        let units =
            rx.row(sql!("select cast(sum(units) as bigint) from ware where tenant_id = $1"), (), |row| {
                row.get(0)
            })?;
        Ok(Self(units.unwrap_or(0)))
    }
}

#[tokio::test]
async fn what_one_process_changes_no_other_remembers_as_it_was() {
    let one = TestDb::postgres(vec![SCHEMA]).await;
    let other = one.second().await;
    let shop = one.tenant("bakery").await;
    for units in 1..5 {
        let add = move |tx: &mut Tx<'_>| {
            tx.put(sql!("insert into ware (tenant_id, id, units) values ($1, $2, 1)"), (units,))
        };
        let (writer, reader) = if units % 2 == 0 { (&one, &other) } else { (&other, &one) };
        writer.db.write(shop.clone(), add).await.unwrap();
        let Units(seen) = reader.db.write(shop.clone(), |tx| tx.remembered()).await.unwrap();
        assert_eq!(seen, units);
    }
}

#[tokio::test]
async fn what_a_dead_process_left_is_taken_up_by_a_living_one() {
    let dead = TestDb::postgres(vec![SCHEMA]).await;
    let shop = dead.tenant("bakery").await;
    dead.db
        .write(shop.clone(), |tx| {
            tx.due(tx.now().plus_s(3600));
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
    let living = dead.second().await;
    let early = tokio::time::timeout(Duration::from_secs(3), living.db.take_due()).await;
    assert!(early.is_err(), "the other one lives");
    // the dead one says nothing any more, because nobody asks it for due tenants
    dead.clock.advance_s(60);
    let taken = tokio::time::timeout(Duration::from_secs(10), living.db.take_due()).await;
    assert_eq!(taken.expect("taken over"), [shop.tenant]);
}

#[tokio::test]
async fn what_a_closed_process_knew_is_done_when_it_is_due() {
    let closed = TestDb::postgres(vec![SCHEMA]).await;
    let shop = closed.tenant("bakery").await;
    closed
        .db
        .write(shop.clone(), |tx| {
            tx.due(tx.now().plus_s(3600));
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
    closed.db.close();
    let living = closed.second().await;
    living.clock.advance_s(600);
    let early = tokio::time::timeout(Duration::from_secs(3), living.db.take_due()).await;
    assert!(early.is_err(), "it is not due yet");
    living.clock.advance_s(3600);
    let taken = tokio::time::timeout(Duration::from_secs(10), living.db.take_due()).await;
    assert_eq!(taken.expect("due"), [shop.tenant]);
}
