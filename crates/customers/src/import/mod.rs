//! Files of customers, as spreadsheets and other systems write them. Reading a file is a plain function: what it holds is a
//! list of people and a list of refusals, each with its line and reason. A person is one transaction, and doing it again
//! changes nothing. Nobody agrees to anything by standing in a file: only where a column says so.

mod columns;
mod read;
mod reason;
mod run;
mod waiting;

use base::Timestamp;

pub use read::{Ground, parse};
pub use reason::{FileFault, Reason};
pub use run::{Outcome, Report, ReportLine, RunError, apply, foresee, run};
pub use waiting::{END_JOB, sweep};
pub(crate) use waiting::{keep, waiting};

use crate::model::{ConsentWords, Contact};

/// The largest file.
pub const MAX_FILE_BYTES: usize = 5 * 1024 * 1024;
/// Lines under the heading.
pub const MAX_ROWS: usize = 20_000;

/// What becomes of who is in the book already.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    /// What the file says stands from now on; what it does not say stays.
    #[default]
    Update,
    /// They stay as they are.
    Leave,
}

impl Known {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Leave => "leave",
        }
    }

    /// What a form or a row says; who says nothing updates.
    pub fn parse(raw: &str) -> Self {
        if raw == "leave" { Self::Leave } else { Self::Update }
    }
}

/// A person of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The heading is line 1.
    pub line: u64,
    pub contact: Contact,
    pub consent: Option<Stated>,
}

/// What a file states of a consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    pub given: bool,
    /// When it was given or taken back, if the file says so.
    pub at: Option<Timestamp>,
    pub words: ConsentWords,
}

/// A line that is not brought in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub line: u64,
    /// As the file calls them.
    pub who: String,
    pub reason: Reason,
}

/// Why a file cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct FileError {
    pub line: u64,
    pub fault: FileFault,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    pub people: Vec<Person>,
    pub refused: Vec<Refusal>,
    /// Headings of columns that say nothing here.
    pub unread: Vec<String>,
}
