//! The doorkeeper: who a cookie or key is, and what it may do in a tenant.

use std::sync::Arc;

use db::{Db, Rx, Scope, Tenant, TenantId};
use edge::{Asked, Doorkeeper, Key, Session, Standing};

use crate::{
    Error,
    answers::Answers,
    keys,
    model::{AccountId, ApiKey, Member, MemberState, SessionRow, TOUCH_S, digest, grants_of, is_over},
    sql,
};

/// How often the last use of a key is written down.
const KEY_TOUCH_S: i64 = 600;

type Hash = [u8; 32];

/// Answers from the directory and the tenants' tables.
pub struct Doors {
    db: Db,
    sessions: Answers<Hash, Option<SessionRow>>,
    members: Answers<(AccountId, TenantId), Option<Arc<Standing>>>,
    keys: Answers<(Hash, TenantId), KnownKey>,
}

#[derive(Clone)]
enum KnownKey {
    Here(Arc<ApiKey>, Arc<Standing>),
    Elsewhere,
    Unknown,
}

impl Doors {
    pub fn new(db: Db) -> Self {
        Self { db, sessions: Answers::new(), members: Answers::new(), keys: Answers::new() }
    }

    async fn open_session(&self, token: &str) -> Result<Option<SessionRow>, db::Error> {
        let hash = digest(token);
        let found = match self.sessions.get(&hash) {
            Some(found) => found,
            None => {
                let asked = Answers::<Hash, Option<SessionRow>>::ask();
                let found = self.db.directory().read(move |dx| sql::session::by_hash(dx, &hash)).await?;
                self.sessions.put(hash, found.clone(), asked);
                found
            }
        };
        let now = self.db.now();
        let Some(session) = found.filter(|session| !is_over(session.seen_at, session.ends_at, now)) else {
            return Ok(None);
        };
        if now.seconds_since(session.seen_at) >= TOUCH_S {
            self.touch(hash, session.clone());
        }
        Ok(Some(session))
    }

    /// Notes that the session was used, and does not make its request wait for it.
    fn touch(&self, hash: Hash, session: SessionRow) {
        let (now, id) = (self.db.now(), session.id);
        let asked = Answers::<Hash, Option<SessionRow>>::ask();
        self.sessions.put(hash, Some(SessionRow { seen_at: now, ..session }), asked);
        let db = self.db.clone();
        tokio::spawn(async move {
            if let Err(error) = db.directory().write(move |dx| sql::session::touch(dx, id, now)).await {
                tracing::warn!(%error, "the use of a session was not noted");
            }
        });
    }

    async fn standing(
        &self,
        account: AccountId,
        tenant: TenantId,
    ) -> Result<Option<Arc<Standing>>, db::Error> {
        if let Some(found) = self.members.get(&(account, tenant)) {
            return Ok(found);
        }
        let asked = Answers::<(AccountId, TenantId), Option<Arc<Standing>>>::ask();
        let scope = Scope {
            tenant,
            actor: db::Actor::system(),
            origin: db::Origin::default(),
            reach: db::Reach::Everywhere,
        };
        let look =
            move |rx: &mut Rx<'_>| Ok::<_, db::Error>((sql::member::of_account(rx, account)?, rx.now()));
        let (member, now) = self.db.read(scope, look).await?;
        let active = member.filter(|member| member.state == MemberState::Active);
        let standing = active.map(|member| Arc::new(standing_of(&member, now)));
        self.members.put((account, tenant), standing.clone(), asked);
        Ok(standing)
    }

    async fn known_key(&self, bearer: &str, tenant: TenantId) -> Result<KnownKey, db::Error> {
        let hash = digest(bearer);
        let known = match self.keys.get(&(hash, tenant)) {
            Some(known) => known,
            None => {
                let asked = Answers::<(Hash, TenantId), KnownKey>::ask();
                let known = self.look_up_key(hash, tenant).await?;
                self.keys.put((hash, tenant), known.clone(), asked);
                known
            }
        };
        let now = self.db.now();
        match known {
            KnownKey::Here(key, _) if !key.works(now) => Ok(KnownKey::Unknown),
            KnownKey::Here(key, standing) => {
                if key.last_used_at.is_none_or(|at| now.seconds_since(at) >= KEY_TOUCH_S) {
                    self.touch_key(hash, tenant, &key, Arc::clone(&standing));
                }
                Ok(KnownKey::Here(key, standing))
            }
            other => Ok(other),
        }
    }

