//! The operator's console: what it knows without opening anybody's books, what an operator can do, and what is kept of it.

mod house;

use base::{Language, Timestamp};
use db::Tx;
use edge::testing::Answer;
use house::{House, PASSWORD, Shop, quoted};
use operations::{
    command::Command,
    console::{self, NewNotice},
};
use serde_json::json;
use spine::{
    events::{self, Filter, platform},
    jobs::{self, Job, JobId, Outcome, State},
};

/// Who runs the platform, at a browser.
struct Console<'h> {
    house: &'h House,
    cookie: String,
    token: String,
}

impl<'h> Console<'h> {
    async fn open(house: &'h House) -> Self {
        let (login, password) = ("root.root".parse().expect("a login"), PASSWORD.to_owned());
        house.command(Command::AdminCreate { login, password }).await;
        let cookie = house.sign_in("root.root").await;
        let token = house.token("/account", &cookie).await;
        Self { house, cookie, token }
    }

    /// The page as an operator sees it, without its header and menu.
    async fn page(&self, path: &str) -> String {
        let answer = self.house.get(path, &[("cookie", &self.cookie)]).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        let (_, main) = answer.body.split_once("<main").expect("a page");
        main.to_owned()
    }

    async fn sends(&self, path: &str, body: &str) -> Answer {
        self.house.office("POST", path, &self.cookie, &self.token, body).await
    }

    /// Looks at what was written to, as the server does every few seconds.
    async fn looks(&self) {
        self.house
            .soko
            .watch
            .keeper
            .catch_up(&self.house.soko.app.db)
            .await
            .expect("the summaries are written");
    }

    /// The kinds of what the platform's history says, the newest first.
    async fn history(&self) -> Vec<String> {
        let list = |dx: &mut db::Dx<'_>| platform::list(dx, &Filter::default(), None, 50);
        let found: Result<_, db::Error> = self.house.soko.app.db.directory().read(list).await;
        found.expect("the history is read").into_iter().map(|event| event.kind).collect()
    }
}

impl Shop {
    /// A job of `kind` that ended as `outcome` says.
    async fn has_job(&self, house: &House, kind: &'static str, outcome: Outcome) -> JobId {
        let work = move |tx: &mut Tx<'_>| {
            // older than anything else, so that it is the one that is claimed
            let at = Timestamp::from_micros(0);
            jobs::enqueue(tx, Job { kind, at, payload: json!({}), key: None, cause: "order_1" })?;
            let job = jobs::claim(tx, 60, 1)?.remove(0);
            let id = job.id;
            jobs::finish(tx, &[(job, outcome.clone())])?;
            Ok::<_, db::Error>(id)
        };
        house.soko.app.db.write(self.scope(house).await, work).await.expect("a job")
    }

    async fn job_state(&self, house: &House, job: JobId) -> State {
        let found = house.soko.app.db.read(self.scope(house).await, move |rx| jobs::find(rx, job)).await;
        found.expect("the jobs are read").expect("the job").state
    }

    /// Who did what to jobs, as the business's own history has it.
    async fn job_history(&self, house: &House) -> Vec<(String, String)> {
        let filter = Filter { kind: Some("job.".to_owned()), ..Filter::default() };
        let list = move |rx: &mut db::Rx<'_>| events::list(rx, &filter, None, 50);
        let found: Result<_, db::Error> = house.soko.app.db.read(self.scope(house).await, list).await;
        let found = found.expect("the history is read").into_iter();
        found
            .map(|event| (event.kind, event.actor.split(':').next().unwrap_or_default().to_owned()))
            .collect()
    }
}

fn failed(reason: &str) -> Outcome {
    Outcome::Failed(reason.to_owned())
}

