use std::{net::IpAddr, sync::Arc};

use base::Language;
use db::{Tenant, TenantId};
use http::{HeaderMap, header, request::Parts};

use crate::{
    App, Frame, NavLink, Problem, Session, Site, Standing, arrival::Arrival, cookies, csrf,
    routes::RouteRule, words::Words,
};

const SAVE_DATA: header::HeaderName = header::HeaderName::from_static("save-data");

/// What every guard knows of the request it let pass.
#[derive(Clone)]
pub struct Visit {
    pub(crate) app: App,
    pub(crate) arrival: Arc<Arrival>,
    pub(crate) rule: Arc<RouteRule>,
    pub(crate) tenant: Option<Arc<Tenant>>,
    pub(crate) session: Option<Arc<Session>>,
    pub(crate) standing: Option<Arc<Standing>>,
    pub(crate) language: Language,
    /// A text key left by the page before.
    pub(crate) flash: Option<String>,
    /// Notices that the person has put away.
    pub(crate) put_away: String,
    pub(crate) accepts: Accepts,
}

/// What the caller can read of what is cached.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accepts {
    pub encodings: String,
    pub known_tag: Option<String>,
    /// The caller pays for each byte: small pictures alone.
    pub save_data: bool,
}

impl Visit {
    /// What is known before a guard asks for more.
    pub(crate) async fn begin(parts: &Parts, app: &App) -> Result<Self, Problem> {
        let arrival = parts.extensions.get::<Arc<Arrival>>().cloned();
        let rule = parts.extensions.get::<Arc<RouteRule>>().cloned();
        let (Some(arrival), Some(rule)) = (arrival, rule) else {
            return Err(Problem::internal("a route outside of the edge's table"));
        };
        let tenant = match slug_in(parts.uri.path()) {
            None => None,
            Some(slug) => {
                let found = app.db.tenant_by_slug(slug).await?;
                Some(found.filter(|tenant| tenant.state != db::TenantState::Creating).ok_or_else(no_tenant)?)
            }
        };
        if let Some(tenant) = &tenant {
            // the log's line names the tenant; a second guard would say the same
            let _ = arrival.tenant.set(tenant.slug.to_string());
        }
        let headers = &parts.headers;
        let language = language_of(app, parts, tenant.as_deref());
        let flash = cookies::get(app, headers, cookies::FLASH).map(str::to_owned);
        let put_away = crate::notice::put_away(app, headers);
        let accepts = Accepts {
            encodings: header_text(headers, header::ACCEPT_ENCODING).to_owned(),
            known_tag: headers
                .get(header::IF_NONE_MATCH)
                .and_then(|tag| tag.to_str().ok())
                .map(str::to_owned),
            save_data: header_text(headers, SAVE_DATA).eq_ignore_ascii_case("on"),
        };
        Ok(Self {
            app: app.clone(),
            arrival,
            rule,
            tenant,
            session: None,
            standing: None,
            language,
            flash,
            put_away,
            accepts,
        })
    }

    pub fn language(&self) -> Language {
        self.language
    }

    /// Ours; stands in the reply's `X-Request-Id`, the log and the audit.
    pub fn request_id(&self) -> &str {
        &self.arrival.request_id
    }

    /// The caller's address, behind trusted proxies.
    pub fn address(&self) -> IpAddr {
        self.arrival.address
    }

    /// Where the request came from, as the audit log keeps it.
    pub fn origin(&self) -> db::Origin {
        db::Origin { address: self.arrival.address.to_string(), request: self.arrival.request_id.clone() }
    }

    /// The host as the caller named it.
    pub fn host(&self) -> &str {
        &self.arrival.host
    }

    /// The path as the caller asked for it, without the query.
    pub fn path(&self) -> &str {
        &self.arrival.path
    }

    pub fn site(&self) -> Site {
        self.rule.site
    }

    /// The address of `rest` (`/cart`) in the tenant's shop, as links on this host write it.
    pub fn shop_path(&self, rest: &str) -> String {
        match (&self.arrival.serves, &self.tenant) {
            (crate::arrival::Host::Own(_), _) | (_, None) => rest.to_owned(),
            (_, Some(tenant)) => format!("/t/{}{rest}", tenant.slug),
        }
    }

