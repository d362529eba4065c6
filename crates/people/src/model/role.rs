//! Roles, what each may do, and who may hand them out.

use std::{collections::BTreeSet, fmt, str::FromStr};

use base::Timestamp;
use db::Reach;
use edge::Grant;
use serde::{Deserialize, Serialize};

use crate::LocationId;

/// What a person is in a business.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Owner,
    Admin,
    Manager,
    Cashier,
    Stock,
    Marketing,
    /// Sees how the business does, and changes nothing: a partner, a relative, an accountant.
    Viewer,
    /// Somebody who helps out, for a day.
    Support,
}

impl Role {
    pub const ALL: [Self; 8] = [
        Self::Owner,
        Self::Admin,
        Self::Manager,
        Self::Cashier,
        Self::Stock,
        Self::Marketing,
        Self::Viewer,
        Self::Support,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Cashier => "cashier",
            Self::Stock => "stock",
            Self::Marketing => "marketing",
            Self::Viewer => "viewer",
            Self::Support => "support",
        }
    }

    /// The text that names it on pages.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Owner => "people-role-owner",
            Self::Admin => "people-role-admin",
            Self::Manager => "people-role-manager",
            Self::Cashier => "people-role-cashier",
            Self::Stock => "people-role-stock",
            Self::Marketing => "people-role-marketing",
            Self::Viewer => "people-role-viewer",
            Self::Support => "people-role-support",
        }
    }

    /// For how many seconds the role is given; without an end, if nothing stands here.
    pub const fn lasts_s(self) -> Option<i64> {
        match self {
            Self::Support => Some(24 * 3600),
            _ => None,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown role: owner, admin, manager, cashier, stock, marketing, viewer or support")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(raw: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|known| known.name() == raw.trim()).ok_or(UnknownRole)
    }
}

/// The one table of permissions: which roles may do what. A permission that stands nowhere here is nobody's.
pub const PERMISSIONS: &[(&str, &[Role])] = {
    use Role::{Admin, Cashier, Manager, Marketing, Owner, Stock, Support, Viewer};
    &[
        ("business.read", &[Owner, Admin, Manager, Cashier, Stock, Marketing, Viewer, Support]),
        ("business.write", &[Owner, Admin]),
        ("members.read", &[Owner, Admin, Manager, Support]),
        ("members.write", &[Owner, Admin]),
        ("keys.read", &[Owner, Admin]),
        ("keys.write", &[Owner, Admin]),
        ("locations.read", &[Owner, Admin, Manager, Cashier, Stock, Marketing, Viewer, Support]),
        ("locations.write", &[Owner, Admin]),
        ("shop.pause", &[Owner, Admin, Manager]),
        ("catalog.read", &[Owner, Admin, Manager, Cashier, Stock, Marketing, Viewer, Support]),
        ("catalog.write", &[Owner, Admin, Manager, Marketing]),
        ("catalog.import", &[Owner, Admin, Manager]),
        ("stock.read", &[Owner, Admin, Manager, Cashier, Stock, Viewer, Support]),
        ("stock.write", &[Owner, Admin, Manager, Stock]),
        ("orders.read", &[Owner, Admin, Manager, Cashier, Stock, Viewer, Support]),
        ("orders.write", &[Owner, Admin, Manager, Cashier]),
        ("orders.fulfil", &[Owner, Admin, Manager, Cashier, Stock]),
        ("orders.cancel", &[Owner, Admin, Manager]),
        ("orders.refund", &[Owner, Admin, Manager]),
        ("orders.zones", &[Owner, Admin, Manager]),
        ("orders.mails", &[Owner, Admin, Manager]),
        ("customers.read", &[Owner, Admin, Manager, Cashier, Viewer, Support]),
        ("customers.write", &[Owner, Admin, Manager, Cashier]),
        ("customers.export", &[Owner, Admin, Manager]),
        ("customers.import", &[Owner, Admin, Manager]),
        ("customers.forget", &[Owner, Admin]),
        ("documents.read", &[Owner, Admin, Manager, Cashier, Viewer, Support]),
        ("payments.read", &[Owner, Admin, Manager, Cashier, Viewer, Support]),
        ("payments.confirm", &[Owner, Admin, Manager]),
        ("payments.settings", &[Owner, Admin]),
        ("cards.read", &[Owner, Admin, Manager, Cashier, Viewer, Support]),
        ("cards.manage", &[Owner, Admin, Manager]),
        ("coupons.read", &[Owner, Admin, Manager, Cashier, Marketing, Viewer, Support]),
        ("coupons.manage", &[Owner, Admin, Manager, Marketing]),
        ("coupons.redeem", &[Owner, Admin, Manager, Cashier]),
        ("shop.design", &[Owner, Admin, Manager, Marketing]),
        ("reports.read", &[Owner, Admin, Manager, Viewer]),
        ("ledger.read", &[Owner, Admin, Manager, Viewer]),
        ("audit.read", &[Owner, Admin]),
    ]
};

