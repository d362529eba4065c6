//! The frame around every page: header, navigation, words, footer. Rooms' templates begin `{% extends "frame.html" %}`
//! and their structs hold a `frame: Frame`.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use base::{Country, Day, Language, Money, Quantity, Timestamp, Zone, tax::Rate};
use http::{HeaderValue, StatusCode, header};

use crate::{
    Access, App, Problem, ShownNotice, Site, Visit, arrival::Host, assets, cookies, csrf, format,
    words::Words,
};

/// A part of the back office; its pages are tabs of one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Home,
    Orders,
    Products,
    Customers,
    Coupons,
    Shop,
    Books,
    Settings,
    /// The operator's console; its paths are whole.
    Operator,
}

impl Section {
    const ALL: [Self; 8] = [
        Self::Home,
        Self::Orders,
        Self::Products,
        Self::Customers,
        Self::Coupons,
        Self::Shop,
        Self::Books,
        Self::Settings,
    ];

    /// Its text's key, its icon in `icons.svg`, and the key that leads there behind `g`.
    const fn parts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Home => ("section-home", "house", "h"),
            Self::Orders => ("section-orders", "shopping-bag", "o"),
            Self::Products => ("section-products", "package", "p"),
            Self::Customers => ("section-customers", "users", "c"),
            Self::Coupons => ("section-coupons", "ticket", "k"),
            Self::Shop => ("section-shop", "store", "s"),
            Self::Books => ("section-books", "book-open", "b"),
            Self::Settings => ("section-settings", "settings", "e"),
            Self::Operator => ("section-operator", "activity", "t"),
        }
    }
}

/// An entry of the back office's navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NavItem {
    pub section: Section,
    pub key: &'static str,
    pub path: &'static str,
    /// Who lacks it is not shown the entry. The operator's entries have none.
    pub permission: Option<&'static str>,
    /// Of an operator's entry; a business's have those of their sections.
    pub icon: &'static str,
}

/// A link in a page's navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavLink {
    pub label: String,
    pub href: String,
    pub current: bool,
}

/// An entry of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuLink {
    pub link: NavLink,
    pub icon: &'static str,
    /// The key that leads there, behind `g`.
    pub letter: &'static str,
}

/// Whom a page is for, which is how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Shop,
    Office,
    /// One form or one message: sign-in, sign-up, problems.
    Plain,
    /// The operator's own pages for everybody.
    Site,
    /// A page of the shop as the office shows it before it is kept: without script.
    Preview,
}

/// What `frame.html` shows.
#[derive(Clone)]
pub struct Frame {
    pub title: String,
    words: Words,
    zone: Zone,
    /// The business's name, or the platform's.
    pub brand: String,
    /// What the operator calls the platform.
    pub platform: String,
    /// Whether the page is the platform's own, whose foot leads to terms, privacy and imprint.
    pub legal: bool,
    /// Where the brand leads.
    pub home: String,
    /// The prefix of links in the tenant's shop: `/t/{slug}`, or nothing on its own host.
    pub shop: String,
    /// The prefix of links in the tenant's back office.
    pub office: String,
    /// Where the tenant's pictures lie.
    pub files: String,
    /// Whether the reader asked for small pictures alone.
    pub save_data: bool,
    look: Look,
    /// The sections of the back office that the person may see.
    pub menu: Vec<MenuLink>,
    /// The pages beside this one in its section.
    pub tabs: Vec<NavLink>,
    /// Where all of the business is searched; for its members alone.
    pub search: Option<String>,
    /// Where new orders are waited for; for who may see orders.
    pub news: Option<String>,
    /// The operator's word to all merchants.
    pub notices: Vec<ShownNotice>,
    pub flash: Option<String>,
    /// Who is signed in.
    pub person: Option<String>,
    pub test_mode: bool,
    csrf: String,
    path: String,
    /// What the same page in another language is asked with.
    query: String,
    description: Option<String>,
}

