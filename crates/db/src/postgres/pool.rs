//! Connections, at most so many in all. The directory's writer always gets one: writers of tenants wait for it while they
//! hold theirs.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};
use tokio_postgres::Config;

use super::{connection::PostgresConnection, wire::Wire};
use crate::{Error, engine::Place};

/// How long a caller waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) struct Pool {
    config: Config,
    limit: usize,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Default)]
struct State {
    /// Connections that are open now, lent or resting.
    open: usize,
    tenants: Vec<PostgresConnection>,
    directory: Vec<PostgresConnection>,
    /// Batches whose COMMIT failed, with the version each made.
    unsettled: HashMap<String, i64>,
    closed: bool,
}

impl State {
    /// A connection sees the tables of one schema: those of the directory, or those of tenants.
    fn resting(&mut self, place: Place) -> &mut Vec<PostgresConnection> {
        match place {
            Place::Directory => &mut self.directory,
            Place::Tenant { .. } => &mut self.tenants,
        }
    }

    fn resting_elsewhere(&mut self, place: Place) -> &mut Vec<PostgresConnection> {
        match place {
            Place::Directory => &mut self.tenants,
            Place::Tenant { .. } => &mut self.directory,
        }
    }
}

/// One of the connections that may be open.
pub(super) struct Permit(Arc<Pool>);

impl Permit {
    pub fn pool(&self) -> &Pool {
        &self.0
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.state.lock().open -= 1;
        self.0.returned.notify_all();
    }
}

impl Pool {
    pub fn new(config: Config, limit: usize) -> Arc<Self> {
        Arc::new(Self { config, limit, state: Mutex::default(), returned: Condvar::new() })
    }

    /// Connections that are open now, lent or resting.
    pub fn open(&self) -> usize {
        self.state.lock().open
    }

    /// A connection for `place`. With `reserved` it may be the last one.
    pub fn lend(self: &Arc<Self>, place: Place, reserved: bool) -> Result<PostgresConnection, Error> {
        let patience = Instant::now() + PATIENCE;
        let limit = if reserved { self.limit } else { self.limit - 1 };
        loop {
            let mut state = self.state.lock();
            if state.closed {
                return Err(Error::Closing);
            }
            if let Some(mut connection) = state.resting(place).pop() {
                drop(state);
                if connection.is_open() {
                    connection.lent(place);
                    return Ok(connection);
                }
            } else if state.open < limit {
                state.open += 1;
                drop(state);
                return self.connect(place, Permit(Arc::clone(self)));
            } else if let Some(other) = state.resting_elsewhere(place).pop() {
                drop(state);
                drop(other);
            } else if self.returned.wait_until(&mut state, patience).timed_out() {
                return Err(Error::Busy(place.tenant()));
            }
        }
    }

    fn connect(&self, place: Place, permit: Permit) -> Result<PostgresConnection, Error> {
        let mut connection = PostgresConnection::new(Wire::connect(&self.config)?, place, permit);
        connection.command(match place {
            Place::Directory => "set search_path = directory",
            Place::Tenant { .. } => "set search_path = public",
        })?;
        // a process that hangs or whose network is gone must not hold a tenant's row for ever
        connection.command("set lock_timeout = '5s'; set idle_in_transaction_session_timeout = '60s'")?;
        Ok(connection)
    }

    pub fn rest(&self, place: Place, connection: PostgresConnection) {
        if !connection.is_idle() {
            return;
        }
        let mut state = self.state.lock();
        if state.closed {
            drop(state);
            return drop(connection);
        }
        state.resting(place).push(connection);
        drop(state);
        self.returned.notify_all();
    }

    /// Notes what a batch made that may be there or not.
    pub fn unsettled(&self, batch: String, version: i64) {
        self.state.lock().unsettled.insert(batch, version);
    }

    /// The version that the batch made.
    pub fn version_of(&self, batch: &str) -> Option<i64> {
        self.state.lock().unsettled.remove(batch)
    }

    pub fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        let resting = (std::mem::take(&mut state.tenants), std::mem::take(&mut state.directory));
        drop(state);
        drop(resting);
        self.returned.notify_all();
    }
}
