//! Draws laid-out pages as a PDF/A-2a: fonts embedded, of each the letters that are used; everything tagged, so that it can
//! be read aloud; codes drawn as vectors.

use std::{num::NonZeroU16, sync::LazyLock};

use base::{Language, Timestamp};
use krilla::{
    Document, SerializeSettings,
    color::luma,
    configure::{Archival, ConfigurationBuilder},
    geom::{PathBuilder, Point, Rect, Transform},
    metadata::{DateTime, Metadata},
    page::PageSettings,
    paint::{Fill, Stroke},
    surface::Surface,
    tagging::{
        Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup,
        TagTree,
    },
    text::{Font, GlyphId, KrillaGlyph},
};

use super::{
    flow::{Mark, Page, Part},
    letters::Face,
};

/// Why a paper could not be printed: a fault of ours, never of what it says.
#[derive(Debug, thiserror::Error)]
#[error("a paper could not be printed: {0}")]
pub struct Fault(String);

impl Fault {
    pub(super) fn of(what: &str) -> Self {
        Self(what.to_owned())
    }
}

/// What a file says of itself.
pub struct About<'a> {
    pub title: String,
    pub author: &'a str,
    pub at: Timestamp,
}

static FONTS: LazyLock<[Font; 2]> = LazyLock::new(|| {
    Face::ALL.map(|face| Font::new(face.file().into(), 0).expect("the font in this binary reads"))
});

/// The file; each chapter is a paper of its own.
pub fn print(about: &About<'_>, language: Language, chapters: Vec<Vec<Page>>) -> Result<Vec<u8>, Fault> {
    let archival = ConfigurationBuilder::new().with_archival_validator(Archival::A2_A).finish();
    let configuration = archival.map_err(|error| Fault(format!("{error:?}")))?;
    let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let mut tree = TagTree::new().with_lang(Some(language.code().to_owned()));
    for pages in &chapters {
        let mut read = Vec::new();
        for page in pages {
            draw(&mut document, page, &mut read)?;
        }
        tree.push(TagGroup::with_children(Tag::Section, grouped(read)));
    }
    document.set_tag_tree(tree);
    document.set_metadata(
        Metadata::new()
            .title(about.title.clone())
            .authors(vec![about.author.to_owned()])
            .language(language.code().to_owned())
            .creation_date(date(about.at))
            .creator("Soko".to_owned()),
    );
    document.finish().map_err(|error| Fault(format!("{error:?}")))
}

/// The moment in UTC, from its RFC 3339.
fn date(at: Timestamp) -> DateTime {
    let written = at.to_string();
    let mut parts = written.split(|letter: char| !letter.is_ascii_digit()).map(str::parse::<u16>);
    let year = parts.next().and_then(Result::ok).unwrap_or_default();
    let [month, day, hour, minute, second] =
        [1, 1, 0, 0, 0].map(|least| parts.next().and_then(Result::ok).map_or(least, |part| part as u8));
    DateTime::new(year).month(month).day(day).hour(hour).minute(minute).second(second).utc_offset_hour(0)
}

/// Draws a page; what is read aloud of it is added to `read`.
fn draw(document: &mut Document, page: &Page, read: &mut Vec<(Part, Identifier)>) -> Result<(), Fault> {
    let settings = PageSettings::from_wh(page.width, page.height);
    let mut sheet =
        document.start_page_with(settings.ok_or_else(|| Fault("a page without size".to_owned()))?);
    let mut surface = sheet.surface();
    for (part, mark) in &page.marks {
        let tag = match (part, mark) {
            (Part::Ornament, _) => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Other)),
            (_, Mark::Words { .. }) => ContentTag::Span(SpanTag::empty()),
            _ => ContentTag::Other,
        };
        let id = surface.start_tagged(tag);
        ink(&mut surface, page, mark);
        surface.end_tagged();
        if *part != Part::Ornament {
            read.push((part.clone(), id));
        }
    }
    surface.finish();
    sheet.finish();
    Ok(())
}