    async fn look_up_key(&self, hash: Hash, tenant: TenantId) -> Result<KnownKey, db::Error> {
        let scope = Scope {
            tenant,
            actor: db::Actor::system(),
            origin: db::Origin::default(),
            reach: db::Reach::Everywhere,
        };
        let here = self.db.read(scope, move |rx| sql::key::by_hash(rx, &hash)).await?;
        if let Some(key) = here {
            let standing = Standing {
                actor: db::Actor::new(format!("key:{}", key.id)),
                name: key.name.to_string(),
                grants: key.grants(),
            };
            return Ok(KnownKey::Here(Arc::new(key), Arc::new(standing)));
        }
        let elsewhere = self.db.directory().read(move |dx| sql::key::is_indexed(dx, &hash)).await?;
        Ok(if elsewhere { KnownKey::Elsewhere } else { KnownKey::Unknown })
    }

    fn touch_key(&self, hash: Hash, tenant: TenantId, key: &ApiKey, standing: Arc<Standing>) {
        let (now, id) = (self.db.now(), key.id);
        let asked = Answers::<(Hash, TenantId), KnownKey>::ask();
        let used = Arc::new(ApiKey { last_used_at: Some(now), ..key.clone() });
        self.keys.put((hash, tenant), KnownKey::Here(used, standing), asked);
        let (db, scope) = (
            self.db.clone(),
            Scope {
                tenant,
                actor: db::Actor::system(),
                origin: db::Origin::default(),
                reach: db::Reach::Everywhere,
            },
        );
        tokio::spawn(async move {
            let noted: Result<(), Error> = db.write(scope, move |tx| keys::used(tx, id, now)).await;
            if let Err(error) = noted {
                tracing::warn!(%error, key = %id, "the use of a key was not noted");
            }
        });
    }
}

fn standing_of(member: &Member, now: base::Timestamp) -> Standing {
    Standing {
        actor: db::Actor::new(format!("member:{}", member.id)),
        name: member.name.to_string(),
        grants: grants_of(&member.roles, now),
    }
}

fn is_key(bearer: &str) -> bool {
    bearer.starts_with("pk_") || bearer.starts_with("sk_")
}

impl Doorkeeper for Doors {
    fn session<'a>(&'a self, token: &'a str) -> Asked<'a, Option<Arc<Session>>> {
        Box::pin(async move {
            let found = self.open_session(token).await?;
            Ok(found.map(|session| {
                Arc::new(Session {
                    id: session.id.to_string(),
                    account: session.account.to_string(),
                    name: session.name,
                    operator: session.operator,
                })
            }))
        })
    }

    fn member<'a>(&'a self, session: &'a Session, tenant: &'a Tenant) -> Asked<'a, Option<Arc<Standing>>> {
        Box::pin(async move {
            match session.account.parse() {
                Ok(account) => self.standing(account, tenant.id).await,
                Err(_) => Ok(None),
            }
        })
    }

    fn key<'a>(&'a self, bearer: &'a str, tenant: &'a Tenant) -> Asked<'a, Key> {
        Box::pin(async move {
            if is_key(bearer) {
                return Ok(match self.known_key(bearer, tenant.id).await? {
                    KnownKey::Here(_, standing) => Key::Holds(standing),
                    KnownKey::Elsewhere => Key::Elsewhere,
                    KnownKey::Unknown => Key::Unknown,
                });
            }
            // a program that signed in with a password sends its session's token
            let Some(session) = self.open_session(bearer).await? else { return Ok(Key::Unknown) };
            let standing = self.standing(session.account, tenant.id).await?;
            Ok(standing.map_or(Key::Elsewhere, Key::Holds))
        })
    }
}