impl Frame {
    pub(crate) fn of(visit: &Visit, title: String) -> Self {
        let words = Words::of(visit.language);
        let tenant = visit.tenant.as_deref();
        let prefix = tenant.map(|tenant| format!("/t/{}", tenant.slug));
        let own_host = matches!(visit.arrival.serves, Host::Own(_));
        let shop = if own_host { String::new() } else { prefix.clone().unwrap_or_default() };
        let office = prefix.map(|prefix| format!("{prefix}/admin")).unwrap_or_default();
        let is_shop = visit.rule.site == Site::Shop;
        let (menu, tabs) =
            if is_shop { (Vec::new(), Vec::new()) } else { navigation(visit, &words, &office) };
        let look = match (is_shop, menu.is_empty()) {
            (true, _) => Look::Shop,
            (false, false) => Look::Office,
            (false, true) => Look::Plain,
        };
        let within = |permission: &str, path: &str| {
            let standing = visit.standing.as_ref().filter(|_| look == Look::Office)?;
            standing.reach(permission).map(|_| format!("{office}{path}"))
        };
        let (search, news) = (within("business.read", "/search"), within("orders.read", "/news"));
        let home = if is_shop {
            format!("{shop}/")
        } else if office.is_empty() {
            "/".to_owned()
        } else {
            office.clone()
        };
        let platform = visit.app.config.operator.name.clone();
        Self {
            title,
            brand: tenant.map_or_else(|| platform.clone(), |tenant| tenant.name.to_string()),
            platform,
            legal: look == Look::Plain && visit.rule.site == Site::Office,
            menu,
            tabs,
            search,
            news,
            look,
            notices: visit.notices(),
            flash: visit.flash.as_deref().filter(|key| words.knows(key)).map(|key| words.text(key, &[])),
            person: visit.session.as_ref().map(|session| session.name.clone()),
            zone: tenant.map_or_else(Zone::utc, |tenant| tenant.zone.clone()),
            test_mode: tenant.is_some_and(|tenant| tenant.test),
            csrf: visit.csrf(),
            path: visit.path().to_owned(),
            // pages of shops are kept for everybody: what a stranger asked with must not stand in them
            query: if look == Look::Office { without_language(&visit.arrival.query) } else { String::new() },
            files: visit.files(),
            save_data: visit.accepts.save_data,
            description: None,
            words,
            home,
            shop,
            office,
        }
    }

    /// The frame of a page about which nothing but the language is known.
    pub(crate) fn bare(language: Language, title: String, path: String, platform: &str) -> Self {
        let words = Words::of(language);
        Self {
            title,
            zone: Zone::utc(),
            brand: platform.to_owned(),
            platform: platform.to_owned(),
            legal: false,
            home: "/".to_owned(),
            shop: String::new(),
            office: String::new(),
            files: String::new(),
            save_data: false,
            look: Look::Plain,
            menu: Vec::new(),
            tabs: Vec::new(),
            search: None,
            news: None,
            notices: Vec::new(),
            flash: None,
            person: None,
            test_mode: false,
            csrf: String::new(),
            description: None,
            query: String::new(),
            path,
            words,
        }
    }

    /// A frame for a page's samples in tests.
    pub fn sample(language: Language, title: &str) -> Self {
        Self {
            brand: "Boulangerie Été".to_owned(),
            ..Self::bare(language, title.to_owned(), "/".to_owned(), "Soko")
        }
    }

    /// What search engines and messengers show of the page.
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    pub fn language(&self) -> Language {
        self.words.language()
    }

    /// The text of `key`.
    pub fn t(&self, key: &str) -> String {
        self.words.text(key, &[])
    }

    /// The text of `key` with one value in it.
    pub fn t1(&self, key: &str, name: &str, value: impl std::fmt::Display) -> String {
        self.words.text(key, &[(name, value.into())])
    }

    /// The text of `key` with two values in it.
    pub fn t2(
        &self,
        key: &str,
        name: &str,
        value: impl std::fmt::Display,
        other_name: &str,
        other_value: impl std::fmt::Display,
    ) -> String {
        self.words.text(key, &[(name, value.into()), (other_name, other_value.into())])
    }

    pub fn money(&self, amount: &Money) -> String {
        format::money(self.language(), *amount)
    }

    /// With the symbol of its unit behind it.
    pub fn quantity(&self, quantity: &Quantity, symbol: &str) -> String {
        format::quantity(self.language(), *quantity, symbol)
    }

    pub fn tax(&self, name: &str, rate: &Rate) -> String {
        format::tax(self.language(), name, *rate)
    }

    pub fn day(&self, day: &Day) -> String {
        format::day(self.language(), *day)
    }

    /// By the tenant's clock.
    pub fn moment(&self, at: &Timestamp) -> String {
        format::moment(self.language(), *at, &self.zone)
    }

    /// The hidden field that office forms begin with: `{{ frame.csrf_field()|safe }}`.
    pub fn csrf_field(&self) -> String {
        format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", csrf::FIELD, self.csrf)
    }

