use askama::Template;
use edge::Frame;
use serde::Serialize;

use super::{
    model::{ContentHash, FileName, Form, Measures, widths},
    process::scaled,
};

/// A picture as pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Picture)]
pub struct Picture {
    /// Names its files: `/t/{slug}/files/{hash}-640.jpg`.
    #[schema(value_type = String)]
    pub hash: ContentHash,
    /// Of the source; the widest file has at most 1280 pixels.
    pub width: u32,
    pub height: u32,
    /// What it shows; empty where the words beside it say so.
    pub alt: String,
}

/// When a page loads a picture, as HTML names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loading {
    /// The first thing to be seen: loaded at once.
    Eager,
    /// Further down: loaded when it comes into view.
    Lazy,
}

#[derive(Template)]
#[template(path = "picture.html")]
struct Markup<'p> {
    webp: String,
    jpeg: String,
    sizes: &'p str,
    src: String,
    width: u32,
    height: u32,
    alt: &'p str,
    first: bool,
}

impl Picture {
    pub fn of(measures: &Measures, alt: impl Into<String>) -> Self {
        Self { hash: measures.hash, width: measures.width, height: measures.height, alt: alt.into() }
    }

    /// Width and address of each file of one form, the narrowest first; `files` is where they lie.
    pub fn sources(&self, files: &str, form: Form) -> Vec<(u32, String)> {
        let address = |width| format!("{files}/{}", FileName { hash: self.hash, width: Some(width), form });
        widths(self.width).map(|width| (width, address(width))).collect()
    }

    /// The `<picture>`; `sizes` says how wide it is shown, as in HTML. Who saves data gets the narrowest file alone.
    pub fn markup(&self, frame: &Frame, sizes: &str, loading: Loading) -> String {
        let shown = |form| {
            let mut sources = self.sources(&frame.files, form);
            if frame.save_data {
                sources.truncate(1);
            }
            sources
        };
        let (webp, jpeg) = (shown(Form::Webp), shown(Form::Jpeg));
        let set = |sources: &[(u32, String)]| {
            let each: Vec<String> =
                sources.iter().map(|(width, address)| format!("{address} {width}w")).collect();
            each.join(", ")
        };
        // for who reads no srcset: the middle one
        let (_, src) = jpeg.get(1).or(jpeg.first()).cloned().unwrap_or_default();
        let width = jpeg.last().map_or(self.width, |(width, _)| *width);
        let markup = Markup {
            webp: set(&webp),
            jpeg: set(&jpeg),
            sizes,
            src,
            width,
            height: scaled(self.width, self.height, width),
            alt: &self.alt,
            first: loading == Loading::Eager,
        };
        markup.render().unwrap_or_else(|error| {
            tracing::error!(%error, "a picture does not render");
            String::new()
        })
    }
}
