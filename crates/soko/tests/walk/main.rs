//! Every route, walked by everybody who must not get in and by who may: what is answered follows from the route's own
//! declaration, and whose a thing is never shows.

#[path = "../house/mod.rs"]
mod house;
mod things;

use std::collections::BTreeMap;

use axum::{Extension, Router, http::Method};
use db::{TenantId, sql};
use edge::{
    Access, Site,
    testing::{Answer, ask},
};
use house::{House, Shop};
use operations::command::Command;
use people::Role;
use serde_json::json;
use things::{Things, all_keys_are_in_use};

/// Routes that the edge adds by itself.
const OF_THE_EDGE: [&str; 8] = [
    "/healthz",
    "/health",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/api/openapi.json",
    "/api/docs",
    "/design",
];

/// Who is refused at the door gets one of these.
const DOOR: [&str; 6] =
    ["key-missing", "sign-in-needed", "not-permitted", "form-outdated", "other-origin", "tenant-suspended"];

/// What is asked without a key: by printed papers and forms of the system before, what a campaign's form asks and how a coupon
/// stands; by whoever knows the code of a gift card, what is left on it.
const OPEN: [&str; 3] =
    ["/t/{slug}/api/campaigns/{code}", "/t/{slug}/api/coupons/{code}", "/t/{slug}/api/v1/gift-card-balance"];

/// These end the caller's own session, so they are walked last.
const LAST: [&str; 2] = ["/sign-out", "/account/sessions"];

struct Rule {
    method: Method,
    path: String,
    site: Site,
    access: Access,
}

impl Rule {
    fn is_read(&self) -> bool {
        self.method == Method::GET
    }

    /// Whether the path names a thing, and not only a business or a kind of payment.
    fn names_a_thing(&self) -> bool {
        let named = |part: &str| part.starts_with('{') && part != "{slug}" && part != "{method}";
        // an old address names no business: it leads to a counter of the caller's own, whatever the code
        self.path != "/redeem/{code}" && self.path.split('/').any(named)
    }
}

/// What a bearer key is in the business that is walked.
#[derive(Clone, Copy, PartialEq)]
enum Key {
    None,
    Public,
    Secret,
    Revoked,
    Neighbours,
}

/// What a cookie's account is there.
#[derive(Clone, Copy, PartialEq)]
enum Person {
    Nobody,
    /// Signed in, but no member (any more), or the neighbour's.
    Stranger,
    Works(Role),
    Operator,
}

struct Caller {
    name: &'static str,
    key: Key,
    person: Person,
    bearer: String,
    cookie: String,
    /// Of the forms of the business.
    token: String,
    /// Of the forms that belong to no business.
    own_token: String,
}

