//! A served Soko with merchants and products, made through its own front door.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use testing::Database;

use super::load::{self, Load, Measured, Request, Stop};
use crate::server::{Merchant, Server, Setting};
use crate::{Result, shell};

/// Connections that ask at the same time, where a figure does not say otherwise.
pub const CLIENTS: usize = 64;

/// Products of a merchant, where a figure does not say otherwise.
pub const PRODUCTS: u64 = 1_000;

/// The setting that bounds the cache of pages and lists.
const CACHE_BYTES: &str = "SOKO_CACHE_BYTES";

/// More than any load can buy.
const STOCK: u64 = 100_000_000;

/// A server on a folder of its own.
pub struct World {
    pub setting: Setting,
    pub server: Server,
    /// Removed with the world.
    pub(super) folder: TempDir,
}

impl World {
    /// An empty one. `environment` is added to what every server gets.
    pub fn open(binary: &Path, environment: &[(&str, &str)]) -> Result<World> {
        World::serve(binary, environment, None)
    }

    /// An empty one on Postgres.
    pub fn on_postgres(binary: &Path, database: &Database) -> Result<World> {
        World::serve(binary, &[], Some(database))
    }

    fn serve(binary: &Path, environment: &[(&str, &str)], database: Option<&Database>) -> Result<World> {
        let folder = tempfile::tempdir()?;
        let mut setting = Setting::new(binary, folder.path())?;
        // What is measured is the work, not the writing of a line about it.
        setting.environment = [("LOG_LEVEL", "warn")]
            .iter()
            .chain(environment)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        if let Some(database) = database {
            setting.use_postgres(database)?;
        }
        let server = setting.serve()?;
        Ok(World { setting, server, folder })
    }

    /// One that keeps no page and no list, so that each is read and written anew.
    pub fn uncached(binary: &Path) -> Result<World> {
        let world = World::open(binary, &[(CACHE_BYTES, "0")])?;
        // An unknown setting changes nothing: then the cache would be measured under the wrong name.
        let settings = shell::read(&mut world.setting.command(&["config", "--json"]))?;
        let settings: Value = serde_json::from_str(&settings)?;
        let rows =
            settings.as_array().or_else(|| settings["items"].as_array()).ok_or("no list of settings")?;
        match rows.iter().any(|row| row["name"] == CACHE_BYTES && row["used"] == true) {
            true => Ok(world),
            false => {
                Err(format!("this soko obeys no {CACHE_BYTES}, so its cache cannot be switched off").into())
            }
        }
    }

    /// Stops the server and leaves its folder.
    pub fn close(self) -> Result<TempDir> {
        self.server.stop()?;
        Ok(self.folder)
    }

    /// Where the server listens.
    pub fn address(&self) -> String {
        self.server.base.trim_start_matches("http://").to_owned()
    }

    /// A merchant with so many products, `SKU-0`, `SKU-1`, …
    pub fn merchant(&self, name: &str, products: u64) -> Result<Merchant> {
        let merchant = self.setting.create_tenant(name)?;
        if products == 0 {
            return Ok(merchant);
        }
        let (path, key) = (merchant.api("/products"), bearer(&merchant));
        self.load(8, Stop::Requests(products)).run(move |number| {
            let price = json!({ "amount": 900 + number % 1_000, "currency": "EUR" });
            let variant = json!({ "sku": format!("SKU-{number}"), "price": price, "stock": STOCK });
            let wish = json!({ "title": format!("Product number {number}"), "variants": [variant] });
            load::post(&path, &key, &wish.to_string())
        })?;
        Ok(merchant)
    }

    /// So many merchants with so many products each, made a few at a time.
    pub fn merchants(&self, name: &str, count: u64, products: u64) -> Result<Vec<Merchant>> {
        const AT_ONCE: u64 = 4;
        std::thread::scope(|scope| {
            let some = |first: u64| {
                let numbers = (first..count).step_by(AT_ONCE as usize);
                numbers
                    .map(|number| self.merchant(&format!("{name} {number}"), products))
                    .collect::<Result<Vec<_>>>()
            };
            let threads: Vec<_> = (0..AT_ONCE).map(|first| scope.spawn(move || some(first))).collect();
            let mut merchants = Vec::new();
            for thread in threads {
                merchants.extend(thread.join().map_err(|_| "making a merchant panicked")??);
            }
            Ok(merchants)
        })
    }

    pub fn load(&self, connections: usize, stop: Stop) -> Load {
        Load { address: self.address(), connections, stop }
    }

    /// Asks one path for `time` from all clients.
    pub fn get(&self, time: Duration, path: &str, headers: &str) -> Result<Measured> {
        let request = load::get(path, headers);
        self.load(CLIENTS, Stop::After(time)).run(move |_| request.clone())
    }

    /// The largest resident memory of the server now, MiB.
    pub fn resident_mib(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.server.pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kib / 1024.0)
    }
}

/// The header that lets a merchant's application in.
pub fn bearer(merchant: &Merchant) -> String {
    format!("authorization: Bearer {}\r\naccept: application/json\r\n", merchant.secret_key)
}

/// Requests that each place another order, dealt over `merchants`; `salt` keeps the keys of two loads apart.
pub fn orders(merchants: &[Merchant], salt: &str) -> impl Fn(u64) -> Request + 'static {
    let doors: Rc<[(String, String)]> =
        merchants.iter().map(|merchant| (merchant.api("/orders"), bearer(merchant))).collect();
    let salt = salt.to_owned();
    move |number| {
        let (path, key) = &doors[number as usize % doors.len()];
        load::post(path, &format!("{key}idempotency-key: {salt}-{number}\r\n"), &order(number).to_string())
    }
}

/// One order: a unit of one of twenty products, paid on delivery.
pub fn order(number: u64) -> Value {
    json!({
        "lines": [{ "sku": format!("SKU-{}", number % 20), "quantity": 1 }],
        "customer": { "name": "Awa Diallo", "phone": "+33612345678" },
        "payment": { "method": "cod" },
    })
}

/// The `soko` that was built with this xtask.
pub fn binary() -> Result<PathBuf> {
    let soko = std::env::current_exe()?.with_file_name("soko");
    if soko.is_file() { Ok(soko) } else { Err("no soko beside this xtask: run `cargo xtask bench`".into()) }
}
