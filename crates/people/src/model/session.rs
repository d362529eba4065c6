//! How long a sign-in lasts.

use base::Timestamp;
use serde::Serialize;

base::id!(
    /// A login identity.
    AccountId: AccountKind, "acct"
);
base::id!(
    /// A sign-in; public, and no capability.
    SessionId: SessionKind, "ses"
);

/// A sign-in that nobody used for so long has ended.
pub const IDLE_S: i64 = 12 * 3600;
/// However much it is used, it ends then.
pub const LONGEST_S: i64 = 30 * 24 * 3600;
/// An operator's lasts an hour.
pub const OPERATOR_S: i64 = 3600;
/// When it was last used is written down no more often than this.
pub const TOUCH_S: i64 = 300;

/// Where somebody signs in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// What the browser calls itself.
    pub agent: String,
    pub address: String,
}

/// A sign-in as the directory keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionRow {
    pub id: SessionId,
    pub account: AccountId,
    pub name: String,
    pub operator: bool,
    pub device: String,
    pub address: String,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    pub ends_at: Timestamp,
}

/// Whether a session has ended by itself: unused for too long, or old.
pub fn is_over(seen_at: Timestamp, ends_at: Timestamp, now: Timestamp) -> bool {
    now >= ends_at || now >= seen_at.plus_s(IDLE_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_after_twelve_idle_hours_or_thirty_days() {
        let begin = Timestamp::from_micros(0);
        let ends = begin.plus_s(LONGEST_S);
        assert!(!is_over(begin, ends, begin.plus_s(IDLE_S - 1)));
        assert!(is_over(begin, ends, begin.plus_s(IDLE_S)));
        assert!(is_over(begin.plus_s(LONGEST_S - 1), ends, ends));
    }
}
