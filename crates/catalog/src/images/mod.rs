//! Pictures: brought by people or fetched from the web, made anew in three widths, and named after their content.
//!
//! A picture that no product shows any more stays: a page kept somewhere, an order's mail or an undo may still name it.
//! Blobs are collected when their longest retention is over, by the room that keeps archives.

mod fetch;
mod model;
mod picture;
pub mod process;
mod queue;
mod upload;

use bytes::Bytes;
use db::{Db, Rx, Scope, Tx};
use edge::{App, Blobs};
use futures_util::future::try_join_all;
use serde_json::json;
use spine::{
    events::{self, Event},
    jobs::{self, Job},
};

pub use fetch::fetch_waiting;
pub use model::*;
pub use picture::{Loading, Picture};
pub use process::Developed;
pub use queue::{DevelopError, develop};
pub use upload::*;

use crate::{
    Error,
    model::{Draft, Flaw, ImageAddress, ProductId, Rule},
    sql,
};

/// The kind of job that fetches the addresses that wait; `fetch_waiting` does it.
pub const FETCH_JOB: &str = "catalog.pictures";

/// Keeps `file` as a picture of the tenant. The same file again is the same picture.
pub async fn keep(app: &App, scope: Scope, file: Bytes) -> Result<KnownImage, Error> {
    keep_in(&app.db, &app.blobs, scope, file).await
}

/// The same for a command, which has no application around it.
pub async fn keep_in(db: &Db, blobs: &Blobs, scope: Scope, file: Bytes) -> Result<KnownImage, Error> {
    let address = ImageAddress::of(ContentHash::of(&file));
    let wanted = address.clone();
    let known = db.read(scope.clone(), move |rx| Ok::<_, Error>(sql::image_at(rx, &wanted)?)).await?;
    if let Some(known) = known {
        return Ok(known);
    }
    let developed = develop(scope.tenant, file).await?;
    put(blobs, &scope, &developed).await?;
    record(db, scope, developed.measures).await
}

/// Keeps a picture that was developed already.
pub async fn keep_developed(app: &App, scope: Scope, developed: Developed) -> Result<KnownImage, Error> {
    put(&app.blobs, &scope, &developed).await?;
    record(&app.db, scope, developed.measures).await
}

/// Lays the files where they are served from; only then may a row name them.
async fn put(blobs: &Blobs, scope: &Scope, developed: &Developed) -> Result<(), Error> {
    let each = developed.files.iter().map(|(name, bytes)| {
        let (name, bytes) = (name.to_string(), bytes.clone());
        async move { blobs.put(scope.tenant, &name, bytes).await }
    });
    try_join_all(each).await.map(drop).map_err(Error::Blobs)
}

async fn record(db: &Db, scope: Scope, measures: Measures) -> Result<KnownImage, Error> {
    let kept = move |tx: &mut Tx| {
        let id: ImageId = tx.new_id();
        let address = ImageAddress::of(measures.hash);
        sql::keep_image(tx, id, &address, &measures)?;
        // two uploads of one file at the same time are one picture
        let known = sql::image_at(tx, &address)?.ok_or(Error::UnknownImage)?;
        if known.id == id {
            let Measures { hash, width, height, bytes } = measures;
            let payload = json!({ "hash": hash, "width": width, "height": height, "bytes": bytes });
            events::record(tx, Event { kind: "image.added", subject: id.to_string(), payload })?;
        }
        Ok(known)
    };
    db.write(scope, kept).await
}

/// A picture of the tenant.
pub fn image(rx: &mut Rx, id: ImageId) -> Result<KnownImage, Error> {
    sql::image(rx, id)?.ok_or(Error::UnknownImage)
}

/// A picture that is there, by its content.
pub fn image_with_hash(rx: &mut Rx, hash: ContentHash) -> Result<KnownImage, Error> {
    sql::image_with_hash(rx, hash)?.ok_or(Error::UnknownImage)
}

/// Bytes of all pictures that are kept, as they came in.
pub fn bytes_in_all(rx: &mut Rx) -> Result<i64, Error> {
    Ok(sql::bytes_in_all(rx)?)
}

/// The pictures of a product in their order, also those that are not there yet.
pub fn images_of(rx: &mut Rx, product: ProductId) -> Result<Vec<ProductImage>, Error> {
    Ok(sql::images_of(rx, product)?)
}

