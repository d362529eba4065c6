//! The writer: each place's pieces of work run one after another, and what waits goes into one commit.
//!
//! A piece is acknowledged only after COMMIT returned Ok. When something ends the whole transaction (a full disk, an I/O
//! error), nobody is acknowledged and each piece runs again in a commit of its own, so that the culprit fails alone. When
//! COMMIT itself fails, the place is closed, opened again and asked whether the batch is there.

use std::{
    collections::{HashMap, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use crate::{
    Area, Areas, Error, Rx, Tx, Versions,
    engine::{CommitFailed, Connection, Engine, Fence, Place},
    memory::{Memory, Recall},
    tx::{Context, Effects},
};

/// Pieces that may wait for one place before the next is refused.
const QUEUE_LIMIT: usize = 256;
/// How long a batch goes on taking pieces.
const BATCH_BUDGET: Duration = Duration::from_millis(20);
/// A piece slower than this is reported: it keeps its tenant's neighbours in the queue waiting.
const PIECE_BUDGET: Duration = Duration::from_millis(50);

/// Maps a table to the area of cached pages it belongs to.
pub(crate) type AreaOf = dyn Fn(&str) -> Option<Area> + Send + Sync;

/// How a piece ended inside the transaction.
pub(crate) enum Ran {
    Kept(Effects),
    Refused,
}

/// A unit of work that wants to be in a commit.
pub(crate) trait Piece: Send {
    fn run(&mut self, connection: &mut dyn Connection, areas: &AreaOf, recall: Option<Recall<'_>>) -> Ran;
    /// Tells the caller: what the body returned, or why it did not happen.
    fn reply(self: Box<Self>, outcome: Result<(), Error>);
    fn fence(&self) -> Fence {
        Fence::Live
    }
}

/// A body with its fixed time and chance, and the caller who waits.
pub(crate) struct Work<T, E, F> {
    pub body: F,
    pub context: Context,
    pub fence: Fence,
    pub result: Option<Result<T, E>>,
    pub reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Piece for Work<T, E, F>
where
    T: Send,
    E: From<Error> + Send,
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
{
    fn run(&mut self, connection: &mut dyn Connection, areas: &AreaOf, recall: Option<Recall<'_>>) -> Ran {
        let mut tx = Tx::new(Rx::new(connection, &self.context, areas, recall));
        let began = Instant::now();
        let returned = catch_unwind(AssertUnwindSafe(|| (self.body)(&mut tx)))
            .unwrap_or_else(|panic| Err(E::from(Error::Panicked(words_of(&*panic)))));
        if began.elapsed() > PIECE_BUDGET {
            tracing::warn!(tenant = %tx.tenant(), millis = began.elapsed().as_millis() as u64, "a write was slow");
        }
        let (result, ran) = match (returned, tx.end()) {
            (Ok(value), Ok(effects)) => (Ok(value), Ran::Kept(effects)),
            // the body may have swallowed the failure of a statement; the transaction has not
            (Ok(_), Err(failed)) => (Err(E::from(failed)), Ran::Refused),
            (Err(refusal), _) => (Err(refusal), Ran::Refused),
        };
        self.result = Some(result);
        ran
    }

    fn reply(self: Box<Self>, outcome: Result<(), Error>) {
        let answer = match (outcome, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(E::from(Error::Closing)),
            (Err(error), _) => Err(E::from(error)),
        };
        // a caller who went away needs no answer
        let _ = self.reply.send(answer);
    }

    fn fence(&self) -> Fence {
        self.fence
    }
}

pub(crate) fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

struct Lane {
    place: Place,
    queue: Mutex<LaneQueue>,
}

impl Lane {
    /// Nothing can be written here now: whoever waits is told so.
    fn refuse(&self, error: &Error) {
        let waiting: Vec<_> = self.queue.lock().pieces.drain(..).collect();
        waiting.into_iter().for_each(|piece| piece.reply(Err(error.clone())));
    }

    /// As `refuse`, but what may run in any state stays: it may be what makes the tenant live again.
    fn refuse_live(&self, error: &Error) {
        let refused: VecDeque<_> = {
            let mut queue = self.queue.lock();
            let waiting = std::mem::take(&mut queue.pieces);
            let (live, others) = waiting.into_iter().partition(|piece| piece.fence() == Fence::Live);
            queue.pieces = others;
            live
        };
        refused.into_iter().for_each(|piece| piece.reply(Err(error.clone())));
    }
}

#[derive(Default)]
struct LaneQueue {
    pieces: VecDeque<Box<dyn Piece>>,
    scheduled: bool,
}

/// Tells the rest of the process what a commit changed, before anyone is acknowledged.
pub(crate) type Published = dyn Fn(Place, Effects) + Send + Sync;
/// Runs before the first statement of a batch and after its connection was lent, so that the directory knows the tenant as
/// dirty for as long as it is open.
pub(crate) type BeforeBatch = dyn Fn(Place) -> Result<(), Error> + Send + Sync;

/// How often each area of a place had changed at its last commit, where only this process writes.
pub(crate) type VersionsOf = dyn Fn(Place) -> Option<Versions> + Send + Sync;

pub(crate) struct Hooks {
    pub areas: Arc<AreaOf>,
    pub versions: Box<VersionsOf>,
    pub published: Box<Published>,
    pub before: Box<BeforeBatch>,
    pub batch_id: Box<dyn Fn() -> String + Send + Sync>,
}

/// The queues of all places, and the threads that serve them in turn.
pub(crate) struct Writer {
    lanes: Mutex<HashMap<Place, Arc<Lane>>>,
    ready: Mutex<Ready>,
    wake: Condvar,
    engine: Arc<dyn Engine>,
    memory: Memory,
    hooks: Hooks,
}

#[derive(Default)]
struct Ready {
    lanes: VecDeque<Arc<Lane>>,
    closing: bool,
    threads: usize,
}

impl Writer {
    /// Starts `threads` threads; a place is on one of them at a time.
    pub fn start(
        name: &str,
        threads: usize,
        engine: Arc<dyn Engine>,
        hooks: Hooks,
    ) -> std::io::Result<Arc<Self>> {
        let writer = Arc::new(Self {
            lanes: Mutex::default(),
            ready: Mutex::new(Ready { threads, ..Ready::default() }),
            wake: Condvar::new(),
            engine,
            memory: Memory::default(),
            hooks,
        });
        for number in 0..threads {
            let worker = Arc::clone(&writer);
            std::thread::Builder::new().name(format!("{name}-{number}")).spawn(move || worker.serve())?;
        }
        Ok(writer)
    }

    pub fn push(&self, place: Place, piece: Box<dyn Piece>) {
        if self.ready.lock().closing {
            return piece.reply(Err(Error::Closing));
        }
        let lane = {
            let mut lanes = self.lanes.lock();
            Arc::clone(
                lanes.entry(place).or_insert_with(|| Arc::new(Lane { place, queue: Mutex::default() })),
            )
        };
        let schedule = {
            let mut queue = lane.queue.lock();
            if queue.pieces.len() >= QUEUE_LIMIT {
                drop(queue);
                return piece.reply(Err(Error::Busy(place.tenant())));
            }
            queue.pieces.push_back(piece);
            !std::mem::replace(&mut queue.scheduled, true)
        };
        if schedule {
            self.schedule(lane);
        }
    }

    fn schedule(&self, lane: Arc<Lane>) {
        let mut ready = self.ready.lock();
        if ready.threads == 0 {
            drop(ready);
            return lane.refuse(&Error::Closing);
        }
        ready.lanes.push_back(lane);
        self.wake.notify_one();
    }

    /// Serves what waits and then ends the threads.
    pub fn close(&self) {
        let mut ready = self.ready.lock();
        ready.closing = true;
        self.wake.notify_all();
        while ready.threads > 0 {
            self.wake.wait(&mut ready);
        }
    }

    fn serve(&self) {
        while let Some(lane) = self.next() {
            self.batch(&lane);
            let again = {
                let mut queue = lane.queue.lock();
                queue.scheduled = !queue.pieces.is_empty();
                queue.scheduled
            };
            if again {
                self.schedule(lane);
            } else {
                self.forget(&lane);
            }
        }
    }

    fn next(&self) -> Option<Arc<Lane>> {
        let mut ready = self.ready.lock();
        loop {
            if let Some(lane) = ready.lanes.pop_front() {
                return Some(lane);
            }
            if ready.closing {
                // counted here, under the lock, so that no lane is given to a thread that is about to end
                ready.threads -= 1;
                self.wake.notify_all();
                return None;
            }
            self.wake.wait(&mut ready);
        }
    }

    /// An idle tenant costs no lane.
    fn forget(&self, lane: &Arc<Lane>) {
        let mut lanes = self.lanes.lock();
        let queue = lane.queue.lock();
        // two holders are the map and this thread: nobody is about to push
        if Arc::strong_count(lane) == 2 && queue.pieces.is_empty() && !queue.scheduled {
            lanes.remove(&lane.place);
        }
    }

    /// The place's connection, with the directory knowing that it is in use.
    fn open(&self, place: Place) -> Result<Box<dyn Connection>, Error> {
        let connection = self.engine.writer(place)?;
        match (self.hooks.before)(place) {
            Ok(()) => Ok(connection),
            Err(error) => {
                self.engine.rest_writer(place, connection);
                Err(error)
            }
        }
    }

    fn batch(&self, lane: &Lane) {
        let place = lane.place;
        let mut connection = match self.open(place) {
            Ok(connection) => connection,
            Err(error) => return lane.refuse(&error),
        };
        let first_fence = lane.queue.lock().pieces.front().map(|piece| piece.fence());
        match first_fence {
            None => self.engine.rest_writer(place, connection),
            Some(Fence::AnyState) => {
                let piece = lane.queue.lock().pieces.pop_front();
                if let Some(piece) = piece {
                    self.alone(place, Some(connection), piece);
                }
            }
            Some(Fence::Live) => {
                let batch_id = (self.hooks.batch_id)();
                match connection.begin_write(Fence::Live, &batch_id) {
                    Ok(versions) => self.together(lane, connection, &batch_id, versions),
                    Err(error) => {
                        connection.rollback();
                        self.engine.rest_writer(place, connection);
                        lane.refuse_live(&error);
                    }
                }
            }
        }
    }

    /// Runs what waits, each piece in its savepoint, and commits all of it at once.
    fn together(
        &self,
        lane: &Lane,
        mut connection: Box<dyn Connection>,
        batch_id: &str,
        versions: Option<Versions>,
    ) {
        let place = lane.place;
        let recall = self.recall(place, versions);
        let began = Instant::now();
        let mut ran: Vec<Box<dyn Piece>> = Vec::new();
        let mut effects = Effects::default();
        let mut stands = true;
        while stands && ran.len() < self.engine.batch_limit() && began.elapsed() < BATCH_BUDGET {
            let next = {
                let mut queue = lane.queue.lock();
                let joins = queue.pieces.front().is_some_and(|piece| piece.fence() == Fence::Live);
                if joins { queue.pieces.pop_front() } else { None }
            };
            let Some(mut piece) = next else { break };
            let recall = recall.map(|recall| Recall { changed: effects.areas, ..recall });
            stands = self.piece_in_savepoint(&mut *connection, &mut *piece, recall, &mut effects);
            ran.push(piece);
        }
        if !stands || finish(&mut *connection, effects.areas).is_err() {
            connection.rollback();
            self.engine.rest_writer(place, connection);
            return ran.into_iter().for_each(|piece| self.alone(place, None, piece));
        }
        match connection.commit() {
            Ok(()) => {
                (self.hooks.published)(place, effects);
                self.engine.rest_writer(place, connection);
                ran.into_iter().for_each(|piece| piece.reply(Ok(())));
            }
            Err(CommitFailed::Undone(error)) => {
                tracing::error!(tenant = %place.tenant(), %error, "a commit found no room");
                self.engine.rest_writer(place, connection);
                ran.into_iter().for_each(|piece| self.alone(place, None, piece));
            }
            Err(CommitFailed::Unknown(error)) => {
                tracing::error!(tenant = %place.tenant(), %error, "a commit failed; looking for its batch");
                match self.engine.settle(place, connection, batch_id) {
                    Ok(true) => {
                        (self.hooks.published)(place, effects);
                        ran.into_iter().for_each(|piece| piece.reply(Ok(())));
                    }
                    Ok(false) => ran.into_iter().for_each(|piece| self.alone(place, None, piece)),
                    Err(error) => {
                        tracing::error!(tenant = %place.tenant(), %error, "the outcome of a commit stays unknown");
                        // it may have been kept: what was known before may be outdated
                        (self.hooks.published)(place, effects);
                        ran.into_iter().for_each(|piece| piece.reply(Err(Error::Unknown)));
                    }
                }
            }
        }
    }

    /// What the pieces of a transaction that stands on `versions` may remember.
    fn recall(&self, place: Place, versions: Option<Versions>) -> Option<Recall<'_>> {
        let versions = versions.or_else(|| (self.hooks.versions)(place))?;
        Some(Recall { memory: &self.memory, place, versions, changed: Areas::default() })
    }

    /// Whether the transaction still stands after the piece.
    fn piece_in_savepoint(
        &self,
        connection: &mut dyn Connection,
        piece: &mut dyn Piece,
        recall: Option<Recall<'_>>,
        effects: &mut Effects,
    ) -> bool {
        if connection.savepoint().is_err() {
            return false;
        }
        let ran = piece.run(connection, &*self.hooks.areas, recall);
        if !connection.stands() {
            return false;
        }
        match ran {
            Ran::Kept(own) => {
                effects.merge(own);
                connection.release().is_ok()
            }
            Ran::Refused => connection.rollback_to().is_ok() && connection.release().is_ok(),
        }
    }

    /// Runs one piece in a commit of its own.
    fn alone(&self, place: Place, connection: Option<Box<dyn Connection>>, mut piece: Box<dyn Piece>) {
        let batch_id = (self.hooks.batch_id)();
        let mut connection = match connection.map_or_else(|| self.open(place), Ok) {
            Ok(connection) => connection,
            Err(error) => return piece.reply(Err(error)),
        };
        let versions = match connection.begin_write(piece.fence(), &batch_id) {
            Ok(versions) => versions,
            Err(error) => {
                connection.rollback();
                self.engine.rest_writer(place, connection);
                return piece.reply(Err(error));
            }
        };
        let recall = self.recall(place, versions);
        let effects = match piece.run(&mut *connection, &*self.hooks.areas, recall) {
            Ran::Kept(effects) => effects,
            Ran::Refused => {
                connection.rollback();
                self.engine.rest_writer(place, connection);
                return piece.reply(Ok(()));
            }
        };
        if let Err(error) = finish(&mut *connection, effects.areas) {
            connection.rollback();
            self.engine.rest_writer(place, connection);
            return piece.reply(Err(error));
        }
        match connection.commit() {
            Ok(()) => {
                (self.hooks.published)(place, effects);
                self.engine.rest_writer(place, connection);
                piece.reply(Ok(()));
            }
            Err(CommitFailed::Undone(error)) => {
                self.engine.rest_writer(place, connection);
                piece.reply(Err(error));
            }
            Err(CommitFailed::Unknown(error)) => {
                let outcome = match self.engine.settle(place, connection, &batch_id) {
                    Ok(true) => {
                        (self.hooks.published)(place, effects);
                        Ok(())
                    }
                    Ok(false) => Err(error),
                    Err(_) => {
                        (self.hooks.published)(place, effects);
                        Err(Error::Unknown)
                    }
                };
                piece.reply(outcome);
            }
        }
    }
}

/// Leaves nothing to do but the commit.
fn finish(connection: &mut dyn Connection, changed: Areas) -> Result<(), Error> {
    connection.touch(changed)?;
    connection.flush()
}

impl Effects {
    fn merge(&mut self, other: Self) {
        self.areas = Areas::union(self.areas, other.areas);
        self.due = match (self.due, other.due) {
            (Some(ours), Some(theirs)) => Some(ours.min(theirs)),
            (ours, theirs) => ours.or(theirs),
        };
    }
}
