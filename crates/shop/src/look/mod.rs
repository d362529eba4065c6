//! The look of a shop and its front page: a draft the owner works on, what is published, and five versions before it.

mod model;
mod sql;

pub use base::colour;
use base::{Slug, Timestamp};
use db::{Area, Remembered, Rx, Tx};
pub use model::{
    Content, Corners, Font, Layout, Look, MAX_FEATURED, MAX_ITEMS, MAX_SECTIONS, OwnPage, Palette, Question,
    Said, Section, SectionId, Shot, Source, Testimonial, Text, Tone,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use spine::events::{self, Event};

/// How long a preview's link shows the draft.
pub const PREVIEW_LASTS_S: i64 = 600;
/// Published versions that an undo can bring back.
const KEPT: i64 = 5;
/// Pages of the owner's own.
const MAX_PAGES: usize = 20;

/// Why the look was not changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such section; somebody may have removed it")]
    UnknownSection,
    #[error("this section has room for {0} pictures; remove one first")]
    TooManyPictures(usize),
    #[error("there is no such version any more")]
    UnknownVersion,
    #[error("this preview's time is over; ask for a new one in the back office")]
    PreviewOver,
    #[error("there is no such page")]
    UnknownPage,
    #[error("the front page has room for {MAX_SECTIONS} sections; remove one first")]
    TooManySections,
    #[error("there is room for {MAX_PAGES} pages; remove one first")]
    TooManyPages,
    #[error("a page has this address already")]
    PageTaken,
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// A published version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub number: i64,
    pub published_at: Timestamp,
    /// The actor's name in the log.
    pub published_by: String,
}

#[derive(Clone)]
struct Published(Look);

impl Remembered for Published {
    const AREA: Area = Area::Look;
    type Error = Error;

    fn load(rx: &mut Rx) -> Result<Self, Error> {
        Ok(Self(sql::published(rx)?.unwrap_or_default()))
    }
}

#[derive(Clone)]
struct Pages(Vec<OwnPage>);

impl Remembered for Pages {
    const AREA: Area = Area::Look;
    type Error = Error;

    fn load(rx: &mut Rx) -> Result<Self, Error> {
        Ok(Self(sql::pages(rx)?))
    }
}

/// What visitors see.
pub fn published(rx: &mut Rx) -> Result<Look, Error> {
    let Published(look) = rx.remembered()?;
    Ok(look)
}

/// What the owner works on, and since when it differs from what visitors see.
pub fn draft(rx: &mut Rx) -> Result<(Look, Option<Timestamp>), Error> {
    match sql::draft(rx)? {
        Some((look, changed_at)) => Ok((look, Some(changed_at))),
        None => Ok((published(rx)?, None)),
    }
}

/// What can be brought back, the newest (which visitors see) first.
pub fn versions(rx: &mut Rx) -> Result<Vec<Version>, Error> {
    Ok(sql::versions(rx)?)
}

/// Works on the draft; visitors see nothing of it.
pub fn edit(tx: &mut Tx, change: impl FnOnce(&mut Tx, &mut Look) -> Result<(), Error>) -> Result<(), Error> {
    let (mut look, _) = draft(tx)?;
    let before = look.clone();
    change(tx, &mut look)?;
    if look == before {
        return Ok(());
    }
    sql::put_draft(tx, &look)?;
    record(tx, "shop.drafted", "look", json!({ "before": before, "after": look }))
}

/// Adds a section of `kind` at the foot of the draft's front page.
pub fn add_section(tx: &mut Tx, content: &Content) -> Result<SectionId, Error> {
    let id = tx.new_id();
    edit(tx, |_, look| {
        if look.sections.len() >= MAX_SECTIONS {
            return Err(Error::TooManySections);
        }
        look.sections.push(Section { id, title: Said::default(), content: content.clone() });
        Ok(())
    })?;
    Ok(id)
}

/// Says anew what a section of the draft holds.
pub fn put_section(tx: &mut Tx, section: &Section) -> Result<(), Error> {
    edit(tx, |_, look| {
        let known = look.sections.iter_mut().find(|known| known.id == section.id);
        *known.ok_or(Error::UnknownSection)? = section.clone();
        Ok(())
    })
}

/// Adds pictures to a section of the draft: behind those of a gallery, in the place of a first picture.
pub fn add_shots(tx: &mut Tx, id: SectionId, new: &[Shot]) -> Result<(), Error> {
    let mut section = section(tx, id)?;
    let (known, room) = section.content.shots();
    let mut shots = if room == 1 { Vec::new() } else { known.to_vec() };
    shots.extend_from_slice(new);
    if shots.len() > room {
        return Err(Error::TooManyPictures(room));
    }
    section.content = section.content.with_shots(shots);
    put_section(tx, &section)
}

/// Gives the draft another logo, or none.
pub fn put_logo(tx: &mut Tx, logo: Option<&Shot>) -> Result<(), Error> {
    edit(tx, |_, look| {
        look.logo = logo.cloned();
        Ok(())
    })
}

