//! Orders in one durable call.

use testing::Cluster;

use super::ceiling;
use super::load::Stop;
use super::table::Bar;
use super::world::{CLIENTS, PRODUCTS, World, orders};
use super::{Bench, Row, bodies};
use crate::Result;

/// 64 clients on one tenant, by HTTP, beside the same body without HTTP; and what that body gains from shared commits.
pub fn many_clients(bench: &Bench) -> Result<Vec<Row>> {
    let world = World::open(&bench.binary, &[])?;
    let merchant = world.merchant("Sales", PRODUCTS)?;
    let slug = merchant.slug.clone();
    let measured = world.load(CLIENTS, Stop::After(bench.time)).run(orders(&[merchant], "many"))?;
    bench.say("orders, 64 clients, one tenant", &measured);

    let folder = world.close()?;
    let data = folder.path().join("data");
    let grouped = bodies::per_second(&data, &slug, CLIENTS, bench.time)?;
    let alone = bodies::per_second(&data, &slug, 1, bench.time)?;
    let row = |figure: &str, bar, measured, ceiling| Row {
        figure: figure.to_owned(),
        bar,
        measured,
        unit: "/s",
        ceiling: Some(ceiling),
    };
    Ok(vec![
        row("orders, 64 clients, one tenant", Bar::ShareAtLeast(0.3), measured.per_second, grouped),
        row("the same without HTTP, 64 at once, not 1", Bar::TimesAtLeast(4.0), grouped, alone),
    ])
}

/// One client alone: how long a sale takes, beside how long the disk takes.
pub fn one_client(bench: &Bench) -> Result<Vec<Row>> {
    let world = World::open(&bench.binary, &[])?;
    let merchant = [world.merchant("Sales", PRODUCTS)?];
    let disk = ceiling::fdatasync_p99(&world.setting.data)?;
    let measured = world.load(1, Stop::After(bench.time)).run(orders(&merchant, "one"))?;
    bench.say("orders, one client", &measured);
    Ok(vec![Row {
        figure: "order, one client, p99".to_owned(),
        bar: Bar::TimesAtMost(20.0),
        measured: measured.p99.as_secs_f64() * 1e3,
        unit: "ms",
        ceiling: Some(disk.as_secs_f64() * 1e3),
    }])
}

/// 64 clients over four tenants on Postgres.
pub fn postgres(bench: &Bench) -> Result<Vec<Row>> {
    let cluster = Cluster::start();
    let world = World::on_postgres(&bench.binary, &cluster.database())?;
    let merchants = world.merchants("Sales", 4, 100)?;
    let measured = world.load(CLIENTS, Stop::After(bench.time)).run(orders(&merchants, "postgres"))?;
    bench.say("orders, 64 clients, four tenants, Postgres", &measured);
    Ok(vec![Row {
        figure: "orders, four tenants, Postgres".to_owned(),
        bar: Bar::AtLeast(1_000.0),
        measured: measured.per_second,
        unit: "/s",
        ceiling: None,
    }])
}