/// What concerns the business as a whole: a role that holds at some locations does not give it.
const WHOLE_BUSINESS: &[&str] = &[
    "business.write",
    "keys.read",
    "keys.write",
    "locations.write",
    "shop.pause",
    "catalog.write",
    "catalog.import",
    "orders.zones",
    "orders.mails",
    // a person is a customer of the business: what they bought and owe at every location stands in one place
    "customers.read",
    "customers.write",
    "customers.export",
    "customers.import",
    "customers.forget",
    "payments.settings",
    // a campaign is one of the business; what a counter needs is the permission to redeem
    "coupons.manage",
    "shop.design",
    "ledger.read",
    "audit.read",
];

/// Whether the table knows `name`.
pub fn is_permission(name: &str) -> bool {
    PERMISSIONS.iter().any(|(known, _)| *known == name)
}

/// What `role` may do.
pub fn permissions(role: Role) -> impl Iterator<Item = &'static str> {
    PERMISSIONS.iter().filter(move |(_, roles)| roles.contains(&role)).map(|(name, _)| *name)
}

/// A role where it holds: at some locations, or everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleAt {
    pub role: Role,
    /// Everywhere, if empty.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub locations: Vec<LocationId>,
    /// When it ends by itself; what is sent is not read.
    #[serde(default, deserialize_with = "unread")]
    #[schema(value_type = Option<String>, format = DateTime, read_only)]
    pub until: Option<Timestamp>,
}

/// Takes a field back that only we say: who sends a member as it was read means no harm.
fn unread<'de, D: serde::Deserializer<'de>>(sent: D) -> Result<Option<Timestamp>, D::Error> {
    serde::de::IgnoredAny::deserialize(sent).map(|_| None)
}

impl RoleAt {
    pub const fn everywhere(role: Role) -> Self {
        Self { role, locations: Vec::new(), until: None }
    }

    pub fn at(role: Role, locations: Vec<LocationId>) -> Self {
        Self { role, locations, until: None }
    }

    fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// An owner of the whole business; of a part of it there is none.
    pub fn is_owner(&self) -> bool {
        self.role == Role::Owner && self.locations.is_empty()
    }
}

/// All that `roles` allow at `now`; each permission once, with the widest reach any role gives it.
pub fn grants_of(roles: &[RoleAt], now: Timestamp) -> Vec<Grant> {
    let held: Vec<&RoleAt> = roles.iter().filter(|role| role.holds(now)).collect();
    PERMISSIONS
        .iter()
        .filter_map(|(name, allowed)| {
            let anywhere = !WHOLE_BUSINESS.contains(name);
            let gives =
                |held: &&&RoleAt| allowed.contains(&held.role) && (anywhere || held.locations.is_empty());
            let giving: Vec<&&RoleAt> = held.iter().filter(gives).collect();
            let reach = if giving.is_empty() {
                return None;
            } else if giving.iter().any(|held| held.locations.is_empty()) {
                Reach::Everywhere
            } else {
                let places: BTreeSet<String> =
                    giving.iter().flat_map(|held| &held.locations).map(LocationId::to_string).collect();
                Reach::At(places.into_iter().collect())
            };
            Some(Grant { permission: name, reach })
        })
        .collect()
}