pub fn remove_section(tx: &mut Tx, id: SectionId) -> Result<(), Error> {
    edit(tx, |_, look| {
        let before = look.sections.len();
        look.sections.retain(|section| section.id != id);
        if look.sections.len() < before { Ok(()) } else { Err(Error::UnknownSection) }
    })
}

pub fn move_section(tx: &mut Tx, id: SectionId, up: bool) -> Result<(), Error> {
    edit(tx, |_, look| {
        if !look.sections.iter().any(|section| section.id == id) {
            return Err(Error::UnknownSection);
        }
        look.shift(id, up);
        Ok(())
    })
}

/// A section of the draft.
pub fn section(rx: &mut Rx, id: SectionId) -> Result<Section, Error> {
    let (look, _) = draft(rx)?;
    look.sections.into_iter().find(|section| section.id == id).ok_or(Error::UnknownSection)
}

/// Shows the draft to everybody; without a draft nothing happens.
pub fn publish(tx: &mut Tx) -> Result<(), Error> {
    let Some((look, _)) = sql::draft(tx)? else { return Ok(()) };
    let number = put_up(tx, &look)?;
    record(tx, "shop.published", "look", json!({ "version": number, "look": look }))
}

/// Publishes an earlier version again, as a new one: nothing that was published is lost by it. The draft ends.
pub fn undo(tx: &mut Tx, number: i64) -> Result<(), Error> {
    let look = sql::version(tx, number)?.ok_or(Error::UnknownVersion)?;
    let newest = sql::versions(tx)?.first().map_or(0, |version| version.number);
    if newest == number {
        return Err(Error::UnknownVersion);
    }
    let now = put_up(tx, &look)?;
    record(tx, "shop.restored", "look", json!({ "version": now, "restored": number }))
}

fn put_up(tx: &mut Tx, look: &Look) -> Result<i64, Error> {
    let number = sql::versions(tx)?.first().map_or(0, |version| version.number) + 1;
    sql::add_version(tx, number, look)?;
    sql::forget_versions(tx, number - KEPT - 1)?;
    sql::drop_draft(tx)?;
    Ok(number)
}

/// Throws the draft away: it becomes what visitors see.
pub fn discard(tx: &mut Tx) -> Result<(), Error> {
    if sql::drop_draft(tx)? == 0 {
        return Ok(());
    }
    record(tx, "shop.draft-discarded", "look", json!({}))
}

/// A token that shows the draft for ten minutes to whoever has it; known here and never again.
pub fn preview(tx: &mut Tx) -> Result<String, Error> {
    let token: String = tx.random::<20>().iter().map(|byte| format!("{byte:02x}")).collect();
    let until = tx.now().plus_s(PREVIEW_LASTS_S);
    sql::forget_previews(tx)?;
    sql::add_preview(tx, &hash(&token), until)?;
    Ok(token)
}

/// The draft, for who holds a preview's token.
pub fn previewed(rx: &mut Rx, token: &str) -> Result<Look, Error> {
    if !sql::preview_holds(rx, &hash(token))? {
        return Err(Error::PreviewOver);
    }
    Ok(draft(rx)?.0)
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The owner's own pages, in their order.
pub fn pages(rx: &mut Rx) -> Result<Vec<OwnPage>, Error> {
    let Pages(pages) = rx.remembered()?;
    Ok(pages)
}

pub fn page(rx: &mut Rx, slug: &str) -> Result<OwnPage, Error> {
    sql::page(rx, slug)?.ok_or(Error::UnknownPage)
}

/// Writes a page of the owner's own; a `new` one never takes another's address.
pub fn put_page(tx: &mut Tx, page: &OwnPage, new: bool) -> Result<(), Error> {
    let known = sql::pages(tx)?;
    let before = known.iter().find(|other| other.slug == page.slug);
    match (before, new) {
        (Some(_), true) => return Err(Error::PageTaken),
        (None, false) => return Err(Error::UnknownPage),
        (None, true) if known.len() >= MAX_PAGES => return Err(Error::TooManyPages),
        (Some(before), false) if before == page => return Ok(()),
        _ => (),
    }
    sql::put_page(tx, page, known.len() as i64)?;
    let payload = json!({ "title": page.title, "text": page.text });
    record(tx, "shop.page-written", page.slug.as_str(), payload)
}

pub fn remove_page(tx: &mut Tx, slug: &Slug) -> Result<(), Error> {
    if sql::remove_page(tx, slug)? == 0 {
        return Err(Error::UnknownPage);
    }
    record(tx, "shop.page-removed", slug.as_str(), json!({}))
}

fn record(tx: &mut Tx, kind: &'static str, subject: &str, payload: serde_json::Value) -> Result<(), Error> {
    Ok(events::record(tx, Event { kind, subject: subject.to_owned(), payload })?)
}
