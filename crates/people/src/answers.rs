//! Answers kept for less than a second: what is ended, revoked or suspended shows at once in this process, and within
//! the second in every other.

use std::{
    hash::Hash,
    num::NonZeroUsize,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use lru::LruCache;
use parking_lot::Mutex;

const FRESH: Duration = Duration::from_millis(900);
/// Ten thousand; the one not asked for longest is forgotten first.
const KEPT: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);

/// Counts what was changed in this process; an answer from before the last change is not used.
static CHANGES: AtomicU64 = AtomicU64::new(0);

/// Something about people changed: every answer is asked for anew.
pub fn changed() {
    CHANGES.fetch_add(1, Ordering::SeqCst);
}

/// A bounded memory of answers.
pub struct Answers<K, V>(Mutex<LruCache<K, Answer<V>>>);

struct Answer<V> {
    value: V,
    asked_at: Instant,
    changes: u64,
}

/// When a question was asked: an answer that was overtaken by a change while it was looked up is never kept.
#[derive(Clone, Copy)]
pub struct Asked(u64);

impl<K: Hash + Eq, V: Clone> Answers<K, V> {
    pub fn new() -> Self {
        Self(Mutex::new(LruCache::new(KEPT)))
    }

    pub fn ask() -> Asked {
        Asked(CHANGES.load(Ordering::SeqCst))
    }

    pub fn get(&self, key: &K) -> Option<V> {
        let changes = CHANGES.load(Ordering::SeqCst);
        let mut answers = self.0.lock();
        let answer = answers.get(key)?;
        (answer.changes == changes && answer.asked_at.elapsed() < FRESH).then(|| answer.value.clone())
    }

    pub fn put(&self, key: K, value: V, Asked(changes): Asked) {
        self.0.lock().put(key, Answer { value, asked_at: Instant::now(), changes });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_from_before_a_change_is_not_used() {
        let answers = Answers::<u8, &str>::new();
        let asked = Answers::<u8, &str>::ask();
        changed();
        answers.put(1, "may do all", asked);
        assert_eq!(answers.get(&1), None);
    }
}
