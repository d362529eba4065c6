//! Pictures, the files that come in pieces, and how far fetching is.

use base::Timestamp;
use db::{Error, Row, Rx, Tx, sql};

use super::{parsed, parsed_option};
use crate::{
    images::{
        ContentHash, FailedFetch, ImageId, ImageState, KnownImage, Measures, Picture, ProductImage, Progress,
        Reason, Upload, UploadId,
    },
    model::{ImageAddress, Line512, ProductId},
};

macro_rules! image_columns {
    () => {
        "i.id, i.address, i.state, i.hash, i.width, i.height, i.bytes, i.reason"
    };
}

fn read_measures(row: &Row<'_>, index: usize) -> Result<Measures, Error> {
    Ok(Measures {
        hash: parsed(row, index, "hash")?,
        width: row.get(index + 1)?,
        height: row.get(index + 2)?,
        bytes: row.get::<i64>(index + 3)? as u64,
    })
}

fn read_state(row: &Row<'_>, index: usize) -> Result<ImageState, Error> {
    let state: String = row.get(index)?;
    match state.as_str() {
        "waiting" => Ok(ImageState::Waiting),
        "ready" => read_measures(row, index + 1).map(ImageState::Ready),
        "failed" => parsed(row, index + 5, "reason").map(ImageState::Failed),
        _ => Err(Error::Column { index, wanted: "image state", found: state }),
    }
}

fn read_image(row: &Row<'_>) -> Result<KnownImage, Error> {
    Ok(KnownImage { id: row.get(0)?, address: parsed(row, 1, "address")?, state: read_state(row, 2)? })
}

pub fn image(rx: &mut Rx, id: ImageId) -> Result<Option<KnownImage>, Error> {
    rx.row(
        sql!(concat!("select ", image_columns!(), " from image i where i.tenant_id = $1 and i.id = $2")),
        (id,),
        read_image,
    )
}

pub fn image_at(rx: &mut Rx, address: &ImageAddress) -> Result<Option<KnownImage>, Error> {
    rx.row(
        sql!(concat!("select ", image_columns!(), " from image i where i.tenant_id = $1 and i.address = $2")),
        (address.as_str(),),
        read_image,
    )
}

/// A picture with this hash that is there, whatever its address; always the same one.
pub fn image_with_hash(rx: &mut Rx, hash: ContentHash) -> Result<Option<KnownImage>, Error> {
    rx.row(
        sql!(concat!(
            "select ",
            image_columns!(),
            " from image i where i.tenant_id = $1 and i.hash = $2 and i.state = 'ready' order by i.id limit 1"
        )),
        (hash.to_string(),),
        read_image,
    )
}

/// The pictures of a product in their order.
pub fn images_of(rx: &mut Rx, product: ProductId) -> Result<Vec<ProductImage>, Error> {
    rx.rows(
        sql!(concat!(
            "select ",
            image_columns!(),
            ", p.address, p.alt from product_image p left join image i on i.tenant_id = $1 and i.address = p.address
             where p.tenant_id = $1 and p.product_id = $2 order by p.position"
        )),
        (product,),
        |row| {
            let id: Option<ImageId> = row.get(0)?;
            Ok(ProductImage {
                address: parsed(row, 8, "address")?,
                alt: row.get::<Option<Line512>>(9)?,
                known: id.map(|id| Ok::<_, Error>((id, read_state(row, 2)?))).transpose()?,
            })
        },
    )
}

/// The picture whose hash, width and height stand from `index` on, if it is there.
pub fn read_picture(row: &Row<'_>, index: usize) -> Result<Option<Picture>, Error> {
    let Some(hash) = parsed_option::<ContentHash>(row, index, "hash")? else { return Ok(None) };
    Ok(Some(Picture { hash, width: row.get(index + 1)?, height: row.get(index + 2)?, alt: String::new() }))
}

/// A picture that is here.
pub fn keep_image(tx: &mut Tx, id: ImageId, address: &ImageAddress, kept: &Measures) -> Result<(), Error> {
    let now = tx.now();
    tx.put(
        sql!(
            "insert into image (tenant_id, id, address, state, hash, width, height, bytes, tries, due_at, batch_at, \
             made_at) values ($1, $2, $3, 'ready', $4, $5, $6, $7, 0, $8, 0, $8)
             on conflict (tenant_id, address) do nothing"
        ),
        (id, address.as_str(), kept.hash.to_string(), kept.width, kept.height, kept.bytes as i64, now),
    )
}