#[derive(Debug, PartialEq)]
enum Expected {
    /// The door lets pass; what the handler says of the input is its own.
    Passes,
    Refused(u16, &'static str),
    Unknown,
}

/// What the route's own declaration promises to a caller.
fn expected(rule: &Rule, caller: &Caller) -> Expected {
    use Expected::{Passes, Refused, Unknown};
    let role_may = |role: Role, permission: &str| people::permissions(role).any(|held| held == permission);
    match (rule.site, rule.access) {
        (_, Access::Visitor | Access::Anyone | Access::Callback) => Passes,
        (Site::Api, access) => match (caller.key, access) {
            (Key::None | Key::Revoked, _) | (_, Access::SignedIn) => Refused(401, "key-missing"),
            (Key::Neighbours, _) => Refused(404, "not-found"),
            (Key::Public, Access::Member(_)) => Refused(403, "not-permitted"),
            (Key::Secret, Access::Member(_)) | (Key::Public | Key::Secret, Access::Reader) => Passes,
            _ => Unknown,
        },
        (Site::Office, access) => match (caller.person, access) {
            (Person::Nobody, _) => Refused(401, "sign-in-needed"),
            (_, Access::SignedIn) | (Person::Operator, Access::Operator) => Passes,
            (Person::Stranger | Person::Operator, Access::Member(_)) | (_, Access::Operator) => {
                Refused(404, "not-found")
            }
            (Person::Works(role), Access::Member(name)) if role_may(role, name) => Passes,
            (Person::Works(_), Access::Member(_)) => Refused(403, "not-permitted"),
            _ => Unknown,
        },
        _ => Unknown,
    }
}

/// Two businesses, and everybody who may come.
struct World {
    house: House,
    own: Things,
    neighbours: Things,
    tenants: [TenantId; 2],
    callers: Vec<Caller>,
}

impl World {
    async fn new(house: House) -> Self {
        let shop = house.sign_up("Une", "awa.diallo").await;
        let other = house.sign_up("Autre", "binta.sow").await;
        let (own, neighbours) =
            (Things::of(&house, &shop, "rouge").await, Things::of(&house, &other, "bleu").await);
        let revoked = shop.call(&house, "POST", "/keys", &json!({ "name": "old" })).await.json();
        let path = format!("/keys/{}", revoked["id"].as_str().expect("a key's id"));
        assert_eq!(shop.call(&house, "DELETE", &path, &json!({})).await.status, 200);
        let (_, cashier) = shop.employs(&house, "la.caissiere", "cashier").await;
        let (_, stock) = shop.employs(&house, "le.magasinier", "stock").await;
        let (suspended, ended) = shop.employs(&house, "ancien.gerant", "manager").await;
        let done = shop.call(&house, "POST", &format!("/members/{suspended}/suspend"), &json!({})).await;
        assert_eq!(done.status, 200, "{}", done.body);
        let again = house.sign_in("ancien.gerant").await;
        let (login, password) = ("root.root".parse().expect("a login"), house::PASSWORD.to_owned());
        house.command(Command::AdminCreate { login, password }).await;
        let operator = house.sign_in("root.root").await;
        let key = |name, key, bearer: &str| Caller {
            name,
            key,
            person: Person::Nobody,
            bearer: format!("Bearer {bearer}"),
            cookie: String::new(),
            token: String::new(),
            own_token: String::new(),
        };
        let mut callers = vec![
            Caller { bearer: String::new(), ..key("nobody", Key::None, "") },
            key("a publishable key", Key::Public, &shop.public),
            key("a secret key", Key::Secret, &shop.secret),
            key("a revoked key", Key::Revoked, revoked["secret"].as_str().expect("a secret")),
            key("an invented key", Key::Revoked, &format!("{}0", shop.secret)),
            key("the neighbour's secret key", Key::Neighbours, &other.secret),
        ];
        let page = |shop: &Shop, rest: &str| shop.path(rest);
        let people = [
            ("a session that ended", Person::Nobody, ended, None),
            ("suspended staff", Person::Stranger, again, None),
            ("a cashier", Person::Works(Role::Cashier), cashier, Some(page(&shop, "/admin/orders"))),
            ("a stock keeper", Person::Works(Role::Stock), stock, Some(page(&shop, "/admin/stock"))),
            (
                "the neighbour's owner",
                Person::Stranger,
                other.cookie.clone(),
                Some(page(&other, "/admin/orders")),
            ),
            ("the operator", Person::Operator, operator, Some("/operator".to_owned())),
            (
                "the owner",
                Person::Works(Role::Owner),
                shop.cookie.clone(),
                Some(page(&shop, "/admin/orders")),
            ),
        ];
        for (name, person, cookie, page) in people {
            let token = match page {
                Some(page) => house.token(&page, &cookie).await,
                None => String::new(),
            };
            let own_token = match person {
                Person::Nobody => String::new(),
                _ => house.token("/account", &cookie).await,
            };
            callers.push(Caller {
                name,
                key: Key::None,
                person,
                bearer: String::new(),
                cookie,
                token,
                own_token,
            });
        }
        all_keys_are_in_use(&house, &shop).await;
        let tenants = [shop.scope(&house).await.tenant, other.scope(&house).await.tenant];
        Self { house, own, neighbours, tenants, callers }
    }

