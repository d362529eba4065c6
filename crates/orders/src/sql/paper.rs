use base::Timestamp;
use db::{Error, Row, Rx, Tx, sql};

use super::{json, named};
use crate::model::{Document, DocumentId, DocumentType, OrderId, RefundId};

/// Writes a paper; there is no statement that changes or removes one.
pub fn add_document(
    tx: &mut Tx,
    document: &Document,
    refund: Option<RefundId>,
    snapshot: &str,
) -> Result<(), Error> {
    tx.put(
        sql!(
            "insert into document (tenant_id, id, order_id, refund_id, type, series, number, issued_at, snapshot, hash,
                fiscal)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ),
        (
            document.id,
            document.order,
            refund,
            document.kind.name(),
            &document.series,
            document.number,
            document.issued_at,
            snapshot,
            document.hash,
            &document.fiscal,
        ),
    )
}

fn read_document(row: &Row<'_>) -> Result<Document, Error> {
    Ok(Document {
        id: row.get(0)?,
        order: row.get(1)?,
        kind: named(row, 2, DocumentType::parse)?,
        series: row.get(3)?,
        number: row.get(4)?,
        issued_at: row.get(5)?,
        snapshot: json(row, 6)?,
        hash: row.get(7)?,
        fiscal: row.get(8)?,
    })
}

pub fn document(rx: &mut Rx, id: DocumentId) -> Result<Option<Document>, Error> {
    rx.row(
        sql!(
            "select id, order_id, type, series, number, issued_at, snapshot, hash, fiscal from document
             where tenant_id = $1 and id = $2"
        ),
        (id,),
        read_document,
    )
}

/// All papers of an order, oldest first.
pub fn documents_of(rx: &mut Rx, order: OrderId) -> Result<Vec<Document>, Error> {
    rx.rows(
        sql!(
            "select id, order_id, type, series, number, issued_at, snapshot, hash, fiscal from document
             where tenant_id = $1 and order_id = $2 order by issued_at, type desc, number"
        ),
        (order,),
        read_document,
    )
}

/// The paper of that number in its series.
pub fn document_numbered(rx: &mut Rx, series: &str, number: i64) -> Result<Option<Document>, Error> {
    let places = rx.reach().places();
    rx.row(
        sql!(
            "select id, order_id, type, series, number, issued_at, snapshot, hash, fiscal from document
             where tenant_id = $1 and series = $2 and number = $3
                and (cast($4 as text) is null or exists (select 1 from sale_order o
                    where o.tenant_id = $1 and o.id = order_id and $4 like '%' || o.location_id || '%' escape '!'))"
        ),
        (series, number, places),
        read_document,
    )
}

/// Papers newest first; `before` is the place of the last one seen.
pub fn documents(
    rx: &mut Rx,
    kind: Option<DocumentType>,
    before: Option<(Timestamp, DocumentId)>,
    limit: u32,
) -> Result<Vec<Document>, Error> {
    let ((at, id), places) = (before.unzip(), rx.reach().places());
    rx.rows(
        sql!(
            "select id, order_id, type, series, number, issued_at, snapshot, hash, fiscal from document
             where tenant_id = $1 and (cast($2 as text) is null or type = $2)
                and (cast($3 as bigint) is null or issued_at < $3 or (issued_at = $3 and id < $4))
                and (cast($5 as text) is null or exists (select 1 from sale_order o
                    where o.tenant_id = $1 and o.id = order_id and $5 like '%' || o.location_id || '%' escape '!'))
             order by issued_at desc, id desc limit cast($6 as bigint)"
        ),
        (kind.map(DocumentType::name), at, id, places, limit),
        read_document,
    )
}
