//! The life of a tenant in the operator's hands.

use db::{Db, Scope, TenantState};
use serde_json::json;
use spine::events::{self, Event};

use crate::Error;

/// Stops a tenant's writes and shows its visitors a polite word; nothing is lost.
pub async fn suspend(db: &Db, scope: Scope) -> Result<(), Error> {
    require(db, &scope, TenantState::Live).await?;
    db.suspend(scope, |tx| note(tx, "tenant.suspended", "live", "suspended")).await
}

/// Undoes `suspend`.
pub async fn resume(db: &Db, scope: Scope) -> Result<(), Error> {
    require(db, &scope, TenantState::Suspended).await?;
    db.resume(scope, |tx| note(tx, "tenant.resumed", "suspended", "live")).await
}

/// Lets in a tenant that signed up and waits.
pub async fn approve(db: &Db, scope: Scope) -> Result<(), Error> {
    require(db, &scope, TenantState::Waiting).await?;
    let tenant = scope.tenant;
    db.write(scope, |tx| note(tx, "tenant.approved", "waiting", "live")).await?;
    db.admit(tenant, TenantState::Live).await?;
    Ok(())
}

async fn require(db: &Db, scope: &Scope, wanted: TenantState) -> Result<(), Error> {
    let tenant = db.tenant(scope.tenant).await?.ok_or(db::Error::NotLive(scope.tenant))?;
    if tenant.state == wanted {
        return Ok(());
    }
    Err(Error::WrongState {
        tenant: tenant.slug.to_string(),
        state: tenant.state.name(),
        wanted: wanted.name(),
    })
}

fn note(tx: &mut db::Tx<'_>, kind: &'static str, before: &str, after: &str) -> Result<(), Error> {
    let subject = format!("tenant:{}", tx.tenant());
    let payload = json!({ "before": { "state": before }, "after": { "state": after } });
    events::record(tx, Event { kind, subject, payload })?;
    Ok(())
}
