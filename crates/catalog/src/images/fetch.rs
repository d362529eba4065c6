//! Fetching the pictures that an import or a person named by address.

use std::time::Duration;

use db::Tx;
use edge::{App, FetchLimits};
use futures_util::future::join_all;
use serde_json::json;
use spine::{
    events::{self, Event},
    jobs::{self, Outcome},
};
use tokio::time::Instant;

use super::{
    DevelopError, develop,
    model::{KnownImage, Measures, Reason, next_try},
    put,
};
use crate::{Error, sql};

/// Addresses that one tenant has fetched at the same time.
const AT_ONCE: u32 = 3;
const FETCH: Duration = Duration::from_secs(8);
/// After this, a job begins no further address: it ends well before the runner loses patience.
const BEGINS: Duration = Duration::from_secs(12);
/// When we are the ones who cannot: the queue is full, the blobs are away.
const PAUSE_S: i64 = 20;

/// What came of one address.
enum Came {
    Picture(Measures),
    Refused(Reason),
    /// It waits on, through no fault of its own.
    NotNow,
}

/// Fetches what waits, a few at a time, and comes back for the rest.
pub async fn fetch_waiting(app: App, job: jobs::Context) -> Outcome {
    let begun = Instant::now();
    loop {
        let due = match app.db.read(job.scope.clone(), |rx| sql::due_images(rx, AT_ONCE)).await {
            Ok(due) => due,
            Err(error) => return later(PAUSE_S, &error.to_string()),
        };
        if due.is_empty() {
            return rest(&app, &job).await;
        }
        if begun.elapsed() > BEGINS {
            return later(0, "more pictures wait");
        }
        let (app, job) = (&app, &job);
        let fetched = due.into_iter().map(|(image, tries)| async move {
            let came = fetch(app, job, &image).await;
            note(app, job, image, tries, came).await
        });
        for noted in join_all(fetched).await {
            if let Err(error) = noted {
                return later(PAUSE_S, &error.to_string());
            }
        }
    }
}

/// It has no end of its own as long as something waits, so it never counts as failed.
fn later(after_s: i64, reason: &str) -> Outcome {
    Outcome::Retry { after_s: Some(after_s), reason: reason.to_owned() }
}

async fn rest(app: &App, job: &jobs::Context) -> Outcome {
    match app.db.read(job.scope.clone(), sql::next_image_due).await {
        Ok(None) => Outcome::Done,
        Ok(Some(at)) => later(at.seconds_since(app.now()).max(1), "pictures are tried again later"),
        Err(error) => later(PAUSE_S, &error.to_string()),
    }
}

async fn fetch(app: &App, job: &jobs::Context, image: &KnownImage) -> Came {
    let limits = FetchLimits { bytes: app.config.upload_max_bytes, time: FETCH };
    let file = match app.outbound.fetch(image.address.as_str(), limits).await {
        Ok(file) => file,
        Err(error) => return Came::Refused(Reason::Outbound(error)),
    };
    let developed = match develop(job.scope.tenant, file).await {
        Ok(developed) => developed,
        Err(DevelopError::Unfit(unfit)) => return Came::Refused(Reason::Unfit(unfit)),
        Err(DevelopError::Busy) => return Came::NotNow,
    };
    match put(&app.blobs, &job.scope, &developed).await {
        Ok(()) => Came::Picture(developed.measures),
        Err(error) => {
            tracing::warn!(tenant = %job.scope.tenant, %error, "a fetched picture has to wait");
            Came::NotNow
        }
    }
}

async fn note(
    app: &App,
    job: &jobs::Context,
    image: KnownImage,
    tries: u32,
    came: Came,
) -> Result<(), Error> {
    let noted = move |tx: &mut Tx| {
        let now = tx.now();
        match &came {
            Came::Picture(measures) => {
                if sql::image_fetched(tx, image.id, measures)? {
                    let payload = json!({ "address": image.address, "hash": measures.hash });
                    events::record(
                        tx,
                        Event { kind: "image.fetched", subject: image.id.to_string(), payload },
                    )?;
                }
            }
            Came::Refused(reason) => {
                let again = match reason {
                    Reason::Outbound(error) => next_try(error, tries + 1, now),
                    Reason::Unfit(_) => None,
                };
                if let Some(at) = again {
                    sql::image_waits(tx, image.id, tries + 1, at)?;
                } else if sql::image_failed(tx, image.id, reason)? {
                    let payload = json!({ "address": image.address, "reason": reason.name() });
                    events::record(
                        tx,
                        Event { kind: "image.failed", subject: image.id.to_string(), payload },
                    )?;
                }
            }
            Came::NotNow => sql::image_waits(tx, image.id, tries, now.plus_s(PAUSE_S))?,
        }
        Ok(())
    };
    app.db.write(job.scope.clone(), noted).await
}
