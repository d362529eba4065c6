//! A business with an owner, and people who sign in to it.

use std::sync::Arc;

use axum::Router;
use db::{Actor, Origin, Scope, testing::TestDb};
use edge::{
    App, Config,
    testing::{Answer, ask},
};
use people::{
    AccountId, Business, Device, Founded, Founder, Member, MemberId, Password, RoleAt, accounts, hashing,
    members,
};

pub const PASSWORD: &str = "mangue-vélo-lampe-42";
pub const HOME: &str = "http://localhost";

pub fn schemas() -> Vec<db::Schema> {
    let spine = db::Schema {
        migrations: spine::MIGRATIONS,
        directory_migrations: &[],
        areas: spine::AREAS,
        lends: &[],
    };
    vec![spine, edge::SCHEMA, people::SCHEMA]
}

/// A test's whole world.
pub struct House {
    pub test: TestDb,
    pub app: App,
    pub router: Router,
}

/// One business in it.
pub struct Shop {
    pub slug: &'static str,
    pub scope: Scope,
    pub founded: Founded,
    pub owner: AccountId,
}

impl House {
    pub fn of(test: TestDb) -> Self {
        let doors = Arc::new(people::Doors::new(test.db.clone()));
        let app = App::new(test.db.clone(), Config::development(), doors);
        let router = people::routes().into_router(app.clone());
        Self { test, app, router }
    }

    /// Signs a business up, with an owner who signs in as `login`.
    pub async fn shop(&self, slug: &'static str, login: &str) -> Shop {
        let scope = self.test.tenant(slug).await;
        let password =
            hashing::hash(Password::typed(PASSWORD), [1; 16], hashing::Queue::Known).await.unwrap();
        let founder = Founder {
            login: login.parse().unwrap(),
            name: "Awa Diallo".parse().unwrap(),
            password,
            device: Device::default(),
        };
        let tenant = self.test.db.tenant(scope.tenant).await.unwrap().unwrap();
        let id = tenant.id;
        let prepared =
            self.test.db.directory().write(move |dx| people::prepare(dx, id, &founder)).await.unwrap();
        let owner = prepared.account;
        let settings = Business::new(
            tenant.name.clone(),
            tenant.currency,
            tenant.country,
            tenant.language,
            tenant.zone.clone(),
            tenant.test,
        );
        let found = move |tx: &mut db::Tx<'_>| {
            people::found(tx, &prepared, &settings, "Main street".parse().unwrap())
        };
        let founded = self.test.db.write(scope.clone(), found).await.unwrap();
        Shop { slug, scope, founded, owner }
    }

    /// Makes a member of `shop` who signs in as `login`.
    pub async fn member(&self, shop: &Shop, login: &str, roles: Vec<RoleAt>) -> Member {
        let password =
            hashing::hash(Password::typed(PASSWORD), [2; 16], hashing::Queue::Known).await.unwrap();
        let new = accounts::NewAccount {
            login: login.parse().unwrap(),
            name: "Ibrahima".parse().unwrap(),
            password,
            home: Some(shop.scope.tenant),
            operator: false,
        };
        let account = self.test.db.directory().write(move |dx| accounts::create(dx, &new)).await.unwrap();
        let join = move |tx: &mut db::Tx<'_>| {
            let invited = members::invite(tx, "Ibrahima".parse().unwrap(), roles.clone())?;
            members::accept(tx, invited.token.reveal(), account)
        };
        self.test.db.write(shop.scope.clone(), join).await.unwrap()
    }

    /// A request with a session's cookie; forms say that they come from our own page.
    pub async fn go(&self, method: &str, path: &str, cookie: &str, body: &str) -> Answer {
        let headers = [
            ("cookie", cookie),
            ("origin", HOME),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        ask(&self.router, method, &format!("{HOME}{path}"), &headers, body).await
    }

    pub async fn api(&self, method: &str, path: &str, bearer: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {bearer}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        ask(&self.router, method, &format!("{HOME}{path}"), &headers, body).await
    }

    /// What signing in answers.
    pub async fn try_password(&self, login: &str, password: &str, cookie: &str) -> Answer {
        self.go("POST", "/sign-in", cookie, &format!("login={login}&password={password}")).await
    }

    /// Signs in and returns the cookies: session and known device.
    pub async fn sign_in(&self, login: &str) -> String {
        let answer = self.try_password(login, PASSWORD, "").await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        cookies(&answer)
    }
}

/// The cookies that an answer sets, as they are sent back.
pub fn cookies(answer: &Answer) -> String {
    let lines = answer.headers.get_all("set-cookie").iter();
    let pairs = lines.filter_map(|line| line.to_str().ok()?.split(';').next().map(str::to_owned));
    pairs.collect::<Vec<_>>().join("; ")
}

/// The right of a member to act in the shop.
pub fn as_member(shop: &Shop, member: MemberId) -> Scope {
    let actor = Actor::new(format!("member:{member}"));
    Scope { tenant: shop.scope.tenant, actor, origin: Origin::default(), reach: db::Reach::Everywhere }
}
