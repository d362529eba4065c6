//! The words of mails: what each says, in each language, before an order it is looked at with.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::Language;
use edge::{App, Form, MailError, May, Page, Problem, Query, Rate, flash};
use http::StatusCode;
use serde::Deserialize;

use super::{SetMails, office::words as say};
use crate::{
    Error,
    mail::{self, FieldFault, MailWords, Template, Values, Written},
    pages::{MailForm, MailListPage, MailPage, MailRow, TestMail},
    sql,
};

/// Mails that a business may send itself to look at.
const TESTS: Rate = Rate { burst: 10, per_s: 3600 };

pub async fn list(State(app): State<App>, may: May<SetMails>) -> Result<Page<MailListPage>, Problem> {
    let worded = app.db.read(may.scope(), sql::worded_mails).await?;
    let rows = Template::ALL.into_iter().map(|template| MailRow {
        template,
        own: worded.iter().filter(|(name, ..)| name == template.name()).map(|(_, own, _)| *own).collect(),
    });
    Ok(Page(MailListPage {
        frame: may.frame(say(&may, "orders-mails-title")),
        rows: rows.collect(),
        usual_language: may.tenant().language,
    }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct MailQuery {
    mail: String,
    language: String,
}

impl MailQuery {
    fn read(&self, usual: Language) -> Result<(Template, Language), Problem> {
        let unknown = || Problem::not_found("mail-unknown", "There is no such mail.");
        let template = Template::parse(&self.mail).ok_or_else(unknown)?;
        Ok((template, self.language.parse().unwrap_or(usual)))
    }
}

pub async fn edit(
    State(app): State<App>,
    may: May<SetMails>,
    Query(query): Query<MailQuery>,
) -> Result<Page<MailPage>, Problem> {
    let (template, language) = query.read(may.tenant().language)?;
    let look = move |rx: &mut db::Rx<'_>| mail::words(rx, template, language);
    let words = app.db.read(may.scope(), look).await?;
    let form = MailForm { subject: words.subject, body: words.body, ..MailForm::default() };
    Ok(Page(shown(&app, &may, (template, language), form, Vec::new(), None).await?))
}

/// The page: as typed, with what is wrong, beside what would leave.
async fn shown(
    app: &App,
    may: &May<SetMails>,
    (template, language): (Template, Language),
    form: MailForm,
    faults: Vec<FieldFault>,
    test: Option<TestMail>,
) -> Result<MailPage, Problem> {
    let look = move |rx: &mut db::Rx<'_>| {
        let own = sql::mail_words(rx, template, language)?.is_some();
        Ok::<_, Error>((own, people::business::find(rx)?.edit.email))
    };
    let (own, email) = app.db.read(may.scope(), look).await?;
    // also words that cannot leave yet are shown as far as they can be filled
    let typed = MailWords { subject: form.subject.clone(), body: form.body.clone() };
    let values = sample(app, may, language)?;
    Ok(MailPage {
        frame: may.frame(say(may, &format!("orders-mail-{}-name", template.name()))),
        template,
        language,
        own,
        subject: typed.subject(&values),
        body: typed.body(&values),
        form,
        faults,
        sender: app.mail.sender_for(may.tenant().name.as_str()),
        reply_to: email,
        leaves: app.mail.is_configured(),
        test,
    })
}

fn sample(app: &App, may: &May<SetMails>, language: Language) -> Result<Values, Problem> {
    let tenant = may.tenant();
    let link = sample_link(app, may);
    Ok(Values::sample(language, tenant.currency, tenant.name.as_str(), &link)?)
}

/// Leads to the shop, as there is no such order.
fn sample_link(app: &App, may: &May<SetMails>) -> String {
    app.config.shop_link(&format!("/t/{}/", may.tenant().slug))
}

pub async fn save(
    State(app): State<App>,
    may: May<SetMails>,
    Form(form): Form<MailForm>,
) -> Result<Response, Problem> {
    let query = MailQuery { mail: form.mail.clone(), language: form.language.clone() };
    let (template, language) = query.read(may.tenant().language)?;
    let here =
        format!("/t/{}/admin/mails/edit?mail={}&language={language}", may.tenant().slug, template.name());
    if form.action == "usual" {
        let work = move |tx: &mut db::Tx<'_>| mail::set_words(tx, template, language, None);
        app.db.write(may.scope(), work).await?;
        return Ok(flash(&app, &here, "orders-flash-mail-usual"));
    }
    let words = match MailWords::parse(template, &form.subject, &form.body) {
        Ok(words) => words,
        Err(faults) => {
            let page = shown(&app, &may, (template, language), form, faults, None).await?;
            return Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    match form.action.as_str() {
        "look" => {
            let page = shown(&app, &may, (template, language), form, Vec::new(), None).await?;
            Ok(Page(page).into_response())
        }
        "test" => {
            let test = send(&app, &may, language, &words).await?;
            let page = shown(&app, &may, (template, language), form, Vec::new(), Some(test)).await?;
            Ok(Page(page).into_response())
        }
        _ => {
            // Soko's own words that were only looked at are kept as Soko's
            let own = (words != MailWords::usual(template, language)).then_some(words);
            let work = move |tx: &mut db::Tx<'_>| mail::set_words(tx, template, language, own.as_ref());
            app.db.write(may.scope(), work).await?;
            Ok(flash(&app, &here, "orders-flash-mail-saved"))
        }
    }
}

/// Sends the words as typed to the business itself, and to nobody else: whoever writes mails cannot write to strangers.
async fn send(
    app: &App,
    may: &May<SetMails>,
    language: Language,
    words: &MailWords,
) -> Result<TestMail, Problem> {
    let look = |rx: &mut db::Rx<'_>| Ok::<_, Error>(people::business::find(rx)?.edit.email);
    let Some(to) = app.db.read(may.scope(), look).await? else { return Ok(TestMail::NoAddress) };
    if !app.mail.is_configured() {
        return Ok(TestMail::NoServer);
    }
    app.limits.take("test-mail", &may.tenant().id.to_string(), TESTS)?;
    let values = sample(app, may, language)?;
    let (subject, text) = (words.subject(&values), words.body(&values));
    let html = mail::html(language, &subject, &text, &sample_link(app, may))?;
    let written = Written { to: to.clone(), subject, text, html, reply_to: Some(to.clone()) };
    let id = format!("test-{}-{}", may.tenant().id, app.now().micros());
    match app.mail.send(&written.into_mail(may.tenant().name.as_str(), id)).await {
        Ok(()) => Ok(TestMail::Sent(to)),
        Err(MailError::Unconfigured) => Ok(TestMail::NoServer),
        Err(MailError::Refused(reason) | MailError::Unreachable(reason)) => Ok(TestMail::Failed(reason)),
    }
}
