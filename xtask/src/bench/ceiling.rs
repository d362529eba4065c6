//! What this machine gives in this very run, without Soko: the best that Soko could be compared with.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use clap::ValueEnum;
use rusqlite::Connection;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::load::percentile;
use crate::Result;

/// A bare server, in a process of its own as Soko is.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Ceiling {
    /// Answers every request with the same few bytes.
    Hello,
    /// Reads 20 products from SQLite and writes them as JSON.
    Rows,
}

/// A running ceiling; ended when dropped.
pub struct Running {
    child: Child,
    pub address: String,
}

impl Ceiling {
    /// Starts it in a process of its own; `data` is a folder it may use.
    pub fn start(self, data: &Path) -> Result<Running> {
        let port = testing::free_port().to_string();
        let name = self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        let child = Command::new(std::env::current_exe()?)
            .args(["ceiling", &name, "--port", &port, "--data"])
            .arg(data)
            .stdin(Stdio::null())
            .spawn()?;
        let running = Running { child, address: format!("127.0.0.1:{port}") };
        let patience = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(&running.address).is_err() {
            if Instant::now() > patience {
                return Err(format!("the bare {name} server does not start").into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(running)
    }

    /// Serves until killed.
    pub fn serve(self, port: u16, data: &Path) -> Result {
        let routes = match self {
            Self::Hello => Router::new().route("/", get(|| async { "hello" })),
            Self::Rows => Router::new().route("/", get(rows)).with_state(Arc::new(Readers::open(data)?)),
        };
        tokio::runtime::Runtime::new()?.block_on(async {
            let listener = TcpListener::bind(("127.0.0.1", port)).await?;
            Ok(axum::serve(listener, routes).await?)
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A product as Soko lists it: the same columns and the same JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    id: String,
    handle: String,
    title: String,
    state: String,
    price: Option<Price>,
    highest_price: Option<Price>,
    compare_at_price: Option<Price>,
    available: bool,
    variant_count: i64,
    variant: Option<String>,
    image: Option<String>,
    #[serde(skip)]
    _title_key: String,
}

#[derive(Serialize)]
struct Price {
    amount: i64,
    currency: String,
}

impl Product {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Product> {
        let currency: Option<String> = row.get(4)?;
        let price = |column| -> rusqlite::Result<Option<Price>> {
            let amount: Option<i64> = row.get(column)?;
            Ok(amount.zip(currency.clone()).map(|(amount, currency)| Price { amount, currency }))
        };
        Ok(Product {
            id: row.get(0)?,
            handle: row.get(1)?,
            title: row.get(2)?,
            state: row.get(3)?,
            price: price(5)?,
            highest_price: price(6)?,
            compare_at_price: price(7)?,
            available: row.get(8)?,
            variant_count: row.get(9)?,
            variant: row.get(10)?,
            image: row.get(11)?,
            _title_key: row.get(12)?,
        })
    }
}

type Reply = oneshot::Sender<Vec<Product>>;

/// Threads that read, each on a connection of its own.
struct Readers {
    questions: Mutex<mpsc::Sender<Reply>>,
}

impl Readers {
    fn open(data: &Path) -> Result<Readers> {
        let file = data.join("ceiling.sqlite");
        fill(&file)?;
        let (questions, waiting) = mpsc::channel::<Reply>();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..std::thread::available_parallelism()?.get() {
            let (file, waiting) = (file.clone(), Arc::clone(&waiting));
            std::thread::spawn(move || answer(&file, &waiting));
        }
        Ok(Readers { questions: Mutex::new(questions) })
    }

    fn ask(&self) -> Option<oneshot::Receiver<Vec<Product>>> {
        let (reply, answer) = oneshot::channel();
        self.questions.lock().ok()?.send(reply).ok()?;
        Some(answer)
    }
}

async fn rows(State(readers): State<Arc<Readers>>) -> std::result::Result<Json<Vec<Product>>, StatusCode> {
    let answer = readers.ask().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    answer.await.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

fn answer(file: &PathBuf, waiting: &Mutex<mpsc::Receiver<Reply>>) -> Result {
    let connection = Connection::open(file)?;
    loop {
        let reply = waiting.lock().map_err(|_| "a reader died")?.recv()?;
        let mut statement = connection.prepare_cached(
            "select id, handle, title, state, currency, lowest, highest, compare_at, available, offered, first_variant_id,
             image, title_key from product where tenant_id = ?1 order by id limit 20",
        )?;
        let products = statement.query_map([7], Product::read)?;
        // A client that has gone does not wait for its rows.
        let _ = reply.send(products.collect::<rusqlite::Result<_>>()?);
    }
}

/// A thousand products.
fn fill(file: &PathBuf) -> Result {
    let mut connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    let filling = connection.transaction()?;
    filling.execute_batch(
        "create table product (tenant_id integer not null, id text not null, handle text not null, title text not null,
         state text not null, currency text, lowest integer, highest integer, compare_at integer, available integer not null,
         offered integer not null, first_variant_id text, image text, title_key text not null,
         primary key (tenant_id, id)) strict, without rowid",
    )?;
    for number in 0..1_000 {
        filling.execute(
            "insert into product values (7, ?1, ?2, ?3, 'active', 'EUR', ?4, ?4, null, 1, 1, ?5, null, ?6)",
            (
                format!("prod_01jd{number:022}"),
                format!("product-{number}"),
                format!("Product number {number}"),
                900 + number,
                format!("var_01jd{number:022}"),
                format!("product number {number}"),
            ),
        )?;
    }
    Ok(filling.commit()?)
}

/// The 99th of a hundred times that the disk under `folder` needs to make 4 KiB durable.
pub fn fdatasync_p99(folder: &Path) -> Result<Duration> {
    let path = folder.join("fdatasync");
    let mut file = File::create(&path)?;
    let mut latencies = Vec::new();
    for _ in 0..1_000 {
        file.write_all(&[7; 4096])?;
        let start = Instant::now();
        file.sync_data()?;
        latencies.push(u32::try_from(start.elapsed().as_micros())?);
    }
    std::fs::remove_file(path)?;
    latencies.sort_unstable();
    Ok(percentile(&latencies, 99))
}
