//! The life of a tenant in the operator's hands. What is done stands in the tenant's own history, and in the platform's.

use db::{Db, Scope, Tenant, TenantState};
use serde_json::{Value, json};
use spine::events::{self, Event};

use crate::{Error, console};

/// Stops a tenant's writes and shows its visitors a polite word; nothing is lost.
pub async fn suspend(db: &Db, scope: Scope, reason: &str) -> Result<(), Error> {
    let change =
        Change::of(db, &scope, "tenant.suspended", TenantState::Live, TenantState::Suspended).await?;
    let change = Change { reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()), ..change };
    let noted = change.clone();
    db.suspend(scope.clone(), move |tx| noted.note(tx)).await?;
    change.tell(db, &scope).await;
    Ok(())
}

/// Undoes `suspend`.
pub async fn resume(db: &Db, scope: Scope) -> Result<(), Error> {
    let change = Change::of(db, &scope, "tenant.resumed", TenantState::Suspended, TenantState::Live).await?;
    let noted = change.clone();
    db.resume(scope.clone(), move |tx| noted.note(tx)).await?;
    change.tell(db, &scope).await;
    Ok(())
}

/// Lets in a tenant that signed up and waits.
pub async fn approve(db: &Db, scope: Scope) -> Result<(), Error> {
    let change = Change::of(db, &scope, "tenant.approved", TenantState::Waiting, TenantState::Live).await?;
    let (tenant, noted) = (scope.tenant, change.clone());
    db.write(scope.clone(), move |tx| noted.note(tx)).await?;
    db.admit(tenant, TenantState::Live).await?;
    change.tell(db, &scope).await;
    Ok(())
}

/// A change of a tenant's state, as histories tell it.
#[derive(Clone)]
struct Change {
    kind: &'static str,
    tenant: std::sync::Arc<Tenant>,
    before: TenantState,
    after: TenantState,
    reason: Option<String>,
}

impl Change {
    async fn of(
        db: &Db,
        scope: &Scope,
        kind: &'static str,
        before: TenantState,
        after: TenantState,
    ) -> Result<Self, Error> {
        let tenant = db.tenant(scope.tenant).await?.ok_or(db::Error::NotLive(scope.tenant))?;
        if tenant.state == before {
            return Ok(Self { kind, tenant, before, after, reason: None });
        }
        Err(Error::WrongState {
            tenant: tenant.slug.to_string(),
            state: tenant.state.name(),
            wanted: before.name(),
        })
    }

    fn payload(&self) -> Value {
        let mut after = json!({ "state": self.after.name() });
        if let Some(reason) = &self.reason {
            after["reason"] = json!(reason);
        }
        json!({ "before": { "state": self.before.name() }, "after": after })
    }

    fn note(&self, tx: &mut db::Tx<'_>) -> Result<(), Error> {
        let subject = format!("tenant:{}", tx.tenant());
        events::record(tx, Event { kind: self.kind, subject, payload: self.payload() })?;
        Ok(())
    }

    async fn tell(&self, db: &Db, scope: &Scope) {
        let mut payload = self.payload();
        payload["slug"] = json!(self.tenant.slug);
        payload["name"] = json!(self.tenant.name);
        let subject = console::subject_of(self.tenant.id);
        console::note(db, &scope.actor, &scope.origin, Event { kind: self.kind, subject, payload }).await;
    }
}
