use crate::TenantId;

/// Why the database did not do what was asked. Texts are for logs; pages say what to do.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// A statement failed; its transaction is poisoned.
    #[error("statement failed: {0}")]
    Statement(String),
    /// The disk, a quota or the connection failed, and with it the whole transaction.
    #[error("storage failed: {0}")]
    Storage(String),
    /// There is no room left, or the folder cannot be written.
    #[error("storage is full or read-only: {0}")]
    Full(String),
    #[error("column {index} does not hold {wanted}: {found}")]
    Column { index: usize, wanted: &'static str, found: String },
    /// Too much is waiting; come back a little later.
    #[error("too many requests are waiting for tenant {0}")]
    Busy(TenantId),
    /// It is not known whether the change was kept; asking again with the same idempotency key tells.
    #[error("the outcome is unknown")]
    Unknown,
    /// There is no such tenant here, or it is not live, or it has moved.
    #[error("tenant {0} is not live here")]
    NotLive(TenantId),
    #[error("a read took longer than its deadline")]
    Deadline,
    #[error("the code panicked: {0}")]
    Panicked(String),
    #[error("the database is closing")]
    Closing,
    #[error("{0}")]
    Migration(String),
}
