//! The same work against `db` alone: what HTTP could reach if it cost nothing.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use db::{Actor, Db, Options, Origin, Scope, Tx, World};
use orders::{Channel, Draft};
use payments::Sandbox;

use super::load::Stop;
use super::world::order;
use crate::Result;

/// Orders per second that `clients` at once can place in the database under `data`, each one durable.
pub fn per_second(data: &Path, slug: &str, clients: usize, time: Duration) -> Result<f64> {
    work(data, slug, clients, Stop::After(time), |tx, number| {
        let policy = Sandbox { everywhere: false };
        Ok(payments::checkout(tx, &draft(number)?, "cod", &[], policy).map(drop)?)
    })
}

/// How often in a second `clients` at once get `body` done for the tenant, each one durable; `body` is told its number.
pub fn work(
    data: &Path,
    slug: &str,
    clients: usize,
    stop: Stop,
    body: impl Fn(&mut Tx<'_>, u64) -> Result + Send + Sync + 'static,
) -> Result<f64> {
    let (time, limit) = match stop {
        Stop::After(time) => (time, u64::MAX),
        Stop::Requests(count) => (Duration::MAX, count),
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        // The tables are there already: the server made them. What is cached and remembered of them is what it caches, too.
        let db = Db::open(Options::sqlite(data, soko::wiring::schemas(), World::real())).await?;
        let tenant = db.tenant_by_slug(slug).await?.ok_or("the tenant is gone")?;
        let scope = Scope {
            tenant: tenant.id,
            actor: Actor::system(),
            origin: Origin::default(),
            reach: db::Reach::Everywhere,
        };
        let (begun, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let body = Arc::new(body);
        let start = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..clients {
            let (db, scope, body) = (db.clone(), scope.clone(), Arc::clone(&body));
            let (begun, done) = (Arc::clone(&begun), Arc::clone(&done));
            tasks.spawn(async move {
                while start.elapsed() < time {
                    let number = begun.fetch_add(1, Ordering::Relaxed);
                    if number >= limit {
                        break;
                    }
                    let body = Arc::clone(&body);
                    db.write(scope.clone(), move |tx| body(tx, number)).await?;
                    done.fetch_add(1, Ordering::Relaxed);
                }
                Result::Ok(())
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended??;
        }
        let seconds = start.elapsed().as_secs_f64();
        db.close();
        Ok(done.load(Ordering::Relaxed) as f64 / seconds)
    })
}

/// What the API's handler makes of the same JSON.
fn draft(number: u64) -> Result<Draft> {
    let wish = order(number);
    let draft = Draft::new(Channel::Api, serde_json::from_value(wish["lines"].clone())?);
    Ok(Draft { customer: serde_json::from_value(wish["customer"].clone())?, ..draft })
}
