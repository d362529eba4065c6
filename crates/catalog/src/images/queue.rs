//! Where pictures are developed: on threads of their own, one to a core, in a queue that ends.

use std::{
    num::NonZero,
    sync::{Arc, LazyLock},
    thread::available_parallelism,
};

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::{
    model::Unfit,
    process::{self, Developed},
};

/// Pictures that may wait for a core.
const WAITING: usize = 32;
/// Millions of pixels that are decoded at the same time: one of the largest, or several of a phone's.
const MEGAPIXELS: u32 = 48;

/// Why a picture was not developed.
#[derive(Debug, thiserror::Error)]
pub enum DevelopError {
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// So many wait already that this one would wait too long.
    #[error("too many pictures come at once")]
    Busy,
}

struct Queue {
    places: Arc<Semaphore>,
    cores: Arc<Semaphore>,
    memory: Arc<Semaphore>,
}

/// One for the whole process, as there is one set of cores.
static QUEUE: LazyLock<Queue> = LazyLock::new(|| {
    let cores = available_parallelism().map_or(1, NonZero::get);
    Queue {
        places: Arc::new(Semaphore::new(cores + WAITING)),
        cores: Arc::new(Semaphore::new(cores)),
        memory: Arc::new(Semaphore::new(MEGAPIXELS as usize)),
    }
});

/// Develops `file` when a core is free; a full queue takes nothing more.
pub async fn develop(file: Bytes) -> Result<Developed, DevelopError> {
    let size = process::megapixels(&file)?.min(MEGAPIXELS);
    let busy = |_| DevelopError::Busy;
    let _place = Arc::clone(&QUEUE.places).try_acquire_owned().map_err(|_| DevelopError::Busy)?;
    let core = Arc::clone(&QUEUE.cores).acquire_owned().await.map_err(busy)?;
    let memory = Arc::clone(&QUEUE.memory).acquire_many_owned(size).await.map_err(busy)?;
    let work = move || {
        // held until the work ends, also when nobody waits for it any more
        let _held = (core, memory);
        process::develop(&file)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(developed) => Ok(developed?),
        // a decoder that panics has met a file that it does not understand
        Err(_) => Err(Unfit::Damaged.into()),
    }
}
