//! A shelf of numbers, as the room that counts stock would be.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use base::Quantity;
use catalog::{Error, ImportedStock, SharedShelf, Shelf, VariantId};
use db::{Rx, Tx};

#[derive(Clone, Default)]
pub struct Counts(Arc<Mutex<HashMap<VariantId, Quantity>>>);

impl Counts {
    pub fn of(&self, variant: VariantId) -> Option<Quantity> {
        self.0.lock().unwrap().get(&variant).copied()
    }
}

pub fn shelf(counts: &Counts) -> SharedShelf {
    Arc::new(counts.clone())
}

impl Shelf for Counts {
    fn put(&self, tx: &mut Tx, variant: VariantId, stock: &ImportedStock) -> Result<(), Error> {
        if let Some(quantity) = stock.quantity {
            self.0.lock().unwrap().insert(variant, quantity);
            catalog::mark_in_stock(tx, variant, quantity.is_positive())?;
        }
        Ok(())
    }

    fn levels(&self, _: &mut Rx, variants: &[VariantId]) -> Result<HashMap<VariantId, Quantity>, Error> {
        Ok(variants.iter().filter_map(|variant| Some((*variant, self.of(*variant)?))).collect())
    }
}
