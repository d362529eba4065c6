//! Bringing a file in: foreseen in pieces, written one product to a transaction, and told line by line.

use base::Currency;
use db::{Db, Rx, Scope, Tx};

use super::{FileError, Format, ImportedProduct, Note, Reason, Refusal, merge, parse};
use crate::{
    Error,
    model::{Change, Product, ProductId, VariantId},
    products,
    shelf::{SharedShelf, Shelf},
};

/// What becomes of one product of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is new; its id is there once it is written.
    Created(Option<ProductId>),
    Changed(ProductId, Vec<Change>),
    Unchanged(ProductId),
    Refused(Reason),
}

/// What became, or would become, of one product of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLine {
    pub line: u64,
    pub product: String,
    pub outcome: Outcome,
    pub notes: Vec<Note>,
}

/// What became, or would become, of a file; in the order of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub format: Format,
    pub lines: Vec<ReportLine>,
}

impl Report {
    pub fn created(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Created(_)))
    }

    pub fn changed(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Changed(..)))
    }

    pub fn unchanged(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Unchanged(_)))
    }

    pub fn refused(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Refused(_)))
    }

    fn count(&self, of: impl Fn(&Outcome) -> bool) -> usize {
        self.lines.iter().filter(|line| of(&line.outcome)).count()
    }
}

/// Why a file was not brought in at all.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Catalog(#[from] Error),
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// What `apply` would make of one product.
pub fn preview(
    rx: &mut Rx,
    shelf: &dyn Shelf,
    currency: Currency,
    imported: &ImportedProduct,
) -> Result<ReportLine, Error> {
    let before = merge::meant(rx, imported)?;
    let (draft, notes) = match merge::wish(rx, imported, before.as_ref())? {
        Ok(wish) => wish,
        Err(refusal) => return Ok(refused(refusal)),
    };
    let outcome = match &before {
        None => products::foresee_create(rx, currency, &draft).map(|()| Outcome::Created(None)),
        Some(product) => {
            let changes = products::foresee_update(rx, shelf, currency, product, &draft);
            changes.map(|changes| changed(product.id, changes))
        }
    };
    told(imported, before.as_ref(), outcome, notes)
}

/// Brings one product in, whole or not at all; a refusal is an outcome, not an error.
pub fn apply(
    tx: &mut Tx,
    shelf: &dyn Shelf,
    currency: Currency,
    imported: &ImportedProduct,
) -> Result<ReportLine, Error> {
    let before = merge::meant(tx, imported)?;
    let (draft, notes) = match merge::wish(tx, imported, before.as_ref())? {
        Ok(wish) => wish,
        Err(refusal) => return Ok(refused(refusal)),
    };
    let outcome = match &before {
        None => {
            products::create(tx, shelf, currency, &draft).map(|product| Outcome::Created(Some(product.id)))
        }
        Some(product) => {
            let changes = products::update(tx, shelf, currency, product.id, &draft);
            changes.map(|changes| changed(product.id, changes))
        }
    };
    told(imported, before.as_ref(), outcome, notes)
}

fn changed(id: ProductId, changes: Vec<Change>) -> Outcome {
    if changes.is_empty() { Outcome::Unchanged(id) } else { Outcome::Changed(id, changes) }
}

fn refused(refusal: Refusal) -> ReportLine {
    let Refusal { line, product, reason } = refusal;
    ReportLine { line, product, outcome: Outcome::Refused(reason), notes: Vec::new() }
}

/// The catalogue refuses before it writes, so that what it refuses can be told without undoing anything.
fn told(
    imported: &ImportedProduct,
    before: Option<&Product>,
    outcome: Result<Outcome, Error>,
    notes: Vec<Note>,
) -> Result<ReportLine, Error> {
    let (line, product) = (imported.line, imported.name.clone());
    match outcome {
        Ok(outcome) => Ok(ReportLine { line, product, outcome: named(outcome, before, imported), notes }),
        Err(Error::Refused(flaws)) if !flaws.is_empty() => {
            let mut flaws = flaws;
            Ok(refused(Refusal { line, product, reason: Reason::Flaw(flaws.swap_remove(0)) }))
        }
        Err(error) => Err(error),
    }
}

/// The changes with variants by their options instead of their ids, as people know them.
fn named(outcome: Outcome, before: Option<&Product>, imported: &ImportedProduct) -> Outcome {
    let Outcome::Changed(id, mut changes) = outcome else { return outcome };
    let label = |variant: &str| -> Option<String> {
        let id: VariantId = variant.parse().ok()?;
        Some(before?.variants.iter().find(|variant| variant.id == id)?.details.label())
    };
    let only = imported.variants.len() == 1;
    for change in &mut changes {
        let Some(rest) = change.field.strip_prefix("variants.") else { continue };
        let (variant, field) = rest.split_once('.').unwrap_or((rest, "variant"));
        change.field = match label(variant).filter(|label| !label.is_empty() && !only) {
            Some(label) => format!("{field} ({label})"),
            None => field.to_owned(),
        };
    }
    // the order of variants changes with each new one and says nothing by itself
    if changes.len() > 1 {
        changes.retain(|change| change.field != "variantOrder");
    }
    Outcome::Changed(id, changes)
}

/// Reads a file and brings it in, or only foresees it. Each product is written in a transaction of its own, so a file
/// that is stopped half-way can be brought in again.
pub async fn run(
    db: &Db,
    scope: Scope,
    shelf: SharedShelf,
    currency: Currency,
    bytes: &[u8],
    only_preview: bool,
) -> Result<Report, RunError> {
    /// Products that wait for the writer together, and those foreseen in one read.
    const AT_ONCE: usize = 32;
    let parsed = parse(bytes, currency)?;
    let mut lines: Vec<ReportLine> = parsed.refused.into_iter().map(refused).collect();
    let products: Vec<std::sync::Arc<ImportedProduct>> =
        parsed.products.into_iter().map(Into::into).collect();
    for piece in products.chunks(AT_ONCE) {
        if only_preview {
            let (piece, shelf) = (piece.to_vec(), shelf.clone());
            let foresee = move |rx: &mut Rx| {
                piece
                    .iter()
                    .map(|imported| preview(rx, &*shelf, currency, imported))
                    .collect::<Result<Vec<_>, Error>>()
            };
            lines.extend(db.read(scope.clone(), foresee).await?);
        } else {
            let writes = piece.iter().map(|imported| {
                let (imported, shelf) = (imported.clone(), shelf.clone());
                db.write(scope.clone(), move |tx: &mut Tx| apply(tx, &*shelf, currency, &imported))
            });
            lines.extend(futures_util::future::try_join_all(writes).await?);
        }
    }
    lines.sort_by_key(|line| line.line);
    Ok(Report { format: parsed.format, lines })
}
