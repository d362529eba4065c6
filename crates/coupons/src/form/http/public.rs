//! The public form: shown, sent, and what is said to who sent it.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Language, Slug};
use edge::{
    App, Form, FormTargets, Frames, InlineStyle, Page, Path, Problem, Query, Rate, Visitor, address_key,
    captcha, redirect,
};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;

use crate::{
    Error,
    form::{
        self, Closed, ContactLimit, Kept, LinkToken, Sent,
        model::{Fault, WebAddress},
        pages::{FormPage, ThanksPage},
    },
    model::{Campaign, CouponCode},
};

/// Views of one caller that are counted: a flood of them writes nothing.
const VIEWS: Rate = Rate { burst: 60, per_s: 600 };

/// The fields of a form as they were sent.
#[derive(Debug, Clone, Default)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LinkQuery {
    pub link: String,
}

/// A campaign with its form, as a visitor finds it.
pub struct Open {
    pub campaign: Campaign,
    pub kept: Kept,
    pub closed: Option<Closed>,
    /// The language of the merchant's own words.
    pub home: Language,
    /// What is wrong with the link that was brought, or with bringing none.
    pub link_trouble: Option<Error>,
}

/// How a visitor names a campaign.
#[derive(Debug, Clone)]
pub enum Named {
    Slug(String),
    /// CouponGen's way.
    Code(String),
}

pub async fn open(app: &App, visitor: &Visitor, named: Named, link: &str) -> Result<Open, Problem> {
    let link = link.trim().to_owned();
    let look = move |rx: &mut db::Rx<'_>| {
        let campaign = match &named {
            Named::Slug(slug) => form::campaign_named(rx, slug)?,
            Named::Code(code) => form::campaign_coded(rx, code)?,
        };
        let kept = form::find(rx, campaign.id)?;
        let closed = form::closed(rx, &campaign)?;
        let link_trouble = match (link.as_str(), link.parse::<LinkToken>()) {
            ("", _) => Some(Error::LinkNeeded).filter(|_| kept.form.only_by_link),
            (_, Ok(token)) => form::standing(rx, campaign.id, &token).err(),
            (_, Err(_)) => Some(Error::UnknownLink),
        };
        let home = people::business::find(rx)?.edit.language;
        Ok::<_, Error>(Open { campaign, kept, closed, home, link_trouble })
    };
    Ok(app.db.read(visitor.scope(), look).await?)
}

pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path((_, name)): Path<(String, String)>,
    Query(query): Query<LinkQuery>,
) -> Result<Response, Problem> {
    let open = open(&app, &visitor, Named::Slug(name), &query.link).await?;
    let counts = open.closed.is_none() && open.link_trouble.is_none();
    if counts && app.limits.take("form-views", &address_key(visitor.address()), VIEWS).is_ok() {
        let campaign = open.campaign.id;
        // a page that is not counted is a page all the same
        let counted = app.db.write(visitor.scope(), move |tx| form::seen(tx, campaign)).await;
        if let Err(error) = counted {
            tracing::warn!(%error, "a form was seen and not counted");
        }
    }
    let fields = Fields(vec![("link".to_owned(), query.link)]);
    Ok(Shown::of(&app, &visitor, &open, fields).reply(&app, StatusCode::OK))
}

pub async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    Path((_, name)): Path<(String, String)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    accept(&app, &visitor, Named::Slug(name), Fields(fields)).await
}