    async fn ask(&self, router: &Router, rule: &Rule, caller: &Caller, things: &Things) -> Option<Answer> {
        let address = things.address(&rule.path).ok()?;
        let kind =
            if rule.site == Site::Api { "application/json" } else { "application/x-www-form-urlencoded" };
        let token = if rule.path.starts_with("/t/") { &caller.token } else { &caller.own_token };
        let mut headers = vec![
            ("accept", "application/json"),
            ("content-type", kind),
            ("origin", "http://localhost"),
            ("sec-fetch-site", "same-origin"),
            ("x-csrf-token", token.as_str()),
        ];
        if !caller.bearer.is_empty() {
            headers.push(("authorization", caller.bearer.as_str()));
        }
        if !caller.cookie.is_empty() {
            headers.push(("cookie", caller.cookie.as_str()));
        }
        let body = if rule.is_read() { String::new() } else { things.body(rule) };
        // all callers share an address, and a code that is nobody's counts against it
        if rule.path.ends_with("/coupons/{code}") {
            let forgive = |tenant| {
                self.house.soko.app.limits.forgive("coupon-code", &format!("{tenant} 127.0.0.1"));
            };
            self.tenants.iter().for_each(forgive);
        }
        Some(ask(router, rule.method.as_str(), &format!("http://localhost{address}"), &headers, &body).await)
    }

    /// How often each business was written to.
    async fn versions(&self) -> [i64; 2] {
        let mut versions = [0; 2];
        for (version, tenant) in versions.iter_mut().zip(self.tenants) {
            let scope = db::Scope {
                tenant,
                actor: db::Actor::system(),
                origin: db::Origin::default(),
                reach: db::Reach::Everywhere,
            };
            let look = |rx: &mut db::Rx<'_>| {
                rx.row(sql!("select version from tenant_state where tenant_id = $1"), (), |row| row.get(0))
            };
            let found: Result<Option<i64>, db::Error> = self.house.soko.app.db.read(scope, look).await;
            *version = found.expect("the state is read").expect("the state is there");
        }
        versions
    }

    /// Everything that is wrong with these routes.
    async fn walk(&self, router: &Router, rules: Vec<Rule>) -> Vec<String> {
        let mut faults = Vec::new();
        let (mut last, first): (Vec<Rule>, Vec<Rule>) =
            rules.into_iter().partition(|rule| LAST.contains(&rule.path.as_str()));
        last.sort_by_key(|rule| rule.path == "/sign-out");
        for rule in first.iter().chain(&last) {
            let before = faults.len();
            self.visit(router, rule, &mut faults).await;
            for fault in &mut faults[before..] {
                *fault = format!("{} {}: {fault}", rule.method, rule.path);
            }
        }
        faults
    }

