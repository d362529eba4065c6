//! Threads that read: each read is a snapshot of its own. Tenants are served in turn, so that one that asks without end
//! keeps nobody else waiting longer than one of its reads.

use std::{
    collections::{HashMap, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use parking_lot::{Condvar, Mutex};

use crate::engine::Place;

/// Reads of one place that may wait before its next is refused.
const QUEUE_LIMIT: usize = 4096;

type Job = Box<dyn FnOnce() + Send>;

/// A small pool of threads for blocking work on the database.
pub(crate) struct Readers {
    queue: Mutex<Queue>,
    wake: Condvar,
}

#[derive(Default)]
struct Queue {
    /// What waits, by place; a place without waiting reads has no entry.
    waiting: HashMap<Place, VecDeque<Job>>,
    /// The places that have something waiting, each once, in the order of their turns.
    turns: VecDeque<Place>,
    closing: bool,
    threads: usize,
}

impl Queue {
    fn push(&mut self, place: Place, job: Job) -> bool {
        let jobs = self.waiting.entry(place).or_default();
        if jobs.len() >= QUEUE_LIMIT {
            return false;
        }
        if jobs.is_empty() {
            self.turns.push_back(place);
        }
        jobs.push_back(job);
        true
    }

    /// The first read of the place whose turn it is.
    fn pop(&mut self) -> Option<Job> {
        let place = self.turns.pop_front()?;
        let jobs = self.waiting.get_mut(&place)?;
        let job = jobs.pop_front();
        if jobs.is_empty() {
            self.waiting.remove(&place);
        } else {
            self.turns.push_back(place);
        }
        job
    }
}

impl Readers {
    pub fn start(threads: usize) -> std::io::Result<Arc<Self>> {
        let queue = Mutex::new(Queue { threads, ..Queue::default() });
        let readers = Arc::new(Self { queue, wake: Condvar::new() });
        for number in 0..threads {
            let worker = Arc::clone(&readers);
            std::thread::Builder::new().name(format!("read-{number}")).spawn(move || worker.serve())?;
        }
        Ok(readers)
    }

    /// Gives the job back when too many of its place wait.
    pub fn push(&self, place: Place, job: Job) -> bool {
        let mut queue = self.queue.lock();
        if queue.closing || !queue.push(place, job) {
            return false;
        }
        drop(queue);
        self.wake.notify_one();
        true
    }

    pub fn close(&self) {
        let mut queue = self.queue.lock();
        queue.closing = true;
        self.wake.notify_all();
        while queue.threads > 0 {
            self.wake.wait(&mut queue);
        }
    }

    fn serve(&self) {
        loop {
            let job = {
                let mut queue = self.queue.lock();
                loop {
                    if let Some(job) = queue.pop() {
                        break job;
                    }
                    if queue.closing {
                        queue.threads -= 1;
                        self.wake.notify_all();
                        return;
                    }
                    self.wake.wait(&mut queue);
                }
            };
            // each job answers for its own panics; this one keeps the thread
            let _ = catch_unwind(AssertUnwindSafe(job));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TenantId;

    fn place(tenant: i64) -> Place {
        Place::Tenant { tenant: TenantId::numbered(tenant), generation: 1 }
    }

    #[test]
    fn who_asks_once_waits_for_one_of_each_neighbour() {
        let served = Arc::new(Mutex::new(Vec::new()));
        let mut queue = Queue::default();
        for tenant in [1, 1, 1, 1, 2, 2, 3] {
            let served = Arc::clone(&served);
            assert!(queue.push(place(tenant), Box::new(move || served.lock().push(tenant))));
        }
        while let Some(job) = queue.pop() {
            job();
        }
        assert_eq!(*served.lock(), [1, 2, 3, 1, 2, 1, 1]);
        assert!(queue.waiting.is_empty(), "an idle tenant costs nothing");
    }

    #[test]
    fn a_full_queue_refuses_its_own_tenant_and_no_other() {
        let mut queue = Queue::default();
        for _ in 0..QUEUE_LIMIT {
            assert!(queue.push(place(1), Box::new(|| ())));
        }
        assert!(!queue.push(place(1), Box::new(|| ())));
        assert!(queue.push(place(2), Box::new(|| ())));
    }
}
