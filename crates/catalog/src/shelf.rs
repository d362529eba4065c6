//! How the catalogue speaks to the room that counts stock, which lies below it.

use std::{collections::HashMap, sync::Arc};

use base::Quantity;
use db::{Rx, Tx};

use crate::{Error, model::VariantId};

/// What a file or a form says about a variant's stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportedStock {
    pub tracked: bool,
    /// The count, in the variant's unit; none if nothing was said.
    pub quantity: Option<Quantity>,
    pub sell_when_out: bool,
}

/// The room that counts stock; the binary plugs it in.
pub trait Shelf: Send + Sync + 'static {
    /// Makes the stock of a variant what `stock` says: the rule always, the count if one is given. The variant's own
    /// flags are written already. Called for new variants and where something differs.
    fn put(&self, tx: &mut Tx, variant: VariantId, stock: &ImportedStock) -> Result<(), Error>;

    /// On hand over all locations, for those of `variants` that are counted.
    fn levels(&self, rx: &mut Rx, variants: &[VariantId]) -> Result<HashMap<VariantId, Quantity>, Error>;
}

/// The shelf, as a layer of the routes.
pub type SharedShelf = Arc<dyn Shelf>;
