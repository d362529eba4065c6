//! What the writers remember of a tenant's settings, so that a sale need not read them again: exact, because what is
//! remembered carries the version of its area, and the writer knows the version that its transaction stands on.

use std::{
    any::{Any, TypeId},
    num::NonZeroUsize,
    sync::Arc,
};

use lru::LruCache;
use parking_lot::Mutex;

use crate::{Area, Areas, Error, Rx, Versions, engine::Place};

/// Things remembered of all tenants together; each is some hundred bytes.
const THINGS: NonZeroUsize = NonZeroUsize::new(4096).expect("not zero");

/// Something small that changes rarely and that many writes need. It depends on nothing but tables of its area.
pub trait Remembered: Clone + Send + Sync + 'static {
    const AREA: Area;
    type Error: From<Error>;

    fn load(rx: &mut Rx<'_>) -> Result<Self, Self::Error>;
}

type Key = (Place, TypeId);
type Thing = (u64, Arc<dyn Any + Send + Sync>);

/// What is remembered of all tenants.
pub(crate) struct Memory(Mutex<LruCache<Key, Thing>>);

impl Default for Memory {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(THINGS)))
    }
}

/// What one piece of a transaction may remember.
#[derive(Clone, Copy)]
pub(crate) struct Recall<'m> {
    pub memory: &'m Memory,
    pub place: Place,
    /// Of the last commit before this transaction.
    pub versions: Versions,
    /// What earlier pieces of this transaction changed: nobody else may see that yet.
    pub changed: Areas,
}

impl Recall<'_> {
    /// The thing as it is for a piece that itself changed the areas `own`; `load` reads it when nobody knows it.
    pub fn get<T: Remembered>(
        &self,
        own: Areas,
        load: impl FnOnce() -> Result<T, T::Error>,
    ) -> Result<T, T::Error> {
        if self.changed.union(own).contains(T::AREA) {
            return load();
        }
        let key = (self.place, TypeId::of::<T>());
        let version = self.versions.of(T::AREA);
        let known = self.memory.0.lock().get(&key).filter(|(of, _)| *of == version).cloned();
        if let Some(thing) = known.and_then(|(_, thing)| thing.downcast::<T>().ok()) {
            return Ok(T::clone(&thing));
        }
        let thing = load()?;
        self.memory.0.lock().put(key, (version, Arc::new(thing.clone())));
        Ok(thing)
    }
}