/// Whether somebody who holds `own` may give (or take) `asked`: nobody grants above himself.
pub fn may_hand_out(own: &[Grant], asked: &[Grant]) -> bool {
    asked.iter().all(|wanted| {
        let held = own.iter().find(|grant| grant.permission == wanted.permission);
        match (held.map(|grant| &grant.reach), &wanted.reach) {
            (None, _) | (Some(Reach::At(_)), Reach::Everywhere) => false,
            (Some(Reach::Everywhere), _) => true,
            (Some(held), Reach::At(places)) => places.iter().all(|place| held.covers(place)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_000_000);

    fn place(last: char) -> LocationId {
        format!("loc_01h2xcejqtf2nbrexx3vqjhp4{last}").parse().unwrap()
    }

    fn everywhere(role: Role) -> Vec<Grant> {
        grants_of(&[RoleAt::everywhere(role)], NOW)
    }

    #[test]
    fn an_owner_may_do_everything_that_can_be_allowed() {
        assert_eq!(permissions(Role::Owner).count(), PERMISSIONS.len());
    }

    #[test]
    fn no_permission_stands_in_the_table_twice() {
        let names: BTreeSet<&str> = PERMISSIONS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), PERMISSIONS.len());
    }

    #[test]
    fn a_role_at_one_location_reaches_that_location_only() {
        let grants = grants_of(&[RoleAt::at(Role::Stock, vec![place('1')])], NOW);
        let write = grants.iter().find(|grant| grant.permission == "stock.write").unwrap();
        assert!(write.reach.covers(place('1')) && !write.reach.covers(place('2')));
    }

    #[test]
    fn what_concerns_the_whole_business_is_not_given_at_one_location() {
        let grants = grants_of(&[RoleAt::at(Role::Admin, vec![place('1')])], NOW);
        let gives = |name: &str| grants.iter().any(|grant| grant.permission == name);
        assert!(gives("stock.write") && gives("members.write"));
        assert!(WHOLE_BUSINESS.iter().all(|name| is_permission(name) && !gives(name)));
    }

    #[test]
    fn two_roles_give_the_wider_reach_of_both() {
        let roles = [RoleAt::at(Role::Manager, vec![place('1')]), RoleAt::everywhere(Role::Stock)];
        let grants = grants_of(&roles, NOW);
        let reach = |name: &str| grants.iter().find(|grant| grant.permission == name).unwrap().reach.clone();
        assert_eq!(reach("stock.write"), Reach::Everywhere);
        assert_eq!(reach("orders.refund"), Reach::At(vec![place('1').to_string()]));
    }

    #[test]
    fn nobody_hands_out_what_he_does_not_hold_himself() {
        assert!(may_hand_out(&everywhere(Role::Admin), &everywhere(Role::Manager)));
        assert!(!may_hand_out(&everywhere(Role::Manager), &everywhere(Role::Admin)));
        let local = grants_of(&[RoleAt::at(Role::Admin, vec![place('1')])], NOW);
        assert!(!may_hand_out(&local, &everywhere(Role::Cashier)));
        assert!(may_hand_out(&local, &grants_of(&[RoleAt::at(Role::Cashier, vec![place('1')])], NOW)));
        assert!(!may_hand_out(&local, &grants_of(&[RoleAt::at(Role::Cashier, vec![place('2')])], NOW)));
    }

    #[test]
    fn who_only_looks_changes_nothing() {
        assert!(permissions(Role::Viewer).all(|name| name.ends_with(".read")));
    }

    #[test]
    fn a_helpers_role_ends_by_itself() {
        let role = RoleAt { until: Some(NOW.plus_s(60)), ..RoleAt::everywhere(Role::Support) };
        assert!(!grants_of(std::slice::from_ref(&role), NOW).is_empty());
        assert!(grants_of(&[role], NOW.plus_s(60)).is_empty());
    }
}
