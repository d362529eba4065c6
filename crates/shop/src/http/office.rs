//! The back office of the shop's pages: sections of the front page, the look, the owner's own texts; drafts, previews,
//! publishing and undo.

mod form;
mod pictures;

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Language, Slug};
use catalog::Category;
use edge::{
    App, Form, Frames, May, Page, Path, Problem, Query, Routes, Section as Part, Site, flash, redirect,
};
use http::Method as Verb;
use serde::Deserialize;

use self::form::Fields;
use crate::{
    Error,
    look::{self, Content, OwnPage, Said, SectionId},
    pages::office::{LookPage, PagesPage, SectionPage, SectionsPage, TextPage},
    preview_path,
};

edge::permission!(
    /// Compose the shop's front page and its look.
    pub Design = "shop.design"
);

pub fn routes() -> Routes {
    Routes::new()
        .page(Site::Office, "/t/{slug}/admin/shop", Verb::GET, sections)
        .page(Site::Office, "/t/{slug}/admin/shop/sections", Verb::POST, add_section)
        .page(Site::Office, "/t/{slug}/admin/shop/sections/{section}", Verb::GET, section)
        .page(Site::Office, "/t/{slug}/admin/shop/sections/{section}", Verb::POST, change_section)
        .page(Site::Office, "/t/{slug}/admin/shop/sections/{section}/pictures", Verb::POST, pictures::add)
        .page(Site::Office, "/t/{slug}/admin/shop/publish", Verb::POST, publish)
        .page(Site::Office, "/t/{slug}/admin/shop/undo", Verb::POST, undo)
        .page(Site::Office, "/t/{slug}/admin/shop/preview", Verb::POST, preview)
        .page(Site::Office, "/t/{slug}/admin/shop/look", Verb::GET, show_look)
        .page(Site::Office, "/t/{slug}/admin/shop/look", Verb::POST, save_look)
        .page(Site::Office, "/t/{slug}/admin/shop/look/logo", Verb::POST, pictures::put_logo)
        .page(Site::Office, "/t/{slug}/admin/shop/look/logo/remove", Verb::POST, pictures::remove_logo)
        .page(Site::Office, "/t/{slug}/admin/shop/pages", Verb::GET, pages)
        .page(Site::Office, "/t/{slug}/admin/shop/pages", Verb::POST, add_page)
        .page(Site::Office, "/t/{slug}/admin/shop/pages/new", Verb::GET, new_page)
        .page(Site::Office, "/t/{slug}/admin/shop/pages/{page}", Verb::GET, page)
        .page(Site::Office, "/t/{slug}/admin/shop/pages/{page}", Verb::POST, change_page)
        .nav(Part::Shop, "design-front", "/shop", "shop.design")
        .nav(Part::Shop, "design-look", "/shop/look", "shop.design")
        .nav(Part::Shop, "design-pages", "/shop/pages", "shop.design")
}

fn office(may: &May<Design>, rest: &str) -> String {
    format!("/t/{}/admin/shop{rest}", may.tenant().slug)
}

fn titled(may: &May<Design>, key: &str) -> edge::Frame {
    may.frame(edge::text(may.language(), key, &[]))
}

/// The languages of a form: the owner's first.
fn languages(home: Language) -> Vec<Language> {
    let others = Language::ALL.into_iter().filter(|language| *language != home);
    std::iter::once(home).chain(others).collect()
}

