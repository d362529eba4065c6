//! Tenants as the directory knows them: found, made, described, stopped and let go on.

use std::sync::Arc;

use base::Slug;

use crate::{
    Actor, Db, Error, NewTenant, Origin, Reach, Rx, Scope, Tenant, TenantId, TenantState, Tx, Versions, area,
    directory::{self, Question},
    engine::{Fence, Place},
    sql,
};

impl Db {
    /// The tenant at `/t/{slug}`, whatever its state.
    pub async fn tenant_by_slug(&self, slug: &str) -> Result<Option<Arc<Tenant>>, Error> {
        match slug.parse() {
            Ok(slug) => self.find(Question::Slug(slug)).await,
            Err(_) => Ok(None),
        }
    }

    pub async fn tenant(&self, tenant: TenantId) -> Result<Option<Arc<Tenant>>, Error> {
        self.find(Question::Number(tenant)).await
    }

    /// Where other processes write, too, what is known is asked for again after a moment.
    async fn find(&self, question: Question) -> Result<Option<Arc<Tenant>>, Error> {
        let known = &self.0.state.known;
        if !self.0.state.is_shared() {
            return Ok(known.find(&question));
        }
        if let Some(fresh) = known.find_fresh(&question) {
            return Ok(fresh);
        }
        let asked = question.clone();
        let found = self.directory().read(move |dx| directory::answer(dx, &asked)).await?;
        Ok(known.learn(question, found))
    }

    /// All tenants by their numbers.
    pub async fn tenants(&self) -> Result<Vec<Arc<Tenant>>, Error> {
        if self.0.state.is_shared() {
            let all = self.directory().read(directory::all).await?;
            all.into_iter().for_each(|tenant| drop(self.0.state.known.put(tenant)));
        }
        Ok(self.0.state.known.all())
    }

    pub(crate) async fn writable(&self, tenant: TenantId) -> Result<Arc<Tenant>, Error> {
        let found = self.tenant(tenant).await?.filter(|found| found.state != TenantState::Suspended);
        found.ok_or(Error::NotLive(tenant))
    }

    /// How often each area of the tenant changed. Ask before reading what is to be cached.
    pub async fn versions(&self, tenant: TenantId) -> Result<Versions, Error> {
        let generation = self.tenant(tenant).await?.ok_or(Error::NotLive(tenant))?.generation;
        if let Some(versions) = self.0.state.versions_of(Place::Tenant { tenant, generation }) {
            return Ok(versions);
        }
        let system =
            Scope { tenant, actor: Actor::system(), origin: Origin::default(), reach: Reach::Everywhere };
        self.read(system, area::versions).await?.ok_or(Error::NotLive(tenant))
    }

    /// Beats with each commit of the tenant, whoever made it: as long as it stays the same, nothing was written. Cheap to ask
    /// for, once a second and tenant.
    pub async fn pulse(&self, tenant: TenantId) -> Result<u64, Error> {
        if !self.0.state.is_shared() {
            return Ok(self.0.state.commits.lock().get(&tenant).copied().unwrap_or_default());
        }
        let system =
            Scope { tenant, actor: Actor::system(), origin: Origin::default(), reach: Reach::Everywhere };
        let version = |rx: &mut Rx<'_>| {
            rx.row(sql!("select version from tenant_state where tenant_id = $1"), (), |row| row.get::<i64>(0))
        };
        Ok(self.read(system, version).await?.ok_or(Error::NotLive(tenant))?.cast_unsigned())
    }

    /// The slug that a business would get for `wanted` if it were made now; another may be faster.
    pub async fn next_slug(&self, wanted: Slug) -> Result<Slug, Error> {
        self.directory().read(move |dx| directory::next_slug(dx, &wanted)).await
    }

    /// Makes a tenant with an empty database, in state `Creating`: a slug nobody ever had, and a number of its own. What
    /// belongs into it is written by the caller, who then calls `admit`.
    pub async fn create_tenant(&self, new: NewTenant) -> Result<Arc<Tenant>, Error> {
        let tenant = self.directory().write(move |dx| directory::reserve(dx, &new)).await?;
        let (engine, id, generation) = (Arc::clone(&self.0.engine), tenant.id, tenant.generation);
        tokio::task::spawn_blocking(move || engine.create(id, generation))
            .await
            .map_err(|_| Error::Closing)??;
        Ok(self.0.state.known.put(tenant))
    }

    /// Ends the making of a tenant: it is live, or waits for approval.
    pub async fn admit(&self, tenant: TenantId, state: TenantState) -> Result<Arc<Tenant>, Error> {
        self.change_state(tenant, state).await
    }

    async fn change_state(&self, tenant: TenantId, state: TenantState) -> Result<Arc<Tenant>, Error> {
        let changed = self
            .directory()
            .write(move |dx| {
                directory::set_state(dx, tenant, state)?;
                directory::find(dx, tenant)
            })
            .await?;
        let changed = changed.ok_or(Error::NotLive(tenant))?;
        if state == TenantState::Live {
            // what was promised before it could be done waits for a visit
            self.due(tenant, self.now());
        }
        Ok(self.0.state.known.put(changed))
    }

    /// Changes the directory's copy of a tenant's name, country, language, zone, currency and mode.
    pub async fn describe_tenant(&self, tenant: Tenant) -> Result<Arc<Tenant>, Error> {
        let id = tenant.id;
        let changed = self
            .directory()
            .write(move |dx| {
                directory::describe(dx, &tenant)?;
                directory::find(dx, id)
            })
            .await?;
        let changed = changed.ok_or(Error::NotLive(id))?;
        Ok(self.0.state.known.put(changed))
    }

    /// Stops all writes of a tenant: the directory first, then the fence in its own database, in one commit with `body`.
    pub async fn suspend<T, E>(
        &self,
        scope: Scope,
        body: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let tenant = self.change_state(scope.tenant, TenantState::Suspended).await?;
        self.set_fence(&tenant, scope, "suspended", body).await
    }

    /// Undoes `suspend`.
    pub async fn resume<T, E>(
        &self,
        scope: Scope,
        body: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let tenant = self.tenant(scope.tenant).await?.ok_or(Error::NotLive(scope.tenant))?;
        let id = scope.tenant;
        let done = self.set_fence(&tenant, scope, "live", body).await?;
        self.change_state(id, TenantState::Live).await?;
        Ok(done)
    }

    async fn set_fence<T, E>(
        &self,
        tenant: &Tenant,
        scope: Scope,
        state: &'static str,
        body: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let place = Place::Tenant { tenant: tenant.id, generation: tenant.generation };
        self.push(place, Fence::AnyState, scope, move |tx| {
            let done = body(tx)?;
            tx.run(sql!("update tenant_state set state = $2 where tenant_id = $1"), (state,))?;
            Ok(done)
        })
        .await
    }
}
