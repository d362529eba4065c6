//! One conversation with Postgres, driven by the thread that asks: no other thread has to wake up for an answer.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Config, NoTls, Socket, tls::NoTlsStream};

use crate::Error;

/// How long a server may take to answer a new connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long what was sent may stay without the other side's acknowledgement.
const SILENCE: Duration = Duration::from_secs(15);

/// The other side is gone; the text is for logs.
#[derive(Debug)]
pub(super) struct Lost(pub String);

impl From<Lost> for Error {
    fn from(lost: Lost) -> Self {
        Error::Storage(format!("the connection to Postgres was lost: {}", lost.0))
    }
}

pub(super) struct Wire {
    client: Client,
    connection: tokio_postgres::Connection<Socket, NoTlsStream>,
    /// None only while it is dropped.
    runtime: Option<Runtime>,
    broken: bool,
}

impl Wire {
    pub fn connect(config: &Config) -> Result<Self, Error> {
        let mut config = config.clone();
        config.connect_timeout(CONNECT_WITHIN).keepalives_idle(SILENCE).tcp_user_timeout(SILENCE);
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::Storage(error.to_string()))?;
        let (client, connection) = runtime
            .block_on(config.connect(NoTls))
            .map_err(|error| Error::Storage(format!("Postgres cannot be reached: {}", words_of(&error))))?;
        Ok(Self { client, connection, runtime: Some(runtime), broken: false })
    }

    /// Drives the conversation until `question` has its answer.
    pub fn ask<T>(&mut self, question: impl AsyncFnOnce(&Client) -> T) -> Result<T, Lost> {
        let Self { client, connection, runtime, broken } = self;
        let Some(runtime) = runtime.as_ref().filter(|_| !*broken) else {
            return Err(Lost("it was lost before".to_owned()));
        };
        let mut asked = pin!(question(client));
        let outcome = runtime.block_on(poll_fn(|context| {
            loop {
                if let Poll::Ready(answer) = asked.as_mut().poll(context) {
                    return Poll::Ready(Ok(answer));
                }
                match connection.poll_message(context) {
                    Poll::Ready(Some(Ok(_notice))) => continue,
                    Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(Lost(words_of(&error)))),
                    Poll::Ready(None) => return Poll::Ready(Err(Lost("it was closed".to_owned()))),
                    // what was just read may be the answer
                    Poll::Pending => return asked.as_mut().poll(context).map(Ok),
                }
            }
        }));
        *broken = outcome.is_err() || client.is_closed();
        outcome
    }

    /// Sends `command` and does not wait for its answer; the next question skips it.
    pub fn tell(&mut self, command: &str) {
        let Self { client, connection, runtime, broken } = self;
        let Some(runtime) = runtime.as_ref().filter(|_| !*broken) else { return };
        let mut told = pin!(client.batch_execute(command));
        let ended = runtime.block_on(poll_fn(|context| {
            let _ = told.as_mut().poll(context);
            Poll::Ready(has_ended(connection, context))
        }));
        *broken = ended;
    }

    /// Whether the other side has not hung up, as far as this side was told.
    pub fn is_open(&mut self) -> bool {
        let Self { connection, runtime, broken, .. } = self;
        let Some(runtime) = runtime.as_ref().filter(|_| !*broken) else { return false };
        *broken = runtime.block_on(async {
            // lets the runtime look at the socket once
            tokio::task::yield_now().await;
            poll_fn(|context| Poll::Ready(has_ended(connection, context))).await
        });
        !*broken
    }

    pub fn is_broken(&self) -> bool {
        self.broken
    }

    pub fn give_up(&mut self) {
        self.broken = true;
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        // a runtime that is dropped waits for its threads, which is forbidden where async code runs
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Sends and takes in what can be without waiting, the last words of a server too; whether the other side has hung up.
fn has_ended(
    connection: &mut tokio_postgres::Connection<Socket, NoTlsStream>,
    context: &mut Context<'_>,
) -> bool {
    loop {
        match connection.poll_message(context) {
            Poll::Ready(Some(Ok(_notice))) => (),
            Poll::Ready(None | Some(Err(_))) => return true,
            Poll::Pending => return false,
        }
    }
}

/// The error with its cause, which `Display` leaves out. Never the server's details: they quote values.
pub(super) fn words_of(error: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    match (error.as_db_error(), error.source()) {
        (Some(refused), _) => format!("{} ({})", refused.message(), refused.code().code()),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}
