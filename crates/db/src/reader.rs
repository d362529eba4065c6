//! Threads that read: each read is a snapshot of its own.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use parking_lot::{Condvar, Mutex};

/// Reads that may wait before the next is refused.
const QUEUE_LIMIT: usize = 4096;

type Job = Box<dyn FnOnce() + Send>;

/// A small pool of threads for blocking work on the database.
pub(crate) struct Readers {
    queue: Mutex<Queue>,
    wake: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closing: bool,
    threads: usize,
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

    /// Gives the job back when too many wait.
    pub fn push(&self, job: Job) -> bool {
        let mut queue = self.queue.lock();
        if queue.closing || queue.jobs.len() >= QUEUE_LIMIT {
            return false;
        }
        queue.jobs.push_back(job);
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
                    if let Some(job) = queue.jobs.pop_front() {
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
