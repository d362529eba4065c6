//! The clock and chance, from outside: a test or a simulation decides them.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use base::Timestamp;

/// Where time and chance come from.
#[derive(Clone)]
pub struct World {
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    chance: Arc<dyn Fn() -> [u8; 32] + Send + Sync>,
}

impl World {
    /// The system's clock and its cryptographic random numbers.
    pub fn real() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that asks the system for the time"
        )]
        let clock = || {
            let since =
                std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            Timestamp::from_micros(since.as_micros() as i64)
        };
        let chance = || {
            let mut bytes = [0; 32];
            // without chance no secret is safe: better no answer than a guessable one
            #[allow(clippy::panic)]
            if let Err(error) = getrandom::fill(&mut bytes) {
                panic!("the system gives no random numbers: {error}");
            }
            bytes
        };
        Self { clock: Arc::new(clock), chance: Arc::new(chance) }
    }

    /// A clock that stands until moved, and chance from `seed`, for tests.
    pub fn fixed(start: Timestamp, seed: u64) -> (Self, FixedClock) {
        let hands = FixedClock(Arc::new(AtomicI64::new(start.micros())));
        (Self::beside(&hands, seed), hands)
    }

    /// Another world with the same clock, as a second process has.
    pub fn beside(clock: &FixedClock, seed: u64) -> Self {
        let read = clock.clone();
        let drawn = AtomicU64::new(0);
        let chance = move || {
            use sha2::{Digest, Sha256};
            let number = drawn.fetch_add(1, Ordering::Relaxed);
            Sha256::new()
                .chain_update(seed.to_le_bytes())
                .chain_update(number.to_le_bytes())
                .finalize()
                .into()
        };
        Self { clock: Arc::new(move || read.now()), chance: Arc::new(chance) }
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub fn seed(&self) -> [u8; 32] {
        (self.chance)()
    }
}

/// The hands of a fixed clock.
#[derive(Clone)]
pub struct FixedClock(Arc<AtomicI64>);

impl FixedClock {
    pub fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }

    pub fn advance_s(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}