    /// Where the tenant's files lie, as its pages write it: `https://files.example.org/t/{slug}/files`.
    pub fn files(&self) -> String {
        let origin = self.app.config.files_url.as_ref().map(ToString::to_string).unwrap_or_default();
        let slug = self.tenant.as_ref().map(|tenant| tenant.slug.to_string()).unwrap_or_default();
        format!("{origin}/t/{slug}/files")
    }

    /// The whole address of `rest` (`/cart`) in the tenant's shop, on the host that was asked.
    pub fn shop_address(&self, rest: &str) -> String {
        format!("{}{}", self.arrival.origin(), self.shop_path(rest))
    }

    /// Scheme and host, as the caller's browser sees them.
    pub fn origin_asked(&self) -> String {
        self.arrival.origin()
    }

    /// The token that this session's forms carry; empty for who is not signed in.
    pub fn csrf(&self) -> String {
        let tenant = self.tenant.as_ref().map(|tenant| tenant.id);
        self.session
            .as_ref()
            .map(|session| csrf::token(self.app.csrf_key(), &session.id, tenant))
            .unwrap_or_default()
    }

    /// The operator's notices, for a member of a business in its back office.
    pub(crate) fn notices(&self) -> Vec<crate::ShownNotice> {
        let Some(session) = self.session.as_ref().filter(|_| self.standing.is_some()) else {
            return Vec::new();
        };
        let token = csrf::token(self.app.csrf_key(), &session.id, None);
        self.app.board.shown(self.app.now(), self.language, &self.put_away, &token)
    }

    /// The frame of a page whose title is the text `key`.
    pub fn titled(&self, key: &str) -> Frame {
        self.frame(Words::of(self.language).text(key, &[]))
    }

    /// The frame of a page titled `title` (already in the reader's words).
    pub fn frame(&self, title: impl Into<String>) -> Frame {
        Frame::of(self, title.into())
    }

    /// The pages of the back office that the person may see.
    pub fn office_pages(&self) -> Vec<NavLink> {
        crate::frame::office_pages(self)
    }

    pub(crate) fn tenant_id(&self) -> Option<TenantId> {
        self.tenant.as_ref().map(|tenant| tenant.id)
    }

    pub(crate) fn scope_as(&self, tenant: &Tenant, actor: db::Actor) -> db::Scope {
        db::Scope { tenant: tenant.id, actor, origin: self.origin(), reach: db::Reach::Everywhere }
    }

    /// Refuses a tenant that the operator closed, or has not let in.
    pub(crate) fn open_tenant(&self) -> Result<Arc<Tenant>, Problem> {
        let tenant = self.tenant.clone().ok_or_else(no_tenant)?;
        match tenant.state {
            db::TenantState::Live => Ok(tenant),
            db::TenantState::Creating => Err(no_tenant()),
            db::TenantState::Waiting => Err(Problem::waiting(self.site() == Site::Api)),
            db::TenantState::Suspended => Err(Problem::suspended(self.site() == Site::Api)),
        }
    }
}

/// One answer for a tenant that is not there and for one that is somebody else's.
pub(crate) fn no_tenant() -> Problem {
    Problem::not_found(
        "not-found",
        "There is nothing at this address. Check it, or start from the first page.",
    )
}

pub(crate) fn slug_in(path: &str) -> Option<&str> {
    path.strip_prefix("/t/")?.split('/').next()
}

pub(crate) fn header_text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// What was just chosen, what was chosen before, the tenant's, the browser's.
fn language_of(app: &App, parts: &Parts, tenant: Option<&Tenant>) -> Language {
    let chosen = chosen_language(app, parts.uri.query());
    let kept = || kept_language(app, &parts.headers);
    let accepted = || accepted_language(header_text(&parts.headers, header::ACCEPT_LANGUAGE));
    chosen.or_else(kept).or(tenant.map(|tenant| tenant.language)).or_else(accepted).unwrap_or_default()
}

pub(crate) fn chosen_language(app: &App, query: Option<&str>) -> Option<Language> {
    let code = query?.split('&').find_map(|pair| pair.strip_prefix("lang="))?;
    Language::named(code, !app.config.is_production())
}

/// What was chosen on a page before.
pub(crate) fn kept_language(app: &App, headers: &HeaderMap) -> Option<Language> {
    Language::named(cookies::get(app, headers, cookies::LANGUAGE)?, !app.config.is_production())
}

pub(crate) fn accepted_language(header: &str) -> Option<Language> {
    // browsers list what they prefer first
    header.split(',').find_map(|range| range.trim().split(['-', ';']).next()?.parse().ok())
}
