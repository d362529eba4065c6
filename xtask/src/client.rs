//! A plain HTTP client for the API of a running Soko.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Response;

use crate::Result;

/// One client's connection to one server, perhaps with a key.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    base: String,
    key: Option<String>,
}

/// What came back: any status is an answer. A connection that broke is an error.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// The JSON body; null when there is none.
    pub body: Value,
}

impl Client {
    /// A client of `base`, such as `http://127.0.0.1:8080`.
    pub fn new(base: &str) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(20)))
            .max_redirects(0)
            .proxy(None)
            .build();
        Self { agent: agent.into(), base: base.to_owned(), key: None }
    }

    /// The same client on a connection of its own, calling `base` with the secret `key`.
    pub fn with_key(base: &str, key: &str) -> Self {
        Self { key: Some(format!("Bearer {key}")), ..Self::new(base) }
    }

    pub fn get(&self, path: &str) -> Result<Reply> {
        let mut request = self.agent.get(format!("{}{path}", self.base)).header("accept", "application/json");
        if let Some(key) = &self.key {
            request = request.header("authorization", key);
        }
        read(request.call()?)
    }

    /// Sends `body`; under `once`, an idempotency key, as often as one likes.
    pub fn post(&self, path: &str, body: &Value, once: Option<&str>) -> Result<Reply> {
        let mut request =
            self.agent.post(format!("{}{path}", self.base)).header("accept", "application/json");
        if let Some(key) = &self.key {
            request = request.header("authorization", key);
        }
        if let Some(once) = once {
            request = request.header("idempotency-key", once);
        }
        read(request.content_type("application/json").send(body.to_string())?)
    }

    /// All items of a list, page by page.
    pub fn list(&self, path: &str) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let reply = self.get(&format!("{path}?limit=100{cursor}"))?.expect(200)?;
            items.extend(reply["items"].as_array().ok_or("a list without `items`")?.iter().cloned());
            match reply["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(items),
            }
        }
    }
}

impl Reply {
    /// The body, if the status is the wanted one.
    pub fn expect(self, status: u16) -> Result<Value> {
        if self.status == status {
            return Ok(self.body);
        }
        Err(format!("the server answered {} instead of {status}: {}", self.status, self.body).into())
    }
}

fn read(mut response: Response<ureq::Body>) -> Result<Reply> {
    let text = response.body_mut().read_to_string()?;
    let body = if text.is_empty() {
        Value::Null
    } else {
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    };
    Ok(Reply { status: response.status().as_u16(), body })
}
