//! The installation's keys: one signs heads, one wraps the random key of each tenant. They live in a folder of their own
//! (`SOKO_KEYS`, in development `DATA/keys`), outside the data and its backups. Destroying a tenant's file in it makes
//! everything sealed under that key unreadable.

mod ring;
mod secret;

pub use ring::{KeyRing, Missing, home};
pub use secret::{Place, TenantKey};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "there are no keys in {0}; set SOKO_KEYS to the folder that holds them (an empty folder, for a new installation)"
    )]
    Missing(String),
    #[error("{0} can be read by others; make it readable by its owner only (chmod 600)")]
    Exposed(String),
    #[error("{file} does not hold keys: {reason}")]
    Malformed { file: String, reason: String },
    #[error("{file}: {reason}")]
    File { file: String, reason: std::io::Error },
    #[error(
        "a sealed secret does not open: it was changed, moved to another place, or sealed under another key"
    )]
    Sealed,
    #[error("the system gives no random numbers")]
    Chance,
}
