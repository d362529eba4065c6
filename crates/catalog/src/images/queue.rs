//! Where pictures are developed: on threads of their own, one to a core, in a queue that ends.

use std::{
    collections::HashMap,
    num::NonZero,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    thread::available_parallelism,
};

use bytes::Bytes;
use db::TenantId;
use tokio::sync::Semaphore;

use super::{
    model::Unfit,
    process::{self, Developed},
};

/// Pictures that may wait for a core.
const WAITING: usize = 32;
/// Pictures of one tenant that wait or are worked on at the same time: it never fills the queue for others.
const OF_ONE_TENANT: usize = 8;
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

/// How many pictures each tenant has in the queue.
static SHARES: LazyLock<Mutex<HashMap<TenantId, usize>>> = LazyLock::new(Mutex::default);

/// One picture's part of what its tenant may have in the queue.
struct Share(TenantId);

impl Share {
    fn take(tenant: TenantId) -> Result<Self, DevelopError> {
        let mut shares = shares();
        let taken = shares.entry(tenant).or_default();
        if *taken == OF_ONE_TENANT {
            return Err(DevelopError::Busy);
        }
        *taken += 1;
        Ok(Self(tenant))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut shares = shares();
        if let Some(taken) = shares.get_mut(&self.0) {
            *taken -= 1;
            if *taken == 0 {
                shares.remove(&self.0);
            }
        }
    }
}

/// Numbers hold, whoever panicked beside them.
fn shares() -> MutexGuard<'static, HashMap<TenantId, usize>> {
    SHARES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Develops `file` when a core is free; a full queue takes nothing more.
pub async fn develop(tenant: TenantId, file: Bytes) -> Result<Developed, DevelopError> {
    let size = process::megapixels(&file)?.min(MEGAPIXELS);
    let _share = Share::take(tenant)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tenant_never_fills_the_queue_for_another() {
        let (noisy, quiet) = (TenantId::numbered(901), TenantId::numbered(902));
        let mut taken: Vec<Share> = (0..OF_ONE_TENANT).map(|_| Share::take(noisy).unwrap()).collect();
        assert!(Share::take(noisy).is_err());
        assert!(Share::take(quiet).is_ok());
        taken.pop();
        assert!(Share::take(noisy).is_ok());
    }
}
