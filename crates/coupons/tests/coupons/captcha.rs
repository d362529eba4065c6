//! A company's widget on a form: its maker is asked about each answer, and stands in here as a server of the test.

use std::sync::{Arc, Mutex};

use axum::{Form, Router, extract::State, routing::post};
use coupons::CouponForm;
use edge::{
    App, CaptchaBy, Config, Reach, Secret, Widget,
    testing::{Answer, Door, ask},
};

use crate::world::{Bakery, tenth};

type Asked = Arc<Mutex<Vec<Vec<(String, String)>>>>;

/// Says yes to `good`, once; that it is late to anything it saw before; no to the rest; and nothing sensible to `broken`.
async fn maker() -> (String, Reach, Asked) {
    let asked = Asked::default();
    let verify = |State(asked): State<Asked>, Form(fields): Form<Vec<(String, String)>>| async move {
        let sent =
            |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let response = sent("response").unwrap_or_default();
        let is_ours = sent("secret").as_deref() == Some("shh");
        let mut before = asked.lock().unwrap();
        let seen = before.iter().flatten().any(|(name, value)| name == "response" && *value == response);
        before.push(fields);
        match response.as_str() {
            "broken" => "<html>".to_owned(),
            "good" if seen => r#"{"success":false,"error-codes":["timeout-or-duplicate"]}"#.to_owned(),
            "good" if is_ours => r#"{"success":true,"hostname":"localhost"}"#.to_owned(),
            _ => r#"{"success":false,"error-codes":["invalid-input-response"]}"#.to_owned(),
        }
    };
    let router = Router::new().route("/siteverify", post(verify)).with_state(Arc::clone(&asked));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}/siteverify"), Reach::PublicAnd(address), asked)
}

async fn send(router: &Router, path: &str, field: &str, response: &str) -> Answer {
    let body = format!("email=ada%40example.org&firstName=Ada&lastName=Rossi&{field}={response}");
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "http://localhost")];
    ask(router, "POST", &format!("http://localhost{path}"), &headers, body).await
}

async fn every_answer_is_verified(provider: &str) {
    let bakery = Bakery::on_sqlite().await;
    let campaign = bakery.runs(tenth()).await;
    let (verify, reach, asked) = maker().await;
    let widget = Widget::of(provider, "site-key".to_owned(), Secret::new("shh")).unwrap();
    let (field, script) = (widget.field, widget.script);
    let mut config = Config::development();
    config.captcha = CaptchaBy::Widget(Widget { verify, ..widget });
    let app = App::reaching(reach, bakery.db().clone(), config, Arc::new(Door::default()));
    let router = coupons::routes().into_router(app);
    let slug = bakery.read(move |rx| Ok(coupons::find(rx, campaign)?.slug)).await.unwrap();
    let path = format!("/t/bakery/c/{slug}");

    let page = ask(&router, "GET", &format!("http://localhost{path}"), &[], "").await;
    assert!(page.body.contains("data-sitekey=\"site-key\"") && page.body.contains(script), "{}", page.body);
    let policy = page.header("content-security-policy");
    let origin = script.split('/').take(3).collect::<Vec<_>>().join("/");
    let allowed = |directive: &str| {
        policy.split(';').find(|part| part.trim().starts_with(directive)).unwrap_or_default()
    };
    let wild = origin.replace("https://js.", "https://*.");
    assert!(allowed("script-src").contains(&origin) || allowed("script-src").contains(&wild), "{policy}");
    assert!(allowed("frame-src").contains("https://"), "{policy}");

    assert_eq!(send(&router, &path, field, "").await.status, 422);
    assert!(asked.lock().unwrap().is_empty(), "nothing was answered, so nobody is asked");
    assert_eq!(send(&router, &path, field, "bad").await.status, 422);
    let away = send(&router, &path, field, "broken").await;
    assert!(away.status == 503 && away.body.contains("value=\"ada@example.org\""), "{}", away.status);
    let passed = send(&router, &path, field, "good").await;
    assert_eq!(passed.status, 303, "{}", passed.body);
    assert_eq!(send(&router, &path, field, "good").await.status, 422);
    let fields = asked.lock().unwrap()[0].clone();
    for (name, value) in [("secret", "shh"), ("response", "bad"), ("sitekey", "site-key")] {
        assert!(fields.contains(&(name.to_owned(), value.to_owned())), "{fields:?}");
    }
}

#[tokio::test]
async fn turnstile_is_asked_about_each_answer() {
    every_answer_is_verified("turnstile").await;
}

#[tokio::test]
async fn hcaptcha_is_asked_about_each_answer() {
    every_answer_is_verified("hcaptcha").await;
}

#[tokio::test]
async fn recaptcha_is_asked_about_each_answer() {
    every_answer_is_verified("recaptcha").await;
}

/// The limit of a contact, and that of a link, hold over two servers of one database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_gets_three_coupons_through_two_processes() {
    let bakery = Bakery::on_postgres().await;
    let campaign = bakery.runs(tenth()).await;
    let second = bakery.second().await;
    let limit = coupons::ContactLimit { most: 3, window_s: 86_400 };
    let form = CouponForm::default();
    let fields = [("email", "ada@example.org"), ("firstName", "Ada"), ("lastName", "Rossi")];
    let sent = |name: &str| fields.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let filled = form.read(sent, "IT".parse().unwrap(), base::Language::It, 0).unwrap();
    let sent = coupons::Sent { filled, consent_version: 0, link: None, question: None };
    let mut senders = tokio::task::JoinSet::new();
    for number in 0..20 {
        let db = if number % 2 == 0 { bakery.db().clone() } else { second.db.clone() };
        let (seat, sent) = (bakery.seat.clone(), sent.clone());
        senders.spawn(async move {
            let work = move |tx: &mut db::Tx<'_>| coupons::submit(tx, campaign, &sent, limit);
            match db.write(seat, work).await {
                Ok(_) => "issued",
                Err(coupons::Error::TooOften { wait_s: 86_400 }) => "too often",
                Err(error) => panic!("{error}"),
            }
        });
    }
    let outcomes = senders.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "issued").count(), 3, "{outcomes:?}");
}