fn home(may: &May<Design>) -> Language {
    may.tenant().language
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SectionsQuery {
    /// The token of a preview that was just made.
    preview: String,
}

async fn sections(
    State(app): State<App>,
    may: May<Design>,
    Query(query): Query<SectionsQuery>,
) -> Result<Response, Problem> {
    let (look, drafted, versions, names) = app
        .db
        .read(may.scope(), |rx| {
            let (look, drafted) = look::draft(rx)?;
            let versions = look::versions(rx)?;
            let actors = versions.iter().map(|version| version.published_by.as_str());
            let names = people::actors::names(rx, actors)?;
            Ok::<_, Error>((look, drafted, versions, names))
        })
        .await?;
    let known = |letter: char| letter.is_ascii_alphanumeric();
    let token = Some(query.preview).filter(|token| !token.is_empty() && token.chars().all(known));
    let shop = app.config.shop_url.as_ref().map(ToString::to_string);
    let preview = token.map(|token| {
        let path = preview_path(may.tenant().slug.as_str(), &token);
        format!("{}{path}", shop.clone().unwrap_or_default())
    });
    let shows = preview.is_some().then(|| shop.unwrap_or_else(|| "'self'".to_owned()));
    let frames = Frames { shows: shows.into_iter().collect(), shown_by: Vec::new() };
    let frame = titled(&may, "design-front");
    let page = SectionsPage { frame, look, drafted, versions, names, preview, home: home(&may) };
    Ok((Extension(frames), Page(page)).into_response())
}

#[derive(Debug, Deserialize)]
struct NewSection {
    kind: String,
}

async fn add_section(
    State(app): State<App>,
    may: May<Design>,
    Form(form): Form<NewSection>,
) -> Result<Response, Problem> {
    let content = Content::new(&form.kind).ok_or(look::Error::UnknownSection)?;
    let id = app.db.write(may.scope(), move |tx| look::add_section(tx, &content)).await?;
    Ok(redirect(&office(&may, &format!("/sections/{id}"))))
}

async fn section(
    State(app): State<App>,
    may: May<Design>,
    Path((_, id)): Path<(String, SectionId)>,
) -> Result<Page<SectionPage>, Problem> {
    let (section, categories) = app
        .db
        .read(may.scope(), move |rx| Ok::<_, Error>((look::section(rx, id)?, catalog::categories(rx)?)))
        .await?;
    Ok(Page(section_page(&may, section, categories, None)))
}

fn section_page(
    may: &May<Design>,
    section: look::Section,
    categories: Vec<Category>,
    flaw: Option<String>,
) -> SectionPage {
    let frame = titled(may, "design-section");
    SectionPage { frame, section, categories, languages: languages(home(may)), flaw }
}

async fn change_section(
    State(app): State<App>,
    may: May<Design>,
    Path((_, id)): Path<(String, SectionId)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let fields = Fields(fields);
    let back = office(&may, "");
    let action = fields.first("action").to_owned();
    match action.as_str() {
        "up" | "down" => {
            let up = action == "up";
            app.db.write(may.scope(), move |tx| look::move_section(tx, id, up)).await?;
            return Ok(redirect(&back));
        }
        "remove" => {
            app.db.write(may.scope(), move |tx| look::remove_section(tx, id)).await?;
            return Ok(flash(&app, &back, "design-section-removed"));
        }
        _ => (),
    }
    let known = app.db.read(may.scope(), move |rx| look::section(rx, id)).await?;
    let section = fields.section(id, &known.content)?;
    app.db.write(may.scope(), move |tx| look::put_section(tx, &section)).await?;
    // who moved a picture is not done yet
    let next = if action.contains('.') { office(&may, &format!("/sections/{id}#pictures")) } else { back };
    Ok(flash(&app, &next, "design-saved"))
}

#[derive(Debug, Deserialize)]
struct Publish {
    action: String,
}

async fn publish(
    State(app): State<App>,
    may: May<Design>,
    Form(form): Form<Publish>,
) -> Result<Response, Problem> {
    let back = office(&may, "");
    if form.action == "discard" {
        app.db.write(may.scope(), look::discard).await?;
        return Ok(flash(&app, &back, "design-discarded"));
    }
    app.db.write(may.scope(), look::publish).await?;
    Ok(flash(&app, &back, "design-published"))
}

#[derive(Debug, Deserialize)]
struct Undo {
    version: i64,
}

async fn undo(State(app): State<App>, may: May<Design>, Form(form): Form<Undo>) -> Result<Response, Problem> {
    app.db.write(may.scope(), move |tx| look::undo(tx, form.version)).await?;
    Ok(flash(&app, &office(&may, ""), "design-restored"))
}

async fn preview(State(app): State<App>, may: May<Design>) -> Result<Response, Problem> {
    let token = app.db.write(may.scope(), look::preview).await?;
    Ok(redirect(&office(&may, &format!("?preview={token}"))))
}

async fn show_look(State(app): State<App>, may: May<Design>) -> Result<Page<LookPage>, Problem> {
    let (look, drafted) = app.db.read(may.scope(), look::draft).await?;
    Ok(Page(look_page(&may, look, drafted.is_some(), None)))
}

fn look_page(may: &May<Design>, look: look::Look, drafted: bool, flaw: Option<String>) -> LookPage {
    LookPage { frame: titled(may, "design-look"), look, drafted, languages: languages(home(may)), flaw }
}

async fn save_look(
    State(app): State<App>,
    may: May<Design>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let wish = Fields(fields).look()?;
    app.db
        .write(may.scope(), move |tx| {
            look::edit(tx, |_, look| {
                let (sections, logo) = (std::mem::take(&mut look.sections), look.logo.take());
                *look = look::Look { sections, logo, ..wish.clone() };
                Ok(())
            })
        })
        .await?;
    Ok(flash(&app, &office(&may, "/look"), "design-saved"))
}

async fn pages(State(app): State<App>, may: May<Design>) -> Result<Page<PagesPage>, Problem> {
    let pages = app.db.read(may.scope(), look::pages).await?;
    Ok(Page(PagesPage { frame: titled(&may, "design-pages"), pages, home: home(&may) }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Like {
    /// Which usual page is wanted: `terms`, `privacy`, …
    like: String,
}

async fn new_page(State(_app): State<App>, may: May<Design>, Query(like): Query<Like>) -> Page<TextPage> {
    let usual = PagesPage::USUAL.contains(&like.like.as_str());
    let title = if usual {
        let words = edge::text(home(&may), &format!("design-page-{}", like.like), &[]);
        Said::in_one(home(&may), &words)
    } else {
        Said::default()
    };
    let frame = titled(&may, "design-new-page");
    Page(TextPage { frame, slug: None, title, text: Said::default(), languages: languages(home(&may)) })
}

async fn add_page(
    State(app): State<App>,
    may: May<Design>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (title, text) = Fields(fields).page(home(&may))?;
    let words = title.to(home(&may), home(&may)).map(|title| title.words).unwrap_or_default();
    let plain = Slug::of(&words).or_else(|| Slug::of("page")).ok_or(look::Error::UnknownPage)?;
    app.db
        .write(may.scope(), move |tx| {
            let taken: Vec<Slug> = look::pages(tx)?.into_iter().map(|page| page.slug).collect();
            let mut numbered = (2..100).map(|number| plain.numbered(number));
            let slug = if taken.contains(&plain) {
                numbered.find(|slug| !taken.contains(slug)).ok_or(look::Error::PageTaken)?
            } else {
                plain.clone()
            };
            look::put_page(tx, &OwnPage { slug, title: title.clone(), text: text.clone() }, true)
        })
        .await?;
    Ok(flash(&app, &office(&may, "/pages"), "design-page-saved"))
}

async fn page(
    State(app): State<App>,
    may: May<Design>,
    Path((_, slug)): Path<(String, String)>,
) -> Result<Page<TextPage>, Problem> {
    let page = app.db.read(may.scope(), move |rx| look::page(rx, &slug)).await?;
    let frame = titled(&may, "design-page");
    let OwnPage { slug, title, text } = page;
    Ok(Page(TextPage { frame, slug: Some(slug), title, text, languages: languages(home(&may)) }))
}

async fn change_page(
    State(app): State<App>,
    may: May<Design>,
    Path((_, slug)): Path<(String, String)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let slug: Slug = slug.parse().map_err(|_| look::Error::UnknownPage)?;
    let fields = Fields(fields);
    if fields.first("action") == "remove" {
        app.db.write(may.scope(), move |tx| look::remove_page(tx, &slug)).await?;
        return Ok(flash(&app, &office(&may, "/pages"), "design-page-removed"));
    }
    let known = slug.clone();
    app.db.read(may.scope(), move |rx| look::page(rx, known.as_str())).await?;
    let (title, text) = fields.page(home(&may))?;
    let page = OwnPage { slug, title, text };
    app.db.write(may.scope(), move |tx| look::put_page(tx, &page, false)).await?;
    Ok(flash(&app, &office(&may, "/pages"), "design-page-saved"))
}