    /// The class of the page's body, and the name of its sheet and script.
    pub fn look(&self) -> &'static str {
        match self.look {
            Look::Shop | Look::Preview => "shop",
            Look::Office => "office",
            Look::Plain => "office plain",
            Look::Site => "site",
        }
    }

    pub fn is_shop(&self) -> bool {
        self.look == Look::Shop
    }

    /// The page in a shop's sheet or the office's, whatever its site.
    pub(crate) fn like(self, shop: bool) -> Self {
        Self { look: if shop { Look::Shop } else { Look::Office }, ..self }
    }

    /// A page of the shop, shown within the office.
    pub fn previewed(self) -> Self {
        let (menu, tabs, notices) = (Vec::new(), Vec::new(), Vec::new());
        Self { look: Look::Preview, menu, tabs, notices, search: None, news: None, person: None, ..self }
    }

    /// One of the platform's pages that are read rather than filled in: a sheet of its own, no script.
    pub fn to_be_read(self) -> Self {
        Self { look: Look::Site, legal: true, ..self }
    }

    pub fn css(&self) -> String {
        assets::path(match self.look {
            Look::Shop | Look::Preview => "shop.css",
            Look::Site => "site.css",
            Look::Office | Look::Plain => "office.css",
        })
    }

    pub fn script(&self) -> Option<String> {
        match self.look {
            Look::Shop => Some(assets::path("shop.js")),
            Look::Office | Look::Plain => Some(assets::path("office.js")),
            Look::Site | Look::Preview => None,
        }
    }

    /// The address of a file that `web/` builds, for a page with a script of its own.
    pub fn asset(&self, name: &str) -> String {
        assets::path(name)
    }

    /// The site's own icon, beside the title.
    pub fn favicon(&self) -> String {
        assets::path("icon.svg")
    }

    /// The address of a drawing of `icons.svg`, for scripts.
    pub fn icon_address(&self, name: &str) -> String {
        format!("{}#{name}", assets::path("icons.svg"))
    }

    /// A drawing of `icons.svg`, for `{{ frame.icon("store")|safe }}`; the words beside it say what it means.
    pub fn icon(&self, name: &str) -> String {
        format!("<svg class=\"icon\" aria-hidden=\"true\"><use href=\"{}\"/></svg>", self.icon_address(name))
    }

    /// The page without its query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// `rtl` where the script runs from right to left.
    pub fn direction(&self) -> &'static str {
        if self.language().is_right_to_left() { "rtl" } else { "ltr" }
    }

    /// With what this page was asked for, so that it is the same in another language; only what its key knows, where the
    /// page is kept.
    pub fn with_query(mut self, query: String) -> Self {
        self.query = query;
        self
    }

    /// The other languages: code, name, and the address of this page in it.
    pub fn languages(&self) -> Vec<(&'static str, &'static str, String)> {
        let others = Language::ALL.into_iter().filter(|language| *language != self.language());
        let between = if self.query.is_empty() { "" } else { "&" };
        let address = |language| format!("{}?{}{between}lang={language}", self.path, self.query);
        others.map(|language| (language.code(), language.endonym(), address(language))).collect()
    }

    /// In groups of three.
    pub fn count(&self, count: impl Into<i64>) -> String {
        format::count(self.language(), count.into())
    }

    /// `20 Nov`, with the year if it is another than today's.
    pub fn short_day(&self, day: &Day, today: &Day) -> String {
        format::short_day(self.language(), *day, *today)
    }

    /// `20 Nov, 14:05` by the tenant's clock, with the year if it is another than today's.
    pub fn short_moment(&self, at: &Timestamp, today: &Day) -> String {
        format::short_moment(self.language(), *at, &self.zone, *today)
    }

    /// `today`, `in 3 days`, or the day itself further away.
    pub fn relative_day(&self, day: &Day, today: &Day) -> String {
        format::relative_day(self.language(), *day, *today)
    }

    /// `Monday` for 0.
    pub fn weekday(&self, weekday: usize) -> String {
        format::weekday(self.language(), weekday)
    }

    pub fn country(&self, country: &Country) -> String {
        format::country(self.language(), *country)
    }
}

