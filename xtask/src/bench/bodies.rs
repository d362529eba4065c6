//! The same order against `db` alone: what HTTP could reach if it cost nothing.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use db::{Actor, Db, Options, Origin, Scope, World};
use orders::{Channel, Draft};
use payments::Sandbox;

use super::world::order;
use crate::Result;

/// Orders per second that `clients` at once can place in the database under `data`, each one durable.
pub fn per_second(data: &Path, slug: &str, clients: usize, time: Duration) -> Result<f64> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        // The tables are there already: the server made them.
        let db = Db::open(Options::sqlite(data, Vec::new(), World::real())).await?;
        let tenant = db.tenant_by_slug(slug).await?.ok_or("the tenant is gone")?;
        let scope = Scope {
            tenant: tenant.id,
            actor: Actor::system(),
            origin: Origin::default(),
            reach: db::Reach::Everywhere,
        };
        let placed = Arc::new(AtomicU64::new(0));
        let start = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..clients {
            let (db, scope, placed) = (db.clone(), scope.clone(), Arc::clone(&placed));
            tasks.spawn(async move {
                while start.elapsed() < time {
                    let draft = draft(placed.load(Ordering::Relaxed))?;
                    let policy = Sandbox { everywhere: false };
                    db.write(scope.clone(), move |tx| payments::checkout(tx, &draft, "cod", policy)).await?;
                    placed.fetch_add(1, Ordering::Relaxed);
                }
                Result::Ok(())
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended??;
        }
        let seconds = start.elapsed().as_secs_f64();
        db.close();
        Ok(placed.load(Ordering::Relaxed) as f64 / seconds)
    })
}

/// What the API's handler makes of the same JSON.
fn draft(number: u64) -> Result<Draft> {
    let wish = order(number);
    let draft = Draft::new(Channel::Api, serde_json::from_value(wish["lines"].clone())?);
    Ok(Draft { customer: serde_json::from_value(wish["customer"].clone())?, ..draft })
}
