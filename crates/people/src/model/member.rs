//! People of a business.

use base::{Line, Timestamp};
use serde::Serialize;

use super::{AccountId, RoleAt};

base::id!(
    /// An account in a business.
    MemberId: MemberKind, "mem"
);
base::id!(
    /// A link that makes somebody a member, once.
    InviteId: InviteKind, "inv"
);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MemberState {
    /// Has a link, and has not used it yet.
    Invited,
    Active,
    Suspended,
    Removed,
}

impl MemberState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Removed => "removed",
        }
    }

    pub(crate) fn parse(raw: &str) -> Option<Self> {
        let known = [Self::Invited, Self::Active, Self::Suspended, Self::Removed];
        known.into_iter().find(|known| known.name() == raw)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    #[schema(value_type = String)]
    pub id: MemberId,
    /// None until the invite is accepted.
    #[serde(skip)]
    pub account: Option<AccountId>,
    #[schema(value_type = String)]
    pub name: Line<120>,
    pub state: MemberState,
    pub roles: Vec<RoleAt>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl Member {
    pub fn is_owner(&self) -> bool {
        self.roles.iter().any(RoleAt::is_owner)
    }

    /// An owner who can act as one now.
    pub fn is_acting_owner(&self) -> bool {
        self.state == MemberState::Active && self.is_owner()
    }
}
