//! API keys: what they look like, and what is kept of one.

use base::{Line, Timestamp};
use db::Reach;
use edge::{Grant, Secret};
use serde::{Deserialize, Serialize};

use super::{PERMISSIONS, digest, hex};

base::id!(
    /// An API key.
    KeyId: KeyKindId, "key"
);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// Reads what the shop shows to all.
    Public,
    Secret,
}

impl KeyKind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Secret => "secret",
        }
    }

    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Public => "pk_live_",
            Self::Secret => "sk_live_",
        }
    }

    pub(crate) fn parse(raw: &str) -> Option<Self> {
        [Self::Public, Self::Secret].into_iter().find(|known| known.name() == raw)
    }
}

/// A key that was just made; the only time its secret is known.
#[derive(Clone)]
pub struct NewKey {
    pub id: KeyId,
    pub kind: KeyKind,
    pub name: Line<120>,
    pub scopes: Vec<String>,
    pub expires_at: Option<Timestamp>,
    pub secret: Secret,
}

impl NewKey {
    /// A key out of 24 bytes (192 bits) of chance.
    pub fn of(id: KeyId, kind: KeyKind, name: Line<120>, chance: [u8; 24]) -> Self {
        let secret = Secret::new(format!("{}{}", kind.prefix(), hex(&chance)));
        let scopes = match kind {
            KeyKind::Public => Vec::new(),
            KeyKind::Secret => PERMISSIONS.iter().map(|(name, _)| (*name).to_owned()).collect(),
        };
        Self { id, kind, name, scopes, expires_at: None, secret }
    }

    /// The same with these permissions alone, until a time. A public key has none.
    pub fn limited(self, scopes: Vec<String>, expires_at: Option<Timestamp>) -> Self {
        let scopes = if self.kind == KeyKind::Public { Vec::new() } else { scopes };
        Self { scopes, expires_at, ..self }
    }

    pub fn hash(&self) -> [u8; 32] {
        digest(self.secret.reveal())
    }

    /// What people tell keys apart by: how it begins and ends.
    pub fn hint(&self) -> String {
        let secret = self.secret.reveal();
        format!("{}…{}", self.kind.prefix(), secret.get(secret.len() - 4..).unwrap_or_default())
    }
}

/// What the directory finds the tenant of a key by.
pub fn key_prefix(hash: &[u8; 32]) -> [u8; 8] {
    let mut prefix = [0; 8];
    prefix.copy_from_slice(&hash[..8]);
    prefix
}

/// A key as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    #[schema(value_type = String)]
    pub id: KeyId,
    pub kind: KeyKind,
    #[schema(value_type = String)]
    pub name: Line<120>,
    /// How the secret begins and ends.
    pub hint: String,
    /// What it may do: names of permissions.
    pub scopes: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub expires_at: Option<Timestamp>,
    /// To the nearest ten minutes.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub last_used_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    pub fn works(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// What the key may do; a permission that no longer exists is passed over.
    pub fn grants(&self) -> Vec<Grant> {
        let known = PERMISSIONS.iter().filter(|(name, _)| self.scopes.iter().any(|scope| scope == name));
        known.map(|(name, _)| Grant { permission: name, reach: Reach::Everywhere }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_key() -> NewKey {
        let id = "key_01h2xcejqtf2nbrexx3vqjhp41".parse().unwrap();
        NewKey::of(id, KeyKind::Secret, "Till".parse().unwrap(), [7; 24])
    }

    #[test]
    fn a_secret_key_says_what_it_is_and_its_hint_gives_nothing_away() {
        let key = a_key();
        assert!(key.secret.reveal().starts_with("sk_live_") && key.secret.reveal().len() == 8 + 48);
        assert_eq!(key.hint(), "sk_live_…0707");
    }

    #[test]
    fn a_public_key_is_given_no_permission_whatever_is_asked() {
        let key = NewKey::of(a_key().id, KeyKind::Public, "Shop".parse().unwrap(), [7; 24]);
        assert!(key.limited(vec!["orders.refund".to_owned()], None).scopes.is_empty());
    }
}
