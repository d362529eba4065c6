//! Every statement on the tables of the look and of the owner's pages.

use base::{Slug, Timestamp};
use db::{Error, Row, Rx, Tx, sql};
use serde::{Deserialize, Serialize};

use super::{
    Version,
    model::{Look, OwnPage, Said},
};

fn look_at(row: &Row<'_>, index: usize) -> Result<Look, Error> {
    document(row, index, "look")
}

fn document<T: for<'de> Deserialize<'de>>(
    row: &Row<'_>,
    index: usize,
    wanted: &'static str,
) -> Result<T, Error> {
    let text: String = row.get(index)?;
    serde_json::from_str(&text).map_err(|error| Error::Column { index, wanted, found: error.to_string() })
}

fn written(document: &impl Serialize) -> String {
    // maps with string keys and plain structs: nothing that JSON cannot hold
    serde_json::to_string(document).unwrap_or_default()
}

pub fn published(rx: &mut Rx) -> Result<Option<Look>, Error> {
    rx.row(sql!("select document from look where tenant_id = $1 order by number desc limit 1"), (), |row| {
        look_at(row, 0)
    })
}

pub fn version(rx: &mut Rx, number: i64) -> Result<Option<Look>, Error> {
    rx.row(sql!("select document from look where tenant_id = $1 and number = $2"), (number,), |row| {
        look_at(row, 0)
    })
}

pub fn versions(rx: &mut Rx) -> Result<Vec<Version>, Error> {
    rx.rows(
        sql!(
            "select number, published_at, published_by from look where tenant_id = $1 order by number desc limit 10"
        ),
        (),
        |row| {
            Ok(Version { number: row.get(0)?, published_at: row.get(1)?, published_by: row.get(2)? })
        },
    )
}

pub fn add_version(tx: &mut Tx, number: i64, look: &Look) -> Result<(), Error> {
    let (now, actor) = (tx.now(), tx.actor().as_str().to_owned());
    tx.put(
        sql!(
            "insert into look (tenant_id, number, document, published_at, published_by) values ($1, $2, $3, $4, $5)"
        ),
        (number, written(look), now, actor),
    )
}

pub fn forget_versions(tx: &mut Tx, up_to: i64) -> Result<(), Error> {
    tx.put(sql!("delete from look where tenant_id = $1 and number <= $2"), (up_to,))
}

pub fn draft(rx: &mut Rx) -> Result<Option<(Look, Timestamp)>, Error> {
    rx.row(sql!("select document, changed_at from look_draft where tenant_id = $1"), (), |row| {
        Ok((look_at(row, 0)?, row.get(1)?))
    })
}

pub fn put_draft(tx: &mut Tx, look: &Look) -> Result<(), Error> {
    let now = tx.now();
    tx.put(
        sql!(
            "insert into look_draft (tenant_id, document, changed_at) values ($1, $2, $3)
             on conflict (tenant_id) do update set document = excluded.document, changed_at = excluded.changed_at"
        ),
        (written(look), now),
    )
}

pub fn drop_draft(tx: &mut Tx) -> Result<u64, Error> {
    tx.run(sql!("delete from look_draft where tenant_id = $1"), ())
}

pub fn add_preview(tx: &mut Tx, hash: &[u8; 32], until: Timestamp) -> Result<(), Error> {
    tx.put(
        sql!("insert into look_preview (tenant_id, token_hash, expires_at) values ($1, $2, $3)"),
        (hash, until),
    )
}

pub fn preview_holds(rx: &mut Rx, hash: &[u8; 32]) -> Result<bool, Error> {
    let now = rx.now();
    let found = rx.row(
        sql!(
            "select expires_at from look_preview where tenant_id = $1 and token_hash = $2 and expires_at > $3"
        ),
        (hash, now),
        |row| row.get::<Timestamp>(0),
    )?;
    Ok(found.is_some())
}

pub fn forget_previews(tx: &mut Tx) -> Result<(), Error> {
    let now = tx.now();
    tx.put(sql!("delete from look_preview where tenant_id = $1 and expires_at <= $2"), (now,))
}

#[derive(Serialize, Deserialize)]
struct PageDocument {
    title: Said,
    text: Said,
}

fn read_page(row: &Row<'_>) -> Result<OwnPage, Error> {
    let PageDocument { title, text } = document(row, 1, "page")?;
    Ok(OwnPage { slug: row.get(0)?, title, text })
}

pub fn pages(rx: &mut Rx) -> Result<Vec<OwnPage>, Error> {
    rx.rows(
        sql!("select slug, document from shop_page where tenant_id = $1 order by position, slug limit 50"),
        (),
        read_page,
    )
}

pub fn page(rx: &mut Rx, slug: &str) -> Result<Option<OwnPage>, Error> {
    rx.row(
        sql!("select slug, document from shop_page where tenant_id = $1 and slug = $2"),
        (slug,),
        read_page,
    )
}

pub fn put_page(tx: &mut Tx, page: &OwnPage, position: i64) -> Result<(), Error> {
    let now = tx.now();
    let document = PageDocument { title: page.title.clone(), text: page.text.clone() };
    tx.put(
        sql!(
            "insert into shop_page (tenant_id, slug, document, position, changed_at) values ($1, $2, $3, $4, $5)
             on conflict (tenant_id, slug) do update set document = excluded.document, changed_at = excluded.changed_at"
        ),
        (&page.slug, written(&document), position, now),
    )
}

pub fn remove_page(tx: &mut Tx, slug: &Slug) -> Result<u64, Error> {
    tx.run(sql!("delete from shop_page where tenant_id = $1 and slug = $2"), (slug,))
}