/// Notes an address that is to be fetched; says whether it is new.
pub fn want_image(
    tx: &mut Tx,
    id: ImageId,
    address: &ImageAddress,
    batch_at: Timestamp,
) -> Result<bool, Error> {
    let now = tx.now();
    let made = tx.run(
        sql!(
            "insert into image (tenant_id, id, address, state, tries, due_at, batch_at, made_at)
             values ($1, $2, $3, 'waiting', 0, $4, $5, $4) on conflict (tenant_id, address) do nothing"
        ),
        (id, address.as_str(), now, batch_at),
    )?;
    Ok(made == 1)
}

/// When the batch began that is being fetched now, if one is.
pub fn open_batch(rx: &mut Rx) -> Result<Option<Timestamp>, Error> {
    let found = rx.row(
        sql!("select max(batch_at) from image where tenant_id = $1 and state = 'waiting'"),
        (),
        |row| row.get::<Option<Timestamp>>(0),
    )?;
    Ok(found.flatten())
}

/// Up to `limit` addresses that are to be fetched by now, and the tries they had.
pub fn due_images(rx: &mut Rx, limit: u32) -> Result<Vec<(KnownImage, u32)>, Error> {
    let now = rx.now();
    rx.rows(
        sql!(concat!(
            "select ",
            image_columns!(),
            ", i.tries from image i where i.tenant_id = $1 and i.state = 'waiting' and i.due_at <= $2
             order by i.due_at, i.id limit cast($3 as bigint)"
        )),
        (now, limit),
        |row| Ok((read_image(row)?, row.get(8)?)),
    )
}

/// When the next address is to be fetched.
pub fn next_image_due(rx: &mut Rx) -> Result<Option<Timestamp>, Error> {
    let found = rx.row(
        sql!("select min(due_at) from image where tenant_id = $1 and state = 'waiting'"),
        (),
        |row| row.get::<Option<Timestamp>>(0),
    )?;
    Ok(found.flatten())
}

/// The address gave this picture; says whether it still waited for one.
pub fn image_fetched(tx: &mut Tx, id: ImageId, kept: &Measures) -> Result<bool, Error> {
    let done = tx.run(
        sql!(
            "update image set state = 'ready', hash = $3, width = $4, height = $5, bytes = $6, reason = null
             where tenant_id = $1 and id = $2 and state = 'waiting'"
        ),
        (id, kept.hash.to_string(), kept.width, kept.height, kept.bytes as i64),
    )?;
    Ok(done == 1)
}

pub fn image_failed(tx: &mut Tx, id: ImageId, reason: &Reason) -> Result<bool, Error> {
    let done = tx.run(
        sql!(
            "update image set state = 'failed', reason = $3, tries = tries + 1
             where tenant_id = $1 and id = $2 and state = 'waiting'"
        ),
        (id, reason.name()),
    )?;
    Ok(done == 1)
}

pub fn image_waits(tx: &mut Tx, id: ImageId, tries: u32, due_at: Timestamp) -> Result<(), Error> {
    tx.put(
        sql!(
            "update image set tries = $3, due_at = $4 where tenant_id = $1 and id = $2 and state = 'waiting'"
        ),
        (id, tries, due_at),
    )
}

/// Everything that failed waits again, as one batch; says how many.
pub fn failed_wait_again(tx: &mut Tx, batch_at: Timestamp) -> Result<u64, Error> {
    let now = tx.now();
    tx.run(
        sql!(
            "update image set state = 'waiting', tries = 0, due_at = $2, batch_at = $3
             where tenant_id = $1 and state = 'failed'"
        ),
        (now, batch_at),
    )
}

/// Up to `limit` addresses of products that nobody has tried to fetch.
pub fn untried(rx: &mut Rx, limit: u32) -> Result<Vec<ImageAddress>, Error> {
    rx.rows(
        sql!(
            "select distinct p.address from product_image p where p.tenant_id = $1 and not exists (
                select 1 from image i where i.tenant_id = $1 and i.address = p.address)
             limit cast($2 as bigint)"
        ),
        (limit,),
        |row| parsed(row, 0, "address"),
    )
}

