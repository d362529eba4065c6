//! `soko demo`: two sample merchants with four weeks of orders, in a folder that is marked as a demo, served on loopback.
//!
//! A folder that is neither empty nor marked is never touched. All but the secrets is the same in each run.

mod campaign;
mod canal;
mod cards;
mod chance;
mod folder;
mod founding;
mod front;
mod madina;
mod operator;
mod past;
mod pictures;
mod sample;
mod weeks;

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
};

use base::Timestamp;
use db::World;
use edge::Config;

use crate::{
    server,
    wiring::{self, Soko},
};
use founding::Opened;
use sample::Sample;

/// What a step of the demo gives back: a sentence for the developer when it fails.
type Result<T = (), E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

/// The merchants, in the order in which they are shown.
const SAMPLES: [&Sample; 2] = [&canal::CANAL, &madina::MADINA];
/// How far back the story begins.
const PAST_S: i64 = 28 * 24 * 3600;
/// The seed of the story: ids, order links. Secrets have one of their own.
const STORY: u64 = 28;

/// Makes the demo anew in `data`, prints how to sign in, and serves it on loopback until stopped.
pub fn run(data: &Path, port: u16) -> Result<(), String> {
    // better now than after the story is told
    drop(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| format!("port {port}: {error}"))?);
    let data = std::path::absolute(data).map_err(|error| format!("{}: {error}", data.display()))?;
    folder::make_anew(&data)?;
    let config = settings(&data, port);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let opened =
        runtime.block_on(tell(&config)).map_err(|error| format!("the demo could not be made: {error}"))?;
    drop(runtime);
    print_doors(&opened, port);
    server::run(config, true)
}

/// Development, whatever the environment says: loopback, no mail leaves, the sandbox is open.
fn settings(data: &Path, port: u16) -> Config {
    let mut config = Config::development();
    config.data = data.to_owned();
    config.port = port;
    // the sign-ins shall not scroll away
    config.log_level = "warn".to_owned();
    config
}

/// Founds the merchants four weeks ago and lets the weeks pass.
async fn tell(config: &Config) -> Result<Opened> {
    let real = World::real();
    let now = real.now();
    // to the minute: clocks of the past move in whole seconds
    let start = Timestamp::from_micros((now.micros() - PAST_S * 1_000_000) / 60_000_000 * 60_000_000);
    let [a, b, c, d, e, f, g, h, ..] = real.seed();
    let (secret_world, clock) = World::fixed(start, u64::from_le_bytes([a, b, c, d, e, f, g, h]));
    let soko = wiring::open(config.clone(), secret_world).await?;
    let opened = founding::found(&soko, &SAMPLES, &real).await?;
    close(soko).await?;
    let soko = wiring::open(config.clone(), World::beside(&clock, STORY)).await?;
    // with the routes come the rooms' texts, in which lines of orders and mails are written
    drop(soko.router());
    weeks::pass(&soko, &SAMPLES, &opened.merchants, &clock, now).await?;
    if let Some(merchant) = opened.merchants.first() {
        self::cards::sell(&soko, SAMPLES[0], merchant).await?;
    }
    if let Some(merchant) = opened.merchants.last() {
        operator::furnish(&soko, merchant, &real).await?;
    }
    close(soko).await?;
    Ok(opened)
}

/// Lets go of the folder, so that it can be opened again with another clock.
async fn close(soko: Soko) -> Result {
    let Soko { app, house, desk, .. } = soko;
    drop((app, desk));
    Ok(wiring::close(house.db).await?)
}

fn print_doors(opened: &Opened, port: u16) {
    let root = format!("http://127.0.0.1:{port}");
    println!("Two businesses with four weeks of orders. The passwords are of this run only.");
    for (sample, merchant) in SAMPLES.iter().zip(&opened.merchants) {
        let slug = &merchant.slug;
        println!("\n{} ({}, {})", sample.name, sample.country, sample.currency);
        println!("  shop         {root}/t/{slug}/");
        println!("  back office  {root}/t/{slug}/admin");
        println!("  sign in as   {}   password {}", sample.login, merchant.password);
        println!("  API key      {}", merchant.key);
    }
    println!("\nThe operator");
    println!("  console      {root}/operator");
    println!("  sign in as   {}   password {}", founding::OPERATOR, opened.operator_password);
    println!("\nSign in at {root}/sign-in. Mails are written as .eml files into the data folder.");
}
