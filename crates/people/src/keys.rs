//! API keys. The directory learns of a key before the tenant has it, so that a key is never good in two tenants.

use base::{Line, Timestamp};
use db::{Dx, Rx, TenantId, Tx};
use serde_json::json;
use spine::events::{self, Event};

use crate::{
    Error,
    model::{ApiKey, KeyId, KeyKind, NewKey, is_permission, may_hand_out},
    rights::Rights,
    sql::key as sql,
};

/// Makes a key for `tenant` and points to it from the directory; `issue` makes it good.
pub fn mint(dx: &mut Dx, tenant: TenantId, kind: KeyKind, name: Line<120>) -> Result<NewKey, Error> {
    let key = NewKey::of(dx.new_id(), kind, name, dx.random());
    sql::index(dx, &key.hash(), tenant)?;
    Ok(key)
}

/// Makes a minted key good. It may do nothing that the actor may not.
pub fn issue(tx: &mut Tx, key: &NewKey) -> Result<ApiKey, Error> {
    if let Some(unknown) = key.scopes.iter().find(|scope| !is_permission(scope)) {
        return Err(Error::UnknownPermission(unknown.clone()));
    }
    let now = tx.now();
    if key.expires_at.is_some_and(|end| end <= now) {
        return Err(Error::EndsInThePast);
    }
    let made = ApiKey {
        id: key.id,
        kind: key.kind,
        name: key.name.clone(),
        hint: key.hint(),
        scopes: key.scopes.clone(),
        created_at: now,
        expires_at: key.expires_at,
        last_used_at: None,
        revoked_at: None,
    };
    if !may_hand_out(&Rights::of_actor(tx)?.grants, &made.grants()) {
        return Err(Error::AboveYourself);
    }
    sql::insert(tx, key)?;
    let payload = json!({"before": null, "after": made});
    events::record(tx, Event { kind: "key.created", subject: key.id.to_string(), payload })?;
    Ok(made)
}

/// The key is good no more. Revoking it again changes nothing.
pub fn revoke(tx: &mut Tx, id: KeyId) -> Result<ApiKey, Error> {
    let before = find(tx, id)?;
    if !may_hand_out(&Rights::of_actor(tx)?.grants, &before.grants()) {
        return Err(Error::AboveYourself);
    }
    if before.revoked_at.is_some() {
        return Ok(before);
    }
    sql::revoke(tx, id)?;
    let after = ApiKey { revoked_at: Some(tx.now()), ..before.clone() };
    let payload =
        json!({"before": {"revokedAt": before.revoked_at}, "after": {"revokedAt": after.revoked_at}});
    events::record(tx, Event { kind: "key.revoked", subject: id.to_string(), payload })?;
    Ok(after)
}

pub fn find(rx: &mut Rx, id: KeyId) -> Result<ApiKey, Error> {
    sql::find(rx, id)?.ok_or(Error::UnknownKey)
}

/// All keys, revoked ones too, the newest first; the cursor is the last one's id.
pub fn list(rx: &mut Rx, before: Option<KeyId>, limit: u32) -> Result<Vec<ApiKey>, Error> {
    Ok(sql::list(rx, before, limit)?)
}

/// Notes that the key was used.
pub(crate) fn used(tx: &mut Tx, id: KeyId, at: Timestamp) -> Result<(), Error> {
    Ok(sql::used(tx, id, at)?)
}
