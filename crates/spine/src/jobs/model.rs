//! Promised work, its states, and when it is tried again.

use std::str::FromStr;

use base::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::UnknownName;

base::id!(
    /// A promise of work. Providers get it as their idempotency key: it stays the same however often the work is tried.
    JobId: JobKind, "job"
);

/// Work that is to be done once this transaction has committed.
#[derive(Debug, Clone, PartialEq)]
pub struct Job<'j> {
    /// Which handler does it: `mail`, `payment.poll`.
    pub kind: &'j str,
    /// Not before this time.
    pub at: Timestamp,
    /// What the handler needs; no secrets, which are made when it delivers.
    pub payload: Value,
    /// Work under a key is promised once: the same key again, done or not, promises nothing more.
    pub key: Option<&'j str>,
    /// The id of what it is for.
    pub cause: &'j str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Waiting,
    Running,
    Done,
    /// Given up, or refused for good.
    Failed,
    /// Given up for good by a person.
    Cancelled,
    /// It may have happened. A person (or a look at the provider) has to say; it is not tried again by itself.
    Unknown,
}

impl State {
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Running, Self::Done, Self::Failed, Self::Cancelled, Self::Unknown];

    /// The column's word, and whether the job was given up: one that was stands as done.
    pub(super) const fn stored(self) -> (&'static str, bool) {
        match self {
            Self::Cancelled => (Self::Done.name(), true),
            other => (other.name(), false),
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }
}

impl FromStr for State {
    type Err = UnknownName;

    fn from_str(raw: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|state| state.name() == raw).ok_or(UnknownName)
    }
}

/// A job as it stands in the outbox.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Kept {
    pub id: JobId,
    pub kind: String,
    pub payload: Value,
    /// Waiting: when it is due. Running: until when its worker has it. Else: when it ended.
    pub at: Timestamp,
    pub key: Option<String>,
    pub state: State,
    pub attempts: i64,
    pub last_error: Option<String>,
    pub cause: String,
}

/// How many jobs of one kind are in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    pub state: State,
    pub kind: String,
    pub count: i64,
}

/// A job that a worker has for a while.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    pub id: JobId,
    pub kind: String,
    pub payload: Value,
    /// 1 at the first try.
    pub attempt: i64,
    /// Tries that failed before this one.
    pub failures: i64,
    pub cause: String,
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Not now. Who waits for something (a payer, a callback) names the seconds and may ask for ever; without them the try
    /// has failed, the pause grows with each failure, and the job is given up in the end.
    Retry {
        after_s: Option<i64>,
        reason: String,
    },
    /// It may have happened, and trying again could do it twice.
    Unknown(String),
    /// It never will.
    Failed(String),
}

/// A job is given up after so many failures: about a day.
pub const MOST_FAILURES: i64 = 12;
const LONGEST_PAUSE_S: i64 = 6 * 3600;

/// The pause after so many failures: 10 s, 30 s, 90 s … six hours.
pub fn pause_s(failures: i64) -> i64 {
    (1..failures).fold(10, |pause: i64, _| pause.saturating_mul(3).min(LONGEST_PAUSE_S))
}

/// What becomes of a job after a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next<'o> {
    pub state: State,
    pub at: Timestamp,
    pub failures: i64,
    pub reason: Option<&'o str>,
}

impl Outcome {
    /// What becomes of a job that had `failures` before this outcome.
    pub fn next(&self, failures: i64, now: Timestamp) -> Next<'_> {
        let next = |state, at, failures, reason| Next { state, at, failures, reason };
        match self {
            Self::Done => next(State::Done, now, failures, None),
            Self::Retry { after_s: Some(pause), reason } => {
                next(State::Waiting, now.plus_s(*pause), failures, Some(reason))
            }
            Self::Retry { after_s: None, reason } if failures + 1 < MOST_FAILURES => {
                next(State::Waiting, now.plus_s(pause_s(failures + 1)), failures + 1, Some(reason))
            }
            Self::Retry { after_s: None, reason } => next(State::Failed, now, failures + 1, Some(reason)),
            Self::Failed(reason) => next(State::Failed, now, failures, Some(reason)),
            Self::Unknown(reason) => next(State::Unknown, now, failures, Some(reason)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_micros(1_795_176_000_000_000);

    fn failed(failures: i64) -> (State, i64) {
        let retry = Outcome::Retry { after_s: None, reason: "no route".to_owned() };
        let next = retry.next(failures, NOON);
        assert_eq!(next.reason, Some("no route"));
        (next.state, next.at.seconds_since(NOON))
    }

    #[test]
    fn pauses_grow_to_six_hours_and_last_about_a_day_in_all() {
        assert_eq!([1, 2, 3, 8, 9].map(pause_s), [10, 30, 90, 21_600, 21_600]);
        let all: i64 = (1..MOST_FAILURES).map(pause_s).sum();
        assert!((20 * 3600..48 * 3600).contains(&all), "{all}");
    }

    #[test]
    fn a_job_is_given_up_after_its_last_failure() {
        assert_eq!(failed(0), (State::Waiting, 10));
        assert_eq!(failed(1), (State::Waiting, 30));
        assert_eq!(failed(MOST_FAILURES - 1), (State::Failed, 0));
    }

    #[test]
    fn who_names_the_pause_waits_as_long_as_it_takes() {
        let polling = Outcome::Retry { after_s: Some(15), reason: "pending".to_owned() };
        let next = polling.next(MOST_FAILURES - 1, NOON);
        assert_eq!(
            (next.state, next.at, next.failures),
            (State::Waiting, NOON.plus_s(15), MOST_FAILURES - 1)
        );
    }

    #[test]
    fn what_may_have_happened_is_not_tried_again() {
        assert_eq!(Outcome::Unknown("cut off".to_owned()).next(0, NOON).state, State::Unknown);
    }
}
