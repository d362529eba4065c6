//! Why a line or a file is refused: texts say what to do.

use edge::sheet::{MAX_CELL_BYTES, MAX_COLUMNS, SheetError, SheetFault};

use super::{FileError, MAX_FILE_BYTES, MAX_ROWS};

/// What keeps a file from being read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    #[error("the file is larger than {} MiB; split it", MAX_FILE_BYTES / 1024 / 1024)]
    Large,
    #[error("the file is empty; choose one with a heading and at least one line")]
    Empty,
    #[error("this is no table of text; save it as CSV UTF-8 and choose that file")]
    NoText,
    #[error("a cell is larger than {} KiB; is a closing quote missing?", MAX_CELL_BYTES / 1024)]
    LongCell,
    #[error("a quote that opens here is never closed; close it")]
    EndlessQuote,
    #[error("more than {MAX_COLUMNS} columns; keep those about customers")]
    ManyColumns,
    #[error("more than {MAX_ROWS} lines; split the file")]
    ManyRows,
    #[error("no column is called Phone or Email; name one so in the first line")]
    NoContactColumn,
    #[error("the heading {0} says the same as another; remove one of the columns")]
    RepeatedHeading(String),
}

impl FileFault {
    /// The text that says it.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Large => "customers-import-file-large",
            Self::Empty => "customers-import-file-empty",
            Self::NoText => "customers-import-file-no-text",
            Self::LongCell => "customers-import-file-long-cell",
            Self::EndlessQuote => "customers-import-file-quote",
            Self::ManyColumns => "customers-import-file-columns",
            Self::ManyRows => "customers-import-file-rows",
            Self::NoContactColumn => "customers-import-file-no-contact",
            Self::RepeatedHeading(_) => "customers-import-file-heading",
        }
    }

    /// What the text fills in.
    pub fn value(&self) -> String {
        match self {
            Self::Large => (MAX_FILE_BYTES / 1024 / 1024).to_string(),
            Self::ManyRows => MAX_ROWS.to_string(),
            Self::ManyColumns => MAX_COLUMNS.to_string(),
            Self::RepeatedHeading(heading) => heading.clone(),
            _ => String::new(),
        }
    }
}

impl From<SheetError> for FileError {
    fn from(SheetError { line, fault }: SheetError) -> Self {
        let fault = match fault {
            SheetFault::ZeroByte | SheetFault::DamagedUtf16 => FileFault::NoText,
            SheetFault::LongCell => FileFault::LongCell,
            SheetFault::EndlessQuote => FileFault::EndlessQuote,
            SheetFault::ManyColumns => FileFault::ManyColumns,
            SheetFault::ManyRows => FileFault::ManyRows,
        };
        Self { line, fault }
    }
}

/// Why a line is not brought in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("this line has more cells than the heading; is a quote missing?")]
    ManyCells,
    #[error("write a phone number or an e-mail; by a name alone nobody is recognised")]
    NoContact,
    #[error("the name is too long; write at most 120 characters")]
    Name,
    #[error("{0} is no phone number; write it with its country code, such as +224 620 00 00 00")]
    Phone(String),
    #[error("{0} is no e-mail; write one such as name@example.org")]
    Email(String),
    #[error("{0} is no language here; write en, fr, it or sw, or leave it empty")]
    Language(String),
    #[error("{0}: write yes or no for the consent, or leave it empty")]
    Consent(String),
    #[error("{0} is no date of a consent; write it such as 2026-05-31, not later than today")]
    ConsentAt(String),
    #[error("what was agreed to is too long; write at most 1000 characters")]
    ConsentWords,
    #[error("{way} stands on line {line} already; make one line of both")]
    Repeated { way: String, line: u64 },
    #[error(
        "the phone number and the e-mail are two customers'; make one customer of both, or take one of them out"
    )]
    TwoPeople,
}

impl Reason {
    /// The text that says it.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::ManyCells => "customers-import-line-cells",
            Self::NoContact => "customers-import-line-no-contact",
            Self::Name => "customers-import-line-name",
            Self::Phone(_) => "customers-import-line-phone",
            Self::Email(_) => "customers-import-line-email",
            Self::Language(_) => "customers-import-line-language",
            Self::Consent(_) => "customers-import-line-consent",
            Self::ConsentAt(_) => "customers-import-line-consent-at",
            Self::ConsentWords => "customers-import-line-consent-words",
            Self::Repeated { .. } => "customers-import-line-repeated",
            Self::TwoPeople => "customers-import-line-two",
        }
    }

    /// What the text fills in: what stands there, and another line.
    pub fn values(&self) -> (String, u64) {
        match self {
            Self::Phone(typed)
            | Self::Email(typed)
            | Self::Language(typed)
            | Self::Consent(typed)
            | Self::ConsentAt(typed) => (typed.clone(), 0),
            Self::Repeated { way, line } => (way.clone(), *line),
            _ => (String::new(), 0),
        }
    }
}