/// The pictures of a product that can be shown.
pub fn pictures_of(rx: &mut Rx, product: ProductId) -> Result<Vec<Picture>, Error> {
    let shown = |image: ProductImage| match image.known {
        Some((_, ImageState::Ready(measures))) => {
            let alt = image.alt.map(|alt| alt.to_string()).unwrap_or_default();
            Some(Picture::of(&measures, alt))
        }
        _ => None,
    };
    Ok(images_of(rx, product)?.into_iter().filter_map(shown).collect())
}

/// `draft` with its addresses of our own files (as an export writes them) as the pictures that they are.
pub(crate) fn recognised(rx: &mut Rx, mut draft: Draft) -> Result<Draft, Error> {
    let shared = draft.details.images.iter_mut().map(|image| &mut image.address);
    let own = draft.variants.iter_mut().filter_map(|variant| variant.details.image.as_mut());
    for address in shared.chain(own) {
        if let Some(hash) = address.names_file()
            && let Some(known) = sql::image_with_hash(rx, hash)?
        {
            *address = known.address;
        }
    }
    Ok(draft)
}

/// What is wrong with the pictures of a wish: one that the tenant does not have.
pub(crate) fn flaws(rx: &mut Rx, draft: &Draft) -> Result<Vec<Flaw>, Error> {
    let mut flaws = Vec::new();
    for (field, address) in addresses(draft) {
        if address.hash().is_some() && sql::image_at(rx, address)?.is_none() {
            flaws.push(Flaw { field, rule: Rule::UnknownImage });
        }
    }
    Ok(flaws)
}

fn addresses(draft: &Draft) -> impl Iterator<Item = (String, &ImageAddress)> {
    let shared = draft.details.images.iter().enumerate();
    let shared = shared.map(|(place, image)| (format!("images[{place}]"), &image.address));
    let own = draft.variants.iter().enumerate().filter_map(|(place, variant)| {
        Some((format!("variants[{place}].image"), variant.details.image.as_ref()?))
    });
    shared.chain(own)
}

/// Promises to fetch the addresses of `draft` that are new here.
pub(crate) fn want(tx: &mut Tx, draft: &Draft) -> Result<(), Error> {
    let new: Vec<ImageAddress> = addresses(draft)
        .filter(|(_, address)| address.hash().is_none())
        .map(|(_, address)| address.clone())
        .collect();
    want_all(tx, &new)
}

fn want_all(tx: &mut Tx, addresses: &[ImageAddress]) -> Result<(), Error> {
    let mut unknown = Vec::new();
    for address in addresses {
        if sql::image_at(tx, address)?.is_none() {
            unknown.push(address);
        }
    }
    if unknown.is_empty() {
        return Ok(());
    }
    let (open, now) = (sql::open_batch(tx)?, tx.now());
    for address in unknown {
        let id = tx.new_id();
        sql::want_image(tx, id, address, open.unwrap_or(now))?;
    }
    promise(tx, open.is_some())
}

/// As long as something waits there is one job that will fetch it: whoever adds the first promises it.
fn promise(tx: &mut Tx, promised: bool) -> Result<(), Error> {
    if promised {
        return Ok(());
    }
    let at = tx.now();
    Ok(jobs::enqueue(tx, Job { kind: FETCH_JOB, at, payload: json!({}), key: None, cause: "catalog" })?)
}

/// Tries everything again that could not be fetched, and what was never tried; says how many addresses wait now.
pub fn try_again(tx: &mut Tx) -> Result<u64, Error> {
    /// So that one write stays short; the next call takes the next ones.
    const UNTRIED: u32 = 500;
    let (open, now) = (sql::open_batch(tx)?, tx.now());
    let again = sql::failed_wait_again(tx, open.unwrap_or(now))?;
    if again > 0 {
        promise(tx, open.is_some())?;
    }
    let untried = sql::untried(tx, UNTRIED)?;
    let new: Vec<ImageAddress> = untried.into_iter().filter(|address| address.hash().is_none()).collect();
    want_all(tx, &new)?;
    Ok(again + new.len() as u64)
}

/// How far fetching is.
pub fn progress(rx: &mut Rx) -> Result<Progress, Error> {
    /// More than anybody mends by hand.
    const FAILURES: u32 = 100;
    Ok(sql::progress(rx, FAILURES)?)
}
