//! The front page, its preview, and the owner's own pages.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::Language;
use catalog::{Category, Filter, State as ProductState, Summary, prose};
use db::{Area, Rx};
use edge::{App, Path, Problem, Query, Visitor, redirect};
use serde::Deserialize;
use serde_json::json;
use stock::{Hours, Opening};

use crate::{
    Error,
    chrome::{Chrome, Furniture, Shown, whole_address},
    look::{self, Content, Look, MAX_FEATURED, Source},
    pages::front::{Block, FrontPage, OwnTextPage},
};

pub async fn door(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<OldForm>,
) -> Result<Response, Problem> {
    let form = wanted.form(&app, &visitor).await?;
    Ok(form.unwrap_or_else(|| redirect(&format!("{}/", visitor.titled("shop-title").shop))))
}

/// A campaign's form as CouponGen's addresses name it: on printed papers, and in links that were sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct OldForm {
    /// The campaign's code.
    campaign: String,
    /// A link that works once.
    form: String,
}

impl OldForm {
    /// The way to the form, if one was named that there is.
    async fn form(self, app: &App, visitor: &Visitor) -> Result<Option<Response>, Problem> {
        if self.campaign.is_empty() && self.form.is_empty() {
            return Ok(None);
        }
        let Self { campaign, form } = self;
        let token = form.parse::<coupons::LinkToken>().ok();
        let look = move |rx: &mut Rx<'_>| {
            let by_link = token.as_ref().map(|token| coupons::campaign_of_link(rx, token));
            let found = match by_link {
                Some(Ok(found)) => Ok(found),
                _ => coupons::campaign_coded(rx, &campaign),
            };
            match found {
                Ok(found) => Ok(Some((found.slug, token.clone()))),
                Err(coupons::Error::UnknownCampaign) => Ok(None),
                Err(error) => Err(error),
            }
        };
        let found = app.db.read(visitor.scope(), look).await?;
        Ok(found.map(|(slug, token)| {
            let link = token.map(|token| format!("?link={token}")).unwrap_or_default();
            redirect(&visitor.shop_path(&format!("/c/{slug}{link}")))
        }))
    }
}

pub async fn front(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<OldForm>,
) -> Result<Response, Problem> {
    if let Some(form) = wanted.form(&app, &visitor).await? {
        return Ok(form);
    }
    let render = async || front_page(&app, &visitor, None).await.map(Shown);
    app.cached(&visitor, &[Area::Catalog, Area::Look], &[], render).await
}

