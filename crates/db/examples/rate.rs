//! How many sales a second a database takes: `cargo run --release -p db --example rate -- postgres 4 64` for 64 clients over
//! four tenants. A sale reads twice and writes twelve rows.

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use db::{Area, Error, Migration, Schema, Tx, sql, testing::TestDb};

const TABLES: &[Migration] = &[Migration::new(
    "rate",
    1,
    "create table ware (tenant_id bigint not null, id bigint not null, units bigint not null, primary key (tenant_id, id));\n\
     create table sale (tenant_id bigint not null, id text not null, note text not null, primary key (tenant_id, id));\n\
     create table part (tenant_id bigint not null, sale text not null, id bigint not null, note text not null, primary key (tenant_id, sale, id));",
)];
const SCHEMA: Schema =
    Schema { migrations: TABLES, directory_migrations: &[], areas: &[("ware", Area::Stock)], lends: &[] };
const WITHIN: Duration = Duration::from_secs(5);

fn sell(tx: &mut Tx<'_>) -> Result<(), Error> {
    let units: Option<i64> =
        tx.row(sql!("select units from ware where tenant_id = $1 and id = 1"), (), |row| row.get(0))?;
    let count =
        tx.row(sql!("select count(*) from ware where tenant_id = $1"), (), |row| row.get::<i64>(0))?;
    let id: String = tx.random::<16>().iter().map(|byte| format!("{byte:02x}")).collect();
    let note = format!("{units:?} of {count:?}, and words as long as those of an ordinary line of a sale");
    tx.put(
        sql!(
            "insert into ware (tenant_id, id, units) values ($1, 1, 1000000) \
             on conflict (tenant_id, id) do update set units = ware.units - 1"
        ),
        (),
    )?;
    tx.put(sql!("insert into sale (tenant_id, id, note) values ($1, $2, $3)"), (&id, &note))?;
    for part in 0..10_i64 {
        tx.put(
            sql!("insert into part (tenant_id, sale, id, note) values ($1, $2, $3, $4)"),
            (&id, part, &note),
        )?;
    }
    Ok(())
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<usize> = words.iter().skip(1).filter_map(|word| word.parse().ok()).collect();
    let (engine, &[tenants, clients]) = (words.first().map_or("", String::as_str), numbers.as_slice()) else {
        eprintln!("rate sqlite|postgres TENANTS CLIENTS");
        return ExitCode::FAILURE;
    };
    let test = match engine {
        "postgres" => TestDb::postgres(vec![SCHEMA]).await,
        _ => TestDb::sqlite(vec![SCHEMA]).await,
    };
    let mut shops = Vec::new();
    for number in 0..tenants {
        shops.push(test.tenant(&format!("shop-{number}")).await);
    }
    let (done, slowest) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let start = Instant::now();
    let buyers: Vec<_> = (0..clients)
        .map(|number| {
            let (db, shop) = (test.db.clone(), shops[number % tenants].clone());
            let (done, slowest) = (Arc::clone(&done), Arc::clone(&slowest));
            tokio::spawn(async move {
                while start.elapsed() < WITHIN {
                    let began = Instant::now();
                    if db.write(shop.clone(), sell).await.is_ok() {
                        done.fetch_add(1, Ordering::Relaxed);
                        slowest.fetch_max(began.elapsed().as_micros() as u64, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();
    for buyer in buyers {
        if buyer.await.is_err() {
            return ExitCode::FAILURE;
        }
    }
    let (done, slowest) = (done.load(Ordering::Relaxed), slowest.load(Ordering::Relaxed));
    println!(
        "{engine}, {tenants} tenants, {clients} clients: {} sales/s, the slowest took {slowest} µs",
        done / WITHIN.as_secs()
    );
    ExitCode::SUCCESS
}
