//! Issuing papers: each with the next number of its series, a snapshot that never changes, and its hash.

use db::{Rx, Tx};
use serde_json::json;
use spine::{
    documents,
    events::{self, Event},
};

use crate::{
    Error,
    model::{
        Document, DocumentId, DocumentType, OrderId, RefundId,
        paper::{self, Seller, Snapshot},
    },
    order, sql,
};

/// Issues a paper for an order. A receipt proves payment and an invoice claims a sale, so each exists once per order:
/// asked for again, it is the one that was issued. Credit notes come with their refunds.
pub fn issue(tx: &mut Tx, id: OrderId, kind: DocumentType) -> Result<DocumentId, Error> {
    if kind == DocumentType::CreditNote {
        return Err(Error::NotIssued { kind });
    }
    let whole = order::whole(tx, id)?;
    let order = &whole.order;
    let settled = order.is_firm() && order.paid.minor() >= order.total.minor();
    let ready = match kind {
        DocumentType::Quote => !order.is_firm() && !order.is_cancelled(),
        DocumentType::Receipt => settled,
        DocumentType::Invoice => order.is_firm() && !order.is_cancelled(),
        DocumentType::CreditNote => false,
    };
    if let Some(known) = sql::documents_of(tx, id)?.into_iter().find(|known| known.kind == kind) {
        return Ok(known.id);
    }
    if !ready {
        return Err(Error::NotIssued { kind });
    }
    let business = people::business::find(tx)?;
    let snapshot = paper::of_order(Seller::of(&business), business.edit.country, &whole);
    write(tx, id, None, kind, snapshot)
}

/// The paper that takes back the part of the sale that a refund gave back; none if it gave back no sale.
pub(crate) fn issue_credit_note(
    tx: &mut Tx,
    id: OrderId,
    refund: RefundId,
) -> Result<Option<DocumentId>, Error> {
    let whole = order::whole(tx, id)?;
    let Some(refund) = whole.refunds.iter().find(|known| known.id == refund) else {
        return Err(Error::UnknownRefund);
    };
    if refund.lines.is_empty() {
        return Ok(None);
    }
    let corrects = sql::documents_of(tx, id)?;
    let corrects = corrects
        .iter()
        .filter(|known| known.kind != DocumentType::CreditNote && known.kind != DocumentType::Quote);
    let corrects = corrects.map(Document::name).collect();
    let business = people::business::find(tx)?;
    let (seller, home) = (Seller::of(&business), business.edit.country);
    let snapshot = paper::of_refund(seller, home, &whole, refund, corrects)?;
    write(tx, id, Some(refund.id), DocumentType::CreditNote, snapshot).map(Some)
}

fn write(
    tx: &mut Tx,
    order: OrderId,
    refund: Option<RefundId>,
    kind: DocumentType,
    snapshot: Snapshot,
) -> Result<DocumentId, Error> {
    let series = kind.series(snapshot.test);
    let (json, hash) = paper::sealed(&snapshot);
    let document = Document {
        id: tx.new_id(),
        order,
        kind,
        series: series.to_owned(),
        number: documents::next_number(tx, series)?,
        issued_at: tx.now(),
        snapshot,
        hash,
        fiscal: "none".to_owned(),
    };
    sql::add_document(tx, &document, refund, &json)?;
    events::record(
        tx,
        Event {
            kind: "document.issued",
            subject: order.to_string(),
            payload: json!({
                "before": null,
                "after": { "document": document.id, "type": kind, "number": document.name(), "total": document.snapshot.total },
            }),
        },
    )?;
    Ok(document.id)
}

pub fn document(rx: &mut Rx, id: DocumentId) -> Result<Document, Error> {
    let document = sql::document(rx, id)?.ok_or(Error::UnknownDocument)?;
    // it is seen where its order is
    order::order(rx, document.order).map_err(|error| match error {
        Error::UnknownOrder => Error::UnknownDocument,
        other => other,
    })?;
    Ok(document)
}

/// The papers of an order, oldest first.
pub fn documents_of(rx: &mut Rx, order: OrderId) -> Result<Vec<Document>, Error> {
    Ok(sql::documents_of(rx, order)?)
}

/// Papers that people call so: `R-000042` is one, `42` may be one of each series.
pub fn documents_named(rx: &mut Rx, typed: &str) -> Result<Vec<Document>, Error> {
    let typed = typed.trim().to_uppercase();
    let (wanted, digits) = match typed.rsplit_once('-') {
        Some((series, digits)) => (Some(series), digits),
        None => (None, typed.as_str()),
    };
    let Ok(number) = digits.parse::<i64>() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for kind in DocumentType::ALL {
        for series in [kind.series(false), kind.series(true)] {
            if wanted.is_none_or(|wanted| wanted == series) {
                found.extend(sql::document_numbered(rx, series, number)?);
            }
        }
    }
    Ok(found)
}
