//! What the one who acts may hand out, read anew in the transaction that does it.

use db::{Reach, Rx};
use edge::Grant;

use crate::{
    Error,
    model::{Member, MemberState, PERMISSIONS, RoleAt, grants_of, may_hand_out},
    sql,
};

pub struct Rights {
    owner: bool,
    pub grants: Vec<Grant>,
}

impl Rights {
    /// Of the actor of this transaction, as things stand now.
    pub fn of_actor(rx: &mut Rx) -> Result<Self, Error> {
        let actor = rx.actor().as_str().to_owned();
        let now = rx.now();
        let (kind, id) = actor.split_once(':').unwrap_or((&actor, ""));
        match kind {
            "system" | "operator" => Ok(Self { owner: true, grants: everything() }),
            "member" => {
                let id = id.parse().map_err(|_| Error::AboveYourself)?;
                let member = sql::member::find(rx, id)?;
                let member = member
                    .filter(|member| member.state == MemberState::Active)
                    .ok_or(Error::AboveYourself)?;
                let grants = grants_of(&member.roles, now);
                Ok(Self { owner: member.is_owner(), grants })
            }
            "key" => {
                let id = id.parse().map_err(|_| Error::AboveYourself)?;
                let key = sql::key::find(rx, id)?.filter(|key| key.works(now)).ok_or(Error::AboveYourself)?;
                Ok(Self { owner: false, grants: key.grants() })
            }
            _ => Err(Error::AboveYourself),
        }
    }

    pub const fn is_owner(&self) -> bool {
        self.owner
    }

    /// Refuses to give or take roles above one's own.
    pub fn may_hand_out(&self, roles: &[RoleAt], now: base::Timestamp) -> Result<(), Error> {
        if roles.iter().any(RoleAt::is_owner) && !self.owner {
            return Err(Error::OwnersOnly);
        }
        // a role that has ended is taken as if it still held
        let lasting: Vec<RoleAt> = roles.iter().map(|role| RoleAt { until: None, ..role.clone() }).collect();
        if may_hand_out(&self.grants, &grants_of(&lasting, now)) { Ok(()) } else { Err(Error::AboveYourself) }
    }

    /// Refuses to touch a member who may do more.
    pub fn may_change(&self, member: &Member, now: base::Timestamp) -> Result<(), Error> {
        self.may_hand_out(&member.roles, now)
    }
}

fn everything() -> Vec<Grant> {
    PERMISSIONS.iter().map(|(name, _)| Grant { permission: name, reach: Reach::Everywhere }).collect()
}
