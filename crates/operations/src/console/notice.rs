//! A word of the operator to all merchants: written, looked at, published, ended. It stands in the directory, and every
//! server hangs it on its board within seconds.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Day, Language, Prose, Timestamp, Zone};
use edge::{
    App, Form, Notice, NoticeKind, Operator, Page, Problem, Routes, SignedIn, Site, flash, local,
    put_away_also, redirect,
};
use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::json;
use spine::events::Event;

use super::{history, pages::NoticePage, sql};
use crate::Error;

base::id!(
    /// A word to all merchants.
    NoticeId: NoticeKindOfId, "ntc"
);

/// Notices that a board holds, and a page shows.
const MOST: u32 = 50;

pub fn routes() -> Routes {
    Routes::new()
        .page(Site::Office, "/operator/notice", Method::GET, notice_page)
        .page(Site::Office, "/operator/notice", Method::POST, write_notice)
        .page(Site::Office, "/operator/notice/end", Method::POST, end_notice)
        .page(Site::Office, "/notices/away", Method::POST, put_away)
        .operator_nav("megaphone", "console-notice", "/operator/notice")
}

/// A notice that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub id: NoticeId,
    pub kind: NoticeKind,
    /// In the languages the operator wrote; never empty.
    pub texts: Vec<(Language, String)>,
    pub from: Timestamp,
    pub until: Timestamp,
    /// The operator, as an actor.
    pub by: String,
    pub at: Timestamp,
}

impl Published {
    fn hung(self) -> Notice {
        let Self { id, kind, texts, from, until, .. } = self;
        Notice { id: id.to_string(), kind, texts, from, until }
    }
}

/// A notice to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotice {
    pub kind: NoticeKind,
    pub texts: Vec<(Language, String)>,
    pub from: Timestamp,
    pub until: Timestamp,
}

/// The form, as typed. Times are of UTC, as `2026-11-21T14:00`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct NoticeForm {
    pub kind: String,
    pub from: String,
    pub until: String,
    #[serde(rename = "text.en")]
    pub en: String,
    #[serde(rename = "text.fr")]
    pub fr: String,
    #[serde(rename = "text.it")]
    pub it: String,
    #[serde(rename = "text.sw")]
    pub sw: String,
    pub action: String,
}

/// What is wrong with what was typed: the field, and the text that says what to do.
pub type Fault = (&'static str, &'static str);

impl NoticeForm {
    /// An empty form for a notice that hangs for a day from `now` on.
    fn empty(now: Timestamp) -> Self {
        let minutes = now.micros().div_euclid(60_000_000);
        let written = |minutes: i64| clock(Timestamp::from_micros(minutes * 60_000_000));
        Self {
            kind: NoticeKind::Information.name().to_owned(),
            from: written(minutes),
            until: written(minutes + 24 * 60),
            ..Self::default()
        }
    }

    /// What was typed in `language`.
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::Fr => &self.fr,
            Language::It => &self.it,
            Language::Sw => &self.sw,
            _ => &self.en,
        }
    }

    /// Reads what was typed; the first text is the one in the operator's `own` language, if there is one.
    pub fn read(&self, own: Language, now: Timestamp) -> Result<NewNotice, Vec<Fault>> {
        let mut faults = Vec::new();
        let kind = NoticeKind::parse(&self.kind);
        if kind.is_none() {
            faults.push(("kind", "console-notice-fault-kind"));
        }
        let mut languages = Language::ALL.to_vec();
        languages.sort_by_key(|language| *language != own);
        let mut texts = Vec::new();
        for language in languages {
            match self.text(language).parse::<Prose<1000>>() {
                Ok(text) if text.as_str().trim().is_empty() => (),
                Ok(text) => texts.push((language, text.as_str().to_owned())),
                Err(_) => faults.push(("text", "console-notice-fault-long")),
            }
        }
        if texts.is_empty() && faults.is_empty() {
            faults.push(("text", "console-notice-fault-text"));
        }
        let (from, until) = (moment(&self.from), moment(&self.until));
        if from.is_none() {
            faults.push(("from", "console-notice-fault-time"));
        }
        match (from, until) {
            (_, None) => faults.push(("until", "console-notice-fault-time")),
            (Some(from), Some(until)) if until <= from => {
                faults.push(("until", "console-notice-fault-order"))
            }
            (_, Some(until)) if until <= now => faults.push(("until", "console-notice-fault-past")),
            _ => (),
        }
        match (kind, from, until) {
            (Some(kind), Some(from), Some(until)) if faults.is_empty() => {
                Ok(NewNotice { kind, texts, from, until })
            }
            _ => Err(faults),
        }
    }
}

