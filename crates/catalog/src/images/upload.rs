//! Files that come in pieces, over a line that breaks: each piece is kept when it is here, and the next one begins
//! where the last one ended (as tus 1.0 does it).

use bytes::{Bytes, BytesMut};
use db::{Rx, Scope, Tx};
use edge::App;
use serde_json::json;
use spine::jobs::{self, Job, Outcome};

use super::{
    keep,
    model::{KnownImage, Upload, UploadId},
};
use crate::{Error, sql};

/// The kind of job that forgets an upload that was not finished; `expire_upload` does it.
pub const UPLOAD_JOB: &str = "catalog.upload";
/// How long an upload waits for its next piece, and is remembered when it is a picture.
const KEPT_S: i64 = 24 * 3600;
/// Unfinished uploads that a tenant has; the oldest gives way.
const AT_ONCE: usize = 20;

/// Opens an upload of `size` bytes, of which `most` are allowed.
pub fn begin_upload(tx: &mut Tx, size: u64, most: usize) -> Result<Upload, Error> {
    if size == 0 || size > most as u64 {
        return Err(Error::UploadSize { most });
    }
    let open = sql::open_uploads(tx)?;
    for old in open.iter().rev().skip(AT_ONCE - 1) {
        sql::forget_upload(tx, *old)?;
    }
    let (id, at) = (tx.new_id(), tx.now().plus_s(KEPT_S));
    sql::begin_upload(tx, id, size)?;
    let cause = id.to_string();
    jobs::enqueue(
        tx,
        Job { kind: UPLOAD_JOB, at, payload: json!({ "upload": id }), key: None, cause: &cause },
    )?;
    Ok(Upload { id, size, received: 0, image: None })
}

pub fn upload(rx: &mut Rx, id: UploadId) -> Result<Upload, Error> {
    sql::upload(rx, id)?.ok_or(Error::UnknownUpload)
}

/// Adds a piece that begins at `offset`; anywhere else than where the last one ended, nothing is kept.
pub fn append(tx: &mut Tx, id: UploadId, offset: u64, piece: &[u8]) -> Result<Upload, Error> {
    let upload = upload(tx, id)?;
    if offset != upload.received {
        return Err(Error::WrongOffset { received: upload.received });
    }
    let received = offset + piece.len() as u64;
    if received > upload.size {
        return Err(Error::UploadTooLong { size: upload.size });
    }
    if !piece.is_empty() {
        sql::append_piece(tx, id, offset, piece)?;
    }
    Ok(Upload { received, ..upload })
}

/// Makes the picture of a finished upload; asked again, it is the same picture. What is no picture is forgotten.
pub async fn finish_upload(app: &App, scope: Scope, id: UploadId) -> Result<KnownImage, Error> {
    let look = move |rx: &mut Rx| {
        let upload = upload(rx, id)?;
        match upload.image {
            Some(image) => super::image(rx, image).map(Ok),
            None if upload.received < upload.size => {
                Err(Error::UploadUnfinished { received: upload.received, size: upload.size })
            }
            None => Ok(Err(sql::pieces(rx, id)?)),
        }
    };
    let pieces = match app.db.read(scope.clone(), look).await? {
        Ok(image) => return Ok(image),
        Err(pieces) => pieces,
    };
    let mut file = BytesMut::with_capacity(pieces.iter().map(Vec::len).sum());
    pieces.iter().for_each(|piece| file.extend_from_slice(piece));
    drop(pieces);
    let kept = keep(app, scope.clone(), Bytes::from(file)).await;
    match &kept {
        Ok(image) => {
            let image = image.id;
            app.db.write(scope, move |tx| Ok::<_, Error>(sql::upload_became(tx, id, image)?)).await?;
        }
        Err(Error::Unfit(_)) => {
            app.db.write(scope, move |tx| Ok::<_, Error>(sql::forget_upload(tx, id)?)).await?;
        }
        Err(_) => (),
    }
    kept
}

/// Forgets an upload whose day is over.
pub async fn expire_upload(app: App, job: jobs::Context) -> Outcome {
    let Ok(id) = job.cause.parse::<UploadId>() else {
        return Outcome::Failed("this job names no upload".to_owned());
    };
    match app.db.write(job.scope, move |tx| sql::forget_upload(tx, id)).await {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Retry { after_s: None, reason: error.to_string() },
    }
}