fn ink(surface: &mut Surface<'_>, page: &Page, mark: &Mark) {
    match mark {
        Mark::Words { x, y, style, text } => {
            fill(surface, style.shade);
            words(surface, Point::from_xy(*x, *y), style.face, style.size, text);
        }
        Mark::Bar { x, y, width, height, shade } => {
            fill(surface, *shade);
            shapes(surface, Rect::from_xywh(*x, *y, *width, *height));
        }
        Mark::Frame { x, y, width, height } => {
            surface.set_fill(None);
            let paint = luma::Color::black().into();
            surface.set_stroke(Some(Stroke { paint, width: 0.8, ..Stroke::default() }));
            shapes(surface, Rect::from_xywh(*x, *y, *width, *height));
            surface.set_stroke(None);
        }
        Mark::Code { x, y, side, code } => {
            fill(surface, 0);
            let square = side / code.side as f32;
            let bars = code.bars().into_iter();
            let bar = |(row, column, long): (usize, usize, usize)| {
                let (left, top) = (x + column as f32 * square, y + row as f32 * square);
                Rect::from_xywh(left, top, long as f32 * square, square)
            };
            shapes(surface, bars.filter_map(bar));
        }
        Mark::Across(text) => {
            // as large as the diagonal lets it be
            let size =
                (0.75 * page.width.hypot(page.height) / Face::Bold.width(text, 1.0)).min(page.width / 3.0);
            let wide = Face::Bold.width(text, size);
            let (x, y) = (page.width / 2.0, page.height / 2.0);
            surface.push_transform(&Transform::from_rotate_at(-50.0, x, y));
            fill(surface, 228);
            words(surface, Point::from_xy(x - wide / 2.0, y + size / 3.0), Face::Bold, size, text);
            surface.pop();
        }
    }
}

fn fill(surface: &mut Surface<'_>, shade: u8) {
    surface.set_fill(Some(Fill { paint: luma::Color::new(shade).into(), ..Fill::default() }));
}

fn shapes(surface: &mut Surface<'_>, rects: impl IntoIterator<Item = Rect>) {
    let mut path = PathBuilder::new();
    rects.into_iter().for_each(|rect| path.push_rect(rect));
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

fn words(surface: &mut Surface<'_>, start: Point, face: Face, size: f32, text: &str) {
    let glyph = |(at, letter): (usize, char)| {
        let (id, advance) = face.glyph(letter);
        KrillaGlyph::new(GlyphId::new(id), advance, 0.0, 0.0, 0.0, at..at + letter.len_utf8(), None)
    };
    let glyphs: Vec<KrillaGlyph> = text.char_indices().map(glyph).collect();
    if !glyphs.is_empty() {
        surface.draw_glyphs(start, &glyphs, FONTS[face as usize].clone(), text, size, false);
    }
}

/// The tree that readers follow: lines become paragraphs, cells become rows and tables.
fn grouped(read: Vec<(Part, Identifier)>) -> Vec<Node> {
    let mut nodes = Vec::new();
    // the table that is being read, its row, and which ones they are
    let mut table = Open::default();
    let mut last = None;
    for (part, id) in read {
        if let Part::Cell { table: number, row, column, head } = part {
            if table.number != Some(number) {
                nodes.extend(table.close());
                table.number = Some(number);
            }
            table.add(row, column, head, id);
        } else {
            nodes.extend(table.close());
            match nodes.last_mut() {
                Some(Node::Group(group)) if last.as_ref() == Some(&part) => group.push(id),
                _ => {
                    let mut group = match &part {
                        Part::Title => TagGroup::new(Tag::Hn(NonZeroU16::MIN, None)),
                        Part::Code(what) => TagGroup::new(Tag::Figure(Some(what.clone()))),
                        _ => TagGroup::new(Tag::P),
                    };
                    group.push(id);
                    nodes.push(group.into());
                }
            }
        }
        last = Some(part);
    }
    nodes.extend(table.close());
    nodes
}

/// A table whose cells come one by one.
#[derive(Default)]
struct Open {
    number: Option<usize>,
    /// Each row with its number, each cell with its column.
    rows: Vec<(usize, Vec<(usize, TagGroup)>)>,
}

impl Open {
    fn add(&mut self, row: usize, column: usize, head: bool, id: Identifier) {
        if self.rows.last().is_none_or(|(number, _)| *number != row) {
            self.rows.push((row, Vec::new()));
        }
        let Some((_, cells)) = self.rows.last_mut() else { return };
        if cells.last().is_none_or(|(number, _)| *number != column) {
            let cell =
                if head { TagGroup::new(Tag::TH(TableHeaderScope::Column)) } else { TagGroup::new(Tag::TD) };
            cells.push((column, cell));
        }
        if let Some((_, cell)) = cells.last_mut() {
            cell.push(id);
        }
    }

    fn close(&mut self) -> Option<Node> {
        self.number.take()?;
        let row = |(_, cells): (usize, Vec<(usize, TagGroup)>)| {
            let cells = cells.into_iter().map(|(_, cell)| cell.into()).collect();
            TagGroup::with_children(Tag::TR, cells).into()
        };
        let rows = std::mem::take(&mut self.rows).into_iter().map(row).collect();
        Some(TagGroup::with_children(Tag::Table, rows).into())
    }
}