/// `2026-11-21T14:05` of UTC; seconds, which some browsers add, do not matter.
fn moment(typed: &str) -> Option<Timestamp> {
    let (day, time) = typed.trim().split_once(['T', ' '])?;
    let mut parts = time.split(':').map(|part| part.parse::<u32>().ok());
    let (hours, minutes) = (parts.next()??, parts.next()??);
    if hours > 23 || minutes > 59 {
        return None;
    }
    day.parse::<Day>().ok()?.at(hours * 60 + minutes, &Zone::utc())
}

/// A moment as `moment` reads it.
fn clock(at: Timestamp) -> String {
    let (day, hour, minute) = at.on_the_wall(&Zone::utc());
    format!("{day}T{hour:02}:{minute:02}")
}

/// Publishes a notice in the name of the operator `by`.
pub async fn publish(app: &App, by: &db::Actor, origin: &db::Origin, new: NewNotice) -> Result<(), Error> {
    let (actor, kept) = (by.as_str().to_owned(), new.clone());
    let id = app
        .db
        .directory()
        .write(move |dx| {
            let (id, at) = (dx.new_id(), dx.now());
            let NewNotice { kind, texts, from, until } = kept.clone();
            sql::put_notice(dx, &Published { id, kind, texts, from, until, by: actor.clone(), at })?;
            Ok::<_, Error>(id)
        })
        .await?;
    let payload =
        json!({ "kind": new.kind.name(), "from": new.from, "until": new.until, "texts": new.texts });
    history::note(&app.db, by, origin, Event { kind: "notice.published", subject: id.to_string(), payload })
        .await;
    renew(app).await
}

/// Hangs what the directory knows on this server's board.
pub async fn renew(app: &App) -> Result<(), Error> {
    let now = app.now();
    let mut notices = app.db.directory().read(move |dx| sql::notices(dx, now, MOST)).await?;
    // the gravest first, then the newest
    notices.sort_by_key(|notice| (notice.kind != NoticeKind::Warning, std::cmp::Reverse(notice.id)));
    app.board.hang(notices.into_iter().map(Published::hung).collect());
    Ok(())
}

async fn notice_page(State(app): State<App>, operator: Operator) -> Result<Page<NoticePage>, Problem> {
    let form = NoticeForm::empty(app.now());
    Ok(Page(page(&app, &operator, form, Vec::new(), None).await?))
}

async fn page(
    app: &App,
    operator: &Operator,
    form: NoticeForm,
    faults: Vec<Fault>,
    preview: Option<NewNotice>,
) -> Result<NoticePage, Problem> {
    let start = Timestamp::from_micros(0);
    let notices = app.db.directory().read(move |dx| sql::notices(dx, start, MOST)).await?;
    let frame = operator.titled("console-notice");
    Ok(NoticePage { frame, now: app.now(), form, faults, preview, notices })
}

