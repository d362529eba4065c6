//! Mails: whether and how they leave, those that did and those that did not, and one to try it. A mail's address is looked
//! up when it is delivered and stands in no list.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::Email;
use edge::{App, Form, Mail, MailError, Operator, Page, Problem, Query, Rate, Routes, Site};
use http::Method;
use serde::Deserialize;
use serde_json::json;
use spine::events::Event;

use super::{
    history,
    jobs::{Place, walk},
    model::{Look, MAILS},
    pages::{MailsPage, Tried},
    sql,
};
use crate::Error;

/// Mails to try it, an hour and operator.
const TRIES: Rate = Rate { burst: 10, per_s: 3600 };

pub fn routes() -> Routes {
    Routes::new()
        .page(Site::Office, "/operator/mails", Method::GET, mails_page)
        .page(Site::Office, "/operator/mails/try", Method::POST, try_mail)
        .operator_nav("mail", "console-mails", "/operator/mails")
}

#[derive(Debug, Clone, Default, Deserialize)]
struct MailsQuery {
    /// `trouble`, `waiting` or `sent`.
    #[serde(default)]
    state: String,
    #[serde(default)]
    cursor: Option<String>,
}

async fn mails_page(
    State(app): State<App>,
    operator: Operator,
    Query(query): Query<MailsQuery>,
) -> Result<Page<MailsPage>, Problem> {
    Ok(Page(page(&app, &operator, query, own_address(&app, &operator).await?, None).await?))
}

async fn page(
    app: &App,
    operator: &Operator,
    query: MailsQuery,
    to: String,
    tried: Option<Tried>,
) -> Result<MailsPage, Problem> {
    let look = Look::MAILS.into_iter().find(|look| look.name() == query.state).unwrap_or(Look::MailTrouble);
    let place = Place::read(query.cursor.as_deref())?;
    let (rows, next) = walk(&app.db, look, MAILS, &place).await?;
    let counts = app.db.directory().read(sql::jobs_in_all).await.map_err(Error::from)?;
    let smtp = app.config.smtp.as_ref();
    Ok(MailsPage {
        frame: operator.titled("console-mails"),
        today: app.now().day(&base::Zone::utc()),
        leaves: app.mail.is_configured(),
        server: smtp.map(|smtp| format!("{}:{}", smtp.host, smtp.port)),
        tls_first: smtp.is_some_and(|smtp| smtp.tls_first),
        signs_in: smtp.is_some_and(|smtp| smtp.login.is_some()),
        folder: app.mail.folder().map(|folder| folder.display().to_string()),
        sender: app.mail.sender().to_owned(),
        look,
        rows,
        next,
        counts,
        to,
        tried,
    })
}

/// What the operator signs in with, where that is an address.
async fn own_address(app: &App, operator: &Operator) -> Result<String, Problem> {
    let Ok(account) = operator.session().account.parse() else { return Ok(String::new()) };
    let found = app.db.directory().read(move |dx| people::accounts::find(dx, account)).await?;
    Ok(found.map(|account| account.login).filter(|login| login.contains('@')).unwrap_or_default())
}

#[derive(Debug, Deserialize)]
struct TryForm {
    #[serde(default)]
    to: String,
}

/// Sends a mail now, beside the outbox, and shows what was answered.
async fn try_mail(
    State(app): State<App>,
    operator: Operator,
    Form(form): Form<TryForm>,
) -> Result<Response, Problem> {
    app.limits.take("try-mail", &operator.session().account, TRIES)?;
    let tried = match form.to.trim().parse::<Email>() {
        Err(_) => Tried::NoAddress,
        Ok(to) => {
            let words = |key: &str| edge::text(operator.language(), key, &[]);
            let mail = Mail {
                to,
                subject: words("console-mail-subject"),
                text: words("console-mail-text"),
                html: None,
                reply_to: None,
                on_behalf_of: None,
                message_id: format!("try-{}", operator.request_id()),
            };
            let answer = app.mail.handed(&mail).await;
            let payload = match &answer {
                Ok(_) => json!({ "sent": true }),
                Err(error) => json!({ "sent": false, "reason": super::model::quiet(&error.to_string()) }),
            };
            let event = Event { kind: "mail.tried", subject: "mail".to_owned(), payload };
            history::note(&app.db, &history::actor(&operator), &operator.origin(), event).await;
            match answer {
                Ok(answer) => Tried::Sent(answer),
                Err(MailError::Unconfigured) => Tried::NoWay,
                Err(error) => Tried::Failed(error.to_string()),
            }
        }
    };
    let page = page(&app, &operator, MailsQuery::default(), form.to, Some(tried)).await?;
    Ok(Page(page).into_response())
}
