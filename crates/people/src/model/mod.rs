//! The types and rules of this room: no SQL, no HTTP, no clock.

mod business;
mod key;
mod member;
mod password;
mod role;
mod session;

pub use business::{Business, BusinessEdit, Rounding};
pub use key::{ApiKey, KeyId, KeyKind, KeyKindId, NewKey, key_prefix};
pub use member::{InviteId, InviteKind, Member, MemberId, MemberKind, MemberState};
pub use password::{Password, PasswordHash, Strength, WeakPassword};
pub use role::{PERMISSIONS, Role, RoleAt, grants_of, is_permission, may_hand_out, permissions};
pub use session::{
    AccountId, AccountKind, Device, IDLE_S, LONGEST_S, OPERATOR_S, SessionId, SessionKind, SessionRow,
    TOUCH_S, is_over,
};

use sha2::{Digest, Sha256};

/// What is kept of a secret that only its holder knows: enough to recognise it. Secrets are random and long, so a slow
/// hash would protect nothing and let anybody spend our time.
pub fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// `bytes` in hexadecimal letters.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