on_both_engines! {
    async fn the_list_knows_what_was_sold_and_what_failed(house: House) {
        let bakery = house.sign_up("Boulangerie Été", "awa.diallo").await;
        let florist = house.sign_up("Fleurs", "binta.sow").await;
        bakery.has_product(&house, "Baguette", "B", 1_35, None).await;
        assert_eq!(bakery.orders(&house, "B", 2, "cod").await.status, 201);
        let console = Console::open(&house).await;
        let before = console.page("/operator").await;
        assert!(before.contains("Boulangerie Été") && before.contains("Not looked at yet"), "{before}");

        console.looks().await;
        let list = console.page("/operator").await;
        assert!(list.contains("Fine") && !list.contains("Look at it</span>"), "{list}");
        assert!(list.contains("<td data-label=\"Orders\" class=\"number\">1</td>"), "{list}");

        florist.has_job(&house, "refund", failed("no route")).await;
        console.looks().await;
        let look = console.page("/operator?health=look").await;
        assert!(look.contains("Fleurs") && look.contains("1 failed job") && !look.contains("Boulangerie"), "{look}");
        let fine = console.page("/operator?health=fine").await;
        assert!(fine.contains("Boulangerie") && !fine.contains("Fleurs"), "{fine}");
        // by the name as it is written, and by the address for who lacks the accent
        for typed in ["boulang", "ete", "BOULANGERIE-ETE"] {
            let found = console.page(&format!("/operator?q={}", quoted(typed))).await;
            assert!(found.contains("Boulangerie") && !found.contains("Fleurs"), "{typed}: {found}");
        }
        let none = console.page("/operator?q=%25&state=suspended").await;
        assert!(none.contains("None is like that"), "{none}");
    }

    async fn a_summary_is_written_once_however_many_orders_came(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        shop.has_product(&house, "Pagne", "P", 10_00, None).await;
        let console = Console::open(&house).await;
        console.looks().await;
        let version = async || {
            let look = |dx: &mut db::Dx<'_>| {
                dx.row(db::directory_sql!("select version from directory_state"), (), |row| row.get::<i64>(0))
            };
            let found: Result<_, db::Error> = house.soko.app.db.directory().read(look).await;
            found.expect("the directory is read").expect("a version")
        };
        let before = version().await;
        for _ in 0..5 {
            assert_eq!(shop.orders(&house, "P", 1, "cod").await.status, 201);
        }
        console.looks().await;
        assert_eq!(version().await, before + 1);
        console.looks().await;
        assert_eq!(version().await, before + 1, "nothing was written, so nothing is noted");
    }

    async fn a_failed_job_is_tried_again_or_given_up_in_the_operators_name(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        let mail = shop.has_job(&house, "order.mail", failed("550 <awa@example.org> unknown")).await;
        let refund = shop.has_job(&house, "refund", Outcome::Unknown("cut off".to_owned())).await;
        let console = Console::open(&house).await;
        console.looks().await;
        let page = console.page("/operator/jobs").await;
        assert!(page.contains("Mail about an order") && page.contains("outcome unknown"), "{page}");
        assert!(page.contains("550 … unknown") && !page.contains("awa@example.org"), "an address is shown: {page}");

        let form = |job: JobId, action: &str| format!("business={}&job={job}&action={action}", shop.slug);
        assert_eq!(console.sends("/operator/jobs", &form(mail, "retry")).await.status, 303);
        assert_eq!(shop.job_state(&house, mail).await, State::Waiting);
        assert_eq!(console.sends("/operator/jobs", &form(refund, "cancel")).await.status, 303);
        assert_eq!(shop.job_state(&house, refund).await, State::Cancelled);
        // what is over stays over
        assert_eq!(console.sends("/operator/jobs", &form(refund, "retry")).await.status, 409);
        assert_eq!(console.sends("/operator/jobs", &form(refund, "cancel")).await.status, 409);
        assert!(console.page("/operator/jobs").await.contains("Nothing here."));
        let operator = |kind: &str| (kind.to_owned(), "operator".to_owned());
        let seen = shop.job_history(&house).await;
        assert_eq!(seen[..2], [operator("job.cancelled"), operator("job.retried")]);
        assert_eq!(console.history().await[..2], ["job.cancelled", "job.retried"]);
        house.verifies().await;
    }

    async fn all_failed_jobs_of_a_kind_are_tried_again_at_once(house: House) {
        let (one, other) = (house.sign_up("Une", "awa.diallo").await, house.sign_up("Autre", "binta.sow").await);
        let jobs = [
            one.has_job(&house, "order.mail", failed("down")).await,
            one.has_job(&house, "order.mail", Outcome::Unknown("cut".to_owned())).await,
        ];
        let (there, refund) =
            (other.has_job(&house, "order.mail", failed("down")).await, other.has_job(&house, "refund", failed("no")).await);
        let console = Console::open(&house).await;
        console.looks().await;
        let page = console.page("/operator/jobs?kind=order.mail").await;
        assert!(page.contains("Try all failed again: Mail about an order"), "{page}");
        assert_eq!(console.sends("/operator/jobs/retry", "kind=order.mail").await.status, 303);
        assert_eq!(one.job_state(&house, jobs[0]).await, State::Waiting);
        assert_eq!(one.job_state(&house, jobs[1]).await, State::Unknown, "it may have happened");
        assert_eq!(other.job_state(&house, there).await, State::Waiting);
        assert_eq!(other.job_state(&house, refund).await, State::Failed);
    }

    async fn a_long_list_of_jobs_has_pages_and_none_is_shown_twice(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        let other = house.sign_up("Autre", "binta.sow").await;
        for _ in 0..30 {
            house.clock.advance_s(1);
            shop.has_job(&house, "refund", failed("no")).await;
            other.has_job(&house, "refund", Outcome::Unknown("cut".to_owned())).await;
        }
        let console = Console::open(&house).await;
        console.looks().await;
        let first = console.page("/operator/jobs").await;
        let next = first.split("rel=\"next\" href=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a next page");
        let second = console.page(&format!("/operator/jobs{}", next.replace("&#38;", "&"))).await;
        let ids = |page: &str| -> Vec<String> {
            page.split("value=\"job_").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
        };
        let mut all: Vec<String> = ids(&first).into_iter().chain(ids(&second)).collect();
        // each job has two forms
        assert_eq!(all.len(), 120);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 60);
        assert!(!second.contains("rel=\"next\""), "{second}");
    }

    async fn a_business_is_suspended_with_a_reason_and_taken_back(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        let console = Console::open(&house).await;
        let path = format!("/operator/tenants/{}", shop.slug);
        let page = console.page(&path).await;
        assert!(page.contains("awa.diallo") && page.contains(&format!("{path}/suspend")), "{page}");
        assert!(console.page(&format!("{path}/suspend")).await.contains("Suspend Boutique?"));
        assert_eq!(console.sends(&path, "action=suspend&reason=+").await.status, 422);
        assert_eq!(house.get(&shop.path("/"), &[]).await.status, 200);
        let reason = "Three months not paid";
        assert_eq!(console.sends(&path, &format!("action=suspend&reason={}", quoted(reason))).await.status, 303);
        assert_eq!(house.get(&shop.path("/"), &[]).await.status, 503);
        let suspended = console.page(&path).await;
        assert!(suspended.contains(reason) && suspended.contains("value=\"resume\""), "{suspended}");
        assert_eq!(console.sends(&path, "action=resume").await.status, 303);
        assert_eq!(house.get(&shop.path("/"), &[]).await.status, 200);
        // the owner reads why
        let events = shop.read(&house, "/events?kind=tenant.suspended").await.json();
        assert_eq!(events["items"][0]["payload"]["after"]["reason"], reason);
        assert_eq!(console.history().await[..2], ["tenant.resumed", "tenant.suspended"]);
    }

    async fn the_operator_sees_no_order_and_no_customer(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        shop.has_product(&house, "Pagne", "P", 10_00, None).await;
        let order = shop.orders(&house, "P", 1, "cod").await;
        assert_eq!(order.status, 201);
        let console = Console::open(&house).await;
        console.looks().await;
        let one = format!("/operator/tenants/{}", shop.slug);
        for path in ["/operator", &one, "/operator/jobs?state=waiting", "/operator/mails?state=waiting", "/operator/events"] {
            let page = console.page(path).await;
            assert!(!page.contains("Aïssatou") && !page.contains("620000000"), "{path}: {page}");
        }
    }

    async fn what_operators_did_is_a_list_a_file_and_a_chain(house: House) {
        let shop = house.sign_up("=Boutique", "awa.diallo").await;
        let console = Console::open(&house).await;
        assert_eq!(console.history().await, ["operator.added", "tenant.founded"]);
        let page = console.page("/operator/events").await;
        assert!(page.contains("Business signed up") && page.contains("=Boutique") && page.contains("Command line"), "{page}");
        let filtered = console.page("/operator/events?kind=operator.").await;
        assert!(filtered.contains("Operator added") && !filtered.contains("Business signed up"), "{filtered}");
        assert!(console.page("/operator/events?from=2001-01-01&to=2001-01-02").await.contains("Nothing of that kind"));
        let csv = house.get("/operator/events.csv", &[("cookie", &console.cookie)]).await;
        assert!(csv.body.lines().count() == 3 && csv.body.contains("tenant.founded,tenant:"), "{}", csv.body);
        // the files of heads vouch for the operators' list as for each business's
        let house_ = &house.soko.house;
        operations::command::sign_heads(&house_.db, &house_.ring, &house_.heads).await.expect("heads are signed");
        let verified = house.command(Command::AuditVerify { tenant: None, heads: None }).await;
        assert_eq!(verified.json["operators"], json!({ "events": 2, "chain": "proven" }));
        // somebody with the database changes who was let in
        let forge = |dx: &mut db::Dx<'_>| {
            dx.run(db::directory_sql!("update platform_event set kind = 'tenant.approved' where n = 1"), ())
        };
        let forged: Result<_, db::Error> = house.soko.app.db.directory().write(forge).await;
        assert_eq!(forged.expect("the directory is written"), 1);
        let found = operations::command::run(house_, Command::AuditVerify { tenant: None, heads: None }).await;
        assert!(!found.well && found.json["operators"]["chain"] == "broken", "{}", found.text);
        drop(shop);
    }

    async fn a_notice_is_on_every_page_of_every_back_office_and_in_no_shop(house: House) {
        let shop = house.sign_up("Boutique", "awa.diallo").await;
        let console = Console::open(&house).await;
        let form = |action: &str, kind: &str| format!(
            "action={action}&kind={kind}&from={}&until={}&text.en={}&text.fr=",
            quoted("2020-01-01T00:00"), quoted("2099-01-01T00:00"), quoted("Down <tonight>: https://status.example.org.")
        );
        let preview = console.sends("/operator/notice", &form("preview", "information")).await;
        assert!(preview.body.contains("Down &lt;tonight&gt;: <a href=\"https://status.example.org\""), "{}", preview.body);
        let office = async |cookie: &str| house.get(&shop.path("/admin/orders"), &[("cookie", cookie)]).await.body;
        assert!(!office(&shop.cookie).await.contains("tonight"), "a preview is published");
        assert_eq!(console.sends("/operator/notice", &form("publish", "information")).await.status, 303);
        assert_eq!(console.sends("/operator/notice", &form("publish", "warning")).await.status, 303);
        let page = office(&shop.cookie).await;
        assert_eq!(page.matches("Down &lt;tonight&gt;").count(), 2, "{page}");
        assert!(page.contains("Information:") && page.contains("Warning:"), "{page}");
        assert!(!house.get(&shop.path("/"), &[]).await.body.contains("tonight"), "the shop shows it");

        // an information goes away for who puts it away, a warning stays
        let (_, after) = page.split_once("action=\"/notices/away\"").expect("a form");
        let value = |name: &str| after.split(&format!("{name}\" value=\"")).nth(1).and_then(|rest| rest.split('"').next());
        let (token, id) = (value("csrf").expect("a token"), value("notice").expect("an id"));
        let to = shop.path("/admin/orders");
        let away = house.office("POST", "/notices/away", &shop.cookie, token, &format!("notice={id}&to={to}")).await;
        assert_eq!((away.status.as_u16(), away.header("location")), (303, to.as_str()));
        let kept = away.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        let later = office(&format!("{}; {kept}", shop.cookie)).await;
        assert!(later.matches("Down &lt;tonight&gt;").count() == 1 && later.contains("Warning:"), "{later}");

        // ended early, it is gone
        let list = console.page("/operator/notice").await;
        for id in list.split("name=\"notice\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert_eq!(console.sends("/operator/notice/end", &format!("notice={id}")).await.status, 303);
            assert_eq!(console.sends("/operator/notice/end", &format!("notice={id}")).await.status, 404);
        }
        assert!(!office(&shop.cookie).await.contains("tonight"));
    }

    async fn a_notice_that_says_nothing_is_not_published_and_nothing_typed_is_lost(house: House) {
        let console = Console::open(&house).await;
        let body = "action=publish&kind=warning&from=2020-01-01T00%3A00&until=2019-01-01T00%3A00&text.fr=Bonjour";
        let again = console.sends("/operator/notice", body).await;
        assert_eq!(again.status, 422);
        assert!(again.body.contains("Bonjour") && again.body.contains("It ends before it begins"), "{}", again.body);
    }

    async fn a_mail_is_tried_and_the_answer_is_shown(house: House) {
        let console = Console::open(&house).await;
        let page = console.page("/operator/mails").await;
        assert!(page.contains("Mails are written as files") && page.contains("no-reply@localhost"), "{page}");
        let tried = console.sends("/operator/mails/try", "to=rosa%40example.org").await;
        assert!(tried.status == 200 && tried.body.contains(".eml"), "{}", tried.body);
        let none = console.sends("/operator/mails/try", "to=rosa").await;
        assert!(none.body.contains("Type your e-mail address") && none.body.contains("value=\"rosa\""), "{}", none.body);
        assert_eq!(console.history().await[0], "mail.tried");
    }

    async fn the_numbers_are_drawn_and_written(house: House) {
        let console = Console::open(&house).await;
        assert!(console.page("/operator/numbers").await.contains("first numbers are here in ten seconds"));
        for _ in 0..3 {
            let (app, watch) = (&house.soko.app, &house.soko.watch);
            watch.numbers.take(&edge::numbers(app), app.now());
            house.clock.advance_s(10);
        }
        let page = console.page("/operator/numbers").await;
        assert!(page.contains("class=\"line\"") && page.contains("<th class=\"number\">Memory</th>"), "{page}");
        assert!(!page.contains("style="), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_server_shows_a_notice_too() {
    let database = testing::database();
    let (one, other) = (House::on(&database).await, House::on(&database).await);
    let shop = one.sign_up("Boutique", "awa.diallo").await;
    let now = one.soko.app.now();
    let new = NewNotice {
        kind: edge::NoticeKind::Warning,
        texts: vec![(Language::Fr, "Arrêt ce soir".to_owned())],
        from: now,
        until: now.plus_s(3600),
    };
    let (actor, origin) = (db::Actor::new("operator"), db::Origin::default());
    console::publish(&one.soko.app, &actor, &origin, new).await.unwrap();
    let page = async || other.get(&shop.path("/admin/orders"), &[("cookie", &shop.cookie)]).await.body;
    assert!(!page().await.contains("Arrêt ce soir"));
    console::renew_notices(&other.soko.app).await.unwrap();
    assert!(page().await.contains("Arrêt ce soir"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_cannot_be_read_is_said_and_hides_no_page() {
    let house = House::on_sqlite().await;
    let shop = house.sign_up("Boutique", "awa.diallo").await;
    let console = Console::open(&house).await;
    let tenant = shop.scope(&house).await.tenant;
    let file = house.soko.app.config.data.join(format!("tenants/{tenant}/1/tenant.db"));
    let aside = file.with_extension("aside");
    std::fs::rename(&file, &aside).unwrap();
    console.looks().await;
    let list = console.page("/operator?health=look").await;
    assert!(list.contains("Boutique") && list.contains("Its database cannot be read."), "{list}");
    let one = console.page(&format!("/operator/tenants/{}", shop.slug)).await;
    assert!(one.contains("Its database cannot be read.") && one.contains("tenant.db"), "{one}");
    std::fs::rename(&aside, &file).unwrap();
    shop.has_product(&house, "Pagne", "P", 10_00, None).await;
    console.looks().await;
    assert!(!console.page("/operator").await.contains("cannot be read"));
}

/// A list of ten thousand opens none of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_businesses_are_listed_at_once() {
    let house = House::on_sqlite().await;
    let console = Console::open(&house).await;
    let many = |dx: &mut db::Dx<'_>| {
        for number in 100..10_100_i64 {
            dx.put(
                db::directory_sql!(
                    "insert into tenant (id, slug, name, state, generation, currency, country, language, zone, test, created_at)
                     values ($1, $2, $3, 'live', 1, 'EUR', 'FR', 'fr', 'UTC', 0, $4)"
                ),
                (number, format!("shop-{number}"), format!("Shop {number}"), Timestamp::from_micros(number)),
            )?;
            dx.put(
                db::directory_sql!(
                    "insert into tenant_summary (tenant_id, size_bytes, files_bytes, orders, jobs_waiting, jobs_running,
                       jobs_failed, jobs_unknown, mails_waiting, mails_failed, checked_at)
                     values ($1, 4096, 0, 1, 0, 0, $2, 0, 0, 0, $3)"
                ),
                (number, i64::from(number == 5000), Timestamp::from_micros(number)),
            )?;
        }
        Ok::<_, db::Error>(())
    };
    house.soko.app.db.directory().write(many).await.unwrap();
    let first = console.page("/operator").await;
    assert!(
        first.contains("10,000") && first.contains("shop-10099") && !first.contains("shop-10049"),
        "{first}"
    );
    let found = console.page("/operator?health=look&q=shop-5").await;
    assert!(found.contains("shop-5000") && !found.contains("shop-5001"), "{found}");
    let next = first.split("rel=\"next\" href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert!(console.page(&format!("/operator{next}")).await.contains("shop-10049"));
    let open = house.soko.app.db.load().open_tenants;
    assert_eq!(open, 0, "a list opened businesses");
}