    async fn visit(&self, router: &Router, rule: &Rule, faults: &mut Vec<String>) {
        if let Err(missing) = self.own.address(&rule.path) {
            faults.push(format!("the walk has no case for {missing}"));
            return;
        }
        if let Access::Member(name) = rule.access
            && !people::is_permission(name)
        {
            faults.push(format!("{name} stands in no role"));
        }
        let inside = (rule.path.contains("/admin") || rule.path.starts_with("/t/{slug}/api/"))
            && !OPEN.contains(&rule.path.as_str());
        if inside && matches!(rule.access, Access::Visitor | Access::Anyone | Access::SignedIn) {
            faults.push("whoever comes is let in".to_owned());
        }
        let foreign = self.neighbours.under(&self.own);
        let invented = self.own.invented();
        let mut passing = Vec::new();
        let before = self.versions().await;
        for caller in &self.callers {
            match expected(rule, caller) {
                Expected::Unknown => faults.push("no rule says who may".to_owned()),
                Expected::Passes => passing.push(caller),
                refused => {
                    for (whose, things) in
                        [("own", &self.own), ("the neighbour's", &foreign), ("invented", &invented)]
                    {
                        let Some(answer) = self.ask(router, rule, caller, things).await else { continue };
                        let said = Said::of(&answer);
                        if Expected::Refused(said.status, said.code_of()) != refused {
                            faults.push(format!("{} of {whose}: {said:?}, not {refused:?}", caller.name));
                        }
                    }
                }
            }
        }
        if self.versions().await != before {
            faults.push("a refused request was written".to_owned());
        }
        for caller in passing {
            self.pass(router, rule, caller, [&foreign, &invented], faults).await;
        }
        for caller in &self.callers {
            self.same(router, rule, caller, [&foreign, &invented], faults).await;
        }
        if self.versions().await[1] != before[1] {
            faults.push("the neighbour's business was written to".to_owned());
        }
    }

    /// What is the neighbour's and what never was are answered alike.
    async fn same(
        &self,
        router: &Router,
        rule: &Rule,
        caller: &Caller,
        [foreign, invented]: [&Things; 2],
        faults: &mut Vec<String>,
    ) {
        let request = |things: &Things| (things.address(&rule.path), things.body(rule));
        if rule.access == Access::Operator || request(foreign) == request(invented) {
            return;
        }
        let first = self.ask(router, rule, caller, foreign).await;
        let second = self.ask(router, rule, caller, invented).await;
        let (Some(first), Some(second)) = (first, second) else { return };
        // an old address leads to the caller's own counter, whose name is a thing of the neighbour's when it is theirs
        let (one, other) = match rule.path.as_str() {
            "/redeem/{code}" => (plain(&first, foreign), foreign.blank(&plain(&second, invented))),
            _ => (plain(&first, foreign), plain(&second, invented)),
        };
        if one != other {
            faults.push(format!(
                "{}: the neighbour's is told from what never was:\n  {one:.600}\n  {other:.600}",
                caller.name
            ));
        }
    }

    async fn pass(
        &self,
        router: &Router,
        rule: &Rule,
        caller: &Caller,
        [foreign, invented]: [&Things; 2],
        faults: &mut Vec<String>,
    ) {
        if rule.is_read()
            && let Some(answer) = self.ask(router, rule, caller, &self.own).await
            && !(answer.status.is_success() || answer.status.is_redirection())
        {
            faults.push(format!("{} does not get the own: {} {}", caller.name, answer.status, answer.body));
        }
        for (whose, things) in [("the neighbour's", foreign), ("invented", invented)] {
            let Some(answer) = self.ask(router, rule, caller, things).await else { continue };
            let said = Said::of(&answer);
            if DOOR.contains(&said.code.as_str()) || said.status >= 500 {
                faults.push(format!("{} of {whose}: {said:?}, though the door is open", caller.name));
            }
            let operator = rule.access == Access::Operator || rule.access == Access::Callback;
            if rule.names_a_thing() && !operator && ![404, 410].contains(&said.status) {
                faults.push(format!("{} of {whose}: {said:?}, not 404: {:.300}", caller.name, answer.body));
            }
        }
    }
}

#[derive(Debug)]
struct Said {
    status: u16,
    code: String,
}

impl Said {
    fn of(answer: &Answer) -> Self {
        let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
        Self { status: answer.status.as_u16(), code }
    }

    fn code_of(&self) -> &'static str {
        DOOR.into_iter().chain(["not-found"]).find(|known| *known == self.code).unwrap_or("another")
    }
}

