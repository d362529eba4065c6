//! The pages that everybody may read.

use axum::{Extension, extract::State, response::Response};
use edge::{Anyone, App, Page, Problem, Routes, SignUp, Site};
use http::Method;

use super::{
    Text, Texts,
    pages::{Head, ImprintPage, LandingPage, TextPage},
};

pub fn routes() -> Routes {
    Routes::new()
        .page(Site::Office, "/", Method::GET, landing)
        .page(Site::Office, "/terms", Method::GET, terms)
        .page(Site::Office, "/privacy", Method::GET, privacy)
        .page(Site::Office, "/imprint", Method::GET, imprint)
}

/// The platform's address: what it is, and the doors to it. Who is signed in finds the way to work instead of sign-up.
async fn landing(
    State(app): State<App>,
    anyone: Anyone,
    Extension(texts): Extension<Texts>,
) -> Result<Response, Problem> {
    let prices = texts.written(Text::Prices, anyone.language()).await;
    let stamp = prices.as_ref().map(|prices| prices.stamp.clone()).unwrap_or_default();
    let render = async || {
        let workplaces = match anyone.session() {
            Some(session) => people::workplaces(&app, session).await?,
            None => Vec::new(),
        };
        Ok::<_, Problem>(Page(LandingPage {
            head: Head::of(&anyone),
            frame: anyone.titled("site-promise").to_be_read().with_description(description(&anyone)),
            sign_up: app.config.sign_up,
            signed_in: anyone.session().is_some(),
            operates: anyone.session().is_some_and(|session| session.operator),
            workplaces,
            operator: app.config.operator.clone(),
            prices,
        }))
    };
    app.cached_for_all(&anyone, &stamp, render).await
}

fn description(anyone: &Anyone) -> String {
    edge::text(anyone.language(), "site-description", &[])
}

async fn terms(
    State(app): State<App>,
    anyone: Anyone,
    Extension(texts): Extension<Texts>,
) -> Result<Response, Problem> {
    text_page(&app, &anyone, &texts, Text::Terms).await
}

async fn privacy(
    State(app): State<App>,
    anyone: Anyone,
    Extension(texts): Extension<Texts>,
) -> Result<Response, Problem> {
    text_page(&app, &anyone, &texts, Text::Privacy).await
}

async fn imprint(
    State(app): State<App>,
    anyone: Anyone,
    Extension(texts): Extension<Texts>,
) -> Result<Response, Problem> {
    text_page(&app, &anyone, &texts, Text::Imprint).await
}

async fn text_page(app: &App, anyone: &Anyone, texts: &Texts, text: Text) -> Result<Response, Problem> {
    let operator = app.config.operator.clone();
    let (head, signed_in) = (Head::of(anyone), anyone.session().is_some());
    let title = format!("site-{}", text.name());
    let Some(shown) = texts.shown(text, anyone.language(), &operator).await else {
        let frame = anyone.titled(&title).to_be_read().with_description(description(anyone));
        let page = ImprintPage { head, frame, operator, signed_in };
        return app.cached_for_all(anyone, "built in", async || Ok::<_, Problem>(Page(page))).await;
    };
    let stamp = shown.stamp.clone();
    let render = async || {
        let frame = match &shown.title {
            Some(title) => anyone.frame(title.clone()),
            None => anyone.titled(&title),
        };
        let frame = frame.to_be_read().with_description(description(anyone));
        Ok::<_, Problem>(Page(TextPage { head, frame, operator, text: shown, signed_in }))
    };
    app.cached_for_all(anyone, &stamp, render).await
}

/// What the door says about new businesses.
pub(super) const fn door_words(sign_up: SignUp) -> &'static str {
    match sign_up {
        SignUp::Open => "site-door-open",
        SignUp::Approve => "site-door-approve",
        SignUp::Closed => "site-door-closed",
    }
}
