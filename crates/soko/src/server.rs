//! A server's life: open, serve, drain, close.

use std::{future::Future, path::PathBuf, time::Duration};

use db::World;
use edge::{Bounds, Config};
use operations::command;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    socket,
    wiring::{self, Soko},
};

/// How often the heads of all histories are signed.
const HEADS_EVERY: Duration = Duration::from_secs(3600);
/// Marks a folder that holds a demo; production refuses it.
pub const DEMO_MARK: &str = "DEMO";

/// Serves until SIGTERM or SIGINT.
pub fn run(config: Config, demo: bool) -> Result<(), String> {
    edge::logs::begin(&config.log_level);
    if config.is_production() && config.data.join(DEMO_MARK).exists() {
        return Err(format!(
            "{} holds a demo, whose passwords were printed; production refuses it",
            config.data.display()
        ));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let stop = stop_signal()?;
        serve(config, demo, stop).await
    })
}

async fn serve(config: Config, demo: bool, stop: impl Future<Output = ()>) -> Result<(), String> {
    let (data, address) = (config.data.clone(), config.listen_address());
    let bounds = Bounds { proxies: config.trusted_proxies.clone(), ..Bounds::default() };
    let soko = wiring::open(config, World::real()).await?;
    let listener = edge::listen(address).await.map_err(|error| format!("{address}: {error}"))?;
    tracing::info!(%address, data = %data.display(), "ready");
    if demo {
        println!("Serving on http://{address}/ – press Ctrl+C to stop.");
    }
    let (ended, mut end) = tokio::sync::watch::channel(false);
    let runner = tokio::spawn(soko.runner().run(async move {
        // the sender gone means the same as its word
        let _ = end.wait_for(|ended| *ended).await;
    }));
    let commands = tokio::spawn(commands(data.clone(), soko.house.clone()));
    let heads = tokio::spawn(sign_heads(soko.house.clone()));
    let watch = tokio::spawn(soko.watch.clone().run(soko.app.clone(), soko.house.clone()));
    let news = soko.news.clone();
    let stop = async move {
        stop.await;
        // who waits for orders would hold the stop up
        news.close();
    };
    let served = edge::serve(soko.router(), listener, bounds, stop).await;
    tracing::info!("stopping: all requests are answered");
    commands.abort();
    heads.abort();
    watch.abort();
    // a receiver gone means that the runner has ended already
    let _ = ended.send(true);
    let _ = runner.await;
    let Soko { house, watch, .. } = soko;
    if let Err(error) = command::sign_heads(&house.db, &house.ring, &house.heads).await {
        tracing::warn!(%error, "the heads were not signed");
    }
    if let Err(error) = watch.keeper.catch_up(&house.db).await {
        tracing::warn!(%error, "the operator's summaries are as old as the last seconds");
    }
    wiring::close(house.db).await?;
    let _ = std::fs::remove_file(data.join("soko.sock"));
    tracing::info!("stopped");
    served.map_err(|error| error.to_string())
}

async fn commands(data: PathBuf, house: operations::House) {
    if let Err(error) = socket::serve(&data, house).await {
        tracing::error!(%error, "commands cannot reach this server: its socket failed");
    }
}

async fn sign_heads(house: operations::House) {
    loop {
        tokio::time::sleep(HEADS_EVERY).await;
        if let Err(error) = command::sign_heads(&house.db, &house.ring, &house.heads).await {
            tracing::warn!(%error, "the heads were not signed");
        }
    }
}

fn stop_signal() -> Result<impl Future<Output = ()>, String> {
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
        }
    })
}