/// How far the last batch is, with up to `limit` of its failures.
pub fn progress(rx: &mut Rx, limit: u32) -> Result<Progress, Error> {
    let batch =
        rx.row(sql!("select max(batch_at) from image where tenant_id = $1 and batch_at > 0"), (), |row| {
            row.get::<Option<Timestamp>>(0)
        })?;
    let Some(batch) = batch.flatten() else { return Ok(Progress::default()) };
    let counted = rx.rows(
        sql!("select state, count(*) from image where tenant_id = $1 and batch_at = $2 group by state"),
        (batch,),
        |row| Ok((row.get::<String>(0)?, row.get::<u32>(1)?)),
    )?;
    let count =
        |wanted: &str| counted.iter().find(|(state, _)| state == wanted).map_or(0, |(_, count)| *count);
    let failures = rx.rows(
        sql!(
            "select i.address, i.reason, p.id, p.title from image i
             left join product_image s on s.tenant_id = $1 and s.address = i.address
             left join product p on p.tenant_id = $1 and p.id = s.product_id
             where i.tenant_id = $1 and i.batch_at = $2 and i.state = 'failed' order by i.id, p.id
             limit cast($3 as bigint)"
        ),
        (batch, limit),
        |row| {
            let product: Option<ProductId> = row.get(2)?;
            Ok(FailedFetch {
                address: parsed(row, 0, "address")?,
                reason: parsed(row, 1, "reason")?,
                product: product.map(|id| Ok::<_, Error>((id, row.get(3)?))).transpose()?,
            })
        },
    )?;
    Ok(Progress { waiting: count("waiting"), ready: count("ready"), failed: count("failed"), failures })
}

pub fn begin_upload(tx: &mut Tx, id: UploadId, size: u64) -> Result<(), Error> {
    let now = tx.now();
    tx.put(
        sql!("insert into upload (tenant_id, id, size, received, made_at) values ($1, $2, $3, 0, $4)"),
        (id, size as i64, now),
    )
}

pub fn upload(rx: &mut Rx, id: UploadId) -> Result<Option<Upload>, Error> {
    rx.row(
        sql!("select size, received, image_id from upload where tenant_id = $1 and id = $2"),
        (id,),
        |row| {
            let size: i64 = row.get(0)?;
            let received: i64 = row.get(1)?;
            Ok(Upload { id, size: size as u64, received: received as u64, image: row.get(2)? })
        },
    )
}

pub fn append_piece(tx: &mut Tx, id: UploadId, start: u64, content: &[u8]) -> Result<(), Error> {
    tx.put(
        sql!("insert into upload_piece (tenant_id, upload_id, start, content) values ($1, $2, $3, $4)"),
        (id, start as i64, content),
    )?;
    tx.put(
        sql!("update upload set received = $3 where tenant_id = $1 and id = $2"),
        (id, start as i64 + content.len() as i64),
    )
}

pub fn pieces(rx: &mut Rx, id: UploadId) -> Result<Vec<Vec<u8>>, Error> {
    rx.rows(
        sql!("select content from upload_piece where tenant_id = $1 and upload_id = $2 order by start"),
        (id,),
        |row| row.get(0),
    )
}

/// The upload has become `image`; its pieces are no longer needed.
pub fn upload_became(tx: &mut Tx, id: UploadId, image: ImageId) -> Result<(), Error> {
    tx.put(sql!("delete from upload_piece where tenant_id = $1 and upload_id = $2"), (id,))?;
    tx.put(sql!("update upload set image_id = $3 where tenant_id = $1 and id = $2"), (id, image))
}

pub fn forget_upload(tx: &mut Tx, id: UploadId) -> Result<(), Error> {
    tx.put(sql!("delete from upload_piece where tenant_id = $1 and upload_id = $2"), (id,))?;
    tx.put(sql!("delete from upload where tenant_id = $1 and id = $2"), (id,))
}

/// Unfinished uploads, the oldest first.
pub fn open_uploads(rx: &mut Rx) -> Result<Vec<UploadId>, Error> {
    rx.rows(
        sql!("select id from upload where tenant_id = $1 and image_id is null order by made_at, id"),
        (),
        |row| row.get(0),
    )
}

/// Bytes of all pictures that are kept, as they came in.
pub fn bytes_in_all(rx: &mut Rx) -> Result<i64, Error> {
    let sum = rx.row(
        sql!("select cast(coalesce(sum(bytes), 0) as bigint) from image where tenant_id = $1 and state = 'ready'"),
        (),
        |row| row.get(0),
    )?;
    Ok(sum.unwrap_or_default())
}