/// An answer without what differs by chance or by what was asked for.
fn plain(answer: &Answer, asked: &Things) -> String {
    let headers: BTreeMap<&str, &str> = answer
        .headers
        .iter()
        .filter(|(name, _)| {
            !["x-request-id", "set-cookie", "content-length", "etag"].contains(&name.as_str())
        })
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()))
        .collect();
    let body = answer.body.replace(answer.header("x-request-id"), "request");
    let body = match answer.csrf() {
        token if token.is_empty() => body,
        token => body.replace(&token, "token"),
    };
    asked.blank(&format!("{} {headers:?} {body}", answer.status))
}

fn rules() -> Vec<Rule> {
    let edge = OF_THE_EDGE.into_iter().map(|path| Rule {
        method: Method::GET,
        path: path.to_owned(),
        site: Site::Api,
        access: Access::Anyone,
    });
    of(&soko::wiring::routes()).into_iter().chain(edge).collect()
}

fn of(routes: &edge::Routes) -> Vec<Rule> {
    let rules = routes.table().iter();
    rules
        .map(|rule| Rule {
            method: rule.method.clone(),
            path: rule.path.clone(),
            site: rule.site,
            access: rule.access,
        })
        .collect()
}

on_both_engines! {
    async fn every_route_lets_in_whom_it_names_and_tells_nobody_else_anything(house: House) {
        let world = World::new(house).await;
        let faults = world.walk(&world.house.router, rules()).await;
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    }
}

/// Routes as nobody should write them.
mod leaky {
    use axum::{extract::State, http::Method};
    use db::{Actor, Origin, Scope};
    use edge::{App, Json, May, Path, Problem, Routes, Site, Visitor};
    use serde_json::{Value, json};

    edge::permission!(Forgotten = "forgotten.read");

    pub fn routes() -> Routes {
        Routes::new()
            .page(Site::Api, "/t/{slug}/api/v1/orders/{id}/whose", Method::GET, whose)
            .page(Site::Office, "/t/{slug}/admin/open", Method::GET, open)
            .page(Site::Office, "/t/{slug}/admin/forgotten", Method::GET, forgotten)
            .page(Site::Office, "/t/{slug}/admin/hats/{hat}", Method::GET, forgotten)
    }

    /// Looks for an order in every business.
    async fn whose(
        State(app): State<App>,
        _: May<orders::Read>,
        Path((_, id)): Path<(String, orders::OrderId)>,
    ) -> Result<Json<Value>, Problem> {
        for tenant in app.db.tenants().await? {
            let scope = Scope {
                tenant: tenant.id,
                actor: Actor::system(),
                origin: Origin::default(),
                reach: db::Reach::Everywhere,
            };
            if let Ok(order) = app.db.read(scope, move |rx| orders::order(rx, id)).await {
                return Ok(Json(json!({ "number": order.number })));
            }
        }
        Err(Problem::not_found("order-unknown", "no"))
    }

    async fn open(State(_): State<App>, _: Visitor) -> Json<Value> {
        Json(json!({ "turnover": 1 }))
    }

    async fn forgotten(State(_): State<App>, _: May<Forgotten>) -> Json<Value> {
        Json(json!({}))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leaky_route_is_caught() {
    let world = World::new(House::on_sqlite().await).await;
    let soko = &world.house.soko;
    let router = soko::wiring::routes()
        .merge(leaky::routes())
        .into_router(soko.app.clone())
        .layer(Extension(soko.desk.clone()))
        .layer(Extension(soko.house.clone()));
    let faults = world.walk(&router, of(&leaky::routes())).await;
    let caught =
        |path: &str, what: &str| faults.iter().any(|fault| fault.contains(path) && fault.contains(what));
    assert!(caught("/whose", "a secret key of the neighbour's: Said { status: 200"), "{faults:#?}");
    assert!(caught("/whose", "is told from what never was"), "{faults:#?}");
    assert!(caught("/admin/open", "whoever comes is let in"), "{faults:#?}");
    assert!(caught("/admin/forgotten", "stands in no role"), "{faults:#?}");
    assert!(caught("/hats/{hat}", "no case for hats/hat"), "{faults:#?}");
}