/// Takes a form: what is wrong comes back with all that was typed.
pub async fn accept(app: &App, visitor: &Visitor, named: Named, fields: Fields) -> Result<Response, Problem> {
    let link = fields.get("link").unwrap_or_default().to_owned();
    let open = open(app, visitor, named, &link).await?;
    let shown = Shown::of(app, visitor, &open, fields);
    if open.closed.is_some() || open.link_trouble.is_some() {
        return Ok(shown.reply(app, StatusCode::CONFLICT));
    }
    let (form, version) = (&open.kept.form, open.kept.consent_version);
    let tenant = visitor.tenant();
    let filled = match form.read(|name| shown.fields.get(name), tenant.country, visitor.language(), version) {
        Ok(filled) => filled,
        Err(faults) => return Ok(shown.with_faults(faults).reply(app, StatusCode::UNPROCESSABLE_ENTITY)),
    };
    let config = &app.config;
    let rate = Rate { burst: config.submit_max_per_ip, per_s: config.submit_window_s };
    if let Err(problem) = app.limits.take("form-submit", &address_key(visitor.address()), rate) {
        return Ok(shown.wait(app, problem.retry_after_s().unwrap_or(60)));
    }
    let subject = open.campaign.id.to_string();
    let passed = match captcha::check(app, visitor, tenant.id, &subject, |name| shown.fields.get(name)).await
    {
        Ok(passed) => passed,
        Err(refused) => return Ok(shown.refused(app, tenant.id, &subject, refused)),
    };
    let sent = Sent { filled, consent_version: version, link: link.parse().ok(), question: passed.question };
    let limit = ContactLimit { most: config.contact_max, window_s: config.contact_window_s };
    let id = open.campaign.id;
    let issued = match app.db.write(visitor.scope(), move |tx| form::submit(tx, id, &sent, limit)).await {
        Ok(issued) => issued,
        Err(Error::TooOften { wait_s }) => return Ok(shown.wait(app, u64::try_from(wait_s).unwrap_or(60))),
        Err(error) => match trouble_key(&error) {
            Some(key) => {
                let words = shown.page.frame.t(key);
                return Ok(shown.with_trouble(words).reply(app, StatusCode::CONFLICT));
            }
            None => return Err(error.into()),
        },
    };
    let code = &issued.coupon.code;
    Ok(redirect(&match &form.texts.thanks_address {
        Some(address) => address.to_string(),
        None if form.texts.thanks.as_str().is_empty() => {
            visitor.shop_path(&format!("/coupons/{}", code.as_str()))
        }
        None => visitor.shop_path(&format!("/c/{}/thanks?coupon={}", open.campaign.slug, code.as_str())),
    }))
}

/// The words for a refusal that a visitor can do something about.
pub fn trouble_key(error: &Error) -> Option<&'static str> {
    use orders::promotion::Refusal;
    Some(match error {
        Error::LinkUsed => "coupons-form-link-used",
        Error::UnknownLink => "coupons-form-link-unknown",
        Error::LinkNeeded => "coupons-form-link-needed",
        Error::AnsweredAlready => "coupons-form-sent-already",
        Error::NotIssuing => "coupons-form-paused",
        Error::Refused(Refusal::LimitReached) => "coupons-form-no-more-for-you",
        _ => return None,
    })
}

/// The page on its way out.
struct Shown {
    page: FormPage,
    fields: Fields,
    targets: FormTargets,
    retry_after_s: Option<u64>,
}

impl Shown {
    fn of(app: &App, visitor: &Visitor, open: &Open, fields: Fields) -> Self {
        let tenant = visitor.tenant();
        let frame = visitor.frame(
            open.kept
                .form
                .texts
                .title
                .as_ref()
                .map_or_else(|| open.campaign.details.name.to_string(), ToString::to_string),
        );
        let link = fields.get("link").unwrap_or_default().to_owned();
        let frame = if link.is_empty() { frame } else { frame.with_query(format!("link={}", quoted(&link))) };
        let closed = open.closed.as_ref().map(|closed| closed_words(&frame, closed));
        let trouble = open.link_trouble.as_ref().and_then(trouble_key).map(|key| frame.t(key));
        let stops = closed.is_some() || trouble.is_some();
        let page = FormPage {
            action: visitor.shop_path(&format!("/c/{}", open.campaign.slug)),
            asked: (!stops).then(|| captcha::ask(app, tenant.id, &open.campaign.id.to_string())),
            stops,
            closed,
            trouble,
            typed: fields.clone(),
            faults: Vec::new(),
            form: open.kept.form.clone(),
            consent_version: open.kept.consent_version,
            description: open.campaign.details.description.to_string(),
            home: open.home,
            frame,
        };
        let targets = open.kept.form.texts.thanks_address.as_ref().and_then(origin);
        Self { page, fields, targets: FormTargets(targets.into_iter().collect()), retry_after_s: None }
    }

    fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        self.page.faults = faults;
        self
    }

    fn with_trouble(mut self, words: String) -> Self {
        self.page.trouble = Some(words);
        self
    }

    /// 429, and when to come back.
    fn wait(mut self, app: &App, seconds: u64) -> Response {
        let at = app.now().plus_s(i64::try_from(seconds).unwrap_or(i64::MAX / 2_000_000));
        self.retry_after_s = Some(seconds);
        let words = self.page.frame.t1("coupons-form-wait", "at", self.page.frame.moment(&at));
        self.with_trouble(words).reply(app, StatusCode::TOO_MANY_REQUESTS)
    }

    /// A person can answer again: nothing that was typed is lost.
    fn refused(
        mut self,
        app: &App,
        tenant: db::TenantId,
        subject: &str,
        refused: captcha::Refused,
    ) -> Response {
        let (key, status) = match refused {
            captcha::Refused::Wrong => ("coupons-form-captcha-wrong", StatusCode::UNPROCESSABLE_ENTITY),
            captcha::Refused::Early => ("coupons-form-captcha-early", StatusCode::UNPROCESSABLE_ENTITY),
            captcha::Refused::Expired => ("coupons-form-captcha-expired", StatusCode::UNPROCESSABLE_ENTITY),
            captcha::Refused::Unreachable => ("coupons-form-captcha-away", StatusCode::SERVICE_UNAVAILABLE),
        };
        if refused == captcha::Refused::Early {
            let sent = self.fields.get(captcha::QUESTION).unwrap_or_default();
            self.page.asked = Some(captcha::ask_again(app, tenant, subject, sent));
        }
        let words = self.page.frame.t(key);
        self.with_trouble(words).reply(app, status)
    }

    fn reply(self, app: &App, status: StatusCode) -> Response {
        let style = InlineStyle(self.page.form.look.style());
        let (guests, shows) = captcha::guests(app);
        let frames = Frames { shown_by: Vec::new(), shows };
        let page = Page(self.page).with_status(status);
        let mut response =
            (Extension(style), Extension(frames), Extension(guests), Extension(self.targets), page)
                .into_response();
        *response.status_mut() = status;
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn closed_words(frame: &edge::Frame, closed: &Closed) -> String {
    match closed {
        Closed::NotBegun { at: Some(at) } => frame.t1("coupons-form-not-begun-until", "at", frame.moment(at)),
        Closed::NotBegun { at: None } => frame.t("coupons-form-not-begun"),
        Closed::Paused => frame.t("coupons-form-paused"),
        Closed::Ended => frame.t("coupons-form-ended"),
        Closed::NothingLeft => frame.t("coupons-form-nothing-left"),
    }
}

/// Where a form may lead to beside our own pages: browsers ask that of redirects, too.
fn origin(address: &WebAddress) -> Option<String> {
    let read: http::Uri = address.as_str().parse().ok()?;
    Some(format!("{}://{}", read.scheme_str()?, read.authority()?))
}

fn quoted(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

#[derive(Debug, Deserialize)]
pub struct ThanksQuery {
    coupon: CouponCode,
}

pub async fn thanks(
    State(app): State<App>,
    visitor: Visitor,
    Path((_, name)): Path<(String, Slug)>,
    Query(query): Query<ThanksQuery>,
) -> Result<Response, Problem> {
    let open = open(&app, &visitor, Named::Slug(name.to_string()), "").await?;
    let look = open.kept.form.look;
    let page = ThanksPage {
        frame: visitor
            .titled("coupons-form-thanks-title")
            .with_query(format!("coupon={}", query.coupon.as_str())),
        coupon: visitor.shop_path(&format!("/coupons/{}", query.coupon.as_str())),
        code: query.coupon.grouped(),
        words: open.kept.form.texts.thanks,
        home: open.home,
        style: look.style(),
    };
    Ok((Extension(InlineStyle(look.style())), Page(page)).into_response())
}
