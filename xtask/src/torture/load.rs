//! Clients that place orders until the server is gone, and remember what it promised.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::chance::Chance;
use crate::Result;
use crate::client::{Client, Reply};
use crate::server::Merchant;

pub const SKU: &str = "TORTURE-1";

/// One order that a client asked for, under one idempotency key.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub key: String,
    pub quantity: u64,
    /// Its id, once the server has acknowledged it.
    pub order: Option<String>,
}

pub struct Load<'a> {
    pub merchant: &'a Merchant,
    /// Set just before the server is killed: from then on a broken connection is expected.
    pub killing: &'a AtomicBool,
    /// Orders acknowledged to all clients so far.
    pub acknowledged: &'a AtomicU64,
}

impl Load<'_> {
    /// Places orders one after another until the server is killed.
    pub fn drive(&self, client: &Client, number: u64, mut chance: Chance) -> Result<Vec<Attempt>> {
        let mut attempts = Vec::new();
        loop {
            let key = format!("client-{number}-order-{}", attempts.len());
            let mut attempt = Attempt { key, quantity: 1 + chance.below(3), order: None };
            match attempt.place(client, self.merchant) {
                Ok(reply) if reply.status == 201 => {
                    attempt.order = Some(id_of(&reply.body)?);
                    self.acknowledged.fetch_add(1, Ordering::Relaxed);
                }
                // Neither promised nor refused for good: like no answer, it may be asked again.
                Ok(reply) if matches!(reply.status, 429 | 503) => {
                    std::thread::sleep(Duration::from_millis(20))
                }
                Ok(reply) => {
                    return Err(format!("an order was answered {}: {}", reply.status, reply.body).into());
                }
                Err(_) if self.killing.load(Ordering::SeqCst) => {
                    attempts.push(attempt);
                    return Ok(attempts);
                }
                Err(error) => {
                    return Err(format!("the server broke a connection before it was killed: {error}").into());
                }
            }
            attempts.push(attempt);
            if attempts.len() > 100_000 {
                return Err("the server was not killed".into());
            }
        }
    }
}

impl Attempt {
    /// Asks for this order, for the first time or again: the key makes it one.
    pub fn place(&self, client: &Client, merchant: &Merchant) -> Result<Reply> {
        let wish = json!({
            "lines": [{ "sku": SKU, "quantity": self.quantity }],
            "customer": { "name": "Awa Diallo", "phone": "+33612345678" },
            "payment": { "method": "cod" },
        });
        client.post(&merchant.api("/orders"), &wish, Some(&self.key))
    }
}

/// The id of an order in a reply.
pub fn id_of(order: &Value) -> Result<String> {
    Ok(order["id"].as_str().ok_or_else(|| format!("an order without an id: {order}"))?.to_owned())
}