/// The draft, for ten minutes, for whoever has the link; the office shows it in a frame.
pub async fn preview(
    State(app): State<App>,
    visitor: Visitor,
    Path((_, token)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let mut page = front_page(&app, &visitor, Some(token)).await?;
    page.chrome = page.chrome.hidden();
    page.chrome.preview = Some(vec![match &app.config.office_url {
        Some(office) => office.to_string(),
        None => "'self'".to_owned(),
    }]);
    Ok(Shown(page).into_response())
}

async fn front_page(app: &App, visitor: &Visitor, token: Option<String>) -> Result<FrontPage, Problem> {
    let language = visitor.language();
    let (furniture, shelves, any, opening) = app
        .db
        .read(visitor.scope(), move |rx| {
            let look = match &token {
                Some(token) => look::previewed(rx, token)?,
                None => look::published(rx)?,
            };
            let furniture = Furniture::with(rx, look, language)?;
            let shelves = shelves(rx, &furniture)?;
            let any = shelves.iter().any(|shelf| !shelf.is_empty())
                || !catalog::list(rx, &active(), None, 1)?.is_empty();
            Ok::<_, Error>((furniture, shelves, any, stock::opening(rx)?))
        })
        .await?;
    let frame = visitor.titled("shop-front");
    let (reader, home) = (visitor.language(), furniture.business.edit.language);
    let title = frame.brand.clone();
    let blocks = blocks(visitor, &furniture, shelves, reader, home);
    let mut frame = frame;
    frame.title = match furniture.look.summary.to(reader, home) {
        Some(summary) => summary.words,
        None => frame.title,
    };
    let description = furniture.look.summary.to(reader, home).map_or(title, |summary| summary.words);
    let frame = frame.with_description(description);
    let mut chrome = Chrome::of(visitor, &visitor.tenant().slug.to_string(), &furniture, "/");
    let header = blocks.iter().find_map(|block| match block {
        Block::Hero { picture, .. } => picture.as_ref(),
        _ => None,
    });
    let shown = header.or(chrome.logo.as_ref());
    chrome.head.image = shown.and_then(|picture| whole_address(visitor, &frame, picture));
    let store = store(&chrome, &frame.brand, &opening);
    Ok(FrontPage { frame, chrome: chrome.with_data([store]), blocks, any })
}

fn active() -> Filter {
    Filter { state: Some(ProductState::Active), ..Filter::default() }
}

/// The business, as schema.org has it.
fn store(chrome: &Chrome, name: &str, opening: &Opening) -> serde_json::Value {
    let contact = &chrome.contact;
    let mut store = json!({
        "@context": "https://schema.org",
        "@type": "Store",
        "name": name,
        "url": chrome.head.address,
    });
    let more = [
        ("telephone", contact.phone.clone()),
        ("email", contact.email.clone()),
        ("address", Some(contact.address.join(", ")).filter(|address| !address.is_empty())),
        ("image", chrome.head.image.clone()),
    ];
    for (key, value) in more {
        if let Some(value) = value {
            store[key] = value.into();
        }
    }
    let hours = opening.places.iter().find_map(|place| place.opening.hours.as_ref());
    if let Some(hours) = hours.map(open_hours).filter(|hours| !hours.is_empty()) {
        store["openingHours"] = hours.into();
    }
    store
}

/// The week as schema.org writes it: `Mo 08:00-12:30`.
fn open_hours(hours: &Hours) -> Vec<String> {
    let days = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"].into_iter().zip(&hours.week);
    days.flat_map(|(day, spans)| {
        let spans = spans.to_string();
        let each = spans.split(", ").filter(|span| !span.is_empty());
        each.map(|span| format!("{day} {span}")).collect::<Vec<_>>()
    })
    .collect()
}

/// The products of each section that shows some, in the order of the sections.
fn shelves(rx: &mut Rx, furniture: &Furniture) -> Result<Vec<Vec<Summary>>, Error> {
    contents(&furniture.look).iter().map(|(_, content)| shelf(rx, furniture, content)).collect()
}

fn shelf(rx: &mut Rx, furniture: &Furniture, content: &Content) -> Result<Vec<Summary>, Error> {
    let Content::Featured { source, category, products, count } = content else { return Ok(Vec::new()) };
    let count = (*count).clamp(1, MAX_FEATURED);
    match source {
        Source::Newest => Ok(catalog::list(rx, &active(), None, count)?),
        Source::Category => {
            let slug = category.as_ref();
            let Some(chosen) = furniture.categories.iter().find(|known| Some(&known.slug) == slug) else {
                return Ok(Vec::new());
            };
            let filter = Filter { category: Some(chosen.id), ..active() };
            Ok(catalog::list(rx, &filter, None, count)?)
        }
        Source::Chosen => Ok(catalog::summaries(rx, products, MAX_FEATURED)?),
    }
}

/// Titles and contents of the front page; a shop that never said anything shows its categories and its newest products.
fn contents(look: &Look) -> Vec<(look::Said, Content)> {
    if !look.sections.is_empty() {
        return look
            .sections
            .iter()
            .map(|section| (section.title.clone(), section.content.clone()))
            .collect();
    }
    let newest = Content::Featured {
        source: Source::Newest,
        category: None,
        products: Vec::new(),
        count: MAX_FEATURED,
    };
    let contents = [Content::Categories {}, newest, Content::Contact { text: look::Said::default() }];
    contents.into_iter().map(|content| (look::Said::default(), content)).collect()
}

fn blocks(
    visitor: &Visitor,
    furniture: &Furniture,
    shelves: Vec<Vec<Summary>>,
    reader: Language,
    home: Language,
) -> Vec<Block> {
    let all = visitor.shop_path("/products");
    let path = |category: &Category| visitor.shop_path(&format!("/categories/{}", category.slug));
    let made = |((title, content), products): ((look::Said, Content), Vec<Summary>)| {
        let title = title.to(reader, home);
        Some(match content {
            Content::Hero { text, button, to, picture } => {
                let chosen = furniture.categories.iter().find(|category| Some(&category.slug) == to.as_ref());
                let href = chosen.map_or_else(|| all.clone(), path);
                let (text, button) = (text.to(reader, home), button.to(reader, home));
                let picture = picture.map(|picture| picture.to(reader, home));
                Block::Hero { title, text, button, href, picture }
            }
            Content::Featured { category, .. } => {
                if products.is_empty() {
                    return None;
                }
                let chosen = furniture.categories.iter().find(|known| Some(&known.slug) == category.as_ref());
                let more = chosen.map_or_else(|| all.clone(), path);
                Block::Products { title, products, more }
            }
            Content::Categories {} => {
                let links: Vec<(String, String)> = furniture
                    .below(None)
                    .take(24)
                    .map(|category| (category.path.name().to_owned(), path(category)))
                    .collect();
                if links.is_empty() {
                    return None;
                }
                Block::Categories { title, links }
            }
            Content::Text { text } => {
                let text = text.to(reader, home);
                let lang = text.as_ref().map(|text| text.lang_attribute()).unwrap_or_default();
                let html = text.map(|text| prose::to_html(&text.words)).unwrap_or_default();
                Block::Text { title, html, lang }
            }
            Content::Gallery { items } => {
                if items.is_empty() {
                    return None;
                }
                let pictures = items.iter().map(|shot| shot.to(reader, home)).collect();
                Block::Gallery { title, pictures }
            }
            Content::Testimonials { items } => {
                let read =
                    |item: look::Testimonial| Some((item.words.to(reader, home)?, item.name.to_string()));
                Block::Testimonials { title, items: items.into_iter().filter_map(read).collect() }
            }
            Content::Questions { items } => {
                let read = |item: look::Question| {
                    let answer = item.answer.to(reader, home)?;
                    let html = prose::to_html(&answer.words);
                    Some((item.question.to(reader, home)?, answer.lang_attribute(), html))
                };
                Block::Questions { title, items: items.into_iter().filter_map(read).collect() }
            }
            Content::Contact { text } => Block::Contact { title, text: text.to(reader, home) },
        })
    };
    contents(&furniture.look).into_iter().zip(shelves).filter_map(made).collect()
}

pub async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Path((_, slug)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let known = [("page", slug.as_str())];
    let render = async || own_page(&app, &visitor, slug.clone()).await.map(Shown);
    app.cached(&visitor, &[Area::Catalog, Area::Look], &known, render).await
}

async fn own_page(app: &App, visitor: &Visitor, slug: String) -> Result<OwnTextPage, Problem> {
    let rest = format!("/pages/{slug}");
    let language = visitor.language();
    let (furniture, page) = app
        .db
        .read(visitor.scope(), move |rx| {
            let page = look::page(rx, &slug)?;
            Ok::<_, Error>((Furniture::read(rx, language)?, page))
        })
        .await?;
    let (reader, home) = (visitor.language(), furniture.business.edit.language);
    let title = page.title.to(reader, home).ok_or(look::Error::UnknownPage)?;
    let text = page.text.to(reader, home);
    let html = text.as_ref().map(|text| prose::to_html(&text.words)).unwrap_or_default();
    let frame = visitor.frame(title.words.clone());
    let chrome = Chrome::of(visitor, &visitor.tenant().slug.to_string(), &furniture, &rest);
    let lang = text.map(|text| text.lang_attribute()).unwrap_or_default();
    Ok(OwnTextPage { frame, chrome, title, html, lang })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_told_to_machines_day_by_day_and_closed_days_are_not() {
        let mut week: [stock::Spans; 7] = Default::default();
        week[0] = "8h-12h30 14h-18h".parse().unwrap();
        week[5] = "18:00-02:00".parse().unwrap();
        let hours = Hours { week, days: Vec::new() };
        assert_eq!(open_hours(&hours), ["Mo 08:00-12:30", "Mo 14:00-18:00", "Sa 18:00-02:00"]);
    }
}
