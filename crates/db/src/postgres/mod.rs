//! The engine for more than one machine: rows under their `tenant_id`, behind forced row-level security.

mod connection;
mod pool;
mod rows;
mod schema;
mod wire;

use std::{
    collections::HashSet,
    error::Error as StdError,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use bytes::BytesMut;
use parking_lot::Mutex;
use tokio_postgres::{
    Config,
    types::{IsNull, ToSql, Type, to_sql_checked},
};

pub(crate) use connection::PostgresConnection;

use crate::{
    Error, Migration, TenantId,
    engine::{Connection, Engine, Place},
    value::{Cell, Value},
};
use pool::Pool;

/// Pieces in one commit: over 64 subtransactions Postgres keeps their list on disk.
const BATCH_LIMIT: usize = 32;
/// How long the outcome of a commit is looked for; Postgres may be starting again.
const SETTLE_WITHIN: Duration = Duration::from_secs(15);
/// Fewer connections than these would wait for each other.
const LEAST_CONNECTIONS: usize = 4;

pub(crate) struct Postgres {
    pool: Arc<Pool>,
    /// Tenants this process wrote to.
    opened: Mutex<HashSet<TenantId>>,
    closed: OnceLock<Box<dyn Fn(TenantId) + Send + Sync>>,
}

/// Threads that wait for Postgres, so that `connections` are enough for all of them and the directory's writer.
pub(crate) struct Threads {
    pub writers: usize,
    pub readers: usize,
}

pub(crate) fn threads(connections: usize) -> Threads {
    let connections = connections.max(LEAST_CONNECTIONS);
    Threads { writers: connections / 2, readers: connections.div_ceil(2) - 1 }
}

impl Postgres {
    /// Migrates, when a role is given that may, and looks whether the walls between tenants stand.
    pub fn open(
        serve_url: &str,
        migrate_url: Option<&str>,
        tenant_steps: &[Migration],
        directory_steps: &[Migration],
        connections: usize,
    ) -> Result<Self, Error> {
        let serve = config(serve_url)?;
        let migrate = migrate_url.map(config).transpose()?;
        schema::bring_up(&serve, migrate.as_ref(), tenant_steps, directory_steps)?;
        Ok(Self {
            pool: Pool::new(serve, connections.max(LEAST_CONNECTIONS)),
            opened: Mutex::default(),
            closed: OnceLock::new(),
        })
    }

    fn rest(&self, place: Place, connection: Box<dyn Connection>) {
        if let Some(connection) = connection.into_postgres() {
            self.pool.rest(place, *connection);
        }
    }
}

fn config(url: &str) -> Result<Config, Error> {
    // the error quotes the address, and with it the password
    let parsed = url.parse().map_err(|_| {
        Error::Migration(
            "the address of Postgres is not one: postgres://role:password@host:5432/database".to_owned(),
        )
    });
    parsed.map(|mut config: Config| {
        if config.get_application_name().is_none() {
            config.application_name("soko");
        }
        config
    })
}

impl Engine for Postgres {
    fn writer(&self, place: Place) -> Result<Box<dyn Connection>, Error> {
        let connection = self.pool.lend(place, place == Place::Directory)?;
        if let Place::Tenant { tenant, .. } = place {
            self.opened.lock().insert(tenant);
        }
        Ok(Box::new(connection))
    }

    fn reader(&self, place: Place) -> Result<Box<dyn Connection>, Error> {
        self.pool.lend(place, false).map(|connection| Box::new(connection) as Box<dyn Connection>)
    }

    fn rest_writer(&self, place: Place, connection: Box<dyn Connection>) {
        self.rest(place, connection);
    }

    fn rest_reader(&self, place: Place, connection: Box<dyn Connection>) {
        self.rest(place, connection);
    }

    fn settle(&self, place: Place, failed: Box<dyn Connection>, batch: &str) -> Result<bool, Error> {
        drop(failed);
        // a batch that never began cannot be there
        let Some(version) = self.pool.version_of(batch) else { return Ok(false) };
        let patience = Instant::now() + SETTLE_WITHIN;
        loop {
            let asked = self.pool.lend(place, true).and_then(|mut connection| {
                let batches = connection.batches();
                self.pool.rest(place, connection);
                batches
            });
            match asked {
                Ok((now, named)) => {
                    return connection::was_kept(batch, version, now, &named).ok_or(Error::Unknown);
                }
                Err(error) if Instant::now() > patience => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    fn create(&self, tenant: TenantId, generation: i64) -> Result<(), Error> {
        let place = Place::Tenant { tenant, generation };
        let mut connection = self.pool.lend(place, false)?;
        let number = tenant.number();
        let made = connection.command(&format!(
            "begin; set local app.tenant = '{number}'; \
             insert into tenant_state (tenant_id, state, generation, version, batch_id, catalog, stock, look) \
             values ({number}, 'live', {generation}, 0, '', 0, 0, 0) on conflict (tenant_id) do nothing; commit"
        ));
        // after a failure the connection is still in its transaction, and goes
        made.map(|()| self.pool.rest(place, connection))
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn connections(&self) -> usize {
        self.pool.open()
    }

    fn batch_limit(&self) -> usize {
        BATCH_LIMIT
    }

    fn on_closed(&self, tell: Box<dyn Fn(TenantId) + Send + Sync>) {
        // set once, when the database is opened
        let _ = self.closed.set(tell);
    }

    fn close_tenants(&self) {
        let opened = std::mem::take(&mut *self.opened.lock());
        if let Some(closed) = self.closed.get() {
            opened.into_iter().for_each(closed);
        }
    }

    fn close(&self) {
        self.close_tenants();
        self.pool.close();
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match (self, wanted) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Int(int), &Type::INT8) => int.to_sql(wanted, out),
            (Value::Int(int), &Type::INT4) => i32::try_from(*int)?.to_sql(wanted, out),
            (Value::Text(text), &Type::TEXT) => (&**text).to_sql(wanted, out),
            (Value::Bytes(bytes), &Type::BYTEA) => (&**bytes).to_sql(wanted, out),
            // never the value: errors are logged
            (Value::Int(_), wanted) => Err(format!("an integer was given for {wanted}").into()),
            (Value::Text(_), wanted) => Err(format!("text was given for {wanted}").into()),
            (Value::Bytes(_), wanted) => Err(format!("bytes were given for {wanted}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

pub(crate) fn cell(row: &tokio_postgres::Row, index: usize) -> Result<Cell<'_>, Error> {
    let wrong = |found: String| Error::Column { index, wanted: "bigint, text or bytea", found };
    let column = row.columns().get(index).ok_or_else(|| wrong("no such column".to_owned()))?;
    let cell = match *column.type_() {
        Type::INT8 => row.try_get::<_, Option<i64>>(index).map(|int| int.map(Cell::Int)),
        Type::INT4 => row.try_get::<_, Option<i32>>(index).map(|int| int.map(|int| Cell::Int(int.into()))),
        Type::TEXT => row.try_get::<_, Option<&str>>(index).map(|text| text.map(Cell::Text)),
        Type::BYTEA => row.try_get::<_, Option<&[u8]>>(index).map(|bytes| bytes.map(Cell::Bytes)),
        ref other => return Err(wrong(other.to_string())),
    };
    cell.map(|cell| cell.unwrap_or(Cell::Null)).map_err(|error| wrong(error.to_string()))
}

#[cfg(test)]
mod tests;