async fn write_notice(
    State(app): State<App>,
    operator: Operator,
    Form(form): Form<NoticeForm>,
) -> Result<Response, Problem> {
    match form.read(operator.language(), app.now()) {
        Err(faults) => {
            let page = page(&app, &operator, form, faults, None).await?;
            Ok(Page(page).with_status(StatusCode::UNPROCESSABLE_ENTITY))
        }
        Ok(new) if form.action == "publish" => {
            publish(&app, &history::actor(&operator), &operator.origin(), new).await?;
            Ok(flash(&app, "/operator/notice", "console-notice-published"))
        }
        Ok(new) => Ok(Page(page(&app, &operator, form, Vec::new(), Some(new)).await?).into_response()),
    }
}

#[derive(Debug, Deserialize)]
struct EndForm {
    notice: String,
}

async fn end_notice(
    State(app): State<App>,
    operator: Operator,
    Form(form): Form<EndForm>,
) -> Result<Response, Problem> {
    let unknown = || Problem::not_found("notice-unknown", "There is no such notice, or it has ended.");
    let id: NoticeId = form.notice.parse().map_err(|_| unknown())?;
    if !app.db.directory().write(move |dx| sql::end_notice(dx, id)).await? {
        return Err(unknown());
    }
    let event = Event { kind: "notice.ended", subject: id.to_string(), payload: json!({}) };
    history::note(&app.db, &history::actor(&operator), &operator.origin(), event).await;
    renew(&app).await?;
    Ok(flash(&app, "/operator/notice", "console-notice-ended"))
}

#[derive(Debug, Deserialize)]
struct AwayForm {
    #[serde(default)]
    notice: String,
    #[serde(default)]
    to: String,
}

/// A person has read a notice.
async fn put_away(
    State(app): State<App>,
    _: SignedIn,
    headers: HeaderMap,
    Form(form): Form<AwayForm>,
) -> Result<Response, Problem> {
    let id: NoticeId = form.notice.parse().map_err(|_| {
        Problem::unprocessable("input-malformed", "This is no notice.").field("notice", "unknown")
    })?;
    let put_away = put_away_also(&app, &headers, &id.to_string());
    Ok((put_away, redirect(local(&form.to, "/account"))).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn form() -> NoticeForm {
        NoticeForm {
            fr: "Arrêt à minuit".to_owned(),
            en: "Down at midnight".to_owned(),
            ..NoticeForm::empty(noon())
        }
    }

    #[test]
    fn a_notice_is_read_with_the_operators_own_language_first() {
        let read = form().read(Language::Fr, noon()).unwrap();
        assert_eq!(read.texts[0], (Language::Fr, "Arrêt à minuit".to_owned()));
        assert_eq!(read.texts.len(), 2);
        assert_eq!((read.from, read.until), (noon(), noon().plus_s(86_400)));
    }

    #[test]
    fn every_fault_of_a_notice_is_said_at_once() {
        let broken = NoticeForm {
            kind: "shout".to_owned(),
            from: "tomorrow".to_owned(),
            until: "2026-11-20T24:00".to_owned(),
            ..NoticeForm::default()
        };
        let faults = broken.read(Language::En, noon()).unwrap_err();
        let fields: Vec<&str> = faults.iter().map(|(field, _)| *field).collect();
        assert_eq!(fields, ["kind", "from", "until"]);
    }

    #[test]
    fn a_notice_says_something_and_ends_after_it_begins() {
        let fault = |form: NoticeForm| form.read(Language::En, noon()).unwrap_err()[0];
        let silent = NoticeForm { en: " ".to_owned(), fr: String::new(), ..form() };
        assert_eq!(fault(silent), ("text", "console-notice-fault-text"));
        let backwards = NoticeForm { until: "2026-11-20T11:00".to_owned(), ..form() };
        assert_eq!(fault(backwards), ("until", "console-notice-fault-order"));
        let past = NoticeForm {
            from: "2026-11-19T10:00".to_owned(),
            until: "2026-11-19T11:00".to_owned(),
            ..form()
        };
        assert_eq!(fault(past), ("until", "console-notice-fault-past"));
    }
}