/// The menu, and the tabs of the section that holds this page.
fn navigation(visit: &Visit, words: &Words, office: &str) -> (Vec<MenuLink>, Vec<NavLink>) {
    if visit.rule.access == Access::Operator {
        let shown = |item: &NavItem| item.permission.is_none();
        let icons = visit.app.nav().iter().filter(|item| shown(item)).map(|item| item.icon);
        let entry = |(link, icon)| MenuLink { link, icon, letter: "" };
        let menu = links(visit, words, "", shown).into_iter().zip(icons);
        return (menu.map(entry).collect(), Vec::new());
    }
    let Some(standing) = &visit.standing else { return (Vec::new(), Vec::new()) };
    let mut tabs = Vec::new();
    let menu = Section::ALL.into_iter().filter_map(|section| {
        let shown = |item: &NavItem| {
            item.section == section
                && item.permission.is_some_and(|permission| standing.reach(permission).is_some())
        };
        let pages = links(visit, words, office, shown);
        let href = pages.first()?.href.clone();
        let current = pages.iter().any(|page| page.current);
        if current && pages.len() > 1 {
            tabs = pages;
        }
        let (key, icon, letter) = section.parts();
        Some(MenuLink { link: NavLink { label: words.text(key, &[]), href, current }, icon, letter })
    });
    (menu.collect(), tabs)
}

/// All pages of the menu that the person may see, section by section.
pub(crate) fn office_pages(visit: &Visit) -> Vec<NavLink> {
    let (Some(standing), Some(tenant)) = (&visit.standing, &visit.tenant) else { return Vec::new() };
    let office = format!("/t/{}/admin", tenant.slug);
    let may = |item: &NavItem| item.permission.is_some_and(|permission| standing.reach(permission).is_some());
    links(visit, &Words::of(visit.language), &office, may)
}

/// The entries that `shown` lets through; the one with the longest path that begins this page's is current.
fn links(visit: &Visit, words: &Words, prefix: &str, shown: impl Fn(&NavItem) -> bool) -> Vec<NavLink> {
    let begins = |item: &NavItem| {
        let rest = visit.path().strip_prefix(prefix).and_then(|path| path.strip_prefix(item.path));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') && !item.path.is_empty())
    };
    let here = visit.app.nav().iter().filter(|item| begins(item)).max_by_key(|item| item.path.len()).copied();
    let items = visit.app.nav().iter().filter(|item| shown(item));
    items
        .map(|item| NavLink {
            label: words.text(item.key, &[]),
            href: format!("{prefix}{}", item.path),
            current: here == Some(*item),
        })
        .collect()
}

/// A page as a reply.
pub struct Page<T>(pub T);

impl<T: Template> Page<T> {
    /// The page under another status than 200, as a form that comes back with its faults (422).
    pub fn with_status(self, status: StatusCode) -> Response {
        let mut response = self.into_response();
        if response.status() == StatusCode::OK {
            *response.status_mut() = status;
        }
        response
    }
}

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(html) => Html(html).into_response(),
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}

/// Leaves the text `key` for the page at `to`, and goes there (303).
pub fn flash(app: &App, to: &str, key: &'static str) -> Response {
    (cookies::set(app, cookies::FLASH, key, 60), crate::redirect(to)).into_response()
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    frame: Frame,
    words: String,
    request_id: String,
}

/// What a person sees of a problem.
pub(crate) fn problem_page(
    problem: &Problem,
    language: Language,
    path: &str,
    request_id: &str,
    platform: &str,
) -> Response {
    let title = Words::of(language).text("problem-title", &[]);
    let frame = Frame::bare(language, title, path.to_owned(), platform);
    let page = ProblemPage { frame, words: problem.words(language), request_id: request_id.to_owned() };
    let mut response = match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(%error, "the problem page does not render");
            problem.detail().to_owned().into_response()
        }
    };
    problem.dress(&mut response);
    response.headers_mut().remove(header::WWW_AUTHENTICATE);
    response.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
    response
}

fn without_language(query: &str) -> String {
    query.split('&').filter(|pair| !pair.starts_with("lang=")).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_language_is_asked_for_with_all_that_this_one_was() {
        assert_eq!(without_language("mail=order-paid&lang=it&language=en"), "mail=order-paid&language=en");
        let asked = |query: &str| Frame::sample(Language::Fr, "x").with_query(query.to_owned()).languages();
        assert_eq!(asked("q=a&tag=b")[0].2, "/?q=a&tag=b&lang=en");
        assert_eq!(asked("")[0].2, "/?lang=en");
    }

    #[test]
    fn a_problem_page_says_what_to_do_and_never_the_cause() {
        let frame = Frame::sample(Language::Fr, "Oups");
        let page =
            ProblemPage { frame, words: "Revenez <plus tard>".to_owned(), request_id: "req_1".to_owned() };
        let html = page.render().unwrap();
        assert!(
            html.contains("lang=\"fr\"")
                && html.contains("Revenez &#60;plus tard&#62;")
                && html.contains("req_1")
        );
        assert!(html.contains("?lang=en") && !html.contains("<script>"));
    }
}
