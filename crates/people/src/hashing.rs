//! Passwords are hashed one at a time per core, and few may wait: at 19 MiB each, sign-ins must not fill the memory. Strangers
//! wait in a queue of their own, so that a storm of them keeps nobody out who is known.

use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc},
};
use tokio::sync::Semaphore;

use crate::model::{Password, PasswordHash};

/// Passwords of one queue that may wait for their turn.
const WAITING: usize = 32;

/// Where a password waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Anybody may stand here.
    Strangers,
    /// For whoever has shown something of ours: a session, a device that signed in before, an invite.
    Known,
}

/// A hash that no password has, for accounts that do not exist: they cost as much as others.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

struct Turns {
    working: Semaphore,
    strangers: Semaphore,
    known: Semaphore,
}

static TURNS: LazyLock<Turns> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let queue = || Semaphore::new(cores + WAITING);
    Turns { working: Semaphore::new(cores), strangers: queue(), known: queue() }
});

/// Why a password was not hashed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    #[error("too many sign-ins are waiting")]
    Busy,
    #[error("hashing failed: {0}")]
    Failed(String),
}

/// The hash of a new password; `salt` is chance.
pub async fn hash(password: Password, salt: [u8; 16], queue: Queue) -> Result<PasswordHash, HashError> {
    in_turn(queue, move || {
        let hashed: phc::PasswordHash = Argon2::default()
            .hash_password_with_salt(password.reveal().as_bytes(), &salt)
            .map_err(|error| HashError::Failed(error.to_string()))?;
        Ok(PasswordHash(hashed.to_string()))
    })
    .await
}

/// Whether `password` is the one that was hashed. Without a hash it is not, and that takes as long to say.
pub async fn matches(
    password: &Password,
    known: Option<&PasswordHash>,
    queue: Queue,
) -> Result<bool, HashError> {
    let typed = Password::typed(password.reveal());
    let (known, exists) = known.map_or((NOBODYS.to_owned(), false), |known| (known.0.clone(), true));
    in_turn(queue, move || {
        if known.starts_with("$2") {
            let right = bcrypt::verify(typed.reveal(), &known);
            return right.map_err(|error| HashError::Failed(error.to_string()));
        }
        let known = phc::PasswordHash::new(&known).map_err(|error| HashError::Failed(error.to_string()))?;
        Ok(Argon2::default().verify_password(typed.reveal().as_bytes(), &known).is_ok() && exists)
    })
    .await
}

async fn in_turn<T: Send + 'static>(
    queue: Queue,
    work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
) -> Result<T, HashError> {
    let queue = match queue {
        Queue::Strangers => &TURNS.strangers,
        Queue::Known => &TURNS.known,
    };
    let admitted = queue.try_acquire().map_err(|_| HashError::Busy)?;
    let working = TURNS.working.acquire().await.map_err(|_| HashError::Busy)?;
    // the turn lasts as long as the work, also when the caller has gone away
    let done = tokio::task::spawn_blocking(move || {
        let _turn = (admitted, working);
        work()
    })
    .await;
    done.map_err(|error| HashError::Failed(error.to_string()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let known = hash(Password::typed("mangue-vélo-lampe"), [7; 16], Queue::Known).await.unwrap();
        assert!(known.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(
            matches(&Password::typed("mangue-vélo-lampe"), Some(&known), Queue::Known).await,
            Ok(true)
        );
        assert_eq!(
            matches(&Password::typed("mangue-vélo-lampé"), Some(&known), Queue::Known).await,
            Ok(false)
        );
    }

    #[tokio::test]
    async fn a_hash_of_bcrypt_from_another_system_matches_its_password() {
        let known = PasswordHash(bcrypt::hash("mangue-vélo-lampe", 4).unwrap());
        for (typed, right) in [("mangue-vélo-lampe", true), ("mangue", false)] {
            assert_eq!(matches(&Password::typed(typed), Some(&known), Queue::Known).await, Ok(right));
        }
    }

    #[tokio::test]
    async fn nobodys_password_is_never_right() {
        assert_eq!(matches(&Password::typed(""), None, Queue::Strangers).await, Ok(false));
    }
}
